"""A feed as a value, and as Atom that every reader can read (RFC 4287). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_VIETNAM = timezone(timedelta(hours=7))
# Source: XML 1.0, production 2. Everything else cannot stand in a document, not even escaped.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """``id`` a permanent address · ``page`` where it is read · ``original`` where it stood, or "" · ``updated`` and
    ``published`` as RFC 3339 wants them, the latter "" when not known · ``ours``: the summary is in the words of the
    house, not of the article."""

    id: str
    page: str
    title: str
    summary: str
    updated: str
    published: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    original: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """``itself`` and ``page``: the addresses of the feed and of the page that shows the same."""

    title: str
    about: str
    itself: str
    page: str
    updated: str
    entries: tuple[Entry, ...]


T = TypeVar("T", Entry, Feed)


def clean(value: T) -> T:
    """Without the characters that no XML document can hold: control characters, halves of surrogate pairs."""
    texts = {field.name: getattr(value, field.name) for field in fields(value)}
    cleaned: dict[str, Any] = {name: _NO_XML.sub("", text) for name, text in texts.items() if isinstance(text, str)}
    return replace(value, **cleaned)


def moment(stored: str | None) -> str:
    """A time of the store as RFC 3339: a day begins at midnight in Vietnam; "" for None and for what is no time."""
    try:
        found = datetime.fromisoformat(stored or "")
    except ValueError:
        return ""
    found = found if found.tzinfo else found.replace(tzinfo=_VIETNAM)
    return found.isoformat(timespec="seconds").replace("+00:00", "Z")


def instant(moment: str) -> datetime:
    """The same to compare: moments of several zones stand in one order. "" is before all."""
    return datetime.fromisoformat(moment).astimezone(UTC) if moment else datetime.min.replace(tzinfo=UTC)


def http_date(moment: str) -> str:
    """The same for ``Last-Modified``."""
    return format_datetime(instant(moment), usegmt=True)


def address(url: str) -> str:
    """An address of a portal without the blanks and letters that an attribute of Atom may not hold."""
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def unchanged(none_match: str, modified_since: str, etag: str, modified: str) -> bool:
    """Does the asker have this already? ``modified`` as ``moment`` writes it. Source: RFC 9110, 13.2.2."""
    if none_match:
        return none_match.strip() == "*" or etag.removeprefix("W/") in re.findall(r'"[^"]*"', none_match)
    try:
        since = parsedate_to_datetime(modified_since)
    except (TypeError, ValueError, IndexError, OverflowError):
        return False
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    return instant(modified) <= since
