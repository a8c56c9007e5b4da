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
    Plan,
    Timeline,
    Touch,
    Verdict,
    Which,
    days,
    elapsed,
    working,
    working_days,
)
from carepolicy.errors import InvalidPolicyError
from carepolicy.grid import Grid
from carepolicy.table import decide_table, facts_from_events
from carepolicy.testing import check_policy
from carepolicy.tier import Tier
from tests.fold_logs import row_of, table_of
from tests.tables import decisions_of, said

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


ALL = (
    Cadence(days(7), early=days(2), grace=working_days(1)),
    Cadence(days(7), persons=("owner", "driver")),
    Cadence(days(7), fed_by=(Which(channel="visit"), Which(channel="email", author="human", outcome="delivered"))),
    Cadence(
        days(14),
        grid=Grid.every(days(14), start="2025-10-05T02:30-06:00", zone="America/Denver"),
        early=days(3),
    ),
    Cadence(
        days(7),
        grid=Grid.from_rrule("FREQ=WEEKLY;BYDAY=TU", start="2025-10-05T02:30-06:00", zone="Europe/Paris"),
        early=working(hours=4),
        grace=days(1),
        wishes=(Tier("rare", days(90)),),
    ),
    Cadence(working_days(3), grid=Grid.every(working_days(3), start="2025-10-05T02:30-06:00")),
    Cadence(days(7), days(9), tiers=(Tier("gold", days(2), days(3)), Tier("silver", days(42))), early=days(1)),
    Cadence(
        days(7),
        tiers=(Tier("gold", days(2), days(3)), Tier("silver", days(42))),
        wishes=(Tier("rare", days(90)), Tier("some", days(20), days(30))),
        persons=("owner", "driver"),
        grace=days(1),
    ),
)


class TestWhatFeedsIt:
    """A table says which contacts feed a rhythm."""

    visits = Cadence(days(10), fed_by=(Which(channel="visit", direction="outbound"),))

    def test_is_the_rows_that_were_given(self) -> None:
        log = (on(1, "sold"), talk(5), talk(7, channel="visit", outcome="delivered"))
        assert due(self.visits, *log) == "03-17"
        assert due(Cadence(days(10)), *log) == "03-15"

    def test_is_about_by_unless_a_row_names_a_party(self) -> None:
        theirs = talk(7, channel="phone", direction="inbound", party="customer")
        called = Cadence(days(10), fed_by=(Which(conversation=True), Which(by="customer", conversation=True)))
        assert due(called, on(1, "sold"), theirs) == "03-17"
        assert due(Cadence(days(10), fed_by=(Which(conversation=True),)), on(1, "sold"), theirs) == "03-11"

    def test_is_said_in_words(self) -> None:
        assert self.visits.explain() == "outbound visit, every 10 days"
        both = Cadence(days(10), fed_by=(Which(by="customer", conversation=True), Which()))
        assert both.explain() == "live talk of customer; or contact, every 10 days"

    def test_says_what_meets_it(self) -> None:
        assert self.visits.met_by() == (Which("contact", by="us", channel="visit", direction="outbound"),)
        each = Cadence(days(10), persons=("owner", "driver")).met_by()
        assert [which.person for which in each] == [("owner",), ("driver",)]


class TestSeveralPersons:
    """Each person must be reached, and the one reached longest ago rules."""

    each = Cadence(days(10), persons=("owner", "driver"))

    def test_counts_from_whom_was_reached_longest_ago(self) -> None:
        log = (on(1, "sold"), talk(5, person="owner"), talk(8, person="driver"), talk(9, person="clerk"))
        assert due(self.each, *log) == "03-15"
        assert due(self.each, *log, talk(12, person="owner")) == "03-18"

    def test_counts_from_the_first_word_for_who_was_never_reached(self) -> None:
        assert due(self.each, on(1, "sold"), talk(5, person="owner")) == "03-11"

    def test_is_said_in_words(self) -> None:
        assert self.each.explain() == "a live talk that we began with each of owner, driver, every 10 days"


