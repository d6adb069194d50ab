"""Citations on the site: files, the section of the page, what stands in its head and headers for programs."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from httplink import parse_link_header
from hypothesis import given, settings
from hypothesis import strategies as st
from rooms import Site, words
from shelf import DUC_LINH, HOSTS, XUAN_TRUONG, Shelf, article, make, put

from archive.cite import FORMATS, Citation, cite
from archive.cite.load import load
from archive.model import Byline, Image
from archive.plugin.queries.articles import Proof, Shown
from archive.plugin.reading import citations, signposts
from archive.store import CaptureRow, Store

LOCAL = "http://localhost/"
SPITEFUL = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;\u2028]]>{{ 7*7 }}"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The common shelf, with an article whose picture is kept, and a spiteful one."""
    made = make(tmp_path_factory.mktemp("shelf"))
    with Store(made.path) as store:
        picture = HOSTS[XUAN_TRUONG] + "/anh/cau.jpg"
        bridge = article(
            "cau-moi",
            "Thông xe cầu Lạc Quần",
            "Sáng 2/9, huyện thông xe cầu Lạc Quần mới.",
            images=(Image(HOSTS[XUAN_TRUONG] + "/anh/mat.jpg", ""), Image(picture, "Cầu mới")),
            published="2019-09-02",
        )
        spiteful = article(
            "ac-y",
            SPITEFUL,
            SPITEFUL,
            byline=Byline(SPITEFUL, "", (SPITEFUL,)),
            section=SPITEFUL,
            published="2020-02-02",
        )
        made.ids["picture"] = put(store, XUAN_TRUONG, bridge)
        made.ids["spiteful"] = put(store, XUAN_TRUONG, spiteful)
        row = CaptureRow(
            portal=XUAN_TRUONG, crawl=None, url=picture, fetched_at="2026-11-19T03:05:06Z", status=200,
            media_type="image/jpeg", digest="sha1:AAAA", etag="", last_modified="", warc="w.warc.gz",
            offset=0, length=9, source="live",
        )  # fmt: skip
        capture = store.save_capture(row)
        store.db.execute("update images set capture = ? where url = ?", [capture, picture])
    return made


def metas(page: BeautifulSoup) -> dict[str, list[str]]:
    """Every meta tag's contents by its name or property."""
    found: dict[str, list[str]] = {}
    for tag in page.select("meta[content]"):
        found.setdefault(str(tag.get("name") or tag.get("property")), []).append(str(tag["content"]))
    return found


def linked(page: BeautifulSoup) -> dict[str, Any]:
    (script,) = page.select("script[type='application/ld+json']")
    said: dict[str, Any] = json.loads(script.text)
    return said


def links(header: str) -> dict[str, list[str]]:
    """The targets by their relation, as an independent parser of RFC 8288 reads them."""
    found: dict[str, list[str]] = {}
    for link in parse_link_header(header).links:
        for relation in link.rel:
            found.setdefault(relation, []).append(link.target)
    return found


