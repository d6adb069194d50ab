"""Joomla's addresses: what may be an article, what is a trap, and what two of them share."""

from __future__ import annotations

import re

import golden
import pytest

from crawler import discovery
from crawler.platforms.joomla import JOOMLA

HOME = "https://quangxuong.example.vn"
RULES = JOOMLA.discovery
ARTICLES = {
    "/tin-tuc/van-hoa-xa-hoi/1247-quang-nham-khai-hoi-cau-ngu.html": "1247",
    "/index.php/tin-tuc/12-thoi-su/1247-khai-hoi": "1247",
    "/component/content/article/24-van-ban/905-ke-hoach.html?Itemid=101": "905",
    "/index.php?option=com_content&view=article&id=318:don-dien-doi-thua&catid=35:tin-tuc&Itemid=54": "318",
    "/index.php?view=article&catid=35%3Atin-tuc&id=318%3Adon-dien-doi-thua&option=com_content&Itemid=54": "318",
    "/index.php?option=com_content&task=view&id=77&Itemid=2": "77",
    "/kinh-te/item/2093-nguoi-trong-san-day": "item/2093",
    "/kinh-te/san-luong-vai-som": "",
    "/giao-duc/20-11-ngay-nha-giao": "",
}
SKIPPED = [
    "/tin-tuc/1247-khai-hoi.html?tmpl=component&print=1&layout=default&page=",
    "/index.php?view=article&id=318%3Aa&format=pdf&option=com_content&Itemid=54",
    "/component/mailto/?tmpl=component&template=protostar&link=8f0e1d",
    "/tin-tuc?format=feed&type=rss",
    "/component/users/?view=login",
    "/index.php?option=com_search&searchword=vai",
    "/tim-kiem?q=vai+som",
    "/component/tags/tag/8-le-hoi",
    "/kinh-te/itemlist/tag/sắn%20dây",
    "/kinh-te/itemlist/date/2016/9/20",
    "/kinh-te/item/download/118_7f3a0c55",
    "/tai-lieu/category/3-ke-hoach?download=87:kh-12",
    "/component/jevents/month.calendar/2019/03/01/-",
    "/tin-tuc/archive?month=3&year=2019",
    "/index.php?option=com_content&view=category&id=41&filter_order=a.title",
    "/administrator/",
    "/images/vanban/ke-hoach.PDF",
]


@pytest.mark.parametrize(("address", "number"), ARTICLES.items())
def test_an_article(address: str, number: str) -> None:
    assert discovery.is_page(HOME + address, RULES)
    assert _number(address) == number


def test_a_print_view_has_the_number_of_the_article() -> None:
    assert _number("/tin-tuc/1247-khai-hoi.html?tmpl=component&print=1&layout=default") == "1247"


@pytest.mark.parametrize("address", SKIPPED)
def test_a_trap(address: str) -> None:
    assert not discovery.is_page(HOME + address, RULES)


@pytest.mark.parametrize(
    "address",
    [
        "/tin-tuc?start=10",
        "/index.php?option=com_content&view=category&layout=blog&id=35&Itemid=54&limitstart=20",
        "/index.php?option=com_k2&view=itemlist&task=category&id=7:nong-thon-moi&start=20",
        "/kinh-te/itemlist/category/7-nong-thon-moi?start=10",
    ],
)
def test_a_page_of_a_listing_is_no_trap(address: str) -> None:
    assert not re.search(RULES.skip, address)


def test_a_blog_leads_to_its_articles_and_pages() -> None:
    page = _listing("listing-protostar")
    links = [link.url.removeprefix(HOME) for link in page.links]
    assert links[:3] == [
        "/tin-tuc/van-hoa-xa-hoi/1250-hoi-thi-tieng-hat.html",
        "/tin-tuc/van-hoa-xa-hoi/1247-quang-nham-khai-hoi-cau-ngu.html",
        "/tin-tuc/van-hoa-xa-hoi/1240-trao-nha.html",
    ]
    assert "/tin-tuc/van-hoa-xa-hoi/1236-giai-bong-chuyen.html" in links
    assert [url.partition("?")[2] for url in page.next] == ["start=5", "start=10", "start=115"]


def test_a_table_of_articles_leads_to_them_and_keeps_every_parameter() -> None:
    page = _listing("listing-milkyway")
    host = "http://www.anlao.example.vn/index.php?option=com_content&view="
    assert {
        f"{host}article&id=322:lich-truc-le-2-9&catid=41:thong-bao&Itemid=57",
        f"{host}article&id=309:dau-gia-dat&catid=41:thong-bao&Itemid=57",
    } <= {link.url for link in page.links}
    assert page.next == (f"{host}category&id=41&Itemid=57&limitstart=20",)


def test_the_neighbours_of_an_article_are_no_pages_of_a_listing() -> None:
    assert _listing("cassiopeia-vai-som").next == ()
    assert _listing("helix-cau-ngoi-thia").next == ()


def test_the_menu_leads_to_the_categories() -> None:
    page = golden.load(golden.FOLDER / "joomla" / "cassiopeia-vai-som.html.gz")
    found = dict(discovery.menu(page.capture.body.decode(), "https://tanyen.example.vn/", RULES))
    assert found["https://tanyen.example.vn/kinh-te"] == "Kinh tế"
    assert found["https://tanyen.example.vn/thong-bao"] == "Thông báo"


def _listing(slug: str) -> discovery.ListingPage:
    page = golden.load(golden.FOLDER / "joomla" / f"{slug}.html.gz")
    return discovery.listing(page.capture.body.decode(), page.capture.url, RULES)


def _number(address: str) -> str:
    found = re.search(JOOMLA.number, address)
    return found[1] if found else ""
