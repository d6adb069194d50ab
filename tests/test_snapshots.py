"""Pages as they were received, and what they show: what a reader gets, and what nobody gets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replaying import HOST, PIXEL, banner, number, shelf, stamp, web
from rooms import Site, words
from shelf import Shelf

from archive.plugin import wording
from archive.plugin.received import embedded, holdings, snapshots
from archive.replay import kinds


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shelf(tmp_path_factory.mktemp("snapshots"))


@pytest.fixture(scope="module")
def site(path: Path) -> Iterator[Site]:
    built = Site(Shelf(path, {}))
    yield built
    built.loop.close()


# The page


def test_a_page_as_it_was_received_under_a_banner(site: Site) -> None:
    answer = site.get(web("/lich"))
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["memento-datetime"] == "Mon, 04 Mar 2024 02:30:15 GMT"
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.text.startswith("<!DOCTYPE html><html><head>")
    assert words(page, "h1") == "Lịch tiếp công dân" and "Thứ tư hằng tuần" in page.text
    said = words(banner(page), "#tangthu")
    assert "Bản lưu ngày 04/03/2024 09:30:15 (+07:00) " in said and "không phải trang đang hoạt động" in said
    assert "huyện Thuận Phú" in said and f"{HOST}/lich" in said and "Thứ tư" not in said
    hrefs = {str(a["href"]) for a in page.select("#tangthu a")}
    assert web("/lich", modifier="id_") in hrefs and any(href.startswith("/record/") for href in hrefs)
    assert {web("/lich", 1)} == {str(a["href"]) for a in page.select("#tangthu a[rel=next]")}
    assert page.select_one(f"a[href='{web('/tin?id=2&lang=en')}']")
    assert page.select_one(f"img[src='{web('/anh.png', modifier='im_')}']")
    assert "<script" not in answer.text


def test_nothing_of_it_may_run_or_ask(site: Site) -> None:
    headers = site.get(web("/lich")).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["sandbox"] == "allow-downloads" and policy["default-src"] == "'none'"
    assert {policy[name] for name in ("form-action", "base-uri")} == {"'none'"} and "script-src" not in policy
    assert headers["referrer-policy"] == "no-referrer" and headers["x-content-type-options"] == "nosniff"
    assert headers["x-dns-prefetch-control"] == "off" and headers["cross-origin-opener-policy"] == "unsafe-none"


def test_what_was_confirmed_shows_what_it_confirms(site: Site) -> None:
    for after, day in ((1, "05"), (2, "06")):
        answer = site.get(web("/lich", after))
        assert answer.status_code == 200 and "Thứ tư hằng tuần" in answer.text
        assert answer.headers["memento-datetime"].startswith(("Tue, 05", "Wed, 06")[after - 1])
        assert f"Bản lưu ngày {day}/03/2024" in answer.text and "nội dung nhận ngày 04/03/2024" in answer.text


def test_an_error_page_keeps_its_status(site: Site) -> None:
    answer = site.get(web("/lich", 20))
    assert answer.status_code == 404 and "memento-datetime" in answer.headers
    assert "Không tìm thấy" in answer.text and "Máy chủ trả lời 404" in answer.text
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.select(f"#tangthu a.readable[href='{web('/lich', 10)}']"), "the way to what can be read"
    assert not BeautifulSoup(site.get(web("/lich")).text, "html.parser").select("#tangthu a.readable")
    assert site.get(web("/khoa")).status_code == 200 and "www-authenticate" not in site.get(web("/khoa")).headers


@pytest.mark.parametrize(
    ("asked", "after"),
    [("20240304", 0), ("2024", 0), ("20240305120000", 1), ("20240313", 10), ("1", 0), ("99999999999999", 20),
     ("20240399", 20)],
)  # fmt: skip
def test_another_time_leads_to_the_nearest(site: Site, asked: str, after: int) -> None:
    answer = site.get(f"/web/{asked}/{HOST}/lich")
    assert (answer.status_code, answer.headers["location"]) == (302, web("/lich", after))
    assert "memento-datetime" not in answer.headers
    raw = site.get(f"/web/{asked}id_/{HOST}/lich")
    assert raw.headers["location"] == web("/lich", after, "id_")


@pytest.mark.parametrize(
    "spelled",
    [HOST + "/lich", "thuanphu.example.gov.vn/lich", "http:/thuanphu.example.gov.vn/lich",
     "www.thuanphu.example.gov.vn/lich/",
     "https://thuanphu.example.gov.vn/lich", quote(HOST + "/lich", safe="")],
)  # fmt: skip
def test_an_address_however_it_is_written(site: Site, spelled: str) -> None:
    assert "Thứ tư" in site.get(f"/web/{stamp()}/{spelled}").text


def test_the_query_string_is_the_portals(site: Site) -> None:
    answer = site.get(web("/tim?q=%C4%91%E1%BA%A5t&lang=en"))
    assert answer.status_code == 200 and "Tìm đất" in answer.text
    assert "Bản lưu ngày" in answer.text and "set-cookie" not in answer.headers
    assert "Archived copy" in site.get(web("/lich"), cookies={"tangthu_lang": "en"}).text


def test_what_scripts_filled_in_comes_before_what_was_sent(site: Site) -> None:
    filled = web("/dung", 3 / 86_400)
    assert site.get(f"/web/{HOST}/dung").headers["location"].endswith(filled)
    assert site.get(f"/web/2023/{HOST}/dung").headers["location"] == filled
    assert "Trang đã dựng xong" in site.get(filled).text and "Chromium" in site.get(filled).text
    assert "Đang tải" in site.get(web("/dung")).text


def test_a_redirect_is_told_and_not_followed(site: Site) -> None:
    answer = site.get(web("/cu"))
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 200 and "location" not in answer.headers and "memento-datetime" in answer.headers
    assert f"{HOST}/lich?a=1" in words(page) and page.select_one(f"a[href='{web('/lich?a=1')}']")
    away = BeautifulSoup(site.get(web("/di")).text, "html.parser")
    assert "https://evil.example/x" in words(away)
    assert not [a for a in away.select("main a") if not str(a["href"]).startswith("/")]
    assert "Đang chuyển" in site.get(web("/rong")).text


def test_silence_is_evidence(site: Site) -> None:
    answer = site.get(web("/tat"))
    assert answer.status_code == 200 and "memento-datetime" not in answer.headers
    assert "Không tìm thấy tên miền: không có trả lời" in words(BeautifulSoup(answer.text, "html.parser"))
    assert site.get(f"/web/{HOST}/tat").status_code == 404


def test_letters_from_before_unicode_are_readable(site: Site) -> None:
    assert "Uỷ ban nhân dân huyện Công khai ngân sách năm 2009, đất đai và xây dựng" in site.get(web("/tcvn3")).text


@pytest.mark.parametrize(("name", "what"), [("/hong", "broken"), ("/bom", "broken"), ("/roi", "tangled")])
def test_what_cannot_be_shown_is_said(site: Site, name: str, what: str) -> None:
    for language in ("vi", "en"):
        answer = site.get(web(name), cookies={"tangthu_lang": language})
        assert answer.status_code == 200 and "memento-datetime" not in answer.headers
        assert wording.WORDS[language]["snapshot"][what] in answer.text
    assert site.get(web(name, modifier="id_")).status_code == 200


def test_what_is_too_large_can_be_taken_as_its_record(site: Site, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holdings, "MOST", 100)
    assert "quá lớn để hiện ra" in site.get(web("/lich")).text
    assert "quá lớn để hiện ra" in site.get(web("/lich", modifier="id_")).text
    assert site.get(web("/anh.png", modifier="im_")).content == b"GIF89a khac"  # the next one, which is not too large
    assert "quá lớn để kiểm tra" in site.get(f"/capture/{number(path, '/lich')}").text
    assert site.get(f"/record/{number(path, '/lich')}").status_code == 200


def test_below_another_path(path: Path) -> None:
    site = Site(Shelf(path, {}))
    site.datasette._settings["base_url"] = "/kho/"
    answer = site.get(web("/lich"))  # the client itself adds the path
    page = BeautifulSoup(answer.text, "html.parser")
    links = [str(tag[name]) for name in ("href", "src") for tag in page.select(f"[{name}]")]
    assert links and all(link.startswith("/kho/") for link in links)
    assert f"http://localhost/kho{web('/lich')}" in words(banner(page), ".print")
    assert site.get(f"/web/{HOST}/lich").headers["location"] == f"http://localhost/kho{web('/lich', 20)}"
    assert site.get(f"/web/2024/{HOST}/lich").headers["location"] == f"/kho{web('/lich')}"
    site.loop.close()


# What a page shows besides its text


def test_pictures_come_from_the_nearest_capture_that_is_one(site: Site) -> None:
    for after, body in ((0, PIXEL), (4, PIXEL), (9.6, b"GIF89a khac"), (99, b"GIF89a khac"), (-99, PIXEL)):
        answer = site.get(web("/anh.png", after, "im_"))
        assert answer.status_code == 200 and answer.content == body
    assert answer.headers["content-type"] == "image/png" and answer.headers["x-content-type-options"] == "nosniff"
    assert site.get(web("/lich", modifier="im_")).status_code == 404
    assert site.get(web("/kieu.css", modifier="im_")).status_code == 404


def test_style_sheets_lead_into_the_archive(site: Site) -> None:
    answer = site.get(web("/kieu.css", 5, "cs_"))
    host = HOST.replace("http://", "https://www.")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    for modifier, name in (("oe_", "/chu.woff"), ("im_", "/nen.png"), ("cs_", "/them.css")):
        assert f'url("{web(name, 5, modifier, host)}")' in answer.text
    assert site.get(web("/lich", modifier="cs_")).status_code == 404


def test_a_file_under_a_number_that_was_never_captured_is_the_same_file(site: Site) -> None:
    for after, colour in ((0, "red"), (9, "blue")):
        for name in ("/theme/mau.css?t=99", "/theme/mau.css"):
            assert colour in site.get(web(name, after, "cs_")).text
    assert site.get(web("/theme/mau.css?t=18", 0, "cs_")).text == "p{color:blue}"
    assert site.get(web("/theme/mau.css?t=99")).status_code == 404
    assert site.get(web("/tep?id=2", modifier="im_")).status_code == 404
    assert site.get(web("/theme/mau.cs", modifier="cs_")).status_code == 404


def test_fonts_are_given_to_a_page_without_origin(site: Site) -> None:
    answer = site.get(web("/chu.woff", modifier="oe_"))
    assert answer.headers["content-type"] == "font/woff" and answer.headers["access-control-allow-origin"] == "*"


def test_no_script_is_given_to_anybody(site: Site) -> None:
    for name in ("/lich", "/anh.png"):
        assert (site.get(web(name, modifier="js_")).status_code, site.get(web(name, modifier="js_")).content) == (
            404,
            b"",
        )


@pytest.mark.parametrize(
    ("name", "media_type", "attached"),
    [
        ("/anh.png", "image/png", False),
        ("/ke-hoach.pdf", "application/pdf", False),
        ("/gia.pdf", "application/octet-stream", True),
        ("/ve.svg", "image/svg+xml", True),
        ("/rss", "text/plain; charset=utf-8", False),
        ("/xhtml", "text/plain; charset=utf-8", False),
        ("/chu.txt", "text/plain; charset=utf-8", False),
        ("/kieu.css", "text/plain; charset=utf-8", False),
        ("/phu-luc.doc", "application/octet-stream", True),
        ("/la", "application/octet-stream", True),
    ],
)
def test_files_are_what_they_are_and_never_run(site: Site, name: str, media_type: str, attached: bool) -> None:
    answer = site.get(web(name))
    assert answer.status_code == 200 and answer.headers["content-type"] == media_type
    assert answer.headers.get("content-disposition", "").startswith("attachment") == attached
    assert "memento-datetime" in answer.headers and answer.headers["x-content-type-options"] == "nosniff"
    sandboxed = answer.headers["content-security-policy"].startswith("sandbox;")
    assert sandboxed or (name == "/ke-hoach.pdf" and answer.content.startswith(b"%PDF-"))


# What is not given out


def test_what_is_withheld_is_given_in_no_form(site: Site, path: Path) -> None:
    found, again = number(path, "/kin", 1), number(path, "/kin", 2)
    forms = [web("/kin", 1), web("/kin", 2), web("/kin", 1, "id_"), web("/kin", 2, "id_")]
    forms += [web("/kin.png", 0, "im_"), web("/kin.png"), web("/kin.png", 0, "id_"), web("/kin.png", 0, "oe_")]
    forms += [
        f"/record/{found}",
        f"/capture/{found}",
        f"/record/{again}",
        f"/record/{found}.warc.gz",
        f"/capture/{again}",
    ]
    for asked in forms:
        answer = site.get(asked)
        assert answer.status_code == 451, asked
        assert "đứa trẻ" not in answer.text and "memento-datetime" not in answer.headers and PIXEL not in answer.content
    listed = site.read(f"/web/*/{HOST}/kin")
    assert "không đưa ra" in words(listed) and not listed.select(".looks a")


# No input is an error


FORMS = [f"/web/20240304023015{form}/" for form in ("", "im_", "cs_", "oe_", "js_", "id_", "xx_")]
FORMS += [
    "/web/2024id_/",
    "/web/",
    "/web/*/",
    "/web/timemap/link/",
    "/web/timemap/link/20240304023015/",
    "/captures?url=",
]
HOSTILE = [
    "",
    "/",
    "%00",
    "\x00",
    "..",
    "../../etc/passwd",
    "%2e%2e/%2e%2e/etc/passwd",
    "//",
    "http://",
    "http:",
    "https:/",
]
HOSTILE += ["http://[", "http://[::1", "http://a:b:c/", "http://a:99999/", "javascript:alert(1)", "file:///etc/passwd"]
HOSTILE += [
    "%ff%fe",
    "http://" + "a" * 70_000,
    "x" * 9_000,
    "' or 1=1 --",
    "<script>",
    "http://\u0301",
    "💥",
    "http://a b/",
    "*",
]


@pytest.mark.parametrize("url", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_stands_behind_the_timestamp_is_answered(site: Site, url: str) -> None:
    written = quote(url, safe="/:%?&=*[]")
    for form in FORMS:
        assert site.get(form + written[:60_000]).status_code in (200, 302, 404), form


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(
    st.text(max_size=40),
    st.text(alphabet="0123456789", min_size=1, max_size=14),
    st.sampled_from(["", "id_", "im_", "cs_"]),
)
def test_no_address_is_an_error(site: Site, url: str, digits: str, modifier: str) -> None:
    written = quote(url.encode("utf-8", "surrogatepass"))
    assert site.get(f"/web/{digits}{modifier}/http://{written}").status_code in (200, 302, 404)
    assert site.get(f"/web/{written or 'x'}?{written}").status_code in (200, 302, 404)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(["text/html", "", "image/png", "text/css", "a/b", "image/svg+xml", "text/xml"]),
)
def test_no_body_is_given_as_something_that_runs(body: bytes, media_type: str) -> None:
    kind = kinds.kind(media_type, body)
    assert kind.name == kinds.HTML or not re.search("html|javascript|ecmascript", kind.media_type)
    assert kind.name == kinds.IMAGE or "xml" not in kind.media_type


def test_every_policy_names_the_sandbox() -> None:
    for headers in (snapshots.HEADERS, embedded.HEADERS):
        assert headers["Content-Security-Policy"].startswith("sandbox")
        assert "script-src" not in headers["Content-Security-Policy"] and "allow-scripts" not in str(headers)
