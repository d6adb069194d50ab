"""What a large archive costs the next crawl in memory, and portals that are crawled side by side. ``make bench-known``.

*Known*: an archive that knows 100,000 articles is made without crawling (each capture a short page with the ETag that
the portal gives, each address in the frontier as after a crawl long ago, evenly due over the next 180 days). Then the
portal, which has these articles, is crawled: when no sitemap was read yet, on a day with a little news, and when a
sweep of all listings is due. Memory is VmHWM, the most that a process ever held.

*Side by side*: twenty portals, whose answers take a moment each, are crawled with ``--jobs 4`` and with ``--jobs 1``;
then the archive must be sound (bench/soundness.py).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from archive.frontier import Address, Frontier, Rank
from archive.model import Capture
from archive.urls import key
from archive.warc import iso
from crawler import portal as portals
from crawler.ingest import open_archive

sys.path.insert(0, str(Path(__file__).parent))
from bigpages import HTML, PER_SITEMAP, Piece, Site, utc
from bigportal import Bigportal, serving
from machine import Done, Machine
from soundness import faults

PORTAL = "do/dong_lon"
MEGABYTES = 250
_BATCH = 1000
_DAYS = 180  # over which what is known comes due


# 100,000 known addresses


def build(machine: Machine, site: Site) -> None:
    """Everything that ``site`` shows, as a crawl 200 days ago and the looks since then have left it."""
    portal = portals.load(PORTAL, machine.data / "portals")
    with open_archive(machine.data, PORTAL, portal) as ingest:
        ingest.register(portal)
        frontier = Frontier(ingest.store.db, PORTAL)
        for first in range(0, site.count, _BATCH):
            with ingest.store.atomic():
                for number in range(first, min(site.count, first + _BATCH)):
                    piece = site.piece(number)
                    ingest.keep(portal, _short(site, piece, machine))
                    _enter(frontier, site, piece, machine)
        with ingest.store.atomic():
            frontier.begin_sweep(iso(machine.now() - timedelta(days=2)))
            frontier.end_sweep(iso(machine.now() - timedelta(days=2)))


def _short(site: Site, piece: Piece, machine: Machine) -> Capture:
    page = (
        f'<html><head><link rel="canonical" href="{piece.path}">'
        f'<link rel="shortlink" href="/node/{piece.number + 1000}"></head>'
        f'<body class="node-type-article"><h1 id="page-title">{piece.title}</h1><div class="node node-full">'
        f'<div class="field-name-body"><div class="field-items"><div class="field-item"><p>{piece.text}</p></div></div>'
        "</div></div></body></html>"
    )
    headers = (("Content-Type", HTML), ("ETag", piece.etag))
    return Capture(site.home + piece.path, machine.now() - timedelta(days=200), 200, headers, page.encode(), "live")


def _enter(frontier: Frontier, site: Site, piece: Piece, machine: Machine) -> None:
    now, url = machine.now(), site.home + piece.path
    looked = iso(now - timedelta(days=_DAYS - piece.number % _DAYS))
    due = iso(now + timedelta(days=piece.number % _DAYS, hours=-1))
    frontier.add(Address(url, "article", "sitemap", Rank.LOOK, due, changed=utc(site.told(piece.number))), looked)
    frontier.settle(key(url), looked, "same", Rank.LOOK, due)


@dataclass(frozen=True, slots=True)
class Crawled:
    """A crawl of the large archive: how it ended, how many requests it made, how many new articles it found."""

    done: Done
    requests: int
    new: int

    def line(self) -> str:
        command, *crawl = self.done.peaks
        return (
            f"exit code {self.done.code}, {self.requests} requests, {self.new} new, {self.done.seconds:.0f} s; at most "
            f"{max(crawl, default=0)} MB in the crawl, {command} MB in the command"
        )


def next_crawl(machine: Machine, portal: Bigportal) -> Crawled:
    portal.asked(forget=True)
    done = machine.tangthu("crawl", PORTAL)
    new = machine.rows("select new from crawls order by id desc limit 1")[0]["new"]
    return Crawled(done, len(portal.asked(forget=True)), int(new))


def known(count: int, folder: Path) -> bool:
    """Print what the crawls of an archive with so many articles take. False when a goal is missed."""
    machine = Machine(folder / "known")
    today = machine.now().replace(microsecond=0)
    with serving(count, today) as (portal,):
        machine.describe(PORTAL, portal.portal_file())
        build(machine, Site(portal.home, count, today))
        size = machine.rows("select count(*) as n from articles")[0]["n"]
        print(f"{size} known articles, {-(-count // PER_SITEMAP)} sitemaps of up to {PER_SITEMAP}", flush=True)
        runs = [("first run after", next_crawl(machine, portal))]
        print(f"  {runs[-1][0]:18} {runs[-1][1].line()}", flush=True)
        machine.later += 1
        portal.go_on(machine.now(), 3, (count // 2,), (7,))
        runs.append(("the next day", next_crawl(machine, portal)))
        print(f"  {runs[-1][0]:18} {runs[-1][1].line()}", flush=True)
        machine.later += 31
        portal.go_on(machine.now(), 3)
        runs.append(("31 days on, a sweep", next_crawl(machine, portal)))
        print(f"  {runs[-1][0]:18} {runs[-1][1].line()}", flush=True)
    peak = max(max(run.done.peaks) for _, run in runs)
    met = peak < MEGABYTES and not any(run.done.code for _, run in runs) and runs[1][1].new == 3
    print(f"  under {MEGABYTES} MB: {'yes' if met else 'NO'}")
    return met


# Portals side by side


@dataclass(frozen=True, slots=True)
class Beside:
    """A run over several portals. ``complete`` portals of which every article is there · ``together`` the most requests
    that one portal was answering at the same time, ``abroad`` that all were · ``problems`` empty when all is well."""

    done: Done
    complete: int
    together: int
    abroad: int
    problems: tuple[str, ...]

    def line(self) -> str:
        return (
            f"{self.complete} portals complete in {self.done.seconds:.1f} s; at most {self.together} request at a time "
            f"to one portal, {self.abroad} to all; {', '.join(self.problems) or 'no complaint'}"
        )


def side_by_side(machine: Machine, homes: list[Bigportal], count: int, jobs: int) -> Beside:
    """Crawl all these portals of ``count`` articles each into a new archive, so many at a time."""
    names = [f"do/huyen_{number:02}" for number in range(len(homes))]
    for name, portal in zip(names, homes, strict=True):
        machine.describe(name, portal.portal_file())
        portal.asked(forget=True)
    done = machine.tangthu("crawl", *names, "--jobs", str(jobs))
    asked = [one for portal in homes for one in portal.asked(forget=True)]
    found = machine.rows("select portal, count(*) as n from articles group by portal")
    runs = machine.rows("select portal, count(*) as n, max(why) as why from crawls group by portal")
    problems = [f"exit code {done.code}: {done.out[-500:]}"] if done.code else []
    problems += [word for word in ("locked", "Traceback") if word in done.out]
    problems += [f"{row['portal']}: {row['n']} runs, {row['why']}" for row in runs if row["n"] != 1]
    complete = sum(row["n"] == count for row in found)
    problems += [f"{len(homes) - complete} portals are not complete"] if complete < len(homes) else []
    problems += faults(machine)
    return Beside(done, complete, max(a.beside for a in asked), max(a.abroad for a in asked), tuple(problems))


def beside(portals_: int, count: int, wait: float, folder: Path) -> bool:
    """Print what several portals take one after the other and side by side. False when something is wrong."""
    with serving(count, Machine(folder).now(), portals_, wait=wait) as homes:
        print(f"{portals_} portals of {count} articles; an answer takes {wait * 1000:.0f} ms", flush=True)
        runs = []
        for jobs in (4, 1):
            runs.append(side_by_side(Machine(folder / f"jobs-{jobs}"), homes, count, jobs))
            print(f"  --jobs {jobs}   {runs[-1].line()}", flush=True)
    return not any(run.problems or run.together > 1 for run in runs) and runs[0].done.seconds < runs[1].done.seconds


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--count", type=int, default=100_000, help="articles of the large archive; 0 leaves that out")
    words.add_argument("--portals", type=int, default=20, help="portals side by side; 0 leaves that out")
    words.add_argument("--small", type=int, default=60, help="articles of each of these")
    words.add_argument("--wait", type=float, default=0.05, help="seconds that each of their answers takes")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        well = [beside(given.portals, given.small, given.wait, Path(folder))] if given.portals else []
        well += [known(given.count, Path(folder))] if given.count else []
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