class TestGrid:
    """Due on fixed dates instead of an interval after the last talk."""

    tuesdays = Grid.from_rrule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", start="2026-03-03T09:00Z", zone="UTC")
    fixed = Cadence(days(14), grid=tuesdays)
    early = Cadence(days(14), grid=tuesdays, early=days(3))

    def test_is_due_on_the_first_date_after_the_talk(self) -> None:
        assert due(self.fixed, talk(4)) == due(self.fixed, talk(16)) == "03-17"
        assert due(self.fixed, talk(17)) == "03-31"

    def test_is_met_by_a_talk_that_is_a_little_early(self) -> None:
        assert due(self.early, talk(13)) == "03-17"
        assert due(self.early, talk(14)) == due(self.early, talk(17)) == "03-31"

    def test_is_worth_doing_as_early(self) -> None:
        decision = self.early.decide(Timeline([talk(4)]), "2026-03-14T09:00Z")
        assert (decision.verdict, str(decision.opens)[:10]) == (Verdict.GO, "2026-03-14")

    def test_asks_of_the_date_whether_working_time_is_enough(self) -> None:
        mondays = Grid.from_rrule("FREQ=WEEKLY", start="2026-03-02T09:00Z", zone="UTC")
        friday = attrs.evolve(talk(13), at="2026-03-13T13:00Z")
        assert due(Cadence(days(7), grid=mondays, early=working(hours=4)), friday) == "03-23"

    def test_is_put_off_to_a_date_by_a_wish(self) -> None:
        rarely = Cadence(days(14), grid=self.tuesdays, wishes=(Tier("rarely", days(20)),))
        assert due(rarely, talk(4)) == "03-17"
        assert due(rarely, talk(4), on(5, "wish", purpose="rarely")) == "03-31"
        assert due(rarely, talk(4), on(5, "wish", due="2026-03-31T09:00Z")) == "03-31"

    def test_is_said_in_words(self) -> None:
        assert self.early.explain() == (
            "a live talk that we began, on the dates FREQ=WEEKLY;INTERVAL=2;BYDAY=TU from Tue 3 Mar 2026 09:00, worth "
            "doing 3 days before"
        )


class TestSlack:
    """Early is worth doing, and grace is not overdue yet."""

    duty = Cadence(days(10), early=days(2), grace=days(3))

    @pytest.mark.parametrize(
        ("day", "verdict"), [(8, Verdict.WAIT), (9, Verdict.GO), (13, Verdict.GO), (14, Verdict.OVERDUE)]
    )
    def test_opens_before_and_is_overdue_after(self, day: int, verdict: Verdict) -> None:
        assert self.duty.decide(Timeline([talk(1)]), f"2026-03-{day:02}T09:00Z").verdict == verdict

    def test_never_begins_before_the_last_talk(self) -> None:
        long = Cadence(days(2), early=working_days(9))
        decision = long.decide(Timeline([talk(5)]), "2026-03-05T09:00Z", calendar=office)
        assert (str(decision.opens)[5:10], str(decision.due)[5:10]) == ("03-05", "03-07")

    def test_is_said_in_words(self) -> None:
        words = "a live talk that we began, every 10 days, worth doing 2 days before, overdue 3 days after"
        assert self.duty.explain() == words


