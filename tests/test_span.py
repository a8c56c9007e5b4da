"""Spans: lengths of time that keep their unit."""

from __future__ import annotations

import pickle
from typing import Any

import pendulum
import pytest

from carepolicy.errors import InvalidSpanError
from carepolicy.span import Span, days, elapsed, working, working_days


class TestUnits:
    """Equal means the same unit and the same amount."""

    def test_different_units_are_different(self) -> None:
        assert pendulum.duration(days=1) == pendulum.duration(hours=24)  # what we do not do
        assert len({days(1), elapsed(hours=24), working_days(1), working(hours=24)}) == 4
        assert elapsed(days=1) == elapsed(hours=24)

    @pytest.mark.parametrize(
        ("span", "code", "words"),
        [
            (days(3), "days(3)", "3 days"),
            (-days(1), "days(-1)", "-1 day"),
            (working_days(10), "working_days(10)", "10 working days"),
            (working(hours=4), "working(hours=4)", "4 working hours"),
            (working(hours=1, minutes=30), "working(hours=1, minutes=30)", "90 working minutes"),
            (
                elapsed(seconds=-1, microseconds=-1),
                "elapsed(seconds=-1, microseconds=-1)",
                "-1000001 elapsed microseconds",
            ),
            (elapsed(), "elapsed(hours=0)", "0 elapsed hours"),
            (2 * elapsed(minutes=30), "elapsed(hours=1)", "1 elapsed hour"),
        ],
    )
    def test_code_and_words(self, span: Span, code: str, words: str) -> None:
        assert (repr(span), str(span)) == (code, words)
        assert eval(code) == span
        assert Span.parse(words) == span
        assert pickle.loads(pickle.dumps(span)) == span


class TestParsing:
    """Words that do not say which hours are refused."""

    def test_reads_loosely(self) -> None:
        assert Span.parse(" 2  WORKING Hours ") == working(hours=2)
        assert Span.parse("2 elapsed days") == elapsed(days=2)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("4 hours", "span does not say which hours: '4 hours'; write '4 elapsed hours' or '4 working hours'"),
            ("soon", "span cannot be read: 'soon'"),
            ("1.5 days", "span cannot be read"),
            (7, "span cannot be read: 7"),
        ],
    )
    def test_refuses(self, text: Any, problem: str) -> None:
        with pytest.raises(InvalidSpanError, match=problem):
            Span.parse(text)


class TestRefusals:
    """What is no whole number of a known unit."""

    def test_at_construction(self) -> None:
        with pytest.raises(InvalidSpanError, match="unit is not known: 'weeks'"):
            Span("weeks", 1)
        for amount in (1.5, True, "1"):
            with pytest.raises(InvalidSpanError, match="amount of a span must be a whole number"):
                days(amount)  # type: ignore[arg-type]
            with pytest.raises(InvalidSpanError, match="hours must be a whole number"):
                working(hours=amount)  # type: ignore[arg-type]
        with pytest.raises(InvalidSpanError, match="longer than four million days"):
            days(4_000_001)
        with pytest.raises(InvalidSpanError, match="longer than four million days"):
            elapsed(days=-4_000_001)

    def test_truth(self) -> None:
        with pytest.raises(TypeError, match="neither true nor false"):
            bool(days(0))
