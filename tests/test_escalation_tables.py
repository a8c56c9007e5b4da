"""Escalation in tables: the same text decides for columns, and a table of events folds to the same facts."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from carepolicy import Calendar, Plan, PromiseKept, Timeline, Touch, first_of, testing
from carepolicy._instant import NEVER, to_moment
from carepolicy.escalation import Escalation, Reaching
from carepolicy.table import decide_table, facts_from_events
from carepolicy.tallies import KthChase, KthUnkept
from carepolicy.triggers import ShareUsed
from tests.fold_logs import expected, facts_of, logs, table_of
from tests.tables import decisions_of, said
from tests.test_table_laws import one_by_one, tables

STANDARD = Escalation.standard()
plan = Plan(
    Calendar.weekly("Mon-Fri 08:00-17:00", zone="America/Denver"),
    lead=Touch(due=STANDARD),
    head=Touch(due=Reaching(STANDARD, "head")),
    board=Touch(due=Reaching(STANDARD, "executive")),
    triggers=Touch(due=first_of(*STANDARD.triggers)),
    promise=Touch(due=ShareUsed(PromiseKept(), percent=50)),
)


@settings(max_examples=20)
@given(testing.instants(), st.data())
def test_a_table_says_what_one_customer_is_told(now: int, data: st.DataObject) -> None:
    """Verdicts, bounds, reasons and keys, for any facts."""
    rows = data.draw(tables(plan))
    assert decisions_of(decide_table(plan, pa.Table.from_pylist(rows), to_moment(now))) == one_by_one(plan, rows, now)


@settings(max_examples=20)
@given(st.data())
def test_a_table_of_events_comes_to_the_same_facts(data: st.DataObject) -> None:
    """The counting folds too, with late, doubled and corrected events."""
    rows, at = data.draw(logs(plan))
    table = facts_from_events(table_of(rows), plan, at=at).to_frame()
    for name, fact in plan.facts.items():
        if isinstance(fact, (KthChase, KthUnkept)):  # folds that tables know nothing of come as whole numbers
            ticks = table[name]
            times = pc.if_else(pc.equal(ticks, NEVER), None, ticks).cast(pa.timestamp("us", "UTC"))
            table = table.set_column(table.schema.get_field_index(name), name, times)
    assert facts_of(plan, table) == expected(plan, rows, at)


@given(testing.instants(), st.data())
def test_a_review_decides_by_them(now: int, data: st.DataObject) -> None:
    """Each level falls due in a review when the state says that it is asked."""
    timeline: Timeline = data.draw(testing.timelines(STANDARD, customers=("ann",)))
    review = plan.review(timeline, to_moment(now))
    for state in STANDARD.assess_all(timeline, to_moment(now), calendar=plan.calendar):
        if state.rank and not state.acknowledged:
            (decision,) = review.of("lead", customer=state.unit[0], case=state.unit[1])
            assert decision.is_overdue
            assert said(decision)[0] == state.unit
            named = {"head": "head", "executive": "board"}.get(state.level)
            if named and state.times == 1:
                (level,) = review.of(named, customer=state.unit[0], case=state.unit[1])
                assert level.due_us == state.asked_us
