"""Who writes to the archive: crawls of different portals side by side, everything else alone.

A crawl holds its portal's lock and a share of the archive's; what goes through the whole archive (import, reextract,
rebuild, repair) holds that alone. Locks are the system's (flock): they end with the process, however it ends. Who holds
one, since when, and its last sign of life stand in the lock's file, for people and for ``tangthu health``.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from archive.store import StoreError
from archive.warc import iso

HEARTBEAT = 30.0  # seconds between two signs of life
_PATIENCE = 1.5  # seconds: a process that was just killed may still be dying


class Locked(Exception):
    """Another run holds the portal or the archive: come back later. Says who it is."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a lock. ``run`` a portal's id, "import" …; times "2026-11-25T02:00:00Z"; ``seen`` its last sign."""

    run: str
    pid: int
    host: str
    since: str
    seen: str

    def __str__(self) -> str:
        return f"“{self.run}”, process {self.pid} on {self.host}, since {self.since}, last sign of life {self.seen}"


@contextmanager
def portal(folder: Path, name: str) -> Iterator[None]:
    """The right to crawl the portal ``name``. Raises Locked, StoreError when the folder is read-only."""
    with ExitStack() as stack:
        whole = stack.enter_context(_open(_whole(folder)))
        _take(whole, fcntl.LOCK_SH, folder, f"another run has the whole archive in {folder}", [_whole(folder)])
        own = stack.enter_context(_open(path := _of_portal(folder, name)))
        _take(own, fcntl.LOCK_EX, folder, f"another run crawls {name}", [path])
        stack.enter_context(_heartbeat(own, name))
        yield


@contextmanager
def setup(folder: Path) -> Iterator[None]:
    """Nobody else opens the archive meanwhile: a new one is made once. Waits for its turn."""
    with _open(folder / "warc" / ".lock-setup") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def archive(folder: Path, name: str) -> Iterator[None]:
    """The whole archive for the run ``name``. Raises Locked, StoreError when the folder is read-only."""
    with ExitStack() as stack:
        whole = stack.enter_context(_open(path := _whole(folder)))
        others = [path, *sorted(path.parent.glob(".lock-*"))]
        _take(whole, fcntl.LOCK_EX, folder, f"another run writes to {folder}", others)
        stack.enter_context(_heartbeat(whole, name))
        yield


def owners(folder: Path) -> list[Owner]:
    """The runs that write to the archive at this moment."""
    paths = [_whole(folder), *sorted((folder / "warc").glob(".lock-*"))]
    return [owner for path in paths if (owner := _owner(path)) and _is_held(path)]


def _whole(folder: Path) -> Path:
    return folder / "warc" / ".lock"


def _of_portal(folder: Path, name: str) -> Path:
    return folder / "warc" / f".lock-{name.replace('/', '-')}"


@contextmanager
def _open(path: Path) -> Iterator[IO[str]]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{path.parent.parent}: cannot be written: {error.strerror}") from error
    with file:
        yield file


def _take(file: IO[str], how: int, folder: Path, what: str, others: list[Path]) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > end:
                who = "; ".join(str(owner) for path in others if (owner := _owner(path)) and _is_held(path))
                raise Locked(f"{what}: wait for its end" + (f" ({who})" if who else "")) from error
            time.sleep(0.05)
        except OSError as error:
            raise StoreError(f"{folder}: cannot be locked: {error.strerror}") from error


def _is_held(path: Path) -> bool:
    try:
        with path.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _owner(path: Path) -> Owner | None:
    try:
        return Owner(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None  # nobody has written there yet, or somebody is just writing


@contextmanager
def _heartbeat(file: IO[str], run: str) -> Iterator[None]:
    since = iso(datetime.now(UTC))
    done = threading.Event()

    def beat() -> None:
        while True:
            owner = Owner(run, os.getpid(), socket.gethostname(), since, iso(datetime.now(UTC)))
            with suppress(OSError):  # a full disk is told by what writes there in earnest
                file.seek(0)
                file.truncate()
                file.write(json.dumps(asdict(owner)))
                file.flush()
            if done.wait(HEARTBEAT):
                return

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        with suppress(OSError):
            file.seek(0)
            file.truncate()
