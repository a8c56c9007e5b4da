"""Promises at risk: those that cannot well be kept are found the instant this is known, not when they break."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from attrs import field

from carepolicy._instant import NEVER
from carepolicy.events import Event
from carepolicy.facts import THEM, words
from carepolicy.finding import Finding
from carepolicy.history import History
from carepolicy.span import Span, elapsed, not_backward

_Key = tuple[str, str, str]
_Dates = dict[_Key, Event]


@attrs.frozen
class AtRisk:
    """A promise is contradicted by an estimate, or by the date of what it depends on.

    An estimate of the same reference that is later than the promise contradicts it. So does a promise or an estimate
    of what it depends on (column `depends_on`, the reference in the same case) that leaves no time after it: the
    promise must fall due later, by more than `slack`.

    Args:
        slack: How long the promise needs after what it depends on.
        by: Whose promises: parties by name, or by role; our side and its partners when left out.

    Raises:
        InvalidPolicyError: If `slack` is no span or points backward.
    """

    slack: Span = field(factory=lambda: elapsed(hours=0), validator=not_backward)
    by: tuple[str, ...] = field(default=(THEM,), converter=words)

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each promise and what contradicts it, from when this was known until it is no longer so."""
        for events in history.by_case.values():
            dates: _Dates = {}
            known: dict[tuple[str, _Key], tuple[Event, Event, int]] = {}
            for event in events:
                if not _moved(dates, event, history):
                    continue
                against = dict(self._against(dates, history))
                for gone in [key for key in known if key not in against]:
                    yield self._finding(*known.pop(gone), event.at_us, history)
                for key, (promise, date) in against.items():
                    if event.at_us <= promise.due_us:  # past its date it is no longer at risk, but broken or late
                        known.setdefault(key, (promise, date, event.at_us))
            for promise, date, since in known.values():
                yield self._finding(promise, date, since, NEVER, history)

    def _against(self, dates: _Dates, history: History) -> Iterator[tuple[tuple[str, _Key], tuple[Event, Event]]]:
        """The promises in force with each date in force that contradicts them."""
        for (_, kind, _), promise in dates.items():
            if kind != "promise" or not history.parties.are(promise.party, self.by):
                continue
            needs = dict(promise.extra).get("depends_on")
            for key, date in dates.items():
                own = key[:2] == (promise.ref, "estimate") and date.due_us > promise.due_us
                if date.due_us < NEVER and (
                    own or (key[0] == needs != promise.ref and self._too_late(date, promise, history))
                ):
                    yield (promise.id, key), (promise, date)

    def _too_late(self, date: Event, promise: Event, history: History) -> bool:
        return bool(history.calendar._add(date.due_us, self.slack) >= promise.due_us)  # noqa: SLF001  (ticks)

    def _finding(self, promise: Event, date: Event, since: int, until: int, history: History) -> Finding:
        own = date.ref == promise.ref
        due, later = history.when(promise.due_us), history.when(date.due_us)
        because = f"it is estimated for {later}" if own else f"it depends on {date.ref}, which is due {later}"
        return Finding(
            kind="at_risk",
            at_us=since,
            until_us=until,
            policy="AtRisk",
            party=promise.party,
            customer=promise.customer,
            case=promise.case,
            ref=promise.ref,
            why=f"the promise ({history.quoted(promise)}) is due {due}, but {because}",
            instead=f"word to the customer on {history.when(since)}, with a date that can be kept",
            instead_us=since,
            evidence=(promise.id, date.id),
            by_the_day=max(promise, date, key=lambda e: e.order).precision == "day",
        )

    def explain(self) -> str:
        """What it looks for."""
        return "a promise is contradicted by an estimate, or by the date of what it depends on"


def _moved(dates: _Dates, event: Event, history: History) -> bool:
    """Whether an event gave, moved or ended a date; the dates in force are kept up."""
    if event.kind in ("promise", "estimate"):
        dates[event.ref, event.kind, "" if history.ours(event) else "customer"] = event
        return True
    if event.kind in ("kept", "withdrawn", "completed") and event.outcome != "partly":
        for key in [key for key in dates if key[0] == event.ref]:
            del dates[key]
        return True
    return False
