"""Cadence and heartbeat: what feeds them, and what does not."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest

from carepolicy import (
    NEVER,
    Cadence,
    Calendar,
    Event,
    Facts,
    Heartbeat,
    Parties,
    Timeline,
    Verdict,
    days,
    elapsed,
    working_days,
)
from carepolicy.errors import InvalidPolicyError

office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
parties = Parties(ours=["agent", "office"], partners=["shop"])


def on(day: int, kind: str = "contact", **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, **words)


def talk(day: int, **words: Any) -> Event:
    usual = {"party": "agent", "direction": "outbound", "channel": "phone", "outcome": "conversation"}
    return on(day, **{**usual, **words})


def due(duty: Any, *events: Event, at: str = "2026-03-31T09:00Z") -> str:
    decision = duty.decide(Timeline(events), at, calendar=office, parties=parties)
    return str(decision.due)[5:10] if decision.due else "none"


class TestCadence:
    """A live talk that we begin, at least so often."""

    every = Cadence(days(10))

    def test_counts_from_the_last_talk_that_we_began(self) -> None:
        assert due(self.every, on(1, "sold"), talk(5)) == "03-15"
        assert due(self.every, on(1, "sold"), talk(5), talk(6, party="shop")) == "03-15"
        assert due(Cadence(days(10), by="shop"), on(1, "sold"), talk(5), talk(6, party="shop")) == "03-16"

    def test_counts_from_when_the_customer_was_first_heard_of(self) -> None:
        assert due(self.every, on(1, "sold"), on(5, "note")) == "03-11"

    @pytest.mark.parametrize(
        "change",
        [
            {"direction": "inbound"},
            {"direction": ""},
            {"channel": "email"},
            {"outcome": "voicemail"},
            {"author": "automatic"},
            {"kind": "closed"},
            {"kind": "note"},
        ],
    )
    def test_is_not_fed_by_anything_less(self, change: dict[str, str]) -> None:
        assert due(self.every, on(1, "sold"), attrs.evolve(talk(5), **change)) == "03-11"  # type: ignore[arg-type]

    def test_of_nothing_known_is_due(self) -> None:
        decision = self.every.decide_facts(Facts(), "2026-03-01T09:00Z")
        assert (decision.verdict, decision.due, decision.overdue_since) == (Verdict.OVERDUE, None, None)

    def test_leaves_in_peace_who_left(self) -> None:
        assert due(self.every, on(1, "sold"), on(2, "left")) == "none"
        assert due(self.every, on(1, "left"), on(2, "sold")) == "03-11"

    def test_starts_at_every_and_is_due_at_most(self) -> None:
        duty = Cadence(days(10), at_most=days(14))
        decision = duty.decide(Timeline([talk(1)]), "2026-03-12T09:00Z")
        assert (decision.verdict, str(decision.opens)[5:10], str(decision.due)[5:10]) == (Verdict.GO, "03-11", "03-15")
        assert (duty.interval(), self.every.interval()) == (days(14), days(10))
        assert Cadence(working_days(10), at_most=days(9)).at_most == days(9), "units that cannot be compared"

    def test_knows_the_latest_try(self) -> None:
        call = talk(5)
        voicemail = talk(6, outcome="voicemail")
        mail = talk(7, channel="email")
        keys = [
            self.every.decide(Timeline(log), "2026-03-31T09:00Z").key
            for log in ([call], [call, voicemail], [call, mail])
        ]
        assert keys[0] == keys[2] != keys[1]

    def test_says_so_in_words(self) -> None:
        assert self.every.explain() == "a live talk that we began, every 10 days"
        both = Cadence(working_days(5), at_most=working_days(7), by=("agent", "office"))
        assert both.explain() == "a live talk that agent or office began, every 5 working days, 7 working days at most"
        assert eval(repr(both)) == both

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"every": 10}, "every is not a span: 10; use e.g. working_days(10)"),
            ({"every": None}, "every is not a span: None"),
            ({"every": days(0)}, "every points backward or nowhere: 0 days; use"),
            ({"every": days(3), "at_most": elapsed(hours=-1)}, "at_most points backward or nowhere: -1 elapsed hour;"),
            (
                {"every": days(3), "at_most": days(2)},
                "at_most is shorter than every: at_most=2 days, every=3 d",
            ),
        ],
    )
    def test_refuses(self, fields: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Cadence(**fields)


class TestHeartbeat:
    """An update on open work at least so often, even when nothing has changed."""

    every = Heartbeat(working_days(5))
    opened = on(2, "opened", case="c", party="office")

    def update(self, day: int, **words: Any) -> Event:
        return talk(day, **{"case": "c", "purpose": "update", **words})

    def test_counts_from_the_opening_and_from_each_update(self) -> None:
        assert due(self.every, self.opened) == "03-09"
        assert due(self.every, self.opened, self.update(5)) == "03-12"
        assert due(self.every, self.opened, self.update(5, channel="email", outcome="delivered")) == "03-12"
        assert due(self.every, self.opened, self.update(5, party="shop")) == "03-12"

    @pytest.mark.parametrize(
        "change",
        [
            {"purpose": "marketing"},
            {"direction": "inbound"},
            {"author": "automatic"},
            {"outcome": "voicemail"},
            {"party": "customer"},
            {"case": "other"},
        ],
    )
    def test_is_not_fed_by_anything_less(self, change: dict[str, str]) -> None:
        events = Timeline([self.opened, self.update(5, **change)])
        decision = self.every.decide(events, "2026-03-31T09:00Z", calendar=office, parties=parties, case="c")
        assert str(decision.due)[5:10] == "03-09"

    @pytest.mark.parametrize("kind", ["promise", "estimate"])
    def test_is_fed_by_a_date_that_was_stated(self, kind: str) -> None:
        stated = on(4, kind, case="c", party="shop", due="2026-03-20T09:00Z")
        assert due(self.every, self.opened, stated) == "03-11"
        assert due(Heartbeat(working_days(5), by="office"), self.opened, stated) == "03-09"

    def test_is_fed_by_any_talk_while_a_date_lies_ahead(self) -> None:
        stated = on(4, "estimate", case="c", party="shop", due="2026-03-06T09:00Z")
        asked = {"direction": "inbound", "purpose": "status", "case": "c"}
        assert due(self.every, self.opened, stated, talk(5, **asked)) == "03-12"
        assert due(self.every, self.opened, stated, talk(9, **asked)) == "03-11"
        assert due(self.every, self.opened, talk(5, **asked)) == "03-09"

    def test_is_owed_while_the_case_is_open(self) -> None:
        assert due(self.every, self.opened, on(5, "completed", case="c")) == "none"
        assert due(self.every, self.opened, on(5, "closed", case="c")) == "none"
        assert due(self.every, self.opened, on(5, "completed", case="c", ref="part")) == "03-09"
        assert due(self.every, self.opened, on(5, "closed", case="c"), on(6, "reopened", case="c")) == "03-13"
        assert self.every.due(Facts(office, last_opened=5, last_ended=9, last_update=1, last_informed=1)) == NEVER

    def test_says_so_in_words(self) -> None:
        assert self.every.explain() == "an update on open work every 5 working days, even when nothing has changed"
        assert self.every.starts(facts := Facts(office, **dict.fromkeys(self.every.needs(), 5))) == self.every.due(
            facts
        )
        assert eval(repr(self.every)) == self.every
        with pytest.raises(InvalidPolicyError, match="every points backward or nowhere: -1 day"):
            Heartbeat(days(-1))
