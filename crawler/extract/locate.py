"""Where the article stands on a page that nobody described: its title, its body, and which lines are its own.

Works on the outline alone: long lines outside links are prose, prose near the title is the article, short lines and
lists of links are not. What elements are called is a hint that prose must agree with.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import byline
from .headline import find_title, title_above
from .outline import Outline
from .weigh import Weighed

_LEAD = 250.0  # weight under which what stands below the title may be its lead only
_HOLDERS = frozenset(["body", "div", "section", "article", "main", "td", "center", "form", "blockquote"])


@dataclass(slots=True)
class Located:
    """``title`` as printed, or as the head says · ``heading`` number of its line, -1 when it is not printed ·
    ``body`` number of the element that holds the article, -1 when there is none · ``lines`` those of its lines that are
    the article's, ``lead`` those of them that stand above the rest in an element of their own."""

    title: str = ""
    heading: int = -1
    body: int = -1
    lines: set[int] = field(default_factory=set)
    lead: set[int] = field(default_factory=set)


def locate(outline: Outline, titles: list[str], url: str) -> tuple[Weighed, Located]:
    """``titles``: what the head calls the page, the surest first · ``url``: the page's address."""
    weighed = Weighed(outline)
    titles = [title for title in titles if title][:12]
    title, heading = find_title(weighed, titles, url)
    if heading >= 0 and weighed.junk[heading]:
        weighed.clear(heading)
    ends = _ends(weighed)
    best = _best(weighed, ends, heading + 1)
    if heading < 0 and best and best[0][1] >= 0 and (above := title_above(weighed, best[0][1])) >= 0:
        title, heading = weighed.lines[above].text, above
        best = _best(weighed, ends, heading + 1)
    region = _region(weighed, heading, best)
    if region < 0:
        return weighed, Located(title, heading)
    found = Located(title, heading, best[region][1])
    if found.body >= 0:
        _Bounds(weighed, found, ends).draw()
    return weighed, found


def _region(weighed: Weighed, heading: int, best: list[tuple[float, int]]) -> int:
    """The smallest element around the title that holds enough prose below it; -1 when none does."""
    if not best or best[0][0] <= 0:
        return -1
    if heading < 0:
        return 0
    enough = max(30.0, 0.15 * min(best[0][0], 1500.0))
    around = weighed.outline.around(weighed.lines[heading].element)
    region = next((n for n, number in enumerate(around) if best[number][0] >= enough), None)
    if region is None:
        return 0
    here = best[around[region]][0]
    # A lead may stand in the title's own box, and the text right beside it.
    beside = [number for number in around[region + 1 : region + 3] if best[number][0] >= 2.5 * here]
    return beside[0] if here < _LEAD and beside else around[region]


def _best(weighed: Weighed, ends: list[int], start: int) -> list[tuple[float, int]]:
    """For each element the greatest sum of weights, from line ``start`` on, of an element in it, and which that is:
    the innermost of equals."""
    elements, count = weighed.outline.elements, len(weighed.lines)
    sums = [0.0]
    for weight in weighed.weights:
        sums.append(sums[-1] + weight)
    best = [(0.0, -1)] * len(elements)
    for number in range(len(elements) - 1, -1, -1):
        element = elements[number]
        if element.tag in _HOLDERS and element.last > start:
            first = min(max(element.first, start), count)
            total = sums[min(element.last, ends[first])] - sums[first]
            if total > best[number][0]:
                best[number] = (total, number)
        if element.parent >= 0 and best[number][0] >= best[element.parent][0] > -1 and best[number][1] >= 0:
            best[element.parent] = best[number]
    return best


