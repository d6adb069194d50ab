"""The bytes, written as WARC 1.1.

Source: ISO 28500:2017 (WARC 1.1), https://iipc.github.io/warc-specifications/
"""

from __future__ import annotations

import io
import json
import os
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.model import Capture
from archive.warc import FIELDS, NOT_MODIFIED, SOURCE, VALIDATORS, Location, Record, WarcError, iso

ROTATE_BYTES = 1_000_000_000


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
        return self._append(self._metadata(capture.url, capture.fetched_at, fields.encode(), FIELDS))

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
        named = {f"WARC-{name}": capture.header(name) for name in VALIDATORS if confirmed and capture.header(name)}
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


def _sourced(source: str) -> dict[str, str]:
    return {SOURCE: source} if source.startswith("live;") else {}


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
