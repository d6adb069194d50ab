"""What a crawl measures of its pages."""

from __future__ import annotations

import gzip
import itertools
import json
from datetime import UTC, datetime
from pathlib import Path

import golden
import pytest
from conftest import SAMPLES

from archive import warc
from archive.health.layouts import SAME, likeness
from archive.model import Article, Attachment, Byline, Capture
from crawler.extract import NotAnArticle, NotHTML, extract
from crawler.measures import MOST_LISTINGS, Measures, fingerprint
from crawler.platforms import PLATFORMS

URL = "http://huyen.example.vn/tin/1"
SIGNED = Article(URL, "Tin", text="Thân bài", byline=Byline("T/h: Lệ Minh"), published="2026-01-05")
PAGE = """<html><body class="trang tin"><div id="khung" class="cot-trai"><ul class="menu"><li class="{first}">Tin</li>
<li class="item-{n} muc">Bài</li></ul></div><div class="noi-dung node-{n}"><h1 class="tieu-de">{text}</h1>
<p class="tac-gia">{text}</p></div><div id="chan-trang" class="chan {last}"></div></body></html>"""


def page(body: bytes | str, *headers: tuple[str, str]) -> Capture:
    raw = body.encode() if isinstance(body, str) else body
    return Capture(URL, datetime(2026, 1, 5, tzinfo=UTC), 200, (("Content-Type", "text/html"), *headers), raw)


def test_an_article_is_counted_with_what_it_lacks() -> None:
    measures = Measures()
    only_files = Article(URL, "Văn bản", attachments=(Attachment("http://huyen.example.vn/a.pdf"),))
    only_a_lead = Article(URL, "Tin", summary="Phần mở đầu đứng ngoài thân bài.", published="2026-01-05")
    for article in (SIGNED, only_files, only_a_lead):
        measures.page(page(PAGE), article, "")
    found = measures.as_dict()
    assert found["pages"] == 3
    assert found["without_body"] == 1  # files are something to keep; a lead without its text is a body that is missed
    assert found["without_byline"] == 2
    assert found["without_date"] == 1
    assert found["refused"] == {}


def test_pages_that_are_no_article_are_counted_by_the_reason() -> None:
    measures = Measures()
    for why in ("listing", "soft 404", "listing"):
        measures.page(page(PAGE), None, why)
    assert measures.as_dict()["refused"] == {"listing": 2, "soft 404": 1}
    assert measures.as_dict()["pages"] == 0


def test_a_page_that_was_not_read_since_it_has_not_changed_says_nothing() -> None:
    measures = Measures()
    measures.page(page(PAGE), None, "")
    assert measures.as_dict() == Measures().as_dict()


def test_listings_are_known_by_their_address_without_the_host_and_errors_by_their_kind() -> None:
    measures = Measures()
    measures.listing("http://huyen.example.vn/tin-tuc/?loai=2", 20)
    measures.listing("http://huyen.example.vn/thong-bao/", 0)
    for kind in ("dns", "silent", "silent"):
        measures.error(kind)
    found = measures.as_dict()
    assert found["listings"] == {"/tin-tuc/?loai=2": 20, "/thong-bao/": 0}
    assert found["errors"] == {"dns": 1, "silent": 2}


def test_what_a_portal_sends_cannot_make_the_measures_large() -> None:
    measures = Measures()
    for n in range(3000):
        measures.page(page(f'<p class="{"lop-" * (n % 9)} a{chr(97 + n % 26)} b{chr(97 + n % 23)}">'), SIGNED, "")
        measures.page(page(PAGE), None, f"a reason of its own {n} " * 20)
        measures.listing(f"http://huyen.example.vn/muc-{n}/", n)
        measures.error(f"kind {n}")
    found = measures.as_dict()
    assert found["pages"] == 3000 == sum(found["refused"].values()) == sum(found["errors"].values())
    assert len(found["listings"]) == MOST_LISTINGS
    assert len(json.dumps(found)) < 8000
    assert 10 <= sum(found["layouts"].values()) <= 60  # so many pages were looked at for their layout


def test_numbers_places_and_texts_are_no_layout() -> None:
    one = page(PAGE.format(n=12, first="first active", last="", text="Một bài"))
    other = page(PAGE.format(n=977, first="leaf", last="last", text="Bài khác " * 400))
    assert fingerprint(one)
    assert fingerprint(one) == fingerprint(other)
    measures = Measures()
    for capture in (one, other):
        measures.page(capture, SIGNED, "")
    measures.page(other, None, "listing")
    assert measures.as_dict()["layouts"] == {f"article {fingerprint(one)}": 2, f"listing {fingerprint(one)}": 1}


def test_a_packed_page_has_the_layout_of_its_content_and_a_broken_one_has_none() -> None:
    body = PAGE.format(n=1, first="", last="", text="Tin")
    packed = page(gzip.compress(body.encode()), ("Content-Encoding", "gzip"))
    assert fingerprint(packed) == fingerprint(page(body)) != ""
    assert fingerprint(page(b"\x00broken", ("Content-Encoding", "gzip"))) == ""
    assert fingerprint(page("Chỉ có chữ, không có thẻ nào.")) == ""
    assert likeness("", "") == 0 == likeness("no fingerprint", fingerprint(page(body)))


def test_golden_pages_of_one_theme_look_alike_and_those_of_other_platforms_do_not() -> None:
    pages = [one for one in golden.load_all() if "error" not in one.wanted]
    prints = {f"{one.portal}/{one.slug}": fingerprint(one.capture) for one in pages}
    for one, other in (
        ("vnpt/hiepan-tam-ngung-cap-nuoc", "vnpt/hiepan-to-cong-nghe-so"),
        ("nukeviet/default45-ke-hoach", "nukeviet/default45-tiep-cong-dan"),
    ):
        assert likeness(prints[one], prints[other]) > 0.75
    pairs = [(a, b) for a, b in itertools.combinations(prints, 2) if a.partition("/")[0] != b.partition("/")[0]]
    assert [pair for pair in pairs if likeness(prints[pair[0]], prints[pair[1]]) >= SAME] == []


def test_themes_of_one_platform_are_mostly_told_apart() -> None:
    pages = [one for one in golden.load_all() if "error" not in one.wanted]
    prints = {(one.portal, one.slug.partition("-")[0].rstrip("0123456789")): fingerprint(one.capture) for one in pages}
    pairs = [
        (a, b)
        for a, b in itertools.combinations(prints, 2)
        if a[0] == b[0] != "vnpt"  # districts of one province share their theme there
    ]
    alike = [pair for pair in pairs if likeness(prints[pair[0]], prints[pair[1]]) >= SAME]
    assert len(pairs) > 150
    assert len(alike) <= 0.05 * len(pairs)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not part of the repository")
@pytest.mark.parametrize("platform", ["drupal7", "nukeviet"])
def test_all_articles_of_a_sample_look_alike_and_so_do_its_listings(platform: str) -> None:
    prints: dict[str, list[str]] = {"article": [], "listing": []}
    for record in warc.read(Path(SAMPLES / f"{platform}.warc.gz")):
        capture = record.capture
        if capture is None or capture.status != 200 or capture.media_type != "text/html":
            continue
        try:
            extract(capture, PLATFORMS[platform].rules)
            kind = "" if "print" in capture.url or "savefile" in capture.url else "article"
        except (NotAnArticle, NotHTML) as error:
            kind = str(error)
        if kind in prints:
            prints[kind].append(fingerprint(capture))
    for found in prints.values():
        assert len(found) > 30
        assert min(likeness(a, b) for a, b in itertools.combinations(found[:150], 2)) >= 0.6
