"""Several portals at a time, as ``tangthu crawl`` does it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import FIVE_KEYS, ROOT, Reply, rows, serving, wait_for, write_portal
from test_spiders import paths_of, small_portal

from crawler import portal
from crawler.crawling import Ended, crawl_all, summary

TANGTHU = str(Path(sys.executable).parent / "tangthu")


class Watched:
    """A small portal that notices when two requests are in it at once."""

    def __init__(self, count: int = 3, slow: float = 0.0) -> None:
        self._portal, self._slow = small_portal(paths_of(count), count), slow
        self._lock = threading.Lock()
        self.at_once = self.most = 0

    def __call__(self, path: str, headers: dict[str, str]) -> Reply:
        with self._lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        time.sleep(self._slow)
        with self._lock:
            self.at_once -= 1
        reply: Reply = self._portal(path, headers)
        return reply


def test_portals_run_side_by_side_and_one_that_fails_stops_no_other(tmp_path: Path) -> None:
    with ExitStack() as stack:
        names = []
        for number in range(3):
            site = stack.enter_context(serving(Watched()))
            names.append(f"thu/cong_{number}")
            write_portal(tmp_path, names[-1], FIVE_KEYS.format(home=site.home, delay=0, more=""))
        write_portal(tmp_path, "thu/tat", FIVE_KEYS.format(home="http://127.0.0.1:9/", delay=0, more=""))
        known = portal.load_all(tmp_path / "portals")
        ended = list(crawl_all(tmp_path, [known[name] for name in ("thu/tat", *names)], {"RETRY_TIMES": 0}, jobs=3))
    codes = {one.portal: one.code for one in ended}
    assert codes == {"thu/tat": 1, **dict.fromkeys(names, 0)}
    assert len(rows(tmp_path, "select id from articles")) == 9
    dark = rows(tmp_path, "select state, state_looks from portals where id = 'thu/tat'")
    assert dark == [{"state": "dark: refused", "state_looks": 1}]
    assert all(one.row and one.row["ended"] for one in ended)


def test_two_portals_on_one_host_are_never_asked_at_once(tmp_path: Path) -> None:
    watched = Watched(slow=0.02)
    with serving(watched) as site:
        for name in ("thu/mot", "thu/hai"):
            write_portal(tmp_path, name, FIVE_KEYS.format(home=site.home, delay=0, more=""))
        known = portal.load_all(tmp_path / "portals")
        ended = list(crawl_all(tmp_path, [known["thu/mot"], known["thu/hai"]], {}, jobs=2))
    assert [one.code for one in ended] == [0, 0]
    assert watched.most == 1


def test_a_crawl_ends_with_the_command_that_started_it(tmp_path: Path) -> None:
    with serving(Watched(50, slow=0.05)) as site:
        write_portal(tmp_path, "thu/mot", FIVE_KEYS.format(home=site.home, delay=0, more=""))
        command = [TANGTHU, "--data", str(tmp_path), "crawl", "thu/mot", "--quiet"]
        parent = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
        wait_for(lambda: len(site.asked) > 5)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "killed" in rows(tmp_path, "select why from crawls order by id")[0]["why"]
    assert len(rows(tmp_path, "select id from articles")) == 50


def test_a_crawl_that_is_told_to_end_does_so_in_order(tmp_path: Path) -> None:
    """As the system does it before it goes down."""
    with serving(Watched(50, slow=0.05)) as site:
        write_portal(tmp_path, "thu/mot", FIVE_KEYS.format(home=site.home, delay=0, more=""))
        command = [TANGTHU, "--data", str(tmp_path), "crawl", "thu/mot", "--quiet"]
        parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        wait_for(lambda: len(site.asked) > 5)
        parent.send_signal(signal.SIGTERM)
        out, _ = parent.communicate(timeout=60)
    row = rows(tmp_path, "select * from crawls")[0]
    assert parent.returncode == 1
    assert row["ended"] and "stopped by a signal" in row["why"] and row["why"] in out


@pytest.mark.parametrize("quiet", [True, False])
def test_a_crawl_in_cron_is_silent_when_all_is_well(tmp_path: Path, quiet: bool) -> None:
    with serving(Watched()) as site:
        write_portal(tmp_path, "thu/mot", FIVE_KEYS.format(home=site.home, delay=0, more=""))
        words = [TANGTHU, "--data", str(tmp_path), "crawl", "--all", *(["--quiet"] if quiet else [])]
        # The bundled portal is not to be asked by a test.
        write_portal(
            tmp_path, "nam_dinh/xuan_truong", FIVE_KEYS.format(home=site.home, delay=0, more="closed = 2020-01-01")
        )
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("" if quiet else f"{summary(rows(tmp_path, 'select * from crawls')[0])}\n")


def test_a_crawl_without_a_row_is_told_as_that(tmp_path: Path) -> None:
    assert Ended("a/b", 75, None).row is None
    row = {"portal": "a/b", "new": 1, "changed": 2, "same": 3, "gone": 4, "failed": 5, "requests": 6, "bytes": 7e6}
    assert summary({**row, "why": "finished"}) == (
        "a/b: 1 new, 2 changed, 3 same, 4 gone, 5 failed; 6 requests, 7.0 MB; finished"
    )
    assert not (tmp_path / "tangthu.db").exists()
