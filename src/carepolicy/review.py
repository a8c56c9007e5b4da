"""Reviews: every decision of a moment, what to do first within the minutes at hand, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from carepolicy._instant import ALWAYS, NEVER, maybe_moment, to_micros, zone_of
from carepolicy.decision import Decision, Verdict
from carepolicy.errors import InvalidPolicyError
from carepolicy.reason import known_wish
from carepolicy.touch import CLASSES, Touch

if TYPE_CHECKING:
    import pendulum

    from carepolicy.calendar import Calendar

_NOW = (Verdict.OVERDUE, Verdict.GO)


@attrs.frozen(kw_only=True)
class Contact:
    """One contact with one customer, with everything that is due on its channel: nobody gets three calls in a morning.

    Args:
        customer: Whom.
        channel: How.
        owner: Who; the owner of the most urgent purpose.
        purposes: The decisions that it serves, the most urgent first.
        minutes: How long it takes: that of the longest purpose.
    """

    customer: str
    channel: str
    owner: str
    purposes: tuple[Decision, ...]
    minutes: int

    @property
    def keys(self) -> tuple[str, ...]:
        """The idempotency keys of all purposes: reserve every one."""
        return tuple(d.key for d in self.purposes)

    @property
    def touches(self) -> tuple[str, ...]:
        """The names of the touches that it serves."""
        return tuple(dict.fromkeys(d.touch for d in self.purposes))

    @property
    def due_us(self) -> int:
        """The earliest due instant among the purposes, in UTC microseconds."""
        return min(d.due_us for d in self.purposes)


@attrs.frozen(kw_only=True)
class Worklist:
    """What to do today, in order, and what does not fit.

    Args:
        to_do: The contacts that fit into the minutes at hand, most urgent first.
        left_over: Those that do not.
        breaks: Decisions that fall due before the end of the day and are left over: what breaks if nobody finds time.
    """

    to_do: tuple[Contact, ...]
    left_over: tuple[Contact, ...]
    breaks: tuple[Decision, ...]


@attrs.frozen(slots=False)  # which is made faster
class Review:
    """Every decision of one moment.

    Args:
        decisions: By touch, customer and case.
        touches: The touches of the plan by name.
        at_us: The moment, in UTC microseconds.
        zone: The zone that instants are given in.
        coming_us: When the next event that is known already comes, which may bring a new decision; NEVER for none.
    """

    decisions: tuple[Decision, ...]
    touches: Mapping[str, Touch] = attrs.field(hash=False)
    at_us: int
    zone: str = "UTC"
    coming_us: int = NEVER

    @property
    def due(self) -> tuple[Decision, ...]:
        """What is owed and may be done now, the most urgent first."""
        return tuple(sorted((d for d in self.decisions if d.verdict in _NOW and d.owes), key=self._urgency))

    @property
    def allowed(self) -> tuple[Decision, ...]:
        """What may go out now though nothing is owed."""
        return tuple(d for d in self.decisions if d.verdict in _NOW and not d.owes)

    @property
    def waiting(self) -> tuple[Decision, ...]:
        """What is held, for an instant or an event."""
        return tuple(d for d in self.decisions if d.verdict == Verdict.WAIT)

    @property
    def blocked(self) -> tuple[Decision, ...]:
        """What is not to be done: too late, impossible, or another contact instead."""
        return tuple(d for d in self.decisions if d.verdict not in (*_NOW, Verdict.WAIT))

    @property
    def review_us(self) -> int:
        """The first instant at which any decision may change without an event, in UTC microseconds."""
        return min((self.coming_us, *(d.review_us for d in self.decisions)))

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """The first instant at which any decision may change without an event; None for never."""
        return maybe_moment(self.review_us, self.zone)

    def of(self, touch: str, customer: str | None = None, case: str | None = None) -> tuple[Decision, ...]:
        """The decisions about one touch."""
        return tuple(
            d for d in self.decisions if d.touch == touch and customer in (None, d.customer) and case in (None, d.case)
        )

    def _class(self, decision: Decision) -> int:
        return CLASSES.index(self.touches[decision.touch].class_of(decision.touch))

    def _urgency(self, decision: Decision) -> tuple[Any, ...]:
        """Overdue before due, by when; where nothing is known to have happened, after what is known to be late."""
        known = decision.verdict != Verdict.OVERDUE, decision.due_us <= ALWAYS
        return (self._class(decision), *known, decision.due_us, decision.customer, decision.key)

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """What is owed and may be done now, one contact for each customer and channel, the most urgent first."""
        groups: dict[tuple[str, str], list[Decision]] = {}
        for decision in self.due:
            groups.setdefault((decision.customer, self.touches[decision.touch].channel), []).append(decision)
        return tuple(
            Contact(
                customer=customer,
                channel=channel,
                owner=next((d.owner for d in purposes if d.owner), ""),
                purposes=tuple(purposes),
                minutes=max(self.touches[d.touch].minutes for d in purposes),
            )
            for (customer, channel), purposes in groups.items()
        )

    def worklist(
        self,
        *,
        minutes: int | Mapping[str, int] | None = None,
        owner: str | None = None,
        until: datetime | str | None = None,
    ) -> Worklist:
        """What to do within the minutes at hand.

        Args:
            minutes: At hand, of each owner; a mapping gives them by owner; None for no limit.
            owner: Only the contacts of one owner.
            until: The end of the day: what falls due before it and does not fit is named in `breaks`. The due dates
                that have passed already count as broken as well.

        Raises:
            InvalidPolicyError: If minutes are negative.
        """
        for at_hand in minutes.values() if isinstance(minutes, Mapping) else (minutes or 0,):
            if at_hand < 0:
                raise InvalidPolicyError(f"minutes must not be negative, got {at_hand}")
        contacts = [c for c in self.contacts if owner in (None, c.owner)]
        spent: dict[str, int] = {}
        to_do, left_over = [], []
        for contact in contacts:
            left = minutes.get(contact.owner, 0) if isinstance(minutes, Mapping) else minutes
            used = spent.get(contact.owner, 0) + contact.minutes
            if left is None or used <= left:
                spent[contact.owner] = used
                to_do.append(contact)
            else:
                left_over.append(contact)
        end = NEVER if until is None else to_micros(until, "until")
        breaks = tuple(d for c in left_over for d in c.purposes if d.due_us < end)
        return Worklist(to_do=tuple(to_do), left_over=tuple(left_over), breaks=breaks)

    def agenda(self, until: datetime | str | None = None) -> tuple[Decision, ...]:
        """The decisions to come: what opens or falls due after now, in the order of time.

        Args:
            until: Only what comes before it.
        """
        end = NEVER if until is None else to_micros(until, "until")
        coming = [(self._comes(d), d) for d in self.decisions]
        in_order = sorted(coming, key=lambda pair: (pair[0], pair[1].key))
        return tuple(d for at, d in in_order if self.at_us < at < end)

    def _comes(self, decision: Decision) -> int:
        """When a decision next asks for something: when it opens, or when it falls due."""
        coming = [at for at in (decision.act_us, decision.due_us) if self.at_us < at < NEVER]
        if decision.is_awaiting or decision.verdict not in (*_NOW, Verdict.WAIT):
            return ALWAYS
        return min(coming, default=ALWAYS)

    def __iter__(self) -> Iterator[Decision]:
        return iter(self.decisions)

    def __len__(self) -> int:
        return len(self.decisions)


def named_in(roster: Iterable[str]) -> set[str]:
    """The customers of a roster."""
    names = roster if isinstance(roster, Iterable) and not isinstance(roster, str) else (roster,)
    for name in names:
        if name is roster or not isinstance(name, str):
            raise InvalidPolicyError(f"roster is not a list of customers: {name!r}; pass their names, e.g. ['acme']")
    return set(names)


def wishes_in(wishes: Mapping[str, Calendar] | None) -> Mapping[str, Calendar]:
    """The hours that customers wish, each of them a calendar."""
    if not isinstance(wishes, Mapping | None):
        raise InvalidPolicyError(f"wishes are not by customer: {wishes!r:.80}; write e.g. {{'acme': mornings}}")
    for customer, wish in (wishes or {}).items():
        known_wish(wish, f" of {customer!r}")
    return wishes or {}


def homes_in(zones: Mapping[str, str] | None) -> Mapping[str, str]:
    """The zones of customers, each of them known."""
    if not isinstance(zones, Mapping | None):
        raise InvalidPolicyError(f"zones are not by customer: {zones!r}; write e.g. {{'acme': 'Europe/Paris'}}")
    for zone in (zones or {}).values():
        zone_of(zone)
    return zones or {}
