"""View counters, clocks and weather never make a version: a page whose only change they are is the same page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

import pytest
import reading
from rooms import Site, words
from test_articles import article

from crawler.ingest import open_archive

COUNTERS = [
    ("Lượt xem: 608", "Lượt xem: 1.204"),
    ("Số lượt truy cập: 15.208", "Số lượt truy cập: 15.977"),
    ("Đã xem: 12 lần", "Đã xem: 31 lần"),
    ("Số lần đọc: 7", "Số lần đọc: 90"),
    ("View count: 608", "View count: 609"),
    ("Hôm nay: thứ ba, 26/11/2026 10:05", "Hôm nay: thứ tư, 27/11/2026 07:41"),
    ("Thứ ba, ngày 26/11/2026 10:05:33", "Thứ tư, ngày 27/11/2026 07:41:02"),
    ("Đang truy cập: 12 | Hôm nay: 308 | Tổng lượt truy cập: 1.208.331", "Đang truy cập: 3 | Hôm nay: 20"),
    ("LƯỢT XEM: 608", "LƯỢT XEM: 1.204"),
    (normalize("NFD", "Lượt xem: 608"), normalize("NFD", "Lượt xem: 1.204")),
]


LONG = (
    "<p>Sáng 4/3, Hội đồng nhân dân huyện khai mạc kỳ họp thứ sáu.</p><p>Kỳ họp xem xét mười hai tờ trình của UBND"
    " huyện.</p><p>Cử tri xã Ngũ Thái đề nghị sớm sửa đường thôn Bùi Xá.</p><p>Kỳ họp bế mạc chiều cùng ngày./.</p>"
)


def outcomes(data: Path, before: str, after: str) -> list[str]:
    """What becomes of two looks at one page, whose bytes between the two differ."""
    portal = reading.portal_of(data)
    with open_archive(data, reading.ID, portal) as ingest:
        ingest.register(portal)
        looks = [reading.page("/ky-hop", "Khai mạc kỳ họp", "{}", "T/h: Lệ Minh", after=days) for days in (0, 1)]
        pairs = zip(looks, (before, after), strict=True)
        return [
            ingest.keep(portal, replace(look, body=look.body.replace(b"{}", said.encode()))).outcome
            for look, said in pairs
        ]


@pytest.mark.parametrize("form", ["{text}<p>{line}</p>", "{text}<div>{line}</div>", "<p>{line}</p>{text}"])
@pytest.mark.parametrize("pair", COUNTERS, ids=range(len(COUNTERS)))
def test_a_counter_or_a_clock_in_the_body_makes_no_version(tmp_path: Path, pair: tuple[str, str], form: str) -> None:
    assert outcomes(tmp_path, *(form.format(text=LONG, line=line) for line in pair)) == ["new", "same"]
    page = article(Site(reading.shelf(tmp_path)), "ky-hop")
    assert len(page.select(".versions li")) == 1
    assert normalize("NFC", pair[0]) not in words(page, ".body") and "thôn Bùi Xá" in words(page, ".body")


BESIDE = [*COUNTERS, ("Thời tiết: Bắc Ninh 33°C", "Thời tiết: Bắc Ninh 21°C"), ("Giá vàng 74,2", "Giá vàng 74,9")]


@pytest.mark.parametrize("pair", BESIDE, ids=range(len(BESIDE)))
def test_what_moves_beside_the_body_makes_no_version(tmp_path: Path, pair: tuple[str, str]) -> None:
    """Between body and byline, and after both, as side bars and feet stand."""
    form = LONG + "</div><div class=khung>{line}</div><div>"
    assert outcomes(tmp_path, *(form.format(line=line) for line in pair)) == ["new", "same"]


def test_a_changed_figure_in_a_sentence_does(tmp_path: Path) -> None:
    later = LONG.replace("mười hai tờ trình", "mười ba tờ trình")
    assert outcomes(tmp_path, LONG, later) == ["new", "changed"]


def test_a_sentence_about_counters_and_clocks_stays(tmp_path: Path) -> None:
    said = "<p>Cổng thông tin có 15.208 lượt truy cập trong tháng, tính đến 10:05 ngày 26/11/2026.</p>"
    assert outcomes(tmp_path, LONG + said, LONG + said.replace("15.208", "15.977")) == ["new", "changed"]
