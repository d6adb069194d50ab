"""Two versions of an article, word by word."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from datasette import Response

from archive.compare import Block, Comparison, Piece, compare, compare_line
from archive.plugin import answers, takedowns, wording
from archive.plugin.queries import articles as queries
from archive.plugin.queries.versions import FIELDS, Reading, reading
from archive.plugin.reading import show

# Unchanged paragraphs that are shown on either side of a change; a longer run of them is folded away.
_CONTEXT = 1
_WORTH_FOLDING = 2


@dataclass(frozen=True, slots=True)
class Field:
    """A part of the article that is said in one line, and how it changed."""

    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """Paragraphs one after the other; ``folded`` when nothing in them changed and they are far from what did."""

    folded: bool
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Files:
    """Addresses of pictures and links that only one of the two bodies has."""

    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """All that is said of two versions. ``fields`` those that differ, ``same`` the names of those that do not."""

    fields: tuple[Field, ...]
    same: tuple[str, ...]
    files: Files
    text: Comparison
    passages: tuple[Passage, ...]

    @property
    def equal(self) -> bool:
        """Whether a reader of both sees no difference."""
        return not self.fields and self.text.equal and not self.files.removed and not self.files.added


async def comparison(datasette: Any, request: Any) -> Response:
    """``/a/<id>/diff/<m>..<n>``: what became of version m until version n; either may be the older one."""
    name, *given = (request.url_vars[key] for key in ("article", "old", "new"))
    hidden = await takedowns.withheld(datasette, request, name)
    if hidden is not None:
        return hidden
    numbers = (int(given[0]), int(given[1]))

    def ask(conn: sqlite3.Connection) -> tuple[queries.Shown | None, tuple[Reading | None, Reading | None]]:
        return queries.article(conn, name, None), (reading(conn, name, numbers[0]), reading(conn, name, numbers[1]))

    shown, (old, new) = await answers.ask(datasette, ask)
    if shown is None or old is None or new is None:
        return await answers.nothing(datasette, request)
    chosen = answers.language(request)
    return await answers.page(
        datasette,
        request,
        "compare",
        headers={"X-Robots-Tag": "noindex"},
        a=shown,
        old=old,
        new=new,
        c=await asyncio.to_thread(compared, old, new, chosen),
    )


async def choice(datasette: Any, request: Any) -> Response:
    """``/a/<id>/diff?from=1&to=2``, as the form asks, leads to the permanent address of that comparison."""
    name = request.url_vars["article"]
    old, new = (answers.value(request, key) for key in ("from", "to"))
    if not all(number.isascii() and number.isdecimal() and 0 < int(number) < 10**9 for number in (old[:12], new[:12])):
        return await answers.nothing(datasette, request)
    path = answers.link(datasette, request, answers.language(request), f"/a/{name}/diff/{int(old)}..{int(new)}")
    return Response.redirect(path)


def compared(old: Reading, new: Reading, language: str) -> Compared:
    """``language`` in which days are said."""
    lines = {name: (_line(old, name, language), _line(new, name, language)) for name in FIELDS if name != "text"}
    text = compare(old.text, new.text)
    return Compared(
        fields=tuple(Field(name, compare_line(*pair)) for name, pair in lines.items() if pair[0] != pair[1]),
        same=tuple(name for name, (before, after) in lines.items() if before == after and before),
        files=_files(old.html, new.html),
        text=text,
        passages=tuple(_passages(text.blocks)),
    )


def _line(version: Reading, name: str, language: str) -> str:
    value = getattr(version, name)
    return wording.published(value, language) if name == "published" else str(value)


def _files(old: str, new: str) -> Files:
    before, after = ([*pictures, *links] for pictures, links in map(show.references, (old, new)))
    return Files(tuple(url for url in before if url not in set(after)), tuple(u for u in after if u not in set(before)))


def _passages(blocks: Iterable[Block]) -> Iterator[Passage]:
    """Long runs of what stayed, but for the paragraph next to a change, are folded away."""
    runs = [(same, tuple(run)) for same, run in groupby(blocks, key=lambda block: block.kind == "same")]
    for place, (same, run) in enumerate(runs):
        head = _CONTEXT if place else 0
        tail = _CONTEXT if place < len(runs) - 1 else 0
        if same and len(run) >= head + tail + _WORTH_FOLDING:
            middle = run[head : len(run) - tail]
            yield from (Passage(folded, part) for folded, part in ((False, run[:head]), (True, middle)) if part)
            yield from (Passage(False, part) for part in (run[len(run) - tail :],) if part and tail)
        else:
            yield Passage(False, run)


ROUTES: answers.Routes = [
    (r"^/a/(?P<article>[a-z2-7]{10})/diff/(?P<old>[1-9]\d{0,8})\.\.(?P<new>[1-9]\d{0,8})/?$", comparison),
    (r"^/a/(?P<article>[a-z2-7]{10})/diff/?$", choice),
]
