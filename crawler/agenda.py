"""What a crawl asks next, and what follows from each answer. Knows the frontier and the portal's file, no network.

Listings, feeds and sitemaps first; then what they lead to; then pictures and files; then the articles whose time to be
looked at again has come. Everything stands in the frontier before it is asked, and is settled there when it was
answered: a run that is killed goes on where it was.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

from archive import urls
from archive.frontier import Address, Frontier, Rank
from archive.store import Store
from archive.warc import iso
from crawler import discovery, schedule, traps
from crawler.discovery import Link
from crawler.ingest import Kept
from crawler.portal import Portal

logger = logging.getLogger(__name__)

BARREN = 30  # a listing that led to this many pages and to no article is no listing of articles
MAX_DEPTH = 2  # a listing within a listing (archive by month) within the menu
KNOWN_RUN = 10  # paging stops after so many known articles in a row
SPARE_LOOKS = 12  # articles a run looks at though nothing asks for it, when that costs little
MOST_SIGNALS = 500  # articles that one source can ask to be looked at
MOST_FILES = 5000  # pictures and files taken up at the beginning of a run
FOUND = ("new", "changed", "same")


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one run; 0 for none. ``since`` "2024-01-01": nothing published before is looked for, "" for everything."""

    new_pages: int = 0
    requests: int = 0
    bytes: int = 0
    minutes: float = 0
    since: str = ""


@dataclass(slots=True)
class Walk:
    """One listing's pages on the way: what they have shown, and what came of it."""

    articles: int
    others: int
    shown: set[str] = field(default_factory=set)
    before: list[str] = field(default_factory=list)  # keys on the page that was read last
    known_run: int = 0


