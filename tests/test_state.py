"""Folded facts: kept, brought up to date one event at a time, and merged."""

from __future__ import annotations

import pickle
import re

import attrs
import pendulum
import pytest

from carepolicy import ALWAYS, NEVER, Cadence, Calendar, Event, Plan, Timeline, Touch, days, first, last
from carepolicy.errors import InvalidPolicyError, InvalidTimeError
from carepolicy.state import Folded, Folding, coarser, within

folding = Folding(
    {
        "sold": last("sold"),
        "heard": first("x", missing=ALWAYS),
        "promised": last("promise", scope="ref"),
        "opened": last("opened", scope="case"),
        "called": last("contact", scope="party"),
    }
)
AT = [f"2026-03-{day:02}T09:00Z" for day in range(1, 10)]
log = [
    Event(at=AT[0], kind="opened", id="1", customer="acme", case="c"),
    Event(at=AT[1], kind="promise", id="2", customer="acme", case="c", ref="r"),
    Event(at=AT[2], kind="contact", id="3", customer="acme", party="agent"),
    Event(at=AT[3], kind="sold", id="4", customer="bolt"),
    Event(at=AT[4], kind="opened", id="5", customer="bolt"),
    Event(at=AT[5], kind="note", id="6", customer="cord"),
]
ACME = ("acme", "", "", "")


def at(day: int) -> int:
    return Event(at=AT[day - 1], kind="x").at_us


class TestFolding:
    """From one declaration: the value, the update, and the merging."""

    whole = folding.fold(log)

    def test_one_event_at_a_time_equals_all_at_once(self) -> None:
        state = folding.fold(())
        for event in (*log[::-1], *log):
            state = state.add(event)
        assert state == self.whole
        assert state.watermark == self.whole.watermark == log[-1].at_us

    @pytest.mark.parametrize("cut", range(len(log) + 1))
    def test_merging_two_parts_equals_the_whole(self, cut: int) -> None:
        parts = folding.fold(log[:cut]), folding.fold(log[cut:])
        assert parts[0].merge(parts[1]) == parts[1].merge(parts[0]) == self.whole
        assert self.whole.merge(parts[0]) == self.whole
        assert parts[0].merge(parts[1]).watermark == log[-1].at_us

    def test_units_are_those_of_which_something_is_known(self) -> None:
        assert self.whole.of_scope("customer") == [("bolt", "", "", "")]
        assert self.whole.of_scope("case") == [("acme", "c", "", "")]
        assert self.whole.of_scope("ref") == [("acme", "c", "r", "")]
        assert self.whole.of_scope("party") == [("acme", "", "", "agent")]
        assert folding.fold(()).of_scope("customer") == []
        assert Folding({}).fold(log).of_scope("case") == []

    def test_a_unit_has_its_own_facts_and_those_of_what_it_lies_in(self) -> None:
        values = folding.fold([*log, Event(at=AT[6], kind="sold", customer="acme")]).values(("acme", "c", "r", ""))
        assert values == {"sold": at(7), "heard": ALWAYS, "promised": at(2), "opened": at(1), "called": ALWAYS}

    def test_a_party_lies_in_the_customer_only(self) -> None:
        values = self.whole.values(("acme", "", "", "agent"))
        assert (values["called"], values["opened"], values["promised"]) == (at(3), ALWAYS, ALWAYS)

    def test_only_the_facts_asked_for_are_read(self) -> None:
        assert self.whole.values(("acme", "c", "", ""), frozenset({"opened"})) == {"opened": at(1)}

    def test_equal_is_what_comes_to_the_same(self) -> None:
        assert folding.fold(log) != folding.fold(log[1:])
        assert folding.fold(log) != Folding({"sold": last("sold")}).fold(log)
        assert folding.fold(log) != log
        assert pickle.loads(pickle.dumps(self.whole)) == self.whole
        with pytest.raises(TypeError, match="unhashable"):
            hash(self.whole)

    def test_remembers_only_so_many_shapes_of_event(self) -> None:
        """Free text in a column that conditions may ask for does not fill the memory."""
        one = Folding({"sold": last("sold")})
        events = [Event(at=n, kind="sold", purpose=str(n)) for n in range(1, 5000)]
        assert one.fold(events).values(("", "", "", "")) == {"sold": 4999}
        assert len(one._fed) < 4999


class TestWatermark:
    """A fold answers from its last event on; what is known and still to come is added when it comes."""

    kept = attrs.evolve(folding.fold(log[:4]), pending=tuple(log[4:]))

    def test_adds_what_became_visible(self) -> None:
        assert self.kept.next_visible == log[4].at_us
        assert self.kept.up_to(at(4)) is self.kept
        assert self.kept.up_to(at(5)) == attrs.evolve(folding.fold(log[:5]), pending=(log[5],))
        assert self.kept.up_to(at(9)) == folding.fold(log)
        assert self.kept.up_to(at(9)).next_visible == NEVER

    def test_refuses_an_earlier_instant(self) -> None:
        with pytest.raises(
            InvalidTimeError,
            match=re.escape(
                "at is before the last event folded: 2026-03-03T09:00:00+00:00, 2026-03-04T09:00:00+00:00; fold the log"
            ),
        ):
            self.kept.up_to(at(3))

    def test_merging_keeps_what_is_to_come_once(self) -> None:
        assert self.kept.merge(self.kept) == self.kept
        assert Timeline(self.kept.merge(self.kept).pending).events == tuple(log[4:])


