"""What every request and response passes: conditional GET on the way out, the raw Capture on the way in."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive.model import Capture
from archive.store import Known
from crawler import tls

logger = logging.getLogger(__name__)

NOT_KEPT = "tangthu/not_kept"


def keep(crawler: Crawler, capture: Capture, named: Mapping[str, str] = MappingProxyType({})) -> Any:
    """What the pipeline made of a capture (``Kept``); None when it could not be kept, which is logged and counted: the
    run goes on, and does not end as if all were well. No signal: that costs as much as a query."""
    try:
        return cast("Any", crawler.spider).keep(capture, named)
    except Exception:  # one page must not end the run
        logger.exception("%s: could not be kept", capture.url)
        cast("Any", crawler.stats).inc_value(NOT_KEPT)
        return None


class CaptureMiddleware:
    """Asks only for what has changed, and makes a Capture of every answer, which travels on as ``meta["capture"]``."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

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
            (_text(name), _text(value)) for name, values in response.headers.items() for value in (values or [])
        )
        source = "; ".join(filter(None, (request.meta.get("source", "live"), tls.provenance(request))))
        capture = Capture(request.url, datetime.now(UTC), response.status, headers, response.body, source)
        answer = keep(self._crawler, capture, tls.named(request, response))
        request.meta["kept"] = answer
        request.meta.setdefault("first", answer)  # what the first of several redirects says
        if "address" not in request.meta:
            return response
        # Whoever reads it takes the capture: Scrapy need not unpack the body a second time.
        request.meta["capture"] = capture
        response.headers.pop("Content-Encoding", None)
        return response.replace(body=b"")


def _text(header: bytes) -> str:
    """As archive.warc reads it again: UTF-8 where it is that, which names of files often are."""
    try:
        return header.decode("utf-8")
    except UnicodeDecodeError:
        return header.decode("latin-1")
