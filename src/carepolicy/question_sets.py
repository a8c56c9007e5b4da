"""Question sets: what is asked depends on where the journey stands, when it is sent and again when it is opened."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, in_words, maybe_moment, to_micros
from carepolicy.calendar import Calendar
from carepolicy.completion import Completion
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, Fact, Facts, Parties, Which, words
from carepolicy.folds import Last
from carepolicy.span import Span, days, forward
from carepolicy.state import Folding
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

BEFORE, AFTER, CANCELLED, NEVER_COMPLETED = "before completion", "after completion", "cancelled", "never completed"
STAGES = (BEFORE, AFTER, CANCELLED, NEVER_COMPLETED)
"""Where a journey can stand: still going on, over, called off, or given up without an end."""


@attrs.frozen
class Question:
    """One question of a survey.

    Args:
        text: The question, or the key of its text.
        overall: Whether it asks for a score of the whole (satisfaction, effort, would they recommend us).

    Raises:
        InvalidPolicyError: If it is empty.
    """

    text: str
    overall: bool = False

    def __attrs_post_init__(self) -> None:
        if not self.text.strip():
            raise InvalidPolicyError(f"question is empty: {self.text!r}; give its text, or the key of it")


def _questions(value: Iterable[Question]) -> tuple[Question, ...]:
    return tuple(value)


@attrs.frozen
class QuestionSet:
    """The questions for journeys that stand somewhere.

    Nobody can score the whole of what is not over: such a question is refused before completion.

    Args:
        name: Its name.
        questions: What is asked.
        stage: For which journeys: one of `STAGES`.

    Raises:
        InvalidPolicyError: If the stage is not known, nothing is asked, or an overall score before completion.

    >>> QuestionSet("too soon", [Question("How satisfied are you?", overall=True)], stage="before completion")
    Traceback (most recent call last):
    ...
    carepolicy.errors.InvalidPolicyError: too soon asks for an overall score before completion: 'How satisfied are \
you?'; ask how this step went, and for the score once it is over
    """

    name: str
    questions: tuple[Question, ...] = field(converter=_questions)
    stage: str = AFTER

    def __attrs_post_init__(self) -> None:
        if self.stage not in STAGES:
            raise InvalidPolicyError(f"stage is not known: {self.stage!r}; use one of {', '.join(STAGES)}")
        if not self.name.strip() or not self.questions:
            raise InvalidPolicyError(f"question set lacks a name or questions: {self.name!r}; give both")
        overall = next((q.text for q in self.questions if q.overall), None)
        if self.stage == BEFORE and overall is not None:
            raise InvalidPolicyError(
                f"{self.name} asks for an overall score before completion: {overall!r}; ask how this step went, "
                "and for the score once it is over"
            )


@attrs.frozen
class Journeys:
    """How to tell where a journey stands.

    Args:
        of: What counts as the completion.
        cancelled: The purposes of a `closed` event that call a journey off.
        given_up: How long after the date that was given a journey without an end is taken to have none; never when
            left out.
    """

    of: Completion = field(factory=Completion)
    cancelled: tuple[str, ...] = field(default=("cancelled", "canceled"), converter=words, kw_only=True)
    given_up: Span | None = field(factory=lambda: days(30), validator=attrs.validators.optional(forward), kw_only=True)

    def needs(self) -> Mapping[str, Fact]:
        """The completion, what voids it, the date that was given, and when it was called off."""
        off = Last(Which("closed", whole=True, purpose=self.cancelled), scope=CASE)
        return {**self.of.needs(), "cancelled": off}

    def stands(self, f: Facts, now: int) -> tuple[str, int, int]:
        """Where it stands at an instant, since when, and until when that holds if nothing happens."""
        over = self.of.standing(f)
        called_off = ALWAYS < f.cancelled >= f.voided
        if called_off and not f.cancelled < over < NEVER:
            return CANCELLED, f.cancelled, NEVER
        if over < NEVER:
            return AFTER, over, NEVER
        lost = NEVER if self.given_up is None else f.after(f.promised_by, self.given_up)
        if lost <= now:
            return NEVER_COMPLETED, lost, NEVER
        return BEFORE, f.voided, lost


@attrs.frozen
class Chosen:
    """The set of questions for a journey.

    Args:
        set: The questions; None where there are none for where it stands: then nothing is asked.
        stage: Where the journey stands, one of `STAGES`.
        since_us: Since when, in UTC microseconds; ALWAYS from its beginning.
        review_us: Until when this holds if nothing happens.
        zone: The zone that instants are given in.
    """

    set: QuestionSet | None
    stage: str
    since_us: int
    review_us: int
    zone: str = "UTC"

    @property
    def why(self) -> str:
        """Why, in one sentence."""
        since = "" if self.since_us <= ALWAYS else f" since {in_words(self.since_us, self.zone)}"
        asked = f"{self.set.name} is asked" if self.set is not None else "nothing is asked"
        return f"the journey stands {self.stage}{since}: {asked}"

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """Until when this holds if nothing happens; None for ever."""
        return maybe_moment(self.review_us, self.zone)


class StillRight(enum.StrEnum):
    """What becomes of a survey that is opened."""

    RIGHT = "right"
    """It asks what should be asked."""
    OTHER = "other set"
    """The journey has moved on: another set is asked."""
    WITHDRAWN = "withdrawn"
    """The journey was opened again, or there is nothing to ask now: nothing is asked."""
    FLAGGED = "kept and flagged"
    """As before, but some of it was answered: that is kept, and says so."""
    ANSWERED = "answered"
    """It was answered before: nothing is asked again."""

    def __repr__(self) -> str:
        return f"StillRight.{self.name}"


@attrs.frozen
class Opened:
    """What is asked of a customer who opens a survey.

    Args:
        state: What becomes of it.
        now: What would be chosen now; what is asked where the state is "right" or "other set".
        half_filled: Whether some of it was answered: that is kept, whatever is asked.
    """

    state: StillRight
    now: Chosen
    half_filled: bool = False

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """Until when this holds if nothing happens; None for ever."""
        return self.now.review_at


PARTIAL = ("partial", "started")
"""The outcomes of an answer that is not finished."""


def choose_set(
    sets: Iterable[QuestionSet],
    known: Timeline | Facts,
    at: datetime | str,
    *,
    customer: str = "",
    case: str = "",
    journeys: Journeys | None = None,
    calendar: Calendar | None = None,
    parties: Parties | None = None,
) -> Chosen:
    """The set of questions for a journey as it stands.

    Args:
        sets: One for each stage at which something is asked.
        known: What is known: a log, or the facts of `Journeys.needs`, of which those left out never happened.
        at: The instant to judge at: of the sending, and again of the opening.
        customer, case: Which journey of a log.
        journeys: How to tell where it stands.
        calendar: In which spans are counted; around the clock in UTC when left out (facts have their own).
        parties: Who is who.

    Raises:
        InvalidPolicyError: If two sets are for one stage.
        InvalidTimeError: If `at` has no zone.
    """
    now = to_micros(at)
    f, coming = _facts(known, now, journeys or Journeys(), (customer, case), calendar, parties)
    return _chosen(sets, f, now, coming, journeys or Journeys())


def _facts(
    known: Timeline | Facts,
    now: int,
    journeys: Journeys,
    unit: tuple[str, str],
    calendar: Calendar | None,
    parties: Parties | None,
) -> tuple[Facts, int]:
    """What is known of a journey at an instant, and when more of it becomes visible."""
    if not isinstance(known, Timeline):
        return known.with_defaults(calendar or known.calendar, journeys.needs()), NEVER
    events = [e for e in known.known(now) if (e.customer, e.case) == unit]
    state = Folding(journeys.needs(), parties or Parties()).fold(events)
    return Facts.of(calendar or Calendar.always(), state.values((*unit, "", ""))), known.next_visible(now)


def _chosen(sets: Iterable[QuestionSet], f: Facts, now: int, coming: int, journeys: Journeys) -> Chosen:
    """The set for where a journey stands."""
    by_stage: dict[str, QuestionSet] = {}
    for one in sets:
        if (other := by_stage.setdefault(one.stage, one)) != one:
            raise InvalidPolicyError(f"two sets are for {one.stage}: {other.name!r} and {one.name!r}; keep one")
    stage, since, holds = journeys.stands(f, now)
    return Chosen(by_stage.get(stage), stage, since, min(holds, coming), f.calendar.zone)


def still_right(
    chosen: Chosen,
    sets: Iterable[QuestionSet],
    timeline: Timeline,
    at: datetime | str,
    *,
    customer: str = "",
    case: str = "",
    journeys: Journeys | None = None,
    calendar: Calendar | None = None,
    parties: Parties | None = None,
) -> Opened:
    """What is asked of a customer who opens a survey now, given what was chosen when it was sent.

    Args:
        chosen: What was chosen at the sending.
        sets, timeline, at, customer, case, journeys, calendar, parties: As for `choose_set`; an `answer` of the journey
            since the last survey about it, with the outcome "partial" or "started" where it is not finished, counts.

    Raises:
        InvalidPolicyError: If two sets are for one stage.
        InvalidTimeError: If `at` has no zone.
    """
    now, how = to_micros(at), journeys or Journeys()
    f, coming = _facts(timeline, now, how, (customer, case), calendar, parties)
    afresh = _chosen(sets, f, now, coming, how)
    of_case = [e for e in timeline.known(now) if (e.customer, e.case) == (customer, case)]
    sent = max((e.order for e in of_case if e.kind == "survey"), default=(ALWAYS, ALWAYS, ""))
    answers = [e for e in of_case if e.kind == "answer" and e.order > sent]
    if any(e.outcome not in PARTIAL for e in answers):
        return Opened(StillRight.ANSWERED, afresh)
    opened_again = chosen.stage in (AFTER, CANCELLED) and f.voided > chosen.since_us
    if afresh.set is None or opened_again:
        return Opened(StillRight.FLAGGED if answers else StillRight.WITHDRAWN, afresh, bool(answers))
    return Opened(StillRight.RIGHT if afresh.set == chosen.set else StillRight.OTHER, afresh, bool(answers))
