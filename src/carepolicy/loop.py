"""Closing the loop: every answer is read and replied to, and a low score is a case, not a number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._instant import NEVER, maybe_moment, to_micros
from carepolicy.answering import HUMAN
from carepolicy.answers import Low, ReplyDue
from carepolicy.calendar import Calendar
from carepolicy.events import Event
from carepolicy.facts import Parties
from carepolicy.finding import POSSIBLE, PROVED, Finding
from carepolicy.history import History, by_customer
from carepolicy.question_sets import PARTIAL
from carepolicy.reader import REPLY, ReaderReady
from carepolicy.reminders import REMINDER
from carepolicy.span import Span, elapsed, forward
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

STOPPED = ("reminders", "marketing")
"""What a low score stops, until its case is closed."""
EXPIRED, REOPENED, FORWARDED, UNASKED, HALF = (
    "after the survey had closed", "after the journey was opened again", "from another person than was asked",
    "to no survey that is known", "not finished",
)  # fmt: skip
"""What is noted about an answer; whatever it is, the answer is kept."""


@attrs.frozen
class CaseToOpen:
    """The case that a low score opens.

    Args:
        customer: Whose.
        about: The case that was asked about; "" for none.
        answer: The id of the answer.
        owner: Who reads it.
    """

    customer: str
    about: str
    answer: str
    owner: str = ""

    @property
    def key(self) -> str:
        """The same answer opens the same case, whoever finds it and however often: reserve it, or name the case so."""
        return "low/" + "/".join(
            part.replace("%", "%25").replace("/", "%2F") for part in (self.customer, self.about, self.answer)
        )

    def is_opened_by(self, event: Event) -> bool:
        """Whether an event opened this case: an `opened` whose case is the key, or whose column "key" is."""
        return event.kind == "opened" and self.key in (event.case, dict(event.extra).get("key"))


def case_to_open(answer: Event, low: Low | None = None, *, owner: str = "") -> CaseToOpen | None:
    """The case that an answer opens; None where its score is not known to be low.

    Args:
        answer: The answer.
        low: Which scores are low.
        owner: Who reads it.
    """
    if answer.kind != "answer" or answer not in (low or Low()):
        return None
    return CaseToOpen(answer.customer, answer.case, answer.id, owner)


@attrs.frozen(kw_only=True)
class Answered:
    """One answer, and what it asks of us.

    Args:
        answer: The answer.
        score: Its score; None where it is not known.
        reader: Who reads it.
        due_us: By when it must have a reply, in UTC microseconds.
        replied_us: When it had one; NEVER where it has none.
        is_overdue: Whether the reply is overdue.
        opens: The case that it opens; None for a score that is not low, or not known.
        is_opened: Whether that case was opened.
        stops: What it stops: until the case is opened and closed.
        notes: What is to be known about it; it is kept in any case.
        zone: The zone that instants are given in.
    """

    answer: Event
    score: float | None
    reader: str
    due_us: int
    replied_us: int = NEVER
    is_overdue: bool = False
    opens: CaseToOpen | None = None
    is_opened: bool = False
    stops: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    zone: str = "UTC"

    @property
    def due(self) -> pendulum.DateTime | None:
        """By when it must have a reply."""
        return maybe_moment(self.due_us, self.zone)

    @property
    def replied_at(self) -> pendulum.DateTime | None:
        """When it had a reply; None where it has none."""
        return maybe_moment(self.replied_us, self.zone)


@attrs.frozen(kw_only=True)
class LoopState:
    """Every answer, and until when this holds.

    Args:
        answers: By when they came.
        review_us: When to look again if nothing happens, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    answers: tuple[Answered, ...]
    review_us: int = NEVER
    zone: str = "UTC"

    def __iter__(self) -> Iterator[Answered]:
        return iter(self.answers)

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """When to look again if nothing happens; None for never."""
        return maybe_moment(self.review_us, self.zone)

    @property
    def to_reply(self) -> tuple[Answered, ...]:
        """Those that wait for a reply, the most pressing first."""
        waiting = (a for a in self.answers if a.replied_us >= NEVER)
        return tuple(sorted(waiting, key=lambda a: (a.due_us, a.answer.order)))

    @property
    def to_open(self) -> tuple[CaseToOpen, ...]:
        """The cases that are to be opened and are not."""
        return tuple(a.opens for a in self.answers if a.opens is not None and not a.is_opened)

    def stopped(self, customer: str) -> tuple[str, ...]:
        """What is stopped towards a customer."""
        found = {what for a in self.answers if a.answer.customer == customer for what in a.stops}
        return tuple(what for what in STOPPED if what in found)


