"""What always holds of the completion of long work."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

import attrs
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from carepolicy import Calendar, working, working_days
from carepolicy._instant import NEVER, to_micros, to_moment
from carepolicy.arrival._ahead import ahead, dates_passed, end_of_day
from carepolicy.arrival.outlook import NoDate, Outlook
from carepolicy.arrival.stage import Stage, _shares
from carepolicy.arrival.stated import Stated
from carepolicy.arrival.work import Completion
from carepolicy.window import Window

SHOP = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="America/Denver", holidays=["2017-12-25", "2018-01-01"])
NIGHTS = Calendar.weekly("Mon-Sat 22:00-06:00", zone="America/Denver")
START = datetime.fromisoformat("2017-11-01T00:00+00:00")

instants = st.integers(0, 150 * 24 * 4).map(lambda quarters: START + timedelta(minutes=15 * quarters))
calendars = st.sampled_from([SHOP, NIGHTS, Calendar.always("America/Denver")])
laws: st.SearchStrategy[Stated | list[float]] = st.sampled_from(
    [Stated(2, 5, 20), Stated(5, 5, 5), [1.0, 2.0, 3.0, 8.0, 13.0] * 8, [0.0, 4.0]]
)
units = st.sampled_from(["hours", "working days", "minutes", "days"])


@st.composite
def works(draw: st.DrawFn) -> Completion:
    """One to four stages, each after any of those before it, some of them known to have begun or ended."""
    stages: list[Stage] = []
    for at in range(draw(st.integers(1, 4))):
        started = draw(st.none() | instants)
        hours = draw(st.none() | st.integers(0, 500))
        finished = None if started is None or hours is None else started + timedelta(hours=hours)
        names = [stage.name for stage in stages]
        stages.append(
            Stage(
                f"s{at}",
                draw(laws),
                draw(units),
                draw(calendars),
                after=tuple(draw(st.lists(st.sampled_from(names), unique=True))) if names else (),
                chance=draw(st.sampled_from([1.0, 0.3])),
                again=draw(st.sampled_from([0.0, 0.4])),
                not_before=draw(st.none() | instants),
                started=started,
                finished=finished,
            )
        )
    return Completion(stages)


def last(found: Window | NoDate) -> int:
    """The last instant of a promise; NEVER where there is none."""
    return NEVER if isinstance(found, NoDate) else found.closes_us - 1


@given(works(), instants)
def test_a_draw_is_what_the_calendar_says(work: Completion, at: datetime) -> None:
    """Stages that are new, one draw at a time through `Calendar.add`, end at the instants of all draws together."""
    work = Completion([work.changed(s.name, started=None, finished=None).stages[i] for i, s in enumerate(work.stages)])
    outlook = work.simulate(at, draws=100, seed=3)
    for number in range(0, 100, 33):
        ends: dict[str, datetime] = {}
        for stage in work.stages:
            random = np.random.default_rng([3, zlib.crc32(stage.name.encode())])
            needed, fails, share = (_shares(random, 100)[number] for _ in range(3))
            begins: datetime = max([to_moment(to_micros(at)), *(ends[name] for name in stage.after or ())])
            if needed >= stage.chance:
                ends[stage.name] = begins
                continue
            begins = max(begins, to_moment(max(stage.not_before_us, to_micros(at))))
            while True:
                values = getattr(stage.law, "values", None)
                if values is None:
                    took = float(stage.law.quantile(share))
                else:
                    took = float(np.append(values, np.inf)[int(np.ceil(share * (len(values) + 1))) - 1])
                if np.isinf(took) or begins == to_moment(253_402_300_799_000_000):
                    begins = to_moment(253_402_300_799_000_000)  # the end of time stands for never
                elif stage.unit == "working days":
                    begins = stage.calendar.add(begins, working_days(int(np.ceil(took - 1e-9))))
                else:
                    begins = stage.calendar.add(begins, working(microseconds=round(took * stage.size)))
                if fails > stage.again or not stage.again:
                    break
                fails, share = fails / stage.again, _shares(random, 100)[number]
            ends[stage.name] = begins
        wanted = max(to_micros(end) for end in ends.values())
        got = int(outlook.done[number])
        assert got == wanted or (got == NEVER and wanted == 253_402_300_799_000_000)


@given(works(), instants, st.data())
def test_a_longer_stage_never_ends_the_work_earlier(work: Completion, at: datetime, data: st.DataObject) -> None:
    """Draw by draw, with one seed; in hours, as working days go by dates and keep the hour of the start."""
    work = Completion(
        [attrs.evolve(s, unit="hours") if s.after and s.unit == "working days" else s for s in work.stages],
        calendar=work.calendar,
    )
    name = data.draw(st.sampled_from([stage.name for stage in work.stages]))
    longer = work.changed(name, pace=data.draw(st.sampled_from([1.0, 1.3, 4.0])))
    assert (work.simulate(at, draws=100).done <= longer.simulate(at, draws=100).done).all()


@given(works(), instants)
def test_what_is_finished_is_certain(work: Completion, at: datetime) -> None:
    """A stage that was over by then ends when it did in every draw; one that was not never ends before then."""
    outlook, now = work.simulate(at, draws=100), to_micros(at)
    for number, stage in enumerate(work.stages):
        if stage.finished_us <= now:
            assert set(outlook.ends[number].tolist()) == {stage.finished_us}
        elif outlook.needed[number].any():
            assert outlook.ends[number].min() >= now


@given(works(), instants)
def test_nothing_later_is_used(work: Completion, at: datetime) -> None:
    """Facts of after the instant change no draw."""
    now = to_micros(at)
    known = [
        work.changed(
            stage.name,
            started=stage.started_us if stage.started_us <= now else None,
            finished=stage.finished_us if stage.finished_us <= now else None,
        ).stages[number]
        for number, stage in enumerate(work.stages)
    ]
    then = Completion(known, calendar=work.calendar)
    assert (then.simulate(at, draws=100).ends == work.simulate(at, draws=100).ends).all()


@given(works(), instants, st.floats(0.05, 0.98), st.floats(0.05, 0.98))
def test_promises_nest_in_confidence(work: Completion, at: datetime, first: float, second: float) -> None:
    """More confidence is never an earlier date, or it is none; a window of more confidence holds the one of less."""
    less, more = sorted((first, second))
    outlook = work.simulate(at, draws=100)
    assert last(outlook.by(less)) <= last(outlook.by(more))
    inner, outer = outlook.window(less), outlook.window(more)
    assert last(inner) <= last(outer)
    if isinstance(inner, Window) and isinstance(outer, Window):
        assert outer.opens_us <= inner.opens_us


@given(works(), instants, st.floats(0.05, 0.98))
def test_a_promise_holds_in_its_share_of_the_draws(work: Completion, at: datetime, confidence: float) -> None:
    """And lies not before the instant, unless all is over; where there is none, the next word comes after it."""
    outlook, now = work.simulate(at, draws=100), to_micros(at)
    found = outlook.by(confidence)
    if isinstance(found, Window):
        assert outlook.chance(to_moment(found.closes_us - 1)) >= confidence - 1e-9
        if any(s.finished_us > now and outlook.needed[i].any() for i, s in enumerate(work.stages)):
            assert found.closes_us - 1 >= now
    else:
        assert found.next_update is not None
        assert found.next_update > to_moment(now)


@given(works(), instants)
def test_something_holds_up_the_end(work: Completion, at: datetime) -> None:
    """A driver of all draws is not over; and where work is left to do in a draw, a stage holds it up."""
    outlook: Outlook = work.simulate(at, draws=100)
    shares = outlook.drivers()
    assert set(shares) == {stage.name for stage in work.stages}
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert sum(shares.values()) >= (outlook.done > to_micros(at)).mean() - 1e-9


@given(calendars, instants, st.lists(st.integers(0, 10**12), min_size=1, max_size=5))
def test_amounts_go_as_far_as_the_calendar_says(calendar: Calendar, at: datetime, amounts: list[int]) -> None:
    """An amount for each row gives what `Calendar.add` gives for one."""
    us = np.full(len(amounts), to_micros(at))
    found = ahead(calendar, us, np.array(amounts))
    assert found.tolist() == [to_micros(calendar.add(at, working(microseconds=amount))) for amount in amounts]


@given(calendars, instants, st.integers(0, 400), st.integers(0, 60))
def test_dates_passed_turn_back(calendar: Calendar, at: datetime, hours: int, count: int) -> None:
    """As many working days as have passed do not lead past the end, and one more does."""
    end = at + timedelta(hours=hours)
    passed = dates_passed(calendar, to_micros(at), to_micros(end))
    assert calendar.add(at, working_days(passed)) <= end or passed == 0
    assert calendar.add(at, working_days(passed + 1)) > end


@given(calendars, instants, instants)
@settings(max_examples=200)
def test_days_end_in_order(calendar: Calendar, first: datetime, second: datetime) -> None:
    """The end of the day is not before the instant, is its own end, and grows with it."""
    early, late = sorted((to_micros(first), to_micros(second)))
    assert early <= end_of_day(calendar, early) <= end_of_day(calendar, late)
    assert end_of_day(calendar, end_of_day(calendar, early)) == end_of_day(calendar, early)
