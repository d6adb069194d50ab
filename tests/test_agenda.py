"""What a crawl asks next, and what follows from each answer: without network, with a clock of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.frontier import Address, Frontier, Rank
from archive.model import Article
from archive.store import CaptureRow, Store
from archive.warc import iso
from crawler.agenda import SPARE_LOOKS, Agenda, Limits
from crawler.discovery import Link, ListingPage
from crawler.finds import BARREN, KNOWN_RUN
from crawler.ingest import Kept, portal_row
from crawler.platforms import PLATFORMS
from crawler.portal import Portal
from crawler.traps import FRUITLESS

HOME = "http://a.vn/"
PORTAL = Portal(
    "a/b", "Cổng thử", "Huyện Thử", "Nam Định", HOME, "drupal7", discovery=replace(PLATFORMS["drupal7"].discovery,
    sitemaps=("/sitemap.xml",), feeds=()),
)  # fmt: skip
DAY = timedelta(days=1)


class Town:
    """A portal in memory: ``listing`` its articles' paths, newest first, ten a page; ``sitemap`` path → last change."""

    def __init__(self, store: Store, count: int) -> None:
        self.store = store
        self.now = datetime(2026, 3, 1, 2, tzinfo=UTC)
        self.listing = [f"/tin/bai-{n}" for n in range(count, 0, -1)]
        self.sitemap: dict[str, str] = {}
        self.gone: set[str] = set()
        self.texts: dict[str, str] = {}
        self.asked: list[str] = []

    def run(self, limits: Limits | None = None, stop_after: int = 10_000) -> Agenda:
        """One crawl; killed after so many answers."""
        self.asked = []
        agenda = Agenda(self.store, PORTAL, limits or Limits(), lambda: self.now)
        agenda.begin()
        while addresses := agenda.take(16):
            for address in addresses:
                if len(self.asked) >= stop_after:
                    return agenda
                self.asked.append(address.url.removeprefix(HOME[:-1]))
                agenda.requests += 1
                self.answer(agenda, address)
        return agenda

    def answer(self, agenda: Agenda, address: Address) -> None:
        path = address.url.removeprefix(HOME[:-1])
        if path == "/sitemap.xml":
            agenda.finds.in_sitemap(address, [Link(HOME[:-1] + p, day) for p, day in self.sitemap.items()], [])
        elif path == "/":
            agenda.finds.in_listing(address, ListingPage((), ()))
            agenda.finds.in_menu([(HOME + "tin", "Tin tức")])
        elif path.partition("?")[0] == "/tin":
            page = int(path.partition("=")[2] or 0)
            shown = [HOME[:-1] + p for p in self.listing if p not in self.gone][page * 10 : page * 10 + 10]
            more = (page + 1) * 10 < len(self.listing)
            following = (f"{HOME}tin?page={page + 1}",) if more else ()
            agenda.finds.in_listing(address, ListingPage(tuple(map(Link, shown)), following))
        agenda.settle(address, address.url, self.keep(address, path))

    def keep(self, address: Address, path: str) -> Kept:
        row = CaptureRow(
            portal=PORTAL.id, crawl=None, url=address.url, fetched_at=iso(self.now), status=200, media_type="text/html",
            digest="sha1:" + path, etag='"1"', last_modified="", warc="a.warc.gz", offset=0, length=9, source="live",
        )  # fmt: skip
        if not path.startswith("/tin/"):
            self.store.save_capture(row)
            return Kept("failed", why="listing")
        known = self.store.article_at(address.url)
        if path in self.gone:
            self.store.save_capture(replace(row, status=404))
            return Kept("gone" if known and self.store.look(known, "gone", iso(self.now)) else "kept", known)
        text = self.texts.get(path, path)
        article = Article(address.url, f"Bài {path}", text=text, html=text, published="2026-02-28")
        saved = self.store.save_article(self.store.save_capture(row), row, article, "")
        return Kept(saved.outcome, saved.article, content=article)

    @property
    def articles(self) -> list[str]:
        return [path for path in self.asked if path.startswith("/tin/")]

    @property
    def sources(self) -> list[str]:
        return [path for path in self.asked if not path.startswith("/tin/")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "tangthu.db") as store:
        store.save_portal(portal_row(PORTAL))
        yield store


