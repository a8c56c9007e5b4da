"""Laws of promises at risk: found when it is known, foreseen never, and each contradiction once."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, Parties, Plan, PromiseKept, Timeline, Touch
from carepolicy._instant import HOUR, to_micros, to_moment
from carepolicy.at_risk import AtRisk
from carepolicy.events import Event
from carepolicy.finding import Finding

START = to_micros("2026-03-02T08:00Z")
END = START + 140 * HOUR
PLAN = Plan(Calendar.always(), parties=Parties(partners="shop"), checks=[AtRisk()], promise=Touch(due=PromiseKept()))


def logs() -> st.SearchStrategy[list[Event]]:
    """Promises and estimates of three things, two of which depend on another."""

    def event(hour: int, kind: str, ref: str, ahead: int, needs: str, party: str) -> Event:
        dated = kind in ("promise", "estimate")
        return Event(
            at=START + hour * HOUR,
            kind=kind,
            ref=ref,
            case="c",
            due=START + (hour + ahead) * HOUR if dated else None,
            party=party,
            extra={"depends_on": needs} if needs and kind == "promise" else {},
        )

    some = st.builds(
        event,
        st.integers(0, 60),
        st.sampled_from(("promise", "promise", "estimate", "kept", "withdrawn")),
        st.sampled_from(("a", "b")),
        st.integers(0, 40),
        st.sampled_from(("", "a")),
        st.sampled_from(("office", "shop", "customer")),
    )
    return st.lists(some, max_size=10, unique_by=lambda e: e.at_us)


def found(events: list[Event], until: int = END) -> tuple[Finding, ...]:
    return PLAN.audit(Timeline(events), to_moment(until)).of_kind("at_risk")


@given(logs())
def test_it_is_known_by_the_promised_date(log: list[Event]) -> None:
    """At the instant of an event that gave one of the two dates, not after the promise was due."""
    by_id = {e.id: e for e in Timeline(log).events}
    for finding in found(log):
        promise, date = (by_id[name] for name in finding.evidence)
        assert finding.at_us == max(promise.at_us, date.at_us) <= promise.due_us
        own = date.ref == promise.ref and date.kind == "estimate"
        assert date.due_us > promise.due_us if own else date.due_us >= promise.due_us


@given(logs(), st.integers(1, 80))
def test_nothing_is_foreseen(log: list[Event], hours: int) -> None:
    """What was found by an instant hangs on what had happened by then, and stays found."""
    until = START + hours * HOUR
    then = found(log, until)
    assert then == found([e for e in log if e.at_us <= until], until)
    assert {(f.at_us, f.evidence) for f in then} == {(f.at_us, f.evidence) for f in found(log) if f.at_us <= until}


@given(logs(), st.randoms())
def test_order_and_duplicates_never_matter(log: list[Event], random: Random) -> None:
    """A log is a set of what was recorded."""
    again = [*log, *log[:2]]
    random.shuffle(again)
    assert found(again) == found(log)
