"""Is everything there that was kept? Each fault is found and named with its file, its place and what to do."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest import start_crawl, wait_for, write_portal
from keeping import (
    append,
    change,
    crawled,
    dumped,
    fastwarc_says,
    faults,
    flip,
    missing,
    others,
    picture,
    rebuilt,
    running,
    silence,
    some,
    unchanged,
    verified,
    warcs,
)
from rereading import GOOD, ID, again, page, tangthu

from archive.search.keeper import catch_up
from archive.verify import Verification
from crawler import locks
from crawler.demo import PORTAL_ID, DemoPortal


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs: articles, one changed, one gone, one unchanged; a picture; a look without an answer."""
    data = tmp_path_factory.mktemp("verify") / "data"
    crawled(data, [page("", "Trang chủ.", kind="page"), *some(8), picture("anh.jpg")])
    crawled(
        data,
        [
            page("node/1", "Khác rồi.", 1),
            unchanged("node/2", 1),
            missing("node/3", 1),
            silence("node/4", 1),
            *some(6, 2),
        ],
    )
    return data


@pytest.fixture
def data(archive: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(archive, tmp_path / "data"))


def place(data: Path, path: str) -> tuple[Path, int, int]:
    """The file, offset and length of the first capture of an address."""
    with closing(sqlite3.connect(data / "tangthu.db")) as db:
        sql = 'select warc, "offset", length from captures where url = ? order by id limit 1'
        warc, offset, length = db.execute(sql, [f"http://thu.example.vn/{path}"]).fetchone()
    return data / "warc" / warc, offset, length


def index_writes(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / "tangthu.db")) as db, db:
        for sql in statements:
            db.execute(sql)


# All is well


def test_nothing_is_wrong_with_what_crawls_have_kept(data: Path) -> None:
    look = Verification(data / "tangthu.db", data / "warc")
    assert list(look.run()) == []
    figures = look.figures
    assert (figures.files, figures.captures, figures.articles, figures.versions) == (2, 20, 8, 10)
    assert figures.records == 20 + 2 + 2  # a warcinfo and a note in each file
    assert figures.bytes == sum(path.stat().st_size for path in warcs(data))
    assert [fastwarc_says(path) for path in warcs(data)] == ["", ""]


def test_the_command_says_so_in_a_line_and_nothing_when_it_is_to_be_quiet(data: Path) -> None:
    done, quiet = tangthu(data, "verify"), tangthu(data, "verify", "--quiet")
    assert done.returncode == 0
    assert done.stdout.startswith("nothing is wrong: 2 WARC files, ")
    assert "8 articles, 10 versions" in done.stdout
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    told = json.loads(tangthu(data, "verify", "--json").stdout)
    assert (told["captures"], told["wrong"], told["notes"], told["repaired"]) == (20, [], [], [])


def test_nothing_is_wrong_after_reading_again(data: Path) -> None:
    """Better rules: a version says something else, a page gives nothing any more."""
    write_portal(data, ID, GOOD.replace("#bai", "#bai p"))
    again(data)
    assert faults(data) == []


def test_an_archive_without_a_capture_is_whole(tmp_path: Path) -> None:
    with running(tmp_path):
        pass
    assert verified(tmp_path) == []
    shutil.rmtree(tmp_path / "warc")
    assert verified(tmp_path) == []


def test_a_folder_without_an_archive_is_told(tmp_path: Path) -> None:
    done = tangthu(tmp_path, "verify")
    assert done.returncode == 1
    assert "there is no archive yet" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_looking_leaves_nothing_behind_and_changes_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*")}
    assert verified(data) == []
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == before
    # As on a disk that is mounted for reading only.
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert verified(data) == []
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == before


# WARCs


