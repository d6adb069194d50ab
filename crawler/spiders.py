"""PortalSpider: one spider for every portal. It asks what the agenda says, and tells it what came of it."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.exceptions import (
    CloseSpider,
    DontCloseSpider,
    DownloadCancelledError,
    IgnoreRequest,
    UnsupportedURLSchemeError,
)
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.utils.defer import deferred_from_coro
from twisted.python.failure import Failure

from archive import urls
from archive.frontier import Address
from archive.model import Capture
from archive.store import Known, Store
from archive.text import NotInflatable
from crawler import discovery, portal, reach, requisites, verdict
from crawler.agenda import Agenda, Limits
from crawler.discovery import DiscoveryError
from crawler.ingest import Kept
from crawler.locks import Locked
from crawler.measures import Measures
from crawler.middlewares import NOT_KEPT

AT_ONCE = 16  # addresses taken from the agenda at a time
SILENCES = 10  # requests in a row without an answer: the portal is left alone
DEAD = 2  # times that another host did not answer: its other files wait
REFUSALS = 8  # answers in a row that refuse us
LARGEST_PAGE, LARGEST_FILE = 10_000_000, 32_000_000  # bytes, as sent
FILE_SECONDS = 300
LISTS = ("home", "listing")


class PortalSpider(Spider):
    """Asks a portal's sitemaps, feeds and listings for articles and fetches those that are new or may have changed."""

    name = "portal"
    agenda: Agenda  # from ``begin`` on

    def __init__(self, portal: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.portal_id = portal
        self.portal: Any = None
        self.allowed_domains: list[str] = []
        self.opened = False
        self.limits = Limits()
        self.measures = Measures()
        self.keep: Callable[..., Kept | None] = lambda *_: None  # the pipeline's, once the archive is open
        self.refused: Exception | None = None  # why the archive could not be opened or written
        self.ended = "finished"
        self.resume_at: str | None = None  # when the portal asked to be left alone until then
        self.failed = 0
        self._silent = self._refusing = 0
        self._dead: Counter[str] = Counter()  # other hosts: how often each did not answer
        self._layouts: set[tuple[bytes, ...]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> PortalSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        spider.portal = portal.load(spider.portal_id, Path(settings["TANGTHU_DATA"]) / "portals")
        spider.limits = Limits(
            new_pages=settings.getint("TANGTHU_LIMIT"),
            requests=settings.getint("TANGTHU_REQUESTS"),
            bytes=int(settings.getfloat("TANGTHU_MEGABYTES") * 1e6),
            minutes=settings.getfloat("TANGTHU_MINUTES"),
            since=settings["TANGTHU_SINCE"] or "",
        )
        # Where a redirect leads out of the portal, Scrapy's offsite middleware stops; ports do not count for it.
        spider.allowed_domains = sorted({host.partition(":")[0] for host in spider.portal.hosts})
        settings.set("DOWNLOAD_DELAY", spider.portal.delay, "spider")
        settings.set("AUTOTHROTTLE_START_DELAY", spider.portal.delay, "spider")
        settings.set("AUTOTHROTTLE_ENABLED", spider.portal.delay > 0, "spider")
        crawler.signals.connect(spider._idle, signals.spider_idle)
        crawler.signals.connect(spider._robots, signals.robots_parsed)
        return spider

    def begin(self, store: Store) -> None:
        """The archive is open."""
        self.agenda = Agenda(store, self.portal, self.limits, lambda: datetime.now(UTC))
        self.agenda.begin()
        self.opened = True

    async def start(self) -> AsyncIterator[Request]:
        if self.refused or not self.opened:
            raise CloseSpider("refused")
        if self.portal.closed and date.today() >= self.portal.closed:
            self.stop(f"closed since {self.portal.closed.isoformat()}")
        for request in self._next_requests():
            yield request

    def stop(self, why: str, error: Exception | None = None) -> None:
        """End this run now, without waiting for what is queued."""
        self.refused = self.refused or error
        if self.opened and not self.agenda.ended:
            self.agenda.ended = self.ended = why
            if self.crawler.engine and self.crawler.engine.spider:
                deferred_from_coro(self.crawler.engine.close_spider_async(reason="stopped"))

    def _next_requests(self) -> list[Request]:
        requests: list[Request] = []
        with self._writing():
            while not requests and (addresses := self.agenda.take(AT_ONCE)):
                for address in addresses:
                    if self._dead[urls.host(address.url)] >= DEAD:
                        self.agenda.lost(address, "silent: its host did not answer before")
                    else:
                        requests.append(self._request(address))
        self.ended = self.agenda.ended or self.ended
        return requests

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A full disk: what is kept stays good; nothing more can be kept, so nothing more is asked for."""
        try:
            yield
        except sqlite3.Error as error:
            why = f"stopped: the archive cannot be written: {error}"
            self.logger.error("%s", why)
            self.stop(why, error)

    def _idle(self) -> None:
        """What was asked is answered: the next ones, until the agenda has none."""
        if not self.opened or self.refused or self.agenda.ended:
            return
        requests = self._next_requests()
        for request in requests:
            self.crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider

    def _request(self, address: Address) -> Request:
        meta: dict[str, Any] = {"address": address, "handle_httpstatus_list": _ANSWERS}
        if address.kind in ("file", "requisite"):
            # Pictures stand on other hosts too; robots.txt is asked there as well.
            meta |= {"allow_offsite": True, "download_maxsize": LARGEST_FILE, "download_timeout": FILE_SECONDS}
            if urls.host(address.url) not in self.portal.hosts:
                meta |= {"max_retry_times": 0, "download_timeout": self.settings.getfloat("DOWNLOAD_TIMEOUT")}
        if known := self._validators(address):
            meta["known"] = known
        return Request(address.url, callback=self.answered, errback=self.lost, meta=meta)

    def _validators(self, address: Address) -> Known | None:
        """What to compare with: only what was read to its end, since a 304 has no links."""
        if address.kind == "home" or (address.kind == "listing" and self.agenda.finds.sweeping):
            return None
        known = self.agenda.store.known(address.url)
        if known and address.kind != "article" and (address.looked or "") < known.fetched_at:
            return None
        return known

    # Answers

    def answered(self, response: Response) -> None:
        address, capture, kept = (response.meta.get(name) for name in ("address", "capture", "kept"))
        assert isinstance(address, Address)
        if not isinstance(kept, Kept) or capture is None:  # it could not be kept: the log says why
            self.failed += 1
            self.agenda.unread = True
            return
        self._silent = 0
        if capture.status >= 500:
            self.measures.error(f"status {capture.status}")
        self._refusing = self._refusing + 1 if kept.verdict == verdict.BLOCKED else 0
        if self._refusing >= REFUSALS:
            self.stop(f"blocked: {self._refusing} answers in a row refuse us")
            return
        with self._writing():
            _READERS[address.kind](self, address, capture, kept)
            first = response.meta.get("first")
            if kept.article is None and isinstance(first, Kept) and first.article:
                kept = first  # an article's address that leads to the home page by now
            self.agenda.settle(address, response.url, kept)

    def read_home(self, address: Address, capture: Capture, kept: Kept) -> None:
        if capture.status >= 400:
            self.agenda.unread = True
            self.stop(f"home page not reached: status {capture.status}")
            return
        if kept.verdict:
            self.stop(f"home page not reached: {kept.verdict}, {kept.why or capture.status}")
            return
        try:
            html = discovery.html(capture)
        except NotInflatable as error:
            self.agenda.unread = True
            self.stop(f"home page not read: {error}")
            return
        self._read_links(address, capture, html)
        if not self.portal.discovery.listings:
            self.agenda.finds.in_menu(discovery.menu(html, capture.url, self.portal.discovery))

    def read_sitemap(self, address: Address, capture: Capture, kept: Kept) -> None:
        if capture.status == 304:
            self.agenda.finds.sitemap_read(address)
        if self._is_missing(address, capture):
            return
        try:
            links, more = discovery.sitemap(discovery.body(capture, discovery.LARGEST), capture.url)
        except (DiscoveryError, NotInflatable) as error:
            self.read_feed(address, capture, kept, error)  # robots.txt may call a feed a sitemap
            return
        self.agenda.finds.in_sitemap(address, links, more)

    def read_feed(self, address: Address, capture: Capture, _: Kept, before: Exception | None = None) -> None:
        if self._is_missing(address, capture):
            return
        try:
            links = discovery.feed(discovery.body(capture, discovery.LARGEST), capture.url)
        except (DiscoveryError, NotInflatable) as error:
            self._unreadable(address, before or error)
            return
        self.agenda.finds.in_feed(address.url, links)

    def _unreadable(self, address: Address, error: Exception) -> None:
        """A listing without which what is missing from the rest proves nothing; a feed or sitemap is one of many."""
        self.agenda.unread = self.agenda.unread or address.kind in LISTS
        self.measures.error("source")
        said = str(error)
        self.logger.warning("%s", said if address.url in said else f"{address.url}: {said}")

    def read_listing(self, address: Address, capture: Capture, _: Kept) -> None:
        if self._is_missing(address, capture):
            return
        try:
            html = discovery.html(capture)
        except NotInflatable as error:
            self._unreadable(address, error)
            return
        self._read_links(address, capture, html)

    def _read_links(self, address: Address, capture: Capture, html: str) -> None:
        page = discovery.listing(html, capture.url, self.portal.discovery)
        if address.found_on is None:
            self.measures.listing(address.url, len(page.links))
            self._look_for_requisites(capture)
        self.agenda.finds.in_listing(address, page)

    def read_article(self, address: Address, capture: Capture, kept: Kept) -> None:
        if capture.status == 200:
            self.measures.page(capture, kept.content, kept.why)
        if kept.content:
            self.agenda.finds.files(
                [image.url for image in kept.content.images], [file.url for file in kept.content.attachments]
            )
            if kept.outcome == "new":
                self._look_for_requisites(capture)
        elif kept.why == "listing" and (listing := self.agenda.finds.is_listing(address)):
            self.read_listing(listing, capture, kept)

    def read_file(self, address: Address, capture: Capture, _: Kept) -> None:
        if address.kind == "requisite" and capture.status == 200 and capture.media_type == "text/css":
            self.agenda.finds.requisites(requisites.of_styles(discovery.html(capture), capture.url))

    def _is_missing(self, address: Address, capture: Capture) -> bool:
        """A source that is not there is none; one that is in trouble leaves us without what it would have shown."""
        self.agenda.unread = self.agenda.unread or (address.kind in LISTS and capture.status >= 500)
        return capture.status != 200

    def _look_for_requisites(self, capture: Capture) -> None:
        """Once a layout: pages with the same style sheets have the same template."""
        look = requisites.layout(capture)
        if look not in self._layouts:
            self._layouts.add(look)
            self.agenda.finds.requisites(requisites.of_page(discovery.html(capture), capture.url))

    def lost(self, failure: Failure) -> None:
        """A request that got no answer at all, or that must not be made."""
        with self._writing():
            self._lost(failure)

    def _lost(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        address: Address = request.meta["address"]
        error = failure.value
        assert isinstance(error, Exception)
        why, how = reach.said(error), reach.classify(error)
        if isinstance(error, IgnoreRequest):
            if self.agenda.ended:
                return  # it was not asked any more, and stays due
            self._forbidden(address, request, why)
            return
        host = urls.host(address.url)
        if host in self.portal.hosts:  # a picture on another host says nothing of the portal
            self.failed += 1
            self.measures.error(how or "refused by us")
            self._silent += bool(how)
        else:
            self._dead[host] += bool(how)
        of_a_page = address.kind not in ("file", "requisite")
        self.logger.log(logging.WARNING if of_a_page else logging.INFO, "%s: %s", request.url, why)
        kept = None
        if how and (address.kind == "home" or self.agenda.store.article_at(address.url)):
            kept = self.keep(verdict.unanswered(address.url, datetime.now(UTC), how, why))
        self.agenda.unread = self.agenda.unread or address.kind in LISTS
        if kept and address.kind == "article":
            self.agenda.settle(address, address.url, kept)
        else:
            self.agenda.lost(address, f"{how}: {why}" if how else why, final=isinstance(error, _FINAL))
        if address.kind == "home":
            self.stop(f"home page not reached: {why}")
        elif self._silent >= SILENCES:
            self.stop(f"{self._silent} requests in a row got no answer; the last: {why}")

    def _forbidden(self, address: Address, request: Request, why: str) -> None:
        if address.kind == "home":
            self.agenda.lost(address, why, final=True)
            moved = urls.key(request.url) != address.key
            self.stop("home page not reached: " + (f"moved to {request.url}" if moved else why))
        elif "redirections" in why:
            self.failed += 1
            self.logger.warning("%s: redirects without end", address.url)
            self.agenda.lost(address, "redirects without end", final=True)
        elif urls.key(request.url) != address.key:  # a redirect out of the portal, which is kept
            self.agenda.settle(address, address.url, request.meta.get("kept") or Kept("kept"))
        else:
            self.agenda.lost(address, why, final=True)

    def _robots(self, robotparser: object, request: Request) -> None:
        """Scrapy reads robots.txt before the first request; its ``Sitemap:`` lines are sources too."""
        parser = getattr(robotparser, "rp", None)
        if not self.opened or parser is None or urls.host(request.url) not in self.portal.hosts:
            return
        with self.agenda.store.atomic():
            for address in parser.sitemaps:
                self.agenda.finds.source(address, "sitemap", "named by robots.txt")
        wanted = parser.crawl_delay(self.crawler.settings["ROBOTSTXT_USER_AGENT"])
        if wanted:
            self._slow_down(request, float(wanted))

    def _slow_down(self, request: Request, seconds: float) -> None:
        """Crawl-delay, which Scrapy reads and does not apply. The longer of it and the portal's counts."""
        downloader = self.crawler.engine.downloader
        # The slot of the host exists already: robots.txt came through it.
        slot = downloader.slots.get(downloader.get_slot_key(request))
        if slot is not None:
            slot.delay = max(slot.delay, seconds)
        downloader._delay = max(downloader._delay, seconds)
        throttle = self.crawler.get_extension(AutoThrottle)
        if throttle is not None:
            throttle.mindelay = max(throttle.mindelay, seconds)


_READERS: dict[str, Callable[[PortalSpider, Address, Capture, Kept], None]] = {
    "home": PortalSpider.read_home,
    "sitemap": PortalSpider.read_sitemap,
    "feed": PortalSpider.read_feed,
    "listing": PortalSpider.read_listing,
    "article": PortalSpider.read_article,
    "file": PortalSpider.read_file,
    "requisite": PortalSpider.read_file,
}
_FINAL = (DownloadCancelledError, UnsupportedURLSchemeError)  # too large, or nothing that we ask for
# Redirects are followed by Scrapy, retries made by it; everything else is an answer that a callback reads.
_ANSWERS = [304, *range(400, 500), *range(500, 600)]


def run(portal_id: str, folder: str, options: dict[str, Any]) -> int:
    """Crawl one portal in this process, which can do so once: the reactor does not start a second time.

    ``options`` are Scrapy settings. Gives the exit code: 0 done, 1 something went wrong, 75 the archive is locked.
    """
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.update({**options, "TANGTHU_DATA": folder}, priority="cmdline")
    process = CrawlerProcess(settings)
    # What it tells with a traceback, a host without an answer, the spider tells in a line.
    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)
    crawler = process.create_crawler(PortalSpider)
    process.crawl(crawler, portal=portal_id)
    process.start()
    spider = crawler.spider
    if not isinstance(spider, PortalSpider):
        return 1
    if isinstance(spider.refused, Locked):
        return 75
    wrong = spider.ended.startswith(_WRONG)
    opened = spider.opened and spider.refused is None
    lost = crawler.stats.get_value(NOT_KEPT, 0) if crawler.stats else 0
    return 0 if opened and not wrong and not lost else 1


_WRONG = ("home page", "stopped", "blocked", "robots.txt", f"{SILENCES} requests")
