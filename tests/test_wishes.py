"""Hours that a customer wishes: mornings only, not in August."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest

from carepolicy import (
    Cadence,
    Calendar,
    ContactHours,
    Event,
    Facts,
    Parties,
    Plan,
    RestBetween,
    Timeline,
    Touch,
    Verdict,
    Window,
    days,
)
from carepolicy._alone import decide_alone, decide_from_facts
from carepolicy.errors import InvalidCalendarError, InvalidPolicyError

mornings = Calendar.weekly("Mon-Fri 08:00-12:00", zone="Europe/Paris")
evenings = Calendar.weekly("Mon-Fri 18:00-20:00", zone="Europe/Paris")
daytime = Calendar.weekly("Mon-Fri 10:00-17:00", zone="Europe/Paris")
august = Calendar.only(Window.between("2026-08-01T00:00+02:00", "2026-09-01T00:00+02:00"), zone="Europe/Paris")
not_in_august = Calendar.always("Europe/Paris") - august
plan = Plan(
    Calendar.always("Europe/Paris"),
    call=Touch(due=Cadence(days(10)), guard=ContactHours(daytime)),
    visit=Touch(due=Cadence(days(10))),
    newsletter=Touch(guard=RestBetween(days(30))),
    survey=Touch(guard=RestBetween(days(30)) & ContactHours(daytime)),
    invoice=Touch(guard=ContactHours(daytime, fixed=True)),
)
talk = Event(
    at="2026-03-02T10:00+01:00", kind="contact", customer="ann", party="agent", direction="outbound", channel="phone",
    outcome="conversation",
)  # fmt: skip
log = Timeline([talk])
AFTERNOON = "2026-03-16T14:00+01:00"


def verdicts(**more: Any) -> dict[str, str]:
    return {
        d.touch: f"{d.verdict} {str(d.act_at)[5:16]}" for d in plan.review(log, AFTERNOON, roster=["bob"], **more)
        if d.customer == "ann"
    }  # fmt: skip


class TestReview:
    """What is owed waits for the hours of a wish, and so does what has hours of the customer."""

    def test_without_a_wish_goes_by_the_plan(self) -> None:
        said = verdicts()
        assert said["call"] == "overdue 03-16 10:00"
        assert said == verdicts(wishes={}) == verdicts(wishes={"bob": evenings | mornings})

    def test_waits_for_the_wish(self) -> None:
        said, plain = verdicts(wishes={"ann": mornings}), verdicts()
        assert said["call"] == "wait 03-17 10:00"
        assert said["visit"] == "wait 03-17 08:00"
        assert said["survey"] == "wait 03-17 10:00"
        assert (said["newsletter"], said["invoice"]) == (plain["newsletter"], plain["invoice"])

    def test_says_so_in_the_reason(self) -> None:
        review = plan.review(log, AFTERNOON, wishes={"ann": mornings})
        visit = review.of("visit")[0]
        assert visit.codes == ("WishedHours.hours", "Cadence.due")
        reason = visit.reasons[0]
        assert (reason.binding, reason.facts) == (True, {})
        assert reason.text == (
            "the customer wishes Mon-Fri 08:00-12:00 (Europe/Paris): closed until Tue 17 Mar 2026 08:00"
        )
        assert "WishedHours.opens" in review.of("call")[0].codes, "which other hours keep from opening even then"
        assert visit.key == plan.review(log, AFTERNOON).of("visit")[0].key

    def test_is_asked_of_folded_facts_as_well(self) -> None:
        folded = plan.fold(log, AFTERNOON)
        wishes = {"ann": mornings}
        assert plan.review(folded, AFTERNOON, wishes=wishes) == plan.review(log, AFTERNOON, wishes=wishes)

    def test_not_in_august(self) -> None:
        facts = Facts(last_outreach="2026-07-20T10:00+02:00")
        review = plan.decide_facts(facts, "2026-08-10T11:00+02:00", customer="ann", wish=not_in_august)
        assert str(review.of("call")[0].act_at) == "2026-09-01 10:00:00+02:00"
        assert review.of("call")[0].verdict == Verdict.WAIT

    def test_keeps_the_zone_of_the_wish_wherever_the_customer_is(self) -> None:
        review = plan.review(log, AFTERNOON, wishes={"ann": mornings}, zones={"ann": "Africa/Lagos"})
        assert str(review.of("call")[0].act_at)[5:16] == "03-17 10:00"

    def test_is_kept_no_longer_than_a_thousand_wishes(self) -> None:
        rule = pickle.loads(pickle.dumps(plan.rules.rules[0]))
        for minute in range(301, 1331):
            rule.wishing(Calendar.weekly(f"Mon-Fri {minute // 60 % 24:02}:{minute % 60:02}-05:00", zone="UTC"))
        assert len(rule._wished) < 1024


class TestAlone:
    """A policy asked alone heeds a wish, too."""

    def test_of_a_timeline(self) -> None:
        duty = Cadence(days(10))
        decision = decide_alone(duty, log, AFTERNOON, Calendar.always(), Parties(), {}, wish=mornings)
        assert (decision.verdict, str(decision.act_at)) == (Verdict.WAIT, "2026-03-17 07:00:00+00:00")

    def test_of_facts(self) -> None:
        unit = ("ann", "", "", "")
        decision = decide_from_facts(Cadence(days(10)), Facts(), AFTERNOON, Calendar.always(), unit, "", mornings)
        assert decision.verdict == Verdict.WAIT


class TestRefused:
    """A wish that cannot be meant is refused by name."""

    def test_hours_that_never_meet(self) -> None:
        problem = "^hours of call never meet what the customer wishes: calendar never opens"
        with pytest.raises(InvalidCalendarError, match=problem):
            plan.review(log, AFTERNOON, wishes={"ann": evenings})
        with pytest.raises(InvalidCalendarError, match="hours of call never meet for a customer in 'Africa/Lagos'"):
            plan.review(log, AFTERNOON, wishes={"ann": evenings}, zones={"ann": "Africa/Lagos"})

    def test_what_is_no_calendar(self) -> None:
        problem = "wish of 'ann' is not a Calendar: 'mornings'; use e.g. Calendar.weekly(...)"
        with pytest.raises(InvalidCalendarError, match=re.escape(problem)):
            plan.review(log, AFTERNOON, wishes={"ann": "mornings"})  # type: ignore[dict-item]
        with pytest.raises(InvalidCalendarError, match=r"^wish is not a Calendar: 'mornings'; use"):
            plan.decide_facts(Facts(), AFTERNOON, wish="mornings")  # type: ignore[arg-type]
        with pytest.raises(InvalidPolicyError, match=re.escape("wishes are not by customer: [('ann', Calendar.")):
            plan.review(log, AFTERNOON, wishes=[("ann", mornings)])  # type: ignore[arg-type]
