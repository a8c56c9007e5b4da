"""Routes, stops and what is known of them, on days that can be worked out by hand."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.law import Empirical, Law
from carepolicy.arrival.route import Route
from carepolicy.arrival.route_effect import RouteEffect
from carepolicy.arrival.simulated import Reached
from carepolicy.arrival.stated import Stated
from carepolicy.arrival.stop import Around, Break, Stop
from carepolicy.arrival.tails import Costs
from carepolicy.errors import InvalidPolicyError, InvalidTimeError, UnknownNameError
from carepolicy.window import Window

DAY = Route(
    [Stop(20, 45, "Kim", opens=30, closes=60), Stop(15, 30, "Ana", planned=100), Stop(10, 0, "Ole")],
    starts="2026-03-02T08:00+01:00",
)


def reached(route: Route) -> list[float]:
    return [float(minutes) for minutes in route.simulate(9).arrivals[:, 0]]


class TestRecursion:
    def test_waits_until_a_stop_opens(self) -> None:
        """20 minutes to Kim, who opens at 30: 75 to leave, 90 at Ana, 130 at Ole."""
        assert reached(DAY) == [20, 90, 130]

    def test_one_break_at_the_first_leaving_after_its_time(self) -> None:
        """A break from minute 60 is taken before driving on from Kim at 75."""
        assert reached(Route(DAY.stops, breaks=[Break(20, 60)])) == [20, 110, 150]

    def test_two_breaks_alike_are_two(self) -> None:
        """Two breaks of the same length and time are both taken."""
        assert reached(Route(DAY.stops, breaks=[Break(20, 60), Break(20, 60)])) == [20, 130, 170]

    def test_past_the_shift_nothing_is_reached(self) -> None:
        """With a shift of 100 minutes nobody comes to Ole."""
        simulated = Route(DAY.stops, shift_end=100).simulate(9)
        assert simulated.window("Ole") == NoPromise(
            "stop 'Ole' is reached on 0 % of the days only before the shift ends; move it to another day or route"
        )
        assert simulated.late("Ole", by=1e6) == 1

    def test_a_law_without_an_end_promises_nothing(self) -> None:
        """Where a law does not say, neither does the route."""
        far = Reached(Empirical([10, 20]), 0.5)
        found = Route([Stop(far)]).simulate(100).window(1)
        assert found == NoPromise(
            "stop 1 is reached on 50 % of the days only, as nothing known has lasted that long; promise the next update"
        )

    def test_a_share_past_the_shift_counts_as_a_miss(self) -> None:
        """5 % past the shift leave 90 % to promise, not 95 %."""
        route = Route([Stop(Empirical(np.arange(100) + 1))], shift_end=95)
        simulated = route.simulate(4000)
        law = simulated.law(1)
        assert isinstance(law, Reached)
        assert law.share == pytest.approx(0.95, abs=0.002)
        assert law.cdf(50).item() == pytest.approx(0.5, abs=0.01)
        for shape in ("narrowest", "equal", "by", Costs(1, 20, 20)):
            window = simulated.window(1, 0.9, shape)
            assert isinstance(window, Interval)
            assert window.high <= 95
        assert isinstance(simulated.window(1, 0.94, "equal"), NoPromise)
        assert isinstance(simulated.window(1, 0.96), NoPromise)


class TestKnown:
    def test_a_late_stop_moves_what_comes_after(self) -> None:
        """Kim at 50 instead of 20: ten minutes later than planned from then on, after the wait is used up."""
        assert reached(DAY.arrived("Kim", 50)) == [50, 110, 150]

    def test_left_early(self) -> None:
        """Who has left Kim at 60 is at Ana at 75."""
        assert reached(DAY.arrived(1, 30).left(60, 1)) == [30, 75, 115]

    def test_times_of_the_day(self) -> None:
        """Aware times count from the start of the route, windows come back as time."""
        route = DAY.arrived("Kim", "2026-03-02T08:50+01:00").at(datetime.fromisoformat("2026-03-02T07:55+00:00"))
        assert route.arrivals == (50.0,)
        assert route.now == 55
        assert route.simulate().between("Ana") == Window.between("2026-03-02T08:50Z", "2026-03-02T08:50:00.000001Z")
        short = Route(DAY.stops, starts=DAY.starts, shift_end=50).simulate(50).between("Ole")
        assert isinstance(short, NoPromise)

    def test_overdue_is_now(self) -> None:
        """A certain way that should be over arrives now at the earliest."""
        assert reached(DAY.left(0).at(26)) == [26, 90, 130]
        assert reached(DAY.arrived(1, 20).at(80)) == [20, 95, 135]
        assert reached(DAY.at(12)) == [32, 92, 132]

    def test_longer_than_all_that_was_seen(self) -> None:
        """Who is on the way for longer than anybody before gets no promise, but no error either."""
        route = Route([Stop(Empirical([10, 20])), Stop(5)]).left(0)
        assert isinstance(route.at(21).simulate(50).window(1), NoPromise)
        working = Route([Stop(5, Empirical([10, 20])), Stop(5)]).left(0).arrived(1, 5).at(26)
        assert isinstance(working.simulate(50).window(2), NoPromise)

    def test_a_break_may_be_why_it_has_not_left(self) -> None:
        """A break that is due by now is not held against the work."""
        route = Route([Stop(5, Empirical([10, 20])), Stop(5)], breaks=[Break(15, 10)]).left(0).arrived(1, 5)
        assert reached(route.at(28))[1] == 45

    def test_a_break_that_was_taken_is_over(self) -> None:
        """Leaving at 95 is work of 45 minutes and a break of 20; leaving at 70, the break is still to come."""
        route = Route(DAY.stops, breaks=[Break(20, 60), Break(20, 120)]).arrived(1, 20).left(95, 1)
        assert reached(route) == [20, 110, 170]
        assert reached(Route(DAY.stops, breaks=[Break(20, 60)]).arrived(1, 20).left(70, 1)) == [20, 85, 145]

    def test_a_slow_stop_makes_slow_ones_likelier(self) -> None:
        """With an effect of the day, a slow stop moves the later ones by more than itself."""
        work = Empirical(np.arange(60))
        route = Route([Stop(5, work), Stop(5, work), Stop(5)], effect=RouteEffect(service=0.8))
        slow, quick = (route.left(0).arrived(1, 5).left(5 + took, 1).simulate() for took in (58, 2))
        assert (np.diff(slow.arrivals[1:], axis=0).mean() - np.diff(quick.arrivals[1:], axis=0).mean()) > 20

    def test_somebody_else_drives_on(self) -> None:
        """A new technician starts afresh and takes as long as is said of them."""
        work = Empirical(np.arange(60))
        route = Route([Stop(5, work), Stop(5, Around(1, work)), Stop(5)], effect=RouteEffect(service=0.8))
        route = route.left(0).arrived(1, 5).left(63, 1)
        fresh = route.handed_over()
        assert np.diff(fresh.simulate().arrivals[1:], axis=0).mean() == pytest.approx(35.5, abs=1)
        slower = route.handed_over(service=2.0, travel=3.0)
        assert slower.stops[1].travel == 5  # on the way already
        assert slower.stops[2].travel == 15
        assert slower.stops[1].service == Around(1, work, 2.0)
        assert DAY.insert(Stop(1, work)).handed_over(2.0).stops[0].service == Around(0, work, 2.0)
        assert DAY.handed_over(travel=2.0).stops[0].travel == 40


class TestChanged:
    def test_numbers_stay_with_their_stops(self) -> None:
        """What is skipped takes its number along; what is inserted gets the next."""
        route = DAY.skip("Ana", onward=40).insert(Stop(5, 5, "Eva"), after=1, onward=7)
        assert route.numbers == (1, 4, 3)
        assert reached(route) == [20, 80, 92]

    def test_swapped(self) -> None:
        """Ole before Ana, with the new ways."""
        route = DAY.swap("Ole", "Ana", travel={"Ole": 25, 2: 10})
        assert route.names == ("Kim", "Ole", "Ana")
        assert route.numbers == (1, 3, 2)
        assert reached(route) == [20, 100, 110]
        assert DAY.insert(Stop(5, 5)).numbers == (4, 1, 2, 3)

    def test_ahead_only(self) -> None:
        """What is done, or on the way to, cannot be skipped, swapped, or put before."""
        route = DAY.arrived(1, 20)
        with pytest.raises(
            InvalidPolicyError, match="stop 1 is done or on the way to it; only what is ahead can change"
        ):
            route.skip(1)
        with pytest.raises(
            InvalidPolicyError, match="after is not ahead: the vehicle has left None; insert it after a"
        ):
            route.insert(Stop(5))
        with pytest.raises(InvalidPolicyError, match="stop 'Ana' is done or on the way"):
            route.left(70, 1).skip("Ana")
        with pytest.raises(InvalidPolicyError, match="onward leads nowhere: there is no stop after it; leave it out"):
            DAY.skip("Ole", onward=3)
        assert route.insert(Stop(5), after=1).numbers == (1, 4, 2, 3)


class TestRefused:
    @pytest.mark.parametrize(
        ("build", "said"),
        [
            (lambda: Route([]), r"stops must be one or more Stop\(...\), got \(\); e.g. \[Stop\(travel=20\)\]"),
            (lambda: Route([3]), "stops must be one or more"),  # type: ignore[list-item]
            (
                lambda: Route(DAY.stops, shift_end=math.nan),
                "shift_end must be minutes, got nan; leave it out for no end",
            ),
            (
                lambda: Route([Stop(20)], arrivals=[5, 6]),
                "arrivals and lefts do not go with the stops: 2 and 0 for 1 stops; hand in only what happened",
            ),
            (lambda: Route([Stop(20)], lefts=[0, 30]), "arrivals and lefts do not go with the stops: 0 and 2"),
            (lambda: Route([Stop(20)], numbers=[1, 2]), r"numbers must be one a stop and differ, got \(1, 2\) for 1"),
            (lambda: Route([Stop(9), Stop(9)], numbers=[1, 1]), r"numbers must be one a stop and differ, got \(1, 1\)"),
            (lambda: Reached(Empirical([1]), 1.5), "share must be a share between 0 and 1, got 1.5"),
            (lambda: Stop(math.nan), "travel must be finite minutes, got nan; give a number"),
            (lambda: Stop(True), "travel must be finite minutes, got True; give a number"),
            (lambda: Stop("x"), "travel is neither a law nor draws of one: 'x'; pass numbers"),
            (lambda: Stop(5, opens=math.nan), "opens must be minutes, got nan; leave it out for no bound"),
            (lambda: Stop(5, opens=9, closes=8), "stop closes before it opens: opens=9, closes=8; swap them"),
            (lambda: Around(1, Empirical([1]), 0), "pace must be above 0, got 0; 1.2 takes a fifth longer"),
            (lambda: Break(-1), "minutes of a break must not be negative, got -1; leave the break out"),
            (lambda: RouteEffect(service=2), "service must be from 0 to 0.95, got 2; 0 is no effect"),
            (lambda: RouteEffect(service_fade=2), "service_fade must be from 0 to 1, got 2; 0 is no effect"),
            (lambda: RouteEffect(carry=-1), "carry must be from -0.95 to 0.95, got -1; 0 is no effect"),
            (lambda: DAY.simulate(0), "draws must be a whole number from 1, got 0; e.g. draws=4000"),
            (lambda: DAY.simulate(9, -1), "seed must be a whole number from 0, got -1"),
            (lambda: DAY.left(5, 2), r"stop 2 is left, but nobody arrived there; say arrived\(2, ...\) first"),
            (lambda: DAY.arrived(2, 5), "stop 2 comes after stop 1, which is not reached; say that, or skip it"),
            (lambda: DAY.left(9).arrived(1, 5), "stop 1 is not after what came before: 5 and 9; correct it"),
            (lambda: DAY.arrived(1, 9).left(5, 1), "left is before arrived: 5 and 9; correct it"),
            (lambda: DAY.arrived(1, 9).at(5), "now is before what is known: 5; hand in only what was known by then"),
            (lambda: DAY.simulate().window(1, 1.5), "confidence must be a share between 0 and 1, got 1.5"),
            (
                lambda: DAY.simulate().late("Ole"),
                "by is missing: stop 'Ole' neither closes nor is planned; say by when",
            ),
            (lambda: Route([Stop(5)]).simulate(9).between(1), "the route does not say when it starts; give starts= to"),
            (
                lambda: Route([Stop(5)]).at("2026-03-02T08:00Z"),
                "now is a time, but the route does not say when it starts",
            ),
        ],
    )
    def test_in_one_sentence(self, build: object, said: str) -> None:
        """What cannot be meant is refused, with the remedy."""
        with pytest.raises(InvalidPolicyError, match=said):
            build()  # type: ignore[operator]

    def test_unknown_stops(self) -> None:
        """A stop that is not there, or that two are called, is not guessed."""
        said = "stop is not known by that number or name: 7; the stops are 1 'Kim', 2 'Ana', 3 'Ole'"
        with pytest.raises(UnknownNameError, match=said):
            DAY.simulate().window(7)
        with pytest.raises(UnknownNameError, match=r"the stops are 1, 2"):
            Route([Stop(5), Stop(5)]).simulate(9).window("")

    def test_naive_times(self) -> None:
        """A time without a zone is refused."""
        with pytest.raises(InvalidTimeError, match="now has no time zone"):
            DAY.at("2026-03-02T08:00")


class TestAnswers:
    def test_laws_for_lateness(self) -> None:
        """The law of an arrival is that of its draws, and lateness counts them."""
        simulated = Route([Stop(Stated(10, 20, 60), closes=30)]).simulate()
        law = simulated.law(1)
        assert isinstance(law, Empirical)
        assert simulated.late(1) == pytest.approx(1 - law.cdf(30).item())
        assert simulated.late(1) == pytest.approx(1 - Stated(10, 20, 60).cdf(30).item(), abs=0.002)
        assert Stop(5, closes=9).due == 9

    def test_a_law_of_some_days(self) -> None:
        """A law that ends before 1 is a law."""
        law = Reached(Empirical([10, 20]), 0.5)
        assert isinstance(law, Law)
        assert law.quantile([0.25, 0.5, 0.6]).tolist() == [10, 20, math.inf]
        assert law.cdf([15, 99]).tolist() == [0.25, 0.5]

    def test_the_error_of_the_draws_is_said(self) -> None:
        """4,000 draws know a share of 90 % to half a per cent."""
        simulated = Route([Stop(Stated(10, 20, 60))]).simulate()
        assert simulated.error(0.9) == pytest.approx(0.0047, abs=1e-4)
        window = simulated.window(1)
        assert isinstance(window, Interval)
        assert window.why == "4000 draws of the route, seed 1, give or take 0.47 %"
        assert repr(simulated) == "<Simulated 1 stops, 4000 draws, seed 1>"

    def test_too_few_draws_promise_nothing(self) -> None:
        """Eight days do not carry 90 %."""
        found = Route([Stop(Stated(10, 20, 60))]).simulate(8).window(1)
        assert found == NoPromise("8 cases do not carry 90 %; 9 would", observations=8)


class TestNaturalCalls:
    def test_draws_are_a_law(self) -> None:
        """What ways took need not be wrapped, nor a single stop be listed."""
        assert Route(Stop([10, 20, 30], service=np.array([5]))) == Route(
            [Stop(Empirical([10, 20, 30]), Empirical([5]))]
        )
        assert Around(30, [1, 2]) == Around(30, Empirical([1, 2]))

    def test_numbers_of_numpy(self) -> None:
        """Plans come from arrays, and are printed as plain numbers that can be read back."""
        stop = Stop(np.float32(20), service=np.int64(5), opens=np.int64(3), planned=np.int64(9))
        assert eval(repr(Route([stop])), {"Route": Route, "Stop": Stop, "RouteEffect": RouteEffect}) == Route([stop])
        assert "np." not in repr(stop)
        draws: int = np.int64(9)  # type: ignore[assignment]
        assert Route([stop]).simulate(draws).draws == 9

    def test_the_shift_ends_at_a_time(self) -> None:
        """Where the route says when it starts, the end of the shift may be a time of day."""
        by_time = Route([Stop(20)], starts="2026-03-02T08:00Z", shift_end="2026-03-02T17:00Z")
        assert by_time == Route([Stop(20)], starts="2026-03-02T08:00Z", shift_end=540)
        assert by_time.arrived(1, 25).shift_end == 540
        with pytest.raises(
            InvalidPolicyError, match=r"^shift_end is a time, but the route does not say when it starts"
        ):
            Route([Stop(20)], shift_end="2026-03-02T17:00Z")

    @pytest.mark.parametrize(
        ("build", "said"),
        [
            (lambda: Stop(20, planned=math.inf), "planned must be finite minutes, got inf; give a number"),
            (lambda: Stop(-20), "travel must not be negative, got -20; give minutes from 0"),
            (lambda: Stop(20, service=-5), "service must not be negative, got -5; give minutes from 0"),
            (lambda: DAY.arrived(1, "soon"), "at is not an ISO 8601 time"),
            (lambda: DAY.arrived(1, None), "at is no number: None; pass one"),  # type: ignore[arg-type]
            (lambda: Stop(NoPromise("8 cases are too few")), "travel is not known: 8 cases are too few; state one"),
        ],
    )
    def test_refused(self, build: Any, said: str) -> None:
        """In one sentence."""
        with pytest.raises((InvalidPolicyError, InvalidTimeError), match=f"^{re.escape(said)}"):
            build()

    def test_who_sets_out_early_may(self) -> None:
        """Minutes before the start are meant."""
        assert Route([Stop(20)], leaves=-5).simulate(9).arriving(1).tolist() == [15.0] * 9

    def test_who_is_on_the_way_has_not_arrived(self) -> None:
        """What a way has taken so far is left out of its law."""
        found = Route([Stop([10, 20, 30, 40])]).left(0).at(25).simulate().arriving(1)
        assert set(found.tolist()) == {30.0, 40.0}

    def test_late_by_a_time(self) -> None:
        """What is late may be said as a time, as what happened."""
        day = Route([Stop([10, 20, 30, 40])], starts="2026-03-02T08:00Z").simulate()
        assert day.late(1, by="2026-03-02T08:25Z") == day.late(1, by=25)
        assert round(day.late(1, by=25), 2) == 0.5


def test_numbers_of_numpy_are_kept_as_pythons() -> None:
    """So that a route prints without numpy, whoever counted its stops."""
    route = Route([Stop(9), Stop(5)], lefts=np.array([1.0]), arrivals=np.array([9.0]), numbers=np.array([2, 1]))
    assert "np." not in repr(route)
    assert route == Route([Stop(9), Stop(5)], lefts=[1.0], arrivals=[9.0], numbers=[2, 1])
