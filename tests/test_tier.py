"""Tiers and wishes: what they are, and the facts of which they are made."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import ALWAYS, NEVER, Event, Parties, Timeline, Which, days
from carepolicy._instant import iso
from carepolicy.errors import InvalidPolicyError
from carepolicy.state import Folding
from carepolicy.tier import NotBefore, Stay, Tier, fact_name


def on(day: int, kind: str, purpose: str = "", due: int | None = None) -> Event:
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, purpose=purpose, due=due and f"2026-03-{due:02}T09:00Z")


def folded(fact: Any, *events: Event) -> str:
    value = Folding({"it": fact}, Parties()).fold(Timeline(events).events).values(("", "", "", ""))["it"]
    return iso(value)[5:10] if ALWAYS < value < NEVER else iso(value)


class TestTier:
    """The rhythm of the customers of one tier."""

    def test_says_so_in_words(self) -> None:
        assert str(Tier("gold", days(7))) == "every 7 days"
        assert str(Tier("gold", days(7), at_most=days(9))) == "every 7 days, 9 days at most"
        assert Tier("gold", days(7)).limit == days(7)
        assert Tier("gold", days(7), days(9)).limit == days(9)
        assert fact_name("Key account!") == "key_account_"

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"name": " "}, "tier has no name: ' '; name it as the log does, e.g. 'gold'"),
            ({"name": 7}, "tier has no name: 7"),
            ({"every": 7}, "every is not a span: 7"),
            ({"at_most": days(1)}, "at_most is shorter than every: at_most=1 day, every=7 days; swap them"),
        ],
    )
    def test_refuses(self, fields: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Tier(**{"name": "gold", "every": days(7), **fields})


class TestStay:
    """The latest stay in a tier: since when or until when."""

    def stay(self, *events: Event, **more: Any) -> tuple[str, str]:
        which = Which("tier", purpose="gold")
        since, until = (folded(Stay(which, among="tier", gives=gives, **more), *events) for gives in ("since", "until"))
        return since, until

    def test_begins_with_the_first_that_names_it_and_ends_with_another(self) -> None:
        assert self.stay(on(3, "tier", "gold"), on(4, "tier", "gold")) == ("03-03", "never")
        assert self.stay(on(3, "tier", "gold"), on(4, "tier", "silver"), on(6, "tier", "silver")) == ("03-03", "03-04")
        assert self.stay(on(3, "tier", "gold"), on(4, "tier", "silver"), on(6, "tier", "gold")) == ("03-06", "never")

    def test_is_missing_where_there_was_none(self) -> None:
        assert self.stay() == ("never", "never")
        assert self.stay(on(3, "tier", "silver"), missing=ALWAYS) == ("always", "always")

    def test_in_none_of_them_lasts_from_the_beginning(self) -> None:
        assert folded(Stay("tier", among="tier", other=True, missing=ALWAYS)) == "always"
        assert self.stay(on(3, "tier", "gold"), other=True) == ("always", "03-03")
        assert self.stay(on(3, "tier", "gold"), on(5, "tier", "ended"), other=True) == ("03-05", "never")

    def test_does_not_heed_what_names_none(self) -> None:
        assert self.stay(on(3, "tier", "gold"), on(4, "tier")) == ("03-03", "never")


class TestNotBefore:
    """Before which instant a customer did not want to be contacted."""

    @pytest.mark.parametrize(
        ("events", "expected"),
        [
            ((), "always"),
            ((on(3, "wish"),), "always"),
            ((on(3, "wish", due=20),), "03-20"),
            ((on(3, "wish", due=20), on(5, "wish", "rare")), "03-20"),
            ((on(3, "wish", due=20), on(5, "wish", due=5)), "03-05"),
            ((on(3, "wish", due=9), on(15, "wish", due=25)), "03-25"),
            ((on(3, "wish", due=9), on(15, "wish", due=10)), "03-10"),
        ],
    )
    def test_is_the_date_of_a_wish_while_it_stood(self, events: tuple[Event, ...], expected: str) -> None:
        assert folded(NotBefore("wish"), *events) == expected
        assert folded(NotBefore("wish"), *reversed(events), *events) == expected
