"""Long work in stages, looked at from one instant after the other."""

from __future__ import annotations

import pickle
import re
from typing import Any

import numpy as np
import pytest

from carepolicy import Calendar, working_days
from carepolicy._instant import NEVER, to_micros, to_moment
from carepolicy.arrival.interval import NoPromise
from carepolicy.arrival.law import Empirical
from carepolicy.arrival.outlook import NoDate, Outlook
from carepolicy.arrival.stage import Stage
from carepolicy.arrival.stated import Stated
from carepolicy.arrival.work import Completion
from carepolicy.errors import InvalidPolicyError, InvalidTimeError, UnknownNameError
from carepolicy.window import Window

SHOP = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="America/Denver", holidays=["2017-12-25", "2018-01-01"])
SUPPLIER = Calendar.weekly("Mon-Sat 06:00-14:00", zone="America/Chicago")
AT = "2017-12-04T10:00-07:00"
ALWAYS_FIVE = Stated(5, 5, 5)
WORK = Stated(50, 80, 140)


class Sometimes:
    """A law whose end nobody has seen: six tenths are over within ten, evenly."""

    def quantile(self, share: object) -> np.ndarray:
        shares = np.asarray(share, dtype=np.float64)
        return np.where(shares <= 0.6, shares / 0.6 * 10, np.inf)

    def cdf(self, value: object) -> np.ndarray:
        return np.clip(np.asarray(value, dtype=np.float64) / 10, 0, 1) * 0.6


def repair(**known: object) -> Completion:
    """Parts, work, perhaps hidden damage, and the dealer's word."""
    work = Completion(
        [
            Stage("parts", Stated(3, 5, 15), "working days", SUPPLIER),
            Stage("work", WORK, "hours", SHOP),
            Stage("damage", Stated(2, 5, 20), "working days", SHOP, chance=0.3),
            Stage("dealer", Stated(1, 3, 12), "working days", SHOP, again=0.3),
        ]
    )
    for name, facts in known.items():
        work = work.changed(name, **facts)  # type: ignore[arg-type]
    return work


def closes(found: Window | NoDate) -> str:
    """The last instant of a promise, as the shop reads it."""
    assert isinstance(found, Window)
    return to_moment(found.closes_us - 1, SHOP.zone).format("YYYY-MM-DD HH:mm")


class TestWhatIsCertain:
    """Stages that take what they take lead to the instant that the calendars name."""

    def test_working_days_then_hours(self) -> None:
        """Five of the supplier's days from Monday 10:00 are Saturday 10:00; ten hours of work then end on Tuesday."""
        work = Completion(
            [Stage("parts", ALWAYS_FIVE, "working days", SUPPLIER), Stage("w", Stated(10, 10, 10), "hours", SHOP)]
        )
        outlook = work.simulate(AT, draws=100)
        assert set(outlook.done.tolist()) == {to_micros("2017-12-12T10:00-07:00")}
        assert closes(outlook.by(0.9)) == "2017-12-12 17:00"
        assert str(outlook) == "Mon 4 Dec 2017 10:00: done by Tue 12 Dec 2017 17:00 (90 %)"
        assert repr(outlook) == "<Outlook from 2017-12-04T17:00:00+00:00: 2 stages, 100 draws>"

    def test_elapsed_time_on_the_road(self) -> None:
        """Days of 24 hours count through the weekend; who works always is done by midnight."""
        outlook = Completion([Stage("road", Stated(5, 5, 5), "days")]).simulate(AT, draws=100)
        assert set(outlook.done.tolist()) == {to_micros("2017-12-09T17:00Z")}
        assert outlook.by(0.5) == Window(closes="2017-12-10T00:00:00.000001Z")

    def test_work_done_at_closing_is_told_for_that_day(self) -> None:
        """Six hours from 10:00 end at 17:00 sharp, and not on the next morning."""
        outlook = Completion([Stage("w", Stated(6, 6, 6), "hours", SHOP)]).simulate(AT, draws=100)
        assert closes(outlook.by(0.9)) == "2017-12-04 17:00"

    def test_in_parallel_all_must_end(self) -> None:
        """Two that begin at once, and one that waits for both."""
        work = Completion(
            [
                Stage("left", Stated(10, 10, 10), "days", after=()),
                Stage("right", Stated(4, 4, 4), "days", after=()),
                Stage("join", Stated(1, 1, 1), "days", after=("left", "right")),
            ]
        )
        outlook = work.simulate(AT, draws=100)
        assert set(outlook.done.tolist()) == {to_micros("2017-12-15T17:00Z")}
        assert outlook.drivers() == {"left": 1.0, "join": 1.0, "right": 0.0}
        assert work.changed("left", pace=0.1).simulate(AT, draws=100).drivers()["right"] == 1.0

    def test_an_appointment_is_not_before(self) -> None:
        """The dealer has a day for the car, and no earlier one."""
        work = Completion([Stage("dealer", Stated(2, 2, 2), "hours", SHOP, not_before="2017-12-20T08:00-07:00")])
        assert closes(work.simulate(AT, draws=100).by(0.9)) == "2017-12-20 17:00"

    def test_what_is_over_is_told_to_the_instant(self) -> None:
        """All stages that were needed are finished: nothing is rounded, nothing left open."""
        known = {"started": AT, "finished": "2017-12-12T11:30-07:00"}
        done = repair(parts=known, work=known, damage={"chance": 0}, dealer=known)
        outlook = done.simulate("2017-12-20T10:00-07:00")
        assert closes(outlook.by(0.99)) == "2017-12-12 11:30"
        assert set(outlook.drivers().values()) == {0.0}

    def test_the_order_of_the_list_does_not_matter(self) -> None:
        """Each stage has its own stream of numbers."""
        first, second = Stage("a", WORK, after=()), Stage("b", Stated(1, 2, 9), after=("a",))
        there, back = Completion([first, second]), Completion([second, first])
        assert (there.simulate(AT).done == back.simulate(AT).done).all()


