"""Articles as lists show them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as lists show it. ``changed_at`` when its newest version was captured, only where it was asked for."""

    id: str
    title: str
    portal: str
    portal_name: str
    section: str
    byline: str
    published: str | None
    first_seen: str
    gone_since: str | None
    versions: int
    changed_at: str | None = None


# Lists show what nobody asked to be taken out of them.
LISTED = "a.takedown = ''"
COLUMNS = "a.id, a.title, a.portal, p.name, a.section, a.byline, a.published, a.first_seen, a.gone_since, a.versions"
_ENTRIES = f"select {COLUMNS} from articles a join portals p on p.id = a.portal where {LISTED} "


def entries(conn: sqlite3.Connection, rest: str, values: list[str | int]) -> tuple[Entry, ...]:
    """The listed articles; ``rest`` of the statement: "and a.portal = ? order by …"."""
    return tuple(Entry(*row) for row in conn.execute(_ENTRIES + rest, values))
