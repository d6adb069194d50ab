"""Opens and closes the archive around a crawl, and hands each capture to ingest."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from tqdm import tqdm

from archive.model import Capture
from archive.store import StoreError
from archive.warc import WarcError, iso
from crawler.ingest import Ingest, Kept, open_archive
from crawler.locks import Locked
from crawler.middlewares import capture_made
from crawler.spiders import PortalSpider

logger = logging.getLogger(__name__)


class ArchivePipeline:
    """One crawl's archive. The spider reads ``spider.store``; this alone writes."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stack = ExitStack()
        self._ingest: Ingest | None = None
        self._bytes = self._requests = 0
        self._broken = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchivePipeline:
        return cls(crawler)

    def open_spider(self) -> None:
        spider = self._spider()
        folder = Path(self._crawler.settings["TANGTHU_DATA"])
        try:
            self._ingest = self._stack.enter_context(open_archive(folder, spider.portal.id, spider.portal))
            self._ingest.register(spider.portal)
            self._ingest.crawl = self._ingest.store.begin_crawl(spider.portal.id, iso(datetime.now(UTC)))
        except (Locked, StoreError, OSError, sqlite3.Error) as error:
            logger.error("%s: the archive in %s cannot be written: %s", spider.portal.id, folder, error)
            spider.refused = error
            return
        spider.store = self._ingest.store
        self._bar = self._stack.enter_context(
            tqdm(desc=spider.portal.id, unit=" pages", disable=not self._crawler.settings.getbool("TANGTHU_PROGRESS"))
        )
        self._crawler.signals.connect(self._keep, capture_made)

    def close_spider(self) -> None:
        if self._ingest is None or self._ingest.crawl is None:
            self._stack.close()
            return
        spider = self._spider()
        counts = self._ingest.counts
        if not self._crawler.crawling:  # Ctrl-C, or the machine going down: Scrapy ends the run from outside
            spider.ended = "stopped by a signal: the next crawl goes on from here"
        try:
            self._ingest.warcs.sync()
            self._ingest.store.end_crawl(
                self._ingest.crawl,
                iso(datetime.now(UTC)),
                self._broken or spider.ended,
                {
                    "requests": self._requests,
                    "bytes": self._bytes,
                    "failed": spider.failed,
                    **{name: counts[name] for name in ("new", "changed", "same", "gone")},
                },
            )
        except (OSError, sqlite3.Error) as error:
            logger.error("the crawl's row could not be finished: %s", error)
            spider.refused = error
        self._stack.close()

    def process_item(self, item: Any) -> Any:
        return item

    def _keep(self, capture: Capture) -> Kept | None:
        self._requests += 1
        self._bytes += len(capture.body)
        self._bar.update()
        if self._ingest is None or self._broken:
            return None
        try:
            kept = self._ingest.keep(self._spider().portal, capture)
        except (WarcError, sqlite3.Error) as error:
            # A full disk: what is kept stays good; nothing more can be kept, so nothing more is asked for.
            self._broken = f"stopped: the archive cannot be written: {error}"
            logger.error("%s", self._broken)
            self._spider().stop(self._broken, error)
            return None
        self._bar.set_postfix({name: self._ingest.counts[name] for name in ("new", "changed", "gone")}, refresh=False)
        return kept

    def _spider(self) -> PortalSpider:
        spider: Spider | None = self._crawler.spider
        if not isinstance(spider, PortalSpider):
            raise CloseSpider("this pipeline belongs to the portal spider")
        return spider
