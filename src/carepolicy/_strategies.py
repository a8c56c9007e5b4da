"""Random values for tests: drawn from few hours around clock changes, so that what may touch touches often."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from math import prod
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from carepolicy._instant import ALWAYS, DAY, HOUR, NEVER, to_micros, to_moment
from carepolicy.cadence import Cadence
from carepolicy.calendar import Calendar
from carepolicy.caps import AttemptCap
from carepolicy.checks import STANDARD
from carepolicy.clocks import FirstReply, NextReply
from carepolicy.events import KINDS, LIVE_CHANNELS, Event
from carepolicy.expiry import Answerable, AnswerableUntil
from carepolicy.facts import Facts, Parties, Which
from carepolicy.heartbeat import Heartbeat
from carepolicy.outreach import ContactHours
from carepolicy.plan import Plan
from carepolicy.policy import all_of, first_of
from carepolicy.promise import EstimateCurrent, PromiseKept, TellOfSlip
from carepolicy.quarantine import RestBetween, SurveyCap
from carepolicy.span import Span, days, elapsed, working, working_days
from carepolicy.stall import KeepMoving
from carepolicy.survey import Actionable, JourneyComplete, StillFresh
from carepolicy.tier import Tier
from carepolicy.timeline import Timeline
from carepolicy.touch import CLASSES, Touch
from carepolicy.trouble import NothingRegistered, NoTrouble
from carepolicy.window import Window

_CHANGES = tuple(map(to_micros, ("2025-11-02T00:00-06:00", "2026-03-08T00:00-07:00")))
"""Midnight in Denver before the clocks go back, and before they go forward."""
_DAYS = (0, 1, -1, 2, -2, 3, 7, -7, 42, -42, 90)
_HOURS = (8, 17, 0, 1, 2, 9, 12)
_POOL = tuple(change + day * DAY + hour * HOUR for day in _DAYS for hour in _HOURS for change in _CHANGES)
_EDGES = tuple(change + hour * HOUR + aside for change in _CHANGES for hour in (8, 17) for aside in (-1, 1))
_WEEKS = (
    "Mon-Fri 08:00-17:00",
    "Mon-Sun 08:00-12:00, 13:00-17:00",
    "Mon-Sun 22:00-06:00",
    "Sun 01:00-02:30",
    "Mon-Sun 00:00-24:00",
)
_WIDE = "Mon-Sun 00:00-12:00, 12:30-23:00"
_OVERLAPPING = ("Mon-Fri 08:00-17:00", "Mon-Sun 00:00-24:00", "Mon-Sun 08:00-12:00, 13:00-17:00")
_ZONES = ("America/Denver", "Europe/Paris", "Australia/Lord_Howe")
_JOINS = (operator.or_, operator.and_, operator.sub)
_CLOSED = ((), ("2025-11-03", "2026-03-09"))
_CASES, _REFS, _PARTIES = ("c1", "c2", ""), ("", "r1", "r2"), ("agent", "dealer", "customer", "")
_ROLES = {"us": ("agent",), "partner": ("dealer",), "them": ("agent", "dealer"), "customer": ("customer",)}


def _picked(values: Sequence[Any]) -> SearchStrategy[Any]:
    """One of many values; as `sampled_from`, whose repr would list them all in every failure."""
    return st.integers(0, len(values) - 1).flatmap(lambda position: st.just(values[position]))


def instants() -> SearchStrategy[int]:
    """Whole UTC microseconds, as facts hold them: few distinct hours around clock changes, and a tick beside some."""
    return _picked((*_POOL, *_EDGES))


def moments() -> SearchStrategy[Any]:
    """The same instants as aware times, to ask `decide` and `review` at."""
    return st.builds(to_moment, instants(), st.sampled_from(("UTC", *_ZONES)))


def spans(*, least: int = 1) -> SearchStrategy[Span]:
    """Spans of every unit that lead from one of the instants to another.

    Args:
        least: The smallest amount, in what the span counts; 0 lets nothing through, negative numbers the way back.
    """
    some = (1, 2, 3, 7, 42, 90)
    counts = st.sampled_from([n for n in (*some, 0, *(-n for n in some)) if n >= least])
    return st.one_of(
        counts.map(days),
        counts.map(working_days),
        counts.map(lambda n: elapsed(hours=n)),
        counts.map(lambda n: working(hours=n)),
    )


@cache
def _weekly(hours: str, zone: str, closed: tuple[str, ...]) -> Calendar:
    """Each of the few calendars once, as its table of openings is what costs."""
    return Calendar.weekly(hours, zone=zone, holidays=closed)


def calendars() -> SearchStrategy[Calendar]:
    """Calendars with lunch breaks, nights, holidays and hours in the gap, and some that are joined from two."""
    weekly = st.builds(_weekly, st.sampled_from(_WEEKS), st.sampled_from(_ZONES), st.sampled_from(_CLOSED))
    joined = st.builds(_joined, st.sampled_from(_WEEKS), st.sampled_from(_JOINS))
    return st.one_of(weekly, weekly, joined)


@cache
def _joined(hours: str, join: Callable[[Calendar, Calendar], Calendar]) -> Calendar:
    """Weekly hours with the days around both changes, without them, or as far as Paris has not gone to bed."""
    change_days = (Window(to_moment(t - DAY), to_moment(t + 2 * DAY)) for t in _CHANGES)
    paris = _ZONES[1]
    awake = _weekly("Mon-Sun 00:00-20:00", paris, ())
    return join(
        _weekly(hours, _ZONES[0], ()), awake if join is operator.and_ else Calendar.only(*change_days, zone=paris)
    )


def windows() -> SearchStrategy[Window]:
    """Windows with two bounds, one or none, and empty ones."""
    opens = st.none() | instants().map(to_moment)
    return st.builds(lambda a, b: Window(opens=a) & Window(closes=b), opens, opens)


def events(
    *policies: Any,
    kinds: Iterable[str] = (),
    customers: Sequence[str] = ("",),
) -> SearchStrategy[Event]:
    """Events of any kind, seen late, dated ahead or not dated to the hour.

    Args:
        policies: What these ask for comes most of the time.
        kinds: Kinds of event beside those that carepolicy knows.
        customers: Whom they may concern.
    """
    asked = [w for p in policies for fact in p.needs().values() for group in fact.conditions() for w in group]
    any_kind = tuple(sorted({*KINDS, *kinds}))
    wanted = [_words(which, any_kind, tuple(customers)) for which in dict.fromkeys([*asked, Which()])]
    return _event(st.integers(0, len(wanted) - 1).flatmap(lambda which: _one_of_each(wanted[which])))


def _words(which: Which, kinds: Sequence[str], customers: Sequence[str]) -> dict[str, Sequence[str]]:
    """The words that an event may have which meets a condition."""
    live, parties = which.conversation, [name for word in which.by for name in _ROLES.get(word, (word,))]
    return {
        "kind": (which.named,) if which.named else which.kind or kinds,
        "case": _CASES,
        "party": parties or _PARTIES,
        "ref": ("",) if which.whole else _REFS,
        "direction": which.direction or ("outbound", "inbound", ""),
        "channel": which.channel or (sorted(LIVE_CHANNELS) if live else ("phone", "email", "")),
        "outcome": which.outcome or (("conversation",) if live else ("conversation", "voicemail", "delivered", "")),
        "author": which.author or (("human", "") if live else ("human", "automatic", "")),
        "purpose": which.purpose or ("update", "status", "survey", ""),
        "person": which.person or ("",),
        "customer": customers,
        "precision": ("minute", "minute", "day"),
    }


def _one_of_each(words: Mapping[str, Sequence[str]]) -> SearchStrategy[dict[str, str]]:
    """One of the words for each field, all chosen by one number, which is much faster than one by one."""

    def chosen(number: int) -> dict[str, str]:
        fields = {}
        for name, choice in words.items():
            number, index = divmod(number, len(choice))
            fields[name] = choice[index]
        return fields

    return st.integers(0, prod(map(len, words.values())) - 1).map(chosen)


def _event(fields: SearchStrategy[dict[str, str]]) -> SearchStrategy[Event]:
    at, maybe = instants(), _picked((None, *_POOL))
    return st.builds(
        lambda at, recorded, due, more: Event(at=at, recorded_at=recorded, due=due, **more),
        at,
        maybe | st.none(),
        maybe,
        fields,
    )


@st.composite
def timelines(
    draw: DrawFn,
    *policies: Any,
    kinds: Iterable[str] = (),
    customers: Sequence[str] = ("",),
    corrections: bool = True,
) -> Timeline:
    """Logs as they are: out of order, recorded late, dated ahead, doubled, corrected.

    Args:
        policies, kinds, customers: As for `events`.
        corrections: Whether an event may be recorded again with other content.
    """
    some = events(*policies, kinds=kinds, customers=customers)
    recorded = [attrs.evolve(e, id=f"e{n}") for n, e in enumerate(draw(st.lists(some, max_size=7)))]
    if recorded:
        ids = st.sampled_from([e.id for e in recorded])
        if corrections:
            recorded += draw(st.lists(st.builds(lambda e, i: attrs.evolve(e, id=i), some, ids), max_size=2))
        recorded += draw(st.lists(st.sampled_from(recorded), max_size=2))
    return Timeline(recorded, complete_since=draw(st.none() | instants()))


def known() -> SearchStrategy[int]:
    """What one fact has come to: an instant, ALWAYS or NEVER."""
    return st.one_of(instants(), instants(), st.sampled_from([ALWAYS, NEVER]))


def facts(policy: Any, calendar: Calendar | None = None) -> SearchStrategy[Facts]:
    """Facts for what a policy asks for, ALWAYS and NEVER among them.

    Args:
        policy: A guard or a duty.
        calendar: In which they count; any of `calendars()` when left out.
    """
    values: SearchStrategy[Mapping[str, int]] = st.fixed_dictionaries(dict.fromkeys(policy.needs(), known()))
    return st.builds(Facts.of, calendars() if calendar is None else st.just(calendar), values)


def guards(*, joined: bool = True) -> SearchStrategy[Any]:
    """The guards that ship, with any parameters, alone or joined with `&`.

    Args:
        joined: Whether some are joined.
    """
    hours = st.builds(_weekly, st.sampled_from(_OVERLAPPING), st.sampled_from(_ZONES[:2]), st.sampled_from(_CLOSED))
    # hours of ours meet those of the customer in any zone
    wide = st.builds(_weekly, st.just(_WIDE), st.sampled_from(_ZONES[:2]), st.sampled_from(_CLOSED))
    alone = st.one_of(
        st.builds(JourneyComplete, spans(least=0)),
        st.just(AnswerableUntil()),
        st.builds(lambda lag: Answerable(lag=lag), spans(least=0)),
        st.builds(StillFresh, spans()),
        st.builds(RestBetween, spans()),
        st.builds(SurveyCap, st.integers(1, 3), spans()),
        st.builds(AttemptCap, st.integers(1, 3), spans()),
        st.just(NothingRegistered()),
        st.just(Actionable()),
        st.builds(NoTrouble, spans(least=0)),
        st.builds(ContactHours, hours),
        st.builds(ContactHours, wide, fixed=st.just(True)),
    )
    return alone | st.lists(alone, min_size=2, max_size=4).map(lambda some: all_of(*some)) if joined else alone


def duties(*, joined: bool = True) -> SearchStrategy[Any]:
    """The duties that ship, with any parameters, alone or joined with `|`.

    Args:
        joined: Whether some are joined.
    """
    by = st.sampled_from([("us",), ("them",), ("agent", "dealer"), ("customer",)])
    alone = st.one_of(
        st.builds(Cadence, spans(), by=by),
        st.builds(lambda n, m, by: Cadence(days(n), days(n + m), by), st.integers(1, 9), st.integers(0, 9), by),
        st.builds(Heartbeat, spans(), by),
        st.builds(PromiseKept, by),
        st.builds(EstimateCurrent, by),
        st.builds(lambda n, m: Cadence(days(n), tiers=(Tier("gold", days(m)),)), st.integers(1, 9), st.integers(1, 9)),
        st.builds(FirstReply, spans()),
        st.builds(NextReply, spans()),
        st.builds(TellOfSlip, spans(), by),
        st.builds(KeepMoving, spans()),
    )
    return alone | st.lists(alone, min_size=2, max_size=3).map(lambda some: first_of(*some)) if joined else alone


def touches() -> SearchStrategy[Touch]:
    """Touches with a duty, a guard or both."""
    both = st.tuples(st.none() | duties(), st.none() | guards()).filter(any)
    return st.builds(
        lambda pair, **rest: Touch(due=pair[0], guard=pair[1], **rest),
        both,
        owner=st.sampled_from(("", "agent", "office")),
        touch_class=st.sampled_from(("", *CLASSES)),
        channel=st.sampled_from(("phone", "email")),
        minutes=st.integers(1, 60),
        sends=st.sampled_from((None, Which("contact", purpose="survey"), Which("survey"))),
    )


def plans() -> SearchStrategy[Plan]:
    """Plans of one to three touches."""
    return st.builds(
        Plan,
        calendars(),
        name=st.sampled_from(("", "claims", "für Ängstliche")),
        parties=st.sampled_from((Parties(), Parties(ours=["agent"], partners=["dealer"]))),
        checks=st.sampled_from((STANDARD, STANDARD[:1], ())),
        touches=st.dictionaries(st.sampled_from(("call", "survey", "exit question")), touches(), min_size=1),
    )
