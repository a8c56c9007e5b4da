"""One claim: which calls of its customer need not have been, and which word by when would have spared each.

Run it with `python examples/failure_demand.py`.
"""

import csv
from pathlib import Path

from carepolicy import Plan, Timeline
from carepolicy.demand import failure_demand

plan = Plan.named("claims")
with Path(__file__).with_name("claim").joinpath("claim.csv").open(encoding="utf-8") as file:
    log = Timeline.read(csv.DictReader(file), zone="America/Denver")
demand = failure_demand(log, plan=plan, until="2018-02-28T00:00-07:00")

print(demand)
print("\nwhat would have spared each call")
for call in demand.demands:
    if call.is_failure:
        day = call.event.at.in_timezone("America/Denver").strftime("%d %b %Y")
        print(f"{day} {call.event.id} ({call.certainty}): {call.event.text}")
        for spared in call.spared_by:
            print(f"    {spared.word} ({spared.party}; {spared.cause}, {spared.certainty})")
print("\nThe aim is to remove the need to call, not to answer the call faster.")
