"""The contacts of one customer as drift sees them: which feed what, what was agreed when, and what does not count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from carepolicy._instant import ALWAYS, NEVER, in_words
from carepolicy._sequential.assessment import BUDGET, INITIATIVE, MAIL, RHYTHM, VOICE, Trend, trend_of
from carepolicy._sequential.course import (
    Alarm,
    Contact,
    Course,
    RhythmCourse,
    ShareCourse,
    Stand,
    Terms,
    follow_rhythm,
    follow_share,
)
from carepolicy.calendar import Calendar
from carepolicy.events import LIVE_CHANNELS, Event
from carepolicy.facts import CUSTOMER_PARTY, US, Parties, Which
from carepolicy.finding import Finding
from carepolicy.span import Span
from carepolicy.stretches import Stretch, joined

if TYPE_CHECKING:
    from carepolicy.drift import Drift

LETTERS = ("email", "post")
"""Channels of mail; what is written on any other is text."""
REACHED = ("conversation", "delivered", "")
_SAYS = {
    RHYTHM: "the talks that {} began come at {now:.2f} of the agreed rate (every {})",
    VOICE: "the share of talks among the contacts that {} began fell from {was:.2f} to {now:.2f}",
    MAIL: "the share of mail among what {} write fell from {was:.2f} to {now:.2f}",
    INITIATIVE: "the share of talks that {} began fell from {was:.2f} to {now:.2f}",
}
_SILENT = "there has been no talk that {} began (agreed: every {})"
_KEPT = {
    RHYTHM: "nothing shows that the talks that {} begin thin (agreed: every {})",
    VOICE: "nothing shows that voice gives way to writing",
    MAIL: "nothing shows that mail gives way to text",
    INITIATIVE: "nothing shows that the customer does more of the calling",
}
_INSTEAD = {
    RHYTHM: "a talk that we begin, every {}",
    VOICE: "a talk where a message became the habit",
    MAIL: "a talk, or at least a mail, where a text became the habit",
    INITIATIVE: "a talk that we begin before the customer has to call",
}


class Account:
    """The contacts of one customer as drift sees them."""

    def __init__(
        self, drift: Drift, events: Sequence[Event], calendar: Calendar, parties: Parties, complete: int, until: int
    ) -> None:
        self.drift, self.events, self.calendar, self.parties = drift, events, calendar, parties
        self.complete, self.until = complete, until
        self.terms = _terms(drift, events)
        self.rests = rests(events, parties)

    def contacts(self, kind: str) -> Iterator[Contact]:
        """The contacts that feed one kind."""
        by = self.drift.by
        ours = Which("contact", by=by, direction="outbound", author=("human", ""), outcome=REACHED)
        for event in self.events:
            voice = event.is_conversation
            if kind == INITIATIVE:
                if voice and event.direction:
                    began = ours.matches(event, self.parties)
                    yield Contact(event.at_us, event.id, int(began))
            elif ours.matches(event, self.parties) and event.channel:
                written = event.channel not in LIVE_CHANNELS
                if voice if kind == RHYTHM else voice or written if kind == VOICE else written:
                    counts = voice if kind == VOICE else event.channel in LETTERS
                    yield Contact(event.at_us, event.id, int(counts))

    def follow(self, kind: str) -> tuple[Course, Stand]:
        """The course of one kind, and where it stands at the end."""
        often, least = self.drift.false_alarms * BUDGET[kind], self.drift.at_least
        contacts = list(self.contacts(kind))
        if kind == RHYTHM:
            rhythm = RhythmCourse(calendar=self.calendar, rests=self.rests, often=often, at_least=least)
            return rhythm, follow_rhythm(rhythm, contacts, self.terms, self.complete, self.until)
        share = ShareCourse(often=often, at_least=least)
        return share, follow_share(share, contacts, self.terms, self.complete)

    def trend(self, kind: str) -> Trend:
        """What is known of one kind at the end."""
        _, stand = self.follow(kind)
        return trend_of(kind, stand, self.until, self._why(kind, stand), self.calendar.zone)

    def _every(self, us: int) -> Span:
        return next(term.every for term in reversed(self.terms) if term.from_us <= us)

    def _who(self) -> str:
        return "we" if self.drift.by == (US,) else " or ".join(self.drift.by)

    def _why(self, kind: str, stand: Stand) -> str:
        zone, who = self.calendar.zone, self._who()
        if not stand.enough:
            return f"there are fewer than {self.drift.at_least} contacts to tell from"
        if stand.since_us == NEVER:
            return _KEPT[kind].format(who, self._every(self.until))
        since = in_words(stand.since_us, zone)
        says = _SAYS[kind] if stand.now or kind != RHYTHM else _SILENT
        said = says.format(who, self._every(stand.since_us), was=stand.was or 0.0, now=stand.now)
        return f"{said} since {since} (confidence at least {stand.confidence:.3g})"

    def finding(self, kind: str, alarm: Alarm, customer: str) -> Finding:
        """The finding of one occasion."""
        zone, stand = self.calendar.zone, alarm.stand
        gave = in_words(alarm.since_us, zone)
        return Finding(
            kind="drift",
            at_us=alarm.at_us,
            until_us=alarm.until_us,
            policy=type(self.drift).__name__,
            customer=customer,
            why=self._why(kind, stand),
            instead=f"{_INSTEAD[kind].format(self._every(alarm.since_us))}, from {gave} on",
            instead_us=alarm.since_us,
            evidence=stand.evidence,
            detail=kind,
        )


def _terms(drift: Drift, events: Sequence[Event]) -> list[Terms]:
    """What was agreed when: each event that names another tier or another wish begins new terms."""
    tiers = {tier.name: tier.limit for tier in drift.tiers}
    wishes = {wish.name: wish.limit for wish in drift.wishes}
    found, named = [Terms(ALWAYS, drift.agreed)], {"tier": "", "wish": ""}
    for event in events:
        if event.kind in named and event.purpose and event.purpose != named[event.kind]:
            named[event.kind] = event.purpose
            every = wishes.get(named["wish"], tiers.get(named["tier"], drift.agreed))
            found.append(Terms(event.at_us, every, event.id))
    return found


def rests(events: Sequence[Event], parties: Parties) -> tuple[Stretch, ...]:
    """The stretches in which the customer wanted no contact, or was none."""
    found: list[Stretch] = []
    wish: tuple[int, int] | None = None
    paused: dict[tuple[str, str], tuple[int, int]] = {}
    left: int | None = None
    for event in events:
        thread = (event.case, event.ref)
        if event.kind == "wish" and event.due_us < NEVER:
            found += [(wish[0], min(wish[1], event.at_us))] if wish else []
            wish = (event.at_us, event.due_us)
        elif event.kind == "paused" and (parties.role(event.party) == CUSTOMER_PARTY or not event.case):
            paused.setdefault(thread, (event.at_us, event.due_us))
        elif event.kind == "resumed" and thread in paused:
            begun, expiry = paused.pop(thread)
            found.append((begun, min(expiry, event.at_us)))
        elif event.kind == "left" and left is None:
            left = event.at_us
        elif event.kind == "sold" and left is not None:
            found, left = [*found, (left, event.at_us)], None
    found += [*([wish] if wish else []), *paused.values(), *([(left, NEVER)] if left is not None else [])]
    return tuple((begin, end) for begin, end in joined(found) if begin < end)
