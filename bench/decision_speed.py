"""One customer, one decision of six rules, and what it is made of: microseconds, beside zen-engine and plain ints.

    python bench/decision_speed.py [--json FILE]

The customers and the peers are those of `peers_speed.py`, which has more engines; their answers are checked there. An
aware pendulum time goes in; the instants and the reasons of a decision are made when they are asked for, so what each
costs stands beside it. Each figure is the best of forty medians, as a few microseconds are soon lost to whatever else
the machine does. The plain function is the six rules by hand over ints, without opening, closing or next look.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pendulum
import six_rules
from measuring import Figure, arguments, in_turn, optional, publish
from peers_speed import customers, ours, plain, plain_form, zen_engine
from six_rules import AT, AT_US

from carepolicy import Decision

TIMES, ROUNDS, BLOCK = 40, 9, 25
UNIT = ("c1", "", "", "")


def over(given: list[Any], ask: Callable[[Any], object]) -> Callable[[], None]:
    """Ask about the next few, and keep nothing: a block is over before the machine turns to something else, and does
    not leave hundreds of answers to the garbage collector."""
    blocks = cycle([given[first : first + BLOCK] for first in range(0, len(given), BLOCK)])

    def some() -> None:
        for one in next(blocks):
            ask(one)

    return some


def main() -> None:
    asked = arguments(__doc__)
    rows, at, plan, engine = customers(), pendulum.parse(AT), six_rules.plan(), ours()
    rule, missing = plan.rules.rules[0], plan.rules.missing
    facts = [engine.prepare(c) for c in rows]
    ints = [({**missing, **known.known()}, zone) for known, zone in facts]
    decisions = [engine.decide(given) for given in facts]

    def decide(given: Any) -> Decision:
        known, zone = given
        return plan.decide_facts(known, at, customer="c1", zone=zone).decisions[0]

    def read(given: Any) -> object:
        decision = decide(given)
        return decision.verdict, decision.codes, decision.opens, decision.closes

    def from_ints(given: Any) -> Decision:
        values, zone = given
        return rule.decide(values, UNIT, AT_US, zone=zone)

    candidates: dict[str, Callable[[], object]] = {
        "decision": over(facts, decide),
        "read": over(facts, read),
        "ints": over(ints, from_ints),
        "codes": over(decisions, lambda decision: decision.codes),
        "reasons": over(decisions, lambda decision: decision.reasons),
        "instant": over(decisions, lambda decision: decision.review_at),
        "key": over(decisions, lambda decision: decision.key),
        "plain ints, yes or no": over([plain_form(c) for c in rows], plain),
    }
    zen = optional("zen")
    if zen is not None:
        peer = zen_engine(zen)
        candidates["zen-engine"] = over([peer.prepare(c) for c in rows], peer.decide)
    medians = [in_turn(candidates, rounds=ROUNDS) for _ in range(TIMES)]
    micros = {name: min(took[name] for took in medians) / BLOCK * 1e6 for name in candidates}
    peers = {name: micros[name] for name in ("zen-engine", "plain ints, yes or no") if name in micros}
    left_out = () if zen is not None else ("zen-engine",)
    figures = [
        Figure("one decision: plan.decide_facts", micros["decision"], "us", goal=5, peers=peers, left_out=left_out),
        Figure("one decision, its codes, opening and closing read", micros["read"], "us", peers=peers),
        Figure("of it: from ints to the decision (Rule.decide)", micros["ints"], "us"),
        Figure("of it: the codes of six reasons", micros["codes"], "us"),
        Figure("of it: one instant as pendulum time", micros["instant"], "us"),
        Figure("besides: six reasons in words", micros["reasons"], "us"),
        Figure("besides: the key", micros["key"], "us"),
    ]
    publish(figures, asked.json)


if __name__ == "__main__":
    main()
