"""A service desk's log: first attention, silence, reassignments, pauses and reopenings, and what it cannot prove.

Run it with `python examples/service_desk.py FOLDER`, where the folder has the ServiceNow incident log of UCI (data set
498, doi 10.24432/C57S4H) as `incidents.parquet`, one row for each update. It needs polars:
`pip install 'carepolicy[polars]'`. Half a minute for its 141,712 rows.

`resolved_at` and `closed_at` are not believed: they stand on the first row already, so they were filled in afterwards.
What happened is taken from what the rows said when they were written: their state, group and counters.
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
from attrs import frozen

from carepolicy import (
    NEVER,
    Calendar,
    Duty,
    Event,
    Fact,
    Facts,
    Plan,
    Span,
    Timeline,
    Touch,
    elapsed,
    intervals,
    last,
    where,
    working,
)
from carepolicy.clocks import Turnaround
from carepolicy.incomplete import Incomplete
from carepolicy.state import Folding
from carepolicy.stretches import why_no_pause
from carepolicy.table import decide_table, facts_from_events

WAITING, DONE = "Awaiting User Info", ("Resolved", "Closed")
SILENCES = (2, 5, 10, 20)
HOUR, DAY = 3_600_000_000, 86_400_000_000  # microseconds
DESK = Calendar.weekly("Mon-Fri 00:00-24:00", zone="UTC")  # the log names no zone and no hours


@frozen
class Untouched(Duty):
    """An open incident has a new row in the log at least every so often; a row is no word to the customer."""

    every: Span

    owed: ClassVar[str] = "a row"
    facts: ClassVar[Mapping[str, Fact]] = {
        "last_row": last("note", scope="case"),
        "last_opened": last("opened", "reopened", scope="case"),
        "last_ended": last("completed", scope="case"),
    }

    def due(self, f: Facts) -> Any:
        """`every` after the last row, while the incident is open."""
        return where(f.last_opened > f.last_ended, f.after(f.last_row, self.every), NEVER)

    def cycle(self, f: Facts) -> Any:
        """The last row."""
        return f.last_row


def events_of(rows: list[dict[str, Any]]) -> Iterator[Event]:
    """What the rows of one incident say, each compared with the row before."""
    number = rows[0]["number"]
    about = {"case": number, "customer": rows[0]["caller"] or ""}
    tick = 0

    def event(row: dict[str, Any], kind: str, **words: Any) -> Event:
        nonlocal tick
        tick += 1  # many rows share one minute: a microsecond each keeps them in order
        party = row["assignment_group"] or ""
        return Event(at=row["at"] + tick, kind=kind, id=f"{row['row']}-{kind}", party=party, **about, **words)

    before = {"state": "", "reassignment_count": 0, "reopen_count": 0}
    for row in rows:
        was, state = before["state"], row["state"]
        if not was:
            yield event(row, "opened")
        if state in DONE and was not in DONE:
            yield event(row, "completed")
        elif was in DONE and state not in DONE:
            yield event(row, "reopened")
        if was in ("New", "") and state != "New":
            yield event(row, "accepted")
        if (state == WAITING) != (was == WAITING):
            yield event(row, "paused" if state == WAITING else "resumed", purpose="waiting for the customer")
        if row["reassignment_count"] > before["reassignment_count"]:
            yield event(row, "handed")
        # The row itself, after all that it tells: what may be missing comes after it.
        yield event(row, "note", extra={"row": str(row["sys_mod_count"])})
        before = row


def read(folder: Path) -> tuple[pl.DataFrame, Timeline]:
    """The rows, each incident's in the order in which they were written, and the events that they tell of."""
    columns = [
        "number", "state", "reassignment_count", "reopen_count", "sys_mod_count", "caller", "updated_at",
        "assignment_group", "resolved_at", "closed_at",
    ]  # fmt: skip
    frame = pl.read_parquet(folder / "incidents.parquet", columns=columns)
    frame = frame.sort("number", "updated_at", "sys_mod_count", maintain_order=True).with_row_index("row")
    frame = frame.with_columns(at=pl.col("updated_at").dt.epoch("us"))
    incidents: dict[str, list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        incidents.setdefault(row["number"], []).append(row)
    return frame, Timeline(event for rows in incidents.values() for event in events_of(rows))


def by_the_day(log: Timeline) -> Timeline:
    """The same log with its rows dated by the day: silences are counted in dates, as those who know this log do."""
    notes = (
        Event(
            at=e.at_us - e.at_us % DAY, precision="day", kind="note", id=e.id, case=e.case, customer=e.customer,
            extra=e.extra,
        )
        for e in log.events
        if e.kind == "note"
    )  # fmt: skip
    return Timeline([*notes, *(e for e in log.events if e.kind in ("opened", "reopened", "completed"))])


@frozen
class Lapsed:
    """The incidents in which a duty had lapsed before it was met, and those of which the log proves it."""

    every: frozenset[str]
    proved: frozenset[str]


def held_against(log: Timeline, duties: Mapping[str, Duty]) -> dict[str, Lapsed]:
    """What one audit finds, by the name of the duty; unknown where a row that is missing may have met it in time."""
    holes = Incomplete.numbered(log, "row", first=0)
    plan = Plan(DESK, checks=[], touches={name: Touch(due=duty) for name, duty in duties.items()})
    end = max(log.recordings, key=lambda event: event.visible_us)
    audit = plan.audit(log, until=end.at)
    met = [f for f in holes.doubted(audit.findings, log) if f.until is not None]
    return {
        name: Lapsed(
            frozenset(f.case for f in met if f.touch == name),
            frozenset(f.case for f in met if f.touch == name and f.kind != "unknown"),
        )
        for name in duties
    }


def as_known_on(log: Timeline, now: datetime, duty: Duty) -> tuple[int, int]:
    """How many incidents are open at an instant, and in how many a duty has lapsed, as known then: in columns."""
    plan = Plan(DESK, row=Touch(due=duty))
    known = log.as_of(now).events
    columns: dict[str, list[Any]] = {
        name: [getattr(e, name) for e in known] for name in ("id", "kind", "customer", "case")
    }
    at = pl.from_epoch(pl.Series([e.at_us for e in known]), "us").dt.replace_time_zone("UTC")
    facts = facts_from_events(pl.DataFrame({**columns, "at": at}), plan)
    decisions = decide_table(plan, facts.to_frame(), at=now, only=["verdict", "due"])
    return decisions["due"].count(), decisions.filter(pl.col("verdict") == "overdue").height


def hours(pairs: list[tuple[Event, Event]]) -> str:
    """Median and ninth decile of the time between two events, in hours."""
    half, most = np.percentile([b.at_us - a.at_us for a, b in pairs] or [0], [50, 90]) / HOUR
    return f"median {half:,.1f} h, P90 {most:,.1f} h"


def table(folder: Path) -> Iterator[str]:
    """The lines of the table."""
    frame, log = read(folder)
    holes = Incomplete.numbered(log, "row", first=0)
    last_rows = frame.group_by("number", maintain_order=True).last()
    total = last_rows.height

    def line(what: str, count: int, more: str = "") -> str:
        return f"{what:<38}{count:>8,}{count / total:>8.1%}  {more}".rstrip()

    first_rows = frame.group_by("number", maintain_order=True).first()
    yield f"{frame.height:,} rows of {total:,} incidents: {len(log):,} events"
    for name in ("resolved_at", "closed_at"):
        yield line(f"{name} on the first row", first_rows[name].count(), "filled in afterwards: not believed")
    missing = sum(hole.rows for hole in holes.holes)
    yield line("rows are missing", len({hole.case for hole in holes.holes}), f"{missing:,} rows, by their numbers")

    at: dict[tuple[str, str], list[Event]] = {}
    for event in log.events:
        at.setdefault((event.kind, event.case), []).append(event)
    taken = [(at["opened", case][0], events[0]) for (kind, case), events in at.items() if kind == "accepted"]
    sure = [(a, b) for a, b in taken if holes.hole(a.customer, a.case, a.at_us, b.at_us) is None]
    yield ""
    yield line("taken up (the log has no replies)", len(taken), f"{hours(taken)}, at most")
    yield line("  with no row missing before", len(sure), hours(sure))

    counts = last_rows["reassignment_count"].to_numpy()
    spread = ", ".join(f"P{p} {np.percentile(counts, p):.0f}" for p in (90, 99))
    yield line("reassigned", int((counts > 0).sum()), f"mean {counts.mean():.2f}, {spread}, most {counts.max()}")
    seen_handed = sum(len(events) for (kind, _), events in at.items() if kind == "handed")
    with_row = len({case for kind, case in at if kind == "handed"})
    yield line("  seen in a row", with_row, f"{seen_handed:,} of {counts.sum():,} times")

    pauses = intervals("paused", "resumed", scope="case")
    units = Folding({"pauses": pauses}).fold(log.events).units["case"]
    waits = [pauses.stretches(states[0]) for states in units.values()]
    total_waits = [sum(b - a for a, b in stretches if b < NEVER) / HOUR for stretches in waits]
    half = np.median(total_waits or [0])
    yield line("waited for the customer", len(waits), f"{sum(map(len, waits)):,} pauses, median {half:,.1f} h in all")
    stops = sum(event.kind == "paused" and not why_no_pause(event) for event in log.events)
    yield f"{'  pauses that name when they expire':<38}{stops:>8,}{'':>10}so none of the others may stop a clock"

    again = last_rows["reopen_count"].to_numpy()
    yield line("reopened", int((again > 0).sum()), f"most {again.max()} times")
    yield line("  seen in a row", len({c for k, c in at if k == "reopened"}))

    yield ""
    yield f"{'what was late, and ended':<38}{'found':>8}{'':>8}{'proved':>8}{'':>8}{'unknown':>9}"
    taking = {"not taken up within 4 hours": Turnaround(elapsed(hours=4), since="opened", until="accepted")}
    silences = {
        f"silent for over {n} working days": Untouched(working(hours=24 * n + 23, minutes=59)) for n in SILENCES
    }
    days = by_the_day(log)
    late = {**held_against(log, taking), **held_against(days, silences)}
    for name, lapsed in late.items():
        found, proved = len(lapsed.every), len(lapsed.proved)
        yield f"{line(name, found)}{proved:>8,}{proved / total:>8.1%}{found - proved:>9,}"

    middle = days.events[len(days) // 2].at_us
    night = Event(at=middle - middle % DAY - 1, kind="note").at  # rows of a day stand at its midnight
    is_open, silent = as_known_on(days, night, silences["silent for over 5 working days"])
    yield ""
    yield f"{f'open at the end of {night:%d %b %Y}':<38}{is_open:>8,}"
    yield f"{'  no row for over 5 working days':<38}{silent:>8,}{silent / max(is_open, 1):>8.1%}  as known then"


def main(folders: list[str]) -> None:
    """Print the table of the log in a folder."""
    if not folders:
        print("say where the log is: python examples/service_desk.py FOLDER")
        return
    for text in table(Path(folders[0])):
        print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
