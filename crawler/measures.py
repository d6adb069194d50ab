"""What one crawl found of a portal's pages, in numbers that archive/health.py compares with those of other crawls."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from archive import urls
from archive.health.layouts import likeness, sketch
from archive.model import Article, Capture
from archive.text import NotInflatable, inflate

MOST_LISTINGS = 40
_MOST_NAMES = 30  # different reasons or kinds of error; more are counted as "other"
_LONGEST_NAME = 60
_LAYOUTS = 6  # different layouts of one kind of page; more are counted with the one that is most like them
_ONE_LAYOUT = 0.75  # likeness from which on two pages of one crawl are counted as one layout
_PAGE = 4_000_000  # bytes, inflated; larger ones are not looked at
_HEAD = 300_000  # bytes of a page that are looked at
_CLASS = re.compile(rb"class\s*=\s*[\"']?([^\"'<>]{1,200})")
_ID = re.compile(rb"id=[\"']([^\"'<>]{1,200})")
_DIGIT = re.compile(rb"\d")
# Where the reader is, and which row of a list it is: the same layout.
_STATES = frozenset(
    b"active active-trail current selected first last odd even leaf expanded collapsed open hidden".split()
)


class Measures:
    """Collects during one crawl. Layouts cost hardly anything: of many pages, ever fewer are looked at."""

    def __init__(self) -> None:
        self._pages = self._without_body = self._without_byline = self._without_date = 0
        self._refused: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._listings: dict[str, int] = {}
        self._layouts: dict[str, Counter[str]] = {"article": Counter(), "listing": Counter()}
        self._looks = {"article": _Looks(10), "listing": _Looks(5)}

    def page(self, capture: Capture, article: Article | None, why: str) -> None:
        """A page was read: its article, or why it is none. Neither: it was not read, since nothing has changed."""
        if article is not None:
            self._pages += 1
            self._without_body += not (article.text or article.attachments)
            self._without_byline += not article.byline.text
            self._without_date += article.published is None
            self._look("article", capture)
        elif why:
            _count(self._refused, why)
            if why == "listing":
                self._look("listing", capture)

    def listing(self, url: str, links: int) -> None:
        """The first page of a listing was read and shows so many links."""
        key = urls.path_query(url)
        if key in self._listings or len(self._listings) < MOST_LISTINGS:
            self._listings[key] = links

    def error(self, kind: str) -> None:
        """A request got no answer, or a source could not be read."""
        _count(self._errors, kind)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able. "pages" articles read; "without_body" (neither text nor files), "without_byline", "without_date"
        of them · "refused" {reason: pages that are no article} · "layouts" {"article <fingerprint>": pages} of those
        that were looked at · "listings" {path and query: links} · "errors" {kind: requests}."""
        return {
            "pages": self._pages,
            "without_body": self._without_body,
            "without_byline": self._without_byline,
            "without_date": self._without_date,
            "refused": dict(self._refused),
            "layouts": {f"{kind} {one}": n for kind, found in self._layouts.items() for one, n in found.items()},
            "listings": dict(self._listings),
            "errors": dict(self._errors),
        }

    def _look(self, kind: str, capture: Capture) -> None:
        if not self._looks[kind].due():
            return
        seen = fingerprint(capture)
        if not seen:
            return
        found = self._layouts[kind]
        best = max(found, key=lambda known: likeness(known, seen), default="")
        if best and (likeness(best, seen) >= _ONE_LAYOUT or len(found) >= _LAYOUTS):
            seen = best
        found[seen] += 1


class _Looks:
    """Which of many pages are looked at: the first ones, then every time that there are half as many more."""

    def __init__(self, first: int) -> None:
        self._first, self._seen, self._next = first, 0, first

    def due(self) -> bool:
        self._seen += 1
        if self._seen <= self._first:
            return True
        if self._seen < self._next * 3 // 2:
            return False
        self._next = self._seen
        return True


def fingerprint(capture: Capture) -> str:
    """A page's layout, to be compared with ``likeness``; "" for what has none (plain text, a file, a broken body)."""
    try:
        page = inflate(capture.body, capture.header("Content-Encoding"), _PAGE)[:_HEAD].lower()
    except NotInflatable:
        return ""
    words: set[bytes] = set()
    for value in {*_CLASS.findall(page), *_ID.findall(page)}:
        words.update(value.split())
    # Numbers name one article, one menu entry, one file of a build.
    return sketch(word for word in words - _STATES if not _DIGIT.search(word))


def _count(counts: Counter[str], name: str) -> None:
    name = name[:_LONGEST_NAME]
    counts[name if name in counts or len(counts) < _MOST_NAMES else "other"] += 1
