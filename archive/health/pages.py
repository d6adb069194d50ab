"""Judged from what a portal's runs read: articles with their parts, refused pages, errors, layout, listings. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median

from .history import MONTH, History, Measured, Run
from .layouts import SAME, likeness
from .odds import Count, Rise, Scale, TooFew, bound, rise
from .reasons import Reason, Value

_PAGES = Scale()
_SIGNED = Scale(loss=0.4)  # who signs changes with the editor
_REQUESTS = Scale(least=60, runs=5, run_recent=40, before=200, run_before=200)
_REQUIRED = 20  # articles, before their share without a text can be told from chance
# Where hardly a page was read in a month, and so many were confirmed unchanged: they are read as before.
_HARDLY, _UNCHANGED = 2, 20
_RECENT = timedelta(days=14)
_LOOKED_AT, _LOOKED_BEFORE = 5, 10  # pages whose layout is compared, and with how many
_RUNS, _RUNS_BEFORE = 3, 5  # runs that agree on a listing, and those that they are compared with
_NEWEST = 5  # runs whose reasons for refusing a page are looked into
_UNREAD = 20  # runs that do not read a listing which nearly every run before them read
_LEAST_LINKS = 3
# Pages that every portal has: their number follows what was asked for.
_STRUCTURE = frozenset(
    (
        "listing", "front page", "static page", "search page", "calendar", "poll", "gallery", "form", "document",
        "attachment page", "other component", "login page",
    )
)  # fmt: skip


def judge_pages(h: History, now: datetime) -> Iterator[Reason]:
    """Every measure that runs leave in ``crawls.measures``."""
    if h.runs and not any(run.measures for run in h.all_runs):
        yield Reason("measures.few", "unknown")
        return
    runs = [run for run in h.all_runs if run.measures]
    fresh = sum(1 for run in runs if h.read_anew is None or run.started > h.read_anew)
    settled = _is_settled(h, now)
    for measure in ("body", "byline", "date"):
        yield from _parts(measure, runs, fresh, settled)
    yield from _refused(runs, fresh, settled)
    yield from _errors(h.all_runs)
    yield from _layouts(runs, fresh, now, settled)
    yield from _listings(runs)


def _is_settled(h: History, now: datetime) -> bool:
    month = [run for run in h.runs if now - run.started < MONTH and run.measures]
    read = sum(run.measures.pages for run in month if run.measures)
    return read <= _HARDLY and sum(run.same for run in month) >= _UNCHANGED


def _parts(measure: str, runs: Sequence[Run], fresh: int, settled: bool) -> Iterator[Reason]:
    counts, fresh = _counts(runs, fresh, lambda m: Count(m.without[measure], m.pages))
    found = rise(counts, _SIGNED if measure == "byline" else _PAGES, fresh)
    if isinstance(found, Rise):
        yield _worse(f"{measure}.more", found)
        return
    recent = Count(sum(one.bad for one in counts[:fresh]), sum(one.of for one in counts[:fresh]))
    if measure == "body" and recent.of >= _REQUIRED and bound(recent, -2.0) > 0.5:
        yield Reason("body.most", "ill", {"bad": int(recent.bad), "of": int(recent.of)})
    elif isinstance(found, TooFew) and not settled:
        yield _few(measure, found)


def _refused(runs: Sequence[Run], fresh: int, settled: bool) -> Iterator[Reason]:
    def pages(m: Measured) -> Count:
        return Count(0, m.pages + sum(n for why, n in m.refused.items() if why not in _STRUCTURE))

    read, fresh_of_read = _counts(runs, fresh, pages)
    few = rise(read, _PAGES, fresh_of_read)
    if isinstance(few, TooFew):
        if not settled:
            yield _few("refused", few)
        return
    refused = [run.measures.refused for run in runs if run.measures and pages(run.measures).of]
    worst: tuple[Rise, str] | None = None
    for why in sorted({why for one in refused[:_NEWEST] for why in one} - _STRUCTURE):
        counts = [Count(one.get(why, 0), of.of) for one, of in zip(refused, read, strict=True)]
        found = rise(counts, _PAGES, fresh_of_read)
        if isinstance(found, Rise) and (worst is None or found.recent.share > worst[0].recent.share):
            worst = found, why
    if worst:
        yield _worse("refused.more", worst[0], why=worst[1])


def _errors(runs: Sequence[Run]) -> Iterator[Reason]:
    """Rows of older versions count too: they know how many requests failed, and not why."""
    counts = []
    for run in runs:
        bad = max(run.failed, sum(run.measures.errors.values()) if run.measures else 0)
        if run.ended and run.requests + bad:
            counts.append(Count(bad, run.requests + bad))
    found = rise(counts, _REQUESTS)
    if isinstance(found, Rise):
        kinds: Counter[str] = Counter()
        for run in runs[:_RUNS]:
            kinds.update(run.measures.errors if run.measures else {})
        why = ", ".join(kind for kind, _ in kinds.most_common(3)) or "see the log"
        yield _worse("errors.more", found, why=why)
    elif isinstance(found, TooFew):
        yield _few("errors", found)


def _layouts(runs: Sequence[Run], fresh: int, now: datetime, settled: bool) -> Iterator[Reason]:
    """The newest pages of the last fortnight (of the last two runs, when they come seldom) and all those before."""
    border = max(2, sum(1 for run in runs if now - run.started < _RECENT))
    for kind in ("article", "listing"):
        recent, nights = _seen(runs[: min(border, fresh)], kind, _LOOKED_AT)
        before, nights_before = _seen(runs[border:], kind)
        looked_at, known = sum(n for _, n in recent), sum(n for _, n in before)
        if looked_at < _LOOKED_AT or nights < 2 or known < _LOOKED_BEFORE or nights_before < 2:
            if kind == "article" and not settled:  # a portal need not have listings
                need = _LOOKED_AT + _LOOKED_BEFORE
                yield Reason("layout.few", "unknown", {"have": min(looked_at + known, need - 1), "need": need})
            continue
        layouts = dict.fromkeys(layout for layout, _ in before)
        strange = sum(n for layout, n in recent if not any(likeness(layout, one) >= SAME for one in layouts))
        if strange * 2 > looked_at:
            yield Reason("layout.changed", "ill", {"kind": kind, "bad": strange, "of": looked_at})


def _seen(runs: Sequence[Run], kind: str, enough: int | None = None) -> tuple[list[tuple[str, int]], int]:
    """(fingerprint, pages) of the newest runs until there are enough pages, and how many runs showed some."""
    found: list[tuple[str, int]] = []
    nights = 0
    for run in runs:
        if enough is not None and nights > 1 and sum(n for _, n in found) >= enough:
            break
        layouts = run.measures.layouts if run.measures else {}
        of_kind = [(key.partition(" ")[2], n) for key, n in layouts.items() if key.startswith(f"{kind} ")]
        nights += bool(of_kind)
        found += of_kind
    return found, nights


def _listings(runs: Sequence[Run]) -> Iterator[Reason]:
    """A listing that a run does not read may have been unchanged; only what it shows when it is read counts."""
    shown: dict[str, list[tuple[int, int]]] = {}
    for age, run in enumerate(runs):
        for url, links in (run.measures.listings if run.measures else {}).items():
            shown.setdefault(url, []).append((age, links))
    fewer, unread, judged = [], [], 0
    for address, looks in shown.items():
        numbers = [n for _, n in looks]
        if len(numbers) < _RUNS + _RUNS_BEFORE:
            continue
        judged += 1
        usual, most = int(median(numbers[_RUNS:])), max(numbers[:_RUNS])
        if usual < _LEAST_LINKS:
            continue
        if most <= usual / 4 and most < min(numbers[_RUNS:]):
            fewer.append((usual, address, most))
        elif looks[0][0] >= _UNREAD and len(looks) >= 0.9 * (len(runs) - looks[0][0]):
            unread.append((usual, address))
    if fewer:
        before, url, now = max(fewer)
        values: dict[str, Value] = {"links": now, "before": before, "url": url}
        yield Reason("listings.fewer", "ill", {"n": len(fewer), "of": len(shown), **values})
    if unread:
        yield Reason("listings.unread", "ill", {"n": len(unread), "of": len(shown), "url": max(unread)[1]})
    if shown and not judged:
        most = max(map(len, shown.values()))
        yield Reason("listings.few", "unknown", {"have": most, "need": _RUNS + _RUNS_BEFORE})


def _counts(runs: Sequence[Run], fresh: int, count: Callable[[Measured], Count]) -> tuple[list[Count], int]:
    """The counts of those runs that brought something, and how many of them are fresh."""
    counts = [count(run.measures) if run.measures else Count(0, 0) for run in runs]
    return [one for one in counts if one.of], sum(1 for one in counts[:fresh] if one.of)


def _worse(code: str, found: Rise, **values: Value) -> Reason:
    recent, before = found.recent, found.before
    share = round(100 * before.share, 1)
    numbers: dict[str, Value] = {"bad": round(recent.bad), "of": round(recent.of), "before": share}
    return Reason(code, "ill", {**numbers, **values})


def _few(measure: str, found: TooFew) -> Reason:
    return Reason(f"{measure}.few", "unknown", {"have": found.have, "need": found.need})
