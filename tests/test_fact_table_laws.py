"""A table of facts comes to what `Plan.fold` comes to: for any plan, log, split, order, instant and kind of frame."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Plan, testing
from carepolicy.events import COLUMNS
from carepolicy.table import FactTable, changed, facts_from_events, merge
from tests.fold_logs import Rows, expected, facts_of, logs, plans, table_of

columns = st.sets(st.sampled_from(COLUMNS[6:])).map(lambda left_out: [c for c in COLUMNS if c not in left_out])


def rows_of(plan: Plan, frame: Any) -> Rows:
    return facts_of(plan, frame if isinstance(frame, pa.Table) else frame.to_arrow())


@given(plans, st.data())
def test_a_table_comes_to_what_the_log_comes_to(plan: Plan, data: st.DataObject) -> None:
    """Unit by unit and fact by fact, with late, doubled and corrected events, and up to any instant."""
    rows, at = data.draw(logs(plan))
    said = data.draw(columns)
    rows = [{name: row[name] for name in said} for row in rows]
    state = facts_from_events(table_of([{**dict.fromkeys(COLUMNS), **row} for row in rows], said), plan, at=at)
    assert rows_of(plan, state.to_frame()) == expected(plan, rows, at)


@given(plans, st.data())
def test_any_split_in_any_order_comes_to_the_whole(plan: Plan, data: st.DataObject) -> None:
    """Batch by batch, merged from parts that overlap, and both."""
    rows, at = data.draw(logs(plan, plain=True))
    whole = expected(plan, rows, at)
    state = facts_from_events(table_of([]), plan, at=at)
    parts = data.draw(split(rows))
    for part in parts:
        state.update(table_of(part), at=at)
    assert rows_of(plan, state.to_frame()) == whole
    folded = [facts_from_events(table_of(part), plan, at=at) for part in parts]
    for one in folded[1:]:
        folded[0] = merge(one, folded[0])
    assert rows_of(plan, folded[0].to_frame()) == whole
    assert rows_of(plan, folded[0].merge(state).update(table_of(rows), at=at).to_frame()) == whole


@st.composite
def split(draw: st.DrawFn, rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Some parts of a log, which have some rows in common."""
    inside = draw(st.lists(st.sets(st.integers(0, 2), min_size=1), min_size=len(rows), max_size=len(rows)))
    return [[row for row, parts in zip(rows, inside, strict=True) if number in parts] for number in range(3)]


@given(plans, st.data())
def test_what_is_to_come_waits_until_it_is_visible(plan: Plan, data: st.DataObject) -> None:
    """Folded up to one instant and asked at a later one, as folded up to the later."""
    rows, _ = data.draw(logs(plan, plain=True))
    first, last = sorted((data.draw(testing.moments()), data.draw(testing.moments())))
    state = facts_from_events(table_of(rows), plan, at=first)
    assert rows_of(plan, state.to_frame(at=first)) == expected(plan, rows, first)
    assert rows_of(plan, state.to_frame(at=last)) == expected(plan, rows, last)


@given(plans, st.data())
def test_what_has_not_changed_is_not_among_the_changed(plan: Plan, data: st.DataObject) -> None:
    """The rows that a batch changes, all of them and as they are afterwards."""
    rows, at = data.draw(logs(plan, plain=True))
    cut = data.draw(st.integers(0, len(rows)))
    state = facts_from_events(table_of(rows[:cut]), plan, at=at)
    before = rows_of(plan, state.to_frame())
    touched = rows_of(plan, changed(state, table_of(rows[cut:]), at=at))
    after = expected(plan, rows, at)
    assert touched.items() <= after.items()
    assert {unit: facts for unit, facts in after.items() if before.get(unit) != facts}.items() <= touched.items()


@given(plans, st.data())
def test_only_the_units_asked_for(plan: Plan, data: st.DataObject) -> None:
    """Of a frame that names some units."""
    rows, at = data.draw(logs(plan, plain=True))
    state = facts_from_events(table_of(rows), plan, at=at)
    whole = expected(plan, rows, at)
    some = data.draw(st.sets(st.sampled_from(sorted(whole)))) if whole else set()
    names = ("scope", "customer", "case", "ref", "party")
    frame = pa.table({name: pa.array([unit[i] for unit in some], pa.string()) for i, name in enumerate(names)})
    assert rows_of(plan, state.to_frame(frame)) == {unit: whole[unit] for unit in some}


@given(plans, st.data())
def test_a_stored_state_is_the_state(tmp_path_factory: Any, plan: Plan, data: st.DataObject) -> None:
    """As a Parquet file: the same facts, the same still to come, and the same after more events."""
    rows, at = data.draw(logs(plan, plain=True))
    cut = data.draw(st.integers(0, len(rows)))
    state = facts_from_events(table_of(rows[:cut]), plan, at=at, remember=data.draw(st.booleans()))
    path = tmp_path_factory.mktemp("states") / "facts.parquet"
    state.save(path)
    again = FactTable.load(path, plan)
    assert again.about() == state.about()
    assert rows_of(plan, again.to_frame()) == rows_of(plan, state.to_frame())
    assert rows_of(plan, again.update(table_of(rows), at=at).to_frame()) == expected(plan, rows, at)
