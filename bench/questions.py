"""What a journalist asks: persons, places, topics of two to four syllables, phrases, filters, and now and then one
common syllable alone. Half of it is typed without diacritics. The same ones each time."""

from __future__ import annotations

import random
from dataclasses import dataclass

from library import PORTALS, Weaver

from archive.search import Filters
from archive.text import fold

_COMMON = ("huyện", "năm", "ngày", "xã", "của", "công", "đất", "dân", "hội", "trường", "tin", "nam")


@dataclass(frozen=True, slots=True)
class Question:
    """``kind`` for the table."""

    kind: str
    words: str
    filters: Filters = Filters()  # noqa: RUF009 - a frozen value


def questions(count: int, seed: int = 7) -> list[Question]:
    weaver, draw = Weaver(seed), random.Random(seed)
    made = []
    for number in range(count):
        kind = _KINDS[number % len(_KINDS)]
        words, filters = _words(kind, weaver, draw), Filters()
        if kind == "filtered":
            year = draw.randint(2012, 2024)
            portal = draw.randrange(PORTALS)
            filters = draw.choice(
                (
                    Filters(portal=f"tinh_{portal % 12:02}/huyen_{portal:03}"),
                    Filters(since=f"{year}-01-01", until=f"{year}-12-31"),
                    Filters(since=f"{year}-03-01"),
                    Filters(files=True),
                )
            )
        made.append(Question(kind, words if draw.random() < 0.5 else fold(words), filters))
    draw.shuffle(made)
    return made


_KINDS = ("person", "place", "topic", "topic", "phrase", "filtered", "person", "place", "topic", "common")


def _words(kind: str, weaver: Weaver, draw: random.Random) -> str:
    if kind == "person":
        return weaver.person()
    if kind == "place":
        return draw.choice(("xã ", "", "huyện ")) + weaver.place()
    if kind == "phrase":
        return f'"{draw.choice((weaver.topic(), weaver.run(2, 4)))}"'
    if kind == "common":
        return draw.choice(_COMMON)
    return draw.choice((weaver.topic(), weaver.topic(), weaver.run(2, 4), f"{weaver.topic()} {weaver.place()}"))
