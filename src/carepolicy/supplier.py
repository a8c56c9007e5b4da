"""Suppliers: a customer has one owner with us, and is never sent to a partner or a maker of parts themselves."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from attrs import field

from carepolicy.checks import certainty_of
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import PARTNER, words
from carepolicy.finding import PROVED, Finding
from carepolicy.history import History


@attrs.frozen
class SentToSupplier:
    """The customer has to turn to a partner of ours themselves: for us they did what their owner is there for.

    A contact of which nobody wrote down who began it is possible at most. What a customer wants to settle with a
    partner directly (an appointment, an errand) is no such contact.

    Args:
        purposes: The purposes of a contact for which our side is there.
        by: Who is a supplier: parties by name, or by role; our partners when left out.

    Raises:
        InvalidPolicyError: If no purpose or no supplier is named: it would find nothing, or everybody.
    """

    purposes: tuple[str, ...] = field(default=("status", "complaint", "report", "escalate", "urgent"), converter=words)
    by: tuple[str, ...] = field(default=(PARTNER,), converter=words)

    def __attrs_post_init__(self) -> None:
        for name in ("purposes", "by"):
            if not getattr(self, name):
                raise InvalidPolicyError(f"{name} is empty: {getattr(self, name)!r}; name at least one")

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each such contact."""
        for event in history.events:
            asked = event.kind == "contact" and event.purpose in self.purposes and event.direction != "outbound"
            if asked and history.parties.are(event.party, self.by):
                certainty = certainty_of(event)
                who = "the customer" if certainty == PROVED else "possibly the customer (nobody wrote down who called)"
                yield Finding(
                    kind="chaser",
                    at_us=event.at_us,
                    policy="SentToSupplier",
                    party=event.party,
                    customer=event.customer,
                    case=event.case,
                    ref=event.ref,
                    why=f"{who} had to turn to {event.party}: {history.quoted(event)}",
                    instead=f"their owner asks {event.party}, and tells them",
                    instead_us=event.at_us,
                    evidence=(event.id,),
                    certainty=certainty,
                    detail="supplier",
                    by_the_day=event.precision == "day",
                )

    def explain(self) -> str:
        """What it looks for."""
        return "the customer has to turn to a partner of ours themselves"
