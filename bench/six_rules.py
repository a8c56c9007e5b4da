"""The six rules that every engine is measured with, and customers to measure them on.

May we send this customer a survey now? No case is open; the last survey is 90 days ago; the matter has been resolved
for two days; the goods were delivered; the customer has not opted out; it is between 08:00 and 20:00 where they live.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np

from carepolicy import (
    ALWAYS,
    NEVER,
    Calendar,
    ContactHours,
    Fact,
    Facts,
    Guard,
    Instant,
    NoTrouble,
    Plan,
    RestBetween,
    Span,
    Touch,
    elapsed,
    last,
    unless,
)

if TYPE_CHECKING:
    import pyarrow as pa

HOUR = 3_600_000_000
DAY = 24 * HOUR
AT = "2026-11-18T10:30Z"
AT_US = 1_794_997_800_000_000
_ZONES = """
    Europe/London Europe/Paris Europe/Berlin Europe/Madrid Europe/Rome Europe/Warsaw Europe/Athens Europe/Helsinki
    Europe/Istanbul Africa/Cairo Africa/Lagos Africa/Johannesburg Africa/Nairobi Asia/Dubai Asia/Karachi Asia/Kolkata
    Asia/Dhaka Asia/Bangkok Asia/Singapore Asia/Hong_Kong Asia/Shanghai Asia/Tokyo Asia/Seoul Australia/Perth
    Australia/Adelaide Australia/Sydney Pacific/Auckland America/Sao_Paulo America/Argentina/Buenos_Aires
    America/Santiago America/Bogota America/Mexico_City America/Halifax America/New_York America/Chicago America/Denver
    America/Phoenix America/Los_Angeles America/Anchorage Pacific/Honolulu
"""
ZONES = tuple(_ZONES.split())


@attrs.frozen
class Settled(Guard):
    """The matter has been resolved for a while."""

    settle: Span = attrs.field(factory=lambda: elapsed(days=2))

    facts: ClassVar[Mapping[str, Fact]] = {"resolved": last("completed", missing=NEVER)}

    def opens(self, f: Facts) -> Instant:
        """`settle` after it was resolved."""
        return f.after(f.resolved, self.settle)


@attrs.frozen
class Delivered(Guard):
    """The goods were delivered."""

    facts: ClassVar[Mapping[str, Fact]] = {"delivered": last("milestone", missing=NEVER)}

    def opens(self, f: Facts) -> Instant:
        """When they were."""
        return f.delivered


@attrs.frozen
class NotOptedOut(Guard):
    """The customer has not opted out."""

    facts: ClassVar[Mapping[str, Fact]] = {"opted_out": last("opted_out")}

    def opens(self, f: Facts) -> Instant:
        """Never once they have."""
        return unless(f.opted_out > ALWAYS)


def plan() -> Plan:
    """The six rules as the plan of one touch."""
    guard = (
        NoTrouble()
        & RestBetween(rest=elapsed(days=90))
        & Settled()
        & Delivered()
        & NotOptedOut()
        & ContactHours(Calendar.weekly("Mon-Sun 08:00-20:00", zone="UTC"))
    )
    return Plan(Calendar.always(), survey=Touch(guard=guard))


def columns(rows: int, *, seed: int = 7) -> dict[str, Any]:
    """Customers as int64 columns by the names of `plan().facts`, and `zone` as codes into `ZONES`."""
    draw = np.random.default_rng(seed)

    def ago(days: int, share: float, missing: int) -> Any:
        """Up to so many days ago, to the minute; a share of the customers has none."""
        instants = AT_US - draw.integers(0, days * 1440, rows) * 60_000_000
        return np.where(draw.random(rows) < share, missing, instants)

    never = np.full(rows, NEVER)
    return {
        "case_open_since": ago(30, 0.9, NEVER),
        "trouble_since": never,
        "trouble_ended": np.full(rows, ALWAYS),
        "last_invited": ago(400, 0.3, ALWAYS),
        "resolved": ago(30, 0.2, NEVER),
        "delivered": ago(60, 0.1, NEVER),
        "opted_out": ago(400, 0.95, ALWAYS),
        "last_sent_survey": np.full(rows, ALWAYS),
        "zone": draw.integers(0, len(ZONES), rows).astype(np.int16),
    }


def table(rows: int, *, seed: int = 7) -> pa.Table:
    """The same customers as an Arrow table: timestamps with nulls, the zones a dictionary, customers by number.

    What `last_sent_survey` says is left out: a host without touches has no such column.
    """
    import pyarrow as pa

    known = columns(rows, seed=seed)
    zones = pa.DictionaryArray.from_arrays(pa.array(known.pop("zone")), pa.array(ZONES))
    del known["last_sent_survey"]
    customers = pa.array(np.arange(rows)).cast(pa.string())
    instants = {
        name: pa.array(values, pa.timestamp("us", "UTC"), mask=np.abs(values) >= NEVER)
        for name, values in known.items()
    }
    return pa.table({"customer": customers, "zone": zones, **instants})
