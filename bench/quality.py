"""The floors of tests/quality.json: how well extraction reads at the least. They are raised, and lowered only with
a reason that stands in CHANGELOG.md."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import corpora
import golden
import tools
from scoring import AT_MOST, Score, figures, score, wrong

FILE = corpora.ROOT / "tests" / "quality.json"
KEYS = (
    *("missing", "body", "page_min", "title", "authors", "false_bylines", "minute", "images", "files", "leaks"),
    "false_articles",
)
# How ours reads: by the rules of the page's portal, and as if nothing were known of it.
WAYS = {"with rules": True, "without rules": False}


@dataclass(frozen=True, slots=True)
class Measured:
    """One corpus read one way. ``scores`` of its articles · ``invented`` names of pages that were taken for one."""

    scores: tuple[Score, ...]
    invented: tuple[str, ...]

    @property
    def figures(self) -> dict[str, float]:
        found = {**figures(self.scores), "false_articles": len(self.invented)}
        return {key: found[key] for key in KEYS}

    def worst(self, key: str) -> list[str]:
        """The pages that count against a figure, as lines for a person; the worst first, ten at most."""
        if key == "false_articles":
            return [f"{name} was read as an article" for name in self.invented[:10]]
        against = sorted((one for one in self.scores if wrong(key, one)), key=lambda one: one.body)
        return [f"{one.page}: body {one.body:.3f}" + (f", {one.leaks}" if one.leaks else "") for one in against[:10]]


def name(corpus: str, way: str) -> str:
    return f"{corpus} {way}"


def measure(corpus: str, way: str) -> Measured:
    """Every page of the corpus read by ours."""
    read = tools.ours(WAYS[way])
    scores, invented = [], []
    for page in corpora.load(corpus):
        found = read(page)
        if page.gold:
            scores.append(score(page.name, page.gold, found))
        elif found:
            invented.append(page.name)
    return Measured(tuple(scores), tuple(invented))


def digest() -> str:
    """SHA-256 of the golden pages, their names and bytes: other pages have other figures."""
    found = hashlib.sha256()
    for path in sorted(golden.FOLDER.glob("*/*")):
        content = path.read_bytes()
        found.update(f"{path.parent.name}/{path.name} {len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()


def short(key: str, value: float, floor: float) -> bool:
    """Is the figure worse than its floor?"""
    return value > floor if key in AT_MOST else value < floor


def floor_for(key: str, value: float) -> float:
    """The floor that a figure reaches: counts as they are, shares rounded down to four digits."""
    return int(value) if key in AT_MOST else math.floor(value * 10_000) / 10_000


def raised(
    set_: str, floors: dict[str, float], found: dict[str, float], why: str
) -> tuple[dict[str, float], list[dict[str, Any]], list[str]]:
    """New floors, the entries of those that were lowered, and a line for each that ``why`` "" did not let go lower."""
    new, lowered, refused = dict(floors), [], []
    for key, value in found.items():
        floor = floor_for(key, value)
        if key not in floors or not short(key, floor, floors[key]):
            new[key] = floor
        elif why:
            lowered.append({"key": f"{set_}: {key}", "from": floors[key], "to": floor, "why": why})
            new[key] = floor
        else:
            refused.append(f"{set_}: {key} is {floor:g}, its floor {floors[key]:g}")
    return new, lowered, refused


def write_floors(chosen: Iterable[str], why: str) -> int:
    """Measure, write the file, and say what changed. Exit code 1 when a figure is below its floor and ``why`` is "".

    The floors of a corpus that is not here stay as they are; the file is written also when some are refused: they
    stay too, and the test goes on failing.
    """
    kept: dict[str, Any] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {"floors": {}, "lowered": []}
    refused = []
    for corpus in chosen:
        for way in WAYS:
            set_ = name(corpus, way)
            measured = measure(corpus, way)
            before = kept["floors"].get(set_, {})
            new, lowered, below = raised(set_, before, measured.figures, why)
            for key, value in new.items():
                if before.get(key) != value:
                    print(f"{set_}: {key} {before.get(key, '-')} → {value:g}")
            for line in below:
                key = line.removeprefix(f"{set_}: ").partition(" ")[0]
                print("\n    ".join([f"BELOW: {line}", *measured.worst(key)]), file=sys.stderr)
            kept["floors"][set_] = new
            kept["lowered"] += lowered
            refused += below
    kept = {"golden": digest(), "floors": kept["floors"], "lowered": kept["lowered"]}
    FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if refused:
        print("not lowered. Mend the rules, or give --lower WHY and write WHY into CHANGELOG.md", file=sys.stderr)
    return 1 if refused else 0
