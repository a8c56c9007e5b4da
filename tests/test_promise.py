"""Promises and estimates: each by itself, replaced by a later one, settled or passed."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from carepolicy import EstimateCurrent, Event, Parties, PromiseKept, Timeline, Verdict, days, elapsed
from carepolicy.errors import InvalidPolicyError
from carepolicy.promise import FollowUp, Promise, PromiseState, TellOfSlip
from carepolicy.testing import check_policy

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


def talk(day: int, **words: Any) -> Event:
    said = {"channel": "phone", "outcome": "conversation", "direction": "outbound", "party": "agent", "ref": ""}
    return on(day, "contact", **{**said, **words})


class TestPromise:
    """One promise, with what has become of it."""

    promise = Promise(made_us=0, due_us=86_400_000_000, state="open", zone="Europe/Paris", by="shop")

    def test_speaks_of_instants_in_its_zone(self) -> None:
        assert (str(self.promise.made), str(self.promise.due)) == (
            "1970-01-01 01:00:00+01:00",
            "1970-01-02 01:00:00+01:00",
        )
        assert self.promise.settled is None
        assert self.promise.outstanding
        assert self.promise.state is PromiseState.OPEN

    def test_has_no_other_state(self) -> None:
        with pytest.raises(ValueError, match="'lost' is not a valid PromiseState"):
            Promise(made_us=0, state="lost")


class TestTellOfSlip:
    """The customer hears of a slip when it is known, not when the promise breaks."""

    promise = on(1, "promise", 12)
    policy = TellOfSlip(days(2))

    def test_is_due_from_when_the_estimate_passes_the_promise(self) -> None:
        decision = self.policy.decide(Timeline([self.promise, on(5, "estimate", 20)]), "2026-03-06T09:00Z")
        assert (decision.verdict, str(decision.due)[:10]) == (Verdict.GO, "2026-03-07")
        assert verdict(self.policy, self.promise, on(5, "estimate", 20)) == ("overdue", "07")
        assert verdict(self.policy, self.promise, on(5, "estimate", 12)) == ("wait", "-")
        assert verdict(self.policy, self.promise, on(5, "estimate")) == ("wait", "-")
        assert verdict(self.policy, self.promise, on(5, "estimate", 20, ref="s")) == ("wait", "-")

    def test_is_due_by_the_promised_date_at_the_latest(self) -> None:
        assert verdict(TellOfSlip(days(20)), self.promise, on(5, "estimate", 20)) == ("go", "12")
        assert verdict(TellOfSlip(days(4)), on(1, "promise", 8), on(9, "estimate", 20)) == ("go", "13")

    def test_a_promise_given_against_the_estimate_is_one(self) -> None:
        assert verdict(self.policy, on(2, "estimate", 20), on(9, "promise", 12)) == ("go", "11")

    def test_an_estimate_of_what_was_settled_is_none(self) -> None:
        again = (on(5, "estimate", 20), on(6, "kept"), on(7, "promise", 12))
        assert verdict(self.policy, self.promise, *again) == ("wait", "-")

    def test_an_estimate_of_the_whole_case_passes_the_promise_of_its_completion(self) -> None:
        done, whole = attrs.evolve(self.promise, purpose="completion"), on(5, "estimate", 20, ref="")
        assert verdict(self.policy, done, whole) == ("overdue", "07")
        assert verdict(self.policy, attrs.evolve(done, ref=""), whole) == ("overdue", "07")
        assert verdict(self.policy, self.promise, whole) == ("wait", "-")
        assert verdict(TellOfSlip(days(2), completion="handover"), done, whole) == ("wait", "-")
        assert verdict(self.policy, done, on(5, "estimate", 12, ref="")) == ("wait", "-")
        assert verdict(self.policy, done, on(5, "estimate", ref="")) == ("wait", "-")
        for over in (
            talk(6),
            on(6, "completed", ref=""),
            on(6, "kept"),
            on(6, "promise", 12),
            on(6, "estimate", 12, ref=""),
        ):
            assert verdict(self.policy, done, whole, over) == ("wait", "-")
        assert verdict(self.policy, done, on(4, "estimate", 15), talk(5), on(6, "estimate", 11, ref="")) == (
            "wait",
            "-",
        )
        assert verdict(self.policy, done, on(4, "estimate", 15), talk(5), on(7, "estimate", 20, ref="")) == (
            "overdue",
            "09",
        )

    @pytest.mark.parametrize(
        "word",
        [
            talk(6),
            talk(6, direction="inbound"),
            talk(6, channel="email", outcome="delivered", purpose="update"),
            on(6, "promise", 22),
            on(6, "kept"),
            on(6, "withdrawn"),
            on(6, "estimate", 11),
        ],
    )
    def test_word_after_it_ends_it(self, word: Event) -> None:
        assert verdict(self.policy, self.promise, on(5, "estimate", 20), word) == ("wait", "-")

    @pytest.mark.parametrize(
        "word",
        [talk(4), talk(6, outcome="voicemail"), talk(6, channel="email", outcome="delivered"), talk(6, case="d")],
    )
    def test_other_words_do_not(self, word: Event) -> None:
        assert verdict(self.policy, self.promise, on(5, "estimate", 20), word) == ("overdue", "07")

    def test_keeps_the_laws_and_says_what_it_is(self) -> None:
        check_policy(self.policy, examples=30)
        assert TellOfSlip().explain() == (
            "word to the customer within 2 elapsed hours once an estimate passes what was promised"
        )
        with pytest.raises(
            InvalidPolicyError, match=r"^within points backward or nowhere: 0 days; use a span of at least 1$"
        ):
            TellOfSlip(days(0))
        with pytest.raises(
            InvalidPolicyError, match=r"^completion names no purpose: \(\); name one, such as 'completion'$"
        ):
            TellOfSlip(completion=())


class TestFollowUp:
    """What a third party promised our customer is followed up."""

    promise = on(1, "promise", 12, party="shop")
    policy = FollowUp(ahead=days(3), after=days(1))

    def said(self, now: str, *events: Event) -> tuple[str, str]:
        decision = self.policy.decide(Timeline([self.promise, *events]), now, parties=parties)
        return decision.verdict.value, str(decision.due)[8:10] if decision.due else "-"

    def test_they_are_asked_before_their_date(self) -> None:
        asked = talk(9, purpose="follow_up", id="ask", channel="email")
        assert self.said("2026-03-08T09:00Z") == ("wait", "12")
        assert self.said("2026-03-10T09:00Z") == ("go", "12")
        assert self.said("2026-03-13T09:00Z") == ("overdue", "12")
        assert self.said("2026-03-10T09:00Z", attrs_at(asked, "2026-03-09T18:00Z")) == ("wait", "13")

    def test_once_the_date_has_passed_the_customer_is_told(self) -> None:
        asked = attrs_at(talk(9, purpose="follow_up", id="ask"), "2026-03-10T09:00Z")
        assert self.said("2026-03-13T09:00Z", asked) == ("go", "13")
        assert self.said("2026-03-14T09:00Z", asked) == ("overdue", "13")
        assert self.said("2026-03-14T09:00Z", asked, talk(13)) == ("wait", "-")
        assert self.said("2026-03-14T09:00Z", asked, on(12, "kept", party="shop")) == ("wait", "-")

    def test_our_own_promises_are_not_followed_up(self) -> None:
        ours = on(1, "promise", 9, party="agent")
        assert verdict(FollowUp(), ours) == ("wait", "-")
        assert verdict(FollowUp(by="agent"), ours) == ("overdue", "09")

    def test_a_promise_given_late_is_followed_up_from_then(self) -> None:
        policy = FollowUp(ahead=days(30))
        decision = policy.decide(Timeline([self.promise]), "2026-03-01T10:00Z", parties=parties)
        assert (decision.verdict, str(decision.act_at)[:10]) == (Verdict.GO, "2026-03-01")

    def test_keeps_the_laws_and_says_what_it_is(self) -> None:
        check_policy(FollowUp(by="dealer", after=elapsed(hours=0)), examples=30)
        assert FollowUp().explain() == (
            "what a third party promised is followed up by its date, and the customer is told"
        )


def attrs_at(event: Event, at: str) -> Event:
    return attrs.evolve(event, at=at)
