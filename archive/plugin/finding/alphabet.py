"""Vietnamese names in the order of their readers: by the given name, which stands last. Pure."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

LETTERS = "AĂÂBCDĐEÊFGHIJKLMNOÔƠPQRSTUƯVWXYZ"
_PLACE = {letter: place for place, letter in enumerate(LETTERS.lower(), 1)}
# In the order of dictionaries: ngang, huyền, hỏi, ngã, sắc, nặng.
_TONES = {mark: place for place, mark in enumerate("\u0300\u0309\u0303\u0301\u0323", 1)}

Key = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]


def order(name: str) -> Key:
    """To sort by: the given name, then the family name and those between; letters first, tones where they are alike."""
    words = name.split()
    return tuple(_weight(word) for word in (*words[-1:], *words[:-1]))


def spelled(text: str) -> Key:
    """To sort by as a dictionary does, from the first word on: places, not people."""
    return tuple(_weight(word) for word in text.split())


def initial(name: str) -> str:
    """The letter under which a name stands: "Đ" for "Trần Thị Ðào"; "" for one that begins with no letter of ours."""
    letters = _weight(name.split()[-1])[0] if name.split() else ()
    return LETTERS[letters[0] - 1] if letters and letters[0] <= len(LETTERS) else ""


@lru_cache(maxsize=16384)
def _weight(word: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The letters and the tones. A foreign letter stands after all of ours."""
    letters, tones = [], []
    for letter in unicodedata.normalize("NFC", word.lower().replace("\u00f0", "đ")):
        parts = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in parts[1:] if mark in _TONES), "")
        bare = unicodedata.normalize("NFC", parts.replace(tone, "")) if tone else letter
        letters.append(_PLACE.get(bare, len(LETTERS) + 1 + ord(bare[0])))
        tones.append(_TONES.get(tone, 0))
    return tuple(letters), tuple(tones)
