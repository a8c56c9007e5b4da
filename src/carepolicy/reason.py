"""Reasons: what each policy of a decision said, in bounds and in words."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import attrs

from carepolicy._instant import ALWAYS, NEVER, in_words
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidCalendarError
from carepolicy.span import working

if TYPE_CHECKING:
    import pendulum


class Bound(NamedTuple):
    """What one policy said of one customer: its bounds in UTC microseconds.

    A guard has `opens`, `closes` and `redirects`; a duty has `starts` (as `opens`) and `due`.
    """

    policy: Any
    opens_us: int
    closes_us: int = NEVER
    redirects_us: int = NEVER
    due_us: int = NEVER
    is_duty: bool = False
    names: tuple[tuple[str, str], ...] = ()
    """How facts are called in the plan, where the policy has another name for them."""


BOUNDS = ("opens", "closes", "redirects", "due")
"""The numbers of a `Bound`, in their order."""


@attrs.frozen(eq=False)
class BoundsForm:
    """How what the policies of a rule say becomes bounds.

    Args:
        parts: Each policy, whether it is a duty, and its other names for facts.
        places: For each number that is said, the policy and which of its `BOUNDS` it is.
    """

    parts: tuple[tuple[Any, bool, tuple[tuple[str, str], ...]], ...]
    places: tuple[tuple[int, int], ...]


class Bounds(Sequence[Bound]):
    """What each policy said, kept as numbers and written out when asked for: most decisions are never asked why."""

    __slots__ = ("_form", "_said")

    def __init__(self, form: BoundsForm, said: Sequence[int]) -> None:
        self._form, self._said = form, said

    def _written(self) -> tuple[Bound, ...]:
        rows = [[ALWAYS, NEVER, NEVER, NEVER] for _ in self._form.parts]
        for (row, place), us in zip(self._form.places, self._said, strict=True):
            rows[row][place] = us
        return tuple(
            Bound(policy, opens, closes, redirects, due, is_duty, names)
            for (policy, is_duty, names), (opens, closes, redirects, due) in zip(self._form.parts, rows, strict=True)
        )

    def __len__(self) -> int:
        return len(self._form.parts)

    def __iter__(self) -> Iterator[Bound]:
        return iter(self._written())

    def __getitem__(self, index: Any) -> Any:
        return self._written()[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (tuple, Bounds)) and self._written() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._written())

    def __repr__(self) -> str:
        return repr(self._written())

    def __reduce__(self) -> tuple[type, tuple[tuple[Bound, ...]]]:
        return tuple, (self._written(),)


def text_of(moment: pendulum.DateTime | None) -> str | None:
    """The ISO 8601 text of a bound; None where there is none."""
    return None if moment is None else moment.isoformat()


@attrs.frozen(kw_only=True)
class Reason:
    """Why: the bounds of one policy, and the facts that they rest on. Instants, never ages.

    Args:
        policy: The name of the policy.
        code: A stable code: the policy's name and the bound that binds, e.g. "JourneyComplete.opens".
        binding: Whether it sets a bound of the whole decision.
        text: One sentence.
        opens, closes, redirects, starts, due: The bounds, in the zone of the plan; None where there is none.
        awaits: The event that it waits for, in words; "" where it waits for none.
        facts: The facts used, by name.
    """

    policy: str
    code: str
    binding: bool
    text: str
    opens: pendulum.DateTime | None
    closes: pendulum.DateTime | None
    redirects: pendulum.DateTime | None
    starts: pendulum.DateTime | None
    due: pendulum.DateTime | None
    awaits: str
    facts: Mapping[str, pendulum.DateTime | None]

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON; instants as ISO 8601 with offset."""
        data = attrs.asdict(self)
        for name in ("opens", "closes", "redirects", "starts", "due"):
            data[name] = text_of(data[name])
        data["facts"] = {name: text_of(value) for name, value in self.facts.items()}
        return data


def bounds_in_words(bound: Bound, zone: str) -> str:
    """What one policy said, in words."""
    if bound.is_duty:
        if bound.opens_us >= NEVER and bound.due_us >= NEVER:
            return "nothing is owed"
        if bound.due_us <= ALWAYS:
            return "due, as nothing is known to have happened"
        if bound.due_us >= NEVER:
            return "owed, but nobody said by when"
        return f"due {in_words(bound.due_us, zone)}"
    parts = []
    if bound.opens_us >= NEVER:
        parts.append(f"waits for {bound.policy.awaits}")
    elif bound.opens_us > ALWAYS:
        parts.append(f"from {in_words(bound.opens_us, zone)}")
    if ALWAYS < bound.closes_us < NEVER:
        parts.append(f"before {in_words(bound.closes_us, zone)}")
    if ALWAYS < bound.redirects_us < NEVER:
        parts.append(f"another contact instead from {in_words(bound.redirects_us, zone)}")
    return ", ".join(parts) or "nothing stands against it"


@attrs.frozen
class WishedHours:
    """The hours in which one customer wishes to be contacted, as a guard beside those of a plan."""

    hours: Calendar
    awaits: ClassVar[str] = ""

    def needs(self) -> Mapping[str, Any]:
        """No facts."""
        return {}

    def open_hours(self) -> Calendar:
        """The hours, in their own zone."""
        return self.hours

    def explain(self) -> str:
        """The wish in plain words."""
        return f"the customer wishes {self.hours}"


def known_wish(value: object, whose: str = "") -> None:
    """Refuse a wish that is no calendar.

    Raises:
        InvalidCalendarError: If it is none.
    """
    if not isinstance(value, Calendar):
        raise InvalidCalendarError(f"wish{whose} is not a Calendar: {value!r:.80}; use e.g. Calendar.weekly(...)")


def hours_of(policy: Any, zone: str) -> Calendar | None:
    """The hours of a guard, for a customer in a zone; "" for a customer whose zone is not known."""
    hours: Calendar | None = policy.open_hours()
    if hours is None or not zone or not is_local(policy):
        return hours
    return _in_zone(hours, zone)


def last_open(hours: Sequence[Calendar], before: int) -> int:
    """The last microsecond before an instant at which all of these hours are open; the one before it where there are
    none."""
    if not hours:
        return before - 1
    return int(reduce(operator.and_, hours)._add(before, -working(microseconds=1)))  # noqa: SLF001


def is_local(policy: Any) -> bool:
    """Whether the hours of a policy are the customer's; a foreign guard that does not say has hours of ours."""
    return getattr(policy, "local_hours", False)


@lru_cache(maxsize=1024)
def _in_zone(hours: Calendar, zone: str) -> Calendar:
    """Hours in another zone, the same calendar for every touch that has these hours: their tables take long to make."""
    return hours.in_zone(zone)
