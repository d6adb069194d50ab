"""DNN's addresses: which are articles' numbers, which are traps, and what leads on from a listing."""

from __future__ import annotations

import gzip
import re

import golden
import pytest

from crawler.discovery import is_page, listing, menu
from crawler.platforms.dnn import DNN

HOME = "http://namgiang.example.vn"
RULES = DNN.discovery


def shown(slug: str) -> str:
    return gzip.decompress((golden.FOLDER / "dnn" / f"{slug}.html.gz").read_bytes()).decode()


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("/Tin-tuc/articleType/ArticleView/articleId/1523/Khai-giang-lop-day-nghe", "1523"),
        ("/Tintuc/tabid/93/articleType/ArticleView/articleId/212/Lich-cat-dien.aspx", "212"),
        ("/tintuc/tabid/112/ArtMID/1094/ArticleID/377/Default.aspx", "377"),
        ("/Default.aspx?tabid=636&Group=74&NID=5679&thang-binh-xet", "5679"),
        ("/tintuc/tabid/60/newsid/88/language/vi-VN/Default.aspx", "88"),
        ("/tin-tuc/tap-huan-so-cuu-duoi-nuoc-10557.html", ""),
    ],
)
def test_articles_are_asked_for_and_have_numbers(address: str, number: str) -> None:
    assert is_page(HOME + address, RULES)
    found = re.search(DNN.number, address)
    assert (found.group(1) if found else "") == number


def test_a_print_view_has_the_number_of_its_article() -> None:
    found = re.search(
        DNN.number, "/DesktopModules/DnnForge%20-%20NewsArticles/Print.aspx?tabid=93&articleId=212&moduleId=455"
    )
    assert found and found.group(1) == "212"


@pytest.mark.parametrize(
    "address",
    [
        "/Login?returnurl=%2f",
        "/Default.aspx?tabid=36&ctl=Login",
        "/tabid/36/ctl/Register/Default.aspx",
        "/Tin-tuc/articleType/AuthorView/authorId/2/admin",
        "/Tin-tuc/articleType/ArchiveView/month/11/year/2020",
        "/tin-tuc?SkinSrc=%5bG%5dSkins%2f_default%2fNo+Skin&ContainerSrc=x&dnnprintmode=true",
        "/LinkClick.aspx?fileticket=Zk3v0pL1yQs%3d&tabid=93",
        "/Search-Results?Search=lua",
        "/Portals/0/2020/KH%2055.PDF",
    ],
)
def test_traps_are_not(address: str) -> None:
    assert not is_page(HOME + address, RULES)


@pytest.mark.parametrize(
    "address",
    [
        "/tin-tuc/pgrid/866/pageid/2",
        "/Tin-tuc/currentpage/2",
        "/Tintuc/tabid/93/Default.aspx",
        "/Default.aspx?tabid=36&language=vi-VN",
        "/Tin-tuc/articleType/CategoryView/categoryId/7/Van-hoa-Xa-hoi",
    ],
)
def test_tabs_categories_and_next_pages_are_no_articles_and_no_traps(address: str) -> None:
    """Asked for as articles they would be walked no further than a listing within a listing."""
    assert not is_page(HOME + address, RULES)
    assert not re.search(RULES.skip, address)


def test_a_listing_leads_to_its_articles_and_its_next_page() -> None:
    page = listing(shown("listing-edn"), "http://gocongtay.example.vn/tin-tuc", RULES)
    slugs = ("phien-cho-nong-san-sach", "so-ri-duoc-gia", "nao-vet-kenh-14")
    assert [link.url for link in page.links] == [f"http://gocongtay.example.vn/tin-tuc/{slug}" for slug in slugs]
    assert "http://gocongtay.example.vn/tin-tuc/pgrid/866/pageid/2" in page.next


def test_news_articles_lists_and_pages() -> None:
    page = listing(shown("listing-ventrian"), f"{HOME}/Tin-t%E1%BB%A9c", RULES)
    assert [re.search(DNN.number, link.url)[1] for link in page.links] == ["1525", "1523"]
    assert page.next == (f"{HOME}/Tin-t%E1%BB%A9c/currentpage/2",)


def test_the_menu_leads_to_listings() -> None:
    found = menu(shown("ventrian-dan-lat"), f"{HOME}/", RULES)
    assert (f"{HOME}/Tin-t%E1%BB%A9c", "Tin tức") in found
    assert not any("Login" in address for address, _ in found)
