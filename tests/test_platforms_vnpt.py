"""VNPT's portals: which addresses are articles, what numbers them, where listings lead."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import golden
import pytest

from archive.model import Capture
from crawler.detection import SURE, detect
from crawler.discovery import is_page, listing, menu
from crawler.extract import NotAnArticle, extract
from crawler.platforms.vnpt import VNPT

RULES = VNPT.discovery
HOST = "https://huyen.example.vn"


def html(slug: str) -> tuple[str, str]:
    page = golden.load(golden.FOLDER / "vnpt" / f"{slug}.html.gz")
    return page.capture.body.decode(), page.capture.url


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/4/469/61708/630360/cac-huyen-thanh-pho/huyen-moc-chau", "630360"),
        ("/ubnd-stg/4/469/53663/303441/Tin-trong-tinh/Hop-bao.aspx", "303441"),
        ("/mDefault.aspx?catid=53984&catname=Di+tich&id=366150&pageid=39&sid=1279&title=ly-lich", "366150"),
        ("/mDefault.aspx?sid=1444&pageid=6591&catid=71012&id=693472&title=ngay-15-8-2023", "693472"),
        ("/tin-tuc-su-kien/giai-dua-thuyen-rong-lan-thu-28-680867", "680867"),
        ("/van-hoa/di-tich-lich-su-637419.html", "637419"),
        ("/tin-tuc/le-phat-dong-ngay-15-8-2023-693472?print=1", "693472"),
    ],
)
def test_the_number_of_an_article_stands_in_each_of_its_addresses(path: str, number: str) -> None:
    found = re.search(VNPT.number, path)
    assert found and found[1] == number
    assert is_page(HOST + path, RULES) == ("print=" not in path)


@pytest.mark.parametrize(
    "path",
    ["/tin-tuc-su-kien", "/tong-ket-nam-2023", "/Default.aspx?sname=x&pageid=27172", "/ngay-hoi-30042024", "/"],
)
def test_a_listing_has_no_number(path: str) -> None:
    assert not re.search(VNPT.number, path)


@pytest.mark.parametrize(
    "path",
    [
        "/Login.aspx?ReturnUrl=%2f",
        "/hoi-dap/hoi-ve-cap-giay-chung-nhan-12345",
        "/lich-cong-tac?ngay=1",
        "/thu-vien-anh",
        "/?pageid=27218&p_steering=153",
        "/Default.aspx?sname=x&pageid=3126&eventtype=12&eventid=1091",
        "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle",
        "/SiteFolders/x/vanban/722.pdf",
        "/xahiepan/tim-kiem/",
        "/xahiepan/chi-tiet-tin-tuc/?type=1&param=722&sodi=3",
    ],
)
def test_traps_are_not_walked_into(path: str) -> None:
    assert not is_page(HOST + path, RULES)


def test_a_listing_leads_to_its_articles_only() -> None:
    links = [link.url for link in listing(*html("listing-anduong-tin-tuc"), RULES).links]
    assert links[0] == "https://anduong.example.vn/tin-tuc-su-kien/hoi-nghi-683871"
    assert all(re.search(r"-\d{6}$", link) for link in links)


@pytest.mark.parametrize(
    ("slug", "entry", "article"),
    [
        ("listing-anduong-tin-tuc", "/kinh-te-chinh-tri", "/tin-tuc-su-kien/tin-683860"),
        ("listing-baothang-trang-chu", "catid=38092", "/1262/28621/38097/683842/tin-trong-huyen/"),
        ("listing-hiepan-danh-sach", "?param=TINTRONGTINH", "/chi-tiet-tin-tuc/?param=tin-683869"),
    ],
)
def test_menus_lead_to_listings_and_blocks_to_articles(slug: str, entry: str, article: str) -> None:
    source, url = html(slug)
    entries = [address for address, _ in menu(source, url, RULES)]
    assert any(entry in address for address in entries)
    assert not any(trap in address for address in entries for trap in ("hoi-dap", "lien-he", "tim-kiem", "e-office"))
    assert any(article in link.url for link in listing(source, url, RULES).links)


def test_an_address_of_a_next_page_keeps_its_parameters() -> None:
    source = """<ul class="pagination"><li class="active"><a href="#">1</a></li>
        <li><a href="/Default.aspx?pageid=468&amp;catid=51927&amp;page=2">2</a></li></ul>"""
    page = listing(source, f"{HOST}/Default.aspx?pageid=468&catid=51927", RULES)
    assert page.next == (f"{HOST}/Default.aspx?pageid=468&catid=51927&page=2",)


def test_the_page_for_what_is_not_there() -> None:
    body = "<title>Trang không tìm thấy</title><main><h2>Trang không thể tìm thấy</h2></main>".encode()
    kind = (("Content-Type", "text/html; charset=utf-8"),)
    with pytest.raises(NotAnArticle, match="soft 404"):
        extract(Capture(f"{HOST}/x/chi-tiet-tin-tuc/?param=y", datetime.now(UTC), 200, kind, body), VNPT.rules)


@pytest.mark.parametrize(
    "body",
    [
        b'<img src="https://storage-vnportal.vnpt.vn/sla-ubnd/4775/NTM/a.png">',
        b'<div class="dnn_ctr"><script src="/DesktopModules/UITabs/a.js"></script></div>',
        b'<section class="post-details"><div class="heading-direct"></div></section>',
        b"<footer>Thi\xe1\xba\xbft k\xe1\xba\xbf b\xe1\xbb\x9fi VNPT</footer>",
    ],
)
def test_other_systems_are_not_taken_for_it(body: bytes) -> None:
    address = f"{HOST}/tin-tuc/hop-bao-683224"
    capture = Capture(address, datetime.now(UTC), 200, (("Content-Type", "text/html"),), body)
    found = detect(capture)
    assert found.platform is not VNPT or found.sure < SURE
