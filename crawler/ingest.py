"""The one door: keep the bytes, extract, save. Whoever brings a capture brings it here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from archive import urls, warc
from archive.model import Capture
from archive.store import CaptureRow, Known, Store, StoreError
from archive.warc import Location, Record, WarcWriter
from crawler.extract import NotAnArticle, NotHTML, extract
from crawler.portal import Portal

DATABASE = "tangthu.db"
PAGES = ("text/html", "application/xhtml+xml", "text/plain", "")  # media types that may hold an article
USER_AGENT = f"TangThu/{version('tangthu')} (archive of district portals; obeys robots.txt)"


class Locked(Exception):
    """Another run holds the archive: come back later."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a capture. ``outcome``: "new", "changed", "same", "gone", "failed" (no article; ``why`` says
    what it is instead), "known" (this very capture was here before) or "kept" (a picture, a redirect, a 404)."""

    outcome: str
    article: str | None = None
    why: str = ""


@contextmanager
def open_archive(folder: Path, name: str) -> Iterator[Ingest]:
    """The archive in ``folder``, made when it is not there, for one run called ``name`` (a portal's id, "import").

    Raises Locked when another run writes to it, StoreError when the database cannot be opened.
    """
    with locked(folder), Store(folder / DATABASE) as store:
        info = {
            "software": USER_AGENT.partition(" (")[0],
            "format": "WARC File Format 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "http-header-user-agent": USER_AGENT,
            "robots": "obey",
            "isPartOf": name,
        }
        writer = WarcWriter(folder / "warc", name.replace("/", "-"), info, datetime.now(UTC))
        try:
            yield Ingest(store, writer)
        finally:
            writer.close()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else writes to the archive in ``folder`` meanwhile. Raises Locked, StoreError when it is read-only."""
    try:
        (folder / "warc").mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "warc" / ".lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise Locked(f"another run writes to {folder}: wait for its end") from error
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


class Ingest:
    """Keeps captures of any portal. ``counts`` says how often each outcome was seen in this run."""

    def __init__(self, store: Store, warcs: WarcWriter) -> None:
        self.store = store
        self.warcs = warcs
        self.crawl: int | None = None
        self.counts: Counter[str] = Counter()
        self._portals: dict[str, Portal] = {}

    def register(self, portal: Portal) -> None:
        """Captures refer to their portal's row: it is written before them."""
        if self._portals.get(portal.id) is not portal:
            self.store.save_portal(portal_row(portal))
            self._portals[portal.id] = portal

    def keep(self, portal: Portal, capture: Capture) -> Kept:
        """Keep a capture that was just made. Raises WarcError or sqlite3.Error when the disk refuses."""
        digest = warc.payload_digest(capture.body)
        known = self.store.known(capture.url)
        if known and capture.status == 304:
            return self._count(self._revisit(portal, capture, known, warc.NOT_MODIFIED))
        if known and known.digest == digest and capture.status == known.status == 200:
            return self._count(self._revisit(portal, capture, known, warc.SAME_PAYLOAD))
        where = self.warcs.write(capture)
        return self._count(self._save(portal, capture, digest, where))

    def keep_record(self, portal: Portal, record: Record) -> Kept:
        """Keep a record of another WARC as it stands there. A record that is here already is not kept twice."""
        capture = record.capture
        if capture is None or self.store.has_capture(record.url, warc.iso(record.fetched_at), record.digest):
            return self._count(Kept("known"))
        if record.kind == "revisit":
            known = self.store.known(record.refers_to[0] or record.url, record.digest)
            if known is None:
                return self._count(Kept("failed", why="revisit of a capture that is not here"))
            return self._count(self._save_revisit(portal, capture, known, self.warcs.copy(record)))
        return self._count(self._save(portal, capture, record.digest, self.warcs.copy(record)))

    def _count(self, kept: Kept) -> Kept:
        self.counts[kept.outcome] += 1
        return kept

    def _revisit(self, portal: Portal, capture: Capture, known: Known, profile: str) -> Kept:
        # What the record refers to is the capture that holds the payload, not the newest that repeated it.
        url, fetched_at = self.store.capture_at(known.original)
        where = self.warcs.write_revisit(capture, profile, known.digest, url, fetched_at)
        return self._save_revisit(portal, capture, known, where)

    def _save_revisit(self, portal: Portal, capture: Capture, known: Known, where: Location) -> Kept:
        row = self._row(portal, capture, known.digest, where, known)
        with self.store.atomic():
            self.store.save_revisit(row, known.article)
        return Kept("same" if known.article else "kept", known.article)

    def _save(self, portal: Portal, capture: Capture, digest: str, where: Location) -> Kept:
        row = self._row(portal, capture, digest, where, None)
        with self.store.atomic():
            number = self.store.save_capture(row)
            if capture.status in (404, 410):
                return self._gone(capture)
            if not readable(capture.status, capture.media_type, capture.url):
                return Kept("kept")
            day = capture.fetched_at.date()
            try:
                article = extract(capture, portal.rules_at(day))
            except (NotAnArticle, NotHTML) as error:
                self.store.save_failure(number, str(error))
                return Kept("failed", why=str(error))
            addresses = (article.url, *article.aliases, capture.url)
            saved = self.store.save_article(number, row, article, portal.number_of(addresses, day))
            return Kept(saved.outcome, saved.article)

    def _gone(self, capture: Capture) -> Kept:
        article = self.store.article_at(capture.url)
        if article and self.store.mark_gone(article, warc.iso(capture.fetched_at)):
            return Kept("gone", article)
        return Kept("kept", article)

    def _row(
        self, portal: Portal, capture: Capture, digest: str, where: Location, original: Known | None
    ) -> CaptureRow:
        return CaptureRow(
            portal=portal.id,
            crawl=self.crawl,
            url=capture.url,
            fetched_at=warc.iso(capture.fetched_at),
            # A 304 stands for the page it confirms, and so do its validators when it repeats none.
            status=capture.status,
            media_type=capture.media_type,
            digest=digest,
            etag=capture.header("ETag") or (original.etag if original else ""),
            last_modified=capture.header("Last-Modified") or (original.last_modified if original else ""),
            warc=where.warc,
            offset=where.offset,
            length=where.length,
            source=capture.source,
            revisit_of=original.original if original else None,
        )


def readable(status: int, media_type: str, url: str) -> bool:
    """Is this a page that may be an article? Also the plain text of a WET file, but not robots.txt and its kin."""
    if status != 200:
        return False
    if media_type == "text/plain":
        return not urls.path_query(url).endswith(".txt")
    return media_type in PAGES


def portal_row(portal: Portal) -> dict[str, Any]:
    """A portal as its row says it."""
    row = {name: getattr(portal, name) for name in ("id", "name", "district", "province", "home", "platform")}
    return {**row, "closed": portal.closed.isoformat() if portal.closed else None}