class TestWhatIsKnown:
    """Facts count from the instant at which they happened, and not before."""

    def test_facts_still_to_come_change_nothing(self) -> None:
        later = repair(parts={"started": "2017-12-05T10:00-07:00", "finished": "2017-12-16T10:00-07:00"})
        assert (later.simulate(AT).ends == repair().simulate(AT).ends).all()

    def test_age_conditions(self) -> None:
        """Parts that have not come in two weeks take longer from the start, and less from now on, than new ones."""
        begun = repair(parts={"started": AT})
        now = "2017-12-18T10:00-07:00"
        assert begun.simulate(now).ends[0].min() > to_micros(now)
        assert np.median(begun.simulate(now).ends[0]) > np.median(begun.simulate(AT).ends[0])

    def test_age_of_measured_work(self) -> None:
        """Of ten durations seen, those that are longer than the age count, and one that is longer still."""
        work = Completion([Stage("w", Empirical(range(1, 11)), "hours", SHOP, started=AT)])
        done = work.simulate("2017-12-05T10:00-07:00", draws=3000).done  # 8 hours later
        share = [
            (done == tick).mean()
            for tick in (to_micros("2017-12-05T11:00-07:00"), to_micros("2017-12-05T12:00-07:00"), NEVER)
        ]
        assert share == pytest.approx([1 / 3] * 3, abs=0.001)

    def test_a_stage_that_was_passed_over_was_not_needed(self) -> None:
        begun = repair(
            parts={"finished": "2017-12-08T10:00-07:00"},
            work={"finished": "2017-12-20T10:00-07:00"},
            dealer={"started": "2017-12-21T08:00-07:00"},
        )
        outlook = begun.simulate("2017-12-21T10:00-07:00")
        assert outlook.chance("2017-12-21T10:00-07:00", stage="damage") == 1.0
        assert outlook.drivers() == {"dealer": 1.0, "parts": 0.0, "work": 0.0, "damage": 0.0}

    def test_damage_that_was_found_is_certain(self) -> None:
        found = repair(work={"finished": "2017-12-29T09:00-07:00"}, damage={"started": "2017-12-29T10:00-07:00"})
        assert found.simulate("2017-12-29T12:00-07:00").needed[2].all()

    def test_a_shorter_stage_brings_it_forward(self) -> None:
        """What the date would be if the parts took half as long, those under way included."""
        begun = repair(parts={"started": AT})
        slow, fast = (work.simulate("2017-12-11T10:00-07:00") for work in (begun, begun.changed("parts", pace=0.5)))
        assert (fast.done <= slow.done).all()
        assert closes(fast.by(0.9)) < closes(slow.by(0.9))


