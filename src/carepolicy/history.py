"""History: the events of a log in the order in which they happened, and the stretches during which a duty was owed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any

import attrs

from carepolicy._instant import NEVER, in_words, to_moment
from carepolicy.calendar import Calendar
from carepolicy.events import Event
from carepolicy.facts import REF, Facts, Parties, Which, unit_of
from carepolicy.rules import Part, Rules
from carepolicy.state import Folded, Unit
from carepolicy.timeline import Timeline


@attrs.frozen(kw_only=True)
class Lapse:
    """A stretch during which a duty was overdue.

    Args:
        policy: The duty.
        touch: The touch that it belongs to.
        unit: Whom it was owed.
        cycle_us: What opened the cycle, in UTC microseconds.
        due_us: When it fell due.
        until_us: When it was done, replaced or no longer owed (a silence lasts until the talk); NEVER when that has not
            happened.
        owed_us: Until when it was owed.
        party: Whose it was.
        opened_by: The events that opened the cycle.
        ended_by: The event that ended the lapse; None when nothing has.
        by_the_day: Whether its instants are only known by the day.
        plan: The version of the plan.
    """

    policy: Any
    touch: str
    unit: Unit
    cycle_us: int
    due_us: int
    until_us: int
    owed_us: int
    party: str
    opened_by: tuple[Event, ...]
    ended_by: Event | None
    by_the_day: bool
    plan: str

    @property
    def evidence(self) -> tuple[str, ...]:
        """The ids of the events that prove it."""
        return tuple(dict.fromkeys(e.id for e in (*self.opened_by, *((self.ended_by,) if self.ended_by else ()))))


@attrs.frozen(slots=False)
class History:
    """What happened, as known at the end.

    Args:
        events: Each once, ordered by when it happened.
        until_us: The end, in UTC microseconds.
        complete_from: From when nothing is missing.
        calendar: In whose zone days are counted.
        parties: Who is who.
        lapses: The stretches during which duties were overdue.
        plan: The version of the plan.
    """

    events: tuple[Event, ...]
    until_us: int
    complete_from: int
    calendar: Calendar
    parties: Parties
    lapses: tuple[Lapse, ...] = ()
    plan: str = ""

    @property
    def zone(self) -> str:
        """The zone of the plan."""
        return self.calendar.zone

    @cached_property
    def _dates(self) -> dict[int, Any]:
        """The local dates that were asked for already: every contact is compared with every lapse."""
        return {}

    def date(self, micros: int) -> Any:
        """The local date of an instant."""
        if micros not in self._dates:
            self._dates[micros] = to_moment(micros, self.zone).date()
        return self._dates[micros]

    def same_day(self, one: int, other: int) -> bool:
        """Whether two instants lie on one local date."""
        return bool(self.date(one) == self.date(other))

    def ours(self, event: Event) -> bool:
        """Whether an event is of our side or a partner's, not of the customer."""
        return self.parties.role(event.party) != "customer"

    @cached_property
    def by_case(self) -> dict[tuple[str, str], list[Event]]:
        """The events of each customer and case, in order."""
        groups: dict[tuple[str, str], list[Event]] = {}
        for event in self.events:
            groups.setdefault((event.customer, event.case), []).append(event)
        return groups

    @cached_property
    def by_customer(self) -> dict[str, list[Event]]:
        """The events of each customer, in order."""
        return by_customer(self.events)

    @cached_property
    def lapses_by_case(self) -> dict[tuple[str, str], list[Lapse]]:
        """The lapses towards each customer and case, by when they fell due."""
        groups: dict[tuple[str, str], list[Lapse]] = {}
        for lapse in sorted(self.lapses, key=lambda lapse: lapse.due_us):
            groups.setdefault(lapse.unit[:2], []).append(lapse)
        return groups

    def when(self, micros: int, *, by_the_day: bool = False) -> str:
        """An instant in words; without the hour where that is only a stand-in."""
        return in_words(micros, self.zone, by_the_day=by_the_day)

    def when_of(self, event: Event) -> str:
        """When an event happened, in words."""
        return self.when(event.at_us, by_the_day=event.precision == "day")

    def quoted(self, event: Event) -> str:
        """What the log says of an event."""
        return event.text or " ".join(w for w in (event.purpose, event.kind) if w)


def by_customer(events: Iterable[Event]) -> dict[str, list[Event]]:
    """The events of each customer, in the order given."""
    groups: dict[str, list[Event]] = {}
    for event in events:
        groups.setdefault(event.customer, []).append(event)
    return groups


def bare_history(known: Timeline, until_us: int, plan: Any) -> History:
    """What had happened by an instant (UTC microseconds), seen with a plan's calendar and parties; without lapses."""
    events = tuple(e for e in known.events if e.at_us <= until_us)
    return History(events, until_us, known.complete_from, plan.calendar, plan.parties, plan=plan.version)


def kinds_of(conditions: Iterable[Which]) -> frozenset[str]:
    """The kinds of event that may meet any of some conditions; none where one of them asks for no kind."""
    kinds = [which.kind for which in conditions]
    return frozenset(kind for named in kinds for kind in named) if all(kinds) else frozenset()


def lapses_of(part: Part, history: History) -> Iterator[Lapse]:
    """Every stretch during which a duty of a touch was overdue."""
    for duty in part.duties:
        rules, kinds = _alone(duty, history.calendar, history.parties)
        rule = rules.rules[0]
        for events in history.by_customer.values():
            walk = _Walk(part, duty, rules, history)
            for event in events:
                if not kinds or event.kind in kinds:
                    walk.step(event)
            yield from walk.end(rule.scope == REF)


