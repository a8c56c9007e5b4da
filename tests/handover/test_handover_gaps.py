"""Gaps: what is missing or vague, ordered by harm, each with the question that fills it."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Option, Stake, Timeline
from carepolicy.closing import WANTED
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.handover.document import Gap, Person
from carepolicy.handover.gaps import gaps_of, refuse_incomplete
from carepolicy.handover.handover import Handover

NOW = "2026-03-02T12:00Z"
OPENED = {"kind": "opened", "party": "claims", "text": "coat too small"}
WISH = {"kind": "told", "party": "customer", "fact": WANTED, "text": "a swap"}
CALL = {"kind": "promise", "party": "kim", "purpose": "call", "text": "we call", "due": "2026-03-03T10:00Z"}
REACH = {"kind": "told", "party": "customer", "fact": "preferred channel", "text": "phone"}
PEOPLE = (Person(part="owner", name="ada"), Person(part="scribe", name="bo"))
OFFERED = (Option("swap"), Option("refund", cost=80))
STAKE = Stake("wedding", at="2026-03-06T12:00Z", weight=10)


def handed(*rows: dict[str, Any], **more: Any) -> Handover:
    events = [
        Event(**{"at": f"2026-03-01T{9 + n:02}:00Z", "case": "c", "id": f"e{n}", **row}) for n, row in enumerate(rows)
    ]
    return Handover.prepare(Timeline(events), "c", NOW, **more)


def parts(h: Handover) -> list[str]:
    return [gap.part for gap in h.gaps]


class TestGaps:
    """Each by itself."""

    def test_nothing_is_missing(self) -> None:
        """Where everything was said, there is no gap, and it may be handed over."""
        h = handed(
            OPENED, WISH, CALL, REACH, to="lee", sender="ada", people=PEOPLE, options=OFFERED, stakes=[STAKE]
        )  # fmt: skip
        assert h.gaps == ()
        refuse_incomplete(h)

    def test_everything_is_missing(self) -> None:
        """In the order of the harm that it does."""
        h = handed({"kind": "note"}, {"kind": "contact", "direction": "inbound", "channel": "email"})
        assert parts(h) == [
            "wanted", "to", "owner", "next_action", "unanswered", "severity", "stakes", "place", "next_contact",
            "options", "contact", "sender", "scribe",
        ]  # fmt: skip
        assert [gap.part for gap in h.missing()] == ["wanted", "to", "owner", "next_action"]
        assert next(g.what for g in h.gaps if g.part == "next_action") == "the next action names no person"
        assert next(g.what for g in h.gaps if g.part == "owner") == "nobody owns it"

    @pytest.mark.parametrize("text", ["", "  "])
    def test_a_wish_without_words_is_none(self, text: str) -> None:
        """Nobody can repeat it; the last words that there are count."""
        blank = {**WISH, "text": text}
        assert parts(handed(OPENED, blank))[0] == "wanted"
        assert handed(OPENED, blank).missing()[0].question == "What outcome would make this right for you?"
        wanted = handed(OPENED, WISH, blank).wanted
        assert wanted is not None
        assert wanted.text == "a swap"

    def test_a_vague_wish_is_asked_after(self) -> None:
        """It holds nothing up."""
        gap = handed(OPENED, {**WISH, "text": "a swap as soon as possible"}).gaps[0]
        assert (gap.part, gap.question, gap.required) == ("wanted", "What exactly, and by which day?", False)
        assert gap.what == "what the customer wants is vague: a swap as soon as possible"

    def test_a_team_is_no_person(self) -> None:
        """For the owner and for what comes next."""
        h = handed(OPENED, WISH, CALL)
        said = {gap.part: gap.what for gap in h.gaps}
        assert said["owner"] == "it belongs to a team, claims, and to no person"
        assert said["next_action"] == "the next action is that of a team, claims, and of no person"
        assert [g.part for g in h.missing()] == ["to"]

    def test_an_action_without_an_instant_or_none_at_all(self) -> None:
        """Both must be said."""
        no_date = handed(OPENED, WISH, to="lee")
        assert next(g.what for g in no_date.gaps if g.part == "next_action") == "the next action names no instant"
        found = gaps_of(Handover(), frozenset(), stakes=False)
        assert next(g.what for g in found if g.part == "next_action") == "nobody said what comes next"

    @pytest.mark.parametrize(
        ("row", "what"),
        [
            ({"text": "a part"}, "dealer gave no date: a part"),
            ({"text": "a part", "due": "2026-03-01T12:00Z"}, "nobody knows whether it was kept (dealer): a part"),
            ({"text": "arrives soon", "due": "2026-03-05T12:00Z"}, "the words are vague (dealer): arrives soon"),
            (
                {"text": "a part", "due": "2026-03-01T12:00Z", "kind": "estimate"},
                "the date has passed, and dealer gave no new one: a part",
            ),
            ({"text": "a part", "due": "2026-03-05T12:00Z"}, ""),
        ],
    )
    def test_promises_that_cannot_be_stood_by(self, row: dict[str, Any], what: str) -> None:
        """Without a date, past it, or in vague words: whoever gave them is asked."""
        found = [g for g in handed(OPENED, {"kind": "promise", "party": "dealer", **row}).gaps if g.part == "promises"]
        assert [g.what for g in found] == ([what] if what else [])
        assert {g.of for g in found} <= {"dealer"}

    def test_a_broken_promise_and_one_of_nobody(self) -> None:
        """It was not kept; where nobody is named, we are asked."""
        late = {"kind": "promise", "text": "a part", "due": "2026-03-01T10:30Z", "ref": "r"}
        h = handed(OPENED, late, {"kind": "failed", "ref": "r"})
        gap = next(g for g in h.gaps if g.part == "promises")
        assert (gap.what, gap.of) == ("nobody named has not kept it: a part", "us")

    def test_a_contradiction_is_explained(self) -> None:
        """Somebody says which is right."""
        h = handed({"kind": "kept", "ref": "r", "party": "kim"})
        gap = next(g for g in h.gaps if g.part == "contradictions")
        assert gap.what.startswith("the log contradicts itself: a promise was kept that nobody gave: event e0 at")

    def test_what_the_customer_told_of_their_need(self) -> None:
        """Is not asked again."""
        told = {"kind": "told", "party": "customer", "fact": "needed by", "text": "Friday"}
        assert "stakes" not in parts(handed(OPENED, told))


class TestRefused:
    """A host may refuse to hand over while a required part is missing."""

    def test_each_is_named_with_its_question(self) -> None:
        """One sentence."""
        with pytest.raises(InvalidPolicyError) as caught:
            refuse_incomplete(handed(OPENED, to="lee"))
        assert str(caught.value) == (
            "handover of 'c' lacks 1 required: nobody has written down what outcome the customer wants: "
            "ask 'What outcome would make this right for you?'"
        )

    def test_what_is_not_required_holds_nothing_up(self) -> None:
        """A gap alone is no refusal."""
        refuse_incomplete(Handover(gaps=(Gap(part="scribe", what="w", harm="h", question="q?"),)))


class TestQuestions:
    """The few that are truly open, the customer's first."""

    def test_how_they_are_comes_first_and_then_what_they_want(self) -> None:
        """Before anything is offered; never what was told."""
        h = handed({"kind": "incident", "party": "customer"})
        assert [q.text for q in h.questions] == [
            "Are you well, and is everybody else who was there?",
            "What outcome would make this right for you?",
            "Is there something that you need it for, and on which day?",
        ]
        well = {"kind": "told", "party": "customer", "fact": "well", "text": "yes"}
        h = handed({"kind": "incident", "party": "customer"}, well, WISH, stakes=[STAKE])
        assert h.questions == ()

    def test_what_was_asked_before_is_said(self) -> None:
        """And what we wait for, of whom."""
        h = handed(
            OPENED,
            {"kind": "asked", "party": "claims", "fact": WANTED},
            {"kind": "asked", "party": "claims", "fact": "receipt"},
            {"kind": "promise", "party": "dealer", "text": "a part"},
            {"kind": "promise", "party": "dealer", "text": "a nut", "ref": "n", "due": "2026-03-01T13:00Z"},
            {"kind": "promise", "party": "customer", "text": "a photo", "due": "2026-03-05T13:00Z"},
            {"kind": "promise", "party": "dealer", "text": "a bolt", "ref": "b", "due": "2026-03-05T13:00Z"},
        )
        assert [(q.text, q.why, q.of) for q in h.questions if "Is there something" not in q.text] == [
            ("What outcome would make this right for you?", "asked before, and not answered", "customer"),
            ("What became of this: receipt?", "we wait for it", "customer"),
            ("Is it done, or by which day and hour: a nut?", "due Sun 1 Mar 2026 13:00, unknown", "dealer"),
            ("By which day and hour: a part?", "it has no date", "dealer"),
        ]

    def test_there_are_few(self) -> None:
        """More are an interrogation."""
        rows = [{"kind": "promise", "party": "dealer", "ref": f"r{n}"} for n in range(9)]
        assert len(handed(OPENED, *rows).questions) == 7
