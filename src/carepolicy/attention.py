"""Attention: the stretches in which a party attended to a customer, and how it did not in those between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TypeAlias

import attrs

from carepolicy._instant import ALWAYS, NEVER, to_micros, to_moment
from carepolicy.calendar import Calendar
from carepolicy.events import LIVE_CHANNELS, Event
from carepolicy.facts import CUSTOMER_PARTY, Parties
from carepolicy.span import Span

ATTENDED = "attended"
NO_ATTEMPT = "no_attempt"
ATTEMPTS_WITHOUT_TALK = "attempts_without_talk"
CUSTOMER_UNANSWERED = "customer_unanswered"
UNKNOWN = "unknown"
RESULTS = (NO_ATTEMPT, ATTEMPTS_WITHOUT_TALK, CUSTOMER_UNANSWERED, UNKNOWN)
"""How a party can have failed to attend to a customer, and that the log cannot say."""

_OPENS, _ENDS = ("opened", "reopened"), ("completed", "closed")
_TALK = "conversation"
_REACHES = frozenset({_TALK, "delivered"})
_UNSURE = "hour unknown"
"""Unknown only because an event is known by the day: nobody would call that a gap in the log."""
Owed: TypeAlias = tuple[int, int, tuple[Event, ...]]
"""From when until when a party owes attention, in UTC microseconds, and the events that began it."""


@attrs.frozen
class Stretch:
    """A stretch in which a party owed attention to a customer, with what became of it.

    Args:
        begins_us, ends_us: From when until when, in UTC microseconds; NEVER where it still lasts.
        result: "attended", or one of `RESULTS`.
        since_us: The last attention before it, or when the party began to owe any.
        unsure: Whether it is unknown only because an hour is.
        events: What shows it: what began it, attempts, unanswered contacts, contacts that may have been attention.
        ended_by: The attention that ended it; None for none.
    """

    begins_us: int
    ends_us: int
    result: str
    since_us: int
    unsure: bool
    events: tuple[Event, ...]
    ended_by: Event | None


def owed_stretches(party: str, events: Iterable[Event], *, case: str) -> Iterator[Owed]:
    """The stretches in which a party owes attention, from when it is first heard of.

    Args:
        party: Who owes it.
        events: Those of the customer, in the order of time.
        case: While this case is open; "" for as long as the customer is one.
    """
    mine = [e for e in events if not case or e.case == case]
    first = next((e for e in mine if e.party == party), None)
    if first is None:
        return
    opens, ends = (_OPENS, _ENDS) if case else (("sold",), ("left",))
    begin = None if case else mine[0]
    for event in mine:
        if event.ref:
            continue
        if event.kind in opens:
            begin = begin or event
        elif event.kind in ends and begin is not None:
            yield from _owed(begin, first, event.at_us)
            begin = None
    if begin is not None:
        yield from _owed(begin, first, NEVER)


def _owed(begin: Event, first: Event, ends: int) -> Iterator[Owed]:
    later = max(begin, first, key=lambda e: e.order)
    if later.at_us < ends:
        yield later.at_us, ends, (later,)


@attrs.frozen
class Contacts:
    """What contacts of one customer say of the attention of one party, or of several that answer for one another.

    Args:
        attended: Attention: a live talk that the party began, or a message written by a person that was delivered.
        maybe: What may have been attention: nobody wrote down who began it, whose it was or what came of it.
        attempts: The party tried, and reached nobody: a voicemail, no answer, a mail that came back.
        inbound: The customer wrote to the party or rang it, and got no human answer in that contact; no visit is one.
        to_anybody: The customer wrote or rang, to nobody in particular.
        talks: Live talks with the party, whoever began them: they answer, and are no attention.
        answers: What answers a message to nobody in particular: a talk with, or a message from, anybody of ours.
    """

    attended: tuple[Event, ...]
    maybe: tuple[Event, ...]
    attempts: tuple[Event, ...]
    inbound: tuple[Event, ...]
    to_anybody: tuple[Event, ...]
    talks: tuple[Event, ...]
    answers: tuple[Event, ...]

    @classmethod
    def of(cls, by: tuple[str, ...], events: Iterable[Event], parties: Parties, *, by_voice: bool) -> Contacts:
        """The contacts among some events, in the order of time.

        Args:
            by: Whose attention: parties by name, or by role.
            events: Those of the customer and the case.
            parties: Who is who.
            by_voice: Whether only a live talk is attention; then a message is an attempt.
        """
        found: dict[str, list[Event]] = {a.name: [] for a in attrs.fields(cls)}
        for event in events:
            theirs, inbound = bool(event.party) and parties.are(event.party, by), event.direction == "inbound"
            if event.kind != "contact" or (event.author == "automatic" and not (inbound and event.outcome == _TALK)):
                continue
            human = event.author != "automatic"  # else the customer talked to a machine
            reached = _reached(event, by_voice=by_voice)
            if theirs and event.direction == "outbound" and reached is not None:
                found["attended" if reached else "attempts"].append(event)
            elif (theirs or not event.party) and not inbound and reached is not False:
                found["maybe"].append(event)
            customer = parties.role(event.party or CUSTOMER_PARTY) == CUSTOMER_PARTY
            if theirs and human and event.outcome == _TALK:
                found["talks"].append(event)
            elif inbound and event.channel != "visit" and (theirs or customer):
                found["inbound" if theirs else "to_anybody"].append(event)
            if human and not customer and _answers(event):
                found["answers"].append(event)
        return cls(**{name: tuple(some) for name, some in found.items()})

    def unanswered(self, since: int, until: int) -> Event | None:
        """The oldest contact of the customer in a stretch that has no human answer by its end."""
        asked = [(e, (*self.talks, *self.attended)) for e in self.inbound]
        asked += [(e, self.answers) for e in self.to_anybody]
        for event, answers in sorted(asked, key=lambda pair: pair[0].order):
            if since <= event.at_us < until and not any(event.at_us <= a.at_us < until for a in answers):
                return event
        return None

    def result(self, since: int, until: int) -> tuple[str, tuple[Event, ...]]:
        """The result of a stretch without attention, and what shows it."""
        waiting = self.unanswered(since, until)
        if waiting is not None:
            return CUSTOMER_UNANSWERED, (waiting,)
        tried = tuple(e for e in self.attempts if since <= e.at_us < until)
        return (ATTEMPTS_WITHOUT_TALK if tried else NO_ATTEMPT), tried


def _reached(event: Event, *, by_voice: bool) -> bool | None:
    """Whether a contact reached the customer as attention must; None where the log does not say."""
    if not event.outcome or not event.channel:
        return None
    if event.channel in LIVE_CHANNELS:
        return event.outcome == _TALK
    return event.outcome in _REACHES and not by_voice


def _answers(event: Event) -> bool:
    """Whether a contact answers the customer: a talk, or a message from us."""
    return event.outcome == _TALK or (event.direction == "outbound" and event.outcome == "delivered")


@attrs.frozen
class Attention:
    """How one party attends to one customer while it owes attention.

    Args:
        contacts: What the log says of it.
        after: How long it may not attend.
        calendar: In which spans are counted.
        complete_from: From when nothing is missing in the log.
    """

    contacts: Contacts
    after: Span
    calendar: Calendar
    complete_from: int

    def stretches(self, owed: Owed, until: int) -> Iterator[Stretch]:
        """The stretches, end to end, from when attention is owed until it is not any more, or until the end.

        Args:
            owed: While it is owed.
            until: The end of what is known, in UTC microseconds; what goes on then has no end.
        """
        begin, end, began = owed
        inside = [e for e in self.contacts.attended if begin <= e.at_us < min(end, until)]
        marks: list[tuple[int, tuple[Event, ...]]] = [(begin, began), *((e.at_us, (e,)) for e in inside)]
        for position, (since, shown) in enumerate(marks):
            ended_by = inside[position] if position < len(inside) else None
            yield from self._between(since, shown, end if ended_by is None else ended_by.at_us, ended_by, until)

    def _between(
        self, since: int, shown: tuple[Event, ...], end: int, ended_by: Event | None, until: int
    ) -> Iterator[Stretch]:
        """The stretches between one attention and the next."""
        gap = min(self._later(since), end)
        stop = min(end, until)
        if since < min(gap, stop):
            yield Stretch(since, gap if gap < stop else _open(end, until), ATTENDED, since, False, shown, ended_by)
        maybe = [e for e in self.contacts.maybe if since <= e.at_us < stop]
        edges = self._edges(gap, end, since, shown, ended_by, maybe)
        for begins, ends, why in _merged(edges):
            if begins >= stop:
                return
            if why:
                hiding = tuple(e for e in maybe if e.at_us < ends and begins < self._later(e.at_us))
                yield Stretch(
                    begins, ends if ends < stop else _open(end, until), UNKNOWN, since, why == _UNSURE,
                    (*shown, *hiding), ended_by,
                )  # fmt: skip
            else:
                result, events = self.contacts.result(since, min(ends, stop))
                last = ends if ends < stop else _open(end, until)
                yield Stretch(begins, last, result, since, False, (*shown, *events), ended_by)

    def _later(self, us: int) -> int:
        return int(self.calendar._add(us, self.after))  # noqa: SLF001  (ticks)

    def _edges(
        self, gap: int, end: int, since: int, shown: Iterable[Event], ended_by: Event | None, maybe: Iterable[Event]
    ) -> Iterator[tuple[int, int, str]]:
        """The elementary stretches of a gap, and why nothing is proved in them; "" where something is."""
        hidden = [(ALWAYS, self._later(self.complete_from))] if since < self.complete_from else []
        hidden += [(e.at_us, self._later(e.at_us)) for e in maybe]
        loose = []
        if any(e.precision == "day" for e in shown):
            loose.append((ALWAYS, self._later(_day(since, self.calendar.zone)[1])))
        if ended_by is not None and ended_by.precision == "day":
            loose.append((_day(end, self.calendar.zone)[0], NEVER))
        cuts = sorted({gap, end, *(us for pair in (*hidden, *loose) for us in pair if gap < us < end)})
        for begins, ends in pairwise(cuts):
            why = UNKNOWN if _within(begins, hidden) else _UNSURE if _within(begins, loose) else ""
            yield begins, ends, why


def _open(end: int, until: int) -> int:
    """Where a stretch ends that reaches the end of what is known: nowhere yet, unless it ended there."""
    return end if end <= until else NEVER


def _within(us: int, stretches: Iterable[tuple[int, int]]) -> bool:
    return any(begin <= us < end for begin, end in stretches)


def _day(us: int, zone: str) -> tuple[int, int]:
    """When the local day of an instant begins and ends."""
    day = to_moment(us, zone).start_of("day")
    return to_micros(day), to_micros(day.add(days=1))


def _merged(edges: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Neighbours of one sort as one."""
    last: tuple[int, int, str] | None = None
    for begins, ends, why in edges:
        if last is not None and last[2] == why:
            last = (last[0], ends, why)
            continue
        if last is not None:
            yield last
        last = (begins, ends, why)
    if last is not None:
        yield last
