"""Laws of held messages: they hold until `review_at`, know nothing of the future, and never go out against a rule."""

from __future__ import annotations

import pickle
from datetime import date
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

import carepolicy
from carepolicy import Calendar, Timeline, all_of, testing
from carepolicy._instant import ALWAYS, to_moment
from carepolicy.completion import Completion
from carepolicy.decision import About
from carepolicy.messages import HeldFate, HeldMessage, Release, decide_message, release
from carepolicy.policy import guard_parts
from carepolicy.reason import Bound, WishedHours
from carepolicy.trouble import NothingRegistered, NoTrouble

NAMES = {
    **{name: getattr(carepolicy, name) for name in carepolicy.__all__},
    "date": date,
    **{value.__name__: value for value in (About, Bound, Completion, HeldFate, HeldMessage, Release, WishedHours)},
}
POLICY: Any = all_of(NoTrouble(), NothingRegistered())


@st.composite
def held(draw: st.DrawFn) -> tuple[HeldMessage, list[tuple[Any, Any]], Timeline, int]:
    """A message, the rules that were in force one after the other, a log, and an instant from its beginning on."""
    kept = draw(testing.instants())
    rules: list[tuple[Any, Any]] = [(None, draw(testing.guards()))]
    if draw(st.booleans()):
        rules.append((to_moment(draw(testing.instants())), draw(st.one_of(st.none(), testing.guards()))))
    log = draw(testing.timelines(all_of(POLICY, *(part for _, guard in rules for part in guard_parts(guard)))))
    message = HeldMessage(
        name="offer", held_at=kept, lives=draw(testing.spans()), customer=draw(st.sampled_from(["ann", "bob", ""]))
    )
    now = draw(testing.instants())
    assume(now >= kept)
    return message, rules, log, now


def judged(case: tuple[HeldMessage, list[tuple[Any, Any]], Timeline, int], at: int, hours: Calendar) -> Release:
    message, rules, log, _ = case
    return release(message, rules, log, to_moment(at), calendar=hours)


@given(held(), testing.calendars(), st.lists(testing.instants(), max_size=4))
def test_what_becomes_of_it_holds_until_it_is_to_be_looked_at_again(
    case: tuple[HeldMessage, list[tuple[Any, Any]], Timeline, int], hours: Calendar, later: list[int]
) -> None:
    """The answer is the same at any instant before its `review_at`, and that lies ahead."""
    found = judged(case, case[3], hours)
    assert found.review_us > case[3]
    for then in {u for u in (*later, case[3] + 1, found.review_us - 1) if case[3] < u < min(found.review_us, 10**16)}:
        assert judged(case, then, hours) == found


@given(held(), testing.calendars(), st.data())
def test_it_knows_nothing_of_the_future_and_nothing_of_order(
    case: tuple[HeldMessage, list[tuple[Any, Any]], Timeline, int], hours: Calendar, data: st.DataObject
) -> None:
    """What becomes visible later changes nothing but when to look again; order and duplicates change nothing."""
    message, rules, log, now = case
    found = judged(case, now, hours)
    blind = judged((message, rules, log.as_of(to_moment(now)), now), now, hours)
    assert (found.fate, found.then, found.key) == (blind.fate, blind.then, blind.key)
    assert (found.now.verdict, found.now.act_us, found.why) == (blind.now.verdict, blind.now.act_us, blind.why)
    shuffled = data.draw(st.permutations([*log.recordings, *log.recordings[:2]]))
    assert judged((message, data.draw(st.permutations(rules)), Timeline(shuffled), now), now, hours) == found


@given(held(), testing.calendars())
def test_it_never_goes_out_against_the_rules_in_force_nor_after_its_life(
    case: tuple[HeldMessage, list[tuple[Any, Any]], Timeline, int], hours: Calendar
) -> None:
    """It goes out exactly when the guard now in force allows it, asked by itself, and while it lives."""
    message, rules, log, now = case
    start = {ALWAYS if since is None else int(since.timestamp() * 1e6): guard for since, guard in rules}
    for at in (now, *(us for us in start if us >= message.held_us)):
        found = judged(case, at, hours)
        guard = start[max(us for us in start if us <= at)]
        alone = decide_message("offer", guard, log, at, customer=message.customer, calendar=hours)
        lives = at < message.expires_us(hours)
        assert (found.fate == HeldFate.SEND) == (lives and alone.verdict.value in ("go", "overdue"))
        assert found.expired == (not lives)
        assert found.now == alone


@given(held(), testing.calendars())
def test_both_are_values(case: tuple[HeldMessage, list[tuple[Any, Any]], Timeline, int], hours: Calendar) -> None:
    """What their repr builds, and what pickle brings back, equals them."""
    found = judged(case, case[3], hours)
    for value in (case[0], found):
        assert eval(repr(value), dict(NAMES)) == value == pickle.loads(pickle.dumps(value))
