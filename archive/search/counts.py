"""How what is found is spread: over portals, sections, authors and months."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from archive.search import layout, plan
from archive.search.forms import key
from archive.search.plan import Filters
from archive.search.reader import Reader
from archive.search.words import Query

MOST = 10
_MORE = 40  # one name in several spellings (cases) is counted together
_MONTHS = 12_000  # more than there can be
_KEPT = 500  # answers, of some kilobytes each


@dataclass(frozen=True, slots=True)
class Facet:
    """``value`` as it is printed, most often; ``count`` how many articles."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """``portals`` (ids), ``sections``, ``authors``: the most frequent ones, in that order · ``months`` ("2021-03",
    how many) in order, and ``undated``: as if the question named no days · ``files`` how many have attachments."""

    portals: tuple[Facet, ...]
    sections: tuple[Facet, ...]
    authors: tuple[Facet, ...]
    months: tuple[tuple[str, int], ...]
    undated: int
    files: int


def spread(reader: Reader, query: Query, filters: Filters) -> tuple[int, Facets]:
    """(how many there are, how they are spread); kept until the next commit, since a reader turns pages."""
    asked = (query, filters)
    found = reader.counted.get(asked)
    if found is None:
        found = _spread(reader, query, filters)
        if len(reader.counted) < _KEPT:
            reader.counted[asked] = found
    return found


def total(reader: Reader, query: Query, filters: Filters) -> int:
    """How many there are; kept as well."""
    asked = ("total", query, filters)
    found = reader.counted.get(asked)
    if found is None:
        found = plan.count(reader, query, filters)
        if len(reader.counted) < _KEPT:
            reader.counted[asked] = found
    return int(found)


def _spread(reader: Reader, query: Query, filters: Filters) -> tuple[int, Facets]:
    timeless = replace(filters, since="", until="")
    asked = _NAMES | (_MONTHS_OF if timeless == filters else {})
    found = _aggregate(reader, query, filters, asked)
    over_time = found if timeless == filters else _aggregate(reader, query, timeless, _MONTHS_OF)
    months = {int(one["key"]): int(one["doc_count"]) for one in over_time[layout.MONTH]["buckets"]}
    files = {int(one["key"]): int(one["doc_count"]) for one in found[layout.FILES]["buckets"]}
    return sum(files.values()), Facets(
        portals=_most(found[layout.PORTAL]),
        sections=_most(found[layout.SECTION]),
        authors=_most(found[layout.AUTHOR]),
        months=tuple((f"{month // 100:04}-{month % 100:02}", n) for month, n in sorted(months.items()) if month),
        undated=months.get(0, 0),
        files=files.get(1, 0),
    )


def _terms(name: str, size: int) -> dict[str, Any]:
    return {name: {"terms": {"field": name, "size": size}}}


_NAMES = (
    _terms(layout.PORTAL, MOST) | _terms(layout.SECTION, _MORE) | _terms(layout.AUTHOR, _MORE) | _terms(layout.FILES, 2)
)
_MONTHS_OF = _terms(layout.MONTH, _MONTHS)


def _aggregate(reader: Reader, query: Query, filters: Filters, asked: dict[str, Any]) -> dict[str, Any]:
    return reader.searcher.aggregate(plan.required(reader, query, filters), asked)


def _most(found: dict[str, Any]) -> tuple[Facet, ...]:
    counts: dict[str, Facet] = {}
    for one in found["buckets"]:
        value, n = str(one["key"]), int(one["doc_count"])
        known = counts.get(key(value))
        counts[key(value)] = Facet(known.value, known.count + n) if known else Facet(value, n)
    return tuple(sorted(counts.values(), key=lambda facet: (-facet.count, facet.value))[:MOST])