def test_a_flipped_bit_is_named_with_its_file_and_byte(data: Path) -> None:
    path, offset, length = place(data, "node/5")
    flip(path, offset + length // 2)
    (fault,) = faults(data)
    assert fault.startswith(f"warc/{path.name}: ")
    assert f"1 captures are lost in {length} bytes (at byte {offset}): restore the file from a backup" in fault


def test_a_cut_tail_that_no_capture_stands_in_can_be_repaired(data: Path) -> None:
    path, offset, length = place(data, "node/5")
    size = path.stat().st_size
    append(path, path.read_bytes()[offset : offset + length // 2])
    (fault,) = faults(data)
    assert f"(at byte {size}): “tangthu verify --repair” cuts them off" in fault
    done = tangthu(data, "verify", "--repair")
    assert done.returncode == 0, done.stderr
    assert f"the {length // 2} bytes of a cut record are taken off at byte {size}" in done.stderr
    assert path.stat().st_size == size
    assert faults(data) == []


def test_a_cut_tail_that_a_capture_stands_in_is_not_cut_further(data: Path) -> None:
    path, offset, _ = place(data, "node/5")
    with path.open("r+b") as file:
        file.truncate(offset + 100)
    size = path.stat().st_size
    done = tangthu(data, "verify", "--repair")
    assert done.returncode == 1
    assert "restore the file from a backup" in done.stderr
    assert path.stat().st_size == size


def test_a_file_that_was_emptied_and_one_that_is_gone_are_named(data: Path) -> None:
    first, second = warcs(data)
    first.write_bytes(b"")
    second.unlink()
    emptied, gone = faults(data)
    assert emptied.startswith(f"warc/{first.name}: is empty; 10 captures are lost in 0 bytes (at byte 0): restore")
    assert tangthu(data, "verify", "--repair").returncode == 1
    assert first.exists()
    assert gone.startswith(f"warc/{second.name}: is missing, with 10 captures: restore the file")


def test_an_empty_file_that_a_killed_run_left_is_taken_away(data: Path) -> None:
    path = data / "warc" / "nam_dinh-thu-20261125020000-00000.warc.gz"
    path.touch()
    (fault,) = faults(data)
    assert f"warc/{path.name}: is empty" in fault
    assert tangthu(data, "verify", "--repair").returncode == 0
    assert not path.exists()


def test_a_wrong_digest_is_named(data: Path) -> None:
    others(data / "warc" / "x.warc.gz", {"WARC-Block-Digest": "sha1:" + "A" * 32})
    found = faults(data)
    assert len(found) == 3
    assert found[0].startswith(
        "warc/x.warc.gz: WARC-Block-Digest is not that of the bytes: http://b.vn/0 (at byte 0): "
    )


@pytest.mark.parametrize("name", ["x.warc.gz", "x.warc"])
def test_files_of_other_programs_that_are_not_in_the_database_are_only_noted(data: Path, name: str) -> None:
    path = others(data / "warc" / name, packed=name.endswith("gz"))
    (note,) = verified(data)
    assert not note.fault
    what = "3 captures that the database does not know, the first (at byte 0)"
    assert str(note) == f"{path}: {what}: “tangthu import {path}” takes them in"
    assert tangthu(data, "verify").returncode == 0


def test_many_faults_of_one_kind_are_counted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    crawled(data, some(40))
    change(data, "update captures set fetched_at = '2020-01-01T00:00:00Z'")
    found = faults(data)
    assert len(found) == 21
    assert "20 more faults of one kind (records that are not what the database says)" in found[-1]


# Captures


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ('"offset" = "offset" + 1', "here begins no record of http://thu.example.vn/node/5 (at byte "),
        ("length = length - 1", "bytes long, not "),
        ("url = 'http://thu.example.vn/x'", "http://thu.example.vn/x, not http://thu.example.vn/node/5"),
        ("fetched_at = '2021-01-06T02:00:01Z'", "of 2021-01-06T02:00:01Z, not 2021-01-06T02:00:00Z"),
        ("digest = 'sha1:X'", "with the digest sha1:X, not sha1:"),
        ("revisit_of = 1", "a page repeated"),
        ("warc = 'none.warc.gz'", "warc/none.warc.gz: is missing, with 1 captures"),
    ],
)
def test_a_row_that_speaks_of_another_record_is_named(data: Path, sql: str, says: str) -> None:
    number = "(select min(id) from captures where url = 'http://thu.example.vn/node/5')"
    change(data, f"update captures set {sql} where id = {number}")
    found = faults(data)
    assert any(says in fault for fault in found), found


def test_a_record_that_stands_in_the_database_twice_is_named(data: Path) -> None:
    columns = (
        'portal, crawl, url, fetched_at, status, media_type, digest, etag, last_modified, warc, "offset", length,'
        " source, key"
    )
    change(data, f"insert into captures ({columns}) select {columns} from captures where id = 3")
    (fault,) = faults(data)
    assert "one record stands in the database twice" in fault


# The database


FAULTS: dict[str, tuple[str, str]] = {
    "an article without a version": (
        "delete from versions where article = (select article from versions where text like '%Bài số 7%')",
        "has no version",
    ),
    "numbers of versions with a hole": ("update versions set number = 9 where number = 3", "are not numbered from 1"),
    "a latest text of no version": (
        "update articles set digest = 'x' where text like '%Bài số 7%'", "no version of article",
    ),
    "a version read from another capture": (
        "update versions set capture = 1 where text like '%Bài số 7%'", "was read from a capture of something else",
    ),
    "a version of no capture": (
        "update versions set capture = 999 where text like '%Bài số 7%'", "1 rows of versions refer to a row of captur",
    ),
    "a repetition of a repetition": (
        "update captures set revisit_of = (select max(id) from captures where revisit_of is not null)"
        " where id = (select min(id) from captures where revisit_of is not null)",
        "repeats one that holds no payload",
    ),
    "an author of nobody": (
        "insert into authors (article, position, name, role) values ('aaaaaaaaaa', 1, 'A', '')",
        "1 rows of authors refer to a row of articles that is not there",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTS)
def test_rows_that_contradict_each_other_are_named(data: Path, what: str) -> None:
    sql, says = FAULTS[what]
    change(data, sql)
    found = faults(data)
    assert any(fault.startswith("tangthu.db: ") and says in fault and "tangthu rebuild" in fault for fault in found), (
        found
    )
    rebuilt(data)
    assert faults(data) == []


def test_versions_that_were_counted_wrongly_are_counted_again(data: Path) -> None:
    change(data, "update articles set versions = 5 where versions = 3")
    (fault,) = faults(data)
    assert "counts 5 versions and has 3" in fault
    assert tangthu(data, "verify", "--repair").returncode == 0
    assert faults(data) == []


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (["insert into articles_fts(articles_fts) values ('delete-all')"], "lacks 8 articles"),
        (["insert into articles_fts(rowid, title) values (99, 'lạ')"], "has 1 that are none"),
        (["update articles set text = text || ' lạ' where doc = 2"], "other words than the texts of 1 articles"),
        (
            ["update articles set text = replace(text, 'Hội', 'Lạ') where doc = 2"],
            "other words than the articles, first at",
        ),
    ],
)
def test_an_index_that_says_something_else_is_made_again(data: Path, statements: list[str], says: str) -> None:
    index_writes(data, *statements)
    (fault,) = faults(data)
    assert says in fault
    done = tangthu(data, "verify", "--repair")
    assert done.returncode == 0, done.stderr
    assert "the full-text index is made again" in done.stderr
    assert faults(data) == []


