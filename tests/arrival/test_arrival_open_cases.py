"""Done-by bounds for cases that are still open."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.open_cases import OpenCases, Tail
from carepolicy.arrival.remaining import Remaining
from carepolicy.errors import InvalidPolicyError, InvalidTableError


def log(count: int = 4000, now: float = 60.0, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Cases opened over sixty days with long tails, the kind 'hard' twice as slow: age reached, ended, whole, kind."""
    rng = np.random.default_rng(seed)
    kind = np.where(rng.random(count) < 0.5, "hard", "easy")
    whole = (rng.pareto(1.5, count) + 0.2) * np.where(kind == "hard", 4.0, 2.0)
    reached = np.minimum(whole, now - rng.uniform(0, now, count))
    return reached, reached == whole, whole, kind.tolist()


class TestTail:
    """The slow cases."""

    def test_of_a_law(self) -> None:
        """Where cases fall as a power of their age, the slope is a little below that power."""
        ages = (np.arange(1, 4001) / 4000) ** (-1 / 2.0)
        tail = Tail.of(Remaining.fit(ages, np.ones(4000, dtype=bool)))
        assert tail is not None
        assert tail.start == pytest.approx(2.0, abs=0.01)
        assert tail.ended == 1000
        assert 1.85 < tail.slope < 2.0

    def test_too_few_ends_make_none(self) -> None:
        """Without twenty slow cases that have ended, or a quarter left, there is no tail."""
        assert Tail.of(Remaining.fit(np.arange(1.0, 41), np.ones(40, dtype=bool))) is None
        assert Tail.of(Remaining.fit(np.arange(1.0, 41), np.zeros(40, dtype=bool))) is None
        assert Tail.of(Remaining.fit(np.zeros(40), np.ones(40, dtype=bool))) is None


