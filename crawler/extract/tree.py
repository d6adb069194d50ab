"""Text → a tree that can be searched in bounded time."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from archive.text.markup import Tangled, tamed

from .errors import NotAnArticle


def parse(text: str) -> LexborHTMLParser:
    """The tree of a page. Raises NotAnArticle for a page that is nested deeper than browsers go, or made of more tags
    and attributes than any that people wrote."""
    try:
        return LexborHTMLParser(tamed(text))
    except Tangled as error:
        raise NotAnArticle(str(error)) from error
