"""Promises at risk: found the instant this is known, not when they break."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from carepolicy import (
    Calendar,
    Check,
    Event,
    Finding,
    Parties,
    Plan,
    PromiseKept,
    Timeline,
    Touch,
    days,
    elapsed,
    working_days,
)
from carepolicy.at_risk import AtRisk, risks
from carepolicy.errors import InvalidPolicyError

END = "2026-03-31T09:00Z"


def on(day: int, kind: str, due: int | None = None, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T17:00Z"
    given = {"case": "c", "ref": "repair", "party": "shop", "id": f"{kind}{day}", **words}
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, due=by, **given)


def found(
    *events: Event, check: Check | None = None, calendar: Calendar | None = None, until: str = END, since: str = ""
) -> tuple[Finding, ...]:
    plan = Plan(
        calendar or Calendar.always(),
        parties=Parties(partners="shop"),
        checks=[check or AtRisk()],
        promise=Touch(due=PromiseKept()),
    )
    return plan.audit(Timeline(events, complete_since=since or None), until).of_kind("at_risk")


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
        assert found(on(1, "promise", 11, ref="part"), self.repair, until="2026-03-11T17:00Z") == ()

    def test_is_found_when_what_it_depends_on_moves(self) -> None:
        part = on(1, "promise", 9, ref="part")
        by_promise = found(part, self.repair, on(4, "promise", 14, ref="part"))
        by_estimate = found(part, self.repair, on(4, "estimate", 14, ref="part"))
        assert [(f.at.day, f.ref) for f in by_promise if f.at] == [(4, "repair")]
        assert [(f.at.day, f.ref) for f in by_estimate if f.at] == [(4, "part"), (4, "repair")]
        assert found(part, self.repair, on(4, "promise", 14, ref="part", case="d"), until="2026-03-09T17:00Z") == ()
        assert found(part, self.repair, on(4, "kept", ref="part"), on(5, "kept")) == ()

    def test_may_depend_on_what_the_customer_promised(self) -> None:
        photos = on(1, "promise", 13, ref="part", party="customer")
        assert [f.party for f in found(photos, self.repair)] == ["shop"]

    def test_needs_time_after_it(self) -> None:
        part = on(1, "promise", 11, ref="part")
        assert len(found(part, self.repair, check=AtRisk(slack=days(1)))) == 1
        friday = Calendar.weekly("Mon-Fri 08:00-18:00", zone="UTC")
        soon = "2026-03-10T09:00Z"
        late = on(1, "promise", 13, ref="part")
        monday = on(2, "promise", 17, extra={"depends_on": "part"})
        assert [
            len(found(late, monday, check=AtRisk(slack=working_days(n)), calendar=friday, until=soon)) for n in (1, 2)
        ] == [0, 1]

    def test_is_about_whose_promises_are_asked_for(self) -> None:
        part = on(1, "promise", 12, ref="part")
        assert found(part, self.repair, check=AtRisk(by="agent")) == ()
        assert found(part, on(2, "promise", 12, party="customer", extra={"depends_on": "part"})) == ()


class TestChains:
    """What is known of the last of a chain is known of all that waits for it."""

    a = on(1, "promise", 12, ref="a", id="a", extra={"depends_on": "b"})
    b = on(1, "promise", 11, ref="b", id="b", extra={"depends_on": "c"})
    c = on(1, "promise", 10, ref="c", id="c")

    def test_a_date_is_passed_on(self) -> None:
        findings = found(self.a, self.b, self.c, on(3, "estimate", 25, ref="c"), until="2026-03-04T09:00Z")
        assert [(f.ref, f.evidence) for f in findings] == [
            ("a", ("a", "b", "estimate3")),
            ("b", ("b", "estimate3")),
            ("c", ("c", "estimate3")),
        ]
        assert {f.at.day for f in findings if f.at} == {3}
        assert findings[0].why == (
            "the promise (promise) is due Thu 12 Mar 2026 17:00, but it depends on b, which depends on c, "
            "which is due Wed 25 Mar 2026 17:00"
        )

    def test_each_needs_its_time(self) -> None:
        log, soon = (self.a, self.b, self.c, on(3, "estimate", 10, ref="c")), "2026-03-04T09:00Z"
        assert [f.ref for f in found(*log, until=soon, check=AtRisk(slack=elapsed(hours=23)))] == []
        assert "".join(f.ref for f in found(*log, until=soon, check=AtRisk(slack=elapsed(hours=24)))) == "aabab"

    def test_a_link_that_is_done_ends_it(self) -> None:
        for kind in ("kept", "completed", "delivered"):
            log = (self.a, self.b, self.c, on(2, kind, ref="b"), on(3, "estimate", 25, ref="c"))
            assert "a" not in [f.ref for f in found(*log)]

    def test_a_circle_comes_to_an_end(self) -> None:
        c = attrs.evolve(self.c, extra={"depends_on": "a"})
        own = on(1, "promise", 9, ref="d", id="d", extra={"depends_on": "d"})
        findings = found(self.a, self.b, c, own, until="2026-03-04T09:00Z")
        assert {(f.ref, f.evidence[-1]) for f in findings} == {("b", "a"), ("c", "a"), ("c", "b")}


class TestWhatItWaitsFor:
    """What a promise depends on is withdrawn, passes, or was promised by nobody."""

    p = on(1, "promise", 6, ref="p", id="p", extra={"depends_on": "q"})
    q = on(1, "promise", 5, ref="q", id="q", party="maker")

    def test_is_withdrawn(self) -> None:
        (finding,) = found(
            self.q, self.p, on(2, "withdrawn", ref="q"), on(4, "promise", 5, ref="q"), on(5, "kept", ref="q")
        )
        assert list(shapes((finding,))) == [("02", "04", ("p", "withdrawn2"))]
        assert finding.why == (
            "the promise (promise) is due Fri 6 Mar 2026 17:00, but it depends on q, "
            "which was withdrawn Mon 2 Mar 2026 09:00"
        )
        assert (
            found(self.q, self.p, on(2, "withdrawn", ref="q"), on(2, "withdrawn", ref="q", case="d"))[0].until is None
        )
        assert found(self.q, self.p, on(2, "withdrawn", ref="p"), on(3, "withdrawn", ref="q")) == ()
        (again,) = found(self.q, on(2, "kept", ref="q"), self.p, on(3, "withdrawn", ref="q"), on(4, "kept", ref="q"))
        assert list(shapes((again,))) == [("03", "04", ("p", "withdrawn3"))]

    def test_passes_unkept(self) -> None:
        (finding,) = found(self.q, self.p)
        assert list(shapes((finding,))) == [("05", "", ("p", "q"))]
        assert finding.at_us == self.q.due_us
        assert finding.why.endswith("it depends on q, which was due Thu 5 Mar 2026 17:00 and is not there")
        assert found(self.q, self.p, until="2026-03-05T17:00Z") == ()
        (kept,) = found(self.q, self.p, on(6, "kept", ref="q"))
        assert list(shapes((kept,))) == [("05", "06", ("p", "q"))]
        assert found(self.q, self.p, on(5, "kept", ref="q")) == ()
        assert found(self.q, self.p, on(4, "kept", ref="p")) == ()

    def test_the_hour_of_a_day_is_a_stand_in(self) -> None:
        late = attrs.evolve(on(5, "kept", ref="q"), at="2026-03-05T18:00Z")
        assert len(found(self.q, self.p, late)) == 1
        assert found(self.q, self.p, attrs.evolve(late, precision="day")) == ()
        other = attrs.evolve(on(5, "kept", ref="p"), at="2026-03-05T18:00Z", precision="day")
        assert len(found(self.q, self.p, other)) == 1

    def test_a_promise_on_what_has_passed_is_at_risk_when_it_is_given(self) -> None:
        later = on(8, "promise", 12, ref="p", id="p", extra={"depends_on": "q"})
        assert [str(f.at)[8:10] for f in found(self.q, later)] == ["08"]
        assert list(shapes(found(on(1, "promise", 5, ref="q", id="q"), on(2, "estimate", 7, ref="q"), self.p))) == [
            ("02", "", ("p", "estimate2")),
            ("02", "", ("q", "estimate2")),
        ]

    def test_was_promised_by_nobody(self) -> None:
        (finding,) = found(
            self.p, on(3, "promise", 5, ref="q", case="d"), on(4, "promise", 5, ref="q"), on(5, "kept", ref="q")
        )
        assert list(shapes((finding,))) == [("01", "04", ("p",))]
        assert finding.why.endswith("but it depends on q, which nobody has promised")
        for word in (on(1, "estimate", 5, ref="q"), on(1, "kept", ref="q"), on(1, "delivered", ref="q")):
            assert found(attrs.evolve(word, at="2026-03-01T08:00Z"), self.p) == ()

    def test_a_promise_without_a_date_waits_too(self) -> None:
        (finding,) = found(attrs.evolve(self.p, due=None))
        assert finding.why == "the promise (promise) has no date, but it depends on q, which nobody has promised"

    def test_of_a_log_with_holes_is_possible_at_most(self) -> None:
        assert [f.certainty for f in found(self.p, since="2026-03-01T00:00Z")] == ["proved"]
        assert [f.certainty for f in found(self.p, since="2026-03-02T00:00Z")] == ["possible"]
        assert [f.certainty for f in found(self.q, self.p, since="2026-03-06T00:00Z")] == ["possible"]


class TestWholeCase:
    """An estimate of the whole case contradicts a promise about its completion."""

    @pytest.mark.parametrize("about", [{"ref": "completion"}, {"purpose": "completion"}, {"ref": ""}])
    def test_is_found_at_once(self, about: dict[str, str]) -> None:
        promise = on(1, "promise", 12, **about)
        (finding,) = found(promise, on(3, "estimate", 25, ref=""), on(5, "completed", ref=""))
        assert list(shapes((finding,))) == [("03", "05", ("promise1", "estimate3"))]
        assert finding.why.endswith("but it is estimated for Wed 25 Mar 2026 17:00")
        assert len(found(promise, on(3, "estimate", 25, ref="completion"))) == 1

    def test_other_references_stay_apart(self) -> None:
        promise = on(1, "promise", 12)
        assert found(promise, on(3, "estimate", 25, ref="")) == ()
        assert found(on(1, "promise", 12, ref="completion"), on(3, "estimate", 25)) == ()
        assert len(found(promise, on(3, "estimate", 25, ref=""), check=AtRisk(completion="repair"))) == 1
        assert (
            found(on(1, "promise", 12, ref="completion"), on(3, "estimate", 25, ref=""), check=AtRisk(completion=()))
            == ()
        )

    def test_what_waits_for_the_completion_waits_for_its_estimate(self) -> None:
        keys = on(1, "promise", 13, ref="keys", id="keys", extra={"depends_on": "completion"})
        log = (on(1, "promise", 12, ref="completion"), keys, on(3, "estimate", 25, ref=""))
        assert [f.ref for f in found(*log, until="2026-03-04T09:00Z")] == ["completion", "keys"]
        assert [f.until for f in found(*log, on(5, "completed", ref=""))] == [on(5, "x").at] * 2


class TestRisks:
    """The same of one customer, at an instant."""

    def test_are_what_lasts(self) -> None:
        log = Timeline([TestWhatItWaitsFor.q, TestWhatItWaitsFor.p, on(6, "kept", ref="q")])
        assert risks(log, "2026-03-05T17:00Z").findings == ()
        assert str(risks(log, "2026-03-05T17:00Z").review_at) == "2026-03-05 17:00:00.000001+00:00"
        here = Calendar.always("Europe/Paris")
        (finding,) = risks(log, "2026-03-05T18:00Z", calendar=here)
        assert (str(finding.at), finding.ref) == ("2026-03-05 18:00:00+01:00", "p")
        assert len(risks(log, "2026-03-06T09:00Z")) == 0
        assert risks(log, "2026-03-07T09:00Z").review_at is None
        assert len(risks(log, "2026-03-05T18:00Z", check=AtRisk(by="maker"))) == 0
        assert len(risks(log, "2026-03-05T18:00Z", parties=Parties(customers="shop"))) == 0


def test_says_what_it_is_and_refuses() -> None:
    assert AtRisk().explain() == "a promise is contradicted by an estimate, or by what it depends on"
    assert eval(repr(AtRisk(days(1)))) == AtRisk(days(1))
    with pytest.raises(
        InvalidPolicyError, match=r"^slack points backward or nowhere: -1 day; use a span of at least 0$"
    ):
        AtRisk(days(-1))
