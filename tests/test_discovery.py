"""Sitemaps, feeds, listings and menus, as portals send them and as nobody should."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.demo import DemoPortal, expected
from crawler.demo.pages import Site
from crawler.discovery import LARGEST, DiscoveryError, Link, feed, is_page, listing, menu, sitemap
from crawler.platform import Discovery
from crawler.platforms import PLATFORMS
from crawler.platforms.drupal7 import DRUPAL7

HOME = "http://a.vn/"
RULES = DRUPAL7.discovery

SITEMAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc> http://a.vn/tin/1 </loc><lastmod>2024-05-01T08:00:00Z</lastmod><priority>1.0</priority></url>
<url><loc>http://a.vn/tin/2?a=1&amp;b=2</loc></url>
<url><lastmod>2024-05-01</lastmod></url>
</urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>http://a.vn/sitemap.xml?page=1</loc></sitemap><sitemap><loc>http://a.vn/sitemap.xml?page=2</loc></sitemap>
</sitemapindex>"""
RSS = """<?xml version="1.0"?><rss version="2.0" xml:base="http://a.vn/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Tin tức</title><link>http://a.vn/</link>
<item><title>Một</title><link>http://a.vn/tin/1</link><pubDate>Wed, 06 Jan 2021 01:30:00 +0000</pubDate></item>
<item><title>Hai</title><link>/tin/2#comments</link></item>
<item><title>Không có liên kết</title></item>
</channel></rss>""".encode()
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><link href="http://a.vn/"/>
<entry><link rel="enclosure" href="http://a.vn/1.mp3"/><link href="/tin/1"/>
<updated>2021-01-06T01:30:00Z</updated></entry>
<entry><link rel="alternate" href="http://a.vn/tin/2"/></entry></feed>"""


def addresses(links: tuple[Link, ...]) -> list[str]:
    return [link.url for link in links]


# Sitemaps


def test_a_sitemap_lists_pages_and_when_they_changed() -> None:
    links, more = sitemap(SITEMAP, HOME + "sitemap.xml")
    assert links == (Link("http://a.vn/tin/1", "2024-05-01T08:00:00Z"), Link("http://a.vn/tin/2?a=1&b=2"))
    assert more == ()


def test_an_index_names_sitemaps() -> None:
    links, more = sitemap(INDEX, HOME)
    assert links == ()
    assert addresses(more) == ["http://a.vn/sitemap.xml?page=1", "http://a.vn/sitemap.xml?page=2"]


def test_an_index_says_when_a_sitemap_changed() -> None:
    index = "<sitemapindex><sitemap><loc>http://a.vn/1.xml</loc><lastmod>2024-05-01</lastmod></sitemap></sitemapindex>"
    assert sitemap(index.encode(), HOME)[1] == (Link("http://a.vn/1.xml", "2024-05-01"),)


def test_a_packed_sitemap_is_read_and_one_beyond_measure_is_not() -> None:
    assert sitemap(gzip.compress(SITEMAP), HOME) == sitemap(SITEMAP, HOME)
    with pytest.raises(DiscoveryError):
        sitemap(gzip.compress(SITEMAP + b" " * LARGEST), HOME)


def test_addresses_that_are_not_whole_are_those_of_the_sitemaps_host() -> None:
    index = b"<sitemapindex><sitemap><loc>/sitemap-tin.xml</loc></sitemap><sitemap><loc>ftp://b</loc></sitemap>"
    assert sitemap(index + b"</sitemapindex>", HOME + "sitemap.xml") == ((), (Link(HOME + "sitemap-tin.xml"),))
    pages = (
        b"<urlset><url><loc>tin/1</loc></url><url><loc>javascript:x</loc></url><url><loc>http://[</loc></url></urlset>"
    )
    assert addresses(sitemap(pages, HOME + "sitemap.xml")[0]) == [HOME + "tin/1"]


def test_a_next_page_that_is_never_to_be_asked_for_is_not() -> None:
    html = "".join(f"<li class='pager-next'><a href='{link}'>sau</a></li>" for link in ("/tin?page=1", "/user/login"))
    assert listing(html, HOME, PLATFORMS["drupal7"].discovery).next == (HOME + "tin?page=1",)


def test_white_space_before_the_declaration_is_forgiven() -> None:
    assert len(sitemap(b"\r\n  " + SITEMAP, HOME)[0]) == 2


def test_a_sitemap_that_is_cut_gives_what_precedes_the_cut() -> None:
    links, _ = sitemap(SITEMAP[: SITEMAP.index(b"/tin/2")], HOME)
    assert Link("http://a.vn/tin/1", "2024-05-01T08:00:00Z") in links


@pytest.mark.parametrize(
    "body", [RSS, b"<html><body>404</body></html>", b"", b"   ", b"no XML at all", b"\x00\xff", b"\x1f\x8b\x08"]
)
def test_what_is_no_sitemap_is_an_error_that_names_the_address(body: bytes) -> None:
    with pytest.raises(DiscoveryError, match=r"http://a\.vn/sitemap\.xml"):
        sitemap(body, "http://a.vn/sitemap.xml")


# Feeds


def test_the_entries_of_rss() -> None:
    assert addresses(feed(RSS, HOME + "rss.xml")) == ["http://a.vn/tin/1", "http://a.vn/tin/2"]


def test_the_entries_of_atom() -> None:
    assert feed(ATOM, HOME + "feed.atom") == (
        Link("http://a.vn/tin/1", "2021-01-06T01:30:00Z"),
        Link("http://a.vn/tin/2"),
    )


def test_the_entries_of_rdf() -> None:
    body = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        b"<channel/><item><link>http://a.vn/tin/1</link></item></rdf:RDF>"
    )
    assert addresses(feed(body, HOME)) == ["http://a.vn/tin/1"]


@pytest.mark.parametrize("href", ["javascript:void(0)", "mailto:bbt@a.vn", "http://[", ""])
def test_an_entry_that_leads_nowhere_is_passed_over(href: str) -> None:
    assert feed(RSS.replace(b"http://a.vn/tin/1", href.encode()), HOME) == (Link("http://a.vn/tin/2"),)


@pytest.mark.parametrize("body", [SITEMAP, b"<html></html>", b"", b"<rss", b"{}"])
def test_what_is_no_feed_is_an_error_or_empty(body: bytes) -> None:
    try:
        assert feed(body, HOME) == ()
    except DiscoveryError as error:
        assert HOME in str(error)


# Files from strangers


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("http://a.vn/secret-of-the-operator", "utf-8")
    body = (
        f'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        "<url><loc>http://a.vn/tin/1</loc></url><url><loc>&x;</loc></url></urlset>"
    )
    links, _ = sitemap(body.encode(), HOME)
    assert addresses(links) == ["http://a.vn/tin/1"]
    rss = body.replace("urlset", "rss").replace("<url><loc>", "<item><link>").replace("</loc></url>", "</link></item>")
    assert not [link for link in feed(rss.encode(), HOME) if "secret" in link.url]


def test_no_dtd_is_fetched() -> None:
    with DemoPortal() as stranger:
        body = (
            f'<!DOCTYPE urlset SYSTEM "{stranger.url}evil.dtd"><urlset><url><loc>http://a.vn/tin/1</loc></url></urlset>'
        )
        assert addresses(sitemap(body.encode(), HOME)[0]) == ["http://a.vn/tin/1"]
        assert stranger.requests == []


def test_a_billion_laughs_are_not_laughed() -> None:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<!DOCTYPE urlset [<!ENTITY l0 "ha">{lines}]><urlset><url><loc>http://a.vn/&l11;</loc></url></urlset>'
    try:
        links, _ = sitemap(body.encode(), HOME)
    except DiscoveryError:
        return
    assert sum(len(link.url) for link in links) < 1000


# Listings

LISTING = """<html><head><title>Tin tức</title></head><body class="page-taxonomy">
<div id="main-menu"><a href="/gioi-thieu">Giới thiệu</a></div>
<div class="view-content">
 <div class="views-row"><div class="node node-teaser"><h2><a href="/tin-tuc/mot">Một</a></h2>
   <ul class="links"><li class="node-readmore"><a href="/tin-tuc/mot#more">Đọc tiếp</a></li></ul></div></div>
 <div class="views-row"><h3><a href="hai?sid=7">Hai</a></h3></div>
 <div class="views-row"><h3><a href="http://a.vn/tin-tuc/ba#comments">Ba</a></h3></div>
 <div class="views-row"><h3><a href="/sites/default/files/qd-12.PDF">Quyết định</a></h3></div>
 <div class="views-row"><h3><a href="mailto:bbt@a.vn">Thư</a></h3></div>
 <div class="views-row"><h3><a href="JavaScript:void(0)">In</a></h3></div>
 <div class="views-row"><h3><a href="tel:02283000111">Gọi</a></h3></div>
 <div class="views-row"><h3><a href="#top">Lên</a></h3></div>
 <div class="views-row"><h3><a href="/user/login?destination=x">Đăng nhập</a></h3></div>
 <div class="views-row"><h3><a>Không có gì</a></h3></div>
