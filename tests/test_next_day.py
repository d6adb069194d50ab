"""bench/next_day.py with a small portal: what the next day costs, and that the day's news is seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from bigportal import serving
from machine import Machine
from next_day import Day, Trial

COUNT = 300


@dataclass(frozen=True, slots=True)
class Days:
    """The first crawl and the articles found by it, the next day, that day again, the third day with more news, and a
    quiet one."""

    sitemap: str
    first: Day
    found: int
    news: Day
    again: Day
    third: Day
    quiet: Day


@pytest.fixture(scope="module", params=["index", "none"], ids="sitemap: {}".format)
def days(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    folder, sitemap = tmp_path_factory.mktemp("next_day"), str(request.param)
    with serving(COUNT, Machine(folder).now(), sitemap=sitemap) as (portal,):
        trial = Trial(portal, folder / "archive", COUNT)
        first, found = trial.first(), trial.found()
        news, again = trial.next_day(sitemap), trial.run()
        yield Days(sitemap, first, found, news, again, trial.next_day(sitemap), trial.quiet_day())


def test_the_first_crawl_finds_every_article_once_and_ends_well(days: Days) -> None:
    assert days.first.done.code == 0, days.first.done.out
    assert days.found == COUNT
    asked = [one.path for one in days.first.besides if one.kind == "article"]
    assert len(asked) == len(set(asked)) == COUNT


def test_new_edited_and_deleted_articles_are_seen_on_the_next_day(days: Days) -> None:
    assert days.news.done.code == 0, days.news.done.out
    assert len(days.news.seen) == 5
    assert days.news.unseen() == set()


def test_news_is_seen_when_no_old_article_is_due_unless_nothing_tells_of_it(days: Days) -> None:
    assert len(days.third.checks) < 20
    assert days.third.unseen() <= ({"edited"} if days.sitemap == "none" else set())


def test_a_day_costs_few_requests_besides_the_articles_that_are_due(days: Days) -> None:
    for day in (days.news, days.again, days.third, days.quiet):
        assert day.is_cheap(), day.line()


def test_only_new_articles_are_asked_for_unconditionally(days: Days) -> None:
    for day, new in ((days.news, 3), (days.again, 0), (days.third, 3), (days.quiet, 0)):
        assert len([one for one in day.besides if one.kind == "article" and not one.conditional]) == new


def test_an_article_is_due_a_day_after_it_was_new_and_not_on_the_days_after(days: Days) -> None:
    assert len(days.news.checks) >= COUNT - 2
    assert not days.again.checks
    assert len(days.quiet.checks) < 20
