"""When long work will be done: stages in their own calendars, played through from what is known at an instant."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import field

from carepolicy._instant import ALWAYS
from carepolicy.arrival._numbers import is_whole
from carepolicy.arrival.outlook import Outlook
from carepolicy.arrival.quote import instant
from carepolicy.arrival.stage import Stage
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.span import Span, forward, working_days

if TYPE_CHECKING:
    from datetime import datetime

    from carepolicy.calendar import Calendar


def _stages(given: Any) -> tuple[Stage, ...]:
    stages = (given,) if isinstance(given, Stage) else tuple(given)
    if not stages:
        raise InvalidPolicyError("work has no stages; pass at least one Stage")
    names: list[str] = []
    for at, stage in enumerate(stages):
        if not isinstance(stage, Stage):
            raise InvalidPolicyError(f"stage is none: {stage!r}; use e.g. Stage('parts', law)")
        if stage.name in names:
            raise InvalidPolicyError(f"two stages have one name: {stage.name!r}; give each its own")
        names.append(stage.name)
        if stage.after is None:
            stages = (*stages[:at], attrs.evolve(stage, after=names[-2:-1]), *stages[at + 1 :])
    return stages


@attrs.frozen
class Completion:
    """Long work in stages: which comes after which, whose time each takes, and what is known of it.

    The stages are independent of each other but for their order. Everything must be over for the work to be done.
    A stage that may not be needed, and has not begun when one that follows it has, was not.

    Args:
        stages: In any order; each comes after the one listed before it unless it says otherwise.
        calendar: In whose hours the customer is told, and gets, what is done; that of the last stage when left out.
        heartbeat: How long, in that calendar, until there is another word where no date can be told.

    Raises:
        InvalidPolicyError: If there are no stages, two have one name, they wait for each other in a circle, or the
            heartbeat does not point forward.
        UnknownNameError: If a stage comes after one that is not there.

    >>> from carepolicy import Calendar
    >>> shop = Calendar.weekly("Mon-Fri 08:00-17:00", zone="America/Denver", holidays=["2026-12-25"])
    >>> repair = Completion([
    ...     Stage("parts", [2, 3, 3, 4, 5, 5, 6, 7, 8, 10, 12], "working days", shop),
    ...     Stage("work", [20, 25, 30, 30, 35, 40, 40, 45, 50, 60, 70], "hours", shop),
    ... ])
    >>> outlook = repair.simulate(at="2026-12-07T09:00-07:00")
    >>> outlook.by(0.8)
    Window(closes='2026-12-31T00:00:00.000001Z')
    >>> outlook.by(0.99).reason
    'parts may take longer than was ever seen: in 16% of the draws nobody can say when it is done'
    """

    stages: tuple[Stage, ...] = field(converter=_stages)
    calendar: Calendar = field(kw_only=True)
    heartbeat: Span = field(default=working_days(5), validator=forward, kw_only=True)

    @calendar.default
    def _last(self) -> Calendar:
        return self.stages[-1].calendar

    def __attrs_post_init__(self) -> None:
        names = {stage.name for stage in self.stages}
        for stage in self.stages:
            for name in stage.after or ():
                if name not in names:
                    raise UnknownNameError(f"{stage.name!r} comes after a stage that is not there: {name!r}; list it")
        try:
            self.order()
        except CycleError as error:
            circle = " after ".join(repr(self.stages[at].name) for at in error.args[1])
            raise InvalidPolicyError(f"stages wait for each other: {circle}; take one back") from error

    def order(self) -> list[int]:
        """The positions of the stages, each behind those that it comes after."""
        place = {stage.name: at for at, stage in enumerate(self.stages)}
        graph = {place[stage.name]: [place[name] for name in stage.after or ()] for stage in self.stages}
        return list(TopologicalSorter(graph).static_order())

    def changed(self, name: str, **changes: Any) -> Completion:
        """The same work with one stage changed: news (`started=`, `finished=`), another law, another `pace`.

        Raises:
            UnknownNameError: If there is no such stage, or a stage has no such field.
        """
        if name not in {stage.name for stage in self.stages}:
            raise UnknownNameError(f"stage is not there: {name!r}; there are {', '.join(s.name for s in self.stages)}")
        known = {str(each.alias) for each in attrs.fields(Stage)}
        if wrong := [field for field in changes if field not in known]:
            raise UnknownNameError(f"stage has no {wrong[0]!r}; there are {', '.join(sorted(known))}")
        changed = tuple(attrs.evolve(s, **changes) if s.name == name else s for s in self.stages)
        return attrs.evolve(self, stages=changed)

    def simulate(self, at: datetime | str | int, *, draws: int = 4000, seed: int = 1) -> Outlook:
        """The work played through many times, from what was known at an instant.

        What is started or finished only later counts as not known. A stage under way has not ended in its age, and one
        that could have begun and has not begins at once.

        Args:
            at: Any aware time.
            draws: How often; 4,000 leave a 90 % share uncertain by half a percent.
            seed: The same seed gives the same draws.

        Raises:
            InvalidTimeError: If `at` has no zone.
            InvalidPolicyError: If there are fewer than 100 draws, or the seed is negative.
            HorizonError: If a calendar has not as much open time.
        """
        at_us = instant(at)
        if not is_whole(draws, 100) or not is_whole(seed, 0):
            raise InvalidPolicyError(f"draws must be at least 100 and seed at least 0, got {draws!r} and {seed!r}")
        place = {stage.name: number for number, stage in enumerate(self.stages)}
        starts = np.full((len(self.stages), draws), at_us)
        ends, needed = starts.copy(), np.zeros(starts.shape, dtype=bool)
        for number in self.order():
            stage = self.stages[number]
            before = [ends[place[name]] for name in stage.after or ()]
            ready = np.max(before, axis=0) if before else np.full(draws, ALWAYS)
            if stage.chance < 1 and not stage.begun(at_us) and self._passed_over(stage.name, at_us):
                starts[number] = ends[number] = ready
                continue
            starts[number] = np.maximum(ready, at_us)
            ends[number], needed[number] = stage.ends(starts[number], at_us, seed)
        for array in (starts, ends, needed):
            array.setflags(write=False)
        return Outlook(self, at_us, starts, ends, needed)

    def _passed_over(self, name: str, at: int) -> bool:
        return any(name in (stage.after or ()) and stage.begun(at) for stage in self.stages)
