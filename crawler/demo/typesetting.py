"""How text reaches the page: the Jinja environment, and the habits of the editors' word processors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from html.entities import codepoint2name
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from crawler.demo.content import Piece

_DAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates, autoescaped whatever their name."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
    )
    made.filters.update(
        typeset=typeset,
        segments=lambda text: list(segments(text)),
        opening=opening,
        decompose=lambda text: unicodedata.normalize("NFD", text),
        day=lambda moment: moment.strftime("%d/%m/%Y"),
        stamp=stamp,
        rfc822=format_datetime,
        utc=lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"),
    )
    return made


def segments(text: str) -> Iterator[tuple[str, bool]]:
    """Pieces of a line and whether each is bold: ``"a **b**"`` → ``("a ", False), ("b", True)``."""
    for i, part in enumerate(text.split("**")):
        if part:
            yield part, i % 2 == 1


def typeset(text: str, traits: frozenset[str]) -> Markup:
    """The text as the editor's software would have stored it; the reader sees the same words.

    nfd decomposed letters · zwsp zero-width spaces after long words · wrapped hard line ends ·
    nbsp every seventh blank · entities Latin-1 letters by name, others by number.
    """
    if "nfd" in traits:
        text = unicodedata.normalize("NFD", text)
    if "zwsp" in traits:
        text = re.sub(r"(\w{6}) ", "\\1\u200b ", text)
    if "wrapped" in traits:
        text = re.sub(r"(.{60,76}?) ", r"\1" + "\n    ", text)
    safe = str(escape(text))
    if "nbsp" in traits:
        words = safe.split(" ")
        safe = "".join(w + ("&nbsp;" if i % 7 == 3 else " ") for i, w in enumerate(words[:-1])) + words[-1]
    if "entities" in traits:
        safe = re.sub(r"[^\x00-\x7f]", _entity, safe)
    return Markup(safe)


def opening(piece: Piece) -> str:
    """What a teaser shows: the lead, else the first paragraph."""
    first = next((line for block in piece.blocks for line in block.lines), piece.title)
    return (piece.lead or first).replace("**", "")


def stamp(moment: datetime) -> str:
    """Drupal's medium format: ``T7, 02/11/2024 - 19:57``."""
    return f"{_DAYS[moment.weekday()]}, {moment:%d/%m/%Y - %H:%M}"


def _entity(found: re.Match[str]) -> str:
    number = ord(found.group())
    return f"&{codepoint2name[number]};" if number in codepoint2name else f"&#{number};"
