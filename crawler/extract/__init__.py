"""A capture → the article it holds. Pure: no network, clock, disk or settings."""

from __future__ import annotations

from archive.model import Article, Capture
from archive.text import NotInflatable, decode, inflate
from crawler.platform import Rules

from .errors import NotAnArticle, NotHTML
from .generic import read_generic
from .media import sniff
from .page import read_page
from .plain import read_plain

__all__ = ["NotAnArticle", "NotHTML", "extract"]

_LARGEST = 50_000_000


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
    kind = sniff(capture.media_type, body)
    text = decode(body, capture.header("Content-Type"))
    if kind == "text":
        return read_plain(text, capture.url, rules.name)
    return (
        read_page(text, capture.url, rules)
        if rules.body
        else read_generic(text, capture.url, capture.fetched_at.date().isoformat())
    )
