"""Datasette's own pages in Vietnamese: every phrase has a place, and no English is left where a reader meets it."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Comment
from datasette.app import Datasette
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from rooms import METADATA, Site
from shelf import Shelf

from archive.plugin import wording
from archive.plugin.raw import spoken, translate

# Of operators, not met by readers; the others are all translated.
FOR_OPERATORS = {"allow_debug.html", "messages_debug.html", "patterns.html", "permissions_debug.html"}
# English as it stands: names, units, and what is not a word.
NAMES = {"CSV", "Datasette", "Datasette v", "ms", "info", "warning", "error", ".db", "select * from"}
NAMES |= {"select sqlite_version", "post", "get", "index", "show-json"}
CLASSES = re.compile(r"((query|row|table|db) )?db-|query-|table-")  # of the body, in a block of their own

# A page of each kind, and what of Datasette's it shows.
PAGES = {
    "database": "/tangthu",
    "hidden tables": "/tangthu?_show_hidden=1",
    "table": "/tangthu/articles",
    "table, filtered": "/tangthu/articles?_search=dat&portal__startswith=nam&text__notblank=1&_size=1&_facet=portal",
    "table, descending": "/tangthu/captures?_sort_desc=status&_where=id+%3E+2&_next=9999",
    "table, empty": "/tangthu/crawls",
    "table with two keys": "/tangthu/authors",
    "row": "/tangthu/portals/nam_dinh~2Fxuan_truong",
    "query": "/tangthu?sql=select+id,+title+from+articles+where+id+%3D+:bai",
    "query, nothing": "/tangthu?sql=select+1+where+0&_hide_sql=1",
    "canned query": "/tangthu/bai-nhac-den?tu=dat+dai",
    "wrong SQL": "/tangthu?sql=select+khong_co+from+articles",
    "no SELECT": "/tangthu?sql=delete+from+articles",
    "no such table": "/tangthu/khong_co",
    "no such row": "/tangthu/articles/khong_co",
    "no such page": "/khong-co",
    "wrong sort": "/tangthu/articles?_sort=khong_co",
    "wrong size": "/tangthu/articles?_size=-1",
}
# What the archive itself says in its tables is no English of Datasette's: names of tables and columns, and values.
ENGLISH = re.compile(
    r"\b(the|this|with|from|rows?|sort(ed)?|by|search|matches|where|contains|database|table|query|queries|view|views"
    r"|facet|next|page|link|links|show|hide|hidden|data|license|source|powered|took|error|invalid|not|found|must|be"
    r"|export|advanced|default|array|object|download|file|expand|labels|stream|apply|column|remove|and|or|of|is"
    r"|statement|cannot|home|log|out|edit|custom|returning|results?|records?)\b",
    re.IGNORECASE,
)


def sources() -> dict[str, str]:
    found = {path.name: path.read_text("utf-8") for path in translate.TEMPLATES.glob("*.html")}
    return {name: source for name, source in found.items() if name not in FOR_OPERATORS}


def phrases(source: str) -> list[str]:
    return list(translate.phrases(Environment(autoescape=True), source))


def test_every_phrase_of_the_catalogue_stands_in_a_template_and_every_phrase_of_a_template_in_the_catalogue() -> None:
    standing = {phrase for source in sources().values() for phrase in phrases(source)}
    known = set(wording.WORDS["en"]["datasette"].values())
    assert len(known) > 60
    assert known - standing == set()
    assert {phrase for phrase in standing - known - NAMES if not CLASSES.fullmatch(phrase)} == set()


def test_every_edit_finds_its_place() -> None:
    for name, edits in translate.EDITS.items():
        source = (translate.TEMPLATES / name).read_text("utf-8")
        for old, _ in edits:
            assert old in source, (name, old)
    everything = "".join(sources().values())
    for old in [*translate._LABELLED, *(f"{{{{ {said} }}}}" for said in translate.SPOKEN)]:
        assert old in everything, old


def test_what_datasettes_python_says_is_what_the_catalogue_has() -> None:
    from datasette.filters import Filters

    told = {display for _, display, _ in Filters([]).lookups() if re.search("[a-z]", display)}
    assert told == set(wording.WORDS["en"]["datasette_filters"].values())
    assert {key for key, *_ in Filters([]).lookups()} <= set(wording.WORDS["vi"]["filtered"])
    script = (translate.TEMPLATES.parent / "static" / "table.js").read_text("utf-8")
    for label in wording.WORDS["en"]["datasette_script"].values():
        assert label in script, label


def test_translated_templates_are_whole_and_untranslated_ones_as_before() -> None:
    environment = Environment(autoescape=True)
    for name, source in sources().items():
        environment.parse(translate.translated(environment, translate.edited(source, name), spoken.phrases()))
    untranslated = translate.translated(environment, sources()["logout.html"], {})
    assert untranslated == sources()["logout.html"].rstrip("\n")


@given(st.text(alphabet="<>\"'=a b-{}%#&;/!s", max_size=80))
def test_any_text_stays_as_it_is_where_nothing_is_known(text: str) -> None:
    reader = translate._Text({})
    assert reader.data(text) == text


@given(
    st.lists(st.sampled_from(["<p>", "</p>", '<a href="x">', "Tables", "Run SQL", '<input value="Run SQL">', " · "]))
)
def test_only_phrases_change(pieces: list[str]) -> None:
    made = translate._Text({"Tables": "Bảng", "Run SQL": "Chạy SQL"}).data("".join(pieces))
    back = re.sub(r'\{% if tangthu_lang == "vi" %\}[^{]*\{% else %\}([^{]*)\{% endif %\}', r"\1", made)
    assert back == "".join(pieces)


def test_what_is_no_text_is_left_alone() -> None:
    source = (
        '<script>var x = "Tables";</script><style>p::before { content: "Tables" }</style><a class="Tables">Tables</a>'
    )
    made = translate._Text({"Tables": "Bảng"}).data(source)
    assert made.count("Bảng") == 1 and 'class="Tables"' in made


def visible(html: str) -> str:
    """What a reader reads or hears of the page, without the archive's own data: its rows, names and SQL."""
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.select(
        "script, style, tbody, thead, pre, code, textarea, option, dl.column-descriptions, .db-table em"
    ):
        if not (tag.name == "option" and tag.find_parent("select", attrs={"name": re.compile("_filter_op|_sort")})):
            tag.extract()
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    heard = [str(tag[name]) for name in ("aria-label", "placeholder") for tag in soup.select(f"[{name}]")]
    heard += [str(tag["value"]) for tag in soup.select("input[type=submit]")]
    return "\n".join([*heard, soup.get_text("\n")])


