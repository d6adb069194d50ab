"""How a crawl behaves towards a server that asks for less."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import FIVE_KEYS, Reply, crawl, rows, serving, write_portal
from hypothesis import given
from hypothesis import strategies as st
from test_spiders import article_page, articles, last_crawl, page

from crawler.manners import retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("999999999999999999999", 7 * 86400.0),
        ("Sun, 01 Mar 2099 12:00:00 GMT", 7 * 86400.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text())
def test_any_retry_after_has_an_answer(value: str) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= 7 * 86400


class Portal:
    """Three articles; what ``refuse`` says of a path and how often it was asked is answered instead."""

    def __init__(self) -> None:
        self.times: dict[str, int] = {}

    def refuse(self, path: str, times: int) -> Reply | None:  # noqa: ARG002
        return None

    def __call__(self, path: str, _: dict[str, str]) -> Reply:
        self.times[path] = self.times.get(path, 0) + 1
        if refused := self.refuse(path, self.times[path]):
            return refused
        if path == "/robots.txt":
            return 200, {"Content-Type": "text/plain"}, b"User-agent: *\n"
        if path == "/":
            links = "".join(f'<div class="node-teaser"><h2><a href="/bai-{n}">x</a></h2></div>' for n in (1, 2, 3))
            return 200, HTML, page(links, "front")
        if path.startswith("/bai-"):
            return 200, HTML, article_page(int(path[5:]))
        return 404, HTML, b""


def run(data: Path, portal: Portal) -> tuple[int, str]:
    with serving(portal) as site:
        write_portal(data, "a/b", FIVE_KEYS.format(home=site.home, delay=0, more=""))
        return crawl(data, "a/b")


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_says_how_long_is_left_alone_and_asked_again(tmp_path: Path, status: int) -> None:
    class Busy(Portal):
        def refuse(self, path: str, times: int) -> Reply | None:
            return (status, {"Retry-After": "1", **HTML}, b"busy") if path == "/bai-2" and times == 1 else None

    code, out = run(tmp_path, Busy())
    assert code == 0, out
    assert f"answers {status}: waiting 1 seconds" in out
    assert set(articles(tmp_path)) == {"/bai-1", "/bai-2", "/bai-3"}
    kept = rows(tmp_path, "select status from captures where url like '%/bai-2' order by id")
    assert [row["status"] for row in kept] == [status, 200]


def test_a_server_that_asks_for_a_day_ends_the_run_and_the_next_one_asks_nothing(tmp_path: Path) -> None:
    class Closed(Portal):
        def refuse(self, path: str, times: int) -> Reply | None:  # noqa: ARG002
            return (503, {"Retry-After": "86400", **HTML}, b"") if path == "/bai-2" else None

    portal = Closed()
    code, out = run(tmp_path, portal)
    assert code == 0, out
    row = last_crawl(tmp_path)
    assert row["why"].startswith("asked to wait until 20")
    assert row["resume_at"] > row["ended"]
    before = sum(portal.times.values())
    code, out = run(tmp_path, portal)
    assert code == 0, out
    assert last_crawl(tmp_path)["why"].startswith("waits until 20")
    assert sum(portal.times.values()) == before


def test_a_portal_that_refuses_us_again_and_again_is_left_alone(tmp_path: Path) -> None:
    class Forbidding(Portal):
        def __call__(self, path: str, headers: dict[str, str]) -> Reply:
            if path == "/":
                links = "".join(f'<div class="node-teaser"><h2><a href="/bai-{n}">x</a></h2></div>' for n in range(50))
                return 200, HTML, page(links, "front")
            return (403, HTML, b"no") if path.startswith("/bai-") else super().__call__(path, headers)

    code, out = run(tmp_path, Forbidding())
    assert code == 1, out
    assert "blocked: 8 answers in a row refuse us" in last_crawl(tmp_path)["why"]
    assert len(rows(tmp_path, "select id from captures where verdict = 'blocked'")) <= 9  # one is on its way by then


def test_a_robots_txt_in_trouble_forbids_everything(tmp_path: Path) -> None:
    class Trouble(Portal):
        def refuse(self, path: str, times: int) -> Reply | None:  # noqa: ARG002
            return (500, HTML, b"User-agent: *\nAllow: /\n") if path == "/robots.txt" else None

    portal = Trouble()
    code, out = run(tmp_path, portal)
    assert code == 1, out
    assert last_crawl(tmp_path)["why"] == "robots.txt answers 500: nothing may be asked for"
    assert set(portal.times) == {"/robots.txt"}
