"""Pages made to break a reader: name → builder. Generated, since most are megabytes of one thing.

Each ends, with any rules, in an Article, NotAnArticle or NotHTML: ``tests/test_fuzz.py`` holds the reader to that,
and `make fuzz` to its CPU second and its memory. What the fuzzer finds is added to ``FOUND``.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import brotli

from archive.model import Capture

URL = "http://huyen.example.vn/tin-tuc/hoi-nghi-1234.html"
HTML = "text/html; charset=utf-8"
RULES = ("", "drupal7", "wordpress", "liferay")
SENTENCE = "Sáng nay, Ủy ban nhân dân huyện tổ chức hội nghị tổng kết công tác năm, triển khai nhiệm vụ trọng tâm. "
HEAD = (
    "<html><head><title>Tin mới của huyện hôm nay | Huyện</title>{head}</head>"
    "<body class='page-node page-node-1 node-type-article single-post single'>"
    "<article class='post journal-content-article'><h1 id='page-title' class='entry-title'>"
    "Tin mới của huyện hôm nay</h1>"
    "<div class='node node-article'><p>12/11/2020 08:30</p><div class='field-name-body entry-content asset-content'>"
    "<div class='field-items'><div class='field-item'>"
)
TAIL = "</div></div></div></div></article></body></html>"


class Page(NamedTuple):
    """A body and the headers that come with it."""

    body: bytes
    content_type: str = HTML
    coding: str = ""
    url: str = URL

    def capture(self) -> Capture:
        headers = (("Content-Type", self.content_type), *((("Content-Encoding", self.coding),) if self.coding else ()))
        return Capture(self.url, datetime(2026, 1, 1, tzinfo=UTC), 200, headers, self.body)


def page(inner: str = SENTENCE, head: str = "") -> bytes:
    """A page that no-one's rules would refuse at once: every platform here knows its article and its body."""
    return (HEAD.replace("{head}", head) + inner + TAIL).encode("utf-8", "surrogatepass")


def _p(inner: str, head: str = "") -> Callable[[], Page]:
    """``inner`` within an article of three paragraphs."""
    words = f"<p>{SENTENCE * 3}</p>" * 3
    return lambda: Page(page(f"{words}{inner}{words}", head))


def _n(unit: str, times: int, end: str = "", behind: str = f"<p>{SENTENCE * 3}</p>") -> Callable[[], Page]:
    """``unit`` so many times, then words, then ``end`` as often: built only when it is asked for."""
    return lambda: Page(page(f"<p>{SENTENCE * 3}</p>" + unit * times + behind + end * times))


def _ld(value: object) -> Callable[[], Page]:
    text = value if isinstance(value, str) else json.dumps(value)
    return _p("", f"<script type='application/ld+json'>{text}</script>")


def _nested(depth: int) -> str:
    return '{"@graph":[' * depth + "1" + "]}" * depth


def _wrong(value: str) -> str:
    keys = "@type @graph mainEntity headline datePublished articleSection author name url image publisher description"
    return "{" + ",".join(f'"{key}":{value}' for key in keys.split()[1:]) + ',"@type":["NewsArticle",{},1,null]}'


