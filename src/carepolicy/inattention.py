"""Inattention: who did not attend to a customer, since when, and of which sort that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._holds import Holds, Several
from carepolicy._instant import ALWAYS, NEVER, maybe_moment, to_micros
from carepolicy.attention import (
    ATTEMPTS_WITHOUT_TALK,
    ATTENDED,
    CUSTOMER_UNANSWERED,
    NO_ATTEMPT,
    UNKNOWN,
    Attention,
    Contacts,
    Owed,
    Stretch,
    owed_stretches,
)
from carepolicy.calendar import Calendar
from carepolicy.events import Event
from carepolicy.facts import THEM, Parties, words
from carepolicy.finding import Finding
from carepolicy.history import History, Lapse
from carepolicy.span import Span, forward
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

_SAID = {
    NO_ATTEMPT: "no word from {} for {} since {}: nobody tried",
    ATTEMPTS_WITHOUT_TALK: "no word from {} for {} since {}: they tried, and reached nobody",
    CUSTOMER_UNANSWERED: "no word from {} for {} since {}, and the customer waits for an answer",
    UNKNOWN: "no word from {} is sure for {} since {}: the log cannot say",
}


@attrs.frozen(kw_only=True)
class Gap(Holds):
    """How one party attends to one customer at one moment.

    Args:
        party, customer, case: Whose attention, and to whom; no case for a relationship.
        result: "attended", "no_attempt", "attempts_without_talk", "customer_unanswered" or "unknown".
        since_us: The last attention, or when the party began to owe any, in UTC microseconds.
        begins_us: From when it is what it is.
        attempt_us: The party's last try that reached nobody; ALWAYS for none.
        talk_us: The last live talk with the party, whoever began it; ALWAYS for none.
        evidence: Ids of the events that show it.
        review_us: Until when it stays so unless something happens; NEVER for always.
        zone: The zone that instants are given in.
    """

    party: str
    customer: str = ""
    case: str = ""
    result: str
    since_us: int
    begins_us: int
    attempt_us: int = ALWAYS
    talk_us: int = ALWAYS
    evidence: tuple[str, ...] = ()
    review_us: int = NEVER
    zone: str = "UTC"

    @property
    def since(self) -> pendulum.DateTime | None:
        """The last attention, or when the party began to owe any."""
        return maybe_moment(self.since_us, self.zone)

    @property
    def last_attempt(self) -> pendulum.DateTime | None:
        """The party's last try that reached nobody; None for none."""
        return maybe_moment(self.attempt_us, self.zone)

    @property
    def last_talk(self) -> pendulum.DateTime | None:
        """The last live talk with the party, whoever began it; None for none."""
        return maybe_moment(self.talk_us, self.zone)


