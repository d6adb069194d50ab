"""What was meant when the keys of Telex or VNI were typed and nothing made letters of them: "ddaats" is đất. Pure.

Source: the tables of both input methods, as UniKey and ibus follow them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from archive.search.forms import forms
from archive.text.syllables import is_syllable

_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"
_TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_VNI_MARKS = {"6": ("aeo", _CIRCUMFLEX), "7": ("ou", _HORN), "8": ("a", _BREVE), "9": ("d", "")}
_VOWELS = "aeiouy"
_RIME = re.compile(r"(?P<head>(?:qu|gi(?=[aeiouy])|[^aeiouy])*)(?P<vowels>[aeiouy]+)(?P<tail>[a-z]*)")
_LONGEST = 14


def meant(typed: str) -> Iterator[str]:
    """The syllables that these keys stand for; none when they stand for none. ``typed`` in lower case."""
    if len(typed) > _LONGEST or not typed.isascii():
        return
    for read in (_telex, _vni):
        found = read(typed)
        if found and found != typed and is_syllable(found):
            yield forms(found)[0]


def _telex(typed: str) -> str:
    tone = next((key for key in reversed(typed[1:]) if key in _TELEX_TONES), "")
    place = typed.rfind(tone) if tone else -1
    # At the end, or right behind the vowels it belongs to: "ddaats", "ddaast".
    rest = typed[:place] + typed[place + 1 :] if tone else typed
    rest = rest.replace("dd", "đ")
    for vowel in "aeo":
        rest = re.sub(f"{vowel}{vowel}|{vowel}(?=[^{_VOWELS}]+{vowel}$)", vowel + _CIRCUMFLEX, rest, count=1)
        if _CIRCUMFLEX in rest and rest.endswith(vowel) and not rest.endswith(vowel + _CIRCUMFLEX):
            rest = rest[:-1]
    rest = re.sub("uow|uwow|uwo", f"u{_HORN}o{_HORN}", rest)
    rest = re.sub("aw", f"a{_BREVE}", rest)
    rest = re.sub("([ou])w", rf"\1{_HORN}", rest)
    return _toned(rest, _TELEX_TONES.get(tone, ""))


def _vni(typed: str) -> str:
    if not any(key.isdigit() for key in typed) or typed[0].isdigit():
        return ""
    letters, tone = list[str](), ""
    for key in typed:
        if key in _VNI_TONES:
            tone = _VNI_TONES[key]
        elif key in _VNI_MARKS:
            bases, mark = _VNI_MARKS[key]
            for at in [at for at, letter in enumerate(letters) if letter in tuple(bases)]:
                letters[at] = "đ" if key == "9" else letters[at] + mark
        else:
            letters.append(key)
    return _toned("".join(letters), tone)


def _toned(syllable: str, tone: str) -> str:
    """The tone on the vowel that bears it: the last one with a mark, else the one before the end of open syllables."""
    composed = unicodedata.normalize("NFC", syllable)
    if not tone:
        return composed
    found = _RIME.fullmatch("".join(unicodedata.normalize("NFD", letter)[0] for letter in composed).replace("đ", "d"))
    if found is None:
        return ""
    start, end = found.span("vowels")
    marked = [at for at in range(start, end) if not composed[at].isascii()]
    size = end - start
    at = marked[-1] if marked else start + (1 if size == 3 or (size == 2 and found["tail"]) else 0)
    return unicodedata.normalize("NFC", composed[: at + 1] + tone + composed[at + 1 :])
