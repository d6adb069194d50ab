"""Years of made-up portals: what daily crawls of them leave in an archive, so that judging them can be judged.

Nothing here knows how health is judged. What makes real portals uneven is in it: weekends, Tết and other holidays,
batches of documents that nobody signs, an editor who signs less than the last one, old articles that are read again,
bad hours of servers, nights without power. ``Break`` is what goes wrong from a day on.
"""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from archive.health.layouts import sketch
from archive.store import Store
from archive.warc import iso

START = datetime(2025, 9, 1, 19, 0, tzinfo=UTC)  # 02:00 of the next day in Vietnam
BREAKS = ("body", "byline", "date", "layout", "listing", "dark", "silent", "errors", "challenge", "late", "deleted")
_TET = [date(2022, 2, 1), date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6)]
_HOLIDAYS = ((4, 30), (5, 1), (9, 1), (9, 2))
ARTICLE = (
    "id, doc, portal, url, title, summary, text, byline, published, section, first_seen, last_seen, versions, role,"
    " key, number, digest, text_digest"
)
_CATALOGUE = 700  # articles of the time before that get a row


@dataclass(frozen=True, slots=True)
class Break:
    """``kind`` one of BREAKS, from ``day`` on (0: the first crawl)."""

    kind: str
    day: int


@dataclass(frozen=True, slots=True)
class Habits:
    """``news`` a working day · ``unsigned``, ``undated``, ``empty`` shares of articles · ``batches`` days with one ·
    ``flaky`` days with a bad hour · ``lost`` share of requests on other days · ``pause`` the first day of a fortnight
    without news, ``editor`` the day of a new editor, -1 for none."""

    news: float
    weekend: float
    unsigned: float
    undated: float
    empty: float
    batches: float
    flaky: float
    lost: float
    catalogue: int
    listings: dict[str, int]
    templates: tuple[frozenset[bytes], ...]
    pause: int
    editor: int


def habits(rng: random.Random) -> Habits:
    return Habits(
        news=min(8.0, max(0.08, rng.lognormvariate(0.1, 1.0))),
        weekend=rng.choice([0.1, 0.3, 0.8]),
        unsigned=rng.uniform(0.05, 0.8),
        undated=rng.choice([0.0, 0.0, 0.01, 0.05]),
        empty=rng.uniform(0.0, 0.08),
        batches=rng.choice([0.0, 0.01, 0.03]),
        flaky=rng.choice([0.0, 0.02, 0.05]),
        lost=rng.uniform(0.001, 0.02),
        catalogue=int(min(6000, max(80, rng.lognormvariate(6.5, 1.0)))),
        listings={f"/muc-{n}/": rng.choice([5, 10, 10, 15, 20]) for n in range(rng.randint(3, 12))},
        templates=tuple(_template(rng) for _ in range(rng.randint(1, 3))),
        pause=rng.randint(20, 330) if rng.random() < 0.3 else -1,
        editor=rng.randint(30, 330) if rng.random() < 0.3 else -1,
    )


def _template(rng: random.Random) -> frozenset[bytes]:
    return frozenset(b"w%06d" % rng.randrange(10**6) for _ in range(rng.randint(40, 150)))


