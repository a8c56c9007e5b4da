"""Promises at risk: those that cannot well be kept are found the instant this is known, not when they break."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

import attrs
from attrs import field

from carepolicy._holds import Several
from carepolicy._instant import ALWAYS, NEVER, to_micros
from carepolicy.calendar import Calendar
from carepolicy.events import Event
from carepolicy.facts import THEM, Parties, words
from carepolicy.finding import POSSIBLE, PROVED, Finding
from carepolicy.history import History
from carepolicy.ledger import in_time
from carepolicy.promise import COMPLETION
from carepolicy.span import Span, elapsed, not_backward
from carepolicy.timeline import Timeline

_Key = tuple[str, str, str]


@attrs.frozen
class AtRisk:
    """A promise is contradicted by an estimate, or by what has become of what it depends on.

    An estimate of the same reference that is later than the promise contradicts it; an estimate of the whole case (no
    `ref`) contradicts a promise about its completion. What a promise depends on (column `depends_on`, the reference in
    the same case) contradicts it by a promise or an estimate that leaves no time after it (the promise must fall due
    later, by more than `slack`), by a date that passed while it was not kept, by being withdrawn, and by never having
    been promised. All of this is passed on along a chain of promises of which each depends on the next.

    Args:
        slack: How long the promise needs after what it depends on.
        by: Whose promises: parties by name, or by role; our side and its partners when left out.
        completion: The references or purposes of a promise that the whole case will be complete.

    Raises:
        InvalidPolicyError: If `slack` is no span or points backward.
    """

    slack: Span = field(factory=lambda: elapsed(hours=0), validator=not_backward)
    by: tuple[str, ...] = field(default=(THEM,), converter=words)
    completion: tuple[str, ...] = field(default=COMPLETION, converter=words)

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each promise and what contradicts it, from when this was known until it is no longer so."""
        for events in history.by_case.values():
            case = _Case(self, history)
            for at_us, together in groupby(events, key=lambda e: e.at_us):
                yield from case.pass_dates(at_us)
                yield from case.step(tuple(together))
            yield from case.pass_dates(history.until_us)
            yield from case.end()

    def explain(self) -> str:
        """What it looks for."""
        return "a promise is contradicted by an estimate, or by what it depends on"


@attrs.frozen(kw_only=True)
class Risks(Several[Finding]):
    """The promises that cannot well be kept, as known at an instant.

    Args:
        findings: One for each promise and what contradicts it, from when this was known.
        review_us: Until when this holds unless something is learnt, in UTC microseconds; NEVER for good.
        zone: The zone that instants are given in.
    """

    findings: tuple[Finding, ...]
    review_us: int = NEVER
    zone: str = "UTC"

    @property
    def _each(self) -> tuple[Finding, ...]:
        return self.findings


def risks(
    timeline: Timeline,
    at: datetime | str,
    *,
    check: AtRisk | None = None,
    parties: Parties | None = None,
    calendar: Calendar | None = None,
) -> Risks:
    """The promises that cannot well be kept and are still owed at an instant, whatever they depend on.

    Args:
        timeline: The log, of one customer or of several.
        at: Any aware time.
        check: What contradicts a promise; `AtRisk()` when left out.
        parties: Who is who; whoever is named nowhere is ours.
        calendar: In whose time is counted; around the clock in UTC when left out.

    Raises:
        InvalidTimeError: If `at` has no zone.
    """
    at_us, hours = to_micros(at), calendar or Calendar.always()
    known = timeline.as_of(at)
    events = tuple(e for e in known.events if e.at_us <= at_us)
    history = History(events, at_us, known.complete_from, hours, parties or Parties())
    lasting = [f for f in (check or AtRisk()).findings(history) if f.until_us >= NEVER]
    passing = (e.due_us + 1 for e in events if e.kind == "promise" and at_us <= e.due_us < NEVER)
    return Risks(
        findings=tuple(attrs.evolve(f, zone=hours.zone) for f in sorted(lasting, key=lambda f: (f.at_us, f.evidence))),
        review_us=min(timeline.next_visible(at_us), *passing, NEVER),
        zone=hours.zone,
    )


