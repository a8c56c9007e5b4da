"""Policies that break one law each, to prove that `check_policy` can fail."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import attrs

from carepolicy import Actionable, Decision, Duty, Fact, Facts, Guard, Timeline, Which, only_if, where
from carepolicy._instant import ALWAYS, DAY, NEVER, Instant, to_micros
from carepolicy.calendar import Calendar
from carepolicy.events import Event
from carepolicy.folds import Last

SURVEYED: Mapping[str, Fact] = {"last_invited": Last("survey"), "left": Last("left")}
_counter: Iterator[int] = itertools.count()


@attrs.frozen
class Surveyed(Guard):
    """What the wrong ones share."""

    facts: ClassVar[Mapping[str, Fact]] = SURVEYED


@attrs.frozen
class BranchesWithIf(Surveyed):
    def opens(self, f: Facts) -> Instant:
        if f.left > f.last_invited:
            return NEVER
        return f.last_invited


@attrs.frozen
class JoinsWithAnd(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return only_if(f.left > ALWAYS and f.last_invited > ALWAYS)


@attrs.frozen
class TakesMax(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return max(f.left, f.last_invited)


@attrs.frozen
class TakesMin(Surveyed):
    def closes(self, f: Facts) -> Instant:
        return min(f.left, f.last_invited)


@attrs.frozen
class TakesTheOther(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return f.left or f.last_invited


@attrs.frozen
class NegatesWithTilde(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return where(~(f.left > f.last_invited), f.last_invited, NEVER)


@attrs.frozen
class RoundsWithMath(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return math.floor(f.last_invited)


@attrs.frozen
class ComparesInAChain(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return only_if(ALWAYS < f.left < NEVER)


@attrs.frozen
class AsksTheWholeTable(Surveyed):
    def opens(self, f: Facts) -> Instant:
        left = f.left > ALWAYS
        gone = left if left.__class__ is bool else left.any()
        return NEVER if gone else f.last_invited


@attrs.frozen
class AsksTheWholeTableByNumpy(Surveyed):
    def opens(self, f: Facts) -> Instant:
        import numpy as np

        return int(np.max(f.last_invited))


@attrs.frozen
class DispatchesWrongly(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return f.left if isinstance(f.left, int) else f.last_invited


@attrs.frozen
class WritesIntoFacts(Surveyed):
    def opens(self, f: Facts) -> Instant:
        if hasattr(f.left, "dtype"):
            f.left[:] = ALWAYS
        return ALWAYS


@attrs.frozen
class WrongLength(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return f.left if isinstance(f.left, int) else f.left[:1]


@attrs.frozen
class ListsForATable(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return f.left if isinstance(f.left, int) else None


@attrs.frozen
class GivesABool(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return f.left > f.last_invited


@attrs.frozen
class GivesNone(Surveyed):
    def closes(self, f: Facts) -> Instant:
        return None


@attrs.frozen
class GivesAFloat(Surveyed):
    def redirects(self, f: Facts) -> Instant:
        return f.last_invited / 2


@attrs.frozen
class WithoutSource(Surveyed):
    opens = eval("lambda self, f: f.left > f.last_invited")


@attrs.frozen
class Raises(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return {ALWAYS: ALWAYS}[f.left]


@attrs.frozen
class AddsBareTicks(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return f.last_invited + 90 * DAY


@attrs.frozen
class Counts(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return next(_counter)


@attrs.frozen
class ExplainsAnew(Surveyed):
    def explain(self) -> str:
        return f"call number {next(_counter)}"


@attrs.frozen
class HidesAField(Surveyed):
    hidden: int = attrs.field(default=0, eq=False, repr=False)

    def opens(self, f: Facts) -> Instant:
        return self.hidden


@attrs.frozen
class LooksElsewhere(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return f.last_complained


@attrs.frozen
class LooksElsewhereOnTheSly(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return getattr(f, "last_complained", ALWAYS)


class Changeable(Guard):
    """Has no @attrs.frozen, so anything can be set."""


@attrs.frozen
class HoldsAList(Surveyed):
    names: list[str] = attrs.Factory(list)


@attrs.frozen(repr=False)
class Unrepresented(Guard):
    pass


@attrs.frozen(eq=False)
class Unequal(Guard):
    pass


def local() -> Any:
    @attrs.frozen
    class Local(Surveyed):
        pass

    return Local()


@attrs.frozen
class Fold:
    """A count of events, as wrong as folds can be."""

    scope: str = "customer"
    missing: int = ALWAYS
    of_candidate: bool = False

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        return ((Which("survey"),),)

    def start(self) -> Any:
        return ()

    def step(self, state: Any, event: Event, role: int) -> Any:
        return (*state, event.at_us)

    def merge(self, one: Any, other: Any) -> Any:
        return (*one, *other)

    def value(self, state: Any) -> int:
        return sum(1 for _ in state) or self.missing


@attrs.frozen
class LatestArrived(Fold):
    def value(self, state: Any) -> int:
        return int(state[-1]) if state else self.missing


@attrs.frozen
class KeepsAnOpenList(Fold):
    def start(self) -> Any:
        return []

    def step(self, state: Any, event: Event, role: int) -> Any:
        state.append(event.at_us)
        return state


@attrs.frozen
class GivesText(Fold):
    def value(self, state: Any) -> Any:
        return "survey" if state else self.missing


@attrs.frozen
class NoValue(Fold):
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


@attrs.frozen
class NoPickle(Fold):
    def __reduce__(self) -> Any:
        raise TypeError("not today")


@attrs.frozen
class Folds(Guard):
    """Declares one fact."""

    fact: Any

    def needs(self) -> Mapping[str, Fact]:
        return {"fact": self.fact}


@attrs.frozen
class DecidesByTheHour(Surveyed):
    def decide(self, timeline: Timeline, at: Any, **options: Any) -> Decision:
        decision = Guard.decide(self, timeline, at, **options)
        return attrs.evolve(decision, attempt_us=to_micros(at))


@attrs.frozen
class LooksAgainInThePast(Surveyed):
    def decide(self, timeline: Timeline, at: Any, **options: Any) -> Decision:
        return attrs.evolve(Guard.decide(self, timeline, at, **options), review_us=ALWAYS)


@attrs.frozen
class LooksAhead(Surveyed):
    def decide(self, timeline: Timeline, at: Any, **options: Any) -> Decision:
        decision = Guard.decide(self, timeline, at, **options)
        return attrs.evolve(decision, attempt_us=len(timeline.events))


@attrs.frozen
class ForgetsWhatComes(Surveyed):
    def decide(self, timeline: Timeline, at: Any, **options: Any) -> Decision:
        return attrs.evolve(Guard.decide(self, timeline, at, **options), review_us=NEVER)


@attrs.frozen
class CountsWhatOthersAsk(Surveyed):
    def opens(self, f: Facts) -> Instant:
        return only_if(len(f.known()) <= len(SURVEYED))


@attrs.frozen
class EqualToActionable(Guard):
    def opens(self, f: Facts) -> Instant:
        return NEVER

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Actionable, EqualToActionable))

    def __hash__(self) -> int:
        return hash(Actionable())


@attrs.frozen
class Owed(Duty):
    """A duty without `due`."""


@attrs.frozen
class OneByOne(Surveyed):
    """Cannot be asked about a table, and says so."""

    one_customer_only: ClassVar[bool] = True

    def opens(self, f: Facts) -> Instant:
        return ALWAYS if f.left > f.last_invited else f.last_invited


@attrs.frozen
class Outsider:
    """A guard that subclasses nothing."""

    awaits: ClassVar[str] = "nothing"

    def needs(self) -> Mapping[str, Fact]:
        return {"left": Last("left")}

    def opens(self, f: Facts) -> Instant:
        return ALWAYS

    def closes(self, f: Facts) -> Instant:
        return where(f.left > ALWAYS, f.left, NEVER)

    def redirects(self, f: Facts) -> Instant:
        return NEVER

    def likely(self, f: Facts) -> Instant:
        return ALWAYS

    def cycle(self, f: Facts) -> Instant:
        return ALWAYS

    def open_hours(self) -> Calendar | None:
        return None

    def explain(self) -> str:
        return "before the customer leaves"


@attrs.frozen
class OfParts(Guard):
    """Right, and with a field that joined policies have too."""

    parts: tuple[str, ...] = ()
