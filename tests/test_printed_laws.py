"""Laws of print: it holds until `review_at`, knows nothing of the future, and lets nothing go that it could pull."""

from __future__ import annotations

import pickle
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import carepolicy
from carepolicy import Event, NoTrouble, Timeline, testing
from carepolicy._instant import to_moment
from carepolicy.completion import Completion
from carepolicy.decision import About
from carepolicy.messages import ALLOWED, decide_message
from carepolicy.printed import PrintFate, PrintJob, PrintVerdict, judge_print
from carepolicy.reason import Bound

NAMES = {
    **{name: getattr(carepolicy, name) for name in carepolicy.__all__},
    "date": date,
    **{value.__name__: value for value in (About, Bound, Completion, PrintFate, PrintJob, PrintVerdict)},
}
_Case = tuple[PrintJob, Any, Timeline, int]


@st.composite
def cases(draw: st.DrawFn) -> _Case:
    """A print run, the guard of its letter, a log, and an instant."""
    lock, pull, drop = sorted(draw(st.lists(testing.instants(), min_size=3, max_size=3)))
    guard = draw(st.one_of(testing.guards(), st.just(NoTrouble())))
    log = draw(testing.timelines(guard))
    more = [
        Event(at=draw(testing.instants()), kind=kind, case="c", customer=_whose(log))
        for kind in draw(st.lists(st.sampled_from(["opened", "closed"]), max_size=4))
    ]
    return PrintJob(lock, drop, pull=pull), guard, Timeline([*log.recordings, *more]), draw(testing.instants())


def judged(case: _Case, at: int) -> PrintVerdict:
    job, guard, log, _ = case
    return judge_print(guard, log, job, to_moment(at), customer=_whose(log))


def _whose(log: Timeline) -> str:
    return next(iter(log.by_customer), "")


@given(cases(), st.lists(testing.instants(), max_size=4))
def test_it_holds_until_it_is_to_be_looked_at_again(case: _Case, later: list[int]) -> None:
    """The verdict is the same at any instant before its `review_at`, and that lies ahead."""
    for now in (case[3], case[0].lock_us, case[0].pull_us, *(e.at_us for e in case[2].recordings)):
        found = judged(case, now)
        assert found.review_us > now
        edges = (*later, now + 1, found.review_us - 1, *(e.at_us for e in case[2].recordings))
        for then in {u for u in edges if now < u < min(found.review_us, 10**16)}:
            assert judged(case, then) == found


@given(cases(), st.data())
def test_it_knows_nothing_of_the_future_and_nothing_of_order(case: _Case, data: st.DataObject) -> None:
    """What becomes visible later changes nothing but when to look again; order and duplicates change nothing."""
    job, guard, log, now = case
    found, whose = judged(case, now), _whose(log)
    blind = judge_print(guard, log.as_of(to_moment(now)), job, to_moment(now), customer=whose)
    assert (found.fate, found.at_lock, found.at_drop) == (blind.fate, blind.at_lock, blind.at_drop)
    shuffled = Timeline(data.draw(st.permutations([*log.recordings, *log.recordings[:2]])))
    assert judge_print(guard, shuffled, job, to_moment(now), customer=whose) == found


@given(cases())
def test_nothing_goes_out_that_could_have_been_pulled(case: _Case) -> None:
    """In the end a letter goes exactly if nothing known at the lock, just before the last pull, and at the drop stands
    against it; what only the drop knows is a finding."""
    job, guard, log, _ = case

    def fine(known: int) -> bool:
        return decide_message("letter", guard, log, job.drop_us, known=known, customer=_whose(log)).verdict in ALLOWED

    end = judged(case, job.drop_us).fate
    in_time = job.pull_us == job.lock_us or fine(job.pull_us - 1)
    assert (end == PrintFate.LEFT_OUT) == (not fine(job.lock_us))
    assert (end == PrintFate.PULL) == (fine(job.lock_us) and not in_time)
    assert (end == PrintFate.TOO_LATE) == (fine(job.lock_us) and in_time and not fine(job.drop_us))
    for later in (job.drop_us + 1, *(e.at_us for e in log.recordings)):
        assert judged(case, max(later, job.drop_us)).fate == end


@given(cases())
def test_both_are_values(case: _Case) -> None:
    """What their repr builds, and what pickle brings back, equals them."""
    for value in (case[0], judged(case, case[3])):
        assert eval(repr(value), dict(NAMES)) == value == pickle.loads(pickle.dumps(value))
