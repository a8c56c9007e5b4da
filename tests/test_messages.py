"""Held messages: they live for a stated time, and are judged again before they go."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Calendar, Event, Plan, Timeline, Touch, days
from carepolicy.conflict import OUTAGE, Conflict, NoConflict
from carepolicy.errors import InvalidPolicyError
from carepolicy.messages import HeldFate, HeldMessage, Release, decide_message, release
from carepolicy.quarantine import RestBetween
from carepolicy.trouble import NothingRegistered, NoTrouble, Trouble

LATER = "judge later"
HELD = "2026-03-02T09:00Z"


def on(day: int, kind: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T08:00Z", kind=kind, **{"case": "c", "customer": "ann", **words})


OPEN = on(1, "opened")
OFFER = HeldMessage(name="offer", held_at=HELD, lives=days(10), customer="ann")


def judged(*events: Event, at: str = "2026-03-05T09:00Z", guards: Any = None) -> Release:
    return release(OFFER, guards or [(None, NoTrouble())], Timeline(events), at)


class TestRelease:
    """A held message is judged again by the rules then in force, and never replayed."""

    def test_is_held_while_something_stands_against_it(self) -> None:
        found = judged(OPEN)
        assert (found.fate, found.then.verdict.value, found.now.verdict.value) == (HeldFate.HOLD, "wait", "wait")
        assert not found.rules_changed
        assert "waits for the open case or trouble to end" in found.why
        assert str(found.review_at) == "2026-03-12 09:00:00+00:00" == str(found.expires_at)

    def test_goes_once_nothing_does(self) -> None:
        found = judged(OPEN, on(4, "closed"))
        assert (found.fate, found.then.verdict.value) == (HeldFate.SEND, "wait")
        assert found.key == found.now.key
        assert found.key.startswith("ann////offer/")

    def test_dies_when_it_has_lived_its_time(self) -> None:
        events = (OPEN, on(4, "closed"))
        assert judged(*events, at="2026-03-12T08:59Z").fate == HeldFate.SEND
        dead = judged(*events, at="2026-03-12T09:00Z")
        assert (dead.fate, dead.expired) == (HeldFate.EXPIRED, True)
        assert dead.why == "it lived until Thu 12 Mar 2026 09:00"
        assert dead.now.verdict.value == "go", "both decisions are there for the log"

    def test_is_judged_by_the_rules_now_in_force(self) -> None:
        rules = [(None, NoTrouble()), ("2026-03-04T00:00Z", NoTrouble(days(3)))]
        found = judged(OPEN, on(4, "closed"), guards=rules)
        assert (found.fate, found.rules_changed) == (HeldFate.HOLD, True)
        assert found.why.endswith(", by rules that are newer than the message")
        before = judged(OPEN, guards=rules, at="2026-03-03T00:00Z")
        assert str(before.review_at) == "2026-03-04 00:00:00+00:00", "the new rules come into force"
        assert judged(OPEN, on(4, "closed"), guards=rules[::-1]) == found

    def test_laxer_rules_let_it_go(self) -> None:
        assert judged(OPEN, guards=[(None, NoTrouble()), ("2026-03-04T00:00Z", None)]).fate == HeldFate.SEND
        assert judged(OPEN, guards=[(None, NoTrouble()), ("2026-03-04T00:00Z", None)]).why.startswith("nothing stands")

    def test_is_dropped_or_redirected_as_the_rules_say(self) -> None:
        register = NothingRegistered((Trouble("collections", action="suppress"),))
        assert judged(on(3, "trouble", purpose="collections"), guards=[(None, register)]).fate == HeldFate.DROPPED
        call = NoConflict("upsell", pairs=(Conflict("upsell", OUTAGE, "it is down", "redirect"),))
        assert judged(on(3, "trouble", purpose="outage"), guards=[(None, call)]).fate == HeldFate.REDIRECTED

    def test_says_when_a_hold_outruns_its_life(self) -> None:
        survey = on(1, "survey")
        found = judged(survey, guards=[(None, RestBetween(days(90)))])
        assert (found.fate, found.outruns) == (HeldFate.HOLD, True)
        assert found.why.endswith(", and it lives until Thu 12 Mar 2026 09:00 only")
        assert not judged(survey, guards=[(None, RestBetween(days(9)))]).outruns
        assert not judged(OPEN).outruns, "an event may end it at any time"

    def test_the_first_decision_rests_on_what_was_known_then(self) -> None:
        late = on(1, "opened", recorded_at="2026-03-03T09:00Z")
        assert judged(late).then.verdict.value == "go"
        assert judged(late).now.verdict.value == "wait"

    def test_takes_the_guards_of_plans(self) -> None:
        plan = Plan(Calendar.always(), offer=Touch(guard=NoTrouble(), touch_class="marketing"))
        assert judged(OPEN, guards=[(None, plan["offer"].guard)]).fate == HeldFate.HOLD

    def test_ends_for_ever_with_its_life(self) -> None:
        assert judged(at="2026-03-20T09:00Z").review_at is None

    @pytest.mark.parametrize(
        ("build", "says"),
        [
            (
                lambda: HeldMessage(name=" ", held_at=HELD, lives=days(1)),
                "message has no name; say what it is, e.g. 'renewal'",
            ),
            (
                lambda: judged(at="2026-03-01T09:00Z"),
                "at lies before the message was held: 2026-03-01T09:00:00+00:00 < 2026-03-02T09:00:00+00:00; " + LATER,
            ),
            (
                lambda: judged(guards=[("2026-03-03T00:00Z", None)]),
                "no rules were in force on 2026-03-02T09:00:00+00:00; begin with (None, guard)",
            ),
            (
                lambda: release(OFFER, [], Timeline([]), HELD),
                "no rules were in force on 2026-03-02T09:00:00+00:00; begin with (None, guard)",
            ),
            (
                lambda: judged(guards=[(None, None), (None, NoTrouble())]),
                "guards come into force at one instant twice; keep the one that was meant",
            ),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, build: Any, says: str) -> None:
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(says)}$"):
            build()


class TestDecideMessage:
    """Whether a message may go out, by what was known then or earlier."""

    def test_nothing_need_be_known_of_the_customer(self) -> None:
        decision = decide_message("offer", NoTrouble(), Timeline([OPEN]), HELD, customer="bob")
        assert (decision.verdict.value, decision.customer, decision.touch) == ("go", "bob", "offer")

    def test_what_is_learnt_later_does_not_count(self) -> None:
        closed = Timeline([OPEN, on(4, "closed")])
        words: Any = {"customer": "ann"}
        assert decide_message("x", NoTrouble(), closed, "2026-03-05T09:00Z", **words).verdict.value == "go"
        earlier = decide_message("x", NoTrouble(), closed, "2026-03-05T09:00Z", known="2026-03-03T00:00Z", **words)
        assert earlier.verdict.value == "wait"

    def test_a_message_that_went_out_is_an_attempt(self) -> None:
        sent = on(4, "contact", purpose="offer")
        keys = [
            decide_message("offer", None, Timeline(log), "2026-03-05T09:00Z", customer="ann").key
            for log in ([OPEN], [OPEN, sent])
        ]
        assert keys[0] != keys[1]
