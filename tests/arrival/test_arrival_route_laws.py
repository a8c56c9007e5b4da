"""Laws of routes: the recursion, what is known, and what is promised."""

from __future__ import annotations

import math
import pickle
from typing import Any

import attrs
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from carepolicy.arrival.interval import Interval
from carepolicy.arrival.law import Empirical
from carepolicy.arrival.route import Route
from carepolicy.arrival.route_effect import RouteEffect
from carepolicy.arrival.stop import Around, Break, Stop
from tests.arrival.route_twin import arrivals

whole = st.integers(0, 60)
durations = st.one_of(
    whole.map(float), st.lists(whole, min_size=1, max_size=6).map(Empirical), st.lists(whole, min_size=1).map(Empirical)
)
around = st.builds(
    Around, whole, durations.filter(lambda each: not isinstance(each, float)), st.sampled_from([1.0, 1.5])
)
anything = st.one_of(durations, around)
opens = st.one_of(st.just(-math.inf), whole.map(lambda each: 3.0 * each))
stops = st.builds(Stop, anything, anything, opens=opens)
breaks = st.lists(st.builds(Break, whole, whole.map(lambda each: 3 * each)), max_size=2)
ends = st.one_of(st.just(math.inf), st.integers(50, 400).map(float))
effects = st.builds(
    RouteEffect,
    service=st.sampled_from([0.0, 0.3, 0.8]),
    service_fade=st.sampled_from([0.0, 0.6, 1.0]),
    travel=st.sampled_from([0.0, 0.5]),
    carry=st.sampled_from([-0.4, 0.0, 0.3]),
)


def routes(**more: Any) -> st.SearchStrategy[Route]:
    parts = {"breaks": breaks, "shift_end": ends, "leaves": anything, **more}
    return st.builds(Route, st.lists(stops, min_size=1, max_size=5), **parts)


DRAWS = 60


@given(routes(), st.integers(0, 3))
@settings(deadline=None)
def test_columns_are_the_recursion_of_each_draw(route: Route, seed: int) -> None:
    """Columns give what plain Python gives draw by draw, breaks and the end of the shift included."""
    np.testing.assert_array_equal(route.simulate(DRAWS, seed).arrivals, arrivals(route, DRAWS, seed))


@given(routes(effect=effects))
def test_same_seed_same_days(route: Route) -> None:
    """The same route and seed give the same draws, also of a copy."""
    assert route.simulate(DRAWS) == pickle.loads(pickle.dumps(route)).simulate(DRAWS)


@given(routes())
def test_repr_builds_the_route(route: Route) -> None:
    """The repr of a route is the expression that builds it."""
    names = {"Route": Route, "Stop": Stop, "Break": Break, "Around": Around, "Empirical": Empirical}
    assert eval(repr(route), {**names, "RouteEffect": RouteEffect, "inf": math.inf}) == route


@given(routes(effect=effects, shift_end=st.just(math.inf)), st.data())
def test_work_begins_when_the_stop_opens(route: Route, data: st.DataObject) -> None:
    """The next stop is never reached before this one opens, plus the least of the work and the way."""
    found = route.simulate(DRAWS).arrivals

    def least(of: Any) -> float:
        return of if isinstance(of, float) else float(of.quantile(0))

    for at, stop in enumerate(route.stops[:-1]):
        floor = stop.opens + least(stop.service) + least(route.stops[at + 1].travel)
        assert (found[at + 1] >= floor - 1e-9).all()


@given(routes(effect=effects, shift_end=st.just(math.inf)))
def test_a_break_never_makes_anything_earlier(route: Route) -> None:
    """With its breaks, no draw of any stop is earlier than without."""
    without = attrs.evolve(route, breaks=()).simulate(DRAWS).arrivals
    assert (route.simulate(DRAWS).arrivals >= without).all()


@given(routes(breaks=st.just(()), shift_end=st.just(math.inf)).filter(lambda route: len(route.stops) > 1), st.data())
def test_skipping_never_delays(route: Route, data: st.DataObject) -> None:
    """Without a stop, none of the others is later in any draw, if the way on is no longer."""
    number = data.draw(st.sampled_from(route.numbers))
    shorter, before = route.skip(number).simulate(DRAWS), route.simulate(DRAWS)
    for other in shorter.numbers:
        assert (shorter.arriving(other) <= before.arriving(other)).all()


@given(routes(effect=effects, breaks=st.just(())), st.data())
def test_inserted_and_skipped_is_as_before(route: Route, data: st.DataObject) -> None:
    """A stop that is put in and taken out again changes no draw."""
    after = data.draw(st.sampled_from((None, *route.numbers)))
    longer = route.insert(Stop(10, 5), after=after)
    assert longer.skip(longer.numbers[0 if after is None else route.numbers.index(after) + 1]).simulate(DRAWS) == (
        route.simulate(DRAWS)
    )


@given(routes(effect=effects).filter(lambda route: len(route.stops) > 1), st.data())
def test_swapped_twice_is_as_before(route: Route, data: st.DataObject) -> None:
    """Two stops that are swapped and swapped back make the same route."""
    one, other = data.draw(st.lists(st.sampled_from(route.numbers), min_size=2, max_size=2, unique=True))
    assert route.swap(one, other).swap(other, one) == route


