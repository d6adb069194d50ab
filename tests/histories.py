"""Histories of portals, written row by row, and what is judged of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import years

from archive.health import Judgement, judge
from archive.store import Store
from archive.warc import iso
from crawler.measures import Measures

NOW = datetime(2026, 6, 10, 0, 0, tzinfo=UTC)  # a Wednesday
PORTAL = "nam_dinh/xuan_truong"
GOOD: dict[str, Any] = {
    **Measures().as_dict(), "pages": 5, "without_byline": 1, "layouts": {"article " + "12" * 32: 5},
    "listings": {"/tin-tuc/": 20, "/thong-bao/": 10},
}  # fmt: skip


def save_portal(store: Store, portal: str = PORTAL, closed: str | None = None, state: str = "") -> None:
    row = {"id": portal, "name": "Cổng", "district": "Huyện", "province": "Tỉnh", "home": "http://h.vn/"}
    store.save_portal({**row, "platform": "drupal7", "closed": closed})
    store.look_at_portal(portal, state, iso(NOW))


def save_run(store: Store, before: timedelta, portal: str = PORTAL, **values: Any) -> int:
    """A run that began so long before NOW; ``ended`` False: it did not end; ``measures`` a dict or None."""
    began = NOW - before
    crawl = store.begin_crawl(portal, iso(began))
    if values.pop("ended", True):
        why, measures = values.pop("why", "finished"), values.pop("measures", GOOD)
        row = {"requests": 60, "bytes": 10**6, "new": 2, "same": 5, **values}
        row["measures"] = measures if measures is None else json.dumps(measures)
        store.end_crawl(crawl, iso(began + timedelta(minutes=10)), why, row)
    return crawl


def save_runs(store: Store, count: int, first: int = 0, portal: str = PORTAL, **values: Any) -> None:
    """Daily ones, the newest ``first`` days before NOW (and five hours)."""
    for day in range(first + count - 1, first - 1, -1):
        save_run(store, timedelta(days=day, hours=5), portal, **values)


def save_articles(store: Store, days: range, portal: str = PORTAL, **more: str) -> None:
    """One for each day before NOW."""
    for day in days:
        name, at = f"{portal} {day}", (NOW - timedelta(days=day)).date().isoformat()
        top = store.db.execute("select coalesce(max(doc), 0) + 1 from articles").fetchone()[0]
        values = [name, top, portal, name, "", "", "", "", at, "", at, at, 1, "", name, "", "", ""]
        store.db.execute(f"insert into articles ({years.ARTICLE}) values ({', '.join('?' * len(values))})", values)
        for column, value in more.items():
            store.db.execute(f"update articles set {column} = ?, state_looks = 2 where id = ?", [value, name])


def healthy(store: Store, portal: str = PORTAL, runs: int = 60) -> None:
    save_portal(store, portal)
    save_runs(store, runs, portal=portal)
    save_articles(store, range(1, 200), portal)


def judged(store: Store, portal: str = PORTAL, now: datetime = NOW, **more: Any) -> Judgement:
    one = next(one for one in judge(store.db.conn, now, **more) if one.portal == portal)
    for reason in one.reasons:
        assert reason.text and (reason.action or reason.level != "ill"), reason
    return one


def codes(one: Judgement, level: str = "ill") -> list[str]:
    return [reason.code for reason in one.reasons if reason.level == level]


def without(measure: str, of: int = 5) -> dict[str, Any]:
    return {**GOOD, f"without_{measure}": of}
