"""Does a page name an article: by its title, however that is written, or by a link that may show it?"""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rereading import page

from archive.model import Capture
from crawler.mentions import names

TITLES = st.text(st.sampled_from("ĐđƯưỠ hoàhòauỷủyThuýthúy"), min_size=14, max_size=40).filter(str.strip)


@given(TITLES, st.sampled_from(["NFC", "NFD"]), st.booleans())
def test_a_title_is_found_however_it_is_written(title: str, form: str, capitals: bool) -> None:
    written = unicodedata.normalize(form, title.upper() if capitals else title)  # type: ignore[arg-type]
    body = f"<html><li><a href='/x'>{'<b>'.join(written.split(' '))}</a></html>".encode()
    one = replace(page("", ""), body=body)
    folded = len("".join(title.split())) >= 12
    assert names(one, frozenset(), [title]) or not folded


@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "br", "deflate", "x"]))
def test_no_page_breaks_the_search_for_names(body: bytes, coding: str) -> None:
    headers = (("Content-Type", "text/html"), ("Content-Encoding", coding))
    one = Capture("http://a.vn/", page("", "").fetched_at, 200, headers, body)
    assert names(one, frozenset(["vn,a)/x"]), ["Một tiêu đề dài"]) in (True, False)


def test_links_that_may_show_a_title_are_told_in_every_form() -> None:
    key = frozenset(["vn,example,thu)/node/901"])
    for markup in (
        '<a class="x" href="/node/901">Một tiêu đề nào đó</a>',
        "<A HREF=node/901><b>Một</b> <i>tiêu đề</i> nào đó</A>",
        "<a href='http://www.thu.example.vn/node/901?utm_source=x'>Mot tieu de nao do</a>",
        '<a href="/node/901"><img alt="Một tiêu đề nào đó" src="/x.jpg"></a>',
        '<a title="Một tiêu đề nào đó" href="/node/901">Xem</a>',
    ):
        assert names(replace(page("", ""), body=markup.encode()), key), markup
    for markup in (
        '<a href="/node/901">Xem tiếp</a>',
        '<a href="/node/9010">Một tiêu đề nào đó</a>',
        '<a href="http://[/">Một tiêu đề nào đó</a>',
        "Một tiêu đề nào đó /node/901",
    ):
        assert not names(replace(page("", ""), body=markup.encode()), key), markup


@pytest.mark.parametrize(
    ("kind", "body", "found"),
    [
        ("application/rss+xml", "<item><title>x</title><link>http://thu.example.vn/node/901</link></item>", True),
        ("application/json", r'{"url":"http:\/\/thu.example.vn\/node\/901","title":"x"}', True),
        ("text/xml", "<urlset><url><loc>http://thu.example.vn/node/901</loc></url></urlset>", False),
        ("image/svg+xml", "<a href='http://thu.example.vn/node/901'>Một tiêu đề nào đó</a>", False),
    ],
)
def test_feeds_and_answers_of_scripts_name_what_they_link_to(kind: str, body: str, found: bool) -> None:
    one = replace(page("", ""), headers=(("Content-Type", kind),), body=body.encode())
    assert names(one, frozenset(["vn,example,thu)/node/901"])) is found
