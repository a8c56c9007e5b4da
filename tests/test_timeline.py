"""Timelines: what was known when, whatever the order, the delay and the doubles of a log."""

from __future__ import annotations

import pickle

import attrs
import pytest

from carepolicy import Event, Timeline
from carepolicy._instant import ALWAYS, NEVER
from carepolicy.errors import InvalidEventError, InvalidTimeError
from carepolicy.events import BadRow

SOLD = Event(at="2026-03-02T09:00Z", kind="sold", id="sold")
LATE = Event(at="2026-03-01T09:00Z", kind="contact", id="late", recorded_at="2026-03-03T09:00Z")
NOTE = Event(at="2026-03-04T09:00Z", kind="note", id="note")
log = Timeline([NOTE, LATE, SOLD])


class TestTimeline:
    """A log in any order."""

    def test_is_ordered_by_what_happened_first(self) -> None:
        assert [e.id for e in log.events] == ["late", "sold", "note"]
        assert len(log) == 3

    def test_order_and_doubles_of_the_input_never_matter(self) -> None:
        assert Timeline([SOLD, NOTE, LATE, NOTE, SOLD]) == log
        assert hash(Timeline([SOLD, NOTE, LATE])) == hash(log)

    def test_two_recordings_that_tie_are_ordered_by_their_content(self) -> None:
        texts = [attrs.evolve(SOLD, text=text) for text in ("a", "b")]
        assert Timeline(texts) == Timeline(texts[::-1])
        assert Timeline(texts).events[0].text == Timeline(texts[::-1]).events[0].text

    def test_is_made_of_events(self) -> None:
        with pytest.raises(InvalidEventError, match=r"event is not an Event: \{'at': 1\}; read rows with Timeline"):
            Timeline([{"at": 1}])  # type: ignore[list-item]

    def test_is_rebuilt_by_its_repr_and_by_pickle(self) -> None:
        lenient = Timeline([SOLD], complete_since="2026-01-01T00:00Z", left_out=[BadRow(1, "at", "", "say when")])
        for timeline in (log, lenient, Timeline([])):
            assert eval(repr(timeline)) == timeline
            assert pickle.loads(pickle.dumps(timeline)) == timeline
        assert repr(Timeline([])) == "Timeline([])"

    def test_both_logs_as_one(self) -> None:
        one = Timeline([SOLD], complete_since="2026-01-01T00:00Z", left_out=[BadRow(1, "at", "", "say when")])
        other = Timeline([LATE, NOTE], complete_since="2026-02-01T00:00Z")
        both = one | other
        assert both.events == log.events
        assert str(both.complete_since) == "2026-02-01 00:00:00+00:00"
        assert [bad.row for bad in both.left_out] == [1]
        assert (Timeline([SOLD]) | Timeline([LATE])).complete_since_us is None


class TestCompleteSince:
    """A log says from when nothing is missing."""

    def test_is_the_first_event_unless_said(self) -> None:
        assert log.complete_since == LATE.at
        assert str(Timeline([SOLD], complete_since="2025-01-01T00:00Z").complete_since) == "2025-01-01 00:00:00+00:00"

    def test_of_an_empty_log_is_not_known(self) -> None:
        assert Timeline([]).complete_since is None
        assert Timeline([]).complete_from == ALWAYS

    def test_has_a_zone(self) -> None:
        with pytest.raises(InvalidTimeError, match="complete_since has no time zone"):
            Timeline([], complete_since="2026-01-01T00:00")


class TestAsOf:
    """Only what was known by then."""

    @pytest.mark.parametrize(
        ("at", "ids"),
        [
            ("2026-03-01T12:00Z", []),
            ("2026-03-02T08:59:59Z", []),
            ("2026-03-02T09:00Z", ["sold"]),
            ("2026-03-03T09:00Z", ["late", "sold"]),
            ("2026-03-04T09:00Z", ["late", "sold", "note"]),
        ],
    )
    def test_sees_what_was_recorded(self, at: str, ids: list[str]) -> None:
        assert [e.id for e in log.as_of(at).events] == ids

    def test_names_what_comes_next(self) -> None:
        assert log.next_visible(SOLD.at_us - 1) == SOLD.at_us
        assert log.next_visible(SOLD.at_us) == LATE.visible_us
        assert log.next_visible(NOTE.at_us) == NEVER

    def test_known_are_the_same_events(self) -> None:
        for at in (SOLD.at_us, LATE.visible_us, NOTE.at_us):
            assert sorted(e.id for e in log.known(at)) == sorted(e.id for e in log._as_of(at).events)


class TestCorrections:
    """The same id twice is one event: the first recording makes it visible, the latest known content counts."""

    first = Event(at="2026-03-02T09:00Z", kind="promise", id="p", due="2026-03-05T09:00Z")
    again = attrs.evolve(first, due="2026-03-09T09:00Z", recorded_at="2026-03-04T09:00Z")
    twice = Timeline([again, first])

    def test_the_latest_content_counts(self) -> None:
        (event,) = self.twice.events
        assert event.due == self.again.due
        assert event.visible_us == self.first.visible_us

    def test_no_correction_is_known_before_it_was_made(self) -> None:
        (event,) = self.twice.as_of("2026-03-04T08:59Z").events
        assert event.due == self.first.due
        assert [e.due for e in self.twice.known(self.first.at_us)] == [self.first.due]
        assert [e.due for e in self.twice.known(self.again.visible_us)] == [self.again.due]
        assert self.twice.next_visible(self.first.at_us) == self.again.visible_us

    def test_what_was_recorded_late_stays_visible_from_then(self) -> None:
        late = attrs.evolve(self.first, recorded_at="2026-03-03T09:00Z")
        (event,) = Timeline([late, self.again]).events
        assert event.visible_us == late.visible_us

    def test_what_is_moved_to_a_later_date_is_visible_from_that(self) -> None:
        moved = attrs.evolve(self.first, at="2026-03-06T09:00Z")
        (event,) = Timeline([self.first, moved]).events
        assert (event.at, event.recorded_at) == (moved.at, None)
        assert event.visible_us == moved.at_us

    def test_an_id_is_a_name_within_one_customer(self) -> None:
        """Two customers whose logs both count from 1 do not correct each other."""
        pair = Timeline([attrs.evolve(self.first, customer=customer) for customer in ("acme", "bolt")])
        assert [e.customer for e in pair.events] == ["acme", "bolt"]
        assert pair.is_plain
        assert pair.problems() == ()


class TestByCustomer:
    """One timeline for each customer."""

    def test_of_one_is_the_same(self) -> None:
        assert log.by_customer[""] is log
        assert Timeline([]).by_customer == {}

    def test_of_several_by_name(self) -> None:
        pair = Timeline([attrs.evolve(SOLD, customer="bolt"), attrs.evolve(LATE, customer="acme")])
        assert list(pair.by_customer) == ["acme", "bolt"]
        assert [e.id for e in pair.by_customer["bolt"].events] == ["sold"]
        assert pair.by_customer["bolt"].complete_from == pair.complete_from == LATE.at_us
