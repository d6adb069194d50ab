"""Words as the index has them, and which spellings a half-typed one may stand for. Pure.

"trương" may be all that a reader typed of "trường": a mark that was typed must be there, one that was not may be.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import lru_cache

from archive.text import fold, index_form

WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")
# Nobody's word is longer, and the index need not have it whole. Both index and question are cut here.
MOST_LETTERS = 60

_BLANK = re.compile(r"\s+")
_TONES = "\u0301\u0300\u0309\u0303\u0323"
_QUALITIES = "\u0302\u0306\u031b"
# What a letter without a mark may turn out to be, in NFD.
_LETTERS = {
    "a": ("a", "a\u0302", "a\u0306"),
    "e": ("e", "e\u0302"),
    "o": ("o", "o\u0302", "o\u031b"),
    "u": ("u", "u\u031b"),
    "d": ("d", "đ"),
}
_VOWELS = "aeiouy"
_SYLLABLE, _MOST_VOWELS = 8, 4  # letters; longer words are no syllables, and were typed in full


@lru_cache(maxsize=65536)
def forms(word: str) -> tuple[str, str]:
    """(exactly, without marks): a word of a text as the index has it, both in lower case.

    Vietnamese has some seven thousand syllables: nearly every word of a text was met before.
    """
    exact = index_form(word).lower()
    # Lower-casing may tear a letter in two (İ); index_form then joins what can be joined again.
    exact = exact if exact.isascii() else unicodedata.normalize("NFC", exact)
    return exact[:MOST_LETTERS], fold(exact)[:MOST_LETTERS]


def words(text: str) -> list[str]:
    """The words of a text, in its own letters."""
    return WORD.findall(text)


@lru_cache(maxsize=16384)
def key(value: str) -> str:
    """What makes two sections or two authors the same: the letters, not their case or composition or blanks."""
    return _BLANK.sub(" ", index_form(value)).strip().casefold()


@lru_cache(maxsize=16384)
def completes(typed: str, word: str) -> bool:
    """Whether ``word`` is ``typed``, or that with marks that were left out. Both as ``forms`` gives them, exactly.

    ``completes("trương", "trường")``, but not ``completes("trường", "trương")``.
    """
    if typed == word:
        return True
    one, other = _letters(typed), _letters(word)
    if len(one) != len(other):
        return False
    return all(
        (a == b or (a == "d" and b == "đ")) and set(marks) <= set(more)
        for (a, marks), (b, more) in zip(one, other, strict=True)
    )


@lru_cache(maxsize=4096)
def spellings(typed: str) -> tuple[str, ...]:
    """Every spelling that ``completes`` the typed syllable, itself first; itself alone when it is no syllable."""
    letters = _letters(typed)
    vowels = sum(letter in _VOWELS for letter, _ in letters)
    if len(letters) > _SYLLABLE or vowels > _MOST_VOWELS or not all(letter.isalpha() for letter, _ in letters):
        return (typed,)
    choices = [_choices(letter, marks) for letter, marks in letters]
    toned = any(tone in marks for _, marks in letters for tone in _TONES)
    found = {typed: None}
    for chosen in itertools.product(*choices):
        found[_composed(chosen)] = None
        if not toned:
            found.update((form, None) for form in _with_tone(chosen))
    return tuple(found)


def _choices(letter: str, marks: str) -> tuple[str, ...]:
    if any(quality in marks for quality in _QUALITIES):
        return (letter + marks,)
    return tuple(more + marks for more in _LETTERS.get(letter, (letter,)))


def _with_tone(letters: tuple[str, ...]) -> list[str]:
    return [
        _composed((*letters[:place], letter + tone, *letters[place + 1 :]))
        for place, letter in enumerate(letters)
        if letter[0] in _VOWELS
        for tone in _TONES
    ]


def _composed(letters: tuple[str, ...]) -> str:
    return unicodedata.normalize("NFC", "".join(letters))


@lru_cache(maxsize=16384)
def _letters(word: str) -> tuple[tuple[str, str], ...]:
    """(letter, its marks) in turn; đ is a letter of its own."""
    found: list[tuple[str, str]] = []
    for character in unicodedata.normalize("NFD", word):
        if found and unicodedata.combining(character):
            found[-1] = (found[-1][0], found[-1][1] + character)
        else:
            found.append((character, ""))
    return tuple(found)
