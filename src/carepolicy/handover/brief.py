"""The call brief: who is calling, what is open, what happened lately, what we owe them, and what to ask after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from carepolicy._holds import Holds
from carepolicy._instant import NEVER, in_words, maybe_moment, to_micros
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.events import Event
from carepolicy.facts import CUSTOMER_PARTY, Parties
from carepolicy.handover.casefile import CaseFile, clipped, listed, open_file, quoted
from carepolicy.handover.chasing import chasers_in, unanswered_in
from carepolicy.handover.checking import a_plan, a_timeline
from carepolicy.handover.document import Chaser, Known, Owed, Said
from carepolicy.handover.owing import DUTY, ESTIMATE, is_late, owed_in
from carepolicy.handover.spoken import clause, day_said, for_when
from carepolicy.handover.telling import known_in
from carepolicy.history import kinds_of
from carepolicy.questions import QUESTIONS, Question, QuestionRule, questions_for
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

    from carepolicy.plan import Plan

_BEGIN, _END = frozenset({"opened", "reopened"}), frozenset({"completed", "closed", "merged"})
_NEWS = frozenset(
    [
        "contact", "opened", "reopened", "milestone", "completed", "failed", "closed", "estimate", "promise", "kept",
        "withdrawn", "incident", "trouble", "trouble_over", "handed", "survey",
    ]
)  # fmt: skip
"""The kinds of event that are news to somebody who picks up the phone."""


@attrs.frozen(kw_only=True)
class CaseBrief:
    """One case, in as few words as a call leaves time for.

    Args:
        case: Its name.
        is_open: Whether it is open.
        since_us: Since when it is open or ended, in UTC microseconds.
        last: The last that happened in it.
        owed: What is outstanding, both ways.
        unanswered: The customer's messages without an answer.
        chasers: The times that the customer had to ask.
    """

    case: str
    is_open: bool
    since_us: int
    last: Said
    owed: tuple[Owed, ...] = ()
    unanswered: tuple[Said, ...] = ()
    chasers: tuple[Chaser, ...] = ()

    @property
    def since(self) -> pendulum.DateTime | None:
        """Since when it is open or ended, in UTC."""
        return maybe_moment(self.since_us)


@attrs.frozen(kw_only=True)
class CallBrief(Holds):
    """What whoever picks up the phone should know of a customer, across all their cases.

    Args:
        customer: Who.
        at_us: As of when, in UTC microseconds.
        known: The facts that we have: confirm them, never ask again.
        cases: Their cases: the open ones first, then the latest.
        lately: What happened last, the latest first.
        questions: What to ask after; each names the promise it is about, or its case where several are asked after.
        say_first: A first sentence that shows that we know.
        review_us: Until when all of this holds unless something is learnt, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    customer: str
    at_us: int
    known: tuple[Known, ...] = ()
    cases: tuple[CaseBrief, ...] = ()
    lately: tuple[Said, ...] = ()
    questions: tuple[Question, ...] = ()
    say_first: str = ""
    review_us: int = NEVER
    zone: str = "UTC"

    @property
    def at(self) -> pendulum.DateTime | None:
        """As of when."""
        return maybe_moment(self.at_us, self.zone)

    @property
    def owed(self) -> tuple[Owed, ...]:
        """What we and our partners owe them, in all cases, by when it is due."""
        owed = (o for case in self.cases for o in case.owed if o.role != "customer")
        return tuple(sorted(owed, key=lambda o: (o.due_us, o.made_us, o.ref)))

    @classmethod
    def prepare(
        cls,
        timeline: Timeline,
        at: datetime | str,
        *,
        customer: str = "",
        plan: Plan | None = None,
        rules: Iterable[QuestionRule] = QUESTIONS,
        lately: int = 5,
        zone: str = "",
    ) -> CallBrief:
        """The brief for a call, from what was known at its moment.

        Args:
            timeline: The log.
            at: The moment of the call.
            customer: Who calls; may be left out where the log knows one customer only, or names none.
            plan: Whose parties, zone and duties count.
            rules: What to ask after, and when.
            lately: How many of the last happenings are told.
            zone: The zone to speak in; the plan's, else UTC, when left out.

        Raises:
            InvalidTimeError: If `at` has no zone.
            UnknownNameError: If nothing was known of the customer.
            InvalidPolicyError: If there is no timeline, or `lately` is below 0.
        """
        now = to_micros(at)
        a_timeline(timeline)
        a_plan(plan)
        if isinstance(lately, bool) or not isinstance(lately, int) or lately < 0:
            raise InvalidPolicyError(f"lately must be a whole number from 0, got {lately!r}")
        asked_for, customer = customer, _known_by(timeline, now, customer)
        theirs = timeline.by_customer[customer]
        log = theirs if customer == asked_for else timeline  # a second customer would leave open who is meant
        events = sorted(theirs.known(now), key=lambda e: e.order)
        parties = Parties() if plan is None else plan.parties
        calendar = Calendar.always() if plan is None else plan.calendar
        where = zone or calendar.zone
        files = [
            open_file(theirs, now, customer, case, parties=parties, calendar=calendar, zone=where)
            for case in dict.fromkeys(e.case for e in events if e.case)
        ]
        cases = sorted((_case(file, plan) for file in files), key=lambda c: (not c.is_open, -c.last.at_us, c.case))
        asking = tuple(rules)
        asked = questions_for(_asked_about(events, asking), at, rules=asking, parties=parties, zone=where)
        anywhere = open_file(theirs, now, customer, "", parties=parties, calendar=calendar, zone=where)
        known = {k.fact: k for file in (anywhere, *files) for k in known_in(file)}
        dues = [edge for c in cases for o in c.owed for edge in (o.due_us, o.due_us + 1) if now < edge < NEVER]
        return cls(
            customer=customer,
            at_us=now,
            known=tuple(sorted(known.values(), key=lambda k: (k.said.at_us, k.fact))),
            cases=tuple(cases),
            lately=tuple(_told(e) for e in [e for e in reversed(events) if e.kind in _NEWS][:lately]),
            questions=tuple(_named(asked.questions, events)),
            say_first=_first_words(cases, {file.case: _last_word(file) for file in files}, now, where),
            review_us=min([log.next_visible(now), asked.review_us, *dues]),
            zone=where,
        )


