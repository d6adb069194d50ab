"""How much each line of an outline speaks for being in an article: prose for it, links and side bars against."""

from __future__ import annotations

import re
from functools import lru_cache

from . import dates
from .links import FILE, is_file_address
from .outline import Line, Outline
from .words import form, patterns, starts, words

# What elements are called that hold something else than the article.
_JUNK = re.compile(
    r"""(?:^|\s)widgets?(?:[\s_-]|$)|(?:^|[\s_/:-])(?:
    side-?bar\w*|sideright|sideleft|col(?:umn)?-?right|rightcol\w*|footer\w*|foot|bottom|navbar\w*|nav|
    navigation|\w*menu\w*|bread-?crumbs?|pathway|
    comments?\w*|respond|disqus\w*|fb|facebook|zalo|twitter|addthis\w*|addtoany\w*|a2a|sharedaddy|\w*share\w*|
    \w*sharing|social\w*|mxh|mang-?xa-?hoi|
    \w*relate[ds]?\w*|tin-?lien-?quan|lien-?quan|bai-?lien-?quan|\w*tin-?khac\w*|tinkhac|other\w*|
    cung-?chuyen-?muc|tin-?moi\w*|latest\w*|moi-?nhat|newest\w*|
    doc-?nhieu|xem-?nhieu|most\w*|popular\w*|noi-?bat|recent\w*|tags?|tagcloud|keywords?|tu-?khoa|taxonomy|terms|
    rating|vote|voting|stars?|danh-?gia|poll\w*|tham-?do\w*|binh-?chon|survey|print(?:er)?|
    print[_-](?:links?|html|mail|pdf|icon|button|url|footer|source\w*|breadcrumb|site\w*)|email|tools?|toolbar|
    actions?|icons?|buttonheading|
    author-?(?:box|bio|info)|paging|pag(?:er|ination|enav)\w*|prev|next|post-navigation|
    banner\w*|quang-?cao|adv\w*|ads?|adsbygoogle|weather|thoi-?tiet|weblinks?|lien-?ket|counter|visitors?|
    thong-?ke|truy-?cap|online|
    copyright|ban-?quyen|search\w*|tim-?kiem|login\w*|dang-?nhap|popup|modal|cookies?|newsletter|subscribe\w*|
    toc|ez-toc\w*|lwptoc\w*|hotline|slider|carousel|ticker|marquee|
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
_END = re.compile(r"[.!?…:;”\"’)]$|\./\.?$")
_FOOTER = re.compile("|".join(patterns("boilerplate", "feet")), re.IGNORECASE)
_PROSE = 60  # characters outside links from which on a line is prose whatever it ends in


class Weighed:
    """What the lines of an outline are. Lists have one entry a line.

    ``prose`` part of a text · ``datelines`` says when, and nothing else · ``about`` says when and by whom the article
    was put on line · ``walls`` the heading of something else, such as "Tin liên quan" · ``feet`` who answers for the
    portal · ``files`` links to a file · ``junk`` stands in a side bar, a menu, a comment · ``file_lists`` numbers of
    the lines of lists that only name files · ``weights`` all that as one number, above zero for an article.
    """

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.lines = outline.lines
        self.about = [self._is_about(line) for line in self.lines]
        self.prose = [is_prose(line) and not about for line, about in zip(self.lines, self.about, strict=True)]
        self.datelines = [len(line.text) <= 120 and dates.is_dateline(line.spaced) for line in self.lines]
        self.walls = [_is_wall(line) for line in self.lines]
        self.feet = [len(line.text) < 300 and bool(_FOOTER.search(line.text)) for line in self.lines]
        self.files = [_has_file(line) for line in self.lines]
        self.file_lists = self._file_lists()
        self._weigh(frozenset())

    def clear(self, heading: int) -> None:
        """What holds the title is no side bar, whatever it is called."""
        self._weigh(frozenset(self.outline.around(self.lines[heading].element)))

    def is_link(self, i: int) -> bool:
        """Whether a line is hardly more than a link; False where there is none."""
        return (
            0 <= i < len(self.lines)
            and bool(self.lines[i].text)
            and self.lines[i].linked > 0.6 * len(self.lines[i].text)
        )

    def is_text(self, i: int) -> bool:
        """Prose, or a cell of a table."""
        line = self.lines[i]
        if self.junk[i] or self.walls[i] or i in self.file_lists or self.feet[i]:
            return False
        return self.prose[i] or (line.cell and not line.links and bool(line.text) and not self.datelines[i])

    def is_meta(self, i: int) -> bool:
        """A line about the article, not of it: its date, its counter, who put it on line."""
        line = self.lines[i]
        if len(line.text) > 160:
            return False
        return self.walls[i] or bool(dates.printed(line.spaced) or starts(line.text, "byline", "cms_roles"))

    def _weigh(self, never: frozenset[int]) -> None:
        self.junk = self._junk(never)
        self.weights = [self._weight(i) for i in range(len(self.lines))]

    def _is_about(self, line: Line) -> bool:
        """A line that says when the article was put on line, by whom, where, how often it was read."""
        if len(line.text) > 200 or line.text.endswith((".", "!", "?")):
            return False
        names = " ".join(self.outline.elements[n].name for n in self.outline.around(line.element, 3))
        if _META.search(names):
            return len(line.text) < 80 or any(c.isdigit() for c in line.text)
        return bool(_COUNTED.search(line.spaced)) and any(c.isdigit() for c in line.text)

    def _junk(self, never: frozenset[int]) -> list[bool]:
        """For each line whether it stands in something that is called a side bar, a menu, a comment …"""
        outline = self.outline
        sums = [0]
        for line, prose in zip(outline.lines, self.prose, strict=True):
            sums.append(sums[-1] + (line.bare if prose else 0))
        total = sums[-1]
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
            # What holds most of the prose or page may be called anything, but comments may be longer than a notice.
            most = (0.4 if _ARTICLE_NAME.search(element.name) else 0.7) * total
            most = 0.5 * total if element.tag == "form" else max(200, most)
            whole = element.last - element.first > 0.6 * len(outline.lines)
            if (whole or inside > most) and not _COMMENTS.search(element.name):
                continue
            skip_to = element.end
            for i in range(element.first, min(element.last, len(junk))):
                junk[i] = True
        return junk

    def _file_lists(self) -> set[int]:
        """The lines of tables and lists that only name files, with their sizes."""
        files, others = [0], [0]
        for i, has_file in enumerate(self.files):
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

    def _weight(self, i: int) -> float:
        line = self.outline.lines[i]
        if self.junk[i]:
            return -min(60.0, 10.0 + 0.2 * len(line.text))
        if self.walls[i]:
            return -60.0
        if not line.text:
            return 25.0 if line.films else 8.0
        if self.files[i]:
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


def is_prose(line: Line) -> bool:
    """Whether a line is part of a text rather than of a menu: long, or a sentence; most of it outside links."""
    if line.bare < 25 or line.linked > 0.5 * len(line.text):
        return False
    return line.bare >= _PROSE or bool(_END.search(line.text)) or line.text.count(",") >= 2


def _has_file(line: Line) -> bool:
    return any(map(is_file_address, line.hrefs)) or bool(line.links and FILE.search(line.text))


@lru_cache(maxsize=1)
def _wall_words() -> frozenset[str]:
    return words("boilerplate", "related") | words("boilerplate", "blocks") | words("boilerplate", "lines")


def _is_wall(line: Line) -> bool:
    return len(line.text) <= 60 and form(line.text).strip(" .,:;!>»*()[]-–|/…") in _wall_words()
