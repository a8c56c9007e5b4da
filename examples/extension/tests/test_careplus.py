"""The extension's own tests: the laws of carepolicy, and one story."""

import csv
from pathlib import Path

import pytest
from careplus import KINDS, POLICIES, Farthest, LoanCarCovers

from carepolicy import CarePolicyError, Event, Plan, Span, Timeline, Verdict, Which, days, working_days
from carepolicy.testing import check_policy

FOLDER = Path(__file__).parent.parent


@pytest.mark.parametrize("before", [working_days(1), days(2)])
def test_the_policy_keeps_the_laws(before: Span) -> None:
    """One text for one customer and for a table, mergeable facts, decisions that keep until `review_at`."""
    check_policy(LoanCarCovers(before), examples=30)


def plan() -> Plan:
    return Plan.from_toml((FOLDER / "plan.toml").read_text(), policies=POLICIES)


def log() -> Timeline:
    with (FOLDER / "log.csv").open(newline="") as lines:
        return Timeline.read(csv.DictReader(lines), kinds=KINDS)


def test_the_loan_is_extended_in_time() -> None:
    """The loan runs until Friday 17:00, so it is due on Thursday; the earlier date told on Tuesday changes nothing."""
    (decision,) = plan().review(log(), at="2026-03-04T12:00-07:00").of("loan_car")
    assert decision.verdict == Verdict.WAIT
    assert str(decision.due) == "2026-03-05 17:00:00-07:00"
    (later,) = plan().review(log(), at="2026-03-06T09:00-07:00").of("loan_car")
    assert later.verdict == Verdict.OVERDUE
    assert later.owner == "front desk"


def test_nothing_is_owed_once_the_repair_is_complete() -> None:
    """The loan may run out then."""
    done = Event(at="2026-03-05T10:00-07:00", kind="completed", customer="ann", case="repair-7")
    (decision,) = plan().review(Timeline([*log().events, done]), at="2026-03-06T09:00-07:00").of("loan_car")
    assert not decision.owes


def test_the_plan_travels() -> None:
    """Written and read back it is the same, as long as the policy is handed in."""
    assert Plan.from_toml(plan().to_toml(), policies=POLICIES) == plan()
    with pytest.raises(CarePolicyError, match="hand yours in with policies="):
        Plan.from_toml(plan().to_toml())


def test_the_kind_is_refused_where_nobody_named_it() -> None:
    """So that a slip of the pen in a log is found."""
    with pytest.raises(CarePolicyError, match="loan_car"):
        Timeline.read([{"at": "2026-03-02T09:00-07:00", "kind": "loan_car"}])


def test_the_fact_takes_the_farthest_date() -> None:
    """Whatever the order in which the dates were said."""
    fact, (_, first, second) = Farthest(Which("loan_car")), log().events
    assert fact.value(fact.step(fact.step(fact.start(), first, 1), second, 1)) == first.due_us
    assert fact.value(fact.start()) == fact.missing
