"""Is it worse than before, or is it chance? Pure.

Shares are compared by the bounds that Wilson (1927) gives them, which hold for small numbers and for 0 and 100 %. Days
are not alike (a batch of documents without bylines, an hour of trouble): how much more a portal's own runs scatter than
chance alone would make them is measured, and makes its numbers count for less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

_SURE_RECENT, _SURE_BEFORE = 3.0, 2.0  # standard deviations
_MOST_SCATTER = 8.0
_STEPS = 4  # windows of 1, 2, 4 and 8 times the least: a small rise shows in a long one


@dataclass(frozen=True, slots=True)
class Count:
    """``bad`` of ``of``; fractions when a run counts for less than it brought."""

    bad: float
    of: float

    @property
    def share(self) -> float:
        return self.bad / self.of if self.of else 0.0

    def at_most(self, of: float) -> Count:
        return self if self.of <= of else Count(self.bad * of / self.of, of)


@dataclass(frozen=True, slots=True)
class Scale:
    """What makes a comparison. ``least`` so many recent things, from ``runs`` runs at least, of which one counts for
    ``run_recent`` at most; ``before`` so many earlier ones, a run ``run_before`` at most (the first one brings a whole
    portal) · ``margin`` a rise of so much matters, and a fall of the good ones by the share ``loss``."""

    least: int = 20
    runs: int = 3
    run_recent: int = 10
    before: int = 40
    run_before: int = 100
    margin: float = 0.1
    loss: float = 0.0


@dataclass(frozen=True, slots=True)
class Rise:
    """``recent`` is worse than ``before``."""

    recent: Count
    before: Count


@dataclass(frozen=True, slots=True)
class TooFew:
    """So many things, of the number that is needed."""

    have: int
    need: int


def rise(counts: Sequence[Count], scale: Scale, fresh: int | None = None) -> Rise | TooFew | None:
    """Are the newest runs worse than those before? ``counts`` newest first; None when they are not.

    One bad night is no rise, nor is one batch of documents: most of the newest runs must be worse, each by itself, and
    the others be worse than chance when the worst is left out.
    ``fresh``: only so many of the newest runs may be called recent (what is older was read by other rules).
    """
    fresh = len(counts) if fresh is None else fresh
    recents = [count.at_most(scale.run_recent) for count in counts]
    befores = [count.at_most(scale.run_before) for count in counts]
    others = _without_worst(recents[:fresh], scale.least << (_STEPS - 1))
    newest: list[Count] = []
    for step in range(_STEPS):
        enough = scale.least << step
        runs = next((n for n, left in enumerate(others, 1) if left.of >= enough and n >= scale.runs), None)
        if runs is None or _sum(befores[runs:]).of < scale.before:
            break
        recent, before = _sum(recents[:runs]), _sum(befores[runs:])
        scatter = _scatter(befores[runs:])
        worse = max(before.share + scale.margin, 1 - (1 - before.share) * (1 - scale.loss))
        newest = newest or recents[:runs]
        if sum(one.share > worse for one in newest) * 2 <= len(newest) or _sum(newest).share <= worse:
            break  # whatever was, it is over
        if bound(others[runs - 1], -_SURE_RECENT, scatter) > bound(before, _SURE_BEFORE, scatter) + scale.margin / 2:
            return Rise(recent, before)
    if newest:
        return None
    need = scale.least + scale.before
    return TooFew(int(min(_sum(counts).of, need - 1)), need)


def _without_worst(counts: Sequence[Count], most: int) -> list[Count]:
    """The sum of the first, of the first two, …, each without the worst of them, until there are so many things."""
    found: list[Count] = []
    worst, bad, of = Count(0, 0), 0.0, 0.0
    for one in counts:
        worst = one if one.bad > worst.bad else worst
        bad, of = bad + one.bad, of + one.of
        found.append(Count(bad - worst.bad, of - worst.of))
        if found[-1].of >= most and len(found) >= _STEPS:
            break
    return found


def bound(count: Count, deviations: float, scatter: float = 1.0) -> float:
    """The bound of the share that the count speaks for, so many standard deviations above it (below: negative)."""
    if not count.of:
        return 1.0 if deviations > 0 else 0.0
    of, share, z = count.of / scatter, count.share, deviations
    spread = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (share + z * z / (2 * of) + spread) / (1 + z * z / of)


def _scatter(counts: Sequence[Count]) -> float:
    """How much more the runs' shares vary than chance makes them: Pearson's chi² by its degrees of freedom."""
    whole = _sum(counts)
    chance = whole.share * (1 - whole.share)
    if len(counts) < 2 or not chance:
        return 1.0
    chi2 = sum((one.bad - one.of * whole.share) ** 2 / (one.of * chance) for one in counts if one.of)
    return min(max(1.0, chi2 / (len(counts) - 1)), _MOST_SCATTER)


def _sum(counts: Sequence[Count]) -> Count:
    return Count(sum(count.bad for count in counts), sum(count.of for count in counts))


def gaps(moments: Sequence[float]) -> list[float]:
    """Between each moment and the next, smallest first. ``moments`` newest first."""
    return sorted(later - earlier for later, earlier in pairwise(moments))


def exceeded_by(share: float, sorted_gaps: Sequence[float]) -> float:
    """What that share of the gaps exceeds, and one at least: a single odd pause in years is no rhythm."""
    longer = max(1, int(len(sorted_gaps) * share))
    return sorted_gaps[-1 - longer] if len(sorted_gaps) > longer else sorted_gaps[-1]
