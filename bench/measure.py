"""What reading one capture costs, in a process of its own: CPU seconds, peak memory, how it ended, and where."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
import traceback
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType

from archive.model import Article, Capture
from crawler.extract import NotAnArticle, NotHTML, extract
from crawler.platform import Rules

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import promises

SECONDS = 1.0  # CPU
MEGABYTES = 300
_STOP = 20  # CPU seconds
_ROOM = 4_000_000_000  # bytes of address space
_OURS = ("/crawler/", "/archive/")


@dataclass(frozen=True, slots=True)
class Measured:
    """``ended`` "Article", "NotAnArticle: …", "NotHTML: …" or how else · ``wrong`` what must not be ·
    ``where`` the place in our code: of the exception, or after the first CPU second."""

    ended: str
    wrong: tuple[str, ...] = ()
    seconds: float = 0.0
    megabytes: int = 0
    where: str = ""

    def faults(self) -> tuple[str, ...]:
        slow = ("slow",) if self.seconds > SECONDS else ()
        large = ("memory",) if self.megabytes > MEGABYTES else ()
        return (*self.wrong, *slow, *large)


def place(frame: FrameType | None) -> str:
    """The innermost line of ours: "crawler/extract/body.py:61 read"."""
    while frame is not None:
        name = frame.f_code.co_filename
        if any(part in name for part in _OURS) and "site-packages" not in name:
            return f"{'/'.join(Path(name).parts[-3:])}:{frame.f_lineno} {frame.f_code.co_name}"
        frame = frame.f_back
    return ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one reading ended and what it cost; ``where`` an exception came from."""

    ended: str
    wrong: tuple[str, ...] = ()
    where: str = ""
    article: Article | None = None
    seconds: float = 0.0
    megabytes: int = 0

    def faults(self) -> tuple[str, ...]:
        """What must not be, besides cost: the promises are looked at when the clock has stopped."""
        return (*self.wrong, *promises.broken(self.article)) if self.article else self.wrong


def attempt(capture: Capture, rules: Rules) -> Outcome:
    """One reading here, with its CPU seconds and the peak of memory up to its end."""
    before = time.process_time()
    found = _read(capture, rules)
    return replace(found, seconds=time.process_time() - before, megabytes=peak())


def _read(capture: Capture, rules: Rules) -> Outcome:
    try:
        article = extract(capture, rules)
    except (NotAnArticle, NotHTML) as refused:
        return Outcome(f"{type(refused).__name__}: {refused}")
    except Exception as error:  # noqa: BLE001
        frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        where = next((found for frame in reversed(frames) if (found := place(frame)).startswith(tuple("ca"))), "")
        return Outcome(f"{type(error).__name__}: {str(error)[:200]}", (type(error).__name__,), where)
    return Outcome("Article", article=article)


def best_of_three(capture: Capture, rules: Rules) -> Measured:
    """Measured once; twice more when that was slow."""
    found = once(capture, rules)
    for _ in range(2):
        if SECONDS < found.seconds < _STOP / 2:
            found = replace(found, seconds=min(found.seconds, once(capture, rules).seconds))
    return found


def once(capture: Capture, rules: Rules) -> Measured:
    """In a fork of this process, stopped when it takes more than ``_STOP`` CPU seconds."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        try:
            with os.fdopen(write, "w") as out:
                out.write(json.dumps(asdict(_here(capture, rules))))
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    if not said:
        code = os.waitstatus_to_exitcode(status)
        name = signal.Signals(-code).name if code < 0 else f"exit {code}"
        return Measured(name, seconds=float(_STOP)) if name in ("SIGXCPU", "SIGKILL") else Measured(name, (name,))
    told = json.loads(said)
    return Measured(**{**told, "wrong": tuple(told["wrong"])})


def _here(capture: Capture, rules: Rules) -> Measured:
    resource.setrlimit(resource.RLIMIT_CPU, (_STOP, 10 * _STOP))
    resource.setrlimit(resource.RLIMIT_AS, (_ROOM, _ROOM))
    slow: list[str] = []
    signal.signal(signal.SIGPROF, lambda _, frame: slow.append(place(frame)))
    signal.setitimer(signal.ITIMER_PROF, SECONDS * 0.7)
    forget_peak()
    found = attempt(capture, rules)
    signal.setitimer(signal.ITIMER_PROF, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (10 * _STOP, 10 * _STOP))
    where = found.where or next(iter(slow), "")
    return Measured(found.ended, found.faults(), round(found.seconds, 3), found.megabytes, where)


def forget_peak() -> None:
    """Peak memory counts from here on, where the system can do that; else it includes what was before."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak() -> int:
    """Most memory held so far, in MB."""
    try:
        line = next(line for line in Path("/proc/self/status").read_text().split("\n") if line.startswith("VmHWM"))
        return int(line.split()[1]) // 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform != "darwin" else 1 << 20)
