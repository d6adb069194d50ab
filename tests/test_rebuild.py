"""The whole database again, from the WARCs alone: the same articles, versions and dates, byte for byte."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import ROOT, crawl, rows, wait_for, write_portal
from keeping import (
    append,
    change,
    crawled,
    dumped,
    elsewhere,
    faults,
    flip,
    foreign_warc,
    imported,
    known,
    missing,
    others,
    picture,
    rebuilt,
    running,
    silence,
    some,
    unchanged,
    verified,
    warcs,
)
from rereading import FETCHED, GOOD, ID, POOR, page, tangthu

from archive import warc, warcwriter
from archive.model import Capture
from archive.provenance import FOR_PAGE, NOT_RENDERED, RENDERED, TO_RENDER
from archive.store import StoreError
from archive.warcwriter import WarcWriter
from crawler import locks
from crawler.demo import PORTAL_ID, DemoPortal, expected
from crawler.locks import Locked
from crawler.portal import load_all
from crawler.rebuild import rebuild

SECOND = "nam_dinh/khac"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crawls of two portals, imports of described and undescribed hosts and of one portal alone, a killed run."""
    folder = tmp_path_factory.mktemp("rebuild")
    data = folder / "data"
    parts = '<p><img src="/anh.jpg"></p><p><a href="/bao-cao.pdf">Báo cáo</a></p><p>T/h: Lệ Minh</p></div></body>'
    signed = page("node/20", "Có hình.")
    signed = replace(signed, body=signed.body.replace(b"</div></body>", parts.encode()))
    crawled(data, [page("", "Trang chủ.", kind="page"), *some(5), signed, picture("anh.jpg"), missing("khong-co")])
    write_portal(data, SECOND, GOOD.replace("thu.example.vn", "khac.example.vn").replace("nam_dinh/thu", SECOND))
    there = [replace(one, url=one.url.replace("thu.", "khac.")) for one in some(3, 1, "Nơi khác.")]
    crawled(data, there, SECOND)
    older = [page("node/1", "Bản cũ.", -900), page("node/30", "Chỉ ở kho khác.", -900)]
    imported(
        data, foreign_warc(folder / "one", *older, *map(elsewhere, some(4, -900)), picture("cu.jpg", b"old", -900))
    )
    stray = replace(page("x", "Của ai?", -800), url="http://mat.example.vn/x")
    imported(data, foreign_warc(folder / "two", stray), only=ID)
    later = [
        page("node/1", "Khác rồi.", 3),
        unchanged("node/2", 3),
        missing("node/3", 3),
        silence("node/4", 3),
        *some(6, 4),
    ]
    crawled(data, later)
    crawled(data, [page("node/50", "Bị giết.", 5)], ends=False)
    return data


@pytest.fixture
def data(archive: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(archive, tmp_path / "data"))


def without_database(data: Path) -> None:
    for path in data.glob("tangthu.db*"):
        path.unlink()


# The same again


def test_in_place_it_says_the_same(data: Path) -> None:
    before = dumped(data)
    report = rebuilt(data)
    assert dumped(data) == before
    assert (report.files, report.damaged, report.aside) == (6, [], None)
    assert verified(data) == []


def test_twice_it_says_the_same(data: Path) -> None:
    before = dumped(data)
    rebuilt(data)
    rebuilt(data)
    assert dumped(data) == before


def test_without_a_database_it_says_the_same(data: Path) -> None:
    before = dumped(data)
    without_database(data)
    rebuilt(data)
    assert dumped(data) == before
    assert verified(data) == []


def test_without_the_portals_files_it_says_the_same(tmp_path: Path) -> None:
    """As far as their pages are read by the platform's rules."""
    data = tmp_path / "data"
    plain = GOOD[: GOOD.index("[article]")] + 'communes = ["Xã Xuân Hồng", "Phường Thử"]\n'
    write_portal(data, ID, plain)
    crawled(data, [replace(elsewhere(one), url=one.url) for one in some(3)])
    successors = "select province_now, communes from portals"
    after = {"province_now": "Ninh Bình", "communes": '["Xã Xuân Hồng", "Phường Thử"]'}
    assert rows(data, successors) == [after]
    stray = elsewhere(page("node/77", "Của ai?"), "mat.example.vn")
    imported(data, foreign_warc(tmp_path / "one", stray), only=ID)
    assert rows(data, "select count(*) n from articles") == [{"n": 4}]
    before = dumped(data)
    shutil.rmtree(data / "portals")
    without_database(data)
    rebuilt(data)
    assert dumped(data) == before
    assert rows(data, successors) == [after]


