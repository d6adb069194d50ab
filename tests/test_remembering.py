"""Answers about the whole archive: right at once where that is cheap, and never long out of date where it is not."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from rooms import Site, words
from shelf import XUAN_TRUONG, Shelf, article, make, put

from archive.plugin import answers, remembering
from archive.plugin.remembering import Remembered
from archive.store import Store


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return make(tmp_path)


class Question:
    """Counts how often it is put."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, conn: sqlite3.Connection) -> int:
        self.asked += 1
        return int(conn.execute("select count(*) from articles").fetchone()[0])


def add(shelf: Shelf, name: str) -> None:
    with Store(shelf.path) as store:
        put(store, XUAN_TRUONG, article(name, f"Bài {name}", f"Nội dung {name}.", published="2024-01-01"))


def test_the_same_archive_is_asked_once(shelf: Shelf) -> None:
    site, question = Site(shelf), Question()
    remembered = Remembered(question)
    assert [site.loop.run_until_complete(remembered.ask(site.datasette)) for _ in range(5)] == [12] * 5
    assert question.asked == 1
    other = Site(shelf)  # which may serve another file
    assert other.loop.run_until_complete(remembered.ask(other.datasette)) == 12 and question.asked == 2


def test_a_cheap_answer_follows_every_change(shelf: Shelf) -> None:
    site = Site(shelf)
    for number, name in enumerate(("mot", "hai", "ba"), 13):
        add(shelf, name)
        assert f"{number} bài viết" in words(site.read("/"), ".counts")


def test_a_dear_answer_stays_for_a_minute_and_is_renewed_behind_the_reader(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "CHEAP", -1.0)
    now = [1000.0]
    monkeypatch.setattr(remembering, "monotonic", lambda: now[0])
    site, question = Site(shelf), Question()
    remembered = Remembered(question)

    def ask() -> int:
        async def then() -> int:
            answer = await remembered.ask(site.datasette)
            await asyncio.sleep(0.2)  # the reader is gone; what was begun behind him goes on
            return answer

        return site.loop.run_until_complete(then())

    assert ask() == 12
    add(shelf, "mot")
    now[0] += 59
    assert ask() == 12 and question.asked == 1
    now[0] += 2
    assert ask() == 12 and question.asked == 2
    assert ask() == 13 and question.asked == 2
    add(shelf, "hai")
    now[0] += 601  # nobody came for ten minutes: the next one waits
    assert ask() == 14 and question.asked == 3


def test_what_changes_with_time_is_asked_again_after_a_minute(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(remembering, "monotonic", lambda: now[0])
    site = Site(shelf)
    for ages, times in ((False, 1), (True, 2)):
        question = Question()
        remembered = Remembered(question, ages=ages)
        for seconds in (0, 59, 2):
            now[0] += seconds
            site.loop.run_until_complete(remembered.ask(site.datasette))
        assert question.asked == times


def test_many_readers_at_once_share_one_asking(shelf: Shelf) -> None:
    site, question = Site(shelf), Question()
    remembered = Remembered(question)

    async def crowd() -> list[int]:
        return await asyncio.gather(*(remembered.ask(site.datasette) for _ in range(20)))

    assert site.loop.run_until_complete(crowd()) == [12] * 20 and question.asked == 1


def test_a_reader_who_goes_away_takes_the_answer_from_nobody(shelf: Shelf) -> None:
    site, question = Site(shelf), Question()
    remembered = Remembered(question)

    async def two() -> int:
        first = asyncio.create_task(remembered.ask(site.datasette))
        second = asyncio.create_task(remembered.ask(site.datasette))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert site.loop.run_until_complete(two()) == 12 and question.asked == 1


def test_too_slow_a_question_is_said_and_asked_again(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(shelf)

    def endless(conn: sqlite3.Connection) -> int:
        endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
        return int(conn.execute(endless).fetchone()[0])

    remembered = Remembered(endless)
    monkeypatch.setattr(remembering, "AT_MOST", -1.0)
    for _ in range(2):
        with pytest.raises(answers.TooSlow):
            site.loop.run_until_complete(remembered.ask(site.datasette))
