"""Crawls as an operator sees them: each in a process of its own, against a portal on loopback."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import FIVE_KEYS, ROOT, Reply, crawl, rows, serving, start_crawl, wait_for, write_portal

from archive.warc import Location, read, read_at
from crawler.agenda import SPARE_LOOKS
from crawler.demo import PORTAL_ID, DemoPortal, Expected, Hit, changed_path, expected, gone_path, new_paths

FIRST = {article.path for article in expected(1)}


@dataclass
class History:
    """The demo portal crawled on day 1, again at once, and on day 2: what was asked, printed and kept each time."""

    data: Path
    hits: list[list[Hit]] = field(default_factory=list)
    codes: list[tuple[int, str]] = field(default_factory=list)
    found: list[dict[str, dict[str, Any]]] = field(default_factory=list)

    def counts(self) -> list[tuple[int, ...]]:
        """(new, changed, gone, failed) of each crawl."""
        return [
            (row["new"], row["changed"], row["gone"], row["failed"])
            for row in rows(self.data, "select * from crawls order by id")
        ]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    past = History(tmp_path_factory.mktemp("archive"))
    with DemoPortal() as portal:
        write_portal(past.data, PORTAL_ID, portal.portal_file())
        for day in (1, 1, 2):
            portal.day = day
            portal.requests.clear()
            past.codes.append(crawl(past.data, PORTAL_ID))
            past.hits.append(list(portal.requests))
            past.found.append(articles(past.data))
    return past


def articles(data: Path) -> dict[str, dict[str, Any]]:
    """Every article by path, with its authors, images and attachments."""
    found = rows(data, "select * from articles")
    assert len({row["url"] for row in found}) == len(found)
    for row in found:
        for table in ("authors", "images", "attachments"):
            row[table] = rows(data, f"select * from {table} where article = ? order by position", row["id"])
    return {urlsplit(row["url"]).path: row for row in found}


def differences(row: dict[str, Any], wanted: Expected) -> dict[str, tuple[object, object]]:
    """Field → (what the archive says, what was expected), where they differ."""
    byline = wanted.byline
    pairs: dict[str, tuple[object, object]] = {
        "title": (row["title"], wanted.title),
        "summary": (row["summary"], wanted.summary),
        "text": (row["text"], wanted.text),
        "byline": (row["byline"], byline.text),
        "role": (row["role"], byline.role),
        "authors": (tuple(author["name"] for author in row["authors"]), byline.authors),
        "organisation": (row["organisation"], byline.organisation),
        "source": (row["source"], byline.source),
        "published": (row["published"], wanted.published),
        "section": (row["section"], wanted.section),
        "images": (tuple(urlsplit(image["url"]).path for image in row["images"]), wanted.images),
        "captions": (tuple(image["caption"] for image in row["images"]), wanted.captions),
        "attachments": (tuple(urlsplit(file["url"]).path for file in row["attachments"]), wanted.attachments),
        "labels": (tuple(file["label"] for file in row["attachments"]), wanted.labels),
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def assert_complete(data: Path) -> None:
    assert set(articles(data)) == FIRST
    assert [row["integrity_check"] for row in rows(data, "pragma integrity_check")] == ["ok"]
    twice = "select article, number from versions group by article, number having count(*) > 1"
    assert not rows(data, twice)
    assert not rows(data, "select id from articles where versions != 1")
    assert_readable(data)


def assert_readable(data: Path) -> None:
    """Every capture stands in its WARC where the database says it does."""
    for row in rows(data, "select * from captures"):
        record = read_at(data / "warc", Location(row["warc"], row["offset"], row["length"]))
        assert (record.url, record.digest) == (row["url"], row["digest"])
        assert record.kind == ("revisit" if row["revisit_of"] else "response")


# The demo portal, three times


def test_the_first_crawl_brings_every_article_once(history: History) -> None:
    code, out = history.codes[0]
    assert code == 0, out
    assert set(history.found[0]) == FIRST
    assert history.counts()[0] == (len(FIRST), 0, 0, 0)


def test_what_the_articles_say_is_what_the_portal_printed(history: History) -> None:
    wrong = {wanted.path: differences(history.found[0][wanted.path], wanted) for wanted in expected(1)}
    assert not {path: found for path, found in wrong.items() if found}


def test_a_second_crawl_fetches_no_article_again(history: History) -> None:
    """Some of them are looked at all the same, where that costs next to nothing."""
    assert history.codes[1][0] == 0, history.codes[1]
    looks = [hit for hit in history.hits[1] if hit.path in FIRST]
    assert {hit.status for hit in looks} == {304}
    assert len(looks) <= SPARE_LOOKS
    assert len(history.hits[1]) < len(history.hits[0]) / 3
    assert history.counts()[1] == (0, 0, 0, 0)
    assert {path: row["versions"] for path, row in history.found[1].items()} == dict.fromkeys(FIRST, 1)


def test_the_next_day_shows_what_changed_what_is_gone_and_what_is_new(history: History) -> None:
    assert history.codes[2][0] == 0, history.codes[2]
    assert history.counts()[2] == (2, 1, 1, 0)
    found = history.found[2]
    assert {path for path, row in found.items() if row["versions"] == 2} == {changed_path()}
    assert {path for path, row in found.items() if row["gone_since"]} == {gone_path()}
    assert set(found) - FIRST == set(new_paths())
    wrong = {wanted.path: differences(found[wanted.path], wanted) for wanted in expected(2)}
    assert not {path: what for path, what in wrong.items() if what}


def test_both_versions_of_the_changed_article_are_kept(history: History) -> None:
    article = history.found[2][changed_path()]
    kept = rows(history.data, "select * from versions where article = ? order by number", article["id"])
    assert [version["number"] for version in kept] == [1, 2]
    assert kept[0]["text"] == history.found[0][changed_path()]["text"] != kept[1]["text"] == article["text"]


def test_unchanged_pages_are_kept_as_revisits(history: History) -> None:
    profiles: Counter[str] = Counter()
    for row in rows(history.data, "select * from captures where revisit_of is not null and article is not null"):
        record = read_at(history.data / "warc", Location(row["warc"], row["offset"], row["length"]))
        original = rows(history.data, "select * from captures where id = ?", row["revisit_of"])[0]
        assert record.kind == "revisit"
        assert record.refers_to == (original["url"], original["fetched_at"])
        assert record.digest == original["digest"]
        (profile,) = [value for name, value in record.headers if name == "WARC-Profile"]
        profiles[profile.rpartition("/")[2]] += 1
    assert set(profiles) == {"server-not-modified"}
    confirmed = sum(hit.status == 304 and hit.path in FIRST for hits in history.hits for hit in hits)
    assert profiles.total() == confirmed > SPARE_LOOKS


def test_every_capture_is_read_back_from_where_the_database_says(history: History) -> None:
    assert_readable(history.data)


def test_the_warcs_pass_other_readers_checks(history: History, tmp_path: Path) -> None:
    """A revisit carries the digest of the payload it leaves out: ``fastwarc check -p`` counts that as a failure."""
    warcs = sorted((history.data / "warc").glob("*.warc.gz"))
    assert len(warcs) == 3
    for path in warcs:
        for command in (["fastwarc", "check", "-q"], ["warcio", "check", "-v"]):
            done = subprocess.run([_tool(command[0]), *command[1:], path], capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
        report = tmp_path / f"{path.name}.txt"
        subprocess.run([_tool("fastwarc"), "check", "-p", "-q", "-o", report, path], capture_output=True)
        kinds = [record.kind for record in read(path)]
        lines = report.read_text().splitlines()
        assert len(lines) == len(kinds)
        assert not [line for line, kind in zip(lines, kinds, strict=True) if "FAIL" in line and kind != "revisit"]


def _tool(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def test_what_robots_txt_forbids_is_not_asked_for(history: History) -> None:
    for hits in history.hits:
        assert hits[0].path == "/robots.txt"
        assert not [hit.path for hit in hits if hit.path.startswith(("/print/", "/user/", "/admin/", "/search/"))]


def test_the_endless_calendar_and_gallery_end(history: History) -> None:
    for hits in history.hits:
        assert len([hit for hit in hits if hit.path.startswith("/lich-cong-tac")]) <= 40
        assert len([hit for hit in hits if hit.path.startswith("/thu-vien-anh")]) <= 10
        assert len(hits) <= 3 * len(FIRST)


# Small servers of the tests' own


def page(body: str, classes: str = "", links: str = "") -> bytes:
    head = f'<html><head><meta charset="utf-8">{links}</head><body class="{classes}">'
    return f"<!DOCTYPE html>{head}{body}</body></html>".encode()


def article_page(number: int) -> bytes:
    text = f"<p>Bài số {number} kể chuyện đồng lúa xã Hải Minh vụ thứ {number}, bà con được mùa.</p>" * 2
    body = (
        f'<h1 id="page-title">Bài số {number}</h1><div class="node node-full">'
        f'<span property="dc:date" content="2024-05-{number % 28 + 1:02}T08:00:00+07:00"></span>'
        f'<div class="field-name-body"><div class="field-items"><div class="field-item">{text}</div></div></div></div>'
    )
    return page(body, "node-type-article", f'<link rel="shortlink" href="/node/{number}">')


def small_portal(listed: tuple[str, ...], count: int, robots: str = "User-agent: *\n", **extra: Any) -> Any:
    """A listing on the home page and ``count`` articles at /bai-1, /bai-2 …; ``extra`` path → reply."""
    html = {"Content-Type": "text/html; charset=utf-8"}
    teasers = "".join(f'<div class="node-teaser"><h2><a href="{path}">{path}</a></h2></div>' for path in listed)
    known = {
        "/robots.txt": (200, {"Content-Type": "text/plain"}, robots.encode()),
        "/": (200, html, page(teasers, "front")),
        **{f"/bai-{n}": (200, html, article_page(n)) for n in range(1, count + 1)},
        **extra,
    }
    return lambda path, _headers: known.get(path, (404, html, page("<h1>Không tìm thấy trang</h1>")))


def paths_of(count: int) -> tuple[str, ...]:
    return tuple(f"/bai-{n}" for n in range(1, count + 1))


def five_keys(data: Path, home: str, delay: float = 0, more: str = "") -> str:
    write_portal(data, "thu/thu", FIVE_KEYS.format(home=home, delay=delay, more=more))
    return "thu/thu"


@pytest.mark.parametrize("delay", [0, 0.2], ids=["none", "shorter"])
def test_crawl_delay_is_obeyed(tmp_path: Path, delay: float) -> None:
    """Also where AutoThrottle, which goes with a delay of the portal's file, would ask sooner."""
    robots = "User-agent: *\nCrawl-delay: 1\nDisallow: /cam\n"
    with serving(small_portal((*paths_of(3), "/cam/mot"), 3, robots)) as site:
        code, out = crawl(tmp_path, five_keys(tmp_path, site.home, delay))
    assert code == 0, out
    assert len(articles(tmp_path)) == 3
    assert "/cam/mot" not in site.paths
    waits = [later.at - earlier.at for earlier, later in zip(site.asked[1:], site.asked[2:], strict=False)]
    assert min(waits) >= 0.9


