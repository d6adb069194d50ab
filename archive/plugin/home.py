"""The front page."""

from __future__ import annotations

from typing import Any

from datasette import Response

from archive.plugin import answers
from archive.plugin.queries import home as queries
from archive.plugin.queries.portals import PortalEntry

ON_HOME = 8


async def home(datasette: Any, request: Any) -> Response:
    found = await answers.ask(datasette, lambda conn: queries.home(conn, ON_HOME))
    provinces: dict[str, list[PortalEntry]] = {}
    for entry in found.portals:
        provinces.setdefault(entry.province, []).append(entry)
    return await answers.page(datasette, request, "home", home=found, provinces=provinces)


ROUTES: answers.Routes = [(r"^/$", home)]