def _asked_about(events: Iterable[Event], rules: Iterable[QuestionRule]) -> Timeline:
    """What may raise, answer or settle a question, as a log of its own: the rest would only take time."""
    kinds = kinds_of(which for rule in rules for which in (*rule.when, *rule.passed, *rule.unless))
    return Timeline(e for e in events if not kinds or e.kind in kinds or e.kind in ("told", "asked"))


def _named(questions: tuple[Question, ...], events: Iterable[Event]) -> Iterator[Question]:
    """The questions as a call can ask them: three of one text would not say after what."""
    by_id = {e.id: e for e in events}
    cases = Counter(q.text for q in questions if not q.ref)
    for question in questions:
        thing = (clause(by_id[question.why[0]].text) or question.ref) if question.ref else ""
        about = thing or (question.case if cases[question.text] > 1 else "")
        yield attrs.evolve(question, text=f"{question.text.removesuffix('?')} ({about})?") if about else question


def _known_by(timeline: Timeline, now: int, customer: str) -> str:
    """The customer who is meant, as known at an instant (UTC microseconds).

    Raises:
        UnknownNameError: If nothing was known of them by then, or nobody is named and there are several.
    """
    everybody = timeline.by_customer
    if customer in everybody and any(True for _ in everybody[customer].known(now)):
        return customer
    known = [name for name, log in everybody.items() if any(True for _ in log.known(now))]
    if len(known) == 1 and not customer:
        return known[0]
    said = f"customer is not known by {in_words(now)} UTC: {customer!r}"
    raise UnknownNameError(f"{said}; known are {listed(sorted(known)) or 'none'}")


def _told(event: Event) -> Said:
    return Said(
        text=quoted(event),
        at_us=event.at_us,
        by=event.party,
        channel=event.channel,
        event=event.id,
        by_the_day=event.precision == "day",
    )


def _case(file: CaseFile, plan: Plan | None) -> CaseBrief:
    """One case of the customer."""
    whole = [e for e in file.own if not e.ref]
    began = max((e.at_us for e in whole if e.kind in _BEGIN), default=file.own[0].at_us)
    ended = max((e.at_us for e in whole if e.kind in _END), default=-1)
    is_open = ended < began
    return CaseBrief(
        case=file.case,
        is_open=is_open,
        since_us=began if is_open else ended,
        last=file.said(file.own[-1]),
        owed=owed_in(file, plan),
        unanswered=unanswered_in(file),
        chasers=chasers_in(file, plan),
    )


def _last_word(file: CaseFile) -> Said:
    """What a person would say was last: something that people did or said, and no survey."""
    human = (e for e in reversed(file.own) if e.kind in _NEWS and e.kind != "survey" and e.author != "automatic")
    return file.said(next(human, file.own[-1]))


def _first_words(cases: Iterable[CaseBrief], lasts: dict[str, Said], now: int, zone: str) -> str:
    """A sentence to begin with: it confirms what is open, and does not ask what the call is about."""
    case = next((c for c in cases if c.is_open), None)
    if case is None:
        return "There is nothing open with us; how did it go, and what can I do for you?"
    about = f"You are calling about {clipped(case.case)}, I believe"
    late = [o for o in case.owed if o.role != CUSTOMER_PARTY and o.kind != DUTY and is_late(o, now)]
    if late:
        first = min(late, key=lambda o: (o.kind == ESTIMATE, -o.due_us))
        told = "told to expect" if first.kind == ESTIMATE else "promised"
        return f"{about}: you were {told} {for_when(first, now, zone)}."
    last = lasts[case.case]
    return f"{about}; the last I see is of {day_said(last.at_us, zone, now)}: {clause(last.text)}."
