"""Is everything there that was kept? Every record of every WARC, every row that says where one stands, the database.

Only reads, may run while others write, and holds no more than a window of a file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from archive import consistency, decisions, seal, takedown
from archive.consistency import REBUILD, REPAIR, Finding
from archive.scan import OURS, Damage, Scanned, files, scan
from archive.search import audit
from archive.warc import Location, WarcError, payload_digest, read_at

BACKUP = "restore the file from a backup; without one, “tangthu rebuild --force” gives up what stood there"
_LOOKS = ("response", "revisit", "resource", "conversion")
_AT_MOST = 20  # findings of one kind in one file, before they are only counted


@dataclass(slots=True)
class Figures:
    """What was looked at. ``unchecked`` records that name no digest of their block."""

    files: int = 0
    bytes: int = 0
    records: int = 0
    unchecked: int = 0
    captures: int = 0
    articles: int = 0
    versions: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    offset: int
    length: int
    url: str
    fetched_at: str
    digest: str
    status: int
    revisits: bool
    withheld: str


class Verification:
    """One look at the archive whose database is ``database`` and whose WARCs are in ``warcs``.

    ``writing``: names of the runs that write at this moment, as they stand in names of files ("nam_dinh-xuan_truong"):
    what their files hold beyond the database is about to get there.
    """

    def __init__(self, database: Path, warcs: Path, writing: Callable[[], Collection[str]] = tuple) -> None:
        self.figures = Figures()
        self._database, self._warcs, self._writing = database, warcs, writing

    def run(self, step: Callable[[int], object] = lambda _: None) -> Iterator[Finding]:
        """Everything that is not as it should be, as it is found. ``step`` is told how many bytes more are read."""
        with ExitStack() as stack:
            running = set(self._writing())
            db = None
            if not self._database.exists():
                yield Finding(self._database, None, "is missing", REBUILD)
            else:
                try:
                    if consistency.is_of_today(self._database):
                        db = stack.enter_context(consistency.beside(self._database))
                    else:
                        why = "is of an older version of this program, and was not looked into"
                        yield Finding(self._database, None, why, REPAIR, "schema")
                except sqlite3.Error as error:
                    yield _unreadable(self._database, error)
            # The files after the database: what that knows of by now is in a file.
            found = files(self._warcs)
            running |= set(self._writing())
            for path in found:
                yield from self._file(db, path, _run_of(path) in running, step)
            if db is not None:
                yield from self._rows(db, {path.name for path in found})
                yield from self._decisions(db, found)
                yield from self._search(bool(running))

    def _rows(self, db: sqlite3.Connection, names: Collection[str]) -> Iterator[Finding]:
        try:
            for warc, count in db.execute("select warc, count(*) from archive.captures group by warc"):
                if warc not in names:
                    yield Finding(self._warcs / warc, None, f"is missing, with {count} captures", BACKUP)
            for table in ("captures", "articles", "versions"):
                (count,) = db.execute(f"select count(*) from archive.{table}").fetchone()
                setattr(self.figures, table, count)
            yield from consistency.check(db, self._database)
        except sqlite3.Error as error:
            yield _unreadable(self._database, error)

    def _search(self, writing: bool) -> Iterator[Finding]:
        try:
            yield from audit.check(self._database, writing)
        except sqlite3.Error as error:
            yield _unreadable(self._database, error)

    def _decisions(self, db: sqlite3.Connection, found: list[Path]) -> Iterator[Finding]:
        """What was decided about articles stands in a WARC and in the database."""
        try:
            noted, known = decisions.noted(found).decisions, takedown.log(db, "archive")
        except WarcError as error:
            yield Finding(error.path, error.offset, error.why, "let this user read it")
            return
        for told, others, why in (
            (noted, known, "does not know what was decided about article"),
            (known, noted, "holds a decision that no WARC knows, about article"),
        ):
            for decision in takedown.missing(told, others):
                what = f"{why} {decision.article}: “{decision.grade}”, {decision.at}"
                yield Finding(self._database, None, what, REPAIR, "takedown")
        for path, why in seal.damaged(self._warcs.parent):
            yield Finding(path, None, f"{why}: it cannot be unsealed", "restore it from your own copy of that folder")

    def _file(
        self, db: sqlite3.Connection | None, path: Path, running: bool, step: Callable[[int], object]
    ) -> Iterator[Finding]:
        self.figures.files += 1
        look = _Look(db, path, running)
        try:
            for found in scan(path):
                step(found.length)
                self.figures.bytes += found.length
                if isinstance(found, Scanned):
                    self.figures.records += 1
                    self.figures.unchecked += found.unchecked
                    yield from look.record(found)
                else:
                    yield from look.damage(found)
            yield from look.end()
        except WarcError as error:
            yield Finding(path, None, error.why, "let this user read it")
        except sqlite3.Error as error:
            yield _unreadable(self._database, error)


def _unreadable(path: Path, error: sqlite3.Error) -> Finding:
    cannot_open = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CANTOPEN
    # On a disk that is for reading only, SQLite cannot read what the last writer left in the file of WAL mode.
    remedy = "let this user write to its folder, or look at a copy of it" if cannot_open else REBUILD
    return Finding(path, None, f"cannot be read: {error}", remedy)


def _run_of(path: Path) -> str:
    named = OURS.fullmatch(path.name)
    return named["run"] if named else ""


class _Look:
    """One file's records and the rows that speak of them, side by side in the order of their places."""

    def __init__(self, db: sqlite3.Connection | None, path: Path, running: bool) -> None:
        self._path, self._running, self._known = path, running, db is not None
        self._ours = bool(_run_of(path))
        self._rows = iter(db.execute(_ROWS, [path.name])) if db else iter(())
        self._row = self._next()
        self._told: dict[str, int] = {}
        self._unknown, self._first_unknown = 0, 0

    def record(self, found: Scanned) -> Iterator[Finding]:
        yield from self._before(found.offset)
        for wrong in found.wrong:
            yield from self._tell("digest", found.offset, f"{wrong}: {found.url}", BACKUP)
        if self._row is None or self._row.offset != found.offset:
            if self._known and self._is_look(found):
                self._first_unknown = self._first_unknown if self._unknown else found.offset
                self._unknown += 1
            return
        if self._row.withheld == "seal" and found.kind in seal.KINDS:
            why = f"is to be sealed, and its bytes still stand here: {found.url}"
            yield Finding(self._path, found.offset, why, REPAIR, "takedown")
        for what in () if self._is_sealed(found) else _differences(self._row, found, self._path):
            yield from self._tell("other", found.offset, f"is another record than the database says: {what}", REBUILD)
        self._row = self._next()
        while self._row and self._row.offset == found.offset:
            yield from self._tell("twice", found.offset, "one record stands in the database twice", REBUILD)
            self._row = self._next()

    def damage(self, damage: Damage) -> Iterator[Finding]:
        yield from self._before(damage.offset)
        lost, sealing = 0, False
        while self._row and (damage.last or self._row.offset < damage.offset + damage.length):
            lost += 1
            here = (self._path.parent.parent, self._path.name, self._row.offset)
            sealing = sealing or (self._row.withheld == "seal" and seal.sealed_path(*here).exists())
            self._row = self._next()
        if sealing:
            why = f"{damage.why}; a run that sealed or unsealed it did not come to its end"
            yield Finding(self._path, damage.offset, why, REPAIR, "takedown")
        elif lost:
            why = f"{damage.why}; {lost} captures are lost in {damage.length} bytes"
            yield Finding(self._path, damage.offset, why, BACKUP)
        elif damage.last and self._ours:
            if not self._running:
                why = f"{damage.why}; the last {damage.length} bytes are of no use, and nothing refers to them"
                yield Finding(self._path, damage.offset, why, f"{REPAIR} cuts them off", "torn")
        else:
            why = f"{damage.why}; {damage.length} bytes, to which nothing refers"
            yield Finding(self._path, damage.offset, why, "restore the file from a backup, or take it from its source")

    def end(self) -> Iterator[Finding]:
        yield from self._before(None)
        for what, count in self._told.items():
            if count > _AT_MOST:
                why = f"{count - _AT_MOST} more faults of one kind ({_KINDS[what]})"
                yield Finding(self._path, None, why, BACKUP)
        if self._unknown and not self._running:
            remedy = f"{REPAIR} takes them in" if self._ours else f"“tangthu import {self._path}” takes them in"
            why = f"{self._unknown} captures that the database does not know, the first"
            yield Finding(self._path, self._first_unknown, why, remedy, "unknown" if self._ours else "", fault=False)

    def _before(self, offset: int | None) -> Iterator[Finding]:
        """Rows that speak of places where no record begins."""
        while self._row and (offset is None or self._row.offset < offset):
            yield from self._tell("nowhere", self._row.offset, f"here begins no record of {self._row.url}", BACKUP)
            self._row = self._next()

    def _tell(self, what: str, offset: int, why: str, remedy: str) -> Iterator[Finding]:
        self._told[what] = self._told.get(what, 0) + 1
        if self._told[what] <= _AT_MOST:
            yield Finding(self._path, offset, why, remedy)

    def _next(self) -> _Row | None:
        row = next(self._rows, None)
        return _Row(*row) if row else None

    def _is_sealed(self, found: Scanned) -> bool:
        """Does a note stand here, where the database says so?"""
        return self._row is not None and self._row.withheld == "seal" and seal.is_note(found)

    def _is_look(self, found: Scanned) -> bool:
        if found.kind == "metadata" and found.headers.get("content-type") == "application/warc-fields":
            record = read_at(self._path.parent, Location(self._path.name, found.offset, found.length))
            return record.capture is not None
        return found.kind in _LOOKS


