"""What a received page becomes: its addresses lead into the archive, and nothing of it runs or asks."""

from __future__ import annotations

import contextlib
import re
import time
import unicodedata
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import given, settings
from hypothesis import strategies as st
from replaying import VECTORS, vector

from archive.replay import addresses, css, html, kinds, memento
from archive.replay.addresses import Base, moment, target
from archive.text.markup import Tangled

BASE = Base("http://thuanphu.example.gov.vn/tin/bai.html?id=7", "20240304023015", "/web/")
IN = "/web/20240304023015"
PORTAL = "http://thuanphu.example.gov.vn"


def rewritten(markup: str, base: Base = BASE) -> BeautifulSoup:
    return BeautifulSoup(whole(markup, base), "html.parser")


def whole(markup: str, base: Base = BASE) -> str:
    return html.framed(html.rewrite(markup, base, "Khung nhúng: {}".format), "", "")


def one(soup: BeautifulSoup, selector: str) -> Tag:
    found = soup.select_one(selector)
    assert found is not None, soup
    return found


# Addresses


@pytest.mark.parametrize(
    ("rest", "query", "expected"),
    [
        ("http://a.vn/x", "", "http://a.vn/x"),
        ("http:/a.vn/x", "", "http://a.vn/x"),
        ("https:/a.vn/x", "b=1&lang=en", "https://a.vn/x?b=1&lang=en"),
        ("a.vn/x", "", "http://a.vn/x"),
        ("//a.vn/x", "", "http://a.vn/x"),
        ("HTTPS://A.vn/X", "", "https://A.vn/X"),
        ("http%3A%2F%2Fa.vn%2Fx", "", "http://a.vn/x"),
        ("http:%2F%2Fa.vn/x", "", "http://a.vn/x"),
        ("http://a.vn/%C4%91%2F%e1", "q=%20+", "http://a.vn/%C4%91%2F%e1?q=%20+"),
        ("http://a.vn/http://b.vn/x", "", "http://a.vn/http://b.vn/x"),
        ("", "", ""),
        ("/", "", ""),
        ("http://a.vn/" + "x" * 9_000, "", ""),
    ],
)
def test_what_stands_behind_the_timestamp(rest: str, query: str, expected: str) -> None:
    assert target(rest, query) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("anh.png", f"{PORTAL}/tin/anh.png"),
        ("/a/b", f"{PORTAL}/a/b"),
        ("?id=8", f"{PORTAL}/tin/bai.html?id=8"),
        ("../../../../x", f"{PORTAL}/x"),
        ("//khac.vn/x", "http://khac.vn/x"),
        (" https://khac.vn/a\nb ", "https://khac.vn/ab"),
        ("\\\\khac.vn\\x", "http://khac.vn/x"),
        ("http://khac.vn/../%2e%2e/x?a=../b", "http://khac.vn/x?a=../b"),
        ("http://khac.vn/tệp đính kèm.pdf", "http://khac.vn/t%E1%BB%87p%20%C4%91%C3%ADnh%20k%C3%A8m.pdf"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("ftp://khac.vn/x", ""),
        ("http://[", ""),
        ("http:///x", f"{PORTAL}/x"),
    ],
)
def test_an_address_of_a_page_leads_into_the_archive(written: str, expected: str) -> None:
    assert BASE.inside(written) == (f"{IN}/{expected}" if expected else "")


@given(st.text(max_size=60) | st.text(alphabet="htp:/\\.%2eEa@?#[]\t\n ", max_size=60))
def test_no_address_leads_out_of_the_archive(written: str) -> None:
    inside = BASE.inside(written)
    assert inside == "" or inside.startswith((f"{IN}/http://", f"{IN}/https://"))
    path = re.sub("(?i)%2e", ".", inside.partition("?")[0].partition("#")[0])
    assert "/../" not in path and not path.endswith("/..") and not re.search(r"[\s<>\"\\]", inside)


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("20240304023015", "2024-03-04T02:30:15Z"),
        ("2024", "2024-01-01T00:00:00Z"),
        ("2", "2000-01-01T00:00:00Z"),
        ("202402", "2024-02-01T00:00:00Z"),
        ("20230231", "2023-02-28T00:00:00Z"),
        ("20239999999999", "2023-12-31T23:59:59Z"),
        ("00000000000000", "0001-01-01T00:00:00Z"),
        ("99999999999999", "9999-12-31T23:59:59Z"),
    ],
)
def test_digits_are_a_moment_or_the_nearest_to_one(digits: str, expected: str) -> None:
    assert addresses.iso(moment(digits)) == expected


