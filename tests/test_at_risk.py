"""Promises at risk: found the instant this is known, not when they break."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from carepolicy import Calendar, Check, Event, Finding, Parties, Plan, PromiseKept, Timeline, Touch, days, working_days
from carepolicy.at_risk import AtRisk
from carepolicy.errors import InvalidPolicyError

END = "2026-03-31T09:00Z"


def on(day: int, kind: str, due: int | None = None, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T17:00Z"
    given = {"case": "c", "ref": "repair", "party": "shop", "id": f"{kind}{day}", **words}
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, due=by, **given)


def found(*events: Event, check: Check | None = None, calendar: Calendar | None = None) -> tuple[Finding, ...]:
    plan = Plan(
        calendar or Calendar.always(),
        parties=Parties(partners="shop"),
        checks=[check or AtRisk()],
        promise=Touch(due=PromiseKept()),
    )
    return plan.audit(Timeline(events), END).of_kind("at_risk")


def shapes(findings: tuple[Finding, ...]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    return ((str(f.at)[8:10], str(f.until)[8:10], f.evidence) for f in findings)


class TestEstimates:
    """An estimate of the same reference is later than the promise."""

    promise = on(1, "promise", 12)

    def test_is_found_when_it_is_known(self) -> None:
        (finding,) = found(self.promise, on(5, "estimate", 20), on(7, "estimate", 22), on(9, "promise", 22))
        assert list(shapes((finding,))) == [("05", "09", ("promise1", "estimate5"))]
        assert (finding.kind, finding.party, finding.ref, finding.case) == ("at_risk", "shop", "repair", "c")
        assert finding.why == (
            "the promise (promise) is due Thu 12 Mar 2026 17:00, but it is estimated for Fri 20 Mar 2026 17:00"
        )
        assert finding.instead == "word to the customer on Thu 5 Mar 2026 09:00, with a date that can be kept"

    def test_a_promise_given_against_the_estimate_is_found_when_it_is_given(self) -> None:
        assert [f.at.day for f in found(on(2, "estimate", 20), on(5, "promise", 12)) if f.at] == [5]

    def test_it_may_come_to_an_end_and_again(self) -> None:
        log = [self.promise, on(3, "estimate", 20), on(5, "estimate", 11), on(7, "estimate", 21)]
        assert list(shapes(found(*log))) == [
            ("03", "05", ("promise1", "estimate3")),
            ("07", "", ("promise1", "estimate7")),
        ]

    @pytest.mark.parametrize(
        "event",
        [
            on(5, "estimate", 12),
            on(5, "estimate"),
            on(5, "estimate", 20, ref="paint"),
            on(5, "estimate", 20, case="d"),
            on(13, "estimate", 20),
            on(5, "milestone", 20),
        ],
    )
    def test_is_none_otherwise(self, event: Event) -> None:
        assert found(self.promise, event) == ()

    @pytest.mark.parametrize("kind", ["kept", "withdrawn", "completed"])
    def test_what_is_settled_is_no_longer_at_risk(self, kind: str) -> None:
        assert found(self.promise, on(4, kind), on(5, "estimate", 20)) == ()
        assert len(found(self.promise, on(4, kind, ref="paint"), on(5, "estimate", 20))) == 1
        assert len(found(self.promise, on(4, "kept", outcome="partly"), on(5, "estimate", 20))) == 1


class TestDependencies:
    """A promise falls due later than what it depends on."""

    repair = on(2, "promise", 12, extra={"depends_on": "part"})

    def test_is_found_when_the_promise_is_given(self) -> None:
        (finding,) = found(on(1, "promise", 12, ref="part", party="dealer"), self.repair)
        assert list(shapes((finding,))) == [("02", "", ("promise2", "promise1"))]
        assert finding.why.endswith(
            "is due Thu 12 Mar 2026 17:00, but it depends on part, which is due Thu 12 Mar 2026 17:00"
        )
        assert found(on(1, "promise", 11, ref="part"), self.repair) == ()

    def test_is_found_when_what_it_depends_on_moves(self) -> None:
        part = on(1, "promise", 9, ref="part")
        by_promise = found(part, self.repair, on(4, "promise", 14, ref="part"))
        by_estimate = found(part, self.repair, on(4, "estimate", 14, ref="part"))
        assert [(f.at.day, f.ref) for f in by_promise if f.at] == [(4, "repair")]
        assert [(f.at.day, f.ref) for f in by_estimate if f.at] == [(4, "part"), (4, "repair")]
        assert found(part, self.repair, on(4, "promise", 14, ref="part", case="d")) == ()
        assert found(part, self.repair, on(4, "kept", ref="part"), on(5, "kept")) == ()

    def test_may_depend_on_what_the_customer_promised(self) -> None:
        photos = on(1, "promise", 13, ref="part", party="customer")
        assert [f.party for f in found(photos, self.repair)] == ["shop"]

    def test_needs_time_after_it(self) -> None:
        part = on(1, "promise", 11, ref="part")
        assert len(found(part, self.repair, check=AtRisk(slack=days(1)))) == 1
        friday = Calendar.weekly("Mon-Fri 08:00-18:00", zone="UTC")
        late = on(1, "promise", 13, ref="part")
        monday = on(2, "promise", 17, extra={"depends_on": "part"})
        assert [len(found(late, monday, check=AtRisk(slack=working_days(n)), calendar=friday)) for n in (1, 2)] == [
            0,
            1,
        ]

    def test_is_about_whose_promises_are_asked_for(self) -> None:
        part = on(1, "promise", 12, ref="part")
        assert found(part, self.repair, check=AtRisk(by="agent")) == ()
        assert found(part, on(2, "promise", 12, party="customer", extra={"depends_on": "part"})) == ()


def test_says_what_it_is_and_refuses() -> None:
    assert AtRisk().explain() == "a promise is contradicted by an estimate, or by the date of what it depends on"
    assert eval(repr(AtRisk(days(1)))) == AtRisk(days(1))
    with pytest.raises(
        InvalidPolicyError, match=r"^slack points backward or nowhere: -1 day; use a span of at least 0$"
    ):
        AtRisk(days(-1))
