"""Quarantine: how long a customer is left alone, and how many surveys they get at most."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Event, OncePerStage, RestBetween, SurveyCap, Timeline, days, elapsed
from carepolicy.errors import InvalidPolicyError
from carepolicy.quarantine import for_person
from tests.journeys import NOW, on, opening

ANSWER = "5 days after the last answer to a survey"


class TestRestBetween:
    """The customer is left alone for a while after the last survey."""

    def test_opens_after_the_rest(self) -> None:
        assert opening(RestBetween(days(5)), on(4, "survey"), on(6, "survey", case="other")) == ("wait", "11")
        assert opening(RestBetween(days(5)), on(4, "survey")) == ("go", "09")
        assert RestBetween() == RestBetween(days(90))

    @pytest.mark.parametrize(
        ("guard", "opens", "says"),
        [
            (RestBetween(days(5)), "13", "5 days after the last survey"),
            (RestBetween(days(5), survey="visit"), "11", "5 days after the last survey visit"),
            (RestBetween(days(5), person="anna"), "11", "5 days after the last survey to anna"),
            (RestBetween(days(5), survey="visit", person="anna"), "08", "5 days after the last survey visit to anna"),
            (RestBetween(days(5), after="answered"), "14", ANSWER),
            (RestBetween(days(5), after="answered", survey="visit"), "12", f"{ANSWER} visit"),
            (RestBetween(days(5), after="answered", person="ben"), "14", f"{ANSWER} to ben"),
        ],
    )  # fmt: skip
    def test_has_a_clock_by_name(self, guard: RestBetween, opens: str, says: str) -> None:
        """This survey or any, invited or answered, one person or the account."""
        log = [
            on(3, "survey", purpose="visit", person="anna"),
            on(6, "survey", purpose="visit", person="ben"),
            on(6, "survey", purpose="claim", person="anna"),
            on(7, "answer", purpose="visit", person="anna"),
            on(8, "survey", purpose="claim", person="ben"),
            on(9, "answer", purpose="claim", person="ben"),
        ]
        assert opening(guard, *log)[1] == opens
        assert guard.explain() == says

    def test_of_whoever_is_asked_counts_the_account_until_that_is_said(self) -> None:
        same = RestBetween(days(5), person="same")
        assert opening(same, on(8, "survey", person="ben")) == ("wait", "13")
        assert opening(for_person(same, "anna"), on(8, "survey", person="ben")) == ("go", "-")

    def test_counts_days_or_hours_as_it_is_told(self) -> None:
        """Across the clock change the days keep the hour, and the hours do not."""
        paris = Calendar.always("Europe/Paris")
        sent = Timeline([Event(at="2026-03-01T09:00+01:00", kind="survey")])
        by_days = RestBetween(days(30)).decide(sent, "2026-03-31T08:59+02:00", calendar=paris)
        by_hours = RestBetween(elapsed(hours=720)).decide(sent, "2026-03-31T08:59+02:00", calendar=paris)
        assert str(by_days.act_at) == "2026-03-31 09:00:00+02:00"
        assert str(by_hours.act_at) == "2026-03-31 10:00:00+02:00"

    def test_may_go_out_at_exactly_the_end(self) -> None:
        assert RestBetween(days(6)).decide(Timeline([on(4, "survey")]), NOW).verdict.value == "go"

    def test_refuses_a_clock_that_it_does_not_know(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^after is not known: 'opened'; use one of invited, answered$"):
            RestBetween(after="opened")


class TestSurveyCap:
    """At most so many in any stretch: an edge, and no count that ages."""

    cap = SurveyCap(2, days(9))

    def test_opens_when_the_one_that_fills_it_has_aged(self) -> None:
        assert opening(self.cap, on(4, "survey")) == ("go", "-")
        assert opening(self.cap, on(4, "survey"), on(6, "survey")) == ("wait", "13")
        assert opening(self.cap, on(1, "survey"), on(6, "survey")) == ("go", "10")
        assert opening(self.cap, on(4, "survey"), on(4, "survey")) == ("go", "-"), "the same one twice"

    def test_says_so_in_words(self) -> None:
        assert self.cap.explain() == "at most 2 surveys in 9 days"
        assert SurveyCap(1, days(9), survey="visit", person="anna").explain() == (
            "at most 1 surveys visit to anna in 9 days"
        )
        with pytest.raises(InvalidPolicyError, match=r"^at_most must be at least 1, got 0; to send none, leave"):
            SurveyCap(0, days(9))


class TestOncePerStage:
    """Each completion is asked about once, at each stage."""

    def test_waits_for_another_completion(self) -> None:
        once = OncePerStage()
        assert opening(once, on(3, "completed")) == ("go", "-")
        assert opening(once, on(3, "completed"), on(4, "survey")) == ("wait", "-")
        assert opening(once, on(3, "completed"), on(4, "survey"), on(5, "reopened"), on(6, "completed")) == ("go", "-")
        assert opening(once, on(2, "survey"), on(3, "completed")) == ("go", "-"), "that was too early to count"

    @pytest.mark.parametrize(
        "more", [on(8, "completed", party="customer"), on(8, "completed"), on(8, "closed")], ids=lambda e: e.kind
    )
    def test_more_evidence_of_the_same_completion_opens_nothing(self, more: Event) -> None:
        assert opening(OncePerStage(), on(3, "completed"), on(5, "survey"), more) == ("wait", "-")
        assert opening(OncePerStage(), on(3, "closed"), on(5, "survey"), more) == ("wait", "-")

    def test_by_stage(self) -> None:
        visit = OncePerStage("visit")
        assert opening(visit, on(3, "completed"), on(4, "survey", purpose="claim")) == ("go", "-")
        assert opening(visit, on(3, "completed"), on(4, "survey", purpose="visit")) == ("wait", "-")

    def test_each_completion_is_a_new_key(self) -> None:
        first = OncePerStage().decide(Timeline([on(3, "completed")]), NOW)
        again = OncePerStage().decide(Timeline([on(3, "completed"), on(4, "reopened"), on(5, "completed")]), NOW)
        assert first.key != again.key

    def test_says_so_in_words(self) -> None:
        assert OncePerStage().explain() == "each completion is asked about once"
        assert OncePerStage("visit").explain() == "each completion is asked about once at stage visit"


@pytest.mark.parametrize("wrong", [1.5, True, "3"])
def test_a_cap_counts_whole_surveys(wrong: Any) -> None:
    with pytest.raises(InvalidPolicyError, match=r"^at_most must be a whole number, got .*; say how many surveys$"):
        SurveyCap(wrong, days(9))
