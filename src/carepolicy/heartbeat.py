"""Heartbeat: updates on open work, even when nothing has changed; and what one law says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, latest, where
from carepolicy.answering import DATED, HUMAN, MERGED, LastDated, LastOverall
from carepolicy.clocks import NextReply, Turnaround
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, CUSTOMER_PARTY, THEM, Fact, Facts, Which, words
from carepolicy.folds import Last, which_of
from carepolicy.policy import Duty, FirstOf, first_of
from carepolicy.span import Span, days, forward
from carepolicy.threads import LastWhile

LESS, USUAL = "less updates", "usual updates"
"""The purposes of a `wish` for fewer updates, and of one that takes it back."""
_OPENED = (Which(("opened", "reopened"), whole=True),)
_ENDED = (Which(("completed", "closed"), whole=True), MERGED)
_TALKED_ABOUT = (
    "", "update", "status", "question", "report", "follow_up", "reply", "answer", "information", "complaint",
    "escalate", "urgent", "callback",
)  # fmt: skip
"""What a talk that we began may be for and still tell how the case stands: no marketing, no survey, nothing unknown."""
_NO_WORD = Which("contact", purpose=("marketing", "offer", "taste", "survey", "survey_reminder"))
"""What names a date of its own and says nothing of the case: until when an offer holds, when a survey closes."""


@attrs.frozen
class Heartbeat(Duty):
    """An update on open work at least so often, even when nothing has changed.

    Fed by an update that we send (a talk, or a mail written by a person), by a date stated to the customer (a promise
    or an estimate), and by a talk of any origin, whoever the log names as its party, that names the next date itself
    (`due` of the contact) or takes place while a stated one still lies ahead: the customer heard status and a next
    date. Their call that got neither feeds nothing; one that got both is still their effort, and a chaser where
    something was overdue. Nothing pauses it: "waiting for the customer" is itself worth an update.

    Args:
        every: After how long the next update is due.
        by: Who may give it: parties by name, or by role; our side and its partners when left out.
        grace: How much later it is missed; worth giving from `every` on.
        slower: After how long instead, for a customer who has asked for fewer since the case was last opened: an event
            `wish` with the purpose "less updates", until one with "usual updates". One that names no case is about
            all of them, those still to come as well; the later word counts.
        purposes: The purposes of an update.
        dated: Whether an update counts only if the customer heard when the next one comes: by a date of its own (`due`
            of the contact), or by a promise or an estimate that still lay ahead. Then a message of ours of any other
            purpose that names a date counts as well, but for marketing and surveys.
        channels: Where it must come by one of these channels, such as in writing, nothing else feeds it.
        since: The events from which it is owed; opening and reopening when left out.
        until: The events after which it is no longer owed; completing, closing and merging when left out.

    Raises:
        InvalidPolicyError: If a span is no span or does not point forward, or `slower` is shorter than `every`.
    """

    every: Span = field(validator=forward)
    by: tuple[str, ...] = field(default=(THEM,), converter=words)
    grace: Span | None = field(default=None, validator=forward, kw_only=True)
    slower: Span | None = field(default=None, validator=forward, kw_only=True)
    purposes: tuple[str, ...] = field(default=("update",), converter=words, kw_only=True)
    dated: bool = field(default=False, kw_only=True)
    channels: tuple[str, ...] = field(default=(), converter=words, kw_only=True)
    since: tuple[Which, ...] = field(default=(), converter=which_of, kw_only=True)
    until: tuple[Which, ...] = field(default=(), converter=which_of, kw_only=True)

    owed: ClassVar[str] = "an update"

    def __attrs_post_init__(self) -> None:
        slower = self.slower
        if slower is not None and slower.unit == self.every.unit and slower.amount < self.every.amount:
            raise InvalidPolicyError(f"slower is shorter than every: slower={slower}, every={self.every}; swap them")

    def _feeds(self) -> Mapping[str, Fact]:
        """What the customer heard last, in each of the ways that count."""
        said = Which(
            "contact", by=self.by, direction="outbound", author=HUMAN, outcome=("conversation", "delivered"),
            channel=self.channels,
        )  # fmt: skip
        update = attrs.evolve(said, purpose=self.purposes)
        talks: tuple[Which, ...] = ()
        stated: tuple[Which, ...] = ()
        if not self.channels:
            talk = Which("contact", by=(*self.by, CUSTOMER_PARTY), direction=("inbound", ""), conversation=True)
            talks = (talk, attrs.evolve(talk, direction="outbound", purpose=_TALKED_ABOUT))
            stated = (attrs.evolve(DATED, by=self.by),)
        if self.dated:
            informed = LastWhile((update, *talks, *stated), ahead=DATED)
            return {"last_informed": informed, "last_dated": LastDated((said, *talks), but=_NO_WORD)}
        facts: dict[str, Fact] = {"last_update": Last((update, *stated), scope=CASE)}
        if talks:
            facts |= {"last_informed": LastWhile(talks, ahead=DATED), "last_dated": LastWhile(talks, ahead=talks)}
        return facts

    def needs(self) -> Mapping[str, Fact]:
        """The last update, the last talk with a date ahead, whether the case is open, and what the customer wished."""
        facts = dict(self._feeds())
        facts["last_opened"] = Last(self.since or _OPENED, scope=CASE)
        facts["last_ended"] = Last(self.until or _ENDED, scope=CASE)
        if self.slower is not None:
            for name, purpose in (("asked_for_less", LESS), ("asked_as_usual", USUAL)):
                wish = Which("wish", purpose=purpose)
                facts |= {name: Last(wish, scope=CASE), f"{name}_overall": LastOverall(wish)}
        return facts

    def starts(self, f: Facts) -> Instant:
        """`every` after the last update, or `slower` where they asked for fewer, while the case is open."""
        due = f.after(self.cycle(f), self.every)
        if self.slower is not None:
            less, usual = (
                latest(overall, where(said > f.last_opened, said, ALWAYS))
                for said, overall in (
                    (f.asked_for_less, f.asked_for_less_overall),
                    (f.asked_as_usual, f.asked_as_usual_overall),
                )
            )
            due = where(less > usual, f.after(self.cycle(f), self.slower), due)
        return where(f.last_opened > f.last_ended, due, NEVER)

    @property
    def starts_at_due(self) -> bool:
        """Whether there is no grace."""
        return self.grace is None

    def due(self, f: Facts) -> Instant:
        """The same, and `grace` later."""
        starts = self.starts(f)
        return starts if self.grace is None else f.after(starts, self.grace)

    def cycle(self, f: Facts) -> Instant:
        """The last update, or when the case was opened."""
        if self.dated:
            return latest(f.last_opened, f.last_informed, f.last_dated)
        if self.channels:
            return latest(f.last_opened, f.last_update)
        return latest(f.last_opened, f.last_update, f.last_informed, f.last_dated)

    def explain(self) -> str:
        """The rule in plain words."""
        written = f", by {' or '.join(self.channels)}" if self.channels else ""
        slower = f" (every {self.slower} where they asked for fewer)" if self.slower is not None else ""
        grace = f", {self.grace} later at most" if self.grace is not None else ""
        how = f"{written}, each with a date of the next" if self.dated else written
        return f"an update on open work every {self.every}{slower}{how}, even when nothing has changed{grace}"


_WRITTEN = ("email", "post")
_PROOF = Which(("milestone", "told"), purpose="proof of claim")
_DECIDED = Which("milestone", purpose=("claim accepted", "claim denied"))
_MORE_TIME = Which(
    "contact", by=THEM, direction="outbound", channel=_WRITTEN, purpose="more time", author=("human", ""),
    outcome="delivered",
)  # fmt: skip


def answer_claimants() -> NextReply:
    """Every message of a claimant is answered within 15 calendar days, counted from the oldest unanswered one.

    The days are counted in the zone of the plan and keep the wall time, so it is due on the fifteenth day at the hour
    of the message. The law allows that whole day: this is the stricter by less than a day. What happens exactly at the
    due instant is in time.

    Source: California Code of Regulations, title 10, section 2695.5(b): "a complete response within fifteen calendar
    days of receipt of that communication".
    """
    return NextReply(days(15))


def decide_claims() -> Turnaround:
    """A claim is accepted or denied within 40 calendar days of its proof, or it is said in writing why not yet.

    The log says so with a `milestone` (or `told`) of the purpose "proof of claim", a `milestone` of "claim accepted" or
    "claim denied", and a contact of "more time". Days are counted as for `answer_claimants`.

    Source: California Code of Regulations, title 10, section 2695.7(b) ("no more than forty (40) calendar days") and
    (c)(1) (written notice of the need for more time within that time).
    """
    return Turnaround(days(40), since=_PROOF, until=(_DECIDED, _MORE_TIME), what="a decision on the claim")


def report_undecided_claims() -> Heartbeat:
    """While a claim is undecided, a written notice every 30 calendar days after the first one.

    Days are counted as for `answer_claimants`, and events named as for `decide_claims`.

    Source: California Code of Regulations, title 10, section 2695.7(c)(1): "every thirty (30) calendar days until a
    determination is made or notice of legal action is served".
    """
    return Heartbeat(
        days(30), purposes="more time", channels=_WRITTEN, since=_MORE_TIME, until=(_DECIDED, *_ENDED)
    )  # fmt: skip


def california_claims() -> FirstOf:
    """What Californian law asks of insurers about claimants: 15, 40 and 30 calendar days, joined.

    None of the three can be paused.

    Source: California Code of Regulations, title 10, sections 2695.5(b), 2695.7(b) and 2695.7(c)(1).
    """
    return first_of(answer_claimants(), decide_claims(), report_undecided_claims())
