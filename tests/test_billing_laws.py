"""Laws of billing: every guard keeps the laws of policies, and nobody is reminded of what they dispute."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from carepolicy import NoTrouble, Timeline, days, elapsed, testing
from carepolicy._codec import Codec
from carepolicy._instant import to_moment
from carepolicy.billing import DunningHeld, InvoiceAfterCompletion
from carepolicy.completion import Completion
from carepolicy.messages import ALLOWED, decide_message
from carepolicy.testing import check_policy

HELD = DunningHeld(elapsed(hours=0))
GUARDS = [
    DunningHeld(),
    HELD,
    DunningHeld(days(3), purposes=("dispute", "chargeback"), scope="case"),
    InvoiceAfterCompletion(),
    InvoiceAfterCompletion(days(2), of=Completion("event", ("body", "paint"))),
]


@pytest.mark.parametrize("guard", GUARDS, ids=repr)
def test_every_guard_keeps_the_laws(guard: Any) -> None:
    """Those of `carepolicy.testing`: one text, stability, no look-ahead, values, mergeable facts."""
    check_policy(guard, examples=20)


@pytest.mark.parametrize("guard", GUARDS, ids=repr)
def test_every_guard_can_be_written_to_a_plan(guard: Any) -> None:
    """What is read back equals it."""
    codec = Codec((Completion, DunningHeld, InvoiceAfterCompletion))
    assert codec.decode(codec.encode(guard), "guard") == guard


@given(testing.timelines(HELD & NoTrouble(), customers=("ann",)), testing.instants())
def test_nobody_is_reminded_of_what_they_dispute(log: Timeline, at: int) -> None:
    """Counted event by event: while the last word on any dispute is that there is one, no reminder goes out."""
    open_now: dict[tuple[str, str], bool] = {}
    for event in sorted(log.known(at), key=lambda e: e.order):
        if event.purpose == "dispute" and event.kind in ("trouble", "trouble_over"):
            open_now[event.case, event.ref] = event.kind == "trouble"
    verdict = decide_message("dunning", HELD, log, to_moment(at), customer="ann").verdict
    assert (verdict in ALLOWED) == (not any(open_now.values()))
