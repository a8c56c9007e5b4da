"""Laws of what was promised: it reads back exactly, in any order of delivery, and is scored for itself."""

from __future__ import annotations

import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy._instant import MINUTE, to_micros
from carepolicy.arrival.kept import score_promise, score_quote
from carepolicy.arrival.promised import ArrivalPromise, Draft
from carepolicy.arrival.quote import Notice, Quote
from carepolicy.errors import InvalidPolicyError
from carepolicy.window import Window

START = to_micros("2026-10-25T00:00+02:00")
confidences = st.sampled_from([0.5, 0.9, 0.95])
texts = st.sampled_from(["", "it's late", 'a "part"', "é"])


@st.composite
def windows(draw: st.DrawFn, after: int) -> Window:
    opens = after + draw(st.integers(0, 300)) * MINUTE + draw(st.integers(0, 1))
    closes = opens + draw(st.integers(1, 200)) * MINUTE
    return Window._of(draw(st.sampled_from([opens, Window.always().opens_us])), closes)


@st.composite
def promises(draw: st.DrawFn) -> ArrivalPromise:
    at = START
    said: list[Quote | Notice] = []
    for n in range(draw(st.integers(1, 5))):
        window = draw(windows(at))
        if n == 0 or draw(st.booleans()):
            quote = Quote(window, confidence=draw(confidences), made_at=at, reason=draw(texts), why=draw(texts))
            said.append(attrs.evolve(quote, messages=draw(st.integers(0, 2))))
        else:
            kind, chance = draw(st.sampled_from(["warning", "all_clear"])), draw(st.floats(0, 1))
            said.append(Notice(kind, sent_at=at, chance=chance, window=draw(st.sampled_from([None, window]))))
        at += draw(st.integers(0, 90)) * MINUTE
    return ArrivalPromise(
        draw(st.sampled_from(["a", "a/b", "é%"])),
        tuple(said),
        draw(st.sampled_from(["arrival", "start", "completion"])),
    )


@given(promises())
def test_it_reads_back_exactly(promise: ArrivalPromise) -> None:
    """From its repr, from JSON, and from a pickle."""
    assert eval(repr(promise)) == promise
    assert ArrivalPromise.from_json(promise.to_json()) == promise
    assert pickle.loads(pickle.dumps(promise)) == promise


@given(promises(), st.data())
def test_the_order_in_which_words_are_delivered_changes_nothing(promise: ArrivalPromise, data: st.DataObject) -> None:
    """Words handed in again and again, where one that is not next is refused, make the same promise."""
    drafts = [promise.draft(said, number=n + 1) for n, said in enumerate(promise.said)]
    waiting = data.draw(st.lists(st.sampled_from(drafts), max_size=12)) + drafts
    found = ArrivalPromise(promise.id, promise.said[:1], promise.about, promise.zone)
    for draft in waiting:
        if draft.number <= len(found.said) + 1:
            found = found.record(draft)
        else:
            with pytest.raises(InvalidPolicyError):
                found.record(draft)
    assert found == promise


@given(promises(), st.data())
def test_a_version_is_scored_for_itself(promise: ArrivalPromise, data: st.DataObject) -> None:
    """Kept exactly where what happened is inside, and a miss costs what the interval score says."""
    ends = [us for quote in promise.versions for us in (quote.window.opens_us, quote.last_us) if us > START]
    at = data.draw(st.sampled_from([START, *ends])) + data.draw(st.sampled_from([-MINUTE, -1, 0, 1, MINUTE]))
    score = score_promise(promise, at)
    for quote in promise.versions:
        one = score_quote(quote, at)
        assert (one.verdict == "kept") == (quote.window.opens_us <= at < quote.window.closes_us)
        assert one.interval_score >= one.width
        assert one.interval_score - one.width == pytest.approx(2 * one.missed_by / (1 - quote.confidence)) or (
            one.width == float("inf")
        )
    assert score.first == score_quote(promise.versions[0], at)
    assert score.messages == sum(said.messages for said in promise.said)


@given(promises(), st.integers(0, 4))
def test_keys_name_the_place_of_a_word(promise: ArrivalPromise, number: int) -> None:
    """Two words drafted from one state share their key, and no other word has it."""
    ahead = {promise.draft(said).key for said in promise.said}
    assert len(ahead) == 1
    before: list[Draft] = [promise.draft(said, number=n + 1) for n, said in enumerate(promise.said)]
    assert ahead.isdisjoint(draft.key for draft in before)
