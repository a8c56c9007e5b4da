"""Handover: what the next person confirms instead of asking, so that nobody repeats."""

from carepolicy.handover.brief import CallBrief, CaseBrief
from carepolicy.handover.chain import carry_on
from carepolicy.handover.document import Person
from carepolicy.handover.firestorm import Firestorm
from carepolicy.handover.freshness import Difference, events_of
from carepolicy.handover.handover import Handover
from carepolicy.handover.tasks import Task
from carepolicy.handover.timebox import TimeBox

__all__ = [
    "CallBrief",
    "CaseBrief",
    "Difference",
    "Firestorm",
    "Handover",
    "Person",
    "Task",
    "TimeBox",
    "carry_on",
    "events_of",
]
