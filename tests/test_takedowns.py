"""The pages of takedowns; and whatever the site serves, looked through for what must not be in it."""

from __future__ import annotations

import html
import json
import re
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from conftest import rows
from hideable import (
    ADDRESS,
    BODY,
    BYLINE,
    CAPTION,
    FILE,
    LABEL,
    LEAD,
    SECTION,
    TITLE,
    WORDS,
    Hideable,
    decided,
    make,
    said,
)
from rooms import Site, words
from shelf import Shelf

from archive.plugin import answers
from archive.search.keeper import catch_up

DATABASE = "tangthu.db"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Hideable:
    return make(tmp_path_factory.mktemp("takedowns") / "data")


@pytest.fixture
def article(kept: Hideable, tmp_path: Path) -> Hideable:
    return Hideable(Path(shutil.copytree(kept.data, tmp_path / "data")), kept.id)


@pytest.fixture
def served() -> Iterator[Callable[[Hideable], Site]]:
    built: list[Site] = []

    def serve(article: Hideable) -> Site:
        catch_up(article.data / DATABASE)
        built.append(Site(Shelf(article.data / DATABASE, {})))
        return built[-1]

    yield serve
    for site in built:
        site.loop.close()


# Everything that is served


@dataclass
class Visitor:
    """Follows every link, and asks for every address that can be known. ``found``: address → words that it says."""

    site: Site
    article: Hideable
    most: int = 900
    seen: set[str] = field(default_factory=set)
    found: dict[str, list[str]] = field(default_factory=dict)

    def visit(self) -> dict[str, list[str]]:
        waiting = list(self._known())
        while waiting and len(self.seen) < self.most:
            path = waiting.pop(0)
            if path in self.seen:
                continue
            self.seen.add(path)
            answer = self.site.get(path)
            assert answer.status_code < 500, path
            if told := said(self._text(answer)):
                self.found[path] = told
            if "html" in answer.headers.get("content-type", ""):
                waiting += self._links(path, answer.text)
        return self.found

    @property
    def words(self) -> set[str]:
        return {word for told in self.found.values() for word in told}

    def _known(self) -> Iterator[str]:
        yield from ("/", "/takedowns", "/takedowns.atom", "/feed.atom", "/changed.atom", "/gone.atom", "/sitemap.xml")
        yield from ("/sitemap/articles-1.xml", "/health.json", "/authors", "/search?files=1", "/portals")
        name = self.article.id
        yield from (
            f"/a/{name}",
            f"/a/{name}/1",
            f"/a/{name}/2",
            f"/a/{name}/diff/1..2",
            f"/unapi?id={name}&format=ris",
        )
        yield from (f"/a/{name}.{suffix}" for suffix in ("txt", "bib", "ris", "json", "wiki", "en.wiki", "apa.txt"))
        for word in (TITLE, LEAD, BODY, BYLINE, CAPTION, LABEL, SECTION, FILE):
            for piece in word.split()[-1:]:
                for page in ("/search?q=", "/search.csv?q=", "/search.json?q=", "/feed.atom?q=", "/author/"):
                    yield page + quote(piece)
                yield "/tangthu/articles.json?_shape=array&_search=" + quote(piece)
                yield "/tangthu/articles.json?_search=" + quote(piece)
        for row in rows(self.article.data, "select id, url, fetched_at from captures"):
            stamp = re.sub(r"\D", "", row["fetched_at"])
            for modifier in ("", "id_", "im_"):
                yield f"/web/{stamp}{modifier}/{row['url']}"
            yield from (f"/web/{row['url']}", f"/web/timemap/link/{row['url']}", f"/web/*/{row['url']}")
            yield from (f"/record/{row['id']}", f"/record/{row['id']}.warc.gz", f"/capture/{row['id']}")
        for row in rows(self.article.data, "select name from sqlite_master where type = 'table'"):
            table = row["name"]
            for suffix in (".csv?_size=max", ".json?_size=max", "?_size=max"):
                yield f"/tangthu/{table}{suffix}"
            yield f"/tangthu.json?_shape=arrays&sql={quote(f'select * from [{table}]')}"

    def _links(self, path: str, page: str) -> Iterator[str]:
        soup = BeautifulSoup(page, "html.parser")
        for tag in soup.select("a[href], link[href], img[src], iframe[src], script[src]"):
            target = urlsplit(urljoin(f"http://localhost{path}", str(tag.get("href") or tag.get("src"))))
            if target.netloc in ("localhost", "") and target.scheme in ("http", ""):
                yield target.path + (f"?{target.query}" if target.query else "")

    def _text(self, answer: Any) -> str:
        """Bytes that are packed, or escaped, are read as well."""
        text = answer.content.decode("utf-8", "replace")
        if "json" in answer.headers.get("content-type", ""):
            text += json.dumps(json.loads(answer.content), ensure_ascii=False)
        if answer.content.startswith(b"\x1f\x8b"):
            text += zlib.decompressobj(31).decompress(answer.content).decode("utf-8", "replace")
        return text + html.unescape(re.sub(r"<[^<>]*>", " ", text))


