"""From bounds to a decision: the whole rule, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs

from carepolicy._instant import ALWAYS, NEVER
from carepolicy.calendar import Calendar
from carepolicy.decision import About, Decision, Verdict
from carepolicy.facts import Facts
from carepolicy.reason import Bound
from carepolicy.state import Unit


@attrs.frozen
class Renamed:
    """A policy of a plan, how the facts that it asks for are called there, and whether it is a duty that starts when
    it falls due, so that both are asked for once."""

    policy: Any
    names: tuple[tuple[str, str], ...] = ()
    starts_at_due: bool = False

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
        hours: When it may happen at all.
        sent: The name of the fact that says when it was last attempted; "" for none.
        calendar: In which spans are counted.
    """

    about: About
    scope: str
    guards: tuple[Renamed, ...]
    duties: tuple[Renamed, ...]
    hours: Calendar | None
    calendar: Calendar
    sent: str = ""

    @cached_property
    def asks(self) -> frozenset[str]:
        """The facts that it needs, by the names that the plan has for them."""
        names = {dict(p.names).get(own, own) for p in (*self.guards, *self.duties) for own in p.policy.needs()}
        return frozenset(names | {self.sent} if self.sent else names)

    def decide(self, values: Mapping[str, int], unit: Unit, now: int, next_visible: int = NEVER) -> Decision:
        """The decision about a unit at `now`, from its facts; `next_visible` is when an event known already comes."""
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
        verdict, act, edges = self._verdict(now, opens, closes, redirects, known, due)
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
        self, now: int, opens: int, closes: int, redirects: int, known: int, due: int
    ) -> tuple[Verdict, int, tuple[int, ...]]:
        """The first verdict that fits, the start of the allowed stretch, and the instants at which that may change."""
        if redirects <= now:
            return Verdict.REDIRECT, NEVER, ()
        if closes <= now:
            return Verdict.TOO_LATE, NEVER, (redirects,)
        begin, end = known, closes
        if self.hours is not None and known < closes:
            begin, end = self.hours._stretch(max(now, known))  # noqa: SLF001  (the calendar's form for ticks)
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
