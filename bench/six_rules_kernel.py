"""The six rules written by hand for one plan and nothing else: in numpy, and as polars expressions.

Both know what a general plan does not: that there are six rules, in which order, that every zone changes on the hour
and every working day is one stretch. They are the peers of `table_speed.py`, with the same answers on the shared
bounds. Both look up zones and working time in direct tables; binary searches and as-of joins took two to three times
as long.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import numpy as np
from numpy.typing import NDArray
from six_rules import AT_US, DAY, HOUR, ZONES

from carepolicy import NEVER

Column = NDArray[Any]

CHUNK = 16_384
LO, HI, WAIT = 8 * HOUR, 20 * HOUR, 4 * HOUR
MINUTE, BIN = 60_000_000, 900_000_000
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FIRST_HOUR = AT_US // HOUR - 30 * 24
HOURS = 400 * 24


def offsets() -> Column:
    """Minutes of offset from UTC, for each zone and each hour of the 400 days around the instant judged at."""
    hours = [EPOCH + dt.timedelta(hours=FIRST_HOUR + n) for n in range(HOURS)]
    minute = dt.timedelta(minutes=1)
    zones = [ZoneInfo(name) for name in ZONES]
    return np.array([[hour.astimezone(zone).utcoffset() // minute for hour in hours] for zone in zones], np.int16)


OFFSETS = offsets()


def facts(known: Mapping[str, Column]) -> dict[str, Column]:
    """The columns of `six_rules.columns` in the kernel's own form: case and opting out as flags."""
    kept = {name: known[name] for name in ("last_invited", "resolved", "delivered", "zone", "case_opened")}
    return {**kept, "open_case": known["case_open_since"] < NEVER, "opted_out": known["opted_out"] > -NEVER}


def local_window(instants: Column, zones: Column) -> tuple[Column, Column]:
    """Opening and closing of the local stretch from 8 to 20 that holds an instant or is next after it."""
    offset = offset_at(instants, zones)
    local = instants + offset
    day = local // DAY * DAY
    day += DAY * (local >= day + HI)
    begins = np.maximum(local, day + LO)
    offset = offset_at(begins - offset, zones)
    return begins - offset, day + HI - offset


