"""What leaves the house as a table and as JSON: read back as a spreadsheet and a program read it."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import clevercsv
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rooms import Site
from shelf import DUC_LINH, HOSTS, XUAN_TRUONG, Shelf, article, make, put

from archive.model import Byline
from archive.plugin import wording
from archive.plugin.finding import exports, spreadsheet
from archive.search.keeper import catch_up
from archive.store import Store

FORMULAS = ("=cmd|' /C calc'!A0", "+84 228 123", "-1+1", "@SUM(A1)", "\t=1", "＝1+1", "- Thông báo lịch nghỉ Tết")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The common shelf, and articles whose titles a spreadsheet would run."""
    made = make(tmp_path_factory.mktemp("shelf"))
    with Store(made.path) as store:
        for number, title in enumerate(FORMULAS):
            made.ids[title] = put(store, XUAN_TRUONG, article(f"cong-thuc-{number}", title, "Nội dung công thức."))
        quoted = article("ngoac", 'Nói rằng: "đủ", rồi\nxuống dòng; hết', "Nội dung công thức.", published="2021-01-06")
        signed = replace(quoted, byline=Byline("=HYPERLINK(1)", "", ("Lệ Minh", "=1+1")))
        made.ids["quoted cell"] = put(store, XUAN_TRUONG, signed)
    catch_up(made.path)
    return made


