"""Incomplete logs, for any log and any holes: nothing is added or dropped, and more holes never prove more."""

from __future__ import annotations

import pickle

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Event, Plan, Timeline, testing
from carepolicy._instant import ALWAYS, NEVER, to_moment
from carepolicy.incomplete import Hole, Incomplete

edges = st.lists(testing.instants(), min_size=2, max_size=2).map(sorted)
holes = st.builds(
    lambda pair, customer, case: Hole(since=pair[0], until=pair[1], customer=customer, case=case),
    edges, st.sampled_from(("", "ann", "bob")), st.sampled_from(("", "c1", "c2")),
)  # fmt: skip
some = st.lists(holes, max_size=4)
logs = testing.timelines(customers=("ann", "bob"))
REFUTABLE = {"missed", "late", "silence", "broken_promise"}


@given(testing.plans(), logs, testing.instants(), some, some)
def test_more_holes_never_prove_more(plan: Plan, log: Timeline, now: int, few: list[Hole], more: list[Hole]) -> None:
    """Each finding stays where it is, and what few holes leave unproved, more leave unproved, too."""
    found = plan.audit(log, to_moment(now)).findings
    assert Incomplete([]).doubted(found, log) == found
    one, other = (Incomplete(h).doubted(found, log) for h in (few, [*few, *more]))
    assert [(f.at_us, f.policy, f.evidence) for f in other] == [(f.at_us, f.policy, f.evidence) for f in found]
    for before, after in zip(one, other, strict=True):
        assert after.kind == "unknown" or before.kind != "unknown"
        assert after.certainty == "possible" or before.certainty == "proved"
    nothing = Incomplete([Hole(since=ALWAYS, until=NEVER)]).doubted(found, log)
    assert not {f.kind for f in nothing} & REFUTABLE
    assert not [f for f in nothing if f.kind == "chaser" and f.certainty == "proved"]


numbers = st.lists(st.integers(0, 9), min_size=1, max_size=8)


@given(numbers, st.data())
def test_holes_count_what_is_missing(kept: list[int], data: st.DataObject) -> None:
    """As many rows as numbers were skipped; in whatever order they come, and however often."""
    rows = [Event(at=n * 1000, kind="note", case="c", id=str(n), extra={"row": str(n)}) for n in kept]
    known = Incomplete.numbered(Timeline(rows), "row", first=0)
    assert sum(hole.rows for hole in known.holes) == max(kept) + 1 - len({*kept})
    assert Incomplete.numbered(Timeline(data.draw(st.permutations([*rows, *rows]))), "row", first=0) == known
    for missing in {*range(max(kept))} - {*kept}:
        assert known.hole("", "c", missing * 1000, missing * 1000 + 1) is not None
    for one, next_one in zip(sorted({*kept}), sorted({*kept})[1:], strict=False):
        assert (known.hole("", "c", one * 1000, next_one * 1000) is None) == (next_one == one + 1)


@given(some, edges)
def test_a_hole_is_seen_by_whatever_overlaps_it(known: list[Hole], stretch: list[int]) -> None:
    """And by nothing that only touches it."""
    since, until = stretch
    for hole in known:
        overlaps = max(hole.since_us, since) < min(hole.until_us, until)
        found = Incomplete([hole]).hole(hole.customer or "cid", hole.case or "c3", since, until)
        assert (found == hole) == overlaps or since == until or hole.since_us == hole.until_us


@given(some)
def test_they_are_values(known: list[Hole]) -> None:
    """The order of holes never matters; what is printed builds them again."""
    whole = Incomplete(known)
    assert eval(repr(whole)) == Incomplete([*reversed(known), *known]) == whole
    assert pickle.loads(pickle.dumps(whole)) == whole
    assert attrs.evolve(whole) == whole