HOSTILE: dict[str, Callable[[], Page]] = {
    # Size
    "50 MB": lambda: Page(page(SENTENCE * 350_000)),
    "one line of 5 MB": lambda: Page(page(SENTENCE * 38_000)),
    "one line of 1.9 MB": lambda: Page(page(SENTENCE * 14_000)),
    "one word of 1.9 MB": lambda: Page(page("a" * 1_900_000)),
    "text/plain, one line of 1.9 MB": lambda: Page((SENTENCE * 14_000).encode(), "text/plain"),
    "text/plain, 100,000 lines": lambda: Page(("Tin.\n" * 100_000 + SENTENCE * 9).encode(), "text/plain"),
    "text/plain, 14,000 paragraphs": lambda: Page((SENTENCE + "\n\n").encode() * 14_000, "text/plain"),
    "text/plain, dates": lambda: Page(("12/11/2020 08:30\n" * 100_000 + SENTENCE * 9).encode(), "text/plain"),
    "text/plain, bylines": lambda: Page(
        ("\n".join([SENTENCE * 3] * 3) + "\nTin, ảnh: Lệ Minh" * 60_000).encode(), "text/plain"
    ),
    "text/plain, glued bylines": lambda: Page((SENTENCE * 3 + "./.Tin, ảnh: Lệ Minh " * 60_000).encode(), "text/plain"),
    # Nesting
    **{f"100,000 nested {tag}": _n(f"<{tag}>", 100_000) for tag in ("div", "b", "p", "form", "center", "svg", "h2")},
    "100,000 <font>": _n("<font color='red'>", 90_000),
    "500 nested div, closed, 200 times": _n("<div>" * 500 + "x" + "</div>" * 500, 200),
    "nested spans, closed": _n("<span>", 60_000, "</span>"),
    "nested lists": _n("<ul><li>", 60_000),
    "nested lists, closed": _n("<ul><li>Một.", 400, "</li></ul>"),
    "nested tables": _n("<table><tr><td>", 50_000),
    "nested tables, closed": _n("<table><tr><td>Một", 150, "</td></tr></table>"),
    "nested blockquotes": _n("<blockquote>", 60_000),
    "nested blockquotes, closed": _n("<blockquote>Một", 500, "</blockquote>"),
    "unclosed tags": _n("<p><i><td><li><a href=x><b", 50_000),
    "unclosed attributes": _n("<a href=\"x' class='", 60_000),
    "end tags only": _n("</div></p></table></b>", 60_000),
    "misnested looks": _n("<b><i><p></b></i>", 60_000),
    # Floods
    "1.5 MB of <br>": _n("<br>", 375_000),
    "60,000 h1": _n("<h1>Tin mới của huyện</h1>", 60_000),
    "100,000 share paragraphs": _n("<p>Chia sẻ</p>", 90_000),
    "900,000 lines in pre": lambda: Page(page("<pre>" + "a\n" * 900_000)),
    "a table of 150,000 cells": _n("", 0, behind="<table>" + ("<tr>" + "<td>1</td>" * 10 + "</tr>") * 15_000),
    "a table of 3,000 cells that span": _n(
        "<table>" + "<tr><td colspan=9999 rowspan=9999>1</td></tr>" * 3000 + "</table>", 1
    ),
    "60,000 links": _n("<a href='/tin-1.html'>tin</a> ", 55_000),
    "50,000 files": _n("<a href='/a.pdf'>Tải về</a><br>", 50_000),
    "90,000 images": _n("<img src='/a.jpg'>", 90_000),
    "9,000 figures": _n(f"<figure><img src='/a.jpg'><figcaption>{SENTENCE}</figcaption></figure>", 9_000),
    "40,000 list items": _n("<li>Một mục. Một mục.</li>", 40_000),
    "70,000 dates": _n("<p>12/11/2020 08:30</p>", 70_000),
    "60,000 bylines": _n("<p>Tin, ảnh: Lệ Minh</p>", 55_000),
    "12,000 paragraphs": _n(f"<p>{SENTENCE}</p>", 12_000),
    "500,000 comments": _n("<!--", 450_000),
    "60,000 frames": _n("<iframe src='/a.html'></iframe>", 55_000),
    "60,000 scripts": _n("<script>1</script>", 90_000),
    "60,000 titles": _n("<title>Tin mới</title>", 60_000),
    "60,000 metas": lambda: Page(page(head="<meta property='article:published_time' content='2020-01-01'>" * 25_000)),
    # Entities and letters
    "entity flood": _n("&eacute;&#x1ea1;&nbsp;", 80_000),
    "bad entities": _n("&#x110000;&#55296;&#0;&bogus;", 60_000),
    "entities without end": _n("&amp", 300_000),
    "NUL bytes": _n("\0", 1_500_000),
    "control characters": lambda: Page(
        page("<p>\x01\x02\x08\x1f\x7f" + SENTENCE * 3).replace(b"Tin m", b"T\x01\x1bin\x7f m")
    ),
    "combining marks": _n("\u0301", 900_000),
    "combining marks on letters": _n("a\u0301\u0323", 350_000),
    "zero-width characters": _n("\u200b\ufeff\u00ad", 200_000),
    "no-break spaces": _n("\xa0", 900_000),
    "spaces": _n(" ", 1_900_000),
    "right to left": _n("\u202e", 500_000),
    "lone surrogates": lambda: Page(page("<p>\ud800" + SENTENCE)),
    "beyond the plane": _n("\U0001f4f0", 400_000),
    "UTF-16": lambda: Page(page(f"<p>{SENTENCE}</p>" * 3000).decode().encode("utf-16")),
    "UTF-16 without its mark": lambda: Page(page(f"<p>{SENTENCE}</p>" * 3000).decode().encode("utf-16-be")),
    "UTF-16 said, UTF-8 sent": lambda: Page(page(), "text/html; charset=utf-16"),
    "TCVN3": lambda: Page("<p>C«ng an huyÖn tæ chøc héi nghÞ</p>".encode("cp1252") * 40_000),
    "TCVN3, distinct words": lambda: Page(
        b"".join(
            b"<p>C\xabng an huy%c%c%cn</p>" % (97 + i % 26, 0xA1 + i % 90, 97 + i // 26 % 26) for i in range(60_000)
        )
    ),
    "windows-1258": lambda: Page(page(f"<p>{SENTENCE}</p>" * 9000).decode().encode("cp1258", "replace"), "text/html"),
    "high bytes": lambda: Page(bytes(range(128, 256)) * 14_000, "text/html"),
    "high bytes, unlabelled": lambda: Page(b"<html><p>" + bytes(range(128, 256)) * 14_000, ""),
    "UTF-8 encoded twice": lambda: Page(page(SENTENCE * 4000).decode().encode().decode("latin-1").encode()),
    # Attributes
    "an attribute of 1 MB": _p("<div data-x='" + "x" * 1_000_000 + "'>Tin.</div>"),
    "450,000 attributes": _p("<div " + "a=1 " * 450_000 + ">Tin.</div>"),
    "200,000 attributes of their own names": lambda: Page(
        page("<div " + " ".join(f"a{i}=1" for i in range(150_000)) + ">Tin.</div>")
    ),
    "classes of 1.7 MB": _p("<div class='" + "item " * 350_000 + "'>" + SENTENCE + "</div>"),
    "a style of 1.6 MB": _p("<p style='" + "text-align:" * 150_000 + "'>" + SENTENCE),
    "an href of 1 MB": _p("<p><a href='/" + "a/" * 500_000 + "x.pdf'>Tải về</a>"),
    "an href of dots": _p("<p><a href='" + "../" * 330_000 + "x.pdf'>Tải về</a>"),
    "an href of per cents": _p(
        "<p><a href='/" + "%zz%c4" * 180_000 + ".pdf'>Tải về</a><img src='/%" + "%" * 90_000 + "'>"
    ),
    "an href of parameters": _p(
        "<p><iframe src='/v?" + "url=x&" * 200_000 + "'></iframe><a href='?" + "&" * 90_000 + "'>x</a>"
    ),
    "a canonical link of 1 MB": _p("", "<link rel=canonical href='/" + "a;jsessionid=" * 80_000 + "'>"),
    "a canonical link that names no host": _p("", "<link rel=canonical href='http://:80/'><base href='http://[1/'>"),
    "a base of 1 MB": _p("<a href='x.pdf'>x</a>" * 500, "<base href='http://huyen.example.vn/" + "a/" * 50_000 + "'>"),
    "a srcset of 1 MB": _p("<p><img srcset='" + "/a.jpg 1x, " * 100_000 + "'>"),
    "a srcset of commas": _p("<p><img srcset='" + "," * 1_000_000 + "' data-srcset='/a.jpg " + "9" * 5000 + "w'>"),
    "an alt of 1 MB": _p("<p><img src='/a.jpg' alt='" + "Ảnh " * 250_000 + "'>"),
    "a data: image of 1.4 MB": _p("<p><img src='data:image/png;base64," + "A" * 1_400_000 + "'>"),
    # Bylines, dates, titles
    "a byline of 1 MB": _p("<p>Tin, ảnh: " + "Lệ Minh " * 100_000 + "</p>"),
    "a byline of commas": _p("<p>Tin, ảnh: " + "Lệ Minh, " * 100_000 + "</p>"),
    "a byline in small pieces": _p("<p>" + "<b>Tin</b>, <i>ảnh</i>: " * 4000 + "</p>"),
    "labels": _p("<p>" + "tin, ảnh, " * 150_000 + "</p>"),
    "labels with colons": _p("<p>" + "Tin: " * 300_000 + "</p>"),
    "labels behind sentences": _p("<p>" + "Tốt. Tin, ảnh: " * 80_000 + "</p>"),
    "sources": _p("<p>" + "(Theo Nguồn: " * 90_000 + "</p>"),
    "opening brackets": _p("<p>" + "(" * 1_000_000 + "</p>"),
    "brackets": _p("<p>" + "(Lệ Minh) " * 120_000 + "</p>"),
    "quotation marks": _p("<p>" + "“" * 500_000 + "</p>"),
    "full stops": _p("<p>" + ". " * 700_000 + "</p>"),
    "slashes": _p("<p>" + "./" * 700_000 + "</p>"),
    "dashes": _p("<p>" + " - " * 500_000 + "</p>", "<meta property='og:title' content='" + " - " * 60_000 + "'>"),
    "capitals": _p("<p>" + "Lệ Minh Lê Văn " * 80_000 + "</p>"),
    "digits": _p("<p>" + "1" * 1_500_000 + "</p>"),
    "a date of 1 MB": _p(
        "<p>" + "12/11/" * 180_000 + "</p><p>" + "tháng 1" * 9000, "<meta name=pubdate content='" + "1-" * 90_000 + "'>"
    ),
    "months": _p("<p class=date>" + "tháng mười một 2020, " * 40_000 + "</p>"),
    "a title of 1 MB": lambda: Page(page().replace(b"Tin m", b"Tin m " * 170_000, 1)),
    "a heading of 1 MB": _p("<h1>" + "Tin mới " * 110_000 + "</h1>"),
    "a title of bars": lambda: Page(page().replace(b"<title>", b"<title>" + b" | " * 400_000, 1)),
    "residue of Word": _p(
        "<p>Normal 0 "
        + "false false EN-US X-NONE " * 40_000
        + "</p><p>Mso /* Style Definitions */"
        + "table.Mso" * 70_000
    ),
    "furniture": _p("<p>" + "In | Gửi | " * 100_000 + "</p>"),
    "links that say nothing": _p("<p>" + "<a href=/a.pdf>x</a> (12 KB) " * 9000 + "</p>"),
    "a script of a challenge": lambda: Page(("<script>" + "document.cookie=" * 1200 + "</script>").encode()),
    # JSON-LD
    "JSON-LD, deep": _ld("[" * 100_000),
    "JSON-LD, deep and closed": _ld(_nested(20_000)),
    "JSON-LD, huge": _ld([{"@type": "NewsArticle", "headline": SENTENCE}] * 9000),
    "JSON-LD, wide": _ld('{"@graph":[' + ",".join(["[1]"] * 60_000) + "]}"),
    "JSON-LD, not JSON": _ld("{'headline': }"),
    "JSON-LD, a graph within itself": _ld(
        {"@graph": [{"@graph": [{"@graph": {"@id": "#a"}, "@id": "#a"}]}], "@id": "#a"}
    ),
    "JSON-LD, headline a list": _ld(
        {"@type": "NewsArticle", "headline": ["a", {"b": 1}], "datePublished": {"@value": 1}}
    ),
    "JSON-LD, all null": _ld(_wrong("null")),
    "JSON-LD, all numbers": _ld(_wrong("1e999")),
    "JSON-LD, a number of 20,000 digits": _ld(_wrong("9" * 20_000)),
    "JSON-LD, all lists": _ld(_wrong("[[[]]]")),
    "JSON-LD, all objects": _ld(_wrong('{"@type":{"@type":[]}}')),
    "JSON-LD, lone surrogates": _ld(_wrong('"\\ud800 Tin \\u0000\\u0001 \\u200b"')),
    "JSON-LD, true": _ld("true"),
    "JSON-LD, 3,000 scripts": lambda: Page(page(head="<script type='application/ld+json'>[{}]</script>" * 30_000)),
    # Headers that lie
    "a gzip that lies": lambda: Page(page(), coding="gzip"),
    "a gzip cut short": lambda: Page(gzip.compress(page(SENTENCE * 900))[:-40], coding="gzip"),
    "a gzip bomb": lambda: Page(gzip.compress(b" " * 60_000_000, 1), coding="gzip"),
    "a gzip of 49 MB": lambda: Page(gzip.compress(page("<p>" * 16_000_000), 1), coding="gzip"),
    "20,000 gzip members": lambda: Page(gzip.compress(page()[:99]) * 20_000, coding="gzip"),
    "2,000,000 bytes of empty gzip members": lambda: Page(gzip.compress(b"") * 100_000, coding="gzip"),
    "a gzip with junk behind": lambda: Page(gzip.compress(page()) + b"\0" * 1_000_000, coding="gzip"),
    "gzip in gzip in br": lambda: Page(brotli.compress(gzip.compress(gzip.compress(page()))), coding="gzip, gzip, br"),
    "900 codings": lambda: Page(page(), coding="identity," * 900 + "gzip"),
    "a coding nobody knows": lambda: Page(page(), coding="zstd\0\r\n"),
    "a brotli bomb": lambda: Page(brotli.compress(b"\0" * 60_000_000, quality=1), coding="br"),
    "a brotli that lies": lambda: Page(page(), coding="br"),
    "a bare deflate": lambda: Page(zlib.compress(page())[2:-4], coding="deflate"),
    "a deflate bomb": lambda: Page(zlib.compress(b"<" * 60_000_000, 1), coding="deflate"),
    "a charset nobody knows": lambda: Page(page(), "text/html; charset=\x00none-such"),
    "a charset that is no text": lambda: Page(b"\xff\x80" + page(), "text/html; charset=base64"),
    "a charset of zip": lambda: Page(b"\xff\x80" + page(), "text/html; charset=zlib_codec"),
    "a charset of idna": lambda: Page(b"\xff\x80" + page(), "text/html; charset=idna"),
    "a charset of escapes": lambda: Page(b"\xff\x80\\N{" + page(), "text/html; charset=unicode_escape"),
    "a charset of undefined": lambda: Page(b"\xff\x80" + page(), "text/html; charset=undefined"),
    "UTF-7": lambda: Page(b"\xff\x80" + page() * 9, "text/html; charset=utf-7"),
    "an address that is none": lambda: Page(page(), url="http://[::1/a b\0"),
    "an address of a file": lambda: Page(page("<a href='?a.pdf'>x</a>"), url="file:///etc"),
    "no address": lambda: Page(page("<a href='a.pdf'>x</a>"), url=""),
}

# What the fuzzer found, and has been mended.
FOUND: dict[str, Callable[[], Page]] = {
    "looks that each paragraph opens again": lambda: Page(
        page("".join(f"<p><b id={i}>x" for i in range(2400)) + f"<p>{SENTENCE * 3}")
    ),
    "500 looks that 3,900 paragraphs open again": lambda: Page(
        page("".join(f"<p><b id={i}>x" for i in range(500)) + "<p>x" * 3900)
    ),
    "end tags that close nothing, elements that stay open": _n("<div></b>", 15_000),
    "articles ended by titles": _n("<article></title>", 15_000),
    "whole heads in bodies": _n("</title></head><body class='single'><article class='post'>", 9_000),
    "a script of cookies": lambda: Page(("<script>" + "document.cookie=1;" * 1000 + "</script>").encode()),
    "neighbours without end": _n("<div class='title tieude date detail' id='x_lblTitle'>x</div>", 9_400),
    "dates within one another": _n("<div class='title tieude date' id='x_lblTitle'>12/11/2020", 480, "</div>"),
    "headings without end": _n("<h1 class='title tieude'><b>x</b></h1>", 9_000),
    "open tags without end": lambda: Page(page(SENTENCE + "<a" * 30_000 + "<b 'x" * 5_000)),
    "dates in cells": _n("<tr><td>x<aside>1990-01-01T00:00:00+07:00</aside>", 9_000),
    "style sheets of Word": _p(
        "<p>Mso " + "/* Style Definitions */ " * 60_000 + "p.MsoA, " * 30_000 + "@page " * 50_000
    ),
    "a text of spaces": lambda: Page(
        (SENTENCE * 3 + "\n\nTin" + " " * 400_000 + "x\n" + SENTENCE * 3).encode(), "text/plain"
    ),
    "signs in plain text that no reader sees": lambda: Page(
        ("\x08" + SENTENCE + "\x7f\x1f0 \u200d" + "hÃ²a Cá»™ng\u200d\n\n" + SENTENCE * 3).encode(), "text/plain"
    ),
    "broadcasters without end": lambda: Page((SENTENCE + "PVBBT" * 90_000 + "\n\n" + SENTENCE).encode(), "text/plain"),
    "files of a separator": lambda: Page(("Tin.\n\n" + SENTENCE + "\x1c" + SENTENCE * 2).encode(), "text/plain"),
}
