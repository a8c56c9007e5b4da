"""Pauses of a clock: what was left when it was stopped goes on afterwards, and every due date explains itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field

from carepolicy._holds import Holds
from carepolicy._instant import (
    ALWAYS,
    NEVER,
    Flag,
    Instant,
    both,
    in_words,
    iso,
    iso_or_none,
    latest,
    maybe_moment,
    where,
)
from carepolicy._time.resuming import gone_on, remaining
from carepolicy.calendar import Calendar
from carepolicy.decision import Decision
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.facts import Fact, Facts, Parties
from carepolicy.policy import Duty, duty_parts
from carepolicy.span import WORKING, WORKING_DAYS, Span, forward
from carepolicy.stretches import BEGIN, END, KthStretch
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

    from carepolicy.state import Unit


@attrs.frozen
class Clock(Duty):
    """Something within a span after something else, whether or not the clock may be paused in between.

    Subclass it, and say by `started_by` which fact starts it, and by `runs` while what it still runs.

    Args:
        within: The target; working time and working days are counted in the calendar of the plan.
        pausable: Whether pauses stop it. What was left when a pause began goes on when it ends: open time for a target
            in working time or working days, time by any clock for one in days or elapsed time.
        pauses: At most so many pauses of one cycle count, the first ones; later ones do not stop it.

    Raises:
        InvalidPolicyError: If `within` is no span or does not point forward, or `pauses` is below 1.
    """

    within: Span = field(validator=forward)
    pausable: bool = field(default=False, kw_only=True)
    pauses: int = field(default=5, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.pauses < 1:
            raise InvalidPolicyError(f"pauses must be at least 1, got {self.pauses}; for none, leave pausable out")

    def started_by(self) -> Fact:
        """The fact that starts it."""
        raise InvalidPolicyError(f"clock has no start: {type(self).__name__}; write its `started_by` method")

    def start_needs(self) -> Mapping[str, Fact]:
        """The facts that `start` asks for."""
        return {"started": self.started_by()}

    def start(self, f: Facts) -> Instant:
        """When it started; NEVER while it has not."""
        return f.started

    def more_needs(self) -> Mapping[str, Fact]:
        """The facts beside the start that `runs` asks for."""
        return {}

    def runs(self, f: Facts) -> Flag:
        """Whether it still runs; as long as the start stands unless a subclass says otherwise."""
        return self.start(f) < NEVER

    @property
    def stops(self) -> tuple[KthStretch, ...]:
        """The facts of the stretches during which it stands: each begin with its end after it."""
        count = self.pauses if self.pausable else 0
        return tuple(
            KthStretch(self.started_by(), k=k, gives=gives, pauses=count)
            for k in range(1, count + 1)
            for gives in (BEGIN, END)
        )

    def needs(self) -> Mapping[str, Fact]:
        """What starts and ends it, and the stretches during which it stands."""
        stops = {f"stop_{stop.k}_{stop.gives}s": stop for stop in self.stops}
        return {**self.start_needs(), **self.more_needs(), **stops}

    def steps(self, f: Facts) -> Iterator[tuple[Instant, Instant, Instant, Instant]]:
        """For each stretch during which it stands: its begin, its end, what was left, and the due instant with it."""
        start = self.start(f)
        due = f.after(start, self.within)
        working = self.within.unit in (WORKING, WORKING_DAYS)
        clock = f.calendar._clock  # noqa: SLF001  (time with one amount per row)
        known = f.known()
        for k in range(1, len(self.stops) // 2 + 1):
            begin, end = known[f"stop_{k}_begins"], known[f"stop_{k}_ends"]
            counts = both(begin >= start, begin < due, due < NEVER, begin < end, end < NEVER)
            left = remaining(clock, where(counts, begin, due), due, working=working)
            due = latest(due, gone_on(clock, where(counts, end, due), left, working=working))
            yield begin, end, left, where(counts, due, NEVER)

    def starts(self, f: Facts) -> Instant:
        """From when the clock runs."""
        return where(self.runs(f), self.start(f), NEVER)

    def due(self, f: Facts) -> Instant:
        """`within` after the start, and later by the pauses that count."""
        due = f.after(self.start(f), self.within)
        for _, _, _, moved in self.steps(f):
            due = where(moved < NEVER, moved, due)
        return where(self.runs(f), due, NEVER)

    def cycle(self, f: Facts) -> Instant:
        """When the clock started."""
        start = self.start(f)
        return where(start < NEVER, start, ALWAYS)

    def explain(self) -> str:
        """The target in plain words."""
        stands = f"; at most {self.pauses} pauses stop the clock" if self.pausable else ""
        return f"{self.wanted} within {self.within}{stands}"

    @property
    def wanted(self) -> str:
        """What is owed, in words."""
        return self.owed


@attrs.frozen
class PauseUsed:
    """A stretch during which a clock stood.

    Args:
        begin_us, end_us: From when until when, in UTC microseconds.
        left_us: What was left of the target when it began, in microseconds.
        due_us: When the clock is due, with this one and those before it.
    """

    begin_us: int
    end_us: int
    left_us: int
    due_us: int


@attrs.frozen
class DueExplained(Holds):
    """Where a due date comes from: the start, the target, every pause that counted, the due instant.

    Args:
        clock: The name of the clock.
        unit: Whom it is about: (customer, case, ref, party).
        within: The target.
        start_us: When it started; NEVER where it has not.
        target_us: When it would be due without pauses.
        pauses: Those that moved it, in order.
        due_us: When it is due; NEVER where it does not run.
        review_us: Until when this holds, unless an event arrives.
        zone: The zone that instants are given in.
    """

    clock: str
    unit: Unit
    within: Span
    start_us: int
    target_us: int
    pauses: tuple[PauseUsed, ...]
    due_us: int
    review_us: int
    zone: str = "UTC"

    @property
    def start(self) -> pendulum.DateTime | None:
        """When it started."""
        return maybe_moment(self.start_us, self.zone)

    @property
    def due(self) -> pendulum.DateTime | None:
        """When it is due."""
        return maybe_moment(self.due_us, self.zone)

    def lines(self) -> tuple[str, ...]:
        """One sentence for each step."""
        if self.start_us >= NEVER:
            return (f"{self.clock} has not started",)

        def said(us: int) -> str:
            return in_words(us, self.zone)

        moved = (f"stood from {said(p.begin_us)} to {said(p.end_us)}: due {said(p.due_us)}" for p in self.pauses)
        end = f"due {said(self.due_us)}" if self.due_us < NEVER else "runs no more"
        return (
            f"{self.clock} started {said(self.start_us)}",
            f"{self.within} later: {said(self.target_us)}",
            *moved,
            end,
        )

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        pauses = [
            {
                "begin": iso(p.begin_us, self.zone),
                "end": iso(p.end_us, self.zone),
                "left_microseconds": p.left_us,
                "due": iso(p.due_us, self.zone),
            }
            for p in self.pauses
        ]
        return {
            "clock": self.clock,
            "customer": self.unit[0],
            "case": self.unit[1],
            "within": str(self.within),
            "start": iso_or_none(self.start_us, self.zone),
            "target": iso_or_none(self.target_us, self.zone),
            "pauses": pauses,
            "due": iso_or_none(self.due_us, self.zone),
            "review_at": iso_or_none(self.review_us, self.zone),
        }


def explain_due(
    policy: Any,
    timeline: Timeline,
    at: datetime | str,
    *,
    calendar: Calendar | None = None,
    parties: Parties | None = None,
    customer: str | None = None,
    case: str | None = None,
) -> DueExplained:
    """Where the due date of a clock comes from; of joined clocks, of the one due first.

    Args:
        policy: A clock, or several joined with `|`.
        timeline: The log.
        at: As known when.
        calendar, parties: As in the plan.
        customer, case: Whom to ask about; the most pressing when left out.

    Raises:
        InvalidPolicyError: If there is no clock in it.
        UnknownNameError: If nothing is known of the customer or case.
    """
    clocks = [part for part in duty_parts(policy) if isinstance(part, Clock)]
    if not clocks:
        raise InvalidPolicyError(f"policy is no clock: {policy!r}; ask its decision for the reasons")
    hours = calendar or Calendar.always()
    found, unknown = [], None
    for clock in clocks:
        try:
            decision = clock.decide(timeline, at, calendar=hours, parties=parties, customer=customer, case=case)
            found.append(_explained(clock, decision, hours))
        except UnknownNameError as error:  # one of several clocks may know a case of which others know nothing
            unknown = error
    if unknown is not None and not found:
        raise unknown
    first = min(found, key=lambda one: one.due_us)
    return attrs.evolve(first, review_us=min(one.review_us for one in found))


def _explained(clock: Clock, decision: Decision, hours: Calendar) -> DueExplained:
    f = Facts.of(hours, decision.known)
    return DueExplained(
        clock=type(clock).__name__,
        unit=decision.unit,
        within=clock.within,
        start_us=clock.start(f),
        target_us=f.after(clock.start(f), clock.within),
        pauses=tuple(PauseUsed(*step) for step in clock.steps(f) if step[3] < NEVER),
        due_us=decision.due_us,
        review_us=decision.review_us,
        zone=hours.zone,
    )