def test_a_redirect_and_a_missing_page_are_kept_as_captures(tmp_path: Path) -> None:
    moved = (301, {"Location": "/bai-1"}, b"")
    with serving(small_portal(("/bai-cu", "/mat-roi", "/bai-2"), 2, **{"/bai-cu": moved})) as site:
        code, out = crawl(tmp_path, five_keys(tmp_path, site.home))
    assert code == 0, out
    kept = {urlsplit(row["url"]).path: row["status"] for row in rows(tmp_path, "select * from captures")}
    assert (kept["/bai-cu"], kept["/mat-roi"], kept["/bai-1"], kept["/bai-2"]) == (301, 404, 200, 200)
    assert set(articles(tmp_path)) == {"/bai-1", "/bai-2"}
    assert_readable(tmp_path)


def test_pages_without_validators_are_not_fetched_twice_a_day(tmp_path: Path) -> None:
    with serving(small_portal(paths_of(5), 5)) as site:
        portal = five_keys(tmp_path, site.home)
        assert crawl(tmp_path, portal)[0] == 0
        site.asked.clear()
        assert crawl(tmp_path, portal)[0] == 0
    assert not set(site.paths) & set(paths_of(5))


def test_a_listing_that_cannot_be_read_lets_no_article_go(tmp_path: Path) -> None:
    """Articles that a broken home page no longer links are not asked for one by one, and are not gone."""
    with serving(small_portal(paths_of(3), 3)) as site:
        portal = five_keys(tmp_path, site.home)
        assert crawl(tmp_path, portal)[0] == 0
        site.answer = lambda _path, _headers: (503, {"Content-Type": "text/html"}, b"maintenance")
        code, out = crawl(tmp_path, portal, options='{"RETRY_TIMES": 0}')
    assert code == 1, out
    assert "503" in last_crawl(tmp_path)["why"]
    assert not rows(tmp_path, "select id from articles where gone_since is not null")


