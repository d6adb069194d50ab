"""The one door: keep the bytes, extract, save. Whoever brings a capture brings it here."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from archive import provinces, text, urls, warc
from archive.decisions import Sealed
from archive.model import Article, Capture
from archive.provenance import FOR_PAGE, NOT_RENDERED, RENDERED, TO_RENDER
from archive.store import CaptureRow, Known, Store
from archive.warc import Location, Record
from archive.warcwriter import WarcWriter
from crawler import locks, mentions, verdict
from crawler.extract import NotAnArticle, NotHTML, extract
from crawler.portal import Portal

DATABASE = "tangthu.db"
# URIs of the notes in a run's WARCs: its row of ``crawls``, at its end; the file that what follows was copied from.
CRAWL_NOTE, SOURCE_NOTE = "urn:tangthu:crawl", "urn:tangthu:source"
NONE_YET = "there is no archive yet; “tangthu demo” or “tangthu crawl” makes one"
_REFERS_TO_URI = "WARC-Refers-To-Target-URI"
PAGES = ("text/html", "application/xhtml+xml", "text/plain", "")  # media types that may hold an article
_NO_TYPES = ("application/octet-stream", "binary/octet-stream", "application/x-download", "application/unknown")
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
USER_AGENT = f"TangThu/{version('tangthu')} (archive of district portals; obeys robots.txt)"


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a capture. ``outcome``: "new", "changed", "same", "gone", "failed" (no article; ``why`` says
    what it is instead), "known" (this very capture was here before) or "kept" (a picture, a redirect, a 404) ·
    ``verdict`` as in ``captures`` · ``content`` what was read in it, None where it only confirms what is known."""

    outcome: str
    article: str | None = None
    why: str = ""
    verdict: str = ""
    content: Article | None = None


@contextmanager
def open_archive(folder: Path, name: str, only: Portal | None = None) -> Iterator[Ingest]:
    """The archive in ``folder``, made when it is not there, for a run called ``name``: a portal's id, whose crawl runs
    beside those of other portals, or "import", which has the archive for itself. ``only``: all it brings is this
    portal's.

    Raises Locked when another run has the portal or the archive, StoreError when the database cannot be opened.
    """
    owner = only.id if only else ""
    holding = locks.portal(folder, owner) if name == owner else locks.archive(folder, name)
    with ExitStack() as stack:
        stack.enter_context(holding)
        with locks.setup(folder):
            store = stack.enter_context(Store(folder / DATABASE))
        writer = open_warc(folder, name, only)
        try:
            yield Ingest(store, writer)
        finally:
            writer.close()


def open_warc(folder: Path, name: str, only: Portal | None = None) -> WarcWriter:
    """What a run of that name writes its records with."""
    info = {
        "software": USER_AGENT.partition(" (")[0],
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "http-header-user-agent": USER_AGENT,
        "robots": "obey",
        "isPartOf": name,
        # Whose it is can be read here when the portal's file is lost.
        **({"portal": _description(only)} if only else {}),
    }
    return WarcWriter(folder / "warc", name.replace("/", "-"), info, datetime.now(UTC))


