"""The laws of one policy's text: one text for ints and arrays, whole instants, declared facts, no surprises."""

from __future__ import annotations

import inspect
import linecache
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from carepolicy._instant import ALWAYS, FIRST, LAST, NEVER, Instant
from carepolicy.errors import CarePolicyError
from carepolicy.facts import Facts
from carepolicy.protocols import DutyLike, GuardLike

_METHODS = {
    GuardLike: ("opens", "closes", "redirects", "likely", "cycle"),
    DutyLike: ("starts", "due", "cycle", "attempted"),
}
_SAID = ("needs", "explain", "open_hours", "interval")
_MACHINERY = ("numpy", "carepolicy._", "carepolicy.calendar", "carepolicy.facts")
_TRAPS = (
    (r"\.(any|all|max|min|sum|item)\(", "use where: the rows of a table know nothing of each other"),
    (r"\bmax\(", "use latest(a, b) instead of max(a, b)"),
    (r"\bmin\(", "use earliest(a, b) instead of min(a, b)"),
    (r"\band\b", "use both(a, b) instead of `a and b`"),
    (r"\bor\b", "use where(a, ..., where(b, ..., ...)) instead of `a or b`"),
    (r"\bnot\b|~", "use unless(condition), or where with its branches swapped, instead of not and ~"),
    (r"\bif\b|\bwhile\b", "use where(condition, then, otherwise) or only_if(condition) instead of if"),
    (
        r"\b(int|float|round)\(|\bmath\.",
        "use f.after(instant, span), where and comparisons: instants are whole already",
    ),
    (r"[<>]=?[^<>]+[<>]", "use both(a < b, b < c) instead of `a < b < c`"),
)
_ANY_TRAP = "use where, latest, earliest, only_if, unless and both, which take ints and arrays"


class LawBroken(CarePolicyError, AssertionError):  # noqa: N818  (it is what happened to the law, and fails a test)
    """A policy breaks one of the laws that every policy keeps.

    Args:
        law: Which law.
        policy: The name of the policy's class.
        method: The method at fault; "" where it is all of them.
        problem: What it did.
        example: What it did it with.
        remedy: What would do.
    """

    def __init__(self, law: str, policy: str, method: str, problem: str, example: str, remedy: str) -> None:
        super().__init__(law, policy, method, problem, example, remedy)
        self.law, self.policy, self.method = law, policy, method
        self.problem, self.example, self.remedy = problem, example, remedy

    def __str__(self) -> str:
        where = f"{self.policy}.{self.method}" if self.method else self.policy
        example = f", for {self.example}" if self.example else ""
        return f"{where} breaks the law {self.law!r}: {self.problem}{example}; {self.remedy}"


class _Undeclared(BaseException):
    """A fact was asked for that is not declared; no `except Exception` of a policy hides it."""


class _Collapsed(BaseException):
    """A column was made into one value."""


class _Column(np.ndarray[Any, Any]):
    """A column of a table that refuses to be made into one value, except by numpy and by what counts time."""

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        given = super().__array_function__(func, types, args, kwargs)
        if isinstance(given, np.generic) and not _is_machinery(sys._getframe(1)):  # noqa: SLF001  (who asks decides)
            raise _Collapsed(f"{func.__name__} of a column")
        return _column(given)


