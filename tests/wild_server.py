"""The portal of wild_pages.py on loopback, written on bare sockets: most of its answers no web server would give.

``Wild`` serves it, beside a host with an expired certificate and a stranger that must never be asked. ``run`` crawls
and watches; ``copies``, ``others`` and ``said`` look at what came of it.
"""

from __future__ import annotations

import re
import socket
import socketserver
import ssl
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import wild_answers as answers
import wild_pages as pages
from conftest import rows, start_crawl
from wild_answers import GOOD
from wild_pages import Good
from wild_wire import Wire

PORTAL_FILE = """\
name = "Cổng dữ"
district = "Huyện Dữ"
province = "Nam Định"
home = "{home}"
platform = "drupal7"
delay = 0
aliases = ["{tls}"]
"""


@dataclass(slots=True)
class Hit:
    """One request: when (monotonic seconds), to which server ("home", "tls", "stranger"), path with query as sent, and
    the bytes of the answer that were taken."""

    at: float
    server: str
    target: str
    taken: int = 0

    @property
    def path(self) -> str:
        return self.target.partition("?")[0].partition(";")[0]


@dataclass(frozen=True, slots=True)
class Run:
    """A crawl that ended: exit code, everything printed, seconds, and the most memory it held, in MB."""

    code: int
    out: str
    seconds: float
    peak: int


@dataclass
class Wild:
    """The three servers while the block of ``with`` runs. ``home`` with a slash at the end, ``tls`` host and port.

    ``front`` answers instead of the home page, and ``robots`` instead of robots.txt, when they are given · ``links``
    on its longest listing.
    """

    front: Callable[[Wire, int], None] | None = None
    robots: Callable[[Wire, int], None] | None = None
    links: int = pages.LINKS
    hits: list[Hit] = field(default_factory=list)
    home: str = ""
    tls: str = ""
    stranger: str = ""

    def __enter__(self) -> Wild:
        self._over, self._lock, self._visits = threading.Event(), threading.Lock(), Counter[str]()
        self._stack = ExitStack()
        self.home = f"http://127.0.0.1:{self._serve('home', None)}/"
        self.stranger = f"http://127.0.0.1:{self._serve('stranger', None)}/"
        self.tls = f"127.0.0.1:{self._serve('tls', expired())}"
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._stack.close()

    def portal_file(self) -> str:
        return PORTAL_FILE.format(home=self.home, tls=self.tls)

    def asked(self, server: str = "home") -> list[Hit]:
        return [hit for hit in self.hits if hit.server == server]

    def _serve(self, name: str, context: ssl.SSLContext | None) -> int:
        wild = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                # The client may go at any moment: that is what half of the answers are for.
                with suppress(OSError):
                    wild._talk(name, self.request, context)

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads, server.block_on_close = True, False
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        self._stack.callback(thread.join)
        self._stack.callback(server.server_close)
        self._stack.callback(server.shutdown)
        return int(server.server_address[1])

    def _talk(self, name: str, connection: socket.socket, context: ssl.SSLContext | None) -> None:
        connection.settimeout(30)
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        head = b""
        while b"\r\n\r\n" not in head and len(head) < 1_000_000:
            piece = connection.recv(65536)
            if not piece:
                return
            head += piece
        hit = Hit(time.monotonic(), name, head.split(b" ", 2)[1].decode("latin-1"))
        with self._lock:
            self.hits.append(hit)
            self._visits[hit.target] += 1
            visit = self._visits[hit.target]
        wire = Wire(connection, hit.target, self.home, self.stranger, self.tls, self.links, self._over)
        try:
            self._answer(name, wire, hit.path, visit)
        finally:
            hit.taken = wire.taken
            wire.close()

    def _answer(self, name: str, wire: Wire, path: str, visit: int) -> None:
        if name == "stranger":
            return wire.page(pages.page("<h1>Không phải của ta</h1>"))
        if path == "/" and self.front:
            return self.front(wire, visit)
        if path == "/robots.txt" and self.robots:
            return self.robots(wire, visit)
        return answers.answer(wire, path, visit)


def run(data: Path, portal_id: str, options: str = "{}", most: float = 300) -> Run:
    """One crawl in a process of its own, watched from outside. Raises TimeoutExpired after ``most`` seconds."""
    started = time.monotonic()
    child = start_crawl(data, portal_id, options)
    peak, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.03):
            with suppress(OSError, StopIteration, ValueError):
                lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
                peak[0] = max(peak[0], int(next(line for line in lines if line.startswith("VmHWM")).split()[1]))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        out, _ = child.communicate(timeout=most)
    finally:
        child.kill()
        ended.set()
        watcher.join()
    return Run(child.returncode, out, time.monotonic() - started, peak[0] // 1024)


def copies(data: Path, wanted: Iterable[Good]) -> dict[str, list[tuple[str, int]]]:
    """Path of each article wanted → (title, number of versions) of every article of the archive that has its text."""
    found = rows(data, "select title, text, versions from articles")
    return {
        good.path: [(row["title"], row["versions"]) for row in found if good.marker in row["text"]] for good in wanted
    }


def others(data: Path) -> list[str]:
    """Articles of the archive that are none of the good ones."""
    found = rows(data, "select url, text from articles")
    return [row["url"] for row in found if not any(good.marker in row["text"] for good in GOOD)]


def said(data: Path, log: str, wild: Wild) -> Callable[[str], str]:
    """Everything that the archive and the log say of an address, in one lower-case text; "" is silence."""
    told = [
        (str(row.pop("url")), ", ".join(str(part) for part in row.values() if part))
        for query in _TOLD
        for row in rows(data, query)
    ]
    lines = log.splitlines()

    def of(address: str) -> str:
        whole = address if "://" in address else wild.home[:-1] + address
        known = [text for url, text in told if url == whole]
        return "\n".join(
            [*known, *(line for line in lines if re.search(rf"{re.escape(whole)}(?![\w/.-])", line))]
        ).lower()

    return of


# What is said where: of each answer, of each address, of what is not followed any more.
_TOLD = (
    "select url, 'status ' || status as status, verdict, why, case when source like 'live;%' then source end as source"
    " from captures left join failures on failures.capture = captures.id",
    "select url, outcome from frontier",
    "select example as url, shape, why from traps",
)


def expired() -> ssl.SSLContext:
    """A certificate of 127.0.0.1 that ended years ago."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2019, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2019, 1, 1, tzinfo=UTC) + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "expired.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context.load_cert_chain(path)
    return context