@given(st.from_regex(r"[0-9]{1,14}", fullmatch=True))
def test_any_digits_are_a_moment(digits: str) -> None:
    assert 1 <= moment(digits).year <= 9999


# Datetimes and links


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Thu, 31 May 2007 20:35:00 GMT", datetime(2007, 5, 31, 20, 35, tzinfo=UTC)),
        ("thu, 31 may 2007 20:35:00 gmt", datetime(2007, 5, 31, 20, 35, tzinfo=UTC)),
        ("Thu, 31 Feb 2007 20:35:00 GMT", None),
        ("Thu, 31 May 2007 25:35:00 GMT", None),
        ("Thu, 31 May 2007 20:35:00 +0700", None),
        ("2007-05-31T20:35:00Z", None),
        ("31 May 2007", None),
        ("Thu, ٣١ May 2007 20:35:00 GMT", None),
        ("", None),
    ],
)
def test_accept_datetime(written: str, expected: datetime | None) -> None:
    assert memento.read_datetime(written) == expected


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))
def test_a_datetime_is_read_as_it_is_written(when: datetime) -> None:
    whole_second = when.replace(microsecond=0)
    assert memento.read_datetime(memento.http_date(addresses.iso(whole_second))) == whole_second


def test_links_say_each_memento_once() -> None:
    places = memento.Places("https://kho.vn/", f"{PORTAL}/tin/đ?a=1,2")
    first, last = (memento.Moment(places.url, f"20{year}-01-01T00:00:00Z") for year in (20, 24))
    link = memento.links(places, last, memento.Neighbours(first, last, first, None))
    assert f'<{PORTAL}/tin/%C4%91?a=1,2>; rel="original"' in link
    assert f'<https://kho.vn/web/{PORTAL}/tin/%C4%91?a=1,2>; rel="timegate"' in link
    assert f'<https://kho.vn/web/20200101000000/{PORTAL}/tin/%C4%91?a=1,2>; rel="first prev memento"' in link
    assert 'rel="last memento"; datetime="Mon, 01 Jan 2024 00:00:00 GMT"' in link
    assert link.isascii() and link.count("<") == 5


# Style sheets


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a{background:url(x.png)}", f'a{{background:url("{IN}im_/{PORTAL}/tin/x.png")}}'),
        ("a{background:URL( 'x.png' )}", f'a{{background:url("{IN}im_/{PORTAL}/tin/x.png")}}'),
        ("a{b:\\75 rl(x)}", f'a{{b:url("{IN}im_/{PORTAL}/tin/x")}}'),
        ("@import 'b.css' screen;", f'@import url("{IN}cs_/{PORTAL}/tin/b.css") screen;'),
        ("@import url(/b.css);a{c:url(d)}",
         f'@import url("{IN}cs_/{PORTAL}/b.css");a{{c:url("{IN}im_/{PORTAL}/tin/d")}}'),
        ("@font-face{src:url(f.woff)}b{c:url(d)}",
         f'@font-face{{src:url("{IN}oe_/{PORTAL}/tin/f.woff")}}b{{c:url("{IN}im_/{PORTAL}/tin/d")}}'),
        ('@charset "windows-1258";a{}', "a{}"),
        ("/* url(x.png) @import 'y' */a{}", "/* url(x.png) @import 'y' */a{}"),
        ("a{content:'url(x.png)'}", "a{content:'url(x.png)'}"),
        ("a{b:url(data:image/png;base64,AA==)}", "a{b:url(data:image/png;base64,AA==)}"),
        ("a{filter:url(#f)}", "a{filter:url(#f)}"),
        ("@namespace svg url(http://www.w3.org/2000/svg);", "@namespace svg url(http://www.w3.org/2000/svg);"),
        ("a{b:url(javascript:alert(1))}", 'a{b:url("about:invalid"))}'),
        ("a{b:url('x\\27 y')}", f'a{{b:url("{IN}im_/{PORTAL}/tin/x%27y")}}'),
        ("a{b:my-url(x)}", "a{b:my-url(x)}"),
        ("a{b:image-set('x.png' type('image/png') 1x);c:'y'}",
         f"a{{b:image-set(url(\"{IN}im_/{PORTAL}/tin/x.png\") type('image/png') 1x);c:'y'}}"),
        ("a{b:url(x", f'a{{b:url("{IN}im_/{PORTAL}/tin/x")'),
        ("", ""),
    ],
)  # fmt: skip
def test_addresses_of_style_sheets(written: str, expected: str) -> None:
    assert css.rewrite(written, BASE) == expected


