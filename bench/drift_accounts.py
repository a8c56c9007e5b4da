"""Simulated accounts with a known change point, and the tests of drift over many of them at once.

The arithmetic is that of `carepolicy`, over columns of accounts instead of one; `drift.py` holds both against each
other. Time is counted in agreed intervals, a share in contacts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from carepolicy._sequential.course import TAKEN_BACK
from carepolicy._sequential.rhythm import CAUTION, ONE_TALK, RATES, STEADIEST, WORTH
from carepolicy._sequential.share import WINDOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table: TypeAlias = NDArray[np.float64]

SHAPES = ("pure chance", "gamma 2", "gamma 4", "gamma 9", "dates 0.25", "regular 0.15", "regular 0.3", "regular 0.5")
"""How the intervals of an account that keeps the agreed rate vary; all have mean 1. Gamma: the shape. Dates: one an
interval, kept up to so much early or late. Regular: normal with this standard deviation."""
_RATES = np.array(RATES)
_ROUNDS = 40


def intervals(shape: str, rng: np.random.Generator, accounts: int, count: int) -> Table:
    """Intervals between talks, one row an account."""
    size = (accounts, count)
    if shape == "pure chance":
        return rng.exponential(1, size)
    kind, number = shape.split()
    value = float(number)
    if kind == "gamma":
        return rng.gamma(value, 1 / value, size)
    if kind == "dates":
        aside = rng.uniform(-value, value, (accounts, count + 1))
        return np.maximum(1 + aside[:, 1:] - aside[:, :-1], 0.01)
    return np.maximum(rng.normal(1, value, size), 0.05)


def changed(gaps: Table, at: int, rate: float) -> Table:
    """The same intervals with the rate changed after some talk; rate 0: that talk was the last one."""
    if not rate:
        return np.concatenate([gaps[:, :at], np.full((len(gaps), 1), 1e3)], axis=1)
    gaps = gaps.copy()
    gaps[:, at:] /= rate
    return gaps


def waiting(shape: Table, time: Table) -> Table:
    """As `still_waiting`, for many."""
    term, total = np.ones_like(time), np.ones_like(time)
    for j in range(1, STEADIEST):
        term = term * time / j
        total = total + np.where(shape > j, term, 0)
    return np.log(total)


def by_silence(shape: Table, silence: Table) -> Table:
    """As in the library, one column for each rate."""
    shape, silence = shape[:, None], silence[:, None]
    told = shape * (1 - _RATES) * silence
    return told + waiting(shape, shape * _RATES * silence) - waiting(shape, shape * silence)


class Rhythms:
    """The evidence of many accounts, followed interval by interval, as long as no alarm restarts it.

    Args:
        accounts: How many.
        most: What evidence is carried on at most: that of the alarm.
    """

    def __init__(self, accounts: int, most: float) -> None:
        self.most = most
        self.sums = np.zeros((accounts, len(RATES)))
        self.seen, self.total, self.squares, self.last, self.carried = (np.zeros(accounts) for _ in range(5))
        self.shape = np.ones(accounts)

    def after(self, silence: Table) -> Table:
        """The evidence after a silence."""
        return (self.sums + by_silence(self.shape, silence)).max(1) + WORTH * np.log(self.shape)

    def crossing(self, length: Table, needed: float) -> Table:
        """After how long a silence the evidence is there, where it is within an interval; infinite elsewhere."""
        length = length + self.carried
        hit = np.flatnonzero(self.after(length) >= needed - 1e-9)
        found = np.full(len(length), np.inf)
        if len(hit):
            some = self._only(hit)
            low, high = np.zeros(len(hit)), length[hit]
            for _ in range(_ROUNDS):
                middle = (low + high) / 2
                there = some.after(middle) >= needed - 1e-9
                low, high = np.where(there, low, middle), np.where(there, middle, high)
            found[hit] = np.maximum(high - self.carried[hit], 0)
        return found

    def _only(self, rows: NDArray[np.int64]) -> Rhythms:
        """Some of the accounts, to be asked only."""
        some = Rhythms(len(rows), self.most)
        some.sums, some.shape = self.sums[rows], self.shape[rows]
        return some

    def step(self, length: Table) -> None:
        """One more talk; one that follows at once belongs to the last."""
        length = length + self.carried
        same = length < ONE_TALK
        grown = self.sums + self.shape[:, None] * (np.log(_RATES) + (1 - _RATES) * length[:, None])
        first = self.seen == 0
        squares = np.where(same | first, self.squares, self.squares + (length - self.last) ** 2)
        self.seen, self.squares = self.seen + ~same, squares
        self.total, self.last = self.total + np.where(same, 0, length), np.where(same, self.last, length)
        pairs = np.maximum(self.seen - 1, 0)
        mean = self.total / np.maximum(self.seen, 1)
        spread = self.squares / (2 * np.maximum(pairs, 1)) / np.maximum(mean, 1e-9) ** 2
        self.shape = np.where(pairs < 1, 1, np.clip((CAUTION + pairs) // (CAUTION + pairs * spread), 1, STEADIEST))
        grown = np.clip(grown, 0, self.most - WORTH * np.log(self.shape)[:, None])
        self.sums = np.where(same[:, None], self.sums, grown)
        self.carried = np.where(same, length, 0)


def first_alarm(gaps: Table, needed: float, at_least: int, most: float | None = None) -> Table:
    """When the first alarm of each account goes off, in agreed intervals from its first talk; infinite if never."""
    accounts = Rhythms(len(gaps), needed if most is None else most)
    found, began = np.full(len(gaps), np.inf), np.zeros(len(gaps))
    for length in gaps.T:
        if np.isfinite(found).all():
            break
        enough = accounts.seen + 1 >= at_least
        crossed = np.where(enough, accounts.crossing(length, needed), np.inf)
        found = np.minimum(found, began + crossed)
        began = began + length
        accounts.step(length)
    return found


def alarms_in(gaps: Table, needed: float, at_least: int) -> float:
    """How many alarms an account has in an interval, each of them started anew after the one before was over."""
    accounts, standing, found = Rhythms(len(gaps), needed), np.zeros(len(gaps), bool), 0
    most = np.zeros(len(gaps))
    for length in gaps.T:
        enough = accounts.seen + 1 >= at_least
        alarm = ~standing & enough & (accounts.after(length + accounts.carried) >= needed - 1e-9)
        found, standing = found + int(alarm.sum()), standing | alarm
        accounts.step(length)
        level = accounts.after(np.zeros(len(gaps)))
        most = np.where(standing, np.maximum(most, level), 0)
        over = standing & (level < most - TAKEN_BACK)
        accounts.sums[over], standing = 0, standing & ~over
    return found / float(gaps.sum())


def peaks(gaps: Table, at_least: int) -> Table:
    """The most evidence within each interval, as long as no alarm has gone off."""
    accounts, found = Rhythms(len(gaps), np.inf), []
    for length in gaps.T:
        enough = accounts.seen + 1 >= at_least
        found.append(np.where(enough, accounts.after(length + accounts.carried), 0))
        accounts.step(length)
    return np.array(found).T


def first_missed(gaps: Table, intervals_missed: float) -> Table:
    """When the plain rule first fires: so many agreed intervals without a talk."""
    begins = np.cumsum(gaps, axis=1) - gaps
    return np.where(gaps >= intervals_missed, begins + intervals_missed, np.inf).min(1)


def rate_of(alarms: Table, lasted: Table) -> float:
    """Alarms in an interval (or at a contact): how many first ones, over the time until they came."""
    return float(np.isfinite(alarms).sum() / np.minimum(alarms, lasted).sum())


def falls(hits: Table, at_least: int) -> Table:
    """The evidence that a share has fallen, after each contact, as `fall_of` has it for one account."""
    accounts, count = hits.shape
    sums = np.concatenate([np.zeros((accounts, 1)), np.cumsum(hits, axis=1)], axis=1)
    found = np.zeros((accounts, count))
    for n in range(at_least + 1, count + 1):
        at = np.arange(max(at_least, n - WINDOW), n)
        before, since, whole = sums[:, at], sums[:, [n]] - sums[:, at], sums[:, [n]]
        evidence = likelihood(before, at) + likelihood(since, n - at) - likelihood(whole, np.array(n))
        found[:, n - 1] = np.where(before * (n - at) > since * at, evidence, 0).max(1)
    return found


def likelihood(hits: Table, of: Table) -> Table:
    """As in the library, for many."""
    share = hits / of
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = hits * np.log(share) + (of - hits) * np.log1p(-share)
    return np.where((hits > 0) & (hits < of), inside, 0.0)


def fewest_of_last(hits: Table, last: int) -> Table:
    """How many of the last contacts counted, after each contact; as many as there are where there are fewer."""
    sums = np.cumsum(hits, axis=1)
    found = np.full(hits.shape, float(last))
    found[:, last:] = sums[:, last:] - sums[:, :-last]
    found[:, last - 1] = sums[:, last - 1]
    return found
