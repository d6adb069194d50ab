"""The command, as a person in a terminal or a cron job uses it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import browsing
import pytest
from conftest import ROOT, write_portal
from sqlite_utils import Database

from archive.model import Capture
from archive.schema import MIGRATIONS
from archive.warcwriter import WarcWriter
from crawler import locks
from crawler.demo import PORTAL_ID, DemoPortal, expected

TANGTHU = str(Path(sys.executable).parent / "tangthu")
SEED = """You are here

Huyện Ví Dụ tổ chức hội nghị tổng kết công tác năm 2020.

Năm 2020, trong điều kiện dịch bệnh diễn biến phức tạp, cán bộ và nhân dân huyện Ví Dụ đã nỗ lực vượt qua khó khăn, hoàn thành 11/12 chỉ tiêu đề ra.

Năm 2021, huyện tập trung xây dựng nông thôn mới nâng cao, giữ vững an ninh chính trị và trật tự an toàn xã hội./.

                                        T/h: Lệ MinhÝ KIẾN BẠN ĐỌC

Thời tiết

LIÊN KẾT WEBSITE"""  # noqa: E501


def tangthu(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TANGTHU, "--data", str(data), *words], capture_output=True, text=True, cwd=ROOT, timeout=300)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo portal's first two days."""
    folder = tmp_path_factory.mktemp("cli")
    done = tangthu(folder, "demo", "--no-serve")
    assert done.returncode == 0, done.stderr
    return folder


def test_crawl_says_in_a_line_what_it_did(tmp_path: Path) -> None:
    with DemoPortal() as demo:
        write_portal(tmp_path, PORTAL_ID, demo.portal_file())
        first = tangthu(tmp_path, "crawl", PORTAL_ID)
        second = tangthu(tmp_path, "crawl", PORTAL_ID, "--json")
        third = tangthu(tmp_path, "crawl", PORTAL_ID, "--quiet")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith(f"{PORTAL_ID}: 63 new, 0 changed")
    assert json.loads(second.stdout)["new"] == 0
    assert (third.returncode, third.stdout, third.stderr) == (0, "", "")


def test_a_limit_is_kept_and_the_next_crawl_goes_on(tmp_path: Path) -> None:
    with DemoPortal() as demo:
        write_portal(tmp_path, PORTAL_ID, demo.portal_file())
        assert json.loads(tangthu(tmp_path, "crawl", PORTAL_ID, "--limit", "5", "--json").stdout)["new"] <= 5
        assert tangthu(tmp_path, "crawl", PORTAL_ID).returncode == 0
    assert len(json.loads(tangthu(tmp_path, "search", "huyện", "--limit", "100", "--json").stdout)["hits"]) > 20


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("crawl", "nam_dinh/khong_co"), 2, "no such portal"),
        (("crawl",), 2, "name portals, or say --all"),
        (("portals", "check", "nam_dinh/khong_co"), 2, "no such portal"),
        (("import", "khong-co.warc.gz"), 1, "there is no such file"),
        (("search", "gì"), 1, "there is no archive yet"),
        (("cite", "abcdefghij"), 1, "there is no archive yet"),
        (("serve",), 1, "there is no archive yet"),
        (("extract", "x.html"), 2, "--url"),
        (("extract", "khong-co.html", "--url", "http://x.vn/"), 1, "khong-co.html"),
        (("nonsense",), 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_next_step(
    tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    done = tangthu(tmp_path, *words)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("hoem = 1", "hoem"),
        ("[article]\nbody = ['div[']", "article.body"),
        ("[discovery]\nskip = '('", "discovery.skip"),
        ("delay = 0.1", "delay"),
    ],
)
def test_a_portal_file_that_must_be_mended_is_named_with_its_key(tmp_path: Path, line: str, says: str) -> None:
    file = tmp_path / "portals" / "nam_dinh" / "hong.toml"
    file.parent.mkdir(parents=True)
    file.write_text(
        f'name = "H"\ndistrict = "H"\nprovince = "N"\nhome = "http://h.example.vn/"\nplatform = "drupal7"\n{line}\n'
    )
    done = tangthu(tmp_path, "portals", "check", "nam_dinh/hong")
    assert done.returncode == 2
    assert "hong.toml" in done.stderr
    assert says in done.stderr


