"""Is every portal still yielding? Each is judged against its own history; one answer for cron and for the site.

Unknown is never well: a portal is well only when every measure could be judged, and was well. What has been so for a
year and more is taken for a portal's way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from archive.warc import iso

from .history import History, Run, read_all
from .news import judge_news, judge_vanished, newest
from .pages import judge_pages
from .reasons import Judgement, Reason, State, Value, state_of
from .runs import Holder, judge_home, judge_lock, judge_runs

__all__ = ["OLDER", "Holder", "Judgement", "Reason", "State", "judge"]

OLDER = "the tables are those of an older version: “tangthu serve” or the next crawl brings them up to date"
_ORDER: dict[State, int] = {"ill": 0, "unknown": 1, "well": 2, "closed": 3}
_LEAST_ROOM = 1_000_000_000  # bytes
_LEAST_DAYS = 60  # that the disk must be enough for
_IMPORTED = "khac/"  # portals that importing made: "other" hosts


def judge(
    conn: sqlite3.Connection,
    now: datetime,
    described: Mapping[str, str | None] | None = None,
    holders: Iterable[Holder] | None = None,
    free: int | None = None,
    only: Collection[str] = (),
) -> tuple[Judgement, ...]:
    """Every portal, the ill ones first. The connection is only read; ``now`` is aware.

    ``described``: the portals that have a file, and from which day on they are closed ("2025-07-01") or None; without
    it, nothing is said of files · ``holders``: who holds a lock now, see Holder; None when that is not known · ``free``
    bytes on the disk, None when not known · ``only`` these portals, all when empty. With ``free`` or ``holders``, the
    archive as a whole is judged too, as the portal "".

    Raises sqlite3.Error, and ValueError (OLDER) when the archive has the tables of an older version.
    """
    if not any(row[1] == "measures" for row in conn.execute("pragma table_info(crawls)")):
        raise ValueError(OLDER)
    holders = None if holders is None else list(holders)
    judged, growth = [], 0.0
    for h in read_all(conn, now, only):
        judged.append(_portal(h, now, described, holders))
        growth += _growth(h)
    known = {one.portal for one in judged}
    for portal in described or ():
        if portal not in known and (not only or portal in only):
            judged.append(_portal(History(portal), now, described, holders))
    if not only and (free is not None or holders is not None):
        others = [holder for holder in holders or () if holder.run not in known]
        judged.append(_archive(now, others, growth, free))
    return tuple(sorted(judged, key=lambda one: (_ORDER[one.state], one.portal)))


def _portal(
    h: History, now: datetime, described: Mapping[str, str | None] | None, holders: list[Holder] | None
) -> Judgement:
    day = newest(h)
    facts = (iso(h.runs[0].started) if h.runs else None, day.isoformat() if day else None)
    closed = described[h.portal] if described and h.portal in described else h.closed
    if closed and closed <= now.date().isoformat():
        return Judgement(h.portal, "closed", (), *facts)
    named = {"portal": h.portal}
    reasons = tuple(replace(one, values={**named, **one.values}) for one in _reasons(h, now, described, holders))
    return Judgement(h.portal, state_of(reasons), reasons, *facts)


def _reasons(
    h: History, now: datetime, described: Mapping[str, str | None] | None, holders: list[Holder] | None
) -> Iterator[Reason]:
    has_file = described is None or h.portal in described
    for holder in holders or ():
        if holder.run == h.portal:
            yield from judge_lock(holder, now)
    if not h.runs and not h.ahead:
        is_imported = h.portal.startswith(_IMPORTED) or not has_file
        yield Reason("runs.imported" if is_imported else "runs.never", "unknown")
        return
    if not has_file:
        yield Reason("runs.file", "ill")
    home = list(judge_home(h))
    runs = list(judge_runs(h, now, holders))
    if any(reason.level == "ill" for reason in home):
        # Everything else follows from it: runs end early, news stay away, requests fail.
        yield from home
        yield from (reason for reason in runs if not reason.code.startswith("ended."))
        return
    yield from runs
    yield from home
    yield from judge_news(h, now)
    yield from judge_pages(h, now)
    yield from judge_vanished(h, now)
    if h.traps:
        trap = h.traps[0]
        values: dict[str, Value] = {
            "n": len(h.traps),
            "since": h.traps[-1].since[:10],
            "example": trap.example,
            "why": trap.why,
        }
        yield Reason("traps.new", "note", values)


def _archive(now: datetime, holders: list[Holder], growth: float, free: int | None) -> Judgement:
    reasons = [reason for holder in holders for reason in judge_lock(holder, now)]
    if free is not None:
        reasons += _room(growth, free)
    return Judgement("", state_of(tuple(reasons)), tuple(reasons))


def _room(growth: float, free: int) -> Iterator[Reason]:
    gigabytes = round(free / 1e9, 1)
    if not growth and free >= _LEAST_ROOM:
        yield Reason("disk.few", "unknown", {"gigabytes": gigabytes})
    elif free < max(_LEAST_ROOM, _LEAST_DAYS * growth):
        days = int(free / growth) if growth else 0
        yield Reason("disk.low", "ill", {"gigabytes": gigabytes, "megabytes": round(growth / 1e6, 1), "days": days})


def _growth(h: History) -> float:
    """Bytes a day, without the first run, which brings the whole portal."""
    later: list[Run] = [run for run in h.runs if run.started != h.first_run]
    if not later or h.first_run is None:
        return 0.0
    earlier = h.first_run if len(later) < len(h.runs) else later[-1].started
    days = max((later[0].started - earlier) / timedelta(days=1), 1.0)
    return sum(run.bytes for run in later) / days
