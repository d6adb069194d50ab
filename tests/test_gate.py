"""The address guard in a crawl: every way in that we know, at real sockets on loopback, and none gets through."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from asking import Asked, ask
from conftest import FIVE_KEYS, Reply, rows, serving, start_crawl, write_portal
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.protocol import ClientFactory, Factory, Protocol
from twisted.internet.testing import MemoryReactorClock

from crawler import gate

# {port} is the canary's, {home} the portal's host and port. Each has a mark of its own, so that the log can be asked.
WAYS = {
    "dotted": "http://127.0.0.1:{port}/MARK",
    "decimal": "http://2130706433:{port}/MARK",
    "octal": "http://0177.0.0.1:{port}/MARK",
    "octal number": "http://017700000001:{port}/MARK",
    "hexadecimal": "http://0x7f.0.0.1:{port}/MARK",
    "hexadecimal number": "http://0x7f000001:{port}/MARK",
    "two parts": "http://127.1:{port}/MARK",
    "three parts": "http://127.0.1:{port}/MARK",
    "mixed parts": "http://0x7f.1:{port}/MARK",
    "final dot": "http://127.0.0.1.:{port}/MARK",
    "another of loopback": "http://127.0.0.3:{port}/MARK",
    "unspecified": "http://0.0.0.0:{port}/MARK",
    "zero": "http://0:{port}/MARK",
    "circled digits": "http://①②⑦.0.0.1:{port}/MARK",
    "wide digits": "http://１２７.０.０.１:{port}/MARK",
    "ideographic dots": "http://127。0。0。1:{port}/MARK",
    "percent": "http://%31%32%37.0.0.1:{port}/MARK",
    "IPv6": "http://[::1]:{port}/MARK",
    "IPv6 in full": "http://[0:0:0:0:0:0:0:1]:{port}/MARK",
    "IPv6 unspecified": "http://[::]:{port}/MARK",
    "IPv4-mapped": "http://[::ffff:127.0.0.1]:{port}/MARK",
    "IPv4-mapped, hexadecimal": "http://[::ffff:7f00:1]:{port}/MARK",
    "IPv4-compatible": "http://[::127.0.0.1]:{port}/MARK",
    "6to4": "http://[2002:7f00:1::1]:{port}/MARK",
    "Teredo": "http://[2001:0:7f00:1::80ff:fffe]:{port}/MARK",
    "NAT64": "http://[64:ff9b::7f00:1]:{port}/MARK",
    "link-local": "http://[fe80::1]:{port}/MARK",
    "zone": "http://[fe80::1%25lo]:{port}/MARK",
    "unique local": "http://[fd00:ec2::254]/MARK",
    "site-local": "http://[fec0::1]/MARK",
    "ten": "http://10.0.0.1/MARK",
    "one seven two": "http://172.16.0.1:8080/MARK",
    "one nine two": "https://192.168.1.1/MARK",
    "metadata": "http://169.254.169.254/latest/meta-data/MARK",
    "carrier": "http://100.64.0.1/MARK",
    "another metadata": "http://168.63.129.16/MARK",
    "benchmarks": "http://198.18.0.1/MARK",
    "multicast": "http://224.0.0.1/MARK",
    "broadcast": "http://255.255.255.255/MARK",
    "localhost": "http://localhost:{port}/MARK",
    "LOCALHOST": "http://LOCALHOST.:{port}/MARK",
    "below localhost": "http://a.localhost:{port}/MARK",
    "another name of it": "http://ip6-localhost:{port}/MARK",
    "short name": "http://router:{port}/MARK",
    "house name": "http://metadata.google.internal/MARK",
    "user name": "http://a.example.vn@127.0.0.1:{port}/MARK",
    "user name of home": "http://an:mat@{home}/MARK",
    "address before @": "http://127.0.0.1:{port}@a.example.vn/MARK",
    "backslash": "http://a.example.vn\\@127.0.0.1:{port}/MARK",
    "home at the canary's port": "http://{host}:{port}/MARK",
    "TLS": "https://127.0.0.1:{port}/MARK",
    "ssh": "http://{host}:22/MARK",
    "mail": "http://a.example.vn:25/MARK",
    "database": "http://8.8.8.8:3306/MARK",
    "file": "file:///etc/MARK",
    "ftp": "ftp://127.0.0.1:{port}/MARK",
    "gopher": "gopher://127.0.0.1:{port}/_MARK",
    "data": "data:text/html,MARK",
    "s3": "s3://bucket/MARK",
    "javascript": "javascript:MARK",
    "dict": "dict://127.0.0.1:{port}/MARK",
    "name to loopback": "http://loopback.example.vn:{port}/MARK",
    "name to IPv6 loopback": "http://aaaa.example.vn:{port}/MARK",
    "name to a mapped address": "http://mapped.example.vn:{port}/MARK",
    "name to a private address": "http://private.example.vn/MARK",
    "name to metadata": "http://metadata.example.vn/MARK",
    "name to several": "http://several.example.vn:{port}/MARK",
    "name to the portal's own port": "http://loopback.example.vn:{own}/MARK",
    "name over TLS": "https://loopback.example.vn:{port}/MARK",
}
DNS = {
    "a.example.vn": [["127.0.0.1"]],
    "loopback.example.vn": [["127.0.0.1"]],
    "aaaa.example.vn": [["::1"]],
    "mapped.example.vn": [["::ffff:127.0.0.1"]],
    "private.example.vn": [["10.0.0.1"]],
    "metadata.example.vn": [["169.254.169.254"]],
    "several.example.vn": [["10.0.0.1", "::1", "127.0.0.1"]],
}


class Canary:
    """Hears every connection to ``port`` of ``hosts``, also one without a word. It sings ``song``, if any."""

    def __init__(self, *hosts: str, port: int = 0, song: bytes = b"") -> None:
        self.heard: list[str] = []
        self._song = song
        self._listeners: list[socket.socket] = []
        for host in hosts:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._listeners.append(socket.create_server((host, port), family=family))
            port = self.port = int(self._listeners[-1].getsockname()[1])
        for listener in self._listeners:
            threading.Thread(target=self._listen, args=(listener,), daemon=True).start()

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # closed
            self.heard.append(str(connection.getsockname()[0]))
            with connection, suppress(ConnectionError):
                if self._song:
                    connection.recv(4096)
                    connection.sendall(self._song)

    def __enter__(self) -> Canary:
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self._listeners:
            with suppress(OSError):  # woken up
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()


IPV6 = ("::1",) if socket.has_dualstack_ipv6() else ()


def ways(bird: Canary, home: str) -> list[tuple[str, str]]:
    """(mark, address) of each of WAYS."""
    netloc = home.removeprefix("http://").rstrip("/")
    host, _, own = netloc.partition(":")
    marks = [f"way{number:02}" for number in range(len(WAYS))]
    filled = [way.format(port=bird.port, home=netloc, host=host, own=own) for way in WAYS.values()]
    return [(mark, way.replace("MARK", mark)) for mark, way in zip(marks, filled, strict=True)]


def as_sent(location: str) -> str:
    """Python's server writes headers as Latin-1; other servers send UTF-8."""
    return location.encode().decode("latin-1")


