"""The database by itself: is it whole, does each row find what it refers to, does the index say what the articles say?

Only reads. What has to be worked out stands in a passing database beside it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

from sqlite_utils import Database

from archive import index, takedown
from archive.schema import MIGRATIONS

# What can be mended without anybody's help (crawler/recovery.py); "" when it cannot.
Repair = Literal["", "torn", "unknown", "index", "counts", "schema", "takedown", "search"]
REBUILD = "“tangthu rebuild” makes the database again from the WARCs"
REPAIR = "“tangthu verify --repair”"
_AT_MOST = 20  # findings of one kind, before they are only counted


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. ``offset``: the byte in the file, None when it is no place in it ·
    ``remedy`` what to do next · ``fault`` False: worth knowing, but nothing is wrong."""

    path: Path
    offset: int | None
    why: str
    remedy: str
    repair: Repair = ""
    fault: bool = True

    def __str__(self) -> str:
        where = f" (at byte {self.offset})" if self.offset is not None else ""
        return f"{self.path}: {self.why}{where}: {self.remedy}"


@contextmanager
def beside(path: Path) -> Iterator[sqlite3.Connection]:
    """The database at ``path``, attached read-only as "archive" to a passing one, in one transaction: all that is asked
    speaks of the same moment, also while a run writes. Raises sqlite3.Error.

    Without its file of WAL mode a reader that may only read would leave one behind; one that may write takes it away.
    """
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=rw"
    how = how if os.access(path.parent, os.W_OK) else _on_read_only_disk(path)
    with closing(sqlite3.connect("", uri=True, isolation_level=None)) as db:
        db.execute("attach ? as archive", [f"file:{path.resolve()}?{how}"])
        db.execute("begin")
        db.execute("select count(*) from archive.sqlite_master").fetchone()
        yield db


def _on_read_only_disk(path: Path) -> str:
    """Nobody writes there; but what the last writer left in the file of WAL mode counts."""
    wal = path.with_name(f"{path.name}-wal")
    return "mode=ro" if wal.exists() and wal.stat().st_size else "immutable=1"


def is_of_today(path: Path) -> bool:
    """Has the database all its tables as this program makes them? Raises sqlite3.Error."""
    with beside(path) as db:
        found = db.execute("select 1 from archive.sqlite_master where name = '_sqlite_migrations'").fetchone()
        sql = "select name from archive._sqlite_migrations where migration_set = ?"
        names = {row[0] for row in db.execute(sql, [MIGRATIONS.name])} if found else set()
    with closing(sqlite3.connect(":memory:")) as empty:
        return {migration.name for migration in MIGRATIONS.pending(Database(empty))} <= names


def check(db: sqlite3.Connection, path: Path) -> Iterator[Finding]:
    """Everything that is wrong with the database attached as "archive"; ``path`` for its name."""
    whole = True
    for (line,) in db.execute(f"pragma archive.integrity_check({_AT_MOST})"):
        if line != "ok":
            whole = False
            yield Finding(path, None, f"is damaged: {line}", REBUILD)
    if not whole:
        return
    yield from _references(db, path)
    for why, sql, repair in _ARTICLES:
        yield from _named(db, path, why, sql, repair)
    yield from _out_of_sight(db, path)
    yield from _index(db, path)


def _out_of_sight(db: sqlite3.Connection, path: Path) -> Iterator[Finding]:
    """Nothing that was taken out of sight came back into it."""
    for article in takedown.with_words(db):
        yield Finding(path, None, f"article {article} is taken down, and its words stand here", REPAIR, "takedown")
    for article in takedown.given_out(db):
        yield Finding(path, None, f"article {article} is taken down, and captures of it are not", REPAIR, "takedown")
    if takedown.waits(db, "archive"):
        why = "words that were taken out of the tables still stand in what is free of the file"
        yield Finding(path, None, why, REPAIR, "takedown")


def _references(db: sqlite3.Connection, path: Path) -> Iterator[Finding]:
    broken: dict[tuple[str, str], int] = {}
    for table, _, parent, _ in db.execute("pragma archive.foreign_key_check"):
        broken[table, parent] = broken.get((table, parent), 0) + 1
    for (table, parent), count in broken.items():
        yield Finding(path, None, f"{count} rows of {table} refer to a row of {parent} that is not there", REBUILD)


