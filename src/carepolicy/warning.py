"""Warnings before a clock is breached: at shares of it, once each, while somebody is there to act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol

import attrs
from attrs import field

from carepolicy._alone import rules_of
from carepolicy._holds import Holds
from carepolicy._instant import ALWAYS, NEVER, in_words, iso, maybe_moment, to_micros
from carepolicy._time import pauses as pausing
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import Facts, Parties
from carepolicy.pauses import Clock
from carepolicy.policy import duty_parts
from carepolicy.span import WORKING, Span, forward, working
from carepolicy.state import Folded, Unit
from carepolicy.timeline import Timeline
from carepolicy.touch import Touch

if TYPE_CHECKING:
    import pendulum


class PlanLike(Protocol):
    """What is asked of a plan: its calendar, its parties, and its touches by name."""

    @property
    def calendar(self) -> Calendar:
        """In which time is counted."""
        ...

    @property
    def parties(self) -> Parties:
        """Who is who."""
        ...

    @property
    def touches(self) -> Iterable[tuple[str, Touch]]:
        """The touches by name."""
        ...


def _rising(instance: object, attribute: object, value: tuple[int, ...]) -> None:
    if not value or any(not isinstance(share, int) or not 0 < share <= 100 for share in value):
        raise InvalidPolicyError(f"thresholds are no shares: {value!r}; use whole numbers from 1 to 100, at least one")


def _open_time(instance: object, attribute: attrs.Attribute[Any], value: Span) -> None:
    forward(instance, attribute, value)
    if value.unit != WORKING:
        raise InvalidPolicyError(f"lead is no open time: {value}; use working(minutes=...)")


def _shares(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(values)))


@attrs.frozen
class DueWarning:
    """A clock will be breached unless something is done.

    Args:
        clock: The name of the clock, with its touch where it stands in a plan.
        unit: Whom it is about: (customer, case, ref, party).
        threshold: Which share of the clock is used, in per cent.
        cycle_us: What started the clock, in UTC microseconds.
        at_us: From when the warning is to be given.
        due_us: When the clock is breached.
        armed_us: The latest instant at which this cycle was due so far: a later one arms the warning again.
        zone: The zone that instants are given in.
    """

    clock: str
    unit: Unit
    threshold: int
    cycle_us: int
    at_us: int
    due_us: int
    armed_us: int
    zone: str = "UTC"

    @property
    def key(self) -> str:
        """One for each clock, cycle and threshold, the same until it is due later: reserve it before warning."""
        words = [p.replace("%", "%25").replace("/", "%2F") for p in (*self.unit, self.clock)]
        return f"{'/'.join(words)}/{self.cycle_us}/{self.threshold}/{self.armed_us}"

    @property
    def at(self) -> pendulum.DateTime | None:
        """From when it is to be given."""
        return maybe_moment(self.at_us, self.zone)

    @property
    def due(self) -> pendulum.DateTime | None:
        """When the clock is breached."""
        return maybe_moment(self.due_us, self.zone)

    @property
    def text(self) -> str:
        """The warning in words."""
        who = " ".join(word for word in self.unit if word)
        return f"{self.clock} {who}: {self.threshold} % used, due {in_words(self.due_us, self.zone)}"

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "clock": self.clock,
            **dict(zip(("customer", "case", "ref", "party"), self.unit, strict=True)),
            "threshold": self.threshold,
            "at": iso(self.at_us, self.zone),
            "due": iso(self.due_us, self.zone),
            "key": self.key,
        }


@attrs.frozen
class Warned(Holds):
    """The warnings to be given now.

    Args:
        warnings: One for each clock and cycle at most, the one breached first coming first.
        review_us: Until when nothing changes, unless an event arrives, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    warnings: tuple[DueWarning, ...]
    review_us: int = NEVER
    zone: str = "UTC"

    def __iter__(self) -> Iterator[DueWarning]:
        return iter(self.warnings)

    def __len__(self) -> int:
        return len(self.warnings)


