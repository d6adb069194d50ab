"""What a judgement says: codes with numbers, and the English sentences that the command prints for them.

Another language needs sentences for the same codes (``WORDS``); nothing else is put into words anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["well", "ill", "unknown", "closed"]
Level = Literal["ill", "unknown", "note"]
Value = str | int | float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a portal is ill, why it cannot be told ("unknown"), or what should be known besides ("note").

    ``code`` "byline.more": the measure, and what is the matter with it · ``values`` what its sentence says.
    """

    code: str
    level: Level
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def measure(self) -> str:
        return self.code.partition(".")[0]

    @property
    def is_history(self) -> bool:
        """Nothing is the matter but that there is too little history: it builds up by itself."""
        return self.code.endswith(".few")

    @property
    def text(self) -> str:
        return WORDS[self.code][0].format(**self.values)

    @property
    def action(self) -> str:
        """What to do next; "" when there is nothing to do."""
        return WORDS[self.code][1].format(**self.values)


@dataclass(frozen=True, slots=True)
class Judgement:
    """``portal`` an id, "" for the archive as a whole · ``last_run`` when the last run began, "2026-11-25T02:00:00Z" ·
    ``newest`` the day of its newest article, "2026-11-24"; both None when there is none."""

    portal: str
    state: State
    reasons: tuple[Reason, ...] = ()
    last_run: str | None = None
    newest: str | None = None

    @property
    def is_alarming(self) -> bool:
        """Somebody must do something: it is ill, or described and was never crawled."""
        return self.state == "ill" or any(reason.code == "runs.never" for reason in self.reasons)


def state_of(reasons: tuple[Reason, ...]) -> State:
    """Ill when one reason says so; well only when every measure could be judged."""
    levels = {reason.level for reason in reasons}
    return "ill" if "ill" in levels else "unknown" if "unknown" in levels else "well"


_RULES = "hold a new page against its file (tangthu portals check {portal}), mend it, then tangthu reextract"
_LOOK = "open its home page in a browser"

