"""The head of an answer in bounded memory: Twisted takes header lines for as long as they come."""

from __future__ import annotations

from scrapy.core.downloader.handlers.http11 import _LenientHTTP11ClientFactory, _LenientHTTP11ClientProtocol
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS, HTTP11ClientProtocol

LARGEST_HEAD = 1_000_000  # bytes; browsers take a quarter of it


class HeadTooLarge(Exception):
    """An answer whose head does not end."""


class BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Hangs up on a head that is larger than ``LARGEST_HEAD``. A connection is used for one answer after the other."""

    _head = 0

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        parser = self._parser
        if parser is None or parser.state not in (STATUS, HEADER):
            self._head = 0
            return
        self._head += len(data)
        if self._head > LARGEST_HEAD:
            why = HeadTooLarge(f"the head of the answer is larger than {LARGEST_HEAD:,} bytes")
            self._giveUp(Failure(why))  # type: ignore[no-untyped-call]


class BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:  # noqa: ARG002
        return BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
