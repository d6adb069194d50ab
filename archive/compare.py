"""Two texts word by word, for a person to read: what stayed, what went, what came. Pure.

Paragraphs are aligned first, then the words within those that were rewritten. Vietnamese is written in syllables, so
that a "word" here is a syllable, a number ("12,5", "6/1/2021") or signs of punctuation ("./."). Whatever is given, it
ends within a second or two: what would cost more is said to be different as a whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import Match, SequenceMatcher
from itertools import accumulate, groupby
from typing import Literal

Kind = Literal["same", "removed", "added"]

# A combining mark belongs to its letter: texts are NFC, but not every letter with its marks is one character.
_TOKEN = re.compile(r"(\d+(?:[.,:/-]\d+)+|[\w\u0300-\u036f]+|[^\w\s]+)(\s*)")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_SENTENCE_END = re.compile(r"[.!?;:…]")

# Pairs of equal words that may be looked at in one comparison: about a second.
_AFFORDABLE = 5_000_000
# A longer run of words is cut into sentences first: difflib's time grows with the square.
_LONG = 1_500
# Of two paragraphs with less in common, one took the other's place; its words were not changed.
_ALIKE = 0.4
# Cells of the table in which paragraphs are aligned, and what one of them costs: its sets are compared in C.
_CELLS = 40_000
_CELL = 8
# Nearer to the diagonal than this, the table would find nothing.
_REACH = 3
# Paragraphs that are told apart; of more, neighbours of one kind are one block.
_BLOCKS = 4_000
# Between two changes, so few words that stayed are no rest for the eye.
_LONELY = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring words of one kind; ``space`` is what separates them from the next piece."""

    kind: Kind
    text: str
    space: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of either text or of both: "changed" when only some of its words are."""

    kind: Literal["same", "changed", "removed", "added"]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both texts, once. ``added`` and ``removed`` count syllables and numbers, not punctuation."""

    blocks: tuple[Block, ...]
    added: int
    removed: int

    @property
    def equal(self) -> bool:
        """No word and no sign differs: at most the white space does."""
        return all(block.kind == "same" for block in self.blocks)


@dataclass(frozen=True, slots=True)
class _Words:
    """A run of text: its words, and the white space after each."""

    words: tuple[str, ...]
    spaces: tuple[str, ...]

    def text(self, start: int, end: int) -> str:
        return "".join(word + space for word, space in zip(self.words[start:end], self.spaces[start:end], strict=True))


@dataclass(slots=True)
class _Purse:
    """What a comparison may still spend."""

    left: int = _AFFORDABLE

    def pay(self, price: int) -> bool:
        if price > self.left:
            return False
        self.left -= price
        return True


Span = tuple[bool, int, int, int, int]  # equal or not, from and to in the old, from and to in the new


def compare(old: str, new: str) -> Comparison:
    """Two texts whose paragraphs are separated by empty lines."""
    purse = _Purse()
    before, after = _paragraphs(old), _paragraphs(new)
    blocks: list[Block] = []
    for equal, i, i_end, j, j_end in _spans(before, after, purse):
        if equal:
            blocks += (Block("same", (Piece("same", text),)) for text in after[j:j_end])
        else:
            for gone, come in _aligned(before[i:i_end], after[j:j_end], purse):
                blocks += _block(gone, come, purse)
    added, removed = (_count(blocks, kind) for kind in ("added", "removed"))
    return Comparison(tuple(blocks if len(blocks) <= _BLOCKS else _gathered(blocks)), added, removed)


def compare_line(old: str, new: str) -> tuple[Piece, ...]:
    """Two titles, bylines or other short texts."""
    return _pieces(_words(old), _words(new), _Purse())


def _paragraphs(text: str) -> list[str]:
    return [block.strip() for block in _PARAGRAPHS.split(text) if block.strip()]


def _words(text: str) -> _Words:
    found = _TOKEN.findall(text)
    return _Words(tuple(word for word, _ in found), tuple(space for _, space in found))


def _gathered(blocks: list[Block]) -> Iterator[Block]:
    for kind, neighbours in groupby(blocks, key=lambda block: block.kind):
        if kind == "changed":
            yield from neighbours
        else:
            text = "\n\n".join(piece.text for block in neighbours for piece in block.pieces)
            yield Block(kind, (Piece(kind, text),))


