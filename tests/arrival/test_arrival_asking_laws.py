"""What always holds of questions before a visit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from carepolicy.arrival.asking import ask_before, ask_stated

seeds = st.integers(0, 2**20)


def history(seed: int, rows: int = 120) -> tuple[dict[str, list[int]], dict[str, list[bool]]]:
    """Answers to three questions, and what would have sufficed, of which the first two tell something."""
    random = np.random.default_rng(seed)
    answers = {name: random.integers(0, 3, rows) for name in "qrs"}
    sent = {
        option: (random.random(rows) < 0.2 + 0.3 * (answers["q"] == at) + 0.3 * (answers["r"] == at)).tolist()
        for at, option in enumerate("abc")
    }
    return {name: column.tolist() for name, column in answers.items()}, sent


@given(seeds)
def test_questions_in_any_order_are_worth_the_same(seed: int) -> None:
    """The order of columns, and what answers are called, changes nothing."""
    answers, sent = history(seed)
    turned = {name: [f"answer {value}" for value in answers[name]] for name in reversed(answers)}
    assert ask_before(answers, sent) == ask_before(turned, sent)


@given(seeds, st.sampled_from("qrs"), st.integers(0, 4))
def test_what_is_known_is_never_asked(seed: int, name: str, value: int) -> None:
    """Whether other jobs share it or not."""
    answers, sent = history(seed)
    found = ask_before(answers, sent, known={name: value})
    assert name not in found.questions
    assert name not in {each.question for each in found.ranked}


@given(seeds, st.floats(0, 0.3), st.floats(0, 0.3))
def test_dearer_questions_are_not_asked_sooner(seed: int, first: float, second: float) -> None:
    """Whatever is asked first at the higher cost is worth asking at the lower."""
    answers, sent = history(seed)
    cheap, dear = (ask_before(answers, sent, cost=cost) for cost in sorted((first, second)))
    assert set(dear.questions[:1]) <= {each.question for each in cheap.ranked if each.verdict == "ask"}


@given(seeds)
def test_one_answer_for_all_brings_nothing(seed: int) -> None:
    """A question that everybody answers alike changes nothing that is sent."""
    answers, sent = history(seed)
    (flat,) = (each for each in ask_before(answers | {"flat": [1] * 120}, sent).ranked if each.question == "flat")
    assert (flat.gain, flat.standard_error, flat.verdict) == (0.0, 0.0, "not worth it")


@given(seeds)
def test_stated_answers_never_harm(seed: int) -> None:
    """Who knows the odds can only gain by an answer; and the gain is that of the best choices by hand."""
    random = np.random.default_rng(seed)
    shares, odds = random.dirichlet([1, 1, 1]), random.random((3, 2))
    table: dict[int, tuple[float, dict[str, float]]] = {
        at: (float(shares[at]), dict(zip("ab", odds[at].tolist(), strict=True))) for at in range(3)
    }
    (worth,) = ask_stated({"q": table}).ranked
    assert worth.gain >= -1e-12
    assert np.isclose(worth.gain, shares @ odds.max(axis=1) - (shares @ odds).max())


def test_noise_is_rarely_asked() -> None:
    """Of questions whose answers tell nothing, not more than one in twenty passes."""
    asked = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        sent = {option: random.random(100) < 0.5 for option in "abc"}
        asked += bool(ask_before({"noise": random.integers(0, 3, 100)}, sent).questions)
    assert asked <= 10