def test_the_first_run_goes_through_everything_once(store: Store) -> None:
    town = Town(store, 95)
    agenda = town.run()
    assert sorted(town.articles) == sorted(town.listing)
    assert len(town.sources) == 2 + 10
    assert agenda.ended == ""
    assert agenda.left() == 0


def test_the_next_day_pages_only_until_known_articles_come(store: Store) -> None:
    town = Town(store, 500)
    town.run()
    town.now += 2 * DAY
    town.listing = ["/tin/moi-3", "/tin/moi-2", "/tin/moi-1", *town.listing]
    town.run()
    assert set(town.articles) >= {"/tin/moi-1", "/tin/moi-2", "/tin/moi-3"}
    assert len(town.sources) <= 2 + 1 + -(-(3 + KNOWN_RUN) // 10)


def test_a_run_the_same_day_asks_next_to_nothing(store: Store) -> None:
    town = Town(store, 200)
    town.run()
    town.now += timedelta(minutes=10)
    town.run()
    assert len(town.articles) <= SPARE_LOOKS
    assert len(town.asked) <= SPARE_LOOKS + 4


def test_every_article_is_looked_at_the_day_after_and_not_on_the_third(store: Store) -> None:
    town = Town(store, 60)
    town.run()
    town.now += DAY
    town.texts["/tin/bai-7"] = "Đã sửa"
    town.run()
    assert sorted(town.articles) == sorted(town.listing)
    assert store.db.execute("select versions from articles where url like '%/bai-7'").fetchone() == (2,)
    town.now += DAY
    town.run()
    assert "/tin/bai-7" in town.articles  # its text is a day old
    assert len(town.articles) <= 1 + SPARE_LOOKS


def test_a_deleted_article_is_missed_where_its_neighbours_still_stand(store: Store) -> None:
    town = Town(store, 200)
    town.run()
    town.now += timedelta(hours=1)
    town.gone = {"/tin/bai-195"}
    town.run()
    assert "/tin/bai-195" in town.articles
    assert store.db.execute("select state from articles where url like '%/bai-195'").fetchone() == ("gone",)


def test_a_sitemap_tells_what_is_new_changed_and_no_more_there(store: Store) -> None:
    town = Town(store, 300)
    town.sitemap = dict.fromkeys(town.listing, "2026-02-01")
    town.run()
    town.now += timedelta(hours=1)
    town.sitemap["/tin/bai-150"] = "2026-03-01"
    town.sitemap["/tin/bai-moi"] = "2026-03-01"
    del town.sitemap["/tin/bai-42"]
    town.gone, town.texts = {"/tin/bai-42"}, {"/tin/bai-150": "Đã sửa"}
    town.run()
    assert {"/tin/bai-150", "/tin/bai-moi", "/tin/bai-42"} <= set(town.articles)
    assert len(town.articles) <= 3 + SPARE_LOOKS


def test_a_sitemap_that_says_everything_has_changed_is_not_believed(store: Store) -> None:
    town = Town(store, 100)
    town.sitemap = dict.fromkeys(town.listing, "2026-03-01T01:00:00Z")
    town.run()
    town.now += timedelta(hours=1)
    town.sitemap = dict.fromkeys(town.listing, "2026-03-01T03:00:00Z")
    town.run()
    assert len(town.articles) <= SPARE_LOOKS


def test_what_no_listing_shows_any_more_is_looked_at_after_a_sweep(store: Store) -> None:
    town = Town(store, 100)
    town.run()
    town.now += 31 * DAY
    town.run()
    town.now += 31 * DAY
    town.listing.remove("/tin/bai-3")
    town.gone = {"/tin/bai-3"}
    town.run()
    assert len(town.sources) >= 12  # all pages of the listing
    assert store.db.execute("select state from articles where url like '%/bai-3'").fetchone() == ("gone",)


def test_a_killed_run_is_gone_on_with_and_nothing_is_asked_twice(store: Store) -> None:
    town = Town(store, 120)
    asked: list[str] = []
    for _ in range(40):
        agenda = town.run(stop_after=17)
        asked += town.articles
        if len(town.asked) < 17 and not agenda.left():
            break
    assert set(asked) == set(town.listing)
    assert len(asked) <= 120 + 40 * 16  # what was answered and not yet settled when the run was killed
    assert store.count("articles") == 120


def test_an_article_published_backwards_is_found_by_the_next_sweep(store: Store) -> None:
    town = Town(store, 200)
    town.run()
    town.now += DAY
    town.run()
    town.listing.insert(150, "/tin/ghi-lui-ngay")
    town.now += DAY
    town.run()
    assert "/tin/ghi-lui-ngay" not in town.articles
    town.now += 30 * DAY
    town.run()
    assert "/tin/ghi-lui-ngay" in town.articles


@pytest.mark.parametrize(
    ("limits", "why"),
    [(Limits(new_pages=7), "limit of 7 new pages"), (Limits(requests=20), "limit of 20 requests")],
)
def test_a_limit_is_kept_and_the_next_run_goes_on(store: Store, limits: Limits, why: str) -> None:
    town = Town(store, 50)
    agenda = town.run(limits)
    assert agenda.ended == why
    assert len(town.articles) <= 20 and len(town.articles) == store.count("articles")
    town.run()
    assert store.count("articles") == 50


def test_a_limit_of_minutes_ends_a_run(store: Store) -> None:
    town = Town(store, 50)
    agenda = Agenda(store, PORTAL, Limits(minutes=5), lambda: town.now)
    agenda.begin()
    assert agenda.take(4)
    town.now += timedelta(minutes=6)
    assert agenda.take(4) == []
    assert agenda.ended == "limit of 5 minutes"


def test_since_a_day_older_pages_of_a_listing_are_not_asked_for(store: Store) -> None:
    town = Town(store, 300)
    town.run(Limits(since="2027-01-01"))
    assert len(town.articles) == 10
    assert len(town.sources) == 4  # the second page shows it


def test_a_listing_that_leads_to_no_article_ends(store: Store) -> None:
    agenda = Agenda(store, PORTAL, Limits(), lambda: datetime(2026, 1, 1, tzinfo=UTC))
    agenda.begin()
    months = 0
    while addresses := agenda.take(16):
        for address in addresses:
            if address.url == HOME:
                agenda.finds.in_menu([(HOME + "lich/thang-0", "Lịch")])
            elif "/lich/thang" in address.url:
                months += 1
                days = tuple(Link(f"{HOME}lich/ngay-{months}-{day}") for day in range(10))
                agenda.finds.in_listing(address, ListingPage(days, (f"{HOME}lich/thang-{months}",)))
            agenda.settle(address, address.url, Kept("failed", why="a month" if "thang" in address.url else "a day"))
    assert months <= BARREN / 10 + 2
    assert any("leads to no article" in cut or "/lich/" in cut for cut in agenda.finds.cut)


def test_endless_pages_of_one_shape_are_cut_and_the_next_run_remembers(store: Store) -> None:
    def run(first: int) -> tuple[int, Agenda]:
        agenda = Agenda(store, PORTAL, Limits(), lambda: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=first))
        agenda.begin()
        asked = 0
        while addresses := agenda.take(16):
            for address in addresses:
                if address.url == HOME:
                    links = tuple(Link(f"{HOME}anh/{n}") for n in range(first, first + 200))
                    agenda.finds.in_listing(address, ListingPage(links, ()))
                    agenda.settle(address, address.url, Kept("failed"))
                else:
                    asked += "/anh/" in address.url
                    agenda.settle(address, address.url, Kept("failed", why="gallery"))
        return asked, agenda

    asked, _ = run(0)
    assert FRUITLESS <= asked <= FRUITLESS + 16  # also those that were waiting by then
    asked, agenda = run(1000)
    assert asked == 0
    assert agenda.finds.cut == {"/anh/#": 200}
    assert store.db.execute("select shape, urls > 200 from traps").fetchall() == [("/anh/#", 1)]