def _count(blocks: Sequence[Block], kind: str) -> int:
    texts = (piece.text for block in blocks for piece in block.pieces if piece.kind == kind)
    return sum(_is_word(word) for text in texts for word, _ in _TOKEN.findall(text))


def _is_word(token: str) -> bool:
    return any(letter.isalnum() for letter in token)


def _block(old: str | None, new: str | None, purse: _Purse) -> Iterator[Block]:
    """One paragraph, or the two that have too little in common to be one."""
    if old is None or new is None:
        yield from (Block("removed", (Piece("removed", text),)) for text in (old,) if text)
        yield from (Block("added", (Piece("added", text),)) for text in (new,) if text)
        return
    pieces = _pieces(_words(old), _words(new), purse)
    if not any(piece.kind == "same" for piece in pieces):
        for piece in pieces:
            yield Block("added" if piece.kind == "added" else "removed", (piece,))
    else:
        yield Block("same" if all(piece.kind == "same" for piece in pieces) else "changed", pieces)


class _Bounded(SequenceMatcher[str]):
    """difflib's matcher, which finds nothing more when it has spent what it may."""

    def __init__(self, old: Sequence[str], new: Sequence[str], purse: _Purse) -> None:
        super().__init__(None, old, new, autojunk=False)
        self._purse = purse
        # A look at the words i..j costs as many steps as the other text has words equal to them.
        others = Counter(new)
        self._prices = (0, *accumulate(1 + others[word] for word in old))

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        end = len(self._prices) - 1 if ahi is None else ahi
        if not self._purse.pay(self._prices[end] - self._prices[alo]):
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)


