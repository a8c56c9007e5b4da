"""Kits from what past jobs needed."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from carepolicy.arrival.interval import NoPromise
from carepolicy.arrival.kit import Kit, NoKit, kit_for
from carepolicy.errors import InvalidPolicyError, InvalidTableError

PAST = [["valve"]] * 60 + [["valve", "seal"]] * 30 + [["pump"]] * 10
LOAD = {"valve": 1, "seal": 0.1, "pump": 12}


class TestKits:
    """The lightest that does."""

    def test_names_of_parts(self) -> None:
        """Sets, lists and tuples are the same; nothing weighs more than anything else by default."""
        for kind in (set, list, tuple):
            kit = kit_for([kind(job) for job in PAST], confidence=0.9)
            assert isinstance(kit, Kit)
            assert (kit.parts, kit.chance, kit.load, kit.exact, kit.jobs) == (
                {"seal": 1, "valve": 1},
                0.9,
                2.0,
                True,
                100,
            )

    def test_pieces_of_a_part(self) -> None:
        """Two of one part are two pieces, each with its load."""
        kit = kit_for([{"seal": 2}] * 3 + [["seal"]] * 7 + [{"bolt": 0}] * 2, 0.9, load={"seal": 2})
        assert isinstance(kit, Kit)
        assert (kit.parts, kit.load) == ({"seal": 2}, 4.0)
        assert kit.suffices(["seal", "seal"])
        assert not kit.suffices(["seal"] * 3)
        assert not kit.suffices({"bolt": 1})

    def test_jobs_that_need_nothing(self) -> None:
        kit = kit_for([[]] * 9 + [["pump"]], 0.9)
        assert isinstance(kit, Kit)
        assert (kit.parts, kit.load, kit.chance) == ({}, 0.0, 0.9)

    def test_one_job(self) -> None:
        """It says nothing about the next."""
        kit = kit_for([["pump"]], 0.9)
        assert isinstance(kit, Kit)
        assert (kit.chance, kit.expected, kit.standard_error) == (1.0, 0.0, 0.0)

    def test_the_chance_of_the_next_job_is_less(self) -> None:
        """A kit chosen from few jobs with many parts suffices for fewer of those to come; `expected` says so."""
        random = np.random.default_rng(4)
        odds = 0.8 / np.arange(2, 22)
        past, coming = (
            [[f"p{p}" for p in np.flatnonzero(row)] for row in random.random((n, 20)) < odds] for n in (60, 4000)
        )
        kit = kit_for(past, 0.8)
        assert isinstance(kit, Kit)
        held = np.mean([kit.suffices(job) for job in coming])
        assert abs(kit.expected - held) < abs(kit.chance - held)
        assert abs(kit.expected - held) < 2 * kit.standard_error

    def test_a_search_that_is_given_up_says_so(self) -> None:
        kit = kit_for(PAST, 0.95, load=LOAD, most=1)
        assert isinstance(kit, Kit)
        assert (kit.exact, kit.at_least, kit.load) == (False, 13.1, 13.1)


class TestLimits:
    """What cannot be reached is said."""

    def test_no_kit(self) -> None:
        answer = kit_for(PAST, 0.95, load=LOAD, limit=5)
        assert isinstance(answer, NoPromise)
        assert isinstance(answer, NoKit)
        assert answer.reason == (
            "within a load of 5 the first visit suffices for 90 % of 100 jobs and not for 95 %, which takes 13.1; "
            "add pump"
        )
        assert (answer.best.parts, answer.chance, answer.lacking) == ({"seal": 1, "valve": 1}, 0.9, {"pump": 1})
        assert answer.observations == 100

    def test_a_limit_that_fits_exactly(self) -> None:
        """Tenths that do not add up in binary are no reason to leave a part behind."""
        kit = kit_for([["a", "b", "c"]] * 3, 0.9, load=dict.fromkeys("abc", 0.1), limit=0.3)
        assert isinstance(kit, Kit)
        assert sorted(kit.parts) == ["a", "b", "c"]


class TestAlike:
    """Jobs that share the features of the one to come, where there are enough of them."""

    KINDS = {"make": ["A"] * 60 + ["B"] * 40, "year": ["old", "new"] * 50}  # noqa: RUF012

    def test_all_features(self) -> None:
        kit = kit_for(PAST, 0.9, by=self.KINDS, given={"make": "A", "year": "old"})
        assert isinstance(kit, Kit)
        assert (kit.parts, kit.jobs, kit.why) == ({"valve": 1}, 30, "from 30 jobs with the same make, year")

    def test_the_last_is_left_out_first(self) -> None:
        kit = kit_for(PAST, 0.7, by=self.KINDS, given={"make": "B", "year": "old"})
        assert isinstance(kit, Kit)
        assert kit.why == "from 40 jobs with the same make"

    @pytest.mark.parametrize("missing", [None, float("nan")])
    def test_what_is_not_known_is_shared_with_nobody(self, missing: object) -> None:
        """Jobs whose make nobody wrote down are not of one make."""
        unknown = {"make": [None] * 60 + ["B"] * 40, "year": ["old", "new"] * 50}
        kit = kit_for(PAST, 0.9, by=unknown, given={"make": missing, "year": "old"})
        assert isinstance(kit, Kit)
        assert kit.why == "from 50 jobs with the same year"
        assert kit_for(PAST, by=unknown, given={"make": missing}).why == "from 100 jobs"  # type: ignore[union-attr]

    def test_too_few_are_alike(self) -> None:
        kit = kit_for(PAST, 0.9, by=self.KINDS, given={"make": "C"})
        assert isinstance(kit, Kit)
        assert kit.why == "from 100 jobs of all kinds: fewer than 30 are alike"


class TestRefused:
    """One sentence each."""

    @pytest.mark.parametrize(
        ("jobs", "more", "says"),
        [
            ([], {}, "jobs are empty; a kit needs past jobs to choose from"),
            (["valve"], {}, "job 0 is no set of parts: 'valve'; pass e.g. ['valve', 'seal']"),
            ([7], {}, "job 0 is no set of parts: 7; pass e.g. ['valve', 'seal']"),
            ([[7]], {}, "job 0 has a part whose name is no text: 7; name it"),
            ([{"a": -1}], {}, "count of 'a' in job 0 is no whole number from 0: -1"),
            ([["a"]], {"load": {"b": 1}}, "load says nothing of 'a'; say what one piece weighs, or 0"),
            ([["a"]], {"load": {"a": -1}}, "load of 'a' must be a number from 0, got -1; use one unit for all"),
            ([["a"]], {"limit": -1}, "limit must be a load from 0, got -1; leave it out for none"),
            ([["a"]], {"at_least": 0}, "at_least must be a whole number from 1, got 0"),
            ([["a"]], {"most": 0.5}, "most must be a whole number from 0, got 0.5"),
            ([["a"]], {"confidence": 1}, "confidence must be a share between 0 and 1, got 1; write 0.9 for 90 %"),
        ],
    )
    def test_bad_input(self, jobs: list[object], more: dict[str, object], says: str) -> None:
        with pytest.raises(InvalidPolicyError) as caught:
            kit_for(jobs, **more)  # type: ignore[arg-type]
        assert str(caught.value) == says

    def test_features_without_columns(self) -> None:
        with pytest.raises(InvalidTableError, match=r"^column is missing: 'make'; there are "):
            kit_for(PAST, given={"make": "A"})

    def test_kits_rebuild(self) -> None:
        kit = kit_for(PAST)
        assert eval(repr(kit)) == kit
        assert pickle.loads(pickle.dumps(kit)) == kit
