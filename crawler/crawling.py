"""Crawls, each in a process of its own because a reactor runs once, and what they did."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from archive.search.keeper import catch_up
from archive.store import StoreError, last_crawl
from archive.warc import iso
from crawler.children import follow_parent
from crawler.ingest import DATABASE
from crawler.portal import Portal

_UNTIL_INDEXED = 600.0  # seconds that a crawl may go on before what it brought can be searched


@dataclass(frozen=True, slots=True)
class Ended:
    """A crawl that is over. ``code`` as the command exits · ``row`` of ``crawls``, None when it has none."""

    portal: str
    code: int
    row: dict[str, Any] | None


def crawl_all(data: Path, portals: Sequence[Portal], options: dict[str, Any], jobs: int = 1) -> Iterator[Ended]:
    """Crawl the portals, ``jobs`` at a time and never two on one host, and say of each how it ended, as they end.

    ``options`` are Scrapy settings. One that fails stops no other. After Ctrl-C or SIGTERM those that run end in order,
    and no other starts. What they bring can be searched from time to time, and at the end. Raises StoreError when the
    search index cannot be written; what was crawled is kept all the same.
    """
    waiting, running = list(portals), dict[int, tuple[Portal, Any, str]]()

    def end(*_signal: object) -> None:
        waiting.clear()
        for _, child, _ in running.values():
            os.kill(child.pid, signal.SIGINT)

    with _on_sigterm(end):
        yield from _crawl_in_turn(data, waiting, running, options, jobs)
    _index(data)


def _crawl_in_turn(
    data: Path, waiting: list[Portal], running: dict[int, tuple[Portal, Any, str]], options: dict[str, Any], jobs: int
) -> Iterator[Ended]:
    while waiting or running:
        busy = {host for portal, _, _ in running.values() for host in portal.hosts}
        free = next((portal for portal in waiting if not portal.hosts & busy), None)
        if free is not None and len(running) < jobs:
            waiting.remove(free)
            started = iso(datetime.now(UTC))
            child = multiprocessing.get_context("spawn").Process(target=_crawl, args=(free.id, str(data), options))
            child.start()
            running[child.sentinel] = (free, child, started)
            continue
        try:
            done = wait(list(running), timeout=_UNTIL_INDEXED)
            if not done:
                with suppress(StoreError):  # said at the end; nothing stops a crawl
                    _index(data)
        except KeyboardInterrupt:
            waiting.clear()  # the terminal sent it to the children as well, which end in order
            continue
        for sentinel in done:
            portal, child, started = running.pop(int(str(sentinel)))
            child.join()
            code = child.exitcode if child.exitcode is not None and child.exitcode >= 0 else 1
            yield Ended(portal.id, code, last_crawl(data / DATABASE, portal.id, started))


def _index(data: Path) -> None:
    if (data / DATABASE).exists():
        catch_up(data / DATABASE)


@contextmanager
def _on_sigterm(end: Callable[..., None]) -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def summary(row: dict[str, Any]) -> str:
    """A crawl's row as a line for people."""
    return (
        f"{row['portal']}: {row['new']} new, {row['changed']} changed, {row['same']} same, {row['gone']} gone, "
        f"{row['failed']} failed; {row['requests']} requests, {row['bytes'] / 1e6:.1f} MB; {row['why']}"
    )


def _crawl(portal_id: str, data: str, options: dict[str, Any]) -> None:
    from crawler.spiders import run  # only here: the parent does without Scrapy

    follow_parent()
    sys.exit(run(portal_id, data, options))
