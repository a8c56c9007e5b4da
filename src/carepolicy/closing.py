"""Closing: a case is closed although the customer never said what they wanted, or never confirmed that they have it."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from attrs import field

from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.finding import Finding
from carepolicy.history import History

WANTED = "wanted outcome"
"""The fact by which a log says how it should end, in the customer's own words: an event `told` or `wish`."""
CONFIRMED = "outcome reached"
"""The fact that a customer tells when they have what they wanted."""


@attrs.frozen
class ClosedUnconfirmed:
    """A case is closed without the word of the customer that it ended as they wanted.

    The word is an event `told` of the fact `confirmed`, or a `kept` or `completed` whose party is the customer, after
    the last opening of the case and after the customer said what they wanted, if they did.

    Args:
        wanted: The fact that says what the customer wants.
        confirmed: The fact that says that they have it.

    Raises:
        InvalidPolicyError: If both are the same, or one is empty.
    """

    wanted: str = field(default=WANTED)
    confirmed: str = field(default=CONFIRMED)

    def __attrs_post_init__(self) -> None:
        named = all(isinstance(fact, str) and fact for fact in (self.wanted, self.confirmed))
        if not named or self.wanted == self.confirmed:
            raise InvalidPolicyError(
                f"wanted and confirmed are not two facts: {self.wanted!r}, {self.confirmed!r}; name each"
            )

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each close of a case as a whole."""
        for (_, case), events in history.by_case.items():
            word: Event | None = None
            wish: Event | None = None
            for event in events:
                if event.ref:
                    continue
                if event.kind in ("opened", "reopened"):
                    word = None
                elif event.kind in ("told", "wish") and event.fact == self.wanted:
                    wish, word = event, None
                elif self._confirms(event, history):
                    word = event
                elif event.kind == "closed" and case and word is None:
                    yield self._finding(event, wish, history)

    def _confirms(self, event: Event, history: History) -> bool:
        told = event.kind == "told" and event.fact == self.confirmed
        return told or (event.kind in ("kept", "completed") and not history.ours(event))

    def _finding(self, close: Event, wish: Event | None, history: History) -> Finding:
        said = f"they wanted: {history.quoted(wish)}" if wish else "nobody knows what they wanted"
        return Finding(
            kind="missed",
            at_us=close.at_us,
            policy="ClosedUnconfirmed",
            party=close.party,
            customer=close.customer,
            case=close.case,
            why=f"closed without the customer's word that it ended as they wanted; {said}",
            instead="ask before closing: is it as you wanted it?",
            instead_us=close.at_us,
            evidence=tuple(e.id for e in (wish, close) if e is not None),
            detail="unconfirmed",
            by_the_day=close.precision == "day",
        )

    def explain(self) -> str:
        """What it looks for."""
        return "a case is closed without the customer's word that it ended as they wanted"
