"""Calendars laid end to end say of every instant what each of them says of it alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import ALWAYS, NEVER, Calendar, Window
from carepolicy._instant import DAY, HOUR, to_micros
from carepolicy._time.openings import HIGH, LOW
from carepolicy._time.zoned import Zoned
from carepolicy.errors import HorizonError

LUNCH = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="America/Denver", holidays=["2026-07-03"])
NIGHT = Calendar.weekly("Mon-Sun 22:00-06:00", zone="Australia/Lord_Howe")
GAP = Calendar.weekly("Sun 01:30-02:30", zone="Europe/Paris")
WHOLE = Calendar.weekly("Mon-Sun 00:00-24:00", zone="Asia/Kathmandu")
ONCE = Calendar.only(Window.between("2026-03-01T00:00Z", "2026-03-05T00:00Z"))
FROM_THEN = Calendar.only(Window(opens="2026-03-01T00:00Z"))
UNTIL_THEN = Calendar.only(Window(closes="2026-03-01T00:00Z"))
RARE = Calendar.only(
    Window.between("2026-03-01T00:00Z", "2026-03-02T00:00Z"), Window.between("2101-03-01T00:00Z", "2101-03-02T00:00Z")
)
OFTEN = Calendar.only(
    *(
        Window._of(t, t + 1_000_000)
        for t in range(to_micros("2026-03-01T00:00Z"), to_micros("2026-03-01T00:20Z"), 10**7)
    )
)
CALENDARS = [
    LUNCH,
    NIGHT,
    GAP,
    WHOLE,
    Calendar.always(),
    LUNCH | NIGHT,
    LUNCH & NIGHT.in_zone("Europe/Berlin"),
    WHOLE - LUNCH,
    WHOLE - UNTIL_THEN,
    Calendar.weekly("Mon-Fri 09:00-17:00", zone="Pacific/Apia"),
    Calendar.weekly("Thu-Fri 00:00-24:00", zone="Pacific/Apia"),
    ONCE,
    FROM_THEN,
    UNTIL_THEN,
    RARE,
    OFTEN,
]
EDGES = [
    to_micros(text)
    for text in (
        "2025-11-02T07:30Z",
        "2026-03-08T09:00Z",
        "2026-03-29T01:00Z",
        "2026-04-04T15:00Z",
        "2011-12-30T10:00Z",
        "2026-03-01T00:10Z",
    )
]


def alone(calendar: Calendar, us: int) -> tuple[int, int]:
    """What one calendar says of one instant; NEVER, NEVER where it says that there is nothing."""
    try:
        return calendar._stretch(us)
    except HorizonError:
        return NEVER, NEVER


def together(zoned: Zoned, us: Sequence[int], codes: Sequence[int] | None) -> list[tuple[int, int]]:
    opens, closes = zoned.stretch(np.array(us, np.int64), None if codes is None else np.array(codes, np.int8))
    return list(zip(opens.tolist(), closes.tolist(), strict=True))


def zoned_of(calendars: Sequence[Calendar]) -> Zoned:
    return Zoned([calendar._clock.openings for calendar in calendars])


near = st.builds(lambda edge, off: edge + off, st.sampled_from(EDGES), st.integers(-9 * DAY, 9 * DAY))
around = st.tuples(st.sampled_from(EDGES), st.integers(-99, 99), st.integers(-1, 1))
on_the_hour = around.map(lambda drawn: drawn[0] + drawn[1] * HOUR + drawn[2])


@given(
    st.lists(st.sampled_from(CALENDARS), min_size=1, max_size=6),
    st.lists(st.tuples(near | on_the_hour | st.sampled_from(EDGES), st.integers(0, 5)), min_size=1, max_size=30),
)
def test_every_row_as_its_calendar_alone(calendars: list[Calendar], rows: list[tuple[int, int]]) -> None:
    """Lunch breaks, nights, clock changes, a skipped date, joined hours, hours that begin or end for ever."""
    us = [at for at, _ in rows]
    codes = [code % len(calendars) for _, code in rows]
    wanted = [alone(calendars[code], at) for at, code in zip(us, codes, strict=True)]
    assert together(zoned_of(calendars), us, codes) == wanted


@given(
    st.lists(st.sampled_from(CALENDARS), min_size=1, max_size=3),
    st.lists(st.integers(to_micros("1795-01-01T00:00Z"), to_micros("2405-01-01T00:00Z")), min_size=1, max_size=4),
    st.lists(near, max_size=3),
)
def test_centuries_away(calendars: list[Calendar], far: list[int], some: list[int]) -> None:
    """Rows that are far from the others, and years for which no calendar is computed."""
    us = [*far, *some]
    codes = [n % len(calendars) for n in range(len(us))]
    wanted = [alone(calendars[code], at) for at, code in zip(us, codes, strict=True)]
    assert together(zoned_of(calendars), us, codes) == wanted


def test_openings_that_lie_closer_than_any_grid() -> None:
    """Ten seconds apart: many in every cell of the finest table."""
    us = [to_micros("2026-03-01T00:05Z") + n * 3_000_000 for n in range(40)]
    assert together(zoned_of([OFTEN]), us, None) == [alone(OFTEN, at) for at in us]


@pytest.mark.parametrize("calendar", CALENDARS)
@pytest.mark.parametrize("edge", [LOW - 1, LOW, LOW + 1, HIGH - 1, HIGH])
def test_at_the_horizon(calendar: Calendar, edge: int) -> None:
    """The first and the last instant for which calendars are computed, and those beside them."""
    assert together(zoned_of([calendar]), [edge, edge], None) == [alone(calendar, edge)] * 2


def test_laid_again_where_most_rows_are() -> None:
    """Batches of one century and then of another give what each gives alone."""
    zoned = zoned_of([LUNCH, NIGHT])
    for year in (2026, 1830, 2026, 2390):
        us = [to_micros(f"{year}-05-{day:02}T09:30Z") for day in range(1, 29)]
        assert together(zoned, us, [n % 2 for n in range(28)]) == [
            alone((LUNCH, NIGHT)[n % 2], t) for n, t in enumerate(us)
        ]


def test_no_rows() -> None:
    assert together(zoned_of([LUNCH]), [], None) == []


def test_always_open() -> None:
    assert together(zoned_of([Calendar.always(), Calendar.always()]), [0, 1], [0, 1]) == [(ALWAYS, NEVER)] * 2


def test_what_ends_is_refused_when_it_matters() -> None:
    """In the words of the calendar asked alone."""
    zoned = zoned_of([LUNCH, ONCE])
    late = to_micros("2026-03-06T00:00Z")
    assert together(zoned, [late], [1]) == [(NEVER, NEVER)]
    with pytest.raises(HorizonError, match="no opening is left in the years 1800 to 2399 from 2026-03-06T00:00:00"):
        zoned.refuse(late, 1)


def test_threads_may_ask_at_once() -> None:
    """Of years so far apart that each lays the tables anew under the others' hands."""
    zoned = zoned_of([LUNCH, NIGHT])
    wrong: list[Any] = []

    def ask(year: int) -> None:
        us = [to_micros(f"{year}-05-{day:02}T09:30Z") for day in range(1, 29)]
        codes = [n % 2 for n in range(28)]
        wanted = [alone((LUNCH, NIGHT)[code], at) for at, code in zip(us, codes, strict=True)]
        wrong.extend(year for _ in range(20) if together(zoned, us, codes) != wanted)

    threads = [threading.Thread(target=ask, args=(year,)) for year in (1990, 2000, 2010, 2020)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
