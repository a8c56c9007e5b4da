"""How long jobs like this one took: a law for every group, and the parents of a group that is too small.

A group that has too few cases asks its parent, in the order stated, and in the end everybody. Every case is kept,
so that any share can be asked for, in any shape.
"""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy.arrival._groups import (
    Group,
    Groups,
    Key,
    Run,
    cells_of,
    group_value,
    grown,
    height,
    names_of,
    run_of,
    whole,
)
from carepolicy.arrival._json import read
from carepolicy.arrival._numbers import amounts, checked_whole, number_of
from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.law import Empirical
from carepolicy.arrival.tails import Shape, fewest, too_few, wanted_share, widest_of_cases
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from carepolicy.arrival.law import Floats


@attrs.frozen(eq=False, repr=False)
class DurationLaw:
    """How long jobs took, by group; build it with `DurationLaw.fit`.

    >>> law = DurationLaw.fit([30, 40, 50] * 20, by={"zone": ["N", "S", "S"] * 20}, fallback=[("zone",)], at_least=20)
    >>> law.window(0.9, {"zone": "N"}).high, law.window(0.9, {"zone": "W"}).why
    (30.0, 'everybody: the narrowest of 60 cases')
    """

    columns: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    at_least: int
    lowest: float
    rest: bool
    _runs: tuple[Run, ...]

    @classmethod
    def fit(
        cls,
        minutes: ArrayLike,
        by: Any = None,
        fallback: Iterable[Sequence[str] | str] | None = None,
        at_least: int = 50,
        *,
        everybody: bool = True,
        lowest: float = 0.0,
        rest: bool = True,
    ) -> DurationLaw:
        """The law of jobs that are done.

        Args:
            minutes: One-dimensional, one duration for each job, in any unit (answers have the same); time spans
                become minutes. Jobs that are not done yet belong into `Remaining.fit`: leaving them out makes every
                promise too early.
            by: The group columns, a value for each job: a mapping of names to columns, or a data frame. None and NaN
                are unknown: such a job counts only where the column does not matter.
            fallback: Which columns make a group, from the finest to the coarsest, a name alone for one column; all
                columns together by default.
            at_least: With fewer cases a group asks the next of `fallback`.
            everybody: Whether the last answer is the law of all jobs; else a job whose groups are all too small gets
                no promise.
            lowest: The least that a duration can be; less is refused. A number above 0 refuses jobs that took no time;
                minus infinity lets delays in.
            rest: Whether a group that is too small is answered by those of its parent that are too small as well, as
                long as they are enough together; then the stated share holds for small groups too, which are often
                slower than the large ones that fill their parent. Without, the whole parent answers.

        Raises:
            InvalidPolicyError: If a duration is not finite or too low, lengths differ, or a group value cannot be one.
            InvalidTableError: If a column of `fallback` is missing.
        """
        fewest_here = checked_whole(at_least, "at_least", 1)
        names = () if by is None else names_of(by)
        levels = ((names,) if names else ()) if fallback is None else _levels(fallback)
        columns = tuple(dict.fromkeys(name for level in levels for name in level))
        if everybody:
            levels = (*(level for level in levels if level), ())
        elif not columns:
            raise InvalidPolicyError("there is no group and everybody is left out; name columns in fallback")
        least = number_of(lowest, "lowest")
        run = _run(minutes, least, by, columns)
        return cls(columns, levels, fewest_here, least, rest, (run,))

    def update(self, minutes: ArrayLike, by: Any = None) -> DurationLaw:
        """The law with further jobs: the same as of all jobs at once.

        What came earlier is not sorted again until as much has come since: `u` updates cost as much as sorting what
        they bring `log2(u)` times, and most of them only what they bring.

        Raises:
            InvalidPolicyError, InvalidTableError: As `fit` does.
        """
        run = _run(minutes, self.lowest, by, self.columns)
        return attrs.evolve(self, runs=grown(self._runs, run))

    @property
    def observations(self) -> int:
        """How many jobs the law knows."""
        return sum(len(run) for run in self._runs)

    def of(self, given: Mapping[str, Hashable] | None = None) -> Empirical | NoPromise:
        """The law of the first group with enough cases, as routes and stages take it.

        Args:
            given: The group values of a job; what is not known may be left out.
        """
        first = next(self._groups().answers(self._key(given), self.at_least), None)
        return self._none() if first is None else Empirical(first[1])

    def window(
        self, confidence: float = 0.9, given: Mapping[str, Hashable] | None = None, shape: Shape = "narrowest"
    ) -> Interval | NoPromise:
        """The window that further jobs of this group keep as often as stated, or why there is none.

        Args:
            confidence: Between 0 and 1.
            given: The group values of the job; what is not known may be left out.
            shape: "narrowest", "equal", "by" or `Costs`; see `ends`.

        Raises:
            InvalidPolicyError: If the confidence is no share, or `shape` or a column of `given` is not known.
        """
        wanted, key = wanted_share(confidence, shape), self._key(given)
        return self._window(key, self._groups(), wanted, shape)

    def windows(self, frame: Any, confidence: float = 0.9, shape: Shape = "narrowest") -> tuple[Floats, Floats]:
        """Both ends for many jobs at once, the same as `window` says of each.

        Args:
            frame: The group columns of the jobs: a mapping of names to columns, or a data frame.
            confidence: Between 0 and 1.
            shape: As in `window`.

        Returns:
            low and high, one for each job; minus infinity and infinity where there is no promise.

        Raises:
            InvalidPolicyError: As `window` does.
            InvalidTableError: If a column is missing.
        """
        wanted, groups = wanted_share(confidence, shape), self._groups()
        codes, keys = cells_of(frame, self.columns, height(frame))
        found: dict[Hashable, tuple[float, float]] = {}
        asked = [groups.question(key, self.at_least) for key in keys]
        for question, key in zip(asked, keys, strict=True):
            if question not in found:
                answer = self._window(key, groups, wanted, shape)
                found[question] = -math.inf, math.inf
                if isinstance(answer, Interval):
                    found[question] = answer.low, answer.high
        low, high = np.array([found[question] for question in asked], dtype=np.float64).reshape(-1, 2).T
        return low[codes], high[codes]

    def _groups(self) -> Groups:
        return Groups(self.columns, self._runs, self.levels, self.at_least if self.rest else 0)

    def _key(self, given: Mapping[str, Hashable] | None) -> Key:
        known_of = {} if given is None else _row(given)
        if unknown := [name for name in known_of if name not in self.columns]:
            raise InvalidPolicyError(
                f"given has a column that the law does not know: {unknown[0]!r}; "
                f"known: {', '.join(map(repr, self.columns)) or 'none'}"
            )
        return tuple(group_value(known_of.get(name), name) for name in self.columns)

    def _window(self, key: Key, groups: Groups, wanted: float, shape: Shape) -> Interval | NoPromise:
        low, high, seen = math.inf, -math.inf, 0
        for group, cases in groups.answers(key, self.at_least):
            seen = cases.size
            if seen >= fewest(wanted, shape):
                found = groups.ends(group, wanted, shape)
                floor = -math.inf if shape == "by" else self.lowest
                which = "narrowest" if shape == "narrowest" else "window"
                return Interval(
                    max(min(low, found[0]), floor),
                    max(high, found[1]),
                    confidence=wanted,
                    observations=seen,
                    why=f"{self._name(group)}: the {which} of {seen} cases",
                )
            # The parent answers for more than the group can carry, around what the group says of less.
            widest = widest_of_cases(cases, shape)
            low, high = min(low, widest[0]), max(high, widest[1])
        return NoPromise(too_few(seen, wanted, shape), observations=seen) if seen else self._none()

    def _name(self, group: Group) -> str:
        level, part, rest = group
        told = ", ".join(f"{name}={value}" for name, value in zip(level, part, strict=True)) or "everybody"
        return f"smaller groups of {told}" if rest else told

    def _none(self) -> NoPromise:
        if self.levels[-1] == ():
            return NoPromise("no case is known yet; state a law with Stated(...) until there are some")
        return NoPromise(f"no group of this job has {self.at_least} cases, and everybody is left out")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DurationLaw):
            return NotImplemented
        same = self._terms() == other._terms() and self.observations == other.observations
        return same and whole(self._runs).same(whole(other._runs))

    __hash__ = None  # type: ignore[assignment]

    def _terms(self) -> dict[str, Any]:
        return {
            "columns": list(self.columns),
            "levels": [list(level) for level in self.levels],
            "at_least": self.at_least,
            "lowest": self.lowest if math.isfinite(self.lowest) else None,
            "rest": self.rest,
        }

    def to_json(self) -> str:
        """All of it as JSON; `from_json` gives the same law back.

        Raises:
            InvalidPolicyError: If a group value is no text, number or truth.
        """
        return json.dumps({**self._terms(), "groups": whole(self._runs).as_data()}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> DurationLaw:
        """The law of its JSON.

        Raises:
            InvalidPolicyError: If the text is something else.
        """

        def build(data: dict[str, Any]) -> DurationLaw:
            lowest = -math.inf if data["lowest"] is None else data["lowest"]
            run = Run.from_data(data["groups"])
            return cls(tuple(data["columns"]), _levels(data["levels"]), data["at_least"], lowest, data["rest"], (run,))

        return read(text, "law of durations", build)

    def __repr__(self) -> str:
        groups = len({cell for run in self._runs for cell in run.places})
        return f"<DurationLaw of {self.observations} cases, by {', '.join(self.columns) or 'nothing'}: {groups} groups>"


def _row(given: Any) -> Mapping[str, Hashable]:
    """The group values of one job: a mapping, or a row of a data frame."""
    try:
        return dict(given)
    except (TypeError, ValueError) as error:
        raise InvalidPolicyError(f"given is no mapping of columns to values: {given!r:.80}; pass a dict") from error


def _levels(fallback: Iterable[Sequence[str] | str]) -> tuple[tuple[str, ...], ...]:
    """The columns of each group; a name alone is one column."""
    given = [fallback] if isinstance(fallback, str) else fallback
    return tuple((level,) if isinstance(level, str) else tuple(level) for level in given)


def _run(minutes: ArrayLike, lowest: float, by: Any, columns: Sequence[str]) -> Run:
    """The jobs, sorted by group."""
    if by is None and columns:
        raise InvalidPolicyError(f"by is missing; pass the columns {', '.join(map(repr, columns))} of the jobs")
    return run_of(_checked(minutes, lowest), by, columns)


def _checked(minutes: ArrayLike, lowest: float) -> Floats:
    """The durations, or the first row that is none."""
    cases = amounts(minutes, "minutes", spans=True)
    if cases.ndim != 1:
        raise InvalidPolicyError(f"minutes must be one-dimensional, got {cases.ndim} dimensions; pass one for each job")
    if not np.isfinite(cases).all():
        row = int(np.argmin(np.isfinite(cases)))
        raise InvalidPolicyError(f"minutes must be finite, row {row} is {cases[row]}; give open jobs to Remaining.fit")
    if (cases < lowest).any():
        row = int(np.argmax(cases < lowest))
        raise InvalidPolicyError(
            f"minutes are below the lowest of {lowest:g}, row {row} is {cases[row]:g}; "
            "leave the job out, or lower the bound with lowest="
        )
    return cases
