"""Datasette's own ``?_search=``: what a reader types comes in the form the index is written in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from archive.text import index_form

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def unify_search(app: App) -> App:
    """NFD input and both tone placements find what is there: hoà and hòa are one word of the index."""

    async def unified(scope: dict[str, Any], receive: Any, send: Any) -> None:
        query = scope.get("query_string", b"")
        if scope["type"] == "http" and b"_search" in query:
            pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
            changed = [(name, index_form(value) if name.startswith("_search") else value) for name, value in pairs]
            if changed != pairs:
                scope = {**scope, "query_string": urlencode(changed).encode("latin-1")}
        await app(scope, receive, send)

    return unified
