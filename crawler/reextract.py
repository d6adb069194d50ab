"""The whole archive again: every page that is kept, read by the rules of today.

Workers read; this process alone writes. Its result does not depend on how many they are: readings are taken in the
order of the captures (see archive/revise.py), a batch and the note how far it went in one transaction.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from archive import urls
from archive.revise import STAGES, Kept, Progress, Revision, Stage
from archive.store import CaptureRow, Store, StoreError, snapshot
from archive.warc import Location, iso
from crawler import locks
from crawler.changes import Report
from crawler.ingest import DATABASE, NONE_YET, PAGES, portal_row, readable
from crawler.platforms import PLATFORMS
from crawler.portal import Portal, foreign
from crawler.reread import Page, Reading, Task
from crawler.workers import Workers

SECONDS = 60.0  # that a page may take
_BATCH = 20  # captures of a task, and of a transaction
_AT_HAND = 500  # rows of captures read at a time
_SAMPLE = 32  # captures of a portal without a file that are asked for their platform
_CODE = (".py", ".toml")
# A portal's file is asked for what it says, not for its bytes.
_NO_SAY = ("demo", "portals", "plugin", "health", "measures.py")
_LIBRARIES = ("selectolax", "beautifulsoup4", "lxml")


@contextmanager
def opened(data: Path, dry: bool) -> Iterator[Store]:
    """The archive in ``data``; a passing copy of its database when ``dry``.

    Raises Locked when another run writes to it, StoreError when there is none or it cannot be written.
    """
    path = data / DATABASE
    if not path.exists():
        raise StoreError(f"{path}: {NONE_YET}")
    if dry:
        with TemporaryDirectory(prefix="tangthu-") as folder:
            snapshot(path, Path(folder) / DATABASE)
            with Store(Path(folder) / DATABASE) as store:
                yield store
    else:
        with locks.archive(data, "reextract"), Store(path) as store:
            yield store


class Reextraction:
    """One run over the captures of a portal (``only``, its id) or of all. ``warcs``: the folder of WARC files.

    It goes on where the last one was stopped, unless the rules changed since. ``seconds``: what a page may take.
    """

    def __init__(
        self, store: Store, warcs: Path, portals: dict[str, Portal], only: str | None = None, seconds: float = SECONDS
    ) -> None:
        self._store, self._warcs, self._seconds = store, warcs, seconds
        self._revision = Revision(store, PAGES)
        self._owners = Owners(self._revision.portals(), portals)
        self._only = self._owners.moved.get(only, only) if only else None
        self._fingerprint = fingerprint(portals)
        self.report = Report()

    @property
    def left(self) -> int:
        """Captures that are still to be read, when it runs now."""
        done = self._revision.resume(self._only, self._fingerprint) or Progress(0, STAGES[0], 0, {})
        return sum(self._revision.count(stage, self._only, after) for stage, after in _from(done))

    def run(self, workers: Workers, step: Callable[[int], object]) -> Report:
        """Read and revise everything; ``step`` is told how many captures more are done.

        Raises sqlite3.Error when the database cannot be written and WorkersError when no worker lives: what is done
        until then is kept, and noted.
        """
        progress = self._revision.resume(self._only, self._fingerprint)
        if progress:
            self.report.restore(progress.counts)
        else:
            started = iso(datetime.now(UTC))
            progress = self._revision.begin(self._only, self._fingerprint, workers.jobs, started)
        self._settle(workers)
        for stage, after in _from(progress):
            for batch, readings in self._read(workers, stage, after):
                with self._store.atomic():
                    for kept, reading in zip(batch, readings, strict=True):
                        self._take(stage, kept, reading)
                    self._revision.note(progress.id, stage, batch[-1].id, self.report.saved())
                step(len(batch))
        self._revision.end(progress.id, iso(datetime.now(UTC)))
        return self.report

    def _settle(self, workers: Workers) -> None:
        """Whose is what, and which platform made the pages of portals that nobody described."""
        owners = self._owners
        asked = [name for name in owners.undescribed if self._only in (None, name)]
        for name in asked:
            tasks = self._tasks(self._revision.sample(name, _SAMPLE))
            told = [one for readings in workers.read(tasks) for one in readings if one.told]
            owners.undescribed[name].told = [(one.capture, one.told) for one in told]
        with self._store.atomic():
            for portal in owners.described.values():
                if self._only in (None, portal.id):
                    self._store.save_portal(portal_row(portal))
            for old, new in owners.moved.items():
                if self._only in (None, new):
                    self._revision.rehome(old, new)
                    self.report.portals.append(f"{old} is {new} now, since that has a file")
            for name in asked:
                row = owners.undescribed[name].row
                if (platform := owners.undescribed[name].latest) != row["platform"]:
                    self._store.save_portal({**row, "platform": platform})
                    self.report.portals.append(f"{name}: platform {row['platform'] or 'unknown'} → {platform}")

    def _read(self, workers: Workers, stage: Stage, after: int) -> Iterator[tuple[list[Kept], list[Reading]]]:
        under_way: list[list[Kept]] = []

        def tasks() -> Iterator[Task]:
            for batch in self._batches(stage, after):
                under_way.append(batch)
                yield next(self._tasks(batch))

        for readings in workers.read(tasks()):
            yield under_way.pop(0), readings

    def _batches(self, stage: Stage, after: int) -> Iterator[list[Kept]]:
        while found := self._revision.captures(stage, self._only, after, _AT_HAND):
            after = found[-1].id
            pages = (kept for kept in found if _is_page(kept.row))
            while batch := list(islice(pages, _BATCH)):
                yield batch

    def _tasks(self, captures: list[Kept]) -> Iterator[Task]:
        pages = map(self._owners.page, captures)
        while batch := tuple(islice(pages, _BATCH)):
            yield Task(self._warcs, batch, self._seconds)

    def _take(self, stage: Stage, kept: Kept, reading: Reading) -> None:
        report, revision, article = self.report, self._revision, reading.article
        report.counts["read"] += 1
        if reading.trouble:
            report.miss(f"{reading.trouble}: {kept.row.url}")
        elif stage == "versions":
            if article is None:
                name, number, title = revision.version_of(kept.id)
                report.lose(f"{name}/{number}", title, reading.why, kept.row.url)
            elif change := revision.revise(kept, article, self._owners.number(kept, reading)):
                report.change(change)
        elif article is None:
            revision.fail(kept, reading.why)
            report.counts["failed"] += kept.article is None
        else:
            report.bring(revision.bring(kept, article, self._owners.number(kept, reading)), article.title)


def fingerprint(portals: dict[str, Portal]) -> str:
    """What the result depends on besides the captures: our code, the portals' rules, the libraries that read pages."""
    whole = hashlib.sha256(repr([portals[name] for name in sorted(portals)]).encode())
    whole.update(repr([(name, version(name)) for name in _LIBRARIES]).encode())
    for name, path in sources().items():
        whole.update(name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:16]


