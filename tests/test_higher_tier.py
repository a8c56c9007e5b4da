"""A taste of a higher tier: who gets what is spare, how to say it, who follows up, and why the others do not."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, ContactHours, Event, Timeline, days
from carepolicy.errors import InvalidPolicyError
from carepolicy.higher_tier import Allocation, allocate_taste
from carepolicy.taste import Candidate, GroupShare, Spare, Taste

NOW, TONIGHT = "2026-03-10T09:00Z", "2026-03-10T18:00Z"
ANN, BOB, EVE = Candidate("ann", 0.05, "gold"), Candidate("bob", 0.1, "gold"), Candidate("eve", 0.15, "silver")


def on(day: int, kind: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T08:00Z", kind=kind, **{"case": "c", "customer": "ann", **words})


def given(*candidates: Candidate, places: int = 1, events: Any = (), taste: Taste | None = None) -> Allocation:
    return allocate_taste(candidates, Spare(places, TONIGHT, "suite"), Timeline(events), NOW, taste=taste)


def names(allocation: Allocation) -> list[str]:
    return [one.customer for one in allocation.given]


def why(allocation: Allocation) -> dict[str, tuple[str, str]]:
    return {one.customer: (one.code, one.why) for one in allocation.passed}


class TestWhoGetsIt:
    """Nearest to the next rung first, then who has waited longest."""

    def test_the_nearest_first(self) -> None:
        found = given(EVE, ANN, BOB, places=2)
        assert (names(found), found.left) == (["ann", "bob"], 0)
        assert why(found) == {"eve": ("places", "the places went to others: 2")}

    def test_then_who_has_waited_longest(self) -> None:
        again = Candidate("bob", 0.05, "gold")
        old = Event(at="2024-01-01T08:00Z", kind="contact", purpose="taste", customer="ann")
        assert names(given(ANN, again, events=[old])) == ["bob"]
        assert names(given(ANN, again, events=[old, Event(at="2023-01-01T08:00Z", kind="delivered", purpose="taste",
                     customer="bob")])) == ["bob"]  # fmt: skip

    def test_then_by_a_lot_that_is_drawn_anew_each_night(self) -> None:
        many = [Candidate(f"c{n}", 0.1, "gold") for n in range(20)]
        first = {names(allocate_taste(many, Spare(1, f"2026-03-{day}T18:00Z"), Timeline([]), NOW))[0]
                 for day in range(10, 30)}  # fmt: skip
        assert len(first) > 5

    def test_who_is_far_or_there_gets_none(self) -> None:
        found = given(Candidate("ann", 0.0, "gold"), Candidate("bob", 0.5, "gold"))
        assert (names(found), found.left) == ([], 1)
        assert why(found) == {
            "ann": ("there", "they have reached gold"),
            "bob": ("far", "50% of the way to gold is missing"),
        }

    def test_nobody_in_trouble(self) -> None:
        found = given(ANN, BOB, events=[on(1, "opened")])
        assert names(found) == ["bob"]
        assert why(found)["ann"][0] == "NoTrouble.opens"
        assert "waits for the open case or trouble to end" in why(found)["ann"][1]
        assert names(given(ANN, events=[on(1, "trouble", purpose="bereavement")])) == []
        assert names(given(ANN, events=[on(1, "left")])) == []
        assert names(given(ANN, events=[on(1, "answer", extra={"score": "1"})])) == []
        assert names(given(ANN, events=[on(1, "declined", purpose="taste")])) == []

    def test_nobody_twice_within_their_rest(self) -> None:
        had = on(1, "contact", purpose="taste")
        assert why(given(ANN, events=[had]))["ann"][0] == "AttemptCap.opens"
        assert names(given(ANN, events=[had], taste=Taste(rest=days(9)))) == ["ann"]

    def test_is_judged_for_when_it_is(self) -> None:
        """Their rest ends this afternoon, after we judge and before it is."""
        had = Event(at="2026-03-09T15:00Z", kind="contact", purpose="taste", customer="ann")
        assert names(given(ANN, events=[had], taste=Taste(rest=days(1)))) == ["ann"]

    def test_what_else_must_hold_holds(self) -> None:
        mornings = Taste(guard=ContactHours(Calendar.weekly("Mon-Fri 08:00-12:00", zone="UTC")))
        assert why(given(ANN, taste=mornings))["ann"][0] == "ContactHours.hours"
        zoned = allocate_taste([ANN], Spare(1, TONIGHT), Timeline([]), NOW, taste=mornings,
                               zones={"ann": "America/Los_Angeles"})  # fmt: skip
        assert names(zoned) == ["ann"], "eleven in the morning there"


class TestFairness:
    """No group gets more than its share; a place stays empty rather than going against the rule."""

    crowd = tuple(Candidate(f"w{n}", 0.01 * (n + 1), "gold", "web") for n in range(4))

    def test_no_group_gets_more_than_its_share(self) -> None:
        branch = Candidate("zoe", 0.19, "gold", "branch")
        found = given(*self.crowd, branch, places=4)
        assert (names(found), found.left) == (["w0", "zoe", "w1"], 1)
        assert why(found)["w2"] == ("group", "web has had its share")

    def test_one_place_a_group_may_always_get(self) -> None:
        assert names(given(*self.crowd, places=1)) == ["w0"]

    def test_shares_may_differ(self) -> None:
        rule = Taste(shares=(GroupShare("web", 1.0),))
        assert given(*self.crowd, places=4, taste=rule).left == 0

    def test_who_is_in_no_group_counts_to_none(self) -> None:
        assert given(ANN, BOB, EVE, places=3).left == 0

    def test_no_places_are_nobodys(self) -> None:
        found = given(ANN, Candidate("zoe", 0.1, "gold", "web"), places=0)
        assert (found.given, found.left) == ((), 0)
        assert {code for code, _ in why(found).values()} == {"places"}


class TestHowToSayIt:
    """Each one who gets it comes with the text to say, who follows up, and by when."""

    def test_text_owner_and_date(self) -> None:
        (one,) = given(ANN).given
        assert (one.text, one.owner, str(one.follow_up_at)) == (
            "taste/gold/first", "customer care", "2026-03-11 18:00:00+00:00",
        )  # fmt: skip
        old = Event(at="2024-01-01T08:00Z", kind="contact", purpose="taste", customer="ann")
        (one,) = given(Candidate("ann", 0.05, "gold", owner="eve"), events=[old]).given
        assert (one.text, one.owner) == ("taste/gold/again", "eve")

    def test_the_key_tells_one_taste_from_the_next(self) -> None:
        (one,) = given(ANN).given
        (two,) = given(
            ANN, events=[Event(at="2024-01-01T08:00Z", kind="contact", purpose="taste", customer="ann")]
        ).given
        assert one.key.startswith("ann////taste/")
        assert one.key != two.key

    def test_holds_until_something_comes_or_it_is(self) -> None:
        assert str(given(ANN).review_at) == "2026-03-10 18:00:00+00:00"
        coming = Event(at="2026-03-10T12:00Z", kind="opened", customer="ann", case="c")
        assert str(given(ANN, events=[coming]).review_at) == "2026-03-10 12:00:00+00:00"

    def test_what_cannot_be_meant_is_refused(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^what is spare is of the past: 2026-03-10T09:00:00\+00:00 <= 2"):
            allocate_taste([ANN], Spare(1, NOW), Timeline([]), NOW)
        with pytest.raises(
            InvalidPolicyError, match=r"^customer is named twice and not the same: 'ann'; name them onc"
        ):
            given(ANN, Candidate("ann", 0.1, "gold"))
        assert names(given(ANN, ANN)) == ["ann"]
