"""Does the search index say what the database says? Only reads, also while others write to both.

Each article's stamp in the index is compared with what its row comes to today: all of them, so that one lost article
is noticed, and one whose text was changed. Of some, the words themselves are looked up as well.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tantivy import FieldType, Occur, Query

from archive.consistency import REPAIR, Finding, beside
from archive.search import entry, layout
from archive.search.keeper import pending, rows
from archive.search.reader import OF_ANOTHER, IndexMissing, Reader, latest

_AT_A_TIME = 2_000  # numbers of articles
_EVERY, _WORDS = 500, 20  # of so many articles one is asked for so many of its words


@dataclass(slots=True)
class _Wrong:
    """Numbers of articles that the index lacks, has although they are none, or has otherwise."""

    missing: set[int] = field(default_factory=set)
    foreign: set[int] = field(default_factory=set)
    other: set[int] = field(default_factory=set)

    @property
    def all(self) -> set[int]:
        return self.missing | self.foreign | self.other


def check(database: Path, writing: bool = False) -> Iterator[Finding]:
    """Everything that is wrong with the search index beside the database. ``writing``: somebody writes to the archive,
    and what is not in the index yet will be when that ends. Raises sqlite3.Error.
    """
    folder = layout.folder_of(database)
    with beside(database) as conn:
        (edition,) = conn.execute("select max(id) from editions").fetchone()
        try:
            reader = latest(database)
        except IndexMissing as error:
            reader, why = None, str(error).partition(": ")[2].partition(";")[0]
        if reader is None or reader.state.edition != edition:
            due = "select 1 from articles where takedown = '' limit 1"
            if not writing and conn.execute(due).fetchone():
                # A backup that was brought back has none, and nothing is lost: the site makes it when it starts.
                there = layout.state_path(database).exists()
                yield Finding(folder, None, why if reader is None else OF_ANOTHER, REPAIR, "search", fault=there)
            return
        found = _Wrong()
        for first in range(0, _last(conn, reader) + 1, _AT_A_TIME):
            _compare(conn, reader, first, found)
    # Whoever writes to both goes on meanwhile: what looks wrong is looked at again, as both are now.
    with beside(database) as conn:
        reader = latest(database)
        yield from _told(folder, _again(conn, reader, found.all))
        late = 0 if writing else pending(conn, reader.state.revision)
        if late:
            yield Finding(folder, None, f"{late} articles are not in it yet", "the next run takes them in", fault=False)


def _told(folder: Path, found: _Wrong) -> Iterator[Finding]:
    for docs, why in (
        (found.missing, "the search index lacks {} articles, such as number {}"),
        (found.foreign, "the search index has {} articles that are none, such as number {}"),
        (found.other, "the search index has other words than {} articles, such as number {}"),
    ):
        if docs:
            yield Finding(folder, None, why.format(len(docs), min(docs)), REPAIR, "search")


def _last(conn: sqlite3.Connection, reader: Reader) -> int:
    (last,) = conn.execute("select coalesce(max(doc), 0) from articles").fetchone()
    found = reader.searcher.search(Query.all_query(), limit=1, count=False, order_by_field=layout.DOC)
    return max(int(last), *(int(doc) for doc, _ in found.hits), 0)


def _again(conn: sqlite3.Connection, reader: Reader, docs: set[int]) -> _Wrong:
    found = _Wrong()
    for doc in docs:
        _compare(conn, reader, doc, found, doc + 1)
    return found


def _compare(conn: sqlite3.Connection, reader: Reader, first: int, found: _Wrong, end: int = 0) -> None:
    """The articles from number ``first`` on, up to ``end`` or as many as are compared at a time."""
    end = end or first + _AT_A_TIME
    stamps = _stamps(reader, first, end)
    for revision, takedown, row in rows(conn, "where a.doc >= ? and a.doc < ?", [first, end]):
        kept = stamps.pop(row.doc, None)
        if revision > reader.state.revision:  # the keeper comes to it
            continue
        if takedown:
            found.foreign |= {row.doc} if kept else set()
        elif not kept:
            found.missing.add(row.doc)
        elif kept != [entry.stamp(row)] or not (row.doc % _EVERY or _has_words(reader, row)):
            found.other.add(row.doc)
    found.foreign |= set(stamps)


def _stamps(reader: Reader, first: int, end: int) -> dict[int, list[int]]:
    """What the index holds: stamps by number of the article, one each when all is well."""
    asked = Query.range_query(
        reader.schema, layout.DOC, FieldType.Integer, lower_bound=first, upper_bound=end, include_upper=False
    )
    result = reader.searcher.search(asked, limit=2 * (end - first), count=False)
    addresses = [address for _, address in result.hits]
    docs = reader.searcher.fast_field_values(layout.DOC, addresses)
    found: dict[int, list[int]] = {}
    for doc, stamp in zip(docs, reader.searcher.fast_field_values(layout.STAMP, addresses), strict=True):
        found.setdefault(int(doc or 0), []).append(int(stamp or 0))
    return found


def _has_words(reader: Reader, row: entry.Row) -> bool:
    words = sorted(entry.every_word(row), key=lambda word: word[::-1])[:_WORDS]
    asked = [Query.term_query(reader.schema, layout.DOC, row.doc, "basic")]
    asked += [Query.term_query(reader.schema, layout.EXACT, word, "freq") for word in words]
    result = reader.searcher.search(Query.boolean_query([(Occur.Must, one) for one in asked]), limit=1)
    return bool(result.hits)
