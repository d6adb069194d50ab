"""Which article a page shows, and what is kept of it: its latest text, its versions, its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database
from sqlite_utils.db import Table

from archive import index, takedown, urls
from archive.identity import Blank, content_digest, text_digest
from archive.model import Article
from archive.rows import CaptureRow, Saved, insert

# Two posts of one text are one article only when they are this near: "Lịch tiếp công dân" repeats every year.
SECOND_COPY_DAYS = 7


@dataclass(frozen=True, slots=True)
class Standing:
    """An article as it stands in the archive. ``shown``: the number of the version that is its latest text, read at
    ``shown_at``, ``own`` when at the article's own address."""

    id: str
    doc: int
    key: str
    number: str
    digest: str
    versions: int
    shown: int
    shown_at: str
    own: bool


class Articles:
    """The tables of articles in a database that is open for writing."""

    def __init__(self, db: Database) -> None:
        self.db = db
        # Ids, and keys of addresses, of the articles whose words are not to be written: who makes the database again
        # knows how it will end. None: those that are out of sight by now.
        self.without_words: frozenset[str] | None = None

    def fit(self, name: str, article: Article) -> Article:
        """What may be written of the article: all of it, or what is left without its words. Whoever writes what an
        article says asks here first."""
        if self.without_words is None:
            return article if takedown.has_words(self.db, name) else takedown.blank(article)
        return takedown.blank(article) if {name, urls.key(article.url)} & self.without_words else article

    def identify(self, row: CaptureRow, article: Article, number: str, before: int | None = None) -> Standing | None:
        """Its own address, then any address it was seen at, then the platform's number, then equal text.

        ``before``: of the addresses it was seen at, only those of captures before this one count.
        """
        keys = sorted({urls.key(address) for address in (article.url, row.url, *article.aliases)})
        marks = ", ".join("?" * len(keys))
        seen = f"select article from captures where key in ({marks}) and article is not null and (? is null or id < ?)"
        for where, values in (
            ("a.key = ?", [urls.key(article.url)]),
            (f"a.id in ({seen})", [*keys, before, before]),
            ("a.portal = ? and a.number = ? and a.number != ''", [row.portal, number]),
            (
                "a.text_digest = ? and a.portal = ? and (a.published is null or ? is null or"
                " abs(julianday(substr(a.published, 1, 10)) - julianday(substr(?, 1, 10))) <= ?)",
                [text_digest(article), row.portal, article.published, article.published, SECOND_COPY_DAYS],
            ),
            # What is out of sight does not come back as something new: any of its versions is known again.
            (
                "a.id in (select v.article from articles h indexed by articles_takedown join versions v"
                " on v.article = h.id where h.takedown != '' and h.takedown in ('hide', 'seal') and h.portal = ?"
                " and v.digest = ?)",
                [row.portal, content_digest(article)],
            ),
        ):
            found = self.db.execute(_STANDING.format(where), values).fetchone()
            if found:
                return Standing(*found)
        return None

    def keep(self, known: Standing | None, capture: int, row: CaptureRow, article: Article, number: str) -> Saved:
        """Keep what a capture says of the article ``known``; of a new one when None. See ``Store.save_article``."""
        digest = content_digest(article)
        if known is None:
            name = self._new_id(urls.host(article.url) + " " + (number or urls.key(article.url)))
            self._insert(name, capture, row, self.fit(name, article), number, digest)
            return Saved(name, "new")
        article = self.fit(known.id, article)
        self.show(capture, known.id)
        self.seen(known.id, row.fetched_at)
        if number and not known.number:
            self._table("articles").update(known.id, {"number": number})
        if not self.speaks_for(known, row, article, number):
            return Saved(known.id, "same")
        if known.digest == digest:
            if not known.own:
                self._table("versions").update((known.id, known.shown), {"capture": capture})
            return Saved(known.id, "same")
        if (
            not known.own and row.fetched_at >= known.shown_at
        ):  # what stood there was read off a print view: not a change of the portal
            self._replace(known, capture, article, digest)
            return Saved(known.id, "same")
        if row.fetched_at < known.shown_at:
            if self.has_version(known.id, digest):
                return Saved(known.id, "same")
            self._add_version(known.id, known.versions + 1, capture, article, digest)
            self._table("articles").update(known.id, {"versions": known.versions + 1})
            return Saved(known.id, "changed")
        self._add_version(known.id, known.versions + 1, capture, article, digest)
        self._update(known, article, digest, known.versions + 1)
        return Saved(known.id, "changed")

    def speaks_for(self, known: Standing, row: CaptureRow, article: Article, number: str) -> bool:
        """Is this the article's own page? Print views and second copies are not: they never make a version."""
        key = urls.key(article.url)
        return urls.key(row.url) == key and (known.key == key or (number != "" and number == known.number))

    def has_version(self, name: str, digest: str) -> bool:
        return bool(
            self.db.execute("select 1 from versions where article = ? and digest = ?", [name, digest]).fetchone()
        )

    def show(self, capture: int, article: str) -> None:
        """The capture shows this article."""
        self.db.execute("update captures set article = ? where id = ?", [article, capture])
        takedown.settle(self.db, capture)

    def seen(self, article: str, day: str) -> None:
        """The article was there at that time: it is not gone, or blocked, since an earlier one."""
        self.db.execute(
            "update articles set last_seen = max(last_seen, ?1), first_seen = min(first_seen, ?1),"
            " state = case when state_since < ?1 then 'live' else state end,"
            " state_looks = case when state_since < ?1 then 0 else state_looks end,"
            " gone_since = case when gone_since < ?1 then null else gone_since end,"
            " state_since = case when state_since < ?1 then null else state_since end"
            " where id = ?2 and (last_seen < ?1 or first_seen > ?1)",
            [day, article],
        )

    def parts(self, name: str, article: Article, new: bool = False) -> None:
        """The article's authors, pictures and files; those it no longer has are gone from the tables."""
        addresses = {*(image.url for image in article.images), *(file.url for file in article.attachments)}
        before = [] if new else [str(key) for (key,) in self.db.execute(_FILES, [name])]
        kept = {url: self._kept_file(url) for url in addresses}
        for table in () if new else ("authors", "images", "attachments"):
            self.db.execute(f"delete from {table} where article = ?", [name])
        authors = [{"name": author, "role": article.byline.role} for author in article.byline.authors]
        images = [
            {"url": url, "caption": caption, "key": urls.key(url), "capture": kept[url]["capture"]}
            for url, caption in ((image.url, image.caption) for image in article.images)
        ]
        if isinstance(article, Blank):
            kept = {url: {**file, "text": None} for url, file in kept.items()}
        files = [
            {"url": file.url, "label": file.label, "key": urls.key(file.url), **kept[file.url]}
            for file in article.attachments
        ]
        for table, rows in (("authors", authors), ("images", images), ("attachments", files)):
            for position, row in enumerate(rows, 1):
                insert(self.db, table, {"article": name, "position": position, **row})
        takedown.settle_files(self.db, {*before, *map(urls.key, addresses)})

    def _kept_file(self, url: str) -> dict[str, Any]:
        """What is known of the picture or file at an address: its capture and what that holds; else all None."""
        key = urls.key(url)
        row = self.db.execute(
            "select capture, media_type, bytes, digest, text from attachments where key = ?1 and capture is not null"
            " union all select id, media_type, null, digest, null from captures where key = ?1 and status = 200"
            " and revisit_of is null and article is null order by 1 desc limit 1",
            [key],
        ).fetchone()
        return dict(zip(("capture", "media_type", "bytes", "digest", "text"), row or [None] * 5, strict=True))

    def _insert(self, name: str, capture: int, row: CaptureRow, article: Article, number: str, digest: str) -> None:
        doc = self.db.execute("select coalesce(max(doc), 0) + 1 from articles").fetchone()[0]
        insert(
            self.db,
            "articles",
            {
                **article_columns(article),
                "id": name,
                "doc": doc,
                "portal": row.portal,
                "first_seen": row.fetched_at,
                "last_seen": row.fetched_at,
                "versions": 1,
                "number": number,
                "digest": digest,
            },
        )
        self._add_version(name, 1, capture, article, digest)
        self.show(capture, name)
        self.parts(name, article, new=True)
        index.insert(self.db, doc)

    def _replace(self, known: Standing, capture: int, article: Article, digest: str) -> None:
        self.db.execute("delete from versions where article = ? and number = ?", [known.id, known.shown])
        self._add_version(known.id, known.shown, capture, article, digest)
        self._update(known, article, digest, known.versions)

    def _update(self, known: Standing, article: Article, digest: str, versions: int) -> None:
        index.delete(self.db, known.doc)
        self._table("articles").update(known.id, {**article_columns(article), "digest": digest, "versions": versions})
        self.parts(known.id, article)
        index.insert(self.db, known.doc)

    def _add_version(self, name: str, number: int, capture: int, article: Article, digest: str) -> None:
        row = {"article": name, "number": number, "capture": capture, **version_columns(article), "digest": digest}
        insert(self.db, "versions", row)

    def _new_id(self, identity: str) -> str:
        """The identity's id; a second identity with the same fifty bits gets the next one."""
        name, turn = urls.article_id(identity), 1
        while self.db.execute("select 1 from articles where id = ?", [name]).fetchone():
            turn += 1
            name = urls.article_id(f"{identity} {turn}")
        return name

    def _table(self, name: str) -> Table:
        return self.db.table(name)


def article_columns(article: Article) -> dict[str, Any]:
    """What the row of ``articles`` says of the latest text."""
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


def version_columns(article: Article) -> dict[str, Any]:
    """What a row of ``versions`` says."""
    return {
        "title": article.title,
        "summary": article.summary,
        "html": article.html,
        "text": article.text,
        "byline": article.byline.text,
        "published": article.published,
        "section": article.section,
        "rules": article.rules,
    }


_FILES = "select key from images where article = ?1 union select key from attachments where article = ?1"

# The latest text is the newest reading of its digest, not the one with the highest number: an older capture that is
# imported later adds a version too, and better rules may show that both say the same.
_STANDING = """
select a.id, a.doc, a.key, a.number, a.digest, a.versions, v.number, c.fetched_at, c.key = a.key
from articles a join versions v on v.article = a.id and v.digest = a.digest join captures c on c.id = v.capture
where {} order by a.doc, c.fetched_at desc, v.number desc limit 1
"""
