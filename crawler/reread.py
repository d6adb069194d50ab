"""Reading pages again out of WARC files: what a worker process does. It imports neither Scrapy nor Datasette."""

from __future__ import annotations

import faulthandler
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.model import Article, Capture
from archive.warc import Location, WarcError, read_at
from crawler.children import follow_parent
from crawler.detection import SURE, detect
from crawler.extract import NotAnArticle, NotHTML, extract
from crawler.platform import Rules
from crawler.platforms import PLATFORMS

_GRACE = 15.0  # seconds more for a page that does not let itself be interrupted
_own_process = False


@dataclass(frozen=True, slots=True)
class Page:
    """A capture to be read. ``rules`` None: those of the platform that the page tells, else of ``platform`` (its
    name, "" when unknown)."""

    capture: int
    url: str
    where: Location
    rules: Rules | None
    platform: str


@dataclass(frozen=True, slots=True)
class Task:
    """Pages in the order of their captures. ``folder`` of the WARC files · ``seconds`` that each page may take."""

    folder: Path
    pages: tuple[Page, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page gave: ``article``, or ``why`` it holds none, or the ``trouble`` for which it could not be read.

    ``told``: the platform's name that the page itself tells, "" when it tells none or its rules were given ·
    ``platform``: the one whose rules were used, in the same case.
    """

    capture: int
    article: Article | None = None
    why: str = ""
    trouble: str = ""
    told: str = ""
    platform: str = ""


class _TooLong(BaseException):
    """No Exception: what reads a page must not take it for a fault of the page."""


def read_pages(task: Task) -> list[Reading]:
    """The pages in the order given; they are looked up in the order in which they stand in their files."""
    order = sorted(task.pages, key=lambda page: (page.where.warc, page.where.offset))
    readings = {page.capture: _guarded(task, page) for page in order}
    return [readings[page.capture] for page in task.pages]


def prepare() -> None:
    """Each worker process, first: Ctrl-C is its parent's matter, and it does not outlive its parent."""
    global _own_process
    _own_process = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    follow_parent()


def _guarded(task: Task, page: Page) -> Reading:
    path = task.folder / page.where.warc
    try:
        with _limit(task.seconds):
            return _read(task.folder, page)
    except WarcError as error:
        return Reading(page.capture, trouble=str(error))
    except _TooLong:
        why = f"took longer than {task.seconds:g} seconds"
    except Exception as error:  # noqa: BLE001 - one page must not end the run
        why = f"{type(error).__name__}: {str(error)[:100]}"
    return Reading(page.capture, trouble=f"{path}: {why} (at byte {page.where.offset})")


def _read(folder: Path, page: Page) -> Reading:
    record = read_at(folder, page.where)
    if record.capture is None or record.url != page.url:
        raise WarcError(folder / page.where.warc, page.where.offset, f"holds another record than {page.url}")
    told, platform, rules = "", "", page.rules
    if rules is None:
        told = _told(record.capture)
        platform = told or page.platform
        rules = PLATFORMS[platform].rules if platform in PLATFORMS else Rules()
    try:
        return Reading(page.capture, extract(record.capture, rules), told=told, platform=platform)
    except (NotAnArticle, NotHTML) as error:
        return Reading(page.capture, why=str(error), told=told, platform=platform)


def _told(capture: Capture) -> str:
    detected = detect(capture)
    return detected.platform.name if detected.platform and detected.sure >= SURE else ""


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """_TooLong after so many seconds. Code that does not hear it ends this process a little later.

    Only where the process is the worker's own: neither a thread nor somebody else's process can be stopped like that.
    """
    if not _own_process or not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, _stop)
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(seconds + _GRACE, exit=True, file=nowhere)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()
            signal.signal(signal.SIGALRM, before)


def _stop(*_: Any) -> None:
    raise _TooLong
