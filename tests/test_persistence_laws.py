"""Persistence: it never ends by itself, keeps every cap, and comes at another time of day; its steps keep the laws."""

from __future__ import annotations

from itertools import pairwise
from operator import itemgetter
from typing import Any

import attrs
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepolicy import (
    ALWAYS,
    NEVER,
    Calendar,
    ContactHours,
    Event,
    Parties,
    Plan,
    Timeline,
    Touch,
    Window,
    days,
    elapsed,
    testing,
    working,
)
from carepolicy._day import day_of
from carepolicy._instant import DAY, HOUR, LAST, MINUTE, iso, to_micros, to_moment
from carepolicy.aftercare import Aftercare
from carepolicy.caps import CALLS, AttemptCap, RestAfterTalk
from carepolicy.persistence import Persistence
from carepolicy.rungs import ESCALATE, PARTS_OF_DAY, VOICE, Rung, Step
from carepolicy.table import decide_table, facts_from_events
from carepolicy.testing import check_policy

ZONE = "America/Denver"
office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-18:00", zone=ZONE)
quiet = Calendar.weekly("Mon-Sun 09:00-20:00", zone=ZONE)
START = to_micros("2026-03-02T08:00-07:00")
LADDERS = (
    Persistence.default(),
    Persistence(hours=quiet, zone="Europe/Lisbon"),
    Persistence(after=("incident",), person="owner", scope="case", apart=elapsed(hours=0)),
    Persistence(
        rungs=(Rung("phone"), Rung("email"), Rung("phone", wait=2, within=working(hours=1), other_time=True),
               Rung("escalate", wait=0)),
        parts=("00:00-10:00", "10:00-24:00"),
    ),
)  # fmt: skip
ladders = st.sampled_from(LADDERS)
CAPS = (None, AttemptCap(1, days(1)), AttemptCap(2, elapsed(hours=72)), RestAfterTalk(days(7)))
KINDS: tuple[dict[str, Any], ...] = (
    {"channel": "phone", "outcome": "no_answer"},
    {"channel": "phone", "outcome": "voicemail"},
    {"channel": "email", "outcome": "delivered", "author": "human"},
    {"channel": "phone", "outcome": "voicemail", "direction": "inbound"},
    {"channel": "email", "direction": "inbound", "author": "human"},
    {"kind": "incident"},
    {"kind": "escalated"},
    {"kind": "closed"},
    {"channel": "phone", "outcome": "no_answer", "party": "colleague"},
    {"channel": "email", "outcome": "delivered", "author": "human", "purpose": "marketing"},
)
ENDS: tuple[dict[str, Any], ...] = (
    {"channel": "phone", "outcome": "conversation", "person": "owner"},
    {"kind": "declined", "party": "customer"},
)


def _event(number: int, kinds: tuple[dict[str, Any], ...]) -> Event:
    words = {"kind": "contact", "direction": "outbound", "party": "agent", "case": "c", **kinds[number % len(kinds)]}
    at = START + number // len(kinds) % 180 * HOUR
    return Event(at=at, recorded_at=at + number % 5 * HOUR, id=f"e{number}", **words)


def logs(*kinds: dict[str, Any]) -> st.SearchStrategy[list[Event]]:
    """Attempts and what else happens in a week and a day."""
    numbers = st.integers(0, 180 * len(kinds) * 5)
    return st.lists(numbers.map(lambda n: _event(n, kinds)), max_size=9, unique_by=lambda e: e.id)


