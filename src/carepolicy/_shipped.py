"""The policies and checks that plans may name without further ado."""

from __future__ import annotations

from carepolicy.adoption import Adoption
from carepolicy.aftercare import Aftercare
from carepolicy.at_risk import AtRisk
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
from carepolicy.drift import Drift
from carepolicy.endemic import Endemic
from carepolicy.escalation import Escalation, Reaching
from carepolicy.expiry import Answerable, AnswerableUntil
from carepolicy.heartbeat import Heartbeat
from carepolicy.inattention import Inattention
from carepolicy.needed import AskedOnce, AskInTime
from carepolicy.news import NewsByVoice, VoiceFirst
from carepolicy.outreach import ContactHours, QuietHours
from carepolicy.ownership import NotEmpowered, OwnerAbsent
from carepolicy.pause_checks import Pauses
from carepolicy.persistence import Persistence
from carepolicy.promise import EstimateCurrent, FollowUp, PromiseKept, TellOfSlip
from carepolicy.quarantine import OncePerStage, RestBetween, SurveyCap
from carepolicy.reader import ReaderReady
from carepolicy.stages import TellAfter, TellBefore
from carepolicy.stall import Bouncing, KeepMoving, NothingMoves
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

SHIPPED: tuple[type, ...] = (
    Acknowledgement,
    Actionable,
    Adoption,
    Aftercare,
    Answerable,
    AnswerableUntil,
    AskBeforeRenewal,
    AskInTime,
    AskedOnce,
    AtRisk,
    AttemptCap,
    Bouncing,
    BrokenPromises,
    Cadence,
    ChasedAgain,
    ContactHours,
    CustomerAsks,
    Drift,
    Endemic,
    Escalation,
    EstimateCurrent,
    ExecutiveInvolved,
    FirstReply,
    FirstResolution,
    FollowUp,
    Heartbeat,
    Inattention,
    JourneyComplete,
    KeepMoving,
    NewsByVoice,
    NextReply,
    NoTrouble,
    NotEmpowered,
    NothingMoves,
    NothingRegistered,
    OncePerStage,
    OwnerAbsent,
    Pauses,
    Persistence,
    PromiseKept,
    QuietHours,
    ReaderReady,
    Reaching,
    RestAfterTalk,
    RestBetween,
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
    VoiceFirst,
    *(type(check) for check in STANDARD),
)
