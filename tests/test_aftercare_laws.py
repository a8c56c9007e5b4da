"""Aftercare: a walk over the talks finds the same rungs, a fault begins it anew, and it ends only when all is done."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import NEVER, Event, Timeline, days, elapsed, working_days
from carepolicy._instant import DAY, HOUR, to_moment
from carepolicy.aftercare import Aftercare
from carepolicy.testing import check_policy

LADDER = (1, 3, 7, 14, 30)
calls = Aftercare(checks=(), report_back=None)
START = 1_772_409_600_000_000  # 2 March 2026
TALK: dict[str, Any] = {"kind": "contact", "direction": "outbound", "channel": "phone", "outcome": "conversation"}
KINDS: tuple[dict[str, Any], ...] = (
    TALK,
    TALK,
    TALK,
    {**TALK, "purpose": "report"},
    {"kind": "told", "fact": "used?"},
    {"kind": "told", "fact": "works?"},
    {"kind": "asked", "fact": "works?"},
    {"kind": "incident"},
    {"kind": "failed"},
    {"kind": "completed"},
    {"kind": "closed"},
)


def _event(number: int) -> Event:
    half_days = number // len(KINDS) % 90
    at = START + half_days * 12 * HOUR
    return Event(
        at=at,
        recorded_at=at + number % 3 * HOUR,
        id=f"e{number}",
        case="c",
        party="agent",
        **KINDS[number % len(KINDS)],
    )


numbers = st.integers(0, 90 * len(KINDS) * 3)
logs = st.lists(numbers.map(_event), max_size=10, unique_by=lambda e: e.id)
instants = st.integers(0, 100).map(lambda n: START + n * 12 * HOUR)
talk_times = st.lists(st.integers(0, 140), max_size=9, unique=True).map(sorted)


def begun(talks: list[int]) -> list[Event]:
    """A trouble mended at the start, and talks so many times six hours later."""
    return [
        Event(at=START - DAY, kind="incident", case="c"),
        Event(at=START, kind="completed", case="c"),
        *(Event(at=START + t * 6 * HOUR, case="c", party="agent", **TALK) for t in talks),
    ]


@pytest.mark.parametrize(
    "policy",
    [
        Aftercare(),
        Aftercare(("trouble", "failed"), (elapsed(hours=2), elapsed(hours=7)), "used?", None, "agent"),
        Aftercare(ladder=(working_days(3),), checks=(), report_back=days(1)),
    ],
    ids=range(3),
)
def test_it_keeps_the_laws(policy: Aftercare) -> None:
    """One text, values, mergeable facts, stability, no look-ahead."""
    check_policy(policy, examples=25)


@given(talk_times)
def test_a_walk_over_all_talks_finds_the_same_rung(talks: list[int]) -> None:
    """Talk by talk: it meets the next rung if the one below has passed, and every rung that has passed. However many
    talks there are, a few of the latest say the same."""
    met = 0
    for talk in talks:
        if met < len(LADDER) and talk * 6 >= (LADDER[met - 1] * 24 if met else 0):
            met += 1
        met = max(met, sum(rung * 24 <= talk * 6 for rung in LADDER))
    expected = START + LADDER[met] * DAY if met < len(LADDER) else NEVER
    assert calls.decide(Timeline(begun(talks)), to_moment(START + 40 * DAY)).due_us == expected


@given(talk_times, st.integers(1, 20))
def test_a_fault_that_comes_back_begins_the_ladder_anew(talks: list[int], later: int) -> None:
    """Whatever was talked before, after the next mending the first call is due a day later."""
    fault = START + 36 * DAY
    log = [*begun(talks), Event(at=fault, kind="failed", case="c", ref="door")]
    mended = fault + later * HOUR
    again = [*log, Event(at=mended, kind="completed", case="c")]
    at = to_moment(mended)
    assert calls.decide(Timeline(log), at).due_us == NEVER
    assert calls.decide(Timeline(again), at).due_us == mended + DAY


@given(logs, instants)
def test_it_ends_only_when_all_is_done(log: list[Event], now: int) -> None:
    """While it is mended, something is owed exactly until the last rung is met, the checks are told and the report was
    given since."""
    care = Aftercare(ladder=(days(1), days(3)), checks=("used?", "works?"), report_back=days(2))
    known = sorted((e for e in log if e.visible_us <= now), key=lambda e: e.order)
    fault = max((n for n, e in enumerate(known) if e.kind in ("incident", "failed")), default=-1)
    had_trouble = any(e.kind == "incident" for e in known)
    mended = next((n for n, e in enumerate(known) if n > fault and e.kind in ("completed", "closed")), None)
    decision = care.decide(Timeline(log), to_moment(now))
    if mended is None or not had_trouble:
        assert not decision.owes
        return
    start = known[mended].at_us
    after = [e for e in known if e.at_us >= start]
    told = {e.fact for e in after if e.kind == "told"}
    reported = any(e.purpose == "report" for e in after)
    only_calls = Aftercare(ladder=care.ladder, checks=(), report_back=None).decide(Timeline(log), to_moment(now))
    done = told == {"used?", "works?"} and reported and not only_calls.owes
    assert decision.owes == (not done)
    if not any(e.kind == "contact" for e in after):
        assert decision.due_us == start + DAY


@given(logs, instants, instants, st.randoms(use_true_random=False))
def test_the_checks_hold_until_the_next_event_and_never_look_ahead(
    log: list[Event], now: int, then: int, random: Any
) -> None:
    """The list is the same at every instant before `review_at`, and without what is not visible yet; order and
    repetition of events never matter."""
    care = Aftercare(checks=("used?", "works?"))
    mixed = [*log, *log[:3]]
    random.shuffle(mixed)
    found = care.checks_due(Timeline(mixed), to_moment(now))
    assert found.review_us > now
    assert found.review_us == min((e.visible_us for e in log if e.visible_us > now), default=NEVER)
    known = Timeline(e for e in log if e.visible_us <= now)
    assert care.checks_due(known, to_moment(now)).checks == found.checks
    if now < then < found.review_us:
        assert care.checks_due(Timeline(log), to_moment(then)) == found


@given(st.lists(st.integers(-3, 40), min_size=1, max_size=5))
def test_rungs_are_ever_further_apart(amounts: list[int]) -> None:
    """A ladder is refused exactly when a gap is shorter than the one before, or nothing."""
    gaps = [b - a for a, b in pairwise([0, *amounts])]
    lawful = gaps[0] > 0 and all(a <= b for a, b in pairwise(gaps))
    try:
        Aftercare(ladder=tuple(map(days, amounts)))
    except ValueError:
        assert not lawful
    else:
        assert lawful
