"""Reminders sent whenever they are allowed: never too many, too close, too late, or after they were called off."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Timeline, elapsed
from carepolicy._instant import HOUR, NEVER, to_micros, to_moment
from carepolicy.events import Event
from carepolicy.reminders import REMINDER, Reminder

START = to_micros("2026-03-01T00:00Z")
END = START + 40 * 24 * HOUR
instants = st.integers(0, 40).map(lambda part: START + part * 12 * HOUR)


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Surveys about a journey, and what may happen to it meanwhile."""
    some = st.builds(
        lambda at, kind, open_for, case: Event(
            at=at, kind=kind, case=case, purpose="claim", due=at + open_for * 24 * HOUR if kind == "survey" else None
        ),
        instants, st.sampled_from(("survey", "survey", "answer", "reopened", "trouble", "note")),
        st.integers(2, 20), st.sampled_from(("c", "c", "d")),
    )  # fmt: skip
    return draw(st.lists(some, min_size=1, max_size=6))


@given(logs(), st.integers(1, 3), st.integers(1, 4), st.booleans(), st.booleans())
def test_sent_when_allowed_they_keep_every_rule(
    log: list[Event], at_most: int, gap: int, extends: bool, counted: bool
) -> None:
    """Counted one by one, by plain counting that knows nothing of guards."""
    guard = Reminder(
        at_most, elapsed(days=gap), extends=elapsed(days=5) if extends else None, counted=counted, survey="claim"
    )
    sent: list[Event] = []
    now = START
    while now < END:
        decision = guard.decide(Timeline([*log, *sent]), to_moment(now))
        if decision.verdict == "go" and decision.case == "c":
            kind, direction = ("survey", "") if counted else ("contact", "outbound")
            sent.append(Event(at=now, kind=kind, purpose=REMINDER, direction=direction, case="c"))
            now += 1
        else:
            now = min(decision.review_us, now + 24 * HOUR)
    for number, reminder in enumerate(sent):
        surveys = [e for e in log if e.kind == "survey" and e.case == "c" and e.at_us <= reminder.at_us]
        asked = max(surveys, key=lambda e: e.order)
        earlier = [e for e in sent[:number] if e.at_us > asked.at_us]
        assert len(earlier) < at_most
        assert reminder.at_us - max(e.at_us for e in (asked, *earlier)) >= gap * 24 * HOUR
        closes = max([asked.due_us, *(e.at_us + 5 * 24 * HOUR for e in earlier if extends)])
        assert reminder.at_us < min(closes, NEVER) - 24 * HOUR
        between = [e for e in log if asked.at_us <= e.at_us <= reminder.at_us]
        assert not any(e.kind in ("answer", "reopened") and e.case == "c" for e in between)
        assert not any(e.kind == "trouble" for e in between)
