"""The coverage ledger: which months have articles, who captured in which, and what is a hole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.plugin.overview.ledger import FIRST, LEVELS, Ledger, Month, Span, ledger, level, moments, months, spans
from archive.provenance import MAKERS

NOW = "2026-11"
CC, WAYBACK = "CC-MAIN-20210401-00000.warc.gz", "web.archive.org"


def at(book: Ledger, month: str) -> Month:
    return next(one for one in book.months if one.at == month)


def test_it_goes_from_the_first_article_to_this_month_in_rows_of_years() -> None:
    book = ledger({"2024-03": 3, "2025-06": 1}, [], NOW)
    assert [year for year, _ in book.years] == [2024, 2025, 2026]
    assert all(len(cells) == 12 for _, cells in book.years)
    assert [cell is None for cell in book.years[0][1]] == [True] * 2 + [False] * 10
    assert [cell is None for cell in book.years[2][1]] == [False] * 11 + [True]
    assert [one.at for one in book.months] == months("2024-03", NOW)
    assert book.highest and (book.highest.at, book.highest.published) == ("2024-03", 3)


def test_a_capture_older_than_every_article_begins_it() -> None:
    book = ledger({"2024-03": 3}, [("2023-12", WAYBACK, 2)], NOW)
    assert book.months[0].at == "2023-12" and book.months[0].captures == (0, 2, 0, 0)


def test_captures_are_told_apart_by_who_made_them() -> None:
    captures = [
        ("2026-11", "live", 40),
        ("2026-11", "live; TLSv1", 2),
        ("2021-04", CC, 2),
        ("2021-04", "cua-toi.warc", 1),
    ]
    book = ledger({"2021-03": 1}, captures, NOW)
    assert dict(zip(MAKERS, at(book, "2026-11").captures, strict=True)) == {
        "live": 42, "wayback": 0, "common_crawl": 0, "other": 0,
    }  # fmt: skip
    assert at(book, "2021-04").captures == (0, 0, 2, 1)
    assert book.captures == (42, 0, 2, 1)


def test_a_month_without_articles_between_months_with_some_is_a_hole() -> None:
    book = ledger({"2021-03": 3, "2021-05": 1, "2021-09": 1}, [("2026-11", "live", 9)], NOW)
    assert [one.at for one in book.months if one.silent] == ["2021-04", "2021-06", "2021-07", "2021-08"]
    assert book.silent == (Span("2021-04", "2021-04", 1), Span("2021-06", "2021-08", 3))
    # After its last article a portal is quiet, which is no hole.
    assert not at(book, "2021-10").silent and not at(book, "2026-11").silent


def test_a_month_in_which_nobody_captured_anything_is_a_hole() -> None:
    book = ledger({"2026-05": 3}, [("2026-07", CC, 1), ("2026-11", "live", 9)], NOW)
    assert book.unseen == (Span("2026-05", "2026-06", 2), Span("2026-08", "2026-10", 3))
    assert [one.at for one in book.months if not one.unseen] == ["2026-07", "2026-11"]
    assert ledger({"2026-11": 1}, [("2026-11", "live", 1)], NOW).unseen == ()


def test_impossible_days_are_counted_and_not_drawn() -> None:
    book = ledger(
        {"0202-01": 1, "1970-01": 2, "2030-01": 4, "2021-13": 8, "hôm qua": 16, None: 32, "2021-02": 64}, [], NOW
    )
    assert (book.misdated, book.undated) == (31, 32)
    assert book.months[0].at == "2021-02" and sum(one.published for one in book.months) == 64


def test_captures_with_impossible_moments_make_no_rows() -> None:
    book = ledger({}, [("1970-01", "x.warc", 3), ("2026-10", "live", 1)], NOW)
    assert [one.at for one in book.months] == ["2026-10", "2026-11"]


def test_without_anything_there_are_no_rows() -> None:
    book = ledger({}, [], NOW)
    assert (book.years, book.months, book.highest, book.silent, book.unseen) == ((), (), None, (), ())
    only = ledger({None: 3}, [], NOW)
    assert only.years == () and only.undated == 3


def test_bars_fill_the_chart_of_whole_years() -> None:
    book = ledger({"2025-01": 10, "2026-11": 5, "2026-05": 1}, [], NOW)
    first, may, last = at(book, "2025-01"), at(book, "2026-05"), at(book, "2026-11")
    assert (first.height, last.height) == (100, 50) and may.height == 10
    assert 0 < first.x < 1 and 92 < last.x < 100 and last.x + last.width <= 100
    tiny = ledger({"2025-01": 10_000, "2025-02": 1}, [], NOW)
    assert at(tiny, "2025-02").height > 1 and at(tiny, "2025-03").height == 0


def test_months_begin_in_vietnam() -> None:
    assert moments("2021-03") == ("2021-03", "2021-02-28T17:00:00Z", "2021-03-31T17:00:00Z")
    assert moments("2021-12") == ("2021-12", "2021-11-30T17:00:00Z", "2021-12-31T17:00:00Z")
    assert months("2020-11", "2021-02") == ["2020-11", "2020-12", "2021-01", "2021-02"]
    assert months("2021-02", "2020-11") == []


def test_levels_tell_none_from_one() -> None:
    assert [level(count, 100) for count in (0, 1, 6, 7, 25, 26, 57, 100)] == [0, 1, 1, 2, 2, 3, 4, 4]
    assert level(0, 0) == 0 and level(1, 1) == LEVELS


MONTHS = st.builds("{:04}-{:02}".format, st.integers(1990, 2030), st.integers(1, 12))


@given(
    st.dictionaries(st.none() | MONTHS | st.text(max_size=8), st.integers(1, 500), max_size=30),
    st.lists(st.tuples(MONTHS, st.sampled_from(["live", CC, WAYBACK, "x.warc"]), st.integers(1, 99)), max_size=30),
    st.builds("{:04}-{:02}".format, st.integers(1998, 2030), st.integers(1, 12)),
)
def test_nothing_is_lost_and_holes_are_what_they_are_called(
    published: dict[str | None, int], captures: list[tuple[str, str, int]], now: str
) -> None:
    book = ledger(published, captures, now)
    drawn = sum(one.published for one in book.months)
    assert drawn + book.undated + book.misdated == sum(published.values())
    assert sum(book.captures) == sum(count for *_, count in captures)
    filled = [one.at for one in book.months if one.published]
    for one in book.months:
        assert FIRST <= one.at <= now
        assert one.unseen == (not any(month == one.at for month, *_ in captures))
        assert one.silent == (not one.published and bool(filled) and filled[0] < one.at < filled[-1])
        assert (one.height > 0) == (one.level > 0) == (one.published > 0) and 0 <= one.level <= LEVELS
    assert sum(span.months for span in book.silent) == sum(one.silent for one in book.months)
    assert sum(span.months for span in book.unseen) == sum(one.unseen for one in book.months)


@given(st.sets(MONTHS))
def test_spans_hold_every_month_once(found: set[str]) -> None:
    together = [month for span in spans(sorted(found)) for month in months(span.first, span.last)]
    assert together == sorted(found)
