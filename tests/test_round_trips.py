"""Values: their repr builds them again, they travel to workers and into files, and equal ones give the same answers."""

from __future__ import annotations

import datetime
import inspect
import json
import pickle
from types import ModuleType
from typing import Any

import attrs
import numpy as np
import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

import carepolicy
from carepolicy import (
    Calendar,
    Event,
    Facts,
    Parties,
    Plan,
    Timeline,
    Which,
    answering,
    checks,
    days,
    elapsed,
    events,
    finding,
    folds,
    phrases,
    policy,
    question_sets,
    stretches,
    testing,
    threads,
    tier,
    working_days,
)
from carepolicy import decision as decisions
from carepolicy import reason as reasons
from carepolicy._instant import ALWAYS, NEVER, to_moment
from carepolicy._shipped import SHIPPED
from carepolicy.drift import Drift
from carepolicy.handover import document
from carepolicy.inattention import Inattention

CUSTOMERS = ("ann", "bob")
AT = "2026-03-02T09:00:00+00:00"
EXAMPLES: dict[str, Any] = {
    "Access": carepolicy.Access("head", 0.1, working_days(1)),
    "Account": carepolicy.Account("ann", owner="zoe", tier="gold", minutes=10),
    "Authority": carepolicy.Authority("lead", 100.0),
    "Bands": carepolicy.Bands(minor=2.0),
    "Completion": carepolicy.Completion("event", ("pickup", "repair")),
    "Expected": carepolicy.Expected.at(AT),
    "Fate": carepolicy.Fate.BEHIND,
    "Grid": carepolicy.Grid.every(days(14), start=AT),
    "Hole": carepolicy.Hole(since=AT, until="2026-03-03T09:00Z", customer="ann", rows=2),
    "Incomplete": carepolicy.Incomplete((carepolicy.Hole(since=AT, until="2026-03-03T09:00Z"),)),
    "Informed": carepolicy.Informed("billing", days(1), what="hold"),
    "Journey": carepolicy.Journey(
        customer="ann", case="c", guard=carepolicy.standard_guard("UTC"), longest=days(9),
        timeline=Timeline([Event(at=AT, kind="completed", case="c", customer="ann")]),
    ),
    "KeyStages": carepolicy.KeyStages((carepolicy.Stage("drive"),)),
    "Language": phrases.ENGLISH,
    "Level": carepolicy.Level("lead", "anna", elapsed(hours=2), repeats=1),
    "Low": carepolicy.Low(3.0, column="outcome"),
    "QuestionSet": carepolicy.QuestionSet("done", (question_sets.Question("how was it?", overall=True),)),
    "Candidate": carepolicy.Candidate("ann", 0.1, "gold", group="north"),
    "Conflict": carepolicy.Conflict("refinance", carepolicy.State("wreck", "incident", "completed"), "it is a wreck"),
    "GroupShare": carepolicy.GroupShare("north", 0.5),
    "Handover": carepolicy.Handover(
        customer="ann", case="c", to="zoe", at_us=1,
        promises=(document.Owed(what="w", by="b", to="c", role="us", made_us=1),),
    ),
    "HeldMessage": carepolicy.HeldMessage(name="offer", held_at=AT, lives=days(3), customer="ann"),
    "Names": carepolicy.Names("Ann", partners="Acme"),
    "PrintJob": carepolicy.PrintJob(AT, "2026-03-09T09:00Z"),
    "Spare": carepolicy.Spare(2, AT, "the suite"),
    "State": carepolicy.State("wreck", "incident", lasts=days(9)),
    "Taste": carepolicy.Taste(),
    "WordingRule": carepolicy.WordingRule("deflects", "not affiliated", "it sends them away", "say who helps"),
    "NeededItem": carepolicy.NeededItem("licence", "estimate", days(2)),
    "News": carepolicy.News(),
    "Option": carepolicy.Option("loan car", restores_by=elapsed(hours=2), cost=40.0),
    "Phrase": carepolicy.Phrase("tomorrow", "day", 1),
    "Promise": carepolicy.Promise(customer="ann", ref="tow", made_us=0, due_us=9, state="late"),
    "PromiseState": carepolicy.PromiseState.KEPT,
    "QuestionRule": carepolicy.QuestionRule("is well", "is everybody well?", when="incident"),
    "Roster": carepolicy.Roster([carepolicy.Account("ann"), "bob"]),
    "Rung": carepolicy.Rung("phone", other_time=True),
    "Sample": carepolicy.Sample(0.25, salt="march"),
    "Stage": carepolicy.Stage("drive"),
    "Stake": carepolicy.Stake("wedding", AT, 9.0),
    "Tier": carepolicy.Tier("gold", days(5), at_most=days(7)),
    "Trouble": carepolicy.Trouble("loss", days(9)),
    "Warnings": carepolicy.Warnings(),
}  # fmt: skip
"""One of each value that strategies do not draw; their laws stand with their modules."""


