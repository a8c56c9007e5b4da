"""Windows that go on holding in a live system: corrected by what became of the latest, those still open included."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Literal

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._asked import percent
from carepolicy.arrival._corrections import BLOCK, FEWEST_FOR_SHAPE, Cases, Shape, Sizes, moved, shape_of, sizes_of
from carepolicy.arrival._held import NOTHING, Held
from carepolicy.arrival._json import read
from carepolicy.arrival._live import as_number, row_of, rows_of, windows_of
from carepolicy.arrival._numbers import is_whole, plain
from carepolicy.arrival._shelf import COLUMNS, Columns
from carepolicy.arrival.interval import UNITS, Interval, NoPromise, in_micros, share
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

SIDES = ("both", "by")
FORMAT = 1
_SETTINGS = ("confidence", "last", "side", "unit", "_shape", "_shaped_at")


@attrs.frozen
class Correction:
    """What is added to raw windows now.

    Args:
        low, high: Added to the low and to the high end of an average window, in its unit; minus infinity at the low
            end of a promise "by".
        cases: How many latest cases it rests on.
        in_flight: How many of them are still open.
    """

    low: float
    high: float
    cases: int
    in_flight: int


def _enough(instance: object, attribute: attrs.Attribute[int], value: int) -> None:
    if not is_whole(value, 20):
        raise InvalidPolicyError(f"{attribute.name} must be a whole number of cases from 20, got {value!r}; use 3000")


def _one_of(instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    known = SIDES if attribute.name == "side" else tuple(UNITS)
    if value not in known:
        raise InvalidPolicyError(f"{attribute.name} is not known: {value!r}; use one of {', '.join(known)}")


@attrs.frozen(repr=False)
class RollingCalibrator:
    """Corrects raw windows so that they hold, from what became of the latest cases, those still open included.

    Hand in every case when it is promised (open), and again when it has ended; ask with `adjust`. An open case counts
    too: one that is older than its window is late, whenever it ends. To leave open ones out would show only the quick
    among the latest cases, and make every window too short. Where the cases do not carry the promise, the answer is
    without bound, and `verdict` says why.

    Args:
        confidence: The share of cases that shall end inside the adjusted window, half of the misses on each side.
        last: How many cases are kept, the latest that started; the memory fades within them.
        side: "both" ends, or "by": only the high end is promised, and all misses are late.
        unit: Of the windows: seconds, minutes, hours or days of 24 hours.

    Raises:
        InvalidPolicyError: If one of them is none of these.

    Source: Romano, Patterson and Candes, Conformalized quantile regression (2019), one correction for each end, with
    the Kaplan-Meier curve of what each case was beyond the end of its window.

    >>> cal = RollingCalibrator(confidence=0.8)
    >>> cal = cal.update(range(0, 60, 3), [s + 25 + s % 7 for s in range(0, 57, 3)] + [None], 25, 28, at=84)
    >>> cal.adjust(25, 28), cal.in_flight
    ((25.0, 31.0), 1)
    """

    confidence: float = field(default=0.9, converter=plain, validator=share())
    last: int = field(default=3000, converter=plain, validator=_enough)
    side: Literal["both", "by"] = field(default="both", validator=_one_of, kw_only=True)
    unit: str = field(default="minutes", validator=_one_of, kw_only=True)
    _at: float | None = field(default=None, kw_only=True)
    _timed: bool = field(default=False, kw_only=True)
    _held: Held = field(default=NOTHING, kw_only=True, hash=False)
    _shape: Shape | None = field(default=None, kw_only=True, hash=False)
    _shaped_at: int = field(default=0, kw_only=True)
    _found: list[Sizes] = field(factory=list, eq=False, init=False)

    def update(
        self,
        started: Any,
        finished: Any,
        low: ArrayLike,
        high: ArrayLike,
        *,
        at: Any,
        case: Any = None,
    ) -> RollingCalibrator:
        """The calibrator that also knows these cases, as they are at an instant.

        One case or arrays of cases, in any order; some or all may have been handed in before. Without `case` a row is
        the case held with the same start and window: an open one that has now ended, or the same again. Two rows of
        one update are two cases. Give `case` where two cases can start at the same instant with the same window, or
        where an end may be corrected: then the later word on a case counts.

        Args:
            started: Aware times, `datetime64` (taken as UTC), or numbers in `unit` where `at` is a number.
            finished: The same; None, NaT or NaN for a case that is still open. An end after `at` is not known yet,
                and the case still open.
            low, high: The raw windows, before `adjust`, as durations from the start in `unit`; crossed ends are
                taken in order.
            at: Now: the instant up to which ends are known.
            case: What names each case, texts or whole numbers.

        Raises:
            InvalidPolicyError: If lengths differ, a case ends before it starts or starts after `at`, a window is no
                finite number, `at` goes back, or a case comes twice.
            InvalidTimeError: If a time has no zone.
        """
        now, timed = as_number(at)
        if self._at is not None and timed != self._timed:
            raise InvalidPolicyError(f"at is not of the kind of the updates before: {at!r}; pass times or numbers")
        if self._at is not None and now < self._at:
            raise InvalidPolicyError(f"at goes back: {at} is before the last update; hand in updates as time goes on")
        row = row_of(started, finished, low, high, case, now, timed)
        if row is None:
            held = self._held.with_rows(rows_of(started, finished, low, high, case, now, timed), self.last)
        else:
            held = self._held.with_row(row, self.last)
        fresh = self._later(now, timed, held)
        if self._shape is not None and held.told < self._shaped_at + self._block:
            return fresh
        if len(held) - held.in_flight < FEWEST_FOR_SHAPE:
            return fresh
        return attrs.evolve(fresh, shape=shape_of(fresh._cases(), self._block), shaped_at=held.told)  # noqa: SLF001

    def _later(self, at: float, timed: bool, held: Held) -> RollingCalibrator:
        """With what is known at a later instant; the settings need no second look."""
        fresh = object.__new__(type(self))
        for name in _SETTINGS:
            object.__setattr__(fresh, name, getattr(self, name))
        object.__setattr__(fresh, "_at", at)
        object.__setattr__(fresh, "_timed", timed)
        object.__setattr__(fresh, "_held", held)
        object.__setattr__(fresh, "_found", [])
        return fresh

    def adjust(self, low: ArrayLike, high: ArrayLike) -> tuple[Any, Any]:
        """Both ends of raw windows as they can be promised now: numbers for one case, arrays for several.

        The low end is never below 0, nor above the high end. Where there is no promise, the high end is infinite and
        the low end 0; `verdict` says why.

        Args:
            low, high: As for `update`.

        Raises:
            InvalidPolicyError: If lengths differ or a window is no finite number.
        """
        lower, upper = self._sizes().of(*self._shaped(*windows_of(low, high)))
        return (float(lower), float(upper)) if lower.ndim == 0 else (lower, upper)

    def window(self, low: float, high: float) -> Interval | NoPromise:
        """The raw window of one case as it can be promised now, or why it cannot."""
        verdict = self.verdict()
        if isinstance(verdict, NoPromise):
            return verdict
        lower, upper = self.adjust(low, high)
        why = f"as the latest {verdict.cases} cases ended, {verdict.in_flight} of them still open"
        return Interval(lower, upper, confidence=self.confidence, observations=verdict.cases, why=why)

    def verdict(self) -> Correction | NoPromise:
        """What is added to an average window now, or why nothing can be promised."""
        held, sizes = self._held, self._sizes()
        count, ended = len(held), len(held) - held.in_flight
        if ended < self._needed:
            reason = f"{ended} ended cases do not carry {percent(self.confidence)}; {self._needed} would"
            return NoPromise(reason, observations=ended)
        if math.isinf(sizes.high):
            reason = (
                f"nobody has seen when the slowest {percent(self._missed)} end: {held.in_flight} of the latest {count} "
                "cases are still open; promise the next update"
            )
            return NoPromise(reason, observations=ended)
        raw = held.columns.low.mean(), held.columns.high.mean()
        low, high = (float(end - given) for end, given in zip(self._shaped(*raw), raw, strict=True))
        return Correction(low + sizes.low, high + sizes.high, count, held.in_flight)

    @property
    def in_flight(self) -> int:
        """How many of the cases held are still open."""
        return self._held.in_flight

    def __len__(self) -> int:
        return len(self._held)

    @property
    def _missed(self) -> float:
        """The share of misses at each end that is promised."""
        return (1 - self.confidence) / (2 if self.side == "both" else 1)

    @property
    def _needed(self) -> int:
        return math.ceil(1 / self._missed - 1e-6) - 1

    @property
    def _block(self) -> int:
        """How many cases are looked at together for how far all have moved."""
        return max(round(BLOCK * self.last), 20)

    def _cases(self) -> Cases:
        return self._held.columns.as_of(self._at or 0.0, in_micros(self.unit) if self._timed else 1.0)

    def _shaped(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Windows with what is added in proportion to themselves."""
        if self._shape is None:
            return low, high
        off_low, off_high = self._shape.off(low, high)
        return low + off_low, high + off_high

    def _sizes(self) -> Sizes:
        """What is added to each end beside the shape; found once."""
        if not self._found:
            self._found.append(self._measured())
        return self._found[0]

    def _measured(self) -> Sizes:
        if len(self) - self.in_flight < self._needed:
            return Sizes()
        cases = self._cases()
        level, now = moved(cases, self._block)
        lower, upper = self._shaped(cases.low, cases.high)
        return sizes_of(cases, lower, upper + (level - now), self._missed, self.last, both=self.side == "both")

    def to_json(self) -> str:
        """Everything it knows, as text; `from_json` gives the same calibrator."""
        held, shape = self._held, self._shape
        return json.dumps(
            {
                "format": FORMAT,
                "confidence": self.confidence,
                "last": self.last,
                "side": self.side,
                "unit": self.unit,
                "at": self._at,
                "timed": self._timed,
                "shaped_at": self._shaped_at,
                "shape": None
                if shape is None
                else {name: _listed(value) for name, value in attrs.asdict(shape).items()},
                "held": {"told": held.told, "key": held.columns.key.tolist()}
                | {name: _listed(getattr(held.columns, name)) for name in COLUMNS},
            }
        )

    @classmethod
    def from_json(cls, text: str) -> RollingCalibrator:
        """The calibrator that `to_json` wrote.

        Raises:
            InvalidPolicyError: If the text is not from it.
        """

        def build(data: dict[str, Any]) -> RollingCalibrator:
            if data.pop("format") != FORMAT:
                raise ValueError("another format")
            shape, held = data.pop("shape"), data.pop("held")
            columns = {name: _floats(held[name]) for name in COLUMNS}
            kept = Held.of(Columns(key=held["key"], **columns), held["told"])
            fitted = None if shape is None else Shape(**{name: _floats(value) for name, value in shape.items()})
            return cls(held=kept, shape=fitted, **data)

        return read(text, "calibrator", build)

    def __repr__(self) -> str:
        told = [f"confidence={self.confidence}, last={self.last}"]
        told += [f"side={self.side!r}"] * (self.side != "both") + [f"unit={self.unit!r}"] * (self.unit != "minutes")
        start = f"RollingCalibrator({', '.join(told)})"
        return start if self._at is None else f"<{start}: {len(self)} cases, {self.in_flight} of them open>"


def _listed(values: Floats) -> list[float | None]:
    """As one list, with None for infinity, which JSON does not have."""
    return [x if math.isfinite(x) else None for x in values.ravel().tolist()]


def _floats(values: list[float | None]) -> Floats:
    return np.array([math.inf if x is None else x for x in values], dtype=np.float64)