def test_session_ids_in_links_are_learned_and_no_article_is_lost(store: Store) -> None:
    """Each listing shows the same articles with another id, and new articles are linked in no other way."""
    frontier = Frontier(store.db, PORTAL.id)
    town = Town(store, 0)
    serial = 0

    def links(count: int) -> tuple[Link, ...]:
        nonlocal serial
        serial += 1
        return tuple(Link(f"{HOME}tin/bai-{n}?phien={serial}x{n}") for n in range(count))

    def run(count: int) -> int:
        agenda = Agenda(store, PORTAL, Limits(), lambda: town.now)
        agenda.begin()
        asked = 0
        while addresses := agenda.take(4):
            for address in addresses:
                path = address.url.removeprefix(HOME[:-1]).partition("?")[0]
                if path in ("/", "/tin"):
                    agenda.finds.in_menu([(HOME + "tin", "Tin")])
                    agenda.finds.in_listing(address, ListingPage(links(count), ()))
                kept = town.keep(Address(HOME[:-1] + path, "article", "", address.rank, None), path)
                asked += path.startswith("/tin/")
                agenda.settle(address, address.url, kept)
        return asked

    assert run(12) <= 12 * 2 + 6
    assert store.count("articles") == 12
    assert "parameter phien" in frontier.traps()
    town.now += timedelta(hours=1)
    assert run(15) <= 3 + SPARE_LOOKS + 2
    assert store.count("articles") == 15


