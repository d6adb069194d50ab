"""Is every portal still yielding? Its runs, its home page, its news, and the archive as a whole."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from histories import (
    GOOD,
    NOW,
    PORTAL,
    codes,
    healthy,
    judged,
    save_articles,
    save_portal,
    save_run,
    save_runs,
    without,
)

from archive.health import judge
from archive.store import Store
from archive.warc import iso
from crawler import locks

# What can be told


def test_an_empty_archive_has_nothing_to_judge(store: Store) -> None:
    assert judge(store.db.conn, NOW) == ()


def test_a_portal_with_a_good_history_is_well(store: Store) -> None:
    healthy(store)
    one = judged(store)
    assert (one.state, one.reasons, one.last_run, one.newest) == ("well", (), "2026-06-09T19:00:00Z", "2026-06-10")


def test_a_portal_that_was_crawled_once_is_unknown_and_says_what_is_missing(store: Store) -> None:
    save_portal(store)
    save_run(store, timedelta(hours=5), measures={**GOOD, "pages": 900})
    one = judged(store)
    assert one.state == "unknown" and not one.is_alarming
    assert {reason.measure for reason in one.reasons} >= {"runs", "news", "body", "byline", "date", "layout", "errors"}
    assert all(reason.is_history for reason in one.reasons)


def test_a_portal_becomes_well_only_when_every_measure_can_be_judged(store: Store) -> None:
    save_portal(store)
    save_articles(store, range(0, 100))
    for day in range(40, -1, -1):
        save_run(store, timedelta(days=day, hours=5))
        now = NOW - timedelta(days=day)
        one = judged(store, now=now)
        assert (one.state == "well") == (one.reasons == ())
        assert one.state == ("unknown" if day > 40 - 15 else "well"), (day, codes(one, "unknown"), codes(one))


def test_runs_of_an_older_version_leave_the_portal_unknown(store: Store) -> None:
    save_portal(store)
    save_articles(store, range(0, 100))
    save_runs(store, 60, measures=None)
    assert codes(judged(store), "unknown") == ["measures.few"]


def test_measures_that_cannot_be_read_prove_nothing(store: Store) -> None:
    healthy(store)
    store.db.execute("update crawls set measures = '{\"pages\": 3' where id > 20")
    assert judged(store).state == "well"
    store.db.execute("update crawls set measures = '[]'")
    assert codes(judged(store), "unknown") == ["measures.few"]


# Portals that are not crawled


def test_a_described_portal_that_was_never_crawled_is_alarming_and_never_well(store: Store) -> None:
    save_portal(store, "an_giang/tri_ton")
    for one in judge(store.db.conn, NOW, {PORTAL: None, "an_giang/tri_ton": None}):
        assert one.state == "unknown" and one.is_alarming
        assert one.reasons[0].action.startswith(f"tangthu crawl {one.portal}")


def test_a_closed_portal_is_closed_whether_its_row_or_its_file_says_so(store: Store) -> None:
    save_portal(store, closed="2026-06-01")
    save_run(store, timedelta(days=400))
    assert judged(store).state == "closed"
    assert judged(store, described={PORTAL: "2026-06-10"}).state == "closed"
    assert judged(store, described={PORTAL: None}).state == "ill"  # its file was mended: it should be crawled
    assert judged(store, described={PORTAL: "2026-06-11"}).state == "ill"


def test_a_host_that_only_an_import_brought_is_unknown_and_alarms_nobody(store: Store) -> None:
    save_portal(store, "khac/baonamdinh.vn")
    one = judged(store, "khac/baonamdinh.vn", described={})
    assert (one.state, codes(one, "unknown"), one.is_alarming) == ("unknown", ["runs.imported"], False)
    assert not judged(store, "khac/baonamdinh.vn").is_alarming


def test_a_portal_whose_file_vanished_is_ill(store: Store) -> None:
    healthy(store)
    assert codes(judged(store, described={})) == ["runs.file"]
    assert judged(store, described=None).state == "well"  # who does not know of files says nothing of them


# Runs


def test_a_run_that_is_overdue_by_the_portals_own_rhythm_is_told(store: Store) -> None:
    healthy(store)
    assert judged(store, now=NOW + timedelta(days=1)).state == "well"
    assert codes(judged(store, now=NOW + timedelta(days=4))) == ["runs.late"]
    save_portal(store, "a/hang_tuan")
    for week in range(30, 0, -1):
        save_run(store, timedelta(weeks=week), "a/hang_tuan")
    assert "runs.late" not in codes(judged(store, "a/hang_tuan", now=NOW + timedelta(days=4)))
    assert "runs.late" in codes(judged(store, "a/hang_tuan", now=NOW + timedelta(days=9)))


def test_a_portal_that_was_crawled_twice_and_forgotten_is_ill(store: Store) -> None:
    save_portal(store)
    save_runs(store, 2, first=50)
    assert "runs.old" in codes(judged(store))


def test_one_killed_run_is_unknown_two_are_ill_and_a_running_one_is_neither(store: Store) -> None:
    healthy(store)
    save_run(store, timedelta(hours=1), ended=False)
    owner = locks.Owner(PORTAL, 4711, "host", iso(NOW - timedelta(hours=1)), iso(NOW))
    assert judged(store, holders=[owner]).state == "well"
    assert judged(store).state == "well"  # who cannot see the locks takes a young run for one that goes on
    one = judged(store, holders=[])
    assert (codes(one, "unknown"), one.state) == (["ended.once"], "unknown")
    save_run(store, timedelta(minutes=30), ended=False)
    assert codes(judged(store, holders=[])) == ["ended.killed"]


def test_runs_that_the_next_one_found_killed_count_as_killed(store: Store) -> None:
    healthy(store)
    for hour in (3, 2, 1):
        save_run(store, timedelta(hours=hour), why="killed: what it kept is kept", measures=None)
    assert codes(judged(store, holders=[])) == ["ended.killed"]


@pytest.mark.parametrize(
    ("why", "runs", "code", "level"),
    [
        ("home page not reached: status 500", 1, "ended.once", "unknown"),
        ("home page not reached: status 500", 2, "ended.wrong", "ill"),
        ("blocked: 5 answers in a row refuse us", 2, "ended.wrong", "ill"),
        ("robots.txt answers 503: nothing may be asked for", 2, "ended.wrong", "ill"),
        ("8 requests in a row got no answer; the last: timed out", 2, "ended.wrong", "ill"),
        ("stopped: the archive cannot be written: disk full", 1, "ended.disk", "ill"),
        ("a word of tomorrow", 1, "ended.strange", "unknown"),
        ("stopped by a signal: the next crawl goes on from here", 5, "ended.wrong", "ill"),
    ],
)
def test_how_the_last_runs_ended_is_told(store: Store, why: str, runs: int, code: str, level: str) -> None:
    healthy(store)
    for hour in range(runs, 0, -1):
        save_run(store, timedelta(hours=hour), why=why)
    one = judged(store, holders=[])
    assert code in codes(one, level) and one.state == level
    assert why in next(reason.text for reason in one.reasons if reason.code == code)


@pytest.mark.parametrize(
    "why", ["limit of 500 requests", "stopped by a signal: the next crawl goes on from here", "closed since 2026-06-01"]
)
def test_a_run_that_ended_as_it_was_told_to_is_well(store: Store, why: str) -> None:
    healthy(store)
    save_run(store, timedelta(hours=1), why=why)
    assert judged(store, holders=[]).state == "well"


def test_a_server_that_always_asks_to_be_left_alone_is_told(store: Store) -> None:
    healthy(store)
    for hour in range(5, 0, -1):
        assert judged(store, holders=[]).state == "well"
        save_run(store, timedelta(hours=hour), resume_at=iso(NOW), why=f"asked to wait until {iso(NOW)}")
    assert codes(judged(store, holders=[])) == ["ended.wait"]


def test_a_lock_without_a_sign_of_life_is_told_with_its_owner(store: Store) -> None:
    healthy(store)
    stuck = locks.Owner(PORTAL, 4711, "host", iso(NOW - timedelta(hours=4)), iso(NOW - timedelta(hours=3)))
    one = judged(store, holders=[stuck])
    assert codes(one) == ["lock.old"]
    assert "process 4711" in one.reasons[0].text and "180 minutes" in one.reasons[0].text
    whole = judged(store, "", holders=[locks.Owner("import", 12, "host", stuck.since, stuck.seen)])
    assert codes(whole) == ["lock.old"]


def test_a_run_that_does_not_end_is_told_though_it_gives_signs_of_life(store: Store) -> None:
    healthy(store)
    save_run(store, timedelta(hours=1), ended=False)
    later = NOW + timedelta(days=5)
    owner = locks.Owner(PORTAL, 4711, "host", iso(NOW), iso(later))
    assert "runs.long" in codes(judged(store, now=later, holders=[owner]))


def test_a_clock_that_went_backwards_is_told_until_it_is_set_and_old_leaps_are_forgotten(store: Store) -> None:
    healthy(store)
    assert codes(judged(store, now=NOW - timedelta(days=3))) == ["runs.clock"]
    store.db.execute("delete from crawls where id > 50")
    save_run(store, -timedelta(days=4000))  # one run at a time when the clock was wrong
    save_runs(store, 10)
    assert judged(store).state == "well"


# The home page


@pytest.mark.parametrize(
    ("state", "code", "word"),
    [
        ("dark: dns", "portal.dark", "dns"),
        ("blocked", "portal.blocked", "refused us"),
        ("moved", "portal.moved", "another host"),
        ("gone", "portal.gone", "is gone"),
    ],
)
def test_the_home_page_is_believed_by_its_second_look(store: Store, state: str, code: str, word: str) -> None:
    healthy(store)
    store.look_at_portal(PORTAL, state, "2026-06-08T19:00:00Z")
    one = judged(store)
    assert (one.state, codes(one, "unknown")) == ("unknown", ["portal.once"])
    store.look_at_portal(PORTAL, state, "2026-06-09T19:00:00Z")
    one = judged(store)
    assert codes(one) == [code]
    # 19:00 UTC is the next day in Vietnam.
    assert word in one.reasons[0].text and "2026-06-09" in one.reasons[0].text and "2 looks" in one.reasons[0].text
    store.look_at_portal(PORTAL, "", iso(NOW))
    assert judged(store).state == "well"


def test_what_follows_from_a_dark_portal_is_not_told_besides(store: Store) -> None:
    save_portal(store)
    save_articles(store, range(40, 200))
    save_runs(store, 60, first=10, new=0)
    for day in range(10):
        save_run(store, timedelta(days=9 - day, hours=5), why="home page not reached: dns", failed=3, requests=1)
        store.look_at_portal(PORTAL, "dark: dns", iso(NOW - timedelta(days=9 - day)))
    assert codes(judged(store)) == ["portal.dark"]


# News


def test_a_silence_is_held_against_the_portals_own_rhythm(store: Store) -> None:
    save_portal(store)
    save_runs(store, 60, new=0)
    save_articles(store, range(13, 200))
    assert judged(store).state == "well"
    assert codes(judged(store, now=NOW + timedelta(days=2))) == ["news.silent"]
    save_portal(store, "a/cham")
    save_runs(store, 60, portal="a/cham", new=0)
    save_articles(store, range(40, 900, 20), "a/cham")
    assert judged(store, "a/cham").state == "well"


def test_a_portal_that_was_silent_when_it_was_first_crawled_is_unknown_not_ill(store: Store) -> None:
    save_portal(store)
    save_runs(store, 60, new=0)
    save_articles(store, range(200, 500))
    one = judged(store)
    assert (one.state, codes(one, "unknown")) == ("unknown", ["news.frozen"])
    assert "closed" in one.reasons[0].action


def test_a_tet_is_waited_for(store: Store) -> None:
    tet = datetime(2026, 2, 17, tzinfo=UTC)
    save_portal(store)
    for day in range(60, -20, -1):
        save_run(store, NOW - tet + timedelta(days=day), new=0)
    silent_since = (NOW - tet).days + 3  # the last article three days before the new year
    save_articles(store, range(silent_since, silent_since + 200))
    assert "news.silent" not in codes(judged(store, now=tet + timedelta(days=18)))
    assert "news.silent" in codes(judged(store, now=tet + timedelta(days=23)))


def test_a_portal_that_prints_no_dates_is_judged_by_when_its_articles_were_found(store: Store) -> None:
    save_portal(store)
    save_runs(store, 40, first=20)
    save_runs(store, 20, new=0)
    assert codes(judged(store)) == ["news.silent"]
    assert judged(store, now=NOW - timedelta(days=12)).newest == "2026-05-21"


def test_dates_that_no_page_can_have_are_no_news(store: Store) -> None:
    save_portal(store)
    save_runs(store, 60, new=0)
    save_articles(store, range(20, 200))
    save_articles(store, range(-3000, -2990))  # "2034", a slip of the editor
    assert codes(judged(store)) == ["news.silent"]
    assert judged(store).newest == "2026-05-21"


def test_articles_that_vanish_in_numbers_are_told(store: Store) -> None:
    healthy(store)
    save_articles(store, range(300, 309), state="gone", state_since=iso(NOW - timedelta(days=3)))
    assert judged(store).state == "well"
    save_articles(store, range(310, 320), state="moved", state_since=iso(NOW - timedelta(days=2)))
    one = judged(store)
    assert codes(one) == ["vanished.many"] and "19 articles" in one.reasons[0].text
    assert judged(store, now=NOW + timedelta(days=1)).state == "ill"


# The archive as a whole


def test_the_disk_is_held_against_what_a_day_takes(store: Store) -> None:
    healthy(store)
    store.db.execute("update crawls set bytes = 50000000000 where id = 1")  # the first run: the whole portal
    store.db.execute("update crawls set bytes = 100000000 where id > 1")
    assert judged(store, "", free=10**11).state == "well"
    low = judged(store, "", free=4 * 10**9)
    assert codes(low) == ["disk.low"] and "enough for 4" in low.reasons[0].text
    assert judged(store, "", free=10**8).state == "ill"
    store.db.execute("delete from crawls where id > 1")
    assert codes(judged(store, "", free=10**11), "unknown") == ["disk.few"]
    assert all(one.portal for one in judge(store.db.conn, NOW))  # nothing is said of what was not asked


def test_only_those_that_are_named_are_judged(store: Store) -> None:
    healthy(store)
    healthy(store, "a/b", 30)
    assert [one.portal for one in judge(store.db.conn, NOW, free=1, only=["a/b"])] == ["a/b"]


def test_a_reader_with_rows_of_its_own_kind_gets_the_same_answer(store: Store, tmp_path: Path) -> None:
    healthy(store)
    save_runs(store, 3, measures=without("date"))
    reader = sqlite3.connect(f"file:{tmp_path / 'tangthu.db'}?mode=ro", uri=True)
    reader.row_factory = sqlite3.Row
    assert judge(reader, NOW) == judge(store.db.conn, NOW)
    reader.close()


def test_no_question_goes_through_all_runs_captures_or_articles(store: Store) -> None:
    healthy(store)
    asked: list[str] = []
    store.db.conn.set_trace_callback(asked.append)
    judge(store.db.conn, NOW)
    store.db.conn.set_trace_callback(None)
    questions = {sql for sql in asked if sql.startswith("select")}
    assert len(questions) > 6
    for sql in questions:
        plan = [row[-1] for row in store.db.execute(f"explain query plan {sql}")]
        # That index has no living article.
        plan = [step for step in plan if step != "SCAN articles USING COVERING INDEX articles_vanished"]
        assert not [step for step in plan if step.startswith(("SCAN articles", "SCAN crawls", "SCAN captures"))], sql