@lru_cache(maxsize=128)
def _alone(duty: Any, calendar: Calendar, parties: Parties) -> tuple[Rules, frozenset[str]]:
    """The rules of one duty by itself, and the kinds of event that may feed it; none where any may.

    They are kept with what they have found out: cases are asked about one after the other.
    """
    rules = Rules.of([Part("", (duty,), (), None)], calendar, parties)
    return rules, kinds_of(w for fact in rules.folding.declared.values() for group in fact.conditions() for w in group)


@attrs.define
class _Owed:
    """What one unit is owed, while its events are followed."""

    values: dict[str, int]
    due: int
    lapsed: tuple[int, int] | None = None
    released: int = NEVER


class _Walk:
    """One duty, followed through the events of one customer."""

    def __init__(self, part: Part, duty: Any, rules: Rules, history: History) -> None:
        self.part, self.duty, self.history = part, duty, history
        self.folding = rules.folding
        self.rule = rules.rules[0]
        self.facts = tuple(rules.folding.by_scope.get(self.rule.scope, {}).items())
        self.slots = rules.folding.empty()
        self.state = Folded(rules.folding, self.slots)
        self.owed: dict[Unit, _Owed] = {}
        self.fed_at: dict[int, list[Event]] = {}
        self.found: list[tuple[Unit, tuple[int, int], int, Event | None]] = []

    def step(self, event: Event) -> None:
        """One more event: every unit that it touches is asked again."""
        fed = self.folding.feeds_of(event)
        if not fed:
            return
        self.fed_at.setdefault(event.at_us, []).append(event)
        scope, steps = fed[0]
        common = len(fed) > 1 or scope != self.rule.scope  # it feeds what all units of the customer share
        unit = None if common else unit_of(scope, event)
        if unit in self.owed:
            self._follow(unit, event, self._stepped(unit, event, steps))
            return
        self.folding.absorb(self.slots, event)
        units = self.state.of_scope(self.rule.scope) if common else [unit] if unit is not None else []
        for each in units:
            self._follow(each, event, self.state.values(each))

    def _stepped(self, unit: Unit, event: Event, steps: Iterable[tuple[int, Any, int]]) -> dict[str, int]:
        """The facts of a unit after an event that feeds some of its own: only those are worked out again."""
        values, states = dict(self.owed[unit].values), self.slots[self.rule.scope][unit]
        for slot, step, role in steps:
            name, fact = self.facts[slot]
            states[slot] = step(states[slot], event, role)
            values[name] = fact.value(states[slot])
        return values

    def _cycle(self, values: dict[str, int]) -> int:
        return int(self.duty.cycle(self._facts(values)))

    def _facts(self, values: dict[str, int]) -> Facts:
        return Facts._over(self.rule.calendar, values)  # noqa: SLF001  (as nobody changes values)

    def _follow(self, unit: Unit, event: Event, values: dict[str, int]) -> None:
        owed = self.owed.get(unit)
        if owed is None:
            owed = self.owed[unit] = _Owed({}, NEVER)
        if owed.lapsed is None and owed.due < event.at_us:
            owed.lapsed = (self._cycle(owed.values), owed.due)
        due = owed.due if values == owed.values else int(self.duty.due(self._facts(values)))
        if owed.lapsed is not None:
            if due >= NEVER and owed.released >= NEVER:
                owed.released = event.at_us
            # a silence ends with a talk; any other lapse as soon as the duty is met, replaced or no longer owed
            silent = self.duty.lapse == "silence"
            if self._cycle(values) > owed.lapsed[0] if silent else due > owed.lapsed[1]:
                self._found(unit, owed, event)
        owed.values, owed.due = values, due

    def _found(self, unit: Unit, owed: _Owed, event: Event | None) -> None:
        assert owed.lapsed is not None  # noqa: S101  (only called for a lapse)
        self.found.append((unit, owed.lapsed, owed.released, event))
        owed.lapsed, owed.released = None, NEVER

    def end(self, dated: bool) -> Iterable[Lapse]:
        """What was overdue; what still is lasts."""
        for unit, owed in self.owed.items():
            if owed.lapsed is None and owed.due < self.history.until_us:
                owed.lapsed = (self._cycle(owed.values), owed.due)
            if owed.lapsed is not None:
                self._found(unit, owed, None)
        for unit, (cycle, due), released, by in self.found:
            opened_by = tuple(e for e in self.fed_at.get(cycle, ()) if self._of(unit, e))
            by_the_day = not dated and any(e.precision == "day" for e in opened_by)
            ended = NEVER if by is None else by.at_us
            if by is not None and (by_the_day or by.precision == "day") and self.history.same_day(due, ended):
                continue
            yield Lapse(
                policy=self.duty,
                touch=self.part.name,
                unit=unit,
                cycle_us=cycle,
                due_us=due,
                until_us=ended,
                owed_us=min(ended, released),
                party=self._party(opened_by, dated),
                opened_by=opened_by,
                ended_by=by,
                by_the_day=by_the_day,
                plan=self.history.plan,
            )

    def _of(self, unit: Unit, event: Event) -> bool:
        customer, case, ref, party = unit
        return (
            event.customer == customer
            and (not case or event.case == case)
            and (self.rule.scope != REF or (event.case, event.ref) == (case, ref))
            and (not party or event.party == party)
        )

    def _party(self, opened_by: tuple[Event, ...], dated: bool) -> str:
        """Who gave the promise or the estimate; else the owner, or whom the duty names."""
        if dated and opened_by and not getattr(self.duty, "ours_to_do", False):
            return opened_by[0].party
        named = [p for p in getattr(self.duty, "by", ()) if p not in ("us", "them", "partner")]
        return self.part.owner or ", ".join(named)
