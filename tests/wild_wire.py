"""A socket that an answer goes into, right or wrong, and bytes without end to put there."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache

import brotli

HTML = "text/html; charset=utf-8"
STREAM = 2_000_000_000  # bytes of an answer that does not seem to end
BOMB = 10 * 2**30  # bytes that a bomb becomes
_BLOCK = 2**26


class Wire:
    """One request and the socket its answer goes into. ``taken``: bytes that were sent."""

    def __init__(
        self,
        connection: socket.socket,
        target: str,
        home: str,
        stranger: str,
        tls: str,
        links: int,
        over: threading.Event,
    ) -> None:
        self.connection, self.target, self.over = connection, target, over
        self.home, self.stranger, self.tls, self.links = home, stranger, tls, links
        self.taken = 0

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)
        self.taken += len(data)

    def head(self, *lines: str, status: str = "200 OK") -> None:
        self.send("\r\n".join((f"HTTP/1.1 {status}", *lines, "Connection: close", "", "")).encode())

    def page(self, body: bytes, *lines: str, status: str = "200 OK", media_type: str = HTML) -> None:
        self.head(f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *lines, status=status)
        self.send(body)

    def stream(self, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            self.send(piece)

    def drip(self, data: bytes) -> None:
        """A byte a second, until the server ends or the client goes."""
        for byte in data:
            if self.over.wait(1):
                return
            self.send(bytes((byte,)))

    def redirect(self, target: str, status: str = "302 Found") -> None:
        self.head(f"Location: {target}", "Content-Length: 0", status=status)

    def reset(self) -> None:
        """RST instead of FIN: what was sent may be lost as well."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def close(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            self.connection.close()


Answer = Callable[[Wire, int], None]


def chunks(body: bytes, size: int = 700) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    yield b"0\r\n\r\n"


def endless() -> Iterator[bytes]:
    piece = b"<p>" + b"Tin chua het. " * 4680 + b"</p>"
    return (piece for _ in range(STREAM // len(piece)))


def gzip_bomb(more: int = BOMB) -> Iterator[bytes]:
    """Zeros without end, packed. A full flush makes blocks that can be repeated; the checksum at the end is wrong:
    who gets there has lost already."""
    first, block = _zeros()
    yield first
    for _ in range(more // _BLOCK - 1):
        yield block
    yield b"\x01\x00\x00\xff\xff" + struct.pack("<II", 0, more & 0xFFFFFFFF)


@lru_cache(1)
def _zeros() -> tuple[bytes, bytes]:
    squeeze, zeros = zlib.compressobj(6, zlib.DEFLATED, 31), bytes(_BLOCK)
    first, block = (squeeze.compress(zeros) + squeeze.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first, block


@lru_cache(1)
def brotli_bomb() -> bytes:
    """The same in 17 KB."""
    squeeze, size = brotli.Compressor(quality=5), _BLOCK // 4
    first, block = (squeeze.process(bytes(size)) + squeeze.flush() for _ in range(2))
    return bytes(first + block * (BOMB // size - 1) + squeeze.finish())


@lru_cache(1)
def nested_bomb() -> bytes:
    return gzip.compress(b"".join(gzip_bomb()), 6)


def many_lines() -> Iterator[bytes]:
    """A head that does not end."""
    yield b"HTTP/1.1 200 OK\r\n"
    piece = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 90) for n in range(1000))
    for _ in range(STREAM // len(piece)):
        yield piece
