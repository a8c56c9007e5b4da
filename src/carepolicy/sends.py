"""Sends: which of many surveys go out, when, together with which others, and what becomes of the rest.

A plan of sends hangs on no instant that is still open: a survey that has to follow another one is behind that one, and
gets an instant once that has gone out. So the plan holds until its `review_at`, like every decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import attrs

from carepolicy._instant import ALWAYS, NEVER, to_micros
from carepolicy.calendar import Calendar
from carepolicy.completion import VOIDS
from carepolicy.decision import Decision, Verdict
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import Parties, Which
from carepolicy.journey import ELSEWHERE, Ask, Fate, Journey, Judged, SendPlan
from carepolicy.policy import guard_parts
from carepolicy.quarantine import for_person
from carepolicy.rules import Part, Rules
from carepolicy.sampling import Sample, fraction_of
from carepolicy.span import Span
from carepolicy.state import within
from carepolicy.survey import JourneyComplete

_ALLOWED = (Verdict.GO, Verdict.OVERDUE)
_FATES = {
    Verdict.REDIRECT: Fate.REDIRECTED,
    Verdict.TOO_LATE: Fate.TOO_LATE,
    Verdict.IMPOSSIBLE: Fate.IMPOSSIBLE,
    Verdict.WAIT: Fate.HELD,
}


def plan_sends(
    journeys: Iterable[Journey],
    at: datetime | str,
    *,
    calendar: Calendar | None = None,
    parties: Parties | None = None,
    sample: Sample | None = None,
    spread: Span | None = None,
) -> SendPlan:
    """Which surveys go out, by priority, merged for each person, spread over time; the same however they are ordered.

    Args:
        journeys: Every journey about which somebody may be asked.
        at: The instant to judge at.
        calendar: In which spans are counted, and whose zone instants are in; around the clock in UTC when left out.
        parties: Who is ours.
        sample: Which of them are drawn at all; every one when left out.
        spread: Over how long goes out what is released at one instant, each message at its own; all at once when left
            out.

    Raises:
        InvalidTimeError: If `at` has no zone.
        InvalidPolicyError: If a guard is none, or one journey is handed in twice and not the same.
    """
    desk = _Desk(to_micros(at), calendar or Calendar.always(), parties or Parties(), spread)
    seen: dict[tuple[str, ...], _Case] = {}
    judged: list[Judged] = []
    by_customer: dict[str, list[_Case]] = {}
    for journey in journeys:
        if journey.name in seen:
            if journey != seen[journey.name].journey:
                raise InvalidPolicyError(f"journey is handed in twice and not the same: {journey.name!r}; hand in one")
            judged.append(seen[journey.name].judged(Fate.DUPLICATE))
            continue
        case = seen[journey.name] = desk.case(journey)
        if sample is not None and not sample.takes(*journey.name):
            judged.append(case.judged(Fate.NOT_DRAWN))
        else:
            by_customer.setdefault(journey.customer, []).append(case)
    asks: list[Ask] = []
    for _, cases in sorted(by_customer.items()):
        found = _of_customer(sorted(cases, key=lambda c: c.rank), desk)
        judged += found[0]
        asks += found[1]
    judged.sort(key=lambda j: (j.journey.name, j.fate))
    asks.sort(key=lambda a: a.at_us if a.at_us > desk.now else ALWAYS)  # and else by customer, in their order
    edges = [us for j in judged for us in (j.decision.review_us, *j.edges)]
    review = min((us for us in edges if us > desk.now), default=NEVER)
    return SendPlan(judged=tuple(judged), asks=tuple(asks), review_us=review, zone=desk.calendar.zone)


@attrs.frozen(eq=False)
class _Case:
    """A journey at the desk: its rule, what is known of it, and what its guard says now.

    Args:
        journey: The journey.
        rules: Its guard, ready to decide.
        events: What is known of the customer.
        unit: Whom the decision is about.
        decision: What the guard says by itself.
        at_us: When it may go out: when its stretch begins, and as much later as the spread says.
        gives_up_us: Until when an event is waited for.
    """

    journey: Journey
    rules: Rules
    events: tuple[Event, ...]
    unit: tuple[str, str, str, str]
    decision: Decision
    at_us: int
    gives_up_us: int

    @property
    def rank(self) -> tuple[object, ...]:
        """What goes first: the more important, then the earlier, then by name."""
        return (self.journey.priority, self.at_us, self.journey.name)

    @property
    def place(self) -> str:
        """The customer, and the last survey that went out to them."""
        last = max((e.order for e in self.events if e.kind == "survey"), default=None)
        customer = self.journey.customer.replace("%", "%25").replace("/", "%2F")
        return f"{customer}/{'-' if last is None else f'{last[0]}/{last[2]}'}"

    @property
    def awaits_completion(self) -> bool:
        """Whether it waits for the journey to be completed."""
        bounds = self.decision.bounds if self.decision.verdict == Verdict.WAIT else ()
        return any(isinstance(bound.policy, JourneyComplete) and bound.opens_us >= NEVER for bound in bounds)

    @property
    def was_asked(self) -> bool:
        """Whether it was asked about since it was last reopened or failed."""
        mine = [e for e in self.events if e.case == self.journey.case and not e.ref]
        asked = [e.at_us for e in mine if e.kind == "survey" and e.purpose in ("", self.journey.survey)]
        return bool(asked) and max(asked) >= max((e.at_us for e in mine if e.kind in VOIDS), default=ALWAYS)

    def judged(self, fate: Fate, **more: object) -> Judged:
        """What becomes of it."""
        edges = (self.gives_up_us,) if self.awaits_completion else ()
        return Judged(journey=self.journey, fate=fate, decision=self.decision, edges=edges, **more)  # type: ignore[arg-type]

    def decide(self, at: int, others: Iterable[Event] = ()) -> Decision:
        """What the guard says at an instant, had other surveys gone out by then."""
        coming = [e for e in others if e.at_us <= at]
        values = self.rules.folding.fold((*self.events, *coming)).values(self.unit)
        return self.rules.rules[0].decide(values, self.unit, at, NEVER, self.journey.zone)

    def allowed(self, at: int, others: Iterable[Event] = ()) -> bool:
        """Whether it may go out at an instant, had other surveys gone out by then."""
        return self.decide(at, others).verdict in _ALLOWED

    def sent(self, at: int) -> Event:
        """The survey as an event, had it gone out at an instant."""
        j = self.journey
        return Event(
            at=at, kind="survey", id=f"planned {self.decision.key}", customer=j.customer, case=j.case, person=j.person,
            purpose=j.survey, direction="outbound",
        )  # fmt: skip


@lru_cache(maxsize=256)
def _rules_of(guard: Any, survey: str, person: str, calendar: Calendar, parties: Parties) -> Rules:
    """The guard of a survey to a person, ready to decide; kept, as laying its hours takes longer than deciding."""
    parts = guard_parts(for_person(guard, person))
    return Rules.of([Part(survey, (), parts, Which("survey", purpose=survey))], calendar, parties)


class _Desk:
    """Where journeys are judged: the instant, the calendar, and who is ours."""

    def __init__(self, now: int, calendar: Calendar, parties: Parties, spread: Span | None) -> None:
        self.now, self.calendar, self.parties, self.spread = now, calendar, parties, spread

    def case(self, journey: Journey) -> _Case:
        """A journey with what is known of it now."""
        guard: Any = journey.guard  # which is hashable, as policies are
        rules = _rules_of(guard, journey.survey, journey.person, self.calendar, self.parties)
        log = journey.timeline.by_customer.get(journey.customer)
        events = () if log is None else tuple(log.known(self.now))
        unit = within((journey.customer, journey.case, "", ""), rules.rules[0].scope)
        coming = NEVER if log is None else log.next_visible(self.now)
        values = rules.folding.fold(events).values(unit)
        decided = rules.rules[0].decide(values, unit, self.now, coming, journey.zone)
        decision = attrs.evolve(decided, unit=(*unit[:3], journey.person))  # a key of their own for each person
        gives_up = NEVER
        if journey.longest is not None:
            began = min((e.at_us for e in events if e.case == journey.case), default=ALWAYS)
            gives_up = self.calendar._add(began, journey.longest)  # noqa: SLF001
        case = _Case(journey, rules, events, unit, decision, decision.act_us, gives_up)
        return attrs.evolve(case, at_us=self._spread(case))

    def _spread(self, case: _Case) -> int:
        """When a message goes out of those that are released together: each at a place of its own."""
        at = case.decision.act_us
        if self.spread is None or not ALWAYS < at < NEVER:
            return at
        over = self.calendar._add(at, self.spread) - at  # noqa: SLF001
        late = at + int(over * fraction_of(case.decision.key))
        again = case.decide(late)
        return late if again.verdict in _ALLOWED else again.act_us


def _of_customer(cases: list[_Case], desk: _Desk) -> tuple[list[Judged], list[Ask]]:
    """What becomes of the journeys of one customer, the most important first."""
    judged: list[Judged] = []
    messages: list[_Message] = []
    for case in cases:
        decision = case.decision
        if decision.verdict in _ALLOWED or (decision.verdict == Verdict.WAIT and case.at_us < NEVER):
            if (behind := _placed(case, messages, desk)) is not None:
                judged.append(behind)
        elif case.awaits_completion and case.gives_up_us <= desk.now:
            judged.append(case.judged(Fate.REDIRECTED if case.journey.then == ELSEWHERE else Fate.TOO_LATE))
        elif case.was_asked and decision.verdict != Verdict.REDIRECT and not case.awaits_completion:
            judged.append(case.judged(Fate.ASKED))
        else:
            judged.append(case.judged(_FATES[decision.verdict]))
    _bounded(messages, desk.now)
    asks = [message.ask(desk) for message in messages]
    return [*judged, *(part for ask in asks for part in ask.parts)], asks


@attrs.define(eq=False)
class _Message:
    """A message in the making.

    Args:
        at_us: When it may go out.
        cases: What it asks about.
        before_us: Before when it must go out, or the plan changes.
    """

    at_us: int
    cases: list[_Case]
    before_us: int = NEVER

    def fits(self, others: Sequence[_Message], now: int) -> bool:
        """Whether it may go out at its instant, had the others gone out at theirs; those named first come first."""
        at = max(self.at_us, now)
        earlier = True
        sent: list[Event] = []
        for other in others:
            theirs = max(other.at_us, now)
            if other is self:
                earlier = False
            elif theirs < at or (theirs == at and earlier):
                sent += [case.sent(theirs) for case in other.cases]
        return all(case.allowed(at, sent) for case in self.cases)

    def ask(self, desk: _Desk) -> Ask:
        """The message, with every journey that it asks about."""
        fate = Fate.ASK if self.at_us <= desk.now else Fate.PLANNED
        judged = [case.judged(fate, at_us=self.at_us, before_us=self.before_us) for case in self.cases]
        parts = tuple(attrs.evolve(j, edges=(self.at_us, self.before_us)) for j in judged)
        closes = min(case.decision.closes_us for case in self.cases)
        return Ask(
            at_us=self.at_us,
            before_us=min(closes, self.before_us),
            parts=parts,
            place=self.cases[0].place,
            zone=desk.calendar.zone,
        )


def _placed(case: _Case, messages: list[_Message], desk: _Desk) -> Judged | None:
    """Give a journey a place in a message to the same person, or a message of its own; or say what it is behind."""
    now, at = desk.now, max(case.at_us, desk.now)
    mine = _Message(case.at_us, [case])
    fits_alone = _all_fit([*messages, mine], now)
    for other in messages:
        theirs = max(other.at_us, now)
        same_person = other.cases[0].journey.person == case.journey.person
        together = at == theirs or (at < theirs and not fits_alone)
        if same_person and together and case.allowed(theirs):
            other.cases.append(case)
            if _all_fit(messages, now):
                return None
            other.cases.pop()
    if fits_alone:
        messages.append(mine)
        return None
    edges = tuple(message.at_us for message in (mine, *messages))
    behind = case.judged(Fate.BEHIND, behind=messages[0].cases[0].decision.key)
    return attrs.evolve(behind, edges=(*behind.edges, *edges))


def _all_fit(messages: Sequence[_Message], now: int) -> bool:
    """Whether every message may go out at its instant, had all the others gone out at theirs."""
    return all(message.fits(messages, now) for message in messages)


def _bounded(messages: list[_Message], now: int) -> None:
    """Find until when the messages that may go at any instant from now on leave the planned ones their place.

    What is sent later forbids more, so the last instant that fits is found by halving.
    """
    still_open = [message for message in messages if message.at_us <= now]
    for planned in messages:
        low, high = now, planned.at_us - 1
        if high < low or planned.fits(messages, high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if planned.fits(messages, middle) else (low, middle)
        for message in still_open:
            message.before_us = min(message.before_us, high)
