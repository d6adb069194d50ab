"""What was decided about articles, and what was sealed, as it stands in the WARCs: the database can be made again from
them alone. Pure but for the reading of files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from archive.identity import Blank
from archive.model import Attachment, Image
from archive.rows import CaptureRow
from archive.scan import OURS, Damage, whole
from archive.takedown import BLANK, Decision, Place
from archive.warc import Record

# URIs of the notes; the name of the runs that write them.
DECISION_NOTE, SEALED_NOTE = "urn:tangthu:takedown", "urn:tangthu:sealed"
RUN = "takedown"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a sealed record said besides its words. ``row`` of its capture, without a crawl · ``portal`` the row of its
    portal · ``article`` what was read in it and the platform's ``number`` of that, None and "" when nothing was ·
    ``why`` nothing was read, "" when nothing was to be · ``bytes`` of its payload."""

    row: CaptureRow
    portal: dict[str, Any]
    article: Blank | None
    number: str
    why: str
    bytes: int

    @property
    def place(self) -> Place:
        return Place(self.row.warc, self.row.offset)


@dataclass(slots=True)
class Noted:
    """All notes of an archive: the decisions in their order, and what is known of sealed records, by their place."""

    decisions: list[Decision] = field(default_factory=list)
    sealed: dict[Place, Sealed] = field(default_factory=dict)

    @property
    def without_words(self) -> frozenset[str]:
        """Ids, and keys of addresses, of the articles that are hidden or sealed in the end."""
        return frozenset(name for decision in self._hidden() for name in (decision.article, decision.key))

    def withheld_for(self, article: str) -> frozenset[Place]:
        """Captures of other pages that are withheld for this article's sake."""
        return _left(decision for decision in self.decisions if decision.article == article)

    def withheld_for_others(self, article: str) -> frozenset[Place]:
        """The same for the sake of all others that are out of sight."""
        names = {decision.article for decision in self._hidden()} - {article}
        return frozenset(place for name in names for place in self.withheld_for(name))

    def _hidden(self) -> list[Decision]:
        """The last decision about each article that is out of sight in the end."""
        last = {decision.article: decision for decision in self.decisions}
        return [decision for decision in last.values() if decision.grade in BLANK]


def noted(files: Iterable[Path]) -> Noted:
    """What the notes in these files say: those that the runs of takedowns wrote. Raises WarcError."""
    found = Noted()
    for path in files:
        named = OURS.fullmatch(path.name)
        if named and named["run"] == RUN:
            for item in whole(path):
                if not isinstance(item, Damage):
                    _take(found, item[1])
    return found


def decision_of(record: Record) -> Decision | None:
    """The decision that stands in a record; None when it holds none."""
    if record.kind != "metadata" or record.url != DECISION_NOTE:
        return None
    said = json.loads(record.block)
    places = {name: tuple(Place(*place) for place in said[name]) for name in ("withhold", "release")}
    return Decision(**{**said, **places})


def decision_note(decision: Decision) -> dict[str, Any]:
    """The other way."""
    places = {
        name: [[place.warc, place.offset] for place in getattr(decision, name)] for name in ("withhold", "release")
    }
    return {**asdict(decision), **places}


def sealed_of(record: Record) -> Sealed | None:
    """What is known of a sealed record, as a note says it; None when this is no such note."""
    if record.kind != "metadata" or record.url != SEALED_NOTE:
        return None
    said = json.loads(record.block)
    told = said["article"]
    article = None
    if told:
        lists = {
            "images": tuple(Image(url) for url in told["images"]),
            "attachments": tuple(Attachment(url) for url in told["attachments"]),
            "aliases": tuple(told["aliases"]),
        }
        article = Blank(**{**told, **lists, "title": ""})
    return Sealed(**{**said, "row": CaptureRow(**said["row"]), "article": article})


def sealed_note(sealed: Sealed) -> dict[str, Any]:
    """The other way."""
    told = None
    if (article := sealed.article) is not None:
        told = {
            **{name: getattr(article, name) for name in ("url", "published", "rules", "content", "words")},
            "images": [image.url for image in article.images],
            "attachments": [file.url for file in article.attachments],
            "aliases": list(article.aliases),
        }
    # What it repeats is known by number only, and what repeats nothing is never sealed.
    return {**asdict(replace(sealed, article=None)), "row": _row(sealed.row), "article": told}


def _row(row: CaptureRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in CaptureRow.__slots__} | {"crawl": None, "revisit_of": None}


def _take(found: Noted, record: Record) -> None:
    if decision := decision_of(record):
        found.decisions.append(decision)
    elif sealed := sealed_of(record):
        found.sealed[sealed.place] = sealed


def _left(decisions: Iterable[Decision]) -> frozenset[Place]:
    left: set[Place] = set()
    for decision in decisions:
        left = (left | set(decision.withhold)) - set(decision.release)
    return frozenset(left)
