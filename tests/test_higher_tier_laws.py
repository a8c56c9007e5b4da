"""Laws of the taste of a higher tier: never over what is spare, no cap broken, a place more takes none away."""

from __future__ import annotations

import pickle
from collections import Counter
from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from carepolicy import Timeline, days, testing
from carepolicy._instant import to_moment
from carepolicy.higher_tier import Allocation, Given, Passed, allocate_taste
from carepolicy.messages import ALLOWED, decide_message
from carepolicy.taste import Candidate, GroupShare, Spare, Taste
from carepolicy.trouble import NothingRegistered, NoTrouble

CUSTOMERS = ("ann", "bob", "eve", "jim", "kim", "lea", "max", "zoe")
shares = st.sampled_from([0.1, 0.29, 0.5, 0.7, 1.0])
rules = st.builds(
    Taste,
    rest=st.sampled_from([days(1), days(30)]),
    at_most=shares,
    shares=st.one_of(st.just(()), st.builds(lambda share: (GroupShare("web", share),), shares)),
)


def crowds(least: int = 0) -> st.SearchStrategy[list[Candidate]]:
    """Candidates, most of them near, of few groups."""
    ways, groups = [0.05, 0.05, 0.1, 0.15, 0.0, 0.3], ["web", "web", "branch", ""]
    one = st.builds(
        Candidate, st.sampled_from(CUSTOMERS), st.sampled_from(ways), st.sampled_from(["gold", "silver"]),
        st.sampled_from(groups),
    )  # fmt: skip
    return st.lists(one, min_size=least, max_size=8, unique_by=lambda candidate: candidate.customer)


_Case = tuple[list[Candidate], Spare, Timeline, int, Taste]


@st.composite
def nights(draw: st.DrawFn, *, quiet: bool = False) -> _Case:
    """Candidates, what is spare, a log (nearly empty when quiet), an instant, and a rule."""
    rule = draw(rules)
    log = Timeline([]) if quiet else draw(testing.timelines(rule.guards, customers=CUSTOMERS[:3]))
    now, when = draw(testing.instants()), draw(testing.instants())
    assume(now < when)
    return draw(crowds(6 if quiet else 0)), Spare(draw(st.integers(0, 7)), when), log, now, rule


def allocated(case: _Case, at: int | None = None, places: int | None = None) -> Allocation:
    crowd, spare, log, now, rule = case
    spare = spare if places is None else Spare(places, spare.when_us)
    return allocate_taste(crowd, spare, log, to_moment(now if at is None else at), taste=rule)


any_night = st.one_of(nights(), nights(quiet=True))


@given(any_night)
def test_never_over_what_is_spare_and_no_cap_broken(case: _Case) -> None:
    """At most so many places are given, each customer one, and no group more than its share or one place."""
    crowd, spare, _, _, rule = case
    found = allocated(case)
    assert len(found.given) + found.left == spare.places
    assert found.left >= 0
    assert len({one.customer for one in found.given}) == len(found.given)
    group_of = {candidate.customer: candidate.group for candidate in crowd}
    for group, count in Counter(group_of[one.customer] for one in found.given).items():
        share = {s.group: s.at_most for s in rule.shares}.get(group, rule.at_most)
        assert group == "" or count <= max(1, floor(Fraction(str(share)) * spare.places))


@given(any_night)
def test_a_place_more_takes_none_away(case: _Case) -> None:
    """Who gets one of so many places gets one of more as well."""
    before: list[str] = []
    for places in range(9):
        now = [one.customer for one in allocated(case, places=places).given]
        assert now[: len(before)] == before
        before = now


@given(any_night, st.data())
def test_it_is_the_same_however_they_are_ordered(case: _Case, data: st.DataObject) -> None:
    """The order of candidates, and naming one twice, change nothing; nor do order and duplicates of events."""
    crowd, spare, log, now, rule = case
    again = data.draw(st.permutations([*crowd, *crowd[:2]]))
    shuffled = Timeline(data.draw(st.permutations([*log.recordings, *log.recordings[:2]])))
    assert allocated((again, spare, shuffled, now, rule)) == allocated(case)


@given(any_night)
def test_everybody_is_accounted_for(case: _Case) -> None:
    """Each candidate either gets it or is told why not; a place is left only where nobody more may have it."""
    crowd, spare, _, _, rule = case
    found = allocated(case)
    assert sorted([o.customer for o in found.given] + [p.customer for p in found.passed]) == sorted(
        c.customer for c in crowd
    )
    assert all(p.why for p in found.passed)
    groups = Counter(c.group for c in crowd for o in found.given if o.customer == c.customer)
    for one in found.passed:
        group = next(c.group for c in crowd if c.customer == one.customer)
        assert one.code != "places" or found.left == 0
        assert one.code != "group" or groups[group] >= rule.cap(group, spare.places)


@given(nights())
def test_nobody_in_trouble_gets_it(case: _Case) -> None:
    """Asked by themselves, those who get it have nothing open and nothing registered when it is."""
    _, spare, log, now, _ = case
    for one in allocated(case).given:
        for guard in (NoTrouble(), NothingRegistered()):
            alone = decide_message("x", guard, log, spare.when_us, known=now, customer=one.customer)
            assert alone.verdict in ALLOWED


@given(nights(), st.lists(testing.instants(), max_size=4))
def test_it_holds_until_it_is_to_be_looked_at_again(case: _Case, later: list[int]) -> None:
    """The allocation is the same at any instant before its `review_at`, and that lies ahead."""
    now = case[3]
    found = allocated(case)
    assert found.review_us > now
    for then in {u for u in (*later, now + 1, found.review_us - 1) if now < u < found.review_us}:
        assert allocated(case, at=then) == found


@given(nights())
def test_it_knows_nothing_of_the_future(case: _Case) -> None:
    """What becomes visible later changes nothing but when to look again."""
    crowd, spare, log, now, rule = case
    found, blind = allocated(case), allocated((crowd, spare, log.as_of(to_moment(now)), now, rule))
    assert (found.given, found.passed, found.left) == (blind.given, blind.passed, blind.left)


@given(any_night)
def test_it_is_a_value(case: _Case) -> None:
    """What its repr builds, and what pickle brings back, equals it."""
    found: Any = allocated(case)
    names = {"Allocation": Allocation, "Given": Given, "Passed": Passed}
    assert eval(repr(found), names) == found == pickle.loads(pickle.dumps(found))
    assert hash(found) == hash(eval(repr(found), names))
