"""What always holds of kits."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from carepolicy.arrival.kit import Kit, NoKit, kit_for

Jobs = list[dict[str, int]]
parts = st.sampled_from("abcd")
jobs_seen: st.SearchStrategy[Jobs] = st.lists(
    st.dictionaries(parts, st.integers(1, 2), max_size=3), min_size=1, max_size=14
)
loads = st.fixed_dictionaries({part: st.integers(0, 4) for part in "abcd"})
limits = st.integers(0, 14)
confidences = st.floats(0.05, 0.99)


def best(found: Kit | NoKit) -> Kit:
    """The kit, promised or not."""
    return found.best if isinstance(found, NoKit) else found


def brute(jobs: Jobs, wanted: int, load: dict[str, int], limit: float) -> tuple[int, int, int]:
    """Jobs missing, load, and jobs sufficed for (less is more) of the best of all kits, every one of them tried."""
    tried = []
    for counts in product(range(3), repeat=4):
        kit = dict(zip("abcd", counts, strict=True))
        weight = sum(kit[part] * load[part] for part in kit)
        held = sum(all(kit[part] >= n for part, n in job.items()) for job in jobs)
        if weight <= limit:
            tried.append((max(wanted - held, 0), weight, -held))
    return min(tried)


@given(jobs_seen, confidences, loads, limits)
def test_no_kit_is_better(jobs: Jobs, confidence: float, load: dict[str, int], limit: int) -> None:
    """Within the limit none is lighter and suffices as often, and where it lacks none suffices more often."""
    found = best(kit_for(jobs, confidence, load=load, limit=limit))
    wanted, held = math.ceil(confidence * len(jobs) - 1e-9), round(found.chance * len(jobs))
    assert (max(wanted - held, 0), found.load, -held) == brute(jobs, wanted, load, limit)
    assert found.exact


@given(jobs_seen, confidences, loads, limits)
def test_a_kit_is_what_it_says(jobs: Jobs, confidence: float, load: dict[str, int], limit: int) -> None:
    """Its chance is the share of the jobs that it suffices for, its load that of its parts and within the limit."""
    answer = kit_for(jobs, confidence, load=load, limit=limit)
    found = best(answer)
    assert found.load <= limit
    assert found.load == sum(load[part] * n for part, n in found.parts.items())
    assert found.chance == np.mean([found.suffices(job) for job in jobs])
    assert found.expected <= found.chance
    assert isinstance(answer, Kit) == (found.chance >= confidence - 1e-9)


@given(jobs_seen, confidences, loads, limits, limits)
def test_a_greater_limit_never_lowers_the_chance(
    jobs: Jobs, confidence: float, load: dict[str, int], first: int, second: int
) -> None:
    """Until it is as high as asked for: then the kit stays."""
    low, high = (best(kit_for(jobs, confidence, load=load, limit=limit)) for limit in sorted((first, second)))
    assert low.chance <= high.chance


@given(jobs_seen, confidences, confidences, loads)
def test_more_confidence_is_never_a_lighter_kit(jobs: Jobs, first: float, second: float, load: dict[str, int]) -> None:
    """Without a limit, as within it no kit may suffice."""
    low, high = (best(kit_for(jobs, share, load=load)) for share in sorted((first, second)))
    assert low.load <= high.load
    assert low.chance <= high.chance


@given(jobs_seen, confidences, loads, limits)
def test_a_search_given_up_keeps_what_it_says(jobs: Jobs, confidence: float, load: dict[str, int], limit: int) -> None:
    """The greedy kit is within the limit, not lighter than the lightest, and its bound not above that one."""
    greedy, exact = (kit_for(jobs, confidence, load=load, limit=limit, most=most) for most in (0, 20_000))
    assert best(greedy).load <= limit
    assert not best(greedy).exact
    if isinstance(greedy, Kit):
        assert isinstance(exact, Kit)
        assert best(greedy).at_least <= exact.load <= greedy.load
