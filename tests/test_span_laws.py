"""Spans: the laws of their words and of their arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import span as module
from carepolicy.span import Span

units = st.sampled_from(["days", "working days", "elapsed", "working"])
spans = st.builds(Span, units, st.integers(-4_000_000, 4_000_000))


@given(spans)
def test_words_and_code_read_back(span: Span) -> None:
    """`parse(str(x)) == x` and `eval(repr(x)) == x`."""
    assert Span.parse(str(span)) == span
    assert eval(repr(span), vars(module)) == span


@given(spans, spans)
def test_equal_means_the_same_unit_and_amount(a: Span, b: Span) -> None:
    """And then the same hash and the same words."""
    assert (a == b) == ((a.unit, a.amount) == (b.unit, b.amount)) == (str(a) == str(b))
    assert a != b or hash(a) == hash(b)


@given(spans, st.sampled_from([0, 1]))
def test_negation_and_multiples(span: Span, times: int) -> None:
    """Minus twice is the same; times nothing is nothing of the same unit."""
    minus = -span
    assert -minus == span
    assert (span * times).amount == (times * span).amount == span.amount * times
