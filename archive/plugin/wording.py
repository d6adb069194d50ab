"""The interface's words in Vietnamese and English, and dates and numbers as their readers write them."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("vi", "en")
_VIETNAM = timezone(timedelta(hours=7))
_PUBLISHED = re.compile(r"(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d.*)?")


def _read(language: str) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for room in (files("archive.plugin") / "locale" / language).iterdir():
        words |= tomllib.loads(room.read_text("utf-8"))
    return words


WORDS = {language: _read(language) for language in LANGUAGES}


@lru_cache(4096)
def published(value: str | None, language: str) -> str:
    """ "06/01/2021 08:30"; the day alone when the page printed no more; "không rõ ngày" for None."""
    if not value:
        return str(WORDS[language]["date"]["unknown"])
    moment = _moment(value)
    if moment is None or not _PUBLISHED.fullmatch(value):
        return value
    return _day(moment, language) + (f"{_between(language)}{moment:%H:%M}" if "T" in value else "")


def captured(value: str | None, language: str) -> str:
    """A moment of the archive's own, in Vietnam: "23/11/2026 16:04:10 (+07:00)"; "" for None."""
    moment = _moment(value or "")
    if moment is None:
        return value or ""
    return f"{_day(moment, language)}{_between(language)}{moment:%H:%M:%S} (+07:00)"


@lru_cache(4096)
def captured_day(value: str | None, language: str) -> str:
    """The same, its day alone."""
    moment = _moment(value or "")
    return _day(moment, language) if moment else value or ""


def sortable(value: str | None) -> str:
    """A moment in Vietnam's time, as every spreadsheet reads and sorts it: "2021-01-06 08:30"; the day alone when no
    more is known; "" for None."""
    moment = _moment(value or "")
    if moment is None or "T" not in (value or ""):
        return value or ""
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="auto").removesuffix(":00")


def number(value: int, language: str) -> str:
    """12.345 in Vietnamese, 12,345 in English."""
    return f"{value:,}".replace(",", "." if language == "vi" else ",")


def role(printed: str, language: str) -> str:
    """What an abbreviated role stands for: "T/h" is "thực hiện"; "" when it explains itself."""
    roles: dict[str, str] = WORDS[language]["roles"]
    return roles.get(printed.strip(" :.").lower(), "")


def _moment(value: str) -> datetime | None:
    """In Vietnam's time; a value without a zone is in it already."""
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(_VIETNAM) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None


def _between(language: str) -> str:
    return " " if language == "vi" else ", "


def _day(moment: datetime, language: str) -> str:
    if language == "vi":
        return f"{moment:%d/%m/}{moment.year:04}"
    return f"{moment.day} {WORDS['en']['date']['months'][moment.month - 1]} {moment.year}"
