"""What was written to the database last."""

from __future__ import annotations

import sqlite3


def names(conn: sqlite3.Connection) -> dict[str, str]:
    """Every portal's name by its id."""
    return dict(conn.execute("select id, name from portals").fetchall())


def newest_capture(conn: sqlite3.Connection) -> str | None:
    """When the capture was made that was kept last; None while there is none."""
    row = conn.execute("select fetched_at from captures order by id desc limit 1").fetchone()
    return str(row[0]) if row else None
