"""The demo portal, as its users meet it: a browser, a crawler that comes back, a reader of expected()."""

from __future__ import annotations

import gzip
import http.client
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

from archive.text import normalise
from crawler.demo import PORTAL_ID, DemoPortal, Hit, changed_path, expected, gone_path, new_paths

LISTINGS = ("tin-tuc", "kinh-te", "van-hoa-xa-hoi", "chuyen-doi-so", "thong-bao", "van-ban")


@pytest.fixture(scope="module")
def running() -> Iterator[DemoPortal]:
    with DemoPortal() as portal:
        yield portal


@pytest.fixture
def portal(running: DemoPortal) -> DemoPortal:
    running.day = 1
    running.requests.clear()
    return running


class Reply:
    """Status, headers and the bytes as they came."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.text)


def ask(portal: DemoPortal, path: str, method: str = "GET", **headers: str) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(portal.url).port, timeout=10)
    try:
        connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        return Reply(connection.getresponse())
    finally:
        connection.close()


def links(reply: Reply, selector: str) -> list[str]:
    return [str(a.attributes["href"]) for a in reply.tree.css(selector)]


def listed(portal: DemoPortal) -> set[str]:
    """Every article that the sections' listings lead to, page after page."""
    found: set[str] = set()
    for name in LISTINGS:
        path: str | None = f"/{name}"
        while path:
            page = ask(portal, path)
            found.update(links(page, ".node-teaser h2 a"))
            path = next(iter(links(page, "li.pager-next a")), None)
    return found


def locations(portal: DemoPortal) -> set[str]:
    tree = LexborHTMLParser(ask(portal, "/sitemap.xml").text)
    return {urlsplit(loc.text()).path for loc in tree.css("loc")}


def test_there_are_about_sixty_articles_and_no_two_are_alike() -> None:
    articles = expected()
    assert 58 <= len(articles) <= 64
    assert len({a.path for a in articles}) == len({a.node for a in articles}) == len(articles)
    assert len({a.title for a in articles}) == len(articles)
    sentences = [s for a in articles for s in a.text.replace("\n", " ").split(". ") if len(s) > 60]
    assert len(set(sentences)) == len(sentences)


def test_the_texts_are_what_the_archive_keeps() -> None:
    for article in expected() + expected(2):
        assert unicodedata.is_normalized("NFC", article.title + article.text)
        for line in article.text.splitlines():
            assert line == normalise(line)
        assert article.published[:4] >= "2014" and article.published[:10] <= "2025-06-30"
        assert article.byline.text not in article.text or not article.byline.text


def test_the_forms_that_readers_and_extraction_care_about_are_there() -> None:
    articles = expected()
    assert sum("Xuân Trường" in a.title + a.text for a in articles) >= 6
    (titled,) = [a for a in articles if "Xuân Trường" in a.title]
    assert titled.byline.text == "T/h: Lệ Minh"
    words = "\n".join(a.text for a in articles)
    assert "hời tiết xấu" in words and "liên kết website" in words and "\n\nTheo báo cáo của " in words
    assert {"hoá", "uỷ", "thuỷ"} <= set(words.split())
    roles = {a.byline.role for a in articles}
    assert {"", "T/h", "Tin, ảnh", "Bài và ảnh", "Thực hiện", "Tổng hợp", "Theo", "Nguồn", "CTV"} <= roles
    assert any(not a.byline.text for a in articles)
    assert any(not a.text and a.attachments for a in articles)
    assert any(len(a.published) == 10 for a in articles)


