"""PortalSpider: one spider for every portal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.exceptions import CloseSpider, DontCloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.utils.defer import deferred_from_coro
from twisted.python.failure import Failure

from archive import text, urls
from archive.store import Known, Store
from archive.warc import iso
from crawler import discovery, portal
from crawler.discovery import DiscoveryError, Link
from crawler.ingest import Kept
from crawler.locks import Locked
from crawler.middlewares import NOT_KEPT

# A page that cannot be asked conditionally (no ETag, no Last-Modified) is looked at again after this time.
LOOK_AGAIN = timedelta(days=1)
# A listing that led to this many pages and to no article is no listing of articles (calendars, galleries).
BARREN = 30
MAX_DEPTH = 2  # a listing within a listing (archive by month) within the menu
# Articles first: what they turn out to be decides whether their listing is paged any further.
SOURCE, ARTICLE, LISTING = 20, 10, 0


@dataclass(slots=True)
class Walk:
    """One listing's pages on the way: what they have shown, and what came of it."""

    depth: int
    shown: set[str] = field(default_factory=set)
    articles: int = 0
    others: int = 0


class PortalSpider(Spider):
    """Asks a portal's sitemaps, feeds and listings for articles and fetches those that are new or may have changed."""

    name = "portal"

    def __init__(self, portal: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.portal_id = portal
        self.portal: Any = None
        self.allowed_domains: list[str] = []
        self.store: Store | None = None
        self.refused: Exception | None = None  # why the archive could not be opened or written
        self.ended = "finished"
        self.failed = 0
        self._seen: set[str] = set()
        self._met: set[str] = set()  # articles that this run has seen linked
        self._fetched = 0
        self._limit = 0
        self._unread = False  # a source could not be read: what is missing from the rest proves nothing
        self._swept = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> PortalSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        folder = Path(crawler.settings["TANGTHU_DATA"]) / "portals"
        spider.portal = portal.load(spider.portal_id, folder)
        spider._limit = crawler.settings.getint("TANGTHU_LIMIT")
        # Where a redirect leads out of the portal, Scrapy's offsite middleware stops; ports do not count for it.
        spider.allowed_domains = sorted({host.partition(":")[0] for host in spider.portal.hosts})
        crawler.settings.set("DOWNLOAD_DELAY", spider.portal.delay, "spider")
        crawler.signals.connect(spider._idle, signals.spider_idle)
        crawler.signals.connect(spider._robots, signals.robots_parsed)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        if self.refused:
            raise CloseSpider("refused")
        if self.portal.closed and date.today() >= self.portal.closed:
            self.ended = f"closed since {self.portal.closed.isoformat()}"
            return
        home, rules = self.portal.home, self.portal.discovery
        yield self._source(home, self.parse_home)
        for address in rules.sitemaps:
            yield self._source(urljoin(home, address), self.parse_sitemap)
        for address in rules.feeds:
            yield self._source(urljoin(home, address), self.parse_feed)
        for listing in rules.listings:
            yield self._source(urljoin(home, listing.url), self.parse_listing, LISTING, walk=Walk(0))

    def stop(self, why: str, error: Exception | None = None) -> None:
        """End this run now, without waiting for what is queued."""
        self.ended, self.refused = why, error
        deferred_from_coro(self.crawler.engine.close_spider_async(reason="stopped"))

    # Sources of links

    def parse_home(self, response: Response) -> Iterator[Request]:
        if response.status >= 400:
            self.ended, self._unread = f"home page not reached: status {response.status}", True
            return
        yield from self.parse_listing(response, Walk(0))
        rules = self.portal.discovery
        entries = () if rules.listings else discovery.menu(_html(response), response.url, rules)
        for address, _ in entries:
            if urls.host(address) in self.portal.hosts and urls.key(address) not in self._seen:
                yield self._source(address, self.parse_listing, LISTING, walk=Walk(0))

    def _robots(self, robotparser: object) -> None:
        """Scrapy reads robots.txt before the first request; its ``Sitemap:`` lines are sources too."""
        parser = getattr(robotparser, "rp", None)
        for address in parser.sitemaps if parser else ():
            if urls.key(address) not in self._seen and urls.host(address) in self.portal.hosts:
                self.crawler.engine.crawl(self._source(address, self.parse_sitemap))

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        if response.status != 200:
            return
        try:
            links, more = discovery.sitemap(response.body, response.url)
        except DiscoveryError:
            yield from self.parse_feed(response)  # robots.txt may call a feed a sitemap; both are allowed there
            return
        for address in more:
            if urls.key(address) not in self._seen:
                yield self._source(address, self.parse_sitemap)
        yield from self._articles(links, None)

    def parse_feed(self, response: Response) -> Iterator[Request]:
        if response.status != 200:
            return
        try:
            yield from self._articles(discovery.feed(response.body, response.url), None)
        except DiscoveryError as error:
            self._unread = True
            self.logger.warning("%s", error)

    def parse_listing(self, response: Response, walk: Walk) -> Iterator[Request]:
        if response.status != 200:
            self._unread = self._unread or response.status >= 500
            return
        page = discovery.listing(_html(response), response.url, self.portal.discovery)
        new = [link for link in page.links if urls.key(link.url) not in walk.shown]
        walk.shown.update(urls.key(link.url) for link in new)
        yield from self._articles(new, walk)
        # A page that shows nothing new ends the listing: endless pagers repeat their last page or show nothing.
        if new and not (walk.others >= BARREN and not walk.articles):
            for address in page.next:
                if urls.host(address) in self.portal.hosts and urls.key(address) not in self._seen:
                    yield self._source(address, self.parse_listing, LISTING, walk=walk)

    # Articles

    def parse_article(self, response: Response, walk: Walk | None) -> Iterator[Request]:
        kept = response.request.meta.get("kept") if response.request else None
        if not isinstance(kept, Kept):  # it could not be kept: the log says why
            self.failed += 1
            self._unread = True
            return
        if kept.article:
            self._met.add(kept.article)
        if walk is None:
            return
        if kept.outcome in ("new", "changed", "same"):
            walk.articles += 1
            return
        walk.others += 1
        if walk.depth < MAX_DEPTH and response.status == 200 and kept.why == "listing":
            yield from self.parse_listing(response, Walk(walk.depth + 1))

    def lost(self, failure: Failure) -> None:
        """A request that got no answer at all, or that robots.txt forbids."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if urls.key(request.url) == urls.key(self.portal.home):
            self.ended = f"home page not reached: {failure.getErrorMessage()}"
        if isinstance(failure.value, IgnoreRequest):
            return
        self.failed += 1
        self._unread = True
        self.logger.warning("%s: %s", request.url, failure.getErrorMessage())

    def _articles(self, links: tuple[Link, ...] | list[Link], walk: Walk | None) -> Iterator[Request]:
        for link in links:
            key = urls.key(link.url)
            if key in self._seen or urls.host(link.url) not in self.portal.hosts:
                continue
            if not discovery.is_page(link.url, self.portal.discovery) or key == urls.key(self.portal.home):
                continue
            self._seen.add(key)
            known = self.store.known(link.url) if self.store else None
            if known and known.article:
                self._met.add(known.article)
                if walk:
                    walk.articles += 1
            if known is None or _is_due(known, link.changed):
                if known is None and self._limit and self._fetched >= self._limit:
                    self.ended, self._unread = f"limit of {self._limit} new pages", True
                    continue
                self._fetched += known is None
                yield self._request(link.url, self.parse_article, ARTICLE, {"known": known}, walk=walk)

    def _idle(self) -> None:
        """Everything is read: what was there before and is linked no more is looked at again, at its own address."""
        if self._swept or self._unread or not self.store or self.refused or self.ended != "finished":
            return
        self._swept = True
        missing = []
        for article, address in self.store.standing(self.portal.id):
            if article not in self._met and urls.key(address) not in self._seen:
                known = self.store.known(address)
                if known and _is_due(known, ""):
                    missing.append(self._request(address, self.parse_article, ARTICLE, {"known": known}, walk=None))
        for request in missing:
            self.crawler.engine.crawl(request)
        if missing:
            raise DontCloseSpider

    def _source(self, address: str, callback: Any, priority: int = SOURCE, **arguments: Any) -> Request:
        self._seen.add(urls.key(address))
        return self._request(address, callback, priority, {}, **arguments)

    def _request(self, address: str, callback: Any, priority: int, meta: dict[str, Any], **arguments: Any) -> Request:
        return Request(
            address,
            callback=callback,
            errback=self.lost,
            priority=priority,
            cb_kwargs=arguments,
            meta={"handle_httpstatus_list": _ANSWERS, **meta},
        )


# Redirects are followed by Scrapy, retries made by it; everything else is an answer that a callback reads.
_ANSWERS = [304, *range(400, 500), *range(500, 600)]


def _is_due(known: Known, changed: str) -> bool:
    """Ask again? Always when asking costs nothing (conditional GET) or the sitemap names a later day."""
    if known.etag or known.last_modified:
        return True
    if changed:
        try:
            moment = datetime.fromisoformat(changed)
        except ValueError:
            moment = None
        if moment and iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) > known.fetched_at:
            return True
    return iso(datetime.now(UTC) - LOOK_AGAIN) > known.fetched_at


def run(portal_id: str, folder: str, options: dict[str, Any]) -> int:
    """Crawl one portal in this process, which can do so once: the reactor does not start a second time.

    ``options`` are Scrapy settings. Gives the exit code: 0 done, 1 something went wrong, 75 the archive is locked.
    """
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.update({**options, "TANGTHU_DATA": folder}, priority="cmdline")
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(PortalSpider)
    process.crawl(crawler, portal=portal_id)
    process.start()
    spider = crawler.spider
    if not isinstance(spider, PortalSpider):
        return 1
    if isinstance(spider.refused, Locked):
        return 75
    reached = not spider.ended.startswith(("home page", "stopped"))
    opened = spider.store is not None and spider.refused is None
    lost = crawler.stats.get_value(NOT_KEPT, 0) if crawler.stats else 0
    return 0 if reached and opened and not lost else 1


def _html(response: Response) -> str:
    return text.decode(response.body, (response.headers.get("Content-Type") or b"").decode("latin-1"))
