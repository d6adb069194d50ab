"""A reader's words → the articles that have them, best first, with marks, counts and what else may have been meant.

    words → words.Query → plan → tantivy's index (reader) → numbers of articles → their rows → marks

The index is derived (layout, keeper) and may be a moment behind the database: what the rows say counts.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive.search import plan, suggest
from archive.search.counts import Facet, Facets, spread
from archive.search.counts import total as count
from archive.search.marks import Segments, highlight, snippet
from archive.search.plan import FURTHEST, Filters, Sort
from archive.search.reader import IndexMissing, Reader, open_index
from archive.search.words import MOST_CHARACTERS, MOST_TERMS, Query, parse

__all__ = [
    "FURTHEST", "MOST_CHARACTERS", "MOST_TERMS", "Facet", "Facets", "Filters", "Hit", "IndexMissing", "Query",
    "Reader", "Results", "Segments", "Sort", "docs", "highlight", "open_index", "parse", "search", "snippet",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """An article found. ``title`` and ``snippet`` are (text, is a hit) in turn, in the words of the article;
    ``published`` and ``gone_since`` as the store keeps them, or None."""

    id: str
    title: Segments
    snippet: Segments
    portal: str
    portal_name: str
    section: str
    byline: str
    published: str | None
    first_seen: str
    gone_since: str | None
    versions: int


@dataclass(frozen=True, slots=True)
class Results:
    """``total`` of all pages, ``hits`` of this one, in the order asked for. ``folded``: nothing had the diacritics as
    typed, and these are alike without them · ``alike`` how many more there are when diacritics are disregarded,
    counted where few are found · ``suggestion`` where nothing was found: a question that finds something, "" when there
    is none · ``facets`` None when they were not asked for, or nothing was found."""

    total: int
    hits: tuple[Hit, ...]
    folded: bool
    alike: int
    suggestion: str
    facets: Facets | None


# Who found so many does not ask for those that are only alike; counting them costs as much as finding these.
_ENOUGH = 200

_NOTHING = Results(0, (), folded=False, alike=0, suggestion="", facets=None)


def search(
    conn: sqlite3.Connection,
    index: Reader,
    words: str,
    filters: Filters = Filters(),  # noqa: B008 - a frozen value
    sort: Sort = "rank",
    limit: int = 20,
    offset: int = 0,
    facets: bool = False,
) -> Results:
    """The articles that have the words and fit the filters.

    No words, but filters: all that fit, the newest first. Neither, or only signs: nothing. ``offset`` beyond FURTHEST
    is FURTHEST.
    """
    query = _asked(words, filters)
    if query is None:
        return _NOTHING
    answered, total, numbers, counted = _found(index, query, filters, sort, limit, offset, facets)
    if not total:
        return Results(0, (), False, 0, suggest.suggest(index, words, filters), None)
    folded = answered is not query
    few = total < _ENOUGH and query.marked and not folded
    alike = count(index, query.folded(), filters) - total if few else 0
    return Results(total, _hits(conn, numbers, answered), folded, max(0, alike), "", counted)


def docs(
    index: Reader,
    words: str,
    filters: Filters = Filters(),  # noqa: B008
    sort: Sort = "rank",
    limit: int = 1000,
    offset: int = 0,
) -> tuple[int, tuple[int, ...]]:
    """(how many ``search`` would find, ``articles.doc`` of these): for exports and feeds. At most FURTHEST."""
    query = _asked(words, filters)
    if query is None:
        return 0, ()
    _, total, numbers, _ = _found(index, query, filters, sort, limit, offset, facets=False)
    return total, tuple(numbers)


def _asked(words: str, filters: Filters) -> Query | None:
    """The question; None when nothing is asked."""
    query = parse(words)
    if query.needs or query.refused:
        return query
    return query if not words.strip() and filters != Filters() else None


def _found(
    index: Reader, query: Query, filters: Filters, sort: Sort, limit: int, offset: int, facets: bool
) -> tuple[Query, int, list[int], Facets | None]:
    """(the question that was answered, how many, numbers of the articles, how all are spread).

    Another question than ``query``: nothing had the diacritics as typed.
    """
    answer = query
    for answer in [query, query.folded()] if query.marked else [query]:
        total, counted = spread(index, answer, filters) if facets else (None, None)
        if total == 0:
            continue
        total, numbers = plan.found(index, answer, filters, sort, limit, offset, total)
        if total:
            return answer, total, numbers, counted
    return answer, 0, [], None


def _hits(conn: sqlite3.Connection, numbers: list[int], query: Query) -> tuple[Hit, ...]:
    # As many places as there may be: SQLite keeps the statement from one question to the next.
    rows = conn.execute(
        "select a.doc, a.id, a.title, a.summary, a.text, a.portal, p.name, a.section, a.byline, a.published,"
        " a.first_seen, a.gone_since, a.versions from articles a join portals p on p.id = a.portal"
        f" where a.doc in ({', '.join('?' * len(numbers))}) and a.takedown = ''",
        numbers,
    )
    hits = {}
    for doc, name, title, summary, text, *rest in rows:
        body = f"{summary}\n\n{text}" if summary else text
        hits[doc] = Hit(name, highlight(title, query), snippet(body, query), *rest)
    return tuple(hits[doc] for doc in numbers if doc in hits)
