"""A plan made ready for tables: its facts, who needs them, its rules by zone, and texts that hold for columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from carepolicy._instant import ALWAYS, DAY, NEVER, zone_of
from carepolicy._judge import Rule
from carepolicy._table.judge import ColumnRule
from carepolicy._table.meaning import meaning_of
from carepolicy._table.output import NAMES, Codes
from carepolicy._texts import LawBroken, check_text
from carepolicy.errors import InvalidPolicyError, UnknownZoneError
from carepolicy.facts import Fact, Facts
from carepolicy.plan import Plan

_ROWS = 24
_ABOUT_NOW = 1_700_000_000_000_000
_OURS = "carepolicy."
_BESIDE = (*NAMES, "scope", "zone", "next_visible")
"""The columns beside facts."""


@attrs.frozen(eq=False)
class Zones:
    """The rules with the hours of some zones."""

    places: Mapping[str, int]
    rules: tuple[ColumnRule, ...]


class Prepared:
    """What of a plan is worked out once and serves every batch."""

    @classmethod
    def of(cls, plan: Plan) -> Prepared:
        """Of a plan, which keeps it: a job that decides a few rows at a time prepares once.

        Raises:
            InvalidPolicyError: If a policy has a text that does not hold for columns, or a fact the name of another
                column.
        """
        kept = plan.rules.kept
        if cls not in kept:
            kept[cls] = cls(plan)
        found: Prepared = kept[cls]
        return found

    def __init__(self, plan: Plan) -> None:
        self.rules = plan.rules.rules
        self.facts: dict[str, Fact] = plan.facts
        for name in _BESIDE:
            if name in self.facts:
                raise InvalidPolicyError(f"fact has the name of another column: {name!r}; call it otherwise")
        self.touches = list(dict.fromkeys(rule.about.touch for rule in self.rules))
        self.codes = Codes(self.rules)
        self.columns = (*_BESIDE, *self.facts)
        self._zones = Zones({"": 0}, tuple(ColumnRule(rule) for rule in self.rules))
        self.is_local = any(rule.is_local for rule in self._zones.rules)
        for rule in self.rules:
            for part in (*rule.guards, *rule.duties):
                _refuse_traps(part.policy, rule)

    @cached_property
    def needed(self) -> list[str]:
        """The facts that policies need; when a touch was last sent may be left out: keys then name no attempt."""
        sent = {rule.sent for rule in self.rules}
        return [name for name in self.facts if name not in sent or self._users(name)]

    def _users(self, fact: str) -> list[str]:
        """The policies that need a fact, with their touches."""
        return [
            f"{type(part.policy).__name__} of touch {rule.about.touch!r}"
            for rule in self.rules
            for part in (*rule.guards, *rule.duties)
            if fact in {dict(part.names).get(own, own) for own in part.policy.needs()}
        ]

    def said_missing(self, names: Sequence[str], theirs: Callable[[str], str]) -> str:
        """The error for missing columns: which, who needs each, what it means, and what stands for never."""
        said = []
        for name in names:
            if name == "customer":
                said.append(f"{theirs(name)!r}, whom the row is about, which every key names")
                continue
            fact = self.facts[name]
            never = "ALWAYS" if fact.missing == ALWAYS else "NEVER"
            said.append(
                f"{theirs(name)!r}, which {' and '.join(self._users(name))} needs: {meaning_of(fact)}, null or {never} "
                "where that never happened"
            )
        return f"table lacks columns: {'; '.join(said)}; add them, or name yours with columns={{ours: yours}}"

    def for_zones(self, zones: Sequence[str]) -> Zones:
        """The rules with the hours of at least these zones; those that are none are left out."""
        ready = self._zones
        new = [zone for zone in zones if zone not in ready.places and is_zone(zone)]
        if new:
            for rule in self.rules:
                for zone in new:
                    rule.hours_in(zone)  # refused before it is kept
            names = (*ready.places, *new)
            rules = tuple(ColumnRule(rule, names) for rule in self.rules)
            ready = self._zones = Zones({name: place for place, name in enumerate(names)}, rules)
        return ready


def is_zone(name: str) -> bool:
    """Whether a zone of this name is known."""
    try:
        zone_of(name)
    except UnknownZoneError:
        return False
    return bool(name)


def _refuse_traps(policy: Any, rule: Rule) -> None:
    """Refuse a policy whose text does not hold for columns; ours are held to it by tests."""
    if type(policy).__module__.startswith(_OURS) or getattr(policy, "one_customer_only", False):
        return
    draw = np.random.default_rng(0)
    instants = [ALWAYS, NEVER, *(_ABOUT_NOW + shift * DAY for shift in (-400, -40, -1, 0, 1, 40, 400))]
    names = list(policy.needs())
    picks = draw.integers(0, len(instants), (_ROWS, len(names))).tolist()
    rows = [
        Facts.of(rule.calendar, {name: instants[pick] for name, pick in zip(names, row, strict=True)}) for row in picks
    ]
    try:
        check_text(policy, policy, rows)
    except LawBroken as error:
        raise InvalidPolicyError(
            f"policy cannot decide about a table: of touch {rule.about.touch!r}, {error}; or set one_customer_only = "
            "True, and it is asked row by row"
        ) from error
