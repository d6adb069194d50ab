"""Who signed what, by the names as printed."""

from __future__ import annotations

import sqlite3
from collections import Counter


def takedowns(conn: sqlite3.Connection) -> int:
    """How many were decided, liftings among them."""
    return int(conn.execute("select coalesce(max(id), 0) from takedowns").fetchone()[0])


def signed(conn: sqlite3.Connection) -> tuple[tuple[str, int], ...]:
    """Every name as printed, with the number of listed articles that it signs.

    Reads one index from end to end, some tenths of a second for a million articles; asking each of them whether it is
    listed would take ten times as long.
    """
    names = Counter(dict(conn.execute("select name, count(*) from authors group by name")))
    names.subtract(
        dict(
            conn.execute(
                "select name, count(*) from authors where article in"
                " (select id from articles where takedown != '') group by name"
            )
        )
    )
    return tuple((name, count) for name, count in names.items() if count > 0)
