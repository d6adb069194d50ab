"""Feeds, as a reader of feeds has them; and the rules of the W3C's validator that such readers hold one to."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from rooms import Site
from shelf import DUC_LINH, HOSTS, XUAN_TRUONG, Shelf, article, make, put

from archive.plugin.finding import atom, feeds
from archive.search.keeper import catch_up
from archive.store import Store

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = (
    "/feed.atom", "/feed.atom?q=%C4%91%E1%BA%A5t+%C4%91ai", "/feed.atom?portal=binh_thuan%2Fduc_linh",
    "/feed.atom?author=L%E1%BB%87+Minh", "/feed.atom?q=xyzzy", "/changed.atom", "/gone.atom", "/gone.atom?kind=moved",
    "/changed.atom?portal=an_giang%2Ftri_ton", "/feed.atom?lang=en&q=a%26b%3C%22", "/gone.atom?lang=en&kind=gone",
)  # fmt: skip


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The common shelf; an old article that came last, a spiteful one, and one of a person who writes on both."""
    made = make(tmp_path_factory.mktemp("shelf"))
    with Store(made.path) as store:
        late = article("le-hoi", "Lễ hội đền Kiên Lao", "Đất đền Kiên Lao mở hội.", published="2009-02-10")
        made.ids["late"] = put(store, XUAN_TRUONG, late, "2026-11-25T01:00:00Z")
        title = "Dấu \x01 lạ \x0b & <b>thẻ</b> \ufffe ]]> “ngoặc” 😀"
        spiteful = article("la", title, "Chữ \x02 lạ & <script>alert(1)</script>", HOSTS[DUC_LINH])
        made.ids["spiteful"] = put(store, DUC_LINH, replace(spiteful, url=spiteful.url + " có dấu cách"))
        for number in range(60):
            text = f"Bản tin thời tiết số {number}: trời nắng, gió nhẹ."
            put(store, DUC_LINH, article(f"tt-{number}", f"Thời tiết ngày {number}", text, HOSTS[DUC_LINH]))
    catch_up(made.path)
    return made


def feed(site: Site, path: str) -> Any:
    parsed = feedparser.parse(site.get(path).content)
    assert not parsed.bozo, (path, parsed.get("bozo_exception"))
    return parsed


# What stands in them


def test_what_came_last_is_on_top_however_old_it_is(site: Site) -> None:
    land = feed(site, "/feed.atom?" + urlencode({"q": "đất"}))
    assert land.entries[0].title == "Lễ hội đền Kiên Lao" and land.entries[0].published == "2009-02-10T00:00:00+07:00"
    assert {entry.id for entry in land.entries} >= {
        f"http://localhost/a/{site.ids[name]}" for name in ("changed", "gone")
    }
    everything = feed(site, "/feed.atom")
    assert len(everything.entries) == feeds.MOST and everything.entries[0].title == "Thời tiết ngày 59"


def test_an_entry_says_who_wrote_what_where(site: Site) -> None:
    (entry,) = feed(site, "/feed.atom?q=gi%C3%A1p+ranh").entries
    assert entry.id == entry.link == f"http://localhost/a/{site.ids['border']}"
    assert entry.title == "Ký kết quy chế phối hợp bảo đảm an ninh, trật tự vùng giáp ranh"
    assert entry.title_detail.type == "text/plain" and entry.summary_detail.language == "vi"
    assert entry.summary.startswith("Hai huyện cùng giữ bình yên cho đôi bờ sông Ninh Cơ. Ngày 5/1, tại hội trường")
    assert [author.name for author in entry.authors] == ["Lệ Minh"] and entry.tags[0].term == "Tin tức"
    assert (entry.published, entry.updated) == ("2021-01-06T08:30:00+07:00", "2026-11-19T03:04:05Z")
    assert [link.href for link in entry.links if link.rel == "via"] == [HOSTS[XUAN_TRUONG] + "/tin/giap-ranh"]
    # Nobody signed: the portal did.
    assert feed(site, "/feed.atom?q=kien+lao").entries[0].author.startswith("Trang thông tin điện tử huyện")


