"""The laws of values, facts and decisions: policies are values, facts merge in any order, decisions keep until
`review_at` and never look ahead, guards join in any grouping."""

from __future__ import annotations

import copy
import datetime
import pickle
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import attrs

from carepolicy._alone import decide_alone, rules_of
from carepolicy._instant import ALWAYS, FIRST, LAST, NEVER, iso, to_moment
from carepolicy._texts import LawBroken, name_of
from carepolicy.calendar import Calendar
from carepolicy.decision import Decision, Verdict
from carepolicy.events import Event
from carepolicy.facts import SCOPES, Fact, Facts, Parties
from carepolicy.policy import Guard, all_of
from carepolicy.timeline import Timeline

_ALLOWED = (Verdict.GO, Verdict.OVERDUE)
_LAWFUL_FOLD = "keep the latest, the first, the k latest or one per reference, each event once; a sum does not merge"


@attrs.frozen
class Anytime(Guard):
    """At any time."""


# --- a policy is a value


def check_value(policy: Any) -> Any:
    """Whether a policy is frozen, hashable, and rebuilt by its repr and by pickle; gives the copy that repr built.

    Raises:
        LawBroken: If it is not.
    """
    remedy = "decorate the class with @attrs.frozen, and keep in its fields all that decides"
    if not _refuses_to_change(policy):
        raise _no_value(policy, "can be changed after it was made", remedy)
    try:
        hash(policy)
    except TypeError as error:
        raise _no_value(
            policy, f"has no hash ({error})", "make every field hashable: tuples instead of lists"
        ) from error
    remedies = {
        "repr": "let repr be the expression that builds it, as @attrs.frozen does",
        "pickle": "define the class at the top of a module, so that workers find it",
    }
    for form, copied in {"pickle": _pickled, "repr": _rebuilt}.items():
        try:
            copy = copied(policy)
        except Exception as error:
            problem = f"is not rebuilt by its {form} ({type(error).__name__}: {error})"
            raise _no_value(policy, problem, remedies[form]) from error
        if copy != policy or hash(copy) != hash(policy):
            raise _no_value(policy, f"does not equal the copy that its {form} builds, {copy!r}", remedy)
    return copy


def _no_value(policy: Any, problem: str, remedy: str) -> LawBroken:
    return LawBroken("policies are values", name_of(policy), "", problem, repr(policy), remedy)


def _refuses_to_change(policy: Any) -> bool:
    try:
        policy.carepolicy_was_here = True
    except AttributeError:
        return True
    del policy.carepolicy_was_here
    return False


def _pickled(policy: Any) -> Any:
    return pickle.loads(pickle.dumps(policy))  # noqa: S301  (what was pickled a moment ago)


def _rebuilt(policy: Any) -> Any:
    package = sys.modules["carepolicy"]
    ours = {name: getattr(package, name) for name in package.__all__}
    theirs = vars(sys.modules[type(policy).__module__])
    return eval(repr(policy), {**vars(datetime), **ours, **theirs, name_of(policy): type(policy)})  # noqa: S307  (the promise is that this works)


# --- facts


def check_declarations(policy: Any) -> None:
    """Whether a policy declares facts that a plan can tell apart.

    Raises:
        LawBroken: If one has no scope, no such missing value, or is no value.
    """
    for name, fact in policy.needs().items():
        declared = f"{name}={fact!r}"
        if fact.scope not in SCOPES:
            problem = f"declares a scope that is not known, {fact.scope!r}"
            raise _unlawful(policy, problem, declared, f"use one of {', '.join(SCOPES)}")
        if fact.missing not in (ALWAYS, NEVER) or fact.value(fact.start()) != fact.missing:
            problem = f"gives {fact.value(fact.start())} before any event, and {fact.missing} as missing"
            raise _unlawful(policy, problem, declared, "give ALWAYS or NEVER, the same in both")
        try:
            same = pickle.loads(pickle.dumps(fact)) == fact and hash(fact) is not None  # noqa: S301  (our own copy)
        except Exception as error:
            raise _unlawful(policy, f"declares no value ({error})", declared, "use an attrs.frozen class") from error
        if not same:
            problem = "declares a fact that does not equal its copy"
            raise _unlawful(policy, problem, declared, "use an attrs.frozen class")


