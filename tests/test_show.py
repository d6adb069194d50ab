"""Archived HTML, made fit to be shown: nothing that runs, nothing that asks the outside, nothing that is lost."""

from __future__ import annotations

import re
import time

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from archive.plugin.reading import show

VI = show.Words("vi", "Ảnh", "mở", "Ảnh trong bài", "Bảng")
PICTURES = {"http://a.vn/anh.png": "/web/20240304023015im_/http://a.vn/anh.png"}
PAGES = {"http://a.vn/bai": "/a/abcdefgh23"}


@given(st.text(alphabet="<>/ =\"'&;:aimgsrcxhefonlduptvjt\n\x00", max_size=200))
def test_no_markup_gets_through(html: str) -> None:
    shown = BeautifulSoup(f"<main>{show.body(html, '', VI, show.Kept())}</main>", "html.parser")
    assert not shown.select("img, script, iframe, style, svg, form, input, [src], [style], [id], [srcset]")
    assert not [name for tag in shown.find_all(True) for name in tag.attrs if name.startswith("on")]


HOSTILE = [
    '<img src="http://a.vn/anh.png" srcset="http://evil.example/x.png 2x" onerror="alert(1)" style="x" id="q">',
    '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
    '<img src="/web/20240304023015im_/http://evil.example/x">',
    '<img src="//evil.example/x.png">',
    '<picture><source srcset="http://evil.example/x.png"><img src="http://a.vn/anh.png"></picture>',
    '<a href="/a/abcdefgh23?x">tương đối</a><a href="//evil.example">giao thức</a><a href="data:text/html,x">d</a>',
    '<a href="javascript:alert(1)">j</a><a href="http://a.vn/bai" title="x" target="_blank" ping="http://e.x/">b</a>',
    '<img src="http://a.vn/anh.png" alt="&quot;><script>alert(1)</script>">',
    "<svg><image href='http://evil.example/x.png'/></svg><video src='http://evil.example/x' poster='x'></video>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<div lang="javascript" role="button" tabindex="5" aria-label="x">x</div>',
]


ALLOWED = {
    "href",
    "src",
    "alt",
    "title",
    "rel",
    "class",
    "lang",
    "loading",
    "decoding",
    "tabindex",
    "role",
    "aria-label",
}


@pytest.mark.parametrize("html", HOSTILE, ids=range(len(HOSTILE)))
def test_only_our_own_addresses_are_loaded_or_stay_relative(html: str) -> None:
    kept = show.Kept(PICTURES, PAGES)
    shown = BeautifulSoup(f"<main>{show.body(html, '', VI, kept)}</main>", "html.parser")
    for tag in shown.find_all(True):
        assert set(tag.attrs) <= ALLOWED
        assert tag.get("src", next(iter(PICTURES.values()))) in PICTURES.values()
        href = str(tag.get("href", "http:"))
        assert href.startswith(("http:", "https:")) or href in PAGES.values()
        assert tag.get("tabindex", "0") == "0" and tag.get("lang", "vi") in ("vi", "en")
    assert "evil.example" not in re.sub(r'<a href="http[^>]*>|alt="[^"]*"', "", str(shown))
    assert not shown.select("script, style, svg, math, video, picture, source")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_address_is_asked_for_without_harm(path: str, host: str) -> None:
    html = f'<p><a href="http://{host}/{path}">x</a><img src="https://{host}/{path}"></p>'
    pictures, links = show.references(html)
    assert len(pictures) <= 2 and len(links) <= 2
    assert all(url.startswith(("http://", "https://")) for url in (*pictures, *links))


def test_a_text_without_mark_up_is_its_paragraphs() -> None:
    assert show.body("", "Một <b>\n\n\nHai & ba", VI, show.Kept()) == "<p>Một &lt;b&gt;</p><p>Hai &amp; ba</p>"


def test_a_wide_table_can_be_reached_and_is_named() -> None:
    shown = BeautifulSoup(show.body("<table><tr><td>1</td></tr></table>", "", VI, show.Kept()), "html.parser")
    wide = shown.select_one("div.wide[tabindex='0'][role='group'][aria-label='Bảng'] > table td")
    assert wide and wide.text == "1"


def test_an_address_that_is_its_own_text_is_printed_once() -> None:
    html = '<a href="http://a.vn/x">http://a.vn/x</a> <a href="http://a.vn/bai">http://a.vn/bai</a>'
    shown = BeautifulSoup(show.body(html, "", VI, show.Kept({}, PAGES)), "html.parser")
    assert [tag["class"] for tag in shown.select("a")] == [["bare"], ["bare", "kept"]]


DEEP = {
    "divisions": "<div>" * 20_000 + "x",
    "bold": "<b>" * 20_000 + "x",
    "tables": "<table><tr><td>" * 3_000 + "x",
    "lists": "<ul><li>" * 10_000 + "x",
    "pictures": '<img src="http://a.vn/anh.png">' * 10_000,
    "links": '<a href="http://a.vn/bai">x</a>' * 10_000,
    "half a megabyte": "<p>Một đoạn văn dài vừa phải, có dấu.</p>" * 10_000,
}


@pytest.mark.parametrize("name", DEEP)
def test_a_huge_or_deep_body_is_shown_in_time(name: str) -> None:
    before = time.process_time()
    pictures, links = show.references(DEEP[name])
    assert show.body(DEEP[name], "", VI, show.Kept(PICTURES, PAGES)) and len(pictures) <= 1 and len(links) <= 1
    assert time.process_time() - before < 10