def test_an_article_under_another_address_is_looked_at_at_its_own(store: Store) -> None:
    town = Town(store, 1)
    town.run()
    agenda = Agenda(store, PORTAL, Limits(), lambda: town.now)
    agenda.begin()
    copy = Address(HOME + "node/7", "article", "listing", Rank.ARTICLE, iso(town.now))
    agenda.frontier.add(copy, iso(town.now))
    article = store.article_at(HOME + "tin/bai-1")
    agenda.settle(copy, copy.url, Kept("same", article))
    agenda.flush()
    own, other = agenda.frontier.get("vn,a)/tin/bai-1"), agenda.frontier.get("vn,a)/node/7")
    assert own and own.outcome == "same" and own.due and own.due < iso(town.now + DAY)
    assert other and other.outcome == "copy" and other.due and other.due > iso(town.now + 100 * DAY)


def test_an_unanswered_address_is_tried_again_and_a_forbidden_one_rarely(store: Store) -> None:
    town = Town(store, 3)
    agenda = Agenda(store, PORTAL, Limits(), lambda: town.now)
    agenda.begin()
    first, second = agenda.take(2)
    agenda.lost(first, "silent: took too long")
    agenda.lost(second, "larger than 10 MB", final=True)
    frontier = Frontier(store.db, PORTAL.id)
    again, never = frontier.get(first.key), frontier.get(second.key)
    assert again and (again.tries, again.due) == (1, iso(town.now + timedelta(hours=1)))
    assert never and never.due and never.due > iso(town.now + 100 * DAY)


def test_when_a_source_could_not_be_read_nothing_is_missed(store: Store) -> None:
    town = Town(store, 30)
    town.run()
    town.now += timedelta(hours=1)
    agenda = Agenda(store, PORTAL, Limits(), lambda: town.now)
    agenda.begin()
    agenda.unread = True
    while addresses := agenda.take(16):
        for address in addresses:
            agenda.settle(address, address.url, Kept("failed"))
    assert agenda.frontier.sweep() == (iso(town.now - timedelta(hours=1)), iso(town.now - timedelta(hours=1)))
    assert not agenda.frontier.next(iso(town.now), 100)
