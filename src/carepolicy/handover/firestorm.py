"""The firestorm kit: when everything burns at one customer, who comes, who writes, who does what by when, who hears."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs
from attrs import field

from carepolicy._holds import Holds
from carepolicy._instant import NEVER, to_micros
from carepolicy.aftercare import Aftercare
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import Which, words
from carepolicy.handover.checking import a_timeline, each
from carepolicy.handover.checking import people as named
from carepolicy.handover.document import Person
from carepolicy.handover.tasks import TASK, UNDER_WAY, Task, TaskStanding, able, standing_of
from carepolicy.heartbeat import Heartbeat
from carepolicy.span import Span, elapsed, forward
from carepolicy.timeline import Timeline
from carepolicy.touch import Touch

EXECUTIVES = "executives"
"""The purpose of an update to the executives."""
_BEGINS = (Which(("incident", "trouble")), Which("reopened", whole=True))
_ENDS = (Which("trouble_over"), Which(("completed", "closed"), whole=True))
_IN_WRITING_OR_VOICE = ("phone", "video", "visit", "email", "chat")


@attrs.frozen(kw_only=True)
class Called:
    """One competence that is needed, and who brings it; a person without a name is a gap that must be filled first."""

    competence: str
    person: Person


@attrs.frozen(kw_only=True)
class FirestormStanding(Holds):
    """How a firestorm stands at a moment.

    Args:
        called: One for each competence that is needed.
        scribe: Who writes: decisions and what is to be done, in one place.
        tasks: How each task stands, by when it was given.
        checks_open: The quality checks that nobody has told since the last repair.
        review_us: Until when all of this holds unless something happens, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    called: tuple[Called, ...]
    scribe: Person
    tasks: tuple[TaskStanding, ...]
    checks_open: tuple[str, ...]
    review_us: int = NEVER
    zone: str = "UTC"

    @property
    def missing(self) -> tuple[str, ...]:
        """The competences that nobody brings."""
        return tuple(called.competence for called in self.called if not called.person.name)


def _tasks(value: Iterable[Task]) -> tuple[Task, ...]:
    return each("tasks", value, Task, "Task('look', 'find out what is broken', 'engines')")


