"""Heartbeat: who is owed how often, on request less, never paused; and what Californian law says of claims."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest
from hypothesis import given, settings
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
from carepolicy._instant import HOUR, NEVER, to_moment
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import COLUMNS
from carepolicy.heartbeat import answer_claimants, california_claims, decide_claims, report_undecided_claims
from carepolicy.policy import FirstOf
from carepolicy.table import decide_table, facts_from_events, facts_sql
from carepolicy.testing import check_policy
from tests.fold_logs import expected, row_of, table_of
from tests.tables import decisions_of, said
from tests.test_clocks_laws import FROM, due_of, hours, logs
from tests.test_fold_sql import run

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
        assert due(self.beat, self.opened, attrs.evolve(self.less, case="d")) == "03-04T09"
        assert due(Heartbeat(days(2)), self.opened, self.less) == "03-04T09"

    def test_a_wish_about_all_cases_counts_for_each_whenever_it_was_said(self) -> None:
        overall = attrs.evolve(self.less, case="")
        assert due(self.beat, self.opened, overall) == "03-09T09"
        assert due(self.beat, attrs.evolve(overall, at="2026-02-02T09:00Z"), self.opened) == "03-09T09"
        assert due(self.beat, overall, on(4, "reopened")) == "03-11T09"

    def test_of_two_words_the_later_counts(self) -> None:
        overall, usual = attrs.evolve(self.less, case=""), on(4, "wish", purpose="usual updates", party="customer")
        everywhere = attrs.evolve(usual, case="")
        assert due(self.beat, self.opened, overall, usual) == "03-04T09"
        assert due(self.beat, self.opened, self.less, everywhere) == "03-04T09"
        assert due(self.beat, self.opened, everywhere, attrs.evolve(self.less, at="2026-03-05T09:00Z")) == "03-09T09"
        assert due(self.beat, self.opened, usual, attrs.evolve(overall, at="2026-03-05T09:00Z")) == "03-09T09"

    def test_slower_is_not_faster(self) -> None:
        problem = "slower is shorter than every: slower=1 day, every=2 days; swap them"
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Heartbeat(days(2), slower=days(1))
        assert Heartbeat(days(2), slower=elapsed(hours=1)).slower == elapsed(hours=1)


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

    def test_says_that_a_date_is_asked_for(self) -> None:
        assert Heartbeat(days(2), dated=True, channels="post").explain() == (
            "an update on open work every 2 days, by post, each with a date of the next, even when nothing has changed"
        )


class TestChannels:
    """Where an update must come in writing, nothing else feeds it."""

    beat = Heartbeat(days(10), channels=("email", "post"))

    def test_only_those_count(self) -> None:
        opened = on(2, "opened")
        assert due(self.beat, opened, mail(5)) == "03-15T09"
        assert due(self.beat, opened, mail(5, channel="phone", outcome="conversation")) == "03-12T09"
        assert due(self.beat, opened, on(5, "promise", due="2026-03-20T09:00Z")) == "03-12T09"


class TestDated:
    """An update tells status, next step and when the next one comes; on request nothing less counts."""

    beat = Heartbeat(days(5), dated=True)
    opened = on(2, "opened")
    ahead: ClassVar[dict[str, Any]] = {"due": "2026-03-20T09:00Z"}

    def test_an_update_that_states_no_next_time_counts_for_nothing(self) -> None:
        for sent in (mail(5), mail(5, channel="phone", outcome="conversation"), mail(5, due="2026-03-05T09:00Z")):
            assert due(self.beat, self.opened, sent) == "03-07T09"
        assert due(Heartbeat(days(5)), self.opened, mail(5)) == "03-10T09"

    @pytest.mark.parametrize("purpose", ["update", "", "information", "appointment"])
    def test_a_message_that_carries_the_next_time_counts_whatever_it_is_for(self, purpose: str) -> None:
        assert due(self.beat, self.opened, mail(5, purpose, **self.ahead)) == "03-10T09"

    @pytest.mark.parametrize(
        "change",
        [
            {"purpose": "marketing"},
            {"purpose": "survey"},
            {"author": "automatic"},
            {"outcome": "voicemail", "channel": "phone"},
            {"outcome": ""},
            {"direction": ""},
            {"direction": "inbound", "party": "customer"},
            {"party": "customer"},
            {"case": "d"},
        ],
    )
    def test_anything_less_does_not(self, change: dict[str, str]) -> None:
        assert due(self.beat, self.opened, mail(5, **{**self.ahead, **change})) == "03-07T09"

    def test_an_update_while_a_stated_date_lies_ahead_counts(self) -> None:
        stated = on(3, "estimate", **self.ahead)
        assert due(self.beat, self.opened, stated) == "03-08T09"
        assert due(self.beat, self.opened, stated, mail(6)) == "03-11T09"
        assert due(self.beat, self.opened, stated, mail(21)) == "03-08T09"
        assert due(self.beat, self.opened, stated, mail(6, "information")) == "03-08T09"

    def test_a_date_that_was_none_or_had_passed_is_no_word(self) -> None:
        assert due(self.beat, self.opened, on(5, "estimate")) == "03-07T09"
        assert due(self.beat, self.opened, on(5, "promise", due="2026-03-04T09:00Z")) == "03-07T09"

    def test_where_it_must_be_written_a_date_said_otherwise_counts_for_nothing(self) -> None:
        written = Heartbeat(days(5), dated=True, channels="post")
        letter = mail(5, "", channel="post", **self.ahead)
        assert due(written, self.opened, letter) == "03-10T09"
        assert due(written, self.opened, attrs.evolve(letter, channel="email")) == "03-07T09"
        assert due(written, self.opened, on(5, "promise", **self.ahead)) == "03-07T09"
        assert due(written, self.opened, on(3, "promise", **self.ahead), mail(5, channel="post")) == "03-10T09"


class TestClaim:
    """What the strict reading finds in the claim beside what the shipped plan does."""

    rows = csv.DictReader((Path(__file__).parent.parent / "examples/claim/claim.csv").read_text("utf-8").splitlines())
    timeline = Timeline.read(list(rows), zone="America/Denver")
    plan = Plan.named("claims")
    END = "2018-02-28T00:00-07:00"

    def test_two_updates_named_no_next_date(self) -> None:
        usual = dict(self.plan.touches)
        touch = attrs.evolve(usual["update"], due=Heartbeat(working_days(5), dated=True))
        strict = attrs.evolve(self.plan, touches={**usual, "update": touch})
        before, after = (plan.audit(self.timeline, self.END) for plan in (self.plan, strict))
        (more,) = (
            f for f in after if (f.kind, f.at_us, f.evidence) not in {(g.kind, g.at_us, g.evidence) for g in before}
        )
        assert (more.kind, more.policy, more.evidence) == ("late", "Heartbeat", ("e48", "e55"))
        assert more.why == "an update was due Fri 26 Jan 2018, and came late, on Wed 31 Jan 2018"
        assert len(after) == len(before) + 1
        causes = {f.evidence[0]: [c.policy for c in f.causes] for f in after.of_kind("chaser")}
        known = {f.evidence[0]: [c.policy for c in f.causes] for f in before.of_kind("chaser")}
        assert causes == known | {"e54": [*known["e54"], "Heartbeat"]}


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

    call = on(6, "contact", direction="inbound", channel="phone", outcome="conversation", party="customer")
    beats = (Heartbeat(days(2)), Heartbeat(days(2), by="office"), Heartbeat(days(2), dated=True))

    def test_feeds_nothing_where_no_date_was_named(self) -> None:
        assert [due(beat, on(2, "opened"), self.call) for beat in self.beats] == ["03-04T09"] * 3

    @pytest.mark.parametrize("direction", ["inbound", "", "outbound"])
    @pytest.mark.parametrize("party", ["customer", "office"])
    def test_feeds_while_a_stated_date_lies_ahead_whoever_the_log_names(self, party: str, direction: str) -> None:
        stated = on(3, "estimate", due="2026-03-20T09:00Z")
        call = attrs.evolve(self.call, party=party, direction=direction)
        assert [due(beat, on(2, "opened"), stated, call) for beat in self.beats] == ["03-08T09"] * 3

    def test_feeds_where_it_names_the_next_date_itself(self) -> None:
        dated = attrs.evolve(self.call, due="2026-03-09T09:00Z")
        for beat in self.beats:
            assert due(beat, on(2, "opened"), dated) == "03-08T09"
            assert due(beat, on(2, "opened"), attrs.evolve(dated, due="2026-03-05T09:00Z")) == "03-04T09"
            assert due(beat, on(2, "opened"), attrs.evolve(dated, outcome="voicemail")) == "03-04T09"
            assert due(beat, on(2, "opened"), attrs.evolve(dated, author="automatic")) == "03-04T09"

    @pytest.mark.parametrize("purpose", ["marketing", "survey"])
    def test_selling_and_asking_are_no_word_on_how_it_stands(self, purpose: str) -> None:
        stated = on(3, "estimate", due="2026-03-20T09:00Z")
        call = attrs.evolve(self.call, party="office", direction="outbound", purpose=purpose, due="2026-03-25T09:00Z")
        assert [due(beat, on(2, "opened"), stated, call) for beat in self.beats] == ["03-05T09"] * 3

    def test_of_a_party_that_may_not_give_it_feeds_nothing(self) -> None:
        stated = on(3, "estimate", due="2026-03-20T09:00Z")
        call = attrs.evolve(self.call, party="shop")
        assert due(Heartbeat(days(2), by="office"), on(2, "opened"), stated, call) == "03-05T09"


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
        Heartbeat(days(2), dated=True, slower=days(3)),
        Heartbeat(days(2), dated=True, channels=("email", "post"), by="us"),
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


_SAID: list[dict[str, str]] = [
    {"kind": "contact", "direction": "outbound", "channel": "email", "outcome": "delivered", "purpose": "update"},
    {"kind": "contact", "direction": "outbound", "channel": "phone", "outcome": "conversation", "purpose": "status"},
    {"kind": "contact", "direction": "outbound", "channel": "email", "outcome": "delivered", "purpose": "marketing"},
    {"kind": "contact", "direction": "outbound", "channel": "phone", "outcome": "conversation", "purpose": "survey"},
    {"kind": "contact", "direction": "inbound", "channel": "phone", "outcome": "conversation", "party": "customer"},
    {"kind": "contact", "direction": "inbound", "channel": "email", "outcome": "delivered", "party": "customer"},
    {"kind": "estimate"},
    {"kind": "promise"},
]


@st.composite
def heard(draw: st.DrawFn) -> Timeline:
    """The log of an open case, full of what is said to the customer, with a date of its own or without."""
    events = [Event(at=FROM, kind="opened", case="c", party="office", id="opened")]
    for number in range(draw(st.integers(0, 8))):
        words: dict[str, Any] = {"party": "office", **draw(st.sampled_from(_SAID))}
        event = Event(at=draw(hours()), due=draw(st.none() | hours(120)), case="c", id=f"e{number}", **words)
        events.append(event)
    return Timeline(events)


def hears_a_date(event: Event, log: Timeline) -> bool:
    """Whether a customer heard by an event when they hear more: the twin of the folds, written as the rule is said."""
    if event.purpose in ("marketing", "survey") or (event.kind == "contact" and event.outcome == ""):
        return False
    if event.kind in ("promise", "estimate"):
        return event.at_us <= event.due_us < NEVER
    if event.direction == "inbound" and not event.is_conversation:
        return False
    stated = [e.due_us for e in log.events if e.kind in ("promise", "estimate") and e.order <= event.order]
    return event.at_us < event.due_us < NEVER or (bool(stated) and event.at_us <= stated[-1] < NEVER)


@given(heard())
def test_a_dated_heartbeat_counts_from_when_the_customer_last_heard_a_next_date(log: Timeline) -> None:
    """What else was said, by whomever and however often, moves nothing."""
    last = max((e.at_us for e in log.events if hears_a_date(e, log)), default=FROM)
    assert due_of(Heartbeat(elapsed(hours=7), dated=True), log) == max(last, FROM) + 7 * HOUR


@given(heard())
def test_asking_for_a_date_never_makes_an_update_due_later(log: Timeline) -> None:
    """Where our messages say by their purpose that they are updates, to ask for more feeds it no more often."""
    ours = {"direction": "outbound", "outcome": "delivered"}
    known = [e for e in log.recordings if e.purpose not in ("marketing", "survey")]
    log = Timeline([attrs.evolve(e, purpose="update") if e.outcome == ours["outcome"] else e for e in known])
    beat = Heartbeat(elapsed(hours=7))
    assert due_of(attrs.evolve(beat, dated=True), log) <= due_of(beat, log)


@pytest.mark.parametrize("beat", [Heartbeat(days(2)), Heartbeat(days(2), by="us", channels=("email", "phone"))])
@settings(max_examples=15)
@given(log=heard())
def test_a_database_folds_what_feeds_it(beat: Heartbeat, log: Timeline) -> None:
    """What the facts of the usual readings come to in SQL is what the plan folds."""
    plan = Plan(office, update=Touch(due=beat))
    rows = [row_of(e) for e in log.recordings]
    assert run(plan, facts_sql(plan, columns=COLUMNS), table_of(rows)) == expected(plan, rows, None)


@pytest.mark.parametrize("beat", [Heartbeat(days(2), dated=True), Heartbeat(days(2), slower=days(9))])
@settings(max_examples=15)
@given(log=heard())
def test_every_reading_is_decided_in_tables(beat: Heartbeat, log: Timeline) -> None:
    """The readings that no database folds are folded row by row, and decided alike."""
    plan, now = Plan(office, update=Touch(due=beat)), to_moment(FROM + 200 * HOUR)
    wish = Event(at=FROM + HOUR, kind="wish", purpose="less updates", party="customer", id="wish")
    log = Timeline([*log.recordings, wish])
    with pytest.raises(InvalidPolicyError, match="fold with facts_from_events"):
        facts_sql(plan)
    facts = facts_from_events(table_of(map(row_of, log.recordings)), plan, at=now).to_frame()
    decided = decisions_of(decide_table(plan, facts, now))
    assert sorted(decided) == sorted(said(decision) for decision in plan.review(log, now))


@given(logs(), hours(), st.sampled_from(["less updates", "usual updates"]))
def test_a_wish_about_all_cases_is_a_wish_about_each(log: Timeline, at: int, purpose: str) -> None:
    """Said once of all of them, after the case was last opened, it counts as if it had been said of the case."""
    beat = Heartbeat(working(hours=5), slower=days(3))
    opened = max(e.at_us for e in log.events if e.kind in ("opened", "reopened"))
    wish = Event(at=max(at, opened + HOUR), kind="wish", purpose=purpose, party="customer", case="c", id="wish")
    said = (Timeline([*log.recordings, one]) for one in (wish, attrs.evolve(wish, case="")))
    assert len({due_of(beat, one) for one in said}) == 1


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
