"""The ledger of promises: which were given, by whom, and what has become of each."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Event, Parties, Plan, PromiseKept, Timeline, Touch
from carepolicy.errors import InvalidTimeError
from carepolicy.ledger import Ledger, ledger

NOW = "2026-03-20T09:00Z"
parties = Parties(partners="shop")


def on(day: int, kind: str, due: int | None = None, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T17:00Z"
    given = {"case": "c", "ref": "r", "party": "agent", "id": f"{kind}{day}", **words}
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, due=by, **given)


def word(day: int, **words: Any) -> Event:
    return on(day, "contact", **{"ref": "", "channel": "phone", "outcome": "conversation", **words})


def held(*events: Event, at: str = NOW) -> Ledger:
    return ledger(Timeline(events), at, parties=parties)


class TestStates:
    """What has become of a promise."""

    promise = on(1, "promise", 9)

    @pytest.mark.parametrize(
        ("state", "events"),
        [
            ("unknown", []),
            ("kept", [on(9, "kept")]),
            ("kept", [on(4, "kept", party="shop")]),
            ("late", [on(12, "kept")]),
            ("late", [word(8), on(12, "kept")]),
            ("broken", [word(11), on(12, "kept")]),
            ("broken", [word(11)]),
            ("unknown", [word(11, party="shop")]),
            ("unknown", [word(11, case="d")]),
            ("broken", [on(11, "failed", party="shop")]),
            ("unknown", [on(11, "failed", ref="s")]),
            ("broken", [on(12, "withdrawn")]),
            ("withdrawn", [on(8, "withdrawn")]),
            ("withdrawn", [on(8, "withdrawn"), on(12, "kept")]),
            ("unknown", [on(8, "withdrawn", ref="s")]),
            ("partly", [on(8, "kept", outcome="partly")]),
            ("partly", [on(8, "kept", outcome="partly"), word(11)]),
            ("partly", [on(12, "kept", outcome="partly")]),
            ("broken", [word(11), on(12, "kept", outcome="partly")]),
            ("kept", [on(7, "kept", outcome="partly"), on(8, "kept")]),
            ("late", [on(8, "kept", outcome="partly"), on(12, "kept")]),
            ("late", [on(11, "kept", outcome="partly"), on(12, "kept")]),
            ("withdrawn", [on(7, "kept", outcome="partly"), on(8, "withdrawn")]),
            ("partly", [on(7, "kept", outcome="partly"), on(12, "withdrawn")]),
        ],
    )
    def test_is_one_at_a_time(self, state: str, events: list[Event]) -> None:
        (promise,) = held(self.promise, *events)
        assert promise.state == state

    def test_is_open_until_its_date_has_passed(self) -> None:
        assert held(self.promise, at="2026-03-09T17:00Z").open != ()
        assert held(self.promise, at="2026-03-09T17:00:01Z").open == ()
        assert held(on(1, "promise")).open != ()

    def test_a_later_one_replaces_it_before_its_date_and_breaks_it_after(self) -> None:
        states = [p.state for p in held(self.promise, on(5, "promise", 15), on(16, "promise", 25))]
        assert states == ["superseded", "broken", "open"]

    def test_a_new_date_for_the_rest_is_a_promise_of_its_own(self) -> None:
        first, second = held(self.promise, on(8, "kept", outcome="partly"), on(9, "promise", 25))
        assert (first.state, first.outstanding, second.state) == ("partly", False, "open")

    def test_what_was_done_on_the_day_was_in_time(self) -> None:
        evening = Event(at="2026-03-09T20:00Z", kind="kept", case="c", ref="r", id="k")
        day = Event(at="2026-03-09T20:00Z", kind="kept", case="c", ref="r", id="k", precision="day")
        assert [held(self.promise, kept).promises[0].state for kept in (evening, day)] == ["late", "kept"]
        karachi = ledger(Timeline([self.promise, day]), NOW, calendar=Calendar.always("Asia/Karachi"))
        assert [p.state for p in karachi] == ["late"]

    def test_what_passed_before_the_log_is_complete_is_unknown(self) -> None:
        log = Timeline([self.promise, word(11)], complete_since="2026-03-10T00:00Z")
        assert [p.state for p in ledger(log, NOW)] == ["unknown"]
        kept = Timeline([self.promise, on(8, "kept")], complete_since="2026-03-10T00:00Z")
        assert [p.state for p in ledger(kept, NOW)] == ["kept"]

    def test_what_is_written_down_later_tells_another_story(self) -> None:
        late = Event(
            at="2026-03-08T09:00Z",
            recorded_at="2026-03-15T09:00Z",
            kind="kept",
            case="c",
            ref="r",
            party="agent",
            id="k",
        )
        log = (self.promise, word(11), late)
        assert [held(*log, at=f"2026-03-{day}T09:00Z").level for day in (12, 15)] == [1, 0]


class TestPromises:
    """Who gave them, to whom."""

    def test_go_both_ways_and_do_not_replace_each_other(self) -> None:
        ours, theirs, shop = held(
            on(1, "promise", 9), on(2, "promise", 10, party="customer"), on(3, "promise", 9, party="shop", ref="s")
        )
        assert [(p.role, p.to) for p in (ours, theirs, shop)] == [
            ("us", "customer"),
            ("customer", "us"),
            ("partner", "customer"),
        ]
        assert [p.state for p in (ours, theirs)] == ["unknown", "unknown"]

    def test_have_what_the_log_says_of_them(self) -> None:
        extra = {"to": "driver", "depends_on": "part"}
        (promise,) = held(on(1, "promise", 9, text="on Monday", purpose="repair", extra=extra), on(8, "kept"))
        assert (promise.to, promise.depends_on, promise.text, promise.purpose) == (
            "driver",
            "part",
            "on Monday",
            "repair",
        )
        assert promise.evidence == ("promise1", "kept8")
        assert str(promise.settled) == "2026-03-08 09:00:00+00:00"


class TestLedger:
    """The promises of a log as of an instant."""

    log = (
        on(1, "promise", 9),
        word(11),
        on(1, "promise", 25, ref="s", party="shop", id="s"),
        on(1, "promise", 9, ref="t", customer="ann", party="customer", id="x"),
    )

    def test_counts_the_broken_ones(self) -> None:
        found = held(*self.log)
        assert (found.level, len(found), [p.ref for p in found.broken]) == (1, 3, ["r"])
        assert [p.ref for p in found.open] == ["s"]
        assert [p.ref for p in found.outstanding] == ["r", "s", "t"]

    @pytest.mark.parametrize(
        ("asked", "refs"),
        [
            ({"customer": "ann"}, ["t"]),
            ({"customer": "", "case": "c"}, ["r", "s"]),
            ({"ref": "s"}, ["s"]),
            ({"by": "agent"}, ["r"]),
            ({"by": "us"}, ["r"]),
            ({"by": "partner"}, ["s"]),
            ({"by": "them"}, ["r", "s"]),
            ({"by": "customer"}, ["t"]),
            ({}, ["r", "s", "t"]),
        ],
    )
    def test_may_be_asked_for_a_part(self, asked: dict[str, str], refs: list[str]) -> None:
        part = held(*self.log).of(**asked)
        assert [p.ref for p in part] == refs
        assert part.level == ("r" in refs)

    def test_says_when_to_look_again(self) -> None:
        assert str(held(*self.log).review_at) == "2026-03-25 17:00:00.000001+00:00"
        assert held(on(1, "promise", 9)).review_at is None
        to_come = held(on(1, "promise", 9), on(23, "kept"))
        assert str(to_come.review_at) == "2026-03-23 09:00:00+00:00"

    def test_asks_for_a_zone(self) -> None:
        with pytest.raises(InvalidTimeError, match=r"^at has no time zone"):
            held(at="2026-03-20T09:00")

    def test_what_was_kept_in_part_is_settled_for_the_audit(self) -> None:
        plan = Plan(Calendar.always(), checks=(), promise=Touch(due=PromiseKept()))
        log = Timeline([on(1, "promise", 9), on(8, "kept", outcome="partly")])
        assert len(plan.audit(log, NOW)) == 0
        assert ledger(log, NOW).outstanding != ()
