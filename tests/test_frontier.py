"""What a portal's crawls know of its addresses, and in which order they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.frontier import Address, Frontier, Rank
from archive.store import Store

NOW, LATER = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
PAGE = Address("http://a.vn/tin/1", "article", "listing", Rank.ARTICLE, NOW)


@pytest.fixture
def frontier(tmp_path: Path) -> Iterator[Frontier]:
    with Store(tmp_path / "tangthu.db") as store:
        for name in ("a/b", "a/c"):
            store.save_portal(
                {"id": name, "name": "", "district": "", "province": "", "home": "", "platform": "", "closed": None}
            )
        yield Frontier(store.db, "a/b")


def address(path: str, rank: Rank = Rank.ARTICLE, due: str | None = NOW, kind: str = "article") -> Address:
    return Address(f"http://a.vn{path}", kind, "listing", rank, due)


def stood(frontier: Frontier, path: str, looked: str = NOW, due: str | None = LATER) -> str:
    """An article that stood there when it was looked at."""
    row = address(path)
    frontier.add(row, NOW)
    frontier.settle(row.key, looked, "same", Rank.LOOK, due)
    return row.key


def test_first_things_come_first_and_nothing_before_its_time(frontier: Frontier) -> None:
    for path, rank, due in (
        ("/look", Rank.LOOK, NOW), ("/page", Rank.ARTICLE, NOW), ("/home", Rank.SOURCE, NOW), ("/file", Rank.FILE, NOW),
        ("/not-yet", Rank.SOURCE, LATER), ("/never", Rank.SOURCE, None),
    ):  # fmt: skip
        frontier.add(address(path, rank, due), NOW)
    asked = [row.url.removeprefix("http://a.vn") for row in frontier.next(NOW, 10)]
    assert asked == ["/home", "/page", "/file", "/look"]
    assert len(frontier.next(NOW, 2)) == 2
    assert (frontier.waiting(NOW), frontier.waiting(LATER)) == (4, 5)


def test_an_address_is_known_once_however_it_is_written(frontier: Frontier) -> None:
    assert frontier.add(PAGE, NOW)
    for url in ("https://www.a.vn/tin/1/", "http://a.vn:80/tin/1#x", "http://a.vn/tin/1?utm_source=x"):
        assert not frontier.add(replace(PAGE, url=url), LATER)
    assert frontier.get(PAGE.key) == replace(PAGE, added=NOW)


def test_two_portals_know_nothing_of_each_other(frontier: Frontier) -> None:
    other = Frontier(frontier.db, "a/c")
    frontier.add(PAGE, NOW)
    assert other.get(PAGE.key) is None
    assert other.add(PAGE, NOW)
    other.settle(PAGE.key, NOW, "same", Rank.LOOK, None)
    assert len(frontier.next(NOW, 9)) == 1


def test_what_was_answered_waits_and_what_was_not_is_tried_again(frontier: Frontier) -> None:
    frontier.add(PAGE, NOW)
    frontier.defer(PAGE.key, "silent", LATER)
    frontier.defer(PAGE.key, "silent", LATER)
    row = frontier.get(PAGE.key)
    assert row and (row.tries, row.outcome, row.looked, row.due) == (2, "silent", None, LATER)
    frontier.settle(PAGE.key, LATER, "new", Rank.LOOK, None)
    row = frontier.get(PAGE.key)
    assert row and (row.tries, row.outcome, row.looked, row.due) == (0, "new", LATER, None)
    frontier.plan(PAGE.key, Rank.SIGNAL, LATER, "changed, says the sitemap")
    assert [row.why for row in frontier.next(LATER, 1)] == ["changed, says the sitemap"]


def test_the_oldest_looks_come_first_and_only_those_of_articles_that_stood(frontier: Frontier) -> None:
    for path, looked in (("/b", "2026-01-03"), ("/a", "2026-01-02"), ("/c", "2026-01-09")):
        stood(frontier, path, looked)
    frontier.add(address("/failed"), NOW)
    frontier.settle(address("/failed").key, "2026-01-01", "failed", Rank.LOOK, LATER)
    stood(frontier, "/copy-never", "2026-01-01", None)
    assert [row.url[-2:] for row in frontier.oldest_looks("2026-01-05", 9)] == ["/a", "/b"]


def test_a_sitemap_tells_once_what_it_names_no_more(frontier: Frontier) -> None:
    keys = {stood(frontier, path) for path in ("/1", "/2", "/3")}
    frontier.name_in("map", keys)
    assert frontier.unnamed("map", keys) == []
    gone = keys - {address("/2").key}
    assert frontier.unnamed("map", gone) == [address("/2").key]
    assert frontier.unnamed("map", gone) == []


def test_what_no_listing_shows_and_no_sitemap_names_is_unlinked(frontier: Frontier) -> None:
    linked, named, lost = (stood(frontier, path) for path in ("/1", "/2", "/3"))
    frontier.link([linked], LATER)
    frontier.name_in("map", [named])
    assert frontier.unlinked(LATER, 9) == [lost]
    assert frontier.unlinked(NOW, 9) == []


def test_a_listing_counts_what_it_led_to(frontier: Frontier) -> None:
    for number, outcome in enumerate(("new", "same", "failed", "gone")):
        row = replace(address(f"/{number}"), found_on="root")
        frontier.add(row, NOW)
        frontier.settle(row.key, NOW, outcome, Rank.LOOK, None)
    frontier.add(replace(address("/not-asked"), found_on="root"), NOW)
    assert frontier.tried("root") == (2, 2)
    assert frontier.tried("other") == (0, 0)


def test_what_a_source_showed_is_remembered(frontier: Frontier) -> None:
    assert frontier.shown("http://a.vn/tin") == ()
    frontier.note_shown("http://a.vn/tin", "listing", NOW, ["x", "y"])
    frontier.note_shown("http://a.vn/tin/", "listing", LATER, ["z"])
    assert frontier.shown("https://a.vn/tin") == ("z",)
    assert frontier.source_changed("http://a.vn/1.xml") is None
    frontier.note_shown("http://a.vn/1.xml", "sitemap", NOW, (), "2026-01-01")
    assert frontier.source_changed("http://a.vn/1.xml") == "2026-01-01"


def test_a_sweep_goes_on_until_it_is_ended(frontier: Frontier) -> None:
    assert frontier.sweep() is None
    frontier.begin_sweep(NOW)
    assert frontier.sweep() == (NOW, None)
    frontier.end_sweep(LATER)
    frontier.end_sweep("2027-01-01T00:00:00Z")
    assert frontier.sweep() == (NOW, LATER)


def test_a_trap_counts_what_was_left_out(frontier: Frontier) -> None:
    for number in range(3):
        frontier.trap("/lich/#", "30 pages and no article", NOW, f"http://a.vn/lich/{number}")
    assert frontier.traps() == {"/lich/#": "30 pages and no article"}
    assert frontier.db.execute("select example, urls from traps").fetchall() == [("http://a.vn/lich/0", 3)]
