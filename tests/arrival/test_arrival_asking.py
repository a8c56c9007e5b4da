"""Questions before a visit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from carepolicy.arrival.asking import Asking, Worth, ask_before, ask_stated
from carepolicy.errors import InvalidPolicyError, InvalidTableError

LIGHT = ["red"] * 80 + ["off"] * 120
FLOOR = [1, 2, 3, 4] * 50
SENT = {"boiler": [light == "red" for light in LIGHT], "wiring": [light == "off" for light in LIGHT]}
ODDS: dict[str, dict[object, tuple[float, dict[str, float]]]] = {
    "light": {"red": (0.4, {"boiler": 0.9, "wiring": 0.1}), "off": (0.6, {"boiler": 0.2, "wiring": 0.8})},
    "floor": {1: (0.5, {"boiler": 0.4, "wiring": 0.5}), 2: (0.5, {"boiler": 0.4, "wiring": 0.6})},
}


class TestFromJobs:
    """What is worth asking is what changes what is sent."""

    def test_the_question_that_tells(self) -> None:
        found = ask_before({"light": LIGHT, "floor": FLOOR}, SENT)
        assert (found.questions, found.chance, found.asked, found.jobs) == (("light",), 0.6, 1.0, 200)
        assert found.why == "from 200 jobs"
        assert [each.question for each in found.ranked] == ["light", "floor"]
        assert found.ranked[0].gain == pytest.approx(0.4)
        assert found.ranked[0].verdict == "ask"

    def test_what_is_known_is_not_asked(self) -> None:
        """And jobs that share it count: with the light known to be red, the boiler kit goes along."""
        found = ask_before({"light": LIGHT, "floor": FLOOR}, SENT, known={"light": "red"})
        assert (found.questions, found.chance, found.jobs) == ((), 1.0, 80)
        assert found.why == "from 80 jobs with the same light"
        assert [each.question for each in found.ranked] == ["floor"]

    def test_known_but_rare(self) -> None:
        """Where too few jobs share it all of them count, and it is still not asked."""
        found = ask_before({"light": LIGHT, "floor": FLOOR}, SENT, known={"light": "green"})
        assert (found.jobs, found.chance) == (200, 0.6)

    def test_a_question_that_costs_more_than_it_brings(self) -> None:
        found = ask_before({"light": LIGHT}, SENT, cost={"light": 0.9})
        assert found.questions == ()
        assert found.ranked[0].verdict == "not worth it"

    def test_a_second_answer_to_the_same(self) -> None:
        """Once the light is known its colour in other words brings nothing: what questions bring falls off."""
        found = ask_before({"light": LIGHT, "again": [light.upper() for light in LIGHT]}, SENT)
        assert len(found.questions) == 1
        assert [each.verdict for each in found.ranked] == ["ask", "ask"]

    def test_two_questions_that_tell_together(self) -> None:
        """Each says something; both say all."""
        random = np.random.default_rng(1)
        hot, wet = random.random(600) < 0.4, random.random(600) < 0.4
        sent = {"a": ~hot & ~wet, "b": hot & ~wet, "c": ~hot & wet, "d": hot & wet}
        found = ask_before({"hot": hot, "wet": wet}, sent)
        assert set(found.questions) == {"hot", "wet"}
        assert found.asked == 1.0
        assert len(ask_before({"hot": hot, "wet": wet}, sent, at_most=1).questions) == 1

    def test_data_that_cannot_tell(self) -> None:
        """Ten jobs carry no question, and answers that all differ none at all."""
        random = np.random.default_rng(2)
        sent = {"a": random.random(60) < 0.5, "b": random.random(60) < 0.5}
        noise = {"noise": random.integers(0, 3, 60)}
        found = ask_before(noise, sent)
        assert found.questions == ()
        assert found.ranked[0].verdict == "the data cannot tell"


class TestStated:
    """Without history."""

    def test_the_question_that_tells(self) -> None:
        found = ask_stated(ODDS, cost=0.02)
        assert found.questions == ("light",)
        assert [found.chance, found.asked] == pytest.approx([0.52, 0.84])
        assert found.ranked[1] == Worth("floor", 0.0, 0.02, 0.0, "not worth it")
        assert found.why == "stated, not measured"

    def test_what_is_known_is_not_asked(self) -> None:
        found = ask_stated(ODDS, known={"light": "red"})
        assert (found.questions, [each.question for each in found.ranked]) == ((), ["floor"])
        assert ask_stated(ODDS, known={"light": "red", "floor": 1}).ranked == ()


class TestRefused:
    """One sentence each."""

    @pytest.mark.parametrize(
        ("answers", "sent", "more", "says"),
        [
            ({"q": [1] * 9}, {"a": [True] * 9}, {}, "jobs must be at least 10, got 9; state the odds instead"),
            ({"q": [1]}, {}, {}, "suffices has no columns; pass one for each thing that could be sent"),
            ({"q": [1]}, {"a": [0.5]}, {}, "column 'a' must hold 1 times true or false; pass one a job"),
            ({"q": [1] * 10}, {"a": [True] * 11}, {}, "column 'q' has 10 values for 11 jobs; pass one for each"),
            (
                {"q": [1] * 10},
                {"a": [True] * 10},
                {"cost": {"p": 1}},
                "cost of 'p' is of no question; there are 'q'",
            ),
            ({"q": [1]}, {"a": [True]}, {"at_most": -1}, "at_most must be a whole number from 0, got -1"),
            ({"q": [1]}, {"a": [True]}, {"at_least": 0.5}, "at_least must be a whole number from 1, got 0.5"),
            ({"q": [1]}, {"a": [True]}, {"worth": 0}, "worth must be a number of jobs above 0, got 0; use 10"),
            (
                {"q": [1] * 10},
                {"a": [True] * 10},
                {"cost": -1},
                "cost of 'q' must be a number from 0, got -1; divide by a second visit's",
            ),
        ],
    )
    def test_bad_tables(self, answers: object, sent: object, more: dict[str, Any], says: str) -> None:
        with pytest.raises(InvalidPolicyError) as caught:
            ask_before(answers, sent, **more)
        assert str(caught.value) == says

    def test_a_fact_without_a_column(self) -> None:
        with pytest.raises(InvalidTableError, match=r"^column is missing: 'make'; there are 'q'$"):
            ask_before({"q": [1] * 10}, {"a": [True] * 10}, known={"make": "A"})

    def test_bad_odds(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^odds hold no question; state at least one$"):
            ask_stated({})
        with pytest.raises(InvalidPolicyError, match=r"^answers to 'q' add up to 0\.5; they must add up to 1$"):
            ask_stated({"q": {1: (0.5, {"a": 1})}})
        with pytest.raises(InvalidPolicyError, match=r"^odds of 'q' for 1 are no shares from 0 to 1; write 0\.3$"):
            ask_stated({"q": {1: (1, {"a": 2})}})

    def test_answers_rebuild(self) -> None:
        found = ask_stated(ODDS)
        assert isinstance(found, Asking)
        assert eval(repr(found)) == found