class Agenda:
    """One run over one portal. ``requests`` and ``bytes`` are told by whoever makes them · ``unread``: a source could
    not be read, so that what is missing from the rest proves nothing · ``ended`` why nothing more is asked for, "" ·
    ``cut`` how many addresses were left out, by the shape or the fault for which they were."""

    def __init__(self, store: Store, portal: Portal, limits: Limits, clock: Callable[[], datetime]) -> None:
        self.store, self.portal, self.limits, self.clock = store, portal, limits, clock
        self.requests = self.bytes = self.new_pages = 0
        self.unread = self.sweeping = False
        self.ended = ""
        self.cut: Counter[str] = Counter()
        self.frontier = Frontier(store.db, portal.id)
        self.started = clock()
        self._sweep_began = iso(self.started)
        self._rules = portal.discovery
        self._home = urls.key(portal.home)
        self._out: set[str] = set()
        self._walks: dict[str, Walk] = {}
        self._answered: list[tuple[str, str, str, Rank, str | None]] = []
        self._last_steps: list[Callable[[], int]] = [self._end_sweep, self._look_at_spare_ones]
        known = self.frontier.traps()
        self._shapes = traps.Shapes({shape: why for shape, why in known.items() if not shape.startswith("parameter ")})
        self._noise = traps.Noise({shape[10:] for shape in known if shape.startswith("parameter ")})

    @property
    def now(self) -> str:
        return iso(self.clock())

    def begin(self) -> None:
        """The sources are due; what earlier runs left undone is still there."""
        now = self.now
        with self.store.atomic():
            sweep = self.frontier.sweep()
            self.sweeping = not self.limits.since and (
                sweep is None
                or sweep[1] is None
                or schedule.moment(sweep[0]) + schedule.SWEEP_EVERY <= self.clock() + timedelta(hours=6)
            )
            if self.sweeping and (sweep is None or sweep[1] is not None):
                self.frontier.begin_sweep(now)
            started = self.frontier.sweep()
            self._sweep_began = started[0] if started else now
            self.source(self.portal.home, "home", "home page")
            for kind, addresses in (("sitemap", self._rules.sitemaps), ("feed", self._rules.feeds)):
                for address in addresses:
                    self.source(urljoin(self.portal.home, address), kind, f"{kind} of the portal's file or platform")
            for listing in self._rules.listings:
                self.source(urljoin(self.portal.home, listing.url), "listing", "listing of the portal's file")
            for what, url in self.frontier.miss_files(MOST_FILES):
                self.frontier.add(Address(url, "file", what, Rank.FILE, now), now)

    def source(self, url: str, kind: str, why: str, rank: Rank = Rank.SOURCE, changed: str = "") -> None:
        """A sitemap, feed or listing that every run reads, once. ``changed``: what the index says of a sitemap."""
        url = urls.canonical(url)
        key, now = urls.key(url), self.now
        if urls.host(url) not in self.portal.hosts or key in self._out:
            return
        if self.frontier.add(Address(url, kind, why, rank, now, changed=changed), now):
            return
        known = self.frontier.get(key)
        if known and (known.looked is None or known.looked < iso(self.started)):
            if known.kind not in (kind, "home"):
                self.frontier.become(key, kind, rank, 0)
            self.frontier.plan(key, rank, now, why, changed)

    # What is asked

    def take(self, most: int) -> list[Address]:
        """The next addresses, at most so many; [] when all is done, or when ``ended`` says why no more is asked.

        Each stays due until it is settled or lost, and is taken once in a run.
        """
        self.flush()
        self.ended = self.ended or self._over()
        found: list[Address] = []
        while not self.ended:
            most = self._allowed(most)
            found = [a for a in self.frontier.next(self.now, most + len(self._out)) if a.key not in self._out][:most]
            if found or self._out or not self._last_steps:
                break
            with self.store.atomic():
                self._last_steps.pop(0)()
        self._out.update(address.key for address in found)
        return found

    def left(self) -> int:
        """How many addresses are due at this moment."""
        return self.frontier.waiting(self.now)

    def _allowed(self, most: int) -> int:
        """So many may be asked now without going beyond a limit."""
        limits, out = self.limits, len(self._out)
        if limits.new_pages:
            most = min(most, limits.new_pages - self.new_pages - out)
        if limits.requests:
            most = min(most, limits.requests - self.requests - out)
        return max(0, most)

    def _over(self) -> str:
        limits = self.limits
        if limits.new_pages and self.new_pages >= limits.new_pages:
            return f"limit of {limits.new_pages} new pages"
        if limits.requests and self.requests >= limits.requests:
            return f"limit of {limits.requests} requests"
        if limits.bytes and self.bytes >= limits.bytes:
            return f"limit of {limits.bytes / 1e6:.0f} MB"
        if limits.minutes and self.clock() >= self.started + timedelta(minutes=limits.minutes):
            return f"limit of {limits.minutes:g} minutes"
        return ""

    def _end_sweep(self) -> int:
        """Every listing was read to its end: what none of them shows any more is looked at, at its own address."""
        if not self.sweeping or self.unread:
            return 0
        self.frontier.end_sweep(self.now)
        return self._suspect(self.frontier.unlinked(self._sweep_began, MOST_SIGNALS), "linked no more")

    def _look_at_spare_ones(self) -> int:
        """Portals change old articles without a word: those not looked at for longest, where asking is cheap."""
        if self.unread:
            return 0
        spare = 0
        for address in self.frontier.oldest_looks(iso(self.started), SPARE_LOOKS):
            known = self.store.known(address.url)
            if known and (known.etag or known.last_modified):
                self.frontier.plan(address.key, Rank.LOOK, self.now, "not looked at for long")
                spare += 1
        return spare

    # What is found

    def found_in_sitemap(self, address: Address, links: Iterable[Link], more: Iterable[Link]) -> None:
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
                if self.limits.since and link.changed and link.changed[:10] < self.limits.since:
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
            self._suspect(self.frontier.unnamed(sitemap, keys), "no more in the sitemap")
            self.sitemap_read(address)

    def sitemap_read(self, address: Address) -> None:
        """It need not be read again while the index that names it says nothing else of it."""
        self.frontier.note_shown(address.url, "sitemap", self.now, (), address.changed)

    def found_in_feed(self, url: str, links: Iterable[Link]) -> None:
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
            self._compare_window(url, "feed", keys)

    def found_in_listing(self, address: Address, page: discovery.ListingPage) -> None:
        """A page of a listing was read: articles, and the next page unless nothing new is to be expected there."""
        root = address.found_on or address.key
        walk = self._walk(root)
        if self.limits.since and (newest := self.store.newest_published(walk.before)) and newest < self.limits.since:
            return
        with self.store.atomic():
            links = [self._see(link, "listing", root, address.depth) for link in page.links]
            seen = [row for row in links if row is not None]
            walk.before = [row.key for row in seen]
            fresh = [row for row in seen if row.key not in walk.shown]
            for row in fresh:
                is_new = row.outcome == "" and row.looked is None
                walk.known_run = 0 if is_new else walk.known_run + 1
                walk.articles += row.outcome in FOUND and row.found_on != root
            walk.shown.update(row.key for row in fresh)
            self.frontier.link([row.key for row in seen], self.now)
            if address.found_on is None:
                self._compare_window(address.url, "listing", [row.key for row in seen])
            if self._goes_on(address, walk, fresh):
                for url in page.next:
                    self._next_page(url, root, address.depth, walk)

    def found_menu(self, entries: Iterable[tuple[str, str]]) -> None:
        """The home page's menu: each entry may be a listing."""
        with self.store.atomic():
            for url, name in entries:
                if not self._left_out(url):
                    self.source(url, "listing", f"menu: {name}"[:100], Rank.LISTING)

    def found_files(self, pictures: Iterable[str], files: Iterable[str]) -> None:
        """Pictures and files of an article."""
        for what, addresses in (("picture", pictures), ("file", files)):
            self._add_all(addresses, "file", what, Rank.FILE)

    def found_requisites(self, addresses: Iterable[str]) -> None:
        """Style sheets and pictures of a template."""
        with self.store.atomic():
            self._add_all(addresses, "requisite", "so that snapshots look like the page", Rank.REQUISITE)

    def _add_all(self, addresses: Iterable[str], kind: str, why: str, rank: Rank) -> None:
        now = self.now
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
            if row.kind == "listing" and row.depth and self.sweeping and (row.looked or "") < self._sweep_began:
                self.frontier.plan(key, Rank.LISTING, self.now, "listing within a listing")
            return row
        if self._left_out(url):
            return None
        row = Address(url, "article", why, Rank.ARTICLE, self.now, found_on, depth, link.changed)
        self.frontier.add(row, self.now)
        return row

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
            if known and (known.looked or "") < (self._sweep_began if self.sweeping else iso(self.started)):
                if known.kind != "listing":
                    self.frontier.become(key, "listing", Rank.LISTING, depth)
                self.frontier.plan(key, Rank.LISTING, now, "next page")

    def _goes_on(self, address: Address, walk: Walk, fresh: list[Address]) -> bool:
        """Is the next page worth asking for? Endless pagers show nothing that was not shown before."""
        if not fresh:
            return False
        if walk.others >= BARREN and not walk.articles:
            self._leave(f"{traps.shape(address.url) or urls.path_query(address.url)}: leads to no article", address.url)
            return False
        return self.sweeping or bool(self.limits.since) or walk.known_run < KNOWN_RUN

    def _walk(self, root: str) -> Walk:
        if root not in self._walks:
            self._walks[root] = Walk(*self.frontier.tried(root))
        return self._walks[root]

    def _compare_window(self, url: str, kind: str, keys: list[str]) -> None:
        """An article that stood above another one, which is still there, was taken away."""
        before = self.frontier.shown(url)
        there = set(keys)
        last = max((place for place, key in enumerate(before) if key in there), default=-1)
        self._suspect([key for key in before[: last + 1] if key not in there], f"no more in the {kind}")
        self.frontier.note_shown(url, kind, self.now, keys)

    def _suspect(self, keys: list[str], why: str) -> int:
        """Articles that stood and are to be looked at now; one that was looked at in this run is not."""
        asked = 0
        for key in keys[:MOST_SIGNALS]:
            row = self.frontier.get(key)
            if row and row.outcome in FOUND and (row.looked or "") < iso(self.started):
                self.frontier.plan(key, Rank.SIGNAL, self.now, why)
                asked += 1
        return asked

    # What came of it

    def settle(self, address: Address, asked: str, kept: Kept) -> None:
        """An address was answered. ``asked``: where its redirects led in the end."""
        if address.kind != "article":
            self._done(address.key, kept.outcome or "read", address.rank, None)
            return
        self.new_pages += address.looked is None
        if address.found_on:
            walk = self._walk(address.found_on)
            walk.articles += kept.outcome in FOUND
            walk.others += kept.outcome not in FOUND
        stands_at = self._learn(asked, kept)
        if kept.article and stands_at:
            due = schedule.next_look(self.store.unchanged_since(kept.article), self.clock(), urls.key(stands_at))
            if urls.key(stands_at) == address.key:
                self._done(address.key, kept.outcome, Rank.LOOK, due)
                return
            self._stands(stands_at, address, kept.outcome, due)
        outcome = "copy" if kept.outcome in FOUND else kept.outcome
        left = not kept.article and self._shapes.leave(asked)
        self._done(address.key, outcome, Rank.LOOK, None if left else iso(self.clock() + schedule.OTHER_PAGES))

    def is_listing(self, address: Address) -> Address | None:
        """What was taken for an article is a listing: the address as that, unless it lies too deep."""
        if address.depth >= MAX_DEPTH:
            return None
        if address.found_on:
            self._walk(address.found_on).others += 1
        with self.store.atomic():
            self.frontier.become(address.key, "listing", Rank.LISTING, address.depth + 1)
        return Address(address.url, "listing", address.why, Rank.LISTING, None, None, address.depth + 1)

    def lost(self, address: Address, why: str, final: bool = False) -> None:
        """No answer. ``final``: asking again would change nothing (too large, forbidden)."""
        self._out.discard(address.key)
        due = iso(self.clock() + schedule.OTHER_PAGES) if final else schedule.next_try(address.tries, self.clock())
        with self.store.atomic():
            self.frontier.defer(address.key, why[:200], due)

    def flush(self) -> None:
        """What was settled is written, in one transaction."""
        if self._answered:
            with self.store.atomic():
                for key, looked, outcome, rank, due in self._answered:
                    self.frontier.settle(key, looked, outcome, rank, due)
            self._answered.clear()

    def _done(self, key: str, outcome: str, rank: Rank, due: str | None) -> None:
        self._out.discard(key)
        self._answered.append((key, self.now, outcome, rank, due))

    def _stands(self, url: str, address: Address, outcome: str, due: str) -> None:
        """What was asked for shows an article that stands elsewhere: there it is looked at again."""
        with self.store.atomic():
            self.frontier.add(Address(url, "article", "its own address", Rank.LOOK, due, address.found_on), self.now)
            if urls.key(url) not in self._out:
                self.frontier.settle(urls.key(url), self.now, outcome, Rank.LOOK, due)

    def _learn(self, asked: str, kept: Kept) -> str | None:
        """The address of the article that a page shows; what the page teaches of parameters and shapes is noted."""
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