@attrs.frozen
class _Contradiction:
    """Why a promise cannot well be kept.

    Args:
        promise: Which.
        chain: The promises on the way to what contradicts it, the nearest first.
        ref: What it waits for in the end; "" where an estimate of its own contradicts it.
        because: "late", "passed", "withdrawn" or "unpromised".
        event: What gave the date or took it back; None where nobody promised anything.
    """

    promise: Event
    chain: tuple[Event, ...]
    ref: str
    because: str
    event: Event | None

    def told(self, history: History) -> str:
        """One sentence."""
        promise, event = self.promise, self.event
        due = f"is due {history.when(promise.due_us)}" if promise.due_us < NEVER else "has no date"
        about = f"the promise ({history.quoted(promise)}) {due}, but"
        if event is not None and not self.ref:
            return f"{about} it is estimated for {history.when(event.due_us)}"
        on = ", which depends on ".join((*(e.ref for e in self.chain), self.ref))
        ends = {"unpromised": "which nobody has promised"}
        if event is not None:
            ends["late"] = f"which is due {history.when(event.due_us)}"
            ends["passed"] = f"which was due {history.when(event.due_us)} and is not there"
            ends["withdrawn"] = f"which was withdrawn {history.when_of(event)}"
        return f"{about} it depends on {on}, {ends[self.because]}"


