"""Where the article stands on a page that nobody described: its title, its body, and what is not part of it.

Works on the outline alone: long lines outside links are prose, prose near the title is the article, short lines and
lists of links are not. What elements are called is a hint that prose must agree with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from archive.text import fold

from . import byline, dates
from .links import FILE, is_file_address
from .outline import Line, Outline
from .words import form, longest_first, patterns, starts, words

_JUNK = re.compile(
    r"""(?:^|\s)widgets?(?:[\s_-]|$)|(?:^|[\s_/:-])(?:
    side-?bar\w*|sideright|sideleft|col(?:umn)?-?right|rightcol\w*|footer\w*|foot|bottom|navbar\w*|nav|navigation|\w*menu\w*|bread-?crumbs?|pathway|
    comments?\w*|respond|disqus\w*|fb|facebook|zalo|twitter|addthis\w*|addtoany\w*|a2a|sharedaddy|\w*share\w*|\w*sharing|social\w*|mxh|mang-?xa-?hoi|
    \w*relate[ds]?\w*|tin-?lien-?quan|lien-?quan|bai-?lien-?quan|\w*tin-?khac\w*|tinkhac|other\w*|cung-?chuyen-?muc|tin-?moi\w*|latest\w*|moi-?nhat|newest\w*|
    doc-?nhieu|xem-?nhieu|most\w*|popular\w*|noi-?bat|recent\w*|tags?|tagcloud|keywords?|tu-?khoa|taxonomy|terms|
    rating|vote|voting|stars?|danh-?gia|poll\w*|tham-?do\w*|binh-?chon|survey|print(?:er)?|print[_-](?:links?|html|mail|pdf|icon|button|url|footer|source\w*|breadcrumb|site\w*)|email|tools?|toolbar|actions?|icons?|buttonheading|
    author-?(?:box|bio|info)|paging|pag(?:er|ination|enav)\w*|prev|next|post-navigation|
    banner\w*|quang-?cao|adv\w*|ads?|adsbygoogle|weather|thoi-?tiet|weblinks?|lien-?ket|counter|visitors?|thong-?ke|truy-?cap|online|
    copyright|ban-?quyen|search\w*|tim-?kiem|login\w*|dang-?nhap|popup|modal|cookies?|newsletter|subscribe\w*|toc|ez-toc\w*|lwptoc\w*|hotline|slider|carousel|ticker|marquee|
    calendar|lich|block-views|moduletable\w*
    )(?:$|[\s_-]|\d)""",
    re.VERBOSE,
)
# Names that only say how something is set: "margin-bottom-lg", "has-sidebar".
_SETTING = re.compile(
    r"(?:^|\s)(?:margin|padding|col|text|pull|push|float|[mp][tblrxy]?|visible|hidden|align|justify|border|bg|has|no|not|with|without|is)-\S+"
)
_COMMENTS = re.compile(r"(?:^|[\s_-])(?:comments?|respond|disqus)(?:$|[\s_-])")
_ARTICLE_NAME = re.compile(r"article|content|detail|chi-?tiet|noi-?dung|body|post|entry|node|main|news|story")
_META = re.compile(
    r"(?:^|[\s_-])(?:meta\w*|submitted|article-info|post-?info|entry-meta|meta(?:details|_text))(?:$|[\s_-])"
)
_COUNTED = re.compile("|".join(patterns("boilerplate", "counted")), re.IGNORECASE)
_TITLE_NAME = re.compile(r"(?:title|headline|heading|tieu-?de|itemprop:name|tde|ten-?bai)")
_END = re.compile(r"[.!?…:;”\"’)]$|\./\.?$")
_HEADINGS = {"h1": 4.0, "h2": 3.0, "h3": 2.5, "h4": 2.0}
_CANDIDATES = 40  # lines that are looked at twice when the title is sought
_HOLDERS = frozenset(["body", "div", "section", "article", "main", "td", "center", "form", "blockquote"])
_FOOTER = re.compile("|".join(patterns("boilerplate", "feet")), re.IGNORECASE)
_SITE = re.compile("(?:" + "|".join(patterns("boilerplate", "sites")) + ")$")
_WHEN = re.compile(r"(?<!\w)(?:t\d|" + "|".join(map(re.escape, longest_first("dates", "around"))) + r")(?!\w)")
_PROSE = 60  # characters outside links from which on a line is prose whatever it ends in


@dataclass(slots=True)
class Located:
    """``title`` as printed, or as the head says · ``heading`` number of its line, -1 when it is not printed ·
    ``body`` number of the element that holds the article, -1 when there is none · ``lines`` those of its lines that are
    the article's, ``lead`` those of them that stand above the rest in an element of their own · ``weight`` how much
    prose there is."""

    title: str = ""
    heading: int = -1
    body: int = -1
    lines: set[int] = field(default_factory=set)
    lead: set[int] = field(default_factory=set)
    weight: float = 0.0


class Locator:
    """Looks at one outline. ``titles``: what the head calls the page, the surest first · ``home``: the
    portal's first address, without a slash at its end."""

    def __init__(self, outline: Outline, titles: list[str], home: str = "") -> None:
        self.outline = outline
        self.home = home
        self.titles = [title for title in titles if title][:12]
        self.about = [self._is_about(line) for line in outline.lines]
        self.prose = [is_prose(line) and not about for line, about in zip(outline.lines, self.about, strict=True)]
        self.walls = [_is_wall(line) for line in outline.lines]
        self.feet = [_is_footer(line) for line in outline.lines]
        total = sum(line.bare for line, prose in zip(outline.lines, self.prose, strict=True) if prose)
        self._total = total
        self.file_lists = self._file_lists()
        self.junk = self._junk(frozenset())
        self.weights = [self._weight(i) for i in range(len(outline.lines))]

    def locate(self) -> Located:
        title, heading = self._title()
        if heading >= 0 and self.junk[heading]:
            # What holds the title is no side bar, whatever it is called.
            self.junk = self._junk(frozenset(self.outline.around(self.outline.lines[heading].element)))
            self.weights = [self._weight(i) for i in range(len(self.outline.lines))]
        best = self._best(heading + 1)
        if heading < 0 and best and best[0][1] >= 0:
            title, heading = self._title_above(best[0][1], title)
            best = self._best(heading + 1)
        region = self._region(heading, best)
        if region < 0:
            return Located(title, heading)
        weight, body = best[region]
        found = Located(title, heading, body, weight=weight)
        self._bounds(found)
        return found

    # What is no article

    def _is_about(self, line: Line) -> bool:
        """A line that says when the article was put on line, by whom, how often it was read."""
        if len(line.text) > 200 or line.text.endswith((".", "!", "?")):
            return False
        element = self.outline.elements[line.element]
        names = element.name + " " + (self.outline.elements[element.parent].name if element.parent >= 0 else "")
        named = bool(_META.search(names) or _COUNTED.search(line.spaced))
        return named and any(c.isdigit() for c in line.text)

    def _junk(self, never: frozenset[int]) -> list[bool]:
        """For each line whether it stands in something that is called a side bar, a menu, a comment …"""
        outline, total = self.outline, self._total
        sums = [0]
        for line, prose in zip(outline.lines, self.prose, strict=True):
            sums.append(sums[-1] + (line.bare if prose else 0))
        junk = [False] * len(outline.lines)
        skip_to = 0
        for number, element in enumerate(outline.elements):
            if number < skip_to:
                continue
            inside = sums[min(element.last, len(outline.lines))] - sums[min(element.first, len(outline.lines))]
            if (
                element.tag in ("html", "body")
                or number in never
                or not (
                    (element.name and _JUNK.search(_SETTING.sub(" ", element.name)))
                    or element.tag in ("footer", "nav", "aside", "form")
                )
            ):
                continue
            # What holds most of the prose may be called anything, but comments may be longer than a notice.
            most = (0.4 if _ARTICLE_NAME.search(element.name) else 0.7) * total
            if inside > (0.5 * total if element.tag == "form" else max(200, most)) and not _COMMENTS.search(
                element.name
            ):
                continue
            skip_to = element.end
            for i in range(element.first, min(element.last, len(junk))):
                junk[i] = True
        return junk

    def _file_lists(self) -> set[int]:
        """The lines of tables and lists that only name files, with their sizes."""
        files, others = [0], [0]
        for i in range(len(self.outline.lines)):
            has_file = self.has_file(i)
            files.append(files[-1] + has_file)
            others.append(others[-1] + (self.prose[i] and not has_file))
        found: set[int] = set()
        behind = 0
        for element in self.outline.elements:
            first, last = element.first, min(element.last, len(self.outline.lines))
            if element.tag not in ("table", "ul") or last <= behind or first >= last:
                continue
            count = files[last] - files[first]
            if count and others[last] == others[first] and last - first <= 6 * count + 6:
                found.update(range(first, last))
                behind = last
        return found

    def has_file(self, i: int) -> bool:
        line = self.outline.lines[i]
        return any(map(is_file_address, line.hrefs)) or bool(line.links and FILE.search(line.text))

    def _weight(self, i: int) -> float:
        line = self.outline.lines[i]
        if self.junk[i]:
            return -min(60.0, 10.0 + 0.2 * len(line.text))
        if self.walls[i]:
            return -60.0
        if not line.text:
            return 25.0 if line.films else 8.0
        if self.has_file(i):
            return 40.0 + (line.bare if self.prose[i] else 0)
        if i in self.file_lists:
            return 0.0
        if self.feet[i]:
            return -80.0
        if self.prose[i]:
            return float(min(line.bare, 1200)) - 1.5 * line.linked
        if line.linked:
            return -10.0 - min(40.0, 0.5 * line.linked)
        if line.cell:
            return 0.3 * len(line.text)
        return 4.0 if len(line.text) > 25 else -2.0

    # The title

    def _title(self) -> tuple[str, int]:
        """The printed line that says what the head says; else the likeliest heading."""
        menus = {form(line.text) for line, junk in zip(self.outline.lines, self.junk, strict=True) if junk}
        wanted = [form(title).strip(" .!") for title in self.titles]
        wanted = [title for title in wanted if title not in menus and not _SITE.match(title)]
        named = [(self._named(i, wanted), i) for i in range(len(self.outline.lines))]
        likely = sorted((pair for pair in named if pair[0] > 0), key=lambda pair: (-pair[0], pair[1]))[:_CANDIDATES]
        best = max(((score + self._below(i), -i) for score, i in likely), default=(0.0, 0))
        if best[0] >= 4.0:
            return self.outline.lines[-best[1]].text, -best[1]
        return self._said(), -1

    def _said(self) -> str:
        """What the head calls the page, without the parts that the page prints elsewhere: its name, its section."""
        if not self.titles:
            return ""
        printed = {form(line.text) for line in self.outline.lines if len(line.text) < 120}
        whole, *parts = self.titles
        own = [part for part in parts if part in whole and form(part) not in printed and not _SITE.match(form(part))]
        return own[0] if own and len(own) < len([part for part in parts if part in whole]) else whole

    def _title_above(self, body: int, said: str) -> tuple[str, int]:
        """Where nothing is set as a title: the short line above the date, or else above the first text."""
        lines = self.outline.lines
        element = self.outline.elements[body]
        first = next(
            (i for i in range(element.first, min(element.last, len(lines))) if self._is_text(i)), element.first
        )
        above = [i for i in range(first, max(-1, first - 10), -1) if self._may_be_title(i)]
        dated = [
            i for i in above if any(dates.printed(line.spaced) for line in lines[i + 1 : i + 3] if len(line.text) < 90)
        ]
        for i in dated or above:
            if i < first or dated:
                return lines[i].text, i
        return said, -1

    def _may_be_title(self, i: int) -> bool:
        line = self.outline.lines[i]
        return (
            12 <= len(line.text) <= 250
            and not self.junk[i]
            and not is_dateline(line)
            and not self.has_file(i)
            and line.linked < 0.5 * len(line.text)
            and not self.feet[i]
            and not _SITE.match(form(line.text))
            and not line.text.endswith((".", ";", ":"))
        )

    def is_heading(self, i: int) -> bool:
        """Whether a line is set as a heading, or called one."""
        around = [self.outline.elements[n] for n in self.outline.around(self.outline.lines[i].element, 3)]
        return any(element.tag in _HEADINGS or _TITLE_NAME.search(element.name) for element in around)

    def _named(self, i: int, wanted: list[str]) -> float:
        """How much the line's words, its element and its class say that it is the title."""
        line = self.outline.lines[i]
        text = form(line.text).strip(" .!")
        if not 4 <= len(text) <= 400 or self.walls[i] or (len(text) < 70 and _SITE.match(text)):
            return 0.0
        around = [self.outline.elements[n] for n in self.outline.around(line.element, 3)]
        heading = next((element.tag for element in around if element.tag in _HEADINGS), "")
        named = any(_TITLE_NAME.search(element.name) for element in around)
        match = max((_likeness(text, one) for one in wanted), default=0.0)
        if match < 0.8 and text in words("boilerplate", "menus"):
            return 0.0
        if match < 0.8 and (not (heading or named) or len(line.text) < 12 or (self.prose[i] and len(line.text) > 250)):
            return 0.0
        # The head says "title - section - site": its longest part is most often the title.
        longest = max(map(len, wanted), default=0)
        score = _HEADINGS.get(heading, 0.0) + (2.0 if named else 0.0)
        score += (8.0 if 2 * len(text) >= longest else 3.0) * match if match >= 0.8 else 0.0
        score -= 5.0 if self.junk[i] else 0.0
        score -= (
            6.0 if _SITE.match(text) or any(href.rstrip("/") in ("", "..", self.home) for href in line.hrefs) else 0.0
        )
        return score - (1.5 if line.linked > 0.5 * len(line.text) else 0.0)

    def _below(self, i: int) -> float:
        """How much what follows says that the line is the title: prose, and soon a date."""
        follows = sum(max(0.0, weight) for weight in self.weights[i + 1 : i + 14])
        dated = any(dates.printed(line.text) for line in self.outline.lines[i + 1 : i + 4] if len(line.text) < 120)
        return min(3.0, follows / 100) + (1.0 if dated else 0.0)

    # The body

    def _region(self, heading: int, best: list[tuple[float, int]]) -> int:
        """The smallest element around the title that holds enough prose below it; -1 when none does."""
        if not best or best[0][0] <= 0:
            return -1
        if heading < 0:
            return 0
        enough = max(30.0, 0.15 * min(best[0][0], 1500.0))
        around = self.outline.around(self.outline.lines[heading].element)
        return next((number for number in around if best[number][0] >= enough), 0)

    def _best(self, start: int) -> list[tuple[float, int]]:
        """For each element the greatest sum of weights, from line ``start`` on, of an element in it, and which that is:
        the innermost of equals."""
        elements, count = self.outline.elements, len(self.outline.lines)
        sums = [0.0]
        for weight in self.weights:
            sums.append(sums[-1] + weight)
        best = [(0.0, -1)] * len(elements)
        for number in range(len(elements) - 1, -1, -1):
            element = elements[number]
            if element.tag in _HOLDERS and element.last > start:
                total = sums[min(element.last, count)] - sums[min(max(element.first, start), count)]
                if total > best[number][0]:
                    best[number] = (total, number)
            if element.parent >= 0 and best[number][0] >= best[element.parent][0] > -1 and best[number][1] >= 0:
                best[element.parent] = best[number]
        return best

    def _bounds(self, found: Located) -> None:
        """Which lines of the body are the article's."""
        if found.body < 0:
            return
        outline = self.outline
        element = outline.elements[found.body]
        start, end = max(element.first, found.heading + 1), min(element.last, len(outline.lines))
        end = self._wall(start, end)
        core = self._core(found.body, start, end)
        texts = [i for i in range(start, end) if self._is_text(i)]
        first, last = (texts[0], texts[-1]) if texts else (end, end)
        found.lines = {i for i in range(start, end) if self._belongs(i, first, last, core)}
        if texts and self._repeated(first, texts[1:]):
            found.lines.discard(first)  # a teaser above the text that it was cut from
        above = range(found.heading + 1, element.first) if found.heading >= 0 else ()
        leads = [i for i in above if self._is_text(i) and self.prose[i] and not is_dateline(outline.lines[i])]
        if texts and self._repeated(leads[0], texts) if leads else False:
            leads = []
        found.lead = set(leads) | {i for i in found.lines if i < outline.elements[core].first and self.prose[i]}

    def _repeated(self, first: int, others: list[int]) -> bool:
        teaser = self.outline.lines[first].text.rstrip(" .…")
        return len(teaser) > 30 and " ".join(self.outline.lines[i].text for i in others[:8]).startswith(teaser)

    def _core(self, body: int, start: int, end: int) -> int:
        """The innermost element with nearly all of the prose: what stands outside it must show that it belongs."""
        sums = [0]
        for i, line in enumerate(self.outline.lines):
            sums.append(sums[-1] + (line.bare if start <= i < end and self._is_text(i) else 0))
        core = body
        if not sums[-1]:
            return core
        for number in range(body, self.outline.elements[body].end):
            element = self.outline.elements[number]
            if sums[min(element.last, len(sums) - 1)] - sums[min(element.first, len(sums) - 1)] >= 0.7 * sums[-1]:
                core = number
        return core

    def _is_text(self, i: int) -> bool:
        line = self.outline.lines[i]
        if self.junk[i] or self.walls[i] or i in self.file_lists or self.feet[i]:
            return False
        return self.prose[i] or (line.cell and not line.links and bool(line.text) and not is_dateline(line))

    def _belongs(self, i: int, first: int, last: int, core: int) -> bool:
        line = self.outline.lines[i]
        if self.junk[i] or i in self.file_lists:
            return False
        if self._is_text(i):
            return True
        in_core = self.outline.inside(line.element, core)
        if i < first:
            own = self.has_file(i) or not self._linked(i)
            return (in_core and own and not self.is_meta(line)) or bool(line.pictures and not line.text)
        if i > last:
            if self.feet[i]:
                return False
            if line.pictures and not line.text:
                return i - last <= 4
            if not in_core:
                return i - last <= 3 and not line.links and self._continues(i, last)
            return not (line.linked > 0.5 * len(line.text) and line.text)
        if self.walls[i]:
            return False
        if line.linked > 0.6 * len(line.text) and line.text:
            return not (self._linked(i - 1) or self._linked(i + 1))
        return True

    def _continues(self, i: int, last: int) -> bool:
        """A short line below the text: its neighbour in the page, or a signature."""
        elements, lines = self.outline.elements, self.outline.lines
        beside = elements[lines[i].element].parent == elements[lines[last].element].parent
        return beside or byline.read(lines[i].text, True) is not None

    def _linked(self, i: int) -> bool:
        lines = self.outline.lines
        return 0 <= i < len(lines) and bool(lines[i].text) and lines[i].linked > 0.6 * len(lines[i].text)

    def is_meta(self, line: Line) -> bool:
        """A line about the article, not of it: its date, its counter, who put it on line."""
        if len(line.text) > 160:
            return False
        return bool(dates.printed(line.spaced)) or bool(starts(line.text, "byline", "cms_roles")) or _is_wall(line)

    def _wall(self, start: int, end: int) -> int:
        """The first boilerplate heading behind which the text does not go on in the element where it was."""
        holds = [self.outline.elements[line.element].parent for line in self.outline.lines[start:end]]
        last = {parent: start + n for n, parent in enumerate(holds) if self._is_text(start + n)}
        before: set[int] = set()
        for i in range(start, end):
            if self.walls[i] and before and not any(last.get(parent, -1) > i for parent in before):
                return i
            if self._is_text(i):
                before.add(holds[i - start])
        return end


def is_prose(line: Line) -> bool:
    """Whether a line is part of a text rather than of a menu: long, or a sentence; most of it outside links."""
    if line.bare < 25 or line.linked > 0.5 * len(line.text):
        return False
    return line.bare >= _PROSE or bool(_END.search(line.text)) or line.text.count(",") >= 2


@lru_cache(maxsize=1)
def _wall_words() -> frozenset[str]:
    return words("boilerplate", "related") | words("boilerplate", "blocks") | words("boilerplate", "lines")


def _is_wall(line: Line) -> bool:
    return len(line.text) <= 60 and form(line.text).strip(" .,:;!>»*()[]-–|/…") in _wall_words()


def is_dateline(line: Line) -> bool:
    """Whether a line says when and by whom, and nothing else."""
    if len(line.text) > 120 or not dates.printed(line.spaced):
        return False
    return sum(c.isalpha() for c in _WHEN.sub(" ", form(line.spaced))) <= 14


def _is_footer(line: Line) -> bool:
    return len(line.text) < 300 and bool(_FOOTER.search(line.text))


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
