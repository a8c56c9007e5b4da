"""Freshness: whether a handover has seen everything, and what has changed since an earlier one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

import attrs

from carepolicy._instant import LAST, in_words
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.handover.checking import a_timeline
from carepolicy.handover.document import Chaser, Contradiction, Gap, Known, Owed, Tried
from carepolicy.handover.seen import case_events, digest_of

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover
    from carepolicy.timeline import Timeline

_T = TypeVar("_T", Owed, Known, Tried, Chaser, Contradiction, Gap)


def events_of(handover: Handover) -> tuple[Event, ...]:
    """What a handover leaves in the log: that the case was handed on, and that it was accepted.

    The clock of whoever takes over (`TakeOver`) and the triggers of ownership read them there. They make no handover
    stale.
    """
    handed = Event(
        at=handover.at_us,
        kind="handed",
        party=handover.sender,
        customer=handover.customer,
        case=handover.case,
        text=f"to {handover.to}" if handover.to else "",
    )
    if not handover.accepted_by:
        return (handed,)
    accepted = Event(
        at=handover.accepted_us,
        kind="accepted",
        party=handover.accepted_by,
        customer=handover.customer,
        case=handover.case,
    )
    return (handed, accepted)


def is_stale(handover: Handover, timeline: Timeline) -> bool:
    """Whether a log knows an event of the case that a handover has not seen, or knows one otherwise.

    An older copy of the log makes nothing stale.

    Args:
        handover: As it was prepared.
        timeline: The log as it is known now; `timeline.as_of(at)` for another moment.

    Raises:
        InvalidPolicyError: If it is not a timeline, or what the handover has seen was taken out of it.
    """
    a_timeline(timeline)
    if handover.redactions and not handover.seen:
        raise InvalidPolicyError(
            f"handover of {handover.case!r} does not say what it has seen, as it was redacted; ask the one it came from"
        )
    own = {e.id for e in events_of(handover)}
    known = case_events(timeline, LAST, customer=handover.customer, case=handover.case)
    events = [e for e in known if e.id not in own]
    ids = {e.id for e in events}
    seen = set(handover.seen)
    if ids - seen or (ids and ids == seen and digest_of(events) != handover.digest):
        return True
    gone = seen - ids  # what an older copy does not have yet, or what was put into another case since
    return bool(gone) and any(e.id in gone and e.visible_us > handover.at_us for e in timeline.recordings)


@attrs.frozen(kw_only=True)
class Change:
    """One part of a handover that reads otherwise than before.

    Args:
        part: Its name: severity, place, wanted, next_action, …; "owed: " and what, for something owed whose date or
            state is another one.
        before, after: What it said; "" for nothing.
    """

    part: str
    before: str
    after: str


@attrs.frozen(kw_only=True)
class Difference:
    """What has changed between two handovers of one case.

    Args:
        events: The ids of the events that the earlier one had not seen.
        changed: The parts that read otherwise.
        promised, settled: The promises that are owed now and were not, and the other way round.
        known, tried, chasers, contradictions: What is new.
        gaps, filled: The gaps that are new, and those that are there no more.
    """

    events: tuple[str, ...] = ()
    changed: tuple[Change, ...] = ()
    promised: tuple[Owed, ...] = ()
    settled: tuple[Owed, ...] = ()
    known: tuple[Known, ...] = ()
    tried: tuple[Tried, ...] = ()
    chasers: tuple[Chaser, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    gaps: tuple[Gap, ...] = ()
    filled: tuple[Gap, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing has changed."""
        return not any(attrs.astuple(self, recurse=False))

    def sentences(self) -> tuple[str, ...]:
        """What has changed, a sentence each; raw, as the log has it."""
        return (
            *(
                f"{c.part.replace('_', ' ')}: {c.after or 'nothing'} (was: {c.before or 'nothing'})"
                for c in self.changed
            ),
            *(f"promised: {p.what} ({p.by})" for p in self.promised),
            *(f"no longer owed: {p.what} ({p.by})" for p in self.settled),
            *(f"now known: {k.fact}: {k.said.text}" for k in self.known),
            *(f"tried: {t.what} ({t.ended})" for t in self.tried),
            *(f"the customer had to ask: {c.said.text}" for c in self.chasers),
            *(f"contradiction: {c.what}" for c in self.contradictions),
            *(f"missing: {g.what}" for g in self.gaps),
            *(f"no longer missing: {g.what}" for g in self.filled),
        )


