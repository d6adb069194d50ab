"""Reading the archive again: pages per second with one worker and with two, memory over time, and is it the same?

``make bench-reextract``. The captures of sample WARCs are copied so that they are those of ten portals, imported,
and read again by ``tangthu reextract`` in a process of its own, whose memory and whose workers' memory is looked at ten
times a second. Without samples, the demo portal's pages are taken.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from archive import urls
from archive.model import Capture
from archive.warc import read
from archive.warcwriter import WarcWriter
from crawler.demo import DemoPortal, expected

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT.parent / "shared" / "samples"
TANGTHU = str(Path(sys.executable).parent / "tangthu")
TABLES = ("portals", "captures", "articles", "versions", "authors", "images", "attachments", "failures")
PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("warcs", nargs="*", type=Path, help="WARC files; default: ../shared/samples/*.warc.gz")
    words.add_argument("--copies", type=int, default=10)
    words.add_argument("--stale", action="store_true", help="make every version wrong first: all must be written")
    given = words.parse_args()
    files = given.warcs or sorted(SAMPLES.glob("*.warc.gz"))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        if not files:
            print(f"no WARC files in {SAMPLES}: the demo portal's pages instead")
        copy(captures(files) if files else demo(), Path(folder) / "ten", given.copies)
        imported = [TANGTHU, "--data", str(data), "import", str(Path(folder) / "ten")]
        say(subprocess.run(imported, capture_output=True, text=True, check=True, cwd=ROOT).stdout)
        measured = [one(data, jobs, given.stale) for jobs in (1, 2)]
    print("the dumps are the same" if measured[0] == measured[1] else "THE DUMPS DIFFER")


def say(text: str) -> None:
    print(text.rstrip(), flush=True)


def captures(files: list[Path]) -> Iterator[Capture]:
    for path in files:
        for record in read(path):
            if record.capture and record.kind == "response":
                yield record.capture


def demo() -> Iterator[Capture]:
    with DemoPortal() as portal:
        for article in expected():
            with urllib.request.urlopen(portal.url.rstrip("/") + article.path, timeout=10) as reply:
                yield Capture(reply.url, datetime.now(UTC), 200, tuple(reply.headers.items()), reply.read())


def copy(source: Iterator[Capture], folder: Path, copies: int) -> None:
    """One WARC file a copy, each with hosts of its own, in addresses, headers and pages."""
    writers = [WarcWriter(folder, f"copy{number}", {}, datetime.now(UTC)) for number in range(copies)]
    for capture in source:
        host = urls.host(capture.url)
        packed = capture.header("Content-Encoding") == "gzip"
        body = gzip.decompress(capture.body) if packed else capture.body
        for number, writer in enumerate(writers):
            own = f"ban{number}.{host.partition(':')[0]}"
            words = body.replace(host.encode(), own.encode()) if capture.media_type.startswith("text/") else body
            headers = tuple((name, value.replace(host, own)) for name, value in capture.headers)
            sent = gzip.compress(words, mtime=0) if packed else words
            writer.write(replace(capture, url=capture.url.replace(host, own, 1), headers=headers, body=sent))
    for writer in writers:
        writer.close()


def one(data: Path, jobs: int, stale: bool) -> str:
    """Read a copy of the archive again; the digest of what it says then."""
    own = data.with_name(f"jobs{jobs}")
    shutil.copytree(data, own)
    if stale:
        spoil(own / "tangthu.db")
    started = time.monotonic()
    child = subprocess.Popen(
        [TANGTHU, "--data", str(own), "reextract", "--jobs", str(jobs), "--json"], stdout=subprocess.PIPE, cwd=ROOT
    )
    parent, workers = watch(child)
    seconds = time.monotonic() - started
    assert child.stdout
    done = json.loads(child.stdout.read())
    say(f"{jobs} workers: {done['read']} pages in {seconds:.1f} s, {done['read'] / seconds:.0f} a second; "
        f"{done['changed']} articles changed, {done['lost']} lost, {done['unread']} unread")  # fmt: skip
    for name, values in (("parent", parent), ("each worker", workers)):
        means = [statistics.mean(values[len(values) * n // 4 : len(values) * (n + 1) // 4] or values) for n in range(4)]
        say(f"  {name:12} at most {max(values):.0f} MB; the four quarters: {', '.join(f'{m:.0f}' for m in means)}")
    digest = dump(own / "tangthu.db")
    shutil.rmtree(own)
    return digest


def watch(child: subprocess.Popen[bytes]) -> tuple[list[float], list[float]]:
    """Resident megabytes of the process, and of its largest worker, ten times a second while it reads."""
    parent, workers = [], []
    while child.poll() is None:
        below = [pid for pid in children(child.pid) if "spawn_main" in command(pid)]
        sizes = [size for pid in below if (size := resident(pid)) > 0]
        if sizes and (own := resident(child.pid)):
            parent.append(own)
            workers.append(max(sizes))
        time.sleep(0.1)
    return parent, workers


def children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(child) for child in path.read_text().split()]
    except OSError:
        return []


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6
    except (OSError, IndexError):
        return 0.0


def spoil(path: Path) -> None:
    """Every version is out of date: as if better rules had come, with other words in each."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "update versions set section = section || ' (cũ)', html = html || '<p>cũ</p>', digest = 'x' || digest"
        )
        db.execute("update articles set section = section || ' (cũ)', digest = 'x' || digest")


def dump(path: Path) -> str:
    whole = hashlib.sha256()
    with closing(sqlite3.connect(path)) as db:
        for table in TABLES:
            for row in db.execute(f"select * from {table} order by 1, 2"):
                whole.update(repr(row).encode())
    return whole.hexdigest()


if __name__ == "__main__":
    main()
