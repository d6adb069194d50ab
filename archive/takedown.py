"""What is taken out of sight, and how it stands in the database: the rule, at one place.

Grades: "unlist" – in no search, list or feed, but its address answers · "hide" – its words are in no table, and the
captures that show it, or files that only it uses, are not given out · "seal" – the same, and their bytes are taken out
of the WARCs too (archive/seal.py) · "none" lifts what was decided before.

An article's row, its versions and its parts stay, with everything in them that is no text: addresses, days, digests.
Thus it is known again when it arrives once more, and whatever arrives is blank (``Articles.fit``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlite_utils import Database

from archive import index
from archive.identity import Blank, content_digest, text_digest
from archive.model import Article
from archive.rows import insert

GRADES = ("unlist", "hide", "seal")
NONE = "none"
BLANK = ("hide", "seal")  # the grades under which no words are kept


@dataclass(frozen=True, slots=True)
class Place:
    """Where a capture's record stands: the WARC's name and the first byte."""

    warc: str
    offset: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about an article: a row of ``takedowns``. ``key`` of the address at which it stands, should
    other rules give it another id · ``at`` "2026-11-26T02:00:00Z", later for each decision about one article ·
    ``withhold``: captures of other pages that name it, which are not given out either · ``release``: those of them that
    are again."""

    article: str
    key: str
    grade: str
    at: str
    why: str
    asked_by: str
    withhold: tuple[Place, ...] = ()
    release: tuple[Place, ...] = ()

    def is_same(self, other: Decision) -> bool:
        """Is this the same decision, also when one names the article otherwise than the other?"""
        same = (self.grade, self.at) == (other.grade, other.at)
        return same and (self.article == other.article or self.key == other.key)


def missing(told: Iterable[Decision], known: Iterable[Decision]) -> list[Decision]:
    """Those that are not among the known ones."""
    at: dict[str, list[Decision]] = {}
    for decision in known:
        at.setdefault(decision.at, []).append(decision)
    return [decision for decision in told if not any(map(decision.is_same, at.get(decision.at, ())))]


def blank(article: Article) -> Blank:
    """The article without its words."""
    return Blank(
        url=article.url,
        title="",
        published=article.published,
        images=tuple(replace(image, caption="") for image in article.images),
        attachments=tuple(replace(file, label="") for file in article.attachments),
        rules=article.rules,
        aliases=article.aliases,
        content=content_digest(article),
        words=text_digest(article),
    )


def grade_of(db: Database | sqlite3.Connection, article: str) -> str | None:
    """The grade in force, "" when none is; None when there is no such article."""
    row = db.execute("select takedown from articles where id = ?", [article]).fetchone()
    return str(row[0]) if row else None


def has_words(db: Database, article: str) -> bool:
    """False when the article's words are out of sight."""
    return grade_of(db, article) not in BLANK


def addresses(db: Database, portal: str) -> frozenset[str]:
    """Keys under which the portal's articles that are out of sight were ever seen."""
    rows = db.execute(
        f"select a.key from {_FEW} where {_OUT_OF_SIGHT} and a.portal = ?1 union select c.key from {_FEW}"
        f" join captures c on c.article = a.id where {_OUT_OF_SIGHT} and a.portal = ?1",
        [portal],
    )
    return frozenset(str(key) for (key,) in rows)


def addresses_of(db: Database, article: str) -> frozenset[str]:
    """Keys under which one article was ever seen."""
    sql = "select key from articles where id = ?1 union select key from captures where article = ?1"
    return frozenset(str(key) for (key,) in db.execute(sql, [article]))


def settle(db: Database, capture: int) -> None:
    """A capture that was just kept, or was just found to show an article: is it given out?"""
    if _any(db):
        db.execute(f"update captures as c set withheld = {_GRADE} where c.id = ?", [capture])


def settle_files(db: Database, keys: Iterable[str]) -> None:
    """The captures of files at these addresses, after an article began or ceased to use them. Bytes that are sealed
    stay so."""
    if _any(db):
        db.execute(
            f"update captures as c set withheld = {_GRADE} where c.key in (select value from json_each(?))"
            " and c.article is null and c.withheld != 'seal'",
            [json.dumps(sorted(keys))],
        )


