"""What machines are told: robots.txt as a crawler reads it, a sitemap by the rules of sitemaps.org."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree
from protego import Protego
from rooms import Site
from shelf import XUAN_TRUONG, Shelf, article, put

from archive.plugin import machines
from archive.store import Store

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def sitemap(site: Site, path: str) -> list[tuple[str, str]]:
    """Addresses and last changes of a sitemap or of the index; what the rules of sitemaps.org ask of either holds."""
    answer = site.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/xml; charset=utf-8"
    assert len(answer.content) < 50 * 2**20
    root = etree.fromstring(answer.content)
    assert root.tag in (f"{NAMESPACE}urlset", f"{NAMESPACE}sitemapindex")
    entry = "url" if root.tag.endswith("urlset") else "sitemap"
    assert {child.tag for child in root} == {NAMESPACE + entry} and 1 <= len(root) <= 50_000
    found = []
    for child in root:
        told = {part.tag.removeprefix(NAMESPACE): part.text for part in child}
        assert next(iter(told)) == "loc" and set(told) <= {"loc", "lastmod"}
        parts = urlsplit(told["loc"])
        assert parts.scheme in ("http", "https") and parts.netloc and len(told["loc"]) < 2048 and not parts.query
        if "lastmod" in told:
            assert datetime.fromisoformat(told["lastmod"]).tzinfo
        found.append((told["loc"], told.get("lastmod", "")))
    assert len({loc for loc, _ in found}) == len(found)
    return found


def everything(site: Site) -> dict[str, str]:
    """All addresses of all sitemaps, with their last changes."""
    paths = [urlsplit(loc).path for loc, _ in sitemap(site, "/sitemap.xml")]
    return {loc: changed for path in paths for loc, changed in sitemap(site, path)}


def test_every_listed_article_is_there_and_every_address_answers(site: Site) -> None:
    found = everything(site)
    ids = {loc.removeprefix("http://localhost/a/") for loc in found if "/a/" in loc}
    assert ids == set(site.ids.values())
    for loc in found:
        assert site.get(urlsplit(loc).path).status_code == 200, loc
    assert f"http://localhost/portal/{XUAN_TRUONG}" in found and "http://localhost/" in found


def test_the_last_change_is_that_of_what_the_page_says(site: Site) -> None:
    found = everything(site)
    last = {name: found[f"http://localhost/a/{identity}"] for name, identity in site.ids.items()}
    assert last["border"] == "2026-11-19T03:04:05Z"
    assert last["changed"] == "2026-11-22T18:30:00Z"  # when its second version was received
    assert last["gone"] == "2026-11-20T23:30:00Z"  # the page says so since


@pytest.mark.parametrize("grade", ["unlist", "hide", "seal"])
def test_what_is_not_listed_is_not_there(tmp_path: Path, shelf: Shelf, grade: str) -> None:
    path = tmp_path / "tangthu.db"
    path.write_bytes(shelf.path.read_bytes())
    with sqlite3.connect(path) as db:
        db.execute("update articles set takedown = ? where id = ?", [grade, shelf.ids["border"]])
    found = everything(Site(Shelf(path, shelf.ids)))
    assert not [loc for loc in found if shelf.ids["border"] in loc] and len(found) > 12


def test_many_articles_are_in_several_sitemaps_each_in_one(
    tmp_path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tangthu.db"
    path.write_bytes(shelf.path.read_bytes())
    with Store(path) as store:
        for number in range(20):
            put(store, XUAN_TRUONG, article(f"tin-{number}", f"Tin số {number}", f"Nội dung tin số {number}."))
    with sqlite3.connect(path) as db:  # a whole stretch in which nothing is listed
        db.execute("update articles set takedown = 'unlist' where doc between 11 and 15")
        listed = {row[0] for row in db.execute("select id from articles where takedown = ''")}
    monkeypatch.setattr(machines, "CHUNK", 5)
    monkeypatch.setattr(machines, "AT_ONCE", 2)
    site = Site(Shelf(path, {}))
    index = [urlsplit(loc).path for loc, _ in sitemap(site, "/sitemap.xml")]
    assert index == ["/sitemap/pages.xml", *(f"/sitemap/articles-{n}.xml" for n in (1, 2, 4, 5, 6, 7))]
    found = [loc for path in index[1:] for loc, _ in sitemap(site, path)]
    assert len(found) == len(set(found)) and {loc.rpartition("/")[2] for loc in found} == listed
    for nothing in ("/sitemap/articles-3.xml", "/sitemap/articles-99.xml", "/sitemap/articles-0.xml", "/sitemap/x.xml"):
        assert site.get(nothing).status_code == 404


def test_the_published_address_stands_in_it_escaped(shelf: Shelf) -> None:
    site = Site(shelf, plugins={"tangthu": {"base_url": "https://kho.example/a&b/"}})
    for path in ("/sitemap.xml", "/sitemap/pages.xml", "/sitemap/articles-1.xml"):
        assert all(loc.startswith("https://kho.example/a&b/") for loc, _ in sitemap(site, path))
    assert "Sitemap: https://kho.example/a&b/sitemap.xml\n" in site.get("/robots.txt").text


def test_an_empty_archive_has_a_sitemap(tmp_path: Path) -> None:
    Store(tmp_path / "tangthu.db").close()
    assert set(everything(Site(Shelf(tmp_path / "tangthu.db", {})))) >= {"http://localhost/"}


def test_no_question_reads_the_table_from_its_beginning(shelf: Shelf) -> None:
    from archive.plugin.queries import machines as queries

    with sqlite3.connect(shelf.path) as db:
        plan = [row[3] for row in db.execute("explain query plan " + queries._ARTICLES, [0, 9, 9])]
    assert plan[0].startswith("SEARCH a USING INDEX") and not [step for step in plan if step.startswith("SCAN")]
    assert not [step for step in plan if "TEMP B-TREE" in step]


# robots.txt

ALLOWED = [
    "/", "/a/abcdefgh23", "/a/abcdefgh23/2", "/a/abcdefgh23.bib", "/portal/nam_dinh/xuan_truong", "/changed", "/gone",
    "/feed.atom", "/sitemap.xml", "/sitemap/articles-1.xml", "/download", "/takedowns", "/authors",
    "/-/static/app.css?abc", "/-/static-plugins/tangthu/tangthu.css", "/-/static-plugins/tangthu/search.css?v=1",
]  # fmt: skip
CLOSED = [
    "/search", "/search?q=a", "/search.csv?q=a", "/tangthu", "/tangthu/articles", "/tangthu/articles.json?_next=1",
    "/tangthu?sql=select+1", "/web/20261119030405/http://x.example/", "/capture/1", "/-/versions.json",
    "/download/tangthu-2026-11-26.db.gz", "/?lang=en", "/a/abcdefgh23?lang=en", "/portal/a/b?trang=2", "/gone?x=1",
]  # fmt: skip


@pytest.mark.parametrize("base", ["/", "/kho/"])
def test_robots_lets_articles_in_and_query_strings_out(shelf: Shelf, base: str) -> None:
    site = Site(shelf)
    site.datasette._settings["base_url"] = base
    answer = site.get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    robots: Any = Protego.parse(answer.text)
    for path in ALLOWED:
        assert robots.can_fetch(f"http://localhost{base}{path[1:]}", "Googlebot"), path
    for path in CLOSED:
        assert not robots.can_fetch(f"http://localhost{base}{path[1:]}", "Googlebot"), path
    assert list(robots.sitemaps) == [f"http://localhost{base}sitemap.xml"]
    assert site.get(urlsplit(f"http://localhost{base}sitemap.xml").path.removeprefix(base[:-1])).status_code == 200
