"""What is kept, said anew: each version as better rules read its capture, and articles that nobody saw before.

Captures are gone through in two stages, each in the order of their numbers: first those that versions were read from,
then all others. Only then can be told whether a page that gave no article until now shows one that is known, and says
what a version of it says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from archive import index, takedown, urls
from archive.articles import Standing, article_columns, version_columns
from archive.identity import content_digest
from archive.model import Article
from archive.rows import CaptureRow
from archive.store import Store

Stage = Literal["versions", "others"]
STAGES: tuple[Stage, ...] = ("versions", "others")


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture that is to be read again: its number, its row, and the article that it shows so far."""

    id: int
    row: CaptureRow
    article: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A version that says something else now. ``fields`` (name, before, now) · ``latest``: the article shows it."""

    article: str
    title: str
    latest: bool
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Brought:
    """What a capture without a version gave. ``outcome``: "new" article · "version" of a known one · "joined": shows a
    known one and repeats it · "stays" with the article it showed before · "unseen": stays, and says what no version
    of it says."""

    article: str
    outcome: Literal["new", "version", "joined", "stays", "unseen"]


@dataclass(frozen=True, slots=True)
class Progress:
    """A run and how far it is: everything up to ``capture`` of ``stage`` is done and counted."""

    id: int
    stage: Stage
    capture: int
    counts: dict[str, Any]


class Revision:
    """Reads and replaces what the archive says. ``types``: the media types of captures that are pages."""

    def __init__(self, store: Store, types: tuple[str, ...]) -> None:
        self.store, self.db = store, store.db
        self._types = json.dumps(types)

    # The run

    def resume(self, portal: str | None, fingerprint: str) -> Progress | None:
        """The newest run over the same captures, when it was stopped and the rules are still the same."""
        row = self.db.execute(
            "select id, stage, capture, counts, ended, fingerprint from reextractions where portal is ?"
            " order by id desc limit 1",
            [portal],
        ).fetchone()
        if row is None or row[4] is not None or row[5] != fingerprint:
            return None
        return Progress(row[0], row[1], row[2], json.loads(row[3]))

    def begin(self, portal: str | None, fingerprint: str, jobs: int, started: str) -> Progress:
        """A new run. The index is made again first when words are folded otherwise than in the last one."""
        folding = index.folding()
        with self.store.atomic():
            last = self.db.execute("select folding from reextractions order by id desc limit 1").fetchone()
            if last is None or last[0] != folding:
                index.rebuild(self.db)
            row = {"portal": portal, "started": started, "fingerprint": fingerprint, "folding": folding, "jobs": jobs}
            more = {"stage": STAGES[0], "capture": 0, "counts": "{}"}
            run = self.db.table("reextractions").insert({**row, **more}).last_pk
        return Progress(int(str(run)), STAGES[0], 0, {})

    def note(self, run: int, stage: Stage, capture: int, counts: dict[str, Any]) -> None:
        """Everything up to here is done: belongs into the transaction that did it."""
        values = {"stage": stage, "capture": capture, "counts": json.dumps(counts, ensure_ascii=False)}
        self.db.table("reextractions").update(run, values)

    def end(self, run: int, ended: str) -> None:
        self.db.table("reextractions").update(run, {"ended": ended})

    # Captures and portals

    def count(self, stage: Stage, portal: str | None, after: int) -> int:
        """How many captures of that stage follow."""
        found = self.db.execute(f"select count(*) from captures c where {_OF[stage]}", self._values(portal, after))
        return int(found.fetchone()[0])

    def captures(self, stage: Stage, portal: str | None, after: int, most: int) -> list[Kept]:
        """The next captures of that stage, at most so many, in the order of their numbers."""
        sql = f"select {_CAPTURE} from captures c where {_OF[stage]} order by c.id limit {most}"
        return [_kept(row) for row in self.db.execute(sql, self._values(portal, after))]

    def sample(self, portal: str, most: int) -> list[Kept]:
        """So many captures of a portal, spread evenly over all of them, the last one too."""
        numbers = f"select c.id, ntile({most}) over (order by c.id) tile from captures c where {_PAGES}"
        sql = (
            f"with n as ({numbers}) select {_CAPTURE} from captures c"
            " where c.id in (select min(id) from n group by tile union select max(id) from n) order by c.id"
        )
        return [_kept(row) for row in self.db.execute(sql, self._values(portal, 0))]

    def versions_of(self, article: str) -> list[Kept]:
        """The captures that an article's versions were read from, in the order of their numbers."""
        sql = f"select {_CAPTURE} from captures c where c.id in (select capture from versions where article = ?)"
        return [_kept(row) for row in self.db.execute(f"{sql} order by c.id", [article])]

    def numbered(self, capture: int) -> list[Kept]:
        """The capture of that number; [] when there is none."""
        return [_kept(row) for row in self.db.execute(f"select {_CAPTURE} from captures c where c.id = ?", [capture])]

    def portals(self) -> dict[str, dict[str, Any]]:
        """The rows of all portals, by id."""
        return {str(row["id"]): dict(row) for row in self.db.table("portals").rows_where(order_by="id")}

    def rehome(self, old: str, new: str) -> None:
        """A portal got a file of its own: what was kept for its host belongs to that."""
        self.db.execute("update captures set portal = ? where portal = ?", [new, old])
        self.db.execute("update articles set portal = ? where portal = ?", [new, old])
        self.db.execute("delete from portals where id = ?1 and id not in (select portal from crawls)", [old])

    def _values(self, portal: str | None, after: int) -> dict[str, Any]:
        return {"types": self._types, "portal": portal, "after": after}

    # What they say

    def version_of(self, capture: int) -> tuple[str, int, str]:
        """(article, number, title) of the version that was read from a capture of the first stage."""
        row = self.db.execute("select article, number, title from versions where capture = ?", [capture]).fetchone()
        return str(row[0]), int(row[1]), str(row[2])

    def revise(self, kept: Kept, article: Article, number: str) -> Change | None:
        """The version of this capture says what ``article`` says; None when it does already.

        Its number stays, also when it equals its neighbour now: both are cited. When it is the article's latest text,
        so do the article, its parts and the index. When the article was seen, and where it is kept, stays as it was.
        """
        name, version, _ = self.version_of(kept.id)
        article = self.store.articles.fit(name, article)
        old = dict(self.db.table("versions").get((name, version)))
        new = {**version_columns(article), "digest": content_digest(article)}
        changed = {key: value for key, value in new.items() if old[key] != value}
        fields = [(key, old[key] or "", value or "") for key, value in changed.items() if key != "digest"]
        latest = self._latest(name) == version
        if latest:
            own = urls.key(kept.row.url) == urls.key(article.url)
            fields += self._revise_article(name, article, number if own else "", new["digest"])
        if changed:
            self.db.table("versions").update((name, version), changed)
        if not fields and not changed:
            return None
        return Change(name, article.title, latest, tuple({field[0]: field for field in fields}.values()))

    def bring(self, kept: Kept, article: Article, number: str) -> Brought:
        """A capture without a version shows ``article``.

        One that gave none until now is brought in as an import brings it. One that only repeated an article stays
        with it, and makes no version: unless its words show that it is another, which an import would tell apart.
        """
        articles = self.store.articles
        known = articles.identify(kept.row, article, number, kept.id if kept.article else None)
        if known and known.id == kept.article:
            return Brought(known.id, "unseen" if self._unseen(known, kept, article, number) else "stays")
        saved = articles.keep(known, kept.id, kept.row, article, number)
        self.db.execute("delete from failures where capture = ?", [kept.id])
        self._follow(kept, saved.article)
        outcome: dict[str, Literal["new", "version", "joined"]] = {"new": "new", "changed": "version"}
        return Brought(saved.article, outcome.get(saved.outcome, "joined"))

    def fail(self, kept: Kept, why: str) -> bool:
        """A capture without a version gives no article: false when that was known, with this reason."""
        if kept.article or self._why(kept.id) == why:
            return False
        self.store.save_failure(kept.id, why)
        return True

    def _revise_article(self, name: str, article: Article, number: str, digest: str) -> list[tuple[str, str, str]]:
        """The article's own row, parts and index; (name, before, now) of what only they say."""
        old = dict(self.db.table("articles").get(name))
        new = {**article_columns(article), "digest": digest, "number": number or old["number"]}
        if self._taken(old["portal"], name, new["number"]):
            del new["number"]
        if new["key"] != old["key"] and self.store.article_at(article.url):
            del new["url"], new["key"]  # another article stands there, and both are cited
        changed = {key: value for key, value in new.items() if old[key] != value}
        fields = [(key, old[key] or "", changed[key] or "") for key in _TOLD if key in changed]
        before, now = self._parts(name), _parts_of(article)
        fields += [(key, "; ".join(before[key]), "; ".join(now[key])) for key in now if before[key] != now[key]]
        if changed:
            index.delete(self.db, old["doc"])
            self.db.table("articles").update(name, changed)
            index.insert(self.db, old["doc"])
        if before != now:
            self.store.articles.parts(name, article)
        return fields

    def _taken(self, portal: str, name: str, number: str) -> bool:
        """Has another article the platform's number? Under poorer rules, one article may have become two."""
        sql = "select 1 from articles where portal = ? and number = ? and number != '' and id != ?"
        return bool(self.db.execute(sql, [portal, number, name]).fetchone())

    def _parts(self, name: str) -> dict[str, list[str]]:
        return {
            table: [" ".join(row) for row in self.db.execute(f"{sql} where article = ? order by position", [name])]
            for table, sql in _PARTS.items()
        }

    def _latest(self, name: str) -> int:
        """The number of the version that is the article's latest text."""
        return int(self.db.execute(_LATEST, [name]).fetchone()[0])

    def _unseen(self, known: Standing, kept: Kept, article: Article, number: str) -> bool:
        articles = self.store.articles
        own = articles.speaks_for(known, kept.row, article, number)
        return own and not articles.has_version(known.id, content_digest(article))

    def _follow(self, kept: Kept, name: str) -> None:
        """What confirmed this capture shows its article too; it is gone since the first 404 after the last sight."""
        self.db.execute(
            "update captures set article = ? where revisit_of = ? and article is ?", [name, kept.id, kept.article]
        )
        for (repeated,) in self.db.execute("select id from captures where revisit_of = ?", [kept.id]).fetchall():
            takedown.settle(self.db, repeated)
        days = "select min(fetched_at), max(fetched_at) from captures where revisit_of = ? and article = ?"
        for day in self.db.execute(days, [kept.id, name]).fetchone():
            if day:
                self.store.articles.seen(name, day)
        self.db.execute(
            "update articles set state = 'live', state_since = null, state_looks = 0, gone_since = null where id = ?",
            [name],
        )
        looks = (
            "select c.verdict, c.fetched_at from captures c join articles a on a.key = c.key"
            " where a.id = ? and c.verdict != '' and c.fetched_at > a.last_seen order by c.fetched_at, c.id"
        )
        for verdict, at in self.db.execute(looks, [name]).fetchall():
            self.store.look(name, verdict, at)

    def _why(self, capture: int) -> str | None:
        row = self.db.execute("select why from failures where capture = ?", [capture]).fetchone()
        return row[0] if row else None


