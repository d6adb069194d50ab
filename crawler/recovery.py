"""After a run that was killed, or a disk that was full: the database knows every whole record again, and no WARC ends
in the middle of one.

A record is flushed before its row is committed, so only the last ones of a run can be without a row. They are taken in
before anything else is kept: then the database says what it would say if it were made again from the WARCs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive import warc
from archive.consistency import Finding
from archive.scan import OURS, Damage, files, whole
from archive.search import keeper
from archive.store import Store
from archive.upkeep import Killed, Upkeep
from archive.warc import Location, Record
from archive.warcwriter import WarcWriter
from crawler import takedowns
from crawler.ingest import DATABASE, Ingest
from crawler.portal import Portal
from crawler.runs import IMPORT, Provenance, Run, runs

_KILLED = "killed: what it kept is kept, and the next crawl went on from there"


@dataclass(frozen=True, slots=True)
class Recovered:
    """``cut`` the tails that were taken off: (file, where it ends now, how many bytes) · ``adopted`` how many captures
    that had no row have one now."""

    cut: tuple[tuple[str, int, int], ...] = ()
    adopted: int = 0

    def lines(self) -> list[str]:
        """For a log; empty when there was nothing to do."""
        told = [f"{name}: the {size} bytes of a cut record are taken off at byte {at}" for name, at, size in self.cut]
        return told + ([f"{self.adopted} captures that a run had kept are taken in"] if self.adopted else [])


def recover(ingest: Ingest, portal: Portal) -> Recovered:
    """Make good what runs over ``portal`` left that did not come to their end. Before the first capture of a new one is
    kept; ``ingest.crawl`` may be that one already.

    Only the files since the last crawl that came to its end are looked at, and those only behind what is known of them.
    Raises WarcError or sqlite3.Error when the disk refuses.
    """
    upkeep = Upkeep(ingest.store)
    mine = [path for path in files(upkeep.warc_folder) if _stem(path)[0] == portal.id.replace("/", "-")]
    killed = upkeep.killed(portal.id, ingest.crawl)
    recovered = Recovered()
    for run in runs(_since(mine, upkeep.last_ended(portal.id))):
        if run.part_of in ("", portal.id):  # “a-b/c” and “a/b-c” have the same name
            recovered = _together(recovered, _Recovery(ingest, run, {portal.id: portal}, killed).behind_what_is_known())
    for one in upkeep.killed(portal.id, ingest.crawl):
        values = {"requests": one.captures, "new": one.new, "changed": one.changed}
        ingest.store.end_crawl(one.crawl, one.seen, _KILLED, values)
    return recovered


def recover_import(ingest: Ingest, portals: dict[str, Portal]) -> Recovered:
    """The same for the last import, before a new one begins. ``portals``: those that have a file today."""
    mine = [path for path in files(Upkeep(ingest.store).warc_folder) if _stem(path)[0] == IMPORT]
    last = max((_stem(path)[1] for path in mine), default="")
    recovered = Recovered()
    for run in runs(path for path in mine if _stem(path)[1] == last):
        recovered = _together(recovered, _Recovery(ingest, run, portals, []).behind_what_is_known())
    return recovered


def repair(folder: Path, portals: dict[str, Portal], findings: Iterable[Finding]) -> list[str]:
    """Mend what ``archive.verify`` found and nobody has to decide. What was done, a line each. Under
    the archive's lock.

    Raises StoreError, WarcError or sqlite3.Error when the disk refuses.
    """
    found, database, done = list(findings), folder / DATABASE, list[str]()
    for torn in (finding for finding in found if finding.repair == "torn"):
        _, at, size = _cut(torn.path, torn.offset or 0)
        done.append(f"{torn.path}: the {size} bytes of a cut record are taken off at byte {at}")
    wanted = {finding.repair for finding in found} - {"", "torn"}
    if not wanted or not database.exists():
        return done
    with Store(database) as store:  # brings an older schema up to date
        if "schema" in wanted:
            done.append(f"{database}: is of this version of the program now")
        unknown = {finding.path for finding in found if finding.repair == "unknown"}
        done += _take_in(store, folder / "warc", portals, unknown)
        if "takedown" in wanted:
            with takedowns.writing(folder, portals, store) as decided:
                report = decided.carry_out()
            done += [f"{database}: {line}" for line in (*report.lines(), *report.troubles)]
        upkeep = Upkeep(store)
        for what, mend, told in (
            ("counts", upkeep.count_versions, "articles say how many versions they have"),
            ("index", upkeep.index_again, "the full-text index is made again"),
        ):
            if what in wanted:
                mend()
                done.append(f"{database}: {told}")
    if "search" in wanted:
        keeper.make_again(database)
        done.append(f"{database}: the search index is made again")
    else:
        keeper.catch_up(database)
    return done


def _take_in(store: Store, warcs: Path, portals: dict[str, Portal], unknown: set[Path]) -> Iterator[str]:
    ingest = Ingest(store, WarcWriter(warcs, "repair", {}, datetime.now(UTC)))
    for run in runs(files(warcs)):
        if unknown.intersection(run.files):
            adopted = _Recovery(ingest, run, portals, []).what_is_not_known()
            yield f"{run.files[0]}: {adopted} captures are taken in"


class _Recovery:
    """Takes in records of one run that have no row. ``killed``: the portal's crawls without an end."""

    def __init__(self, ingest: Ingest, run: Run, portals: dict[str, Portal], killed: list[Killed]) -> None:
        self._ingest, self._run, self._killed = ingest, run, killed
        self._upkeep = Upkeep(ingest.store)
        self._provenance = Provenance(run, portals, ingest.store.platform_of)
        self._crawl: int | None = None

    def behind_what_is_known(self) -> Recovered:
        """The tails of the run's files are taken in, and what is torn is cut."""
        ends = {path: self._upkeep.end_of(path.name) for path in self._run.files}
        # Whose it is stands in front of it, but for a crawl's.
        start = ends if self._run.is_crawl or not self._has_captures(ends) else dict.fromkeys(ends, 0)
        cut, adopted = [], 0
        with self._apart():
            for path, end in ends.items():
                for item in whole(path, start[path]):
                    if not isinstance(item, Damage):
                        adopted += self._take(*item, known=item[0].offset < end)
                    elif item.last and item.offset >= end:
                        cut.append(_cut(path, item.offset))
            self._end()
        return Recovered(tuple(cut), adopted)

    def what_is_not_known(self) -> int:
        """Every record that has no row is taken in; how many."""
        adopted = 0
        with self._apart():
            for path in self._run.files:
                for item in whole(path):
                    if not isinstance(item, Damage):
                        where = item[0]
                        adopted += self._take(*item, known=self._upkeep.has_record(where.warc, where.offset))
        return adopted

    def _has_captures(self, starts: dict[Path, int]) -> bool:
        items = (item for path, start in starts.items() for item in whole(path, start))
        return any(not isinstance(item, Damage) and item[1].capture is not None for item in items)

    def _take(self, where: Location, record: Record, known: bool) -> int:
        if record.capture is None:
            self._provenance.note(record)
            return 0
        portal, record = self._provenance.of(record)
        if known:
            return 0
        self._ingest.register(portal)
        self._ingest.crawl = self._crawl = self._crawl or self._find_crawl(portal)
        self._ingest.adopt(portal, record, where)
        return int(self._upkeep.has_record(where.warc, where.offset))

    def _find_crawl(self, portal: Portal) -> int | None:
        """The row of ``crawls`` of this run; a new one when the machine went down before that was on the disk."""
        if not self._run.is_crawl:
            return None
        for path in self._run.files:
            if crawl := self._upkeep.crawl_of(path.name):
                return crawl
        for one in self._killed:
            if one.started >= self._run.started:
                return one.crawl
        return self._ingest.store.begin_crawl(portal.id, self._run.started)

    def _end(self) -> None:
        """A run that was killed when all was done but its row."""
        said = self._provenance.ended
        if said and not self._upkeep.has_ended(said):
            for one in self._killed:
                if one.started == said["started"]:
                    self._upkeep.end_as_noted(one.crawl, said)

    @contextmanager
    def _apart(self) -> Iterator[None]:
        """What is taken in here is not what the run that takes it in has brought."""
        counts, crawl = self._ingest.counts.copy(), self._ingest.crawl
        try:
            yield
        finally:
            self._ingest.counts, self._ingest.crawl = counts, crawl


def _since(paths: list[Path], started: str | None) -> list[Path]:
    """The files of the crawl that started then, and of all later ones."""
    digits = "".join(filter(str.isdigit, started or ""))
    first = max((stem for _, stem in map(_stem, paths) if stem <= digits), default="")
    return [path for path in paths if _stem(path)[1] >= first]


def _stem(path: Path) -> tuple[str, str]:
    """(run, when it started) as a file's name says."""
    named = OURS.fullmatch(path.name)
    return (named["run"], named["started"]) if named else ("", "")


def _cut(path: Path, offset: int) -> tuple[str, int, int]:
    size = warc.cut(path, offset)
    if offset == 0:
        path.unlink()  # nothing is left, not even who wrote it
    return path.name, offset, size


def _together(one: Recovered, other: Recovered) -> Recovered:
    return Recovered(one.cut + other.cut, one.adopted + other.adopted)
