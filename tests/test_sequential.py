"""Sequential tests: evidence from intervals, silence and shares, and time counted in agreed intervals."""

from __future__ import annotations

import math

import pytest

from carepolicy import Calendar, Window, days, elapsed, working_days
from carepolicy._instant import NEVER, to_micros
from carepolicy._sequential.agreed import Agreed
from carepolicy._sequential.calibration import LEAST, LEVELS, RHYTHM, SHARE
from carepolicy._sequential.rhythm import CAUTION, RATES, STEADIEST, Evidence, Regularity, by_interval, by_silence
from carepolicy._sequential.share import WINDOW, fall_of

DAY = 86_400_000_000
MONDAY = to_micros("2024-01-08T10:00Z")
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")


class TestSilence:
    """The log likelihood ratio of a silence: survival of an Erlang interval at two rates."""

    def test_of_pure_chance_is_the_difference_of_the_rates(self) -> None:
        assert by_silence(1, 0.25, 3.0) == pytest.approx(0.75 * 3)
        assert by_silence(4, 0.5, 0.0) == 0.0

    def test_is_the_survival_of_the_erlang_distribution(self) -> None:
        def survival(x: float) -> float:
            return math.exp(-x) * (1 + x + x**2 / 2)

        assert by_silence(3, 0.5, 2.0) == pytest.approx(math.log(survival(3.0) / survival(6.0)))

    @pytest.mark.parametrize("shape", [1, 2, 7, STEADIEST])
    @pytest.mark.parametrize("rate", RATES)
    def test_grows_with_the_silence_and_tells_more_than_a_talk_then(self, shape: int, rate: float) -> None:
        told = [by_silence(shape, rate, x / 10) for x in range(200)]
        assert told == sorted(told)
        assert all(by_silence(shape, rate, x / 10) >= by_interval(shape, rate, x / 10) for x in range(200))


class TestRegularity:
    """How regular an account is, learnt with caution."""

    def test_is_pure_chance_until_something_is_known(self) -> None:
        assert [Regularity().shape, Regularity().step(1).shape, Regularity().step(1).step(1).shape] == [1, 1, 1]

    def test_grows_with_every_interval_of_the_same_length(self) -> None:
        kept, shapes = Regularity(), []
        for _ in range(80):
            kept = kept.step(1.0)
            shapes.append(kept.shape)
        assert shapes == sorted(shapes)
        assert shapes[CAUTION] == 2
        assert shapes[-1] == STEADIEST

    def test_a_change_of_level_does_not_make_an_account_irregular(self) -> None:
        kept = Regularity()
        for length in [1.0] * 20 + [2.0] * 20:
            kept = kept.step(length)
        assert kept.shape >= 8


class TestEvidence:
    """Sums of evidence, each from its last zero on."""

    def test_the_shortest_silence_for_some_evidence(self) -> None:
        quiet = Evidence().silence_for(5.0)
        assert Evidence().after(quiet) == pytest.approx(5.0)
        assert Evidence().silence_for(0.0) == 0.0

    def test_intervals_that_are_kept_leave_nothing(self) -> None:
        seen = Evidence()
        for number in range(1, 5):
            seen = seen.step(1.0, 4, number, 6.0)
        assert (seen.sums, seen.since) == ((0.0,) * 4, (4,) * 4)

    def test_long_intervals_add_up_from_where_they_began(self) -> None:
        seen = Evidence.anew(4, 7)
        for number in range(8, 14):
            seen = seen.step(2.0, 4, number, 6.0)
        assert max(seen.sums) + seen.worth == pytest.approx(6.0)
        assert seen.thin_since(0.0) == 7


class TestChance:
    """How much evidence chance brings, and how often."""

    def test_the_evidence_for_a_rate_is_that_of_the_line(self) -> None:
        needed = RHYTHM.needed(0.1, 26)
        assert RHYTHM.often * math.exp(-RHYTHM.falls * needed) * 26 == pytest.approx(0.1)
        assert SHARE.needed(1.0, 1) == LEAST

    def test_steps_ascend_and_hold_that_of_the_alarm(self) -> None:
        steps = RHYTHM.steps(0.07, 26)
        assert list(steps) == sorted(steps)
        assert [c for _, c in steps] == pytest.approx(sorted({*LEVELS, math.exp(-0.07)}))
        assert dict(steps)[RHYTHM.needed(0.07, 26)] == pytest.approx(math.exp(-0.07))


