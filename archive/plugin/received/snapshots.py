"""``/web/<14 digits>/<url>``: a page as it was received, harmless, under a banner that says what it is."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from datasette import Response

from archive import text, urls
from archive.model import Capture
from archive.plugin import answers, takedowns, wording
from archive.plugin.queries import snapshots as queries
from archive.plugin.queries.snapshots import Look
from archive.plugin.received import asked, embedded, holdings
from archive.replay import addresses, html, kinds, memento
from archive.replay.addresses import Base
from archive.text import NotInflatable
from archive.text.markup import Tangled
from archive.warc import FETCH_FAILED, MESSAGE, TooLarge

# Bytes of a page, unpacked: what extraction reads as well.
MOST = 12_000_000
# "self" is this archive, also for a page that the sandbox has taken its origin from. Scripts have no source, and the
# sandbox would not run them if they had; a reader may follow links and keep files.
POLICY = (
    "sandbox allow-downloads; default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
    " font-src 'self' data:; media-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
HEADERS = {**embedded.HEADERS, "Content-Security-Policy": POLICY, "X-DNS-Prefetch-Control": "off"}
# What was an answer to another question than a reader's of today: a browser would ask for a password, or ask again.
_NOT_REPEATED = frozenset([401, 407, 408, 421, 425, 426, 428, 431])


async def snapshot(datasette: Any, request: Any) -> Response:
    """The capture of that second, else the way to the nearest one."""
    digits, modifier, url = request.url_vars["stamp"], request.url_vars["modifier"] or "", asked.url(request)
    if not url:
        return await answers.nothing(datasette, request)
    if modifier == addresses.SCRIPT:
        return Response("", 404, HEADERS)  # no script is given to anybody
    key, wanted = urls.key(url), addresses.moment(digits)
    if modifier in (addresses.IMAGE, addresses.STYLES, addresses.OTHER):
        return await embedded.embedded(datasette, key, Base(url, digits, asked.root(datasette)), wanted, modifier)
    exact = addresses.iso(wanted) if len(digits) == 14 and modifier in ("", addresses.RAW) else ""
    look = await answers.ask(datasette, lambda conn: queries.at(conn, key, url, exact)) if exact else None
    if look is None:
        return await _elsewhere(datasette, request, url, addresses.iso(wanted), modifier)
    if look.withheld:
        return await takedowns.withheld_capture(datasette, request, look.article)
    links = await _links(datasette, request, look, key)
    try:
        if modifier == addresses.RAW:
            capture, status = await holdings.received(datasette, look), _status(look.original_status)
            return await holdings.aside(lambda: embedded.raw(look, capture, links.headers, status))
        return await _page(datasette, request, look, links)
    except holdings.Missing:
        return await _said(datasette, request, look, links, "missing", 404)
    except TooLarge:
        return await _said(datasette, request, look, links, "large")


@dataclass(frozen=True, slots=True)
class _Links:
    """``headers`` that make the answer a memento, and its neighbours. ``readable``: where the page itself can be read,
    when this capture is something else; None when it is not, or nowhere."""

    headers: dict[str, str]
    around: memento.Neighbours
    readable: memento.Moment | None


async def _links(datasette: Any, request: Any, look: Look, key: str) -> _Links:
    """A look without an answer is no memento."""

    def ask(conn: sqlite3.Connection) -> tuple[memento.Neighbours, memento.Moment | None]:
        other = None if look.original_status == 200 else queries.readable(conn, look, key)
        return queries.around(conn, look, key), other

    around, readable = await answers.ask(datasette, ask)
    if look.status == 0:
        return _Links({}, around, readable)
    places = asked.places(datasette, request, look.url)
    named = {
        "Memento-Datetime": memento.http_date(look.fetched_at),
        "Link": memento.links(places, look.moment, around),
    }
    return _Links(named, around, readable)


async def _elsewhere(datasette: Any, request: Any, url: str, wanted: str, modifier: str) -> Response:
    look = await answers.ask(datasette, lambda conn: queries.nearest(conn, urls.key(url), wanted))
    if look is None:
        return await asked.page(datasette, request, "captures", url, 404, span=None, looks=(), pages=None)
    kept = modifier if modifier == addresses.RAW else ""
    return Response("", 302, {**HEADERS, "Location": asked.path(datasette, look.moment, kept)})


async def _page(datasette: Any, request: Any, look: Look, links: _Links) -> Response:
    if look.status == 0:
        capture = (await holdings.record(datasette, look.own)).capture
        reason, told = (capture.header(FETCH_FAILED), capture.header(MESSAGE)) if capture else ("", "")
        return await _said(datasette, request, look, links, "silent", reason=reason, told=told)
    capture = await holdings.received(datasette, look)
    if 300 <= look.original_status < 400 and capture.header("Location"):
        return await _redirect(datasette, request, look, capture, links)
    try:
        body = await holdings.aside(lambda: text.inflate(capture.body, capture.header("Content-Encoding"), MOST))
    except NotInflatable:
        return await _said(datasette, request, look, links, "broken")
    kind = kinds.kind(look.media_type or capture.media_type, body)
    if kind.name != kinds.HTML:
        return embedded.file(look, kind, body, {**HEADERS, **links.headers})
    try:
        return await _shown(datasette, request, look, capture, body, links)
    except Tangled:
        return await _said(datasette, request, look, links, "tangled")


async def _redirect(datasette: Any, request: Any, look: Look, capture: Capture, links: _Links) -> Response:
    """Said, never followed: where it leads is for the reader to decide, and stays within the archive."""
    to = Base(look.original_url, addresses.stamp(look.fetched_at), asked.root(datasette))
    try:
        written = urljoin(look.original_url, capture.header("Location"))
    except ValueError:
        written = capture.header("Location")
    inside = to.inside(capture.header("Location"))
    return await _said(
        datasette, request, look, links, "redirect", headers=links.headers, to=written[:2000], inside=inside
    )


async def _said(
    datasette: Any,
    request: Any,
    look: Look,
    links: _Links,
    what: str,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **more: str,
) -> Response:
    """A page of ours about the capture, in place of what it holds. Without ``headers`` it is no memento."""
    return await asked.page(
        datasette, request, "snapshot", look.url, status, headers, what=what, look=look, around=links.around,
        readable=links.readable, **more,
    )  # fmt: skip


async def _shown(datasette: Any, request: Any, look: Look, capture: Capture, body: bytes, links: _Links) -> Response:
    banner, chosen = asked.fragment(
        datasette, request, "banner.html", look=look, around=links.around, readable=links.readable,
        home=str(datasette.urls.path("/")),
    )  # fmt: skip
    head, _ = asked.fragment(datasette, request, "banner_styles.html")
    words = wording.WORDS[chosen]["snapshot"]
    base = Base(look.url, addresses.stamp(look.fetched_at), asked.root(datasette))

    def rewritten() -> bytes:
        page = html.rewrite(
            text.decode(body, capture.header("Content-Type")), base, lambda address: words["frame"].format(url=address)
        )
        return html.framed(page, head, banner).encode("utf-8", "replace")

    content = await holdings.aside(rewritten)
    return Response(content, _status(look.original_status), {**HEADERS, **links.headers}, "text/html; charset=utf-8")


def _status(received: int) -> int:
    """That of the capture: what was "not found" then is to be no page of content for machines now, as in other archives
    of the web. Memento-Datetime tells it from an answer about the archive itself."""
    return received if 400 <= received < 600 and received not in _NOT_REPEATED else 200


_FORM = r"(?P<stamp>[0-9]{1,14})(?P<modifier>[a-z]{2}_)?"
ROUTES: answers.Routes = [(rf"^/web/{_FORM}/(?P<url>.+)$", snapshot)]