def _spans(old: Sequence[str], new: Sequence[str], purse: _Purse) -> Iterator[Span]:
    """What is equal and what is not, in order. Both ends are free: most changes are small."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = next((i for i in range(shorter - head) if old[-1 - i] != new[-1 - i]), shorter - head)
    if head:
        yield True, 0, head, 0, head
    old_end, new_end = len(old) - tail, len(new) - tail
    if head in (old_end, new_end):
        if head < max(old_end, new_end):
            yield False, head, old_end, head, new_end
    else:
        for tag, i, i_end, j, j_end in _Bounded(old[head:old_end], new[head:new_end], purse).get_opcodes():
            yield tag == "equal", i + head, i_end + head, j + head, j_end + head
    if tail:
        yield True, old_end, len(old), new_end, len(new)


def _aligned(old: list[str], new: list[str], purse: _Purse) -> list[tuple[str | None, str | None]]:
    """Rewritten paragraphs beside what they were: pairs in order, None where one has no counterpart.

    The usual table of the longest common subsequence, with likeness in place of equality, near its diagonal.
    """
    whole = len(old) * len(new) <= _CELLS
    reach = len(new) if whole else _CELLS // (2 * len(old))
    price = _CELL * len(old) * min(len(new), 2 * reach)
    if not old or not new or (not whole and reach < _REACH) or not purse.pay(price):
        return [*((text, None) for text in old), *((None, text) for text in new)]
    sets = [frozenset(_words(text.lower()).words) for text in (*old, *new)]
    best: list[dict[int, float]] = [{}]
    ways: list[dict[int, str]] = [{}]
    for i in range(1, len(old) + 1):
        middle = i * len(new) // len(old)
        row: dict[int, float] = {}
        way: dict[int, str] = {}
        for j in range(max(1, middle - reach), min(len(new), middle + reach) + 1):
            like = _likeness(sets[i - 1], sets[len(old) + j - 1])
            choices = [(best[i - 1].get(j, 0.0), "old"), (row.get(j - 1, 0.0), "new")]
            if like >= _ALIKE:
                choices.append((best[i - 1].get(j - 1, 0.0) + like, "both"))
            row[j], way[j] = max(choices)
        best.append(row)
        ways.append(way)
    pairs: list[tuple[str | None, str | None]] = []
    i, j = len(old), len(new)
    while i or j:
        step = ways[i].get(j, "old" if i else "new") if j else "old"
        pairs.append((None if step == "new" else old[i - 1], None if step == "old" else new[j - 1]))
        i, j = i - (step != "new"), j - (step != "old")
    return _removed_first(pairs[::-1])


def _removed_first(pairs: list[tuple[str | None, str | None]]) -> list[tuple[str | None, str | None]]:
    """Between two paragraphs that have counterparts: what went before what came, as in a corrected text."""
    ordered: list[tuple[str | None, str | None]] = []
    came: list[tuple[str | None, str | None]] = []
    for pair in pairs:
        if pair[0] is None:
            came.append(pair)
        elif pair[1] is None:
            ordered.append(pair)
        else:
            ordered += [*came, pair]
            came = []
    return ordered + came


def _likeness(old: frozenset[str], new: frozenset[str]) -> float:
    """0 to 1: how many of their different words both have."""
    return 2 * len(old & new) / max(1, len(old) + len(new))


def _pieces(old: _Words, new: _Words, purse: _Purse) -> tuple[Piece, ...]:
    """Both, once; of what stayed, the white space of the new one, but before what was removed there."""
    pieces: list[Piece] = []
    for equal, i, i_end, j, j_end in _readable(list(_word_spans(old, new, purse)), old, new):
        if equal:
            pieces.append(_piece("same", new.text(j, j_end)))
            continue
        if i < i_end:
            if pieces and not pieces[-1].space:
                pieces[-1] = replace(pieces[-1], space=old.spaces[i - 1])
            pieces.append(_piece("removed", old.text(i, i_end)))
        if j < j_end:
            pieces.append(_piece("added", new.text(j, j_end)))
    return tuple(pieces)


def _piece(kind: Kind, text: str) -> Piece:
    bare = text.rstrip()
    return Piece(kind, bare, text[len(bare) :])


def _word_spans(old: _Words, new: _Words, purse: _Purse) -> Iterator[Span]:
    if max(len(old.words), len(new.words)) <= _LONG:
        yield from _spans(old.words, new.words, purse)
        return
    before, after = _sentences(old.words), _sentences(new.words)
    texts = ["\0".join(old.words[start:end]) for start, end in before]
    others = ["\0".join(new.words[start:end]) for start, end in after]
    for equal, i, i_end, j, j_end in _spans(texts, others, purse):
        here, there = _covered(before, i, i_end), _covered(after, j, j_end)
        if equal:
            yield True, *here, *there
        else:
            for same, a, a_end, b, b_end in _spans(old.words[slice(*here)], new.words[slice(*there)], purse):
                yield same, a + here[0], a_end + here[0], b + there[0], b_end + there[0]


def _sentences(words: Sequence[str]) -> list[tuple[int, int]]:
    ends = [i + 1 for i, word in enumerate(words) if _SENTENCE_END.match(word)]
    if not ends or ends[-1] < len(words):
        ends.append(len(words))
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _covered(sentences: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """The words of the sentences ``start`` to ``end``; none of them, where they would stand."""
    first = sentences[start][0] if start < len(sentences) else sentences[-1][1]
    return first, sentences[end - 1][1] if end > start else first


def _readable(spans: list[Span], old: _Words, new: _Words) -> Iterator[Span]:
    """Changes with next to nothing between them are one change: "9,8 ha của xã" → "12,5 ha tại xã"."""
    waiting: Span | None = None  # the change that the next may be joined to
    rest: Span | None = None  # the equal words after it
    for span in spans:
        equal, _, i_end, j, j_end = span
        if equal and waiting and _is_lonely(new.words[j:j_end]) and rest is None:
            rest = span
        elif not equal and waiting and (rest is None or _outweighs(waiting, span, old, new, rest)):
            waiting, rest = (False, waiting[1], i_end, waiting[3], j_end), None
        else:
            yield from (each for each in (waiting, rest) if each)
            waiting, rest = (None, None) if equal else (span, None)
            if equal:
                yield span
    yield from (each for each in (waiting, rest) if each)


def _is_lonely(words: Sequence[str]) -> bool:
    return len(words) <= 2 * _LONELY and sum(map(_is_word, words)) <= _LONELY


def _outweighs(before: Span, after: Span, old: _Words, new: _Words, rest: Span) -> bool:
    """Whether each of two changes has as many words as what stayed between them."""
    between = sum(map(_is_word, new.words[rest[3] : rest[4]]))
    return all(
        between <= max(sum(map(_is_word, old.words[i:i_end])), sum(map(_is_word, new.words[j:j_end])))
        for _, i, i_end, j, j_end in (before, after)
    )
