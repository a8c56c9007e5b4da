"""From bounds to decisions for many rows at once: what `_judge.Rule.decide` says of one customer, column by column.

The policies are asked with columns, so no policy has a second text. Only the joining of their bounds does, as one
customer is decided four times as fast with plain branches; law 5 holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy._instant import ALWAYS, NEVER, Instant, earliest, is_array, latest
from carepolicy._judge import Renamed, Rule
from carepolicy._time.zoned import Zoned
from carepolicy.calendar import Calendar
from carepolicy.decision import Verdict
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import Facts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy._instant import Instants

VERDICTS = tuple(Verdict)
_REDIRECT, _TOO_LATE, _IMPOSSIBLE, _WAIT, _OVERDUE, _GO = range(len(VERDICTS))
NOT_BINDING, OPENS, CLOSES, REDIRECTS, HOURS = range(5)
"""What binds a policy, by number; for a duty, OPENS says that it is the one that is due."""
_ANY_TRAP = "use where, latest, earliest, only_if, unless and both, which take ints and columns"


@attrs.frozen(eq=False)
class Asked:
    """What a policy said of every row; an int where it is the same for all."""

    opens: Instant
    closes: Instant = NEVER
    redirects: Instant = NEVER
    due: Instant = NEVER
    cycle: Instant = ALWAYS
    attempted: Instant = ALWAYS


@attrs.frozen(eq=False)
class Decided:
    """The decisions of one rule about many rows, as columns; an int where it is the same for all.

    Args:
        verdict: The numbers of the verdicts, in the order of `Verdict`.
        opens, closes, act, due, review, cycle, attempt: UTC microseconds.
        binds: For each policy, guards first, what of it binds: `NOT_BINDING`, `OPENS`, …; None when not asked for.
    """

    verdict: NDArray[np.int8]
    opens: Instant
    closes: Instant
    act: Instants
    due: Instant
    review: Instants
    cycle: Instant
    attempt: Instant
    binds: tuple[Any, ...] | None


@attrs.frozen(slots=False, eq=False)
class ColumnRule:
    """A rule ready to decide about rows whose hours are in the zones of `zones`.

    Args:
        rule: The rule.
        zones: The zones of customers by number; "" for the zone that the hours have themselves.
    """

    rule: Rule
    zones: tuple[str, ...] = ("",)

    @cached_property
    def _hours(self) -> Zoned | None:
        """When it may happen at all, by zone."""
        hours = [self.rule.hours_in(zone) for zone in self.zones]
        return None if hours[0] is None else Zoned([h._clock.openings for h in hours if h is not None])  # noqa: SLF001

    @cached_property
    def _guard_hours(self) -> tuple[Zoned | None, ...]:
        """The hours of each guard, by zone."""
        return tuple(
            None
            if (hours := guard.policy.open_hours()) is None
            else Zoned([_in_zone(guard.policy, hours, zone)._clock.openings for zone in self.zones])  # noqa: SLF001
            for guard in self.rule.guards
        )

    def decide(
        self,
        count: int,
        values: Mapping[str, Instants],
        now: Instant,
        next_visible: Instant = NEVER,
        codes: NDArray[Any] | None = None,
        held: NDArray[np.bool_] | None = None,
        *,
        reasons: bool = True,
    ) -> Decided:
        """The decisions about rows of facts.

        Args:
            count: How many rows.
            values: The facts that the rule asks for, by name.
            now: The instant to judge at, for all rows or for each.
            next_visible: When an event known already comes, for all rows or for each; NEVER for none.
            codes: The number of each row's zone; the first for all when left out.
            held: The rows whose customer's zone is not known: where hours are theirs, they wait.
            reasons: Whether to say what binds.

        Raises:
            InvalidPolicyError: If a policy cannot be asked with columns.
        """
        guards = [self._guard(guard, values, count) for guard in self.rule.guards]
        duties = [self._duty(duty, values, count) for duty in self.rule.duties]
        opens = latest(ALWAYS, *(asked.opens for asked in guards))
        closes = earliest(NEVER, *(asked.closes for asked in guards))
        redirects = earliest(NEVER, *(asked.redirects for asked in guards))
        cycle, due, attempt = latest(ALWAYS, *(a.cycle for a in guards)), NEVER, values.get(self.rule.sent, ALWAYS)
        starts = NEVER
        if duties:
            starts, due, cycle = _first_due(duties)
            opens = latest(opens, starts)
            attempt = latest(attempt, *(asked.attempted for asked in duties))
        if is_array(closes) or closes < NEVER:
            known = _known(opens, [asked.opens for asked in guards], starts if duties else ALWAYS)
        else:  # what waits for an event and never closes waits, whatever else is known
            known = _where(np.less(opens, NEVER), opens, ALWAYS)
        verdict, act, review = self._judge(count, now, opens, closes, redirects, known, due, codes)
        if held is not None and self._is_local:
            verdict, act, review = self._hold(held, now, verdict, act, review, closes, redirects, due)
        review = earliest(review, _after(now, next_visible))
        binds = None
        if reasons:
            binds = self._binds(guards, duties, verdict, opens, closes, redirects, act, due, codes, held)
        attempt = _where(np.greater_equal(cycle, attempt), ALWAYS, attempt)
        return Decided(verdict, opens, closes, act, due, review, cycle, attempt, binds)

    @cached_property
    def _is_local(self) -> bool:
        return any(_is_local(guard.policy) for guard in self.rule.guards)

    # --- what the policies say

    def _guard(self, guard: Renamed, values: Mapping[str, Instants], count: int) -> Asked:
        ask = self._asker(guard, values, count)
        return Asked(ask("opens"), ask("closes"), ask("redirects"), cycle=ask("cycle"))

    def _duty(self, duty: Renamed, values: Mapping[str, Instants], count: int) -> Asked:
        ask = self._asker(duty, values, count)
        due = ask("due")
        starts = due if duty.starts_at_due else ask("starts")
        return Asked(starts, due=due, cycle=ask("cycle"), attempted=ask("attempted"))

    def _asker(self, part: Renamed, values: Mapping[str, Instants], count: int) -> Callable[[str], Instant]:
        """How to ask a policy: with columns, or row by row where it is written for one customer only."""
        calendar = self.rule.calendar
        if getattr(part.policy, "one_customer_only", False):
            renamed, own = dict(part.names), tuple(part.policy.needs())
            columns = [values[renamed.get(name, name)].tolist() for name in own] or [[()] * count]
            rows = [Facts.of(calendar, dict(zip(own, row, strict=False))) for row in zip(*columns, strict=True)]
            return lambda method: np.array([getattr(part.policy, method)(row) for row in rows], np.int64)
        facts = part.view(Facts.of(calendar, values), values, calendar)

        def ask(method: str) -> Instant:
            try:
                given = getattr(part.policy, method)(facts)
            except ValueError as error:
                raise self._trapped(part.policy, method, f"raises {type(error).__name__} ({error})") from error
            if given.__class__ is int:
                return given
            if is_array(given) and given.dtype == np.int64 and given.shape == (count,):
                return given
            raise self._trapped(part.policy, method, f"gives {type(given).__name__}, not an instant for each row")

        return ask

    def _trapped(self, policy: Any, method: str, problem: str) -> InvalidPolicyError:
        where = f"{type(policy).__name__}.{method}"
        return InvalidPolicyError(
            f"policy cannot decide about a table: {where} of touch {self.rule.about.touch!r} {problem}; {_ANY_TRAP}, "
            "or set one_customer_only = True"
        )

    # --- what follows from it

    def _judge(
        self,
        count: int,
        now: Instant,
        opens: Instant,
        closes: Instant,
        redirects: Instant,
        known: Instant,
        due: Instant,
        codes: NDArray[Any] | None,
    ) -> tuple[NDArray[np.int8], Instants, Instants]:
        """The verdicts, the starts of the allowed stretches, and the instants at which that may change."""
        redirected, late = np.less_equal(redirects, now), np.less_equal(closes, now)
        limited = is_array(closes) or closes < NEVER
        begin, end = known, closes
        if self._hours is not None:
            judged = ~(redirected | late)
            judged = judged & np.less(known, closes) if limited else judged
            begin, end = self._stretches(count, now, known, judged, codes)
            begin = _where(judged, np.maximum(begin, known), known)
            end = _where(judged, earliest(end, closes), closes) if limited else end
        waiting = np.greater_equal(opens, NEVER)
        impossible = np.greater_equal(begin, closes) if limited else np.False_
        act = _where(redirected | late | impossible | waiting, NEVER, begin)
        verdict = np.empty(count, np.int8)
        verdict[...] = _where(np.less_equal(due, now), np.int8(_OVERDUE), np.int8(_GO))
        for rows, number in (
            (waiting | np.greater(begin, now), _WAIT),
            (impossible, _IMPOSSIBLE),
            (late, _TOO_LATE),
            (redirected, _REDIRECT),
        ):
            np.copyto(verdict, np.int8(number), where=rows)
        # what comes of the hours matters only where they may still run out or be waited for: see `Rule._verdict`
        review = earliest(_after(now, opens), _after(now, begin), _after(now, end))
        review = _where(late | impossible | (waiting & np.greater_equal(closes, NEVER)), NEVER, review)
        review = earliest(review, _after(now, closes), _after(now, redirects))
        review = earliest(_where(redirected, NEVER, review), _after(now, due))
        return verdict, _column(act, count), _column(review, count)

    def _stretches(
        self, count: int, now: Instant, known: Instant, judged: Any, codes: NDArray[Any] | None
    ) -> tuple[Instant, Instant]:
        """Opening and closing of the stretch at `known`, or at `now` where that is later."""
        hours = self._hours
        assert hours is not None  # noqa: S101  (asked only where there are hours)
        if is_array(now):
            return hours.stretch(np.maximum(_where(judged, known, now), now), codes)
        # what hangs on the zone and on one `now` is looked up once for each zone
        numbers = np.arange(len(self.zones))
        begins, ends = hours.stretch(np.full(len(numbers), now), numbers)
        later = np.flatnonzero(np.broadcast_to(judged & np.greater(known, now), count))
        if codes is None and not len(later):
            return begins[0], ends[0]
        rows = np.zeros(count, np.int64) if codes is None else codes
        begin, end = begins.take(rows), ends.take(rows)
        if len(later):
            begin[later], end[later] = hours.stretch(
                _column(known, count)[later], None if codes is None else codes[later]
            )
        return begin, end

    def _hold(
        self,
        held: NDArray[np.bool_],
        now: Instant,
        verdict: NDArray[np.int8],
        act: Instants,
        review: Instants,
        closes: Instant,
        redirects: Instant,
        due: Instant,
    ) -> tuple[NDArray[np.int8], Instants, Instants]:
        """Let rows wait that are neither redirected nor too late: when the customer's hours are is not known."""
        waits = held & (verdict != _REDIRECT) & (verdict != _TOO_LATE)
        then = earliest(_after(now, closes), _after(now, redirects), _after(now, due))
        return (
            np.where(waits, np.int8(_WAIT), verdict), np.where(waits, NEVER, act), np.where(waits, then, review)
        )  # fmt: skip

    def _binds(
        self,
        guards: Sequence[Asked],
        duties: Sequence[Asked],
        verdict: NDArray[np.int8],
        opens: Instant,
        closes: Instant,
        redirects: Instant,
        act: Instants,
        due: Instant,
        codes: NDArray[Any] | None,
        held: NDArray[np.bool_] | None,
    ) -> tuple[Any, ...]:
        """What of each policy binds; see `Decision._binds`."""
        waits = (verdict == _WAIT) & np.less(opens, act) & (act < NEVER)
        by_hours = waits | ((verdict == _IMPOSSIBLE) & np.less(opens, closes))
        timed = [number for number, hours in enumerate(self._guard_hours) if hours is not None]
        found: list[Any] = []
        for number, asked in enumerate(guards):
            binds: Any = np.int8(NOT_BINDING)
            if number in timed:
                shut = by_hours if len(timed) == 1 else self._shut(number, waits, by_hours, act, codes)
                if held is not None and _is_local(self.rule.guards[number].policy):
                    shut = shut | (held & (verdict == _WAIT))
                binds = _where(shut, np.int8(HOURS), binds)
            redirecting = np.equal(asked.redirects, redirects) & np.less(asked.redirects, NEVER)
            binds = _where(redirecting, np.int8(REDIRECTS), binds)
            binds = _where(np.equal(asked.closes, closes) & np.less(asked.closes, NEVER), np.int8(CLOSES), binds)
            binds = _where(np.equal(asked.opens, opens) & np.greater(asked.opens, ALWAYS), np.int8(OPENS), binds)
            found.append(_where(redirecting & (verdict == _REDIRECT), np.int8(REDIRECTS), binds))
        for asked in duties:
            is_due = np.equal(asked.due, due) & np.less(asked.opens, NEVER)
            found.append(_where(is_due, np.int8(OPENS), np.int8(NOT_BINDING)))
        return tuple(found)

    def _shut(self, number: int, waits: Any, by_hours: Any, act: Instants, codes: NDArray[Any] | None) -> Any:
        """Whether the hours of one guard among several are closed just before the allowed stretch begins."""
        hours = self._guard_hours[number]
        assert hours is not None  # noqa: S101  (asked only of guards that have hours)
        rows = np.flatnonzero(waits)
        before = act[rows] - 1
        begins, _ = hours.stretch(before, None if codes is None else codes[rows])
        shut = by_hours.copy()
        shut[rows] = begins > before
        return shut


