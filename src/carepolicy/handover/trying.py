"""What was tried in a case, and how each attempt ended."""

from __future__ import annotations

from collections.abc import Iterator

from carepolicy.events import Event
from carepolicy.facts import CUSTOMER_PARTY
from carepolicy.handover.casefile import CaseFile, quoted
from carepolicy.handover.document import Tried
from carepolicy.promise import PromiseState

FAILED, KEPT, KEPT_LATE, DONE, UNDER_WAY = "failed", "kept", "kept late", "done", "under way"
"""How an attempt ended."""


def tried_in(file: CaseFile) -> tuple[Tried, ...]:
    """What was tried, by when it ended: attempts that failed, promises that were kept, work done or under way.

    What belongs to one reference is told once: a promise that failed at first and was kept after all is kept late.
    """
    kept = list(_kept(file))
    told = {event_id for tried in kept for event_id in tried.evidence}
    found = [*kept, *_steps(file, told)]
    return tuple(sorted(found, key=lambda t: (t.said.at_us, t.said.event)))


def _kept(file: CaseFile) -> Iterator[Tried]:
    """Promises to the customer that were kept, with the failures on the way."""
    for promise in file.promises:
        ended = file.by_id[promise.evidence[-1]]
        if promise.role == CUSTOMER_PARTY or promise.outstanding or ended.kind != "kept":
            continue
        failures = [
            e.id
            for e in file.of_kind("failed")
            if e.ref == promise.ref != "" and promise.made_us <= e.at_us <= ended.at_us
        ]
        made = file.by_id[promise.evidence[0]]
        yield Tried(
            what=quoted(made),
            ended=KEPT if promise.state == PromiseState.KEPT else KEPT_LATE,
            said=file.said(ended),
            evidence=tuple(dict.fromkeys((made.id, *failures, *promise.evidence[1:]))),
        )


def _steps(file: CaseFile, told: set[str]) -> Iterator[Tried]:
    """Failures, completions and milestones that no kept promise tells of."""
    for event in file.of_kind("failed"):
        if event.id not in told:
            yield _step(file, event, FAILED)
    for event in file.of_kind("milestone"):
        yield _step(file, event, UNDER_WAY)
    for event in file.of_kind("completed"):
        undone = _undone(file, event)
        yield _step(file, event, DONE if undone is None else FAILED, undone)


def _undone(file: CaseFile, completed: Event) -> Event | None:
    """What shows that a completion did not hold; None where it did."""
    after = (e for e in file.of_kind("failed", "reopened") if e.ref == completed.ref and e.order > completed.order)
    return next(after, None)


def _step(file: CaseFile, event: Event, ended: str, undone: Event | None = None) -> Tried:
    opened = [e.id for e in file.of_kind("opened") if e.ref == event.ref != "" and e.order < event.order]
    more = () if undone is None else (undone.id,)
    return Tried(what=quoted(event), ended=ended, said=file.said(event), evidence=(*opened[-1:], event.id, *more))
