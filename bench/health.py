"""How often `tangthu health` cries wolf, how soon it notices what breaks, and what it costs.

$ python bench/health.py [--portals 50] [--days 395] [--seed 1] [--layouts] [--size]

The portals are made up (tests/years.py, with seeds): the figures say how the statistics behave, not how portals do.
"""

from __future__ import annotations

import argparse
import itertools
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from statistics import median

from archive.health import judge
from archive.store import Store
from archive.warc import iso

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import years

BROKEN_ON = 200
PATIENCE = 120  # days


def false_alarms(count: int, days: int, seed: int) -> None:
    """A year in which nothing breaks: every alarm is false, but for those of what truly happened (see its kind)."""
    alarms: Counter[str] = Counter()
    portal_days: Counter[str] = Counter()
    states: Counter[tuple[int, str]] = Counter()
    before: set[tuple[str, str]] = set()
    unknown: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "a.db") as store:
        world = years.World(store, count, seed)
        for day in range(days):
            world.night()
            now: set[tuple[str, str]] = set()
            for one in judge(store.db.conn, world.now, holders=()):
                if not one.portal:
                    continue
                states[day, one.state] += 1
                now |= {(one.portal, reason.code) for reason in one.reasons if reason.level == "ill"}
                if day == days - 1:
                    unknown.update(reason.code for reason in one.reasons if reason.level == "unknown")
            for _, code in now - before:
                alarms[code] += 1
            portal_days.update(code for _, code in now)
            before = now
    portal_years = count * days / 365
    print(
        f"{count} portals, {days} nights, seed {seed}: {sum(alarms.values()) / portal_years:.3f} alarms a portal-year"
    )
    for code, n in alarms.most_common():
        print(f"  {code:20} {n:3} alarms, {portal_days[code]} portal-days")
    for day in (0, 7, 14, 21, 30, 45, 60, 90, 180, 270, days - 1):
        if day < days:
            print(f"  night {day:3}: " + ", ".join(f"{s} {states[day, s]}" for s in ("well", "unknown", "ill")))
    print("  unknown at the end:", dict(unknown))


def detection(kind: str, count: int, seed: int) -> None:
    """Days from the break to the first alarm that it explains."""
    found: dict[str, int] = {}
    codes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "a.db") as store:
        world = years.World(store, count, seed, years.Break(kind, BROKEN_ON))
        while world.day < BROKEN_ON - 1:
            world.night()
        was_ill = {(one.portal, r.code) for one in judge(store.db.conn, world.now) for r in one.reasons}
        while world.day < BROKEN_ON + PATIENCE and len(found) < count:
            world.night()
            for one in judge(store.db.conn, world.now, holders=()):
                for reason in one.reasons:
                    fits = reason.code.partition(".")[0] in SIGNS[kind] and (one.portal, reason.code) not in was_ill
                    if reason.level == "ill" and fits and one.portal not in found:
                        found[one.portal] = world.day - BROKEN_ON + 1
                        codes[reason.code] += 1
    after = sorted(found.values())
    share = {n: sum(days <= n for days in after) for n in (1, 3, 7, 14, 30, 60)}
    line = " ".join(f"{share[n] * 100 // count:4} %" for n in share)
    middle = median(after) if after else "never"
    late = after[-1] if len(after) == count else f"{count - len(after)} not in {PATIENCE}"
    print(f"  {kind:10} {line}   median {middle} days, last {late}   {dict(codes)}")


SIGNS = {
    "body": {"body"}, "byline": {"byline"}, "date": {"date"}, "layout": {"layout"}, "listing": {"listings"},
    "dark": {"portal", "ended"}, "silent": {"news"}, "errors": {"errors"}, "challenge": {"refused"}, "late": {"runs"},
    "deleted": {"vanished"},
}  # fmt: skip


