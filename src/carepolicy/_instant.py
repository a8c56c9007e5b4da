"""The one door for time: outside any aware time, inside whole UTC microseconds.

An `Instant` is an int (one customer) or an int64 array (a table) of microseconds since 1970-01-01T00:00Z. What never
happened is never null: `NEVER` (no such instant to come) and `ALWAYS` (since ever) are two sentinels far outside the
years 1 to 9999, so comparisons stay right without a special case. The helpers below dispatch on the type they are
given; numpy is imported only where an array arrives.
"""

from __future__ import annotations

import operator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import pendulum
from pendulum.tz.exceptions import InvalidTimezone

from carepolicy.errors import InvalidTimeError, UnknownZoneError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Instants: TypeAlias = NDArray[np.int64]

Instant: TypeAlias = Any
"""An int, or an int64 array, of UTC microseconds. `Any`, as one text serves both and Python cannot say so."""
Flag: TypeAlias = Any
"""A bool, or an array of bools."""

ALWAYS = -(2**61)
NEVER = 2**61
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH_ORDINAL = 719_163
FIRST = -62_135_596_800 * SECOND
LAST = 253_402_300_800 * SECOND - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOMENT = pendulum.DateTime
_UTC = pendulum.UTC
_ZERO = timedelta()


def to_micros(value: datetime | str, name: str = "at") -> int:
    """The UTC microseconds of one aware time.

    Args:
        value: Any aware `datetime`, pendulum's included, or ISO 8601 text with an offset.
        name: What the caller calls it, for the error.

    Raises:
        InvalidTimeError: If it is naive, NaT, no time, or outside the years 1 to 9999.
    """
    if value.__class__ is not _MOMENT and value.__class__ is not datetime:
        value = _checked(value, name)
    offset = _ZERO if value.tzinfo is _UTC else value.utcoffset()  # which takes longer than all the rest
    if offset is None:
        raise InvalidTimeError(
            f"{name} has no time zone: {value}; attach one, e.g. value.replace(tzinfo=ZoneInfo('Europe/Paris'))"
        )
    micros = (
        (value.toordinal() - EPOCH_ORDINAL) * 86_400 + (value.hour * 60 + value.minute) * 60 + value.second
    ) * SECOND + value.microsecond
    if offset:
        micros -= (offset.days * 86_400 + offset.seconds) * SECOND + offset.microseconds
        if not FIRST <= micros <= LAST:
            raise InvalidTimeError(f"{name} is outside the years 1 to 9999 in UTC: {value}; use None for 'never'")
    return micros


