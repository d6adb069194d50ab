"""What a reader types for a day, month or year, and a span of days in the shortest form that says it. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

_YEAR_FIRST = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?")
_DAY_FIRST = re.compile(r"(?:([0-9]{1,2})[-/.])?([0-9]{1,2})[-/.]([0-9]{4})")


def span(typed: str) -> tuple[str, str] | None:
    """The first and last day of what was typed: "2021", "2021-03", "2021-03-05", "5/3/2021", "3/2021".

    Days as "2021-03-05". None for what is no day, "30/2/2021" among them.
    """
    typed = "".join(typed.split())
    if found := _YEAR_FIRST.fullmatch(typed):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(typed):
        day, month, year = found.groups()
    else:
        return None
    try:
        first = date(int(year), int(month or 1), int(day or 1))
        last = first if day else first.replace(month=int(month or 12), day=_days(int(year), int(month or 12)))
    except ValueError:
        return None
    return first.isoformat(), last.isoformat()


def short(since: str, until: str) -> tuple[str, str]:
    """The same span as an address and the fields of a form say it: whole months and years without their days.

    ("2021-01-01", "2021-12-31") is ("2021", "2021"), ("2021-03-05", "2021-12-31") is ("2021-03-05", "2021-12").
    "" stays "".
    """
    if since == until:
        return since, until
    first = since[:7] if since.endswith("-01") else since
    last = until[:7] if until and int(until[8:]) == _days(int(until[:4]), int(until[5:7])) else until
    starts_year, ends_year = re.fullmatch(r"\d{4}-01", first), re.fullmatch(r"\d{4}-12", last)
    return (
        first[:4] if starts_year and (ends_year or not until) else first,
        last[:4] if ends_year and (starts_year or not since) else last,
    )


def _days(year: int, month: int) -> int:
    return monthrange(year, month)[1]
