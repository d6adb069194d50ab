"""Judged from a portal's runs: do they come, how do they end, does the home page answer. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from archive.warc import iso

from .history import History, Run
from .odds import exceeded_by, gaps
from .reasons import Reason, Value

GAPS = 5  # between runs, from which on their rhythm is known
_NEVER_LATE = timedelta(hours=48)
_FORGOTTEN = timedelta(days=45)
_HEARTBEAT = timedelta(minutes=10)
_STILL_RUNNING = timedelta(days=1)  # where nobody can tell who holds the locks
_LOOKS = 2  # one look is no proof: servers stumble
_LAST = 5  # runs of which it is told how they ended

# How ``crawls.why`` begins (crawler/spiders.py, agenda.py, pipelines.py).
_WELL = ("finished", "limit of ", "closed since ", "asked to wait until ", "waits until ")
_KILLED = "killed"  # told by the run that came after it (crawler/recovery.py)
_BY_HAND = "stopped by a signal"
_DISK = "stopped: the archive cannot be written"
_EARLY = ("home page not reached", "blocked", "robots.txt", "stopped")
_SILENCE = "requests in a row got no answer"


class Holder(Protocol):
    """Who holds a lock: crawler/locks.py, Owner. ``run`` a portal's id, "import" …; times "2026-11-25T02:00:00Z"."""

    @property
    def run(self) -> str: ...
    @property
    def seen(self) -> str: ...


def judge_runs(h: History, now: datetime, holders: Iterable[Holder] | None) -> Iterator[Reason]:
    """``holders``: who holds a lock now; None when that cannot be told."""
    if h.ahead:
        yield Reason("runs.clock", "ill", {"last": iso(h.ahead)})
    holder = next((one for one in holders or () if one.run == h.portal), None)
    if h.runs:
        yield from _rhythm(h, now, holder)
        running = holder is not None or (holders is None and now - h.runs[0].started < _STILL_RUNNING)
        yield from _endings([run for i, run in enumerate(h.runs) if run.ended or i or not running])


def judge_lock(holder: Holder, now: datetime) -> Iterator[Reason]:
    silent = now - datetime.fromisoformat(holder.seen)
    if silent > _HEARTBEAT:
        yield Reason("lock.old", "ill", {"owner": str(holder), "minutes": int(silent.total_seconds() // 60)})


def judge_home(h: History) -> Iterator[Reason]:
    """What the looks at its home page say."""
    if h.state == "live":
        return
    kind, _, why = h.state.partition(": ")
    if kind not in ("dark", "blocked", "moved", "gone"):
        yield Reason("portal.few", "unknown")
    elif h.state_looks < _LOOKS:
        yield Reason("portal.once", "unknown", {"why": h.state})
    else:
        values: dict[str, Value] = {"since": _day(h.state_since), "looks": h.state_looks, "why": why or kind}
        yield Reason(f"portal.{kind}", "ill", values)


def _day(moment: str | None) -> str:
    """In Vietnam, where at night it is tomorrow already; "" when nobody has looked."""
    return (datetime.fromisoformat(moment) + timedelta(hours=7)).date().isoformat() if moment else ""


def _rhythm(h: History, now: datetime, holder: Holder | None) -> Iterator[Reason]:
    silent = now - h.runs[0].started
    between = gaps([run.started.timestamp() for run in h.runs])
    if len(between) < GAPS:
        if silent > _FORGOTTEN:
            yield Reason("runs.old", "ill", {"days": silent.days})
        else:
            yield Reason("runs.few", "unknown", {"have": len(h.runs), "need": GAPS + 1})
        return
    usual = timedelta(seconds=exceeded_by(0.05, between))
    if silent <= max(_NEVER_LATE, 2 * usual + timedelta(hours=6)):
        return
    if holder:
        yield Reason("runs.long", "ill", {"days": silent.days, "owner": str(holder)})
    else:
        yield Reason("runs.late", "ill", {"days": silent.days, "usual": round(usual.total_seconds() / 3600)})


def _endings(runs: list[Run]) -> Iterator[Reason]:
    """``runs`` that are over, newest first."""
    last = runs[:_LAST]
    if not last:
        return
    killed = [run for run in last if _is_killed(run)]
    if len(killed) > 2 or (len(killed) > 1 and killed[0] is last[0]):
        yield Reason("ended.killed", "ill", {"bad": len(killed), "of": len(last), "last": iso(killed[0].started)})
    elif killed and killed[0] is last[0]:
        yield Reason("ended.once", "unknown", {"why": "it was killed in the middle"})
    early = _leading(runs, lambda run: not _is_killed(run) and _is_early(run.why))
    why = last[0].why
    if why.startswith(_DISK):
        yield Reason("ended.disk", "ill", {"why": why})
    elif early == 1 and not why.startswith(_BY_HAND):
        yield Reason("ended.once", "unknown", {"why": why})
    elif early > 1 and not (early < _LAST and why.startswith(_BY_HAND)):
        yield Reason("ended.wrong", "ill", {"n": early, "why": why})
    elif not _is_killed(last[0]) and not early and not why.startswith(_WELL):
        yield Reason("ended.strange", "unknown", {"why": why or "no reason given"})
    waits = _leading(runs, lambda run: run.resume_at is not None)
    if waits >= _LAST:
        yield Reason("ended.wait", "ill", {"n": waits})


def _is_killed(run: Run) -> bool:
    return run.ended is None or run.why.startswith(_KILLED)


def _is_early(why: str) -> bool:
    return why.startswith(_EARLY) or _SILENCE in why


def _leading(runs: list[Run], holds: Callable[[Run], bool]) -> int:
    """How many of the newest runs in a row it holds for."""
    return next((n for n, run in enumerate(runs) if not holds(run)), len(runs))
