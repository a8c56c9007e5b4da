"""A simulated route: when each stop is reached, as draws, and what can be promised from them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._asked import percent
from carepolicy.arrival._numbers import plain
from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.interval import share as a_share
from carepolicy.arrival.law import EXACT, Empirical, Law, checked_shares, stay_fixed
from carepolicy.arrival.stop import When, minutes_of
from carepolicy.arrival.tails import Shape, ends, wanted_share
from carepolicy.errors import InvalidPolicyError, UnknownNameError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from carepolicy.arrival.law import Floats
    from carepolicy.window import Window


@attrs.frozen
class Reached:
    """The law of an arrival that does not happen on every day: the rest lies past the shift, or past all that is known.

    Args:
        days: When it happens, on the days on which it does.
        share: Of all days; above 0.

    Raises:
        InvalidPolicyError: If the share is none.
    """

    days: Empirical
    share: float = field(converter=plain, validator=a_share(of_one=True))

    def quantile(self, share: ArrayLike) -> Floats:
        """By when a share of all days has it; infinite for a share that has not."""
        wanted = checked_shares(share)
        return np.where(wanted <= self.share + 1e-12, self.days.quantile(np.minimum(wanted / self.share, 1)), np.inf)

    def cdf(self, value: ArrayLike) -> Floats:
        """The share of all days that has it by a value."""
        return self.share * self.days.cdf(value)


def place(stop: int | str, numbers: tuple[int, ...], names: tuple[str, ...]) -> int:
    """Where in the order of the route a stop is.

    Raises:
        UnknownNameError: If there is none of that number or name, or two of that name.
    """
    known: tuple[int | str, ...] = names if isinstance(stop, str) else numbers
    if known.count(stop) != 1 or isinstance(stop, bool):
        said = ", ".join(
            f"{number} {name!r}" if name else f"{number}" for number, name in zip(numbers, names, strict=True)
        )
        raise UnknownNameError(f"stop is not known by that number or name: {stop!r}; the stops are {said}")
    return known.index(stop)


@attrs.frozen(repr=False)
class Simulated:
    """The arrivals of a route, in minutes after its start; build it with `Route.simulate`.

    Args:
        arrivals: A row for each stop in the order of the route, a column for each draw; infinity where the stop is not
            reached before the shift ends, or where nobody can tell.
        numbers, names: Of the stops.
        due: After this an arrival is late; infinity if nothing was planned.
        seed: Of the draws.
        shift_end: Of the route.
        starts: Of the route.
    """

    arrivals: Floats = field(eq=EXACT, hash=False)
    numbers: tuple[int, ...]
    names: tuple[str, ...]
    due: tuple[float, ...]
    seed: int
    shift_end: float
    starts: str | None

    __setstate__ = stay_fixed

    @property
    def draws(self) -> int:
        """How many days were drawn."""
        return int(self.arrivals.shape[1])

    def arriving(self, stop: int | str) -> Floats:
        """When a stop is reached in each draw."""
        return np.asarray(self.arrivals[place(stop, self.numbers, self.names)])

    def error(self, share: float) -> float:
        """The standard error of a share that rests on the draws: 0.5 % for 90 % of 4,000."""
        return math.sqrt(share * (1 - share) / self.draws)

    def law(self, stop: int | str) -> Law | NoPromise:
        """The law of the arrival, for lateness and other windows; no promise if it is never reached."""
        draws = self.arriving(stop)
        reached = draws[draws < math.inf]
        if not reached.size:
            return NoPromise(self._short(stop, 0.0))
        law = Empirical(reached)
        return law if reached.size == draws.size else Reached(law, reached.size / draws.size)

    def window(self, stop: int | str, confidence: float = 0.9, shape: Shape = "narrowest") -> Interval | NoPromise:
        """The part of the day to promise for a stop, in minutes after the start of the route.

        Args:
            stop: Its number, from 1, or its name.
            confidence: The share of days like this one on which it holds.
            shape: "narrowest", "equal", "by" or `Costs`; see `ends`.

        Returns:
            The window, or why none can be promised: as it may fall past the shift, or has outlasted all that is known.

        Raises:
            UnknownNameError: If the stop is not known.
            InvalidPolicyError: If the confidence is no share or the shape is not known.
        """
        wanted, law = wanted_share(confidence, shape), self.law(stop)
        if isinstance(law, NoPromise):
            return law
        reached = law.share if isinstance(law, Reached) else 1.0
        if reached < wanted:
            return NoPromise(self._short(stop, reached))
        why = f"{self.draws} draws of the route, seed {self.seed}, give or take {percent(round(self.error(wanted), 4))}"
        found = (
            ends(law.days, min(wanted / reached, 1 - 1e-9), shape)
            if isinstance(law, Reached) and shape == "narrowest"
            else ends(law, confidence, shape)
        )
        if isinstance(found, NoPromise):
            return found if reached == 1 else NoPromise(self._short(stop, reached))
        return Interval(found.low, found.high, confidence=wanted, why=why)

    def _short(self, stop: int | str, reached: float) -> str:
        asked = f"stop {stop!r} is reached on {percent(round(reached, 4))} of the days only"
        if self.shift_end < math.inf:
            return f"{asked} before the shift ends; move it to another day or route"
        return f"{asked}, as nothing known has lasted that long; promise the next update"

    def between(self, stop: int | str, confidence: float = 0.9, shape: Shape = "narrowest") -> Window | NoPromise:
        """The same as a window of time, if the route says when it starts.

        Raises:
            InvalidPolicyError: If it does not.
        """
        if self.starts is None:
            raise InvalidPolicyError("the route does not say when it starts; give starts= to Route(...)")
        found = self.window(stop, confidence, shape)
        return found if isinstance(found, NoPromise) else found.after(self.starts)

    def late(self, stop: int | str, by: When | None = None) -> float:
        """The chance that a stop is reached later than it should be.

        Args:
            stop: Its number or name.
            by: In minutes after the start, or any aware time; unless given, when the stop closes, else as planned.

        Raises:
            InvalidPolicyError: If nothing says when it should be, or when the route starts that `by` is a time of.
            InvalidTimeError: If it is a time without a zone.
        """
        end = self.due[place(stop, self.numbers, self.names)] if by is None else minutes_of(by, "by", self.starts)
        if not math.isfinite(end):
            raise InvalidPolicyError(f"by is missing: stop {stop!r} neither closes nor is planned; say by when")
        return float(np.count_nonzero(self.arriving(stop) > end) / self.draws)

    def __repr__(self) -> str:
        return f"<Simulated {len(self.numbers)} stops, {self.draws} draws, seed {self.seed}>"
