"""Windows: one half-open stretch of time."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import pendulum
import pytest

from carepolicy._instant import ALWAYS, NEVER
from carepolicy.errors import InvalidTimeError, InvalidWindowError
from carepolicy.window import Window

A, B, C = "2026-03-02T03:00Z", "2026-03-02T09:00Z", "2026-03-02T12:00:00.000001Z"
morning = Window.between(A, B)


class TestBounds:
    """Any aware time goes in, UTC comes out, None is no bound."""

    def test_are_pendulum_in_utc(self) -> None:
        assert morning.opens == pendulum.datetime(2026, 3, 2, 3)
        assert Window(opens=datetime(2026, 3, 2, 3, tzinfo=UTC), closes=B) == morning
        assert Window(opens=A).closes is None
        assert Window(closes=A).opens is None
        assert Window() == Window.always()

    def test_reversed_or_equal_ones_are_refused(self) -> None:
        with pytest.raises(
            InvalidWindowError, match=r"closes is not after opens: opens=2026-03-02T09:00Z, .*swap them"
        ):
            Window(opens=B, closes=A)
        with pytest.raises(InvalidWindowError):
            Window.between(A, A)

    def test_naive_ones_are_refused_by_name(self) -> None:
        with pytest.raises(InvalidTimeError, match="closes has no time zone"):
            Window(opens=A, closes="2026-03-02T09:00")


class TestMembership:
    """The opening is inside, the closing is not."""

    def test_is_half_open(self) -> None:
        assert A in morning
        assert B not in morning
        assert "1999-01-01T00:00Z" in Window.always()
        assert "1999-01-01T00:00Z" not in Window(opens=A)


class TestOperators:
    """`&` is the latest opening and the earliest closing; there is no `|`, and no truth."""

    def test_and(self) -> None:
        assert morning & Window(opens="2026-03-02T05:00Z") == Window.between("2026-03-02T05:00Z", B)
        empty = morning & Window(opens=C)
        assert empty.is_empty
        assert not morning.is_empty
        assert C not in empty
        with pytest.raises(TypeError):
            morning & 7  # type: ignore[operator]

    def test_or_is_refused_with_the_reason(self) -> None:
        with pytest.raises(TypeError, match="a union of two windows is not one window"):
            morning | morning

    def test_truth_is_refused(self) -> None:
        with pytest.raises(TypeError, match="a window is neither true nor false"):
            bool(morning)


@pytest.mark.parametrize(
    ("window", "text"),
    [
        (morning, "Window.between('2026-03-02T03:00Z', '2026-03-02T09:00Z')"),
        (Window.always(), "Window.always()"),
        (Window(opens=C), "Window(opens='2026-03-02T12:00:00.000001Z')"),
        (Window(closes="2026-03-02T12:00:30Z"), "Window(closes='2026-03-02T12:00:30Z')"),
        (morning & Window(opens=B), "Window(opens='2026-03-02T09:00Z') & Window(closes='2026-03-02T09:00Z')"),
        (Window._of(NEVER, NEVER), f"Window._of({NEVER}, {NEVER})"),
        (Window._of(0, ALWAYS), f"Window._of(0, {ALWAYS})"),
    ],
)
def test_repr_rebuilds(window: Window, text: str) -> None:
    assert repr(window) == text
    rebuilt: Any = eval(text)
    assert rebuilt == window
    assert hash(rebuilt) == hash(window)
    assert pickle.loads(pickle.dumps(window)) == window
