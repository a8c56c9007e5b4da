"""Pauses that stop no clock, or should not have been."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Event, Parties, Plan, Timeline, Touch, days, elapsed
from carepolicy.clocks import FirstResolution
from carepolicy.errors import InvalidPolicyError
from carepolicy.finding import Finding
from carepolicy.pause_checks import Pauses

office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="UTC")


def on(clock: str, kind: str, **words: Any) -> Event:
    return Event(
        at=f"2026-03-02T{clock}Z", kind=kind, **{"case": "c", "party": "desk", "id": f"{kind}{clock}", **words}
    )


def pause(clock: str = "10:00", **words: Any) -> Event:
    return on(clock, "paused", **{"purpose": "parts", "due": "2026-03-02T16:00Z", **words})


def asks(clock: str, **words: Any) -> Event:
    return on(clock, "contact", direction="inbound", **{"party": "customer", **words})


def found(*events: Event, check: Pauses | None = None) -> list[Finding]:
    plan = Plan(
        office,
        parties=Parties(partners="shop"),
        checks=[check or Pauses()],
        done=Touch(due=FirstResolution(days(90), pausable=True)),
    )
    return list(plan.audit(Timeline([on("08:00", "opened"), *events]), "2026-03-31T09:00Z").findings)


def details(*events: Event, **options: Any) -> list[str]:
    return [f.detail for f in found(*events, **options)]


class TestUnaccounted:
    """A pause has a reason, an owner and an expiry."""

    @pytest.mark.parametrize(
        ("change", "detail", "lacks"),
        [
            ({"purpose": ""}, "no_reason", "a reason"),
            ({"party": ""}, "no_owner", "an owner"),
            ({"due": None}, "no_expiry", "an expiry"),
        ],
    )
    def test_names_what_it_lacks(self, change: dict[str, Any], detail: str, lacks: str) -> None:
        (one,) = found(pause(**change))
        assert (one.kind, one.detail, one.policy) == ("forbidden", detail, "Pauses")
        assert one.why.startswith(f"a pause without {lacks} stops no clock")
        assert one.evidence == ("paused10:00",)

    def test_one_that_is_accounted_for_is_none(self) -> None:
        assert found(pause()) == []


class TestAfterAMessage:
    """Paused minutes after the customer wrote, before anybody had answered."""

    def test_is_found_where_nobody_had_answered(self) -> None:
        (one,) = found(asks("09:50"), pause())
        assert one.detail == "after_reply"
        assert one.evidence == ("paused10:00", "contact09:50")
        assert "(Mon 2 Mar 2026 09:50)" in one.why
        reply = on("09:55", "contact", direction="outbound", outcome="delivered")
        assert details(asks("09:50"), reply, pause()) == []
        assert details(asks("09:30"), pause()) == []
        assert details(asks("09:30"), pause(), check=Pauses(elapsed(hours=1))) == ["after_reply"]
        assert details(asks("09:50", precision="day"), pause()) == []


class TestInSpiteOfAMessage:
    """The customer wrote inside a pause, and it went on."""

    def test_is_found_where_it_was_not_resumed(self) -> None:
        (one,) = found(pause(), asks("11:00"))
        assert (one.detail, one.evidence) == ("reply_inside", ("paused10:00", "contact11:00"))
        assert details(pause(), asks("11:00"), on("11:10", "resumed")) == []
        assert details(pause(), asks("11:00"), on("11:30", "resumed")) == ["reply_inside"]
        assert details(pause(ref="a"), asks("11:00"), on("11:10", "resumed", ref="b")) == ["reply_inside"]
        assert details(pause(), on("10:30", "resumed"), asks("11:00")) == []
        assert details(pause(), asks("16:00")) == []


def test_the_check_is_a_value_and_says_what_it_looks_for() -> None:
    """And its span points forward."""
    assert eval(repr(Pauses())) == Pauses()
    words = "a pause without reason, owner or expiry, right after a message of the customer, or in spite of one"
    assert Pauses().explain() == words
    with pytest.raises(InvalidPolicyError, match="soon points backward or nowhere: -1 day"):
        Pauses(days(-1))
