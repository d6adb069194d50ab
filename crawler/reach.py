"""Why a server gave no answer: what the exceptions of a download say about the other side."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    StopDownload,
)
from service_identity.exceptions import CertificateError, VerificationError
from twisted.internet import error
from twisted.web.http_headers import InvalidHeaderName

DNS, TLS, REFUSED, SILENT = "dns", "tls", "refused", "silent"

_OLD_TLS = ' (with tls = "old" in its portal file it is asked nevertheless)'

# The first that fits names it. A TLS handshake that fails also ends the connection, so TLS is asked before silence.
_SAYS: tuple[tuple[str, tuple[type[BaseException], ...]], ...] = (
    ("", (IgnoreRequest, StopDownload, ResponseDataLossError, error.ConnectBindError)),
    (DNS, (CannotResolveHostError, error.DNSLookupError, error.UnknownHostError, socket.gaierror)),
    (TLS, (SSL.Error, ssl.SSLError, error.SSLError, VerificationError, CertificateError)),
    (REFUSED, (DownloadConnectionRefusedError, error.ConnectionRefusedError, ConnectionRefusedError)),
    (SILENT, (DownloadTimeoutError, error.ConnectError, error.ConnectionClosed, ConnectionError, TimeoutError)),
)


def classify(failed: BaseException) -> str:
    """ "dns", "tls", "refused" or "silent" (nothing came in time, or the connection was cut before an answer).

    "" for what is no failure to reach: a request that we refuse or end ourselves, an answer too large, cut off in its
    body, or that is no HTTP. Looks through what Scrapy and Twisted wrap it in.
    """
    chain = list(_unwrapped(failed))
    for says, kinds in _SAYS:
        if any(isinstance(one, kinds) for one in chain):
            return says
    return ""


def said(failed: BaseException) -> str:
    """What happened, as one line for people; with the key of the portal file that helps, where one does."""
    chain = list(_unwrapped(failed))
    for one in chain:
        if isinstance(one, ResponseDataLossError):
            return "the answer is cut off"
        if isinstance(one, DownloadCancelledError):
            return str(one) or "the answer is larger than it may be"
        if isinstance(one, InvalidHeaderName):
            return f"a header that is none: {one}"
        if isinstance(one, VerificationError | CertificateError):
            return f"the certificate is made for another host{_OLD_TLS}"
        if isinstance(one, SSL.Error) and one.args and isinstance(one.args[0], list):
            return "; ".join(str(entry[-1]) for entry in one.args[0]) + _OLD_TLS
    texts = [" ".join(str(one).split()) for one in chain if not hasattr(one, "reasons")]
    return next((text for text in reversed(texts) if text), type(failed).__name__)


def _unwrapped(failed: BaseException | None) -> Iterator[BaseException]:
    """The exception and those that it was made of: ``__cause__``, and the ``reasons`` of twisted.web's failures."""
    waiting, met = [failed], set[int]()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in met:
            continue
        met.add(id(one))
        yield one
        waiting.append(one.__cause__)
        waiting.extend(getattr(reason, "value", None) for reason in getattr(one, "reasons", None) or ())
