"""Windows: the laws of `&`, drawn from few instants so that bounds touch often."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from carepolicy._instant import ALWAYS, NEVER, to_moment
from carepolicy.window import Window

HOUR = 3_600_000_000
instants = st.integers(-3, 12).map(lambda n: n * HOUR)
windows = st.builds(Window._of, instants | st.just(ALWAYS), instants | st.just(NEVER))


@given(windows, windows, instants)
def test_and_means_and(a: Window, b: Window, t: int) -> None:
    """An instant is inside both exactly when it is inside each."""
    at = to_moment(t)
    assert (at in (a & b)) == (at in a and at in b)


@given(windows, windows, windows)
def test_grouping_order_and_repetition_make_no_difference(a: Window, b: Window, c: Window) -> None:
    """Associative, commutative, idempotent, with always as the identity."""
    assert (a & b) & c == a & (b & c)
    assert a & b == b & a
    assert a & a == a == a & Window.always()


@given(windows, instants)
def test_empty_means_that_nothing_is_inside(a: Window, t: int) -> None:
    """And once empty, `&` keeps it so."""
    assert not (a.is_empty and to_moment(t) in a)
    assert (a & Window(opens=to_moment(t))).is_empty or not a.is_empty


@given(windows | st.builds(Window._of, st.integers(ALWAYS, NEVER), st.integers(ALWAYS, NEVER)))
def test_round_trips(a: Window) -> None:
    """repr and pickle give an equal window, with the same hash."""
    for copy in (eval(repr(a), {"Window": Window}), pickle.loads(pickle.dumps(a))):
        assert copy == a
        assert hash(copy) == hash(a)
