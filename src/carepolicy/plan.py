"""Plans: touches composed into decisions, as data that a care team can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from carepolicy import _plan_data
from carepolicy._instant import NEVER, to_micros
from carepolicy.calendar import Calendar
from carepolicy.checks import STANDARD, Check
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.events import Event
from carepolicy.facts import CUSTOMER, Fact, Facts, Parties
from carepolicy.policy import duty_parts, guard_parts
from carepolicy.review import Review, homes_in, named_in, wishes_in
from carepolicy.rules import Part, Rules
from carepolicy.state import Folded
from carepolicy.timeline import Timeline
from carepolicy.touch import Touch

if TYPE_CHECKING:
    from carepolicy.audit import Audit
    from carepolicy.decision import Decision

    _Said = tuple[Mapping[str, str], Mapping[str, Calendar]]


def _touches(value: Mapping[str, Touch] | Iterable[tuple[str, Touch]]) -> tuple[tuple[str, Touch], ...]:
    return tuple(value.items() if isinstance(value, Mapping) else value)


@attrs.frozen(init=False, slots=False, repr=False)
class Plan:
    """What a company owes its customers and what it may send them.

    Args:
        calendar: In which working time is counted, and whose zone instants are given in.
        name: What it is called.
        parties: Who is ours and who is a partner; every party but `customer` is ours when left out.
        checks: What an audit looks for beside duties and guards; the standard set when left out.
        touches: The touches by name; as keywords, or as a mapping where a name is no identifier.

    Raises:
        InvalidPolicyError: If there is no touch, something is no touch, two have one name, or the calendar is none.
    """

    calendar: Calendar
    touches: tuple[tuple[str, Touch], ...] = attrs.field(eq=frozenset)
    name: str
    parties: Parties
    checks: tuple[Check, ...]

    def __init__(
        self,
        calendar: Calendar,
        *,
        name: str = "",
        parties: Parties | None = None,
        checks: Iterable[Check] = STANDARD,
        touches: Mapping[str, Touch] | Iterable[tuple[str, Touch]] = (),
        **more: Touch,
    ) -> None:
        every = (*_touches(touches), *more.items())
        if not isinstance(calendar, Calendar):
            raise InvalidPolicyError(f"calendar is not a Calendar: {calendar!r}; use e.g. Calendar.weekly(...)")
        names = [touch_name for touch_name, _ in every]
        if "" in names or len(names) > len(set(names)):
            raise InvalidPolicyError(f"touches need a name each, and each its own: {names!r}; rename one")
        if not every:
            raise InvalidPolicyError("plan has no touch; add one, e.g. call=Touch(due=Cadence(every=working_days(10)))")
        for touch_name, touch in every:
            if not isinstance(touch, Touch):
                raise InvalidPolicyError(f"{touch_name} is not a Touch: {touch!r}; wrap it, e.g. Touch(due=...)")
        checks = tuple(checks)
        for check in checks:
            if not isinstance(check, Check):
                raise InvalidPolicyError(f"check is not one: {check!r}; it has the methods findings and explain")
        self.__attrs_init__(calendar, every, name, parties or Parties(), tuple(checks))

    def __getitem__(self, name: str) -> Touch:
        """The touch of a name.

        Raises:
            UnknownNameError: If the plan has none of this name.
        """
        if name not in self._touches:
            raise UnknownNameError(f"touch is not in the plan: {name!r}; it has {', '.join(self._touches)}")
        return self._touches[name]

    @cached_property
    def version(self) -> str:
        """A stamp of the whole content: equal plans have equal versions."""
        return _plan_data.version_of(self)

    @cached_property
    def rules(self) -> Rules:
        """The touches, ready to decide."""
        parts = [
            Part(name, duty_parts(t.due), guard_parts(t.guard), t.sends_of(name), t.owner) for name, t in self.touches
        ]
        return Rules.of(parts, self.calendar, self.parties, self.version)

    @cached_property
    def _touches(self) -> dict[str, Touch]:
        return dict(self.touches)

    @cached_property
    def _order(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self._touches)}

    @property
    def facts(self) -> dict[str, Fact]:
        """The facts that the plan needs, by the names that a table has for them."""
        return dict(self.rules.folding.declared)

    def fold(self, timeline: Timeline, at: datetime | str) -> Folded:
        """What a log comes to by an instant, to be kept, brought up to date with `add`, and reviewed."""
        now = to_micros(at)
        folded = self.rules.folding.fold(timeline.known(now))
        coming = tuple(e for e in timeline.recordings if e.visible_us > now)
        seen: dict[tuple[str, str], frozenset[Event]] = {}
        for event in timeline.recordings:
            if event.visible_us <= now:
                name = (event.customer, event.id)
                seen[name] = seen.get(name, frozenset()) | {event}
        return attrs.evolve(folded, pending=coming, seen=seen)

    def review(
        self,
        known: Timeline | Folded,
        at: datetime | str,
        *,
        roster: Iterable[str] = (),
        zones: Mapping[str, str] | None = None,
        wishes: Mapping[str, Calendar] | None = None,
    ) -> Review:
        """What to do now, per customer and case: every decision, and when to look again.

        Args:
            known: A timeline, or facts folded from one.
            at: The instant to judge at.
            roster: Customers who exist whether or not anything is known of them.
            zones: The customers' own zones, IANA names by customer, as far as they are known: hours of contact are
                meant in them.
            wishes: The hours in which customers wish to be contacted, as far as they said: what is owed waits for them.

        Raises:
            InvalidTimeError: If `at` is naive, or before the last event of folded facts.
            UnknownZoneError: If a zone is not known.
            InvalidCalendarError: If a wish is no calendar, or never meets the hours of a touch.
        """
        now, named, said = to_micros(at), named_in(roster), (homes_in(zones), wishes_in(wishes))
        self._refuse_others(known)
        decisions: list[Decision] = []
        if isinstance(known, Timeline):
            for customer, timeline in known.by_customer.items():
                folded = self.rules.folding.fold(timeline.known(now))
                soon = {customer: timeline.next_visible(now)}
                decisions += self._decide(folded, now, soon, named & {customer}, said)
            if unheard := named - known.by_customer.keys():
                decisions += self._decide(self.rules.folding.fold(()), now, {}, unheard, said)
            next_us = known.next_visible(now)
        else:
            folded = known.up_to(now)
            coming: dict[str, int] = {}
            for event in folded.pending:
                coming[event.customer] = min(coming.get(event.customer, NEVER), event.visible_us)
            decisions += self._decide(folded, now, coming, named, said)
            next_us = folded.next_visible
        order = self._order
        decisions.sort(key=lambda d: (order[d.touch], d.unit))
        return Review(tuple(decisions), self._touches, now, self.calendar.zone, next_us)

    def decide_facts(
        self,
        facts: Facts,
        at: datetime | str,
        *,
        customer: str = "",
        case: str = "",
        ref: str = "",
        party: str = "",
        zone: str = "",
        wish: Calendar | None = None,
    ) -> Review:
        """What to do now about one customer (case, promise) whose facts a host keeps; what is left out never happened.

        Args:
            facts: By the names of `Plan.facts`.
            at: The instant to judge at.
            customer, case, ref, party: Whom the facts are about: they make the keys.
            zone: The customer's own zone, an IANA name, in which hours of contact are meant; "" for not known.
            wish: The hours in which the customer wishes to be contacted; None for no wish.

        Raises:
            UnknownNameError: If a fact is given that the plan does not use.
            UnknownZoneError: If the zone is not known.
            InvalidCalendarError: If the wish never meets the hours of a touch.
        """
        now = self.calendar._clock.door.micros(at)  # noqa: SLF001  (the quickest way in for times of its zone)
        rules, unit = self.rules, (customer, case, ref, party)
        values = facts.filled(rules.missing)
        judged = rules.rules if wish is None else [rule.wishing(wish) for rule in rules.rules]
        decisions = tuple([rule.decide(values, unit, now, NEVER, zone) for rule in judged])
        return Review(decisions, self._touches, now, self.calendar.zone)

    def _refuse_others(self, known: object) -> None:
        """Refuse what is no log, and the facts of another plan: a stored fold outlives a change of the plan."""
        mine = self.rules.folding  # the very same one, unless the fold was stored: comparing takes long
        if isinstance(known, Folded) and known.folding is not mine and known.folding != mine:
            raise InvalidPolicyError("folded facts are of another plan; fold the log again with this one")
        if not isinstance(known, (Timeline, Folded)):
            raise InvalidPolicyError(f"known is no timeline: {known!r:.80}; read rows with Timeline.read(rows)")

    def _decide(
        self, folded: Folded, now: int, coming: Mapping[str, int], named: Iterable[str], said: _Said
    ) -> list[Decision]:
        """The decisions about every unit, and about every customer who is named or of whom anything is known."""
        homes, wishes = said
        customers = {unit[0] for units in folded.units.values() for unit in units}.union(named)
        everybody = [(customer, "", "", "") for customer in customers]
        return [
            (rule.wishing(wishes.get(unit[0])) if wishes else rule).decide(
                folded.values(unit, rule.asks), unit, now, coming.get(unit[0], NEVER), homes.get(unit[0], "")
            )
            for rule in self.rules.rules
            for unit in (everybody if rule.scope == CUSTOMER else folded.units[rule.scope])
        ]

    def audit(
        self,
        timeline: Timeline,
        until: datetime | str,
        *,
        plans: Iterable[tuple[datetime | str, Plan]] = (),
    ) -> Audit:
        """What history did against this plan: findings with evidence, one per occasion.

        Args:
            timeline: The log.
            until: Judge what had happened and was known by then.
            plans: Earlier plans with the instant from which each was in force, when this one was not always;
                then `plans` are all that count. A cycle is held against the plan in force when it began.
        """
        from carepolicy.audit import audit

        if not isinstance(timeline, Timeline):
            raise InvalidPolicyError(f"timeline is none: {timeline!r:.80}; read rows with Timeline.read(rows)")
        plans = tuple(plans)
        for pair in plans:
            if not (isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], Plan)):
                raise InvalidPolicyError(f"plans are not pairs: {pair!r:.80}; write [(since, plan), …]")
        return audit(timeline, to_micros(until, "until"), plans or ((None, self),))

    def explain(self) -> str:
        """The plan in plain words, for the care team."""
        return _plan_data.in_plain_words(self)

    def to_data(self) -> dict[str, Any]:
        """The plan as plain data, for JSON or TOML."""
        return _plan_data.to_data(self)

    def to_json(self) -> str:
        """The plan as JSON."""
        return _plan_data.to_json(self)

    def to_toml(self) -> str:
        """The plan as TOML."""
        return _plan_data.to_toml(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any], *, policies: Iterable[type] = ()) -> Plan:
        """The plan of plain data; nothing in it is evaluated.

        Args:
            data: As `to_data` gives it.
            policies: Policies and checks beside those that carepolicy ships.

        Raises:
            InvalidPolicyError: If it cannot be meant; says where.
        """
        return _plan_data.from_data(cls, data, policies)

    @classmethod
    def from_json(cls, text: str, *, policies: Iterable[type] = ()) -> Plan:
        """The plan of JSON text. Arguments and errors as for `from_data`."""
        return _plan_data.from_data(cls, _plan_data.parse_json(text), policies)

    @classmethod
    def from_toml(cls, text: str, *, policies: Iterable[type] = ()) -> Plan:
        """The plan of TOML text. Arguments and errors as for `from_data`."""
        return _plan_data.from_data(cls, _plan_data.parse_toml(text), policies)

    @staticmethod
    def json_schema(*, policies: Iterable[type] = ()) -> dict[str, Any]:
        """The JSON Schema of plans, with policies and checks of one's own beside the shipped ones."""
        return _plan_data.json_schema(policies)

    @classmethod
    def named(cls, name: str) -> Plan:
        """A recommended plan that ships with carepolicy.

        Raises:
            UnknownNameError: If there is none of this name.
        """
        return cls.from_toml(_plan_data.recommended(name))

    def __repr__(self) -> str:
        parts = [repr(self.calendar)]
        parts += [f"name={self.name!r}"] if self.name else []
        parts += [f"parties={self.parties!r}"] if self.parties != Parties() else []
        parts += [f"checks={self.checks!r}"] if self.checks != STANDARD else []
        return f"Plan({', '.join([*parts, f'touches={dict(self.touches)!r}'])})"
