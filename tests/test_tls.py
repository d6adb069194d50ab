"""TLS with real servers on loopback: modern and verified for everybody, old only where a portal's file asks for it."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from asking import Asked, ask
from conftest import FIVE_KEYS, serving
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")

DAY = timedelta(days=1)
ANY_CIPHER = "ALL:@SECLEVEL=0"
FAILS = ' (with tls = "old" in its portal file it is asked nevertheless)'


@dataclass(frozen=True)
class Signer:
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    def pem(self) -> bytes:
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return self.certificate.public_bytes(serialization.Encoding.PEM) + private


def signed(name: str, by: Signer | None, *, days: float = 9, bits: int = 2048, authority: bool = False) -> Signer:
    """A certificate for a host or an authority, valid until ``days`` from now, signed by ``by`` or by itself."""
    key, now = rsa.generate_private_key(65537, bits), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    general = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 99 * DAY)
        .not_valid_after(now + days * DAY)
        .add_extension(x509.SubjectAlternativeName([general]), critical=False)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((by.key if by else key).public_key()), critical=False
        )
    )
    return Signer(key, builder.sign(by.key if by else key, hashes.SHA256()))


@contextmanager
def serving_tls(signer: Signer, folder: Path, version: ssl.TLSVersion | None = None) -> Iterator[int]:
    """The port of a server that shows this certificate and speaks this version alone (None: what Python speaks)."""
    path = folder / f"{signer.certificate.serial_number}.pem"
    path.write_bytes(signer.pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(ANY_CIPHER)
    context.load_cert_chain(path)
    if version:
        context.minimum_version = context.maximum_version = version

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"hi")

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads, block_on_close = True, False

        def finish_request(self, request: Any, client_address: Any) -> None:
            try:
                with context.wrap_socket(request, server_side=True) as secured:
                    super().finish_request(secured, client_address)
            except OSError:
                return  # the other side did not like what it saw

    server = Server(("0.0.0.0", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Servers:
    """``urls`` by what is to be said of each; all are hosts of one portal, asked with and without ``tls = "old"``."""

    def __init__(self, folder: Path) -> None:
        root = signed("Thu Root", None, days=99, authority=True)
        (folder / "root.pem").write_bytes(root.certificate.public_bytes(serialization.Encoding.PEM))
        good = signed("localhost", root)
        unknown = signed("Unknown Root", None, authority=True)
        kinds: dict[str, tuple[Signer, ssl.TLSVersion | None]] = {
            "good": (good, None),
            "TLS 1.2": (good, ssl.TLSVersion.TLSv1_2),
            "TLS 1.1": (good, ssl.TLSVersion.TLSv1_1),
            "TLS 1.0": (good, ssl.TLSVersion.TLSv1),
            "expired": (signed("localhost", root, days=-1), None),
            "self-signed and expired": (signed("localhost", None, days=-1), ssl.TLSVersion.TLSv1),
            "unknown authority": (signed("localhost", unknown), None),
            "another host": (signed("a.example.vn", root), None),
            "short key": (signed("localhost", root, bits=1024), None),
        }
        with ExitStack() as stack:
            ports = {
                kind: stack.enter_context(serving_tls(signer, folder, version))
                for kind, (signer, version) in kinds.items()
            }
            plain = stack.enter_context(serving(lambda *_: (200, {"Content-Type": "text/plain"}, b"hi")))
            self.names = [*kinds, "by its address", "plain"]
            self.urls = [f"https://localhost:{port}/" for port in ports.values()]
            self.urls += [f"https://127.0.0.1:{ports['good']}/", plain.home]
            aliases = [url.partition("://")[2].rstrip("/") for url in self.urls]
            self.strict, self.old = (
                ask(
                    FIVE_KEYS.format(home=self.urls[0], delay=0, more=f"aliases = {aliases}\n{more}"),
                    [*self.urls, self.urls[3]],
                    env={"SSL_CERT_FILE": str(folder / "root.pem"), "SSL_CERT_DIR": str(folder / "none")},
                    settings={"RETRY_ENABLED": False, "ROBOTSTXT_OBEY": False},
                )
                for more in ("", 'tls = "old"')
            )

    def of(self, asked: Asked, name: str) -> dict[str, Any]:
        return asked.answers[self.names.index(name)]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Servers:
    return Servers(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize(("name", "protocol"), [("good", "tls/1.3"), ("TLS 1.2", "tls/1.2"), ("plain", None)])
def test_modern_servers_are_asked_and_nothing_is_unusual(servers: Servers, name: str, protocol: str | None) -> None:
    for asked in (servers.strict, servers.old):
        answer = servers.of(asked, name)
        assert (answer.get("body"), answer.get("provenance")) == ("hi", ""), answer
        wanted = {"WARC-IP-Address": "127.0.0.1"} | ({"WARC-Protocol": protocol} if protocol else {})
        assert answer["named"] == wanted


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("TLS 1.1", "tlsv1 alert protocol version"),
        ("TLS 1.0", "tlsv1 alert protocol version"),
        ("expired", "certificate verify failed"),
        ("self-signed and expired", "tlsv1 alert protocol version"),
        ("unknown authority", "certificate verify failed"),
        ("short key", "certificate verify failed"),
        ("another host", "the certificate is made for another host"),
        ("by its address", "the certificate is made for another host"),
    ],
)
def test_without_the_key_such_a_server_is_dark_for_its_tls(servers: Servers, name: str, says: str) -> None:
    answer = servers.of(servers.strict, name)
    assert answer.get("classified") == "tls" and answer["said"] == says + FAILS, answer


@pytest.mark.parametrize(
    ("name", "protocol", "provenance"),
    [
        ("TLS 1.1", "tls/1.1", "TLSv1.1"),
        ("TLS 1.0", "tls/1.0", "TLSv1"),
        ("expired", "tls/1.3", "certificate not verified: expired"),
        ("self-signed and expired", "tls/1.0", "TLSv1; certificate not verified: self-signed, expired"),
        ("unknown authority", "tls/1.3", "certificate not verified: signed by an unknown authority"),
        ("short key", "tls/1.3", ""),
        ("another host", "tls/1.3", "certificate not verified: made for another host"),
        ("by its address", "tls/1.3", "certificate not verified: made for another host"),
    ],
)
def test_with_the_key_it_is_asked_and_what_was_wrong_is_said(
    servers: Servers, name: str, protocol: str, provenance: str
) -> None:
    answer = servers.of(servers.old, name)
    assert (answer.get("body"), answer.get("provenance")) == ("hi", provenance), answer
    assert answer["named"] == {"WARC-IP-Address": "127.0.0.1", "WARC-Protocol": protocol}


def test_a_second_answer_over_the_same_connection_says_the_same(servers: Servers) -> None:
    first, second = servers.of(servers.old, "TLS 1.0"), servers.old.answers[-1]
    assert first["url"] == second["url"] and first == second


def test_other_hosts_are_not_asked_with_old_tls(tmp_path: Path) -> None:
    with serving_tls(signed("localhost", None), tmp_path) as port, serving_tls(signed("a.vn", None), tmp_path) as other:
        home, far = f"https://localhost:{port}/", f"https://img.example.vn:{other}/"
        asked = ask(
            FIVE_KEYS.format(home=home, delay=0, more='tls = "old"'),
            [home, far],
            names={"img.example.vn": [["127.0.0.2"]]},
            public=["127.0.0.2"],
            settings={"RETRY_ENABLED": False, "ROBOTSTXT_OBEY": False},
        )
    assert [answer.get("classified", answer.get("body")) for answer in asked.answers] == ["hi", "tls"]
