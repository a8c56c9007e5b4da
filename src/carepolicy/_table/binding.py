"""What of each policy binds, column by column: what `Decision._binds` says of one customer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy._instant import ALWAYS, NEVER, Instant, is_array
from carepolicy._judge import Renamed
from carepolicy._table.asking import Asked
from carepolicy._time.zoned import Zoned
from carepolicy.calendar import Calendar
from carepolicy.reason import hours_of, is_local

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy._instant import Instants

NOT_BINDING, OPENS, CLOSES, REDIRECTS, HOURS = (np.int8(number) for number in range(5))
"""What of a policy binds, by number; of a duty, OPENS says that it is the one that is due."""


@attrs.frozen(slots=False, eq=False)
class Binding:
    """The guards of a rule, and their hours in some zones.

    Args:
        guards: The guards.
        zones: The zones of customers by number.
    """

    guards: tuple[Renamed, ...]
    zones: tuple[str, ...]

    @cached_property
    def is_local(self) -> bool:
        """Whether some hours are the customer's."""
        return any(is_local(guard.policy) for guard in self.guards)

    @cached_property
    def _hours(self) -> dict[int, Zoned]:
        """The hours of the guards that have any, by zone."""
        found = {}
        for number, guard in enumerate(self.guards):
            hours = [hours_of(guard.policy, zone) for zone in self.zones]
            if hours[0] is not None:
                found[number] = laid(tuple(h for h in hours if h is not None))
        return found

    def of(
        self,
        guards: Sequence[Asked],
        duties: Sequence[Asked],
        whole: Asked,
        redirected: NDArray[np.bool_],
        by_hours: tuple[NDArray[np.bool_], NDArray[np.bool_]],
        act: Instants,
        codes: NDArray[Any] | None,
        held: NDArray[np.bool_] | None,
    ) -> tuple[Any, ...]:
        """What of each policy binds, guards first; a number where it is the same in every row.

        Args:
            guards, duties: What they said.
            whole: What they come to together.
            redirected: The rows in which another contact is called for.
            by_hours: The rows that wait for hours, and those for which hours leave nothing.
            act: The starts of the allowed stretches.
            codes: The number of each row's zone.
            held: The rows that wait as the customer's zone is not known.
        """
        opening, closing = np.greater(whole.opens, ALWAYS), np.less(whole.closes, NEVER)
        redirecting = np.less(whole.redirects, NEVER)
        found: list[Any] = []
        for number, asked in enumerate(guards):
            binds: Any = NOT_BINDING
            if number in self._hours:
                shut = by_hours[0] | by_hours[1]
                if len(self._hours) > 1:
                    shut = self._shut(number, by_hours, act, codes)
                if held is not None and is_local(self.guards[number].policy):
                    shut = shut | held
                binds = chosen(shut, HOURS, binds)
            redirects = redirecting & _equal(asked.redirects, whole.redirects, NEVER)
            binds = chosen(redirects, REDIRECTS, binds)
            binds = chosen(closing & _equal(asked.closes, whole.closes, NEVER), CLOSES, binds)
            binds = chosen(opening & _equal(asked.opens, whole.opens, ALWAYS), OPENS, binds)
            found.append(chosen(redirects & redirected, REDIRECTS, binds))
        for asked in duties:
            is_due = np.equal(asked.due, whole.due) & np.less(asked.opens, NEVER)
            found.append(chosen(is_due, OPENS, NOT_BINDING))
        return tuple(found)

    def _shut(
        self,
        number: int,
        by_hours: tuple[NDArray[np.bool_], NDArray[np.bool_]],
        act: Instants,
        codes: NDArray[Any] | None,
    ) -> NDArray[np.bool_]:
        """Whether the hours of one guard among several are closed just before the allowed stretch begins."""
        waits, stuck = by_hours
        rows = np.flatnonzero(waits)
        before = act[rows] - 1
        begins, _ = self._hours[number].stretch(before, None if codes is None else codes[rows])
        shut = stuck.copy()
        shut[rows] = begins > before
        return shut


@lru_cache(maxsize=32)
def laid(calendars: tuple[Calendar, ...]) -> Zoned:
    """Calendars laid end to end; the same for every guard and touch that has these hours, as laying takes long."""
    return Zoned([calendar._clock.openings for calendar in calendars])  # noqa: SLF001  (the calendar's form for ticks)


def chosen(condition: Any, then: Any, otherwise: Any) -> Any:
    """`where`, without a column where all rows have the same."""
    if is_array(condition):
        return np.where(condition, then, otherwise)
    return then if condition else otherwise


def _equal(bound: Instant, whole: Instant, default: int) -> Any:
    """Where the bound of a policy is that of the whole decision; nowhere where it says nothing."""
    if not is_array(bound) and bound == default:
        return np.False_
    return np.equal(bound, whole)