def test_an_archive_that_the_demo_portal_filled_says_the_same(tmp_path: Path) -> None:
    assert tangthu(tmp_path, "demo", "--no-serve").returncode == 0
    before = dumped(tmp_path)
    done = tangthu(tmp_path, "rebuild")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 WARC files, ")
    assert dumped(tmp_path) == before
    assert "Xuân Trường" in tangthu(tmp_path, "search", "xuan truong").stdout


def test_where_captures_come_from_is_known_again(data: Path) -> None:
    sql = "select source, portal, count(*) n from captures group by 1, 2 order by 1, 2"
    before = rows(data, sql)
    assert {row["source"] for row in before} == {"live", "elsewhere-20210106020000-00000.warc.gz"}
    assert {row["portal"] for row in before} == {ID, SECOND, "khac/la.example.vn"}
    rebuilt(data)
    assert rows(data, sql) == before


def test_runs_are_known_again_and_captures_belong_to_them(data: Path) -> None:
    runs = "select portal, ended, why, requests, new, measures from crawls order by started, portal, id"
    belong = (
        "select w.portal, w.ended, count(*) n from captures c join crawls w on w.id = c.crawl group by w.id order by 3"
    )
    before = rows(data, runs), rows(data, belong)
    rebuilt(data)
    assert (rows(data, runs), rows(data, belong)) == before
    assert rows(data, "select count(*) n from crawls where ended is null") == [{"n": 1}]


