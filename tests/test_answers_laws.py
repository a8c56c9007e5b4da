"""Low answers as a fact: the same in any order, whatever is delivered twice, and what plain counting finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Parties
from carepolicy._instant import HOUR, NEVER, to_micros
from carepolicy.answers import Low, OldestLow
from carepolicy.events import Event
from carepolicy.reader import REPLY
from carepolicy.state import Folding

START = to_micros("2026-03-01T00:00Z")


def event(at: int, kind: str, score: str) -> Event:
    extra = {"score": score} if score else {}
    words = {"purpose": "reply", "direction": "outbound", "party": "anna"} if kind == "contact" else {}
    return Event(at=START + at * HOUR, kind=kind, case="c", extra=extra, **words)


logs = st.lists(
    st.builds(
        event, st.integers(0, 8), st.sampled_from(("answer", "answer", "contact")),
        st.sampled_from(("1", "2", "5", "x", "")),
    ),
    max_size=7,
    unique_by=lambda e: e.id,
)  # fmt: skip


def fold(events: list[Event]) -> int:
    state = Folding({"low": OldestLow(Low(2))}).fold(events)
    return int(state.values(("", "c", "", ""))["low"])


@given(logs, st.randoms(), st.integers(0, 7))
def test_is_what_plain_counting_finds(events: list[Event], random: object, split: int) -> None:
    """The first answer of 1 or 2 after the last reply; merged from two parts, shuffled and doubled, too."""
    replied = max((e.order for e in events if REPLY.matches(e, Parties())), default=(-1, -1, ""))
    low = [e for e in events if e.kind == "answer" and dict(e.extra).get("score") in ("1", "2")]
    found = min((e.at_us for e in low if e.order > replied), default=NEVER)
    assert fold(events) == found
    again = [*events, *events[:split]]
    random.shuffle(again)  # type: ignore[attr-defined]
    assert fold(again) == found
    fact = OldestLow(Low(2))
    parts = []
    for part in (events[:split], events[split:]):
        state = fact.start()
        for e in part:
            groups = [any(w.matches(e, Parties()) for w in group) for group in fact.conditions()]
            state = fact.step(state, e, sum(met << n for n, met in enumerate(groups)))
        parts.append(state)
    assert fact.value(fact.merge(*parts)) == found
