"""A law of call briefs: they ask after what the whole log makes worth asking, though only some of it is looked at."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Timeline
from carepolicy._instant import HOUR, to_micros, to_moment
from carepolicy.events import Event
from carepolicy.facts import Which
from carepolicy.handover.brief import CallBrief
from carepolicy.questions import QUESTIONS, QuestionRule, questions_for

START = to_micros("2026-03-02T08:00Z")
OF_ANY_KIND = QuestionRule("heard", "Did you hear from the dealer?", when=Which(by="dealer"), unless="answer")
KINDS = ("promise", "kept", "estimate", "completed", "told", "told", "told", "asked", "incident", "answer", "note")
ROWS = st.tuples(
    st.integers(0, 60),
    st.sampled_from(KINDS),
    st.sampled_from(("c", "c", "d", "")),
    st.sampled_from(("", "r")),
    st.sampled_from(("agent", "dealer", "customer")),
    st.sampled_from(("well", "is there", "content", "heard")),
    st.sampled_from((0, 0, 30)),
)


def _event(n: int, hour: int, kind: str, case: str, ref: str, party: str, fact: str, late: int) -> Event:
    at = START + hour * HOUR
    due = at + 20 * HOUR if kind in ("promise", "estimate") else None
    said = fact if kind in ("told", "asked") else ""
    recorded = at + late * HOUR if late else None
    return Event(
        at=at, kind=kind, case=case, ref=ref, party=party, fact=said, due=due, id=f"e{n}", recorded_at=recorded
    )


@given(st.lists(ROWS, min_size=6, max_size=14), st.integers(0, 80), st.booleans())
def test_a_brief_asks_what_the_whole_log_makes_worth_asking(
    rows: list[tuple[int, str, str, str, str, str, int]], hours: int, own: bool
) -> None:
    """Also by rules of a host that ask for no kind of event, and in a log with corrections."""
    opened = Event(at=START, kind="opened", case="c", id="open")
    timeline = Timeline([opened, *(_event(n % 10, *row) for n, row in enumerate(rows))])
    at_call = to_moment(START + hours * HOUR)
    rules = (*QUESTIONS, OF_ANY_KIND) if own else QUESTIONS
    brief = CallBrief.prepare(timeline, at_call, rules=iter(rules))
    whole = questions_for(timeline, at_call, rules=rules)
    unnamed = [attrs.evolve(q, text=w.text) for q, w in zip(brief.questions, whole.questions, strict=True)]
    assert unnamed == list(whole.questions)
    assert all(q.text.startswith(w.text[:-1]) for q, w in zip(brief.questions, whole.questions, strict=True))
    assert brief.review_us <= whole.review_us