def test_portals_are_listed_and_explained(tmp_path: Path) -> None:
    assert "nam_dinh/xuan_truong" in tangthu(tmp_path, "portals", "list").stdout
    assert any(
        p["id"] == "nam_dinh/xuan_truong" for p in json.loads(tangthu(tmp_path, "portals", "list", "--json").stdout)
    )
    assert "closed    2025-07-01" in tangthu(tmp_path, "portals", "check", "nam_dinh/xuan_truong").stdout


def test_a_closed_portal_is_not_crawled_and_that_is_no_error(tmp_path: Path) -> None:
    done = tangthu(tmp_path, "crawl", "nam_dinh/xuan_truong")
    assert done.returncode == 0
    assert "0 requests" in done.stdout
    assert "closed since 2025-07-01" in done.stdout


def test_plain_text_becomes_an_article(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(SEED, "utf-8")
    article = json.loads(tangthu(tmp_path, "extract", str(page), "--url", "http://vidu.example.vn/a").stdout)
    assert article["title"] == "Huyện Ví Dụ tổ chức hội nghị tổng kết công tác năm 2020."
    assert article["text"].count("\n\n") == 1
    assert article["text"].endswith("trật tự an toàn xã hội./.")
    assert article["byline"] == {
        "text": "T/h: Lệ Minh", "role": "T/h", "authors": ["Lệ Minh"], "organisation": None, "source": None,
    }  # fmt: skip


def test_a_manifest_gives_a_line_for_each_page_and_names_the_one_that_is_none(tmp_path: Path) -> None:
    with DemoPortal() as demo:
        article, listing = demo.url.rstrip("/") + expected()[0].path, demo.url + "tin-tuc"
        for name, url in (("a", article), ("b", listing)):
            (tmp_path / f"{name}.html").write_bytes(urllib.request.urlopen(url).read())
        pages = [
            {"url": article, "file": "a.html", "fetched_at": "2024-01-01T00:00:00Z"},
            {"url": listing, "file": "b.html", "headers": {"Content-Type": "text/html; charset=utf-8"}},
        ]
        (tmp_path / "m.jsonl").write_text("\n".join(map(json.dumps, pages)))
        write_portal(tmp_path, PORTAL_ID, demo.portal_file())
        done = tangthu(tmp_path, "extract", "--manifest", str(tmp_path / "m.jsonl"), "--portal", PORTAL_ID)
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["title"] == expected()[0].title
    assert first["rules"].startswith("drupal7")
    assert second["error"] == "listing"


def test_the_archive_answers_searches_and_citations(data: Path) -> None:
    hits = json.loads(tangthu(data, "search", "xuan truong", "--json").stdout)["hits"]
    assert "Xuân Trường" in "".join(text for text, _ in hits[0]["title"])
    name = hits[0]["id"]
    assert "Lệ Minh" in tangthu(data, "cite", name).stdout
    assert tangthu(data, "cite", name, "--format", "bib").stdout.startswith("@online{")
    assert f"/a/{name}/1" in tangthu(data, "cite", f"{name}/1", "--base-url", "https://x.vn").stdout
    assert tangthu(data, "cite", f"{name}/99").returncode == 1
    assert tangthu(data, "cite", f"{name}/x").returncode == 2


def test_a_search_can_be_narrowed_ordered_and_mended(data: Path) -> None:
    def days(*words: str) -> list[str]:
        hits = json.loads(tangthu(data, "search", "huyện", "--limit", "100", "--json", *words).stdout)["hits"]
        return [hit["published"][:10] for hit in hits]

    assert len(days()) > 20 and days("--portal", "an_giang/khong_co") == []
    assert days("--sort", "newest") == sorted(days(), reverse=True) and days("--sort", "oldest") == sorted(days())
    some = sorted(days())[3:9]
    assert set(days("--since", some[0], "--until", some[-1])) == set(some)
    assert "did you mean: xuan truong\n0 articles" in tangthu(data, "search", "xuantruong").stdout
    folded = tangthu(data, "search", "xuần trựơng").stdout
    assert "alike without them" in folded and "Xuân Trường" in folded
    assert tangthu(data, "search", "a", "--since", "hôm qua").returncode == 2


def test_without_an_index_a_search_says_what_to_do_and_repair_does_it(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(data, copy)
    shutil.rmtree(copy / "index")
    done = tangthu(copy, "search", "huyện")
    assert done.returncode == 1 and "tangthu verify --repair" in done.stderr
    assert "there is no search index" in tangthu(copy, "verify").stderr
    assert "the search index is made again" in tangthu(copy, "verify", "--repair").stderr
    assert tangthu(copy, "search", "huyện").returncode == 0 and tangthu(copy, "verify").returncode == 0


def test_an_import_is_repeated_without_effect_and_a_cut_file_is_named(data: Path, tmp_path: Path) -> None:
    (warc,) = sorted((data / "warc").glob("*.warc.gz"))[:1]
    first = json.loads(tangthu(tmp_path, "import", str(warc), "--json").stdout)
    again = json.loads(tangthu(tmp_path, "import", str(warc), "--json").stdout)
    assert first["new"] == 63
    assert (again["new"], again["changed"], again["known"]) == (0, 0, again["records"] - 2)  # less warcinfo and note
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(warc.read_bytes()[: warc.stat().st_size // 2])
    done = tangthu(tmp_path / "other", "import", str(cut))
    assert done.returncode == 1
    assert "cut.warc.gz" in done.stderr
    assert "cut off" in done.stderr
    assert sqlite3.connect(tmp_path / "other" / "tangthu.db").execute("select count(*) from articles").fetchone()[0] > 5


def test_a_second_writer_is_sent_away(data: Path, tmp_path: Path) -> None:
    capture = Capture("http://x.vn/", datetime.now(UTC), 200, (), b"x")
    writer = WarcWriter(tmp_path, "x", {}, capture.fetched_at)
    writer.write(capture)
    writer.close()
    with locks.archive(data, "reextract"):
        done = tangthu(data, "import", str(next(tmp_path.glob("*.warc.gz"))))
    assert done.returncode == 75
    assert "another run" in done.stderr


def test_the_demo_tells_what_it_got_and_repeats_without_effect(tmp_path: Path) -> None:
    first = tangthu(tmp_path, "demo", "--no-serve")
    assert first.returncode == 0, first.stderr
    assert "Day 1: demo/song_ninh: 63 new" in first.stdout
    assert "Day 2: demo/song_ninh: 2 new, 1 changed, " in first.stdout
    assert " same, 1 gone, 0 failed" in first.stdout.splitlines()[2]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["index", "portals", "tangthu.db", "warc"]
    again = tangthu(tmp_path, "demo", "--no-serve")
    assert "0 new, 0 changed" in again.stdout


def test_an_archive_of_an_older_version_is_served_with_its_tables_brought_up_to_date(tmp_path: Path) -> None:
    """Who takes a newer version restarts the site first; the next crawl comes at night."""
    with closing(sqlite3.connect(tmp_path / "tangthu.db")) as older:
        MIGRATIONS.apply(Database(older), stop_before="0004_the_reading_room")
    for command in (("search", "đất"), ("cite", "abcdefgh23"), ("health",)):
        refused = subprocess.run(
            [TANGTHU, "--data", str(tmp_path), *command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert refused.returncode == 1 and "older version: “tangthu serve”" in refused.stderr, command
    with browsing.served(tmp_path) as address:
        for path in ("/", "/search?q=%C4%91%E1%BA%A5t", "/changed", "/tangthu/articles"):
            assert urllib.request.urlopen(address + path, timeout=20).status == 200, path


def test_serve_publishes_the_archive(data: Path) -> None:
    port = 18763
    server = subprocess.Popen(
        [TANGTHU, "--data", str(data), "serve", "--port", str(port)], cwd=ROOT, stderr=subprocess.PIPE
    )
    try:
        for _ in range(100):
            try:
                home = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).read().decode()
                break
            except urllib.error.URLError:
                time.sleep(0.2)
        else:
            raise AssertionError("the site does not answer")
        assert 'lang="vi"' in home
        table = urllib.request.urlopen(
            f"http://127.0.0.1:{port}/tangthu/articles.json?_search=xuan+truong", timeout=20
        ).read()
        assert json.loads(table)["filtered_table_rows_count"] > 5
    finally:
        os.kill(server.pid, signal.SIGINT)
        server.wait(20)