# Code → what is the matter, and the next action.
WORDS: dict[str, tuple[str, str]] = {
    "runs.never": ("it was never crawled", "tangthu crawl {portal}, and a line in the crontab"),
    "runs.late": (
        "the last run began {days} days ago; one in twenty waited longer than {usual} hours",
        "look at the crontab and its log; tangthu crawl {portal} runs it by hand",
    ),
    "runs.long": (
        "the last run began {days} days ago and still goes on ({owner})",
        "look at its log; if it is stuck, end that process, and the next run goes on from there",
    ),
    "runs.old": (
        "nobody has crawled it for {days} days",
        "put tangthu crawl --all into the crontab, or write closed = a day into its file",
    ),
    "runs.few": ("runs: {have} of the {need} that show how often they come", ""),
    "runs.file": (
        "it was crawled, and has no portal file any more",
        "put its file back; when it shall rest, with closed = a day in it",
    ),
    "runs.clock": (
        "the newest run is dated {last}, which is in the future",
        "set the machine's clock (timedatectl status)",
    ),
    "runs.imported": ("imported only: it has no portal file, and nobody crawls it", ""),
    "lock.old": (
        "{owner} holds the lock without a sign of life for {minutes} minutes",
        "look at that process; when it is stuck, end it, and the lock is free",
    ),
    "ended.killed": (
        "{bad} of the last {of} runs were killed in the middle, the last one at {last}",
        "look for the reason in the system's log (memory, a time limit, reboots); what is kept is good",
    ),
    "ended.once": ("the last run ended early: {why}", "wait for the next run"),
    "ended.wrong": ("the last {n} runs ended early: {why}", f"{_LOOK}, and look at the log of the crawl"),
    "ended.disk": ("the last run could not write: {why}", "make room on the disk, and mend its rights"),
    "ended.strange": ("the last run ended in a way that is not known here: {why}", "look at the log of the crawl"),
    "ended.wait": (
        "in each of the last {n} runs the server asked to be left alone",
        "raise delay in its file, and crawl at another hour",
    ),
    "portal.dark": (
        "it has not answered since {since} ({looks} looks): {why}",
        f"{_LOOK}; when it is switched off, write closed = a day into its file",
    ),
    "portal.blocked": (
        "it has refused us since {since} ({looks} looks)",
        f"{_LOOK} from this network; when it opens there, write to its webmaster or raise delay",
    ),
    "portal.moved": ("its home page has led to another host since {since} ({looks} looks)", f"{_LOOK}; mend home"),
    "portal.gone": (
        "its home page is gone since {since} ({looks} looks)",
        f"{_LOOK}; mend home, or write closed = a day into its file",
    ),
    "portal.once": ("its home page failed in the last look: {why}", "wait for the next run"),
    "portal.few": ("home page: no look yet", ""),
    "news.silent": (
        "no new article for {days} days, since {last}; only one pause in fifty was longer than {usual} days",
        f"{_LOOK}: are there news that the archive lacks? Then mend its file; else write closed = a day into it",
    ),
    "news.frozen": (
        "no article since {last}: nothing tells a portal that is frozen from one whose news are not found",
        f"{_LOOK}; when it is frozen, write closed = a day into its file",
    ),
    "news.few": ("news: {have} of the {need} days with an article that show its rhythm", ""),
    "body.more": (
        "{bad} of the last {of} articles have neither text nor files; before, {before} %",
        _RULES,
    ),
    "body.most": ("{bad} of {of} articles have neither text nor files", _RULES),
    "body.few": ("body: {have} of {need} articles", ""),
    "byline.more": ("{bad} of the last {of} articles have no byline; before, {before} %", _RULES),
    "byline.few": ("byline: {have} of {need} articles", ""),
    "date.more": ("{bad} of the last {of} articles have no date; before, {before} %", _RULES),
    "date.few": ("date: {have} of {need} articles", ""),
    "refused.more": (
        "{bad} of the last {of} pages are no articles: “{why}”; before, {before} %",
        "open such a page in a browser: when it is an article, mend the portal's file, then tangthu reextract",
    ),
    "refused.few": ("pages without an article: {have} of {need} pages", ""),
    "errors.more": (
        "{bad} of the last {of} requests failed ({why}); before, {before} %",
        f"{_LOOK}; when it is slow, raise delay in its file",
    ),
    "errors.few": ("errors: {have} of {need} requests", ""),
    "layout.changed": (
        "its {kind} pages look different: {bad} of the last {of} are like none from before",
        _RULES,
    ),
    "layout.few": ("layout: {have} of {need} pages", ""),
    "listings.fewer": (
        "{n} of {of} listings show hardly anything any more: {url} {links} links, before {before}",
        f"{_LOOK}: has the listing moved, or its look changed? Then mend discovery in its file",
    ),
    "listings.unread": (
        "{n} of {of} listings are not read any more: {url}",
        f"{_LOOK}: is it still in the menu? Name it in discovery.listings of its file when it is not",
    ),
    "listings.few": ("listings: {have} of {need} runs", ""),
    "vanished.many": (
        "{n} articles vanished in 30 days; {before} a month before",
        "look at them under “gone” on the site; when they only moved, mend the portal's file",
    ),
    "traps.new": (
        "not followed since {since}: {n} shape(s) of addresses, as {example} ({why})",
        "when that is a real listing, name it in discovery.listings of its file",
    ),
    "measures.few": ("measures: the runs so far were made by an older version", ""),
    "disk.low": (
        "{gigabytes} GB are left on the disk: at {megabytes} MB a day enough for {days} days",
        "make room, or move the archive (docs/operations.md)",
    ),
    "disk.few": ("disk: no run yet that shows what a day takes; {gigabytes} GB are left", ""),
}
