"""Better rules reach what is kept: nothing is renumbered, nothing disappears, and it does not matter who reads."""

from __future__ import annotations

import json
import shutil
import sqlite3
import urllib.request
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import rows, write_portal
from rereading import FETCHED, GOOD, ID, NONE, POOR, PORTAL, again, archive, blind, page, take, tangthu

from archive.model import Capture
from archive.warc import NOT_MODIFIED
from archive.warcwriter import WarcWriter
from crawler.demo import PORTAL_ID, DemoPortal, changed_path, expected
from crawler.reextract import sources

DEMO = [article.path for article in expected()[:8] if article.path != changed_path()]


def dump(data: Path) -> list[str]:
    """Everything the archive says, but not when it was read again or migrated; and what is found in the index."""
    with closing(sqlite3.connect(data / "tangthu.db")) as db:
        tables = ("portals", "captures", "articles", "versions", "authors", "images", "attachments", "failures")
        found = [f"{table} {row}" for table in tables for row in db.execute(f"select * from {table} order by 1, 2")]
        words = "select group_concat(rowid) from articles_fts where articles_fts match ?"
        return found + [str(db.execute(words, [word]).fetchone()) for word in ("huyen", "thoi", "dong", "thu", "33")]


@pytest.fixture(scope="module")
def song_ninh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo portal's pages of two days, imported when its file was of no use."""
    folder = tmp_path_factory.mktemp("song_ninh")
    with DemoPortal() as demo:
        write_portal(folder / "data", PORTAL_ID, blind(demo.portal_file()))
        writer = WarcWriter(folder, "demo", {}, FETCHED)
        for demo.day in (1, 2):
            for path in (*DEMO, changed_path(), f"/print/{expected()[0].node}", "/tin-tuc"):
                with urllib.request.urlopen(demo.url.rstrip("/") + path, timeout=10) as reply:
                    moment = FETCHED + timedelta(days=demo.day)
                    place = writer.write(
                        Capture(reply.url, moment, reply.status, tuple(reply.headers.items()), reply.read())
                    )
        writer.close()
        (folder / "good.toml").write_text(demo.portal_file(), "utf-8")
    take(folder / "data", folder / place.warc)
    assert rows(folder / "data", "select * from articles") == []
    shutil.copy(folder / "good.toml", folder / "data" / "portals" / f"{PORTAL_ID}.toml")
    return folder


@pytest.fixture
def data(song_ninh: Path, tmp_path: Path) -> Path:
    """A copy of it, with the file mended."""
    return Path(shutil.copytree(song_ninh / "data", tmp_path / "data"))


# What becomes of it


def test_pages_that_gave_nothing_become_the_articles_of_a_fresh_import(song_ninh: Path, data: Path) -> None:
    done = again(data)
    fresh = data.parent / "fresh"
    shutil.copytree(data / "portals", fresh / "portals")
    take(fresh, *song_ninh.glob("*.warc.gz"))
    assert (done["new"], done["versions"], done["lost"], done["unread"]) == (len(DEMO) + 1, 1, 0, 0)
    for columns in (
        "id, title, text, byline, first_seen, last_seen, gone_since, versions, number from articles",
        "article, number, capture, text, rules, digest from versions",
        "article, name from authors",
        "capture, why from failures",
        "id, article from captures",
    ):
        assert rows(data, f"select {columns} order by 1, 2") == rows(fresh, f"select {columns} order by 1, 2")


def test_a_stopped_run_starts_anew_when_any_code_that_reads_has_changed() -> None:
    names = set(sources())
    assert {"archive/text/__init__.py", "archive/text/legacy.py", "archive/identity.py"} <= names
    assert {"crawler/extract/words.toml", "crawler/extract/locate.py", "crawler/platforms/joomla.py"} <= names
    assert not [name for name in names if "/plugin/" in name or "/demo/" in name or "__pycache__" in name]


