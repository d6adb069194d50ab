"""What a printed or machine-readable date becomes."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import dates

PRINTED = {
    "Ngày đăng 12/12/2016 | 5:36 PM | View count: 608": "2016-12-12T17:36:00+07:00",
    "22/09/2014 | 10:39 AM": "2014-09-22T10:39:00+07:00",
    "21/12/2012 | 12:00 AM": "2012-12-21",
    "08/11/2019": "2019-11-08",
    "(Thứ bảy, 22/05/2021 11:38)": "2021-05-22T11:38:00+07:00",
    "Thứ bảy, 7/3/2026, 00:05 (GMT+7)": "2026-03-07T00:05:00+07:00",
    "Thứ Bảy, 07/03/2026 - 08:52": "2026-03-07T08:52:00+07:00",
    "07-03-2026 - 09:40 AM": "2026-03-07T09:40:00+07:00",
    "10:01 ngày 11/01/2013": "2013-01-11T10:01:00+07:00",
    "T7, 02/11/2024 - 19:57": "2024-11-02T19:57:00+07:00",
    "T2, 13/06/2022 - 21:44 — admin": "2022-06-13T21:44:00+07:00",
    "CN, 21/05/2023 - 07:16": "2023-05-21T07:16:00+07:00",
    "Thứ sáu - 21/02/2025 13:59": "2025-02-21T13:59:00+07:00",
    "(Cập nhật: 21/07/2009 08:15)": "2009-07-21T08:15:00+07:00",
    "Cập nhật lúc 08:15, 21/07/2009": "2009-07-21T08:15:00+07:00",
    "Được đăng bởi admin vào T6, 24/05/2019 - 20:40": "2019-05-24T20:40:00+07:00",
    "Ngày 5 tháng 3 năm 2024": "2024-03-05",
    "08 giờ 15 phút, ngày 5-6-2020": "2020-06-05T08:15:00+07:00",
    "8h30 ngày 5/6/2020": "2020-06-05T08:30:00+07:00",
    "8:05 CH 1/2/2023": "2023-02-01T20:05:00+07:00",
    "Thứ hai, Tháng 6 13, 2022 - 21:44": "2022-06-13T21:44:00+07:00",
    "Monday, June 13, 2022 - 21:44": "2022-06-13T21:44:00+07:00",
    "05.06.2020 08:00:12": "2020-06-05T08:00:12+07:00",
}


@pytest.mark.parametrize("text", PRINTED)
def test_printed(text: str) -> None:
    assert dates.printed(text) == PRINTED[text]


@pytest.mark.parametrize(
    "text",
    ["31/02/2020", "Tháng 3/2024", "2 giờ trước", "số 12/2020/QĐ-UBND", "Điện thoại 0228.3871.000", "", "năm 2021"],
)
def test_nothing_is_invented(text: str) -> None:
    assert dates.printed(text) is None


def test_month_first_only_where_the_weekday_proves_it() -> None:
    """Drupal's own default is month first. 5 June 2014 was a Thursday, 12 June 2022 a Sunday."""
    assert dates.printed("T2, 06/13/2022 - 21:44") == "2022-06-13T21:44:00+07:00"
    assert dates.printed("CN, 06/12/2022 - 21:44") == "2022-06-12T21:44:00+07:00"
    assert dates.printed("T5, 05/06/2014 - 08:00") == "2014-06-05T08:00:00+07:00"
    assert dates.printed("06/13/2022") is None


def test_the_date_after_its_label_goes_first() -> None:
    assert dates.printed("Sửa 02/02/2022 08:00 · Ngày đăng: 01/02/2022 07:30") == "2022-02-01T07:30:00+07:00"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("2023-05-21T07:16:04+07:00", "2023-05-21T07:16:04+07:00"),
        ("2016-11-03T00:00:00+07:00", "2016-11-03"),
        ("2025-02-21+0713:59:58", "2025-02-21T13:59:58+07:00"),
        ("2026-03-01T09:51:00&#x2B;07:00", "2026-03-01T09:51:00+07:00"),
        ("2026-03-07T08:52:11.000 +07:00", "2026-03-07T08:52:11+07:00"),
        ("2013-05-21T00:16:04Z", "2013-05-21T07:16:04+07:00"),
        ("2013-05-21T07:16:04", "2013-05-21T07:16:04+07:00"),
        ("2020-01-01", "2020-01-01"),
        ("2020-02-31T00:00:00+07:00", None),
        ("hôm qua", None),
        ("", None),
    ],
)
def test_machine(value: str, wanted: str | None) -> None:
    assert dates.machine(value) == wanted


@given(st.datetimes(datetime(1995, 1, 1), datetime(2090, 1, 1)))
def test_what_drupal_prints_is_read_back(moment: datetime) -> None:
    weekday = ["T2", "T3", "T4", "T5", "T6", "T7", "CN"][moment.weekday()]
    wanted = moment.strftime("%Y-%m-%d" if (moment.hour, moment.minute) == (0, 0) else "%Y-%m-%dT%H:%M:00+07:00")
    assert dates.printed(f"{weekday}, {moment:%d/%m/%Y - %H:%M}") == wanted
    assert dates.printed(f"Được đăng bởi bbt vào {weekday}, {moment:%m/%d/%Y - %H:%M}") is not None


@given(st.text())
def test_any_text_ends_in_a_date_or_none(text: str) -> None:
    for found in (dates.printed(text), dates.machine(text)):
        assert found is None or re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\+07:00)?", found)
