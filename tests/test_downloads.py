"""The whole database to take away: made by a command, offered by the site, and without what was hidden."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rooms import Site, words
from shelf import Shelf, make

from archive import publish
from archive.plugin.raw import downloads
from archive.store import Store
from crawler import cli

DAY = datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC)
NAME = "tangthu-2026-11-26.db.gz"
SECRET = "Người làm chứng tên Bạch Thị Mẫu Đơn ở thôn Hạ."


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return make(tmp_path)


@pytest.fixture
def site(shelf: Shelf) -> Iterator[Site]:
    built = Site(shelf)
    yield built
    built.loop.close()


def copy_of(shelf: Shelf, day: datetime = DAY, keep: int = 3) -> publish.Copy:
    return publish.publish(shelf.path, day, keep)


def hide(path: Path, article: str) -> None:
    """As archive/takedown.py leaves the rows; the bytes of what was deleted stay in the file."""
    with closing(sqlite3.connect(path)) as db, db:
        old = db.execute("select doc, title, text, byline from articles where id = ?", [article]).fetchone()
        assert old
        db.execute("update articles set takedown = 'hide', title = '', text = '', byline = '' where id = ?", [article])
        db.execute("update versions set title = '', text = '', html = '', byline = '' where article = ?", [article])
        row = ("hide", "2026-11-26T03:00:00Z", "dữ liệu cá nhân", article)
        db.execute("insert into takedowns (grade, at, why, article) values (?, ?, ?, ?)", row)


def unpacked(site: Site, folder: Path) -> Path:
    path = folder / "taken.db"
    path.write_bytes(gzip.decompress(site.get(f"/download/{NAME}").content))
    return path


# The page and the file


def test_a_copy_opens_and_holds_what_the_archive_holds(site: Site, shelf: Shelf, tmp_path: Path) -> None:
    copy = copy_of(shelf)
    answer = site.get(f"/download/{NAME}")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/gzip"
    assert int(answer.headers["content-length"]) == len(answer.content) == copy.bytes
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    assert answer.headers["content-disposition"] == f'attachment; filename="{NAME}"'
    assert answer.headers["last-modified"] == "Thu, 26 Nov 2026 01:02:03 GMT"
    (tmp_path / "alone").mkdir()
    path = unpacked(site, tmp_path / "alone")
    path.chmod(0o444)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        assert db.execute("select count(*) from articles").fetchone() == (12,)
        found = db.execute("select count(*) from articles_fts where articles_fts match '\"đất đai\"'").fetchone()
        assert found[0] >= 2
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    other = Site(Shelf(path, shelf.ids))
    assert other.get("/taken/articles.json").status_code == 200


def test_the_page_says_what_it_is_and_how_to_open_it(site: Site, shelf: Shelf) -> None:
    copy_of(shelf, datetime(2026, 11, 19, 1, 2, 3, tzinfo=UTC))
    copy = copy_of(shelf)
    page = site.read("/download")
    text = words(page)
    for said in ("26/11/2026 mới nhất", "19/11/2026", copy.sha256, "08:02:03", "Số bài 12", f"gunzip --keep {NAME}"):
        assert said in text, said
    assert [link["href"] for link in page.select("a[download]")] == [
        f"/download/{NAME}",
        "/download/tangthu-2026-11-19.db.gz",
    ]
    digest = site.get(f"/download/{NAME}.sha256")
    assert digest.text == f"{copy.sha256}  {NAME}\n"
    assert "Take the whole database" in words(site.read("/download?lang=en"))


def test_without_a_copy_the_page_says_how_one_is_made(site: Site) -> None:
    assert "Chưa có bản chép nào" in words(site.read("/download"))
    assert "tangthu export download" in words(site.read("/download"))
    assert site.get(f"/download/{NAME}").status_code == 404


# Parts


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-99", 0, 99), ("bytes=100-", 100, None), ("bytes=-50", -50, None), ("bytes=10-10", 10, 10)],
)
def test_a_download_goes_on_where_it_was(site: Site, shelf: Shelf, asked: str, first: int, last: int | None) -> None:
    copy = copy_of(shelf)
    whole = site.get(f"/download/{NAME}").content
    answer = site.get(f"/download/{NAME}", headers={"range": asked})
    wanted = whole[first : None if last is None else last + 1]
    assert answer.status_code == 206 and answer.content == wanted
    start = first % copy.bytes
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(wanted) - 1}/{copy.bytes}"
    etag = answer.headers["etag"]
    same = site.get(f"/download/{NAME}", headers={"range": asked, "if-range": etag})
    other = site.get(f"/download/{NAME}", headers={"range": asked, "if-range": '"another"'})
    assert same.status_code == 206 and other.status_code == 200 and other.content == whole
    assert site.get(f"/download/{NAME}", headers={"if-none-match": etag}).status_code == 304


def test_parts_that_are_not_there(site: Site, shelf: Shelf) -> None:
    copy = copy_of(shelf)
    for asked in (f"bytes={copy.bytes}-", "bytes=-0", "bytes=9-3"):
        answer = site.get(f"/download/{NAME}", headers={"range": asked})
        assert answer.status_code == 416 and answer.headers["content-range"] == f"bytes */{copy.bytes}"
    for asked in ("", "bytes=", "bytes=-", "bytes=0-1,5-9", "bytes=a-b", "lines=1-2", "bytes=" + "9" * 500 + "-"):
        assert site.get(f"/download/{NAME}", headers={"range": asked}).status_code == 200


def test_only_the_headers_when_only_they_are_asked_for(site: Site, shelf: Shelf) -> None:
    copy = copy_of(shelf)
    answer = site.loop.run_until_complete(site.datasette.client.head(f"/download/{NAME}"))
    assert answer.headers["content-length"] == str(copy.bytes) and answer.content == b""


@given(st.text(alphabet="bytes=-0123456789, ", max_size=30), st.integers(1, 10_000))
def test_any_range_is_within_the_file(asked: str, size: int) -> None:
    part = downloads.asked(asked, "", '"x"', size)
    assert part is None or 0 <= part[0] <= part[1] < size


# What is not given out


def test_a_copy_from_before_a_text_was_hidden_is_neither_shown_nor_given(site: Site, shelf: Shelf) -> None:
    copy_of(shelf)
    assert site.get(f"/download/{NAME}").status_code == 200
    hide(shelf.path, shelf.ids["border"])
    page = site.read("/download")
    assert "từ lần chép gần nhất đã có bài bị ẩn" in words(page) and not page.select("a[download]")
    assert site.get(f"/download/{NAME}").status_code == 404
    assert site.get(f"/download/{NAME}.sha256").status_code == 404
    assert site.get(f"/download/{NAME}", headers={"range": "bytes=0-9"}).status_code == 404
    later = copy_of(shelf, datetime(2026, 11, 27, tzinfo=UTC))
    assert [path.name for path in (shelf.path.parent / "export").glob("*.gz")] == [later.name]
    assert site.get(f"/download/{later.name}").status_code == 200


def test_to_be_left_out_of_lists_makes_no_copy_old(site: Site, shelf: Shelf) -> None:
    copy_of(shelf)
    with closing(sqlite3.connect(shelf.path)) as db, db:
        row = (shelf.ids["border"], "unlist", "2026-11-27T03:00:00Z", "theo đơn")
        db.execute("insert into takedowns (article, grade, at, why) values (?, ?, ?, ?)", row)
    assert site.get(f"/download/{NAME}").status_code == 200


def test_no_byte_of_a_hidden_text_is_in_a_copy(site: Site, shelf: Shelf, tmp_path: Path) -> None:
    from shelf import XUAN_TRUONG, article, put

    with Store(shelf.path) as store:
        name = put(store, XUAN_TRUONG, article("lam-chung", "Lời khai", SECRET * 40))
    hide(shelf.path, name)
    copy_of(shelf)
    taken = unpacked(site, tmp_path).read_bytes()
    assert "Bạch Thị Mẫu Đơn".encode() not in taken and b"Ch\xe1\xbb\xa7 t\xe1\xbb\x8bch H\xc4\x90ND" in taken


HOSTILE_NAMES = [
    "tangthu.db", "../tangthu.db", "%2e%2e/tangthu.db", "..%2ftangthu.db", "tangthu-2026-11-26.db", ".", "",
    "tangthu-2026-11-26.db.gz/x", "tangthu-2026-11-26.db.gz.json", ".tangthu-2026-11-26.db.gz.part",
    "tangthu-2026-11-25.db.gz", "tangthu-2026-11-26.db.gz%00", "/etc/passwd", "tangthu-٢026-11-26.db.gz",
]  # fmt: skip


def test_no_other_file_is_given_out(site: Site, shelf: Shelf) -> None:
    copy_of(shelf)
    folder = shelf.path.parent / "export"
    (folder / "tangthu-2026-11-25.db.gz").write_bytes(b"put there by hand")
    (folder / "tangthu-2026-11-24.db.gz").symlink_to("/etc/passwd")
    (folder / "tangthu-2026-11-24.db.gz.json").write_text((folder / f"{NAME}.json").read_text("utf-8"), "utf-8")
    for name in HOSTILE_NAMES:
        answer = site.get(f"/download/{name}")
        assert answer.status_code in (200, 302, 403, 404)
        assert answer.status_code != 200 or "text/html" in answer.headers["content-type"], name
        assert not answer.content.startswith((b"SQLite format", b"\x1f\x8b", b"root:"))


@pytest.mark.parametrize("damage", ["shorter", "no description", "half a description", "another's description"])
def test_a_copy_that_is_not_whole_is_not_offered(site: Site, shelf: Shelf, damage: str) -> None:
    copy_of(shelf)
    path, told = (shelf.path.parent / "export" / name for name in (NAME, f"{NAME}.json"))
    if damage == "shorter":
        path.write_bytes(path.read_bytes()[:-1])
    elif damage == "no description":
        told.unlink()
    elif damage == "half a description":
        told.write_text(told.read_text("utf-8")[:40], "utf-8")
    else:
        told.write_text(told.read_text("utf-8").replace("2026-11-26.db", "2026-11-25.db"), "utf-8")
    assert site.get(f"/download/{NAME}").status_code == 404 and site.get("/download").status_code == 200


# The command


def run(data: Path, *words: str) -> Any:
    return CliRunner().invoke(cli.main, ["--data", str(data), "export", "download", *words])


def test_the_command_makes_todays_copy_and_keeps_the_newest(shelf: Shelf) -> None:
    data = shelf.path.parent
    for day in range(1, 6):
        copy_of(shelf, datetime(2020, 1, day, tzinfo=UTC))
    done = run(data, "--json", "--keep", "2")
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert re.fullmatch(r"tangthu-\d{4}-\d\d-\d\d\.db\.gz", said["name"]) and said["articles"] == 12
    kept = sorted(path.name for path in (data / "export").iterdir())
    first = "tangthu-2020-01-05.db.gz"
    assert kept == [first, f"{first}.json", said["name"], f"{said['name']}.json"]
    again = run(data)
    assert again.exit_code == 0 and said["name"] in again.output
    assert run(data, "--quiet").output == ""


def test_the_command_says_what_is_missing(tmp_path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    none = run(tmp_path / "none")
    assert none.exit_code == 1
    monkeypatch.setattr(publish, "needed", lambda _: 10**18)
    full = run(shelf.path.parent)
    assert full.exit_code == 1 and "make room" in full.output
    monkeypatch.undo()
    (shelf.path.parent / "export").write_text("a file", "utf-8")
    assert run(shelf.path.parent).exit_code == 1


def test_a_copy_is_made_while_somebody_writes(shelf: Shelf) -> None:
    with closing(sqlite3.connect(shelf.path)) as writer:
        writer.execute("begin immediate")
        writer.execute("update articles set summary = 'đang viết dở'")
        assert copy_of(shelf).articles == 12
        writer.rollback()
