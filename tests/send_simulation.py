"""A year of surveys: customers with several journeys, two workers that race, a log that is late, doubled, shuffled.

What went out is judged by plain counting that knows nothing of guards.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from random import Random
from zoneinfo import ZoneInfo

import attrs

from carepolicy import JourneyComplete, OncePerStage, QuietHours, RestBetween, StillFresh, SurveyCap, Timeline, days
from carepolicy._instant import DAY, HOUR, MINUTE, to_micros, to_moment
from carepolicy.events import Event
from carepolicy.journey import Ask, Journey
from carepolicy.sends import plan_sends

START = to_micros("2026-01-01T00:00Z")
ZONES = ("", "America/Denver", "Europe/Paris", "Asia/Kathmandu", "Australia/Lord_Howe")
REST, PERSON_REST, CAP, CAP_DAYS, FRESH = 9, 20, 4, 180, 30
QUIET = (21, 8)
GUARD = (
    JourneyComplete(days(1))
    & StillFresh(days(FRESH))
    & OncePerStage()
    & RestBetween(days(REST))
    & RestBetween(days(PERSON_REST), person="same")
    & SurveyCap(CAP, days(CAP_DAYS))
    & QuietHours("Europe/Paris", candidates="America/Denver")
)


@attrs.frozen
class Sent:
    """A message that went out."""

    at: int
    customer: str
    person: str
    zone: str
    cases: tuple[str, ...]


class Store:
    """What is shared: the log of surveys in SQLite, whose unique columns are the reservation."""

    def __init__(self, *, reserve: bool = True) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        unique = "unique" if reserve else ""
        self.db.execute(f"create table place (place text {unique})")
        self.db.execute(f"create table survey (key text {unique}, customer, kase, person, at integer, part integer)")
        self.sent: list[Sent] = []

    def surveys(self, customer: str) -> list[Event]:
        rows = self.db.execute("select key, kase, person, at, part from survey where customer = ?", (customer,))
        return [
            Event(
                id=f"{key} {part}", at=at, kind="survey", customer=customer, case=case, person=person, purpose="survey"
            )
            for key, case, person, at, part in rows
        ]

    def send(self, ask: Ask, at: int) -> bool:
        """Reserve, and send only what could be reserved: all of it or nothing."""
        try:
            self.db.execute("begin immediate")
            self.db.execute("insert into place values (?)", (ask.place,))
            for number, part in enumerate(ask.parts):
                j = part.journey
                row = (part.key, j.customer, j.case, j.person, at, number + len(self.sent) * 100)
                self.db.execute("insert into survey values (?, ?, ?, ?, ?, ?)", row)
            self.db.execute("commit")
        except sqlite3.IntegrityError:
            self.db.execute("rollback")
            return False
        cases = tuple(part.journey.case for part in ask.parts)
        self.sent.append(Sent(at, ask.customer, ask.person, ask.parts[0].journey.zone, cases))
        return True


def year_of(customer: str, random: Random) -> tuple[list[Event], dict[str, str]]:
    """The journeys of one customer, and who is asked about each."""
    log: list[Event] = []
    persons: dict[str, str] = {}
    for number in range(random.randint(1, 6)):
        case, at = f"j{number}", START + random.randrange(300) * DAY + random.randrange(24 * 60) * MINUTE
        persons[case] = random.choice(("anna", "anna", "ben"))
        steps = random.choice(
            (("completed",), ("completed",), ("completed", "reopened", "completed"), ("completed", "reopened"))
        )
        for kind in ("opened", *steps):
            late = random.choice((0, 0, 0, 5 * HOUR, 3 * DAY))
            log.append(
                Event(at=at, recorded_at=at + late, kind=kind, customer=customer, case=case, id=f"{case} {len(log)}")
            )
            at += random.randrange(1, 12 * 24) * HOUR
    return log, persons


def live(customer: str, random: Random, store: Store, *, quick: bool = False) -> list[Event]:
    """A year of one customer: at every trigger two workers look, plan and try to send.

    If it has to be quick, each event triggers them once, and both hold the one plan that equal views come to.
    """
    log, persons = year_of(customer, random)
    zone = random.choice(ZONES)
    wakes = sorted({e.visible_us + random.choice((0, HOUR, 9 * HOUR)) for e in log for _ in ("a" if quick else "ab")})
    until = START + 365 * DAY
    while wakes:
        now = wakes.pop(0)
        if now >= until:
            break
        known = [*log, *random.sample(log, min(2, len(log)))]
        random.shuffle(known)
        views = [
            Timeline([*known, *store.surveys(customer)]) for _ in ("a" if quick else "ab")
        ]  # both look before either sends
        plans = [plan_sends(list(_journeys(customer, persons, view, zone, random)), to_moment(now)) for view in views]
        for worker, plan in enumerate(plans * 2 if quick else plans):
            late = now + worker * random.choice((0, MINUTE))
            for ask in plan.asks[:1] if worker else plan.asks:
                if ask.at_us <= late < ask.before_us and plan.review_us > late:
                    store.send(ask, late)
                    if random.random() < 0.3:
                        store.send(ask, late)  # the answer was lost on the way: tried again
        again = min(plan.review_us for plan in plans)
        if now < again < until:
            wakes = sorted({*wakes, again})
    return log


def _journeys(customer: str, persons: dict[str, str], log: Timeline, zone: str, random: Random) -> Iterator[Journey]:
    """The journeys of one customer, in any order, some of them triggered twice."""
    some = [*persons, *random.sample(list(persons), 1)]
    random.shuffle(some)
    for case in some:
        yield Journey(customer=customer, case=case, person=persons[case], timeline=log, guard=GUARD, zone=zone)


def broken(sent: list[Sent], log: list[Event]) -> list[str]:
    """Which rules the messages to one customer broke, counted one by one."""
    found = []
    ordered = sorted(sent, key=lambda s: s.at)
    for place, message in enumerate(ordered):
        for other in ordered[:place]:
            apart = message.at - other.at
            if apart < REST * DAY:
                found.append("rest of the account")
            if apart < PERSON_REST * DAY and message.person == other.person:
                found.append("rest of the person")
        within = [s for s in ordered[: place + 1] if message.at - s.at < CAP_DAYS * DAY]
        if len(within) > CAP:
            found.append("cap")
        for zone in [message.zone] if message.zone else ["Europe/Paris", "America/Denver"]:
            hour = to_moment(message.at).astimezone(ZoneInfo(zone)).hour
            if hour >= QUIET[0] or hour < QUIET[1]:
                found.append(f"quiet hours in {zone}")
        for case in message.cases:
            known = sorted((e for e in log if e.case == case and e.visible_us <= message.at), key=lambda e: e.at_us)
            last = known[-1] if known else None
            if last is None or last.kind != "completed" or not DAY <= message.at - last.at_us < FRESH * DAY:
                found.append(f"{case} was not complete, settled and fresh")
    asked = [(case, message.at) for message in ordered for case in message.cases]
    completions = {case: sum(e.kind == "completed" and e.case == case for e in log) for case, _ in asked}
    found += [f"{case} asked too often" for case in completions if sum(c == case for c, _ in asked) > completions[case]]
    return found


def simulate(people: int, seed: int, *, reserve: bool = True, quick: bool = False) -> tuple[list[Sent], list[str]]:
    """A year of so many customers: what went out, and which rules it broke."""
    store, random = Store(reserve=reserve), Random(seed)
    found: list[str] = []
    for number in range(people):
        customer, before = f"c{number}", len(store.sent)
        log = live(customer, random, store, quick=quick)
        found += broken(store.sent[before:], log)
    return store.sent, found
