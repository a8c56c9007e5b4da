"""What became of a promise of arrival: the first and the last version, held against what happened."""

from __future__ import annotations

from datetime import datetime

import attrs

from carepolicy._instant import MINUTE
from carepolicy.arrival.promised import ArrivalPromise
from carepolicy.arrival.quote import WARNING, Notice, Quote, instant

KEPT, EARLY, LATE = "kept", "early", "late"


@attrs.frozen
class QuoteScore:
    """One version, held against what happened; all lengths in minutes.

    Args:
        verdict: "kept", "early" or "late"; early is a miss too.
        missed_by: How far outside it was; 0 where it was kept.
        width: How wide it was; infinite for "by".
        interval_score: The width, and for a miss how far outside, 2 / (1 - confidence) times. Less is better.
        notice: How long before it happened this was said; negative where it was said afterwards.
    """

    verdict: str
    missed_by: float
    width: float
    interval_score: float
    notice: float


@attrs.frozen
class PromiseScore:
    """A promise, held against what happened.

    Args:
        first, last: Its first and its last version; the same one where it was never quoted again.
        versions: How many there were.
        messages: How many messages the customer had.
        warned: How long before it happened the warning was sent that stood at the end, in minutes; None for none.
        wrong_notices: How many warnings of a version that was kept after all, and all-clears of one that was not.
    """

    first: QuoteScore
    last: QuoteScore
    versions: int
    messages: int
    warned: float | None
    wrong_notices: int


def score_quote(quote: Quote, actual: datetime | str | int) -> QuoteScore:
    """One version, held against what happened.

    Args:
        quote: The version.
        actual: When it happened: any aware time.

    Raises:
        InvalidTimeError: If `actual` has no zone.

    Source: the interval score of Gneiting and Raftery, Strictly Proper Scoring Rules (2007), section 6.2.

    >>> quote = Quote.between("2026-03-02T09:00Z", "2026-03-02T10:00Z", confidence=0.9, made_at="2026-03-01T15:00Z")
    >>> late = score_quote(quote, "2026-03-02T10:12Z")
    >>> late.verdict, late.missed_by, round(late.interval_score)
    ('late', 12.0, 300)
    """
    at = instant(actual, "actual")
    early, late = max(0, quote.window.opens_us - at), max(0, at - quote.last_us)
    missed = (early + late) / MINUTE
    return QuoteScore(
        EARLY if early else LATE if late else KEPT,
        missed,
        quote.width,
        quote.width + 2 / (1 - quote.confidence) * missed,
        (at - quote.made_us) / MINUTE,
    )


def score_promise(promise: ArrivalPromise, actual: datetime | str | int) -> PromiseScore:
    """The first and the last version of a promise, held against what happened, and what it took.

    Args:
        promise: With all that was said.
        actual: When it happened: any aware time. What was said after it scores nothing.

    Raises:
        InvalidTimeError: If `actual` has no zone.
    """
    at = instant(actual, "actual")
    said = [promise.said[0], *(word for word in promise.said[1:] if word.said_us <= at)]
    quotes = [word for word in said if isinstance(word, Quote)]
    standing, wrong = quotes[0], 0
    warned: Notice | None = None
    for word in said:
        if isinstance(word, Quote):
            standing, warned = word, None
        elif word.kind == WARNING:
            warned = word
            wrong += at <= standing.last_us
        else:
            warned = None
            wrong += at > standing.last_us
    return PromiseScore(
        score_quote(quotes[0], at),
        score_quote(quotes[-1], at),
        len(quotes),
        sum(word.messages for word in promise.said),
        None if warned is None else (at - warned.sent_us) / MINUTE,
        wrong,
    )
