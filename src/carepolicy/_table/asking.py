"""Policies asked with columns: what each says of every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy._instant import ALWAYS, NEVER, Instant, is_array
from carepolicy._judge import Renamed
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import Facts

if TYPE_CHECKING:
    from carepolicy._instant import Instants
    from carepolicy.calendar import Calendar

ANY_TRAP = "use where, latest, earliest, only_if, unless and both, which take ints and columns"


@attrs.frozen(eq=False)
class Asked:
    """What a policy said of every row; an int where it is the same for all. What a duty starts at stands in `opens`."""

    opens: Instant = ALWAYS
    closes: Instant = NEVER
    redirects: Instant = NEVER
    due: Instant = NEVER
    cycle: Instant = ALWAYS
    attempted: Instant = ALWAYS


@attrs.frozen(eq=False)
class Asking:
    """The rows of a batch, to ask policies about.

    Args:
        count: How many.
        values: Their facts, by the names that the plan has for them.
        calendar: In which spans are counted.
        touch: What they are asked for, for errors.
    """

    count: int
    values: Mapping[str, Instants]
    calendar: Calendar
    touch: str

    def guard(self, guard: Renamed) -> Asked:
        """What a guard says; what it leaves to the defaults is not asked.

        Raises:
            InvalidPolicyError: If it cannot be asked with columns.
        """
        ask = self._asker(guard)
        return Asked(**{name: ask(name) for name in ("opens", "closes", "redirects", "cycle") if name in guard.own})

    def duty(self, duty: Renamed) -> Asked:
        """What a duty says. Errors as for `guard`."""
        ask = self._asker(duty)
        due = ask("due")
        more = {name: ask(name) for name in ("cycle", "attempted") if name in duty.own}
        return Asked(due if duty.starts_at_due else ask("starts"), due=due, **more)

    def _asker(self, part: Renamed) -> Callable[[str], Instant]:
        """How to ask a policy: with columns, or row by row where it is written for one customer only."""
        if getattr(part.policy, "one_customer_only", False):
            rows = self._rows(part)
            return lambda method: np.array([getattr(part.policy, method)(row) for row in rows], np.int64)
        facts = part.view(Facts.of(self.calendar, self.values), self.values, self.calendar)

        def ask(method: str) -> Instant:
            try:
                given = getattr(part.policy, method)(facts)
            except ValueError as error:
                raise self._trapped(part.policy, f"{method} raises {type(error).__name__} ({error})") from error
            if given.__class__ is int:
                return given
            if is_array(given) and given.dtype == np.int64 and given.shape == (self.count,):
                return given
            raise self._trapped(part.policy, f"{method} gives {type(given).__name__}, not an instant for each row")

        return ask

    def _rows(self, part: Renamed) -> list[Facts]:
        """The facts that a policy asks for, row by row."""
        renamed, own = dict(part.names), tuple(part.policy.needs())
        columns = [self.values[renamed.get(name, name)].tolist() for name in own] or [[()] * self.count]
        return [Facts.of(self.calendar, dict(zip(own, row, strict=False))) for row in zip(*columns, strict=True)]

    def _trapped(self, policy: Any, problem: str) -> InvalidPolicyError:
        """The error for a policy whose text does not hold for columns."""
        return InvalidPolicyError(
            f"policy cannot decide about a table: of touch {self.touch!r}, {type(policy).__name__}.{problem}; "
            f"{ANY_TRAP}, or set one_customer_only = True, and it is asked row by row"
        )