class Told:
    """Each way asked for outright and by a redirect: what came of it, what the canary and the portal heard."""

    def __init__(self) -> None:
        with Canary("0.0.0.0", *IPV6) as bird, serving(self.answer) as site:
            self.ways = ways(bird, site.home)
            redirects = [f"{site.home}chuyen/{mark}" for mark, _ in self.ways]
            urls = [way for _, way in self.ways] + redirects
            self.asked: Asked = ask(FIVE_KEYS.format(home=site.home, delay=0, more=""), urls, names=DNS)
        self.heard, self.site = bird.heard, site

    def answer(self, path: str, _: dict[str, str]) -> Reply:
        if path.startswith("/chuyen/"):
            return 302, {"Location": as_sent(dict(self.ways)[path.rpartition("/")[2]])}, b""
        return 404, {"Content-Type": "text/html"}, b"none"


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


def test_the_table_has_ways_enough() -> None:
    assert len(WAYS) >= 40


def test_no_way_reaches_the_canary(told: Told) -> None:
    assert told.heard == []


@pytest.mark.parametrize("number", range(len(WAYS)), ids=list(WAYS))
def test_a_way_in_is_refused_and_logged(told: Told, number: int) -> None:
    mark, _ = told.ways[number]
    outright, redirect = told.asked.answers[number], told.asked.answers[len(WAYS) + number]
    # What Scrapy itself takes for no URL becomes no request.
    assert outright["error"] in ("AddressRefused", "ValueError"), outright
    assert redirect["error"] == "AddressRefused", redirect
    lines = [line for line in told.asked.log.splitlines() if f"{mark} refused: " in line]
    assert lines and all(" WARNING crawler.gate: " in line for line in lines), told.asked.log
    assert len(lines) == 2 or outright["error"] == "ValueError", lines


