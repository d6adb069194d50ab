"""What a snapshot needs to look like the page."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from archive.model import Capture
from crawler.requisites import MOST, layout, of_page, of_styles

PAGE = """<html><head><base href="/goc/"><link rel="stylesheet" href="a.css?1"><link rel="shortcut icon" href="/i.ico">
<link rel="alternate" href="/rss.xml"><style>body { background: url('nen.png') } @import "b.css";</style></head>
<body background="x"><img src="logo.png"><img src="logo.png"><img src="data:image/gif;base64,R0"><img>
<table background="http://b.vn/nen.gif"><tr><td style="background:url(&quot;o.png&quot;)"></td></tr></table>
<script src="/x.js"></script><a href="/tin">Tin</a></body></html>"""


def test_style_sheets_icons_and_pictures_are_found_once_each() -> None:
    assert of_page(PAGE, "http://a.vn/tin/1") == (
        "http://a.vn/goc/a.css?1",
        "http://a.vn/i.ico",
        "http://a.vn/goc/logo.png",
        "http://b.vn/nen.gif",
        "http://a.vn/goc/nen.png",
        "http://a.vn/goc/b.css",
        "http://a.vn/goc/o.png",
    )


def test_a_style_sheet_names_others() -> None:
    css = "@import 'x.css'; a { background: url(  ../n.png ) } b { background: url(data:,x) }"
    assert of_styles(css, "http://a.vn/css/a.css") == ("http://a.vn/css/x.css", "http://a.vn/n.png")


def look(html: str, coding: str = "") -> tuple[bytes, ...]:
    body = gzip.compress(html.encode()) if coding == "gzip" else html.encode()
    return layout(Capture("http://a.vn/", datetime.now(UTC), 200, (("Content-Encoding", coding),), body))


def test_pages_with_the_same_style_sheets_look_alike() -> None:
    assert look(PAGE) == look(PAGE.replace("logo.png", "khac.png")) == look(PAGE, "gzip") != ()
    assert look(PAGE) != look(PAGE.replace("a.css", "khac.css"))
    assert look(PAGE, "br") == ()  # which it is not


def test_a_page_full_of_pictures_ends_somewhere() -> None:
    html = "".join(f'<img src="/{n}.png">' for n in range(MOST * 3))
    assert len(of_page(html, "http://a.vn/")) == MOST


@given(st.text())
def test_any_page_has_an_answer(html: str) -> None:
    assert all(url.startswith("http") for url in (*of_page(html, "http://a.vn/"), *of_styles(html, "http://a.vn/")))
