"""The index, open for reading: as it was at one commit."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tantivy

from archive.search import layout
from archive.search.forms import spellings
from archive.search.layout import State

OF_ANOTHER = "the search index is of another making of the database"
_MOST_SPELLINGS = 24
_REMEDY = "“tangthu verify --repair” makes it; so does the end of any crawl or import"


class IndexMissing(Exception):
    """There is no index that speaks of this database: says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One commit of the index. ``open_index`` gives it, and another one after the next commit."""

    searcher: tantivy.Searcher
    schema: tantivy.Schema
    state: State
    counted: dict[Any, Any] = field(default_factory=dict, repr=False)  # what counts.py keeps
    _spelled: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def articles(self) -> int:
        return int(self.searcher.num_docs)

    def often(self, field: str, word: str) -> int:
        """In how many articles a word stands, about: those that are about to be forgotten count, too."""
        return int(self.searcher.doc_freq(field, word))

    def spelled(self, typed: str) -> tuple[str, ...]:
        """The spellings that complete the typed word and stand in the index, itself first, the commonest next."""
        found = self._spelled.get(typed)
        if found is None:
            counted = [(self.often(layout.EXACT, form), form) for form in spellings(typed) if form != typed]
            others = [form for count, form in sorted(counted, reverse=True) if count]
            found = (typed, *others[: _MOST_SPELLINGS - 1])
            if len(self._spelled) < 20_000:
                self._spelled[typed] = found
        return found


@dataclass(slots=True)
class _Open:
    index: tantivy.Index
    folder: str
    seen: tuple[int, int, int]
    reader: Reader


_open: dict[str, _Open] = {}
_lock = threading.Lock()


def open_index(database: Path) -> Reader:
    """The index beside the database, as it is now. Costs little: ask each time. Raises IndexMissing."""
    reader = latest(database)
    if _edition(database) not in (None, reader.state.edition):
        raise IndexMissing(f"{layout.folder_of(database)}: {OF_ANOTHER}; {_REMEDY}")
    return reader


def latest(database: Path) -> Reader:
    """The same, whichever making of the database it speaks of. Raises IndexMissing."""
    path = layout.state_path(database)
    try:
        stat = path.stat()
    except OSError as error:
        raise IndexMissing(f"{path.parent}: there is no search index yet; {_REMEDY}") from error
    seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    with _lock:
        known = _open.get(str(path))
        if known is None or known.seen != seen:
            known = _open[str(path)] = _read(database, known, seen)
    return known.reader


def _read(database: Path, known: _Open | None, seen: tuple[int, int, int]) -> _Open:
    folder = layout.folder_of(database)
    state = layout.read_state(database)
    if state is None:
        raise IndexMissing(f"{folder}: the search index is of another version of this program; {_REMEDY}")
    if not state.whole:
        raise IndexMissing(f"{folder}: the search index is being made; {_REMEDY}")
    try:
        index = known.index if known and known.folder == state.folder else layout.open_(folder / state.folder)
        index.reload()
        return _Open(index, state.folder, seen, Reader(index.searcher(), index.schema, state))
    except (OSError, ValueError) as error:
        raise IndexMissing(f"{folder}: the search index cannot be read: {error}; {_REMEDY}") from error


def _edition(database: Path) -> str | None:
    """Which making of the database this is; None when there is no telling, and whoever asks it will be told."""
    try:
        with closing(sqlite3.connect(f"file:{database.resolve()}?mode=ro", uri=True, timeout=5)) as conn:
            row = conn.execute("select id from editions").fetchone()
    except sqlite3.Error:
        return None
    return str(row[0]) if row else ""
