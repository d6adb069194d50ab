"""The address guard: what may be asked are public addresses on the web's ports, and nothing within anybody's walls.

Two looks are taken. ``refusal`` reads a URL before anything is asked. A name may lead anywhere, and elsewhere the next
time, so the address that a connection is about to be made to is looked at again (``answer_refusal``): crawler/gate.py
does so for Scrapy, ``opener`` here for urllib. ``allowed`` is the one exception: "host:port" pairs of a portal whose
file says loopback (``homes``), spelled exactly so.
"""

from __future__ import annotations

import re
import socket
import ssl
from functools import lru_cache
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit
from urllib.request import BaseHandler, HTTPHandler, HTTPSHandler, OpenerDirector, Request, UnknownHandler

from crawler.portal import Portal

NOBODY: frozenset[str] = frozenset()

# Sources: the IANA registries "IPv4 Special-Purpose Address Space" and "IPv6 Special-Purpose Address Space". Written
# out because ``ipaddress.is_global`` says different things in different patch releases of Python.
_V4 = {
    "127.0.0.0/8": "loopback",
    "0.0.0.0/8": "unspecified",
    "10.0.0.0/8": "private",
    "172.16.0.0/12": "private",
    "192.168.0.0/16": "private",
    "100.64.0.0/10": "shared",
    "169.254.0.0/16": "link-local",
    "168.63.129.16/32": "metadata",  # Azure's, which stands among the public ones
    "192.0.0.0/24": "reserved",
    "192.0.2.0/24": "reserved",
    "192.88.99.0/24": "reserved",
    "198.18.0.0/15": "reserved",
    "198.51.100.0/24": "reserved",
    "203.0.113.0/24": "reserved",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
_V6 = {
    "::1/128": "loopback",
    "::/128": "unspecified",
    "fc00::/7": "private",
    "64:ff9b:1::/48": "private",
    "fe80::/10": "link-local",
    "fec0::/10": "site-local",
    "ff00::/8": "multicast",
    "2001::/23": "reserved",
    "2001:db8::/32": "reserved",
    "3fff::/20": "reserved",
}
# Forms that hold an IPv4 address, and the bit where it begins. Only NAT64's may be connected to: no server answers the
# others from a public place, and what they hold is where the connection would end.
_HOLDS_V4 = {"::ffff:0:0/96": 0, "::/96": 0, "2002::/16": 80, "64:ff9b::/96": 0, "::ffff:0:0:0/96": 0}
_NAT64 = ip_network("64:ff9b::/96")
_GLOBAL = ip_network("2000::/3")  # everything that IANA has given out for unicast
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214: then follows an IPv4 address of somebody's own network

# Ports that portals are served on. Below 1024 a service is known by its port, and nearly all are none of the web's;
# some districts' portals stand on 81 to 90 (87 is a terminal's). Above, a portal may stand anywhere but where others
# are known to listen: the "bad ports" of https://fetch.spec.whatwg.org/#port-blocking, databases, caches, queues,
# remote control and the ports on which clusters and containers take orders.
_LOW_PORTS = {80, 443, *range(81, 91)} - {87}
_OTHERS = {
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080,
    1433, 1434, 1521, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5672, *range(5900, 5910), 5984, 5985, 5986,
    6379, 6443, 9042, 9092, 9100, 9200, 9300, 10250, 10255, 11211, 27017, 27018, 27019,
}  # fmt: skip

# Names that lead into one's own house: RFC 6761, 6762 and 8375, what ICANN keeps free for it (2024), and what routers
# and offices call theirs.
_HOUSE = ("local", "internal", "home.arpa", "intranet", "lan")
_LOOPBACK_NAMES = ("localhost", "localdomain", "ip6-localhost", "ip6-loopback")
_LONGEST = 253  # characters of a host name
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"0x[0-9a-f]*|\d+")
_PORTS = {"http": 80, "https": 443}


