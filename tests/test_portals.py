"""A portal's page with its ledger, and the table of all portals."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from country import COMMUNES, DIED, EMPTY, IMPORTED, country, look, take_down
from hypothesis import given, settings
from hypothesis import strategies as st
from rooms import Site, words
from shelf import DUC_LINH, XUAN_TRUONG, Shelf

from archive.plugin import answers
from archive.plugin.overview import portals
from archive.store import Store


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return country(tmp_path_factory.mktemp("portals"))


@pytest.fixture
def own(tmp_path: Path) -> tuple[Shelf, Site]:
    """For what a test changes."""
    shelf = country(tmp_path)
    return shelf, Site(shelf)


def fact(page: BeautifulSoup, name: str) -> str:
    return next((words(line, "dd") for line in page.select(".facts div") if words(line, "dt") == name), "")


def cell(page: BeautifulSoup, year: int, month: int) -> Tag:
    row = next(row for row in page.select(".ledger tbody tr") if words(row, "th") == str(year))
    return row.select("td")[month - 1]


def asked(link: Tag | None) -> dict[str, list[str]]:
    assert link
    return parse_qs(urlsplit(str(link["href"])).query)


# A portal's page


def test_it_lists_its_articles_newest_first(site: Site) -> None:
    page = site.read(f"/portal/{DUC_LINH}")
    titles = [heading.text for heading in page.select(".entry h3")]
    assert titles[0].startswith("Công khai kết luận") and titles[-1].startswith("Giới thiệu chung")
    assert "không rõ ngày" in words(page, ".entry:last-child")
    assert words(site.read(f"/portal/{EMPTY}"), ".empty") == "Kho chưa giữ bài nào của cổng này."


def test_it_says_whose_place_it_was_and_is(site: Site) -> None:
    page = site.read(f"/portal/{XUAN_TRUONG}")
    assert words(page, ".kicker") == "Nam Định Huyện Xuân Trường"
    assert fact(page, "Địa bàn") == "Nam Định, nay thuộc Ninh Bình (từ 1/7/2025)"
    assert fact(page, "Nay là") == "Xã Xuân Trường, Xã Xuân Hưng, Xã Xuân Giang, Xã Xuân Hồng (từ 1/7/2025)"
    tri_ton = site.read(f"/portal/{EMPTY}")
    assert fact(tri_ton, "Địa bàn") == "An Giang" and fact(tri_ton, "Nay là") == ""
    assert fact(site.read(f"/portal/{IMPORTED}"), "Địa bàn") == ""


def test_it_says_whether_its_home_page_answers_and_shows_the_record(site: Site, shelf: Shelf) -> None:
    lives, died = site.read(f"/portal/{XUAN_TRUONG}"), site.read(f"/portal/{DUC_LINH}")
    assert (
        fact(lives, "Trang chủ")
        == "còn trả lời ở lần xem cuối (2 lần xem đều thấy thế) bằng chứng: bản ghi ngày 23/11/2026"
    )
    assert fact(died, "Trang chủ") == (
        "không trả lời từ 11/11/2026 : tên miền không còn phân giải được (3 lần xem đều thấy thế)"
        " bằng chứng: bản ghi ngày 11/11/2026"
    )
    with Store(shelf.path) as store:
        first = store.db.execute("select id from captures where fetched_at = ?", [DIED]).fetchone()[0]
    assert died.select_one(f".facts a[href='/record/{first}']")
    assert fact(site.read(f"/portal/{EMPTY}"), "Trang chủ") == "chưa ai xem"


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("gone", "báo không còn từ 23/11/2026 (mới một lần xem, chưa đủ để chắc chắn)"),
        ("moved", "dẫn sang máy chủ khác từ 23/11/2026 (mới"),
        ("blocked", "từ chối kho từ 23/11/2026 (mới"),
        ("dark: silent", "không trả lời từ 23/11/2026 : máy chủ im lặng (mới"),
        ("dark: chưa từng nghe", "không trả lời từ 23/11/2026 (mới"),
        ("lạ", "chưa ai xem"),
    ],
)
def test_each_state_has_its_words(own: tuple[Shelf, Site], verdict: str, said: str) -> None:
    shelf, site = own
    with Store(shelf.path) as store:
        look(store, XUAN_TRUONG, verdict, "2026-11-22T20:00:00Z")
    assert fact(site.read(f"/portal/{XUAN_TRUONG}"), "Trang chủ").startswith(said)
    assert site.get("/portals?sort=state&lang=en").status_code == 200


def test_a_record_that_is_not_shown_is_no_proof(own: tuple[Shelf, Site]) -> None:
    shelf, site = own
    with Store(shelf.path) as store:
        store.db.execute("update captures set withheld = 'seal' where fetched_at = ?", [DIED])
    assert "bằng chứng" not in fact(site.read(f"/portal/{DUC_LINH}"), "Trang chủ")


def test_runs_closing_and_health(site: Site) -> None:
    lives, closed = site.read(f"/portal/{XUAN_TRUONG}"), site.read(f"/portal/{DUC_LINH}")
    assert fact(lives, "Thu thập gần nhất") == "23/11/2026 01:20:00 (+07:00)"
    assert fact(lives, "Sức khoẻ").startswith("chưa đủ căn cứ : số lần thu thập: mới 1 trong")
    assert fact(closed, "Ngừng thu thập").startswith("từ ngày 01/07/2025")
    assert fact(closed, "Thu thập gần nhất").startswith("chưa lần nào")
    assert fact(closed, "Sức khoẻ").startswith("đã đóng")
    assert closed.select_one(".facts a[href='/health']")


def test_its_articles_are_counted_and_changes_lead_to_their_list(site: Site) -> None:
    page = site.read(f"/portal/{XUAN_TRUONG}")
    assert words(page, ".counts") == "9 bài viết 10 phiên bản 1 bài đã bị sửa 0 bài đã gỡ"
    assert asked(page.select_one(".counts a")) == {"portal": [XUAN_TRUONG]}
    assert words(site.read(f"/portal/{DUC_LINH}"), ".counts").endswith("0 bài đã bị sửa 1 bài đã gỡ")


def test_sections_lead_to_a_search(site: Site) -> None:
    page = site.read(f"/portal/{XUAN_TRUONG}")
    assert words(page, ".sections ul") == "Kinh tế 1 Thông báo 1 Tin tức 1"
    assert asked(page.select_one(".sections a")) == {"portal": [XUAN_TRUONG], "section": ["Kinh tế"]}


def test_many_sections_are_cut(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portals, "MOST_SECTIONS", 2)
    page = site.read(f"/portal/{XUAN_TRUONG}")
    assert len(page.select(".sections li")) == 2 and "và 1 chuyên mục nhỏ hơn" in words(page, ".sections")


# The chart and the ledger


def test_a_bar_a_month_leads_to_the_articles_of_that_month(site: Site) -> None:
    page = site.read(f"/portal/{XUAN_TRUONG}")
    links = page.select(".months a")
    assert len(links) == 9 and page.select_one(".months[aria-hidden]")
    assert asked(links[0]) == {"portal": [XUAN_TRUONG], "from": ["2014-02"], "to": ["2014-02"]}
    # The mouse's shortcut; the same stand in the ledger for everybody.
    assert {link["href"] for link in links} == {link["href"] for link in page.select(".ledger a")}
    assert {link["tabindex"] for link in links} == {"-1"}
    assert words(page, ".axis").split() == [str(year) for year in range(2014, 2027)]


def test_the_ledger_has_a_cell_a_month_since_the_first_article(site: Site) -> None:
    page = site.read(f"/portal/{XUAN_TRUONG}")
    assert [words(row, "th") for row in page.select(".ledger tbody tr")] == [str(year) for year in range(2014, 2027)]
    assert {len(row.select("td")) for row in page.select(".ledger tbody tr")} == {12}
    assert "out" in cell(page, 2014, 1)["class"] and "out" not in cell(page, 2014, 2)["class"]
    assert words(cell(page, 2014, 2), "a") == "1"
    assert cell(page, 2025, 4).text.split() == ["không", "ai", "chụp"]  # the last article is of 2023


def test_the_ledger_tells_who_captured_when_in_vietnam(site: Site) -> None:
    page = site.read(f"/portal/{XUAN_TRUONG}")
    # 2019-01-31T17:00Z is the first of February there.
    assert "Wayback Machine chụp 2 lần" in cell(page, 2019, 2).text and "không ai chụp" in cell(page, 2019, 1).text
    filled = {
        (year, month): [i["class"][0] for i in cell(page, year, month).select(".by i") if "l0" not in i["class"]]
        for year, month in ((2019, 2), (2021, 4), (2020, 1), (2026, 11))
    }
    assert filled == {(2019, 2): ["wayback"], (2021, 4): ["common_crawl"], (2020, 1): [], (2026, 11): ["live"]}
    key = words(page, ".key")
    for total in ("trực tiếp: 13 lần chụp", "Wayback Machine: 2 lần", "Common Crawl: 1 lần", "nguồn khác: 0 lần"):
        assert total in key


def test_holes_are_marked_and_said(site: Site) -> None:
    page = site.read(f"/portal/{DUC_LINH}")
    months = [found for found in page.select(".ledger td") if "out" not in found["class"]]
    silent = [found for found in months if "silent" in found["class"]]
    assert words(silent[0], ".none") == "0" and "trống giữa những tháng có bài" in silent[0].text
    said = words(page, ".holes")
    # November 2014 and July 2019 have an article.
    assert f"Tháng trống giữa những tháng có bài: {len(silent)} (tháng 12/2014 đến tháng 6/2019)" in said
    assert len(silent) == 55
    unseen = [found for found in months if "không ai chụp" in found.text]
    assert f"Tháng không có lần chụp nào: {len(unseen)} trong {len(months)} (tháng 11/2014 đến tháng 10/2026)" in said
    assert "Ghi" not in words(page, ".chart") and "Không rõ ngày đăng: 1 bài." in words(page, ".chart")


def test_the_ledger_stands_as_a_table_of_figures_too(site: Site) -> None:
    page = site.read(f"/portal/{XUAN_TRUONG}")
    lines = {
        words(line, "th"): [words(part, "td") for part in [line]] for line in page.select("table.figures tbody tr")
    }
    assert lines["tháng 2/2019"] == ["0 0 2 0 0"] and lines["tháng 4/2021"] == ["0 0 0 1 0"]
    assert lines["tháng 2/2023"] == ["1 0 0 0 0"] and lines["tháng 11/2026"] == ["0 13 0 0 0"]
    assert len(lines) == 154


def test_what_is_out_of_sight_is_on_no_portals_page(own: tuple[Shelf, Site]) -> None:
    shelf, site = own
    for name in ("changed", "files"):
        take_down(shelf.path, shelf.ids[name], "hide")
    page = site.read(f"/portal/{XUAN_TRUONG}")
    assert words(page, ".counts") == "7 bài viết 7 phiên bản 0 bài đã bị sửa 0 bài đã gỡ"
    assert "12,5 ha" not in page.text and "Kinh tế" not in words(page, ".sections")
    assert cell(page, 2023, 2).text.split() == ["không", "ai", "chụp"] and len(page.select(".entry")) == 7
    row = next(line for line in site.read("/portals").select("tbody tr") if "Xuân Trường" in words(line, "a"))
    assert words(row, "td.figure") == "7"


def test_a_portal_without_anything_has_no_ledger(site: Site) -> None:
    page = site.read(f"/portal/{EMPTY}")
    assert not page.select(".ledger, .months") and words(page, ".counts").startswith("0 bài viết 0 phiên bản")


@pytest.mark.parametrize("day", ["2062-01-01", "0202-05-01", "1970-01-01", "hôm qua", "2021-13-45", "", None])
def test_a_portal_of_misprinted_days_alone(own: tuple[Shelf, Site], day: str | None) -> None:
    shelf, site = own
    with Store(shelf.path) as store:
        store.db.execute("update articles set published = ?", [day])
    for path in ("/", "/portals", f"/portal/{XUAN_TRUONG}", "/health"):
        assert site.get(path).status_code == 200
    about = words(site.read(f"/portal/{XUAN_TRUONG}"), "main")
    assert "9 bài viết" in about and "Đăng 01/01/2062" not in about


def test_further_pages_are_lists_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "PER_PAGE", 4)
    monkeypatch.setattr(portals, "PER_PAGE", 4)
    first, last = site.read(f"/portal/{XUAN_TRUONG}"), site.read(f"/portal/{XUAN_TRUONG}?trang=3")
    assert first.select(".ledger") and not last.select(".ledger, .facts")
    assert [len(page.select(".entry")) for page in (first, last)] == [4, 1]
    assert words(site.read(f"/portal/{XUAN_TRUONG}?trang=99999999999"), ".state") == "Trang 3 / 3"


def test_it_has_a_feed_of_its_own(site: Site) -> None:
    page = site.read(f"/portal/{XUAN_TRUONG}")
    assert asked(page.select_one("head link[type='application/atom+xml']")) == {"portal": [XUAN_TRUONG]}
    assert asked(page.select_one("main a[href^='/feed.atom']")) == {"portal": [XUAN_TRUONG]}


def test_in_english(site: Site) -> None:
    page = site.read(f"/portal/{DUC_LINH}?lang=en")
    assert fact(page, "Home page").startswith("has not answered since 11 November 2026 : its domain name is not found")
    assert "Empty months between months with articles: 55" in words(page, ".holes")
    assert all("lang=en" in str(link["href"]) for link in page.select(".ledger a, .months a, .sections a"))


# All portals


def rows(page: BeautifulSoup) -> list[str]:
    return [words(row, "th, td") for row in page.select(".portals-table tbody tr")]


def test_all_portals_stand_in_a_table(site: Site) -> None:
    assert rows(site.read("/portals")) == [
        "Huyện Tri Tôn , An Giang 0 chưa ai xem",
        "Huyện Đức Linh , Bình Thuận nay thuộc Lâm Đồng 3 2014 – 2019 không trả lời từ 11/11/2026",
        "Huyện Xuân Trường , Nam Định nay là Xã Xuân Trường, Xã Xuân Hưng, Xã Xuân Giang, Xã Xuân Hồng, Ninh Bình"
        " 9 2014 – 2023 còn trả lời ở lần xem cuối",
        "la.example.vn 0 chưa ai xem",
    ]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["Tri Tôn", "Đức Linh", "Xuân Trường", "la.example.vn"]),
        ("articles", ["Xuân Trường", "Đức Linh", "Tri Tôn", "la.example.vn"]),
        ("first", ["Xuân Trường", "Đức Linh", "Tri Tôn", "la.example.vn"]),
        ("state", ["Đức Linh", "Tri Tôn", "la.example.vn", "Xuân Trường"]),
        ("không có", ["Tri Tôn", "Đức Linh", "Xuân Trường", "la.example.vn"]),
    ],
)
def test_it_is_sorted_by_links(site: Site, sort: str, order: list[str]) -> None:
    page = site.read("/portals?" + urlencode({"sort": sort}))
    names = [words(row, "a").removeprefix("Huyện ") for row in page.select(".portals-table tbody tr")]
    assert names == order
    assert len(page.select(".choices [aria-current]")) == 1 and len(page.select(".choices a")) == 4


def test_places_are_sorted_as_vietnamese_do(own: tuple[Shelf, Site]) -> None:
    shelf, site = own
    named = [("Yên Bái", "Huyện Yên Bình"), ("Đắk Lắk", "Huyện Ea H'leo"), ("Đắk Lắk", "Huyện Cư M'gar")]
    named += [("Đà Nẵng", "Huyện Hòa Vang"), ("Cà Mau", "Huyện Đầm Dơi"), ("Cà Mau", "Huyện Ứng Thử")]
    with Store(shelf.path) as store:
        for number, (province, district) in enumerate(named):
            row = {"id": f"x/{number}", "name": district, "district": district, "province": province}
            store.save_portal({**row, "home": "http://x.example.vn/", "platform": "drupal7", "closed": None})
    shown = [words(row, "th a") for row in site.read("/portals").select(".portals-table tbody tr")]
    assert shown == [
        *("Huyện Tri Tôn", "Huyện Đức Linh", "Huyện Đầm Dơi", "Huyện Ứng Thử", "Huyện Hòa Vang", "Huyện Cư M'gar"),
        *("Huyện Ea H'leo", "Huyện Xuân Trường", "Huyện Yên Bình", "la.example.vn"),
    ]


@pytest.mark.parametrize("typed", ["Nam Định", "nam dinh", "Tỉnh NAM ĐỊNH", "Nam Định"])
def test_it_is_narrowed_to_a_province(site: Site, typed: str) -> None:
    page = site.read("/portals?" + urlencode({"province": typed}))
    assert len(rows(page)) == 1 and words(page, "h1") == "Các cổng của Nam Định"
    assert "Nam Định, nay thuộc Ninh Bình" in words(page, ".head")
    assert words(page, "option[selected]") == "Nam Định"
    assert all(asked(link)["province"] == ["Nam Định"] for link in page.select(".choices a"))


@pytest.mark.parametrize(
    "typed", ["Hà Nội", "Atlantis", "<script>alert(1)</script>", "\x00", "x" * 5_000, "{province}"]
)
def test_a_province_without_portals_is_said_and_all_are_shown(site: Site, typed: str) -> None:
    page = site.read("/portals?" + urlencode({"province": typed}))
    assert len(rows(page)) == 4
    assert ("không có cổng nào của" in words(page, ".notice")) == bool(typed.strip("\x00"))
    assert not page.select("main script")


def test_long_tables_have_pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portals, "IN_TABLE", 3)
    page = site.read("/portals?sort=articles")
    assert len(rows(page)) == 3
    assert asked(page.select_one("a[rel=next]")) == {"trang": ["2"], "sort": ["articles"]}
    assert len(rows(site.read("/portals?sort=articles&trang=2"))) == 1
    assert len(rows(site.read("/portals?trang=999"))) == 1


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=12), st.sampled_from(["vi", "en", "xx"]))
@settings(max_examples=60, deadline=None)
def test_nothing_a_reader_asks_is_an_error(site: Site, province: str, sort: str, trang: str, lang: str) -> None:
    values = urlencode({"province": province, "sort": sort, "trang": trang, "lang": lang}, errors="replace")
    assert site.get("/portals?" + values).status_code == 200
    assert site.get(f"/portal/{XUAN_TRUONG}?{values}").status_code == 200
    assert site.get("/portal/" + quote(province, errors="replace")).status_code in (200, 302, 404)


@pytest.mark.parametrize("communes", ["", "null", "{", "3", '"Xã"', "[1, null]", '{"a": 1}', "[]"])
def test_a_broken_list_of_communes_is_no_error(own: tuple[Shelf, Site], communes: str) -> None:
    shelf, site = own
    with Store(shelf.path) as store:
        store.db.execute("update portals set communes = ?", [communes])
    for path in ("/", "/portals", f"/portal/{XUAN_TRUONG}"):
        assert site.get(path).status_code == 200


def test_questions_use_indexes_alone(shelf: Shelf) -> None:
    """With a million articles none of them may be read through."""
    said: list[str] = []
    with Store(shelf.path) as store:
        conn = store.db.conn
        conn.set_trace_callback(said.append)
        portals._portal(conn, XUAN_TRUONG, 1)
        conn.set_trace_callback(None)
        plans = {
            sql: [row[-1] for row in conn.execute(f"explain query plan {sql}")] for sql in said if "select" in sql[:9]
        }
    assert len(plans) > 10
    for sql, plan in plans.items():
        walks = [
            step for step in plan if step.startswith(("SCAN a", "SCAN c", "SCAN v", "SCAN articles", "SCAN captures"))
        ]
        few = ("articles_vanished", "articles_takedown")  # indexes of no other articles
        assert not [step for step in walks if not step.endswith(few)], (sql, walks)
    ledger = next(plan for sql, plan in plans.items() if "c.source = 'live'" in sql)
    assert any("COVERING INDEX captures_portal" in step for step in ledger)


def test_an_article_says_what_its_district_belongs_to_today(site: Site, shelf: Shelf) -> None:
    about = words(site.read("/a/" + shelf.ids["border"]), "section:has(#about)").replace(" ;", ";")
    assert "Địa bàn Huyện Xuân Trường, Nam Định; nay thuộc " + ", ".join((*COMMUNES, "Ninh Bình")) in about
    elsewhere = words(site.read("/a/" + shelf.ids["gone"] + "?lang=en"), "section:has(#about)").replace(" ;", ";")
    assert "District Huyện Đức Linh, Bình Thuận; now in Lâm Đồng" in elsewhere
