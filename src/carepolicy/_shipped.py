"""The policies and checks that plans may name without further ado."""

from __future__ import annotations

from carepolicy.adoption import Adoption
from carepolicy.aftercare import Aftercare
from carepolicy.answers import NoLowAnswer, ReplyDue
from carepolicy.at_risk import AtRisk
from carepolicy.billing import DunningHeld, InvoiceAfterCompletion
from carepolicy.cadence import Cadence
from carepolicy.caps import AttemptCap, RestAfterTalk
from carepolicy.checks import STANDARD
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
from carepolicy.conflict import NoConflict
from carepolicy.consent import Consented
from carepolicy.drift import Drift
from carepolicy.eligible import NotAutoClosed, NotSelf, Reachable, Requester, WorkedByHuman
from carepolicy.endemic import Endemic
from carepolicy.escalation import Escalation, Reaching
from carepolicy.expiry import Answerable, AnswerableUntil
from carepolicy.heartbeat import Heartbeat
from carepolicy.inattention import Inattention
from carepolicy.loop import AnsweringCloses
from carepolicy.needed import AskedOnce, AskInTime
from carepolicy.news import NewsByVoice, VoiceFirst
from carepolicy.offers import OfferAfterGoodTalk, ReferenceAsked
from carepolicy.outreach import ContactHours, QuietHours
from carepolicy.ownership import NotEmpowered, OwnerAbsent
from carepolicy.pause_checks import Pauses
from carepolicy.persistence import Persistence
from carepolicy.promise import EstimateCurrent, FollowUp, PromiseKept, TellOfSlip
from carepolicy.quarantine import OncePerStage, RestBetween, SurveyCap
from carepolicy.reader import ReaderReady
from carepolicy.reminders import Reminder
from carepolicy.stages import TellAfter, TellBefore
from carepolicy.stall import Bouncing, KeepMoving, NothingMoves
from carepolicy.supplier import SentToSupplier
from carepolicy.survey import Actionable, AskBeforeRenewal, JourneyComplete, StillFresh
from carepolicy.triggers import (
    BrokenPromises,
    ChasedAgain,
    CustomerAsks,
    ExecutiveInvolved,
    SeverityAtLeast,
    ShareUsed,
    SilentFor,
)
from carepolicy.trouble import NothingRegistered, NoTrouble
from carepolicy.unasked import UnaskedQuestions

SHIPPED: tuple[type, ...] = (
    Acknowledgement,
    Actionable,
    Adoption,
    Aftercare,
    Answerable,
    AnswerableUntil,
    AnsweringCloses,
    AskBeforeRenewal,
    AskInTime,
    AskedOnce,
    AtRisk,
    AttemptCap,
    Bouncing,
    BrokenPromises,
    Cadence,
    ChasedAgain,
    ClosedUnconfirmed,
    Consented,
    ContactHours,
    CustomerAsks,
    Drift,
    DunningHeld,
    Endemic,
    Escalation,
    EstimateCurrent,
    ExecutiveInvolved,
    FirstReply,
    FirstResolution,
    FollowUp,
    Heartbeat,
    Inattention,
    InvoiceAfterCompletion,
    JourneyComplete,
    KeepMoving,
    NewsByVoice,
    NextReply,
    NoConflict,
    NoLowAnswer,
    NoTrouble,
    NotAutoClosed,
    NotEmpowered,
    NotSelf,
    NothingMoves,
    NothingRegistered,
    OfferAfterGoodTalk,
    OncePerStage,
    OwnerAbsent,
    Pauses,
    Persistence,
    PromiseKept,
    QuietHours,
    Reachable,
    Reaching,
    ReaderReady,
    ReferenceAsked,
    Reminder,
    ReplyDue,
    Requester,
    RestAfterTalk,
    RestBetween,
    SentToSupplier,
    SeverityAtLeast,
    ShareUsed,
    SilentFor,
    StillFresh,
    SurveyCap,
    TakeOver,
    TellAfter,
    TellBefore,
    TellOfSlip,
    TotalResolution,
    Turnaround,
    UnaskedQuestions,
    VoiceFirst,
    WorkedByHuman,
    *(type(check) for check in STANDARD),
)
