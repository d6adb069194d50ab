"""The lists of what was quietly changed and of what is gone, as a reader gets them; fast however much there is."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rooms import Site, words
from shelf import DUC_LINH, HOSTS, XUAN_TRUONG, Shelf, article, make, put

from archive.plugin import answers
from archive.plugin.finding import lists, naming
from archive.plugin.finding.differing import MOST_CHARACTERS, PARTS, difference
from archive.plugin.queries import lists as queries
from archive.plugin.queries.lists import Changed, Wording
from archive.plugin.queries.searching import Named
from archive.store import Store

OLD = "Chợ phiên Bùi Chu họp vào ngày 3 và ngày 8.\n\nBan quản lý chợ thu 2.000 đồng một lượt gửi xe."
NEW = "Chợ phiên Bùi Chu họp vào ngày 3 và ngày 8.\n\nBan quản lý chợ thu 5.000 đồng một lượt gửi xe."


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The common shelf, with a market that was changed twice, and articles that are off their portal in each way."""
    made = make(tmp_path_factory.mktemp("shelf"))
    with Store(made.path) as store:
        market = article("cho-phien", "Chợ phiên Bùi Chu", OLD, HOSTS[DUC_LINH], published="2020-03-01")
        made.ids["market"] = put(store, DUC_LINH, market, "2026-11-19T05:00:00Z")
        put(store, DUC_LINH, replace(market, text=NEW, html=f"<p>{NEW}</p>"), "2026-11-24T05:00:00Z")
        for name, state, looks in (("nom", "moved", 2), ("year", "blocked", 3), ("name", "dark: dns", 5)):
            for look in range(looks):
                store.look(made.ids[name], state, f"2026-11-{22 + look}T00:00:00Z")
    return made


def entry(page: BeautifulSoup, title: str) -> Tag:
    return next(found for found in page.select(".entry") if title in found.text)


# Quietly changed


def test_what_was_changed_is_said_in_a_few_words(site: Site) -> None:
    page = site.read("/changed")
    assert words(page, ".total") == "2 lần sửa"
    assert [words(found, "h3") for found in page.select(".entry")] == [  # type: ignore[arg-type]
        "Chợ phiên Bùi Chu",
        "Huyện thu hồi 12,5 ha đất để mở rộng cụm công nghiệp",
    ]
    market, land = page.select(".entry")
    assert [found.text.split()[-1] for found in market.select("del, ins")] == ["2.000", "5.000"]
    assert "Ban quản lý chợ thu" in market.text and "còn chỗ khác nữa" not in market.text
    assert "sửa giữa 19/11/2026 và 24/11/2026" in market.text and "đăng: 01/03/2020" in market.text
    assert [term.text for term in land.select("dt")] == ["Tiêu đề", "Nội dung", "Ký tên"]
    title = land.select_one("dd")
    assert title and "Huyện thu hồi 9,8 ha" in title.select("del")[0].text and "12,5 ha" in title.select("ins")[0].text
    assert "T/h: Trần Hùng" in land.select("ins")[-1].text


def test_each_change_leads_to_the_comparison_of_both_versions(site: Site) -> None:
    page = site.read("/changed")
    link = entry(page, "thu hồi").select_one(".compare a")
    assert link and link["href"] == f"/a/{site.ids['changed']}/diff/1..2"
    assert "So sánh bản 1 với bản 2" in link.text


def test_changes_of_one_portal_by_its_id_or_its_name(site: Site) -> None:
    for asked in (DUC_LINH, "Huyện Đức Linh", "duc linh", "ĐỨC LINH, bình thuận"):
        page = site.read("/changed?" + urlencode({"portal": asked}))
        assert words(page, ".total") == "1 lần sửa" and "Chợ phiên" in words(page, ".entry"), asked
    unknown = site.read("/changed?" + urlencode({"portal": "Huyện Không Có"}))
    assert words(unknown, ".total") == "2 lần sửa" and "“Huyện Không Có”" in words(unknown, ".wrong")