def test_one_worker_or_two_and_twice_give_the_same(data: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(data, tmp_path / "other"))
    tangthu(data, "reextract", "--jobs", "1")
    tangthu(other, "reextract", "--jobs", "2")
    first = dump(data)
    assert first == dump(other)
    second = again(data)
    assert (second["changed"], second["older"], second["new"], second["joined"]) == (0, 0, 0, 0)
    assert dump(data) == first


def test_a_version_says_something_else_and_keeps_its_number(tmp_path: Path) -> None:
    """Two of its three versions differed in boilerplate only: all three stay, because they are cited."""
    data = archive(
        tmp_path / "data", POOR, page("a", "Một.", 0), page("a", "Một.", 1, weather=20), page("a", "Hai.", 2)
    )
    before = rows(data, "select article, number, capture from versions order by number")
    kept = rows(data, "select id, first_seen, last_seen, gone_since, versions, doc from articles")
    write_portal(data, ID, GOOD)
    done = again(data)
    assert (done["changed"], done["older"], done["new"]) == (1, 2, 0)
    assert rows(data, "select article, number, capture from versions order by number") == before
    assert rows(data, "select id, first_seen, last_seen, gone_since, versions, doc from articles") == kept
    texts = [row["text"].split(".")[0] for row in rows(data, "select text from versions order by number")]
    assert texts == ["Một", "Một", "Hai"]
    (article,) = rows(data, "select title, text, digest from articles")
    assert article["title"] == "Bài a"
    assert "Thời tiết" not in article["text"]
    assert rows(data, "select digest from versions where number = 3") == [{"digest": article["digest"]}]
    found = "select count(*) n from articles_fts where articles_fts match ?"
    assert [rows(data, found, word)[0]["n"] for word in ("thoi tiet", '"cong thong tin"', "hai")] == [0, 0, 1]


def test_after_it_a_crawl_with_the_same_rules_finds_nothing_changed(tmp_path: Path) -> None:
    data = archive(tmp_path / "data", POOR, page("a", "Một."))
    write_portal(data, ID, GOOD)
    again(data)
    archive(data, GOOD, page("a", "Một.", 5, weather=12))
    assert rows(data, "select versions, last_seen from articles") == [
        {"versions": 1, "last_seen": "2021-01-11T02:00:00Z"}
    ]


def test_an_article_that_is_none_any_more_is_kept_and_named(tmp_path: Path) -> None:
    data = archive(tmp_path / "data", GOOD, page("a", "Một."), page("b", "Hai."))
    before = dump(data)[1:]  # less the portal, which has another platform now
    write_portal(data, ID, NONE)
    done = again(data)
    assert done["lost"] == 2
    names = [row["id"] for row in rows(data, "select id from articles order by doc")]
    assert [line.split()[0] for line in done["lost_versions"]] == [f"{name}/1" for name in names]
    assert dump(data)[1:] == before
    silent = tangthu(data, "reextract", "--quiet")
    assert (silent.stdout, silent.returncode) == ("", 1)
    assert f"lost: {names[0]}/1 “Bài a”: " in silent.stderr
    assert "2 versions are kept as they were" in silent.stderr


def test_a_failure_has_its_reason_of_today(tmp_path: Path) -> None:
    data = archive(tmp_path / "data", NONE, page("a", "Một."), page("b", "Hai.", kind="poll"))
    with closing(sqlite3.connect(data / "tangthu.db")) as db, db:
        db.execute("update failures set why = 'yesterday’s reason'")
    write_portal(data, ID, GOOD)
    assert again(data)["failed"] == 1
    (left,) = rows(data, "select url, why from failures join captures on id = capture")
    assert left["url"].endswith("/b")
    assert left["why"] != "yesterday’s reason"


