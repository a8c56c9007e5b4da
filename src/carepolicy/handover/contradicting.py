"""What in the log of a case cannot be: both sides stand, and somebody must ask."""

from __future__ import annotations

from collections.abc import Iterator

from carepolicy._instant import NEVER, to_moment
from carepolicy.facts import CUSTOMER_PARTY
from carepolicy.handover.casefile import CaseFile
from carepolicy.handover.document import Contradiction, Owed
from carepolicy.handover.owing import ESTIMATE, PROMISE
from carepolicy.promise import COMPLETION

ESTIMATE_AFTER_PROMISE, DATES_DIFFER = "estimate_after_promise", "dates_differ"


def contradictions_in(file: CaseFile, owed: tuple[Owed, ...]) -> tuple[Contradiction, ...]:
    """What the log contradicts itself in, and the dates of which only one can hold."""
    found = [Contradiction(code=p.code, what=p.text, evidence=p.events) for p in file.problems]
    return (*found, *_estimates(file, owed), *_two_sides(file, owed))


def _estimates(file: CaseFile, owed: tuple[Owed, ...]) -> Iterator[Contradiction]:
    """An expected completion that lies after what was promised of the same thing, and still is."""
    promises = [o for o in owed if o.kind == PROMISE and o.due_us < NEVER]
    for estimate in (o for o in owed if o.kind == ESTIMATE and o.due_us < NEVER):
        for promise in promises:
            whole = not estimate.ref and _of_the_whole(promise, file)
            same = (estimate.ref == promise.ref or whole) and _is_theirs(estimate) == _is_theirs(promise)
            if same and estimate.made_us >= promise.made_us and estimate.due_us > promise.due_us:
                yield Contradiction(
                    code=ESTIMATE_AFTER_PROMISE,
                    what=f"it is expected for {file.when(estimate.due_us)} ({estimate.by or 'nobody named'}: "
                    f"{estimate.what}), and was promised for {file.when(promise.due_us)} ({promise.what})",
                    evidence=(*promise.evidence[:1], *estimate.evidence),
                )


def _of_the_whole(promise: Owed, file: CaseFile) -> bool:
    return promise.ref in COMPLETION or file.by_id[promise.evidence[0]].purpose in COMPLETION


def _two_sides(file: CaseFile, owed: tuple[Owed, ...]) -> Iterator[Contradiction]:
    """The customer and we have different dates for one thing."""
    dated = [o for o in owed if o.kind in (PROMISE, ESTIMATE) and o.due_us < NEVER]
    for theirs in filter(_is_theirs, dated):
        for ours in (o for o in dated if not _is_theirs(o) and o.ref == theirs.ref and o.kind == theirs.kind):
            if to_moment(theirs.due_us, file.zone).date() != to_moment(ours.due_us, file.zone).date():
                yield Contradiction(
                    code=DATES_DIFFER,
                    what=f"the customer has {file.when(theirs.due_us)} ({theirs.what}), and "
                    f"{ours.by or 'our side'} has {file.when(ours.due_us)} ({ours.what})",
                    evidence=(theirs.evidence[0], ours.evidence[0]),
                )


def _is_theirs(owed: Owed) -> bool:
    return owed.role == CUSTOMER_PARTY
