"""Needed items: the laws of every policy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Event, Which, days, working_days
from carepolicy.needed import AskedOnce, AskInTime, LastAbout, NeededItem
from carepolicy.testing import check_policy

once = NeededItem("licence", Which("estimate", purpose="test drive"), lead=working_days(2))
each = NeededItem("licence", "estimate", lead=days(2), remind_after=days(3), scope="case")
about = st.lists(
    st.builds(
        lambda at, fact: Event(at=at, kind="told", fact=fact, id=f"{at}-{fact}"),
        st.integers(0, 9),
        st.sampled_from(["licence", "name", ""]),
    ),
    max_size=8,
)


@pytest.mark.parametrize("policy", [AskInTime(once), AskInTime(each), AskedOnce(once), AskedOnce(each)], ids=repr)
def test_every_policy_keeps_the_laws(policy: Any) -> None:
    """One text, whole instants, values, mergeable facts, stability, no look-ahead."""
    check_policy(policy)


@given(about, st.data())
def test_the_last_about_a_fact_is_the_last_of_those_events(events: list[Event], data: st.DataObject) -> None:
    """Split and shuffled, the fold gives what the events about the fact alone would give."""
    fold = LastAbout("told", fact="licence")
    split = data.draw(st.integers(0, len(events)))
    parts = []
    for part in (data.draw(st.permutations(events[:split])), events[split:]):
        state = fold.start()
        for event in part:
            state = fold.step(state, event, 1)
        parts.append(state)
    right = max((e.at_us for e in events if e.fact == "licence"), default=fold.missing)
    assert fold.value(fold.merge(*parts)) == right
