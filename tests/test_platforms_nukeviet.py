"""NukeViet's addresses: what is an article, what is a trap, and what two of them share."""

from __future__ import annotations

import re

import golden
import pytest

from crawler import discovery
from crawler.platforms.nukeviet import NUKEVIET

HOME = "https://donghy.example.vn"
RULES = NUKEVIET.discovery
ARTICLES = {
    "/tin-tuc/ra-quan-trong-cay-dau-xuan-1411.html": "ra-quan-trong-cay-dau-xuan-1411",
    "/vi/news/nong-nghiep/30-nam-lang-nghe-che-17.html": "30-nam-lang-nghe-che-17",
    "/vi/news/Thong-bao/Lich-tiep-dan-thang-12-81/": "Lich-tiep-dan-thang-12-81",
    "/index.php/vi/news/Thong-bao/Lich-tiep-dan-81/": "Lich-tiep-dan-81",
    "/index.php?language=vi&nv=news&op=tin-tuc/ra-quan-1411.html": "ra-quan-1411",
    "/index.php?language=vi&nv=news&op=Thong-bao/Lich-tiep-dan-81": "Lich-tiep-dan-81",
}


@pytest.mark.parametrize(("address", "number"), ARTICLES.items())
def test_an_article(address: str, number: str) -> None:
    assert discovery.is_page(HOME + address, RULES)
    assert _number(address) == number


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/tin-tuc/",
        "/tin-tuc/page-2/",
        "/page-12/",
        "/index.php?language=vi&nv=news&op=tin-tuc/page-2",
        "/gioi-thieu/lich-su-hinh-thanh.html",
        "/lich-cong-tac/2024-05/",
        "/tin-tuc/print/thong-bao/lich-tiep-dan-81.html",
        "/savefile/thong-bao/lich-tiep-dan-81.html",
        "/vi/news/sendmail/Thong-bao/Lich-tiep-dan-81/",
        "/thong-bao/lich-tiep-dan-81.html?download=1&id=0",
        "/thong-bao/lich-tiep-dan-81.html?pdf=1&id=0",
        "/tin-tuc/tag/covid-19/",
        "/uploads/news/2024_05/ke-hoach-81.pdf",
        "/?nvvithemever=m&nv_redirect=PLfUL68TgcLmLkq0-12.html",
    ],
)
def test_no_article(address: str) -> None:
    assert not discovery.is_page(HOME + address, RULES)


@pytest.mark.parametrize(
    "address",
    [
        "/print/thong-bao/lich-tiep-dan-81.html",
        "/news/savefile/tin-tuc/lich-tiep-dan-81.html",
        "/tin-tuc/lich-tiep-dan-81.html",
    ],
)
def test_views_and_second_categories_have_the_number_of_the_article(address: str) -> None:
    assert _number(address) == _number("/thong-bao/lich-tiep-dan-81.html") == "lich-tiep-dan-81"


def test_copies_of_the_module_count_each_for_itself() -> None:
    assert _number("/tin-tuc/kinh-te/gia-che-tang-12.html") != _number("/thong-bao/cat-dien/lich-cat-dien-12.html")


def test_a_listing_leads_to_its_articles_and_its_next_pages() -> None:
    page = golden.load(golden.FOLDER / "nukeviet" / "none-chuyen-muc.html.gz")
    found = discovery.listing(page.capture.body.decode(), page.capture.url, RULES)
    category = "http://donghy.example.vn/tin-tuc/phong-chong-covid-19/"
    assert {link.url for link in found.links} >= {
        f"{category}chot-kiem-dich-o-quang-son-hoat-dong-xuyen-tet-1411.html",
        f"{category}thuc-hien-5k-tai-cho-trai-cau-1402.html",
        f"{category}huyen-hop-ban-chi-dao-phong-chong-dich-1396.html",
    }
    assert not [link.url for link in found.links if "/page-" in link.url]
    assert found.next == (f"{category}page-2/", f"{category}page-3/")


def test_the_menu_leads_to_listings() -> None:
    page = golden.load(golden.FOLDER / "nukeviet" / "nv3-modern-khom.html.gz")
    entries = dict(discovery.menu(page.capture.body.decode(), "http://tanphuoc.example.vn/", RULES))
    assert entries.get("http://tanphuoc.example.vn/vi/news/Kinh-te/") == "Kinh tế"
    assert not [address for address in entries if "/users/" in address or "/contact/" in address]


def _number(address: str) -> str:
    found = re.search(NUKEVIET.number, address)
    return found[1] if found else ""
