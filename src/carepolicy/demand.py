"""Failure demand: the contacts of customers that a kept promise, or a word in time, would have spared them.

The aim is to remove the need to call, not to answer the call faster.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from carepolicy._holds import Holds
from carepolicy._instant import NEVER, iso_or_none, to_micros
from carepolicy._spared import CAUSES, Spared, spared_in
from carepolicy.checks import Chasers, UnclearMessages
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.finding import POSSIBLE, PROVED
from carepolicy.history import History, bare_history, lapses_of
from carepolicy.policy import duty_parts
from carepolicy.rules import Part
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    pass

__all__ = ["CAUSES", "Demand", "FailureDemand", "Share", "Spared", "failure_demand", "history_of"]


@attrs.frozen(kw_only=True)
class Demand:
    """One contact that a customer made, and what would have spared it.

    Args:
        event: The contact.
        spared_by: All that would have spared it: what is proved first, then what was owed first. Nothing where no
            failure is found: the contact that a company is there for.
    """

    event: Event
    spared_by: tuple[Spared, ...] = ()

    @property
    def is_failure(self) -> bool:
        """Whether it need not have been."""
        return bool(self.spared_by)

    @property
    def cause(self) -> str:
        """The first cause; "" where no failure is found."""
        return self.spared_by[0].cause if self.spared_by else ""

    @property
    def party(self) -> str:
        """Who could remove the first cause; "" where nobody is named."""
        return self.spared_by[0].party if self.spared_by else ""

    @property
    def certainty(self) -> str:
        """Of the first cause; "" where no failure is found."""
        return self.spared_by[0].certainty if self.spared_by else ""


@attrs.frozen(kw_only=True)
class Share:
    """What one cause, or one party, accounts for.

    Args:
        name: The cause or the party.
        proved: How many contacts it is proved to have made necessary.
        possible: How many more it may have.
        share: Its part of all that is proved, from 0 to 1.
        cumulative: That of this and all before it.
    """

    name: str
    proved: int
    possible: int
    share: float
    cumulative: float


@attrs.frozen(kw_only=True)
class FailureDemand(Holds):
    """Every contact of the customers: those that need not have been, and the others, which add up to all.

    Args:
        demands: One for each contact that the customer began, and for each of which nobody wrote down who began it.
        review_us: Until when all of this holds unless an event arrives, in UTC microseconds.

    Source: J. Seddon, Freedom from Command and Control (2003): failure demand is "caused by a failure to do something,
    or do something right, for the customer". P. Walley, A. Jennison-Phillips (2017): of 535 non-urgent police incidents
    30 % showed needless repeated activity, mostly because it was postponed. HDI (2024), "Treat end-user escalations
    seriously": a chaser is valid where the reply was late, a target missed, or nobody had said what to expect.
    """

    demands: tuple[Demand, ...]
    review_us: int = NEVER
    zone: str = "UTC"

    def _where(self, certainty: str) -> tuple[Demand, ...]:
        return tuple(d for d in self.demands if d.certainty == certainty)

    @property
    def proved(self) -> tuple[Demand, ...]:
        """The contacts that need not have been."""
        return self._where(PROVED)

    @property
    def possible(self) -> tuple[Demand, ...]:
        """Those that perhaps need not have been: the log leaves it open."""
        return self._where(POSSIBLE)

    @property
    def value(self) -> tuple[Demand, ...]:
        """The customer's contacts in which no failure is found."""
        return tuple(d for d in self._where("") if d.event.direction)

    @property
    def unsaid(self) -> tuple[Demand, ...]:
        """The other contacts, of which nobody wrote down who began them."""
        return tuple(d for d in self._where("") if not d.event.direction)

    @property
    def causes(self) -> tuple[Share, ...]:
        """What each cause accounts for, the greatest first: what to remove."""
        return self._shares("cause")

    @property
    def parties(self) -> tuple[Share, ...]:
        """What each party could remove, the greatest first: whom to ask."""
        return self._shares("party")

    def _shares(self, by: str) -> tuple[Share, ...]:
        counts: dict[str, list[int]] = {}
        for demand in (*self.proved, *self.possible):
            counts.setdefault(getattr(demand, by), [0, 0])[demand.certainty == POSSIBLE] += 1
        shares, total, so_far = [], len(self.proved) or 1, 0
        for name, (proved, possible) in sorted(counts.items(), key=lambda c: (-c[1][0], -c[1][1], c[0])):
            so_far += proved
            shares.append(
                Share(name=name, proved=proved, possible=possible, share=proved / total, cumulative=so_far / total)
            )
        return tuple(shares)

    def __str__(self) -> str:
        """A table for people: the causes, and who could remove them."""
        needless, perhaps, others, unsaid = map(len, (self.proved, self.possible, self.value, self.unsaid))
        counted = f"{len(self.demands)} contacts: {needless} need not have been, {perhaps} perhaps"
        lines = [f"{counted}; {others} others of the customer, {unsaid} of which nobody wrote down who began"]
        for title, shares in (("what to remove", self.causes), ("who could remove it", self.parties)):
            lines += ["", f"{title:<24}{'proved':>8}{'share':>8}{'so far':>8}{'possible':>10}"]
            lines += [
                f"{s.name or 'nobody named':<24}{s.proved:>8}{s.share:>8.0%}{s.cumulative:>8.0%}{s.possible:>10}"
                for s in shares
            ]
        return "\n".join(lines)

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "contacts": len(self.demands),
            "proved": len(self.proved),
            "possible": len(self.possible),
            "value": len(self.value),
            "unsaid": len(self.unsaid),
            "causes": [attrs.asdict(share) for share in self.causes],
            "parties": [attrs.asdict(share) for share in self.parties],
            "failures": [self._data_of(demand) for demand in self.demands if demand.is_failure],
            "review_at": iso_or_none(self.review_us, self.zone),
        }

    def _data_of(self, demand: Demand) -> dict[str, Any]:
        event = demand.event
        spared = [
            {**attrs.asdict(s, filter=lambda a, _: a.name != "by_us"), "by": iso_or_none(s.by_us, self.zone)}
            for s in demand.spared_by
        ]
        about = {"id": event.id, "at": iso_or_none(event.at_us, self.zone)}
        return {**about, "customer": event.customer, "case": event.case, "spared_by": spared}


