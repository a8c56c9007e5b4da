"""What a handover is made from: the events of one case of one customer, and a hash by which a change is seen."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from carepolicy.events import Event
from carepolicy.timeline import Timeline

STANDING = frozenset({"told", "wish", "consent", "declined", "tier"})
"""Kinds of event that hold for every case of a customer where they name none."""
_SAYS = attrgetter(
    "id", "kind", "precision", "case", "ref", "party", "person", "direction", "channel", "outcome", "author",
    "purpose", "fact", "text",
)  # fmt: skip


_JOIN = "\x1f".join


def case_events(timeline: Timeline, at_us: int, *, customer: str, case: str) -> tuple[Event, ...]:
    """The events of a case that were known at an instant (UTC microseconds), in order, each once.

    What a customer has told of no case in particular holds for each of them, and is among them; another case never is.
    """
    theirs = timeline.by_customer.get(customer)
    if theirs is None:
        return ()
    found = [e for e in theirs.known(at_us) if e.case == case or (not e.case and e.kind in STANDING)]
    return tuple(sorted(found, key=lambda e: e.order))


def digest_of(events: Iterable[Event]) -> str:
    """What some events say, as one hash: another one where any of them is new, gone or corrected."""
    import hashlib

    said = sorted(f"{_JOIN(_SAYS(e))}{e.at_us} {e.visible_us} {e.due_us} {e.extra or ''}" for e in events)
    return hashlib.sha256("\x1e".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:16]
