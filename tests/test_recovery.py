"""Recovery: what can be offered, whose authority it takes, what it saves, and whose it is."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Parties
from carepolicy.errors import InvalidPolicyError, InvalidTimeError
from carepolicy.recovery import Authority, Option, Recovery, options
from carepolicy.severity import Stake
from carepolicy.span import days, elapsed, working

NOW = "2026-06-06T09:00Z"


def t(hour: int, minute: int = 0) -> str:
    return f"2026-06-06T{hour:02}:{minute:02}Z"


wedding = Stake("wedding", at=t(15), weight=10, needs_before=elapsed(hours=1))
lunch = Stake("lunch", at=t(12), weight=2)
agent = Authority("agent", 300)
lead = Authority("lead", 2000)
rebook = Option("next flight", restores_by=t(16), kind="rebook")
taxi = Option("taxi", restores_by=elapsed(hours=3), cost=250, kind="replace")
train = Option("train", restores_by=t(13, 30), cost=80, kind="replace")
charter = Option("charter", restores_by=elapsed(hours=1), cost=1500)
voucher = Option("voucher", cost=50)
every = (rebook, taxi, train, charter, voucher)


def offer(*given: Option, at: str = NOW, **more: Any) -> Recovery:
    usual: dict[str, Any] = {"authority": agent, "stakes": [wedding, lunch], "above": [lead]}
    return options(given, at=at, **{**usual, **more})


def names(found: Recovery) -> tuple[list[str], list[str]]:
    return [r.option.name for r in found.offers], [r.option.name for r in found.beyond]


class TestRank:
    """What saves the customer most comes first, then what costs least, then by name."""

    def test_by_what_is_saved_then_by_cost(self) -> None:
        found = offer(*every)
        assert names(found) == (["taxi", "train", "next flight", "voucher"], ["charter"])
        assert [r.saves for r in found.offers] == [("wedding", "lunch"), ("wedding",), (), ()]
        assert [r.weight for r in found.offers] == [12.0, 10.0, 0.0, 0.0]

    def test_whatever_the_order_in_which_they_are_given(self) -> None:
        assert offer(*every[::-1]) == offer(*every)
        assert names(offer(Option("b"), Option("a")))[0] == ["a", "b"]

    def test_a_span_counts_from_the_choice(self) -> None:
        found = offer(taxi, rebook)
        assert str(found.offers[0].choose_by) == "2026-06-06 09:00:00+00:00"  # else lunch is lost
        later = offer(taxi, rebook, at=t(9, 30))
        assert later.offers[0].saves == ("wedding",)
        assert str(later.offers[0].choose_by) == "2026-06-06 11:00:00+00:00"
        assert offer(taxi, rebook, at=t(11, 1)).offers[0].saves == ()

    def test_a_span_of_working_time_needs_open_hours(self) -> None:
        office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
        stake = Stake("renewal", at="2026-06-08T10:30Z", weight=5)  # a Monday
        repair = Option("repair", restores_by=working(hours=2))
        for at, saves in (("2026-06-05T16:30Z", ("renewal",)), ("2026-06-05T16:31Z", ())):
            assert offer(repair, at=at, stakes=[stake], calendar=office).offers[0].saves == saves

    def test_what_has_passed_is_gone(self) -> None:
        assert names(offer(*every, at=t(13, 30)))[0] == ["next flight", "voucher", "taxi"]
        assert offer(train, at=t(13, 29)).offers[0].choose_by_us == train.restores
        nothing = offer(taxi, voucher, at=t(15))
        assert [r.saves for r in nothing.offers] == [(), ()]
        assert nothing.review_at is None

    def test_holds_until_something_is_lost(self) -> None:
        assert str(offer(*every).review_at) == "2026-06-06 09:00:00.000001+00:00"
        assert str(offer(train, voucher).review_at) == "2026-06-06 12:00:00+00:00"
        assert str(offer(train, voucher, at=t(12)).review_at) == "2026-06-06 13:30:00+00:00"


class TestAuthority:
    """What goes beyond the authority is given apart, with whose it takes."""

    def test_says_whom_to_ask(self) -> None:
        found = offer(*every)
        assert [(r.option.name, r.authority) for r in found.beyond] == [("charter", "lead")]
        assert {r.authority for r in found.offers} == {"agent"}

    def test_the_nearest_that_reaches_so_far(self) -> None:
        found = offer(charter, above=[Authority("board", 10_000), lead, Authority("peer", 1000)])
        assert found.beyond[0].authority == "lead"

    def test_and_where_nobody_may(self) -> None:
        assert offer(charter, above=[]).beyond[0].authority == ""
        assert "charter: costs 1500, saves wedding, lunch if chosen by Sat 6 Jun 2026 11:00; ask whoever may" in str(
            offer(charter, above=[])
        )

    def test_the_limit_itself_is_within(self) -> None:
        assert names(offer(Option("x", cost=300), Option("y", cost=300.01))) == (["x"], ["y"])


class TestLacking:
    """At least two options and at least one that is free, or what is missing is said."""

    def test_a_choice(self) -> None:
        assert offer(rebook, taxi).lacking == ()
        assert offer(rebook).lacking == ("1 more to choose from, within 300",)

    def test_a_free_one(self) -> None:
        assert offer(taxi, train).lacking == ("one that is free",)

    def test_both(self) -> None:
        found = offer(charter)
        assert found.lacking == ("2 more to choose from, within 300", "one that is free")
        assert str(found).endswith("; lacking: 2 more to choose from, within 300; lacking: one that is free")


class TestOwner:
    """Whoever failed, it stays ours to make good."""

    def test_is_never_the_partner(self) -> None:
        found = offer(*every, failed_by="airline")
        assert (found.owner, found.failed_by) == ("agent", "airline")
        assert str(found).startswith(
            "agent owns it, though airline failed; taxi: costs 250, saves wedding, lunch if chosen by Sat 6 Jun 2026"
        )
        assert str(offer(voucher, rebook)).startswith(
            "agent owns it; next flight: free, saves nothing at stake; voucher"
        )

    @pytest.mark.parametrize("who", ["airline", "customer"])
    def test_is_refused_otherwise(self, who: str) -> None:
        with pytest.raises(
            InvalidPolicyError,
            match=rf"^owner is not one of us: '{who}'; it stays ours to make good, so name who of us offers it$",
        ):
            offer(voucher, authority=Authority(who, 5), parties=Parties(partners=["airline"]))

    def test_is_not_whoever_failed(self) -> None:
        with pytest.raises(InvalidPolicyError, match="owner is not one of us: 'agent'"):
            offer(voucher, failed_by="agent")


class TestOption:
    """Something that can be offered."""

    def test_is_rebuilt_by_its_repr(self) -> None:
        assert repr(train) == ("Option('train', restores_by='2026-06-06T13:30:00+00:00', cost=80, kind='replace')")
        assert repr(voucher) == "Option('voucher', cost=50)"
        assert all(eval(repr(option)) == option for option in every)

    @pytest.mark.parametrize("cost", [-1, float("nan"), "5", False])
    def test_refuses_what_is_no_amount(self, cost: Any) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^cost must be a number from 0, got "):
            Option("x", cost=cost)
        with pytest.raises(InvalidPolicyError, match=r"^up_to must be a number from 0, got "):
            Authority("x", cost)

    @pytest.mark.parametrize("span", [days(2), elapsed(hours=-1)])
    def test_refuses_dates_and_the_past(self, span: Any) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^restores_by counts dates or points backward: .*; use elapsed"):
            Option("x", restores_by=span)

    def test_refuses_naive_times(self) -> None:
        with pytest.raises(InvalidTimeError, match=r"^restores_by has no time zone"):
            Option("x", restores_by="2026-06-06T13:30")

    def test_each_name_once(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^options share a name: \['taxi', 'taxi'\]; name each apart$"):
            offer(taxi, taxi)
