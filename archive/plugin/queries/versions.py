"""An article's history: each of its versions, and what it changed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

# What a version may change, in the order in which pages name it.
FIELDS = ("title", "summary", "text", "byline", "published", "section")
FILES = "files"

# Whose changes are looked for: this means reading their texts. Nobody reads down a longer list.
_TOLD = 40
_LISTED = 1_000


@dataclass(frozen=True, slots=True)
class Version:
    """One line of an article's history. ``changes`` names what differs from the version captured before it,
    ``before``: of FIELDS, or FILES (pictures or attachments); empty for the oldest, and where it was not looked for."""

    number: int
    captured_at: str
    title: str
    before: int | None = None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What one version says, and when it was captured."""

    number: int
    captured_at: str
    title: str
    summary: str
    text: str
    byline: str
    published: str | None
    section: str
    html: str
    digest: str


_READING = (
    "select v.number, c.fetched_at, v.title, v.summary, v.text, v.byline, v.published, v.section, v.html, v.digest"
    " from versions v join captures c on c.id = v.capture where v.article = ?"
)


def versions(conn: sqlite3.Connection, article: str) -> tuple[Version, ...]:
    """Newest capture first. Their order is that of the captures: an older one, imported later, has a higher number."""
    rows = conn.execute(
        "select v.number, c.fetched_at, v.title from versions v join captures c on c.id = v.capture"
        " where v.article = ? order by c.fetched_at desc, v.number desc limit ?",
        [article, _LISTED],
    ).fetchall()
    told = [row[0] for row in rows[: _TOLD + 1]] if len(rows) > 1 else []
    changes = _changes(conn, article, told)
    return tuple(
        Version(number, captured_at, title, *changes.get(number, (None, ()))) for number, captured_at, title in rows
    )


def reading(conn: sqlite3.Connection, article: str, number: int) -> Reading | None:
    """A version's words; None when there is none of that number."""
    row = conn.execute(_READING + " and v.number = ?", [article, number]).fetchone()
    return Reading(*row) if row else None


def differences(old: Reading, new: Reading) -> tuple[str, ...]:
    """Which of FIELDS differ; FILES alone when nothing else of what makes a version does."""
    fields = tuple(name for name in FIELDS if getattr(old, name) != getattr(new, name))
    return fields or ((FILES,) if old.digest != new.digest else ())


def _changes(
    conn: sqlite3.Connection, article: str, numbers: list[int]
) -> dict[int, tuple[int | None, tuple[str, ...]]]:
    """By number: the version before it, and what differs. ``numbers`` newest first; the last has none before it."""
    found: dict[int, tuple[int | None, tuple[str, ...]]] = {}
    newer: Reading | None = None
    for number in numbers:
        older = reading(conn, article, number)
        if newer is not None and older is not None:
            found[newer.number] = (older.number, differences(older, newer))
        newer = older
    return found
