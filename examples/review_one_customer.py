"""What to do now for one customer, and why: a plan, four events, one review.

Run it with `python examples/review_one_customer.py`.
"""

from carepolicy import (
    AnswerableUntil,
    Calendar,
    Event,
    Heartbeat,
    JourneyComplete,
    Plan,
    Timeline,
    Touch,
    days,
    working_days,
)

office = Calendar.weekly("Mon-Fri 08:00-17:00", zone="Europe/Berlin")
plan = Plan(
    office,
    update=Touch(due=Heartbeat(every=working_days(2)), owner="office"),
    survey=Touch(guard=JourneyComplete(settle=days(2)) & AnswerableUntil(), channel="email"),
)
log = Timeline(
    [
        Event(kind="opened", at="2026-03-02T08:15+01:00", customer="berg", case="boiler"),
        Event(
            kind="estimate", at="2026-03-03T16:45+01:00", due="2026-03-11T17:00+01:00", customer="berg", case="boiler"
        ),
        Event(kind="survey", at="2026-03-06T09:00+01:00", due="2026-03-10T09:00+01:00", customer="berg", case="boiler"),
    ]
)

review = plan.review(log, at="2026-03-09T09:00+01:00")
for decision in review:
    print(f"{decision.touch}: {decision.verdict}")
    for reason in decision.reasons:
        print(f"  {'*' if reason.binding else ' '} {reason.text}")
print(f"look again at {review.review_at}, or when something happens")
