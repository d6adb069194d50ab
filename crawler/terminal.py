"""What the commands share on a terminal and in cron: errors as one line, results as a line or as JSON."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click

from archive.consistency import is_of_today
from archive.health import OLDER
from archive.model import Capture
from archive.search import IndexMissing
from archive.store import StoreError
from archive.warc import WarcError
from crawler import imports
from crawler.demonstrate import DemoFailed
from crawler.ingest import DATABASE, NONE_YET
from crawler.locks import Locked
from crawler.portal import Portal, PortalError
from crawler.workers import WorkersError

LOCKED = 75


@contextmanager
def explained() -> Iterator[None]:
    """Errors that name their next action end the command with one line, not with a traceback."""
    try:
        yield
    except PortalError as error:
        raise click.UsageError(str(error)) from error
    except (StoreError, WarcError, DemoFailed, WorkersError, IndexMissing) as error:
        raise click.ClickException(str(error)) from error
    except sqlite3.Error as error:
        raise click.ClickException(f"{error}. What is kept stays good: make room on the disk and run again") from error
    except Locked as error:
        click.echo(f"tangthu: {error}", err=True)
        sys.exit(LOCKED)


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C ends the command with a line that says how to go on."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise click.ClickException("stopped. What is done is kept; run again, and it goes on from there") from error


def finish(as_json: bool, quiet: bool, line: str, values: dict[str, Any]) -> None:
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False))
    elif not quiet:
        click.echo(line)


def output_options(command: Any) -> Any:
    command = click.option("--json", "as_json", is_flag=True, help="One machine-readable line.")(command)
    return click.option("--quiet", is_flag=True, help="Silent unless something is wrong.")(command)


@contextmanager
def reading(data: Path) -> Iterator[sqlite3.Connection]:
    """The archive for reading. A folder without one is told, and one of an older version."""
    path = data / DATABASE
    if not path.exists():
        raise StoreError(f"{path}: {NONE_YET}")
    if not is_of_today(path):
        raise StoreError(f"{path}: {OLDER}")
    db = sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True)
    try:
        yield db
    finally:
        db.close()


def owner(capture: Capture, known: dict[str, Portal]) -> Portal:
    return imports.Owners(known, None).of(capture)


def is_closed(p: Portal) -> bool:
    return p.closed is not None and date.today() >= p.closed