def names_of(*modules: ModuleType) -> dict[str, Any]:
    return {name: value for module in modules for name, value in vars(module).items() if not name.startswith("__")}


NAMES = {
    **names_of(
        datetime,
        pendulum,
        events,
        finding,
        reasons,
        decisions,
        policy,
        checks,
        folds,
        threads,
        answering,
        document,
        question_sets,
        stretches,
        tier,
    ),
    **{name: getattr(carepolicy, name) for name in carepolicy.__all__},
}

words = st.sampled_from(("", "ann", "c/1", "größer 'als' \"du\"", "a\nb\\", "x=1, y", "\x1f"))
whichs = st.builds(
    Which,
    st.lists(words, max_size=2),
    by=words,
    direction=words,
    conversation=st.booleans(),
    whole=st.booleans(),
    named=words,
)
wild_events = st.builds(
    lambda event, name, text, fact, extra: attrs.evolve(event, id=name, text=text, fact=fact, extra=extra),
    testing.events(customers=CUSTOMERS),
    words,
    words,
    words,
    st.dictionaries(words, words, max_size=2),
)
parties = st.builds(Parties, st.lists(words, max_size=2), words, words)
shipped_facts = st.one_of(testing.guards(joined=False), testing.duties(joined=False)).flatmap(
    lambda one: st.sampled_from(sorted(one.needs().values(), key=repr) or [carepolicy.last("survey")])
)
CHECKS: dict[type, tuple[Any, ...]] = {Drift: (days(9),), Inattention: (days(9),)}
shipped_checks = st.sampled_from([kind(*CHECKS.get(kind, ())) for kind in SHIPPED if hasattr(kind, "findings")])
facts = testing.duties(joined=False).flatmap(testing.facts)


@st.composite
def reviewed(draw: st.DrawFn) -> tuple[Plan, Timeline, Any]:
    """A plan, a log that it concerns, and a moment."""
    plan = draw(testing.plans())
    policies = [one for _, touch in plan.touches for one in (touch.due, touch.guard) if one is not None]
    return plan, draw(testing.timelines(*policies, customers=CUSTOMERS)), to_moment(draw(testing.instants()))


reviews = reviewed().map(lambda asked: asked[0].review(*asked[1:], roster=CUSTOMERS))
audits = reviewed().map(lambda asked: asked[0].audit(*asked[1:]))
values = {
    "Window": testing.windows(),
    "Span": testing.spans(least=-90),
    "Calendar": testing.calendars(),
    "Event": wild_events,
    "Timeline": st.builds(Timeline, st.lists(wild_events, max_size=3), complete_since=st.none() | testing.instants()),
    "Which": whichs,
    "Parties": parties,
    "Fact": shipped_facts,
    "Check": shipped_checks,
    "Facts": facts,
    "Guard": testing.guards(),
    "Duty": testing.duties(),
    "Touch": testing.touches(),
    "Plan": testing.plans(),
    "Review": reviews,
    "Worklist": reviews.map(lambda review: review.worklist(minutes=10)),
    "Contact": reviews.map(lambda review: review.contacts),
    "Decision": reviews.map(lambda review: review.decisions),
    "Reason": reviews.map(lambda review: [one.reasons for one in review]),
    "Verdict": st.sampled_from(carepolicy.Verdict),
    "Audit": audits,
    "Finding": audits.map(lambda audit: audit.findings),
    "Held": audits.map(lambda audit: audit.held),
    "Problem": audits.map(lambda audit: audit.problems),
    **{name: st.just(value) for name, value in EXAMPLES.items()},
}


def test_every_public_value_is_drawn() -> None:
    """No public class is left out: each is drawn by name, or is a policy or a check, which are drawn as such."""
    kinds = {n for n in carepolicy.__all__ if inspect.isclass(getattr(carepolicy, n))} - {"CarePolicyError", "Instant"}
    drawn = {*values, *(kind.__name__ for kind in SHIPPED)}
    policies = {n for n in kinds if issubclass(getattr(carepolicy, n), (carepolicy.Guard, carepolicy.Duty))}
    assert kinds - policies - drawn == set()


