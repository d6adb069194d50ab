"""WordPress: which addresses are articles, what numbers them, where listings lead, which of two dates is believed."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import golden
import pytest

from archive.model import Capture
from crawler.detection import SURE, detect
from crawler.discovery import is_page, listing, menu
from crawler.extract import extract
from crawler.platforms.wordpress import WORDPRESS

RULES = WORDPRESS.discovery
HOST = "https://huyen.example.vn"
HTML = (("Content-Type", "text/html; charset=utf-8"),)


def page(slug: str) -> tuple[str, str]:
    found = golden.load(golden.FOLDER / "wordpress" / f"{slug}.html.gz").capture
    return found.body.decode(), found.url


@pytest.mark.parametrize(
    "path",
    [
        "/tong-ket-phong-trao-thi-dua-nam-2023/",
        "/tin-tuc/khai-mac-le-hoi.html",
        "/2022/11/15/ket-qua-ra-soat-ho-ngheo-nam-2022/",
        "/index.php/2019/04/02/tap-huan/",
        "/archives/1422",
        "/?p=1422",
        "/the-thao/giai-bong-chuyen/",
        "/print-2d-trien-lam/",
    ],
)
def test_addresses_of_articles(path: str) -> None:
    assert is_page(HOST + path, RULES)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/category/tin-tuc/",
        "/category/tin-tuc/page/2/",
        "/chuyen-muc/kinh-te",
        "/tin-tuc/page/3/",
        "/page/2",
        "/?cat=4",
        "/?s=dat+dai",
        "/2022/11/",
        "/2022/11/15/",
        "/tag/ocop/",
        "/author/admin/",
        "/khai-mac-le-hoi/feed/",
        "/khai-mac-le-hoi/amp/",
        "/khai-mac-le-hoi/print/",
        "/khai-mac-le-hoi/comment-page-2/",
        "/khai-mac-le-hoi/?replytocom=12",
        "/khai-mac-le-hoi/?share=facebook",
        "/wp-login.php?redirect_to=x",
        "/wp-json/oembed/1.0/embed?url=x",
        "/wp-content/uploads/2023/02/TB.pdf",
        "/xmlrpc.php?rsd",
        "/lien-he/",
    ],
)
def test_addresses_of_lists_and_traps(path: str) -> None:
    assert not is_page(HOST + path, RULES)


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/?p=1422", "1422"),
        ("/index.php?p=1422", "1422"),
        ("/?post_type=tin-tuc&p=1422", "1422"),
        ("/archives/1422", "1422"),
        ("/phong-chong-covid-19/", ""),
        ("/ke-hoach-so-12-2/", ""),
        ("/xa-hai-minh/?p=12", ""),
        ("/?page_id=12", ""),
    ],
)
def test_the_number_of_an_article(path: str, number: str) -> None:
    """A town's commune in a folder of its own counts from 1 again: its number is not taken."""
    found = re.search(WORDPRESS.number, path)
    assert (found[1] if found else "") == number


def test_a_category_leads_to_its_articles_and_its_next_page() -> None:
    found = listing(*page("none-flatsome-chuyen-muc"), RULES)
    host = "https://kimson.example.vn"
    assert [link.url for link in found.links][:3] == [
        f"{host}/nao-vet-42-km-kenh-muong-truoc-vu-dong-xuan/",
        f"{host}/kim-son-chu-dong-phong-chong-ret-cho-ma-xuan/",
        f"{host}/ocop-mam-tep-kim-my/",
    ]
    assert found.next == (f"{host}/kinh-te/page/2/",)


@pytest.mark.parametrize(
    "pager",
    [
        '<div class="nav-links"><a class="next page-numbers" href="{}">Sau</a></div>',
        '<div class="wp-pagenavi"><a class="nextpostslink" rel="next" href="{}">»</a></div>',
        '<div class="page-nav"><a href="/category/a/">1</a><a href="{}"><i class="td-icon-menu-right"></i></a></div>',
        '<div class="jeg_navigation jeg_pagination"><a class="page_nav next" href="{}"><span>Next</span></a></div>',
        '<div class="pages-nav"><ul><li class="the-next-page"><a href="{}">»</a></li></ul></div>',
        '<nav><a href="{}" class="wp-block-query-pagination-next">Trang sau</a></nav>',
        '<div class="nav-links"><div class="nav-previous"><a href="{}">Bài cũ hơn</a></div></div>',
    ],
)
@pytest.mark.parametrize("address", [f"{HOST}/category/a/page/2/", f"{HOST}/?cat=3&paged=2"])
def test_the_next_page_whatever_prints_it(pager: str, address: str) -> None:
    assert listing(pager.format(address.replace("&", "&amp;")), f"{HOST}/category/a/", RULES).next == (address,)


def test_menus_and_lists_of_categories_lead_to_listings() -> None:
    entries = [address for address, _ in menu(*page("flatsome-nao-vet-kenh"), RULES)]
    assert {f"https://kimson.example.vn/{name}/" for name in ("kinh-te", "tin-tuc-su-kien")} <= set(entries)
    assert not any("/author/" in address or "/wp-" in address for address in entries)
    blocks = [address for address, _ in menu(*page("twentytwentyfour-tuyen-quan"), RULES)]
    assert "https://donganh.example.vn/category/tin-tuc/" in blocks


def _article(head: str, body: str) -> str | None:
    source = f"""<html><head><title>x</title>{head}</head><body class="single single-post postid-7">
        <article id="post-7" class="post-7 type-post"><h1 class="entry-title">Lễ phát động</h1>{body}
        <div class="entry-content"><p>Sáng nay, huyện phát động trồng cây.</p></div></article></body></html>"""
    return extract(Capture(f"{HOST}/a/", datetime.now(UTC), 200, HTML, source.encode()), WORDPRESS.rules).published


def test_the_theme_is_believed_rather_than_a_plugin_that_calls_the_local_hour_utc() -> None:
    head = '<meta property="article:published_time" content="2016-05-06T21:15:00Z">'
    time = '<time class="entry-date published" datetime="2016-05-06T21:15:00+07:00">06/05/2016</time>'
    assert _article(head, time) == "2016-05-06T21:15:00+07:00"
    assert _article(head, "") == "2016-05-07T04:15:00+07:00"


def test_the_day_of_the_last_change_is_not_that_of_publication() -> None:
    times = """<div class="entry-meta"><time class="updated" datetime="2023-02-01T08:00:00+07:00">01/02/2023</time>
        <time class="entry-date published" datetime="2022-12-30T08:00:00+07:00">30/12/2022</time></div>"""
    assert _article('<meta property="article:modified_time" content="2023-02-01T01:00:00+00:00">', times) == (
        "2022-12-30T08:00:00+07:00"
    )


def test_a_picture_from_a_wordpress_site_makes_no_wordpress() -> None:
    body = b'<html><body><img src="https://a.example.vn/wp-content/themes/x/logo.png"></body></html>'
    found = detect(Capture(f"{HOST}/tin/a.aspx", datetime.now(UTC), 200, HTML, body))
    assert found.platform is not WORDPRESS or found.sure < SURE
