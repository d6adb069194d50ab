"""Addresses that lead nowhere, and those that only look like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.traps import FRUITLESS, Noise, Shapes, pathological, shape, without


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://a.vn/tin/tin/tin/tin/1", "path repeats itself"),
        ("http://a.vn/a/b/a/b/a/b/c", "path repeats itself"),
        ("http://a.vn/" + "x/" * 30, "path too deep"),
        ("http://a.vn/tim?loc=1&loc=2&loc=3", "query repeats itself"),
        ("http://a.vn/?" + "&".join(f"p{n}=1" for n in range(50)), "query too long"),
        ("http://a.vn/" + "x" * 3000, "address too long"),
    ],
)
def test_an_address_that_repeats_itself_is_no_page(url: str, why: str) -> None:
    assert pathological(url) == why


@pytest.mark.parametrize(
    "url",
    [
        "http://a.vn/tin-tuc/2021/01/01/bai-viet",
        "http://a.vn/vi/news/Tin-tuc/Tin-tuc-12/",
        "http://a.vn/web/guest/tin/-/asset_publisher/x/content/bai?" + "&".join(f"_101_p{n}=1" for n in range(15)),
        "http://a.vn/node/1?page=500",
        "http://a.vn/" + "muc/" * 2 + "bai",
        "http://a.vn/loc?muc[]=1&muc[]=2&muc[]=3",
    ],
)
def test_an_address_that_is_only_long_may_be_a_page(url: str) -> None:
    assert pathological(url) == ""


def test_pages_of_a_calendar_have_one_shape_and_pages_with_names_have_none() -> None:
    assert shape("http://a.vn/lich/2025/01") == shape("http://a.vn/lich/1999/12") == "/lich/#/#"
    assert shape("http://a.vn/anh?so=1") == "/anh?so"
    assert shape("http://a.vn/s/0123456789abcdef0123/x") == "/s/*/x"
    assert shape("http://a.vn/tin-tuc/bai-viet") == ""


def test_a_shape_is_left_after_many_pages_without_an_article() -> None:
    shapes = Shapes({})
    left = [shapes.note(f"http://a.vn/lich/{n}", False) for n in range(FRUITLESS + 5)]
    assert left == [""] * (FRUITLESS - 1) + ["/lich/#"] + [""] * 5
    assert shapes.leave("http://a.vn/lich/777") == "/lich/#"
    assert shapes.leave("http://a.vn/tin/777") == ""


def test_one_article_of_a_shape_keeps_it() -> None:
    shapes = Shapes({})
    shapes.note("http://a.vn/bai-5", True)
    assert not any(shapes.note(f"http://a.vn/bai-{n}", False) for n in range(100))


def test_a_shape_that_gave_articles_before_can_be_kept() -> None:
    shapes = Shapes({})
    left = [shapes.note(f"http://a.vn/bai-{n}", False) for n in range(FRUITLESS)]
    shapes.keep(left[-1])
    assert shapes.leave("http://a.vn/bai-9") == ""


def test_a_parameter_that_changes_nothing_is_learned_and_left_out() -> None:
    noise = Noise(set())
    told = [noise.note(f"http://a.vn/bai-{n}?phien=x{n}", f"http://a.vn/bai-{n}", f"id{n}") for n in range(3)]
    assert told == ["", "", "phien"]
    assert without("http://a.vn/bai-9?phien=zz&trang=2", noise.names) == "http://a.vn/bai-9?trang=2"


def test_a_parameter_that_tells_articles_apart_is_none() -> None:
    noise = Noise(set())
    for n in range(5):  # the article of each value stands there itself
        assert noise.note(f"http://a.vn/xem?ma={n}", f"http://a.vn/xem?ma={n}", f"id{n}") == ""
    for n in range(5):  # and a second category shows it too
        assert noise.note(f"http://a.vn/xem?ma={n}", f"http://a.vn/xem?ma={n + 100}", f"id{n}") == ""


@pytest.mark.parametrize("name", ["page", "trang", "id", "start", "_101_cur"])
def test_what_pages_is_never_taken_for_noise(name: str) -> None:
    noise = Noise(set())
    assert not any(noise.note(f"http://a.vn/a{n}?{name}=2", f"http://a.vn/a{n}", f"id{n}") for n in range(9))


@given(st.text(max_size=300))
def test_any_address_has_an_answer(text: str) -> None:
    url = "http://a.vn/" + text
    pathological(url), shape(url), without(url, {"a"})
    assert isinstance(Noise(set()).note(url, "http://a.vn/b", "x"), str)