def close_loop(
    timeline: Timeline,
    at: datetime | str,
    *,
    reader: str = "customer care",
    rule: ReplyDue | None = None,
    calendar: Calendar | None = None,
    parties: Parties | None = None,
) -> LoopState:
    """Every answer with its reader, by when its reply is due, the case that it opens, and what it stops.

    An answer that came too late, after the journey was opened again or from somebody else than was asked is kept, and
    says so.

    Args:
        timeline: What happened.
        at: The instant to judge at.
        reader: Who reads the answers.
        rule: By when a reply is due, and which scores are low.
        calendar: In which spans are counted; around the clock in UTC when left out.
        parties: Who is who.

    Raises:
        InvalidPolicyError: If the reader is nobody.
        InvalidTimeError: If `at` has no zone.
    """
    now, hours, how = to_micros(at), calendar or Calendar.always(), rule or ReplyDue()
    desk = _Desk(now, ReaderReady(reader).reader, how, hours, parties or Parties())
    logs = by_customer(sorted(timeline.known(now), key=lambda e: e.order)).values()
    answers = sorted(
        (desk.answered(e, log) for log in logs for e in log if e.kind == "answer"),
        key=lambda a: (a.answer.order, a.answer.customer),
    )
    edges = [a.due_us for a in answers if a.replied_us >= NEVER]
    review = min((us for us in (*edges, timeline.next_visible(now)) if us > now), default=NEVER)
    return LoopState(answers=tuple(answers), review_us=review, zone=hours.zone)


@attrs.frozen
class _Desk:
    """Where answers are looked at."""

    now: int
    reader: str
    rule: ReplyDue
    calendar: Calendar
    parties: Parties

    def answered(self, answer: Event, log: list[Event]) -> Answered:
        """An answer, as what is known of the customer shows it."""
        low = answer in self.rule.low
        due = self.calendar._add(answer.at_us, self.rule.within)  # noqa: SLF001  (the calendar's form for ticks)
        if low:
            due = min(due, self.calendar._add(answer.at_us, self.rule.low_within))  # noqa: SLF001
        since = [e for e in log if e.order > answer.order]
        same = [e for e in since if (e.case, e.ref) == (answer.case, answer.ref)]
        replied = next((e.at_us for e in same if REPLY.matches(e, self.parties)), NEVER)
        opens = case_to_open(answer, self.rule.low, owner=self.reader)
        opened = None if opens is None else next((e for e in log if opens.is_opened_by(e)), None)
        return Answered(
            answer=answer,
            score=self.rule.low.score(answer),
            reader=self.reader,
            due_us=due,
            replied_us=replied,
            is_overdue=replied >= NEVER and due <= self.now,
            opens=opens,
            is_opened=opened is not None,
            stops=STOPPED if low and not _closed(opened, log) else (),
            notes=tuple(_notes(answer, log)),
            zone=self.calendar.zone,
        )


def _closed(opened: Event | None, log: list[Event]) -> bool:
    """Whether a case was opened and is closed."""
    if opened is None:
        return False
    steps = [e for e in log if e.case == opened.case and e.kind in ("opened", "reopened", "closed")]
    return steps[-1].kind == "closed"


def _notes(answer: Event, log: list[Event]) -> Iterator[str]:
    """What is to be known about an answer."""
    before = [e for e in log if e.case == answer.case and e.order < answer.order]
    asked = next((e for e in reversed(before) if _asks(e, answer)), None)
    if asked is None:
        yield UNASKED
    else:
        since = [e for e in before if e.order > asked.order]
        moved = [e.due_us for e in since if e.purpose == REMINDER and e.due_us < NEVER]
        if answer.at_us >= max((asked.due_us, *moved)):
            yield EXPIRED
        if any(e.kind in ("reopened", "failed") and not e.ref for e in since):
            yield REOPENED
        if asked.person and answer.person and asked.person != answer.person:
            yield FORWARDED
    if answer.outcome in PARTIAL:
        yield HALF


def _asks(event: Event, answer: Event) -> bool:
    """Whether an event is a survey that an answer may be to."""
    named = answer.purpose in ("", event.purpose) or not event.purpose
    return event.kind == "survey" and event.purpose != REMINDER and named


@attrs.frozen
class AnsweringCloses:
    """A case was closed because its survey was answered: an answer says how it was, not that it is over.

    Args:
        within: How soon after the answer a closing counts as its doing, where nothing lies in between.

    Raises:
        InvalidPolicyError: If it does not point forward.
    """

    within: Span = field(factory=lambda: elapsed(minutes=5), validator=forward)

    def findings(self, history: History) -> Iterable[Finding]:
        """One for each such closing; proved where a machine closed it, possible where a person did."""
        for case in history.by_case.values():
            complete = False
            last: Event | None = None
            for event in case:
                if event.kind == "closed" and not complete and last is not None and last.kind == "answer":
                    by = history.calendar._add(last.at_us, self.within)  # noqa: SLF001  (the form for ticks)
                    if event.at_us <= by:
                        yield self._finding(last, event, history)
                if event.kind in ("completed", "reopened", "failed"):
                    complete = event.kind == "completed"
                last = event

    def _finding(self, answer: Event, closed: Event, history: History) -> Finding:
        loose = "day" in (answer.precision, closed.precision) or closed.author in HUMAN
        return Finding(
            kind="forbidden",
            at_us=closed.at_us,
            policy="AnsweringCloses",
            party=closed.party,
            customer=closed.customer,
            case=closed.case,
            why=f"closed on {history.when_of(closed)} with no other ground than the answer to a survey",
            instead="close it when the work is done; keep the answer, and reply to it",
            by_the_day=closed.precision == "day",
            evidence=(answer.id, closed.id),
            certainty=POSSIBLE if loose else PROVED,
        )

    def explain(self) -> str:
        """What it looks for."""
        return f"a case is closed within {self.within} of an answer to its survey, and for no other reason"
