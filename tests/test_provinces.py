"""The 63 provinces of before July 2025: what each is part of since, and its place on the map of tiles."""

from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.provinces import PROVINCES, find, now
from archive.store import Store

# Resolution 202/2025/QH15: what is today's province, and those of before that it was made of besides itself.
MERGED = {
    "Tuyên Quang": {"Hà Giang"},
    "Lào Cai": {"Yên Bái"},
    "Thái Nguyên": {"Bắc Kạn"},
    "Phú Thọ": {"Vĩnh Phúc", "Hòa Bình"},
    "Bắc Ninh": {"Bắc Giang"},
    "Hưng Yên": {"Thái Bình"},
    "Hải Phòng": {"Hải Dương"},
    "Ninh Bình": {"Hà Nam", "Nam Định"},
    "Quảng Trị": {"Quảng Bình"},
    "Đà Nẵng": {"Quảng Nam"},
    "Quảng Ngãi": {"Kon Tum"},
    "Gia Lai": {"Bình Định"},
    "Khánh Hòa": {"Ninh Thuận"},
    "Lâm Đồng": {"Đắk Nông", "Bình Thuận"},
    "Đắk Lắk": {"Phú Yên"},
    "Hồ Chí Minh": {"Bà Rịa - Vũng Tàu", "Bình Dương"},
    "Đồng Nai": {"Bình Phước"},
    "Tây Ninh": {"Long An"},
    "Cần Thơ": {"Sóc Trăng", "Hậu Giang"},
    "Vĩnh Long": {"Bến Tre", "Trà Vinh"},
    "Đồng Tháp": {"Tiền Giang"},
    "Cà Mau": {"Bạc Liêu"},
    "An Giang": {"Kiên Giang"},
}
ALONE = {"Cao Bằng", "Điện Biên", "Hà Tĩnh", "Lai Châu", "Lạng Sơn", "Nghệ An", "Quảng Ninh", "Thanh Hóa", "Sơn La"}
ALONE |= {"Hà Nội", "Huế"}


def test_sixty_three_became_thirty_four_as_the_resolution_says() -> None:
    assert len(PROVINCES) == 63 and len({p.name for p in PROVINCES}) == 63
    today: dict[str, set[str]] = {}
    for province in PROVINCES:
        today.setdefault(province.now, set()).add(province.name)
    assert len(today) == 34 and set(today) == set(MERGED) | ALONE
    assert {name: before - {name} for name, before in today.items() if len(before) > 1} == MERGED
    assert {name for name, before in today.items() if len(before) == 1} == ALONE


def test_no_two_tiles_lie_on_each_other_and_neighbours_are_near() -> None:
    assert max(Counter((p.column, p.row) for p in PROVINCES).values()) == 1
    assert {p.column for p in PROVINCES} == set(range(1, 8)) and {p.row for p in PROVINCES} == set(range(1, 23))
    place = {p.name: p for p in PROVINCES}
    rows = [place[name].row for name in ("Hà Giang", "Hà Nội", "Nghệ An", "Quảng Nam", "Hồ Chí Minh", "Cà Mau")]
    assert rows == sorted(rows)
    for one, other in (("Nam Định", "Ninh Bình"), ("Hà Nội", "Bắc Ninh"), ("Thừa Thiên Huế", "Đà Nẵng")):
        assert abs(place[one].row - place[other].row) + abs(place[one].column - place[other].column) == 1


@pytest.mark.parametrize(
    ("written", "today"),
    [
        ("Nam Định", "Ninh Bình"),
        ("tỉnh Nam Định", "Ninh Bình"),
        ("TỈNH NAM ĐỊNH", "Ninh Bình"),
        ("Nam Dinh", "Ninh Bình"),
        ("nam đinh", "Ninh Bình"),
        (" Nam\u00a0 Định ", "Ninh Bình"),
        ("Hoà Bình", "Phú Thọ"),
        ("Hòa Bình", "Phú Thọ"),
        ("Khánh Hoà", "Khánh Hòa"),
        ("ĐẮK LẮK", "Đắk Lắk"),
        ("Đắc Lắc", "Đắk Lắk"),
        ("Bắc Cạn", "Thái Nguyên"),
        ("Bà Rịa–Vũng Tàu", "Hồ Chí Minh"),
        ("Bà Rịa Vũng Tàu", "Hồ Chí Minh"),
        ("Thừa Thiên - Huế", "Huế"),
        ("Thành phố Huế", "Huế"),
        ("TP. Hồ Chí Minh", "Hồ Chí Minh"),
        ("TP.HCM", "Hồ Chí Minh"),
        ("Thành phố Đà Nẵng", "Đà Nẵng"),
        ("", ""),
        ("Tỉnh", ""),
        ("Hà Tây", ""),
        ("Nam", ""),
    ],
)
def test_a_name_is_known_however_a_portal_writes_it(written: str, today: str) -> None:
    assert now(written) == today
    assert now(unicodedata.normalize("NFD", written)) == today


@given(st.text())
def test_any_text_is_a_name_or_none(text: str) -> None:
    found = find(text)
    assert now(text) == (found.now if found else "")


def test_an_older_archive_learns_what_its_provinces_became(tmp_path: Path) -> None:
    row = {"name": "Cổng", "district": "Huyện", "home": "http://a.vn/", "platform": "drupal7", "closed": None}
    with Store(tmp_path / "a.db") as store:
        for portal, province in (("a/a", "Nam Định"), ("b/b", "tỉnh BÌNH DƯƠNG"), ("khac/c", "")):
            store.save_portal({"id": portal, "province": province, **row})
        store.db.execute("delete from _sqlite_migrations where name = '0005_the_overview'")
        store.db.execute("drop index articles_vanished")
    with Store(tmp_path / "a.db") as store:
        found = dict(store.db.execute("select id, province_now from portals").fetchall())
    assert found == {"a/a": "Ninh Bình", "b/b": "Hồ Chí Minh", "khac/c": ""}


def test_every_name_finds_itself_in_capitals() -> None:
    for province in PROVINCES:
        assert find(province.name.upper()) == province
