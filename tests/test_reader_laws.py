"""The hours of asking: those after which somebody is there in time, and no others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, elapsed
from carepolicy._instant import HOUR, to_micros
from carepolicy.reader import in_time_for

START = to_micros("2026-03-23T00:00+01:00")
DESKS = tuple(
    Calendar.weekly(hours, zone="Europe/Paris", holidays=["2026-03-30"])
    for hours in ("Mon-Fri 09:00-12:00, 13:00-17:00", "Mon,Thu 22:00-06:00", "Sun 01:00-04:00")
)


@given(st.sampled_from(DESKS), st.integers(0, 14 * 48), st.integers(1, 60), st.integers(0, 60))
def test_mean_what_they_say(desk: Calendar, half: int, within: int, lag: int) -> None:
    """It may be asked exactly when the desk is open at some instant while the answer is fresh, over a clock change."""
    at = START + half * HOUR // 2
    answered = at + lag * HOUR
    opens, closes = desk._stretch(answered)
    asks = in_time_for(desk, within=elapsed(hours=within), lag=elapsed(hours=lag))
    assert asks._is_open(at) == (answered < closes and opens <= answered + within * HOUR)
