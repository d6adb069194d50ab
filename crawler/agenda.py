"""What a crawl asks next, and what follows from each answer. Knows the frontier and the portal's file, no network.

Listings, feeds and sitemaps first; then what they lead to; then pictures and files; then the articles whose time to be
looked at again has come. Everything stands in the frontier before it is asked, and is settled there when it was
answered: a run that is killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin

from archive import urls
from archive.frontier import Address, Rank
from archive.store import Store
from archive.warc import iso
from crawler import schedule
from crawler.finds import FOUND, MOST_SIGNALS, Finds
from crawler.ingest import Kept
from crawler.portal import Portal

SPARE_LOOKS = 12  # articles a run looks at though nothing asks for it, when that costs little
MOST_FILES = 5000  # pictures and files taken up at the beginning of a run


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one run; 0 for none. ``since`` "2024-01-01": nothing published before is looked for, "" for everything."""

    new_pages: int = 0
    requests: int = 0
    bytes: int = 0
    minutes: float = 0
    since: str = ""


class Agenda:
    """One run over one portal. ``finds`` is told what its pages show · ``requests`` and ``bytes`` are told by whoever
    makes them · ``unread``: a listing could not be read, so that what is missing from the rest proves nothing ·
    ``ended`` why nothing more is asked for, ""."""

    def __init__(self, store: Store, portal: Portal, limits: Limits, clock: Callable[[], datetime]) -> None:
        self.store, self.portal, self.limits, self.clock = store, portal, limits, clock
        self.finds = Finds(store, portal, limits.since, clock)
        self.frontier = self.finds.frontier
        self.requests = self.bytes = self.new_pages = 0
        self.unread = False
        self.ended = ""
        self.started = clock()
        self._out: set[str] = set()
        self._answered: list[tuple[str, str, str, Rank, str | None]] = []
        self._last_steps: list[Callable[[], None]] = [self._end_sweep, self._look_at_spare_ones]

    def begin(self) -> None:
        """The sources are due; what earlier runs left undone is still there."""
        home, rules, now = self.portal.home, self.portal.discovery, self.finds.now
        with self.store.atomic():
            self._begin_sweep()
            self.finds.source(home, "home", "home page")
            for kind, addresses in (("sitemap", rules.sitemaps), ("feed", rules.feeds)):
                for address in addresses:
                    self.finds.source(urljoin(home, address), kind, f"{kind} of the portal's file or platform")
            for listing in rules.listings:
                self.finds.source(urljoin(home, listing.url), "listing", "listing of the portal's file")
            for what, url in self.frontier.miss_files(MOST_FILES):
                self.frontier.add(Address(url, "file", what, Rank.FILE, now), now)

    def _begin_sweep(self) -> None:
        """Now and then all listings are paged to their ends; a sweep that was not ended goes on, each page once."""
        sweep = self.frontier.sweep()
        old = sweep is not None and schedule.moment(sweep[0]) + schedule.SWEEP_EVERY <= self.clock()
        if self.limits.since:
            return
        if sweep is None or old:
            self.frontier.begin_sweep(self.finds.now)
            sweep = (self.finds.now, None)
        if sweep[1] is None:
            self.finds.sweeping, self.finds.sweep_began = True, sweep[0]

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
            due = self.frontier.next(self.finds.now, most + len(self._out))
            found = [address for address in due if address.key not in self._out][:most]
            if found or self._out or not self._last_steps:
                break
            with self.store.atomic():
                self._last_steps.pop(0)()
        self._out.update(address.key for address in found)
        return found

    def left(self) -> int:
        """How many addresses are due at this moment."""
        return self.frontier.waiting(self.finds.now)

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

    def _end_sweep(self) -> None:
        """Every listing was read to its end: what none of them shows any more is looked at, at its own address."""
        if self.finds.sweeping and not self.unread:
            self.frontier.end_sweep(self.finds.now)
            self.finds.suspect(self.frontier.unlinked(self.finds.sweep_began, MOST_SIGNALS), "linked no more")

    def _look_at_spare_ones(self) -> None:
        """Portals change old articles without a word: those not looked at for longest, where asking is cheap."""
        if self.unread:
            return
        for address in self.frontier.oldest_looks(iso(self.started), SPARE_LOOKS):
            known = self.store.known(address.url)
            if known and (known.etag or known.last_modified):
                self.frontier.plan(address.key, Rank.LOOK, self.finds.now, "not looked at for long")

    # What came of it

    def settle(self, address: Address, asked: str, kept: Kept) -> None:
        """An address was answered. ``asked``: where its redirects led in the end."""
        if address.kind != "article":
            self._done(address.key, kept.outcome or "read", address.rank, None)
            return
        self.new_pages += address.looked is None
        if address.found_on:
            walk = self.finds.walk(address.found_on)
            walk.articles += kept.outcome in FOUND
            walk.others += kept.outcome not in FOUND
        stands_at = self.finds.learn(asked, kept)
        if kept.article and stands_at:
            since = self.finds.now if kept.outcome in ("new", "changed") else self.store.unchanged_since(kept.article)
            due = schedule.next_look(since, self.clock(), urls.key(stands_at))
            if urls.key(stands_at) == address.key:
                self._done(address.key, kept.outcome, Rank.LOOK, due)
                return
            self._stands(stands_at, address, kept.outcome, due)
        outcome = "copy" if kept.outcome in FOUND else kept.outcome
        left = not kept.article and self.finds.is_left(asked)
        self._done(address.key, outcome, Rank.LOOK, None if left else iso(self.clock() + schedule.OTHER_PAGES))

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
        self._answered.append((key, self.finds.now, outcome, rank, due))

    def _stands(self, url: str, address: Address, outcome: str, due: str) -> None:
        """What was asked for shows an article that stands elsewhere: there it is looked at again."""
        own, now = Address(url, "article", "its own address", Rank.LOOK, due, address.found_on), self.finds.now
        with self.store.atomic():
            self.frontier.add(own, now)
            if own.key not in self._out:
                self.frontier.settle(own.key, now, outcome, Rank.LOOK, due)
