"""An article as the index has it. Pure."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from itertools import pairwise

import tantivy

from archive.search import layout
from archive.search.forms import forms, key, words

_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?")
_NEVER = 1 << 33  # minutes: after the year 9999
_DOCS = 29  # bits of an article's number: with those of the minutes, what a signed number holds


@dataclass(frozen=True, slots=True)
class Row:
    """What the database says of an article. ``published`` "2021-01-06", "2021-01-06T08:30:00+07:00" or None."""

    authors: tuple[str, ...]
    files: bool
    doc: int
    portal: str
    title: str
    summary: str
    text: str
    byline: str
    published: str | None
    section: str


def document(row: Row) -> tantivy.Document:
    """What is written into the index."""
    fields = _fields(row)
    return tantivy.Document(**fields, **{layout.STAMP: _stamp(fields)})


def stamp(row: Row) -> int:
    """What all of that comes to: an article whose stamp in the index is another one was said anew since."""
    return _stamp(_fields(row))


def every_word(row: Row) -> set[str]:
    """All words of the article, exactly."""
    return {forms(word)[0] for part in _parts(row) for word in words(part)}


def day(published: str | None) -> int:
    """20210106; 0 for none."""
    found = _MOMENT.match(published or "")
    return int("".join(found.groups()[:3])) if found else 0


def _parts(row: Row) -> tuple[str, ...]:
    return (row.title, row.summary, row.text, row.byline)


def _fields(row: Row) -> dict[str, list[str] | int]:
    exact, folded, pairs = [], [], []
    for part in _parts(row):
        found = [forms(word) for word in words(part)]
        bare = [one[1] for one in found]
        exact.append(" ".join([one[0] for one in found]))
        folded.append(" ".join(bare))
        pairs.append(" ".join([f"{one}_{other}" for one, other in pairwise(bare)]))
    when = day(row.published)
    minutes = _minutes(row.published)
    return {
        # A list's parts stand one place apart: no phrase reaches from the title into the text.
        layout.EXACT: exact,
        layout.FOLDED: folded,
        layout.TITLE: exact[:1],
        layout.TITLE_FOLDED: folded[:1],
        layout.PAIRS: pairs,
        layout.PORTAL: [row.portal],
        layout.SECTION: [row.section] if row.section else [],
        layout.SECTION_KEY: [key(row.section)] if row.section else [],
        layout.AUTHOR: list(row.authors),
        layout.AUTHOR_KEY: [key(author) for author in row.authors],
        layout.DOC: row.doc,
        layout.DAY: when,
        layout.MONTH: when // 100,
        layout.FILES: int(row.files),
        layout.NEWEST: (minutes << _DOCS) + row.doc,
        layout.OLDEST: ((minutes or _NEVER) << _DOCS) + row.doc,
    }


def _minutes(published: str | None) -> int:
    """A number that grows with the moment as it is printed; 0 for none. A day alone is its beginning."""
    found = _MOMENT.match(published or "")
    if not found:
        return 0
    year, month, at, hour, minute = (int(part or 0) for part in found.groups())
    return (((year * 13 + month) * 32 + at) * 24 + hour) * 60 + minute


def _stamp(fields: dict[str, list[str] | int]) -> int:
    return zlib.crc32(repr(list(fields.values())).encode("utf-8", "surrogatepass"))
