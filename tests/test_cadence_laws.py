"""Laws of a rhythm: what moves a due date, and what never does."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import NEVER, Cadence, Calendar, Event, days, elapsed, testing, working, working_days
from carepolicy._alone import rules_of
from carepolicy._instant import DAY, iso, to_moment
from carepolicy.facts import Facts, Parties
from carepolicy.grid import Grid
from carepolicy.tier import Tier

GRIDS = (
    Grid.every(days(14), start="2025-09-01T02:30-06:00", zone="America/Denver"),
    Grid.from_rrule("FREQ=WEEKLY;BYDAY=TU,FR", start="2025-09-01T09:00+02:00", zone="Europe/Paris"),
    Grid.every(working_days(5), start="2025-09-01T09:00Z"),
)
TIERS = (Tier("gold", days(2), days(3)), Tier("silver", days(42)))
WISHES = (Tier("rare", working_days(30)), Tier("some", days(20), days(30)))
early = st.sampled_from([None, days(1), working(hours=4), elapsed(hours=9)])
grace = st.sampled_from([None, days(1), working_days(2)])
persons = st.sampled_from([(), ("owner", "driver")])
wishes = st.sampled_from([(), WISHES])
every = st.sampled_from([days(3), days(7), working_days(10)])
sliding = st.builds(
    Cadence, every, early=early, grace=grace, persons=persons, wishes=wishes, tiers=st.sampled_from([(), TIERS])
)
fixed = st.builds(Cadence, every, early=early, grace=grace, persons=persons, wishes=wishes, grid=st.sampled_from(GRIDS))
rhythms = sliding | fixed
ORIGIN = Event(at="2025-06-01T09:00Z", kind="sold", id="origin")


@st.composite
def logs(draw: st.DrawFn, duty: Cadence) -> list[Event]:
    """The log of a customer who came long ago, each event seen at once."""
    some = draw(testing.timelines(duty, corrections=False)).events
    return [ORIGIN, *(attrs.evolve(e, recorded_at=None) for e in some if e.kind not in ("sold", "left"))]


def bounds(duty: Cadence, calendar: Calendar, events: list[Event]) -> tuple[int, int]:
    """When a talk is worth doing and when it is overdue, by all events."""
    rules = rules_of(duty, calendar, Parties())
    facts = Facts.of(calendar, rules.folding.fold(events).values(("", "", "", "")))
    return duty.starts(facts), duty.due(facts)


@given(rhythms, testing.calendars(), st.data())
def test_a_talk_moves_the_due_date_later_or_leaves_it(duty: Cadence, calendar: Calendar, data: st.DataObject) -> None:
    """Whoever is talked to, nothing is due sooner for it; where working days keep the hour, on no earlier date."""
    log = data.draw(logs(duty))
    before = bounds(duty, calendar, log)
    talk = Event(
        at=data.draw(testing.instants()), kind="contact", direction="outbound", channel="phone",
        outcome="conversation", person=data.draw(st.sampled_from(["owner", "driver", "clerk"])), id="talk",
    )  # fmt: skip
    after = bounds(duty, calendar, [*log, talk])
    if "working_days" in repr(duty) and after[1] < before[1] < NEVER:
        assert to_moment(after[1], calendar.zone).date() == to_moment(before[1], calendar.zone).date()
    else:
        assert after[1] >= before[1]


@given(sliding, testing.calendars(), st.data())
def test_a_change_of_tier_breaches_nothing_before_it(duty: Cadence, calendar: Calendar, data: st.DataObject) -> None:
    """What had fallen due stays due when it was, and what had not never falls due before the change."""
    span = data.draw(st.sampled_from([days(1), days(90)]))
    duty = attrs.evolve(duty, tiers=(*TIERS, Tier("new", span)), grace=None)
    log = [e for e in data.draw(logs(duty)) if (e.kind, e.purpose) != ("tier", "new")]
    change = max(e.at_us for e in log) + data.draw(st.integers(1, 50)) * DAY // 3
    before = bounds(duty, calendar, log)[1]
    new = data.draw(st.sampled_from(["new", "unheard of", "gold", "silver"]))
    after = bounds(duty, calendar, [*log, Event(at=change, kind="tier", purpose=new, id="change")])[1]
    assert after >= min(before, change)
    if new == "new" and before < change:
        assert after == before


@given(sliding, testing.calendars(), st.data())
def test_naming_the_tier_again_changes_nothing(duty: Cadence, calendar: Calendar, data: st.DataObject) -> None:
    """A system that says every night which tier a customer is in moves no due date."""
    duty = attrs.evolve(duty, tiers=TIERS)
    log = data.draw(logs(duty))
    named = [e for e in sorted(log, key=lambda e: e.order) if e.kind == "tier" and e.purpose]
    if named:
        again = attrs.evolve(named[-1], at=max(e.at_us for e in log) + DAY, id="again")
        assert bounds(duty, calendar, [*log, again]) == bounds(duty, calendar, log)


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["gold", "silver", "none"])), max_size=4), every)
def test_tiers_fall_due_as_days_counted_one_by_one(changes: list[tuple[int, str]], usual: Any) -> None:
    """Due is the first day on which the interval of the tier of that day has passed, as long as nobody comes back to a
    tier that they had left."""
    calendar = Calendar.always()
    limits = {"gold": days(3), "silver": days(42)}
    last = 1_770_000_000_000_000
    order = sorted(dict(changes).items())
    runs = [(-1, "none"), *order]
    names = [name for (_, name), (_, other) in zip(runs[1:], runs, strict=False) if name != other]
    if len({"none", *names}) <= len(names):
        return
    log = [ORIGIN, Event(at=last, kind="contact", direction="outbound", channel="phone", outcome="conversation")]
    log += [Event(at=last + day * DAY, kind="tier", purpose=name) for day, name in order]
    day = 0
    while True:
        tier = [name for since, name in runs if since <= day][-1]
        if calendar._add(last, limits.get(tier, usual)) <= last + day * DAY:
            break
        day += 1
    assert bounds(Cadence(usual, tiers=TIERS), calendar, log)[1] == last + day * DAY


@given(rhythms, testing.calendars(), st.data())
def test_a_wish_never_makes_anything_due_sooner(duty: Cadence, calendar: Calendar, data: st.DataObject) -> None:
    """Without its wishes a customer would have been owed the talk at the same time or before."""
    duty = attrs.evolve(duty, wishes=WISHES)
    log = data.draw(logs(duty))
    wished = bounds(duty, calendar, log)
    plain = bounds(duty, calendar, [e for e in log if e.kind != "wish"])
    assert wished[1] >= plain[1]
    assert wished[0] >= plain[0]


@given(rhythms, testing.calendars(), st.data())
def test_nothing_is_due_before_a_standing_wish(duty: Cadence, calendar: Calendar, data: st.DataObject) -> None:
    """Nor worth doing: not before means not before."""
    duty = attrs.evolve(duty, wishes=WISHES)
    log = data.draw(logs(duty))
    said = max(e.at_us for e in log) + DAY
    until = said + data.draw(st.integers(1, 90)) * DAY
    starts, due = bounds(duty, calendar, [*log, Event(at=said, kind="wish", due=iso(until), id="wish")])
    assert due >= until
    assert starts >= until or duty.grid is not None


@given(fixed, testing.calendars(), st.data())
def test_a_grid_is_due_on_its_dates(duty: Cadence, calendar: Calendar, data: st.DataObject) -> None:
    """After the last talk, on a date of the grid, and on no date that an early talk has met."""
    duty = attrs.evolve(duty, grace=None)
    assert duty.grid is not None
    log = data.draw(logs(duty))
    rules = rules_of(duty, calendar, Parties())
    last = duty.cycle(Facts.of(calendar, rules.folding.fold(log).values(("", "", "", ""))))
    _, due = bounds(duty, calendar, log)
    assert last < due == duty.grid.after(due - 1, calendar) < NEVER
    if duty.early is not None:
        assert calendar._add(due, -duty.early) > last


@given(rhythms, testing.calendars(), st.data())
def test_is_worth_doing_before_it_is_due(duty: Cadence, calendar: Calendar, data: st.DataObject) -> None:
    """And never before the last talk, which an early one would repeat."""
    log = data.draw(logs(duty))
    starts, due = bounds(duty, calendar, log)
    assert ORIGIN.at_us <= starts <= due
