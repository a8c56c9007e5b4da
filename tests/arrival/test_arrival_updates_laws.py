"""Laws of the next word: nothing flaps, nothing goes out at night or twice, and nothing changes before its time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, elapsed
from carepolicy._instant import HOUR, MINUTE, to_micros
from carepolicy.arrival.arriving import Arriving
from carepolicy.arrival.being_late import WarnRule
from carepolicy.arrival.law import Empirical
from carepolicy.arrival.promised import ArrivalPromise
from carepolicy.arrival.quote import ALL_CLEAR, WARNING, Quote
from carepolicy.arrival.requote import RequoteOnce, RequoteWhenMissed
from carepolicy.arrival.updates import Updates, WordVerdict
from carepolicy.window import Window

MORNING = to_micros("2026-03-28T20:00Z")  # the evening before the clocks change in Paris
HOURS = Calendar.weekly("Mon-Sun 08:00-12:00, 13:00-20:00", zone="Europe/Paris")
rules = st.builds(
    Updates,
    requote=st.sampled_from([
        None, RequoteOnce(), RequoteOnce(elapsed(minutes=90), significant=elapsed(minutes=0)), RequoteWhenMissed(),
        RequoteWhenMissed(0.5, 0.3, 0.8, elapsed(minutes=0)), RequoteOnce(grid=15),
    ]),
    warn=st.sampled_from([WarnRule(), WarnRule(0.3, 0.1), WarnRule(0.8, 0.7, elapsed(minutes=15))]),
    hours=st.sampled_from([None, HOURS]),
    grid=st.sampled_from([0, 15]),
)  # fmt: skip
minutes = st.integers(0, 900)
few = st.lists(st.integers(0, 700), min_size=1, max_size=40)
many = st.builds(lambda first, width: range(first, first + width), st.integers(0, 400), st.sampled_from([20, 60, 240]))
laws = (few | many).map(Empirical)


@st.composite
def promises(draw: st.DrawFn) -> ArrivalPromise:
    opens = MORNING + draw(st.integers(30, 600)) * MINUTE
    closes = opens + draw(st.integers(15, 240)) * MINUTE + draw(st.integers(0, 1))
    window = Window._of(opens, closes)
    if draw(st.integers(0, 9)) == 0:
        window = Window._of(Window.always().opens_us, closes)
    first = Quote(window, confidence=0.9, made_at=MORNING)
    return ArrivalPromise.first("job", first, zone=draw(st.sampled_from(["Europe/Paris", "UTC"])))


news = st.lists(st.tuples(minutes, laws), min_size=1, max_size=6).map(lambda some: sorted(some, key=lambda n: n[0]))


def told(
    rule: Updates, promise: ArrivalPromise, heard: list[tuple[int, Empirical]], every: int = 25
) -> list[tuple[int, ArrivalPromise]]:
    """The promise after every word, as a host lives it that looks at every piece of news and every few minutes."""
    states, known = [], None
    looks = sorted({n * every for n in range(900 // every)} | {at for at, _ in heard})
    for look in looks:
        at = MORNING + look * MINUTE
        known = next((Arriving(law, MORNING + m * MINUTE) for m, law in reversed(heard) if m <= look), known)
        if known is None:
            continue
        for _ in range(3):
            word = rule.decide(promise, known, at)
            if word.verdict is not WordVerdict.SEND:
                break
            promise = promise.record(word.draft, at)  # type: ignore[arg-type]
            states.append((at, promise))
        else:
            pytest.fail("three words at one instant")
    return states


@given(rules, promises(), minutes, laws, st.lists(st.integers(0, 900 * 60), max_size=6))
def test_it_keeps_until_it_is_to_be_looked_at_again(
    rule: Updates, promise: ArrivalPromise, since: int, law: Empirical, later: list[int]
) -> None:
    """Law 3: while nothing is heard the answer is the same at every instant before its `review_at`."""
    known, now = Arriving(law, MORNING + since * MINUTE), MORNING + since * MINUTE
    for _ in range(8):
        word = rule.decide(promise, known, now)
        assert word.review_us > now
        for then in {now + 1, word.review_us - 1, *(now + seconds * 1_000_000 for seconds in later)}:
            if now <= then < min(word.review_us, 10**16):
                assert rule.decide(promise, known, then) == word
        if word.review_us > 10**16:
            break
        now = word.review_us


@given(rules, promises(), news)
def test_one_warning_is_open_at_a_time(
    rule: Updates, promise: ArrivalPromise, heard: list[tuple[int, Empirical]]
) -> None:
    """Between two warnings about a promise stands a new version or an all-clear."""
    for _, state in told(rule, promise, heard):
        kinds = [said.kind for said in state.said]
        assert (WARNING, WARNING) not in set(pairwise(kinds))
        assert all(kinds[n - 1] == WARNING for n, kind in enumerate(kinds) if kind == ALL_CLEAR)


@given(rules, promises(), news)
def test_nothing_goes_out_in_quiet_hours(
    rule: Updates, promise: ArrivalPromise, heard: list[tuple[int, Empirical]]
) -> None:
    """Hours are wall times where the customer is."""
    if rule.hours is not None:
        hours = rule.hours.in_zone(promise.zone)
        assert all(hours._is_open(at) for at, _ in told(rule, promise, heard))


@given(rules, promises(), news)
def test_once_is_once(rule: Updates, promise: ArrivalPromise, heard: list[tuple[int, Empirical]]) -> None:
    """Whatever is heard, one new window goes out at most, and only before the first one opens."""
    if isinstance(rule.requote, RequoteOnce):
        for at, state in told(rule, promise, heard):
            assert len(state.versions) <= 2
            if isinstance(state.said[-1], Quote):
                assert at <= state.versions[0].last_us


@given(rules, promises(), news)
def test_versions_are_only_added_to(rule: Updates, promise: ArrivalPromise, heard: list[tuple[int, Empirical]]) -> None:
    """What was said stays as it was said and where it was said; a window never begins before its message."""
    for _, state in told(rule, promise, heard):
        assert state.said[: len(promise.said)] == promise.said
        promise = state
        for quote in state.versions:
            assert quote.made_us < quote.window.closes_us
        if isinstance(state.said[-1], Quote):
            assert state.current.window.opens_us >= state.current.made_us


@given(st.lists(st.floats(0.1501, 0.4999), min_size=1, max_size=12), st.booleans())
def test_a_chance_within_the_band_brings_no_message(chances: list[float], warned: bool) -> None:
    """Over any path of chances of being late between the two thresholds, nothing is said, warned before or not."""
    quote = Quote.between("2026-03-29T08:00Z", "2026-03-29T09:00Z", confidence=0.9, made_at=MORNING)
    promise, rule, start = ArrivalPromise.first("job", quote), Updates(), quote.window.opens_us - HOUR
    if warned:
        word = rule.decide(promise, Arriving(Empirical([180]), start - 1), start - 1)
        promise = promise.record(word.draft)  # type: ignore[arg-type]
    for n, chance in enumerate(chances):
        late = round(chance * 10_000)
        law = Empirical([90] * (10_000 - late) + [150] * late)
        word = rule.decide(promise, Arriving(law, start + n * MINUTE), start + n * MINUTE)
        assert word.verdict is WordVerdict.KEEP


@given(promises(), st.lists(st.tuples(st.integers(0, 29), laws), min_size=1, max_size=8))
def test_a_chance_of_missing_below_the_threshold_brings_no_window(
    promise: ArrivalPromise, heard: list[tuple[int, Empirical]]
) -> None:
    """A window is only replaced where missing it is likely, by one that holds clearly."""
    rule = RequoteWhenMissed(significant=elapsed(minutes=0))
    for minute, law in heard:
        at = MORNING + minute * MINUTE
        known = Arriving(law, at)
        word = Updates(requote=rule, warn=WarnRule(0.99, 0.98)).decide(promise, known, at)
        if word.draft is not None and isinstance(word.draft.says, Quote):
            assert known.outside(promise.current.window, at) >= rule.outside_from
            assert known.outside(word.draft.says.window, at) < rule.settled_below


@given(rules, promises(), news, st.data())
def test_the_same_word_twice_changes_nothing(
    rule: Updates, promise: ArrivalPromise, heard: list[tuple[int, Empirical]], data: st.DataObject
) -> None:
    """A draft handed in again, at any later time, in any order with others, leaves the promise as it is."""
    states = told(rule, promise, heard)
    if states:
        last = states[-1][1]
        drafts = [last.draft(said, number=n + 1) for n, said in enumerate(last.said)]
        again = last
        for draft in data.draw(st.lists(st.sampled_from(drafts), max_size=6)):
            again = again.record(draft, states[-1][0] + HOUR)
        assert again == last
        assert len({draft.key for draft in drafts}) == len(drafts)
