"""What a snapshot needs to look like the page: style sheets, the template's pictures, what style sheets name. Pure."""

from __future__ import annotations

import re
import zlib
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from archive import urls
from archive.model import Capture
from archive.text import NotInflatable, inflate

MOST = 200  # of one page or style sheet
_BEGINNING = 60_000  # bytes of a page
_STYLE_LINK = re.compile(rb"<link\b[^<>]*stylesheet[^<>]*>", re.IGNORECASE)
_IN_STYLES = re.compile(r"url\(\s*['\"]?([^'\")]{1,1000})|@import\s+['\"]([^'\"]{1,1000})", re.IGNORECASE)
_ICON = re.compile(r"\b(?:icon|apple-touch-icon)\b", re.IGNORECASE)


def layout(capture: Capture) -> tuple[bytes, ...]:
    """The style sheets a page names, as it writes them: pages with the same ones look alike. Asked of every new page,
    so that only the beginning is unpacked and nothing decoded."""
    return tuple(_STYLE_LINK.findall(_beginning(capture)))


def of_page(html: str, url: str) -> tuple[str, ...]:
    """Addresses of style sheets, icons and pictures of an HTML page, in order, each once."""
    tree = LexborHTMLParser(html)
    node = tree.css_first("head base[href]")
    base = urljoin(url, (node.attributes.get("href") if node else None) or "")
    found: list[str | None] = []
    for node in tree.css("link[rel][href], img[src], input[type='image'][src], table[background], td[background]"):
        seen = node.attributes
        if node.tag == "link":
            kind = (seen.get("rel") or "").lower()
            if "stylesheet" in kind or _ICON.search(kind):
                found.append(seen.get("href"))
        else:
            found.append(seen.get("src") or seen.get("background"))
    for node in tree.css("style, [style*='url(']"):
        found += _named(node.text() if node.tag == "style" else node.attributes.get("style") or "")
    return _addresses(found, base)


def of_styles(css: str, url: str) -> tuple[str, ...]:
    """Addresses that a style sheet names."""
    return _addresses(_named(css), url)


def _beginning(capture: Capture) -> bytes:
    coding = capture.header("Content-Encoding").strip().lower()
    try:
        if coding in ("gzip", "x-gzip"):
            return zlib.decompressobj(31).decompress(capture.body, _BEGINNING)
        return inflate(capture.body, coding)[:_BEGINNING]
    except (zlib.error, NotInflatable):
        return b""


def _named(css: str) -> list[str]:
    return [one or other for one, other in _IN_STYLES.findall(css)]


def _addresses(found: list[str] | list[str | None], base: str) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for href in found:
        if not href or href.strip().lower().startswith(("data:", "javascript:", "about:", "blob:", "#")):
            continue
        try:
            address = urls.canonical(urljoin(base, href.strip()))
        except ValueError:
            continue
        if address.startswith(("http://", "https://")):
            kept.setdefault(address)
        if len(kept) >= MOST:
            break
    return tuple(kept)