@given(routes(effect=effects, breaks=st.just(())), st.lists(st.integers(0, 90), min_size=5, max_size=5))
def test_all_done_is_certain(route: Route, gaps: list[int]) -> None:
    """Once every stop is reached, each is certain."""
    at = 0.0
    for number, gap in zip(route.numbers, gaps, strict=False):
        at += gap
        route = route.arrived(number, at)
        window = route.simulate(DRAWS).window(number, shape="equal")
        assert isinstance(window, Interval)
        assert (window.low, window.high) == (at, at)


@given(routes(effect=effects, breaks=st.just(()), leaves=whole.map(float)), st.integers(0, 400), st.booleans())
def test_nothing_arrives_in_the_past(route: Route, now: int, gone: bool) -> None:
    """What is not over by now is not over before now, in no draw, whether it is known to have left or not."""
    route = route.left(0) if gone else route
    assert (route.at(now).simulate(DRAWS).arrivals >= now).all()


@given(routes(effect=effects, shift_end=st.just(math.inf)), st.lists(st.integers(0, 90), min_size=3, max_size=3))
def test_news_of_a_stop_is_all_that_counts(route: Route, gaps: list[int]) -> None:
    """Without an effect, once a stop is left, what happened before changes nothing after it."""
    route = attrs.evolve(route, effect=RouteEffect(), breaks=())
    one = route.left(0).arrived(1, 50).left(200, 1)
    other = route.left(gaps[0]).arrived(1, gaps[0] + gaps[1]).left(200, 1)
    np.testing.assert_array_equal(one.simulate(DRAWS).arrivals[1:], other.simulate(DRAWS).arrivals[1:])


@given(
    routes(effect=effects), st.floats(0.05, 0.99), st.floats(0.05, 0.99), st.sampled_from(["narrowest", "equal", "by"])
)
def test_windows_nest(route: Route, one: float, other: float, shape: Any) -> None:
    """More confidence never gives a window that leaves out what less had in it."""
    simulated, (less, more) = route.simulate(DRAWS), sorted((one, other))
    for number in route.numbers:
        inner, outer = simulated.window(number, less, shape), simulated.window(number, more, shape)
        if isinstance(outer, Interval):
            assert isinstance(inner, Interval)
            assert outer.low <= inner.low
            assert inner.high <= outer.high


@given(routes(effect=effects), st.sampled_from(["narrowest", "equal", "by"]), st.sampled_from([0.5, 0.8, 0.9]))
def test_lateness_agrees_with_windows(route: Route, shape: Any, confidence: float) -> None:
    """After the end of a window comes at most what it leaves out; and a window holds its share of the draws."""
    simulated = route.simulate(DRAWS)
    for number in route.numbers:
        window, draws = simulated.window(number, confidence, shape), simulated.arriving(number)
        if isinstance(window, Interval):
            assert simulated.late(number, by=window.high) <= 1 - confidence + 1e-9
            assert ((draws >= window.low) & (draws <= window.high)).mean() >= confidence - 1e-9


@given(effects, st.integers(1, 6))
def test_an_effect_is_a_correlation(effect: RouteEffect, count: int) -> None:
    """The matrix of any effect is one of correlations: ones on the diagonal, and never negative in any direction."""
    matrix = effect.correlation(count)
    np.testing.assert_allclose(np.diag(matrix), 1)
    assert np.linalg.eigvalsh(matrix).min() > -1e-9


@given(st.integers(0, 20))
@settings(max_examples=10, deadline=None)
def test_a_faint_effect_is_as_good_as_none(seed: int) -> None:
    """With a correlation next to nothing, arrivals have the law of independent ones."""
    law = Empirical(np.arange(60))
    route = Route([Stop(law, law) for _ in range(3)])
    faint = attrs.evolve(route, effect=RouteEffect(service=1e-6))
    shares = np.linspace(0.05, 0.95, 19)
    one, other = (np.quantile(each.simulate(4000, seed).arrivals[2], shares) for each in (route, faint))
    assert np.abs(one - other).max() < 6


@given(st.sampled_from([0.0, 20.0, 40.0]), effects)
def test_who_is_on_the_way_has_not_arrived(age: float, effect: RouteEffect) -> None:
    """After so long on the way, the first stop has the law of the ways that take longer, whatever the effect."""
    ways = np.arange(1, 61)
    route = Route([Stop(Empirical(ways), 10), Stop(5.0)], effect=effect).left(0).at(age)
    found = route.simulate(4000).arrivals[0]
    assert found.min() >= age
    longer = ways[ways > age]
    assert abs(np.median(found) - np.median(longer)) < 2.5


@given(st.lists(st.integers(1, 60), min_size=2, max_size=40), st.integers(0, 59), effects)
def test_a_way_that_is_not_over_takes_as_long_as_one_that_took_longer(
    ways: list[int], gone: int, effect: RouteEffect
) -> None:
    """No draw is at the instant itself, where all that was seen lies before or after it."""
    longer = {float(way) for way in ways if way > gone}
    on_the_way = Route([Stop(ways), Stop(5)], effect=effect).left(0).at(gone + 0.5)
    assert set(on_the_way.simulate(500).arriving(1).tolist()) <= (longer or {math.inf})
