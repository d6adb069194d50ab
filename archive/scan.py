"""A WARC as its bytes stand: every record checked, and the reading goes on behind what is damaged.

What FastWARC checks as fast says neither where the damage is nor that the last member is cut, and holds a whole record
to check its digests; here nothing is held but a window.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from archive.warc import Location, Record, WarcError, iso, read_at

_WINDOW = 1 << 18
_HEADER = 1 << 20  # bytes; nobody's headers are longer
_MAGIC = b"\x1f\x8b\x08"
_FILE = re.compile(r"(?i)\.warc(?:\.gz)?$")
# As WarcWriter names them: the run, when it started, and which of its files this is.
OURS = re.compile(r"(?P<run>.+)-(?P<started>\d{14})-(?P<number>\d{5})\.warc\.gz")
_END = re.compile(rb"\r?\n\r?\n")
_START = re.compile(rb"(?<=\n)WARC/[01]\.")


@dataclass(frozen=True, slots=True)
class Scanned:
    """A whole record. ``fetched_at`` "2026-11-23T09:04:10Z" · ``digest`` of the payload as the record names it, "" when
    it does not · ``wrong``: what is not as its headers say, in words · ``unchecked``: it names no digest of its block
    that can be reckoned."""

    offset: int
    length: int
    kind: str
    url: str
    fetched_at: str
    digest: str
    headers: dict[str, str]
    wrong: tuple[str, ...] = ()
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that make no record. ``last``: no record follows, so they may be what a writer that was killed left."""

    path: Path
    offset: int
    length: int
    why: str
    last: bool

    def __str__(self) -> str:
        return f"{self.path}: {self.why} (at byte {self.offset})"


def files(folder: Path) -> list[Path]:
    """The WARC files of an archive, by name; none when there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _FILE.search(path.name) and path.is_file())


def scan(path: Path, start: int = 0) -> Iterator[Scanned | Damage]:
    """Every record from byte ``start`` on, where one begins, and every place where there should be one.

    Raises WarcError when the file cannot be opened.
    """
    with _opened(path) as stream:
        size = path.stat().st_size
        packed = _is_packed(stream, path)
        if not size:
            yield Damage(path, 0, 0, "is empty", True)
        reader = _Reader(stream, packed, start)
        while reader.at < size:
            here = reader.at
            try:
                found = _record(reader)
            except (_Broken, zlib.error) as error:
                after = _resync(stream, here + 1, packed)
                yield Damage(path, here, (after or size) - here, f"is damaged or cut off: {error}", after is None)
                if after is None:
                    return
                reader = _Reader(stream, packed, after)
                continue
            yield _second_look(path, found) if found.wrong else found


def whole(path: Path, start: int = 0) -> Iterator[tuple[Location, Record] | Damage]:
    """Every whole record from byte ``start`` on, with its place; and what is damaged between them. Raises WarcError
    when the file cannot be opened."""
    for found in scan(path, start):
        if isinstance(found, Damage):
            yield found
            continue
        where = Location(path.name, found.offset, found.length)
        try:
            record = read_at(path.parent, where)
        except WarcError as error:
            yield Damage(path, found.offset, found.length, error.why, False)
            continue
        yield where, record


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise WarcError(path, 0, f"cannot be opened: {error.strerror}") from error


def _is_packed(stream: BinaryIO, path: Path) -> bool:
    start = stream.read(5)
    return start.startswith(_MAGIC) or (path.suffix.lower() == ".gz" and start != b"WARC/")


def _resync(stream: BinaryIO, start: int, packed: bool) -> int | None:
    """The first place from ``start`` on where a record begins; None when there is none."""
    pattern = re.compile(re.escape(_MAGIC)) if packed else _START
    overlap = 16
    at = start
    while True:
        stream.seek(max(0, at - overlap))
        before = stream.tell()
        window = stream.read(_WINDOW)
        for found in pattern.finditer(window):
            place = before + found.start()
            if place >= start and (not packed or _begins(stream, place)):
                return place
        if len(window) < _WINDOW:
            return None
        at = before + len(window)


def _begins(stream: BinaryIO, place: int) -> bool:
    stream.seek(place)
    try:
        return zlib.decompressobj(31).decompress(stream.read(4096), 5) == b"WARC/"
    except zlib.error:
        return False


class _Broken(Exception):
    """Here is no whole record, for this reason."""


class _Reader:
    """The bytes of a file from ``at`` on, uncompressed. ``at``: where in the file the next record begins."""

    def __init__(self, stream: BinaryIO, packed: bool, at: int) -> None:
        self.at = at
        self._stream, self._packed = stream, packed
        self._raw = b""  # what was read of the file and is not used yet
        self._member: Any = None
        self._plain = b""  # what is uncompressed and not used yet
        self._used = 0  # bytes of an uncompressed file since ``at``
        stream.seek(at)

    def begin(self) -> None:
        self._used = 0
        if self._packed:
            self._member = zlib.decompressobj(31)
            self._plain = b""

    def some(self, most: int) -> bytes:
        """Some bytes, at most so many; b"" when there are no more in this member, or file."""
        while not self._plain:
            if not self._more():
                return b""
        taken, self._plain = self._plain[:most], self._plain[most:]
        self._used += len(taken)
        return taken

    def until_blank(self) -> bytes:
        """The lines up to an empty one."""
        head = bytearray()
        while not (found := _END.search(head, max(0, len(head) - _WINDOW - 4))):
            piece = self.some(_WINDOW)
            if not piece:
                raise _Broken("a record's headers do not end" if head else "the compressed data holds nothing")
            head += piece
            if not head.startswith(b"WARC/"[: len(head)]) or len(head) > _HEADER:
                raise _Broken("here begins no record")
        rest = bytes(head[found.end() :])
        self._plain = rest + self._plain
        self._used -= len(rest)
        return bytes(head[: found.start()])

    def finish(self) -> None:
        """Go to the record's end: nothing but line ends is left there."""
        if self._packed:
            while piece := self.some(_WINDOW):
                if piece.strip(b"\r\n"):
                    raise _Broken("several records are compressed as one: they cannot be read one by one")
            self.at = self._stream.tell() - len(self._raw)
            return
        while self._plain or self._more():
            rest = self._plain.lstrip(b"\r\n")
            self._used += len(self._plain) - len(rest)
            self._plain = rest
            if rest:
                break
        self.at += self._used

    def _more(self) -> bool:
        if not self._packed:
            self._plain = self._stream.read(_WINDOW)
            return bool(self._plain)
        if self._member.eof:
            return False
        data = self._member.unconsumed_tail or self._raw or self._stream.read(_WINDOW)
        self._raw = b""
        if not data:
            raise _Broken("the compressed data does not end")
        self._plain = self._member.decompress(data, _WINDOW)
        if self._member.eof:
            self._raw = self._member.unused_data
        return True


