"""What is read of a portal's past to judge it: little of it, so that a thousand portals of ten years take seconds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from archive.warc import iso

NEWEST = 60  # runs that are read one and all; of those before them every EVERYth, back to the OLDESTth
EVERY = 10
OLDEST = 860
ARTICLES = 500  # whose days of publication show the rhythm of the news
STANDING = 2000  # articles are counted up to here
MONTH = timedelta(days=30)
YEAR = timedelta(days=365)
_LEAP = timedelta(hours=1)  # a run that began later than so from now was dated by another clock


@dataclass(frozen=True, slots=True)
class Measured:
    """What crawler/measures.py noted in ``crawls.measures``; its words say what each means."""

    pages: int
    without: Mapping[str, int]
    refused: Mapping[str, int]
    layouts: Mapping[str, int]
    listings: Mapping[str, int]
    errors: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Run:
    """A row of ``crawls``. ``ended`` None: it goes on, or was killed · ``measures`` None: an older version made it."""

    started: datetime
    ended: str | None
    requests: int
    bytes: int
    new: int
    same: int
    failed: int
    why: str
    resume_at: str | None
    measures: Measured | None


@dataclass(frozen=True, slots=True)
class Trap:
    shape: str
    why: str
    since: str
    example: str
    urls: int


@dataclass(frozen=True, slots=True)
class History:
    """A portal's past. ``runs`` newest first, the NEWEST of them; ``older`` a sample of those before.

    ``closed`` its day, None when open · ``state`` of its home page, as in ``portals`` · ``first_run`` None: never
    crawled · ``ahead`` when its newest run began, when that is in the future, else None · ``published`` days of its
    newest articles, newest first, none twice · ``vanished``, ``vanished_before`` articles that vanished (by two looks)
    in the last 30 days and in the year before · ``standing`` its articles, STANDING at most · ``read_anew`` the end of
    the last re-extraction with other rules, None when there was none.
    """

    portal: str
    closed: str | None = None
    state: str = "unknown"
    state_since: str | None = None
    state_looks: int = 0
    runs: tuple[Run, ...] = ()
    older: tuple[Run, ...] = ()
    first_run: datetime | None = None
    ahead: datetime | None = None
    published: tuple[date, ...] = ()
    vanished: int = 0
    vanished_before: int = 0
    standing: int = 0
    traps: tuple[Trap, ...] = field(default=())
    read_anew: datetime | None = None

    @property
    def all_runs(self) -> tuple[Run, ...]:
        return self.runs + self.older


def read_all(conn: sqlite3.Connection, now: datetime, only: Collection[str] = ()) -> Iterator[History]:
    """Every portal of the archive as it was at ``now``, one by one (a thousand at once would fill the memory).

    ``only`` these, all when empty. The connection is only read.
    """
    vanished = _vanished(conn, now, only)
    traps = _traps(conn, now)
    read_anew = _read_anew(conn)
    portals = conn.execute("select id, closed, state, state_since, state_looks from portals order by id").fetchall()
    for portal, closed, state, since, looks in portals:
        if only and portal not in only:
            continue
        ids, first, ahead = _run_ids(conn, portal, now)
        runs = _runs(conn, ids)
        recently, before = vanished.get(portal, (0, 0))
        yield History(
            portal=portal,
            closed=closed,
            state=state,
            state_since=since,
            state_looks=looks,
            runs=runs[:NEWEST],
            older=runs[NEWEST:],
            first_run=first,
            ahead=ahead,
            published=_published(conn, portal, now),
            vanished=recently,
            vanished_before=before,
            standing=_standing(conn, portal),
            traps=traps.get(portal, ()),
            read_anew=max((at for whose, at in read_anew if whose in (None, portal)), default=None),
        )


def _run_ids(
    conn: sqlite3.Connection, portal: str, now: datetime
) -> tuple[list[int], datetime | None, datetime | None]:
    """The runs that are looked at, newest first; when the first one began; and when one in the future did."""
    latest = conn.execute(
        "select id, started from crawls where portal = ? order by started desc limit 1", [portal]
    ).fetchone()
    if latest is None:
        return [], None, None
    ids = [
        int(number)
        for (number,) in conn.execute(
            "select id from crawls where portal = ? and started <= ? order by started desc, id desc limit ?",
            [portal, iso(now + _LEAP), OLDEST],
        )
    ]
    # A clock that ran ahead once, years ago, is of no concern: the runs after it have higher numbers.
    ahead = _moment(latest[1]) if not ids or latest[0] > max(ids) else None
    first = conn.execute("select min(started) from crawls where portal = ?", [portal]).fetchone()[0]
    return ids[:NEWEST] + ids[NEWEST::EVERY], _moment(first), ahead


def _runs(conn: sqlite3.Connection, ids: list[int]) -> tuple[Run, ...]:
    rows = {
        row[0]: row[1:]
        for row in conn.execute(
            "select id, started, ended, requests, bytes, new, same, failed, coalesce(why, ''), resume_at, measures"
            f" from crawls where id in ({', '.join('?' * len(ids))})",
            ids,
        )
    }
    return tuple(_run(rows[number]) for number in ids)


def _run(row: Sequence[Any]) -> Run:
    started, ended, requests, bytes_, new, same, failed, why, resume_at, measures = row
    measured = _measured(measures)
    return Run(_moment(started), ended, requests, bytes_, new, same, failed, why, resume_at, measured)


def _measured(text: str | None) -> Measured | None:
    """None for no measures, and for what is none: such a run proves nothing."""
    try:
        found: dict[str, Any] = json.loads(text or "null")
        return Measured(
            found["pages"],
            {name: found[f"without_{name}"] for name in ("body", "byline", "date")},
            *(found[name] for name in ("refused", "layouts", "listings", "errors")),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _published(conn: sqlite3.Connection, portal: str, now: datetime) -> tuple[date, ...]:
    """Days of Vietnam. What claims to be published tomorrow is a mistake of its page."""
    today = (now + timedelta(hours=7)).date()
    rows = conn.execute(
        "select published from articles where portal = ? and published < ? order by published desc limit ?",
        [portal, (today + timedelta(days=1)).isoformat(), ARTICLES],
    )
    days = dict.fromkeys(str(published)[:10] for (published,) in rows)
    return tuple(day for text in days if (day := _day(text)))


def _standing(conn: sqlite3.Connection, portal: str) -> int:
    row = conn.execute(
        "select count(*) from (select 1 from articles where portal = ? limit ?)", [portal, STANDING]
    ).fetchone()
    return int(row[0])


def _vanished(conn: sqlite3.Connection, now: datetime, only: Collection[str]) -> dict[str, tuple[int, int]]:
    among = f"and portal in ({', '.join('?' * len(only))})" if only else ""
    # It has what is asked for and no living article; SQLite would rather go through all of them.
    rows = conn.execute(
        "select portal, sum(state_since >= ?1), sum(state_since < ?1) from articles indexed by articles_vanished"
        f" where state != 'live' and state_since >= ?2 and state_looks > 1 {among} group by portal",
        [iso(now - MONTH), iso(now - MONTH - YEAR), *only],
    )
    return {portal: (int(recently), int(before)) for portal, recently, before in rows}


def _traps(conn: sqlite3.Connection, now: datetime) -> dict[str, tuple[Trap, ...]]:
    found: dict[str, tuple[Trap, ...]] = {}
    for portal, *rest in conn.execute(
        "select portal, shape, why, since, example, urls from traps where since >= ?"
        " order by portal, since desc, shape",
        [iso(now - timedelta(days=7))],
    ):
        found[portal] = (*found.get(portal, ()), Trap(*rest))
    return found


def _read_anew(conn: sqlite3.Connection) -> list[tuple[str | None, datetime]]:
    """(portal or None for all, end) of re-extractions whose rules were not those of the one before."""
    found, before = [], ""
    for portal, ended, fingerprint in conn.execute("select portal, ended, fingerprint from reextractions order by id"):
        if ended and fingerprint != before:
            found.append((portal, _moment(ended)))
        before = fingerprint
    return found


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None  # an import of old databases may hold other words
