"""The full-text index: one row an article, under the number in ``articles.doc``, with the words of its latest text."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlite_utils import Database

from archive.schema import FTS_COLUMNS
from archive.text import fold, index_form

_COLUMNS = ", ".join(FTS_COLUMNS)
_VALUES = ", ".join("?" * (len(FTS_COLUMNS) + 1))


def insert(db: Database, doc: int) -> None:
    """The words of the article as its row stands."""
    db.execute(f"insert into articles_fts(rowid, {_COLUMNS}) values ({_VALUES})", [doc, *_words(db, doc)])


def delete(db: Database, doc: int) -> None:
    """Before the article's row changes: a contentless table forgets words only when it is told what they were."""
    db.execute(
        f"insert into articles_fts(articles_fts, rowid, {_COLUMNS}) values ('delete', {_VALUES})",
        [doc, *_words(db, doc)],
    )


def rebuild(db: Database) -> None:
    """All of it again, which is needed when words are folded otherwise than before: the old ones could not be told."""
    db.execute("insert into articles_fts(articles_fts) values ('delete-all')")
    doc = 0
    while row := db.execute("select min(doc) from articles where doc > ?", [doc]).fetchone()[0]:
        insert(db, doc := row)


def folding() -> str:
    """Which way words are folded: another answer than the last time means ``rebuild``."""
    code = b"\0".join(path.read_bytes() for path in sorted(Path(__file__).with_name("text").glob("*.py")))
    return hashlib.sha256(_COLUMNS.encode() + code).hexdigest()[:16]


def _words(db: Database, doc: int) -> tuple[str, ...]:
    sql = "select title, summary, text, byline, takedown from articles where doc = ?"
    title, summary, text, byline, takedown = db.execute(sql, [doc]).fetchone()
    if takedown:  # whatever the grade, no search finds it
        return ("",) * len(FTS_COLUMNS)
    exact = (index_form(title), index_form(f"{summary}\n\n{text}" if summary else text), index_form(byline))
    return (*exact, *map(fold, exact))
