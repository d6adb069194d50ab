"""Opens and closes the archive around a crawl, and hands each capture to ingest."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from tqdm import tqdm

from archive.model import Capture
from archive.store import StoreError
from archive.warc import WarcError, iso
from crawler.ingest import CRAWL_NOTE, Ingest, Kept, is_made, open_archive
from crawler.locks import Locked
from crawler.recovery import recover
from crawler.spiders import PortalSpider

logger = logging.getLogger(__name__)

_TELL_EVERY = 300.0  # seconds between two lines in a log
_COUNT_EVERY = 5.0  # seconds between two looks at how much is left


class ArchivePipeline:
    """One crawl's archive. The spider's agenda reads the store; this alone keeps captures."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stack = ExitStack()
        self._ingest: Ingest | None = None
        self._broken = ""
        self._told = self._counted = time.monotonic()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchivePipeline:
        return cls(crawler)

    def open_spider(self) -> None:
        spider = self._spider()
        if self._crawler.settings.getbool("TANGTHU_LOG"):
            _tell_progress(self._crawler.settings["LOG_FORMAT"])
        folder = Path(self._crawler.settings["TANGTHU_DATA"])
        try:
            ingest = self._stack.enter_context(open_archive(folder, spider.portal.id, spider.portal))
            ingest.register(spider.portal)
            for line in recover(ingest, spider.portal).lines():
                logger.error("%s: %s", spider.portal.id, line)
            waits = ingest.store.asked_to_wait(spider.portal.id)
            ingest.crawl = ingest.store.begin_crawl(spider.portal.id, iso(datetime.now(UTC)))
            self._ingest = ingest
            spider.keep = self._keep
            spider.begin(ingest.store)
        except (Locked, StoreError, OSError, WarcError, sqlite3.Error) as error:
            what = "" if isinstance(error, Locked) else f"the archive in {folder} cannot be written: "
            logger.error("%s: %s%s", spider.portal.id, what, error)
            spider.refused = error
            return
        if waits and waits > iso(datetime.now(UTC)):
            spider.resume_at = waits
            spider.stop(f"waits until {waits}, as the portal asked")
        silent = not self._crawler.settings.getbool("TANGTHU_PROGRESS")
        self._bar = self._stack.enter_context(tqdm(desc=spider.portal.id, unit=" requests", total=0, disable=silent))

    def close_spider(self) -> None:
        ingest, spider = self._ingest, self._spider()
        if ingest is None or ingest.crawl is None:
            self._stack.close()
            return
        if not self._crawler.crawling:  # Ctrl-C, or the machine going down: Scrapy ends the run from outside
            spider.ended = "stopped by a signal: the next crawl goes on from here"
        try:
            if spider.opened:
                spider.agenda.flush()
            self._end(ingest, spider)
        except (OSError, WarcError, sqlite3.Error) as error:
            logger.error("the crawl's row could not be finished: %s", error)
            spider.refused = error
        self._stack.close()

    def _end(self, ingest: Ingest, spider: PortalSpider) -> None:
        """The row is written twice: into the database, and into the WARC, from which that can be made again."""
        assert ingest.crawl is not None
        counts, agenda = ingest.counts, spider.agenda
        values = {
            "requests": agenda.requests,
            "bytes": agenda.bytes,
            "failed": spider.failed,
            **{name: counts[name] for name in ("new", "changed", "same", "gone")},
            "resume_at": spider.resume_at,
            "measures": json.dumps(spider.measures.as_dict(), ensure_ascii=False),
            "cut": json.dumps(dict(agenda.finds.cut), ensure_ascii=False) if agenda.finds.cut else None,
        }
        now = datetime.now(UTC)
        ingest.store.end_crawl(ingest.crawl, iso(now), self._broken or spider.ended, values)
        if not self._broken:
            ingest.warcs.write_note(CRAWL_NOTE, now, ingest.store.crawl_row(ingest.crawl))
        ingest.warcs.sync()

    def process_item(self, item: Any) -> Any:
        return item

    def _keep(self, capture: Capture, named: Mapping[str, str] = MappingProxyType({})) -> Kept | None:
        spider = self._spider()
        if not is_made(capture.source):
            spider.agenda.requests += 1
            spider.agenda.bytes += len(capture.body)
        if self._ingest is None or self._broken:
            return None
        try:
            kept = self._ingest.keep(spider.portal, capture, named)
        except (WarcError, sqlite3.Error) as error:
            # A full disk: what is kept stays good; nothing more can be kept, so nothing more is asked for.
            self._broken = f"stopped: the archive cannot be written: {error}"
            logger.error("%s", self._broken)
            spider.stop(self._broken, error)
            return None
        self._tell(spider)
        return kept

    def _tell(self, spider: PortalSpider) -> None:
        """How far the run is: a bar on a terminal, a line now and then in a log."""
        assert self._ingest is not None
        self._bar.update()
        now, counts = time.monotonic(), self._ingest.counts
        if not self._bar.disable and now - self._counted > _COUNT_EVERY:
            self._counted = now
            self._bar.total = self._bar.n + spider.agenda.left()
            self._bar.set_postfix({name: counts[name] for name in ("new", "changed", "gone")}, refresh=False)
        if now - self._told > _TELL_EVERY:
            self._told = now
            logger.info(
                "%s: %d requests, %d new, %d changed, %d gone; %d addresses left", spider.portal.id,
                spider.agenda.requests, counts["new"], counts["changed"], counts["gone"], spider.agenda.left(),
            )  # fmt: skip

    def _spider(self) -> PortalSpider:
        spider: Spider | None = self._crawler.spider
        if not isinstance(spider, PortalSpider):
            raise CloseSpider("this pipeline belongs to the portal spider")
        return spider


def _tell_progress(form: str) -> None:
    """Our own lines that are no warnings, for a log: Scrapy's would fill it."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(form))
    handler.addFilter(lambda record: record.levelno < logging.WARNING)
    ours = logging.getLogger("crawler")
    ours.setLevel(logging.INFO)
    ours.addHandler(handler)
