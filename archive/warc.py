"""The bytes: WARC records, read at an offset or from beginning to end. Written: ``archive.warcwriter``.

Source: ISO 28500:2017 (WARC 1.1), https://iipc.github.io/warc-specifications/
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader

from archive.model import Capture

NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
VALIDATORS = ("ETag", "Last-Modified")  # WARC-ETag and WARC-Last-Modified, as Heritrix writes them
SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
# What is unusual about how a page was got: "live; TLS 1.0, certificate expired".
SOURCE = "Tangthu-Source"
# What stands in the headers of a capture that got no answer (status 0): "dns", and what the machine said of it.
FETCH_FAILED, MESSAGE = "Fetch-Failed", "Message"
FIELDS = "application/warc-fields"


class WarcError(Exception):
    """A WARC that cannot be read or written beyond ``offset``: what precedes it is good."""

    def __init__(self, path: Path, offset: int, why: str) -> None:
        super().__init__(f"{path}: {why} (at byte {offset})")
        self.path, self.offset, self.why = path, offset, why


class TooLarge(WarcError):
    """A record that is whole, and larger than who asked for it has room for."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a record stands: the file's name within the folder, its first byte, and how many bytes it takes."""

    warc: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stands in a file. ``capture`` None: no look at a page (request, note, warcinfo).

    ``digest`` of the payload, "sha1:…" · ``refers_to`` the address and time of the capture that a revisit
    repeats, both "" otherwise · ``block`` the record's block, to be copied as it is.
    """

    kind: str
    url: str
    fetched_at: datetime
    headers: tuple[tuple[str, str], ...]
    block: bytes
    capture: Capture | None
    digest: str
    refers_to: tuple[str, str] = ("", "")


def payload_digest(body: bytes) -> str:
    """``sha1:`` and base32, as WARC and CDX write it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def iso(moment: datetime) -> str:
    """``2026-11-23T09:04:10Z``: UTC, whole seconds, as WARC-Date and the database write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(path: Path) -> Iterator[Record]:
    """Every record of a WARC (compressed or not), in order. ``Capture.source`` is the file's name, unless the record
    names another.

    Raises WarcError at the first place that cannot be read: a file that ends in the middle of a record gives all
    records before the cut, then raises.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise WarcError(path, 0, f"cannot be opened: {error.strerror}") from error
    with stream:
        if not stream.read(1):
            raise WarcError(path, 0, "is empty")
        yield from _records(stream, path)


def cut(path: Path, offset: int) -> int:
    """Take away what follows ``offset``, which a writer that was killed left behind; how many bytes it was."""
    size = path.stat().st_size
    os.truncate(path, offset)
    return size - offset


def _records(stream: BinaryIO, path: Path) -> Iterator[Record]:
    stream.seek(0)
    records = ArchiveIterator(stream, no_record_parse=True, arc2warc=True)
    offset = last = 0
    while True:
        try:
            record = next(records, None)
            if record is None:
                _check_end(stream, path, last, offset)
                return
            value = _record(record, path, offset)
            # Asking for the length reads to the record's end, so it comes last; the next one starts there.
            last = records.get_record_offset()
            offset = last + records.get_record_length()
        except (ArchiveLoadFailed, EOFError, zlib.error, ValueError) as error:
            raise WarcError(path, offset, f"is damaged or cut off: {str(error)[:100]}") from error
        yield value


def bytes_at(path: Path, offset: int, length: int) -> bytes:
    """What stands there, less where the file ends before. Raises OSError."""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def read_at(folder: Path, where: Location, most: int | None = None) -> Record:
    """The record that stands there. Raises WarcError when there is none, or when it is of more than ``most`` bytes."""
    path = folder / Path(where.warc).name
    try:
        with path.open("rb") as stream:
            stream.seek(where.offset)
            record = next(iter(ArchiveIterator(stream, no_record_parse=True)), None)
            if record is None:
                raise WarcError(path, where.offset, "holds no record")
            if most is not None and int(record.rec_headers.get_header("Content-Length") or "0") > most:
                raise TooLarge(path, where.offset, f"has a record of more than {most} bytes")
            return _record(record, path, where.offset)
    except (OSError, ArchiveLoadFailed, zlib.error, ValueError) as error:
        raise WarcError(path, where.offset, f"cannot be read: {error}") from error


