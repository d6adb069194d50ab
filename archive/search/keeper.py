"""Brings the search index up to the database: the one that writes it.

It follows ``articles.revision``: whatever was said anew since the index's own is read again. What it has done it
commits, and only then says so in the state beside: killed at any moment, it does a little twice the next time. Another
making of the database, or another folding of words, and it begins anew.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import tantivy

from archive.search import entry, layout
from archive.search.layout import State
from archive.store import StoreError

_BATCH = 500  # articles that are read at a time
_COMMIT = 20_000  # articles between two commits: what is lost when it is killed
_HEAP = 96_000_000  # bytes that tantivy gathers before it writes a segment
_PATIENCE = 20.0  # seconds: another run may be about to end, and may not have seen the last articles


@dataclass(frozen=True, slots=True)
class Caught:
    """``articles`` that were read · ``anew``: all of them, from an empty index · ``busy``: another process was at it,
    and nothing was done here."""

    articles: int = 0
    anew: bool = False
    busy: bool = False


def catch_up(database: Path, step: Callable[[int], object] = lambda _: None) -> Caught:
    """The index says what the database says. ``step`` is told how many articles more are done.

    Beside readers and crawls; safe to repeat and to interrupt. Raises StoreError when the index cannot be written, or
    the database cannot be read.
    """
    return _write(database, step, anew=False)


def make_again(database: Path, step: Callable[[int], object] = lambda _: None) -> Caught:
    """The same, from nothing, whatever is there. Raises StoreError."""
    return _write(database, step, anew=True)


def _write(database: Path, step: Callable[[int], object], anew: bool) -> Caught:
    folder = layout.folder_of(database)
    try:
        if not database.exists():
            raise FileNotFoundError(f"there is no {database}")
        folder.mkdir(exist_ok=True)
        with _alone(database) as mine:
            if not mine:
                return Caught(busy=True)
            if anew:
                layout.state_path(database).unlink(missing_ok=True)
            return _Keeper(database, step).run()
    except (OSError, ValueError) as error:  # ValueError is what tantivy raises
        raise StoreError(f"{folder}: the search index cannot be written: {error}. {_REMEDY}") from error
    except sqlite3.Error as error:
        raise StoreError(f"{database}: cannot be read for the search index: {error}") from error


def pending(conn: sqlite3.Connection, revision: int) -> int:
    """How many articles were said anew since that revision."""
    return int(conn.execute("select count(*) from articles where revision > ?", [revision]).fetchone()[0])


def rows(conn: sqlite3.Connection, where: str, values: list[int]) -> Iterator[tuple[int, str, entry.Row]]:
    """(revision, grade of its takedown, the article as the database has it)"""
    for revision, takedown, authors, files, *columns in conn.execute(f"{_ROWS} {where}", values):
        yield revision, takedown, entry.Row(tuple(json.loads(authors)), bool(files), *columns)


_REMEDY = "Make room on the disk, let this user write there, and say “tangthu verify --repair”"
_ROWS = """
select a.revision, a.takedown,
  (select json_group_array(name) from (select name from authors u where u.article = a.id order by u.position)),
  exists (select 1 from attachments f where f.article = a.id),
  a.doc, a.portal, a.title, a.summary, a.text, a.byline, a.published, a.section
from articles a
"""


class _Keeper:
    def __init__(self, database: Path, step: Callable[[int], object]) -> None:
        self._database, self._step = database, step
        self._folder = layout.folder_of(database)

    def run(self) -> Caught:
        # Nothing is written there; but one that may only read would leave the files of WAL mode behind.
        with closing(sqlite3.connect(f"file:{self._database.resolve()}?mode=rw", uri=True, timeout=30)) as conn:
            state, index = self._begin(conn)
            if state.whole and not pending(conn, state.revision):
                return Caught()
            writer = index.writer(_HEAP, 1)
            try:
                done = self._follow(conn, state, index, writer)
            finally:
                writer.wait_merging_threads()
        return Caught(done, anew=not state.whole)

    def _begin(self, conn: sqlite3.Connection) -> tuple[State, tantivy.Index]:
        """The index where it was left, or a new one."""
        edition, top = conn.execute(
            "select (select id from editions), (select coalesce(max(revision), 0) from articles)"
        ).fetchone()
        state = layout.read_state(self._database)
        # A database that lost its last transactions with the power counts the same numbers again.
        if state and (state.edition, state.folding) == (edition, layout.folding()) and state.revision <= top:
            try:
                return state, layout.open_(self._folder / state.folder)
            except (OSError, ValueError):
                pass  # damaged, or half of it is missing: all anew
        for left in self._folder.iterdir():
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
        state = State(uuid4().hex[:12], edition or "", layout.folding(), layout.SCHEMA, 0, whole=False)
        index = layout.make(self._folder / state.folder)
        layout.write_state(self._database, state)
        return state, index

    def _follow(self, conn: sqlite3.Connection, state: State, index: tantivy.Index, writer: tantivy.IndexWriter) -> int:
        known = _highest(index)
        done = since = 0
        while batch := list(rows(conn, _AFTER, [state.revision])):
            for revision, takedown, row in batch:
                # Most are new: to forget what is not there takes longer than to write it.
                if row.doc <= known:
                    writer.delete_documents_by_term(layout.DOC, row.doc)
                known = max(known, row.doc)
                if not takedown:
                    writer.add_document(entry.document(row))
                state = replace(state, revision=revision)
            done, since = done + len(batch), since + len(batch)
            self._step(len(batch))
            if since >= _COMMIT:
                self._commit(writer, state)
                since = 0
        self._commit(writer, replace(state, whole=True))
        return done

    def _commit(self, writer: tantivy.IndexWriter, state: State) -> None:
        writer.commit()
        layout.write_state(self._database, state)


_AFTER = f"where a.revision > ? order by a.revision limit {_BATCH}"


def _highest(index: tantivy.Index) -> int:
    """The highest number of an article in the index; 0 when it is empty."""
    index.reload()
    found: Any = index.searcher().search(
        tantivy.Query.all_query(), limit=1, count=False, order_by_field=layout.DOC, order=tantivy.Order.Desc
    )
    return int(found.hits[0][0]) if found.hits else 0


@contextmanager
def _alone(database: Path) -> Iterator[bool]:
    """Whether nobody else writes the index. Waits a little for its turn."""
    with layout.lock_of(database).open("a") as file:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    yield False
                    return
                time.sleep(0.05)
        yield True
