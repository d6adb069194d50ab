"""A portal's page, and the table of all portals."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import unquote

from datasette import Response

from archive.health import Judgement, judge
from archive.plugin import answers
from archive.plugin.answers import PER_PAGE
from archive.plugin.finding import saying
from archive.plugin.overview import health
from archive.plugin.overview.ledger import Ledger, ledger, moments, months
from archive.plugin.overview.whole import WHOLE, days, today
from archive.plugin.queries import portals as queries
from archive.plugin.queries.entries import Entry
from archive.plugin.queries.portals import PortalEntry
from archive.provinces import find

MOST_SECTIONS = 24
IN_TABLE = 100


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of a portal's articles, ``number`` of them; ``about`` it on the first one only."""

    entry: PortalEntry
    number: int
    articles: tuple[Entry, ...]
    about: _About | None


@dataclass(frozen=True, slots=True)
class _About:
    figures: queries.Figures
    ledger: Ledger
    look: queries.Look | None
    run: queries.Run | None
    judgement: Judgement


async def portal(datasette: Any, request: Any) -> Response:
    name = unquote(request.url_vars["portal"]).strip("/")
    wanted = answers.page_number(request)
    found = await answers.ask(datasette, lambda conn: _portal(conn, name, wanted))
    if found is None:
        return await answers.nothing(datasette, request)
    lang = answers.language(request)
    return await answers.page(
        datasette,
        request,
        "portal",
        portal=found.entry,
        articles=found.articles,
        about=found.about,
        sections_shown=MOST_SECTIONS,
        pages=answers.pages(found.number, found.entry.articles, f"/portal/{found.entry.id}"),
        moment=partial(saying.moment, lang=lang),
        reason=partial(health.sentence, lang=lang),
    )


async def portals(datasette: Any, request: Any) -> Response:
    """All of them, or those of ``?province=``, in the order of ``?sort=``."""
    whole = await WHOLE.ask(datasette)
    province, sort = answers.value(request, "province"), answers.value(request, "sort")
    place = next((place for place in whole.places if place.name == _name(province)), None)
    shown = sorted(place.portals if place else whole.overview.portals, key=_ORDERS.get(sort, _ORDERS["province"]))
    last = max(1, -(-len(shown) // IN_TABLE))
    number = min(answers.page_number(request), last)
    values = {"province": place.name if place else "", "sort": sort if sort in _ORDERS else ""}
    return await answers.page(
        datasette,
        request,
        "portals",
        place=place,
        asked=province,
        places=whole.places,
        portals=shown[(number - 1) * IN_TABLE : number * IN_TABLE],
        total=len(shown),
        sort=values["sort"] or "province",
        pages={"number": number, "last": last, "path": "/portals", "values": values},
    )


def _name(province: str) -> str:
    """As places are called; what is no province stays what it is, and "" is nobody's."""
    known = find(province)
    return known.name if known else province or "\0"


_STANDINGS = {kind: number for number, kind in enumerate(("dark", "gone", "moved", "blocked", "unknown", "live"))}
# Those that are alike stay in the order of their places, in which they all come.
_ORDERS: dict[str, Callable[[PortalEntry], tuple[Any, ...]]] = {
    "province": lambda _: (),
    "articles": lambda p: (-p.articles,),
    "first": lambda p: (p.first is None, p.first or ""),
    "state": lambda p: (_STANDINGS[p.standing], p.since or ""),
}


def _portal(conn: sqlite3.Connection, name: str, wanted: int) -> _Page | None:
    entry = queries.portal(conn, name, days(today()))
    if entry is None:
        return None
    number = min(wanted, max(1, -(-entry.articles // PER_PAGE)))
    listed = queries.articles(conn, name, PER_PAGE, (number - 1) * PER_PAGE)
    return _Page(entry, number, listed, _about(conn, entry) if number == 1 else None)


def _about(conn: sqlite3.Connection, entry: PortalEntry) -> _About:
    now = today().isoformat()[:7]
    first = queries.first_capture(conn, entry.id)
    captured = queries.captures(conn, entry.id, [moments(at) for at in months(_month(first), now)] if first else [])
    return _About(
        figures=queries.figures(conn, entry.id),
        ledger=ledger(queries.published(conn, entry.id), captured, now),
        look=queries.looked(conn, entry),
        run=queries.last_run(conn, entry.id),
        judgement=judge(conn, datetime.now(UTC), only=[entry.id])[0],
    )


def _month(at: str) -> str:
    """The month in which a capture was made, or the one before it: in Vietnam it is later."""
    return max(at[:7], "1996-01")  # when the oldest public web archive begins


ROUTES: answers.Routes = [
    (r"^/portals/?$", portals),
    (r"^/portal/(?P<portal>.+)$", portal),
    (r"^/portal(?:/.*)?$", answers.nothing),
]
