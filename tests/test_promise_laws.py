"""Laws of the duties about promises: word before the breach, and the same slips as the check sees."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, Plan, Timeline, Touch, testing
from carepolicy._instant import ALWAYS, HOUR, NEVER, to_micros, to_moment
from carepolicy.at_risk import AtRisk
from carepolicy.events import Event
from carepolicy.facts import Facts
from carepolicy.promise import FollowUp, PromiseKept, TellOfSlip
from carepolicy.span import elapsed, working

START = to_micros("2026-03-02T08:00Z")
PLAN = Plan(Calendar.always(), checks=[AtRisk()], promise=Touch(due=PromiseKept()))


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Promises and estimates of two things and of the whole case, kept or withdrawn; some are of its completion."""
    some = st.tuples(
        st.integers(0, 60),
        st.sampled_from(("promise", "estimate", "estimate", "kept", "withdrawn")),
        st.sampled_from(("r", "s", "")),
        st.integers(0, 60),
        st.sampled_from(("", "completion")),
    )
    return [
        Event(
            at=START + hour * HOUR,
            kind=kind,
            ref=ref,
            case="c",
            due=START + (hour + ahead) * HOUR if kind in ("promise", "estimate") else None,
            purpose=purpose if kind == "promise" else "",
        )
        for hour, kind, ref, ahead, purpose in draw(st.lists(some, max_size=8, unique_by=lambda row: row[0]))
    ]


@given(logs(), st.integers(0, 70))
def test_word_is_owed_of_every_slip_that_the_check_sees(log: list[Event], hours: int) -> None:
    """While nobody has told the customer: a slip that lasts is owed word, and was found at that instant."""
    now = START + hours * HOUR
    timeline = Timeline(log)
    lasting = {f.ref for f in PLAN.audit(timeline, to_moment(now)).of_kind("at_risk") if f.until is None}
    seen = [e for e in timeline.events if e.at_us <= now]
    for ref in {e.ref for e in seen}:
        decision = TellOfSlip(elapsed(hours=1)).decide(timeline, to_moment(now), ref=ref)
        promised = max((e for e in seen if e.kind == "promise" and e.ref == ref), key=lambda e: e.at_us, default=None)
        estimates = [e for e in seen if e.kind == "estimate" and e.ref in (ref, "")]
        if promised is not None and all(e.at_us <= promised.due_us for e in estimates):
            assert (decision.due_us < NEVER) == (ref in lasting)


@given(
    st.integers(0, 50), st.integers(0, 50), st.integers(1, 50), st.integers(1, 50), testing.calendars(), st.booleans()
)
def test_word_is_due_by_the_promised_date(
    promised: int, estimated: int, ahead: int, slip: int, calendar: Calendar, whole: bool
) -> None:
    """By the promised date where the slip was known before it, and never before it was known."""
    policy = TellOfSlip(working(hours=8))
    due = START + (promised + ahead) * HOUR
    known = {
        "promised": START + promised * HOUR,
        "promised_by": due,
        "settled": ALWAYS,
        "estimated": START + estimated * HOUR,
        "estimated_for": due + slip * HOUR,
        "told": ALWAYS,
        **dict.fromkeys(("promised_whole", "estimated_whole", "estimated_whole_for", "finished"), ALWAYS),
    }
    if whole:
        known |= {f"{name}_whole": known[name] for name in ("promised", "estimated")}
        known |= {"estimated_whole_for": known["estimated_for"], "estimated": ALWAYS, "estimated_for": ALWAYS}
    facts = Facts.of(calendar, known)
    known_at = START + max(promised, estimated) * HOUR
    assert policy.starts(facts) == known_at < policy.due(facts)
    assert policy.due(facts) <= due or known_at >= due


@given(testing.facts(FollowUp()))
def test_a_third_party_is_asked_by_its_date_and_the_customer_told_after_it(facts: Facts) -> None:
    """Asking is due at the date itself; telling, once they were asked, so much later; nothing once it is settled."""
    policy = FollowUp()
    due = policy.due(facts)
    if facts.promised <= facts.settled:
        assert due == NEVER
    assert due in (NEVER, facts.promised_by, facts.after(facts.promised_by, policy.after))
    assert policy.starts(facts) <= due or facts.promised > facts.promised_by
