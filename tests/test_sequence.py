"""Folds of what happened in order: ladders, the first since something, what was told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import ALWAYS, NEVER, Event, Which, elapsed
from carepolicy._day import CallTerms
from carepolicy._instant import HOUR
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import Parties
from carepolicy.sequence import Climb, FirstSince, LastBut, LastTold


def on(hour: float, kind: str, **words: Any) -> Event:
    return Event(at=int(hour * HOUR), kind=kind, **{"case": "c", **words})


def fold(fact: Any, *events: Event) -> Any:
    """The value in hours."""
    state = fact.start()
    for event in events:
        groups = (any(which.matches(event, Parties()) for which in group) for group in fact.conditions())
        if role := sum(met << place for place, met in enumerate(groups)):
            state = fact.step(state, event, role)
    value = fact.value(state)
    return value / HOUR if ALWAYS < value < NEVER else value


class TestFirstSince:
    """The first of some events since the latest of others."""

    first = FirstSince(("completed", "closed"), since=("failed", "incident"))

    def test_is_the_first_and_not_the_last(self) -> None:
        assert fold(self.first, on(1, "incident"), on(3, "completed"), on(5, "closed")) == 3

    def test_begins_anew_with_what_makes_it_void(self) -> None:
        log = [on(1, "incident"), on(3, "completed"), on(4, "failed")]
        assert fold(self.first, *log) == NEVER
        assert fold(self.first, *log, on(6, "completed")) == 6
        assert fold(self.first, on(6, "completed"), *reversed(log)) == 6

    def test_needs_nothing_that_makes_it_void(self) -> None:
        assert fold(self.first, on(3, "completed")) == 3


class TestLastTold:
    """When a fact of one name was last told."""

    def test_asks_for_the_name(self) -> None:
        told = LastTold("used?")
        log = [on(1, "told", fact="used?"), on(2, "told", fact="working?"), on(3, "asked", fact="used?")]
        assert fold(told, *log) == 1
        assert fold(LastTold("used?", "asked"), *log) == 3
        assert fold(LastTold("used?", missing=NEVER)) == NEVER


class TestLastBut:
    """The latest of some that are not others as well."""

    def test_passes_over_the_others(self) -> None:
        mail = LastBut("contact", but=Which("contact", purpose="marketing"), missing=NEVER)
        log = [on(1, "contact"), on(2, "contact", purpose="marketing"), on(3, "note")]
        assert fold(mail, *log) == 1
        assert fold(mail, *log[1:]) == NEVER
        assert fold(mail, on(4, "contact", purpose="status"), *log) == 4


class TestClimb:
    """How far a ladder was climbed since it began."""

    @staticmethod
    def rung(n: int, *events: Event, apart: int = 2, firm: tuple[int, ...] = ()) -> Any:
        call = Which("contact", channel="phone")
        rungs = [call, Which("contact", outcome="voicemail"), Which("contact", channel="email"), call]
        return fold(
            Climb(
                ("incident", call), ends=("left", "begun"), rungs=rungs, rung=n, anew=("escalated", "begun"),
                asks=Which("contact", direction="inbound"), answers=Which("contact", channel="email"),
                apart=elapsed(hours=apart), firm=firm,
            ),
            *events,
        )  # fmt: skip

    call, voicemail = on(1, "contact", channel="phone"), on(2, "contact", channel="phone", outcome="voicemail")
    mail, again = on(3, "contact", channel="email"), on(9, "contact", channel="phone")

    def test_takes_one_rung_after_the_other(self) -> None:
        log = [self.call, self.voicemail, self.mail, self.again]
        assert [self.rung(n, *log) for n in range(5)] == [1, 1, 2, 3, 9]
        assert [self.rung(n, *log[:2]) for n in range(4)] == [1, 1, 2, ALWAYS]

    def test_a_call_that_left_a_voicemail_is_both(self) -> None:
        assert [self.rung(n, self.voicemail) for n in range(4)] == [2, 2, 2, ALWAYS]

    def test_passes_over_what_was_not_taken_in_its_turn(self) -> None:
        assert [self.rung(n, self.call, self.again) for n in range(5)] == [1, 1, 9, 9, 9]

    def test_passes_over_no_rung_that_is_firm(self) -> None:
        log = [on(1, "incident"), self.mail, self.again]
        assert [self.rung(n, *log) for n in range(5)] == [1, 3, 3, 3, 9]
        assert [self.rung(n, *log, firm=(1,)) for n in range(5)] == [1, 9, ALWAYS, ALWAYS, ALWAYS]

    def test_calls_close_together_count_as_one(self) -> None:
        soon = on(2.5, "contact", channel="phone")
        assert self.rung(2, self.call, soon) == ALWAYS
        assert self.rung(4, self.call, soon, apart=1) == 2.5
        assert self.rung(4, self.call, on(1, "contact", channel="phone", id="b"), apart=0) == ALWAYS

    def test_a_call_that_does_not_keep_the_terms_is_an_attempt_and_takes_nothing(self) -> None:
        """A night parts days where no day is known, and another party is one that took no rung for somebody else."""

        def rungs(*events: Event) -> list[Any]:
            call = Which("contact", channel="phone")
            terms = [CallTerms(None, wait, False, who, 4) for wait, who in ((0, "a"), (1, "a"), (1, "b"), (2, "b"))]
            ladder = [
                Climb(call, ends="left", rungs=[call] * 4, rung=n, firm=(1, 2, 3, 4), calls=call, terms=terms)
                for n in range(1, 5)
            ]
            return [fold(fact, *events) for fact in ladder]

        first, early, next_day = (on(h, "contact", channel="phone", party="ann") for h in (1, 12, 13))
        assert rungs(first, early) == [1, *[ALWAYS] * 3]
        assert rungs(first, early, next_day) == [1, 13, ALWAYS, ALWAYS]
        same, nobody, other = (on(30, "contact", channel="phone", party=p) for p in ("ann", "", "ben"))
        assert rungs(first, next_day, same) == rungs(first, next_day, nobody) == [1, 13, ALWAYS, ALWAYS]
        again, later = on(60, "contact", channel="phone", party="ben"), on(66, "contact", channel="phone", party="ben")
        assert rungs(first, next_day, other, again) == [1, 13, 30, ALWAYS]
        assert rungs(first, next_day, other, again, later) == [1, 13, 30, 66]

    def test_what_is_void_answers_nothing_and_takes_nothing(self) -> None:
        mail = Which("contact", channel="email")
        void = Which("contact", purpose="marketing")
        asked, sells = on(0, "incident"), on(1, "contact", channel="email", purpose="marketing")
        options: dict[str, Any] = {"ends": "left", "rungs": [mail], "answers": mail, "void": void}
        begun, taken = (Climb("note", asks="incident", rung=n, **options) for n in (0, 1))
        assert (fold(begun, asked, sells), fold(taken, asked, sells)) == (0, ALWAYS)
        assert fold(begun, asked, sells, on(2, "contact", channel="email")) == ALWAYS
        assert fold(taken, on(0, "note"), sells, on(2, "contact", channel="email")) == 2

    def test_ends_and_begins_with_the_next_call(self) -> None:
        assert self.rung(0, self.call, on(2, "left")) == ALWAYS
        assert [self.rung(n, self.call, on(2, "left"), self.again) for n in range(3)] == [9, 9, ALWAYS]

    def test_begins_anew_when_it_goes_up(self) -> None:
        up = on(5, "escalated")
        assert [self.rung(n, self.call, up) for n in range(2)] == [5, ALWAYS]
        assert self.rung(0, up) == ALWAYS
        assert [self.rung(n, self.call, up, self.again) for n in range(3)] == [5, 9, ALWAYS]

    def test_begins_with_what_ends_and_begins(self) -> None:
        assert [self.rung(n, self.call, on(4, "begun")) for n in range(2)] == [4, ALWAYS]

    def test_a_message_that_was_answered_begins_nothing(self) -> None:
        asked = on(0, "contact", channel="chat", direction="inbound")
        assert self.rung(0, asked) == 0
        assert self.rung(0, asked, self.mail) == ALWAYS
        assert self.rung(0, asked, self.call, self.mail) == 0
        incident = on(0.5, "incident")
        assert self.rung(0, asked, incident, self.mail) == 0

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"rung": 2}, "rung is not one of the ladder: 2; use 0 to 1"),
            ({"rung": 0, "apart": 3}, "apart is not elapsed time: 3; use e.g. elapsed(hours=2)"),
            ({"rung": 0, "apart": elapsed(hours=-1)}, "apart is not elapsed time: elapsed(hours=-1);"),
        ],
    )
    def test_refuses(self, fields: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Climb("incident", ends="left", rungs=["note"], **fields)
