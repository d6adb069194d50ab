"""The archive as a whole, counted once for the front page and the list of portals."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from archive.plugin.finding.chart import Bar, chart
from archive.plugin.overview.ledger import FIRST, months
from archive.plugin.overview.places import Place, Tile, in_order, places, tiles
from archive.plugin.queries import home as queries
from archive.plugin.remembering import Remembered

_VIETNAM = timedelta(hours=7)


@dataclass(frozen=True, slots=True)
class Whole:
    """``bars``: articles by month of publication, or by year when there are many months."""

    overview: queries.Overview
    places: tuple[Place, ...]
    tiles: tuple[Tile, ...]
    bars: tuple[Bar, ...]


def today() -> date:
    """In Vietnam."""
    return (datetime.now(UTC) + _VIETNAM).date()


def days(today: date) -> tuple[str, str]:
    """The first day on which an article can have been published, and the first on which none can yet."""
    return f"{FIRST}-01", (today + timedelta(days=1)).isoformat()


def _whole(conn: sqlite3.Connection) -> Whole:
    day = today()
    overview = queries.overview(conn, months(FIRST, day.isoformat()[:7]), days(day)[1])
    overview = replace(overview, portals=in_order(overview.portals))
    by_province = places(overview.portals)
    drawn = chart(overview.months)
    return Whole(overview, by_province, tiles(by_province), drawn.years or drawn.months)


WHOLE = Remembered(_whole)
