"""The sample portal beside the repository: imported from its WARC, scored, and crawled from a server that replays."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from conftest import FIVE_KEYS, SAMPLES, Reply, crawl, rows, serving, write_portal

from archive.model import Capture
from archive.text import inflate
from archive.warc import read
from crawler import imports
from crawler.extract import extract
from crawler.ingest import open_archive
from crawler.platforms import PLATFORMS

WARC = SAMPLES / "drupal7.warc.gz"
NUKEVIET = SAMPLES / "nukeviet.warc.gz"
FLOORS = (
    "title=1",
    "body=0.995",
    "page_min=0.95",
    "authors=0.99",
    "false_bylines=0",
    "minute=0.99",
    "images=0.99",
    "files=0.99",
    "missing=0",
    "extra=0",
    "double=0",
    "leaks=0",
)
FIELDS = ("title", "summary", "text", "byline", "role", "organisation", "source", "published")

pytestmark = pytest.mark.skipif(not WARC.exists(), reason=f"the sample archive is not there: {WARC}")


def bring(data: Path) -> dict[str, int]:
    """Import the sample's WARC; how often each outcome was seen."""
    with open_archive(data, "import") as ingest:
        report = imports.bring(ingest, [WARC], {}, None, lambda: None)
        assert not report.damaged
        return dict(ingest.counts)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("imported")
    bring(data)
    return data


def test_the_imported_articles_are_those_that_people_read(imported: Path) -> None:
    floors = [word for floor in FLOORS for word in ("--floor", floor)]
    score = [sys.executable, SAMPLES / "score.py", SAMPLES / "drupal7.gold.jsonl", imported / "tangthu.db"]
    done = subprocess.run([*score, *floors], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_second_import_brings_nothing_new(imported: Path) -> None:
    before = (rows(imported, "select count(*) n from captures"), by_path(imported))
    counts = bring(imported)
    assert (counts.get("new", 0), counts.get("changed", 0)) == (0, 0)
    assert (rows(imported, "select count(*) n from captures"), by_path(imported)) == before


def test_the_nukeviet_articles_are_those_that_people_read(tmp_path: Path) -> None:
    """Imported from a host that nobody described; its print and savefile views make no versions."""
    with open_archive(tmp_path, "import") as ingest:
        assert not imports.bring(ingest, [NUKEVIET], {}, None, lambda: None).damaged
        assert (ingest.counts["new"], ingest.counts["changed"]) == (50, 0)
    floors = [word for floor in FLOORS for word in ("--floor", floor)]
    score = [sys.executable, SAMPLES / "score.py", SAMPLES / "nukeviet.gold.jsonl", tmp_path / "tangthu.db"]
    done = subprocess.run([*score, *floors], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(tmp_path, "select platform from portals") == [{"platform": "nukeviet"}]


# The same pages, served and crawled


class Replay:
    """Answers from the WARC by path and query; the calendar and the gallery never end."""

    def __init__(self) -> None:
        self.pages = {
            target(record.url): record.capture for record in read(WARC) if record.capture and record.kind == "response"
        }
        self.host = next(urlsplit(capture.url).netloc for capture in self.pages.values())

    def __call__(self, path: str, _headers: dict[str, str]) -> Reply:
        capture = self.pages.get(target(path)) or self.further(path)
        if capture is None:
            return 404, {"Content-Type": "text/html; charset=utf-8"}, b"<h1>Page not found</h1>"
        kept = ("content-type", "content-encoding", "etag", "last-modified", "x-generator", "link")
        out = {name: value for name, value in capture.headers if name.lower() in kept}
        if 300 <= capture.status < 400:
            out["Location"] = target(capture.header("Location"))
        body = capture.body
        if path == "/robots.txt":
            body = re.sub(rb"(?m)^Crawl-delay:.*\n", b"", body)
        return capture.status, out, body

    def further(self, path: str) -> Capture | None:
        """A month or a page of pictures that the WARC does not hold: a stored one with other numbers in it."""
        if month := re.fullmatch(r"/lich-cong-tac/(\d{4})-(\d\d)", path):
            return self.moved("/lich-cong-tac/2024-05", int(month[1]) * 12 + int(month[2]) - 1, 2024 * 12 + 4)
        if number := re.fullmatch(r"/thu-vien-anh\?page=(\d+)", path):
            source = self.pages["/thu-vien-anh?page=7"]
            step = int(number[1]) - 7
            body = re.sub(rb"(thu-vien-anh\?page=)(\d+)", lambda m: m[1] + str(int(m[2]) + step).encode(), source.body)
            return Capture(source.url, source.fetched_at, 200, source.headers, body)
        return None

    def moved(self, stored: str, wanted: int, there: int) -> Capture:
        """The stored month with every link to a month moved as far as the wanted one is away."""

        def shift(found: re.Match[bytes]) -> bytes:
            month = int(found[2]) * 12 + int(found[3]) - 1 + wanted - there
            return found[1] + f"{month // 12:04}-{month % 12 + 1:02}".encode()

        source = self.pages[stored]
        body = re.sub(rb"(lich-cong-tac/)(\d{4})-(\d\d)", shift, source.body)
        return Capture(source.url, source.fetched_at, 200, source.headers, body)


def target(url: str) -> str:
    parts = urlsplit(url)
    return unquote(parts.path) + ("?" + parts.query if parts.query else "")


def one_name() -> dict[str, str]:
    """Each address of an article, and of its second posts, → the one the gold file calls it by."""
    gold = [json.loads(line) for line in (SAMPLES / "drupal7.gold.jsonl").read_text("utf-8").splitlines()]
    names = {}
    for entry in gold:
        name = entry.get("duplicate_of") or target(entry["url"])
        names.update(dict.fromkeys((target(entry["url"]), *entry.get("alt_urls", ())), name))
    return names


def by_path(data: Path) -> dict[str, dict[str, Any]]:
    """Every article by the gold file's name for it: which of its addresses was met first makes no difference."""
    found = rows(data, "select * from articles")
    called = one_name()
    names: dict[str, list[str]] = {}
    for author in rows(data, "select article, name from authors order by position"):
        names.setdefault(author["article"], []).append(author["name"])
    return {
        called.get(target(row["url"]), target(row["url"])): {
            **{name: row[name] for name in FIELDS},
            "authors": names.get(row["id"], []),
        }
        for row in found
    }


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[list[tuple[str, int]]]]]:
    """The archive after two crawls, and what each asked for: (path, status)."""
    data = tmp_path_factory.mktemp("crawled")
    asked = []
    with serving(Replay()) as site:
        write_portal(data, "nam_dinh/mau", FIVE_KEYS.format(home=site.home, delay=0, more=""))
        for _ in range(2):
            site.asked.clear()
            code, out = crawl(data, "nam_dinh/mau")
            assert code == 0, out
            asked.append([(target(one.path), one.status) for one in site.asked])
    yield data, asked


