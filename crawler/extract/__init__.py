"""A capture → the article it holds. Pure: no network, clock, disk or settings."""

from __future__ import annotations

import re
from dataclasses import replace

from archive import urls
from archive.model import Article, Capture
from archive.text import NotInflatable, decode, inflate
from crawler.platform import Rules

from .errors import NoBody, NotAnArticle, NotHTML
from .generic import read_generic
from .media import sniff
from .page import read_page
from .plain import read_plain

__all__ = ["NotAnArticle", "NotHTML", "extract"]

_LARGEST = 12_000_000  # bytes, inflated
_LARGE = 500_000  # bytes from which on it is worth looking for what no reader sees
_LARGEST_PAGE = 2_000_000  # bytes without that; no article seen has a tenth of it
# Pictures written into the page, and what ASP.NET keeps in a hidden field: megabytes of both were seen.
_BULK = re.compile(rb"(?<=base64,)[A-Za-z0-9+/=]{1000,}|(?<=value=\")[A-Za-z0-9+/=]{1000,}(?=\")")


def extract(capture: Capture, rules: Rules) -> Article:
    """The article on a page, read by ``rules``; a text/plain capture is read without them.

    Raises NotAnArticle with the reason ("listing", "status 404", …), and NotHTML for bytes that are neither a web
    page nor text. Any bytes end in one of the three.
    """
    if capture.status != 200:
        raise NotAnArticle(f"status {capture.status}")
    try:
        body = inflate(capture.body, capture.header("Content-Encoding"), _LARGEST)
    except NotInflatable as error:
        raise NotHTML(str(error)) from error
    if not body.strip():
        raise NotAnArticle("empty page")
    if not urls.host(capture.url):
        raise NotAnArticle("no web address")
    kind = sniff(capture.media_type, body)
    if _LARGE < len(body) <= _LARGEST:
        body = _BULK.sub(b"", body)
    if len(body) > _LARGEST_PAGE:
        raise NotAnArticle(f"the page is larger than {_LARGEST_PAGE // 1_000_000} MB")
    text = decode(body, capture.header("Content-Type"))
    if kind == "text":
        return read_plain(text, capture.url, rules.name)
    latest = capture.fetched_at.date().isoformat()
    if not rules.body:
        return read_generic(text, capture.url, latest)
    try:
        return read_page(text, capture.url, rules)
    except NoBody as known:
        found = read_generic(text, capture.url, latest)
        return replace(
            found,
            title=known.title or found.title,
            published=known.published or found.published,
            section=known.section or found.section,
            rules=rules.name,
        )
