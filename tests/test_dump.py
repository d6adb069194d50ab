"""What an archive says, byte for byte, whatever its rows are numbered by."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from keeping import change, crawled, dumped, missing, picture, silence, some, unchanged
from rereading import page

from archive.dump import dump
from archive.store import Store

TABLES = ("portals", "captures", "articles", "versions", "authors", "images", "attachments", "failures")
NUMBERS = {("captures", "id"), ("captures", "crawl"), ("articles", "doc"), ("articles", "revision")}
PARTS = """<p><img src="/anh.jpg"></p><p><a href="/bao-cao.pdf">Báo cáo</a></p><p>T/h: Lệ Minh</p></div></body>"""
RENUMBER = (
    "update captures set id = id + 1000, revisit_of = revisit_of + 1000, crawl = crawl + 70",
    "update crawls set id = id + 70",
    *(f"update {table} set capture = capture + 1000" for table in ("versions", "images", "attachments", "failures")),
    "update articles set doc = doc + 500",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("dump") / "data"
    plain = page("node/9", "Chín.", 1)
    signed = plain.body.replace(b"</div></body>", PARTS.encode())
    crawled(
        data,
        [
            page("", "Trang chủ.", kind="page"),
            *some(3),
            picture("anh.jpg"),
            missing("node/0", 1),
            unchanged("node/1", 1),
            silence("node/2", 2),
            replace(plain, body=signed),
        ],
    )
    return data


@pytest.fixture
def data(archive: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(archive, tmp_path / "data"))


def test_a_line_is_an_object_with_its_table_and_every_table_is_there(data: Path) -> None:
    lines = [json.loads(line) for line in dumped(data)]
    assert list(dict.fromkeys(line["table"] for line in lines)) == list(TABLES)
    assert [line["id"] for line in lines if line["table"] == "articles"] == sorted(
        line["id"] for line in lines if line["table"] == "articles"
    )


def test_a_capture_is_named_by_its_place_and_a_repetition_by_what_it_repeats(data: Path) -> None:
    lines = [json.loads(line) for line in dumped(data)]
    captures = {(line["warc"], line["offset"]): line for line in lines if line["table"] == "captures"}
    (version,) = [line for line in lines if line["table"] == "versions" and "Bài số 1." in line["text"]]
    assert captures[tuple(version["capture"])]["url"] == "http://thu.example.vn/node/1"
    (again,) = [line for line in captures.values() if line["status"] == 304]
    assert again["revisit_of"] == ["http://thu.example.vn/node/1", "2021-01-06T02:00:00Z"]
    (picture,) = [line for line in lines if line["table"] == "images"]
    assert captures[tuple(picture["capture"])]["url"] == picture["url"]


def test_other_numbers_make_no_difference(data: Path) -> None:
    before = dumped(data)
    with closing(sqlite3.connect(data / "tangthu.db")) as db, db:
        for sql in RENUMBER:
            assert db.execute(sql).rowcount > 0
        assert db.execute("pragma foreign_key_check").fetchall() == []
    assert dumped(data) == before


def columns() -> list[tuple[str, str]]:
    with Store(Path(":memory:")) as store:
        found = [(table, column.name) for table in TABLES for column in store.db.table(table).columns]
    return [pair for pair in found if pair not in NUMBERS]


@pytest.mark.parametrize(("table", "column"), columns())
def test_whatever_else_is_changed_changes_a_line(data: Path, table: str, column: str) -> None:
    before = dumped(data)
    change(data, f'update {table} set "{column}" = 999 where rowid = (select max(rowid) from {table})')
    assert dumped(data) != before


def test_an_empty_archive_has_no_lines(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        assert list(dump(store.db.conn)) == []
