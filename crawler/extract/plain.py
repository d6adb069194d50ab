"""The visible text of a page (text/plain, or a WET record) → an Article.

Nothing but lines is left of the page, so everything is told by the order and the length of lines: menus and blocks
are short lines, an article is long ones. What a line says matters only at the edges.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from archive import urls
from archive.model import Article, Byline
from archive.text import normalise, visible

from . import byline, captions, dates
from .errors import NotAnArticle
from .names import has_family_name
from .words import form, words

_LARGEST = 200_000  # characters; no article seen has a tenth of it
_UNGLUED = 5_000  # characters of a line that may be several that grew together
_MOST_LINES = 10_000
_PARAGRAPH = 120  # characters; a shorter line is a paragraph only when it ends as a sentence
_SENTENCE_END = re.compile(r"(?:[.!?…:;]|\./\.|[.!?…][”\"’)])$")
_SITE_NAME = re.compile(r"\s+[|»]\s+|\s+::\s+")
_LINE_BREAKS = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
# Two blanks within a line stay two, hard or not, as they were printed.
_OTHER_BLANKS = re.compile(r"[^\S \u00a0]")
_SUBMITTED = re.compile(
    r"^(?:được đăng|đăng bởi|gửi bởi|submitted by|cập nhật|ngày đăng|đăng ngày|viết bởi|posted)", re.IGNORECASE
)


@dataclass(slots=True)
class _Line:
    text: str
    gap: bool  # an empty line stands above
    weight: int = 0  # how much it speaks for being in an article
    wall: bool = False  # the heading of another block: no article goes on across it


def read_plain(text: str, url: str, rules: str = "") -> Article:
    """Raises NotAnArticle when no line reads like an article's."""
    if len(text) > _LARGEST or text.count("\n") > _MOST_LINES:
        # Not its beginning alone: an article that ends in the middle would be quoted as if it were whole.
        raise NotAnArticle(f"more than {_LARGEST:,} characters or {_MOST_LINES:,} lines of text")
    lines = _lines(text)
    first, last = _region(lines)
    title, start, published = _title(lines, first, last)
    paragraphs, found = _signed_below([line.text for line in lines[start : last + 1]], lines[last + 1 : last + 10])
    if not found.text:
        paragraphs, found = _without_byline(paragraphs)
    paragraphs = [_OTHER_BLANKS.sub(" ", line) for line in paragraphs if not captions.ends_in_credit(line)]
    if not paragraphs or not _is_vietnamese(" ".join(paragraphs)):
        raise NotAnArticle("no article text")
    if sum(map(len, paragraphs)) < 80 and not found.text:
        raise NotAnArticle("no article text")
    return Article(
        url=urls.canonical(url),
        title=normalise(title),
        html="\n".join(f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in paragraphs),
        text="\n\n".join(paragraphs),
        byline=found,
        published=published,
        rules=rules,
    )


def _lines(text: str) -> list[_Line]:
    """The lines that say something, weighed. What stands inside a line is not touched, beyond NFC."""
    found: list[_Line] = []
    gap = True
    for raw in _LINE_BREAKS.split(unicodedata.normalize("NFC", visible(text))):
        line = raw.strip()
        if not line:
            gap = True
            continue
        for piece, wall in _unglued(line):
            found.append(_Line(piece, gap, _weight(piece), wall))
            gap = False
    return found


def _weight(line: str) -> int:
    """Long lines and sentences speak for an article, short lines against."""
    if form(line).strip(" :.»›>|") in words("boilerplate", "menus") | words("boilerplate", "lines"):
        return -150
    if len(line) >= _PARAGRAPH:
        return len(line)
    if byline.read(line) is not None:
        return -20
    if _SENTENCE_END.search(line) and len(line.split()) >= 6:
        return len(line)
    if re.match(r"[-–+•*]\s|\d{1,2}[.)]\s|[a-zđ]\)\s", line) and len(line) >= 25:
        return len(line)
    if _is_date(line):
        return -10
    if not any(c.isalpha() for c in line):
        return 0  # a figure of a table
    # The cells of a table are short lines inside an article; the headlines of other articles are longer.
    return -5 if len(line) <= 25 else -25 if len(line) < 40 else -40


@lru_cache(maxsize=1)
def _walls() -> frozenset[str]:
    return (words("boilerplate", "blocks") | words("boilerplate", "related")) - words("boilerplate", "menus")


@lru_cache(maxsize=1)
def _heading() -> re.Pattern[str]:
    """A block's heading as portals print it, with a capital or in capitals, anywhere in a line."""
    names = sorted(_walls() | words("boilerplate", "menus"), key=len, reverse=True)
    forms = [form_ for name in names for form_ in (name.upper(), name[:1].upper() + name[1:], name.title())]
    return re.compile("|".join(map(re.escape, dict.fromkeys(forms))))


