"""“Did you mean”: where nothing is found, a question near it that finds something.

A word that no article has may be mistyped by a letter, two typed together ("datdai"), one torn apart ("da t"), or typed
while the machine did not make Vietnamese of it ("ddaats"). How often a word stands in the index, and how often beside
its neighbours, says which it may have been; only what does find something is suggested.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from archive.search import layout, plan
from archive.search.forms import WORD, forms
from archive.search.keyboard import meant
from archive.search.plan import Filters
from archive.search.reader import Reader
from archive.search.words import parse, pieces

_LETTERS, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_MOST_WORDS = 12  # of a question; a longer one was pasted, not typed
_LONGEST = 40  # letters of words typed together
_EACH, _WHOLE, _ASKED = 6, 60, 16  # candidates for a word; questions that are weighed; questions that are asked
_SPELLINGS = 3


@dataclass(frozen=True, slots=True)
class _Slot:
    """A word of the question: which piece it stands in, and from where to where; ``phrase`` is that piece's number in
    quotation marks, -1 outside of them."""

    phrase: int
    piece: int
    start: int
    end: int
    word: str


@dataclass(frozen=True, slots=True)
class _Change:
    """Other words for ``slots`` first to last of the question; ``bare`` the same without marks."""

    first: int
    last: int
    text: str
    bare: tuple[str, ...]


def suggest(reader: Reader, words: str, filters: Filters) -> str:
    """A question near ``words`` that finds something within the filters; "" when there is none."""
    typed = pieces(words)
    slots = [
        _Slot(number if quoted else -1, number, found.start(), found.end(), found.group())
        for number, (refused, text, quoted) in enumerate(typed)
        if not refused
        for found in WORD.finditer(text)
    ]
    if not slots or len(slots) > _MOST_WORDS:
        return ""
    marked = parse(words).marked
    for changes in _weighed(reader, slots):
        spelled = [list(_spelled(reader, change, marked)) for change in changes]
        for texts in itertools.islice(itertools.product(*spelled), _SPELLINGS):
            chosen = [replace(change, text=text) for change, text in zip(changes, texts, strict=True)]
            asked = _written(typed, slots, chosen)
            query = parse(asked)
            if query.needs and plan.count(reader, query, filters):
                return asked
    return ""


def _weighed(reader: Reader, slots: list[_Slot]) -> list[tuple[_Change, ...]]:
    """Sets of changes that make the question one whose words all stand in the index, the likeliest first."""
    bare = [forms(slot.word)[1] for slot in slots]
    unknown = [number for number, word in enumerate(bare) if not reader.often(layout.FOLDED, word)]
    per_slot = {number: _changes(reader, slots, bare, number) for number in range(len(slots))}
    if unknown:
        choices: Iterator[tuple[_Change, ...]] = itertools.product(*(per_slot[number] for number in unknown))
    else:
        choices = ((change,) for changes in per_slot.values() for change in changes)
    # One change may mend two words, which are one.
    sets = [one for chosen in itertools.islice(choices, _WHOLE) if not _overlap(one := tuple(dict.fromkeys(chosen)))]
    return heapq.nlargest(_ASKED, sets, key=lambda one: _weight(reader, bare, one))


def _changes(reader: Reader, slots: list[_Slot], bare: list[str], number: int) -> list[_Change]:
    """What a word may have been, the likeliest first."""
    word, found = bare[number], dict[tuple[int, int, tuple[str, ...]], _Change]()

    def add(first: int, last: int, texts: tuple[str, ...]) -> None:
        change = _Change(first, last, " ".join(texts), tuple(forms(text)[1] for text in texts))
        if change.bare != tuple(bare[first : last + 1]) and all(
            reader.often(layout.FOLDED, one) for one in change.bare
        ):
            found.setdefault((first, last, change.bare), change)

    for other in meant(slots[number].word.lower()):
        add(number, number, (other,))
    for first in (number - 1, number):
        if first >= 0 and first + 1 < len(bare) and slots[first].phrase == slots[first + 1].phrase:
            add(first, first + 1, (bare[first] + bare[first + 1],))
    if parts := _apart(reader, word):
        add(number, number, parts)
    own = reader.often(layout.FOLDED, word)
    near = [(reader.often(layout.FOLDED, one), one) for one in _near(word)]
    for often, one in heapq.nlargest(_EACH, near):
        if often > own:
            add(number, number, (one,))
    changes = sorted(found.values(), key=lambda change: -_weight(reader, bare, (change,)))
    return changes[:_EACH]


def _near(word: str) -> set[str]:
    """Everything that is one letter away: left out, put in, another one, or two that changed places."""
    if not 1 < len(word) <= _LONGEST or not word.isascii():
        return set()
    alphabet = _DIGITS if word.isdigit() else _LETTERS
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    out = {one + rest[1:] for one, rest in cuts if rest}
    turned = {one + rest[1] + rest[0] + rest[2:] for one, rest in cuts if len(rest) > 1}
    other = {one + letter + rest[1:] for one, rest in cuts if rest for letter in alphabet}
    more = {one + letter + rest for one, rest in cuts for letter in alphabet}
    return (out | turned | other | more) - {word, ""}


def _apart(reader: Reader, word: str) -> tuple[str, ...]:
    """A word as the likeliest two or more that stand in the index, neighbours of each other; () when it is none."""
    if not 3 < len(word) <= _LONGEST:
        return ()
    total = reader.articles() + 1
    best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 7), end - 1):  # nobody tears off a single letter
            if start not in best or (start, end) == (0, len(word)):
                continue
            weight, before = best[start]
            part = word[start:end]
            together = reader.often(layout.PAIRS, f"{before[-1]}_{part}") if before else 0
            likely = together or reader.often(layout.FOLDED, part) / 1000
            if likely:
                weight += math.log(likely / total)
                if end not in best or weight > best[end][0]:
                    best[end] = (weight, (*before, part))
    _, parts = best.get(len(word), (0.0, ()))
    return parts if len(parts) > 1 else ()


def _weight(reader: Reader, bare: list[str], changes: tuple[_Change, ...]) -> float:
    """How likely the question is with these changes: how often its words stand in the index, and side by side."""
    words: list[str] = []
    at = 0
    for change in sorted(changes, key=lambda one: one.first):
        words += [*bare[at : change.first], *change.bare]
        at = change.last + 1
    words += bare[at:]
    alone = min((reader.often(layout.FOLDED, word) for word in words), default=0)
    together = sum(math.log1p(reader.often(layout.PAIRS, f"{a}_{b}")) for a, b in itertools.pairwise(words))
    return math.log1p(alone) + 2 * together / max(1, len(words) - 1)


def _spelled(reader: Reader, change: _Change, marked: bool) -> Iterator[str]:
    """With the marks of the commonest spellings, where the reader typed marks as well."""
    if not marked or change.text != " ".join(change.bare):
        yield change.text
        return
    ways = [[form for form in reader.spelled(word) if reader.often(layout.EXACT, form)] for word in change.bare]
    ordered = [sorted(way, key=lambda form: -reader.often(layout.EXACT, form))[:_SPELLINGS] for way in ways]
    yield from itertools.islice((" ".join(forms_) for forms_ in itertools.product(*ordered)), _SPELLINGS)


def _overlap(changes: tuple[_Change, ...]) -> bool:
    taken = [number for change in changes for number in range(change.first, change.last + 1)]
    return len(taken) > len(set(taken))


def _written(typed: list[tuple[bool, str, bool]], slots: list[_Slot], changes: list[_Change]) -> str:
    """The question as the reader would type it."""
    texts = [text for _, text, _ in typed]
    for change in sorted(changes, key=lambda one: -one.first):
        first, last = slots[change.first], slots[change.last]
        if first.piece == last.piece:
            text = texts[first.piece]
            texts[first.piece] = text[: first.start] + change.text + text[last.end :]
        else:
            texts[first.piece] = texts[first.piece][: first.start] + change.text
            texts[last.piece] = texts[last.piece][last.end :]
    shown = []
    for (minus, _, quoted), text in zip(typed, texts, strict=True):
        shown.append(f'{"-" if minus else ""}"{text}"' if quoted else text)
    return " ".join(" ".join(shown).split())
