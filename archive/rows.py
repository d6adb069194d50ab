"""The rows that go into the store and come out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlite_utils import Database

Outcome = Literal["new", "changed", "same"]


def insert(db: Database, table: str, row: dict[str, Any]) -> int:
    """A new row; its number. sqlite-utils' own ``insert`` asks for the table's columns and keys each time, which for
    the four rows of a page cost as much as writing them."""
    names = ", ".join(f'"{name}"' for name in row)
    cursor = db.execute(f"insert into {table} ({names}) values ({', '.join('?' * len(row))})", list(row.values()))
    return int(cursor.lastrowid or 0)


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A row of ``captures``. ``fetched_at`` "2026-11-23T09:04:10Z" · ``digest`` "sha1:…" of the payload, in base32 ·
    ``warc`` the file's name within ``warc/``, where its record starts at ``offset`` and takes ``length`` bytes ·
    ``revisit_of`` the capture that holds the same payload, for a 304 or an equal digest · ``verdict`` what the look
    says of the page: "", "gone", "moved", "blocked", or "dark: " and why."""

    portal: str
    crawl: int | None
    url: str
    fetched_at: str
    status: int
    media_type: str
    digest: str
    etag: str
    last_modified: str
    warc: str
    offset: int
    length: int
    source: str
    revisit_of: int | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the archive knows of an address: its newest capture of a page that was there, else its newest one; and the
    one whose payload that stands for.

    ``status`` is the latter's: a 304 stands for the 200 that it confirms."""

    capture: int
    original: int
    fetched_at: str
    status: int
    digest: str
    etag: str
    last_modified: str
    article: str | None


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of an article: its id, and whether it was new, changed, or the same as before."""

    article: str
    outcome: Outcome