def _differences(row: _Row, found: Scanned, path: Path) -> Iterator[str]:
    """(what the database says and the record does not)"""
    if row.url != found.url:
        yield f"{row.url}, not {found.url}"
    if row.fetched_at != found.fetched_at:
        yield f"of {row.fetched_at}, not {found.fetched_at}"
    # In a file that is not compressed, a record's line ends are nobody's.
    if row.length != found.length and path.suffix == ".gz":
        yield f"{row.length} bytes long, not {found.length}"
    if row.revisits != (found.kind == "revisit"):
        yield "a page repeated" if row.revisits else "a page, not a repetition of one"
    # A look without an answer has no payload; what its record says of it has a digest all the same.
    if row.digest != _digest(found, path) and not (row.status == 0 and row.digest == payload_digest(b"")):
        yield f"with the digest {row.digest}, not {found.digest}"


def _digest(found: Scanned, path: Path) -> str:
    if found.digest:
        return found.digest
    return read_at(path.parent, Location(path.name, found.offset, found.length)).digest


_ROWS = """
select "offset", length, url, fetched_at, digest, status, revisit_of is not null, withheld
from archive.captures where warc = ? order by "offset"
"""
_KINDS = {
    "digest": "digests that are not those of the bytes",
    "other": "records that are not what the database says",
    "twice": "records that stand in the database twice",
    "nowhere": "captures where no record begins",
}
