"""Is this the name of a person? By shape first: two to five capitalised Vietnamese syllables."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

from archive.text import fold, normalise

from .words import form, longest_first, starts, words

# A syllable without its marks: onset, vowels, ending. Source: the Vietnamese syllable table.
_SYLLABLE = re.compile(r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|nh|ng|[cmnpt])?")
# Names of the highlands: H'Mari, K'Brôih, Êban, Păng. Without a label only those that begin with H', K' or Y.
_FOREIGN = re.compile(r"[^\W\d_]+(?:['’](?:[^\W\d_]+)?)?")
_HIGHLAND = re.compile(r"[HK]\s?['’]\s?[^\W\d_]|Y [^\W\d_]{2,}")
_INITIALS = re.compile(r"(?:[A-ZĐ]\.?){2,3}")
_SPLIT = re.compile(r"\s+[-–—]\s+|\s*[,;&+/]\s*|\s+và\s+|\s*–\s*|(?<=[^\W\d_])-(?=[A-ZĐ])", re.IGNORECASE)


@lru_cache(maxsize=1)
def _title() -> re.Pattern[str]:
    return re.compile(
        r"(?:(?:" + "|".join(re.escape(word) for word in longest_first("byline", "titles")) + r")(?:\.\s*|\s+))+(?=\S)",
        re.IGNORECASE,
    )


def without_title(text: str) -> str:
    """ "ThS. Trần Thị Hoa" → "Trần Thị Hoa"."""
    found = _title().match(text)
    return text[found.end() :] if found else text


def is_person(text: str, labelled: bool = False) -> bool:
    """Whether ``text`` is one person's name.

    ``labelled``: it follows a label such as "Tin, ảnh:", so that initials, one syllable and names of other
    shapes are believed too.
    """
    tokens = normalise(text).split(" ")
    if not tokens[0] or len(tokens) > (6 if labelled else 5):
        return False
    if len(tokens) == 1:
        return labelled and _one_word(tokens[0])
    if not all(_capitalised(token) for token in tokens):
        return False
    if starts(text, "byline", "organisations") and not has_family_name(tokens[0]):
        return False
    forms = [form(token) for token in tokens]
    if any(word in words("names", "never") for word in forms):
        return False
    if any(f"{a} {b}" in words("names", "never_pairs") for a, b in itertools.pairwise(forms)):
        return False
    if labelled:
        return all(_FOREIGN.fullmatch(token.rstrip(".")) for token in tokens)
    if _HIGHLAND.match(text) and len(tokens) > 1:
        return all(_FOREIGN.fullmatch(token) for token in tokens)
    if len(tokens) > 3 and not has_family_name(tokens[0]):
        return False  # "Nhiệt Liệt Chào Mừng"
    return all(_SYLLABLE.fullmatch(fold(token)) for token in tokens)


def is_initials(text: str) -> bool:
    """Whether ``text`` is the initials of a person: "HL", "T.H."."""
    return bool(_INITIALS.fullmatch(text)) and form(text.replace(".", "")) not in words("names", "not_initials")


def has_family_name(text: str) -> bool:
    """Whether the first word is one of the family names in use."""
    return form(text.split(" ")[0]) in words("names", "family")


def persons(text: str, labelled: bool = False) -> tuple[str, ...]:
    """The persons that ``text`` names: "Nguyễn Hằng, Văn Toàn"; () when it says anything more.

    A desk after a name ("Văn Toàn, CTV") is no person and is left out.
    """
    found: list[str] = []
    for part in _SPLIT.split(without_title(normalise(text).strip(" .,;:"))):
        name = without_title(part.strip(" .")).strip()
        if found and form(name) in words("byline", "desks"):
            continue
        if form(name) in words("byline", "desks") or not (
            is_person(name, labelled) or (labelled and is_initials(name))
        ):
            return ()
        found.append(name)
    return tuple(dict.fromkeys(found))


def _capitalised(token: str) -> bool:
    letters = token.rstrip(".").replace("'", "").replace("’", "")
    return (
        letters.isalpha()
        and letters[0].isupper()
        and (letters[1:].islower() or letters.isupper() or len(letters) == 1 or letters != token.rstrip("."))
    )


def _one_word(token: str) -> bool:
    return (
        _capitalised(token)
        and len(token) > 1
        and form(token) not in words("names", "never")
        and bool(_SYLLABLE.fullmatch(fold(token)))
    )
