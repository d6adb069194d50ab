"""What a portal's crawls know of its addresses: when each is asked for next, why, and what came of it the last time.

It stands in the archive's database, so that a run that was killed goes on where it was. Everything here can be lost
without losing an article: a crawl with an empty frontier goes through the whole portal again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
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


@dataclass(frozen=True, slots=True)
class Shown:
    """What a sitemap, feed or listing showed when it was last read: keys in order."""

    read_at: str
    keys: tuple[str, ...]


class Frontier:
    """The addresses of one portal, in a database that is open for writing."""

    def __init__(self, db: Database, portal: str) -> None:
        self.db, self.portal = db, portal

    def next(self, now: str, most: int, last: Rank = Rank.LOOK) -> list[Address]:
        """The addresses whose time has come, at most so many, first things first; none behind ``last``."""
        found: list[Address] = []
        for rank in Rank:
            if rank <= last and len(found) < most:
                rows = self.db.execute(
                    f"select {_ADDRESS} from frontier where portal = ? and rank = ? and due <= ?"
                    " order by due, added, key limit ?",
                    [self.portal, int(rank), now, most - len(found)],
                )
                found += [_address(row) for row in rows]
        return found

    def waiting(self, now: str, last: Rank = Rank.LOOK) -> int:
        """How many addresses are due."""
        row = self.db.execute(
            "select count(*) from frontier where portal = ? and rank <= ? and due <= ?", [self.portal, int(last), now]
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

    def become(self, key: str, kind: str, rank: Rank, depth: int) -> None:
        """What was taken for an article is a listing."""
        self.db.execute(
            "update frontier set kind = ?, rank = ?, depth = ? where portal = ? and key = ?",
            [kind, int(rank), depth, self.portal, key],
        )

    def oldest_looks(self, before: str, most: int) -> list[Address]:
        """The articles that were not looked at for the longest time, and not since ``before``."""
        rows = self.db.execute(
            f"select {_ADDRESS} from frontier where portal = ? and kind = 'article' and rank = ? and due is not null"
            " and outcome in ('new', 'changed', 'same') and looked < ? order by looked limit ?",
            [self.portal, int(Rank.LOOK), before, most],
        )
        return [_address(row) for row in rows]

    # Sources

    def shown(self, key: str) -> Shown | None:
        """What the source showed the last time; None when it was never read."""
        row = self.db.execute(
            "select read_at, shown from sources where portal = ? and key = ?", [self.portal, key]
        ).fetchone()
        return Shown(row[0], tuple(json.loads(row[1]))) if row else None

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


_ADDRESS = "url, kind, why, rank, due, found_on, depth, changed, tries, added, looked, outcome"
