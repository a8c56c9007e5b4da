"""The parts of a handover: what the next person needs to know, each as a small frozen value.

Texts are raw here, as the log has them; each rendering escapes them once, for its own sink. Instants are UTC
microseconds with the suffix `_us`; NEVER where nobody said one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from carepolicy._instant import NEVER, maybe_moment

if TYPE_CHECKING:
    import pendulum


@attrs.frozen(kw_only=True)
class Said:
    """Something that the log says, with where it stands there.

    Args:
        text: In the words of the log.
        at_us: When it happened.
        by: Whose word it is: a party; "" where the log does not say.
        to: To which party; "" where the log does not say.
        channel: phone, email, …; "" where there is none.
        event: The id of the event.
        by_the_day: Whether the hour is only a stand-in.
    """

    text: str
    at_us: int
    by: str = ""
    to: str = ""
    channel: str = ""
    event: str = ""
    by_the_day: bool = False

    @property
    def at(self) -> pendulum.DateTime | None:
        """When it happened, in UTC."""
        return maybe_moment(self.at_us)


@attrs.frozen(kw_only=True)
class Known:
    """A fact that the customer gave, or that we hold: confirm it, never ask again.

    Args:
        fact: Which: name, claim number, body shop, …
        said: What was said, by whom and when, the latest word.
        asked_again: The ids of the events that asked for it although it was known.
    """

    fact: str
    said: Said
    asked_again: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Tried:
    """What was tried, and how it ended.

    Args:
        what: What it was, as the log says.
        ended: "failed", "kept", "kept late", "done" (and nothing came after), or "under way".
        said: The event that says so.
        evidence: All events that belong to it.
    """

    what: str
    ended: str
    said: Said
    evidence: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Owed:
    """A promise that is still outstanding, theirs or ours.

    Args:
        what: What was promised.
        by, to: Who owes it to whom.
        role: On whose side the promisor is: "us", "partner" or "customer".
        due_us: By when; NEVER where nobody said.
        state: A word of `PromiseState`: open, broken, unknown, partly, …
        ref: Its reference.
        made_us: When it was given.
        kind: "promise"; "estimate" for an expected completion; "asked" for what the customer was asked for and has not
            told; "duty" for what the plan says is owed.
        evidence: Ids of events.
    """

    what: str
    by: str
    to: str
    role: str
    due_us: int = NEVER
    state: str = "open"
    ref: str = ""
    made_us: int
    kind: str = "promise"
    evidence: tuple[str, ...] = ()

    @property
    def due(self) -> pendulum.DateTime | None:
        """By when, in UTC; None where nobody said."""
        return maybe_moment(self.due_us)


@attrs.frozen(kw_only=True)
class Person:
    """Somebody who has to do with the case.

    Args:
        part: "owner", "scribe", "contact" (the customer's), "receiver", or a party's own name for its part.
        name: Who; "" where nobody is named, which is a gap for an owner.
        team: Where they belong.
        competences: What they can do.
        reach: How to reach them: channel and address as the host has it.
    """

    part: str
    name: str = ""
    team: str = ""
    competences: tuple[str, ...] = ()
    reach: str = ""


@attrs.frozen(kw_only=True)
class Choice:
    """An option that is ready, or one that was refused.

    Args:
        name: What it is.
        cost: What it costs us; None where nobody said.
        authority: Whose word it takes; "" where whoever has the case may decide.
        in_time: Whether it restores the customer in time; None where nobody knows what "in time" is.
        choose_by_us: Until when it must be chosen.
        refused: Why it was refused; "" for one that is ready.
    """

    name: str
    cost: float | None = None
    authority: str = ""
    in_time: bool | None = None
    choose_by_us: int = NEVER
    refused: str = ""


@attrs.frozen(kw_only=True)
class NextAction:
    """What happens next: one person, one instant, one zone.

    Args:
        what: What is to be done.
        who: One person or party; "" where nobody is named, which is a gap.
        at_us: By when; NEVER where nobody said, which is a gap.
        zone: In whose wall time it is said.
        why: What it follows from.
    """

    what: str
    who: str = ""
    at_us: int = NEVER
    zone: str = "UTC"
    why: str = ""

    @property
    def at(self) -> pendulum.DateTime | None:
        """By when, in its zone; None where nobody said."""
        return maybe_moment(self.at_us, self.zone)


@attrs.frozen(kw_only=True)
class Contingency:
    """If something happens, then something is done; `by_us` says when the "if" is looked at."""

    when: str
    then: str
    by_us: int = NEVER


@attrs.frozen(kw_only=True)
class Chaser:
    """A time the customer had to ask.

    Args:
        said: The contact.
        overdue: What was overdue then.
        certainty: "proved", or "possible" where nobody wrote down who began the call.
    """

    said: Said
    overdue: tuple[str, ...] = ()
    certainty: str = "proved"


@attrs.frozen(kw_only=True)
class Contradiction:
    """Something in the log that cannot be; both sides stand, and somebody must ask.

    Args:
        code: A stable word.
        what: One sentence.
        evidence: Ids of events.
    """

    code: str
    what: str
    evidence: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Question:
    """A question that is truly open, and why it is asked.

    Args:
        text: What to ask, as it can be said.
        why: What the answer decides.
        of: Whom to ask: "customer", or a party.
    """

    text: str
    why: str = ""
    of: str = "customer"


@attrs.frozen(kw_only=True)
class Gap:
    """Something that is missing or vague, with the question that would fill it.

    Args:
        part: Which part of the handover: wanted, owner, next_action, …
        what: What is missing, one sentence.
        harm: Why it matters, one sentence.
        question: What to ask to fill it.
        of: Whom to ask.
        required: Whether a host should refuse to hand over without it.
        rank: Their order: 1 does the most harm.
    """

    part: str
    what: str
    harm: str
    question: str
    of: str = "customer"
    required: bool = False
    rank: int = 100


@attrs.frozen(kw_only=True)
class Waiting:
    """Somebody who waits for somebody else.

    Args:
        who: Who waits.
        on: For whom: a party; "" for a thing that nobody is named for.
        what: What for, in the words of the log.
        since_us: Since when; NEVER where nobody said.
        evidence: Ids of events.
    """

    who: str
    on: str
    what: str = ""
    since_us: int = NEVER
    evidence: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Link:
    """A handover before this one, in the chain of those who have had the case.

    Args:
        sender, to: From whom to whom.
        prepared_us: When it was prepared.
        status: How it ended: "accepted", "refused" or "returned".
        settled_us: When it ended; NEVER where it has not.
        learnt: What the receiver learnt that the one before did not know: a sentence each.
        asked_twice: The facts that were asked for although they were known: their names.
    """

    sender: str
    to: str
    prepared_us: int
    status: str = "accepted"
    settled_us: int = NEVER
    learnt: tuple[str, ...] = ()
    asked_twice: tuple[str, ...] = ()
