"""What the sitemap asks."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive.plugin.queries.entries import LISTED


@dataclass(frozen=True, slots=True)
class Page:
    """An address for the sitemap. ``changed``: when what its page says became what it is (UTC)."""

    id: str
    changed: str


# An article's page changes with its text, and with what the portal makes of the article.
_ARTICLES = f"""
select a.doc, a.id, max(a.first_seen, coalesce(a.state_since, ''), case when a.versions > 1 then
  (select max(c.fetched_at) from versions v join captures c on c.id = v.capture where v.article = a.id)
  else '' end)
from articles a where a.doc > ? and a.doc <= ? and {LISTED} order by a.doc limit ?
"""


def chunks(conn: sqlite3.Connection, size: int) -> tuple[int, ...]:
    """The numbers, from 1, of the stretches of ``size`` numbers of articles in which there is a listed one.

    An article's number never changes, so it stays in its stretch.
    """
    last = conn.execute("select max(doc) from articles").fetchone()[0] or 0
    some = f"select exists (select 1 from articles a where a.doc > ? and a.doc <= ? and {LISTED})"
    numbers = range(1, -(-last // size) + 1)
    return tuple(n for n in numbers if conn.execute(some, [(n - 1) * size, n * size]).fetchone()[0])


def articles(conn: sqlite3.Connection, after: int, last: int, limit: int) -> tuple[int, tuple[Page, ...]]:
    """The next listed articles with numbers up to ``last``, and the number of the last of them, 0 when none is left."""
    rows = conn.execute(_ARTICLES, [after, last, limit]).fetchall()
    return (rows[-1][0] if rows else 0), tuple(Page(name, changed) for _, name, changed in rows)


def portals(conn: sqlite3.Connection) -> tuple[str, ...]:
    """The ids of the portals."""
    return tuple(row[0] for row in conn.execute("select id from portals order by id"))
