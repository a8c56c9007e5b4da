"""Clocks of a case: first and next reply, acknowledgement, first and total resolution, taking over, turnaround.

No counter is stored: each due date is worked out from the events whenever it is asked for. From the due instant on what
is still open is overdue; an event exactly at that instant is in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Flag, Instant, both, latest, where
from carepolicy.answering import (
    DATED,
    MERGED,
    MESSAGE,
    LastDated,
    LatestOf,
    OldestCarried,
    OldestUnanswered,
    replies,
)
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, CUSTOMER_PARTY, THEM, Fact, Facts, Which, words
from carepolicy.folds import First, Last, which_of
from carepolicy.pauses import Clock
from carepolicy.stretches import BEGIN, END, RESOLVED, KthStretch

OPENED = Which("opened", whole=True)
_WORDS = (MESSAGE, Which("opened", by=(CUSTOMER_PARTY, ""), whole=True), Which("split"))
"""A word of the customer, an opening that nobody says was made on their behalf, or the split that made the case."""
_FIRST_OPENED = First(OPENED, scope=CASE, missing=ALWAYS)
_FIRST_WORDS = First(_WORDS, scope=CASE)


@attrs.frozen
class _Reply(Clock):
    """What answers the customer; of a case that was merged into another it is owed until one of both is answered in."""

    by: tuple[str, ...] = field(default=(THEM,), converter=words, kw_only=True)

    def more_needs(self) -> Mapping[str, Fact]:
        """Whether the case was merged, and since when what it carried over has waited."""
        return {"merged": Last(MERGED, scope=CASE), "carried": OldestCarried(_WORDS, until=replies(self.by))}


@attrs.frozen
class _FromTheOpening(_Reply):
    """What the customer is owed once: from the opening, or from their first words where they come later."""

    def started_by(self) -> Fact:
        """The later of the two."""
        return LatestOf((_FIRST_OPENED, _FIRST_WORDS))

    def start_needs(self) -> Mapping[str, Fact]:
        """Both of them, apart: each can be folded anywhere."""
        return {"first_opened": _FIRST_OPENED, "first_words": _FIRST_WORDS}

    def start(self, f: Facts) -> Instant:
        """The later of the two."""
        return latest(f.first_opened, f.first_words)

    def _runs_until(self, ended: Instant, f: Facts) -> Flag:
        """Until something ended it; in a case that was merged, until what started it is answered in the other."""
        start = self.start(f)
        return both(start < NEVER, ended < start, where(f.merged > ALWAYS, f.carried, ALWAYS) <= start)


@attrs.frozen
class FirstReply(_FromTheOpening):
    """A first reply by a person.

    It runs from the opening, and waits for the customer's first words where the case was opened on their behalf. A
    message of a person that reached the customer ends it, or a live talk; a bot, an automatic reply, an internal note,
    a voicemail, a reminder, closing the case or handing it on do not.

    Merging the case into another does not end it where the customer waits: their words travel with the case, and are
    owed until a reply in either. What had no words of theirs is owed no more.

    Args:
        within, pausable, pauses: As for `Clock`.
        by: Who may reply: parties by name, or by role; our side and its partners when left out.
    """

    owed: ClassVar[str] = "a first reply"

    def more_needs(self) -> Mapping[str, Fact]:
        """The last reply beside what was merged."""
        return {"last_reply": Last(replies(self.by), scope=CASE), **_Reply.more_needs(self)}

    def runs(self, f: Facts) -> Flag:
        """Until somebody has replied."""
        return self._runs_until(f.last_reply, f)


@attrs.frozen
class NextReply(_Reply):
    """A reply to the oldest message that nobody has answered.

    A second message, a chaser, never restarts it; handing the case on does not either, and neither does merging it: a
    message travels with its case, and is owed where it was written until a reply in either case. What replies is said
    at `FirstReply`. Pauses end with any message, so one that was begun before it never moves this clock.

    Args:
        within, pausable, pauses, by: As for `FirstReply`.
        after_first: Whether it rules only after a first reply, so that a longer `FirstReply` is not cut short.
    """

    after_first: bool = field(default=False, kw_only=True)

    owed: ClassVar[str] = "a reply"

    def started_by(self) -> Fact:
        """The oldest message that nobody has answered."""
        return OldestUnanswered(MESSAGE, until=replies(self.by))

    def start(self, f: Facts) -> Instant:
        """The same; where the case was merged, the oldest that nobody has answered in the other case either."""
        # what is carried is of any case of the customer that was merged: of this one only if it has so late a message
        carried = where(f.carried <= f.last_message, latest(f.started, f.carried), NEVER)
        return where(f.merged > ALWAYS, carried, f.started)

    def more_needs(self) -> Mapping[str, Fact]:
        """The last message beside what was merged, and whether there was a reply before."""
        facts = {**_Reply.more_needs(self), "last_message": Last(MESSAGE, scope=CASE)}
        if self.after_first:
            facts |= {"first_reply": First(replies(self.by), scope=CASE)}
            facts |= {"first_opened": _FIRST_OPENED, "first_words": _FIRST_WORDS}
        return facts

    def runs(self, f: Facts) -> Flag:
        """While a message waits."""
        start = self.start(f)
        if not self.after_first:
            return start < NEVER
        # in a case that was merged the first reply may have come in the other one, which its facts do not see
        elsewhere = both(f.merged > ALWAYS, f.carried > latest(f.first_opened, f.first_words))
        return both(start < NEVER, where(elsewhere, ALWAYS, f.first_reply) <= start)


@attrs.frozen
class Acknowledgement(_FromTheOpening):
    """A word by a person that names a time: when the customer hears more, or when it will be done.

    It starts as `FirstReply` does. A contact with a date ahead (`due`) ends it, or a promise or an estimate; "we have
    received your message" does not. Of a case that was merged any reply in the other ends it.

    Args:
        within, pausable, pauses, by: As for `FirstReply`.
    """

    owed: ClassVar[str] = "an acknowledgement that names a time"

    def more_needs(self) -> Mapping[str, Fact]:
        """The last word with a date ahead beside what was merged."""
        dated = LastDated((*replies(self.by), attrs.evolve(DATED, by=self.by)))
        return {"last_dated": dated, **_Reply.more_needs(self)}

    def runs(self, f: Facts) -> Flag:
        """Until a time was named."""
        return self._runs_until(f.last_dated, f)


@attrs.frozen
class FirstResolution(Clock):
    """The case is resolved for the first time: completed or closed. A reopening starts nothing anew.

    Args:
        within, pausable, pauses: As for `Clock`.
    """

    owed: ClassVar[str] = "a resolution"

    def started_by(self) -> Fact:
        """The first opening."""
        return First(OPENED, scope=CASE)

    def more_needs(self) -> Mapping[str, Fact]:
        """Whether it was completed, closed or merged."""
        return {"ended": Last((RESOLVED, MERGED), scope=CASE)}

    def runs(self, f: Facts) -> Flag:
        """Until it is resolved."""
        return both(f.started < NEVER, f.ended < f.started)


@attrs.frozen
class TotalResolution(Clock):
    """The case is resolved, and stays so: a reopening goes on from the first opening.

    The time from a resolution to the reopening that undid it does not count.

    Args:
        within, pausable, pauses: As for `Clock`.
        reopenings: How many such stretches are told apart; of more, the later ones count as time used.

    Raises:
        InvalidPolicyError: If fewer than one.
    """

    reopenings: int = field(default=5, kw_only=True)

    owed: ClassVar[str] = "a resolution that holds"

    def __attrs_post_init__(self) -> None:
        Clock.__attrs_post_init__(self)
        if self.reopenings < 1:
            raise InvalidPolicyError(f"reopenings must be at least 1, got {self.reopenings}; or use FirstResolution")

    def started_by(self) -> Fact:
        """The first opening."""
        return First(OPENED, scope=CASE)

    def more_needs(self) -> Mapping[str, Fact]:
        """Whether it was completed, closed or merged since it was last opened."""
        return {
            "last_opened": Last(Which(("opened", "reopened"), whole=True), scope=CASE),
            "ended": Last((RESOLVED, MERGED), scope=CASE),
        }

    @property
    def stops(self) -> tuple[KthStretch, ...]:
        """The pauses that count, and the time spent resolved."""
        count = self.pauses if self.pausable else 0
        return tuple(
            KthStretch(self.started_by(), k=k, gives=gives, pauses=count, resolved=True)
            for k in range(1, count + self.reopenings + 1)
            for gives in (BEGIN, END)
        )

    def runs(self, f: Facts) -> Flag:
        """While the case is open."""
        return both(f.started < NEVER, f.ended < latest(f.last_opened, f.started))


@attrs.frozen
class TakeOver(Clock):
    """Whoever was handed a case says that they have taken it over: `handed`, then `accepted`.

    The clock of the taker alone: those of the customer go on as if nothing had been handed.

    Args:
        within, pausable, pauses: As for `Clock`.
    """

    owed: ClassVar[str] = "a word that it was taken over"

    def started_by(self) -> Fact:
        """The last time that it was handed on."""
        return Last("handed", scope=CASE, missing=NEVER)

    def more_needs(self) -> Mapping[str, Fact]:
        """Whether it was accepted, or the case has ended."""
        return {"settled": Last((Which("accepted"), RESOLVED, MERGED), scope=CASE)}

    def runs(self, f: Facts) -> Flag:
        """Until it is accepted."""
        return both(f.started < NEVER, f.settled < f.started)


@attrs.frozen
class Turnaround(Clock):
    """One event of a case is followed by another in time: from `since` to `until`.

    It runs from the first event that was not followed yet; the same once more does not restart it.

    Args:
        within, pausable, pauses: As for `Clock`.
        since: The events that start it.
        until: The events that end it, any one of them.
        what: What is owed, in words.
    """

    since: tuple[Which, ...] = field(converter=which_of, kw_only=True)
    until: tuple[Which, ...] = field(converter=which_of, kw_only=True)
    what: str = field(default="what must follow", kw_only=True)

    owed: ClassVar[str] = "what must follow"

    def started_by(self) -> Fact:
        """The first event that starts it and was not followed yet."""
        return OldestUnanswered(self.since, until=(*self.until, MERGED))

    @property
    def wanted(self) -> str:
        """What is owed, in words."""
        return self.what
