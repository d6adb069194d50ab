"""Articles with all that leaves the house of them: rows of a table, entries of a feed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One article, its text not among it. ``authors`` as printed, in order; times as the store keeps them."""

    id: str
    title: str
    portal: str
    portal_name: str
    district: str
    province: str
    section: str
    byline: str
    authors: tuple[str, ...]
    published: str | None
    first_seen: str
    last_seen: str
    state: str
    state_since: str | None
    versions: int
    url: str


@dataclass(frozen=True, slots=True)
class News:
    """An article as an entry of a feed. ``updated`` when its newest version was received, ``beginning`` of the text."""

    id: str
    title: str
    portal_name: str
    section: str
    authors: tuple[str, ...]
    published: str | None
    updated: str
    beginning: str
    url: str


def rows(conn: sqlite3.Connection, docs: Sequence[int]) -> tuple[Row, ...]:
    """The articles of those numbers, in their order; those that are not listed are left out."""
    found = conn.execute(
        "select a.doc, a.id, a.title, a.portal, p.name, p.district, p.province, a.section, a.byline,"
        f" {_AUTHORS}, a.published, a.first_seen, a.last_seen, a.state, a.state_since, a.versions, a.url"
        f" from articles a join portals p on p.id = a.portal where a.doc in ({_marks(docs)}) and a.takedown = ''",
        docs,
    )
    by_doc = {}
    for doc, *row in found:
        row[8] = _names(row[8])
        by_doc[doc] = Row(*row)
    return tuple(by_doc[doc] for doc in docs if doc in by_doc)


def news(conn: sqlite3.Connection, docs: Sequence[int]) -> tuple[News, ...]:
    """The same, as entries of a feed."""
    found = conn.execute(
        f"select a.doc, a.id, a.title, p.name, a.section, {_AUTHORS}, a.published,"
        " (select max(c.fetched_at) from versions v join captures c on c.id = v.capture where v.article = a.id),"
        " substr(trim(a.summary || char(10) || a.text, char(10)), 1, 600), a.url"
        f" from articles a join portals p on p.id = a.portal where a.doc in ({_marks(docs)}) and a.takedown = ''",
        docs,
    )
    by_doc = {}
    for doc, *row in found:
        row[4] = _names(row[4])
        by_doc[doc] = News(*row)
    return tuple(by_doc[doc] for doc in docs if doc in by_doc)


def newest(conn: sqlite3.Connection, limit: int) -> tuple[int, ...]:
    """The numbers of the articles that the archive received last."""
    found = conn.execute("select doc from articles where takedown = '' order by doc desc limit ?", [limit])
    return tuple(int(row[0]) for row in found)


def made(conn: sqlite3.Connection) -> str:
    """When this database was made: what is empty was last changed then."""
    return str(conn.execute("select max(made) from editions").fetchone()[0])


_AUTHORS = (
    "(select group_concat(name, char(31)) from (select name from authors where article = a.id order by position))"
)


def _names(joined: str | None) -> tuple[str, ...]:
    return tuple(joined.split("\x1f")) if joined else ()


def _marks(values: Sequence[int]) -> str:
    return ", ".join("?" * len(values))
