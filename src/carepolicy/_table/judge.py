"""From bounds to decisions for many rows at once: what `_judge.Rule.decide` says of one customer, column by column.

The policies are asked with columns, so no policy has a second text. Only the joining of their bounds does, as one
customer is decided several times as fast with plain branches; law 5 holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy._instant import ALWAYS, NEVER, Instant, earliest, is_array, latest
from carepolicy._judge import Rule
from carepolicy._table.asking import Asked, Asking
from carepolicy._table.binding import Binding, chosen, laid
from carepolicy._time.zoned import Zoned
from carepolicy.decision import Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy._instant import Instants

VERDICTS = tuple(Verdict)
REDIRECT, TOO_LATE, IMPOSSIBLE, WAIT, OVERDUE, GO = (np.int8(number) for number in range(len(VERDICTS)))


@attrs.frozen(eq=False)
class Decided:
    """The decisions of one rule about many rows, as columns; an int where it is the same for all.

    Args:
        verdict: The numbers of the verdicts, in the order of `Verdict`.
        opens, closes, act, due, review, cycle, attempt: UTC microseconds.
        binds: For each policy, guards first, what of it binds; None when not asked for.
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
        return None if hours[0] is None else laid(tuple(h for h in hours if h is not None))

    @property
    def is_local(self) -> bool:
        """Whether some of its hours are the customer's."""
        return self._binding.is_local

    @cached_property
    def _binding(self) -> Binding:
        return Binding(self.rule.guards, self.zones)

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
            HorizonError: If hours that matter to a row do not open again in the years for which they are computed.
        """
        asking = Asking(count, values, self.rule.calendar, self.rule.about.touch)
        guards = [asking.guard(guard) for guard in self.rule.guards]
        duties = [asking.duty(duty) for duty in self.rule.duties]
        opens = latest(ALWAYS, *(asked.opens for asked in guards))
        closes = earliest(NEVER, *(asked.closes for asked in guards))
        redirects = earliest(NEVER, *(asked.redirects for asked in guards))
        due, attempt = NEVER, values.get(self.rule.sent, ALWAYS)
        if duties:
            starts, due, cycle = _first_due(duties)
            opens = latest(opens, starts)
            attempt = latest(attempt, *(asked.attempted for asked in duties))
        else:
            starts, cycle = ALWAYS, latest(ALWAYS, *(asked.cycle for asked in guards))
        known = _known(opens, closes, [*(asked.opens for asked in guards), starts])
        verdict, act, review = self._judge(count, now, opens, closes, redirects, known, due, codes)
        if held is not None and self.is_local:
            waits = held & (verdict != REDIRECT) & (verdict != TOO_LATE)
            verdict, act = np.where(waits, WAIT, verdict), np.where(waits, NEVER, act)
            review = np.where(waits, _soonest(count, now, closes, redirects, due), review)
        review = _soonest(count, now, next_visible, before=review)
        binds = None
        if reasons:
            waits, stuck = verdict == WAIT, verdict == IMPOSSIBLE
            by_hours = (waits & np.less(opens, act) & (act < NEVER), stuck & np.less(opens, closes))
            whole = Asked(opens, closes, redirects, due)
            held = None if held is None else held & waits
            binds = self._binding.of(guards, duties, whole, verdict == REDIRECT, by_hours, act, codes, held)
        attempt = chosen(np.greater_equal(cycle, attempt), ALWAYS, attempt)
        return Decided(verdict, opens, closes, act, due, review, cycle, attempt, binds)

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
            if (ended := judged & np.greater_equal(begin, NEVER)).any():
                row = int(np.flatnonzero(np.broadcast_to(ended, count))[0])
                from_then = int(_column(latest(known, now), count)[row])
                self._hours.refuse(from_then, 0 if codes is None else int(codes[row]))
            begin = chosen(judged, np.maximum(begin, known), known)
            end = chosen(judged, earliest(end, closes), closes) if limited else end
        waiting = np.greater_equal(opens, NEVER)
        impossible = np.greater_equal(begin, closes) if limited else np.False_
        over = redirected | late
        act = chosen(over | impossible | waiting, NEVER, begin)
        verdict = np.empty(count, np.int8)
        verdict[...] = chosen(np.less_equal(due, now), OVERDUE, GO)
        for rows, number in (
            (waiting | np.greater(begin, now), WAIT),
            (impossible, IMPOSSIBLE),
            (late, TOO_LATE),
            (redirected, REDIRECT),
        ):
            np.copyto(verdict, number, where=rows)
        # what comes of the hours matters only where they may still run out or be waited for: see `_judge._verdict`
        idle = over | impossible | (waiting & np.greater_equal(closes, NEVER) if limited else waiting)
        review = chosen(idle, NEVER, _soonest(count, now, opens, begin, end))
        review = chosen(redirected, NEVER, _soonest(count, now, closes, redirects, before=_column(review, count)))
        return verdict, _column(act, count), _soonest(count, now, due, before=_column(review, count))

    def _stretches(
        self, count: int, now: Instant, known: Instant, judged: Any, codes: NDArray[Any] | None
    ) -> tuple[Instant, Instant]:
        """Opening and closing of the stretch at `known`, or at `now` where that is later."""
        hours = self._hours
        assert hours is not None  # noqa: S101  (asked only where there are hours)
        if is_array(now):
            return hours.stretch(np.maximum(chosen(judged, known, now), now), codes)
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
                _column(known, count).take(later), None if codes is None else codes.take(later)
            )
        return begin, end


def _first_due(duties: Sequence[Asked]) -> tuple[Instant, Instant, Instant]:
    """When the first of the duties starts and falls due, and the cycle of the one due first."""
    due, cycle = duties[0].due, duties[0].cycle
    for asked in duties[1:]:
        first = np.less(asked.due, due) | (np.equal(asked.due, due) & np.greater(asked.cycle, cycle))
        due, cycle = earliest(due, asked.due), chosen(first, asked.cycle, cycle)
    return earliest(NEVER, *(asked.opens for asked in duties)), due, cycle


def _known(opens: Instant, closes: Instant, bounds: Sequence[Instant]) -> Instant:
    """The latest opening that is known: `opens`, or without those that wait for an event."""
    if not is_array(closes) and closes >= NEVER:
        return chosen(np.less(opens, NEVER), opens, ALWAYS)  # what never closes waits, whatever else is known
    if not np.greater_equal(opens, NEVER).any():
        return opens
    return latest(ALWAYS, *(chosen(np.less(bound, NEVER), bound, ALWAYS) for bound in bounds))


def _soonest(count: int, now: Instant, *edges: Instant, before: Instants | None = None) -> Instants:
    """The first of some edges that is still to come, else NEVER.

    Counted from the tick after `now` without a sign, what has passed is further away than everything to come.

    Args:
        count: How many rows.
        now: The instant to judge at.
        edges: The edges.
        before: A column of edges that are all still to come, or NEVER.
    """
    known = [edge for edge in edges if is_array(edge) or edge < NEVER]
    if not known:
        return np.full(count, NEVER, np.int64) if before is None else before
    start = now + 1
    nearest: Instants = (np.full(count, NEVER, np.int64) if before is None else before) - start
    ahead = nearest.view(np.uint64)
    for edge in known:
        if is_array(edge) or is_array(start):
            np.minimum(ahead, np.subtract(edge, start).view(np.uint64), out=ahead)
        elif edge >= start:
            np.minimum(ahead, np.uint64(edge - start), out=ahead)
    nearest += start
    return nearest


def _column(value: Instant, count: int) -> Instants:
    return value if is_array(value) else np.full(count, value, np.int64)
