"""The address guard's judgement: what a URL and an IP address say, and urllib past it. In a crawl: test_gate.py."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError

import pytest
from conftest import FIVE_KEYS, Reply, serving
from hypothesis import example, given
from hypothesis import strategies as st
from test_arrows import brought, packages

from crawler import guard
from crawler.guard import NOBODY, Refused, answer_refusal, homes, is_public, kind, own, refusal
from crawler.portal import Portal, load_file

LOOPBACK, PRIVATE, NO_NAME = "loopback address", "private address", "no host name"


def portal(home: str, more: str, tmp_path: Path) -> Portal:
    path = tmp_path / "thu.toml"
    path.write_text(FIVE_KEYS.format(home=home, delay=5, more=more), "utf-8")
    return load_file(path, "nam_dinh/thu")


# What a URL says


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1/", LOOPBACK),
        ("http://127.255.255.254/", LOOPBACK),
        ("http://2130706433/", LOOPBACK),
        ("http://0177.0.0.1/", LOOPBACK),
        ("http://017700000001/", LOOPBACK),
        ("http://0x7f.0.0.1/", LOOPBACK),
        ("http://0x7F000001/", LOOPBACK),
        ("http://0x7f.1/", LOOPBACK),
        ("http://127.1/", LOOPBACK),
        ("http://127.0.1/", LOOPBACK),
        ("http://127.0x0.1/", LOOPBACK),
        ("http://127.0.0.1./", LOOPBACK),
        ("http://127.0.0.1:8080/", LOOPBACK),
        ("https://127.0.0.1/", LOOPBACK),
        ("HTTP://127.0.0.1/", LOOPBACK),
        ("http://①②⑦.0.0.1/", LOOPBACK),
        ("http://１２７．０．０．１/", LOOPBACK),
        ("http://127。0。0。1/", LOOPBACK),
        ("http://¹²⁷.0.0.1/", LOOPBACK),
        ("http://[::1]/", LOOPBACK),
        ("http://[0:0:0:0:0:0:0:1]/", LOOPBACK),
        ("http://[::ffff:127.0.0.1]/", LOOPBACK),
        ("http://[::ffff:7f00:1]/", LOOPBACK),
        ("http://[0000::FFFF:7F00:0001]/", LOOPBACK),
        ("http://[::127.0.0.1]/", LOOPBACK),
        ("http://[::ffff:0:127.0.0.1]/", LOOPBACK),
        ("http://[64:ff9b::7f00:1]/", LOOPBACK),
        ("http://[2002:7f00:1::]/", LOOPBACK),
        ("http://0/", "unspecified address"),
        ("http://0.0.0.0/", "unspecified address"),
        ("http://[::]/", "unspecified address"),
        ("http://10.0.0.1/", PRIVATE),
        ("http://172.31.255.255/", PRIVATE),
        ("http://192.168.1/", PRIVATE),
        ("http://3232235777/", PRIVATE),
        ("http://[fd00:ec2::254]/", PRIVATE),
        ("http://[64:ff9b::a00:1]/", PRIVATE),
        ("http://[64:ff9b:1::808:808]/", PRIVATE),
        ("http://169.254.169.254/latest/meta-data/", "link-local address"),
        ("http://[fe80::1]/", "link-local address"),
        ("http://[fe80::1%25eth0]/", "link-local address"),
        ("http://[2606:4700::1111%251]/", "link-local address"),
        ("http://[fec0::1]/", "site-local address"),
        ("http://100.64.0.1/", "shared address"),
        ("http://100.100.100.200/", "shared address"),
        ("http://168.63.129.16/", "metadata address"),
        ("http://192.0.0.192/", "reserved address"),
        ("http://192.0.2.1/", "reserved address"),
        ("http://198.18.0.1/", "reserved address"),
        ("http://203.0.113.9/", "reserved address"),
        ("http://240.0.0.1/", "reserved address"),
        ("http://255.255.255.255/", "reserved address"),
        ("http://224.0.0.251/", "multicast address"),
        ("http://[ff02::1]/", "multicast address"),
        ("http://[::ffff:8.8.8.8]/", "reserved address"),
        ("http://[2002:808:808::]/", "reserved address"),
        ("http://[2001:0:53aa:64c:0:fbff:ad45:31ad]/", "reserved address"),
        ("http://[2001:db8::1]/", "reserved address"),
        ("http://[2606:4700::5efe:a00:1]/", "reserved address"),
        ("http://[4000::1]/", "reserved address"),
        ("http://[v1.a]/", "no address"),
        ("http://256.0.0.1/", "no address"),
        ("http://1.2.3.4.5/", "no address"),
        ("http://4294967296/", "no address"),
        ("http://08.0.0.1/", "no address"),
        ("http://a.vn.08/", "no address"),
        ("http://1_0.0.0.1/", "no address"),
        ("http://localhost/", "loopback name"),
        ("http://LOCALHOST:8080/", "loopback name"),
        ("http://localhost./", "loopback name"),
        ("http://a.b.localhost/", "loopback name"),
        ("http://ⓛocalhost/", "loopback name"),
        ("http://localhost.localdomain/", "loopback name"),
        ("http://ip6-localhost/", "loopback name"),
        ("http://router/", "private name"),
        ("http://router.local/", "private name"),
        ("http://nas.lan/", "private name"),
        ("http://metadata.google.internal/", "private name"),
        ("http://tv.home.arpa./", "private name"),
        ("http://%31%32%37.0.0.1/", NO_NAME),
        ("http://a.vn\\.b.vn/", NO_NAME),
        ("http://a..vn/", NO_NAME),
        ("http://a.vn../", NO_NAME),
        ("http:///tin", NO_NAME),
        ("http:127.0.0.1/", NO_NAME),
        ("http://a b.vn/", NO_NAME),
        ("http://" + "a" * 64 + ".vn/", NO_NAME),
        ("http://" + "a." * 126 + "gov.vn/", NO_NAME),
        ("http://" + "ệ" * 100_000 + ".vn/", NO_NAME),
        ("http://an@a.gov.vn/", "user name in the address"),
        ("http://a.gov.vn@127.0.0.1/", "user name in the address"),
        ("http://127.0.0.1:80@a.gov.vn/", "user name in the address"),
        ("http://a.gov.vn\\@127.0.0.1/", "user name in the address"),
        ("http://@a.gov.vn/", "user name in the address"),
        ("http://a.gov.vn:22/", "port 22"),
        ("http://a.gov.vn:25/", "port 25"),
        ("https://a.gov.vn:0/", "port 0"),
        ("http://a.gov.vn:87/", "port 87"),
        ("http://a.gov.vn:445/", "port 445"),
        ("http://a.gov.vn:2375/", "port 2375"),
        ("http://a.gov.vn:3306/", "port 3306"),
        ("http://8.8.8.8:6379/", "port 6379"),
        ("http://a.gov.vn:11211/", "port 11211"),
        ("http://a.gov.vn:65536/", "no address"),
        ("http://a.gov.vn:x/", "no address"),
        ("http://[::1/", "no address"),
        ("file:///etc/passwd", "scheme file:"),
        ("FILE:///etc/passwd", "scheme file:"),
        ("ftp://a.gov.vn/", "scheme ftp:"),
        ("gopher://127.0.0.1:25/_x", "scheme gopher:"),
        ("data:text/html,x", "scheme data:"),
        ("s3://bucket/key", "scheme s3:"),
        ("javascript:alert(1)", "scheme javascript:"),
        ("ws://a.gov.vn/", "scheme ws:"),
        ("//a.gov.vn/", "no address"),
        ("", "no address"),
    ],
)  # fmt: skip
def test_what_must_not_be_asked_is_named(url: str, why: str) -> None:
    assert refusal(url) == why


@pytest.mark.parametrize(
    "url",
    [
        "http://xuantruong.namdinh.gov.vn/",
        "https://XuanTruong.namdinh.gov.vn./tin?x=http://127.0.0.1/#@localhost",
        "http://huyện-thử.vn/",
        "http://xn--huyn-thu-abc.vn/",
        "http://a_b.gov.vn:8080/",
        "http://localhost.gov.vn/",
        "http://10.gov.vn/",
        "http://127.0.0.1.gov.vn/",
        "http://0x7f.vn/",
        "http://a.gov.vn:81/",
        "http://a.gov.vn:8443/",
        "http://a.gov.vn:/",
        "http://8.8.8.8/",
        "http://134744072/",
        "http://[2606:4700:4700::1111]/",
        "http://[64:ff9b::808:808]/",
    ],
)
def test_public_addresses_are_asked(url: str) -> None:
    assert refusal(url) == ""


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:8990/", ""),
        ("http://127.0.0.1:8990/tin?page=2", ""),
        ("https://127.0.0.1:8990/", ""),
        ("http://localhost:8991/", ""),
        ("http://[::1]:8992/", ""),
        ("http://127.0.0.1:25/", ""),
        ("http://127.0.0.1:8991/", LOOPBACK),
        ("http://127.0.0.1/", LOOPBACK),
        ("http://127.0.0.2:8990/", LOOPBACK),
        ("http://2130706433:8990/", LOOPBACK),
        ("http://0177.0.0.1:8990/", LOOPBACK),
        ("http://127.0.0.1.:8990/", LOOPBACK),
        ("http://localhost:8990/", "loopback name"),
        ("http://localhost.:8991/", "loopback name"),
        ("http://a.localhost:8991/", "loopback name"),
        ("http://[::ffff:127.0.0.1]:8990/", LOOPBACK),
        ("http://an@127.0.0.1:8990/", "user name in the address"),
        ("ftp://127.0.0.1:8990/", "scheme ftp:"),
        ("http://10.0.0.1:8990/", PRIVATE),
    ],
)
def test_a_portal_on_loopback_is_asked_at_its_own_hosts_and_ports_alone(url: str, why: str) -> None:
    allowed = frozenset({"127.0.0.1:8990", "localhost:8991", "[::1]:8992", "127.0.0.1:25"})
    assert refusal(url, allowed) == why


@given(st.text(max_size=30), st.sampled_from(["http://", "https://", "//", ""]), st.sampled_from(["", ":80", "/", "@"]))
@example("[", "http://", "")
@example("\ud800", "http://", "/")
def test_any_text_gets_an_answer(text: str, before: str, after: str) -> None:
    assert isinstance(refusal(before + text + after), str)
    assert is_public(text) in (True, False) and isinstance(own(before + text), frozenset)


def spelled(value: int, parts: int, bases: tuple[int, ...], dot: str) -> str:
    """An IPv4 address as inet_aton takes it, in this many parts, each in one of the bases."""
    numbers = [value >> 8 * (3 - place) & 255 for place in range(parts - 1)]
    numbers.append(value & 256 ** (5 - parts) - 1)
    forms = {8: lambda n: f"0{n:o}" if n else "0", 10: str, 16: hex}
    return dot.join(forms[base](number) for number, base in zip(numbers, bases, strict=False))


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 4),
    st.tuples(*[st.sampled_from([8, 10, 16])] * 4),
    st.sampled_from([".", "。", "．"]),
)
def test_every_spelling_of_an_address_is_judged_as_the_address(
    value: int, parts: int, bases: tuple[int, ...], dot: str
) -> None:
    host = spelled(value, parts, bases, dot)
    if dot == ".":
        assert socket.inet_aton(host) == value.to_bytes(4, "big"), "what the C library reads"
    found = kind(str(ipaddress.IPv4Address(value)))
    assert refusal(f"http://{host}/") == (f"{found} address" if found else "")


@given(st.text("0123456789abcdefx.", min_size=1, max_size=20))
def test_what_the_c_library_reads_as_an_address_never_passes_as_a_name(host: str) -> None:
    with suppress(OSError):
        address = socket.inet_ntoa(socket.inet_aton(host))
        assert refusal(f"http://{host}/") or is_public(address)


# What an IP address is


@given(st.integers(0, 2**32 - 1) | st.sampled_from([int(ipaddress.ip_address(a)) for a in ("0.1.2.3", "100.127.9.9")]))
def test_no_ipv4_address_is_public_that_python_knows_to_be_none(value: int) -> None:
    address = ipaddress.IPv4Address(value)
    assert (address.is_global and not address.is_multicast) or not is_public(str(address))
    for holder in ("::ffff:0:0", "::", "2002::"):
        start = 80 if holder == "2002::" else 0
        assert not is_public(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(holder)) + (value << start))))
    through_nat64 = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + value)
    assert is_public(str(through_nat64)) == is_public(str(address))


@given(
    st.integers(0, 2**128 - 1)
    | st.builds(
        lambda network, rest: (
            int(ipaddress.IPv6Network(network).network_address) | rest & int(ipaddress.IPv6Network(network).hostmask)
        ),
        st.sampled_from(
            ["2000::/3", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "2001::/23", "2002::/16", "::/8"]
        ),
        st.integers(0, 2**128 - 1),
    )
)
def test_no_ipv6_address_is_public_that_python_knows_to_be_none(value: int) -> None:
    address = ipaddress.IPv6Address(value)
    if is_public(str(address)):
        assert address.is_global and not address.is_multicast and not address.is_site_local
        assert address.ipv4_mapped is None and address.sixtofour is None and address.teredo is None
        assert address in ipaddress.IPv6Network("2000::/3") or address in ipaddress.IPv6Network("64:ff9b::/96")


@pytest.mark.parametrize("text", ["", "a.gov.vn", "localhost", "127.1", "1.2.3", "8.8.8.8%eth0", "8.8.8.8 ", "::g"])
def test_what_is_no_ip_address_is_not_public(text: str) -> None:
    assert not is_public(text)


# Where a name leads


@pytest.mark.parametrize(
    ("host", "port", "address", "why"),
    [
        ("a.gov.vn", 80, "8.8.8.8", ""),
        ("a.gov.vn", 443, "2606:4700:4700::1111", ""),
        ("a.gov.vn", 80, "10.0.0.1", PRIVATE),
        ("a.gov.vn", 80, "fe80::1%2", "link-local address"),
        ("a.gov.vn", 22, "8.8.8.8", "port 22"),
        ("a.gov.vn", 80, "b.gov.vn", "no address"),
        ("a.gov.vn", 8990, "127.0.0.1", LOOPBACK),
        ("a.gov.vn", 8991, "::1", LOOPBACK),
        ("127.0.0.1", 8990, "127.0.0.1", ""),
        ("localhost", 8991, "127.0.0.1", ""),
        ("localhost", 8991, "::1", ""),
        ("localhost", 8991, "10.0.0.1", "another address than the portal's own"),
        ("127.0.0.1", 8990, "127.0.0.2", "another address than the portal's own"),
        ("127.0.0.1", 8991, "127.0.0.1", LOOPBACK),
    ],
)
def test_the_address_that_a_name_leads_to_is_judged_with_the_name(host: str, port: int, address: str, why: str) -> None:
    assert answer_refusal(host, port, address, frozenset({"127.0.0.1:8990", "localhost:8991"})) == why


# Whose home is on loopback


@pytest.mark.parametrize(
    ("home", "aliases", "allowed"),
    [
        ("http://127.0.0.1:8990/", [], {"127.0.0.1:8990"}),
        ("http://localhost/", [], {"localhost:80"}),
        ("https://localhost/", [], {"localhost:443"}),
        ("http://[::1]:80/vi/", [], {"[::1]:80"}),
        ("http://127.0.0.1:8990/", ["127.0.0.1:8991"], {"127.0.0.1:8990", "127.0.0.1:8991"}),
        ("http://127.0.0.1:8990/", ["localhost"], {"127.0.0.1:8990", "localhost:80", "localhost:443"}),
        ("http://127.0.0.1:8990/", ["a.gov.vn", "10.0.0.1", "a.localhost:9"], {"127.0.0.1:8990"}),
        ("http://a.gov.vn/", ["127.0.0.1:8990"], set()),
        ("http://10.0.0.1/", [], set()),
        ("http://2130706433/", [], set()),
    ],
)
def test_the_file_says_which_loopback_hosts_are_the_portals(
    home: str, aliases: list[str], allowed: set[str], tmp_path: Path
) -> None:
    assert homes(portal(home, f"aliases = {aliases}", tmp_path)) == allowed


def test_the_judgement_needs_neither_scrapy_nor_twisted() -> None:
    assert not packages(brought("crawler.guard", "crawler.record")) & {"scrapy", "twisted"}


# Past urllib


def test_urllib_opens_what_may_be_opened_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(path: str, headers: dict[str, str]) -> Reply:  # noqa: ARG001
        return 200, {}, b"hi"

    with serving(answer) as site, serving(answer) as other:
        monkeypatch.setenv("http_proxy", other.home)
        monkeypatch.setenv("no_proxy", "")
        opener = guard.opener(own(site.home))
        assert opener.open(site.home, timeout=9).read() == b"hi"
        for url in (other.home, site.home.replace("127.0.0.1", "localhost"), "http://10.0.0.1/"):
            with pytest.raises(Refused):
                opener.open(url, timeout=9)
        for url in ("file:///etc/passwd", "ftp://127.0.0.1/", "data:,x"):
            with pytest.raises(URLError, match="unknown url type"):
                opener.open(url, timeout=9)
        assert not other.asked


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_urllib_does_not_follow_a_name_home(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda *_: (200, {}, b"hi")) as site:
        port = int(site.home.rstrip("/").rpartition(":")[2])
        real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda _, *more, **named: real("127.0.0.1", *more, **named))
        with pytest.raises(URLError) as caught:
            guard.opener(own(site.home)).open(f"{scheme}://a.example.vn:{port}/", timeout=9)
        assert isinstance(caught.value.reason, Refused) and caught.value.reason.why == LOOPBACK
        assert not site.asked


def test_a_connection_is_made_to_the_first_address_that_may_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda *_: (200, {}, b"hi")) as site:
        port = int(site.home.rstrip("/").rpartition(":")[2])
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda _, *more, **named: real("::1", *more) + real("127.0.0.1", *more, **named)
        )
        found = guard.kind
        monkeypatch.setattr(guard, "kind", lambda address: "" if address == "127.0.0.1" else found(address))
        with guard.connect("a.example.vn", port, 9, NOBODY) as made:
            assert made.getpeername() == ("127.0.0.1", port)
