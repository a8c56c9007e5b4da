"""Laws of offers: every guard keeps the laws of policies, and nothing is asked for or offered into trouble."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Event, NothingRegistered, NoTrouble, Timeline, days, testing
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


TROUBLE = ["opened", "opened", "reopened", "closed", "trouble", "trouble_over", "incident", "completed", "failed"]


@st.composite
def logs(draw: st.DrawFn) -> Timeline:
    """A customer with whom all is well at one instant, and to whom some of everything happens before or after it."""
    well = draw(testing.instants())
    words: dict[str, Any] = {"customer": "ann", "case": "c", "party": "customer"}
    events = [
        Event(at=well, kind="told", fact="used?", **words),
        Event(at=well, kind="contact", channel="phone", outcome="conversation", **words),
        Event(at=well, kind="answer", outcome="good", **words),
    ]
    for kind in draw(st.lists(st.sampled_from(TROUBLE), max_size=3)):
        case, purpose = draw(st.sampled_from(["c", "d"])), draw(st.sampled_from(["", "complaint", "loss"]))
        events.append(Event(at=draw(testing.instants()), kind=kind, customer="ann", case=case, purpose=purpose))
    said = draw(st.lists(st.sampled_from(["good", "bad", ""]), max_size=2))
    return Timeline([*events, *(Event(at=draw(testing.instants()), kind="answer", outcome=o, **words) for o in said)])


@given(st.sampled_from(RECOMMENDED), logs(), st.lists(testing.instants(), max_size=3))
def test_nothing_goes_out_into_trouble(guard: Any, log: Timeline, instants: list[int]) -> None:
    """Whatever else is so: where something is open or wrong, asked by itself, no offer and no favour goes out."""
    for at in map(to_moment, [*instants, *(event.at_us for event in log.events)]):
        if decide_message("x", guard, log, at, customer="ann").verdict in ALLOWED:
            assert decide_message("x", NoTrouble(), log, at, customer="ann").verdict in ALLOWED
            if guard in RECOMMENDED[2:]:
                assert decide_message("x", NothingRegistered(), log, at, customer="ann").verdict in ALLOWED


@given(st.sampled_from(RECOMMENDED[:2]), logs(), st.lists(testing.instants(), max_size=3))
def test_a_good_word_is_the_last_one(guard: Any, log: Timeline, instants: list[int]) -> None:
    """Counted event by event: nothing is offered or asked for unless the last answer is good, and every one that came
    at the same instant."""
    for at in [*instants, *(event.at_us for event in log.events)]:
        if decide_message("x", guard, log, to_moment(at), customer="ann").verdict in ALLOWED:
            answers = [e for e in log.known(at) if e.kind == "answer"]
            last = max(e.at_us for e in answers)
            said = {e.outcome for e in answers if e.at_us == last}
            assert "good" in said
            assert "bad" not in said


@given(logs(), st.lists(testing.instants(), max_size=3))
def test_checks_are_told_anew_after_each_fault(log: Timeline, instants: list[int]) -> None:
    """Counted event by event: where something is offered, every check was told after the last fault."""
    for at in [*instants, *(event.at_us for event in log.events)]:
        if decide_message("x", RECOMMENDED[0], log, to_moment(at), customer="ann").verdict in ALLOWED:
            faults = [e.at_us for e in log.known(at) if e.kind in ("incident", "reopened", "failed", "trouble")]
            told = max(e.at_us for e in log.known(at) if e.kind == "told")
            assert all(fault <= told for fault in faults)
