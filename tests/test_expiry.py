"""Expiry: a survey can be answered from when the customer can know until the first thing that ends it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from carepolicy import (
    Answerable,
    AnswerableUntil,
    Calendar,
    Window,
    answer_lag,
    days,
    elapsed,
    expiry_for,
)
from carepolicy.errors import InvalidPolicyError
from tests.journeys import NOW, bounds, on


class TestAnswerableUntil:
    """The survey does not close before the journey is complete."""

    guard = AnswerableUntil()

    def test_without_a_closing_date_is_always_answerable(self) -> None:
        assert bounds(self.guard, on(1, "survey"), on(1, "estimate", 20)) == ("go", "-", "-")

    def test_is_impossible_where_it_closes_before_the_expected_completion(self) -> None:
        assert bounds(self.guard, on(1, "survey", 15), on(1, "estimate", 20)) == ("impossible", "20", "15")
        assert bounds(self.guard, on(1, "survey", 25), on(1, "estimate", 20)) == ("wait", "20", "25")
        assert bounds(self.guard, on(1, "survey", 15)) == ("go", "-", "15")

    def test_opens_with_the_completion(self) -> None:
        assert bounds(self.guard, on(1, "survey", 15), on(1, "estimate", 20), on(9, "completed")) == ("go", "-", "-")

    def test_one_that_closed_before_the_completion_binds_nothing(self) -> None:
        assert bounds(self.guard, on(1, "survey", 5), on(1, "estimate", 20)) == ("too_late", "20", "05")
        assert bounds(self.guard, on(1, "survey", 5), on(9, "completed")) == ("go", "-", "-")

    def test_the_closing_of_an_old_survey_binds_the_next_one_to_nothing(self) -> None:
        """Asked, reopened, completed again; and asked on the way, then completed."""
        again = [on(1, "completed"), on(2, "survey", 9), on(4, "reopened"), on(6, "completed")]
        assert bounds(self.guard, *again) == ("go", "-", "-")
        assert bounds(self.guard, on(2, "survey", 9), on(5, "completed")) == ("go", "-", "-")

    def test_speaks_of_the_message_itself(self) -> None:
        assert self.guard.needs()["survey_closes"].of_candidate
        assert self.guard.explain() == "the survey can be answered after the journey is complete and before it closes"


class TestAnswerable:
    """Long enough for the journey and for the answer."""

    guard = Answerable(lag=days(3))

    def test_leaves_the_time_to_answer(self) -> None:
        assert bounds(self.guard, on(9, "completed"), on(9, "survey", 20)) == ("go", "09", "17")
        assert bounds(self.guard, on(9, "completed"), on(9, "survey", 12)) == ("too_late", "09", "09")
        assert bounds(self.guard, on(1, "estimate", 15), on(1, "survey", 16)) == ("impossible", "15", "13")
        assert bounds(self.guard, on(9, "completed")) == ("go", "-", "-")

    @pytest.mark.parametrize("name", ["auto_close", "channel", "token"])
    def test_the_first_of_what_ends_it_counts(self, name: str) -> None:
        ends = on(2, "note", 14, purpose=name)
        assert bounds(self.guard, on(9, "completed"), ends) == ("go", "-", "11")
        assert bounds(self.guard, on(9, "completed"), on(9, "survey", 20), ends) == ("go", "09", "11")
        assert bounds(Answerable(lag=days(3), limits=()), on(9, "completed"), ends) == ("go", "-", "-")

    def test_that_is_open_for_a_while_waits_until_it_covers_the_journey(self) -> None:
        """Open for ten days from its sending, three to answer: not before seven days before the journey is over."""
        short = Answerable(lag=days(3), open_for=days(10))
        assert bounds(short, on(1, "estimate", 20)) == ("wait", "13", "-")
        assert bounds(short, on(1, "estimate", 17)) == ("go", "10", "-")
        assert bounds(short, on(1, "opened")) == ("go", "-", "-")

    def test_says_so_in_words(self) -> None:
        assert self.guard.explain() == "the survey stays open until the journey is over, and for 3 days to answer"
        says = "open_for is shorter than lag: open_for=2 days, lag=3 days; most could not answer in time"
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(says)}$"):
            Answerable(lag=days(3), open_for=days(2))
        assert Answerable(lag=days(3), open_for=elapsed(hours=80)).open_for == elapsed(hours=80)


class TestAnswerLag:
    """A quantile that holds for the next customer too."""

    def test_is_one_of_the_lags(self) -> None:
        lags = [timedelta(hours=h) for h in range(1, 100)]
        assert answer_lag(lags) == elapsed(hours=95)
        assert answer_lag(reversed(lags), 0.5) == elapsed(hours=50)

    def test_refuses_what_it_cannot_say(self) -> None:
        few = "lags are too few for a share of 0.95: 18; give at least 19, or name the lag"
        with pytest.raises(InvalidPolicyError, match=f"^{few}$"):
            answer_lag([timedelta(hours=1)] * 18)
        assert answer_lag([timedelta(hours=1)] * 19) == elapsed(hours=1)
        with pytest.raises(InvalidPolicyError, match=r"^share must lie between 0 and 1, got 1; use e.g. 0.95$"):
            answer_lag([], 1)


class TestRefusedLags:
    """Nobody answers before they could."""

    def test_are_those_that_point_backward(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^lag is negative: -1 day, .*; count from when the answer could"):
            answer_lag([timedelta(hours=-1)] * 30)
        with pytest.raises(InvalidPolicyError, match=r"^lag points backward: -7 days; say how long customers take"):
            expiry_for(NOW, days(-7), sent=NOW)


class TestExpiryFor:
    """The shortest expiry that covers the journey and the answer."""

    def test_covers_the_end_of_the_window_or_the_sending(self) -> None:
        window = Window("2026-03-12T08:00Z", "2026-03-20T17:00Z")
        assert str(expiry_for(window, days(7), sent=NOW)) == "2026-03-27 17:00:00+00:00"
        assert str(expiry_for("2026-03-02T08:00Z", days(7), sent=NOW)) == "2026-03-17 09:00:00+00:00"

    def test_counts_in_the_calendar(self) -> None:
        """A week over the clock change keeps the hour."""
        paris = Calendar.always("Europe/Paris")
        assert str(expiry_for("2026-03-27T17:00Z", days(7), sent=NOW, calendar=paris)) == "2026-04-03 18:00:00+02:00"

    def test_refuses_a_window_without_an_end(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^window of completion has no end: .*; bound it, or wait for"):
            expiry_for(Window("2026-03-12T08:00Z"), days(7), sent=NOW)
