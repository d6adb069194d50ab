"""Articles taken out of sight, and back into it: the decision is written into a WARC of the archive first, and all else
follows from that. ``carry_out`` brings the database and the WARCs into agreement with what was decided, from wherever a
run that was killed left them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive import decisions, elsewhere, seal, takedown, warc
from archive.decisions import Noted, Sealed
from archive.elsewhere import Alike, Page
from archive.revise import Kept, Revision
from archive.scan import files
from archive.store import Store, StoreError
from archive.takedown import BLANK, NONE, Decision, Place
from archive.warc import Location, WarcError, iso
from archive.warcwriter import WarcWriter
from crawler import locks, mentions
from crawler.ingest import DATABASE, NONE_YET, PAGES, open_warc, portal_row, readable
from crawler.portal import Portal
from crawler.reextract import SECONDS, Owners
from crawler.reread import Reading, Task, read_pages

Step = Callable[[int], object]


class Refused(Exception):
    """What was asked for makes no sense: says why."""


@dataclass(slots=True)
class Done:
    """What a run did. ``applied`` decisions · ``noted``: decisions that stood in no WARC and do now · ``mended``
    articles that something had brought back into sight · ``sealed`` and ``unsealed`` records · ``restored`` versions
    that have their words again · ``troubles`` what could not be done, and why · ``wiped``: no word that was taken out
    of the tables stands in the file any more."""

    applied: int = 0
    noted: int = 0
    mended: int = 0
    sealed: int = 0
    unsealed: int = 0
    restored: int = 0
    troubles: list[str] = field(default_factory=list)
    wiped: bool = True

    def add(self, later: Done) -> None:
        """What a later run did, too."""
        for name in ("applied", "noted", "mended", "sealed", "unsealed", "restored"):
            setattr(self, name, getattr(self, name) + getattr(later, name))
        self.troubles = list(dict.fromkeys([*self.troubles, *later.troubles]))
        self.wiped = later.wiped

    def lines(self) -> Iterator[str]:
        """For people; none when there was nothing to do."""
        for count, told in (
            (self.applied, "decisions are carried out that a run had noted"),
            (self.noted, "decisions are noted in a WARC"),
            (self.mended, "articles are out of sight again"),
            (self.sealed, "records are sealed"),
            (self.unsealed, "records are unsealed"),
            (self.restored, "versions have their words again"),
        ):
            if count:
                yield f"{count} {told}"


@dataclass(frozen=True, slots=True)
class Found:
    """Where else an article's words stand. ``alike`` other articles · ``pages``: captures of the portal that link to it
    or say its title, which are not given out any more · ``looked`` through so many captures, ``of`` so many."""

    alike: tuple[Alike, ...] = ()
    pages: tuple[Page, ...] = ()
    looked: int = 0
    of: int = 0


@contextmanager
def opened(data: Path, portals: dict[str, Portal]) -> Iterator[Takedowns]:
    """The archive in ``data``. Raises Locked when another run writes to it, StoreError when there is none."""
    path = data / DATABASE
    if not path.exists():
        raise StoreError(f"{path}: {NONE_YET}")
    with locks.archive(data, decisions.RUN), Store(path) as store, writing(data, portals, store) as takedowns:
        yield takedowns


@contextmanager
def writing(data: Path, portals: dict[str, Portal], store: Store) -> Iterator[Takedowns]:
    """The same for who has the archive and its database already."""
    writer = open_warc(data, decisions.RUN)
    try:
        yield Takedowns(data, portals, store, writer)
    finally:
        writer.close()


class Takedowns:
    """Decides, and carries out. ``portals``: those that have a file today."""

    def __init__(self, data: Path, portals: dict[str, Portal], store: Store, writer: WarcWriter) -> None:
        self._data, self._store, self._db, self._writer = data, store, store.db, writer
        self._portals = portals
        self._revision = Revision(store, PAGES)
        self._rows = self._revision.portals()
        self._owners = Owners(self._rows, portals)

    # To decide

    def check(self, article: str, grade: str) -> str:
        """Can that be decided? The grade that is in force, "" when none is. Raises Refused."""
        before = takedown.grade_of(self._db, article)
        if before is None:
            raise Refused(f"{article}: no such article; “tangthu search” finds ids")
        if (before or NONE) == grade:
            told = "is not taken down" if grade == NONE else f"has the grade “{grade}” already"
            raise Refused(f"{article}: {told}; “tangthu takedown list” shows the log")
        if before == "seal":
            self._require_bytes(article)
        return before

    def decide(self, article: str, grade: str, why: str, asked_by: str, most: int, step: Step) -> Found:
        """Write down what is decided: ``carry_out`` does the rest. ``grade`` of ``takedown.GRADES``, or NONE · ``most``
        captures of the portal are looked through for the article's address and title, the newest first; 0: all.

        Raises Refused as ``check`` does; WarcError when the disk refuses.
        """
        before = self.check(article, grade)
        found, release = Found(), frozenset[Place]()
        if grade in BLANK and before not in BLANK:
            found = self._elsewhere(article, most, step)
        elif before in BLANK and grade not in BLANK:
            release = self._released(article)
        places = tuple(sorted(release, key=lambda place: (place.warc, place.offset)))
        pages = tuple(page.place for page in found.pages)
        key = elsewhere.key_of(self._db, article)
        self._note(Decision(article, key, grade, self._moment(article), why, asked_by, pages, places))
        return found

    def _require_bytes(self, article: str) -> None:
        """What is sealed can be unsealed."""
        for place in takedown.sealed_for(self._db, article):
            away = seal.sealed_path(self._data, place.warc, place.offset)
            if not away.exists() and not seal.stands(self._data, place.warc, place.offset):
                raise Refused(f"{article}: cannot be unsealed: {away} is missing; restore it from your own backup")

    def _moment(self, article: str) -> str:
        """Now; later than what was decided before about the article, in whole seconds."""
        now, last = iso(datetime.now(UTC)), elsewhere.last_decision(self._db, article)
        return now if last is None or last < now else iso(datetime.fromisoformat(last) + timedelta(seconds=1))

    def _note(self, decision: Decision) -> None:
        said = decisions.decision_note(decision)
        self._writer.write_note(decisions.DECISION_NOTE, datetime.now(UTC), said)
        self._writer.sync()

    def _elsewhere(self, article: str, most: int, step: Step) -> Found:
        titles, keys = elsewhere.titles(self._db, article), takedown.addresses_of(self._db, article)
        pages = elsewhere.other_pages(self._db, article, mentions.TYPES)
        looked = pages[:most] if most else pages
        naming = []
        for page in looked:
            step(1)
            if self._names(page, keys, titles):
                naming.append(page)
        return Found(elsewhere.alike(self._db, article), tuple(naming), len(looked), len(pages))

    def _released(self, article: str) -> frozenset[Place]:
        """Captures of other pages that are given out again: they name no other article that is out of sight."""
        portal, noted = elsewhere.portal_of(self._db, article), self._noted()
        others = takedown.addresses(self._db, portal) - takedown.addresses_of(self._db, article)
        stay = noted.withheld_for_others(article)
        marked = {*takedown.unexplained(self._db, portal), *noted.withheld_for(article)} - stay
        return frozenset(page.place for page in elsewhere.at(self._db, marked) if not self._names(page, others))

    def _names(self, page: Page, keys: frozenset[str], titles: tuple[str, ...] = ()) -> bool:
        try:
            record = warc.read_at(self._data / "warc", page.where)
        except WarcError:
            return False  # “tangthu verify” tells
        return record.capture is not None and mentions.names(record.capture, keys, titles)

    # To carry out

    def carry_out(self, wipe: bool = True) -> Done:
        """Everything that was decided holds when this returns, but for what ``troubles`` names. ``wipe`` False: the
        words may stand in what is free of the file until the next time.

        Raises sqlite3.Error or WarcError when the disk refuses: then the next one goes on.
        """
        done, noted = Done(), self._noted()
        known = takedown.log(self._db.conn)
        for decision in takedown.missing(noted.decisions, known):
            self._apply(decision, done)
        for decision in takedown.missing(known, noted.decisions):
            self._note(decision)
            done.noted += 1
        for article in {*takedown.with_words(self._db.conn), *takedown.given_out(self._db.conn)}:
            with self._store.atomic():
                takedown.mend(self._db, article)
            done.mended += 1
        self._seal(noted, done)
        self._tidy()
        done.wiped = takedown.forget_words(self._db) if wipe else True
        return done

    def _noted(self) -> Noted:
        return decisions.noted(files(self._data / "warc"))

    def _apply(self, decision: Decision, done: Done) -> None:
        name = takedown.find(self._db, decision)
        if name is None:
            done.troubles.append(f"{decision.article}: something was decided about it, and there is no such article")
            return
        decision = replace(decision, article=name)
        before = takedown.grade_of(self._db, name)
        sealed = {place for _, place in takedown.to_seal(self._db)}
        with self._store.atomic():
            takedown.record(self._db, decision)
            # Inside: when this is stopped here, the decision is not carried out, and its next run comes by again.
            for place in sorted(sealed - {place for _, place in takedown.to_seal(self._db)}, key=str):
                if seal.sealed_path(self._data, place.warc, place.offset).exists():
                    seal.unseal(self._data, place.warc, place.offset)
                    done.unsealed += 1
            if before in BLANK and decision.grade not in BLANK:
                self._read_again(name, done)
        done.applied += 1

    def _read_again(self, article: str, done: Done) -> None:
        """Each version says again what stands in its capture, by the rules of today."""
        for kept in self._revision.versions_of(article):
            reading = self._read(kept)
            if reading.article is None:
                done.troubles.append(f"{article}: {reading.trouble or reading.why}: its version stays without words")
                continue
            self._revision.revise(kept, reading.article, self._owners.number(kept, reading))
            done.restored += 1

    def _read(self, kept: Kept) -> Reading:
        return read_pages(Task(self._data / "warc", (self._owners.page(kept),), SECONDS))[0]

    def _seal(self, noted: Noted, done: Done) -> None:
        for number, place in takedown.to_seal(self._db):
            try:
                if not seal.stands(self._data, place.warc, place.offset):
                    continue
                if place not in noted.sealed:
                    said = decisions.sealed_note(self._said(number))
                    self._writer.write_note(decisions.SEALED_NOTE, datetime.now(UTC), said)
                    self._writer.sync()
                done.sealed += seal.seal(self._data, place.warc, place.offset)
            except WarcError as error:
                done.troubles.append(f"{error}. It is hidden, and not sealed")

    def _said(self, number: int) -> Sealed:
        """What a rebuild has to know of a capture whose bytes it cannot read."""
        (kept,) = self._revision.numbered(number)
        row = kept.row
        record = warc.read_at(self._data / "warc", Location(row.warc, row.offset, row.length))
        size = len(record.capture.body) if record.capture else 0
        portal = self._portals.get(row.portal)
        whose = portal_row(portal) if portal else self._rows[row.portal]
        sealed = Sealed(row, whose, None, "", "", size)
        if not readable(row.status, row.media_type, row.url, row.source):
            return sealed
        reading = self._read(kept)
        if reading.trouble:
            raise WarcError(self._data / "warc" / row.warc, row.offset, f"cannot be read again: {reading.trouble}")
        if reading.article is None:
            return replace(sealed, why=reading.why)
        blank = takedown.blank(reading.article)
        return replace(sealed, article=blank, number=self._owners.number(kept, reading))

    def _tidy(self) -> None:
        """Bytes that stand in their WARC again need not be kept apart."""
        wanted = {seal.sealed_path(self._data, place.warc, place.offset) for _, place in takedown.to_seal(self._db)}
        seal.keep_only(self._data, wanted)
