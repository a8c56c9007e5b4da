"""What a customer is told: what was promised, what is expected now, what they can choose, and when we know more."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from carepolicy._instant import NEVER, in_words, iso, maybe_moment
from carepolicy.arrival.interval import NoPromise
from carepolicy.arrival.options import Choice, Weighed
from carepolicy.arrival.promised import ArrivalPromise, Draft
from carepolicy.arrival.quote import ABOUT, ALL_CLEAR, QUOTE, Quote, between_words, instant
from carepolicy.errors import InvalidPolicyError
from carepolicy.window import Window

if TYPE_CHECKING:
    import pendulum


@attrs.frozen
class Offered:
    """One thing that the customer can choose.

    Args:
        name: What it is, in their words.
        window: When they would have it; None where that is not known.
        choose_by_us: Until when they have to say so, in UTC microseconds; NEVER for no end.
    """

    name: str
    window: Window | None = None
    choose_by_us: int = NEVER

    def text(self, zone: str) -> str:
        """The same in words."""
        when = f", {between_words(self.window, zone)}" if self.window is not None else ""
        by = f" (please say so by {in_words(self.choose_by_us, zone)})" if self.choose_by_us < NEVER else ""
        return f"{self.name}{when}{by}"


@attrs.frozen
class Telling:
    """The facts of one message to a customer; `text` puts them in plain words, and adds nothing.

    Args:
        kind: "quote", "warning" or "all_clear".
        about: "arrival", "start" or "completion".
        promised: What stood before; None for a first quote.
        expected: What is promised now (a quote) or expected now (a notice); None where that is not known.
        cause: Why, in the customer's words; "" leaves it out.
        offers: What they can choose.
        next_word_us: By when they hear again, in UTC microseconds; NEVER where nothing more is to come.
        zone: The customer's.
    """

    kind: str
    about: str
    promised: Window | None
    expected: Window | None
    cause: str = ""
    offers: tuple[Offered, ...] = ()
    next_word_us: int = NEVER
    zone: str = "UTC"

    @property
    def next_word(self) -> pendulum.DateTime | None:
        """By when they hear again, where they are; None where nothing more is to come."""
        return maybe_moment(self.next_word_us, self.zone)

    @property
    def parts(self) -> tuple[str, ...]:
        """The sentences: what was promised, what is so now, why, what to choose, and when we know more."""
        does, zone = ABOUT[self.about], self.zone
        lines = [] if self.promised is None else [f"We promised to {does} {between_words(self.promised, zone)}."]
        if self.kind == ALL_CLEAR:
            lines.append("We expect to keep that after all.")
        elif self.kind != QUOTE:
            lines.append("We may be late.")
        if self.expected is not None:
            now = "now " if lines else ""
            verb = "promise" if self.kind == QUOTE else "expect"
            lines.append(f"We {now}{verb} to {does} {between_words(self.expected, zone)}.")
        elif self.kind != ALL_CLEAR:
            lines.append("We do not know the new time yet.")
        if self.cause:
            lines.append(f"The reason: {self.cause.rstrip('.')}.")
        if self.offers:
            lines.append(f"You can choose: {'; '.join(offer.text(zone) for offer in self.offers)}.")
        if self.next_word_us < NEVER:
            lines.append(f"You will hear from us again by {in_words(self.next_word_us, zone)}.")
        return tuple(lines)

    def text(self) -> str:
        """The sentences in one paragraph."""
        return " ".join(self.parts)


def tell(
    promise: ArrivalPromise,
    draft: Draft,
    *,
    cause: str = "",
    choice: Choice | None = None,
    next_word: datetime | str | None = None,
    confidence: float = 0.9,
    grid: int = 0,
) -> Telling:
    """The facts of a message that goes out.

    Args:
        promise: It is about this one; recorded in it already or not.
        draft: What goes out.
        cause: Why, in the customer's words.
        choice: What can be offered; only what needs nobody else's authority is.
        next_word: By when they hear again.
        confidence: Of the windows of what is offered.
        grid: The minutes of the customer's clock on which these lie; 0 for none.

    Raises:
        InvalidTimeError: If `next_word` has no zone.
        InvalidPolicyError: If no time is known and no next word is promised, or that comes no later than this one.

    >>> quote = Quote.between("2026-03-02T09:00Z", "2026-03-02T11:00Z", confidence=0.9, made_at="2026-03-01T15:00Z")
    >>> promise = ArrivalPromise.first("job 7", quote, zone="Europe/Paris")
    >>> print(tell(promise, promise.draft(quote, number=1)).text())
    We promise to be with you between Mon 2 Mar 2026 10:00 and 12:00.
    """
    says = draft.says
    before = [said for said in promise.said[: draft.number - 1] if isinstance(said, Quote)]
    word_us = NEVER if next_word is None else instant(next_word, "next_word")
    if says.window is None and says.kind != ALL_CLEAR and word_us >= NEVER:
        raise InvalidPolicyError(
            f"next_word is missing: no time is known for {promise.id!r}; say by when the customer hears again"
        )
    if word_us <= says.said_us:
        raise InvalidPolicyError(
            f"next_word is not after the message: next_word={iso(word_us)}, said={iso(says.said_us)}; "
            "promise a later one"
        )
    offers = () if choice is None else tuple(_offered(w, confidence, grid, promise.zone) for w in choice.offers)
    last = before[-1].window if before else None
    return Telling(says.kind, promise.about, last, says.window, cause, offers, word_us, promise.zone)


def _offered(weighed: Weighed, confidence: float, grid: int, zone: str) -> Offered:
    coming = weighed.option.arriving
    window = None if coming is None else coming.window(confidence, coming.since_us, grid=grid, zone=zone)
    return Offered(weighed.option.name, None if isinstance(window, NoPromise) else window, weighed.choose_by_us)
