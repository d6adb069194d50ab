"""A copy of the database for other hands: in one piece, alone, and never in the way of what is there."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import start_crawl, wait_for, write_portal
from keeping import crawled, dumped, known, running, some
from rereading import page, tangthu

from archive.dump import dump
from archive.store import Store
from crawler.cli import main
from crawler.demo import PORTAL_ID, DemoPortal


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("upkeep") / "data"
    crawled(data, some(5))
    return data


@pytest.fixture
def data(archive: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(archive, tmp_path / "data"))


def lines(path: Path) -> list[str]:
    """The dump of a copy, read where nothing beside it can be read or written."""
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        return list(dump(db))


def test_the_copy_says_what_the_archive_says_and_stands_alone(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "away" / "copy.db"
    copy.parent.mkdir()
    done = tangthu(data, "export", "sqlite", str(copy))
    assert (done.returncode, done.stderr) == (0, "")
    assert lines(copy) == dumped(data)
    with closing(sqlite3.connect(copy)) as db:
        db.execute("select count(*) from articles").fetchone()
    assert [path.name for path in copy.parent.iterdir()] == ["copy.db"]
    with Store(copy) as store:  # and it can be an archive's database again
        assert store.count("articles") == 5


def test_the_copy_has_what_stands_in_the_wal_file_and_nothing_half_done(data: Path, tmp_path: Path) -> None:
    with running(data) as ingest:
        one = page("node/9", "Chín.", 1)
        ingest.keep(known(data), one)
        ingest.store.db.execute("begin")
        ingest.store.db.execute("delete from failures")
        ingest.store.db.execute("update articles set title = 'x'")
        assert tangthu(data, "export", "sqlite", str(tmp_path / "copy.db")).returncode == 0
        ingest.store.db.execute("rollback")
    found = lines(tmp_path / "copy.db")
    assert any("Chín." in line for line in found)
    assert not any('"title": "x"' in line for line in found)


def test_copies_may_be_taken_while_a_crawl_runs(tmp_path: Path) -> None:
    copies = []
    with DemoPortal() as demo:
        write_portal(tmp_path, PORTAL_ID, demo.portal_file())
        child = start_crawl(tmp_path, PORTAL_ID)
        wait_for(lambda: len(demo.requests) > 3)
        while child.poll() is None:
            copies.append(tmp_path / f"copy{len(copies)}.db")
            assert tangthu(tmp_path, "export", "sqlite", str(copies[-1])).returncode == 0
        out, _ = child.communicate(timeout=60)
    assert child.returncode == 0, out
    sizes = [len(lines(path)) for path in copies]
    assert sizes == sorted(sizes)
    assert sizes[0] > 3


def test_a_file_that_is_there_is_replaced_only_when_asked(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("letters")
    refused = tangthu(data, "export", "sqlite", str(copy))
    assert refused.returncode == 1
    assert "say --force to replace it" in refused.stderr
    assert copy.read_text() == "letters"
    done = tangthu(data, "export", "sqlite", str(copy), "--force", "--json")
    assert json.loads(done.stdout) == {"file": str(copy), "bytes": copy.stat().st_size}
    assert lines(copy) == dumped(data)


def test_the_archives_own_database_is_never_replaced(data: Path) -> None:
    done = tangthu(data, "export", "sqlite", str(data / "tangthu.db"), "--force")
    assert done.returncode == 2
    assert "is the archive's own database" in done.stderr
    assert len(dumped(data)) > 5


def test_a_copy_that_somebody_reads_in_wal_mode_is_not_replaced(data: Path, tmp_path: Path) -> None:
    """What stands in its WAL file would be read into the new one."""
    copy = tmp_path / "copy.db"
    copy.touch()
    (tmp_path / "copy.db-wal").touch()
    done = tangthu(data, "export", "sqlite", str(copy), "--force")
    assert done.returncode == 1
    assert "is in use" in done.stderr


def test_what_cannot_be_written_is_told_and_leaves_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = tangthu(data, "export", "sqlite", str(tmp_path / "none" / "copy.db"))
    assert done.returncode == 1
    assert "there is no such folder" in done.stderr
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 9, 1))
    full = CliRunner().invoke(main, ["--data", str(data), "export", "sqlite", str(tmp_path / "copy.db")])
    assert full.exit_code == 1
    assert "make room, or name another disk" in full.output
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    nothing = tangthu(tmp_path / "empty", "export", "sqlite", str(tmp_path / "copy.db"))
    assert nothing.returncode == 1
    assert "there is no archive yet" in nothing.stderr