class Ingest:
    """Keeps captures of any portal. ``counts`` says how often each outcome was seen in this run."""

    def __init__(self, store: Store, warcs: WarcWriter) -> None:
        self.store = store
        self.warcs = warcs
        self.crawl: int | None = None
        self.counts: Counter[str] = Counter()
        self._portals: dict[str, Portal] = {}
        self._to_render: dict[str, str] = {}  # what names the last page of that kind in a record made of it

    def register(self, portal: Portal) -> None:
        """Captures refer to their portal's row: it is written before them."""
        if self._portals.get(portal.id) is not portal:
            self.store.save_portal(portal_row(portal))
            self._portals[portal.id] = portal

    def keep(self, portal: Portal, capture: Capture, named: Mapping[str, str] = MappingProxyType({})) -> Kept:
        """Keep a capture that was just made; one with status 0 got no answer. ``named``: more headers of its record.

        Raises WarcError or sqlite3.Error when the disk refuses.
        """
        digest = warc.payload_digest(capture.body)
        if is_made(capture.source):
            made_of = self._to_render if self._to_render.get(_REFERS_TO_URI) == capture.url else {}
            return self._count(self._save(portal, capture, digest, self.warcs.write_conversion(capture, made_of)))
        if capture.source.startswith(TO_RENDER):
            capture, named = self._name(capture, named)
        if capture.status == 0:
            return self._count(self._save(portal, capture, digest, self.warcs.write_failure(capture)))
        known = self.store.known(capture.url, digest if awaits_rendering(capture) else None)
        if known and capture.status == 304:
            return self._count(self._revisit(portal, capture, known, warc.NOT_MODIFIED))
        if known and known.digest == digest and capture.status == known.status == 200:
            return self._count(self._revisit(portal, capture, known, warc.SAME_PAYLOAD, named))
        where = self.warcs.write(capture, named)
        return self._count(self._save(portal, capture, digest, where))

    def keep_record(self, owner: Callable[[Capture], Portal], record: Record) -> Kept:
        """Keep a record of another WARC as it stands there. A record that is here already is not kept twice.

        ``owner`` is asked whose it is for what is kept alone: then it can be told again from the archive's own WARCs.
        """
        if record.capture is None or self._is_here(record):
            return self._count(Kept("known"))
        if record.kind == "revisit" and self.original(record) is None:
            return self._count(Kept("failed", why="revisit of a capture that is not here"))
        portal = owner(record.capture)
        self.register(portal)
        return self.adopt(portal, record, self.warcs.copy(record))

    def adopt(self, portal: Portal, record: Record, where: Location) -> Kept:
        """Take a record that stands in the archive's own WARCs, at ``where``, into the database."""
        capture = record.capture
        if capture is None:
            return self._count(Kept("known"))
        if record.kind == "revisit":
            known = self.original(record)
            if known is None:
                return self._count(Kept("failed", why="revisit of a capture that is not here"))
            return self._count(self._save_revisit(portal, capture, known, where))
        return self._count(self._save(portal, capture, record.digest or warc.payload_digest(b""), where))

    def adopt_sealed(self, portal: Portal, sealed: Sealed) -> Kept:
        """Take a record whose bytes are sealed into the database, as a note tells what it said besides its words."""
        row = replace(sealed.row, crawl=self.crawl)
        kept = Kept("failed", why=sealed.why) if sealed.why else Kept("kept")
        with self.store.atomic():
            kept = self._write(portal, row, kept, sealed.article, sealed.number, sealed.bytes)
        return self._count(kept)

    def note_source(self, name: str, portal: str) -> None:
        """What follows was copied from the file ``name``; ``portal``: whose all of it is, "" when the host decides."""
        self.warcs.write_note(SOURCE_NOTE, datetime.now(UTC), {"source": name, "portal": portal})

    def _name(self, capture: Capture, named: Mapping[str, str]) -> tuple[Capture, Mapping[str, str]]:
        """A page that is to be rendered gets its record's name now: the one made of it will refer to that.

        What is none (a redirect, a 404, a file) is not marked any more.
        """
        if not awaits_rendering(capture):
            return replace(capture, source=capture.source.replace(TO_RENDER, "live")), named
        name = f"<{uuid4().urn}>"
        self._to_render = {
            "WARC-Refers-To": name,
            _REFERS_TO_URI: capture.url,
            "WARC-Refers-To-Date": warc.iso(capture.fetched_at),
        }
        return capture, {**named, "WARC-Record-ID": name}

    def _is_here(self, record: Record) -> bool:
        return self.store.has_capture(record.url, warc.iso(record.fetched_at), record.digest)

    def original(self, record: Record) -> Known | None:
        """What a revisit repeats; None when that is not here."""
        return self.store.known(record.refers_to[0] or record.url, record.digest)

    def _count(self, kept: Kept) -> Kept:
        self.counts[kept.outcome] += 1
        return kept

    def _revisit(
        self,
        portal: Portal,
        capture: Capture,
        known: Known,
        profile: str,
        named: Mapping[str, str] = MappingProxyType({}),
    ) -> Kept:
        # What the record refers to is the capture that holds the payload, not the newest that repeated it.
        url, fetched_at = self.store.capture_at(known.original)
        where = self.warcs.write_revisit(capture, profile, known.digest, url, fetched_at, named)
        return self._save_revisit(portal, capture, known, where)

    def _save_revisit(self, portal: Portal, capture: Capture, known: Known, where: Location) -> Kept:
        row = self._row(portal, capture, known.digest, where, known)
        article = known.article if is_read(capture.source) else None
        with self.store.atomic():
            self.store.save_revisit(row, article)
            self._look_at_home(portal, row)
        return Kept("same" if article else "kept", article)

    def _save(self, portal: Portal, capture: Capture, digest: str, where: Location) -> Kept:
        """Whatever the look says of the page beside its text is written with its capture."""
        row = self._row(portal, capture, digest, where, None)
        kept, article, why = Kept("kept"), None, ""
        if capture.status == 0:
            kept = Kept("failed", why=capture.header(warc.FETCH_FAILED))
        elif readable(capture.status, row.media_type, capture.url, capture.source):
            day = capture.fetched_at.date()
            try:
                article = extract(capture, portal.rules_at(day))
            except (NotAnArticle, NotHTML) as error:
                why = str(error)
                kept = Kept("failed", why=why)
        row = replace(row, verdict=verdict.of_answer(portal, capture) or verdict.of_page(why))
        number = portal.number_of((article.url, *article.aliases, capture.url), day) if article else ""
        with self.store.atomic():
            kept = self._write(portal, row, kept, article, number, len(capture.body))
            if mentions.names(capture, self.store.out_of_sight(portal.id)):
                self.store.withhold(where.warc, where.offset)
            return kept

    def _write(
        self, portal: Portal, row: CaptureRow, kept: Kept, article: Article | None, number: str, size: int
    ) -> Kept:
        """``number``: the platform's own of the article · ``size`` of the payload, in bytes."""
        capture = self.store.save_capture(row)
        self._look_at_home(portal, row)
        if article is not None:
            saved = self.store.save_article(capture, row, article, number)
            return Kept(saved.outcome, saved.article, content=article)
        if kept.why and row.status:
            self.store.save_failure(capture, kept.why)
        elif row.status == 200:
            self.store.save_file(capture, row, size)
        return replace(self._looked(row) or kept, verdict=row.verdict)

    def _look_at_home(self, portal: Portal, row: CaptureRow) -> None:
        """The portal's own state follows the looks at its home page."""
        if is_read(row.source) and urls.key(row.url) == urls.key(portal.home):
            self.store.look_at_portal(portal.id, row.verdict, row.fetched_at)

    def _looked(self, row: CaptureRow) -> Kept | None:
        """A look at a known article's own address that did not show it."""
        article = self.store.article_at(row.url) if row.verdict else None
        if article is None:
            return None
        first = self.store.look(article, row.verdict, row.fetched_at)
        return Kept("gone" if first and row.verdict == verdict.GONE else "kept", article)

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
            media_type=_media_type(capture, original is not None),
            digest=digest,
            etag=capture.header("ETag") or (original.etag if original else ""),
            last_modified=capture.header("Last-Modified") or (original.last_modified if original else ""),
            warc=where.warc,
            offset=where.offset,
            length=where.length,
            source=capture.source,
            revisit_of=original.original if original else None,
        )


