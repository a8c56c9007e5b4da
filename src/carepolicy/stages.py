"""Key stages: the customer is told before and after each stage of a journey what comes, how long, and what we need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, latest, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CASE, THEM, Fact, Facts, Which, words
from carepolicy.folds import Last, Order, known_scope, which_of
from carepolicy.policy import Duty, FirstOf, first_of
from carepolicy.span import Span, days, forward, not_backward, working

_Stated = tuple[tuple[str, str], Order, int]
"""The case and reference, when it was said, and the date."""


@attrs.frozen
class LastMoved:
    """When a stated date last moved: the latest statement of another date than the one before, each case and reference
    by itself. Saying the same date again moves nothing. The state keeps every statement of its scope.

    Args:
        which: The events whose due date is the stated one.
        slips: Only moves to a later date; otherwise the first statement and every move count.
        least: The shortest move that counts, in microseconds, from the last date that counted: many small ones add up.
        scope, missing: As for `Last`.
    """

    which: tuple[Which, ...] = field(converter=which_of)
    slips: bool = field(default=False, kw_only=True)
    least: int = field(default=1, kw_only=True)
    scope: str = field(default=CASE, kw_only=True, validator=known_scope)
    missing: int = field(default=ALWAYS, kw_only=True)
    of_candidate: bool = field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What states a date."""
        return (self.which,)

    def start(self) -> tuple[_Stated, ...]:
        """Nothing was said."""
        return ()

    def step(self, state: tuple[_Stated, ...], event: Event, role: int) -> tuple[_Stated, ...]:
        """One more statement."""
        return self.merge(state, (((event.case, event.ref), event.order, event.due_us),))

    def merge(self, one: tuple[_Stated, ...], other: tuple[_Stated, ...]) -> tuple[_Stated, ...]:
        """The statements of both, each once."""
        return tuple(sorted({*one, *other}))

    def value(self, state: tuple[_Stated, ...]) -> int:
        """The instant of the last move."""
        moved, dates = ALWAYS, dict[tuple[str, str], int]()
        for thread, (at, _, _), due in state:
            before = dates.get(thread)
            if due < NEVER and (before is None or abs(due - before) >= self.least):
                dates[thread] = due
                if not self.slips or (before is not None and due > before):
                    moved = max(moved, at)
        return moved if moved > ALWAYS else self.missing


@attrs.frozen
class Stage:
    """One stage of a journey, and what the customer hears of it.

    Args:
        name: What the log calls it: the purpose of its estimates, of its milestones and of contacts about it.
        text: What comes, how long it takes, and what we need from the customer.
        tell_before: How long before its planned instant the customer has been told, at the latest.
        tell_after: Within which the customer hears that it is over.
        at_once: Within which the customer hears of a plan or a slip that leaves less than `tell_before`.
        planned: The events whose due date is the planned instant: estimates of its name when left out.
        ends: The events after which it is over: milestones of its name (without an outcome, or "done") when left out.

    Raises:
        InvalidPolicyError: If it has no name, or a span is no span or points backward.
    """

    name: str
    text: str = ""
    tell_before: Span = field(factory=lambda: days(1), validator=not_backward)
    tell_after: Span = field(factory=lambda: days(1), validator=forward)
    at_once: Span = field(factory=lambda: working(hours=4), validator=not_backward)
    planned: tuple[Which, ...] = field(default=(), converter=which_of)
    ends: tuple[Which, ...] = field(default=(), converter=which_of)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise InvalidPolicyError(f"name of a stage is no text: {self.name!r}; use the purpose of its milestones")

    @property
    def plans(self) -> tuple[Which, ...]:
        """The events whose due date is the planned instant."""
        return self.planned or (Which("estimate", purpose=self.name),)

    @property
    def ended_by(self) -> tuple[Which, ...]:
        """The events after which it is over."""
        return self.ends or (Which("milestone", purpose=self.name, outcome=("", "done")),)

    def told_by(self, parties: tuple[str, ...]) -> Which:
        """The contacts in which the customer hears of it: a talk that we began, or a message written by a person."""
        return Which(
            "contact", by=parties, direction="outbound", purpose=(self.name, "update"), author=("human", ""),
            outcome=("conversation", "delivered"),
        )  # fmt: skip


