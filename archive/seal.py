"""Records whose bytes are taken out of the WARCs, which are copied, backed up and given away: in the place of each
stands a note of exactly the same length, so that all others keep their places, and any reader of WARCs takes the file.

The bytes themselves lie in ``sealed/`` of the archive's folder, readable for its owner alone: one WARC of one record
each. They are written there, and are on the disk, before anything is overwritten; they leave it after they are back.
Whatever is done here may be done again after it was interrupted.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from archive.scan import Damage, Scanned, scan
from archive.warc import Location, Record, WarcError, bytes_at

FOLDER = "sealed"
_ID = "urn:tangthu:sealed:"
# What a record may be that holds a page or a file; all others hold no word of it.
KINDS = ("response", "conversion", "resource")
_TOLD = (
    "The record that stood here is sealed: taken out of sight, by a decision that the archive's public log of takedowns"
    " gives with its reason. Its bytes are kept by the archive's operator.\r\n"
)
_NAME = re.compile(r"(?P<offset>\d{12,})-(?P<warc>.+)")
_BLOCK = 65_535  # bytes of a stored block of deflate, at most
_FRAME = 18  # bytes of a gzip member around its blocks
_HEAD = 5  # bytes before each block


class CannotSeal(WarcError):
    """The record is too short for a note, or is not what it should be."""


def is_note(found: Scanned | Record) -> bool:
    """Does this record stand in the place of a sealed one?"""
    headers = found.headers if isinstance(found, Scanned) else {name.lower(): value for name, value in found.headers}
    return found.kind == "metadata" and headers.get("warc-record-id", "").strip("<>").startswith(_ID)


def sealed_path(data: Path, warc: str, offset: int) -> Path:
    """Where the bytes of a sealed record lie in the archive's folder ``data``."""
    return data / FOLDER / f"{offset:012}-{Path(warc).name}"


def seal(data: Path, warc: str, offset: int) -> bool:
    """Put the record's bytes away, and a note in its place; False when it is sealed already.

    Raises WarcError when the record cannot be read or written, and then nothing of the WARC is changed.
    """
    path, away = data / "warc" / Path(warc).name, sealed_path(data, warc, offset)
    found = _at(path, offset)
    if isinstance(found, Scanned) and is_note(found):
        if not away.exists():
            raise CannotSeal(path, offset, f"is sealed, but {away} is missing: restore it from the operator's backup")
        return False
    if not away.exists():
        # Damage is what a note leaves that was interrupted; then the bytes are away already.
        if found is None or found.wrong:
            raise CannotSeal(path, offset, "is damaged: “tangthu verify” tells what to do")
        if found.kind not in KINDS:
            raise CannotSeal(path, offset, f"is a record of the kind “{found.kind}”, which holds no page")
        _note(Location(path.name, offset, found.length), found.fetched_at, _is_packed(path, offset))  # can it be done?
        _keep(away, bytes_at(path, offset, found.length))
    kept = _at(away, 0)
    if kept is None or kept.wrong:
        raise CannotSeal(away, 0, f"is damaged; when {path} still holds the record (“tangthu verify”), delete it")
    note = _note(Location(path.name, offset, away.stat().st_size), kept.fetched_at, _is_packed(away, 0))
    _overwrite(path, offset, note)
    return True


def stands(data: Path, warc: str, offset: int) -> bool:
    """Does a record that holds a page or a file still stand there, or what is left of it?"""
    found = _at(data / "warc" / Path(warc).name, offset)
    return found is None or found.kind in KINDS


def unseal(data: Path, warc: str, offset: int) -> None:
    """The record's bytes stand where they stood; ``keep_only`` takes the other ones away when all else is done.

    Raises WarcError when they are not there any more, or cannot be written.
    """
    path, away = data / "warc" / Path(warc).name, sealed_path(data, warc, offset)
    if not away.exists():
        found = _at(path, offset)
        if found is not None and not is_note(found):
            return  # it was back before this was interrupted
        raise CannotSeal(path, offset, f"cannot be unsealed: {away} is missing. Restore it from the operator's backup")
    kept = _at(away, 0)
    if kept is None or kept.wrong or kept.length != away.stat().st_size:
        raise CannotSeal(away, 0, "is damaged: restore it from the operator's backup")
    _overwrite(path, offset, away.read_bytes())


