"""The search page as a reader gets it: filters, chips, facets, the chart, and what to try where nothing is found."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rooms import Site, words
from shelf import DUC_LINH, HOSTS, XUAN_TRUONG, Shelf, article, make, put

from archive.model import Byline
from archive.plugin import answers
from archive.plugin.finding import searching
from archive.search.keeper import catch_up
from archive.store import Store


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The common shelf, and two years of a monthly notice from either portal."""
    made = make(tmp_path_factory.mktemp("shelf"))
    with Store(made.path) as store:
        for number in range(24):
            portal, host = (XUAN_TRUONG, HOSTS[XUAN_TRUONG]) if number % 3 else (DUC_LINH, HOSTS[DUC_LINH])
            month = f"{2019 + number // 12}-{number % 12 + 1:02}"
            text = f"Thông báo số {number}: lịch cắt điện tháng {month} của các xã, thị trấn trong huyện."
            notice = article(f"cat-dien-{number}", f"Lịch cắt điện {month}", text, host, published=f"{month}-05")
            put(store, portal, replace(notice, section="Thông báo", byline=Byline("Thu Hà", "", ("Thu Hà",))))
    catch_up(made.path)
    return made


def search(site: Site, **asked: str) -> BeautifulSoup:
    return site.read("/search?" + urlencode(asked))


def total(page: BeautifulSoup) -> int:
    return int(words(page, ".total").split()[0]) if "Không" not in words(page, ".total") else 0


def choices(page: BeautifulSoup, group: str) -> dict[str, int]:
    rows = page.select(f"section[aria-labelledby=by-{group}] li")
    return {words(row, "a [lang=vi]"): int(words(row, ".amount")) for row in rows}  # type: ignore[arg-type]


def follow(site: Site, page: BeautifulSoup, selector: str) -> BeautifulSoup:
    link = page.select_one(selector)
    assert link, selector
    return site.read(str(link["href"]))


# Filters


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 24),
        ({"portal": DUC_LINH}, 8),
        ({"portal": "Huyện Đức Linh"}, 8),
        ({"portal": "DUC LINH"}, 8),
        ({"section": "Thông báo"}, 24),
        ({"section": "THÔNG BÁO"}, 24),
        ({"section": "Kinh tế"}, 0),
        ({"author": "thu hà"}, 24),
        ({"from": "2020"}, 12),
        ({"to": "2019"}, 12),
        ({"from": "2019-06", "to": "8/2019"}, 3),
        ({"from": "5/6/2019", "to": "2019-06-05"}, 1),
        ({"from": "6/6/2019", "to": "4/7/2019"}, 0),
        ({"from": "2020", "to": "2019"}, 24),
        ({"from": "hôm qua"}, 24),
        ({"files": "1"}, 0),
        ({"files": "0"}, 24),
    ],
)
def test_what_is_found_fits_every_filter(site: Site, asked: dict[str, str], found: int) -> None:
    assert total(search(site, q="lich cat dien", **asked)) == found


def test_filters_alone_show_everything_that_fits(site: Site) -> None:
    page = search(site, section="Thông báo", portal=XUAN_TRUONG)
    assert total(page) == 17
    assert words(page, ".entry:first-child h3") == "Lịch tiếp công dân tháng 6 của Thường trực HĐND huyện"
    assert total(search(site, files="1")) == 1


def test_what_is_no_day_and_no_portal_is_said_beside_the_field(site: Site) -> None:
    page = search(site, q="điện", **{"from": "30/2/2021", "to": "2021", "portal": "Huyện Lạ"})
    assert "“30/2/2021” không phải" in words(page, "#from-wrong") and not page.select("#to-wrong")
    assert "“Huyện Lạ”" in words(page, "#portal-wrong")
    assert page.select_one("#from")["value"] == "30/2/2021"  # type: ignore[index]
    assert page.select_one("details.filters")["open"] == ""  # type: ignore[index]
    assert page.select_one("#from")["aria-describedby"] == "from-wrong"  # type: ignore[index]
    # What is disregarded is in no link of the page.
    links = [str(link["href"]) for link in page.select("main a[href*='/search']")]
    assert not [link for link in links if "30%2F2" in link or "L%E1%BA%A1" in link]


def test_filters_in_force_are_taken_off_one_by_one(site: Site) -> None:
    asked = {
        "q": "điện",
        "portal": DUC_LINH,
        "section": "Thông báo",
        "author": "Thu Hà",
        "from": "3/2019",
        "to": "2019",
    }
    page = search(site, **asked)
    chips = {words(chip, "[lang=vi]"): str(chip["href"]) for chip in page.select(".chips li a:not(.all)")}
    assert list(chips) == ["Huyện Đức Linh", "Thông báo", "Thu Hà", "tháng 3/2019 – tháng 12/2019"]
    gone = {
        text: {name for name in asked if name not in parse_qs(urlsplit(href).query)} for text, href in chips.items()
    }
    assert list(gone.values()) == [{"portal"}, {"section"}, {"author"}, {"from", "to"}]
    assert words(site.read(chips["Thu Hà"]), ".chips li a [lang=vi]").count("Thu Hà") == 0
    assert parse_qs(urlsplit(str(page.select(".chips .all")[0]["href"])).query) == {"q": ["điện"]}


