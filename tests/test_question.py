"""A question as an address says it and as a reader reads it: its days, and the months of what it finds as bars."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import DUC_LINH

from archive.plugin.finding import chart, days, question, saying
from archive.plugin.finding.question import Question
from archive.search import Filters

# Days


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("2021", ("2021-01-01", "2021-12-31")),
        ("2024-02", ("2024-02-01", "2024-02-29")),
        ("2/2023", ("2023-02-01", "2023-02-28")),
        ("5/3/2021", ("2021-03-05", "2021-03-05")),
        ("05-03-2021", ("2021-03-05", "2021-03-05")),
        (" 2021 - 03 - 05 ", ("2021-03-05", "2021-03-05")),
        ("5.3.2021", ("2021-03-05", "2021-03-05")),
        ("30/2/2021", None),
        ("13/2021", None),
        ("0000", None),
        ("21", None),
        ("5/3/21", None),
        ("tháng 3", None),
        ("", None),
        ("٢٠٢١", None),
    ],
)
def test_a_day_is_read_in_the_ways_people_write_it(typed: str, found: tuple[str, str] | None) -> None:
    assert days.span(typed) == found


DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))


@given(DAYS, DAYS)
def test_an_address_says_the_same_days_again(one: date, other: date) -> None:
    since, until = sorted((one.isoformat(), other.isoformat()))
    first, last = days.short(since, until)
    begin, end = days.span(first), days.span(last)
    assert begin and end and (begin[0], end[1]) == (since, until)


@given(st.integers(1900, 2100), st.integers(1, 12), st.booleans())
def test_whole_years_and_months_are_said_without_their_days(year: int, month: int, whole: bool) -> None:
    typed = str(year) if whole else f"{year}-{month:02}"
    found = days.span(typed)
    assert found and days.short(*found) == (typed, typed)


QUESTIONS = st.builds(
    Question,
    words=st.text('đấtai -"', max_size=10).map(str.strip),
    filters=st.builds(
        Filters,
        portal=st.sampled_from(["", DUC_LINH]),
        section=st.sampled_from(["", "Tin tức & sự kiện"]),
        author=st.sampled_from(["", "Lệ Minh"]),
        since=st.just("") | DAYS.map(date.isoformat),
        files=st.booleans(),
    ),
    sort=st.sampled_from(question.SORTS),
)


class Request:
    """As much of a request as a question is read from."""

    def __init__(self, values: dict[str, str]) -> None:
        self.args = values


@given(QUESTIONS, st.integers(0, 1000))
def test_the_address_of_a_question_asks_it_again(asked: Question, later: int) -> None:
    if asked.filters.since:
        until = min(date.fromisoformat(asked.filters.since).toordinal() + later, date.max.toordinal())
        asked = replace(asked, filters=replace(asked.filters, until=date.fromordinal(until).isoformat()))
    assert question.read(Request(question.values(asked))) == asked


def test_days_as_a_reader_says_them() -> None:
    said = {span: saying.days_said(*span, "vi") for span in (
        ("", ""), ("2021-01-01", "2021-12-31"), ("2021-03-01", "2021-03-31"), ("2021-03-05", "2021-03-05"),
        ("2021-03-05", ""), ("", "2020-12-31"), ("2019-01-01", "2021-06-30"),
    )}  # fmt: skip
    assert list(said.values()) == [
        "", "2021", "tháng 3/2021", "05/03/2021", "từ 05/03/2021", "đến 2020", "tháng 1/2019 – tháng 6/2021",
    ]  # fmt: skip
    assert saying.days_said("2021-03-01", "2021-03-31", "en") == "March 2021"


# Bars


MONTHS = st.dates(date(1990, 1, 1), date(2060, 12, 31)).map(lambda day: f"{day:%Y-%m}")


@given(st.dictionaries(MONTHS, st.integers(1, 10_000), max_size=60), st.none() | st.integers(1990, 2060))
def test_the_chart_counts_every_article_once(counts: dict[str, int], year: int | None) -> None:
    since, until = (f"{year}-01-01", f"{year}-12-31") if year else ("", "")
    made = chart.chart(tuple(sorted(counts.items())), since, until)
    shown = made.years or made.months
    if len(made.years) < chart.MOST_YEARS:
        assert sum(bar.count for bar in shown) == sum(counts.values())
    assert all((bar.height > 0) == (bar.count > 0) and bar.height <= 100 for bar in (*made.years, *made.months))
    assert len(made.months) <= chart.MOST_MONTHS and len(made.years) <= chart.MOST_YEARS
    if made.years and made.months:
        assert sum(bar.count for bar in made.months) == next(bar.count for bar in made.years if bar.at == str(year))


def test_a_misprinted_year_makes_no_chart_of_a_thousand_bars() -> None:
    made = chart.chart((("0202-03", 1), ("2021-03", 5), ("9021-01", 1), ("2021-13", 1)))
    assert [bar.at for bar in made.years] == ["0202", "2021", "9021"]


def test_months_without_articles_stand_between_those_that_have_some() -> None:
    made = chart.chart((("2020-11", 2), ("2021-02", 4)), "2021-02-01", "2021-02-28")
    assert [(bar.at, bar.height, bar.chosen) for bar in made.months] == [
        ("2020-11", 50, False), ("2020-12", 0, False), ("2021-01", 0, False), ("2021-02", 100, True),
    ]  # fmt: skip
