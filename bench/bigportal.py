"""Portals of any number of articles on loopback, in a process of their own, which counts what it is asked for.

``python bench/bigportal.py --count 5000 --today 2026-11-25T02:00:00Z`` prints a JSON list of addresses, one a portal,
and serves until its standard input is closed. What its editors do, and what was asked for, goes through ``/-/next``
and ``/-/asked`` of the same address; ``Bigportal`` does that for Python. The pages are made in bench/bigpages.py.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

from archive.warc import iso

sys.path.insert(0, str(Path(__file__).parent))
from bigpages import Answer, Site

ROOT = Path(__file__).parent.parent
PORTAL_FILE = """\
name = "Cổng thông tin điện tử huyện Đồng Lớn"
district = "Huyện Đồng Lớn"
province = "Nam Định"
home = "{home}"
platform = "drupal7"
delay = {delay}
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. ``kind`` "source" (home, robots.txt, sitemaps, feed), "listing", "article" or "file" ·
    ``conditional`` it said what it knows · bytes on the wire, heads and bodies: ``sent`` to the client, ``received``
    from it · ``beside`` how many requests of the same portal were being answered at that moment, itself among them,
    and ``abroad`` how many of all portals of the process."""

    kind: str
    path: str
    conditional: bool
    status: int
    sent: int
    received: int
    beside: int
    abroad: int


class Bigportal:
    """One portal of a process that ``serving`` started."""

    def __init__(self, home: str) -> None:
        self.home = home

    def portal_file(self, delay: float = 0.0) -> str:
        """The five keys, and the delay."""
        return PORTAL_FILE.format(home=self.home, delay=delay)

    def go_on(
        self,
        now: datetime,
        new: int = 0,
        edited: tuple[int, ...] = (),
        deleted: tuple[int, ...] = (),
        told: bool = True,
    ) -> list[int]:
        """The editors' next day: the numbers of the new articles. See ``bigpages.Site.go_on``."""
        values = {"now": iso(now), "new": new, "edited": edited, "deleted": deleted, "told": told}
        return list(self._ask("next", values))

    def asked(self, forget: bool = False) -> list[Asked]:
        """What was asked for since it was last forgotten."""
        return [Asked(*values) for values in self._ask("asked", {"forget": forget})]

    def reach(self, count: int, seconds: float) -> int:
        """Wait until so many requests have come since they were forgotten, or for so long; how many have."""
        return int(self._ask("reach", {"count": count, "seconds": seconds}))

    def _ask(self, what: str, values: dict[str, Any]) -> Any:
        with urlopen(Request(f"{self.home}-/{what}", json.dumps(values).encode())) as answer:
            return json.load(answer)


@contextmanager
def serving(
    count: int, today: datetime, portals: int = 1, sitemap: str = "index", wait: float = 0.0
) -> Iterator[list[Bigportal]]:
    """So many portals of ``count`` articles each, whose newest is of the day before ``today``. ``wait``: seconds that
    each answer takes."""
    command = [
        sys.executable, str(Path(__file__)), "--count", str(count), "--today", iso(today), "--portals", str(portals),
        "--sitemap", sitemap, "--wait", str(wait),
    ]  # fmt: skip
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert child.stdout
        yield [Bigportal(home) for home in json.loads(child.stdout.readline())]
    finally:
        child.kill()
        child.wait()
        assert child.stdin and child.stdout
        child.stdin.close()
        child.stdout.close()