# Files


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_a_file_of_the_article_and_of_a_version(site: Site, form: str) -> None:
    name, file = site.ids["changed"], citations.FILES[form]
    for path, key in ((f"/a/{name}", name), (f"/a/{name}/1", f"{name}-1")):
        answer = site.get(f"{path}.{file.suffix}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == f"{file.media_type}; charset=utf-8"
        assert answer.headers["content-disposition"] == f'inline; filename="{key}.{file.suffix}"'
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert LOCAL.rstrip("/") + path in answer.content.decode("utf-8")


def test_the_files_have_names_that_stay() -> None:
    assert {form: file.suffix for form, file in citations.FILES.items()} == {
        "text": "txt",
        "chicago": "chicago.txt",
        "apa": "apa.txt",
        "bib": "bib",
        "ris": "ris",
        "json": "json",
        "wiki": "wiki",
        "wiki_en": "en.wiki",
    }


def test_a_file_that_did_not_change_is_not_sent_again(site: Site) -> None:
    path = f"/a/{site.ids['border']}.ris"
    tag = site.get(path).headers["etag"]
    again = site.get(path, headers={"if-none-match": f'"x", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert site.get(path, headers={"if-none-match": '"x"'}).status_code == 200
    assert site.get(f"/a/{site.ids['changed']}.ris").headers["etag"] != tag


@pytest.mark.parametrize("suffix", [file.suffix for file in citations.FILES.values()])
def test_of_what_is_not_there_there_is_no_file(site: Site, suffix: str) -> None:
    for path in (
        f"/a/aaaaaaaaaa.{suffix}",
        f"/a/{site.ids['border']}/2.{suffix}",
        f"/a/{site.ids['border']}/0.{suffix}",
    ):
        assert site.get(path).status_code == 404, path
    assert site.get(f"/a/{site.ids['border']}.x{suffix}").status_code == 404


@pytest.mark.parametrize("grade", ["hide", "seal"])
def test_what_was_taken_down_is_cited_nowhere(tmp_path: Path, grade: str) -> None:
    shelf = make(tmp_path)
    name = shelf.ids["border"]
    with sqlite3.connect(shelf.path) as conn:
        conn.execute("update articles set takedown = ? where id = ?", [grade, name])
        conn.execute(
            "insert into takedowns (article, grade, at, why) values (?, ?, '2026-11-25T00:00:00Z', 'theo yêu cầu')",
            [name, grade],
        )
        assert load(conn, name) is None and load(conn, name, 1) is None
    site = Site(shelf)
    paths = [f"/a/{name}{number}.{file.suffix}" for number in ("", "/1") for file in citations.FILES.values()]
    for path in [*paths, f"/unapi?id={name}&format=ris"]:
        answer = site.get(path)
        assert answer.status_code == 451, path
        assert "Ký kết" not in answer.text and "Lệ Minh" not in answer.text
    site.loop.close()


def test_what_is_only_unlisted_is_cited_still(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    with sqlite3.connect(shelf.path) as conn:
        conn.execute("update articles set takedown = 'unlist' where id = ?", [shelf.ids["border"]])
    site = Site(shelf)
    assert "Lệ Minh" in site.get(f"/a/{shelf.ids['border']}.txt").text
    site.loop.close()


# What the database says of the portal's address


def status(path: Path, name: str, number: int | None = None) -> str:
    with sqlite3.connect(path) as conn:
        record = load(conn, name, number)
    assert record
    found = re.search(r"\|url-status=(\w+)", cite(record, "wiki_en"))
    return found[1] if found else ""


def test_wikipedia_is_told_whether_the_portal_still_shows_it(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    name = shelf.ids["changed"]
    assert status(shelf.path, name) == status(shelf.path, name, 2) == "live"
    assert status(shelf.path, name, 1) == "deviated"
    assert status(shelf.path, shelf.ids["gone"]) == "dead"
    assert status(shelf.path, shelf.ids["quoted"]) == ""  # its portal is closed: nobody looks any more
    with sqlite3.connect(shelf.path) as conn:
        conn.execute("update portals set state = 'dark: dns', state_looks = 3 where id = ?", [XUAN_TRUONG])
    assert status(shelf.path, name) == "dead"
    with sqlite3.connect(shelf.path) as conn:
        conn.execute("update portals set state = 'live', state_looks = 1 where id = ?", [XUAN_TRUONG])
        conn.execute("update captures set source = 'cu.warc.gz'")
    assert status(shelf.path, name) == ""  # imported: who knows whether it still stands


# The page


def test_the_page_offers_each_format_to_copy_and_as_a_file(site: Site) -> None:
    name = site.ids["border"]
    page = site.read(f"/a/{name}")
    assert {str(shown["id"]).removeprefix("cite-") for shown in page.select(".cite pre")} == set(FORMATS)
    for one in page.select(".cite .formats li"):
        shown, file, button = one.select_one("pre"), one.select_one(".actions a"), one.select_one("button")
        assert shown and file and button
        assert button["data-copy"] == shown["id"] and button.has_attr("hidden")
        sent = site.get(str(file["href"])).text
        assert shown.text == sent.replace("\r\n", "\n").rstrip("\n")
    # Without JavaScript the first is there to be selected.
    assert [str(opened.pre["id"]) for opened in page.select(".cite details[open]") if opened.pre] == ["cite-text"]


def test_the_page_says_what_exactly_is_cited(site: Site) -> None:
    name = site.ids["changed"]
    latest, first = site.read(f"/a/{name}"), site.read(f"/a/{name}/1")
    assert latest.select_one(f".cite a[href='/a/{name}/2#cite']") and "trích dẫn phiên bản 2" in words(latest, ".cite")
    assert first.select_one(f".cite a[href='/a/{name}#cite']") and "riêng phiên bản 1" in words(first, ".cite")
    once = site.read("/a/" + site.ids["border"])
    assert "phiên bản" not in words(once, ".cite")
    english = site.read(f"/a/{name}/1?lang=en")
    assert "version 1 alone" in words(english, ".cite")


# The head


def test_scholars_and_reference_managers_find_both_days(site: Site) -> None:
    said = metas(site.read(f"/a/{site.ids['border']}"))
    assert said["citation_title"] == ["Ký kết quy chế phối hợp bảo đảm an ninh, trật tự vùng giáp ranh"]
    assert said["citation_author"] == said["DC.creator"] == ["Lệ Minh"]
    assert (said["citation_publication_date"], said["citation_online_date"]) == (["2021/01/06"], ["2026/11/19"])
    assert said["DC.date"] == said["article:published_time"] == ["2021-01-06T08:30:00+07:00"]
    assert said["DCTERMS.dateSubmitted"] == ["2026-11-19T03:04:05Z"]
    assert said["citation_public_url"] == said["og:url"] == [LOCAL + "a/" + site.ids["border"]]
    assert (said["citation_language"], said["DC.type"]) == (["vi"], ["webpage"])
    assert said["prism.publicationName"] == ["Trang thông tin điện tử huyện Xuân Trường"]
    assert "citation_journal_title" not in said


def test_without_a_day_of_publication_the_day_of_capture_stands_in_no_field_that_is_taken_for_one(site: Site) -> None:
    page = site.read(f"/a/{site.ids['none']}")
    dated = [name for name in metas(page) if re.search(r"(?i)date|time|issued|year", name)]
    assert dated == []
    assert "datePublished" not in linked(page)
    assert linked(page)["archivedAt"]["dateCreated"] == "2026-11-19T03:04:05Z"


def test_schema_org(site: Site) -> None:
    name = site.ids["changed"]
    said = linked(site.read(f"/a/{name}/1"))
    assert said == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": f"{LOCAL}a/{name}/1",
        "url": f"{LOCAL}a/{name}/1",
        "headline": "Huyện thu hồi 9,8 ha đất để mở rộng cụm công nghiệp",
        "description": said["description"],
        "inLanguage": "vi",
        "datePublished": "2023-02-14",
        "author": [{"@type": "Person", "name": "Lệ Minh"}],
        "publisher": {
            "@type": "Organization",
            "name": "Trang thông tin điện tử huyện Xuân Trường",
            "url": "http://xuantruong.example.gov.vn/",
        },
        "articleSection": "Kinh tế",
        "version": "1",
        "isBasedOn": "http://xuantruong.example.gov.vn/tin/thu-hoi-dat",
        "archivedAt": {
            "@type": "WebPage",
            "url": f"{LOCAL}a/{name}/1",
            "dateCreated": "2026-11-19T03:04:05Z",
            "isBasedOn": "http://xuantruong.example.gov.vn/tin/thu-hoi-dat",
        },
    }
    assert said["description"].startswith("UBND huyện ban hành thông báo thu hồi 9,8 ha")
    organisation = linked(site.read(f"/a/{site.ids['gone']}"))["author"]
    assert organisation == [{"@type": "Organization", "name": "Thanh tra huyện, Phòng TN&MT"}]
    unsigned = linked(site.read(f"/a/{site.ids['none']}"))["author"]
    assert unsigned[0]["name"] == "Cổng thông tin điện tử huyện Đức Linh"


def test_a_link_preview_shows_the_first_picture_that_is_kept(site: Site) -> None:
    page = site.read(f"/a/{site.ids['picture']}")
    address = f"{LOCAL}web/20261119030506im_/{HOSTS[XUAN_TRUONG]}/anh/cau.jpg"
    said = metas(page)
    assert (said["og:image"], said["twitter:card"]) == ([address], ["summary_large_image"])
    assert linked(page)["image"] == [address]
    without = metas(site.read(f"/a/{site.ids['files']}"))  # its picture was never fetched
    assert "og:image" not in without and without["twitter:card"] == ["summary"]


def test_what_spite_stands_in_a_title_stays_text(site: Site) -> None:
    answer = site.get(f"/a/{site.ids['spiteful']}")
    page = BeautifulSoup(answer.text, "html.parser")
    scripts = [script for script in page.select("script") if script.get("type") != "application/ld+json"]
    assert [script.get("src", "").endswith("copy.js") for script in scripts] == [True]  # type: ignore[union-attr]
    assert not page.select("img[src=x], [onerror]") and "49" not in words(page, "h1")
    said = linked(page)
    plain = SPITEFUL.replace("\u2028", " ")
    assert said["headline"] == plain and said["author"][0]["name"] == plain
    assert metas(page)["og:title"] == metas(page)["citation_title"] == [plain]
    (raw,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.DOTALL)
    assert not re.search("[<>&\u2028]", raw)


def test_the_head_links_to_what_programs_read(site: Site) -> None:
    name = site.ids["border"]
    page = site.read(f"/a/{name}")
    found = {str(tag["type"]): str(tag["href"]) for tag in page.select("link[rel=alternate][type]")}
    assert found == {
        "application/x-research-info-systems": f"/a/{name}.ris",
        "application/x-bibtex": f"/a/{name}.bib",
        "application/vnd.citationstyles.csl+json": f"/a/{name}.json",
    }
    canonical = page.select_one("link[rel=canonical]")
    assert canonical and canonical["href"] == f"{LOCAL}a/{name}"


# unAPI, which Zotero asks before anything else


def test_zotero_finds_the_ris_of_the_page_by_unapi(site: Site) -> None:
    name = site.ids["changed"]
    for path, cited in ((f"/a/{name}", name), (f"/a/{name}/1", f"{name}/1")):
        page = site.read(path)
        server, one = page.select_one("link[rel='unapi-server']"), page.select_one("abbr.unapi-id[title]")
        assert server and one and one["title"] == cited
        formats = site.get(str(server["href"]))
        assert formats.status_code == 200 and formats.headers["content-type"].startswith("application/xml")
        offered = [(tag.get("name"), tag.get("type")) for tag in ElementTree.fromstring(formats.text)]
        assert ("ris", "application/x-research-info-systems") in offered
        of_one = site.get(f"{server['href']}?id={cited}")
        assert of_one.status_code == 300 and ElementTree.fromstring(of_one.text).get("id") == cited
        ris = site.get(f"{server['href']}?id={cited}&format=ris")
        assert ris.text == site.get(f"/a/{cited}.ris").text
        # Both days: Zotero takes DA for the date and Y2 for the day of access; a name without a comma stays whole.
        assert "\r\nDA  - 2023/02/14\r\n" in ris.text and "\r\nY2  - 2026/11/" in ris.text
        assert "\r\nAU  - Trần Hùng\r\n" in ris.text or "\r\nAU  - Lệ Minh\r\n" in ris.text


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("format=ris", 404),
        ("id=aaaaaaaaaa&format=ris", 404),
        ("id=%22%3E%3Cx&format=ris", 404),
        ("id=%3Cscript%3E", 404),
        ("id=aaaaaaaaaa/0", 404),
        ("id=aaaaaaaaaa/1/2", 404),
        ("id=aaaaaaaaaa&format=mods", 406),
        ("format=%00", 200),
        ("id=" + "9" * 5000 + "&format=bibtex", 404),
        ("id=aaaaaaaaaa/999999999&format=bibtex", 404),
    ],
)
def test_unapi_answers_whatever_it_is_asked(site: Site, query: str, code: int) -> None:
    assert site.get(f"/unapi?{query}").status_code == code


# Headers


def test_signposts_of_an_article(site: Site) -> None:
    name = site.ids["border"]
    answer = site.get(f"/a/{name}")
    found = links(answer.headers["link"])
    assert found == {
        "cite-as": [f"{LOCAL}a/{name}"],
        "type": ["https://schema.org/NewsArticle", "https://schema.org/AboutPage"],
        "describedby": [f"{LOCAL}a/{name}.{suffix}" for suffix in ("ris", "bib", "json")],
        "collection": [f"{LOCAL}portal/{XUAN_TRUONG}"],
        "item": [f"{LOCAL}web/20261119030405/{HOSTS[XUAN_TRUONG]}/tin/giap-ranh"],
    }
    for address in (*found["cite-as"], *found["describedby"], *found["collection"]):
        assert site.get(address.removeprefix(LOCAL.rstrip("/"))).status_code == 200
    assert "memento-datetime" not in answer.headers  # it changes: only a version is a memento


def test_a_version_is_a_memento(site: Site) -> None:
    name, original = site.ids["changed"], f"{HOSTS[XUAN_TRUONG]}/tin/thu-hoi-dat"
    answer = site.get(f"/a/{name}/2")
    assert answer.headers["memento-datetime"] == "Sun, 22 Nov 2026 18:30:00 GMT"
    found = links(answer.headers["link"])
    assert found["original"] == [original]
    assert found["timegate"] == [f"{LOCAL}web/{original}"]
    assert found["timemap"] == [f"{LOCAL}web/timemap/link/{original}"]
    assert found["latest-version"] == [f"{LOCAL}a/{name}"]
    assert found["cite-as"] == [f"{LOCAL}a/{name}/2"]


def shown(url: str, fetched_at: str, media_type: str) -> tuple[Citation, Shown]:
    """A page whose capture was of that address."""
    empty: dict[str, Any] = dict.fromkeys(Proof.__dataclass_fields__, "")
    proof = Proof(**{**empty, "url": url, "fetched_at": fetched_at, "media_type": media_type})
    record = Citation("abcdefgh23", 1, "", (), None, None, None, "", url, LOCAL + "a/abcdefgh23/1", fetched_at)
    blank: dict[str, Any] = dict.fromkeys(Shown.__dataclass_fields__, "")
    return record, Shown(**{**blank, "proof": proof, "portal": DUC_LINH})


addresses = st.one_of(
    st.text(max_size=80),
    st.text(alphabet='<>",;=\\\r\n\x00 %#?&[]ếĐ😀\u2028/', max_size=60).map("https://x.vn/{}".format),
    st.just("http://[x/"),
    st.just("https://x.vn/" + "a" * 100_000),
)


@settings(max_examples=300)
@given(addresses, st.datetimes().map("{0:%Y-%m-%dT%H:%M:%S}Z".format) | st.text(max_size=20), st.text(max_size=20))
def test_no_address_breaks_a_header(url: str, fetched_at: str, media_type: str) -> None:
    headers = signposts.headers(*shown(url, fetched_at, media_type), (("bib", "application/x-bibtex"),))
    for value in headers.values():
        assert value.isascii() and value.isprintable() and len(value) < 8000
    found = links(headers["Link"])
    known = {
        "cite-as",
        "type",
        "describedby",
        "collection",
        "item",
        "latest-version",
        "original",
        "timegate",
        "timemap",
    }
    assert set(found) <= known and found["cite-as"] == [LOCAL + "a/abcdefgh23/1"]
    assert all(re.fullmatch(r"https?://[!-~]+", target) for targets in found.values() for target in targets)
    assert ("original" in found) == ("Memento-Datetime" in headers)


def test_an_address_in_vietnamese_is_linked_in_ascii() -> None:
    headers = signposts.headers(*shown("http://x.vn/tin/đất đai?a=1&b=“x”#y", "2026-11-19T03:04:05Z", "text/html"), ())
    assert links(headers["Link"])["original"] == [
        "http://x.vn/tin/%C4%91%E1%BA%A5t%20%C4%91ai?a=1&b=%E2%80%9Cx%E2%80%9D"
    ]