def _first_due(duties: Sequence[Asked]) -> tuple[Instant, Instant, Instant]:
    """When the first of the duties starts and falls due, and the cycle of the one due first."""
    due, cycle = NEVER, ALWAYS
    for asked in duties:
        first = np.less(asked.due, due) | (np.equal(asked.due, due) & np.greater(asked.cycle, cycle))
        due, cycle = earliest(due, asked.due), _where(first, asked.cycle, cycle)
    return earliest(NEVER, *(asked.opens for asked in duties)), due, cycle


def _in_zone(policy: Any, hours: Calendar, zone: str) -> Calendar:
    """The hours of a guard for a customer of a zone."""
    return hours.in_zone(zone) if zone and _is_local(policy) else hours


def _is_local(policy: Any) -> bool:
    return getattr(policy, "local_hours", False)


def _known(opens: Instant, guards: Sequence[Instant], starts: Instant) -> Instant:
    """The latest opening that is known: `opens`, or without those that wait for an event."""
    if not np.greater_equal(opens, NEVER).any():
        return opens
    return latest(ALWAYS, *(_where(np.less(bound, NEVER), bound, ALWAYS) for bound in (*guards, starts)))


def _after(now: Instant, edge: Instant) -> Instant:
    """An edge that is still to come, else NEVER."""
    return _where(np.greater(edge, now), edge, NEVER)


def _where(condition: Any, then: Any, otherwise: Any) -> Any:
    """`where`, without a column where all rows have the same."""
    if is_array(condition):
        return np.where(condition, then, otherwise)
    return then if condition else otherwise


def _column(value: Instant, count: int) -> Instants:
    return value if is_array(value) else np.full(count, value, np.int64)
