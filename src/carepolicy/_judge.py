"""From bounds to a decision: the whole rule, in one place."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from functools import cached_property, reduce
from typing import Any

import attrs

from carepolicy._instant import ALWAYS, NEVER, zone_of
from carepolicy.calendar import Calendar
from carepolicy.decision import About, Decision, Verdict
from carepolicy.errors import InvalidCalendarError
from carepolicy.facts import Facts
from carepolicy.reason import Bound, hours_of
from carepolicy.state import Unit

ANSWERS = frozenset({"opens", "closes", "redirects", "likely", "cycle", "starts", "attempted"})
"""What a policy may leave to the defaults of `Guard` and `Duty`."""


@attrs.frozen
class Renamed:
    """A policy of a plan, and what need not be asked of it.

    Args:
        policy: A guard or a duty.
        names: How the plan calls facts that the policy has another name for.
        starts_at_due: Whether it is a duty that starts when it falls due, so that both are asked for once.
        own: Which of its methods it defines itself; those that it inherits from `Guard` and `Duty` say nothing.
    """

    policy: Any
    names: tuple[tuple[str, str], ...] = ()
    starts_at_due: bool = False
    own: frozenset[str] = ANSWERS

    def view(self, facts: Facts, values: Mapping[str, int], calendar: Calendar) -> Facts:
        """The facts under the names that the policy asks for."""
        if not self.names:
            return facts
        return Facts.of(calendar, {**values, **{own: values[there] for own, there in self.names}})


@attrs.frozen(slots=False)
class Rule:
    """One touch at one scope, ready to decide.

    Args:
        about: The touch and its plan.
        scope: Whom a decision is about.
        guards, duties: The policies that apply.
        sent: The name of the fact that says when it was last attempted; "" for none.
        calendar: In which spans are counted.
    """

    about: About
    scope: str
    guards: tuple[Renamed, ...]
    duties: tuple[Renamed, ...]
    calendar: Calendar
    sent: str = ""

    @cached_property
    def asks(self) -> frozenset[str]:
        """The facts that it needs, by the names that the plan has for them."""
        names = {dict(p.names).get(own, own) for p in (*self.guards, *self.duties) for own in p.policy.needs()}
        return frozenset(names | {self.sent} if self.sent else names)

    @cached_property
    def hours(self) -> Calendar | None:
        """When it may happen at all, where the customer's zone is not known; None for any time."""
        return self.hours_in("")

    @cached_property
    def _hours_in(self) -> dict[str, Calendar | None]:
        """The hours by zone: filled as zones are met."""
        return {}

    def hours_in(self, zone: str) -> Calendar | None:
        """When it may happen at all for a customer in a zone; "" for one whose zone is not known.

        Raises:
            UnknownZoneError: If the zone is not known.
            InvalidCalendarError: If hours of the customer and hours of ours never meet in that zone.
        """
        found = self._hours_in
        if zone not in found:
            if zone:
                zone_of(zone)
            hours = [h for guard in self.guards if (h := hours_of(guard.policy, zone)) is not None]
            try:
                found[zone] = reduce(operator.and_, hours) if hours else None
            except InvalidCalendarError as error:
                raise InvalidCalendarError(
                    f"hours of {self.about.touch} never meet for a customer in {zone!r}: {error}"
                ) from error
        return found[zone]

    def decide(
        self, values: Mapping[str, int], unit: Unit, now: int, next_visible: int = NEVER, zone: str = ""
    ) -> Decision:
        """The decision about a unit at `now`, from its facts.

        Args:
            values: The facts, by the names that the plan has for them.
            unit: Whom it is about.
            now: The instant to judge at, in UTC microseconds.
            next_visible: When an event known already comes.
            zone: The customer's own zone; "" where it is not known.
        """
        facts = Facts.of(self.calendar, values)
        opens, closes, redirects, known, cycle = ALWAYS, NEVER, NEVER, ALWAYS, ALWAYS
        bounds = []
        for guard in self.guards:
            f = guard.view(facts, values, self.calendar) if guard.names else facts
            policy = guard.policy
            o, c, r, begun = policy.opens(f), policy.closes(f), policy.redirects(f), policy.cycle(f)
            bounds.append(Bound(policy, o, c, r, NEVER, False, guard.names))
            opens = o if o > opens else opens
            closes = c if c < closes else closes
            redirects = r if r < redirects else redirects
            known = o if known < o < NEVER else known
            cycle = begun if begun > cycle else cycle
        due, attempt = NEVER, values.get(self.sent, ALWAYS)
        if self.duties:
            starts, due, cycle, tried = self._duties(facts, values, bounds)
            opens, attempt = max(opens, starts), max(attempt, tried)
            known = max(known, starts) if starts < NEVER else known
        verdict, act, edges = self._verdict(now, opens, closes, redirects, known, due, self.hours_in(zone))
        review = next_visible if next_visible > now else NEVER
        for edge in (*edges, due):
            if now < edge < review:
                review = edge
        if cycle >= attempt:
            attempt = ALWAYS  # of an earlier cycle
        return Decision(
            verdict,
            unit,
            self.about,
            opens,
            closes,
            act,
            due,
            review,
            due <= now,
            cycle,
            attempt,
            tuple(bounds),
            values,
            zone,
        )

    def _duties(self, facts: Facts, values: Mapping[str, int], bounds: list[Bound]) -> tuple[int, int, int, int]:
        """When the first of the duties starts and falls due, the cycle of the one due first, the latest attempt."""
        starts, due, cycle, attempt = NEVER, NEVER, ALWAYS, ALWAYS
        for duty in self.duties:
            f = duty.view(facts, values, self.calendar) if duty.names else facts
            policy = duty.policy
            d, c, tried = policy.due(f), policy.cycle(f), policy.attempted(f)
            s = d if duty.starts_at_due else policy.starts(f)
            bounds.append(Bound(policy, s, NEVER, NEVER, d, True, duty.names))
            starts = s if s < starts else starts
            attempt = tried if tried > attempt else attempt
            if d < due or (d == due and c > cycle):
                due, cycle = d, c
        return starts, due, cycle, attempt

    def _verdict(
        self, now: int, opens: int, closes: int, redirects: int, known: int, due: int, hours: Calendar | None
    ) -> tuple[Verdict, int, tuple[int, ...]]:
        """The first verdict that fits, the start of the allowed stretch, and the instants at which that may change."""
        if redirects <= now:
            return Verdict.REDIRECT, NEVER, ()
        if closes <= now:
            return Verdict.TOO_LATE, NEVER, (redirects,)
        begin, end = known, closes
        if hours is not None and known < closes:
            begin, end = hours._stretch(max(now, known))  # noqa: SLF001  (the calendar's form for ticks)
            begin, end = max(begin, known), min(end, closes)
        edges = (redirects, closes, opens, begin, end)
        if begin >= closes:
            return Verdict.IMPOSSIBLE, NEVER, (redirects, closes)
        if opens >= NEVER:
            # hours matter to what is awaited only where they may run out before the guard closes
            return Verdict.WAIT, NEVER, edges if closes < NEVER else (redirects,)
        if begin > now:
            return Verdict.WAIT, begin, edges
        return (Verdict.OVERDUE if due <= now else Verdict.GO), begin, edges