@pytest.mark.parametrize("day", [1, 2])
def test_every_article_page_holds_its_title_body_and_byline(portal: DemoPortal, day: int) -> None:
    portal.day = day
    for article in expected(day):
        tree = ask(portal, article.path).tree
        heading, body = tree.css_first("h1#page-title"), tree.css_first(".field-name-body .field-item")
        assert heading is not None and normalise(heading.text()) == article.title
        assert body is not None
        shown = normalise(body.text())
        for block in article.text.split("\n\n") if article.text else ():
            for cell in block.replace("\n", " | ").split(" | "):
                assert normalise(cell) in shown
        assert article.byline.text in shown
        date = tree.css_first("[property~='dc:date']")
        assert date is not None and str(date.attributes["content"]).startswith(article.published)
        section = tree.css_first(".field-name-field-chuyen-muc a")
        assert section is not None and section.text() == article.section
        pictures = [str(i.attributes["src"]) for i in tree.css("#block-system-main img:not(.file-icon)")]
        assert tuple(pictures) == article.images
        hrefs = {str(a.attributes["href"]) for a in tree.css("#block-system-main a[href]")}
        assert set(article.attachments) <= hrefs


def test_pages_have_what_drupal_puts_around_an_article(portal: DemoPortal) -> None:
    page = ask(portal, expected()[0].path)
    tree = page.tree
    generator = tree.css_first('meta[name="Generator"]')
    assert generator is not None and str(generator.attributes["content"]).startswith("Drupal 7")
    assert links(page, 'link[rel="canonical"]') == [expected()[0].path]
    assert links(page, 'link[rel="shortlink"]') == [f"/node/{expected()[0].node}"]
    labels = [h.text(strip=True) for h in tree.css("h2")]
    for label in ("You are here", "Thời tiết", "LIÊN KẾT WEBSITE", "Ý KIẾN BẠN ĐỌC", "Các tin khác"):
        assert label in labels
    assert "Trưởng Ban biên tập:" in page.text
    assert ask(portal, "/").tree.css_first("body.front") is not None


def test_files_and_pictures_are_real(portal: DemoPortal) -> None:
    for article in expected():
        for path in article.attachments:
            reply = ask(portal, path)
            assert reply.headers["Content-Type"] == "application/pdf"
            assert reply.body.startswith(b"%PDF-1.4") and reply.body.endswith(b"%%EOF\n")
            assert int(reply.body.rsplit(b"startxref\n", 1)[1].split()[0]) == reply.body.rindex(b"xref\n0 ")
    pictures = {path: ask(portal, path) for a in expected() for path in a.images}
    assert all(r.headers["Content-Type"] == "image/png" for r in pictures.values())
    assert len({r.body for r in pictures.values()}) == len(pictures) > 20
    assert ask(portal, "/favicon.ico").status == 200
    assert ask(portal, "/sites/all/themes/songninh/style.css").headers["Content-Type"] == "text/css"


def test_an_unchanged_page_is_not_sent_again(portal: DemoPortal) -> None:
    for path in (expected()[0].path, "/tin-tuc", "/sitemap.xml", "/rss.xml", "/gioi-thieu"):
        first = ask(portal, path)
        again = ask(portal, path, If_None_Match=first.headers["ETag"])
        assert (again.status, again.body) == (304, b"") and again.headers["ETag"] == first.headers["ETag"]
    first = ask(portal, expected()[0].path)
    modified = first.headers["Last-Modified"]
    assert ask(portal, expected()[0].path, If_Modified_Since=modified).status == 304
    both = ask(portal, expected()[0].path, If_Modified_Since=modified, If_None_Match='"other"')
    assert both.status == 200


def test_counters_and_weather_move_but_the_etag_does_not(portal: DemoPortal) -> None:
    first, second = (ask(portal, expected()[0].path) for _ in range(2))
    assert first.body != second.body
    assert first.headers["ETag"] == second.headers["ETag"] and first.headers["ETag"].startswith('W/"')


def test_head_and_gzip(portal: DemoPortal) -> None:
    head = ask(portal, "/kinh-te", "HEAD")
    assert head.status == 200 and head.body == b"" and int(head.headers["Content-Length"]) > 1000
    packed = ask(portal, "/kinh-te", Accept_Encoding="gzip, deflate")
    assert packed.headers["Content-Encoding"] == "gzip" and "page-title" in gzip.decompress(packed.body).decode()
    assert "Content-Encoding" not in ask(portal, "/kinh-te", Accept_Encoding="gzip;q=0").headers


