"""What the next day costs: requests, bytes, and what was seen of the day's news. ``make bench-next-day``.

A portal of N articles on loopback (bench/bigportal.py) is crawled to its end. On the next day three articles are new,
one was edited and one deleted; the same day is crawled once more. The third day has news of the same kind, though no
old article is due by then; the fourth is quiet. Later days are the crawl's own clock (bench/clock). A *due re-check* is
a conditional request for an article whose time to be looked at had come (``frontier.due``) when the run began; all
other requests are counted as *besides*.

Portals differ in what they tell: with a sitemap (``index``) the edited and the deleted article may be any; without one
(``none``) they are on the front pages of their sections, and nothing but its own time brings a crawl to the edited one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from archive.frontier import Rank
from archive.warc import iso

sys.path.insert(0, str(Path(__file__).parent))
from bigportal import Asked, Bigportal, serving
from machine import Done, Machine

PORTAL = "do/dong_lon"
BESIDES, MEGABYTES = 40, 2.0


@dataclass(frozen=True, slots=True)
class Day:
    """A run. ``checks`` the due re-checks, ``besides`` the other requests · ``row`` of ``crawls`` · ``seen`` what of
    the day's news the archive knows after it, by name."""

    done: Done
    checks: tuple[Asked, ...]
    besides: tuple[Asked, ...]
    row: dict[str, object]
    seen: dict[str, bool]

    def megabytes(self) -> tuple[float, float]:
        """Sent and received, heads and bodies: of the re-checks, and besides."""
        checks, besides = (sum(a.sent + a.received for a in asked) / 1e6 for asked in (self.checks, self.besides))
        return checks, besides

    def is_cheap(self) -> bool:
        return len(self.besides) <= BESIDES and self.megabytes()[1] < MEGABYTES

    def unseen(self) -> set[str]:
        return {what for what, is_seen in self.seen.items() if not is_seen}

    def line(self) -> str:
        kinds = Counter(asked.kind for asked in self.besides)
        plain = sum(asked.kind == "article" and not asked.conditional for asked in self.besides)
        checks, besides = self.megabytes()
        answered = sum(asked.status == 304 for asked in self.checks)
        return (
            f"{len(self.besides):>6} requests ({', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))}; "
            f"{plain} articles unconditionally, {sum(a.status == 304 for a in self.besides)} answered 304), "
            f"{besides:.2f} MB; {len(self.checks)} due re-checks ({answered} answered 304), {checks:.2f} MB; "
            f"{self.done.seconds:.0f} s, {max(self.done.peaks)} MB memory; {self.row['new']} new, "
            f"{self.row['changed']} changed, {self.row['gone']} gone; {self.row['why']}"
        ) + self._said()

    def _said(self) -> str:
        if not self.seen:
            return ""
        return f"; seen: all but {', '.join(sorted(self.unseen()))}" if self.unseen() else "; seen: all five"


@dataclass(frozen=True, slots=True)
class News:
    """Numbers of the articles that are new, edited and deleted."""

    new: tuple[int, ...]
    edited: int
    deleted: int


class Trial:
    """One portal and one archive, day by day."""

    def __init__(self, portal: Bigportal, data: Path, pages: int) -> None:
        self.portal, self.machine, self.count = portal, Machine(data), pages
        self.machine.describe(PORTAL, portal.portal_file())

    def first(self) -> Day:
        return self.run()

    def next_day(self, sitemap: str) -> Day:
        """A day later, with the issue's news."""
        self.machine.later += 1
        # With a sitemap any article: one of the middle and one of the beginning. Else two of the newest.
        days, last = int(self.machine.later), self.count - 1
        old = (self.count // 2 + days, 6 + days)
        edited, deleted = old if sitemap != "none" else (last - 3 - 6 * days, last - 4 - 6 * days)
        new = self.portal.go_on(self.machine.now(), 3, (edited,), (deleted,))
        return self.run(News(tuple(new), edited, deleted))

    def quiet_day(self) -> Day:
        self.machine.later += 1
        self.portal.go_on(self.machine.now())
        return self.run()

    def run(self, news: News | None = None) -> Day:
        """``tangthu crawl`` as it is now on this day."""
        due = self._due()
        self.portal.asked(forget=True)
        done = self.machine.tangthu("crawl", PORTAL)
        if done.code:
            print(f"tangthu crawl: exit code {done.code}\n{done.out[-2000:]}", file=sys.stderr)
        asked = self.portal.asked(forget=True)
        checks = tuple(one for one in asked if one.conditional and one.path in due)
        besides = tuple(one for one in asked if not (one.conditional and one.path in due))
        row = self.machine.rows("select * from crawls order by id desc limit 1")[0]
        return Day(done, checks, besides, row, self._seen(news) if news else {})

    def found(self) -> int:
        return int(self.machine.rows("select count(*) as n from articles")[0]["n"])

    def _due(self) -> set[str]:
        """Paths of the articles whose time to be looked at again has come."""
        if not (self.machine.data / "tangthu.db").exists():
            return set()
        sql = "select url from frontier where portal = ? and kind = 'article' and rank = ? and due <= ?"
        rows = self.machine.rows(sql, PORTAL, int(Rank.LOOK), iso(self.machine.now()))
        return {urlsplit(row["url"]).path for row in rows}

    def _seen(self, news: News) -> dict[str, bool]:
        sql = "select versions, gone_since from articles where portal = ? and url like '%-dot-' || ?"

        def found(number: int) -> dict[str, object]:
            return next(iter(self.machine.rows(sql, PORTAL, number + 1)), {})

        return {
            **{f"new {number}": bool(found(number)) for number in news.new},
            "edited": found(news.edited).get("versions") == 2,
            "deleted": bool(found(news.deleted).get("gone_since")),
        }


def trial(count: int, sitemap: str, folder: Path) -> bool:
    """Print the days of a portal of ``count`` articles. False when a goal is missed."""
    with serving(count, Machine(folder).now(), sitemap=sitemap) as (portal,):
        one = Trial(portal, folder / f"{sitemap}-{count}", count)
        print(f"{count} articles, sitemap: {sitemap}", flush=True)
        first = one.first()
        found = one.found()
        print(f"  first crawl   {first.line()}; {found} of {count} articles", flush=True)
        days = [one.next_day(sitemap)]
        print(f"  next day      {days[-1].line()}", flush=True)
        print(f"  again at once {one.run().line()}", flush=True)
        days.append(one.next_day(sitemap))
        print(f"  third day     {days[-1].line()}", flush=True)
        print(f"  a quiet day   {one.quiet_day().line()}", flush=True)
    told = {"edited"} if sitemap == "none" else set()  # on the third day nothing tells of it
    met = found == count and days[0].is_cheap() and days[1].is_cheap()
    met = met and not days[0].unseen() and not days[1].unseen() - told
    print(f"  at most {BESIDES} requests and {MEGABYTES:g} MB besides re-checks, all seen: {'yes' if met else 'NO'}")
    return met


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--count", type=int, nargs="+", default=[5_000, 50_000], help="articles of each portal")
    words.add_argument("--sitemap", nargs="+", choices=["index", "none"], default=["index", "none"])
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        met = [trial(count, sitemap, Path(folder)) for sitemap in given.sitemap for count in given.count]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