class TestWhatCanBeTold:
    """A date where the laws carry one, and else the instant of the next word."""

    def test_the_chance_before_a_holiday(self) -> None:
        outlook = repair().simulate(AT)
        holiday = "2017-12-22T17:00-07:00"
        assert (
            0 < outlook.chance(holiday) < outlook.chance(holiday, stage="work") < outlook.chance(holiday, "parts") < 1
        )
        with pytest.raises(
            UnknownNameError, match=r"^stage is not there: 'paint'; there are parts, work, damage, dealer$"
        ):
            outlook.chance(holiday, stage="paint")

    def test_a_window_has_two_ends(self) -> None:
        found = repair().simulate(AT).window(0.8)
        by = repair().simulate(AT).by(0.9)
        assert isinstance(found, Window)
        assert isinstance(by, Window)
        assert found.closes_us == by.closes_us
        assert found.opens_us > to_micros(AT)

    def test_no_date_where_nobody_has_seen_the_end(self) -> None:
        """A law that is censored at 60 % carries 50 %, and not 90 %; there is another word with the heartbeat."""
        work = Completion([Stage("part", Sometimes(), "working days", SUPPLIER, started=AT)], heartbeat=working_days(3))
        outlook = work.simulate(AT)
        assert isinstance(outlook.by(0.5), Window)
        found = outlook.by(0.9)
        assert isinstance(found, NoPromise)
        assert isinstance(found, NoDate)
        assert found.stage == "part"
        assert found.reason == (
            "part may take longer than was ever seen: in 40% of the draws nobody can say when it is done"
        )
        assert str(found.next_update) == "2017-12-07 11:00:00-06:00"
        assert isinstance(outlook.window(0.9), NoDate)
        assert str(outlook) == (
            "Mon 4 Dec 2017 11:00: no date yet (part may take longer than was ever seen: in 40% of the draws nobody "
            "can say when it is done); next update by Thu 7 Dec 2017 11:00"
        )

    def test_the_next_word_comes_when_the_stage_can_tell(self) -> None:
        """The law says nothing beyond ten working days: then it has come, or is known to be late."""
        work = Completion(
            [Stage("part", Sometimes(), "working days", SUPPLIER, started=AT)], heartbeat=working_days(60)
        )
        found = work.simulate(AT).by(0.9)
        assert isinstance(found, NoDate)
        assert str(found.next_update) == "2017-12-15 11:00:00-06:00"

    def test_a_stage_that_has_not_begun_tells_when_it_does(self) -> None:
        work = Completion(
            [Stage("p", ALWAYS_FIVE, "days"), Stage("part", Sometimes(), "days")], heartbeat=working_days(60)
        )
        found = work.simulate(AT).by(0.9)
        assert isinstance(found, NoDate)
        assert (found.stage, str(found.next_update)) == ("part", "2017-12-09 17:00:00+00:00")

    def test_a_stage_that_outlasts_its_law(self) -> None:
        """Longer than every case seen: nothing can be told, but when the next word comes."""
        work = Completion([Stage("w", [1, 2, 3], "hours", SHOP, started=AT)])
        found = work.simulate("2017-12-11T10:00-07:00").by(0.1)
        assert isinstance(found, NoDate)
        assert found.reason == "w has taken longer than was ever seen, so nobody can say when it is done"
        assert str(found.next_update) == "2017-12-18 10:00:00-07:00"
        law = Completion([Stage("w", Stated(5, 5, 5), "hours", SHOP, started=AT)])
        assert isinstance(law.simulate("2017-12-11T10:00-07:00").by(0.1), NoDate)

    def test_a_law_that_says_nothing_at_all(self) -> None:
        class Silent(Sometimes):
            def quantile(self, share: object) -> np.ndarray:
                return np.full(np.asarray(share).shape, np.inf)

        found = Completion([Stage("w", Silent(), started=AT)]).simulate(AT).by(0.1)
        assert isinstance(found, NoDate)
        assert found.reason.startswith("w has taken longer")

    def test_draws_that_are_too_few(self) -> None:
        found = repair().simulate(AT, draws=100).by(0.995)
        assert isinstance(found, NoDate)
        assert (found.reason, found.stage) == ("100 draws do not carry 99.5 %; use more", "")


