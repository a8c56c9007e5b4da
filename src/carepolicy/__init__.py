"""Customer-care policies: when to call, when to ask, what was promised, and why.

Events fold into facts, a policy turns facts into a window of time with reasons, a plan composes windows into decisions.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carepolicy._instant import ALWAYS, NEVER, Instant, earliest, latest, only_if, unless, where
    from carepolicy.adoption import Adoption
    from carepolicy.aftercare import Aftercare
    from carepolicy.answers import Low, NoLowAnswer, ReplyDue
    from carepolicy.at_risk import AtRisk
    from carepolicy.audit import Audit
    from carepolicy.billing import DunningHeld, InvoiceAfterCompletion, dunning_guard
    from carepolicy.cadence import Cadence
    from carepolicy.calendar import Calendar
    from carepolicy.caps import AttemptCap, RestAfterTalk, hours_anywhere, reg_f, us_calling_hours
    from carepolicy.checks import Chasers, Check, RepeatedQuestions, Slips, Stalled, UnclearMessages
    from carepolicy.clocks import (
        Acknowledgement,
        FirstReply,
        FirstResolution,
        NextReply,
        TakeOver,
        TotalResolution,
        Turnaround,
    )
    from carepolicy.closing import ClosedUnconfirmed
    from carepolicy.coming import coming_touches
    from carepolicy.completion import Completion
    from carepolicy.conflict import Conflict, NoConflict, State
    from carepolicy.consent import Consented
    from carepolicy.decision import Decision, Verdict
    from carepolicy.demand import failure_demand
    from carepolicy.drift import Drift
    from carepolicy.eligible import NotAutoClosed, NotSelf, Reachable, Requester, WorkedByHuman
    from carepolicy.endemic import Endemic
    from carepolicy.errors import CarePolicyError
    from carepolicy.escalation import Escalation, Reaching
    from carepolicy.events import Event, Problem
    from carepolicy.expected import Expected
    from carepolicy.expiry import Answerable, AnswerableUntil, answer_lag, expiry_for
    from carepolicy.facts import Fact, Facts, Parties, Which, conversation
    from carepolicy.finding import Finding
    from carepolicy.folds import first, kth_latest, last, latest_estimate
    from carepolicy.grid import Grid
    from carepolicy.handover import Handover
    from carepolicy.heartbeat import (
        Heartbeat,
        answer_claimants,
        california_claims,
        decide_claims,
        report_undecided_claims,
    )
    from carepolicy.held import Held
    from carepolicy.higher_tier import allocate_taste
    from carepolicy.ical import to_ical
    from carepolicy.inattention import Inattention
    from carepolicy.incomplete import Hole, Incomplete
    from carepolicy.informing import Access, Informed, who_must_know
    from carepolicy.journey import Fate, Journey
    from carepolicy.levels import Level
    from carepolicy.loop import AnsweringCloses, case_to_open, close_loop
    from carepolicy.messages import HeldMessage, release
    from carepolicy.needed import AskedOnce, AskInTime, NeededItem
    from carepolicy.news import News, NewsByVoice, VoiceFirst
    from carepolicy.offers import OfferAfterGoodTalk, ReferenceAsked, guard_of_class, marketing_guard, reference_guard
    from carepolicy.outreach import ContactHours, QuietHours
    from carepolicy.ownership import NotEmpowered, OwnerAbsent
    from carepolicy.pause_checks import Pauses
    from carepolicy.pauses import explain_due
    from carepolicy.persistence import Persistence
    from carepolicy.phrases import Language, Phrase
    from carepolicy.plan import Plan
    from carepolicy.policy import Duty, Guard, all_of, first_of
    from carepolicy.printed import PrintJob, judge_print
    from carepolicy.promise import EstimateCurrent, FollowUp, Promise, PromiseKept, PromiseState, TellOfSlip
    from carepolicy.quarantine import OncePerStage, RestBetween, SurveyCap
    from carepolicy.question_sets import QuestionSet, choose_set
    from carepolicy.questions import QuestionRule, questions_for
    from carepolicy.reader import ReaderReady, in_time_for
    from carepolicy.reason import Reason
    from carepolicy.recovery import Authority, Option
    from carepolicy.reminders import Reminder
    from carepolicy.review import Contact, Review, Worklist
    from carepolicy.roster import Account, Roster, roster_review
    from carepolicy.rungs import Rung
    from carepolicy.sampling import Sample
    from carepolicy.sends import plan_sends
    from carepolicy.severity import Bands, Stake
    from carepolicy.span import Span, days, elapsed, working, working_days
    from carepolicy.stages import KeyStages, Stage, TellAfter, TellBefore
    from carepolicy.stall import Bouncing, KeepMoving, NothingMoves
    from carepolicy.supplier import SentToSupplier
    from carepolicy.survey import Actionable, AskBeforeRenewal, JourneyComplete, StillFresh, standard_guard
    from carepolicy.taste import Candidate, GroupShare, Spare, Taste
    from carepolicy.threads import earliest_open, intervals
    from carepolicy.tier import Tier
    from carepolicy.timeline import Timeline
    from carepolicy.touch import Touch
    from carepolicy.triggers import (
        BrokenPromises,
        ChasedAgain,
        CustomerAsks,
        ExecutiveInvolved,
        SeverityAtLeast,
        ShareUsed,
        SilentFor,
    )
    from carepolicy.trouble import NothingRegistered, NoTrouble, Trouble
    from carepolicy.unasked import UnaskedQuestions
    from carepolicy.vague import resolve
    from carepolicy.warning import Warnings
    from carepolicy.window import Window
    from carepolicy.wording import Names, WordingRule, check_wording

    __version__: str

_NAMES = {
    "_instant": "ALWAYS NEVER Instant earliest latest only_if unless where",
    "adoption": "Adoption",
    "aftercare": "Aftercare",
    "answers": "Low NoLowAnswer ReplyDue",
    "at_risk": "AtRisk",
    "audit": "Audit",
    "billing": "DunningHeld InvoiceAfterCompletion dunning_guard",
    "cadence": "Cadence",
    "calendar": "Calendar",
    "caps": "AttemptCap RestAfterTalk hours_anywhere reg_f us_calling_hours",
    "checks": "Chasers Check RepeatedQuestions Slips Stalled UnclearMessages",
    "clocks": "Acknowledgement FirstReply FirstResolution NextReply TakeOver TotalResolution Turnaround",
    "closing": "ClosedUnconfirmed",
    "coming": "coming_touches",
    "completion": "Completion",
    "conflict": "Conflict NoConflict State",
    "consent": "Consented",
    "decision": "Decision Verdict",
    "demand": "failure_demand",
    "drift": "Drift",
    "eligible": "NotAutoClosed NotSelf Reachable Requester WorkedByHuman",
    "endemic": "Endemic",
    "errors": "CarePolicyError",
    "escalation": "Escalation Reaching",
    "events": "Event Problem",
    "expected": "Expected",
    "expiry": "Answerable AnswerableUntil answer_lag expiry_for",
    "facts": "Fact Facts Parties Which conversation",
    "finding": "Finding",
    "folds": "first kth_latest last latest_estimate",
    "grid": "Grid",
    "handover": "Handover",
    "heartbeat": "Heartbeat answer_claimants california_claims decide_claims report_undecided_claims",
    "held": "Held",
    "higher_tier": "allocate_taste",
    "ical": "to_ical",
    "inattention": "Inattention",
    "incomplete": "Hole Incomplete",
    "informing": "Access Informed who_must_know",
    "journey": "Fate Journey",
    "levels": "Level",
    "loop": "AnsweringCloses case_to_open close_loop",
    "messages": "HeldMessage release",
    "needed": "AskInTime AskedOnce NeededItem",
    "news": "News NewsByVoice VoiceFirst",
    "offers": "OfferAfterGoodTalk ReferenceAsked guard_of_class marketing_guard reference_guard",
    "outreach": "ContactHours QuietHours",
    "ownership": "NotEmpowered OwnerAbsent",
    "pause_checks": "Pauses",
    "pauses": "explain_due",
    "persistence": "Persistence",
    "phrases": "Language Phrase",
    "plan": "Plan",
    "policy": "Duty Guard all_of first_of",
    "printed": "PrintJob judge_print",
    "promise": "EstimateCurrent FollowUp Promise PromiseKept PromiseState TellOfSlip",
    "quarantine": "OncePerStage RestBetween SurveyCap",
    "question_sets": "QuestionSet choose_set",
    "questions": "QuestionRule questions_for",
    "reader": "ReaderReady in_time_for",
    "reason": "Reason",
    "recovery": "Authority Option",
    "reminders": "Reminder",
    "review": "Contact Review Worklist",
    "roster": "Account Roster roster_review",
    "rungs": "Rung",
    "sampling": "Sample",
    "sends": "plan_sends",
    "severity": "Bands Stake",
    "span": "Span days elapsed working working_days",
    "stages": "KeyStages Stage TellAfter TellBefore",
    "stall": "Bouncing KeepMoving NothingMoves",
    "supplier": "SentToSupplier",
    "survey": "Actionable AskBeforeRenewal JourneyComplete StillFresh standard_guard",
    "taste": "Candidate GroupShare Spare Taste",
    "threads": "earliest_open intervals",
    "tier": "Tier",
    "timeline": "Timeline",
    "touch": "Touch",
    "triggers": "BrokenPromises ChasedAgain CustomerAsks ExecutiveInvolved SeverityAtLeast ShareUsed SilentFor",
    "trouble": "NoTrouble NothingRegistered Trouble",
    "unasked": "UnaskedQuestions",
    "vague": "resolve",
    "warning": "Warnings",
    "window": "Window",
    "wording": "Names WordingRule check_wording",
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
    "ALWAYS", "NEVER", "Access", "Account", "Acknowledgement", "Actionable", "Adoption", "Aftercare",
    "Answerable", "AnswerableUntil", "AnsweringCloses", "AskBeforeRenewal", "AskInTime", "AskedOnce", "AtRisk",
    "AttemptCap", "Audit", "Authority", "Bands", "Bouncing", "BrokenPromises", "Cadence", "Calendar",
    "Candidate", "CarePolicyError", "ChasedAgain", "Chasers", "Check", "ClosedUnconfirmed", "Completion",
    "Conflict", "Consented", "Contact", "ContactHours", "CustomerAsks", "Decision", "Drift", "DunningHeld",
    "Duty", "Endemic", "Escalation", "EstimateCurrent", "Event", "ExecutiveInvolved", "Expected", "Fact",
    "Facts", "Fate", "Finding", "FirstReply", "FirstResolution", "FollowUp", "Grid", "GroupShare", "Guard",
    "Handover", "Heartbeat", "Held", "HeldMessage", "Hole", "Inattention", "Incomplete", "Informed", "Instant",
    "InvoiceAfterCompletion", "Journey", "JourneyComplete", "KeepMoving", "KeyStages", "Language", "Level",
    "Low", "Names", "NeededItem", "News", "NewsByVoice", "NextReply", "NoConflict", "NoLowAnswer", "NoTrouble",
    "NotAutoClosed", "NotEmpowered", "NotSelf", "NothingMoves", "NothingRegistered", "OfferAfterGoodTalk",
    "OncePerStage", "Option", "OwnerAbsent", "Parties", "Pauses", "Persistence", "Phrase", "Plan", "PrintJob",
    "Problem", "Promise", "PromiseKept", "PromiseState", "QuestionRule", "QuestionSet", "QuietHours",
    "Reachable", "Reaching", "ReaderReady", "Reason", "ReferenceAsked", "Reminder", "RepeatedQuestions",
    "ReplyDue", "Requester", "RestAfterTalk", "RestBetween", "Review", "Roster", "Rung", "Sample",
    "SentToSupplier", "SeverityAtLeast", "ShareUsed", "SilentFor", "Slips", "Span", "Spare", "Stage", "Stake",
    "Stalled", "State", "StillFresh", "SurveyCap", "TakeOver", "Taste", "TellAfter", "TellBefore", "TellOfSlip",
    "Tier", "Timeline", "TotalResolution", "Touch", "Trouble", "Turnaround", "UnaskedQuestions",
    "UnclearMessages", "Verdict", "VoiceFirst", "Warnings", "Which", "Window", "WordingRule", "WorkedByHuman",
    "Worklist", "all_of", "allocate_taste", "answer_claimants", "answer_lag", "california_claims",
    "case_to_open", "check_wording", "choose_set", "close_loop", "coming_touches", "conversation", "days",
    "decide_claims", "dunning_guard", "earliest", "earliest_open", "elapsed", "expiry_for", "explain_due",
    "failure_demand", "first", "first_of", "guard_of_class", "hours_anywhere", "in_time_for", "intervals",
    "judge_print", "kth_latest", "last", "latest", "latest_estimate", "marketing_guard", "only_if",
    "plan_sends", "questions_for", "reference_guard", "reg_f", "release", "report_undecided_claims", "resolve",
    "roster_review", "standard_guard", "to_ical", "unless", "us_calling_hours", "where", "who_must_know",
    "working", "working_days",
]  # fmt: skip