</div>
<ul class="pager"><li class="pager-next"><a href="/tin-tuc?page=1">sau ›</a></li>
<li class="pager-last"><a href="?page=9">cuối</a></li></ul>
</body></html>"""


def test_a_drupal_listing_gives_its_articles_once_in_order_and_the_next_page() -> None:
    page = listing(LISTING, "http://a.vn/tin-tuc/", RULES)
    assert sorted(addresses(page.links)) == sorted(
        ["http://a.vn/tin-tuc/mot", "http://a.vn/tin-tuc/hai", "http://a.vn/tin-tuc/ba"]
    )
    assert page.next == ("http://a.vn/tin-tuc?page=1",)


def test_the_last_page_has_no_next() -> None:
    assert listing(LISTING.replace("pager-next", "pager-here"), HOME, RULES).next == ()


def test_base_decides_where_relative_links_lead() -> None:
    html = LISTING.replace("<head>", '<head><base href="http://b.vn/cu/">')
    assert "http://b.vn/cu/hai" in addresses(listing(html, HOME, RULES).links)


def test_what_the_portal_calls_an_article_is_one() -> None:
    rules = Discovery(links=("h3 a",), article="/ba$")
    assert addresses(listing(LISTING, "http://a.vn/tin-tuc/", rules).links) == ["http://a.vn/tin-tuc/ba"]


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("tin-tuc/mot", True), ("node/12", True), ("tin-tuc/mot?page=1", True), ("van-ban/so-12.html", True),
        ("files/a.pdf", False), ("files/a.DOC", False), ("a.jpg", False), ("print/12", False), ("user", False),
        ("search/node/x", False), ("tin-tuc?sort=asc", False), ("rss.xml", False), ("files/a.pdf?x=1", False),
    ],
)  # fmt: skip
def test_what_may_be_an_article_of_a_drupal_portal(path: str, is_one: bool) -> None:
    assert is_page(HOME + path, RULES) is is_one


def test_the_listings_of_the_demo_portal_lead_to_its_articles() -> None:
    site = Site("http://127.0.0.1:1/", 1)
    html = site.answer("/tin-tuc", {}, 0).body.decode()
    page = listing(html, "http://127.0.0.1:1/tin-tuc", RULES)
    newest = [one.path for one in expected() if one.section == "Tin tức"][:10]
    assert {f"http://127.0.0.1:1{path}" for path in newest} <= set(addresses(page.links))
    assert page.next == ("http://127.0.0.1:1/tin-tuc?page=1",)


# Menus


def test_the_menu_names_what_may_be_a_listing() -> None:
    html = """<ul id="main-menu"><li><a href="/">Trang chủ</a></li><li><a href="/tin-tuc"> Tin \n tức</a></li>
    <li><a href="/tin-tuc">Tin tức, lần nữa</a></li><li><a href="http://b.vn/tinh">Tỉnh</a></li>
    <li><a href="https://www.a.vn/thong-bao">Thông báo</a></li><li><a href="/tai-lieu.pdf">Tài liệu</a></li>
    <li><a href="/user">Đăng nhập</a></li><li><a href="javascript:;">…</a></li></ul>"""
    assert menu(html, HOME, RULES) == (("http://a.vn/tin-tuc", "Tin tức"), ("https://www.a.vn/thong-bao", "Thông báo"))


def test_the_menu_of_the_demo_portal() -> None:
    html = Site("http://127.0.0.1:1/", 1).answer("/", {}, 0).body.decode()
    names = [name for _, name in menu(html, "http://127.0.0.1:1/", RULES)]
    assert {"Tin tức", "Kinh tế"} <= set(names)
    assert "Trang chủ" not in names


# Any bytes

PIECES = [
    "<urlset>", "</urlset>", "<url>", "</url>", "<loc>", "</loc>", "<rss>", "<item>", "<link>", "</link>", "<feed>",
    "<entry>", "<sitemapindex>", "<a:b>", "<lastmod>", "<link/>", "<?x?>", "http://[", "/x", "&amp;", "&x;",
    "<![CDATA[a]]>", "\x00", "ệ", "<!-- -->", "<link href='//'/>", "<link href='http://['/>",
    "<?xml version='1.0' encoding='utf-16'?>",
]  # fmt: skip
XML = st.lists(st.sampled_from(PIECES)).map(lambda parts: "".join(parts).encode())


@given(st.one_of(st.binary(), XML))
@example(b"<!-- only a comment -->")
@example(b"<urlset><!-- c --><?p i?><url><!-- c --><loc>http://a.vn/</loc></url></urlset>")
@example(b"<rss><item><link>http://[</link></item></rss>")
def test_any_bytes_give_links_or_a_discovery_error(body: bytes) -> None:
    for read in (sitemap, feed):
        try:
            assert isinstance(read(body, HOME), tuple)
        except DiscoveryError as error:
            assert HOME in str(error)


HREFS = st.one_of(
    st.text(),
    st.sampled_from(["http://[", "//", "http://a.vn:x/", "\x00", "data:,x", "?", "http://ệ.vn/", "..", "http:///"]),
)


@given(HREFS, HREFS)
@example("/x", "http://[")
def test_any_link_is_followed_or_passed_over(href: str, base: str) -> None:
    quoted, at = (text.replace("&", "&amp;").replace('"', "&quot;") for text in (href, base))
    html = f'<head><base href="{at}"></head><nav><a href="{quoted}">x</a></nav>'
    html += (
        f'<div class="node"><h2><a href="{quoted}">x</a></h2></div><li class="pager-next"><a href="{quoted}">x</a></li>'
    )
    page = listing(html, HOME, RULES)
    for address in (*addresses(page.links), *page.next, *(found for found, _ in menu(html, HOME, RULES))):
        assert address.startswith(("http://", "https://"))


@given(st.text())
def test_any_page_has_links_or_none(html: str) -> None:
    assert listing(html, HOME, RULES).links == () or "href" in html.lower()
    assert isinstance(menu(html, HOME, RULES), tuple)
