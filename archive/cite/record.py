"""What a citation says, and how all formats write its names, days and addresses. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

ARCHIVE = "Tàng Thư"

_VIETNAM = timezone(timedelta(hours=7))
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?!\d)", re.ASCII)
# Line breaks and control characters would start a new field in RIS, and a new line in a list of sources.
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Marks of direction would turn round what stands behind them in somebody's list of sources; the others show nothing.
_UNSEEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_NO_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f-\x9f{}\\\"<>|^`]")

Day = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Citation:
    """What is cited.

    ``version`` None: the article, whatever its text becomes · ``published`` as the store keeps it, None when the page
    prints no day · ``url`` at the portal · ``archived_url`` here, permanent · ``captured_at`` "2026-11-23T09:04:10Z",
    when the cited text was received · ``digest`` of the received bytes, "sha1:…", "" when it is not told ·
    ``state`` of ``url`` on the portal: live, gone, moved, blocked, "dark: dns", or "unknown" where nobody looks any
    more, as the last ``looks`` looks agree (0 while it was never anything but live) · ``latest``: the cited text is
    the one that the portal showed last.
    """

    id: str
    version: int | None
    title: str
    authors: tuple[str, ...]
    organisation: str | None
    source: str | None
    published: str | None
    portal_name: str
    url: str
    archived_url: str
    captured_at: str
    digest: str = ""
    state: str = "unknown"
    looks: int = 0
    latest: bool = True

    @property
    def signed(self) -> tuple[str, ...]:
        """Who signs: the persons, else the organisation; empty when nobody does."""
        named = self.authors or ((self.organisation,) if self.organisation else ())
        return tuple(name for name in named if line(name))

    @property
    def creators(self) -> tuple[str, ...]:
        """Who is named as author: who signs, else the portal."""
        return self.signed or (self.portal_name,)

    @property
    def key(self) -> str:
        """ "abcdefgh23", or "abcdefgh23-2" for its second version."""
        return self.id if self.version is None else f"{self.id}-{self.version}"


def day(published: str | None) -> Day | None:
    """Year, month and day as the page printed them; None when there is none that a calendar knows."""
    found = _DAY.match(published or "")
    if found is None:
        return None
    year, month, number = found.groups()
    try:
        datetime(int(year), int(month), int(number))
    except ValueError:
        return None
    return year, month, number


def captured(moment: str) -> Day | None:
    """The day of capture in Vietnam: the evening in Greenwich is the next morning there."""
    try:
        there = datetime.fromisoformat(moment).astimezone(_VIETNAM)
    except (ValueError, OverflowError):
        return day(moment)
    return f"{there.year:04}", f"{there.month:02}", f"{there.day:02}"


def line(text: str) -> str:
    """The text on one line, NFC, without what cannot be seen."""
    return _BLANK.sub(" ", unicodedata.normalize("NFC", _UNSEEN.sub("", text))).strip()


def address(url: str) -> str:
    """One word without the signs that end a field, a template or a link."""
    return _NO_ADDRESS.sub(lambda found: percent(found.group()), _UNSEEN.sub("", url).strip())


def percent(character: str) -> str:
    """ "%C3%A1" for "á"."""
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


def note(record: Citation) -> str:
    """What no field of the formats for programs holds: the portal's address, whom the portal quoted, the version, and
    the digest with which the received bytes can be checked."""
    parts = [f"URL gốc: {address(record.url)}"]
    if record.source:
        parts.append(f"Dẫn nguồn: {line(record.source)}")
    if record.version is not None:
        parts.append(f"Phiên bản {record.version} trong {ARCHIVE}")
    if record.digest:
        parts.append(f"Mã băm nội dung đã nhận: {line(record.digest)}")
    return ". ".join(parts)
