"""Folds of what happened in order: they agree with a walk over the whole log, in any order and merged anyhow."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import ALWAYS, NEVER, Event, Which, elapsed
from carepolicy._day import CallTerms
from carepolicy._instant import HOUR
from carepolicy.facts import Parties
from carepolicy.sequence import Climb, FirstSince, LastBut, LastTold

CALL, VOICEMAIL, MAIL = Which("contact", channel="phone"), Which("contact", outcome="voicemail"), Which("answer")
LADDER = {
    "ends": ("left", "begun"), "rungs": [CALL, VOICEMAIL, MAIL, CALL], "anew": ("escalated", "begun"),
    "asks": "survey", "answers": MAIL, "apart": elapsed(hours=2),
}  # fmt: skip
TERMS = [CallTerms(None, 0, False, "a", 4), None, None, CallTerms(None, 1, False, "b", 4)]
FACTS: list[Any] = [
    *(Climb(("incident", CALL), rung=n, **LADDER) for n in range(5)),  # type: ignore[arg-type]
    Climb(("incident", CALL), rung=4, firm=(1, 4), **LADDER),  # type: ignore[arg-type]
    FirstSince(CALL, since=("left", "incident")),
    LastTold("used?", ("told", "asked"), missing=NEVER),
    LastBut(CALL, but=VOICEMAIL),
    Climb(("incident", CALL), rung=4, calls=CALL, void="survey", terms=TERMS, **LADDER),  # type: ignore[arg-type]
]
KINDS = ("contact", "contact", "contact", "answer", "survey", "incident", "escalated", "left", "begun", "told")


def _event(number: int) -> Event:
    kind, at = KINDS[number % 10], number // 10 % 12
    words: dict[str, Any] = (
        {"channel": "phone", "outcome": ("", "voicemail")[number // 120 % 2]} if kind == "contact" else {}
    )
    return Event(
        at=at * HOUR,
        kind=kind,
        id=f"e{number}",
        case="c",
        party="xyz"[number % 3],
        fact="used?" if number % 3 else "",
        **words,
    )


logs = st.lists(st.integers(0, 480).map(_event), max_size=9, unique_by=lambda e: e.id)


def fold(fact: Any, events: list[Event], state: Any = None) -> Any:
    state = fact.start() if state is None else state
    for event in events:
        groups = (any(which.matches(event, Parties()) for which in group) for group in fact.conditions())
        if role := sum(met << place for place, met in enumerate(groups)):
            state = fact.step(state, event, role)
    return state


@given(st.sampled_from(FACTS), logs, st.randoms(use_true_random=False), st.integers(0, 9))
def test_order_and_duplicates_never_matter_and_parts_merge(
    fact: Any, log: list[Event], random: Any, split: int
) -> None:
    """A shuffled log with some events twice, and one folded in two parts, come to the same state."""
    whole = fold(fact, log)
    again = [*log, *log[:split]]
    random.shuffle(again)
    assert fold(fact, again) == whole
    one, other = fold(fact, log[:split]), fold(fact, log[split:])
    assert fact.merge(one, other) == fact.merge(other, one) == whole == fact.merge(whole, one)


@given(logs)
def test_what_happened_before_the_end_is_forgotten(log: list[Event]) -> None:
    """A ladder says the same of the whole log and of what came after its latest end."""
    ordered = sorted(log, key=lambda e: e.order)
    ends = [n for n, e in enumerate(ordered) if e.kind in ("left", "begun")]
    after = ordered[ends[-1] :] if ends else ordered
    for fact in FACTS[:5]:
        assert fact.value(fold(fact, log)) == fact.value(fold(fact, after))


@given(logs)
def test_rungs_are_taken_in_order(log: list[Event]) -> None:
    """No rung is taken before the one below it, and none while no run is on."""
    values = [fact.value(fold(fact, log)) for fact in FACTS[:5]]
    taken = [v for v in values if v > ALWAYS]
    assert values == [*taken, *[ALWAYS] * (5 - len(taken))]
    assert taken == sorted(taken)


@given(logs)
def test_the_first_since_is_found_by_looking(log: list[Event]) -> None:
    """The first call after the latest event that makes void."""
    ordered = sorted(log, key=lambda e: e.order)
    void = max((n for n, e in enumerate(ordered) if e.kind in ("left", "incident")), default=-1)
    calls = [e.at_us for e in ordered[void + 1 :] if e.kind == "contact"]
    fact = FACTS[6]
    assert fact.value(fold(fact, log)) == (calls[0] if calls else NEVER)
