"""Conflicts: what must not be said while something is going on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Event, Timeline, Which, days
from carepolicy.conflict import BEREAVEMENT, OUTAGE, STANDARD_PAIRS, WRECK, Conflict, NoConflict, State
from carepolicy.errors import InvalidPolicyError

NOW = "2026-03-10T09:00Z"


def on(day: int, kind: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, **{"case": "c", **words})


def verdict(guard: Any, *events: Event) -> str:
    return str(guard.decide(Timeline(events), NOW).verdict.value)


class TestNoConflict:
    """Nothing goes on that the message does not go together with."""

    def test_no_offer_to_refinance_a_wrecked_car(self) -> None:
        guard = NoConflict("refinance")
        wreck = on(1, "incident")
        assert verdict(guard, wreck) == "wait"
        assert verdict(guard, on(1, "opened", purpose="repair")) == "wait"
        assert verdict(guard, wreck, on(5, "completed")) == "go"
        assert verdict(guard, wreck, on(5, "completed", case="d")) == "wait", "another case"
        assert verdict(guard, wreck, on(5, "estimate", due="2026-03-09T00:00Z")) == "wait", "a date ends nothing"
        assert verdict(guard, on(1, "incident", purpose="outage")) == "go"

    def test_nothing_is_sold_into_an_outage(self) -> None:
        down = on(1, "trouble", purpose="outage")
        assert verdict(NoConflict("upsell"), down) == "wait"
        assert verdict(NoConflict("upsell"), down, on(2, "trouble_over", purpose="outage")) == "go"
        assert verdict(NoConflict("upsell"), down, on(2, "trouble_over", purpose="complaint")) == "wait"
        assert verdict(NoConflict("refinance"), down) == "go"

    def test_no_rating_from_who_complains(self) -> None:
        assert verdict(NoConflict("rate_us"), on(1, "opened", purpose="complaint")) == "wait"
        assert verdict(NoConflict("rate_us"), on(1, "trouble", purpose="escalation")) == "wait"

    def test_no_renewal_while_a_claim_is_open(self) -> None:
        claim = on(1, "opened", purpose="claim")
        assert verdict(NoConflict("renewal"), claim) == "wait"
        assert verdict(NoConflict("renewal"), claim, on(2, "closed")) == "go"
        again = on(3, "reopened", purpose="claim")
        assert verdict(NoConflict("renewal"), claim, on(2, "closed"), again) == "wait"

    def test_several_open_cases_all_count(self) -> None:
        claims = [on(1, "opened", purpose="claim"), on(2, "opened", purpose="claim", case="d"), on(3, "closed")]
        assert verdict(NoConflict("renewal"), *claims) == "wait"

    def test_what_ends_by_itself_ends(self) -> None:
        assert verdict(NoConflict("birthday"), on(1, "trouble", purpose="bereavement")) == "wait"
        short = State("bereavement", BEREAVEMENT.begins, lasts=days(3))
        guard = NoConflict("birthday", pairs=(Conflict("birthday", short, "somebody died"),))
        decision = guard.decide(Timeline([on(8, "trouble", purpose="bereavement")]), NOW)
        assert (decision.verdict.value, str(decision.opens)[:10]) == ("wait", "2026-03-11")

    def test_may_drop_it_or_call_for_another_contact(self) -> None:
        drop = NoConflict("upsell", pairs=(Conflict("upsell", OUTAGE, "it is down", "suppress"),))
        call = NoConflict("upsell", pairs=(Conflict("upsell", OUTAGE, "it is down", "redirect"),))
        down = on(1, "trouble", purpose="outage")
        assert (verdict(drop, down), verdict(call, down)) == ("too_late", "redirect")
        assert (verdict(drop), verdict(call)) == ("go", "go")

    def test_may_look_at_one_case_alone(self) -> None:
        here = State("outage", OUTAGE.begins, OUTAGE.ends, scope="case")
        guard = NoConflict("upsell", pairs=[Conflict("upsell", here, "it is down")])
        log = Timeline([on(1, "trouble", purpose="outage"), on(1, "trouble_over", case="d")])
        assert guard.decide(log, NOW, case="c").verdict.value == "wait"
        assert guard.decide(log, NOW, case="d").verdict.value == "go"

    def test_a_host_adds_its_own(self) -> None:
        pairs = (*STANDARD_PAIRS, Conflict("loan", WRECK, "the security is gone"))
        assert verdict(NoConflict("loan", pairs=pairs), on(1, "incident")) == "wait"

    def test_says_so_in_words(self) -> None:
        guard = NoConflict("refinance")
        assert guard.explain() == "no refinance during: wrecked car (the car is in the shop, or gone)"
        (reason,) = guard.decide(Timeline([on(1, "incident")]), NOW).reasons
        assert (reason.code, reason.awaits) == ("NoConflict.opens", "what stands against the message to be over")

    @pytest.mark.parametrize(
        ("build", "says"),
        [
            (lambda: State(" ", "trouble", "closed"), "state has no name; say what goes on, e.g. 'outage'"),
            (lambda: State("x", (), "closed"), "state never begins: 'x'; name the events that begin it"),
            (
                lambda: State("x", "trouble"),
                "state ends by events or by itself: 'x'; give ends or lasts, one of them",
            ),
            (
                lambda: State("x", "trouble", "closed", lasts=days(1)),
                "state ends by events or by itself: 'x'; give ends or lasts, one of them",
            ),
            (
                lambda: State("x", "trouble", "closed", scope="party"),
                "scope is not known: 'party'; use one of case, customer",
            ),
            (lambda: Conflict("", OUTAGE, "why"), "conflict names no message: ('',); say which, e.g. 'refinance'"),
            (
                lambda: Conflict("x", "outage", "why"),  # type: ignore[arg-type]
                "state is none: 'outage'; write e.g. State('outage', begins=…, ends=…)",
            ),
            (lambda: Conflict("x", OUTAGE, " "), "conflict has no reason: x; say why in a few words"),
            (
                lambda: Conflict("x", OUTAGE, "why", "drop"),
                "action is not known: 'drop'; use one of hold, suppress, redirect",
            ),
            (
                lambda: Conflict("x", BEREAVEMENT, "why", "suppress"),
                "state ends by itself and can only hold: 'bereavement', 'suppress'; leave the action out",
            ),
            (
                lambda: NoConflict("refi", pairs=(Conflict("refinance", WRECK, "why"),)),
                "no pair is about the message: 'refi'; add a Conflict, or use one of refinance",
            ),
            (
                lambda: NoConflict(
                    "x",
                    pairs=(
                        Conflict("x", State("An outage", "trouble", "closed"), "why"),
                        Conflict("x", State("an outage", Which("incident"), "closed"), "why"),
                    ),
                ),
                "two states share a name: An outage, an outage; name each apart",
            ),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, build: Any, says: str) -> None:
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(says)}$"):
            build()
