"""Drift: what holds of every assessment, on any log."""

from __future__ import annotations

import random
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, Event, Parties, Timeline, days, elapsed, working_days
from carepolicy._instant import NEVER, to_moment
from carepolicy._sequential.account import Account
from carepolicy._sequential.assessment import BUDGET, RHYTHM, VOICE
from carepolicy.drift import Assessment, Drift
from carepolicy.tier import Tier

DAY = 86_400_000_000
START = 1_704_708_000_000_000
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/Paris", holidays=["2024-05-01", "2024-12-25"])
calendars = st.sampled_from([Calendar.always(), office, office.in_zone("America/Denver")])
policies = st.builds(
    Drift,
    st.sampled_from([days(10), working_days(5), elapsed(hours=100)]),
    st.sampled_from([0.05, 0.2, 1.0]),
    st.integers(2, 6),
    tiers=st.sampled_from([(), (Tier("gold", days(5)), Tier("bronze", days(30)))]),
)
TALK: dict[str, Any] = {"party": "agent", "direction": "outbound", "channel": "phone", "outcome": "conversation"}
WORDS: list[dict[str, Any]] = [
    {"kind": "contact", **TALK},
    {"kind": "contact", **TALK, "channel": "email", "outcome": "delivered"},
    {"kind": "contact", **TALK, "channel": "text", "outcome": "delivered"},
    {"kind": "contact", **TALK, "direction": "inbound", "party": "customer"},
    {"kind": "tier", "purpose": "gold"},
    {"kind": "tier", "purpose": "bronze"},
    {"kind": "wish", "purpose": "mornings", "due": START + 100 * DAY},
    {"kind": "paused", "party": "customer"},
    {"kind": "resumed"},
    {"kind": "left"},
    {"kind": "sold"},
]


_GAPS = (0, 1, 60, 70, 80, 80, 80, 90, 110, 160, 320)
"""Eighths of a day from one event to the next: mostly ten days."""


@st.composite
def logs(draw: st.DrawFn) -> Timeline:
    """Logs in which talks come about as often as agreed, with other things between them, some recorded late."""
    steps = st.tuples(st.sampled_from(_GAPS), st.integers(-12, len(WORDS) - 1), st.integers(0, 12))
    found, at = [], START
    for number, (eighths, which, late) in enumerate(
        draw(st.lists(steps, min_size=draw(st.sampled_from([0, 10, 16])), max_size=24))
    ):
        at += eighths * DAY // 8
        recorded = at + 5 * DAY if late == 12 else None
        found.append(Event(at=at, recorded_at=recorded, id=f"e{number}", **WORDS[max(0, which)]))
    return Timeline(found, complete_since=draw(st.sampled_from([None, None, START + 20 * DAY])))


