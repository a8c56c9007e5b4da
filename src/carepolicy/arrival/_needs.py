"""What past jobs needed, as sets of pieces, and the choice of which of those sets a kit holds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import attrs
import numpy as np

from carepolicy.arrival._groups import cells_of, known
from carepolicy.arrival._numbers import is_number, is_whole, plain
from carepolicy.errors import InvalidPolicyError

Piece = tuple[str, int]
"""The first, second, third ... piece of a part."""


def needs_of(jobs: Iterable[Any]) -> list[Counter[str]]:
    """How many pieces of each part each job needed.

    Args:
        jobs: One for each past job: a mapping of part to count, or the names of the parts, twice where two were used.

    Raises:
        InvalidPolicyError: If there are no jobs, one is text, a name is no text, or a count is no whole number from 0.
    """
    found: list[Counter[str]] = []
    for number, job in enumerate(jobs):
        if isinstance(job, str) or not isinstance(job, Iterable):
            raise InvalidPolicyError(f"job {number} is no set of parts: {job!r}; pass e.g. ['valve', 'seal']")
        pieces = dict(job) if isinstance(job, Mapping) else Counter(job)
        for part, count in pieces.items():
            if not isinstance(part, str):
                raise InvalidPolicyError(f"job {number} has a part whose name is no text: {part!r}; name it")
            if not is_whole(count, 0):
                raise InvalidPolicyError(f"count of {part!r} in job {number} is no whole number from 0: {count!r}")
        found.append(Counter({plain(part): plain(count) for part, count in pieces.items() if count}))
    if not found:
        raise InvalidPolicyError("jobs are empty; a kit needs past jobs to choose from")
    return found


@attrs.frozen(eq=False)
class Needs:
    """Past jobs by what they needed: each distinct need as a mask of pieces, and how many jobs had it.

    Args:
        pieces: The piece of each bit.
        loads: What each adds to the load.
        masks: The distinct needs, the most frequent first.
        counts: How many jobs had each.
    """

    pieces: tuple[Piece, ...]
    loads: tuple[float, ...]
    masks: tuple[int, ...]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, jobs: list[Counter[str]], load: Mapping[str, float] | None) -> Needs:
        """The needs of jobs, with the load of one piece of each part; 1 for all when left out.

        Raises:
            InvalidPolicyError: If a part has no load, or one that is negative or no number.
        """
        most: Counter[str] = Counter()
        for job in jobs:
            most |= job
        pieces = tuple((part, count) for part in sorted(most) for count in range(1, most[part] + 1))
        loads = tuple(_load(load, part) for part, _ in pieces)
        bit = {piece: 1 << at for at, piece in enumerate(pieces)}
        seen = Counter(sum(bit[part, n] for part, count in job.items() for n in range(1, count + 1)) for job in jobs)
        ordered = sorted(seen.items(), key=lambda pair: (-pair[1], pair[0]))
        return cls(pieces, loads, tuple(mask for mask, _ in ordered), tuple(count for _, count in ordered))

    @property
    def jobs(self) -> int:
        """How many jobs there are."""
        return sum(self.counts)

    def load(self, kit: int) -> float:
        """What a kit weighs: the exact sum, so that the order in which it was filled does not matter."""
        return math.fsum(self.loads[at] for at in range(len(self.pieces)) if kit >> at & 1)

    def parts(self, kit: int) -> dict[str, int]:
        """How many pieces of each part a kit holds."""
        held: dict[str, int] = {}
        for at, (part, count) in enumerate(self.pieces):
            if kit >> at & 1:
                held[part] = count
        return held

    def covered(self, kit: int) -> int:
        """How many of the jobs it would have sufficed for."""
        return sum(count for mask, count in zip(self.masks, self.counts, strict=True) if not mask & ~kit)


def _load(load: Mapping[str, float] | None, part: str) -> float:
    if load is None:
        return 1.0
    if part not in load:
        raise InvalidPolicyError(f"load says nothing of {part!r}; say what one piece weighs, or 0")
    value = load[part]
    if not is_number(value) or not 0 <= value < math.inf:
        raise InvalidPolicyError(f"load of {part!r} must be a number from 0, got {value!r}; use one unit for all")
    return float(value)


@attrs.define
class KitSearch:
    """The search for the lightest kit that suffices for enough jobs, or the one that suffices for most.

    Args:
        needs: What the past jobs needed.
        wanted: How many jobs it has to suffice for.
        limit: The greatest load.
        most: After how many looked at it is given up.
    """

    needs: Needs
    wanted: int
    limit: float
    most: int
    best: tuple[float, float, int] = (math.inf, math.inf, 0)
    looked: int = 0

    def rank(self, kit: int) -> tuple[float, float, int]:
        """Less is better: jobs missing to those wanted, then the load, then more jobs."""
        score = self.needs.covered(kit)
        return max(self.wanted - score, 0), self.needs.load(kit), -score

    def greedy(self) -> int:
        """A kit that takes in, one after the other, whatever helps most jobs for its load."""
        needs, kit = self.needs, 0
        bits = np.array([[mask >> at & 1 for at in range(len(needs.pieces))] for mask in needs.masks], dtype=np.float32)
        bits = bits.reshape(len(needs.masks), len(needs.pieces))
        counts, loads = np.array(needs.counts, dtype=np.float64), np.array(needs.loads)
        while needs.covered(kit) < self.wanted:
            missing = bits * np.array([not kit >> at & 1 for at in range(len(needs.pieces))])
            extra = missing @ loads
            fits = missing.any(axis=1) & (needs.load(kit) + extra <= self.limit)
            if not fits.any():
                break
            helped = ((missing @ (1 - missing).T) == 0).astype(np.float64).T @ np.where(missing.any(axis=1), counts, 0)
            worth = np.where(fits, helped / np.maximum(extra, 1e-9), -1.0)
            kit |= needs.masks[int(worth.argmax())]
        return kit

    def exact(self, kit: int) -> tuple[int, bool]:
        """The best kit, starting from one that is there, and whether all others were ruled out.

        A kit is found on the path that takes in all needs it suffices for and gives up all others, so what is given up
        bounds how many jobs a kit further on can suffice for.
        """
        self.best, answer = self.rank(kit), kit
        waiting = [(0, 0, 0)]
        masks, counts = self.needs.masks, self.needs.counts
        while waiting:
            if self.looked >= self.most:
                return answer, False
            held, at, given_up = waiting.pop()
            self.looked += 1
            rank = self.rank(held)
            if rank < self.best:
                self.best, answer = rank, held
            while at < len(masks) and not masks[at] & ~held:
                at += 1
            reach = max(self.wanted - (self.needs.jobs - given_up), 0)
            most = given_up - self.needs.jobs
            if at == len(masks) or (reach, rank[1], most) >= self.best:
                continue
            waiting.append((held, at + 1, given_up + counts[at]))
            fuller = held | masks[at]
            load = self.needs.load(fuller)
            if load <= self.limit and (reach, load, most) < self.best:
                waiting.append((fuller, at + 1, given_up))
        return answer, True


def told_of(given: Mapping[str, Hashable]) -> dict[str, Hashable]:
    """The features of a job that are known."""
    found = {name: known(value) for name, value in given.items()}
    return {name: value for name, value in found.items() if value is not None}


def like(by: Any, given: Mapping[str, Hashable], at_least: int, jobs: int) -> tuple[list[int], tuple[str, ...]]:
    """The past jobs that are like one, in as many of its features as enough of them share, and which those are.

    Args:
        by: A mapping or data frame of columns, one row a job.
        given: The features of the one that are known, the least telling last: that is the first to be left out.
        at_least: How many jobs are enough.
        jobs: How many there are.

    Raises:
        InvalidTableError: If a column is missing.
        InvalidPolicyError: If a column has another length.
    """
    names = tuple(given)
    for size in range(len(names), 0, -1):
        codes, keys = cells_of(by, names[:size], jobs)
        wanted = tuple(given[name] for name in names[:size])
        rows = np.flatnonzero(codes == keys.index(wanted)).tolist() if wanted in keys else []
        if len(rows) >= at_least:
            return rows, names[:size]
    return list(range(jobs)), ()
