"""Needed items: asked for once, and in time."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Calendar, Event, Plan, Timeline, Touch, Verdict, Which, days
from carepolicy._instant import ALWAYS
from carepolicy.errors import InvalidPolicyError
from carepolicy.needed import AskedOnce, AskInTime, LastAbout, NeededItem

office = Calendar.weekly("Mon-Sun 08:00-18:00", zone="UTC")
licence = NeededItem("licence", Which("estimate", purpose="test drive"), lead=days(3), remind_after=days(2))


def on(day: int, kind: str, due: int | None = None, hour: int = 9, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T09:00Z"
    return Event(at=f"2026-03-{day:02}T{hour:02}:00Z", kind=kind, due=by, **{"case": "c", **words})


def drive(day: int, due: int, **words: Any) -> Event:
    return on(day, "estimate", due, **{"purpose": "test drive", "ref": "test drive", "party": "shop", **words})


def asked(day: int, **words: Any) -> Event:
    return on(day, "asked", **{"fact": "licence", "party": "shop", **words})


def told(day: int, **words: Any) -> Event:
    return on(day, "told", **{"fact": "licence", "party": "customer", **words})


def due(*events: Event, item: NeededItem = licence) -> str:
    log = Timeline([on(1, "opened"), *events])
    decision = AskInTime(item).decide(log, "2026-03-31T09:00Z", calendar=office)
    return str(decision.due)[5:16] if decision.due else "none"


def may(at: str, *events: Event, item: NeededItem = licence) -> tuple[Verdict, str]:
    decision = AskedOnce(item).decide(Timeline([on(1, "opened"), *events]), f"2026-03-{at}:00Z", calendar=office)
    return decision.verdict, str(decision.opens)[5:10] if decision.opens else ""


class TestAskInTime:
    """Early enough for the customer."""

    def test_is_due_the_lead_before_we_need_it(self) -> None:
        assert due(drive(2, 20)) == "03-17 09:00"
        assert due() == due(drive(2, 20, purpose="paint")) == "none"

    def test_is_done_when_asked_for_or_told(self) -> None:
        assert due(drive(2, 20), asked(3)) == due(drive(2, 20), told(3)) == "none"
        assert due(drive(2, 20), asked(3, fact="name"), told(3, fact="name")) == "03-17 09:00"

    def test_is_not_owed_twice_when_the_need_moves(self) -> None:
        assert due(drive(2, 20), asked(3), drive(4, 25)) == "none"
        assert due(drive(2, 20), drive(4, 25)) == "03-22 09:00"

    def test_of_a_need_at_short_notice_is_due_at_once(self) -> None:
        assert due(drive(19, 20)) == "03-20 09:00"

    def test_ends_with_the_case(self) -> None:
        assert due(drive(2, 20), on(5, "completed")) == "none"

    def test_what_was_told_once_holds_for_all_cases_unless_each_needs_its_own(self) -> None:
        each = NeededItem("licence", licence.needed, days(3), scope="case")
        assert due(drive(2, 20), told(1, case="old")) == "none"
        assert due(drive(2, 20), told(1, case="old"), item=each) == "03-17 09:00"

    def test_asked_for_at_the_last_minute_is_a_finding(self) -> None:
        plan = Plan(office, checks=(), ask=Touch(due=AskInTime(licence), owner="shop"))
        log = Timeline([on(1, "opened", party="shop"), drive(2, 20), asked(19), told(20)])
        (finding,) = plan.audit(log, "2026-03-31T09:00Z").findings
        assert (finding.kind, finding.party, str(finding.at)[:10]) == ("late", "shop", "2026-03-17")
        assert finding.why == (
            "asking for what we will need was due Tue 17 Mar 2026 09:00, and came late, on Thu 19 Mar 2026 09:00"
        )

    def test_explains(self) -> None:
        assert AskInTime(licence).explain() == "a question for licence 3 days before we need it"


class TestAskedOnce:
    """Asked for once; a reminder later; never after it was told."""

    def test_may_be_asked_for_once(self) -> None:
        assert may("05T09", drive(2, 20)) == (Verdict.GO, "")
        once = NeededItem("licence", "estimate", days(3))
        assert may("30T09", asked(3), item=once) == (Verdict.WAIT, "")

    def test_a_reminder_is_allowed_after_a_while(self) -> None:
        assert may("04T09", asked(3)) == (Verdict.WAIT, "03-05")
        assert may("05T09", asked(3)) == (Verdict.GO, "03-05")
        assert may("06T09", asked(3), asked(5)) == (Verdict.WAIT, "03-07")

    def test_what_was_told_is_not_asked_for(self) -> None:
        assert may("05T09", asked(3), told(4))[0] == Verdict.TOO_LATE
        assert may("05T09", told(4, fact="name"))[0] == Verdict.GO

    def test_explains(self) -> None:
        said = "one question for licence (a reminder 2 days later), none after it was told"
        assert AskedOnce(licence).explain() == said
        once = NeededItem("licence", "estimate", days(3))
        assert AskedOnce(once).explain() == "one question for licence, none after it was told"

    def test_goes_into_a_plan_and_back(self) -> None:
        plan = Plan(office, ask=Touch(due=AskInTime(licence), guard=AskedOnce(licence)))
        assert Plan.from_json(plan.to_json(), policies=[AskInTime, AskedOnce]) == plan


class TestNeededItem:
    """An item as a value."""

    @pytest.mark.parametrize("fact", ["", None])
    def test_has_a_name(self, fact: Any) -> None:
        said = f"fact of a needed item is no text: {fact!r}; use the fact of its events"
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(said)}$"):
            NeededItem(fact, "estimate", days(1))

    def test_has_a_lead(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^lead points backward or nowhere: 0 days; use a span of at"):
            NeededItem("licence", "estimate", days(0))


class TestLastAbout:
    """The latest event about one fact."""

    def test_passes_over_other_facts(self) -> None:
        fold = LastAbout("told", fact="licence")
        assert fold.value(fold.start()) == ALWAYS
        state = fold.start()
        for event in (told(3), told(5, fact="name"), told(4)):
            state = fold.step(state, event, 1)
        assert fold.value(state) == told(4).at_us
        assert fold.merge(state, None) == fold.merge(None, state) == state
        assert fold.conditions() == ((Which("told"),),)
