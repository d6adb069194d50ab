"""What a portal costs on disk in a year. ``python bench/disk.py``.

Measured: the sample WARCs, imported, and the demo portal, crawled on two quiet days; without samples the demo alone.
The rest is arithmetic with the numbers of the command line, whose defaults say where they come from.
"""

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from crawler import schedule
from crawler.demo import PORTAL_ID, DemoPortal

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT.parent / "shared" / "samples"
TANGTHU = str(Path(sys.executable).parent / "tangthu")
LOOKS_WHEN_NEW = len(schedule.AGES)
LOOKS_WHEN_OLD = 365 / schedule.AGES[-1]  # a year
SWEEPS = timedelta(days=365) / schedule.SWEEP_EVERY
ON_A_LISTING = 10  # articles a page
# Articles there, new ones a year: a portal that was frozen, one like a department's of fifteen years, a lively one.
PORTALS = ((3500, 0), (3500, 240), (5000, 1000))

_TABLES = ("articles", "captures")
_OWN_PAGES = "select avg(length) from captures where id in (select min(capture) from versions group by article)"
_REPEATED = "select avg(length) from captures where revisit_of is not null"
_ONE_CRAWL = "select count(*), sum(length) from captures where crawl = ?"
# What a capture needs in the database (its row, its indexes, its address to be asked for again), and what an article.
_ROWS = "select sum(pgsize) from dbstat where name glob 'captures*' or name glob 'frontier*' or name glob 'failures*'"
_TEXTS = f"select (select sum(pgsize) from dbstat) - ({_ROWS})"


@dataclass(frozen=True, slots=True)
class Cost:
    """Bytes. ``page`` an article's page in the WARC · ``article`` and ``capture`` their share of the database."""

    articles: int
    page: float
    article: float
    capture: float


@dataclass(frozen=True, slots=True)
class Quiet:
    """A run that finds nothing new: captures and their bytes; ``revisit`` bytes of a record that says "unchanged"."""

    captures: int
    bytes: int
    revisit: float


@dataclass(frozen=True, slots=True)
class Year:
    """``stock`` articles that are there already, ``new`` ones a year; pictures and files an article, bytes each."""

    stock: int
    new: int
    images: float
    image_bytes: int
    files: float
    file_bytes: int


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("warcs", nargs="*", type=Path, help="WARC files; default: ../shared/samples/*.warc.gz")
    words.add_argument("--images", type=float, default=1.4, help="pictures an article (the samples: 1.4)")
    words.add_argument("--image-kb", type=int, default=150, help="KB a picture (an assumption; the samples' are tiny)")
    words.add_argument("--files", type=float, default=0.08, help="files an article (a real portal: 0.08)")
    words.add_argument("--file-kb", type=int, default=500, help="KB a file (an assumption)")
    given = words.parse_args()
    files = given.warcs or sorted(SAMPLES.glob("*.warc.gz"))
    with tempfile.TemporaryDirectory() as folder:
        costs = {path.name: imported(path, Path(folder) / str(n)) for n, path in enumerate(files)}
        costs["demo portal"], quiet = crawled(Path(folder) / "demo")
    print_measured(costs, quiet)
    dearest = max(costs.values(), key=lambda cost: cost.page)
    print("| articles | new a year | first crawl: pages | pictures, files | a year, at least | at most |")
    print("| --- | --- | --- | --- | --- | --- |")
    for stock, new in PORTALS:
        year = Year(stock, new, given.images, given.image_kb * 1000, given.files, given.file_kb * 1000)
        sizes = (
            stock * _page_once(dearest),
            stock * _media_once(year, dearest),
            a_year(year, dearest, quiet, quiet.revisit),
            a_year(year, dearest, quiet, dearest.page),
        )
        print(f"| {stock:,} | {new:,} | {' | '.join(f'{value / 1e6:,.0f} MB' for value in sizes)} |")


def print_measured(costs: dict[str, Cost], quiet: Quiet) -> None:
    print("| measured | articles | page in WARC | article in database | capture in database |")
    print("| --- | --- | --- | --- | --- |")
    for name, cost in costs.items():
        figures = (cost.page, cost.article, cost.capture)
        print(f"| {name} | {cost.articles} | {' | '.join(f'{value / 1e3:.1f} KB' for value in figures)} |")
    print(
        f"\nA day without news: {quiet.captures} captures, {quiet.bytes / 1e3:.0f} KB;"
        f" a page that is unchanged: {quiet.revisit / 1e3:.2f} KB\n"
    )


def imported(path: Path, data: Path) -> Cost:
    run(data, "import", str(path))
    return cost_of(data)


def crawled(data: Path) -> tuple[Cost, Quiet]:
    """The demo portal on its first day, then twice more on that day: the last run is a quiet day's."""
    with DemoPortal() as portal:
        file = data / "portals" / f"{PORTAL_ID}.toml"
        file.parent.mkdir(parents=True)
        file.write_text(portal.portal_file(), "utf-8")
        for _ in range(3):
            run(data, "crawl", PORTAL_ID)
    with closing(sqlite3.connect(data / "tangthu.db")) as db:
        last = db.execute("select max(id) from crawls").fetchone()[0]
        captures, size = db.execute(_ONE_CRAWL, [last]).fetchone()
        return cost_of(data), Quiet(captures, size or 0, db.execute(_REPEATED).fetchone()[0])


def cost_of(data: Path) -> Cost:
    with closing(sqlite3.connect(data / "tangthu.db")) as db:
        articles, captures = (db.execute(f"select count(*) from {name}").fetchone()[0] for name in _TABLES)
        page, rows, texts = (db.execute(sql).fetchone()[0] for sql in (_OWN_PAGES, _ROWS, _TEXTS))
    return Cost(articles, page, texts / articles, rows / captures)


def a_year(year: Year, cost: Cost, quiet: Quiet, look: float) -> float:
    """Bytes that a year of daily crawls adds; ``look`` what a page costs that is asked for again."""
    restless = look > quiet.revisit
    looks = year.new * LOOKS_WHEN_NEW + year.stock * LOOKS_WHEN_OLD
    days = 365 * (quiet.captures * look if restless else quiet.bytes) + 365 * quiet.captures * cost.capture
    # A new article moves all the others on their listing.
    listings = SWEEPS * year.stock / ON_A_LISTING
    swept = listings * ((cost.page if year.new else look) + cost.capture)
    kept = year.new * (_page_once(cost) + _media_once(year, cost))
    return kept + looks * (look + cost.capture) + days + swept


def _page_once(cost: Cost) -> float:
    return cost.page + cost.article + cost.capture


def _media_once(year: Year, cost: Cost) -> float:
    return year.images * (year.image_bytes + cost.capture) + year.files * (year.file_bytes + cost.capture)


def run(data: Path, *words: str) -> None:
    subprocess.run([TANGTHU, "--data", str(data), *words], check=True, cwd=ROOT, capture_output=True)


if __name__ == "__main__":
    main()