@given(st.text(alphabet="url()\\\"'@import /*;{}x:75 69\n<>&", max_size=120))
def test_no_style_sheet_ends_its_element(written: str) -> None:
    shown = whole(f"<style>{written}</style><p>chữ</p>")
    assert "<style>" in shown and len(BeautifulSoup(shown, "html.parser").select("p")) <= 1


def test_a_large_style_sheet_is_read_at_once() -> None:
    sheet = "a.b > c:hover { background: #fff url('../anh/nen.png?v=1') no-repeat; color: red }\n" * 4_000
    start = time.process_time()
    assert css.rewrite(sheet, BASE).count("im_/") == 4_000
    for hostile in ("url(" * 40_000, '"' * 99_999, "\\" * 99_999, "/*" * 50_000, "@" + "a" * 99_999, "url('" * 30_000):
        css.rewrite(hostile, BASE)
    assert time.process_time() - start < 6


# Pages


def test_pictures_styles_and_links_lead_into_the_archive() -> None:
    page = rewritten(
        '<!DOCTYPE html><html><head><base href="/goc/"><link rel=stylesheet href=a.css media=print integrity="sha1-x">'
        '<link rel="shortcut icon" href="/favicon.ico"><link rel=preload href=b.js as=script></head>'
        '<body background="nen.gif"><img src=a.jpg srcset="a-2x.jpg 2x, b.jpg 1x"><a href="bai-2.html#cuoi">x</a>'
        '<a href="#dau">y</a><a href="mailto:a@b.vn">z</a><td background=o.png><p style="background:url(p.png)">'
    )
    goc = f"{PORTAL}/goc"
    assert not page.select("base, [integrity], [rel*=preload]")
    assert one(page, "link[rel=stylesheet]")["href"] == f"{IN}cs_/{goc}/a.css"
    assert one(page, "link[rel=stylesheet]")["media"] == "print"
    assert one(page, "link[rel=icon]")["href"] == f"{IN}im_/{PORTAL}/favicon.ico"
    assert one(page, "body")["background"] == f"{IN}im_/{goc}/nen.gif"
    assert one(page, "img")["src"] == f"{IN}im_/{goc}/a.jpg"
    assert one(page, "img")["srcset"] == f"{IN}im_/{goc}/a-2x.jpg 2x, {IN}im_/{goc}/b.jpg 1x"
    links = [a["href"] for a in page.select("a")]
    assert links == [f"{IN}/{goc}/bai-2.html#cuoi", "#dau", "mailto:a@b.vn"]
    assert one(page, "p")["style"] == f'background:url("{IN}im_/{goc}/p.png")'


