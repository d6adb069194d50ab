"""A crawl that is killed a hundred times, and what the archive is worth afterwards. ``make soak``.

``tangthu crawl`` gets SIGKILL at random moments, spread over its start, its requests (and what follows each of them:
the WARC record, the extraction, the commit) and its end; in some rounds only the command dies, and the process that
crawls must follow it. In between the portal goes on: new, edited and deleted articles, and days pass on the crawl's own
clock (bench/clock). After some kills the newest WARC gets a piece of a record more by hand, as a kill in the middle of
a write leaves it: the system hardly ever stops there. Each crawl makes good what the one before it left, and says so.
Then one runs to its end, and everything is compared with what the portal has.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.scan import Damage, scan, whole

sys.path.insert(0, str(Path(__file__).parent))
from bigpages import Piece, Site
from bigportal import Bigportal, serving
from machine import Machine, family, kill
from soundness import faults, warcs

PORTAL = "do/dong_lon"
_MOMENTS = ("start", "request", "end")
_ODDS = (15, 65, 20)
_NEWS_EVERY, _TEAR_EVERY = 4, 6  # rounds
_LAST_REQUEST = 25  # of a round that is killed at a request
_TAKEN_OFF = re.compile(r"bytes of a cut record are taken off")
_TAKEN_IN = re.compile(r"(\d+) captures that a run had kept are taken in")
_TRACEBACK = re.compile(r"^Traceback .*\n(?:[ \t].*\n)*(.+)", re.MULTILINE)
_BAD_WORDS = ("database is locked", "database disk image is malformed")


@dataclass(slots=True)
class Report:
    """What happened. ``kills`` by moment · ``finished`` rounds that ended before they were killed · ``alone`` kills of
    the command alone · (WARC, offset) of tails that were ``cut`` and of those that were ``torn`` by hand, and of whole
    records that a kill left ``unsaved``, without a row · ``mended`` and ``adopted`` how many of these the crawls
    said they took off and in · ``requests`` in all, ``once`` of one undisturbed crawl of the same portal · ``problems``
    empty when all is well."""

    kills: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    alone: int = 0
    cut: set[tuple[str, int]] = field(default_factory=set)
    torn: set[tuple[str, int]] = field(default_factory=set)
    unsaved: set[tuple[str, int]] = field(default_factory=set)
    mended: int = 0
    adopted: int = 0
    requests: int = 0
    once: int = 0
    articles: int = 0
    problems: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        natural = len(self.cut - self.torn)
        moments = ", ".join(f"{self.kills[moment]} at the {moment}" for moment in _MOMENTS)
        return [
            f"kills                    {sum(self.kills.values())} ({moments}; {self.alone} of the command alone)",
            f"ended before the kill    {self.finished}",
            f"WARC tails cut           {natural} by a kill, {len(self.torn)} by hand; {self.mended} taken off later",
            f"records without a row    {len(self.unsaved)}; {self.adopted} taken in later",
            f"requests                 {self.requests}; {self.once} for one undisturbed crawl of the last day",
            f"articles                 {self.articles}",
            *(f"PROBLEM                  {problem}" for problem in self.problems or ()),
        ]


class Trial:
    """One portal, its mirror in this process (which says what the archive should hold), and one archive."""

    def __init__(self, portal: Bigportal, machine: Machine, mirror: Site, dice: random.Random) -> None:
        self.portal, self.machine, self.mirror, self.dice = portal, machine, mirror, dice
        self.deleted: set[int] = set()
        self.tears_due = 0
        self.report = Report()
        machine.describe(PORTAL, portal.portal_file())

    def endure(self, kills: int) -> Report:
        """Kill so many crawls, let the last one end, and compare."""
        rounds = 0
        while sum(self.report.kills.values()) < kills and rounds < 3 * kills:
            rounds += 1
            if rounds % _NEWS_EVERY == 0:
                self.news()
            self.tears_due += rounds % _TEAR_EVERY == 0
            self.round()
        self.news()
        self.to_the_end()
        self.compare()
        return self.report

    def news(self) -> None:
        """A day or two later: two new articles, one edited; every third time one is deleted."""
        self.machine.later += self.dice.choice((1.0, 2.0))
        there = self.mirror.there
        edited = (self.dice.choice(there),)
        deleted = (self.dice.choice([n for n in there if n not in edited]),) if self.dice.random() < 0.34 else ()
        self.deleted.update(deleted)
        moment = self.machine.now().replace(microsecond=0)
        self.portal.go_on(moment, 2, edited, deleted)
        self.mirror.go_on(moment, 2, edited, deleted)

    # Kills

    def round(self) -> None:
        """One crawl that is killed."""
        moment = self.dice.choices(_MOMENTS, _ODDS)[0]
        alone = self.dice.random() < 0.3
        self.report.requests += len(self.portal.asked(forget=True))
        began = time.time()
        with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
            child = self.machine.start("crawl", PORTAL, out=out)
            self.wait(child, moment)
            pids = family(child.pid)
            if child.poll() is None:
                self.report.kills[moment] += 1
                self.report.alone += alone
                os.kill(child.pid, signal.SIGKILL) if alone else kill(child)
            else:
                self.report.finished += 1
            child.wait()
            self.wait_for_the_end_of(pids)
            kill(child)
            out.seek(0)
            self.read_output(out.read())
        self.look_at_tails(began)

    def wait(self, child: subprocess.Popen[str], moment: str) -> None:
        """Until the moment has come, or the crawl has ended."""
        if moment == "start":
            time.sleep(self.dice.uniform(0.02, 1.2))
            return
        wanted = self.dice.randint(1, _LAST_REQUEST) if moment == "request" else 1
        while child.poll() is None and self.portal.reach(wanted, 0.2) < wanted:
            pass
        if moment == "request":
            time.sleep(self.dice.uniform(0, 0.012))
            return
        quiet, count = self.dice.uniform(0.02, 0.2), 0
        while child.poll() is None and (now := self.portal.reach(count + 1, quiet)) > count:
            count = now

    def wait_for_the_end_of(self, pids: list[int]) -> None:
        end = time.monotonic() + 5
        while living := [pid for pid in pids if _lives(pid)]:
            if time.monotonic() > end:
                self.report.problems.append(f"{len(living)} processes went on when the command was killed")
                return
            time.sleep(0.02)

    def read_output(self, out: str) -> None:
        lines = out.split("\n")
        self.report.problems += [f"printed: {line}" for line in lines if any(word in line for word in _BAD_WORDS)]
        self.report.problems += [f"printed a traceback: {error}" for error in _TRACEBACK.findall(out)]
        self.report.mended += len(_TAKEN_OFF.findall(out))
        self.report.adopted += sum(map(int, _TAKEN_IN.findall(out)))

    def look_at_tails(self, began: float) -> None:
        """What the kill left in the WARCs beyond what the database knows."""
        known, ends = self.known_ends(), dict[Path, bytes]()
        for path in [path for path in warcs(self.machine) if path.stat().st_mtime >= began - 1]:
            found = list(whole(path, known.get(path.name, 0))) if path.stat().st_size else []
            torn = [item for item in found if isinstance(item, Damage)]
            self.report.cut |= {(path.name, damage.offset) for damage in torn}
            for item in found:
                if not isinstance(item, Damage) and item[1].capture is not None:
                    self.report.unsaved.add((item[0].warc, item[0].offset))
            if path.stat().st_size and not torn:  # else killed before it wrote what the file is
                ends[path] = self.last_record(path)
        if ends and len(self.report.torn) < self.tears_due:
            path, last = list(ends.items())[-1]
            self.report.torn.add((path.name, path.stat().st_size))
            with path.open("ab") as file:
                file.write(last[: self.dice.randint(1, len(last) - 1)])

    def last_record(self, path: Path) -> bytes:
        place = [item for item in scan(path) if not isinstance(item, Damage)][-1]
        return path.read_bytes()[place.offset : place.offset + place.length]

    def known_ends(self) -> dict[str, int]:
        """WARC → where the last record ends that the database knows."""
        if not (self.machine.data / "tangthu.db").exists():
            return {}
        try:
            rows = self.machine.rows("select warc, max(offset + length) as last from captures group by warc")
        except sqlite3.OperationalError:  # killed before there were tables
            return {}
        return {row["warc"]: row["last"] for row in rows}

    def to_the_end(self) -> None:
        """Undisturbed; and a day later once more, for what the first one was told to look at later."""
        for _ in range(2):
            done = self.machine.tangthu("crawl", PORTAL, seconds=600)
            self.read_output(done.out)
            if done.code:
                self.report.problems.append(f"the last crawl: exit code {done.code}: {done.out[-500:]}")
            self.machine.later += 1
        self.report.requests += len(self.portal.asked(forget=True))
        with tempfile.TemporaryDirectory() as folder:
            other = Machine(Path(folder), self.machine.later)
            other.describe(PORTAL, self.portal.portal_file())
            other.tangthu("crawl", PORTAL, seconds=600)
        self.report.once = len(self.portal.asked(forget=True))

    # What the archive is worth

    def compare(self) -> None:
        self.compare_articles()
        if self.report.mended < len(self.report.cut | self.report.torn):
            self.report.problems.append("a tail was cut off, or is still there, and no crawl said so")
        self.report.problems += faults(self.machine)

    def compare_articles(self) -> None:
        """Every article once, with the text that the portal shows; deleted ones, if they were ever seen, are gone."""
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in self.machine.rows("select url, title, text, gone_since from articles"):
            rows.setdefault(row["url"].removeprefix(self.portal.home.rstrip("/")), []).append(row)
        self.report.articles = sum(map(len, rows.values()))
        wanted = {piece.path: piece for piece in map(self.mirror.piece, self.mirror.there)}
        deleted = {self.mirror.piece(number).path for number in self.deleted}
        problems = self.report.problems
        problems += [f"lost: {path}" for path in wanted if path not in rows]
        problems += [f"twice: {path}" for path, found in rows.items() if len(found) > 1]
        problems += [f"never on the portal: {path}" for path in rows if path not in wanted and path not in deleted]
        problems += [
            f"not the portal's text: {path}"
            for path in wanted
            if path in rows and _differs(rows[path][0], wanted[path])
        ]
        problems += [f"gone, but there: {path}" for path in wanted if path in rows and rows[path][0]["gone_since"]]
        problems += [f"deleted, but not gone: {p}" for p in deleted if p in rows and not rows[p][0]["gone_since"]]


def _differs(row: dict[str, Any], piece: Piece) -> bool:
    return (row["title"], row["text"]) != (piece.title, piece.text)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def endure(folder: Path, kills: int, count: int, seed: int) -> Report:
    """Kill so many crawls of a portal of ``count`` articles; the archive is in ``folder``."""
    machine = Machine(folder)
    today = machine.now().replace(microsecond=0)
    with serving(count, today) as (portal,):
        return Trial(portal, machine, mirror(portal, count, today), random.Random(seed)).endure(kills)


def mirror(portal: Bigportal, count: int, today: datetime) -> Site:
    """What the server shows, known here without asking it."""
    return Site(portal.home, count, today)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--kills", type=int, default=100)
    words.add_argument("--count", type=int, default=300, help="articles of the portal at the beginning")
    words.add_argument("--seed", type=int, default=4)
    words.add_argument("--keep", type=Path, help="a new folder for the archive, which is kept")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = endure(given.keep or Path(folder), given.kills, given.count, given.seed)
    print("\n".join(report.lines()))
    print("no article lost, none twice, every check passed" if not report.problems else "NOT WELL")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
