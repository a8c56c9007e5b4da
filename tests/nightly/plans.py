"""Plans that between them have every shipped policy, hours of ours and of the customer's, and every scope."""

from __future__ import annotations

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
    elapsed,
    working,
    working_days,
)

_OFFICE = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="America/Denver", holidays=["2025-11-27"])
_NIGHTS = Calendar.weekly("Mon-Sun 22:00-06:00", zone="Europe/Paris")
_DAYTIME = ContactHours(Calendar.weekly("Mon-Sat 08:00-20:00", zone="America/Denver"))
_OURS = ContactHours(_OFFICE, fixed=True)

PLANS = {
    "claims": Plan.named("claims"),
    "office": Plan(
        _OFFICE,
        call=Touch(
            due=Cadence(every=working_days(10), at_most=working_days(15)) | Cadence(every=days(90), by="manager"),
            guard=Actionable() & _DAYTIME & _OURS,
        ),
        update=Touch(due=Heartbeat(every=working(hours=12)) | PromiseKept() | EstimateCurrent(), guard=NoTrouble()),
        survey=Touch(
            guard=JourneyComplete(settle=days(2)) & StillFresh(days(42)) & RestBetween(elapsed(days=90))
            & AnswerableUntil() & NoTrouble(cool_off=working_days(2)) & _DAYTIME
        ),
    ),
    "nights": Plan(
        _NIGHTS,
        round=Touch(due=Cadence(every=working(hours=30)), guard=ContactHours(_NIGHTS) & Actionable()),
        second=Touch(
            guard=JourneyComplete(settle=working(hours=9)) & StillFresh(working_days(3)) & ContactHours(_NIGHTS)
        ),
    ),
}  # fmt: skip