class TestTiers:
    """Another rhythm in another tier, and what was met stays met."""

    duty = Cadence(days(10), tiers=(Tier("gold", days(4)), Tier("slow", days(20), at_most=days(25))))

    def test_is_that_of_the_latest_tier(self) -> None:
        assert due(self.duty, talk(5)) == "03-15"
        assert due(self.duty, on(1, "tier", purpose="gold"), talk(5)) == "03-09"
        assert due(self.duty, on(1, "tier", purpose="gold"), on(2, "tier", purpose="slow"), talk(5)) == "03-30"
        assert due(self.duty, on(1, "tier", purpose="gold"), on(2, "tier", purpose="none"), talk(5)) == "03-15"

    def test_counts_the_last_talk_after_a_change(self) -> None:
        assert due(self.duty, on(1, "sold"), talk(5), on(7, "tier", purpose="gold")) == "03-09"
        assert due(self.duty, on(1, "sold"), talk(5), on(7, "tier", purpose="slow")) == "03-30"

    def test_is_never_due_before_the_change(self) -> None:
        assert due(self.duty, on(1, "sold"), talk(5), on(12, "tier", purpose="gold")) == "03-12"

    def test_keeps_what_was_due_before_the_change(self) -> None:
        log = (on(1, "tier", purpose="gold"), talk(5), on(12, "tier", purpose="slow"))
        assert due(self.duty, *log) == "03-09"
        assert due(self.duty, *log, on(13, "tier", purpose="slow")) == "03-09"

    def test_opens_by_the_tier_of_today(self) -> None:
        log = [on(1, "tier", purpose="slow"), talk(5)]
        decision = self.duty.decide(Timeline(log), "2026-03-26T09:00Z")
        assert (decision.verdict, str(decision.opens)[5:10], str(decision.due)[5:10]) == (Verdict.GO, "03-25", "03-30")

    def test_is_decided_from_facts_that_a_host_keeps(self) -> None:
        known = Facts(last_outreach="2026-03-05T09:00Z", tier_gold="2026-03-01T09:00Z")
        decision = self.duty.decide_facts(known, "2026-03-06T09:00Z")
        assert str(decision.due)[5:10] == "03-09"

    def test_is_said_in_words(self) -> None:
        assert self.duty.explain() == (
            "a live talk that we began, every 10 days; in tier gold every 4 days; in tier slow every 20 days, 25 days "
            "at most"
        )


class TestWishes:
    """The customer's wish wins, and only ever puts off."""

    duty = Cadence(days(10), tiers=(Tier("gold", days(4)),), wishes=(Tier("rarely", days(20), days(25)),))
    rarely = on(6, "wish", purpose="rarely")

    def test_is_the_longer_interval(self) -> None:
        assert due(self.duty, talk(5), self.rarely) == "03-30"
        assert due(self.duty, on(1, "tier", purpose="gold"), talk(5), self.rarely) == "03-30"
        often = Cadence(days(10), wishes=(Tier("often", days(2)),))
        assert due(often, talk(5), on(6, "wish", purpose="often")) == "03-15"

    def test_is_worth_doing_from_the_wished_interval_on(self) -> None:
        decision = self.duty.decide(Timeline([talk(5), self.rarely]), "2026-03-26T09:00Z")
        assert (decision.verdict, str(decision.opens)[5:10]) == (Verdict.GO, "03-25")

    def test_is_taken_back_by_another_from_then_on(self) -> None:
        log = (on(1, "sold"), talk(5), self.rarely)
        assert due(self.duty, *log, on(8, "wish", purpose="as before")) == "03-15"
        assert due(self.duty, *log, on(22, "wish", purpose="as before")) == "03-22"
        assert due(self.duty, *log, on(8, "wish", due="2026-03-12T09:00Z")) == "03-30", "which does not take it back"

    def test_is_not_due_before_a_date(self) -> None:
        wish = on(6, "wish", due="2026-03-28T09:00Z")
        assert due(self.duty, talk(5), wish) == "03-28"
        decision = self.duty.decide(Timeline([talk(5), wish]), "2026-03-20T09:00Z")
        assert (decision.verdict, str(decision.opens)[5:10]) == (Verdict.WAIT, "03-28")

    def test_is_said_in_words(self) -> None:
        duty = Cadence(days(10), wishes=(Tier("rarely", days(20)),))
        assert duty.explain() == "a live talk that we began, every 10 days; who wishes rarely, every 20 days"


