"""The archive's database, open for writing: portals, crawls, captures. One writer; readers come through Datasette."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.db import Table

from archive import takedown, urls
from archive.articles import Articles
from archive.model import Article
from archive.rows import CaptureRow, Known, Saved, insert
from archive.schema import MIGRATIONS

__all__ = ["CaptureRow", "Known", "Saved", "Store", "StoreError", "last_crawl", "size", "snapshot"]


_PATIENCE = 120.0  # seconds: another crawl may be taking in a sitemap of 50,000 addresses


class StoreError(Exception):
    """The archive cannot be opened or written: says which file and what to do."""


class Store:
    """The archive's database, open for writing. Close it, or use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open, or make, the database at ``path`` and bring its schema up to date.

        Raises StoreError when the file is no archive or cannot be written.
        """
        try:
            self.db = Database(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False))
            self.db.execute("pragma journal_mode = wal")
            self.db.execute("pragma synchronous = normal")
            self.db.execute("pragma cache_size = -16000")  # KB: the indexes of a large archive are read again and again
            self.db.execute("pragma wal_autocheckpoint = 4000")
            self.db.execute("pragma foreign_keys = on")
            MIGRATIONS.apply(self.db)
            self.articles = Articles(self.db)
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {error}. Is it a database of this program, and is the disk writable?") from error

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Everything inside is kept, or nothing of it.

        Another crawl may be writing: its turn is waited for at the beginning. SQLite lets nobody wait who has read
        first and wants to write then.
        """
        if self.db.conn.in_transaction:
            with self.db.atomic():
                yield
            return
        self.db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.db.rollback()
            raise
        self.db.commit()

    def count(self, table: str) -> int:
        return int(self._table(table).count)

    # Portals and crawls

    def save_portal(self, row: dict[str, Any]) -> None:
        """Keep what a portal's row says: id, name, district, province, home, platform, closed (a day or None);
        province_now and communes (JSON) when they are given."""
        known = next(self._table("portals").rows_where("id = ?", [row["id"]]), None)
        if known is None or any(known[name] != value for name, value in row.items()):
            with self.atomic():
                self._table("portals").upsert(row, pk="id")

    def has_portal(self, portal: str) -> bool:
        return bool(self.db.execute("select 1 from portals where id = ?", [portal]).fetchone())

    def platform_of(self, portal: str) -> str | None:
        """The platform of a portal, "" when it is not known; None when there is no such portal."""
        row = self.db.execute("select platform from portals where id = ?", [portal]).fetchone()
        return str(row[0]) if row else None

    def begin_crawl(self, portal: str, started: str) -> int:
        """A new row of ``crawls``; its number."""
        with self.atomic():
            return insert(self.db, "crawls", {"portal": portal, "started": started})

    def end_crawl(self, crawl: int, ended: str, why: str, values: dict[str, Any]) -> None:
        """``values``: requests, bytes, new, changed, same, gone, failed, and what else its row says."""
        with self.atomic():
            self._table("crawls").update(crawl, {"ended": ended, "why": why, **values})

    def crawl_row(self, crawl: int) -> dict[str, Any]:
        """A crawl's row, without its number."""
        row = dict(self._table("crawls").get(crawl))
        del row["id"]
        return row

    def asked_to_wait(self, portal: str) -> str | None:
        """Until when the portal asked to be left alone in its last crawl; None when it did not."""
        row = self.db.execute(
            "select resume_at from crawls where portal = ? and ended is not null order by id desc limit 1", [portal]
        ).fetchone()
        return row[0] if row else None

    # Captures

    def known(self, url: str, digest: str | None = None) -> Known | None:
        """The newest capture of an address, whatever its scheme, "www." or session id; None when there is none.

        One that was answered with a page comes first: a server in trouble does not make us forget what was there.
        With ``digest``: the newest one of that payload.
        """
        row = self.db.execute(
            "select c.id, o.id, c.fetched_at, o.status, c.digest, c.etag, c.last_modified, c.article from captures c"
            " join captures o on o.id = coalesce(c.revisit_of, c.id)"
            " where c.key = ?1 and (?2 is null or c.digest = ?2)"
            " order by o.status = 200 desc, c.fetched_at desc, c.id desc limit 1",
            [urls.key(url), digest],
        ).fetchone()
        return Known(*row) if row else None

    def has_capture(self, url: str, fetched_at: str, digest: str) -> bool:
        """Is this very capture kept already? (Imports are repeated.)"""
        return bool(
            self.db.execute(
                "select 1 from captures where key = ? and fetched_at = ? and digest = ? and url = ?",
                [urls.key(url), fetched_at, digest, url],
            ).fetchone()
        )

    def capture_at(self, capture: int) -> tuple[str, str]:
        """(address, time) of a capture: what a revisit of it refers to."""
        row = self.db.execute("select url, fetched_at from captures where id = ?", [capture]).fetchone()
        return str(row[0]), str(row[1])

    def place_of(self, capture: int) -> tuple[str, int, int]:
        """Where its record stands: the WARC's name, the first byte, and how many bytes it takes."""
        row = self.db.execute("select warc, offset, length from captures where id = ?", [capture]).fetchone()
        return str(row[0]), int(row[1]), int(row[2])

    def save_capture(self, row: CaptureRow) -> int:
        """Keep a capture whose record is written and flushed; its number."""
        values = {name: getattr(row, name) for name in CaptureRow.__slots__}
        capture = insert(self.db, "captures", {**values, "key": urls.key(row.url)})
        takedown.settle(self.db, capture)
        return capture

    def out_of_sight(self, portal: str) -> frozenset[str]:
        """Keys of the addresses at which the portal's articles stood that are hidden or sealed."""
        return takedown.addresses(self.db, portal)

    def withhold(self, warc: str, offset: int) -> None:
        """The capture there is not given out: it names an article that is out of sight."""
        takedown.withhold(self.db, [takedown.Place(warc, offset)])

    def save_revisit(self, row: CaptureRow, article: str | None) -> int:
        """Keep a capture that says "unchanged": the article it shows was seen again."""
        capture = self.save_capture(row)
        if article:
            self.articles.show(capture, article)
            self.articles.seen(article, row.fetched_at)
        return capture

    def save_failure(self, capture: int, why: str) -> None:
        """A page that is kept but gave no article."""
        self._table("failures").upsert({"capture": capture, "why": why}, pk="capture")

    def article_at(self, url: str) -> str | None:
        """The article whose own address this is; None when there is none."""
        row = self.db.execute("select id from articles where key = ?", [urls.key(url)]).fetchone()
        return str(row[0]) if row else None

    def address_of(self, article: str) -> str | None:
        """The address at which an article stands."""
        row = self.db.execute("select url from articles where id = ?", [article]).fetchone()
        return str(row[0]) if row else None

    def unchanged_since(self, article: str) -> str:
        """Since when an article is what it is: gone or blocked, or with its newest text."""
        row = self.db.execute(
            "select coalesce(a.state_since, (select max(c.fetched_at) from versions v"
            " join captures c on c.id = v.capture where v.article = a.id)) from articles a where a.id = ?",
            [article],
        ).fetchone()
        return str(row[0])

    def newest_published(self, keys: list[str]) -> str | None:
        """The latest day on which the articles at these addresses were published; None when none says."""
        marks = ", ".join("?" * len(keys))
        row = self.db.execute(f"select max(published) from articles where key in ({marks})", keys).fetchone()
        return str(row[0])[:10] if row[0] else None

    def look(self, article: str, verdict: str, at: str) -> bool:
        """A look at an article's own address that did not show it. True when this is the first that says so.

        A look from before it was last seen says nothing.
        """
        row = self.db.execute("select state, state_since, last_seen from articles where id = ?", [article]).fetchone()
        if row is None or at < row[2]:
            return False
        if row[0] == verdict:
            self.db.execute(
                "update articles set state_looks = state_looks + 1, state_since = min(state_since, ?1),"
                " gone_since = case when state = 'gone' then min(state_since, ?1) end where id = ?2",
                [at, article],
            )
            return False
        self.db.execute(
            "update articles set state = ?1, state_since = ?2, state_looks = 1,"
            " gone_since = case when ?1 = 'gone' then ?2 end where id = ?3",
            [verdict, at, article],
        )
        return True

    def look_at_portal(self, portal: str, verdict: str, at: str) -> None:
        """A look at a portal's home page: '' when it answered as a portal does."""
        state = verdict or "live"
        self.db.execute(
            "update portals set state_looks = case when state = ?1 then state_looks + 1 else 1 end,"
            " state_since = case when state = ?1 then state_since else ?2 end, state = ?1 where id = ?3",
            [state, at, portal],
        )

    # Articles

    def save_article(self, capture: int, row: CaptureRow, article: Article, number: str) -> Saved:
        """Keep what a capture says of an article.

        ``number`` is the platform's own ("node/12", "" when unknown). A page that only repeats the article under
        another address (print view, session id, second category) never makes a version: a version is a change of
        the portal at the article's own address. A capture older than the newest version adds its version, when no
        other says the same, and leaves the article's latest text alone.
        """
        return self.articles.keep(self.articles.identify(row, article, number), capture, row, article, number)

    def save_file(self, capture: int, row: CaptureRow, size: int) -> None:
        """A capture that may hold a picture or a file, ``size`` bytes: the articles that show it say where it is."""
        key = urls.key(row.url)
        self.db.execute("update images set capture = ? where key = ?", [capture, key])
        self.db.execute(
            "update attachments set capture = ?, media_type = ?, bytes = ?, digest = ? where key = ?",
            [capture, row.media_type, size, row.digest, key],
        )

    def _table(self, name: str) -> Table:
        return self.db.table(name)


def size(path: Path) -> int:
    """Bytes of a database, with what stands in its file of WAL mode."""
    wal = path.with_name(f"{path.name}-wal")
    return path.stat().st_size + (wal.stat().st_size if wal.exists() else 0)


def snapshot(path: Path, copy: Path) -> None:
    """A copy of the archive's database as it is now, which may be written to in its stead. Raises StoreError.

    Nothing of it stays beside the archive: a reader alone would leave the files of WAL mode behind, an opener that
    may write takes them away again. On a read-only disk there is nobody to fear.
    """
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=rw"
    how = how if os.access(path.parent, os.W_OK) else "immutable=1"
    try:
        with (
            closing(sqlite3.connect(f"file:{path.resolve()}?{how}", uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be copied to {copy}: {error}") from error


def last_crawl(path: Path, portal: str, since: str) -> dict[str, Any] | None:
    """The newest row of ``crawls`` of a portal that started at ``since`` or later; None when there is none."""
    if not path.exists():
        return None
    with closing(sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        row = db.execute(
            "select * from crawls where portal = ? and started >= ? order by id desc limit 1", [portal, since]
        ).fetchone()
    return dict(row) if row else None