class TestCorrections:
    """A correction cannot be taken back out of a fold: it says so instead of answering wrongly."""

    def test_is_refused_from_when_it_is_known(self) -> None:
        plan = Plan(Calendar.always(), call=Touch(due=Cadence(days(10))))
        talk = Event(
            id="t",
            at="2026-03-02T09:00Z",
            kind="contact",
            channel="phone",
            outcome="conversation",
            direction="outbound",
        )
        earlier = attrs.evolve(talk, at="2026-03-01T09:00Z", recorded_at="2026-03-03T09:00Z")
        folded = plan.fold(Timeline([talk, earlier]), at="2026-03-02T10:00Z")
        assert plan.review(folded, at="2026-03-03T08:59Z").review_at == pendulum.parse("2026-03-03T09:00Z")
        with pytest.raises(
            InvalidTimeError, match=r"at is after a correction of what was folded: .*; fold the log again"
        ):
            plan.review(folded, at="2026-03-03T09:00Z")
        with pytest.raises(InvalidTimeError, match=r"correction"):
            plan.review(folded.add(attrs.evolve(talk, id="u")).merge(folded), at="2026-03-04T09:00Z")


class TestDeliveries:
    """The same event again changes nothing, an older version of it neither; another version is noticed."""

    plan = Plan(Calendar.always(), call=Touch(due=Cadence(days(10))))
    talk = Event(id="t", at="2026-03-02T09:00Z", kind="contact", channel="phone", outcome="conversation",
                 direction="outbound")  # fmt: skip
    mail = attrs.evolve(talk, channel="email", recorded_at="2026-03-03T09:00Z")

    def folded(self, *events: Event) -> Folded:
        return self.plan.fold(Timeline(events), at="2026-03-04T09:00Z")

    def test_a_correction_that_arrives(self) -> None:
        corrected = self.folded(self.talk).add(self.mail)
        with pytest.raises(InvalidTimeError, match=r"correction of what was folded"):
            self.plan.review(corrected, at="2026-03-05T09:00Z")
        with pytest.raises(InvalidTimeError, match=r"correction of what was folded"):
            self.plan.review(self.folded(self.talk).merge(self.folded(self.mail)), at="2026-03-05T09:00Z")

    def test_a_correction_that_was_still_to_come(self) -> None:
        """It is noticed when it comes, however it was handed in."""
        later = attrs.evolve(self.mail, recorded_at="2026-03-06T09:00Z")
        state = self.folded(self.talk).add(later, at="2026-03-05T09:00Z")
        assert self.plan.review(state, at="2026-03-06T08:59Z").review_at == pendulum.parse("2026-03-06T09:00Z")
        with pytest.raises(InvalidTimeError, match=r"correction of what was folded"):
            self.plan.review(state, at="2026-03-06T09:00Z")

    def test_an_old_version_again(self) -> None:
        both = self.folded(self.talk, self.mail)
        assert both.add(self.talk) is both
        assert self.plan.review(both.add(self.talk), at="2026-03-05T09:00Z").due == ()

    def test_an_event_still_to_come_waits(self) -> None:
        coming = attrs.evolve(self.talk, id="u", at="2026-03-09T09:00Z")
        state = self.folded(self.talk).add(coming, at="2026-03-05T09:00Z")
        early, late = (self.plan.review(state, at=f"2026-03-{day}T09:00Z") for day in ("05", "18"))
        assert early.review_at == pendulum.parse("2026-03-09T09:00Z")
        assert late.decisions[0].due == pendulum.parse("2026-03-19T09:00Z")
        assert state.add(self.talk, at="2026-03-05T09:00Z") is state
        with pytest.raises(InvalidTimeError, match=r"add what is to come with add\(event, at=now\)"):
            self.plan.review(self.folded(self.talk).add(coming), at="2026-03-05T09:00Z")

    def test_of_another_plan(self) -> None:
        other = Plan(Calendar.always(), call=Touch(due=Cadence(days(10), by="agent")))
        with pytest.raises(InvalidPolicyError, match=r"^folded facts are of another plan"):
            other.review(self.folded(self.talk), at="2026-03-05T09:00Z")
        with pytest.raises(InvalidPolicyError, match=r"^folded facts are of another plan"):
            self.folded(self.talk).merge(other.fold(Timeline([]), at="2026-03-05T09:00Z"))


class TestScopes:
    """A reference lies in a case, a case in a customer, a party only in a customer."""

    def test_the_coarser_unit(self) -> None:
        unit = ("acme", "c", "r", "agent")
        assert [within(unit, scope) for scope in ("customer", "case", "ref", "party")] == [
            ("acme", "", "", ""),
            ("acme", "c", "", ""),
            ("acme", "c", "r", ""),
            ("acme", "", "", "agent"),
        ]

    @pytest.mark.parametrize(
        ("one", "other", "answer"),
        [
            ("customer", "party", True),
            ("case", "case", True),
            ("case", "ref", True),
            ("ref", "case", False),
            ("case", "party", False),
            ("party", "ref", False),
        ],
    )
    def test_which_is_coarser(self, one: str, other: str, answer: bool) -> None:
        assert coarser(one, other) is answer
