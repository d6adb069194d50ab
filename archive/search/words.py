"""What a reader typed, as a question. Pure; nothing that is typed is an error.

All words must be found. "Quoted" words, and words joined by a sign (KT-XH, 6/1/2021), stand side by side; -word and
-"quoted words" must not be there; a short form finds what it stands for, and the other way round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from archive.search import abbreviations
from archive.search.forms import WORD, forms
from archive.text import index_form, normalise

# Longer questions are cut: each word costs a walk through the index.
MOST_CHARACTERS = 600
MOST_TERMS = 24

_QUOTES = dict.fromkeys(map(ord, "“”„‟«»＂〝〞"), '"')
_MINUS, _MINUS_BEFORE = re.compile(r"[-−][^\W_]"), re.compile(r"(?:^|\s)[-−]$")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand side by side, as ``forms`` gives them, exactly. ``whole``: no marks may be missing."""

    tokens: tuple[str, ...]
    whole: bool = False

    @property
    def marked(self) -> bool:
        """Has it any diacritics?"""
        return any(forms(token)[1] != token for token in self.tokens)


Way = tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """Something that must be found, in one of the ``ways``, the first as it was typed; of a way, every term."""

    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """``runs``: words that were typed one after the other, outside of quotation marks. What is found has them all
    anyway; where they stand side by side it comes first. ``refused``: what must not be there."""

    needs: tuple[Need, ...] = ()
    refused: tuple[Term, ...] = ()
    runs: tuple[tuple[str, ...], ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """All that is to be marked."""
        return tuple(dict.fromkeys(term for need in self.needs for way in need.ways for term in way))

    @property
    def marked(self) -> bool:
        """Did the reader type any diacritics in what is to be found?"""
        return any(term.marked for need in self.needs for term in need.ways[0])

    def folded(self) -> Query:
        """The same without diacritics; what is refused stays as it is."""
        needs = tuple(
            Need(tuple(tuple(Term(_bare(term.tokens)) for term in way) for way in need.ways)) for need in self.needs
        )
        return replace(self, needs=tuple(dict.fromkeys(needs)), runs=tuple(map(_bare, self.runs)))


@dataclass(frozen=True, slots=True)
class _Typed:
    """One word: as the index has it, as it was written, and in which of the pieces it stood."""

    exact: str
    written: str
    piece: int


@lru_cache(maxsize=256)
def parse(words: str) -> Query:
    """The question. Without needs and refused words there is nothing to look for."""
    needs: list[Need] = []
    refused: list[Term] = []
    runs: list[tuple[str, ...]] = []
    loose: list[_Typed] = []

    def close() -> None:
        needs.extend(_needs(loose))
        runs.append(tuple(word.exact for word in loose))
        loose.clear()

    for number, (minus, text, quoted) in enumerate(pieces(words)):
        found = WORD.findall(text)
        if not found:
            continue
        if minus:
            refused.append(Term(_exact(found)))
        elif quoted:
            close()
            needs.append(Need(((Term(_exact(found)),),)))
        else:
            loose += [_Typed(forms(word)[0], word, number) for word in found]
    close()
    return Query(
        tuple(dict.fromkeys(needs))[:MOST_TERMS],
        tuple(dict.fromkeys(refused))[:MOST_TERMS],
        tuple(run[:MOST_TERMS] for run in runs if len(run) > 1)[:MOST_TERMS],
    )


def pieces(words: str) -> list[tuple[bool, str, bool]]:
    """(is refused, text, was in quotation marks) in turn. A mark that is never closed is none."""
    parts = index_form(normalise(words[:MOST_CHARACTERS])).translate(_QUOTES).split('"')
    if len(parts) % 2 == 0:
        parts[-2:] = [" ".join(parts[-2:])]
    found = []
    for number, part in enumerate(parts):
        if number % 2:
            found.append((bool(_MINUS_BEFORE.search(parts[number - 1])), part, True))
        else:
            found += [(bool(_MINUS.match(piece)), piece, False) for piece in part.split()]
    return found


def _needs(loose: list[_Typed]) -> list[Need]:
    """Words outside of quotation marks: each for itself, those of one piece together, and short forms known."""
    found: list[Need] = []
    at = 0
    while at < len(loose):
        rest = loose[at : at + _FURTHEST]
        known = abbreviations.known(tuple(word.exact for word in rest), tuple(word.written for word in rest))
        if known and _is_whole(loose, at, at + known.length):
            typed = tuple(_terms(loose[at : at + known.length]))
            others = tuple((Term(other, whole=True),) for other in known.others)
            found.append(Need((typed, *others)))
            at += known.length
        else:
            end = next((n for n in range(at, len(loose)) if loose[n].piece != loose[at].piece), len(loose))
            # Within a piece a short form may begin later: (UBND/HĐND) is a phrase all the same.
            found += [Need(((term,),)) for term in _terms(loose[at:end])]
            at = end
    return found


_FURTHEST = 12  # words: the longest form of the list has ten


def _is_whole(loose: list[_Typed], start: int, end: int) -> bool:
    """Neither end lies within a piece: "UBND-HĐND" is one."""
    before = start == 0 or loose[start - 1].piece != loose[start].piece
    return before and (end == len(loose) or loose[end].piece != loose[end - 1].piece)


def _terms(typed: list[_Typed]) -> list[Term]:
    """A term for each piece."""
    found: dict[int, list[str]] = {}
    for word in typed:
        found.setdefault(word.piece, []).append(word.exact)
    return [Term(tuple(tokens)) for tokens in found.values()]


def _exact(found: list[str]) -> tuple[str, ...]:
    return tuple(forms(word)[0] for word in found)


def _bare(tokens: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(forms(token)[1] for token in tokens)
