"""Portals whose pages scripts fill in, crawled with the system's Chromium; and pages that mean it harm."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import FIVE_KEYS, ROOT, RUN, Asked, Site, crawl, rows, serving, start_crawl, wait_for, write_portal
from scripted import HTML, ScriptedPortal, hostile_pages, shell, text_of, ways_out

from archive.dump import dump
from archive.warc import read
from crawler.chromium import FLAGS, NAMES, WALL
from crawler.outlet import refusal

CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
PORTAL = "thu/thu"


def describe(data: Path, home: str) -> None:
    write_portal(data, PORTAL, FIVE_KEYS.format(home=home, delay=0, more="render = true"))


def articles(data: Path) -> dict[str, dict[str, Any]]:
    """By the path of their address."""
    return {urlsplit(row["url"]).path: row for row in rows(data, "select * from articles")}


def sources(data: Path, path: str) -> list[str]:
    """What the captures of a path say where they come from, without Chromium's version."""
    found = rows(data, "select url, source from captures order by id")
    return [row["source"].partition(" Chromium ")[0] for row in found if urlsplit(row["url"]).path == path]


def tangthu(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("tangthu")), "--data", str(data), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def said(data: Path) -> list[str]:
    """All that the archive says."""
    with closing(sqlite3.connect(data / "tangthu.db")) as db:
        return list(dump(db))


# A portal that only scripts fill in, on two days


@dataclass
class History:
    data: Path
    asked: list[list[Asked]] = field(default_factory=list)
    codes: list[tuple[int, str]] = field(default_factory=list)
    found: list[dict[str, dict[str, Any]]] = field(default_factory=list)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    past = History(tmp_path_factory.mktemp("archive"))
    portal = ScriptedPortal(3, {"/mat": (404, HTML, b"<h1>404</h1>")})
    with serving(portal) as site:
        describe(past.data, site.home)
        for day in (1, 2):
            if day == 2:
                portal.count, portal.changed = 4, f"{site.home}bai-1"
                portal.texts[1] = [*text_of(1), "Đính chính: diện tích đã gặt là 11 mẫu, không phải 1 mẫu."]
            site.asked.clear()
            past.codes.append(crawl(past.data, PORTAL))
            past.asked.append(list(site.asked))
            past.found.append(articles(past.data))
    return past


@needs_chromium
def test_articles_that_only_scripts_show_are_read_word_for_word(history: History) -> None:
    assert history.codes[0] == (0, "")
    found = history.found[0]
    assert {path: row["text"] for path, row in found.items()} == {
        f"/bai-{number}": "\n\n".join(text_of(number)) for number in (1, 2, 3)
    }
    assert found["/bai-2"]["title"] == "Vụ mùa thứ 2"
    assert found["/bai-2"]["published"] == "2024-05-02T08:00:00+07:00"


@needs_chromium
def test_what_was_sent_and_what_is_shown_are_both_kept(history: History) -> None:
    first = min((history.data / "warc").glob("*.warc.gz"))
    records = [record for record in read(first) if urlsplit(record.url).path == "/bai-1"]
    assert [record.kind for record in records] == ["response", "conversion"]
    sent, shown = records
    assert sent.capture and shown.capture
    assert sent.capture.body == shell("article(1)")[2]
    assert text_of(1)[0] in shown.capture.body.decode()
    assert shown.capture.source.startswith("live; rendered by Chromium ")
    headers = dict(shown.headers)
    assert headers["WARC-Refers-To"] == dict(sent.headers)["WARC-Record-ID"]
    assert shown.refers_to == (sent.url, dict(sent.headers)["WARC-Date"])
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    (version,) = rows(history.data, "select c.* from versions v join captures c on c.id = v.capture"
                      " where c.url like '%/bai-2'")  # fmt: skip
    assert version["source"] == shown.capture.source


@needs_chromium
def test_what_scripts_ask_for_is_kept_like_everything_else(history: History) -> None:
    assert sources(history.data, "/api/bai-1.json")[:1] == ["live; asked for by a page"]
    paths = [asked.path for asked in history.asked[0]]
    assert max(Counter(paths).values()) == 1
    assert paths[0] == "/robots.txt"
    (asked,) = [asked for asked in history.asked[0] if asked.path == "/api/bai-1.json"]
    assert asked.headers["user-agent"].startswith("TangThu/")
    assert asked.headers["x-requested-with"] == "XMLHttpRequest"
    run = rows(history.data, "select * from crawls order by id")[0]
    assert (run["requests"], run["new"], run["failed"]) == (len(paths), 3, 0)


@needs_chromium
def test_what_is_no_page_is_not_rendered(history: History) -> None:
    assert set(sources(history.data, "/mat")) == set(sources(history.data, "/robots.txt")) == {"live"}