def test_the_user_agent_names_the_program_and_whom_to_write_to(tmp_path: Path) -> None:
    with serving(small_portal((), 0)) as site:
        portal = five_keys(tmp_path, site.home)
        crawl(tmp_path, portal)
        before = {asked.headers["user-agent"] for asked in site.asked}
        site.asked.clear()
        crawl(tmp_path, portal, env={"TANGTHU_CONTACT": "thu@example.org"})
        after = {asked.headers["user-agent"] for asked in site.asked}
    assert len(before) == len(after) == 1
    assert before.pop().startswith("TangThu/")
    assert "thu@example.org" in after.pop()


def test_a_closed_portal_is_not_crawled(tmp_path: Path) -> None:
    with serving(small_portal(paths_of(2), 2)) as site:
        code, out = crawl(tmp_path, five_keys(tmp_path, site.home, more="closed = 2025-07-01"))
    assert code == 0, out
    assert not site.asked
    assert "closed" in last_crawl(tmp_path)["why"]


def test_a_home_page_that_cannot_be_reached_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: every connection is refused
        home = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        code, out = crawl(tmp_path, five_keys(tmp_path, home), options='{"RETRY_TIMES": 0}')
    assert code == 1, out
    assert "home page not reached" in last_crawl(tmp_path)["why"]


