"""What an Article promises (archive/model.py), whatever the page was: the promises that one breaks."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

from archive.model import Article
from archive.text import normalise

_TAGS = frozenset(
    "p h2 h3 h4 ul ol li table tr td th figure figcaption img a em strong blockquote br".split()  # noqa: SIM905
)
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_VOID = ("br", "img")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\x00]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}\+07:00)?")


def broken(article: Article) -> list[str]:
    """One line for each promise that ``article`` breaks; none when it is as it should be."""
    return list(
        dict.fromkeys([*_of_words(article), *_of_html(article.html), *_of_addresses(article), *_of_date(article)])
    )


def _of_words(article: Article) -> Iterator[str]:
    if not article.title:
        yield "no title"
    signed = article.byline
    lines = {
        "title": [article.title],
        "summary": [article.summary],
        "section": [article.section],
        "byline": [signed.text, signed.role, *signed.authors, signed.organisation or "", signed.source or ""],
        "caption": [image.caption for image in article.images],
        "label": [file.label for file in article.attachments],
        "text": [part for line in article.text.split("\n") for part in line.split(" | ")],
    }
    for name, values in lines.items():
        for value in values:
            # Two blanks within a line of plain text stay two, as they were printed.
            if re.sub("[ \u00a0]+", " ", value).strip() != normalise(value):
                yield f"{name} is not normal"
            if _SURROGATE.search(value):
                yield f"surrogates in {name}"
            if name == "title" and any(unicodedata.category(c) == "Cc" for c in value):
                yield "control characters in title"
    if any(not author for author in signed.authors):
        yield "an author without a name"
    if article.text != article.text.strip("\n"):
        yield "text begins or ends with an empty line"
    for field in dataclasses.fields(article):
        value = str(getattr(article, field.name))
        if _INVISIBLE.search(value):
            yield f"zero-width characters in {field.name}"
    if not unicodedata.is_normalized("NFC", article.text):
        yield "text is not NFC"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.faults.append(f"<{tag}> in html")
        for name, value in attrs:
            if name not in _ATTRIBUTES.get(tag, ()):
                self.faults.append(f"{tag}@{name} in html")
            if name in ("href", "src"):
                schemes = ("http", "https", "mailto") if name == "href" else ("http", "https")
                if not _is_address(value or "", schemes):
                    self.faults.append(f"{tag}@{name} in html is no absolute address")
            if name in ("colspan", "rowspan") and not (value or "").isdecimal():
                self.faults.append(f"{tag}@{name} in html is no number")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1:] != [tag]:
            self.faults.append(f"</{tag}> in html closes nothing")
        else:
            self.open.pop()

    def handle_comment(self, data: str) -> None:  # noqa: ARG002
        self.faults.append("a comment in html")

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002
        self.faults.append("a declaration in html")

    def handle_pi(self, data: str) -> None:  # noqa: ARG002
        self.faults.append("a processing instruction in html")


def _of_html(html: str) -> list[str]:
    tags = _Tags()
    tags.feed(html)
    tags.close()
    return tags.faults + [f"<{tag}> in html stays open" for tag in tags.open]


def _is_address(value: str, schemes: tuple[str, ...] = ("http", "https")) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    whole = bool(parts.netloc) if parts.scheme != "mailto" else True
    return parts.scheme in schemes and whole and not re.search(r"[\s\x00-\x1f\x7f\ud800-\udfff]", value)


def _of_addresses(article: Article) -> Iterator[str]:
    if not _is_address(article.url):
        yield "url is no absolute address"
    for image in article.images:
        if not _is_address(image.url):
            yield "an image's url is no absolute address"
    for file in article.attachments:
        if not _is_address(file.url):
            yield "an attachment's url is no absolute address"
    for alias in article.aliases:
        if not _is_address(alias):
            yield "an alias is no absolute address"
    for name, values in (("images", article.images), ("attachments", article.attachments)):
        if len({one.url for one in values}) != len(values):
            yield f"one address twice in {name}"


def _of_date(article: Article) -> Iterator[str]:
    value = article.published
    if value is None:
        return
    if not _MOMENT.fullmatch(value):
        yield f"published is of no promised form: {value}"
        return
    try:
        if "T" in value:
            moment = datetime.fromisoformat(value)
            if moment.utcoffset() != timedelta(hours=7):
                yield "published is not Vietnam's time"
        else:
            date.fromisoformat(value)
    except ValueError:
        yield f"published is no real date: {value}"
