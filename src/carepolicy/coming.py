"""Coming touches: what is owed when, projected on as if each were done when it falls due."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import attrs

from carepolicy._alone import rules_of
from carepolicy._instant import ALWAYS, NEVER, maybe_moment, to_micros
from carepolicy._judge import Rule
from carepolicy.calendar import Calendar
from carepolicy.decision import Decision, Verdict
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CUSTOMER, CUSTOMER_PARTY, PARTNER, THEM, US, Parties, Which
from carepolicy.review import homes_in, named_in, wishes_in
from carepolicy.rules import Rules
from carepolicy.state import Folded, Unit
from carepolicy.timeline import Timeline
from carepolicy.touch import Touch

if TYPE_CHECKING:
    import pendulum

_OPEN = (Verdict.WAIT, Verdict.GO, Verdict.OVERDUE)


@attrs.frozen(kw_only=True)
class ComingTouch:
    """One touch that is to come.

    Args:
        decision: What was decided about it: whom it is about, its window, its key, and why.
        at_us: When it is best done, in UTC microseconds: when it falls due, or within its hours by then.
        is_projected: Whether it follows only if the one before it is done when planned.
        holds_us: Until when this stands, unless something happens, in UTC microseconds.
        minutes: How long it takes.
    """

    decision: Decision
    at_us: int
    is_projected: bool
    holds_us: int
    minutes: int

    @property
    def customer(self) -> str:
        """Whom it is about."""
        return self.decision.customer

    @property
    def touch(self) -> str:
        """The name of the touch in its plan."""
        return self.decision.touch

    @property
    def key(self) -> str:
        """Its idempotency key; as of any decision."""
        return self.decision.key

    @property
    def at(self) -> pendulum.DateTime | None:
        """When it is best done; None for at once, as nothing is known to have happened."""
        return maybe_moment(self.at_us, self.decision.zone)

    @property
    def opens(self) -> pendulum.DateTime | None:
        """From when it may be done."""
        return self.decision.act_at

    @property
    def due(self) -> pendulum.DateTime | None:
        """By when it must be done."""
        return self.decision.due

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """Until when this stands, unless something happens; None for ever."""
        return maybe_moment(self.holds_us, self.decision.zone)

    @property
    def why(self) -> str:
        """The reasons that bind, in words."""
        return "; ".join(reason.text for reason in self.decision.reasons if reason.binding)


def coming_touches(
    policy: Any,
    timeline: Timeline,
    *,
    at: datetime | str,
    until: datetime | str,
    calendar: Calendar | None = None,
    parties: Parties | None = None,
    roster: Iterable[str] = (),
    zones: Mapping[str, str] | None = None,
    wishes: Mapping[str, Calendar] | None = None,
) -> Iterator[ComingTouch]:
    """What is owed from now on, in the order of time: each touch of each customer, and after it the next ones, as if
    each were done when planned. What is overdue comes once: until it is done nobody knows when the next falls due.

    Only what `met_by` of a duty says can be done ahead; of a duty without it the next touch alone is given.

    Args:
        policy: A plan, or one duty.
        timeline: What happened; only what was known at `at` counts.
        at: The instant to judge at.
        until: Only what is best done before it.
        calendar, parties: For a duty alone; a plan has its own.
        roster, zones, wishes: As for `Plan.review`.

    Raises:
        InvalidPolicyError: If it is neither plan nor duty, or a plan comes with a calendar or parties.
        InvalidTimeError: If a time is naive.
    """
    now, end = to_micros(at), to_micros(until, "until")
    rules, touches = _rules_of(policy, calendar, parties)
    named, homes, wished = named_in(roster), homes_in(zones), wishes_in(wishes)
    known: dict[str, list[Event]] = {customer: [] for customer in named}
    for event in timeline.known(now):
        known.setdefault(event.customer, []).append(event)
    courses = []
    for customer, events in known.items():
        state = rules.folding.fold(events)
        for rule in rules.rules:
            for unit in [(customer, "", "", "")] if rule.scope == CUSTOMER else state.of_scope(rule.scope):
                touch = touches.get(rule.about.touch)
                course = _Course(
                    rules,
                    rule.wishing(wished.get(customer)),
                    unit,
                    homes.get(customer, ""),
                    touch.minutes if touch else 10,
                )
                courses.append(course.run(state, now, timeline.next_visible(now), end))
    return heapq.merge(*courses, key=lambda coming: (coming.at_us, coming.key))


def _rules_of(policy: Any, calendar: Calendar | None, parties: Parties | None) -> tuple[Rules, Mapping[str, Touch]]:
    """The rules of a plan or of a duty, and the touches of a plan."""
    if isinstance(getattr(policy, "rules", None), Rules):
        if calendar is not None or parties is not None:
            raise InvalidPolicyError("plan comes with a calendar or parties; leave them out, it has its own")
        return policy.rules, dict(policy.touches)
    if not hasattr(policy, "due"):
        raise InvalidPolicyError(f"policy is neither plan nor duty: {policy!r:.80}; a guard alone owes nothing")
    return rules_of(policy, calendar or Calendar.always(), parties or Parties()), {}


@attrs.frozen
class _Course:
    """One touch towards one unit, from now on."""

    rules: Rules
    rule: Rule
    unit: Unit
    home: str
    minutes: int

    def run(self, state: Folded, now: int, next_visible: int, end: int) -> Iterator[ComingTouch]:
        """Each touch that is best done before the end, in order."""
        decision = self.rule.decide(state.values(self.unit), self.unit, now, next_visible, self.home)
        holds, due, is_projected = decision.review_us, ALWAYS, False
        while decision.owes and not decision.is_awaiting and decision.verdict in _OPEN:
            planned = self._planned(decision)
            if planned >= end or (is_projected and decision.due_us <= due):
                return
            yield ComingTouch(
                decision=decision, at_us=planned, is_projected=is_projected, holds_us=holds, minutes=self.minutes
            )
            if decision.is_overdue or not (done := tuple(self._done(planned))):
                return
            for event in done:
                state = state.add(event)
            due, is_projected = decision.due_us, True
            decision = self.rule.decide(state.values(self.unit), self.unit, planned, NEVER, self.home)

    def _planned(self, decision: Decision) -> int:
        """When it is best done: at its due instant, or in the last stretch of its hours that begins before; what only
        opens afterwards, as soon as it opens."""
        act, due = decision.act_us, decision.due_us
        hours = self.rule.hours_in(self.home)
        if hours is None or act >= due or act <= ALWAYS:
            return max(act, due)
        if hours._is_open(due):  # noqa: SLF001  (the calendar's form for ticks)
            return due
        opens, _ = hours._clock.openings.slice(act, due)  # noqa: SLF001
        return int(opens[-1])

    def _done(self, at: int) -> Iterator[Event]:
        """What doing it leaves in the log, as far as the duties say."""
        says = chain.from_iterable(duty.policy.met_by() for duty in self.rule.duties if hasattr(duty.policy, "met_by"))
        for number, which in enumerate(says):
            event = _event_of(which, at, self.unit, self.rules.folding.parties, f"projected-{at}-{number}")
            if which.matches(event, self.rules.folding.parties):
                yield event


def _event_of(which: Which, at: int, unit: Unit, parties: Parties, name: str) -> Event:
    """An event that meets a condition."""
    customer, case, ref, party = unit

    def said(words: tuple[str, ...], otherwise: str = "") -> str:
        return words[0] if words else otherwise

    live = which.conversation
    role = said(which.by)
    by_role = {US: parties.ours, THEM: parties.ours, PARTNER: parties.partners, CUSTOMER_PARTY: parties.customers}
    return Event(
        at=at,
        id=name,
        kind=said(which.kind, which.named or "contact"),
        customer=customer,
        case=case,
        ref="" if which.whole else ref,
        party=party or (said(by_role[role]) if role in by_role else role),
        person=said(which.person),
        channel=said(which.channel, "phone" if live else ""),
        direction=said(which.direction),
        outcome=said(which.outcome, "conversation" if live else ""),
        author=said(which.author),
        purpose=said(which.purpose),
    )