def _unlawful(policy: Any, problem: str, example: str, remedy: str) -> LawBroken:
    return LawBroken("facts merge in any order", name_of(policy), "needs", problem, example, remedy)


def check_folds(policy: Any, events: Sequence[Event], again: Sequence[Event], split: int) -> None:
    """Whether every fact comes to the same in any order, with events delivered again, and merged from two parts.

    Args:
        policy: Whose facts.
        events: Each id once.
        again: The same events in another order, some of them repeated.
        split: How many of the events are in the first part.

    Raises:
        LawBroken: If one does not.
    """
    for name, fact in policy.needs().items():
        fold = partial(_folded, policy, name, fact)
        whole = fold(fact.start(), events)
        value = fact.value(whole)
        one, other = fold(fact.start(), events[:split]), fold(fact.start(), events[split:])
        ways = {
            "in another order, some of them twice": fold(fact.start(), again),
            "merged from two parts": fact.merge(one, other),
            "merged from two parts the other way round": fact.merge(other, one),
            "merged with a part of itself": fact.merge(whole, one),
            "merged with nothing": fact.merge(fact.start(), whole),
            "pickled": pickle.loads(pickle.dumps(whole)),  # noqa: S301  (our own copy)
        }
        for way, state in ways.items():
            if fact.value(state) != value:
                problem = f"folds {name} to {_said(value)}, and to {_said(fact.value(state))} {way}"
                raise _unlawful(policy, problem, repr(list(events)), _LAWFUL_FOLD)
        if type(value) is not int or not (value in (ALWAYS, NEVER) or FIRST <= value <= LAST):
            raise _unlawful(
                policy, f"folds {name} to {value!r}", repr(list(events)), "give an instant, ALWAYS or NEVER"
            )


def _said(value: Any) -> str:
    return iso(value) if isinstance(value, int) and not FIRST > value > ALWAYS else repr(value)


def _folded(policy: Any, name: str, fact: Fact, state: Any, events: Iterable[Event]) -> Any:
    for event in events:
        groups = (any(which.matches(event, Parties()) for which in group) for group in fact.conditions())
        role = sum(met << position for position, met in enumerate(groups))
        if role:
            before = copy.deepcopy(state)
            after = fact.step(state, event, role)
            if state != before:
                problem = f"changes the state of {name} in place, from {before!r} to {state!r}"
                raise _unlawful(policy, problem, repr(event), "return a new state from step")
            state = after
    return state


# --- decisions


Decide = Callable[[Timeline, int], Decision]


def decider(policy: Any, calendar: Calendar) -> Decide:
    """How a policy alone decides: by its own `decide`, where it has one."""
    own = getattr(policy, "decide", None)

    def decide(timeline: Timeline, now: int) -> Decision:
        if own is None:
            return decide_alone(policy, timeline, to_moment(now), calendar, Parties(), {})
        found: Decision = own(timeline, to_moment(now), calendar=calendar)
        return found

    return decide


def check_stability(name: str, decide: Decide, timeline: Timeline, now: int, later: Iterable[int]) -> None:
    """Whether a decision stays what it is until the instant to look again.

    Args:
        name: Whose decision.
        decide: What decides.
        timeline: What is known.
        now: UTC microseconds.
        later: Some instants to ask again at; the last one before `review_at` is always asked.

    Raises:
        LawBroken: If it changes before.
    """
    decision = decide(timeline, now)
    review = decision.review_us
    if review <= now:
        raise _unstable(name, f"gives review_at {iso(review)} at {iso(now)}", timeline)
    for then in sorted({u for u in (*later, now + 1, review - 1) if now < u < min(review, LAST)}):
        again = decide(timeline, then)
        if again != decision:
            what = differences(decision, again)
            problem = f"changes {what} between {iso(now)} and {iso(then)}, before review_at {iso(review)}"
            raise _unstable(name, problem, timeline)


def _unstable(name: str, problem: str, timeline: Timeline) -> LawBroken:
    remedy = "let bounds depend on facts alone, and what is said on bounds, never on the instant of the question"
    return LawBroken("no change before review_at", name, "decide", problem, repr(timeline), remedy)