def withhold(db: Database, places: Iterable[Place]) -> None:
    """These captures are not given out, whatever they show."""
    db.conn.executemany(
        "update captures set withheld = 'hide' where warc = ? and \"offset\" = ? and withheld = ''",
        [(place.warc, place.offset) for place in places],
    )


def record(db: Database, decision: Decision, replayed: bool = False) -> None:
    """Write a decision, and make it hold: inside a transaction. ``replayed``: while the database is made again, where
    what has no words in the end was written without them.

    What a hidden article said is gone from the rows afterwards; when it is lifted, they wait to be read again.
    """
    name, grade = decision.article, "" if decision.grade == NONE else decision.grade
    row = {key: getattr(decision, key) for key in ("article", "grade", "at", "why", "asked_by")}
    insert(db, "takedowns", row)
    (doc,) = db.execute("select doc from articles where id = ?", [name]).fetchone()
    index.delete(db, doc)
    db.execute("update articles set takedown = ? where id = ?", [grade, name])
    if grade in BLANK and not replayed:
        erase(db, name)
    index.insert(db, doc)
    _judge(db, name, decision.release)
    withhold(db, decision.withhold)


def erase(db: Database, article: str) -> None:
    """Every word of the article leaves the tables; the index is the caller's."""
    for statement in _ERASE:
        db.execute(statement, [article])
    db.execute(f"pragma user_version = {_WAITS}")


def _judge(db: Database, article: str, release: Iterable[Place]) -> None:
    """All captures that have to do with the article, and those to be released, are judged anew."""
    places = json.dumps([(place.warc, place.offset) for place in release])
    numbers = json.dumps([row[0] for row in db.execute(_CONCERNED, [article, places])])
    # First what holds the bytes, then what repeats it: those follow the former.
    for repeats in ("is null", "is not null"):
        db.execute(
            f"update captures as c set withheld = {_GRADE} where c.id in (select value from json_each(?))"
            f" and c.revisit_of {repeats}",
            [numbers],
        )


def forget_words(db: Database) -> bool:
    """After words left the tables, they leave the file too, when any wait for that: what SQLite calls free still holds
    them, and so do the older parts of the index. Outside of any transaction; takes as long as writing the database
    anew.

    False when a reader keeps the file of WAL mode, in which the former state still stands.
    """
    if not waits(db.conn):
        return True
    db.execute("pragma secure_delete = on")
    db.execute("insert into articles_fts(articles_fts) values ('optimize')")
    db.execute("vacuum")
    busy, _, _ = db.execute("pragma wal_checkpoint(truncate)").fetchone()
    if busy:
        return False
    db.execute("pragma user_version = 0")
    return True


def waits(conn: sqlite3.Connection, schema: str = "main") -> bool:
    """Do words that left the tables still stand in the file?"""
    return bool(conn.execute(f"pragma {schema}.user_version").fetchone()[0] == _WAITS)


# What remains to be done


def with_words(conn: sqlite3.Connection) -> list[str]:
    """Articles that are out of sight, and whose words stand in a table all the same."""
    return [str(name) for (name,) in conn.execute(f"select a.id from articles a where {_OUT_OF_SIGHT} and {_SPEAKS}")]


def given_out(conn: sqlite3.Connection) -> list[str]:
    """Articles that are out of sight, and of which a capture is given out all the same."""
    rows = conn.execute(
        f"select distinct a.id from articles a join captures c on c.article = a.id where {_OUT_OF_SIGHT}"
        " and c.withheld not in ('hide', 'seal') order by a.id"
    )
    return [str(name) for (name,) in rows]


def log(conn: sqlite3.Connection, schema: str = "main") -> list[Decision]:
    """All decisions, in their order; what they withhold beside the article stands in the WARCs only."""
    rows = conn.execute(
        "select t.article, a.key, t.grade, t.at, t.why, t.asked_by"
        f" from {schema}.takedowns t join {schema}.articles a on a.id = t.article order by t.id"
    )
    return [Decision(*row) for row in rows]


def find(db: Database, decision: Decision) -> str | None:
    """The article that the decision is about: by its id, else by its address; None when it is not there."""
    sql = "select id from articles where id = ?1 or key = ?2 order by id = ?1 desc limit 1"
    row = db.execute(sql, [decision.article, decision.key]).fetchone()
    return str(row[0]) if row else None