def readable(status: int, media_type: str, url: str, source: str = "") -> bool:
    """Is this a page that may be an article? Also the plain text of a WET file, but not robots.txt and its kin."""
    if status != 200 or not is_read(source):
        return False
    if media_type == "text/plain":
        return not urls.path_query(url).endswith(".txt")
    return media_type in PAGES


def _media_type(capture: Capture, repeats: bool) -> str:
    """As the server declares it; but a web page is one also where that says "some bytes".

    Only what the record tells as well: that of a 304 keeps validators alone, that of a repetition no body.
    """
    declared = "" if capture.status == 304 else capture.media_type
    if declared not in _NO_TYPES or capture.status != 200 or repeats:
        return declared
    try:
        head = text.inflate(capture.body, capture.header("Content-Encoding"))[:1000]
    except text.NotInflatable:
        return declared
    return "text/html" if _PAGE.match(head) else declared


def awaits_rendering(capture: Capture) -> bool:
    """Will a capture of the same page follow that is read in place of this one?"""
    html = capture.media_type in ("text/html", "application/xhtml+xml")
    return capture.status == 200 and html and capture.source.startswith(TO_RENDER)


def is_made(source: str) -> bool:
    """Was this capture made of another one, and not received?"""
    return source.startswith((RENDERED, NOT_RENDERED))


def is_read(source: str) -> bool:
    """Is what stands in it the portal's own word? Not what another capture says better, nor what a script asked for."""
    return not source.startswith((TO_RENDER, FOR_PAGE))


def _description(portal: Portal) -> str:
    return json.dumps({**portal_row(portal), "aliases": portal.aliases}, ensure_ascii=False)


def portal_row(portal: Portal) -> dict[str, Any]:
    """A portal as its row says it."""
    row = {name: getattr(portal, name) for name in ("id", "name", "district", "province", "home", "platform")}
    return {
        **row,
        "closed": portal.closed.isoformat() if portal.closed else None,
        "province_now": provinces.now(portal.province),
        "communes": json.dumps(portal.communes, ensure_ascii=False),
    }