def test_a_crawl_finds_the_articles_that_the_import_has(imported: Path, crawled: tuple[Path, Any]) -> None:
    wanted, found = by_path(imported), by_path(crawled[0])
    assert sorted(set(wanted) - set(found)) == [], "missing"
    assert sorted(set(found) - set(wanted)) == [], "extra"
    # Of an article that was posted twice, the post that is met first says when.
    gold = [json.loads(line) for line in (SAMPLES / "drupal7.gold.jsonl").read_text("utf-8").splitlines()]
    twice = {entry["duplicate_of"] for entry in gold if entry.get("duplicate_of")}
    differ = {
        f"{path} {name}": (found[path][name], value)
        for path, fields in wanted.items()
        for name, value in fields.items()
        if found[path][name] != value and not (name == "published" and path in twice)
    }
    assert not differ


def test_a_second_crawl_fetches_no_article_again(crawled: tuple[Path, Any]) -> None:
    data, asked = crawled
    articles = {target(row["url"]) for row in rows(data, "select url from articles")}
    assert not [path for path, status in asked[1] if path in articles and status != 304]
    last = rows(data, "select * from crawls order by id desc limit 1")[0]
    assert (last["new"], last["changed"], last["gone"]) == (0, 0, 0)


def test_calendar_and_gallery_end_and_robots_txt_is_obeyed(crawled: tuple[Path, Any]) -> None:
    for paths in ([path for path, _ in once] for once in crawled[1]):
        assert len([path for path in paths if path.startswith("/lich-cong-tac")]) <= 60
        assert len([path for path in paths if path.startswith("/thu-vien-anh")]) <= 60
        assert len(paths) < 1000
        assert not [path for path in paths if path.startswith(("/print/", "/hoi-dap", "/user/login", "/search/"))]


def test_five_keys_are_enough_for_a_nukeviet_portal(tmp_path: Path) -> None:
    """Its listings link to more than the WARC holds: the rest answers as NukeViet does, by sending to the home page."""
    pages = {target(r.url): r.capture for r in read(NUKEVIET) if r.capture and r.kind == "response"}

    def answer(path: str, _headers: dict[str, str]) -> Reply:
        capture = pages.get(target(path))
        if capture is None:
            return 301, {"Location": "/"}, b""
        kept = ("content-type", "etag", "last-modified")
        out = {name: value for name, value in capture.headers if name.lower() in kept}
        if 300 <= capture.status < 400:
            out["Location"] = target(capture.header("Location"))
        body = inflate(capture.body, capture.header("Content-Encoding")).replace(b"http://tienhai.example.vn/", b"/")
        return capture.status, out, re.sub(rb"(?m)^Crawl-delay:.*\n", b"", body)

    with serving(answer) as site:
        toml = FIVE_KEYS.format(home=site.home, delay=0, more="").replace("drupal7", "nukeviet")
        write_portal(tmp_path, "thai_binh/mau", toml)
        for new in (50, 0):
            code, out = crawl(tmp_path, "thai_binh/mau")
            assert code == 0 and "Error" not in out, out
            last = rows(tmp_path, "select new, changed, gone from crawls order by id desc limit 1")[0]
            assert last == {"new": new, "changed": 0, "gone": 0}
    gold = [json.loads(line) for line in (SAMPLES / "nukeviet.gold.jsonl").read_text("utf-8").splitlines()]
    wanted = {target(entry["url"]) for entry in gold if not entry.get("duplicate_of")}
    assert {target(row["url"]) for row in rows(tmp_path, "select url from articles")} == wanted


# The page the project began with


def test_the_seed_page_gives_title_both_paragraphs_and_byline() -> None:
    body = (SAMPLES / "seed-page.txt").read_bytes()
    headers = (("Content-Type", "text/plain; charset=utf-8"),)
    page = Capture("http://xuantruong.namdinh.example.vn/tin-tuc/1", datetime.now(UTC), 200, headers, body)
    article = extract(page, PLATFORMS["drupal7"].rules)
    lines = [" ".join(line.split()) for line in body.decode().splitlines() if line.strip()]
    assert article.title == lines[1]
    assert [" ".join(block.split()) for block in article.text.split("\n\n")] == lines[2:4]
    assert lines[2].startswith("Năm 2020,") and lines[3].endswith("an toàn xã hội./.")
    assert (article.byline.text, article.byline.role, article.byline.authors) == ("T/h: Lệ Minh", "T/h", ("Lệ Minh",))
