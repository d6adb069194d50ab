"""Why a server gave no answer, told from what a download raises: servers that fail in every way, and what wraps it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
from asking import ask
from conftest import FIVE_KEYS
from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    StopDownload,
    UnsupportedURLSchemeError,
)
from service_identity.exceptions import VerificationError
from twisted.internet import error
from twisted.internet.defer import CancelledError
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed, ResponseNeverReceived

from crawler.gate import AddressRefused
from crawler.reach import classify, said

ONCE = {"RETRY_ENABLED": False, "ROBOTSTXT_OBEY": False, "DOWNLOAD_TIMEOUT": 2}


def because(outer: BaseException, inner: BaseException) -> BaseException:
    outer.__cause__ = inner
    return outer


def failed(*reasons: BaseException) -> BaseException:
    return because(DownloadFailedError("x"), ResponseNeverReceived([Failure(reason) for reason in reasons]))


@pytest.mark.parametrize(
    ("exception", "says"),
    [
        (CannotResolveHostError("no results"), "dns"),
        (error.DNSLookupError(), "dns"),
        (socket.gaierror(-2, "no such name"), "dns"),
        (failed(error.UnknownHostError()), "dns"),
        (failed(SSL.Error([("SSL routines", "", "certificate verify failed")])), "tls"),
        (failed(VerificationError([])), "tls"),
        (ssl.SSLCertVerificationError("expired"), "tls"),
        (failed(error.ConnectionLost(), SSL.Error([("SSL routines", "", "wrong version number")])), "tls"),
        (DownloadConnectionRefusedError("refused"), "refused"),
        (error.ConnectionRefusedError(), "refused"),
        (ConnectionRefusedError(111, "refused"), "refused"),
        (DownloadTimeoutError("took longer than 60 seconds"), "silent"),
        (because(DownloadTimeoutError("x"), error.TimeoutError()), "silent"),
        (failed(error.ConnectionLost()), "silent"),
        (failed(error.ConnectionDone()), "silent"),
        (error.NoRouteError(), "silent"),
        (TimeoutError("timed out"), "silent"),
        (IgnoreRequest("Forbidden by robots.txt"), ""),
        (AddressRefused("http://10.0.0.1/", "private address"), ""),
        (because(AddressRefused("http://a.vn/", "private address"), CannotResolveHostError("a.vn")), ""),
        (DownloadCancelledError("larger than download max size"), ""),
        (because(DownloadCancelledError(""), CancelledError()), ""),
        (because(ResponseDataLossError(), ResponseFailed([Failure(error.ConnectionLost())])), ""),
        (StopDownload(), ""),
        (UnsupportedURLSchemeError("gopher"), ""),
        (error.ConnectBindError(24, "Too many open files"), ""),
        (ValueError("invalid hostname"), ""),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_an_exception_says_what_is_wrong_with_the_other_side(exception: BaseException, says: str) -> None:
    assert classify(exception) == says
    assert said(exception) and "\n" not in said(exception) and "Failure" not in said(exception)


def test_exceptions_that_go_round_in_a_circle_end() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert classify(one) == ""


def test_the_words_for_people_name_the_key_that_helps() -> None:
    bad = failed(SSL.Error([("SSL routines", "", "certificate verify failed")]))
    assert said(bad) == 'certificate verify failed (with tls = "old" in its portal file it is asked nevertheless)'
    assert said(failed(error.ConnectionDone())) == "Connection was closed cleanly."


def test_words_are_one_line_of_what_happened_last() -> None:
    assert said(because(CannotResolveHostError("a\nb"), error.DNSLookupError("no results for a.vn"))).endswith("a.vn.")
    assert said(CannotResolveHostError("a\nb")) == "a b"
    assert said(StopDownload()) == "StopDownload"


# Servers that do it


@contextmanager
def behaving(what: Any) -> Iterator[int]:
    """The port of a server on loopback that hands each connection to ``what``."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # closed below
            threading.Thread(target=what, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def answering(*pieces: bytes, reset: bool = False) -> Any:
    def act(connection: socket.socket) -> None:
        connection.recv(4096)
        for piece in pieces:
            connection.sendall(piece)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        connection.close()

    return act


def quiet(connection: socket.socket) -> None:
    with suppress(ConnectionError):
        while connection.recv(4096):
            pass


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


TOO_LARGE = 20_000_000
SERVERS: dict[str, tuple[Any, str, str]] = {
    "says nothing": (quiet, "silent", "took longer than 2"),
    "hangs up": (answering(), "silent", "closed"),
    "resets": (answering(reset=True), "silent", "lost"),
    "hangs up after the head": (answering(HEAD), "silent", "closed"),
    "resets after the head": (answering(HEAD, reset=True), "silent", "lost"),
    "gives less than it says": (answering(HEAD, b"Content-Length: 100\r\n\r\nshort"), "", "cut off"),
    "resets in the body": (answering(HEAD, b"Content-Length: 100\r\n\r\nshort", reset=True), "", "cut off"),
    "breaks a chunk off": (answering(HEAD, b"Transfer-Encoding: chunked\r\n\r\n5\r\nsho"), "", "cut off"),
    "sends too much": (answering(HEAD, b"Content-Length: %d\r\n\r\n" % TOO_LARGE, b" " * 10), "", "larger"),
    "speaks no HTTP": (answering(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "", "SSH-2.0"),
}


def test_servers_that_fail_are_told_apart_from_those_that_answer_badly() -> None:
    with ExitStack() as stack:
        ports = [stack.enter_context(behaving(what)) for what, _, _ in SERVERS.values()]
        homes = [f"http://127.0.0.1:{port}/" for port in ports]
        portal = FIVE_KEYS.format(home=homes[0], delay=0, more=f"aliases = {[f'127.0.0.1:{port}' for port in ports]}")
        found = dict(zip(SERVERS, ask(portal, homes, settings=ONCE).answers, strict=True))
    for name, (_, says, words) in SERVERS.items():
        assert found[name].get("classified") == says and words in found[name]["said"], (name, found[name])


def test_nothing_there_and_no_such_name_and_no_tls() -> None:
    with behaving(answering(HEAD, b"Content-Length: 2\r\n\r\nhi")) as port:
        with socket.create_server(("127.0.0.1", 0)) as free:
            nothing = f"http://127.0.0.1:{free.getsockname()[1]}/"
        portal = FIVE_KEYS.format(home=nothing, delay=0, more=f"aliases = ['localhost:{port}']")
        urls = [nothing, "http://khong-co.example.vn/", f"https://localhost:{port}/"]
        found = ask(portal, urls, settings=ONCE).answers
    assert [answer.get("classified") for answer in found] == ["refused", "dns", "tls"], found
