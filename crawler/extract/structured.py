"""What a page says about itself for machines: head, JSON-LD, OpenGraph, microdata, RDFa.

Checked against what it shows: a date near the title is believed before any of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from archive.text import normalise

from . import dates
from .words import form, words

_ARTICLES = frozenset({"article", "newsarticle", "blogposting", "reportagenewsarticle", "webpage"})
_SITE = re.compile(r"\s+[|»>–—:-]\s+|\s*::\s*|\s+\|\s*|\s*»\s*")
_LONGEST = 1_000  # characters of a title or a date
_MOST = 300_000  # characters of JSON-LD that are read
_DATES = (
    ("[property~='dc:date']", "content"),
    ("[property~='dc:created']", "content"),
    ("[itemprop~='datePublished']", "content"),
    ("time[itemprop~='datePublished']", "datetime"),
    ("time[pubdate], time.published, time.entry-date", "datetime"),
    ("meta[property='article:published_time']", "content"),
    (
        "meta[name='dcterms.created'], meta[name='DC.date.issued'], meta[name='dc.date'], meta[name='pubdate']",
        "content",
    ),
)


class Structured:
    def __init__(self, tree: LexborHTMLParser) -> None:
        self._tree = tree
        self._json = list(_objects(tree))

    def titles(self) -> list[str]:
        """What the page is called, the surest first; each also without the name of the site."""
        found = []
        for value in self._each("meta[property='og:title']", "content"):
            found.append(value)
        found += [
            normalise(str(item["headline"])[:_LONGEST]) for item in self._json if isinstance(item.get("headline"), str)
        ]
        head = self._tree.css_first("head title") or self._tree.css_first("title")
        if head is not None:
            found.append(normalise(head.text()[:_LONGEST]))
        whole = [title for title in found if title]
        parts = [part for title in whole for part in _pieces(title)]
        return list(dict.fromkeys([*whole, *parts]))

    def published(self, shown: str | None) -> str | None:
        """The date of publication. ``shown`` is what the page prints near the title: a machine's date only adds the
        clock to it, since several systems write the day of the last change there."""
        said = [value for value in self._dates() if value]
        if shown is None:
            return said[0] if said else None
        for value in said:
            if value[:16] == shown[:16] and dates.has_clock(value):
                return value
        if dates.has_clock(shown):
            return shown
        times = [*said, *filter(None, map(dates.machine, self._each("time[datetime]", "datetime")))]
        hours = {value for value in times if value[:10] == shown and dates.has_clock(value)}
        return hours.pop() if len(hours) == 1 else shown

    def section(self, title: str) -> str:
        for value in self._sections():
            value = value.strip(" :»>/|›")
            if value and form(value) not in words("pages", "home") and form(value) != form(title):
                return value
        return ""

    def _sections(self) -> Iterator[str]:
        trail = self._tree.css("[class*='breadcrumb' i] a, [id*='breadcrumb' i] a, [class*='pathway' i] a")
        yield from reversed([normalise(node.text()) for node in trail])
        yield from self._each("meta[property='article:section']", "content")
        for item in self._json:
            if isinstance(item.get("articleSection"), str):
                yield normalise(item["articleSection"])

    def _dates(self) -> Iterator[str | None]:
        for selector, attribute in _DATES:
            values = [dates.machine(value) for value in self._each(selector, attribute)]
            # Several articles on the page: which date is this one's nobody says.
            if values and (selector.startswith("meta") or len(set(values)) == 1):
                yield values[0]
        for item in self._json:
            if isinstance(item.get("datePublished"), str):
                yield dates.machine(item["datePublished"])

    def _each(self, selector: str, attribute: str) -> Iterator[str]:
        for node in self._tree.css(selector):
            if value := normalise((node.attributes.get(attribute) or "")[:_LONGEST]):
                yield value


def _pieces(title: str) -> list[str]:
    parts = [part.strip() for part in _SITE.split(title) if part.strip()]
    return sorted(parts, key=len, reverse=True) if len(parts) > 1 else []


def _objects(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    """The objects of JSON-LD that describe an article; malformed JSON says nothing."""
    for node in tree.css("script[type='application/ld+json' i]"):
        text = node.text()
        if len(text) > _MOST:
            continue
        try:
            stack = [json.loads(text, strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(1000):
            if not stack:
                break
            item = stack.pop()
            if isinstance(item, list):
                stack += item[:200]
            elif isinstance(item, dict):
                stack += [value for key, value in item.items() if key in ("@graph", "mainEntity")]
                kind = item.get("@type")
                kinds = kind if isinstance(kind, list) else [kind]
                if any(isinstance(one, str) and one.lower() in _ARTICLES for one in kinds):
                    yield item
