"""Tables that read well, queries that are ready, and functions for those who write their own."""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import Tag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rooms import METADATA, Site
from shelf import DUC_LINH, HOSTS, XUAN_TRUONG, Shelf, article, make, put

from archive.plugin.raw import phrases
from archive.store import Store

DATABASE: dict[str, Any] = METADATA["databases"]["tangthu"]
QUERIES: dict[str, dict[str, Any]] = DATABASE["queries"]
SAME = "Trung tâm Khí tượng thủy văn phát tin bão số 5, yêu cầu các địa phương chủ động ứng phó."
ASKED = {
    "cong": XUAN_TRUONG,
    "thang": "20",
    "tu": "đất đai",
    "ten": "Lệ Minh",
    "tu_ngay": "",
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """With an article that two portals publish, and a decision to leave one out of the lists."""
    made = make(tmp_path_factory.mktemp("shelf"))
    with Store(made.path) as store:
        for portal, host in HOSTS.items():
            name = put(store, portal, article("bao-so-5", "Tin bão số 5", SAME, host, published="2024-09-01"))
        made.ids["storm"] = name
    with sqlite3.connect(made.path) as db:
        at = "2026-11-25T01:00:00Z"
        db.execute(
            "insert into takedowns (article, grade, at, why) values (?, 'unlist', ?, 'theo đơn của người trong bài')",
            [made.ids["radio"], at],
        )
        db.execute("update articles set takedown = 'unlist' where id = ?", [made.ids["radio"]])
        db.execute(
            "update portals set communes = ? where id = ?",
            [json.dumps(["Xuân Hồng", "Xuân Trường", "Xuân Giang", "Xuân Hưng"]), XUAN_TRUONG],
        )
    return made


# Queries


def test_there_are_enough_queries_and_each_says_what_it_is() -> None:
    assert len(QUERIES) >= 12
    for name, query in QUERIES.items():
        assert query["title"] and query["description"].endswith((".", "nhìn")), name
        assert set(query.get("params", [])) == set(re.findall(r":([a-z_]+)", query["sql"])), name
    assert len({query["title"] for query in QUERIES.values()}) == len(QUERIES)


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_finds_something_and_nothing_that_is_not_listed(site: Site, name: str) -> None:
    values = {word: ASKED[word] for word in QUERIES[name].get("params", [])}
    answer = site.get(f"/tangthu/{name}.json?" + urlencode({**values, "_shape": "array"}))
    assert answer.status_code == 200 and answer.json()
    if name != "so-go-bai":  # the log says it, and nothing else
        assert site.ids["radio"] not in answer.text and "Điện Biên" not in answer.text
    page = site.read(f"/tangthu/{name}?{urlencode(values)}")
    assert QUERIES[name]["title"] in page.select_one("h1").text  # type: ignore[union-attr]
    assert page.select(".rows-and-columns tbody tr")


def rows(site: Site, name: str, **values: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.get(f"/tangthu/{name}.json?" + urlencode({**values, "_shape": "array"})).json()
    return found


def test_queries_say_what_is_true(site: Site) -> None:
    changed, gone = rows(site, "bai-bi-sua"), rows(site, "bai-da-go")
    assert [(row["id"], row["so_phien_ban"]) for row in changed] == [(site.ids["changed"], 2)]
    assert [row["id"] for row in gone] == [site.ids["gone"]] and gone[0]["go_tu"] == "2026-11-20T23:30:00Z"
    (twice,) = rows(site, "bai-trung")
    assert (twice["tieu_de"], twice["so_bai"], twice["so_cong"]) == ("Tin bão số 5", 2, 2)
    silence = rows(site, "im-lang-lau-nhat", cong=XUAN_TRUONG)[0]
    assert (silence["bai_truoc"], silence["bai_sau"], silence["so_ngay"]) == (
        "2018-01-01",
        "2020-10-12T05:00:00+07:00",
        1015,
    )
    by_author = rows(site, "bai-cua-nguoi-viet", ten="Lệ Minh")
    assert [row["id"] for row in by_author] == [site.ids["border"]]
    in_2021 = rows(site, "bai-cua-mot-cong", cong=XUAN_TRUONG, thang="2021-01")
    assert [row["id"] for row in in_2021] == [site.ids["border"]]
    of_another = rows(site, "bai-cua-mot-cong", cong=DUC_LINH, thang="")
    assert len(of_another) == 3 and all(row["url"].startswith(HOSTS[DUC_LINH]) for row in of_another)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("typed", "found"),
    [("hoà bình", 1), ("hòa bình", 1), ("HÒA BÌNH", 1), ("hoa binh", 1), ("Đức Hạnh", 1), ("duc hanh", 1)],
)
def test_a_phrase_is_found_however_it_is_typed(site: Site, form: Any, typed: str, found: int) -> None:
    assert len(rows(site, "bai-nhac-den", tu=unicodedata.normalize(form, typed))) == found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(max_size=20))
@pytest.mark.parametrize("name", ["bai-nhac-den", "nhac-den-theo-nam", "bai-cua-mot-cong", "bai-cua-nguoi-viet"])
def test_no_value_breaks_a_query(site: Site, name: str, typed: str) -> None:
    text = typed.encode("utf-8", "replace").decode()
    values = dict.fromkeys(QUERIES[name]["params"], text)
    assert site.get(f"/tangthu/{name}.json?{urlencode(values)}").status_code == 200


@pytest.mark.parametrize(
    "typed", ["", '"', '""', '" OR "', "*", "AND", "NEAR(a b)", "title:", "\x00", "'", "--", "đ" * 3000]
)
def test_no_sign_breaks_a_phrase(site: Site, typed: str) -> None:
    assert site.get("/tangthu/bai-nhac-den.json?" + urlencode({"tu": typed})).status_code == 200


def test_functions_for_those_who_write_sql(site: Site) -> None:
    sql = "select khong_dau('Đất ĐAI, huyện Xuân Trường') as a, cum_tu('hoà \"bình') as b, khong_dau(null) as c"
    (row,) = site.get("/tangthu.json?" + urlencode({"sql": sql, "_shape": "array"})).json()
    assert row == {"a": "dat dai, huyen xuan truong", "b": '"hòa  bình"', "c": None}
    assert phrases.phrase(None) == '""' and phrases.phrase(5) == '"5"'


# Tables


def cell(site: Site, path: str, column: str, row: int = 1) -> Tag:
    found = site.read(path).select_one(f".rows-and-columns tbody tr:nth-of-type({row}) td.col-{column}")
    assert found
    return found


def test_cells_lead_somewhere(site: Site) -> None:
    border = site.ids["border"]
    title = cell(site, f"/tangthu/articles?id={border}", "title")
    assert title.select_one("a")["href"] == f"/a/{border}"  # type: ignore[index]
    version = cell(site, f"/tangthu/versions?article={site.ids['changed']}&number=1", "title")
    assert version.select_one("a")["href"] == f"/a/{site.ids['changed']}/1"  # type: ignore[index]
    author = cell(site, f"/tangthu/authors?article={border}", "article")
    assert author.text.startswith("Ký kết quy chế") and author.select_one("a")["href"] == f"/a/{border}"  # type: ignore[index]
    assert cell(site, "/tangthu/captures?id=1", "warc").select_one("a")["href"] == "/capture/1"  # type: ignore[index]
    asked = f"/tangthu?{urlencode({'sql': f'select id, portal as cong, 1 as n from articles where id = {border!r}'})}"
    assert cell(site, asked, "id").select_one("a")["href"] == f"/a/{border}"  # type: ignore[index]
    assert cell(site, asked, "cong").select_one("a")["href"] == f"/portal/{XUAN_TRUONG}"  # type: ignore[index]
    assert cell(site, f"/tangthu/articles?id={border}", "portal").text.startswith("Trang thông tin điện tử")


def test_addresses_of_portals_carry_no_recommendation_and_scripts_are_no_links(site: Site, shelf: Shelf) -> None:
    link = cell(site, f"/tangthu/articles?id={site.ids['border']}", "url").select_one("a")
    assert link and link["rel"] == ["nofollow", "noopener", "noreferrer"]
    strange = site.read("/tangthu/attachments?label=T%E1%BB%87p+l%E1%BA%A1").select_one("td.col-url")
    assert strange and strange.text == "javascript:alert(1)" and not strange.select("a")
    for value in ("http://", "https://[", "http://a b/<script>", "http://x/\x01", "http://" + "x" * 5000):
        sql = f"select '{value}' as url"
        page = site.read(f"/tangthu?{urlencode({'sql': sql})}")
        assert not page.select("td script")
        assert all(len(found.text) <= 300 for found in page.select("td a"))
    assert shelf.path.exists()


def test_a_long_list_is_short_in_a_table(site: Site) -> None:
    assert (
        cell(site, f"/tangthu/portals?id={XUAN_TRUONG}", "communes").text == "Xuân Hồng, Xuân Trường, Xuân Giang … (4)"
    )
    odd = ["[", "[1, 2, 3, 4, {]", "[" * 5000, '["a"]', "[1,2,3,4,null,{}]", '["<b>",1,2,3]']
    for value in odd:
        page = site.read("/tangthu?" + urlencode({"sql": "select :v as v", "v": value}))
        assert page.select_one("td.col-v") and not page.select("td b")


def test_what_readers_do_not_ask_for_is_not_on_the_front_list_and_is_reachable(site: Site) -> None:
    listed = {link.text for link in site.read("/tangthu").select(".db-table h3 a")}
    assert listed == {
        "articles", "attachments", "authors", "captures", "crawls", "images", "portals", "takedowns", "versions",
    }  # fmt: skip
    for hidden in ("frontier", "sources", "sweeps", "traps", "reextractions", "failures", "editions"):
        assert site.get(f"/tangthu/{hidden}").status_code == 200
    assert "frontier" in {link.text for link in site.read("/tangthu?_show_hidden=1").select(".db-table h3 a")}


def test_a_table_lists_what_may_be_listed_and_shows_what_is_asked_for(site: Site) -> None:
    name = site.ids["radio"]
    for path in ("articles", "versions", "authors"):
        assert name not in site.get(f"/tangthu/{path}.json?_size=max&_shape=array").text
        assert name not in site.get(f"/tangthu/{path}.csv?_size=max").text
        column = "id" if path == "articles" else "article"
        assert site.get(f"/tangthu/{path}.json?{column}={name}&_shape=array").json()
    assert [row["id"] for row in site.get("/tangthu/articles.json?takedown=unlist&_shape=array").json()] == [name]
    assert site.get(f"/tangthu/articles/{name}").status_code == 200
    assert "Điện Biên" not in site.get("/tangthu/articles?_search=chien+si&_facet=portal").text


def test_the_front_list_says_what_the_tables_are(site: Site) -> None:
    told = {table.select_one("h3 a").text: table.text for table in site.read("/tangthu").select(".db-table")}  # type: ignore[union-attr]
    for name, text in told.items():
        assert DATABASE["tables"][name]["title"] in text and DATABASE["tables"][name]["description"] in text
    shown = [item.text for item in site.read("/tangthu").select(".told")]
    assert shown == [query["description"] for query in QUERIES.values()]


def test_bytes_have_a_unit(tmp_path: Path, shelf: Shelf) -> None:
    path = tmp_path / "tangthu.db"
    path.write_bytes(shelf.path.read_bytes())
    with sqlite3.connect(path) as db:
        db.execute("update attachments set bytes = 2500000")
    site = Site(replace(shelf, path=path))
    assert cell(site, "/tangthu/attachments", "bytes").text.replace("\xa0", " ") == "2.5 MB"
