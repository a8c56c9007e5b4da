"""Eligibility: only who asked for something, and was helped by a person, can say how that was.

Each rule stands by itself, so that a journey that is not asked about says which of them it was; `eligible` joins them.
All are about a case: what happened in another one makes nobody eligible.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, only_if, where
from carepolicy.answering import HUMAN, replies
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, US, Fact, Facts, Which, words
from carepolicy.folds import KthLatest, Last
from carepolicy.policy import AllOf, Guard, all_of
from carepolicy.quarantine import SAME

WORKED = ("accepted", "milestone")
"""What is only done by those who work a case, beside writing to the customer."""


@attrs.frozen
class Requester(Guard):
    """Only who asked for help is asked how it was: not who wrote the case down, and not a colleague.

    Args:
        person: Who would be asked, or whoever is asked this time ("same", see `for_person`); anybody at the customer
            when left out.
    """

    person: str = SAME

    awaits: ClassVar[str] = "a request of the person who would be asked"

    def needs(self) -> Mapping[str, Fact]:
        """Their last request: a case opened in their name, or a message or call of theirs."""
        who = self.person or ()
        asked = (Which("opened", person=who), Which("contact", direction="inbound", person=who))
        return {"requested": Last(asked, scope=CASE)}

    def opens(self, f: Facts) -> Instant:
        """Once they have asked for something."""
        return only_if(f.requested > ALWAYS)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"{self.person or 'the customer'} is who asked for help"


@attrs.frozen
class WorkedByHuman(Guard):
    """A person of ours has talked with the customer or written to them, so often at least.

    Bots, automatic replies, notes and changes of status are no work of a person.

    Args:
        contacts: How many such contacts, a whole number from 1.
        by: Whose contacts count: parties by name, or "us", "partner", "them" (both).

    Raises:
        InvalidPolicyError: If it asks for none, or nobody's contacts count.
    """

    contacts: int = 1
    by: tuple[str, ...] = field(default=(US,), converter=words, kw_only=True)

    awaits: ClassVar[str] = "a person of ours to help the customer"

    def __attrs_post_init__(self) -> None:
        if self.contacts < 1:
            raise InvalidPolicyError(
                f"contacts must be at least 1, got {self.contacts}; to ask for none, leave the guard out"
            )
        if not self.by:
            raise InvalidPolicyError("by names nobody; say whose contacts count, e.g. 'us'")

    def needs(self) -> Mapping[str, Fact]:
        """The contact that makes enough of them."""
        return {"human_contacts": KthLatest(replies(self.by), k=self.contacts, scope=CASE)}

    def opens(self, f: Facts) -> Instant:
        """Once there were enough."""
        return only_if(f.human_contacts > ALWAYS)

    def explain(self) -> str:
        """The rule in plain words."""
        times = "has" if self.contacts == 1 else f"has, {self.contacts} times at least,"
        return f"a person of ours {times} talked with the customer or written to them"


@attrs.frozen
class NotSelf(Guard):
    """Nobody is asked to judge their own work.

    Args:
        person: Who would be asked, or whoever is asked this time ("same", see `for_person`).

    Raises:
        InvalidPolicyError: If nobody is named.
    """

    person: str = SAME

    def __attrs_post_init__(self) -> None:
        if not self.person:
            raise InvalidPolicyError("person is nobody: ''; name who is asked, or write 'same'")

    def needs(self) -> Mapping[str, Fact]:
        """When the one who would be asked last worked the case."""
        did = (Which(WORKED, by=self.person), Which("contact", by=self.person, direction="outbound"))
        return {"worked_by_asked": Last(did, scope=CASE)}

    def closes(self, f: Facts) -> Instant:
        """When they worked it: from then on they are not to be asked."""
        return where(f.worked_by_asked > ALWAYS, f.worked_by_asked, NEVER)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"{self.person} has not worked the case"


@attrs.frozen
class NotAutoClosed(Guard):
    """The case did not end by a timer alone: it was completed, or a person shut it."""

    awaits: ClassVar[str] = "the work to be completed, as a timer shut the case"

    def needs(self) -> Mapping[str, Fact]:
        """When a timer shut it, when it ended otherwise, and when it was last opened again."""
        ended = (Which("completed", whole=True), Which("closed", whole=True, author=HUMAN))
        return {
            "closed_by_timer": Last(Which("closed", whole=True, author="automatic"), scope=CASE),
            "ended_by_person": Last(ended, scope=CASE),
            "voided": Last(Which(("reopened", "failed"), whole=True), scope=CASE),
        }

    def opens(self, f: Facts) -> Instant:
        """Never where a timer shut it and nothing else has ended it since it was last opened."""
        by_timer = both(f.closed_by_timer > ALWAYS, f.closed_by_timer >= f.voided)
        ended = both(f.ended_by_person > ALWAYS, f.ended_by_person >= f.voided)
        return where(by_timer, only_if(ended), ALWAYS)

    def explain(self) -> str:
        """The rule in plain words."""
        return "the case was not shut by a timer alone"


@attrs.frozen
class Reachable(Guard):
    """The channel can still carry a message: its window has not closed.

    `Answerable` looks further: that the answer comes back before the window closes.

    Args:
        window: What the window is called: the `purpose` of the `note` whose `due` is its end.
    """

    window: str = "channel"

    def needs(self) -> Mapping[str, Fact]:
        """When the window ends, by the latest note."""
        told = Last(Which("note", purpose=self.window), scope=CASE, gives="due", missing=NEVER)
        return {f"ends_{self.window}": told}

    def closes(self, f: Facts) -> Instant:
        """When the window ends; never where nothing is said of one."""
        ends: Instant = getattr(f, f"ends_{self.window}")
        return ends

    def explain(self) -> str:
        """The rule in plain words."""
        return f"before the window of the {self.window} ends"


def eligible(*, person: str = SAME, contacts: int = 1, by: tuple[str, ...] = (US,), window: str = "channel") -> AllOf:
    """Who may be asked at all: five rules, each of which stands by itself and can be left out.

    Args:
        person: Who would be asked, or "same" for whoever is asked this time.
        contacts: How often a person of ours must have talked with the customer or written to them.
        by: Whose contacts count.
        window: The window of the channel.

    >>> from carepolicy.quarantine import for_person
    >>> for_person(eligible(contacts=2), "anna").parts[0]
    Requester(person='anna')
    """
    return all_of(
        Requester(person), WorkedByHuman(contacts, by=by), NotSelf(person), NotAutoClosed(), Reachable(window)
    )
