"""The two ends of a window: which part of a law is promised, so that a further case falls inside as often as stated.

From cases seen (`Empirical`) the ends are ranks that hold for one more case like them, however few there are; where
too few were seen, there is no promise. Any other law is taken at its word. Windows nest: who asks for more
confidence gets a window around the one of who asks for less.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._asked import law_of
from carepolicy.arrival._numbers import CLOSE, is_number, plain
from carepolicy.arrival.interval import Interval, NoPromise, checked_share
from carepolicy.arrival.law import Empirical
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from carepolicy.arrival.law import Floats, Law

ANCHOR = 0.9
"""The share at which a narrowest window is the shortest there is; windows of other shares nest with it."""
PLACES = 400
"""How many places of a window are tried along a law that is no list of cases."""


def _positive(instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not is_number(value) or not 0 < value < math.inf:
        raise InvalidPolicyError(f"{attribute.name} must be a positive number, got {value!r}; give a cost per unit")


@attrs.frozen
class Costs:
    """What a unit of time costs, which settles both ends: early and late do not weigh the same.

    The window that costs least on average leaves out `width / early` of the cases before and `width / late` after.

    Args:
        width: A unit of promised width, as the customer waits for it.
        early: A unit that somebody comes before the window opens.
        late: A unit that somebody comes after the window has closed.

    Raises:
        InvalidPolicyError: If one is not positive, or width costs so much that no window is left.

    Source: Winkler, A Decision-Theoretic Approach to Interval Estimation (1972).

    >>> Costs(width=1, early=16, late=32).confidence
    0.90625
    """

    width: float = field(converter=plain, validator=_positive)
    early: float = field(converter=plain, validator=_positive)
    late: float = field(converter=plain, validator=_positive)

    def __attrs_post_init__(self) -> None:
        left_out = self.width / self.early + self.width / self.late
        if left_out >= 1:
            raise InvalidPolicyError(
                f"width costs more than being outside: width / early + width / late is {left_out:g}; "
                "keep it below 1, e.g. with a smaller width"
            )

    @property
    def confidence(self) -> float:
        """The share of cases inside that these costs ask for."""
        return 1 - self.width / self.early - self.width / self.late


Shape = Literal["narrowest", "equal", "by"] | Costs
"""How a window lies: narrowest, the same share left out on either side, a bound from above only, or by costs."""


def ends(law: Law | ArrayLike | NoPromise, confidence: float = 0.9, shape: Shape = "narrowest") -> Interval | NoPromise:
    """The part of a law to promise, or why none can be.

    Args:
        law: Of durations or of instants, in any unit: a `Law`, or one-dimensional draws of it. One that has
            `observations` and `why` passes them on. Where there is none, the answer is its reason: a `NoPromise`.
        confidence: The share of further cases inside, between 0 and 1; `Costs` bring their own instead.
        shape: "narrowest" is the shortest window at 90 %, the shortest that nests with it elsewhere, in steps of one
            per cent (a tenth above 99 %), of which a share between two gets the upper. Where few cases were seen, it
            may reach a little beyond them. "equal" leaves out the same share on either side. "by" has no lower end.
            `Costs` leave out less where being outside costs more.

    Raises:
        InvalidPolicyError: If the confidence is no share, the shape is not known, or draws are none.

    Source: the narrowest window from cases is the full conformal set of the shortest interval (Vovk, Gammerman,
        Shafer 2005): a further case belongs to it if it lies in a shortest window of all cases and itself.

    >>> ends(Empirical(range(1, 100)), 0.9, "equal")
    Interval(low=5.0, high=95.0, confidence=0.9, observations=99, why='ranks 5 and 95 of 99 cases')
    >>> ends(Empirical([30, 45, 50]))
    NoPromise(reason='3 cases do not carry 90 %; 9 would', observations=3)
    """
    wanted = wanted_share(confidence, shape)
    if isinstance(law, NoPromise):
        return law
    law = law_of(law)
    if isinstance(law, Empirical):
        return _promised(ends_of_cases(law.values, wanted, shape), wanted, shape, law)
    return _promised(_ends_of_law(law, wanted, shape), wanted, shape, law)


def wanted_share(confidence: float, shape: Shape) -> float:
    """The share of cases that are to fall inside.

    Raises:
        InvalidPolicyError: If the confidence is no share or the shape is not known.
    """
    if isinstance(shape, Costs):
        return shape.confidence
    if shape not in ("narrowest", "equal", "by"):
        raise InvalidPolicyError(f"shape is not known: {shape!r}; use 'narrowest', 'equal', 'by' or Costs(...)")
    return checked_share(confidence)


def _promised(found: tuple[float, float], wanted: float, shape: Shape, law: Law) -> Interval | NoPromise:
    low, high = found
    cases = len(law) if isinstance(law, Empirical) else 0
    seen = cases or getattr(law, "observations", 0)
    if math.isinf(high) or (math.isinf(low) and shape != "by"):
        return NoPromise(too_few(cases, wanted, shape) if cases else _unknown(wanted), observations=seen)
    taken = getattr(law, "why", "") or f"{type(law).__name__} taken at its word"
    why = _ranks(cases, wanted, shape) if cases else taken
    return Interval(low, high, confidence=wanted, observations=seen, why=why)


def _ranks(seen: int, wanted: float, shape: Shape) -> str:
    if shape == "narrowest":
        return f"the narrowest of {seen} cases"
    before, after = _left_out(wanted, shape)
    upper = rank(seen, 1 - after)
    return (
        f"rank {upper} of {seen} cases"
        if shape == "by"
        else f"ranks {_lower(seen, before)} and {upper} of {seen} cases"
    )


def _unknown(wanted: float) -> str:
    return f"the law does not say where {100 * wanted:.4g} % of the cases lie; ask for less, or promise the next update"


def too_few(seen: int, confidence: float, shape: Shape = "narrowest") -> str:
    """Why so few cases carry no promise, and how many would."""
    cases = "1 case does" if seen == 1 else f"{seen} cases do"
    return f"{cases} not carry {100 * confidence:.4g} %; {fewest(confidence, shape)} would"


def fewest(confidence: float, shape: Shape = "narrowest") -> int:
    """How many cases it takes to promise at all.

    >>> fewest(0.9), fewest(0.9, "equal"), fewest(0.95, "by")
    (9, 19, 19)
    """
    if shape == "narrowest":
        return max(2, math.ceil(1 / (1 - _level(confidence)) - 1 - CLOSE))
    return max(math.ceil(1 / tail - 1 - CLOSE) for tail in _left_out(confidence, shape) if tail)


def widest_of_cases(cases: Floats, shape: Shape) -> tuple[float, float]:
    """Both ends at the largest share that so many cases carry, which lie around those of any smaller share."""
    most = cases.size / (cases.size + 1)
    if shape == "narrowest":
        size = 10.0 ** math.floor(math.log10(1 - most) + CLOSE)
        most = math.floor(most / size + 1e-6) * size
    elif shape == "equal":
        most = 2 * most - 1
    return ends_of_cases(cases, most, shape)


def _left_out(wanted: float, shape: Shape) -> tuple[float, float]:
    """The shares of cases before and after the window."""
    if isinstance(shape, Costs):
        return shape.width / shape.early, shape.width / shape.late
    return (0.0, 1 - wanted) if shape == "by" else ((1 - wanted) / 2, (1 - wanted) / 2)


def rank(seen: int, share: float) -> int:
    """Which of the cases seen, counted from 1, one more stays within with that share; beyond `seen` if none.

    Source: Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World (2005): ceil((n + 1) * share).

    >>> rank(19, 0.95), rank(18, 0.95)
    (19, 19)
    """
    return max(1, math.ceil((seen + 1) * share - CLOSE))


def _lower(seen: int, share: float) -> int:
    """Which of the cases one more stays above but for that share; 0 if none."""
    return math.floor((seen + 1) * share + CLOSE)


def ends_of_cases(cases: Floats, wanted: float, shape: Shape) -> tuple[float, float]:
    """Both ends from sorted cases; an end is infinite where they carry none."""
    if shape == "narrowest":
        return _narrowest_of_cases(cases, wanted)
    before, after = _left_out(wanted, shape)
    lower, upper = _lower(cases.size, before), rank(cases.size, 1 - after)
    return (
        float(cases[lower - 1]) if lower else -math.inf,
        float(cases[upper - 1]) if upper <= cases.size else math.inf,
    )


def _narrowest_of_cases(cases: Floats, wanted: float) -> tuple[float, float]:
    """The shortest window at 90 %; from there inward what fits inside, and outward whatever is added."""
    low, high = -math.inf, math.inf
    if wanted <= ANCHOR:
        for level in _steps(ANCHOR, wanted):
            inner = _shortest(cases, rank(cases.size, level))
            if low <= inner[0] and inner[1] <= high:
                low, high = inner
        return low, high
    every = [_shortest(cases, rank(cases.size, level)) for level in _steps(ANCHOR, wanted)]
    return min(found[0] for found in every), max(found[1] for found in every)


def _shortest(cases: Floats, held: int) -> tuple[float, float]:
    """Where one more case lies in a shortest window of `held` cases, itself among them; infinite if anywhere."""
    if not 2 <= held <= cases.size:
        return -math.inf, math.inf
    # That is, no farther from `held - 1` old cases, which lie together, than the shortest of `held` old ones is wide.
    width = (cases[held - 1 :] - cases[: cases.size - held + 1]).min()
    first, last = cases[: cases.size - held + 2], cases[held - 2 :]
    near = np.flatnonzero(last - first <= width)
    return float(last[near[0]] - width), float(first[near[-1]] + width)


def _ends_of_law(law: Law, wanted: float, shape: Shape) -> tuple[float, float]:
    if shape != "narrowest":
        before, after = _left_out(wanted, shape)
        low, high = law.quantile(np.array([before, 1 - after])).tolist()
        return (-math.inf if shape == "by" else low), high
    start, held = 0.0, 1.0
    for level in _steps(ANCHOR, wanted):
        inward = level <= held
        # A law that is known nests in shares: inside the window before, or around it.
        first, last = (
            (start, start + held - level) if inward else (max(0.0, start + held - level), min(start, 1 - level))
        )
        places = np.linspace(first, last, PLACES + 1)
        lows, highs = law.quantile(places), law.quantile(np.minimum(places + level, 1))
        known = np.isfinite(lows) & np.isfinite(highs)
        if known.any():
            best = int(np.where(known, highs - np.where(known, lows, 0), math.inf).argmin())
            start, held, low, high = float(places[best]), level, float(lows[best]), float(highs[best])
        elif not inward:
            return -math.inf, math.inf
    return (low, high) if held < 1 else (-math.inf, math.inf)


def _level(wanted: float) -> float:
    """The step that a narrowest window is made for: whole per cents, tenths of them from 99, and finer above."""
    size = 0.01
    while wanted > 1 - size + CLOSE * size:
        size /= 10
    return min(1 - size, math.ceil(wanted / size - 1e-6) * size)


def _steps(start: float, wanted: float) -> list[float]:
    """All steps from one to the other, both among them, in this order."""
    level, last = start, _level(wanted)
    steps = [start]
    while abs(level - last) > CLOSE:
        level = _level(level + 1e-4 * (1 - level)) if last > level else round(level - 0.01, 2)
        steps.append(level)
    return steps
