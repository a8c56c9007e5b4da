"""When somebody arrives, how likely they are late, and when the customer is to know."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from carepolicy import elapsed, working
from carepolicy._instant import MINUTE, NEVER, to_micros
from carepolicy.arrival.arriving import Arriving
from carepolicy.arrival.being_late import WarnRule, lateness
from carepolicy.arrival.interval import NoPromise
from carepolicy.arrival.law import Empirical, GivenAge
from carepolicy.arrival.quote import Quote
from carepolicy.errors import InvalidPolicyError, InvalidTimeError
from carepolicy.window import Window

NINE = "2026-03-02T09:00Z"
US = to_micros(NINE)


class Weekly:
    """A stated law: at any time of the week alike, and in two of ten cases never."""

    def quantile(self, share: Any) -> Any:
        share = np.asarray(share, dtype=np.float64)
        return np.where(share <= 0.8, share / 0.8 * 10_080, np.inf)

    def cdf(self, value: Any) -> Any:
        return np.clip(np.asarray(value, dtype=np.float64) / 10_080, 0, 1) * 0.8


class Aeons(Weekly):
    """A law that reaches beyond the years that are computed."""

    def quantile(self, share: Any) -> Any:
        return np.asarray(share, dtype=np.float64) * 1e13


hour = Arriving(Empirical(range(1, 61)), since=NINE, why="v1")
quote = Quote.between("2026-03-02T09:20Z", "2026-03-02T09:45Z", confidence=0.9, made_at="2026-03-01T15:00Z")


class TestArriving:
    """A law of arrival, seen from an instant at which nobody was there."""

    def test_counts_the_time_that_they_were_not_there(self) -> None:
        limit = "2026-03-02T09:45Z"
        assert hour.late(limit, at=NINE) == 0.25
        assert hour.late(limit, at="2026-03-02T09:30Z") == 0.5
        assert hour.late(limit, at="2026-03-02T09:45:01Z") == 1.0
        assert hour.late("2026-03-02T11:00Z", at="2026-03-02T10:00Z") == 1.0, "the law has run out"

    def test_says_how_likely_a_window_is_missed_on_both_sides(self) -> None:
        assert hour.outside(quote.window, at=NINE) == pytest.approx(34 / 60)
        assert hour.outside(quote.window, at="2026-03-02T09:19:59Z") == pytest.approx(15 / 41)
        assert hour.outside(quote.window, at="2026-03-02T09:30Z") == 0.5
        later = Window("2026-03-02T12:00Z", "2026-03-02T13:00Z")
        assert hour.outside(later, at="2026-03-02T10:00Z") == 1.0

    def test_gives_a_window_of_what_is_left(self) -> None:
        left = hour.window(0.8, at="2026-03-02T09:30Z")
        assert left == Window("2026-03-02T09:33Z", "2026-03-02T09:58:00.000001Z")
        on = hour.window(0.5, at=NINE, grid=15)
        assert on == Window("2026-03-02T09:15Z", "2026-03-02T10:00Z")

    def test_gives_none_where_the_law_does_not_say(self) -> None:
        assert hour.window(0.9, at="2026-03-02T09:58Z") == NoPromise(
            "2 cases do not carry 90 %; 19 would", observations=2
        )
        out = hour.window(0.9, at="2026-03-02T10:00Z")
        assert out == NoPromise("the estimate of 2026-03-02T09:00:00+00:00 has run out; it takes a new one")
        assert isinstance(hour.window(0.99, at=NINE, grid=15), NoPromise)
        assert isinstance(Arriving(Weekly(), NINE).window(0.9, at=NINE), NoPromise)
        assert isinstance(Arriving(Aeons(), NINE).window(0.9, at=NINE), NoPromise)

    def test_says_by_when_with_a_share(self) -> None:
        assert hour.by(0.5, at=NINE) == US + 30 * MINUTE
        assert hour.by(0.5, at="2026-03-02T09:30Z") == US + 45 * MINUTE
        assert hour.by(0.5, at="2026-03-02T10:00Z") == NEVER
        assert Arriving(Weekly(), NINE).by(0.9, at=NINE) == NEVER

    def test_is_the_same_seen_later(self) -> None:
        later = hour.not_yet("2026-03-02T09:30Z")
        assert later is not None
        assert later.late("2026-03-02T09:45Z", at="2026-03-02T09:30Z") == 0.5
        assert hour.not_yet(NINE) is hour
        stated = Arriving(Weekly(), NINE, unit="hours").not_yet("2026-03-02T10:00Z")
        assert stated is not None
        assert isinstance(stated.law, GivenAge)
        there = Arriving(Empirical([0, 10]), NINE).not_yet(NINE)
        assert there is not None
        assert there.law == Empirical([10])

    def test_comes_from_draws_of_a_simulation(self) -> None:
        draws = np.array(["2026-03-02T09:10", "2026-03-02T09:40"], dtype="datetime64[m]")
        assert Arriving.of(draws, NINE).law == Empirical([10, 40])
        assert Arriving.of(np.array([US + MINUTE]), NINE, why="route").law == Empirical([1])

    def test_rebuilds_from_its_repr(self) -> None:
        assert eval(repr(hour)) == hour
        days = Arriving(Empirical([1, 2]), NINE, unit="days")
        assert eval(repr(days)) == days

    def test_refuses_what_it_cannot_know(self) -> None:
        problem = (
            "at is before the estimate: at=2026-03-02T08:59:00+00:00, since=2026-03-02T09:00:00+00:00; use the one"
        )
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            hour.late("2026-03-02T10:00Z", at="2026-03-02T08:59Z")
        with pytest.raises(
            InvalidPolicyError, match=r"^law must be one-dimensional draws, got 0 dimensions; pass one row$"
        ):
            Arriving(5, NINE)
        with pytest.raises(InvalidPolicyError, match="unit is not known: 'weeks'"):
            Arriving(Empirical([1]), NINE, unit="weeks")
        with pytest.raises(InvalidTimeError, match="since has no time zone"):
            Arriving(Empirical([1]), "2026-03-02T09:00")


class TestWarnRule:
    """When to warn, and when to take it back."""

    def test_comes_from_costs(self) -> None:
        rule = WarnRule.from_costs(false_alarm=10, late_unwarned=30, late_warned=20)
        assert (rule.warn_from, rule.clear_below) == (0.5, 0.15)
        given = WarnRule.from_costs(
            false_alarm=10, late_unwarned=30, late_warned=20, clear_below=0.4, grace=elapsed(minutes=15), base_rate=0.1
        )
        assert given == WarnRule(0.5, 0.4, elapsed(minutes=15), 0.1)

    def test_counts_late_from_the_end_of_the_grace(self) -> None:
        assert WarnRule(grace=elapsed(minutes=15)).limit(quote) == US + 60 * MINUTE

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"warn_from": 1.5}, "warn_from must be a share between 0 and 1, got 1.5; write 0.9 for 90 %"),
            ({"clear_below": 0.5}, "clear_below is not below warn_from: 0.5 and 0.5; leave a band between"),
            (
                {"warn_from": 0.2, "base_rate": 0.2},
                "warn_from is not above the share that is late anyway: 0.2 and 0.2; it would warn nearly everybody, so",
            ),
            ({"base_rate": -1}, "base_rate must be a number from 0, got -1"),
            (
                {"grace": working(hours=1)},
                "grace is not elapsed time from 0: working(hours=1); use elapsed(minutes=15)",
            ),
            ({"grace": elapsed(hours=-1)}, "grace is not elapsed time from 0: elapsed(hours=-1); use"),
            ({"grace": 15}, "grace is not elapsed time from 0: 15; use"),
        ],
    )
    def test_refuses_what_would_flap_or_spam(self, fields: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            WarnRule(**fields)

    @pytest.mark.parametrize(("false", "unwarned", "warned"), [(0, 3, 1), (1, 1, 1), (1, 3, -1)])
    def test_refuses_costs_that_leave_nothing_to_weigh(self, false: float, unwarned: float, warned: float) -> None:
        with pytest.raises(InvalidPolicyError, match="costs leave nothing to weigh: false_alarm="):
            WarnRule.from_costs(false_alarm=false, late_unwarned=unwarned, late_warned=warned)

    def test_refuses_costs_in_words(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^late_warned is no number: 'little'; pass one$"):
            WarnRule.from_costs(false_alarm=1, late_unwarned=3, late_warned="little")  # type: ignore[arg-type]


class TestLateness:
    """Whether somebody who is not there may be late."""

    def test_says_ahead_when_to_warn(self) -> None:
        said = lateness(quote, hour, at=NINE, zone="Europe/Paris")
        assert (said.warn, said.chance, said.known) == (False, 0.25, True)
        assert said.warn_us == US + 30 * MINUTE == said.review_us
        assert str(said.review_at) == "2026-03-02 10:30:00+01:00"

    def test_holds_what_was_so_when_the_threshold_was_passed(self) -> None:
        said = lateness(quote, hour, at="2026-03-02T09:40Z")
        assert (said.warn, said.chance, said.as_of_us) == (True, 0.5, US + 30 * MINUTE)
        assert said.review_us == said.late_us == US + 45 * MINUTE + 1

    def test_says_when_it_knows_nothing_more(self) -> None:
        short = Arriving(Empirical([10, 20]), NINE)
        said = lateness(quote, short, at="2026-03-02T09:20Z")
        assert (said.warn, said.known, said.warn_us) == (True, False, US + 20 * MINUTE)
        assert lateness(quote, short, at="2026-03-02T09:50Z").review_us == NEVER


class TestArrivingNaturally:
    """Draws in the forms in which simulations and frames have them."""

    SINCE = "2026-03-02T09:00Z"

    @pytest.mark.parametrize(
        "draws",
        [
            np.array(["2026-03-02T09:30", "2026-03-02T10:00"], dtype="datetime64[m]"),
            pd.to_datetime(pd.Series(["2026-03-02T10:30+01:00", "2026-03-02T11:00+01:00"])),
            pl.Series([datetime(2026, 3, 2, 9, 30, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC)]),
            ["2026-03-02T09:30Z", datetime(2026, 3, 2, 10, tzinfo=UTC)],
        ],
    )
    def test_instants(self, draws: Any) -> None:
        """Instants become minutes from now."""
        assert (
            Arriving.of(draws, self.SINCE)
            == Arriving([30, 60], self.SINCE)
            == Arriving(Empirical([30, 60]), self.SINCE)
        )

    @pytest.mark.parametrize(
        "draws", [["2026-03-02T09:30"], np.array(["NaT"], dtype="datetime64[us]"), np.array(["x"])]
    )
    def test_no_instants(self, draws: Any) -> None:
        """What is none, or missing, is refused."""
        with pytest.raises(InvalidTimeError, match=r"^draws (has no time zone|is not)"):
            Arriving.of(draws, self.SINCE)
