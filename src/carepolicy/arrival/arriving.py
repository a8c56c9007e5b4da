"""When somebody will be there who is not there yet: a law of arrival, seen from an instant."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import field

from carepolicy._instant import FIRST, LAST, NEVER, iso, micros_array, to_moment
from carepolicy.arrival._asked import law_of
from carepolicy.arrival.choose import GridWindow, choose_window
from carepolicy.arrival.interval import Interval, NoPromise, checked_share, in_micros
from carepolicy.arrival.law import Empirical, Law, left_at
from carepolicy.arrival.quote import instant, last_of
from carepolicy.arrival.tails import ends
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy.window import Window

    Floats = NDArray[np.float64]


def _since(value: datetime | str | int) -> int:
    return instant(value, "since")


@attrs.frozen(repr=False)
class Arriving:
    """When somebody will be there, as far as was known at an instant, at which they were not.

    Args:
        law: Of the time from `since` on: measured, stated, or draws of a simulation.
        since: When this was known: any aware time. News is another `Arriving`.
        unit: Of the law: seconds, minutes, hours, or days of 24 hours.
        why: The version of the law, as a quote will say it.

    Raises:
        InvalidTimeError: If `since` has no zone.
        InvalidPolicyError: If it is no law, or the unit is not known.

    >>> coming = Arriving(Empirical([30, 50, 70, 90]), since="2026-03-02T09:00Z")
    >>> [coming.late("2026-03-02T10:15Z", at=f"2026-03-02T09:{minute}Z") for minute in ("00", "55")]
    [0.25, 0.5]
    """

    law: Law = field(converter=law_of)
    since_us: int = field(alias="since", converter=_since)
    unit: str = "minutes"
    why: str = ""

    def __attrs_post_init__(self) -> None:
        in_micros(self.unit)

    @classmethod
    def of(cls, draws: Any, since: datetime | str, *, why: str = "") -> Arriving:
        """The same from simulated arrivals.

        Args:
            draws: Instants: `datetime64` in UTC, a column of times, a list of aware times, or int64 microseconds.
            since: When they were drawn.
            why: What they rest on.

        Raises:
            InvalidTimeError: If `since` or a draw has no zone, or a draw is missing.
            InvalidPolicyError: If there is none.
        """
        known = instant(since, "since")
        if isinstance(draws, (list, tuple)):
            ticks = np.array([instant(draw, "draws") for draw in draws], dtype=np.int64)
        else:
            timed = getattr(getattr(draws, "dtype", None), "kind", None) is not None
            ticks = micros_array(draws if timed else np.asarray(draws), "draws")
        return cls(Empirical((ticks - known) / in_micros("minutes")), known, why=why)

    @property
    def size(self) -> int:
        """The unit of the law in microseconds."""
        return in_micros(self.unit)

    def gone(self, at_us: int) -> float:
        """How likely they were to be there by an instant (UTC microseconds), as known at `since`."""
        return float(self.law.cdf((at_us - self.since_us) / self.size))

    def late(self, limit: datetime | str | int, at: datetime | str | int) -> float:
        """How likely they are to come only after an instant, if they are not there at `at`; 1 if the law has run out.

        Raises:
            InvalidTimeError: If a time has no zone.
            InvalidPolicyError: If `at` is before `since`.
        """
        limit_us, at_us = instant(limit, "limit"), self.checked(at)
        left = 1 - self.gone(at_us)
        return 1.0 if at_us > limit_us or left <= 0 else min(1.0, (1 - self.gone(limit_us)) / left)

    def outside(self, window: Window, at: datetime | str | int) -> float:
        """How likely they are to come before or after a window, if they are not there at `at`.

        Raises:
            InvalidTimeError: If `at` has no zone.
            InvalidPolicyError: If `at` is before `since`.
        """
        at_us, opens, last = self.checked(at), window.opens_us, last_of(window)
        if at_us >= opens - 1:
            return self.late(last, at_us)
        left = 1 - self.gone(at_us)
        return 1.0 if left <= 0 else 1 - (self.gone(last) - self.gone(opens - 1)) / left

    def by(self, share: float, at: datetime | str | int) -> int:
        """By when they are there with a share, if they are not there at `at`, in UTC microseconds; NEVER if unknown."""
        at_us = self.checked(at)
        over = self.gone(at_us)
        value = float(self.law.quantile(over + checked_share(share, "share") * (1 - over)))
        ahead = value * self.size if over < 1 else np.inf
        return max(at_us, self.since_us + round(ahead)) if ahead < LAST - self.since_us else NEVER

    def window(
        self, confidence: float, at: datetime | str | int, *, grid: int = 0, zone: str = "UTC"
    ) -> Window | NoPromise:
        """When to expect them with a confidence, if they are not there at `at`.

        Args:
            confidence: The share inside.
            at: The instant at which they are not there.
            grid: The narrowest window on the clock's grid of so many minutes; 0 leaves out the same share on either
                side, to the microsecond.
            zone: The zone of that clock.

        Raises:
            InvalidTimeError: If `at` has no zone.
            InvalidPolicyError: If `at` is before `since`, or the confidence is no share, or the grid none.
        """
        later = self.not_yet(at)
        if later is None:
            return NoPromise(f"the estimate of {iso(self.since_us)} has run out; it takes a new one")
        start = to_moment(later.since_us)
        if grid:
            on = choose_window(later.law, start, confidence=confidence, grid=grid, unit=self.unit, zone=zone)
            return on.window if isinstance(on, GridWindow) else self._none(on)
        found = ends(later.law, confidence, "equal")
        far = isinstance(found, Interval) and found.high * self.size >= LAST - later.since_us
        return self._none(found) if isinstance(found, NoPromise) or far else found.after(start, self.unit)

    def _none(self, found: object) -> NoPromise:
        return (
            found if isinstance(found, NoPromise) else NoPromise("the law reaches beyond the year 9999; ask for less")
        )

    def not_yet(self, at: datetime | str | int) -> Arriving | None:
        """The same as known at a later instant at which they are not there; None where the law had them there by then.

        Raises:
            InvalidTimeError: If `at` has no zone.
            InvalidPolicyError: If `at` is before `since`.
        """
        at_us = self.checked(at)
        if at_us == self.since_us and self.gone(at_us) <= 0:
            return self
        if self.gone(at_us) >= 1:
            return None
        age = (at_us - self.since_us) / self.size
        return attrs.evolve(self, law=left_at(self.law, age), since=at_us)

    def checked(self, at: datetime | str | int) -> int:
        """An instant at which this is known, in UTC microseconds.

        Raises:
            InvalidTimeError: If it has no zone.
            InvalidPolicyError: If it is before `since`.
        """
        at_us = instant(at)
        if at_us < self.since_us:
            raise InvalidPolicyError(
                f"at is before the estimate: at={_said(at_us)}, since={iso(self.since_us)}; use the one known then"
            )
        return at_us

    def __repr__(self) -> str:
        more = (f", unit={self.unit!r}" if self.unit != "minutes" else "") + (f", why={self.why!r}" if self.why else "")
        return f"Arriving({self.law!r}, since={iso(self.since_us)!r}{more})"


def _said(us: int) -> str:
    return iso(min(max(us, FIRST), LAST))
