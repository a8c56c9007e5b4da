"""The ledger of promises: which were given, by whom, and what has become of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from carepolicy._holds import Holds
from carepolicy._instant import ALWAYS, NEVER, to_micros
from carepolicy._time.zone import door_of
from carepolicy.calendar import Calendar
from carepolicy.events import Event
from carepolicy.facts import CUSTOMER_PARTY, THEM, US, Parties
from carepolicy.promise import Promise, PromiseState
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    pass

_GIVEN = frozenset({"promise", "kept", "withdrawn"})


def after_due(
    events: Iterable[Event], *, due_us: int, until_us: int, by: str, ref: str, ended_by: Event | None
) -> PromiseState:
    """What a promise is that was not kept by its date: broken, late or unknown.

    Broken if the promisor spoke, or failed at that very promise, between its date and its end, or if it ended otherwise
    than kept (another date given after the old one breaks it); late if it was kept after all; unknown if nothing more
    was heard.

    Args:
        events: The events of its case.
        due_us, until_us: Its date and its end, in UTC microseconds; NEVER where it has not ended.
        by: The promisor.
        ref: Its reference.
        ended_by: What ended it; None where nothing has.
    """
    for event in events:
        if due_us < event.at_us < until_us:
            failed = event.kind == "failed" and event.ref == ref and bool(ref)
            if failed or (event.kind == "contact" and event.party == by):
                return PromiseState.BROKEN
    if ended_by is None:
        return PromiseState.UNKNOWN
    return PromiseState.LATE if ended_by.kind == "kept" else PromiseState.BROKEN


MOVES: dict[PromiseState, frozenset[PromiseState]] = {
    PromiseState.OPEN: frozenset(PromiseState) - {PromiseState.OPEN},
    PromiseState.PARTLY: frozenset({PromiseState.KEPT, PromiseState.LATE, PromiseState.WITHDRAWN}),
    PromiseState.UNKNOWN: frozenset({PromiseState.LATE, PromiseState.PARTLY, PromiseState.BROKEN}),
    PromiseState.KEPT: frozenset(),
    PromiseState.LATE: frozenset(),
    PromiseState.BROKEN: frozenset(),
    PromiseState.WITHDRAWN: frozenset(),
    PromiseState.SUPERSEDED: frozenset(),
}
"""Which state may follow which as time passes, where everything is written down when it happens.