def test_listings_reach_every_article_and_the_sitemap_does_not(portal: DemoPortal) -> None:
    every = {a.path for a in expected()}
    assert listed(portal) == every
    missing = every - locations(portal)
    assert 8 <= len(missing) <= 12
    assert len(ask(portal, "/tin-tuc").tree.css(".node-teaser")) == 10
    assert ask(portal, "/rss.xml").text.count("<item>") == 10


def test_the_pager_ends_and_the_traps_do_not(portal: DemoPortal) -> None:
    last = ask(portal, "/tin-tuc?page=999")
    assert not links(last, "li.pager-next a") and links(last, "li.pager-previous a")
    assert links(ask(portal, "/thu-vien-anh?page=54321"), "li.pager-next a") == ["/thu-vien-anh?page=54322"]
    assert links(ask(portal, "/lich-cong-tac/2099-12"), ".date-next a") == ["/lich-cong-tac/2100-01"]


def test_one_article_under_its_other_addresses(portal: DemoPortal) -> None:
    article = expected()[-1]
    assert links(ask(portal, f"/node/{article.node}"), 'link[rel="canonical"]') == [article.path]
    printed = ask(portal, f"/print/{article.node}")
    assert links(printed, 'link[rel="canonical"]') == [portal.url[:-1] + article.path]
    assert printed.tree.css_first(".print-content") is not None
    moved = ask(portal, f"/tin-cu/{article.node}")
    assert (moved.status, moved.headers["Location"]) == (301, portal.url[:-1] + article.path)


def test_pages_that_are_not_there(portal: DemoPortal) -> None:
    assert ask(portal, "/khong-co-trang-nay").status == ask(portal, "/tin-cu/1").status == 404
    assert ask(portal, "/node/999999").status == ask(portal, "/lich-cong-tac/2024-13").status == 404
    soft = ask(portal, "/tin-cu/khong-con")
    assert soft.status == 200 and "Không tìm thấy trang" in soft.text
    robots = ask(portal, "/robots.txt").text
    assert f"Sitemap: {portal.url}sitemap.xml" in robots and "Crawl-delay" not in robots
    assert all(f"Disallow: /{name}/" in robots for name in ("print", "search", "user"))


def test_the_second_day(portal: DemoPortal) -> None:
    before = {a.path: a for a in expected()}
    after = {a.path: a for a in expected(2)}
    assert before.keys() - after.keys() == {gone_path()}
    assert after.keys() - before.keys() == set(new_paths()) and len(new_paths()) == 2
    assert [p for p in before.keys() & after.keys() if before[p] != after[p]] == [changed_path()]
    assert {gone_path(), changed_path()} <= locations(portal)
    tags = {path: ask(portal, path).headers["ETag"] for path in before}

    portal.day = 2
    answers = {p: ask(portal, p, If_None_Match=tag).status for p, tag in tags.items()}
    assert {p: s for p, s in answers.items() if s != 304} == {changed_path(): 200, gone_path(): 404}
    assert listed(portal) == after.keys()
    assert gone_path() not in locations(portal) and set(new_paths()) <= locations(portal)
    assert all(path in ask(portal, "/rss.xml").text for path in new_paths())
    assert changed_path() in locations(portal)
    assert "37 hộ" in before[changed_path()].text and "12 hộ" in after[changed_path()].text


def test_requests_are_noted(portal: DemoPortal) -> None:
    reply = ask(portal, "/thong-bao?page=0")
    assert portal.requests == [Hit("GET", "/thong-bao?page=0", 200, len(reply.body))]


def test_the_port_and_the_portal_file(portal: DemoPortal) -> None:
    port = urlsplit(portal.url).port
    assert port is not None
    with pytest.raises(OSError):
        DemoPortal(port)
    assert PORTAL_ID == "demo/song_ninh"
    assert f'"{portal.url}"' in portal.portal_file() and '"drupal7"' in portal.portal_file()


def test_importing_the_demo_brings_neither_scrapy_nor_datasette() -> None:
    code = "import crawler.demo, sys; sys.exit(bool({'scrapy', 'datasette'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