later = st.integers(60 * 24, 400 * 24).map(lambda hours: START + hours * DAY // 24)


def assess(policy: Drift, timeline: Timeline, us: int, calendar: Calendar) -> Assessment:
    return policy.assess(timeline, to_moment(us), calendar=calendar)


@given(policies, logs(), later, calendars, st.floats(0, 1))
def test_an_assessment_holds_until_it_is_to_be_looked_at_again(
    policy: Drift, timeline: Timeline, now: int, calendar: Calendar, part: float
) -> None:
    """At any instant before `review_at` it is the same; and it is to be looked at again no later than its alarm."""
    seen = assess(policy, timeline, now, calendar)
    assert seen.review_us > now
    end = min(seen.review_us, now + 4000 * DAY)
    for then in {now + int((end - 1 - now) * part), end - 1}:
        assert assess(policy, timeline, then, calendar) == seen
    for trend in seen.trends:
        assert trend.is_alarm or seen.review_us <= trend.alarm_us or trend.alarm_us == NEVER


@given(policies, logs(), later, calendars)
def test_the_alarm_goes_off_at_the_instant_that_was_said(
    policy: Drift, timeline: Timeline, now: int, calendar: Calendar
) -> None:
    """If nothing happens, an instant earlier there is none, and from then on it stands, as from then."""
    known = timeline.as_of(to_moment(now))
    trend = assess(policy, known, now, calendar).trend(RHYTHM)
    if trend.is_alarm or trend.alarm_us == NEVER:
        return
    before, then = (assess(policy, known, us, calendar).trend(RHYTHM) for us in (trend.alarm_us - 1, trend.alarm_us))
    assert (before.is_alarm, before.alarm_us) == (False, trend.alarm_us)
    assert (then.is_alarm, then.alarm_us) == (True, trend.alarm_us)
    much_later = assess(policy, known, trend.alarm_us + 500 * DAY, calendar).trend(RHYTHM)
    assert (much_later.is_alarm, much_later.alarm_us) == (True, trend.alarm_us)
    assert much_later.confidence >= then.confidence > before.confidence


@given(policies, logs(), later, calendars)
def test_it_never_looks_ahead(policy: Drift, timeline: Timeline, now: int, calendar: Calendar) -> None:
    """What is not visible yet changes nothing but `review_at`, which it may only bring forward."""
    seen = assess(policy, timeline, now, calendar)
    known = assess(policy, timeline.as_of(to_moment(now)), now, calendar)
    assert seen.trends == known.trends
    assert seen.review_us <= known.review_us


@given(policies, logs(), later, calendars, st.data())
def test_order_and_duplicates_never_matter(
    policy: Drift, timeline: Timeline, now: int, calendar: Calendar, data: st.DataObject
) -> None:
    """A log that arrives in another order, some of it twice, gives the same assessment."""
    recordings = list(timeline.recordings)
    again = data.draw(st.permutations([*recordings, *recordings[:3]]))
    shuffled = Timeline(again, complete_since=timeline.complete_since_us)
    assert assess(policy, shuffled, now, calendar) == assess(policy, timeline, now, calendar)


@given(logs(), later, st.integers(2, 5), st.integers(2, 6))
def test_the_scale_of_time_does_not_matter(timeline: Timeline, now: int, times: int, at_least: int) -> None:
    """All instants and the agreed interval so many times as long, and so many times fewer false alarms in a year: the
    alarm goes off at the same place. (How sure that is moves in steps that speak of a year, so it may differ.)"""

    def scaled(us: int) -> int:
        return START + (us - START) * times

    events = [e for e in timeline.events if e.kind == "contact"]
    slow = [attrs.evolve(e, at=scaled(e.at_us), recorded_at=None) for e in events]
    quick = Timeline([attrs.evolve(e, recorded_at=None) for e in events])
    one = Drift(elapsed(hours=100), 0.2, at_least).assess(quick, to_moment(now)).trend(RHYTHM)
    other = Drift(elapsed(hours=100 * times), 0.2 / times, at_least)
    two = other.assess(Timeline(slow), to_moment(scaled(now))).trend(RHYTHM)
    assert (two.is_alarm, two.enough) == (one.is_alarm, one.enough)
    if one.alarm_us < NEVER:
        assert abs(two.alarm_us - scaled(one.alarm_us)) <= 10 * times


@given(logs(), later, calendars, st.integers(2, 12))
def test_no_alarm_below_the_minimum_of_evidence(
    timeline: Timeline, now: int, calendar: Calendar, at_least: int
) -> None:
    """With fewer contacts than asked for there is none, and none to come."""
    seen = assess(Drift(days(10), 1.0, at_least), timeline, now, calendar)
    known = timeline.as_of(to_moment(now)).events
    talks = sum(e.kind == "contact" and e.is_conversation and e.direction == "outbound" for e in known)
    if talks < at_least:
        assert seen.trend(RHYTHM).alarm_us == NEVER


def talks(rng: random.Random, shape: str, count: int, every: int) -> list[Event]:
    at, found = float(START), []
    for number in range(count):
        found.append(Event(at=int(at), kind="contact", id=f"t{number}", **TALK))
        gap = {
            "pure chance": lambda: rng.expovariate(1),
            "gamma 4": lambda: rng.gammavariate(4, 1 / 4),
            "regular": lambda: max(0.05, rng.gauss(1, 0.2)),
        }[shape]()
        at += gap * every * DAY
    return found


def first_alarms(drift: Drift, events: list[Event], kind: str) -> int:
    account = Account(drift, events, Calendar.always(), Parties(), events[0].at_us, events[-1].at_us)
    course, _ = account.follow(kind)
    return len(course.alarms)


def test_false_alarms_of_the_rhythm_stay_below_what_is_stated() -> None:
    """On accounts that keep the agreed rate, of three shapes, over three years each; a fixed seed."""
    drift, rng = Drift(days(14), false_alarms=0.8), random.Random(4)
    for shape in ("pure chance", "gamma 4", "regular"):
        found = sum(first_alarms(drift, talks(rng, shape, 79, 14), RHYTHM) for _ in range(60))
        assert found <= 3 * 60 * 0.8 * BUDGET[RHYTHM], shape


def test_false_alarms_of_a_share_stay_below_what_is_stated() -> None:
    """On accounts whose share of voice stays where it is, over three years each; a fixed seed."""
    drift, rng = Drift(days(14), false_alarms=1.0), random.Random(5)
    for share in (0.9, 0.6):
        found = 0
        for _ in range(60):
            events = [
                Event(
                    at=START + n * 7 * DAY, kind="contact", id=f"{n}", party="agent", direction="outbound",
                    channel="phone" if rng.random() < share else "email", outcome="conversation",
                )
                for n in range(156)
            ]  # fmt: skip
            found += first_alarms(drift, events, VOICE)
        assert found <= 3 * 60 * BUDGET[VOICE], share