def rows(content: bytes) -> list[dict[str, str]]:
    """As Python's own reader has them that honours the mark."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def table(site: Site, **asked: str) -> list[dict[str, str]]:
    answer = site.get("/search.csv?" + urlencode(asked))
    assert answer.status_code == 200
    return rows(answer.content)


def test_excel_knows_the_table_for_what_it_is(site: Site) -> None:
    answer = site.get("/search.csv?q=%C4%91%E1%BA%A5t+%C4%91ai")
    assert answer.content.startswith(b"\xef\xbb\xbf") and answer.content.count(b"\xef\xbb\xbf") == 1
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == 'attachment; filename="tangthu-dat-dai.csv"'
    assert answer.content.endswith(b"\r\n") and b"\n" not in answer.content.replace(b"\r\n", b"")


def test_the_table_says_of_an_article_what_is_known(site: Site) -> None:
    (row,) = table(site, q="giáp ranh")
    assert row == {
        "Mã bài": site.ids["border"],
        "Địa chỉ cố định": f"http://localhost/a/{site.ids['border']}",
        "Tiêu đề": "Ký kết quy chế phối hợp bảo đảm an ninh, trật tự vùng giáp ranh",
        "Huyện": "Huyện Xuân Trường",
        "Tỉnh": "Nam Định",
        "Cổng": "Trang thông tin điện tử huyện Xuân Trường",
        "Mã cổng": XUAN_TRUONG,
        "Chuyên mục": "Tin tức",
        "Ký tên": "T/h: Lệ Minh",
        "Người viết": "Lệ Minh",
        "Đăng (giờ Việt Nam)": "2021-01-06 08:30",
        "Lưu lần đầu (giờ Việt Nam)": "2026-11-19 10:04:05",
        "Thấy lần cuối (giờ Việt Nam)": "2026-11-19 10:04:05",
        "Trên cổng": "còn",
        "Từ khi (giờ Việt Nam)": "",
        "Số phiên bản": "1",
        "Địa chỉ gốc": HOSTS[XUAN_TRUONG] + "/tin/giap-ranh",
    }
    (gone,) = table(site, q="kết luận thanh tra", portal=DUC_LINH)
    assert (gone["Trên cổng"], gone["Từ khi (giờ Việt Nam)"], gone["Đăng (giờ Việt Nam)"]) == (
        "đã gỡ", "2026-11-21 06:30", "2019-07-02",
    )  # fmt: skip


def test_the_table_has_what_the_page_finds_in_its_order(site: Site) -> None:
    for asked in ({"q": "huyện", "sort": "newest"}, {"q": "dat dai"}, {"portal": "Huyện Đức Linh", "sort": "oldest"}):
        page = site.read("/search?" + urlencode(asked))
        shown = [str(link["href"]).removeprefix("/a/") for link in page.select(".entry h3 a")]
        assert shown and [row["Mã bài"] for row in table(site, **asked)] == shown


def test_no_cell_is_a_formula(site: Site) -> None:
    found = table(site, q="nội dung công thức")
    titles = {row["Mã bài"]: row["Tiêu đề"] for row in found}
    for title in FORMULAS:
        assert titles[site.ids[title]] == "'" + title
    assert not [cell for row in found for cell in row.values() if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "＝")]
    (quoted,) = [row for row in found if row["Mã bài"] == site.ids["quoted cell"]]
    assert quoted["Ký tên"] == "'=HYPERLINK(1)" and quoted["Người viết"] == "Lệ Minh; =1+1"


@given(st.lists(st.lists(st.text(max_size=30), min_size=2, max_size=4), min_size=1, max_size=5))
def test_what_is_written_is_read_again(cells: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(spreadsheet.written(cells).decode(), newline="")))
    for row, back in zip(cells, read, strict=True):
        for cell, found in zip(row, back, strict=True):
            plain = cell.encode("utf-8", "replace").decode().replace("\x00", "")
            assert found in (plain, "'" + plain)
            assert found.lstrip()[:1] not in ("=", "+", "@", "-")


def test_a_program_that_guesses_what_a_file_is_guesses_right(site: Site, tmp_path: Path) -> None:
    """clevercsv is told nothing: it finds the encoding by the mark, the signs by what stands in the file."""
    file = tmp_path / "bang.csv"
    file.write_bytes(site.get("/search.csv?q=huy%E1%BB%87n").content)
    header, *read = clevercsv.read_table(file)
    assert header == [wording.WORDS["vi"]["table"][name] for name in exports.COLUMNS]
    assert [dict(zip(header, row, strict=True)) for row in read] == rows(file.read_bytes())


def test_the_header_is_in_the_readers_language(site: Site) -> None:
    for language in wording.LANGUAGES:
        header = csv.reader(io.StringIO(site.get(f"/search.csv?q=a&lang={language}").content.decode("utf-8-sig")))
        said = wording.WORDS[language]["table"]
        assert next(header) == [said[name] for name in exports.COLUMNS]


def test_a_table_that_is_cut_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 3)
    monkeypatch.setattr(exports, "_AT_ONCE", 2)
    cut = table(site, q="nội dung công thức")
    assert len(cut) == 4 and cut[-1]["Mã bài"] == "Bảng dừng ở 3 bài đầu tiên trong số 8 bài; hãy thu hẹp câu tìm."
    assert len(table(site, q="giáp ranh")) == 1


def test_without_a_question_there_is_a_header_only(site: Site) -> None:
    assert table(site) == [] and table(site, q="xyzzy") == []


def test_what_was_taken_down_is_in_no_table(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    with closing(sqlite3.connect(shelf.path)) as conn, conn:  # the index may be a moment behind
        conn.execute("update articles set takedown = 'unlist' where id = ?", [shelf.ids["border"]])
    site = Site(shelf)
    assert table(site, q="giáp ranh") == []
    assert site.get("/search.json?q=gi%C3%A1p+ranh").json()["articles"] == []


# JSON


def data(site: Site, **asked: str) -> dict[str, Any]:
    answer = site.get("/search.json?" + urlencode(asked))
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json; charset=utf-8"
    found: dict[str, Any] = answer.json()
    return found


def test_every_key_is_documented(site: Site) -> None:
    found = data(site, q="đất đai")
    said = exports.__doc__ or ""
    keys = {*found, *found["articles"][0], *found["facets"]}
    assert not {key for key in keys if f"``{key}``" not in said}


def test_json_says_what_the_page_shows(site: Site) -> None:
    asked = {"q": "đất đai", "from": "1/2019", "portal": "Huyện Đức Linh"}
    found = data(site, **asked)
    assert found["query"] == {"q": "đất đai", "portal": DUC_LINH, "from": "2019"}
    (hit,) = found["articles"]
    assert hit["url"] == f"http://localhost/a/{site.ids['gone']}" and hit["published"] == "2019-07-02"
    assert hit["gone_since"] == "2026-11-20T23:30:00Z" and hit["versions"] == 1
    assert [hit["title"][start:end] for start, end in hit["title_marks"]] == ["đất đai"]
    assert "đất đai" in [hit["snippet"][start:end] for start, end in hit["snippet_marks"]]
    assert found["facets"]["portals"] == [[DUC_LINH, 1]] and found["facets"]["months"] == [["2019-07", 1]]
    assert found["total"] == found["page"] == found["pages"] == 1 and found["next"] is None
    empty = data(site)
    assert empty["total"] == 0 and empty["articles"] == [] and empty["facets"] is None
    assert json.loads(json.dumps(found)) == found


def test_the_next_page_is_asked_for_by_the_address_that_is_given(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PER_PAGE", 3)
    found = data(site, q="nội dung công thức", sort="oldest")
    seen = [hit["id"] for hit in found["articles"]]
    while found["next"]:
        parts = urlsplit(found["next"])
        found = site.get(f"{parts.path}?{parts.query}").json()
        seen += [hit["id"] for hit in found["articles"]]
    assert len(seen) == len(set(seen)) == 8