@needs_chromium
def test_the_next_day_brings_news_though_the_pages_sent_are_the_same(history: History) -> None:
    assert history.codes[1] == (0, "")
    run = rows(history.data, "select * from crawls order by id")[1]
    assert (run["new"], run["changed"], run["failed"]) == (1, 1, 0)
    found = history.found[1]
    assert found["/bai-1"]["text"].endswith("không phải 1 mẫu.")
    assert {path: row["versions"] for path, row in found.items()} == {
        "/bai-1": 2, "/bai-2": 1, "/bai-3": 1, "/bai-4": 1
    }  # fmt: skip
    again = rows(history.data, "select * from captures where url like '%/bai-1' and revisit_of is not null")
    assert [row["source"] for row in again] == ["live; to be rendered"]


@needs_chromium
def test_a_script_that_has_not_changed_is_not_sent_again(history: History) -> None:
    statuses = {asked.path: asked.status for asked in history.asked[1]}
    assert statuses["/js/app.js"] == 304
    assert statuses["/"] == 200  # its frame would say "unchanged" for ever


@needs_chromium
def test_the_archive_is_whole_and_its_warcs_alone_give_it_again(history: History, tmp_path: Path) -> None:
    data = tmp_path / "copy"
    shutil.copytree(history.data, data)
    before = said(data)
    for command in ("verify", "rebuild", "verify"):
        done = tangthu(data, command)
        assert done.returncode == 0, done.stdout + done.stderr
    assert said(data) == before


@needs_chromium
def test_another_archive_reads_the_same_in_the_warcs_alone(history: History, tmp_path: Path) -> None:
    shutil.copytree(history.data / "portals", tmp_path / "portals")
    assert tangthu(tmp_path, "import", str(history.data / "warc")).returncode == 0
    for table in ("articles", "versions"):
        wanted, found = (
            sorted(
                (tuple(str(value) for name, value in row.items() if name not in ("doc", "capture")))
                for row in rows(data, f"select * from {table}")
            )
            for data in (history.data, tmp_path)
        )
        assert found == wanted
    assert len(rows(tmp_path, "select * from failures")) == len(rows(history.data, "select * from failures"))


@needs_chromium
def test_reading_the_archive_again_takes_no_frame_for_a_page(history: History, tmp_path: Path) -> None:
    data = tmp_path / "copy"
    shutil.copytree(history.data, data)
    assert tangthu(data, "reextract", "--jobs", "1").returncode == 0
    for sql in ("select id, text, versions from articles", "select capture, why from failures"):
        assert rows(data, sql) == rows(history.data, sql)


# Pages that mean harm


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A UDP port, and what came to it."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))

        def listen() -> None:
            while True:
                try:
                    heard.append(ear.recv(100))
                except OSError:
                    return

        threading.Thread(target=listen, daemon=True).start()
        yield ear.getsockname()[1], heard


@dataclass
class Attack:
    data: Path
    code: int
    out: str
    site: Site
    reached: list[str]
    heard: list[bytes]


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Attack:
    data = tmp_path_factory.mktemp("attacked")
    limits = {"seconds": 5, "quiet": 0.4, "answer": 2, "pages": 4}
    with serving(lambda *_: (200, {"Access-Control-Allow-Origin": "*"}, b"x")) as canary, listening() as (udp, heard):
        portal = ScriptedPortal(6, hostile_pages(canary.home, udp))
        with serving(portal) as site:
            describe(data, site.home)
            code, out = crawl(data, PORTAL, options=json.dumps({"TANGTHU_RENDERING": limits}))
        return Attack(data, code, out, site, canary.paths, heard)


@needs_chromium
def test_no_page_reaches_beyond_the_portal_by_any_way(attack: Attack) -> None:
    assert attack.reached == []
    assert attack.heard == []
    assert "/tep.zip" not in attack.site.paths
    assert "/api/cam" not in attack.site.paths  # robots.txt
    assert "/sw.js" not in attack.site.paths


@needs_chromium
def test_pages_that_mean_harm_show_their_article_all_the_same(attack: Attack) -> None:
    assert attack.code == 0, attack.out
    found = {row["text"] for row in articles(attack.data).values()}
    assert found == {"\n\n".join(text_of(number)) for number in range(1, 7)}
    for number in range(1, 6):
        assert sources(attack.data, f"/xau-{number}")[1].startswith("live; rendered by")


@needs_chromium
def test_a_page_that_never_ends_is_kept_as_sent_and_named(attack: Attack) -> None:
    for path in (path for path in hostile_pages("http://x/", 1) if path.startswith("/treo")):
        sent, instead = sources(attack.data, path)
        assert sent == "live; to be rendered"
        assert instead.startswith("live; not rendered: "), path
        assert f"{path}: not rendered: " in attack.out
    assert "larger than 5 MB" in sources(attack.data, "/treo-sent")[1]


@needs_chromium
def test_a_page_gets_only_so_much(attack: Attack) -> None:
    asked = Counter(urlsplit(path).path for path in attack.site.paths)
    assert asked["/api/gio.json"] <= 15
    assert sum(times for path, times in asked.items() if path.startswith("/api/rac-")) <= 60


