"""What a portal published month by month, and which month anybody has looked at it: the coverage ledger. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from math import ceil, sqrt

from archive.provenance import MAKERS, maker
from archive.warc import iso

# The first day of the internet in Vietnam was in November 1997: what claims to be older is a misprint.
FIRST = "1997-11"
LEVELS = 4
_VIETNAM = timezone(timedelta(hours=7))
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Month:
    """One month: ``at`` "2021-03" · ``published`` articles of it that are here · ``captures`` taken in it, by MAKERS ·
    ``level`` and ``levels`` the same from 0 (none) to LEVELS (as many as in the fullest month).

    ``x``, ``width``, ``height`` its bar in the chart of whole years, in per cent; a height is 0 for none only.
    ``silent``: no article, though months before and after it have some · ``unseen``: no capture by anybody.
    """

    at: str
    published: int
    captures: tuple[int, ...]
    level: int
    levels: tuple[int, ...]
    x: float
    width: float
    height: float
    silent: bool
    unseen: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Months in a row: the first, the last, and how many."""

    first: str
    last: str
    months: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """``years``: (2021, its twelve months; None for those before the first month and after this one), oldest first.

    ``captures`` all of them by MAKERS · ``highest`` the month with most articles, None without any · ``undated``
    articles without a day · ``misdated`` those with an impossible one, before FIRST or after this month.
    """

    years: tuple[tuple[int, tuple[Month | None, ...]], ...]
    captures: tuple[int, ...]
    highest: Month | None
    undated: int
    misdated: int
    silent: tuple[Span, ...]
    unseen: tuple[Span, ...]

    @property
    def months(self) -> tuple[Month, ...]:
        return tuple(month for _, months in self.years for month in months if month)


def ledger(published: Mapping[str | None, int], captures: Iterable[tuple[str, str, int]], now: str) -> Ledger:
    """``published``: articles by month ("2021-03"; None for those without a day) · ``captures``: (month, source as in
    the table, how many) · ``now`` this month. It begins with the first month in which anything was published or
    captured; without any, it has no years."""
    dated = {at: count for at, count in published.items() if at and _MONTH.fullmatch(at) and FIRST <= at <= now}
    taken: dict[str, Counter[str]] = {}
    for at, source, count in captures:
        taken.setdefault(at, Counter())[maker(source)] += count
    first = min([*dated, *(at for at in taken if at >= FIRST)], default=None)
    shown = months(first, now) if first else []
    silent = _silent(shown, dated)
    most = max(dated.values(), default=0)
    fullest = {name: max((by[name] for by in taken.values()), default=0) for name in MAKERS}
    found: dict[int, list[Month | None]] = {int(at[:4]): [None] * 12 for at in shown}
    width = 100 / (12 * len(found)) if found else 0.0
    for at in shown:
        by, count = taken.get(at, Counter[str]()), dated.get(at, 0)
        year, number = int(at[:4]), int(at[5:]) - 1
        found[year][number] = Month(
            at=at,
            published=count,
            captures=tuple(by[name] for name in MAKERS),
            level=level(count, most),
            levels=tuple(level(by[name], fullest[name]) for name in MAKERS),
            x=round(width * (12 * (year - int(shown[0][:4])) + number + 0.1), 3),
            width=round(width * 0.8, 3),
            height=max(1.5, round(100 * count / most, 1)) if count else 0.0,
            silent=at in silent,
            unseen=not by.total(),
        )
    all_months = [month for months in found.values() for month in months if month]
    return Ledger(
        years=tuple((year, tuple(months)) for year, months in found.items()),
        captures=tuple(sum(by[name] for by in taken.values()) for name in MAKERS),
        highest=max(all_months, key=lambda month: month.published) if dated else None,
        undated=published.get(None, 0),
        misdated=sum(published.values()) - published.get(None, 0) - sum(dated.values()),
        silent=spans(month.at for month in all_months if month.silent),
        unseen=spans(month.at for month in all_months if month.unseen),
    )


def level(count: int, most: int) -> int:
    """0 for none, else 1 to LEVELS; by the square root, so that one busy month does not make all others pale."""
    return min(LEVELS, max(1, ceil(LEVELS * sqrt(count / most)))) if count > 0 < most else 0


def spans(months: Iterable[str]) -> tuple[Span, ...]:
    """Months in order, those that follow each other taken together."""
    found: list[Span] = []
    for at in months:
        last = found[-1] if found else None
        if last and _index(at) == _index(last.last) + 1:
            found[-1] = Span(last.first, at, last.months + 1)
        else:
            found.append(Span(at, at, 1))
    return tuple(found)


def moments(month: str) -> tuple[str, str, str]:
    """The month, its first moment in Vietnam, and the next one's, as captures are dated: "2021-02-28T17:00:00Z"."""
    year, number = int(month[:4]), int(month[5:])
    begins = datetime(year, number, 1, tzinfo=_VIETNAM)
    following = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=_VIETNAM)
    return month, iso(begins), iso(following)


def _silent(shown: list[str], dated: Mapping[str, int]) -> set[str]:
    """Months without an article between the first and the last that have one."""
    return {at for at in shown if at not in dated and min(dated) < at < max(dated)} if dated else set()


def months(first: str, last: str) -> list[str]:
    """From the one to the other, both with: "2021-03"."""
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(_index(first), _index(last) + 1)]


def _index(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1