def _kept(row: tuple[Any, ...]) -> Kept:
    return Kept(row[0], CaptureRow(*row[2:]), row[1])


def _parts_of(article: Article) -> dict[str, list[str]]:
    return {
        "authors": [f"{author} {article.byline.role}" for author in article.byline.authors],
        "images": [f"{image.url} {image.caption}" for image in article.images],
        "attachments": [f"{file.url} {file.label}" for file in article.attachments],
    }


_CAPTURE = "c.id, c.article, " + ", ".join(f"c.{name}" for name in CaptureRow.__slots__)
# "+": by number, which is their order, and not by portal.
_PAGES = (
    "c.status = 200 and c.revisit_of is null and c.withheld != 'seal'"
    " and c.media_type in (select value from json_each(:types))"
    " and c.id > :after and (:portal is null or +c.portal = :portal)"
)
_OF = {
    "versions": f"{_PAGES} and exists (select 1 from versions v where v.capture = c.id)",
    "others": f"{_PAGES} and not exists (select 1 from versions v where v.capture = c.id)",
}
_TOLD = ("url", "role", "organisation", "source")
_PARTS = {
    "authors": "select name, role from authors",
    "images": "select url, caption from images",
    "attachments": "select url, label from attachments",
}
_LATEST = """
select v.number from versions v join articles a on a.id = v.article and a.digest = v.digest
join captures c on c.id = v.capture where v.article = ? order by c.fetched_at desc, v.number desc limit 1
"""
