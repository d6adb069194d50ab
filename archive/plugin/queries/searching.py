"""What the search page asks beside the search: whose portal is meant."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A portal by its names."""

    id: str
    name: str
    district: str
    province: str

    @property
    def short(self) -> str:
        """By its district, as people say it."""
        return self.district or self.name


def named(conn: sqlite3.Connection, ids: tuple[str, ...]) -> dict[str, Named]:
    """The portals of those ids; what is no id is not in it."""
    marks = ", ".join("?" * len(ids))
    rows = conn.execute(f"select id, name, district, province from portals where id in ({marks})", ids)
    return {row[0]: Named(*row) for row in rows}


def edition(conn: sqlite3.Connection) -> str:
    """Which making of the database this is; "" when it does not say."""
    row = conn.execute("select id from editions").fetchone()
    return str(row[0]) if row else ""


def everyone(conn: sqlite3.Connection) -> tuple[Named, ...]:
    """Every portal: some seven hundred at most."""
    return tuple(Named(*row) for row in conn.execute("select id, name, district, province from portals order by id"))
