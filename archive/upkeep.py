"""What is done to the database as a whole: it is emptied to be made again, and mended after runs that were killed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive import index
from archive.schema import MIGRATIONS, NEW_EDITION
from archive.store import Store, StoreError

_CACHE = 64_000  # KiB of the database that are held: indexes are written to all over
# SQLite's primary codes: a table is missing, the image is malformed, it is no database.
_BROKEN = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LIVE = "(c.source = 'live' or c.source like 'live;%')"


class Unusable(Exception):
    """The database cannot even be asked, or emptied."""


@dataclass(frozen=True, slots=True)
class Looked:
    """An address that crawls have asked for and that showed an article. ``article`` whose own it is, None for a copy ·
    ``state`` the article's · ``at`` the newest look."""

    portal: str
    url: str
    state: str
    at: str
    article: str | None


@dataclass(frozen=True, slots=True)
class Killed:
    """A run without an end, and what it kept. ``seen`` its last capture, or its beginning."""

    crawl: int
    started: str
    seen: str
    captures: int
    new: int
    changed: int


def is_broken(path: Path) -> bool:
    """Can SQLite make nothing of the file? Raises sqlite3.Error for what is not the file's fault."""
    try:
        with closing(sqlite3.connect(f"file:{path.resolve()}?mode=rw", uri=True, timeout=30)) as db:
            return bool(db.execute("pragma quick_check(1)").fetchone()[0] != "ok")
    except sqlite3.DatabaseError as error:
        if _says_broken(error):
            return True
        raise


def put_aside(path: Path) -> Path:
    """The database under another name, with what stands in its file of WAL mode."""
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    for more in ("-wal", "-shm", ""):
        if (beside := path.with_name(path.name + more)).exists():
            beside.rename(aside.with_name(aside.name + more))
    return aside


