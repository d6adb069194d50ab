"""What goes around every answer of the site, Datasette's own included: headers, refusals, the reader's language, CSV.

An ASGI wrapper. It looks at addresses and headers, never at what an answer says; except that a CSV begins with a BOM,
without which Excel reads Vietnamese as windows-1252.
"""

from __future__ import annotations

import csv
import io
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from archive.plugin import answers, wording
from archive.plugin.finding.spreadsheet import harmless

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

NONCE = "tangthu_nonce"
METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
# Nothing here is sent by readers but an operator's "log out"; what is longer is nobody's.
MOST_OF_A_BODY = 64_000
MOST_OF_AN_ADDRESS = 1_000_000
BOM = b"\xef\xbb\xbf"
# So many bytes of a CSV are sent at once: Datasette sends it row by row.
CHUNK = 65_536
csv.field_size_limit(100_000_000)  # else the reader of rows refuses an article of more than 131,072 letters
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")

ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    b"cross-origin-opener-policy": b"same-origin",
}
# Datasette's pages have scripts and styles in them; the scripts are told from a stranger's by a nonce (translate.py).
_DATASETTES = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_NO_PAGE = b"default-src 'none'; frame-ancestors 'none'"


def below(path: str, base_url: str) -> str:
    """The path within the site, which may be published below another one: "/kho/a/x" is "/a/x" below "/kho/"."""
    return "/" + path.removeprefix(base_url).lstrip("/")


def is_datasettes(path: str) -> bool:
    """Is it one of Datasette's own pages: of the archive's database, or about Datasette itself?"""
    first = path.lstrip("/").partition("/")[0].partition(".")[0]
    return first in (answers.DATABASE, "-") or first.startswith("_")


def enveloped(app: App, base_url: Callable[[], str]) -> App:
    """The application, with what every answer has; ``base_url`` is asked for each time, as Datasette does."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope = {**scope, NONCE: nonce}
        sending = _Headers(send, nonce)
        if refused := refusal(scope):
            status, why = refused
            await sending.start(status, b"text/plain; charset=utf-8", why.encode() + b"\n")
            return
        if is_datasettes(below(scope["path"], base_url())):
            scope, sending.cookie = with_language(scope)
            if scope["path"].endswith(".csv"):
                await app(scope, receive, _Csv(sending).send)
                return
        await app(scope, receive, sending.send)

    return answer


def refusal(scope: Scope) -> tuple[int, str] | None:
    """Status and reason when the request is not even looked at, else None."""
    headers = dict(scope["headers"])
    if scope["method"] not in METHODS:
        return 405, "405: GET, HEAD"
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > MOST_OF_AN_ADDRESS:
        return 414, "414: this address is too long"
    if b"transfer-encoding" in headers:
        return 411, "411: say how long the body is"
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length[:12]) > MOST_OF_A_BODY:
        return 413, f"413: at most {MOST_OF_A_BODY} bytes"
    return None


def with_language(scope: Scope) -> tuple[Scope, bytes]:
    """Without ``?lang=``, which would be a filter to Datasette, but as if the reader had chosen it before.

    The second is the cookie that says so from now on, b"" when there is nothing to say.
    """
    query = scope.get("query_string") or b""
    if b"lang=" not in query:
        return scope, b""
    pairs = query.split(b"&")
    wanted = [pair[5:].decode("latin-1") for pair in pairs if pair.startswith(b"lang=")]
    scope = {**scope, "query_string": b"&".join(pair for pair in pairs if not pair.startswith(b"lang="))}
    if not wanted or wanted[-1] not in wording.LANGUAGES:
        return scope, b""
    chosen = f"{answers.COOKIE}={wanted[-1]}".encode()
    kept = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
    cookies = [part for name, value in scope["headers"] if name == b"cookie" for part in value.split(b";")]
    cookies = [part.strip() for part in cookies if not part.strip().startswith(answers.COOKIE.encode() + b"=")]
    scope["headers"] = [*kept, (b"cookie", b"; ".join([*cookies, chosen]))]
    return scope, chosen + b"; Max-Age=31536000; Path=/; HttpOnly; SameSite=lax"


class _Headers:
    """Sends on what it is given, with the headers that every answer has and a page's policy."""

    def __init__(self, send: Send, nonce: str) -> None:
        self._send = send
        self._nonce = nonce
        self.cookie = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": self._headers(list(message.get("headers", [])))}
        await self._send(message)

    async def start(self, status: int, media_type: bytes, body: bytes) -> None:
        headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    def _headers(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """What an answer says itself stands."""
        said = {name.lower(): value for name, value in headers}
        added = {**ALWAYS, b"content-security-policy": self._policy(said.get(b"content-type", b""))}
        if self.cookie:
            headers.append((b"set-cookie", self.cookie))
        headers = [(name, _within(value) if name.lower() == b"location" else value) for name, value in headers]
        return headers + [(name, value) for name, value in added.items() if name not in said]

    def _policy(self, media_type: bytes) -> bytes:
        return _DATASETTES.format(nonce=self._nonce).encode() if media_type.startswith(b"text/html") else _NO_PAGE


def _within(location: bytes) -> bytes:
    """A redirect without a host stays here: ``//host`` and ``/\\host`` would be another site to a browser."""
    if location[:1] in (b"/", b"\\") and location[1:2] in (b"/", b"\\"):
        return b"/" + location.lstrip(b"/\\")
    return location


def in_spreadsheet(row: bytes) -> bytes:
    """A row of Datasette's CSV, its cells made harmless; numbers stay numbers."""
    rows = list(csv.reader(io.StringIO(row.decode("utf-8", "replace"), newline="")))
    safe = [[cell if _NUMBER.fullmatch(cell) else harmless(cell) for cell in cells] for cells in rows]
    if safe == rows:
        return row
    out = io.StringIO(newline="")
    csv.writer(out).writerows(safe)
    return out.getvalue().encode("utf-8")


class _Csv:
    """Sends on a CSV of Datasette's: with a BOM, said to be CSV, its cells safe in a spreadsheet, in larger pieces."""

    def __init__(self, inner: _Headers) -> None:
        self._inner = inner
        self._is_csv = False
        self._kept = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._inner.send(self._started(message))
        elif message["type"] == "http.response.body" and self._is_csv:
            self._kept += in_spreadsheet(message.get("body", b""))
            more = message.get("more_body", False)
            if not more or len(self._kept) >= CHUNK:
                await self._inner.send({**message, "body": self._kept, "more_body": more})
                self._kept = b""
        else:
            await self._inner.send(message)

    def _started(self, message: Message) -> Message:
        headers = [(name, value) for name, value in message.get("headers", []) if name.lower() != b"content-type"]
        media_type = next((value for name, value in message["headers"] if name.lower() == b"content-type"), b"")
        self._is_csv = message["status"] == 200 and media_type.startswith((b"text/plain", b"text/csv"))
        if not self._is_csv:
            return message
        self._kept = BOM
        return {**message, "headers": [*headers, (b"content-type", b"text/csv; charset=utf-8")]}
