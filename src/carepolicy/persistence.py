"""Persistence: a ladder that is climbed until somebody was spoken to, and never closes by itself."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

import attrs
from attrs import field

from carepolicy._day import CallTerms, Day, day_of
from carepolicy._instant import ALWAYS, NEVER, Instant, both, earliest, latest, to_micros, where
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CUSTOMER, THEM, Fact, Facts, Parties, Which, words
from carepolicy.folds import KthLatest, Last, known_scope, which_of
from carepolicy.outreach import ContactHours
from carepolicy.policy import Duty
from carepolicy.protocols import GuardLike
from carepolicy.rungs import (
    BEGUN,
    CALL,
    DEFAULT,
    ESCALATE,
    MAIL,
    NO_MORE,
    NO_RECAP,
    PARTS_OF_DAY,
    VOICE,
    VOICEMAIL,
    Rung,
    Step,
    step_of,
)
from carepolicy.sequence import Climb, LastBut
from carepolicy.span import Span, elapsed
from carepolicy.timeline import Timeline

_INBOUND = Which(
    "contact", direction="inbound", author=("human", ""),
    outcome=("", "delivered", "sent", "voicemail", "missed", "no_answer"),
)  # fmt: skip


def _timing(rung: Rung) -> tuple[int, bool, bool]:
    """What decides from when a rung may be taken."""
    return rung.wait, rung.other_time, rung.channel == MAIL


def _in_order(value: Iterable[Rung]) -> tuple[Rung, ...]:
    return tuple(value)


@attrs.frozen
class Persistence(Duty):
    """Somebody is tried again, in another way or at another time, until they were spoken to.

    The ladder begins with what made it necessary: a call of ours that was not answered, or a message of the customer
    that got no written answer, unless `after` names other events. Only what was tried from then on counts. It ends with
    a live talk with the right person, or when the customer declines to be called, withdraws or leaves; not with a mail,
    a voicemail, an automatic reply or the closing of a case. When the rungs are used up it goes up a level, and the
    next level begins at the first rung.

    A voicemail on any rung is followed on the same day by a mail that repeats what was said, before the next rung. A
    rung is taken by what it asks for and by nothing else: a call that comes too early, at the same time of day or from
    the same person is an attempt, which caps count, and the rung stays open.

    Args:
        rungs: The steps, the last of which escalates.
        after: The events that begin it.
        by: Who acts: parties by name, or by role; our side and its partners when left out.
        person: Whom at the customer it is about, where not everybody will do; a talk of which nobody wrote down who
            was reached is none then.
        scope: "customer", or "case" to reach somebody about each case by itself; then only what names the case counts.
        hours: When the customer may be called and written to, in wall times of the customer; any time when left out.
        zone: The customer's zone; when left out, that of the hours, or else of the calendar.
        parts: The parts of the day, as hours: morning, afternoon and evening when left out.
        apart: Calls count as one attempt unless they are so far apart.

    Raises:
        InvalidPolicyError: If the ladder does not end by escalating, escalates before, or lacks the mail.
        InvalidCalendarError: If a part of the day cannot be read.
    """

    rungs: tuple[Rung, ...] = field(default=DEFAULT, converter=_in_order)
    after: tuple[Which, ...] = field(default=(), converter=which_of)
    by: tuple[str, ...] = field(default=(THEM,), converter=words)
    person: tuple[str, ...] = field(default=(), converter=words)
    scope: str = field(default=CUSTOMER, validator=known_scope)
    hours: Calendar | None = None
    zone: str = ""
    parts: tuple[str, ...] = field(default=PARTS_OF_DAY, converter=words)
    apart: Span = field(factory=lambda: elapsed(hours=2))
    _laid: Calendar | None = field(init=False, default=None, repr=False)

    owed: ClassVar[str] = "an attempt to reach them"

    def __attrs_post_init__(self) -> None:
        channels = [rung.channel for rung in self.rungs]
        if channels.count(ESCALATE) != 1 or channels[-1] != ESCALATE:
            raise InvalidPolicyError(
                f"ladder does not end by escalating, once: {', '.join(channels) or 'no rungs'}; let Rung('escalate') "
                "be its last rung, as giving up closes nothing"
            )
        if MAIL not in channels:
            raise InvalidPolicyError(
                f"ladder lacks the mail that repeats what a voicemail said: {', '.join(channels)}; add Rung('email')"
            )
        day_of(Calendar.always(), None, self.zone, self.parts)
        self.needs()

    @classmethod
    def default(cls, **options: Any) -> Persistence:
        """The ladder that most teams mean: call, voicemail, the mail on the same day, again on the next working day at
        another time of day, then the team, then up.

        Args:
            options: As for the constructor.
        """
        return cls(**options)

    def needs(self) -> Mapping[str, Fact]:
        """How far it was climbed, the calls, the voicemail, the mail, whether it went up, and whether they left."""
        call, voicemail, mail = (Rung(channel).taken_by(self.by) for channel in (CALL, VOICEMAIL, MAIL))
        ladder = Climb(
            self.after or (call,),
            ends=(
                Which("contact", conversation=True, person=self.person),
                *NO_MORE,
                Which(BEGUN),
            ),
            rungs=[rung.taken_by(self.by) for rung in self.rungs[:-1]],
            rung=0,
            anew=("escalated", BEGUN),
            asks=() if self.after else _INBOUND,
            answers=mail,
            firm=[n for n, rung in enumerate(self.rungs, 1) if rung.channel == CALL],
            calls=call,
            void=NO_RECAP,
            terms=self._terms,
            apart=self.apart,
            scope=self.scope,
            missing=NEVER,
        )
        return {
            "begun": ladder,
            **{f"rung_{n}": attrs.evolve(ladder, rung=n, missing=ALWAYS) for n in range(1, len(self.rungs))},
            **{f"call_{k}": KthLatest(call, k=k, scope=self.scope) for k in self._calls},
            "last_voicemail": Last(voicemail, scope=self.scope),
            "last_mail": LastBut(mail, but=NO_RECAP, scope=self.scope),
            "last_escalated": Last("escalated", scope=self.scope),
            "left": Last("left"),
            "sold": Last("sold"),
        }

    @property
    def _calls(self) -> range:
        """The calls that are looked at for their time of day: one for each rung by voice, and one more."""
        return range(1, 2 + sum(rung.channel in VOICE for rung in self.rungs))

    def _day(self, calendar: Calendar) -> Day:
        return day_of(calendar, self.hours, self.zone, self.parts)

    @property
    def _terms(self) -> list[CallTerms | None]:
        """What a call must keep to take each rung. Days and times of day are told apart in the calendar in which the
        ladder was laid, or else where the customer is; where neither is known, a night parts days."""
        known = self._laid or (Calendar.always() if self.zone or self.hours is not None else None)
        day, back = None if known is None else self._day(known), len(self._calls)
        below = self.rungs[:-1]
        return [CallTerms(day, r.wait, r.other_time, r.who, back) if r.channel in VOICE else None for r in below]

    def in_calendar(self, calendar: Calendar) -> Persistence:
        """The same ladder, which tells days and times of day apart in a calendar: when we call."""
        laid = copy.copy(self)
        object.__setattr__(laid, "_laid", calendar)
        return laid

    def _tried(self, f: Facts) -> tuple[Instant, ...]:
        """The last calls of this run; ALWAYS for none."""
        calls = (getattr(f, f"call_{k}") for k in self._calls)
        return tuple(where(call >= f.begun, call, ALWAYS) for call in calls)

    def _other_times(self, f: Facts, rung: Rung, day: Day) -> tuple[Instant, ...]:
        """When each part of the day comes that is another one; NEVER for the others."""
        return day.other_times(day.soonest(latest(f.begun, f.call_1), rung.wait), self._tried(f))

    def end_of_day(self, f: Facts) -> Instant:
        """The midnight after the last call, where the customer is."""
        return self._day(f.calendar).end_of(f.call_1)

    def _from(self, f: Facts, rung: Rung, day: Day) -> Instant:
        """From when a rung may be taken."""
        t = day.soonest(latest(f.begun, f.call_1), rung.wait)
        if rung.channel == MAIL:
            return t
        soonest = day.open._next_open(t)  # noqa: SLF001
        if not rung.other_time:
            return soonest
        other = earliest(NEVER, *self._other_times(f, rung, day))
        return where(other < NEVER, other, soonest)

    def _by(self, f: Facts, rung: Rung, start: Instant, day: Day) -> Instant:
        """By when a rung must be taken; a mail on the same day."""
        due = f.after(start, rung.within)
        return earliest(due, day.end_of(start)) if rung.channel == MAIL else due

    def _bounds(self, f: Facts) -> tuple[Instant, Instant]:
        """From when and by when the next step is to be taken."""
        day = self._day(f.calendar)
        alike = {_timing(rung): rung for rung in self.rungs}
        opens = {timing: self._from(f, rung, day) for timing, rung in alike.items()}  # each asked for once
        *below, up = self.rungs
        start = opens[_timing(up)]
        due = self._by(f, up, start, day)
        for n, rung in reversed([*enumerate(below, 1)]):
            taken, mine = getattr(f, f"rung_{n}") > ALWAYS, opens[_timing(rung)]
            start, due = where(taken, start, mine), where(taken, due, self._by(f, rung, mine, day))
        unsaid = both(f.last_voicemail >= f.begun, f.last_voicemail > f.last_mail)
        said_by = self._by(f, self._mail, f.last_voicemail, day)
        start, due = where(unsaid, f.last_voicemail, start), where(unsaid, said_by, due)
        wanted = both(f.begun < NEVER, f.left <= f.sold)
        return where(wanted, start, NEVER), where(wanted, due, NEVER)

    @property
    def _mail(self) -> Rung:
        return next(rung for rung in self.rungs if rung.channel == MAIL)

    def starts(self, f: Facts) -> Instant:
        """From when the next step may be taken."""
        return self._bounds(f)[0]

    def due(self, f: Facts) -> Instant:
        """By when the next step must be taken."""
        return self._bounds(f)[1]

    def cycle(self, f: Facts) -> Instant:
        """What made it necessary, or when it went up."""
        return where(f.begun < NEVER, f.begun, ALWAYS)

    def attempted(self, f: Facts) -> Instant:
        """The last call, mail or escalation."""
        return latest(f.call_1, f.last_mail, f.last_escalated)

    def explain(self) -> str:
        """The ladder in plain words."""
        return f"until somebody was spoken to: {', then '.join(rung.channel for rung in self.rungs)}"

    def next_step(
        self,
        timeline: Timeline,
        at: datetime | str,
        *,
        calendar: Calendar | None = None,
        hours: Calendar | ContactHours | None = None,
        zone: str = "",
        guard: GuardLike | None = None,
        parties: Parties | None = None,
        customer: str | None = None,
        case: str | None = None,
        since: datetime | str | None = None,
    ) -> Step:
        """The next step: which channel, in which window, why; of several customers the most pressing one.

        Args:
            timeline: What happened.
            at: The instant to judge at.
            calendar: When we call, and in which days are counted; around the clock when left out.
            hours: When the customer may be called and written to; `hours` of the ladder when left out.
            zone: The customer's zone; `zone` of the ladder when left out. For customers who may be in several zones,
                see `hours_anywhere`.
            guard: What else bounds the calls, such as `AttemptCap`; mails and escalation are not bound by it.
            parties: Who is who.
            customer, case: Whom to reach; whoever is most pressing when left out.
            since: From when they have to be reached, where no event of the log says so.

        Raises:
            InvalidTimeError: If a time has no zone.
            UnknownNameError: If nothing is known of the customer or case named.
            UnknownZoneError: If the zone is not known.
            InvalidCalendarError: If our hours and those of the customer never meet.
        """
        said = hours.hours if isinstance(hours, ContactHours) else hours
        ladder = attrs.evolve(self, hours=said or self.hours, zone=zone or self.zone)
        laid = calendar or Calendar.always()
        asked = {"customer": customer, "case": case}
        began = None if since is None else to_micros(since, "since")
        return step_of(ladder, timeline, to_micros(at), laid, guard, parties or Parties(), asked, began)

    def next_rung(self, f: Facts) -> int:
        """Which rung comes next for one customer, counted from 1; 0 where nobody has to be reached."""
        if not (f.begun < NEVER and f.left <= f.sold):
            return 0
        if f.last_voicemail >= f.begun and f.last_voicemail > f.last_mail:
            return 1 + self.rungs.index(self._mail)
        return next((n for n in range(1, len(self.rungs)) if getattr(f, f"rung_{n}") <= ALWAYS), len(self.rungs))

    def open_for(self, f: Facts, rung: Rung) -> Calendar | None:
        """In which hours a rung may be taken for one customer; None for any."""
        if rung.channel == ESCALATE:
            return None
        day = self._day(f.calendar)
        if rung.channel == MAIL:
            return day.written
        if not rung.other_time:
            return day.open
        return day.within(tuple(us < NEVER for us in self._other_times(f, rung, day)))
