"""The pages, asked for as a browser would; nothing a reader sends is an error 500."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from bs4 import BeautifulSoup
from datasette.utils import StartupError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rooms import METADATA, Site, words
from shelf import DUC_LINH, XUAN_TRUONG, Shelf
from sqlite_utils import Database

from archive.plugin import answers, search_in_index_form, wording
from archive.plugin.finding import searching
from archive.schema import MIGRATIONS

ROOT = Path(__file__).parent.parent
TABLES = METADATA["databases"]["tangthu"]["tables"]
TEMPLATES = ROOT / "archive" / "plugin" / "templates" / "tangthu"


# The pages


def test_search_ranks_marks_and_pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    found = site.read("/search?q=dat+dai")
    assert words(found, ".total") == "3 bài"
    assert [mark.text for mark in found.select(".entry h3 mark")] == ["đất đai", "đất"]
    assert found.select_one("input[name=q]")["value"] == "dat dai"  # type: ignore[index]
    assert "bỏ dấu" in words(site.read("/search?" + urlencode({"q": "đật đãi"})), ".notice")
    assert "Không tìm thấy" in words(site.read("/search?q=xyzzy"))
    monkeypatch.setattr(answers, "PER_PAGE", 2)
    monkeypatch.setattr(searching, "PER_PAGE", 2)
    first, second = site.read("/search?q=dat+dai"), site.read("/search?q=dat+dai&trang=2")
    assert first.select_one("a[rel=next]")["href"] == "/search?trang=2&q=dat+dai"  # type: ignore[index]
    assert [len(page.select(".entry")) for page in (first, second)] == [2, 1]
    assert second.select_one("a[rel=next]") is None
    assert words(site.read("/search?q=dat+dai&page=99"), ".state") == "Trang 2 / 2"


def test_search_within_a_portal(site: Site) -> None:
    found = site.read("/search?" + urlencode({"q": "đất đai", "portal": DUC_LINH}))
    assert words(found, ".total") == "1 bài"
    assert words(found, ".chips li a") == "Bỏ lọc: Huyện Đức Linh"
    assert found.select_one("input[name=portal]")["value"] == "Huyện Đức Linh"  # type: ignore[index]


def test_an_article_tells_its_two_dates_apart(site: Site) -> None:
    page = site.read("/a/" + site.ids["border"])
    assert words(page, ".dates") == "Đăng trên cổng 06/01/2021 08:30 Lưu vào kho 19/11/2026 10:04:05 (+07:00)"
    about = words(page, "section:has(#about)")
    for fact in ("Ký tên T/h: Lệ Minh", "Người viết Lệ Minh", "Vai trò T/h (thực hiện)", "Chuyên mục Tin tức"):
        assert fact in about
    proof = words(page, "section:has(#proof)")
    assert "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ" in proof
    assert "20261119-nam_dinh-xuan_truong.warc.gz, từ byte 123456, dài 7890 byte" in proof
    original = page.select_one("a[href='http://xuantruong.example.gov.vn/tin/giap-ranh']")
    assert original and "nofollow" in original["rel"]
    assert words(page, ".body .lead") == "Hai huyện cùng giữ bình yên cho đôi bờ sông Ninh Cơ."
    assert words(page, ".body .byline") == "T/h: Lệ Minh"


def test_a_day_alone_and_no_day(site: Site) -> None:
    assert "Đăng trên cổng 06/05/2014 Lưu" in words(site.read("/a/" + site.ids["radio"]), ".dates")
    unknown = site.read("/a/" + site.ids["none"])
    assert "Đăng trên cổng không rõ ngày Lưu" in words(unknown, ".dates")
    assert not unknown.select("meta[name='citation_publication_date'], meta[name='DC.date']")


def test_versions_stay(site: Site) -> None:
    name = site.ids["changed"]
    latest, first = site.read(f"/a/{name}"), site.read(f"/a/{name}/1")
    assert "12,5 ha" in words(latest, ".body") and "9,8 ha" in words(first, ".body")
    assert words(latest, ".body .byline") == "T/h: Trần Hùng" and words(first, ".body .byline") == "T/h: Lệ Minh"
    assert not latest.select(".notice") and "phiên bản 1, chụp ngày 19/11/2026" in words(first, ".notice")
    assert [link["href"] for link in latest.select(".versions a")] == [
        f"/a/{name}/2",
        f"/a/{name}/diff/1..2",
        f"/a/{name}/1",
    ]
    assert f"/a/{name}/1" in words(first, "#cite-text")
    assert not site.read(f"/a/{name}/2").select(".notice")


def test_a_gone_article_says_so(site: Site) -> None:
    standing = words(site.read("/a/" + site.ids["gone"]), ".standing")
    assert standing.startswith("Đã gỡ khỏi cổng. Từ ngày 21/11/2026 địa chỉ gốc báo bài không còn")


def test_attachments_and_pictures(site: Site) -> None:
    page = site.read("/a/" + site.ids["files"])
    assert len(page.select(".attachments a")) == 1  # the portal's: nothing of it is kept
    assert "Lịch tiếp công dân tháng 6 (PDF) PDF kho không có tệp này" in words(page, ".attachments")
    assert "Tệp lạ" in words(page, ".attachments")
    assert not page.select("main img")
    assert "Ảnh trong bài gốc" in words(page, "figure") and "Quang cảnh buổi tiếp" in words(page, "figcaption")
    assert page.select_one(".body div.wide[tabindex='0'] > table td")


def test_hostile_html_is_harmless(site: Site) -> None:
    answer = site.get("/a/" + site.ids["hostile"])
    page = BeautifulSoup(answer.text, "html.parser")
    body = page.select_one(".body")
    assert body
    assert not body.select("script, iframe, svg, img, [onclick], [onload], [onerror], [style], p[class=masthead]")
    assert not page.select("[href^='javascript'], .body a[href^='/']")
    scripts = page.select("script:not([type='application/ld+json'])")
    assert len(scripts) == 1 and page.select("script[src$='/copy.js']")
    assert words(page, "h1") == "<script>alert('tiêu đề')</script>"
    assert "evil.example" not in answer.text.replace('href="https://evil.example/x.png"', "")


# Citations


@pytest.mark.parametrize(
    ("suffix", "media_type", "start"),
    [
        ("bib", "application/x-bibtex", "@online{"),
        ("ris", "application/x-research-info-systems", "TY  - ELEC\r\n"),
        ("json", "application/vnd.citationstyles.csl+json", "[\n"),
        ("wiki", "text/plain", "{{Chú thích web"),
        ("txt", "text/plain", "Lệ Minh. “"),
    ],
)
def test_citations_as_files(site: Site, suffix: str, media_type: str, start: str) -> None:
    name = site.ids["border"]
    for path in (f"/a/{name}.{suffix}", f"/a/{name}/1.{suffix}"):
        answer = site.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
        assert answer.content.decode("utf-8").startswith(start)
        assert f"http://localhost{path.removesuffix('.' + suffix)}" in answer.text


def test_citations_on_the_page_are_the_files(site: Site) -> None:
    name = site.ids["quoted"]
    page = site.read(f"/a/{name}")
    offered = page.select(".cite .formats li")
    assert len(offered) == 8
    for one in offered:
        shown, file = one.select_one("pre"), one.select_one("a")
        assert shown and file and shown.text.split() == site.get(str(file["href"])).text.split()
    creators = [meta["content"] for meta in page.select("meta[name=citation_author]")]
    assert creators == ["Phạm Linh", "Văn Đoàn"]


def test_the_published_address_can_be_configured(shelf: Shelf) -> None:
    site = Site(shelf, plugins={"tangthu": {"base_url": "https://tangthu.example"}})
    assert "https://tangthu.example/a/" in site.get(f"/a/{shelf.ids['border']}.txt").text
    forged = Site(shelf).get(f"/a/{shelf.ids['border']}.txt", headers={"host": 'x"><b>'})
    assert "http://localhost/a/" in forged.text


# Languages


def test_english_by_the_address_and_then_by_cookie(site: Site) -> None:
    answer = site.get("/search?q=dat+dai&lang=en")
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.html and page.html["lang"] == "en" and words(page, ".total") == "Articles found: 3"
    assert "tangthu_lang=en" in answer.headers["set-cookie"]
    # Without cookies the links keep the language; with one they need not.
    assert all("lang=en" in str(link["href"]) for link in page.select(".entry a, .masthead .name a"))
    assert page.select_one("input[name=lang]")
    cookied = site.read("/search?q=dat+dai", cookies={"tangthu_lang": "en"})
    assert words(cookied, ".total") == "Articles found: 3"
    assert not any("lang=" in str(link["href"]) for link in cookied.select(".entry a"))
    switch = page.select_one(".language a")
    assert switch and switch["href"] == "?q=dat+dai&lang=vi" and switch["lang"] == "vi"
    back = site.get("/?lang=vi", cookies={"tangthu_lang": "en"})
    assert "tangthu_lang=vi" in back.headers["set-cookie"] and 'lang="vi"' in back.text
    assert site.read("/?lang=xx").html["lang"] == "vi"  # type: ignore[index]


def test_every_word_is_in_both_languages_and_every_template_word_exists() -> None:
    vi, en = wording.WORDS["vi"], wording.WORDS["en"]
    assert {section: set(vi[section]) for section in vi} == {section: set(en[section]) - {"months"} for section in en}
    source = "\n".join(path.read_text("utf-8") for path in TEMPLATES.glob("*.html"))
    used = set(re.findall(r"\bt\.(\w+)\.(\w+)", source))
    assert used and not {(section, key) for section, key in used if key not in vi[section]}
    # "t.cite.copy" would be the method of the dictionary.
    assert not {key for section in vi.values() for key in section if hasattr(dict, key)}
    for section in vi:
        for key, value in vi[section].items():
            assert re.findall(r"\{(\w+)\}", str(value)) == re.findall(r"\{(\w+)\}", str(en[section][key])), key


def test_no_vietnamese_word_is_written_in_a_template() -> None:
    for path in TEMPLATES.glob("*.html"):
        assert path.read_text("utf-8").isascii() or set(re.findall(r"[^\x00-\x7f]", path.read_text("utf-8"))) <= {
            *"←→·"
        }


# What must not happen


def test_our_pages_have_a_strict_policy(site: Site) -> None:
    for path in ("/", "/search?q=a", f"/portal/{XUAN_TRUONG}", f"/a/{site.ids['border']}", "/a/none"):
        answer = site.get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"<style|style=|<script>|\son\w+=", answer.text)
        for asset in re.findall(r'(?:src|href)="(/-/static[^"]+)"', answer.text):
            assert site.get(asset).status_code == 200


def test_no_link_of_ours_is_dead(site: Site) -> None:
    seen: set[str] = set()
    waiting = ["/", "/?lang=en", f"/a/{site.ids['changed']}", "/search?q=huyện", "/a/none"]
    while waiting and len(seen) < 150:
        path = waiting.pop()
        seen.add(path)
        answer = site.get(path)
        assert answer.status_code == (404 if path == "/a/none" else 200), path
        if path.startswith("/tangthu") or "html" not in answer.headers["content-type"]:
            continue
        page = BeautifulSoup(answer.text, "html.parser")
        links = {str(link["href"]).partition("#")[0] for link in page.select("[href]")}
        # This shelf has no WARC files: what stands in them is asked for in tests/test_articles.py.
        kept = ("/web/", "/record/", "/capture/")
        links = {link for link in links if link.startswith("/") and not link.startswith(kept)}
        waiting += [link for link in links if link not in seen and link not in waiting]
    assert len(seen) > 40


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(
    "path",
    ["/a/aaaaaaaaaa", "/a/{changed}/3", "/a/{changed}/0", "/a/{changed}/999999999", "/a/{changed}/99999999999999999999",
     "/a/{changed}.pdf", "/a/{changed}/1/2", "/a/", "/a", "/a/x'\"<script>", "/a/%00", "/a/%2e%2e/x", "/portal/a/b",
     "/portal/%00", "/portal/%F0%28", "/portal/' or 1=1 --", "/portal/", "/portal", "/a/aaaaaaaaaa.bib", "/a/%ff"],
)  # fmt: skip
def test_what_is_not_there_is_a_404_in_both_languages(site: Site, path: str, lang: str) -> None:
    answer = site.get(path.format(changed=site.ids["changed"]) + f"?lang={lang}")
    assert answer.status_code == 404
    assert wording.WORDS[lang]["message"]["missing"] in answer.text


WEIRD = ["", "'", '"', '""', "\x00", "a\x00b", "*", "NEAR(", "OR", "-", "a:b", "{x}", "\\", "%", "😀", "\u0301"]
WEIRD += ["x" * 50_000, "đất " * 3_000, '"' * 1_000, "1e309", "<script>", "{{ 7*7 }}", "../../x", "\r\nSet-Cookie: a=b"]


@pytest.mark.parametrize("q", WEIRD, ids=range(len(WEIRD)))
def test_weird_questions_are_answered(site: Site, q: str) -> None:
    for values in ({"q": q}, {"q": "đất", "portal": q}, {"q": "đất", "trang": q}, {"q": "đất", "lang": q}):
        answer = site.get("/search?" + urlencode(values))
        assert answer.status_code == 200
        assert len(answer.text) < 200_000
        assert "set-cookie" not in answer.headers


def test_a_question_of_a_hundred_kilobytes(site: Site) -> None:
    """No client of ours sends such an address, so that the application is called as a server calls it."""
    query = ("q=" + "%C4%91%E1%BA%A5t+" * 6_000).encode()
    scope = {"type": "http", "method": "GET", "path": "/search", "raw_path": b"/search", "query_string": query,
             "headers": [], "scheme": "http", "http_version": "1.1"}  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    site.loop.run_until_complete(site.datasette.app()(scope, receive, send))
    assert sent[0]["status"] == 200 and len(sent[1]["body"]) < 100_000


@pytest.mark.parametrize("page", ["-1", "0", "abc", str(10**20), "9" * 5000, "1.5", "²", "", "٣", "1;2"])
def test_weird_page_numbers_are_pages(site: Site, page: str) -> None:
    for name in ("page", "trang"):
        assert site.get(f"/search?q=huyen&{urlencode({name: page})}").status_code == 200
        assert site.get(f"/portal/{XUAN_TRUONG}?{urlencode({name: page})}").status_code == 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(max_size=40), st.binary(max_size=20))
def test_no_input_is_an_error_500(site: Site, words: str, raw: bytes) -> None:
    text = quote(words.encode("utf-8", "surrogatepass"))
    for path in (
        f"/search?q={text}",
        f"/search?q={quote(raw)}",
        f"/a/{text}",
        f"/portal/{quote(raw)}",
        f"/?lang={text}",
    ):
        assert site.get(path).status_code in (200, 302, 404), path


def test_a_question_that_takes_too_long_is_stopped(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "SECONDS", -1.0)

    def endless(conn: sqlite3.Connection, *_: object) -> object:
        endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
        return conn.execute(endless).fetchone()

    monkeypatch.setattr("archive.search.search", endless)
    answer = site.get("/search?q=a")
    assert answer.status_code == 503 and "quá rộng" in answer.text


def test_robots(site: Site) -> None:
    answer = site.get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Disallow: /tangthu\n" in answer.text and "Disallow: /a" not in answer.text


def test_an_archive_of_an_older_version_is_not_served_half(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "tangthu.db")) as older:
        MIGRATIONS.apply(Database(older), stop_before="0004_the_reading_room")
    with pytest.raises(StartupError, match="tangthu serve"):
        Site(Shelf(tmp_path / "tangthu.db", {}))


def test_another_database_keeps_datasettes_own_pages(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    sqlite3.connect(other).execute("create table t (a)")
    site = Site(Shelf(other, {}))
    assert "other" in site.get("/").text and "Tàng Thư: Kho" not in site.get("/").text


def test_an_empty_archive_has_a_front_page(tmp_path: Path) -> None:
    from archive.search.keeper import catch_up
    from archive.store import Store

    Store(tmp_path / "tangthu.db").close()
    catch_up(tmp_path / "tangthu.db")
    site = Site(Shelf(tmp_path / "tangthu.db", {}))
    assert "Kho còn trống" in words(site.read("/"))
    assert "Không tìm thấy" in words(site.read("/search?q=a"))


def test_below_another_path(shelf: Shelf) -> None:
    site = Site(shelf)
    site.datasette._settings["base_url"] = "/kho/"
    page = site.read("/")  # the client itself adds the path
    links = [str(link["href"]) for link in page.select("[href^='/']")]
    assert links and all(link.startswith("/kho/") for link in links)


# Datasette's own pages


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ("Đức Linh", 2),
        ("duc linh", 2),
        ("đất dai", 3),
        ("dat dai", 3),
        ("đất đai", 3),
        (unicodedata.normalize("NFD", "đất đai"), 3),
        ("hoà bình", 1),
        ("hòa bình", 1),
    ],
)
def test_datasettes_own_search_is_right(site: Site, asked: str, rows: int) -> None:
    answer = site.get("/tangthu/articles.json?" + urlencode({"_search": asked, "_shape": "array"}))
    assert answer.status_code == 200
    assert len(answer.json()) == rows


@pytest.mark.parametrize("asked", ["", " ", '"', "\x00", "OR", "*", "(", "NEAR(", "-", "\t"])
def test_datasettes_own_search_is_no_error(site: Site, asked: str) -> None:
    assert site.get("/tangthu/articles.json?" + urlencode({"_search": asked})).status_code == 200


def test_only_search_words_are_rewritten() -> None:
    nfd = quote(unicodedata.normalize("NFD", "đất"))
    query = f"_search={nfd}&_search_title=ho%C3%A0+b&title__contains={nfd}&_searchmode=raw&_search&x=1".encode()
    assert search_in_index_form(query) == (
        f"_search={quote('đất')}&_search_title={quote('hòa')}+b&title__contains={nfd}&_searchmode=raw&x=1".encode()
    )
    assert search_in_index_form(b"_search=%ff%00&&=") == b"_search=%EF%BF%BD+&&="
    assert search_in_index_form(b"_search=+%22%00&a=b&_search_title=") == b"a=b"


def test_every_table_and_column_is_described(site: Site, shelf: Shelf) -> None:
    conn = sqlite3.connect(shelf.path)
    shadows = tuple(f"articles_fts_{part}" for part in ("data", "idx", "content", "docsize", "config"))
    tables = [name for (name,) in conn.execute("select name from sqlite_master where type = 'table'")]
    for table in tables:
        if table in shadows or table.startswith("sqlite_"):
            continue
        columns = {row[1] for row in conn.execute(f"pragma table_info({table})")}
        assert TABLES[table]["description"]
        assert set(TABLES[table].get("columns", {})) == columns, table
        assert all(TABLES[table]["columns"].values())
    assert set(TABLES) <= set(tables)
    shown = [table["name"] for table in site.get("/tangthu.json").json()["tables"] if not table["hidden"]]
    assert "_sqlite_migrations" not in shown and not [name for name in shown if "fts" in name]


def test_datasettes_pages_stay(site: Site) -> None:
    for path in (
        "/-/databases.json",
        "/tangthu",
        "/tangthu/articles",
        f"/tangthu/articles/{site.ids['border']}",
        "/.json",
    ):
        assert site.get(path).status_code == 200, path