@attrs.frozen(kw_only=True)
class Firestorm:
    """What a firestorm needs, decided in quiet times.

    The owner stays one person: others join by competence, a senior who joins does not take over, and the customer is
    never sent to any of them.

    Args:
        needs: The competences to call in.
        tasks: What is done at once, each by one person in a time box.
        acknowledge: Within which whoever is given a task says that they have it.
        customer_every, executives_every: How often each hears how it stands, even when nothing has changed.
        checks: What is checked after the repair and before anybody says "mended": names of facts that are told.
        aftercare: The calls after it is over, the report back by phone among them.

    Raises:
        InvalidPolicyError: If a task is none or named twice, or a span does not point forward.

    Source: PagerDuty, Incident Response (a task is one person, a time box and an acknowledgement; a scribe; a senior
    who joins does not take command); Google, Site Reliability Engineering, ch. 14 (named roles, one living document).
    """

    needs: tuple[str, ...] = field(converter=words)
    tasks: tuple[Task, ...] = field(default=(), converter=_tasks)
    acknowledge: Span = field(factory=lambda: elapsed(minutes=10), validator=forward)
    customer_every: Span = field(factory=lambda: elapsed(hours=2), validator=forward)
    executives_every: Span = field(factory=lambda: elapsed(hours=4), validator=forward)
    checks: tuple[str, ...] = field(
        default=("fault gone?", "nothing else broken?", "tried by somebody else?"), converter=words
    )
    aftercare: Aftercare = field(factory=lambda: Aftercare(after=Which(("incident", "trouble"))))

    def __attrs_post_init__(self) -> None:
        names = [task.name for task in self.tasks]
        for name in names:
            if names.count(name) > 1:
                raise InvalidPolicyError(f"tasks name one twice: {name!r}; give each a name of its own")

    def touches(self, owner: str = "") -> dict[str, Touch]:
        """The touches that keep everybody informed, for `Plan(touches=firestorm.touches())`.

        Args:
            owner: Who answers for them.

        >>> sorted(Firestorm(needs="engines").touches("kim"))
        ['aftercare', 'customer_update', 'executive_update']
        """
        update = Heartbeat(self.customer_every, dated=True, since=_BEGINS, until=_ENDS)
        executives = Heartbeat(
            self.executives_every, purposes=(EXECUTIVES,), channels=_IN_WRITING_OR_VOICE, since=_BEGINS, until=_ENDS
        )
        return {
            "customer_update": Touch(due=update, owner=owner),
            "executive_update": Touch(due=executives, owner=owner),
            "aftercare": Touch(due=self.aftercare, owner=owner),
        }

    def call_in(self, people: Iterable[Person]) -> tuple[Called, ...]:
        """Who comes, by competence: whoever brings it and is not called in yet, else whoever brings it at all.

        Raises:
            InvalidPolicyError: If somebody is not a `Person`.
        """
        there, busy, called = list(named(people)), set[str](), []
        for competence in self.needs:
            can = able(there, competence)
            person = next((p for p in can if p.name not in busy), can[0] if can else Person(part=competence))
            busy.add(person.name)
            called.append(Called(competence=competence, person=person))
        return tuple(called)

    def assign(
        self,
        people: Iterable[Person],
        at: datetime | str,
        *,
        case: str,
        customer: str = "",
        calendar: Calendar | None = None,
    ) -> tuple[Event, ...]:
        """The tasks as promises for the log: each names who has it, and the end of its time box.

        Tasks that nobody can do are left out; `standing(...).missing` names their competence.

        Args:
            people: Who is there.
            at: When they are given.
            case, customer: Of the firestorm.
            calendar: In which spans count; around the clock when left out.

        Raises:
            InvalidTimeError: If `at` has no zone.
            InvalidPolicyError: If somebody is not a `Person`, or the log none.
        """
        there, given, hours = list(named(people)), to_micros(at), calendar or Calendar.always()
        loads = dict.fromkeys((p.name for p in there), 0)
        events = []
        for task in self.tasks:
            can = able(there, task.competence)
            if can:
                person = min(can, key=lambda p: loads[p.name])  # the first of those who have least to do
                loads[person.name] += 1
                events.append(
                    Event(
                        at=given,
                        kind="promise",
                        party=person.name,
                        customer=customer,
                        case=case,
                        ref=task.name,
                        purpose=TASK,
                        due=hours._add(given, task.within),  # noqa: SLF001  (the calendar's form for ticks)
                        text=task.what,
                    )
                )
        return tuple(events)

    def standing(
        self,
        timeline: Timeline,
        at: datetime | str,
        *,
        case: str,
        customer: str = "",
        people: Iterable[Person] = (),
        owner: str = "",
        calendar: Calendar | None = None,
    ) -> FirestormStanding:
        """Who is there, who writes, how each task stands and which checks are open, as known at a moment.

        A task is a promise with the purpose "task"; `accepted` under its reference acknowledges it, `kept` ends it,
        `withdrawn` gives it up. A check is told (`told`, with its name as the fact) after the last `completed`.

        Raises:
            InvalidTimeError: If `at` has no zone.
            InvalidPolicyError: If somebody is not a `Person`, or the log none.
        """
        a_timeline(timeline)
        now, there, hours = to_micros(at), list(named(people)), calendar or Calendar.always()
        events = [e for e in timeline.as_of(at).events if e.customer == customer and e.case == case]
        competences = {task.name: task.competence for task in self.tasks}
        tasks = tuple(
            standing_of(
                e,
                events,
                now,
                hours._add(e.at_us, self.acknowledge),  # noqa: SLF001  (the calendar's form for ticks)
                competences.get(e.ref, ""),
                there,
            )
            for e in events
            if e.kind == "promise" and e.purpose == TASK
        )
        repaired = max((e.at_us for e in events if e.kind == "completed"), default=NEVER)
        told = {e.fact for e in events if e.kind == "told" and e.at_us >= repaired}
        edges = [edge for t in tasks for edge in (t.acknowledge_by_us + 1, t.due_us + 1) if edge > now]
        return FirestormStanding(
            called=self.call_in(there),
            scribe=_scribe(there, {owner, *(t.who for t in tasks if t.state in UNDER_WAY)}),
            tasks=tasks,
            checks_open=tuple(check for check in self.checks if check not in told),
            review_us=min([timeline.next_visible(now), *edges]),
            zone=hours.zone,
        )


def _scribe(people: Iterable[Person], busy: set[str]) -> Person:
    """Whoever is named as the scribe, else the first who neither owns the case nor has a task."""
    there = [p for p in people if p.name]
    named = [p for p in there if p.part == "scribe"]
    free = [attrs.evolve(p, part="scribe") for p in there if p.name not in busy]
    return (named or free or [Person(part="scribe")])[0]