def test_a_home_page_that_robots_txt_forbids_is_said(tmp_path: Path) -> None:
    with serving(small_portal(paths_of(2), 2, "User-agent: *\nDisallow: /\n")) as site:
        code, out = crawl(tmp_path, five_keys(tmp_path, site.home))
    assert code == 1, out
    assert site.paths == ["/robots.txt"]
    assert "robots.txt" in last_crawl(tmp_path)["why"]


def last_crawl(data: Path) -> dict[str, Any]:
    return rows(data, "select * from crawls order by id desc limit 1")[0]


# Accidents


@pytest.fixture
def demo(tmp_path: Path) -> Any:
    with DemoPortal() as portal:
        write_portal(tmp_path, PORTAL_ID, portal.portal_file())
        slow = portal.portal_file().replace("delay    = 0.0", "delay    = 0.2")
        write_portal(tmp_path, "demo/slow", slow)
        yield portal


def test_ctrl_c_ends_the_crawl_in_order_and_the_next_goes_on(demo: DemoPortal, tmp_path: Path) -> None:
    child = start_crawl(tmp_path, "demo/slow")
    wait_for(lambda: len(demo.requests) > 15)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=20)
    assert child.returncode == 1, out
    row = last_crawl(tmp_path)
    assert row["ended"] and "signal" in row["why"]
    assert 0 < row["new"] == len(articles(tmp_path)) < len(FIRST)
    assert_readable(tmp_path)
    demo.requests.clear()
    write_portal(tmp_path, "demo/slow", demo.portal_file())
    assert crawl(tmp_path, "demo/slow")[0] == 0
    assert last_crawl(tmp_path)["new"] == len(FIRST) - row["new"]
    again = [hit.status for hit in demo.requests if hit.path in FIRST]
    assert again.count(200) == len(FIRST) - row["new"]  # what was kept before is not sent again
    assert_complete(tmp_path)


def test_a_killed_crawl_is_made_good_by_the_next(demo: DemoPortal, tmp_path: Path) -> None:
    child = start_crawl(tmp_path, PORTAL_ID)
    wait_for(lambda: len(demo.requests) > 30)
    child.kill()
    child.communicate(timeout=20)
    assert child.returncode == -signal.SIGKILL
    code, out = crawl(tmp_path, PORTAL_ID)
    assert code == 0, out
    assert_complete(tmp_path)


