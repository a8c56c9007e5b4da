"""One stretch of time, half-open: from the instant it opens, before the instant it closes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import attrs

from carepolicy._instant import ALWAYS, FIRST, LAST, MINUTE, NEVER, SECOND, iso, maybe_moment, to_micros
from carepolicy.errors import InvalidWindowError

if TYPE_CHECKING:
    from datetime import datetime

    import pendulum


@attrs.frozen(init=False, repr=False, order=False)
class Window:
    """The time from `opens` on, before `closes`; None leaves a side unbounded.

    Only `&` makes an empty window: it is a finding ("the survey expires before the repair is done"), not an error.

    Args:
        opens: The first instant inside: any aware datetime, or ISO 8601 text with an offset.
        closes: The first instant outside again, of the same kinds.

    Raises:
        InvalidTimeError: If a bound is naive, no time at all, or outside the years 1 to 9999.
        InvalidWindowError: If the window would close before or when it opens.

    >>> morning = Window(opens="2026-03-02T03:00Z", closes="2026-03-02T09:00Z")
    >>> "2026-03-02T03:00Z" in morning, "2026-03-02T09:00Z" in morning
    (True, False)
    >>> morning & Window(opens="2026-03-02T10:00+01:00")
    Window(opens='2026-03-02T09:00Z') & Window(closes='2026-03-02T09:00Z')
    """

    opens_us: int
    closes_us: int

    def __init__(self, opens: datetime | str | None = None, closes: datetime | str | None = None) -> None:
        opens_us = ALWAYS if opens is None else to_micros(opens, "opens")
        closes_us = NEVER if closes is None else to_micros(closes, "closes")
        if opens_us >= closes_us:
            raise InvalidWindowError(
                f"closes is not after opens: opens={_text(opens_us)}, closes={_text(closes_us)}; "
                "swap them, or leave one out for no bound"
            )
        self.__attrs_init__(opens_us, closes_us)

    @classmethod
    def always(cls) -> Window:
        """The window without bounds, which changes nothing under `&`."""
        return cls._of(ALWAYS, NEVER)

    @classmethod
    def between(cls, opens: datetime | str, closes: datetime | str) -> Window:
        """The window with both bounds.

        Raises:
            InvalidTimeError: If a bound is naive, no time at all, or outside the years 1 to 9999.
            InvalidWindowError: If the window would close before or when it opens.
        """
        return cls(opens, closes)

    @classmethod
    def _of(cls, opens_us: int, closes_us: int) -> Window:
        """The window of two internal instants, unchecked: it may be empty."""
        window = object.__new__(cls)
        window.__attrs_init__(opens_us, closes_us)
        return window

    @property
    def opens(self) -> pendulum.DateTime | None:
        """The first instant inside, in UTC; None if it was always open."""
        return maybe_moment(self.opens_us)

    @property
    def closes(self) -> pendulum.DateTime | None:
        """The first instant outside again, in UTC; None if it never closes."""
        return maybe_moment(self.closes_us)

    @property
    def is_empty(self) -> bool:
        """Whether no instant is inside."""
        return self.opens_us >= self.closes_us

    def __contains__(self, at: datetime | str) -> bool:
        return self.opens_us <= to_micros(at) < self.closes_us

    def __and__(self, other: Window) -> Window:
        """The time inside both: the latest opening, the earliest closing; possibly empty."""
        if not isinstance(other, Window):
            return NotImplemented
        return Window._of(max(self.opens_us, other.opens_us), min(self.closes_us, other.closes_us))

    def __or__(self, other: object) -> NoReturn:
        raise TypeError("a union of two windows is not one window; keep both in a list, or use Calendar.only(a, b)")

    def __bool__(self) -> NoReturn:
        raise TypeError("a window is neither true nor false; ask window.is_empty, or `at in window`")

    def __repr__(self) -> str:
        opens, closes = self.opens_us, self.closes_us
        if not (_sayable(opens, ALWAYS) and _sayable(closes, NEVER)):
            return f"Window._of({opens}, {closes})"
        if opens >= closes:
            return f"Window(opens='{_text(opens)}') & Window(closes='{_text(closes)}')"
        if opens == ALWAYS:
            return "Window.always()" if closes == NEVER else f"Window(closes='{_text(closes)}')"
        return f"Window(opens='{_text(opens)}')" if closes == NEVER else _both(opens, closes)


def _both(opens: int, closes: int) -> str:
    return f"Window.between('{_text(opens)}', '{_text(closes)}')"


def _sayable(micros: int, unbounded: int) -> bool:
    """Whether a bound can be written: a year from 1 to 9999, or no bound on its own side."""
    return micros == unbounded or FIRST <= micros <= LAST


def _text(micros: int) -> str:
    """ISO 8601 in UTC, to the minute where it is whole: 2026-03-02T09:00Z."""
    text = iso(micros).replace("+00:00", "Z")
    return f"{text[:-4]}Z" if micros % MINUTE == 0 and micros % SECOND == 0 else text
