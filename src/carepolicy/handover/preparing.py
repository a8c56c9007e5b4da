"""Preparing a handover: everything that is known of a case, put in its place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from carepolicy._instant import NEVER, to_micros, to_moment, zone_of
from carepolicy.calendar import Calendar
from carepolicy.expected import Expected
from carepolicy.facts import CUSTOMER_PARTY, Parties
from carepolicy.handover import words as wording
from carepolicy.handover.casefile import CaseFile, case_of, open_file, quoted
from carepolicy.handover.chasing import chasers_in, unanswered_in
from carepolicy.handover.choices import choices_in
from carepolicy.handover.contradicting import contradictions_in
from carepolicy.handover.document import Owed, Person
from carepolicy.handover.gaps import gaps_of
from carepolicy.handover.handover import Handover
from carepolicy.handover.holding import holding_in, place_in, waiting_in
from carepolicy.handover.mood import mood_in
from carepolicy.handover.next_steps import actor, contingencies_in, last_contact_in, next_action_in, next_contact_in
from carepolicy.handover.open_questions import questions_in
from carepolicy.handover.owing import ESTIMATE, owed_in
from carepolicy.handover.people import people_in
from carepolicy.handover.seen import digest_of
from carepolicy.handover.telling import known_in, wanted_in
from carepolicy.handover.trying import tried_in
from carepolicy.recovery import Option, Recovery
from carepolicy.severity import NAMES, Severity, Stake
from carepolicy.severity import severity as severity_of

if TYPE_CHECKING:
    from carepolicy.plan import Plan
    from carepolicy.timeline import Timeline


def prepare(
    timeline: Timeline,
    case: str,
    at: datetime | str,
    *,
    to: str,
    plan: Plan | None,
    sender: str,
    customer: str | None,
    people: Iterable[Person],
    options: Recovery | Iterable[Option],
    severity: Severity | None,
    stakes: Iterable[Stake],
    zone: str,
    customer_zone: str,
    words: int,
) -> Handover:
    """The handover of a case; arguments and errors as for `Handover.prepare`."""
    budget, now = wording.enough_words(words), to_micros(at)
    calendar = Calendar.always() if plan is None else plan.calendar
    whose, which = case_of(timeline, now, case, customer)
    file = open_file(
        timeline,
        now,
        whose,
        which,
        parties=Parties() if plan is None else plan.parties,
        calendar=calendar,
        zone=zone_of(zone or calendar.zone).name,
    )
    given, at_stake = tuple(people), tuple(stakes)
    h = _gathered(file, plan, given, to, sender)
    band, why = _severity(file, severity, at_stake, h.promises)
    thing = wording.thing_in(file)
    h = attrs.evolve(
        h,
        customer_zone=zone_of(customer_zone).name if customer_zone else "",
        plan="" if plan is None else plan.version,
        severity=band,
        severity_why=why,
        title=wording.title_of(file, thing, h.place),
        options=choices_in(file, options, at_stake),
        questions=questions_in(file, h.promises, h.wanted, stakes=bool(at_stake)),
    )
    heard = {e.party: e for e in file.own}  # each party is looked at once, and not with every event again
    teams = frozenset(party for party, e in heard.items() if file.is_ours(e)) - {p.name for p in given}
    return attrs.evolve(
        h,
        confirmation=wording.confirmation_of(h, file, thing),
        summary=wording.summary_of(h, file, budget),
        gaps=gaps_of(h, teams, stakes=bool(at_stake)),
    )


def _gathered(file: CaseFile, plan: Plan | None, given: tuple[Person, ...], to: str, sender: str) -> Handover:
    """What the log says, before anything is judged or worded."""
    owed = owed_in(file, plan)
    holding = holding_in(file)
    tried, chasers = tried_in(file), chasers_in(file, plan)
    known, wanted, unanswered = known_in(file), wanted_in(file), unanswered_in(file)
    people = people_in(file, given, to=to, sender=sender, plan=plan)
    who = actor(people)
    mood, mood_why = mood_in(file, chasers, known, tried)
    last = file.own[-1]
    return Handover(
        customer=file.customer,
        case=file.case,
        to=to,
        sender=sender,
        at_us=file.at_us,
        last_event=last.id,
        last_event_us=last.at_us,
        seen=tuple(sorted(e.id for e in file.events)),
        digest=digest_of(file.events),
        zone=file.zone,
        mood=mood,
        mood_why=mood_why,
        subject=wording.subject_in(file),
        place=place_in(file, holding),
        known=known,
        wanted=wanted,
        tried=tried,
        promises=owed,
        people=people,
        next_action=next_action_in(file, owed, unanswered, wanted, who),
        contingencies=contingencies_in(file, owed, tried, who),
        last_contact=last_contact_in(file),
        next_contact=next_contact_in(file, owed, who),
        chasers=chasers,
        contradictions=contradictions_in(file, owed),
        unanswered=unanswered,
        waiting=waiting_in(file, holding, owed, unanswered),
    )


def _severity(
    file: CaseFile, given: Severity | None, stakes: tuple[Stake, ...], owed: tuple[Owed, ...]
) -> tuple[str, tuple[str, ...]]:
    """The band with what it comes from: as the host judged, else what is at stake, else the log; "" for not known."""
    ahead = [s for s in stakes if s.at_us > file.at_us]
    told = tuple(f"at stake: {s.name}, on {file.when(s.at_us)}" for s in ahead)
    if given is None and ahead:
        dates = [o.due_us for o in owed if o.kind == ESTIMATE and not o.ref and o.role != CUSTOMER_PARTY]
        expected = next((Expected.at(to_moment(us)) for us in dates if file.at_us < us < NEVER), None)
        given = severity_of(expected, ahead, at=to_moment(file.at_us), calendar=file.calendar)
    if given is not None:
        return given.band, (str(given), *told)
    over = {(e.ref, e.order) for e in file.of_kind("trouble_over")}
    for event in reversed(file.of_kind("trouble")):
        if event.purpose in NAMES and not any(ref == event.ref and order > event.order for ref, order in over):
            return event.purpose, (f"written down on {file.when_of(event)}: {quoted(event)}",)
    begun = next(iter(file.of_kind("incident", "trouble", "opened")), None)
    since = () if begun is None else (f"it has gone on since {file.when_of(begun)}",)
    return "", ("nobody has judged it, and nobody knows what is at stake", *since)
