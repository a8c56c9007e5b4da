"""One customer, one decision: rule engines with the same six rules, on the same customers, in the same run.

    python bench/peers_speed.py [--json FILE]

The engines say yes or no and which rules refuse; only carepolicy says from when until when, and when to look again.
Facts reach each engine in its own form beforehand, and the local hour is given to those that know no time zones: both
favour the engine. Each must name the same refusing rules as a plain function for all customers, or the script fails.
Engines that are not installed are left out: pip install zen-engine durable_rules cedarpy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pendulum
import six_rules
from measuring import Figure, arguments, in_turn, optional, publish
from six_rules import AT, AT_US, DAY, ZONES

from carepolicy import ALWAYS, NEVER, Decision, Facts, Verdict

CUSTOMERS, ROUNDS = 200, 9
REFUSED_BY = {
    "NoTrouble": "open_case",
    "RestBetween": "asked",
    "Settled": "unsettled",
    "Delivered": "undelivered",
    "NotOptedOut": "opted_out",
}
NOW = dt.datetime.fromisoformat(AT)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

Customer = Mapping[str, Any]


@attrs.frozen
class Engine:
    """Its own form of a customer, its decision, and whether an answer refuses by exactly the rules that should."""

    prepare: Callable[[Customer], Any]
    decide: Callable[[Any], Any]
    agrees: Callable[[Any, set[str]], bool] = lambda found, wanted: set(found) == wanted


def customers() -> list[Customer]:
    """Facts of single customers: instants as ints or None, the zone by name."""
    known = six_rules.columns(CUSTOMERS)
    zones = [ZONES[code] for code in known.pop("zone")]
    rows = zip(*(values.tolist() for values in known.values()), strict=True)
    return [
        {"zone": zone, **{name: v if ALWAYS < v < NEVER else None for name, v in zip(known, row, strict=True)}}
        for zone, row in zip(zones, rows, strict=True)
    ]


def hour(c: Customer) -> int:
    """The local hour of a customer."""
    return NOW.astimezone(ZoneInfo(c["zone"])).hour


def plain_form(c: Customer) -> dict[str, Any]:
    """Ints, and the local hour."""
    return {
        "now": AT_US,
        "open_cases": int(c["case_open_since"] is not None),
        "last_invited": c["last_invited"],
        "resolved": c["resolved"],
        "delivered": c["delivered"],
        "opted_out": c["opted_out"] is not None,
        "hour": hour(c),
    }


def plain(c: Mapping[str, Any]) -> set[str]:
    """The six rules as a plain function over ints: what the engines are held against."""
    now, why = c["now"], set()
    if c["open_cases"]:
        why.add("open_case")
    if c["last_invited"] is not None and c["last_invited"] + 90 * DAY > now:
        why.add("asked")
    if c["resolved"] is None or c["resolved"] + 2 * DAY > now:
        why.add("unsettled")
    if c["delivered"] is None or c["delivered"] > now:
        why.add("undelivered")
    if c["opted_out"]:
        why.add("opted_out")
    if not 8 <= c["hour"] < 20:
        why.add("hours")
    return why


def ours(*, in_full: bool = False) -> Engine:
    """The plan, asked about facts that a host keeps; `in_full` reads reasons, opening and closing, too."""
    plan, at = six_rules.plan(), pendulum.instance(NOW)

    def prepare(c: Customer) -> tuple[Facts, str]:
        values = {name: v for name, v in c.items() if name != "zone" and v is not None}
        return Facts.of(plan.calendar, values), c["zone"]

    def decide(customer: tuple[Facts, str]) -> Decision:
        facts, zone = customer
        return plan.decide_facts(facts, at, customer="c1", zone=zone).decisions[0]

    def read(customer: tuple[Facts, str]) -> Decision:
        decision = decide(customer)
        _ = decision.reasons, decision.opens, decision.closes
        return decision

    def agrees(decision: Decision, wanted: set[str]) -> bool:
        refusing = {REFUSED_BY[type(bound.policy).__name__] for bound in decision.bounds if bound.opens_us > AT_US}
        return refusing == wanted - {"hours"} and (decision.verdict == Verdict.GO) == (not wanted)

    return Engine(prepare, read if in_full else decide, agrees)


def zen_engine(zen: Any) -> Engine:
    """Six compiled expressions of zen-engine, with its own dates and zones."""
    conditions = {
        "open_case": "open_cases == 0",
        "asked": 'last_invited == null or d(last_invited).add(90, "day").isSameOrBefore(d(now))',
        "unsettled": 'resolved != null and d(resolved).add(2, "day").isSameOrBefore(d(now))',
        "undelivered": "delivered != null and d(delivered).isSameOrBefore(d(now))",
        "opted_out": "opted_out == false",
        "hours": "d(now).tz(zone).hour() in [8..20)",
    }
    compiled = [(name, zen.compile_expression(text)) for name, text in conditions.items()]

    def prepare(c: Customer) -> dict[str, Any]:
        instants = {name: written(c[name]) for name in ("last_invited", "resolved", "delivered")}
        return {**plain_form(c), **instants, "now": written(AT_US), "zone": c["zone"]}

    return Engine(prepare, lambda c: [name for name, rule in compiled if not rule.evaluate(c)])


def durable_rules(lang: Any) -> Engine:
    """A rule set of durable_rules. An event is consumed by one rule, so all reasons need a fact and its retraction."""
    why: list[str] = []
    m = lang.m
    conditions = {
        "open_case": m.open_cases > 0,
        "asked": m.since_invited < 90 * 86_400,
        "unsettled": m.since_resolved < 2 * 86_400,
        "undelivered": m.since_delivered < 0,
        "opted_out": m.opted_out == 1,
        "hours": (m.hour < 8) | (m.hour >= 20),
    }

    def say(name: str) -> Callable[[Any], None]:
        return lambda _: why.append(name)

    with lang.ruleset("care"):
        for name, condition in conditions.items():
            lang.when_all(condition)(say(name))
        lang.when_all(m.open_cases > -1)(lambda _: None)  # a fact that meets no rule is an error there

    def prepare(c: Customer) -> dict[str, Any]:
        missing = {"invited": 10**9, "resolved": -1, "delivered": -1}
        values = {"invited": c["last_invited"], "resolved": c["resolved"], "delivered": c["delivered"]}
        ages = {f"since_{n}": missing[n] if v is None else (AT_US - v) // 10**6 for n, v in values.items()}
        known = plain_form(c)
        return {**ages, **{n: int(known[n]) for n in ("open_cases", "opted_out", "hour")}, "id": "1", "sid": "s"}

    def decide(fact: dict[str, Any]) -> set[str]:
        why.clear()
        lang.assert_fact("care", fact)
        lang.retract_fact("care", fact)
        return set(why)

    return Engine(prepare, decide)


def cedarpy(cedar: Any) -> Engine:
    """Six policies of Cedar that forbid, with its own dates and durations; the reasons are the ids of policies."""
    conditions = {
        "open_case": "context.open_cases > 0",
        "asked": 'context has last_invited && context.last_invited.offset(duration("90d")) > context.now',
        "unsettled": '!(context has resolved && context.resolved.offset(duration("2d")) <= context.now)',
        "undelivered": "!(context has delivered && context.delivered <= context.now)",
        "opted_out": "context.opted_out",
        "hours": "context.hour < 8 || context.hour >= 20",
    }
    forbids = [
        f'@id("{name}") forbid(principal, action, resource) when {{ {text} }};' for name, text in conditions.items()
    ]
    policies = cedar.PolicySet.from_str("permit(principal, action, resource);\n" + "\n".join(forbids))
    entities = cedar.Entities.from_json_str("[]")
    ids = {f"policy{number}": name for number, name in enumerate(conditions, start=1)} | {n: n for n in conditions}

    def prepare(c: Customer) -> dict[str, Any]:
        known = {**plain_form(c), **{name: c[name] for name in ("last_invited", "resolved", "delivered")}}
        for name in ("now", "last_invited", "resolved", "delivered"):
            if known[name] is not None:
                known[name] = {"__extn": {"fn": "datetime", "arg": written(known[name])}}
        context = {name: v for name, v in known.items() if v is not None}
        return {"principal": 'U::"a"', "action": 'A::"ask"', "resource": 'R::"s"', "context": context}

    def decide(request: dict[str, Any]) -> set[str]:
        answer = cedar.is_authorized(request, policies, entities)
        return set() if answer.allowed else {ids[policy] for policy in answer.diagnostics.reasons}

    return Engine(prepare, decide)


def written(instant: int | None) -> str | None:
    """An instant as ISO 8601 text; None stays None."""
    return None if instant is None else (EPOCH + dt.timedelta(microseconds=instant)).strftime("%Y-%m-%dT%H:%M:%SZ")


PEERS: dict[str, tuple[str, Callable[[Any], Engine]]] = {
    "zen-engine": ("zen", zen_engine),
    "durable_rules": ("durable.lang", durable_rules),
    "cedarpy": ("cedarpy", cedarpy),
}


def main() -> None:
    asked = arguments(__doc__)
    modules = {name: optional(module) for name, (module, _) in PEERS.items()}
    engines = {"decision": ours(), "in full": ours(in_full=True), "plain ints, yes or no": Engine(plain_form, plain)}
    engines |= {name: PEERS[name][1](module) for name, module in modules.items() if module is not None}
    rows = customers()
    wanted = [plain(plain_form(c)) for c in rows]
    ready = {name: [engine.prepare(c) for c in rows] for name, engine in engines.items()}
    for name, engine in engines.items():
        wrong = sum(not engine.agrees(engine.decide(c), w) for c, w in zip(ready[name], wanted, strict=True))
        if wrong:
            raise SystemExit(f"{name} disagrees about {wrong} of {len(rows)} customers")

    def over_all(name: str) -> Callable[[], object]:
        decide, given = engines[name].decide, ready[name]
        return lambda: [decide(c) for c in given]

    seconds = in_turn({name: over_all(name) for name in engines}, rounds=ROUNDS)
    micros = {name: took / len(rows) * 1e6 for name, took in seconds.items()}
    decision, in_full = micros.pop("decision"), micros.pop("in full")
    left_out = tuple(name for name, module in modules.items() if module is None)
    peers = {name: micros[name] for name in (*(n for n in PEERS if n in micros), "plain ints, yes or no")}
    figures = [
        Figure("six rules, one customer: decision", decision, "us", goal=5, peers=peers, left_out=left_out),
        Figure("six rules, one customer: reasons, opening and closing read, too", in_full, "us"),
    ]
    publish(figures, asked.json)


if __name__ == "__main__":
    main()