@needs_chromium
@pytest.mark.parametrize("walled", [True, False], ids=["walled", "not walled"])
def test_the_second_wall_holds_when_nothing_is_intercepted(walled: bool) -> None:
    """Without it the canary sings: the test would notice."""
    from playwright.sync_api import Error, sync_playwright

    with (
        serving(lambda *_: (200, HTML, b"<p>x</p>")) as canary,
        listening() as (udp, heard),
        sync_playwright() as driver,
    ):
        script, head, body = ways_out(canary.home, udp)
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *(WALL if walled else ())])
        page = chromium.new_page()
        page.set_content(shell(script, head, body)[2].decode(), wait_until="commit")
        page.wait_for_timeout(1500)
        try:
            page.goto(canary.home)
        except Error:
            assert walled
        chromium.close()
        assert bool(canary.paths) is not walled
        assert not (walled and heard)


# The machine


@needs_chromium
def test_a_killed_crawl_leaves_no_chromium_behind_and_the_next_one_goes_on(tmp_path: Path) -> None:
    with serving(ScriptedPortal(3)) as site:
        describe(tmp_path, site.home)
        child = start_crawl(tmp_path, PORTAL)
        wait_for(lambda: [path for path in site.paths if path.startswith("/bai-")], 60)
        family = list(descendants(child.pid))
        assert any("chrom" in Path(f"/proc/{pid}/cmdline").read_text() for pid in family)
        child.kill()
        child.communicate()
        wait_for(lambda: not any(alive(pid) for pid in family))
        assert crawl(tmp_path, PORTAL) == (0, "")
    assert set(articles(tmp_path)) == {"/bai-1", "/bai-2", "/bai-3"}


def descendants(pid: int) -> Iterator[int]:
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            yield int(child)
            yield from descendants(int(child))


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("missing", ["the browser", "the packages"])
def test_what_is_missing_on_the_machine_is_said_with_the_way_to_get_it(tmp_path: Path, missing: str) -> None:
    with serving(ScriptedPortal(1)) as site:
        describe(tmp_path, site.home)
        without = "import sys; sys.modules['scrapy_playwright'] = None\n" if missing == "the packages" else ""
        done = subprocess.run(
            [sys.executable, "-c", without + RUN, PORTAL, str(tmp_path), "{}"],
            cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert site.paths == []
    assert done.returncode == 1
    assert "pip install 'tangthu[browser]' and apt-get install chromium" in done.stderr
    assert "apt-get install chromium" in rows(tmp_path, "select why from crawls")[0]["why"]


def test_a_chromium_that_does_not_start_ends_the_run_and_nothing_is_taken_for_read(tmp_path: Path) -> None:
    broken = tmp_path / "bin" / "chromium"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    with serving(ScriptedPortal(1)) as site:
        describe(tmp_path, site.home)
        code, out = crawl(tmp_path, PORTAL, env={"PATH": str(broken.parent)})
        assert site.paths == ["/robots.txt", "/"]
    assert code == 1
    assert "Chromium does not start" in out
    assert rows(tmp_path, "select why from crawls")[0]["why"].startswith("stopped: Chromium does not start")
    assert rows(tmp_path, "select outcome from frontier where kind = 'home'") == [{"outcome": ""}]
    assert not rows(tmp_path, "select * from failures")


@pytest.mark.parametrize(
    ("kind", "method", "url", "why"),
    [
        ("script", "GET", "https://cdn.example.com/jquery.js", ""),
        ("stylesheet", "GET", "https://cdn.example.com/a.css", ""),
        ("fetch", "GET", "https://triton.angiang.gov.vn/api/tin", ""),
        ("xhr", "GET", "https://www.triton.angiang.gov.vn/api/tin", ""),
        ("xhr", "GET", "https://api.triton.angiang.gov.vn/tin", ""),
        ("xhr", "GET", "https://api.angiang.gov.vn/tin", ""),
        ("xhr", "GET", "https://api.other.gov.vn/tin", "data from elsewhere"),
        ("xhr", "GET", "https://nottriton.angiang.gov.vn.example.com/", "data from elsewhere"),
        ("fetch", "GET", "https://127.0.0.1/", "data from elsewhere"),
        ("fetch", "POST", "https://triton.angiang.gov.vn/binh-chon", "no POST"),
        ("fetch", "GET", "file:///etc/passwd", "no address of the web"),
        ("script", "GET", "ftp://triton.angiang.gov.vn/a.js", "no address of the web"),
        ("image", "GET", "https://triton.angiang.gov.vn/a.jpg", "no image"),
        ("document", "GET", "https://triton.angiang.gov.vn/khung", "no document"),
        ("websocket", "GET", "https://triton.angiang.gov.vn/ws", "no websocket"),
    ],
)
def test_a_page_is_given_scripts_styles_and_the_portals_own_data(kind: str, method: str, url: str, why: str) -> None:
    assert refusal(kind, method, url, frozenset({"triton.angiang.gov.vn"})) == why


def test_nothing_is_beside_a_portal_that_stands_on_a_number_or_right_below_gov_vn() -> None:
    assert refusal("xhr", "GET", "http://127.0.0.1:81/", frozenset({"127.0.0.1:80"}))
    assert refusal("xhr", "GET", "http://0.0.1/", frozenset({"127.0.0.1"}))
    assert refusal("xhr", "GET", "https://khac.gov.vn/", frozenset({"huyen.gov.vn"}))
