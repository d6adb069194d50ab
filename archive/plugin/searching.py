"""The search page."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import Response

from archive import search as engine
from archive.plugin import answers
from archive.plugin.answers import PER_PAGE
from archive.plugin.queries import portals


async def search(datasette: Any, request: Any) -> Response:
    words = answers.words(request)
    only = answers.value(request, "portal") or None
    page = answers.page_number(request)

    def ask(conn: sqlite3.Connection) -> tuple[engine.Results, int, portals.PortalEntry | None]:
        found = engine.search(conn, words, only, PER_PAGE, (page - 1) * PER_PAGE)
        last = max(1, -(-found.total // PER_PAGE))
        if page > last:
            found = engine.search(conn, words, only, PER_PAGE, (last - 1) * PER_PAGE)
        return found, min(page, last), portals.portal(conn, only) if only else None

    found, page, portal_entry = await answers.ask(datasette, ask)
    return await answers.page(
        datasette,
        request,
        "search",
        q=words,
        found=found,
        portal=portal_entry,
        pages=answers.pages(page, found.total, "/search", q=words, portal=only),
    )


ROUTES: answers.Routes = [(r"^/search/?$", search)]