@attrs.frozen
class Gaps(Several[Gap]):
    """How each party attends at one moment.

    Args:
        gaps: Each party with each customer and case to whom it owes attention.
        review_us: Until when these are all, unless something happens, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    gaps: tuple[Gap, ...]
    review_us: int = NEVER
    zone: str = "UTC"

    @property
    def _each(self) -> tuple[Gap, ...]:
        return self.gaps


@attrs.frozen
class Inattention:
    """A party does not attend to a customer for longer than it may, each party by itself.

    Attention is a live talk that the party began, or a message written by a person that was delivered. The customer's
    own call is answered by a talk, and is no attention; a voicemail, an automatic message, closing the case neither.
    Owed while a case is open, from when the party is first heard of in it; or always, for a relationship.

    Args:
        after: For how long it may not attend.
        by: Whose attention: parties by name, or by role; every one of our side and its partners when left out.
        while_open: While a case is open; otherwise from the first word of the customer until they leave.
        by_voice: Only a live talk is attention; then a message is an attempt.
        beside: The duties whose lapses report a party's silence already: what they cover is not reported again.

    Raises:
        InvalidPolicyError: If `after` is no span or does not point forward.
    """

    after: Span = field(validator=forward)
    by: tuple[str, ...] = field(default=(THEM,), converter=words)
    while_open: bool = True
    by_voice: bool = False
    beside: tuple[str, ...] = field(default=("Cadence",), converter=words)

    def gaps(
        self,
        timeline: Timeline,
        at: datetime | str,
        *,
        calendar: Calendar | None = None,
        parties: Parties | None = None,
    ) -> Gaps:
        """How each party attends at one moment, to each customer and case to whom it owes attention then.

        Args:
            timeline: The log; what is not known at the moment counts for nothing.
            at: The moment.
            calendar: In which spans are counted; open around the clock in UTC when left out.
            parties: Who is who.

        Raises:
            InvalidTimeError: If `at` has no zone.
        """
        now, hours = to_micros(at), calendar or Calendar.always()
        known = timeline.as_of(at)
        coming = timeline.next_visible(now)
        each = tuple(
            one.gap(stretch, min(stretch.ends_us, coming), hours.zone)
            for one in self._all(known.events, parties or Parties(), hours, known.complete_from)
            for owed in one.owed
            for stretch in one.attention.stretches(owed, NEVER)
            if stretch.begins_us <= now < stretch.ends_us
        )
        return Gaps(each, min((coming, *(gap.review_us for gap in each))), hours.zone)

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each stretch, but for those that a lapse of the party reports already."""
        told_of: dict[tuple[str, str], list[Lapse]] = {}
        for lapse in history.lapses:
            if type(lapse.policy).__name__ in self.beside:
                told_of.setdefault((lapse.unit[0], lapse.party), []).append(lapse)
        for one in self._all(history.events, history.parties, history.calendar, history.complete_from):
            beside = told_of.get((one.customer, one.party), ())
            told = [_lasted(lapse) for lapse in beside if lapse.unit[1] in ("", one.case)]
            for owed in one.owed:
                for stretch in _occasions(one.attention.stretches(owed, history.until_us)):
                    for begins, ends in _without(stretch.begins_us, stretch.ends_us, told):
                        yield self._finding(one, stretch, begins, ends, history)

    def _all(self, events: Iterable[Event], parties: Parties, calendar: Calendar, complete_from: int) -> Iterator[_One]:
        """Every party with every customer and case to whom it may owe attention."""
        threads: dict[str, dict[str, list[Event]]] = {}
        for event in events:
            cases = threads.setdefault(event.customer, {"": []})
            cases.setdefault(event.case if self.while_open else "", []).append(event)
        for customer, cases in sorted(threads.items()):
            for case, own in cases.items():
                if not case and self.while_open:
                    continue  # of no case, and counted in each of them
                inside = sorted([*own, *cases[""]], key=lambda e: e.order) if case else own
                for party in dict.fromkeys(e.party for e in inside if e.party):
                    if parties.role(party) != "customer" and parties.are(party, self.by):
                        contacts = Contacts.of((party,), inside, parties, by_voice=self.by_voice)
                        owed = tuple(owed_stretches(party, inside, case=case))
                        attention = Attention(contacts, self.after, calendar, complete_from)
                        yield _One(party, customer, case, attention, owed)

    def _finding(self, one: _One, stretch: Stretch, begins: int, ends: int, history: History) -> Finding:
        loose = any(e.precision == "day" for e in stretch.events)
        since = history.when(stretch.since_us, by_the_day=loose)
        by = history.when(begins, by_the_day=loose)
        ended = stretch.ended_by if ends == stretch.ends_us else None
        then = "" if ended is None else f"; the next came on {history.when_of(ended)}"
        if ends < stretch.ends_us:
            then = f"; from {history.when(ends, by_the_day=loose)} on it is reported as a rhythm that was missed"
        return Finding(
            kind="unknown" if stretch.result == UNKNOWN else "silence",
            at_us=begins,
            until_us=ends,
            policy=type(self).__name__,
            party=one.party,
            customer=one.customer,
            case=one.case,
            why=_SAID[stretch.result].format(one.party, self.after, since) + then,
            instead=f"{'a talk' if self.by_voice else 'a word'} from {one.party} by {by}",
            instead_us=begins,
            evidence=tuple(dict.fromkeys(e.id for e in (*stretch.events, *([ended] if ended else ())))),
            detail=stretch.result,
            by_the_day=loose,
        )

    def explain(self) -> str:
        """What it looks for."""
        who = "a party" if self.by == (THEM,) else f"{'any of ' * (len(self.by) > 1)}{', '.join(self.by)}"
        when = "while a case is open" if self.while_open else "at any time"
        return f"{who} does not {'talk to' if self.by_voice else 'attend to'} the customer for {self.after} {when}"


@attrs.frozen
class _One:
    """One party with one customer and case."""

    party: str
    customer: str
    case: str
    attention: Attention
    owed: tuple[Owed, ...]

    def gap(self, stretch: Stretch, review: int, zone: str) -> Gap:
        """How the party attends in a stretch that goes on."""
        contacts = self.attention.contacts
        return Gap(
            party=self.party,
            customer=self.customer,
            case=self.case,
            result=stretch.result,
            since_us=stretch.since_us,
            begins_us=stretch.begins_us,
            attempt_us=max((e.at_us for e in contacts.attempts), default=ALWAYS),
            talk_us=max((e.at_us for e in contacts.talks), default=ALWAYS),
            evidence=tuple(dict.fromkeys(e.id for e in stretch.events)),
            review_us=review,
            zone=zone,
        )


def _occasions(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """What is to be reported: an hour that is only a stand-in belongs to what it borders on, and alone is nothing."""
    last: Stretch | None = None
    for stretch in stretches:
        if last is not None and last.ends_us == stretch.begins_us and stretch.result != ATTENDED:
            if stretch.unsure:
                last = attrs.evolve(last, ends_us=stretch.ends_us)
                continue
            if last.unsure:
                last = attrs.evolve(stretch, begins_us=last.begins_us)
                continue
        if last is not None and not last.unsure:
            yield last
        last = None if stretch.result == ATTENDED else stretch
    if last is not None and not last.unsure:
        yield last


def _lasted(lapse: Lapse) -> tuple[int, int]:
    return lapse.due_us, min(lapse.owed_us, lapse.until_us)


def _without(begins: int, ends: int, told: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What of a stretch lies in none of some others."""
    for first, last in sorted(told):
        if first > begins:
            yield begins, min(first, ends)
        begins = max(begins, last)
        if begins >= ends:
            return
    yield begins, ends


def result_of(lapse: Lapse, events: Iterable[Event], history: History) -> str:
    """The result of a silence that a duty reports, such as a missed rhythm of talks: of those from whom it is owed.

    Args:
        lapse: The silence; only a talk ends it, so a message is an attempt.
        events: Those of its customer, in the order of time.
        history: Where they stand.
    """
    case = lapse.unit[1]
    inside = [e for e in events if not case or e.case in ("", case)]
    contacts = Contacts.of(getattr(lapse.policy, "by", (THEM,)), inside, history.parties, by_voice=True)
    until = min(lapse.until_us, history.until_us)
    if lapse.due_us < history.complete_from or any(lapse.cycle_us <= e.at_us < until for e in contacts.maybe):
        return UNKNOWN
    return contacts.result(lapse.cycle_us, until)[0]
