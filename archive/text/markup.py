"""Markup that no parser can choke on. What is refused here, fuzzing has found. Imports nothing of ours."""

from __future__ import annotations

import re
from collections import Counter

_MOST = 20_000  # tags; an honest page has a tenth of it
_MANY = 3_000  # tags; a page with fewer that are all closed cannot be nested deeply enough to matter
_DEEPEST = 512  # as in browsers: the parser climbs from every element, and so do selectors
_SMALL = 15_000  # characters of a page that cannot hold enough unclosed looks to matter
_UNCLOSED = 50  # looks left open; a parser opens each of them again in every paragraph that follows
_LONG = 100_000  # characters of a page from which on a tag may hold too many attributes
_LOOK_NAMES = r"(font|span|b|i|u|s|strong|em|small|big|tt|center|code|nobr|strike)\b"
_LOOKS = re.compile(rf"</?{_LOOK_NAMES}[^<>]*>", re.IGNORECASE)
_LOOK = re.compile(rf"<(/?){_LOOK_NAMES}", re.IGNORECASE)
_LOOK_STARTS = frozenset(
    start + end for name in ("b", "i", "u", "s") for start in (name, name.upper()) for end in " \t\n\r/"
) | {"fo", "FO", "Fo", "em", "EM", "tt", "TT", "bi", "BI", "co", "CO", "no", "NO", "sm", "SM", "st", "ST"}
_NO_MARKUP = re.compile(r"<(script|style|textarea)\b.*?(?:</\1|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
# Elements that end by themselves do not nest.
_NESTING = re.compile(
    r"<(/?)(?!(?:p|li|tr|td|th|tbody|thead|tfoot|dt|dd|option|optgroup|a|br|hr|img|input|link|meta|base|col|area|param"
    r"|source|track|wbr|embed|script|style)\b)([a-z][^\s/<>]*)",
    re.IGNORECASE,
)
_LONG_TAG = re.compile(r"<[a-z](?:[^<>\"']++|\"[^\"]*+\"|'[^']*+'|[<\"'])*+(?:>|\Z)", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_ATTRIBUTE = re.compile(r"[\s/][^\s/>=]")


class Tangled(ValueError):
    """Markup that would keep a parser busy without end."""


def tamed(text: str) -> str:
    """The markup, which a parser reads in bounded time and depth. What only changes the look of words is left out where
    it is left open without end, as old editors did. Raises Tangled for a page that is nested deeper than browsers go,
    or made of more tags and attributes than any that people wrote."""
    tags = text.count("<")
    if tags > _MOST:
        raise Tangled(f"more than {_MOST:,} tags")
    if len(text) > _LONG and any(_crowded(tag[0]) for tag in _LONG_TAG.finditer(text)):
        raise Tangled("a tag with more than 300 attributes")
    if len(text) > _SMALL and _unclosed(text) > _UNCLOSED:
        text = _LOOKS.sub("", text)
    left_open = tags - 2 * text.count("</") > _DEEPEST
    if (tags > _MANY or left_open) and _depth(text) > _DEEPEST:
        text = _LOOKS.sub("", text)
        if _depth(text) > _DEEPEST:
            raise Tangled(f"elements are nested more than {_DEEPEST} deep")
    return text


def _unclosed(text: str) -> int:
    """How many looks are open at once at the end, when there are enough of them for that to matter."""
    if sum(piece[:2] in _LOOK_STARTS for piece in text.split("<")) < 300:
        return 0
    return sum(_running(_LOOK, text)[0].values())


def _depth(text: str) -> int:
    """How deep elements are nested at most, told by their tags alone."""
    return _running(_NESTING, _NO_MARKUP.sub("", text))[1]


def _running(tag: re.Pattern[str], text: str) -> tuple[Counter[str], int]:
    """Which elements are open at the end, and how many were at most. An end tag ends only what is open."""
    still_open: Counter[str] = Counter()
    depth = deepest = 0
    for found in tag.finditer(text):
        name = found[2].lower()
        if not found[1]:
            still_open[name] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif still_open[name]:
            still_open[name] -= 1
            depth -= 1
    return still_open, deepest


def _crowded(tag: str) -> bool:
    """The parser compares each attribute of a tag with each other."""
    return len(tag) > 2_000 and len(_ATTRIBUTE.findall(_QUOTED.sub("", tag))) > 300
