"""Runs of words with the same look, and what becomes of them: one plain line, or clean HTML."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from archive.text import normalise

_UNSEEN = " \t\n\r\x0b\x0c\x00\u00a0\u2002\u2003\u2009\u3000\u200b\u200c\u200d\u2060\ufeff\u00ad"
_SPACE = re.compile(r"\s+")


class Run(NamedTuple):  # a page makes hundreds: three times as fast to make as a frozen dataclass
    """Words with one look. ``text`` as the page has it, except that "\\n" alone is a line break."""

    text: str
    strong: bool = False
    em: bool = False
    href: str = ""


def lines_of(runs: list[Run]) -> Iterator[list[Run]]:
    """The runs, parted at line breaks."""
    line: list[Run] = []
    for run in runs:
        if run.text == "\n":
            yield line
            line = []
        else:
            line.append(run)
    yield line


def has_words(runs: list[Run]) -> bool:
    """Whether anything of the runs is seen."""
    return any(run.text.strip(_UNSEEN) for run in runs)


def plain(runs: list[Run]) -> str:
    """The words: NFC, white space folded, a newline for every line break that stands between words."""
    lines = (normalise("".join(run.text for run in line)) for line in lines_of(runs))
    return "\n".join(line for line in lines if line)


def emphasised(runs: list[Run]) -> bool:
    """Whether every word is bold, or every word italic."""
    seen = [run for run in runs if run.text.strip()]
    return bool(seen) and (all(run.strong for run in seen) or all(run.em for run in seen))


def italic(runs: list[Run]) -> bool:
    seen = [run for run in runs if run.text.strip()]
    return bool(seen) and all(run.em for run in seen)


def bold(runs: list[Run]) -> bool:
    seen = [run for run in runs if run.text.strip()]
    return bool(seen) and all(run.strong for run in seen)


def markup(runs: list[Run]) -> str:
    """The same words as HTML: strong, em, a and br."""
    return "<br>".join(line for line in (_line(line) for line in lines_of(runs)) if line)


def _line(runs: list[Run]) -> str:
    out = []
    for href, group in groupby(_tidy(runs), key=lambda run: run.href):
        inner = "".join(_look(run) for run in group)
        out.append(f'<a href="{html.escape(href)}">{inner}</a>' if href else inner)
    return "".join(out)


def _look(run: Run) -> str:
    text = html.escape(run.text, quote=False)
    if not text.strip():
        return text
    if run.em:
        text = f"<em>{text}</em>"
    return f"<strong>{text}</strong>" if run.strong else text


def _tidy(runs: list[Run]) -> list[Run]:
    """Neighbours of one look joined, white space folded across them, nothing at the ends, each run NFC."""
    merged: list[Run] = []
    for look, group in groupby(runs, key=lambda run: (run.strong, run.em, run.href)):
        merged.append(Run("".join(run.text for run in group), *look))
    tidy: list[Run] = []
    space = True
    for run in merged:
        text = _fold(run.text)
        if text[:1] and unicodedata.combining(text[0]) and tidy:
            # A mark belongs to the letter before it, even when a tag stands between them.
            last = tidy[-1]
            tidy[-1] = Run(unicodedata.normalize("NFC", last.text + text[0]), last.strong, last.em, last.href)
            text = text[1:]
        if space:
            text = text.lstrip(" ")
        if not text:
            continue
        space = text.endswith(" ")
        tidy.append(Run(text, run.strong, run.em, run.href))
    if tidy and tidy[-1].text.endswith(" "):
        last = tidy.pop()
        if stripped := last.text.rstrip(" "):
            tidy.append(Run(stripped, last.strong, last.em, last.href))
    return tidy


def _fold(text: str) -> str:
    """Like ``normalise``, but blanks at the ends stay, as one blank."""
    core = normalise(text)
    if not core:
        return " " if _SPACE.search(text) else ""
    return (" " if text[0].isspace() else "") + core + (" " if text[-1].isspace() else "")