def test_a_page_that_confirmed_a_failure_confirms_the_article(tmp_path: Path) -> None:
    """A 304 on the second day, a 404 on the third: both were known only of the address."""
    data = archive(tmp_path / "data", NONE, page("a", "Một."))
    (first,) = rows(data, "select url, fetched_at, digest from captures")
    writer = WarcWriter(tmp_path, "later", {}, FETCHED)
    writer.write_revisit(Capture(first["url"], FETCHED + timedelta(days=1), 304, (), b""), NOT_MODIFIED,
                         first["digest"], first["url"], first["fetched_at"])  # fmt: skip
    place = writer.write(Capture(first["url"], FETCHED + timedelta(days=2), 404, (), b"no"))
    writer.close()
    take(data, tmp_path / place.warc)
    write_portal(data, ID, GOOD)
    assert again(data)["new"] == 1
    assert rows(data, "select last_seen, gone_since from articles") == [
        {"last_seen": "2021-01-07T02:00:00Z", "gone_since": "2021-01-08T02:00:00Z"}
    ]
    assert [bool(row["article"]) for row in rows(data, "select article from captures order by id")] == [
        True,
        True,
        False,
    ]


def test_two_articles_that_poor_rules_took_for_one_are_told_apart(tmp_path: Path) -> None:
    poor = PORTAL.format(title="h2", body=".thoi-tiet", drop="")
    data = archive(tmp_path / "data", poor, page("a", "Một."), page("b", "Hai."), page("b", "Ba.", 3))
    assert len(rows(data, "select id from articles")) == 1
    write_portal(data, ID, GOOD)
    done = again(data)
    assert (done["changed"], done["new"], done["versions"]) == (1, 1, 1)
    assert [row["title"] for row in rows(data, "select title from articles order by doc")] == ["Bài a", "Bài b"]
    before = dump(data)
    again(data)
    assert dump(data) == before


def test_a_change_that_only_better_rules_see_makes_no_version_but_is_counted(tmp_path: Path) -> None:
    poor = PORTAL.format(title="h2", body="#bai p:last-child", drop="")
    data = archive(tmp_path / "data", poor, page("a", "Một."), page("a", "Hai.", 1))
    write_portal(data, ID, GOOD)
    assert again(data)["unseen"] == 1
    assert rows(data, "select versions from articles") == [{"versions": 1}]


# Whose it is


def test_a_host_without_a_file_tells_its_platform_and_moves_when_it_gets_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    archive(data, GOOD.replace("thu.example", "khac.example"), page("a", "Một."), page("b", "Hai."))
    with closing(sqlite3.connect(data / "tangthu.db")) as db, db:
        assert db.execute("update portals set platform = '' where id = 'khac/thu.example.vn'").rowcount == 1
    done = again(data, "khac/thu.example.vn")
    assert done["portals"] == ["khac/thu.example.vn: platform unknown → drupal7"]
    assert {"id": "khac/thu.example.vn", "platform": "drupal7"} in rows(data, "select id, platform from portals")
    write_portal(data, ID, GOOD)
    assert again(data, "khac/thu.example.vn")["portals"] == [f"khac/thu.example.vn is {ID} now, since that has a file"]
    for table in ("articles", "captures"):
        assert rows(data, f"select distinct portal from {table}") == [{"portal": ID}]
    assert {row["rules"] for row in rows(data, "select rules from versions")} == {f"drupal7+{ID}"}


# A dry run


def test_a_dry_run_writes_nothing_and_says_what_the_run_does(data: Path) -> None:
    files = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in data.rglob("*") if path.is_file()}
    dry = json.loads(tangthu(data, "reextract", "--dry-run", "--json").stdout)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in data.rglob("*") if path.is_file()} == files
    real = json.loads(tangthu(data, "reextract", "--json").stdout)
    assert {**dry, "dry_run": False} == real


def test_a_dry_run_fits_a_terminal_and_shows_examples(tmp_path: Path) -> None:
    data = archive(tmp_path / "data", POOR, *(page(f"bai-so-{n}", f"Câu {n}. " * 20) for n in range(4)))
    write_portal(data, ID, GOOD)
    done = tangthu(data, "reextract", "--dry-run")
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "4 articles would change" in done.stdout
    assert "  title         4 articles\n" in done.stdout
    assert done.stdout.count("“Cổng thông tin điện tử huyện Thử” → “Bài bai-so-") == 3
    assert "\x1b" not in done.stderr + done.stdout
    assert done.stderr == ""