# In Vietnamese sentences: names of tables and columns, of formats, and SQL's own words.
DATA = re.compile(
    r"Xếp theo \w+|\b(SQL|CSV|JSON|json|Datasette|SQLite|tangthu|GET|like|glob|null|where|SELECT|WITH|EXPLAIN"
    r"|select|English|generic"
    r"|portals?|articles|published|status|text|id|captures|crawls|_size|khong_co)\b|[\w-]+\.example[\w.]*|“[^”]*”"
)


@pytest.mark.parametrize("kind", PAGES)
def test_a_reader_of_vietnamese_meets_no_english(site: Site, kind: str) -> None:
    answer = site.get(PAGES[kind])
    assert answer.status_code in (200, 400, 404)
    assert BeautifulSoup(answer.text, "html.parser").html["lang"] == "vi"  # type: ignore[index]
    lines = [DATA.sub(" ", line) for line in visible(answer.text).splitlines()]
    assert [line.strip() for line in lines if ENGLISH.search(line)] == [], kind


def test_in_english_the_pages_say_what_datasette_says(site: Site) -> None:
    cookies = {"tangthu_lang": "en"}
    page = site.read("/tangthu/articles?_search=dat&_size=1", cookies=cookies)
    text = page.get_text(" ")
    for said in ("View and edit SQL", "Advanced export", "This data as", "search matches", "Next page"):
        assert said in " ".join(text.split()), said
    assert page.html and page.html["lang"] == "en"
    assert site.read("/tangthu?lang=en").html["lang"] == "en"  # type: ignore[index]


def test_the_switch_keeps_what_was_asked_and_is_no_filter(site: Site) -> None:
    asked = "/tangthu/articles?portal=nam_dinh%2Fxuan_truong&_size=2"
    answer = site.get(asked + "&lang=en")
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 200 and "tangthu_lang=en" in answer.headers["set-cookie"]
    assert "9 rows" in " ".join(page.get_text(" ").split())
    switch = page.select_one(".language a")
    assert switch and switch["href"] == "?portal=nam_dinh%2Fxuan_truong&_size=2&lang=vi"
    back = site.get(asked + "&lang=vi", cookies={"tangthu_lang": "en"})
    assert "9 dòng" in " ".join(BeautifulSoup(back.text, "html.parser").get_text(" ").split())


