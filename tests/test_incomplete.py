"""Incomplete logs: where rows are known to be missing, and what they leave unproved."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from carepolicy import (
    Calendar,
    Chasers,
    Event,
    Finding,
    Heartbeat,
    Plan,
    PromiseKept,
    RepeatedQuestions,
    Timeline,
    Touch,
    days,
)
from carepolicy._instant import ALWAYS, NEVER, to_micros
from carepolicy.errors import InvalidEventError
from carepolicy.incomplete import Hole, Incomplete

END = "2026-03-31T09:00Z"
plan = Plan(
    Calendar.always(),
    checks=[Chasers(), RepeatedQuestions()],
    update=Touch(due=Heartbeat(days(5))),
    promise=Touch(due=PromiseKept()),
)


def at(day: int) -> int:
    return Event(at=f"2026-03-{day:02}T09:00Z", kind="note").at_us


def row(
    day: int, number: int | str, case: str = "c", customer: str = "acme", kind: str = "note", **words: Any
) -> Event:
    extra = {"row": str(number)} if number != "" else {}
    return Event(at=at(day), kind=kind, case=case, customer=customer, id=f"{kind}{day}", extra=extra, **words)


def hole(since: int, until: int, case: str = "c", customer: str = "acme", rows: int = 1) -> Hole:
    return Hole(since=at(since), until=at(until), customer=customer, case=case, rows=rows)


class TestNumbers:
    """A number that is skipped is a row that is missing."""

    def test_a_skipped_number_is_a_hole_between_its_neighbours(self) -> None:
        log = Timeline([row(1, 0), row(2, 1), row(5, 4), row(6, 5)])
        assert Incomplete.numbered(log, "row") == Incomplete([hole(2, 5, rows=2)])
        assert str(hole(2, 5).since) == "2026-03-02 09:00:00+00:00"
        assert str(hole(2, 5).until) == "2026-03-05 09:00:00+00:00"

    def test_each_case_counts_for_itself(self) -> None:
        log = Timeline([row(1, 0), row(2, 1, "d"), row(3, 2), row(4, 3, "d")])
        assert Incomplete.numbered(log, "row").holes == (hole(1, 3), hole(2, 4, "d"))

    def test_rows_may_be_out_of_order_doubled_or_without_a_number(self) -> None:
        log = Timeline([row(1, 3), row(2, ""), row(4, 0), row(5, 3), row(6, 4)])
        assert Incomplete.numbered(log, "row").holes == (hole(1, 4, rows=2),)

    def test_the_first_rows_may_be_missing(self) -> None:
        log = Timeline([row(3, 2)])
        assert Incomplete.numbered(log, "row").holes == ()
        (ahead,) = Incomplete.numbered(log, "row", first=0).holes
        assert (ahead.since_us, ahead.since, ahead.until_us, ahead.rows) == (ALWAYS, None, at(3), 2)

    def test_what_is_no_number_is_refused(self) -> None:
        with pytest.raises(
            InvalidEventError,
            match=r"^row is no whole number: 'two' in the row 'note1'; correct it, or leave it out$",
        ):
            Incomplete.numbered(Timeline([row(1, "two")]), "row")

    def test_is_a_value(self) -> None:
        holes = Incomplete.numbered(Timeline([row(1, 0), row(3, 2)]), "row", first=-1)
        assert eval(repr(holes)) == holes
        assert Incomplete(holes.holes[::-1]) == holes
        assert Hole(since="2026-03-01T09:00Z", until=END) == Hole(since=at(1), until=to_micros(END))


class TestStretches:
    """Whether a row may be missing between two instants."""

    known = Incomplete([hole(5, 8), hole(4, 6), hole(5, 8, customer="bolt", case=""), hole(2, 3, "", "")])

    @pytest.mark.parametrize(
        ("since", "until", "found"),
        [
            (6, 7, hole(5, 8)),
            (1, 9, hole(2, 3, "", "")),
            (4, 9, hole(4, 6)),
            (3, 4, None),
            (8, 9, None),
        ],
    )
    def test_names_the_first_that_lies_across(self, since: int, until: int, found: Hole | None) -> None:
        assert self.known.hole("acme", "c", at(since), at(until)) == found

    def test_may_be_about_a_case_a_customer_or_everybody(self) -> None:
        assert self.known.hole("bolt", "x", at(5), at(6)) == hole(5, 8, "", "bolt")
        assert self.known.hole("acme", "d", at(5), at(6)) is None
        assert self.known.hole("cord", "d", at(1), at(3)) == hole(2, 3, "", "")


class TestFindings:
    """What a missing row could refute is unknown."""

    log = Timeline([
        row(1, 0, kind="opened"),
        row(8, 1, kind="contact", party="office", direction="outbound", channel="phone", outcome="conversation",
            purpose="update"),
        row(20, 3, kind="contact", direction="inbound", channel="phone", purpose="status"),
    ])  # fmt: skip
    audit = plan.audit(log, END)

    def doubted(self, *holes: Hole) -> list[tuple[str, str]]:
        return [(f.kind, f.certainty) for f in Incomplete(holes).doubted(self.audit.findings, self.log)]

    def test_nothing_is_where_nothing_is_missing(self) -> None:
        assert Incomplete([]).doubted(self.audit.findings, self.log) == self.audit.findings
        assert self.doubted() == [("late", "proved"), ("missed", "proved"), ("chaser", "proved")]

    def test_a_silence_across_a_hole_is_unknown_and_a_chaser_possible(self) -> None:
        holes = Incomplete.numbered(self.log, "row")
        late, missed, chaser = holes.doubted(self.audit.findings, self.log)
        assert late == self.audit.findings[0]
        assert (missed.kind, missed.certainty) == ("unknown", "possible")
        assert missed.why == (
            "an update was due Fri 13 Mar 2026 09:00, and never came; "
            "but rows are missing between Sun 8 Mar 2026 09:00 and Fri 20 Mar 2026 09:00"
        )
        assert (chaser.kind, chaser.certainty) == ("chaser", "possible")

    def test_a_hole_after_the_due_instant_proves_nothing_wrong(self) -> None:
        assert self.doubted(hole(7, 8)) == [("late", "proved"), ("missed", "proved"), ("chaser", "proved")]
        assert self.doubted(hole(14, 15)) == [("late", "proved"), ("missed", "proved"), ("chaser", "possible")]

    def test_what_the_log_shows_itself_stays(self) -> None:
        told = [row(1, 0, kind="told", fact="name"), row(2, 3, kind="asked", fact="name", party="office")]
        log = Timeline(told)
        found = plan.audit(log, END).findings
        assert [f.kind for f in found] == ["repeated_question"]
        assert Incomplete.numbered(log, "row").doubted(found, log) == found

    def test_a_possible_chaser_is_no_less_possible(self) -> None:
        chaser = attrs.evolve(self.audit.findings[-1], certainty="possible")
        assert Incomplete([Hole(since=ALWAYS, until=NEVER)]).doubted([chaser], self.log) == (chaser,)

    def test_without_evidence_any_earlier_hole_will_do(self) -> None:
        silence = Finding(kind="silence", at_us=at(9), policy="Cadence", customer="acme", why="no talk")
        everybody = Incomplete([hole(2, 3, "", "")])
        (doubted,) = everybody.doubted([silence], self.log)
        assert doubted.kind == "unknown"
