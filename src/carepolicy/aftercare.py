"""Aftercare: calls after a trouble is mended, ever further apart, with the checks to be done and the report back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import attrs
from attrs import field

from carepolicy._holds import Holds
from carepolicy._instant import ALWAYS, NEVER, Instant, both, earliest, latest, maybe_moment, to_micros, where
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, US, Fact, Facts, Parties, Which, words
from carepolicy.folds import KthLatest, Last, which_of
from carepolicy.policy import Duty
from carepolicy.rules import Part, Rules
from carepolicy.rungs import NO_MORE
from carepolicy.sequence import FirstSince, LastTold
from carepolicy.span import Span, days, forward, working_days
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

MENDED = (Which(("completed", "closed"), whole=True), Which("trouble_over"))
"""What says that the trouble is mended."""
RETURNED = (Which("reopened", whole=True), Which(("failed", "trouble")))
"""What says that it came back."""


def _in_order(value: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(value)


@attrs.frozen
class Aftercare(Duty):
    """After a trouble is mended, calls ever further apart, until checks are done and the customer knows what was found.

    Begins when the case is completed or closed or the trouble is over, and anew when the fault came back and was mended
    again; while it is broken nothing is owed here, as other duties hold. A call is a live human talk that we began. It
    meets the next rung of the ladder, if it comes at or after the instant of the rung before, and every rung whose
    instant has passed. Ends when every rung was met, every check was told and the report was given, or when the
    customer declines to be called, withdraws or leaves. It stands beside the regular calls:
    `Cadence(...) | Aftercare()`.

    Args:
        after: The events that are a trouble.
        ladder: When the calls are due, from when it was mended; one unit, ever further apart.
        checks: What is to be found out, by the last call: names of facts that the customer tells.
        report_back: By when the customer is told in a talk (`purpose` "report") what was found; None for no report.
        by: Who must begin the talks: parties by name, or "us".

    Raises:
        InvalidPolicyError: If the ladder is empty or not ever further apart, a check has no name or the same as
            another, or a span does not point forward.
    """

    after: tuple[Which, ...] = field(default=("incident",), converter=which_of)
    ladder: tuple[Span, ...] = field(default=(days(1), days(3), days(7), days(14), days(30)), converter=_in_order)
    checks: tuple[str, ...] = field(default=("used?", "working?", "in use by whom?"), converter=words)
    report_back: Span | None = field(default=working_days(2))
    by: tuple[str, ...] = field(default=(US,), converter=words)

    owed: ClassVar[str] = "aftercare"

    def __attrs_post_init__(self) -> None:
        if not self.ladder:
            raise InvalidPolicyError("ladder has no calls; say after how long, e.g. (days(1), days(7))")
        for span in self.ladder:
            forward(self, attrs.fields(Aftercare).ladder, span)
        gaps = [self.ladder[0].amount, *(b.amount - a.amount for a, b in pairwise(self.ladder))]
        if len({span.unit for span in self.ladder}) > 1 or any(b < a for a, b in pairwise(gaps)):
            raise InvalidPolicyError(
                f"ladder is not ever further apart: {', '.join(map(str, self.ladder))}; use one unit and growing gaps, "
                "e.g. (days(1), days(3), days(7))"
            )
        if len(set(self.checks)) < len(self.checks) or "" in self.checks:
            raise InvalidPolicyError(f"checks are not names, each once: {self.checks!r}; leave out what is there twice")
        if self.report_back is not None:
            forward(self, attrs.fields(Aftercare).report_back, self.report_back)

    def needs(self) -> Mapping[str, Fact]:
        """The trouble, its mending, the talks since, what was told, the report, and whether they want no more of it."""
        began = Which("contact", by=self.by, direction="outbound")
        talk = attrs.evolve(began, conversation=True)
        return {
            "struck": Last(self.after, scope=CASE),
            "mended": FirstSince(MENDED, since=(*self.after, *RETURNED)),
            **{f"talk_{k}": KthLatest(talk, k=k, scope=CASE) for k in self._talks},
            "reported": Last(attrs.evolve(talk, purpose=("report",)), scope=CASE),
            "last_attempt": Last(attrs.evolve(began, channel=("phone", "video", "visit")), scope=CASE),
            "declined": Last(NO_MORE, scope=CASE),
            **{f"told_{n}": LastTold(check) for n, check in enumerate(self.checks, 1)},
            **{f"asked_{n}": LastTold(check, "asked") for n, check in enumerate(self.checks, 1)},
            "left": Last("left"),
            "sold": Last("sold"),
        }

    @property
    def _talks(self) -> range:
        """As many talks as can matter: one for each rung and one more settle which rung is met."""
        return range(1, len(self.ladder) + 2)

    def _is_on(self, f: Facts) -> Instant:
        return both(f.struck > ALWAYS, f.mended < NEVER, f.declined < f.mended, f.left <= f.sold)

    def _next_call(self, f: Facts) -> Instant:
        """When the next rung is due that no talk has met; NEVER when all are met."""
        rungs = [f.after(f.mended, span) for span in self.ladder]
        met = f.mended
        for k in reversed(self._talks):
            talk = getattr(f, f"talk_{k}")
            passed = latest(ALWAYS, *(where(rung <= talk, rung, ALWAYS) for rung in rungs))
            upper = latest(passed, earliest(rungs[-1], _first_after(met, rungs)))
            met = where(talk >= met, upper, met)
        return _first_after(met, rungs)

    def _checks_by(self, f: Facts) -> Instant:
        """By when the checks must be done that are still open."""
        told = [getattr(f, f"told_{n}") for n in range(1, len(self.checks) + 1)]
        last = f.after(f.mended, self.ladder[-1])
        return earliest(NEVER, *(where(when >= f.mended, NEVER, last) for when in told))

    def _report_by(self, f: Facts) -> Instant:
        """By when the customer must be told what was found."""
        if self.report_back is None:
            return NEVER
        return where(f.reported >= f.mended, NEVER, f.after(f.mended, self.report_back))

    def due(self, f: Facts) -> Instant:
        """The next call, the report, or the end of the checks, whichever is first."""
        soonest = earliest(self._next_call(f), self._checks_by(f), self._report_by(f))
        return where(self._is_on(f), soonest, NEVER)

    def cycle(self, f: Facts) -> Instant:
        """When it was mended."""
        return where(self._is_on(f), f.mended, ALWAYS)

    def attempted(self, f: Facts) -> Instant:
        """The last call that we made, answered or not."""
        return f.last_attempt

    def explain(self) -> str:
        """The ladder in plain words."""
        said = [f"after a trouble is mended, a talk {', '.join(map(str, self.ladder))} later"]
        if self.checks:
            said.append(f"in which they say: {', '.join(self.checks)}")
        if self.report_back is not None:
            said.append(f"and word of what was found within {self.report_back}")
        return ", ".join(said)

    def checks_due(
        self,
        timeline: Timeline,
        at: datetime | str,
        *,
        calendar: Calendar | None = None,
        parties: Parties | None = None,
        customer: str | None = None,
        case: str | None = None,
    ) -> ChecksDue:
        """What is still to be found out, case by case: what to ask in the next call.

        Args:
            timeline: What happened.
            at: The instant to judge at.
            calendar: In which days are counted; around the clock when left out.
            parties: Who is who.
            customer, case: Of whom; of all when left out.

        Raises:
            InvalidTimeError: If the time has no zone.
        """
        now, hours = to_micros(at), calendar or Calendar.always()
        (rule,), folding = (
            (rules := Rules.of([Part("", (self,), ())], hours, parties or Parties())).rules,
            rules.folding,
        )
        state = folding.fold(timeline.known(now))
        found = []
        for unit in state.of_scope(rule.scope):
            f = Facts.of(hours, state.values(unit))
            if self._is_on(f) and customer in (None, unit[0]) and case in (None, unit[1]):
                due = f.after(f.mended, self.ladder[-1])
                for n, check in enumerate(self.checks, 1):
                    told, asked = getattr(f, f"told_{n}"), getattr(f, f"asked_{n}")
                    if told < f.mended:
                        asked_us = asked if asked >= f.mended else ALWAYS
                        found.append(CheckDue(unit[0], unit[1], check, due, asked_us, hours.zone))
        return ChecksDue(tuple(found), timeline.next_visible(now), hours.zone)


def _first_after(instant: Instant, rungs: list[Instant]) -> Instant:
    """The first rung after an instant; NEVER after the last."""
    return earliest(NEVER, *(where(rung > instant, rung, NEVER) for rung in rungs))


@attrs.frozen
class CheckDue:
    """One thing that is still to be found out.

    Args:
        customer, case: Of whom.
        check: What.
        due_us: By when, in UTC microseconds.
        asked_us: When it was asked since the mending, without an answer; ALWAYS for never.
        zone: The zone that instants are given in.
    """

    customer: str
    case: str
    check: str
    due_us: int
    asked_us: int = ALWAYS
    zone: str = "UTC"

    @property
    def due(self) -> pendulum.DateTime | None:
        """By when."""
        return maybe_moment(self.due_us, self.zone)

    @property
    def asked_at(self) -> pendulum.DateTime | None:
        """When it was asked without an answer; None for never."""
        return maybe_moment(self.asked_us, self.zone)


@attrs.frozen
class ChecksDue(Holds):
    """What is still to be found out, and until when this holds.

    Args:
        checks: By customer, case, and in the order of the policy.
        review_us: When to look again, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    checks: tuple[CheckDue, ...]
    review_us: int = NEVER
    zone: str = "UTC"

    def __iter__(self) -> Iterator[CheckDue]:
        return iter(self.checks)
