"""How fast calendars answer, as ratios to peers measured in the same run: rounds are interleaved, medians compared.

    python bench/calendar_speed.py [--json FILE]

Peers that are not installed (workclock, pandas) are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pendulum
from measuring import Figure, arguments, in_turn, optional, publish

from carepolicy._time.holidays import holidays_of
from carepolicy._time.openings import Openings
from carepolicy._time.zone import year_start
from carepolicy.calendar import Calendar
from carepolicy.span import working, working_days

ZONE = "America/New_York"
ROUNDS = 7
SCALARS = 2000
ROWS = 1_000_000
HOLIDAYS = [
    dt.date.fromordinal(day + dt.date(1970, 1, 1).toordinal())
    for y in range(2019, 2032)
    for day in holidays_of("US", y)
]
HOURS = {"day": "Mon-Fri 09:00-17:00", "split": "Mon-Fri 08:00-12:00, 13:00-17:00"}
SHIFTS = {"day": [(9, 17)], "split": [(8, 12), (13, 17)]}

ONE_GOAL = {"is_open": 1.2, "next_open": 2.0}
ONE_OVER_WORKCLOCK = {"add": 0.5}

Candidate = tuple[str, Callable[[], Any], int]


def figure(name: str, candidates: list[Candidate], goal: float | None, *, over_peer: float | None = None) -> Figure:
    """Microseconds an operation, ours and each peer's."""
    seconds = in_turn({who: ask for who, ask, _ in candidates}, rounds=ROUNDS)
    (_, seen), *peers = ((who, seconds[who] / count * 1e6) for who, _, count in candidates)
    return Figure(name, seen, "us", goal=goal, peers=dict(peers), over_peer=over_peer)


def workclock_schedule(kind: str) -> Any:
    workclock = optional("workclock")
    if workclock is None:
        return None
    shifts = [(dt.time(a), dt.time(b)) for a, b in SHIFTS[kind]]
    days = [workclock.WorkDay(a, b, days=list(range(5))) for a, b in shifts]
    return workclock.Schedule([*days, workclock.Holidays(HOLIDAYS)], time_zone=ZONE)


def scalar_section(kind: str, rng: np.random.Generator) -> list[Figure]:
    calendar = Calendar.weekly(HOURS[kind], zone=ZONE, holidays=HOLIDAYS)
    low, high = year_start(2020) // 10**6, year_start(2030) // 10**6
    seconds = rng.integers(low, high, SCALARS).tolist()
    ours = [pendulum.from_timestamp(s, tz=ZONE) for s in seconds]
    plain = [dt.datetime.fromtimestamp(s, ZoneInfo(ZONE)) for s in seconds]
    later = [dt.datetime.fromtimestamp(s + 40 * 86_400, ZoneInfo(ZONE)) for s in seconds]
    then = [pendulum.from_timestamp(s + 40 * 86_400, tz=ZONE) for s in seconds]
    eight = working(hours=8)
    peer = workclock_schedule(kind)

    def each(ask: Callable[..., Any], *lists: list[Any]) -> Callable[[], Any]:
        return lambda: [ask(*row) for row in zip(*lists, strict=True)]

    sections: dict[str, list[Candidate]] = {
        "add": [("carepolicy", each(lambda t: calendar.add(t, eight), ours), SCALARS)],
        "between": [("carepolicy", each(calendar.between, ours, then), SCALARS)],
        "is_open": [("carepolicy", each(calendar.is_open, ours), SCALARS)],
        "next_open": [("carepolicy", each(calendar.next_open, ours), SCALARS)],
    }
    if peer is not None:
        sections["add"].append(("workclock", each(lambda t: peer.add(t, hours=8), plain), SCALARS))
        sections["between"].append(("workclock", each(peer.between, plain, later), SCALARS))
        sections["next_open"].append(("workclock", each(peer.next_period, plain), SCALARS))
    return [
        figure(f"one instant, {kind}: {name}", section, ONE_GOAL.get(name), over_peer=ONE_OVER_WORKCLOCK.get(name))
        for name, section in sections.items()
    ]


def array_section(kind: str, rng: np.random.Generator) -> list[Figure]:
    calendar = Calendar.weekly(HOURS[kind], zone=ZONE, holidays=HOLIDAYS)
    a, b = rng.integers(year_start(2020), year_start(2030), (2, ROWS)).view("datetime64[us]")
    eight, three = working(hours=8), working_days(3)
    sections: dict[str, list[Candidate]] = {
        "add": [("carepolicy", lambda: calendar.add(a, eight), ROWS)],
        "between": [("carepolicy", lambda: calendar.between(a, b), ROWS)],
        "working days": [("carepolicy", lambda: calendar.add(a, three), ROWS)],
        "is_open": [("carepolicy", lambda: calendar.is_open(a), ROWS)],
        "next_open": [("carepolicy", lambda: calendar.next_open(a), ROWS)],
    }
    peer, few = workclock_schedule(kind), a[:20_000].astype("datetime64[s]")
    if peer is not None:
        wait = np.timedelta64(8, "h")
        sections["add"].append(("workclock", lambda: peer.add_many(few, wait), len(few)))
    pandas = optional("pandas")
    if pandas is not None and kind == "day":
        offset = pandas.offsets.CustomBusinessHour(8, start="09:00", end="17:00", holidays=HOLIDAYS)
        stamps = pandas.DatetimeIndex(a[:500]).tz_localize("UTC").tz_convert(ZONE)
        sections["add"].append(("pandas", lambda: [stamp + offset for stamp in stamps], len(stamps)))
    return [
        figure(f"a million, {kind}: {name}, each", section, 0.01 if name == "working days" else 0.02)
        for name, section in sections.items()
    ]


def build_figure() -> Figure:
    calendar = Calendar.weekly(HOURS["split"], zone=ZONE, holidays=HOLIDAYS)

    def build() -> None:
        Openings(calendar._rule).cover(year_start(2021), year_start(2028) + 1)

    return figure("build ten years, split", [("carepolicy", build, 1)], 5000)


def main() -> None:
    asked = arguments(__doc__)
    rng = np.random.default_rng(7)
    figures = [build_figure()]
    for kind in HOURS:
        figures += scalar_section(kind, rng)
        figures += array_section(kind, rng)
    publish(figures, asked.json)


if __name__ == "__main__":
    main()
