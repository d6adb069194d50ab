"""Work for processes that may die: handed out in order, taken back in order, and never more of it than is at hand."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import replace
from multiprocessing import get_context
from types import TracebackType

from crawler.reread import Reading, Task, prepare, read_pages


class WorkersError(Exception):
    """No worker can be started: not a matter of the pages."""


def processes(jobs: int) -> Executor:
    """So many processes, each started anew and not forked: they hold nothing of this one's database or lock."""
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=prepare)


class Workers:
    """Reads tasks on an executor of concurrent.futures. ``make`` gives a new one when the last has broken; ``jobs``:
    how many tasks it works at. Use it as a context manager."""

    def __init__(self, make: Callable[[], Executor], jobs: int) -> None:
        self._make, self.jobs = make, jobs
        self._executor = make()

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    def read(self, tasks: Iterable[Task]) -> Iterator[list[Reading]]:
        """The readings of each task, in the tasks' order; two tasks a worker are under way, and one more.

        When a worker dies, all that was under way is read again page by page, so that only the page that kills it
        stays unread. Raises WorkersError when not even an idle worker lives.
        """
        source = iter(tasks)
        waiting: deque[tuple[Task, Future[list[Reading]]]] = deque()
        while True:
            while len(waiting) <= 2 * self.jobs and (task := next(source, None)) is not None:
                waiting.append((task, self._submit(task)))
            if not waiting:
                return
            task, future = waiting.popleft()
            try:
                readings = future.result()
            except Exception:  # noqa: BLE001 - a worker that died, or what else the executor met with
                again = [task, *(other for other, _ in waiting)]
                waiting.clear()
                self._restart()
                for one in again:
                    yield [self._alone(replace(one, pages=(page,))) for page in one.pages]
                continue
            yield readings

    def _submit(self, task: Task) -> Future[list[Reading]]:
        try:
            return self._executor.submit(read_pages, task)
        except BrokenExecutor as error:
            failed: Future[list[Reading]] = Future()
            failed.set_exception(error)
            return failed

    def _alone(self, task: Task) -> Reading:
        (page,) = task.pages
        try:
            return self._submit(task).result()[0]
        except Exception as error:  # noqa: BLE001 - one page must not end the run
            died = isinstance(error, BrokenExecutor)
            why = "the process that read it died" if died else f"{type(error).__name__}: {str(error)[:100]}"
            if died:
                self._restart()
        where = f"{task.folder / page.where.warc}: {why} (at byte {page.where.offset})"
        return Reading(page.capture, trouble=where)

    def _restart(self) -> None:
        with suppress(Exception):
            self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = self._make()
        try:
            self._executor.submit(os.getpid).result()
        except BrokenExecutor as error:
            raise WorkersError("the processes that read pages die at once: is there memory for --jobs?") from error