class _Case:
    """The dates in force of one case, followed through its events, and the contradictions among them."""

    def __init__(self, check: AtRisk, history: History) -> None:
        self.check, self.history = check, history
        self.dates: dict[_Key, Event] = {}
        self.withdrawn: dict[str, Event] = {}
        self.done: set[str] = set()
        self.known: dict[tuple[str, _Key], tuple[_Contradiction, int, bool]] = {}
        self.seen = ALWAYS

    def pass_dates(self, until: int) -> Iterator[Finding]:
        """The promised dates that something waits for and that pass before an instant."""
        needed = {_needs(p) for p in self.dates.values()} - {""}
        passing = {p.due_us for p in self.dates.values() if p.kind == "promise" and p.ref in needed}
        for due in sorted(due for due in passing if self.seen <= due < until):
            yield from self._look(due, due + 1)
        self.seen = until

    def step(self, together: tuple[Event, ...]) -> Iterator[Finding]:
        """What happened at one instant: what it gave, moved or ended."""
        moved = tuple(e for e in together if self._moved(e))
        if moved:
            yield from self._look(moved[0].at_us, moved[0].at_us, moved)

    def end(self) -> Iterator[Finding]:
        """What still lasts."""
        for known in self.known.values():
            yield self._finding(*known, NEVER)

    def _look(self, since: int, now: int, moved: tuple[Event, ...] = ()) -> Iterator[Finding]:
        against: dict[tuple[str, _Key], _Contradiction] = {}
        for promise in self.dates.values():
            if promise.kind == "promise" and self.history.parties.are(promise.party, self.check.by):
                for one in self._against(promise, now):
                    against.setdefault((promise.id, self._key(one)), one)
        for key in [key for key in self.known if key not in against]:
            contradiction, begun, by_the_day = self.known.pop(key)
            if not self._was_in_time(contradiction, moved):
                yield self._finding(contradiction, begun, by_the_day, since)
        for key, one in against.items():
            if now <= one.promise.due_us:  # past its date it is no longer at risk, but broken or late
                self.known.setdefault(key, (one, since, any(e.precision == "day" for e in moved)))

    def _key(self, one: _Contradiction) -> _Key:
        """What it is told apart by: a date that comes too late, moves and then passes is one."""
        return (one.ref, one.because, "") if one.event is None else self._place(one.event)

    def _place(self, event: Event) -> _Key:
        """Whose word of what it is; a later one takes its place."""
        return event.ref, event.kind, "" if self.history.ours(event) else "customer"

    def _was_in_time(self, one: _Contradiction, moved: tuple[Event, ...]) -> bool:
        """Whether a date that had passed by its hour was met on its day after all, at an hour nobody wrote down."""
        if one.event is None or one.because != "passed":
            return False
        due, zone = one.event.due_us, self.history.zone
        return any(event.ref == one.ref and in_time(event, due, zone) for event in moved)

    def _against(self, promise: Event, now: int) -> Iterator[_Contradiction]:
        """What contradicts a promise: its own estimates, and all along the chain of what it depends on."""
        for date in self._estimates(promise):
            if promise.due_us < date.due_us < NEVER:
                yield _Contradiction(promise, (), "", "late", date)
        seen = {"", promise.ref}
        chains: list[tuple[str, tuple[Event, ...]]] = [(_needs(promise), ())]
        while chains:
            ref, chain = chains.pop()
            if ref in seen or ref in self.done:
                continue
            seen.add(ref)
            dates = [d for d in self.dates.values() if d.ref == ref]
            promises = [d for d in dates if d.kind == "promise"]
            if ref in self.withdrawn:
                yield _Contradiction(promise, chain, ref, "withdrawn", self.withdrawn[ref])
            elif not dates:
                yield _Contradiction(promise, chain, ref, "unpromised", None)
            stated = {d.id: d for d in (*dates, *(e for p in promises for e in self._estimates(p)))}.values()
            late = [d for d in stated if d.due_us < NEVER and self._after(d.due_us, len(chain) + 1) >= promise.due_us]
            for date in late or (p for p in promises if p.due_us < now):
                yield _Contradiction(promise, chain, ref, "late" if late else "passed", date)
            chains.extend((_needs(p), (*chain, p)) for p in promises)

    def _after(self, due: int, steps: int) -> int:
        """When what waits for a date can be done, so many promises on."""
        for _ in range(steps):
            due = int(self.history.calendar._add(due, self.check.slack))  # noqa: SLF001  (ticks)
        return due

    def _estimates(self, promise: Event) -> Iterator[Event]:
        """The estimates of what was promised: of its reference, or of the whole case where that is what it is about."""
        whole = self._of_the_case(promise)
        for date in self.dates.values():
            if date.kind == "estimate" and (date.ref == promise.ref or (whole and self._of_the_case(date))):
                yield date

    def _of_the_case(self, event: Event) -> bool:
        names = self.check.completion
        return not event.ref or event.ref in names or event.purpose in names

    def _moved(self, event: Event) -> bool:
        """Whether an event gave, moved or ended a date; the dates in force are kept up."""
        if event.kind in ("promise", "estimate"):
            self.dates[self._place(event)] = event
            self.withdrawn.pop(event.ref, None)
            self.done.discard(event.ref)
            return True
        if event.kind not in ("kept", "withdrawn", "completed", "delivered") or event.outcome == "partly":
            return False
        complete = event.kind == "completed" and self._of_the_case(event)
        ended = () if event.kind == "delivered" else self.dates.items()
        gone = [key for key, date in ended if date.ref == event.ref or (complete and self._of_the_case(date))]
        for ref in {event.ref, *(self.dates.pop(key).ref for key in gone)}:
            self.withdrawn.pop(ref, None)
            self.done.discard(ref)
            if event.kind == "withdrawn":
                self.withdrawn[ref] = event
            else:
                self.done.add(ref)
        return True

    def _finding(self, one: _Contradiction, since: int, by_the_day: bool, until: int) -> Finding:
        promise, history = one.promise, self.history
        when = history.when(since, by_the_day=by_the_day)
        evidence = (promise, *one.chain, *(() if one.event is None else (one.event,)))
        proved = one.because in ("late", "withdrawn") or since >= history.complete_from
        return Finding(
            kind="at_risk",
            at_us=since,
            until_us=until,
            policy="AtRisk",
            party=promise.party,
            customer=promise.customer,
            case=promise.case,
            ref=promise.ref,
            why=one.told(history),
            instead=f"word to the customer on {when}, with a date that can be kept",
            instead_us=since,
            evidence=tuple(dict.fromkeys(e.id for e in evidence)),
            certainty=PROVED if proved else POSSIBLE,
            by_the_day=by_the_day,
        )


def _needs(promise: Event) -> str:
    """What a promise depends on; "" where it depends on nothing, or on itself."""
    needs = dict(promise.extra).get("depends_on", "") if promise.kind == "promise" else ""
    return "" if needs == promise.ref else str(needs)