class Refused(OSError):
    """An address that must not be asked. ``why`` as ``refusal`` says it."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"{host} refused: {why}")
        self.host, self.why = host, why


def refusal(url: str, allowed: frozenset[str] = NOBODY) -> str:
    """Why this URL must not be asked for, as "loopback address", "port 22", "scheme file:"; "" when it may be.

    A host is read as the widest reader would: 0177.1, 2130706433, ①②⑦.0.0.1 and ::ffff:7f00:1 are all 127.0.0.1.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "no address"
    if parts.scheme not in _PORTS:
        return f"scheme {parts.scheme[:20]}:" if parts.scheme else "no address"
    if "@" in parts.netloc:
        return "user name in the address"
    host = parts.hostname or ""
    if "[" in parts.netloc and ":" not in host:
        return "no address"  # an IP version to come
    port = _PORTS[parts.scheme] if port is None else port
    return "" if pair(host, port) in allowed else _port_refusal(port) or _host_refusal(host)


def is_public(address: str) -> bool:
    """Is this IP address one that anybody can reach? False for what is no IP address, or one with a zone."""
    return not kind(address)


@lru_cache(4096)
def kind(address: str) -> str:
    """ "" for a public IP address, else which other it is: "loopback", "private", "link-local", "reserved" …"""
    plain, _, zone = address.partition("%")
    try:
        ip = ip_address(plain)
    except ValueError:
        return "no"
    if isinstance(ip, IPv4Address):
        return "no" if zone else next((name for network, name in _V4_NETWORKS if ip in network), "")
    return _kind_of_v6(ip) or ("link-local" if zone else "")


def answer_refusal(host: str, port: int, address: str, allowed: frozenset[str] = NOBODY) -> str:
    """Why a connection for ``host`` must not be made to ``address``, which its name led to; "" when it may be.

    A name that is not allowed itself may not lead to an address that is: its answers are anybody's to give.
    """
    if pair(host, port) in allowed:
        own = kind(address) == "loopback" and (host == "localhost" or address == host)
        return "" if own else "another address than the portal's own"
    found = kind(address)
    return _port_refusal(port) or (f"{found} address" if found else "")


def homes(portal: Portal) -> frozenset[str]:
    """The pairs that may be asked although they are not public: home and aliases, when the file says loopback.

    An alias without port is meant with those of http and https.
    """
    if not portal.loopback:
        return NOBODY
    aliases = (f"{scheme}://{alias}/" for alias in portal.aliases for scheme in _PORTS)
    return frozenset().union(*(own(address) for address in (portal.home, *aliases)))


def own(url: str) -> frozenset[str]:
    """The pair of a URL whose host is plainly loopback ("localhost", 127.0.0.1, [::1]); empty for any other."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return NOBODY
    host = parts.hostname or ""
    plain = host in ("localhost", "::1") or (kind(host) == "loopback" and ":" not in host)
    return frozenset({pair(host, port)}) if plain and "@" not in parts.netloc else NOBODY


def pair(host: str, port: int) -> str:
    """ "127.0.0.1:8990", "[::1]:80"."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


# For urllib


def opener(allowed: frozenset[str], *more: BaseHandler) -> OpenerDirector:
    """Opens http and https and nothing else, past no proxy, and only what may be asked. ``more``: further handlers.

    Give ``open`` a timeout. Redirects are left to the caller. Raises Refused, also as the ``reason`` of an URLError.
    """
    director = OpenerDirector()
    for handler in (UnknownHandler(), _Http(allowed), _Https(allowed), *more):
        director.add_handler(handler)
    return director


def connect(host: str, port: int, timeout: float | None, allowed: frozenset[str] = NOBODY) -> socket.socket:
    """A connection to the first address of ``host`` that may be asked and answers. Raises Refused, or OSError."""
    failed: OSError = OSError(f"{host} has no address")
    for family, type_, protocol, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if why := answer_refusal(host, port, str(place[0]), allowed):
            failed = Refused(host, why)
            continue
        made = socket.socket(family, type_, protocol)
        try:
            made.settimeout(timeout)
            made.connect(place)
        except OSError as error:
            made.close()
            failed = error
        else:
            return made
    raise failed


