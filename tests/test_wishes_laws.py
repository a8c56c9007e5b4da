"""Laws of wished hours: they are respected, they only ever narrow, and decisions under them keep until their review."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Cadence, Calendar, Plan, Timeline, Touch, Verdict, days, testing
from carepolicy._instant import ALWAYS, NEVER, to_moment

WISHES = (
    Calendar.weekly("Mon-Sun 08:00-11:00, 13:30-14:30", zone="America/Denver"),
    Calendar.weekly("Mon-Sun 00:00-23:00", zone="Europe/Paris"),
)
wishes = st.sampled_from(WISHES)
ALLOWED = (Verdict.GO, Verdict.OVERDUE)


@st.composite
def asked(draw: st.DrawFn) -> tuple[Plan, Timeline, int]:
    """A plan, a log of one customer, and an instant."""
    rhythm = Touch(due=Cadence(days(draw(st.integers(1, 9)))))
    plan = Plan(draw(testing.calendars()), call=rhythm, other=draw(testing.touches()))
    log = draw(testing.timelines(*(part.policy for rule in plan.rules.rules for part in (*rule.guards, *rule.duties))))
    return plan, log, draw(testing.instants())


@given(asked(), wishes)
def test_nothing_owed_happens_outside_the_hours_of_a_wish(given: tuple[Plan, Timeline, int], wish: Calendar) -> None:
    """Neither now nor at the instant to act at."""
    plan, log, now = given
    for decision in plan.review(log, to_moment(now), roster=[""], wishes={"": wish}):
        if decision.owes:
            assert decision.verdict not in ALLOWED or wish.is_open(to_moment(now))
            assert not ALWAYS < decision.act_us < NEVER or wish.is_open(to_moment(decision.act_us))


@given(asked(), wishes)
def test_a_wish_only_ever_narrows(given: tuple[Plan, Timeline, int], wish: Calendar) -> None:
    """What is allowed with a wish is allowed without it, and is due at the same time, under the same key."""
    plan, log, now = given
    with_it = plan.review(log, to_moment(now), roster=[""], wishes={"": wish}).decisions
    for one, other in zip(with_it, plan.review(log, to_moment(now), roster=[""]).decisions, strict=True):
        assert one.verdict not in ALLOWED or other.verdict in ALLOWED
        assert (one.due_us, one.opens_us, one.closes_us, one.key) == (
            other.due_us, other.opens_us, other.closes_us, other.key,
        )  # fmt: skip


@given(asked(), wishes, st.lists(testing.instants(), max_size=3))
def test_a_decision_under_a_wish_keeps_until_its_review(
    given: tuple[Plan, Timeline, int], wish: Calendar, later: list[int]
) -> None:
    """At any instant before `review_at` it is the same, and its reasons name the wish."""
    plan, log, now = given
    review = plan.review(log, to_moment(now), roster=[""], wishes={"": wish})
    soon = [review.review_us - 1, *later]
    for then in {us for us in soon if now < us < min(review.review_us, 10**16)}:
        assert plan.review(log, to_moment(then), roster=[""], wishes={"": wish}).decisions == review.decisions
    for decision in review:
        assert len(decision.codes) == len(decision.bounds)
