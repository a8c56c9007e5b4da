"""Tables of facts: what a log of millions comes to, for all units at once, brought up to date in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs
import pendulum

from carepolicy._instant import ALWAYS, NEVER, iso, maybe_moment, to_micros, zone_of
from carepolicy._table.corrections import Remembered, settled
from carepolicy._table.events import Events
from carepolicy._table.facts_frame import everybody, lines_of, of_frame, of_touched, table_of
from carepolicy._table.frames import frame_of, kind_of
from carepolicy._table.log_reading import Reading, frames_in
from carepolicy._table.persist import read, write
from carepolicy._table.placing import Touched, fold_in
from carepolicy._table.slots import Kin, Slot
from carepolicy._table.slots_kinds import slot_of
from carepolicy._table.units import Units
from carepolicy.errors import InvalidPolicyError, InvalidTimeError
from carepolicy.facts import PARTY, REF

if TYPE_CHECKING:
    from carepolicy._table.cells import Rows
    from carepolicy.plan import Plan

_INSTANTS = ("watermark_us", "refold_us", "asked_us")


class FactTable:
    """The facts of every customer, case, reference and party, folded from a log; it changes in place.

    Args:
        plan: Whose facts.
        reading: How events are read.
        remember: Whether to keep a print of each event that has an id, so that a later correction of it is refused
            instead of being folded like one more event.
    """

    def __init__(self, plan: Plan, reading: Reading, *, remember: bool = False) -> None:
        self.plan, self.reading = plan, reading
        self.units = Units()
        self.slots: dict[str, dict[str, Slot]] = {
            scope: {name: slot_of(fact, Kin(self.units, scope)) for name, fact in facts.items()}
            for scope, facts in plan.rules.folding.by_scope.items()
        }
        self.remembered = Remembered() if remember else None
        self.pending: Events | None = None
        self.watermark_us, self.refold_us, self.asked_us = ALWAYS, NEVER, ALWAYS
        self.kind = "pyarrow"

    @property
    def watermark(self) -> pendulum.DateTime | None:
        """When the last event folded became visible, in UTC: the facts are those of any instant from then on, until
        the next event; None before any event."""
        return maybe_moment(self.watermark_us)

    def update(self, events: Any, *, at: datetime | str | None = None) -> Self:
        """The same state, brought up to date with more events of any order, re-delivered or not.

        Args:
            events: As for `facts_from_events`.
            at: When they arrived: what is not visible by then waits until it is. Left out, all of it counts.

        Raises:
            BadRowsError: If rows cannot be read; nothing is folded then.
            InvalidEventError: If the state remembers events and one of these corrects one of them.
        """
        self.take(events, None if at is None else to_micros(at))
        return self

    def take(self, events: Any, now: int | None) -> Touched:
        """As `update`; gives the units whose facts may have changed."""
        touched = Touched(len(self.units.customers))
        if now is not None:
            self.move_to(now, touched)
        first = 1
        for frame in frames_in(events):
            self.kind = kind_of(frame)
            parts = self.reading.events_of(frame, first)
            first += sum(map(len, parts))
            self._settle(self._new(parts), now, touched)
        self.move_to(self.watermark_us, touched)
        return touched

    def _new(self, parts: list[Events]) -> list[Events]:
        """Those that were not taken in before, where that is remembered."""
        if self.remembered is None:
            return parts
        new = [self.remembered.new(part) for part in parts]
        for part in new:  # once all are known to correct nothing
            self.remembered.add(part)
        return new

    def move_to(self, now: int, touched: Touched | None = None) -> None:
        """Fold in what has become visible by an instant (UTC microseconds)."""
        self.asked_us = max(self.asked_us, now)
        if self.pending is not None and (self.pending.visible <= now).any():
            waiting, self.pending = self.pending, None
            self._settle([waiting], now, touched)
            if touched is not None:
                touched.note(self.units, waiting)

    def _settle(self, parts: list[Events], now: int | None, touched: Touched | None) -> None:
        """Fold what is ready, and keep what is to come."""
        found = settled(parts, now)
        self.refold_us = min(self.refold_us, found.refold_us)
        for part in found.ready:
            self.watermark_us = max(self.watermark_us, int(part.visible.max()))
            fold_in(self.plan.rules.folding, self.units, self.slots, part, touched)
        if found.coming:
            waiting = found.coming if self.pending is None else [self.pending, *found.coming]
            self.pending = Events.joined(waiting).once()
            if touched is not None:
                for part in found.coming:
                    touched.note(self.units, part)

    def to_frame(self, of: Any = None, *, at: datetime | str | None = None) -> Any:
        """The facts, one row for each unit, by scope, customer, case, ref and party; a frame of the kind that the
        events came in.

        Args:
            of: Only the units that this frame names, with the columns customer, case, ref, party and, if it has it,
                scope; those of which nothing is known are left out.
            at: Fold in first what has become visible by then; the state stays there.

        Raises:
            InvalidTimeError: If `at` is before the last event folded, or a correction has become known by then.
        """
        if at is not None:
            self._refuse_past(to_micros(at))
            self.move_to(to_micros(at))
        return self.frame_of(everybody(self.units) if of is None else of_frame(self.units, of))

    def frame_of(self, rows: Mapping[str, Rows]) -> Any:
        """The facts of some rows of each scope.

        Raises:
            InvalidTimeError: If a correction of what was folded has become known.
        """
        if self.refold_us <= max(self.asked_us, self.watermark_us):
            raise InvalidTimeError(
                f"state holds what was corrected at {iso(self.refold_us)}; fold the log again, as a correction cannot "
                "be taken back out"
            )
        facts = self.plan.rules.folding.declared
        table = table_of(self.units, self.slots, facts, lines_of(self.units, rows), self.pending)
        return frame_of(self.kind, table.to_batches(), table.schema)

    def _refuse_past(self, at_us: int) -> None:
        if at_us < self.watermark_us:
            raise InvalidTimeError(
                f"at is before the last event folded: {iso(at_us)}, {iso(self.watermark_us)}; fold the log again, or "
                "fold what is to come with at=now"
            )

    def merge(self, other: FactTable) -> FactTable:
        """The facts of two parts of a log, split anywhere, as a new state.

        Raises:
            InvalidPolicyError: If they are of different plans.
            InvalidEventError: If both remember events and one corrects the other.
        """
        if not isinstance(other, FactTable) or other.plan.rules.folding != self.plan.rules.folding:
            raise InvalidPolicyError("states are of different plans; fold both parts of the log with one plan")
        both = self.remembered is not None and other.remembered is not None
        merged = FactTable(self.plan, self.reading, remember=both)
        merged.kind = self.kind
        for part in (self, other):
            merged._take_in(part)
        merged.move_to(merged.watermark_us)
        return merged

    def _take_in(self, other: FactTable) -> None:
        """Fold in all that another state holds."""
        maps = self.units.join(other.units)
        for scope, slots in other.slots.items():
            threads = maps["talks" if scope == PARTY else REF]
            for name, slot in slots.items():
                kept = slot.kept()
                whom = maps[scope][kept.units]
                fed = attrs.evolve(kept, units=whom, threads=threads[kept.threads] if slot.threaded else whom)
                self.slots[scope][name].absorb(fed)
        if other.pending is not None:
            parts = [other.pending] if self.pending is None else [self.pending, other.pending]
            self.pending = Events.joined(parts).once()
        if self.remembered is not None and other.remembered is not None:
            self.remembered.join(other.remembered)
        self.watermark_us = max(self.watermark_us, other.watermark_us)
        self.asked_us = max(self.asked_us, other.asked_us)
        self.refold_us = min(self.refold_us, other.refold_us)

    def about(self) -> dict[str, Any]:
        """All but what it has folded, as plain data."""
        reading = {"zone": self.reading.zone, "kinds": list(self.reading.kinds), "columns": dict(self.reading.columns)}
        instants = {name: getattr(self, name) for name in _INSTANTS}
        return {**instants, "kind": self.kind, "remember": self.remembered is not None, "reading": reading}

    def save(self, path: str | Path) -> None:
        """Store it as a Parquet file, with the version of the plan.

        Args:
            path: Where; what is there is replaced.
        """
        write(self, path)

    @classmethod
    def load(cls, path: str | Path, plan: Plan) -> FactTable:
        """The state that a file holds, as it was when it was stored.

        Args:
            path: As for `save`.
            plan: The plan that it was folded with.

        Raises:
            InvalidTableError: If the file holds no table of facts.
            InvalidPolicyError: If it was folded with another version of the plan; says both.
        """

        def empty(about: Mapping[str, Any]) -> FactTable:
            reading = about["reading"]
            state = cls(
                plan, Reading(reading["zone"], tuple(reading["kinds"]), reading["columns"]), remember=about["remember"]
            )
            state.kind = about["kind"]
            for name in _INSTANTS:
                setattr(state, name, about[name])
            return state

        return read(empty, path, plan.version)

    def __repr__(self) -> str:
        known = ", ".join(f"{len(rows)} of scope {scope}" for scope, rows in everybody(self.units).items() if len(rows))
        return f"<FactTable of plan {self.plan.version}: {known or 'nobody'}>"


def facts_from_events(
    events: Any,
    plan: Plan,
    *,
    zone: str | None = None,
    kinds: Iterable[str] = (),
    columns: Mapping[str, str] | None = None,
    at: datetime | str | None = None,
    remember: bool = False,
) -> FactTable:
    """What a table of events comes to: the facts that a plan asks for, of every customer, case, reference and party.

    Args:
        events: A polars, pandas or pyarrow table, a DuckDB relation, anything with `__arrow_c_stream__`, or an
            iterable of record batches, with the columns of a log (`carepolicy.events.COLUMNS`) in any order of rows;
            other columns are left out. An event that is corrected inside one table counts as last known; batches of an
            iterable are a table each.
        plan: Whose facts.
        zone: The zone of wall times without an offset; that of the plan's calendar when left out.
        kinds: Kinds of event beside those that carepolicy knows.
        columns: Our names of columns to yours, where they differ.
        at: The instant to fold up to; what is not visible by then waits until it is. Left out, all of it counts.
        remember: Keep a print of each event that has an id, so that a later correction of it is refused; otherwise it
            is folded like one more event.

    Raises:
        BadRowsError: If rows cannot be read; it names all of them.
        InvalidTableError: If it is no table, or a column is missing that an event must have or `columns` names.
        InvalidTimeError: If a column of times is none.
        UnknownZoneError: If the zone is not known.
    """
    zone = plan.calendar.zone if zone is None else zone_of(zone).name
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    state = FactTable(plan, Reading(zone, kinds, dict(columns or {})), remember=remember)
    return state.update(events, at=at)


def changed(state: FactTable, batch: Any, *, at: datetime | str | None = None) -> Any:
    """The facts of all units of which a batch of events may have changed some; the state is brought up to date with it.

    Args:
        state: What was known before.
        batch: As for `facts_from_events`.
        at: When the batch arrived; as for `FactTable.update`.
    """
    touched = state.take(batch, None if at is None else to_micros(at))
    return state.frame_of(of_touched(state.units, touched))


def merge(one: FactTable, other: FactTable) -> FactTable:
    """The facts of two parts of a log, split anywhere, as a new state; see `FactTable.merge`."""
    return one.merge(other)
