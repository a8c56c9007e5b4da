"""Touches: a duty, a guard, or both."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Actionable, Cadence, Heartbeat, NoTrouble, Touch, Which, all_of, days, first_of
from carepolicy.errors import InvalidPolicyError
from carepolicy.touch import CLASSES


class TestTouch:
    """Something that a company does towards a customer."""

    def test_a_join_of_one_is_that_one(self) -> None:
        assert Touch(guard=Actionable() & Actionable()) == Touch(guard=Actionable())
        assert Touch(due=Heartbeat(days(1)) | Heartbeat(days(1))).due == Heartbeat(days(1))
        assert Touch(guard=Actionable() & NoTrouble()).guard == NoTrouble() & Actionable()

    def test_is_rebuilt_by_its_repr(self) -> None:
        touch = Touch(due=Cadence(days(3)), owner="agent", minutes=5, sends=Which("contact"))
        assert eval(repr(touch)) == touch

    def test_has_a_class(self) -> None:
        assert CLASSES == ("safety", "legal", "service", "billing", "survey", "marketing")
        touch = Touch(guard=Actionable())
        assert [touch.class_of(name) for name in ("call", "survey", "marketing", "legal")] == [
            "service", "survey", "marketing", "legal",
        ]  # fmt: skip
        assert Touch(guard=Actionable(), touch_class="safety").class_of("survey") == "safety"

    def test_finds_its_own_events_by_its_name_unless_told(self) -> None:
        assert Touch(guard=Actionable()).sends_of("survey") == Which(named="survey")
        assert Touch(guard=Actionable(), sends=Which("survey")).sends_of("x") == Which("survey")

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({}, "touch has neither duty nor guard; give due= or guard="),
            ({"due": Actionable()}, "duty is not one: Actionable(react=None); a duty and a guard make a touch"),
            ({"guard": Cadence(days(3))}, "guard is not one: Cadence("),
            (
                {"guard": Actionable(), "touch_class": "spam"},
                "touch_class is not known: 'spam'; use one of safety, legal, service, billing, survey, marketing",
            ),
            ({"guard": Actionable(), "minutes": 0}, "minutes must be at least 1, got 0"),
            ({"guard": Actionable(), "minutes": "10"}, "minutes must be a whole number, got '10'"),
            ({"guard": all_of(), "due": first_of()}, "touch has neither duty nor guard"),
        ],
    )
    def test_refuses(self, fields: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Touch(**fields)
