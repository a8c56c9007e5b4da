"""Events: what one says, what it refuses, and when it is visible."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from carepolicy import Event
from carepolicy._instant import NEVER
from carepolicy.errors import CarePolicyError, InvalidEventError, InvalidTimeError
from carepolicy.events import COLUMNS, BadRow, BadRowsError

AT = "2026-03-02T09:00Z"
LATER = "2026-03-02T11:30+01:00"
talk = Event(at=AT, kind="contact", channel="phone", outcome="conversation", author="human")


class TestEvent:
    """An event is a frozen value that keeps every word of the log."""

    def test_takes_any_aware_time(self) -> None:
        same = [Event(at=at, kind="sold", id="a") for at in (AT, datetime(2026, 3, 2, 9, tzinfo=UTC), talk.at_us)]
        assert same[0] == same[1] == same[2]
        assert str(same[0].at) == "2026-03-02 09:00:00+00:00"

    def test_says_what_it_was_told_and_nothing_more(self) -> None:
        event = Event(at=AT, kind="promise", recorded_at=LATER, due="2026-03-04T09:00Z")
        assert str(event.recorded_at) == "2026-03-02 10:30:00+00:00"
        assert str(event.due) == "2026-03-04 09:00:00+00:00"
        assert (talk.recorded_at, talk.due, talk.due_us, talk.party) == (None, None, NEVER, "")

    def test_is_visible_from_the_later_of_happening_and_recording(self) -> None:
        assert talk.visible_us == talk.at_us
        late = Event(at=AT, kind="sold", recorded_at=LATER)
        assert late.visible_us == late.recorded_us == talk.at_us + 90 * 60_000_000
        early = Event(at=LATER, kind="sold", recorded_at=AT)
        assert early.visible_us == early.at_us

    def test_competes_by_happening_then_recording_then_id(self) -> None:
        events = [
            Event(at=LATER, kind="sold", id="a"),
            Event(at=AT, kind="sold", id="c", recorded_at=LATER),
            Event(at=AT, kind="sold", id="b"),
            Event(at=AT, kind="sold", id="a"),
        ]
        assert [e.id for e in sorted(events, key=lambda e: e.order)] == ["a", "b", "c", "a"]

    def test_without_an_id_is_named_by_its_content(self) -> None:
        one, same, other = (Event(at=AT, kind="note", text=text) for text in ("x", "x", "y"))
        assert one.id == same.id != other.id
        assert one == same
        assert len(one.id) == 16

    def test_is_rebuilt_by_its_repr(self) -> None:
        full = Event(
            at=AT, kind="promise", id="p", recorded_at=LATER, precision="day", customer="acme", case="c", ref="r",
            party="agent", direction="outbound", channel="phone", outcome="conversation", author="human",
            purpose="update", due=LATER, fact="name", text="it's", extra={"z": "1", "a": "2"},
        )  # fmt: skip
        assert eval(repr(full)) == full
        assert full.extra == (("a", "2"), ("z", "1"))
        assert repr(Event(at=AT, kind="sold", id="s")) == "Event(at='2026-03-02T09:00:00+00:00', kind='sold', id='s')"

    def test_columns_are_those_of_a_flat_log(self) -> None:
        assert COLUMNS == (
            "id", "at", "recorded_at", "kind", "due", "precision", "customer", "case", "ref", "party", "person",
            "direction", "channel", "outcome", "author", "purpose", "fact", "text",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("fields", "error", "problem"),
        [
            ({"kind": ""}, InvalidEventError, "kind is empty; name what happened"),
            ({"direction": "in"}, InvalidEventError, "direction is not known: 'in'; use 'inbound', 'outbound', or ''"),
            ({"precision": "hour"}, InvalidEventError, "precision is not known: 'hour'; use 'minute' or 'day'"),
            ({"at": "2026-03-02T09:00"}, InvalidTimeError, "at has no time zone: 2026-03-02 09:00:00"),
            ({"at": None}, InvalidTimeError, "at is not a time: None"),
            ({"recorded_at": "soon"}, InvalidTimeError, "recorded_at is not an ISO 8601 time: 'soon'"),
            ({"due": "2026-03-02"}, InvalidTimeError, "due has no time zone"),
        ],
    )
    def test_refuses_what_cannot_be_meant(self, fields: dict[str, Any], error: type[Exception], problem: str) -> None:
        with pytest.raises(error, match=problem.replace("(", r"\(")) as caught:
            Event(**{"at": AT, "kind": "contact", **fields})
        assert isinstance(caught.value, CarePolicyError)
        assert isinstance(caught.value, ValueError)


class TestReach:
    """Instants that no calendar can count from, and what is no text, are refused at the door."""

    @pytest.mark.parametrize("at", ["1700-01-01T00:00Z", "2500-01-01T00:00Z", 2**60])
    def test_far_instants(self, at: Any) -> None:
        with pytest.raises(InvalidTimeError, match=r"^at is outside the years 1800 to 2399: "):
            Event(at=at, kind="sold")
        with pytest.raises(InvalidTimeError, match=r"^recorded_at is outside the years 1800 to 2399: "):
            Event(at="2026-03-02T09:00Z", kind="sold", recorded_at=at)

    def test_the_year_9999_is_never(self) -> None:
        assert Event(at="2026-03-02T09:00Z", kind="estimate", due="9999-12-31T00:00Z").due is None
        with pytest.raises(InvalidTimeError, match=r"^due is outside the years 1800 to 2399: 2500-"):
            Event(at="2026-03-02T09:00Z", kind="estimate", due="2500-01-01T00:00Z")

    def test_texts(self) -> None:
        """None says nothing; a number is no name; a kind of text is text."""

        class Name(str):
            """Of a data frame, say."""

        assert type(Event(at="2026-03-02T09:00Z", kind="sold", customer=Name("a")).customer) is str
        assert Event(at="2026-03-02T09:00Z", kind="sold", case=None, customer="a").case == ""  # type: ignore[arg-type]
        with pytest.raises(InvalidEventError, match=r"^customer is not text: 42; use str\(42\)"):
            Event(at="2026-03-02T09:00Z", kind="sold", customer=42)  # type: ignore[arg-type]


class TestConversation:
    """Only a live human talk is a conversation."""

    @pytest.mark.parametrize("channel", ["phone", "video", "visit"])
    @pytest.mark.parametrize("author", ["human", ""])
    def test_is_a_talk_by_phone_video_or_visit(self, channel: str, author: str) -> None:
        assert Event(at=AT, kind="contact", channel=channel, outcome="conversation", author=author).is_conversation

    @pytest.mark.parametrize(
        "change",
        [
            {"kind": "note"},
            {"outcome": "voicemail"},
            {"channel": "email"},
            {"channel": "bot"},
            {"author": "automatic"},
        ],
    )
    def test_is_nothing_else(self, change: dict[str, Any]) -> None:
        words: dict[str, Any] = {
            "kind": "contact",
            "channel": "phone",
            "outcome": "conversation",
            "author": "human",
            **change,
        }
        assert not Event(at=AT, **words).is_conversation


class TestBadRows:
    """Bad rows are named all in one go."""

    def test_one_and_several(self) -> None:
        bad = BadRow(3, "at", "x", "write a time")
        assert str(bad) == "row 3, column at: 'x'; write a time"
        assert str(BadRowsError([bad])) == f"log has 1 bad cell: {bad}"
        many = BadRowsError([bad] * 102)
        assert str(many).endswith(f"| {bad} | and 2 more, which bad_rows has")
        assert len(many.bad_rows) == 102
        error = BadRowsError([bad, BadRow(4, "kind", "", "name it")])
        assert str(error) == f"log has 2 bad cells: {bad} | row 4, column kind: ''; name it"
        assert [b.row for b in error.bad_rows] == [3, 4]