class Server(ThreadingHTTPServer):
    """One portal, and what it was asked for."""

    daemon_threads = True
    request_queue_size = 64
    open_of_all = 0  # requests that are being answered, of all servers of the process
    lock = threading.Lock()

    def __init__(self, count: int, today: datetime, sitemap: str, wait: float) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.home = f"http://127.0.0.1:{self.server_port}/"
        self.site = Site(self.home, count, today, sitemap)
        self.wait = wait
        self.asked: list[Asked] = []
        self.open = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is what is measured here; anything else is shown as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 20  # head and body in one packet: else each answer waits 40 ms for the client's ACK
    server: Server
    raw_requestline: bytes

    def do_GET(self) -> None:
        server = self.server
        with Server.lock:
            server.open += 1
            Server.open_of_all += 1
            beside, abroad = server.open, Server.open_of_all
        try:
            target = urlsplit(self.path)
            with server.lock:
                answer = server.site.answer(target.path, dict(parse_qsl(target.query)))
            time.sleep(server.wait)
            status, head, body = self._packed(answer)
            conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
            received = len(self.raw_requestline) + sum(len(n) + len(v) + 4 for n, v in self.headers.items()) + 2
            sent = len(head) + len(body)
            # Noted before it is sent: who has read the answer may look it up at once.
            server.asked.append(Asked(answer.kind, self.path, conditional, status, sent, received, beside, abroad))
        finally:
            with Server.lock:
                server.open -= 1
                Server.open_of_all -= 1
        self.wfile.write(head + body)

    def do_POST(self) -> None:
        """What is no part of the portal: its editors, and the one who measures."""
        given = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        answers = {"/-/next": self._next, "/-/asked": self._asked, "/-/reach": self._reach}
        body = json.dumps(answers[self.path](given)).encode()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    def _next(self, given: dict[str, Any]) -> Any:
        moment = datetime.fromisoformat(given["now"])
        with self.server.lock:
            edited, deleted = tuple(given["edited"]), tuple(given["deleted"])
            return self.server.site.go_on(moment, int(given["new"]), edited, deleted, bool(given["told"]))

    def _asked(self, given: dict[str, Any]) -> Any:
        asked = self.server.asked
        if given["forget"]:
            self.server.asked = []
        return [list(asdict(one).values()) for one in asked]

    def _reach(self, given: dict[str, Any]) -> Any:
        end = time.monotonic() + given["seconds"]
        while len(self.server.asked) < given["count"] and time.monotonic() < end:
            time.sleep(0.001)
        return len(self.server.asked)

    def _packed(self, answer: Answer) -> tuple[int, bytes, bytes]:
        """Status, head and body as they go over the wire."""
        unchanged = answer.status == 200 and self._knows(answer)
        lines = [f"HTTP/1.1 {304 if unchanged else answer.status} -", "Server: nginx", "X-Generator: Drupal 7"]
        lines.append(f"Date: {format_datetime(self.server.site.today, usegmt=True)}")
        lines += [f"ETag: {answer.etag}"] if answer.etag else []
        lines += [f"Last-Modified: {format_datetime(answer.modified, usegmt=True)}"] if answer.modified else []
        lines += [f"Location: {answer.location}"] if answer.location else []
        body = b""
        if not unchanged:
            packs = answer.media_type.startswith("text/") and "gzip" in self.headers.get("Accept-Encoding", "")
            body = gzip.compress(answer.body, 1, mtime=0) if packs else answer.body
            lines += ["Content-Encoding: gzip"] if packs else []
            lines += [f"Content-Type: {answer.media_type}", f"Content-Length: {len(body)}"]
        return 304 if unchanged else answer.status, "\r\n".join([*lines, "", ""]).encode("latin-1"), body

    def _knows(self, answer: Answer) -> bool:
        """If-None-Match; If-Modified-Since only without it (RFC 9110, 13.2.2)."""
        known = self.headers.get("If-None-Match")
        if known is not None:
            return bool(answer.etag) and answer.etag in known
        since = self.headers.get("If-Modified-Since")
        return bool(
            since and answer.modified and answer.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        )

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--count", type=int, default=5000)
    words.add_argument("--today", type=datetime.fromisoformat, required=True)
    words.add_argument("--portals", type=int, default=1)
    words.add_argument("--sitemap", choices=["index", "none"], default="index")
    words.add_argument("--wait", type=float, default=0.0)
    given = words.parse_args()
    servers = [Server(given.count, given.today, given.sitemap, given.wait) for _ in range(given.portals)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps([server.home for server in servers]), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