class TestShare:
    """The most likely fall of a share."""

    def test_none_of_nothing_and_of_what_only_rises(self) -> None:
        assert fall_of([], 5).evidence == 0.0
        assert fall_of([0] * 10 + [1] * 10, 5).evidence == 0.0
        assert fall_of([1, 1, 0], 5).evidence == 0.0

    def test_where_it_fell(self) -> None:
        fall = fall_of([1] * 20 + [0, 1, 0, 0], 5)
        assert (fall.at, fall.before, fall.since) == (20, 1.0, 0.25)
        likely = math.log(1 / 4) + 3 * math.log(3 / 4) - 21 * math.log(21 / 24) - 3 * math.log(3 / 24)
        assert fall.evidence == pytest.approx(likely)

    def test_is_the_best_of_all_places(self) -> None:
        hits = [1, 1, 0, 1, 1, 1, 0, 1, 0, 0, 1, 0]

        def evidence(at: int) -> float:
            parts = (hits[:at], hits[at:], hits)
            one, two, whole = (
                sum(math.log(sum(p) / len(p) if hit else 1 - sum(p) / len(p)) for hit in p) for p in parts
            )
            return one + two - whole

        assert fall_of(hits, 5).evidence == pytest.approx(max(evidence(at) for at in range(5, len(hits) - 1)))

    def test_is_looked_for_within_a_window(self) -> None:
        assert fall_of([1] * 10 + [0] * (WINDOW + 10), 5).evidence == 0.0


class TestAgreed:
    """Time counted in agreed intervals."""

    def test_working_days_count_open_time(self) -> None:
        clock = Agreed(working_days(5), office)
        assert clock.between(MONDAY, MONDAY + 7 * DAY) == 1.0
        assert clock.between(MONDAY, MONDAY + DAY) == pytest.approx(0.2)
        assert clock.between(MONDAY + 4 * DAY + DAY // 2, MONDAY + 6 * DAY) == 0.0

    def test_days_and_elapsed_time_count_all(self) -> None:
        for span in (days(4), elapsed(hours=96)):
            assert Agreed(span, office).between(MONDAY, MONDAY + 6 * DAY) == 1.5

    def test_many_intervals_at_once(self) -> None:
        closed = office.closed_on(*(f"2024-02-{day:02}" for day in range(1, 29)))
        clock = Agreed(working_days(1), closed)
        assert clock.between(MONDAY, MONDAY + 364 * DAY) == 240.0
        busy = office.open_on("2024-01-13", "09:00-17:00").open_on("2024-01-14", "09:00-17:00")
        assert Agreed(working_days(1), busy).between(MONDAY, MONDAY + 7 * DAY) == 7.0

    def test_where_an_interval_has_no_open_time_it_is_counted_by_the_clock(self) -> None:
        odd = Calendar.weekly("Mon 08:00-10:00; Tue 15:00-17:00", zone="UTC")
        noon = MONDAY + DAY // 12
        assert Agreed(working_days(1), odd).between(noon, noon + DAY // 2) == pytest.approx(0.5)

    def test_rests_do_not_count(self) -> None:
        rest = (MONDAY + 2 * DAY, MONDAY + 5 * DAY)
        clock = Agreed(days(4), office, (rest,))
        assert clock.between(MONDAY, MONDAY + 9 * DAY) == 1.5
        assert clock.between(MONDAY, MONDAY + 4 * DAY) == 0.5
        assert clock.between(MONDAY + 3 * DAY, MONDAY + 9 * DAY) == 1.0
        assert clock.when(MONDAY, 1.0) == MONDAY + 7 * DAY

    def test_when_is_the_first_instant(self) -> None:
        clock = Agreed(working_days(5), office)
        at = clock.when(MONDAY, 2.3)
        assert clock.between(MONDAY, at) >= 2.3 > clock.between(MONDAY, at - 1)

    def test_what_never_comes(self) -> None:
        clock = Agreed(days(4), office, ((MONDAY + DAY, NEVER),))
        assert clock.when(MONDAY, 1.0) == NEVER
        assert clock.when(MONDAY, 1e9) == NEVER
        once = Calendar.only(Window("2024-01-08T09:00Z", "2024-01-08T17:00Z"))
        assert Agreed(working_days(1), once).when(MONDAY, 0.5) == NEVER

    def test_beyond_the_calendar_only_whole_intervals_count(self) -> None:
        few = Calendar.only(*(Window(f"2024-01-{d:02}T09:00Z", f"2024-01-{d:02}T17:00Z") for d in range(8, 12)))
        assert Agreed(working_days(1), few).between(MONDAY, MONDAY + 30 * DAY) == 3.0

    def test_how_many_a_year_has(self) -> None:
        assert Agreed(days(5), office).in_a_year(MONDAY) == 73.0
        assert Agreed(days(1000), office).in_a_year(MONDAY) == 1.0
