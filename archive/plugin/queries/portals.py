"""Portals, what they published, and who has looked at them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive import urls
from archive.plugin.queries.entries import LISTED, Entry, entries


@dataclass(frozen=True, slots=True)
class PortalEntry:
    """A portal and how much of it is here. ``province_now`` since July 2025, "" when not known; ``communes`` that took
    over the district, () when not known · ``closed`` the day from which it is not crawled any more, or None · ``state``
    of its home page, "live", "gone", "moved", "blocked", "dark: dns" or "unknown", which ``looks`` in a row agree on,
    the first at ``since`` · ``first`` and ``last`` publication of its articles, None without any."""

    id: str
    name: str
    district: str
    province: str
    province_now: str
    communes: tuple[str, ...]
    home: str
    platform: str
    closed: str | None
    state: str
    since: str | None
    looks: int
    articles: int
    first: str | None
    last: str | None

    @property
    def standing(self) -> str:
        """The kind of its state: "live", "gone", "moved", "blocked", "dark" or "unknown"."""
        kind = self.state.partition(":")[0]
        return kind if kind in STANDINGS else "unknown"

    @property
    def why_dark(self) -> str:
        """ "dns", "tls", "refused", "silent", "parked"; "" for none of these."""
        why = self.state.partition(": ")[2]
        return why if why in WHY_DARK else ""


STANDINGS = ("live", "gone", "moved", "blocked", "dark", "unknown")
WHY_DARK = ("dns", "tls", "refused", "silent", "parked")


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a portal as it names it, and its articles."""

    name: str
    articles: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A portal's articles counted: ``versions`` of all, ``changed`` after publication, ``gone`` from the portal, and by
    section, the largest first (not those without one)."""

    versions: int
    changed: int
    gone: int
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One capture: its number in ``captures`` and when it was made."""

    capture: int
    at: str


@dataclass(frozen=True, slots=True)
class Run:
    """A crawl: ``ended`` None when it goes on or was killed."""

    started: str
    ended: str | None


_PORTAL = """
select p.id, p.name, p.district, p.province, p.province_now, p.communes, p.home, p.platform, p.closed,
  p.state, p.state_since, p.state_looks, (select count(*) from articles a where a.portal = p.id),
  (select min(published) from articles a where a.portal = p.id and published >= :from and published < :to),
  (select max(published) from articles a where a.portal = p.id and published >= :from and published < :to)
from portals p
"""
# Few, and an index has only them: what is listed is all without these, which need not be looked at one by one.
_WITHDRAWN = "from articles indexed by articles_takedown where takedown != ''"


def portal(conn: sqlite3.Connection, name: str, days: tuple[str, str]) -> PortalEntry | None:
    """The portal of that id; None when there is none. ``days``: the first that can be one of publication, and the first
    that cannot ("1997-11-01", "2026-11-27")."""
    row = conn.execute(f"{_PORTAL} where p.id = :id", _between(days) | {"id": name}).fetchone()
    return _entry(row, withdrawn(conn, name)) if row else None


def portals(conn: sqlite3.Connection, days: tuple[str, str]) -> tuple[PortalEntry, ...]:
    """Every portal; ``days`` as above."""
    out = dict(conn.execute(f"select portal, count(*) {_WITHDRAWN} group by portal").fetchall())
    rows = conn.execute(_PORTAL, _between(days))
    return tuple(_entry(row, out.get(row[0], 0)) for row in rows)


def withdrawn(conn: sqlite3.Connection, name: str) -> int:
    """How many of its articles no list shows."""
    return int(conn.execute(f"select count(*) {_WITHDRAWN} and portal = ?", [name]).fetchone()[0])


def figures(conn: sqlite3.Connection, name: str) -> Figures:
    """Read once from the rows of the portal's articles."""
    rows = conn.execute(
        "select section, count(*), sum(versions), sum(versions > 1), sum(gone_since is not null) from articles a"
        f" where portal = ? and {LISTED} group by section order by count(*) desc, section",
        [name],
    ).fetchall()
    versions, changed, gone = (sum(row[column] for row in rows) for column in (2, 3, 4))
    return Figures(versions, changed, gone, tuple(Section(row[0], row[1]) for row in rows if row[0]))


