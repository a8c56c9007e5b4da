"""Arrival windows: the narrowest that hold, routes, live lateness, and the completion of long work."""

from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.law import Empirical, Law

__all__ = ["Empirical", "Interval", "Law", "NoPromise"]