def test_the_form_asks_again_what_it_shows(site: Site) -> None:
    asked = {"q": "lịch", "portal": DUC_LINH, "author": "Thu Hà", "from": "2019-03", "to": "2020", "sort": "oldest"}
    page = search(site, **asked)
    form = {str(field["name"]): str(field.get("value", "")) for field in page.select("form.search input")}
    del form["files"]  # a box that is not ticked is not sent
    assert form["portal"] == "Huyện Đức Linh"
    again = search(site, **form)
    assert [words(one, "h3") for one in again.select(".entry")] == [words(one, "h3") for one in page.select(".entry")]  # type: ignore[arg-type]


def test_the_order_can_be_chosen(site: Site) -> None:
    page = search(site, q="lịch cắt điện")
    assert words(page, ".sorts [aria-current]") == "khớp nhất trước"
    oldest = follow(site, page, ".sorts li:last-child a")
    assert words(oldest, ".entry:first-child h3") == "Lịch cắt điện 2019-01"
    newest = follow(site, page, ".sorts li:nth-child(2) a")
    assert words(newest, ".entry:first-child h3") == "Lịch cắt điện 2020-12"
    browsed = search(site, author="Thu Hà")  # without words nothing matches better
    assert [choice.text for choice in browsed.select(".sorts li")] == ["mới nhất trước", "cũ nhất trước"]
    assert words(browsed, ".sorts b") == "mới nhất trước"


# Facets and the chart


def test_facets_count_and_filter(site: Site) -> None:
    page = search(site, q="lịch")
    assert choices(page, "portal") == {"Huyện Xuân Trường": 17, "Huyện Đức Linh": 8}
    assert choices(page, "section")["Thông báo"] == 25 and choices(page, "author") == {"Thu Hà": 24}
    assert choices(page, "attachment") == {"có tệp đính kèm": 1}
    for group in ("portal", "section", "author", "attachment"):
        for row in page.select(f"section[aria-labelledby=by-{group}] li"):
            narrowed = follow(site, row, "a")  # type: ignore[arg-type]
            assert total(narrowed) == int(words(row, ".amount"))  # type: ignore[arg-type]
            chosen = narrowed.select_one(f"section[aria-labelledby=by-{group}] li.chosen a")
            assert chosen and total(site.read(str(chosen["href"]))) == total(page)


def test_each_bar_of_the_chart_is_a_filter(site: Site) -> None:
    page = search(site, q="lich cat dien")
    bars = page.select(".bars li")
    assert len(bars) == 24 and words(bars[2], "a .unseen") == "tháng 3/2019: 1 bài"  # type: ignore[arg-type]
    month = follow(site, page, ".bars li:nth-child(3) a")
    assert total(month) == 1 and words(month, ".chips li a [lang=vi]") == "tháng 3/2019"
    # The chart disregards the days that are asked for: the other months can still be chosen.
    assert len(month.select(".bars li a")) == 24 and words(month, ".bars .chosen .unseen").startswith("tháng 3/2019")
    table = page.select(".figures tbody tr")
    assert len(table) == 24 and words(table[0], "th") == "tháng 1/2019" and words(table[0], "td") == "1"  # type: ignore[arg-type]
    assert "style" not in str(page.select(".chart")[0]).replace("stylesheet", "")


def test_many_years_are_shown_by_year_and_then_by_month(site: Site) -> None:
    page = search(site, q="huyện")
    years = [words(bar, "a .unseen").split(":")[0] for bar in page.select(".bars.years li") if bar.select("a")]  # type: ignore[arg-type]
    assert years == ["2014", "2019", "2020", "2021", "2022", "2023"]
    assert not page.select("#months")
    year = follow(site, page, ".bars.years li:has(.unseen):nth-last-child(5) a")
    assert words(year, "#months") == "Các tháng của năm 2019" and len(year.select(".bars:not(.years) li")) == 12
    march = follow(site, year, ".bars:not(.years) li:nth-child(3) a")
    assert words(march, ".chips li a [lang=vi]") == "tháng 3/2019"
    assert "không rõ ngày" in words(page, ".figures")


# Where nothing is found, and where nothing is asked


