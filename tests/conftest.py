"""Shared helpers: crawls in processes of their own, a small server, and what the archive holds afterwards."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import browsing
import pytest
import rooms
from playwright.sync_api import Browser
from shelf import Shelf, make

from archive.store import Store

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT.parent / "shared" / "samples"
RUN = """\
import json, sys
from crawler.spiders import run
sys.exit(run(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))
"""
FIVE_KEYS = """\
name = "Cổng thử"
district = "Huyện Thử"
province = "Nam Định"
home = "{home}"
platform = "drupal7"
delay = {delay}
{more}
"""


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's archive, made once: to be looked at, not to be written to."""
    data = tmp_path_factory.mktemp("demo")
    browsing.make_demo(data)
    return data


@pytest.fixture(scope="session")
def demo_site(demo_data: Path) -> Iterator[str]:
    """The address at which it is served."""
    with browsing.served(demo_data) as address:
        yield address


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """A few articles of every kind."""
    return make(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="module")
def site(shelf: Shelf) -> Iterator[rooms.Site]:
    """The reading room over ``shelf``, which a module may make otherwise."""
    built = rooms.Site(shelf)
    yield built
    built.loop.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A module's: while Playwright's loop runs, no test can run one of its own."""
    with browsing.chromium() as chromium:
        yield chromium


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty archive's database, open for writing."""
    with Store(tmp_path / "tangthu.db") as store:
        yield store


def write_portal(data: Path, portal_id: str, toml: str) -> None:
    path = data / "portals" / f"{portal_id}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(toml, "utf-8")


def start_crawl(
    data: Path, portal_id: str, options: str = "{}", env: dict[str, str] | None = None, **popen: Any
) -> subprocess.Popen[str]:
    """A crawl in its own interpreter, as ``tangthu crawl`` does it; ``options`` JSON of Scrapy settings."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, portal_id, str(data), options],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **popen,
    )


def crawl(data: Path, portal_id: str, **more: Any) -> tuple[int, str]:
    """Exit code and everything printed."""
    child = start_crawl(data, portal_id, **more)
    out, _ = child.communicate(timeout=120)
    return child.returncode, out


def rows(data: Path, sql: str, *values: object) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(data / "tangthu.db")) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql, values)]


def wait_for(what: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when (monotonic seconds), path with query, headers in lower case, and the status it got."""

    at: float
    path: str
    headers: dict[str, str]
    status: int


Reply = tuple[int, dict[str, str], bytes]


class Site:
    """``answer(path, headers)`` gives status, headers and body; ``asked`` is what was asked for."""

    def __init__(self, answer: Callable[[str, dict[str, str]], Reply]) -> None:
        self.answer, self.asked = answer, list[Asked]()
        self.home = ""

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


@contextmanager
def serving(answer: Callable[[str, dict[str, str]], Reply]) -> Iterator[Site]:
    site = Site(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 20  # head and body in one packet

        def do_GET(self) -> None:
            at = time.monotonic()
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, out, body = site.answer(self.path, headers)
            site.asked.append(Asked(at, self.path, headers, status))
            self.send_response(status)
            for name, value in out.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if status != 304 else b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    site.home = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
