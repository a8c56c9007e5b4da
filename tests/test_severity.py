"""Severity: a delay is weighed against what it makes the customer miss."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Window
from carepolicy.errors import InvalidPolicyError, InvalidTimeError
from carepolicy.expected import Expected
from carepolicy.severity import Bands, Miss, Severity, Stake, severity
from carepolicy.span import days, elapsed, working, working_days

NOW = "2026-06-06T09:00Z"
wedding = Stake("wedding", at="2026-06-06T13:00Z", weight=10)


def t(hour: int, minute: int = 0) -> str:
    return f"2026-06-06T{hour:02}:{minute:02}Z"


class TestFourHours:
    """The same four hours are nothing before a six-hour layover and everything before a wedding."""

    late = Expected.at(t(10)).later(elapsed(hours=4))  # there at 14:00 instead of 10:00

    def test_are_nothing_before_a_six_hour_layover(self) -> None:
        flight = Stake("connecting flight", at=t(16), weight=6, needs_before=elapsed(hours=1))
        found = severity(self.late, [flight], at=NOW)
        assert (found.value, found.band, found.known) == (0.0, "nuisance", True)
        assert str(found) == "nuisance: nothing is missed"

    def test_are_everything_before_a_wedding(self) -> None:
        found = severity(self.late, [wedding], at=NOW)
        assert (found.value, found.band) == (10.0, "critical")
        assert str(found) == "critical: wedding: missed with 100%"

    def test_are_much_before_a_short_layover(self) -> None:
        flight = Stake("connecting flight", at=t(14, 30), weight=6, needs_before=elapsed(hours=1))
        assert severity(self.late, [flight], at=NOW).band == "serious"


class TestSeverity:
    """The weight of each stake times the probability that it is missed."""

    def test_adds_up_or_takes_the_worst(self) -> None:
        window = Expected.within(Window(t(12), t(14)))
        stakes = [wedding, Stake("lunch", at=t(12, 30), weight=1)]
        assert severity(window, stakes, at=NOW).value == pytest.approx(5.75)
        assert severity(window, stakes, at=NOW, join="max").value == pytest.approx(5.0)
        assert severity(window, [], at=NOW, join="max").value == 0.0

    def test_names_what_may_be_missed_the_worst_first(self) -> None:
        window = Expected.within(Window(t(12), t(14)))
        found = severity(window, [Stake("lunch", at=t(12, 30), weight=1), wedding], at=NOW)
        assert found.misses == (Miss("wedding", 0.5, 10.0), Miss("lunch", 0.75, 1.0))
        assert str(found) == "serious: wedding: missed with 50%; lunch: missed with 75%"

    def test_a_stake_that_has_passed_counts_nothing(self) -> None:
        late = Expected.at(t(18))
        assert severity(late, [wedding], at=t(12, 59)).value == 10.0
        assert severity(late, [wedding], at=t(13)) == Severity(0.0, "nuisance", True, (), late.last_us)

    def test_holds_until_a_stake_or_what_was_expected_passes(self) -> None:
        assert str(severity(Expected.at(t(18)), [wedding], at=NOW).review_at) == "2026-06-06 13:00:00+00:00"
        assert str(severity(Expected.at(t(12)), [wedding], at=NOW).review_at) == "2026-06-06 12:00:00+00:00"
        assert severity(None, [], at=NOW).review_at is None

    def test_an_unknown_arrival_is_said_and_counts_as_missed(self) -> None:
        found = severity(None, [wedding], at=NOW)
        assert (found.known, found.value, found.band) == (False, 10.0, "critical")
        assert str(found) == "critical: nobody knows when it will be there; wedding: missed with 100%"

    def test_an_estimate_that_has_passed_is_unknown(self) -> None:
        assert severity(Expected.at(t(12)), [wedding], at=t(11, 59)).value == 0.0
        assert severity(Expected.at(t(12)), [wedding], at=t(12)).known is False

    def test_counts_what_it_is_needed_before_in_the_hours_given(self) -> None:
        office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
        audit = Stake("audit", at="2026-06-08T10:00Z", weight=5, needs_before=working(hours=2))  # a Monday
        assert severity(Expected.at("2026-06-05T16:00Z"), [audit], at="2026-06-05T09:00Z", calendar=office).value == 0
        assert severity(Expected.at("2026-06-05T16:01Z"), [audit], at="2026-06-05T09:00Z", calendar=office).value == 5
        early = Stake("renewal", at="2026-06-08T10:00Z", weight=5, needs_before=working_days(1))
        assert severity(Expected.at("2026-06-05T11:00Z"), [early], at="2026-06-05T09:00Z", calendar=office).value == 5

    def test_bands_are_yours(self) -> None:
        assert severity(Expected.at(t(14)), [wedding], at=NOW, bands=Bands(5, 20, 30)).band == "minor"
        assert [Bands().of(value) for value in (0, 0.9, 1, 4, 7)] == [
            "nuisance", "nuisance", "minor", "serious", "critical",
        ]  # fmt: skip

    def test_is_at_least_a_band(self) -> None:
        found = severity(Expected.at(t(14)), [wedding], at=NOW)
        assert (found.at_least("critical"), Severity(0, "minor", True, ()).at_least("serious")) == (True, False)

    def test_refuses_what_cannot_be_meant(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^join is not known: 'mean'; use 'sum' or 'max'$"):
            severity(None, [], at=NOW, join="mean")
        with pytest.raises(InvalidPolicyError, match=r"^bands do not rise from above 0: 3, 2, 9; put them in order$"):
            Bands(3, 2, 9)
        with pytest.raises(InvalidTimeError, match="at has no time zone"):
            severity(None, [], at="2026-06-06T09:00")


class TestStake:
    """What a customer would miss."""

    def test_is_rebuilt_by_its_repr(self) -> None:
        assert repr(wedding) == "Stake('wedding', at='2026-06-06T13:00:00+00:00', weight=10)"
        early = Stake("flight", at=t(16), weight=6.5, needs_before=days(1))
        assert eval(repr(early)) == early
        assert str(early.at) == "2026-06-06 16:00:00+00:00"

    @pytest.mark.parametrize("weight", [-1, float("nan"), float("inf"), "10", True])
    def test_refuses_what_is_no_weight(self, weight: Any) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^weight must be a number from 0, got "):
            Stake("wedding", at=t(13), weight=weight)

    def test_refuses_to_be_needed_after_it(self) -> None:
        with pytest.raises(InvalidPolicyError, match="needs_before points backward"):
            Stake("wedding", at=t(13), weight=1, needs_before=elapsed(hours=-1))


class TestExpected:
    """When something late will be there, as one distribution."""

    def after(self, expected: Expected, hour: int, minute: int = 0) -> float:
        return round(expected.after(Stake("x", at=t(hour, minute), weight=0).at_us), 4)

    def test_at_an_instant(self) -> None:
        at = Expected.at(t(12))
        assert [self.after(at, 11, 59), self.after(at, 12), self.after(at, 13)] == [1.0, 0.0, 0.0]
        assert str(at) == "2026-06-06T12:00:00+00:00"
        assert str(at.last) == "2026-06-06 12:00:00+00:00"

    def test_in_a_window(self) -> None:
        window = Expected.within(Window(t(12), t(14)))
        assert [self.after(window, hour) for hour in (11, 12, 13, 14)] == [1.0, 1.0, 0.5, 0.0]
        assert str(window).startswith("2026-06-06T12:00:00+00:00 to 2026-06-06T14:00:00+00:00, as likely as not by")

    def test_in_a_window_that_may_be_wrong(self) -> None:
        window = Expected.within(Window(t(12), t(14)), share=0.8)
        assert [self.after(window, hour) for hour in (10, 11, 12, 13, 14, 15, 16)] == [
            1.0, 0.95, 0.9, 0.5, 0.1, 0.05, 0.0,
        ]  # fmt: skip

    def test_by_quantiles(self) -> None:
        expected = Expected.quantiles(t(12), t(13), t(15))
        assert [self.after(expected, hour) for hour in (11, 12, 13, 14, 15, 16, 17)] == [
            1.0, 0.9, 0.5, 0.3, 0.1, 0.05, 0.0,
        ]  # fmt: skip

    def test_by_quantiles_that_are_one(self) -> None:
        expected = Expected.quantiles(t(12), t(12), t(12))
        assert [self.after(expected, 11, 59), self.after(expected, 12)] == [1.0, 0.0]

    def test_from_samples(self) -> None:
        samples = Expected.samples([t(14), t(12), t(13), t(13)])
        assert [self.after(samples, hour) for hour in (11, 12, 13, 14)] == [1.0, 0.75, 0.25, 0.0]

    def test_says_by_when_it_is_as_likely_as_not(self) -> None:
        assert str(Expected.quantiles(t(12), t(13), t(15))).endswith("as likely as not by 2026-06-06T13:00:00+00:00")

    def test_refuses_what_is_no_distribution(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^points do not rise from 0 to 1: "):
            Expected(((0, 0.0), (1, 0.5)))
        with pytest.raises(InvalidPolicyError, match=r"^window has not both bounds and time in it: Window\(opens="):
            Expected.within(Window(opens=t(12)))
        with pytest.raises(InvalidPolicyError, match=r"^share must be above 0 and at most 1, got 0$"):
            Expected.within(Window(t(12), t(14)), share=0)
        with pytest.raises(InvalidPolicyError, match=r"^quantiles are not in order: "):
            Expected.quantiles(t(13), t(12), t(15))
        with pytest.raises(InvalidPolicyError, match=r"^samples are none; give at least one instant, or None"):
            Expected.samples([])
        with pytest.raises(InvalidPolicyError, match=r"^by is not elapsed time: days\(1\); use elapsed\(hours=4\)$"):
            Expected.at(t(12)).later(days(1))