def _check_end(stream: BinaryIO, path: Path, last: int, end: int) -> None:
    """Readers do not mind when a file's last bytes are missing, or make no record; an archive does.

    ``last`` and ``end``: where the last good record starts and ends.
    """
    stream.seek(end)
    if stream.read(1 << 16).strip(b"\r\n\0"):
        raise WarcError(path, end, "is cut off or damaged: what follows is no record")
    stream.seek(last)
    if stream.read(2) != b"\x1f\x8b":
        return
    stream.seek(last)
    member = zlib.decompressobj(31)
    while piece := stream.read(1 << 20):
        member.decompress(piece)
        if member.eof:
            return
    raise WarcError(path, last, "is cut off: the last record's compressed data does not end")


def _record(record: Any, path: Path, offset: int) -> Record:
    headers = record.rec_headers
    block = record.raw_stream.read()
    expected = int(headers.get_header("Content-Length") or "-1")
    if expected < 0:
        raise ValueError("a record without Content-Length")
    if len(block) != expected:
        raise WarcError(path, offset, f"is cut off: {len(block)} of {expected} bytes of a record")
    date = headers.get_header("WARC-Date")
    if not date:
        raise ValueError("a record without WARC-Date")
    url = (headers.get_header("WARC-Target-URI") or "").strip("<>")
    fetched_at = datetime.fromisoformat(date).astimezone(UTC)
    source = headers.get_header(SOURCE) or path.name
    capture = None
    if (
        block
        and record.rec_type in ("response", "revisit")
        and (headers.get_header("Content-Type") or "").startswith("application/http")
    ):
        capture = _exchange(url, fetched_at, block, source)
    elif record.rec_type == "revisit":
        status = 304 if headers.get_header("WARC-Profile") == NOT_MODIFIED else 200
        named = tuple((name, headers.get_header(f"WARC-{name}") or "") for name in VALIDATORS)
        capture = Capture(url, fetched_at, status, tuple(pair for pair in named if pair[1]), b"", source)
    elif record.rec_type in ("conversion", "resource"):
        media_type = (("Content-Type", headers.get_header("Content-Type") or ""),)
        capture = Capture(url, fetched_at, 200, media_type, block, source)
    elif record.rec_type == "metadata" and headers.get_header("Content-Type") == FIELDS:
        failure = _failure(block)
        capture = Capture(url, fetched_at, 0, failure, b"", source) if failure else None
    digest = headers.get_header("WARC-Payload-Digest") or (payload_digest(capture.body) if capture else "")
    refers_to = (
        headers.get_header("WARC-Refers-To-Target-URI") or "",
        headers.get_header("WARC-Refers-To-Date") or "",
    )
    return Record(record.rec_type, url, fetched_at, tuple(headers.headers), block, capture, digest, refers_to)


def _failure(block: bytes) -> tuple[tuple[str, str], ...]:
    """What our own metadata record says of a look without an answer; () for those of other writers."""
    lines = (line.partition(": ") for line in block.decode("utf-8", "replace").splitlines())
    fields = tuple((name, value) for name, _, value in lines if name in (FETCH_FAILED, MESSAGE))
    return fields if fields and fields[0][0] == FETCH_FAILED else ()


def _exchange(url: str, fetched_at: datetime, block: bytes, source: str) -> Capture:
    stream = io.BytesIO(block)
    http = ArcWarcRecordLoader().http_parser.parse(stream)
    body = stream.read()
    if (http.get_header("Transfer-Encoding") or "").lower() == "chunked":
        body = ChunkedDataReader(io.BytesIO(body)).read()
    status = http.get_statuscode()
    return Capture(url, fetched_at, int(status) if status.isdigit() else 0, tuple(http.headers), body, source)