def test_without_a_takedown_the_visitor_finds_every_word(article: Hideable, served: Callable[[Hideable], Site]) -> None:
    visitor = Visitor(served(article), article)
    visitor.visit()
    assert visitor.words == set(WORDS)
    for kind in ("/a/", "/search?", "/feed.atom", "/tangthu/", "/web/", "/record/", "/changed", "/author"):
        assert any(path.startswith(kind) for path in visitor.found), kind


@pytest.mark.parametrize("grade", ["hide", "seal"])
def test_nothing_that_is_served_says_what_is_hidden(
    article: Hideable, served: Callable[[Hideable], Site], grade: str
) -> None:
    decided(article, grade)
    visitor = Visitor(served(article), article)
    assert visitor.visit() == {}
    assert len(visitor.seen) > 150


def test_nor_does_a_site_that_was_running_before(article: Hideable, served: Callable[[Hideable], Site]) -> None:
    """What it remembers is forgotten, too."""
    site = served(article)
    assert Visitor(site, article).visit()
    decided(article, "hide")
    catch_up(article.data / DATABASE)
    assert Visitor(site, article).visit() == {}


def test_what_is_unlisted_answers_at_its_own_address_only(
    article: Hideable, served: Callable[[Hideable], Site]
) -> None:
    decided(article, "unlist")
    site = served(article)
    found = Visitor(site, article).visit()
    ours = (f"/a/{article.id}", "/tangthu", "/web/", "/record/", "/capture/", "/takedowns", "/unapi")
    assert {path: told for path, told in found.items() if not path.startswith(ours)} == {}
    answer = site.get(f"/a/{article.id}")
    assert answer.status_code == 200 and TITLE in answer.text
    robots = BeautifulSoup(answer.text, "html.parser").select("meta[name=robots][content*=noindex]")
    assert robots or "noindex" in answer.headers.get("x-robots-tag", "")
    searched = site.get("/tangthu/articles.json?_shape=array&_search=" + quote(TITLE.split()[-1]))
    assert searched.json() == []


# The page in its place


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_in_its_place_says_which_grade_since_when_and_why(
    article: Hideable, served: Callable[[Hideable], Site], language: str
) -> None:
    decided(article, "hide", "Nêu tên một em nhỏ")
    site = served(article)
    for path in (f"/a/{article.id}", f"/a/{article.id}/1", f"/a/{article.id}/diff/1..2", f"/a/{article.id}.bib"):
        answer = site.get(f"{path}?lang={language}")
        assert answer.status_code == 451, path
        assert answer.headers["link"] == '<http://localhost/takedowns>; rel="blocked-by"'
        assert answer.headers["x-robots-tag"] == "noindex"
        page = BeautifulSoup(answer.text, "html.parser")
        told = words(page)
        (row,) = rows(article.data, "select at from takedowns")
        assert ("Ẩn" if language == "vi" else "Hidden") in told and "Nêu tên một em nhỏ" in told and "Gia đình" in told
        assert page.select_one(f"time[datetime='{row['at']}']") and page.select_one("main a[href^='/takedowns']")
        assert article.id in told


