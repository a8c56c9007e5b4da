"""Recovery: what can be offered to make up for a delay, within somebody's authority, and what it saves the customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._holds import Holds
from carepolicy._instant import ALWAYS, NEVER, in_words, iso, maybe_moment, to_micros
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import US, Parties
from carepolicy.severity import Stake, from_zero
from carepolicy.span import ELAPSED, WORKING, Span

if TYPE_CHECKING:
    import pendulum

LEAST = 2
"""So many options a customer is offered at least; one is no choice."""


def _restores(value: Span | datetime | str | int) -> Span | int:
    return value if isinstance(value, (Span, int)) else to_micros(value, "restores_by")


@attrs.frozen(repr=False)
class Option:
    """Something that can be offered to a customer to make up for a delay.

    Args:
        name: What it is.
        restores_by: When the customer has what they need: an aware time, after which the option is gone; or a span of
            elapsed or working time from when it is chosen; None for an option that restores nothing (a voucher).
        cost: What it costs us; 0 is free.
        kind: Of which sort it is, in your own words: rebook, replace, refund, …

    Raises:
        InvalidTimeError: If the time has no zone.
        InvalidPolicyError: If the cost is negative, or the span counts days or points backward.
    """

    name: str
    restores: Span | int | None = field(
        alias="restores_by", default=None, converter=attrs.converters.optional(_restores), kw_only=True
    )
    cost: float = field(default=0.0, validator=from_zero, kw_only=True)
    kind: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        span = self.restores
        if isinstance(span, Span) and (span.unit not in (ELAPSED, WORKING) or span.amount < 0):
            raise InvalidPolicyError(
                f"restores_by counts dates or points backward: {span}; "
                "use elapsed(hours=...), working(hours=...) or a time"
            )

    def last_choice(self, deadline: int, calendar: Calendar) -> int:
        """The last instant at which choosing it restores the customer by a deadline; ALWAYS for none."""
        if isinstance(self.restores, Span):
            return int(calendar._add(deadline, -self.restores))  # noqa: SLF001  (the calendar's form for ticks)
        return ALWAYS if self.restores is None or self.restores > deadline else self.restores

    def __repr__(self) -> str:
        parts = [repr(self.name)]
        if self.restores is not None:
            said = iso(self.restores) if isinstance(self.restores, int) else self.restores
            parts.append(f"restores_by={said!r}")
        parts += [f"cost={self.cost!r}"] if self.cost else []
        parts += [f"kind={self.kind!r}"] if self.kind else []
        return f"Option({', '.join(parts)})"


@attrs.frozen
class Authority:
    """Who may spend how much on one customer without asking.

    Args:
        who: The party.
        up_to: The limit.
    """

    who: str
    up_to: float = field(validator=from_zero)


@attrs.frozen
class Restored:
    """One option, with what it saves.

    Args:
        option: What can be offered.
        saves: The stakes that it saves, the weightiest first.
        weight: What they weigh together.
        choose_by_us: Until when it must be chosen to save these, in UTC microseconds; NEVER where nothing is at stake.
        authority: Whose authority it takes; "" where nobody named has it.
    """

    option: Option
    saves: tuple[str, ...]
    weight: float
    choose_by_us: int
    authority: str

    @property
    def choose_by(self) -> pendulum.DateTime | None:
        """Until when it must be chosen to save what it saves; None where nothing is at stake."""
        return maybe_moment(self.choose_by_us)


@attrs.frozen
class Recovery(Holds):
    """What can be offered.

    Args:
        offers: Within the authority, best first: what saves the customer most, then what costs least.
        beyond: What takes somebody else's authority, in the same order.
        lacking: What is missing for a real choice: each a sentence; nothing where there is one.
        owner: Who owns the recovery: always one of us.
        failed_by: Who failed, where it was a partner.
        review_us: Until when this holds, in UTC microseconds.
        zone: The zone that instants are said in.
    """

    offers: tuple[Restored, ...]
    beyond: tuple[Restored, ...]
    lacking: tuple[str, ...]
    owner: str
    failed_by: str = ""
    review_us: int = NEVER
    zone: str = "UTC"

    def __str__(self) -> str:
        """For whoever talks to the customer: what to offer, what is missing, and whose it is."""
        lines = [f"{self.owner} owns it" + (f", though {self.failed_by} failed" if self.failed_by else "")]
        for restored in (*self.offers, *self.beyond):
            cost = f"costs {restored.option.cost:g}" if restored.option.cost else "free"
            saves = f"saves {', '.join(restored.saves)}" if restored.saves else "saves nothing at stake"
            by = f" if chosen by {in_words(restored.choose_by_us, self.zone)}" if restored.choose_by_us < NEVER else ""
            whose = "" if restored in self.offers else f"; ask {restored.authority or 'whoever may'}"
            lines.append(f"{restored.option.name}: {cost}, {saves}{by}{whose}")
        return "; ".join([*lines, *(f"lacking: {what}" for what in self.lacking)])


def options(
    offered: Iterable[Option],
    *,
    authority: Authority,
    stakes: Iterable[Stake],
    at: datetime | str,
    above: Iterable[Authority] = (),
    failed_by: str = "",
    calendar: Calendar | None = None,
    parties: Parties | None = None,
) -> Recovery:
    """What can be offered now, ranked by what it saves the customer, then by cost.

    An option whose instant has passed is gone, and so is a stake. Whoever failed, it is ours to make good.

    Args:
        offered: What could be done; each name once.
        authority: Who offers, and how much they may spend: they own the recovery.
        stakes: What the customer would miss.
        at: The instant to judge at.
        above: Whose authority reaches further, in any order.
        failed_by: The partner that failed, if one did.
        calendar: In which spans are counted.
        parties: Who is ours.

    Raises:
        InvalidTimeError: If `at` has no zone.
        InvalidPolicyError: If two options share a name, or a partner or the customer would own the recovery.
    """
    now, hours, given = to_micros(at), calendar or Calendar.always(), tuple(offered)
    if len({option.name for option in given}) < len(given):
        raise InvalidPolicyError(f"options share a name: {[option.name for option in given]}; name each apart")
    role = (parties or Parties()).role(authority.who)
    if role != US or authority.who == failed_by:
        raise InvalidPolicyError(
            f"owner is not one of us: {authority.who!r}; it stays ours to make good, so name who of us offers it"
        )
    ahead = [stake for stake in stakes if now < stake.at_us]
    there = [o for o in given if not isinstance(o.restores, int) or now < o.restores]
    found = sorted((_restored(o, authority, tuple(above), ahead, now, hours) for o in there), key=_rank)
    offers = tuple(r for r in found if r.option.cost <= authority.up_to)
    edges = [stake.at_us for stake in ahead]
    for option in there:
        edges += [option.restores] if isinstance(option.restores, int) else []
        edges += [option.last_choice(stake.deadline(hours), hours) + 1 for stake in ahead]
    return Recovery(
        offers=offers,
        beyond=tuple(r for r in found if r.option.cost > authority.up_to),
        lacking=tuple(_lacking(offers, authority)),
        owner=authority.who,
        failed_by=failed_by,
        review_us=min((edge for edge in edges if edge > now), default=NEVER),
        zone=hours.zone,
    )


def _restored(
    option: Option,
    authority: Authority,
    above: tuple[Authority, ...],
    stakes: list[Stake],
    now: int,
    calendar: Calendar,
) -> Restored:
    last = [(option.last_choice(stake.deadline(calendar), calendar), stake) for stake in stakes]
    saved = sorted(
        ((until, stake) for until, stake in last if now <= until), key=lambda pair: (-pair[1].weight, pair[1].name)
    )
    enough = sorted((a for a in (authority, *above) if option.cost <= a.up_to), key=lambda a: (a.up_to, a.who))
    return Restored(
        option=option,
        saves=tuple(stake.name for _, stake in saved),
        weight=float(sum(stake.weight for _, stake in saved)),
        choose_by_us=min((until for until, _ in saved), default=NEVER),
        authority=authority.who if option.cost <= authority.up_to else enough[0].who if enough else "",
    )


def _rank(restored: Restored) -> tuple[float, float, str]:
    return (-restored.weight, restored.option.cost, restored.option.name)


def _lacking(offers: tuple[Restored, ...], authority: Authority) -> Iterator[str]:
    if len(offers) < LEAST:
        yield f"{LEAST - len(offers)} more to choose from, within {authority.up_to:g}"
    if all(restored.option.cost > 0 for restored in offers):
        yield "one that is free"
