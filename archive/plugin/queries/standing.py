"""Does an article still stand on its portal? What the looks at it say, and which of them is the proof."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive import urls


@dataclass(frozen=True, slots=True)
class Look:
    """A capture that says what became of a page. ``status`` 0 when there was no answer."""

    capture: int
    url: str
    fetched_at: str
    status: int
    warc: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Standing:
    """``state`` of the article: "live", "gone", "moved", "blocked" or "dark: …", which the last ``looks`` agree on, the
    first of them at ``since`` (None and 0 while live); ``proof`` that first one, None when it is not given out ·
    ``seen`` how often it was looked at and there, under whatever address, ``last_seen`` the last time ·
    the portal's own state, by the looks at its home page, "unknown" before the first · ``closed`` the day from which it
    is not crawled any more, or None."""

    state: str
    since: str | None
    looks: int
    proof: Look | None
    seen: int
    last_seen: str
    portal_state: str
    portal_since: str | None
    portal_looks: int
    portal_proof: Look | None
    closed: str | None


def standing(conn: sqlite3.Connection, article: str) -> Standing:
    """How it stands with an article that exists."""
    row = conn.execute(
        "select a.key, a.state, a.state_since, a.state_looks, a.last_seen, p.state, p.state_since, p.state_looks,"
        " p.closed, p.home, (select count(distinct c.fetched_at) from captures c where c.article = a.id)"
        " from articles a join portals p on p.id = a.portal where a.id = ?",
        [article],
    ).fetchone()
    key, state, since, looks, last_seen, portal_state, portal_since, portal_looks, closed, home, seen = row
    return Standing(
        state=state,
        since=since,
        looks=looks,
        proof=_proof(conn, key, state, since) if since else None,
        seen=seen,
        last_seen=last_seen,
        portal_state=portal_state,
        portal_since=portal_since,
        portal_looks=portal_looks,
        portal_proof=_proof(conn, urls.key(home), portal_state, portal_since) if portal_since else None,
        closed=closed,
    )


def _proof(conn: sqlite3.Connection, key: str, state: str, since: str) -> Look | None:
    row = conn.execute(
        "select id, url, fetched_at, status, warc, offset, length from captures"
        " where key = ? and fetched_at >= ? and verdict = ? and withheld = '' order by fetched_at limit 1",
        [key, since, state],
    ).fetchone()
    return Look(*row) if row else None
