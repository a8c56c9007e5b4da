"""What always holds of a price ladder."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carepolicy.arrival.ladder import price_ladder

draws = st.lists(st.integers(0, 120), min_size=1, max_size=40)
widths = st.lists(st.integers(1, 150), min_size=1, max_size=5)
money = st.integers(0, 50)
grids = st.sampled_from([None, 15.0])


@given(draws, widths, money, st.lists(st.integers(0, 9), min_size=151, max_size=151), grids)
def test_the_ladder_is_monotone(
    law: list[int], sizes: list[int], refund: int, routing: list[int], grid: float | None
) -> None:
    """A narrower window holds no more, and costs no less, whatever the routing costs say."""
    found = price_ladder(law, sizes, refund=refund, routing=dict(enumerate(routing)), grid=grid).windows
    assert [one.width for one in found] == sorted(set(sizes), reverse=True)
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)
    assert [one.surcharge for one in found] == sorted(one.surcharge for one in found)


@given(draws, widths, money, st.integers(0, 9))
def test_refunds_pay_for_themselves(law: list[int], sizes: list[int], refund: int, routing: int) -> None:
    """The surcharge is at least what is paid back on average, and the road; without the road by a coin at most."""
    for one in price_ladder(law, sizes, refund=refund, routing=lambda _: routing).windows:
        due = refund * (1 - one.share) + routing
        assert due - 1e-6 <= one.surcharge <= due + 0.01 + 1e-6


@given(draws, widths)
def test_no_window_of_the_width_holds_more(law: list[int], sizes: list[int]) -> None:
    """Minute by minute, none that begins elsewhere holds more."""
    for one in price_ladder(law, sizes, refund=20).windows:
        held = max(sum(low <= x <= low + one.width for x in law) for low in range(-150, 121))
        assert abs(one.share - held / (len(law) + 1)) < 1e-9


@given(draws, widths, money)
def test_the_same_input_gives_the_same_quote(law: list[int], sizes: list[int], refund: int) -> None:
    """Nothing is left to chance, nor to the order of draws or widths."""
    assert price_ladder(law, sizes, refund=refund) == price_ladder(law[::-1], sizes[::-1], refund=refund)
