"""Who owes whom an answer: the oldest message that nobody answered, and the last word that named a date."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import ALWAYS, NEVER, Event, Parties, Which
from carepolicy._instant import to_micros
from carepolicy.answering import MESSAGE, LastDated, LastOverall, LatestOf, OldestCarried, OldestUnanswered, replies
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import Fact
from carepolicy.folds import First, Last
from carepolicy.state import Folding


def on(hour: int, kind: str = "contact", **words: Any) -> Event:
    return Event(at=f"2026-03-02T{hour:02}:00Z", **{"kind": kind, "case": "c", **words})


def asks(hour: int, **words: Any) -> Event:
    return on(hour, direction="inbound", channel="email", party="customer", **words)


def replied(hour: int, **words: Any) -> Event:
    return on(hour, **{"direction": "outbound", "channel": "email", "outcome": "delivered", "party": "desk", **words})


def value(fact: Fact, *events: Event) -> str:
    """The hour that a fact comes to, or the sentinel."""
    folded = Folding({"fact": fact}, Parties(partners="shop")).fold(events)
    us = (
        folded.values(("", "c" if fact.scope == "case" else "", "", ""))["fact"] if events else fact.value(fact.start())
    )
    return {ALWAYS: "always", NEVER: "never"}.get(us, str((us - to_micros("2026-03-02T00:00Z")) // 3_600_000_000))


class TestOldestUnanswered:
    """The first message after the last reply; a chaser never moves it."""

    waits = OldestUnanswered()

    def test_is_the_first_message_since_the_last_reply(self) -> None:
        assert value(self.waits) == "never"
        assert value(self.waits, asks(9)) == "9"
        assert value(self.waits, asks(9), asks(11), asks(14)) == "9"
        assert value(self.waits, asks(9), replied(10)) == "never"
        assert value(self.waits, asks(9), replied(10), asks(11), asks(12)) == "11"
        assert value(self.waits, asks(11), asks(12), replied(10), asks(9)) == "11"

    @pytest.mark.parametrize(
        "change",
        [
            {"author": "automatic"},
            {"outcome": "voicemail", "channel": "phone"},
            {"outcome": ""},
            {"direction": ""},
            {"kind": "note"},
            {"kind": "closed"},
            {"kind": "handed"},
            {"case": "other"},
        ],
    )
    def test_is_not_answered_by_anything_less(self, change: dict[str, str]) -> None:
        assert value(self.waits, asks(9), replied(10, **change)) == "9"

    def test_a_talk_answers_whoever_began_it(self) -> None:
        talk = {"direction": "inbound", "channel": "phone", "outcome": "conversation"}
        assert value(self.waits, asks(9), on(10, party="customer", **talk)) == "never"
        assert value(self.waits, on(10, party="desk", **talk)) == "never"
        assert value(self.waits, on(10, party="customer", **{**talk, "outcome": "voicemail"})) == "10"

    def test_an_automatic_message_asks_nothing(self) -> None:
        assert value(self.waits, asks(9, author="automatic")) == "never"

    def test_who_may_answer_is_a_choice(self) -> None:
        desk = OldestUnanswered(until=replies(("us",)))
        assert value(desk, asks(9), replied(10, party="shop")) == "9"
        assert value(self.waits, asks(9), replied(10, party="shop")) == "never"

    def test_at_one_instant_the_order_of_the_log_decides(self) -> None:
        assert value(self.waits, asks(9, id="b"), replied(9, id="a")) == "9"
        assert value(self.waits, asks(9, id="a"), replied(9, id="b")) == "never"


class TestLastDated:
    """The last word that named a date ahead."""

    dated = LastDated(Which("contact"))

    def test_needs_a_date_that_lies_ahead(self) -> None:
        assert value(self.dated, replied(9)) == "always"
        assert value(self.dated, replied(9, due="2026-03-04T09:00Z")) == "9"
        assert value(self.dated, replied(9, due="2026-03-02T09:00Z")) == "always"
        assert value(self.dated, replied(9, due="2026-03-04T09:00Z"), replied(11)) == "9"
        assert value(self.dated, *(replied(h, due="2026-03-04T09:00Z") for h in (9, 12, 11))) == "12"

    def test_may_be_missing_as_never(self) -> None:
        never = LastDated(Which("contact"), missing=NEVER)
        assert value(never, replied(9)) == "never"
        assert value(never, replied(9, due="2026-03-04T09:00Z")) == "9"

    def test_leaves_out_what_does_not_count_after_all(self) -> None:
        dated = LastDated(Which("contact"), but=Which("contact", purpose="survey"))
        assert value(dated, replied(9, due="2026-03-04T09:00Z", purpose="survey")) == "always"
        assert value(dated, replied(9, due="2026-03-04T09:00Z"), on(10, "note", due="2026-03-04T09:00Z")) == "9"


class TestOldestCarried:
    """The oldest message that waits in a case that was merged into another."""

    carried = OldestCarried(MESSAGE, until=replies(("them",)))

    def test_is_answered_in_either_case_and_in_no_third(self) -> None:
        waits = asks(9), on(10, "merged", ref="d")
        assert value(self.carried) == "never"
        assert value(self.carried, asks(9)) == "never"
        assert value(self.carried, *waits) == "9"
        assert value(self.carried, *waits, replied(11)) == "never"
        assert value(self.carried, *waits, replied(11, case="d")) == "never"
        assert value(self.carried, *waits, replied(11, case="e")) == "9"
        assert value(self.carried, *waits, replied(11, case="")) == "9"
        assert value(self.carried, replied(9, case="d", id="z"), *waits) == "9"

    def test_is_the_oldest_of_all_cases_that_were_merged(self) -> None:
        waits = asks(9), on(10, "merged", ref="d"), asks(8, case="e"), on(11, "merged", case="e", ref="f")
        assert value(self.carried, *waits) == "8"
        assert value(self.carried, *waits, replied(12, case="f")) == "9"
        assert value(self.carried, *waits, asks(7, case="d")) == "8"

    def test_is_a_value(self) -> None:
        assert eval(repr(self.carried), {**globals(), "Which": Which}) == self.carried


class TestLastOverall:
    """What was said of all cases at once."""

    def test_names_no_case(self) -> None:
        wish = LastOverall("wish")
        assert value(wish, on(9, "wish")) == "always"
        assert value(wish, on(10, "wish", case=""), on(9, "wish", case=""), on(11, "wish")) == "10"
        assert value(LastOverall("wish", missing=NEVER), on(9, "wish")) == "never"


class TestLatestOf:
    """The latest of several facts."""

    both = LatestOf((First("opened", scope="case", missing=ALWAYS), Last("contact", scope="case", missing=NEVER)))

    def test_waits_for_all_that_must_happen(self) -> None:
        assert value(self.both, on(9, "opened")) == "never"
        assert value(self.both, asks(10)) == "10"
        assert value(self.both, on(9, "opened"), asks(10), asks(12)) == "12"
        assert value(self.both, on(13, "opened"), asks(10)) == "13"
        assert self.both.missing == NEVER

    def test_is_of_one_scope(self) -> None:
        for parts in [(), (First("opened"), First("opened", scope="case"))]:
            with pytest.raises(InvalidPolicyError, match=re.escape("; use at least one, all of one scope")):
                LatestOf(parts)
