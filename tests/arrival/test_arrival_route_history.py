"""What past routes teach: the laws, what the days share, and today's route."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from carepolicy.arrival.route_effect import RouteEffect
from carepolicy.arrival.route_laws import RouteLaws
from carepolicy.arrival.stop import Around
from carepolicy.errors import InvalidPolicyError

PLANNED_LEFT = np.array([0.0, 100, 200, 300])
PLANNED = PLANNED_LEFT + 60


def history(routes: int, seed: int, effect: RouteEffect) -> Any:
    """Days of four legs that follow the recursion, with an effect."""
    random = np.random.default_rng(seed)
    root = np.linalg.cholesky(effect.correlation(4))
    rows = []
    for route in range(routes):
        scores = root @ random.standard_normal(9)
        left = 2 * scores[0]
        for leg in range(4):
            arrived = left + 60 + 3 * scores[2 * leg + 1]
            rows.append((route, PLANNED_LEFT[leg], left, PLANNED[leg], arrived))
            if leg < 3:
                left = max(PLANNED_LEFT[leg + 1], arrived + 40) + 5 * scores[2 * leg + 2]
    return tuple(np.array(rows).T)


def fitted(columns: Any, turnaround: float | None = None) -> RouteLaws:
    """The laws of such days."""
    route, planned_left, left, planned_arrival, arrived = columns
    return RouteLaws.fit(route, planned_left, left, planned_arrival, arrived, turnaround)


class TestFit:
    def test_finds_the_effect_that_made_the_days(self) -> None:
        """From many days the shares come back about as they were."""
        made = RouteEffect(service=0.5, service_fade=1.0, travel=0.3, travel_fade=1.0, carry=0.3)
        effect = fitted(history(3000, 1, made), turnaround=40).effect
        assert effect.service * effect.service_fade == pytest.approx(0.5, abs=0.1)
        assert effect.travel * effect.travel_fade == pytest.approx(0.3, abs=0.1)
        assert effect.carry == pytest.approx(0.3, abs=0.05)

    def test_finds_none_where_there_is_none(self) -> None:
        """Independent legs have no effect, but for one history in twenty."""
        found = [fitted(history(150, seed, RouteEffect()), turnaround=40).effect for seed in range(8)]
        assert sum(effect.is_none for effect in found) >= 6

    def test_turnaround_from_the_plans(self) -> None:
        """Nobody plans stays that cannot be kept: all were planned with 40 minutes."""
        assert fitted(history(20, 1, RouteEffect())).turnaround == 40

    def test_two_legs_teach_something(self) -> None:
        """One route of two legs is the least."""
        laws = RouteLaws.fit([1, 1], [0, 60], [5, 75], [40, 90], [50, 104], turnaround=20)
        assert laws.leaving.values.tolist() == [5]
        assert laws.service.values.tolist() == [5]
        assert laws.travel.values.tolist() == [-1, 5]
        assert laws.effect == RouteEffect()

    def test_more_days_are_the_same_as_all_at_once(self) -> None:
        """Updated laws are those of all days."""
        first, then = history(60, 1, RouteEffect(service=0.5)), history(1, 2, RouteEffect())
        both = [np.concatenate(pair) for pair in zip(first, then, strict=True)]
        both[0][-4:] = 1e6
        assert fitted(first).update(*then) == fitted(both)

    def test_ways_and_places_that_are_usually_off(self) -> None:
        """What was driven twenty times is believed by half; what was never seen is as usual."""
        route, off, left = np.repeat(np.arange(40), 2), np.tile([0.0, 100], 40), np.tile([0.0, 100], 40)
        left[3::4] += 8
        arrived = left + 60 + np.tile([0.0, 0, 0, 6], 20)
        ways, places = ["out", "back", "out", "far"] * 20, ["", "A", "", "B"] * 20
        laws = RouteLaws.fit(route, off, left, off + 60, arrived, way=ways, place=places)
        assert laws.ways == {"out": 0, "back": 0, "far": 3}
        assert laws.places == {"A": -2, "B": 2}
        today = laws.route([0, 100], [60, 160], way=["out", "far"], place=["", "B"])
        assert today.stops[1].travel == Around(63, laws.travel)
        assert today.stops[0].service == Around(laws.turnaround + 2, laws.service)
        unseen = laws.route([0, 100], [60, 160], way=["new", "new"], place=["new", "new"])
        assert unseen.stops[1].travel == Around(60, laws.travel)
        assert RouteLaws.from_json(laws.to_json()) == laws

    def test_json(self) -> None:
        """Laws come back from their JSON."""
        for turnaround in (None, 35.0):
            laws = fitted(history(30, 1, RouteEffect()), turnaround=turnaround)
            assert RouteLaws.from_json(laws.to_json()) == laws
            assert repr(laws) == "<RouteLaws of 120 legs of 30 routes>"

    def test_windows_hold_on_days_like_the_past(self) -> None:
        """On days of the same kind, 90 % hold before the start, and after the first stop is left."""
        made = RouteEffect(service=0.5, carry=0.3)
        laws = fitted(history(1500, 1, made), turnaround=40)
        _, _, left, _, arrived = (column.reshape(-1, 4) for column in history(250, 2, made))
        for done in (0, 1):
            inside = []
            for day in range(250):
                route = laws.route(PLANNED_LEFT.tolist(), PLANNED.tolist())
                if done:
                    route = route.left(left[day, 0]).arrived(1, arrived[day, 0])
                simulated = route.simulate(1000)
                for stop in (3, 4):
                    window = simulated.window(stop)
                    inside.append(window.low <= arrived[day, stop - 1] <= window.high)  # type: ignore[union-attr]
            assert np.mean(inside) == pytest.approx(0.9, abs=0.04)


class TestRefused:
    def test_in_one_sentence(self) -> None:
        """What cannot be read is refused, with the remedy."""
        with pytest.raises(InvalidPolicyError, match=r"left has shape \(1,\); give one value for each of 2 legs"):
            RouteLaws.fit([1, 1], [0, 1], [0], [0, 1], [0, 1])
        with pytest.raises(
            InvalidPolicyError, match="arrived must be finite, row 1 is nan; cut the route off before it"
        ):
            RouteLaws.fit([1, 1], [0, 1], [0, 1], [0, 1], [0, np.nan])
        with pytest.raises(
            InvalidPolicyError,
            match="legs of route 'a' do not follow each other, again in row 2; sort the rows by route and time",
        ):
            RouteLaws.fit(["a", "b", "a"], [0, 0, 60], [0, 0, 60], [40, 40, 90], [40, 40, 90])
        with pytest.raises(
            InvalidPolicyError, match="no route has two legs that follow each other, of 2 legs; give more"
        ):
            RouteLaws.fit([1, 2], [0, 1], [0, 1], [0, 1], [0, 1])
        with pytest.raises(InvalidPolicyError, match="turnaround is no number: 'short'; pass one"):
            RouteLaws.fit([1, 1], [0, 60], [5, 75], [40, 90], [50, 104], "short")  # type: ignore[arg-type]
        laws = RouteLaws.fit([1, 1], [0, 60], [5, 75], [40, 90], [50, 104])
        with pytest.raises(
            InvalidPolicyError, match="lengths differ: 1 planned_left, 2 planned_arrival, and names, way or place; give"
        ):
            laws.route([0], [1, 2])
        with pytest.raises(InvalidPolicyError, match="stops must be one or more"):
            laws.route([], [])


def test_times_are_as_good_as_minutes() -> None:
    """Columns of times need not be turned into minutes first."""
    minutes: dict[str, Any] = {
        "planned_left": [0, 60, 0],
        "left": [5, 61, 0],
        "planned_arrival": [40, 90, 40],
        "arrived": [44, 95, 39],
    }
    times = {
        name: np.datetime64("2026-03-02T08:00", "ns") + np.array(column, "m8[m]") for name, column in minutes.items()
    }
    by_minutes, by_time = (RouteLaws.fit(["mon", "mon", "tue"], **given, turnaround=10) for given in (minutes, times))
    assert np.allclose(by_minutes.travel.values, by_time.travel.values)
    with pytest.raises(InvalidPolicyError, match=r"^left holds neither numbers nor times; pass one column of them$"):
        RouteLaws.fit(["mon"] * 3, **{**minutes, "left": [object()] * 3})
