"""What every request and response passes: conditional GET on the way out, the raw Capture on the way in."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.model import Capture
from archive.store import Known

# Sent for each response as received (robots.txt, redirects and retries among them); the answer of the
# pipeline's receiver goes into ``request.meta["kept"]``.
capture_made = object()
NOT_KEPT = "tangthu/not_kept"


class CaptureMiddleware:
    """Asks only for what has changed, and makes a Capture of every answer."""

    def __init__(self, crawler: Crawler) -> None:
        self._signals = crawler.signals
        self._stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CaptureMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        known = request.meta.get("known")
        if isinstance(known, Known) and known.status == 200:
            if known.etag:
                request.headers["If-None-Match"] = known.etag
            if known.last_modified:
                request.headers["If-Modified-Since"] = known.last_modified

    def process_response(self, request: Request, response: Response) -> Response:
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in (values or [])
        )
        capture = Capture(request.url, datetime.now(UTC), response.status, headers, response.body)
        answers = self._signals.send_catch_log(capture_made, capture=capture)
        answer = next((answer for _, answer in answers), None)
        if isinstance(answer, Failure) and self._stats:
            self._stats.inc_value(NOT_KEPT)  # logged by the signal; the run must not end as if all were well
        request.meta["kept"] = answer
        return response


class CrawlDelayMiddleware:
    """robots.txt's Crawl-delay, which Scrapy reads but does not apply. The longer of it and the portal's counts."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self.robots_parsed, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CrawlDelayMiddleware:
        return cls(crawler)

    def robots_parsed(self, robotparser: object, request: Request) -> None:
        parser = getattr(robotparser, "rp", None)
        wanted = parser.crawl_delay(self._crawler.settings["ROBOTSTXT_USER_AGENT"]) if parser else None
        engine = self._crawler.engine
        if not wanted or engine is None:
            return
        # The slot of the host exists already: robots.txt came through it.
        slot = engine.downloader.slots.get(engine.downloader.get_slot_key(request))
        if slot is not None and float(wanted) > slot.delay:
            slot.delay = float(wanted)
