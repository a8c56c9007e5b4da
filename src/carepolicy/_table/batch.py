"""One plan made ready to decide about Arrow batches: the whole contract between the library and any engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy._instant import NEVER, Instant, to_micros
from carepolicy._table import columns as reading
from carepolicy._table import output
from carepolicy._table.frames import arrow
from carepolicy._table.judge import WAIT, ColumnRule, Decided
from carepolicy._table.keys import Keys
from carepolicy._table.prepared import Prepared, is_zone
from carepolicy._table.words import in_words
from carepolicy.errors import InvalidTableError, InvalidTimeError, UnknownZoneError
from carepolicy.facts import SCOPES
from carepolicy.plan import Plan

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from carepolicy._instant import Instants

REFUSE, HOLD = "refuse", "hold"
_JUDGED = ""  # among our names for columns: the instants to judge at; no fact is called so
_AT_LEAST = 2  # rows that policies are asked with, so that a text that works on one row only is found out


@attrs.frozen(slots=False, eq=False)
class BatchDecider:
    """Decides about record batches; what engines call, in whatever process.

    Args:
        plan: The plan.
        at: The instant to judge at, or the name of the column that has it.
        columns: What the columns are called, by our names for them; the same when left out.
        naive: The zone of timestamps that have none; refused when left out.
        unknown: What to do about a customer whose zone is not known, where hours are theirs: "refuse" or "hold".
        only: The columns of decisions wanted; all when left out.
    """

    plan: Plan
    at: datetime | str
    columns: Mapping[str, str] = attrs.field(factory=dict)
    naive: str | None = None
    unknown: str = REFUSE
    only: tuple[str, ...] = output.COLUMNS

    @cached_property
    def schema(self) -> pa.Schema:
        """The types of what it gives."""
        return output.schema_of(self.plan.calendar.zone, self.only)

    def __reduce__(self) -> tuple[Any, ...]:
        return BatchDecider, (self.plan, self.at, self.columns, self.naive, self.unknown, self.only)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The decisions about the rows of a batch, touch by touch in the order of the plan."""
        parts = list(self.parts(batch))
        if not parts:
            return arrow().RecordBatch.from_pylist([], self.schema)
        return parts[0] if len(parts) == 1 else arrow().concat_batches(parts)

    def parts(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """The decisions of each touch in turn, as batches of their own: nothing is copied to join them."""
        count = batch.num_rows
        places = self._places(batch.schema)
        columns = {ours: batch.column(at) for ours, at in places.items()}
        if not count:
            return
        if count < _AT_LEAST:
            for part in self.parts(arrow().concat_batches([batch] * _AT_LEAST)):
                yield part.slice(0, count)
            return
        if "scope" not in columns:
            yield from self._decided(columns, count, range(len(self._prepared.rules)))
            return
        codes, words = reading.numbers(columns["scope"], self._theirs("scope"))
        for word in words:
            if word not in SCOPES:
                raise InvalidTableError(f"scope is not known: {word!r}; use one of {', '.join(SCOPES)}")
        for scope in SCOPES:
            rules = [number for number, rule in enumerate(self._prepared.rules) if rule.scope == scope]
            rows = np.flatnonzero(np.isin(codes, [n for n, word in enumerate(words) if word == scope]))
            if not len(rows) or not rules:
                continue
            wanted = batch if len(rows) == count else batch.take(arrow().array(rows))
            some = {ours: wanted.column(at) for ours, at in places.items()}
            yield from self._decided(some, len(rows), rules)

    def wanted(self, names: Sequence[str]) -> list[str] | None:
        """The columns to read of those that there are; all where the names are not known."""
        if not names:
            return None
        theirs = {self._theirs(name) for name in self._prepared.columns} | (
            {self.at} if isinstance(self.at, str) else set()
        )
        found = [name for name in names if name in theirs]
        _refuse_doubles(found)
        return found

    # --- what is read

    @cached_property
    def _prepared(self) -> Prepared:
        return Prepared.of(self.plan)

    def _theirs(self, ours: str) -> str:
        return self.columns.get(ours, ours)

    def _places(self, schema: pa.Schema) -> dict[str, int]:
        """Where the columns are that are used, by our names for them.

        Raises:
            InvalidTableError: If one that is needed is missing, or the name of a column means none.
        """
        prepared = self._prepared
        wanted = prepared.columns
        if strange := sorted(self.columns.keys() - set(wanted)):
            raise InvalidTableError(f"columns names what the plan does not use: {strange[0]!r}; it uses {list(wanted)}")
        theirs = {ours: self._theirs(ours) for ours in wanted}
        if isinstance(self.at, str) and self.at in schema.names:
            theirs[_JUDGED] = self.at
        _refuse_doubles([name for name in schema.names if name in theirs.values()])
        places = {ours: schema.get_field_index(name) for ours, name in theirs.items()}
        missing = [ours for ours in ("customer", *prepared.needed) if places[ours] < 0]
        if missing:
            raise InvalidTableError(prepared.said_missing(missing, self._theirs))
        if lost := [name for ours, name in self.columns.items() if places[ours] < 0]:
            raise InvalidTableError(f"columns names what the table lacks: {lost[0]!r}; correct it, or leave it out")
        return {ours: at for ours, at in places.items() if at >= 0}

    def _now(self, columns: Mapping[str, pa.Array]) -> Instant:
        if not isinstance(self.at, str):
            return to_micros(self.at)
        if _JUDGED not in columns:
            try:
                return to_micros(self.at)
            except InvalidTimeError as error:
                raise InvalidTimeError(f"{error}, or name a column of the table") from error
        now = reading.instants(columns[_JUDGED], self.at, NEVER, self.naive)
        if (np.abs(now) >= NEVER).any():
            raise InvalidTableError(f"column has no instant in some rows: {self.at!r}; drop those rows")
        return now

    def _decided(self, columns: Mapping[str, pa.Array], count: int, numbers: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """The decisions of some of the rules, by number."""
        prepared, now = self._prepared, self._now(columns)
        names = {name: reading.texts(columns[name], self._theirs(name)) for name in output.NAMES if name in columns}
        if columns["customer"].null_count:
            raise InvalidTableError(f"column has rows without a customer: {self._theirs('customer')!r}; drop them")
        values: dict[str, Instants] = {}
        for name in {name for number in numbers for name in prepared.rules[number].asks}:
            missing = prepared.facts[name].missing
            if name in columns:
                values[name] = reading.instants(columns[name], self._theirs(name), missing, self.naive)
            else:
                values[name] = np.full(count, missing)
        coming: Instant = NEVER
        if "next_visible" in columns:
            coming = reading.instants(columns["next_visible"], self._theirs("next_visible"), NEVER, self.naive)
        zoned, codes, held = self._zones(columns.get("zone"))
        keys = Keys(names)
        nobody = arrow().repeat(arrow().scalar("", arrow().string()), count)
        shown = {name: names.get(name, nobody) for name in output.NAMES}
        for number in numbers:
            rule = prepared.rules[number]
            decided = zoned[number].decide(
                count, {name: values[name] for name in rule.asks}, now, coming, codes, held,
                reasons="reasons" in self.only or "binding" in self.only,
            )  # fmt: skip
            why = None
            if output.WHY in self.only:
                zones = None if codes is None else [zoned[number].zones[code] for code in codes.tolist()]
                unknown = held & (decided.verdict == WAIT) if held is not None and zoned[number].is_local else None
                why = in_words(rule, shown, values, now, coming, zones, unknown)
            yield self._written(number, decided, shown, keys, why, count)

    def _zones(self, column: pa.Array | None) -> tuple[Sequence[ColumnRule], NDArray[Any] | None, NDArray[Any] | None]:
        """The rules with the zones of a batch, the number of each row's zone, and the rows whose zone is not known."""
        prepared = self._prepared
        if column is None or not prepared.is_local:
            return prepared.for_zones(()).rules, None, None
        numbers, words = reading.numbers(column, self._theirs("zone"))
        unknown = [number for number, word in enumerate(words) if not is_zone(word)]
        held = np.isin(numbers, unknown) if unknown else None
        if held is not None and self.unknown != HOLD and held.any():
            word = words[int(numbers[int(np.flatnonzero(held)[0])])]
            raise UnknownZoneError(
                f"zone of a customer is not known: {word!r} in column {self._theirs('zone')!r}; correct it, or let "
                "such customers wait with unknown='hold'"
            )
        zones = prepared.for_zones(words)
        codes = np.array([zones.places.get(word, 0) for word in words], np.int64).take(numbers)
        return zones.rules, codes, held

    # --- what is written

    def _written(
        self,
        number: int,
        decided: Decided,
        names: Mapping[str, pa.Array],
        keys: Keys,
        why: pa.Array | None,
        count: int,
    ) -> pa.RecordBatch:
        """The decisions of one rule as a batch."""
        pa = arrow()
        rule = self._prepared.rules[number]
        instants = {
            "act_at": decided.act, "opens": decided.opens, "closes": decided.closes, "due": decided.due,
            "review_at": decided.review,
        }  # fmt: skip
        reasons: tuple[Any, Any] | None = None
        if decided.binds is not None:
            reasons = self._prepared.codes.columns(number, decided.binds, count)
        arrays = []
        for field in self.schema:
            if field.name in output.NAMES:
                arrays.append(names[field.name])
            elif field.name in instants:
                arrays.append(output.moments(instants[field.name], count, field.type))
            elif field.name == "touch":
                arrays.append(output.same(rule.about.touch, self._prepared.touches, count, field.type))
            elif field.name == "verdict":
                arrays.append(output.verdicts(decided.verdict))
            elif field.name == "key":
                arrays.append(keys.of(rule.about, decided.cycle, decided.attempt))
            elif field.name == output.WHY:
                arrays.append(why)
            else:
                assert reasons is not None  # noqa: S101  (asked for above)
                arrays.append(reasons[field.name == "binding"])
        return pa.RecordBatch.from_arrays(arrays, names=self.schema.names)


def _refuse_doubles(names: Sequence[str]) -> None:
    """Refuse a table in which two columns that are used have one name."""
    if len(set(names)) < len(names):
        double = next(name for name in names if names.count(name) > 1)
        raise InvalidTableError(f"table has two columns of one name: {double!r}; rename one")
