"""Those who wrote: in the order of Vietnamese names, and each on a page of his or her own."""

from __future__ import annotations

import random
import sqlite3
import unicodedata
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rooms import Site, words
from shelf import DUC_LINH, HOSTS, XUAN_TRUONG, Shelf, article, make, put

from archive.model import Article, Byline
from archive.plugin.finding import alphabet, authors
from archive.search.keeper import catch_up
from archive.store import Store

# As a Vietnamese register has them: by the given name, letters before tones.
ORDER = [
    "Đỗ Thị An", "Nguyễn Văn An", "Lê Ân", "Trần Bình", "Vũ Dũng", "Phạm Dung", "Lê Văn Duy", "Nguyễn Đạt", "Lê Đức",
    "Hà Êm", "Phạm Linh", "Lệ Minh", "Đỗ Ngà", "Trần Oanh", "Lê Ơn", "Phạm Thanh", "Vũ Thành", "Đinh Thu Hà",
]  # fmt: skip


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The common shelf; Lệ Minh on both portals, and in capitals; and many others."""
    made = make(tmp_path_factory.mktemp("shelf"))
    with Store(made.path) as store:
        for portal, host, name, year in (
            (DUC_LINH, HOSTS[DUC_LINH], "Lệ Minh", 2018),
            (XUAN_TRUONG, HOSTS[XUAN_TRUONG], "LỆ MINH", 2018),
            (XUAN_TRUONG, HOSTS[XUAN_TRUONG], "Ngô Đắc Ước", 2020),
        ):
            key = f"{portal}-{name}".replace(" ", "-").replace("/", "-")
            text = f"Bài của {name}, số {year}, kể chuyện làng nghề trên cổng {portal}."
            signed = article(key, f"Làng nghề {name} {portal}", text, host, published=f"{year}-05-01")
            made.ids[key] = put(store, portal, _signed(signed, name))
    catch_up(made.path)
    return made


def _signed(made: Article, name: str) -> Article:
    return replace(made, byline=Byline(name, "", (name,)))


def names(page: object) -> list[str]:
    return [link.text for link in page.select(".names a")]  # type: ignore[attr-defined]


# All of them


def test_everyone_stands_in_the_order_of_given_names_with_the_number_of_articles(site: Site) -> None:
    page = site.read("/authors")
    assert names(page) == ["Văn Đoàn", "Trần Hùng", "Phạm Linh", "Lệ Minh", "Ngô Đắc Ước"]
    counts = {words(row, "a"): words(row, ".amount").split()[0] for row in page.select(".names li")}  # type: ignore[arg-type]
    assert counts == {"Văn Đoàn": "1", "Trần Hùng": "2", "Phạm Linh": "1", "Lệ Minh": "3", "Ngô Đắc Ước": "1"}
    assert words(page, ".total") == "5 tên"


def test_by_letter(site: Site) -> None:
    page = site.read("/authors")
    letters = [link.text for link in page.select(".letters a")]
    assert letters == ["Tất cả", "Đ", "H", "L", "M", "Ư"]
    for letter in (*letters[1:], unicodedata.normalize("NFD", "Ư"), "đ"):
        found = names(site.read("/authors?" + urlencode({"chu": letter})))
        assert len(found) == 1 and found[0].split()[-1].startswith(unicodedata.normalize("NFC", letter).upper())
    assert len(names(site.read("/authors?chu=%C3%8D"))) == 5  # no letter of ours: all


def test_the_list_is_paged(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authors, "ON_PAGE", 2)
    pages = [site.read(f"/authors?trang={number}") for number in (1, 2, 3)]
    assert [len(names(page)) for page in pages] == [2, 2, 1]
    assert names(site.read("/authors?trang=99")) == names(pages[2])


def test_a_name_that_was_taken_out_of_sight_is_in_the_list_no_more(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    site = Site(shelf)
    assert "Phạm Linh" in names(site.read("/authors"))
    with closing(sqlite3.connect(shelf.path)) as conn, conn:
        conn.execute("update articles set takedown = 'unlist' where id = ?", [shelf.ids["quoted"]])
        conn.execute(
            "insert into takedowns (article, grade, at, why) values (?, 'unlist', '2026-11-26T00:00:00Z', 'đời tư')",
            [shelf.ids["quoted"]],
        )
    assert "Phạm Linh" not in names(site.read("/authors"))
    assert not site.read("/author/Ph%E1%BA%A1m%20Linh").select(".entry")  # the index is a moment behind
    catch_up(shelf.path)
    assert site.get("/author/Ph%E1%BA%A1m%20Linh").status_code == 404


def test_an_article_that_comes_in_is_counted(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    site = Site(shelf)
    site.read("/authors")
    with Store(shelf.path) as store:
        put(store, XUAN_TRUONG, _signed(article("moi", "Tin mới", "Tin mới về."), "Ân Thi"))
    assert "Ân Thi" in names(site.read("/authors"))


# One of them


@pytest.mark.parametrize(
    "written",
    ["Lệ Minh", "LỆ MINH", "lệ minh", unicodedata.normalize("NFD", "Lệ Minh"), "  Lệ   Minh "],
)
def test_a_page_of_each_author_however_the_name_is_written(site: Site, written: str) -> None:
    page = site.read("/author/" + quote(written))
    assert words(page, "h1") == "Lệ Minh" and len(page.select(".entry")) == 3
    assert words(page, ".entry:first-child h3").startswith("Ký kết quy chế")


def test_two_people_of_one_name_cannot_be_told_apart_and_the_page_says_so(site: Site) -> None:
    page = site.read("/author/" + quote("Lệ Minh"))
    assert "không biết đó là một người hay nhiều người" in words(page, ".notice")
    rows = {words(row, "a"): words(row, ".amount") for row in page.select("#where ~ ul li")}  # type: ignore[arg-type]
    assert rows == {"Huyện Xuân Trường": "2", "Huyện Đức Linh": "1"}
    assert not site.read("/author/" + quote("Ngô Đắc Ước")).select(".notice")


def test_the_years_lead_to_the_articles(site: Site) -> None:
    page = site.read("/author/" + quote("Lệ Minh"))
    years = {words(row, ":first-child"): words(row, ".amount") for row in page.select(".years li")}  # type: ignore[arg-type]
    assert years == {"2018": "2", "2019": "0", "2020": "0", "2021": "1"}
    link = page.select_one(".years a")
    assert link and len(site.read(str(link["href"])).select(".entry")) == 2
    feed = page.select_one("link[type='application/atom+xml']")
    assert feed and site.get(str(feed["href"])).content.count(b"<entry>") == 3


@pytest.mark.parametrize("path", ["/author/", "/author/Kh%C3%B4ng%20Ai", "/author/%00", "/author/%ff", "/author/a/b"])
def test_who_wrote_nothing_has_no_page(site: Site, path: str) -> None:
    assert site.get(path).status_code == 404


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(st.text(max_size=30), st.text(max_size=5))
def test_no_input_is_an_error(site: Site, name: str, letter: str) -> None:
    assert site.get("/author/" + quote(name.encode("utf-8", "replace"))).status_code in (200, 302, 404)
    assert site.get("/authors?" + urlencode({"chu": letter, "trang": letter}, errors="replace")).status_code == 200


# The alphabet


def test_the_order_of_names() -> None:
    expected = sorted(ORDER, key=alphabet.order)
    shuffled = random.Random(1).sample(ORDER, len(ORDER))
    assert sorted(shuffled, key=alphabet.order) == expected
    given = [name.split()[-1] for name in expected]
    assert given == [
        "An", "An", "Ân", "Bình", "Dung", "Dũng", "Duy", "Đạt", "Đức", "Êm", "Hà", "Linh", "Minh", "Ngà", "Oanh",
        "Ơn", "Thanh", "Thành",
    ]  # fmt: skip
    assert expected[:2] == ["Đỗ Thị An", "Nguyễn Văn An"]


@given(st.text(alphabet="aăâeêoôơuưydđlmn ÁỀỘỮẢỌĐ'", max_size=30))
def test_any_name_has_one_place_whatever_its_form(name: str) -> None:
    apart = unicodedata.normalize("NFD", name)
    assert alphabet.order(apart) == alphabet.order(name) and alphabet.initial(apart) == alphabet.initial(name)
    assert alphabet.initial(name.upper()) == alphabet.initial(name)


@given(st.text(max_size=30))
def test_no_name_is_an_error(name: str) -> None:
    assert alphabet.initial(name) in ("", *alphabet.LETTERS) and isinstance(alphabet.order(name), tuple)


@pytest.mark.parametrize(
    ("name", "letter"),
    [("Trần Thị Đào", "Đ"), ("Lê Ước", "Ư"), ("ân", "Â"), ("K'Bình", "K"), ("李明", ""), ("", ""), ("BBT", "B")],
)
def test_the_letter_under_which_a_name_stands(name: str, letter: str) -> None:
    assert alphabet.initial(name) == letter


def test_names_that_differ_in_case_alone_are_one() -> None:
    found = authors.merged((("Lệ Minh", 3), ("LỆ MINH", 5), ("Le\u0323\u0302 Minh", 4), ("Lê Minh", 1), (" ", 9)))
    assert [(entry.name, entry.articles) for entry in found] == [("Lê Minh", 1), ("Lệ Minh", 12)]
