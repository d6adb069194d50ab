"""How fast the front page, the portals' pages and health are in an archive of many portals.

$ python bench/overview.py [--articles 1000000] [--portals 700] [--folder DIR, to make the archive once]

Everything in it is made up, with seeds; time is in the server, Datasette's own work included, without HTTP.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from datasette.app import Datasette

from archive.provinces import PROVINCES
from archive.store import Store

ROOT = Path(__file__).parent.parent
LOOKS = 5  # captures an article
SECTIONS = ("Tin tức", "Kinh tế", "Văn hóa - Xã hội", "Thông báo", "Chuyển đổi số", "An ninh - Quốc phòng")
SOURCES = ("CC-MAIN-20210101000000-00000.warc.gz", "WEB-20190203040506-00000.warc.gz")
TEXT = "Ngày 5 tháng 3, Ủy ban nhân dân huyện tổ chức hội nghị. " * 36
BEGAN, WATCHED = datetime(2010, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
TABLES = {
    "captures": "id, portal, url, fetched_at, status, media_type, digest, etag, last_modified, warc, offset, length,"
    " source, key, article",
    "articles": "id, doc, portal, url, title, summary, text, byline, published, section, first_seen, last_seen,"
    " gone_since, versions, role, key, number, digest, text_digest, state, state_since, state_looks, revision",
    "versions": "article, number, capture, title, summary, html, text, byline, published, section, rules, digest",
}


def make(path: Path, portals: int, articles: int) -> None:
    """An archive straight into the tables: no page is read for it."""
    rng = random.Random(1)
    weights = [rng.lognormvariate(0, 1) for _ in range(portals)]
    with Store(path) as store:
        db = store.db.conn
        db.execute("pragma foreign_keys = off")
        db.execute("pragma synchronous = off")
        triggers = db.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"drop trigger {name}")
        with store.atomic():
            doc = 0
            for number, weight in enumerate(weights):
                count = max(10, int(articles * weight / sum(weights)))
                _portal(db, rng, number, doc, count)
                doc += count
            db.execute("update articles set takedown = 'unlist' where doc % 10007 = 0")
        for _, sql in triggers:
            db.execute(sql)


def _portal(db: sqlite3.Connection, rng: random.Random, number: int, doc: int, count: int) -> None:
    province = PROVINCES[number % len(PROVINCES)]
    portal, host = f"tinh_{number % len(PROVINCES)}/huyen_{number}", f"http://h{number}.example.vn"
    state = rng.choice(["live", "live", "dark: dns", "gone", "moved"])
    row = (portal, f"Cổng {number}", f"Huyện số {number}", province.name, province.now, host + "/", state)
    db.execute(
        "insert into portals (id, name, district, province, province_now, home, state, platform, state_since,"
        " state_looks) values (?, ?, ?, ?, ?, ?, ?, 'drupal7', '2026-09-01T01:02:03Z', 5)",
        row,
    )
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in TABLES}
    for n in range(doc + 1, doc + count + 1):
        published = _moment(rng, BEGAN, 15 * 365)[:10] if rng.random() > 0.02 else None
        gone = _moment(rng, WATCHED, 300) if rng.random() < 0.05 else None
        versions = 2 if rng.random() < 0.04 else 1
        url, name, section = f"{host}/tin/{n}", f"a{n:09}", rng.choice(SECTIONS)
        said = (f"Huyện số {number} họp lần {n}", "", TEXT, "T/h: Lệ Minh", published, section)
        for look in range(LOOKS):
            source = "live" if rng.random() < 0.9 else rng.choice(SOURCES)
            named = (n * LOOKS + look, portal, url, _moment(rng, WATCHED, 320), 200, "text/html", "sha1:x", "", "", "w")
            rows["captures"].append((*named, n * LOOKS + look, 8000, source, url, name))
        seen = ("2026-01-01T00:00:00Z", "2026-11-01T00:00:00Z", gone, versions, "T/h", url, "", str(versions), f"t{n}")
        rows["articles"].append(
            (name, n, portal, url, *said, *seen, "gone" if gone else "live", gone, 2 if gone else 0, n)
        )
        title, summary, *rest = said
        for v in range(1, versions + 1):
            rows["versions"].append(
                (name, v, n * LOOKS + v, title, summary, f"<p>{TEXT}</p>", *rest, "drupal7", str(v))
            )
    for table, columns in TABLES.items():
        marks = ", ".join("?" * (columns.count(",") + 1))
        db.executemany(f"insert into {table} ({columns}) values ({marks})", rows[table])
    for night in range(30):
        at = (datetime(2026, 10, 1, 19, tzinfo=UTC) + timedelta(days=night)).strftime("%Y-%m-%dT%H:%M:%SZ")
        db.execute("insert into crawls (portal, started, ended, why) values (?, ?, ?, 'finished')", [portal, at, at])


def _moment(rng: random.Random, start: datetime, days: int) -> str:
    return (start + timedelta(seconds=rng.randrange(days * 86400))).strftime("%Y-%m-%dT%H:%M:%SZ")


async def measure(path: Path, times: int) -> None:
    with sqlite3.connect(path) as db:
        sizes = db.execute("select portal, count(*) from articles group by portal order by 2").fetchall()
        total, captures = (db.execute(f"select count(*) from {t}").fetchone()[0] for t in ("articles", "captures"))
    print(f"{len(sizes)} portals, {total} articles, {captures} captures, {path.stat().st_size / 1e9:.1f} GB")
    datasette = Datasette([str(path)], metadata=json.loads((ROOT / "metadata.json").read_text("utf-8")))
    await datasette.invoke_startup()
    (middle, some), (largest, most) = sizes[len(sizes) // 2], sizes[-1]
    pages = {
        "/": "front page", "/portals": "portals", "/portals?province=Nam+Định": "portals of a province",
        f"/portal/{middle}": f"portal of {some} articles", f"/portal/{largest}": f"portal of {most} articles",
        f"/portal/{largest}?trang={most // 20}": "its last page", "/health": "health", "/health.json": "health.json",
    }  # fmt: skip
    for address, what in pages.items():
        spent = []
        for _ in range(times + 1):
            began = time.perf_counter()
            answer = await datasette.client.get(address)
            spent.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, address
        first, *again = spent
        share = quantiles(again, n=20)
        print(f"  {what:28} first {first:7.1f}  p50 {share[9]:7.1f}  p95 {share[18]:7.1f} ms")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--articles", type=int, default=1_000_000)
    options.add_argument("--portals", type=int, default=700)
    options.add_argument("--times", type=int, default=100)
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        path = (chosen.folder or Path(made)) / "tangthu.db"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            make(path, chosen.portals, chosen.articles)
        asyncio.run(measure(path, chosen.times))


if __name__ == "__main__":
    main()
