"""Endemic trouble: the same cause at several customers. Others exposed are warned, and it is promised to end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._holds import Holds
from carepolicy._instant import NEVER, in_words, maybe_moment, to_micros
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import COLUMNS, Event
from carepolicy.facts import CUSTOMER_PARTY, Parties, words
from carepolicy.finding import Finding
from carepolicy.history import History
from carepolicy.ledger import complete_from, passing, promises_of
from carepolicy.promise import Promise, PromiseState
from carepolicy.span import Span, days, forward
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

PREVENTION = "prevention"
"""The purpose of a promise that something will not happen again; its reference is the cause."""
_GONE = frozenset({PromiseState.WITHDRAWN, PromiseState.SUPERSEDED})


@attrs.frozen(kw_only=True)
class Tell:
    """A customer to be warned before it happens to them.

    Args:
        customer: Whom.
        cause: Of what.
        why: One sentence, without the names of others.
    """

    customer: str
    cause: str
    why: str


@attrs.frozen(kw_only=True)
class Outbreak:
    """The same cause at several customers.

    Args:
        cause: What it is, as the log names it.
        since_us: When the first customer of this outbreak was hit, in UTC microseconds.
        known_us: When it was at so many customers that it was no single case any more.
        until_us: Until when it lasts if no other customer is hit.
        customers: Who was hit, the first one first.
        tell: Who is exposed, was not hit, and was not told since it began.
        told: Who of those exposed was told.
        prevention: The promises that it will not happen again.
        evidence: The ids of what happened.
        zone: The zone that instants are given in.
    """

    cause: str
    since_us: int
    known_us: int
    until_us: int
    customers: tuple[str, ...]
    tell: tuple[Tell, ...] = ()
    told: tuple[str, ...] = ()
    prevention: tuple[Promise, ...] = ()
    evidence: tuple[str, ...] = ()
    zone: str = "UTC"

    @property
    def since(self) -> pendulum.DateTime | None:
        """When the first customer of this outbreak was hit."""
        return maybe_moment(self.since_us, self.zone)

    @property
    def known(self) -> pendulum.DateTime | None:
        """When it was no single case any more."""
        return maybe_moment(self.known_us, self.zone)

    @property
    def asks_prevention(self) -> bool:
        """Whether somebody has yet to promise that it will not happen again, by when.

        A promise counts while it is open; one given in this outbreak counts until it is taken back or broken.
        """
        lost = _GONE | {PromiseState.BROKEN}
        return not any(
            p.state == PromiseState.OPEN or (p.made_us >= self.since_us and p.state not in lost)
            for p in self.prevention
        )


@attrs.frozen(kw_only=True)
class Outbreaks(Holds):
    """The outbreaks that last at an instant.

    Args:
        outbreaks: Each, by when it was known.
        review_us: Until when this holds unless something is learnt, in UTC microseconds; NEVER for good.
        zone: The zone that instants are given in.
    """

    outbreaks: tuple[Outbreak, ...]
    review_us: int = NEVER
    zone: str = "UTC"

    @property
    def tell(self) -> tuple[Tell, ...]:
        """Everybody to be warned, of each cause."""
        return tuple(tell for outbreak in self.outbreaks for tell in outbreak.tell)

    def __iter__(self) -> Iterator[Outbreak]:
        return iter(self.outbreaks)

    def __len__(self) -> int:
        return len(self.outbreaks)


@attrs.frozen
class Endemic:
    """The same cause at several customers within a span; and what was promised to be prevented comes back.

    Args:
        customers: At how many customers it is no single case any more; from 2.
        within: Within which span. An outbreak lasts until for so long nobody was hit.
        kinds: Kinds of event that have a cause.
        column: The column that names the cause: one of a log, or another that the host has added.

    Raises:
        InvalidPolicyError: If there are fewer than two customers, or `within` is no span or does not point forward.
    """

    customers: int = 3
    within: Span = field(factory=lambda: days(30), validator=forward)
    kinds: tuple[str, ...] = field(default=("incident", "trouble", "failed"), converter=words)
    column: str = "purpose"

    def __attrs_post_init__(self) -> None:
        if self.customers < 2:
            raise InvalidPolicyError(f"customers must be at least 2, got {self.customers}; one is a single case")

    def assess(
        self,
        timeline: Timeline,
        at: datetime | str,
        *,
        exposed: Iterable[str] = (),
        calendar: Calendar | None = None,
        parties: Parties | None = None,
    ) -> Outbreaks:
        """The outbreaks that last at an instant, with who is to be told of each.

        Told is who got word of ours that names the cause, in its column or as its reference, since it began: a talk, or
        a message that was delivered.

        Args:
            timeline: The log of all customers.
            at: Any aware time.
            exposed: The customers to whom it may happen; the host knows who has the same product, place or supplier.
            calendar: In which `within` counts; open around the clock in UTC when left out.
            parties: Who is who; whoever is named nowhere is ours.

        Raises:
            InvalidTimeError: If `at` has no zone.
        """
        at_us, hours, who = to_micros(at), calendar or Calendar.always(), parties or Parties()
        known = sorted(timeline.known(at_us), key=lambda e: e.order)
        prevention = [
            p for p in promises_of(known, at_us, who, hours.zone, complete_from(timeline)) if p.purpose == PREVENTION
        ]
        asked = tuple(sorted(set(exposed)))
        found = [
            self._with_whom(run, known, asked, prevention, who)
            for run in self._outbreaks(known, hours)
            if at_us <= run.until_us
        ]
        edges = [run.until_us + 1 for run in found]
        review = min([timeline.next_visible(at_us), passing(prevention), *edges])
        return Outbreaks(outbreaks=tuple(found), review_us=review, zone=hours.zone)

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each outbreak when it was no single case any more, and one for each time that a cause came back."""
        for run in self._outbreaks(history.events, history.calendar):
            named = history.when(run.known_us)
            yield Finding(
                kind="endemic",
                at_us=run.known_us,
                until_us=run.until_us if run.until_us < history.until_us else NEVER,
                policy="Endemic",
                why=f"{run.cause} at {len(run.customers)} customers since {history.when(run.since_us)}: "
                + ", ".join(run.customers),
                instead=f"from {named} on, warn the others exposed, and promise by when it will not happen again",
                instead_us=run.known_us,
                evidence=run.evidence,
            )
        yield from self._came_back(history)

    def _came_back(self, history: History) -> Iterator[Finding]:
        promises = promises_of(history.events, history.until_us, history.parties, history.zone, history.complete_from)
        for event in history.events:
            cause = self._cause(event)
            broken = [p for p in promises if p.purpose == PREVENTION and p.ref == cause and _effective(p) < event.at_us]
            if cause and broken:
                promise = max(broken, key=_effective)
                yield Finding(
                    kind="broken_promise",
                    at_us=event.at_us,
                    policy="Endemic",
                    party=promise.by,
                    customer=event.customer,
                    case=event.case,
                    ref=cause,
                    why=f"{cause} came back: it was to be prevented from {history.when(_effective(promise))} on",
                    instead="the cause removed, and word to those exposed that it is not",
                    instead_us=_effective(promise),
                    evidence=(*promise.evidence, event.id),
                    by_the_day=event.precision == "day",
                )

    def explain(self) -> str:
        """What it looks for."""
        return (
            f"the same cause at {self.customers} customers within {self.within}, or again after it was to be prevented"
        )

    def _cause(self, event: Event) -> str:
        """What caused an event; "" where it says nothing of it."""
        return _named(event, self.column) if event.kind in self.kinds else ""

    def _outbreaks(self, events: Iterable[Event], calendar: Calendar) -> list[Outbreak]:
        """The outbreaks in a log, by when they were known; its events come in order."""
        causes: dict[str, list[Event]] = {}
        for event in events:
            if cause := self._cause(event):
                causes.setdefault(cause, []).append(event)
        found = [run for cause, some in causes.items() for run in self._of_cause(cause, some, calendar)]
        return sorted(found, key=lambda run: (run.known_us, run.cause))

    def _of_cause(self, cause: str, events: list[Event], calendar: Calendar) -> Iterator[Outbreak]:
        """The outbreaks of one cause: stretches of events that follow each other in time, at enough customers."""
        run: list[Event] = []
        hit: dict[str, int] = {}
        known, until = NEVER, NEVER
        for event in events:
            if event.at_us > until:
                if known < NEVER:
                    yield _outbreak(cause, run, known, until, calendar.zone)
                run, hit, known = [], {}, NEVER
            run.append(event)
            until = hit[event.customer] = int(calendar._add(event.at_us, self.within))  # noqa: SLF001  (ticks)
            if sum(event.at_us <= end for end in hit.values()) >= self.customers:
                known = min(known, event.at_us)
        if known < NEVER:
            yield _outbreak(cause, run, known, until, calendar.zone)

    def _with_whom(
        self, run: Outbreak, known: list[Event], exposed: tuple[str, ...], prevention: list[Promise], parties: Parties
    ) -> Outbreak:
        heard = {
            e.customer
            for e in known
            if e.kind == "contact" and e.direction == "outbound" and e.outcome in ("conversation", "delivered")
            if e.at_us >= run.since_us and run.cause in (_named(e, self.column), e.ref)
            if parties.role(e.party) != CUSTOMER_PARTY
        }
        others = [customer for customer in exposed if customer not in run.customers]
        since = in_words(run.since_us, run.zone)
        why = f"{run.cause} at {len(run.customers)} customers since {since}, and it may happen to this one too"
        return attrs.evolve(
            run,
            tell=tuple(Tell(customer=c, cause=run.cause, why=why) for c in others if c not in heard),
            told=tuple(c for c in others if c in heard),
            prevention=tuple(p for p in prevention if p.ref == run.cause),
        )


def _named(event: Event, column: str) -> str:
    """What a column of an event says."""
    return str(getattr(event, column)) if column in COLUMNS else dict(event.extra).get(column, "")


def _outbreak(cause: str, run: list[Event], known: int, until: int, zone: str) -> Outbreak:
    return Outbreak(
        cause=cause,
        since_us=run[0].at_us,
        known_us=known,
        until_us=until,
        customers=tuple(dict.fromkeys(e.customer for e in run)),
        evidence=tuple(e.id for e in run),
        zone=zone,
    )


def _effective(promise: Promise) -> int:
    """From when on a cause was to be gone: when that was done, and from the promised date on at the latest."""
    if promise.state in _GONE:
        return NEVER
    return promise.settled_us if promise.state == PromiseState.KEPT else promise.due_us
