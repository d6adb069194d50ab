"""The search engine as the rooms ask it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archive import search as engine
from archive.plugin import answers
from archive.plugin.finding import naming
from archive.plugin.finding.question import Question
from archive.plugin.queries.searching import Named, edition, named
from archive.search import FURTHEST, IndexMissing, Reader, Results
from archive.search.reader import OF_ANOTHER, latest


@dataclass(frozen=True, slots=True)
class Found:
    """``results`` of the ``asked`` question, whose portal is an id · ``page`` the number of theirs: the last one, when
    there are fewer than were asked for · ``portals`` those that are named in it, by id · ``unknown`` a portal's name
    that is none: it is disregarded; "" else."""

    asked: Question
    results: Results
    page: int
    portals: dict[str, Named] = field(default_factory=dict)
    unknown: str = ""


async def search(datasette: Any, asked: Question, page: int, per_page: int, facets: bool) -> Found:
    """A page of what is found. Raises IndexMissing, TooSlow."""
    page = min(page, FURTHEST // per_page)

    def ask(conn: sqlite3.Connection) -> Found:
        found, number = NOTHING, 1
        if not asked.empty:
            index = _index(datasette, conn)
            found, number = _page(conn, index, asked, page, per_page, facets), page
            last = last_page(found.total, per_page)
            if page > last:
                found, number = _page(conn, index, asked, last, per_page, facets), last
        ids = {facet.value for facet in found.facets.portals} if found.facets else set()
        ids |= {asked.filters.portal} - {""}
        return Found(asked, found, number, named(conn, tuple(ids)) if ids else {})

    found: Found = await answers.ask(datasette, ask)
    typed = asked.filters.portal
    if not typed or typed in found.portals:
        return found
    # It is not asked first: nearly always it is an id, and each question to the database is a turn in a queue.
    asked, unknown = await naming.resolved(datasette, asked)
    return replace(await search(datasette, asked, page, per_page, facets), unknown=unknown)


async def docs(datasette: Any, question: Question, limit: int) -> tuple[int, tuple[int, ...]]:
    """How many are found, and the numbers of the first ``limit`` articles. The portal is an id."""
    found: tuple[int, tuple[int, ...]] = await answers.ask(
        datasette,
        lambda conn: engine.docs(_index(datasette, conn), question.words, question.filters, question.sort, limit),
    )
    return found


# What is found where nothing is asked.
NOTHING = Results(total=0, hits=(), folded=False, alike=0, suggestion="", facets=None)


def last_page(total: int, per_page: int) -> int:
    return max(1, min(-(-total // per_page), FURTHEST // per_page))


def _page(
    conn: sqlite3.Connection, index: Reader, question: Question, page: int, per_page: int, facets: bool
) -> Results:
    words, filters, sort = question.words, question.filters, question.sort
    return engine.search(conn, index, words, filters, sort, per_page, (page - 1) * per_page, facets)


def _index(datasette: Any, conn: sqlite3.Connection) -> Reader:
    """As ``open_index``, which opens the database to ask it what this connection can be asked for a tenth of that."""
    reader = latest(Path(str(datasette.get_database(answers.DATABASE).path)))
    if reader.state.edition != edition(conn):
        raise IndexMissing(OF_ANOTHER)
    return reader
