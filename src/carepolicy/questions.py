"""Questions: what is worth asking on the next call, from what happened and what the customer has told already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

import attrs
from attrs import field

from carepolicy._holds import Several
from carepolicy._instant import NEVER, maybe_moment, to_micros
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CUSTOMER_PARTY, THEM, Parties, Which
from carepolicy.folds import which_of
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

_Thread: TypeAlias = tuple[str, str]
"""Case and reference."""


@attrs.frozen
class QuestionRule:
    """When a question is worth asking. A host writes its own, beside `QUESTIONS` or instead of them.

    Args:
        fact: What is asked: an answer is an event `told` of this fact.
        text: The question, in the words of the call.
        when: The events after which it is worth asking.
        passed: The events whose due date makes it worth asking once it has passed; the latest of a case or reference.
        unless: The events after which it is not worth asking any more, such as the customer's own word.
        by_ref: Asked about each reference (promise, part) by itself; otherwise once about a case.

    Raises:
        InvalidPolicyError: If it has no fact, no text, or nothing that makes it worth asking.
    """

    fact: str
    text: str
    when: tuple[Which, ...] = field(default=(), converter=which_of)
    passed: tuple[Which, ...] = field(default=(), converter=which_of)
    unless: tuple[Which, ...] = field(default=(), converter=which_of)
    by_ref: bool = False

    def __attrs_post_init__(self) -> None:
        for name in ("fact", "text"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value:
                raise InvalidPolicyError(f"{name} of a question is no text: {value!r}; write it in words")
        if not (self.when or self.passed):
            raise InvalidPolicyError(f"question is never worth asking: {self.fact!r}; give when= or passed=")


_THEIR_WORD = Which(("kept", "completed", "used"), by=CUSTOMER_PARTY)

QUESTIONS: tuple[QuestionRule, ...] = (
    QuestionRule("well", "Are you well, and is everybody else who was there?", when="incident"),
    QuestionRule(
        "is back",
        "Is it back with you, and is it right?",
        when=Which("completed", by=THEM, whole=True),
        passed=Which("estimate", by=THEM, whole=True),
        unless=attrs.evolve(_THEIR_WORD, whole=True),
    ),
    QuestionRule(
        "is there",
        "Is what we promised there?",
        when=Which("kept", by=THEM),
        passed=Which("promise", by=THEM),
        unless=(_THEIR_WORD, Which("withdrawn")),
        by_ref=True,
    ),
    QuestionRule("works", "Does it work for you?", when=Which("delivered", by=THEM), unless=_THEIR_WORD, by_ref=True),
    QuestionRule(
        "needs change",
        "Does anything need to change?",
        when=(Which(("failed", "withdrawn"), by=THEM), Which(("trouble", "reopened"))),
        unless="trouble_over",
    ),
    QuestionRule(
        "content",
        "Are you content with how it went?",
        when=Which(("completed", "closed"), whole=True),
        unless="answer",
    ),
)
"""What is worth asking in most trades."""


@attrs.frozen(kw_only=True)
class Question:
    """A question worth asking.

    Args:
        fact: What is asked.
        text: In the words of the call.
        customer, case, ref: What it is about; "" where it is not about one.
        since_us: From when it is worth asking, in UTC microseconds.
        why: Ids of the events that make it worth asking.
        asked_us: When it was last asked without an answer; NEVER for not yet.
        zone: The zone that instants are given in.
    """

    fact: str
    text: str
    customer: str = ""
    case: str = ""
    ref: str = ""
    since_us: int
    why: tuple[str, ...]
    asked_us: int = NEVER
    zone: str = "UTC"

    @property
    def since(self) -> pendulum.DateTime | None:
        """From when it is worth asking."""
        return maybe_moment(self.since_us, self.zone)

    @property
    def asked(self) -> pendulum.DateTime | None:
        """When it was last asked without an answer; None for not yet."""
        return maybe_moment(self.asked_us, self.zone)


@attrs.frozen
class Questions(Several[Question]):
    """The questions worth asking at one moment, and until when they are these.

    Args:
        questions: In the order of the rules, then of when each became worth asking.
        review_us: Until when they stay these unless something happens, in UTC microseconds; NEVER for always.
        zone: The zone that instants are given in.
    """

    questions: tuple[Question, ...]
    review_us: int = NEVER
    zone: str = "UTC"

    @property
    def _each(self) -> tuple[Question, ...]:
        return self.questions


def questions_for(
    timeline: Timeline,
    at: datetime | str,
    *,
    customer: str | None = None,
    case: str | None = None,
    rules: Iterable[QuestionRule] = QUESTIONS,
    parties: Parties | None = None,
    zone: str = "UTC",
) -> Questions:
    """The questions worth asking on the next call: never what the customer has told since it became worth asking.

    Args:
        timeline: The log; what is not known at the moment counts for nothing.
        at: The moment of the call.
        customer: Only about this customer.
        case: Only about this case.
        rules: When which question is worth asking.
        parties: Who is who.
        zone: In which instants are given.

    Raises:
        InvalidTimeError: If `at` has no zone.
    """
    now, who = to_micros(at), parties or Parties()
    by_customer: dict[str, dict[str, list[Event]]] = {}
    for event in timeline.as_of(at).events:
        if customer in (None, event.customer):
            by_customer.setdefault(event.customer, {}).setdefault(event.case, []).append(event)
    found: list[Question] = []
    review = timeline.next_visible(now)
    for rule in rules:
        worth: list[Question] = []
        for cases in by_customer.values():
            for name in (name for name in cases if case in (None, name)):
                # what is said of no case may answer a question about any, and the other way round
                said = [*cases[name], *cases.get("", ())] if name else [e for some in cases.values() for e in some]
                for ref in dict.fromkeys(e.ref if rule.by_ref else "" for e in cases[name]):
                    triggers = list(_triggers(rule, ref, cases[name], who))
                    review = min([review, *(since for since, _ in triggers if since > now)])
                    worth += _worth(rule, (name, ref), said, [t for t in triggers if t[0] <= now], who, zone)
        found += sorted(worth, key=lambda q: (q.since_us, q.customer, q.case, q.ref))
    return Questions(tuple(found), review, zone)


_Trigger: TypeAlias = tuple[int, Event]
"""From when a question is worth asking, and the event that makes it so."""


def _triggers(rule: QuestionRule, ref: str, events: Iterable[Event], who: Parties) -> Iterator[_Trigger]:
    """What in a case makes a question worth asking, now or later."""
    last: Event | None = None
    for event in events:
        if not rule.by_ref or event.ref == ref:
            if any(which.matches(event, who) for which in rule.when):
                yield event.at_us, event
            if any(which.matches(event, who) for which in rule.passed):
                last = event
    if last is not None and last.due_us < NEVER:
        yield max(last.due_us, last.at_us), last


def _worth(
    rule: QuestionRule, thread: _Thread, said: list[Event], triggers: list[_Trigger], who: Parties, zone: str
) -> Iterator[Question]:
    """The question of a rule about one case or reference, if anything since makes it worth asking."""
    about = [e for e in said if not thread[1] or e.ref in ("", thread[1])]
    settled = [
        e
        for e in about
        if (e.kind == "told" and e.fact == rule.fact) or any(which.matches(e, who) for which in rule.unless)
    ]
    still = [(since, e) for since, e in triggers if not any(e.at_us <= answer.at_us for answer in settled)]
    if not still:
        return
    still.sort(key=lambda trigger: (trigger[0], trigger[1].order))
    since = still[0][0]
    asked = [e.at_us for e in about if e.kind == "asked" and e.fact == rule.fact and e.at_us >= since]
    yield Question(
        fact=rule.fact,
        text=rule.text,
        customer=still[0][1].customer,
        case=thread[0],
        ref=thread[1],
        since_us=since,
        why=tuple(e.id for _, e in still),
        asked_us=max(asked, default=NEVER),
        zone=zone,
    )
