"""Questions: they hold until they say, never look ahead, and never ask for what was told since."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Event, Parties, Timeline
from carepolicy._instant import NEVER, to_moment
from carepolicy.questions import QUESTIONS, Question, Questions, questions_for

HOUR = 3_600_000_000
BASE = Event(at="2026-03-28T09:00Z", kind="note").at_us
parties = Parties(ours=["office"], partners=["shop"])
moments = st.integers(0, 30).map(lambda hour: BASE + hour * HOUR)
kinds = sorted(
    {kind for rule in QUESTIONS for which in (*rule.when, *rule.passed, *rule.unless) for kind in which.kind}
)
FACTS = [rule.fact for rule in QUESTIONS]


@st.composite
def events(draw: st.DrawFn) -> Event:
    at = draw(moments)
    kind = draw(st.sampled_from([*kinds, "told", "told", "asked"]))
    return Event(
        at=at,
        recorded_at=at + draw(st.sampled_from([0, 0, 9 * HOUR])),
        kind=kind,
        due=draw(st.none() | moments),
        customer=draw(st.sampled_from(["ann", "bob"])),
        case=draw(st.sampled_from(["c", ""])),
        ref=draw(st.sampled_from(["", "r"])),
        party=draw(st.sampled_from(["office", "customer"])),
        fact=draw(st.sampled_from(FACTS)) if kind in ("told", "asked") else "",
    )


estimates = moments.map(lambda due: Event(at=BASE, kind="estimate", due=due, customer="ann", case="c", party="office"))
logs = st.tuples(estimates, st.lists(events(), max_size=9)).map(
    lambda some: [attrs.evolve(e, id=f"e{n}") for n, e in enumerate([some[0], *some[1]])]
)


def asked(log: Timeline, at: int) -> Questions:
    return questions_for(log, to_moment(at), parties=parties)


@given(logs, moments)
def test_they_hold_until_they_say(log: list[Event], now: int) -> None:
    """At every hour before `review_at` the questions are what they were."""
    timeline = Timeline(log)
    found = asked(timeline, now)
    for at in (*range(now, BASE + 80 * HOUR, 2 * HOUR), found.review_us - 1):
        if now <= at < found.review_us and at < NEVER - 1:
            assert asked(timeline, at) == found


@given(logs, moments, st.data())
def test_they_never_look_ahead(log: list[Event], at: int, data: st.DataObject) -> None:
    """Events not visible yet change nothing but when to look again; order and doubles change nothing."""
    found = asked(Timeline(log), at)
    assert asked(Timeline(data.draw(st.permutations([*log, *log[:3]]))), at) == found
    assert asked(Timeline(log).as_of(to_moment(at)), at).questions == found.questions


@given(logs, moments)
def test_what_was_told_since_is_not_asked(log: list[Event], at: int) -> None:
    """No question has an answer from after what makes it worth asking, and each has a reason that is known."""
    known = {(e.customer, e.id): e for e in Timeline(log).as_of(to_moment(at)).events}
    for question in asked(Timeline(log), at):
        reasons = [known[question.customer, name] for name in question.why]
        assert reasons
        for event in known.values():
            same = event.customer == question.customer and event.case in ("", question.case)
            if same and event.kind == "told" and event.fact == question.fact and event.ref in ("", question.ref):
                assert event.at_us < min(e.at_us for e in reasons)


@given(logs, moments)
def test_they_are_values(log: list[Event], at: int) -> None:
    """What is printed builds it again."""
    found = asked(Timeline(log), at)
    assert eval(repr(found), {"Questions": Questions, "Question": Question}) == found
    assert len(found) == len(list(found))