def test_lazy_pictures_are_awake() -> None:
    page = rewritten(
        '<img src="data:image/gif;base64,AAAA" data-src="that.jpg" loading="lazy">'
        '<img src="b.jpg" data-original="c.jpg">'
        '<picture><source data-srcset="d.webp 1x"><img src="data:image/png;base64,AAAA"></picture>'
    )
    sources = [img["src"] for img in page.select("img")]
    assert sources == [f"{IN}im_/{PORTAL}/tin/that.jpg", f"{IN}im_/{PORTAL}/tin/c.jpg", "data:image/png;base64,AAAA"]
    assert one(page, "source")["srcset"] == f"{IN}im_/{PORTAL}/tin/d.webp 1x"


@pytest.mark.parametrize(
    ("start", "kept"),
    [
        ("<!DOCTYPE html>", "<!DOCTYPE html>"),
        ('<!doctype html public "-//W3C//DTD HTML 4.01 Transitional//EN">',) * 2,
        ("\ufeff <!-- x --><!DOCTYPE html>", "<!DOCTYPE html>"),
        ("", ""),
        ("chữ <!DOCTYPE html>", ""),
    ],
)
def test_a_page_is_laid_out_by_the_rules_of_its_time(start: str, kept: str) -> None:
    assert whole(f"{start}<html><body>x").startswith(f"{kept}<html>")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("words", ["Đất đai huyện Thuận Phú: hoà giải, thuý, uỷ ban", "ĐẤT ĐAI", "hòa, thúy, ủy ban"])
def test_the_text_stays_as_it_was(words: str, form: str) -> None:
    written = unicodedata.normalize(form, words)  # type: ignore[arg-type]
    assert one(rewritten(f"<p>{written} &amp; &lt;b&gt;</p>"), "p").text == f"{written} & <b>"


def test_lines_stay_where_they_were() -> None:
    assert one(rewritten("<pre>\n\nhai\n</pre>"), "pre").decode_contents().lstrip("\n") == "hai\n"
    assert whole("<pre>\n\nhai</pre>").count("\n") == 2


def test_frames_become_links() -> None:
    page = rewritten(
        '<iframe src="/video?a=1&b=2" srcdoc="x"></iframe><object data="phim.swf"><p>Không có phim</p></object>'
        "<object><p>Thay thế</p></object><iframe></iframe><embed src='javascript:1'>"
    )
    assert [(a["href"], a.text) for a in page.select("a")] == [
        (f"{IN}/{PORTAL}/video?a=1&b=2", f"Khung nhúng: {PORTAL}/video?a=1&b=2"),
        (f"{IN}/{PORTAL}/tin/phim.swf", f"Khung nhúng: {PORTAL}/tin/phim.swf"),
    ]
    assert "Thay thế" in page.text and not page.select("iframe, object, embed")


def test_a_page_of_frames_shows_where_they_lead() -> None:
    page = rewritten("<html><head><title>Cổng</title></head><frameset><frame src=a.htm><frame src=b.htm></frameset>")
    assert [a["href"] for a in page.select("body a")] == [f"{IN}/{PORTAL}/tin/a.htm", f"{IN}/{PORTAL}/tin/b.htm"]
    assert one(page, "title").text == "Cổng"


def test_the_banner_stands_first_and_nothing_hides_the_body() -> None:
    page = html.rewrite('<html hidden><body class="a&quot;>" inert aria-hidden=true>chữ', BASE, str)
    shown = html.framed(page, "<meta>", "<b>banner</b>")
    assert "<html><head><meta>" in shown and '<body class="a&quot;&gt;"><b>banner</b>chữ</body>' in shown


FORBIDDEN = (
    "script, base, template, iframe, frame, object, embed, applet, portal, fencedframe, meta[http-equiv], [srcdoc],"
    " [ping], [action], [formaction], [popover], [popovertarget], [autofocus], [download], [target],"
    " link:not([rel~=stylesheet]):not([rel~=icon])"
)


def harmless(page: BeautifulSoup) -> None:
    assert not page.select(FORBIDDEN)
    for tag in page.find_all(True):
        for name, value in tag.attrs.items():
            assert not name.lower().startswith("on"), tag
            if name in ("href", "src", "xlink:href", "background", "poster", "data"):
                assert re.match(r"/web/|#|mailto:|tel:|data:image/(?!svg)|data:font/", str(value)) or not value, tag