def _checked(value: object, name: str) -> datetime:
    """The aware or naive datetime behind text or a subclass; refuses everything else by name."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError as error:
            raise InvalidTimeError(
                f"{name} is not an ISO 8601 time: {value!r}; write e.g. '2026-03-02T09:00+01:00'"
            ) from error
    if not isinstance(value, datetime):
        raise InvalidTimeError(
            f"{name} is not a time: {value!r} ({type(value).__name__}); pass an aware datetime or ISO 8601 text"
        )
    if value != value:  # noqa: PLR0124  (NaT is a datetime that does not equal itself)
        raise InvalidTimeError(f"{name} is not a time: NaT; leave it out, or use None for 'never'")
    if getattr(value, "nanosecond", 0):
        raise InvalidTimeError(f"{name} is finer than a microsecond: {value}; round it, e.g. value.round('us')")
    return value


def to_moment(micros: int, zone: str = "UTC") -> pendulum.DateTime:
    """The pendulum time of UTC microseconds, in a zone.

    Raises:
        InvalidTimeError: If the instant is outside the years 1 to 9999.
    """
    return moment_in(micros, zone_of(zone))


def moment_in(micros: int, tz: pendulum.Timezone) -> pendulum.DateTime:
    """As `to_moment`, for a zone already looked up: the fields are copied, which is seven times as fast as asking
    pendulum to convert."""
    try:
        t = (_EPOCH + timedelta(microseconds=micros)).astimezone(tz)
    except OverflowError as error:
        raise InvalidTimeError(
            f"instant is outside the years 1 to 9999: {micros} microseconds; compare with ALWAYS and NEVER first"
        ) from error
    return _MOMENT(t.year, t.month, t.day, t.hour, t.minute, t.second, t.microsecond, tzinfo=tz, fold=t.fold)


def maybe_moment(micros: int, zone: str = "UTC") -> pendulum.DateTime | None:
    """The pendulum time, or None for `ALWAYS` and `NEVER`."""
    return to_moment(micros, zone) if ALWAYS < micros < NEVER else None


def iso(micros: int, zone: str = "UTC") -> str:
    """The ISO 8601 text of an instant with its offset, as short as it can be read back exactly.

    >>> iso(0), iso(1, "Asia/Kathmandu")
    ('1970-01-01T00:00:00+00:00', '1970-01-01T05:30:00.000001+05:30')
    """
    if not ALWAYS < micros < NEVER:
        return "always" if micros <= ALWAYS else "never"
    return to_moment(micros, zone).isoformat()


@lru_cache(maxsize=1024)
def zone_of(name: str) -> pendulum.Timezone:
    """The zone of an IANA name.

    Raises:
        UnknownZoneError: If the zone database has no such name.
    """
    try:
        zone = pendulum.timezone(name)
    except (InvalidTimezone, ValueError, OSError, AttributeError, TypeError) as error:
        raise UnknownZoneError(
            f"zone is not a known time zone: {name!r}; use an IANA name such as 'America/Denver'"
        ) from error
    if not isinstance(zone, pendulum.Timezone):
        raise UnknownZoneError(f"zone is not a known time zone: {name!r}; use an IANA name such as 'America/Denver'")
    return zone


def micros_array(values: NDArray[Any], name: str = "at") -> Instants:
    """The int64 microseconds of a `datetime64` array (taken as UTC) or of an integer array (taken as microseconds).

    Raises:
        InvalidTimeError: If it holds NaT, something else, or years outside 1 to 9999.
    """
    import numpy as np

    if not isinstance(values, np.ndarray):  # a pandas Series or index: its own zone, if any, is turned into UTC
        values = values.to_numpy(dtype="datetime64[us]" if values.dtype.kind == "M" else None)
    if values.dtype.kind == "M":
        if np.isnat(values).any():
            at = int(np.flatnonzero(np.isnat(values))[0])
            raise InvalidTimeError(f"{name} is not a time: NaT at position {at}; drop it, or fill it with NEVER")
        exact: Instants = values.astype("datetime64[us]").view(np.int64)
        if np.datetime_data(values.dtype)[0] in {"ns", "ps", "fs", "as"} and bool(
            (exact.view("datetime64[us]").astype(values.dtype) != values).any()
        ):
            raise InvalidTimeError(f"{name} is finer than a microsecond: dtype {values.dtype}; round it first")
        return exact
    if values.dtype.kind in "iu":
        return values.astype(np.int64, copy=False)
    raise InvalidTimeError(
        f"{name} is not an array of times: dtype {values.dtype}; pass datetime64[us] in UTC or int64 microseconds"
    )


def is_array(value: object) -> bool:
    """Whether a value is an array (of numpy, or a pandas Series or index), found without importing numpy."""
    return value.__class__ is not int and hasattr(value, "dtype") and getattr(value, "ndim", 0) > 0


def latest(first: Instant, *others: Instant) -> Instant:
    """The latest of the instants, row by row.

    >>> latest(3, NEVER, 5) == NEVER
    True
    """
    own = None  # an array made here, which may be written over
    for other in others:
        if first.__class__ is int and other.__class__ is int:
            first = max(first, other)
        else:
            import numpy as np

            first = np.maximum(first, other, out=own)
            own = first if is_array(first) else None
    return first


def earliest(first: Instant, *others: Instant) -> Instant:
    """The earliest of the instants, row by row.

    >>> earliest(3, ALWAYS, 5) == ALWAYS
    True
    """
    own = None  # an array made here, which may be written over
    for other in others:
        if first.__class__ is int and other.__class__ is int:
            first = min(first, other)
        else:
            import numpy as np

            first = np.minimum(first, other, out=own)
            own = first if is_array(first) else None
    return first


def where(condition: Flag, then: Instant, otherwise: Instant) -> Instant:
    """`then` in the rows where the condition holds, else `otherwise`; the `if` of policy texts.

    >>> where(1 < 2, 10, 20)
    10
    """
    if condition.__class__ is bool:
        return then if condition else otherwise
    import numpy as np

    return np.where(condition, then, otherwise)


def only_if(condition: Flag) -> Instant:
    """A bound that opens always where the condition holds, and never elsewhere."""
    return where(condition, ALWAYS, NEVER)


def unless(condition: Flag) -> Instant:
    """A bound that opens never where the condition holds, and always elsewhere; the `not` of policy texts."""
    return where(condition, NEVER, ALWAYS)


def both(first: Flag, *others: Flag) -> Flag:
    """All of the conditions, row by row; the `and` of policy texts."""
    for other in others:
        first = operator.and_(first, other)
    return first


def either(first: Flag, *others: Flag) -> Flag:
    """At least one of the conditions, row by row; the `or` of policy texts."""
    for other in others:
        first = operator.or_(first, other)
    return first


def iso_or_none(micros: int, zone: str = "UTC") -> str | None:
    """The ISO 8601 text of an instant; None for ALWAYS and NEVER."""
    return iso(micros, zone) if ALWAYS < micros < NEVER else None


def in_words(micros: int, zone: str = "UTC", *, by_the_day: bool = False) -> str:
    """An instant as a care team would say it; without the hour where that is only a stand-in.

    >>> in_words(1_511_308_800_000_000, "America/Denver")
    'Tue 21 Nov 2017 17:00'
    """
    if not ALWAYS < micros < NEVER:
        return "always" if micros <= ALWAYS else "never"
    at = to_moment(micros, zone)
    day = f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}"  # a sixth of what pendulum's format takes
    return day if by_the_day else f"{day} {at.hour:02}:{at.minute:02}"
