"""The front page: what is here, what is new, when it was published, and where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from country import country, take_down
from rooms import Site, words
from shelf import DUC_LINH, HOSTS, XUAN_TRUONG, Shelf, article, put

from archive.plugin.overview import home
from archive.store import Store


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return country(tmp_path)


@pytest.fixture
def site(shelf: Shelf) -> Iterator[Site]:
    built = Site(shelf)
    yield built
    built.loop.close()


def titles(page: object, selector: str) -> list[str]:
    return [heading.text for heading in page.select(f"{selector} .entry h3")]  # type: ignore[attr-defined]


def test_it_shows_what_is_there(site: Site) -> None:
    page = site.read("/")
    assert page.html and page.html["lang"] == "vi"
    counts = words(page, ".counts")
    assert counts == "12 bài viết 4 cổng 13 phiên bản 23 lần chụp Lưu từ 19/11/2026"
    assert words(page, ".newest .entry:first-child h3") == "Huyện thu hồi 12,5 ha đất để mở rộng cụm công nghiệp"
    assert "sửa: thấy ngày 23/11/2026" in words(page, "section:has(#changed)")
    assert "gỡ: thấy ngày 21/11/2026" in words(page, "section:has(#gone)")


def test_the_short_lists_lead_to_the_long_ones_and_to_feeds(site: Site) -> None:
    page = site.read("/")
    for name in ("changed", "gone"):
        assert page.select_one(f"section:has(#{name}) .onward a[href='/{name}']")
        assert page.select_one(f"section:has(#{name}) .onward a[href='/{name}.atom']")
    assert page.select_one(".newest .onward a[href='/feed.atom']")
    assert page.select_one("head link[type='application/atom+xml'][href='/feed.atom']")


@pytest.mark.parametrize("grade", ["unlist", "hide", "seal"])
def test_what_is_out_of_sight_is_in_no_list_and_no_count(site: Site, shelf: Shelf, grade: str) -> None:
    for name in ("changed", "gone", "none"):
        take_down(shelf.path, shelf.ids[name], grade)
    page = site.read("/")
    assert "9 bài viết 4 cổng 9 phiên bản" in words(page, ".counts")
    assert not page.select("#changed") and not page.select("#gone")
    assert "thu hồi 12,5 ha" not in page.text and "kết luận thanh tra" not in page.text
    assert sum(int(count.contents[0]) for count in page.select(".bars .count")) == 9  # type: ignore[call-overload]
    assert words(page, ".provinces tbody tr:nth-child(2)").startswith(
        "Bình Thuận nay thuộc Lâm Đồng · Huyện Đức Linh 1 2014"
    )


def test_a_day_to_come_is_no_news(site: Site, shelf: Shelf) -> None:
    with Store(shelf.path) as store:
        put(store, XUAN_TRUONG, article("sau", "Bài ghi nhầm ngày", "Họp.", published="2062-01-01"))
        put(store, XUAN_TRUONG, article("nay", "Bài của hôm nay", "Họp.", published="2026-11-19"))
    page = site.read("/")
    assert titles(page, ".newest")[0] == "Bài của hôm nay" and "Bài ghi nhầm ngày" not in titles(page, ".newest")
    assert words(page, ".bars li:last-child") == "2026 1 bài viết"


def test_an_article_changed_twice_is_one_line_and_the_latest_change_first(site: Site, shelf: Shelf) -> None:
    with Store(shelf.path) as store:
        for number, day in enumerate((23, 24), 1):
            text = f"Nước rút chậm, lần {number}."
            flood = article("lu-lut", "Chủ động phòng chống lũ lụt", text, published="2020-10-12T05:00:00+07:00")
            assert put(store, XUAN_TRUONG, flood, f"2026-11-{day}T03:00:00Z") == shelf.ids["flood"]
    page = site.read("/")
    assert titles(page, "section:has(#changed)") == [
        "Chủ động phòng chống lũ lụt",
        "Huyện thu hồi 12,5 ha đất để mở rộng cụm công nghiệp",
    ]
    assert "sửa: thấy ngày 24/11/2026" in words(page, "section:has(#changed) .entry:first-child")


def test_bars_say_when_articles_were_published_and_lead_to_them(site: Site) -> None:
    page = site.read("/")
    shown = {words(bar, ".at"): int(bar.select_one(".count").contents[0]) for bar in page.select(".bars li")}  # type: ignore[union-attr,call-overload]
    assert list(shown) == [str(year) for year in range(2014, 2024)]
    assert shown["2014"] == 3 and shown["2017"] == 0 and sum(shown.values()) == 11  # one has no day
    link = page.select_one(".bars li:first-child a")
    assert link
    assert parse_qs(urlsplit(str(link["href"])).query) == {"from": ["2014"], "to": ["2014"]}
    assert not page.select(".bars li:has(.count:-soup-contains('0 bài')) a[href*='2017']")


def test_the_map_has_every_province_and_links_where_portals_are(site: Site) -> None:
    page = site.read("/")
    tiles = page.select(".tiles li")
    assert len(tiles) == 63 and len({" ".join(tile["class"]) for tile in tiles}) == 63
    links = {words(tile, "a"): tile.a["href"] for tile in tiles if tile.a}
    assert links == {
        "Nam Định : 9 bài": "/portals?province=Nam+%C4%90%E1%BB%8Bnh",
        "Bình Thuận : 3 bài": "/portals?province=B%C3%ACnh+Thu%E1%BA%ADn",
        "An Giang : 0 bài": "/portals?province=An+Giang",
    }
    shades = {words(tile, "a, span").partition(" :")[0]: tile["class"] for tile in tiles}
    assert "l4" in shades["Nam Định"] and "l3" in shades["Bình Thuận"] and "l0" in shades["An Giang"]
    assert "here" in shades["An Giang"] and "here" not in shades["Hà Nội"]


def test_the_table_of_provinces_says_the_same(site: Site) -> None:
    lines = [words(line, "th, td") for line in site.read("/").select(".provinces tbody tr")]
    assert lines == [
        "An Giang Huyện Tri Tôn 0 0 / 1",
        "Bình Thuận nay thuộc Lâm Đồng · Huyện Đức Linh 3 2014 – 2019 0 / 1",
        "Nam Định nay thuộc Ninh Bình · Huyện Xuân Trường 9 2014 – 2023 1 / 1",
        "Không thuộc tỉnh nào la.example.vn 0 0 / 1",
    ]
    links = [str(link["href"]) for link in site.read("/").select(".provinces .more a")]
    assert links == [
        "/portal/an_giang/tri_ton",
        f"/portal/{DUC_LINH}",
        f"/portal/{XUAN_TRUONG}",
        "/portal/khac/la.example.vn",
    ]


def test_many_portals_are_counted_by_province(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "MOST_NAMED", 3)
    page = site.read("/")
    assert (
        words(page, ".provinces tbody tr:nth-child(3)") == "Nam Định nay thuộc Ninh Bình · 1 cổng 9 2014 – 2023 1 / 1"
    )
    assert not page.select(".provinces a[href^='/portal/']")


def test_ways_of_writing_a_province_are_one_place(site: Site, shelf: Shelf) -> None:
    with Store(shelf.path) as store:
        row = {"name": "Cổng huyện Hải Hậu", "district": "Huyện Hải Hậu", "province": "tỉnh NAM ĐỊNH"}
        store.save_portal(
            {"id": "nam_dinh/hai_hau", **row, "home": HOSTS[DUC_LINH], "platform": "drupal7", "closed": None}
        )
    page = site.read("/")
    assert words(page, ".provinces tbody tr:nth-child(3) .more") == (
        "nay thuộc Ninh Bình · Huyện Hải Hậu , Huyện Xuân Trường"
    )


def test_in_english(site: Site) -> None:
    page = site.read("/?lang=en")
    assert words(page, ".counts").startswith("12 articles 4 portals 13 versions")
    assert "now part of Ninh Bình" in words(page, ".provinces") and "Nam Định : Articles: 9" in words(page, ".tiles")
    assert all("lang=en" in str(link["href"]) for link in page.select(".provinces a, .tiles a, .bars a"))


def test_an_empty_archive_has_a_front_page(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    Store(tmp_path / "empty" / "tangthu.db").close()
    page = Site(Shelf(tmp_path / "empty" / "tangthu.db", {})).read("/")
    assert "Kho còn trống" in words(page)
    assert not page.select(".bars, .tiles, .provinces")
