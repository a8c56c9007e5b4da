"""What always holds of slots that can be booked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar
from carepolicy.arrival.slots import bookable_slots

late = st.lists(st.integers(-60, 90), min_size=1, max_size=30)
starts = st.integers(0, 7 * 1440).map(lambda minutes: datetime(2026, 3, 25, tzinfo=UTC) + timedelta(minutes=minutes))
lengths = st.sampled_from([15, 30, 60])
places = st.sampled_from(
    [
        Calendar.weekly("Mon-Fri 09:00-12:00, 13:00-18:00", zone="Europe/Paris"),
        Calendar.weekly("Mon-Sun 22:00-04:00", zone="Europe/Paris"),
    ]
)


@given(late, starts, lengths, places, st.integers(0, 45))
def test_slots_never_overlap_and_lie_in_open_time(
    law: list[int], start: datetime, length: int, place: Calendar, grace: int
) -> None:
    """One after the other, each as long as asked, and open all the time."""
    found = bookable_slots(place, start, start + timedelta(hours=30), lateness=law, length=length, grace=grace)
    for one in found:
        assert one.window.opens is not None
        assert place.between(one.window.opens, one.window.closes) == timedelta(minutes=length)
    assert all(a.window.closes_us <= b.window.opens_us for a, b in pairwise(found))


@given(late, starts, lengths, places, st.integers(0, 45), st.integers(0, 30))
def test_who_is_offered_a_slot_is_served(
    law: list[int], start: datetime, length: int, place: Calendar, grace: int, takes: int
) -> None:
    """Counted customer by customer: enough are there before the door closes; where too few are, it is not offered."""
    found = bookable_slots(
        place, start, start + timedelta(hours=30), lateness=law, length=length, grace=grace, takes=takes, confidence=0.8
    )
    for one in found:
        ends, opens = one.window.closes, one.window.opens
        assert ends is not None
        door = place.next_close(opens) + timedelta(minutes=grace)
        there = sum(ends + timedelta(minutes=x + takes) <= door for x in law)
        assert one.offered == (there >= 0.8 * (len(law) + 1) - 1e-9)
