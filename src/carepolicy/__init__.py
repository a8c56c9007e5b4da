"""Customer-care policies: when to call, when to ask, what was promised, and why.

Events fold into facts, a policy turns facts into a window of time with reasons, a plan composes windows into decisions.
"""

from importlib.metadata import version as _version

from carepolicy._instant import ALWAYS, NEVER, earliest, latest, only_if, unless, where
from carepolicy.audit import Audit, Held
from carepolicy.cadence import Cadence, Heartbeat
from carepolicy.calendar import Calendar
from carepolicy.checks import Chasers, Check, RepeatedQuestions, Slips, Stalled, UnclearMessages
from carepolicy.decision import Decision, Reason, Verdict
from carepolicy.errors import CarePolicyError
from carepolicy.events import Event, Problem
from carepolicy.facts import Fact, Facts, Parties, Which
from carepolicy.finding import Finding
from carepolicy.folds import first, kth_latest, last, latest_estimate
from carepolicy.outreach import ContactHours, NoTrouble
from carepolicy.plan import Plan
from carepolicy.policy import Duty, Guard, all_of, first_of
from carepolicy.promise import EstimateCurrent, PromiseKept
from carepolicy.review import Contact, Review, Worklist
from carepolicy.span import Span, days, elapsed, working, working_days
from carepolicy.survey import Actionable, AnswerableUntil, JourneyComplete, RestBetween, StillFresh
from carepolicy.threads import earliest_open, intervals
from carepolicy.timeline import Timeline
from carepolicy.touch import Touch
from carepolicy.window import Window

__version__ = _version("carepolicy")

__all__ = [
    "ALWAYS",
    "NEVER",
    "Actionable",
    "AnswerableUntil",
    "Audit",
    "Cadence",
    "Calendar",
    "CarePolicyError",
    "Chasers",
    "Check",
    "Contact",
    "ContactHours",
    "Decision",
    "Duty",
    "EstimateCurrent",
    "Event",
    "Fact",
    "Facts",
    "Finding",
    "Guard",
    "Heartbeat",
    "Held",
    "JourneyComplete",
    "NoTrouble",
    "Parties",
    "Plan",
    "Problem",
    "PromiseKept",
    "Reason",
    "RepeatedQuestions",
    "RestBetween",
    "Review",
    "Slips",
    "Span",
    "Stalled",
    "StillFresh",
    "Timeline",
    "Touch",
    "UnclearMessages",
    "Verdict",
    "Which",
    "Window",
    "Worklist",
    "all_of",
    "days",
    "earliest",
    "earliest_open",
    "elapsed",
    "first",
    "first_of",
    "intervals",
    "kth_latest",
    "last",
    "latest",
    "latest_estimate",
    "only_if",
    "unless",
    "where",
    "working",
    "working_days",
]
