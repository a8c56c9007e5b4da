"""What always holds of laws of duration."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from carepolicy.arrival.duration import DurationLaw
from carepolicy.arrival.interval import Interval
from carepolicy.arrival.tails import fewest

ZONES = ["N", "S", None]
jobs = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(ZONES), st.sampled_from(["a", "b"])), max_size=80)
FALLBACK = [("zone", "kind"), ("zone",), ("kind",)]
confidences = st.floats(0.1, 0.99)
shapes = st.sampled_from(["narrowest", "equal", "by"])


def columns(rows: list[tuple[int, str | None, str]]) -> dict[str, Any]:
    return {
        "minutes": [row[0] for row in rows],
        "by": {"zone": [row[1] for row in rows], "kind": [row[2] for row in rows]},
    }


def fitted(rows: list[tuple[int, str | None, str]], rest: bool = False) -> DurationLaw:
    return DurationLaw.fit(**columns(rows), fallback=FALLBACK, at_least=10, rest=rest)


@given(jobs, st.lists(st.integers(0, 80), max_size=5))
def test_a_fit_then_updated_equals_a_fit_of_all(rows: list[Any], cuts: list[int]) -> None:
    """However the cases are split, the law is the same, and so is what it says."""
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    law = fitted([], rest=True)
    for first, last in pairwise(edges):
        law = law.update(**columns(rows[first:last]))
    whole = fitted(rows, rest=True)
    assert law == whole
    asked = {"zone": ZONES, "kind": ["a", "b", "a"]}
    assert np.array_equal(law.windows(asked), whole.windows(asked))


@given(jobs, st.randoms(use_true_random=False))
def test_order_does_not_matter(rows: list[Any], random: Any) -> None:
    """Cases in another order are the same law."""
    other = list(rows)
    random.shuffle(other)
    assert fitted(rows) == fitted(other)


@given(jobs)
def test_json_gives_the_same_law_back(rows: list[Any]) -> None:
    """Written and read again, the law is the same."""
    law = fitted(rows)
    assert DurationLaw.from_json(law.to_json()) == law


@given(jobs, confidences, confidences, shapes, st.sampled_from(ZONES), st.sampled_from(["a", "b"]))
def test_windows_nest_in_confidence(rows: list[Any], one: float, two: float, shape: Any, zone: Any, kind: str) -> None:
    """Who asks for more gets a window around the one of who asks for less, whichever group answers, or no promise."""
    for rest in (False, True):
        law, asked = fitted(rows, rest), {"zone": zone, "kind": kind}
        less, more = (law.window(share, asked, shape) for share in sorted((one, two)))
        if isinstance(more, Interval):
            assert isinstance(less, Interval)
            assert more.low <= less.low
            assert less.high <= more.high


@given(jobs, st.lists(st.tuples(st.sampled_from([*ZONES, "new"]), st.sampled_from(["a", "b"])), max_size=9), shapes)
def test_many_jobs_are_answered_as_each_alone(rows: list[Any], asked: list[Any], shape: Any) -> None:
    """The table form says for every row what the one-job form says."""
    law = fitted(rows)
    low, high = law.windows({"zone": [row[0] for row in asked], "kind": [row[1] for row in asked]}, 0.9, shape)
    for row, (zone, kind) in enumerate(asked):
        alone = law.window(0.9, {"zone": zone, "kind": kind}, shape)
        ends = (alone.low, alone.high) if isinstance(alone, Interval) else (-math.inf, math.inf)
        assert (low[row], high[row]) == ends


@given(jobs, confidences, shapes, st.booleans())
@example([(1, "N", "a")] * 40 + [(2, None, None)] * 12, 0.95, "equal", True)  # twelve do not stand for all
def test_what_everybody_can_carry_is_promised_to_anybody(rows: list[Any], share: float, shape: Any, rest: bool) -> None:
    """No group stands between a job and the law of all jobs, however its own and those beside it are cut."""
    law = fitted(rows, rest)
    carried = len(rows) >= fewest(share, shape)
    for zone, kind in (("N", "a"), ("S", "b"), (None, "a"), ("unknown", "unknown")):
        found = law.window(share, {"zone": zone, "kind": kind}, shape)
        assert isinstance(found, Interval) == carried
