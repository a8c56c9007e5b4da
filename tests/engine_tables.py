"""What the tests of engines share: a plan over every scope, facts with gaps, a log of several customers, and what one
customer at a time is told."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from carepolicy import (
    NEVER,
    Cadence,
    Calendar,
    ContactHours,
    Heartbeat,
    JourneyComplete,
    Plan,
    PromiseKept,
    RestBetween,
    Timeline,
    Touch,
    days,
    working_days,
)
from carepolicy._instant import to_micros
from carepolicy.decision import Decision

CLAIM = Path(__file__).parent.parent / "examples" / "claim" / "claim.csv"
ZONE = "America/Denver"
AT = "2026-10-25T00:30Z"  # in the hour that comes twice in Berlin
PLAN = Plan(
    Calendar.weekly("Mon-Fri 08:00-17:00", zone="Europe/Berlin"),
    call=Touch(
        due=Cadence(every=working_days(10)), guard=ContactHours(Calendar.weekly("Mon-Sun 02:00-20:00", zone="UTC"))
    ),
    update=Touch(due=Heartbeat(every=working_days(2)), owner="office"),
    promise=Touch(due=PromiseKept(), owner="office"),
    survey=Touch(guard=JourneyComplete(settle=days(2)) & RestBetween(days(90))),
)
SCOPES = ("customer", "case", "ref")
ZONES = ("", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")


def facts(rows: int, seed: int = 1) -> pa.Table:
    """Units of every scope with facts around `AT`, a third of them missing."""
    draw = random.Random(seed)
    now = to_micros(AT)

    def instants() -> pa.Array:
        near = [now + draw.choice((-1, 1)) * draw.randrange(200 * 24) * 3_600_000_000 for _ in range(rows)]
        return pa.array([None if draw.random() < 0.3 else at for at in near], pa.timestamp("us", "UTC"))

    scopes = [SCOPES[n % 3] for n in range(rows)]
    return pa.table(
        {
            "customer": [f"c/{n}" for n in range(rows)],
            "case": [None if scope == "customer" else f"case {n}" for n, scope in enumerate(scopes)],
            "ref": [f"r{n}" if scope == "ref" and n % 2 else None for n, scope in enumerate(scopes)],
            "scope": scopes,
            "zone": pa.array([draw.choice(ZONES[1:]) for _ in range(rows)]).dictionary_encode(),
            "next_visible": instants(),
            **{name: instants() for name in PLAN.facts},
        }
    )


def told(table: pa.Table, plan: Plan = PLAN, at: str = AT) -> list[dict[str, Any]]:
    """What one customer after the other is told, as rows of a table of decisions, in order of their keys."""
    declared = plan.facts
    return in_order(
        as_row(
            rule.decide(
                {name: micros(row[name], declared[name].missing) for name in rule.asks},
                (row["customer"], row["case"] or "", row["ref"] or "", ""),
                to_micros(at),
                micros(row["next_visible"], NEVER),
                row["zone"],
            )
        )
        for row in table.to_pylist()
        for rule in plan.rules.rules
        if rule.scope == row["scope"]
    )


def micros(value: datetime | int | None, missing: int) -> int:
    """An instant of a frame as microseconds."""
    if value is None:
        return missing
    return value if isinstance(value, int) else to_micros(value)


def as_row(decision: Decision) -> dict[str, Any]:
    """A decision as a row of a table."""
    row = {name: getattr(decision, name) for name in ("customer", "case", "ref", "party", "touch", "key")}
    row |= {name: utc(getattr(decision, name)) for name in ("act_at", "opens", "closes", "due", "review_at")}
    row["reasons"] = [reason.code for reason in decision.reasons]
    row["binding"] = sum(reason.binding for reason in decision.reasons)
    return row | {"verdict": decision.verdict.value}


def in_order(rows: Any) -> list[dict[str, Any]]:
    """Rows of decisions in order of their keys, all instants in UTC."""
    plain = ({name: utc(v) if isinstance(v, datetime) else v for name, v in row.items()} for row in rows)
    return sorted(plain, key=lambda row: (row["key"], row["touch"]))


def utc(moment: datetime | None) -> datetime | None:
    """An instant as the datetime of the standard library in UTC: two of one zone compare by their wall times."""
    return None if moment is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=to_micros(moment))


def log(customers: int = 3) -> list[dict[str, Any]]:
    """The real claim, of several customers, each a few days later than the one before, in no order."""
    with CLAIM.open(newline="", encoding="utf-8") as file:
        claim = list(csv.DictReader(file))
    rows = [
        {**row, "customer": f" c{n} " if n % 2 else f"c{n}", "at": later(row["at"], n), "due": later(row["due"], n)}
        for n in range(customers)
        for row in claim
    ]
    random.Random(2).shuffle(rows)
    return rows


def later(text: str, count: int) -> str:
    """A cell of a time, so many days later."""
    return (datetime.fromisoformat(text) + timedelta(days=count)).isoformat(sep=" ") if text else ""


def folded(rows: list[dict[str, Any]], plan: Plan, at: str) -> dict[tuple[Any, ...], Mapping[str, int]]:
    """The facts of every unit of a log, by scope and unit, folded one event after the other."""
    state = plan.fold(Timeline.read(rows, zone=ZONE), at)
    customers = {(unit[0], "", "", "") for units in state.units.values() for unit in units}
    everybody = {**state.units, "customer": dict.fromkeys(customers)}
    return {(scope, *unit): state.values(unit) for scope, units in everybody.items() for unit in units}


def by_unit(rows: Iterator[dict[str, Any]], plan: Plan) -> dict[tuple[Any, ...], Mapping[str, int]]:
    """The rows of a facts frame, by scope and unit."""
    declared = plan.facts
    return {
        tuple(row[name] or "" for name in ("scope", "customer", "case", "ref", "party")): {
            name: micros(row[name], fact.missing) for name, fact in declared.items()
        }
        for row in rows
    }
