"""How long it takes to plan which surveys go out, and what a survey that is asked about by itself takes.

    python bench/sends_speed.py [--json FILE]

No peer plans surveys by priority with reserved places; beside it stands the dispatcher that most have: a loop that
sends whatever its own guard allows, one by one, which is what `decide` costs.
"""

from __future__ import annotations

from measuring import Figure, arguments, in_turn, publish

from carepolicy import Calendar, Event, Facts, Journey, Timeline, elapsed, plan_sends, standard_guard

DAY = 86_400_000_000
START = 1_772_400_000_000_000
PEOPLE, CASES = 300, 3
AT = "2026-04-01T15:00Z"
ZONE = "America/Sao_Paulo"
GUARD = standard_guard(ZONE)
HOURS = Calendar.always(ZONE)


def journeys() -> list[Journey]:
    """Some customers with three journeys each: one is done, one was asked about, one is late."""
    found = []
    for number in range(PEOPLE):
        customer = f"c{number}"
        log = Timeline(
            [
                Event(at=START + number * DAY // PEOPLE, kind="completed", case="done", customer=customer),
                Event(at=START - 200 * DAY, kind="completed", case="asked", customer=customer),
                Event(at=START - 190 * DAY, kind="survey", case="asked", customer=customer, purpose="survey"),
                Event(at=START, kind="estimate", case="late", customer=customer, due=START + 9 * DAY),
            ]
        )
        found += [
            Journey(customer=customer, case=case, timeline=log, guard=GUARD) for case in ("done", "asked", "late")
        ]
    return found


def main() -> None:
    asked = arguments(__doc__)
    every, facts = journeys(), Facts(completed="2026-03-02T10:00Z", promised_by="2026-03-09T10:00Z")
    seconds = in_turn(
        {
            "plan": lambda: plan_sends(every, AT, calendar=HOURS),
            "spread": lambda: plan_sends(every, AT, calendar=HOURS, spread=elapsed(hours=2)),
            "loop": lambda: [j.guard.decide(j.timeline, AT, calendar=HOURS, case=j.case) for j in every],  # type: ignore[attr-defined]
        }
    )
    alone = in_turn({"facts": lambda: GUARD.decide_facts(facts, AT)}, calls=200)["facts"]
    each = PEOPLE * CASES
    loop = {"each decided by itself": seconds["loop"] / each * 1e6}
    publish(
        [
            Figure("a journey planned: plan_sends of 900", seconds["plan"] / each * 1e6, "us", peers=loop),
            Figure("the same, spread over two hours", seconds["spread"] / each * 1e6, "us", peers=loop),
            Figure("one survey by itself: standard_guard(...).decide_facts", alone * 1e6, "us"),
        ],
        asked.json,
    )


if __name__ == "__main__":
    main()
