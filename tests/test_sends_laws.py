"""Plans of sends: the same however they are asked for, stable until they say, and never against a guard."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import (
    Calendar,
    JourneyComplete,
    QuietHours,
    RestBetween,
    StillFresh,
    SurveyCap,
    Timeline,
    days,
)
from carepolicy._instant import HOUR, NEVER, to_micros, to_moment
from carepolicy.events import Event
from carepolicy.journey import Fate, Journey, SendPlan
from carepolicy.quarantine import OncePerStage
from carepolicy.sends import plan_sends

DENVER = Calendar.always("America/Denver")
CASES, PERSONS = ("c1", "c2"), ("", "anna", "ben")
GUARDS = (
    JourneyComplete() & RestBetween(days(3)),
    JourneyComplete(days(1)) & StillFresh(days(7)) & SurveyCap(2, days(7)) & QuietHours("America/Denver"),
    JourneyComplete() & RestBetween(days(7), person="same") & OncePerStage(),
    JourneyComplete(days(2)) & RestBetween(days(1)) & QuietHours("Europe/Paris"),
)
KINDS = ("completed", "completed", "completed", "survey", "reopened", "estimate", "opened", "answer")


CHANGE = to_micros("2026-03-08T00:00-07:00")
instants = st.integers(-16, 16).map(lambda half: CHANGE + half * 12 * HOUR)
"""Noon and midnight of the days around a clock change: so near that most journeys are asked about."""


@st.composite
def logs(draw: st.DrawFn) -> Timeline:
    """What is known of two customers, late and doubled."""
    kinds, cases = st.sampled_from(KINDS), st.sampled_from(CASES)
    some = st.builds(
        lambda at, recorded, due, kind, case, customer, person: Event(
            at=at, recorded_at=recorded, due=due, kind=kind, case=case, customer=customer, person=person
        ),
        instants, st.none() | instants, instants, kinds, cases,
        st.sampled_from(("ann", "bob")), st.sampled_from(PERSONS),
    )  # fmt: skip
    return Timeline(draw(st.lists(some, min_size=1, max_size=8)))


@st.composite
def many(draw: st.DrawFn) -> list[Journey]:
    """Journeys of two customers, several persons each."""
    log = draw(logs())
    return draw(
        st.lists(
            st.builds(
                Journey, customer=st.sampled_from(("ann", "bob")), case=st.sampled_from(CASES), timeline=st.just(log),
                guard=st.sampled_from(GUARDS), person=st.sampled_from(PERSONS), priority=st.integers(0, 2),
                longest=st.sampled_from((None, days(7))), then=st.sampled_from(("redirect", "suppress")),
            ),
            min_size=1,
            max_size=4,
            unique_by=lambda j: j.name,
        )
    )  # fmt: skip


spreads = st.sampled_from((None, days(1)))


def shape(plan: SendPlan) -> Any:
    """All that a host acts on."""
    judged = [(j.journey.name, j.fate, j.key, j.at_us, j.before_us, j.behind) for j in plan.judged]
    return judged, [(a.at_us, a.before_us, a.keys) for a in plan.asks]


@given(many(), instants, spreads, st.data())
def test_order_and_duplicates_never_matter(journeys: list[Journey], now: int, spread: Any, data: st.DataObject) -> None:
    """The journeys in any order, handed in twice: the same messages, and no second one."""
    at = to_moment(now)
    plan = plan_sends(journeys, at, calendar=DENVER, spread=spread)
    again = data.draw(st.permutations([*journeys, *journeys[:2]]))
    doubled = plan_sends(again, at, calendar=DENVER, spread=spread)
    assert shape(doubled)[1] == shape(plan)[1]
    assert [row for row in shape(doubled)[0] if row[1] != Fate.DUPLICATE] == shape(plan)[0]
    assert doubled.coverage.journeys == len(again)


@given(many(), instants, spreads, st.lists(instants, max_size=4))
def test_a_plan_holds_until_its_review(journeys: list[Journey], now: int, spread: Any, later: list[int]) -> None:
    """For every u in [now, review_at) the plan made at u is the one made at now, the last instant included."""
    plan = plan_sends(journeys, to_moment(now), calendar=DENVER, spread=spread)
    assert plan.review_us > now
    last = [plan.review_us - 1] if plan.review_us < NEVER else []
    for u in (*later, *last):
        if now < u < plan.review_us:
            assert shape(plan_sends(journeys, to_moment(u), calendar=DENVER, spread=spread)) == shape(plan)


@given(many(), instants, spreads)
def test_what_was_not_known_changes_nothing(journeys: list[Journey], now: int, spread: Any) -> None:
    """The future of the log may bound the review, and nothing else."""
    known = [attrs.evolve(j, timeline=j.timeline.as_of(to_moment(now))) for j in journeys]
    at = to_moment(now)
    assert shape(plan_sends(known, at, calendar=DENVER, spread=spread)) == shape(
        plan_sends(journeys, at, calendar=DENVER, spread=spread)
    )


@given(many(), instants, spreads)
def test_no_message_goes_against_a_guard(journeys: list[Journey], now: int, spread: Any) -> None:
    """Sent at their instants, one after the other, no message breaks a guard of any journey that it asks about."""
    plan = plan_sends(journeys, to_moment(now), calendar=DENVER, spread=spread)
    for place, ask in enumerate(plan.asks):
        sent = [survey(part, max(e.at_us, now)) for e in plan.asks[:place] for part in e.parts]
        for part in ask.parts:
            j = part.journey
            known = Timeline([*(e for e in j.timeline.recordings if e.visible_us <= now), *sent])
            own = attrs.evolve(j, timeline=known)
            (judged,) = plan_sends([own], to_moment(max(ask.at_us, now)), calendar=DENVER).judged
            assert judged.fate == Fate.ASK


def survey(part: Any, at: int) -> Event:
    j = part.journey
    return Event(
        at=at, kind="survey", customer=j.customer, case=j.case, person=j.person, purpose=j.survey, id=f"sent {part.key}"
    )


@given(many(), instants)
def test_every_journey_has_one_fate(journeys: list[Journey], now: int) -> None:
    """The coverage adds up, and every message has its journeys."""
    plan = plan_sends(journeys, to_moment(now), calendar=DENVER)
    assert sorted(j.journey.name for j in plan.judged) == sorted(j.name for j in journeys)
    assert plan.coverage.journeys == len(journeys)
    assert sum(len(ask.parts) for ask in plan.asks) == len(plan.of(Fate.ASK, Fate.PLANNED))
    assert len(plan.of(Fate.ASK, Fate.PLANNED, Fate.ASKED)) == plan.coverage.asked