def test_a_changed_article_is_updated_when_its_change_was_seen(site: Site) -> None:
    (entry,) = feed(site, "/feed.atom?q=thu+h%E1%BB%93i&portal=" + XUAN_TRUONG).entries
    assert entry.updated == "2026-11-22T18:30:00Z"


def test_feeds_of_a_portal_and_of_an_author(site: Site) -> None:
    portal = feed(site, "/feed.atom?" + urlencode({"portal": "Huyện Đức Linh"}))
    assert portal.feed.title == "Tàng Thư: tìm Huyện Đức Linh" and len(portal.entries) == feeds.MOST
    assert portal.feed.id == "http://localhost/feed.atom?portal=binh_thuan%2Fduc_linh"
    author = feed(site, "/feed.atom?" + urlencode({"author": "LỆ MINH"}))
    assert {entry.id for entry in author.entries} == {f"http://localhost/a/{site.ids['border']}"}


def test_changes_tell_what_became_of_the_words(site: Site) -> None:
    (entry,) = feed(site, "/changed.atom").entries
    name = site.ids["changed"]
    assert entry.id == f"http://localhost/a/{name}/2" and entry.link == f"http://localhost/a/{name}/diff/1..2"
    assert entry.updated == "2026-11-22T18:30:00Z"
    assert "Đã đổi: tiêu đề, nội dung, dòng ký tên." in entry.summary
    assert "“Huyện thu hồi 9,8 ha đất" in entry.summary and "báo thu hồi 9,8 ha đất nông nghiệp" in entry.summary
    english = feed(site, "/changed.atom?lang=en")
    assert "Changed: title, text, byline." in english.entries[0].summary and "quietly changed" in english.feed.title


