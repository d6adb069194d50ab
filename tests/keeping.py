"""Archives for the tests of verify, rebuild, recovery and dump: runs that keep captures, without a network."""

from __future__ import annotations

import io
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from conftest import write_portal
from rereading import FETCHED, GOOD, ID, page
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.consistency import Finding
from archive.dump import dump
from archive.model import Capture
from archive.search.keeper import catch_up
from archive.verify import Verification
from archive.warc import iso
from archive.warcwriter import WarcWriter
from crawler.imports import bring
from crawler.ingest import CRAWL_NOTE, DATABASE, Ingest, open_archive
from crawler.portal import Portal, load_all
from crawler.rebuild import Rebuilt, rebuild
from crawler.recovery import Recovered, recover

HOME = "http://thu.example.vn/"


def known(data: Path, portal_id: str = ID) -> Portal:
    """A portal of the archive; with the file of ``rereading`` when it has none."""
    if not (data / "portals" / f"{portal_id}.toml").exists():
        write_portal(data, portal_id, GOOD)
    return load_all(data / "portals")[portal_id]


@contextmanager
def running(data: Path, portal_id: str = ID, ends: bool = True) -> Iterator[Ingest]:
    """A crawl, as the pipeline does it. ``ends`` False: killed when all is kept."""
    portal = known(data, portal_id)
    with open_archive(data, portal.id, portal) as ingest:
        ingest.register(portal)
        ingest.crawl = ingest.store.begin_crawl(portal.id, iso(datetime.now(UTC)))
        yield ingest
        if ends:
            values = {"requests": sum(ingest.counts.values()), "new": ingest.counts["new"], "measures": '{"a": 1}'}
            ingest.store.end_crawl(ingest.crawl, iso(datetime.now(UTC)), "finished", values)
            ingest.warcs.write_note(CRAWL_NOTE, datetime.now(UTC), ingest.store.crawl_row(ingest.crawl))
    catch_up(data / DATABASE)


def crawled(data: Path, captures: Iterable[Capture], portal_id: str = ID, ends: bool = True) -> list[Path]:
    """A crawl that keeps these; the files it wrote."""
    before = set(warcs(data))
    with running(data, portal_id, ends) as ingest:
        for capture in captures:
            ingest.keep(known(data, portal_id), capture)
    return [path for path in warcs(data) if path not in before]


def imported(data: Path, *paths: Path, only: str = "") -> None:
    portals = load_all(data / "portals")
    portal = portals[only] if only else None
    with open_archive(data, "import", portal) as ingest:
        bring(ingest, list(paths), portals, portal, lambda: None)
    catch_up(data / DATABASE)


def recovered(data: Path, portal_id: str = ID) -> Recovered:
    """What a new crawl does first; it keeps nothing else."""
    with running(data, portal_id) as ingest:
        return recover(ingest, known(data, portal_id))


def rebuilt(data: Path, force: bool = False) -> Rebuilt:
    return rebuild(data, load_all(data / "portals"), force=force)


def warcs(data: Path) -> list[Path]:
    return sorted((data / "warc").glob("*.warc.gz"))


def dumped(data: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{data / DATABASE}?mode=ro", uri=True)) as db:
        return list(dump(db))


def verified(data: Path, *writing: str) -> list[Finding]:
    return list(Verification(data / DATABASE, data / "warc", lambda: writing).run())


def faults(data: Path, *writing: str) -> list[str]:
    """What is wrong, without the folder's name."""
    return [str(found).replace(f"{data}/", "") for found in verified(data, *writing) if found.fault]


def change(data: Path, sql: str, *values: object) -> None:
    """Behind the program's back."""
    with closing(sqlite3.connect(data / DATABASE)) as db, db:
        assert db.execute(sql, values).rowcount != 0


def append(path: Path, what: bytes) -> None:
    with path.open("ab") as file:
        file.write(what)


def flip(path: Path, at: int) -> None:
    """One bit of the byte there."""
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 16]))


def fastwarc_says(path: Path) -> str:
    """What FastWARC's own check finds wrong; "" when it is content."""
    command = [Path(sys.executable).parent / "fastwarc", "check", "-q", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def some(count: int, day: int = 0, text: str = "Một.") -> list[Capture]:
    """Pages of articles, all different."""
    return [page(f"node/{n}", f"{text} Bài số {n}.", day) for n in range(count)]


def picture(path: str, body: bytes = b"picture", day: int = 0, status: int = 200) -> Capture:
    headers = (("Content-Type", "image/jpeg"), ("ETag", '"p"'))
    return replace(page(path, "", day), headers=headers, body=body, status=status)


def missing(path: str, day: int = 0, status: int = 404) -> Capture:
    return replace(page(path, "", day), status=status, body=b"nothing here")


def silence(path: str, day: int = 0) -> Capture:
    """A look that got no answer."""
    return replace(
        page(path, "", day), status=0, headers=(("Fetch-Failed", "dns"), ("Message", "no such name")), body=b""
    )


def unchanged(path: str, day: int = 0) -> Capture:
    return replace(page(path, "", day), status=304, headers=(("ETag", '"2"'),), body=b"")


def elsewhere(one: Capture, host: str = "la.example.vn") -> Capture:
    """The same page on a host that nobody described, made as Drupal 7 makes it."""
    body = one.body.replace(b"<h1>", b'<h1 id="page-title">').replace(
        b'<div id="bai">', b'<div class="field-name-body"><div class="field-item">'
    )
    url = one.url.replace("thu.example.vn", host)
    return replace(one, url=url, body=body.replace(b"</div></body>", b"</div></div></body>"))


def foreign_warc(folder: Path, *captures: Capture) -> Path:
    """Another program's WARC."""
    writer = WarcWriter(folder, "elsewhere", {"software": "other/1.0"}, FETCHED)
    places = [writer.write(one) for one in captures]
    writer.close()
    return folder / places[0].warc


def others(path: Path, digests: dict[str, str] | None = None, packed: bool = True, chunked: bool = False) -> Path:
    """A WARC as another program writes it; ``digests`` in place of its own."""
    headers = [("Content-Type", "text/html"), *([("Transfer-Encoding", "chunked")] if chunked else [])]
    body = b"5\r\nhello\r\n0\r\n\r\n" if chunked else b"hello"
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=packed)
        for number in range(3):
            http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
            url = f"http://b.vn/{number}"
            record = writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), length=len(body), http_headers=http
            )
            for name, value in (digests or {}).items():
                record.rec_headers.replace_header(name, value)
            writer.write_record(record)
    return path