def offset_at(instants: Column, zones: Column) -> Column:
    """Microseconds of offset from UTC."""
    return OFFSETS[zones, instants // HOUR - FIRST_HOUR].astype(np.int64) * MINUTE


def decide(f: Mapping[str, Column], now: int) -> tuple[Column, Column, Column]:
    """Which rules refuse (a bit each), when it opens, when it closes; what hangs on the zone alone once a zone."""
    every = np.arange(len(ZONES))
    zone_opens, zone_closes = local_window(np.full(len(every), now), every)
    asked, settled, delivered = f["last_invited"] + 90 * DAY, f["resolved"] + 2 * DAY, f["delivered"]
    open_case, opted_out, zone = f["open_case"], f["opted_out"], f["zone"]
    earliest = np.maximum(np.maximum(asked, settled), np.maximum(delivered, now))
    never = open_case | opted_out | (earliest >= NEVER)
    flags = (open_case, asked > now, settled > now, delivered > now, opted_out, (zone_opens > now)[zone])
    why = flags[0].view(np.uint8)
    for bit, flag in enumerate(flags[1:], start=1):
        why = why | flag.view(np.uint8) << bit
    opens, closes = zone_opens[zone], zone_closes[zone]
    later = np.flatnonzero((earliest > now) & ~never)
    opens[later], closes[later] = local_window(earliest[later], zone[later])
    opens[never], closes[never] = NEVER, NEVER
    return why, opens, closes


@attrs.frozen(eq=False)
class WorkingHours:
    """Working time by a direct table of quarters of an hour: the stretches' starts, ends, and open time before each."""

    starts: Column
    ends: Column
    before: Column
    base: int
    stretch_at: Column
    stretch_after: Column

    @classmethod
    def of(cls, starts: Column, ends: Column) -> WorkingHours:
        """The table of stretches that begin and end on quarters of an hour."""
        before = np.concatenate([[0], np.cumsum(ends - starts)[:-1]])
        base = int(starts[0]) // BIN * BIN
        bins, amounts = np.arange(base, int(ends[-1]), BIN), np.arange(0, int(before[-1]), BIN)
        stretch_at = (np.searchsorted(starts, bins, "right") - 1).astype(np.int32)
        stretch_after = (np.searchsorted(before, amounts + 1, "left") - 1).astype(np.int32)
        return cls(starts, ends, before, base, stretch_at, stretch_after)

    def add(self, instants: Column) -> Column:
        """Four working hours later."""
        n = self.stretch_at[(instants - self.base) // BIN]
        target = self.before[n] + np.minimum(instants, self.ends[n]) - self.starts[n] + WAIT
        n = self.stretch_after[(target - 1) // BIN]
        return self.starts[n] + (target - self.before[n])


def in_chunks(f: Mapping[str, Column], now: int, office: WorkingHours | None = None) -> tuple[Column, ...]:
    """`decide` in pieces that stay in the cache, and when an answer was due in the hours of an office, if given."""
    rows = len(f["zone"])
    why, opens, closes, due = np.empty(rows, np.uint8), *(np.empty(rows, np.int64) for _ in range(3))
    for at in range(0, rows, CHUNK):
        part = slice(at, at + CHUNK)
        piece = {name: values[part] for name, values in f.items()}
        why[part], opens[part], closes[part] = decide(piece, now)
        if office is not None:
            due[part] = office.add(piece["case_opened"])
    return (why, opens, closes) if office is None else (why, opens, closes, due)


def polars_decide(frame: Any, now: int, office: WorkingHours | None = None) -> Any:
    """The same in polars expressions, on all cores; `frame` has the columns of `facts`."""
    import polars as pl

    every = np.arange(len(ZONES))
    zone_opens, _ = local_window(np.full(len(every), now), every)

    def offset(instant: Any) -> Any:
        places = pl.col("zone").cast(pl.Int64) * HOURS + instant // HOUR - FIRST_HOUR
        return pl.lit(pl.Series(OFFSETS.ravel())).gather(places).cast(pl.Int64) * MINUTE

    asked, settled = pl.col("last_invited") + 90 * DAY, pl.col("resolved") + 2 * DAY
    shut = pl.lit(pl.Series(zone_opens > now)).gather(pl.col("zone"))
    flags = (pl.col("open_case"), asked > now, settled > now, pl.col("delivered") > now, pl.col("opted_out"), shut)
    earliest = pl.max_horizontal(asked, settled, "delivered", pl.lit(now))
    lazy = frame.lazy().with_columns(
        why=sum((flag.cast(pl.UInt8) * (1 << bit) for bit, flag in enumerate(flags)), pl.lit(0, pl.UInt8)),
        never=pl.col("open_case") | pl.col("opted_out") | (earliest >= NEVER),
        earliest=earliest,
    )
    lazy = lazy.with_columns(pl.when("never").then(now).otherwise("earliest").alias("earliest"))
    lazy = lazy.with_columns(offset=offset(pl.col("earliest"))).with_columns(
        local=pl.col("earliest") + pl.col("offset")
    )
    lazy = lazy.with_columns(day=pl.col("local") // DAY * DAY)
    lazy = lazy.with_columns(day=pl.col("day") + pl.when(pl.col("local") >= pl.col("day") + HI).then(DAY).otherwise(0))
    lazy = lazy.with_columns(begins=pl.max_horizontal("local", pl.col("day") + LO))
    lazy = lazy.with_columns(offset=offset(pl.col("begins") - pl.col("offset")))
    given = {
        "opens": pl.when("never").then(NEVER).otherwise(pl.col("begins") - pl.col("offset")),
        "closes": pl.when("never").then(NEVER).otherwise(pl.col("day") + HI - pl.col("offset")),
    }
    if office is not None:
        given["due"] = _polars_due(office)
    return lazy.select("why", **given).collect()


def _polars_due(office: WorkingHours) -> Any:
    """Four working hours after `case_opened`, as an expression."""
    import polars as pl

    def looked_up(table: Column, place: Any) -> Any:
        return pl.lit(pl.Series(table)).gather(place)

    opened = pl.col("case_opened")
    n = looked_up(office.stretch_at, (opened - office.base) // BIN)
    worked = pl.min_horizontal(opened, looked_up(office.ends, n)) - looked_up(office.starts, n)
    target = looked_up(office.before, n) + worked + WAIT
    n = looked_up(office.stretch_after, (target - 1) // BIN)
    return looked_up(office.starts, n) + target - looked_up(office.before, n)
