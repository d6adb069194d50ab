"""When an address is asked for again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from archive.warc import iso
from crawler.schedule import AGES, moment, next_look, next_try

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, 3, tzinfo=UTC)
KEY = "vn,gov,a)/tin/1"


def looks(days: int, key: str = KEY) -> list[int]:
    """On which days after START an article that never changes is looked at, by a run each day at the same hour."""
    due, found = next_look(iso(START), START, key), []
    for day in range(1, days + 1):
        now = START + day * DAY
        if moment(due) <= now:
            found.append(day)
            due = next_look(iso(START), now, key)
    return found


def test_an_article_is_looked_at_at_growing_ages() -> None:
    found = looks(800)
    assert found[0] == 1
    for age, day in zip(AGES[1:], found[1:4], strict=True):
        assert 0.89 * age - 1 <= day <= age
    assert all(160 <= later - earlier <= 181 for earlier, later in pairwise(found[3:]))
    assert len(found) == 7


def test_a_run_that_comes_a_little_early_still_finds_it_due() -> None:
    assert moment(next_look(iso(START), START, KEY)) <= START + timedelta(hours=19)


def test_what_was_crawled_on_one_day_is_not_looked_at_on_one_day_for_ever() -> None:
    days = [looks(200, f"vn,gov,a)/tin/{number}")[3] for number in range(100)]
    assert len(set(days)) > 10


@given(since=st.datetimes(datetime(2008, 1, 1), datetime(2030, 1, 1)), ago=st.integers(0, 10_000), key=st.text())
def test_the_next_look_is_always_ahead_and_never_far(since: datetime, ago: int, key: str) -> None:
    start = since.replace(tzinfo=UTC)
    now = start + timedelta(hours=ago)
    assert now < moment(next_look(iso(start), now, key)) + timedelta(seconds=1) <= now + timedelta(days=181)


def test_what_does_not_answer_is_tried_again_later_and_later() -> None:
    waits = [moment(next_try(tries, START)) - START for tries in range(9)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(hours=1)
    assert waits[-1] == timedelta(days=30)
