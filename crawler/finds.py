"""What a crawl finds: addresses in sitemaps, feeds, listings and pages, and what they tell of those that are known.

Knows the frontier and the portal's file, no network.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from archive import urls
from archive.frontier import Address, Frontier, Rank
from archive.store import Store
from archive.warc import iso
from crawler import discovery, traps
from crawler.discovery import Link
from crawler.ingest import Kept
from crawler.portal import Portal

logger = logging.getLogger(__name__)

BARREN = 30  # a listing that led to this many pages and to no article is no listing of articles
TOO_DEEP = "listing within listings within a listing"
MAX_DEPTH = 2  # a listing within a listing (archive by month) within the menu
KNOWN_RUN = 10  # paging stops after so many known articles in a row
WINDOW = 500  # addresses of a feed or listing that are compared with what it showed before
MOST_SIGNALS = 500  # articles that one source can ask to be looked at
FOUND = ("new", "changed", "same")


@dataclass(slots=True)
class Walk:
    """One listing's pages on the way: what they have shown, and what came of it."""

    articles: int
    others: int
    shown: set[str] = field(default_factory=set)
    before: list[str] = field(default_factory=list)  # keys on the page that was read last
    known_run: int = 0


class Finds:
    """One run's finds on one portal. ``since`` "2024-01-01": nothing published before is looked for, "" · ``sweeping``
    since ``sweep_began``: listings are paged to their ends · ``cut`` how many addresses were left out, by the shape or
    the fault for which they were."""

    def __init__(self, store: Store, portal: Portal, since: str, clock: Callable[[], datetime]) -> None:
        self.store, self.portal, self.since, self.clock = store, portal, since, clock
        self.frontier = Frontier(store.db, portal.id)
        self.started = self.sweep_began = iso(clock())
        self.sweeping = False
        self.cut: Counter[str] = Counter()
        self._rules = portal.discovery
        self._home = urls.key(portal.home)
        self._walks: dict[str, Walk] = {}
        self._sources: set[str] = set()  # keys of those that this run reads
        known = self.frontier.traps()
        self._shapes = traps.Shapes({shape: why for shape, why in known.items() if not shape.startswith("parameter ")})
        self._noise = traps.Noise({shape[10:] for shape in known if shape.startswith("parameter ")})

    @property
    def now(self) -> str:
        return iso(self.clock())

    def source(self, url: str, kind: str, why: str, rank: Rank = Rank.SOURCE, changed: str = "") -> None:
        """A sitemap, feed or listing that every run reads, once. ``changed``: what the index says of a sitemap."""
        url = urls.canonical(url)
        key, now = urls.key(url), self.now
        if urls.host(url) not in self.portal.hosts or key in self._sources:
            return
        self._sources.add(key)
        if self.frontier.add(Address(url, kind, why, rank, now, changed=changed), now):
            return
        known = self.frontier.get(key)
        if known and known.kind not in (kind, "home"):
            self.frontier.become(key, kind, rank, 0)
        self.frontier.plan(key, rank, now, why, changed)

    def in_sitemap(self, address: Address, links: Iterable[Link], more: Iterable[Link]) -> None:
        """A sitemap was read: articles that are new, that it says have changed, and that it names no more."""
        sitemap = address.key
        keys: set[str] = set()
        changed: dict[str, str] = {}
        told: dict[str, str] = {}
        with self.store.atomic():
            for child in more:
                if self.frontier.source_changed(child.url) != child.changed or not child.changed:
                    self.source(child.url, "sitemap", f"named by {address.url}", changed=child.changed)
            for link in links:
                if self.since and link.changed and link.changed[:10] < self.since:
                    continue
                row = self._see(link, "sitemap", None, 0)
                if row is None:
                    continue
                keys.add(row.key)
                if row.changed != link.changed:
                    told[row.key] = link.changed
                if _says_changed(row, link.changed):
                    changed[row.key] = link.changed
            # Some write the moment of asking as the last change of every page.
            if len(changed) <= max(20, len(keys) // 2):
                self.frontier.note_changes(told)
                for key in changed:
                    self.frontier.plan(key, Rank.SIGNAL, self.now, "changed, says the sitemap")
            else:
                logger.info("%s: says that %d of %d pages changed: not believed", address.url, len(changed), len(keys))
            self.frontier.name_in(sitemap, keys)
            self.suspect(self.frontier.unnamed(sitemap, keys), "no more in the sitemap")
            self.sitemap_read(address)

    def sitemap_read(self, address: Address) -> None:
        """It need not be read again while the index that names it says nothing else of it."""
        self.frontier.note_shown(address.url, "sitemap", self.now, (), address.changed)

    def in_feed(self, url: str, links: Iterable[Link]) -> None:
        """A feed was read."""
        with self.store.atomic():
            keys = []
            for link in links:
                row = self._see(link, "feed", None, 0)
                if row is not None:
                    keys.append(row.key)
                    if _says_changed(row, link.changed):
                        self.frontier.note_changes({row.key: link.changed})
                        self.frontier.plan(row.key, Rank.SIGNAL, self.now, "changed, says the feed")
            self._compare_window(url, "feed", keys[:WINDOW])

    def in_listing(self, address: Address, page: discovery.ListingPage) -> None:
        """A page of a listing was read: articles, and the next page unless nothing new is to be expected there."""
        root = address.found_on or address.key
        walk = self.walk(root)
        if self.since and (newest := self.store.newest_published(walk.before)) and newest < self.since:
            return
        keys: list[str] = []
        fresh = 0
        with self.store.atomic():
            for link in page.links:
                row = self._see(link, "listing", root, address.depth)
                if row is None:
                    continue
                keys.append(key := row.key)
                if key in walk.shown:
                    continue
                walk.shown.add(key)
                fresh += 1
                walk.known_run = 0 if row.outcome == "" and row.looked is None else walk.known_run + 1
                walk.articles += row.outcome in FOUND and row.found_on != root
            walk.before = keys[:WINDOW]
            self.frontier.link(keys, self.now)
            if address.found_on is None:
                self._compare_window(address.url, "listing", keys[:WINDOW])
            if self._goes_on(address, walk, fresh):
                for url in page.next:
                    self._next_page(url, root, address.depth, walk)

    def in_menu(self, entries: Iterable[tuple[str, str]]) -> None:
        """The home page's menu: each entry may be a listing."""
        with self.store.atomic():
            for url, name in entries:
                if not self._left_out(url):
                    self.source(url, "listing", f"menu: {name}"[:100], Rank.LISTING)

    def files(self, pictures: Collection[str], files: Collection[str]) -> None:
        """Pictures and files of an article."""
        for what, addresses in (("picture", pictures), ("file", files)):
            self._add_all(addresses, "file", what, Rank.FILE)

    def requisites(self, addresses: Collection[str]) -> None:
        """Style sheets and pictures of a template."""
        self._add_all(addresses, "requisite", "so that snapshots look like the page", Rank.REQUISITE)

    def _add_all(self, addresses: Collection[str], kind: str, why: str, rank: Rank) -> None:
        if not addresses:
            return
        now = self.now
        with self.store.atomic():
            for url in addresses:
                if why_not := traps.pathological(url):
                    self._leave(why_not, url)
                elif url.startswith(("http://", "https://")):
                    self.frontier.add(Address(url, kind, why, rank, now), now)

    def _see(self, link: Link, why: str, found_on: str | None, depth: int) -> Address | None:
        """The frontier's row of a link that may lead to an article, made when it is new; None when it does not."""
        url = traps.without(link.url, self._noise.names)
        key = urls.key(url)
        if key == self._home or urls.host(url) not in self.portal.hosts or not discovery.is_page(url, self._rules):
            return None
        if row := self.frontier.get(key):
            if row.kind == "listing" and row.depth and self.sweeping and (row.looked or "") < self.sweep_began:
                self.frontier.plan(key, Rank.LISTING, self.now, "listing within a listing")
            return row
        if self._left_out(url):
            return None
        row = Address(url, "article", why, Rank.ARTICLE, self.now, found_on, depth, link.changed)
        self.frontier.add(row, self.now)
        return row

    def is_left(self, url: str) -> bool:
        """Are pages of this shape not followed any more?"""
        return bool(self._shapes.leave(url))

    def _left_out(self, url: str) -> bool:
        why = traps.pathological(url) or self._shapes.leave(url)
        if why:
            self._leave(why, url)
        return bool(why)

    def _leave(self, shape: str, url: str) -> None:
        self.frontier.trap(shape, self._shapes.left.get(shape, shape), self.now, url)
        self.cut[shape] += 1

    def _next_page(self, url: str, root: str, depth: int, walk: Walk) -> None:
        url = traps.without(url, self._noise.names)
        key = urls.key(url)
        if urls.host(url) not in self.portal.hosts or key in walk.shown or traps.pathological(url):
            return
        walk.shown.add(key)
        now = self.now
        if not self.frontier.add(Address(url, "listing", "next page", Rank.LISTING, now, root, depth), now):
            known = self.frontier.get(key)
            if known and (known.looked or "") < (self.sweep_began if self.sweeping else self.started):
                if known.kind != "listing":
                    self.frontier.become(key, "listing", Rank.LISTING, depth)
                self.frontier.plan(key, Rank.LISTING, now, "next page")

    def _goes_on(self, address: Address, walk: Walk, fresh: int) -> bool:
        """Is the next page worth asking for? Endless pagers show nothing that was not shown before."""
        if not fresh:
            return False
        if walk.others >= BARREN and not walk.articles:
            self._leave(f"{traps.shape(address.url) or urls.path_query(address.url)}: leads to no article", address.url)
            return False
        return self.sweeping or bool(self.since) or walk.known_run < KNOWN_RUN

    def walk(self, root: str) -> Walk:
        if root not in self._walks:
            self._walks[root] = Walk(*self.frontier.tried(root))
        return self._walks[root]

    def _compare_window(self, url: str, kind: str, keys: list[str]) -> None:
        """An article that stood above another one, which is still there, was taken away."""
        before = self.frontier.shown(url)
        there = set(keys)
        last = max((place for place, key in enumerate(before) if key in there), default=-1)
        self.suspect([key for key in before[: last + 1] if key not in there], f"no more in the {kind}")
        self.frontier.note_shown(url, kind, self.now, keys)

    def suspect(self, keys: list[str], why: str) -> None:
        """Articles that stood and are to be looked at now; one that was looked at in this run is not."""
        for key in keys[:MOST_SIGNALS]:
            row = self.frontier.get(key)
            if row and row.outcome in FOUND and (row.looked or "") < self.started:
                self.frontier.plan(key, Rank.SIGNAL, self.now, why)

    def is_listing(self, address: Address) -> Address | None:
        """What was taken for an article is a listing: the address as that, unless it lies too deep."""
        if address.depth >= MAX_DEPTH:
            with self.store.atomic():
                room = urls.path_query(address.url).partition("?")[0].split("/")[1]
                self._leave(f"/{room}: {TOO_DEEP}", address.url)
            return None
        if address.found_on:
            self.walk(address.found_on).others += 1
        with self.store.atomic():
            self.frontier.become(address.key, "listing", Rank.LISTING, address.depth + 1)
        return Address(address.url, "listing", address.why, Rank.LISTING, None, None, address.depth + 1)

    def learn(self, asked: str, kept: Kept) -> str | None:
        """The address of the article that a page shows; what the page teaches of parameters and shapes is noted."""
        if kept.outcome == "new" and kept.content:
            stands_at: str | None = kept.content.url
        else:
            stands_at = self.store.address_of(kept.article) if kept.article else None
        fruitful = kept.outcome in ("new", "changed")
        if kept.article and stands_at and kept.outcome in FOUND:
            fruitful = fruitful or urls.key(stands_at) == urls.key(asked)
            if name := self._noise.note(asked, stands_at, kept.article):
                with self.store.atomic():
                    self.frontier.trap(f"parameter {name}", "changes nothing", self.now, asked)
        elif kept.article or kept.outcome != "failed":
            return stands_at  # a known article that is gone or blocked tells nothing of its neighbours
        if (left := self._shapes.note(asked, fruitful)) and not self._gave_articles(left):
            logger.warning("%s: not followed any more: %s, like %s", left, self._shapes.left[left], asked)
            with self.store.atomic():
                self._leave(left, asked)
                waiting = [key for key, url in self.frontier.unasked() if traps.shape(url) == left]
                self.frontier.leave(waiting, f"left out: {self._shapes.left[left]}")
                self.cut[left] += len(waiting)
        return stands_at

    def _gave_articles(self, shape: str) -> bool:
        """Did addresses of this shape lead to articles in earlier runs?"""
        if any(traps.shape(url) == shape for url in self.frontier.stood()):
            self._shapes.keep(shape)
            return True
        return False


def _says_changed(row: Address, changed: str) -> bool:
    """Does a sitemap or feed name another last change than before, and is it one after our last look?"""
    if not changed or row.looked is None or row.outcome not in FOUND:
        return False
    if row.changed:
        return row.changed != changed
    try:
        when = datetime.fromisoformat(changed)
    except ValueError:
        return False
    return iso(when if when.tzinfo else when.replace(tzinfo=UTC)) > row.looked
