"""The next word about an arrival: another window, a warning, an all-clear, or rightly none."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Calendar, Window, elapsed, working
from carepolicy._instant import MINUTE, NEVER, to_micros
from carepolicy.arrival.arriving import Arriving
from carepolicy.arrival.being_late import WarnRule
from carepolicy.arrival.law import Empirical
from carepolicy.arrival.promised import ArrivalPromise
from carepolicy.arrival.quote import Notice, Quote
from carepolicy.arrival.requote import RequoteOnce, RequoteWhenMissed
from carepolicy.arrival.updates import NextWord, Updates, WordVerdict
from carepolicy.errors import InvalidPolicyError

SEVEN = to_micros("2026-03-02T07:00Z")
quote = Quote.between("2026-03-02T09:00Z", "2026-03-02T11:00Z", confidence=0.9, made_at="2026-03-01T15:00Z")
promise = ArrivalPromise.first("job 7", quote)


def at(minute: float) -> int:
    """So many minutes after seven."""
    return SEVEN + round(minute * MINUTE)


def coming(first: int, last: int, since: float = 0) -> Arriving:
    """There between two minutes after seven, at any of them alike."""
    return Arriving(Empirical([minute - since for minute in range(first, last + 1)]), at(since))


def said(word: NextWord) -> Any:
    assert word.draft is not None, word
    return word.draft.says


class TestOnce:
    """One new window, once the promised one opens soon."""

    def test_waits_until_the_window_opens_soon(self) -> None:
        rule = Updates(requote=RequoteOnce(elapsed(minutes=90)))
        word = rule.decide(promise, coming(120, 220), at(0))
        assert (word.verdict, word.draft, word.act_at) == (WordVerdict.KEEP, None, None)
        assert word.review_us == at(30)
        assert str(word) == "keep: what was said stands: between Mon 2 Mar 2026 09:00 and 11:00"
        later = rule.decide(promise, coming(120, 220), at(31))
        assert (later.verdict, later.act_us, said(later).kind) == (WordVerdict.SEND, at(30), "quote")

    def test_says_no_change_that_is_none(self) -> None:
        word = Updates(requote=RequoteOnce()).decide(promise, coming(114, 246), at(0))
        assert word.verdict is WordVerdict.KEEP
        word = Updates(requote=RequoteOnce(significant=elapsed(minutes=0))).decide(promise, coming(114, 246), at(0))
        assert word.verdict is WordVerdict.SEND

    def test_says_nothing_new_where_nothing_is_known(self) -> None:
        assert Updates(requote=RequoteOnce()).decide(promise, coming(150, 155), at(0)).verdict is WordVerdict.KEEP

    def test_counts_to_the_end_where_the_promise_has_no_beginning(self) -> None:
        by = Quote(Window(closes="2026-03-02T11:00Z"), confidence=0.9, made_at="2026-03-01T15:00Z")
        word = Updates(requote=RequoteOnce()).decide(ArrivalPromise.first("j", by), coming(150, 200), at(0))
        assert said(word).window.opens_us == at(151)
        assert word.reasons == ("the promised window ends at Mon 2 Mar 2026 11:00, which is within 4 elapsed hours",)

    def test_lies_on_the_grid_of_the_customers_clock(self) -> None:
        word = Updates(requote=RequoteOnce(grid=15)).decide(promise, coming(150, 200), at(0))
        assert said(word).window == Window("2026-03-02T09:30Z", "2026-03-02T10:30Z")


class TestWhenMissed:
    """A new window whenever the promised one is likely missed."""

    rule = Updates(requote=RequoteWhenMissed())

    def test_replaces_a_window_that_is_likely_missed(self) -> None:
        word = self.rule.decide(promise, coming(200, 300), at(0))
        assert (word.verdict, said(word).kind) == (WordVerdict.SEND, "quote")
        assert word.reasons == ("missing the promised window is 35 % likely or more, from Mon 2 Mar 2026 07:00 on",)

    def test_sees_ahead_when_it_gets_likely(self) -> None:
        word = self.rule.decide(promise, coming(130, 250), at(0))
        assert word.verdict is WordVerdict.KEEP
        assert word.review_us < at(240)
        then = self.rule.decide(promise, coming(130, 250), word.review_us)
        assert then.verdict is WordVerdict.SEND

    def test_too_early_is_missed_too_until_it_is_not(self) -> None:
        early = coming(80, 150)
        word = self.rule.decide(promise, early, at(0))
        assert said(word).window.opens_us < quote.window.opens_us
        assert self.rule.decide(promise, early, at(115)).verdict is WordVerdict.KEEP

    @pytest.mark.parametrize(
        ("rule", "fields", "problem"),
        [
            (
                RequoteWhenMissed,
                {"settled_below": 0.35},
                "settled_below is not below outside_from: 0.35 and 0.35; leave",
            ),
            (
                RequoteWhenMissed,
                {"confidence": 0.8},
                "confidence leaves out as much as settled_below: 0.8 and 0.15; rai",
            ),
            (RequoteWhenMissed, {"outside_from": 2}, "outside_from must be a share between 0 and 1, got 2"),
            (RequoteOnce, {"within": working(hours=4)}, "within is not elapsed time from 0: working(hours=4); use"),
            (RequoteOnce, {"grid": 7}, "grid"),
            (Updates, {"confidence": 0}, "confidence must be a share between 0 and 1, got 0"),
            (Updates, {"grid": -5}, "grid"),
        ],
    )
    def test_refuses_what_would_flap(self, rule: Any, fields: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            rule(**fields)


class TestWarning:
    """A warning, once, and an all-clear."""

    rule = Updates(warn=WarnRule(0.5, 0.15))

    def test_is_sent_once_the_chance_has_passed_the_threshold(self) -> None:
        known = coming(180, 278)
        word = self.rule.decide(promise, known, at(0))
        assert word.review_us == at(202)
        word = self.rule.decide(promise, known, word.review_us)
        assert (said(word).kind, round(said(word).chance, 2)) == ("warning", 0.5)
        warned = promise.record(word.draft)  # type: ignore[arg-type]
        assert warned.open_warning == said(word)
        assert self.rule.decide(warned, known, at(230)).verdict is WordVerdict.KEEP

    def test_is_taken_back_below_the_lower_threshold_only(self) -> None:
        warned = promise.record(promise.draft(Notice("warning", sent_at=at(10), chance=0.6)))
        assert self.rule.decide(warned, coming(200, 260, since=20), at(20)).verdict is WordVerdict.KEEP
        word = self.rule.decide(warned, coming(150, 245, since=20), at(20))
        assert (said(word).kind, said(word).window.opens_us) == ("all_clear", at(153))

    def test_says_no_time_where_none_is_known(self) -> None:
        assert said(self.rule.decide(promise, coming(300, 310), at(0))).window is None
        assert said(self.rule.decide(promise, coming(300, 400), at(400))).window is None

    def test_asks_for_an_estimate_once_the_old_one_has_run_out(self) -> None:
        warned = promise.record(promise.draft(Notice("warning", sent_at=at(10), chance=0.6)))
        known = coming(200, 300, since=10)
        word = self.rule.decide(warned, known, at(250))
        assert (word.verdict, word.review_us) == (WordVerdict.KEEP, at(300))
        word = self.rule.decide(warned, known, at(300))
        assert (word.verdict, word.review_us) == (WordVerdict.ESTIMATE, NEVER)
        assert word.reasons == ("the estimate of Mon 2 Mar 2026 07:10 has run out; it takes a new one",)


class TestQuietHours:
    """Nothing goes out while the customer sleeps."""

    rule = Updates(hours=Calendar.weekly("Mon-Sun 08:00-20:00", zone="America/Denver"))

    def test_hold_a_message_until_they_are_over(self) -> None:
        word = self.rule.decide(promise, coming(200, 300), at(0))
        assert (word.verdict, word.act_us, word.review_us) == (WordVerdict.HOLD, at(60), at(60))
        assert word.reasons[-1] == "no messages before Mon 2 Mar 2026 08:00"
        then = self.rule.decide(promise, coming(200, 300), at(60))
        assert (then.verdict, then.draft) == (WordVerdict.SEND, word.draft)

    def test_say_what_is_too_late_by_then(self) -> None:
        early = Quote.between("2026-03-02T07:10Z", "2026-03-02T07:40Z", confidence=0.9, made_at="2026-03-01T15:00Z")
        word = self.rule.decide(ArrivalPromise.first("j", early), coming(80, 180), at(0))
        assert (word.verdict, word.draft, word.review_us) == (WordVerdict.TOO_LATE, None, at(60))
        late = "the warning could go out at Mon 2 Mar 2026 08:00 only, after Mon 2 Mar 2026 07:40; decide by hand"
        assert word.reasons[-1] == late

    def test_change_nothing_where_there_is_nothing_to_say(self) -> None:
        word = self.rule.decide(promise, coming(130, 200), at(0))
        assert (word.verdict, word.review_us) == (WordVerdict.KEEP, at(60))

    def test_are_those_of_the_customer(self) -> None:
        there = ArrivalPromise.first("j", quote, zone="Asia/Tokyo")
        assert self.rule.decide(there, coming(200, 300), at(0)).verdict is WordVerdict.SEND


class TestOrder:
    """What is judged comes after what is known."""

    def test_refuses_to_judge_before_the_last_word(self) -> None:
        warned = promise.record(promise.draft(Notice("warning", sent_at=at(10), chance=0.6)))
        with pytest.raises(
            InvalidPolicyError, match=r"at is before the last word: at=2026-03-02T07:05:00\+00:00, said="
        ):
            Updates().decide(warned, coming(200, 300), at(5))
        with pytest.raises(InvalidPolicyError, match="at is before the estimate"):
            Updates().decide(promise, coming(200, 300, since=10), at(5))

    def test_verdicts_name_themselves(self) -> None:
        assert repr(WordVerdict.TOO_LATE) == "WordVerdict.TOO_LATE"