def damaged(data: Path) -> Iterator[tuple[Path, str]]:
    """The bytes put away that are not whole any more, and why. None for who may not read the folder."""
    folder = data / FOLDER
    if not os.access(folder, os.R_OK | os.X_OK):
        return
    for path in sorted(folder.iterdir()):
        if _NAME.fullmatch(path.name):
            for found in scan(path):
                if isinstance(found, Damage):
                    yield path, found.why
                for wrong in () if isinstance(found, Damage) else found.wrong:
                    yield path, wrong


def keep_only(data: Path, wanted: Collection[Path]) -> None:
    """All but what lies at these paths leaves the folder, if it stands in its WARC again: nothing is lost."""
    folder = data / FOLDER
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        named = _NAME.fullmatch(path.name)
        if named and path not in wanted:
            there = data / "warc" / named["warc"]
            content = path.read_bytes()
            if there.exists() and bytes_at(there, int(named["offset"]), len(content)) == content:
                path.unlink()
    _sync(folder)


def _note(where: Location, fetched_at: str, packed: bool) -> bytes:
    """A record of exactly ``where.length`` bytes that says that it is in place of another one. Raises CannotSeal."""
    size = where.length
    blocks = -(-(size - _FRAME) // (_BLOCK + _HEAD)) if packed else 0
    plain = size - _FRAME - _HEAD * blocks if packed else size
    record = _record(where, fetched_at, plain, _TOLD) or _record(where, fetched_at, plain, "")
    if record is None:
        raise CannotSeal(Path(where.warc), where.offset, f"has {size} bytes, too few for a note in their place")
    return _pack(record, blocks) if packed else record


def _record(where: Location, fetched_at: str, size: int, told: str) -> bytes | None:
    """A metadata record of ``size`` bytes; None when there is no room for what it says. ``told`` and blanks are its
    block; without it, only what the standard demands is there."""
    name = hashlib.sha1(f"{where.warc}\n{where.offset}".encode(), usedforsecurity=False).hexdigest()[:20]
    lines = ["WARC/1.1", "WARC-Type: metadata", f"WARC-Record-ID: <{_ID}{name}>", f"WARC-Date: {fetched_at}"]
    if told:
        lines += ["Content-Type: text/plain", f"WARC-Block-Digest: sha1:{'A' * 32}"]
    # The length of the block is said in front of it, and takes room itself.
    for digits in range(1, 12):
        head = len("\r\n".join([*lines, f"Content-Length: {'0' * digits}"])) + len("\r\n\r\n")
        room = size - head - len("\r\n\r\n")
        if room >= len(told) and len(str(room)) <= digits:
            break
    else:
        return None
    block = told.encode().ljust(room)
    if told:
        digest = base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest()).decode()
        lines[-1] = f"WARC-Block-Digest: sha1:{digest}"
    text = "\r\n".join([*lines, f"Content-Length: {room:0{digits}}"]) + "\r\n\r\n"
    return text.encode() + block + b"\r\n\r\n"


def _pack(record: bytes, blocks: int) -> bytes:
    """A gzip member of ``record`` in so many stored blocks: its length is reckoned, and not met by chance."""
    pieces = [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"]
    for number in range(blocks):
        piece = record[number * _BLOCK : (number + 1) * _BLOCK]
        pieces.append(bytes([number == blocks - 1]))
        pieces.append(len(piece).to_bytes(2, "little") + (len(piece) ^ 0xFFFF).to_bytes(2, "little") + piece)
    pieces.append(zlib.crc32(record).to_bytes(4, "little") + (len(record) & 0xFFFFFFFF).to_bytes(4, "little"))
    return b"".join(pieces)


def _at(path: Path, offset: int) -> Scanned | None:
    """The record that begins there; None when none does. Raises WarcError when the file cannot be opened."""
    found = next(scan(path, offset), None)
    return found if isinstance(found, Scanned) and found.offset == offset else None


def _is_packed(path: Path, offset: int) -> bool:
    return bytes_at(path, offset, 2) == b"\x1f\x8b"


def _keep(path: Path, content: bytes) -> None:
    """Written whole or not at all, on the disk when this returns, for its owner alone."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.parent.chmod(0o700)
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise WarcError(path, 0, f"cannot be written: {error.strerror}") from error
    _sync(path.parent)
    _sync(path.parent.parent)


def _overwrite(path: Path, offset: int, content: bytes) -> None:
    try:
        with path.open("r+b") as file:
            file.seek(offset)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise WarcError(path, offset, f"cannot be written: {error.strerror}") from error


def _sync(folder: Path) -> None:
    """What was renamed or deleted in the folder is so on the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
