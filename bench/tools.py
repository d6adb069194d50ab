"""The extractors that are compared, each behind the same shape: a page → what was found on it.

Each gets the page's bytes as received; those that take only text get them decoded by ours. None asks the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from corpora import Page
from scoring import Found, found_in
from selectolax.lexbor import LexborHTMLParser

from archive.text import decode
from crawler.extract import NotAnArticle, NotHTML, extract
from crawler.platform import Rules

Reader = Callable[[Page], Found | None]
_BLOCK_ENDS = re.compile(r"(?i)(</(?:p|div|li|td|th|tr|h\d|blockquote|figcaption|pre)>|<br\s*/?>)")


@dataclass(frozen=True, slots=True)
class Tool:
    """``package`` "" when it is ours · ``make`` imports it · ``gives`` the figures it can be measured by."""

    name: str
    package: str
    make: Callable[[], Reader]
    gives: frozenset[str]

    @property
    def version(self) -> str:
        """ "" when it is not installed."""
        try:
            return version(self.package or "tangthu")
        except PackageNotFoundError:
            return ""


def ours(with_rules: bool) -> Reader:
    def read(page: Page) -> Found | None:
        try:
            return found_in(extract(page.capture, page.rules if with_rules else Rules()))
        except (NotAnArticle, NotHTML):
            return None

    return read


def _trafilatura(favor_precision: bool) -> Reader:
    from trafilatura import bare_extraction

    def read(page: Page) -> Found | None:
        document = bare_extraction(
            page.capture.body, url=page.capture.url, with_metadata=True, favor_precision=favor_precision
        )
        if document is None:
            return None
        authors = tuple(name.strip() for name in (document.author or "").split(";") if name.strip())
        images = (document.image,) if document.image else ()
        return Found(document.title or "", (document.text or "",), authors, document.date or "", images)

    return read


def _readability() -> Reader:
    import logging

    import lxml.html
    from readability import Document

    logging.getLogger("readability").setLevel(logging.CRITICAL)  # else a traceback for each page it fails on

    def read(page: Page) -> Found | None:
        document = Document(decode(page.capture.body, page.capture.header("Content-Type")), url=page.capture.url)
        tree = lxml.html.fromstring(_BLOCK_ENDS.sub(r"\1 ", document.summary()))
        images, links = tuple(tree.xpath("//img/@src")), tuple(tree.xpath("//a/@href"))
        return Found(document.short_title(), (tree.text_content(),), images=images, files=links)

    return read


def _newspaper() -> Reader:
    from newspaper import Article, Config

    settings = Config()
    settings.fetch_images = False  # it would ask the portal for the pictures' sizes
    settings.language = "vi"

    def read(page: Page) -> Found | None:
        article = Article(page.capture.url, config=settings)
        article.download(input_html=decode(page.capture.body, page.capture.header("Content-Type")))
        article.parse()
        moment = article.publish_date
        published = moment.isoformat() if hasattr(moment, "isoformat") else str(moment or "")
        return Found(article.title, (article.text,), tuple(article.authors), published, tuple(article.images))

    return read


def _resiliparse() -> Reader:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    def read(page: Page) -> Found | None:
        tree = HTMLTree.parse_from_bytes(page.capture.body, detect_encoding(page.capture.body) or "utf-8")
        text = extract_plain_text(tree, main_content=True, alt_texts=False, list_bullets=False)
        return Found(tree.title or "", (text,))

    return read


def _lexbor() -> Reader:
    """No extractor: what parsing the page costs at the least."""

    def read(page: Page) -> Found | None:
        LexborHTMLParser(page.capture.body)
        return None

    return read


_TEXT = frozenset({"missing", "body", "page_min", "under_95", "leaks", "title"})
_META = _TEXT | {"authors", "false_bylines", "minute", "day", "images"}
TOOLS = (
    Tool("ours, rules", "", lambda: ours(True), _META | {"files"}),
    Tool("ours, no rules", "", lambda: ours(False), _META | {"files"}),
    Tool("trafilatura", "trafilatura", lambda: _trafilatura(False), _META),
    Tool("trafilatura, precision", "trafilatura", lambda: _trafilatura(True), _META),
    Tool("readability-lxml", "readability-lxml", _readability, _TEXT | {"images", "files"}),
    Tool("newspaper4k", "newspaper4k", _newspaper, _META),
    Tool("resiliparse", "resiliparse", _resiliparse, _TEXT),
    Tool("lexbor, parse only", "selectolax", _lexbor, frozenset()),
)
