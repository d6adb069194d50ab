"""Lists: what was changed after publication, and what is not on its portal any more."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import Response

from archive.plugin import answers
from archive.plugin.answers import PER_PAGE
from archive.plugin.finding import naming
from archive.plugin.finding.differing import difference
from archive.plugin.queries import lists as queries

# A browser is not sent the names of all portals to choose from when they are very many: they can be typed.
MOST_SUGGESTED = 100
KINDS = ("gone", "moved", "blocked", "dark")


async def changed(datasette: Any, request: Any) -> Response:
    portals, typed, portal = await naming.chosen(datasette, request)
    only = portal.id if portal else ""
    page = answers.page_number(request)

    def ask(conn: sqlite3.Connection) -> tuple[int, int, tuple[queries.Changed, ...]]:
        total = queries.count_changes(conn, only)
        number = _within(page, total)
        return total, number, queries.changes(conn, only, PER_PAGE, (number - 1) * PER_PAGE)

    total, page, found = await answers.ask(datasette, ask)
    return await answers.page(
        datasette,
        request,
        "changed",
        changes=[(change, difference(change)) for change in found],
        portal=portal,
        unknown="" if portal else typed,
        portals=portals.values() if len(portals) <= MOST_SUGGESTED else (),
        **_counted(total),
        feed=_values(portal=only),
        pages=answers.pages(page, min(total, queries.MOST), "/changed", portal=only),
    )


async def gone(datasette: Any, request: Any) -> Response:
    portals, typed, portal = await naming.chosen(datasette, request)
    only = portal.id if portal else ""
    kind = kind_of(answers.value(request, "kind"))
    page = answers.page_number(request)

    def ask(conn: sqlite3.Connection) -> tuple[tuple[str, ...], int, int, tuple[queries.Gone, ...]]:
        there = queries.states(conn)
        states = of_kind(there, kind)
        total = queries.count_gone(conn, only, states)
        number = _within(page, total)
        return there, total, number, queries.gone(conn, only, states, PER_PAGE, (number - 1) * PER_PAGE)

    there, total, page, found = await answers.ask(datasette, ask)
    return await answers.page(
        datasette,
        request,
        "gone",
        articles=found,
        kind=kind,
        kinds=[name for name in KINDS if of_kind(there, name)],
        portal=portal,
        unknown="" if portal else typed,
        portals=portals.values() if len(portals) <= MOST_SUGGESTED else (),
        **_counted(total),
        feed=_values(portal=only, kind=kind),
        pages=answers.pages(page, min(total, queries.MOST), "/gone", portal=only, kind=kind),
    )


def kind_of(given: str) -> str:
    """One of KINDS; "" for all of them."""
    return given if given in KINDS else ""


def of_kind(states: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """Of the states those of a kind: "dark" has several. All for ""."""
    return tuple(state for state in states if not kind or state.partition(":")[0] == kind)


def _within(page: int, total: int) -> int:
    return min(page, max(1, -(-min(total, queries.MOST) // PER_PAGE)))


def _counted(total: int) -> dict[str, Any]:
    """``more`` than can be counted and paged through."""
    return {"total": min(total, queries.MOST), "more": total > queries.MOST}


def _values(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


ROUTES: answers.Routes = [(r"^/changed/?$", changed), (r"^/gone/?$", gone)]
