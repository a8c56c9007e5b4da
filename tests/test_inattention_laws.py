"""Inattention: its stretches lie end to end, more doubt never proves more, and answers hold until they say."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, Event, Parties, Timeline, days, elapsed, working_days
from carepolicy._instant import NEVER, to_moment
from carepolicy.attention import ATTENDED, UNKNOWN, Attention, Contacts, owed_stretches
from carepolicy.inattention import Gap, Inattention

HOUR = 3_600_000_000
BASE = Event(at="2026-03-27T08:00+01:00", kind="note").at_us  # two days before the clocks change in Berlin
office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="Europe/Berlin")
parties = Parties(ours=["agent"], partners=["shop"])
moments = st.integers(0, 150).map(lambda hour: BASE + hour * HOUR)
checks = st.builds(
    Inattention,
    st.sampled_from([days(1), days(2), elapsed(hours=30), working_days(1)]),
    while_open=st.booleans(),
    by_voice=st.booleans(),
)
calendars = st.sampled_from([office, Calendar.always("Europe/Berlin")])


BEGIN = [
    Event(at=BASE, kind="opened", case="c", party="agent"),
    Event(at=BASE + HOUR, kind="note", case="c", party="shop"),
]


@st.composite
def events(draw: st.DrawFn) -> Event:
    words = {
        "party": ["agent", "shop", "customer", ""],
        "direction": ["outbound", "outbound", "inbound", ""],
        "channel": ["phone", "email", "visit", ""],
        "outcome": ["conversation", "delivered", "voicemail", ""],
        "author": ["human", "automatic"],
        "precision": ["minute", "minute", "day"],
        "case": ["c", "c", "d", ""],
    }
    kinds = ["contact"] * 5 + ["opened", "opened", "closed", "note", "left", "sold"]
    at, late = draw(moments), draw(st.sampled_from([0, 0, 0, 20 * HOUR]))
    return Event(
        at=at,
        recorded_at=at + late,
        kind=draw(st.sampled_from(kinds)),
        **{name: draw(st.sampled_from(some)) for name, some in words.items()},  # type: ignore[arg-type]
    )


logs = st.lists(events(), max_size=9).map(
    lambda some: [attrs.evolve(e, id=f"e{n}") for n, e in enumerate([*BEGIN, *some])]
)


def gaps(check: Inattention, calendar: Calendar, log: Timeline, at: int) -> tuple[Gap, ...]:
    return check.gaps(log, to_moment(at), calendar=calendar, parties=parties).gaps


def named(found: tuple[Gap, ...]) -> dict[tuple[str, str, str], str]:
    return {(g.party, g.customer, g.case): g.result for g in found}


@given(logs, checks, calendars, st.none() | moments, st.just(NEVER) | moments)
def test_every_instant_lies_in_exactly_one_stretch(
    log: list[Event], check: Inattention, calendar: Calendar, complete: int | None, until: int
) -> None:
    """From when attention is owed until it is not, or until the end, stretches lie end to end and none is empty."""
    timeline = Timeline(log, complete_since=complete)
    known = [e for e in timeline.events if e.at_us <= until]
    for party in ("agent", "shop"):
        contacts = Contacts.of((party,), known, parties, by_voice=check.by_voice)
        attention = Attention(contacts, check.after, calendar, timeline.complete_from)
        for owed in owed_stretches(party, known, case="c" if check.while_open else ""):
            begin, end, _ = owed
            stretches = list(attention.stretches(owed, until))
            edges = [(s.begins_us, s.ends_us) for s in stretches]
            assert all(a < b for a, b in edges)
            assert [a for a, _ in edges[1:]] == [b for _, b in edges[:-1]]
            if begin < until:
                assert edges[0][0] == begin
                assert edges[-1][1] == (end if end <= until else NEVER)


@given(logs, checks, calendars, moments, events())
def test_doubt_never_proves(log: list[Event], check: Inattention, calendar: Calendar, at: int, maybe: Event) -> None:
    """One more contact of which nobody wrote down who began it never proves what was unknown, nor attends."""
    doubt = attrs.evolve(
        maybe, id="doubt", kind="contact", direction="", party="agent", author="human", recorded_at=None
    )
    doubt = attrs.evolve(doubt, outcome="conversation", channel="phone", case="c")
    sure = Timeline(log)
    results = named(gaps(check, calendar, sure, at))
    for who, result in named(gaps(check, calendar, sure | Timeline([doubt]), at)).items():
        assert result == UNKNOWN or results[who] != UNKNOWN
        assert (result == ATTENDED) == (results[who] == ATTENDED)
        if who[0] == "agent" and who[2] != "d" and doubt.at_us <= at < calendar._add(doubt.at_us, check.after):
            assert result in (ATTENDED, UNKNOWN)


@given(logs, checks, calendars, moments, moments, moments)
def test_a_log_that_is_complete_for_shorter_proves_less(
    log: list[Event], check: Inattention, calendar: Calendar, at: int, one: int, other: int
) -> None:
    """Where the log is complete only from later on, a result stays as it is, or becomes unknown."""
    more, less = (Timeline(log, complete_since=since) for since in sorted([one, other]))
    proved = named(gaps(check, calendar, more, at))
    for gap in gaps(check, calendar, less, at):
        before = proved[gap.party, gap.customer, gap.case]
        assert gap.result in (before, UNKNOWN)
        assert (gap.result == ATTENDED) == (before == ATTENDED)
        if gap.since_us < less.complete_from and at < calendar._add(less.complete_from, check.after):
            assert gap.result in (ATTENDED, UNKNOWN)


@given(logs, checks, calendars, moments, moments)
def test_holds_until_it_says(log: list[Event], check: Inattention, calendar: Calendar, now: int, later: int) -> None:
    """At every instant before `review_at` of all, the gaps are what they were."""
    timeline = Timeline(log)
    found = gaps(check, calendar, timeline, now)
    review = min([g.review_us for g in found], default=timeline.next_visible(now))
    for at in (*range(now, BASE + 200 * HOUR, 12 * HOUR), later, review - 1):
        if now <= at < review:
            assert gaps(check, calendar, timeline, min(at, BASE + 400 * HOUR)) == found


@given(logs, checks, calendars, moments, st.data())
def test_never_looks_ahead(
    log: list[Event], check: Inattention, calendar: Calendar, at: int, data: st.DataObject
) -> None:
    """Events not visible yet change nothing but when to look again; order and doubles change nothing."""
    timeline = Timeline(log)
    found = gaps(check, calendar, timeline, at)
    again = Timeline(data.draw(st.permutations([*log, *log[:3]])))
    assert gaps(check, calendar, again, at) == found
    then = gaps(check, calendar, timeline.as_of(to_moment(at)), at)

    def without(some: tuple[Gap, ...]) -> list[Any]:
        return [attrs.evolve(g, review_us=NEVER) for g in some]

    assert without(then) == without(found)


@given(logs, checks, calendars, moments)
def test_gaps_are_values(log: list[Event], check: Inattention, calendar: Calendar, at: int) -> None:
    """What is printed builds it again."""
    for gap in gaps(check, calendar, Timeline(log), at):
        assert eval(repr(gap), {"Gap": Gap}) == gap
    assert eval(repr(check)) == check
