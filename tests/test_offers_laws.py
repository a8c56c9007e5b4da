"""Laws of offers: every guard keeps the laws of policies, and nothing is asked for or offered into trouble."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import NothingRegistered, NoTrouble, Timeline, days, testing
from carepolicy._codec import Codec
from carepolicy._instant import to_moment
from carepolicy.messages import ALLOWED, decide_message
from carepolicy.offers import OfferAfterGoodTalk, ReferenceAsked, marketing_guard, reference_guard
from carepolicy.testing import check_policy

GUARDS = [
    OfferAfterGoodTalk(),
    OfferAfterGoodTalk(days(3), "case", checks=("used?",)),
    OfferAfterGoodTalk(checks=()),
    ReferenceAsked(),
    ReferenceAsked(days(2), "case", good=("4", "5"), bad=("1", "2")),
]
RECOMMENDED = [
    OfferAfterGoodTalk(checks=("used?",)),
    ReferenceAsked(),
    marketing_guard("UTC", "upsell", must_agree=False),
    reference_guard("UTC"),
]


@pytest.mark.parametrize("guard", GUARDS, ids=repr)
def test_every_guard_keeps_the_laws(guard: Any) -> None:
    """Those of `carepolicy.testing`: one text, stability, no look-ahead, values, mergeable facts."""
    check_policy(guard, examples=20)


@pytest.mark.parametrize("guard", GUARDS, ids=repr)
def test_every_guard_can_be_written_to_a_plan(guard: Any) -> None:
    """What is read back equals it."""
    codec = Codec((OfferAfterGoodTalk, ReferenceAsked))
    assert codec.decode(codec.encode(guard), "guard") == guard


@given(st.sampled_from(RECOMMENDED), st.data(), testing.instants())
def test_nothing_goes_out_into_trouble(guard: Any, data: st.DataObject, at: int) -> None:
    """Whatever else is so: where something is open or wrong, asked by itself, no offer and no favour goes out."""
    log: Timeline = data.draw(testing.timelines(guard, customers=("ann",)))
    if decide_message("x", guard, log, to_moment(at), customer="ann").verdict in ALLOWED:
        assert decide_message("x", NoTrouble(), log, to_moment(at), customer="ann").verdict in ALLOWED
        if guard in RECOMMENDED[2:]:
            assert decide_message("x", NothingRegistered(), log, to_moment(at), customer="ann").verdict in ALLOWED


@given(testing.timelines(GUARDS[1] & GUARDS[0], customers=("ann",)), testing.instants())
def test_a_favour_is_asked_for_after_a_good_word_only(log: Timeline, at: int) -> None:
    """Counted event by event, the last answer that was good or bad is a good one."""
    if decide_message("x", ReferenceAsked(), log, to_moment(at), customer="ann").verdict in ALLOWED:
        answers = [e for e in log.known(at) if e.kind == "answer" and e.outcome in ("good", "bad")]
        assert max(answers, key=lambda e: (e.at_us, e.outcome == "bad")).outcome == "good"
