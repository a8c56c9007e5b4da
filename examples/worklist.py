"""What to do this morning within the minutes at hand, nobody forgotten, and what breaks if it is not done.

Run it with `python examples/worklist.py`.
"""

from carepolicy import Cadence, Calendar, Event, Heartbeat, Plan, PromiseKept, Timeline, Touch, days, working_days

plan = Plan(
    Calendar.weekly("Mon-Fri 08:00-17:00", zone="Europe/Berlin"),
    promise=Touch(due=PromiseKept(), owner="office", minutes=5),
    update=Touch(due=Heartbeat(every=working_days(2)), owner="office", minutes=10),
    checkup=Touch(due=Cadence(every=days(90)), owner="sales", minutes=20, touch_class="marketing"),
)
log = Timeline(
    [
        Event(customer="berg", case="boiler", kind="opened", at="2026-03-02T09:00+01:00"),
        Event(customer="wolf", case="boiler", kind="opened", at="2026-03-02T09:00+01:00"),
        Event(
            customer="berg",
            case="boiler",
            ref="visit",
            kind="promise",
            party="office",
            at="2026-03-02T10:00+01:00",
            due="2026-03-04T12:00+01:00",
        ),
    ]
)

review = plan.review(log, at="2026-03-04T11:00+01:00", roster=["berg", "osei", "wolf"])
day = review.worklist(minutes={"office": 15, "sales": 30}, until="2026-03-04T17:00+01:00")
for contact in day.to_do:
    print(f"{contact.owner}: {contact.channel} {contact.customer} about {', '.join(contact.touches)}")
for decision in day.breaks:
    print(f"no time left for {decision.customer}: {decision.touch}, due {decision.due}")
