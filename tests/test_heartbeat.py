"""Heartbeat: who is owed how often, on request less, never paused; and what Californian law says of claims."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import (
    Calendar,
    Chasers,
    Event,
    Heartbeat,
    Parties,
    Plan,
    Span,
    Timeline,
    Touch,
    Which,
    days,
    elapsed,
    working,
    working_days,
)
from carepolicy.errors import InvalidPolicyError
from carepolicy.heartbeat import answer_claimants, california_claims, decide_claims, report_undecided_claims
from carepolicy.policy import FirstOf
from carepolicy.testing import check_policy
from tests.test_clocks_laws import due_of, hours, logs

office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="UTC")
END = "2026-12-31T09:00Z"


def on(day: int, kind: str, hour: int = 9, month: int = 3, **words: Any) -> Event:
    return Event(at=f"2026-{month:02}-{day:02}T{hour:02}:00Z", kind=kind, **{"case": "c", "party": "office", **words})


def mail(day: int, purpose: str = "update", **words: Any) -> Event:
    sent = {"direction": "outbound", "channel": "email", "outcome": "delivered", "purpose": purpose}
    return on(day, "contact", **{**sent, **words})


def due(duty: Any, *events: Event, calendar: Calendar = office) -> str:
    decision = duty.decide(Timeline(events), END, calendar=calendar, parties=Parties(partners="shop"))
    return "none" if decision.due is None else decision.due.format("MM-DD[T]HH")


class TestRequests:
    """It slows down where the customer has asked for fewer updates."""

    beat = Heartbeat(days(2), slower=days(7))
    opened = on(2, "opened")
    less = on(3, "wish", purpose="less updates", party="customer")

    def test_slows_down_on_request(self) -> None:
        assert due(self.beat, self.opened) == "03-04T09"
        assert due(self.beat, self.opened, self.less) == "03-09T09"
        assert due(self.beat, self.opened, self.less, mail(5)) == "03-12T09"

    def test_until_it_is_taken_back_or_the_case_is_opened_anew(self) -> None:
        usual = on(4, "wish", purpose="usual updates", party="customer")
        assert due(self.beat, self.opened, self.less, usual) == "03-04T09"
        assert due(self.beat, self.less, on(4, "reopened")) == "03-06T09"
        assert due(self.beat, self.opened, on(3, "wish", purpose="mornings")) == "03-04T09"
        assert due(self.beat, self.opened, attrs_of(self.less, case="d")) == "03-04T09"
        assert due(Heartbeat(days(2)), self.opened, self.less) == "03-04T09"

    def test_slower_is_not_faster(self) -> None:
        problem = "slower is shorter than every: slower=1 day, every=2 days; swap them"
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Heartbeat(days(2), slower=days(1))
        assert Heartbeat(days(2), slower=elapsed(hours=1)).slower == elapsed(hours=1)


def attrs_of(event: Event, **words: Any) -> Event:
    """The event with other words."""
    return Event(at=event.at_us, kind=event.kind, purpose=event.purpose, party=event.party, **words)


class TestGrace:
    """Worth giving from `every` on, missed only after the grace."""

    def test_comes_after_the_interval(self) -> None:
        beat = Heartbeat(days(2), grace=working(hours=4))
        decision = beat.decide(Timeline([on(2, "opened")]), "2026-03-04T10:00Z", calendar=office)
        assert (str(decision.verdict), str(decision.due)) == ("go", "2026-03-04 14:00:00+00:00")
        assert due(beat, on(2, "opened"), on(3, "closed")) == "none"
        assert not beat.starts_at_due

    def test_is_said_in_words(self) -> None:
        beat = Heartbeat(days(2), grace=working(hours=4), slower=days(7), channels="email")
        assert beat.explain() == (
            "an update on open work every 2 days (every 7 days where they asked for fewer), by email, even when "
            "nothing has changed, 4 working hours later at most"
        )
        assert eval(repr(beat)) == beat


class TestChannels:
    """Where an update must come in writing, nothing else feeds it."""

    beat = Heartbeat(days(10), channels=("email", "post"))

    def test_only_those_count(self) -> None:
        opened = on(2, "opened")
        assert due(self.beat, opened, mail(5)) == "03-15T09"
        assert due(self.beat, opened, mail(5, channel="phone", outcome="conversation")) == "03-12T09"
        assert due(self.beat, opened, on(5, "promise", due="2026-03-20T09:00Z")) == "03-12T09"


class TestTheirCall:
    """A call of theirs that got status and a next date feeds it, and stays an effort of theirs."""

    def test_is_still_a_chaser(self) -> None:
        plan = Plan(office, update=Touch(due=Heartbeat(days(2))), checks=[Chasers()])
        call = on(
            6, "contact", direction="inbound", channel="phone", outcome="conversation", purpose="status",
            party="customer",
        )  # fmt: skip
        stated = on(6, "promise", due="2026-03-09T09:00Z", ref="p")
        audit = plan.audit(Timeline([on(2, "opened"), stated, call]), "2026-03-07T09:00Z")
        assert [f.kind for f in audit.findings] == ["late", "chaser"]
        assert due(Heartbeat(days(2)), on(2, "opened"), stated, call) == "03-08T09"

    def test_feeds_nothing_where_no_date_was_named(self) -> None:
        call = on(6, "contact", direction="inbound", channel="phone", outcome="conversation", party="customer")
        assert due(Heartbeat(days(2)), on(2, "opened"), call) == "03-04T09"


class TestMerged:
    """A case that was merged into another owes no updates of its own."""

    def test_ends_it(self) -> None:
        assert due(Heartbeat(days(2)), on(2, "opened"), on(3, "merged", ref="d")) == "none"
        assert due(Heartbeat(days(2)), on(2, "opened"), on(3, "handed")) == "03-04T09"


@pytest.mark.parametrize(
    "beat",
    [
        Heartbeat(working_days(5)),
        Heartbeat(days(2), slower=days(5), grace=working(hours=4)),
        Heartbeat(days(2), channels="email", since=Which("milestone"), until="completed"),
        california_claims(),
    ],
    ids=repr,
)
def test_every_heartbeat_keeps_the_laws(beat: Any) -> None:
    """One text, whole instants, values, mergeable facts, stability, no look-ahead."""
    check_policy(beat, examples=20)


@given(logs(), hours(200), st.lists(st.tuples(hours(), st.sampled_from(["paused", "resumed"])), max_size=4))
def test_nothing_pauses_a_heartbeat(log: Timeline, now: int, pauses: list[tuple[int, str]]) -> None:
    """A pause more, or all of them taken out, changes nothing."""
    beat = Heartbeat(working(hours=5), slower=days(3), grace=elapsed(hours=1))
    more = [
        Event(at=at, kind=kind, case="c", purpose="wait", party="desk", due=at + 10**12, id=f"p{n}")
        for n, (at, kind) in enumerate(pauses)
    ]
    without = [e for e in log.recordings if e.kind not in ("paused", "resumed")]
    assert due_of(beat, Timeline([*log.recordings, *more]), now) == due_of(beat, Timeline(without), now)


class TestCaliforniaClaims:
    """Fifteen calendar days to answer, forty from the proof to decide, a written notice every thirty until then."""

    proof = on(2, "milestone", purpose="proof of claim", party="customer")
    letter: ClassVar[dict[str, str]] = {"channel": "post", "purpose": "more time"}

    def test_answer_within_fifteen_days(self) -> None:
        asked = on(2, "contact", direction="inbound", party="customer")
        assert due(answer_claimants(), asked) == "03-17T09"
        assert due(answer_claimants(), asked, on(9, "contact", direction="inbound", party="customer")) == "03-17T09"
        assert due(answer_claimants(), asked, mail(17, "answer")) == "none"

    def test_decide_within_forty_days_of_the_proof(self) -> None:
        assert due(decide_claims(), self.proof) == "04-11T09"
        assert due(decide_claims(), self.proof, on(20, "milestone", purpose="claim accepted")) == "none"
        assert due(decide_claims(), self.proof, on(20, "milestone", purpose="claim denied")) == "none"
        assert due(decide_claims(), self.proof, mail(20, **self.letter)) == "none"
        assert due(decide_claims(), self.proof, mail(20)) == "04-11T09"
        assert due(decide_claims(), self.proof, mail(20, "more time", channel="phone")) == "04-11T09"

    def test_write_every_thirty_days_while_undecided(self) -> None:
        first = mail(10, month=4, **self.letter)
        assert due(report_undecided_claims(), self.proof) == "none"
        assert due(report_undecided_claims(), self.proof, first) == "05-10T09"
        assert due(report_undecided_claims(), self.proof, first, mail(8, month=5, **self.letter)) == "06-07T09"
        decided = on(9, "milestone", month=5, purpose="claim denied")
        assert due(report_undecided_claims(), self.proof, first, decided) == "none"

    def test_the_three_are_joined_and_none_of_them_can_be_paused(self) -> None:
        law = california_claims()
        assert isinstance(law, FirstOf)
        paused = on(3, "paused", purpose="parts", due="2026-06-01T09:00Z")
        assert due(law, self.proof, paused) == "04-11T09"
        assert due(law, self.proof, mail(10, month=4, **self.letter)) == "05-10T09"

    @pytest.mark.parametrize(
        ("zone", "when"), [("America/Los_Angeles", "2026-03-17T09:00-07:00"), ("UTC", "2026-03-17T17:00+00:00")]
    )
    def test_days_are_those_of_the_plans_zone(self, zone: str, when: str) -> None:
        """Fifteen days over a clock change are not 360 hours: the wall time stays."""
        asked = Event(at="2026-03-02T09:00-08:00", kind="contact", direction="inbound", case="c")
        decision = answer_claimants().decide(Timeline([asked]), END, calendar=Calendar.always(zone))
        assert decision.due is not None
        assert decision.due.isoformat() == when.replace(":00-", ":00:00-").replace(":00+", ":00:00+")

    def test_an_answer_exactly_at_due_is_in_time(self) -> None:
        asked = on(2, "contact", direction="inbound", party="customer")
        plan = Plan(office, law=Touch(due=california_claims()), checks=[])
        assert not plan.audit(Timeline([asked, mail(17, "answer")]), END).findings
        late = plan.audit(Timeline([asked, mail(17, "answer", hour=10)]), END).findings
        assert [f.kind for f in late] == ["late"]


def test_the_law_counts_calendar_days() -> None:
    """Not working days, and not hours."""
    spans: list[Span] = [answer_claimants().within, decide_claims().within, report_undecided_claims().every]
    assert spans == [days(15), days(40), days(30)]
