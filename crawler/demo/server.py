"""The demo portal on loopback: a ThreadingHTTPServer in a daemon thread, stdlib only."""

from __future__ import annotations

import gzip
import sys
import threading
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit

from crawler.demo.pages import HTML, NAME, Answer, Site, escaped, last_modified

PORTAL_ID = "demo/song_ninh"
_PORTAL_FILE = """\
name     = "{name}"
district = "Huyện Sông Ninh"
province = "Nam Định"
home     = "{home}"
platform = "drupal7"
delay    = 0.0
communes = ["Xã Sông Ninh", "Xã Ninh Hà", "Xã Cầu Ninh"]
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """One request that was answered: ``path`` with its query as sent, ``bytes`` of the body on the wire."""

    method: str
    path: str
    status: int
    bytes: int


class DemoPortal:
    """The portal while the block of ``with`` runs; it may be asked for ``url`` before.

    ``port`` 0 takes any free one; OSError when the port is taken. ``day`` 1 or 2 may be set while it runs.
    """

    def __init__(self, port: int = 0, day: int = 1) -> None:
        self.day = day
        self.requests: list[Hit] = []
        self._server = _Server(self, port)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> DemoPortal:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def portal_file(self) -> str:
        """The TOML of the portal file for PORTAL_ID, with this portal's address as home."""
        return _PORTAL_FILE.format(name=NAME, home=self.url)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client's idle keep-alive connection must not hold up the end

    def __init__(self, portal: DemoPortal, port: int) -> None:
        self.portal = portal
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is none of our business; anything else is shown as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Apache/2.2.22", "(Debian)"
    server: _Server
    timeout = 30

    def do_GET(self) -> None:
        self._reply(self._answer())

    def do_HEAD(self) -> None:
        self._reply(self._answer())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._reply(Answer(403, HTML, b""))

    def log_message(self, format: str, *args: object) -> None:
        """Silent: what was answered is in DemoPortal.requests."""

    def _answer(self) -> Answer:
        portal = self.server.portal
        target = urlsplit(self.path)
        site = _site(portal.url, portal.day)
        return site.answer(escaped(target.path), dict(parse_qsl(target.query)), len(portal.requests))

    def _reply(self, answer: Answer) -> None:
        unchanged = answer.status == 200 and _unchanged(answer, self.headers)
        status, body = (304, b"") if unchanged else (answer.status, answer.body)
        packed = body and answer.media_type.startswith(("text/", "application/rss")) and self._takes_gzip()
        if packed:
            body = gzip.compress(body, mtime=0)
        sent = b"" if self.command == "HEAD" else body
        # Noted before it is sent: who has read the answer may look it up at once.
        self.server.portal.requests.append(Hit(self.command, self.path, status, len(sent)))
        self.send_response(status)
        self.send_header("X-Generator", "Drupal 7 (http://drupal.org)")
        self.send_header("Cache-Control", "public, max-age=0")
        self.send_header("Vary", "Accept-Encoding")
        if answer.etag:
            self.send_header("ETag", answer.etag)
        if answer.modified:
            self.send_header("Last-Modified", last_modified(answer.modified))
        for name, value in answer.headers:
            self.send_header(name, value)
        if not unchanged:
            self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Language", "vi")
            self.send_header("Content-Length", str(len(body)))
            if packed:
                self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(sent)

    def _takes_gzip(self) -> bool:
        codings = [c.replace(" ", "").lower() for c in self.headers.get("Accept-Encoding", "").split(",")]
        return any(c == "gzip" or (c.startswith("gzip;q=") and float(c[7:] or 0) > 0) for c in codings)


@lru_cache(maxsize=8)
def _site(home: str, day: int) -> Site:
    return Site(home, day)


def _unchanged(answer: Answer, headers: Message) -> bool:
    """If-None-Match by weak comparison; If-Modified-Since only without it (RFC 9110, 13.2.2)."""
    known = headers.get("If-None-Match")
    if known is not None:
        tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
        return bool(answer.etag) and ("*" in tags or answer.etag.removeprefix("W/") in tags)
    since = headers.get("If-Modified-Since")
    if since is None or answer.modified is None:
        return False
    try:
        return answer.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False
