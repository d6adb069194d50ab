"""Whoever dies meanwhile: a page, a file, a worker or the run itself. The rest is read, and the run goes on."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, rows, wait_for, write_portal
from rereading import FETCHED, GOOD, ID, POOR, TANGTHU, again, archive, page, take, tangthu

from archive.model import Article, Capture
from archive.store import Store
from archive.warcwriter import WarcWriter
from crawler import locks, reread
from crawler.platform import Rules
from crawler.portal import load_all
from crawler.reextract import Reextraction, opened
from crawler.reread import Task, prepare, read_pages
from crawler.workers import Workers, WorkersError, processes

MANY = 160
TITLES = "select title from articles order by doc"
NEVER = 60.0


def rigged(task: Task) -> list[reread.Reading]:
    """What a worker does with pages whose names say what becomes of it."""

    def extract(capture: Capture, rules: Rules) -> Article:
        name = capture.url.rpartition("/")[2]
        if name == "chet":
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "treo":  # as code does that never comes back to Python
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        if name in ("treo", "lau"):
            time.sleep(NEVER)
        return true_extract(capture, rules)

    true_extract = reread.extract
    reread.extract, reread._GRACE = extract, 0.5
    try:
        return read_pages(task)
    finally:
        reread.extract = true_extract


class Rigged(ProcessPoolExecutor):
    def __init__(self) -> None:
        super().__init__(1, multiprocessing.get_context("spawn"), prepare)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(rigged if fn is read_pages else fn, *args, **kwargs)


def dump(data: Path) -> list[dict[str, Any]]:
    tables = ("articles", "versions", "captures", "images", "failures")
    return [row for table in tables for row in rows(data, f"select * from {table} order by 1, 2")]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Many articles that were read by poor rules, and the better ones beside them."""
    data = tmp_path_factory.mktemp("many") / "data"
    archive(data, POOR, *(page(f"bai-{n}", f"Bài thứ {n}.") for n in range(MANY)))
    write_portal(data, ID, GOOD)
    return data


