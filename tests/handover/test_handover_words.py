"""The words of a handover: the thing, the title, what to say first, and a summary within its budget."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Timeline
from carepolicy._instant import to_micros
from carepolicy.closing import WANTED
from carepolicy.events import Event
from carepolicy.handover.casefile import plain_name
from carepolicy.handover.handover import Handover
from carepolicy.handover.mood import counted
from carepolicy.handover.spoken import clause, day_said

NOW = "2026-03-02T12:00Z"
CALL = {"kind": "contact", "direction": "inbound", "channel": "phone", "outcome": "conversation", "author": "human"}
COAT = (
    {"kind": "opened", "party": "shop", "text": "coat came in size 40, ordered in 38"},
    {"kind": "handed", "party": "shop", "text": "coat goes to the store-room", "extra": {"to": "store-room"}},
    {"kind": "promise", "party": "store-room", "text": "coat in 38 is swapped", "due": "2026-03-05T17:00Z"},
    {"kind": "told", "party": "customer", "fact": WANTED, "text": "swap it before Friday"},
)


def handed(*rows: dict[str, Any], customer: str = "", **more: Any) -> Handover:
    events = [
        Event(**{"at": f"2026-03-01T{9 + n:02}:00Z", "case": "c", "id": f"e{n}", "customer": customer, **row})
        for n, row in enumerate(rows)
    ]
    return Handover.prepare(Timeline(events), "c", NOW, **more)


class TestConfirmation:
    """What the receiver says first: the customer hears that everything arrived."""

    def test_the_coat(self) -> None:
        """They confirm, and do not ask what happened."""
        assert handed(*COAT).confirmation == (
            "I understand that it began on Sunday 1 March (coat came in size 40, ordered in 38), that the coat is now "
            'with the store room, who promised "coat in 38 is swapped" for Thursday 5 March, and that you want this: '
            '"swap it before Friday". Is that right?'
        )

    def test_one_event_may_say_two_things(self) -> None:
        """How it began, and who has it."""
        assert handed(COAT[0]).confirmation == (
            "I understand that it began on Sunday 1 March (coat came in size 40, ordered in 38), "
            "and that it is now with shop. Is that right?"
        )

    def test_a_promise_is_not_how_it_began(self) -> None:
        """Where nobody wrote down what it is about, the first contact says it, or nobody does."""
        promise = {"kind": "promise", "party": "", "text": "a call", "due": "2026-03-03T11:00Z"}
        call = {**CALL, "text": "no light at home! Help?"}
        assert handed(promise).confirmation == (
            'I understand that we promised "a call" for Tuesday 3 March at 11:00. Is that right?'
        )
        assert handed(promise, call).confirmation == (
            "I understand that it began on Sunday 1 March (no light at home), "
            'and that we promised "a call" for Tuesday 3 March at 11:00. Is that right?'
        )

    def test_what_has_no_promise_was_tried(self) -> None:
        """And who wrote hears that nobody has answered, if they have not had to ask since."""
        failed = {"kind": "failed", "party": "shop", "text": "new bulb, still dark"}
        wrote = {**CALL, "channel": "email", "party": "shop", "outcome": "delivered", "text": "and now?"}
        assert handed(COAT[0], failed, wrote).confirmation.endswith(
            "that it is now with shop, that we have tried once without success, "
            "and that nobody has answered your message of Sunday 1 March. Is that right?"
        )
        assert "nobody has answered 2 messages of yours, the first of Sunday 1 March." in (
            handed(COAT[0], wrote, wrote).confirmation
        )

    def test_what_is_done_is_said_to_be_done(self) -> None:
        """But for a part of it, and until it comes back."""
        done = {"kind": "completed", "party": "shop", "text": "coat in 38 handed over; receipt sent"}
        h = handed(COAT[0], done)
        assert "and that it was done on Sunday 1 March (coat in 38 handed over). Is that" in h.confirmation
        assert "Done on Sun 1 Mar 2026 10:00: coat in 38 handed over." in h.summary
        assert "was done" not in handed({"kind": "note"}, {**done, "ref": "label"}).confirmation
        assert "was done" not in handed(COAT[0], done, {"kind": "reopened", "party": "shop"}).confirmation

    def test_nobody_waits_for_what_was_promised_before_it_was_done(self) -> None:
        """It stays on the list; what is said first, and what comes next, is about what there is."""
        promise = {"kind": "promise", "party": "shop", "text": "a label", "due": "2026-03-01T20:00Z"}
        done = {"kind": "completed", "party": "shop", "text": "coat in 38 handed over"}
        h = handed(COAT[0], {"kind": "failed", "party": "shop"}, promise, done)
        assert "label" not in h.confirmation
        assert "without success" not in h.confirmation
        assert [o.what for o in h.promises] == ["a label"]
        assert h.next_action is not None
        assert h.next_action.what.startswith("call the customer: ")
        assert "label" in handed(COAT[0], done, promise).confirmation

    def test_it_may_be_with_the_customer(self) -> None:
        """Who is told so, and not of themselves."""
        rows = (COAT[0], {"kind": "handed", "party": "shop", "text": "coat back", "extra": {"to": "customer"}})
        assert "that you have it now. Is that right?" in handed(*rows).confirmation

    @pytest.mark.parametrize(
        ("date", "said"),
        [
            ("2026-03-03T11:00Z", "Tuesday 3 March at 11:00"),
            ("2026-03-09T11:00Z", "Monday 9 March"),
            ("2026-12-09T11:00Z", "Wednesday 9 December 2026"),
        ],
    )
    def test_dates_as_a_person_says_them(self, date: str, said: str) -> None:
        """The hour where it is soon, the year where it is far."""
        assert day_said(to_micros(date), "UTC", to_micros(NOW), hour=True) == said

    def test_the_first_clause_is_enough(self) -> None:
        """Nothing in it ends the sentence or asks; what was cut is marked."""
        assert clause("is it there? I doubt it") == "is it there"
        assert clause("; why?\nnobody knows") == "why"
        assert clause('say "hi"') == "say 'hi'"
        assert clause(" ?! ") == ""
        assert clause("one two three", 2) == "one two…"
        assert clause("x" * 1_000_000) == "x" * 90 + "…"
        assert clause("x " * 10, 99) == " ".join("x" * 10)

    def test_nothing_can_be_confirmed(self) -> None:
        """And it says so, instead of pretending."""
        h = handed(CALL)
        assert h.confirmation.startswith("I have your case c in front of me.")

    def test_a_promise_that_was_broken(self) -> None:
        """Is told as such, where the log proves it."""
        rows = (
            {"kind": "opened", "party": "shop"},
            {"kind": "promise", "party": "kim", "text": "a call", "due": "2026-03-01T11:00Z", "ref": "r"},
            {"kind": "failed", "party": "kim", "ref": "r", "at": "2026-03-01T12:00Z"},
        )
        said = handed(*rows).confirmation
        assert 'that kim promised "a call" for Sunday 1 March at 11:00, which has not been kept. Is that' in said


class TestTitle:
    """Who, what and where, in one line."""

    def test_with_a_customer_a_thing_and_a_place(self) -> None:
        """As far as the log says them."""
        assert handed(*COAT, customer="ann").title == "ann, c: the coat with the store room"
        assert handed(COAT[0]).title == "c: it with shop"
        assert handed({"kind": "note"}).title == "c"

    @pytest.mark.parametrize(
        ("rows", "title"),
        [
            ([{"kind": "handed", "extra": {"item": "order 4711"}}], "c: the order 4711"),
            ([{"kind": "handed", "text": "coat there"}, {"kind": "kept", "text": "coat here"}], "c: the coat"),
            ([{"kind": "handed", "text": "coat there"}, {"kind": "kept", "text": "shoes here"}], "c"),
            (
                [{"kind": "handed", "text": "coat to the yard"}, {"kind": "kept", "text": "coat at the yard"}],
                "c: the coat",
            ),
            ([{"kind": "promise", "text": "coat there"}, {"kind": "kept", "text": "coat here"}], "c"),
        ],
    )
    def test_the_thing(self, rows: list[dict[str, Any]], title: str) -> None:
        """The column `item`, else the noun that texts share, one about handing over among them."""
        assert handed(*rows).title == title


class TestSummary:
    """One paragraph."""

    def test_what_matters_least_goes_first(self) -> None:
        """In a small budget the title and what they want stay."""
        assert handed(*COAT, words=20).summary == "c: the coat with the store room. They want: swap it before Friday."
        long = handed(*COAT, to="kim", words=90).summary
        assert long.startswith("c: the coat with the store room. It began on Sun 1 Mar 2026: coat came")
        assert "Still owed: coat in 38 is swapped (the store room, due Thu 5 Mar 2026 17:00)." in long
        assert 'Next: kim: see that "coat in 38 is swapped" is kept, and tell the customer.' in long

    def test_what_else_it_may_say(self) -> None:
        """Failures, messages without answer, what the customer owes, when they hear from us, what has no date."""
        rows = (
            {"kind": "opened", "party": "shop"},
            {"kind": "failed", "party": "shop", "text": "nobody home"},
            {"kind": "promise", "party": "shop", "text": "another try"},
            {"kind": "promise", "party": "shop", "purpose": "call", "text": "we call", "due": "2026-03-05T17:00Z"},
            {"kind": "asked", "party": "shop", "fact": "address"},
            {"kind": "contact", "direction": "inbound", "channel": "email", "text": "well?"},
        )
        said = handed(*rows, words=200).summary
        for part in (
            "One attempt did not help, on Sun 1 Mar 2026 10:00: nobody home.",
            "We wait for the customer: address.",
            "1 of their messages has no answer.",
            "They hear from us by Thu 5 Mar 2026 17:00.",
        ):
            assert part in said
        more = handed(rows[0], rows[2], rows[5], rows[5], words=200).summary
        assert "Still owed: another try (shop, no date)." in more
        assert "2 of their messages have no answer." in more


def test_names_in_data_are_said_as_words() -> None:
    """And numbers with their nouns."""
    assert plain_name("body-shop_2") == "body shop 2"
    assert (counted(1, "time"), counted(2, "time")) == ("1 time", "2 times")
