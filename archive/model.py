"""The values that travel through the house. Imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Capture:
    """One HTTP exchange as received.

    ``url`` absolute, as requested · ``fetched_at`` aware, UTC · ``headers`` (name, value) pairs in the order
    received · ``body`` payload bytes, Content-Encoding still applied, transfer coding removed · ``source``
    where it comes from: "live", or the name of the file it was imported from.
    """

    url: str
    fetched_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source: str = "live"

    def header(self, name: str) -> str:
        """The first header of that name, any case; "" when there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    @property
    def media_type(self) -> str:
        """``text/html`` out of ``Text/HTML; charset=utf-8``; "" when the server named none."""
        return self.header("Content-Type").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Byline:
    """Who signed an article, and the printed line that says so.

    ``text`` "T/h: Lệ Minh" as printed · ``role`` "T/h" as printed, "" when none · ``authors`` persons only ·
    ``organisation`` "Đài PT huyện", or None · ``source`` what follows "Theo" or "Nguồn:", or None.
    An article without a byline has the empty Byline.
    """

    text: str = ""
    role: str = ""
    authors: tuple[str, ...] = ()
    organisation: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of the article: its absolute URL and the caption printed with it ("" when none)."""

    url: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file linked by the article: its absolute URL and the text of the link."""

    url: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One published article, as its page says.

    ``url`` canonical, absolute · ``summary`` the lead printed outside the body, "" when none; not repeated in
    ``text`` · ``html`` clean: p h2-h4 ul ol li table tr td th figure figcaption img a em strong blockquote br ·
    ``text`` blocks separated by one empty line, table cells by " | " · ``published`` "2021-01-06" when the page
    prints only a day (or the midnight that stands for one), else "2021-01-06T08:30:00+07:00", None when it prints
    none · ``section`` "" when none · ``rules`` the name of the rules that read it ·
    ``aliases`` other addresses under which the page says that it stands (short links), absolute.
    """

    url: str
    title: str
    summary: str = ""
    html: str = ""
    text: str = ""
    byline: Byline = Byline()
    published: str | None = None
    section: str = ""
    images: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    rules: str = ""
    aliases: tuple[str, ...] = ()
