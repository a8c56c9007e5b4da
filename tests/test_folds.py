"""Folds: the latest, the first, the k-th latest, what is still open; in any order and more than once."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from carepolicy import (
    ALWAYS,
    NEVER,
    Event,
    Fact,
    Parties,
    Which,
    earliest_open,
    first,
    intervals,
    kth_latest,
    last,
    latest_estimate,
)
from carepolicy.errors import InvalidPolicyError
from carepolicy.folds import which_of
from carepolicy.threads import EarliestOpen, LastWhile


def on(day: int, kind: str, due: int | None = None, **words: str) -> Event:
    end = None if due is None else f"2026-03-{due:02}T09:00Z"
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, due=end, **words)  # type: ignore[arg-type]


def role_of(fact: Fact, event: Event) -> int:
    return sum(any(w.matches(event, Parties()) for w in group) << n for n, group in enumerate(fact.conditions()))


def day(micros: int) -> int | str:
    if not ALWAYS < micros < NEVER:
        return "always" if micros == ALWAYS else "never"
    return int(Event(at=micros, kind="x").at.day)


def folded(fact: Any, *events: Event) -> Any:
    """The value in every order, doubled, and merged of two parts: they must all agree."""
    fed = [(e, role) for e in events if (role := role_of(fact, e))]
    states = []
    for order in itertools.permutations(fed):
        state = fact.start()
        for event, role in (*order, *order):
            state = fact.step(state, event, role)
        states.append(state)
    for cut in range(len(fed) + 1):
        parts = []
        for part in (fed[:cut], fed[cut:]):
            state = fact.start()
            for event, role in part:
                state = fact.step(state, event, role)
            parts.append(state)
        states += [fact.merge(*parts), fact.merge(*parts[::-1])]
    assert all(state == states[0] for state in states)
    return states[0]


def value(fact: Any, *events: Event) -> int | str:
    return day(fact.value(folded(fact, *events)))


class TestLast:
    """The latest of some events, or by when it falls due."""

    def test_is_the_latest(self) -> None:
        assert value(last("sold"), on(3, "sold"), on(5, "sold"), on(4, "sold"), on(9, "left")) == 5
        assert value(last("sold", "left"), on(3, "sold"), on(9, "left")) == 9

    def test_gives_its_due_date(self) -> None:
        assert value(last("promise", gives="due"), on(3, "promise", 20), on(5, "promise", 10)) == 10

    def test_of_nothing_is_missing(self) -> None:
        assert value(last("sold")) == "always"
        assert value(last("sold", missing=NEVER)) == "never"

    def test_by_whom(self) -> None:
        calls = [on(3, "contact", party="agent"), on(4, "contact", party="customer")]
        assert value(last(Which("contact"), by="us"), *calls) == 3
        assert last("contact", by=("us", "partner")).which == (Which("contact", by=("us", "partner")),)

    def test_estimates_are_those_of_the_whole(self) -> None:
        estimates = [on(3, "estimate", 20), on(4, "estimate", 9, ref="part")]
        assert value(latest_estimate(), *estimates) == 20
        assert value(latest_estimate()) == "never"


class TestFirst:
    """The first of some events."""

    def test_is_the_earliest(self) -> None:
        assert value(first("sold"), on(5, "sold"), on(3, "sold"), on(1, "left")) == 3
        assert value(first("contact", by="us"), on(2, "contact", party="customer"), on(5, "contact")) == 5

    def test_of_nothing_is_missing(self) -> None:
        assert value(first("sold")) == "never"


class TestKthLatest:
    """At most k in a while is the k-th latest plus that while."""

    @pytest.mark.parametrize(("k", "answer"), [(1, 6), (2, 5), (3, 3), (4, "always")])
    def test_counts_back_from_the_latest(self, k: int, answer: int | str) -> None:
        assert value(kth_latest("survey", k=k), on(5, "survey"), on(3, "survey"), on(6, "survey")) == answer

    def test_is_at_least_the_first(self) -> None:
        with pytest.raises(InvalidPolicyError, match="k must be at least 1, got 0"):
            kth_latest("survey", k=0)


class TestEarliestOpen:
    """The earliest of what was opened and has not ended."""

    promises = (on(1, "promise", 20, ref="a"), on(2, "promise", 15, ref="b"), on(3, "promise", 15, ref="a", case="x"))

    def test_gives_the_earliest_due_date(self) -> None:
        assert value(earliest_open(), *self.promises) == 15
        assert value(earliest_open(gives="at"), *self.promises) == 1

    def test_forgets_what_ended(self) -> None:
        ended = (on(4, "kept", ref="b"), on(5, "withdrawn", ref="a", case="x"))
        assert value(earliest_open(), *self.promises, *ended) == 20
        assert value(earliest_open(), *self.promises[1:], *ended) == "never"

    def test_a_later_opening_of_the_same_replaces_it(self) -> None:
        assert value(earliest_open(), on(1, "promise", 10), on(3, "promise", 20)) == 20
        assert value(earliest_open(), on(1, "promise", 10), on(2, "kept"), on(3, "promise", 20)) == 20

    def test_an_end_without_an_opening_is_nothing(self) -> None:
        assert value(earliest_open(), on(2, "kept")) == "never"

    def test_an_event_may_end_one_and_open_the_next(self) -> None:
        fact = EarliestOpen("handed", until=("handed", "closed"), gives="at")
        assert role_of(fact, on(1, "handed")) == 3
        assert value(fact, on(1, "handed")) == "never"


class TestLastWhile:
    """The last talk in which a date lay ahead that had been stated."""

    fact = LastWhile("contact", ahead=["promise", "estimate"])

    def test_is_the_last_before_the_date_passed(self) -> None:
        talks = (on(2, "contact"), on(5, "contact"), on(8, "contact"))
        assert value(self.fact, on(1, "estimate", 6), *talks) == 5
        assert value(self.fact, on(3, "estimate", 6), on(2, "contact")) == "always"

    def test_the_latest_date_counts(self) -> None:
        assert value(self.fact, on(1, "estimate", 20), on(2, "promise", 3), on(5, "contact")) == "always"
        assert value(self.fact, on(1, "estimate", 3), on(4, "promise", 9), on(5, "contact")) == 5

    def test_a_date_that_was_not_said_is_none(self) -> None:
        assert value(self.fact, on(1, "promise"), on(5, "contact")) == "always"


class TestIntervals:
    """The stretches between two kinds of event, each reference by itself."""

    def test_are_paired_by_reference(self) -> None:
        fact = intervals()
        state = folded(
            fact,
            on(1, "paused"),
            on(2, "paused", ref="r"),
            on(3, "resumed"),
            on(4, "paused"),
            on(5, "resumed", ref="r"),
        )
        assert [(day(a), day(b)) for a, b in fact.stretches(state)] == [(1, 3), (2, 5), (4, "never")]
        assert day(fact.value(state)) == 4

    def test_each_case_of_a_customer_by_itself(self) -> None:
        fact = intervals(scope="customer")
        state = folded(fact, on(1, "paused", case="a"), on(2, "paused", case="b"), on(3, "resumed", case="a"))
        assert [(day(a), day(b)) for a, b in fact.stretches(state)] == [(1, 3), (2, "never")]

    def test_a_second_pause_and_a_lone_resumption_change_nothing(self) -> None:
        fact = intervals("paused", "resumed")
        state = folded(fact, on(1, "resumed"), on(2, "paused"), on(3, "paused"), on(5, "resumed"))
        assert [(day(a), day(b)) for a, b in fact.stretches(state)] == [(2, 5)]
        assert day(fact.value(state)) == "never"


class TestDeclaring:
    """Conditions are `Which`, kinds by name, or several."""

    def test_conditions(self) -> None:
        assert which_of("sold") == (Which("sold"),)
        assert which_of(["sold", Which("left")]) == (Which("sold"), Which("left"))
        assert eval(repr(last("sold")), {"Last": type(last("x")), "Which": Which}) == last("sold")

    def test_a_scope_that_is_none(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match="scope is not known: 'claim'; use one of customer, case, ref, par"
        ):
            last("sold", scope="claim")

    @pytest.mark.parametrize("fact", [last("a"), first("a"), kth_latest("a", k=1), earliest_open(), intervals()])
    def test_only_the_latest_may_speak_of_the_message_itself(self, fact: Fact) -> None:
        assert fact.of_candidate is False
        assert last("survey", of_candidate=True).of_candidate
