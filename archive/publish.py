"""The whole database as a dated file for everybody: ``export/tangthu-2026-11-26.db.gz`` in the data folder.

Beside each lies what it is, as JSON (``tangthu-2026-11-26.db.gz.json``, the fields of Copy). Without that, or with
another size, it is not given out: so a file is never offered that is half written, or that somebody else put there.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from archive.store import StoreError, size, snapshot

FOLDER = "export"
NAME = re.compile(r"tangthu-\d{4}-\d\d-\d\d\.db\.gz")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the database. ``made`` when (UTC), ``bytes`` as packed, ``unpacked`` the database's own.

    ``hidden`` how many decisions to hide or seal a text it knows of: a copy that knows of fewer than the archive may
    hold a text that must not be given out any more.
    """

    name: str
    made: str
    bytes: int
    unpacked: int
    sha256: str
    articles: int
    hidden: int


def copies(folder: Path) -> tuple[Copy, ...]:
    """Those that are whole, newest first."""
    found = (_read(path) for path in folder.glob("tangthu-*.db.gz") if NAME.fullmatch(path.name))
    return tuple(sorted(filter(None, found), key=lambda copy: copy.name, reverse=True))


def hidden(conn: sqlite3.Connection) -> int:
    """How many decisions to hide or seal a text there are; the log only grows."""
    return int(conn.execute("select count(*) from takedowns where grade in ('hide', 'seal')").fetchone()[0])


def publish(database: Path, now: datetime, keep: int, progress: Callable[[int], object] = lambda _: None) -> Copy:
    """Write today's copy, in place of an earlier one of today, and take away those that are older than ``keep``.

    ``progress`` is told of bytes as they are packed. May run while a crawl does. Raises StoreError.
    """
    folder = database.parent / FOLDER
    name = f"tangthu-{now.astimezone(UTC):%Y-%m-%d}.db.gz"
    whole, clean, packed = (folder / f".{name}.{part}" for part in ("whole", "clean", "part"))
    try:
        folder.mkdir(exist_ok=True)
        for left in (whole, clean, packed):
            left.unlink(missing_ok=True)
        snapshot(database, whole)
        articles, known = _clean(whole, clean)
        whole.unlink()
        digest = _pack(clean, packed, progress)
        made = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        copy = Copy(name, made, packed.stat().st_size, clean.stat().st_size, digest, articles, known)
        packed.replace(folder / name)
        _describe(folder, copy)
        _tidy(folder, keep, known)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written: {error.strerror}") from error
    except sqlite3.Error as error:
        raise StoreError(f"{database}: cannot be copied: {error}") from error
    finally:
        for left in (whole, clean, packed):
            left.unlink(missing_ok=True)
    return copy


def needed(database: Path) -> int:
    """Bytes that must be free on the disk while a copy is made."""
    return 3 * size(database)


def _clean(whole: Path, clean: Path) -> tuple[int, int]:
    """The copy without what was deleted in it; how many articles it has, and what it knows of hidden texts.

    A database keeps the bytes of a deleted row until they are needed, and the full-text index the words of a deleted
    text until its parts are merged: both would give a hidden text away.
    """
    with closing(sqlite3.connect(whole, isolation_level=None)) as db:
        known = hidden(db)
        if known:
            db.execute("insert into articles_fts (articles_fts) values ('optimize')")
        db.execute("vacuum into ?", [str(clean)])
        articles = int(db.execute("select count(*) from articles").fetchone()[0])
    with closing(sqlite3.connect(clean)) as db:
        db.execute("pragma journal_mode = delete")  # it opens alone, also where nothing can be written
    return articles, known


def _pack(clean: Path, packed: Path, progress: Callable[[int], object]) -> str:
    """The SHA-256 of the packed file."""
    with clean.open("rb") as source, packed.open("wb") as file:
        with gzip.GzipFile("", "wb", 6, file, mtime=0) as out:
            while piece := source.read(_CHUNK):
                out.write(piece)
                progress(len(piece))
        file.flush()
        os.fsync(file.fileno())
    with packed.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _describe(folder: Path, copy: Copy) -> None:
    part = folder / f".{copy.name}.json.part"
    part.write_text(json.dumps(asdict(copy), indent=1) + "\n", "utf-8")
    part.replace(folder / f"{copy.name}.json")


def _tidy(folder: Path, keep: int, known: int) -> None:
    """Also those that may not be given out any more."""
    for place, copy in enumerate(copies(folder)):
        if place >= keep or copy.hidden < known:
            (folder / copy.name).unlink(missing_ok=True)
            (folder / f"{copy.name}.json").unlink(missing_ok=True)


def _read(path: Path) -> Copy | None:
    """None when it is not described, or is another file than the one described."""
    try:
        said = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
        copy = Copy(**{field.name: said[field.name] for field in fields(Copy)})
        is_it = copy.name == path.name and not path.is_symlink() and path.stat().st_size == copy.bytes
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return copy if is_it and isinstance(copy.hidden, int) else None
