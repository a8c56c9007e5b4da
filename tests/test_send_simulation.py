"""A year of surveys under two workers, retries and a shuffled log breaks no cap, no rest and no quiet hour."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.send_simulation import simulate


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_no_rule_is_ever_broken(seed: int) -> None:
    """Counted one by one, whatever the order, the doubles, the races and the retries."""
    sent, broken = simulate(4, seed)
    assert broken == []
    assert len({(message.customer, message.at, message.cases) for message in sent}) == len(sent)


def test_is_no_idle_year() -> None:
    """Most customers are asked, some of them several times."""
    sent, _ = simulate(40, 1)
    assert len({message.customer for message in sent}) > 30
    assert len(sent) > 60


def test_it_can_fail() -> None:
    """Without the reservation two workers send twice, and that is seen."""
    _, broken = simulate(40, 1, reserve=False)
    assert {"rest of the account", "rest of the person"} <= set(broken)
