"""The comparison of two versions, as a reader gets it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import reading
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rooms import Site, words
from shelf import Shelf

from archive.compare import Block, Piece
from archive.model import Capture
from archive.plugin.reading import comparing
from crawler.ingest import open_archive


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return reading.make(tmp_path_factory.mktemp("comparing"))


def compared(site: Site, numbers: str, more: str = "") -> BeautifulSoup:
    return site.read(f"/a/{site.ids['duong']}/diff/{numbers}{more}")


def test_changed_words_stand_in_their_paragraph_and_lost_ones_are_struck_out(site: Site) -> None:
    page = compared(site, "1..2")
    assert [words(page, f".body p.{kind}") for kind in ("changed", "removed")] == [
        "Sáng 2/3, UBND huyện Thuận Phú khởi công tuyến đường liên xã dài [bớt: 9,8 ] [thêm: 12,5 ] km nối xã Đông Hồ"
        " với xã Mão Điền, tổng mức đầu tư [bớt: 124 ] [thêm: 168 ] tỷ đồng.",
        "[bớt: Các hộ dân nằm trong diện giải phóng mặt bằng đã nhận đủ tiền bồi thường trước Tết. ]",
    ]
    assert "Thêm 2 chữ, bớt 20 chữ." in words(page, "main")
    assert not page.select(".fields") and "Giống nhau: tiêu đề, dòng ký tên, ngày đăng." in words(page, "main")


def test_who_does_not_see_colours_is_told(site: Site) -> None:
    page = compared(site, "1..3")
    for tag in page.select(".body del, .body ins, .fields del, .fields ins"):
        said = tag.select_one(".unseen")
        assert said and said.text.strip() == ("[bớt:" if tag.name == "del" else "[thêm:")
    english = compared(site, "1..3", "?lang=en")
    assert {tag.text.strip() for tag in english.select(".body ins .unseen[lang=en]")} == {"[added:"}


def test_changed_fields_come_first(site: Site) -> None:
    page = compared(site, "2..3")
    assert words(page, ".fields div:nth-of-type(1)") == (
        "Tiêu đề Khởi công đường liên xã Đông Hồ [bớt: - ] [thêm: , ] Mão Điền"
    )
    assert words(page, ".fields div:nth-of-type(2)") == "Dòng ký tên [bớt: T/h: Lệ Minh ] [thêm: Trần Hùng ]"
    assert "Nội dung giống nhau từng chữ." in words(page, "main")


def test_any_two_in_any_order(site: Site) -> None:
    there, back = compared(site, "1..3"), compared(site, "3..1")
    assert words(back, "main").count("[thêm: 9,8 ]") == 1 and words(there, "main").count("[bớt: 9,8 ]") == 1
    assert "được chụp sau" in words(back, ".notice")
    turn = back.select_one(".notice a")
    assert turn and turn["href"] == f"/a/{site.ids['duong']}/diff/1..3"
    assert not there.select(".notice")
    itself = compared(site, "2..2")
    assert "so với chính nó" in words(itself, ".notice") and "giống nhau hoàn toàn" in words(itself, "main")
    assert not itself.select(".body del, .body ins, .fields")


def test_the_form_leads_to_a_permanent_address(site: Site) -> None:
    name = site.ids["duong"]
    form = compared(site, "1..2").select_one("form.choose")
    assert form and form["action"] == f"/a/{name}/diff"
    options = [str(option["value"]) for option in form.select("#to option")]
    assert options == ["3", "2", "1"] and form.select_one("#from option[selected]")["value"] == "1"  # type: ignore[index]
    answer = site.get(f"/a/{name}/diff?from=3&to=1")
    assert answer.status_code == 302 and answer.headers["location"] == f"/a/{name}/diff/3..1"
    english = site.get(f"/a/{name}/diff?from=3&to=1&lang=en")
    assert english.headers["location"] == f"/a/{name}/diff/3..1?lang=en"


@pytest.mark.parametrize(
    "path",
    ["/a/{0}/diff", "/a/{0}/diff/", "/a/{0}/diff?from=1", "/a/{0}/diff?from=x&to=1", "/a/{0}/diff?from=0&to=1",
     "/a/{0}/diff?from=٣&to=1", "/a/{0}/diff?from=-1&to=1", "/a/{0}/diff?from=" + "9" * 400 + "&to=1",
     "/a/{0}/diff/1..9",
     "/a/{0}/diff/0..1", "/a/{0}/diff/1..", "/a/{0}/diff/1...2", "/a/{0}/diff/999999999..999999999",
     "/a/{0}/diff/1..2/x", "/a/aaaaaaaaaa/diff/1..2", "/a/{0}/diff/1..2.bib", "/a/{0}/diff?from=//evil.example&to=1"],
)  # fmt: skip
def test_what_is_no_comparison_is_a_404(site: Site, path: str) -> None:
    assert site.get(path.format(site.ids["duong"])).status_code == 404


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.text(max_size=12), st.text(max_size=12))
def test_no_choice_is_an_error_500(site: Site, old: str, new: str) -> None:
    from urllib.parse import quote, urlencode

    query = urlencode({"from": old.encode("utf-8", "replace"), "to": new.encode("utf-8", "replace")})
    assert site.get(f"/a/{site.ids['duong']}/diff?{query}").status_code in (302, 404)
    path = quote(f"{old}..{new}".encode("utf-8", "replace"))
    assert site.get(f"/a/{site.ids['duong']}/diff/{path}").status_code in (200, 302, 404)


def test_a_comparison_is_not_for_search_engines_and_has_a_strict_policy(site: Site) -> None:
    answer = site.get(f"/a/{site.ids['duong']}/diff/1..2")
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    page = BeautifulSoup(answer.text, "html.parser")
    assert not page.select("[style], style, script:not([src])")
    ids = [str(tag["id"]) for tag in page.select("[id]")]
    assert len(ids) == len(set(ids)) and len(page.select("h1")) == 1


def test_long_stretches_without_a_change_are_folded_away(tmp_path: Path) -> None:
    def report(figure: str, after: int) -> Capture:
        paragraphs = [f"<p>Đoạn thứ {n} của báo cáo kinh tế - xã hội.</p>" for n in range(12)]
        paragraphs[6] = f"<p>Thu ngân sách đạt {figure} tỷ đồng, vượt dự toán tỉnh giao.</p>"
        return reading.page("/bao-cao", "Báo cáo", "".join(paragraphs), after=after)

    site = kept(tmp_path, report("120", 0), report("125", 4))
    page = site.read(f"/a/{site.ids['bao-cao']}/diff/1..2")
    assert [words(page, f"details:nth-of-type({n}) summary") for n in (1, 2)] == [
        "5 đoạn giống nhau",
        "4 đoạn giống nhau",
    ]
    shown = [" ".join(tag.get_text(" ").split()) for tag in page.select(".body > p")]
    assert shown == [
        "Đoạn thứ 5 của báo cáo kinh tế - xã hội.",
        "Thu ngân sách đạt [bớt: 120 ] [thêm: 125 ] tỷ đồng, vượt dự toán tỉnh giao.",
        "Đoạn thứ 7 của báo cáo kinh tế - xã hội.",
    ]
    assert len(page.select(".body p")) == 12  # folded, not left out


def test_pictures_that_came_and_went_are_named(tmp_path: Path) -> None:
    def news(picture: str, after: int) -> Capture:
        body = reading.SHORT.format("Một đoạn văn.") + f'<p><img src="/anh/{picture}.jpg" alt="Ảnh"></p>'
        return reading.page("/anh", "Ảnh", body, after=after)

    site = kept(tmp_path, news("mot", 0), news("hai", 5))
    said = words(site.read(f"/a/{site.ids['anh']}/diff/1..2"), ".fields")
    assert said == f"Ảnh và liên kết [bớt: {reading.HOST}/anh/mot.jpg ] [thêm: {reading.HOST}/anh/hai.jpg ]"


def test_hostile_words_are_shown_as_words(tmp_path: Path) -> None:
    def bad(word: str, after: int) -> Capture:
        escaped = f"&lt;script&gt;alert({word})&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt;"
        return reading.page("/doc", f"Tin {escaped}", reading.SHORT.format(escaped), escaped, after=after)

    site = kept(tmp_path, bad("1", 0), bad("2", 5))
    page = site.read(f"/a/{site.ids['doc']}/diff/1..2")
    assert not page.select("main script, main img, [onerror]")
    assert "<script>alert(" in words(page, ".body")


def test_a_hidden_article_has_no_comparison(shelf: Shelf, tmp_path: Path) -> None:
    copy = tmp_path / "tangthu.db"
    with closing(sqlite3.connect(shelf.path)) as source, closing(sqlite3.connect(copy)) as target, target:
        source.backup(target)
        target.execute("update articles set takedown = 'hide' where id = ?", [shelf.ids["duong"]])
    hidden = Site(Shelf(copy, shelf.ids))
    for path in ("", "/1", "/diff/1..2"):
        answer = hidden.get(f"/a/{shelf.ids['duong']}{path}")
        assert answer.status_code == 451 and "168" not in answer.text and "Mão Điền" not in answer.text, path


@given(st.lists(st.sampled_from(["same", "changed"]), max_size=30))
def test_folding_leaves_nothing_out(kinds: list[str]) -> None:
    blocks = [Block(kind, (Piece("same", str(i)),)) for i, kind in enumerate(kinds)]  # type: ignore[arg-type]
    passages = list(comparing._passages(blocks))
    assert [block for passage in passages for block in passage.blocks] == blocks
    assert all(block.kind == "same" for passage in passages if passage.folded for block in passage.blocks)
    assert all(passage.blocks for passage in passages)


def kept(data: Path, *captures: Capture) -> Site:
    portal = reading.portal_of(data)
    with open_archive(data, reading.ID, portal) as ingest:
        ingest.register(portal)
        for capture in captures:
            ingest.keep(portal, capture)
    return Site(reading.shelf(data))


def test_an_older_text_that_came_later_stands_where_it_belongs(tmp_path: Path) -> None:
    """Imports bring captures from before the first crawl: versions are told in the order of the captures."""

    def notice(day: str, after: int) -> Capture:
        return reading.page("/lich", "Lịch", reading.SHORT.format(f"Tiếp công dân ngày {day}."), after=after)

    site = kept(tmp_path, notice("20/3", 30), notice("6/3", 0))
    name = site.ids["lich"]
    page = site.read(f"/a/{name}")
    assert [str(link["href"]) for link in page.select(".versions a")] == [
        f"/a/{name}/1",
        f"/a/{name}/diff/2..1",
        f"/a/{name}/2",
    ]
    assert "hiện hành" in words(page, ".versions li:first-child") and "20/3" in words(page, ".body")
    assert not site.read(f"/a/{name}/diff/2..1").select(".notice")


def test_an_article_that_is_changed_every_day(tmp_path: Path) -> None:
    def table(day: int) -> Capture:
        return reading.page("/so-lieu", "Số liệu", reading.SHORT.format(f"Đã tiêm {day} con lợn."), after=day)

    site = kept(tmp_path, *map(table, range(60)))
    page = site.read(f"/a/{site.ids['so-lieu']}")
    assert len(page.select(".versions li")) == 60
    assert "Đổi: nội dung so với bản 59" in words(page, ".versions li:first-child")
    assert site.get(f"/a/{site.ids['so-lieu']}/1").status_code == 200
