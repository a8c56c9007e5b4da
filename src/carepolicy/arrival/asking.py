"""Before the visit: which question, asked beforehand, most raises the chance that the first visit suffices."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy.arrival._columns import mean_error
from carepolicy.arrival._groups import cells_of, height, names_of
from carepolicy.arrival._needs import like, told_of
from carepolicy.arrival._numbers import checked_whole, is_number
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    Flags = NDArray[np.float64]
    Cells = NDArray[np.int64]

FOLDS = 5
SURE = 2.33
"""A gain counts as seen from so many standard errors: of questions that bring nothing about one in 25 passes, more
than of independent jobs, as each fifth of them is judged by much the same others."""


@attrs.frozen
class Worth:
    """What a question would bring.

    Args:
        question: Its column.
        gain: By how much the chance that the first visit suffices rises, if what to send is chosen by the answer; below
            0 where the data are too few to choose well by.
        cost: Of asking, in the same shares: what it costs, divided by what a second visit costs.
        standard_error: Of `gain`; 0 where the odds were stated.
        verdict: "ask", "not worth it" or "the data cannot tell".
    """

    question: str
    gain: float
    cost: float
    standard_error: float
    verdict: str

    @classmethod
    def of(cls, question: str, gain: float, cost: float, error: float) -> Worth:
        """The verdict of a gain: asked if it exceeds its cost beyond doubt."""
        if error and abs(gain - cost) <= SURE * error:
            return cls(question, gain, cost, error, "the data cannot tell")
        verdict = "ask" if gain > cost else "not worth it"
        return cls(question, gain, cost, error, verdict)


@attrs.frozen
class Asking:
    """Which questions to ask before a visit.

    Args:
        questions: The ones to ask, in order: each is worth its cost once those before it are answered.
        ranked: What each would bring alone, the best first.
        chance: How likely the first visit suffices without asking.
        asked: How likely with all of `questions` asked.
        jobs: On how many past jobs that rests; 0 where the odds were stated.
        why: Which jobs those are.
    """

    questions: tuple[str, ...]
    ranked: tuple[Worth, ...]
    chance: float
    asked: float
    jobs: int
    why: str


def ask_before(
    answers: Any,
    suffices: Any,
    *,
    known: Mapping[str, Hashable] | None = None,
    cost: Mapping[str, float] | float = 0.0,
    at_most: int = 3,
    at_least: int = 30,
    worth: float = 10.0,
) -> Asking:
    """The questions worth asking, from past jobs: what was (or came to be) known, and what would have sufficed.

    A question has a value only if its answer changes what is sent. What to send is chosen for a fifth of the jobs at a
    time from the others, and what held is counted: so an answer that few gave does not look better than it is.

    Args:
        answers: A column for each question, one row a past job: a mapping or a data frame.
        suffices: A column for each kit, technician or kind of visit that could be sent: whether it would have sufficed.
        known: What is known of the job to come: never asked again. Past jobs that share it count, where there are
            enough; else what was named last is left out.
        cost: Of asking each question, or any of them, divided by that of a second visit.
        at_most: How many questions a customer may be asked.
        at_least: How many jobs must share what is known.
        worth: How many jobs the odds of all answers together are worth against those of one answer.

    Raises:
        InvalidTableError: If `answers` or `suffices` is no table, or a known fact has no column.
        InvalidPolicyError: If there are fewer than 10 jobs, columns have other lengths, a cost is negative or of no
            question, or `at_most`, `at_least` or `worth` cannot be.

    >>> light = ["red"] * 40 + ["off"] * 60
    >>> plan = ask_before(
    ...     {"light": light, "floor": [1, 2] * 50},
    ...     {"boiler kit": [x == "red" for x in light], "wiring kit": [x == "off" for x in light]},
    ... )
    >>> plan.questions, plan.chance, plan.asked
    (('light',), 0.6, 1.0)
    """
    asked, enough = checked_whole(at_most, "at_most", 0), checked_whole(at_least, "at_least", 1)
    if not is_number(worth) or not 0 < worth < math.inf:
        raise InvalidPolicyError(f"worth must be a number of jobs above 0, got {worth!r}; use 10")
    told = dict(known or {})
    held, rows = _columns(suffices)
    for name in told:
        if name not in names_of(answers):
            cells_of(answers, [name], rows)  # which says what is missing
    near, shared = like(answers, told_of(told), enough, rows) if told else (list(range(rows)), ())
    open_questions = [name for name in names_of(answers) if name not in told]
    held = held[near]
    if len(near) < 2 * FOLDS:
        raise InvalidPolicyError(f"jobs must be at least {2 * FOLDS}, got {len(near)}; state the odds instead")
    _refuse_strange(cost, names_of(answers))
    costs = {name: _cost(cost, name) for name in open_questions}

    def outcome(questions: Sequence[str]) -> Flags:
        codes, keys = cells_of(answers, list(questions), rows)
        return _kept(codes[near], len(keys), held, worth)

    now = outcome(())
    ranked = [_worth(name, outcome([name]) - now, costs[name]) for name in open_questions]
    ranked.sort(key=lambda each: (each.cost - each.gain, each.question))
    chosen: list[str] = []
    reached = now
    while len(chosen) < asked:
        left = [(outcome([*chosen, name]), name) for name in open_questions if name not in chosen]
        gains = [(_worth(name, then - reached, costs[name]), then) for then, name in left]
        asks = [pair for pair in gains if pair[0].verdict == "ask"]
        if not asks:
            break
        best, reached = min(asks, key=lambda pair: (pair[0].cost - pair[0].gain, pair[0].question))
        chosen.append(best.question)
    why = f"from {len(near)} jobs" + (f" with the same {', '.join(shared)}" if shared else "")
    return Asking(tuple(chosen), tuple(ranked), float(now.mean()), float(reached.mean()), len(near), why)


def ask_stated(
    odds: Mapping[str, Mapping[Any, tuple[float, Mapping[str, float]]]],
    *,
    known: Mapping[str, Hashable] | None = None,
    cost: Mapping[str, float] | float = 0.0,
) -> Asking:
    """The question worth asking first, where there is no history: from odds that an experienced person states.

    Args:
        odds: For each question each answer: how often it is given, and for whatever could be sent the chance that it
            suffices then. Each question stands alone; what several together bring cannot be told from that.
        known: What is known of the job to come: never asked again.
        cost: As for `ask_before`.

    Raises:
        InvalidPolicyError: If there are no questions, the answers of one do not add up to 1, a chance is none, or a
            cost is negative or of no question.

    >>> plan = ask_stated({"light": {"red": (0.4, {"boiler": 0.9, "wiring": 0.1}),
    ...                              "off": (0.6, {"boiler": 0.2, "wiring": 0.8})}}, cost=0.02)
    >>> plan.questions, round(plan.chance, 2), round(plan.asked, 2)
    (('light',), 0.52, 0.84)
    """
    if not odds:
        raise InvalidPolicyError("odds hold no question; state at least one")
    _refuse_strange(cost, tuple(odds))
    found, chances = [], {}
    for question, table in odds.items():
        if question in (known or {}):
            continue
        options = {option: 0.0 for _, kept in table.values() for option in kept}
        then = 0.0
        for answer, (share, kept) in table.items():
            if not all(0 <= value <= 1 for value in (share, *kept.values())):
                raise InvalidPolicyError(f"odds of {question!r} for {answer!r} are no shares from 0 to 1; write 0.3")
            for option in options:
                options[option] += share * kept.get(option, 0.0)
            then += share * max(kept.values(), default=0.0)
        total = sum(share for share, _ in table.values())
        if abs(total - 1) > 1e-6:
            raise InvalidPolicyError(f"answers to {question!r} add up to {total:.4g}; they must add up to 1")
        now = max(options.values(), default=0.0)
        chances[question] = now, then
        found.append(Worth.of(question, then - now, _cost(cost, question), 0.0))
    found.sort(key=lambda each: (each.cost - each.gain, each.question))
    asks = tuple(each.question for each in found if each.verdict == "ask")[:1]
    now = chances[found[0].question][0] if found else math.nan
    return Asking(asks, tuple(found), now, chances[asks[0]][1] if asks else now, 0, "stated, not measured")


def _columns(suffices: Any) -> tuple[Flags, int]:
    names, rows = names_of(suffices), height(suffices)
    if not names:
        raise InvalidPolicyError("suffices has no columns; pass one for each thing that could be sent")
    columns = [np.asarray(suffices[name]) for name in names]
    for name, column in zip(names, columns, strict=True):
        if column.shape != (rows,) or column.dtype.kind not in "bui" or not np.isin(column, (0, 1)).all():
            raise InvalidPolicyError(f"column {name!r} must hold {rows} times true or false; pass one a job")
    return np.column_stack(columns).astype(np.float64), rows


def _refuse_strange(cost: Mapping[str, float] | float, questions: tuple[str, ...]) -> None:
    """Refuse a cost of no question: with a slip in its name the question would cost nothing."""
    strange = [name for name in cost if name not in questions] if isinstance(cost, Mapping) else []
    if strange:
        raise InvalidPolicyError(
            f"cost of {strange[0]!r} is of no question; there are {', '.join(map(repr, questions))}"
        )


def _cost(cost: Mapping[str, float] | float, name: str) -> float:
    value = cost.get(name, 0.0) if isinstance(cost, Mapping) else cost
    if not is_number(value) or not 0 <= value < math.inf:
        raise InvalidPolicyError(f"cost of {name!r} must be a number from 0, got {value!r}; divide by a second visit's")
    return float(value)


def _worth(name: str, gains: Flags, cost: float) -> Worth:
    return Worth.of(name, float(gains.mean()), cost, mean_error(gains))


def _kept(codes: Cells, cells: int, held: Flags, worth: float) -> Flags:
    """For each job, whether what the other jobs say to send for its answers would have sufficed."""
    rows = np.arange(codes.size)
    kept = np.empty(codes.size)
    for fold in range(FOLDS):
        test = rows % FOLDS == fold
        others, seen = held[~test], codes[~test]
        sums = np.zeros((cells, held.shape[1]))
        np.add.at(sums, seen, others)
        counts = np.bincount(seen, minlength=cells)[:, None]
        # few jobs of one answer are drawn towards those of all: an answer must speak against the usual choice
        odds = (sums + worth * others.mean(axis=0)) / (counts + worth)
        kept[test] = held[test, odds.argmax(axis=1)[codes[test]]]
    return kept
