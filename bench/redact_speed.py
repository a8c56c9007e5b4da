"""How fast long text is redacted, beside one naive pass for each pattern; exits 1 where a goal is missed.

    python bench/redact_speed.py

Process time, the best of five. Presidio is measured too where it is installed with a model of spaCy.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable

from carepolicy.redact import redacted_text

GOAL = 5.0  # million characters a second
PROSE = (
    "The customer called again on Mon 22 Jan 2018 at 17:00 and said that the dealer had given the car back unfit to"
    " drive; the body shop returned it, and nobody could say when the part for the sensor would come. She asked for a"
    " rental car for the weekend, as her daughter has to be at the airport by 6:15 on Saturday, and for one person who"
    " has the case until it is over. The adjuster (case 4711-2) has not looked yet. "
)
PRIVATE = (
    "Her card 4111 1111 1111 1111 was charged 1,250.00 twice. ",
    "Write to ada.byron@example.org, please. ",
    "Call +1 415 555 2671 after five. ",
    "Pay it to DE89 3704 0044 0532 0130 00. ",
)
NAIVE = (
    (r"\b(?:\d[ -]?){12,18}\d\b", "[card]"),
    (r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b", "[iban]"),
    (r"[\w.+-]+@[\w-]+\.[\w.-]+", "[e-mail]"),
    (r"\+?\d[\d ()./-]{6,}\d", "[phone]"),
    (r"\b\d{3}-\d{2}-\d{4}\b", "[id]"),
    (r"\b[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]\b", "[id]"),
)


def corpus(every: int) -> str:
    """About two million characters of notes, one private value in so many paragraphs of 430 characters."""
    return "".join(PROSE + (PRIVATE[i // every % 4] if i % every == 0 else "") for i in range(4600))


def naive(text: str) -> str:
    """One pass over the text for each pattern, without a check digit."""
    for pattern, token in NAIVE:
        text = re.sub(pattern, token, text)
    return text


def speed(redact: Callable[[str], object], text: str) -> float:
    """Million characters a second, the best of five."""
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        redact(text)
        best = min(best, time.process_time() - began)
    return len(text) / best / 1e6


def main() -> int:
    """Measure, print and judge."""
    missed = 0
    for every in (1, 4, 20):
        text = corpus(every)
        ours, theirs = speed(redacted_text, text), speed(naive, text)
        missed += ours < GOAL
        print(f"a value in {every * 430:>5} characters: ours {ours:5.1f}, naive {theirs:5.1f} million characters/s")
    try:
        from presidio_analyzer import AnalyzerEngine

        engine = AnalyzerEngine()
    except (ImportError, OSError, SystemExit) as error:
        print(f"presidio is not measured: {type(error).__name__}")
    else:
        print(f"presidio: {speed(lambda t: engine.analyze(t, 'en'), corpus(1)[:20_000]):.3f} million characters/s")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
