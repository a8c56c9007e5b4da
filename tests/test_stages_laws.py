"""Key stages: the laws of every policy, and the fold of moves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Event, Which, days
from carepolicy.stages import KeyStages, LastMoved, Stage, TellAfter, TellBefore
from carepolicy.testing import check_policy

drive = Stage("test drive", planned=Which(("estimate", "promise")), tell_before=days(2))
DAY = 86_400_000_000
hours = st.integers(0, 40)
statements = st.lists(
    st.builds(
        lambda at, due, ref: Event(at=at * DAY, kind="estimate", due=due * DAY // 2, ref=ref, id=f"{at}-{due}-{ref}"),
        hours,
        hours,
        st.sampled_from(["", "r"]),
    ),
    max_size=8,
)


@pytest.mark.parametrize(
    "policy",
    [TellBefore(Stage("parts")), TellBefore(drive, "us"), TellAfter(drive), KeyStages([drive]).duty()],
    ids=repr,
)
def test_every_duty_keeps_the_laws(policy: Any) -> None:
    """One text, whole instants, values, mergeable facts, stability, no look-ahead."""
    check_policy(policy)


@given(statements, st.data(), st.booleans(), st.sampled_from([1, DAY, 3 * DAY]))
def test_moves_do_not_depend_on_order_or_delivery(
    events: list[Event], data: st.DataObject, slips: bool, least: int
) -> None:
    """Shuffled, split and doubled statements give the same last move."""
    fold = LastMoved("estimate", slips=slips, least=least)

    def folded(some: list[Event]) -> Any:
        state = fold.start()
        for event in some:
            state = fold.step(state, event, 1)
        return state

    again = data.draw(st.permutations([*events, *events[:3]]))
    split = data.draw(st.integers(0, len(again)))
    merged = fold.merge(folded(again[:split]), folded(again[split:]))
    assert fold.value(merged) == fold.value(folded(events))


@given(statements)
def test_a_slip_is_a_move(events: list[Event]) -> None:
    """The last slip is never later than the last move."""
    moves, slips = LastMoved("estimate"), LastMoved("estimate", slips=True)
    state = moves.start()
    for event in events:
        state = moves.step(state, event, 1)
    assert slips.value(state) <= moves.value(state)
