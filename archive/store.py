"""The SQLite schema and everything that writes to it. One writer; readers come through Datasette."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlite_utils import Database
from sqlite_utils.db import Table

from archive import urls
from archive.identity import content_digest, text_digest
from archive.model import Article
from archive.schema import FTS_COLUMNS, MIGRATIONS
from archive.text import fold, index_form

Outcome = Literal["new", "changed", "same"]

# Two posts of one text are one article only when they are this near: "Lịch tiếp công dân" repeats every year.
SECOND_COPY_DAYS = 7


class StoreError(Exception):
    """The archive cannot be opened or written: says which file and what to do."""


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A row of ``captures``. ``fetched_at`` "2026-11-23T09:04:10Z" · ``digest`` "sha1:…" of the payload, in base32 ·
    ``warc`` the file's name within ``warc/``, where its record starts at ``offset`` and takes ``length`` bytes ·
    ``revisit_of`` the capture that holds the same payload, for a 304 or an equal digest."""

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


@dataclass(frozen=True, slots=True)
class Known:
    """What the archive knows of an address: its newest capture, and the one whose payload that stands for.

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


class Store:
    """The archive's database, open for writing. Close it, or use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open, or make, the database at ``path`` and bring its schema up to date.

        Raises StoreError when the file is no archive or cannot be written.
        """
        try:
            self.db = Database(sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False))
            self.db.execute("pragma journal_mode = wal")
            self.db.execute("pragma synchronous = normal")
            self.db.execute("pragma foreign_keys = on")
            MIGRATIONS.apply(self.db)
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
        """Everything inside is kept, or nothing of it."""
        with self.db.atomic():
            yield

    def count(self, table: str) -> int:
        return int(self._table(table).count)

    # Portals and crawls

    def save_portal(self, row: dict[str, Any]) -> None:
        """Keep a portal's id, name, district, province, home, platform and closing day (or None)."""
        known = list(self._table("portals").rows_where("id = ?", [row["id"]]))
        if known != [row]:
            self._table("portals").upsert(row, pk="id")

    def begin_crawl(self, portal: str, started: str) -> int:
        """A new row of ``crawls``; its number."""
        return self._insert_numbered("crawls", {"portal": portal, "started": started})

    def end_crawl(self, crawl: int, ended: str, why: str, counts: dict[str, int]) -> None:
        """``counts``: requests, bytes, new, changed, same, gone, failed."""
        self._table("crawls").update(crawl, {"ended": ended, "why": why, **counts})

    # Captures

    def known(self, url: str, digest: str | None = None) -> Known | None:
        """The newest capture of an address, whatever its scheme, "www." or session id; None when there is none.

        With ``digest``: the newest one of that payload.
        """
        row = self.db.execute(
            "select c.id, o.id, c.fetched_at, o.status, c.digest, c.etag, c.last_modified, c.article from captures c"
            " join captures o on o.id = coalesce(c.revisit_of, c.id)"
            " where c.key = ?1 and (?2 is null or c.digest = ?2) order by c.fetched_at desc, c.id desc limit 1",
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

    def save_capture(self, row: CaptureRow) -> int:
        """Keep a capture whose record is written and flushed; its number."""
        values = {name: getattr(row, name) for name in CaptureRow.__slots__}
        return self._insert_numbered("captures", {**values, "key": urls.key(row.url)})

    def save_revisit(self, row: CaptureRow, article: str | None) -> int:
        """Keep a capture that says "unchanged": the article it shows was seen again."""
        capture = self.save_capture(row)
        if article:
            self._show(capture, article)
            self._seen(article, row.fetched_at)
        return capture

    def save_failure(self, capture: int, why: str) -> None:
        """A page that is kept but gave no article."""
        self._table("failures").upsert({"capture": capture, "why": why}, pk="capture")

    def article_at(self, url: str) -> str | None:
        """The article whose own address this is; None when there is none."""
        row = self.db.execute("select id from articles where key = ?", [urls.key(url)]).fetchone()
        return str(row[0]) if row else None

    def standing(self, portal: str) -> list[tuple[str, str]]:
        """(id, address) of a portal's articles that are not known to be gone."""
        return list(
            self.db.execute(
                "select id, url from articles where portal = ? and gone_since is null order by doc", [portal]
            )
        )

    def mark_gone(self, article: str, since: str) -> bool:
        """The portal says that the article is no more (404, 410). False when that was known."""
        changed = self.db.execute(
            "update articles set gone_since = ? where id = ? and gone_since is null", [since, article]
        ).rowcount
        return bool(changed)

    # Articles

    def save_article(self, capture: int, row: CaptureRow, article: Article, number: str) -> Saved:
        """Keep what a capture says of an article.

        ``number`` is the platform's own ("node/12", "" when unknown). A page that only repeats the article under
        another address (print view, session id, second category) never makes a version: a version is a change of
        the portal at the article's own address. A capture older than the newest version adds its version, when no
        other says the same, and leaves the article's latest text alone.
        """
        digest = content_digest(article)
        known = self._identify(row, article, number)
        if known is None:
            name = self._new_id(urls.host(article.url) + " " + (number or urls.key(article.url)))
            self._insert(name, capture, row, article, number, digest)
            return Saved(name, "new")
        self._show(capture, known.id)
        self._seen(known.id, row.fetched_at)
        if number and not known.number:
            self._table("articles").update(known.id, {"number": number})
        own_page = urls.key(row.url) == urls.key(article.url)
        own_address = known.key == urls.key(article.url) or (number != "" and number == known.number)
        if not own_page or not own_address:
            return Saved(known.id, "same")
        if known.digest == digest:
            if not known.own:
                self._table("versions").update((known.id, known.versions), {"capture": capture})
            return Saved(known.id, "same")
        if (
            not known.own and row.fetched_at >= known.shown_at
        ):  # what stood there was read off a print view: not a change of the portal
            self._replace(known, capture, article, digest)
            return Saved(known.id, "same")
        if row.fetched_at < known.shown_at:
            if self._has_version(known.id, digest):
                return Saved(known.id, "same")
            self._add_version(known.id, known.versions + 1, capture, article, digest)
            self._table("articles").update(known.id, {"versions": known.versions + 1})
            return Saved(known.id, "changed")
        self._add_version(known.id, known.versions + 1, capture, article, digest)
        self._update(known, article, digest, known.versions + 1)
        return Saved(known.id, "changed")

    def _identify(self, row: CaptureRow, article: Article, number: str) -> _Kept | None:
        """Its own address, then any address it was seen at, then the platform's number, then equal text."""
        keys = sorted({urls.key(address) for address in (article.url, row.url, *article.aliases)})
        marks = ", ".join("?" * len(keys))
        for where, values in (
            ("a.key = ?", [urls.key(article.url)]),
            (f"a.id in (select article from captures where key in ({marks}) and article is not null)", keys),
            ("a.portal = ? and a.number = ? and a.number != ''", [row.portal, number]),
            (
                "a.text_digest = ? and a.portal = ? and (a.published is null or ? is null or"
                " abs(julianday(substr(a.published, 1, 10)) - julianday(substr(?, 1, 10))) <= ?)",
                [text_digest(article), row.portal, article.published, article.published, SECOND_COPY_DAYS],
            ),
        ):
            found = self.db.execute(_KEPT + where + " order by a.doc, v.number desc limit 1", values).fetchone()
            if found:
                return _Kept(*found)
        return None

    def _insert(self, name: str, capture: int, row: CaptureRow, article: Article, number: str, digest: str) -> None:
        doc = self.db.execute("select coalesce(max(doc), 0) + 1 from articles").fetchone()[0]
        self._table("articles").insert(
            {
                **_columns(article),
                "id": name,
                "doc": doc,
                "portal": row.portal,
                "first_seen": row.fetched_at,
                "last_seen": row.fetched_at,
                "versions": 1,
                "number": number,
                "digest": digest,
            }
        )
        self._add_version(name, 1, capture, article, digest)
        self._show(capture, name)
        self._parts(name, article)
        self._index(doc, article)

    def _replace(self, known: _Kept, capture: int, article: Article, digest: str) -> None:
        self.db.execute("delete from versions where article = ? and number = ?", [known.id, known.versions])
        self._add_version(known.id, known.versions, capture, article, digest)
        self._update(known, article, digest, known.versions)

    def _update(self, known: _Kept, article: Article, digest: str, versions: int) -> None:
        self._unindex(known.doc)
        self._table("articles").update(known.id, {**_columns(article), "digest": digest, "versions": versions})
        self._parts(known.id, article)
        self._index(known.doc, article)

    def _add_version(self, name: str, number: int, capture: int, article: Article, digest: str) -> None:
        self._table("versions").insert(
            {
                "article": name,
                "number": number,
                "capture": capture,
                "title": article.title,
                "summary": article.summary,
                "html": article.html,
                "text": article.text,
                "byline": article.byline.text,
                "published": article.published,
                "section": article.section,
                "rules": article.rules,
                "digest": digest,
            }
        )

    def _has_version(self, name: str, digest: str) -> bool:
        return bool(
            self.db.execute("select 1 from versions where article = ? and digest = ?", [name, digest]).fetchone()
        )

    def _parts(self, name: str, article: Article) -> None:
        """The article's authors, pictures and files; those it no longer has are gone from the tables."""
        for table in ("authors", "images", "attachments"):
            self.db.execute(f"delete from {table} where article = ?", [name])
        authors = [{"name": author, "role": article.byline.role} for author in article.byline.authors]
        images = [{"url": image.url, "caption": image.caption} for image in article.images]
        files = [{"url": file.url, "label": file.label} for file in article.attachments]
        for table, rows in (("authors", authors), ("images", images), ("attachments", files)):
            if rows:
                self._table(table).insert_all(
                    {"article": name, "position": position, **row} for position, row in enumerate(rows, 1)
                )

    def _index(self, doc: int, article: Article) -> None:
        columns = _index_columns(article.title, article.summary, article.text, article.byline.text)
        self.db.execute(f"insert into articles_fts(rowid, {_FTS}) values (?{', ?' * len(columns)})", [doc, *columns])

    def _unindex(self, doc: int) -> None:
        """A contentless table forgets a row only when it is told what stood in it."""
        row = self.db.execute("select title, summary, text, byline from articles where doc = ?", [doc]).fetchone()
        columns = _index_columns(*row)
        self.db.execute(
            f"insert into articles_fts(articles_fts, rowid, {_FTS}) values ('delete', ?{', ?' * len(columns)})",
            [doc, *columns],
        )

    def _show(self, capture: int, article: str) -> None:
        self.db.execute("update captures set article = ? where id = ?", [article, capture])

    def _seen(self, article: str, day: str) -> None:
        self.db.execute(
            "update articles set last_seen = max(last_seen, ?1), first_seen = min(first_seen, ?1),"
            " gone_since = case when gone_since < ?1 then null else gone_since end"
            " where id = ?2 and (last_seen < ?1 or first_seen > ?1)",
            [day, article],
        )

    def _new_id(self, identity: str) -> str:
        """The identity's id; a second identity with the same fifty bits gets the next one."""
        name, turn = urls.article_id(identity), 1
        while self.db.execute("select 1 from articles where id = ?", [name]).fetchone():
            turn += 1
            name = urls.article_id(f"{identity} {turn}")
        return name

    def _insert_numbered(self, table: str, row: dict[str, Any]) -> int:
        return int(str(self._table(table).insert(row).last_pk))

    def _table(self, name: str) -> Table:
        return self.db.table(name)


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


@dataclass(frozen=True, slots=True)
class _Kept:
    """An article as it stands in the archive. ``own``: its newest text was read at its own address, at ``shown_at``."""

    id: str
    doc: int
    key: str
    number: str
    digest: str
    versions: int
    shown_at: str
    own: bool


_KEPT = """
select a.id, a.doc, a.key, a.number, a.digest, a.versions, c.fetched_at, c.key = a.key
from articles a join versions v on v.article = a.id and v.digest = a.digest join captures c on c.id = v.capture where
"""
_FTS = ", ".join(FTS_COLUMNS)


def _columns(article: Article) -> dict[str, Any]:
    byline = article.byline
    return {
        "url": article.url,
        "title": article.title,
        "summary": article.summary,
        "text": article.text,
        "byline": byline.text,
        "published": article.published,
        "section": article.section,
        "role": byline.role,
        "organisation": byline.organisation,
        "source": byline.source,
        "key": urls.key(article.url),
        "text_digest": text_digest(article),
    }


def _index_columns(title: str, summary: str, text: str, byline: str) -> tuple[str, ...]:
    exact = (index_form(title), index_form(f"{summary}\n\n{text}" if summary else text), index_form(byline))
    return (*exact, *map(fold, exact))
