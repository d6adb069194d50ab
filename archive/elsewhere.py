"""Where else an article's words stand: what the database can tell, and which captures have to be read for the rest."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlite_utils import Database

from archive.takedown import Place
from archive.text import fold, index_form
from archive.warc import Location

SHORTEST = 12  # letters of a title that tells anything: “Thông báo” stands everywhere
_MOST = 50


@dataclass(frozen=True, slots=True)
class Alike:
    """Another article: with the same text, or one that says the title."""

    id: str
    title: str
    portal: str


@dataclass(frozen=True, slots=True)
class Page:
    """A capture that holds a page."""

    url: str
    where: Location

    @property
    def place(self) -> Place:
        return Place(self.where.warc, self.where.offset)


def key_of(db: Database, article: str) -> str:
    """The key of the address at which the article stands."""
    return str(db.execute("select key from articles where id = ?", [article]).fetchone()[0])


def portal_of(db: Database, article: str) -> str:
    return str(db.execute("select portal from articles where id = ?", [article]).fetchone()[0])


def last_decision(db: Database, article: str) -> str | None:
    """When something was decided about the article last; None when nothing ever was."""
    row = db.execute("select max(at) from takedowns where article = ?", [article]).fetchone()
    return str(row[0]) if row[0] else None


def titles(db: Database, article: str) -> tuple[str, ...]:
    """The titles of all versions that are long enough to tell anything."""
    rows = db.execute("select distinct title from versions where article = ? order by 1", [article])
    return tuple(str(title) for (title,) in rows if len(fold(title)) >= SHORTEST)


def alike(db: Database, article: str) -> tuple[Alike, ...]:
    """Other articles, on any portal, with the same text, or that say one of the titles; at most 50."""
    same = (
        "select a.id, a.title, a.portal from articles a join articles o on o.text_digest = a.text_digest"
        " where o.id = ?1 and a.id != ?1 limit ?2"
    )
    found = {row[0]: Alike(*row) for row in db.execute(same, [article, _MOST])}
    says = (
        "select a.id, a.title, a.portal from articles_fts f join articles a on a.doc = f.rowid"
        " where articles_fts match ?3 and a.id != ?1 limit ?2"
    )
    for title in titles(db, article):
        phrase = '"' + index_form(title).replace('"', " ") + '"'
        found |= {row[0]: Alike(*row) for row in db.execute(says, [article, _MOST, phrase])}
    return tuple(found.values())[:_MOST]


def other_pages(db: Database, article: str, types: Collection[str]) -> list[Page]:
    """The captures of the portal that may name the article, the newest first: pages of these media types that show
    something else."""
    rows = db.execute(
        'select c.url, c.warc, c."offset", c.length from captures c where c.status = 200 and c.revisit_of is null'
        " and c.portal = (select portal from articles where id = ?1) and c.article is not ?1"
        " and c.media_type in (select value from json_each(?2)) and c.withheld = '' order by c.id desc",
        [article, json.dumps(sorted(types))],
    )
    return [Page(url, Location(*where)) for url, *where in rows]


def at(db: Database, places: Collection[Place]) -> list[Page]:
    """The captures there."""
    rows = db.execute(
        'select c.url, c.warc, c."offset", c.length from json_each(?) p join captures c'
        " on c.warc = json_extract(p.value, '$[0]') and c.\"offset\" = json_extract(p.value, '$[1]')",
        [json.dumps(sorted((place.warc, place.offset) for place in places))],
    )
    return [Page(url, Location(*where)) for url, *where in rows]