def diff(later: Handover, earlier: Handover) -> Difference:
    """What has changed since an earlier handover of the same case.

    Raises:
        InvalidPolicyError: If it is of another case, or the later one.
    """
    same_case(later, earlier)
    seen = set(earlier.seen)
    return Difference(
        events=tuple(e for e in later.seen if e not in seen),
        changed=tuple(
            Change(part=part, before=before, after=after)
            for part, before, after in (*_parts(earlier, later), *_owed_otherwise(earlier, later))
            if before != after
        ),
        promised=_new(later.promises, earlier.promises),
        settled=_new(earlier.promises, later.promises),
        known=_new(later.known, earlier.known),
        tried=_new(later.tried, earlier.tried),
        chasers=_new(later.chasers, earlier.chasers),
        contradictions=_new(later.contradictions, earlier.contradictions),
        gaps=_new(later.gaps, earlier.gaps),
        filled=_new(earlier.gaps, later.gaps),
    )


def same_case(later: Handover, earlier: Handover) -> None:
    """Check that two handovers are of one case, in their order.

    Raises:
        InvalidPolicyError: If they are not.
    """
    if not isinstance(earlier, type(later)):
        raise InvalidPolicyError(f"earlier is no handover: {earlier!r:.80}; compare two handovers of one case")
    if (later.customer, later.case) != (earlier.customer, earlier.case):
        raise InvalidPolicyError(
            f"earlier is of another case: {(earlier.customer, earlier.case)!r}, not {(later.customer, later.case)!r}; "
            "compare two handovers of one case"
        )
    if later.at_us < earlier.at_us:
        raise InvalidPolicyError(
            f"earlier is the later one: prepared {in_words(earlier.at_us, later.zone)}, after "
            f"{in_words(later.at_us, later.zone)}; swap them"
        )


def _said(handover: Handover) -> tuple[tuple[str, str], ...]:
    """The parts that are one thing each, as text."""
    place, wanted, last = (
        said.text if said is not None else "" for said in (handover.place, handover.wanted, handover.last_contact)
    )
    actions = (
        f"{a.what} ({a.who or 'nobody'}, {in_words(a.at_us, handover.zone)})" if a is not None else ""
        for a in (handover.next_action, handover.next_contact)
    )
    names = ("severity", "mood", "place", "wanted", "last_contact", "next_action", "next_contact", "owner")
    owner = next((p.name for p in handover.people if p.part == "owner"), "")
    return tuple(zip(names, (handover.severity, handover.mood, place, wanted, last, *actions, owner), strict=True))


def _parts(earlier: Handover, later: Handover) -> Iterator[tuple[str, str, str]]:
    for (part, before), (_, after) in zip(_said(earlier), _said(later), strict=True):
        yield part, before, after


def _owed_otherwise(earlier: Handover, later: Handover) -> Iterator[tuple[str, str, str]]:
    """What is owed in both, with its date and state in each: one that broke in between is news."""
    before = {_name(owed): owed for owed in earlier.promises}
    for owed in later.promises:
        was = before.get(_name(owed))
        if was is not None:
            yield f"owed: {owed.what}", _standing(was, later.zone), _standing(owed, later.zone)


def _standing(owed: Owed, zone: str) -> str:
    return f"{in_words(owed.due_us, zone)}, {owed.state}"


def _new(those: Iterable[_T], others: Iterable[_T]) -> tuple[_T, ...]:
    """Those of which nothing like it is among the others."""
    there = {_name(other) for other in others}
    return tuple(each for each in those if _name(each) not in there)


def _name(part: _T) -> Hashable:
    """What makes two parts the same one, whatever else is said of them."""
    match part:
        case Owed():
            return part.kind, part.ref, part.made_us, part.by, part.what
        case Known():
            return part.fact, part.said.text
        case Tried() | Chaser():
            return part.said.event
        case Contradiction():
            return part.code, part.evidence
        case _:
            return part.part, part.what
