"""A taste of a higher tier: what is spare, who may get it, and by which rule."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import NoTrouble, days, working_days
from carepolicy.errors import InvalidPolicyError
from carepolicy.taste import Candidate, GroupShare, Spare, Taste

TONIGHT = "2026-03-10T18:00Z"


class TestTaste:
    """The rule: never into trouble, not again before the rest is over, no group more than its share."""

    def test_its_guards_always_hold(self) -> None:
        names = [type(part).__name__ for part in Taste(guard=NoTrouble(scope="case")).guards.parts]
        assert names == [
            "NoTrouble", "NothingRegistered", "NoLowAnswer", "Consented", "Actionable", "AttemptCap", "NoTrouble",
        ]  # fmt: skip

    def test_a_group_gets_its_share_and_always_one_place(self) -> None:
        rule = Taste(at_most=0.5, shares=[GroupShare("web", 0.29)])
        assert [rule.cap("branch", places) for places in (1, 2, 3, 4, 9)] == [1, 1, 1, 2, 4]
        assert [rule.cap("web", places) for places in (1, 4, 7, 100)] == [1, 1, 2, 29]
        assert rule.cap("", 9) == 9

    @pytest.mark.parametrize(
        ("build", "says"),
        [
            (lambda: Spare(-1, TONIGHT), "places must not be negative, got -1"),
            (lambda: Candidate("", 0.1, "gold"), "candidate lacks a customer or a rung: '', 'gold'; name both"),
            (lambda: Candidate("ann", 0.1, ""), "candidate lacks a customer or a rung: 'ann', ''; name both"),
            (lambda: Candidate("ann", -0.1, "gold"), "missing must be a share of the way from 0, got -0.1"),
            (lambda: Candidate("ann", float("nan"), "gold"), "missing must be a share of the way from 0, got nan"),
            (lambda: Taste(near=0), "near must be a share above 0 and at most 1, got 0"),
            (lambda: Taste(at_most=1.1), "at_most must be a share above 0 and at most 1, got 1.1"),
            (lambda: GroupShare("web", 0), "at_most must be a share above 0 and at most 1, got 0"),
            (
                lambda: Taste(shares=(GroupShare("a", 0.1), GroupShare("a", 0.2))),
                "shares need a group each, and each its own: ['a', 'a']; keep one",
            ),
            (lambda: Taste(owner=" "), "owner is nobody: ' '; name who follows up"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, build: Any, says: str) -> None:
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(says)}$"):
            build()

    def test_they_are_values(self) -> None:
        for value in (
            Spare(2, TONIGHT), Spare(2, TONIGHT, "suite"), Candidate("ann", 0.1, "gold", "web", "eve"),
            Taste(rest=days(90), shares=(GroupShare("web", 0.2),)),
        ):  # fmt: skip
            assert eval(repr(value), {**globals(), "working_days": working_days}) == value
