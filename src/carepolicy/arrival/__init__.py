"""Arrival windows: the narrowest that hold, routes, live lateness, and the completion of long work."""

from carepolicy.arrival.arriving import Arriving
from carepolicy.arrival.asking import Asking, Worth, ask_before, ask_stated
from carepolicy.arrival.being_late import Lateness, WarnRule, lateness
from carepolicy.arrival.choose import GridWindow, choose_window
from carepolicy.arrival.conformal import ConformalWindow
from carepolicy.arrival.duration import DurationLaw
from carepolicy.arrival.failure_time import accelerated
from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.kaplan_meier import curve
from carepolicy.arrival.kept import PromiseScore, QuoteScore, score_promise, score_quote
from carepolicy.arrival.kit import Kit, NoKit, kit_for
from carepolicy.arrival.ladder import Ladder, PricedWindow, price_ladder
from carepolicy.arrival.law import Empirical, Law, Steps
from carepolicy.arrival.models import QuantileModel, Sampled, SampleModel, boosted, conformalised
from carepolicy.arrival.open_cases import OpenCases
from carepolicy.arrival.options import Choice, LateOption, Losses, Weighed, weigh_options
from carepolicy.arrival.outlook import NoDate, Outlook
from carepolicy.arrival.plots import plot_coverage, plot_reliability, plot_windows
from carepolicy.arrival.pool import Pool, PoolGroup, pool_windows
from carepolicy.arrival.promised import ArrivalPromise, Draft
from carepolicy.arrival.quote import Notice, Quote
from carepolicy.arrival.remaining import Remaining
from carepolicy.arrival.requote import RequoteOnce, RequoteWhenMissed
from carepolicy.arrival.rolling import Correction, RollingCalibrator
from carepolicy.arrival.route import Route
from carepolicy.arrival.route_effect import RouteEffect
from carepolicy.arrival.route_laws import RouteLaws
from carepolicy.arrival.scorecard import Score, score
from carepolicy.arrival.simulated import Reached, Simulated
from carepolicy.arrival.slots import Slot, bookable_slots
from carepolicy.arrival.stage import Stage
from carepolicy.arrival.stated import Blended, Stated
from carepolicy.arrival.stated_and_seen import Reliability, ReliabilityRow, reliability
from carepolicy.arrival.stop import Around, Break, Stop
from carepolicy.arrival.tails import Costs, ends
from carepolicy.arrival.telling import Offered, Telling, tell
from carepolicy.arrival.updates import NextWord, Updates, WordVerdict
from carepolicy.arrival.work import Completion

__all__ = [
    "Around", "ArrivalPromise", "Arriving", "Asking", "Blended", "Break", "Choice", "Completion",
    "ConformalWindow", "Correction", "Costs", "Draft", "DurationLaw", "Empirical", "GridWindow", "Interval",
    "Kit", "Ladder", "LateOption", "Lateness", "Law", "Losses", "NextWord", "NoDate", "NoKit", "NoPromise",
    "Notice", "Offered", "OpenCases", "Outlook", "Pool", "PoolGroup", "PricedWindow", "PromiseScore",
    "QuantileModel", "Quote", "QuoteScore", "Reached", "Reliability", "ReliabilityRow", "Remaining",
    "RequoteOnce", "RequoteWhenMissed", "RollingCalibrator", "Route", "RouteEffect", "RouteLaws", "SampleModel",
    "Sampled", "Score", "Simulated", "Slot", "Stage", "Stated", "Steps", "Stop", "Telling", "Updates", "WarnRule",
    "Weighed", "WordVerdict", "Worth", "accelerated", "ask_before", "ask_stated", "bookable_slots", "boosted",
    "choose_window", "conformalised", "curve", "ends", "kit_for", "lateness", "plot_coverage",
    "plot_reliability", "plot_windows", "pool_windows", "price_ladder", "reliability", "score", "score_promise",
    "score_quote", "tell", "weigh_options",
]  # fmt: skip