def _unglued(line: str) -> list[tuple[str, bool]]:
    """A line, parted where the heading of the next block is glued to a byline: "T/h: Lệ MinhÝ KIẾN BẠN ĐỌC"."""
    bare = form(line).strip(" :.»›>|")
    if bare in _walls() or len(line) > _UNGLUED:
        return [(line, bare in _walls())]
    for found in islice(_heading().finditer(line), 200):
        start = found.start()
        before = line[max(0, start - 3 * byline.LONGEST) : start].rstrip()
        glued = start > 0 and not line[start - 1].isspace()
        whole = len(line) - start < 60 and form(line[start:]).strip(" :.»›>|") in _walls()
        # A missing blank behind a full stop is common: "…địa phương.Thời tiết xấu" goes on.
        sentence = (
            glued
            and (whole or (found[0].isupper() and len(line) - start < 200))
            and before.endswith((".", "!", "?", "”"))
        )
        if before and (sentence or ((glued or whole) and _ends_in_byline(before, glued))):
            return [(line[:start].rstrip(), False), (line[start:], True)]
    # A heading that no table knows: the small letter and the capital in one word give it away.
    label = max(byline.labels(line), default=-1)
    if label == 0 or (label > 0 and _SENTENCE_END.search(line[:label].rstrip())):
        for place in range(max(label + 1, len(line) - 80), len(line)):
            if not (line[place].isupper() and line[place - 1].islower()):
                continue
            signed = byline.read(line[label:place])
            if signed and (signed.authors or signed.organisation):
                return [(line[:place], False), (line[place:], True)]
    return [(line, False)]


def _ends_in_byline(text: str, glued: bool) -> bool:
    """Whether ``text`` is a byline, or a paragraph that ends in one."""
    if len(text) <= byline.LONGEST and byline.read(text, glued) is not None:
        return True
    starts = [start for start in byline.labels(text)[-3:] if _SENTENCE_END.search(text[:start].rstrip())]
    return any(byline.read(text[start:]) for start in starts)


def _region(lines: list[_Line]) -> tuple[int, int]:
    """First and last line of the heaviest run of lines between two walls. Raises NotAnArticle."""
    best, place = 0, (0, -1)
    total, start = 0, 0
    for i, line in enumerate(lines):
        if line.wall or total <= 0:
            total, start = 0, i + (1 if line.wall else 0)
        if line.wall:
            continue
        total += line.weight
        if total > best:
            best, place = total, (start, i)
    if place[1] < 0 or best < 60:
        raise NotAnArticle("no article text")
    first, last = place
    while first < last and lines[first].weight <= 0:
        first += 1
    return _over_table_up(lines, first), _over_table_down(lines, last)


def _over_table_down(lines: list[_Line], last: int) -> int:
    """The article goes on behind a table, whose cells are many short lines."""
    for i in range(last + 1, len(lines)):
        if lines[i].wall:
            break
        if lines[i].weight > 0:
            if not _is_table(lines[last + 1 : i]):
                break
            last = i
    return last


def _over_table_up(lines: list[_Line], first: int) -> int:
    for i in range(first - 1, -1, -1):
        if lines[i].wall:
            break
        if lines[i].weight > 0:
            if not _is_table(lines[i + 1 : first]):
                break
            first = i
    return first


def _is_table(lines: list[_Line]) -> bool:
    figures = sum(not any(c.isalpha() for c in line.text) for line in lines)
    return not lines or (figures >= 3 and all(len(line.text) <= 80 for line in lines) and figures * 8 >= len(lines))


def _title(lines: list[_Line], first: int, last: int) -> tuple[str, int, str | None]:
    """The title, the number of the body's first line, and the date printed between them.

    The title is the line above the body, unless that is a menu's; then it is the body's own first line.
    """
    published = None
    dated = False
    for i in range(first - 1, max(-1, first - 8), -1):
        text = lines[i].text
        if lines[i].wall:
            break
        if _is_date(text):
            published = published or dates.printed(text)
            dated = True
            continue
        if _is_menu(text):
            if dated:
                continue
            break
        if dated or _repeats_head(lines, i) or _is_headline(lines, i, first, last):
            return text, first, published
        break
    if last > first and len(lines[first].text) <= 400:
        start, published = _after_dates(lines, first + 1, last)
        return lines[first].text, start, published
    return _first_sentence(lines[first].text), first, published


def _after_dates(lines: list[_Line], start: int, last: int) -> tuple[int, str | None]:
    """Skips the lines below the title that hold only its date."""
    published = None
    while start < last and _is_date(lines[start].text):
        published = published or dates.printed(lines[start].text)
        start += 1
    return start, published


def _is_date(text: str) -> bool:
    """A line that says when, and nothing else: "T4, 06/01/2021 - 08:30", "Được đăng bởi admin vào …"."""
    if len(text) > 160 or (not _SUBMITTED.match(text) and len(text) > 60):
        return False
    if _SUBMITTED.match(text):
        return True
    return dates.printed(text) is not None and sum(c.isalpha() for c in text) <= 22


