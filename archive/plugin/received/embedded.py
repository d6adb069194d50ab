"""What a page shows besides its text (pictures, style sheets, fonts), files, and bytes as they were received."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from datasette import Response

from archive import text
from archive.model import Capture
from archive.plugin import answers
from archive.plugin.queries import snapshots as queries
from archive.plugin.queries.snapshots import Look
from archive.plugin.received import holdings
from archive.replay import addresses, css, kinds
from archive.replay.addresses import Base
from archive.replay.kinds import Kind
from archive.text import NotInflatable
from archive.warc import TooLarge

# A file that is opened by itself runs nothing and asks for nothing.
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # A document in a sandbox that wants a browsing group of its own is a network error (HTML, "navigating").
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "X-Robots-Tag": "noindex",
}
# Seconds: a page's pictures are asked for again and again, and what is withheld must be gone soon.
_KEPT = {"Cache-Control": "max-age=300"}
_MOST_TRIED = 3  # captures whose bytes are looked at for one picture
_MOST_STYLES = 3_000_000
_WANTED = {
    addresses.IMAGE: (kinds.IMAGE,),
    addresses.STYLES: (kinds.STYLES, kinds.TEXT),
    addresses.OTHER: (kinds.MEDIA,),
}
_ORIGINAL = "X-Archive-Orig-"
_CODINGS = frozenset(["gzip", "x-gzip", "deflate", "br"])
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}")
_MOST_HEADERS, _LONGEST_VALUE = 60, 2_000


async def embedded(datasette: Any, key: str, base: Base, wanted: datetime, modifier: str) -> Response:
    """The file of that address and kind received nearest to the page's time; an empty 404 when there is none.

    ``base``: what addresses in a style sheet mean, but for its own, which is that of the capture.
    """
    moment = addresses.iso(wanted)
    looks = await answers.ask(
        datasette, lambda conn: queries.embedded(conn, key, moment) or queries.alike(conn, key, moment)
    )
    if looks and looks[0].withheld:
        return Response("", 451, HEADERS)
    for look in [look for look in looks if not look.withheld and _may_be(look, modifier)][:_MOST_TRIED]:
        try:
            capture = await holdings.received(datasette, look)
            given = await holdings.aside(partial(_given, look, capture, base, modifier))
        except (holdings.Missing, TooLarge, NotInflatable):
            continue
        if given is not None:
            return given
    return Response("", 404, HEADERS, css.MEDIA_TYPE if modifier == addresses.STYLES else "text/plain")


def _given(look: Look, capture: Capture, base: Base, modifier: str) -> Response | None:
    """The answer with the bytes, when they are of the kind that is wanted. Raises NotInflatable."""
    most = _MOST_STYLES if modifier == addresses.STYLES else holdings.MOST
    body = text.inflate(capture.body, capture.header("Content-Encoding"), most)
    kind = kinds.kind(look.media_type or capture.media_type, body)
    headers = {**HEADERS, **_KEPT}
    if kind.name not in _WANTED[modifier] or len(body) > most:
        return None
    if modifier != addresses.STYLES:
        return file(look, kind, body, headers)
    sheet = css.rewrite(css.decode(body), Base(look.url, base.stamp, base.root))
    return Response(sheet, headers=headers, content_type=css.MEDIA_TYPE)


def _may_be(look: Look, modifier: str) -> bool:
    """Worth reading? A server names the kind of most files; a web page in a picture's place is none."""
    pages = ("text/html", "application/xhtml+xml")
    return look.media_type not in pages and (modifier != addresses.IMAGE or look.media_type != "text/css")


def file(look: Look, kind: Kind, body: bytes, headers: dict[str, str]) -> Response:
    """A file, as what it is. Text is shown as text, whatever a browser could make of it; a drawing that could hold
    scripts only as a picture within a page; what no browser shows is kept under the name that it had."""
    media_type, headers = kind.media_type, {**headers, "Content-Security-Policy": HEADERS["Content-Security-Policy"]}
    if kind.name in (kinds.TEXT, kinds.STYLES):
        return Response(text.decode(body, look.media_type), headers=headers, content_type="text/plain; charset=utf-8")
    if kind.name == kinds.PDF:
        # The browsers' own viewers do not open in a sandbox. They let nothing out, and the type is what the bytes are.
        headers["Content-Security-Policy"] = "frame-ancestors 'self'"
    elif kind.name == kinds.FILE or media_type == "image/svg+xml":
        headers["Content-Disposition"] = attachment(kinds.file_name(look.url, media_type))
    if kind.name == kinds.MEDIA:
        # A page in the sandbox has no origin, and fonts are given to origins that are allowed to have them.
        headers["Access-Control-Allow-Origin"] = "*"
    return Response(body, headers=headers, content_type=media_type)


def raw(look: Look, capture: Capture, links: dict[str, str], status: int) -> Response:
    """The payload exactly as received, its Content-Encoding still applied and named; the headers that came with it have
    "X-Archive-Orig-" before their names."""
    declared = capture.header("Content-Type")
    headers = {**HEADERS, **links, **_original(capture)}
    coding = capture.header("Content-Encoding").strip().lower()
    if coding in _CODINGS and _is_coded(capture.body, coding):
        headers["Content-Encoding"] = coding
    media_type = kinds.safe(capture.media_type)
    if kinds.is_active(media_type):
        headers["Content-Disposition"] = attachment(kinds.file_name(look.url, media_type))
    charset = re.search(r"(?i)charset\s*=\s*[\"']?([\w.:-]{1,40})", declared, re.ASCII)
    typed = f"{media_type}; charset={charset[1]}" if charset else media_type
    return Response(capture.body, status, headers, typed)


def attachment(name: str) -> str:
    """RFC 6266, with the letters that old clients read, and all of them for the others."""
    plain = re.sub(r"[^\w.() -]", "_", name, flags=re.ASCII)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _original(capture: Capture) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name, value in capture.headers[:_MOST_HEADERS]:
        if _NAME.fullmatch(name):
            plain = quote(value[:_LONGEST_VALUE], safe="".join(map(chr, range(32, 127))), errors="replace")
            found.setdefault(_ORIGINAL + name, []).append(plain)
    return {name: ", ".join(values) for name, values in found.items()}


def _is_coded(body: bytes, coding: str) -> bool:
    """A browser shows nothing at all of a body that is not what its header says."""
    try:
        return bool(text.inflate(body, coding, holdings.MOST)) or not body
    except NotInflatable as error:
        return "larger" in str(error)
