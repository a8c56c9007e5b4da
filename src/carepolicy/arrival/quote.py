"""What a customer is told of an arrival: a window that is promised, or a word that it may not hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, MINUTE, NEVER, iso, to_micros
from carepolicy.arrival._clock import day_and_hour
from carepolicy.arrival._numbers import is_number, is_whole, plain
from carepolicy.arrival.interval import share
from carepolicy.errors import InvalidPolicyError
from carepolicy.window import Window

ARRIVAL, START, COMPLETION = "arrival", "start", "completion"
ABOUT: Mapping[str, str] = {ARRIVAL: "be with you", START: "begin the work", COMPLETION: "have finished the work"}
"""The three events that a promise may be about, as a customer is told: they are three and not one."""
QUOTE, WARNING, ALL_CLEAR = "quote", "warning", "all_clear"


def instant(value: datetime | str | int, name: str = "at") -> int:
    """UTC microseconds as they are, or of any aware time.

    Raises:
        InvalidTimeError: If it has no zone.
    """
    return value if isinstance(value, int) else to_micros(value, name)


def _made(value: datetime | str | int) -> int:
    return instant(value, "made_at")


def _sent(value: datetime | str | int) -> int:
    return instant(value, "sent_at")


def _count(instance: object, attribute: attrs.Attribute[Any], value: int) -> None:
    if not is_whole(value, 0):
        raise InvalidPolicyError(f"{attribute.name} must be a whole number from 0, got {value!r}")


def _ends(instance: object, attribute: attrs.Attribute[Any], value: Window | None) -> None:
    if value is None and attribute.default is None:
        return
    if not isinstance(value, Window) or value.is_empty or value.closes_us >= NEVER:
        raise InvalidPolicyError(
            f"window is none that ends: {value!r}; promise one with an end, or say by when the next word comes"
        )


def between_words(window: Window, zone: str) -> str:
    """A window as a customer reads it, to the minute and never narrower than it is; the date is said once.

    >>> between_words(Window.between("2026-03-02T09:00Z", "2026-03-02T11:30Z"), "Europe/Paris")
    'between Mon 2 Mar 2026 10:00 and 12:30'
    """
    last, end = day_and_hour(-(-last_of(window) // MINUTE) * MINUTE, zone)
    if window.opens_us <= ALWAYS:
        return f"by {last} {end}"
    first, start = day_and_hour(window.opens_us // MINUTE * MINUTE, zone)
    if (first, start) == (last, end):
        return f"at {first} {start}"
    return f"between {first} {start} and {end if first == last else f'{last} {end}'}"


def last_of(window: Window) -> int:
    """The last instant inside, in UTC microseconds."""
    return window.closes_us - 1


@attrs.frozen(repr=False)
class Quote:
    """One version of a promise: from when until when, how sure, when it was said, and why then.

    Args:
        window: From the first instant inside to the one before it closes, as `Interval.after` makes it. Where it has
            no beginning it says "by".
        confidence: The share of such promises that are kept, if the law holds.
        made_at: When it was said: any aware time.
        reason: Why it was said then, in one sentence.
        why: What it rests on: the version of the law, its group, how many cases.
        messages: How many messages it took; 0 where it was shown and not sent.

    Raises:
        InvalidTimeError: If `made_at` has no zone.
        InvalidPolicyError: If the window has no end, the confidence is no share, or it was said when it had passed.
    """

    window: Window = field(validator=_ends)
    confidence: float = field(converter=plain, validator=share(), kw_only=True)
    made_us: int = field(alias="made_at", converter=_made, kw_only=True)
    reason: str = field(default="", kw_only=True)
    why: str = field(default="", kw_only=True)
    messages: int = field(default=1, validator=_count, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.made_us >= self.window.closes_us:
            raise InvalidPolicyError(
                f"window has passed when it is said: made_at={iso(self.made_us)}, {self.window!r}; quote a later one"
            )

    @classmethod
    def between(cls, low: datetime | str, high: datetime | str, **fields: Any) -> Quote:
        """The quote of a window with both its ends inside: "8 to 12" is kept at twelve sharp.

        Raises:
            InvalidTimeError: If an end has no zone.
            InvalidPolicyError: If they are reversed, or a field is refused.
        """
        window = Window._of(to_micros(low, "low"), to_micros(high, "high") + 1)  # noqa: SLF001  (both ends inside)
        if window.is_empty:
            raise InvalidPolicyError(f"low is not before high: low={low}, high={high}; swap them")
        return cls(window, **fields)

    @property
    def kind(self) -> str:
        """What was said: "quote"."""
        return QUOTE

    @property
    def said_us(self) -> int:
        """When it was said, in UTC microseconds."""
        return self.made_us

    @property
    def last_us(self) -> int:
        """The last instant at which it is kept, in UTC microseconds."""
        return last_of(self.window)

    @property
    def width(self) -> float:
        """From the first to the last instant inside, in minutes; infinite for "by"."""
        opens = self.window.opens_us
        return float("inf") if opens <= ALWAYS else (self.last_us - opens) / MINUTE

    def at(self, at_us: int) -> Quote:
        """The same as it goes out at an instant: never from before it.

        Raises:
            InvalidPolicyError: If the window has passed by then.
        """
        opens = self.window.opens_us
        cut = opens if opens <= ALWAYS else max(opens, min(at_us, self.last_us))
        window = Window._of(cut, self.window.closes_us)  # noqa: SLF001  (cut at an instant inside)
        return attrs.evolve(self, window=window, made_at=at_us)

    def __repr__(self) -> str:
        texts = "".join(f", {name}={text!r}" for name in ("reason", "why") if (text := getattr(self, name)))
        count = f", messages={self.messages}" if self.messages != 1 else ""
        made = iso(self.made_us)
        return f"Quote({self.window!r}, confidence={self.confidence!r}, made_at={made!r}{texts}{count})"


@attrs.frozen(repr=False)
class Notice:
    """A word beside the versions: that we may be late, or that we will not be after all.

    Args:
        kind: "warning" or "all_clear".
        sent_at: When it was sent: any aware time.
        chance: How likely it was then to be late, from 0 to 1.
        window: When it is expected now; None where that is not known. It is no promise.
        reason: Why it was sent, in one sentence.
        messages: How many messages it took.

    Raises:
        InvalidTimeError: If `sent_at` has no zone.
        InvalidPolicyError: If the kind is not known, the chance none, or the window has no end.
    """

    kind: str
    sent_us: int = field(alias="sent_at", converter=_sent, kw_only=True)
    chance: float = field(converter=plain, kw_only=True)
    window: Window | None = field(default=None, validator=_ends, kw_only=True)
    reason: str = field(default="", kw_only=True)
    messages: int = field(default=1, validator=_count, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.kind not in (WARNING, ALL_CLEAR):
            raise InvalidPolicyError(f"kind is not known: {self.kind!r}; use {WARNING!r} or {ALL_CLEAR!r}")
        if not is_number(self.chance) or not 0 <= self.chance <= 1:
            raise InvalidPolicyError(f"chance must be from 0 to 1, got {self.chance!r}; write 0.5 for 50 %")

    @property
    def said_us(self) -> int:
        """When it was said, in UTC microseconds."""
        return self.sent_us

    def at(self, at_us: int) -> Notice:
        """The same as it goes out at an instant."""
        return attrs.evolve(self, sent_at=at_us)

    def __repr__(self) -> str:
        window = f", window={self.window!r}" if self.window is not None else ""
        reason = f", reason={self.reason!r}" if self.reason else ""
        count = f", messages={self.messages}" if self.messages != 1 else ""
        return f"Notice({self.kind!r}, sent_at={iso(self.sent_us)!r}, chance={self.chance!r}{window}{reason}{count})"
