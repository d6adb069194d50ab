"""The whole database to take away: which copies there are, and each of them, whole or from a byte on.

The server makes none: ``tangthu export download`` does, out of cron. A copy that was made before a text was hidden may
hold it, and is neither shown nor given out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from datasette import Response

from archive import publish
from archive.plugin import answers, wording
from archive.publish import Copy

_CHUNK = 256 * 1024
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Robots-Tag": "noindex",
}


async def downloads(datasette: Any, request: Any) -> Response:
    offered, refused = await _copies(datasette)
    megabytes = partial(_megabytes, answers.language(request))
    return await answers.page(datasette, request, "download", copies=offered, refused=refused, megabytes=megabytes)


async def digest(datasette: Any, request: Any) -> Response:
    """As ``sha256sum --check`` reads it."""
    for copy in (await _copies(datasette))[0]:
        if copy.name == request.url_vars["name"]:
            return Response.text(f"{copy.sha256}  {copy.name}\n", headers=_HEADERS)
    return await answers.nothing(datasette, request)


async def file(datasette: Any, request: Any) -> Any:
    for copy in (await _copies(datasette))[0]:
        if copy.name == request.url_vars["name"]:
            break
    else:
        return await answers.nothing(datasette, request)
    headers = _headers(copy)
    if request.headers.get("if-none-match") in ("*", headers["ETag"]):
        return Response("", status=304, headers=headers)
    part = asked(request.headers.get("range", ""), request.headers.get("if-range", ""), headers["ETag"], copy.bytes)
    if part is None:
        headers["Content-Range"] = f"bytes */{copy.bytes}"
        return Response.text("416\n", status=416, headers=headers)
    first, last = part
    status = 200
    if last - first + 1 < copy.bytes:
        status, headers["Content-Range"] = 206, f"bytes {first}-{last}/{copy.bytes}"
    try:
        opened = (_folder(datasette) / copy.name).open("rb")
    except OSError:  # a newer copy took its place in between
        return await answers.nothing(datasette, request)
    return _Sent(opened, first, last - first + 1, status, headers, with_body=request.method != "HEAD")


def asked(wanted: str, condition: str, etag: str, size: int) -> tuple[int, int] | None:
    """The first and the last byte that ``Range`` asks for; all of them where it says nothing, or too much at once.

    None when there are no such bytes. ``condition`` is ``If-Range``: another copy's bytes would not fit.
    """
    everything = (0, size - 1)
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", wanted.strip())
    if found is None or not any(found.groups()) or (condition and condition != etag):
        return everything
    start, end = found.groups()
    if not start:
        return (max(0, size - int(end)), size - 1) if int(end) else None
    if int(start) >= size or (end and int(end) < int(start)):
        return None
    return int(start), min(int(end), size - 1) if end else size - 1


async def _copies(datasette: Any) -> tuple[tuple[Copy, ...], tuple[Copy, ...]]:
    """Those that are offered, newest first, and those that are not any more."""
    known = await answers.ask(datasette, publish.hidden)
    found = await asyncio.to_thread(publish.copies, _folder(datasette))
    return tuple(c for c in found if c.hidden >= known), tuple(c for c in found if c.hidden < known)


def _folder(datasette: Any) -> Path:
    return Path(datasette.get_database(answers.DATABASE).path).parent / publish.FOLDER


def _megabytes(language: str, size: int) -> str:
    return f"{wording.number(max(1, round(size / 1e6)), language)} MB"


def _headers(copy: Copy) -> dict[str, str]:
    return {
        **_HEADERS,
        "ETag": f'"{copy.sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-cache",
        "Last-Modified": format_datetime(datetime.fromisoformat(copy.made), usegmt=True),
        "Content-Disposition": f'attachment; filename="{copy.name}"',
    }


@dataclass(slots=True)
class _Sent:
    """An answer that is read from the disk as fast as the reader takes it."""

    file: BinaryIO
    first: int
    length: int
    status: int
    headers: dict[str, str]
    with_body: bool

    async def asgi_send(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        said = {**self.headers, "Content-Type": "application/gzip", "Content-Length": str(self.length)}
        headers = [(name.lower().encode(), value.encode()) for name, value in said.items()]
        with self.file:
            await send({"type": "http.response.start", "status": self.status, "headers": headers})
            self.file.seek(self.first)
            left = self.length if self.with_body else 0
            while left:
                piece = await asyncio.to_thread(self.file.read, min(left, _CHUNK))
                if not piece:
                    raise OSError("the copy is shorter than it was")
                left -= len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


_NAME = rf"(?P<name>{publish.NAME.pattern})"
ROUTES: answers.Routes = [
    (r"^/download/?$", downloads),
    (rf"^/download/{_NAME}$", file),
    (rf"^/download/{_NAME}\.sha256$", digest),
    (r"^/download/.*$", answers.nothing),
]
