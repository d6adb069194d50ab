"""SharePoint's addresses: which are articles' numbers, which are traps, and what leads on from a listing."""

from __future__ import annotations

import gzip
import re

import golden
import pytest

from crawler.discovery import is_page, listing, menu
from crawler.platforms.sharepoint import SHAREPOINT

HOME = "http://lacthuy.example.vn"
RULES = SHAREPOINT.discovery


def shown(slug: str) -> str:
    return gzip.decompress((golden.FOLDER / "sharepoint" / f"{slug}.html.gz").read_bytes()).decode()


@pytest.mark.parametrize(
    "address",
    [
        "/Pages/TinTucSuKien.aspx?ID=29876&CategoryId=Tin+trong+huyen&PageIndex=2",
        "/tintuc/Pages/truong-mam-non-hoa-sen.aspx",
        "/tintuc/Lists/KinhTe/View_Detail.aspx?ItemID=412",
        "/Lists/Posts/Post.aspx?List=f73cebc3-9669-400e-b5fd-9e63a89949f0&ID=4533",
        "/portal/pages/2022-09-14/Phat-dong-thi-dua-lam-thuy-loi-mua-kho-351207.aspx",
        "/donvi/huyendamha/Trang/ChiTietTinTuc.aspx?nid=8812",
    ],
)
def test_articles_are_asked_for(address: str) -> None:
    assert is_page(HOME + address, RULES)


@pytest.mark.parametrize(
    "address",
    [
        "/_layouts/15/Authenticate.aspx?Source=%2F",
        "/_layouts/listfeed.aspx?List=0e6d6cb8",
        "/Pages/TinTuc/printpage.aspx?tintucID=13577",
        "/pages/tintuc/sendtofriend.aspx?tintucID=13577",
        "/timkiem/Pages/results.aspx?k=lua",
        "/Pages/tim-kiem.aspx?q=lua",
        "/Lists/Lich/calendar.aspx?CalendarDate=1/2/2030",
        "/thongbao/Lists/ThongBao/AllItems.aspx?SortField=Title&SortDir=Asc",
        "/Pages/lien-he.aspx",
        "/tintuc/Lists/TinTuc/Attachments/12/KH%2012.PDF",
    ],
)
def test_traps_are_not(address: str) -> None:
    assert not is_page(HOME + address, RULES)


def test_the_next_page_of_a_listing_is_no_article_and_no_trap() -> None:
    """Asked for as an article it would be walked no further than a listing within a listing."""
    address = f"{HOME}/tintuc/Pages/thong-bao.aspx?date=&EventID=0&Page=3"
    assert not is_page(address, RULES)
    assert not re.search(RULES.skip, address)


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("/tintuc/Lists/KinhTe/View_Detail.aspx?ItemID=412", "/Lists/KinhTe/View_Detail.aspx?ItemID=412"),
        ("/Lists/KinhTe/DispForm.aspx?ID=4&Source=%2F&ContentTypeId=0x01", "/Lists/KinhTe/DispForm.aspx?ID=4"),
        ("/donvi/huyendamha/Trang/ChiTietTinTuc.aspx?nid=8812", "8812"),
        ("/Pages/newsdetail.aspx?CatId=52&NewsId=731", "731"),
        ("/portal/pages/2022-09-14/Thuy-loi-351207.aspx", "Thuy-loi-351207"),
        ("/Pages/chi-tiet-tin.aspx?ItemID=5&l=TinTuc", ""),
        ("/Pages/default.aspx", ""),
    ],
)
def test_the_number_of_an_article(address: str, number: str) -> None:
    found = re.search(SHAREPOINT.number, address)
    assert (found.group(1) if found else "") == number


def test_a_listing_leads_to_its_articles_and_its_next_page() -> None:
    page = listing(shown("listing-cqwp"), f"{HOME}/tintuc/Pages/tin-trong-huyen.aspx", RULES)
    assert [link.url for link in page.links] == [
        f"{HOME}/tintuc/Pages/{slug}.aspx" for slug in ("truong-mam-non-hoa-sen", "cam-cao-phong", "ngay-hoi-hien-mau")
    ]
    assert page.next == tuple(f"{HOME}/tintuc/Pages/tin-trong-huyen.aspx?Page={n}" for n in (1, 2))


def test_a_list_leads_to_its_items() -> None:
    page = listing(shown("listing-allitems"), f"{HOME}/thongbao/Lists/ThongBao/AllItems.aspx", RULES)
    assert len(page.links) == 2 and all("DispForm.aspx?ID=5" in link.url for link in page.links)


def test_the_menu_leads_to_listings() -> None:
    found = dict(menu(shown("viewdetail-ho-tieu"), f"{HOME}/Pages/default.aspx", RULES))
    assert found[f"{HOME}/tintuc/Pages/kinh-te.aspx"] == "Kinh tế"
    assert not any("lien-he" in address for address in found)
