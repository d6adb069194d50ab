"""Text → a tree that can be searched in bounded time."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from .errors import NotAnArticle

_MANY = 5_000  # tags; a page with fewer cannot be nested deeply enough to matter
_DEEPEST = 512  # as in browsers: the parser climbs from every element, and so do selectors
_LOOKS = re.compile(r"</?(?:font|span|b|i|u|s|strong|em|small|big|tt|center)\b[^<>]*>", re.IGNORECASE)
_NO_MARKUP = re.compile(r"<(script|style|textarea)\b.*?(?:</\1|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_MOST = 40_000  # tags; an honest page has a tenth of it
_LONG = 100_000  # characters of a page from which on a tag may hold too many attributes
_LONG_TAG = re.compile(r"<[a-z](?:[^<>\"']++|\"[^\"]*+\"|'[^']*+'|[<\"'])*+>", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_ATTRIBUTE = re.compile(r"[\s/][^\s/>=]")
# Elements that end by themselves do not nest.
_NESTING = re.compile(
    r"<(/?)(?!(?:p|li|tr|td|th|tbody|thead|tfoot|dt|dd|option|optgroup|a|br|hr|img|input|link|meta|base|col|area|param"
    r"|source|track|wbr|embed|script|style)\b)[a-z][^\s/<>]*",
    re.IGNORECASE,
)


def parse(text: str) -> LexborHTMLParser:
    """The tree of a page. What only changes the look of words is left out where it is nested without end, as old
    editors left it unclosed. Raises NotAnArticle for a page that is nested deeper than browsers go, or made of more
    tags and attributes than any that people wrote."""
    tags = text.count("<")
    if tags > _MOST:
        raise NotAnArticle(f"more than {_MOST:,} tags")
    if len(text) > _LONG and any(_crowded(tag[0]) for tag in _LONG_TAG.finditer(text)):
        raise NotAnArticle("a tag with more than 300 attributes")
    if tags > _MANY and _depth(text) > _DEEPEST:
        text = _LOOKS.sub("", text)
        if _depth(text) > _DEEPEST:
            raise NotAnArticle(f"elements are nested more than {_DEEPEST} deep")
    return LexborHTMLParser(text)


def _crowded(tag: str) -> bool:
    """The parser compares each attribute of a tag with each other."""
    return len(tag) > 2_000 and len(_ATTRIBUTE.findall(_QUOTED.sub("", tag))) > 300


def _depth(text: str) -> int:
    """How deep elements are nested at most, told by their tags alone."""
    depth = deepest = 0
    for tag in _NESTING.finditer(_NO_MARKUP.sub("", text)):
        if not tag[1]:
            depth += 1
            deepest = max(deepest, depth)
        elif depth:
            depth -= 1
    return deepest
