"""Values that hold arrays stay as they are: nobody can change them, nor a copy of them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
import numpy as np
import pytest

from carepolicy.arrival import (
    Completion,
    ConformalWindow,
    DurationLaw,
    Empirical,
    OpenCases,
    Remaining,
    RollingCalibrator,
    Route,
    RouteLaws,
    Stage,
    Stated,
    Stop,
    pool_windows,
)

VALUES: dict[str, Any] = {
    "cases": Empirical([3, 1, 2]),
    "steps": Remaining.fit([2, 3, 4], [True, False, True]).given(1),
    "durations": DurationLaw.fit([3, 1, 2], by={"zone": ["N", "S", "N"]}),
    "corrections": ConformalWindow.fit([1, 1], [2, 2], [2, 3]),
    "remaining": Remaining.fit([2, 3, 4], [True, False, True]),
    "open cases": OpenCases.fit(np.arange(1.0, 99), np.ones(98, dtype=bool)),
    "calibrator": RollingCalibrator().update(np.arange(300.0), np.arange(300.0) + 9, 5, 10, at=500),
    "pool": pool_windows([list(range(30)), list(range(60))], 0.8, floor=0.5),
    "routes": RouteLaws.fit([1, 1], [0, 60], [5, 75], [40, 90], [50, 104]),
    "simulated": Route([Stop(Stated(10, 20, 60))]).simulate(9),
    "outlook": Completion([Stage("work", [3, 5])]).simulate("2026-03-02T09:00Z", draws=100),
}
COPIES: dict[str, Callable[[Any], Any]] = {
    "itself": lambda value: value,
    "from its pickle": lambda value: pickle.loads(pickle.dumps(value)),
    "a copy": copy.copy,
    "a deep copy": copy.deepcopy,
}


def arrays_in(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from arrays_in(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from arrays_in(tuple(value.values()))
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from arrays_in(each)


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_arrays_inside_cannot_be_changed(value: Any, copied: Callable[[Any], Any]) -> None:
    """Whoever sends a law to another process gets one that is as fixed as the one that was sent."""
    found = list(arrays_in(copied(value)))
    assert found
    assert not [array for array in found if array.flags.writeable]
