"""The records of all runs, in the order in which they were kept: it decides which article a page shows, and what makes
a version.

Runs over one portal follow each other, and whatever is no crawl had the archive for itself. Crawls of several portals
ran side by side, and are read side by side, by the dates of their records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive.scan import Damage, whole
from archive.warc import Location, Record, iso
from crawler.runs import Provenance, Run


@dataclass(frozen=True, slots=True)
class Reading:
    """A record of a run and its place, or the damage that stands where one should be."""

    run: Run
    provenance: Provenance
    where: Location | None
    record: Record | None
    damage: Damage | None = None

    @property
    def length(self) -> int:
        """In the file, in bytes."""
        if self.where:
            return self.where.length
        return self.damage.length if self.damage else 0


def in_order(
    runs: list[Run], begin: Callable[[Run], Provenance], is_ready: Callable[[Reading], bool]
) -> Iterator[Reading]:
    """``runs`` in the order in which they started · ``begin`` is asked for each when its turn has come · ``is_ready``:
    can this one be taken now? Asked where dates do not tell which of several was the first. Only runs that overlap are
    open, with one record of each.

    Raises WarcError when a file cannot be opened.
    """
    opened: list[_Stream] = []
    for run in runs:
        while _must_end_first(opened, run):
            yield _first(opened, is_ready).take()
            opened = [stream for stream in opened if stream.head]
        stream = _Stream(run, begin(run))
        opened += [stream] if stream.head else []
    while opened:
        yield _first(opened, is_ready).take()
        opened = [stream for stream in opened if stream.head]


class _Stream:
    """One run being read. ``head`` the next of it, None at its end · ``at`` when that was kept."""

    def __init__(self, run: Run, provenance: Provenance) -> None:
        self.run, self._provenance = run, provenance
        self.at = run.started
        self._items = (item for path in run.files for item in whole(path))
        self.head = self._read()

    def take(self) -> Reading:
        taken, self.head = self.head, self._read()
        assert taken
        return taken

    def _read(self) -> Reading | None:
        item = next(self._items, None)
        if item is None:
            return None
        if isinstance(item, Damage):
            return Reading(self.run, self._provenance, None, None, item)
        where, record = item
        if self.run.is_crawl:
            self.at = max(self.at, iso(record.fetched_at))
        return Reading(self.run, self._provenance, where, record)


def _must_end_first(opened: list[_Stream], run: Run) -> bool:
    """Is there more that was kept before the run began?"""
    if not opened:
        return False
    if not run.is_crawl or any(not one.run.is_crawl or one.run.name == run.name for one in opened):
        return True
    return min(one.at for one in opened) < run.started


def _first(opened: list[_Stream], is_ready: Callable[[Reading], bool]) -> _Stream:
    earliest = min(one.at for one in opened)
    same = [one for one in opened if one.at == earliest]
    if len(same) == 1:
        return same[0]
    return next((one for one in same if one.head and is_ready(one.head)), same[0])
