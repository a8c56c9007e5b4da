"""Questions: what is worth asking, and what the customer has told already."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Event, Parties, Timeline, Which
from carepolicy.errors import InvalidPolicyError
from carepolicy.questions import QUESTIONS, QuestionRule, Questions, questions_for

parties = Parties(ours=["office"], partners=["shop"])


def on(day: int, kind: str, due: int | None = None, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T09:00Z"
    usual = {"id": f"{kind}{day}", "case": "c", "party": "shop"}
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, due=by, **{**usual, **words})


def told(day: int, fact: str, **words: Any) -> Event:
    return on(day, "told", **{"fact": fact, "party": "customer", **words})


def ask(*events: Event, day: int = 30, **options: Any) -> Questions:
    return questions_for(Timeline(events), f"2026-03-{day:02}T12:00Z", parties=parties, **options)


def facts(*events: Event, day: int = 30) -> list[str]:
    return [question.fact for question in ask(*events, day=day)]


class TestWell:
    """After an incident: the driver first."""

    def test_is_asked_first(self) -> None:
        (question,) = ask(on(2, "incident", party="customer"))
        assert question.text == "Are you well, and is everybody else who was there?"
        assert (question.case, question.ref, question.why) == ("c", "", ("incident2",))
        assert (str(question.since)[:10], question.asked) == ("2026-03-02", None)

    def test_is_not_asked_of_whom_told_it(self) -> None:
        assert facts(on(2, "incident"), told(2, "well")) == []
        assert facts(on(2, "incident"), told(3, "well", case="")) == []

    def test_is_asked_again_after_another_incident(self) -> None:
        assert facts(on(2, "incident"), told(3, "well"), on(5, "incident")) == ["well"]
        assert facts(on(2, "incident"), told(3, "well", case="other"), told(3, "name", id="x")) == ["well"]


class TestIsBack:
    """What was to be complete."""

    estimate = on(2, "estimate", 10)

    def test_is_asked_when_the_estimate_has_passed(self) -> None:
        before, after = ask(self.estimate, day=9), ask(self.estimate, day=10)
        assert (len(before), str(before.review_at)[:10]) == (0, "2026-03-10")
        assert [(q.fact, q.why, str(q.since)[8:10]) for q in after] == [("is back", ("estimate2",), "10")]
        assert after.review_at is None

    def test_the_latest_estimate_counts(self) -> None:
        assert facts(self.estimate, on(8, "estimate", 20), day=15) == []
        assert facts(self.estimate, on(8, "estimate", None), day=15) == []
        assert str(ask(on(8, "estimate", 5), day=15)[0].since)[8:10] == "08"

    def test_is_asked_when_only_we_say_so(self) -> None:
        done = on(12, "completed")
        (back, _) = ask(self.estimate, done)
        assert (back.fact, back.why, str(back.since)[8:10]) == ("is back", ("estimate2", "completed12"), "10")
        assert facts(self.estimate, done, on(12, "completed", id="x", party="customer")) == ["content"]
        assert facts(self.estimate, done, told(9, "is back")) == ["is back", "content"]
        assert facts(self.estimate, told(9, "is back")) == []


class TestOthers:
    """The promised thing, what was delivered, what failed, and whether they are content."""

    def test_of_a_promise_kept_by_our_word_each_by_itself(self) -> None:
        log = [on(2, "promise", 4, ref="a"), on(3, "promise", 9, ref="b", id="b"), on(4, "kept", ref="a")]
        assert [(q.ref, q.why) for q in ask(*log)] == [("a", ("promise2", "kept4")), ("b", ("b",))]
        assert [q.ref for q in ask(*log, day=5)] == ["a"]
        assert [q.ref for q in ask(*log, on(5, "kept", ref="a", party="customer"))] == ["b"]
        assert [q.ref for q in ask(*log, told(9, "is there", ref="b"))] == ["a"]
        assert [q.ref for q in ask(*log, told(9, "is there"))] == []
        assert [q.ref for q in ask(*log, on(8, "withdrawn", ref="b")) if q.fact == "is there"] == ["a"]
        assert ask(on(2, "promise", 4, party="customer")).questions == ()

    def test_of_what_was_delivered_until_it_is_used(self) -> None:
        delivered = on(2, "delivered", ref="module")
        assert facts(delivered) == ["works"]
        assert facts(delivered, on(5, "used", ref="module", party="customer")) == []

    def test_of_what_failed(self) -> None:
        assert facts(on(2, "failed"), on(3, "trouble", party="customer")) == ["needs change"]
        assert facts(on(2, "failed"), on(3, "trouble_over")) == []

    def test_of_how_it_went(self) -> None:
        assert facts(on(2, "closed")) == ["content"]
        assert facts(on(2, "closed"), on(3, "answer", party="customer")) == []


class TestAsked:
    """What was asked before."""

    def test_is_still_worth_asking_without_an_answer_and_says_when_it_was_asked(self) -> None:
        asked = on(5, "asked", fact="well")
        (question,) = ask(on(2, "incident"), asked, on(1, "asked", fact="well"))
        assert str(question.asked)[:10] == "2026-03-05"
        assert facts(on(2, "incident"), asked, told(6, "well")) == []

    def test_of_whom_and_what(self) -> None:
        log = [
            on(2, "incident", customer="ann"),
            on(3, "incident", customer="bob"),
            on(4, "closed", customer="ann", case="d"),
        ]
        assert [q.customer for q in ask(*log)] == ["ann", "bob", "ann"]
        assert [(q.customer, q.fact) for q in ask(*log, customer="ann")] == [("ann", "well"), ("ann", "content")]
        assert [q.fact for q in ask(*log, case="d")] == ["content"]
        assert [q.customer for q in ask(on(2, "incident", customer="ann"), told(3, "well", customer="bob"))] == ["ann"]

    def test_in_a_zone(self) -> None:
        found = ask(on(2, "incident"), on(2, "promise", 31, ref="a"), zone="America/Denver")
        assert str(found[0].since) == "2026-03-02 02:00:00-07:00"
        assert str(found.review_at) == "2026-03-31 03:00:00-06:00"


class TestRules:
    """Rules are data, and a host adds its own."""

    rental = QuestionRule("rental", "Did the rental car work out?", when=Which("handed", by="partner"))

    def test_a_host_adds_its_own(self) -> None:
        found = ask(on(2, "handed"), on(3, "closed"), rules=(*QUESTIONS, self.rental))
        assert [q.fact for q in found] == ["content", "rental"]
        assert [q.fact for q in ask(on(2, "handed"), rules=[self.rental])] == ["rental"]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ({"fact": ""}, "fact of a question is no text: ''; write it in words"),
            ({"text": None}, "text of a question is no text: None; write it in words"),
            ({"when": ()}, "question is never worth asking: 'x'; give when= or passed="),
        ],
    )
    def test_are_refused_where_they_ask_nothing(self, words: dict[str, Any], said: str) -> None:
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(said)}$"):
            QuestionRule(**{"fact": "x", "text": "X?", "when": "note", **words})
