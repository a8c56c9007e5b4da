"""Escalation: triggers that call for somebody, and levels that are asked one after the other until one takes over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import attrs
from attrs import field

from carepolicy._alone import rules_of
from carepolicy._instant import ALWAYS, NEVER, Instant, both, earliest, in_words, iso, latest, to_micros, where
from carepolicy.calendar import Calendar
from carepolicy.errors import UnknownNameError
from carepolicy.facts import CASE, CUSTOMER, Fact, Facts, Parties, Which
from carepolicy.folds import Last
from carepolicy.heartbeat import Heartbeat
from carepolicy.levels import EscalationState, Level, key_of, ladder, owner_of, pressing
from carepolicy.ownership import NotEmpowered, OwnerAbsent
from carepolicy.policy import Duty
from carepolicy.protocols import DutyLike
from carepolicy.span import Span, forward, working, working_days
from carepolicy.state import Unit
from carepolicy.timeline import Timeline
from carepolicy.triggers import (
    BrokenPromises,
    ChasedAgain,
    CustomerAsks,
    ExecutiveInvolved,
    SeverityAtLeast,
    ShareUsed,
    SilentFor,
    parts_of,
)

_NOBODY: Unit = ("", "", "", "")


@attrs.frozen
class Escalation(Duty):
    """Somebody takes over when a trigger falls due; else the next level is asked, and so on to the top.

    A level takes over by an event of kind `accepted` of its party, whichever level that is: only then does the case
    change hands. Until then it stays with who has it, and goes up when the time box of the level has passed. The top is
    asked as often as it says, and then it stays there. What falls due after somebody took over goes to the level above
    them while the cause that they took over for still stands, else to the first level again.

    As a duty it falls due when the first level must be asked; `Reaching` is the duty to ask any other level.

    Args:
        triggers: Duties that fall due when somebody must take over, in any order; `|` joins them, too.
        levels: Who is asked, one after the other; two neighbours are never one person.
        remedy_within: How long whoever took over has until the cause must be gone; then the level above is asked. None
            leaves it with whoever took over for good.

    Raises:
        InvalidPolicyError: If there is no trigger or no level, or two neighbouring levels are one person.
    """

    triggers: tuple[DutyLike, ...] = field(converter=parts_of)
    levels: tuple[Level, ...] = field(converter=ladder)
    remedy_within: Span | None = field(default=None, validator=forward)
    _facts: Mapping[str, Fact] = field(init=False, eq=False, repr=False)
    _names: tuple[tuple[tuple[str, str], ...], ...] = field(init=False, eq=False, repr=False)

    owed: ClassVar[str] = "somebody to take over"

    def __attrs_post_init__(self) -> None:
        facts: dict[str, Fact] = {
            f"accepted_{number}": Last(Which("accepted", by=level.who), scope=CASE)
            for number, level in enumerate(self.levels)
        }
        facts["last_escalated"] = Last("escalated", scope=CASE)
        names = []
        for number, trigger in enumerate(self.triggers):
            own = {n: n if facts.get(n, fact) == fact else f"{n}_of_{number}" for n, fact in trigger.needs().items()}
            facts |= {own[n]: fact for n, fact in trigger.needs().items()}
            names.append(tuple(own.items()))
        object.__setattr__(self, "_facts", facts)
        object.__setattr__(self, "_names", tuple(names))

    @classmethod
    def standard(cls) -> Escalation:
        """What a care team of three levels may begin with."""
        return cls(
            triggers=(
                ShareUsed(Heartbeat(working_days(5)), percent=75),
                BrokenPromises(at_level=2),
                ChasedAgain(times=2),
                SilentFor(working_days(5)),
                SeverityAtLeast("serious"),
                OwnerAbsent(working(hours=4)),
                NotEmpowered(working(hours=2)),
                CustomerAsks(),
                ExecutiveInvolved(),
            ),
            levels=(
                Level("lead", "team-lead", working(hours=2)),
                Level("head", "head-of-service", working(hours=4)),
                Level("executive", "executive", working_days(1), repeats=5),
            ),
            remedy_within=working_days(2),
        )

    def needs(self) -> Mapping[str, Fact]:
        """What the triggers need, and when each level took over."""
        return self._facts

    def due(self, f: Facts) -> Instant:
        """When the next one must be asked for the first time: at the first trigger that nobody took over for."""
        accepted = self._accepted(f)
        again = NEVER if self.remedy_within is None else f.after(accepted, self.remedy_within)
        return earliest(NEVER, *(where(_had(due, accepted), again, due) for due in self._dues(f)))

    def cycle(self, f: Facts) -> Instant:
        """The trigger that calls for somebody."""
        return self.due(f)

    def attempted(self, f: Facts) -> Instant:
        """When somebody was last asked."""
        return f.last_escalated

    def explain(self) -> str:
        """The rule in plain words."""
        calls = "; or ".join(trigger.explain() for trigger in self.triggers)
        asked = ", then ".join(
            f"{level.who} within {level.within}" + (f" ({level.repeats} times)" if level.repeats > 1 else "")
            for level in self.levels
        )
        return f"somebody takes over: {asked}; when {calls}"

    def begins(self, f: Facts) -> tuple[tuple[Level, Instant], ...]:
        """Each ask in order, and when it is due; NEVER for the levels up to whoever took over and has not remedied."""
        asks, begin, first = [], self.due(f), self._first(f)
        for number, level in enumerate(self.levels):
            asked = first <= number
            for _ in range(level.repeats):
                asks.append((level, where(asked, begin, NEVER)))
                begin = where(asked, f.after(begin, level.within), begin)
        return tuple(asks)

    def _first(self, f: Facts) -> Any:
        """The number of the level that is asked first: the one above whoever took over, while the cause stands."""
        accepted, above = self._accepted(f), 0
        for number in range(len(self.levels)):
            above = where(getattr(f, f"accepted_{number}") >= accepted, number + 1, above)
        stands = earliest(NEVER, *(where(_had(due, accepted), due, NEVER) for due in self._dues(f))) < NEVER
        return earliest(where(stands, above, 0), len(self.levels) - 1)

    def _accepted(self, f: Facts) -> Instant:
        return latest(ALWAYS, *(getattr(f, f"accepted_{number}") for number in range(len(self.levels))))

    def _dues(self, f: Facts) -> tuple[Instant, ...]:
        """When each trigger falls due, by the facts under the names that it has for them."""
        return tuple(
            trigger.due(Facts.of(f.calendar, {own: getattr(f, there) for own, there in names}))
            for trigger, names in zip(self.triggers, self._names, strict=True)
        )

    def assess(
        self,
        timeline: Timeline,
        at: datetime | str,
        *,
        calendar: Calendar | None = None,
        parties: Parties | None = None,
        customer: str | None = None,
        case: str | None = None,
        ref: str | None = None,
    ) -> EscalationState:
        """How far up the case is; of several the one that is furthest up, then the one that calls longest.

        Raises:
            InvalidTimeError: If `at` has no zone.
            UnknownNameError: If nothing is known of the customer, case or ref named.
        """
        asked = (customer, case, ref)
        states = [
            state
            for state in self.assess_all(timeline, at, calendar=calendar, parties=parties)
            if all(want in (None, have) for want, have in zip(asked, state.unit, strict=False))
        ]
        if not states:
            raise UnknownNameError(
                f"nothing is known of {asked!r} by {iso(to_micros(at))}; leave them out to ask of all"
            )
        first = min(states, key=pressing)
        return attrs.evolve(first, review_us=min(state.review_us for state in states))

    def assess_all(
        self,
        timeline: Timeline,
        at: datetime | str,
        *,
        calendar: Calendar | None = None,
        parties: Parties | None = None,
    ) -> tuple[EscalationState, ...]:
        """How far up every case is, in the order of customers and cases."""
        now, hours = to_micros(at), calendar or Calendar.always()
        rules = rules_of(self, hours, parties or Parties())
        known = tuple(timeline.known(now))
        state, scope = rules.folding.fold(known), rules.rules[0].scope
        coming = timeline.next_visible(now)
        return tuple(
            self._state(Facts.of(hours, state.values(unit)), unit, now, coming, owner_of(known, unit))
            for unit in state.of_scope(scope) or state.of_scope(CUSTOMER) or [_NOBODY]
        )

    def _state(self, f: Facts, unit: Unit, now: int, coming: int, owner: str) -> EscalationState:
        dues, accepted, since = self._dues(f), self._accepted(f), self.due(f)
        called = [(due, t) for due, t in zip(dues, self.triggers, strict=True) if due <= now]
        zone = f.calendar.zone
        said = tuple(f"{t.explain()}: {in_words(due, zone)}" for due, t in sorted(called, key=lambda pair: pair[0]))
        edges = [due for due in (*dues, since) if due > now]
        base = EscalationState(owner=owner, triggers=said, unit=unit, zone=zone)
        if since <= now:
            return self._up(base, f, now, [*edges, coming])
        base = attrs.evolve(
            base,
            next_us=since,
            next_who=self.levels[self._first(f)].who if since < NEVER else "",
            review_us=min([*edges, coming]),
        )
        if not called:
            return attrs.evolve(base, why="nothing calls for somebody to take over" + base.then)
        number = max(n for n in range(len(self.levels)) if getattr(f, f"accepted_{n}") == accepted)
        level = self.levels[number]
        return attrs.evolve(
            base,
            level=level.name,
            rank=number + 1,
            who=level.who,
            since_us=min(due for due, _ in called),
            reached_us=accepted,
            acknowledged_us=accepted,
            why=f"{level.who} took over {in_words(accepted, zone)}" + base.because + base.then,
        )

    def _up(self, base: EscalationState, f: Facts, now: int, edges: list[int]) -> EscalationState:
        """The state of a case that somebody must take over and nobody has."""
        asks = tuple(ask for ask in self.begins(f) if ask[1] < NEVER)
        done = [ask for ask in asks if ask[1] <= now]
        level, asked = done[-1]
        ends = f.after(asked, level.within)
        coming = asks[len(done) :]
        top = not coming
        times = sum(one is level for one, _ in done)
        state = attrs.evolve(
            base,
            level=level.name,
            rank=self.levels.index(level) + 1,
            who=level.who,
            since_us=asks[0][1],
            reached_us=next(us for one, us in done if one is level),
            asked_us=asked,
            times=times,
            exhausted=top and ends <= now,
            next_us=coming[0][1] if coming else NEVER,
            next_who=coming[0][0].who if coming else "",
            key=key_of(base.unit, level.name, times, asks[0][1]),
            review_us=min([*(us for us in (ends, *(us for _, us in coming)) if us > now), *edges]),
        )
        word = f"{level.who} ({level.name}) must take over by {in_words(ends, base.zone)}"
        if state.exhausted:
            word = f"{level.who} ({level.name}) was to be asked {times} times and nobody took over; it stays there"
        return attrs.evolve(state, why=word + base.because + state.then)


def _had(due: Instant, accepted: Instant) -> Any:
    """Whether somebody took over after a trigger fell due."""
    return both(accepted > ALWAYS, due <= accepted)


@attrs.frozen
class Reaching(Duty):
    """One level of an escalation must be asked.

    Args:
        escalation: Of which.
        level: The name of the level.

    Raises:
        UnknownNameError: If no level is called so.
    """

    escalation: Escalation
    level: str

    owed: ClassVar[str] = "somebody to take over"

    def __attrs_post_init__(self) -> None:
        names = [level.name for level in self.escalation.levels]
        if self.level not in names:
            raise UnknownNameError(f"level is not known: {self.level!r}; use one of {', '.join(names)}")

    def needs(self) -> Mapping[str, Fact]:
        """What the escalation needs."""
        return self.escalation.needs()

    def due(self, f: Facts) -> Instant:
        """When the level is first asked, if nobody below takes over."""
        return next(begin for level, begin in self.escalation.begins(f) if level.name == self.level)

    def cycle(self, f: Facts) -> Instant:
        """The trigger that calls for somebody."""
        return self.escalation.due(f)

    def attempted(self, f: Facts) -> Instant:
        """When somebody was last asked."""
        return self.escalation.attempted(f)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"{self.level} is asked; {self.escalation.explain()}"
