"""The search page: what was asked, what was found, and the ways to ask for less or more of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from datasette import Response

from archive.plugin import answers
from archive.plugin.answers import PER_PAGE
from archive.plugin.finding import asking, question, saying
from archive.plugin.finding.asking import Found
from archive.plugin.finding.chart import Chart, chart
from archive.plugin.finding.exports import MOST_ROWS
from archive.search import FURTHEST, Facet
from archive.search.forms import key
from archive.text import fold

# The table [search] says for each "<name>_try", an example, and "<name>_help", what it does.
EXAMPLES = ("plain", "phrase", "without", "short", "partly", "joined")
SHOWN_FACETS = 8
OUTS = ("/search.csv", "/search.json", "/feed.atom")


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that asks otherwise: for less, or for more when it is ``chosen`` already. ``count`` None: not counted."""

    text: str
    href: str
    count: int | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Ways:
    """The addresses of other questions than the one with these ``values``."""

    values: Mapping[str, str]
    link: Any

    def to(self, **changed: str) -> str:
        """The same question with some values changed; "" takes one away."""
        return str(self.link("/search", **{**self.values, **changed}))


async def search(datasette: Any, request: Any) -> Response:
    found = await asking.search(datasette, question.read(request), answers.page_number(request), PER_PAGE, facets=True)
    asked, results, lang = found.asked, found.results, answers.language(request)
    values = question.values(asked)
    ways = Ways(values, answers.linker(datasette, request, lang))
    filters = saying.filters(asked, found.portals, lang)
    return await answers.page(
        datasette,
        request,
        "search",
        q=asked.words,
        asked=asked,
        values=values,
        unknown=found.unknown,
        portal_name=saying.portal(asked, found.portals),
        title=saying.described(asked, found.portals, lang),
        found=results,
        said=partial(saying.moment, lang=lang),
        chips=[Choice(text, ways.to(**question.TAKEN_OFF[name])) for name, text in filters],
        sorts=_sorts(asked, lang, ways),
        facets=_facets(found, lang, ways),
        chart=_chart(found),
        stem=_stem(ways),
        alike=ways.to(q=fold(asked.words)) if results.alike else "",
        suggestion=ways.to(q=results.suggestion) if results.suggestion else "",
        unfiltered=ways.link("/search", q=asked.words) if asked.words and asked.filtered else "",
        outs={out: ways.link(out, **values) for out in OUTS},
        most_rows=MOST_ROWS,
        examples=[(name, ways.link("/search", q=saying.words(lang)[f"{name}_try"])) for name in EXAMPLES],
        pages=answers.pages(found.page, min(results.total, FURTHEST), "/search", **values),
    )


def _sorts(asked: question.Question, lang: str, ways: Ways) -> list[Choice]:
    """Without words nothing has a rank: then the newest are first."""
    in_force = "newest" if asked.sort == "rank" and not asked.words else asked.sort
    said = saying.words(lang)
    return [
        Choice(said[name], ways.to(sort="" if name == "rank" else name), chosen=name == in_force)
        for name in question.SORTS
        if name != "rank" or asked.words
    ]


def _facets(found: Found, lang: str, ways: Ways) -> list[tuple[str, list[Choice]]]:
    """Groups of choices; one that is chosen asks for all of its group again."""
    facets, given = found.results.facets, found.asked.filters
    if facets is None:
        return []

    def group(name: str, most: tuple[Facet, ...], in_force: str) -> list[Choice]:
        choices = []
        for facet in most[:SHOWN_FACETS]:
            chosen = bool(in_force) and key(facet.value) == key(in_force)
            href = ways.to(**{name: "" if chosen else facet.value})
            portal = found.portals.get(facet.value) if name == "portal" else None
            choices.append(Choice(portal.short if portal else facet.value, href, facet.count, chosen))
        return choices

    groups = [
        ("portal", group("portal", facets.portals, given.portal)),
        ("section", group("section", facets.sections, given.section)),
        ("author", group("author", facets.authors, given.author)),
    ]
    if facets.files:
        href = ways.to(files="" if given.files else "1")
        groups.append(("attachment", [Choice(saying.words(lang)["files"], href, facets.files, given.files)]))
    return [(name, choices) for name, choices in groups if choices]


def _chart(found: Found) -> Chart:
    facets, filters = found.results.facets, found.asked.filters
    return chart(facets.months, filters.since, filters.until) if facets else Chart((), ())


def _stem(ways: Ways) -> str:
    """The address of this question without its days: the bars add theirs."""
    address = ways.to(**question.TAKEN_OFF["days"])
    return address + ("&" if "?" in address else "?")


ROUTES: answers.Routes = [(r"^/search/?$", search)]
