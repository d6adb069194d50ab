"""What a killed run leaves is made good by the next: nothing is lost, nothing is torn, nothing is said twice."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import crawl, rows, start_crawl, wait_for, write_portal
from keeping import (
    append,
    crawled,
    dumped,
    elsewhere,
    fastwarc_says,
    faults,
    flip,
    foreign_warc,
    imported,
    known,
    rebuilt,
    recovered,
    running,
    some,
    verified,
    warcs,
)
from rereading import GOOD, ID, page, tangthu

from archive import index
from archive.model import Capture
from archive.search.keeper import catch_up
from crawler.demo import PORTAL_ID, DemoPortal, expected
from crawler.ingest import CRAWL_NOTE, open_archive
from crawler.portal import load_all
from crawler.recovery import Recovered, recover, recover_import

TORN = b"\x1f\x8b\x08\0\0\0\0\0\0\xffhalf"


def killed(data: Path, *unsaved: Capture, torn: bytes = TORN, portal_id: str = ID) -> Path:
    """A crawl that keeps two pages, and is killed when ``unsaved`` stand in the WARC and not yet in the database."""
    with running(data, portal_id, ends=False) as ingest:
        for one in some(2, 1, "Trước."):
            ingest.keep(known(data, portal_id), one)
        for one in unsaved:
            ingest.warcs.write(one)
    path = warcs(data)[-1]
    append(path, torn)
    return path


def assert_like_new(data: Path) -> None:
    """Whole, and what it says is what the WARCs say."""
    catch_up(data / "tangthu.db")  # as every command does at its end
    assert verified(data) == []
    assert [fastwarc_says(path) for path in warcs(data)] == [""] * len(warcs(data))
    before = dumped(data)
    rebuilt(data)
    assert dumped(data) == before


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    crawled(folder, some(3))
    return folder


# A crawl


def test_a_record_without_a_row_is_taken_in_and_a_torn_one_is_cut(data: Path) -> None:
    path = killed(data, page("node/1", "Khác rồi.", 1), page("node/9", "Chín.", 1))
    size = path.stat().st_size - len(TORN)
    assert recovered(data) == Recovered(((path.name, size, len(TORN)),), 2)
    assert path.stat().st_size == size
    texts = [row["text"] for row in rows(data, "select text from articles order by doc")]
    assert any("Khác rồi." in text for text in texts)
    assert any("Chín." in text for text in texts)
    assert_like_new(data)


def test_what_was_taken_in_belongs_to_the_run_that_kept_it(data: Path) -> None:
    killed(data, page("node/9", "Chín.", 1))
    with running(data) as ingest:
        number = ingest.crawl
        recover(ingest, known(data))
        assert (ingest.counts, ingest.crawl) == ({}, number)
        ingest.keep(known(data), page("node/10", "Mười.", 2))
        assert ingest.counts == {"new": 1}
    first, killed_one, last = rows(data, "select * from crawls order by id")
    assert (first["why"], last["why"]) == ("finished", "finished")
    assert killed_one["why"].startswith("killed")
    assert killed_one["ended"] == "2021-01-07T02:00:00Z"
    assert (killed_one["requests"], killed_one["new"], killed_one["changed"]) == (3, 1, 2)
    captures = rows(data, "select crawl, source from captures where url like '%/node/9'")
    assert captures == [{"crawl": killed_one["id"], "source": "live"}]


def test_there_is_nothing_to_do_after_a_run_that_ended(data: Path) -> None:
    before = dumped(data), [path.read_bytes() for path in warcs(data)]
    assert recovered(data) == Recovered()
    assert recovered(data).lines() == []
    assert dumped(data) == before[0]
    assert [path.read_bytes() for path in warcs(data)][: len(before[1])] == before[1]


def test_runs_that_were_killed_one_after_the_other_are_all_made_good(data: Path) -> None:
    """The second one died before it came to make good the first."""
    killed(data, page("node/9", "Chín.", 1))
    killed(data, page("node/10", "Mười.", 2))
    assert recovered(data).adopted == 2
    assert rows(data, "select count(*) n from crawls where ended is null") == [{"n": 0}]
    assert_like_new(data)


@pytest.mark.parametrize("left", [b"", b"\x1f\x8b"])
def test_a_file_with_nothing_in_it_is_taken_away(data: Path, left: bytes) -> None:
    with running(data, ends=False):
        pass
    path = data / "warc" / f"nam_dinh-thu-{datetime.now(UTC):%Y%m%d%H%M%S}-00007.warc.gz"
    path.write_bytes(left)
    assert recovered(data).cut == ((path.name, 0, len(left)),)
    assert not path.exists()
    assert_like_new(data)


def test_damage_before_a_whole_record_is_not_cut(data: Path) -> None:
    """A disk's fault, not a kill's: what stands behind it is taken in, and verify names it."""
    path = killed(data, page("node/8", "Tám.", 1), page("node/9", "Chín.", 1), torn=b"")
    with path.open("rb") as file:
        size = len(file.read())
    (note,) = verified(data)
    assert note.offset is not None
    flip(path, note.offset + 100)
    assert recovered(data) == Recovered((), 1)
    assert path.stat().st_size == size
    assert [found.offset for found in verified(data)] == [note.offset]


def test_files_of_runs_that_ended_long_ago_are_not_read(data: Path) -> None:
    (old,) = warcs(data)
    crawled(data, some(2, 1))
    old.rename(old.with_name("nam_dinh-thu-20200101000000-00000.warc.gz"))
    old.with_name("nam_dinh-thu-20200101000000-00000.warc.gz").write_bytes(b"whatever")
    assert recovered(data) == Recovered()
    assert old.with_name("nam_dinh-thu-20200101000000-00000.warc.gz").read_bytes() == b"whatever"


def test_a_run_that_was_killed_between_its_note_and_its_row_has_ended(data: Path) -> None:
    with running(data, ends=False) as ingest:
        ingest.keep(known(data), page("node/9", "Chín.", 1))
        row = {
            **ingest.store.crawl_row(ingest.crawl or 0),
            "ended": "2021-01-09T00:00:00Z",
            "why": "finished",
            "new": 7,
        }
        ingest.warcs.write_note(CRAWL_NOTE, datetime.now(UTC), {**row, "no column any more": 1})
    recovered(data)
    (_, made_good, _) = rows(data, "select ended, why, new from crawls order by id")
    assert made_good == {"ended": "2021-01-09T00:00:00Z", "why": "finished", "new": 7}


def test_other_portals_are_left_alone(data: Path) -> None:
    """Also one whose files have the same name."""
    twin = "nam/dinh-thu"
    write_portal(data, twin, GOOD.replace("thu.example.vn", "khac.example.vn"))
    other = killed(data, page("node/9", "Chín.", 1))
    portal = load_all(data / "portals")[twin]
    with open_archive(data, twin, portal) as ingest:
        ingest.register(portal)
        ingest.crawl = ingest.store.begin_crawl(twin, "2026-11-25T02:00:00Z")
        assert recover(ingest, portal) == Recovered()
    assert other.read_bytes().endswith(TORN)
    assert rows(data, "select count(*) n from crawls where ended is null") == [{"n": 2}]
    assert recovered(data).adopted == 1


def test_a_database_that_lost_its_last_rows_is_filled_up(data: Path) -> None:
    """The machine went down: the WARC was on the disk already, rows of the run were not."""
    whole = (data / "tangthu.db").read_bytes()
    crawled(data, some(5, 1, "Khác."))
    after = dumped(data)
    (data / "tangthu.db").write_bytes(whole)
    assert recovered(data).adopted == 5
    assert dumped(data) == after
    assert_like_new(data)


def test_crawls_that_are_killed_at_any_moment_lose_nothing(tmp_path: Path) -> None:
    """SIGKILL, again and again, on the way through the demo portal."""
    dice = random.Random(7)
    with DemoPortal() as demo:
        write_portal(tmp_path, PORTAL_ID, demo.portal_file())
        for _ in range(3):
            asked = len(demo.requests) + dice.randint(1, 25)
            child = start_crawl(tmp_path, PORTAL_ID)
            wait_for(lambda asked=asked, child=child: len(demo.requests) >= asked or child.poll() is not None)
            child.kill()
            child.communicate(timeout=20)
            append(warcs(tmp_path)[-1], TORN)
            with running(tmp_path, PORTAL_ID) as ingest:
                cut = recover(ingest, known(tmp_path, PORTAL_ID)).cut
            assert len(cut) == 1
            assert_like_new(tmp_path)
        assert crawl(tmp_path, PORTAL_ID)[0] == 0
    assert_like_new(tmp_path)
    assert len(rows(tmp_path, "select id from articles")) == len(expected(1))


# An import


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    return foreign_warc(tmp_path / "elsewhere", *map(elsewhere, some(5)))


def stop_import(data: Path, path: Path, after: int) -> Path:
    """Killed when the record after so many is copied, and its row not yet there."""
    imported(data, path)
    (last,) = data.glob("warc/import-*.warc.gz")
    place = rows(data, 'select "offset", length from captures where warc = ? order by "offset"', last.name)[after]
    with open_archive(data, "import") as ingest:
        db = ingest.store.db
        db.execute("pragma foreign_keys = off")
        number = f'(select min(id) from captures where warc = ? and "offset" >= {place["offset"]})'
        for table in ("versions", "failures", "images", "attachments"):
            db.execute(f"delete from {table} where capture >= {number}", [last.name])
        db.execute(f"delete from captures where id >= {number}", [last.name])
        db.execute("delete from articles where id not in (select article from versions)")
        index.rebuild(db)
    with last.open("r+b") as file:
        file.truncate(place["offset"] + place["length"] + 50)
    return last


def test_a_killed_import_is_made_good_by_the_next(data: Path, warc: Path) -> None:
    path = stop_import(data, warc, 2)
    assert faults(data) != []
    with open_archive(data, "import") as ingest:
        done = recover_import(ingest, load_all(data / "portals"))
    assert (done.adopted, [(name, size) for name, _, size in done.cut]) == (1, [(path.name, 50)])
    assert rows(data, "select distinct source from captures where warc = ?", path.name) == [{"source": warc.name}]
    assert rows(data, "select distinct portal from captures where warc = ?", path.name) == [
        {"portal": "khac/la.example.vn"}
    ]
    assert_like_new(data)
    told = json.loads(tangthu(data, "import", str(warc), "--json").stdout)
    assert (told["new"], told["known"]) == (2, 3)
    assert_like_new(data)


def test_an_import_that_ended_is_left_alone(data: Path, warc: Path) -> None:
    imported(data, warc)
    before = dumped(data)
    with open_archive(data, "import") as ingest:
        assert recover_import(ingest, load_all(data / "portals")) == Recovered()
        assert ingest.counts == {}
    assert dumped(data) == before