@attrs.frozen
class TellBefore(Duty):
    """The customer is told before a stage what comes, how long it takes and what we need from them.

    Owed from when the stage is planned; a slip, or any other move of the planned instant, makes it due again. A planned
    instant said once more does not. Fed by a talk that we began or a message written by a person, about the stage or as
    an update, once the plan is known.

    Args:
        stage: The stage.
        by: Who may tell: parties by name, or by role; our side and its partners when left out.
    """

    stage: Stage
    by: tuple[str, ...] = field(default=(THEM,), converter=words)

    owed: ClassVar[str] = "word before the stage"

    def needs(self) -> Mapping[str, Fact]:
        """The planned instant and when it last moved, the last word about it, and whether the stage is over."""
        ended = (*self.stage.ended_by, Which(("completed", "closed"), whole=True))
        return {
            "planned_for": Last(self.stage.plans, scope=CASE, gives="due", missing=NEVER),
            "plan_moved": LastMoved(self.stage.plans),
            "told": Last(self.stage.told_by(self.by), scope=CASE),
            "ended": Last(ended, scope=CASE),
        }

    def starts(self, f: Facts) -> Instant:
        """From when the plan is known."""
        return where(self._is_owed(f), f.plan_moved, NEVER)

    def due(self, f: Facts) -> Instant:
        """`tell_before` ahead of the planned instant, or `at_once` after the plan was known if that is later."""
        ahead = f.after(f.planned_for, -self.stage.tell_before)
        return where(self._is_owed(f), latest(ahead, f.after(f.plan_moved, self.stage.at_once)), NEVER)

    def _is_owed(self, f: Facts) -> Any:
        return both(f.planned_for < NEVER, f.plan_moved > f.told, f.plan_moved > f.ended)

    def cycle(self, f: Facts) -> Instant:
        """When the plan was made or last moved."""
        return f.plan_moved

    def explain(self) -> str:
        """The rule in plain words."""
        said = f" ({self.stage.text})" if self.stage.text else ""
        return f"word of the stage {self.stage.name}{said} {self.stage.tell_before} before it"


@attrs.frozen
class TellAfter(Duty):
    """The customer is told after a stage that it is over. Arguments as for `TellBefore`."""

    stage: Stage
    by: tuple[str, ...] = field(default=(THEM,), converter=words)

    owed: ClassVar[str] = "word after the stage"

    def needs(self) -> Mapping[str, Fact]:
        """When the stage was over, and the last word about it."""
        return {
            "ended": Last(self.stage.ended_by, scope=CASE),
            "told": Last(self.stage.told_by(self.by), scope=CASE),
        }

    def starts(self, f: Facts) -> Instant:
        """From when the stage is over."""
        return where(f.ended > f.told, f.ended, NEVER)

    def due(self, f: Facts) -> Instant:
        """`tell_after` after the stage was over."""
        return where(f.ended > f.told, f.after(f.ended, self.stage.tell_after), NEVER)

    def cycle(self, f: Facts) -> Instant:
        """When the stage was over."""
        return f.ended

    def explain(self) -> str:
        """The rule in plain words."""
        return f"word within {self.stage.tell_after} after the stage {self.stage.name}"


def _stages(value: Any) -> tuple[Stage, ...]:
    return (value,) if isinstance(value, Stage) else tuple(value)


@attrs.frozen
class KeyStages:
    """The stages of a journey that a customer hears of, in their order.

    Args:
        stages: Each with a name of its own.

    Raises:
        InvalidPolicyError: If there are none, one is no stage, or two have one name.

    >>> [duty.explain() for duty in KeyStages([Stage("parts")]).duties()]
    ['word of the stage parts 1 day before it', 'word within 1 day after the stage parts']
    """

    stages: tuple[Stage, ...] = field(converter=_stages)

    def __attrs_post_init__(self) -> None:
        for stage in self.stages:
            if not isinstance(stage, Stage):
                raise InvalidPolicyError(f"stage is not one: {stage!r}; use Stage(...)")
        names = [stage.name for stage in self.stages]
        if not names or len(set(names)) < len(names):
            raise InvalidPolicyError(f"stages need a name each, of its own: {names!r}; give each stage once")

    def duties(self, by: Any = THEM) -> tuple[Duty, ...]:
        """Two duties for each stage: to tell before it, and to tell after it."""
        return tuple(duty for stage in self.stages for duty in (TellBefore(stage, by), TellAfter(stage, by)))

    def duty(self, by: Any = THEM) -> FirstOf:
        """All of them as one: whichever is due first."""
        return first_of(*self.duties(by))