@pytest.mark.parametrize("name", VECTORS["markup"])
def test_no_vector_keeps_what_it_needs(name: str) -> None:
    page = rewritten(f"<p>Mở đầu</p>{vector(VECTORS['markup'][name], 'alert(1)', 'evil.example')}<p>Kết</p>")
    harmless(page)


@pytest.mark.parametrize("name", VECTORS["address"])
def test_no_address_keeps_what_it_needs(name: str) -> None:
    address = vector(VECTORS["address"][name], "alert(1)", "evil.example").replace('"', "&quot;")
    harmless(rewritten(f'<a href="{address}">x</a><img src="{address}"><link rel=stylesheet href="{address}">'))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="<>/ =\"'&;:!-aimgsrcxhefonlduptvjy\n\x00", max_size=300))
def test_any_markup_becomes_a_harmless_page(markup: str) -> None:
    harmless(rewritten(markup))


def test_markup_without_end_is_refused() -> None:
    for hostile in (
        "<div>" * 50_000,
        "".join(f"<b id={n}>" for n in range(9_000)) + "<p>" * 9_000,
        "<a " + "b " * 90_000,
    ):
        start = time.process_time()
        with contextlib.suppress(Tangled):
            whole(hostile)
        assert time.process_time() - start < 3


# Kinds

PNG, PDF = b"\x89PNG\r\n\x1a\n", b"%PDF-1.4"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    ("declared", "body", "expected"),
    [
        ("text/html", b"<p>x", ("html", "text/html")),
        ("", b"<!DOCTYPE html><p>x", ("html", "text/html")),
        ("application/octet-stream", b"<html>", ("html", "text/html")),
        ("text/html", PNG, ("image", "image/png")),
        ("image/jpeg", b"<html><script>alert(1)</script>", ("file", "application/octet-stream")),
        ("text/plain", b"<html>", ("text", "text/plain")),
        ("application/xml", b"<x/>", ("text", "text/plain")),
        ("application/rss+xml", b"<rss/>", ("text", "text/plain")),
        ("text/xml", b'<html xmlns="http://www.w3.org/1999/xhtml">', ("text", "text/plain")),
        ("application/javascript", b"alert(1)", ("text", "text/plain")),
        ("image/svg+xml", SVG, ("image", "image/svg+xml")),
        ("image/png", SVG, ("image", "image/svg+xml")),
        ("text/css", b"a{}", ("styles", "text/css")),
        ("application/pdf", PDF, ("pdf", "application/pdf")),
        ("application/pdf", b"<script>", ("file", "application/octet-stream")),
        ("font/woff", b"wOFF0000", ("media", "font/woff")),
        ("application/msword", b"\xd0\xcf\x11\xe0", ("file", "application/octet-stream")),
        ("", b"\x00\x01\x02", ("file", "application/octet-stream")),
        ("a/b\r\nX: y", b"\x00", ("file", "application/octet-stream")),
        ("", b"", ("text", "text/plain")),
    ],
)  # fmt: skip
def test_the_bytes_are_believed_before_the_server(declared: str, body: bytes, expected: tuple[str, str]) -> None:
    found = kinds.kind(declared, body)
    assert (found.name, found.media_type) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.vn/t%E1%BB%87p/K%E1%BA%BF%20ho%E1%BA%A1ch.PDF?x=1", "Kế hoạch.PDF"),
        ("http://a.vn/..%2f..%2fetc%2fpasswd", "passwd"),
        ("http://a.vn/", "file"),
        ('http://a.vn/a";x=.pdf', "a_x_.pdf"),
        ("http://[", "file"),
    ],
)
def test_a_download_has_a_plain_name(url: str, expected: str) -> None:
    assert kinds.file_name(url, "application/pdf") == expected


@given(st.text(max_size=100))
def test_no_name_of_a_download_is_a_path(url: str) -> None:
    assert not re.search(r"[/\\\x00-\x1f\"]", kinds.file_name("http://a.vn/" + url, "x/y"))
