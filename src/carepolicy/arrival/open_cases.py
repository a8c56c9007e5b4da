"""By when cases that are still open will be done, learnt while most of the slow ones are open themselves.

A bound that holds for the cases that closed breaks for the open ones: they are the slow ones. Up to the age at which
a quarter is left, the curve of what was seen is taken at its word. Beyond, few ends were seen, and those too early;
there the chance to end is taken to fall with age, and no faster than the ends seen can rule out. Where the bound
would lie far beyond what anybody has watched, there is no date: promise the next update instead.
"""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._asked import percent
from carepolicy.arrival._columns import positions
from carepolicy.arrival._groups import Key, cells_of, names_of
from carepolicy.arrival._json import read, refuse_unwritable
from carepolicy.arrival._numbers import CLOSE, checked_whole, is_number
from carepolicy.arrival.interval import Interval, NoPromise, checked_share
from carepolicy.arrival.remaining import Remaining, checked_ages
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from carepolicy.arrival.law import Floats

SLOW = 0.25
"""The share of cases, the slowest, of which the tail is made."""
SURE = 1.6449
"""How many standard errors the slope of the tail is lowered: 95 % of such limits lie below the truth."""
FEWEST_IN_TAIL = 20
"""How many ends a tail needs."""
Group = tuple[tuple[str, ...], Key]


@attrs.frozen
class Tail:
    """The slow cases: from an age on, the share still open falls as a power of the age.

    Args:
        start: The age at which it begins.
        still: The share of cases open then.
        slope: The power, a lower limit; a lower one ends later.
        ended: How many ends it rests on.

    >>> round(Tail(start=10.0, still=0.25, slope=1.0, ended=400).reached(0.025).item())
    100
    """

    start: float
    still: float
    slope: float
    ended: int

    @classmethod
    def of(cls, law: Remaining) -> Tail | None:
        """The tail of a law; None where too few slow cases have ended.

        Source: the estimator of Hill (1975) with open cases and delayed entry, less `SURE` standard errors.
        """
        start = float(law.quantile(1 - SLOW))
        if not 0 < start < math.inf:
            return None
        slow = law.ages > start
        counts, ages = law.counts[slow], law.ages[slow]
        ended = float(counts[law.kinds[slow] > 0].sum())
        watched = float(counts @ np.log(ages / np.maximum(law.entries[slow], start)))
        if ended < FEWEST_IN_TAIL:
            return None
        return cls(start, 1 - float(law.cdf(start)), ended / watched * (1 - SURE / math.sqrt(ended)), int(ended))

    def reached(self, still: ArrayLike) -> Any:
        """The age at which no more than a share of all cases is open, beyond the start."""
        with np.errstate(divide="ignore", over="ignore"):
            return self.start * (self.still / np.asarray(still, dtype=np.float64)) ** (1 / self.slope)

    def given(self, age: ArrayLike) -> Any:
        """The share open at an age beyond the start, and at the start before it."""
        return self.still * (np.maximum(age, self.start) / self.start) ** -self.slope


@attrs.frozen
class Slow:
    """What is known of one group: how long cases take, and their tail."""

    law: Remaining
    tail: Tail | None = field(init=False, eq=False, default=attrs.Factory(lambda s: Tail.of(s.law), takes_self=True))

    def done_by(self, ages: Floats, confidence: float) -> Floats:
        """The age by which a case open at each age is done; infinite where nobody can tell."""
        seen = ages + self.law.remaining(ages, confidence, promised=True)
        if self.tail is None:
            return seen
        still = np.where(ages < self.tail.start, 1 - self.law.cdf(ages), self.tail.given(ages))
        beyond = np.asarray(self.tail.reached(still * (1 - confidence)), dtype=np.float64)
        return np.where(seen <= self.tail.start, seen, np.maximum(beyond, self.tail.start))


