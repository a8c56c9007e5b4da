"""Slots that can be booked: which there are, and which would strand who comes a little late."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Calendar
from carepolicy.arrival.slots import Slot, bookable_slots
from carepolicy.errors import InvalidPolicyError

PARIS = "Europe/Paris"
shop = Calendar.weekly("Mon-Fri 09:00-12:00, 13:00-18:00", zone=PARIS)
LATE = list(range(-70, 30))
"""Who comes in time, and 29 of 100 who come up to 29 minutes after the end of their slot."""


def slots(hours: Calendar = shop, opens: str = "02T00:00", closes: str = "03T00:00", **how: Any) -> tuple[Slot, ...]:
    how = {"lateness": LATE, **how}
    return bookable_slots(hours, f"2026-03-{opens}+01:00", f"2026-03-{closes}+01:00", **how)


def offered(found: tuple[Slot, ...]) -> list[str]:
    return [str(one.window.opens)[11:16] for one in found if one.offered]


class TestSlots:
    """Which there are."""

    def test_none_ends_too_near_to_the_closing(self) -> None:
        """Every second before noon, and the last of the day: 29 of 100 would stand before a closed door."""
        found = slots(length=60)
        assert offered(found) == ["08:00", "09:00", "12:00", "13:00", "14:00", "15:00"]
        refused = [one for one in found if not one.offered]
        assert [one.why for one in refused] == [
            "ends as the door closes, Mon 2 Mar 2026 12:00: 70.3 % would be served, 95 % is needed",
            "ends as the door closes, Mon 2 Mar 2026 18:00: 70.3 % would be served, 95 % is needed",
        ]
        assert found[0].why == "ends 120 minutes before the door closes, Mon 2 Mar 2026 12:00: 99.01 % would be served"

    def test_grace_opens_the_last_slot(self) -> None:
        """A shop that stays half an hour for who is on the way offers all."""
        assert all(one.offered for one in slots(grace=30))

    def test_what_takes_long_closes_more_slots(self) -> None:
        """An hour at the counter needs an hour before the door closes."""
        assert offered(slots(length=60, takes=60)) == ["08:00", "12:00", "13:00", "14:00"]

    def test_a_lower_share_offers_more(self) -> None:
        """Whoever takes a third of stranded customers offers all."""
        assert all(one.offered for one in slots(confidence=0.7))

    def test_slots_lie_on_the_clock_within_open_time(self) -> None:
        """A place that opens at ten past begins with the next half hour."""
        hours = Calendar.weekly("Mon-Fri 09:10-11:20", zone=PARIS)
        assert [str(one.window.opens)[11:16] for one in slots(hours)] == ["08:30", "09:00", "09:30"]

    def test_the_door_counts_and_not_what_was_asked_for(self) -> None:
        """Asked for slots until 17:00, the one before is far from the closing at 18:00."""
        assert offered(slots(opens="02T16:00", closes="02T17:00", length=30)) == ["15:00", "15:30"]

    def test_none_in_the_past(self) -> None:
        """At 16:10 the next slot begins at half past."""
        found = slots(not_before="2026-03-02T16:10+01:00")
        assert str(found[0].window.opens)[11:16] == "15:30"

    def test_past_midnight(self) -> None:
        """A night counter has a slot from half past eleven to half past twelve; none where clocks skip the hour."""
        night = Calendar.weekly("Mon-Sun 22:00-04:00", zone=PARIS)
        found = slots(night, opens="02T22:00", closes="03T04:00", length=60)
        assert offered(found) == ["21:00", "22:00", "23:00", "00:00", "01:00"]
        skipping = bookable_slots(night, "2026-03-28T22:00+01:00", "2026-03-29T04:00+02:00", lateness=LATE, length=60)
        assert len(skipping) == 5

    def test_a_door_that_never_closes(self) -> None:
        """Nobody is stranded."""
        found = slots(Calendar.always(PARIS), closes="02T01:00")
        assert [one.why for one in found] == ["the door never closes: 99.01 % would be served"] * 2

    @pytest.mark.parametrize(
        ("how", "message"),
        [
            ({"length": 50}, "length does not divide the day into whole minutes: 50; use 5, 15, 30 or 60"),
            ({"grace": -1}, "grace must be minutes from 0, got -1"),
            ({"takes": True}, "takes must be minutes from 0, got True"),
            ({"lateness": "late"}, "lateness is neither a law nor draws of one: 'late'; pass numbers"),
        ],
    )
    def test_refused(self, how: dict[str, Any], message: str) -> None:
        """The text names the argument, what it was, and what would do."""
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(message)}$"):
            slots(**how)


def test_hours_are_a_calendar() -> None:
    """Text is refused with what would do."""
    with pytest.raises(InvalidPolicyError, match=r"^calendar is none: 'Mon-Fri'; use e.g. Calendar.weekly"):
        bookable_slots("Mon-Fri", "2026-03-02T08:00Z", "2026-03-02T18:00Z", lateness=LATE)  # type: ignore[arg-type]
