"""The loop: no answer is lost, nothing changes before it says so, and nobody knows what is to come."""

from __future__ import annotations

import pickle

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Timeline, loop
from carepolicy._instant import HOUR, NEVER, to_micros, to_moment
from carepolicy.answers import Low, ReplyDue
from carepolicy.events import Event
from carepolicy.loop import LoopState, case_to_open, close_loop
from tests.test_answers import OFFICE

START = to_micros("2026-03-05T00:00Z")
instants = st.integers(0, 24).map(lambda part: START + part * 4 * HOUR)
KEY = "low/ann/c/e0"


@st.composite
def logs(draw: st.DrawFn) -> Timeline:
    """Answers, replies and cases of two customers, late, corrected and doubled."""
    some = st.builds(
        lambda at, recorded, due, kind, case, score, customer, person: Event(
            at=at, recorded_at=recorded, due=due, kind=kind, case=case, customer=customer, person=person,
            extra={"score": score} if kind == "answer" else {}, purpose="reply" if kind == "contact" else "",
            direction="outbound" if kind == "contact" else "", party="max",
        ),
        instants, st.none() | instants, instants,
        st.sampled_from(("answer", "answer", "answer", "contact", "survey", "reopened", "opened", "closed")),
        st.sampled_from(("c", "c", KEY)), st.sampled_from(("1", "5", "")), st.sampled_from(("ann", "ann", "bob")),
        st.sampled_from(("", "anna", "ben")),
    )  # fmt: skip
    many = [attrs.evolve(e, id=f"e{n}") for n, e in enumerate(draw(st.lists(some, max_size=7)))]
    if many:
        many.append(attrs.evolve(draw(some), id=draw(st.sampled_from(many)).id))
    return Timeline(many)


def ask(log: Timeline, now: int) -> LoopState:
    return close_loop(log, to_moment(now), calendar=OFFICE)


@given(logs(), instants)
def test_holds_until_it_says(log: Timeline, now: int) -> None:
    """At every instant before `review_at` it is the same."""
    first = ask(log, now)
    assert first.review_us > now
    for then in (now + HOUR, now + 30 * HOUR, first.review_us - 1):
        if now < then < min(first.review_us, START + 400 * 24 * HOUR):
            assert ask(log, then) == first


@given(logs(), instants, st.randoms())
def test_only_what_is_known_counts_in_any_order(log: Timeline, now: int, random: object) -> None:
    """What becomes visible later changes nothing but when to look again."""
    known = [e for e in log.recordings if e.visible_us <= now]
    random.shuffle(known)  # type: ignore[attr-defined]
    assert ask(Timeline([*known, *known]), now).answers == ask(log, now).answers


@given(logs(), instants)
def test_no_answer_is_lost(log: Timeline, now: int) -> None:
    """Each that is known comes once, each low one is a case that is to be opened or was, and stops until closed."""
    found = ask(log, now)
    known = [e for e in log.known(now) if e.kind == "answer"]
    assert sorted(a.answer.id + a.answer.customer for a in found) == sorted(e.id + e.customer for e in known)
    for a in found:
        assert (a.opens is not None) == (a.answer in Low())
        assert a.opens == case_to_open(a.answer, owner=a.reader)
        if a.opens is not None and not a.is_opened:
            assert a.opens in found.to_open
            assert a.stops


@given(logs(), instants)
def test_says_what_the_duty_says(log: Timeline, now: int) -> None:
    """Where an answer is the only one of its case, its reply is due when `ReplyDue` says."""
    found = ask(log, now)
    units = [(a.answer.customer, a.answer.case) for a in found]
    for a in found:
        unit = (a.answer.customer, a.answer.case)
        if units.count(unit) == 1 and a.replied_us >= NEVER:
            decision = ReplyDue().decide(log, to_moment(now), calendar=OFFICE, customer=unit[0], case=unit[1])
            assert (decision.due_us, decision.is_overdue) == (a.due_us, a.is_overdue)


@given(logs(), instants)
def test_is_a_value(log: Timeline, now: int) -> None:
    """It is rebuilt by its repr and by pickle."""
    found = ask(log, now)
    assert eval(repr(found), {**vars(loop), "Event": Event}) == pickle.loads(pickle.dumps(found)) == found