class _Connection(HTTPConnection):
    def __init__(self, host: str, *, allowed: frozenset[str], **more: Any) -> None:
        super().__init__(host, **more)
        self._allowed = allowed

    def connect(self) -> None:
        self.sock = connect(self.host, self.port, self.timeout, self._allowed)


class _TlsConnection(HTTPSConnection):
    def __init__(self, host: str, *, allowed: frozenset[str], **more: Any) -> None:
        super().__init__(host, **more)
        self._allowed = allowed

    def connect(self) -> None:
        made = connect(self.host, self.port, self.timeout, self._allowed)
        self.sock = ssl.create_default_context().wrap_socket(made, server_hostname=self.host)


class _Http(HTTPHandler):
    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__()
        self._allowed = allowed

    def http_open(self, req: Request) -> HTTPResponse:
        _check(req, self._allowed)
        return self.do_open(_Connection, req, allowed=self._allowed)  # type: ignore[arg-type]


class _Https(HTTPSHandler):
    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__()
        self._allowed = allowed

    def https_open(self, req: Request) -> HTTPResponse:
        _check(req, self._allowed)
        return self.do_open(_TlsConnection, req, allowed=self._allowed)  # type: ignore[arg-type]


def _check(request: Request, allowed: frozenset[str]) -> None:
    if why := refusal(request.full_url, allowed):
        raise Refused(request.host, why)


def _port_refusal(port: int) -> str:
    good = port in _LOW_PORTS or (port >= 1024 and port not in _OTHERS)
    return "" if good else f"port {port}"


def _host_refusal(host: str) -> str:
    if ":" in host:
        return _address_refusal(kind(host))
    if not host.isascii() and len(host) <= _LONGEST:
        try:
            host = host.encode("idna").decode("ascii")  # brings ①, ７ and 。 into the form that is looked up
        except UnicodeError:
            return "no host name"
    name = host.lower().removesuffix(".")
    if not _NAME.fullmatch(name):
        return "no host name"
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _address_refusal(kind(number) if (number := _dotted(labels)) else "no")
    if labels[-1] in _LOOPBACK_NAMES:
        return "loopback name"
    house = any(f".{name}".endswith(f".{ending}") for ending in _HOUSE)
    return "private name" if house or len(labels) == 1 else ""


def _address_refusal(found: str) -> str:
    return f"{found} address" if found else ""


def _dotted(labels: list[str]) -> str:
    """The IPv4 address that these parts spell: one to four numbers, decimal, octal or hexadecimal; "" when none.

    Source: inet_aton(3), and https://url.spec.whatwg.org/#ipv4-number-parser: a host that ends in a number is one.
    """
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) for label in labels):
        return ""
    try:
        numbers = [_number(label) for label in labels]
    except ValueError:
        return ""  # an 8 in an octal number
    *first, last = numbers
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(numbers)):
        return ""
    return str(IPv4Address(sum(number << 8 * (3 - place) for place, number in enumerate(first)) + last))


def _number(label: str) -> int:
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") else 10)


def _kind_of_v6(ip: IPv6Address) -> str:
    named = next((name for network, name in _V6_NETWORKS if ip in network), "")
    held = next((int(ip) >> start & 0xFFFFFFFF for network, start in _V4_HOLDERS if ip in network), None)
    if named:
        return named
    if held is not None:
        inner = kind(str(IPv4Address(held)))
        return inner or ("" if ip in _NAT64 else "reserved")
    if int(ip) >> 32 & 0xFFFFFFFF in _ISATAP:
        return "reserved"
    return "" if ip in _GLOBAL else "reserved"


_V4_NETWORKS = [(IPv4Network(network), name) for network, name in _V4.items()]
_V6_NETWORKS = [(IPv6Network(network), name) for network, name in _V6.items()]
_V4_HOLDERS = [(IPv6Network(network), start) for network, start in _HOLDS_V4.items()]
