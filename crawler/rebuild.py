"""The whole database again, from the WARCs alone, by the rules of today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from archive import decisions, seal, takedown, upkeep, urls
from archive.decisions import Noted
from archive.frontier import Address, Frontier, Rank
from archive.scan import Damage, files
from archive.search import keeper
from archive.store import Store, StoreError
from archive.takedown import Decision, Place
from archive.upkeep import Looked, Unusable, Upkeep
from archive.warc import iso
from archive.warcwriter import WarcWriter
from crawler import locks, schedule
from crawler.ingest import DATABASE, NONE_YET, Ingest
from crawler.portal import Portal
from crawler.runs import Provenance, Run, described, runs
from crawler.sequence import Reading, in_order

_GIVE_UP = "Nothing was changed: restore the files from a backup, or say --force to give up what stood in them"


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild did. ``records`` of all kinds · ``counts`` by what became of each capture (``ingest.Kept``) ·
    ``aside`` where a database that could not be used was put, None when it could."""

    files: int = 0
    records: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    damaged: list[Damage] = field(default_factory=list)
    aside: Path | None = None


def size(folder: Path) -> int:
    """How many bytes of WARCs there are to read."""
    return sum(path.stat().st_size for path in files(folder / "warc"))


def rebuild(
    folder: Path,
    portals: dict[str, Portal],
    step: Callable[[int], object] = lambda _: None,
    force: bool = False,
) -> Rebuilt:
    """Make the database in ``folder`` again. ``portals``: those that have a file today · ``step`` is told how many
    bytes more are read · ``force``: also when captures are lost that the database has and the WARCs have no more.

    In one transaction: whoever reads the database sees the old state until the new one is complete, and a rebuild that
    is killed changes nothing. A database that cannot be used is put aside, and a new one is made.

    Raises Locked when another run writes; StoreError or WarcError when nothing was done, and why; sqlite3.Error when
    the disk refuses.
    """
    path, warcs = folder / DATABASE, folder / "warc"
    if not path.exists() and not files(warcs):
        raise StoreError(f"{folder}: {NONE_YET}")

    def attempt() -> Rebuilt:
        with Store(path) as store:
            return _Rebuild(store, warcs, portals, step, force).run()

    with locks.archive(folder, "rebuild"):
        aside = upkeep.put_aside(path) if path.exists() and upkeep.is_broken(path) else None
        try:
            report = attempt()
        except Unusable:
            aside = upkeep.put_aside(path)
            report = attempt()
        keeper.catch_up(path)
    report.aside = aside
    return report


