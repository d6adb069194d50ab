"""What machines ask for: robots.txt, and the sitemap of everything that is to be found from outside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from datasette import Response
from datasette.utils.asgi import AsgiStream

from archive.plugin import answers
from archive.plugin.queries import machines as queries
from archive.plugin.queries.machines import Page

# A sitemap holds at most 50,000 addresses (sitemaps.org).
CHUNK = 45_000
# So many are asked for at a time: each question keeps a thread for some tens of milliseconds.
AT_ONCE = 3_000
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<{} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
_XML = "application/xml; charset=utf-8"
_HEADERS = {"X-Content-Type-Options": "nosniff"}

# Pages of everything there is, in one place each; searches, tables and snapshots have no end.
_CLOSED = ("search", "web/", "capture/", answers.DATABASE, "-/", "download/", "*?")
_PLACES = ("", "portals", "authors", "changed", "gone", "takedowns", "download")
_OPEN = ("-/static/", "-/static-plugins/")


async def robots(datasette: Any, request: Any) -> Response:
    """Articles may be read by machines; endless tables and searches need not. Static files have a query string."""
    root = datasette.urls.path("/")
    lines = ["User-agent: *", *(f"Allow: {root}{path}" for path in _OPEN)]
    lines += [f"Disallow: {root}{path}" for path in _CLOSED]
    lines += ["Crawl-delay: 5", "", f"Sitemap: {answers.base_url(datasette, request)}sitemap.xml", ""]
    return Response.text("\n".join(lines), headers=_HEADERS)


async def index(datasette: Any, request: Any) -> Response:
    """The sitemaps that there are."""
    base = answers.base_url(datasette, request)
    numbers = await answers.ask(datasette, lambda conn: queries.chunks(conn, CHUNK))
    names = ["pages", *(f"articles-{number}" for number in numbers)]
    body = "".join(f"<sitemap><loc>{escape(f'{base}sitemap/{name}.xml')}</loc></sitemap>\n" for name in names)
    return _xml(_HEAD.format("sitemapindex") + body + "</sitemapindex>\n")


async def pages(datasette: Any, request: Any) -> Response:
    """The front page, the portals, and what else has an address of its own."""
    base = answers.base_url(datasette, request)
    portals = await answers.ask(datasette, queries.portals)
    paths = [*_PLACES, *(f"portal/{quote(name)}" for name in portals)]
    return _xml(_HEAD.format("urlset") + "".join(_url(base + path) for path in paths) + "</urlset>\n")


async def articles(datasette: Any, request: Any) -> Any:
    """The listed articles whose numbers are in one stretch, each with the moment of its last change."""
    base = answers.base_url(datasette, request)
    last = int(request.url_vars["number"]) * CHUNK
    first = last - CHUNK

    async def some(after: int) -> tuple[int, tuple[Page, ...]]:
        return await answers.ask(datasette, lambda conn: queries.articles(conn, after, last, AT_ONCE))

    after, found = await some(first)
    if not found:
        return await answers.nothing(datasette, request)

    async def write(out: Any) -> None:
        nonlocal after, found
        await out.write(_HEAD.format("urlset"))
        while found:
            await out.write("".join(_lines(base, found)))
            after, found = await some(after)
        await out.write("</urlset>\n")

    return AsgiStream(write, headers=_HEADERS, content_type=_XML)


def _lines(base: str, found: Iterable[Page]) -> Iterable[str]:
    return (_url(f"{base}a/{page.id}", page.changed) for page in found)


def _url(address: str, changed: str = "") -> str:
    """``changed`` as W3C writes it; what is no moment is left out."""
    stamp = f"<lastmod>{changed}</lastmod>" if _is_moment(changed) else ""
    return f"<url><loc>{escape(address)}</loc>{stamp}</url>\n"


def _is_moment(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", value) and datetime.fromisoformat(value))
    except ValueError:
        return False


def _xml(text: str) -> Response:
    return Response(text, headers=_HEADERS, content_type=_XML)


ROUTES: answers.Routes = [
    (r"^/robots\.txt$", robots),
    (r"^/sitemap\.xml$", index),
    (r"^/sitemap/pages\.xml$", pages),
    (r"^/sitemap/articles-(?P<number>[1-9]\d{0,5})\.xml$", articles),
]
