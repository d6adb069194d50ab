"""Memento: datetimes, Link headers and TimeMaps. Source: RFC 7089, with RFC 8288 (links) and RFC 6690 (link-format)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from archive.replay.addresses import spelled, stamp

LINK_FORMAT = "application/link-format"

_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HTTP_DATE = re.compile(
    rf"(?:{_DAYS}), (\d\d) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d):(\d\d):(\d\d) GMT", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One memento: the address as it was asked for then, and when (as the database writes it)."""

    url: str
    fetched_at: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The mementos around one: ``previous`` and ``following`` are None at the ends."""

    first: Moment
    last: Moment
    previous: Moment | None
    following: Moment | None


@dataclass(frozen=True, slots=True)
class Places:
    """Where the archive answers for an address: ``base`` ends with a slash, "https://tangthu.example/"."""

    base: str
    url: str

    @property
    def timegate(self) -> str:
        return f"{self.base}web/{spelled(self.url)}"

    def timemap(self, since: str = "") -> str:
        """``since``: what the map leaves out lies before this moment."""
        return f"{self.base}web/timemap/link/{stamp(since) + '/' if since else ''}{spelled(self.url)}"

    def memento(self, moment: Moment, modifier: str = "") -> str:
        return f"{self.base}web/{stamp(moment.fetched_at)}{modifier}/{spelled(moment.url)}"


def read_datetime(value: str) -> datetime | None:
    """What Accept-Datetime asks for; None when it is not a date as RFC 7089 §2.1.1.1 has it."""
    found = _HTTP_DATE.fullmatch(value.strip())
    if found is None:
        return None
    day, month, year, *clock = found.groups()
    try:
        number = [name.lower() for name in _MONTHS].index(month.lower()) + 1
        return datetime(int(year), number, int(day), *map(int, clock), tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        return None


def http_date(fetched_at: str) -> str:
    """``Mon, 23 Nov 2026 09:04:10 GMT``."""
    return format_datetime(datetime.fromisoformat(fetched_at).astimezone(UTC), usegmt=True)


def links(places: Places, here: Moment | None, around: Neighbours | None) -> str:
    """The Link header of a memento (``here``), or of a TimeGate's answer that leads to it. Without both: that of an
    answer about an address of which nothing is kept."""
    found = [_link(spelled(places.url), "original"), _link(places.timegate, "timegate")]
    if here is None or around is None:
        return ", ".join(found)
    found.append(_link(places.timemap(), "timemap", type=LINK_FORMAT))
    # One link for each memento, with all that it is: "first prev memento".
    relations: dict[str, tuple[Moment, list[str]]] = {}
    for relation, moment in (
        ("first", around.first),
        ("prev", around.previous),
        ("", here),
        ("next", around.following),
        ("last", around.last),
    ):
        if moment is not None:
            relations.setdefault(places.memento(moment), (moment, []))[1].append(relation)
    for address, (moment, names) in relations.items():
        relation = " ".join([*filter(None, names), "memento"])
        found.append(_link(address, relation, datetime=http_date(moment.fetched_at)))
    return ", ".join(found)


def timemap(places: Places, moments: Sequence[Moment], since: str = "", rest: str = "") -> str:
    """A TimeMap with all ``moments``, oldest first and at least one. ``since``: those before are in another one;
    ``rest``: the first moment of the next map, "" when this is the last."""
    span = {"from": http_date(moments[0].fetched_at), "until": http_date(moments[-1].fetched_at)}
    lines = [
        _link(spelled(places.url), "original"),
        _link(places.timegate, "timegate"),
        _link(places.timemap(since), "self", type=LINK_FORMAT, **span),
        *([_link(places.timemap(), "timemap", type=LINK_FORMAT)] if since else []),
        *([_link(places.timemap(rest), "timemap", type=LINK_FORMAT, **{"from": http_date(rest)})] if rest else []),
        *_mementos(places, moments, first=not since, last=not rest),
    ]
    return ",\n".join(lines) + "\n"


def _mementos(places: Places, moments: Sequence[Moment], first: bool, last: bool) -> Iterable[str]:
    for number, moment in enumerate(moments):
        ends = ["first"] if first and number == 0 else []
        ends += ["last"] if last and number == len(moments) - 1 else []
        yield _link(places.memento(moment), " ".join([*ends, "memento"]), datetime=http_date(moment.fetched_at))


def _link(address: str, relation: str, **more: str) -> str:
    return f'<{address}>; rel="{relation}"' + "".join(f'; {name}="{value}"' for name, value in more.items())
