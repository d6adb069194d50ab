"""Short ways of writing what offices write every day, and what they stand for: UBND is ủy ban nhân dân.

The list is data (abbreviations.toml): every form of a group finds every other one. A short form that stands for
several things is looked for under each of them when it was typed.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from archive.search.forms import completes, forms, words
from archive.text.syllables import is_syllable

Form = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Where ``others`` may stand as well: for the first ``length`` words of what was looked at."""

    length: int
    others: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class _List:
    """``short`` by its words, ``long`` by the first of its words without marks."""

    short: dict[Form, tuple[Form, ...]]
    long: dict[str, tuple[tuple[Form, tuple[Form, ...]], ...]]


def known(exact: Form, typed: Form) -> Known | None:
    """The longest form of the list that these words begin with; None when they begin with none.

    ``exact`` as ``forms`` gives them, ``typed`` as they were written: a short form that is a Vietnamese syllable as
    well ("ĐU", "CA") counts in capitals only. Long forms are known without their marks, too.
    """
    found = _read()
    for long, others in found.long.get(forms(exact[0])[1] if exact else "", ()):
        if len(long) <= len(exact) and all(map(completes, exact, long)):
            return Known(len(long), others)
    for length in range(min(_LONGEST_SHORT, len(exact)), 0, -1):
        short = found.short.get(exact[:length])
        if short and (typed[0].isupper() or length > 1 or not is_syllable(exact[0])):
            return Known(length, short)
    return None


_LONGEST_SHORT = 4  # words: LĐ-TB&XH


def form(written: str) -> Form:
    """A form of the list as the index has it: "KT-XH" is ("kt", "xh")."""
    return tuple(forms(word)[0] for word in words(written))


@lru_cache(maxsize=1)
def _read() -> _List:
    data = tomllib.loads((files("archive.search") / "abbreviations.toml").read_text("utf-8"))
    short: dict[Form, dict[Form, None]] = {}
    long: dict[Form, dict[Form, None]] = {}
    for name, shorts in data["both"].items():
        group = dict.fromkeys([form(name), *map(form, shorts)])
        for one in group:
            others = {other: None for other in group if other != one}
            (long if one == form(name) else short).setdefault(one, {}).update(others)
    for written, meanings in data["one_way"].items():
        short.setdefault(form(written), {}).update((form(meaning), None) for meaning in meanings)
    by_first: dict[str, list[tuple[Form, tuple[Form, ...]]]] = {}
    for one, others in sorted(long.items(), key=lambda item: -len(item[0])):
        by_first.setdefault(forms(one[0])[1], []).append((one, tuple(others)))
    return _List(
        {one: tuple(others) for one, others in short.items()}, {first: tuple(rest) for first, rest in by_first.items()}
    )