anything = st.sampled_from(sorted(values)).flatmap(lambda name: values[name])


@given(anything)
def test_repr_builds_it_again(value: Any) -> None:
    """`eval(repr(x)) == x`, for every public class."""
    again = eval(repr(value), dict(NAMES))
    assert again == value
    assert repr(again) == repr(value)


@given(anything)
def test_it_travels(value: Any) -> None:
    """Pickled and read back it is equal, so workers and caches can hold it."""
    again = pickle.loads(pickle.dumps(value))
    assert again == value
    assert repr(again) == repr(value)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_of_each_is_a_value(name: str) -> None:
    """Its repr builds it again, and it travels."""
    value = EXAMPLES[name]
    assert eval(repr(value), dict(NAMES)) == value == pickle.loads(pickle.dumps(value))


@given(st.one_of(*(values[name] for name in ("Calendar", "Event", "Which", "Fact", "Guard", "Duty", "Touch", "Plan"))))
def test_equal_values_have_one_hash(value: Any) -> None:
    """What equals can stand for one another in sets and as keys."""
    assert len({value, pickle.loads(pickle.dumps(value)), eval(repr(value), dict(NAMES))}) == 1


@given(testing.plans())
def test_plans_travel_as_files(plan: Plan) -> None:
    """TOML, JSON and plain data read back are equal, with the same version and the same words."""
    for again in (
        Plan.from_toml(plan.to_toml()),
        Plan.from_json(plan.to_json()),
        Plan.from_data(plan.to_data()),
        Plan.from_data(json.loads(json.dumps(plan.to_data()))),
    ):
        assert again == plan
        assert again.version == plan.version
        assert again.explain() == plan.explain()


@given(testing.plans(), st.data())
def test_the_order_of_joined_policies_makes_no_difference(plan: Plan, data: st.DataObject) -> None:
    """Equal plans have one version, and decide the same."""
    touches = {name: _turned(touch) for name, touch in plan.touches}
    turned = Plan(plan.calendar, name=plan.name, parties=plan.parties, checks=plan.checks, touches=touches)
    assert turned == plan
    assert turned.version == plan.version
    _, timeline, now = data.draw(reviewed())
    assert turned.review(timeline, now) == plan.review(timeline, now)


def _turned(touch: Any) -> Any:
    guard, due = touch.guard, touch.due
    if isinstance(guard, policy.AllOf):
        guard = policy.all_of(*reversed(guard.parts))
    if isinstance(due, policy.FirstOf):
        due = policy.first_of(*reversed(due.parts))
    return attrs.evolve(touch, guard=guard, due=due)


@given(reviewed())
def test_equal_plans_and_logs_give_equal_answers(asked: tuple[Plan, Timeline, Any]) -> None:
    """A plan from its file and a log from its repr decide and find what the first ones do."""
    plan, timeline, now = asked
    again, log = Plan.from_toml(plan.to_toml()), eval(repr(timeline), dict(NAMES))
    assert again.review(log, now) == plan.review(timeline, now)
    assert again.audit(log, now) == plan.audit(timeline, now)


@given(testing.calendars(), testing.instants(), testing.spans(least=-7))
def test_equal_calendars_count_alike(calendar: Calendar, at: int, span: Any) -> None:
    """Rebuilt from plain data, it is equal and gives the same times."""
    again = Calendar.from_data(calendar.to_data())
    assert again == calendar
    assert again.add(to_moment(at), span) == calendar.add(to_moment(at), span)


@given(wild_events)
def test_an_event_without_an_id_is_named_by_its_content(event: Event) -> None:
    """So that the same row read twice is one event."""
    nameless = attrs.evolve(event, id="")
    assert nameless == attrs.evolve(event, id="")
    assert nameless.id != ""


def test_columns_of_facts_are_shown_as_they_are() -> None:
    """ALWAYS and NEVER by name, and arrays as numpy shows them."""
    assert repr(Facts(left=ALWAYS, sold=NEVER)) == "Facts(left=ALWAYS, sold=NEVER)"
    column = Facts.of(Calendar.always("Europe/Paris"), {"left": np.array([1, 2])})
    assert repr(column) == "Facts(Calendar.always(zone='Europe/Paris'), left=array([1, 2]))"
