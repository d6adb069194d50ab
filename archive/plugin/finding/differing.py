"""What one change changed, in a few words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from archive.plugin.queries.lists import Changed

PARTS = ("title", "text", "byline", "published", "section")
# Longer pieces are cut: they are read in the comparison of both versions, not in a list.
MOST_CHARACTERS = 160
_CONTEXT = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text that became another, "" when it came in or went out: ``lead`` the words before it, ``tail`` those
    after it, in both versions. ``last``: nothing else of the text differs."""

    lead: str
    before: str
    after: str
    tail: str
    last: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """``parts`` that differ, of PARTS; () when what differs is elsewhere (pictures, files, layout). ``piece``: the
    first place of the text, None when that is the same."""

    parts: tuple[str, ...]
    piece: Piece | None


def difference(change: Changed) -> Difference:
    before, after = change.before, change.after
    parts = tuple(part for part in PARTS if getattr(before, part) != getattr(after, part))
    return Difference(parts, _piece(_blocks(before.text), _blocks(after.text)))


def _blocks(text: str) -> list[str]:
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", text) if block.strip()]


def _piece(before: list[str], after: list[str]) -> Piece | None:
    """The first block that differs, without the words at both its ends that do not."""
    if before == after:
        return None
    start, end = _ends(before, after)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    paired = len(old) == len(new)
    one, other = (old[:1], new[:1]) if paired else (old, new)
    was, now = " ".join(one).split(), " ".join(other).split()
    begin, close = _ends(was, now)
    lead, tail = now[:begin], now[len(now) - close :]
    gone, come = (" ".join(words[begin : len(words) - close]) for words in (was, now))
    return Piece(
        ("… " if len(lead) > _CONTEXT else "") + " ".join(lead[-_CONTEXT:]),
        _cut(gone),
        _cut(come),
        " ".join(tail[:_CONTEXT]) + (" …" if len(tail) > _CONTEXT else ""),
        (not paired or len(old) == 1) and max(len(gone), len(come)) <= MOST_CHARACTERS,
    )


def _cut(text: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    return text[: text.rfind(" ", MOST_CHARACTERS // 2, MOST_CHARACTERS) % MOST_CHARACTERS] + " …"


def _ends(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """How many at the beginning are the same, and how many of the others at the end."""
    start = _common(one, other)
    return start, min(_common(one[::-1], other[::-1]), len(one) - start, len(other) - start)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
