"""The system's Chromium, driven by scrapy-playwright, and walled in: it never reaches the network by itself.

First wall: every request of a page is intercepted and answered by us (crawler/rendering.py). Shared workers,
WebSockets, speculative loads and WebRTC are not intercepted, so behind it stands a second one: no name resolves, and
everything goes to a proxy that is not there, loopback addresses too. What goes round the first is taken from scripts.

Needs Debian's package ``chromium`` and the extra ``browser``; scrapy-playwright is used for starting Chromium, for
contexts and pages, beside Scrapy's downloader and not as its handler: as that, it would let Chromium fetch.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.crawler import Crawler

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALL = "pip install 'tangthu[browser]' and apt-get install chromium"
_TRY = "Try “chromium --headless --dump-dom about:blank” as this user; a sandbox needs apt-get install chromium-sandbox"
HEAP = 512  # megabytes of a page's scripts
_END, _STEP = 5.0, 0.05  # seconds to end a page or the browser before it is killed; between two looks
WALL = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://nowhere.invalid:1",
    "--proxy-bypass-list=<-loopback>",  # without it, loopback addresses go past the proxy
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # its name in older ones
    "--dns-prefetch-disable",
    "--disable-quic",
)
FLAGS = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--blink-settings=imagesEnabled=false",
    f"--js-flags=--max-old-space-size={HEAP}",
)
_CONTEXT: dict[str, Any] = {"service_workers": "block", "accept_downloads": False, "locale": "vi-VN"}
# Scripts find something in their place that does nothing: what is missing would end them with an error.
_TAKEN = """
class Nothing extends EventTarget {
  constructor() { super(); this.port = this; this.readyState = 3; }
  close() {} send() {} postMessage() {} terminate() {} start() {}
}
for (const name of ["Worker", "SharedWorker", "WebSocket", "WebSocketStream", "WebTransport", "RTCPeerConnection",
    "webkitRTCPeerConnection"]) Object.defineProperty(globalThis, name, {value: Nothing});
globalThis.open = () => null;
globalThis.print = () => undefined;
"""


class RenderError(Exception):
    """Chromium cannot be used on this machine: says what is missing and how to get it."""


class Chromium:
    """One browser for a run, started when it is first needed; one page at a time. Made before Scrapy's engine starts.

    After ``pages`` pages a new one is started: what the old one has gathered is given back. ``software`` "Chromium
    150.0.7871.100", "Chromium" before it was started.

    Raises RenderError when the packages are not there.
    """

    def __init__(self, crawler: Crawler, pages: int) -> None:
        path = next(filter(None, map(shutil.which, NAMES)), None)
        try:
            from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
        except ImportError as error:
            raise RenderError(f"render = true needs packages that are not here: {INSTALL}") from error
        if path is None:
            raise RenderError(f"render = true needs Chromium, and none of {', '.join(NAMES)} is here: {INSTALL}")
        self.software = "Chromium"
        self._handler = ScrapyPlaywrightDownloadHandler(crawler)
        self._handler.abort_request = lambda _: True  # whatever slips past our own routes
        config = self._handler.config
        config.max_pages_per_context = 1
        config.target_closed_max_retries = 0  # a page that brings Chromium down is not shown to it again
        config.launch_options = {
            "executable_path": path,
            "args": [*FLAGS, *WALL],
            "chromium_sandbox": os.geteuid() != 0,  # Chromium refuses its sandbox to root
            "handle_sigint": False,  # Ctrl-C ends the crawl in order, and that ends the browser
            "handle_sigterm": False,
            "handle_sighup": False,
        }
        self._most, self._pages, self._pid = pages, 0, 0

    async def open(self, url: str, prepare: Callable[[Page], Awaitable[None]]) -> Page:
        """A page of its own context that has begun to show ``url``. ``prepare`` sets its routes before.

        Raises RenderError when Chromium does not start, and what Playwright raises when it goes down.
        """
        if self._pages >= self._most:
            await self.end()
        ready = False

        async def begin(page: Page, _: Request) -> None:
            nonlocal ready
            context = page.context
            await context.route("**/*", lambda route: route.abort())  # of windows that the page opens
            await context.add_init_script(_TAKEN)
            if context.browser:
                await self._meet(context.browser)
            await prepare(page)
            # scrapy-playwright wants the whole page at once, however long it is; we ask when it is done.
            setattr(page, "content", _no_content)  # noqa: B010 - a method, which mypy would not let us replace
            ready = True

        self._pages += 1
        request = Request(
            url,
            meta={
                "playwright_context": f"page {self._pages}",
                "playwright_context_kwargs": dict(_CONTEXT),
                "playwright_page_init_callback": begin,
                "playwright_page_goto_kwargs": {"wait_until": "commit", "timeout": 0},
                "playwright_include_page": True,
                "playwright": True,
            },
        )
        try:
            await self._handler.download_request(request)
        except Exception as error:
            await self.shut(request.meta.get("playwright_page"))
            if not hasattr(self._handler, "browser"):
                why = str(error).strip().partition("\n")[0]
                raise RenderError(f"Chromium does not start: {why}. {_TRY}") from error
            raise
        except asyncio.CancelledError:
            await self.shut(request.meta.get("playwright_page"))
            raise
        page: Page = request.meta["playwright_page"]
        if not ready:
            await self.shut(page)
            raise RuntimeError("the page could not be prepared")
        return page

    async def shut(self, page: Page | None) -> None:
        """The page and all that it has opened are gone when this returns, if need be with the browser."""
        if page is None:
            return
        try:
            await asyncio.wait_for(page.context.close(), _END)
        except Exception:  # noqa: BLE001 - whatever it is, what does not close is killed
            await self.end()

    async def end(self) -> None:
        """The browser is gone when this returns. The next page starts another one."""
        browser: Browser | None = getattr(self._handler, "browser", None)
        self._pages = 0
        if browser is None:
            return
        family = {pid: _born(pid) for pid in _family(self._pid)}
        with suppress(Exception):  # what does not end within that time is killed
            await asyncio.wait_for(browser.close(), _END)
        for pid, born in family.items():
            if born and _born(pid) == born:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        for _ in range(int(_END / _STEP)):
            if getattr(self._handler, "browser", None) is not browser:
                return
            await asyncio.sleep(_STEP)
        del self._handler.browser  # its handler has not noticed

    async def close(self) -> None:
        """The run is over."""
        await self.end()
        await self._handler.close()

    def resident(self) -> int:
        """Bytes of memory that all its processes have for themselves; 0 where /proc does not tell."""
        return sum(map(_own_memory, _family(self._pid)))

    async def _meet(self, browser: Browser) -> None:
        """Which version it is, and which process."""
        session = await browser.new_browser_cdp_session()
        told = await session.send("SystemInfo.getProcessInfo")
        await session.detach()
        self.software = f"Chromium {browser.version}"
        self._pid = next((one["id"] for one in told["processInfo"] if one["type"] == "browser"), 0)


def _family(pid: int) -> Iterator[int]:
    """A process and all that descend from it."""
    if not pid or not Path(f"/proc/{pid}").exists():
        return
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it ended meanwhile
            for child in path.read_text().split():
                yield from _family(int(child))


async def _no_content() -> str:
    return ""


def _born(pid: int) -> str:
    """When a process began, in ticks since the machine did: numbers are given out again. "" when there is none."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""


def _own_memory(pid: int) -> int:
    with suppress(OSError):
        _, resident, shared, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
        return (resident - shared) * os.sysconf("SC_PAGE_SIZE")
    return 0
