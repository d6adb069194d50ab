"""Portals whose pages scripts fill in (``render = true``): what was sent and what Chromium makes of it are both kept.

The server's answer is captured like any other, and marked "to be rendered": nothing is read in it. Then Chromium shows
those very bytes. What the page's scripts ask for goes through the crawl's own downloader: robots.txt, the guard,
delays, limits, conditional GET and captures hold for it. The page as it stands when nothing more happens becomes a
second capture, a WARC record of type ``conversion``, and that one is read, for its article and its links. A page that
cannot be rendered is read as it was sent, in a ``conversion`` that says why: how a record is read never depends on the
next one.

Scripts and style sheets are asked for wherever they stand, data on the portal's own hosts and those beside them, by GET
alone; pictures, fonts and frames are not. Where a script wants to lead a reader elsewhere, it is not followed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from archive import text
from archive.model import Capture
from archive.provenance import NOT_RENDERED, RENDERED, TO_RENDER
from archive.text import NotInflatable
from crawler.chromium import Chromium, RenderError
from crawler.ingest import awaits_rendering
from crawler.middlewares import keep
from crawler.outlet import Answer, Limits, Refused, Supply, refusal
from crawler.portal import Portal

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

logger = logging.getLogger(__name__)

KINDS = ("home", "listing", "article")  # of addresses whose pages are rendered
_LARGEST = 12_000_000  # bytes unpacked, as extraction reads them
_LOOK = 0.1  # seconds between two looks at what a page does
_UNTOLD = 3  # times as long without anything new until a page that does not say so is taken for done
# Asked in a world of our own, where the page's scripts have changed nothing.
_HOLDS = """(() => {
  const type = document.doctype ? new XMLSerializer().serializeToString(document.doctype) + "\\n" : "";
  const all = document.documentElement ? document.documentElement.outerHTML : "";
  return all.length > %d ? null : type + all;
})()"""


class Visit:
    """One page in Chromium, from the server's bytes to what it shows. ``refused`` says what it did not get, and why."""

    def __init__(self, sent: Capture, supply: Supply, hosts: frozenset[str], limits: Limits) -> None:
        self._sent, self._supply, self._hosts, self._limits = sent, supply, hosts, limits
        self.refused: Counter[str] = Counter()
        self.loaded = self.crashed = False
        self.asking = 0  # requests that wait for an answer from outside
        self.news = 0  # answers that it had not got before
        self.calls = 0  # requests of any kind
        self.used = 0.0  # seconds of its own time
        self._over = self._shown = False
        self._turn = asyncio.Lock()
        self._waiting: set[asyncio.Task[Any]] = set()
        self._asked, self._bytes = 0, 0
        self._paths: Counter[str] = Counter()
        self._got: dict[str, Answer] = {}
        self._page: Page | None = None

    @property
    def state(self) -> tuple[int, bool]:
        """Changes when something new has come to the page."""
        return self.news, self.loaded

    async def prepare(self, page: Page) -> None:
        """Before anything is shown."""
        self._page = page
        page.on("domcontentloaded", lambda _: self._note("loaded"))
        page.on("crash", lambda _: self._note("crashed"))
        await page.route("**/*", self._route)

    async def end(self) -> None:
        """Nothing more is asked for, and nobody waits for an answer. What is under way goes on, and is kept."""
        self._over = True
        for task in self._waiting:
            task.cancel()
        if self._waiting:
            await asyncio.wait(self._waiting)

    async def _route(self, route: Route) -> None:
        """The one way out of a page. A page that was closed meanwhile needs no answer."""
        from playwright.async_api import Error

        self.calls += 1
        request = route.request
        task = asyncio.current_task()
        assert task is not None
        self._waiting.add(task)
        try:
            if request.is_navigation_request() and request.frame == self._page_frame and not self._shown:
                self._shown = True
                headers = {"content-type": self._sent.header("Content-Type")}
                await route.fulfill(status=200, headers=headers, body=self._sent.body)
                return
            try:
                answer = await self._answer(request.resource_type, request.method, request.url, request.headers)
            except Refused as error:
                self.refused[str(error)] += 1
                # An aborted page would be replaced by Chromium's error page; "no content" leaves it as it is.
                await (route.fulfill(status=204) if request.is_navigation_request() else route.abort())
                return
            origin = request.headers.get("origin", "*")
            shared = {"access-control-allow-origin": origin, "access-control-allow-credentials": "true"}
            await route.fulfill(status=answer.status, headers={**answer.headers, **shared}, body=answer.body)
        except Error as error:
            logger.debug("%s: %s", self._sent.url, error)
        finally:
            self._waiting.discard(task)

    async def _answer(self, kind: str, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        if why := refusal(kind, method, url, self._hosts):
            raise Refused(why)
        url = url.partition("#")[0]
        known = self._got.get(url) or self._supply.at_hand(url)
        if known is None:
            self._count(url)
            self.asking += 1
            try:
                async with self._turn:
                    known = self._got.get(url) or await self._ask(url, kind, headers)
            finally:
                self.asking -= 1
        if url not in self._got:
            self.news += 1
            self._got[url] = known
        return known

    def _count(self, url: str) -> None:
        path = urlsplit(url)._replace(query="").geturl()
        self._asked += 1
        self._paths[path] += 1
        if self._asked > self._limits.requests or self._paths[path] > self._limits.same:
            raise Refused("too much is asked")

    async def _ask(self, url: str, kind: str, headers: Mapping[str, str]) -> Answer:
        if self._over or self._bytes >= self._limits.bytes:
            raise Refused("asked too late" if self._over else "too much is asked")
        task = asyncio.current_task()
        assert task is not None
        self._waiting.discard(task)
        answer = await self._supply.ask(url, kind, headers)
        if self._over:
            raise asyncio.CancelledError
        self._waiting.add(task)
        self._bytes += len(answer.body)
        return answer

    def _note(self, what: str) -> None:
        setattr(self, what, True)

    @property
    def _page_frame(self) -> Any:
        return self._page.main_frame if self._page else None


class Stopped(Exception):
    """The run ends before the page is rendered: it is asked for again another time."""


class Renderer:
    """Makes of what a server sent what a reader sees."""

    def __init__(self, crawler: Crawler, portal: Portal, limits: Limits) -> None:
        self._crawler, self._portal, self._limits = crawler, portal, limits
        self._spider: Any = crawler.spider
        self._chromium = Chromium(crawler, limits.pages)
        self._supply = Supply(crawler, limits)
        self.refused: Counter[str] = Counter()

    async def close(self) -> None:
        await self._chromium.close()

    async def render(self, capture: Capture) -> Capture:
        """A capture of the page as it stands in the end; of what the server sent, when it cannot be rendered: its
        ``source`` says which. At least a second later: times are whole seconds, and it follows what it is made of.

        Raises RenderError when Chromium cannot be started, Stopped when the run ends meanwhile.
        """
        headers = (("Content-Type", capture.header("Content-Type")),)
        made = replace(capture, headers=headers, body=b"")
        try:
            made = replace(made, body=_unpacked(capture))
            html, settled = await self._shown(made)
            headers = (("Content-Type", "text/html; charset=utf-8"),)
            made = replace(made, headers=headers, body=html.encode("utf-8", "replace"))
            source = f"{RENDERED} {self._chromium.software}" + ("" if settled else ", cut off")
        except _NotRendered as error:
            logger.warning("%s: not rendered: %s; read as the server sent it", capture.url, error)
            source = f"{NOT_RENDERED} {error}"
        fetched_at = max(datetime.now(UTC), capture.fetched_at + timedelta(seconds=1))
        return replace(made, fetched_at=fetched_at, source=source)

    async def _shown(self, sent: Capture) -> tuple[str, bool]:
        """What the page holds in the end, and whether it came to rest. Raises _NotRendered, RenderError, Stopped."""
        if len(sent.body) > self._limits.length:
            raise _NotRendered(f"larger than {self._limits.length / 1e6:g} MB")
        visit = Visit(sent, self._supply, self._portal.hosts, self._limits)
        opening = asyncio.ensure_future(self._chromium.open(sent.url, visit.prepare))
        try:
            while True:
                settled = await self._settle(visit, opening)
                if not opening.done():
                    raise _NotRendered("its scripts do not come to an end")
                page = await opening
                before = visit.state
                html = await self._read(page)
                # A page that was busy answers late, and goes on.
                if not settled or visit.state == before:
                    return html, settled
        except (RenderError, Stopped, _NotRendered):
            raise
        except Exception as error:  # Playwright's own, for a page or a browser that went down
            raise _NotRendered(str(error).strip().partition("\n")[0][:200] or type(error).__name__) from error
        finally:
            await visit.end()
            opening.cancel()
            await asyncio.wait([opening])
            if not opening.cancelled() and opening.exception() is None:
                await self._chromium.shut(opening.result())
            self.refused += visit.refused
            if visit.refused:
                logger.info("%s: not given to the page: %s", sent.url, dict(visit.refused))

    async def _settle(self, visit: Visit, opening: asyncio.Future[Page]) -> bool:
        """Wait until nothing more happens (True), or until its time is over. What it asks for is not its own time."""
        limits, clock = self._limits, asyncio.get_running_loop().time
        quiet, last, state = 0.0, clock(), visit.state
        while visit.used < limits.seconds:
            await asyncio.sleep(_LOOK)
            now = clock()
            step, last = now - last, now
            if not self._crawler.crawling or self._spider.agenda.ended:
                raise Stopped
            if visit.crashed:
                raise _NotRendered("the page went down")
            if visit.calls > limits.calls:
                raise _NotRendered(f"asks for more than {limits.calls} things")
            if self._chromium.resident() > limits.memory:
                await self._chromium.end()
                raise _NotRendered(f"took more than {limits.memory / 1e6:.0f} MB of memory")
            if opening.done():
                opening.result()
            if visit.asking:
                quiet = 0.0
                continue
            visit.used += step
            quiet = quiet + step if visit.state == state else 0.0
            state = visit.state
            # A page that leads elsewhere while it is read may never be told that it is complete.
            if opening.done() and quiet >= limits.quiet * (1 if visit.loaded else _UNTOLD):
                return True
        return False

    async def _read(self, page: Page) -> str:
        try:
            html = await asyncio.wait_for(_content(page, self._limits.length), self._limits.answer)
        except TimeoutError as error:
            raise _NotRendered("its scripts do not come to an end") from error
        if html is None:
            raise _NotRendered(f"what it shows is longer than {self._limits.length / 1e6:g} million characters")
        return html


class _NotRendered(Exception):
    """What the server sent is read instead: says why."""


def _unpacked(capture: Capture) -> bytes:
    try:
        return text.inflate(capture.body, capture.header("Content-Encoding"), _LARGEST)
    except NotInflatable as error:
        raise _NotRendered(str(error)) from error


async def _content(page: Page, most: int) -> str | None:
    session = await page.context.new_cdp_session(page)
    frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
    world = await session.send("Page.createIsolatedWorld", {"frameId": frame})
    asked = {"expression": _HOLDS % most, "contextId": world["executionContextId"], "returnByValue": True}
    told = (await session.send("Runtime.evaluate", asked))["result"].get("value")
    return told if isinstance(told, str) else None


class RenderingMiddleware:
    """Nearest to the spider: what it hands on is the rendered page's capture, and what became of that."""

    def __init__(self, crawler: Crawler, renderer: Renderer) -> None:
        self._crawler, self._renderer = crawler, renderer
        self._spider: Any = crawler.spider
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RenderingMiddleware:
        spider: Any = crawler.spider
        if not spider.portal.render:
            raise NotConfigured
        try:
            limits = Limits(**crawler.settings.getdict("TANGTHU_RENDERING"))
            return cls(crawler, Renderer(crawler, spider.portal, limits))
        except RenderError as error:
            logger.error("%s: %s", spider.portal.id, error)
            spider.ended, spider.refused = f"stopped: {error}", error
            raise NotConfigured from error

    def process_request(self, request: Request) -> None:
        """What a 304 confirms is the frame, not what scripts put into it: such pages are asked for anew."""
        if "address" in request.meta and request.meta["address"].kind in KINDS:
            request.meta.pop("known", None)
            request.meta["source"] = TO_RENDER

    async def process_response(self, request: Request, response: Response) -> Response:
        capture = request.meta.get("capture")
        if not isinstance(capture, Capture) or not awaits_rendering(capture):
            return response
        request.meta["kept"] = None  # not done, until there is something to read
        try:
            rendered = await self._renderer.render(capture)
        except Stopped:
            return response
        except RenderError as error:
            logger.error("%s: %s", self._spider.portal.id, error)
            self._spider.stop(f"stopped: {error}", error)
            return response
        request.meta["capture"], request.meta["kept"] = rendered, keep(self._crawler, rendered)
        return response

    async def spider_closed(self) -> None:
        for why, times in self._renderer.refused.items():
            self._crawler.stats.inc_value(f"tangthu/not_given/{why}", times)
        await self._renderer.close()
