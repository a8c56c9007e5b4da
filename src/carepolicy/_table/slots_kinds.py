"""Which slot serves which kind of fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from carepolicy._table.slots import Earliest, Kin, Latest, Ranked, Slot
from carepolicy._table.slots_log import Ahead, Stepped, Stretches
from carepolicy._table.slots_newest import LatestDue, Open
from carepolicy.facts import Fact
from carepolicy.folds import AT, First, KthLatest, Last
from carepolicy.threads import EarliestOpen, Intervals, LastWhile

_ALONE: dict[type, Callable[[Any], Slot]] = {
    Last: lambda fact: Latest(fact) if fact.gives == AT else LatestDue(fact),
    First: Earliest,
    KthLatest: Ranked,
}
_WITH_KIN: dict[type, Callable[[Any, Kin], Slot]] = {EarliestOpen: Open, LastWhile: Ahead, Intervals: Stretches}


def slot_of(fact: Fact, kin: Kin) -> Slot:
    """An empty slot of a fact; one that nobody here knows, a subclass included, goes through its own methods."""
    if type(fact) in _ALONE:
        return _ALONE[type(fact)](fact)
    return _WITH_KIN.get(type(fact), Stepped)(fact, kin)
