"""What a handover is asked for with, checked: a wrong kind of value is refused by its name, before anything is read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from carepolicy.errors import InvalidPolicyError
from carepolicy.handover.document import Person
from carepolicy.plan import Plan
from carepolicy.recovery import Option, Recovery
from carepolicy.severity import Severity, Stake
from carepolicy.timeline import Timeline

T = TypeVar("T")


def texts(**named: str | None) -> None:
    """Refuse what is no text; None only where nobody need be named.

    Raises:
        InvalidPolicyError: If one is not a text.
    """
    for name, value in named.items():
        if not isinstance(value, str) and (value is not None or name != "customer"):
            raise InvalidPolicyError(f"{name} is not a text: {value!r:.80}; pass a str")


def a_timeline(timeline: Timeline) -> None:
    """Refuse what is no log.

    Raises:
        InvalidPolicyError: If it is something else.
    """
    if not isinstance(timeline, Timeline):
        raise InvalidPolicyError(f"timeline is none: {timeline!r:.80}; read rows with Timeline.read(rows)")


def a_plan(plan: Plan | None) -> None:
    """Refuse what is no plan.

    Raises:
        InvalidPolicyError: If it is something else.
    """
    if plan is not None and not isinstance(plan, Plan):
        raise InvalidPolicyError(f"plan is none: {plan!r:.80}; pass a Plan, e.g. Plan.named('claims')")


def a_severity(severity: Severity | None) -> None:
    """Refuse what was not judged.

    Raises:
        InvalidPolicyError: If it is something else.
    """
    if severity is not None and not isinstance(severity, Severity):
        raise InvalidPolicyError(f"severity is none: {severity!r:.80}; pass what severity(...) gave")


def people(given: Iterable[Person]) -> tuple[Person, ...]:
    """Those whom the host names.

    Raises:
        InvalidPolicyError: If one is not a person.
    """
    return each("people", given, Person, "Person(part='owner', name='Kim')")


def stakes(given: Iterable[Stake]) -> tuple[Stake, ...]:
    """What the customer would miss.

    Raises:
        InvalidPolicyError: If one is not a stake.
    """
    return each("stakes", given, Stake, "Stake('wedding', at='2026-03-06T15:00Z', weight=10)")


def options(given: Recovery | Iterable[Option]) -> Recovery | tuple[Option, ...]:
    """What can be offered.

    Raises:
        InvalidPolicyError: If one is not an option.
    """
    return given if isinstance(given, Recovery) else each("options", given, Option, "Option('loan car', cost=60)")


def each(name: str, given: Iterable[T], kind: type[T], example: str) -> tuple[T, ...]:
    """Some values of one kind.

    Args:
        name: What they are called.
        given: The values.
        kind: What each of them is.
        example: One of them, for the message.

    Raises:
        InvalidPolicyError: If one is of another kind.
    """
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise InvalidPolicyError(f"{name} is no list: {given!r:.80}; pass [{example}]")
    found = tuple(given)
    for one in found:
        if not isinstance(one, kind):
            raise InvalidPolicyError(f"{name} has what is no {kind.__name__}: {one!r:.80}; pass e.g. {example}")
    return found
