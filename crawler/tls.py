"""TLS: modern and verified, but for a portal whose file asks for old TLS; and what a connection turned out to be.

``tls = "old"`` is for servers that nobody keeps up: TLS 1.0 and up, whatever ciphers OpenSSL still has, renegotiation
as before RFC 5746, and certificates that are looked at but not insisted on. What was wrong with one is part of the
capture's provenance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from OpenSSL import SSL, crypto
from scrapy import Request
from scrapy.http import Response
from service_identity.exceptions import CertificateError, VerificationError
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from archive import urls
from crawler import guard

MET = "tls"  # in request.meta: the Handshake of the connection that the answer came over; absent for http

_OLD = ("SSLv3", "TLSv1", "TLSv1.1")
_OLD_CIPHERS = b"ALL:@SECLEVEL=0"
_LEGACY_SERVER_CONNECT, _LEGACY_RENEGOTIATION = 0x4, 0x40000  # OpenSSL's SSL_OP_…, which pyOpenSSL does not all name
# OpenSSL's X509_V_ERR_…: its own words change between releases, and these are kept for good.
_WRONG = {
    9: "not yet valid",
    10: "expired",
    18: "self-signed",
    19: "signed by an unknown authority",
    20: "signed by an unknown authority",
    21: "signed by an unknown authority",
    23: "revoked",
    62: "made for another host",
    66: "key too short",
    68: "weak signature",
}


@dataclass(frozen=True, slots=True)
class Handshake:
    """``version`` "TLSv1", "TLSv1.1", "TLSv1.2" or "TLSv1.3" · ``wrong`` with the certificate, "" when it is good."""

    version: str
    wrong: str


class Creator(Protocol):
    """Twisted's IOpenSSLClientConnectionCreator."""

    def clientConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection: ...


class Https(Protocol):
    """Twisted's IPolicyForHTTPS."""

    def creatorForNetloc(self, hostname: bytes, port: int) -> Creator: ...


@implementer(IPolicyForHTTPS)
class Policy:
    """Which TLS a host is asked with. ``old``: hosts as ``Portal.hosts`` has them; all others get ``modern``."""

    def __init__(self, modern: Https, old: frozenset[str]) -> None:
        self._modern, self._old = modern, old
        self._creators: dict[tuple[str, int], _Watched] = {}

    def creatorForNetloc(self, hostname: bytes, port: int) -> Creator:
        """Asked by Twisted for every request, so the answer is kept."""
        host = hostname.decode("ascii").lower()
        if (host, port) not in self._creators:
            old = urls.host(f"https://{guard.pair(host, port)}/") in self._old
            creator = _OldTls(host) if old else self._modern.creatorForNetloc(hostname, port)
            self._creators[host, port] = _Watched(creator)
        return self._creators[host, port]

    def met(self, host: str, port: int) -> Handshake | None:
        """What the last connection to that host was like; None when there was none."""
        creator = self._creators.get((host.lower(), port))
        return creator.met() if creator else None


def provenance(request: Request) -> str:
    """What is unusual about the way the answer came: "TLSv1; certificate not verified: expired"; "" when nothing is.

    To be written after "live; " as the capture's source.
    """
    met = request.meta.get(MET)
    if not isinstance(met, Handshake):
        return ""
    said = [met.version] if met.version in _OLD else []
    return "; ".join([*said, f"certificate not verified: {met.wrong}"] if met.wrong else said)


def named(request: Request, response: Response) -> dict[str, str]:
    """The WARC headers of the connection that ``response`` came over: WARC-IP-Address, and WARC-Protocol for TLS.

    Source: ISO 28500:2017, 5.10; "tls/1.2" as in https://github.com/iipc/warc-specifications/issues/42.
    """
    headers = {"WARC-IP-Address": str(response.ip_address)} if response.ip_address else {}
    met = request.meta.get(MET)
    if isinstance(met, Handshake) and met.version.startswith("TLSv1"):
        headers["WARC-Protocol"] = f"tls/1.{met.version.partition('.')[2] or '0'}"
    return headers


@implementer(IOpenSSLClientConnectionCreator)
class _Watched:
    """Remembers the last connection that was made, to be asked what it became."""

    def __init__(self, creator: Creator) -> None:
        self._creator = creator
        self._last: SSL.Connection | None = None

    def clientConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        self._last = self._creator.clientConnectionForTLS(tlsProtocol)
        return self._last

    def met(self) -> Handshake | None:
        if self._last is None:
            return None
        # A modern connection with something wrong gives no answer at all.
        wrong = ", ".join(self._creator.wrong) if isinstance(self._creator, _OldTls) else ""
        return Handshake(self._last.get_protocol_version_name(), wrong)


@implementer(IOpenSSLClientConnectionCreator)
class _OldTls:
    """``wrong``: what is wrong with the certificate that the last connection was shown, each once."""

    def __init__(self, host: str) -> None:
        self._host, self.wrong = host, list[str]()
        self._is_address = isIPAddress(host) or isIPv6Address(host)
        self._context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        self._context.set_min_proto_version(SSL.TLS1_VERSION)
        self._context.set_options(SSL.OP_ALL | _LEGACY_SERVER_CONNECT | _LEGACY_RENEGOTIATION | SSL.OP_NO_COMPRESSION)
        self._context.set_default_verify_paths()
        self._context.set_cipher_list(_OLD_CIPHERS)

    def clientConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: ARG002
        self.wrong.clear()
        connection = SSL.Connection(self._context)
        if not self._is_address:
            connection.set_tlsext_host_name(self._host.encode())
        connection.set_verify(SSL.VERIFY_PEER, self._look)
        return connection

    def _look(self, _: SSL.Connection, certificate: crypto.X509, error: int, depth: int, good: int) -> bool:
        """OpenSSL asks this for each certificate of the chain and each thing wrong with it. Always: go on."""
        if not good:
            self._note(_WRONG.get(error, f"error {error}"))
        elif depth == 0 and not self._is_for_host(certificate):
            self._note(_WRONG[62])
        return True

    def _is_for_host(self, certificate: crypto.X509) -> bool:
        wanted = IPAddress_ID(self._host) if self._is_address else DNS_ID(self._host)
        try:
            verify_service_identity(extract_patterns(certificate), [wanted], [])
        except (VerificationError, CertificateError):
            return False
        return True

    def _note(self, wrong: str) -> None:
        if wrong not in self.wrong:
            self.wrong.append(wrong)
