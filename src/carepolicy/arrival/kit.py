"""Arrive with what you need: the lightest kit with which the first visit suffices, from what past jobs needed."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field

from carepolicy.arrival._asked import percent
from carepolicy.arrival._needs import KitSearch, Needs, like, needs_of, told_of
from carepolicy.arrival._numbers import CLOSE, checked_whole, is_number
from carepolicy.arrival.interval import NoPromise, checked_share
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

FOLDS = 5


@attrs.frozen
class Kit:
    """What to take along, and how likely the first visit suffices with it.

    Args:
        parts: How many pieces of each part.
        chance: The share of the past jobs for which it would have sufficed. It was chosen among many for just these
            jobs, so the next one has less of a chance.
        expected: What to count on for the next job: a fifth of the jobs at a time is held against the kit chosen from
            the others. Never above `chance`. Where it is too low, ask for more confidence.
        standard_error: Of `expected`.
        load: What it weighs.
        at_least: What every kit weighs that does as well; below `load` only where the search was given up.
        jobs: How many past jobs it rests on.
        exact: Whether no lighter kit does as well; otherwise it was filled with what helped most for its load.
        why: Where it comes from, in one sentence.
    """

    parts: Mapping[str, int] = field(hash=False)
    chance: float
    expected: float = field(kw_only=True)
    standard_error: float = field(kw_only=True)
    load: float = field(kw_only=True)
    at_least: float = field(kw_only=True)
    jobs: int = field(kw_only=True)
    exact: bool = field(kw_only=True)
    why: str = field(default="", kw_only=True)

    def suffices(self, job: Iterable[str] | Mapping[str, int]) -> bool:
        """Whether it holds all that a job needs.

        Raises:
            InvalidPolicyError: If the job is no set of parts.
        """
        (need,) = needs_of([job])
        return _holds(self.parts, need)


@attrs.frozen
class NoKit(NoPromise):
    """No kit within the limit suffices as often as asked; what comes nearest, and what it lacks.

    Args:
        best: The kit that suffices for most jobs within the limit.
        lacking: The pieces that the lightest kit without a limit has beyond it.
    """

    best: Kit = field(kw_only=True)
    lacking: Mapping[str, int] = field(hash=False, kw_only=True)

    @property
    def chance(self) -> float:
        """How likely the first visit suffices with the best kit."""
        return self.best.chance


def kit_for(
    jobs: Iterable[Any],
    confidence: float = 0.9,
    *,
    limit: float | None = None,
    load: Mapping[str, float] | None = None,
    by: Any = None,
    given: Mapping[str, Hashable] | None = None,
    at_least: int = 30,
    most: int = 10_000,
) -> Kit | NoKit:
    """The lightest kit that would have sufficed for a share of the past jobs.

    Args:
        jobs: One for each past job: the names of the parts that it needed, or a mapping of part to count.
        confidence: The share of jobs for which the first visit is to suffice.
        limit: The greatest load; none when left out.
        load: What one piece of each part weighs, fills or costs; 1 for all when left out.
        by: Columns of features, one row a job: a mapping or a data frame.
        given: The features of the job to come, the most telling first. Where too few past jobs share them all, the
            last is left out, and so on; so is what is None, as not known.
        at_least: How many past jobs must share the features.
        most: After how many kits looked at the search for the lightest is given up; it is found exactly where there
            are some dozens of distinct needs.

    Raises:
        InvalidPolicyError: If there are no jobs, one is no set of parts, a load or the limit is none, the confidence is
            no share, or `at_least` or `most` no whole number.
        InvalidTableError: If a column is missing.

    >>> past = [["valve"]] * 6 + [["valve", "seal"]] * 3 + [["pump"]]
    >>> kit = kit_for(past, confidence=0.9, load={"valve": 1, "seal": 0.1, "pump": 12})
    >>> kit.parts, kit.chance, kit.load
    ({'seal': 1, 'valve': 1}, 0.9, 1.1)
    >>> kit_for(past, confidence=0.95, load={"valve": 1, "seal": 0.1, "pump": 12}, limit=5).reason
    'within a load of 5 the first visit suffices for 90 % of 10 jobs and not for 95 %, which takes 13.1; add pump'
    """
    share, needed = checked_share(confidence), needs_of(jobs)
    enough, looks = checked_whole(at_least, "at_least", 1), checked_whole(most, "most", 0)
    if limit is not None and (not is_number(limit) or not limit >= 0):
        raise InvalidPolicyError(f"limit must be a load from 0, got {limit!r}; leave it out for none")
    why = f"from {len(needed)} jobs"
    told = told_of(given or {})
    if told:
        rows, shared = like({} if by is None else by, told, enough, len(needed))
        needed = [needed[row] for row in rows]
        alike = f"with the same {', '.join(shared)}" if shared else f"of all kinds: fewer than {enough} are alike"
        why = f"from {len(needed)} jobs {alike}"
    most_load = math.inf if limit is None else limit * (1 + 1e-12)
    kit = _found(needed, load, share, most_load, looks, why)
    if kit.chance >= share - CLOSE:
        return kit
    full = _found(needed, load, share, math.inf, looks, why)
    reason = (
        f"within a load of {limit:g} the first visit suffices for {percent(kit.chance)} of {kit.jobs} jobs and not for "
        f"{percent(share)}, which takes {full.load:g}"
    )
    lacking = {part: n - kit.parts.get(part, 0) for part, n in full.parts.items() if n > kit.parts.get(part, 0)}
    return NoKit(f"{reason}; add {', '.join(lacking)}", observations=kit.jobs, best=kit, lacking=lacking)


def _searched(
    jobs: list[Counter[str]], load: Mapping[str, float] | None, share: float, limit: float, most: int
) -> tuple[Needs, int, bool]:
    """The needs of jobs, the best kit for them, and whether all others were ruled out."""
    needs = Needs.of(jobs, load)
    search = KitSearch(needs, _wanted(share, len(jobs)), limit, most)
    return needs, *search.exact(search.greedy())


def _wanted(share: float, jobs: int) -> int:
    return math.ceil(share * jobs - CLOSE)


def _expected(
    jobs: list[Counter[str]], load: Mapping[str, float] | None, share: float, limit: float, most: int
) -> float:
    """The share of the jobs for which a kit chosen from others suffices."""
    folds, held = min(FOLDS, len(jobs)), 0
    for fold in range(folds):
        others = [job for at, job in enumerate(jobs) if at % folds != fold] or [Counter()]
        needs, mask, _ = _searched(others, load, share, limit, most // folds)
        parts = needs.parts(mask)
        held += sum(_holds(parts, job) for job in jobs[fold::folds])
    return held / len(jobs)


def _holds(parts: Mapping[str, int], need: Mapping[str, int]) -> bool:
    return all(parts.get(part, 0) >= count for part, count in need.items())


def _found(
    jobs: list[Counter[str]], load: Mapping[str, float] | None, share: float, limit: float, most: int, why: str
) -> Kit:
    """The best kit for the jobs and what can be said of it."""
    needs, mask, exact = _searched(jobs, load, share, limit, most)
    chance, weight = needs.covered(mask) / len(jobs), needs.load(mask)
    expected = min(chance, _expected(jobs, load, share, limit, most))
    forced, spare = 0, len(jobs) - _wanted(share, len(jobs))
    for need, count in zip(needs.masks, needs.counts, strict=True):
        forced |= need if count > spare else 0  # whoever gives it up does not reach what is wanted
    return Kit(
        needs.parts(mask),
        chance,
        expected=expected,
        standard_error=math.sqrt(expected * (1 - expected) / len(jobs)),
        load=weight,
        at_least=weight if exact else min(needs.load(forced), weight),
        jobs=len(jobs),
        exact=exact,
        why=why,
    )
