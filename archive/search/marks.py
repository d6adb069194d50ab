"""Where a question's words stand in a text: the hits marked, and the piece of the text around them. Pure.

Marks stand on the text as it was published; what is compared are the words as the index has them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from archive.search.forms import WORD, completes, forms
from archive.search.words import Query, Term

Segments = tuple[tuple[str, bool], ...]
Place = tuple[int, int, int]

_MARK = re.compile("[\u0300-\u036f]")
_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"(?<=[.;?!])\s+|\n+")
_LEAD_IN = 70
_NEAR = 40  # places that are weighed together


def highlight(text: str, query: Query) -> Segments:
    """The text cut into (piece, is a hit), nothing lost: the pieces joined are the text. "" gives ()."""
    return _segments(text, places(text, query.terms), 0, len(text))


def snippet(text: str, query: Query, width: int = 280) -> Segments:
    """About ``width`` characters around the place where most of the terms stand together, in one line.

    The beginning of the text when none of them is in it (the title or the byline has them).
    """
    found = places(text, query.terms)
    best, start = (0, 0), 0
    for index, (begin, _, _) in enumerate(found):
        near = [term for first, _, term in found[index : index + _NEAR] if first < begin + width - _LEAD_IN]
        score = (len(set(near)), len(near))
        if score > best:
            best, start = score, begin
    start = _beginning(text, start) if start > _LEAD_IN else 0
    end = min(len(text), start + width)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + width // 2)
    pieces = [(_SPACE.sub(" ", piece), is_hit) for piece, is_hit in _segments(text, found, start, end)]
    return (*([("… ", False)] if start else []), *pieces, *([(" …", False)] if end < len(text) else []))


def places(text: str, terms: tuple[Term, ...]) -> list[Place]:
    """Where the terms stand: (start, end, number of the term), in order of start, the longest first."""
    first: dict[str, list[int]] = {}
    for number, term in enumerate(terms):
        first.setdefault(forms(term.tokens[0])[1], []).append(number)
    found = []
    for begin, end in _beginnings(text, tuple(first)):
        exact, bare = forms(text[begin:end])
        for number in first.get(bare, ()):
            term = terms[number]
            if _fits(term, 0, exact, bare) and (close := _end(text, end, term)):
                found.append((begin, close, number))
    return sorted(found, key=lambda place: (place[0], -place[1]))


def _fits(term: Term, at: int, exact: str, bare: str) -> bool:
    wanted = term.tokens[at]
    if term.whole:
        return wanted == exact
    # A word without marks is looked for in any form; one whose marks are all there is the commonest case.
    return wanted in (exact, bare) or completes(wanted, exact)


def _end(text: str, at: int, term: Term) -> int:
    """Where the term ends whose first word ends at ``at``; 0 when its other words do not follow."""
    for number in range(1, len(term.tokens)):
        following = WORD.search(text, at)
        if following is None or not _fits(term, number, *forms(following.group())):
            return 0
        at = following.end()
    return at


def _beginnings(text: str, bare: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where words stand that may be one of these: few of a text's words are looked at one by one."""
    pattern = _pattern(bare)
    if pattern is None or _MARK.search(text) or not unicodedata.is_normalized("NFC", text):
        yield from (found.span() for found in WORD.finditer(text))
        return
    for found in pattern.finditer(text):
        start = found.start()
        word = WORD.match(text, start)
        if word and not (start and WORD.match(text, start - 1)):
            yield word.span()


@lru_cache(maxsize=256)
def _pattern(bare: tuple[str, ...]) -> re.Pattern[str] | None:
    """Finds these words in any form in a text without combining marks; None where letters are not Latin."""
    letters = _letters()
    if not bare or not all(character in letters for word in bare for character in word):
        return None
    # It begins with one set of letters, and looks back at which it was: the search for that alone goes on at once where
    # no word can begin, which takes half the time.
    first = "".join(dict.fromkeys(form for word in bare for form in letters[word[0]]))
    words = ("".join(f"[{letters[character]}]" for character in word[1:]) for word in bare)
    ways = (f"(?<=[{letters[word[0]]}]){rest}" for word, rest in zip(bare, words, strict=True))
    return re.compile(rf"[{first}](?:{'|'.join(ways)})(?![^\W_])")


@lru_cache(maxsize=1)
def _letters() -> dict[str, str]:
    """Each letter and digit of ASCII, and all that becomes it without marks."""
    found = {character: character for character in "0123456789"}
    for code in (*range(0x41, 0x250), *range(0x1E00, 0x1F00)):
        bare = forms(chr(code))[1]
        if len(bare) == 1 and bare.isascii() and bare.isalpha():
            found[bare] = found.get(bare, "") + chr(code)
    return found


def _beginning(text: str, hit: int) -> int:
    """Where to begin before a hit: with its sentence when that is near, else with a word."""
    early = hit - _LEAD_IN
    ends = [found.end() for found in _SENTENCE_END.finditer(text, early, hit)]
    return ends[-1] if ends else text.find(" ", early, hit) + 1 or early


def _segments(text: str, found: list[Place], start: int, end: int) -> Segments:
    """Hits that overlap, or that only a blank parts, are one."""
    marked: list[tuple[int, int]] = []
    for begin, close, _ in found:
        if begin < start or close > end:
            continue
        if marked and (begin <= marked[-1][1] or text[marked[-1][1] : begin] == " "):
            marked[-1] = (marked[-1][0], max(close, marked[-1][1]))
        else:
            marked.append((begin, close))
    pieces, at = [], start
    for begin, close in marked:
        pieces += [(text[at:begin], False), (text[begin:close], True)]
        at = close
    pieces.append((text[at:end], False))
    return tuple(piece for piece in pieces if piece[0])
