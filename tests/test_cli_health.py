"""tangthu health, as an operator and cron use it."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import histories
import pytest
from click.testing import CliRunner, Result
from conftest import FIVE_KEYS, crawl, write_portal
from histories import (
    PORTAL,
    codes,
    healthy,
    save_portal,
    save_run,
    save_runs,
    without,
)

from archive.health import judge
from archive.store import Store
from crawler.cli import main
from crawler.demo import DemoPortal


def run_health(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), "health", *arguments])


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive with a portal that is well, one that is ill, one that is unknown, and an imported one."""
    monkeypatch.setattr(histories, "NOW", datetime.now(UTC))
    for one in (PORTAL, "a/om", "a/moi"):
        write_portal(tmp_path, one, FIVE_KEYS.format(home="http://a.example.vn/", delay=5, more=""))
    with Store(tmp_path / "tangthu.db") as store:
        healthy(store)
        healthy(store, "a/om")
        save_runs(store, 9, portal="a/om", measures=without("byline"))
        save_portal(store, "a/moi")
        save_run(store, timedelta(hours=3), "a/moi")
        save_portal(store, "khac/bao.vn")
    return tmp_path


def test_the_command_tells_what_is_the_matter_and_what_to_do(data: Path) -> None:
    result = run_health(data)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert all(len(line) <= 80 for line in lines)
    states = [line.split()[:2] for line in lines if not line.startswith(" ")]
    assert states[:3] == [["ill", "a/om"], ["unknown", "a/moi"], ["well", PORTAL]]
    told = " ".join(result.output.split())
    assert "articles have no byline; before, " in told and "→ hold a new page against its file" in told
    assert "too little history yet: runs: 1 of the 6 that show how often they come; news: " in told
    assert lines[-1] == "1 ill, 1 unknown, 1 well, 0 closed; imported only: 1"


def test_the_command_is_silent_when_asked_to_be_unless_something_must_be_done(data: Path) -> None:
    loud = run_health(data, "--quiet")
    assert loud.exit_code == 1 and "a/om" in loud.output
    assert "a/moi" not in loud.output and PORTAL + " " not in loud.output
    for one in ("a/moi", PORTAL):
        silent = run_health(data, "--quiet", one)
        assert (silent.exit_code, silent.output) == (0, "")


def test_a_portal_that_is_described_and_never_crawled_ends_the_command_with_1(data: Path) -> None:
    write_portal(data, "a/quen", FIVE_KEYS.format(home="http://q.example.vn/", delay=5, more=""))
    result = run_health(data, "--quiet", "a/quen")
    assert result.exit_code == 1 and "tangthu crawl a/quen" in result.output
    write_portal(data, "a/quen", FIVE_KEYS.format(home="http://q.example.vn/", delay=5, more="closed = 2025-07-01"))
    result = run_health(data, "a/quen")
    assert result.exit_code == 0 and result.output.startswith("closed   a/quen")


def test_one_line_of_json_says_all_of_it(data: Path) -> None:
    result = run_health(data, "--json")
    assert result.exit_code == 1 and result.output.count("\n") == 1
    told = json.loads(result.output)
    assert (told["ill"], told["unknown"], told["well"], told["closed"]) == (1, 2, 1, 0)
    ill = next(one for one in told["portals"] if one["portal"] == "a/om")
    (reason,) = ill["reasons"]
    assert reason["code"] == "byline.more" and reason["level"] == "ill" and reason["text"] and reason["action"]
    assert reason["values"]["portal"] == "a/om" and reason["values"]["bad"] > 20


def test_a_file_that_must_be_mended_hides_no_other_portal(data: Path) -> None:
    write_portal(data, "a/hong", "name = 3")
    result = run_health(data)
    assert result.exit_code == 1
    assert "hong.toml" in result.output and "ill      a/om" in result.output


def test_a_word_that_is_no_portal_is_the_commands_words(data: Path) -> None:
    assert run_health(data, "a/khong_co").exit_code == 2


def test_without_an_archive_the_command_names_the_next_action(tmp_path: Path) -> None:
    result = run_health(tmp_path)
    assert result.exit_code == 1 and "tangthu crawl" in result.output


def test_judging_leaves_the_archive_as_it_is(data: Path) -> None:
    before = (data / "tangthu.db").read_bytes()
    run_health(data)
    assert (data / "tangthu.db").read_bytes() == before


def test_a_crawl_of_today_can_be_judged(tmp_path: Path) -> None:
    """What the crawler writes and what is read here fit together."""
    with DemoPortal() as demo:
        home = demo.url
        write_portal(tmp_path, PORTAL, FIVE_KEYS.format(home=home, delay=0, more=""))
        code, out = crawl(tmp_path, PORTAL)
        assert code == 0, out
    with sqlite3.connect(tmp_path / "tangthu.db") as db:
        one = next(one for one in judge(db, datetime.now(UTC), holders=()) if one.portal == PORTAL)
        first = json.loads(db.execute("select measures from crawls order by id").fetchone()[0])
    assert one.state in ("unknown", "ill")  # the demo's news are old
    assert "ended.strange" not in codes(one, "unknown") and "measures.few" not in codes(one, "unknown")
    assert first["pages"] > 10 and first["listings"] and first["layouts"]


def test_an_archive_with_older_tables_names_the_next_action(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    with sqlite3.connect(tmp_path / "d" / "tangthu.db") as db:
        db.execute("create table crawls (id integer primary key, portal text, started text)")
    result = run_health(tmp_path / "d")
    assert result.exit_code == 1 and "“tangthu serve” or the next crawl" in result.output
