"""Promises and estimates: each by itself, replaced by a later one, settled or passed."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import EstimateCurrent, Event, Parties, PromiseKept, Timeline, Verdict

NOW = "2026-03-10T09:00Z"
parties = Parties(partners="shop")


def on(day: int, kind: str, due: int | None = None, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T17:00Z"
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, due=by, **{"case": "c", "ref": "r", **words})


def verdict(policy: Any, *events: Event) -> tuple[str, str]:
    decision = policy.decide(Timeline(events), NOW, parties=parties)
    return decision.verdict.value, str(decision.due)[8:10] if decision.due else "-"


class TestPromiseKept:
    """A promise is kept by its date, or withdrawn before."""

    def test_is_owed_from_when_it_was_given_until_it_is_settled(self) -> None:
        assert verdict(PromiseKept(), on(1, "promise", 12)) == ("go", "12")
        assert verdict(PromiseKept(), on(1, "promise", 9)) == ("overdue", "09")
        assert verdict(PromiseKept(), on(1, "promise", 9), on(4, "kept")) == ("wait", "-")
        assert verdict(PromiseKept(), on(1, "promise", 9), on(4, "withdrawn")) == ("wait", "-")

    def test_a_later_one_of_the_same_reference_replaces_it(self) -> None:
        assert verdict(PromiseKept(), on(1, "promise", 9), on(2, "promise", 15)) == ("go", "15")
        assert verdict(PromiseKept(), on(1, "promise", 9), on(4, "kept"), on(5, "promise", 15)) == ("go", "15")

    def test_each_is_judged_by_itself(self) -> None:
        log = Timeline([on(1, "promise", 9), on(1, "promise", 8, ref="s"), on(2, "kept", ref="s")])
        assert PromiseKept().decide(log, NOW, ref="r").verdict == Verdict.OVERDUE
        assert PromiseKept().decide(log, NOW, ref="s").verdict == Verdict.WAIT

    def test_without_a_date_is_owed_but_never_due(self) -> None:
        decision = PromiseKept().decide(Timeline([on(1, "promise")]), NOW)
        assert (decision.verdict, decision.owes) == (Verdict.GO, False)
        assert decision.reasons[0].text == "a promise is kept by its date: owed, but nobody said by when"

    def test_counts_only_whose_it_is(self) -> None:
        assert verdict(PromiseKept(), on(1, "promise", 9, party="shop")) == ("overdue", "09")
        assert verdict(PromiseKept(by="us"), on(1, "promise", 9, party="shop")) == ("wait", "-")
        assert verdict(PromiseKept(), on(1, "promise", 9, party="customer")) == ("wait", "-")

    def test_kept_again_and_again_has_one_key_per_promise(self) -> None:
        log = [on(1, "promise", 9), on(2, "promise", 15)]
        keys = {PromiseKept().decide(Timeline(log[:n]), NOW).key for n in (1, 2)}
        assert len(keys) == 2
        assert PromiseKept().decide(Timeline(log[:1]), "2026-03-09T20:00Z").key in keys


class TestEstimateCurrent:
    """While work is not complete, an estimate that has not passed is in force."""

    def test_is_due_when_it_passes(self) -> None:
        assert verdict(EstimateCurrent(), on(1, "estimate", 12)) == ("wait", "12")
        assert verdict(EstimateCurrent(), on(1, "estimate", 9)) == ("overdue", "09")
        assert verdict(EstimateCurrent(), on(1, "estimate", 9), on(5, "estimate", 20)) == ("wait", "20")

    @pytest.mark.parametrize("kind", ["completed", "closed", "withdrawn"])
    def test_ends_with_the_work(self, kind: str) -> None:
        assert verdict(EstimateCurrent(), on(1, "estimate", 9), on(5, kind)) == ("wait", "-")
        assert verdict(EstimateCurrent(), on(1, "estimate", 9), on(5, kind, ref="s")) == ("overdue", "09")

    def test_counts_only_whose_it_is(self) -> None:
        assert verdict(EstimateCurrent(by="shop"), on(1, "estimate", 9)) == ("wait", "-")
        assert EstimateCurrent().explain() == "a new estimate by the time that the old one passes"
