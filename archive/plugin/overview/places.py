"""Portals by province: the lines of a table, and the tiles of a map. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archive.plugin.finding.alphabet import spelled
from archive.plugin.overview.ledger import level
from archive.plugin.queries.portals import PortalEntry
from archive.provinces import PROVINCES, Province, find


@dataclass(frozen=True, slots=True)
class Place:
    """A province of before July 2025 and its portals. ``name`` as the portals' files write it, "" for those of none
    (importing made them) · ``now`` "" when not known · ``first`` and ``last`` publication, None without any · ``live``
    how many of the portals answer, ``lost`` how many did and do not any more; nobody has looked at the others."""

    name: str
    now: str
    portals: tuple[PortalEntry, ...]
    articles: int
    first: str | None
    last: str | None
    live: int
    lost: int


@dataclass(frozen=True, slots=True)
class Tile:
    """A province on the map. ``place`` None when no portal of it is here · ``level`` as in a ledger."""

    province: Province
    place: Place | None
    level: int


def in_order(portals: Iterable[PortalEntry]) -> tuple[PortalEntry, ...]:
    """By province, district and name as Vietnamese sort them, those of no province last."""
    return tuple(sorted(portals, key=lambda p: (p.province == "", *map(spelled, (_name(p), p.district, p.name)), p.id)))


def places(portals: Iterable[PortalEntry]) -> tuple[Place, ...]:
    """By province, in the order in which they come; ways of writing one name are one."""
    found: dict[str, list[PortalEntry]] = {}
    for entry in portals:
        found.setdefault(_name(entry), []).append(entry)
    return tuple(_place(name, entries) for name, entries in found.items())


def tiles(places: Iterable[Place]) -> tuple[Tile, ...]:
    """All provinces of before July 2025, from north to south."""
    by_name = {place.name: place for place in places}
    most = max((by_name[p.name].articles for p in PROVINCES if p.name in by_name), default=0)
    return tuple(
        Tile(province, place, level(place.articles, most) if place else 0)
        for province in sorted(PROVINCES, key=lambda p: (p.row, p.column))
        for place in (by_name.get(province.name),)
    )


def _name(entry: PortalEntry) -> str:
    province = find(entry.province)
    return province.name if province else entry.province


def _place(name: str, portals: list[PortalEntry]) -> Place:
    return Place(
        name=name,
        now=next((entry.province_now for entry in portals if entry.province_now), ""),
        portals=tuple(portals),
        articles=sum(entry.articles for entry in portals),
        first=min((entry.first for entry in portals if entry.first), default=None),
        last=max((entry.last for entry in portals if entry.last), default=None),
        live=sum(entry.standing == "live" for entry in portals),
        lost=sum(entry.standing not in ("live", "unknown") for entry in portals),
    )
