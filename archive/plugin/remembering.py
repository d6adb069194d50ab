"""Answers about the whole archive, which are dear, given again while they are good enough."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, thread_time
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from archive.plugin import answers

T = TypeVar("T")
# Seconds. What cost more than CHEAP of processor time is not asked for anew with each page that a crawl brings: it is
# given for PATIENCE, and then once more while the new one is made behind the reader's back, unless older than OLD.
CHEAP = 0.02
PATIENCE = 60.0
OLD = 600.0
# How long a question may take: it is put once, for all, and on a cold disk it reads whole indexes.
AT_MOST = 30.0

# Whatever a crawl, an import, a reading again or a decision to take something down leaves raises one of these.
_MARK = """
select (select max(id) from editions), (select max(revision) from articles), (select max(id) from captures),
  (select max(id) from crawls), (select max(id) from takedowns), (select count(*) from portals)
"""


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    """``mark`` of the archive that was asked · ``cost`` seconds of the processor · ``at`` on the monotonic clock."""

    answer: T
    mark: tuple[Any, ...]
    cost: float
    at: float


class Remembered(Generic[T]):
    """One question, and the last answer of each archive that it was put to. Raises TooSlow as ``answers.ask`` does.

    ``ages``: the answer changes by itself as time goes by, so that none is given for good.
    """

    def __init__(self, question: Callable[[sqlite3.Connection], T], ages: bool = False) -> None:
        self._question, self._ages = question, ages
        self._kept: WeakKeyDictionary[Any, _Kept[T]] = WeakKeyDictionary()
        self._asking: WeakKeyDictionary[Any, asyncio.Task[_Kept[T]]] = WeakKeyDictionary()

    async def ask(self, datasette: Any) -> T:
        """The answer of now; a dear one may be of not longer than OLD ago."""
        kept = self._kept.get(datasette)
        if kept is None:
            return (await self._anew(datasette)).answer
        age = monotonic() - kept.at
        if kept.cost > CHEAP and age < PATIENCE:
            return kept.answer
        if not (self._ages and age >= PATIENCE) and await answers.ask(datasette, _mark) == kept.mark:
            return kept.answer
        if kept.cost > CHEAP and age < OLD:
            self._start(datasette)
            return kept.answer
        return (await self._anew(datasette)).answer

    async def _anew(self, datasette: Any) -> _Kept[T]:
        """Many readers at once share one asking; that one of them goes away is no matter to the others."""
        return await asyncio.shield(self._start(datasette))

    def _start(self, datasette: Any) -> asyncio.Task[_Kept[T]]:
        task = self._asking.get(datasette)
        if task is None or task.done():
            task = self._asking[datasette] = asyncio.create_task(self._make(datasette))
            # An old answer is still there when the new one fails; who waited for it is told by the task itself.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def _make(self, datasette: Any) -> _Kept[T]:
        kept = self._kept[datasette] = await answers.ask(datasette, self._put, AT_MOST)
        return kept

    def _put(self, conn: sqlite3.Connection) -> _Kept[T]:
        # The thread's own time: on a busy machine the clock would make every answer a dear one.
        began, mark = thread_time(), _mark(conn)
        answer = self._question(conn)
        return _Kept(answer, mark, thread_time() - began, monotonic())


def _mark(conn: sqlite3.Connection) -> tuple[Any, ...]:
    row: tuple[Any, ...] = conn.execute(_MARK).fetchone()
    return row