def layouts() -> None:
    """How alike pages of one theme and of different ones are, on the golden pages and the samples where they are."""
    import golden

    from archive import warc
    from archive.health.layouts import likeness
    from archive.model import Capture
    from crawler.extract import NotAnArticle, NotHTML, extract
    from crawler.measures import fingerprint
    from crawler.platforms import PLATFORMS

    def shares(values: list[float]) -> str:
        values = sorted(values)
        return " ".join(
            f"{values[min(len(values) - 1, int(len(values) * q))]:.2f}" for q in (0, 0.01, 0.05, 0.5, 0.99, 1)
        )

    pages: list[Capture] = []
    print("likeness, least, 1 %, 5 %, median, 99 %, most")
    articles = [page for page in golden.load_all() if "error" not in page.wanted]
    prints = [(page, fingerprint(page.capture)) for page in articles]
    pages += [page.capture for page in articles]
    for alike in (True, False):
        values = [
            likeness(a, b)
            for (one, a), (other, b) in itertools.combinations(prints, 2)
            if (one.portal == other.portal) is alike and _theme(one.slug) != _theme(other.slug)
            and not one.portal == other.portal == "vnpt"  # districts of one province: the same theme
        ]  # fmt: skip
        what = "themes of one platform" if alike else "platforms"
        print(f"  golden, {len(values)} pairs of different {what}: {shares(values)}")
    for name in ("drupal7", "nukeviet"):
        path = Path(__file__).parents[2] / "shared" / "samples" / f"{name}.warc.gz"
        if not path.exists():
            print(f"  {path.name}: not there, skipped")
            continue
        kinds: dict[str, list[str]] = {"article": [], "listing": []}
        for record in warc.read(path):
            capture = record.capture
            if capture is None or capture.status != 200 or capture.media_type != "text/html":
                continue
            pages.append(capture)
            try:
                extract(capture, PLATFORMS[name].rules)
                kind = "article" if "print" not in capture.url and "savefile" not in capture.url else ""
            except (NotAnArticle, NotHTML) as error:
                kind = str(error)
            if kind in kinds:
                kinds[kind].append(fingerprint(capture))
        for kind, found in kinds.items():
            values = [likeness(a, b) for a, b in itertools.combinations(found, 2)]
            print(f"  {name}, {len(found)} pages ({kind}): {shares(values)}")
    began = time.process_time()
    for capture in pages:
        fingerprint(capture)
    spent = (time.process_time() - began) / len(pages)
    size = sum(len(page.body) for page in pages) / len(pages)
    print(f"  a fingerprint: {spent * 1000:.3f} ms of CPU; {size / 1e3:.0f} KB a page")


def _theme(slug: str) -> str:
    return slug.partition("-")[0].rstrip("0123456789")


def size(portals: int = 1000, runs: int = 3650) -> None:
    """What judging many portals with ten years of daily runs takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with Store(path) as store:
            world = years.World(store, 60, 1)
            for _ in range(160):
                world.night()
            _multiply(store, portals, runs)
            now = years.START + timedelta(days=runs, hours=5)
        conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        for _ in range(2):
            began, cpu = time.perf_counter(), time.process_time()
            judged = judge(conn, now, holders=(), free=10**12)
            spent = time.perf_counter() - began
            print(f"  {len(judged) - 1} portals: {spent:.1f} s, {time.process_time() - cpu:.1f} s of CPU", end="; ")
        print(f"database {path.stat().st_size / 1e9:.2f} GB;", dict(Counter(one.state for one in judged)))
        conn.close()


def _multiply(store: Store, portals: int, runs: int) -> None:
    """The last of the made rows, again and again."""
    db = store.db.conn
    nights: dict[str, list[tuple[object, ...]]] = {}
    for portal, *row in db.execute(
        "select portal, ended is not null, requests, bytes, new, changed, same, gone, failed, why, measures from crawls"
        " where started > ? order by id",
        [iso(years.START + timedelta(days=100))],
    ):
        nights.setdefault(portal, []).append(tuple(row))
    made = list(nights.values())
    with store.atomic():
        db.execute("delete from crawls")
        for n in range(portals):
            row = {"id": f"t/h{n}", "name": "", "district": "", "province": "", "home": "http://h.vn/"}
            store.save_portal({**row, "platform": "drupal7", "closed": None})
        db.execute("update portals set state = 'live', state_looks = 9")
        for night in range(runs):
            at = iso(years.START + timedelta(days=night))
            db.executemany(
                "insert into crawls (portal, started, ended, requests, bytes, new, changed, same, gone, failed, why,"
                " measures) values (?, ?, iif(?, ?, null), ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (f"t/h{n}", at, row[0], at, *row[1:])
                    for n in range(portals)
                    for row in [made[n % len(made)][night % len(made[n % len(made)])]]
                ],
            )
        top = db.execute("select max(doc) from articles").fetchone()[0]
        for n in range(portals):
            db.execute(
                f"insert into articles ({years.ARTICLE})"
                " with recursive k(i) as (select 0 union all select i + 1 from k where i < 1999)"
                " select 'x' || ?1 || ' ' || i, ?2 + i, 't/h' || ?1, '', '', '', '', '',"
                " date(?3, '-' || i || ' days'), '', '', '', 1, '', '', '', '', '' from k",
                [n, top + 1 + n * 2000, (years.START + timedelta(days=runs)).date().isoformat()],
            )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--portals", type=int, default=50)
    options.add_argument("--days", type=int, default=395)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", choices=["alarms", "breaks", "layouts", "size"])
    options.add_argument("--breaks", nargs="*", default=years.BREAKS)
    chosen = options.parse_args()
    if chosen.only in (None, "layouts"):
        layouts()
    if chosen.only in (None, "alarms"):
        false_alarms(chosen.portals, chosen.days, chosen.seed)
    if chosen.only in (None, "breaks"):
        print("detected within   1      3      7     14     30     60 days")
        for kind in chosen.breaks:
            detection(kind, chosen.portals, chosen.seed)
    if chosen.only in (None, "size"):
        size()


if __name__ == "__main__":
    main()
