"""The runs that wrote an archive's WARCs: whose files they are, and what their own records say of the captures.

A crawl's warcinfo names its portal, and a note at its end is its row of ``crawls``. Before what an import copied out of
a file stands a note that names that file (crawler/ingest.py and crawler/pipelines.py write them).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from archive import decisions, warc, warcwriter
from archive.model import Capture
from archive.scan import OURS, Damage, whole
from archive.warc import Record, iso, payload_digest
from crawler.imports import Owners
from crawler.ingest import CRAWL_NOTE, SOURCE_NOTE, USER_AGENT
from crawler.platforms import PLATFORMS
from crawler.portal import Portal, foreign

IMPORT = "import"
_PROGRAM = USER_AGENT.partition("/")[0]
_NEVER = "9999-12-31T23:59:59Z"


@dataclass(frozen=True, slots=True)
class Run:
    """The files that one run wrote, in order. ``name`` as it stands in theirs · ``started`` "2026-11-25T02:00:00Z" ·
    ``opened`` the same more exactly, to tell runs of one second apart · ``part_of`` a portal's id or "import"; "" for a
    file of another program, or one whose first record cannot be read · ``portal`` the portal's row, None when unsaid.
    """

    name: str
    files: tuple[Path, ...]
    started: str
    opened: str
    part_of: str
    portal: dict[str, Any] | None

    @property
    def is_crawl(self) -> bool:
        """A crawl runs beside those of other portals; everything else has the archive for itself."""
        return self.part_of not in ("", IMPORT, decisions.RUN)


def runs(files: Iterable[Path]) -> list[Run]:
    """The runs that wrote these files, in the order in which they started.

    A file that was full is followed by the next number of the same run; so is one of a run of the same second.
    """
    found: list[Run] = []
    for path in sorted(files, key=lambda path: path.name):
        one = _run(path)
        last = found[-1] if found else None
        if last and _continues(last, path):
            found[-1] = replace(last, files=(*last.files, path))
        else:
            found.append(one)
    return sorted(found, key=lambda run: (run.started, run.opened, run.name))


def described(row: dict[str, Any]) -> Portal:
    """A portal whose file is lost, as far as its row tells: with the rules of its platform."""
    platform = PLATFORMS.get(row["platform"])
    closed = date.fromisoformat(row["closed"]) if row["closed"] else None
    named = {name: row[name] for name in ("id", "name", "district", "province", "home", "platform")}
    aliases = tuple(row.get("aliases", ()))
    communes = tuple(json.loads(row.get("communes", "[]")))  # which older files do not say
    return replace(foreign("", platform), **named, closed=closed, aliases=aliases, communes=communes)


class Provenance:
    """Goes through one run's records in their order. ``portals``: those that have a file today · ``platform_of``: the
    platform of a portal that was known before it, as ``crawler.imports.Owners`` asks for it.

    ``ended``: the row of ``crawls`` that stands at the run's end, None until then.
    """

    def __init__(self, run: Run, portals: dict[str, Portal], platform_of: Callable[[str], str | None]) -> None:
        self.ended: dict[str, Any] | None = None
        self.portal: Portal | None = None
        self._run, self._portals = run, portals
        self._source = "live" if run.is_crawl else ""
        self._owners = Owners(portals, None, platform_of)
        if run.is_crawl:
            self.portal = self._named(run.part_of)
        elif not run.part_of:
            self.portal = next((p for p in portals.values() if p.id.replace("/", "-") == run.name), None)
            self._source = "live" if self.portal else ""

    def note(self, record: Record) -> None:
        """A record that is no capture."""
        if record.kind != "metadata" or record.url not in (CRAWL_NOTE, SOURCE_NOTE):
            return
        said = json.loads(record.block)
        if record.url == CRAWL_NOTE:
            self.ended = said
        elif self._run.part_of == IMPORT:
            self._source = said["source"]
            self.portal = self._named(said["portal"]) if said["portal"] else None

    def of(self, record: Record) -> tuple[Portal, Record]:
        """Whose the capture is; and the record with the source and the digest that it was kept with."""
        assert record.capture is not None
        capture, digest = record.capture, record.digest
        if self._source and not capture.source.startswith("live;"):
            capture = replace(capture, source=self._source)
        if self._source == "live" and capture.status == 0:
            digest = payload_digest(b"")  # of what was received, which is nothing
        return self._owner(capture), replace(record, capture=capture, digest=digest)

    def _owner(self, capture: Capture) -> Portal:
        return self.portal or self._owners.of(capture)

    def _named(self, portal: str) -> Portal | None:
        """The portal with that id: as its file says, else as the run's first record does; None when nobody does."""
        if portal in self._portals:
            return self._portals[portal]
        row = self._run.portal
        return described(row) if row and row["id"] == portal else None


def _run(path: Path) -> Run:
    named = OURS.fullmatch(path.name)
    first = next((item[1] for item in _first(path)), None)
    info = _fields(first) if first and first.kind == "warcinfo" else {}
    ours = named and (info.get("software", "").startswith(_PROGRAM + "/") or first is None)
    if not named or not ours:
        when = iso(first.fetched_at) if first else _NEVER
        return Run(path.name, (path,), when, when, "", None)
    started = iso(datetime.strptime(named["started"], "%Y%m%d%H%M%S").replace(tzinfo=UTC))
    opened = first.fetched_at.isoformat() if first else started
    portal = json.loads(info["portal"]) if "portal" in info else None
    part_of = info.get("isPartOf", IMPORT if named["run"] == IMPORT else "")
    return Run(named["run"], (path,), started, opened, part_of, portal)


def _first(path: Path) -> Iterator[tuple[warc.Location, Record]]:
    for item in whole(path):
        if not isinstance(item, Damage):
            yield item
        return


def _continues(last: Run, path: Path) -> bool:
    before, now = OURS.fullmatch(last.files[-1].name), OURS.fullmatch(path.name)
    return bool(
        before
        and now
        and (before["run"], before["started"]) == (now["run"], now["started"])
        and last.files[-1].stat().st_size > warcwriter.ROTATE_BYTES
    )


def _fields(record: Record) -> dict[str, str]:
    lines = (line.partition(": ") for line in record.block.decode("utf-8", "replace").splitlines())
    return {name: value for name, _, value in lines}