def test_the_rules_of_today_are_used(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_portal(data, ID, POOR)
    crawled(data, some(2))
    assert rows(data, "select distinct title from articles") == [{"title": "Cổng thông tin điện tử huyện Thử"}]
    write_portal(data, ID, GOOD)
    rebuilt(data)
    assert rows(data, "select title from articles order by title") == [{"title": "Bài node/0"}, {"title": "Bài node/1"}]


def test_rendered_pages_and_what_they_were_made_of_are_told_apart_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    kept = []
    for number, made in enumerate((f"{RENDERED} Chromium 1", f"{NOT_RENDERED} too slow"), 1):
        shown = replace(page(f"node/{number}", "Một."), headers=(("Content-Type", "text/html; charset=utf-8"),))
        kept.append(replace(shown, source=TO_RENDER, body=b"<html><script></script></html>"))
        kept.append(replace(shown, source=made, fetched_at=shown.fetched_at + timedelta(seconds=1)))
    api = replace(page("api", ""), source=FOR_PAGE, headers=(("Content-Type", "application/json"),), body=b"{}")
    crawled(data, [*kept, api, replace(page("node/3", "Ba."), source="live; TLS 1.0")])
    assert rows(data, "select count(*) n from articles") == [{"n": 3}]
    before = dumped(data)
    rebuilt(data)
    assert dumped(data) == before
    assert verified(data) == []


# The order


@pytest.fixture
def side_by_side(tmp_path: Path) -> Iterator[tuple[Path, ExitStack]]:
    data = tmp_path / "data"
    known(data)
    write_portal(data, SECOND, GOOD.replace("thu.example.vn", "khac.example.vn"))
    with ExitStack() as stack:
        yield data, stack


def at(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize("apart", [0, 3], ids=["in one second", "one after the other"])
def test_crawls_side_by_side_may_repeat_what_the_other_has_kept(
    side_by_side: tuple[Path, ExitStack], apart: int
) -> None:
    """The first crawl finds a picture that the second, which began later, has kept before."""
    data, stack = side_by_side
    shared = replace(picture("anh.jpg"), url="http://tinh.example.vn/anh.jpg")
    first, second = stack.enter_context(running(data, ID)), stack.enter_context(running(data, SECOND))
    moment = at(5)
    first.keep(known(data, ID), replace(some(1)[0], fetched_at=at(0)))
    second.keep(known(data, SECOND), replace(shared, fetched_at=moment))
    first.keep(known(data, ID), replace(shared, fetched_at=moment + timedelta(seconds=apart)))
    stack.close()
    assert rows(data, "select count(*) n from captures where revisit_of is not null") == [{"n": 1}]
    before = dumped(data)
    without_database(data)
    rebuilt(data)
    assert dumped(data) == before


def test_runs_of_one_second_keep_their_order(tmp_path: Path) -> None:
    """An import, a crawl and an import again: the last one says what a file shows."""
    data = tmp_path / "data"
    known(data)
    parts = b'<p><img src="/anh.jpg"></p></div></body>'
    one = page("node/1", "Một.")
    imported(data, foreign_warc(tmp_path / "a", picture("anh.jpg", b"first")))
    crawled(data, [replace(one, body=one.body.replace(b"</div></body>", parts)), picture("anh.jpg", b"second", 1)])
    imported(data, foreign_warc(tmp_path / "b", picture("anh.jpg", b"third", -5)))
    before = dumped(data)
    assert [json.loads(line)["capture"][0][:6] for line in before if '"table": "images"' in line] == ["import"]
    rebuilt(data)
    assert dumped(data) == before


def test_a_run_of_several_files_is_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warcwriter, "ROTATE_BYTES", 2000)
    data = tmp_path / "data"
    crawled(data, some(30))
    imported(data, foreign_warc(tmp_path / "a", *some(30, 1, "Khác."), *map(elsewhere, some(30, 1))))
    assert len(warcs(data)) > 8
    before, runs = dumped(data), rows(data, "select crawl, count(*) n from captures group by crawl")
    without_database(data)
    rebuilt(data)
    assert dumped(data) == before
    assert rows(data, "select crawl, count(*) n from captures group by crawl") == runs


def test_what_an_import_leaves_out_has_no_say_in_what_it_brings(tmp_path: Path) -> None:
    """A second file repeats a page that tells its platform, and brings one that does not: a rebuild sees that alone."""
    data = tmp_path / "data"
    told = elsewhere(page("node/1", "Một."))
    other = elsewhere(page("node/2", "Hai."))
    mute = replace(other, body=other.body.replace(b"Drupal 7", b"Nobody"))
    orphan = tmp_path / "orphan"
    writer = WarcWriter(orphan, "x", {}, FETCHED)
    writer.write_revisit(
        replace(told, url="http://khong.example.vn/"), warc.SAME_PAYLOAD, "sha1:X", told.url, "2020-01-01T00:00:00Z"
    )
    writer.close()
    imported(data, foreign_warc(tmp_path / "a", told))
    imported(data, foreign_warc(tmp_path / "b", mute, told), *orphan.iterdir())
    assert rows(data, "select id, platform from portals") == [{"id": "khac/la.example.vn", "platform": "drupal7"}]
    assert rows(data, "select distinct rules from versions") == [{"rules": "drupal7"}]
    before = dumped(data)
    rebuilt(data)
    assert dumped(data) == before


def answers(dice: random.Random) -> Iterator[Capture]:
    """Of one portal, in any order, with what servers say beside the page."""
    moment = FETCHED
    for _ in range(40):
        moment += timedelta(seconds=dice.choice((0, 0, 1, 5)))
        path = dice.choice(("", "node/1", "node/2", "tin/3", "anh.jpg"))
        kinds = ("text/html; charset=utf-8", "TEXT/HTML", "image/jpeg", "application/octet-stream", "")
        headers = [("Content-Type", dice.choice(kinds)), ("ETag", dice.choice(('"x"', 'W/"a b"', "")))]
        headers += [("Transfer-Encoding", "chunked")] if dice.random() < 0.1 else []
        headers += [("Location", dice.choice(("/", "http://khac.vn/")))] if dice.random() < 0.2 else []
        status = dice.choices((200, 304, 301, 404, 410, 403, 500, 0), (60, 12, 6, 6, 3, 3, 3, 7))[0]
        body = b"" if status in (0, 301, 304) else dice.choice((page(path, dice.choice("ab")).body, b"", b"picture"))
        failed = (("Fetch-Failed", dice.choice(("dns", "tls", "silent"))), ("Message", "no\n  answer"))
        url = f"http://thu.example.vn/{path}"
        yield Capture(url, moment, status, failed if status == 0 else tuple(headers), body)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_servers_answer_it_says_the_same(tmp_path: Path, seed: int) -> None:
    data, dice = tmp_path / "data", random.Random(seed)
    for _ in range(2):
        crawled(data, answers(dice))
    before = dumped(data)
    rebuilt(data)
    assert dumped(data) == before
    assert verified(data) == []


def test_a_page_that_the_server_calls_some_bytes_is_one_however_often_it_is_repeated(tmp_path: Path) -> None:
    data = tmp_path / "data"
    headers = (("Content-Type", "application/octet-stream"),)
    crawled(data, [replace(page("node/1", "Một.", day), headers=headers) for day in range(2)])
    before = dumped(data)
    rebuilt(data)
    assert dumped(data) == before


@pytest.mark.parametrize("name", ["x.warc.gz", "x.warc", "CC-MAIN-20240412101354-00001.warc.gz"])
def test_a_file_of_another_program_in_the_folder_is_taken_in(data: Path, name: str) -> None:
    others(data / "warc" / name, packed=name.endswith("gz"))
    rebuilt(data)
    sql = "select source, portal, count(*) n from captures where warc = ? group by 1, 2"
    assert rows(data, sql, name) == [{"source": name, "portal": "khac/b.vn", "n": 3}]
    assert verified(data) == []
    after = dumped(data)
    rebuilt(data)
    assert dumped(data) == after


# What a crawl finds


def test_the_next_crawl_does_not_ask_for_everything_again(tmp_path: Path) -> None:
    with DemoPortal() as demo:
        write_portal(tmp_path, PORTAL_ID, demo.portal_file())
        assert crawl(tmp_path, PORTAL_ID)[0] == 0
        rebuilt(tmp_path)
        demo.requests.clear()
        code, out = crawl(tmp_path, PORTAL_ID)
        assert code == 0, out
        articles = {article.path for article in expected(1)}
        assert [hit.path for hit in demo.requests if hit.path in articles and hit.status == 200] == []
        assert len([hit for hit in demo.requests if hit.path in articles]) < len(articles) / 2
    assert rows(tmp_path, "select new, changed, gone from crawls order by id desc limit 1") == [
        {"new": 0, "changed": 0, "gone": 0}
    ]


# Readers, and accidents

SLOWLY = """
import sys, time
from pathlib import Path
from crawler.portal import load_all
from crawler.rebuild import rebuild

data, seen = Path(sys.argv[1]), []

def step(_):
    seen.append(1)
    if len(seen) == 20:
        (data / "half").touch()
        time.sleep(60)

rebuild(data, load_all(data / "portals"), step)
"""


@pytest.fixture
def half(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A rebuild that is stopped half way."""
    child = subprocess.Popen([sys.executable, "-c", SLOWLY, data], cwd=ROOT)
    wait_for((data / "half").exists)
    (data / "half").unlink()
    yield child
    child.kill()
    child.wait()


def test_readers_see_the_former_state_until_the_new_one_is_complete(data: Path, half: subprocess.Popen[bytes]) -> None:
    before = dumped(data)
    assert len(before) > 50
    with pytest.raises(Locked, match="rebuild"):
        rebuilt(data)
    half.kill()
    half.wait()
    with closing(sqlite3.connect(data / "tangthu.db")) as reader:
        file = (data / "tangthu.db").stat().st_ino
        reader.execute("select count(*) from captures").fetchone()
        change(data, "delete from failures")
        rebuilt(data)
        assert (data / "tangthu.db").stat().st_ino == file
        assert reader.execute("select count(*) from failures").fetchone()[0] > 0
    assert dumped(data) == before


def test_a_rebuild_that_is_killed_changes_nothing(data: Path, half: subprocess.Popen[bytes]) -> None:
    before = dumped(data)
    half.kill()
    half.wait()
    assert dumped(data) == before
    assert faults(data) == []
    rebuilt(data)
    assert dumped(data) == before


@pytest.mark.parametrize("how", ["no database", "a page", "a table", "the index"])
def test_a_database_that_cannot_be_used_is_put_aside(data: Path, how: str) -> None:
    path, before = data / "tangthu.db", dumped(data)
    if how == "no database":
        path.write_bytes(b"no database at all " * 1000)
    elif how == "a page":
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (path.stat().st_size - 8192))
    else:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("drop table captures" if how == "a table" else "drop table articles_fts")
    broken = path.read_bytes()
    done = tangthu(data, "rebuild")
    assert done.returncode == 0, done.stderr
    (aside,) = (path for path in data.glob("tangthu.db.damaged-*") if path.name.endswith("Z"))
    assert f"the database could not be used: it is {aside} now. Restart the site" in done.stderr
    assert aside.read_bytes()[:20000] == broken[:20000]
    assert dumped(data) == before
    assert verified(data) == []


def test_a_damaged_warc_is_read_as_far_as_it_can_be(data: Path) -> None:
    place = rows(data, "select warc, \"offset\", length from captures where url like '%/node/4' order by id limit 1")[0]
    flip(data / "warc" / place["warc"], place["offset"] + place["length"] // 2)
    without_database(data)
    done = tangthu(data, "rebuild")
    assert done.returncode == 1
    assert f"{place['warc']}: is damaged or cut off" in done.stderr
    assert f"(at byte {place['offset']}); {place['length']} bytes are left out" in done.stderr
    lost = {"http://thu.example.vn/node/4"}
    urls = {row["url"] for row in rows(data, "select url from captures where warc = ?", place["warc"])}
    assert (
        urls
        == {
            *(f"http://thu.example.vn/{path}" for path in ("", "anh.jpg", "khong-co", "node/20")),
            *(one.url for one in some(5)),
        }
        - lost
    )


def test_what_only_the_database_has_is_not_given_up_unasked(data: Path) -> None:
    place = rows(data, "select warc, \"offset\", length from captures where url like '%/node/4' order by id limit 1")[0]
    flip(data / "warc" / place["warc"], place["offset"] + place["length"] // 2)
    before = dumped(data)
    done = tangthu(data, "rebuild")
    assert done.returncode == 1
    # Its own, and one that repeats it.
    assert "2 captures that the database has are no more in the WARCs" in done.stderr
    assert f"(at byte {place['offset']}). Nothing was changed" in done.stderr
    assert dumped(data) == before
    done = tangthu(data, "rebuild", "--force", "--json")
    assert done.returncode == 1
    assert len(json.loads(done.stdout)["damaged"]) == 1
    assert len(dumped(data)) < len(before)
    assert [found.offset for found in verified(data) if found.fault] == [place["offset"]]


def test_a_missing_warc_is_told_before_anything_is_done(data: Path) -> None:
    gone = warcs(data)[0]
    gone.unlink()
    steps: list[int] = []
    with pytest.raises(StoreError, match=f"1 files are missing that the database knows, such as {gone.name}"):
        rebuild(data, load_all(data / "portals"), steps.append)
    assert steps == []
    rebuilt(data, force=True)
    assert faults(data) == []


def test_a_torn_tail_is_left_out_and_named(data: Path) -> None:
    before = dumped(data)
    append(warcs(data)[-1], b"\x1f\x8b\x08half")
    assert [damage.length for damage in rebuilt(data).damaged] == [7]
    assert dumped(data) == before


def test_another_run_is_waited_for(data: Path) -> None:
    with locks.portal(data, SECOND):
        done = tangthu(data, "rebuild")
    assert done.returncode == 75
    assert "nam_dinh/khac" in done.stderr


def test_a_folder_without_an_archive_is_told(tmp_path: Path) -> None:
    done = tangthu(tmp_path, "rebuild")
    assert done.returncode == 1
    assert "there is no archive yet" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_archive_without_a_capture_can_be_made_again(tmp_path: Path) -> None:
    with running(tmp_path):
        pass
    before = dumped(tmp_path)
    rebuilt(tmp_path)
    assert dumped(tmp_path) == before
    shutil.rmtree(tmp_path / "warc")
    assert rebuilt(tmp_path).records == 0


def test_it_is_told_how_many_bytes_are_read(data: Path) -> None:
    steps: list[int] = []
    rebuild(data, load_all(data / "portals"), steps.append)
    assert sum(steps) == sum(path.stat().st_size for path in warcs(data))
