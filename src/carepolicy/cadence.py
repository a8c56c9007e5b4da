"""Cadence: the rhythm of talks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, earliest, latest, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import US, Fact, Facts, Which, words
from carepolicy.folds import First, Last
from carepolicy.grid import Grid
from carepolicy.policy import Duty
from carepolicy.span import WORKING, Span, forward
from carepolicy.tier import (
    Tier,
    due_in,
    each_once,
    fact_name,
    in_order,
    of_now,
    stays,
    tier_facts,
    tiers_of,
    wish_facts,
)

_SAID = ("author", "direction", "channel", "outcome", "purpose", "kind", "by")


def _rows(value: Iterable[Which]) -> tuple[Which, ...]:
    return tuple(value)


@attrs.frozen
class Cadence(Duty):
    """A live talk that we begin, at least so often.

    Fed by a live human talk (phone, video, visit) that our side began. Mail, voicemail, the customer's own call, a
    reminder, closing a case do not feed it. Who was never spoken to is owed a talk from when they were first heard of.

    A change of tier keeps what was met: the last talk still counts, nothing falls due before the change, and what had
    fallen due in the tier before stays due when it was. Of the stays in one tier the latest is remembered. A wish of
    the customer wins over both: the longer interval holds, and nothing falls due before the date of a wish that has
    one.

    Args:
        every: After how long the next talk is due; on a grid, the length of silence that is reported again.
        at_most: The longest that it may take; due then, and worth doing from `every` on. As `every` when left out.
        by: Who must begin the talk: parties by name, or "us".
        fed_by: Which contacts feed it, when not a live talk that `by` began: one row of conditions for each kind. A row
            that names no party is about `by`, and one that names no kind about contacts.
        persons: Whom at the customer: each of these persons (or roles) must be reached, and the one reached longest ago
            rules; anybody when left out.
        grid: Due on the first of these dates after the last talk, instead of an interval after it.
        early: How long before it is due it is worth doing; on a grid, a talk so long before a date meets that date.
        grace: How long after it is due it becomes overdue.
        tiers: The rhythm of customers in a tier: the latest event of kind "tier" names it.
        wishes: The rhythm of customers who wish less: the latest event of kind "wish" names it.

    Raises:
        InvalidPolicyError: If a span is no span or does not point forward, units or order of two contradict, one tier,
            wish or person is named twice, or a grid stands beside `at_most` or `tiers`.
    """

    every: Span = field(validator=forward)
    at_most: Span | None = field(default=None, validator=forward)
    by: tuple[str, ...] = field(default=(US,), converter=words)
    fed_by: tuple[Which, ...] = field(default=(), converter=_rows)
    persons: tuple[str, ...] = field(default=(), converter=words)
    grid: Grid | None = None
    early: Span | None = field(default=None, validator=forward)
    grace: Span | None = field(default=None, validator=forward)
    tiers: tuple[Tier, ...] = field(default=(), converter=tiers_of)
    wishes: tuple[Tier, ...] = field(default=(), converter=tiers_of)
    _is_plain: bool = field(init=False, eq=False, repr=False)

    lapse: ClassVar[str] = "silence"
    owed: ClassVar[str] = "talk that we began"

    def __attrs_post_init__(self) -> None:
        in_order(self.every, self.at_most)
        each_once("tiers", self.tiers)
        each_once("wishes", self.wishes)
        for row in self.fed_by:
            if not isinstance(row, Which):
                raise InvalidPolicyError(f"fed_by holds what is no Which: {row!r}; write e.g. Which(channel='visit')")
        if self.grid is not None:
            if not isinstance(self.grid, Grid):
                raise InvalidPolicyError(f"grid is not a Grid: {self.grid!r}; use Grid.every or Grid.from_rrule")
            if self.at_most is not None or self.tiers:
                raise InvalidPolicyError(
                    "grid has one rhythm for all: at_most and tiers count from the last talk; use grace, or one touch "
                    "for each tier"
                )
        if self.early is not None and self.early.unit == self.every.unit and self.early.amount >= self.every.amount:
            raise InvalidPolicyError(f"early leaves nothing of every: early={self.early}, every={self.every}; use less")
        if len({fact_name(person) for person in self.persons}) < len(self.persons):
            raise InvalidPolicyError(f"persons names one twice: {self.persons!r}; keep one, or name it otherwise")
        more = (self.grid, self.early, self.grace, *self.persons, *self.tiers, *self.wishes)
        object.__setattr__(self, "_is_plain", all(value is None for value in more))

    @property
    def _fed_by(self) -> tuple[Which, ...]:
        """The contacts that feed it, every row with its party and kind."""
        rows = self.fed_by or (Which(direction="outbound", conversation=True),)
        return tuple(attrs.evolve(row, by=row.by or self.by, kind=row.kind or ("contact",)) for row in rows)

    def met_by(self) -> tuple[Which, ...]:
        """What doing it once leaves in the log: a talk with each person."""
        row = self._fed_by[0]
        return tuple(attrs.evolve(row, person=(person,)) for person in self.persons) or (row,)

    def needs(self) -> Mapping[str, Fact]:
        """The last talk that we began, the last try, the first word of the customer, and whether they left."""
        fed, began = self._fed_by, Which("contact", by=self.by, direction="outbound")
        talks = {
            f"last_outreach_{fact_name(person)}": Last(tuple(attrs.evolve(row, person=(person,)) for row in fed))
            for person in self.persons
        }
        return {
            **(talks or {"last_outreach": Last(fed)}),
            "last_attempt": Last(attrs.evolve(began, channel=("phone", "video", "visit"))),
            "first_heard_of": First(Which(), missing=ALWAYS),
            "left": Last("left"),
            "sold": Last("sold"),
            **tier_facts(self.tiers),
            **(wish_facts(self.wishes) if self.wishes else {}),
        }

    @property
    def _limit(self) -> Span:
        return self.every if self.at_most is None else self.at_most

    def starts(self, f: Facts) -> Instant:
        """`every` after the last talk."""
        if self._is_plain:
            return where(f.left > f.sold, NEVER, f.after(self.cycle(f), self.every))
        last = self.cycle(f)
        if self.grid is not None:
            begins = self._on_grid(f, last)
        else:
            spans = (self.every, *(tier.every for tier in self.tiers))
            begins = self._in_force(f, [f.after(last, span) for span in spans])
        if self.early is not None:
            begins = f.after(begins, -self.early)
        if self.wishes and self.grid is None:
            begins = latest(begins, *self._wished(f, [f.after(last, wish.every) for wish in self.wishes]))
        return where(f.left > f.sold, NEVER, earliest(latest(last, begins), self._falls_due(f, last)))

    @property
    def starts_at_due(self) -> bool:
        """Whether there is nothing between `every` and the limit."""
        return self._is_plain and self.at_most is None

    def due(self, f: Facts) -> Instant:
        """`at_most` after the last talk."""
        if self._is_plain:
            return where(f.left > f.sold, NEVER, f.after(self.cycle(f), self._limit))
        due = self._falls_due(f, self.cycle(f))
        due = due if self.grace is None else f.after(due, self.grace)
        return where(f.left > f.sold, NEVER, due)

    def _falls_due(self, f: Facts, last: Instant) -> Instant:
        """When the next talk is due, before any grace."""
        if self.grid is not None:
            return self._on_grid(f, last)
        limits = [f.after(last, span) for span in (self._limit, *(tier.limit for tier in self.tiers))]
        due = due_in(limits, stays(f, self.tiers)) if self.tiers else limits[0]
        wished = [f.after(last, wish.limit) for wish in self.wishes]
        return latest(due, *self._wished(f, wished)) if self.wishes else due

    def _on_grid(self, f: Facts, last: Instant) -> Instant:
        """The date that comes next, and not before what the customer wishes."""
        assert self.grid is not None  # noqa: S101  (only called with one)
        met = last
        if self.wishes:
            wished = self._wished(f, [f.after(last, wish.limit) for wish in self.wishes])
            met = latest(met, *(where(us < NEVER, us - 1, NEVER) for us in wished))
        if self.early is None:
            return self.grid.after(met, f.calendar)
        reach = f.after(last, self.early)
        if self.early.unit == WORKING:
            reach = f.calendar._next_open(reach)  # noqa: SLF001  (what lies in closed hours is reached as well)
        date = self.grid.after(latest(met, reach - 1), f.calendar)
        return where(f.after(date, -self.early) <= last, self.grid.after(date, f.calendar), date)

    def _in_force(self, f: Facts, values: list[Instant]) -> Instant:
        """What holds in the tier of today: the first value is that of customers in none."""
        return of_now(values, stays(f, self.tiers)) if self.tiers else values[0]

    def _wished(self, f: Facts, longer: list[Instant]) -> list[Instant]:
        """Until when wishes put a talk off; a wish that was taken back holds until then."""
        stood = [getattr(f, f"wish_{wish.fact}_until") for wish in self.wishes]
        return [f.not_before, *(earliest(us, until) for us, until in zip(longer, stood, strict=True))]

    def cycle(self, f: Facts) -> Instant:
        """The last talk, or when the customer was first heard of."""
        if self._is_plain:
            return where(f.last_outreach > ALWAYS, f.last_outreach, f.first_heard_of)
        names = [f"last_outreach_{fact_name(person)}" for person in self.persons] or ["last_outreach"]
        talks = [getattr(f, name) for name in names]
        return earliest(NEVER, *(where(talk > ALWAYS, talk, f.first_heard_of) for talk in talks))

    def interval(self) -> Span:
        """The silence is reported again each time it lasts as long once more."""
        return self._limit

    def attempted(self, f: Facts) -> Instant:
        """The last call that we made, answered or not."""
        return f.last_attempt

    def explain(self) -> str:
        """The rhythm in plain words."""
        who = "we" if self.by == (US,) else " or ".join(self.by)
        what = f"a live talk that {who} began"
        if self.fed_by:
            what = "; or ".join(_in_words(row) for row in self.fed_by)
        whom = f" with each of {', '.join(self.persons)}" if self.persons else ""
        how = f"every {self.every}" if self.grid is None else f"on the dates {self.grid}"
        limit = f", {self.at_most} at most" if self.at_most is not None else ""
        return "".join(
            (
                f"{what}{whom}, {how}{limit}",
                f", worth doing {self.early} before" if self.early is not None else "",
                f", overdue {self.grace} after" if self.grace is not None else "",
                *(f"; in tier {tier.name} {tier}" for tier in self.tiers),
                *(f"; who wishes {wish.name}, {wish}" for wish in self.wishes),
            )
        )


def _in_words(row: Which) -> str:
    """A row of the table of what feeds it, in words."""
    said = [" or ".join(getattr(row, name)) for name in _SAID[:-1] if getattr(row, name)]
    said += ["live talk"] if row.conversation else []
    return " ".join(said or ["contact"]) + (f" of {' or '.join(row.by)}" if row.by else "")
