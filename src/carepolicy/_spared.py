"""What would have spared a customer a contact: the causes of failure demand, each found in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import attrs

from carepolicy.answering import DATED, MESSAGE, replies
from carepolicy.checks import Chasers, RepeatedQuestions, UnclearMessages
from carepolicy.events import Event
from carepolicy.facts import THEM, Which
from carepolicy.finding import POSSIBLE, PROVED, Finding
from carepolicy.history import History, Lapse

CAUSES = (
    "broken promise", "passed estimate", "overdue update", "late work", "unclear message", "repeated question",
    "no acknowledgement", "no answer", "wrong channel",
)  # fmt: skip
"""Why customers had to contact us, where no contact would have been needed."""
_BROKEN, _PASSED, _OVERDUE, _LATE, _UNCLEAR, _REPEATED, _UNACKNOWLEDGED, _UNANSWERED, _WRONG = CAUSES
_OF_POLICY = {
    "EstimateCurrent": _PASSED,
    "FirstReply": _UNANSWERED,
    "NextReply": _UNANSWERED,
    "Acknowledgement": _UNACKNOWLEDGED,
    **dict.fromkeys(("FirstResolution", "TotalResolution", "Turnaround", "TakeOver"), _LATE),
}
"""By the name of the duty that had lapsed; any other is an overdue update."""
_COMPLAINTS = ("complaint",)
_ASKS = ("status", "question", "request", "complaint", "callback", "report")
_NO_ANSWER = ("marketing", "survey")
_ANSWERS = (*replies((THEM,)), DATED, Which(("kept", "completed"), by=THEM))
_MISDIRECTED = ("misdirected", "transferred", "wrong_channel")


@attrs.frozen(kw_only=True)
class Spared:
    """What would have spared a contact.

    Args:
        cause: One of `CAUSES`.
        party: Who could remove it; "" where nobody is named.
        word: Which word, from whom and by when.
        by_us: By when, in UTC microseconds.
        certainty: "proved", or "possible" where the log leaves it open.
    """

    cause: str
    party: str
    word: str
    by_us: int
    certainty: str


Found: TypeAlias = tuple[Event, Spared]
"""A contact, and what would have spared it."""


def spared_in(history: History, chasers: Chasers, unclear: UnclearMessages) -> Iterator[Found]:
    """Every contact that need not have been, once for each thing that would have spared it.

    Args:
        history: What happened, with the duties that had lapsed.
        chasers: What asks for status.
        unclear: What asks for a meaning.
    """
    events = {(e.customer, e.id): e for e in history.events}
    complaints = Chasers(tuple(p for p in _COMPLAINTS if p not in chasers.purposes))
    for check in (chasers, complaints):
        for finding in check.findings(history):
            event = events[finding.customer, finding.evidence[0]]
            yield from _chased(event, finding, history, sure=check is chasers)
    for finding in unclear.findings(history):
        message, question = (events[finding.customer, name] for name in finding.evidence)
        word = f"a message that needs no question, in place of that of {history.when_of(message)}: {message.text}"
        yield question, _spared(_UNCLEAR, message.party, word, message.at_us)
    for finding in RepeatedQuestions().findings(history):
        yield from _told_again(finding, [events[finding.customer, name] for name in finding.evidence], history)
    for case in history.by_case.values():
        said = [e for e in case if e.author != "automatic" or e.direction == "outbound"]
        yield from _unanswered(said, history)
        yield from _misdirected(said, history)


def _spared(cause: str, party: str, word: str, by_us: int, *, sure: bool = True) -> Spared:
    return Spared(cause=cause, party=party, word=word, by_us=by_us, certainty=PROVED if sure else POSSIBLE)


def _chased(event: Event, finding: Finding, history: History, *, sure: bool) -> Iterator[Found]:
    """Everything that was overdue when a customer asked; a complaint may have been about something else."""
    overdue = {(c.policy, c.party, c.ref, c.since_us) for c in finding.causes}
    for lapse in history.lapses_by_case[event.customer, event.case]:
        if (type(lapse.policy).__name__, lapse.party, lapse.unit[2], lapse.due_us) in overdue:
            known = lapse.due_us >= history.complete_from
            proved = sure and known and finding.certainty == PROVED
            yield event, _spared(_cause(lapse), lapse.party, _word(lapse, history), lapse.due_us, sure=proved)


def _cause(lapse: Lapse) -> str:
    if lapse.policy.lapse == "broken_promise":
        return _BROKEN
    return _OF_POLICY.get(type(lapse.policy).__name__, _OVERDUE)


def _word(lapse: Lapse, history: History) -> str:
    by = history.when(lapse.due_us, by_the_day=lapse.by_the_day)
    named = f"{lapse.policy.owed} {lapse.unit[2]}".strip()
    if lapse.policy.lapse == "broken_promise":
        return f"{named} kept by {by}, or word before then that it would not be"
    return f"{named} by {by}"


def _told_again(finding: Finding, evidence: list[Event], history: History) -> Iterator[Found]:
    """The contact by which a customer told again what was asked again: the latest on that day, after the question."""
    asked = next(e for e in evidence if e.kind == "asked")
    facts = {e.fact for e in evidence if e.kind == "asked"}
    case = history.by_case[asked.customer, asked.case]
    told = next((e for e in case if e.kind == "told" and e.fact in facts and e.at_us > asked.at_us), None)
    if told is None:
        return
    brought = [
        e
        for e in case
        if e.kind == "contact"
        and e.direction == "inbound"
        and asked.at_us < e.at_us <= told.at_us
        and history.same_day(e.at_us, told.at_us)
    ]
    if brought:
        word = f"no second question for {told.fact}, asked on {history.when_of(asked)}: it was known"
        yield brought[-1], _spared(_REPEATED, finding.party, word, asked.at_us)


def _unanswered(case: Iterable[Event], history: History) -> Iterator[Found]:
    """Contacts that follow a message of the customer which nobody had answered; the oldest one counts.

    What answers is what stops the clock of `NextReply`, a date stated, and the work being done. It is proved where both
    ask for something and days lie between, and possible where the log does not say what for.
    """
    waits: Event | None = None
    acknowledged = False
    for event in case:
        if waits is not None and event.kind == "contact" and event.direction != "outbound":
            yield from _asked_again(waits, event, history, acknowledged=acknowledged)
        if event.purpose in _NO_ANSWER:
            continue
        if any(answer.matches(event, history.parties) for answer in _ANSWERS):
            waits = None
        elif waits is None and _waits(event, history):
            waits, acknowledged = event, False
        elif event.kind == "contact" and event.direction == "outbound":
            acknowledged = acknowledged or event.author == "automatic"


def _waits(event: Event, history: History) -> bool:
    asks = MESSAGE.matches(event, history.parties) and event.purpose in ("", *_ASKS)
    return asks and event.outcome not in _MISDIRECTED


def _asked_again(waits: Event, event: Event, history: History, *, acknowledged: bool) -> Iterator[Found]:
    if event.purpose not in ("", *_ASKS):
        return
    one_day = history.same_day(waits.at_us, event.at_us)
    if one_day and "" in (waits.purpose, event.purpose):
        return  # the rest of one message
    sure = bool(waits.purpose and event.purpose and event.direction) and not one_day
    sure = sure and waits.at_us >= history.complete_from
    asked = f"what they had asked on {history.when_of(waits)}"
    if acknowledged:
        word = f"an answer to {asked}, before {history.when_of(event)}"
        yield event, _spared(_UNANSWERED, waits.party, word, event.at_us, sure=sure)
    else:
        word = f"word that {asked} had arrived, and by when it would be answered, at once"
        yield event, _spared(_UNACKNOWLEDGED, waits.party, word, waits.at_us, sure=sure)


def _misdirected(case: Iterable[Event], history: History) -> Iterator[Found]:
    """Contacts that had to be made again elsewhere: where the log says so, or only that they were passed on."""
    before: Event | None = None
    for event in case:
        if event.kind != "contact" or event.direction != "inbound":
            continue
        if before is not None and history.same_day(before.at_us, event.at_us):
            sent_on = before.outcome in _MISDIRECTED
            if sent_on or event.purpose == "transfer":
                word = f"the right place to turn to, known before {history.when_of(before)}"
                yield event, _spared(_WRONG, before.party, word, before.at_us, sure=sent_on)
        before = event