def test_nothing_else_is_said_and_everything_is_counted(told: Told) -> None:
    lines = told.asked.log.splitlines()
    refused = [line for line in lines if re.search(r" WARNING crawler\.gate: \S+ refused: ", line)]
    assert refused == lines
    assert told.asked.stats[gate.REFUSED] == len(lines)
    assert "retry/count" not in told.asked.stats
    assert told.asked.stats["finish_reason"] == "finished"


def test_the_portal_itself_is_asked_for_nothing_but_its_own_pages(told: Told) -> None:
    assert {path.rpartition("/")[0] for path in told.site.paths} == {"", "/chuyen"}
    own = told.site.home.removeprefix("http://").rstrip("/")
    assert {asked.headers["host"] for asked in told.site.asked} == {own}


# A whole crawl


def test_a_crawl_follows_none_of_them_wherever_they_stand(tmp_path: Path) -> None:
    with Canary("0.0.0.0", *IPV6) as bird, serving(lambda *_: (404, {}, b"")) as site:
        every = [way for _, way in ways(bird, site.home)]
        site.answer = portal_full_of(every)
        write_portal(tmp_path, "nam_dinh/thu", FIVE_KEYS.format(home=site.home, delay=0, more=""))
        env = {"http_proxy": f"http://127.0.0.1:{bird.port}/", "PYTHONPATH": str(with_dns(tmp_path / "first"))}
        child = start_crawl(tmp_path, "nam_dinh/thu", env=env)
        out, _ = child.communicate(timeout=300)
    assert child.returncode == 0, out
    assert bird.heard == []
    assert {asked.headers["host"] for asked in site.asked} == {site.home.removeprefix("http://").rstrip("/")}
    redirects = {f"/chuyen-{number}" for number in range(len(every))}
    assert {"/robots.txt", "/", "/sitemap.xml", "/bai-1", *redirects} <= set(site.paths)
    refused = set(re.findall(r"(way\d\d)\S* refused: ", out))
    assert refused == {f"way{number:02}" for number in range(len(every))}
    (row,) = rows(tmp_path, "select why, new from crawls")
    assert row == {"why": "finished", "new": 1}, out


def with_dns(folder: Path) -> Path:
    """A folder that gives an interpreter with it in PYTHONPATH the names of DNS, and no others."""
    folder.mkdir()
    program = f"import sys; sys.path.append({str(Path(__file__).parent)!r}); import asking; asking.fake_dns({DNS!r})\n"
    (folder / "sitecustomize.py").write_text(program, "utf-8")
    return folder


def portal_full_of(every: list[str]) -> Any:
    """Its robots.txt, sitemap, home page, menu and one article name them; redirects lead to them."""
    links = "".join(f'<div class="node-teaser"><h2><a href="{way}">Tin</a></h2></div>' for way in every)
    moved = "".join(
        f'<div class="node-teaser"><h2><a href="/chuyen-{number}">Tin</a></h2></div>' for number in range(len(every))
    )
    menu = "".join(f'<li><a href="{way}">Mục</a></li>' for way in every)
    styles = "".join(f'<link rel="stylesheet" href="{way}">' for way in every)
    images = "".join(f'<img src="{way}"><a href="{way}?a.pdf">Tệp</a>' for way in every)
    text = "<p>Bà con xã Hải Minh được mùa, thóc vàng đầy sân, nhà nhà phấn khởi bước vào vụ mới.</p>" * 3
    body = (
        '<h1 id="page-title">Được mùa</h1><div class="node node-full"><div class="field-name-body">'
        f'<div class="field-items"><div class="field-item">{text}{images}</div></div></div></div>'
    )
    html = {"Content-Type": "text/html; charset=utf-8"}
    head = f'<html><head><meta charset="utf-8">{styles}</head>'
    home = f'{head}<body class="front"><ul id="main-menu">{menu}</ul>{links}{moved}{TEASER}</body></html>'
    locations = "".join(f"<url><loc>{way}</loc></url>" for way in every)
    known: dict[str, Reply] = {
        "/robots.txt": (200, {}, "".join(f"Sitemap: {way}\n" for way in every).encode()),
        "/sitemap.xml": (200, {"Content-Type": "text/xml"}, f"<urlset>{locations}</urlset>".encode()),
        "/": (200, html, home.encode()),
        "/bai-1": (200, html, f'{head}<body class="node-type-article">{body}</body></html>'.encode()),
        **{f"/chuyen-{number}": (302, {"Location": as_sent(way)}, b"") for number, way in enumerate(every)},
    }
    return lambda path, _: known.get(path, (404, html, b"none"))