hours_after = st.integers(0, 300).map(lambda n: START + n * HOUR // 2)


def asked(ladder: Persistence, log: Any, at: int, **options: Any) -> Step:
    timeline = log if isinstance(log, Timeline) else Timeline(log)
    return ladder.next_step(timeline, to_moment(at), **{"calendar": office, **options})


@pytest.mark.parametrize("ladder", LADDERS, ids=range(4))
def test_the_duty_keeps_the_laws(ladder: Persistence) -> None:
    """One text, values, mergeable facts, stability, no look-ahead."""
    check_policy(ladder, calendar=office, examples=25)


@given(ladders, logs(*KINDS, *ENDS), hours_after, hours_after, st.sampled_from(CAPS))
def test_a_step_stays_until_it_says_to_look_again(
    ladder: Persistence, log: list[Event], now: int, then: int, cap: Any
) -> None:
    """At every instant before `review_at` the step is the same, word for word."""
    step = asked(ladder, log, now, guard=cap)
    assert step.review_us > now
    for later in {min(then, step.review_us - 1), min(step.review_us - 1, LAST)}:
        if later > now:
            assert asked(ladder, log, later, guard=cap) == step


@given(ladders, logs(*KINDS, *ENDS), hours_after, st.randoms(use_true_random=False))
def test_a_step_never_looks_ahead(ladder: Persistence, log: list[Event], now: int, random: Any) -> None:
    """What is not visible yet, the order of events and their repetition change nothing but `review_at`."""
    known = [e for e in log if e.visible_us <= now]
    mixed = [*log, *log[:3]]
    random.shuffle(mixed)
    step = asked(ladder, mixed, now)
    assert attrs.evolve(step, review_us=0) == attrs.evolve(asked(ladder, known, now), review_us=0)
    assert step.review_us <= min((e.visible_us for e in log if e.visible_us > now), default=NEVER)


WAYS: tuple[dict[str, Any], ...] = (
    *KINDS[:3],
    {"channel": "phone", "outcome": "voicemail", "party": "colleague"},
    {"channel": "phone", "outcome": "busy", "party": ""},
)
attempts_of_one_day = st.lists(
    st.builds(
        lambda way, minute: Event(
            at=START + minute * MINUTE,
            **{"kind": "contact", "direction": "outbound", "party": "agent", **WAYS[way]},
        ),
        st.integers(0, len(WAYS) - 1),
        st.integers(0, 10 * 60 - 1),
    ),
    max_size=12,
)


@given(attempts_of_one_day, st.integers(0, 20).map(lambda days: days * DAY), hours_after)
def test_one_day_neither_goes_up_nor_passes_to_the_team(log: list[Event], later: int, now: int) -> None:
    """Whatever is tried on one working day of the customer, however often and by however many: the owner is not done
    on this day, nor later on. A plan of the ladder owes the same."""
    day = [attrs.evolve(e, at=e.at_us + later) for e in log if office._is_open(e.at_us + later)]
    asked_at = now + later
    step = asked(LADDERS[0], day, asked_at)
    assert step.channel != ESCALATE
    assert step.rung <= 4
    assert step.who in ("", "the owner")
    decision = LADDERS[0].decide(Timeline(day), to_moment(asked_at), calendar=office)
    assert decision.due_us == step.due_us


@given(logs(*KINDS), hours_after, st.sampled_from(CAPS), st.floats(0, 1, exclude_max=True))
def test_a_call_as_told_takes_its_rung(log: list[Event], now: int, cap: Any, share: float) -> None:
    """Somebody of whom nothing is known yet calls at any instant of the window: the next step is another one."""
    ladder = LADDERS[0]
    step = asked(ladder, log, now, guard=cap)
    if step.window is None or step.channel != "phone":
        return
    opens, closes = max(step.window.opens_us, now), step.window.closes_us
    at = opens + int(share * (closes - opens))
    known = [e for e in log if e.visible_us <= now]
    call = Event(at=at, party="new", **{"kind": "contact", "direction": "outbound", **KINDS[0]})
    if opens < closes and not any(at - 2 * HOUR < e.at_us <= at for e in known):
        after = asked(ladder, [*known, call], at)
        assert after.rung > step.rung or after.channel == "email", "a voicemail may still be unsaid"


@given(logs(*KINDS), hours_after)
def test_rungs_that_wait_are_taken_day_by_day(log: list[Event], now: int) -> None:
    """Each by a call on a later working day than the one before, in another part of the day than the last call."""
    known = LADDERS[0].decide(Timeline(log), to_moment(now), calendar=office).known
    taken = [us for us in (known["rung_1"], known["rung_4"], known["rung_5"]) if us > ALWAYS]
    dates = [to_moment(us, ZONE).date() for us in taken]
    assert all(one < other for one, other in pairwise(dates))
    calls = sorted({e.at_us for e in log if e.visible_us <= now and CALLS.matches(e, Parties())})
    parts = day_of(office, None, "", PARTS_OF_DAY).parts
    for us in taken[1:]:
        before = [at for at in calls if known["begun"] <= at < us]
        assert to_moment(us, ZONE).weekday() < 5
        assert not any(part._is_open(us) and part._is_open(before[-1]) for part in parts)


@given(logs(*KINDS[:8], *ENDS), hours_after)
def test_one_person_alone_uses_up_no_ladder(log: list[Event], now: int) -> None:
    """However often one person calls, the team has not."""
    assert asked(LADDERS[0], log, now).channel != ESCALATE


@given(ladders, logs(*KINDS), hours_after)
def test_it_never_ends_without_a_talk_or_a_withdrawal(ladder: Persistence, log: list[Event], now: int) -> None:
    """Once somebody has to be reached, there is a step with an instant to do it, whatever else happens: a mail, a
    voicemail, the closing of the case, all rungs used up."""
    first = (Event(at=START - HOUR, kind="incident", id="i", case="c"), _event(0, KINDS))
    step = asked(ladder, [*log, *first], max(now, START + HOUR))
    assert step.channel
    assert step.window is not None
    assert step.window.opens_us < step.window.closes_us
    assert step.window.opens_us < NEVER > step.due_us
    if step.rung == len(ladder.rungs):
        assert step.channel == ESCALATE


@given(ladders, logs(*KINDS), hours_after)
def test_a_talk_ends_it_whatever_was_tried(ladder: Persistence, log: list[Event], now: int) -> None:
    """After a live talk with the right person or a withdrawal nothing is owed."""
    until = max([now, *(e.visible_us for e in log)]) + 1
    for number in (0, 1):
        end = attrs.evolve(_event(number, ENDS), at=until, recorded_at=None)
        assert asked(ladder, [*log, end], until).channel == ""


@given(ladders, logs(*KINDS, *ENDS), hours_after, st.integers(1, 3), st.sampled_from([1, 24, 72]), st.data())
def test_a_cap_is_never_broken_by_a_window(
    ladder: Persistence, log: list[Event], now: int, at_most: int, hours: int, data: st.DataObject
) -> None:
    """Call at any instant of the window of a step: there are never more calls than allowed in the stretch before."""
    step = asked(ladder, log, now, guard=AttemptCap(at_most, elapsed(hours=hours)))
    if step.window is None or step.channel not in VOICE:
        return
    at = data.draw(st.integers(max(now, step.window.opens_us), max(now, step.window.closes_us - 1)))
    calls = [e.at_us for e in log if e.visible_us <= now and CALLS.matches(e, Parties())]
    if step.window.opens_us <= at < step.window.closes_us:
        assert 1 + sum(at - hours * HOUR < call for call in calls) <= at_most


@given(ladders, logs(*KINDS, *ENDS), hours_after, st.sampled_from(["", "Asia/Tokyo", "America/New_York"]))
def test_a_window_lies_in_all_the_hours(ladder: Persistence, log: list[Event], now: int, zone: str) -> None:
    """A call comes while we are there and in the hours of the customer, wherever they are; a mail in the latter."""
    ours = Calendar.weekly("Mon-Sun 00:00-24:00", zone=ZONE) if zone == "Asia/Tokyo" else office
    step = asked(ladder, log, now, calendar=ours, hours=ContactHours(quiet), zone=zone)
    if step.window is None or step.channel == ESCALATE:
        return
    theirs = quiet.in_zone(zone or ladder.zone or ZONE)
    for at in (step.window.opens_us, step.window.closes_us - 1):
        assert theirs._is_open(at)
        assert step.channel not in VOICE or ours._is_open(at)


@given(logs(*KINDS), hours_after, st.sampled_from(CAPS))
def test_the_next_attempt_comes_at_another_time_of_day(log: list[Event], now: int, cap: Any) -> None:
    """A call on a later rung comes on a later date than the last one, in a part of the day in which none was made since
    it began; where all were tried, in another than the last."""
    ladder = LADDERS[0]
    step = asked(ladder, log, now, guard=cap)
    if step.window is None or not ladder.rungs[step.rung - 1].other_time:
        return
    parts = day_of(office, None, "", PARTS_OF_DAY).parts
    began = int(step.key.split("/")[-2])
    calls = sorted(e.at_us for e in log if e.visible_us <= now and e.at_us >= began and CALLS.matches(e, Parties()))
    tried = [next(n for n, part in enumerate(parts) if part._is_open(at)) for at in calls]
    mine = next(n for n, part in enumerate(parts) if part._is_open(step.window.opens_us))
    assert mine not in (tried if len(set(tried)) < len(parts) and _open_soon(parts, tried, calls[-1]) else tried[-1:])
    assert to_moment(step.window.opens_us, ZONE).date() > to_moment(calls[-1], ZONE).date()


def _open_soon(parts: Any, tried: list[int], last: int) -> bool:
    """Whether a part that was not tried is open on the next working day or the one after: always, in our office."""
    return any((part & office)._next_open(last) < last + 7 * DAY for n, part in enumerate(parts) if n not in tried)


@given(ladders, logs(*KINDS, *ENDS), hours_after)
def test_the_duty_and_the_step_agree(ladder: Persistence, log: list[Event], now: int) -> None:
    """A plan with the ladder as a duty and its owner who asks for the step are told the same due instant."""
    timeline = Timeline(log)
    decision = ladder.decide(timeline, to_moment(now), calendar=office)
    step = asked(ladder, timeline, now)
    assert step.due_us == decision.due_us
    assert (step.channel == "") == (not decision.owes)


@given(st.sampled_from(LADDERS[:2]), testing.timelines(LADDERS[0]), testing.instants())
def test_no_log_makes_it_fail(ladder: Persistence, timeline: Timeline, now: int) -> None:
    """Whatever was written down, late, doubled or ahead of time, there is an answer that is a value."""
    step = asked(ladder, timeline, now)
    assert eval(repr(step), {"Step": Step, "Window": Window}) == step
    assert (step.window is None) == (step.channel == "")
    assert step.to_data()["channel"] == step.channel


@settings(max_examples=10)
@given(logs(*KINDS, *ENDS), hours_after)
def test_a_table_is_told_the_same(log: list[Event], now: int) -> None:
    """A plan with both ladders decides about a table of events as about one customer."""
    plan = Plan(office, call=Touch(due=LADDERS[0] | Aftercare(checks="used?"), guard=AttemptCap(2, days(2))))
    names = ("id", "kind", "case", "party", "person", "channel", "direction", "outcome", "author", "fact", "purpose")
    more = [
        Event(at=START, kind="completed", id="m", case="c"),
        Event(at=START, kind="told", id="t", case="c", fact="used?"),
    ]
    timeline = Timeline([*log, *more])
    rows = [
        {**{name: getattr(e, name) for name in names}, "at": iso(e.at_us), "recorded_at": iso(e.visible_us)}
        for e in timeline.events
    ]
    facts = facts_from_events(pl.DataFrame(rows), plan, at=to_moment(now)).to_frame()
    table = decide_table(plan, facts, at=to_moment(now)).select("case", "verdict", "due", "key").rows()
    review = plan.review(timeline, at=to_moment(now))
    assert sorted(table, key=itemgetter(3)) == sorted(
        ((d.case, d.verdict.value, d.due, d.key) for d in review), key=itemgetter(3)
    )