def test_a_page_of_the_database_that_was_overwritten_is_found(data: Path) -> None:
    path = data / "tangthu.db"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 4096 // 2 * 4096)
        file.write(b"\xa5" * 8192)
    found = [fault for fault in faults(data) if fault.startswith("tangthu.db: ")]
    assert found
    assert all("tangthu rebuild" in fault for fault in found)


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be one" * 100, None])
def test_a_database_that_is_none_is_named_and_the_warcs_are_checked_all_the_same(
    data: Path, content: bytes | None
) -> None:
    path, offset, _ = place(data, "node/5")
    flip(path, offset + 200)
    (data / "tangthu.db").unlink()
    if content:
        (data / "tangthu.db").write_bytes(content)
    database, warc = faults(data)
    assert database.startswith("tangthu.db: cannot be read: " if content else "tangthu.db: is missing: ")
    assert "tangthu rebuild" in database
    assert f"(at byte {offset})" in warc
    assert not (data / "tangthu.db").exists() or content


def test_a_database_of_an_older_version_is_brought_up_to_date_by_repair(data: Path) -> None:
    index_writes(
        data,
        "delete from _sqlite_migrations where name = '0002_reading_again'",
        "drop table reextractions",
    )
    (fault,) = faults(data)
    assert "is of an older version of this program" in fault
    assert tangthu(data, "verify", "--repair").returncode == 0


