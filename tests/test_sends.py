"""Sends: which surveys go out, when, with which others, and what becomes of the rest."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import (
    Calendar,
    Event,
    JourneyComplete,
    NoTrouble,
    OncePerStage,
    QuietHours,
    RestBetween,
    StillFresh,
    SurveyCap,
    Timeline,
    days,
    elapsed,
)
from carepolicy.errors import InvalidPolicyError
from carepolicy.journey import Fate, Journey, SendPlan
from carepolicy.sampling import Sample, fraction_of
from carepolicy.sends import plan_sends

NOW = "2026-03-10T09:00Z"
DONE = JourneyComplete()
RESTED = DONE & RestBetween(days(9))


def on(day: int, kind: str, case: str = "c", due: int | None = None, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T09:00Z"
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, case=case, due=by, customer="ann", **words)


def journey(case: str = "c", *events: Event, guard: Any = RESTED, log: Timeline | None = None, **more: Any) -> Journey:
    return Journey(customer="ann", case=case, timeline=log or Timeline(events), guard=guard, **more)


def fates(plan: SendPlan) -> dict[str, str]:
    return {j.journey.case: j.fate.value for j in plan.judged}


LOG = Timeline([on(1, "completed", "a"), on(2, "completed", "b"), on(3, "completed", "c")])


def three(**more: dict[str, Any]) -> list[Journey]:
    return [journey(case, log=LOG, **more.get(case, {})) for case in "abc"]


class TestFates:
    """Every journey has one fate, and a reason for it."""

    @pytest.mark.parametrize(
        ("events", "fate"),
        [
            ([on(5, "completed")], Fate.ASK),
            ([on(5, "completed"), on(6, "survey")], Fate.PLANNED),
            ([on(5, "opened")], Fate.HELD),
            ([on(5, "estimate", due=9)], Fate.REDIRECTED),
            ([on(5, "completed"), on(6, "survey"), on(7, "reopened")], Fate.HELD),
        ],
    )
    def test_follow_the_verdict(self, events: list[Event], fate: Fate) -> None:
        plan = plan_sends([journey("c", *events)], NOW)
        assert [j.fate for j in plan.judged] == [fate]
        assert len(plan.asks) == (fate in (Fate.ASK, Fate.PLANNED))
        assert str(plan.coverage).endswith(f"{plan.coverage.asked} of them asked about")

    def test_are_final_where_the_guard_is(self) -> None:
        stale = plan_sends([journey("c", on(1, "completed"), guard=DONE & StillFresh(days(3)))], NOW)
        never = plan_sends(
            [journey("c", on(5, "completed"), on(6, "survey", "d"), guard=RESTED & StillFresh(days(7)))], NOW
        )
        assert fates(stale) == {"c": "too_late"}
        assert fates(never) == {"c": "impossible"}
        assert never.judged[0].decision.codes[0] == "RestBetween.opens"

    def test_list_what_is_owed_instead(self) -> None:
        plan = plan_sends([journey("c", on(5, "estimate", due=9))], NOW)
        assert [j.key for j in plan.where_is_it] == ["ann/c///survey/-/-"]
        assert plan.where_is_it[0].why.startswith("the journey is complete: waits for the journey to be completed")

    def test_give_up_after_a_while(self) -> None:
        """A hold for an event has a longest wait, and says what then."""
        waits: dict[str, Any] = {"longest": days(7)}
        early = plan_sends([journey("c", on(5, "opened"), **waits)], NOW)
        assert fates(early) == {"c": "held"}
        assert str(early.review_at) == "2026-03-12 09:00:00+00:00"
        assert fates(plan_sends([journey("c", on(2, "opened"), **waits)], NOW)) == {"c": "redirected"}
        assert fates(plan_sends([journey("c", on(2, "opened"), **waits, then="suppress")], NOW)) == {"c": "too_late"}
        with pytest.raises(InvalidPolicyError, match=r"^then is not known: 'nothing'; use 'redirect' or 'suppress'$"):
            journey("c", then="nothing")

    def test_give_up_only_on_the_completion(self) -> None:
        """Whoever waits for trouble to end, or was asked, is not asked where it is."""
        log = [on(2, "completed"), on(2, "trouble")]
        held = plan_sends([journey("c", *log, guard=DONE & NoTrouble(), longest=days(3))], NOW)
        asked = plan_sends(
            [journey("c", on(2, "completed"), on(3, "survey"), guard=DONE & OncePerStage(), longest=days(3))], NOW
        )
        assert (fates(held), fates(asked)) == ({"c": "held"}, {"c": "asked"})

    def test_know_who_was_asked(self) -> None:
        """The night after, and until it is reopened."""
        guard = RESTED & OncePerStage() & StillFresh(days(7))
        log = [on(5, "completed"), on(6, "survey")]
        plan = plan_sends([journey("c", *log, guard=guard)], NOW)
        assert (fates(plan), plan.coverage.asked) == ({"c": "asked"}, 1)
        again = plan_sends([journey("c", *log, on(7, "reopened"), guard=guard)], NOW)
        assert fates(again) == {"c": "held"}

    def test_of_a_journey_handed_in_twice(self) -> None:
        twice = plan_sends([journey("c", on(5, "completed")), journey("c", on(5, "completed"))], NOW)
        assert sorted(j.fate for j in twice.judged) == ["ask", "duplicate"]
        assert twice.coverage.journeys == 2
        assert len(twice.asks) == 1

    def test_refuse_two_journeys_of_one_name(self) -> None:
        says = r"^journey is handed in twice and not the same: \('ann', 'c', '', 'survey'\); hand in one$"
        with pytest.raises(InvalidPolicyError, match=says):
            plan_sends([journey("c", on(5, "completed")), journey("c", on(6, "completed"))], NOW)

    def test_of_a_journey_that_is_not_drawn(self) -> None:
        some = Sample(0.5)
        taken = [case for case in "abcdefgh" if some.takes("ann", case, "", "survey")]
        plan = plan_sends([journey(case, on(5, "completed", case)) for case in "abcdefgh"], NOW, sample=some)
        assert [case for case, fate in fates(plan).items() if fate != "not_drawn"] == taken
        assert 0 < len(taken) < 8

    def test_of_a_customer_of_whom_nothing_is_known(self) -> None:
        plan = plan_sends([journey("c", Event(at=NOW, kind="sold", customer="bob"))], NOW)
        assert fates(plan) == {"c": "held"}
        assert plan.review_at is None
        assert plan_sends([], NOW).coverage.share == 0


class TestMerging:
    """What may be asked of one person at one instant is one message."""

    def test_of_one_person(self) -> None:
        plan = plan_sends(three(), NOW)
        (ask,) = plan.asks
        assert [part.journey.case for part in ask.parts] == ["a", "b", "c"]
        assert ask.keys == tuple(
            f"ann/{c}///survey/{1772355600000000 + 86400000000 * n}/-" for n, c in enumerate("abc")
        )
        assert (ask.customer, ask.person, ask.before) == ("ann", "", None)
        assert str(ask.at) == "2026-03-01 09:00:00+00:00"

    def test_the_most_important_comes_first(self) -> None:
        (ask,) = plan_sends(three(a={"priority": 2}, b={"priority": 1}), NOW).asks
        assert [part.journey.case for part in ask.parts] == ["c", "b", "a"]

    def test_not_of_two_persons(self) -> None:
        """The account rests after a survey, whoever got it: the other one is behind."""
        plan = plan_sends(three(a={"person": "anna"}, b={"person": "ben"}, c={"person": "anna"}), NOW)
        assert fates(plan) == {"a": "ask", "b": "behind", "c": "ask"}
        (behind,) = plan.of(Fate.BEHIND)
        assert behind.why == f"it is behind {plan.asks[0].keys[0]}"

    def test_of_two_persons_who_rest_by_themselves(self) -> None:
        alone = DONE & RestBetween(days(9), person="same")
        plan = plan_sends(three(a={"person": "anna", "guard": alone}, b={"person": "ben", "guard": alone}), NOW)
        assert [ask.person for ask in plan.asks] == ["anna", "ben"]
        assert fates(plan)["c"] == "behind", "the account as such rests whoever was asked"
        assert len({key for ask in plan.asks for key in ask.keys}) == 2, "each person has a key of their own"


class TestReservation:
    """A less important survey does not take the place of a more important one."""

    later = DONE & RestBetween(days(9), survey="claim")

    def of(self, day: int, rest: int, **more: Any) -> SendPlan:
        """An important survey planned for the 10th + ..., and another that could go now."""
        log = Timeline([on(day, "completed", "big"), on(1, "completed", "small")])
        big = journey("big", log=log, guard=JourneyComplete(days(10)) & RestBetween(days(rest)), priority=0, **more)
        return plan_sends([journey("small", log=log, guard=DONE, priority=1, person="ben"), big], NOW)

    def test_goes_first_where_there_is_time(self) -> None:
        """Planned for the 15th with two days of rest: the other one must be out by the 13th."""
        plan = self.of(5, 2)
        assert fates(plan) == {"big": "planned", "small": "ask"}
        small = next(ask for ask in plan.asks if ask.person == "ben")
        assert str(small.before) == "2026-03-13 09:00:00.000001+00:00"
        assert plan.review_us == small.before_us

    def test_waits_behind_where_there_is_none(self) -> None:
        plan = self.of(5, 7)
        assert fates(plan) == {"big": "planned", "small": "behind"}
        assert str(plan.review_at) == "2026-03-15 09:00:00+00:00"

    def test_is_asked_along_where_it_may_wait(self) -> None:
        log = Timeline([on(5, "completed", "big"), on(1, "completed", "small")])
        big = journey("big", log=log, guard=JourneyComplete(days(10)) & RestBetween(days(7)), priority=0)
        plan = plan_sends([journey("small", log=log, guard=DONE, priority=1), big], NOW)
        (ask,) = plan.asks
        assert [part.journey.case for part in ask.parts] == ["big", "small"]
        assert str(ask.at) == "2026-03-15 09:00:00+00:00"

    def test_is_asked_by_itself_where_both_have_time(self) -> None:
        """The planned one rests two days, and is five days away."""
        log = Timeline([on(5, "completed", "big"), on(1, "completed", "small")])
        big = journey("big", log=log, guard=JourneyComplete(days(10)) & RestBetween(days(2)), priority=0)
        plan = plan_sends([journey("small", log=log, guard=DONE, priority=1), big], NOW)
        assert [[part.journey.case for part in ask.parts] for ask in plan.asks] == [["small"], ["big"]]

    def test_follows_one_that_may_go_now_only_while_there_is_time(self) -> None:
        """The important one may go at any instant from now on; the planned one needs two days after it."""
        log = Timeline([on(1, "completed", "big"), on(5, "completed", "small")])
        small = journey(
            "small", log=log, guard=JourneyComplete(days(10)) & RestBetween(days(2)), priority=1, person="ben"
        )
        plan = plan_sends([journey("big", log=log, guard=DONE), small], NOW)
        assert fates(plan) == {"big": "ask", "small": "planned"}
        assert str(plan.review_at) == "2026-03-13 09:00:00.000001+00:00"
        later = plan_sends([journey("big", log=log, guard=DONE), small], "2026-03-13T09:00:00.000001Z")
        assert fates(later) == {"big": "ask", "small": "behind"}

    def test_joins_no_message_that_would_then_fill_the_cap_of_another(self) -> None:
        """The important one may be the second survey in a month, and no third."""
        log = Timeline([on(5, "completed", "big"), on(1, "completed", "a"), on(2, "completed", "b")])
        big = journey("big", log=log, guard=JourneyComplete(days(10)) & SurveyCap(2, days(30)))
        rest = [journey(case, log=log, guard=DONE, person="ben", priority=n) for n, case in enumerate("ab", 1)]
        plan = plan_sends([big, *rest], NOW)
        assert fates(plan) == {"big": "planned", "a": "ask", "b": "behind"}

    def test_caps_count_what_is_planned(self) -> None:
        cap = DONE & SurveyCap(1, days(30))
        plan = plan_sends(
            three(a={"guard": cap, "person": "anna"}, b={"guard": cap, "person": "ben", "priority": -1}), NOW
        )
        assert fates(plan)["b"] == "ask"
        assert fates(plan)["a"] == "behind"


class TestSpread:
    """What is released at one instant does not go out at one instant."""

    quiet = DONE & QuietHours("UTC")

    def at(self, names: str, **more: Any) -> dict[str, int]:
        some = [
            Journey(customer=name, case="c", guard=self.quiet, timeline=Timeline([
                Event(at="2026-03-09T20:00Z", kind="completed", case="c", customer=name)])) for name in names
        ]  # fmt: skip
        return {ask.customer: ask.at_us for ask in plan_sends(some, "2026-03-09T22:00Z", **more).asks}

    def test_gives_each_a_place_of_its_own(self) -> None:
        every = self.at("abcdef", spread=elapsed(hours=2))
        assert len(set(every.values())) == 6
        assert every["c"] == self.at("c", spread=elapsed(hours=2))["c"], "whatever the others do"
        start = min(self.at("abcdef").values())
        assert all(start <= at < start + 7_200_000_000 for at in every.values())
        assert len(set(self.at("abcdef").values())) == 1

    def test_stays_within_the_hours(self) -> None:
        """Spread over a week, whoever falls into a night comes in the morning."""
        for at in self.at("abcdefghijkl", spread=days(7)).values():
            assert Calendar.weekly("Mon-Sun 08:00-21:00", zone="UTC")._is_open(at)


class TestSampling:
    """A stable hash draws the same ones for everybody."""

    def test_is_even_and_nested(self) -> None:
        names = [str(n) for n in range(4000)]
        drawn = {n for n in names if Sample(0.25).takes(n)}
        assert drawn <= {n for n in names if Sample(0.5).takes(n)}
        assert abs(len(drawn) - 1000) < 90
        assert drawn != {n for n in names if Sample(0.25, salt="march").takes(n)}
        assert all(Sample(1).takes(n) for n in names)
        assert 0 <= fraction_of("a") < 1
        says = "share must be above 0 and at most 1, got 0; to ask nobody, send nothing"
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(says)}$"):
            Sample(0)