@dataclass(slots=True)
class _Sum:
    """A digest that a record names, and what it comes to. ``name`` the header's."""

    name: str
    told: str
    hasher: Any = field(init=False)

    def __post_init__(self) -> None:
        try:
            self.hasher = hashlib.new(self.told.partition(":")[0].replace("-", ""), usedforsecurity=False)
        except ValueError:
            self.hasher = None

    def update(self, piece: bytes) -> None:
        if self.hasher:
            self.hasher.update(piece)

    @property
    def right(self) -> bool:
        return self.hasher is None or matches(self.told, self.hasher.digest())


def matches(told: str, digest: bytes) -> bool:
    """Is this the digest that stands there, in base32 or in hexadecimal?"""
    value = told.partition(":")[2].strip().lower()
    return value.rstrip("=") in (base64.b32encode(digest).decode().lower().rstrip("="), digest.hex())


def _record(reader: _Reader) -> Scanned:
    start = reader.at
    reader.begin()
    headers = _headers(reader.until_blank())
    try:
        length, moment = int(headers["content-length"]), datetime.fromisoformat(headers["warc-date"])
    except (KeyError, ValueError) as error:
        raise _Broken(f"a record without a good Content-Length or WARC-Date ({error})") from error
    kind = headers.get("warc-type", "")
    sums = _sums(headers, kind)
    head = b"" if _is_http(headers) else None
    left = length
    while left:
        piece = reader.some(min(left, _WINDOW))
        if not piece:
            raise _Broken(f"{length - left} of {length} bytes of a record")
        left -= len(piece)
        sums[0].update(piece)
        if head is not None:
            head += piece
            end = _END.search(head)
            if not end and len(head) < _HEADER:
                continue
            piece, head = head[end.end() :] if end else b"", None
        sums[1].update(piece)
    reader.finish()
    return Scanned(
        offset=start,
        length=reader.at - start,
        kind=kind,
        url=headers.get("warc-target-uri", "").strip("<>"),
        fetched_at=iso(moment.astimezone(UTC)),
        digest=headers.get("warc-payload-digest", ""),
        headers=headers,
        wrong=tuple(f"{each.name} is not that of the bytes" for each in sums if not each.right),
        unchecked=sums[0].hasher is None,
    )


def _headers(head: bytes) -> dict[str, str]:
    lines = re.sub(rb"\r?\n[ \t]+", b" ", head).decode("utf-8", "replace").splitlines()[1:]
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _sums(headers: dict[str, str], kind: str) -> tuple[_Sum, _Sum]:
    """Of the block and of the payload. A revisit carries the digest of what it leaves out."""
    left_out = kind == "revisit" or "warc-segment-number" in headers
    return (
        _Sum("WARC-Block-Digest", headers.get("warc-block-digest", "")),
        _Sum("WARC-Payload-Digest", "" if left_out else headers.get("warc-payload-digest", "")),
    )


def _is_http(headers: dict[str, str]) -> bool:
    return headers.get("content-type", "").lower().startswith("application/http")


def _second_look(path: Path, found: Scanned) -> Scanned:
    """Some writers reckon the payload's digest without its transfer coding."""
    if found.wrong != ("WARC-Payload-Digest is not that of the bytes",):
        return found
    record = read_at(path.parent, Location(path.name, found.offset, found.length))
    again = _Sum("", found.digest)
    again.update(record.capture.body if record.capture else record.block)
    return replace(found, wrong=()) if again.right else found
