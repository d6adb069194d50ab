"""Whether an archive is sound, asked in every way there is: its own commands, SQLite's, and another WARC reader."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from archive.dump import dump

sys.path.insert(0, str(Path(__file__).parent))
from machine import BIN, Machine

# What no archive may have.
_NEVER = (
    ("integrity_check", "select * from pragma_integrity_check where integrity_check != 'ok'"),
    ("foreign keys", "select * from pragma_foreign_key_check"),
    ("one record in two rows", "select warc, offset from captures group by 1, 2 having count(*) > 1"),
    (
        "a version that changed nothing",
        "select v.article from versions v join versions w on w.article = v.article and w.number = v.number + 1"
        " and w.digest = v.digest",
    ),
)


def faults(machine: Machine) -> list[str]:
    """A line for each fault; empty when SQLite, ``fastwarc check``, ``tangthu verify`` and a rebuild find none."""
    return [*_of_rows(machine), *_of_warcs(machine), *_of_verify(machine), *_of_rebuild(machine)]


def warcs(machine: Machine) -> list[Path]:
    """The archive's WARCs, the one written last at the end."""
    return sorted((machine.data / "warc").glob("*.warc.gz"), key=lambda path: (path.stat().st_mtime, path.name))


def _of_rows(machine: Machine) -> list[str]:
    found = {name: machine.rows(sql) for name, sql in _NEVER}
    return [f"{name}: {len(rows)} times, such as {rows[0]}" for name, rows in found.items() if rows]


def _of_warcs(machine: Machine) -> list[str]:
    failed = []
    for path in warcs(machine):
        done = subprocess.run([BIN / "fastwarc", "check", "-q", path], capture_output=True, text=True)
        if done.returncode:
            failed.append(
                f"fastwarc check {path.name}: exit code {done.returncode} {(done.stdout + done.stderr)[-200:]}"
            )
    return failed


def _of_verify(machine: Machine) -> list[str]:
    done = machine.tangthu("verify", seconds=600)
    return [f"tangthu verify: exit code {done.code}: {done.out[-1500:]}"] if done.code else []


def _of_rebuild(machine: Machine) -> list[str]:
    """A copy that is rebuilt from its WARCs alone must say the same, byte for byte."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Machine(Path(folder) / "copy", machine.later)
        shutil.copytree(machine.data, copy.data)
        done = copy.tangthu("rebuild", seconds=600)
        if done.code:
            return [f"tangthu rebuild: exit code {done.code}: {done.out[-1500:]}"]
        before, after = _dumped(machine.data), _dumped(copy.data)
    if before == after:
        return []
    pairs = enumerate(zip(before, after, strict=False))
    where = next((place for place, (one, two) in pairs if one != two), min(len(before), len(after)))
    one, two = (lines[where] if where < len(lines) else "nothing" for lines in (before, after))
    return [f"rebuild: another dump, first in line {where + 1}: {one[:300]!r} became {two[:300]!r}"]


def _dumped(data: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{data / 'tangthu.db'}?mode=ro", uri=True)) as db:
        return list(dump(db))
