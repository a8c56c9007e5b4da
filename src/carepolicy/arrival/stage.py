"""One stage of long work: parts that come, work on the bench, somebody else's certificate; and how long it may take."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import field

from carepolicy._instant import ALWAYS, DAY, NEVER, iso
from carepolicy.arrival._ahead import ahead, dates_ahead, dates_passed
from carepolicy.arrival._asked import law_of
from carepolicy.arrival._numbers import CLOSE, is_number, plain
from carepolicy.arrival.interval import UNITS
from carepolicy.arrival.law import Empirical, Law, left_at
from carepolicy.arrival.quote import instant
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Instants = NDArray[np.int64]
    Flags = NDArray[np.bool_]

WORKING_DAYS = "working days"
MOST_AGAIN = 0.95
_GRID = np.linspace(0.0005, 0.9995, 1000)
"""The shares at which a law that is no list of cases is asked how far it knows."""
FURTHEST_DAYS = 20 * 365
"""What takes longer than 20 years of its own time counts as without an end: heavy laws must not leave the calendar."""


def _after(given: Any) -> tuple[str, ...] | None:
    return None if given is None else words(given)


def _not_before(given: datetime | str | int | None) -> int:
    return ALWAYS if given is None else instant(given, "not_before")


def _started(given: datetime | str | int | None) -> int:
    return NEVER if given is None else instant(given, "started")


def _finished(given: datetime | str | int | None) -> int:
    return NEVER if given is None else instant(given, "finished")


def _part(instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
    if not is_number(value) or not 0 <= value <= 1:
        raise InvalidPolicyError(f"{attribute.name} must be a share from 0 to 1, got {value!r}; write 0.3 for 30 %")


def _calendar(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, Calendar):
        raise InvalidPolicyError(f"calendar is none: {value!r:.80}; use e.g. Calendar.weekly(...)")


def _again(instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
    if not is_number(value) or not 0 <= value <= MOST_AGAIN:
        raise InvalidPolicyError(
            f"again must be a share from 0 to {MOST_AGAIN}, got {value!r}; what hardly ever holds has no end to tell"
        )


def _pace(instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
    if not is_number(value) or not 0 < value <= 100:
        raise InvalidPolicyError(f"pace must be above 0 and at most 100, got {value!r}; 0.5 takes half as long")


@attrs.frozen(repr=False)
class Stage:
    """One stage of long work, with what is known of it.

    Args:
        name: What it is called; no two of one piece of work are called the same.
        law: How long one attempt takes, in `unit`: any `Law`, or durations seen. Of `n` durations seen, one more is
            longer than all of them with the chance `1 / (n + 1)`, and then has no end that can be told.
        unit: Seconds, minutes, hours or days of 24 hours, of the open time of the calendar; or "working days" of the
            calendar, begun ones counted whole. These keep the hour: what begins on Friday night and takes one is over
            on Monday night, what begins on Saturday morning on Monday morning.
        calendar: Whose time counts: the supplier's, the shop's; all time when left out, as for what is on the road.
        after: The stages that must be over first; the one listed before when left out, and () for none.
        chance: How likely it is needed at all: hidden damage that may be found.
        again: How likely an attempt does not hold, so that the stage is done once more.
        pace: What is left takes so many times as long: to ask what it would bring to shorten it.
        not_before: An appointment: it cannot begin earlier.
        started: When the attempt under way began, if it has.
        finished: When it was over, if it is.

    Raises:
        InvalidTimeError: If a time has no zone.
        InvalidPolicyError: If it has no name, a duration is negative, the unit is not known, the calendar, a share or
            the pace is none, or it was finished before it was started.

    >>> Stage("parts", [3, 5, 9], "working days", started="2026-03-02T09:00Z")
    Stage('parts', Empirical([3.0, 5.0, 9.0]), 'working days', started='2026-03-02T09:00:00+00:00')
    """

    name: str
    law: Law = field(converter=law_of)
    unit: str = "hours"
    calendar: Calendar = field(factory=Calendar.always, validator=_calendar)
    after: tuple[str, ...] | None = field(default=None, converter=_after, kw_only=True)
    chance: float = field(default=1.0, converter=plain, validator=_part, kw_only=True)
    again: float = field(default=0.0, converter=plain, validator=_again, kw_only=True)
    pace: float = field(default=1.0, converter=plain, validator=_pace, kw_only=True)
    not_before_us: int = field(default=None, alias="not_before", converter=_not_before, kw_only=True)
    started_us: int = field(default=None, alias="started", converter=_started, kw_only=True)
    finished_us: int = field(default=None, alias="finished", converter=_finished, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise InvalidPolicyError(f"name of a stage is no text: {self.name!r}; say e.g. 'parts'")
        if isinstance(self.law, Empirical) and self.law.values[0] < 0:
            raise InvalidPolicyError(f"law has a duration below 0: {self.law.values[0]:g}; leave the case out")
        if self.unit != WORKING_DAYS and self.unit not in UNITS:
            known = ", ".join([*UNITS, WORKING_DAYS])
            raise InvalidPolicyError(f"unit is not known: {self.unit!r}; use one of {known}")
        if self.started_us < NEVER and self.finished_us < self.started_us:
            raise InvalidPolicyError(
                f"finished is before started: finished={iso(self.finished_us)}, started={iso(self.started_us)}; "
                "swap them"
            )

    @property
    def size(self) -> int:
        """What one of the unit counts: microseconds, or dates."""
        return UNITS.get(self.unit, 1)

    def begun(self, at: int) -> bool:
        """Whether it had started by an instant, as far as was known then."""
        return min(self.started_us, self.finished_us) <= at

    def age(self, at: int) -> int:
        """How long the attempt under way has taken by an instant, in microseconds of its calendar, or in dates."""
        if self.unit == WORKING_DAYS:
            return dates_passed(self.calendar, self.started_us, at)
        return int(self.calendar._between(self.started_us, at))  # noqa: SLF001

    def tells(self, at: int) -> int:
        """Until when its law has something to say of the attempt under way, at least; NEVER if always."""
        known = self.law.values[-1:] if isinstance(self.law, Empirical) else self.law.quantile(_GRID)
        finite = known[np.isfinite(known)]
        if not isinstance(self.law, Empirical) and finite.size == _GRID.size:
            return NEVER
        last = self._whole(finite[-1:] if finite.size else np.zeros(1))
        return int(self.later(np.array([self.started_us]), last)[0])

    def ends(self, starts: Instants, at: int, seed: int) -> tuple[Instants, Flags]:
        """When it is over in each draw, NEVER where that cannot be told, and in which draws it is needed.

        Args:
            starts: When it could begin in each draw, if it has not, in UTC microseconds.
            at: What was known by this instant counts.
            seed: Its own stream of random numbers comes from the seed and its name alone.
        """
        if self.finished_us <= at:
            return np.full(starts.size, self.finished_us), np.ones(starts.size, dtype=bool)
        random = np.random.default_rng([seed, zlib.crc32(self.name.encode())])
        needed = _shares(random, starts.size) < self.chance
        fails = _shares(random, starts.size)
        first = _shares(random, starts.size)
        if self.started_us <= at:
            needed[:] = True
            age = self.age(at)
            left = self._drawn(first, age)
            begins = np.full(starts.size, self.started_us)
            amounts = np.where(left < NEVER, age + left, NEVER)
        else:
            begins = np.where(needed, np.maximum(starts, self.not_before_us), starts)
            amounts = self._drawn(first, 0)
        for failed in self._failed(fails):
            more = self._drawn(_shares(random, starts.size), 0)
            amounts = np.where(failed, _sum(amounts, more), amounts)
        over = self.later(begins, np.where(needed, amounts, 0))
        return np.maximum(over, at), needed

    def later(self, us: Instants, amounts: Instants) -> Instants:
        """Instants, each so much of its time later."""
        return (dates_ahead if self.unit == WORKING_DAYS else ahead)(self.calendar, us, amounts)

    def _failed(self, shares: Floats) -> list[Flags]:
        """For each further attempt, in which draws it is needed."""
        if not self.again:
            return []
        times = np.floor(np.log(shares) / np.log(self.again))
        return [times > done for done in range(int(times.max()))]

    def _drawn(self, shares: Floats, age: int) -> Instants:
        """How much longer than an age it takes, in microseconds or dates; NEVER where the law does not say."""
        return self._whole((self._durations(shares, age / self.size) - age / self.size) * self.pace)

    def _whole(self, found: Floats) -> Instants:
        counts = found.clip(0) * self.size
        counts = np.ceil(counts - CLOSE) if self.unit == WORKING_DAYS else np.rint(counts)
        furthest = FURTHEST_DAYS if self.unit == WORKING_DAYS else FURTHEST_DAYS * DAY
        known = counts <= furthest
        return np.where(known, np.where(known, counts, 0).astype(np.int64), NEVER)

    def _durations(self, shares: Floats, age: float) -> Floats:
        if isinstance(self.law, Empirical):
            left = self.law.values[self.law.values > age] if age > 0 else self.law.values
            return np.append(left, np.inf)[np.ceil(shares * (left.size + 1)).astype(np.int64) - 1]
        if age <= 0:
            return self.law.quantile(shares)
        over = float(self.law.cdf(age)) >= 1
        return np.full(shares.size, np.inf) if over else age + left_at(self.law, age).quantile(shares)

    def __repr__(self) -> str:
        parts = [repr(self.name), repr(self.law)]
        if self.unit != "hours" or self.calendar != Calendar.always():
            parts.append(repr(self.unit))
        if self.calendar != Calendar.always():
            parts.append(repr(self.calendar))
        for name, default in (("after", None), ("chance", 1), ("again", 0), ("pace", 1)):
            if getattr(self, name) != default:
                parts.append(f"{name}={getattr(self, name)!r}")
        for name, unset in (("not_before", ALWAYS), ("started", NEVER), ("finished", NEVER)):
            if getattr(self, f"{name}_us") != unset:
                parts.append(f"{name}={iso(getattr(self, f'{name}_us'))!r}")
        return f"Stage({', '.join(parts)})"


def _shares(random: np.random.Generator, draws: int) -> Floats:
    """Shares above 0 and below 1, in random order, one in each of as many equal parts: the error of draws is less."""
    return (random.permutation(draws) + random.uniform(1e-6, 1 - 1e-6, draws)) / draws


def _sum(one: Instants, other: Instants) -> Instants:
    return np.where((one < NEVER) & (other < NEVER), one + other, NEVER)
