"""What machines ask for: robots.txt."""

from __future__ import annotations

from typing import Any

from datasette import Response

from archive.plugin import answers


async def robots(datasette: Any, request: Any) -> Response:  # noqa: ARG001 - Datasette passes by name
    """Articles may be read by machines; endless tables and searches need not."""
    root = datasette.urls.path("/")
    closed = "".join(f"Disallow: {root}{path}\n" for path in ("search", answers.DATABASE, "-/"))
    text = f"User-agent: *\nAllow: {root}-/static-plugins/\n{closed}Crawl-delay: 5\n"
    return Response.text(text, headers={"X-Content-Type-Options": "nosniff"})


ROUTES: answers.Routes = [(r"^/robots\.txt$", robots)]
