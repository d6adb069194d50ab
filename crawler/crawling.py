"""One crawl, in a process of its own, and what it did."""

from __future__ import annotations

import multiprocessing
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.store import last_crawl
from archive.warc import iso
from crawler.ingest import DATABASE


def crawl_one(data: Path, portal_id: str, limit: int, progress: bool) -> tuple[int, dict[str, Any] | None]:
    """Crawl in a fresh interpreter, because a reactor runs once. ``limit``: new pages at most, 0 for no limit.

    Gives the exit code and the crawl's row of ``crawls``, or None when it has none.
    """
    started = iso(datetime.now(UTC))
    options = {"TANGTHU_LIMIT": limit, "TANGTHU_PROGRESS": progress}
    child = multiprocessing.get_context("spawn").Process(target=_crawl, args=(portal_id, str(data), options))
    child.start()
    while child.is_alive():
        try:
            child.join()
        except KeyboardInterrupt:
            continue  # the terminal sent it to the child as well, which ends in order
    code = child.exitcode if child.exitcode is not None and child.exitcode >= 0 else 1
    return code, last_crawl(data / DATABASE, portal_id, started)


def summary(row: dict[str, Any]) -> str:
    """A crawl's row as a line for people."""
    return (
        f"{row['portal']}: {row['new']} new, {row['changed']} changed, {row['same']} same, {row['gone']} gone, "
        f"{row['failed']} failed; {row['requests']} requests, {row['bytes'] / 1e6:.1f} MB; {row['why']}"
    )


def _crawl(portal_id: str, data: str, options: dict[str, Any]) -> None:
    from crawler.spiders import run  # only here: the parent does without Scrapy

    sys.exit(run(portal_id, data, options))
