"""Prices of narrower windows: what a refund for every miss of ours, and the driving, make each width cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import attrs
import numpy as np

from carepolicy.arrival._asked import before, law_of, of_one_more, reach
from carepolicy.arrival._numbers import is_number
from carepolicy.arrival.law import Empirical
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from carepolicy.arrival.law import Law

PLACES = 4000
"""How many beginnings of a window are tried along a law that is no list of cases."""


@attrs.frozen
class PricedWindow:
    """A window of one width, where it holds most, and what it costs more.

    Args:
        width: How wide it is, in the unit of the law.
        low: Where it begins; it ends, itself inside, at `low + width`.
        share: Of the arrivals that it holds.
        surcharge: What it costs above the price of the visit.
        refund: What is paid back if we miss it.
    """

    width: float
    low: float
    share: float
    surcharge: float
    refund: float

    @property
    def high(self) -> float:
        """Where it ends."""
        return self.low + self.width

    def refund_for(self, arrived: float, *, ours: bool = True) -> float:
        """What is paid back: the refund for a miss of ours, early or late, and nothing for any other.

        Args:
            arrived: When the visit came, counted as the law counts.
            ours: Whether a miss is ours: not if the customer was out, or gave a wrong address.

        Raises:
            InvalidPolicyError: If the arrival is no number.

        >>> told = PricedWindow(30, low=60, share=0.86, surcharge=2.8, refund=20)
        >>> told.refund_for(95), told.refund_for(90), told.refund_for(95, ours=False)
        (20, 0.0, 0.0)
        """
        if math.isnan(arrived):
            raise InvalidPolicyError("arrived is no number: nan; ask once the visit is over")
        return self.refund if ours and not self.low <= arrived <= self.high else 0.0


@attrs.frozen
class Ladder:
    """The widths that a customer may choose from, the widest first: the narrower, the dearer.

    Args:
        windows: One for each width.
    """

    windows: tuple[PricedWindow, ...]

    def quote(self, width: float) -> PricedWindow:
        """The window of a width.

        Raises:
            InvalidPolicyError: If the ladder has no such width.
        """
        for window in self.windows:
            if window.width == width:
                return window
        known = ", ".join(f"{window.width:g}" for window in self.windows)
        raise InvalidPolicyError(f"width is not on the ladder: {width!r}; choose one of {known}")

    def explain(self) -> str:
        """The ladder as a table."""
        rows = (f"{one.width:>7g}  {one.share:>6.1%}  {one.surcharge:>9.2f}" for one in self.windows)
        return "\n".join(["  width    kept  surcharge", *rows])


def price_ladder(
    law: Law | ArrayLike,
    widths: Iterable[float] | float = (120, 60, 30, 15),
    *,
    refund: float,
    routing: Mapping[float, float] | Callable[[float], float] | None = None,
    ours: float = 1.0,
    grid: float | None = None,
    coin: float = 0.01,
) -> Ladder:
    """The price ladder at which refunds pay for themselves: no profit on misses, and no loss.

    From draws a window holds k of n + 1: one more like them. It costs the refund times the chance that we miss it, plus
    what the route costs more, rounded up to a coin. A narrower window never costs less than a wider one, whatever the
    routing costs say, and the same input gives the same quote.

    Args:
        law: Of the arrival, counted from any origin: a `Law`, or draws of it.
        widths: In the unit of the law, positive.
        refund: Paid back for a miss of ours.
        routing: What a window of a width costs more on the road, by width or as a function of it.
        ours: The share of misses that is ours to pay for.
        grid: Windows begin at multiples of it.
        coin: Prices are multiples of it.

    Raises:
        InvalidPolicyError: If there is no width, one is not positive, or an amount of money is none.

    >>> draws = [41, 44, 47, 50, 52, 53, 55, 58, 63, 77]
    >>> print(price_ladder(draws, [40, 20, 10], refund=20).explain())
      width    kept  surcharge
         40   90.9%       1.82
         20   72.7%       5.46
         10   45.5%      10.91
    """
    given = widths if isinstance(widths, Iterable) else [widths]
    law, sizes = law_of(law), sorted({_amount(width, "widths", above=0) for width in given}, reverse=True)
    if not sizes:
        raise InvalidPolicyError("widths are empty; pass e.g. (120, 60, 30)")
    back, step = _amount(refund, "refund"), _amount(coin, "coin", above=0)
    if not is_number(ours) or not 0 <= ours <= 1:
        raise InvalidPolicyError(f"ours must be a share from 0 to 1, got {ours!r}; 1 if every miss is ours")
    lows = _beginnings(law, grid, sizes[0])
    left_out = before(law, lows)
    rungs, dearest = [], 0.0
    for width in sizes:
        held = np.round(np.asarray(law.cdf(lows + width)) - left_out, 12)
        best = int(held.argmax())
        share = float(held[best]) * of_one_more(law)
        cost = back * ours * (1 - share) + _routing(routing, width)
        dearest = max(dearest, round(math.ceil(cost / step - 1e-6) * step, 9))
        rungs.append(PricedWindow(width, float(lows[best]), share, dearest, back))
    return Ladder(tuple(rungs))


def _beginnings(law: Law, grid: float | None, widest: float) -> NDArray[np.float64]:
    """Where windows may begin.

    Raises:
        InvalidPolicyError: If the law does not say where.
    """
    low, high = reach(law, 1 / PLACES)
    if math.isinf(low) or math.isinf(high):
        raise InvalidPolicyError("law does not say by when any case is over; pass one that does")
    if grid is not None:
        step = _amount(grid, "grid", above=0)
        return np.asarray(np.arange(math.floor((low - widest) / step), math.ceil(high / step) + 1) * step, np.float64)
    if isinstance(law, Empirical):
        return law.values
    places = np.asarray(law.quantile(np.linspace(0, 1, PLACES + 1)), dtype=np.float64)
    return places[np.isfinite(places)]


def _routing(routing: Mapping[float, float] | Callable[[float], float] | None, width: float) -> float:
    if routing is None:
        return 0.0
    if callable(routing):
        return _amount(routing(width), "routing")
    if width not in routing:
        raise InvalidPolicyError(f"routing has no cost for the width {width:g}; add it, with 0 for none")
    return _amount(routing[width], "routing")


def _amount(value: float, name: str, above: float | None = None) -> float:
    """A finite number, not negative, or above a bound.

    Raises:
        InvalidPolicyError: If it is none.
    """
    number = float(value) if is_number(value) else math.nan
    if not (0 <= number < math.inf if above is None else above < number < math.inf):
        what = "a number from 0" if above is None else "a positive number"
        raise InvalidPolicyError(f"{name} must be {what}, got {value!r}")
    return number