class Upkeep:
    """The whole of a database that is open for writing, and that nobody else writes to."""

    def __init__(self, store: Store) -> None:
        self.store, self.db = store, store.db

    @property
    def warc_folder(self) -> Path:
        """Where the archive's WARCs are: beside its database."""
        (path,) = self.db.execute("select file from pragma_database_list where name = 'main'").fetchone()
        return Path(path).parent / "warc"

    # To be made again

    @contextmanager
    def emptied(self) -> Iterator[None]:
        """Every row that can be made again is gone inside; all or nothing of what is done there is kept. Readers see
        the former state until the end.

        Raises Unusable when it cannot be emptied, StoreError when a row refers to nothing at the end.
        """
        self.db.execute(f"pragma cache_size = -{_CACHE}")
        # References are checked once, at the end: nothing has an index for them in both directions.
        self.db.execute("pragma foreign_keys = off")
        with self.store.atomic():
            self._empty()
            yield
            self.db.execute("drop table before")
            if broken := self.db.execute("pragma foreign_key_check").fetchone():
                raise StoreError(f"a row of {broken[0]} would refer to nothing. Nothing was changed; report this")
        self.db.execute("pragma foreign_keys = on")
        # The file of WAL mode holds the whole database a second time now; a reader may keep it for a while.
        self.db.execute("pragma wal_checkpoint(truncate)").fetchone()

    def _empty(self) -> None:
        with _usable():
            self.db.execute('create temp table before as select warc, "offset" from captures')
            for table in _tables():
                self.db.execute(f"delete from {table}")
            self.db.execute("insert into articles_fts(articles_fts) values ('delete-all')")
            self.db.execute(NEW_EDITION)

    def lost(self) -> list[tuple[str, int]]:
        """(WARC, how many) captures that were there before it was emptied, and are not now."""
        return list(
            self.db.execute(
                "select warc, count(*) from before b where not exists (select 1 from captures c where c.warc = b.warc"
                ' and c."offset" = b."offset") group by warc order by warc'
            )
        )

    def looks(self) -> Iterator[Looked]:
        """What crawls know of articles' addresses."""
        own = (
            "select a.portal, a.url, a.state, max(c.fetched_at), a.id from articles a join captures c on c.key = a.key"
            f" where {_LIVE} group by a.id"
        )
        copies = (
            "select c.portal, c.url, 'live', max(c.fetched_at), null from captures c where c.article is not null"
            f" and {_LIVE} and not exists (select 1 from articles a where a.key = c.key) group by c.portal, c.key"
        )
        for sql in (own, copies):
            for row in self.db.execute(sql):
                yield Looked(*row)

    def warcs(self) -> list[str]:
        """The files that captures stand in, by name. Raises Unusable when there is no telling."""
        with _usable():
            return [str(name) for (name,) in self.db.execute("select distinct warc from captures order by warc")]

    # After a run that was killed

    def end_of(self, warc: str) -> int:
        """Where the last record of a file ends that the database knows; 0 when it knows none."""
        row = self.db.execute(
            'select "offset" + length from captures where warc = ? order by "offset" desc limit 1', [warc]
        ).fetchone()
        return int(row[0]) if row else 0

    def has_record(self, warc: str, offset: int) -> bool:
        sql = 'select 1 from captures where warc = ? and "offset" = ?'
        return bool(self.db.execute(sql, [warc, offset]).fetchone())

    def crawl_of(self, warc: str) -> int | None:
        """The run that a file's captures belong to."""
        sql = "select crawl from captures where warc = ? and crawl is not null limit 1"
        row = self.db.execute(sql, [warc]).fetchone()
        return int(row[0]) if row else None

    def last_ended(self, portal: str) -> str | None:
        """When the portal's newest crawl started that came to its end; None when none did."""
        sql = "select max(started) from crawls where portal = ? and ended is not null"
        row = self.db.execute(sql, [portal]).fetchone()
        return str(row[0]) if row[0] else None

    def killed(self, portal: str, besides: int | None) -> list[Killed]:
        """The portal's crawls without an end, in their order, but not the one that runs now."""
        rows = self.db.execute(
            "select w.id, w.started, coalesce(max(c.fetched_at), w.started), count(c.id),"
            " coalesce(sum(v.number = 1), 0), coalesce(sum(v.number > 1), 0) from crawls w"
            " left join captures c on c.crawl = w.id and c.portal = w.portal"
            " left join versions v on v.capture = c.id"
            " where w.portal = ? and w.ended is null and w.id is not ? group by w.id order by w.id",
            [portal, besides],
        )
        return [Killed(*row) for row in rows]

    def has_ended(self, said: dict[str, Any]) -> bool:
        """Is the crawl of this note known to have ended?"""
        sql = "select 1 from crawls where portal = ? and started = ? and ended = ?"
        return bool(self.db.execute(sql, [said["portal"], said["started"], said["ended"]]).fetchone())

    def end_as_noted(self, crawl: int, said: dict[str, Any]) -> None:
        """A crawl's row as it stands in the note at the run's end; columns that are none any more are left out."""
        columns = self.store.crawl_row(crawl)
        values = {name: value for name, value in said.items() if name in columns}
        self.store.end_crawl(crawl, said["ended"], said["why"], values)

    # Mending

    def count_versions(self) -> None:
        """Each article says how many versions it has."""
        with self.store.atomic():
            self.db.execute(
                "update articles set versions = (select count(*) from versions v where v.article = articles.id)"
            )

    def index_again(self) -> None:
        """The full-text index, from the articles."""
        with self.store.atomic():
            index.rebuild(self.db)


def _tables() -> list[str]:
    """The tables of an archive whose rows can be made again."""
    with closing(sqlite3.connect(":memory:")) as empty:
        db = Database(empty)
        MIGRATIONS.apply(db)
        names = [table.name for table in db.tables]
    return [name for name in names if not name.startswith(("articles_fts", "_sqlite"))]


@contextmanager
def _usable() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _says_broken(error):
            raise Unusable from error
        raise


def _says_broken(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN
