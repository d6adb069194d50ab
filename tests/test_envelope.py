"""What every answer of the site has, and what is refused before anybody looks at it."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rooms import Site
from shelf import DUC_LINH, XUAN_TRUONG, Shelf

from archive.plugin import envelope


def ask(site: Site, **scope: Any) -> tuple[int, dict[str, str], bytes]:
    """An answer to a request that no client would send. ``scope`` in place of what a browser sends."""
    asked = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": None,
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "client": ("203.0.113.5", 1),
        **scope,
    }
    asked["raw_path"] = asked["raw_path"] or asked["path"].encode()
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    site.loop.run_until_complete(site.datasette.client.app(asked, receive, send))
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


# Headers

EVERYWHERE = [
    "/",
    "/tangthu",
    "/tangthu/articles",
    "/tangthu/articles.json",
    "/tangthu/articles.csv",
    "/tangthu?sql=select+1",
    "/tangthu?sql=selec",
    "/tangthu/bai-theo-thang",
    "/khong-co",
    "/tangthu/khong_co",
    "/-/static/app.css",
    "/-/static-plugins/tangthu/tangthu.css",
    "/-/versions.json",
    "/-/logout",
    "/robots.txt",
    "/sitemap.xml",
    "/download",
    "/favicon.ico",
]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_has_a_policy(site: Site, path: str) -> None:
    headers = site.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "*" not in policy
    assert not re.search(r"https?:|script-src[^;]*'unsafe", policy)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in ("same-origin", "no-referrer")
    assert "geolocation=()" in headers["permissions-policy"]
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy"):
        assert len(headers.get_list(name)) == 1, name


def test_scripts_in_datasettes_pages_carry_this_answers_nonce(site: Site) -> None:
    seen = set()
    for path in ("/tangthu", "/tangthu/articles", "/tangthu?sql=select+1", "/tangthu/portals/nam_dinh~2Fxuan_truong"):
        answer = site.get(path)
        (nonce,) = re.findall(r"'nonce-([\w-]+)'", answer.headers["content-security-policy"])
        scripts = BeautifulSoup(answer.text, "html.parser").select("script")
        assert scripts and all(script.get("nonce") == nonce for script in scripts), path
        assert not re.search(r"\son\w+=", re.sub(r"(?s)<(script|textarea|tbody).*?</\1>", "", answer.text)), path
        seen.add(nonce)
    assert len(seen) == 4


@pytest.mark.parametrize(
    "path",
    ["//evil.example/", "///evil.example/", "/%5Cevil.example/", "//evil.example/%", "/\\evil.example/", "//a//b/"],
)
def test_no_redirect_leads_outside(site: Site, path: str) -> None:
    status, headers, _ = ask(site, path=path, raw_path=path.encode())
    assert status in (200, 302, 404)
    assert not re.match(r"[/\\]{2}|\w+:", headers.get("location", "/"))
    for asked in ("/-/logout", "/tangthu/articles"):
        answer = site.get(f"{asked}?_next=//evil.example/&next=https://evil.example/&_redirect=//evil.example/")
        assert "evil" not in answer.headers.get("location", "")


# Refusals


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ({"method": "DELETE", "path": "/tangthu/articles"}, 405),
        ({"method": "BREW"}, 405),
        ({"query_string": b"q=" + b"a" * 2_000_000}, 414),
        ({"method": "POST", "headers": [(b"content-length", b"10000000000")]}, 413),
        ({"method": "POST", "headers": [(b"content-length", b"-1")]}, 413),
        ({"method": "POST", "headers": [(b"content-length", b"9" * 5000)]}, 413),
        ({"method": "POST", "headers": [(b"transfer-encoding", b"chunked")]}, 411),
    ],
)
def test_what_no_reader_sends_is_refused_unread(site: Site, scope: dict[str, Any], status: int) -> None:
    assert ask(site, **scope)[0] == status


def test_a_small_post_is_looked_at(site: Site) -> None:
    status, _, body = ask(site, method="POST", path="/tangthu/articles", headers=[(b"content-length", b"0")])
    assert status in (400, 403, 405) and b"Traceback" not in body


HARD = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
NAMES = st.sampled_from(
    """_sort _sort_desc _next _size _where _facet _facet_array _facet_date _facet_size _col _nocol _search _search_title
    _searchmode _through _timelimit _ttl _shape _nl _labels _label _json _trace _extra _fts_table _fts_pk _filter_op
    _filter_column _filter_value id portal__exact doc__gt doc__in published__date text__arraycontains _stream sql lang
    tu cong _show_hidden _hide_sql _dl _header""".split()  # noqa: SIM905
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    st.sampled_from(["", "/articles", "/articles/x", "/captures/1", "/authors/a,b,c", "/bai-nhac-den", "/versions/,"]),
    st.sampled_from(["", ".json", ".csv"]),
    st.lists(st.tuples(NAMES, st.one_of(HARD, st.sampled_from(["-1", "9" * 30, "[", "{}", '{"table":1}', "\x00"])))),
)
def test_no_address_of_datasettes_is_an_error_500(
    site: Site, path: str, ending: str, values: list[tuple[str, str]]
) -> None:
    query = "&".join(f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in values)
    answer = site.get(f"/tangthu{path}{ending}?{query}")
    assert answer.status_code in (200, 301, 302, 400, 403, 404), (answer.status_code, path, values)


# CSV


def test_a_csv_begins_with_a_bom_and_says_what_it_is(site: Site) -> None:
    for path in ("/tangthu/articles.csv", "/tangthu/articles.csv?_dl=1&_size=max", "/tangthu/bai-theo-thang.csv"):
        answer = site.get(path)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.content.startswith(b"\xef\xbb\xbf") and answer.content.count(b"\xef\xbb\xbf") == 1
    rows = list(csv.DictReader(io.StringIO(site.get("/tangthu/articles.csv").content.decode("utf-8-sig"))))
    assert len(rows) == 12 and rows[0]["portal"] in (XUAN_TRUONG, DUC_LINH)
    assert any(row["title"] == "Huyện thu hồi 12,5 ha đất để mở rộng cụm công nghiệp" for row in rows)


def test_a_csv_is_streamed_whole(tmp_path: Path, shelf: Shelf) -> None:
    path = tmp_path / "tangthu.db"
    path.write_bytes(shelf.path.read_bytes())
    with sqlite3.connect(path) as db:
        many = "with recursive n(i) as (select 1 union all select i + 1 from n limit 4000) select i from n"
        db.execute(f"insert into failures select i + 1000, 'trang danh sách số ' || i from ({many})")
        db.execute("insert into failures values (9999, ?)", ["đoạn dài " * 50_000])
    site = Site(Shelf(path, {}))
    content = site.get("/tangthu/failures.csv?_stream=1&_size=max").content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len(rows) == 1 + 1 + 4000 + 1 and len(rows[-1][1]) == 450_000


def test_a_wrong_csv_is_an_error_and_no_csv(site: Site) -> None:
    answer = site.get("/tangthu.csv?sql=selec")
    assert answer.status_code == 400 and answer.headers["content-type"].startswith("text/html")
    assert not answer.content.startswith(b"\xef\xbb\xbf")
    assert site.get("/tangthu/khong_co.csv").status_code == 404


def test_cells_that_a_spreadsheet_would_run_are_made_harmless(site: Site) -> None:
    sql = "select '=1+1' as a, '-5', -5, '- Căn cứ Luật Đất đai', '@x', 'đất, \"đai\"', null"
    content = site.get(f"/tangthu.csv?sql={quote(sql)}").content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content)))[1] == [
        "'=1+1", "-5", "-5", "'- Căn cứ Luật Đất đai", "'@x", 'đất, "đai"', "",
    ]  # fmt: skip
    assert site.get(f"/tangthu.json?sql={quote(sql)}&_shape=array").json()[0]["a"] == "=1+1"


@given(st.lists(st.text(alphabet='a=-+@đ,"\n\r\t 1', max_size=8), min_size=1, max_size=5))
def test_no_cell_of_any_row_is_run_and_none_is_lost(cells: list[str]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    made = envelope.in_spreadsheet(out.getvalue().encode())
    (row,) = csv.reader(io.StringIO(made.decode(), newline=""))
    assert [cell.removeprefix("'") for cell in row] == [cell.removeprefix("'") for cell in cells]
    assert not any(re.match(r"\s*[=+@]", cell) for cell in row)


# Below another path


def test_below_another_path_datasettes_pages_are_known_too(shelf: Shelf) -> None:
    site = Site(shelf)
    site.datasette._settings["base_url"] = "/kho/"
    answer = site.get("/tangthu/articles?lang=en")
    assert answer.status_code == 200 and 'lang="en"' in answer.text
    assert "/kho/-/table.en.js" in answer.text and 'href="/kho/"' in answer.text
    assert site.get("/tangthu/articles.csv").content.startswith(b"\xef\xbb\xbf")
    assert asyncio.iscoroutinefunction(envelope.enveloped(site.datasette.client.app, lambda: "/"))
