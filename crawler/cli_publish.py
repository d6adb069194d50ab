"""The command that makes the copy of the database which the site offers to everybody."""

from __future__ import annotations

import shutil
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from tqdm import tqdm

from archive import publish as publishing
from crawler.ingest import DATABASE, NONE_YET
from crawler.terminal import explained, finish, output_options


@click.command()
@click.option("--keep", type=click.IntRange(1), default=3, show_default=True, help="So many copies, the newest.")
@output_options
@click.pass_obj
def download(data: Path, keep: int, as_json: bool, quiet: bool) -> None:
    """Make today's copy of the database for the site's page /download, packed, also while a crawl runs.

    Copies that may hold a text which was hidden since are taken away.
    """
    source = data / DATABASE
    if not source.exists():
        raise click.ClickException(f"{source}: {NONE_YET}")
    needed, free = publishing.needed(source), shutil.disk_usage(data).free
    if free < needed:
        raise click.ClickException(
            f"{data}: needs {needed / 1e6:,.0f} MB for a while, {free / 1e6:,.0f} MB are free: make room"
        )
    silent = quiet or not sys.stderr.isatty()
    bar = tqdm(total=source.stat().st_size, desc="download", unit="B", unit_scale=True, disable=silent)
    with explained(), bar:
        copy = publishing.publish(source, datetime.now(UTC), keep, bar.update)
    path = data / publishing.FOLDER / copy.name
    finish(as_json, quiet, f"{path}: {copy.bytes / 1e6:,.1f} MB, {copy.articles:,} articles", asdict(copy))