def published(conn: sqlite3.Connection, name: str) -> dict[str | None, int]:
    """Its articles by month of publication, "2021-03"; None for those without a day."""
    months = "select substr(published, 1, 7), count(*)"
    found = dict(conn.execute(f"{months} from articles where portal = ? group by 1", [name]).fetchall())
    for month, count in conn.execute(f"{months} {_WITHDRAWN} and portal = ? group by 1", [name]):
        found[month] -= count
    return {month: count for month, count in found.items() if count}


def first_capture(conn: sqlite3.Connection, name: str) -> str | None:
    """When the first capture of it was made; None when there is none."""
    row = conn.execute("select min(fetched_at) from captures where portal = ?", [name]).fetchone()
    return row[0] if row else None


def captures(
    conn: sqlite3.Connection, name: str, months: Sequence[tuple[str, str, str]]
) -> tuple[tuple[str, str, int], ...]:
    """(month, source, how many) of its captures. ``months``: the name of each, its first moment, and the next one's.

    Our own crawls, which made nearly all, are counted in the index; what else there is, is grouped.
    """
    within = "c.portal = ?2 and c.fetched_at >= json_extract(m.value, '$[1]')"
    within += " and c.fetched_at < json_extract(m.value, '$[2]')"
    values = [json.dumps(months), name]
    live = conn.execute(
        f"select json_extract(m.value, '$[0]'), 'live', (select count(*) from captures c where {within}"
        " and c.source = 'live') from json_each(?1) m",
        values,
    )
    others = conn.execute(
        f"select json_extract(m.value, '$[0]'), c.source, count(*) from json_each(?1) m cross join captures c"
        f" where {within} and c.source != 'live' group by 1, 2",
        values,
    )
    return tuple(row for rows in (live, others) for row in rows if row[2])


def looked(conn: sqlite3.Connection, entry: PortalEntry) -> Look | None:
    """The look at its home page that the portal's state began with, or the newest one of a portal that lives; None when
    nobody has looked, or when its bytes are not shown."""
    rows = conn.execute(
        "select id, fetched_at, withheld from captures where key = ? and portal = ? and fetched_at >= ?"
        f" order by fetched_at {'desc' if entry.standing == 'live' else ''}, id limit 1",
        [urls.key(entry.home), entry.id, entry.since or ""],
    )
    found = rows.fetchone() if entry.since else None
    return Look(*found[:2]) if found and not found[2] else None


def last_run(conn: sqlite3.Connection, name: str) -> Run | None:
    """The newest crawl; None when it was never crawled."""
    row = conn.execute(
        "select started, ended from crawls where portal = ? order by started desc, id desc limit 1", [name]
    ).fetchone()
    return Run(*row) if row else None


def articles(conn: sqlite3.Connection, name: str, limit: int, offset: int) -> tuple[Entry, ...]:
    """Its articles, newest first; those without a day of publication at the end."""
    return entries(
        conn, "and a.portal = ? order by a.published desc, a.doc desc limit ? offset ?", [name, limit, offset]
    )


def _entry(row: Sequence[object], withdrawn: int) -> PortalEntry:
    values = list(row)
    values[5], values[12] = communes(str(values[5])), int(str(values[12])) - withdrawn
    return PortalEntry(*values)  # type: ignore[arg-type]


def communes(listed: str) -> tuple[str, ...]:
    """Out of the column of that name; () when it holds no list."""
    try:
        names: object = json.loads(listed)
    except ValueError:
        return ()
    return tuple(str(name) for name in names) if isinstance(names, Iterable) and not isinstance(names, str) else ()


def _between(days: tuple[str, str]) -> dict[str, str]:
    return {"from": days[0], "to": days[1]}
