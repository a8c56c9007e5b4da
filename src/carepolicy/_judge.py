"""From bounds to a decision: the whole rule, in one place."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import cached_property, partial, reduce
from typing import Any

import attrs

from carepolicy._instant import ALWAYS, NEVER, Instant, zone_of
from carepolicy.calendar import Calendar
from carepolicy.decision import About, Decision, Verdict
from carepolicy.errors import InvalidCalendarError
from carepolicy.facts import Facts
from carepolicy.reason import BOUNDS, Bounds, BoundsForm, WishedHours, hours_of, is_local, known_wish
from carepolicy.state import Unit

ANSWERS = frozenset({"opens", "closes", "redirects", "likely", "cycle", "starts", "attempted"})
"""What a policy may leave to the defaults of `Guard` and `Duty`."""
_WISHES_KEPT = 1024
_REDIRECT, _TOO_LATE, _IMPOSSIBLE, _WAIT, _OVERDUE, _GO = Verdict  # found thrice as fast as on the class

Ask = Callable[[Facts], int]
Stretch = Callable[[int], tuple[int, int]]


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

    def view(self, facts: Facts, values: Mapping[str, Instant], calendar: Calendar) -> Facts:
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
            InvalidCalendarError: If hours of the customer and hours of ours never meet in that zone, or as wished.
        """
        found = self._hours_in
        if zone not in found:
            if zone:
                zone_of(zone)
            hours = [h for guard in self.guards if (h := hours_of(guard.policy, zone)) is not None]
            try:
                found[zone] = reduce(operator.and_, hours) if hours else None
            except InvalidCalendarError as error:
                whom = f"for a customer in {zone!r}" if zone else "what the customer wishes"
                raise InvalidCalendarError(f"hours of {self.about.touch} never meet {whom}: {error}") from error
        return found[zone]

    @cached_property
    def _stretch_in(self) -> dict[str, Stretch | None]:
        """The stretch of the hours that is open at an instant or comes next, by zone: filled as zones are met."""
        return {}

    def _stretch_of(self, zone: str) -> Stretch | None:
        hours = self.hours_in(zone)
        found = None if hours is None else hours._clock.openings.stretch  # noqa: SLF001  (no sentinel is ever asked)
        self._stretch_in[zone] = found
        return found

    def wishing(self, wish: Calendar | None) -> Rule:
        """This rule for a customer who wishes to be contacted in some hours; None for one who wishes nothing.

        What is owed heeds a wish, and what has hours of the customer; what merely may be sent has none to heed.

        Raises:
            InvalidCalendarError: If the wish is no calendar.
        """
        if wish is None:
            return self
        known_wish(wish)
        if not (self.duties or any(_has_local_hours(guard.policy) for guard in self.guards)):
            return self
        found = self._wished
        if wish not in found:
            if len(found) >= _WISHES_KEPT:
                found.clear()
            found[wish] = attrs.evolve(self, guards=(*self.guards, Renamed(WishedHours(wish), own=frozenset())))
        return found[wish]

    @cached_property
    def _wished(self) -> dict[Calendar, Rule]:
        """This rule by what customers wish: filled as wishes are met, as their hours take long to lay out."""
        return {}

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: what was found out is found out again."""
        return {field.name: getattr(self, field.name) for field in attrs.fields(Rule)}

    @cached_property
    def _questions(self) -> _Questions:
        """What is asked of the policies."""
        return _Questions.of(self.guards, self.duties)

    def decide(
        self, values: dict[str, int], unit: Unit, now: int, next_visible: int = NEVER, zone: str = ""
    ) -> Decision:
        """The decision about a unit at `now`, from its facts.

        Args:
            values: The facts, by the names that the plan has for them.
            unit: Whom it is about.
            now: The instant to judge at, in UTC microseconds.
            next_visible: When an event known already comes.
            zone: The customer's own zone; "" where it is not known.
        """
        asked, facts = self._questions, Facts._over(self.calendar, values)  # noqa: SLF001  (as nobody changes values)
        closes, redirects, cycle = NEVER, NEVER, ALWAYS
        said = [ask(facts) for ask in asked.opens]
        known = opens = max(said) if said else ALWAYS
        if opens >= NEVER:
            known = max([us for us in said if us < NEVER], default=ALWAYS)
        if asked.closes:
            closings = [ask(facts) for ask in asked.closes]
            closes, said = min(closings), said + closings
        if asked.redirects:
            others = [ask(facts) for ask in asked.redirects]
            redirects, said = min(others), said + others
        for ask in asked.cycles:
            us = ask(facts)
            cycle = us if us > cycle else cycle
        due, attempt = NEVER, values.get(self.sent, ALWAYS)
        if asked.duties:
            starts, due, cycle, tried = _first_of(asked.duties, facts, said)
            opens, attempt = max(opens, starts), max(attempt, tried)
            known = max(known, starts) if starts < NEVER else known
        stretches = self._stretch_in
        stretch = stretches[zone] if zone in stretches else self._stretch_of(zone)
        verdict, act, edges = _verdict(now, opens, closes, redirects, known, due, stretch)
        review = next_visible if next_visible > now else NEVER
        for edge in edges:
            if now < edge < review:
                review = edge
        if now < due < review:
            review = due
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
            Bounds(asked.form, said),
            values,
            zone,
        )


@attrs.frozen(eq=False)
class _Questions:
    """What is asked of the policies of a rule, found out once: what they leave to the defaults is not asked.

    Args:
        opens, closes, redirects, cycles: What to ask guards; their cycles only where there is no duty.
        duties: What to ask each duty: due, starts (None for at due), cycle and attempted (None for never).
        form: How to write out what they say, in the order in which they are asked.
    """

    opens: tuple[Ask, ...]
    closes: tuple[Ask, ...]
    redirects: tuple[Ask, ...]
    cycles: tuple[Ask, ...]
    duties: tuple[tuple[Ask, Ask | None, Ask | None, Ask | None], ...]
    form: BoundsForm

    @classmethod
    def of(cls, guards: tuple[Renamed, ...], duties: tuple[Renamed, ...]) -> _Questions:
        """The questions to guards and duties."""

        def asked(name: str) -> tuple[Ask, ...]:
            return tuple(_ask(guard, name) for guard in guards if name in guard.own)

        def own(duty: Renamed, name: str) -> Ask | None:
            return _ask(duty, name) if name in duty.own else None

        places = [(row, name) for name in BOUNDS for row, guard in enumerate(guards) if name in guard.own]
        for row in range(len(guards), len(guards) + len(duties)):
            places += [(row, "opens"), (row, "due")]
        return cls(
            asked("opens"),
            asked("closes"),
            asked("redirects"),
            () if duties else asked("cycle"),
            tuple(
                (
                    _ask(duty, "due"),
                    None if duty.starts_at_due else own(duty, "starts"),
                    own(duty, "cycle"),
                    own(duty, "attempted"),
                )
                for duty in duties
            ),
            BoundsForm(
                (*((g.policy, False, g.names) for g in guards), *((d.policy, True, d.names) for d in duties)),
                tuple((row, BOUNDS.index(name)) for row, name in places),
            ),
        )


def _has_local_hours(policy: Any) -> bool:
    return is_local(policy) and policy.open_hours() is not None


def _ask(part: Renamed, name: str) -> Ask:
    """The method of a policy, for facts by the names that the plan has for them."""
    method: Ask = getattr(part.policy, name)
    return partial(_by_its_names, part, method) if part.names else method


def _by_its_names(part: Renamed, method: Ask, facts: Facts) -> int:
    return method(part.view(facts, facts.known(), facts.calendar))


def _first_of(duties: Any, facts: Facts, said: list[int]) -> tuple[int, int, int, int]:
    """When the first of the duties starts and falls due, the cycle of the one due first, the latest attempt."""
    starts, due, cycle, attempt = NEVER, NEVER, ALWAYS, ALWAYS
    for ask_due, ask_starts, ask_cycle, ask_attempted in duties:
        d = ask_due(facts)
        s = d if ask_starts is None else ask_starts(facts)
        c = ALWAYS if ask_cycle is None else ask_cycle(facts)
        said += (s, d)
        starts = s if s < starts else starts
        if ask_attempted is not None:
            attempt = max(attempt, ask_attempted(facts))
        if d < due or (d == due and c > cycle):
            due, cycle = d, c
    return starts, due, cycle, attempt


def _verdict(
    now: int, opens: int, closes: int, redirects: int, known: int, due: int, stretch: Stretch | None
) -> tuple[Verdict, int, tuple[int, ...]]:
    """The first verdict that fits, the start of the allowed stretch, and the instants at which that may change."""
    if redirects <= now:
        return _REDIRECT, NEVER, ()
    if closes <= now:
        return _TOO_LATE, NEVER, (redirects,)
    begin, end = known, closes
    if stretch is not None and known < closes:
        begin, end = stretch(known if known > now else now)
        begin = known if known > begin else begin
        end = closes if closes < end else end
    edges = (redirects, closes, opens, begin, end)
    if begin >= closes:
        return _IMPOSSIBLE, NEVER, (redirects, closes)
    if opens >= NEVER:
        # hours matter to what is awaited only where they may run out before the guard closes
        return _WAIT, NEVER, edges if closes < NEVER else (redirects,)
    if begin > now:
        return _WAIT, begin, edges
    return (_OVERDUE if due <= now else _GO), begin, edges
