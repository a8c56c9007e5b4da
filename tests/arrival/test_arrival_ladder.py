"""Prices of narrower windows: what they hold, what they cost, and what a miss pays back."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from carepolicy.arrival.ladder import Ladder, PricedWindow, price_ladder
from carepolicy.arrival.stated import Stated
from carepolicy.errors import InvalidPolicyError

DRAWS = [41, 44, 47, 50, 52, 53, 55, 58, 63, 77]


class TestLadder:
    """One window for each width, where it holds most."""

    def test_the_surcharge_pays_for_the_refunds(self) -> None:
        """8 of 10 draws lie within 20 minutes, which is 8 / 11 of what comes: 20 * 3 / 11, rounded up to a cent."""
        window = price_ladder(DRAWS, [20], refund=20).quote(20)
        assert window == PricedWindow(20.0, low=41.0, share=8 / 11, surcharge=5.46, refund=20.0)
        assert window.high == 61.0

    def test_routing_costs_come_on_top(self) -> None:
        """By width, or as a function of it."""
        by_width = price_ladder(DRAWS, [40, 20], refund=20, routing={40: 0, 20: 1})
        assert [window.surcharge for window in by_width.windows] == [1.82, 6.46]
        assert by_width == price_ladder(
            DRAWS, [20, 40, 40], refund=20, routing=lambda width: 1.0 if width < 30 else 0.0
        )

    def test_a_narrower_window_is_never_cheaper(self) -> None:
        """Where the routing costs say so, the narrower one costs as much as the wider."""
        ladder = price_ladder(DRAWS, [40, 20], refund=0, routing={40: 3, 20: 1})
        assert [window.surcharge for window in ladder.windows] == [3.0, 3.0]

    def test_only_our_misses_are_paid_for(self) -> None:
        """Where half of the misses are the customers', the surcharge is half."""
        assert price_ladder(DRAWS, [20], refund=20, ours=0.5).quote(20).surcharge == 2.73

    def test_windows_may_begin_on_a_grid(self) -> None:
        """The best quarter hour for an hour is 30 to 90."""
        window = price_ladder(DRAWS, [60], refund=20, grid=15).quote(60)
        assert (window.low, window.share) == (30.0, 10 / 11)

    def test_other_coins(self) -> None:
        """Prices in halves."""
        assert price_ladder(DRAWS, [20], refund=20, coin=0.5).quote(20).surcharge == 5.5

    def test_a_law_taken_at_its_word(self) -> None:
        """A stated law has no draws: it is looked at in small steps."""
        ladder = price_ladder(Stated(20, 45, 120), refund=20)
        assert [window.width for window in ladder.windows] == [120, 60, 30, 15]
        assert ladder.quote(120).share > 0.93

    def test_values_round_trip(self) -> None:
        """A ladder is a value."""
        ladder = price_ladder(DRAWS, refund=20)
        assert eval(repr(ladder), {"Ladder": Ladder, "PricedWindow": PricedWindow}) == ladder

    def test_explained_as_a_table(self) -> None:
        """The widest first."""
        assert (
            price_ladder(DRAWS, [20], refund=20).explain() == "  width    kept  surcharge\n     20   72.7%       5.46"
        )


class TestRefund:
    """What is paid back."""

    window = PricedWindow(30, low=60, share=0.86, surcharge=2.8, refund=20)

    @pytest.mark.parametrize(("arrived", "paid"), [(59.9, 20), (60, 0), (90, 0), (90.1, 20)])
    def test_early_and_late_are_misses_and_the_ends_are_not(self, arrived: float, paid: float) -> None:
        """Both ends are inside."""
        assert self.window.refund_for(arrived) == paid

    def test_a_miss_that_is_not_ours(self) -> None:
        """The customer was out: nothing is paid back."""
        assert self.window.refund_for(200, ours=False) == 0


class Silent:
    """A law of which nobody has seen any end."""

    def quantile(self, share: Any) -> Any:
        return math.inf

    def cdf(self, value: Any) -> Any:
        return 0.0


class TestRefused:
    """What cannot be meant is refused in one sentence."""

    @pytest.mark.parametrize(
        ("how", "message"),
        [
            ({"widths": []}, "widths are empty; pass e.g. (120, 60, 30)"),
            ({"widths": [0]}, "widths must be a positive number, got 0"),
            ({"refund": -1}, "refund must be a number from 0, got -1"),
            ({"refund": True}, "refund must be a number from 0, got True"),
            ({"coin": 0}, "coin must be a positive number, got 0"),
            ({"grid": 0}, "grid must be a positive number, got 0"),
            ({"ours": 2}, "ours must be a share from 0 to 1, got 2; 1 if every miss is ours"),
            ({"routing": {60: 1}}, "routing has no cost for the width 120; add it, with 0 for none"),
            ({"routing": lambda _: math.nan}, "routing must be a number from 0, got nan"),
            ({"law": Silent()}, "law does not say by when any case is over; pass one that does"),
        ],
    )
    def test_parameters(self, how: dict[str, Any], message: str) -> None:
        """The text names the argument, what it was, and what would do."""
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(message)}$"):
            price_ladder(**{"law": DRAWS, "refund": 20, **how})

    def test_a_width_that_is_not_on_the_ladder(self) -> None:
        """The text says which are."""
        with pytest.raises(InvalidPolicyError, match=r"^width is not on the ladder: 25; choose one of 40, 20$"):
            price_ladder(DRAWS, [20, 40], refund=20).quote(25)

    def test_an_arrival_that_is_none(self) -> None:
        """A visit that is not over has no refund yet."""
        with pytest.raises(InvalidPolicyError, match=r"^arrived is no number: nan; ask once the visit is over$"):
            TestRefund.window.refund_for(math.nan)


class TestOneWidth:
    def test_a_number(self) -> None:
        """One width needs no list."""
        assert price_ladder(DRAWS, 20, refund=20) == price_ladder(DRAWS, [20], refund=20)

    def test_a_share_that_is_none(self) -> None:
        """Is refused in a sentence."""
        with pytest.raises(
            InvalidPolicyError, match=r"^ours must be a share from 0 to 1, got 'x'; 1 if every miss is ours$"
        ):
            price_ladder(DRAWS, refund=20, ours="x")  # type: ignore[arg-type]
