"""The bytes: written as WARC 1.1, read again at an offset or from beginning to end.

Source: ISO 28500:2017 (WARC 1.1), https://iipc.github.io/warc-specifications/
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.model import Capture

ROTATE_BYTES = 1_000_000_000
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_VALIDATORS = ("ETag", "Last-Modified")  # WARC-ETag and WARC-Last-Modified, as Heritrix writes them
SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
# What is unusual about how a page was got: "live; TLS 1.0, certificate expired".
SOURCE = "Tangthu-Source"
# What stands in the headers of a capture that got no answer (status 0): "dns", and what the machine said of it.
FETCH_FAILED, MESSAGE = "Fetch-Failed", "Message"
_FIELDS = "application/warc-fields"


class WarcError(Exception):
    """A WARC that cannot be read or written beyond ``offset``: what precedes it is good."""

    def __init__(self, path: Path, offset: int, why: str) -> None:
        super().__init__(f"{path}: {why} (at byte {offset})")
        self.path, self.offset, self.why = path, offset, why


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


class WarcWriter:
    """Writes one run's records into ``folder``: ``<name>-<14 digits>-00000.warc.gz``, a new file every gigabyte.

    Each write is flushed to the operating system before it returns. A write that fails (full disk) leaves the
    file as it was before, and raises WarcError.
    """

    def __init__(self, folder: Path, name: str, info: dict[str, str], started: datetime) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._info = folder, info
        self._stem = f"{name}-{started.astimezone(UTC):%Y%m%d%H%M%S}"
        self._file: BinaryIO | None = None
        self._path = folder
        self._number = -1

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def sync(self) -> None:
        """Everything written so far is on the disk when this returns."""
        if self._file:
            os.fsync(self._file.fileno())

    def write(self, capture: Capture, named: Mapping[str, str] = MappingProxyType({})) -> Location:
        """A response record. ``named``: more WARC headers (WARC-IP-Address, WARC-Protocol …)."""
        record = self._writer().create_warc_record(
            capture.url,
            "response",
            payload=io.BytesIO(capture.body),
            http_headers=_http(capture),
            warc_headers_dict={"WARC-Date": iso(capture.fetched_at), **_sourced(capture.source), **named},
        )
        return self._append(record)

    def write_failure(self, capture: Capture) -> Location:
        """A look that got no answer (``capture.status`` 0), as a metadata record that says why: evidence too."""
        fields = "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in capture.headers)
        return self._append(self._metadata(capture.url, capture.fetched_at, fields.encode(), _FIELDS))

    def write_conversion(self, capture: Capture, refers_to: Mapping[str, str]) -> Location:
        """A conversion record: what was made of another record, which ``refers_to`` names (WARC-Refers-To …).

        Its block is the capture's body, under its own media type: no HTTP headers came with it.
        """
        record = self._writer().create_warc_record(
            capture.url,
            "conversion",
            payload=io.BytesIO(capture.body),
            length=len(capture.body),
            warc_content_type=capture.header("Content-Type"),
            warc_headers_dict={"WARC-Date": iso(capture.fetched_at), **_sourced(capture.source), **refers_to},
        )
        return self._append(record)

    def write_note(self, uri: str, moment: datetime, note: dict[str, Any]) -> Location:
        """What is to be known of a run besides its captures, as a metadata record with JSON."""
        block = json.dumps(note, ensure_ascii=False, sort_keys=True).encode()
        return self._append(self._metadata(uri, moment, block, "application/json"))

    def _metadata(self, uri: str, moment: datetime, block: bytes, media_type: str) -> ArcWarcRecord:
        return self._writer().create_warc_record(
            uri,
            "metadata",
            payload=io.BytesIO(block),
            length=len(block),
            warc_content_type=media_type,
            warc_headers_dict={"WARC-Date": iso(moment)},
        )

    def write_revisit(
        self,
        capture: Capture,
        profile: str,
        digest: str,
        url: str,
        fetched_at: str,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> Location:
        """A revisit record: ``capture`` repeats the payload ``digest`` kept from ``url`` at ``fetched_at``.

        A 304 is written without its HTTP headers, which the standard allows: replay programs would show the reader
        an empty page under them. Its profile says that it was one, and the validators are kept.
        """
        confirmed = profile == NOT_MODIFIED
        named = {f"WARC-{name}": capture.header(name) for name in _VALIDATORS if confirmed and capture.header(name)}
        record = self._writer().create_revisit_record(
            capture.url,
            digest,
            url,
            fetched_at,
            http_headers=None if confirmed else _http(capture),
            warc_headers_dict={"WARC-Date": iso(capture.fetched_at), **_sourced(capture.source), **named, **more},
        )
        record.rec_headers.replace_header("WARC-Profile", profile)
        return self._append(record)

    def copy(self, record: Record) -> Location:
        """A record of another file, block and headers as they are."""
        headers = StatusAndHeaders("", list(record.headers), "WARC/1.1")
        return self._append(
            ArcWarcRecord(
                "warc", record.kind, headers, io.BytesIO(record.block), None, headers.get_header("Content-Type"),
                len(record.block),
            )
        )  # fmt: skip

    def _writer(self) -> WARCWriter:
        return _writer(io.BytesIO())

    def _append(self, record: ArcWarcRecord) -> Location:
        """Compressed here and appended in one go: a record stands in the file whole or not at all."""
        if self._file is None or self._file.tell() > ROTATE_BYTES:
            self._open()
        assert self._file is not None
        offset = self._file.tell()
        try:
            member = _member(record)
            self._file.write(member)
            self._file.flush()
        except OSError as error:
            self._cut(offset)
            raise WarcError(self._path, offset, f"cannot be written: {error.strerror}") from error
        return Location(self._path.name, offset, len(member))

    def _open(self) -> None:
        self.close()
        while self._file is None:
            self._number += 1
            self._path = self._folder / f"{self._stem}-{self._number:05}.warc.gz"
            try:
                self._file = self._path.open("xb")
            except FileExistsError:
                continue  # another run of this name started within the same second
            except OSError as error:
                raise WarcError(self._path, 0, f"cannot be made: {error.strerror}") from error
        self._append(self._writer().create_warcinfo_record(self._path.name, self._info))

    def _cut(self, offset: int) -> None:
        try:
            self.close()
        except OSError:
            self._file = None  # the buffer could not be written either: exactly what is cut off below
        os.truncate(self._path, offset)
        if offset == 0:
            self._path.unlink()


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
        for _, record in _records(stream, path, 0):
            yield record


def read_from(path: Path, start: int) -> Iterator[tuple[Location, Record]]:
    """The records from byte ``start`` on, where one begins, with their places. Nothing when the file ends there.

    Raises WarcError as ``read`` does; its ``offset`` is where the last good record ends.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise WarcError(path, start, f"cannot be opened: {error.strerror}") from error
    with stream:
        stream.seek(start)
        if stream.read(1):
            yield from _records(stream, path, start)


