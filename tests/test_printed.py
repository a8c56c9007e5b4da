"""Print: judged at the lock and at the drop, and pulled while it can be."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Event, Timeline, days
from carepolicy.errors import InvalidPolicyError
from carepolicy.printed import PrintFate, PrintJob, PrintVerdict, judge_print
from carepolicy.quarantine import RestBetween
from carepolicy.trouble import NoTrouble

JOB = PrintJob("2026-03-05T12:00Z", "2026-03-20T12:00Z", pull="2026-03-12T12:00Z", name="refinance")
CALM = NoTrouble()


def on(day: int, kind: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, **{"case": "c", "customer": "ann", **words})


def judged(*events: Event, day: int, job: PrintJob = JOB, guard: Any = CALM) -> PrintVerdict:
    return judge_print(guard, Timeline(events), job, f"2026-03-{day:02}T18:00Z", customer="ann")


class TestJudgePrint:
    """A letter is fixed long before it drops, so it is judged at both instants."""

    def test_before_the_lock_nothing_is_decided(self) -> None:
        found = judged(on(1, "opened"), day=3)
        assert (found.fate, found.at_lock, found.at_drop) == (PrintFate.OPEN, None, None)
        assert str(found.review_at) == "2026-03-05 12:00:00+00:00"
        assert found.why == "the list is fixed on Thu 5 Mar 2026 12:00"

    def test_what_stands_against_it_at_the_lock_keeps_it_out_for_good(self) -> None:
        found = judged(on(1, "opened"), on(6, "closed"), day=25)
        assert (found.fate, found.at_drop, found.review_at) == (PrintFate.LEFT_OUT, None, None)
        assert "waits for the open case" in found.why

    def test_nothing_stands_against_it(self) -> None:
        found = judged(day=6)
        assert (found.fate, found.why) == (PrintFate.GO, "nothing stands against it")
        assert found.at_lock == found.at_drop
        assert judged(day=25).fate == PrintFate.GO

    def test_is_pulled_while_it_can_be(self) -> None:
        wreck = on(8, "opened")
        assert judged(wreck, day=7).fate == PrintFate.GO
        assert str(judged(wreck, day=7).review_at) == "2026-03-08 09:00:00+00:00"
        assert judged(wreck, day=8).fate == PrintFate.PULL
        over = on(14, "closed")
        assert judged(wreck, over, day=25).fate == PrintFate.PULL, "it had to be pulled, whatever came later"

    def test_need_not_be_pulled_if_it_ended_in_time(self) -> None:
        short = (on(8, "opened"), on(10, "closed"))
        assert [judged(*short, day=day).fate for day in (9, 11, 25)] == [PrintFate.PULL, PrintFate.GO, PrintFate.GO]
        assert str(judged(*short, day=9).review_at) == "2026-03-10 09:00:00+00:00"

    def test_what_becomes_known_too_late_is_a_finding(self) -> None:
        found = judged(on(14, "opened"), day=15)
        assert (found.fate, found.is_finding) == (PrintFate.TOO_LATE, True)
        assert judged(on(14, "opened"), day=13).fate == PrintFate.GO
        assert judged(on(14, "opened"), on(18, "closed"), day=25).fate == PrintFate.GO, "over before it dropped"
        assert not judged(day=25).is_finding
        at_the_edge = Event(at="2026-03-12T12:00Z", kind="opened", customer="ann", case="c")
        assert judged(at_the_edge, day=25).fate == PrintFate.TOO_LATE, "pulling ends when it is known"

    def test_what_is_recorded_late_was_known_too_late(self) -> None:
        late = on(3, "opened", recorded_at="2026-03-14T09:00Z")
        assert judged(late, day=25).fate == PrintFate.TOO_LATE

    def test_what_happens_after_the_drop_changes_nothing(self) -> None:
        assert judged(on(22, "opened"), day=25).fate == PrintFate.GO
        assert judged(on(22, "opened"), day=21).review_at is None

    def test_is_judged_for_the_drop(self) -> None:
        """At the lock the rest is not over; at the drop it will be."""
        rest = RestBetween(days(30))
        assert judged(on(1, "survey"), day=6, guard=rest).fate == PrintFate.LEFT_OUT, "until 31 March"
        assert judged(on(1, "survey"), day=6, guard=RestBetween(days(15))).fate == PrintFate.GO, "until 16 March"

    def test_can_be_pulled_until_the_drop_unless_said_otherwise(self) -> None:
        until_drop = PrintJob("2026-03-05T12:00Z", "2026-03-20T12:00Z")
        never = PrintJob("2026-03-05T12:00Z", "2026-03-20T12:00Z", pull="2026-03-05T12:00Z")
        assert judged(on(19, "opened"), day=25, job=until_drop).fate == PrintFate.PULL
        assert judged(on(8, "opened"), day=9, job=never).fate == PrintFate.TOO_LATE

    def test_no_guard_lets_all_go(self) -> None:
        assert judged(on(1, "opened"), day=6, guard=None).fate == PrintFate.GO


class TestPrintJob:
    """A print run: locked, then pulled if need be, then dropped."""

    def test_is_built_again_from_its_repr(self) -> None:
        for job in (JOB, PrintJob("2026-03-05T12:00Z", "2026-03-20T12:00Z")):
            assert eval(repr(job)) == job
        assert repr(JOB).endswith("pull='2026-03-12T12:00:00+00:00', name='refinance')")

    @pytest.mark.parametrize("pull", ["2026-03-04T12:00Z", "2026-03-21T12:00Z"])
    def test_out_of_order_is_refused(self, pull: str) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"^print run is not in order: lock=2026-03-05T12:00:00\+00:00, pu"
        ):
            PrintJob("2026-03-05T12:00Z", "2026-03-20T12:00Z", pull=pull)
