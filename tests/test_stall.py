"""Stall: contacts flow, and nothing moves."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Check, Event, Finding, Parties, Plan, Timeline, Touch, Verdict, days, working_days
from carepolicy.errors import InvalidPolicyError
from carepolicy.stall import Bouncing, KeepMoving, NothingMoves
from carepolicy.testing import check_policy

END = "2026-03-31T09:00Z"


def on(day: int, kind: str, party: str = "office", **words: Any) -> Event:
    given = {"case": "c", "id": f"{kind}{day}", "party": party, **words}
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, **given)


def found(check: Check, *events: Event, until: str = END) -> tuple[Finding, ...]:
    plan = Plan(Calendar.always(), parties=Parties(partners="dealer"), checks=[check], step=Touch(due=KeepMoving()))
    return tuple(f for f in plan.audit(Timeline(events), until) if f.policy == type(check).__name__)


def when(finding: Finding) -> tuple[str, str]:
    return str(finding.at)[8:10], str(finding.until)[8:10]


class TestKeepMoving:
    """An open case that is talked about moves at least so often."""

    policy = KeepMoving(days(10))

    def said(self, *events: Event) -> tuple[str, str]:
        decision = self.policy.decide(Timeline(events), "2026-03-20T09:00Z")
        return decision.verdict.value, str(decision.due)[8:10] if decision.due else "-"

    def test_is_due_after_the_last_step(self) -> None:
        log = (on(1, "opened"), on(5, "contact"))
        assert self.said(*log) == ("overdue", "11")
        assert self.said(*log, on(12, "milestone"), on(13, "contact")) == ("wait", "22")
        assert self.said(*log, on(12, "estimate"), on(13, "note")) == ("overdue", "11")

    def test_is_owed_only_where_somebody_talks(self) -> None:
        assert self.said(on(1, "opened")) == ("wait", "-")
        assert self.said(on(1, "opened"), on(5, "contact"), on(12, "milestone")) == ("wait", "-")

    @pytest.mark.parametrize("kind", ["completed", "closed"])
    def test_ends_with_the_case(self, kind: str) -> None:
        log = (on(1, "opened"), on(5, "contact"), on(9, kind))
        assert self.said(*log) == ("wait", "-")
        assert self.said(*log, on(11, "reopened"), on(12, "contact")) == ("wait", "21")

    def test_other_kinds_may_be_steps(self) -> None:
        policy = KeepMoving(days(10), moves="handed")
        log = Timeline([on(1, "opened"), on(5, "handed"), on(6, "milestone"), on(7, "contact")])
        decision = policy.decide(log, "2026-03-14T09:00Z")
        assert (decision.verdict, str(decision.due)[8:10]) == (Verdict.WAIT, "15")

    def test_its_lapse_is_a_stall(self) -> None:
        plan = Plan(Calendar.always(), checks=(), step=Touch(due=self.policy, owner="office"))
        (finding,) = plan.audit(Timeline([on(1, "opened"), on(5, "contact")]), END)
        assert (finding.kind, finding.party, when(finding)) == ("stalled", "office", ("11", ""))

    def test_keeps_the_laws_and_says_what_it_is(self) -> None:
        check_policy(self.policy, examples=30)
        assert KeepMoving().explain() == "a step forward on open work every 10 working days, not only talk"
        with pytest.raises(InvalidPolicyError, match=r"^within points backward or nowhere: 0 days"):
            KeepMoving(days(0))


class TestNothingMoves:
    """Contacts go on, and for so long nothing moves."""

    check = NothingMoves(days(10))
    opened = on(1, "opened")

    def test_is_one_for_each_stretch(self) -> None:
        log = [self.opened, *(on(day, "contact") for day in (3, 8, 15)), on(17, "milestone"), on(18, "contact")]
        first, second = found(self.check, *log)
        assert (when(first), when(second)) == (("11", "17"), ("27", ""))
        assert first.evidence == ("opened1", "milestone17", "contact3", "contact8", "contact15")
        assert first.why == ("nothing has moved since Sun 1 Mar 2026 09:00, in 3 contacts; in hand: office 16.0 days")
        assert first.instead == "a step forward by Wed 11 Mar 2026 09:00, or another way"
        assert (first.kind, first.party, first.case) == ("stalled", "office", "c")

    def test_says_how_long_each_party_had_it(self) -> None:
        log = [
            self.opened,
            on(3, "contact"),
            on(6, "handed"),
            on(7, "contact", "dealer"),
            on(21, "completed", "dealer"),
        ]
        (finding,) = found(self.check, *log)
        assert finding.party == "dealer"
        assert finding.why.endswith("in 2 contacts; in hand: office 5.0 days, dealer 15.0 days")

    def test_a_case_that_was_never_opened_is_none(self) -> None:
        assert found(self.check, on(1, "contact")) == ()

    def test_a_silence_is_another_matter(self) -> None:
        assert found(self.check, self.opened) == ()

    def test_of_a_reopened_case_nobody_knows_who_has_it(self) -> None:
        log = [self.opened, on(2, "completed"), on(3, "reopened"), on(4, "contact")]
        (finding,) = found(self.check, *log)
        assert (finding.party, when(finding)) == ("", ("13", ""))
        assert finding.why == "nothing has moved since Tue 3 Mar 2026 09:00, in 1 contact"

    def test_says_what_it_is(self) -> None:
        assert NothingMoves().explain() == "contacts go on, and nothing moves for 10 working days"
        assert NothingMoves(working_days(3), "handed").moves == ("handed",)


class TestBouncing:
    """A case goes back and forth between parties."""

    log = (
        on(1, "opened"),
        on(3, "handed"),
        on(4, "contact", "dealer"),
        on(6, "handed", "dealer"),
        on(7, "contact"),
        on(9, "handed"),
        on(10, "contact", "dealer"),
    )

    def test_is_found_at_the_return_that_makes_it_one(self) -> None:
        (finding,) = found(Bouncing(), *self.log)
        assert (finding.kind, finding.party, when(finding)) == ("stalled", "dealer", ("09", ""))
        assert finding.evidence == ("handed3", "handed6", "handed9")
        assert finding.why == (
            "handed back 2 times: office to dealer to office to dealer; in hand: office 5.0 days, dealer 25.0 days"
        )
        assert finding.instead == "one owner from Mon 9 Mar 2026 09:00 on, until it is done"

    def test_lasts_until_the_work_is_complete(self) -> None:
        (finding,) = found(Bouncing(1), *self.log, on(12, "completed"))
        assert when(finding) == ("06", "12")

    def test_needs_returns(self) -> None:
        assert found(Bouncing(3), *self.log) == ()
        onward = [on(1, "opened"), on(3, "handed"), on(4, "contact", "dealer"), on(6, "handed", "dealer")]
        assert found(Bouncing(1), *onward, on(7, "contact", "shop")) == ()
        assert found(Bouncing(1), on(1, "opened", ""), on(3, "handed"), on(4, "contact", "dealer")) == ()

    def test_says_what_it_is_and_refuses(self) -> None:
        assert Bouncing().explain() == "a case comes back 2 times to who had it before"
        with pytest.raises(InvalidPolicyError, match=r"^returns must be at least 1, got 0$"):
            Bouncing(0)
