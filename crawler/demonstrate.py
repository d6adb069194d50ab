"""``tangthu demo``: the bundled portal, crawled on two days, and what came of it."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import click

from archive.store import Store
from crawler.crawling import crawl_all, summary
from crawler.demo import PORTAL_ID, DemoPortal
from crawler.ingest import DATABASE
from crawler.portal import load
from crawler.serve import serve

# The same port each time: articles keep their addresses, and so their ids, when the demo is repeated.
PORTAL_PORT = 8990


class DemoFailed(Exception):
    """The bundled portal could not be crawled: says how the crawl ended."""


def demonstrate(data: Path, port: int, publish: bool) -> None:
    """Crawl the bundled portal into ``data`` and, with ``publish``, serve the archive on ``port``.

    The second crawl meets the portal as it is a day later. Raises DemoFailed when a crawl fails.
    """
    first_time = not (data / DATABASE).exists() or not _articles(data)
    with _portal() as demo:
        file = data / "portals" / f"{PORTAL_ID}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(demo.portal_file(), "utf-8")
        click.echo(f"The demo portal answers at {demo.url}")
        for day in (1, 2) if first_time else (2,):
            demo.day = day
            options = {"TANGTHU_PROGRESS": sys.stderr.isatty()}
            for ended in crawl_all(data, [load(PORTAL_ID, data / "portals")], options):
                if ended.code or ended.row is None:
                    why = ended.row and ended.row["why"]
                    raise DemoFailed(f"the crawl of day {day} ended with code {ended.code}: {why}")
                click.echo(f"Day {day}: {summary(ended.row)}")
    click.echo(f"{_articles(data)} articles stand in {data / DATABASE}, every byte received in {data / 'warc'}/")
    if publish:
        click.echo(f"\nOpen http://127.0.0.1:{port}/ and search, for example, xuan truong (Ctrl-C ends)\n")
        serve(data / DATABASE, "127.0.0.1", port)


def _portal() -> DemoPortal:
    try:
        return DemoPortal(PORTAL_PORT)
    except OSError:
        return DemoPortal()


def _articles(data: Path) -> int:
    try:
        with Store(data / DATABASE) as store:
            return store.count("articles")
    except sqlite3.Error:
        return 0
