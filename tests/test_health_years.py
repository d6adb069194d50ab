"""Made-up years of many portals: what breaks is noticed, and ordinary trouble alarms nobody (bench/health.py)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import years
from histories import (
    codes,
)

from archive.health import judge
from archive.store import Store
from crawler.measures import Measures


@pytest.fixture(scope="module")
def hundred_nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, years.World]:
    path = tmp_path_factory.mktemp("years") / "tangthu.db"
    with Store(path) as store:
        world = years.World(store, 8, seed=5)
        for _ in range(100):
            world.night()
        store.db.execute("pragma wal_checkpoint(truncate)")
    return path, world


# The measure that tells of each break, and the nights within which it does for most portals.
TELLS = {
    "body": ("body", 30), "byline": ("byline", 45), "date": ("date", 30), "layout": ("layout", 14),
    "listing": ("listings", 4), "dark": ("portal", 2), "silent": ("news", 60), "errors": ("errors", 5),
    "challenge": ("refused", 30), "late": ("runs", 4), "deleted": ("vanished", 4),
}  # fmt: skip


@pytest.mark.parametrize("kind", years.BREAKS)
def test_what_breaks_is_noticed_in_time_and_by_its_name(
    kind: str, hundred_nights: tuple[Path, years.World], tmp_path: Path
) -> None:
    path, world = hundred_nights
    shutil.copy(path, tmp_path / "tangthu.db")
    measure, nights = TELLS[kind]
    with Store(tmp_path / "tangthu.db") as store:
        assert not [one for one in judge(store.db.conn, world.now, holders=()) if one.state == "ill"]
        world = world.elsewhere(store, years.Break(kind, world.day + 1))
        noticed: set[str] = set()
        for night in range(nights):
            world.night()
            if night > nights - 4 or night % 5 == 0:
                for one in judge(store.db.conn, world.now, holders=()):
                    noticed |= {
                        one.portal for reason in one.reasons if reason.measure == measure and reason.level == "ill"
                    }
    assert len(noticed) >= 6


def test_half_a_year_of_ordinary_trouble_gives_hardly_a_false_alarm(store: Store) -> None:
    world = years.World(store, 10, seed=11)
    alarms: set[tuple[int, str, str]] = set()
    for night in range(180):
        world.night()
        if night % 4 == 0:
            found = judge(store.db.conn, world.now, holders=())
            alarms |= {(night, one.portal, code) for one in found for code in codes(one)}
    assert len({(portal, code) for _, portal, code in alarms}) <= 2, alarms
    states = [one.state for one in judge(store.db.conn, world.now)]
    assert states.count("well") >= 7, states


def test_the_made_measures_have_the_shape_of_the_crawlers(store: Store) -> None:
    years.World(store, 3, seed=2).night()
    for (text,) in store.db.execute("select measures from crawls"):
        assert json.loads(text).keys() == Measures().as_dict().keys()
