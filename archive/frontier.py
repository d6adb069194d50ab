"""What a portal's crawls know of its addresses: when each is asked for next, why, and what came of it the last time.

It stands in the archive's database, so that a run that was killed goes on where it was. Everything here can be lost
without losing an article: a crawl with an empty frontier goes through the whole portal again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from sqlite_utils import Database

from archive import urls


class Rank(IntEnum):
    """What comes first. Articles before the next page of their listing: what they are decides whether it is paged."""

    SOURCE = 0
    ARTICLE = 1
    LISTING = 2
    SIGNAL = 3  # an article that something says has changed or is gone
    FILE = 4
    REQUISITE = 5
    LOOK = 6  # an article whose time has come


@dataclass(frozen=True, slots=True)
class Address:
    """An address to be asked for. ``kind`` "home", "sitemap", "feed", "listing", "article", "file" or "requisite" ·
    ``why`` for people · ``due`` "2026-11-25T02:00:00Z", None for never · ``tries`` in vain so far · ``changed`` when a
    sitemap says that it changed last, "" · ``found_on`` the key of the listing it was found through, at ``depth``."""

    url: str
    kind: str
    why: str
    rank: Rank
    due: str | None
    found_on: str | None = None
    depth: int = 0
    changed: str = ""
    tries: int = 0
    added: str = ""
    looked: str | None = None
    outcome: str = ""

    @property
    def key(self) -> str:
        return urls.key(self.url)


class Frontier:
    """The addresses of one portal, in a database that is open for writing."""

    def __init__(self, db: Database, portal: str) -> None:
        self.db, self.portal = db, portal

    def next(self, now: str, most: int) -> list[Address]:
        """The addresses whose time has come, at most so many, first things first."""
        found: list[Address] = []
        for rank in Rank:
            if len(found) < most:
                rows = self.db.execute(
                    f"select {_ADDRESS} from frontier where portal = ? and rank = ? and due <= ? and {_NOT_SEALED}"
                    " order by due, added, key limit ?",
                    [self.portal, int(rank), now, most - len(found)],
                )
                found += [_address(row) for row in rows]
        return found

    def waiting(self, now: str) -> int:
        """How many addresses are due."""
        row = self.db.execute(
            f"select count(*) from frontier where portal = ? and due <= ? and {_NOT_SEALED}", [self.portal, now]
        ).fetchone()
        return int(row[0])

    def get(self, key: str) -> Address | None:
        row = self.db.execute(
            f"select {_ADDRESS} from frontier where portal = ? and key = ?", [self.portal, key]
        ).fetchone()
        return _address(row) if row else None

    def add(self, address: Address, now: str) -> bool:
        """A new address; False when it is known, and then nothing is changed."""
        cursor = self.db.execute(
            "insert or ignore into frontier (portal, key, url, kind, why, rank, due, tries, added, looked, changed,"
            " found_on, depth, outcome) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self.portal, address.key, address.url, address.kind, address.why, int(address.rank), address.due,
                address.tries, address.added or now, address.looked, address.changed, address.found_on, address.depth,
                address.outcome,
            ],
        )  # fmt: skip
        return bool(cursor.rowcount)

    def plan(self, key: str, rank: Rank, due: str | None, why: str, changed: str = "") -> None:
        """A known address is to be asked for at ``due``."""
        self.db.execute(
            "update frontier set rank = ?1, due = ?2, why = ?3, tries = 0,"
            " changed = case when ?4 = '' then changed else ?4 end where portal = ?5 and key = ?6",
            [int(rank), due, why, changed, self.portal, key],
        )

    def settle(self, key: str, looked: str, outcome: str, rank: Rank, due: str | None) -> None:
        """It was answered: what came of it, and when it is looked at again."""
        self.db.execute(
            "update frontier set looked = ?, outcome = ?, rank = ?, due = ?, tries = 0 where portal = ? and key = ?",
            [looked, outcome, int(rank), due, self.portal, key],
        )

    def defer(self, key: str, outcome: str, due: str | None) -> None:
        """It was not answered: once more at ``due``."""
        self.db.execute(
            "update frontier set tries = tries + 1, outcome = ?, due = ? where portal = ? and key = ?",
            [outcome, due, self.portal, key],
        )

    def unasked(self) -> Iterator[tuple[str, str]]:
        """(key, address) of what may be an article and was never asked for."""
        for key, url in self.db.execute(
            "select key, url from frontier where portal = ? and kind = 'article' and looked is null"
            " and due is not null",
            [self.portal],
        ):
            yield str(key), str(url)

    def leave(self, keys: Iterable[str], why: str) -> None:
        """These are not asked for any more."""
        self.db.conn.executemany(
            "update frontier set due = null, outcome = ? where portal = ? and key = ?",
            [(why, self.portal, key) for key in keys],
        )

    def become(self, key: str, kind: str, rank: Rank, depth: int) -> None:
        """What was taken for an article is a listing."""
        self.db.execute(
            "update frontier set kind = ?, rank = ?, depth = ? where portal = ? and key = ?",
            [kind, int(rank), depth, self.portal, key],
        )

    def link(self, keys: Iterable[str], at: str) -> None:
        """A listing shows these addresses."""
        self.db.conn.executemany(
            "update frontier set linked = ? where portal = ? and key = ?", [(at, self.portal, key) for key in keys]
        )

    def unlinked(self, since: str, most: int) -> list[str]:
        """Keys of articles that stood the last time and that no listing has shown since then; no sitemap names them."""
        rows = self.db.execute(
            f"select key from frontier where portal = ? and kind = 'article' and {_STOOD} and sitemap is null"
            " and coalesce(linked, added) < ? limit ?",
            [self.portal, since, most],
        )
        return [str(key) for (key,) in rows]

    def oldest_looks(self, before: str, most: int) -> list[Address]:
        """The articles that were not looked at for the longest time, and not since ``before``."""
        rows = self.db.execute(
            f"select {_ADDRESS} from frontier where portal = ? and rank = ? and due is not null and kind = 'article'"
            f" and {_STOOD} and looked < ? order by looked limit ?",
            [self.portal, int(Rank.LOOK), before, most],
        )
        return [_address(row) for row in rows]

    def stood(self) -> Iterator[str]:
        """The addresses of articles that stood there the last time."""
        for (url,) in self.db.execute(
            f"select url from frontier where portal = ? and kind = 'article' and {_STOOD}", [self.portal]
        ):
            yield str(url)

    def tried(self, listing: str) -> tuple[int, int]:
        """Of the addresses found through a listing: how many led to an article, how many to something else."""
        row = self.db.execute(
            f"select coalesce(sum({_STOOD}), 0), coalesce(sum(outcome != '' and not {_STOOD}), 0) from frontier"
            " where portal = ? and found_on = ? and kind = 'article'",
            [self.portal, listing],
        ).fetchone()
        return int(row[0]), int(row[1])

    def miss_files(self, most: int) -> list[tuple[str, str]]:
        """(kind of part, address) of pictures and files of the portal's articles that no crawl knows of."""
        rows = self.db.execute(
            "select 'picture', i.url from images i join articles a on a.id = i.article where a.portal = ?1"
            " and a.takedown != 'seal'"
            " and i.capture is null and not exists (select 1 from frontier f where f.portal = ?1 and f.key = i.key)"
            " union select 'file', t.url from attachments t join articles a on a.id = t.article where a.portal = ?1"
            " and a.takedown != 'seal'"
            " and t.capture is null and not exists (select 1 from frontier f where f.portal = ?1 and f.key = t.key)"
            " limit ?2",
            [self.portal, most],
        )
        return [(str(what), str(url)) for what, url in rows]

    # Sources

    def shown(self, url: str) -> tuple[str, ...]:
        """The keys that a feed or listing showed when it was last read, in order; () when it was never read."""
        row = self.db.execute(
            "select shown from sources where portal = ? and key = ?", [self.portal, urls.key(url)]
        ).fetchone()
        return tuple(json.loads(row[0])) if row else ()

    def note_shown(self, url: str, kind: str, read_at: str, keys: Iterable[str], changed: str = "") -> None:
        """``changed``: when the index that names this sitemap says that it changed, "" when it does not."""
        self.db.execute(
            "insert or replace into sources (portal, key, url, kind, read_at, changed, shown)"
            " values (?, ?, ?, ?, ?, ?, ?)",
            [self.portal, urls.key(url), url, kind, read_at, changed, json.dumps(list(keys))],
        )

    def source_changed(self, url: str) -> str | None:
        """What the index said of a sitemap when that was last read; None when it was never read."""
        row = self.db.execute(
            "select changed from sources where portal = ? and key = ?", [self.portal, urls.key(url)]
        ).fetchone()
        return str(row[0]) if row else None

    def note_changes(self, told: Mapping[str, str]) -> None:
        """When a sitemap or feed says that the addresses with these keys changed last."""
        self.db.conn.executemany(
            "update frontier set changed = ? where portal = ? and key = ?",
            [(changed, self.portal, key) for key, changed in told.items()],
        )

    def name_in(self, sitemap: str, keys: Iterable[str]) -> None:
        """The sitemap with that key names these addresses."""
        self.db.conn.executemany(
            "update frontier set sitemap = ?1 where portal = ?2 and key = ?3 and sitemap is not ?1",
            [(sitemap, self.portal, key) for key in keys],
        )

    def unnamed(self, sitemap: str, keys: set[str]) -> list[str]:
        """Keys of articles that the sitemap named once, and does not any more: they are told once."""
        rows = self.db.execute("select key from frontier where portal = ? and sitemap = ?", [self.portal, sitemap])
        missing = [str(key) for (key,) in rows if key not in keys]
        self.db.conn.executemany(
            "update frontier set sitemap = null where portal = ? and key = ?", [(self.portal, key) for key in missing]
        )
        return missing

    # Sweeps: now and then every listing is paged to its end, since portals also publish backwards

    def sweep(self) -> tuple[str, str | None] | None:
        """When the last sweep began and ended (None: it goes on); None when there was none."""
        row = self.db.execute("select started, ended from sweeps where portal = ?", [self.portal]).fetchone()
        return (row[0], row[1]) if row else None

    def begin_sweep(self, started: str) -> None:
        self.db.execute(
            "insert or replace into sweeps (portal, started, ended) values (?, ?, null)", [self.portal, started]
        )

    def end_sweep(self, ended: str) -> None:
        self.db.execute("update sweeps set ended = ? where portal = ? and ended is null", [ended, self.portal])

    # Traps

    def traps(self) -> dict[str, str]:
        """Shapes of addresses that are not followed any more, and why."""
        rows = self.db.execute("select shape, why from traps where portal = ?", [self.portal])
        return {str(shape): str(why) for shape, why in rows}

    def trap(self, shape: str, why: str, since: str, example: str) -> None:
        """A shape that is not followed any more, or one address more that was left out for it."""
        self.db.execute(
            "insert into traps (portal, shape, why, since, example, urls) values (?, ?, ?, ?, ?, 1)"
            " on conflict (portal, shape) do update set urls = urls + 1",
            [self.portal, shape, why, since, example],
        )


def _address(row: tuple[object, ...]) -> Address:
    url, kind, why, rank, *rest = row
    return Address(str(url), str(kind), str(why), Rank(int(str(rank))), *rest)  # type: ignore[arg-type]


# What was sealed is not asked for again, whoever names it (archive/takedown.py).
_NOT_SEALED = "key not in (select c.key from captures c where c.withheld != '' and c.withheld = 'seal')"
_STOOD = "outcome in ('new', 'changed', 'same')"
_ADDRESS = "url, kind, why, rank, due, found_on, depth, changed, tries, added, looked, outcome"
