"""Addresses that lead nowhere: recognised by themselves, or by what others of their shape have given. Pure."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import parse_qsl, urlsplit

from w3lib.url import url_query_cleaner

LONGEST = 2000  # characters of an address
DEEPEST = 25  # parts of a path
MOST_PARAMETERS = 40  # Liferay writes fifteen
FRUITLESS = 30  # pages of one shape, none of which is an article: the shape is left
_SURE = 3  # different pages that show that a parameter changes nothing

# The same parts again and again: a relative link that a page repeats below itself.
_REPEATED = re.compile(r"(/[^/?]+(?:/[^/?]+){0,3})\1\1")
_NUMBER = re.compile(r"\d+")
_RANDOM = re.compile(r"(?i)(?=[a-z]*\d)[0-9a-z]{16,}|[0-9a-f-]{20,}")
# What pages, or says which article: it is never taken for noise.
_MEANS = re.compile(
    r"(?i)(?:^|_)(?:page|paged|trang|start|offset|limitstart|cur|p|id|nid|aid|itemid|cat|catid|op|nv|q)$"
)


def pathological(url: str) -> str:
    """Why an address is no address of a page, whatever the portal: "" when it may be one."""
    if len(url) > LONGEST:
        return "address too long"
    parts = urlsplit(url)
    if parts.path.count("/") > DEEPEST:
        return "path too deep"
    if _REPEATED.search(parts.path):
        return "path repeats itself"
    names = Counter(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    if sum(names.values()) > MOST_PARAMETERS:
        return "query too long"
    if any(times > 2 for name, times in names.items() if not name.endswith("[]")):
        return "query repeats itself"
    return ""


def shape(url: str) -> str:
    """What the pages of a calendar or gallery have in common: ``/lich/#/#?ngay``. "" when nothing varies."""
    parts = urlsplit(url)
    path = "/".join(_NUMBER.sub("#", _RANDOM.sub("*", part)) for part in parts.path.split("/"))
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return path + ("?" + "&".join(names) if names else "") if names or path != parts.path else ""


class Shapes:
    """How many pages of each shape were read in a run, and whether any was an article at its own address."""

    def __init__(self, known: dict[str, str]) -> None:
        self.left = known
        self._barren: Counter[str] = Counter()
        self._fruitful: set[str] = set()

    def note(self, url: str, fruitful: bool) -> str:
        """What came of a page. Gives its shape when that is to be left from now on, else ""."""
        own = shape(url)
        if fruitful:
            self._fruitful.add(own)
        if not own or own in self._fruitful or own in self.left:
            return ""
        self._barren[own] += 1
        if self._barren[own] < FRUITLESS:
            return ""
        self.left[own] = f"{FRUITLESS} pages and no article"
        return own

    def keep(self, shape: str) -> None:
        """The shape is followed after all."""
        self.left.pop(shape, None)
        self._fruitful.add(shape)

    def leave(self, url: str) -> str:
        """The shape for which an address is left out; "" when it is not."""
        own = shape(url)
        return own if own in self.left else ""


class Noise:
    """Parameters that change nothing: sessions and the like, whatever they are called."""

    def __init__(self, known: set[str]) -> None:
        self.names = known
        self._pages: dict[str, set[str]] = {}
        self._articles: dict[tuple[str, str], str] = {}
        self._meaningful: set[str] = set()

    def note(self, asked: str, stands_at: str, article: str) -> str:
        """A page asked for at one address shows the article that stands at another. Gives the parameter that is
        noise from now on, else ""."""
        if "?" not in asked:
            return ""
        for name in _names(asked):
            place = (name, without(asked, {name}))
            if self._articles.setdefault(place, article) != article:
                self._meaningful.add(name)
            if len(self._articles) > 5000:
                self._articles.clear()
        different = _difference(asked, stands_at)
        if different is None or different in self._meaningful or different in self.names or _MEANS.search(different):
            return ""
        pages = self._pages.setdefault(different, set())
        pages.add(without(asked, {different}))
        if len(pages) < _SURE:
            return ""
        self.names.add(different)
        return different


def without(url: str, names: set[str]) -> str:
    """The address without these parameters."""
    return url_query_cleaner(url, tuple(names), remove=True, unique=False) if names and "?" in url else url


def _names(url: str) -> list[str]:
    return [name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)]


def _difference(one: str, other: str) -> str | None:
    """The only parameter in which two addresses of one path differ; None when they differ in more, or in none."""
    first, second = urlsplit(one), urlsplit(other)
    if first.path.rstrip("/") != second.path.rstrip("/"):
        return None
    has = parse_qsl(first.query, keep_blank_values=True)
    had = parse_qsl(second.query, keep_blank_values=True)
    names = {name for name, _ in set(has) ^ set(had)}
    return next(iter(names)) if len(names) == 1 and any(name in names for name, _ in has) else None
