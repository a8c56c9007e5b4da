"""What to offer a customer who may be kept waiting: ranked by expected loss, in time to be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import attrs
import numpy as np
from attrs import field

from carepolicy._holds import Holds
from carepolicy._instant import ALWAYS, MINUTE, NEVER, in_words, iso, maybe_moment
from carepolicy.arrival._asked import percent
from carepolicy.arrival._numbers import plain
from carepolicy.arrival.arriving import Arriving
from carepolicy.arrival.being_late import elapsed_time
from carepolicy.arrival.interval import share
from carepolicy.arrival.quote import Quote, instant
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.recovery import Authority
from carepolicy.severity import Stake, from_zero
from carepolicy.span import Span, elapsed

if TYPE_CHECKING:
    import pendulum

WAIT, ANOTHER, REBOOK, PARTIAL = "wait", "another", "rebook", "partial"
KINDS = (WAIT, ANOTHER, REBOOK, PARTIAL)
PLACES = 200
"""How many places along a law the minutes late are averaged over."""


def _starts(value: datetime | str | int | None) -> int:
    return ALWAYS if value is None else instant(value, "starts")


def _until(value: datetime | str | int | None) -> int:
    return NEVER if value is None else instant(value, "until")


def _names(value: Iterable[str] | None) -> frozenset[str] | None:
    return None if value is None else frozenset([value] if isinstance(value, str) else value)


@attrs.frozen(repr=False)
class LateOption:
    """Something that can be done for a customer who may be kept waiting.

    Args:
        name: What it is, in the customer's words.
        kind: "wait", "another" (technician), "rebook", or "partial" (a part of it today).
        arriving: When they would be there; None where nobody knows. Each candidate brings its own law.
        cost: What it costs us, the second visit of a part included.
        starts: The earliest that it begins at the customer's: what notice is counted to. None for at once.
        notice: How long before it begins they have to agree; elapsed time.
        work: How long it takes once they are there; elapsed time.
        until: When it has to be over: the end of a shift, or of the customer's day. None for no end.
        hours: When the place or the one who comes is open; None for always.
        serves: The stakes that it serves, by name; None for all of them: a part of the work may leave some out.

    Raises:
        InvalidTimeError: If a time has no zone.
        InvalidPolicyError: If the kind is not known, the cost is no number from 0, or a span is no elapsed time.
    """

    name: str
    kind: str
    arriving: Arriving | None = field(default=None, kw_only=True)
    cost: float = field(default=0.0, converter=plain, validator=from_zero, kw_only=True)
    starts_us: int = field(alias="starts", default=None, converter=_starts, kw_only=True)
    notice: Span = field(factory=lambda: elapsed(minutes=0), validator=elapsed_time, kw_only=True)
    work: Span = field(factory=lambda: elapsed(minutes=0), validator=elapsed_time, kw_only=True)
    until_us: int = field(alias="until", default=None, converter=_until, kw_only=True)
    hours: Calendar | None = field(default=None, kw_only=True)
    serves: frozenset[str] | None = field(default=None, converter=_names, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidPolicyError(f"kind is not known: {self.kind!r}; use one of {', '.join(KINDS)}")

    @property
    def choose_by_us(self) -> int:
        """The last instant at which it can be chosen, in UTC microseconds; NEVER where it begins at once."""
        return NEVER if self.starts_us <= ALWAYS else self.starts_us - self.notice.amount

    def __repr__(self) -> str:
        plain = LateOption(self.name, self.kind)
        said = {
            f.alias: iso(value) if f.alias in ("starts", "until") else value
            for f in attrs.fields(LateOption)[2:]
            if (value := getattr(self, f.name)) != getattr(plain, f.name)
        }
        if self.serves is not None:
            said["serves"] = sorted(self.serves)
        more = "".join(f", {name}={value!r}" for name, value in said.items())
        return f"LateOption({self.name!r}, {self.kind!r}{more})"


@attrs.frozen
class Weighed:
    """One option, with what it is expected to cost everybody.

    Args:
        option: What can be done.
        loss: Its cost, and what the customer is expected to lose.
        keeps: Each stake and how likely it is kept, the weightiest first.
        late: How likely it is to come after what was promised.
        authority: Whose authority it takes; "" where nobody named has it.
        choose_by_us: Until when it has to be chosen, in UTC microseconds; NEVER for no end.
    """

    option: LateOption
    loss: float
    keeps: tuple[tuple[str, float], ...]
    late: float
    authority: str
    choose_by_us: int

    @property
    def choose_by(self) -> pendulum.DateTime | None:
        """Until when it has to be chosen; None for no end."""
        return maybe_moment(self.choose_by_us)


@attrs.frozen
class Choice(Holds):
    """What can be offered, and what cannot.

    Args:
        offers: Within the authority; what is expected to cost least comes first.
        beyond: What takes somebody else's authority, in the same order.
        refused: What cannot be offered, each with its reason.
        review_us: Until when this holds, in UTC microseconds.
        zone: The zone that instants are said in.
    """

    offers: tuple[Weighed, ...]
    beyond: tuple[Weighed, ...]
    refused: tuple[tuple[LateOption, str], ...]
    review_us: int = NEVER
    zone: str = "UTC"

    def __str__(self) -> str:
        """For whoever talks to the customer."""
        lines = [f"{w.option.name}: expected loss {w.loss:.4g}{self._kept(w)}" for w in self.offers]
        lines += [f"{w.option.name}: ask {w.authority or 'whoever may'}{self._kept(w)}" for w in self.beyond]
        return "; ".join([*lines, *(f"{option.name}: not possible, {why}" for option, why in self.refused)])

    def _kept(self, weighed: Weighed) -> str:
        kept = "".join(f", keeps {name} with {percent(round(chance, 3))}" for name, chance in weighed.keeps)
        by = weighed.choose_by_us
        return kept + (f", if chosen by {in_words(by, self.zone)}" if by < NEVER else "")


@attrs.frozen
class Losses:
    """What a customer's time is worth, in the unit of the costs.

    Args:
        per_minute: Of waiting beyond what was promised.
        per_weight: Of a stake that is missed, for each unit of its weight.
        done_by: The share with which an option has to be over in time, or it is refused.

    Raises:
        InvalidPolicyError: If a loss is no number from 0, or `done_by` no share.
    """

    per_minute: float = field(default=0.0, converter=plain, validator=from_zero)
    per_weight: float = field(default=1.0, converter=plain, validator=from_zero)
    done_by: float = field(default=0.8, converter=plain, validator=share())


def weigh_options(
    options: Iterable[LateOption],
    quote: Quote,
    *,
    at: datetime | str,
    authority: Authority,
    above: Iterable[Authority] = (),
    stakes: Iterable[Stake] = (),
    losses: Losses | None = None,
    calendar: Calendar | None = None,
    zone: str = "UTC",
) -> Choice:
    """What can be offered, least expected loss first: its cost, the minutes late, and the stakes that it misses.

    Laws are taken as known at their own instant: give `arriving.not_yet(at)` of one who is on the way, so that the time
    waited so far counts.

    Args:
        options: What could be done, "wait" among them; each name once.
        quote: What was promised.
        at: The instant to judge at.
        authority: Who offers, and how much they may spend.
        above: Whose authority reaches further.
        stakes: What the customer would miss; one that has passed counts nothing.
        losses: What a customer's time is worth.
        calendar: In which the stakes count what they need before; around the clock when left out.
        zone: The zone that instants are said in.

    Raises:
        InvalidTimeError: If `at` has no zone.
        InvalidPolicyError: If two options share a name, or a law was known only after `at`.
    """
    now, given, worth = instant(at), tuple(options), losses or Losses()
    if len({option.name for option in given}) < len(given):
        raise InvalidPolicyError(f"options share a name: {[option.name for option in given]}; name each apart")
    for option in given:
        if option.arriving is not None:
            option.arriving.checked(now)
    hours = calendar or Calendar.always()
    ahead = sorted((s for s in stakes if now < s.at_us), key=lambda s: (-s.weight, s.name))
    reach = sorted((authority, *above), key=lambda a: (a.up_to, a.who))
    weighed, refused = [], []
    for option in given:
        why = next(_against(option, now, worth, zone), "")
        if why:
            refused.append((option, why))
            continue
        kept = tuple((s.name, _kept(option, s, hours)) for s in ahead)
        missed = sum(s.weight * (1 - chance) for s, (_, chance) in zip(ahead, kept, strict=True))
        late, minutes = _late(option.arriving, quote)
        loss = option.cost + worth.per_weight * missed + (worth.per_minute * minutes if worth.per_minute else 0.0)
        may = next((a.who for a in reach if option.cost <= a.up_to), "")
        who = authority.who if option.cost <= authority.up_to else may
        weighed.append(Weighed(option, float(loss), kept, late, who, option.choose_by_us))
    weighed.sort(key=lambda w: (w.loss, w.option.cost, w.option.name))
    edges = [s.at_us for s in ahead] + [o.choose_by_us + 1 for o in given if o.choose_by_us < NEVER]
    return Choice(
        tuple(w for w in weighed if w.option.cost <= authority.up_to),
        tuple(w for w in weighed if w.option.cost > authority.up_to),
        tuple(refused),
        min((edge for edge in edges if edge > now), default=NEVER),
        zone,
    )


def _against(option: LateOption, now: int, worth: Losses, zone: str) -> Iterator[str]:
    """Why an option cannot be offered; nothing where it can."""
    if now > option.choose_by_us:
        yield f"not enough notice: it had to be chosen by {in_words(option.choose_by_us, zone)}"
    coming = option.arriving
    if coming is None:
        return
    if option.hours is not None:
        likely = coming.by(0.5, coming.since_us)
        if likely >= NEVER or not option.hours._is_open(likely):  # noqa: SLF001  (the calendar's form for ticks)
            yield f"closed when they are likely there: {in_words(likely, zone)}"
    if option.until_us < NEVER:
        done = 1 - coming.late(max(option.until_us - option.work.amount, coming.since_us), coming.since_us)
        if done < worth.done_by:
            yield (
                f"past the end at {in_words(option.until_us, zone)}: over by then with {percent(round(done, 3))}, "
                f"{percent(worth.done_by)} needed"
            )


def _kept(option: LateOption, stake: Stake, calendar: Calendar) -> float:
    """How likely an option keeps a stake: the work is done before it, and serves it."""
    coming = option.arriving
    if coming is None or (option.serves is not None and stake.name not in option.serves):
        return 0.0
    deadline = stake.deadline(calendar) - option.work.amount
    return 1 - coming.late(deadline, coming.since_us)


def _late(coming: Arriving | None, quote: Quote) -> tuple[float, float]:
    """How likely an option comes after what was promised, and by how many minutes on average."""
    if coming is None:
        return 1.0, float("inf")
    later = coming.not_yet(coming.since_us)
    if later is None:
        return 1.0, float("inf")
    places = (np.arange(PLACES) + 0.5) / PLACES
    ticks = later.law.quantile(places) * later.size + (later.since_us - quote.last_us)
    return coming.late(quote.last_us, coming.since_us), float(np.maximum(ticks, 0).mean() / MINUTE)
