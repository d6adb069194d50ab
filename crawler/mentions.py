"""Does a page name an article that is out of sight? Lists of news, and the lists beside other articles, show the title
of what they link to. Pure.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urljoin

from archive import text, urls
from archive.elsewhere import SHORTEST
from archive.model import Capture

_PAGES = ("text/html", "application/xhtml+xml", "text/plain", "")
# Feeds, and the answers of scripts that lists are made of: they say the title beside the address, not around it.
_DATA = ("text/xml", "application/xml", "application/rss+xml", "application/atom+xml", "application/json")
TYPES = _PAGES + _DATA
_SITEMAP = re.compile(r"<(?:\w+:)?(?:urlset|sitemapindex)\b")
_ANCHOR = re.compile(r"(?is)<a\b([^<>]*)>(.*?)</a\s*>")
_HREF = re.compile(r"""(?i)\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SAID = re.compile(r"""(?i)\b(?:title|alt)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
_TAG = re.compile(r"(?s)<(?:!--.*?--|[^<>]*)>")


def names(capture: Capture, keys: Collection[str], titles: Collection[str] = ()) -> bool:
    """Does it say one of the titles, or link to an address with one of the keys in words that may be a title? What
    cannot be read does not, nor do titles that are too short to tell anything."""
    if capture.status != 200 or not (keys or titles) or capture.media_type not in TYPES:
        return False
    try:
        body = text.inflate(capture.body, capture.header("Content-Encoding"))
    except text.NotInflatable:
        return False
    # Addresses are ASCII, or UTF-8 nearly everywhere.
    plain = body.decode("utf-8", "replace")
    if keys and any(key in keys for key in _linked(capture, plain)):
        return True
    wanted = [folded for folded in map(_folded, titles) if len(folded) >= SHORTEST]
    if not wanted:
        return False
    said = _folded(_visible(text.decode(body, capture.header("Content-Type"))))
    return any(folded in said for folded in wanted)


def _linked(capture: Capture, page: str) -> Iterator[str]:
    """The keys of the addresses that it links to with a title."""
    found: Iterable[str] = (address for address, label in _anchors(page) if len(_folded(label)) >= SHORTEST)
    if capture.media_type in _DATA:
        found = () if _SITEMAP.search(page[:5_000]) else _ADDRESS.findall(page.replace("\\/", "/"))
    for address in found:
        try:
            yield urls.key(urljoin(capture.url, html.unescape(address).strip()))
        except ValueError:
            continue


def _anchors(page: str) -> Iterator[tuple[str, str]]:
    """(address, what the link says, to the eye, to the ear, or when it is pointed at)"""
    for attributes, inside in _ANCHOR.findall(page):
        href = _HREF.search(attributes)
        if href:
            said = [one or other for one, other in _SAID.findall(f"{attributes} {inside}")]
            yield next(filter(None, href.groups()), ""), " ".join([*map(html.unescape, said), _visible(inside)])


def _visible(page: str) -> str:
    return html.unescape(_TAG.sub(" ", page))


def _folded(words: str) -> str:
    return text.fold(text.normalise(words))
