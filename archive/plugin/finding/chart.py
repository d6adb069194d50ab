"""How many articles a month: the bars of a chart that filters. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

# More bars than these, and a bar is a year: on a wide screen each is still a target for a finger.
MOST_MONTHS = 36
MOST_YEARS = 60
# A portal may print a month that there is none of.
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Bar:
    """``at``: "2021-03" or "2021" · ``height`` in per cent of the highest bar, 0 for none, never so little that it
    cannot be seen · ``chosen``: within the days that were asked for."""

    at: str
    count: int
    height: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """``years`` () when the months of all are shown; ``months`` of all, or of the year that was asked for, or ()."""

    years: tuple[Bar, ...]
    months: tuple[Bar, ...]


def chart(months: tuple[tuple[str, int], ...], since: str = "", until: str = "") -> Chart:
    """``months``: ("2021-03", 12) in order, without those that have none. ``since``, ``until``: days or ""."""
    months = tuple(month for month in months if _MONTH.fullmatch(month[0]))
    if not months:
        return Chart((), ())
    first, last = months[0][0], months[-1][0]
    if _index(last) - _index(first) < MOST_MONTHS:
        return Chart((), _bars(_months(first, last), dict(months), since, until))
    year = since[:4] if since and since[:4] == until[:4] else ""
    of_year = tuple(month for month in months if year and month[0].startswith(year))
    shown = _months(f"{year}-01", f"{year}-12") if of_year else []
    return Chart(yearly(months, since, until), _bars(shown, dict(of_year), since, until))


def yearly(months: tuple[tuple[str, int], ...], since: str = "", until: str = "") -> tuple[Bar, ...]:
    """The same, a bar a year, years without articles between others included."""
    years: Counter[str] = Counter()
    for at, count in months:
        if _MONTH.fullmatch(at):
            years[at[:4]] += count
    if not years:
        return ()
    shown = [f"{year:04}" for year in range(int(min(years)), int(max(years)) + 1)]
    if len(shown) > MOST_YEARS:  # a misprinted year, 0202 or 2202: no bars for the centuries between
        shown = sorted(years)[-MOST_YEARS:]
    return _bars(shown, years, since, until)


def _bars(shown: list[str], counts: dict[str, int], since: str, until: str) -> tuple[Bar, ...]:
    most = max((counts.get(at, 0) for at in shown), default=0)
    return tuple(
        Bar(at, count, max(2, round(100 * count / most)) if count else 0, _within(at, since, until))
        for at in shown
        for count in (counts.get(at, 0),)
    )


def _within(at: str, since: str, until: str) -> bool:
    return bool(since or until) and (not since or at >= since[: len(at)]) and (not until or at <= until[: len(at)])


def _index(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _months(first: str, last: str) -> list[str]:
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(_index(first), _index(last) + 1)]