def _named(db: sqlite3.Connection, path: Path, why: str, sql: str, repair: Repair) -> Iterator[Finding]:
    found = db.execute(sql).fetchmany(_AT_MOST + 1)
    for row in found[:_AT_MOST]:
        yield Finding(path, None, why.format(*row), REPAIR if repair else REBUILD, repair)
    if len(found) > _AT_MOST:
        yield Finding(path, None, why.format("…", *["…"] * len(found[0])) + ": and more of them", REBUILD, repair)


def _index(db: sqlite3.Connection, path: Path) -> Iterator[Finding]:
    """The words of each article are reckoned again, and compared with those that the index has. A contentless index
    cannot be asked for its text; how often each word stands in which column, and how many words each article has, can.
    """
    (sql,) = db.execute("select sql from archive.sqlite_master where name = 'articles_fts'").fetchone()
    db.execute(sql)
    words = Database(db)
    for (doc,) in db.execute("select doc from archive.articles order by doc"):
        index.insert(words, doc)
    for name, where in (("kept", "archive"), ("right", "main")):
        db.execute(f"create virtual table temp.{name} using fts5vocab('{where}', 'articles_fts', 'col')")
    counts = "select coalesce(sum(k.id is null), 0), coalesce(sum(r.id is null), 0), coalesce(sum(k.sz is not r.sz), 0)"
    both = (
        "select id, sz from archive.articles_fts_docsize union all select id, null from main.articles_fts_docsize"
        " where id not in (select id from archive.articles_fts_docsize)"
    )
    missing, foreign, other = db.execute(
        f"{counts} from ({both}) n left join archive.articles_fts_docsize k on k.id = n.id"
        " left join main.articles_fts_docsize r on r.id = n.id"
    ).fetchone()
    if missing or foreign:
        why = f"the index lacks {missing} articles, and has {foreign} that are none"
        yield Finding(path, None, why, REPAIR, "index")
    elif other:
        why = f"the index has other words than the texts of {other} articles"
        yield Finding(path, None, why, REPAIR, "index")
    elif word := _first_difference(db):
        why = f"the index has other words than the articles, first at “{word}”"
        yield Finding(path, None, why, REPAIR, "index")


def _first_difference(db: sqlite3.Connection) -> str:
    """A word that stands in the index otherwise than in the articles; "" when there is none."""
    rows: list[Iterator[Any]] = [
        db.execute(f"select term, col, doc, cnt from temp.{name}") for name in ("kept", "right")
    ]
    for kept, right in zip_longest(*rows):
        if kept != right:
            return str(min(row[0] for row in (kept, right) if row))
    return ""


# Each gives the rows that break a rule which holds in every archive.
_ARTICLES: tuple[tuple[str, str, Repair], ...] = (
    (
        "article {0} has no version",
        "select id from archive.articles a where not exists (select 1 from archive.versions v where v.article = a.id)",
        "",
    ),
    (
        "article {0} counts {1} versions and has {2}",
        "select a.id, a.versions, count(*) n from archive.articles a join archive.versions v on v.article = a.id"
        " group by a.id having n != a.versions",
        "counts",
    ),
    (
        "the versions of article {0} are not numbered from 1 on",
        "select article from archive.versions group by article having min(number) != 1 or max(number) != count(*)",
        "",
    ),
    (
        "no version of article {0} says what its latest text says",
        "select id from archive.articles a where exists (select 1 from archive.versions v where v.article = a.id)"
        " and not exists (select 1 from archive.versions v where v.article = a.id and v.digest = a.digest)",
        "",
    ),
    (
        "version {0}/{1} was read from a capture of something else",
        "select v.article, v.number from archive.versions v join archive.captures c on c.id = v.capture"
        " where c.article is not v.article",
        "",
    ),
    (
        "the capture of {0} at {1} repeats one that holds no payload, or another one",
        "select r.url, r.fetched_at from archive.captures r join archive.captures o on o.id = r.revisit_of"
        " where o.revisit_of is not null or o.digest != r.digest",
        "",
    ),
)