def test_an_older_capture_that_is_imported_later_is_compared_with_what_came_after_it(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    with Store(shelf.path) as store:
        older = article("chien-si", "Gặp mặt chiến sĩ Điện Biên", "Các cụ cùng hát.", published="2014-05-06")
        put(store, XUAN_TRUONG, older, "2015-01-01T00:00:00Z")
    with closing(sqlite3.connect(shelf.path)) as conn:
        newest = queries.changes(conn, "", 1, 0)[0]
    assert newest.article == shelf.ids["radio"]
    assert (newest.before.number, newest.after.number) == (2, 1)
    assert newest.before.captured_at == "2015-01-01T00:00:00Z"


WORDS = st.lists(st.sampled_from(["đất", "đai", "huyện", "xã", "2.000", "\n\n", "Ninh", "(sửa)"]), max_size=40)


@given(WORDS, WORDS)
def test_the_piece_that_differs_is_in_both_texts(one: list[str], other: list[str]) -> None:
    before, after = " ".join(one), " ".join(other)
    found = difference(Changed("a", "p", "P", "", wording(before), wording(after)))
    assert ("text" in found.parts) == (before != after)
    if found.piece:
        flat = [" ".join(text.split()) for text in (before, after)]
        assert found.piece.before.removesuffix(" …") in flat[0] and found.piece.after.removesuffix(" …") in flat[1]
        assert max(len(found.piece.before), len(found.piece.after)) <= MOST_CHARACTERS + 2
        if found.piece.last:
            lead, tail = found.piece.lead.removeprefix("… "), found.piece.tail.removesuffix(" …")
            for text, piece in zip(flat, (found.piece.before, found.piece.after), strict=True):
                assert " ".join(filter(None, (lead, piece, tail))) in text


def wording(text: str, **more: Any) -> Wording:
    return replace(Wording(1, "2026-11-19T03:04:05Z", "Tiêu đề", text, "", None, ""), **more)


def test_a_paragraph_that_came_in_or_went_out_is_shown_as_such() -> None:
    short, long = "Một.\n\nBa.", "Một.\n\nHai chen vào giữa.\n\nBa."
    for before, after, shown in ((short, long, ("", "Hai chen vào giữa.")), (long, short, ("Hai chen vào giữa.", ""))):
        piece = difference(Changed("a", "p", "P", "", wording(before), wording(after))).piece
        assert piece and (piece.before, piece.after) == shown and piece.last


def test_what_differs_outside_of_the_words_is_no_part() -> None:
    assert difference(Changed("a", "p", "P", "", wording("Như cũ."), wording("Như cũ."))).parts == ()
    every = wording("Mới.", title="Khác", byline="T/h: Lệ Minh", published="2021-01-06", section="Tin tức")
    assert difference(Changed("a", "p", "P", "", wording("Cũ."), every)).parts == PARTS


# Gone


def test_each_way_of_being_gone_says_since_when_and_how_sure_that_is(site: Site) -> None:
    page = site.read("/gone")
    assert words(page, ".total") == "4 bài"
    assert "đã gỡ: thấy từ 21/11/2026 · mới thấy một lần" in flat(entry(page, "Công khai kết luận"))
    assert "đã chuyển: thấy từ 22/11/2026 · 2 lần nhìn" in flat(entry(page, "Nam nữ thanh niên"))
    assert "bị chặn: thấy từ 22/11/2026 · 3 lần nhìn" in flat(entry(page, "Chúc mừng năm mới"))
    assert "cổng tắt: thấy từ 22/11/2026 (tên miền không còn) · 5 lần" in flat(entry(page, "Thuý và quý ông"))


def flat(found: Tag) -> str:
    return " ".join(" · ".join(part.get_text() for part in found.select(".line span")).split())


def test_gone_by_kind_and_by_portal(site: Site) -> None:
    for kind, count in (("gone", 1), ("moved", 1), ("blocked", 1), ("dark", 1), ("", 4), ("live", 4), ("' or 1", 4)):
        assert words(site.read("/gone?" + urlencode({"kind": kind})), ".total") == f"{count} bài"
    page = site.read("/gone?" + urlencode({"portal": "Huyện Xuân Trường"}))
    assert words(page, ".total") == "3 bài"
    # The choice of a kind keeps the portal, and the other way round.
    assert any("portal=nam_dinh" in str(link["href"]) for link in page.select(".kinds a"))
    both = site.read("/gone?" + urlencode({"portal": XUAN_TRUONG, "kind": "dark"}))
    assert words(both, ".total") == "1 bài" and both.select_one("input[name=kind][value=dark]")
    assert words(site.read("/gone?" + urlencode({"portal": DUC_LINH, "kind": "dark"})), ".empty")


def test_the_lists_are_paged(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "PER_PAGE", 2)
    monkeypatch.setattr(lists, "PER_PAGE", 2)
    first, second, far = (site.read(f"/gone?trang={page}") for page in (1, 2, 10**9))
    titles = [words(found, "h3") for page in (first, second) for found in page.select(".entry")]  # type: ignore[arg-type]
    assert len(set(titles)) == 4 and words(far, ".state") == "Trang 2 / 2"
    assert first.select_one("a[rel=next]")["href"] == "/gone?trang=2"  # type: ignore[index]


def test_the_lists_are_in_both_languages_and_have_their_feeds(site: Site) -> None:
    titles = (("/changed", "Sửa sau khi đăng", "Quietly changed"), ("/gone", "Không còn trên cổng", "No longer"))
    for path, vi, en in titles:
        assert vi in words(site.read(path), "h1") and en in words(site.read(path + "?lang=en"), "h1")
        feed = site.read(path + "?" + urlencode({"portal": DUC_LINH})).select_one("link[type='application/atom+xml']")
        assert feed and feed["href"] == f"{path}.atom?portal=binh_thuan%2Fduc_linh"


def test_what_was_taken_down_is_in_no_list(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    with closing(sqlite3.connect(shelf.path)) as conn, conn:
        conn.execute("update articles set takedown = 'unlist'")
    site = Site(shelf)
    for path in ("/changed", "/gone", f"/gone?portal={DUC_LINH}", f"/changed?portal={XUAN_TRUONG}"):
        assert not site.read(path).select(".entry") and words(site.read(path), ".empty")


WEIRD = st.text(max_size=30) | st.sampled_from(["\x00", "' or 1=1", "9" * 4000, "%", "-1", "dark: dns", "a/b", "🏞"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(WEIRD, WEIRD, WEIRD)
def test_no_input_is_an_error(site: Site, portal: str, kind: str, page: str) -> None:
    asked = urlencode({"portal": portal, "kind": kind, "trang": page}, errors="replace")
    for path in ("/changed", "/gone", "/changed.atom", "/gone.atom"):
        assert site.get(f"{path}?{asked}").status_code == 200


# Portals by their names


PORTALS = {
    entry.id: entry
    for entry in (
        Named("an_giang/chau_thanh", "Trang của huyện Châu Thành", "Huyện Châu Thành", "An Giang"),
        Named("long_an/chau_thanh", "Cổng Châu Thành", "Huyện Châu Thành", "Long An"),
        Named("nam_dinh/xuan_truong", "Trang thông tin điện tử huyện Xuân Trường", "Huyện Xuân Trường", "Nam Định"),
        Named("host/x", "x.example.vn", "", ""),
    )
}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("nam_dinh/xuan_truong", "nam_dinh/xuan_truong"),
        ("Huyện Xuân Trường", "nam_dinh/xuan_truong"),
        ("XUÂN TRƯỜNG", "nam_dinh/xuan_truong"),
        ("xuan truong, nam dinh", "nam_dinh/xuan_truong"),
        ("Huye\u0323\u0302n Xua\u0302n Tru\u031bo\u031b\u0300ng", "nam_dinh/xuan_truong"),
        ("Châu Thành, Long An", "long_an/chau_thanh"),
        ("Châu Thành", None),
        ("x.example.vn", "host/x"),
        ("", None),
        ("Huyện", None),
        ("%", None),
    ],
)
def test_a_portal_is_known_by_what_people_call_it(typed: str, found: str | None) -> None:
    portal = naming.find(PORTALS, typed)
    assert (portal.id if portal else None) == found


# However much there is


@pytest.mark.parametrize("portal", ["", "p/7"])
def test_the_lists_read_only_what_a_page_needs(tmp_path: Path, portal: str) -> None:
    """A hundred thousand articles, nearly all gone, a fifth of them changed: a page takes milliseconds."""
    path = tmp_path / "tangthu.db"
    Store(path).close()
    with closing(sqlite3.connect(path)) as conn, conn:
        fill(conn, 100_000)
        conn.execute("analyze")
        states = queries.states(conn)
        assert states == ("dark: dns", "dark: silent", "gone", "moved")
        best = min(timed(conn, portal, states) for _ in range(3))
    assert best < 0.25  # a walk through all of them takes seconds


def timed(conn: sqlite3.Connection, portal: str, states: tuple[str, ...]) -> float:
    began = time.process_time()
    assert queries.count_gone(conn, portal, states) == (queries.MOST + 1 if not portal else 1_000 - 250)
    assert len(queries.gone(conn, portal, states, 20, 400)) == 20
    assert queries.count_changes(conn, portal) == (queries.MOST + 1 if not portal else 200)
    assert len(queries.changes(conn, portal, 20, 40)) == 20
    return time.process_time() - began


def fill(conn: sqlite3.Connection, count: int) -> None:
    conn.execute("drop trigger articles_new")
    conn.executemany(
        "insert into portals (id, name, district, province, home, platform) values (?, ?, '', '', '', 'drupal7')",
        [(f"p/{n}", f"Cổng {n}") for n in range(100)],
    )
    states = ("dark: dns", "dark: silent", "gone", "moved", "live", "gone", "moved", "live")
    conn.executemany(
        "insert into articles (id, doc, portal, url, title, summary, text, byline, published, section, first_seen,"
        " last_seen, versions, role, key, number, digest, text_digest, state, state_since, state_looks)"
        " values (?1, ?2, ?3, '', 'Tin', '', '', '', null, '', '', '', ?4, '', '', '', '', '', ?5, ?6, 2)",
        (
            (f"a{n}", n, f"p/{n % 100}", 2 if n // 100 % 5 == 0 else 1, states[n // 100 % 8], f"2026-{n:06}")
            for n in range(count)
        ),
    )
    conn.executemany(
        "insert into captures (id, portal, url, fetched_at, status, media_type, digest, etag, last_modified, warc,"
        " offset, length, source, key) values (?, 'p/1', '', ?, 200, '', '', '', '', '', 0, 0, 'live', '')",
        ((n, f"2026-{n:07}") for n in range(1, count + count // 5 + 1)),
    )
    conn.executemany(
        "insert into versions (article, number, capture, title, summary, html, text, byline, published, section, rules,"
        " digest) values (?, ?, ?, 'Tin', '', '', ?, '', null, '', '', '')",
        (
            (f"a{n}", number, n + 1 if number == 1 else count + n // 5 + 1, f"Bản {number}")
            for n in range(count)
            for number in ((1, 2) if n // 100 % 5 == 0 else (1,))
        ),
    )
