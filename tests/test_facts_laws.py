"""Facts: folds merge in any order and survive re-delivery, and kept facts decide as the log does."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Event, Facts, Parties, Plan, Timeline, Which, testing
from carepolicy._instant import ALWAYS, NEVER, to_moment
from carepolicy._laws import check_declarations, check_folds
from carepolicy.facts import SCOPES, Fact
from carepolicy.folds import First, KthLatest, Last
from carepolicy.state import Folded, Folding
from carepolicy.threads import EarliestOpen, Intervals, LastWhile

KINDS = ("survey", "promise", "kept", "withdrawn", "opened", "closed", "paused", "resumed", "contact", "estimate")
CUSTOMERS = ("ann", "bob")

kinds = st.sets(st.sampled_from(KINDS), min_size=1, max_size=3).map(sorted)
which = st.builds(
    Which,
    kinds,
    by=st.sampled_from(("", "us", "them", "customer", "dealer")).map(lambda word: (word,) if word else ()),
    whole=st.booleans(),
    conversation=st.booleans(),
)
scopes = st.sampled_from(SCOPES)
missing = st.sampled_from((ALWAYS, NEVER))
gives = st.sampled_from(("at", "due"))
folds: st.SearchStrategy[Any] = st.one_of(
    st.builds(Last, which, scope=scopes, missing=missing, gives=gives, of_candidate=st.booleans()),
    st.builds(First, which, scope=scopes, missing=missing),
    st.builds(KthLatest, which, k=st.integers(1, 4), scope=scopes, missing=missing),
    st.builds(EarliestOpen, which, until=kinds, scope=scopes, missing=missing, gives=gives),
    st.builds(LastWhile, which, ahead=kinds, scope=scopes, missing=missing),
    st.builds(Intervals, which, until=kinds, scope=scopes, missing=missing),
)


@attrs.frozen
class Asking:
    """As much of a policy as has facts."""

    declared: tuple[Fact, ...]

    def needs(self) -> dict[str, Fact]:
        """The facts by name."""
        return {f"fact_{number}": fact for number, fact in enumerate(self.declared)}


asking = st.builds(lambda some: Asking(tuple(some)), st.lists(folds, min_size=1, max_size=3))


@given(asking, st.data())
def test_every_fold_comes_to_the_same_however_it_is_fed(asked: Asking, data: st.DataObject) -> None:
    """In any order, re-delivered, merged from parts, pickled; and no step changes a state in place."""
    log = _log(data, asked)
    check_declarations(asked)
    check_folds(asked, log, _again(data, log), data.draw(st.integers(0, len(log))))


@given(asking, st.data())
def test_folded_one_by_one_equals_folded_at_once(asked: Asking, data: st.DataObject) -> None:
    """For every customer, case, reference and party of a log."""
    folding, log = Folding(asked.needs(), Parties(partners=["dealer"])), _log(data, asked)
    whole, one_by_one = folding.fold(log), folding.fold(())
    for event in _again(data, log):
        one_by_one = one_by_one.add(event)
    assert _values(one_by_one) == _values(whole)
    assert _values(folding.fold(_again(data, log))) == _values(whole)


@given(asking, st.data())
def test_a_log_may_be_split_anywhere(asked: Asking, data: st.DataObject) -> None:
    """Merged parts come to the whole, whichever comes first, and however they overlap."""
    folding, log = Folding(asked.needs()), _log(data, asked)
    inside = data.draw(st.lists(st.booleans(), min_size=len(log), max_size=len(log)))
    part = folding.fold([e for e, into in zip(log, inside, strict=True) if into])
    rest = folding.fold([e for e, into in zip(log, inside, strict=True) if not into])
    whole = folding.fold(log)
    for merged in (part.merge(rest), rest.merge(part), part.merge(whole), whole.merge(rest), whole.merge(whole)):
        assert _values(merged) == _values(whole)


@given(testing.plans(), st.data())
def test_kept_facts_decide_as_the_log_does(plan: Plan, data: st.DataObject) -> None:
    """Facts folded at one instant and brought up to date to a later one give the review of the log at the later."""
    timeline = _of_plan(data, plan)
    kept_at, now = sorted((data.draw(testing.instants()), data.draw(testing.instants())))
    kept = plan.fold(timeline, to_moment(kept_at))
    assert plan.review(kept, to_moment(now)) == plan.review(timeline, to_moment(now))


@given(testing.plans(), st.data())
def test_events_added_as_they_arrive_decide_as_the_log_does(plan: Plan, data: st.DataObject) -> None:
    """One event at a time, in the order of arrival or any other, some of them twice."""
    timeline = _of_plan(data, plan)
    now = to_moment(max((e.visible_us for e in timeline.events), default=0))
    state = plan.rules.folding.fold(())
    for event in _again(data, list(timeline.events)):
        state = state.add(event)
    assert plan.review(state, now) == plan.review(timeline, now)


@given(testing.plans(), st.data())
def test_facts_speak_of_instants_of_events(plan: Plan, data: st.DataObject) -> None:
    """Every fact is ALWAYS, NEVER, or an instant that stands in the log."""
    timeline = _of_plan(data, plan)
    said = {ALWAYS, NEVER} | {t for e in timeline.events for t in (e.at_us, e.due_us)}
    folded = plan.rules.folding.fold(timeline.events)
    for values in _values(folded).values():
        assert set(values.values()) <= said


@given(st.dictionaries(st.sampled_from(["left", "sold"]), testing.known(), min_size=1))
def test_facts_are_what_they_are_given(values: dict[str, int]) -> None:
    """By name, equal to others of the same values, and unchangeable."""
    facts = Facts(**values)
    assert facts.known() == values
    assert facts == Facts(**values)


def _log(data: st.DataObject, asked: Any) -> list[Event]:
    return list(data.draw(testing.timelines(asked, customers=CUSTOMERS)).events)


def _again(data: st.DataObject, log: list[Event]) -> list[Event]:
    """The same events in another order, some of them twice."""
    return data.draw(st.permutations([*log, *log[:2]]))


def _of_plan(data: st.DataObject, plan: Plan) -> Timeline:
    """A log without corrections, which need a refold."""
    policies = [policy for _, touch in plan.touches for policy in (touch.due, touch.guard) if policy is not None]
    return data.draw(testing.timelines(*policies, customers=CUSTOMERS, corrections=False))


def _values(folded: Folded) -> dict[Any, dict[str, int]]:
    return {(scope, unit): folded.values(unit) for scope in SCOPES for unit in folded.of_scope(scope)}
