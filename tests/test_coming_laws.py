"""Laws of coming touches: they keep until their review, never look ahead, and go forward in time."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Cadence, Calendar, ContactHours, Event, Plan, Timeline, days, testing
from carepolicy._instant import ALWAYS, DAY, NEVER, to_moment
from carepolicy.coming import ComingTouch, coming_touches
from carepolicy.touch import Touch

CUSTOMERS = ("ann", "bob")
HOURS = (
    Calendar.weekly("Mon-Fri 08:00-10:00", zone="America/Denver"),
    Calendar.weekly("Mon-Sun 08:00-12:00, 13:00-17:00", zone="Europe/Paris"),
)


@st.composite
def asked(draw: st.DrawFn) -> tuple[Plan, Timeline, int, int]:
    """A plan, a log, an instant and an end."""
    rhythm = Touch(due=Cadence(days(draw(st.integers(1, 9)))))
    guarded = Touch(
        due=Cadence(days(draw(st.integers(4, 9))), early=days(3)),
        guard=draw(st.builds(ContactHours, st.sampled_from(HOURS))),
    )
    plan = Plan(draw(testing.calendars()), call=rhythm, visit=guarded, other=draw(testing.touches()))
    policies = [part.policy for rule in plan.rules.rules for part in (*rule.guards, *rule.duties)]
    log = draw(testing.timelines(*policies, customers=CUSTOMERS))
    now = draw(testing.instants())
    talk = Event(
        at=draw(testing.instants()), kind="contact", direction="outbound", channel="phone", outcome="conversation",
        customer="ann",
    )  # fmt: skip
    return plan, attrs.evolve(log, recordings=[*log.recordings, talk]), now, now + draw(st.integers(1, 30)) * DAY


def all_of(plan: Plan, log: Timeline, now: int, end: int) -> list[ComingTouch]:
    return list(coming_touches(plan, log, at=to_moment(now), until=to_moment(end)))


@given(asked(), st.lists(testing.instants(), max_size=3))
def test_they_keep_until_they_are_to_be_looked_at_again(
    given: tuple[Plan, Timeline, int, int], later: list[int]
) -> None:
    """Each is there, the same, at any instant before its `review_at`."""
    plan, log, now, end = given
    found = all_of(plan, log, now, end)
    for touch in found:
        for then in {us for us in (touch.holds_us - 1, *later) if now < us < min(touch.holds_us, end)}:
            assert touch in all_of(plan, log, then, end)


@given(asked())
def test_they_never_look_ahead(given: tuple[Plan, Timeline, int, int]) -> None:
    """What is not visible yet changes nothing but until when they stand."""
    plan, log, now, end = given
    known = attrs.evolve(log, recordings=[e for e in log.recordings if e.visible_us <= now])
    one, other = all_of(plan, log, now, end), all_of(plan, known, now, end)
    assert [(t.key, t.at_us, t.decision.due_us, t.is_projected) for t in one] == [
        (t.key, t.at_us, t.decision.due_us, t.is_projected) for t in other
    ]


@given(asked(), st.data())
def test_order_and_duplicates_of_events_never_matter(
    given: tuple[Plan, Timeline, int, int], data: st.DataObject
) -> None:
    """A log that arrives in another order, some of it twice, gives the same."""
    plan, log, now, end = given
    again = data.draw(st.permutations([*log.recordings, *log.recordings[:2]]))
    assert all_of(plan, attrs.evolve(log, recordings=again), now, end) == all_of(plan, log, now, end)


@given(asked())
def test_they_come_in_the_order_of_time_and_within_their_hours(given: tuple[Plan, Timeline, int, int]) -> None:
    """Each key once, before the end, and when the hours of its guards are open."""
    plan, log, now, end = given
    found = all_of(plan, log, now, end)
    assert [touch.at_us for touch in found] == sorted(touch.at_us for touch in found)
    assert len({touch.key for touch in found}) == len(found)
    for touch in found:
        assert touch.at_us < end
        hours = plan.rules.rules[[rule.about.touch for rule in plan.rules.rules].index(touch.touch)].hours
        if hours is not None and ALWAYS < touch.at_us < NEVER:
            assert hours.is_open(to_moment(touch.at_us))


@given(st.integers(1, 30), testing.instants(), st.integers(0, 90))
def test_a_rhythm_of_days_goes_on_as_counted(step: int, last: int, length: int) -> None:
    """Without hours the k-th comes k steps after the last talk."""
    talk = Event(at=last, kind="contact", direction="outbound", channel="phone", outcome="conversation")
    found = coming_touches(
        Cadence(days(step)), Timeline([talk]), at=to_moment(last), until=to_moment(last + length * DAY)
    )
    assert [touch.at_us for touch in found] == list(range(last + step * DAY, last + length * DAY, step * DAY))