def test_a_withheld_capture_is_not_given_out(article: Hideable, served: Callable[[Hideable], Site]) -> None:
    decided(article, "hide")
    site = served(article)
    for modifier in ("", "id_"):
        answer = site.get(f"/web/20210106020000{modifier}/http://thu.example.vn/{ADDRESS}")
        assert answer.status_code == 451 and said(answer.text) == []
    (home,) = rows(article.data, "select id from captures where url = 'http://thu.example.vn/'")
    answer = site.get(f"/record/{home['id']}")
    assert answer.status_code == 451 and "Bản chụp này không được đưa ra" in answer.text


# The log


def test_the_log_tells_everything_but_the_title(article: Hideable, served: Callable[[Hideable], Site]) -> None:
    site = served(article)
    assert words(site.read("/takedowns"), ".empty") == "Chưa bài nào bị gỡ."
    decided(article, "hide", "Theo quyết định của tòa án")
    page = site.read("/takedowns")
    assert said(page.get_text()) == []
    entry = words(page, ".decision")
    for told in ("Ẩn", article.id, "Cổng thử", "đang có hiệu lực", "Theo quyết định của tòa án", "Gia đình"):
        assert told in entry
    decided(article, "unlist", "Đã bỏ tên")
    newest, oldest = site.read("/takedowns").select(".decision")
    assert TITLE in newest.get_text() and "đang có hiệu lực" in newest.get_text()
    assert "hết hiệu lực ngày" in oldest.get_text()
    decided(article, "none", "Không còn lý do")
    newest = site.read("/takedowns").select(".decision")[0]
    assert "Thôi gỡ" in newest.get_text() and "đang có hiệu lực" not in newest.get_text()
    assert site.read("/").select_one("footer a[href='/takedowns']")


def test_the_log_has_pages_and_takes_any_number(
    article: Hideable, served: Callable[[Hideable], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    for grade in ("unlist", "none", "unlist"):
        decided(article, grade)
    monkeypatch.setattr(answers, "PER_PAGE", 2)
    site = served(article)
    assert len(site.read("/takedowns").select(".decision")) == 2
    assert len(site.read("/takedowns?trang=2").select(".decision")) == 1
    for odd in ("99999999999999999999", "-1", "x", "%00", "2%27", "1&trang=2"):
        assert len(site.read(f"/takedowns?trang={odd}").select(".decision")) in (1, 2)


def test_the_feed_is_atom_and_says_the_same(article: Hideable, served: Callable[[Hideable], Site]) -> None:
    site = served(article)
    empty = ElementTree.fromstring(site.get("/takedowns.atom").content)
    assert empty.findtext("a:updated", None, ATOM) and empty.findall("a:entry", ATOM) == []
    decided(article, "hide", "Vì <đời tư> & “tên”")
    decided(article, "seal", "Tòa yêu cầu")
    answer = site.get("/takedowns.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    entries = feed.findall("a:entry", ATOM)
    assert [entry.findtext("a:title", None, ATOM) for entry in entries] == [
        f"Niêm phong: {article.id}",
        f"Ẩn: {article.id}",
    ]
    assert "Vì <đời tư> & “tên”" in (entries[1].findtext("a:summary", None, ATOM) or "")
    identities = [entry.findtext("a:id", None, ATOM) for entry in entries]
    assert len(set(identities)) == 2 and all(entry.findtext("a:updated", None, ATOM) for entry in entries)
    assert feed.findtext("a:updated", None, ATOM) == entries[0].findtext("a:updated", None, ATOM)


def test_hostile_reasons_are_only_words(article: Hideable, served: Callable[[Hideable], Site]) -> None:
    decided(article, "hide", "<script>alert(1)</script>\x0b\"'><img src=x onerror=alert(1)>")
    site = served(article)
    for path in ("/takedowns", f"/a/{article.id}"):
        page = BeautifulSoup(site.get(path).text, "html.parser")
        assert not page.select("main script, main img, main [onerror]") and "<script>" in page.get_text()
    ElementTree.fromstring(site.get("/takedowns.atom").content)


def test_datasettes_table_gives_the_log_as_json(article: Hideable, served: Callable[[Hideable], Site]) -> None:
    decided(article, "hide")
    site = served(article)
    link = site.read("/takedowns").select_one("a[href*='takedowns.json']")
    assert link
    (row,) = site.get(str(link["href"])).json()
    assert (row["grade"], row["why"], row["asked_by"]) == ("hide", "Đời tư của người được nêu tên", "Gia đình")
