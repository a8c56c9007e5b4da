"""Loan cars for carepolicy: a policy, a fact and a kind of event, added from outside."""

from .loan_cars import Farthest, LoanCarCovers

KINDS = ("loan_car",)
"""The kinds of event that this package adds: a loan, with its end in `due`."""
POLICIES = (LoanCarCovers,)
"""The policies that plans may name: `Plan.from_toml(text, policies=POLICIES)`."""

__all__ = ["KINDS", "POLICIES", "Farthest", "LoanCarCovers"]
