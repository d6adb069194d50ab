"""The title of a page that nobody described: the printed line that says what the head says."""

from __future__ import annotations

import re
from functools import lru_cache

from archive import urls
from archive.text import fold

from . import dates
from .links import target
from .weigh import Weighed
from .words import form, patterns, words

_TITLE_NAME = re.compile(r"(?:title|headline|heading|tieu-?de|itemprop:name|tde|ten-?bai)")
_HEADINGS = {"h1": 4.0, "h2": 3.0, "h3": 2.5, "h4": 2.0}
_CANDIDATES = 40  # lines that are looked at twice
_LABEL = 16  # characters of a label such as " Nổi bật", " (Mới)"
_ENOUGH = 4.0  # a score from which on a line is believed
_SITE = re.compile("(?:" + "|".join(patterns("boilerplate", "sites")) + ")$")


def find_title(weighed: Weighed, titles: list[str], url: str) -> tuple[str, int]:
    """The title and the number of its line; -1 when it is not printed, "" when nothing says it.

    ``titles``: what the head calls the page, the surest first · ``url`` its address: a line that leads to it is no link
    to another article, one that leads to the portal's front page is the portal's name.
    """
    menus = {form(line.text) for line, junk in zip(weighed.lines, weighed.junk, strict=True) if junk and line.linked}
    wanted = [form(title).strip(" .!") for title in titles]
    wanted = [title for title in wanted if title not in menus and not _SITE.match(title)]
    scores = [(_score(weighed, i, wanted, url), i) for i in range(len(weighed.lines))]
    likely = sorted((pair for pair in scores if pair[0] > 0), key=lambda pair: (-pair[0], pair[1]))[:_CANDIDATES]
    best = max(((score + _below(weighed, i), -i) for score, i in likely), default=(0.0, 0))
    if best[0] >= _ENOUGH:
        return _unlabelled(weighed.lines[-best[1]].text, titles), -best[1]
    return _said(weighed, titles), -1


def _unlabelled(printed: str, titles: list[str]) -> str:
    """The title without a label that is printed behind it: "Khởi công cầu Yên Nổi bật"."""
    said = form(printed)
    if any(said in form(title) for title in titles):
        return printed
    for title in titles:
        if said.startswith(form(title) + " ") and len(printed) - len(title) <= _LABEL:
            return title
    return printed


def title_above(weighed: Weighed, body: int) -> int:
    """Where nothing is set as a title: the short line above the date, or else above the first text; -1 for none."""
    lines, element = weighed.lines, weighed.outline.elements[body]
    inside = range(element.first, min(element.last, len(lines)))
    first = next((i for i in inside if weighed.prose[i] and not _may_be_title(weighed, i)), element.first)
    above = [i for i in range(first - 1, max(-1, first - 10), -1) if _may_be_title(weighed, i)]
    for i in above:
        if any(dates.printed(line.spaced) for line in lines[i + 1 : i + 3] if len(line.text) < 90):
            return i
    return above[0] if above else -1


def is_heading(weighed: Weighed, i: int) -> bool:
    """Whether a line is set as a heading, or called one."""
    around = [weighed.outline.elements[n] for n in weighed.outline.around(weighed.lines[i].element, 3)]
    return any(element.tag in _HEADINGS or _TITLE_NAME.search(element.name) for element in around)


def _said(weighed: Weighed, titles: list[str]) -> str:
    """What the head calls the page, without the parts that the page prints elsewhere: its name, its section."""
    if not titles:
        return ""
    printed = {form(line.text) for line in weighed.lines if len(line.text) < 120}
    whole, parts = titles[0], [part for part in titles[1:] if part in titles[0]]
    own = [part for part in parts if form(part) not in printed and not _SITE.match(form(part))]
    return own[0] if own and len(own) < len(parts) else whole


def _may_be_title(weighed: Weighed, i: int) -> bool:
    line = weighed.lines[i]
    return (
        12 <= len(line.text) <= 250
        and not (weighed.junk[i] or weighed.feet[i] or weighed.walls[i] or weighed.about[i] or weighed.files[i])
        and not weighed.datelines[i]
        and line.linked < 0.5 * len(line.text)
        and not _SITE.match(form(line.text))
        and form(line.text) not in words("boilerplate", "menus")
        and not line.text.endswith((".", ";", ":"))
    )


def _score(weighed: Weighed, i: int, wanted: list[str], url: str) -> float:
    """How much the line's words, its element and its class say that it is the title."""
    line = weighed.lines[i]
    text = form(line.text).strip(" .!")
    if not 4 <= len(text) <= 400 or weighed.walls[i] or (len(text) < 70 and _SITE.match(text)):
        return 0.0
    around = [weighed.outline.elements[n] for n in weighed.outline.around(line.element, 3)]
    heading = next((element.tag for element in around if element.tag in _HEADINGS), "")
    named = any(_TITLE_NAME.search(element.name) for element in around)
    match = max((_likeness(text, one) for one in wanted), default=0.0)
    if match < 0.8:
        if not (heading or named) or len(line.text) < 12 or (weighed.prose[i] and len(line.text) > 250):
            return 0.0
        if text in words("boilerplate", "menus"):
            return 0.0
        match = 0.0
    # The head says "title - section - site": its longest part is most often the title.
    longest = max(map(len, wanted), default=0)
    score = _HEADINGS.get(heading, 0.0) + (2.0 if named else 0.0) + (8.0 if 2 * len(text) >= longest else 3.0) * match
    leads = {target(url, href) for href in line.hrefs}
    linked = line.linked > 0.5 * len(line.text) and leads != {urls.key(url)}
    score -= (5.0 if weighed.junk[i] else 0.0) + (1.5 if linked else 0.0)
    return score - (6.0 if target(url, "/") in leads else 0.0)


def _below(weighed: Weighed, i: int) -> float:
    """How much what follows says that the line is the title: prose, and soon a date."""
    follows = sum(max(0.0, weight) for weight in weighed.weights[i + 1 : i + 14])
    dated = [len(line.text) < 120 and bool(dates.printed(line.spaced)) for line in weighed.lines[i + 1 : i + 4]]
    return min(3.0, follows / 100) + (1.5 if any(dated[:1]) else 0.5 if any(dated) else 0.0)


@lru_cache(maxsize=2048)
def _likeness(printed: str, said: str) -> float:
    """1.0 for equal texts, less for a text that begins the other or shares most of its words."""
    if not printed or not said:
        return 0.0
    a, b = fold(printed), fold(said)
    if a == b:
        return 1.0
    short, long = sorted((a, b), key=len)
    if len(short) >= 12 and 2 * len(short) > len(long) and long.startswith(short):
        return 0.8 + 0.2 * len(short) / len(long)
    first, second = set(a.split()), set(b.split())
    return len(first & second) / max(len(first | second), 1) if len(first) >= 3 else 0.0
