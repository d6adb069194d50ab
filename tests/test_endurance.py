"""bench/endurance.py and bench/known.py with small portals: killed crawls, and portals side by side."""

from __future__ import annotations

from pathlib import Path

from bigportal import serving
from endurance import endure
from known import side_by_side
from machine import Machine

KILLS = 8


def test_crawls_that_are_killed_lose_no_article_and_keep_none_twice(tmp_path: Path) -> None:
    report = endure(tmp_path / "archive", KILLS, count=60, seed=11)
    assert report.problems == []
    assert sum(report.kills.values()) == KILLS
    assert report.torn and report.alone
    assert report.articles >= 60


def test_portals_are_crawled_side_by_side_and_each_is_asked_one_thing_at_a_time(tmp_path: Path) -> None:
    with serving(15, Machine(tmp_path).now(), portals=4, wait=0.05) as portals:
        run = side_by_side(Machine(tmp_path / "archive"), portals, 15, jobs=4)
    assert run.problems == ()
    assert run.complete == 4
    assert run.together == 1
    assert 2 <= run.abroad <= 4