TEASER = '<div class="node-teaser"><h2><a href="/bai-1">Tin</a></h2></div>'


# Names that lead elsewhere the next time


def test_a_name_that_leads_home_the_next_time_is_not_followed_there() -> None:
    song = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\npublic"
    names = {
        "rebind.example.vn": [["127.0.0.2"], ["127.0.0.2"], ["127.0.0.1"]],
        "mixed.example.vn": [["127.0.0.1", *IPV6, "127.0.0.2"]],
    }
    with Canary("127.0.0.1", *IPV6) as bird, Canary("127.0.0.2", port=bird.port, song=song) as public:
        asked = ask(
            FIVE_KEYS.format(home="http://a.example.vn/", delay=5, more=""),
            [f"http://{name}:{bird.port}/" for name in ["rebind.example.vn"] * 4 + ["mixed.example.vn"]],
            names=names,
            public=["127.0.0.2"],
            settings={"DNSCACHE_ENABLED": False, "CONCURRENT_REQUESTS": 1, "ROBOTSTXT_OBEY": False},
        )
    answers = [answer.get("body") or answer["why"].rpartition(": ")[2] for answer in asked.answers]
    assert answers == ["public", "public", "loopback address", "loopback address", "public"]
    assert bird.heard == [] and public.heard == ["127.0.0.2"] * 3


def test_what_a_name_led_to_is_remembered_for_a_run_and_judged_each_time() -> None:
    names = {"rebind.example.vn": [["127.0.0.1"], ["127.0.0.2"]]}
    with Canary("127.0.0.1") as bird:
        url = f"http://rebind.example.vn:{bird.port}/"
        portal = FIVE_KEYS.format(home="http://a.example.vn/", delay=5, more="")
        asked = ask(portal, [url, url], names=names, public=["127.0.0.2"])
    assert [answer["why"] for answer in asked.answers] == [f"{url} refused: loopback address"] * 2
    assert bird.heard == []


def test_localhost_leads_to_loopback_when_the_portal_is_there_and_not_to_another_port() -> None:
    page = {"Content-Type": "text/plain"}
    with serving(lambda *_: (200, page, b"home")) as site, serving(lambda *_: (200, page, b"other")) as other:
        home, far = (one.home.replace("127.0.0.1", "localhost") for one in (site, other))
        asked = ask(FIVE_KEYS.format(home=home, delay=0, more=""), [home, far, site.home], names={})
    assert [answer.get("body", answer.get("error")) for answer in asked.answers] == [
        "home",
        "AddressRefused",
        "AddressRefused",
    ]
    assert not other.asked


def test_a_proxy_is_not_asked() -> None:
    with Canary("127.0.0.1") as bird, serving(lambda *_: (200, {"Content-Type": "text/plain"}, b"home")) as site:
        proxy = f"http://127.0.0.1:{bird.port}"
        env = {"http_proxy": proxy, "https_proxy": proxy, "all_proxy": proxy, "no_proxy": ""}
        portal = FIVE_KEYS.format(home=site.home, delay=0, more="")
        (without,) = ask(portal, [site.home], env=env).answers
        # Should somebody switch Scrapy's proxies on: nothing is asked at all.
        (with_one,) = ask(portal, [site.home], env=env, settings={"HTTPPROXY_ENABLED": True}).answers
    assert without["body"] == "home" and with_one["why"].endswith("refused: through a proxy")
    assert bird.heard == []


def test_behind_the_early_look_stands_another() -> None:
    with Canary("127.0.0.1") as bird:
        urls = ["file:///etc/hostname", "data:,x", "ftp://127.0.0.1/", "s3://a/b", f"http://0x7f.1:{bird.port}/"]
        unseen = {"DOWNLOADER_MIDDLEWARES": {"crawler.gate.GuardMiddleware": None}, "ROBOTSTXT_OBEY": False}
        portal = FIVE_KEYS.format(home="http://a.example.vn/", delay=5, more="")
        asked = ask(portal, urls, settings=unseen)
    assert [answer["error"] for answer in asked.answers] == ["NotSupported"] * 4 + ["AddressRefused"]
    assert bird.heard == []


