"""A taste of a higher tier: who gets what is spare tonight, how to say it, who follows up, and why the others do not.

The rule is one that can be told to anybody who asks: nearest to the next rung first, then who has waited longest, no
group more than its share, nobody again before their rest is over, and nobody who is in trouble.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from carepolicy._instant import ALWAYS, iso, maybe_moment, to_micros
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import Parties
from carepolicy.messages import ALLOWED, decide_message
from carepolicy.sampling import fraction_of
from carepolicy.taste import TASTED, Candidate, Spare, Taste
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

FIRST, AGAIN = "first", "again"


@attrs.frozen
class Given:
    """One who gets it.

    Args:
        customer: Who.
        rung: What they taste.
        text: The key of the text that says it, for the host's templates: "taste/gold/first".
        owner: Who follows up.
        follow_up_us: By when, in UTC microseconds.
        key: Reserve it before it is given.
        zone: The zone that instants are given in.
    """

    customer: str
    rung: str
    text: str
    owner: str
    follow_up_us: int
    key: str
    zone: str = "UTC"

    @property
    def follow_up_at(self) -> pendulum.DateTime | None:
        """By when the owner asks how it was."""
        return maybe_moment(self.follow_up_us, self.zone)


@attrs.frozen
class Passed:
    """One who does not get it.

    Args:
        customer: Who.
        code: Why, for a machine: "there", "far", the code of the guard that stands against it, "group" or "places".
        why: Why, in one sentence.
    """

    customer: str
    code: str
    why: str


@attrs.frozen
class Allocation:
    """Who gets what is spare, and who does not.

    Args:
        given: Who gets it, in the order in which they were chosen.
        passed: Who does not, by name, and why.
        left: How many places are left: rather empty than against the rule.
        review_us: Until when this holds, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    given: tuple[Given, ...]
    passed: tuple[Passed, ...]
    left: int
    review_us: int
    zone: str = "UTC"

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """Until when this holds."""
        return maybe_moment(self.review_us, self.zone)


@attrs.frozen
class _Fit:
    """A candidate against whom nothing stands.

    Args:
        candidate: Who.
        tasted_us: When they last had one; ALWAYS for never.
        key: The key of the decision.
        lot: What settles a tie.
    """

    candidate: Candidate
    tasted_us: int
    key: str
    lot: float

    @property
    def rank(self) -> tuple[float, int, float, str]:
        """Nearest first, then who has waited longest, then by lot."""
        return (self.candidate.missing, self.tasted_us, self.lot, self.candidate.customer)


def allocate_taste(
    candidates: Iterable[Candidate],
    spare: Spare,
    timeline: Timeline,
    at: datetime | str,
    *,
    taste: Taste | None = None,
    zones: Mapping[str, str] | None = None,
    calendar: Calendar | None = None,
    parties: Parties | None = None,
) -> Allocation:
    """Who gets what is spare tonight; the same however the candidates are ordered.

    A place more never takes a place away: those who get one of five places get one of six as well.

    Args:
        candidates: Who may get it.
        spare: What is free, and when.
        timeline: The log, of all of them.
        at: The instant to judge at: what is known by then counts.
        taste: The rule; the default one when left out.
        zones: The customers' own zones, IANA names by customer, as far as they are known.
        calendar: In which spans are counted, and whose zone instants are in; around the clock in UTC when left out.
        parties: Who is ours.

    Raises:
        InvalidTimeError: If `at` has no zone.
        InvalidPolicyError: If a customer is named twice and not the same, or what is spare is of the past.
    """
    now, hours, rule = to_micros(at), calendar or Calendar.always(), taste or Taste()
    if now >= spare.when_us:
        raise InvalidPolicyError(f"what is spare is of the past: {iso(spare.when_us)} <= {iso(now)}; judge before it")
    mine: dict[str, Candidate] = {}
    for candidate in candidates:
        if mine.setdefault(candidate.customer, candidate) != candidate:
            raise InvalidPolicyError(
                f"customer is named twice and not the same: {candidate.customer!r}; name them once"
            )
    passed: list[Passed] = []
    fit: list[_Fit] = []
    coming = spare.when_us
    guards, lot = rule.guards, iso(spare.when_us)
    for customer, candidate in mine.items():
        log = timeline.by_customer.get(customer, Timeline(()))
        coming = min(coming, log.next_visible(now))
        decision = decide_message(
            "taste", guards, timeline, spare.when_us, known=now, customer=customer,
            zone=(zones or {}).get(customer, ""), calendar=hours, parties=parties,
        )  # fmt: skip
        tasted = max((e.at_us for e in log.known(now) if TASTED.matches(e, parties or Parties())), default=ALWAYS)
        if candidate.missing == 0:
            passed.append(Passed(customer, "there", f"they have reached {candidate.rung}"))
        elif candidate.missing > rule.near:
            passed.append(Passed(customer, "far", f"{candidate.missing:.0%} of the way to {candidate.rung} is missing"))
        elif decision.verdict not in ALLOWED:
            passed.append(Passed(customer, decision.codes[0], decision.why))
        else:
            fit.append(_Fit(candidate, tasted, decision.key, fraction_of(lot, spare.what, customer)))
    chosen, counts = _chosen(sorted(fit, key=lambda one: one.rank), spare.places, rule)
    for one in fit:
        group = one.candidate.group
        if one not in chosen:
            full = counts.get(group, 0) >= rule.cap(group, spare.places) and bool(group)
            why = f"{group} has had its share" if full else f"the places went to others: {spare.places}"
            passed.append(Passed(one.candidate.customer, "group" if full else "places", why))
    follow_up = int(hours._add(spare.when_us, rule.follow_up))  # noqa: SLF001  (the calendar's form for ticks)
    return Allocation(
        given=tuple(
            Given(
                customer=one.candidate.customer,
                rung=one.candidate.rung,
                text=f"taste/{one.candidate.rung}/{FIRST if one.tasted_us <= ALWAYS else AGAIN}",
                owner=one.candidate.owner or rule.owner,
                follow_up_us=follow_up,
                key=one.key,
                zone=hours.zone,
            )
            for one in chosen
        ),
        passed=tuple(sorted(passed, key=lambda p: p.customer)),
        left=spare.places - len(chosen),
        review_us=coming,
        zone=hours.zone,
    )


def _chosen(ranked: list[_Fit], places: int, rule: Taste) -> tuple[list[_Fit], dict[str, int]]:
    """Who is chosen, and how many of each group: as if the places were found one by one, so that a place more never
    takes one away."""
    waiting: dict[str, list[_Fit]] = {}
    for one in reversed(ranked):
        waiting.setdefault(one.candidate.group, []).append(one)
    chosen: list[_Fit] = []
    counts: dict[str, int] = {}
    for so_many in range(1, places + 1):
        if len(chosen) == len(ranked):
            break
        while len(chosen) < so_many:
            heads = [w[-1] for g, w in waiting.items() if w and counts.get(g, 0) < rule.cap(g, so_many)]
            if not heads:
                break
            best = min(heads, key=lambda one: one.rank)
            group = best.candidate.group
            chosen.append(waiting[group].pop())
            counts[group] = counts.get(group, 0) + 1
    return chosen, counts
