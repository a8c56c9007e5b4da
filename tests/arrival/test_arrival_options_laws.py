"""Laws of what is offered: one ranking, kept until `review_at`, never beyond the authority or out of time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, elapsed
from carepolicy._instant import MINUTE, NEVER, to_micros
from carepolicy.arrival.arriving import Arriving
from carepolicy.arrival.law import Empirical
from carepolicy.arrival.options import KINDS, Choice, LateOption, Losses, weigh_options
from carepolicy.arrival.quote import Quote
from carepolicy.recovery import Authority
from carepolicy.severity import Stake

START = to_micros("2026-03-29T00:30Z")
HOURS = Calendar.weekly("Mon-Sun 01:00-05:00", zone="Europe/Paris")
quote = Quote.between("2026-03-29T01:00Z", "2026-03-29T02:00Z", confidence=0.9, made_at=START)
instants = st.integers(0, 300).map(lambda minute: START + minute * MINUTE)
spans = st.sampled_from([0, 20, 90]).map(lambda minute: elapsed(minutes=minute))
laws = st.lists(st.integers(0, 300), min_size=1, max_size=20).map(lambda law: Arriving(Empirical(law), START))
options = st.lists(
    st.builds(
        LateOption,
        st.sampled_from("abcdef"),
        st.sampled_from(KINDS),
        arriving=st.none() | laws,
        cost=st.sampled_from([0, 10, 60]),
        starts=st.none() | instants,
        notice=spans,
        work=spans,
        until=st.none() | instants,
        hours=st.sampled_from([None, HOURS]),
        serves=st.sampled_from([None, ("flight",), ()]),
    ),
    max_size=5,
    unique_by=lambda option: option.name,
)
stakes = st.lists(
    st.builds(Stake, st.sampled_from(["flight", "wedding"]), instants, st.sampled_from([0, 3, 10]), spans), max_size=3
)
losses = st.builds(Losses, per_minute=st.sampled_from([0, 0.5]), per_weight=st.sampled_from([0, 1, 20]))


def weigh(some: list[LateOption], what: list[Stake], worth: Losses, at: int) -> Choice:
    fields: dict[str, Any] = {"authority": Authority("agent", 10), "above": [Authority("lead", 40)]}
    return weigh_options(some, quote, at=at, stakes=what, losses=worth, **fields)  # type: ignore[arg-type]


@given(options, stakes, losses, instants, st.lists(instants, max_size=4))
def test_it_keeps_until_it_is_to_be_looked_at_again(
    some: list[LateOption], what: list[Stake], worth: Losses, at: int, later: list[int]
) -> None:
    """Law 3: the same offers, losses and reasons at every instant before `review_at`."""
    found = weigh(some, what, worth, at)
    assert found.review_us > at
    for then in {at + 1, found.review_us - 1, *later}:
        if at <= then < min(found.review_us, NEVER - 1):
            assert weigh(some, what, worth, then) == found


@given(options, stakes, losses, instants, st.randoms(use_true_random=False))
def test_the_ranking_is_one(some: list[LateOption], what: list[Stake], worth: Losses, at: int, random: Any) -> None:
    """Whatever the order of the options: less loss first; each is offered, asked for, or refused with a reason."""
    found = weigh(some, what, worth, at)
    mixed = random.sample(some, len(some))
    again = weigh(mixed, what, worth, at)
    assert (again.offers, again.beyond, set(again.refused)) == (found.offers, found.beyond, set(found.refused))
    for ranked in (found.offers, found.beyond):
        assert [w.loss for w in ranked] == sorted(w.loss for w in ranked)
    named = [w.option.name for w in (*found.offers, *found.beyond)] + [option.name for option, _ in found.refused]
    assert sorted(named) == sorted(option.name for option in some)
    assert all(why for _, why in found.refused)


@given(options, stakes, losses, instants)
def test_what_is_offered_may_be_offered_and_chosen(
    some: list[LateOption], what: list[Stake], worth: Losses, at: int
) -> None:
    """Within the authority, in time to agree; every chance is a share; what costs more is somebody else's."""
    found = weigh(some, what, worth, at)
    for weighed in (*found.offers, *found.beyond):
        assert at <= weighed.choose_by_us
        assert 0 <= weighed.late <= 1
        assert all(0 <= chance <= 1 for _, chance in weighed.keeps)
        assert weighed.loss >= weighed.option.cost
    assert {w.authority for w in found.offers} <= {"agent"}
    assert {w.authority for w in found.beyond} <= {"lead", ""}


@given(laws, stakes, st.integers(1, 100))
def test_a_loss_is_what_is_missed(law: Arriving, what: list[Stake], per: int) -> None:
    """Without a cost or minutes, the loss is the weight of the stakes times how likely each is missed."""
    found = weigh([LateOption("wait", "wait", arriving=law)], what, Losses(per_weight=per), START)
    (weighed,) = found.offers
    weights = sorted((s.weight for s in what if s.at_us > START), reverse=True)
    missed = sum(weight * (1 - chance) for weight, (_, chance) in zip(weights, weighed.keeps, strict=True))
    assert weighed.loss == pytest.approx(per * missed)


@given(options, instants)
def test_options_rebuild_from_their_repr(some: list[LateOption], at: int) -> None:
    """What is handed in can be written down."""
    assert [eval(repr(option)) for option in some] == some
