"""The address guard within Scrapy: before a request is made, at the answer of the DNS, and where connections are made.

Every TCP connection of the process is made by ``reactor.connectTCP``, which asks here first. Scrapy's own order of
things stays: ``settings.py`` names the classes.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.http import Response
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler import guard, heads, tls
from crawler.portal import Portal

logger = logging.getLogger(__name__)

REFUSED = "tangthu/refused_addresses"  # in the crawl's stats: requests that were refused


class AddressRefused(IgnoreRequest):
    """A request that must not be made: it would lead into somebody's own house. ``why`` as guard.refusal says it."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url[:200]} refused: {why}")
        self.why = why


class GuardMiddleware:
    """The early look, before robots.txt is asked for: redirects pass here again."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._allowed = _allowed(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> GuardMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if why := guard.refusal(request.url, self._allowed):
            raise _refused(self._crawler, request.url, why)


class RedirectGuard:
    """A redirect to what is no address of the web (file:, javascript:), which Scrapy would drop without a word."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RedirectGuard:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:  # noqa: ARG002
        location = response.headers.get("Location") if 300 <= response.status < 400 else None
        if location:
            target = _joined(response.url, location.decode("utf-8", "replace"))
            why = guard.refusal(target)
            if why.startswith(("scheme", "no address")):
                raise _refused(self._crawler, target, why)
        return response


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's download handler for http and https, with the portal's own TLS, past no proxy, and guarded."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._guarded, self._allowed = crawler, _allowed(crawler)
        portal = getattr(crawler.spider, "portal", None)
        old = portal.hosts if isinstance(portal, Portal) and portal.tls == "old" else frozenset()
        self._tls = tls.Policy(self._contextFactory, old)
        self._pool._factory = heads.BoundedFactory
        self._contextFactory = self._tls  # type: ignore[assignment]

    async def download_request(self, request: Request) -> Response:
        """Raises AddressRefused, and what Scrapy's handler raises."""
        resolver = _resolver()
        resolver.allowed = self._allowed
        # A proxy would look names up itself, where nobody guards.
        why = "through a proxy" if request.meta.get("proxy") else guard.refusal(request.url, self._allowed)
        if why:
            raise _refused(self._guarded, request.url, why)
        parts = urlsplit(request.url)
        request.meta.pop(tls.MET, None)
        try:
            response = await super().download_request(request)
        except AddressRefused as error:
            raise _refused(self._guarded, request.url, error.why) from error
        except CannotResolveHostError as error:
            if why := resolver.refused.get(_name(parts.hostname or ""), ""):
                raise _refused(self._guarded, request.url, why) from error
            raise
        if parts.scheme == "https" and (met := self._tls.met(parts.hostname or "", parts.port or 443)):
            request.meta[tls.MET] = met
        return response


class GuardedResolver(CachingHostnameResolver):
    """Drops answers that must not be connected to, and stands before ``reactor.connectTCP``, where names are over.

    ``allowed`` guard.homes of the one portal that this process crawls · ``refused`` name → why none of its addresses
    may be asked.
    """

    def __init__(self, reactor: Any, cache_size: int) -> None:
        super().__init__(reactor, cache_size)
        self.allowed = guard.NOBODY
        self.refused: dict[str, str] = {}
        self._on: Any = reactor
        self._connect = reactor.connectTCP

    def install_on_reactor(self) -> None:
        super().install_on_reactor()
        self._on.connectTCP = self.connect_guarded

    def connect_guarded(self, host: str, port: int, *more: Any, **named: Any) -> Any:
        """As IReactorTCP.connectTCP. Raises AddressRefused, also for a name, which does not say where it leads."""
        local = f"localhost:{port}" in self.allowed and host in ("127.0.0.1", "::1")
        why = "" if local else guard.answer_refusal(host, port, host, self.allowed)
        if why:
            raise AddressRefused(guard.pair(host, port), why)
        return self._connect(host, port, *more, **named)

    def resolveHostName(
        self, resolutionReceiver: Any, hostName: str, portNumber: int = 0, *more: Any, **named: Any
    ) -> Any:
        """As IHostnameResolver.resolveHostName."""
        checked: Any = _Checked(self, resolutionReceiver, hostName, portNumber)
        return super().resolveHostName(checked, hostName, portNumber, *more, **named)


@implementer(IResolutionReceiver)
class _Checked:
    """Hands on the answers that may be connected to."""

    def __init__(self, resolver: GuardedResolver, receiver: Any, name: str, port: int) -> None:
        self._resolver, self._receiver = resolver, receiver
        self._name, self._port = name, port
        self._why, self._good = "", False

    def resolutionBegan(self, resolutionInProgress: Any) -> None:
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: IAddress) -> None:
        found = address.host if isinstance(address, IPv4Address | IPv6Address) else ""
        if why := guard.answer_refusal(self._name, self._port, found, self._resolver.allowed):
            self._why = why
            return
        self._good = True
        self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        if self._why and not self._good:
            self._resolver.refused[_name(self._name)] = self._why
        else:
            self._resolver.refused.pop(_name(self._name), None)
        self._receiver.resolutionComplete()


def _allowed(crawler: Crawler) -> frozenset[str]:
    portal = getattr(crawler.spider, "portal", None)
    return guard.homes(portal) if isinstance(portal, Portal) else guard.NOBODY


def _refused(crawler: Crawler, url: str, why: str) -> AddressRefused:
    error = AddressRefused(url, why)
    logger.warning("%s", error)
    if crawler.stats:
        crawler.stats.inc_value(REFUSED)
    return error


def _resolver() -> GuardedResolver:
    from twisted.internet import reactor  # importing it installs one, so not before Scrapy has chosen

    resolver = getattr(reactor, "nameResolver", None)
    if not isinstance(resolver, GuardedResolver):
        raise RuntimeError("nothing is asked unguarded: TWISTED_DNS_RESOLVER must be crawler.gate.GuardedResolver")
    return resolver


def _name(host: str) -> str:
    """One spelling of a host: Twisted hands names to the resolver in Unicode."""
    try:
        return host.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return host.lower()


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location.strip())
    except ValueError:
        return location
