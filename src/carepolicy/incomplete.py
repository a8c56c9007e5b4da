"""Incomplete logs: the stretches in which rows are known to be missing, and the silences that they leave unproved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, in_words, maybe_moment, to_micros
from carepolicy.errors import InvalidEventError
from carepolicy.events import Event
from carepolicy.finding import POSSIBLE, PROVED, Finding
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

_REFUTABLE = ("missed", "late", "silence", "broken_promise")
"""What a row that is missing could refute."""


def _micros(value: datetime | str | int) -> int:
    return value if isinstance(value, int) else to_micros(value)


def _holes(value: Iterable[Hole]) -> tuple[Hole, ...]:
    return tuple(sorted(set(value), key=lambda h: (h.since_us, h.until_us, h.customer, h.case, h.rows)))


@attrs.frozen(kw_only=True, repr=False)
class Hole:
    """A stretch in which rows of a log are missing.

    Args:
        since: From when (any aware time): the last row before it.
        until: Until when: the first row after it.
        customer, case: Whose rows; "" for anybody's.
        rows: How many; 0 where nobody knows.
    """

    since_us: int = field(alias="since", converter=_micros)
    until_us: int = field(alias="until", converter=_micros)
    customer: str = ""
    case: str = ""
    rows: int = 0

    @property
    def since(self) -> pendulum.DateTime | None:
        """From when, in UTC; None for always."""
        return maybe_moment(self.since_us)

    @property
    def until(self) -> pendulum.DateTime | None:
        """Until when, in UTC; None for never."""
        return maybe_moment(self.until_us)

    def __repr__(self) -> str:
        """Whole microseconds, as bounds may be ALWAYS or NEVER."""
        words = {"since": self.since_us, "until": self.until_us, "customer": self.customer, "case": self.case}
        return f"Hole({', '.join(f'{name}={value!r}' for name, value in {**words, 'rows': self.rows}.items())})"


@attrs.frozen(slots=False)
class Incomplete:
    """What a log is known to miss. A silence across a hole is unknown: a row that is missing may have ended it.

    Args:
        holes: The stretches.

    >>> outage = Incomplete([Hole(since="2026-03-02T09:00Z", until="2026-03-03T09:00Z")])
    >>> outage.hole("acme", "claim", to_micros("2026-03-01T09:00Z"), to_micros("2026-03-02T10:00Z")) is None
    False
    """

    holes: tuple[Hole, ...] = field(converter=_holes)

    @classmethod
    def numbered(cls, timeline: Timeline, column: str, *, first: int | None = None) -> Incomplete:
        """The holes of a log whose rows are numbered, each case by itself: a number is skipped, so a row is missing.

        Rows without a number say nothing. The order of the rows does not matter, their numbers do.

        Args:
            timeline: The log.
            column: The column with the numbers, as `Event.extra` keeps it.
            first: The number of the first row of each case, where it is always the same.

        Raises:
            InvalidEventError: If a number is none.

        >>> rows = [Event(at=day, kind="note", case="a", extra={"row": number}) for day, number in ((0, "0"), (9, "2"))]
        >>> Incomplete.numbered(Timeline(rows), "row").holes
        (Hole(since=0, until=9, customer='', case='a', rows=1),)
        """
        cases: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for event in timeline.events:
            number = next((value for name, value in event.extra if name == column), "")
            if number:
                cases.setdefault((event.customer, event.case), []).append((_number(number, column, event), event.at_us))
        holes: list[Hole] = []
        ahead = [] if first is None else [(first - 1, ALWAYS)]
        for (customer, case), unordered in cases.items():
            rows = sorted(unordered)
            for (before, at), (after, later) in pairwise([*ahead, *rows]):
                if (missing := after - before - 1) > 0:
                    since, until = min(at, later), max(at, later)
                    holes.append(Hole(since=since, until=until, customer=customer, case=case, rows=missing))
        return cls(holes)

    @cached_property
    def _of(self) -> dict[tuple[str, str], list[Hole]]:
        named: dict[tuple[str, str], list[Hole]] = {}
        for hole in self.holes:
            named.setdefault((hole.customer, hole.case), []).append(hole)
        return named

    def hole(self, customer: str, case: str, since_us: int, until_us: int) -> Hole | None:
        """The first hole in which something about a case may be missing between two instants (UTC microseconds)."""
        names = dict.fromkeys(((customer, case), (customer, ""), ("", case), ("", "")))
        found = [
            hole
            for name in names
            for hole in self._of.get(name, ())
            if hole.since_us < until_us and since_us < hole.until_us
        ]
        return min(found, key=lambda hole: (hole.since_us, hole.until_us), default=None)

    def doubted(self, findings: Iterable[Finding], timeline: Timeline) -> tuple[Finding, ...]:
        """The findings of an audit with what a missing row could refute called "unknown"; a chaser becomes possible.

        That is what was found missed, late, silent or broken: what was owed may be in a row that is missing between the
        event that opened the cycle and the instant at which it fell due, or the customer asked. None is added, and none
        dropped.

        Args:
            findings: As `Plan.audit` gives them.
            timeline: The log that they were found in.
        """
        at = {(e.customer, e.id): e.at_us for e in timeline.events}
        return tuple(self._doubted(f, at) for f in findings)

    def _doubted(self, finding: Finding, at: dict[tuple[str, str], int]) -> Finding:
        chaser = finding.kind == "chaser" and finding.certainty == PROVED
        if not chaser and finding.kind not in _REFUTABLE:
            return finding
        begun = min((at.get((finding.customer, name), NEVER) for name in finding.evidence), default=NEVER)
        since = begun if begun < finding.at_us else ALWAYS
        hole = self.hole(finding.customer, finding.case, since, finding.at_us)
        if hole is None:
            return finding
        last, following = (in_words(edge, finding.zone) for edge in (hole.since_us, hole.until_us))
        why = f"{finding.why}; but rows are missing between {last} and {following}"
        return attrs.evolve(finding, why=why, certainty=POSSIBLE, kind="chaser" if chaser else "unknown")


def _number(text: str, column: str, event: Event) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise InvalidEventError(
            f"{column} is no whole number: {text!r} in the row {event.id!r}; correct it, or leave it out"
        ) from error
