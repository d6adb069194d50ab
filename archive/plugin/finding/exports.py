"""What is found, to take away: as a table for a spreadsheet, as JSON for a program.

``/search.csv``: UTF-8 with a byte order mark, so that Excel knows it; commas, CRLF; the columns of COLUMNS under a
header in the reader's language; times in Vietnam's. The first MOST_ROWS articles; when there are more, the last row
says so.

``/search.json``, a page of PER_PAGE articles: ``query`` what was asked, as parameters of the address · ``total`` ·
``page``, ``pages``, ``next`` (address or null) · ``folded``, ``alike``, ``suggestion`` as the search page says them ·
``articles``, each with ``id``, ``url`` (permanent), ``title``, ``snippet`` (both plain text, with ``title_marks`` and
``snippet_marks``: [start, end] of each hit, in characters), ``portal``, ``portal_name``, ``section``, ``byline``,
``published`` (as printed: a day, or a moment with its zone, or null), ``first_seen`` (UTC), ``gone_since`` (UTC or
null), ``versions`` · ``facets``: ``portals``, ``sections``, ``authors`` as [value, count], ``months`` as ["2021-03",
count] without regard to the days asked for, ``undated`` and ``files`` as counts; null when nothing was asked.
"""

from __future__ import annotations

import json
import re
import sqlite3
from functools import partial
from typing import Any
from urllib.parse import quote

from datasette import Response

from archive.plugin import answers, wording
from archive.plugin.finding import asking, naming, question, spreadsheet
from archive.plugin.queries import exports as queries
from archive.plugin.queries.exports import Row
from archive.search import Facets, Hit, Segments
from archive.text import fold

MOST_ROWS = 10_000
PER_PAGE = 100
# Each keeps one of Datasette's few threads for some tenths of a second at most.
_AT_ONCE = 500

COLUMNS = (
    "id", "permanent", "title", "district", "province", "portal", "portal_id", "section", "byline", "authors",
    "published", "received", "last_seen", "state", "state_since", "versions", "original",
)  # fmt: skip


async def table(datasette: Any, request: Any) -> Response:
    """The articles found, as CSV."""
    asked = (await naming.resolved(datasette, question.read(request)))[0]
    lang = answers.language(request)
    total, docs = (0, ()) if asked.empty else await asking.docs(datasette, asked, MOST_ROWS)
    base, said = answers.base_url(datasette, request), wording.WORDS[lang]["table"]

    def written(conn: sqlite3.Connection, part: tuple[int, ...]) -> bytes:
        return spreadsheet.written(_cells(row, base, said) for row in queries.rows(conn, part))

    parts = [spreadsheet.MARK, spreadsheet.written([[said[name] for name in COLUMNS]])]
    for start in range(0, len(docs), _AT_ONCE):
        parts.append(await answers.ask(datasette, partial(written, part=docs[start : start + _AT_ONCE])))
    if total > len(docs):
        cut = said["cut"].format(n=wording.number(len(docs), lang), total=wording.number(total, lang))
        parts.append(spreadsheet.written([[cut, *[""] * (len(COLUMNS) - 1)]]))
    name = "-".join(re.findall(r"[a-z0-9]+", fold(asked.words)))[:60]
    headers = {
        "Content-Disposition": f'attachment; filename="tangthu{name and "-" + name}.csv"',
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return Response(b"".join(parts), headers=headers, content_type="text/csv; charset=utf-8; header=present")


async def data(datasette: Any, request: Any) -> Response:
    """The articles found, a page of them, as JSON."""
    answer = await asking.search(datasette, question.read(request), answers.page_number(request), PER_PAGE, True)
    found, page, values = answer.results, answer.page, question.values(answer.asked)
    base = answers.base_url(datasette, request)
    pages = asking.last_page(found.total, PER_PAGE)
    following = "&".join(f"{name}={quote(value)}" for name, value in {**values, "trang": str(page + 1)}.items())
    said = {
        "query": values,
        "total": found.total,
        "page": page,
        "pages": pages,
        "next": f"{base}search.json?{following}" if page < pages else None,
        "folded": found.folded,
        "alike": found.alike,
        "suggestion": found.suggestion,
        "articles": [_article(hit, base) for hit in found.hits],
        "facets": _facets(found.facets) if found.facets else None,
    }
    headers = {"X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex"}
    return Response(
        json.dumps(said, ensure_ascii=False), headers=headers, content_type="application/json; charset=utf-8"
    )


def _cells(row: Row, base: str, said: dict[str, str]) -> list[str]:
    return [
        row.id,
        f"{base}a/{row.id}",
        row.title,
        row.district,
        row.province,
        row.portal_name,
        row.portal,
        row.section,
        row.byline,
        "; ".join(row.authors),
        wording.sortable(row.published),
        wording.sortable(row.first_seen),
        wording.sortable(row.last_seen),
        said.get(f"state_{row.state.partition(':')[0]}", row.state),
        wording.sortable(row.state_since),
        str(row.versions),
        row.url,
    ]


def _article(hit: Hit, base: str) -> dict[str, Any]:
    return {
        "id": hit.id,
        "url": f"{base}a/{hit.id}",
        "title": _text(hit.title),
        "title_marks": _marks(hit.title),
        "snippet": _text(hit.snippet),
        "snippet_marks": _marks(hit.snippet),
        "portal": hit.portal,
        "portal_name": hit.portal_name,
        "section": hit.section,
        "byline": hit.byline,
        "published": hit.published,
        "first_seen": hit.first_seen,
        "gone_since": hit.gone_since,
        "versions": hit.versions,
    }


def _facets(facets: Facets) -> dict[str, Any]:
    return {
        "portals": [[facet.value, facet.count] for facet in facets.portals],
        "sections": [[facet.value, facet.count] for facet in facets.sections],
        "authors": [[facet.value, facet.count] for facet in facets.authors],
        "months": [list(month) for month in facets.months],
        "undated": facets.undated,
        "files": facets.files,
    }


def _text(segments: Segments) -> str:
    return "".join(text for text, _ in segments)


def _marks(segments: Segments) -> list[list[int]]:
    marks, at = [], 0
    for text, is_hit in segments:
        if is_hit:
            marks.append([at, at + len(text)])
        at += len(text)
    return marks


ROUTES: answers.Routes = [(r"^/search\.csv$", table), (r"^/search\.json$", data)]
