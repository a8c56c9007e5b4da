"""Laws of the ledger: one state at a time, allowed moves only, nothing foreseen, and the same story as the audit."""

from __future__ import annotations

import pickle
from collections import Counter
from random import Random

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, Parties, Plan, PromiseKept, Timeline, Touch, testing
from carepolicy._instant import ALWAYS, HOUR, NEVER, iso, to_micros, to_moment
from carepolicy.events import Event
from carepolicy.ledger import MOVES, Ledger, ledger
from carepolicy.promise import Promise, PromiseState

START = to_micros("2026-03-02T08:00Z")
PARTIES = Parties(partners="dealer")


def plain(*, part: bool = True) -> st.SearchStrategy[list[Event]]:
    """Logs in which everything is written down when it happens: promises, what settles them, and words of parties."""

    def event(hour: int, kind: str, ref: str, party: str, outcome: str, ahead: int) -> Event:
        due = START + (hour + ahead) * HOUR if kind == "promise" else None
        return Event(
            at=START + hour * HOUR,
            kind=kind,
            due=due,
            case="c",
            party=party,
            outcome=outcome if kind == "kept" else "",
            ref="" if kind == "contact" else ref,
        )

    some = st.builds(
        event,
        st.integers(0, 60),
        st.sampled_from(("promise", "promise", "kept", "withdrawn", "contact", "failed")),
        st.sampled_from(("r", "s", "")),
        st.sampled_from(("agent", "dealer", "customer")),
        st.sampled_from(("", "partly") if part else ("",)),
        st.integers(0, 12),
    )
    distinct = st.lists(some, max_size=8, unique_by=lambda e: e.at_us)
    return distinct.map(lambda log: [attrs.evolve(e, id=f"e{n}") for n, e in enumerate(log)])


def of(timeline: Timeline, at_us: int) -> Ledger:
    return ledger(timeline, to_moment(at_us), parties=PARTIES)


logs = testing.timelines(PromiseKept(), PromiseKept("customer"), customers=("ann", "bob"))


@given(plain())
def test_every_promise_has_one_state_and_moves_only_as_the_table_allows(log: list[Event]) -> None:
    """Where all is written down when it happens, a promise never goes back, and the level never falls."""
    timeline, edges = Timeline(log), sorted({e.at_us for e in log} | {e.due_us + 1 for e in log if e.due_us < NEVER})
    before: dict[str, PromiseState] = {}
    level = 0
    for edge in edges:
        found = of(timeline, edge)
        assert [p.evidence[0] for p in found] == [
            e.id for e in timeline.events if e.kind == "promise" and e.at_us <= edge
        ]
        for promise in found:
            was = before.get(promise.evidence[0], promise.state)
            assert promise.state == was or promise.state in MOVES[was]
            before[promise.evidence[0]] = promise.state
        assert found.level >= level
        level = found.level


@given(plain(part=False), st.integers(-24, 90))
def test_the_ledger_tells_what_the_audit_finds(log: list[Event], complete: int) -> None:
    """Broken, late and unknown are the findings of `PromiseKept`, promise by promise; other states are none."""
    until = START + 90 * HOUR
    plan = Plan(
        Calendar.always(),
        parties=PARTIES,
        checks=(),
        ours=Touch(due=PromiseKept()),
        theirs=Touch(due=PromiseKept("customer")),
    )
    names = {"broken_promise": "broken", "late": "late", "unknown": "unknown"}
    timeline = Timeline(log, complete_since=START + complete * HOUR)
    found = plan.audit(timeline, to_moment(until))
    held = of(timeline, until).in_state(*names.values())
    assert Counter((names[f.kind], f.party, f.ref, f.at_us) for f in found) == Counter(
        (p.state.value, p.by, p.ref, p.due_us) for p in held
    )


@given(logs, testing.instants(), st.lists(testing.instants(), max_size=3))
def test_it_holds_until_it_is_to_be_looked_at_again(timeline: Timeline, now: int, later: list[int]) -> None:
    """Nothing changes before `review_at`."""
    first = of(timeline, now)
    assert first.review_us > now
    edge = [first.review_us - 1] if first.review_us < NEVER else []
    for then in [t for t in (*later, *edge) if now <= t < first.review_us]:
        assert of(timeline, then) == first


@given(logs, testing.instants())
def test_it_never_looks_ahead(timeline: Timeline, now: int) -> None:
    """What is learnt later changes nothing but when to look again."""
    assert of(timeline.as_of(to_moment(now)), now).promises == of(timeline, now).promises


@given(logs, testing.instants(), st.randoms())
def test_order_and_duplicates_never_matter(timeline: Timeline, now: int, random: Random) -> None:
    """A log is a set of what was recorded."""
    recordings = [*timeline.recordings, *timeline.recordings[:2]]
    random.shuffle(recordings)
    assert of(attrs.evolve(timeline, recordings=recordings), now) == of(timeline, now)


@given(logs, testing.instants())
def test_it_is_a_value(timeline: Timeline, now: int) -> None:
    """What it prints builds it again."""
    found = of(timeline, now)
    assert eval(repr(found), {"Ledger": Ledger, "Promise": Promise}) == found
    assert pickle.loads(pickle.dumps(found)) == found
    assert all(ALWAYS < p.made_us <= now and iso(p.made_us) for p in found)