class TestValues:
    """Stages and work are values."""

    def test_they_rebuild(self) -> None:
        from datetime import date  # noqa: F401  (named by the repr of calendars)

        work = repair(parts={"started": AT, "finished": "2017-12-16T10:00-07:00", "not_before": AT, "pace": 2.0})
        assert eval(repr(work)) == work
        assert pickle.loads(pickle.dumps(work)) == work
        assert repr(Stage("s", [1.0])) == "Stage('s', Empirical([1.0]))"
        assert repr(Stage("s", [1.0], "days")) == "Stage('s', Empirical([1.0]), 'days')"

    def test_the_same_seed_gives_the_same_draws(self) -> None:
        first, second, other = (repair().simulate(AT, seed=seed) for seed in (1, 1, 2))
        assert isinstance(first, Outlook)
        assert (first.done == second.done).all()
        assert (first.done != other.done).any()
        assert not first.ends.flags.writeable

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"name": ""}, "name of a stage is no text: ''; say e.g. 'parts'"),
            ({"unit": "weeks"}, "unit is not known: 'weeks'; use one of seconds, minutes, hours, days, working days"),
            ({"chance": 1.5}, "chance must be a share from 0 to 1, got 1.5; write 0.3 for 30 %"),
            ({"again": 1}, "again must be a share from 0 to 0.95, got 1; what hardly ever holds has no end to tell"),
            ({"pace": 0}, "pace must be above 0 and at most 100, got 0; 0.5 takes half as long"),
            (
                {"started": AT, "finished": "2017-12-04T09:00-07:00"},
                (
                    "finished is before started: finished=2017-12-04T16:00:00+00:00, "
                    "started=2017-12-04T17:00:00+00:00; swap them"
                ),
            ),
        ],
    )
    def test_what_a_stage_refuses(self, changes: dict[str, object], says: str) -> None:
        arguments: dict[str, object] = {"name": "s", "law": WORK} | changes
        with pytest.raises(InvalidPolicyError) as caught:
            Stage(**arguments)  # type: ignore[arg-type]
        assert str(caught.value) == says

    def test_naive_times_are_refused(self) -> None:
        with pytest.raises(InvalidTimeError, match=r"^started has no time zone: 2017-12-04 10:00:00; "):
            Stage("s", WORK, started="2017-12-04T10:00")

    @pytest.mark.parametrize(
        ("stages", "says"),
        [
            ([], "work has no stages; pass at least one Stage"),
            (["parts"], "stage is none: 'parts'; use e.g. Stage('parts', law)"),
            ([Stage("a", WORK), Stage("a", WORK)], "two stages have one name: 'a'; give each its own"),
            (
                [Stage("a", WORK, after="b"), Stage("b", WORK, after="a")],
                "stages wait for each other: 'a' after 'b' after 'a'; take one back",
            ),
        ],
    )
    def test_what_work_refuses(self, stages: list[Stage], says: str) -> None:
        with pytest.raises(InvalidPolicyError) as caught:
            Completion(stages)
        assert str(caught.value) == says

    def test_names_that_are_not_there(self) -> None:
        with pytest.raises(UnknownNameError, match=r"^'a' comes after a stage that is not there: 'z'; list it$"):
            Completion([Stage("a", WORK, after="z")])
        with pytest.raises(
            UnknownNameError, match=r"^stage is not there: 'paint'; there are parts, work, damage, dealer$"
        ):
            repair().changed("paint", pace=2)

    def test_draws_and_seeds(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^draws must be at least 100 and seed at least 0, got 10 and 1$"):
            repair().simulate(AT, draws=10)


class TestNaturalCalls:
    def test_one_stage(self) -> None:
        """Work of one stage needs no list."""
        stage = Stage("parts", ALWAYS_FIVE)
        assert Completion(stage) == Completion([stage])

    @pytest.mark.parametrize(
        ("call", "text"),
        [
            (lambda: Stage("parts", [3, -1]), "law has a duration below 0: -1; leave the case out"),
            (
                lambda: Stage("parts", [3], "hours", "Mon-Fri"),  # type: ignore[arg-type]
                "calendar is none: 'Mon-Fri'; use e.g. Calendar.weekly(...)",
            ),
            (
                lambda: Stage("parts", [3], chance="x"),
                "chance must be a share from 0 to 1, got 'x'; write 0.3 for 30 %",
            ),
            (
                lambda: Completion(Stage("parts", [3])).simulate(AT, draws=4000.0),  # type: ignore[arg-type]
                "draws must be at least 100 and seed at least 0, got 4000.0 and 1",
            ),
            (
                lambda: Completion(Stage("parts", [3])).simulate(AT, seed=None),  # type: ignore[arg-type]
                "draws must be at least 100 and seed at least 0, got 4000 and None",
            ),
        ],
    )
    def test_refused(self, call: Any, text: str) -> None:
        """In one sentence."""
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(text)}$"):
            call()

    def test_a_change_that_is_misspelt(self) -> None:
        """Says what can be changed."""
        with pytest.raises(UnknownNameError, match=r"^stage has no 'begun'; there are after, again, calendar"):
            Completion(Stage("parts", [3])).changed("parts", begun=AT)
