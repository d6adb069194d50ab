"""How a guest behaves: a server that asks to be left alone is, and a robots.txt that cannot be read forbids all.

``Retry-After`` is obeyed for as long as a run may wait; what asks for more ends the run, and the next one before that
time ends at once. Crawl-delay and AutoThrottle: ``PortalSpider``.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from archive import urls
from archive.warc import iso
from crawler import reach, verdict
from crawler.spiders import PortalSpider

logger = logging.getLogger(__name__)

ASKS_TO_WAIT = (429, 503)
LONGEST_WAIT = 300.0  # seconds within a run
_FIRST_WAIT = 10.0  # seconds, when the server does not say how long; three times as long each time
_STEP = 0.5  # seconds: so fast a waiting run hears that it is to end
_FURTHEST = timedelta(days=7)


class MannersMiddleware:
    """Between the capture of an answer and Scrapy's own retries."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> MannersMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """What waited for robots.txt, or in the queue, when the run was ended is not asked any more."""
        spider = _spider(self._crawler)
        if spider.opened and spider.agenda.ended:
            raise IgnoreRequest(f"the run ends: {request.url}")

    def process_response(self, request: Request, response: Response) -> Response | Awaitable[Response | Request]:
        return self._waited(request, response) if response.status in ASKS_TO_WAIT else response

    async def _waited(self, request: Request, response: Response) -> Response | Request:
        """Nothing else is asked meanwhile: requests go one by one, and this one is not done."""
        told = retry_after((response.headers.get("Retry-After") or b"").decode("latin-1"), datetime.now(UTC))
        spider = _spider(self._crawler)
        again = get_retry_request(request, spider=spider, reason=f"status {response.status}")
        seconds = told if told is not None else _FIRST_WAIT * 3 ** request.meta.get("retry_times", 0)
        if told is not None and told > LONGEST_WAIT:
            self._leave(request, told)
            return response
        if again is None:
            return response
        logger.warning("%s answers %d: waiting %.0f seconds", request.url, response.status, seconds)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(left, _STEP))
            if not self._crawler.crawling or spider.agenda.ended:
                return response
        return again

    def _leave(self, request: Request, seconds: float) -> None:
        spider = _spider(self._crawler)
        if urls.host(request.url) in spider.portal.hosts:
            until = iso(datetime.now(UTC) + timedelta(seconds=seconds))
            spider.resume_at = until
            spider.stop(f"asked to wait until {until}")


class RobotsMiddleware:
    """A robots.txt that a server in trouble does not give forbids everything.

    Source: RFC 9309, 2.3.1.4. Scrapy would take the error page for one that allows all. After Scrapy's retries.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        spider = _spider(self._crawler)
        if _is_robots(request) and response.status >= 500 and urls.host(request.url) in spider.portal.hosts:
            spider.stop(f"robots.txt answers {response.status}: nothing may be asked for")
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """RFC 9309, 2.3.1.4 says the same of a robots.txt that cannot be reached. Scrapy would go on without one."""
        spider = _spider(self._crawler)
        if _is_robots(request) and urls.host(request.url) == urls.host(spider.portal.home):
            why, how = reach.said(exception), reach.classify(exception)
            if how:
                spider.keep(verdict.unanswered(spider.portal.home, datetime.now(UTC), how, f"robots.txt: {why}"))
            spider.failed += 1
            spider.stop(f"home page not reached: robots.txt: {why}")


def _is_robots(request: Request) -> bool:
    """Scrapy's own request for a robots.txt."""
    return bool(request.meta.get("dont_obey_robotstxt")) and urlsplit(request.url).path == "/robots.txt"


def _spider(crawler: Crawler) -> PortalSpider:
    assert isinstance(crawler.spider, PortalSpider)
    return crawler.spider


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a server asks to wait; None when it does not say, at most a week.

    Source: RFC 9110, 10.2.3: seconds, or a date.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        seconds = float(value[:12])
    else:
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    return min(max(0.0, seconds), _FURTHEST.total_seconds())
