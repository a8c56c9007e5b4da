"""What a plan folds, told without events: which cells have to hold which words, for whom, folded how.

The folds as SQL and the folds as polars expressions are both written from this, so neither reads a condition by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from carepolicy._instant import NEVER
from carepolicy.errors import InvalidPolicyError, InvalidTableError
from carepolicy.events import _CONTENT, _DEFAULTS, _WORDS, COLUMNS, LIVE_CHANNELS, Event
from carepolicy.facts import CASE, CUSTOMER, CUSTOMER_PARTY, PARTNER, PARTY, REF, SCOPES, THEM, US, Parties, Which
from carepolicy.folds import DUE, First, KthLatest, Last
from carepolicy.threads import EarliestOpen, Intervals, LastWhile

if TYPE_CHECKING:
    from carepolicy.plan import Plan

KEYS: dict[str, tuple[str, ...]] = {
    CUSTOMER: ("customer",),
    CASE: ("customer", "case"),
    REF: ("customer", "case", "ref"),
    PARTY: ("customer", "party"),
}
"""What names a unit of each scope."""
ABOUT = {CASE: "case", PARTY: "party"}
"""The cell without which an event says nothing of a scope."""
UNIT = ("customer", "case", "ref", "party")
FOLDS = (Last, First, KthLatest, EarliestOpen, LastWhile, Intervals)
WORDS: dict[str, str] = {"kind": "", **{name: _DEFAULTS[name] for name in _WORDS if name != "extra"}}
"""The columns of a log that hold words, and what a cell means that says nothing."""
CONTENT = tuple(field.alias or "" for field in attrs.fields(Event) if field.name in _CONTENT)
"""What `Event.content` is made of, in order."""
NOTHING = {**WORDS, "recorded_at": "None", "due": str(NEVER), "extra": "()"}
"""What `Event.content` has where nothing was said."""
_ALWAYS_READ = ("id", "at", "recorded_at", "kind", "customer")
_TAKEN = ("scope", *UNIT, "next_visible")
_REQUIRED = ("at", "kind")


@attrs.frozen
class Among:
    """A cell is one of some words, or (`inside=False`) none of them."""

    column: str
    words: tuple[str, ...]
    inside: bool = True


Clauses: TypeAlias = tuple[tuple[Among, ...], ...]
"""Every one of these must hold; one holds if any of its parts does."""


def clauses_of(which: Which, parties: Parties) -> Clauses:
    """A condition on events as conditions on cells; `Which.matches` asks the same of one event."""
    clauses: list[tuple[Among, ...]] = []
    if which.named:
        clauses.append((Among("kind", (which.named,)), Among("purpose", (which.named,))))
    if which.whole:
        clauses.append((Among("ref", ("",)),))
    if which.conversation:
        live = (("kind", ("contact",)), ("outcome", ("conversation",)), ("channel", LIVE_CHANNELS))
        clauses += [(Among(column, tuple(sorted(words))),) for column, words in live]
        clauses.append((Among("author", ("", "human")),))
    for column in ("kind", "person", "direction", "channel", "outcome", "author", "purpose"):
        if words := getattr(which, column):
            clauses.append((Among(column, words),))
    if which.by and (by := _by(which.by, parties)).words:
        clauses.append((by,))
    return tuple(clauses)


def _by(named: tuple[str, ...], parties: Parties) -> Among:
    """Who did it, roles spelled out as names: ours is whoever is named nowhere, so ours are all but some."""
    customers, partners = {*parties.customers}, {*parties.partners} - {*parties.customers}
    meant = {*named}
    meant |= customers if CUSTOMER_PARTY in named else set()
    meant |= partners if {PARTNER, THEM} & meant else set()
    if {US, THEM} & {*named}:
        return Among("party", tuple(sorted((customers | partners) - meant)), inside=False)
    return Among("party", tuple(sorted(meant)))


@attrs.frozen
class Asked:
    """A fact that a plan asks for.

    Args:
        name: Its name in the plan.
        fact: How it is declared.
        marks: The mark of the events of each of its groups of conditions.
    """

    name: str
    fact: Any
    marks: tuple[str, ...]

    @property
    def threads(self) -> tuple[str, ...]:
        """What names one of the threads that it keeps apart within its unit."""
        return tuple(dict.fromkeys((*KEYS[self.fact.scope], "case", "ref")))

    @property
    def is_plain(self) -> bool:
        """Whether it is the mere latest or first instant of its events."""
        return isinstance(self.fact, First) or (isinstance(self.fact, Last) and not self.of_due)

    @property
    def of_due(self) -> bool:
        """Whether it gives a due date, which may be NEVER, and not when something happened."""
        return getattr(self.fact, "gives", "") == DUE

    @property
    def is_number(self) -> bool:
        """Whether no timestamp says its values: NEVER as well as nothing at all."""
        return self.of_due and bool(self.fact.missing != NEVER)


@attrs.frozen(slots=False)
class Folds:
    """The facts of a plan, ready to be written in another language.

    Args:
        asked: The facts, in the order of the plan.
        marks: What each mark stands for: any of some conditions.
    """

    asked: tuple[Asked, ...]
    marks: dict[str, tuple[Clauses, ...]]

    @classmethod
    def of(cls, plan: Plan) -> Folds:
        """The facts of a plan.

        Raises:
            InvalidPolicyError: If a fact is folded by a class that is not one of carepolicy's own, or named like a
                column beside it.
        """
        known: dict[tuple[Clauses, ...], str] = {}
        asked = []
        for name, fact in plan.facts.items():
            if name in _TAKEN:
                raise InvalidPolicyError(
                    f"fact has the name of a column that says whom it is about: {name!r} of {_asking(plan, name)}; "
                    "give it another name"
                )
            if type(fact) not in FOLDS:
                raise InvalidPolicyError(
                    f"fact is folded by a class of your own: {name!r} of {_asking(plan, name)}, by "
                    f"{type(fact).__name__}; fold with facts_from_events"
                )
            groups = [tuple(clauses_of(w, plan.parties) for w in group) for group in fact.conditions()]
            asked.append(Asked(name, fact, tuple(known.setdefault(g, f"e{len(known) + 1}") for g in groups)))
        return cls(tuple(asked), {mark: group for group, mark in known.items()})

    @cached_property
    def by_scope(self) -> dict[str, tuple[Asked, ...]]:
        """The facts of each scope that has any."""
        found = ((scope, tuple(a for a in self.asked if a.fact.scope == scope)) for scope in SCOPES)
        return {scope: some for scope, some in found if some}

    def marks_of(self, scope: str) -> tuple[str, ...]:
        """The marks of the events that make a unit of a scope known."""
        return tuple(dict.fromkeys(mark for asked in self.by_scope[scope] for mark in asked.marks))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of a log that the facts hang on."""
        return tuple(name for name in COLUMNS if name in {*_ALWAYS_READ, *self._read()})

    def _read(self) -> Iterator[str]:
        for asked in self.asked:
            yield from asked.threads if isinstance(asked.fact, (EarliestOpen, Intervals)) else KEYS[asked.fact.scope]
            if asked.of_due or isinstance(asked.fact, LastWhile):
                yield "due"
        yield from (
            a.column for group in self.marks.values() for clauses in group for any_of in clauses for a in any_of
        )


def columns_of(names: Iterable[str]) -> frozenset[str]:
    """The columns of a log among some columns.

    Raises:
        InvalidTableError: If it lacks one without which it is none.
    """
    columns = frozenset(names) & frozenset(COLUMNS)
    for name in _REQUIRED:
        if name not in columns:
            raise InvalidTableError(f"column is missing from the events: {name!r}; add it, or rename the one you have")
    return columns


def _asking(plan: Plan, name: str) -> str:
    """The policies that ask for a fact, by touch."""
    found = (
        f"{type(policy.policy).__name__} of {rule.about.touch!r}"
        for rule in plan.rules.rules
        for policy in (*rule.guards, *rule.duties)
        if name in (dict(policy.names).get(own, own) for own in policy.policy.needs())
    )
    return ", ".join(dict.fromkeys(found))
