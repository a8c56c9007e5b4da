"""The grid of a clock: the instants at which its minutes are whole multiples of a step, clock changes included."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from carepolicy._instant import DAY, HOUR, MINUTE, in_words, zone_of
from carepolicy._time.zone import offsets_of, year_of
from carepolicy.arrival._numbers import is_number
from carepolicy.errors import InvalidPolicyError, UnknownZoneError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]


def whole_grid(grid: float, name: str = "grid") -> int:
    """A step of the clock's grid, in whole minutes.

    Raises:
        InvalidPolicyError: If the day does not hold it a whole number of times.
    """
    if not is_number(grid) or not grid >= 1 or grid % 1 or 1440 % grid:
        raise InvalidPolicyError(f"{name} does not divide the day into whole minutes: {grid!r}; use 5, 15, 30 or 60")
    return int(grid)


def clock_points(opens: int, closes: int, grid: int, zone: str) -> Whole:
    """The instants from one to another, both included, at which a clock of the zone shows a multiple of the grid.

    The hour that is skipped when clocks change has none, and the hour that comes twice has its own twice.

    Args:
        opens, closes: UTC microseconds.
        grid: In minutes.
        zone: IANA name.
    """
    step = grid * MINUTE
    offsets = offsets_of(zone, year_of(opens - DAY), year_of(closes + DAY))
    probes = np.append(np.arange(opens, closes, HOUR, dtype=np.int64), np.int64(closes))
    found = [np.empty(0, dtype=np.int64)]
    for offset in np.unique(offsets.offset_array(probes)).tolist():
        first = -(-(opens + offset) // step) * step - offset
        points = np.arange(first, closes + 1, step, dtype=np.int64)
        found.append(points[offsets.offset_array(points) == offset])
    return np.sort(np.concatenate(found))


def day_and_hour(us: int, zone: str) -> tuple[str, str]:
    """What calendar and clock show at an instant; with the offset, where the clock shows it twice.

    >>> day_and_hour(1_792_888_200_000_000, "Europe/Paris"), day_and_hour(1_792_891_800_000_000, "Europe/Paris")[1]
    (('Sun 25 Oct 2026', '02:30 (UTC+02:00)'), '02:30 (UTC+01:00)')
    """
    day, hour = in_words(us, zone).rsplit(" ", 1)
    offsets = offsets_of(zone, year_of(us - DAY), year_of(us + DAY))
    here, *around = offsets.offset_array(np.array([us, us - DAY, us + DAY])).tolist()
    again = np.array([us + here - other for other in around if other != here], dtype=np.int64)
    if not (offsets.offset_array(again) == us + here - again).any():
        return day, hour
    minutes = here // MINUTE
    return day, f"{hour} (UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02})"


def zone_name(at: datetime | str, grid: int) -> str:
    """The zone that an aware time names by itself; UTC for an offset whose clock has the same grid.

    Raises:
        UnknownZoneError: If it is an offset only, and its clock has another grid.
    """
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    name = getattr(moment.tzinfo, "key", None)
    if name is not None:
        return zone_of(name).name
    offset = moment.utcoffset() or timedelta()
    if offset % timedelta(minutes=grid):
        raise UnknownZoneError(
            f"zone is not known: start has only the offset {offset}; pass the name, e.g. zone='Asia/Kathmandu'"
        )
    return "UTC"
