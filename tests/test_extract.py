"""A capture → an Article, or the reason why it holds none."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import ROOT, SAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Article, Capture
from archive.warc import read
from crawler.extract import NotAnArticle, NotHTML, extract
from crawler.platforms import PLATFORMS

RULES = PLATFORMS["drupal7"].rules
PAGES = sorted(Path(__file__).parent.glob("pages/drupal7/*.html.gz"))
URL = "http://huyen.example.vn/node/1"


def capture(
    body: bytes | str, media_type: str = "text/html; charset=utf-8", status: int = 200, url: str = URL
) -> Capture:
    raw = body.encode() if isinstance(body, str) else body
    return Capture(url, datetime(2024, 11, 20, tzinfo=UTC), status, (("Content-Type", media_type),), raw)


def node(inner: str, head: str = "", classes: str = "page-node page-node-1 node-type-article") -> str:
    """A Drupal 7 page without any theme."""
    return (
        f"<html><head><title>Tin mới | Huyện</title>{head}</head><body class='{classes}'>"
        f"<h1 id='page-title'>Tin mới</h1><div class='node node-article'>{inner}</div></body></html>"
    )


def field(words: str) -> str:
    return f"<div class='field-name-body'><div class='field-items'><div class='field-item'>{words}</div></div></div>"


def article(page: str, url: str = URL) -> Article:
    return extract(capture(page, url=url), RULES)


def why(page: str | bytes, **more: object) -> str:
    with pytest.raises(NotAnArticle) as caught:
        extract(capture(page, **more), RULES)  # type: ignore[arg-type]
    return caught.value.why


def test_a_page_compressed_on_the_way_reads_the_same() -> None:
    page = node(field("<p>Sáng nay, huyện họp.</p>"))
    zipped = Capture(URL, datetime.now(UTC), 200, (("Content-Encoding", "gzip"),), gzip.compress(page.encode()))
    assert extract(zipped, RULES).text == "Sáng nay, huyện họp."


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        ("/tin/bai-1", "http://huyen.example.vn/tin/bai-1"),
        ("http://www.huyen.example.vn/tin/bai-1?sid=9", "http://www.huyen.example.vn/tin/bai-1"),
        ("http://khac.example.vn/tin/bai-1", "http://huyen.example.vn/node/1"),
        ("http://[", "http://huyen.example.vn/node/1"),
        ("/", "http://huyen.example.vn/node/1"),
    ],
)
def test_the_address_is_the_canonical_link_of_this_host(canonical: str, url: str) -> None:
    head = f"<link rel='canonical' href='{canonical}'><link rel='shortlink' href='/node/1'>"
    found = article(node(field("<p>Sáng nay, huyện họp.</p>"), head), URL + "?PHPSESSID=abc")
    assert found.url == url
    assert found.aliases == (() if url == URL else (URL,))


@pytest.mark.parametrize(
    ("around", "published"),
    [
        ("<p class='ngay'>Thứ 7, 02/11/2024 - 19:57</p>", "2024-11-02T19:57:00+07:00"),
        ("<span class='submitted'>T2, 13/06/2022 - 21:44 — admin</span>", "2022-06-13T21:44:00+07:00"),
        (
            "<div class='meta'><span property='dc:date' content='2023-05-21T07:16:04+07:00'></span></div>",
            "2023-05-21T07:16:04+07:00",
        ),
        ("<time datetime='x' pubdate>31/02/2020</time>", None),
        ("", None),
    ],
)
def test_the_date_is_the_articles_own(around: str, published: str | None) -> None:
    """Neither the comment's, nor the side bar's, nor the day that the text is about."""
    comment = "<div id='comments'><span property='dc:date' content='2019-01-01T00:00:01+07:00'>01/01/2019</span></div>"
    side = "<div class='sidebar'><span class='date'>01/01/2018 - 10:00</span></div>"
    page = node(around + field("<p>Ngày 05/06/2017 - 08:00, huyện họp.</p>") + comment).replace("<h1", side + "<h1")
    assert article(page).published == published


def test_a_portal_file_may_take_the_lead_from_an_attribute() -> None:
    rules = dataclasses.replace(RULES, summary=("meta[name='description']@content", *RULES.summary))
    page = node(field("<p>Sáng nay, huyện họp.</p>"), "<meta name='description' content='Họp cuối năm'>")
    assert extract(capture(page), rules).summary == "Họp cuối năm"


def test_the_last_resort_for_a_title_is_the_head() -> None:
    assert (
        article(node(field("<p>Sáng nay, huyện họp.</p>")).replace("<h1 id='page-title'>Tin mới</h1>", "")).title
        == "Tin mới"
    )


@pytest.mark.parametrize(
    "inner", ["<p><iframe src='//video.example/1'></iframe></p>", "<p><img src='/a.jpg'></p>", "<p>Hoãn.</p>"]
)
def test_a_film_a_picture_or_one_word_is_an_article(inner: str) -> None:
    assert article(node(field(inner))).title == "Tin mới"


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (node(field("")), "empty article"),
        (node(""), "no body on the page"),
        (node(field("<p>Giới thiệu huyện.</p>"), classes="node-type-page"), "static page"),
        (node(field("<p>Bạn nghĩ gì?</p>"), classes="node-type-poll"), "poll"),
        (node(field("<p>Góp ý.</p>"), classes="node-type-webform"), "form"),
        (node("<div class='node-teaser'>x</div>", classes="page-node"), "listing"),
        (node("x", classes="page-taxonomy page-taxonomy-term-1"), "listing"),
        (node(field("<p>Tin.</p>"), classes="front"), "front page"),
        (node("x", classes="page-search"), "search page"),
        (node("x", classes="page-user"), "login page"),
        (node("x", classes=""), "no article on the page"),
        (node(field("<p>Bài đã xóa.</p>")).replace("Tin mới", "Không tìm thấy trang"), "soft 404"),
        ("<title>Just a moment...</title><body>x", "challenge page"),
        ("", "empty page"),
    ],
)
def test_pages_that_are_no_articles_say_why(page: str, reason: str) -> None:
    assert why(page) == reason


@pytest.mark.parametrize("status", [204, 301, 304, 403, 404, 410, 500])
def test_no_other_answer_is_an_article(status: int) -> None:
    assert why(node(field("<p>Tin.</p>")), status=status) == f"status {status}"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"%PDF-1.4 ...", "text/html"),
        (b"\x89PNG\r\n\x1a\n", ""),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/octet-stream"),
        (b"<rss version='2.0'></rss>", "text/html"),
        (b"{}", "application/json"),
        (b"abc", "image/jpeg"),
        (bytes(range(256)) * 9, "text/html"),
    ],
)
def test_bytes_that_are_no_page(body: bytes, media_type: str) -> None:
    with pytest.raises(NotHTML):
        extract(capture(body, media_type), RULES)


def outcome(found: Capture) -> str:
    try:
        return type(extract(found, RULES)).__name__
    except (NotAnArticle, NotHTML) as refused:
        return type(refused).__name__


MARKUP = [re.sub(rb"\s+", b" ", gzip.decompress(path.read_bytes())) for path in PAGES]
JUNK = st.binary(max_size=9) | st.sampled_from(
    [b"<table>", b"</div>", b"<!--", b'"', b"<br>", b"&#x110000;", b"\xff\xfe"]
)


@given(st.sampled_from(MARKUP), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 400), JUNK), max_size=12))
@settings(deadline=None)
def test_broken_pages_end_in_one_of_three(page: bytes, cuts: list[tuple[float, int, bytes]]) -> None:
    for where, length, junk in cuts:
        at = int(where * len(page))
        page = page[:at] + junk + page[at + length :]
    assert outcome(capture(page)) in ("Article", "NotAnArticle", "NotHTML")


TYPES = ["text/html", "text/plain", "", "text/html; charset=utf-16", "application/octet-stream", "text/html; charset=x"]


@given(st.binary(max_size=600), st.sampled_from(TYPES), st.sampled_from(["", "gzip", "deflate", "br", "zstd"]))
@settings(deadline=None)
def test_any_bytes_end_in_one_of_three(body: bytes, media_type: str, coding: str) -> None:
    headers = (("Content-Type", media_type), ("Content-Encoding", coding))
    assert outcome(Capture(URL, datetime(2024, 1, 1, tzinfo=UTC), 200, headers, body)) in (
        "Article",
        "NotAnArticle",
        "NotHTML",
    )


@pytest.mark.parametrize(
    "inner",
    [
        "<div>" * 20_000 + "xin chào",
        "<table><tr><td>" * 2_000 + "xin chào",
        "<b><i>" * 5_000 + "xin chào",
        "<p>Xin chào, hôm nay trời đẹp.</p>" * 20_000,
        "<p>" + "tin, ảnh " * 20_000,
        "<p>a" + "\u00a0" * 200_000 + "T/h: Lệ Minh",
        "<p>" + "\x00" * 100_000,
    ],
    ids=["divs", "tables", "inline", "long", "labels", "blanks", "NUL"],
)
def test_monstrous_pages_end_soon(inner: str) -> None:
    start = time.process_time()
    assert outcome(capture(node(field(inner)))) in ("Article", "NotAnArticle", "NotHTML")
    assert time.process_time() - start < 10


def test_fifty_megabytes_end_soon() -> None:
    start = time.process_time()
    assert why(node(field("<p>Xin chào.</p>" * 3_000_000))) == "the page is larger than 2 MB"
    assert time.process_time() - start < 20


def test_the_same_page_reads_the_same_in_another_interpreter() -> None:
    """No clock, locale, hash seed or order of sets."""
    code = (
        "import sys, dataclasses, datetime; from archive.model import Capture; from crawler.extract import extract;"
        "from crawler.platforms import PLATFORMS; import gzip; body = gzip.decompress(open(sys.argv[1], 'rb').read());"
        "made = Capture('http://a.vn/', datetime.datetime.now(datetime.UTC), 200, (), body);"
        "print(ascii(extract(made, PLATFORMS['drupal7'].rules)))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code, PAGES[0]],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(said) == 1


WARC = SAMPLES / "drupal7.warc.gz"


@pytest.mark.skipif(not WARC.exists(), reason=f"the sample archive is not there: {WARC}")
def test_the_sample_portal_word_for_word() -> None:
    gold = {g["url"]: g for g in map(json.loads, (SAMPLES / "drupal7.gold.jsonl").open(encoding="utf-8"))}
    seen = 0
    for record in read(WARC):
        wanted, found = gold.get(record.url), record.capture
        if wanted is None or found is None or found.status != 200:
            continue
        seen += 1
        made = extract(found, RULES)
        source = made.byline.source or made.byline.organisation or ""
        assert (made.title, made.text, made.published) == (wanted["title"], wanted["body_text"], wanted["published"])
        assert (made.byline.text, made.byline.role, source) == (
            wanted["byline_raw"],
            wanted["byline_role"],
            wanted["byline_source"],
        )
        assert made.byline.authors == tuple(wanted["byline_names"])
        assert [image.caption for image in made.images] == [image["caption"] for image in wanted["images"]]
        assert [file.label for file in made.attachments] == [file["name"] for file in wanted["attachments"]]
        assert made.section == wanted["category"]
    assert seen >= 150