def test_gone_says_since_when_and_comes_again_when_it_happens_again(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    site = Site(shelf)
    (entry,) = feed(site, "/gone.atom").entries
    assert entry.id == f"http://localhost/a/{shelf.ids['gone']}#gone-2026-11-20T23:30:00Z"
    assert entry.updated == "2026-11-20T23:30:00Z" and "đã gỡ" in entry.summary
    before = site.get("/gone.atom").headers["etag"]
    with Store(shelf.path) as store:
        store.look(shelf.ids["radio"], "dark: silent", "2026-11-26T00:00:00Z")
    newest, older = feed(site, "/gone.atom").entries
    assert "cổng tắt" in newest.summary and older.id == entry.id
    assert site.get("/gone.atom").headers["etag"] != before
    (only,) = feed(site, "/gone.atom?kind=dark").entries
    assert only.id == newest.id


def test_what_was_taken_down_is_in_no_feed(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    with closing(sqlite3.connect(shelf.path)) as conn, conn:
        conn.execute("update articles set takedown = 'unlist'")
    site = Site(shelf)
    for path in FEEDS:
        assert feed(site, path).entries == [], path


# Asked again


def test_who_has_it_already_is_told_so(site: Site) -> None:
    first = site.get("/feed.atom?q=huy%E1%BB%87n")
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    for headers in ({"if-none-match": etag}, {"if-none-match": f'"x", W/{etag}'}, {"if-modified-since": modified}):
        again = site.get("/feed.atom?q=huy%E1%BB%87n", headers=headers)
        assert again.status_code == 304 and again.content == b"" and again.headers["etag"] == etag
    for headers in (
        {"if-none-match": '"x"', "if-modified-since": modified},
        {"if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"if-modified-since": "hôm qua".encode()},
        {"if-none-match": "x" * 5000},
    ):
        assert site.get("/feed.atom?q=huy%E1%BB%87n", headers=headers).status_code == 200


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_header_is_an_error(none_match: str, modified_since: str) -> None:
    assert atom.unchanged(none_match, modified_since, '"abc"', "2026-11-19T03:04:05Z") in (True, False)


# Valid


@pytest.mark.parametrize("path", FEEDS)
def test_every_feed_is_valid(site: Site, path: str) -> None:
    answer = site.get(path)
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False, no_network=True))
    assert root.tag == ATOM + "feed"
    for one in (root, *root.findall(ATOM + "entry")):
        valid(one)
    ids = [entry.findtext(ATOM + "id") for entry in root.iter(ATOM + "entry")]
    assert len(ids) == len(set(ids))
    itself = root.find(f"{ATOM}link[@rel='self']")
    assert itself is not None and itself.get("href") == root.findtext(ATOM + "id")
    # It leads to itself, and the page beside it is there.
    parts = urlsplit(str(itself.get("href")))
    assert site.get(f"{parts.path}?{parts.query}").content == answer.content
    page = urlsplit(str(root.find(f"{ATOM}link[@rel='alternate']").get("href")))  # type: ignore[union-attr]
    assert site.get(f"{page.path}?{page.query}").status_code == 200
    assert root.find(ATOM + "author") is not None
    updated = [moment(entry.findtext(ATOM + "updated")) for entry in root.iter(ATOM + "entry")]
    assert moment(root.findtext(ATOM + "updated")) == max(updated, default=moment(root.findtext(ATOM + "updated")))


def valid(one: etree._Element) -> None:
    """RFC 4287, 4.1: once each, in the form that is asked for. Source of the rules: the W3C's feed validator."""
    for name in ("id", "title", "updated"):
        assert len(one.findall(ATOM + name)) == 1, name
    for name in ("published", "summary", "subtitle", "rights"):
        assert len(one.findall(ATOM + name)) <= 1, name
    title = one.find(ATOM + "title")
    assert title is not None and title.get("type") == "text" and (title.text or "").strip() and not len(title)
    assert re.fullmatch(r"https?://[^\s<>\"{}|\\^`\x80-\U0010ffff]+", one.findtext(ATOM + "id") or "")
    for name in ("updated", "published"):
        for found in one.findall(ATOM + name):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", found.text or "")
            moment(found.text)
    alternates = [(link.get("type"), link.get("hreflang")) for link in one.findall(f"{ATOM}link[@rel='alternate']")]
    assert len(alternates) == len(set(alternates)) == 1
    for link in one.findall(ATOM + "link"):
        assert re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", link.get("href") or "")
    for author in one.findall(ATOM + "author"):
        assert (author.findtext(ATOM + "name") or "").strip()
    for category in one.findall(ATOM + "category"):
        assert category.get("term")


def moment(text: str | None) -> datetime:
    return datetime.fromisoformat(text or "").astimezone(UTC)


def test_signs_that_no_xml_can_hold_are_left_out_and_markup_is_text(site: Site) -> None:
    (entry,) = feed(site, "/feed.atom?q=%22th%E1%BA%BB%22").entries
    assert entry.id.endswith(site.ids["spiteful"])
    content = site.get("/feed.atom?q=%22th%E1%BA%BB%22").content.decode()
    title = etree.fromstring(content.encode()).findtext(f".//{ATOM}entry/{ATOM}title")
    assert title == "Dấu  lạ  & <b>thẻ</b>  ]]> “ngoặc” 😀"
    assert "<b>" not in content and "<script" not in content and "😀" in content
    assert "C3%A1ch" in content  # the portal's own address has blanks in it


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_whatever_is_looked_for_the_feed_can_be_parsed(site: Site, words: str) -> None:
    answer = site.get("/feed.atom?" + urlencode({"q": words, "author": words[:5]}, errors="replace"))
    assert answer.status_code == 200
    etree.fromstring(answer.content)


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("2021-01-06", "2021-01-06T00:00:00+07:00"),
        ("2021-01-06T08:30:00+07:00", "2021-01-06T08:30:00+07:00"),
        ("2026-11-19T03:04:05Z", "2026-11-19T03:04:05Z"),
        ("0001-01-01", "0001-01-01T00:00:00+07:00"),
        ("2021-01", ""),
        ("hôm qua", ""),
        (None, ""),
    ],
)
def test_moments_as_feeds_write_them(stored: str | None, said: str) -> None:
    assert atom.moment(stored) == said