@dataclass(slots=True)
class MadePortal:
    """One portal, told day by day."""

    id: str
    rng: random.Random
    broken: Break | None
    habits: Habits = field(init=False)
    redesign: frozenset[bytes] = field(init=False)
    articles: int = 0

    def __post_init__(self) -> None:
        self.habits = habits(self.rng)
        self.redesign = _template(self.rng)

    def is_broken(self, kind: str, day: int) -> bool:
        return self.broken is not None and self.broken.kind == kind and day >= self.broken.day

    def published(self, today: date, day: int) -> int:
        """How many articles appear on a day; ``day`` negative before the first crawl."""
        h, rng = self.habits, self.rng
        if self.is_broken("silent", day) or (h.pause >= 0 and 0 <= day - h.pause < 12):
            return 0
        if any(-2 <= (today - tet).days < 6 for tet in _TET) or (today.month, today.day) in _HOLIDAYS:
            return 0
        busy = rng.gammavariate(1.5, 1 / 1.5) * (h.weekend if today.weekday() > 4 else 1.0)
        return _poisson(rng, h.news * busy)

    def measures(self, day: int, new: int, again: int, batch: int) -> dict[str, Any]:
        """As crawler/measures.py writes them. ``again``: old articles whose page has changed."""
        h, rng = self.habits, self.rng
        pages = new + again + batch
        unsigned = h.unsigned + (min(0.15, (1 - h.unsigned) / 3) if 0 <= h.editor <= day else 0)
        without = {
            "body": _some(rng, new + again, h.empty),
            "byline": batch + _some(rng, new + again, unsigned),
            "date": _some(rng, pages, h.undated),
        }
        without = {name: pages if self.is_broken(name, day) else n for name, n in without.items()}
        refused = Counter(
            {
                "listing": _poisson(rng, 0.5 + pages / 30),
                "no article on the page": _poisson(rng, 0.03 * pages),
                "soft 404": _poisson(rng, 0.02 * pages),
            }
        )
        if self.is_broken("challenge", day):
            refused["challenge page"] = challenged = _some(rng, pages, 0.6)
            pages -= challenged
            without = {name: min(n, pages) for name, n in without.items()}
        return {
            "pages": pages,
            **{f"without_{name}": n for name, n in without.items()},
            "refused": {why: n for why, n in refused.items() if n},
            "layouts": self._layouts(day, min(pages, 20)),
            "listings": self._listings(day),
            "errors": {},
        }

    def _layouts(self, day: int, looks: int) -> dict[str, int]:
        rng = self.rng
        found: Counter[str] = Counter()
        templates = [self.redesign] if self.is_broken("layout", day) else list(self.habits.templates)
        for kind, n in (("article", looks), ("listing", 5)):
            used = Counter(rng.choice(templates if kind == "article" else templates[:1]) for _ in range(n))
            for words, pages in used.items():
                of_text = {b"t%d" % rng.randrange(500) for _ in range(rng.randint(0, len(words) // 6))}
                found[f"{kind} {sketch(words | of_text)}"] += pages
        return dict(found)

    def _listings(self, day: int) -> dict[str, int]:
        """Some answer that they have not changed."""
        shown = {}
        for n, (url, links) in enumerate(self.habits.listings.items()):
            if day == 0 or n == 0 or self.rng.random() < 0.5:
                shown[url] = 0 if n == 0 and self.is_broken("listing", day) else links - (self.rng.random() < 0.05)
        return shown


class World:
    """Many portals, crawled every night into one archive."""

    def __init__(self, store: Store, count: int, seed: int, broken: Break | None = None) -> None:
        self.store, self.day = store, -1
        self.portals = [
            MadePortal(f"tinh_{n % 7}/huyen_{n}", random.Random(f"{seed} {n}"), broken) for n in range(count)
        ]
        for one in self.portals:
            row = {"id": one.id, "name": one.id, "district": "Huyện", "province": "Tỉnh", "home": "http://h.vn/"}
            store.save_portal({**row, "platform": "drupal7", "closed": None})

    def elsewhere(self, store: Store, broken: Break | None = None) -> World:
        """The same portals at the same night, in a copy of their archive, going on by themselves."""
        other = World(store, 0, 0)
        other.day, other.portals = self.day, copy.deepcopy(self.portals)
        for one in other.portals:
            one.broken = broken
        return other

    @property
    def now(self) -> datetime:
        """Five hours after the last night's crawls began."""
        return START + timedelta(days=self.day, hours=5)

    def night(self) -> None:
        self.day += 1
        with self.store.atomic():
            for one in self.portals:
                self._crawl(one)

    def _crawl(self, one: MadePortal) -> None:
        day, rng, h = self.day, one.rng, one.habits
        started = START + timedelta(days=day, minutes=rng.uniform(0, 30))
        today = (started + timedelta(hours=7)).date()
        if day == 0:
            self._catalogue(one, today)
        news = one.published(today, day) if day else 0
        batch = rng.randint(10, 40) if day and rng.random() < h.batches and not one.is_broken("silent", day) else 0
        self._articles(one, today, news + batch)
        if one.is_broken("late", day) or (day and rng.random() < 0.004):
            return  # no power, or nobody calls any more
        crawl = self.store.begin_crawl(one.id, iso(started))
        if day and rng.random() < 0.003:
            return  # killed
        away = one.is_broken("dark", day) or (day > 0 and rng.random() < 0.003)
        self.store.look_at_portal(one.id, "dark: refused" if away else "", iso(started))
        if away:
            values = {"requests": 1, "failed": 3, "measures": json.dumps(_nothing())}
            self._end(crawl, started, "home page not reached: Connection refused", values)
            return
        again = _poisson(rng, one.articles / 180 * 0.5) if day else h.catalogue
        measures = one.measures(day, news, again, batch)
        requests = 20 + len(h.listings) + (news + batch + again) + _poisson(rng, one.articles / 180)
        bad_hour = rng.random() < h.flaky and day
        share = 0.35 if one.is_broken("errors", day) else rng.uniform(0.1, 0.7) if bad_hour else h.lost
        failed = _some(rng, requests, share)
        if failed:
            measures["errors"] = {"silent": failed}
        values = {"new": news + batch or (h.catalogue if not day else 0), "same": _poisson(rng, one.articles / 180)}
        values |= {"requests": requests - failed, "failed": failed, "bytes": requests * 30_000}
        self._end(crawl, started, "finished", {**values, "measures": json.dumps(measures)})
        self._delete(one, iso(started))

    def _end(self, crawl: int, started: datetime, why: str, values: dict[str, Any]) -> None:
        self.store.end_crawl(crawl, iso(started + timedelta(minutes=20)), why, values)

    def _catalogue(self, one: MadePortal, today: date) -> None:
        before = today
        while one.articles < min(one.habits.catalogue, _CATALOGUE) and today - before < timedelta(days=4 * 365):
            before -= timedelta(days=1)
            self._articles(one, before, one.published(before, (before - today).days))

    def _articles(self, one: MadePortal, today: date, count: int) -> None:
        for _ in range(count):
            one.articles += 1
            name = f"{one.id} {one.articles}"
            published = today.isoformat() if one.rng.random() >= one.habits.undated else None
            if one.is_broken("date", self.day):
                published = None
            self.store.db.execute(
                f"insert into articles ({ARTICLE}) values (?1, (select coalesce(max(doc), 0) + 1 from articles), ?2,"
                " ?1, '', '', '', '', ?3, '', ?4, ?4, 1, '', ?1, '', '', '')",
                [name, one.id, published, iso(self.now)],
            )

    def _delete(self, one: MadePortal, at: str) -> None:
        """Now and then an article is taken down; two looks say so."""
        broken = one.is_broken("deleted", self.day) and one.broken and self.day < one.broken.day + 5
        count = 8 if broken else one.rng.random() < 0.01
        self.store.db.execute(
            "update articles set state = 'gone', state_since = ?, gone_since = ?, state_looks = 2 where id in"
            " (select id from articles where portal = ? and state = 'live' order by doc limit ?)",
            [at, at, one.id, int(count)],
        )


def _nothing() -> dict[str, Any]:
    parts = {f"without_{name}": 0 for name in ("body", "byline", "date")}
    return {"pages": 0, **parts, "refused": {}, "layouts": {}, "listings": {}, "errors": {"refused": 3}}


def _some(rng: random.Random, of: int, share: float) -> int:
    return sum(rng.random() < share for _ in range(of))


def _poisson(rng: random.Random, mean: float) -> int:
    count, left = 0, rng.expovariate(1.0)
    while left < mean:
        count, left = count + 1, left + rng.expovariate(1.0)
    return count
