"""Readers: nobody is asked whose answer nobody reads."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Event, ReaderReady, Timeline
from carepolicy.errors import InvalidPolicyError

NOW = "2026-03-10T09:00Z"


def on(day: int, kind: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, **{"case": "c", **words})


def verdict(*events: Event) -> str:
    return ReaderReady("anna").decide(Timeline(events), NOW).verdict.value


class TestReaderReady:
    """Somebody owns the answers, reads them and replies."""

    away = on(2, "paused", purpose="reader")

    def test_waits_while_the_reader_is_away(self) -> None:
        assert verdict() == "go"
        assert verdict(self.away) == "wait"
        assert verdict(self.away, on(3, "resumed", purpose="reader")) == "go"
        assert verdict(on(2, "paused", purpose="waiting for the customer")) == "go"

    @pytest.mark.parametrize(
        ("words", "heard"),
        [
            ({}, "go"),
            ({"author": "automatic"}, "wait"),
            ({"direction": "inbound", "party": "customer"}, "wait"),
            ({"purpose": "marketing"}, "wait"),
        ],
    )
    def test_waits_until_the_last_answer_has_a_reply_of_a_person(self, words: dict[str, str], heard: str) -> None:
        reply = on(4, "contact", **{"direction": "outbound", "purpose": "reply", "party": "anna", **words})
        assert verdict(on(3, "answer")) == "wait"
        assert verdict(on(3, "answer"), reply) == heard
        assert verdict(on(3, "answer"), reply, on(5, "answer")) == "wait"

    def test_says_so_in_words(self) -> None:
        assert ReaderReady().explain() == "customer care reads the answer and replies"
        (reason,) = ReaderReady().decide(Timeline([self.away]), NOW).reasons
        assert reason.awaits == "somebody to read the answer, and a reply to the last one"
        with pytest.raises(InvalidPolicyError, match=r"^reader is nobody: ' '; name who reads the answers, or do not"):
            ReaderReady(" ")
