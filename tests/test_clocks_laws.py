"""Clocks: every one keeps the public laws; chasers and handing on change nothing; pauses only ever give time back."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepolicy import (
    Calendar,
    Event,
    Parties,
    Plan,
    Timeline,
    Touch,
    Which,
    Window,
    days,
    elapsed,
    testing,
    working,
    working_days,
)
from carepolicy._alone import rules_of
from carepolicy._instant import HOUR, NEVER, to_micros, to_moment
from carepolicy._time.resuming import gone_on
from carepolicy.clocks import (
    Acknowledgement,
    FirstReply,
    FirstResolution,
    NextReply,
    TakeOver,
    TotalResolution,
    Turnaround,
)
from carepolicy.pauses import Clock
from carepolicy.table import decide_table, facts_from_events
from carepolicy.testing import check_policy
from tests.fold_logs import row_of, table_of
from tests.tables import decisions_of, said

FROM = to_micros("2026-03-05T00:00-07:00")
"""A Thursday before the clocks go forward in Denver."""
OFFICE = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="America/Denver")
PAUSABLE: list[Clock] = [
    FirstReply(working(hours=4), pausable=True, pauses=2),
    Acknowledgement(elapsed(hours=30), pausable=True),
    FirstResolution(working(hours=20), pausable=True, pauses=3),
    TotalResolution(working(hours=9), pausable=True, pauses=1, reopenings=2),
    FirstResolution(days(3), pausable=True),
    FirstResolution(working_days(2), pausable=True),
]
CLOCKS: list[Clock] = [
    *PAUSABLE,
    FirstReply(days(1), by="us"),
    NextReply(working(hours=1)),
    NextReply(elapsed(hours=4), after_first=True),
    TotalResolution(days(3), reopenings=1),
    TakeOver(working(hours=1)),
    Turnaround(days(40), since="milestone", until=Which("milestone", purpose="accepted"), what="a decision"),
]
_WORDS: list[dict[str, Any]] = [
    {"kind": "opened", "party": "customer"},
    {"kind": "contact", "direction": "inbound", "party": "customer"},
    {"kind": "contact", "direction": "outbound", "outcome": "delivered", "party": "desk"},
    {"kind": "paused", "purpose": "parts", "party": "desk", "ref": "a"},
    {"kind": "paused", "purpose": "wait", "party": "desk", "ref": "b"},
    {"kind": "paused", "purpose": "parts", "party": "desk", "ref": "a"},
    {"kind": "resumed", "ref": "a"},
    {"kind": "resumed"},
    {"kind": "completed"},
    {"kind": "reopened"},
    {"kind": "handed", "party": "desk"},
    {"kind": "merged", "ref": "d"},
    {"kind": "paused", "party": "desk"},
]


def hours(last: int = 96) -> st.SearchStrategy[int]:
    """Whole hours of the days around the change."""
    return st.integers(0, last).map(lambda hour: FROM + hour * HOUR)


@st.composite
def logs(draw: st.DrawFn) -> Timeline:
    """The log of one case that was opened in the morning, full of what starts, stops and ends clocks."""
    events = [Event(at=FROM + 9 * HOUR, kind="opened", case="c", party="customer", id="opened")]
    for number in range(draw(st.integers(0, 9))):
        words = draw(st.sampled_from(_WORDS))
        recorded = draw(st.none() | hours(120))
        events.append(
            Event(at=draw(hours()), recorded_at=recorded, due=draw(hours(120)), case="c", id=f"e{number}", **words)
        )
    return Timeline(events)


def facts_of(clock: Clock, timeline: Timeline, now: int, calendar: Calendar = OFFICE) -> Any:
    """What the clock of the case knows."""
    return clock.decide(timeline, to_moment(now), calendar=calendar).known


def due_of(clock: Any, timeline: Timeline, now: int = FROM + 200 * HOUR) -> int:
    """When the clock of the case is due."""
    decision = clock.decide(timeline, to_moment(now), calendar=OFFICE)
    return int(decision.due_us)


@pytest.mark.parametrize("clock", CLOCKS, ids=repr)
def test_every_clock_keeps_the_laws(clock: Clock) -> None:
    """One text, whole instants, values, mergeable facts, stability, no look-ahead."""
    check_policy(clock, examples=20)


@given(st.sampled_from(PAUSABLE), logs(), st.randoms(use_true_random=False), st.integers(0, 10))
def test_facts_of_dense_logs_merge_in_any_order(clock: Clock, log: Timeline, random: Any, split: int) -> None:
    """Shuffled, doubled and split anywhere, a log full of pauses comes to the same."""
    folding = rules_of(clock, OFFICE, Parties()).folding
    events = list(log.events)
    whole = folding.fold(events).values(("", "c", "", ""))
    again = [*events, *events[:split]]
    random.shuffle(again)
    assert folding.fold(again).values(("", "c", "", "")) == whole
    merged = folding.fold(events[split:]).merge(folding.fold(events[:split]))
    assert merged.values(("", "c", "", "")) == whole


@given(st.sampled_from(CLOCKS), logs(), hours(120), st.lists(hours(200), max_size=3))
def test_a_due_date_never_moves_without_an_event(clock: Clock, log: Timeline, now: int, later: list[int]) -> None:
    """In a log full of pauses, too, the decision at any instant before `review_at` is the one now."""
    decision = clock.decide(log, to_moment(now), calendar=OFFICE)
    for then in later:
        if now < then < decision.review_us:
            assert clock.decide(log, to_moment(then), calendar=OFFICE) == decision


@given(logs(), st.lists(hours(), min_size=1, max_size=3))
def test_a_chaser_never_moves_the_next_reply(log: Timeline, chasers: list[int]) -> None:
    """Whatever else the customer writes after the oldest unanswered message, it is due when it was."""
    clock = NextReply(working(hours=2))
    log = Timeline([*log.recordings, Event(at=FROM + 40 * HOUR, kind="contact", direction="inbound", case="c", id="m")])
    started = facts_of(clock, log, FROM + 200 * HOUR)["started"]
    later = [
        Event(at=at, kind="contact", direction="inbound", case="c", id=f"chaser{n}")
        for n, at in enumerate(chasers)
        if at >= started
    ]
    assert due_of(clock, Timeline([*log.recordings, *later])) == due_of(clock, log)


@given(st.sampled_from(CLOCKS), logs(), st.lists(st.tuples(hours(), st.sampled_from(["handed", "accepted"]))))
def test_handing_on_never_restarts_a_clock_of_the_customer(
    clock: Clock, log: Timeline, changes: list[tuple[int, str]]
) -> None:
    """Whoever has the case in hand, the customer has waited since they have."""
    if not isinstance(clock, TakeOver):
        more = [Event(at=at, kind=kind, case="c", party="shop", id=f"h{n}") for n, (at, kind) in enumerate(changes)]
        assert due_of(clock, Timeline([*log.recordings, *more])) == due_of(clock, log)


@given(st.sampled_from(PAUSABLE), logs())
def test_pauses_only_ever_give_time_back(clock: Clock, log: Timeline) -> None:
    """Due no earlier than without pauses, and no earlier the more of them count."""
    dues = [due_of(attrs.evolve(clock, pausable=False), log)]
    dues += [due_of(attrs.evolve(clock, pauses=count), log) for count in (1, 2, 5)]
    assert dues == sorted(dues)


def stood(log: Timeline) -> list[tuple[int, int]]:
    """The pauses of a log, one by one: the twin of the fold, written as the rule is said."""
    found = []
    for event in log.events:
        if event.kind == "paused" and event.purpose and event.party and event.at_us < event.due_us:
            after = [e for e in log.events if e.order > event.order]
            ends = [e.at_us for e in after if e.kind == "resumed" and e.ref in ("", event.ref)]
            ends += [e.at_us for e in after if e.kind == "contact" and e.direction == "inbound"]
            found.append((event.at_us, min([event.due_us, *ends])))
    return [(a, b) for a, b in found if a < b]


@given(logs(), st.sampled_from([working(hours=20), elapsed(hours=30), working(hours=3)]))
def test_due_is_what_the_calendar_says_with_the_pauses_given_back(log: Timeline, within: Any) -> None:
    """The fold and the policy together equal `Calendar.add` with the pauses that a twin finds one by one."""
    clock = FirstResolution(within, pausable=True, pauses=10)
    due, start = due_of(clock, log), FROM + 9 * HOUR
    if due < NEVER:
        starts = min(e.at_us for e in log.events if e.kind == "opened")
        assert starts <= start
        pauses = [Window(to_moment(max(a, starts)), to_moment(b)) for a, b in stood(log) if b > starts]
        assert to_moment(due) == OFFICE.add(to_moment(starts), within, pauses=pauses)


@given(
    testing.calendars(),
    st.lists(st.tuples(testing.instants(), st.integers(0, 90).map(HOUR.__mul__)), min_size=1, max_size=5),
)
def test_time_goes_on_row_by_row_as_for_one(calendar: Calendar, rows: list[tuple[int, int]]) -> None:
    """An addition with one amount per row is the addition of each row."""
    clock = calendar._clock
    us, left = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    for is_working in (True, False):
        many = gone_on(clock, us, left, working=is_working).tolist()
        assert many == [gone_on(clock, at, more, working=is_working) for at, more in rows]


_CASES = st.sampled_from("cde")


@st.composite
def merged_logs(draw: st.DrawFn) -> Timeline:
    """Messages, replies and merges in three cases of one customer."""
    words: dict[str, dict[str, Any]] = {
        "asks": {"kind": "contact", "direction": "inbound", "party": "customer", "channel": "email"},
        "replied": {"kind": "contact", "direction": "outbound", "party": "desk", "outcome": "delivered"},
        "merged": {"kind": "merged"},
        "opened": {"kind": "opened", "party": "customer"},
    }
    events = [
        Event(at=draw(hours(40)), case="c", id="first", **words["asks"]),
        Event(at=draw(hours()), case="c", ref="d", id="into d", **words["merged"]),
    ]
    more = draw(st.lists(st.sampled_from(["asks", "asks", "replied", "merged", "opened"]), max_size=7))
    for number, kind in enumerate(more):
        ref = draw(_CASES) if kind == "merged" else ""
        events.append(Event(at=draw(hours()), case=draw(_CASES), ref=ref, id=f"e{number}", **words[kind]))
    return Timeline(events)


def waiting(log: Timeline) -> list[tuple[str, int]]:
    """The messages that nobody has answered, each with its case: followed from case to case as the rule is said."""
    cases: list[tuple[Event, set[str]]] = []
    moves: list[tuple[str, str]] = []

    def carry(reached: set[str]) -> None:
        for _ in moves:
            reached |= {target for source, target in moves if source in reached}

    for event in log.events:
        if event.kind == "merged":
            moves.append((event.case, event.ref))
            for _, reached in cases:
                carry(reached)
        elif event.direction == "outbound":
            cases = [(message, reached) for message, reached in cases if event.case not in reached]
        elif event.direction == "inbound":
            cases.append((event, {event.case}))
            carry(cases[-1][1])
    return [(message.case, message.at_us) for message, _ in cases]


@pytest.mark.parametrize("joined", [False, True], ids=["alone", "after a first reply"])
@given(log=merged_logs())
def test_a_merge_never_makes_a_waiting_message_owed_by_nobody(joined: bool, log: Timeline) -> None:
    """Whatever was merged into what, each message that nobody has answered is owed in its case, in time."""
    within = working(hours=2)
    clock: Any = NextReply(within)
    if joined:
        clock = FirstReply(within) | NextReply(within, after_first=True)
    for case, asked in waiting(log):
        decision = clock.decide(log, to_moment(FROM + 200 * HOUR), calendar=OFFICE, case=case)
        opened = [e.at_us for e in log.events if e.kind == "opened" and joined]
        assert to_moment(decision.due_us) <= OFFICE.add(to_moment(max([asked, *opened])), within)


@given(merged_logs())
def test_of_a_case_merged_alone_exactly_the_oldest_that_waits_is_owed(log: Timeline) -> None:
    """Where no other case was merged, it runs from the oldest waiting message, and only while one waits."""
    log = Timeline(
        [e for e in log.recordings if e.kind in ("contact", "merged") and (e.kind, e.case) != ("merged", "d")]
    )
    log = Timeline([e for e in log.recordings if (e.kind, e.case) != ("merged", "e")])
    clock = NextReply(elapsed(hours=1))
    for case in {e.case for e in log.events}:
        mine = min((asked for at, asked in waiting(log) if at == case), default=None)
        due = clock.decide(log, to_moment(FROM + 200 * HOUR), calendar=OFFICE, case=case).due_us
        assert due == (NEVER if mine is None else mine + HOUR)


@given(merged_logs(), st.randoms(use_true_random=False), st.integers(0, 9))
def test_facts_of_merged_cases_merge_in_any_order(log: Timeline, random: Any, split: int) -> None:
    """Shuffled, doubled and split anywhere, a log full of merges comes to the same."""
    folding = rules_of(NextReply(days(1), after_first=True), OFFICE, Parties()).folding
    events = list(log.events)
    whole = folding.fold(events)
    again = [*events, *events[:split]]
    random.shuffle(again)
    merged = folding.fold(events[split:]).merge(folding.fold(events[:split]))
    for unit in whole.of_scope("case"):
        assert folding.fold(again).values(unit) == whole.values(unit) == merged.values(unit)


@settings(max_examples=20)
@given(merged_logs())
def test_merged_cases_are_decided_in_tables_and_audited_alike(log: Timeline) -> None:
    """A table decides as for one customer; what is overdue in the end is what an audit finds missed."""
    duty = FirstReply(working(hours=2)) | NextReply(working(hours=2), after_first=True)
    plan, now = Plan(OFFICE, reply=Touch(due=duty), checks=[]), to_moment(FROM + 200 * HOUR)
    decided = plan.review(log, now).decisions
    facts = facts_from_events(table_of(map(row_of, log.recordings)), plan, at=now).to_frame()
    assert sorted(decisions_of(decide_table(plan, facts, now))) == sorted(map(said, decided))
    missed = {f.case for f in plan.audit(log, now).findings if f.kind == "missed"}
    assert missed == {decision.case for decision in decided if decision.due_us < NEVER}
