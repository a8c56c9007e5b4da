"""A plan of twenty policies in five touches, and customers to measure it on: the shipped policies, some of them several
times with other parameters, as a company's plan has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from six_rules import AT_US, DAY, ZONES

from carepolicy import (
    Actionable,
    AnswerableUntil,
    Cadence,
    Calendar,
    ContactHours,
    EstimateCurrent,
    Heartbeat,
    JourneyComplete,
    NoTrouble,
    Plan,
    PromiseKept,
    RestBetween,
    StillFresh,
    Touch,
    days,
    working_days,
)

if TYPE_CHECKING:
    import pyarrow as pa


def plan() -> Plan:
    """Calls, updates, dates that were stated, a survey, and a second one: four policies each."""
    office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="Europe/London", holidays="GB-ENG")
    daytime = ContactHours(Calendar.weekly("Mon-Sat 09:00-19:00", zone="Europe/London"))
    evening = ContactHours(Calendar.weekly("Mon-Sun 08:00-20:00", zone="Europe/London"))
    return Plan(
        office,
        call=Touch(
            due=Cadence(every=working_days(10), at_most=working_days(15)) | Cadence(every=days(90), by="manager"),
            guard=Actionable() & daytime,
        ),
        update=Touch(
            due=Heartbeat(every=working_days(5)) | Heartbeat(every=days(30), by="manager"),
            guard=Actionable() & evening,
        ),
        dates=Touch(due=PromiseKept() | EstimateCurrent(), guard=Actionable() & evening),
        survey=Touch(
            guard=JourneyComplete(settle=days(2)) & StillFresh(days(42)) & RestBetween(days(90)) & NoTrouble()
        ),
        second=Touch(guard=JourneyComplete(settle=days(30)) & AnswerableUntil() & RestBetween(days(30)) & daytime),
    )


def table(rows: int, *, seed: int = 11) -> pa.Table:
    """Customers as an Arrow table: a name, a zone, and each fact of the plan; three in ten never happened."""
    import pyarrow as pa

    draw = np.random.default_rng(seed)
    columns = {
        "customer": pa.array([f"customer-{n:07d}" for n in range(rows)]),
        "zone": pa.DictionaryArray.from_arrays(draw.integers(0, len(ZONES), rows).astype(np.int8), pa.array(ZONES)),
    }
    for name, fact in plan().facts.items():
        ahead = 60 if getattr(fact, "gives", "at") == "due" else 0
        instants = AT_US + draw.integers(-120 * 1440, ahead * 1440 or 1, rows) * (DAY // 1440)
        columns[name] = pa.array(instants, pa.timestamp("us", "UTC"), mask=draw.random(rows) < 0.3)
    return pa.table(columns)
