"""A case is handed over: the next person confirms, nobody asks again, and what is missing is said.

python examples/handover.py [LOG] [CASE] [INSTANT] [TO]
"""

import csv
import sys
from pathlib import Path

from carepolicy import Plan, Timeline
from carepolicy.handover import Handover

CLAIM = Path(__file__).parent / "claim" / "claim.csv"


def main(
    log: str = str(CLAIM), case: str = "claim", at: str = "2018-01-26T12:00-07:00", to: str = "service manager"
) -> None:
    plan = Plan.named("claims")
    with open(log, encoding="utf-8", newline="") as file:
        timeline = Timeline.read(csv.DictReader(file), zone=plan.calendar.zone)
    handover = Handover.prepare(timeline, case, at, to=to, plan=plan)

    print("Say first:", handover.confirmation, "", sep="\n")
    print("In short:", handover.summary, "", sep="\n")
    print("Who waits for whom:")
    for waiting in handover.waiting:
        print(f"  {waiting.who} waits for {waiting.on or waiting.what}")
    print("\nNever ask again:")
    for known in handover.known:
        print(f"  {known.fact}: {known.said.text}")
    print("\nWhat is missing, the most harmful first:")
    for gap in handover.gaps:
        print(f"  {gap.rank}. {gap.what}. Ask {gap.of}: {gap.question}")


if __name__ == "__main__":
    main(*sys.argv[1:])
