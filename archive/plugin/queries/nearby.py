"""What stands around an article: its other addresses, the same day, the same hand, the next one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from archive.plugin.queries.entries import LISTED

# How many of an author's newest articles are looked through for those of this portal: each lies elsewhere on the disk.
_LOOKED_THROUGH = 60
_ADDRESSES = 8


@dataclass(frozen=True, slots=True)
class Beside:
    """An article that is named beside another one."""

    id: str
    title: str
    published: str | None


@dataclass(frozen=True, slots=True)
class Nearby:
    """``addresses`` at which it was seen beside its own · ``by_author`` other articles by the author's name, those of
    the same portal only: two people of one name cannot be told apart · ``earlier`` and ``later`` on the portal."""

    addresses: tuple[str, ...]
    same_day: tuple[Beside, ...]
    by_author: tuple[tuple[str, tuple[Beside, ...]], ...]
    earlier: Beside | None
    later: Beside | None


_BESIDE = "select a.id, a.title, a.published from articles a"


def nearby(
    conn: sqlite3.Connection,
    article: str,
    portal: str,
    key: str,
    published: str | None,
    authors: Sequence[str],
    most: int,
) -> Nearby:
    """What stands around an article of ``portal``, whose own address has ``key``; ``most`` of each kind."""
    return Nearby(
        addresses=_addresses(conn, article, key),
        same_day=_same_day(conn, article, portal, published, most),
        by_author=tuple(
            (name, found) for name in authors[:3] if (found := _by_author(conn, article, portal, name, most))
        ),
        earlier=_neighbour(conn, article, portal, published, "<", "desc"),
        later=_neighbour(conn, article, portal, published, ">", "asc"),
    )


def _addresses(conn: sqlite3.Connection, article: str, key: str) -> tuple[str, ...]:
    rows = conn.execute(
        "select max(url) from captures where article = ? and key != ? and withheld = '' group by key"
        " order by min(fetched_at) limit ?",
        [article, key, _ADDRESSES],
    )
    return tuple(str(row[0]) for row in rows)


def _same_day(
    conn: sqlite3.Connection, article: str, portal: str, published: str | None, most: int
) -> tuple[Beside, ...]:
    try:
        day = date.fromisoformat((published or "")[:10])
        following = (day + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return ()
    rows = conn.execute(
        f"{_BESIDE} where a.portal = ? and a.published >= ? and a.published < ? and a.id != ? and {LISTED}"
        " order by a.published desc limit ?",
        [portal, day.isoformat(), following, article, most],
    )
    return tuple(Beside(*row) for row in rows)


def _by_author(conn: sqlite3.Connection, article: str, portal: str, name: str, most: int) -> tuple[Beside, ...]:
    rows = conn.execute(
        f"{_BESIDE} join (select article from authors where name = ? order by rowid desc limit ?) n on n.article = a.id"
        f" where a.portal = ? and a.id != ? and {LISTED} order by a.published desc limit ?",
        [name, _LOOKED_THROUGH, portal, article, most],
    )
    return tuple(Beside(*row) for row in rows)


def _neighbour(
    conn: sqlite3.Connection, article: str, portal: str, published: str | None, sign: str, order: str
) -> Beside | None:
    """The nearest by day and hour, then by the order in which they came: nobody is passed by, nobody comes twice."""
    if not published:
        return None
    row = conn.execute(
        f"{_BESIDE} where a.portal = ?1 and a.published is not null and {LISTED} and"
        f" (a.published, a.rowid) {sign} (?2, (select rowid from articles where id = ?3))"
        f" order by a.published {order}, a.rowid {order} limit 1",
        [portal, published, article],
    ).fetchone()
    return Beside(*row) if row else None
