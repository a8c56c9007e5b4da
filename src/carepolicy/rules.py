"""Touches made ready to decide: their facts gathered under names that do not clash, their policies grouped by scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import attrs

from carepolicy._judge import ANSWERS, Renamed, Rule
from carepolicy.calendar import Calendar
from carepolicy.decision import About
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CUSTOMER, PARTY, REF, SCOPES, Fact, Parties, Which
from carepolicy.folds import Last
from carepolicy.policy import Duty, Guard
from carepolicy.state import Folding, coarser

_INHERITED = {getattr(kind, name) for kind in (Guard, Duty) for name in ANSWERS if hasattr(kind, name)}
"""The methods of `Guard` and `Duty` that say nothing of their own."""


class _Names:
    """Gives every declaration one name in the plan; two declarations of one name get two names."""

    def __init__(self) -> None:
        self.declared: dict[str, Fact] = {}

    def of(self, name: str, fact: Fact) -> str:
        candidate, count = name, 1
        while self.declared.setdefault(candidate, fact) != fact:
            count += 1
            candidate = f"{name}_{count}"
        return candidate

    def rename(self, policy: Any) -> Renamed:
        names = {own: self.of(own, fact) for own, fact in policy.needs().items()}
        renamed = tuple((own, there) for own, there in names.items() if own != there)
        return Renamed(policy, renamed, getattr(policy, "starts_at_due", False), own_answers(policy))


@attrs.frozen
class Part:
    """A touch as the rules see it: a name, its duties and guards, and which events of a log it is."""

    name: str
    duties: tuple[Any, ...]
    guards: tuple[Any, ...]
    sends: Which | None = None
    owner: str = ""


@attrs.frozen(slots=False)
class Rules:
    """Every rule of some touches, and the folding that they need."""

    folding: Folding
    rules: tuple[Rule, ...]

    @cached_property
    def missing(self) -> dict[str, int]:
        """What each fact is where nothing has happened."""
        return {name: fact.missing for name, fact in self.folding.declared.items()}

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What others have worked out from these rules and keep with them: no part of the value."""
        return {}

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: what was found out is found out again."""
        return {"folding": self.folding, "rules": self.rules}

    @classmethod
    def of(
        cls, parts: Iterable[Part], calendar: Calendar, parties: Parties, version: str = "", *, flat: bool = False
    ) -> Rules:
        """The rules of some touches; `flat` gives each touch one rule, for facts that know no scope.

        Raises:
            InvalidPolicyError: If a touch joins what is about a party with what is about a case.
        """
        names = _Names()
        rules = [rule for part in parts for rule in _rules_of(part, names, calendar, version, flat)]
        return cls(Folding(names.declared, parties), tuple(rules))


def _laid(duty: Any, calendar: Calendar) -> Any:
    """A duty as it is meant in a plan's calendar: facts do not see one, so what counts working dates is told it."""
    return duty.in_calendar(calendar) if hasattr(duty, "in_calendar") else duty


def _rules_of(part: Part, names: _Names, calendar: Calendar, version: str, flat: bool) -> Iterable[Rule]:
    part = attrs.evolve(part, duties=tuple(_laid(duty, calendar) for duty in part.duties))
    for policy in sorted((*part.guards, *part.duties), key=repr):  # names must not hang on the order of joined policies
        names.rename(policy)
    guards = tuple(names.rename(guard) for guard in part.guards)
    guard_scope = _finest(part.name, [scope_of(guard.policy.needs()) for guard in guards])
    by_scope: dict[str, list[Renamed]] = {}
    for duty in part.duties:
        scope = CUSTOMER if flat else _finest(part.name, [scope_of(duty.needs()), guard_scope])
        by_scope.setdefault(scope, []).append(names.rename(duty))
    for scope, duties in sorted((by_scope or {guard_scope: []}).items(), key=lambda pair: SCOPES.index(pair[0])):
        sent = "" if part.sends is None else names.of(f"last_sent_{part.name}", Last((part.sends,), scope=scope))
        yield Rule(
            about=About(part.name, part.owner, version, calendar.zone, scope == REF),
            scope=scope,
            guards=guards,
            duties=tuple(duties),
            calendar=calendar,
            sent=sent,
        )


def own_answers(policy: Any) -> frozenset[str]:
    """The methods that a policy defines itself: all of a stranger's, and what a guard or a duty does not inherit."""
    methods = {name: getattr(policy, name, None) for name in ANSWERS}
    return frozenset(
        name
        for name, method in methods.items()
        if method is not None and getattr(method, "__func__", None) not in _INHERITED
    )


def scope_of(needs: Mapping[str, Fact]) -> str:
    """The finest scope among some facts: whom a decision is about."""
    return _finest("policy", [fact.scope for fact in needs.values()])


def _finest(name: str, scopes: Iterable[str]) -> str:
    found = set(scopes)
    if PARTY in found and found - {PARTY, CUSTOMER}:
        raise InvalidPolicyError(f"{name} joins facts about a party with facts about a case; write two touches")
    finest = CUSTOMER
    for scope in SCOPES:
        if scope in found and coarser(finest, scope):
            finest = scope
    return finest
