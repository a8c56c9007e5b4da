"""Adoption: what was delivered is used, and goes on being used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, in_words, to_micros
from carepolicy._sequential.account import rests
from carepolicy._sequential.agreed import Agreed
from carepolicy._sequential.assessment import Trend, trend_of
from carepolicy._sequential.course import Contact, RhythmCourse, Stand, Terms, follow_rhythm
from carepolicy.calendar import Calendar
from carepolicy.drift import bounded
from carepolicy.errors import UnknownNameError
from carepolicy.events import Event
from carepolicy.facts import Parties
from carepolicy.finding import Finding
from carepolicy.history import History, by_customer
from carepolicy.span import Span, days, forward
from carepolicy.stretches import Stretch
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

UNUSED, USE = "unused", "use"


@attrs.frozen(kw_only=True)
class Adopted:
    """What is known of the use of one element that was delivered.

    Args:
        customer, case, ref: What was delivered, to whom.
        trend: Whether it is not used ("unused"), or less and less ("use").
        review_us: Until when this holds, in UTC microseconds.
    """

    customer: str
    case: str
    ref: str
    trend: Trend
    review_us: int

    @property
    def is_alarm(self) -> bool:
        """Whether it is not used, or less and less."""
        return self.trend.is_alarm

    @property
    def since(self) -> pendulum.DateTime | None:
        """Since when."""
        return self.trend.since

    @property
    def confidence(self) -> float:
        """How sure that is."""
        return self.trend.confidence

    @property
    def alarm_at(self) -> pendulum.DateTime | None:
        """When the alarm went off, or will if nobody uses it."""
        return self.trend.alarm_at

    @property
    def evidence(self) -> tuple[str, ...]:
        """The ids of the delivery, or of the uses since then."""
        return self.trend.evidence

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """Until when this holds; None for ever."""
        return attrs.evolve(self.trend, review_us=self.review_us).review_at

    @property
    def why(self) -> str:
        """One sentence."""
        return self.trend.why


@attrs.frozen
class Adoption:
    """What was delivered is used soon, and goes on being used.

    An element is what an event of kind "delivered" names by its `ref`; events of kind "used" with the same case and
    `ref` are its use. Delivered again, it starts anew. Whether it is used less and less is told only where it is known
    how often it should be, by the same test as the thinning of a rhythm. Stretches that the customer wanted free do
    not count, as for drift.

    Args:
        within: By how long after the delivery it should be in use.
        every: How often it should be used from then on; not judged when left out.
        false_alarms: How many false alarms of use that thins a year of one element may have.
        at_least: How many uses there must be before it can thin.

    Raises:
        InvalidPolicyError: If a span is none or does not point forward, or a number is out of range.
    """

    within: Span = field(factory=lambda: days(14), validator=forward)
    every: Span | None = field(default=None, validator=forward)
    false_alarms: float = 0.1
    at_least: int = 5

    def __attrs_post_init__(self) -> None:
        bounded(self.false_alarms, self.at_least)

    def assess(
        self,
        timeline: Timeline,
        at: datetime | str,
        *,
        calendar: Calendar | None = None,
        parties: Parties | None = None,
        customer: str | None = None,
        ref: str | None = None,
    ) -> Adopted:
        """What is known of the use of one element; of several the most pressing, unless one is named.

        Raises:
            InvalidTimeError: If `at` has no zone.
            UnknownNameError: If nothing of the kind was delivered.
        """
        each = [
            adopted
            for adopted in self.assess_each(timeline, at, calendar=calendar, parties=parties)
            if customer in (None, adopted.customer) and ref in (None, adopted.ref)
        ]
        if not each:
            raise UnknownNameError(f"nothing was delivered: customer={customer!r}, ref={ref!r}, at {at}; ask of others")
        first = min(each, key=lambda adopted: adopted.trend.pressing)
        return attrs.evolve(first, review_us=min(adopted.review_us for adopted in each))

    def assess_each(
        self,
        timeline: Timeline,
        at: datetime | str,
        *,
        calendar: Calendar | None = None,
        parties: Parties | None = None,
    ) -> tuple[Adopted, ...]:
        """What is known of the use of each element that was delivered.

        Raises:
            InvalidTimeError: If `at` has no zone.
        """
        now, calendar = to_micros(at), calendar or Calendar.always()
        known, coming = timeline._as_of(now), timeline.next_visible(now)  # noqa: SLF001  (ticks)
        found = []
        for element in _elements(known.events, calendar, parties or Parties(), known.complete_from):
            if element.until == NEVER:
                trend = self._trend(element, now)
                review = min(coming, trend.review_us)
                customer, case, ref = element.name
                found.append(Adopted(customer=customer, case=case, ref=ref, trend=trend, review_us=review))
        return tuple(found)

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each delivery that nobody used in time, and for each time that use thinned."""
        for element in _elements(history.events, history.calendar, history.parties, history.complete_from):
            end = min(history.until_us, element.until)
            due = self._due(element)
            used = element.uses[0].at_us if element.uses else element.until
            if due <= min(end, used):
                first = (element.uses[0].id,) if element.uses else ()
                said = self._unused(element, due)
                instead = f"in use by {in_words(due, history.zone)}, with our help before then"
                yield element.finding(UNUSED, due, used, said.evidence + first, _not_used(element), instead, due)
            course, _ = self._follow(element, end)
            for alarm in course.alarms if course else ():
                stand = alarm.stand
                instead = f"ask what changed after {in_words(stand.since_us, history.zone)}"
                yield element.finding(
                    USE, alarm.at_us, min(alarm.until_us, element.until), stand.evidence, self._thins(element, stand),
                    instead, stand.since_us,
                )  # fmt: skip

    def explain(self) -> str:
        """The rule in plain words."""
        often = f", or less often than every {self.every}" if self.every is not None else ""
        return f"what was delivered is not used within {self.within}{often}"

    def _due(self, element: _Element) -> int:
        """By when it should be in use; NEVER where its uses may be missing from the log."""
        if element.delivered.at_us < element.complete_from:
            return NEVER
        clock = Agreed(self.within, element.calendar, element.rests)
        return clock.when(element.delivered.at_us, 1.0)

    def _unused(self, element: _Element, now: int) -> Stand:
        due = self._due(element)
        lapsed = due <= now
        return Stand(
            enough=due < NEVER,
            alarm_us=due,
            since_us=element.delivered.at_us if lapsed else NEVER,
            confidence=1.0 if lapsed else 0.0,
            review_us=NEVER if lapsed else due,
            evidence=(element.delivered.id,) if lapsed else (),
            now=0.0,
        )

    def _follow(self, element: _Element, until: int) -> tuple[RhythmCourse | None, Stand]:
        """The course of its use; none where nobody knows how often it should be used."""
        if self.every is None:
            return None, Stand(enough=True)
        course = RhythmCourse(
            calendar=element.calendar, rests=element.rests, often=self.false_alarms, at_least=self.at_least
        )
        return course, follow_rhythm(course, element.uses, [Terms(ALWAYS, self.every)], element.complete_from, until)

    def _trend(self, element: _Element, now: int) -> Trend:
        zone = element.calendar.zone
        if not element.uses:
            stand = self._unused(element, now)
            return trend_of(UNUSED, stand, now, _not_used(element), zone)
        _, stand = self._follow(element, now)
        return trend_of(USE, stand, now, self._thins(element, stand), zone)

    def _thins(self, element: _Element, stand: Stand) -> str:
        what = element.what
        if not stand.enough:
            return f"{what} is used; too seldom so far to tell whether that thins"
        if stand.since_us == NEVER:
            return f"{what} is used; nothing shows that this thins"
        often = f"used at {stand.now:.2f} of what was meant (every {self.every})" if stand.now else "not used any more"
        since = in_words(stand.since_us, element.calendar.zone)
        return f"{what} is {often} since {since} (confidence at least {stand.confidence:.3g})"