class TestRefused:
    """What contradicts itself is refused when it is written."""

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"fed_by": ["visit"]}, "fed_by holds what is no Which: 'visit'; write e.g. Which(channel='visit')"),
            ({"grid": "weekly"}, "grid is not a Grid: 'weekly'; use Grid.every or Grid.from_rrule"),
            (
                {"grid": TestGrid.tuesdays, "at_most": days(20)},
                "grid has one rhythm for all: at_most and tiers count from the last talk; use grace, or one touch for",
            ),
            ({"grid": TestGrid.tuesdays, "tiers": [Tier("gold", days(4))]}, "grid has one rhythm for all"),
            ({"early": days(10)}, "early leaves nothing of every: early=10 days, every=10 days; use less"),
            ({"grace": days(-1)}, "grace points backward or nowhere: -1 day"),
            ({"persons": ("a b", "A_b")}, "persons names one twice: ('a b', 'A_b'); keep one, or name it otherwise"),
            ({"tiers": ["gold"]}, "tiers holds what is no Tier: 'gold'; write e.g. Tier('gold', days(7))"),
            (
                {"wishes": [Tier("x", days(1)), Tier("X", days(2))]},
                "wishes names one twice: 'X'; keep one, or name it otherwise",
            ),
        ],
    )
    def test_with_its_name(self, fields: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Cadence(days(10), **fields)


class TestEvery:
    """Whatever its parameters, it is a policy as every other."""

    @pytest.mark.parametrize("duty", ALL, ids=lambda duty: duty.explain()[:60])
    def test_keeps_the_laws(self, duty: Cadence) -> None:
        check_policy(duty, examples=25)

    @pytest.mark.parametrize("duty", ALL, ids=lambda duty: duty.explain()[:60])
    def test_is_written_to_a_plan_and_read_back(self, duty: Cadence) -> None:
        plan = Plan(office, call=Touch(due=duty))
        assert Plan.from_json(plan.to_json()) == plan == Plan.from_toml(plan.to_toml())

    @pytest.mark.parametrize("duty", ALL, ids=lambda duty: duty.explain()[:60])
    def test_is_decided_in_a_table_as_for_one(self, duty: Cadence) -> None:
        log = [
            attrs.evolve(event, customer=name)
            for name, events in {
                "ann": (on(1, "sold"), talk(5, person="owner"), on(9, "tier", purpose="gold")),
                "bob": (on(2, "tier", purpose="silver"), talk(5, person="driver"), on(6, "wish", purpose="rare")),
                "cat": (talk(3, channel="visit"), on(6, "wish", due="2026-03-20T09:00Z")),
            }.items()
            for event in events
        ]
        plan, now = Plan(office, call=Touch(due=duty)), "2026-03-12T09:00Z"
        facts = facts_from_events(table_of(map(row_of, log)), plan, at=now)
        assert sorted(decisions_of(decide_table(plan, facts.to_frame(), now))) == sorted(
            said(decision) for decision in plan.review(Timeline(log), now)
        )


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
        assert due(self.every, self.opened, stated, talk(5, **{**asked, "party": "customer"})) == "03-12"
        assert due(self.every, self.opened, talk(5, **asked, due="2026-03-06T09:00Z")) == "03-12"

    def test_is_owed_while_the_case_is_open(self) -> None:
        assert due(self.every, self.opened, on(5, "completed", case="c")) == "none"
        assert due(self.every, self.opened, on(5, "closed", case="c")) == "none"
        assert due(self.every, self.opened, on(5, "completed", case="c", ref="part")) == "03-09"
        assert due(self.every, self.opened, on(5, "closed", case="c"), on(6, "reopened", case="c")) == "03-13"
        told = dict.fromkeys(("last_update", "last_informed", "last_dated"), 1)
        assert self.every.due(Facts(office, last_opened=5, last_ended=9, **told)) == NEVER

    def test_says_so_in_words(self) -> None:
        assert self.every.explain() == "an update on open work every 5 working days, even when nothing has changed"
        assert self.every.starts(facts := Facts(office, **dict.fromkeys(self.every.needs(), 5))) == self.every.due(
            facts
        )
        assert eval(repr(self.every)) == self.every
        with pytest.raises(InvalidPolicyError, match="every points backward or nowhere: -1 day"):
            Heartbeat(days(-1))
