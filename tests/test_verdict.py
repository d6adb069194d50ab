"""What a look at a page says besides its text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.model import Capture
from crawler.portal import Portal
from crawler.verdict import of_answer, of_page

PORTAL = Portal("a/b", "", "", "", "http://a.vn/", "nukeviet", aliases=("www2.a.vn",))


def look(status: int, url: str = "http://a.vn/tin/1", **headers: str) -> str:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return of_answer(PORTAL, Capture(url, datetime.now(UTC), status, pairs, b""))


@pytest.mark.parametrize(
    ("status", "says"),
    [(200, ""), (304, ""), (404, "gone"), (410, "gone"), (401, "blocked"), (403, "blocked"), (429, "blocked"),
     (451, "blocked"), (500, ""), (503, "")],
)  # fmt: skip
def test_a_status_says_gone_or_blocked_and_trouble_says_nothing(status: int, says: str) -> None:
    assert look(status) == says


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("/", "gone"),  # NukeViet's way of saying 404
        ("http://a.vn/", "gone"),
        ("https://www.a.vn/vi/", "gone"),
        ("https://a.vn/tin/1", ""),
        ("/tin/1-moi", ""),
        ("http://www2.a.vn/tin/1", ""),
        ("http://tinh.vn/tin/1", "moved"),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_a_redirect_says_gone_or_moved_by_where_it_leads(location: str, says: str) -> None:
    assert look(301, Location=location) == says


def test_the_home_page_itself_may_lead_to_the_home_page() -> None:
    assert look(302, "http://a.vn/", Location="/vi/") == ""
    assert look(302, "http://a.vn/", Location="http://tinh.vn/") == "moved"


@pytest.mark.parametrize("how", ["dns", "tls", "refused", "silent"])
def test_no_answer_is_dark_and_says_how(how: str) -> None:
    assert look(0, Fetch_Failed=how) == f"dark: {how}"


def test_a_page_that_is_no_article_may_say_so_too() -> None:
    assert of_page("soft 404") == "gone"
    assert of_page("challenge page") == of_page("access denied") == "blocked"
    assert of_page("parked domain") == "dark: parked"
    assert of_page("listing") == of_page("under maintenance") == of_page("") == ""