@attrs.frozen
class Warnings:
    """When to warn that a clock will be breached: at shares of it, once each, while somebody is there to act.

    A share is counted in open time, without pauses. A warning comes at the latest `lead` of open time before the
    breach, so the last one is never at night before an early morning. Of several that have passed only the highest is
    given; after the breach none is: the decision itself is overdue then.

    Args:
        thresholds: The shares, in per cent; 100 is `lead` before the breach.
        lead: How much open time before the breach the last warning comes at the latest.

    Raises:
        InvalidPolicyError: If the thresholds are no shares, or `lead` is no open time.
    """

    thresholds: tuple[int, ...] = field(default=(50, 75, 90), converter=_shares, validator=_rising)
    lead: Span = field(default=working(minutes=15), validator=_open_time)

    def of(
        self,
        policy: Any,
        timeline: Timeline,
        at: datetime | str,
        *,
        calendar: Calendar | None = None,
        parties: Parties | None = None,
        since: datetime | str | None = None,
        touch: str = "",
    ) -> Warned:
        """The warnings about a duty, or several joined with `|`, that are to be given now.

        Args:
            policy: The duty.
            timeline: The log.
            at: As known when.
            calendar, parties: As in the plan.
            since: Warnings that were due before are not given: the first run over an old log floods nobody.
            touch: What the clock is called before its own name.
        """
        now = to_micros(at)
        hours, who = calendar or Calendar.always(), parties or Parties()
        begin = ALWAYS if since is None else to_micros(since, "since")
        known = timeline._as_of(now)  # noqa: SLF001  (ticks)
        found: list[DueWarning] = []
        review = timeline.next_visible(now)
        for part in duty_parts(policy):
            name = f"{touch}.{type(part).__name__}" if touch else type(part).__name__
            for unit, run in (pair for one in known.by_customer.values() for pair in _runs(part, one, hours, who)):
                moments = self._moments(run, hours)
                review = min([review, *(us for us in (*moments.values(), run.due) if us > now)])
                passed = [share for share, us in moments.items() if us <= now < run.due]
                if passed and moments[passed[-1]] >= begin:
                    share = passed[-1]
                    found.append(
                        DueWarning(name, unit, share, run.cycle, moments[share], run.due, run.armed, hours.zone)
                    )
        return Warned(tuple(sorted(found, key=lambda w: (w.due_us, w.key))), review, hours.zone)

    def of_plan(
        self, plan: PlanLike, timeline: Timeline, at: datetime | str, *, since: datetime | str | None = None
    ) -> Warned:
        """The warnings about every duty of a plan that are to be given now. Arguments as for `of`."""
        every = [
            self.of(t.due, timeline, at, calendar=plan.calendar, parties=plan.parties, since=since, touch=name)
            for name, t in plan.touches
            if t.due is not None
        ]
        warnings = sorted((w for one in every for w in one), key=lambda w: (w.due_us, w.key))
        return Warned(tuple(warnings), min((one.review_us for one in every), default=NEVER), plan.calendar.zone)

    def _moments(self, run: _Run, hours: Calendar) -> dict[int, int]:
        """When each share of a clock is used."""
        openings = hours._clock.openings  # noqa: SLF001  (open time on both sides of pauses)
        total = pausing.between(openings, run.cycle, run.due, run.pauses)
        moments = {}
        for share in self.thresholds:
            left = min(max(total - total * share // 100, self.lead.amount), total)
            back = pausing.add(openings, run.due, -left, run.pauses) if left else run.cycle
            moments[share] = max(back, run.cycle)
        return moments

    def explain(self) -> str:
        """The rule in plain words."""
        shares = ", ".join(map(str, self.thresholds))
        return f"a warning when {shares} % of a clock are used, {self.lead} before the breach at the latest"


@attrs.frozen
class _Run:
    """One cycle of a clock: from when, until when, with which pauses; `armed` is the latest that it was due so far."""

    cycle: int
    due: int
    armed: int
    pauses: list[tuple[int, int]]


def _runs(part: Any, timeline: Timeline, hours: Calendar, parties: Parties) -> Iterator[tuple[Unit, _Run]]:
    """The clocks that run at the end of what is known of one customer."""
    rules = rules_of(part, hours, parties)
    rule = rules.rules[0]
    armed: dict[tuple[Unit, int], int] = {}
    last: dict[Unit, tuple[int, int, Facts]] = {}
    for state in _states(rules.folding, timeline):
        last = {}
        for unit in state.of_scope(rule.scope):
            facts = Facts.of(hours, state.values(unit))
            cycle, due = part.cycle(facts), part.due(facts)
            if ALWAYS < cycle < due < NEVER:
                armed[unit, cycle] = max(due, armed.get((unit, cycle), due))
                last[unit] = (cycle, due, facts)
    for unit, (cycle, due, facts) in last.items():
        steps = part.steps(facts) if isinstance(part, Clock) else ()
        pauses = [(begin, end) for begin, end, _, moved in steps if moved < NEVER]
        yield unit, _Run(cycle, due, armed[unit, cycle], pauses)


def _states(folding: Any, timeline: Timeline) -> Iterator[Folded]:
    """What was known each time that something became visible."""
    slots = folding.empty()
    for visible, recordings in groupby(timeline.recordings, key=lambda e: e.visible_us):
        if timeline.is_plain:
            for event in recordings:
                folding.absorb(slots, event)
            yield Folded(folding, slots)
        else:
            yield folding.fold(timeline.known(visible))