# Records without a row


def left_behind(data: Path) -> None:
    """A run is killed between the record and its row."""
    with running(data, ends=False) as ingest:
        ingest.warcs.write(page("node/77", "Bài số 77.", 3))


def test_a_whole_record_without_a_row_is_noted_and_taken_in_by_repair(data: Path) -> None:
    left_behind(data)
    (note,) = verified(data)
    assert not note.fault
    assert "1 captures that the database does not know" in str(note)
    assert tangthu(data, "verify").returncode == 0
    assert "1 captures are taken in" in tangthu(data, "verify", "--repair").stderr
    assert verified(data) == []
    after = dumped(data)
    assert any("Bài số 77." in line for line in after)
    rebuilt(data)
    assert dumped(data) == after


def test_repair_waits_for_nobody(data: Path) -> None:
    with locks.portal(data, ID):
        done = tangthu(data, "verify", "--repair")
    assert done.returncode == 75


# Beside a crawl


def test_what_a_running_crawl_has_not_finished_is_no_fault(data: Path) -> None:
    with running(data) as ingest:
        ingest.warcs.write(page("node/77", "Bài số 77.", 3))
        path = warcs(data)[-1]
        append(path, b"\x1f\x8b\x08half of a record")
        assert verified(data, ID.replace("/", "-")) == []
        done = tangthu(data, "verify")
        assert (done.returncode, done.stderr) == (0, "")
        os.truncate(path, path.stat().st_size - 19)
    append(path, b"\x1f\x8b\x08half of a record")
    assert [found.repair for found in verified(data)] == ["torn", "unknown"]


def test_an_archive_is_found_whole_again_and_again_while_a_crawl_writes_to_it(tmp_path: Path) -> None:
    def writing() -> set[str]:
        return {owner.run.replace("/", "-") for owner in locks.owners(tmp_path)}

    looks = []
    with DemoPortal() as demo:
        write_portal(tmp_path, PORTAL_ID, demo.portal_file())
        child = start_crawl(tmp_path, PORTAL_ID)
        wait_for(lambda: len(demo.requests) > 3)
        while child.poll() is None:
            catch_up(tmp_path / "tangthu.db")  # as the command that started the crawl does
            look = Verification(tmp_path / "tangthu.db", tmp_path / "warc", writing)
            looks.append([found for found in look.run() if found.fault])
        child.communicate(timeout=60)
    assert len(looks) > 3
    assert [found for found in looks if found] == []
    catch_up(tmp_path / "tangthu.db")
    assert verified(tmp_path) == []


def test_what_was_committed_after_the_look_began_is_no_fault(data: Path) -> None:
    """A crawl begins, keeps and ends while the files are listed."""
    calls: list[int] = []

    def writing() -> list[str]:
        calls.append(1)
        if len(calls) == 2:
            crawled(data, some(3, 5, "Mới."))
        return []

    look: Callable[[], object] = writing
    found = list(Verification(data / "tangthu.db", data / "warc", look).run())  # type: ignore[arg-type]
    assert [one for one in found if one.fault] == []