class _Rebuild:
    def __init__(
        self, store: Store, warcs: Path, portals: dict[str, Portal], step: Callable[[int], object], force: bool
    ) -> None:
        self._store, self._warcs, self._portals, self._step, self._force = store, warcs, portals, step, force
        self._upkeep = Upkeep(store)
        self._report = Rebuilt()
        self._noted = Noted()
        self._early: list[Decision] = []  # decisions about articles that are not there yet
        # It writes into no WARC: none is made before the first record is written.
        self._ingest = Ingest(store, WarcWriter(warcs, "rebuild", {}, datetime.now(UTC)))

    def run(self) -> Rebuilt:
        found = files(self._warcs)
        self._report.files = len(found)
        self._require({path.name for path in found})
        with self._upkeep.emptied():
            self._fill(found)
            self._compare()
            self._plan(datetime.now(UTC))
        self._report.counts = self._ingest.counts
        return self._report

    def _require(self, names: set[str]) -> None:
        """The files that the database knows are there."""
        missing = [name for name in self._upkeep.warcs() if name not in names]
        if missing and not self._force:
            what = f"{len(missing)} files are missing that the database knows, such as {missing[0]}"
            raise StoreError(f"{self._warcs}: {what}. {_GIVE_UP}")

    def _fill(self, found: list[Path]) -> None:
        crawls: dict[Path, int | None] = {}
        self._noted = decisions.noted(found)
        self._store.articles.without_words = self._noted.without_words
        for reading in in_order(runs(found), self._provenance, self._is_ready):
            self._step(reading.length)
            if reading.damage:
                self._report.damaged.append(reading.damage)
                continue
            first = reading.run.files[0]
            if first not in crawls:
                crawls[first] = self._begin(reading)
            self._report.records += 1
            self._take(reading, crawls[first])
        for decision in tuple(self._early):
            self._decide(decision)

    def _provenance(self, run: Run) -> Provenance:
        return Provenance(run, self._portals, self._store.platform_of)

    def _begin(self, reading: Reading) -> int | None:
        portal = reading.provenance.portal
        if portal is None or not reading.run.is_crawl:
            return None
        self._ingest.register(portal)
        return self._store.begin_crawl(portal.id, reading.run.started)

    def _take(self, reading: Reading, crawl: int | None) -> None:
        assert reading.record and reading.where
        provenance = reading.provenance
        if reading.record.capture is None:
            self._take_decided(reading, crawl)
            provenance.note(reading.record)
            if provenance.ended and crawl is not None:
                self._upkeep.end_as_noted(crawl, provenance.ended)
                provenance.ended = None
            return
        portal, record = provenance.of(reading.record)
        self._ingest.register(portal)
        self._ingest.crawl = crawl
        self._ingest.adopt(portal, record, reading.where)

    def _take_decided(self, reading: Reading, crawl: int | None) -> None:
        """A decision about an article, or the note that stands in place of a sealed record."""
        assert reading.record and reading.where
        if decision := decisions.decision_of(reading.record):
            self._early.append(decision)
            self._decide(decision)
        elif seal.is_note(reading.record):
            sealed = self._noted.sealed.get(Place(reading.where.warc, reading.where.offset))
            if sealed:  # else it is among the lost
                portal = self._portals.get(sealed.row.portal) or described(sealed.portal)
                self._ingest.register(portal)
                self._ingest.crawl = crawl
                self._ingest.adopt_sealed(portal, sealed)

    def _decide(self, decision: Decision) -> None:
        """As it was decided then; later, when there is no such article yet by the rules of today."""
        article = takedown.find(self._store.db, decision)
        if article:
            self._early.remove(decision)
            with self._store.atomic():
                takedown.record(self._store.db, replace(decision, article=article), replayed=True)

    def _is_ready(self, reading: Reading) -> bool:
        """Is what it repeats there already? It may have been kept by a crawl beside, in the same second."""
        record = reading.record
        if record is None or record.kind != "revisit":
            return True
        return self._ingest.original(record) is not None

    def _compare(self) -> None:
        """Nothing that was there is lost."""
        if self._early and not self._force:
            what = f"something was decided about article {self._early[0].article}, which is not there by today's rules"
            raise StoreError(f"{self._warcs}: {what}. {_GIVE_UP}")
        lost = self._upkeep.lost()
        if lost and not self._force:
            what = f"{sum(count for _, count in lost)} captures that the database has are no more in the WARCs"
            damaged = "".join(f"; {damage}" for damage in self._report.damaged[:5])
            raise StoreError(f"{self._warcs}: {what}, the first in {lost[0][0]}{damaged}. {_GIVE_UP}")

    def _plan(self, now: datetime) -> None:
        """The articles of crawled portals are known to the next crawl, which need not ask for all of them again.

        Sources, listings and what was no article are found again by it.
        """
        later = iso(now + schedule.OTHER_PAGES)
        for look in self._upkeep.looks():
            due = later
            if look.article:
                due = schedule.next_look(self._store.unchanged_since(look.article), now, urls.key(look.url))
            Frontier(self._store.db, look.portal).add(_known(look, due), look.at)


def _known(look: Looked, due: str) -> Address:
    outcome = {"live": "same", "gone": "gone"}.get(look.state, "kept") if look.article else "copy"
    why = "known from its captures"
    return Address(look.url, "article", why, Rank.LOOK, due, added=look.at, looked=look.at, outcome=outcome)
