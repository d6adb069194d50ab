"""Addresses below ``/web/``: what is asked for there, and what leads there.

Source: the form of the Wayback Machine's addresses, https://archive.org/help/wayback_api.php and pywb's "URL Rewriter".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urljoin, urlsplit

# What browsers and servers take at most; a longer one is nobody's.
LONGEST = 8_000
PAGE, IMAGE, STYLES, SCRIPT, OTHER, RAW = "", "im_", "cs_", "js_", "oe_", "id_"

_SCHEME = re.compile(r"(?i)(https?):/{0,2}(?=[^/])")
_ESCAPED_SCHEME = re.compile(r"(?i)https?(?:%3a(?:%2f|/)|:%2f)")
# Letters of a URI, and those that browsers leave alone in one.
_PLAIN = "!$&'()*+,-./:;=?@[]_~%#|"
_DOT = re.compile(r"(?i)%2e")
_BLANKS = re.compile("[\t\n\r]")
_EDGES = "".join(map(chr, range(33)))


@dataclass(frozen=True, slots=True)
class Base:
    """What addresses within a page mean. ``url`` the page's own, or that of its <base> · ``stamp`` of the page, 14
    digits · ``root`` the path of this archive's snapshots: "/web/"."""

    url: str
    stamp: str
    root: str

    def absolute(self, address: str) -> str:
        """The address at the portal, without "." and ".." in its path; "" when no web server answers there."""
        address = _BLANKS.sub("", address.strip(_EDGES))
        if not address:
            return ""
        try:
            # To browsers a backslash is a slash, and "%2e" a dot: a path could climb out of the archive's by them.
            head, mark, query = address.partition("?")
            url = urljoin(self.url, _DOT.sub(".", head.replace("\\", "/")) + mark + query)
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                return ""
            return urljoin(f"{parts.scheme}://{parts.netloc}/", url.removeprefix(f"{parts.scheme}://{parts.netloc}"))
        except ValueError:
            return ""

    def inside(self, address: str, modifier: str = PAGE) -> str:
        """Where the archive has what that address led to at this time; "" when it can have nothing."""
        url = self.absolute(address)
        return f"{self.root}{self.stamp}{modifier}/{quote(url, safe=_PLAIN)}" if url else ""


def target(rest: str, query: str) -> str:
    """The address that stands behind ``/web/<stamp>/``, as it was sent; "" for one that is none.

    ``http:/x`` has lost a slash to some proxy; one without a scheme is taken for http.
    """
    if _ESCAPED_SCHEME.match(rest):
        rest = unquote(rest)
    rest = rest.lstrip("/")
    found = _SCHEME.match(rest)
    url = f"{found[1].lower()}://{rest[found.end() :]}" if found else f"http://{rest}"
    url += f"?{query}" if query else ""
    return url if len(url) <= LONGEST and rest else ""


def spelled(url: str) -> str:
    """The address in letters that a header, a line of a TimeMap and a path may hold."""
    return quote(url, safe=_PLAIN.replace("'", ""), errors="replace")


def stamp(fetched_at: str) -> str:
    """``20261123090410`` out of ``2026-11-23T09:04:10Z``."""
    return re.sub(r"\D", "", fetched_at)[:14]


def moment(digits: str) -> datetime:
    """The moment that 1 to 14 digits name; what is left out is the beginning, what no calendar has is the nearest."""
    year, rest = int(digits[:4].ljust(4, "0")), digits[4:]
    month, day, hour, minute, second = (int(rest[i : i + 2] or 0) for i in range(0, 10, 2))
    year, month = max(1, year), min(max(1, month), 12)
    clock = min(hour, 23), min(minute, 59), min(second, 59)
    for last in (min(max(1, day), 31), 30, 29, 28):
        try:
            return datetime(year, month, min(max(1, day), last), *clock, tzinfo=UTC)
        except ValueError:
            continue
    raise AssertionError(digits)


def iso(when: datetime) -> str:
    """As the database writes it; also the year 1 has four digits."""
    return f"{when.year:04}-{when:%m-%dT%H:%M:%S}Z"
