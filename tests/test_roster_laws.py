"""Rosters, for any plan and any log: nobody is left out, more time never takes work away, and what is said holds."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Cadence, Calendar, Plan, Timeline, Touch, days, testing
from carepolicy._instant import to_moment
from carepolicy.roster import Account, Roster, roster_review

CUSTOMERS = ("ann", "bob", "cid")
accounts = st.builds(
    Account, st.sampled_from(CUSTOMERS), st.sampled_from(("kim", "lee", "")), minutes=st.sampled_from((0, 5, 60))
)
rosters = st.lists(accounts, unique_by=lambda a: a.customer).map(Roster)
logs = testing.timelines(customers=("ann", "bob", "dan"))
at_hand = st.integers(0, 200)


@given(testing.plans(), logs, rosters, testing.instants())
def test_every_customer_of_the_roster_has_one_line(plan: Plan, log: Timeline, roster: Roster, now: int) -> None:
    """Whether or not anything is known of them, in the order of the roster; whoever else is known is named apart."""
    review = roster_review(plan, log, roster, to_moment(now))
    assert tuple(line.customer for line in review.lines) == roster.customers
    assert tuple(line.account for line in review.lines) == roster.accounts
    assert not {*review.unlisted} & {*roster.customers}
    for line in review.lines:
        assert line.has_date == any(
            (d.owes and d.verdict in ("go", "overdue", "wait")) or (d.verdict == "wait" and d.act_at is not None)
            for d in review.review.decisions
            if d.customer == line.customer
        )


calls = Plan(Calendar.always(), call=Touch(due=Cadence(days(30))))
of_kim = st.builds(Account, st.sampled_from(CUSTOMERS), st.just("kim"), minutes=st.integers(1, 9))


@given(st.lists(of_kim, unique_by=lambda a: a.customer).map(Roster), st.integers(0, 20), st.integers(0, 20))
def test_more_minutes_never_pass_anybody_over(roster: Roster, one: int, other: int) -> None:
    """The list of an owner grows at its end, however long the calls are."""
    review = roster_review(calls, Timeline(()), roster, to_moment(0))
    few, many = (review.worklist(minutes=minutes).to_do for minutes in sorted((one, other)))
    assert many[: len(few)] == few
    assert review.contacts[: len(many)] == many


@given(testing.plans(), logs, rosters, testing.instants(), at_hand, at_hand)
def test_more_minutes_never_drop_work(
    plan: Plan, log: Timeline, roster: Roster, now: int, one: int, other: int
) -> None:
    """What is to be done within few minutes is to be done within more; and nothing is lost on the way."""
    review = roster_review(plan, log, roster, to_moment(now))
    few, many = (review.worklist(minutes=minutes) for minutes in sorted((one, other)))
    assert {*few.to_do} <= {*many.to_do}
    for day in (few, many):
        assert sorted(c.keys for c in (*day.to_do, *day.left_over)) == sorted(c.keys for c in review.contacts)
        for owner in ("kim", "lee"):
            assert sum(c.minutes for c in day.to_do if c.owner == owner) <= max(one, other)


@given(testing.plans(), logs, rosters, testing.instants(), testing.instants())
def test_it_holds_until_it_says_to_look_again(plan: Plan, log: Timeline, roster: Roster, one: int, other: int) -> None:
    """No line changes before `review_at`, and later events change nothing now."""
    now, later = sorted((one, other))
    review = roster_review(plan, log, roster, to_moment(now))
    if later < review.review.review_us:
        assert roster_review(plan, log, roster, to_moment(later)) == review
    assert roster_review(plan, log.as_of(to_moment(now)), roster, to_moment(now)) == review
    assert pickle.loads(pickle.dumps(review)) == review
