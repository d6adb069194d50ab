"""Liferay's addresses: one article under many, and listings among fifteen parameters."""

from __future__ import annotations

import re

import golden
import pytest

from archive import urls
from crawler import discovery
from crawler.platforms.liferay import LIFERAY

HOME = "http://phuxuyen.example.vn"
PAGER = (
    "/tin-nong-nghiep?p_p_id=101_INSTANCE_Jt6K&p_p_lifecycle=0&p_p_state=normal&p_p_mode=view&p_p_col_id=column-1"
    "&p_p_col_pos=1&p_p_col_count=2&_101_INSTANCE_Jt6K_delta=3&_101_INSTANCE_Jt6K_keywords="
    "&_101_INSTANCE_Jt6K_advancedSearch=false&_101_INSTANCE_Jt6K_andOperator=true&p_r_p_564233524_resetCur=false"
    "&_101_INSTANCE_Jt6K_cur="
)
AP = "com_liferay_asset_publisher_web_portlet_AssetPublisherPortlet_INSTANCE_Bq3X"

ARTICLES = {
    "/web/guest/tin-tuc/-/asset_publisher/Jt6K/content/lua-xuan-uoc-mua": "lua-xuan-uoc-mua",
    "/en/web/guest/tin-moi/-/asset_publisher/k9Qb/content/lua-xuan-uoc-mua?inheritRedirect=false": "lua-xuan-uoc-mua",
    "/chi-tiet-tin-tuc/-/asset_publisher/M0UU/content/lua-xuan-uoc-mua/20181?redirect=%2Fa%3F_101_cur%3D2": (
        "lua-xuan-uoc-mua"
    ),
    "/tin?p_p_id=101_INSTANCE_x&_101_INSTANCE_x_assetEntryId=7&_101_INSTANCE_x_urlTitle=lua-xuan": "lua-xuan",
    f"/tin/-/asset_publisher/Bq3X/content/lua-xuan?_{AP}_assetEntryId=7&_{AP}_redirect=https%3A%2F%2Fa": "lua-xuan",
    "/-/lua-xuan-uoc-mua": "lua-xuan-uoc-mua",
    "/w/lua-xuan-uoc-mua?p_l_back_url=%2Ftin": "lua-xuan-uoc-mua",
    "/web/guest/xem-chi-tiet-tin-tuc/-/asset_publisher//Content/lua-xuan-uoc-mua?123": "lua-xuan-uoc-mua",
    "/thu-vien/-/asset_publisher/3Bmy/document/id/126552": "126552",
    "/c/journal/view_article_content?groupId=10180&articleId=30412": "30412",
    "/web/guest/tintuc?p_p_id=vcms_WAR_VCMS&_vcms_WAR_VCMS_articleId=30412&_vcms_WAR_VCMS_categoryId=1": "30412",
    "/web/guest/chi-tiet?id=5521": "",
}
NO_ARTICLES = (
    "/tin-tuc",
    "/web/guest/tin-tuc",
    f"{PAGER}2",
    f"/tin-tuc?p_p_id={AP}&p_p_lifecycle=0&_{AP}_delta=10&p_r_p_resetCur=false&_{AP}_cur=2",
    "/tin-tuc?p_p_id=101_INSTANCE_x&p_r_p_564233524_categoryId=20519",
)
TRAPS = (
    "/tin?p_p_id=101_INSTANCE_x&p_p_state=pop_up&_101_INSTANCE_x_viewMode=print&_101_INSTANCE_x_urlTitle=lua-xuan",
    "/tin-tuc/-/asset_publisher/Jt6K/rss?p_p_cacheability=cacheLevelFull",
    "/c/portal/login?p_l_id=11407",
    "/home?p_p_id=58&p_p_lifecycle=0&p_p_state=maximized&_58_struts_action=%2Flogin%2Fforgot_password",
    "/tin-tuc?p_p_id=82&p_p_lifecycle=1&languageId=en_US",
    "/lich?p_p_id=8&p_p_lifecycle=0&_8_month=4&_8_year=2031",
    "/tim-kiem?p_p_id=3&_3_keywords=l%C3%BAa",
    "/documents/10180/120416/KH.pdf/0d2b4a55-3c9e-4a8e-8a51-5f7c0b6e1d22",
    "/c/document_library/get_file?uuid=2f5d1b7a&groupId=10136",
)


@pytest.mark.parametrize(("path", "number"), ARTICLES.items())
def test_an_article_is_known_by_its_address(path: str, number: str) -> None:
    found = re.search(LIFERAY.number, urls.path_query(urls.canonical(HOME + path)))
    assert (found[1] if found else "") == number
    assert discovery.is_page(HOME + path, LIFERAY.discovery)


@pytest.mark.parametrize("path", NO_ARTICLES)
def test_a_listing_is_no_article_and_no_trap(path: str) -> None:
    assert not discovery.is_page(HOME + path, LIFERAY.discovery)
    assert not re.search(LIFERAY.discovery.skip, path)
    assert not re.search(LIFERAY.number, path)


@pytest.mark.parametrize("path", TRAPS)
def test_a_trap_is_skipped(path: str) -> None:
    assert re.search(LIFERAY.discovery.skip, path)


def test_a_listing_leads_to_articles_and_to_the_next_page() -> None:
    page = golden.load(golden.FOLDER / "liferay" / "other-danh-muc.html.gz").capture
    html = page.body.decode()
    found = discovery.listing(html, page.url, LIFERAY.discovery)
    names = [link.url.partition("/content/")[2].partition("?")[0] for link in found.links]
    assert list(dict.fromkeys(names)) == [
        "lua-xuan-phu-xuyen-tro-bong-eu",
        "khoi-cong-kenh-tuoi-hong-thai",
        "hop-tac-xa-tri-trung-lien-ket",
    ]
    assert HOME + PAGER + "3" in found.next
    assert all("_cur=" in address for address in found.next)
    assert [address.removeprefix(HOME) for address, _ in discovery.menu(html, HOME, LIFERAY.discovery)] == [
        "/trang-chu",
        "/gioi-thieu",
        "/tin-nong-nghiep",
        "/van-hoa-xa-hoi",
    ]