def _is_menu(text: str) -> bool:
    return form(text).strip(" :.»›>|/") in words("boilerplate", "menus") or bool(re.search(r"\S\s*[»›>]\s*\S", text))


def _repeats_head(lines: list[_Line], i: int) -> bool:
    """Whether the page's own head, its first line, begins with this line: "Title | Portal"."""
    return i > 0 and normalise(_SITE_NAME.split(lines[0].text)[0]) == normalise(lines[i].text)


def _is_headline(lines: list[_Line], i: int, first: int, last: int) -> bool:
    """A line above the body that is long enough for a headline, or short but set apart from any menu."""
    text = lines[i].text
    if len(text) < 12 or len(text.split()) < 3:
        return False
    opening = lines[first].text
    looks_like_title = last > first and len(opening) <= 300 and not re.search(r"[.!?]\s+\S", opening)
    if len(text) >= 40:
        return not looks_like_title or len(text) >= 60 or i + 1 == first
    in_menu = i > 0 and not lines[i - 1].wall and len(lines[i - 1].text) < 40 and not lines[i].gap
    return not in_menu and not (looks_like_title and len(opening) >= 60 and not lines[first].gap)


def _first_sentence(text: str) -> str:
    found = re.match(r".{20,300}?[.!?](?=\s)", text)
    return found[0] if found else text[:200]


def _signed_below(paragraphs: list[str], below: list[_Line]) -> tuple[list[str], Byline]:
    """The byline from the lines below the last full sentence, before the next block begins.

    Long lines between the two are the article's last words, printed without a full stop.
    """
    words_between: list[str] = []
    for i, line in enumerate(below):
        if line.wall:
            break
        found = byline.read(line.text, True)
        in_table = any(not any(c.isalpha() for c in other.text) for other in below[max(0, i - 1) : i + 2])
        if found and _is_sure(found, line.text) and (found.role or found.source or not in_table):
            return paragraphs + words_between, found
        if (
            len(line.text) >= 60
            and not re.search(r"ảnh\s*:", form(line.text))
            and not _is_menu(line.text)
            and not dates.printed(line.text[-20:])
        ):
            words_between.append(line.text)
    return paragraphs, Byline()


def _without_byline(paragraphs: list[str]) -> tuple[list[str], Byline]:
    """The byline among the last lines of the body, glued to its last sentence, or above it."""
    for back in range(1, min(5, len(paragraphs)) + 1):
        text = paragraphs[-back]
        found = byline.read(text, back == 1)
        if (
            found
            and (found.role or found.source or back == 1)
            and _is_sure(found, text)
            and not byline.is_photo_credit(found)
            and len(paragraphs) > 1
        ):
            return paragraphs[:-back] + _honest(paragraphs[len(paragraphs) - back + 1 :]), found
        if back == 1 and (cut := _glued_byline(text)):
            return [*paragraphs[:-1], text[: cut[0]].rstrip()], cut[1]
    return _byline_on_top(paragraphs)


def _byline_on_top(paragraphs: list[str]) -> tuple[list[str], Byline]:
    for i, text in enumerate(paragraphs[:2]):
        found = byline.read(text, True)
        if found is None or not found.authors or len(paragraphs) < 3 or byline.is_photo_credit(found):
            continue
        if found.role or len(found.authors) > 1 or text.startswith("("):
            return [*paragraphs[:i], *paragraphs[i + 1 :]], found
    return paragraphs, Byline()


def _glued_byline(text: str) -> tuple[int, Byline] | None:
    """ "… an toàn xã hội./. T/h: Lệ Minh": where the sentence ends, and the byline."""
    for start in byline.labels(text):
        found = byline.read(text[start:]) if _SENTENCE_END.search(text[:start].rstrip(" (")) else None
        if found and not byline.is_photo_credit(found):
            return start, found
    if bracket := re.search(r"(?<=[.!?”])\s*(\([^()]{3,90}\))\.?$", text):
        found = byline.read(bracket[1])
        if found and not byline.is_photo_credit(found):
            return bracket.start(1), found
    return None


def _is_sure(found: Byline, line: str) -> bool:
    """A label, a medium, a desk or a name; no bare organisation, which may be the heading of a block."""
    if found.role or found.source:
        return not byline.is_photo_credit(found)
    if found.authors:
        one = found.authors[0]
        return len(found.authors) > 1 or bool(found.organisation) or has_family_name(one) or len(one.split()) == 2
    return byline.is_desk(line.strip(" .()"))


def _honest(paragraphs: list[str]) -> list[str]:
    """What follows a byline and is still the article's: whole sentences."""
    return [text for text in paragraphs if _weight(text) >= _PARAGRAPH]


def _is_vietnamese(text: str) -> bool:
    letters = [c for c in text[:5000] if c.isalpha()]
    return sum(ord(c) > 127 for c in letters) * 50 >= len(letters) > 0
