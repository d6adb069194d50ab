"""Printed and machine-readable dates → "YYYY-MM-DD" or "YYYY-MM-DDTHH:MM:SS+07:00". Nothing is invented."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta, timezone

from archive.text import normalise

from .words import form, groups, longest_first, patterns, words

VIETNAM = timezone(timedelta(hours=7))
_YEAR = re.compile(r"\d{4}")
_YEARS = range(1990, 2100)

_ISO = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[T\s]+(?P<time>\d{1,2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?(?!\d)",
    re.IGNORECASE,
)
# NukeViet 4 prints the zone between day and hour: 2025-02-21+0713:59:58.
_ZONE_FIRST = re.compile(r"(\d{4}-\d{2}-\d{2})T?([+-]\d{2}):?(\d{2}):(\d{2}):(\d{2})")
_ZONE_FIRST_LONG = re.compile(r"(\d{4}-\d{2}-\d{2})T?([+-]\d{2}:?\d{2})(\d{2}:\d{2}:\d{2})")

_DATE = re.compile(
    r"(?<![\d/.,-])(?P<d>\d{1,2})\s?(?P<sep>[/.-])\s?(?P<m>\d{1,2})\s?(?P=sep)\s?(?P<y>\d{4})(?![\d/])"
    r"|(?<!\d)(?P<d2>\d{1,2})\s*,?\s*tháng\s*(?P<m2>\d{1,2})\s*(?:năm|,|/)?\s*(?P<y2>\d{4})(?!\d)"
    r"|tháng\s*(?P<m6>\d{1,2})\s+(?P<d6>\d{1,2}),?\s+(?P<y6>\d{4})(?!\d)"
    r"|(?<!\d)(?P<y3>\d{4})[-/](?P<m3>\d{2})[-/](?P<d3>\d{2})(?!\d)"
    r"|(?P<mon>[a-z]{3})[a-z]*\.?\s+(?P<d4>\d{1,2}),?\s+(?P<y4>\d{4})(?!\d)"
    r"|(?<!\d)(?P<d5>\d{1,2})\s+(?P<mon5>[a-z]{3})[a-z]*\.?,?\s+(?P<y5>\d{4})(?!\d)",
    re.IGNORECASE,
)
_CLOCK = (
    r"(?P<h>\d{1,2})\s?(?:[:hg]|giờ)\s?(?P<min>\d{2})(?::(?P<s>\d{2}))?(?:\s?(?:phút|p(?!m)))?"
    r"(?:\s?(?P<half>am|pm|sa|ch|sáng|chiều|tối)\b)?"
)
_AFTER = re.compile(r"[\s,;|()@–—-]*(?:(?:vào\s+)?lúc|at|giờ)?:?\s*" + _CLOCK + r"(?![\d/])", re.IGNORECASE)
_BEFORE = re.compile(
    r"(?<![\d:/])" + _CLOCK + r"[\s,;|()–—-]*(?:ngày\s*)?(?:[^\W\d]+\s?[^\W\d]*\s?\d?\s*,\s*)?(?:ngày\s*)?$",
    re.IGNORECASE,
)
_WEEKDAYS = {name: number for number, names in enumerate(groups("dates", "weekdays")) for name in names}
_WEEKDAY = re.compile(
    r"(?<!\w)(" + "|".join(sorted(map(re.escape, _WEEKDAYS), key=len, reverse=True)) + r")[\s,.()–—-]*(?:ngày\s*)?$",
    re.IGNORECASE,
)
_AROUND = re.compile(r"(?<!\w)(?:t\d|" + "|".join(map(re.escape, longest_first("dates", "around"))) + r")(?!\w)")
_MONTH_NUMBER = {name: number for number, name in enumerate(patterns("dates", "months"), 1)}


_MONTH_WORDS = {name: number for number, names in enumerate(groups("dates", "month_words"), 1) for name in names}
_MONTH = re.compile(
    r"(?<!\w)(?:tháng\s+|thg\.?\s*|th(?=\d))("
    + "|".join(sorted(_MONTH_WORDS, key=len, reverse=True))
    + r"|\d{1,2})(?!\w)",
    re.IGNORECASE,
)


def _month(found: re.Match[str]) -> str:
    """ "Tháng Mười Một", "thg 11" → "tháng 11"."""
    return f"tháng {_MONTH_WORDS.get(form(found[1]), found[1])}"


def machine(value: str) -> str | None:
    """A machine-readable date: ISO 8601 to the second as it stands, in Vietnam's time; repaired when it is
    malformed in a known way; None when it cannot be read or does not exist.

    A value that holds only a day, or midnight to the second, gives only a day. One without a zone is Vietnam's time.
    """
    text = normalise(html.unescape(html.unescape(value)))[:80]
    if odd := _ZONE_FIRST_LONG.search(text):
        text = f"{odd[1]}T{odd[3]}{odd[2]}"
    elif odd := _ZONE_FIRST.search(text):
        text = f"{odd[1]}T{odd[3]}:{odd[4]}:{odd[5]}{odd[2]}:00"
    found = _ISO.search(text)
    if not found:
        return printed(text)
    if not found["time"]:
        return _day(*map(int, found["date"].split("-")))
    zone = (found["zone"] or "+07:00").upper().replace(":", "")
    offset = UTC if zone == "Z" else _zone(zone)
    clock = [int(part) for part in found["time"].split(":")] + [0]
    try:
        year, month, day = map(int, found["date"].split("-"))
        if not any(clock):  # midnight to the second is an hour that nobody entered
            return _day(year, month, day)
        moment = datetime(year, month, day, clock[0], clock[1], clock[2], tzinfo=offset).astimezone(VIETNAM)
    except (ValueError, OverflowError):
        return None
    if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        return _day(moment.year, moment.month, moment.day)
    return moment.isoformat() if moment.year in _YEARS else None


def printed(text: str) -> str | None:
    """The date of publication in a line such as "Thứ bảy, 07/03/2026 - 08:52"; None when there is none.

    To the minute with +07:00, or only the day when no hour is printed or midnight stands for an unknown one.
    Of several dates the one after "Ngày đăng" is taken, else the first that exists.
    """
    text = normalise(text)[:2000]
    if not _YEAR.search(text):
        return None  # most lines that are asked hold none, and every form of a date does
    text = _MONTH.sub(_month, text)
    best: str | None = None
    for found in _DATE.finditer(text):
        before = text[max(0, found.start() - 60) : found.start()]
        day = _which_day(found, before)
        if day is None or any(label in form(before[-40:]) for label in words("dates", "modified")):
            continue
        moment = _with_clock(day, before, text[found.end() : found.end() + 40])
        if any(label in form(before) for label in words("dates", "published")):
            return moment
        best = best or moment
    return best


def is_dateline(line: str, others: int = 14) -> bool:
    """Whether a line says when, by whom and how often read, and nothing else: at most so many ``others`` letters, which
    may be an account."""
    if len(line) > 120 or not printed(line):
        return False
    return sum(c.isalpha() for c in _AROUND.sub(" ", form(line))) <= others


def has_clock(value: str | None) -> bool:
    """Whether a date holds an hour."""
    return value is not None and "T" in value


def _zone(text: str) -> timezone:
    sign = -1 if text[0] == "-" else 1
    minutes = int(text[1:3]) * 60 + int(text[3:5] or 0)
    return timezone(sign * timedelta(minutes=min(minutes, 14 * 60)))


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat() if year in _YEARS else None
    except ValueError:
        return None


def _which_day(found: re.Match[str], before: str) -> str | None:
    """Day first, as Vietnamese write; month first only where the printed weekday proves it (Drupal's default)."""
    if found["y"]:
        year, first, second = int(found["y"]), int(found["d"]), int(found["m"])
        usual = _day(year, second, first)
        weekday = _WEEKDAY.search(before)
        swapped = _day(year, first, second) if weekday else None
        wanted = _WEEKDAYS.get(weekday[1].lower()) if weekday else None
        return swapped if _weekday(swapped) == wanted != _weekday(usual) and swapped else usual
    for n in ("2", "3", "6"):
        if found["y" + n]:
            return _day(int(found["y" + n]), int(found["m" + n]), int(found["d" + n]))
    n, name = ("4", found["mon"]) if found["y4"] else ("5", found["mon5"])
    month = _MONTH_NUMBER.get(name.lower())
    return _day(int(found["y" + n]), month, int(found["d" + n])) if month else None


def _weekday(day: str | None) -> int | None:
    return date.fromisoformat(day).weekday() if day else None


def _with_clock(day: str, before: str, after: str) -> str:
    found = _AFTER.match(after) or _BEFORE.search(before)
    if not found:
        return day
    hour, minute, second = int(found["h"]), int(found["min"]), int(found["s"] or 0)
    half = (found["half"] or "").lower()
    if half in ("pm", "ch", "chiều", "tối") and hour < 12:
        hour += 12
    elif half in ("am", "sa") and hour == 12:
        hour = 0
    if hour > 23 or minute > 59 or second > 59 or (hour, minute, second) == (0, 0, 0):
        return day
    return f"{day}T{hour:02}:{minute:02}:{second:02}+07:00"
