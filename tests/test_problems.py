"""Problems: a log that contradicts itself says so, and loses nothing for it."""

from __future__ import annotations

import attrs
import pytest

from carepolicy import Event, Timeline
from carepolicy.events import Problem

AT, LATER = "2026-03-02T09:00Z", "2026-03-03T09:00Z"


def codes(*events: Event) -> list[str]:
    timeline = Timeline(events)
    assert len(timeline.recordings) == len(set(events))
    return [problem.code for problem in timeline.problems()]


class TestSingle:
    """One event may contradict itself."""

    def test_recorded_before_it_happened(self) -> None:
        (problem,) = Timeline([Event(at=LATER, kind="sold", id="a", recorded_at=AT)]).problems()
        assert problem == Problem(
            "future_dated",
            ("a",),
            "event a was recorded at 2026-03-02T09:00:00+00:00, before it happened at 2026-03-03T09:00:00+00:00",
        )

    @pytest.mark.parametrize("kind", ["promise", "estimate", "survey"])
    def test_due_before_it_was_made(self, kind: str) -> None:
        (problem,) = Timeline([Event(at=LATER, kind=kind, id="a", case="c", due=AT)]).problems()
        assert (problem.code, problem.events) == ("due_before_made", ("a",))
        assert "falls due at 2026-03-02T09:00:00+00:00, before it was made at 2026-03-03" in problem.text

    def test_a_promise_without_a_date(self) -> None:
        (problem,) = Timeline([Event(at=AT, kind="promise", id="a")]).problems()
        assert problem.text == "event a promises something without saying by when"

    def test_a_survey_without_a_case(self) -> None:
        """The rules about cases would not see it, and nobody would know."""
        assert codes(Event(at=AT, kind="survey")) == ["without_case"]

    def test_what_says_nothing_wrong(self) -> None:
        assert codes(
            Event(at=AT, kind="sold", recorded_at=LATER), Event(at=AT, kind="note", due=AT)
        ) == []  # fmt: skip


class TestSequences:
    """Some events need another before them, in the same customer, case and ref."""

    @pytest.mark.parametrize(
        ("kind", "before", "code"),
        [
            ("kept", "promise", "kept_without_promise"),
            ("withdrawn", "promise", "withdrawn_without_promise"),
            ("completed", "opened", "completed_before_opened"),
            ("closed", "opened", "closed_before_opened"),
            ("reopened", "opened", "reopened_before_opened"),
            ("resumed", "paused", "resumed_without_pause"),
            ("answer", "survey", "answer_without_survey"),
            ("accepted", "handed", "accepted_without_handover"),
            ("trouble_over", "trouble", "trouble_over_without_trouble"),
        ],
    )
    def test_without_it_are_a_problem(self, kind: str, before: str, code: str) -> None:
        event = Event(at=LATER, kind=kind, id="b", case="c", ref="r")
        first = Event(at=AT, kind=before, id="a", case="c", ref="r", due=LATER)
        assert codes(first, event) == []
        assert codes(event) == [code]
        assert codes(attrs.evolve(first, at="2026-03-04T09:00Z", due="2026-03-05T09:00Z"), event) == [code]
        assert codes(attrs.evolve(first, case="other"), event) == [code]
        assert codes(attrs.evolve(first, ref="other"), event) == [code]
        assert codes(attrs.evolve(first, ref=""), event) == [], "begun with the case as a whole"

    def test_the_text_names_event_and_instant(self) -> None:
        (problem,) = Timeline([Event(at=AT, kind="kept", id="k")]).problems()
        assert problem.text == "a promise was kept that nobody gave: event k at 2026-03-02T09:00:00+00:00"


class TestCorrections:
    """What was recorded again with other content is said."""

    def test_each_time(self) -> None:
        note = Event(at=AT, kind="note", id="n", text="x")
        again = [attrs.evolve(note, text=text, recorded_at=LATER) for text in ("y", "z")]
        problems = Timeline([note, *again]).problems()
        assert [(p.code, p.events) for p in problems] == [("corrected", ("n",))] * 2
        assert problems[0].text == "event n was recorded again with other content; the latest known counts"

    def test_a_mere_double_is_none(self) -> None:
        note = Event(at=AT, kind="note", id="n")
        assert codes(note, note) == []
