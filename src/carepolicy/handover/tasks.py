"""Tasks of a firestorm: one person, one time box, one acknowledgement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._instant import maybe_moment
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.handover.document import Person
from carepolicy.span import Span, elapsed, forward

if TYPE_CHECKING:
    import pendulum

TASK = "task"
"""The purpose of a promise that is a task: its party took it on, its `ref` names it."""
GIVEN, TAKEN, GIVEN_ON, UNACKNOWLEDGED = "given", "taken", "given on", "unacknowledged"
OVERDUE, DONE, GIVEN_UP = "overdue", "done", "given up"
UNDER_WAY = frozenset({GIVEN, TAKEN, UNACKNOWLEDGED, OVERDUE})


@attrs.frozen
class Task:
    """Something that one person does within a time box.

    Args:
        name: What the log calls it: the reference of its events.
        what: What is to be done.
        competence: What whoever does it can do.
        within: The time box.

    Raises:
        InvalidPolicyError: If it has no name or no competence, or the box does not point forward.
    """

    name: str
    what: str
    competence: str
    within: Span = field(factory=lambda: elapsed(hours=2), validator=forward)

    def __attrs_post_init__(self) -> None:
        for part in ("name", "competence"):
            if not getattr(self, part):
                raise InvalidPolicyError(f"{part} of a task is empty: {self!r}; say it in a word")


@attrs.frozen(kw_only=True)
class TaskStanding:
    """How a task stands.

    Args:
        name, what: As it was given.
        who: Who has it.
        given_us, due_us: When it was given, and the end of its time box, in UTC microseconds.
        acknowledge_by_us: By when whoever has it says so.
        state: given, taken, unacknowledged, overdue, given on (to somebody else), done, or given up.
        goes_to: Who is asked next where nobody acknowledged; "" where nobody else can do it.
    """

    name: str
    what: str
    who: str
    given_us: int
    due_us: int
    acknowledge_by_us: int
    state: str
    goes_to: str = ""

    @property
    def due(self) -> pendulum.DateTime | None:
        """The end of its time box, in UTC; None where there is none."""
        return maybe_moment(self.due_us)


def able(people: Iterable[Person], competence: str) -> list[Person]:
    """Those who bring a competence, in their order."""
    return [p for p in people if p.name and competence in p.competences]


def standing_of(
    given: Event, events: Iterable[Event], now_us: int, acknowledge_by_us: int, competence: str, people: list[Person]
) -> TaskStanding:
    """How one task stands at a moment.

    Args:
        given: The promise that it is.
        events: What has happened in the case.
        now_us: The moment, in UTC microseconds.
        acknowledge_by_us: By when whoever has it says so.
        competence: What it takes; "" where nobody said.
        people: Who is there.
    """
    after = [e for e in events if e.ref == given.ref and e.order >= given.order]
    again = [e.party for e in after if e.kind == "promise" and e.purpose == TASK and e.party != given.party]
    ended = next((e for e in after if e.kind in ("kept", "withdrawn")), None)
    taken = any(e.kind == "accepted" and e.party == given.party for e in after)
    if ended is not None:
        state = DONE if ended.kind == "kept" else GIVEN_UP
    elif again:
        state = GIVEN_ON
    elif now_us > given.due_us:
        state = OVERDUE
    elif taken:
        state = TAKEN
    else:
        state = UNACKNOWLEDGED if now_us > acknowledge_by_us else GIVEN
    asked = {e.party for e in events if e.kind == "promise" and e.ref == given.ref}
    others = [p.name for p in able(people, competence) if p.name not in asked]
    return TaskStanding(
        name=given.ref,
        what=given.text,
        who=given.party,
        given_us=given.at_us,
        due_us=given.due_us,
        acknowledge_by_us=acknowledge_by_us,
        state=state,
        goes_to=others[0] if others and state in (UNACKNOWLEDGED, OVERDUE) else "",
    )