def _is_machinery(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith(_MACHINERY)


def _refusing(name: str) -> Callable[..., Any]:
    def refused(self: _Column, *args: Any, **kwargs: Any) -> Any:
        if _is_machinery(sys._getframe(1)):  # noqa: SLF001  (who asks decides)
            return getattr(self.view(np.ndarray), name)(*args, **kwargs)
        raise _Collapsed(f"{name} of a column")

    return refused


for _name in ("__bool__", "__int__", "__float__", "__index__", "__iter__", "any", "all", "max", "min", "sum", "item"):
    setattr(_Column, _name, _refusing(_name))


def _column(values: Any) -> Any:
    return values.view(_Column) if type(values) is np.ndarray and values.ndim else values


class _Watched(Facts):
    """Facts that notice what is asked for, and hand out columns that notice what is done to them."""

    def __getattr__(self, name: str) -> Instant:
        raise _Undeclared(name)

    def after(self, instant: Instant, span: Any) -> Instant:
        """As for any facts."""
        return _column(super().after(instant, span))


def name_of(policy: object) -> str:
    """What a policy is called in a broken law."""
    return type(policy).__name__


def methods_of(policy: object) -> tuple[str, ...]:
    """The methods that turn facts into instants.

    Raises:
        LawBroken: If it is neither a guard nor a duty.
    """
    for kind, methods in _METHODS.items():
        if isinstance(policy, kind) and not isinstance(policy, type):
            return methods
    lacks = {kind: [name for name in _asked_of(kind) if not hasattr(policy, name)] for kind in _METHODS}
    kind, missing = min(lacks.items(), key=lambda pair: len(pair[1]))
    problem = f"is no guard and no duty; to be a {kind.__name__} it lacks {', '.join(missing) or 'an instance'}"
    raise LawBroken(
        "guards and duties", name_of(policy), "", problem, "", "subclass Guard or Duty, which have defaults"
    )


def _asked_of(kind: type) -> list[str]:
    return [name for name in (*kind.__annotations__, *vars(kind)) if not name.startswith("_")]


# --- one text


def check_text(policy: Any, copy: Any, rows: Sequence[Facts]) -> None:
    """Whether every method answers for each row, for all rows as a table, and for an equal policy, with the same whole
    instants.

    Args:
        policy: The guard or duty; with a true attribute `one_customer_only` no table is asked.
        copy: An equal one.
        rows: At least two, in one calendar.

    Raises:
        LawBroken: If it does not.
    """
    for method in _SAID:
        if hasattr(policy, method):
            one, again, other = (_asked(p, method, None, "") for p in (policy, policy, copy))
            if not one == again == other:
                raise _impure(policy, method, f"gives {one!r}, then {again!r}, and {other!r} for an equal policy", "")
    for method in methods_of(policy):
        answers = [_answer(policy, method, row) for row in rows]
        for asked, again in ((policy, "a second time"), (copy, "for an equal policy")):
            repeated = [_answer(asked, method, row) for row in rows]
            for row, one, other in zip(rows, answers, repeated, strict=True):
                if one != other:
                    raise _impure(policy, method, f"gives {one}, and {other} {again}", repr(row))
        if not getattr(policy, "one_customer_only", False):
            _compare(policy, method, rows, answers)


def _impure(policy: Any, method: str, problem: str, example: str) -> LawBroken:
    remedy = "let the answer depend on the facts and the fields alone: no clock, no random, nothing kept in between"
    return LawBroken("same facts, same answer", name_of(policy), method, problem, example, remedy)


def _answer(policy: Any, method: str, row: Facts) -> int:
    """The answer for one customer, checked to be one."""
    given = _asked(policy, method, _Watched.of(row.calendar, row.known()), repr(row))
    if type(given) is not int:
        raise _no_instant(policy, method, given, repr(row))
    if not (given in (ALWAYS, NEVER) or FIRST <= given <= LAST):
        problem = f"gives {given}, which is neither ALWAYS, nor NEVER, nor an instant in the years 1 to 9999"
        remedy = "use f.after(instant, span) instead of adding, as ALWAYS and NEVER must stay what they are"
        raise LawBroken("always and never stay", name_of(policy), method, problem, repr(row), remedy)
    return given


def _no_instant(policy: Any, method: str, given: Any, example: str) -> LawBroken:
    kind = f"an array of {given.dtype}" if isinstance(given, np.ndarray) else f"{given!r} ({type(given).__name__})"
    remedy = _remedy(_source(policy, method), "give whole UTC microseconds")
    if isinstance(given, (bool, np.bool_)):
        remedy = "wrap the condition in only_if, unless or where"
    return LawBroken("answers are instants", name_of(policy), method, f"gives {kind}", example, remedy)


def _compare(policy: Any, method: str, rows: Sequence[Facts], answers: Sequence[int]) -> None:
    columns: dict[str, np.ndarray[Any, Any]] = {}
    for name in rows[0].known():
        columns[name] = np.array([row.known()[name] for row in rows], dtype=np.int64).view(_Column)
        columns[name].flags.writeable = False
    table = _Watched.of(rows[0].calendar, columns)
    example = f"a table of {len(rows)} rows, the first of which is {rows[0]!r}"
    given = _asked(policy, method, table, example)
    if isinstance(given, np.ndarray):
        if given.dtype != np.int64 or given.shape != (len(rows),):
            raise _no_instant(policy, method, given, example)
    elif type(given) is not int:
        raise _no_instant(policy, method, given, example)
    many = np.broadcast_to(np.asarray(given).view(np.ndarray), len(rows)).tolist()
    for row, one, other in zip(rows, answers, many, strict=True):
        if one != other:
            problem = f"gives {one} for one customer and {other} for the same facts in a table of {len(rows)} rows"
            remedy = _remedy(_source(policy, method), _ANY_TRAP)
            raise LawBroken("one text", name_of(policy), method, problem, repr(row), remedy)


def _asked(policy: Any, method: str, facts: Facts | None, example: str) -> Any:
    """The bare answer; whatever is raised is said with the line where it happened."""
    try:
        return getattr(policy, method)(*(() if facts is None else (facts,)))
    except _Undeclared as error:
        declared = ", ".join(sorted(policy.needs())) or "none"
        problem = f"looks at a fact that it does not declare, {str(error)!r}, {_line(error)}"
        remedy = f"add it to `facts` or `needs`, which declare {declared}"
        raise LawBroken("only declared facts", name_of(policy), method, problem, example, remedy) from error
    except (Exception, _Collapsed) as error:
        many = facts is not None and any(isinstance(value, np.ndarray) for value in facts.known().values())
        line = _line(error)
        problem = f"raises {type(error).__name__} ({error}) {line}"
        remedy = _remedy(
            line, _ANY_TRAP if many else "answer for any facts, with ALWAYS or NEVER where there is nothing"
        )
        law = "one text" if many else "answers are instants"
        raise LawBroken(law, name_of(policy), method, problem, example, remedy) from error


def _line(error: BaseException) -> str:
    """Where it happened, in the text of whoever wrote the policy."""
    theirs = [
        f"at {Path(code.co_filename).name}:{number} `{linecache.getline(code.co_filename, number).strip()}`"
        for frame, number in traceback.walk_tb(error.__traceback__)
        if not _is_machinery(frame)
        for code in [frame.f_code]
    ]
    return theirs[-1] if theirs else "in the library"


def _source(policy: Any, method: str) -> str:
    try:
        return inspect.getsource(getattr(type(policy), method))
    except (OSError, TypeError):
        return ""


def _remedy(text: str, otherwise: str) -> str:
    """What would do instead of the first trap in a text."""
    code = re.sub(r'"""[\s\S]*?"""|#.*', "", text)
    return next((remedy for trap, remedy in _TRAPS if re.search(trap, code)), otherwise)
