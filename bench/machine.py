"""The operator's machine of the benches: ``tangthu`` as cron calls it, on any day, and what it took.

A later day comes from bench/clock, which moves the clock of the processes that are started here and of no other.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
_SAMPLE = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended. ``out`` everything printed · ``peaks`` the most memory each of its processes held, in MB
    (VmHWM), the command's own first."""

    code: int
    out: str
    seconds: float
    peaks: tuple[int, ...] = ()


@dataclass(slots=True)
class Machine:
    """One archive's folder, and the day it is there; ``later`` in days."""

    data: Path
    later: float = 0.0
    env: dict[str, str] = field(default_factory=dict)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self.later)

    def describe(self, portal_id: str, toml: str) -> None:
        """Write a portal file."""
        path = self.data / "portals" / f"{portal_id}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(toml, "utf-8")

    def start(self, *words: str, out: IO[str] | int = subprocess.PIPE) -> subprocess.Popen[str]:
        """A command in a process group of its own; all it prints goes to ``out``."""
        env = {**os.environ, **self.env}
        if self.later:
            paths = [str(Path(__file__).parent / "clock"), *filter(None, [env.get("PYTHONPATH")])]
            env |= {"PYTHONPATH": os.pathsep.join(paths), "TANGTHU_BENCH_LATER": str(self.later * 86400)}
        return subprocess.Popen(
            [str(BIN / "tangthu"), "--data", str(self.data), *words],
            cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def tangthu(self, *words: str, seconds: float = 7200) -> Done:
        """Run a command to its end. Stopped after so many seconds, its code is -9."""
        began = time.monotonic()
        peaks: dict[int, int] = {}
        with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
            child = self.start(*words, out=out)
            while child.poll() is None:
                sample(child.pid, peaks)
                if time.monotonic() > began + seconds:
                    kill(child)
                time.sleep(_SAMPLE)
            took = time.monotonic() - began
            out.seek(0)
            own = peaks.pop(child.pid, 0)
            return Done(child.returncode, out.read(), took, (own, *sorted(peaks.values(), reverse=True)))

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the archive, read without a trace."""
        with closing(sqlite3.connect(f"file:{self.data / 'tangthu.db'}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql, values)]


def kill(child: subprocess.Popen[str]) -> None:
    """SIGKILL for the whole group."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def family(pid: int) -> list[int]:
    """A process and all that it started, as far as their parents live."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):  # it ended just now
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def sample(pid: int, peaks: dict[int, int]) -> None:
    """The peak memory of each process of the family so far, in MB, into ``peaks``."""
    for one in family(pid):
        with suppress(OSError, StopIteration):  # it ended just now
            status = Path(f"/proc/{one}/status").read_text().split("\n")
            peaks[one] = max(
                peaks.get(one, 0), int(next(s for s in status if s.startswith("VmHWM")).split()[1]) // 1024
            )
