"""Judged from a portal's articles: do new ones come, have many vanished. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import sqrt

from .history import MONTH, YEAR, History
from .odds import exceeded_by, gaps
from .reasons import Reason

PAUSES = 10  # between days with an article, from which on the rhythm is known
_LEAST = 14  # days; less is a holiday
_RARE = 0.02
_REACH = timedelta(days=5 * 365)  # what is older than the newest article by more is another time's rhythm
# Tết, by the moon between 21 January and 20 February, closes offices for a week and slows them for two.
_TET, _TET_DAYS = ((1, 19), (3, 1)), 10
_VIETNAM = timedelta(hours=7)
_MANY = 10  # articles that vanish in a month are no tidying up


def newest(h: History) -> date | None:
    """The day of the newest article: when it was published, or found by a run after the first."""
    found = [(run.started + _VIETNAM).date() for run in h.runs if run.new and run.started != h.first_run]
    return max([*h.published[:1], *found], default=None)


def judge_news(h: History, now: datetime) -> Iterator[Reason]:
    last, today = newest(h), (now + _VIETNAM).date()
    days = [day for day in h.published if h.published[0] - day < _REACH]
    if len(days) <= PAUSES:  # it prints no dates: what the runs found
        days = sorted({(run.started + _VIETNAM).date() for run in h.runs if run.new}, reverse=True)
    if last is None or len(days) <= PAUSES:
        yield Reason("news.few", "unknown", {"have": len(days), "need": PAUSES + 1})
        return
    usual = exceeded_by(_RARE, gaps([day.toordinal() for day in days]))
    allowed = max(_LEAST, 2 * usual) + _holidays(last, today)
    silent = (today - last).days
    if silent <= allowed:
        return
    began = (h.first_run + _VIETNAM).date() if h.first_run else today
    if (began - last).days > allowed or silent > YEAR.days:
        yield Reason("news.frozen", "unknown", {"last": last.isoformat()})
    else:
        yield Reason("news.silent", "ill", {"days": silent, "last": last.isoformat(), "usual": int(usual)})


def _holidays(last: date, today: date) -> int:
    """How many days of a silence Tết may explain."""
    most = 0
    for year in {last.year, today.year}:
        (first, end) = (date(year, *day) for day in _TET)
        most = max(most, min(_TET_DAYS, (min(today, end) - max(last, first)).days))
    return most


def judge_vanished(h: History, now: datetime) -> Iterator[Reason]:
    """A month is held against the year before it, as far as somebody looked."""
    watched = now - MONTH - (h.first_run or now)
    months = min(watched, YEAR) / MONTH
    usual = h.vanished_before / max(1.0, months)
    if h.vanished >= max(_MANY, h.standing / 100, usual + 4 * sqrt(usual)):
        yield Reason("vanished.many", "ill", {"n": h.vanished, "before": round(usual, 1)})