def _ends(weighed: Weighed) -> list[int]:
    """For each line where a text that begins there or below ends at the latest: at the heading of something else,
    unless the text goes on behind it in the element where it was."""
    count = len(weighed.lines)
    holds = [weighed.outline.elements[line.element].parent for line in weighed.lines]
    last = {holds[i]: i for i in range(count) if weighed.is_text(i)}
    goes_on = -1
    hard = [False] * count
    for i in range(count):
        hard[i] = weighed.walls[i] and goes_on < i
        if weighed.is_text(i):
            goes_on = max(goes_on, last[holds[i]])
    ends, wall, end = [count] * (count + 1), count, count
    for i in range(count - 1, -1, -1):
        if hard[i]:
            wall = i
        elif weighed.is_text(i):
            end = wall
        ends[i] = end
    return ends


class _Bounds:
    """Draws the line around the article inside its body."""

    def __init__(self, weighed: Weighed, found: Located, ends: list[int]) -> None:
        self._weighed, self._found, self._ends = weighed, found, ends
        self._lines, self._elements = weighed.lines, weighed.outline.elements

    def draw(self) -> None:
        """Fills in which lines are the article's."""
        weighed, found = self._weighed, self._found
        element = self._elements[found.body]
        start = max(element.first, found.heading + 1)
        end = min(element.last, len(self._lines), self._ends[start])
        core = self._core(start, end)
        texts = [i for i in range(start, end) if weighed.is_text(i)]
        first, last = (texts[0], texts[-1]) if texts else (end, end)
        found.lines = {i for i in range(start, end) if self._belongs(i, first, last, core)}
        if texts and self._repeats(first, texts[1:]):
            found.lines.discard(first)  # a teaser above the text that it was cut from
        above = range(found.heading + 1, element.first) if found.heading >= 0 else range(0)
        leads = [i for i in above if weighed.prose[i] and weighed.is_text(i) and not self._lines[i].pictures]
        if leads and texts and self._repeats(leads[0], texts):
            leads = []
        found.lead = {*leads, *(i for i in found.lines if i < self._elements[core].first and weighed.prose[i])}

    def _repeats(self, teaser: int, others: list[int]) -> bool:
        text = self._lines[teaser].text.rstrip(" .…")
        return len(text) > 30 and " ".join(self._lines[i].text for i in others[:8]).startswith(text)

    def _core(self, start: int, end: int) -> int:
        """The innermost element with nearly all of the prose: what stands outside it must show that it belongs."""
        sums = [0]
        for i, line in enumerate(self._lines):
            sums.append(sums[-1] + (line.bare if start <= i < end and self._weighed.is_text(i) else 0))
        core, count = self._found.body, len(self._lines)
        if not sums[-1]:
            return core
        for number in range(core, self._elements[core].end):
            element = self._elements[number]
            if sums[min(element.last, count)] - sums[min(element.first, count)] >= 0.7 * sums[-1]:
                core = number
        return core

    def _belongs(self, i: int, first: int, last: int, core: int) -> bool:
        """``first``, ``last``: the first and the last line that is text for sure."""
        weighed, line = self._weighed, self._lines[i]
        if weighed.junk[i] or i in weighed.file_lists:
            return False
        if weighed.is_text(i):
            return True
        in_core = weighed.outline.inside(line.element, core)
        if i < first:
            own = weighed.files[i] or not weighed.is_link(i)
            own = own and not weighed.is_meta(i) and not weighed.about[i]
            return (in_core and own) or bool(line.pictures and not line.text)
        if i > last:
            if weighed.feet[i] or (weighed.about[i] and byline.read(line.text) is None):
                return False
            if line.pictures and not line.text:
                return i - last <= 4
            if not in_core:
                return i - last <= 3 and not line.links and self._continues(i, last)
            return not (line.linked > 0.5 * len(line.text) and line.text)
        if weighed.walls[i]:
            return False
        return not weighed.is_link(i) or not (weighed.is_link(i - 1) or weighed.is_link(i + 1))

    def _continues(self, i: int, last: int) -> bool:
        """A short line below the text: its neighbour in the page, or a signature."""
        beside = self._elements[self._lines[i].element].parent == self._elements[self._lines[last].element].parent
        return beside or byline.read(self._lines[i].text, True) is not None