def cut(path: Path, offset: int) -> int:
    """Take away what follows ``offset``, which a writer that was killed left behind; how many bytes it was."""
    size = path.stat().st_size
    os.truncate(path, offset)
    return size - offset


def _records(stream: BinaryIO, path: Path, start: int) -> Iterator[tuple[Location, Record]]:
    stream.seek(start)
    records = ArchiveIterator(stream, no_record_parse=True, arc2warc=True)
    offset = last = start
    while True:
        try:
            record = next(records, None)
            if record is None:
                _check_end(stream, path, last, offset)
                return
            value = _record(record, path, offset)
            # Asking for the length reads to the record's end, so it comes last; the next one starts there.
            last = records.get_record_offset()
            length = records.get_record_length()
            offset = last + length
        except (ArchiveLoadFailed, EOFError, zlib.error, ValueError) as error:
            raise WarcError(path, offset, f"is damaged or cut off: {str(error)[:100]}") from error
        yield Location(path.name, last, length), value


def read_at(folder: Path, where: Location) -> Record:
    """The record that stands there. Raises WarcError when there is none."""
    path = folder / Path(where.warc).name
    try:
        with path.open("rb") as stream:
            stream.seek(where.offset)
            record = next(iter(ArchiveIterator(stream, no_record_parse=True)), None)
            if record is None:
                raise WarcError(path, where.offset, "holds no record")
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
        named = tuple((name, headers.get_header(f"WARC-{name}") or "") for name in _VALIDATORS)
        capture = Capture(url, fetched_at, status, tuple(pair for pair in named if pair[1]), b"", source)
    elif record.rec_type in ("conversion", "resource"):
        media_type = (("Content-Type", headers.get_header("Content-Type") or ""),)
        capture = Capture(url, fetched_at, 200, media_type, block, source)
    elif record.rec_type == "metadata" and headers.get_header("Content-Type") == _FIELDS:
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


def _sourced(source: str) -> dict[str, str]:
    return {SOURCE: source} if source.startswith("live;") else {}


def _exchange(url: str, fetched_at: datetime, block: bytes, source: str) -> Capture:
    stream = io.BytesIO(block)
    http = ArcWarcRecordLoader().http_parser.parse(stream)
    body = stream.read()
    if (http.get_header("Transfer-Encoding") or "").lower() == "chunked":
        body = ChunkedDataReader(io.BytesIO(body)).read()
    status = http.get_statuscode()
    return Capture(url, fetched_at, int(status) if status.isdigit() else 0, tuple(http.headers), body, source)


def _http(capture: Capture) -> StatusAndHeaders:
    status = f"{capture.status} {_REASONS.get(capture.status, '')}".strip()
    headers = StatusAndHeaders(status, list(capture.headers), "HTTP/1.1")
    # As received: warcio would percent-encode what is not ASCII, such as the name of a file, and fail at a name.
    headers.to_ascii_bytes = headers.to_bytes
    return headers


class _Squeezed:
    """What is written to it, compressed at once: a body of 50 MB is not held a second time."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self._squeeze = zlib.compressobj(6, zlib.DEFLATED, 31)

    def write(self, data: bytes) -> None:
        self.pieces.append(self._squeeze.compress(data))

    def flush(self) -> None:
        """The record is whole."""
        self.pieces.append(self._squeeze.flush())


def _writer(out: Any) -> WARCWriter:
    writer = WARCWriter(out, gzip=False, warc_version="1.1")
    # The standard knows a payload of exchanges and resources only; FastWARC takes another one's digest for wrong.
    writer.NO_PAYLOAD_DIGEST_TYPES = (*writer.NO_PAYLOAD_DIGEST_TYPES, "metadata")
    return writer


def _member(record: ArcWarcRecord) -> bytes:
    out = _Squeezed()
    _writer(out).write_record(record)
    return b"".join(out.pieces)


_REASONS = {
    200: "OK", 301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
    403: "Forbidden", 404: "Not Found", 410: "Gone", 429: "Too Many Requests", 500: "Internal Server Error",
    503: "Service Unavailable",
}  # fmt: skip