@pytest.mark.parametrize("size", [100_000, 200_000, 500_000], ids="{} bytes a file".format)
def test_a_full_disk_ends_the_crawl_and_harms_nothing(demo: DemoPortal, tmp_path: Path, size: int) -> None:
    """The smaller sizes are reached while the database is made, the last one in mid-crawl."""

    def no_larger_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    code, out = crawl(tmp_path, PORTAL_ID, preexec_fn=no_larger_files)
    assert code == 1, out
    assert "cannot be written" in out, out
    assert "Traceback" not in out
    assert [row["integrity_check"] for row in rows(tmp_path, "pragma integrity_check")] == ["ok"]
    assert len(demo.requests) < len(FIRST)
    if size > 400_000:
        assert_readable(tmp_path)
        assert "disk" in last_crawl(tmp_path)["why"] or "written" in last_crawl(tmp_path)["why"]
    code, out = crawl(tmp_path, PORTAL_ID)
    assert code == 0, out
    assert_complete(tmp_path)


def test_the_second_of_two_crawls_at_once_is_turned_away(demo: DemoPortal, tmp_path: Path) -> None:
    first = start_crawl(tmp_path, "demo/slow")
    wait_for(lambda: len(demo.requests) > 2)
    code, out = crawl(tmp_path, "demo/slow")
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=20)
    assert code == 75, out
    assert len(rows(tmp_path, "select id from crawls")) == 1


# Scrapy's own tools


@pytest.mark.parametrize("tool", [[_tool("scrapy")], [sys.executable, "-m", "scrapy"]], ids=["scrapy", "python -m"])
def test_scrapy_lists_the_spider(tool: list[str | Path]) -> None:
    done = subprocess.run([*tool, "list"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()) == (0, ["portal"]), done.stderr


def test_scrapy_crawls_the_portal(demo: DemoPortal, tmp_path: Path) -> None:
    assert demo.url
    done = subprocess.run(
        [_tool("scrapy"), "crawl", "portal", "-a", f"portal={PORTAL_ID}"],
        cwd=ROOT,
        env={**os.environ, "TANGTHU_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert set(articles(tmp_path)) == FIRST


def test_a_redirect_out_of_the_portal_is_kept_but_not_followed(tmp_path: Path) -> None:
    abroad = Counter[str]()

    def elsewhere(path: str, _: dict[str, str]) -> Reply:
        abroad[path] += 1
        return 200, {"Content-Type": "text/html"}, b"<p>not ours</p>"

    with serving(elsewhere) as other:
        target = other.home.replace("127.0.0.1", "localhost") + "ads"

        def answer(path: str, _: dict[str, str]) -> Reply:
            if path == "/":
                return (
                    200,
                    {"Content-Type": "text/html"},
                    b'<div class="node-teaser"><h2><a href="/tin">Tin</a></h2></div>',
                )
            return (301, {"Location": target}, b"") if path == "/tin" else (404, {}, b"")

        with serving(answer) as site:
            write_portal(tmp_path, "a/b", FIVE_KEYS.format(home=site.home, delay=0, more=""))
            code, _ = crawl(tmp_path, "a/b")
    assert code == 0
    assert not abroad
    assert [row["status"] for row in rows(tmp_path, "select status from captures where url like '%/tin'")] == [301]


def test_a_capture_that_could_not_be_kept_is_no_success(tmp_path: Path) -> None:
    """Whatever goes wrong within: the run goes on, and does not end as if all were well."""
    broken = (
        "import sys, crawler.ingest as i; i.extract = lambda *_: 1 / 0;"
        f"from crawler.spiders import run; sys.exit(run({PORTAL_ID!r}, {str(tmp_path)!r}, {{}}))"
    )
    with DemoPortal() as demo:
        write_portal(tmp_path, PORTAL_ID, demo.portal_file())
        done = subprocess.run([sys.executable, "-c", broken], cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 1
        assert "ZeroDivisionError" in done.stderr
        code, out = crawl(tmp_path, PORTAL_ID)
    assert code == 0, out
    assert len(rows(tmp_path, "select id from articles")) == len(FIRST)