What is written down later, or corrected, may tell another story: a promise held to be broken was kept after all. The
hour of a day is written down later too: what was done on the day counts as done in time.
"""


def promises_of(
    events: Iterable[Event], at_us: int, parties: Parties, zone: str = "UTC", complete_from: int = ALWAYS
) -> tuple[Promise, ...]:
    """Every promise of a log with its state at an instant, by when it was given.

    A `kept` or `withdrawn` settles what is open under its reference in its case. A later promise of the same side (ours
    and our partners', or the customer's) and reference replaces the one before it.

    Args:
        events: What was known, in any order, each once.
        at_us: As of when, in UTC microseconds.
        parties: Who is who.
        zone: In which days are counted: what was done on the day, at an hour that nobody wrote down, was in time.
        complete_from: From when nothing is missing, in UTC microseconds; what passed before is unknown.
    """
    cases: dict[tuple[str, str], list[Event]] = {}
    threads: dict[tuple[str, str, str], list[Event]] = {}
    for event in sorted(events, key=lambda e: e.order):
        cases.setdefault((event.customer, event.case), []).append(event)
        if event.kind in _GIVEN:
            threads.setdefault((event.customer, event.case, event.ref), []).append(event)
    found = [
        _promise(made, later, thread, _Known(cases[made.customer, made.case], at_us, parties, zone, complete_from))
        for thread in threads.values()
        for made, later in _replaced(thread, parties)
    ]
    return tuple(sorted(found, key=lambda p: (p.made_us, p.customer, p.case, p.ref, p.by, p.evidence)))


def _replaced(thread: list[Event], parties: Parties) -> Iterator[tuple[Event, Event | None]]:
    """Each promise of a reference with the one of the same side that replaced it."""
    last: dict[bool, Event] = {}
    for event in thread:
        if event.kind == "promise":
            theirs = parties.role(event.party) == CUSTOMER_PARTY
            if theirs in last:
                yield last[theirs], event
            last[theirs] = event
    for event in last.values():
        yield event, None


@attrs.frozen
class _Known:
    """What the states of the promises of one case hang on."""

    events: list[Event]
    at_us: int
    parties: Parties
    zone: str
    complete_from: int


def _promise(made: Event, later: Event | None, thread: list[Event], known: _Known) -> Promise:
    ends = [
        e for e in thread if e.kind != "promise" and e.at_us >= made.at_us and (later is None or e.order < later.order)
    ]
    ended = next((e for e in ends if not _is_part(e)), later)
    part = next((e for e in ends if _is_part(e) and (ended is None or e.order < ended.order)), None)
    role, extra = known.parties.role(made.party), dict(made.extra)
    return Promise(
        customer=made.customer,
        case=made.case,
        ref=made.ref,
        by=made.party,
        role=role,
        to=extra.get("to") or (US if role == CUSTOMER_PARTY else CUSTOMER_PARTY),
        made_us=made.at_us,
        due_us=made.due_us,
        state=_state(made, part, ended, known),
        settled_us=NEVER if ended is None else ended.at_us,
        evidence=tuple(dict.fromkeys(e.id for e in (made, part, ended) if e is not None)),
        text=made.text,
        purpose=made.purpose,
        depends_on=extra.get("depends_on", ""),
        zone=known.zone,
    )


def _is_part(event: Event) -> bool:
    return event.kind == "kept" and event.outcome == "partly"


def _state(made: Event, part: Event | None, ended: Event | None, known: _Known) -> PromiseState:
    first = part or ended  # what is settled in part is no longer broken by silence, only late
    if first is None and known.at_us <= made.due_us:
        return PromiseState.OPEN
    if first is not None and in_time(first, made.due_us, known.zone):
        return _in_part(made, ended, known.zone) if first is part else _ENDS[first.kind]
    if made.due_us < known.complete_from:
        return PromiseState.UNKNOWN
    state = after_due(
        known.events,
        due_us=made.due_us,
        until_us=NEVER if first is None else first.at_us,
        by=made.party,
        ref=made.ref,
        ended_by=first,
    )
    return _in_part(made, ended, known.zone) if first is part is not None and state == PromiseState.LATE else state


_ENDS = {"kept": PromiseState.KEPT, "withdrawn": PromiseState.WITHDRAWN, "promise": PromiseState.SUPERSEDED}


def _in_part(made: Event, ended: Event | None, zone: str) -> PromiseState:
    """What a promise is that was kept in part: the rest may come by its date or later, or be taken back by then."""
    if ended is not None and ended.kind != "promise":
        if in_time(ended, made.due_us, zone):
            return _ENDS[ended.kind]
        if ended.kind == "kept":
            return PromiseState.LATE
    return PromiseState.PARTLY


def in_time(event: Event, due_us: int, zone: str) -> bool:
    """Whether something came by a date: by the instant, or on its day where nobody wrote down the hour."""
    if event.at_us <= due_us:
        return True
    door = door_of(zone)
    return event.precision == "day" and door.moment(event.at_us).date() == door.moment(due_us).date()


@attrs.frozen(kw_only=True)
class Ledger(Holds):
    """The promises of a log as of an instant.

    Args:
        promises: Each with its state, by when it was given.
        review_us: Until when this holds unless something is learnt, in UTC microseconds; NEVER for good.
        zone: The zone that instants are given in.
    """

    promises: tuple[Promise, ...]
    review_us: int = NEVER
    zone: str = "UTC"

    @property
    def open(self) -> tuple[Promise, ...]:
        """Given, and their date has not passed."""
        return self.in_state(PromiseState.OPEN)

    @property
    def broken(self) -> tuple[Promise, ...]:
        """Past their date, and the promisor was heard of without having kept them."""
        return self.in_state(PromiseState.BROKEN)

    @property
    def outstanding(self) -> tuple[Promise, ...]:
        """Of which something is still owed, whatever their state."""
        return tuple(p for p in self.promises if p.outstanding)

    def in_state(self, *states: PromiseState | str) -> tuple[Promise, ...]:
        """The promises in some states."""
        return tuple(p for p in self.promises if p.state in states)

    def of(
        self, *, customer: str | None = None, case: str | None = None, ref: str | None = None, by: str | None = None
    ) -> Ledger:
        """The promises to one customer, in one case, of one reference or party (by name, or by role)."""
        asked = (("customer", customer), ("case", case), ("ref", ref))
        kept = tuple(
            p
            for p in self.promises
            if all(value is None or getattr(p, name) == value for name, value in asked)
            and (by is None or by in (p.by, p.role) or (by == THEM and p.role != CUSTOMER_PARTY))
        )
        return attrs.evolve(self, promises=kept)

    @property
    def level(self) -> int:
        """How many promises were broken so far, what was done afterwards notwithstanding."""
        return len(self.broken)

    def __iter__(self) -> Iterator[Promise]:
        return iter(self.promises)

    def __len__(self) -> int:
        return len(self.promises)


def ledger(
    timeline: Timeline, at: datetime | str, *, parties: Parties | None = None, calendar: Calendar | None = None
) -> Ledger:
    """The promises that were known at an instant, with their states then.

    Args:
        timeline: The log.
        at: Any aware time.
        parties: Who is who; whoever is named nowhere is ours.
        calendar: In whose zone days are counted and instants are given; UTC when left out.

    Raises:
        InvalidTimeError: If `at` has no zone.
    """
    at_us, zone = to_micros(at), (calendar or Calendar.always()).zone
    promises = promises_of(timeline.known(at_us), at_us, parties or Parties(), zone, complete_from(timeline))
    return Ledger(promises=promises, review_us=min(timeline.next_visible(at_us), passing(promises)), zone=zone)


def complete_from(timeline: Timeline) -> int:
    """From when a log says that nothing is missing, in UTC microseconds; ALWAYS where it does not say."""
    return ALWAYS if timeline.complete_since_us is None else timeline.complete_since_us


def passing(promises: Iterable[Promise]) -> int:
    """When the first date among open promises will have passed, in UTC microseconds; NEVER if none will."""
    dates = (p.due_us + 1 for p in promises if p.state == PromiseState.OPEN and p.due_us < NEVER)
    return min(dates, default=NEVER)
