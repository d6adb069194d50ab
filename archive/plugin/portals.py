"""A portal's page."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import unquote

from datasette import Response

from archive.plugin import answers
from archive.plugin.answers import PER_PAGE
from archive.plugin.queries import portals as queries
from archive.plugin.queries.entries import Entry


async def portal(datasette: Any, request: Any) -> Response:
    name = unquote(request.url_vars["portal"]).strip("/")
    page = answers.page_number(request)

    def ask(conn: sqlite3.Connection) -> tuple[queries.PortalEntry | None, int, tuple[Entry, ...]]:
        entry = queries.portal(conn, name)
        if entry is None:
            return None, 1, ()
        number = min(page, max(1, -(-entry.articles // PER_PAGE)))
        return entry, number, queries.articles(conn, name, PER_PAGE, (number - 1) * PER_PAGE)

    entry, page, articles = await answers.ask(datasette, ask)
    if entry is None:
        return await answers.nothing(datasette, request)
    path = f"/portal/{entry.id}"
    return await answers.page(
        datasette, request, "portal", portal=entry, articles=articles, pages=answers.pages(page, entry.articles, path)
    )


ROUTES: answers.Routes = [(r"^/portal/(?P<portal>.+)$", portal), (r"^/portal(?:/.*)?$", answers.nothing)]
