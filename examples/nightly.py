"""Every night, decide only about those of whom something changed or came due; the other decisions still stand.

Run it with `python examples/nightly.py`. It needs polars and pyarrow: `pip install 'carepolicy[polars]'`.
"""

from datetime import UTC, datetime, timedelta
from random import Random

import polars as pl

from carepolicy import Cadence, Calendar, Heartbeat, Plan, RestBetween, Touch, days, working_days
from carepolicy.table import changed, decide_table, due, facts_from_events

CUSTOMERS, NIGHTS = 20_000, 5
UNIT = ["customer", "case", "ref", "party"]
plan = Plan(
    Calendar.weekly("Mon-Fri 08:00-17:00", zone="Europe/Berlin"),
    update=Touch(due=Heartbeat(every=working_days(2)), owner="office"),
    checkup=Touch(due=Cadence(every=days(90)), guard=RestBetween(days(14)), owner="sales", touch_class="marketing"),
)
draw = Random(1)  # noqa: S311


def log(first: datetime, length: timedelta, count: int, name: str) -> pl.DataFrame:
    """Some events of a stretch of time: cases that open and close, and talks with customers."""
    kinds = draw.choices(["opened", "closed", "contact"], [1, 2, 7], k=count)
    rows = [
        {
            "id": f"{name}-{number}",
            "at": first + length * draw.random(),
            "kind": kind,
            "customer": f"c{draw.randrange(CUSTOMERS):05}",
            "case": "" if kind == "contact" else "boiler",
            "party": "office",
            "direction": "outbound" if kind == "contact" else "",
            "channel": "phone" if kind == "contact" else "",
            "outcome": "conversation" if kind == "contact" else "",
        }
        for number, kind in enumerate(kinds)
    ]
    return pl.DataFrame(rows)


# Once: fold the log, and decide about everybody.
night = datetime(2026, 3, 2, 2, tzinfo=UTC)
state = facts_from_events(log(night - timedelta(days=200), timedelta(days=200), 100_000, "before"), plan)
decisions = decide_table(plan, state.to_frame(), at=night)
print(f"first night: {state.to_frame().height} units, {decisions.height} decisions")

# Every night: fold the day's events in, and decide about what they changed and what came due.
for number in range(NIGHTS):
    day = log(night, timedelta(days=1), 400, f"day {number}")
    night += timedelta(days=1)
    touched = changed(state, day)
    came_due = state.to_frame(of=due(decisions, night).select(UNIT))
    facts = pl.concat([touched, came_due]).unique(["scope", *UNIT], maintain_order=True)
    renewed = decide_table(plan, facts, at=night)
    decisions = pl.concat([decisions.join(renewed, on=[*UNIT, "touch"], how="anti"), renewed])
    print(f"{night:%a %d %b}: {renewed.height} of {decisions.height} decisions were renewed", end="; ")
    print(f"{touched.height} units had changed, {came_due.height} came due")

# It is as if everybody had been decided about anew.
anew = decide_table(plan, state.to_frame(), at=night)
same = decisions.sort("key").select("verdict", "key").equals(anew.sort("key").select("verdict", "key"))
print(f"the same verdicts as deciding everything again: {same}")
