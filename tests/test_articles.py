"""The article page: what it shows of an article, how it stands on its portal, and where all of it comes from."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import reading
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from rooms import Site, words
from shelf import Shelf

from archive.model import Capture
from archive.plugin import wording
from archive.plugin.reading import provenance
from crawler.ingest import open_archive


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return reading.make(tmp_path_factory.mktemp("reading"))


def article(site: Site, name: str, more: str = "") -> BeautifulSoup:
    return site.read(f"/a/{site.ids[name]}{more}")


# The body


def test_pictures_come_from_the_archive_and_say_what_they_show(site: Site) -> None:
    page = article(site, "duong")
    picture = page.select_one(".body figure img")
    assert picture
    assert picture["src"] == f"/web/20240304023015im_/{reading.HOST}{reading.PICTURE}"
    assert picture["alt"] == "Ảnh trong bài" and picture["loading"] == "lazy"
    assert words(page, ".body figure:has(img) figcaption") == "Quang cảnh lễ khởi công"
    assert len(page.select(".body img")) == 1  # nothing is asked of the portal
    missing = page.select_one(".body figure:not(:has(img))")
    assert missing and "Ảnh trong bài gốc, kho không có: Bản đồ tuyến" in " ".join(missing.get_text(" ").split())


def test_an_old_version_has_its_pictures_too(site: Site) -> None:
    assert article(site, "duong", "/1").select(".body figure img[src^='/web/20240304023015im_/']")


def test_a_picture_above_the_body_is_shown_above_the_body(tmp_path: Path) -> None:
    """Drupal prints the leading picture in a field of its own."""
    body = reading.SHORT.format("Một đoạn văn.")
    field = '<div class="field field-type-image"><img src="/anh/dau-bai.jpg" alt="Quang cảnh"></div><div id="bai">'
    page = reading.page("/anh", "Có ảnh đầu bài", body)
    page = replace(page, body=page.body.replace(b'<div id="bai">', field.encode()))
    portal = reading.portal_of(tmp_path)
    with open_archive(tmp_path, reading.ID, portal) as ingest:
        ingest.register(portal)
        ingest.keep(portal, page)
        ingest.keep(portal, reading.answer("/anh/dau-bai.jpg", reading.PIXEL, "image/jpeg"))
    shown = article(Site(reading.shelf(tmp_path)), "anh")
    first = shown.select_one(".body > :first-child")
    assert first and first.select_one("img[src$='/anh/dau-bai.jpg']") and len(shown.select(".body img")) == 1


def test_a_link_to_an_article_of_the_archive_leads_there(site: Site) -> None:
    link = article(site, "duong").select_one(".body a.kept")
    assert link and link.text == "lịch tiếp công dân"
    assert (link["href"], link["title"]) == (f"/a/{site.ids['lich']}", reading.HOST + "/lich")
    english = article(site, "duong", "?lang=en").select_one(".body a.kept")
    assert english and english["href"] == f"/a/{site.ids['lich']}?lang=en"


def test_attachments_lead_to_the_archive_first_and_say_what_they_are(site: Site) -> None:
    first, second = article(site, "duong").select(".attachments li")
    archive, portal = first.select("a")
    assert archive["href"] == f"/web/20240304023015id_/{reading.HOST}{reading.PLAN}"
    assert portal["href"] == reading.HOST + reading.PLAN
    assert " ".join(first.get_text(" ").split()).startswith(
        "Kế hoạch thi công PDF 1,2 MB bản lưu trong kho ngày 04/03/2024 địa chỉ tại cổng"
    )
    assert "Phụ lục kèm theo DOC kho không có tệp này" in " ".join(second.get_text(" ").split())
    assert not second.select("a[href^='/web/']")
    assert words(article(site, "duong", "/1"), "#attachments") == "Tệp đính kèm của bản hiện hành"


def test_what_the_page_links_to_in_the_archive_is_there(site: Site) -> None:
    """Pictures, files, snapshots and records: the WARC files of this shelf are real."""
    links: set[str] = set()
    for name in ("duong", "go", "chuyen", "tat"):
        page = article(site, name)
        links |= {str(tag.get("href") or tag.get("src")) for tag in page.select("main [href], main [src]")}
    ours = {link for link in links if link.startswith(("/web/2", "/web/*", "/record/", "/capture/"))}
    assert len(ours) >= 10
    for link in ours:
        answer = site.get(link)
        # The snapshot of a page that was gone answers as that page did.
        expected = {404} if link.startswith("/web/20240612") and link.endswith("/go") else {200}
        assert answer.status_code in expected | ({301} if link.endswith("/chuyen") else set()), link
    picture = site.get(f"/web/20240304023015im_/{reading.HOST}{reading.PICTURE}")
    assert picture.content == reading.PIXEL and picture.headers["content-type"] == "image/png"


# Does it still stand?


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("go", "gone", "Đã gỡ khỏi cổng. Từ ngày 12/06/2024 địa chỉ gốc báo bài không còn; đây là bản kho đã nhận trước"
                       " đó. 3 lần xem liên tiếp đều thấy như vậy. Bằng chứng: câu trả lời 404 của máy chủ ,"),
        ("chuyen", "moved", "Đã chuyển đi nơi khác. Từ ngày 12/06/2024 địa chỉ gốc chuyển sang máy chủ khác. Nơi mới:"
                            " https://moi.example.vn/tuyen-dung . Mới một lần xem thấy như vậy, chưa đủ để chắc chắn."),
        ("chan", "blocked", "Cổng chặn không cho xem. Từ ngày 12/06/2024 máy chủ từ chối cho xem; bài có thể vẫn còn ở"
                            " đó. 2 lần xem liên tiếp đều thấy như vậy. Bằng chứng: câu trả lời 403 của máy chủ ,"),
        ("tat", "dark", "Cổng không trả lời. Từ ngày 12/06/2024 không nhận được trả lời ở địa chỉ gốc. Tên miền không"
                        " còn. 2 lần xem liên tiếp đều thấy như vậy. Bằng chứng: lần xem không có trả lời ,"),
        ("lua", "unknown", "Chưa rõ còn trên cổng hay không. Kho mới thấy bài một lần, ngày 04/03/2024; từ đó chưa xem"
                           " lại."),
        ("duong", "unknown", "Chưa rõ còn trên cổng hay không. Thấy bài lần cuối ngày 04/05/2024, tất cả 4 lần. Kho giữ"
                             " 3 phiên bản."),
    ],
)  # fmt: skip
def test_one_line_says_whether_it_still_stands(site: Site, name: str, kind: str, said: str) -> None:
    page = article(site, name)
    assert words(page, ".standing p:first-of-type").startswith(said)
    assert page.select_one(f".standing.is-{kind} strong")  # in words, not by colour alone
    whole = words(page, ".standing")
    assert "Cả cổng không trả lời, thấy từ ngày 12/06/2024. Tên miền không còn. 2 lần xem" in whole
    assert "Kho ngừng thu thập cổng này từ ngày 01/07/2025" in whole


def test_the_proof_is_the_first_look_that_says_so(site: Site, shelf: Shelf) -> None:
    page = article(site, "go")
    with closing(sqlite3.connect(shelf.path)) as conn:
        first = conn.execute("select min(id) from captures where verdict = 'gone'").fetchone()[0]
    links = [str(link["href"]) for link in page.select(".standing p:first-of-type a")]
    assert links == [f"/web/20240612023015/{reading.HOST}/go", f"/record/{first}"]


def test_a_sentence_about_a_file_leads_to_the_copy_of_the_archive(tmp_path: Path) -> None:
    body = f'<p>Huyện công bố <a href="{reading.PLAN}">kế hoạch thi công</a> trong tuần này.</p>'
    portal = reading.portal_of(tmp_path)
    with open_archive(tmp_path, reading.ID, portal) as ingest:
        ingest.register(portal)
        ingest.keep(portal, reading.page("/cong-bo", "Công bố", reading.SHORT.format("Tin.") + body))
        ingest.keep(portal, reading.answer(reading.PLAN, b"%PDF-1.4", "application/pdf", after=2))
    link = article(Site(reading.shelf(tmp_path)), "cong-bo").select_one(".body a.kept")
    assert link and link["href"] == f"/web/20240306023015id_/{reading.HOST}{reading.PLAN}"


def test_what_is_withheld_is_neither_shown_nor_linked_to(shelf: Shelf, tmp_path: Path) -> None:
    site = changed(shelf, tmp_path, "update captures set withheld = 'hide' where article is null")
    page = article(site, "duong")
    assert not page.select("main img") and not page.select(".attachments a[href^='/web/']")
    assert words(page, ".attachments").count("kho không có tệp này") == 2
    assert not article(site, "go").select(".standing a")  # the looks that found it gone are withheld as well


def test_a_link_to_an_article_that_is_out_of_sight_stays_the_portals(shelf: Shelf, tmp_path: Path) -> None:
    site = changed(shelf, tmp_path, "update articles set takedown = 'unlist' where url like '%/lich'")
    page = article(site, "duong")
    assert not page.select(".body a.kept") and page.select(f".body a[href='{reading.HOST}/lich']")


def test_an_article_that_stands(tmp_path: Path) -> None:
    portal = reading.portal_of(tmp_path)
    body = reading.SHORT.format("Cổng vẫn còn đó.")
    with open_archive(tmp_path, reading.ID, portal) as ingest:
        ingest.register(portal)
        for capture in (
            reading.page("/con", "Vẫn còn", body),
            reading.page("/con", "Vẫn còn", body, after=9),
            reading.page("/sua", "Trước", body),
            reading.page("/sua", "Sau", body, after=3),
        ):
            ingest.keep(portal, capture)
    shelf = reading.shelf(tmp_path)
    site = Site(shelf)
    assert words(article(site, "con"), ".standing p:first-of-type") == (
        "Còn trên cổng ở lần xem cuối. Thấy bài lần cuối ngày 13/03/2024, tất cả 2 lần."
    )
    assert words(article(site, "sua"), ".standing p:first-of-type") == (
        "Đã bị sửa trên cổng. Thấy bài lần cuối ngày 07/03/2024, tất cả 2 lần. Kho giữ 2 phiên bản. Xem các phiên bản"
    )


def test_a_redirect_whose_record_is_not_here_says_no_more(shelf: Shelf, tmp_path: Path) -> None:
    site = changed(shelf, tmp_path, "update articles set title = title")
    assert "Nơi mới" not in words(article(site, "chuyen"), ".standing")


# Where it comes from


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("live", "kho thu thập trực tiếp từ cổng"),
        ("live; TLSv1", "kho thu thập trực tiếp từ cổng; kết nối mã hóa kiểu cũ (TLSv1)"),
        (
            "live; TLSv1.1; certificate not verified: expired",
            "kho thu thập trực tiếp từ cổng; kết nối mã hóa kiểu cũ (TLSv1.1); chứng thư của máy chủ không xác minh"
            " được (expired)",
        ),
        ("live; rendered by X 1.0", "kho thu thập trực tiếp từ cổng; trang do X 1.0 dựng xong rồi mới đọc"),
        ("live; rendered by X 1.0, cut off", "kho thu thập trực tiếp từ cổng; trang do X 1.0 dựng dở thì phải dừng"),
        (
            "live; not rendered: too long",
            "kho thu thập trực tiếp từ cổng; không dựng được bằng trình duyệt, đọc như máy chủ gửi (too long)",
        ),
        ("live; to be rendered", "kho thu thập trực tiếp từ cổng; bản máy chủ gửi, trước khi trình duyệt dựng trang"),
        ("live; something new", "kho thu thập trực tiếp từ cổng; something new"),
        ("CC-MAIN-2019.warc.gz", "nhập từ tệp CC-MAIN-2019.warc.gz"),
        ("live; {0} {x}", "kho thu thập trực tiếp từ cổng; {0} {x}"),
    ],
)  # fmt: skip
def test_the_source_is_said_in_words(printed: str, said: str) -> None:
    assert provenance.source(printed, wording.WORDS["vi"]["provenance"]) == said


@given(st.text(max_size=80))
def test_any_source_is_said(printed: str) -> None:
    for language in wording.LANGUAGES:
        assert provenance.source(printed, wording.WORDS[language]["provenance"])
        assert provenance.source("live; " + printed, wording.WORDS[language]["provenance"])


@pytest.mark.parametrize(
    ("amount", "vi", "en"),
    [(0, "0 byte", "0 byte"), (999, "999 byte", "999 byte"), (1_000, "1 KB", "1 KB"), (12_345, "12 KB", "12 KB"),
     (1_234_999, "1,2 MB", "1.2 MB"), (250_000_000, "250 MB", "250 MB"), (3_400_000_000, "3,4 GB", "3.4 GB")],
)  # fmt: skip
def test_sizes_in_the_readers_units(amount: int, vi: str, en: str) -> None:
    assert (provenance.size(amount, "vi"), provenance.size(amount, "en")) == (vi, en)


@pytest.mark.parametrize(
    ("media_type", "url", "kind"),
    [("application/pdf", "http://a.vn/x", "PDF"), ("", "http://a.vn/x.DOCX", "DOCX"),
     ("text/html", "http://a.vn/x", ""),
     ("application/octet-stream", "http://a.vn/T%E1%BB%87p.xls?a=1", "XLS"), ("", "http://[", "")],
)  # fmt: skip
def test_what_a_file_is(media_type: str, url: str, kind: str) -> None:
    assert provenance.kind(media_type, url) == kind


def test_the_proof_leads_to_the_record_the_snapshot_and_the_rows(site: Site) -> None:
    page = article(site, "duong")
    links = {link.text: str(link["href"]) for link in page.select(".doors a")}
    capture = links["Dòng của lần chụp"].rpartition("/")[2]
    assert links == {
        "Xem trang như đã nhận": f"/web/20240503023015/{reading.HOST}/duong",
        "Mọi lần chụp địa chỉ này": f"/web/*/{reading.HOST}/duong",
        "Kiểm tra bản ghi này": f"/capture/{capture}",
        "Tải bản ghi WARC": f"/record/{capture}",
        "Dòng của bài trong bảng dữ liệu": f"/tangthu/articles/{site.ids['duong']}",
        "Dòng của phiên bản": f"/tangthu/versions/{site.ids['duong']},3",
        "Dòng của lần chụp": f"/tangthu/captures/{capture}",
    }
    for name, link in links.items():
        if name.startswith("Dòng"):
            assert site.get(link).status_code == 200


# What stands around it


def test_other_addresses_are_named_once(site: Site) -> None:
    assert f"Cũng thấy ở địa chỉ {reading.HOST}/duong?print=1" in words(article(site, "duong"), "section:has(#about)")
    assert "Cũng thấy" not in words(article(site, "lua"), "section:has(#about)")


def test_the_same_day_the_same_hand_and_the_next_article(site: Site) -> None:
    page = article(site, "lich")
    same_day = [link.text for link in page.select("section:has(#same-day) a")]
    assert len(same_day) == 5 and "Khởi công đường liên xã Đông Hồ, Mão Điền" in same_day
    assert "Gặt lúa chiêm ở Ngũ Thái" not in same_day and "Lịch tiếp công dân tháng 3" not in same_day
    hand = page.select_one("section:has(#author-1)")
    assert hand and "Cùng ký tên Lệ Minh Gặt lúa chiêm ở Ngũ Thái" in " ".join(hand.get_text(" ").split())
    assert hand.select_one("a[href^='/author/L']")


def test_who_goes_on_to_the_next_passes_every_dated_article_once(site: Site) -> None:
    seen, name = [site.ids["cu"]], site.ids["cu"]
    while link := site.read(f"/a/{name}").select_one(".neighbours a[rel=next]"):
        name = str(link["href"]).rpartition("/")[2]
        assert name not in seen
        back = site.read(f"/a/{name}").select_one(".neighbours a[rel=prev]")
        assert back and str(back["href"]) == f"/a/{seen[-1]}"
        seen.append(name)
    assert set(seen) == set(site.ids.values()) and seen[-1] == site.ids["lua"]


# Versions


def test_the_list_says_what_each_version_changed(site: Site) -> None:
    page = article(site, "duong")
    lines = [" ".join(line.get_text(" ").split()) for line in page.select(".versions li")]
    assert "Đổi: tiêu đề, dòng ký tên so với bản 2" in lines[0]
    assert "Đổi: nội dung so với bản 1" in lines[1]
    assert "Đổi" not in lines[2]
    name = site.ids["duong"]
    assert [str(link["href"]) for link in page.select(".changes a")] == [f"/a/{name}/diff/2..3", f"/a/{name}/diff/1..2"]


def test_pictures_alone_are_named_as_the_change(tmp_path: Path) -> None:
    def road(picture: str, after: int) -> Capture:
        body = reading.SHORT.format("Một đoạn văn.") + f'<p><img src="/anh/{picture}.jpg" alt="Ảnh"></p>'
        return reading.page("/anh", "Ảnh", body, after=after)

    portal = reading.portal_of(tmp_path)
    with open_archive(tmp_path, reading.ID, portal) as ingest:
        ingest.register(portal)
        for capture in (road("mot", 0), road("hai", 5)):
            ingest.keep(portal, capture)
    shelf = reading.shelf(tmp_path)
    assert "Đổi: ảnh hoặc tệp đính kèm so với bản 1" in words(article(Site(shelf), "anh"), ".versions")


# Harm and haste


def changed(shelf: Shelf, folder: Path, sql: str) -> Site:
    """The site of a copy of the archive in which something else stands."""
    copy = folder / "tangthu.db"
    with closing(sqlite3.connect(shelf.path)) as source, closing(sqlite3.connect(copy)) as target, target:
        source.backup(target)
        assert target.execute(sql).rowcount
    return Site(Shelf(copy, shelf.ids))


def test_an_unlisted_article_is_not_for_search_engines(shelf: Shelf, tmp_path: Path) -> None:
    site = changed(shelf, tmp_path, "update articles set takedown = 'unlist' where url like '%/lua'")
    answer = site.get("/a/" + shelf.ids["lua"])
    assert answer.status_code == 200 and answer.headers["x-robots-tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in answer.text
    for name in ("lich", "duong"):
        assert shelf.ids["lua"] not in site.get("/a/" + shelf.ids[name]).text
    assert "x-robots-tag" not in site.get("/a/" + shelf.ids["lich"]).headers


@pytest.mark.parametrize("name", ["go", "chuyen", "tat", "duong"])
def test_the_page_is_whole_in_english(site: Site, name: str) -> None:
    page = article(site, name, "?lang=en")
    assert page.html and page.html["lang"] == "en"
    shown = words(page, ".dates, .standing, .apparatus, .attachments, .neighbours")
    for section in ("standing", "changes", "article"):
        for key, said in wording.WORDS["vi"][section].items():
            if "{" not in said and len(said) > 12 and said != wording.WORDS["en"][section][key]:
                assert said not in shown, said


def test_the_headings_and_landmarks_are_in_order(site: Site) -> None:
    page = article(site, "duong")
    assert len(page.select("h1")) == 1 and len(page.select("main")) == 1
    assert not [tag for tag in page.select("[aria-labelledby]") if not page.find(id=str(tag["aria-labelledby"]))]
    ids = [str(tag["id"]) for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert page.select_one(".body")["lang"] == "vi"  # type: ignore[index]


def plans(path: Path, sql: str, values: list[Any]) -> list[str]:
    with closing(sqlite3.connect(path)) as conn:
        return [row[3] for row in conn.execute("explain query plan " + sql, values)]


def test_no_question_of_the_page_reads_a_whole_table(shelf: Shelf) -> None:
    """The statements themselves, caught as they are asked."""
    from archive.plugin.reading.articles import _find

    asked: list[str] = []
    with closing(sqlite3.connect(shelf.path)) as conn:
        conn.set_trace_callback(asked.append)
        assert _find(conn, shelf.ids["duong"], None, "/") is not None
        conn.set_trace_callback(None)
        assert 10 < len(asked) < 45
        for sql in asked:
            steps = [row[3] for row in conn.execute("explain query plan " + sql)]
            scans = [step for step in steps if step.startswith("SCAN") and "CONSTANT ROW" not in step]
            assert all("subquery" in step or step in ("SCAN n", "SCAN c") for step in scans), (sql, steps)
