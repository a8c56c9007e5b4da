"""Zones of customers: hours of contact are meant where the customer is, and every law holds there as well."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from carepolicy import Calendar, Decision, Plan, Timeline, testing
from carepolicy._instant import NEVER, to_moment
from carepolicy.errors import CarePolicyError, InvalidCalendarError

CUSTOMERS = ("ann", "bob")
# With clock changes at other dates, half an hour apart, at midnight, and none at all.
ZONES = ("America/Denver", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Apia", "Europe/Paris")
zones = st.sampled_from(ZONES)


def moved(data: Any, zone: str) -> Any:
    """The data of a calendar with another zone in every part."""
    if isinstance(data, dict):
        return {key: zone if key == "zone" else moved(value, zone) for key, value in data.items()}
    return [moved(item, zone) for item in data] if isinstance(data, list) else data


def built_in(plan: Plan, zone: str) -> Plan:
    """The plan written by hand for customers of a zone."""
    data = plan.to_data()
    for touch in data["touch"].values():
        for guard in touch.get("guard", ()):
            if guard["type"] == "ContactHours" and not guard.get("fixed", False):
                guard["hours"] = moved(guard["hours"], zone)
    return Plan.from_data(data)


def said(decision: Decision) -> Any:
    """All of a decision but the texts, which name the zone."""
    instants = (
        decision.verdict, decision.opens_us, decision.closes_us, decision.act_us, decision.due_us, decision.review_us,
        decision.key, decision.is_overdue,
    )  # fmt: skip
    return decision.unit, decision.touch, instants, [(r.code, r.binding) for r in decision.reasons]


@given(testing.calendars(), zones)
def test_a_calendar_in_a_zone_is_the_one_built_there(calendar: Calendar, zone: str) -> None:
    """Each part has the same wall times in the other zone; windows keep their instants."""
    try:
        there = calendar.in_zone(zone)
    except InvalidCalendarError:
        there = None
    try:
        assert there == Calendar.from_data(moved(calendar.to_data(), zone))
    except InvalidCalendarError:
        assert there is None
    if there is not None:
        assert there.zone == zone
        assert there.in_zone(zone) == there


@given(testing.plans(), zones, st.data())
def test_a_zone_is_the_plan_built_there(plan: Plan, zone: str, data: st.DataObject) -> None:
    """What is decided about a customer in a zone is what the plan decides whose hours are written in that zone."""
    timeline, now = _log_and_instant(plan, data)
    by_hand = _hand_built(plan, zone)
    found = plan.review(timeline, to_moment(now), roster=CUSTOMERS, zones=dict.fromkeys(CUSTOMERS, zone))
    expected = by_hand.review(timeline, to_moment(now), roster=CUSTOMERS)
    assert [said(decision) for decision in found] == [said(decision) for decision in expected]
    assert found.review_us == expected.review_us


@given(testing.plans(), zones, st.data())
def test_each_customer_has_their_own_zone(plan: Plan, zone: str, data: st.DataObject) -> None:
    """The zone of one customer changes nothing for another, from a log and from folded facts alike."""
    timeline, now = _log_and_instant(plan, data)
    _hand_built(plan, zone)
    at, homes = to_moment(now), {"bob": zone}
    of_both = plan.review(timeline, at, roster=CUSTOMERS, zones=homes)
    without = plan.review(timeline, at, roster=CUSTOMERS)
    assert [d for d in of_both if d.customer == "ann"] == [d for d in without if d.customer == "ann"]
    assert all(d.home == homes.get(d.customer, "") for d in of_both)
    folded = plan.review(plan.fold(timeline, at), at, roster=CUSTOMERS, zones=homes)
    assert [said(d) for d in folded] == [said(d) for d in of_both]


@given(testing.plans(), zones, st.data())
def test_a_decision_in_a_zone_keeps_until_its_review(plan: Plan, zone: str, data: st.DataObject) -> None:
    """Nothing changes before `review_at`, wherever the customer is."""
    timeline, now = _log_and_instant(plan, data)
    _hand_built(plan, zone)
    homes = dict.fromkeys(CUSTOMERS, zone)
    review = plan.review(timeline, to_moment(now), roster=CUSTOMERS, zones=homes)
    soon = [review.review_us - 1, *data.draw(st.lists(testing.instants(), max_size=3))]
    for then in {u for u in soon if now < u < min(review.review_us, 10**16)}:
        assert plan.review(timeline, to_moment(then), roster=CUSTOMERS, zones=homes).decisions == review.decisions
    for decision in review.decisions:
        assert now < decision.review_us <= NEVER


def _hand_built(plan: Plan, zone: str) -> Plan:
    """The plan built in a zone; plans whose hours of ours and of theirs never meet there are left out."""
    try:
        return built_in(plan, zone)
    except CarePolicyError:
        assume(False)
        raise


def _log_and_instant(plan: Plan, data: st.DataObject) -> tuple[Timeline, int]:
    policies = [policy for _, touch in plan.touches for policy in (touch.due, touch.guard) if policy is not None]
    return data.draw(testing.timelines(*policies, customers=CUSTOMERS)), data.draw(testing.instants())
