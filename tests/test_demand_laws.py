"""Failure demand, for any plan and any log: it adds up, it holds, and what comes later changes nothing before."""

from __future__ import annotations

import pickle
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Plan, Timeline, testing
from carepolicy._instant import to_moment
from carepolicy.demand import CAUSES, FailureDemand, failure_demand
from carepolicy.facts import Which

contacts = (
    Which("contact", direction=("inbound", ""), purpose=("status", "question", "complaint", "")),
    Which("contact", direction="outbound", author=("human", "automatic")),
    Which(("promise", "estimate", "told", "asked")),
)


class Talks:
    """Nothing but the events that this module looks at."""

    def needs(self) -> dict[str, Any]:
        """Facts that ask for such events."""
        from carepolicy.folds import Last

        return {"talks": Last(contacts)}


logs = st.lists(testing.events(Talks(), customers=("ann", "bob")), max_size=12).map(Timeline)


@given(testing.plans(), logs, testing.instants())
def test_every_contact_is_counted_once(plan: Plan, log: Timeline, now: int) -> None:
    """Proved, possible, value and unsaid are all there is; each share adds up to what is proved."""
    found = failure_demand(log, plan=plan, until=to_moment(now))
    counted = [d.event for part in (found.proved, found.possible, found.value, found.unsaid) for d in part]
    made = [
        e
        for e in log.as_of(to_moment(now)).events
        if e.kind == "contact" and e.direction != "outbound" and e.author != "automatic" and e.at_us <= now
    ]
    assert sorted(e.order for e in counted) == sorted(e.order for e in made)
    for shares in (found.causes, found.parties):
        assert sum(s.proved for s in shares) == len(found.proved)
        assert sum(s.possible for s in shares) == len(found.possible)
    assert {s.name for s in found.causes} <= {*CAUSES}
    for failure in (*found.proved, *found.possible):
        assert all(s.by_us <= failure.event.at_us for s in failure.spared_by)
        assert failure.event.direction or failure.certainty == "possible"


@given(testing.plans(), logs, testing.instants(), testing.instants())
def test_it_holds_until_more_is_known(plan: Plan, log: Timeline, one: int, other: int) -> None:
    """The same until `review_at`; what becomes known later, the order of the log and doubles change nothing."""
    now, later = sorted((one, other))
    found = failure_demand(log, plan=plan, until=to_moment(now))
    if later < found.review_us:
        assert failure_demand(log, plan=plan, until=to_moment(later)) == found
    known = log.as_of(to_moment(now))
    again = Timeline([*reversed(known.recordings), *known.recordings], complete_since=log.complete_from)
    assert failure_demand(again, plan=plan, until=to_moment(now)).demands == found.demands
    assert pickle.loads(pickle.dumps(found)) == found


@given(logs, testing.instants())
def test_it_is_a_value(log: Timeline, now: int) -> None:
    """What it prints builds it again."""
    from carepolicy import demand, events

    found = failure_demand(log, plan=Plan.named("claims"), until=to_moment(now))
    rebuilt = eval(repr(found), {**vars(events), **vars(demand)})
    assert isinstance(rebuilt, FailureDemand)
    assert rebuilt == found
