"""When something late will be there: an instant, a window, quantiles or samples, as one distribution."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, FIRST, LAST, NEVER, iso, maybe_moment, to_micros
from carepolicy.errors import InvalidPolicyError
from carepolicy.span import ELAPSED, Span

if TYPE_CHECKING:
    import pendulum

    from carepolicy.window import Window


def _points(value: Iterable[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    return tuple((int(at), float(share)) for at, share in value)


@attrs.frozen
class Expected:
    """When something is expected: how likely it is to be there by which instant. Build it with `at`, `within`,
    `quantiles` or `samples`.

    Args:
        points: (UTC microseconds, probability to be there by then), both rising from 0 to 1; straight lines between
            them, and a jump where two points share an instant.

    Raises:
        InvalidPolicyError: If they do not rise from 0 to 1.
    """

    points: tuple[tuple[int, float], ...] = field(converter=_points)

    def __attrs_post_init__(self) -> None:
        shares = [share for _, share in self.points]
        if list(self.points) != sorted(self.points) or shares != sorted(shares) or shares[:1] + shares[-1:] != [0, 1]:
            raise InvalidPolicyError(
                f"points do not rise from 0 to 1: {self.points!r}; use Expected.at, within, quantiles or samples"
            )

    @classmethod
    def at(cls, instant: datetime | str) -> Expected:
        """It is there at exactly this instant."""
        return cls.samples([instant])

    @classmethod
    def within(cls, window: Window, share: float = 1.0) -> Expected:
        """It is there in a window, at any instant of it alike.

        Args:
            window: With both bounds.
            share: How likely it is to be in the window at all; the rest is shared alike between as long again before
                and as long again after.

        Raises:
            InvalidPolicyError: If the window has not both bounds, or the share is not above 0 and at most 1.
        """
        opens, closes = window.opens_us, window.closes_us
        if window.is_empty or opens <= ALWAYS or closes >= NEVER:
            raise InvalidPolicyError(f"window has not both bounds and time in it: {window!r}; use Window.between(a, b)")
        if not 0 < share <= 1:
            raise InvalidPolicyError(f"share must be above 0 and at most 1, got {share!r}")
        rest, long = (1 - share) / 2, closes - opens
        if not rest:
            return cls(((opens, 0), (closes, 1)))
        return cls(((opens - long, 0), (opens, rest), (closes, 1 - rest), (closes + long, 1)))

    @classmethod
    def quantiles(cls, p10: datetime | str, p50: datetime | str, p90: datetime | str) -> Expected:
        """It is there by these instants with 10, 50 and 90 %; the first and the last tenth reach as far again.

        Raises:
            InvalidTimeError: If one has no zone.
            InvalidPolicyError: If they are not in order.
        """
        low, middle, high = (to_micros(t, name) for t, name in ((p10, "p10"), (p50, "p50"), (p90, "p90")))
        if not low <= middle <= high:
            raise InvalidPolicyError(f"quantiles are not in order: {p10}, {p50}, {p90}; give p10, p50, p90")
        return cls(((2 * low - middle, 0), (low, 0.1), (middle, 0.5), (high, 0.9), (2 * high - middle, 1)))

    @classmethod
    def samples(cls, instants: Iterable[datetime | str]) -> Expected:
        """It is there at one of these instants, each as likely as the other.

        Raises:
            InvalidTimeError: If one has no zone.
            InvalidPolicyError: If there is none.
        """
        ticks = sorted(to_micros(instant) for instant in instants)
        if not ticks:
            raise InvalidPolicyError("samples are none; give at least one instant, or None for unknown")
        count = len(ticks)
        return cls(tuple((us, (n + side) / count) for n, us in enumerate(ticks) for side in (0, 1)))

    def later(self, by: Span) -> Expected:
        """The same, so much later.

        Raises:
            InvalidPolicyError: If the span is not of elapsed time.
        """
        if not isinstance(by, Span) or by.unit != ELAPSED:
            raise InvalidPolicyError(f"by is not elapsed time: {by!r}; use elapsed(hours=4)")
        return Expected(tuple((us + by.amount, share) for us, share in self.points))

    def after(self, instant_us: int) -> float:
        """How likely it is to be there only after an instant (UTC microseconds), from 0 to 1."""
        place = bisect_right(self.points, (instant_us, 2.0))
        if place in (0, len(self.points)):
            return 1.0 if place == 0 else 0.0
        (start, low), (end, high) = self.points[place - 1], self.points[place]
        return 1 - (low + (high - low) * ((instant_us - start) / (end - start)))

    @property
    def last_us(self) -> int:
        """The latest instant at which it may still be expected, in UTC microseconds."""
        return self.points[-1][0]

    @property
    def last(self) -> pendulum.DateTime | None:
        """The latest instant at which it may still be expected, in UTC."""
        return maybe_moment(self.last_us)

    def __str__(self) -> str:
        """From when to when, and the instant by which it is there as likely as not."""
        middle = next(us for us, share in self.points if share >= 0.5)
        first, median, last = (iso(min(max(us, FIRST), LAST)) for us in (self.points[0][0], middle, self.last_us))
        return first if first == last else f"{first} to {last}, as likely as not by {median}"