def test_nothing_is_asked_when_the_guard_does_not_stand_where_connections_are_made() -> None:
    with serving(lambda *_: (200, {"Content-Type": "text/plain"}, b"home")) as site:
        portal = FIVE_KEYS.format(home=site.home, delay=0, more="")
        unguarded = {"TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingThreadedResolver", "ROBOTSTXT_OBEY": False}
        (answer,) = ask(portal, [site.home], settings=unguarded).answers
    assert "TWISTED_DNS_RESOLVER must be" in answer["why"] and not site.asked


# Where connections are made


def guarded(names: dict[str, list[str]], *allowed: str) -> tuple[Any, gate.GuardedResolver]:
    """Twisted's reactor for tests with the guard on it; ``names`` are its DNS."""
    reactor: Any = MemoryReactorClock()

    class Names:
        def resolveHostName(self, receiver: Any, name: str, port: int = 0, *_: Any, **__: Any) -> Any:
            receiver.resolutionBegan(None)
            for address in names.get(name, ()):
                kind = IPv6Address if ":" in address else IPv4Address
                receiver.addressResolved(kind("TCP", address, port))
            receiver.resolutionComplete()
            return receiver

    reactor.installNameResolver(Names())
    resolver = gate.GuardedResolver(reactor, 0)
    resolver.install_on_reactor()
    resolver.allowed = frozenset(allowed)
    return reactor, resolver


def connect(reactor: Any, host: str, port: int) -> str:
    """What came of a connection: "" while it is being made, else why not."""
    failed: list[str] = []
    HostnameEndpoint(reactor, host, port).connect(Factory.forProtocol(Protocol)).addErrback(
        lambda failure: failed.append(str(failure.value))
    )
    reactor.advance(1)
    return failed[0] if failed else ""


def connections(reactor: Any) -> list[tuple[str, int]]:
    return [(host, port) for host, port, *_ in reactor.tcpClients]


def test_of_several_answers_the_public_ones_are_connected_to() -> None:
    answers = ["10.0.0.1", "8.8.8.8", "::1", "2606:4700:4700::1111", "127.0.0.1"]
    reactor, resolver = guarded({"a.example.vn": answers})
    assert connect(reactor, "a.example.vn", 80) == ""
    assert connections(reactor) == [("8.8.8.8", 80), ("2606:4700:4700::1111", 80)]
    assert resolver.refused == {}


def test_a_name_without_a_public_answer_is_remembered_as_refused_until_it_has_one() -> None:
    names = {"huyện.example.vn": ["10.0.0.1", "fe80::1"]}
    reactor, resolver = guarded(names)
    assert "no results" in connect(reactor, "huyện.example.vn", 80)
    assert resolver.refused == {"xn--huyn-nw5a.example.vn": "link-local address"}
    names["huyện.example.vn"] = ["8.8.8.8"]
    assert connect(reactor, "huyện.example.vn", 80) == ""
    assert resolver.refused == {} and connections(reactor) == [("8.8.8.8", 80)]


def test_a_name_does_not_lead_to_the_portals_own_loopback_address() -> None:
    reactor, resolver = guarded({"a.example.vn": ["127.0.0.1"], "127.0.0.1": ["127.0.0.1"]}, "127.0.0.1:8990")
    assert "no results" in connect(reactor, "a.example.vn", 8990)
    assert connect(reactor, "127.0.0.1", 8990) == ""
    assert connections(reactor) == [("127.0.0.1", 8990)] and list(resolver.refused) == ["a.example.vn"]


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("127.0.0.1", 8991),
        ("127.0.0.2", 8990),
        ("::1", 8990),
        ("::ffff:127.0.0.1", 8990),
        ("10.0.0.1", 80),
        ("8.8.8.8", 22),
        ("a.example.vn", 80),
        ("localhost", 8990),
    ],
)
def test_no_connection_is_made_round_the_resolver(host: str, port: int) -> None:
    reactor, _ = guarded({}, "127.0.0.1:8990")
    with pytest.raises(gate.AddressRefused):
        reactor.connectTCP(host, port, ClientFactory.forProtocol(Protocol))
    assert connections(reactor) == []


def test_the_portals_own_connection_is_made() -> None:
    reactor, _ = guarded({}, "127.0.0.1:8990", "localhost:8991")
    for host, port in (("127.0.0.1", 8990), ("127.0.0.1", 8991), ("::1", 8991), ("8.8.8.8", 443)):
        reactor.connectTCP(host, port, ClientFactory.forProtocol(Protocol))
    assert len(connections(reactor)) == 4
