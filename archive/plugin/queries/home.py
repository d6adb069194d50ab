"""What the front page asks."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive.plugin.queries.entries import COLUMNS, LISTED, Entry, entries
from archive.plugin.queries.portals import PortalEntry, portals


@dataclass(frozen=True, slots=True)
class Home:
    """The front page. ``since`` the oldest capture, None while the archive is empty."""

    articles: int
    versions: int
    captures: int
    since: str | None
    portals: tuple[PortalEntry, ...]
    newest: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    gone: tuple[Entry, ...]


_CHANGED = f"""
select {COLUMNS}, max(c.fetched_at) from versions v join captures c on c.id = v.capture
join articles a on a.id = v.article join portals p on p.id = a.portal
where v.number > 1 and {LISTED} group by a.id order by max(c.fetched_at) desc, a.doc desc limit ?
"""


def home(conn: sqlite3.Connection, most: int) -> Home:
    """Counts, every portal, and ``most`` articles of each kind."""
    count = {
        table: int(conn.execute(f"select count(*) from {table}").fetchone()[0])
        for table in ("articles", "versions", "captures")
    }
    return Home(
        **count,
        since=conn.execute("select min(first_seen) from articles").fetchone()[0],
        portals=portals(conn),
        newest=entries(conn, "order by a.published desc, a.doc desc limit ?", [most]),
        changed=tuple(Entry(*row) for row in conn.execute(_CHANGED, [most])),
        gone=entries(conn, "and a.gone_since is not null order by a.gone_since desc, a.doc desc limit ?", [most]),
    )
