"""Customer-care policies: when to call, when to ask, what was promised, and why.

Events fold into facts, a policy turns facts into a window of time with reasons, a plan composes windows into decisions.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carepolicy._instant import ALWAYS, NEVER, Instant, earliest, latest, only_if, unless, where
    from carepolicy.audit import Audit
    from carepolicy.cadence import Cadence
    from carepolicy.calendar import Calendar
    from carepolicy.checks import Chasers, Check, RepeatedQuestions, Slips, Stalled, UnclearMessages
    from carepolicy.completion import Completion
    from carepolicy.decision import Decision, Verdict
    from carepolicy.errors import CarePolicyError
    from carepolicy.events import Event, Problem
    from carepolicy.expiry import Answerable, AnswerableUntil, answer_lag, expiry_for
    from carepolicy.facts import Fact, Facts, Parties, Which, conversation
    from carepolicy.finding import Finding
    from carepolicy.folds import first, kth_latest, last, latest_estimate
    from carepolicy.heartbeat import Heartbeat
    from carepolicy.held import Held
    from carepolicy.outreach import ContactHours, QuietHours
    from carepolicy.plan import Plan
    from carepolicy.policy import Duty, Guard, all_of, first_of
    from carepolicy.promise import EstimateCurrent, PromiseKept
    from carepolicy.quarantine import OncePerStage, RestBetween, SurveyCap
    from carepolicy.reader import ReaderReady
    from carepolicy.reason import Reason
    from carepolicy.review import Contact, Review, Worklist
    from carepolicy.span import Span, days, elapsed, working, working_days
    from carepolicy.survey import Actionable, AskBeforeRenewal, JourneyComplete, StillFresh, standard_guard
    from carepolicy.threads import earliest_open, intervals
    from carepolicy.timeline import Timeline
    from carepolicy.touch import Touch
    from carepolicy.trouble import NothingRegistered, NoTrouble, Trouble
    from carepolicy.window import Window

    __version__: str

_NAMES = {
    "_instant": "ALWAYS NEVER Instant earliest latest only_if unless where",
    "audit": "Audit",
    "cadence": "Cadence",
    "calendar": "Calendar",
    "checks": "Chasers Check RepeatedQuestions Slips Stalled UnclearMessages",
    "completion": "Completion",
    "decision": "Decision Verdict",
    "errors": "CarePolicyError",
    "events": "Event Problem",
    "expiry": "Answerable AnswerableUntil answer_lag expiry_for",
    "facts": "Fact Facts Parties Which conversation",
    "finding": "Finding",
    "folds": "first kth_latest last latest_estimate",
    "heartbeat": "Heartbeat",
    "held": "Held",
    "outreach": "ContactHours QuietHours",
    "plan": "Plan",
    "policy": "Duty Guard all_of first_of",
    "promise": "EstimateCurrent PromiseKept",
    "quarantine": "OncePerStage RestBetween SurveyCap",
    "reader": "ReaderReady",
    "reason": "Reason",
    "review": "Contact Review Worklist",
    "span": "Span days elapsed working working_days",
    "survey": "Actionable AskBeforeRenewal JourneyComplete StillFresh standard_guard",
    "threads": "earliest_open intervals",
    "timeline": "Timeline",
    "touch": "Touch",
    "trouble": "NoTrouble NothingRegistered Trouble",
    "window": "Window",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for: who needs a calendar does not wait for the plans."""
    if name == "__version__":
        from importlib.metadata import version

        return version("carepolicy")
    if name not in _HOME:
        raise AttributeError(f"module 'carepolicy' has no attribute {name!r}")
    value = getattr(_import_module(f"carepolicy.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


__all__ = [
    "ALWAYS",
    "NEVER",
    "Actionable",
    "Answerable",
    "AnswerableUntil",
    "AskBeforeRenewal",
    "Audit",
    "Cadence",
    "Calendar",
    "CarePolicyError",
    "Chasers",
    "Check",
    "Completion",
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
    "Instant",
    "JourneyComplete",
    "NoTrouble",
    "NothingRegistered",
    "OncePerStage",
    "Parties",
    "Plan",
    "Problem",
    "PromiseKept",
    "QuietHours",
    "ReaderReady",
    "Reason",
    "RepeatedQuestions",
    "RestBetween",
    "Review",
    "Slips",
    "Span",
    "Stalled",
    "StillFresh",
    "SurveyCap",
    "Timeline",
    "Touch",
    "Trouble",
    "UnclearMessages",
    "Verdict",
    "Which",
    "Window",
    "Worklist",
    "all_of",
    "answer_lag",
    "conversation",
    "days",
    "earliest",
    "earliest_open",
    "elapsed",
    "expiry_for",
    "first",
    "first_of",
    "intervals",
    "kth_latest",
    "last",
    "latest",
    "latest_estimate",
    "only_if",
    "standard_guard",
    "unless",
    "where",
    "working",
    "working_days",
]