@attrs.frozen
class _Element:
    """One delivery and its use until the next delivery of the same."""

    delivered: Event
    uses: list[Contact]
    until: int
    calendar: Calendar
    rests: tuple[Stretch, ...]
    complete_from: int

    @property
    def name(self) -> tuple[str, str, str]:
        """Whose it is."""
        return (self.delivered.customer, self.delivered.case, self.delivered.ref)

    @property
    def what(self) -> str:
        """What was delivered, in words."""
        return self.delivered.text or self.delivered.ref or self.delivered.case or "what was delivered"

    def finding(
        self, detail: str, at: int, until: int, evidence: tuple[str, ...], why: str, instead: str, instead_us: int
    ) -> Finding:
        """A finding about it."""
        customer, case, ref = self.name
        return Finding(
            kind="drift", at_us=at, until_us=until, policy="Adoption", party=self.delivered.party, customer=customer,
            case=case, ref=ref, why=why, instead=instead, instead_us=instead_us, evidence=evidence, detail=detail,
        )  # fmt: skip


def _not_used(element: _Element) -> str:
    delivered = in_words(element.delivered.at_us, element.calendar.zone)
    if element.delivered.at_us < element.complete_from:
        return f"{element.what} was delivered {delivered}; the log is not complete from then on"
    return f"nobody used {element.what} since it was delivered {delivered}"


def _elements(events: Sequence[Event], calendar: Calendar, parties: Parties, complete_from: int) -> list[_Element]:
    """Every delivery with its uses, in order."""
    found: list[_Element] = []
    for own in by_customer(events).values():
        free = rests(own, parties)
        latest: dict[tuple[str, str], _Element] = {}
        for event in own:
            thread = (event.case, event.ref)
            if event.kind == "delivered":
                if thread in latest:
                    found.append(attrs.evolve(latest[thread], until=event.at_us))
                latest[thread] = _Element(event, [], NEVER, calendar, free, complete_from)
            elif event.kind == "used" and thread in latest:
                latest[thread].uses.append(Contact(event.at_us, event.id))
        found += latest.values()
    return found
