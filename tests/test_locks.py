"""Who writes to the archive, and who waits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from conftest import ROOT, wait_for

from crawler import locks
from crawler.locks import Locked

HOLD = """\
import sys, time
from pathlib import Path
from crawler import locks
with locks.portal(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(folder: Path, name: str) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), name], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert child.stdout and child.stdout.readline() == "held\n"
    return child


def test_crawls_of_different_portals_run_side_by_side(tmp_path: Path) -> None:
    with locks.portal(tmp_path, "a/b"), locks.portal(tmp_path, "a/c"):
        wait_for(lambda: len(locks.owners(tmp_path)) == 2)
        assert {owner.run for owner in locks.owners(tmp_path)} == {"a/b", "a/c"}
    assert locks.owners(tmp_path) == []


def test_the_second_run_on_a_portal_is_told_who_has_it(tmp_path: Path) -> None:
    child = hold(tmp_path, "a/b")
    with pytest.raises(Locked) as told, locks.portal(tmp_path, "a/b"):
        pass
    child.kill()
    child.wait()
    assert "another run crawls a/b" in str(told.value)
    assert f"process {child.pid}" in str(told.value)
    assert "last sign of life 20" in str(told.value)


def test_what_needs_the_whole_archive_waits_for_crawls_and_they_for_it(tmp_path: Path) -> None:
    with locks.portal(tmp_path, "a/b"), pytest.raises(Locked, match="another run writes"), _rebuild(tmp_path):
        pass
    with _rebuild(tmp_path), pytest.raises(Locked, match="whole archive"), locks.portal(tmp_path, "a/b"):
        pass


def _rebuild(folder: Path) -> AbstractContextManager[None]:
    return locks.archive(folder, "rebuild")


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    child = hold(tmp_path, "a/b")
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    with locks.portal(tmp_path, "a/b"), pytest.raises(Locked), locks.portal(tmp_path, "a/b"):
        pass


def test_a_torn_owner_is_nobody(tmp_path: Path) -> None:
    with locks.portal(tmp_path, "a/b"):
        wait_for(lambda: locks.owners(tmp_path))
        next((tmp_path / "warc").glob(".lock-a*")).write_text('{"run": ')
        assert locks.owners(tmp_path) == []