def sources() -> dict[str, Path]:
    """Our files that have a say in what is read out of a page, by their names within the project."""
    root = Path(__file__).parents[1]
    found = [path for room in ("archive", "crawler") for path in (root / room).rglob("*") if path.suffix in _CODE]
    names = {str(path.relative_to(root)): path for path in sorted(found)}
    return {name: path for name, path in names.items() if name.split("/")[1] not in _NO_SAY}


@dataclass(slots=True)
class _Undescribed:
    """A portal without a file. ``told``: (capture, platform) of those captures of a sample that tell it."""

    row: dict[str, str]
    told: list[tuple[int, str]]

    @property
    def latest(self) -> str:
        """The platform of the portal's row: what its newest page tells, else what stood there."""
        return self.told[-1][1] if self.told else self.row["platform"]

    def at(self, capture: int) -> str:
        """For a page that does not tell: what the last one before it told, else the first one after it."""
        place = bisect_right([number for number, _ in self.told], capture)
        return self.told[max(0, place - 1)][1] if self.told else self.row["platform"]


class Owners:
    """Whose is a capture, and how is it read? By the portal's file. A portal without one (``khac/<host>``) whose host
    stands in another's file by now belongs to that (``moved``, old id → new); else its pages tell their platform."""

    def __init__(self, rows: dict[str, dict[str, str]], portals: dict[str, Portal]) -> None:
        hosts = {host: portal for portal in portals.values() for host in portal.hosts}
        self.described = {name: portals[name] for name in rows if name in portals}
        self.undescribed: dict[str, _Undescribed] = {}
        self.moved: dict[str, str] = {}
        for name, row in rows.items():
            owner = hosts.get(urls.host(row["home"]))
            if name in portals:
                continue
            if owner and name.startswith("khac/"):
                self.moved[name] = owner.id
                self.described[owner.id] = owner
            else:
                self.undescribed[name] = _Undescribed(row, [])

    def page(self, kept: Kept) -> Page:
        row = kept.row
        where = Location(row.warc, row.offset, row.length)
        portal = self._described(kept)
        if portal:
            return Page(kept.id, row.url, where, portal.rules_at(_day(kept)), "")
        return Page(kept.id, row.url, where, None, self.undescribed[row.portal].at(kept.id))

    def number(self, kept: Kept, reading: Reading) -> str:
        """The platform's own number of the article that was read; "" when it has none."""
        assert reading.article is not None
        portal = self._described(kept) or _of_platform(reading.platform)
        return portal.number_of((reading.article.url, *reading.article.aliases, kept.row.url), _day(kept))

    def _described(self, kept: Kept) -> Portal | None:
        return self.described.get(self.moved.get(kept.row.portal, kept.row.portal))


@cache
def _of_platform(name: str) -> Portal:
    return replace(foreign("", PLATFORMS.get(name)), home="")


def _is_page(row: CaptureRow) -> bool:
    return readable(row.status, row.media_type, row.url, row.source)


def _day(kept: Kept) -> date:
    return date.fromisoformat(kept.row.fetched_at[:10])


def _from(progress: Progress) -> list[tuple[Stage, int]]:
    """The stages that are left, and after which capture each goes on."""
    first = STAGES.index(progress.stage)
    return [(stage, progress.capture if number == 0 else 0) for number, stage in enumerate(STAGES[first:])]
