"""How long an open case will still take, given how long it has taken: open cases count, and so do other ends.

Whoever looks at closed cases only sees the quick ones. Here a case that is still open counts for as long as it was
watched, and one that ended otherwise (cancelled, no access) is no slow one.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._json import read
from carepolicy.arrival._numbers import CLOSE, amounts, flags, is_number
from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.kaplan_meier import at_risk_table
from carepolicy.arrival.law import EXACT, Steps, checked_shares, fixed, stay_fixed
from carepolicy.arrival.tails import Shape, ends
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from carepolicy.arrival.law import Floats

OPEN, WANTED, OTHER = 0, 1, 2
"""How a case was last seen: still open, ended as wanted, ended otherwise."""


@attrs.frozen(repr=False)
class Remaining:
    """How long cases take, learnt from those that ended and those that are still open; build it with `Remaining.fit`.

    It is the law of a new case; `given` an age, of what is still to come.

    >>> law = Remaining.fit([2, 3, 4, 6, 9], [True, True, False, True, False])
    >>> law.quantile([0.2, 0.9]).tolist(), law.given(3).quantile(0.5).item()
    ([2.0, inf], 3.0)
    """

    ages: Floats = field(converter=fixed, eq=EXACT, hash=False)
    kinds: Floats = field(converter=fixed, eq=EXACT, hash=False)
    entries: Floats = field(converter=fixed, eq=EXACT, hash=False)
    counts: Floats = field(converter=fixed, eq=EXACT, hash=False)
    _estimated: _Curve = field(init=False, eq=False)
    _promised: _Curve = field(init=False, eq=False)
    _new: Steps = field(init=False, eq=False)

    __setstate__ = stay_fixed

    @_estimated.default
    def _count(self) -> _Curve:
        return _counted(self)

    @_promised.default
    def _count_one_more(self) -> _Curve:
        return self._estimated.with_one_more()

    @_new.default
    def _of_a_new_case(self) -> Steps:
        return self.given(0, since_start=True)

    @classmethod
    def fit(
        cls,
        durations: ArrayLike,
        ended: ArrayLike,
        entry: ArrayLike | None = None,
        cause: ArrayLike | None = None,
        wanted: Any = None,
    ) -> Remaining:
        """The law of cases, open ones among them.

        Args:
            durations: One-dimensional: the age at the end, or the age reached where a case is open; not below 0.
            ended: Whether each has ended.
            entry: From which age on each was watched: cases that ended before were never seen. 0 is from the start.
            cause: How each ended, where it ended; without, all ended as wanted.
            wanted: The cause that counts; others take a case out of the running, and it never ends as wanted.

        Raises:
            InvalidPolicyError: If lengths differ, a duration is not finite or negative, a case was not watched before
                its end, or causes come without the wanted one.
        """
        ages, over = amounts(durations, "durations"), flags(ended, "ended")
        entered = np.zeros(ages.shape) if entry is None else amounts(entry, "entry")
        if ages.ndim != 1:
            raise InvalidPolicyError(f"durations must be one-dimensional, got {ages.ndim} dimensions; pass one a case")
        causes = None if cause is None else np.asarray(cause)
        for name, column in (("ended", over), ("entry", entered), ("cause", causes)):
            if column is not None and column.shape != ages.shape:
                raise InvalidPolicyError(
                    f"{name} has {column.size} values for {ages.size} durations; pass one for each"
                )
        if not (np.isfinite(ages) & (ages >= 0)).all():
            row = int(np.argmin(np.isfinite(ages) & (ages >= 0)))
            raise InvalidPolicyError(
                f"durations must be finite and not negative, row {row} is {ages[row]}; leave it out"
            )
        if not ((entered < ages) | (entered <= 0)).all():
            row = int(np.argmin((entered < ages) | (entered <= 0)))
            raise InvalidPolicyError(
                f"entry is not before the end: row {row} enters at {entered[row]} and ends at {ages[row]}; leave it out"
            )
        if (causes is None) != (wanted is None):
            raise InvalidPolicyError(
                "cause and wanted go together: say how cases ended and which end counts, or neither"
            )
        kinds = np.where(over, WANTED if causes is None else np.where(causes == wanted, WANTED, OTHER), OPEN)
        return cls(*_compressed(ages, kinds, np.where(entered <= 0, -math.inf, entered), np.ones(ages.size)))

    def update(
        self,
        durations: ArrayLike,
        ended: ArrayLike,
        entry: ArrayLike | None = None,
        cause: ArrayLike | None = None,
        wanted: Any = None,
    ) -> Remaining:
        """The law with further cases, the same as of all at once.

        A case that was handed over open goes on as a new row, with the age reached then (above 0) as `entry`: the
        pieces count as the whole. It takes time linear in the distinct ages so far and in the new rows (sorted).

        Raises:
            InvalidPolicyError: As `fit` does.
        """
        more = Remaining.fit(durations, ended, entry, cause, wanted)
        columns = zip(attrs.astuple(self, filter=_state), attrs.astuple(more, filter=_state), strict=True)
        return Remaining(*_compressed(*(np.concatenate(pair) for pair in columns)))

    @property
    def observations(self) -> int:
        """How many rows were handed over."""
        return int(self.counts.sum())

    @property
    def why(self) -> str:
        """What the law rests on."""
        still_open = int(self.counts[self.kinds == OPEN].sum())
        return f"{self.observations} cases, {still_open} of them open when last seen"

    def quantile(self, share: ArrayLike) -> Floats:
        """The age by which a share of the cases has ended as wanted; infinite where nobody has seen so many end."""
        return self._new.quantile(share)

    def cdf(self, value: ArrayLike) -> Floats:
        """The share of the cases that has ended as wanted by an age."""
        return self._new.cdf(value)

    def given(self, age: float, *, promised: bool = False, since_start: bool = False) -> Steps:
        """The law of the time that a case which is still open at an age will take from then on.

        Args:
            age: What it has taken so far, not negative.
            promised: Count one more case that does not end: then what the law says holds for this very case as often
                as stated (without open cases exactly so), and says nothing where few are left.
            since_start: Take the case as new: one that ends at once counts too. Only with an age of 0.

        Raises:
            InvalidPolicyError: If the age is negative or not finite.

        Source: inf of the `t` with S(t) <= (1 - p) S(age), the curve of Kaplan and Meier (1958); with other ends the
            cumulative incidence of Aalen and Johansen (1978) from that age on.
        """
        if not is_number(age) or not 0 <= age < math.inf:
            raise InvalidPolicyError(
                f"age must be finite and not negative, got {age}; a case has taken some time so far"
            )
        curve = self._curve(promised)
        first = 0 if since_start else int(np.searchsorted(curve.times, age, side="right"))
        left, done = curve.before(first)
        shares = (curve.incidence[first:] - done) / left if left > 0 else np.empty(0)
        at_risk = int(curve.at_risk[first]) if first < curve.times.size else 0
        return Steps(
            curve.times[first : first + shares.size] - age,
            np.minimum(shares, 1),
            observations=at_risk,
            why=f"{at_risk} cases that were open at an age of {age:g}",
        )

    def window(self, confidence: float = 0.9, age: float = 0.0, shape: Shape = "by") -> Interval | NoPromise:
        """What can be promised of the time still to come, or why nothing can: then promise the next update.

        Args:
            confidence: Between 0 and 1.
            age: What the case has taken so far.
            shape: "by" for a bound from above, else as in `ends`.

        Raises:
            InvalidPolicyError: If the age is negative or not finite, or the confidence is no share.
        """
        return ends(self.given(age, promised=True), confidence, shape)

    def remaining(self, ages: ArrayLike, share: ArrayLike, *, promised: bool = False) -> Floats:
        """The time from now on by which a share of the cases open at each age has ended as wanted, for many at once.

        Infinite where nobody has seen so many end.

        Args:
            ages: What each case has taken so far.
            share: From 0 to 1, one for all or one for each.
            promised: As in `given`.

        Raises:
            InvalidPolicyError: If an age is negative or not finite, or a share is none.
        """
        curve, now, wanted = self._curve(promised), checked_ages(ages), checked_shares(share)
        first = np.searchsorted(curve.times, now, side="right")
        left, done = np.append(1.0, curve.survival)[first], np.append(0.0, curve.incidence)[first]
        at = np.searchsorted(curve.incidence, done + (wanted - CLOSE) * left)
        at = np.where(left > 0, np.maximum(at, first), curve.times.size)
        return np.asarray(np.append(curve.times, math.inf)[at] - now)

    def _curve(self, promised: bool) -> _Curve:
        return self._promised if promised else self._estimated

    def __repr__(self) -> str:
        return f"<Remaining of {self.why}>"

    def to_json(self) -> str:
        """All of it as JSON; `from_json` gives the same law back."""
        entries = [None if math.isinf(entry) else entry for entry in self.entries.tolist()]
        columns = {"ages": self.ages.tolist(), "kinds": self.kinds.tolist(), "counts": self.counts.tolist()}
        return json.dumps({**columns, "entries": entries}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Remaining:
        """The law of its JSON.

        Raises:
            InvalidPolicyError: If the text is something else.
        """

        def build(data: dict[str, Any]) -> Remaining:
            entries = [-math.inf if entry is None else entry for entry in data["entries"]]
            return cls(data["ages"], data["kinds"], np.array(entries, dtype=np.float64), data["counts"])

        return read(text, "law of open cases", build)


def checked_ages(ages: ArrayLike) -> Floats:
    """What open cases have taken so far, one or many.

    Raises:
        InvalidPolicyError: If one is negative or not finite.
    """
    taken = np.asarray(ages, dtype=np.float64)
    good = np.isfinite(taken) & (taken >= 0)
    if not good.all():
        raise InvalidPolicyError(
            f"ages must be finite and not negative, got {taken[~good][0]}; pass what each has taken so far"
        )
    return taken


def _state(attribute: attrs.Attribute[Any], value: object) -> bool:
    return attribute.init


@attrs.frozen(eq=False)
class _Curve:
    """At the ages of ends: how many were watched, and the shares still open after and ended as wanted by then."""

    times: Floats = field(converter=fixed)
    ended: Floats = field(converter=fixed)
    wanted: Floats = field(converter=fixed)
    at_risk: Floats = field(converter=fixed)
    survival: Floats = field(converter=fixed)
    incidence: Floats = field(converter=fixed)

    __setstate__ = stay_fixed

    @classmethod
    def of(cls, times: Floats, ended: Floats, wanted: Floats, at_risk: Floats) -> _Curve:
        survival = np.cumprod(1 - ended / at_risk)
        incidence = np.cumsum(np.append(1.0, survival)[:-1] * wanted / at_risk)
        return cls(times, ended, wanted, at_risk, survival, incidence)

    def with_one_more(self) -> _Curve:
        """The curve when one more case was watched all along and did not end."""
        more = _Curve.of(self.times, self.ended, self.wanted, self.at_risk + 1)
        return attrs.evolve(more, at_risk=self.at_risk)

    def before(self, first: int) -> tuple[float, float]:
        return (float(self.survival[first - 1]), float(self.incidence[first - 1])) if first else (1.0, 0.0)


def _counted(law: Remaining) -> _Curve:
    times, ended, at_risk = at_risk_table(law.ages, law.kinds != OPEN, law.entries, law.counts)
    wanted, which = np.zeros(times.size), law.kinds == WANTED
    np.add.at(wanted, np.searchsorted(times, law.ages[which]), law.counts[which])
    return _Curve.of(times, ended, wanted, at_risk)


def _compressed(
    ages: Floats, kinds: NDArray[Any], entries: Floats, counts: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Equal rows once, in order, with how many there were."""
    order = np.lexsort((entries, kinds, ages))
    columns = [np.asarray(column, dtype=np.float64)[order] for column in (ages, kinds, entries)]
    new = np.ones(order.size, dtype=bool)
    new[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    first = np.flatnonzero(new)
    merged: Floats = np.add.reduceat(counts[order], first) if first.size else np.empty(0)
    return columns[0][first], columns[1][first], columns[2][first], merged
