"""CPU seconds per 1,000 pages: Scrapy alone, and ``tangthu crawl`` on the same pages. ``make bench``.

Both are processes of their own on the same loopback server, which is a third and is not counted. Scrapy alone
requests the list of addresses with the same concurrency, no delay, parses each page and reads its links once,
as any crawl must. ``--profile FILE`` writes a cProfile of one crawl.
"""

from __future__ import annotations

import argparse
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
PORTAL = """\
name = "Cổng đo"
district = "Huyện Đo"
province = "Nam Định"
home = "{home}/"
platform = "drupal7"
delay = 0
[discovery]
sitemaps = []
feeds = []
"""
BARE = """\
import sys
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from crawler import settings as ours

class Bare(Spider):
    name = "bare"

    async def start(self):
        for number in range(int(sys.argv[2])):
            yield Request(f"{sys.argv[1]}/tin-tuc/bai-{number}", dont_filter=True)

    def parse(self, response):
        self.links = response.css("a::attr(href)").getall()
        self.pages = getattr(self, "pages", 0) + 1

    def closed(self, reason):
        assert self.pages == int(sys.argv[2]), self.pages

names = [name for name in dir(ours) if name.isupper() and name.partition("_")[0] not in ("SPIDER", "ITEM", "TANGTHU")]
left = ("DOWNLOADER_MIDDLEWARES", "DOWNLOAD_HANDLERS", "TWISTED_DNS_RESOLVER")
settings = {name: getattr(ours, name) for name in names if name not in left}
process = CrawlerProcess({**settings, "DOWNLOAD_DELAY": 0, "ROBOTSTXT_OBEY": False})
process.crawl(Bare)
process.start()
"""
TANGTHU = "import sys; from crawler.spiders import run; sys.exit(run('do/do', sys.argv[1], {}))"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--pages", type=int, default=1000)
    words.add_argument("--repeat", type=int, default=5)
    words.add_argument("--profile", type=Path, help="write a cProfile of one crawl to this file, and measure nothing")
    given = words.parse_args()
    with server(given.pages) as home:
        if given.profile:
            tangthu(home, given.pages, ["-m", "cProfile", "-o", str(given.profile.resolve())])
            return
        bare, ours = [], []
        for _ in range(given.repeat):  # by turns: what else the machine does falls on both
            bare.append(scrapy(home, given.pages))
            ours.append(tangthu(home, given.pages))
    with server(1) as home:
        first = [(scrapy(home, 1), tangthu(home, 1)) for _ in range(given.repeat)]
    report("Scrapy alone", bare, given.pages)
    report("tangthu crawl", ours, given.pages)
    least, own = (statistics.median(values) for values in zip(*first, strict=True))
    one, other = statistics.median(bare), statistics.median(ours)
    print(f"starting, with a crawl of one page: {least:.2f} and {own:.2f} CPU seconds, counted above")
    print(f"ratio {other / one:.2f}; of what the pages cost beyond the start {(other - own) / (one - least):.2f}")


@contextmanager
def server(count: int) -> Iterator[str]:
    command = [sys.executable, str(Path(__file__).with_name("pages.py")), str(count)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert child.stdout
        home = child.stdout.readline().strip()
        size = int(child.stdout.readline())
        print(f"{count} pages, {size / 1e6:.1f} MB packed; {os.cpu_count()} cores; Python {sys.version.split()[0]}")
        yield home
    finally:
        child.kill()
        child.wait()


def scrapy(home: str, count: int) -> float:
    return seconds(["-c", BARE, home, str(count)])


def tangthu(home: str, count: int, before: list[str] | None = None) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "portals" / "do" / "do.toml"
        path.parent.mkdir(parents=True)
        path.write_text(PORTAL.format(home=home), "utf-8")
        script = Path(folder) / "run.py"
        script.write_text(TANGTHU)
        used = seconds([*(before or []), str(script), folder])
        with closing(sqlite3.connect(Path(folder) / "tangthu.db")) as db:
            found = db.execute("select count(*) from articles").fetchone()[0]
        assert found == count, f"{found} articles instead of {count}"
    return used


def seconds(arguments: list[str]) -> float:
    """CPU seconds, user and system, of one Python process and of all it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def report(name: str, measured: list[float], count: int) -> None:
    per = sorted(1000 * value / count for value in measured)
    print(f"{name:14} {statistics.median(per):6.2f} CPU seconds per 1,000 pages ({per[0]:.2f} to {per[-1]:.2f})")


if __name__ == "__main__":
    main()