def test_numbers_are_written_as_vietnamese_writes_them(tmp_path: Path, shelf: Shelf) -> None:
    path = tmp_path / "tangthu.db"
    path.write_bytes(shelf.path.read_bytes())
    with sqlite3.connect(path) as db:
        many = "with recursive n(i) as (select 1 union all select i + 1 from n limit 1234) select i from n"
        db.execute(f"insert into failures select i + 1000, 'listing' from ({many})")
    site = Site(Shelf(path, shelf.ids))
    assert "1.235 dòng" in " ".join(site.read("/tangthu/failures").get_text(" ").split())


@pytest.mark.parametrize("kind", ["canned query", "query", "wrong SQL"])
def test_a_querys_title_is_not_its_sql(site: Site, kind: str) -> None:
    title = BeautifulSoup(site.get(PAGES[kind]).text, "html.parser").title
    assert title and "select" not in title.text.lower() and title.text.strip()
    if kind == "canned query":
        assert title.text == METADATA["databases"]["tangthu"]["queries"]["bai-nhac-den"]["title"]


def test_every_page_leads_back_to_the_reading_room(site: Site) -> None:
    for kind in ("database", "table", "row", "query", "canned query"):
        page = site.read(PAGES[kind])
        assert [link["href"] for link in page.select(".house .name a")] == ["/"]
        assert page.select_one(".skip[href='#noi-dung']") and page.select_one("#noi-dung[role=main]")


def test_the_script_of_the_tables_has_its_labels_in_both_languages(site: Site) -> None:
    page = site.read("/tangthu/articles")
    assert page.select("script[src='/-/table.vi.js']")
    vietnamese, english = site.get("/-/table.vi.js"), site.get("/-/table.en.js")
    assert vietnamese.headers["content-type"].startswith("text/javascript")
    assert "Xếp tăng dần" in vietnamese.text and "Sort ascending" not in vietnamese.text
    assert english.text == (translate.TEMPLATES.parent / "static" / "table.js").read_text("utf-8")
    assert re.sub(r"[^\x00-\x7f]+", "", vietnamese.text).count("{") == english.text.count("{")


def test_another_use_of_datasette_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    sqlite3.connect(other).execute("create table t (a)")
    site = Site(Shelf(other, {}))
    page = site.get("/other")
    assert "<html>" in page.text and "Tables" in page.text and "Custom SQL query" in page.text
    assert "content-security-policy" not in page.headers and "datasette.css" not in page.text
    assert site.get("/other/nope").text.count("Table not found") == 1
    assert "nonce" not in page.text
    datasette = Datasette([str(other)])
    assert datasette.jinja_env.loader is not None


# What Datasette's Python says


def test_errors_are_told_in_vietnamese_and_else_as_they_are() -> None:
    assert spoken.error("no such table: bai_viet", "vi") == "không có bảng nào tên bai_viet"
    assert spoken.error('near "selec": syntax error', "vi") == "sai cú pháp ở gần “selec”"
    assert spoken.error("something new", "vi") == "something new"
    assert spoken.error("no such table: bai_viet", "en") == "no such table: bai_viet"


@given(st.text(max_size=60))
def test_any_message_can_be_told(message: str) -> None:
    for language in wording.LANGUAGES:
        assert isinstance(spoken.error(message, language), str)
        assert isinstance(spoken.error(f"no such table: {message}", language), str)
    assert spoken.say("en", "errors", message) == message


def test_what_a_table_shows_is_told_in_a_sentence() -> None:
    selections = [("portal", "exact", "nam_dinh/xuan_truong"), ("title", "contains", "đất")]
    told = spoken.filtered("vi", selections, [("", "dat dai")], "", "published")
    assert told == ("có chữ “dat dai”, portal = “nam_dinh/xuan_truong” và title chứa “đất” xếp theo published giảm dần")
    assert spoken.filtered("vi", [], [], "id", "") == "xếp theo id"
    assert spoken.filtered("vi", [], [], "", "") == ""
