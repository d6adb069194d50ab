"""What a page in Chromium is told when it asks: through the crawl's own downloader, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from archive import text, urls, warc
from archive.provenance import FOR_PAGE
from archive.text import NotInflatable

_SCRIPTS = ("script", "stylesheet")
_DATA = ("fetch", "xhr")
_PASSED_ON = ("accept", "x-requested-with")  # of a script's request: what servers give other answers by
_NOT_PASSED_BACK = {
    "content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie", "alt-svc", "refresh", "link",
    "content-security-policy", "access-control-allow-origin", "access-control-allow-credentials",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one page. ``seconds`` while nothing is being asked for · ``quiet`` seconds without anything new: it is done ·
    ``answer`` seconds to say what it holds · ``requests`` and ``bytes`` asked for · ``same`` of those with one path ·
    ``calls`` of scripts, whether they get an answer or not · ``length`` of the page, bytes as sent and characters as
    shown · ``memory`` bytes of Chromium's processes. Of a run: ``cache`` bytes of scripts and styles that are kept ·
    ``pages`` until Chromium is started anew."""

    seconds: float = 30.0
    quiet: float = 1.0
    answer: float = 5.0
    requests: int = 60
    bytes: int = 20_000_000
    same: int = 15
    calls: int = 1500
    length: int = 5_000_000
    memory: int = 700_000_000
    cache: int = 30_000_000
    pages: int = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page is told: ``headers`` without those that hold for the way only, ``body`` unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Refused(Exception):
    """Something that a page asks for and does not get: says why."""


def refusal(kind: str, method: str, url: str, hosts: frozenset[str]) -> str:
    """Why a page does not get this, or "". ``kind`` as Playwright says it · ``hosts`` of the portal."""
    if kind not in _SCRIPTS and kind not in _DATA:
        return f"no {kind}"
    if method != "GET":
        return f"no {method}"
    if not url.startswith(("http://", "https://")):
        return "no address of the web"
    return "" if kind in _SCRIPTS or _near(urls.host(url), hosts) else "data from elsewhere"


def _near(host: str, hosts: frozenset[str]) -> bool:
    """One of the portal's hosts, below one, or beside one: api.angiang.gov.vn is beside triton.angiang.gov.vn."""
    beside = (own.partition(".")[2] for own in hosts if not own[0].isdigit())
    above = hosts | {parent for parent in beside if parent.count(".") >= 2}
    return any(host == own or host.endswith(f".{own}") for own in above)


class Supply:
    """What pages get, through the crawl's own downloader. Scripts and style sheets are asked for once a run."""

    def __init__(self, crawler: Crawler, limits: Limits) -> None:
        self._crawler, self._limits = crawler, limits
        self._spider: Any = crawler.spider
        self._folder = Path(crawler.settings["TANGTHU_DATA"]) / "warc"
        self._cache: dict[str, Answer] = {}
        self._cached = 0

    def at_hand(self, url: str) -> Answer | None:
        """A script or style sheet that this run has asked for."""
        return self._cache.get(url)

    async def ask(self, url: str, kind: str, headers: Mapping[str, str]) -> Answer:
        """Raises Refused when there is no answer."""
        meta = {"source": FOR_PAGE, "allow_offsite": True, "known": self._spider.agenda.store.known(url)}
        sent = {name: value for name, value in headers.items() if name in _PASSED_ON}
        try:
            response = await self._crawler.engine.download_async(Request(url, headers=sent, meta=meta))
        except IgnoreRequest as error:
            raise Refused("not allowed") from error  # robots.txt, or the guard, which says so itself
        except Exception as error:  # whatever goes wrong on the way: the page does without, and it is counted
            raise Refused(type(error).__name__) from error
        answer = self._kept(url) if response.status == 304 else _answer(response)
        if kind in _SCRIPTS and answer.status == 200 and self._cached + len(answer.body) <= self._limits.cache:
            self._cache[url] = answer
            self._cached += len(answer.body)
        return answer

    def _kept(self, url: str) -> Answer:
        """What a 304 confirms, out of the WARC."""
        store = self._spider.agenda.store
        known = store.known(url)
        if known is None or known.status != 200:
            raise Refused("unchanged, and not kept")
        try:
            record = warc.read_at(self._folder, warc.Location(*store.place_of(known.original)))
            capture = record.capture
            if capture is None:
                raise Refused("unchanged, and not kept")
            body = text.inflate(capture.body, capture.header("Content-Encoding"), self._limits.bytes)
        except (warc.WarcError, NotInflatable) as error:
            raise Refused("unchanged, and not readable") from error
        return Answer(200, _passed_back(dict(capture.headers)), body)


def _answer(response: Response) -> Answer:
    told = {name.decode("latin-1"): values[-1].decode("latin-1") for name, values in response.headers.items() if values}
    return Answer(response.status, _passed_back(told), response.body)


def _passed_back(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower() not in _NOT_PASSED_BACK}
