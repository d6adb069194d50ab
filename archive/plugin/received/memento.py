"""TimeGate, TimeMap and the list of an address's captures for readers. Source: RFC 7089."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import Response

from archive import urls
from archive.plugin import answers
from archive.plugin.queries import snapshots as queries
from archive.plugin.queries.snapshots import Look, Span
from archive.plugin.received import asked
from archive.replay import addresses, memento

_PLAIN = {"X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex"}
PER_PAGE = 200


async def timegate(datasette: Any, request: Any) -> Response:
    """To the capture nearest to what Accept-Datetime asks for, without it to the newest: 302 (RFC 7089, pattern 2.1).

    A date that is none is answered with 400, an address of which nothing is kept with 404.
    """
    url = asked.url(request)
    if not url:
        return await answers.nothing(datasette, request)
    places, given = asked.places(datasette, request, url), request.headers.get("accept-datetime", "").strip()
    headers = {**_PLAIN, "Vary": "accept-datetime", "Link": memento.links(places, None, None)}
    wanted = memento.read_datetime(given) if given else None
    if given and wanted is None:
        return Response("Accept-Datetime: Thu, 31 May 2007 20:35:00 GMT\n", 400, headers)
    key, moment = urls.key(url), addresses.iso(wanted) if wanted else queries.NEWEST

    def ask(conn: sqlite3.Connection) -> tuple[Look, memento.Neighbours] | None:
        look = queries.nearest(conn, key, moment)
        return (look, queries.around(conn, look, key)) if look else None

    found = await answers.ask(datasette, ask)
    if found is None:
        return await _none(datasette, request, url, headers)
    look, around = found
    headers["Link"] = memento.links(places, look.moment, around)
    # Absolute: not every client makes it so.
    return Response("", 302, {**headers, "Location": places.memento(look.moment)})


async def timemap(datasette: Any, request: Any) -> Response:
    """All mementos of an address, as application/link-format; after queries.MOST of them a further map follows."""
    url, digits = asked.url(request), request.url_vars["since"] or ""
    if not url:
        return await answers.nothing(datasette, request)
    since = addresses.iso(addresses.moment(digits)) if digits else ""
    moments = await answers.ask(datasette, lambda conn: queries.moments(conn, urls.key(url), since))
    places = asked.places(datasette, request, url)
    if not moments:
        return Response("", 404, {**_PLAIN, "Link": memento.links(places, None, None)})
    rest = moments[queries.MOST].fetched_at if len(moments) > queries.MOST else ""
    body = memento.timemap(places, moments[: queries.MOST], since, rest)
    return Response(body, headers=_PLAIN, content_type=memento.LINK_FORMAT)


async def listed(datasette: Any, request: Any) -> Response:
    """``/web/*/<url>``: every capture of the address, for people."""
    url = asked.url(request)
    return await _list(datasette, request, url, 1) if url else await answers.nothing(datasette, request)


async def captures(datasette: Any, request: Any) -> Response:
    """The same by ``/captures?url=``, where pages and the language have a place; without it, the question for one."""
    given = (request.args.get("url") or "").strip()
    url = addresses.target(given.partition("#")[0], "") if given else ""
    return await _list(datasette, request, url, answers.page_number(request))


async def _list(datasette: Any, request: Any, url: str, page: int) -> Response:
    key = urls.key(url)

    def ask(conn: sqlite3.Connection) -> tuple[Span, int, tuple[Look, ...]]:
        span = queries.span(conn, key)
        number = min(page, max(1, -(-span.total // PER_PAGE)))
        return span, number, queries.looks(conn, key, PER_PAGE, (number - 1) * PER_PAGE)

    span, number, looks = await answers.ask(datasette, ask) if url else (None, 1, ())
    if span is None or not span.total:
        return await asked.page(
            datasette, request, "captures", url, 404 if url else 200, span=None, looks=(), pages=None
        )
    pages = {"number": number, "last": -(-span.total // PER_PAGE), "path": "/captures", "values": {"url": url}}
    years: dict[str, list[Look]] = {}
    for look in looks:
        years.setdefault(look.fetched_at[:4], []).append(look)
    return await asked.page(
        datasette, request, "captures", url, span=span, years=years, looks=looks, pages=pages,
        timemap=asked.places(datasette, request, url).timemap(),
    )  # fmt: skip


async def _none(datasette: Any, request: Any, url: str, headers: dict[str, str]) -> Response:
    return await asked.page(datasette, request, "captures", url, 404, headers, span=None, looks=(), pages=None)


ROUTES: answers.Routes = [
    (r"^/web/timemap/link/(?:(?P<since>[0-9]{14})/)?(?P<url>.+)$", timemap),
    (r"^/web/(?:\*|%2[Aa])/(?P<url>.+)$", listed),
    (r"^/captures/?$", captures),
    (r"^/web/?$", captures),
    # Whatever else stands behind /web/ is an address of the web; with a timestamp before it, a snapshot's.
    (r"^/web/(?![0-9]{1,14}(?:[a-z]{2}_)?/)(?P<url>.+)$", timegate),
]