def test_where_nothing_is_found_something_can_be_tried(site: Site) -> None:
    page = search(site, q="lịch cắt điện", author="Không Ai")
    assert "Không tìm thấy bài nào" in words(page, ".total") and words(page, ".tries")
    assert total(follow(site, page, ".tries a")) == 24
    meant = search(site, q="lịhc cắt điện")
    assert total(meant) == 0 and total(follow(site, meant, ".suggestion a")) >= 24


def test_what_is_alike_without_diacritics_is_one_link_away(site: Site) -> None:
    page = search(site, q="hồi")
    more = re.search(r"Còn (\d+) bài", words(page, ".also"))
    assert more and total(follow(site, page, ".also a")) == total(page) + int(more[1])
    folded = search(site, q="lích cát diện")
    assert "giống khi bỏ dấu" in words(folded, ".notice") and total(folded) == 24


def test_every_example_of_the_help_can_be_followed(site: Site) -> None:
    page = site.read("/search")
    examples = page.select(".help[open] dt a")
    assert len(examples) == len(searching.EXAMPLES)
    for example in examples:
        answer = site.read(str(example["href"]))
        assert answer.select_one("input[name=q]")["value"] == example.text  # type: ignore[index]
    assert not page.select(".total, .chart, .narrow")


def test_the_pager_keeps_the_question(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "PER_PAGE", 5)
    monkeypatch.setattr(answers, "PER_PAGE", 5)
    asked = {"q": "lịch cắt điện", "portal": XUAN_TRUONG, "sort": "oldest"}
    seen: list[str] = []
    page = search(site, **asked)
    while True:
        seen += [words(one, "h3") for one in page.select(".entry")]  # type: ignore[arg-type]
        if not page.select("a[rel=next]"):
            break
        page = follow(site, page, "a[rel=next]")
    assert len(seen) == len(set(seen)) == 16 and seen == sorted(seen)


def test_the_ways_out_ask_the_same(site: Site) -> None:
    page = search(site, q="lịch", portal=DUC_LINH, **{"from": "2020"})
    for path in ("/search.csv", "/search.json", "/feed.atom"):
        link = next(str(link["href"]) for link in page.select(".outs a") if str(link["href"]).startswith(path))
        assert parse_qs(urlsplit(link).query) == {"q": ["lịch"], "portal": [DUC_LINH], "from": ["2020"]}
    assert page.select_one("link[rel=alternate][type='application/atom+xml']")


def test_without_an_index_the_page_says_so(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    for file in sorted((tmp_path / "index").rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    site = Site(shelf)
    for path in ("/search?q=a", "/search.csv?q=a", "/search.json?q=a", "/feed.atom?q=a", "/author/L%E1%BB%87%20Minh"):
        answer = site.get(path)
        assert answer.status_code == 503 and "Chưa tìm kiếm được" in answer.text, path
    assert site.get("/").status_code == 200 and site.get("/feed.atom").status_code == 200


def test_an_index_of_another_making_of_the_database_is_not_believed(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    with closing(sqlite3.connect(shelf.path)) as conn, conn:
        conn.execute("update editions set id = 'another'")
    site = Site(shelf)
    for path in ("/search?q=a", "/feed.atom?q=a", "/search.csv?q=a"):
        assert site.get(path).status_code == 503


WEIRD = st.text(max_size=30) | st.sampled_from(
    ["\x00", "9999-99", "0000", "٢٠٢١", "đất " * 300, '"', "-", "<b>", "\ud800"]
)
NAMES = ("q", "portal", "section", "author", "from", "to", "files", "sort", "trang", "lang")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), WEIRD, max_size=6))
def test_no_input_is_an_error(site: Site, asked: dict[str, str]) -> None:
    query = urlencode(asked, errors="replace")
    for path in ("/search", "/search.csv", "/search.json", "/feed.atom"):
        assert site.get(f"{path}?{query}").status_code == 200


# Whatever is asked is text


SPITE = st.text(alphabet="<>/ =\"'&;scriptonlerai(1)", max_size=40) | st.sampled_from(
    ['"><script>alert(1)</script>', "' onfocus=alert(1) autofocus x='", "</title><img src=x onerror=alert(1)>"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(SPITE, SPITE, SPITE)
def test_what_a_reader_types_stays_text(site: Site, words: str, other: str, day: str) -> None:
    asked = {"q": words, "section": other, "author": words, "portal": other, "from": day, "sort": words, "files": "1"}
    page = search(site, **asked)
    assert not page.select("script, img, iframe, style, [autofocus], [onfocus], [onerror], [style]")
    shown = page.select_one("input[name=q]")
    assert shown and shown["value"] == " ".join(words.replace("\x00", " ").split(" ")).strip()
    for link in page.select("[href]"):
        assert str(link["href"])[:1] in ("/", "#", "?") and not str(link["href"]).startswith("//")
