"""Captures from WARC and WET files and folders of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from archive import urls, warc
from archive.model import Capture
from archive.warc import WarcError
from crawler.detection import SURE, detect
from crawler.ingest import Ingest
from crawler.platforms import PLATFORMS
from crawler.portal import Portal, foreign

_WARC = re.compile(r"(?i)\.(?:warc|arc)(?:\.(?:gz|wet|wat))*$|\.wet(?:\.gz)?$")


@dataclass(slots=True)
class Report:
    """What an import did: records read, and for each damaged file what is wrong with it."""

    records: int = 0
    damaged: list[WarcError] = field(default_factory=list)


def files(paths: list[Path]) -> list[Path]:
    """The files meant: a folder stands for the WARC and WET files below it. Raises WarcError for what is missing."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and _WARC.search(p.name))
            if not inside:
                raise WarcError(path, 0, "holds no WARC or WET file (*.warc, *.warc.gz, *.wet.gz)")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise WarcError(path, 0, "there is no such file or folder")
    return found


def bring(
    ingest: Ingest, paths: list[Path], portals: dict[str, Portal], only: Portal | None, step: Callable[[], object]
) -> Report:
    """Keep every capture of the files. ``only``: all belong to this portal; else the host decides.

    ``step`` is called for each record. A file that is cut off is kept up to the cut, which the report names.
    """
    report = Report()
    owners = Owners(portals, only, ingest.store.platform_of)
    for path in paths:
        records = warc.read(path)
        ingest.note_source(path.name, only.id if only else "")
        while True:
            # Only reading may fail without ending the import: a disk that is full for us is no damage of the file.
            try:
                record = next(records, None)
            except WarcError as error:
                report.damaged.append(error)
                break
            if record is None:
                break
            report.records += 1
            step()
            if record.capture is not None:
                ingest.keep_record(owners.of, record)
    ingest.warcs.sync()
    return report


class Owners:
    """Whose is a capture? A host without a portal file gets a portal of its own, and its platform once a page tells.

    ``platform_of``: the platform of a portal that the archive knows already, None when it knows none.
    """

    def __init__(
        self,
        portals: dict[str, Portal],
        only: Portal | None,
        platform_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._by_host = {host: portal for portal in portals.values() for host in portal.hosts}
        self._only, self._platform_of = only, platform_of
        self._foreign: dict[str, Portal] = {}

    def of(self, capture: Capture) -> Portal:
        if self._only:
            return self._only
        host = urls.host(capture.url)
        if host in self._by_host:
            return self._by_host[host]
        portal = self._foreign.get(host) or self._known(host)
        detected = detect(capture)
        told = detected.platform if detected.sure >= SURE else None
        # Over ten years a host may change its system: the page itself is believed before its neighbours.
        if portal is None or (told and told.name != portal.platform):
            portal = self._foreign[host] = foreign(host, told)
        return portal

    def _known(self, host: str) -> Portal | None:
        """What an earlier import has told of the host: this one may bring none of the pages that tell it."""
        name = self._platform_of(foreign(host, None).id)
        if name is None:
            return None
        portal = self._foreign[host] = foreign(host, PLATFORMS.get(name))
        return portal
