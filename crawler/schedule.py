"""When an address is asked for again. Pure; times are "2026-11-25T02:00:00Z"."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

from archive.warc import iso

# Ages at which an article is looked at again, counted from when its text was new; then every 180 days.
AGES = (1, 7, 30, 180)
SWEEP_EVERY = timedelta(days=29, hours=18)  # all listings to their ends
OTHER_PAGES = timedelta(days=180)  # what was no article
# A run starts at the same hour each day, and reaches an address now earlier, now later: it is due a little before.
_SLACK = timedelta(hours=6)
_SPREAD = 0.1  # of an age: what was first crawled on one day need not be looked at on one day for ever
_AGAIN = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3), timedelta(days=7))
_RARELY = timedelta(days=30)


def next_look(since: str, now: datetime, key: str) -> str:
    """When an article whose text is what it is ``since`` then is looked at next; ``key`` spreads the later looks."""
    start = moment(since)
    for days in AGES:
        due = start + _age(days, key)
        if due > now:
            return iso(due)
    return iso(now + _age(AGES[-1], key))


def next_try(tries: int, now: datetime) -> str:
    """When an address that was not answered ``tries`` times before is tried again."""
    return iso(now + (_AGAIN[tries] if tries < len(_AGAIN) else _RARELY))


def moment(text: str) -> datetime:
    """The other way of ``archive.warc.iso``."""
    return datetime.fromisoformat(text)


def _age(days: int, key: str) -> timedelta:
    share = zlib.crc32(key.encode("utf-8", "replace")) / 2**32 * _SPREAD if days > 1 else 0.0
    return timedelta(days=days * (1 - share)) - _SLACK
