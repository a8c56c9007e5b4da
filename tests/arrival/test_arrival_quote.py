"""Quotes, notices, promises: what was said stays, and is scored by its first and last version."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest

from carepolicy import Window
from carepolicy.arrival.kept import score_promise, score_quote
from carepolicy.arrival.promised import ArrivalPromise, Draft
from carepolicy.arrival.quote import Notice, Quote, between_words
from carepolicy.errors import InvalidPolicyError, InvalidTimeError

MADE = "2026-03-01T15:00Z"


def quote(low: str, high: str, made: str = MADE, **words: Any) -> Quote:
    return Quote.between(f"2026-03-02T{low}Z", f"2026-03-02T{high}Z", confidence=0.9, made_at=made, **words)


first = quote("08:00", "12:00")
again = quote("09:10", "09:50", "2026-03-02T05:10Z", reason="it opens soon", why="law 3, N/repair", messages=2)
warning = Notice("warning", sent_at="2026-03-02T08:30Z", chance=0.6, window=again.window, reason="traffic")
clear = Notice("all_clear", sent_at="2026-03-02T09:00Z", chance=0.1, messages=0)
promise = ArrivalPromise("job 7/2", (first, again, warning, clear), zone="Europe/Paris")


class TestQuote:
    """One version of a promise."""

    def test_has_both_ends_inside(self) -> None:
        assert (score_quote(first, "2026-03-02T12:00Z").verdict, first.width) == ("kept", 240.0)
        assert score_quote(first, "2026-03-02T12:00:00.000001Z").verdict == "late"
        assert score_quote(first, "2026-03-02T07:59Z").verdict == "early"

    def test_goes_out_later_without_promising_the_past(self) -> None:
        assert quote("08:00", "12:00").at(first.window.opens_us + 60_000_000).width == 239
        by = Quote(Window(closes="2026-03-02T12:00Z"), confidence=0.9, made_at=MADE)
        assert by.at(first.window.opens_us).window.opens is None
        assert by.width == float("inf")

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"confidence": 1.0}, "confidence must be a share between 0 and 1, got 1.0; write 0.9 for 90 %"),
            ({"made_at": "2026-03-02T12:00:01Z"}, "window has passed when it is said: made_at=2026-03-02T12:00:01"),
            ({"window": Window(opens=MADE)}, "window is none that ends: Window(opens="),
            ({"window": None}, "window is none that ends: None; promise one with an end, or say by when the next"),
            ({"messages": -1}, "messages must be a whole number from 0, got -1"),
            ({"messages": True}, "messages must be a whole number from 0, got True"),
        ],
    )
    def test_refuses_what_is_no_promise(self, fields: dict[str, Any], problem: str) -> None:
        good: dict[str, Any] = {"window": first.window, "confidence": 0.9, "made_at": MADE}
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Quote(**{**good, **fields})

    def test_refuses_reversed_ends_and_naive_times(self) -> None:
        with pytest.raises(InvalidPolicyError, match="low is not before high: low=2026-03-02T09:00Z"):
            quote("09:00", "08:00")
        with pytest.raises(InvalidTimeError, match="made_at has no time zone"):
            quote("08:00", "09:00", "2026-03-01T15:00")
        with pytest.raises(InvalidPolicyError, match="window has passed when it is said"):
            first.at(first.window.closes_us)

    def test_is_said_in_the_zone_of_the_customer(self) -> None:
        assert between_words(first.window, "Europe/Paris") == "between Mon 2 Mar 2026 09:00 and 13:00"
        night = Window("2026-03-02T22:59:30Z", "2026-03-03T00:10:30Z")
        assert between_words(night, "UTC") == "between Mon 2 Mar 2026 22:59 and Tue 3 Mar 2026 00:11"
        assert between_words(Window(closes="2026-03-02T12:00Z"), "UTC") == "by Mon 2 Mar 2026 12:00"
        assert between_words(quote("12:00", "12:00").window, "UTC") == "at Mon 2 Mar 2026 12:00"

    def test_says_which_of_two_hours_is_meant(self) -> None:
        """In the night in which clocks go back an hour is not said as an instant, nor backwards."""
        hour = Window("2026-10-25T00:00Z", "2026-10-25T01:00Z")
        told = "between Sun 25 Oct 2026 02:00 (UTC+02:00) and 02:00 (UTC+01:00)"
        assert between_words(hour, "Europe/Paris") == told
        west = Window("2026-11-01T05:45Z", "2026-11-01T06:30Z")
        told = "between Sun 1 Nov 2026 01:45 (UTC-04:00) and 01:30 (UTC-05:00)"
        assert between_words(west, "America/New_York") == told
        assert between_words(hour, "UTC") == "between Sun 25 Oct 2026 00:00 and 01:00"


class TestNotice:
    """A word beside the versions."""

    @pytest.mark.parametrize(
        ("kind", "chance", "problem"),
        [
            ("alarm", 0.5, "kind is not known: 'alarm'; use 'warning' or 'all_clear'"),
            ("warning", 50, "chance must be from 0 to 1, got 50; write 0.5 for 50 %"),
            ("warning", "likely", "chance must be from 0 to 1, got 'likely'; write 0.5 for 50 %"),
            ("warning", float("nan"), "chance must be from 0 to 1, got nan; write 0.5 for 50 %"),
        ],
    )
    def test_refuses_what_cannot_be(self, kind: str, chance: Any, problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Notice(kind, sent_at=MADE, chance=chance)


class TestPromise:
    """All that was said about one arrival."""

    def test_gives_its_versions_and_what_stands(self) -> None:
        assert (promise.versions, promise.current) == ((first, again), again)
        assert promise.messages == 4
        assert promise.open_warning is None
        assert ArrivalPromise("j", (first, again, warning)).open_warning == warning
        assert ArrivalPromise("j", (first, warning, again.at(warning.sent_us))).open_warning is None

    def test_is_a_value(self) -> None:
        assert eval(repr(promise)) == promise
        assert pickle.loads(pickle.dumps(promise)) == promise
        assert ArrivalPromise.from_json(promise.to_json()) == promise
        by = ArrivalPromise.first("j", Quote(Window(closes="2026-03-02T12:00Z"), confidence=0.5, made_at=MADE))
        assert ArrivalPromise.from_json(by.to_json()) == by == eval(repr(by))

    def test_names_every_word_once(self) -> None:
        draft = promise.draft(warning)
        assert draft == Draft("job 7%2F2/arrival/5", 5, warning)
        assert promise.record(draft, "2026-03-02T09:20Z").said[-1].said_us == warning.said_us + 50 * 60_000_000

    def test_takes_a_word_that_went_out_once(self) -> None:
        draft = ArrivalPromise("job 7/2", (first,)).draft(again)
        assert promise.record(draft) is promise

    def test_refuses_a_word_of_an_older_state(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"draft is of an older state: 'job 7%2F2/arrival/2' went out as q"
        ):
            promise.record(promise.draft(warning, number=2))
        with pytest.raises(
            InvalidPolicyError, match=r"draft is not of this promise: 'job 8/arrival/2', 'job 7/2'; dec"
        ):
            promise.record(ArrivalPromise.first("job 8", first).draft(again))
        with pytest.raises(InvalidPolicyError, match="draft is not of this promise"):
            promise.record(promise.draft(again, number=6))

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            ({"said": ()}, "promise begins with no quote: 'j'; say a window first"),
            ({"said": (warning,)}, "promise begins with no quote: 'j'; say a window first"),
            ({"said": (again, first)}, "word goes back in time: 2026-03-01T15:00:00+00:00 after 2026-03-02T05:10:00"),
            ({"about": "survey"}, "about is not known: 'survey'; use one of arrival, start, completion"),
        ],
    )
    def test_refuses_what_is_none(self, change: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            ArrivalPromise(**{"id": "j", "said": (first,), **change})

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": "j", "about": "arrival", "zone": "UTC", "said": [1]}'])
    def test_refuses_text_that_is_none(self, text: str) -> None:
        with pytest.raises(InvalidPolicyError, match=r"text is no promise: .*; pass what to_json gave"):
            ArrivalPromise.from_json(text)


class TestScore:
    """A promise, held against what happened."""

    def test_scores_the_first_and_the_last_version(self) -> None:
        score = score_promise(promise, "2026-03-02T10:00Z")
        assert (score.first.verdict, score.first.interval_score, score.first.notice) == ("kept", 240.0, 1140.0)
        assert (score.last.verdict, score.last.missed_by, score.last.width) == ("late", 10.0, 40.0)
        assert score.last.interval_score == pytest.approx(40 + 2 / 0.1 * 10)
        assert (score.versions, score.messages, score.warned, score.wrong_notices) == (2, 4, None, 1)

    def test_counts_warnings_that_were_right_and_those_that_were_not(self) -> None:
        warned = ArrivalPromise("j", (first, again, warning))
        assert score_promise(warned, "2026-03-02T10:00Z").warned == 90.0
        assert score_promise(warned, "2026-03-02T10:00Z").wrong_notices == 0
        assert score_promise(warned, "2026-03-02T09:40Z").wrong_notices == 1
        replaced = ArrivalPromise("j", (first, warning, again.at(warning.sent_us)))
        assert score_promise(replaced, "2026-03-02T09:40Z").warned is None

    def test_counts_nothing_that_was_said_afterwards(self) -> None:
        score = score_promise(promise, "2026-03-02T05:00Z")
        assert (score.first, score.versions) == (score.last, 1)
        assert score.first.verdict == "early"
