"""Who had a case in hand, for how long, and how long a date of theirs had passed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from carepolicy._instant import DAY, NEVER, maybe_moment
from carepolicy.events import Event
from carepolicy.history import History

if TYPE_CHECKING:
    import pendulum

_STARTS, _ENDS = ("opened", "reopened"), ("completed", "closed")


@attrs.frozen(kw_only=True)
class Held:
    """How long one party had one case in hand.

    Args:
        customer, case, party: Who had what.
        stretches: From when until when, in UTC microseconds; several where the case came back. None where the party
            never had it in hand and only a date of theirs passed.
        overdue: How long, in microseconds, a date of that party had passed while the case was open.
    """

    customer: str
    case: str
    party: str
    stretches: tuple[tuple[int, int], ...]
    overdue: int = 0
    zone: str = "UTC"

    @property
    def days(self) -> float:
        """How long it was held, in days of 24 hours."""
        return sum(until - since for since, until in self.stretches) / DAY

    @property
    def days_overdue(self) -> float:
        """How long a date of theirs had passed, in days of 24 hours."""
        return self.overdue / DAY

    @property
    def since_us(self) -> int:
        """From when, for the first time, in UTC microseconds; NEVER where it was never held."""
        return min((since for since, _ in self.stretches), default=NEVER)

    @property
    def until_us(self) -> int:
        """Until when, for the last time, in UTC microseconds; NEVER where it was never held."""
        return max((until for _, until in self.stretches), default=NEVER)

    @property
    def since(self) -> pendulum.DateTime | None:
        """From when, for the first time."""
        return maybe_moment(self.since_us, self.zone)

    @property
    def until(self) -> pendulum.DateTime | None:
        """Until when, for the last time."""
        return maybe_moment(self.until_us, self.zone)


def held_by(history: History) -> Iterator[Held]:
    """Who had each case in hand: from the opening, over each `handed`, to the completion.

    Who took over is who says so (`accepted`), or the next party of our side that is heard of in the case.
    """
    for (customer, case), events in history.by_case.items():
        whole = [e for e in events if not e.ref]
        opened = next((e for e in whole if e.kind in _STARTS), None)
        if not case or opened is None:
            continue
        ended = next((e.at_us for e in whole if e.kind in _ENDS and e.at_us > opened.at_us), history.until_us)
        changes = [(opened.at_us, opened.party), *_handovers(events, history, opened.at_us, ended)]
        parties: dict[str, list[tuple[int, int]]] = {}
        for (since, party), (until, _) in zip(changes, [*changes[1:], (ended, "")], strict=True):
            parties.setdefault(party, []).append((since, until))
        for lapse in history.lapses_by_case.get((customer, case), ()):
            parties.setdefault(lapse.party, [])
        for party, stretches in parties.items():
            yield Held(
                customer=customer,
                case=case,
                party=party,
                stretches=tuple(stretches),
                overdue=_overdue(history, (customer, case), party, opened.at_us, ended),
                zone=history.zone,
            )


def held_by_case(history: History) -> dict[tuple[str, str], tuple[Held, ...]]:
    """Who had each case in hand, by customer and case."""
    cases: dict[tuple[str, str], tuple[Held, ...]] = {}
    for held in held_by(history):
        about = (held.customer, held.case)
        cases[about] = (*cases.get(about, ()), held)
    return cases


def in_hand(held: Iterable[Held], since: int, until: int) -> str:
    """How long each party had a case in hand within a stretch, as the end of a sentence; "" where nobody had it."""
    said = []
    for one in held:
        inside = tuple((max(a, since), min(b, until)) for a, b in one.stretches if b > since and a < until)
        if inside:
            said.append(f"{named(one.party)} {attrs.evolve(one, stretches=inside).days:.1f} days")
    return f"; in hand: {', '.join(said)}" if said else ""


def named(party: str) -> str:
    """A party as sentences call it."""
    return party or "nobody named"


def _handovers(events: Iterable[Event], history: History, after: int, before: int) -> Iterator[tuple[int, str]]:
    ours = [e for e in events if history.ours(e) and e.party]
    for position, event in enumerate(ours):
        if event.kind == "handed" and after < event.at_us < before:
            taker = next((e.party for e in ours[position + 1 :] if e.party != event.party), None)
            if taker is not None:
                yield event.at_us, taker


def _overdue(history: History, case: tuple[str, str], party: str, since: int, until: int) -> int:
    """How long some date of a party had passed in a stretch; overlapping dates count once."""
    total, reached = 0, since
    for lapse in history.lapses_by_case.get(case, ()):
        begin, end = max(lapse.due_us, reached), min(lapse.until_us, until)
        if lapse.party == party and end > begin:
            total, reached = total + end - begin, end
    return total
