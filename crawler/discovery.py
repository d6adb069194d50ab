"""Sitemap, feed, listing: bytes in, links out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from archive import urls
from archive.model import Capture
from archive.text import NotInflatable, decode, inflate, normalise
from crawler.platform import Discovery

LARGEST = 15_000_000  # bytes of a sitemap or feed, unpacked: one of 50,000 addresses has about 8 million
LARGEST_LISTING = 5_000_000  # bytes of a page with links, unpacked
# What a link's path ends in when it leads to a file, not to a page.
_FILE = re.compile(
    r"(?i)\.(?:pdf|docx?|xlsx?|pptx?|rtf|odt|ods|zip|rar|7z|gz|jpe?g|png|gif|bmp|webp|svg|ico|css|js|mp[34]|avi|wmv"
    r"|flv|mov|wav|swf|exe|apk|xml|rss)$"
)


class DiscoveryError(Exception):
    """A sitemap or feed that cannot be read: try the next source."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link to what may be an article. ``changed`` "2024-05-01T08:00:00Z" as the sitemap says, "" when it does not."""

    url: str
    changed: str = ""


@dataclass(frozen=True, slots=True)
class ListingPage:
    """What a listing shows: links to articles in order, and the next pages' addresses (mostly one)."""

    links: tuple[Link, ...]
    next: tuple[str, ...]


def html(capture: Capture) -> str:
    """A page's text. Raises NotInflatable for what is packed beyond measure."""
    return decode(body(capture, LARGEST_LISTING), capture.header("Content-Type"))


def body(capture: Capture, largest: int) -> bytes:
    """What was sent, unpacked. Raises NotInflatable beyond ``largest`` bytes."""
    unpacked = inflate(capture.body, capture.header("Content-Encoding"), largest)
    if len(unpacked) > largest:
        raise NotInflatable(f"larger than {largest / 1e6:.0f} MB")
    return unpacked


def sitemap(body: bytes, url: str) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    """The pages a sitemap lists, and the sitemaps an index names. May be packed once more. Raises DiscoveryError.

    Source: https://www.sitemaps.org/protocol.html
    """
    root = _xml(_unpacked(body, url), url)
    if _name(root) not in ("sitemapindex", "urlset"):
        raise DiscoveryError(f"{url}: no sitemap, but <{_name(root)}>")
    found = (Link(loc, _child(node, "lastmod")) for node in root if (loc := _resolve(url, _child(node, "loc"))))
    return ((), tuple(found)) if _name(root) == "sitemapindex" else (tuple(found), ())


def feed(body: bytes, url: str) -> tuple[Link, ...]:
    """The entries of an RSS or Atom feed. Raises DiscoveryError."""
    root = _xml(body, url)
    if _name(root) not in ("rss", "RDF", "feed"):
        raise DiscoveryError(f"{url}: no feed, but <{_name(root)}>")
    return tuple(_entries(root, url))


def listing(html: str, url: str, rules: Discovery) -> ListingPage:
    """The links of a listing page that may lead to articles, and its next pages."""
    tree = LexborHTMLParser(html)
    base = _base(tree, url)
    links = tuple(Link(address) for address in _links(tree, rules.links, base) if is_page(address, rules))
    return ListingPage(links, tuple(a for a in _links(tree, rules.next, base) if not _skipped(a, rules)))


def menu(html: str, url: str, rules: Discovery) -> tuple[tuple[str, str], ...]:
    """(address, name) of the home page's menu entries on the same host that may be listings."""
    tree = LexborHTMLParser(html)
    base = _base(tree, url)
    found: dict[str, str] = {}
    for selector in rules.menus:
        for node in tree.css(selector):
            address = _resolve(base, node.attributes.get("href"))
            if address and urls.host(address) == urls.host(url) and not _skipped(address, rules):
                found.setdefault(address, normalise(node.text()))
    return tuple((address, name) for address, name in found.items() if urls.key(address) != urls.key(url))


def is_page(url: str, rules: Discovery) -> bool:
    """May this address be an article's? No file, nothing the portal file skips, and what it calls an article."""
    if _skipped(url, rules):
        return False
    return not rules.article or bool(re.search(rules.article, urls.path_query(url)))


def _skipped(url: str, rules: Discovery) -> bool:
    target = urls.path_query(url)
    return bool(_FILE.search(target.partition("?")[0])) or bool(rules.skip and re.search(rules.skip, target))


def _links(tree: LexborHTMLParser, selectors: Iterable[str], base: str) -> Iterator[str]:
    seen = set()
    for selector in selectors:
        for node in tree.css(selector):
            address = _resolve(base, node.attributes.get("href"))
            if address and address not in seen:
                seen.add(address)
                yield address


def _resolve(base: str, href: str | None) -> str:
    """Absolute, without fragment and session id; "" for what is no address of a page."""
    if not href or href.strip().lower().startswith(("javascript:", "mailto:", "tel:", "data:", "#")):
        return ""
    try:
        address = urls.canonical(urljoin(base, href.strip()))
    except ValueError:
        return ""
    return address if address.startswith(("http://", "https://")) else ""


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("head base[href]")
    href = node.attributes.get("href") if node else None
    try:
        return urljoin(url, href) if href else url
    except ValueError:
        return url


def _unpacked(body: bytes, url: str) -> bytes:
    """``sitemap.xml.gz``."""
    try:
        return inflate(body, "gzip", LARGEST) if body.startswith(b"\x1f\x8b") else body
    except NotInflatable as error:
        raise DiscoveryError(f"{url}: {error}") from error


def _xml(body: bytes, url: str) -> etree._Element:
    """External entities stay unread and nothing is fetched: the file comes from a stranger."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, load_dtd=False)
    try:
        root = etree.fromstring(body.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DiscoveryError(f"{url}: no XML: {error}") from error
    if root is None:
        raise DiscoveryError(f"{url}: no XML")
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and next(dtd.iterentities(), None) is not None and not _names_pages(root):
        raise DiscoveryError(f"{url}: names pages by entities alone, which are not read")
    return root


def _names_pages(root: etree._Element) -> bool:
    return any((node.text or "").strip() for node in root.iter("{*}loc", "{*}link"))


def _entries(root: etree._Element, url: str) -> Iterator[Link]:
    for node in root.iter("{*}item", "{*}entry"):
        address = _child(node, "link")
        if not address:
            for link in node.iter("{*}link"):
                if link.get("rel", "alternate") == "alternate" and link.get("href"):
                    address = str(link.get("href"))
                    break
        resolved = _resolve(url, address)
        if resolved:
            yield Link(resolved, _child(node, "updated"))


def _child(node: etree._Element, name: str) -> str:
    for child in node:
        if _name(child) == name:
            return (child.text or "").strip()
    return ""


def _name(node: etree._Element) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
