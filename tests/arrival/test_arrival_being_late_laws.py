"""Laws of being late: a share, the tail of the law, rising while nobody comes; and the instant to warn is exact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import elapsed
from carepolicy._instant import MINUTE, NEVER, to_micros
from carepolicy.arrival.arriving import Arriving
from carepolicy.arrival.being_late import WarnRule, lateness
from carepolicy.arrival.law import Empirical, GivenAge
from carepolicy.arrival.quote import Quote
from carepolicy.window import Window

START = to_micros("2026-03-29T00:30Z")
laws = st.lists(st.integers(0, 120), min_size=1, max_size=60).map(Empirical)
steps = st.integers(0, 130 * 60).map(lambda seconds: START + seconds * 1_000_000)
rules = st.sampled_from([WarnRule(), WarnRule(0.3, 0.1, elapsed(minutes=15)), WarnRule(0.9, 0.5)])


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    opens = START + draw(st.integers(0, 100)) * MINUTE
    window = Window._of(opens, opens + draw(st.integers(1, 60)) * MINUTE + draw(st.integers(0, 1)))
    return Quote(window, confidence=0.9, made_at=START)


@given(laws, steps, steps)
def test_the_chance_is_the_tail_of_the_law(law: Empirical, limit: int, at: int) -> None:
    """Of those that are not there, the share that comes only after the limit; and never anything but a share."""
    chance = Arriving(law, START).late(limit, at)
    assert 0 <= chance <= 1
    left = law.values[law.values * MINUTE + START > at]
    if at <= limit and left.size:
        assert chance == pytest.approx((left * MINUTE + START > limit).mean())
    else:
        assert chance == 1


@given(laws, steps, steps, steps)
def test_the_chance_never_falls_while_nobody_comes(law: Empirical, limit: int, one: int, other: int) -> None:
    """For one law and one end, whatever its shape: it is the same tail of ever fewer."""
    coming = Arriving(law, START)
    assert coming.late(limit, min(one, other)) <= coming.late(limit, max(one, other))


@given(laws, quotes(), steps)
def test_a_window_is_missed_early_or_late(law: Empirical, quote: Quote, at: int) -> None:
    """Of those that are not there, the share that comes outside of it, counted one by one."""
    left = law.values[law.values * MINUTE + START > at] * MINUTE + START
    if left.size and at <= quote.last_us:
        outside = ((left < quote.window.opens_us) | (left > quote.last_us)).mean()
        assert Arriving(law, START).outside(quote.window, at) == pytest.approx(outside, abs=1e-9)
    else:
        assert Arriving(law, START).outside(quote.window, at) == 1


@given(laws, quotes(), rules)
def test_the_instant_to_warn_is_exact(law: Empirical, quote: Quote, rule: WarnRule) -> None:
    """At it the threshold is passed, one microsecond before it is not."""
    coming, limit = Arriving(law, START), rule.limit(quote)
    turn = rule.warn_us(quote, coming)
    assert START <= turn <= limit + 1
    assert coming.late(limit, turn) >= rule.warn_from
    if turn > START:
        assert coming.late(limit, turn - 1) < rule.warn_from


@given(laws, quotes(), rules, steps, st.lists(steps, max_size=5))
def test_it_keeps_until_it_is_to_be_looked_at_again(
    law: Empirical, quote: Quote, rule: WarnRule, at: int, later: list[int]
) -> None:
    """Law 3: the answer is the same at every instant before its `review_at`."""
    coming = Arriving(law, START)
    said = lateness(quote, coming, at=at, rule=rule)  # type: ignore[arg-type]
    assert said.review_us > at
    for then in {at + 1, said.review_us - 1, *later}:
        if at <= then < min(said.review_us, NEVER):
            assert lateness(quote, coming, at=then, rule=rule) == said  # type: ignore[arg-type]


@given(laws, steps, steps, steps)
def test_seen_later_it_is_the_same(law: Empirical, between: int, limit: int, at: int) -> None:
    """That somebody was not there at an instant on the way changes nothing that is said of later ones."""
    coming = Arriving(law, START)
    seen = coming.not_yet(between)
    if seen is None:
        assert coming.late(limit, between) == 1
    elif at >= between:
        assert seen.late(limit, at) == pytest.approx(coming.late(limit, at))


@given(laws, st.integers(0, 119), st.lists(st.floats(0, 150), min_size=1, max_size=5))
def test_what_is_left_is_a_law(law: Empirical, age: int, values: list[float]) -> None:
    """From any law: shares that rise, quantiles that are reached, and the same as of the cases that are left."""
    left = law.values[law.values > age] - age
    if left.size:
        rest, counted = GivenAge(law, age), Empirical(left)
        assert rest.cdf(values) == pytest.approx(counted.cdf(values))
        assert (np.diff(rest.cdf(sorted(values))) >= 0).all()
        shares = (np.arange(left.size) + 0.5) / left.size
        assert rest.quantile(shares) == pytest.approx(counted.quantile(shares))


@given(st.floats(1, 500), st.floats(1, 500), st.floats(0, 400))
def test_costs_warn_where_warning_costs_less(false_alarm: float, spared: float, warned: float) -> None:
    """Above the threshold a warning is expected to cost less than none, below it more."""
    rule = WarnRule.from_costs(false_alarm=false_alarm, late_unwarned=warned + spared, late_warned=warned)
    for chance in (rule.warn_from * 0.99, 1 - (1 - rule.warn_from) * 0.99):
        with_it = chance * warned + (1 - chance) * false_alarm
        without = chance * (warned + spared)
        assert (with_it < without) == (chance > rule.warn_from)
