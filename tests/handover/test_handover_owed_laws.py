"""A law of what a handover says is owed in a case as a whole: what a review of the plan decides, no more, no less."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import (
    Actionable,
    Calendar,
    EstimateCurrent,
    Heartbeat,
    NextReply,
    Parties,
    Plan,
    PromiseKept,
    Timeline,
    Touch,
    days,
    elapsed,
    working_days,
)
from carepolicy._instant import ALWAYS, HOUR, NEVER, to_micros, to_moment
from carepolicy.events import Event
from carepolicy.handover.handover import Handover
from carepolicy.handover.owing import DUTY
from carepolicy.outreach import ContactHours

START = to_micros("2026-03-02T08:00Z")
OFFICE = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/Paris")
PLAN = Plan(
    OFFICE,
    parties=Parties(ours="agent", partners="dealer"),
    promise=Touch(due=PromiseKept() | EstimateCurrent(), owner="agent"),
    update=Touch(due=Heartbeat(working_days(1)), guard=ContactHours(OFFICE), owner="agent"),
    answer=Touch(due=NextReply(days(1)) | Heartbeat(elapsed(hours=60), dated=True), guard=Actionable(), owner="dealer"),
    mixed=Touch(due=PromiseKept() | Heartbeat(elapsed(hours=90)), guard=Actionable(), owner="kim"),
    survey=Touch(guard=Actionable(), channel="email"),
)
KINDS = ("contact", "contact", "opened", "completed", "promise", "kept", "estimate", "left", "left", "note")


def _event(n: int, drawn: dict[str, Any]) -> Event:
    at, ahead, late = START + drawn.pop("hour") * HOUR, drawn.pop("ahead"), drawn.pop("late")
    due = at + ahead * HOUR if ahead else None
    return Event(id=f"e{n}", at=at, due=due, recorded_at=at + late * HOUR if late else None, **drawn)


ROWS = st.fixed_dictionaries(
    {
        "hour": st.integers(0, 100),
        "ahead": st.sampled_from((0, 0, 5, 30)),
        "late": st.sampled_from((0, 0, 0, 40)),
        "kind": st.sampled_from(KINDS),
        "customer": st.sampled_from(("ann", "ann", "ann", "bob")),
        "case": st.sampled_from(("c", "c", "c", "d", "")),
        "ref": st.sampled_from(("", "", "r")),
        "party": st.sampled_from(("agent", "dealer", "customer", "")),
        "direction": st.sampled_from(("inbound", "outbound", "")),
        "channel": st.sampled_from(("phone", "email")),
        "outcome": st.sampled_from(("conversation", "delivered", "")),
        "purpose": st.sampled_from(("", "update", "status")),
    }
)


@st.composite
def logs(draw: st.DrawFn) -> Timeline:
    """A log of two customers in which case "c" of "ann" was opened; some events correct one another."""
    drawn = draw(st.lists(ROWS, max_size=14))
    opening = Event(id="open", at=START, kind="opened", customer="ann", case="c", party="agent")
    return Timeline([opening, *(_event(n % 12, dict(row)) for n, row in enumerate(drawn))])


@given(logs(), st.integers(1, 150))
def test_what_is_due_in_a_case_is_what_a_review_of_it_decides(timeline: Timeline, hours: int) -> None:
    """Of what the handover is made from: the events of the case, and nobody else's."""
    at = to_moment(START + hours * HOUR)
    h = Handover.prepare(timeline, "c", at, to="kim", plan=PLAN, customer="ann")
    alone = Timeline(e for e in timeline.as_of(at).events if e.id in h.seen and e.customer == "ann")
    decided = [d for d in PLAN.review(alone, at).decisions if d.case == "c" and not d.about.by_ref]
    due = [d for d in decided if d.touch in ("update", "answer", "mixed") and ALWAYS < d.due_us < NEVER]
    told = {(o.by, o.due_us, o.made_us, o.state) for o in h.promises if o.kind == DUTY}
    standing = [d for d in due if d.verdict in ("overdue", "go", "wait")]
    assert told == {(d.owner, d.due_us, d.cycle_us, "overdue" if d.is_overdue else "open") for d in standing}
