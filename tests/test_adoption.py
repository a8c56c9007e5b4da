"""Adoption: a delivered element that nobody uses, or less and less."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Cadence, Calendar, Event, Plan, Timeline, Touch, days
from carepolicy._instant import NEVER
from carepolicy.adoption import Adopted, Adoption
from carepolicy.errors import InvalidPolicyError, UnknownNameError

START = Event(at="2024-01-08T10:00Z", kind="note").at_us
DAY = 86_400_000_000
weekly = Adoption(every=days(7))


def on(day: float, kind: str, ref: str = "training", **words: Any) -> Event:
    return Event(at=START + round(day * DAY), kind=kind, ref=ref, **{"id": f"{ref}-{kind}{day:g}", **words})


def at(day: float) -> Any:
    return on(day, "note").at


def assess(events: list[Event], day: float, policy: Adoption = weekly, **more: Any) -> Adopted:
    return policy.assess(Timeline(events), at(day), **more)


DELIVERED = on(0, "delivered")
USED = [on(day, "used") for day in range(3, 100, 7)]


class TestNeverUsed:
    """What was delivered is not used in time: due at once, without statistics."""

    def test_it_is_said_when_the_alarm_goes_off(self) -> None:
        before, then = assess([DELIVERED], 13.9), assess([DELIVERED], 14)
        assert (before.is_alarm, before.alarm_at, before.review_at, before.confidence) == (False, at(14), at(14), 0.0)
        assert (then.is_alarm, then.since, then.alarm_at, then.confidence) == (True, at(0), at(14), 1.0)
        assert (then.evidence, then.review_at) == (("training-delivered0",), None)
        assert then.why == "nobody used training since it was delivered Mon 8 Jan 2024 10:00"

    def test_one_use_will_do(self) -> None:
        assert not assess([DELIVERED, on(13, "used")], 15).is_alarm
        assert assess([DELIVERED, on(13, "used", ref="manual")], 15).is_alarm

    def test_delivered_again_it_starts_anew(self) -> None:
        seen = assess([DELIVERED, on(5, "used"), on(50, "delivered")], 60)
        assert (seen.trend.kind, seen.alarm_at) == ("unused", at(64))

    def test_a_pause_of_the_customer_does_not_count(self) -> None:
        paused = [on(4, "paused", ref="", party="customer"), on(14, "resumed", ref="")]
        assert assess([DELIVERED, *paused], 15).alarm_at == at(24)

    def test_where_the_log_is_not_complete_it_is_unknown(self) -> None:
        seen = weekly.assess(Timeline([DELIVERED], complete_since=at(5)), at(100))
        assert (seen.is_alarm, seen.alarm_at) == (False, None)
        assert seen.why.endswith("the log is not complete from then on")


class TestLessAndLess:
    """What is used is used less and less: the test of the rhythm."""

    def test_use_that_goes_on_shows_nothing(self) -> None:
        seen = assess([DELIVERED, *USED], 102)
        assert (seen.is_alarm, seen.since, seen.trend.kind) == (False, None, "use")
        assert seen.why == "training is used; nothing shows that this thins"

    def test_use_that_ends(self) -> None:
        seen = assess([DELIVERED, *USED], 150)
        assert (seen.is_alarm, seen.since) == (True, at(94))
        assert seen.why.startswith("training is not used any more since Thu 11 Apr 2024 10:00")

    def test_use_that_thins(self) -> None:
        seen = assess([DELIVERED, *USED, *(on(day, "used") for day in range(115, 240, 21))], 221)
        assert seen.is_alarm
        assert seen.why.startswith("training is used at 0.33 of what was meant (every 7 days) since Thu 11 Apr")

    def test_few_uses_tell_nothing(self) -> None:
        seen = assess([DELIVERED, *USED[:4]], 500)
        assert (seen.is_alarm, seen.alarm_at) == (False, None)
        assert seen.why == "training is used; too seldom so far to tell whether that thins"

    def test_is_not_judged_unless_it_is_known_how_often(self) -> None:
        assert not assess([DELIVERED, *USED], 500, Adoption()).is_alarm


class TestFindings:
    """As a check: one for each delivery not used in time, and each time that use thinned."""

    def found(self, *events: Event, until: float = 300) -> list[tuple[str, Any, Any]]:
        plan = Plan(Calendar.always(), checks=[weekly], call=Touch(due=Cadence(days(10))))
        return [(f.detail, f.at, f.until) for f in plan.audit(Timeline(events), at(until)).of_kind("drift")]

    def test_used_late_never_and_less(self) -> None:
        assert self.found(DELIVERED, on(20, "used")) == [("unused", at(14), at(20))]
        assert self.found(DELIVERED) == [("unused", at(14), None)]
        assert self.found(DELIVERED, until=13) == []
        assert self.found(DELIVERED, on(50, "delivered"), on(51, "used")) == [("unused", at(14), at(50))]
        ((detail, _, until),) = self.found(DELIVERED, *USED)
        assert (detail, until) == ("use", None)

    def test_of_a_use_that_is_not_judged(self) -> None:
        plan = Plan(Calendar.always(), checks=[Adoption()], call=Touch(due=Cadence(days(10))))
        assert plan.audit(Timeline([DELIVERED, *USED]), at(300)).of_kind("drift") == ()

    def test_says_what_should_have_been(self) -> None:
        plan = Plan(Calendar.always(), checks=[weekly], call=Touch(due=Cadence(days(10))))
        (finding,) = plan.audit(Timeline([DELIVERED, on(20, "used")]), at(30)).of_kind("drift")
        assert finding.instead == "in use by Mon 22 Jan 2024 10:00, with our help before then"
        assert (finding.ref, finding.evidence) == ("training", ("training-delivered0", "training-used20"))


class TestValues:
    """What is asked for, and what is handed back."""

    def test_of_several_the_most_pressing(self) -> None:
        events = [DELIVERED, *USED, on(60, "delivered", ref="manual")]
        assert assess(events, 90).ref == "manual"
        assert assess(events, 90, ref="training").ref == "training"
        with pytest.raises(UnknownNameError, match="nothing was delivered: customer=None, ref='app'"):
            assess(events, 90, ref="app")

    def test_round_trips_and_explains(self) -> None:
        assert eval(repr(weekly), {"Adoption": Adoption, "days": days}) == weekly
        assert weekly.explain() == "what was delivered is not used within 14 days, or less often than every 7 days"
        assert Adoption().explain() == "what was delivered is not used within 14 days"

    @pytest.mark.parametrize(
        ("wrong", "text"),
        [
            ({"within": 14}, "within is not a span: 14"),
            ({"every": days(0)}, "every points backward or nowhere: 0 days"),
            ({"at_least": 0}, "at_least must be at least 2 contacts, got 0"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, wrong: dict[str, Any], text: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(text)):
            Adoption(**wrong)

    def test_an_event_still_to_come_bounds_it(self) -> None:
        late = on(5, "used", recorded_at=at(9))
        seen = assess([DELIVERED, late], 6)
        assert seen.review_at == at(9)
        assert seen.review_us < seen.trend.review_us < NEVER

    def test_it_holds_until_then(self) -> None:
        log = Timeline([DELIVERED, *USED])
        for day in (1, 10, 50, 105, 120, 140):
            seen = weekly.assess(log, at(day))
            if seen.review_at is not None:
                assert weekly.assess(log, seen.review_at.subtract(microseconds=1)) == seen
