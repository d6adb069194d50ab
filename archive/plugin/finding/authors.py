"""Who wrote: everyone who signed, and the articles under one name."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from datasette import Response

from archive.plugin import answers
from archive.plugin.answers import PER_PAGE
from archive.plugin.finding import alphabet, asking, question
from archive.plugin.finding.chart import yearly
from archive.plugin.finding.question import Question
from archive.plugin.queries import authors as queries
from archive.plugin.remembering import Remembered
from archive.search import FURTHEST, Filters
from archive.text import index_form, normalise

ON_PAGE = 120


@dataclass(frozen=True, slots=True)
class Author:
    """A name as it is printed most often, and how many articles it signs, however its letters are set."""

    name: str
    articles: int
    initial: str


async def author(datasette: Any, request: Any) -> Response:
    """What is signed with a name; the case of its letters and their Unicode form make no difference."""
    given = normalise(unquote(request.url_vars["author"]))[: answers.MOST_CHARACTERS]
    asked = Question("", Filters(author=given), "newest")
    answer = await asking.search(datasette, asked, answers.page_number(request), PER_PAGE, facets=True)
    found = answer.results
    if not found.total or found.facets is None:
        return await answers.nothing(datasette, request)
    name = next((facet.value for facet in found.facets.authors if _same(facet.value, given)), given)
    return await answers.page(
        datasette,
        request,
        "author",
        author=name,
        found=found,
        portals=[(answer.portals[one.value], one.count) for one in found.facets.portals if one.value in answer.portals],
        years=yearly(found.facets.months),
        undated=found.facets.undated,
        values=question.values(asked),
        pages=answers.pages(answer.page, min(found.total, FURTHEST), f"/author/{name}"),
    )


def _same(one: str, other: str) -> bool:
    return index_form(one).casefold() == index_form(other).casefold()


async def authors(datasette: Any, request: Any) -> Response:
    """Everyone who signed, in the order of given names, all or those of one letter."""
    letter = unicodedata.normalize("NFC", answers.value(request, "chu")).upper()
    letter = letter if letter in alphabet.LETTERS else ""
    kept = await _EVERYONE.ask(datasette)
    if kept.takedowns != await answers.ask(datasette, queries.takedowns):
        kept = await answers.ask(datasette, _everyone)
    everyone = kept.authors
    listed = [entry for entry in everyone if entry.initial == letter] if letter else everyone
    last = max(1, -(-len(listed) // ON_PAGE))
    page = min(answers.page_number(request), last)
    there = {entry.initial for entry in everyone}
    return await answers.page(
        datasette,
        request,
        "authors",
        authors=listed[(page - 1) * ON_PAGE : page * ON_PAGE],
        total=len(listed),
        letter=letter,
        letters=[(name, name in there) for name in alphabet.LETTERS if name in there or name not in "FJWZ"],
        pages={"number": page, "last": last, "path": "/authors", "values": {"chu": letter}},
    )


@dataclass(frozen=True, slots=True)
class _Everyone:
    """In order, and how many takedowns were decided before: a name that went out of sight is shown to nobody after."""

    takedowns: int
    authors: tuple[Author, ...]


def _everyone(conn: sqlite3.Connection) -> _Everyone:
    return _Everyone(queries.takedowns(conn), merged(queries.signed(conn)))


_EVERYONE = Remembered(_everyone)


def merged(signed: tuple[tuple[str, int], ...]) -> tuple[Author, ...]:
    """Names that differ in the case of their letters alone are one; the most frequent form is shown."""
    forms: dict[str, Counter[str]] = {}
    for name, count in signed:
        if printed := normalise(name):
            forms.setdefault(printed.casefold(), Counter())[printed] += count
    names = [(max(form.items(), key=lambda item: (item[1], item[0]))[0], form.total()) for form in forms.values()]
    made = (Author(name, count, alphabet.initial(name)) for name, count in names)
    return tuple(sorted(made, key=lambda entry: alphabet.order(entry.name)))


ROUTES: answers.Routes = [
    (r"^/authors/?$", authors),
    (r"^/author/(?P<author>.+)$", author),
    (r"^/author/?$", answers.nothing),
]