@attrs.frozen(repr=False)
class OpenCases:
    """By when cases still open will be done, by group; build it with `OpenCases.fit` from cases as they are known now.

    >>> ages = [1, 2, 3, 5, 8, 13, 21, 34] * 50
    >>> cases = OpenCases.fit(ages, [age < 34 for age in ages])
    >>> round(cases.bound(2, confidence=0.8).high)
    34
    >>> print(cases.bound(30).reason.rpartition("; ")[2])
    promise the next update by an age of 110
    """

    columns: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    ahead: float
    longest: float
    groups: Mapping[Group, Slow]

    @classmethod
    def fit(
        cls,
        durations: ArrayLike,
        ended: ArrayLike,
        by: Any = None,
        fallback: Iterable[Sequence[str]] | None = None,
        *,
        entry: ArrayLike | None = None,
        at_least: int = 200,
        ahead: float = 2.5,
    ) -> OpenCases:
        """What is known of cases at one instant, open ones included.

        Fit again when time has passed: what was open then has an end, or a higher age, now.

        Args:
            durations: The age at the end, or the age reached where a case is open; in any unit (answers have the
                same), not below 0.
            ended: Whether each has ended, as known at that instant.
            by: The group columns as they were when the case began, a value for each case: a mapping or a data frame.
            fallback: Which columns make a group, from the finest to the coarsest; all together by default. The last
                answer is always that of everybody.
            entry: From which age on each was watched, where a log begins later than its cases; 0 is from the start.
            at_least: With fewer ended cases a group asks the next of `fallback`.
            ahead: A date further ahead than so many times the longest age that was watched is none.

        Raises:
            InvalidPolicyError: As `Remaining.fit` does, or if `at_least` or `ahead` is not above 0.
            InvalidTableError: If a column is missing.
        """
        if not is_number(ahead) or not 0 < ahead < math.inf:
            raise InvalidPolicyError(f"ahead must be a number above 0, got {ahead!r}; use 2.5")
        enough = checked_whole(at_least, "at_least", 1)
        everybody = Remaining.fit(durations, ended, entry)
        if not everybody.observations:
            raise InvalidPolicyError("durations are empty; there is nothing to learn from")
        columns = () if by is None else names_of(by)
        levels = ((columns,) if columns else ()) if fallback is None else tuple(tuple(level) for level in fallback)
        ages, over = np.asarray(durations, dtype=np.float64), np.asarray(ended, dtype=bool)
        entered = np.zeros(ages.size) if entry is None else np.asarray(entry, dtype=np.float64)
        groups: dict[Group, Slow] = {((), ()): Slow(everybody)}
        for level in levels:
            codes, keys = cells_of(by, level, ages.size)
            for key, rows in zip(keys, positions(codes, len(keys)), strict=True):
                if over[rows].sum() >= enough and None not in key:
                    groups[level, key] = Slow(Remaining.fit(ages[rows], over[rows], entered[rows]))
        used = tuple(dict.fromkeys(name for level in levels for name in level))
        return cls(used, (*levels, ()), float(ahead), float(ages.max()), groups)

    def done_by(self, ages: ArrayLike, by: Any = None, confidence: float = 0.9) -> Floats:
        """The age by which each open case is done as often as stated; infinite where there is no date.

        Args:
            ages: What each case has taken so far, one-dimensional.
            by: Their group columns, as for `fit`; without, all are taken as anybody's.
            confidence: Between 0 and 1.

        Raises:
            InvalidPolicyError: If an age is negative or not finite, or lengths differ.
            InvalidTableError: If a column is missing.
        """
        taken, wanted = _ages(ages), checked_share(confidence)
        answer = np.empty(taken.size)
        for group, rows in self._asked(taken.size, by):
            answer[rows] = self.groups[group].done_by(taken[rows], wanted)
        return np.where(answer - taken <= self.ahead * self.longest * (1 + CLOSE), answer, math.inf)

    def next_update(self, ages: ArrayLike, by: Any = None) -> Floats:
        """The age by which half of the cases like each are done: by then there is news of it, or a reason to look.

        Infinite where not even that is known.

        Args:
            ages, by: As for `done_by`.

        Raises:
            InvalidPolicyError, InvalidTableError: As `done_by` does.
        """
        return self.done_by(ages, by, 0.5)

    def bound(
        self, age: float, given: Mapping[str, Hashable] | None = None, confidence: float = 0.9
    ) -> Interval | NoPromise:
        """From the age of an open case to the age by which it is done, or why there is no date.

        Args:
            age: What it has taken so far.
            given: Its group values; what is not known may be left out.
            confidence: Between 0 and 1.

        Raises:
            InvalidPolicyError: If the age is negative or not finite, or a group column is not known.
        """
        values = given or {}
        strange = [name for name in values if name not in self.columns]
        if strange:
            raise InvalidPolicyError(
                f"group is not known: {strange[0]!r}; there are {', '.join(self.columns) or 'none'}"
            )
        frame = {name: [values.get(name)] for name in self.columns}
        (group, _), *_ = self._asked(1, frame)
        until = float(self.done_by([age], frame, confidence)[0])
        count = self.groups[group].law.observations
        if math.isfinite(until):
            like = ", ".join(f"{name} {value}" for name, value in zip(*group, strict=True)) or "everybody"
            return Interval(age, until, confidence=confidence, observations=count, why=f"{like}: {count} cases")
        news = float(self.next_update([age], frame)[0])
        update = f"promise the next update by an age of {news:.3g}" if math.isfinite(news) else "promise an update"
        return NoPromise(
            f"no date yet: nobody has watched long enough to say when {percent(confidence)} of the cases open at an "
            f"age of {age:.4g} are done; {update}",
            observations=count,
        )

    def _asked(self, count: int, by: Any) -> list[tuple[Group, Any]]:
        """The group that answers for each case, with its cases."""
        if by is None or not self.columns:
            return [(((), ()), slice(None))]
        codes, keys = cells_of(by, self.columns, count)
        numbers: dict[Group, int] = {}
        number_of_cell = np.empty(len(keys), dtype=np.int64)
        for cell, key in enumerate(keys):
            of = dict(zip(self.columns, key, strict=True))
            tried = ((level, tuple(of[name] for name in level)) for level in self.levels)
            group = next(group for group in tried if group in self.groups)
            number_of_cell[cell] = numbers.setdefault(group, len(numbers))
        return list(zip(numbers, positions(number_of_cell[codes], len(numbers)), strict=True))

    def __repr__(self) -> str:
        every = self.groups[(), ()].law
        return f"<OpenCases of {every.why}, {len(self.groups) - 1} groups>"

    def to_json(self) -> str:
        """All of it as JSON; `from_json` gives the same back.

        Raises:
            InvalidPolicyError: If a group value is no text, number or truth.
        """
        refuse_unwritable(key for _, key in self.groups)
        groups = [[level, key, json.loads(slow.law.to_json())] for (level, key), slow in self.groups.items()]
        plain = {"columns": self.columns, "levels": self.levels, "ahead": self.ahead, "longest": self.longest}
        return json.dumps({**plain, "groups": groups}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> OpenCases:
        """What `to_json` wrote.

        Raises:
            InvalidPolicyError: If the text is something else.
        """
        return read(text, "bounds of open cases", cls._of_data)

    @classmethod
    def _of_data(cls, data: Any) -> OpenCases:
        groups = {
            (tuple(level), tuple(key)): Slow(Remaining.from_json(json.dumps(law))) for level, key, law in data["groups"]
        }
        levels = tuple(tuple(level) for level in data["levels"])
        return cls(tuple(data["columns"]), levels, data["ahead"], data["longest"], groups)


def _ages(ages: ArrayLike) -> Floats:
    taken = checked_ages(ages)
    if taken.ndim != 1:
        raise InvalidPolicyError(f"ages must be one-dimensional, got {taken.ndim} dimensions; pass one for each case")
    return taken