class TestOpenCases:
    """Bounds."""

    def test_kept_as_often_as_stated(self) -> None:
        """Open cases of the log are done by their bound as often as stated; closed cases only break."""
        reached, ended, whole, _ = log(20_000)
        cases = OpenCases.fit(reached, ended)
        still = ~ended
        bound = cases.done_by(reached[still])
        dated = np.isfinite(bound)
        assert 0.88 <= (whole[still][dated] <= bound[dated]).mean() <= 0.95
        assert dated.mean() >= 0.4
        assert (whole[still] <= np.quantile(whole[ended], 0.9)).mean() < 0.5

    def test_groups_and_those_too_small(self) -> None:
        """A group with enough ends answers for its cases, others ask everybody."""
        reached, ended, _, kind = log()
        cases = OpenCases.fit(reached, ended, by={"kind": kind}, at_least=100)
        easy, hard, other = cases.done_by([3.0] * 3, {"kind": ["easy", "hard", "unheard of"]})
        assert easy < other < hard
        assert other == cases.done_by([3.0])[0] == OpenCases.fit(reached, ended).done_by([3.0])[0]
        assert cases.done_by([3.0, 3.0], {"kind": [None, "easy"]}).tolist() == [other, easy]

    def test_fallback(self) -> None:
        """The levels are asked in the order stated."""
        reached, ended, _, kind = log()
        place = (["N", "S"] * len(kind))[: len(kind)]
        frame = {"kind": kind, "place": place}
        cases = OpenCases.fit(reached, ended, frame, [("kind", "place"), ("kind",)], at_least=500)
        assert [level for level, _ in cases.groups if level] == [("kind", "place")] * 4 + [("kind",)] * 2
        few = OpenCases.fit(reached, ended, frame, [("kind", "place"), ("kind",)], at_least=1000)
        assert [level for level, _ in few.groups if level] == [("kind",)] * 2

    def test_one_case(self) -> None:
        """An interval from its age on, or the reason and when to say the next word."""
        reached, ended, _, kind = log()
        cases = OpenCases.fit(reached, ended, by={"kind": kind})
        found = cases.bound(3, {"kind": "easy"})
        assert isinstance(found, Interval)
        assert (found.low, found.high) == (3, cases.done_by([3.0], {"kind": ["easy"]})[0])
        assert found.why.startswith("kind easy: ")
        anybody = cases.bound(3)
        assert isinstance(anybody, Interval)
        assert anybody.why == "everybody: 4000 cases"
        late = cases.bound(59.0, confidence=0.99)
        assert isinstance(late, NoPromise)
        assert late.reason.startswith(
            "no date yet: nobody has watched long enough to say when 99 % of the cases open at an age of 59 are done; "
            "promise the next update by an age of "
        )

    def test_few_cases_have_no_date(self) -> None:
        """Where nobody has seen the end, there is neither a date nor an age at which half are done."""
        cases = OpenCases.fit([1.0, 2.0, 3.0], [True, False, False])
        assert cases.done_by([1.0]).tolist() == [np.inf]
        assert cases.next_update([1.0]).tolist() == [np.inf]
        found = cases.bound(1)
        assert isinstance(found, NoPromise)
        assert found.reason.endswith("promise an update")

    def test_a_log_that_begins_late(self) -> None:
        """Cases that were watched from an age on count from it."""
        reached, ended, _, _ = log()
        entry = np.where(reached > 2, 1.0, 0.0)
        assert OpenCases.fit(reached, ended, entry=entry).done_by([3.0])[0] > 3

    def test_round_trips(self) -> None:
        """JSON and pickle give the same."""
        reached, ended, _, kind = log()
        cases = OpenCases.fit(reached, ended, by={"kind": kind})
        assert OpenCases.from_json(cases.to_json()) == cases
        assert pickle.loads(pickle.dumps(cases)) == cases
        assert repr(cases) == f"<OpenCases of 4000 cases, {(~ended).sum()} of them open when last seen, 2 groups>"
        endless = OpenCases.fit(reached, ended, by={"kind": [float("inf")] * reached.size})
        with pytest.raises(InvalidPolicyError, match="group value has no form in JSON: inf; fit with its text"):
            endless.to_json()
        with pytest.raises(InvalidPolicyError, match="group value has no form in JSON"):
            OpenCases.fit(reached, ended, by={"kind": [(1,)] * 4000}).to_json()

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"at_least": 0}, "at_least must be a whole number from 1, got 0"),
            ({"ahead": 0}, "ahead must be a number above 0, got 0; use 2.5"),
        ],
    )
    def test_settings_refused(self, settings: dict[str, int], message: str) -> None:
        """Settings that cannot be are refused."""
        with pytest.raises(InvalidPolicyError, match=message):
            OpenCases.fit([1.0], [True], **settings)  # type: ignore[arg-type]

    def test_input_refused(self) -> None:
        """So are ages, groups and cases that cannot be."""
        cases = OpenCases.fit([1.0], [True], by={"kind": ["easy"]})
        with pytest.raises(InvalidPolicyError, match="durations are empty; there is nothing to learn from"):
            OpenCases.fit([], [])
        with pytest.raises(InvalidPolicyError, match="ages must be one-dimensional, got 0 dimensions"):
            cases.done_by(3.0)
        with pytest.raises(InvalidPolicyError, match=r"ages must be finite and not negative, got -1.0"):
            cases.done_by([-1.0])
        with pytest.raises(InvalidPolicyError, match="group is not known: 'place'; there are kind"):
            cases.bound(1, {"place": "N"})
        with pytest.raises(InvalidTableError, match="column is missing: 'kind'"):
            cases.done_by([1.0], {"place": ["N"]})


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"groups": 1}'])
def test_other_texts_are_refused_by_name(text: str) -> None:
    """With what to pass instead."""
    with pytest.raises(InvalidPolicyError, match=r"^text is no bounds of open cases: .*; pass what to_json gave$"):
        OpenCases.from_json(text)
