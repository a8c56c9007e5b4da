"""Laws and random values for those who write policies of their own: `check_policy(mine)` in a test is all it takes.

Needs the extra `testing` (hypothesis). The strategies draw from few hours around clock changes, so that things touch
often; how many examples are drawn, and whether they are the same ones every time, is up to the Hypothesis profile.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from carepolicy.errors import MissingExtraError

try:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st
except ImportError as error:
    raise MissingExtraError(
        "testing policies needs hypothesis, which is not installed; pip install 'carepolicy[testing]'"
    ) from error

from carepolicy._laws import (
    check_declarations,
    check_folds,
    check_joined,
    check_no_look_ahead,
    check_stability,
    check_value,
    decider,
)
from carepolicy._strategies import (
    calendars,
    duties,
    events,
    facts,
    guards,
    instants,
    known,
    moments,
    plans,
    spans,
    timelines,
    touches,
    windows,
)
from carepolicy._texts import LawBroken, check_text, methods_of, name_of
from carepolicy.calendar import Calendar
from carepolicy.facts import Facts
from carepolicy.policy import AllOf, FirstOf
from carepolicy.timeline import Timeline

__all__ = [
    "LawBroken",
    "calendars",
    "check_policy",
    "duties",
    "events",
    "facts",
    "guards",
    "instants",
    "known",
    "moments",
    "plans",
    "spans",
    "timelines",
    "touches",
    "windows",
]


def check_policy(policy: Any, *, calendar: Calendar | None = None, examples: int | None = None) -> None:
    """Hold a guard or duty against the laws that every policy keeps.

    It answers the same for one customer and for a table, with whole instants, from declared facts alone, and twice the
    same; it is a value; its facts merge in any order and survive re-delivery; its decisions do not change before
    `review_at` and never look ahead; a guard joins with others in any grouping.

    A policy that cannot be written for tables sets the class attribute `one_customer_only = True`; then it is asked
    about one customer at a time, and everything else holds.

    Args:
        policy: The guard or duty; of joined ones every part is checked, and the whole.
        calendar: In which spans are counted; any of `calendars()` when left out.
        examples: How many random ones for each law; as the Hypothesis profile says when left out.

    Raises:
        LawBroken: If it breaks a law: which law, which method, for which facts or events, and what would do.

    >>> from carepolicy import RestBetween, days
    >>> check_policy(RestBetween(days(90)), examples=5)
    """
    hours = calendars() if calendar is None else st.just(calendar)
    hold = _Holder(examples)
    parts = policy.parts if isinstance(policy, (AllOf, FirstOf)) else (policy,)
    for part in parts:
        methods_of(part)
        copy = check_value(part)
        check_declarations(part)
        hold(partial(check_text, part, copy), st.tuples(hours.flatmap(partial(_rows, part))))
        hold(partial(check_folds, part), _logs(part))
    logs = st.tuples(hours, timelines(*parts), instants(), st.lists(instants(), max_size=3))
    hold(partial(_check_decisions, policy), logs)
    if "opens" in methods_of(policy):
        hold(check_joined, _joins(policy, hours))


class _Holder:
    """Runs a law on random examples, and lets what Hypothesis found and made small come out as it is."""

    def __init__(self, examples: int | None) -> None:
        self.settings = settings(
            max_examples=examples or settings().max_examples,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )

    def __call__(self, law: Callable[..., None], drawn: st.SearchStrategy[Any]) -> None:
        @self.settings
        @given(drawn)
        def holds(example: Any) -> None:
            law(*example)

        holds()


def _check_decisions(policy: Any, calendar: Calendar, timeline: Timeline, now: int, later: list[int]) -> None:
    name, decide = name_of(policy), decider(policy, calendar)
    check_stability(name, decide, timeline, now, later)
    check_no_look_ahead(name, decide, timeline, now)


def _rows(policy: Any, calendar: Calendar) -> st.SearchStrategy[list[Facts]]:
    """The facts of a few customers."""
    return st.lists(facts(policy, calendar), min_size=2, max_size=4)


@st.composite
def _logs(draw: st.DrawFn, policy: Any) -> tuple[Any, Any, int]:
    """The events of a log, the same shuffled and some repeated, and where to split it."""
    log = draw(timelines(policy)).events
    again = draw(st.permutations([*log, *log[: draw(st.integers(0, len(log)))]]))
    return log, again, draw(st.integers(0, len(log)))


@st.composite
def _joins(draw: st.DrawFn, guard: Any, hours: st.SearchStrategy[Calendar]) -> tuple[Any, ...]:
    """A guard and two others, with what the facts of all three have come to, and an instant."""
    others = guards(joined=False)
    three = (guard, draw(others), draw(others))
    declared = [fact for one in three for fact in one.needs().values()]
    return three, draw(hours), draw(st.fixed_dictionaries(dict.fromkeys(declared, known()))), draw(instants())
