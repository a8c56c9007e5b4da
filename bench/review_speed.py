"""How long a review of one customer takes: 50 events, six policies, scalar; and one more event folded in.

    python bench/review_speed.py [--json FILE]

Goals: a full review at most 200 us, one more event folded in and decided again at most 40 us.
"""

from __future__ import annotations

from measuring import Figure, arguments, in_turn, publish

from carepolicy import (
    Cadence,
    Calendar,
    Event,
    Heartbeat,
    JourneyComplete,
    NoTrouble,
    Plan,
    PromiseKept,
    RestBetween,
    Timeline,
    Touch,
    days,
    working_days,
)

DAY = 86_400_000_000
START = 1_772_400_000_000_000
ROUNDS, CALLS = 15, 200


def log(count: int = 50) -> list[Event]:
    """A year of one customer: a case, talks, updates, promises, surveys."""
    cycle = (
        {"kind": "contact", "direction": "outbound", "channel": "phone", "outcome": "conversation", "author": "human"},
        {"kind": "contact", "direction": "inbound", "channel": "phone", "outcome": "conversation", "purpose": "status"},
        {"kind": "promise", "ref": "part", "due": START + 400 * DAY},
        {"kind": "contact", "direction": "outbound", "channel": "email", "outcome": "delivered", "purpose": "update"},
        {"kind": "kept", "ref": "part"},
        {"kind": "note"},
    )
    events = [Event(at=START, kind="opened", id="e0", customer="acme", case="c1", party="desk")]
    for n in range(1, count):
        row = {"party": "desk", "case": "c1", **cycle[n % len(cycle)]}
        events.append(Event(at=START + n * 5 * DAY, id=f"e{n}", customer="acme", **row))  # type: ignore[arg-type]
    return events


def plan() -> Plan:
    """Six policies in three touches."""
    office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="America/New_York")
    return Plan(
        calendar=office,
        call=Touch(due=Cadence(every=working_days(10)) | Heartbeat(every=working_days(5))),
        promise=Touch(due=PromiseKept()),
        survey=Touch(guard=JourneyComplete(settle=days(2)) & RestBetween(rest=days(90)) & NoTrouble()),
    )


def main() -> None:
    asked = arguments(__doc__)
    the_plan, events = plan(), log()
    timeline, at = Timeline(events), "2026-12-01T15:00Z"
    state = the_plan.fold(Timeline(events[:-1]), at=at)
    goals = {"review of one customer, 50 events, six policies": 200, "one more event folded in, decided again": 40}
    seconds = in_turn(
        {
            "review of one customer, 50 events, six policies": lambda: the_plan.review(timeline, at=at),
            "one more event folded in, decided again": lambda: the_plan.review(state.add(events[-1]), at=at),
            "decided again, nothing new": lambda: the_plan.review(state, at=at),
            "a timeline of 50 events": lambda: Timeline(events),
        },
        rounds=ROUNDS,
        calls=CALLS,
    )
    publish([Figure(name, took * 1e6, "us", goal=goals.get(name)) for name, took in seconds.items()], asked.json)


if __name__ == "__main__":
    main()
