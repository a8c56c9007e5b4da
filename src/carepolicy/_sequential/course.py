"""The course of one account: where the evidence stands, what it says, and each alarm that it has raised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from carepolicy._instant import ALWAYS, DAY, NEVER
from carepolicy._sequential.agreed import YEAR, Agreed
from carepolicy._sequential.calibration import RHYTHM, SHARE
from carepolicy._sequential.rhythm import ONE_TALK, Evidence, Regularity
from carepolicy._sequential.share import Fall, fall_of
from carepolicy.calendar import Calendar
from carepolicy.span import Span
from carepolicy.stretches import Stretch

TAKEN_BACK = 1.0
"""How much evidence contacts must take back until an alarm is over; then all starts anew, as in the calibration.
Without that an account would be in and out of alarm with each contact, and one false alarm would bring the next."""


@attrs.frozen
class Contact:
    """A contact as the tests see it.

    Args:
        at_us: When, in UTC microseconds.
        id: Its id in the log.
        counts: Whether it counts to the share.
    """

    at_us: int
    id: str
    counts: int = 1


@attrs.frozen
class Terms:
    """What was agreed from an instant on.

    Args:
        from_us: From when; ALWAYS for the first.
        every: The agreed interval.
        id: The event that changed it; "" for the first.
    """

    from_us: int
    every: Span
    id: str = ""


@attrs.frozen(kw_only=True)
class Stand:
    """What the evidence says at an instant.

    Args:
        enough: Whether there is the minimum of evidence.
        alarm_us: When the alarm went off, or will if nothing happens; NEVER if it will not.
        since_us: The most likely change point; NEVER where nothing points to one.
        confidence: The step of confidence that is reached.
        review_us: When the next step is reached if nothing happens.
        before, evidence: The ids of the contacts up to the change point, and of that one and those since.
        was, now: The rate or share before and since; None where nothing is known of it.
    """

    enough: bool = False
    alarm_us: int = NEVER
    since_us: int = NEVER
    confidence: float = 0.0
    review_us: int = NEVER
    before: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    was: float | None = None
    now: float | None = None


@attrs.define
class Alarm:
    """One occasion: from when an alarm went off until a contact took it back.

    Args:
        at_us, since_us, until_us: When it went off, since when it had drifted, until when it lasted.
        stand: What the evidence said when it went off.
    """

    at_us: int
    since_us: int
    stand: Stand
    until_us: int = NEVER


@attrs.define
class Course:
    """What both tests keep of an account while its contacts are followed."""

    alarms: list[Alarm] = attrs.field(factory=list)
    standing: int = NEVER
    """When the alarm that stands went off; NEVER if none does."""

    def _goes_off(self, at_us: int, stand: Stand) -> None:
        self.standing = at_us
        self.alarms.append(Alarm(at_us, stand.since_us, stand))

    def _is_over(self, at_us: int) -> None:
        if self.standing < NEVER:
            self.alarms[-1].until_us = at_us
            self.standing = NEVER


@attrs.define
class RhythmCourse(Course):
    """The rhythm of one account.

    Args:
        calendar: In which intervals are counted.
        rests: Stretches that do not count.
        often: The false alarms that are stated, in an account-year.
        at_least: How many contacts there must be before an alarm.
    """

    calendar: Calendar = attrs.field(kw_only=True)
    rests: tuple[Stretch, ...] = attrs.field(kw_only=True)
    often: float = attrs.field(kw_only=True)
    at_least: int = attrs.field(kw_only=True)
    seen: int = 0
    regularity: Regularity = attrs.field(factory=Regularity)
    evidence: Evidence = attrs.field(factory=Evidence)
    marks: list[tuple[int, list[str]]] = attrs.field(factory=list)
    """The contacts under the terms in force: when, and the ids of what belongs to each."""
    lengths: list[float] = attrs.field(factory=list)
    clock: Agreed = attrs.field(init=False)
    steps: tuple[tuple[float, float], ...] = ()
    needed: float = 0.0
    most: float = 0.0
    """The most evidence after a contact since the alarm that stands went off."""

    def agree(self, terms: Terms, anchored: bool) -> None:
        """Other terms: what was agreed has changed, so the evidence starts anew."""
        self._is_over(terms.from_us)
        self.clock = Agreed(terms.every, self.calendar, self.rests)
        self.evidence, self.marks, self.lengths = Evidence.anew(self.regularity.shape, 0), [], []
        if anchored:
            self._begin(terms.from_us, terms.id)

    def _begin(self, at_us: int, name: str) -> None:
        self.marks.append((at_us, [name]))
        occasions = self.clock.in_a_year(at_us)
        self.needed = RHYTHM.needed(self.often, occasions)
        self.steps = RHYTHM.steps(self.often, occasions)

    def contact(self, contact: Contact) -> None:
        """One more contact."""
        if not self.marks:
            self.seen += 1
            self._begin(contact.at_us, contact.id)
            return
        last, ids = self.marks[-1]
        length = self.clock.between(last, contact.at_us)
        if length < ONE_TALK:
            ids.append(contact.id)
            return
        self.silence(length)
        self.seen += 1
        self.regularity = self.regularity.step(length)
        self.evidence = self.evidence.step(length, self.regularity.shape, len(self.marks), self.needed)
        self.marks.append((contact.at_us, [contact.id]))
        self.lengths.append(length)
        if self.standing < NEVER:
            level = self.evidence.after(0.0)
            self.most = max(self.most, level)
            if level < self.most - TAKEN_BACK:
                self._is_over(contact.at_us)
                self.evidence = Evidence.anew(self.regularity.shape, len(self.marks) - 1)
        elif self.seen >= self.at_least and self.evidence.shows(self.needed):
            self.most = self.needed
            self._goes_off(contact.at_us, self._said(0.0, contact.at_us))

    def silence(self, length: float) -> None:
        """A silence of so many agreed intervals after the last contact: whether it raises the alarm."""
        if self.standing < NEVER or self.seen < self.at_least:
            return
        if self.evidence.after(length) >= self.needed:
            quiet, self.most = self.evidence.silence_for(self.needed), 0.0
            at = self.clock.when(self.marks[-1][0], quiet)
            self._goes_off(at, self._said(quiet, at))

    def _said(self, silence: float, alarm_us: int, confidence: float | None = None) -> Stand:
        """What the evidence says after a silence: the change point, and the rates before it and since."""
        number = self.evidence.thin_since(silence)
        before, since = self.lengths[:number], self.lengths[number:]
        ids = [name for _, names in self.marks for name in names]
        split = sum(len(names) for _, names in self.marks[:number])
        return Stand(
            enough=True,
            alarm_us=alarm_us,
            since_us=self.marks[number][0],
            confidence=dict(self.steps)[self.needed] if confidence is None else confidence,
            before=tuple(ids[:split]),
            evidence=tuple(ids[split:]),
            was=len(before) / sum(before) if before else None,
            now=len(since) / sum(since) if since else 0.0,
        )

    def stand(self, now_us: int) -> Stand:
        """Where the evidence stands at an instant after the last contact."""
        if not self.marks:
            return Stand()
        rate = len(self.lengths) / sum(self.lengths) if self.lengths else None
        if self.seen < self.at_least:
            return Stand(now=rate)
        last = self.marks[-1][0]
        length = self.clock.between(last, now_us)
        self.silence(length)
        quiet = [self.evidence.silence_for(evidence) for evidence, _ in self.steps]
        reached = sum(each <= length for each in quiet)
        review = self.clock.when(last, quiet[reached]) if reached < len(quiet) else NEVER
        alarm = self.standing
        if alarm == NEVER:
            alarm = self.clock.when(last, self.evidence.silence_for(self.needed))
        if not reached and self.standing == NEVER:
            return Stand(enough=True, alarm_us=alarm, review_us=review, now=rate)
        # while an alarm stands, as much as it asked for has been seen
        floor = 0.0 if self.standing == NEVER else dict(self.steps)[self.needed]
        sure = max(floor, self.steps[reached - 1][1] if reached else 0.0)
        said = self._said(quiet[reached - 1] if reached else 0.0, alarm, sure)
        return attrs.evolve(said, review_us=review)


@attrs.define
class ShareCourse(Course):
    """A share of the contacts of one account.

    Args:
        often: The false alarms that are stated, in an account-year.
        at_least: How many contacts there must be before a fall.
    """

    often: float = attrs.field(kw_only=True)
    at_least: int = attrs.field(kw_only=True)
    contacts: list[Contact] = attrs.field(factory=list)
    fall: Fall = attrs.field(factory=lambda: fall_of([], 0))

    def agree(self, terms: Terms) -> None:
        """Other terms: the share is learnt anew."""
        self._is_over(terms.from_us)
        self.contacts = []

    def contact(self, contact: Contact) -> None:
        """One more contact."""
        self.contacts.append(contact)
        self.fall = fall_of([each.counts for each in self.contacts], self.at_least)
        needed = SHARE.needed(self.often, self._in_a_year())
        if self.standing == NEVER and self.fall.evidence >= needed:
            self._goes_off(contact.at_us, self._said(contact.at_us))
        elif self.standing < NEVER and self.fall.evidence < needed - TAKEN_BACK:
            self._is_over(contact.at_us)
            self.contacts = [contact]

    def _in_a_year(self) -> float:
        """How many contacts an account-year has, at the pace so far."""
        took = max(DAY, self.contacts[-1].at_us - self.contacts[0].at_us)
        return max(1.0, (len(self.contacts) - 1) * YEAR / took)

    def _said(self, alarm_us: int) -> Stand:
        ids, at = tuple(each.id for each in self.contacts), max(0, self.fall.at - 1)
        reached = [c for needed, c in SHARE.steps(self.often, self._in_a_year()) if needed <= self.fall.evidence]
        said = Stand(enough=True, alarm_us=alarm_us, now=self.fall.since)
        if not reached:
            return said
        return attrs.evolve(
            said,
            since_us=self.contacts[at].at_us,
            confidence=reached[-1],
            before=ids[:at],
            evidence=ids[at:],
            was=self.fall.before,
        )

    def stand(self) -> Stand:
        """Where the evidence stands: a silence adds nothing to it."""
        if len(self.contacts) <= self.at_least:
            return Stand(now=self.fall.since if self.contacts else None)
        return self._said(self.standing)


def by_terms(
    contacts: Sequence[Contact], terms: Sequence[Terms], complete_from: int
) -> Iterator[tuple[Terms, bool, list[Contact]]]:
    """The contacts under each of the terms, with whether nothing is missing since these began; what lies before the log
    is complete is left out."""
    ends = [*(each.from_us for each in terms[1:]), NEVER]
    for term, end in zip(terms, ends, strict=True):
        some = [c for c in contacts if max(term.from_us, complete_from) <= c.at_us < end]
        yield term, ALWAYS < complete_from <= term.from_us, some


def follow_rhythm(
    course: RhythmCourse, contacts: Sequence[Contact], terms: Sequence[Terms], complete_from: int, until_us: int
) -> Stand:
    """Follow the rhythm through all terms, and say where it stands at the end."""
    for term, anchored, some in by_terms(contacts, terms, complete_from):
        if course.marks:
            course.silence(course.clock.between(course.marks[-1][0], term.from_us))
        course.agree(term, anchored)
        for contact in some:
            course.contact(contact)
    return course.stand(until_us)


def follow_share(course: ShareCourse, contacts: Sequence[Contact], terms: Sequence[Terms], complete_from: int) -> Stand:
    """Follow a share through all terms, and say where it stands at the end."""
    for term, _, some in by_terms(contacts, terms, complete_from):
        course.agree(term)
        for contact in some:
            course.contact(contact)
    return course.stand()
