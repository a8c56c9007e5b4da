"""Laws of recovery: the ranking is one and keeps until `review_at`; nothing offered is beyond the authority."""

from __future__ import annotations

import pickle
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, testing
from carepolicy._instant import NEVER, to_moment
from carepolicy.recovery import Authority, Option, Recovery, options
from carepolicy.severity import Stake
from carepolicy.span import Span, elapsed, working

moments = testing.instants().map(to_moment)
hours = st.sampled_from([0, 1, 7, 30, 90])
restores = st.one_of(st.none(), moments, hours.map(lambda n: elapsed(hours=n)), hours.map(lambda n: working(hours=n)))
offered = st.lists(
    st.builds(
        lambda name, when, cost: Option(name, restores_by=when, cost=cost),
        st.sampled_from("abcdef"), restores, st.sampled_from([0, 10, 500, 5000]),
    ),
    max_size=5,
    unique_by=lambda option: option.name,
)  # fmt: skip
stakes = st.lists(
    st.builds(
        Stake, st.sampled_from(["flight", "wedding"]), moments, st.sampled_from([0, 3, 10]), testing.spans(least=0)
    ),
    max_size=3,
)
authorities = st.builds(Authority, st.just("agent"), st.sampled_from([0, 10, 500]))
ABOVE = (Authority("lead", 500), Authority("board", 5000))


def offer(given_: list[Option], what: list[Stake], now: int, calendar: Calendar, authority: Authority) -> Recovery:
    return options(given_, authority=authority, stakes=what, at=to_moment(now), above=ABOVE, calendar=calendar)


@given(offered, stakes, testing.calendars(), testing.instants(), authorities, st.lists(testing.instants(), max_size=4))
def test_it_keeps_until_it_is_to_be_looked_at_again(
    some: list[Option], what: list[Stake], calendar: Calendar, now: int, authority: Authority, later: list[int]
) -> None:
    """The answer is the same at any instant before its `review_at`, also where something was just in time."""
    first = offer(some, what, now, calendar, authority)
    for start in {now, *(r.choose_by_us for r in (*first.offers, *first.beyond) if r.choose_by_us < NEVER)}:
        found = offer(some, what, start, calendar, authority)
        assert found.review_us > start
        for then in {u for u in (*later, start + 1, found.review_us - 1) if start < u < min(found.review_us, 10**16)}:
            assert offer(some, what, then, calendar, authority) == found


@given(offered, stakes, testing.calendars(), testing.instants(), authorities, st.data())
def test_the_ranking_is_one(
    some: list[Option], what: list[Stake], calendar: Calendar, now: int, authority: Authority, data: st.DataObject
) -> None:
    """Whatever the order of options and stakes: what saves more comes first, then what costs less, then by name."""
    found = offer(some, what, now, calendar, authority)
    shuffled = offer(data.draw(st.permutations(some)), data.draw(st.permutations(what)), now, calendar, authority)
    assert shuffled == found
    for ranked in (found.offers, found.beyond):
        keys = [(-r.weight, r.option.cost, r.option.name) for r in ranked]
        assert keys == sorted(keys)


@given(offered, stakes, testing.calendars(), testing.instants(), authorities)
def test_a_stake_is_saved_where_the_option_is_in_time(
    some: list[Option], what: list[Stake], calendar: Calendar, now: int, authority: Authority
) -> None:
    """Counted the other way round: from now on, by when the customer would have what they need."""
    for restored in (found := offer(some, what, now, calendar, authority)).offers + found.beyond:
        when = restored.option.restores
        there = NEVER if when is None else calendar._add(now, when) if isinstance(when, Span) else when
        saved = sorted(s.name for s in what if now < s.at_us and there <= s.deadline(calendar))
        assert sorted(restored.saves) == saved


@given(offered, stakes, testing.calendars(), testing.instants(), authorities)
def test_nothing_is_left_out_and_nothing_goes_beyond(
    some: list[Option], what: list[Stake], calendar: Calendar, now: int, authority: Authority
) -> None:
    """Each option that is not gone is either within the authority or given apart with whose it takes; what is missing
    for a choice is said exactly where it is missing."""
    found = offer(some, what, now, calendar, authority)
    assert all(r.option.cost <= authority.up_to and r.authority == "agent" for r in found.offers)
    assert all(r.option.cost > authority.up_to and r.authority in ("lead", "board") for r in found.beyond)
    left = {o.name for o in some if not isinstance(o.restores, int) or now < o.restores}
    assert {r.option.name for r in (*found.offers, *found.beyond)} == left
    enough = len(found.offers) >= 2 and any(r.option.cost == 0 for r in found.offers)
    assert enough == (not found.lacking)
    assert found.owner == "agent"


@given(offered, stakes, testing.calendars(), testing.instants(), authorities)
def test_they_are_values(
    some: list[Option], what: list[Stake], calendar: Calendar, now: int, authority: Authority
) -> None:
    """What their repr builds, and what pickle brings back, equals them."""
    from carepolicy.recovery import Restored  # noqa: F401  (for eval)

    found: Any = offer(some, what, now, calendar, authority)
    for value in (*some, authority, found):
        assert eval(repr(value)) == value == pickle.loads(pickle.dumps(value))
        assert hash(value) == hash(eval(repr(value)))
