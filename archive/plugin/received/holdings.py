"""The received bytes, out of the WARCs that stand beside the database, in threads of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from archive.model import Capture
from archive.plugin.answers import DATABASE
from archive.plugin.queries.snapshots import Look
from archive.warc import Location, Record, TooLarge, WarcError, read_at

# Bytes of one record that are held in memory for one reader; what is larger can be had as its WARC record.
MOST = 64_000_000
# Few: each may hold that much, and whatever they do to a page keeps the others from Python.
_HANDS = ThreadPoolExecutor(3, "warc")

T = TypeVar("T")


class Missing(Exception):
    """The WARC is not here, or not readable there: an archive's database may be published without its bytes."""


async def aside(work: Callable[[], T]) -> T:
    """Do it in one of the threads: the loop that answers everybody goes on."""
    return await asyncio.get_running_loop().run_in_executor(_HANDS, work)


def path_of(datasette: Any, where: Location) -> Path:
    """The file in which the record stands: always one in the folder ``warc`` beside the database. Raises Missing for a
    database in memory."""
    database = datasette.get_database(DATABASE).path
    if database is None:
        raise Missing(where.warc)
    return Path(database).parent / "warc" / Path(where.warc).name


async def record(datasette: Any, where: Location) -> Record:
    """The record there. Raises Missing, or archive.warc.TooLarge."""
    folder = path_of(datasette, where).parent
    try:
        return await aside(lambda: read_at(folder, where, MOST))
    except TooLarge:
        raise
    except WarcError as error:
        raise Missing(str(error)) from error


async def received(datasette: Any, look: Look) -> Capture:
    """The payload that a capture stands for, under the headers that came with it. Raises Missing, or
    archive.warc.TooLarge."""
    capture = (await record(datasette, look.held)).capture
    if capture is None:
        raise Missing(look.held.warc)
    return capture
