"""Promises and estimates: what was said by when, kept until something is heard of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, earliest, latest, maybe_moment, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, PARTNER, REF, THEM, US, Fact, Facts, Which, words
from carepolicy.folds import Last
from carepolicy.policy import Duty
from carepolicy.span import Span, days, elapsed, forward, not_backward

if TYPE_CHECKING:
    import pendulum

COMPLETION = ("completion",)
"""The references or purposes of a promise that the whole case will be complete."""


class PromiseState(StrEnum):
    """What has become of a promise; it is in one of these states at every instant."""

    OPEN = "open"
    """Given, its date not passed, and nothing more."""
    KEPT = "kept"
    """Kept by its date."""
    PARTLY = "partly"
    """Kept in part; the rest is still owed."""
    LATE = "late"
    """Kept after its date, with no word of the promisor in between."""
    BROKEN = "broken"
    """Past its date, and the promisor spoke, failed at it or gave another date without having kept it."""
    WITHDRAWN = "withdrawn"
    """Taken back by its date."""
    SUPERSEDED = "superseded"
    """Replaced by its date by a later promise of the same reference."""
    UNKNOWN = "unknown"
    """Past its date, and nothing more was heard of the promisor: perhaps kept, perhaps not."""

    def __repr__(self) -> str:
        return f"PromiseState.{self.name}"


@attrs.frozen(kw_only=True)
class Promise:
    """One promise, with what has become of it as far as was known.

    Args:
        customer, case, ref: What it is about; "" where the log does not say.
        by: Who gave it.
        role: On whose side the promisor is: "us", "partner" or "customer".
        to: To whom; the customer, or us where the customer gave it, unless the log says otherwise (column `to`).
        made_us, due_us: When it was given and by when it is to be kept, in UTC microseconds; NEVER where nobody said.
        state: One of `PromiseState`.
        settled_us: When it was kept in full, withdrawn or replaced, in UTC microseconds; NEVER where it was not.
        evidence: The ids of the events that prove it.
        text: What was promised, in the words of the log.
        purpose: What for, as the log says.
        depends_on: The reference that must come true first (column `depends_on`).
        zone: The zone that instants are given in.
    """

    customer: str = ""
    case: str = ""
    ref: str = ""
    by: str = ""
    role: str = US
    to: str = ""
    made_us: int
    due_us: int = NEVER
    state: PromiseState = field(converter=PromiseState, repr=lambda state: repr(state.value))
    settled_us: int = NEVER
    evidence: tuple[str, ...] = ()
    text: str = ""
    purpose: str = ""
    depends_on: str = ""
    zone: str = "UTC"

    @property
    def made(self) -> pendulum.DateTime | None:
        """When it was given."""
        return maybe_moment(self.made_us, self.zone)

    @property
    def due(self) -> pendulum.DateTime | None:
        """By when it is to be kept; None where nobody said."""
        return maybe_moment(self.due_us, self.zone)

    @property
    def settled(self) -> pendulum.DateTime | None:
        """When it was kept in full, withdrawn or replaced; None where it was not."""
        return maybe_moment(self.settled_us, self.zone)

    @property
    def outstanding(self) -> bool:
        """Whether something is still owed: nobody kept all of it, took it back or replaced it."""
        return self.settled_us >= NEVER


@attrs.frozen
class PromiseKept(Duty):
    """A promise is kept by its date, or withdrawn before.

    Each promise is judged by itself (its `ref` in the case); a later one of the same reference replaces it. Past due it
    is broken if the promisor spoke or failed without keeping it, late if kept afterwards, unknown if nothing more was
    heard.

    Args:
        by: Whose promises: parties by name, or by role; our side and its partners when left out.
    """

    by: tuple[str, ...] = field(default=(THEM,), converter=words)

    lapse: ClassVar[str] = "broken_promise"
    owed: ClassVar[str] = "the promise"

    def needs(self) -> Mapping[str, Fact]:
        """The promise, its date, and whether it was kept or withdrawn."""
        promise = Which("promise", by=self.by)
        return {
            "promised": Last(promise, scope=REF),
            "promised_by": Last(promise, scope=REF, gives="due", missing=NEVER),
            "settled": Last(("kept", "withdrawn"), scope=REF),
        }

    def starts(self, f: Facts) -> Instant:
        """From when it was given."""
        return where(f.promised > f.settled, f.promised, NEVER)

    def due(self, f: Facts) -> Instant:
        """Its date."""
        return where(f.promised > f.settled, f.promised_by, NEVER)

    def cycle(self, f: Facts) -> Instant:
        """When it was given."""
        return f.promised

    def explain(self) -> str:
        """The rule in plain words."""
        return "a promise is kept by its date"


@attrs.frozen
class EstimateCurrent(Duty):
    """While work is not complete, an estimate that has not passed is in force.

    An estimate is no promise: passing it is no breach, but a new one is due the moment it passes.

    Args:
        by: Whose estimates: parties by name, or by role; our side and its partners when left out.
    """

    by: tuple[str, ...] = field(default=(THEM,), converter=words)

    owed: ClassVar[str] = "a new estimate"

    def needs(self) -> Mapping[str, Fact]:
        """The latest estimate, its date, and whether the work is complete."""
        estimate = Which("estimate", by=self.by)
        return {
            "estimated": Last(estimate, scope=REF),
            "estimated_for": Last(estimate, scope=REF, gives="due", missing=NEVER),
            "finished": Last(("completed", "closed", "withdrawn"), scope=REF),
        }

    def due(self, f: Facts) -> Instant:
        """The estimated completion."""
        return where(f.estimated > f.finished, f.estimated_for, NEVER)

    def cycle(self, f: Facts) -> Instant:
        """When it was estimated."""
        return f.estimated

    def explain(self) -> str:
        """The rule in plain words."""
        return "a new estimate by the time that the old one passes"


_TOLD = (
    Which("contact", by=THEM, conversation=True),
    Which(
        "contact", by=THEM, direction="outbound", author=("human", ""), outcome=("conversation", "delivered"),
        purpose="update",
    ),
)  # fmt: skip
"""What tells a customer how things stand: a live talk, or an update that a person sent."""
_WHOLE = Which("estimate", whole=True)


@attrs.frozen
class TellOfSlip(Duty):
    """The customer hears of a slip when it is known, not when the promise breaks.

    As soon as an estimate of the same reference passes the promise, or an estimate of the whole case (no `ref`) one
    about its completion, word is due within `within`, and by the promised date at the latest. A live talk or an update
    after that gives it, and so does another promise, keeping it or taking it back. Each further estimate that passes
    the promise is news of its own, and asks for word again.

    Args:
        within: How long after the instant from which the estimate and the promise contradicted each other.
        by: Whose promises: parties by name, or by role; our side and its partners when left out.
        completion: The purposes of a promise that the whole case will be complete.

    Raises:
        InvalidPolicyError: If `within` is no span or does not point forward, or `completion` names nothing.
    """

    within: Span = field(factory=lambda: elapsed(hours=2), validator=forward)
    by: tuple[str, ...] = field(default=(THEM,), converter=words)
    completion: tuple[str, ...] = field(default=COMPLETION, converter=words)

    owed: ClassVar[str] = "word of the slip"
    ours_to_do: ClassVar[bool] = True

    def __attrs_post_init__(self) -> None:
        if not self.completion:
            raise InvalidPolicyError("completion names no purpose: (); name one, such as 'completion'")

    def needs(self) -> Mapping[str, Fact]:
        """The promise as for `PromiseKept`, the latest estimates of the same thing and of the case, and the word."""
        return {
            **PromiseKept(self.by).needs(),
            "estimated": Last("estimate", scope=REF),
            "estimated_for": Last("estimate", scope=REF, gives="due"),
            "promised_whole": Last(Which("promise", by=self.by, purpose=self.completion), scope=REF),
            "estimated_whole": Last(_WHOLE, scope=CASE),
            "estimated_whole_for": Last(_WHOLE, scope=CASE, gives="due"),
            "finished": Last(Which(("completed", "kept", "withdrawn"), whole=True), scope=CASE),
            "told": Last(_TOLD, scope=CASE),
        }

    def cycle(self, f: Facts) -> Instant:
        """From when the estimate and the promise contradicted each other."""
        part = both(f.estimated > f.settled, f.estimated_for > f.promised_by, f.estimated_for < NEVER)
        whole = both(f.promised_whole >= f.promised, f.estimated_whole > f.finished)
        whole = both(whole, f.estimated_whole_for > f.promised_by, f.estimated_whole_for < NEVER)
        news = latest(where(part, f.estimated, ALWAYS), where(whole, f.estimated_whole, ALWAYS))
        return where(both(f.promised > f.settled, news > ALWAYS), latest(f.promised, news), ALWAYS)

    def starts(self, f: Facts) -> Instant:
        """From when the slip was known, while the customer has not heard of it."""
        return where(f.told < self.cycle(f), self.cycle(f), NEVER)

    def due(self, f: Facts) -> Instant:
        """`within` after that, and by the promised date where that still lay ahead."""
        slipped = self.cycle(f)
        word = f.after(slipped, self.within)
        by = where(f.promised_by > slipped, earliest(word, f.promised_by), word)
        return where(f.told < slipped, by, NEVER)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"word to the customer within {self.within} once an estimate passes what was promised"


@attrs.frozen
class FollowUp(Duty):
    """What a third party promised our customer is followed up: they are rung by their date, and the customer is told.

    Before the date we ask the third party: a contact of ours with one of the `purposes`, which may ask for all that
    they promised in the case. Once the date has passed and nobody said that the promise was kept, the customer is told:
    a live talk, or an update that a person sent.

    Args:
        ahead: How long before their date it is worth asking; asked by the date at the latest.
        after: How long after a date that passed the customer is told.
        by: Whose promises: parties by name, or by role; our partners' when left out.
        purposes: The purposes of a contact that follows up.

    Raises:
        InvalidPolicyError: If a span is no span, or points backward.
    """

    ahead: Span = field(factory=lambda: days(1), validator=not_backward)
    after: Span = field(factory=lambda: elapsed(hours=4), validator=not_backward)
    by: tuple[str, ...] = field(default=(PARTNER,), converter=words)
    purposes: tuple[str, ...] = field(default=("follow_up",), converter=words)

    owed: ClassVar[str] = "following up what a third party promised"
    ours_to_do: ClassVar[bool] = True

    def needs(self) -> Mapping[str, Fact]:
        """The promise as for `PromiseKept`, when it was followed up, and when the customer was told."""
        return {
            **PromiseKept(self.by).needs(),
            "followed_up": Last(Which("contact", by=US, purpose=self.purposes), scope=CASE),
            "told": Last(_TOLD, scope=CASE),
        }

    def cycle(self, f: Facts) -> Instant:
        """When the promise was given."""
        return f.promised

    def _step(self, f: Facts, asking: Instant, telling: Instant) -> Instant:
        """`asking` while the third party has not been asked, `telling` while the customer has not been told."""
        begin = self._begin(f)
        left = where(f.told > f.promised_by, NEVER, telling)
        return where(f.promised > f.settled, where(f.followed_up < begin, asking, left), NEVER)

    def _begin(self, f: Facts) -> Instant:
        return latest(f.after(f.promised_by, -self.ahead), f.promised)

    def starts(self, f: Facts) -> Instant:
        """`ahead` before their date; once they were asked, from their date on."""
        return self._step(f, self._begin(f), f.promised_by)

    def due(self, f: Facts) -> Instant:
        """Their date; once they were asked, `after` later."""
        return self._step(f, f.promised_by, f.after(f.promised_by, self.after))

    def explain(self) -> str:
        """The rule in plain words."""
        return "what a third party promised is followed up by its date, and the customer is told"
