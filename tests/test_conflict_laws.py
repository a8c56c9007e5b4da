"""Laws of conflicts: every guard keeps the laws of policies, and what goes on is what its events say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Timeline, Verdict, days, testing
from carepolicy._codec import Codec
from carepolicy._instant import to_moment
from carepolicy.conflict import BEREAVEMENT, CLAIM, COMPLAINT, OUTAGE, STANDARD_PAIRS, Conflict, NoConflict, State
from carepolicy.facts import Parties
from carepolicy.messages import decide_message
from carepolicy.testing import check_policy

MESSAGES = sorted({name for pair in STANDARD_PAIRS for name in pair.message})
MIXED = NoConflict(
    "upsell",
    pairs=(
        Conflict("upsell", OUTAGE, "it is down", "suppress"),
        Conflict("upsell", COMPLAINT, "they complain", "redirect"),
        Conflict("upsell", CLAIM, "it is being decided"),
        Conflict("upsell", State("grief", BEREAVEMENT.begins, lasts=days(3)), "somebody died"),
    ),
)
GUARDS = [*(NoConflict(message) for message in MESSAGES), MIXED]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.message)
def test_every_guard_keeps_the_laws(guard: Any) -> None:
    """Those of `carepolicy.testing`: one text, stability, no look-ahead, values, mergeable facts."""
    check_policy(guard, examples=20)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.message)
def test_every_guard_can_be_written_to_a_plan(guard: Any) -> None:
    """What is read back equals it."""
    codec = Codec((NoConflict,))
    assert codec.decode(codec.encode(guard), "guard") == guard


def goes_on(state: State, log: Timeline, at: int) -> bool:
    """The slow twin: whether, in any case and reference, the state began last and ended never after that."""
    last: dict[tuple[str, str], bool] = {}
    for event in sorted(log.known(at), key=lambda e: e.order):
        begins = any(which.matches(event, Parties()) for which in state.begins)
        ends = any(which.matches(event, Parties()) for which in state.ends)
        if begins or ends:
            last[event.case, event.ref] = not ends
    return any(last.values())


@given(st.sampled_from(MESSAGES[2:]), st.data(), testing.instants())
def test_it_waits_exactly_while_something_goes_on(message: str, data: st.DataObject, at: int) -> None:
    """Counted event by event, a message may go exactly while none of its states goes on."""
    guard = NoConflict(message)
    log = data.draw(testing.timelines(guard, customers=("ann",)))
    states = [pair.state for pair in STANDARD_PAIRS if message in pair.message]
    verdict = decide_message(message, guard, log, to_moment(at), customer="ann").verdict
    assert (verdict == Verdict.GO) == (not any(goes_on(state, log, at) for state in states))
