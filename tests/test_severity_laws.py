"""Laws of severity: it rises with the delay and the weights, stays within their sum, and keeps until `review_at`."""

from __future__ import annotations

import pickle
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Window, testing
from carepolicy._instant import HOUR, NEVER, to_moment
from carepolicy.expected import Expected
from carepolicy.severity import Stake, severity
from carepolicy.span import elapsed

moments = testing.instants().map(to_moment)
three = st.lists(moments, min_size=3, max_size=3).map(sorted)
expected = st.one_of(
    moments.map(Expected.at),
    st.lists(moments, min_size=1, max_size=5).map(Expected.samples),
    three.map(lambda ts: Expected.quantiles(*ts)),
    st.builds(
        lambda t, hours, share: Expected.within(Window(to_moment(t), to_moment(t + hours * HOUR)), share),
        testing.instants(), st.integers(1, 90), st.sampled_from([1.0, 0.8, 0.3]),
    ),
)  # fmt: skip
stakes = st.lists(
    st.builds(
        Stake, st.sampled_from(["flight", "wedding"]), moments, st.sampled_from([0, 0.5, 3, 10]),
        testing.spans(least=0),
    ),
    max_size=3,
)  # fmt: skip
joins = st.sampled_from(["sum", "max"])
NEAR = 1e-9


def of(when: Expected | None, what: list[Stake], now: int, **more: Any) -> Any:
    return severity(when, what, at=to_moment(now), **more)


@given(expected | st.none(), stakes, testing.calendars(), testing.instants(), joins)
def test_it_lies_between_nothing_and_all_that_is_at_stake(
    when: Expected | None, what: list[Stake], calendar: Any, now: int, join: str
) -> None:
    """From 0 to the sum of the weights, each probability from 0 to 1; the worst alone is never more than the sum."""
    found = of(when, what, now, calendar=calendar, join=join)
    assert 0 <= found.value <= sum(s.weight for s in what) + NEAR
    assert all(0 <= miss.probability <= 1 for miss in found.misses)
    assert found.value <= of(when, what, now, calendar=calendar).value + NEAR


@given(expected, stakes, testing.instants(), st.integers(0, 200), joins)
def test_it_rises_with_the_delay(when: Expected, what: list[Stake], now: int, hours: int, join: str) -> None:
    """A longer delay is never less severe, nor is one of which nobody knows how long."""
    later = when.later(elapsed(hours=hours))
    if now < when.last_us:
        values = [of(w, what, now, join=join).value for w in (when, later, None)]
        assert values[0] <= values[1] + NEAR
        assert values[1] <= values[2] + NEAR


@given(expected | st.none(), stakes, testing.instants(), joins, st.data())
def test_it_rises_with_each_weight_and_each_stake(
    when: Expected | None, what: list[Stake], now: int, join: str, data: st.DataObject
) -> None:
    """More at stake is never less severe; in which order it is named does not matter."""
    found = of(when, what, now, join=join)
    heavier = [attrs.evolve(s, at=s.at_us, weight=s.weight + data.draw(st.sampled_from([0, 2]))) for s in what]
    assert found.value <= of(when, heavier, now, join=join).value + NEAR
    assert found.value <= of(when, [*what, data.draw(stakes.filter(bool))[0]], now, join=join).value + NEAR
    assert abs(of(when, what[::-1], now, join=join).value - found.value) < NEAR
    assert of(when, what[::-1], now, join=join).misses == found.misses


@given(expected | st.none(), stakes, testing.calendars(), testing.instants(), st.lists(testing.instants(), max_size=4))
def test_it_keeps_until_it_is_to_be_looked_at_again(
    when: Expected | None, what: list[Stake], calendar: Any, now: int, later: list[int]
) -> None:
    """The answer is the same at any instant before its `review_at`."""
    found = of(when, what, now, calendar=calendar)
    assert found.review_us > now
    for then in {u for u in (*later, now + 1, found.review_us - 1) if now < u < min(found.review_us, 10**16)}:
        assert of(when, what, then, calendar=calendar) == found
    if found.review_us < NEVER:
        assert of(when, what, found.review_us, calendar=calendar) != found


@given(expected, stakes, testing.instants())
def test_they_are_values(when: Expected, what: list[Stake], now: int) -> None:
    """What their repr builds, and what pickle brings back, equals them."""
    from carepolicy.severity import Miss, Severity  # noqa: F401  (for eval)
    from carepolicy.span import days, working, working_days  # noqa: F401

    for value in (when, *what, of(when, what, now)):
        assert eval(repr(value)) == value == pickle.loads(pickle.dumps(value))
        assert hash(value) == hash(eval(repr(value)))