@pytest.fixture(scope="module")
def whole(many: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What they come to when nothing happens."""
    data = Path(shutil.copytree(many, tmp_path_factory.mktemp("whole") / "data"))
    again(data)
    return dump(data)


# A page, a worker


@pytest.mark.parametrize(
    ("bad", "why"),
    [("chet", "process that read it died"), ("treo", "process that read it died"), ("lau", "took longer than 0.5")],
)
def test_a_page_that_kills_or_holds_its_worker_is_named_and_left(tmp_path: Path, bad: str, why: str) -> None:
    data = archive(tmp_path / "data", POOR, page("a", "Một."), page(bad, "Hai."), page("c", "Ba."))
    write_portal(data, ID, GOOD)
    with opened(data, dry=False) as store, Workers(Rigged, 1) as workers:
        report = Reextraction(store, data / "warc", load_all(data / "portals"), seconds=0.5).run(
            workers, lambda _: None
        )
    (unread,) = report.unread
    (place,) = rows(data, "select warc, offset from captures where url like ?", f"%/{bad}")
    assert why in unread
    assert str(place["warc"]) in unread
    assert f"(at byte {place['offset']}): http://thu.example.vn/{bad}" in unread
    assert [row["title"] for row in rows(data, TITLES)] == ["Bài a", "Cổng thông tin điện tử huyện Thử", "Bài c"]


def test_a_worker_that_is_killed_from_outside_costs_nothing(many: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(many, tmp_path / "data"))
    executors: list[ProcessPoolExecutor] = []

    def make() -> ProcessPoolExecutor:
        executor = processes(2)
        assert isinstance(executor, ProcessPoolExecutor)
        executors.append(executor)
        return executor

    def step(_: int) -> None:
        if len(executors) == 1:
            with contextlib.suppress(ProcessLookupError):
                os.kill(next(iter(executors[0]._processes)), signal.SIGKILL)

    with opened(data, dry=False) as store, Workers(make, 2) as workers:
        report = Reextraction(store, data / "warc", load_all(data / "portals")).run(workers, step)
    assert (report.counts["read"], report.counts["changed"], report.unread) == (MANY, MANY, [])
    assert len(executors) == 2


def test_workers_that_die_at_once_end_the_run(tmp_path: Path) -> None:
    def make() -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), os._exit, (1,))

    data = archive(tmp_path / "data", POOR, page("a", "Một."))
    with opened(data, dry=False) as store, Workers(make, 1) as workers, pytest.raises(WorkersError, match="memory"):
        Reextraction(store, data / "warc", load_all(data / "portals")).run(workers, lambda _: None)


def test_a_worker_has_neither_scrapy_nor_datasette(tmp_path: Path) -> None:
    with processes(1) as executor:
        assert executor.submit(read_pages, Task(tmp_path, (), 1.0)).result() == []
        modules = executor.submit(eval, "set(__import__('sys').modules)").result()
    assert "crawler.extract" in modules
    assert not {name.partition(".")[0] for name in modules} & {"scrapy", "twisted", "datasette", "sqlite_utils"}


# A file


def test_a_damaged_and_a_missing_file_are_named_and_the_others_read(tmp_path: Path) -> None:
    data = archive(tmp_path / "data", POOR, page("a", "Một."), page("b", "Hai."), page("c", "Ba."))
    writer = WarcWriter(tmp_path, "other", {}, FETCHED)
    other = tmp_path / writer.write(page("d", "Bốn.")).warc
    writer.close()
    take(data, other)
    first, second, _, last = rows(data, "select warc, offset, length from captures order by id")
    (data / "warc" / last["warc"]).unlink()
    path = data / "warc" / first["warc"]
    content = bytearray(path.read_bytes())
    content[second["offset"] + 40 : second["offset"] + second["length"] - 20] = b"x" * (second["length"] - 60)
    path.write_bytes(content)
    write_portal(data, ID, GOOD)
    done = tangthu(data, "reextract", "--quiet", "--jobs", "1")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{path}: " in done.stderr
    assert f"(at byte {second['offset']}): http://thu.example.vn/b" in done.stderr
    assert f"{data / 'warc' / last['warc']}: cannot be read" in done.stderr
    assert "2 captures could not be read" in done.stderr
    poor = "Cổng thông tin điện tử huyện Thử"
    assert [row["title"] for row in rows(data, TITLES)] == ["Bài a", poor, "Bài c", poor]


# The run


def start(data: Path) -> subprocess.Popen[str]:
    """``tangthu reextract``, under way: some captures are done and others not."""
    child = subprocess.Popen(
        [TANGTHU, "--data", str(data), "reextract", "--jobs", "2"], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )

    def under_way() -> bool:
        assert child.poll() is None, "it was over before it could be stopped"
        with contextlib.suppress(sqlite3.OperationalError):  # no such table yet
            return bool(rows(data, "select 1 from reextractions where capture > 0"))
        return False

    wait_for(under_way)
    return child


def children(parent: int) -> set[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return {int(pid) for pid in found.stdout.split()}


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_stopped_goes_on_where_it_was(
    many: Path, whole: list[dict[str, Any]], tmp_path: Path, how: signal.Signals
) -> None:
    data = Path(shutil.copytree(many, tmp_path / "data"))
    child = start(data)
    workers = children(child.pid)
    child.send_signal(how)
    _, said = child.communicate(timeout=30)
    assert child.returncode != 0
    assert how == signal.SIGKILL or "run again, and it goes on" in said
    wait_for(lambda: not any(map(alive, workers)))
    (stopped,) = rows(data, "select ended, counts from reextractions")
    done_before = json.loads(stopped["counts"])["counts"]["read"]
    assert stopped["ended"] is None
    assert 0 < done_before < MANY
    steps: list[int] = []
    with opened(data, dry=False) as store, Workers(lambda: processes(1), 1) as workers_again:
        run = Reextraction(store, data / "warc", load_all(data / "portals"))
        assert run.left == MANY - done_before
        report = run.run(workers_again, steps.append)
    assert report.resumed
    assert sum(steps) == MANY - done_before
    assert (report.counts["read"], report.counts["changed"], report.fields["title"]) == (MANY, MANY, MANY)
    assert dump(data) == whole
    assert again(data)["resumed"] is False


def test_a_stopped_run_starts_anew_under_other_rules(many: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(many, tmp_path / "data"))
    child = start(data)
    child.kill()
    child.wait()
    write_portal(data, ID, GOOD.replace("h1", "head title"))
    done = again(data)
    assert (done["resumed"], done["read"]) == (False, MANY)


FULL_DISK = """
import resource, signal, sys
from crawler.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
main()
"""


def test_a_full_disk_ends_it_with_a_line_and_it_goes_on_later(
    many: Path, whole: list[dict[str, Any]], tmp_path: Path
) -> None:
    data = Path(shutil.copytree(many, tmp_path / "data"))
    command = [sys.executable, "-c", FULL_DISK, "100000", "--data", str(data), "reextract", "--jobs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "make room on the disk" in done.stderr
    assert again(data)["read"] == MANY
    assert dump(data) == whole


# What it is asked


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--portal", "khong/co"), 2, "khong/co: no such portal"),
        (("--jobs", "0"), 2, "--jobs"),
        ((), 0, ""),
        (("--portal", "nam_dinh/xuan_truong", "--dry-run"), 0, ""),
    ],
)
def test_an_empty_archive_and_words_that_mean_nothing(
    tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    Store(tmp_path / "tangthu.db").close()
    done = tangthu(tmp_path, "reextract", *words)
    assert done.returncode == code
    assert says in done.stderr
    assert (code != 0) or "0 captures read again" in done.stdout


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_no_archive_is_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = tangthu(tmp_path, "reextract", *words)
    assert done.returncode == 1
    assert "there is no archive yet" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_two_never_write_but_a_dry_run_may_read(tmp_path: Path) -> None:
    Store(tmp_path / "tangthu.db").close()
    (tmp_path / "warc").mkdir()
    with locks.archive(tmp_path, "import"):
        assert tangthu(tmp_path, "reextract").returncode == 75
        assert tangthu(tmp_path, "reextract", "--dry-run").returncode == 0


def test_an_archive_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    Store(tmp_path / "tangthu.db").close()
    (tmp_path / "warc").touch()
    done = tangthu(tmp_path, "reextract")
    assert (done.returncode, "cannot be written" in done.stderr) == (1, True)
