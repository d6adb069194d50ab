"""The bytes as they were received, and the records that they stand in."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from keeping import fastwarc_says
from replaying import HOST, captures, number, shelf, web
from rooms import Site, words
from shelf import Shelf
from warcio.archiveiterator import ArchiveIterator

from archive.warc import payload_digest


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shelf(tmp_path_factory.mktemp("snapshots"))


@pytest.fixture(scope="module")
def site(path: Path) -> Iterator[Site]:
    built = Site(Shelf(path, {}))
    yield built
    built.loop.close()


def test_raw_bytes_are_those_received(site: Site) -> None:
    answer = site.get(web("/lich", modifier="id_"))
    assert answer.content == gzip.decompress(captures()[0].body)  # the client has unpacked it
    assert answer.headers["content-encoding"] == "gzip" and answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-archive-orig-etag"] == '"a"' and answer.headers["x-archive-orig-x-generator"] == "Drupal 7"
    assert answer.headers["memento-datetime"] == "Mon, 04 Mar 2024 02:30:15 GMT"
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert answer.headers["content-disposition"].startswith('attachment; filename="lich.html"')
    broken = site.get(web("/hong", modifier="id_"))
    assert broken.content == b"khong phai gzip" and "content-encoding" not in broken.headers
    strange = site.get(web("/la", modifier="id_"))
    assert strange.content == b"\x00\x01" and "set-cookie" not in strange.headers
    moved = site.get(web("/di", modifier="id_"))
    assert "location" not in moved.headers and moved.headers["x-archive-orig-location"] == "https://evil.example/x"


def test_a_record_is_the_very_bytes_of_the_file(site: Site, path: Path, tmp_path: Path) -> None:
    for name, after in (("/lich", 0), ("/lich", 1), ("/lich", 2), ("/tat", 0), ("/dung", 3 / 86_400)):
        found = number(path, name, after)
        answer = site.get(f"/record/{found}.warc.gz")
        assert answer.status_code == 200 and answer.headers["content-type"] == "application/gzip"
        file = tmp_path / f"{found}.warc.gz"
        file.write_bytes(answer.content)
        assert fastwarc_says(file) == ""
        with file.open("rb") as stream:
            records = [(r.rec_type, r.rec_headers.get_header("WARC-Target-URI")) for r in ArchiveIterator(stream)]
        assert len(records) == 1 and records[0][1] == HOST + name
        assert str(len(answer.content)) == answer.headers["content-length"]
        with closing(sqlite3.connect(path)) as db:
            warc, offset, length = db.execute(
                "select warc, offset, length from captures where id = ?", [found]
            ).fetchone()
        assert (path.parent / "warc" / warc).read_bytes()[offset : offset + length] == answer.content


def test_a_capture_tells_whether_its_digest_is_right(site: Site, path: Path) -> None:
    found = number(path, "/lich")
    page = site.read(f"/capture/{found}")
    digest = payload_digest(captures()[0].body)
    assert digest in words(page) and "Khớp: kho vừa tính lại" in words(page, ".state")
    assert "Drupal 7" in words(page, "section:has(#headers)")
    assert f"curl -s 'http://localhost{web('/lich', modifier='id_')}'" in words(page, "pre")
    confirmed = site.read(f"/capture/{number(path, '/lich', 2)}")
    assert "Khớp" in words(confirmed, ".state") and confirmed.select(f"a[href='/record/{found}']")
    assert "không nhận được nội dung" in words(site.read(f"/capture/{number(path, '/tat')}"), ".state")


def test_a_wrong_digest_is_said(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path.parent, tmp_path / "copy")
    other = tmp_path / "copy" / path.name
    with closing(sqlite3.connect(other)) as db, db:
        db.execute("update captures set digest = 'sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ' where id = 1")
    site = Site(Shelf(other, {}))
    assert "Không khớp" in words(site.read("/capture/1"), ".state")


def test_a_database_without_its_warcs_says_so(path: Path, tmp_path: Path) -> None:
    shutil.copy(path, tmp_path / path.name)
    site = Site(Shelf(tmp_path / path.name, {}))
    found = number(path, "/lich")
    for asked in (web("/lich"), web("/lich", modifier="id_"), web("/tat"), f"/capture/{found}", f"/record/{found}"):
        answer = site.get(asked)
        assert answer.status_code == 404 and "không nằm cạnh cơ sở dữ liệu này" in answer.text, asked
    assert site.get(web("/anh.png", modifier="im_")).status_code == 404


@pytest.mark.parametrize("warc", ["../tangthu.db", "/etc/passwd", "..", "", "\x00", "khac.warc.gz"])
def test_no_name_of_a_file_leads_out_of_the_folder(path: Path, tmp_path: Path, warc: str) -> None:
    shutil.copytree(path.parent, tmp_path / "copy")
    other = tmp_path / "copy" / path.name
    with closing(sqlite3.connect(other)) as db, db:
        db.execute("update captures set warc = ?, offset = 0, length = 100", [warc])
    site = Site(Shelf(other, {}))
    for asked in (web("/lich"), web("/lich", modifier="id_"), "/record/1", "/capture/1"):
        answer = site.get(asked)
        assert answer.status_code == 404 and b"SQLite" not in answer.content and b"root:" not in answer.content


@pytest.mark.parametrize(
    "number", ["0", "-1", "999999999999999999", "9" * 30, "abc", "1.5", "1/2", "%00", "", "1.warc.gz/x"]
)
def test_records_that_are_not_there(site: Site, number: str) -> None:
    assert site.get(f"/record/{number}").status_code == site.get(f"/capture/{number}").status_code == 404
