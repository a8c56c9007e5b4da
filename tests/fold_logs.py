"""Logs, plans and what one folded from the other comes to: what the folds of a warehouse are held against."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import pyarrow as pa
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from carepolicy import Calendar, Guard, Parties, Plan, RestBetween, Timeline, Touch, Which, days, testing
from carepolicy._instant import ALWAYS, NEVER, to_micros, to_moment
from carepolicy._table.conditions import FOLDS
from carepolicy.events import COLUMNS, Event
from carepolicy.facts import SCOPES, Fact
from carepolicy.folds import First, KthLatest, Last
from carepolicy.threads import EarliestOpen, Intervals, LastWhile

Rows: TypeAlias = dict[tuple[str, str, str, str, str], dict[str, int]]
"""The facts by scope, customer, case, ref and party."""

TIMES = ("at", "recorded_at", "due")
SCHEMA = pa.schema([(c, pa.timestamp("us", "UTC") if c in TIMES else pa.string()) for c in COLUMNS])
KINDS = ("survey", "promise", "kept", "withdrawn", "opened", "closed", "paused", "resumed", "contact", "estimate")
CUSTOMERS = ("ann", "bob")
PARTIES = (Parties(), Parties(ours=["agent"], partners=["dealer"]), Parties(partners=["customer"], customers=()))
UTC = Calendar.always()


def asks(fact: Fact, name: str = "asked") -> Guard:
    """A policy that does nothing but ask for a fact."""
    return attrs.make_class("Asks", {}, bases=(Guard,), frozen=True, class_body={"facts": {name: fact}})()  # type: ignore[no-any-return]


def _maybe(*words: str) -> SearchStrategy[tuple[str, ...]]:
    return st.sampled_from(((), (), *((word,) for word in words), words))


_kinds = st.sets(st.sampled_from(KINDS), min_size=1, max_size=3).map(sorted)
_which = st.builds(
    Which,
    _kinds | st.just([]),
    by=_maybe("us", "them", "customer", "dealer", "partner"),
    direction=_maybe("inbound", ""),
    channel=_maybe("phone", "email"),
    purpose=_maybe("survey", "update"),
    whole=st.booleans(),
    conversation=st.booleans(),
    named=st.sampled_from(("", "", "survey")),
)
_some = st.one_of(_kinds, _which, st.lists(_which, min_size=1, max_size=2))
_scope, _missing, _gives = st.sampled_from(SCOPES), st.sampled_from((ALWAYS, NEVER)), st.sampled_from(("at", "due"))
folds: SearchStrategy[Any] = st.one_of(
    st.builds(Last, _some, scope=_scope, missing=_missing, gives=_gives),
    st.builds(First, _some, scope=_scope, missing=_missing),
    st.builds(KthLatest, _some, k=st.integers(1, 3), scope=_scope, missing=_missing),
    st.builds(EarliestOpen, _some, until=_some, scope=_scope, missing=_missing, gives=_gives),
    st.builds(LastWhile, _some, ahead=_some, scope=_scope, missing=_missing),
    st.builds(Intervals, _some, until=_some, scope=_scope, missing=_missing),
)


def asking(some: Iterable[Fact], parties: Parties = PARTIES[0]) -> Plan:
    """A plan that asks for some facts, whatever they are about."""
    touches = {f"t{number}": Touch(guard=asks(fact)) for number, fact in enumerate(some)}
    return Plan(UTC, parties=parties, touches=touches)


every_fold = asking(
    [
        Last("survey"),
        Last("survey", scope="case", gives="due"),
        First("opened", scope="case"),
        KthLatest("contact", k=2, scope="party"),
        EarliestOpen("promise", until=("kept",)),
        LastWhile("contact", ahead="estimate", scope="ref"),
        Intervals("paused", until="resumed"),
    ]
)
survey = Plan(UTC, touches={"exit question": Touch(guard=RestBetween(days(90)))})
plans = st.one_of(
    testing.plans(),
    st.builds(asking, st.lists(folds, min_size=1, max_size=3), st.sampled_from(PARTIES)),
)
plans_of_known_folds = plans.filter(lambda plan: all(type(fact) in FOLDS for fact in plan.facts.values()))
"""Those whose facts a warehouse can fold; others are refused by name."""


@st.composite
def logs(draw: DrawFn, plan: Plan, *, plain: bool = False) -> tuple[list[dict[str, Any]], datetime | None]:
    """The rows of a log and the instant to fold at; unless it is plain, some rows have no id, some are corrected."""
    policies = [p for _, t in plan.touches for p in (t.due, t.guard) if p is not None]
    timeline = draw(testing.timelines(*policies, customers=CUSTOMERS, corrections=not plain))
    nameless = draw(st.sets(st.sampled_from([e.id for e in timeline.recordings] or [""]), max_size=0 if plain else 2))
    rows = [row_of(event, nameless=event.id in nameless) for event in timeline.recordings]
    rows += draw(st.lists(st.sampled_from(rows), max_size=2)) if rows else []
    return draw(st.permutations(rows)), draw(st.none() | testing.moments())


def row(at: str, kind: str, **cells: Any) -> dict[str, Any]:
    """The row of one event."""
    return row_of(Event(at=at, kind=kind, **cells))


def claim() -> list[dict[str, Any]]:
    """The log of the claim, for two customers."""
    with Path("examples/claim/claim.csv").open(encoding="utf-8") as file:
        timeline = Timeline.read(csv.DictReader(file), zone="America/Denver")
    return [{**row_of(event), "customer": customer} for event in timeline.recordings for customer in CUSTOMERS]


def competing() -> tuple[Plan, list[dict[str, Any]]]:
    """A plan and a log in which each customer's facts hang on one rule of how recordings compete.

    - ann: what was corrected twice is learnt when the first two recordings were visible, which is after the other.
    - bob: what was delivered twice is still learnt before it happened, and so before the other.
    - eve: a date that was never stated is not ahead.
    - the rest: of two contents at one instant the one counts that comes later as text.
    """
    first, second, third, fourth, fifth, sixth = (f"2026-03-0{day}T09:00Z" for day in range(1, 7))
    ann = [
        row(first, "promise", customer="ann", id="a", due=fourth),
        row(fifth, "promise", customer="ann", id="a", due=fourth),
        row(third, "promise", customer="ann", id="a", due=fifth, recorded_at=sixth),
        row(third, "promise", customer="ann", id="b", due=sixth, recorded_at=fourth),
    ]
    bob = [
        row(third, "promise", customer="bob", id="a", due=fifth, recorded_at=first),
        row(third, "promise", customer="bob", id="a", due=fifth, recorded_at=first),
        row(third, "promise", customer="bob", id="b", due=sixth, recorded_at=second),
    ]
    eve = [row(first, "estimate", customer="eve", id="a"), row(second, "contact", customer="eve", id="b")]
    rest = [
        row(first, kind, customer=f"c{number}", id="a", text=text)
        for number in range(20)
        for kind, text in (("promise", "x"), ("kept", "y"))[:: 1 if number % 2 else -1]
    ]
    rest += [
        row(first, "promise", customer=f"d{number}", id="a", due=due)
        for number in range(20)
        for due in (second, third)[:: 1 if number % 2 else -1]
    ]
    asked = (Last("promise", gives="due", missing=NEVER), LastWhile("contact", ahead="estimate", scope="customer"))
    return asking(asked), ann + bob + eve + rest


def row_of(event: Event, *, nameless: bool = False) -> dict[str, Any]:
    """The row of an event as a table has it: what was not said is null."""
    row = {column: getattr(event, column) or None for column in COLUMNS if column not in TIMES}
    times = {column: getattr(event, f"{column.removesuffix('_at')}_us") for column in TIMES if column != "at"}
    times["at"] = event.at_us
    row |= {c: None if us is None or us == NEVER else to_moment(us) for c, us in times.items()}
    return row | ({"id": None} if nameless else {})


def table_of(rows: Iterable[Mapping[str, Any]], columns: Iterable[str] = COLUMNS) -> pa.Table:
    """Rows as a table with the columns of a log."""
    return pa.Table.from_pylist(list(rows), schema=SCHEMA).select(list(columns))


def expected(plan: Plan, rows: Iterable[Mapping[str, Any]], at: datetime | str | None) -> Rows:
    """What `Plan.fold` comes to, for every unit, and when the next recording of its customer becomes visible."""
    timeline = Timeline.read(rows)
    now = max((e.visible_us for e in timeline.recordings), default=0) if at is None else to_micros(at)
    folded = plan.fold(timeline, to_moment(now))
    units = {(scope, *unit) for scope, units in folded.units.items() for unit in units}
    units |= {("customer", unit[1], "", "", "") for unit in units}
    coming = {c: t.next_visible(now) for c, t in timeline.by_customer.items()}
    return {u: {**folded.values(u[1:]), "next_visible": coming[u[1]]} for u in units}


def may_be_never(fact: Any) -> bool:
    """Whether a fact has values that a timestamp cannot say, beside the one for nothing."""
    return getattr(fact, "gives", "at") == "due" and fact.missing == ALWAYS


def facts_of(plan: Plan, table: pa.Table) -> Rows:
    """A table of facts as `expected` has them."""
    found: Rows = {}
    for column in ("next_visible", *plan.facts):
        fact, kind = plan.facts.get(column), table.schema.field(column).type
        if fact is None or type(fact) in FOLDS:  # of others only their own methods know
            assert pa.types.is_int64(kind) if fact and may_be_never(fact) else pa.types.is_timestamp(kind)
        micros = table[column].cast(pa.int64())
        table = table.set_column(table.schema.get_field_index(column), column, micros)
    for row in table.to_pylist():
        unit = tuple(row[c] for c in ("scope", "customer", "case", "ref", "party"))
        missing = {**{n: f.missing for n, f in plan.facts.items()}, "next_visible": NEVER}
        assert set(row) == {"scope", "customer", "case", "ref", "party", *missing}
        assert unit not in found
        found[unit] = {n: missing[n] if row[n] is None else row[n] for n in missing}
    return found
