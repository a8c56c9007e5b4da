"""Decisions: the verdict, from when until when, why, and when to look again."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from attrs import frozen

from carepolicy import (
    ALWAYS,
    NEVER,
    Cadence,
    Calendar,
    ContactHours,
    Decision,
    Duty,
    Event,
    Fact,
    Facts,
    Guard,
    JourneyComplete,
    Parties,
    Plan,
    PromiseKept,
    RestBetween,
    StillFresh,
    Timeline,
    Touch,
    Verdict,
    Window,
    days,
    elapsed,
    last,
)
from carepolicy._instant import iso_or_none
from carepolicy.decision import About

office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
night = Calendar.weekly("Mon-Fri 20:00-22:00", zone="UTC")
MONDAY = "2026-03-02T{}Z"


def _key(unit: tuple[str, str, str, str], touch: str, cycle: int, attempt: int) -> str:
    return Decision(Verdict.GO, unit, About(touch), cycle_us=cycle, attempt_us=attempt).key


@frozen
class Bounds(Guard):
    """Facts as bounds."""

    facts: ClassVar[Mapping[str, Fact]] = {
        "opens": last("a", gives="due"),
        "closes": last("b", gives="due", missing=NEVER),
        "redirects": last("c", gives="due", missing=NEVER),
    }
    awaits: ClassVar[str] = "the parts"

    def opens(self, f: Facts) -> Any:
        return f.opens

    def closes(self, f: Facts) -> Any:
        return f.closes

    def redirects(self, f: Facts) -> Any:
        return f.redirects


@frozen
class Owed(Duty):
    """Facts as a duty."""

    facts: ClassVar[Mapping[str, Fact]] = {
        "starts": last("d", gives="due", missing=NEVER),
        "due": last("e", gives="due", missing=NEVER),
        "begun": last("f"),
        "tried": last("g"),
    }

    def starts(self, f: Facts) -> Any:
        return f.starts

    def due(self, f: Facts) -> Any:
        return f.due

    def cycle(self, f: Facts) -> Any:
        return f.begun

    def attempted(self, f: Facts) -> Any:
        return f.tried


def hour(text: str) -> str:
    return text if "T" in text else MONDAY.format(text)


def guard(at: str, hours: Calendar | None = None, **facts: str | int) -> Decision:
    policy = Bounds() if hours is None else Bounds() & ContactHours(hours)
    known = {name: hour(v) if isinstance(v, str) else v for name, v in facts.items()}
    return policy.decide_facts(Facts(**known), hour(at))


def duty(at: str, **facts: str | int) -> Decision:
    return Owed().decide_facts(Facts(**{n: hour(v) if isinstance(v, str) else v for n, v in facts.items()}), hour(at))


def shape(decision: Decision) -> tuple[str, str, str]:
    act, review = (str(t)[11:16] if t else "-" for t in (decision.act_at, decision.review_at))
    return decision.verdict.value, act, review


class TestVerdict:
    """The first that fits: redirect, too late, impossible, wait, overdue, go."""

    @pytest.mark.parametrize(
        ("decision", "expected"),
        [
            (guard("09:00"), ("go", "-", "-")),
            (guard("09:00", opens="08:00", closes="12:00"), ("go", "08:00", "12:00")),
            (guard("07:59", opens="08:00", closes="12:00"), ("wait", "08:00", "08:00")),
            (guard("08:00", opens="08:00", redirects="10:00"), ("go", "08:00", "10:00")),
            (guard("12:00", opens="08:00", closes="12:00"), ("too_late", "-", "-")),
            (guard("12:00", closes="12:00", redirects="13:00"), ("too_late", "-", "13:00")),
            (guard("12:00", closes="12:00", redirects="12:00"), ("redirect", "-", "-")),
            (guard("07:00", opens="10:00", closes="09:00"), ("impossible", "-", "09:00")),
            (guard("07:00", opens="09:00", closes="09:00"), ("impossible", "-", "09:00")),
            (guard("07:00", opens=NEVER), ("wait", "-", "-")),
            (guard("07:00", opens=NEVER, closes="09:00"), ("wait", "-", "09:00")),
            (guard("07:00", opens=NEVER, redirects="08:00"), ("wait", "-", "08:00")),
            (guard("10:00", office), ("go", "09:00", "17:00")),
            (guard("08:00", office), ("wait", "09:00", "09:00")),
            (guard("18:00", office), ("wait", "09:00", "09:00")),
            (guard("10:00", office, opens="08:00"), ("go", "09:00", "17:00")),
            (guard("10:00", office, opens="09:30", closes="12:00"), ("go", "09:30", "12:00")),
            (guard("07:00", night, closes="12:00"), ("impossible", "-", "12:00")),
            (guard("07:00", office, opens="17:30", closes="20:00"), ("impossible", "-", "20:00")),
            (guard("07:00", office, opens=NEVER), ("wait", "-", "-")),
            (guard("10:00", office, opens=NEVER, closes="18:00"), ("wait", "-", "17:00")),
            (guard("17:00", office, opens=NEVER, closes="18:00"), ("impossible", "-", "18:00")),
        ],
        ids=str,
    )
    def test_of_a_guard(self, decision: Decision, expected: tuple[str, str, str]) -> None:
        assert shape(decision) == expected

    @pytest.mark.parametrize(
        ("decision", "expected", "overdue"),
        [
            (duty("09:00"), ("wait", "-", "-"), "None"),
            (duty("09:00", starts="08:00", due="10:00"), ("go", "08:00", "10:00"), "None"),
            (duty("07:00", starts="08:00", due="10:00"), ("wait", "08:00", "08:00"), "None"),
            (duty("10:00", starts="08:00", due="10:00"), ("overdue", "08:00", "-"), "2026-03-02 10:00:00+00:00"),
        ],
        ids=str,
    )
    def test_of_a_duty(self, decision: Decision, expected: tuple[str, str, str], overdue: str) -> None:
        assert shape(decision) == expected
        assert str(decision.overdue_since) == overdue

    def test_a_touch_keeps_both_deadlines_apart(self) -> None:
        """Past due it is still to be done; past closing it is dropped, and has been overdue since all the same."""
        plan = Plan(office, call=Touch(due=Owed(), guard=Bounds()))
        hours = [(MONDAY.format(f"0{n}:00"), kind) for n, kind in ((5, "d"), (6, "e"), (8, "b"))]
        log = [Event(at=at, kind=kind, due=at) for at, kind in hours]
        before, after = (plan.review(Timeline(log), MONDAY.format(t)).decisions[0] for t in ("08:00", "07:59"))
        assert (before.verdict, after.verdict) == (Verdict.TOO_LATE, Verdict.OVERDUE)
        assert before.overdue_since == after.overdue_since

    def test_is_text_and_is_rebuilt_by_its_repr(self) -> None:
        assert [str(verdict) for verdict in Verdict] == ["redirect", "too_late", "impossible", "wait", "overdue", "go"]
        assert all(eval(repr(verdict)) is verdict for verdict in Verdict)


class TestKey:
    """The same recommendation has the same key."""

    def test_names_whom_what_the_cycle_and_the_attempt(self) -> None:
        assert _key(("acme", "c", "r", ""), "call", 5, 9) == "acme/c/r//call/5/9"
        assert _key(("acme", "", "", ""), "call", NEVER, 9) == "acme////call/-/-"
        assert _key(("acme", "", "", ""), "call", 9, 5) == "acme////call/9/-", "an attempt of an earlier cycle"

    def test_parts_with_a_slash_stay_apart(self) -> None:
        assert _key(("a/b", "%", "~", ""), "call", 1, 0) == "a%2Fb/%25/%7E//call/1/-"
        assert _key(("a/b", "", "", ""), "t", 1, 0) != _key(("a", "b", "", ""), "t", 1, 0)

    def test_changes_with_the_cycle_and_with_each_attempt(self) -> None:
        keys = [
            duty("09:00", due="10:00", **facts).key
            for facts in (
                {},
                {"begun": "06:00"},
                {"begun": "06:00", "tried": "07:00"},
                {"begun": "08:00", "tried": "07:00"},
            )
        ]
        assert len(set(keys)) == 4
        assert duty("09:00", due="10:00", begun="06:00").key == duty("12:00", due="10:00", begun="06:00").key

    def test_is_that_of_the_duty_due_first_and_of_the_later_cycle_in_a_tie(self) -> None:
        first = RestTwice("due_a", "cycle_a") | RestTwice("due_b", "cycle_b")
        facts = Facts(due_a=MONDAY.format("10:00"), due_b=MONDAY.format("10:00"), cycle_a=1, cycle_b=2)
        assert "/2/" in first.decide_facts(facts, MONDAY.format("09:00")).key
        facts = Facts(due_a=MONDAY.format("09:00"), due_b=MONDAY.format("10:00"), cycle_a=1, cycle_b=2)
        assert "/1/" in first.decide_facts(facts, MONDAY.format("09:00")).key


@frozen
class RestTwice(Duty):
    """Two facts by name."""

    due_name: str
    cycle_name: str

    def needs(self) -> Mapping[str, Fact]:
        return {self.due_name: last("x", missing=NEVER), self.cycle_name: last("y")}

    def due(self, f: Facts) -> Any:
        return getattr(f, self.due_name)

    def cycle(self, f: Facts) -> Any:
        return getattr(f, self.cycle_name)


class TestReasons:
    """Every guard and duty with its bounds and facts; those that bind come first."""

    def test_of_a_guard(self) -> None:
        decision = guard("07:00", opens="08:00", closes="12:00", redirects="11:00")
        (reason,) = decision.reasons
        assert (reason.policy, reason.code, reason.binding, reason.awaits) == ("Bounds", "Bounds.opens", True, "")
        assert reason.text == (
            "Facts as bounds: from Mon 2 Mar 2026 08:00, before Mon 2 Mar 2026 12:00, "
            "another contact instead from Mon 2 Mar 2026 11:00"
        )
        assert (reason.opens, reason.closes, reason.starts, reason.due) == (decision.opens, decision.closes, None, None)
        assert {name: str(at)[11:16] for name, at in reason.facts.items()} == {
            "opens": "08:00", "closes": "12:00", "redirects": "11:00",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("decision", "code", "text"),
        [
            (guard("09:00"), "Bounds.opens", "nothing stands against it"),
            (guard("09:00", opens=NEVER), "Bounds.opens", "waits for the parts"),
            (guard("09:00", closes="12:00"), "Bounds.closes", "before Mon 2 Mar 2026 12:00"),
            (
                guard("09:00", redirects="12:00"),
                "Bounds.redirects",
                "another contact instead from Mon 2 Mar 2026 12:00",
            ),
            (
                guard("09:00", opens="08:00", redirects="09:00"),
                "Bounds.redirects",
                "from Mon 2 Mar 2026 08:00, another contact instead from Mon 2 Mar 2026 09:00",
            ),
            (duty("09:00", starts="08:00", due="10:00"), "Owed.due", "due Mon 2 Mar 2026 10:00"),
            (duty("09:00", starts="08:00"), "Owed.due", "owed, but nobody said by when"),
            (duty("09:00"), "Owed.due", "nothing is owed"),
            (
                Cadence(days(3)).decide(Timeline([]), hour("09:00")),
                "Cadence.due",
                "due, as nothing is known to",
            ),
        ],
    )
    def test_say_it_in_words(self, decision: Decision, code: str, text: str) -> None:
        (reason,) = decision.reasons
        assert reason.code == code
        assert text in reason.text

    def test_of_duties_are_instants_of_their_own(self) -> None:
        (reason,) = duty("09:00", starts="08:00", due="10:00").reasons
        assert (str(reason.starts)[11:16], str(reason.due)[11:16], reason.opens) == ("08:00", "10:00", None)

    def test_only_those_that_set_a_bound_bind(self) -> None:
        both = RestBetween(days(2)) & Bounds()
        decision = both.decide_facts(Facts(last_invited=hour("09:00"), opens=hour("10:00")), hour("12:00"))
        assert [(r.policy, r.binding) for r in decision.reasons] == [("RestBetween", True), ("Bounds", False)]
        swapped = both.decide_facts(Facts(last_invited=hour("09:00"), opens="2026-03-09T09:00Z"), hour("12:00"))
        assert [(r.policy, r.binding) for r in swapped.reasons] == [("Bounds", True), ("RestBetween", False)]

    def test_hours_bind_while_they_are_what_is_waited_for(self) -> None:
        (reason, other) = guard("08:00", office).reasons
        assert (reason.code, reason.binding) == ("ContactHours.hours", True)
        assert reason.text.endswith(": closed until Mon 2 Mar 2026 09:00")
        assert not other.binding
        assert [r.code for r in guard("08:00", office, opens="10:00").reasons if r.binding] == ["Bounds.opens"]
        assert [r.code for r in guard("10:00", office).reasons if r.binding] == []
        impossible = guard("07:00", night, closes="12:00").reasons
        assert [r.code for r in impossible] == ["Bounds.closes", "ContactHours.hours"]
        assert guard("07:00", night, closes="12:00").codes == ("Bounds.closes", "ContactHours.hours")
        assert impossible[1].text.endswith(": closed until it is too late")

    def test_of_two_hours_only_those_bind_that_are_closed(self) -> None:
        wide = Calendar.weekly("Mon-Sun 06:00-22:00", zone="UTC")
        both = ContactHours(wide) & ContactHours(office)
        decision = both.decide_facts(Facts(), hour("08:00"))
        assert [(r.binding, "09:00-17:00" in r.text) for r in decision.reasons] == [(True, True), (False, False)]

    def test_quote_the_facts_of_their_own_policy(self) -> None:
        """Two policies of a plan may call different facts by one name."""
        plan = Plan(
            office,
            parties=Parties(ours=["agent", "office"]),
            call=Touch(due=Cadence(days(3), by="agent") | Cadence(days(9), by="office")),
        )
        calls = [
            Event(
                at=f"2026-03-0{n}T09:00Z", kind="contact", party=party, direction="outbound", channel="phone",
                outcome="conversation",
            )
            for n, party in ((2, "agent"), (3, "office"))
        ]  # fmt: skip
        (decision,) = plan.review(Timeline(calls), "2026-03-04T09:00Z")
        talks = {r.text[:40]: r.facts["last_outreach"] for r in decision.reasons}
        assert [str(t)[:10] for t in talks.values()] == ["2026-03-02", "2026-03-03"]


class TestBounds:
    """What each policy said, written out when asked for: a tuple in all but the cost."""

    def test_are_like_a_tuple(self) -> None:
        decision = guard("09:00", office, opens="08:00", closes="12:00")
        bounds = decision.bounds
        written = tuple(bounds)
        assert [(type(b.policy).__name__, b.opens_us, b.redirects_us, b.is_duty) for b in written] == [
            ("Bounds", decision.opens_us, NEVER, False), ("ContactHours", ALWAYS, NEVER, False),
        ]  # fmt: skip
        assert (len(bounds), bounds[0], bounds[-1]) == (2, *written)
        assert bounds == written
        assert bounds == guard("09:30", office, opens="08:00", closes="12:00").bounds
        assert bounds != guard("09:00", office, opens="08:30", closes="12:00").bounds
        listed: Any = list(written)
        assert bounds != listed
        assert (hash(bounds), repr(bounds)) == (hash(written), repr(written))

    def test_travel_as_one(self) -> None:
        decision = guard("09:00", office, opens="08:00")
        again = pickle.loads(pickle.dumps(decision))
        assert (again, again.bounds, hash(again)) == (decision, tuple(decision.bounds), hash(decision))
        assert again.reasons == decision.reasons


class TestDecision:
    """What is handed to the host."""

    def test_has_its_window(self) -> None:
        assert guard("09:00").window == Window.always()
        assert guard("09:00", opens="08:00", closes="12:00").window == Window(hour("08:00"), hour("12:00"))
        assert guard("07:00", opens="10:00", closes="09:00").window.is_empty
        awaiting = guard("07:00", opens=NEVER)
        assert awaiting.is_awaiting
        assert awaiting.window == Window.always(), "waiting is no emptiness"
        assert guard("07:00", opens=NEVER, closes="12:00").window == Window(closes=hour("12:00"))
        assert awaiting.opens is None

    def test_owes_only_where_a_duty_has_a_date(self) -> None:
        assert duty("09:00", due="10:00").owes
        assert not duty("09:00").owes
        assert not guard("09:00").owes

    def test_is_plain_data(self) -> None:
        decision = PromiseKept().decide(
            Timeline([Event(at=hour("08:00"), kind="promise", customer="acme", case="c", ref="r", due=hour("10:00"))]),
            hour("09:00"),
        )
        data = json.loads(json.dumps(decision.to_data()))
        reasons = data.pop("reasons")
        assert data == {
            "customer": "acme", "case": "c", "ref": "r", "party": "", "touch": "PromiseKept", "verdict": "go",
            "act_at": "2026-03-02T08:00:00+00:00", "opens": "2026-03-02T08:00:00+00:00", "closes": None,
            "due": "2026-03-02T10:00:00+00:00", "overdue_since": None, "review_at": "2026-03-02T10:00:00+00:00",
            "key": decision.key, "owner": "", "plan": "",
        }  # fmt: skip
        assert reasons == [
            {
                "policy": "PromiseKept", "code": "PromiseKept.due", "binding": True, "awaits": "",
                "text": "a promise is kept by its date: due Mon 2 Mar 2026 10:00",
                "opens": None, "closes": None, "redirects": None,
                "starts": "2026-03-02T08:00:00+00:00", "due": "2026-03-02T10:00:00+00:00",
                "facts": {
                    "promised": "2026-03-02T08:00:00+00:00", "promised_by": "2026-03-02T10:00:00+00:00",
                    "settled": None,
                },
            }
        ]  # fmt: skip

    def test_speaks_in_the_zone_of_the_plan(self) -> None:
        denver = Calendar.always("America/Denver")
        decision = JourneyComplete().decide_facts(Facts(denver, completed=hour("09:00")), hour("12:00"))
        assert str(decision.opens) == "2026-03-02 02:00:00-07:00"
        assert "from Mon 2 Mar 2026 02:00" in decision.reasons[0].text

    def test_instants_as_text(self) -> None:
        assert iso_or_none(0, "UTC") == "1970-01-01T00:00:00+00:00"
        assert iso_or_none(NEVER, "UTC") is None


class TestLastChance:
    """The last instant that would have been in time, where a hold outlasts it."""

    def test_is_just_before_it_closes(self) -> None:
        facts = Facts(completed="2026-03-02T09:00Z", last_invited="2026-03-01T09:00Z")
        guard = StillFresh(days(7)) & RestBetween(days(30))
        decision = guard.decide_facts(facts, "2026-03-03T09:00Z")
        assert decision.verdict == Verdict.IMPOSSIBLE
        assert str(decision.last_chance) == "2026-03-09 08:59:59.999999+00:00"

    def test_lies_within_the_hours(self) -> None:
        """It closes on a Monday at nine, before the hours open: Friday evening it was."""
        facts = Facts(completed="2026-03-02T09:00Z")
        hours = ContactHours(Calendar.weekly("Mon-Fri 10:00-17:00", zone="UTC"))
        decision = (StillFresh(days(7)) & hours).decide_facts(facts, "2026-03-03T09:00Z")
        assert str(decision.last_chance) == "2026-03-06 16:59:59.999999+00:00"
        at_home = (StillFresh(days(7)) & hours).decide_facts(facts, "2026-03-03T09:00Z", zone="Asia/Tokyo")
        assert str(at_home.last_chance) == "2026-03-09 07:59:59.999999+00:00"

    def test_is_none_where_it_would_lie_before_what_it_is_about(self) -> None:
        """Over on a Sunday, fresh until Sunday night, and no hours before Monday."""
        hours = ContactHours(Calendar.weekly("Mon-Fri 10:00-17:00", zone="UTC"))
        guard = JourneyComplete() & StillFresh(elapsed(hours=20)) & hours
        decision = guard.decide_facts(Facts(completed="2026-03-08T02:00Z"), "2026-03-08T09:00Z")
        assert (decision.verdict, decision.last_chance) == (Verdict.IMPOSSIBLE, None)

    def test_is_none_where_nothing_closes(self) -> None:
        assert RestBetween().decide_facts(Facts(), "2026-03-03T09:00Z").last_chance is None