def failure_demand(known: Timeline | History, *, plan: Any, until: datetime | str | None = None) -> FailureDemand:
    """Which contacts of the customers need not have been, by cause and by who could remove the cause.

    Contacts that a machine made are no demand.

    Args:
        known: The log; or a history whose lapses are known.
        plan: What was owed: a `Plan`. Its `Chasers` and `UnclearMessages` say which purposes ask for what.
        until: Judge what had happened and was known by then; a history has its own end.

    Raises:
        InvalidPolicyError: If it is no log, or a log without `until`.
    """
    if isinstance(known, History):
        history, review_us = known, NEVER
    elif isinstance(known, Timeline) and until is not None:
        now = to_micros(until, "until")
        history, review_us = history_of(known, now, plan), known.next_visible(now)
    else:
        raise InvalidPolicyError(f"known is no log with an end: {known!r:.80}; pass a Timeline and until=")
    chasers = next((c for c in plan.checks if isinstance(c, Chasers)), Chasers())
    unclear = next((c for c in plan.checks if isinstance(c, UnclearMessages)), UnclearMessages())
    found: dict[tuple[str, str], list[Spared]] = {}
    for event, spared in spared_in(history, chasers, unclear):
        found.setdefault((event.customer, event.id), []).append(spared)
    demands = tuple(
        Demand(event=e, spared_by=_in_order(found.get((e.customer, e.id), ()))) for e in history.events if _demands(e)
    )
    return FailureDemand(demands=demands, review_us=review_us, zone=history.zone)


def history_of(timeline: Timeline, until_us: int, plan: Any) -> History:
    """What had happened and was known by an instant (UTC microseconds), with every duty of a plan that had lapsed."""
    bare = bare_history(timeline._as_of(until_us), until_us, plan)  # noqa: SLF001  (ticks)
    parts = (Part(name, duty_parts(touch.due), (), None, touch.owner) for name, touch in plan.touches)
    return attrs.evolve(bare, lapses=tuple(lapse for part in parts for lapse in lapses_of(part, bare)))


def _demands(event: Event) -> bool:
    return event.kind == "contact" and event.direction != "outbound" and event.author != "automatic"


def _in_order(spared: Iterable[Spared]) -> tuple[Spared, ...]:
    ranks = {PROVED: 0, POSSIBLE: 1}
    return tuple(sorted(dict.fromkeys(spared), key=lambda s: (ranks[s.certainty], s.by_us, CAUSES.index(s.cause))))
