"""Portals, and what they published."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive.plugin.queries.entries import LISTED, Entry, entries


@dataclass(frozen=True, slots=True)
class PortalEntry:
    """A portal and how much of it is here. ``closed`` the day from which it is not crawled any more, or None."""

    id: str
    name: str
    district: str
    province: str
    home: str
    closed: str | None
    articles: int


_PORTAL = f"""
select p.id, p.name, p.district, p.province, p.home, p.closed,
  (select count(*) from articles a where a.portal = p.id and {LISTED}) from portals p
"""


def portal(conn: sqlite3.Connection, name: str) -> PortalEntry | None:
    """The portal of that id; None when there is none."""
    row = conn.execute(_PORTAL + "where p.id = ?", [name]).fetchone()
    return PortalEntry(*row) if row else None


def portals(conn: sqlite3.Connection) -> tuple[PortalEntry, ...]:
    """Every portal, by province and district."""
    return tuple(PortalEntry(*row) for row in conn.execute(_PORTAL + "order by p.province, p.district, p.id"))


def articles(conn: sqlite3.Connection, name: str, limit: int, offset: int) -> tuple[Entry, ...]:
    """Its articles, newest first; those without a day of publication at the end."""
    return entries(
        conn, "and a.portal = ? order by a.published desc, a.doc desc limit ? offset ?", [name, limit, offset]
    )