def mend(db: Database, article: str) -> None:
    """The rule holds for the article again, after something wrote past it. What the index should not have,
    ``archive.verify`` tells."""
    erase(db, article)
    _judge(db, article, ())


def to_seal(db: Database) -> list[tuple[int, Place]]:
    """(number, place) of the captures whose bytes are to be sealed, or are."""
    rows = db.execute(
        "select id, warc, \"offset\" from captures where withheld != '' and withheld = 'seal' and revisit_of is null"
        " and status != 0"
        ' order by warc, "offset"'
    )
    return [(int(number), Place(str(warc), int(offset))) for number, warc, offset in rows]


def sealed_for(db: Database, article: str) -> set[Place]:
    """The places of the captures whose bytes are sealed, or to be sealed, for the article's sake."""
    concerned = {row[0] for row in db.execute(_CONCERNED, [article, "[]"])}
    return {place for number, place in to_seal(db) if number in concerned}


def unexplained(db: Database, portal: str) -> list[Place]:
    """The portal's captures that are withheld for nothing but what they mention."""
    rows = db.execute(
        "select c.warc, c.\"offset\" from captures c where c.portal = ? and c.withheld != '' and c.withheld = 'hide'"
        f" and {_GRADE} = ''",
        [portal],
    )
    return [Place(str(warc), int(offset)) for warc, offset in rows]


def _any(db: Database) -> bool:
    return bool(db.execute(f"select 1 from articles a where {_OUT_OF_SIGHT} limit 1").fetchone())


# What the database's ``user_version`` is while words wait to be forgotten: it is written with their erasure.
_WAITS = 1

# The first condition is that of an index that has hardly any rows. Where a portal is named as well, SQLite has to be
# told to take it: it would read all articles of the portal, for each page of a crawl.
_FEW = "articles a indexed by articles_takedown"
_OUT_OF_SIGHT = "a.takedown != '' and a.takedown in ('hide', 'seal')"

# The grade under which a capture ``c`` is not given out, "" when it is: that of the article it shows; when it shows
# none, that of the articles that stand or stood at its address, or that alone use the file there; and that of what it
# repeats. "seal" is the greatest of the three.
_GRADE = f"""
(select coalesce(max(g), '') from (
  select a.takedown g from articles a where a.id = c.article and {_OUT_OF_SIGHT}
  union all select a.takedown from articles a where c.article is null and a.key = c.key and {_OUT_OF_SIGHT}
  union all select a.takedown from captures o join articles a on a.id = o.article
    where c.article is null and o.key = c.key and {_OUT_OF_SIGHT}
  union all select case when min(a.takedown in ('hide', 'seal')) then max(a.takedown) else '' end from (
    select article from images where c.article is null and key = c.key
    union all select article from attachments where c.article is null and key = c.key
  ) u join articles a on a.id = u.article
  union all select o.withheld from captures o where o.id = c.revisit_of
))
"""

# The captures that an article's grade decides about.
_CONCERNED = """
with keys(key) as (
  select key from articles where id = ?1 union select key from captures where article = ?1
  union select key from images where article = ?1 union select key from attachments where article = ?1
), shown(id) as (
  select id from captures where article = ?1
  union select c.id from keys k join captures c on c.key = k.key where c.article is null
  union select c.id from json_each(?2) p join captures c
    on c.warc = json_extract(p.value, '$[0]') and c."offset" = json_extract(p.value, '$[1]')
)
select id from shown union select r.id from captures r join shown on r.revisit_of = shown.id
"""

_SPEAKS = """
(a.title || a.summary || a.text || a.byline || a.section || a.role || coalesce(a.organisation, '')
  || coalesce(a.source, '') != ''
 or exists (select 1 from versions v where v.article = a.id
   and v.title || v.summary || v.html || v.text || v.byline || v.section != '')
 or exists (select 1 from authors w where w.article = a.id)
 or exists (select 1 from images i where i.article = a.id and i.caption != '')
 or exists (select 1 from attachments f where f.article = a.id and (f.label != '' or f.text is not null)))
"""

_ERASE = (
    "update articles set title = '', summary = '', text = '', byline = '', section = '', role = '',"
    " organisation = null, source = null where id = ?",
    "update versions set title = '', summary = '', html = '', text = '', byline = '', section = '' where article = ?",
    "delete from authors where article = ?",
    "update images set caption = '' where article = ?",
    "update attachments set label = '', text = null where article = ?",
)
