"""The stretches during which a clock stands: pauses that are accounted for, and time spent resolved."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import NEVER, Event, Parties
from carepolicy._instant import HOUR, to_micros
from carepolicy.errors import InvalidPolicyError
from carepolicy.folds import First
from carepolicy.state import Folding
from carepolicy.stretches import KthStretch, joined, why_no_pause

_DAY = to_micros("2026-03-02T00:00Z")
_OPENED = First("opened", scope="case")


def on(hour: int, kind: str, **words: Any) -> Event:
    return Event(at=_DAY + hour * HOUR, kind=kind, case="c", **words)


def pause(hour: int, until: int, ref: str = "", **words: Any) -> Event:
    return on(hour, "paused", **{"purpose": "parts", "party": "desk", "due": _DAY + until * HOUR, "ref": ref, **words})


def asks(hour: int, **words: Any) -> Event:
    return on(hour, "contact", direction="inbound", **words)


def stretches(*events: Event, pauses: int = 5, resolved: bool = False) -> list[tuple[int, int]]:
    """The hours from when until when a clock stands that started at the opening."""
    found = []
    for k in range(1, 5):
        facts = {
            gives: KthStretch(_OPENED, k=k, gives=gives, pauses=pauses, resolved=resolved) for gives in ("begin", "end")
        }
        values = Folding(facts, Parties()).fold((on(8, "opened"), *events)).values(("", "c", "", ""))
        if values["begin"] == NEVER:
            assert values["end"] == NEVER
            break
        found.append(((values["begin"] - _DAY) // HOUR, (values["end"] - _DAY) // HOUR))
    return found


class TestPauses:
    """A pause ends when it is resumed, expires, or the customer writes."""

    def test_ends_by_whichever_is_first(self) -> None:
        assert stretches(pause(9, 12)) == [(9, 12)]
        assert stretches(pause(9, 12), on(10, "resumed")) == [(9, 10)]
        assert stretches(pause(9, 12), asks(11)) == [(9, 11)]
        assert stretches(pause(9, 12), asks(11, author="automatic")) == [(9, 12)]
        assert stretches(pause(9, 12), asks(11), on(10, "resumed")) == [(9, 10)]
        assert stretches(pause(9, 12), on(13, "resumed"), asks(14)) == [(9, 12)]

    def test_is_resumed_by_its_own_name_or_by_none(self) -> None:
        assert stretches(pause(9, 12, "a"), on(10, "resumed", ref="b")) == [(9, 12)]
        assert stretches(pause(9, 12, "a"), on(10, "resumed", ref="a")) == [(9, 10)]
        assert stretches(pause(9, 12, "a"), on(10, "resumed")) == [(9, 10)]

    def test_that_overlap_or_touch_are_one(self) -> None:
        assert stretches(pause(9, 12, "a"), pause(11, 14, "b")) == [(9, 14)]
        assert stretches(pause(9, 12, "a"), pause(12, 14, "b")) == [(9, 14)]
        assert stretches(pause(9, 14, "a"), pause(10, 11, "b"), pause(15, 16)) == [(9, 14), (15, 16)]

    def test_of_one_case_is_none_of_another(self) -> None:
        other = Event(at=_DAY + 9 * HOUR, kind="paused", case="d", purpose="p", party="desk", due=_DAY + 12 * HOUR)
        assert stretches(other) == []

    @pytest.mark.parametrize(
        ("change", "lacks"),
        [
            ({"purpose": ""}, "reason"),
            ({"party": ""}, "owner"),
            ({"due": None}, "expiry"),
            ({"due": _DAY + 9 * HOUR}, "expiry"),
            ({}, ""),
        ],
    )
    def test_needs_reason_owner_and_expiry(self, change: dict[str, Any], lacks: str) -> None:
        assert why_no_pause(pause(9, 12, **change)) == lacks
        assert stretches(pause(9, 12, **change)) == ([] if lacks else [(9, 12)])

    def test_before_the_clock_started_is_cut_off(self) -> None:
        assert stretches(pause(6, 9)) == [(8, 9)]
        assert stretches(pause(6, 8)) == []

    def test_at_most_so_many_count(self) -> None:
        three = (pause(9, 10), pause(11, 12), pause(13, 14))
        assert stretches(*three) == [(9, 10), (11, 12), (13, 14)]
        assert stretches(*three, pauses=2) == [(9, 10), (11, 12)]
        assert stretches(*three, pauses=0) == []

    def test_with_a_message_of_the_same_instant_has_no_length(self) -> None:
        assert stretches(pause(9, 12, id="a"), asks(9, id="b")) == []
        assert stretches(pause(9, 12, id="b"), asks(9, id="a")) == [(9, 12)]


class TestResolved:
    """The time from a resolution to the reopening that undid it."""

    def test_lasts_until_the_reopening(self) -> None:
        assert stretches(on(9, "completed"), on(12, "reopened"), resolved=True) == [(9, 12)]
        assert stretches(on(9, "completed"), on(10, "closed"), on(12, "reopened"), resolved=True) == [(9, 12)]
        assert stretches(on(9, "completed"), resolved=True) == []
        assert stretches(on(9, "reopened"), on(9, "completed"), resolved=True) == []
        assert stretches(on(9, "completed", id="a"), on(9, "reopened", id="b"), resolved=True) == []
        assert stretches(on(9, "completed"), on(12, "reopened")) == []

    def test_joins_with_pauses_and_is_never_limited(self) -> None:
        twice = (on(9, "completed"), on(11, "reopened"), on(13, "closed"), on(15, "reopened"))
        assert stretches(pause(10, 12), *twice, resolved=True) == [(9, 12), (13, 15)]
        assert stretches(pause(10, 12), *twice, resolved=True, pauses=0) == [(9, 11), (13, 15)]


class TestKthStretch:
    """What cannot be meant is refused."""

    def test_refuses(self) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape("k must be at least 1, got 0")):
            KthStretch(_OPENED, k=0)
        with pytest.raises(InvalidPolicyError, match=re.escape("gives is not known: 'middle'; use 'begin' or 'end'")):
            KthStretch(_OPENED, k=1, gives="middle")

    def test_stretches_are_joined_in_order(self) -> None:
        assert joined([(5, 7), (1, 2), (6, 9)], after=2) == ((5, 9),)
