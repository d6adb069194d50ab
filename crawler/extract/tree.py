"""Text → a tree that can be searched in bounded time."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from .errors import NotAnArticle

_MANY = 5_000  # tags; a page with fewer cannot be nested deeply enough to matter
_DEEPEST = 512  # as in browsers: the parser climbs from every element, and so do selectors
_LOOKS = re.compile(r"</?(?:font|span|b|i|u|s|strong|em|small|big|tt|center)\b[^<>]*>", re.IGNORECASE)
_NO_MARKUP = re.compile(r"<(script|style|textarea)\b.*?(?:</\1|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
# Elements that end by themselves do not nest.
_NESTING = re.compile(
    r"<(/?)(?!(?:p|li|tr|td|th|tbody|thead|tfoot|dt|dd|option|optgroup|a|br|hr|img|input|link|meta|base|col|area|param"
    r"|source|track|wbr|embed|script|style)\b)[a-z][^\s/<>]*",
    re.IGNORECASE,
)


def parse(text: str) -> LexborHTMLParser:
    """The tree of a page. What only changes the look of words is left out where it is nested without end, as old
    editors left it unclosed. Raises NotAnArticle for a page that is nested deeper than browsers go."""
    if text.count("<") > _MANY and _depth(text) > _DEEPEST:
        text = _LOOKS.sub("", text)
        if _depth(text) > _DEEPEST:
            raise NotAnArticle(f"elements are nested more than {_DEEPEST} deep")
    return LexborHTMLParser(text)


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