def check_no_look_ahead(name: str, decide: Decide, timeline: Timeline, now: int) -> None:
    """Whether a decision is the same without the events that are not visible yet, which may only bound `review_at`.

    Raises:
        LawBroken: If it is not.
    """
    with_all = decide(timeline, now)
    recordings = timeline.recordings
    without = decide(attrs.evolve(timeline, recordings=[e for e in recordings if e.visible_us <= now]), now)
    coming = min((e.visible_us for e in recordings if e.visible_us > now), default=NEVER)
    if attrs.evolve(with_all, review_us=NEVER) != attrs.evolve(without, review_us=NEVER):
        problem = f"changes {differences(without, with_all)} at {iso(now)} for events that are not visible then"
        remedy = "fold what timeline.known(at) gives, and nothing else"
        raise LawBroken("no look-ahead", name, "decide", problem, repr(timeline), remedy)
    if with_all.review_us > coming:
        problem = f"gives review_at {iso(with_all.review_us)}, though an event becomes visible at {iso(coming)}"
        remedy = "look again when the next event becomes visible"
        raise LawBroken("no look-ahead", name, "decide", problem, repr(timeline), remedy)


def differences(one: Decision, other: Decision) -> str:
    """In which fields two decisions differ, with both values."""
    pairs = [(a.name, getattr(one, a.name), getattr(other, a.name)) for a in attrs.fields(Decision) if a.eq]
    return ", ".join(f"{name} ({a!r}, then {b!r})" for name, a, b in pairs if a != b)


# --- guards joined


def check_joined(guards: Sequence[Any], calendar: Calendar, values: Mapping[Fact, int], now: int) -> None:
    """Whether `&` is associative, commutative and idempotent, with a guard that allows everything as identity; whether
    it allows what all allow and nothing else; and whether the binding reasons are the same in any grouping.

    Args:
        guards: Three guards, the first of which is to blame.
        calendar: In which spans are counted.
        values: What every fact that they declare has come to.
        now: UTC microseconds.

    Raises:
        LawBroken: If one of these fails.
    """
    guard, second, third = guards

    def decide(policy: Any) -> Decision:
        declared = rules_of(policy, calendar, Parties(), flat=True).folding.declared
        known = Facts.of(calendar, {name: values[fact] for name, fact in declared.items()})
        return Guard.decide_facts(policy, known, to_moment(now), calendar=calendar)

    every = all_of(guard, second, third)
    whole = decide(every)
    for shape, other in {
        "grouped from the left": all_of(all_of(guard, second), third),
        "grouped from the right": all_of(guard, all_of(second, third)),
        "in another order": all_of(third, guard, second),
        "with one repeated": all_of(every, guard),
    }.items():
        if other != every or decide(other) != whole or _why(decide(other)) != _why(whole):
            what = differences(whole, decide(other)) or "equality or reasons"
            raise _unjoined(guard, f"changes {what} {shape}", whole)
    beside = decide(all_of(every, Anytime()))
    apart = {repr(part): decide(part).verdict for part in guards}
    allowed = all(verdict in _ALLOWED for verdict in apart.values())
    if (whole.verdict in _ALLOWED) != allowed or _outcome(beside) != _outcome(whole):
        alone = f"alone they decide {apart}, and beside a guard that allows everything {beside.verdict!s}"
        raise _unjoined(guard, f"decides {whole.verdict!s} at {iso(now)} where {alone}", whole)


def _unjoined(guard: Any, problem: str, whole: Decision) -> LawBroken:
    remedy = "let the answer depend on the facts that it declares, never on what others ask for"
    return LawBroken("& joins guards", name_of(guard), "", problem, f"{list(whole.known.items())}", remedy)


def _outcome(decision: Decision) -> tuple[Any, ...]:
    """What a decision comes to."""
    return (
        decision.verdict, decision.opens_us, decision.closes_us, decision.act_us, decision.review_us,
    )  # fmt: skip


def _why(decision: Decision) -> set[tuple[Any, ...]]:
    """The reasons, in no order."""
    return {(r.code, r.binding, r.text, r.opens, r.closes, r.redirects) for r in decision.reasons}
