"""One capture's record: what was received, where it stands, and its bytes to take away and check."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

from datasette import Response

from archive.plugin import answers, takedowns
from archive.plugin.queries import snapshots as queries
from archive.plugin.queries.snapshots import Look
from archive.plugin.received import asked, holdings
from archive.replay import addresses
from archive.warc import Record, TooLarge, bytes_at, payload_digest

_PIECE = 1 << 20


class _Slice(Response):  # type: ignore[misc]
    """A part of a file, sent in pieces: a record may be larger than what is held in memory."""

    def __init__(self, path: Path, offset: int, length: int, headers: dict[str, str], content_type: str) -> None:
        super().__init__(b"", 200, {**headers, "Content-Length": str(length)}, content_type)
        self._path, self._offset, self._left = path, offset, length

    async def asgi_send(self, send: Any) -> None:
        named = [[name.encode(), value.encode()] for name, value in self.headers.items()]
        named.append([b"content-type", self.content_type.encode()])
        await send({"type": "http.response.start", "status": 200, "headers": named})
        while self._left > 0:
            piece = await holdings.aside(partial(bytes_at, self._path, self._offset, min(self._left, _PIECE)))
            if not piece:
                break  # the file became shorter: the client sees that the answer is
            self._offset, self._left = self._offset + len(piece), self._left - len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def record(datasette: Any, request: Any) -> Response:
    """The WARC record: the very bytes that stand in the archive's file."""
    look = await _look(datasette, request)
    if look is None:
        return await answers.nothing(datasette, request)
    if look.withheld:
        return await takedowns.withheld_capture(datasette, request, look.article)
    try:
        path = holdings.path_of(datasette, look.own)
        start = await holdings.aside(partial(bytes_at, path, look.own.offset, 2))
    except (holdings.Missing, OSError, ValueError):
        start = b""
    if len(start) < 2:
        return await _page(datasette, request, look, None, 404)
    squeezed = start == b"\x1f\x8b"
    name = f"{addresses.stamp(look.fetched_at)}-{look.id}.warc{'.gz' if squeezed else ''}"
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Content-Disposition": f'attachment; filename="{name}"',
        "WARC-Payload-Digest": look.digest if re.fullmatch(r"[\w:=+/-]{1,150}", look.digest) else "",
        "Link": f'<{answers.base_url(datasette, request)}capture/{look.id}>; rel="describedby"; type="text/html"',
    }
    if look.is_revisit:
        # The payload stands in another record: both together are the whole of it.
        headers["Link"] += f', <{answers.base_url(datasette, request)}record/{look.original}>; rel="related"'
    media_type = "application/gzip" if squeezed else "application/warc"
    return _Slice(path, look.own.offset, look.own.length, headers, media_type)


async def capture(datasette: Any, request: Any) -> Response:
    """What the record says, and whether its payload is still what its digest says."""
    look = await _look(datasette, request)
    if look is None:
        return await answers.nothing(datasette, request)
    if look.withheld:
        return await takedowns.withheld_capture(datasette, request, look.article)
    try:
        own = await holdings.record(datasette, look.own)
        held = await holdings.record(datasette, look.held) if look.is_revisit else own
    except holdings.Missing:
        return await _page(datasette, request, look, None, 404)
    except TooLarge:
        return await _page(datasette, request, look, None, 200, large=True)
    found = await holdings.aside(lambda: payload_digest(held.capture.body) if held.capture else "")
    return await _page(datasette, request, look, own, 200, held=held, found=found)


async def _look(datasette: Any, request: Any) -> Look | None:
    number = int(request.url_vars["number"])
    return await answers.ask(datasette, lambda conn: queries.capture(conn, number))


async def _page(
    datasette: Any,
    request: Any,
    look: Look,
    own: Record | None,
    status: int,
    held: Record | None = None,
    found: str = "",
    large: bool = False,
) -> Response:
    """``own`` None: its file is not here, or (``large``) it is too large to be read for a page."""
    base = answers.base_url(datasette, request)
    payload = held.capture if held else None
    return await answers.page(
        datasette, request, "capture", status, {"X-Robots-Tag": "noindex"}, look=look, own=own, large=large,
        found=found, size=len(payload.body) if payload else 0, http=payload.headers if payload else (),
        record_url=f"{base}record/{look.id}", held_url=f"{base}record/{look.original}",
        raw_url=asked.places(datasette, request, look.url).memento(look.moment, addresses.RAW),
        web=lambda moment: asked.path(datasette, moment),
    )  # fmt: skip


_NUMBER = r"(?P<number>[1-9][0-9]{0,17})"
ROUTES: answers.Routes = [
    (rf"^/record/{_NUMBER}(?:\.warc(?:\.gz)?)?$", record),
    (rf"^/capture/{_NUMBER}/?$", capture),
    (r"^/(?:record|capture)(?:/.*)?$", answers.nothing),
]
