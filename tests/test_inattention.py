"""Inattention: each party by itself, and of which sort each silence is."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from carepolicy import Cadence, Calendar, Event, Finding, Parties, Plan, Timeline, Touch, days
from carepolicy.attention import owed_stretches
from carepolicy.errors import InvalidPolicyError
from carepolicy.history import History, lapses_of
from carepolicy.inattention import Gap, Inattention, result_of
from carepolicy.rules import Part

END = "2026-03-31T09:00Z"
parties = Parties(ours=["agent", "office"], partners=["shop"])
ten = Inattention(days(10))


def on(day: int, kind: str = "contact", **words: Any) -> Event:
    precise = words.get("precision", "minute")
    at = f"2026-03-{day:02}T09:00Z"
    return Event(at=at, kind=kind, **{"id": f"{kind}{day}", "case": "c", "precision": precise, **words})


def word(day: int, **words: Any) -> Event:
    usual = {"party": "office", "direction": "outbound", "channel": "email", "outcome": "delivered"}
    return on(day, **{**usual, "author": "human", **words})


opened = on(1, "opened", party="office")


def found(*events: Event, check: Inattention = ten, until: str = END, since: str | None = None) -> list[Finding]:
    plan = Plan(Calendar.always(), parties=parties, checks=[check], call=Touch(due=Cadence(days(400))))
    return [f for f in plan.audit(Timeline(events, complete_since=since), until) if f.policy == "Inattention"]


def said(findings: list[Finding]) -> list[tuple[str, str, str, str]]:
    return [(f.party, f.detail, str(f.at)[8:10], str(f.until)[8:10] if f.until else "") for f in findings]


def gap(day: int, *events: Event, check: Inattention = ten, party: str = "office") -> Gap:
    gaps = check.gaps(Timeline(events), f"2026-03-{day:02}T12:00Z", parties=parties)
    (only,) = (g for g in gaps if g.party == party)
    return only


class TestResults:
    """Four results, and attended."""

    def test_no_attempt(self) -> None:
        (finding,) = found(opened, word(3))
        assert (finding.kind, finding.detail, finding.party, finding.case) == ("silence", "no_attempt", "office", "c")
        assert (str(finding.at)[:10], finding.until, finding.evidence) == ("2026-03-13", None, ("contact3",))
        assert finding.why == "no word from office for 10 days since Tue 3 Mar 2026 09:00: nobody tried"
        assert finding.instead == "a word from office by Fri 13 Mar 2026 09:00"
        assert finding.instead_us == finding.at_us
        assert finding.to_data()["detail"] == "no_attempt"

    @pytest.mark.parametrize(
        "words",
        [
            {"channel": "phone", "outcome": "voicemail"},
            {"channel": "phone", "outcome": "no_answer"},
            {"outcome": "bounced"},
        ],
    )
    def test_attempts_without_talk(self, words: dict[str, str]) -> None:
        (finding,) = found(opened, word(3), word(5, **words), word(20), until="2026-03-28T09:00Z")
        assert (finding.kind, finding.detail) == ("silence", "attempts_without_talk")
        assert finding.evidence == ("contact3", "contact5", "contact20")
        assert finding.why == (
            "no word from office for 10 days since Tue 3 Mar 2026 09:00: they tried, and reached nobody; "
            "the next came on Fri 20 Mar 2026 09:00"
        )

    @pytest.mark.parametrize(
        "words",
        [
            {"channel": "email", "outcome": "delivered"},
            {"channel": "phone", "outcome": "voicemail"},
            {"channel": "phone", "outcome": ""},
            {"party": "customer"},
            {"party": ""},
            {"channel": "chat", "outcome": "conversation", "author": "automatic"},
        ],
    )
    def test_customer_unanswered(self, words: dict[str, str]) -> None:
        asked = word(6, **{"direction": "inbound", **words})
        (finding,) = found(opened, word(3), word(5, outcome="bounced"), asked)
        assert (finding.detail, finding.evidence) == ("customer_unanswered", ("contact3", "contact6"))
        assert "and the customer waits for an answer" in finding.why

    def test_an_answer_of_any_origin_ends_the_waiting_and_is_no_attention(self) -> None:
        asked = word(6, direction="inbound")
        call = word(8, direction="inbound", channel="phone", outcome="conversation")
        (finding,) = found(opened, word(3), asked, call)
        assert (finding.detail, finding.evidence) == ("no_attempt", ("contact3",))

    def test_a_colleague_answers_what_was_asked_of_nobody_in_particular(self) -> None:
        asked, answer = word(6, direction="inbound", party="customer"), word(7, party="agent")
        details = {f.party: f.detail for f in found(opened, word(3), asked, answer)}
        assert details == {"office": "no_attempt", "agent": "no_attempt"}
        details = {f.party: f.detail for f in found(opened, word(3), attrs.evolve(asked, party="office"), answer)}
        assert details == {"office": "customer_unanswered", "agent": "no_attempt"}

    def test_who_brings_something_asks_nothing(self) -> None:
        visit = word(6, direction="inbound", channel="visit", outcome="dropped_off")
        assert said(found(opened, word(3), visit)) == [("office", "no_attempt", "13", "")]

    @pytest.mark.parametrize(
        "words", [{"direction": ""}, {"outcome": ""}, {"channel": ""}, {"party": "", "direction": "outbound"}]
    )
    def test_unknown_where_a_contact_may_have_been_attention(self, words: dict[str, str]) -> None:
        maybe = word(8, **words)
        assert said(found(opened, word(3), maybe)) == [
            ("office", "unknown", "13", "18"),
            ("office", "no_attempt", "18", ""),
        ]
        first, _ = found(opened, word(3), maybe)
        assert (first.kind, first.evidence) == ("unknown", ("contact3", "contact8"))
        assert first.why == "no word from office is sure for 10 days since Tue 3 Mar 2026 09:00: the log cannot say"

    def test_unknown_before_the_log_is_complete(self) -> None:
        late = "2026-03-06T09:00Z"
        assert said(found(opened, word(3), since=late)) == [
            ("office", "unknown", "13", "16"),
            ("office", "no_attempt", "16", ""),
        ]
        assert said(found(opened, word(3), since="2026-03-30T09:00Z")) == [("office", "unknown", "13", "")]

    def test_an_hour_that_is_a_stand_in_proves_nothing(self) -> None:
        by_day = word(3, precision="day")
        assert said(found(opened, by_day, word(13, id="x", precision="day"), until="2026-03-14T09:00Z")) == []
        (finding,) = found(opened, by_day, until="2026-03-20T09:00Z")
        assert (said([finding]), finding.by_the_day) == ([("office", "no_attempt", "13", "")], True)
        assert "since Tue 3 Mar 2026:" in finding.why
        assert [gap(day, opened, by_day).result for day in (12, 13, 14)] == ["attended", "unknown", "no_attempt"]
        (ended,) = found(opened, by_day, word(16, precision="day"), until="2026-03-20T09:00Z")
        assert said([ended]) == [("office", "no_attempt", "13", "16")]


class TestAttention:
    """What is attention, and what is not."""

    @pytest.mark.parametrize(
        "words",
        [{}, {"channel": "phone", "outcome": "conversation"}, {"case": ""}, {"author": ""}, {"channel": "chat"}],
    )
    def test_is_a_talk_that_the_party_began_or_a_message_of_a_person(self, words: dict[str, str]) -> None:
        assert said(found(opened, word(3, **words), until="2026-03-13T09:00Z")) == []

    @pytest.mark.parametrize(
        "words",
        [
            {"author": "automatic"},
            {"direction": "inbound", "channel": "phone", "outcome": "conversation"},
            {"kind": "note"},
            {"case": "other"},
            {"party": "agent"},
        ],
    )
    def test_is_nothing_less(self, words: dict[str, str]) -> None:
        events = (opened, word(8, **words))
        assert ("office", "no_attempt", "11", "") in said(found(*events, until="2026-03-13T09:00Z"))

    def test_by_voice_is_a_talk_alone_and_a_message_is_an_attempt(self) -> None:
        voice = Inattention(days(10), by_voice=True)
        (finding,) = found(opened, word(3), check=voice)
        assert (finding.detail, str(finding.at)[8:10]) == ("attempts_without_talk", "11")
        assert finding.instead == "a talk from office by Wed 11 Mar 2026 09:00"
        assert (
            found(opened, word(3, channel="phone", outcome="conversation"), check=voice, until="2026-03-13T08:00Z")
            == []
        )


class TestOwed:
    """Who owes attention, and when."""

    def test_each_party_by_itself(self) -> None:
        log = [opened, word(5, party="shop"), on(2, "handed", party="agent"), on(1, "told", party="customer")]
        assert said(found(*log)) == [
            ("office", "no_attempt", "11", ""),
            ("agent", "no_attempt", "12", ""),
            ("shop", "no_attempt", "15", ""),
        ]
        assert said(found(*log, check=Inattention(days(10), by="partner"))) == [("shop", "no_attempt", "15", "")]
        two = Inattention(days(10), by=("agent", "shop"))
        assert [f.party for f in found(*log, check=two)] == ["agent", "shop"]

    def test_while_a_case_is_open(self) -> None:
        log = [
            opened,
            on(5, "closed"),
            on(8, "closed", id="again"),
            on(10, "reopened"),
            on(12, "reopened"),
            on(25, "completed"),
        ]
        assert said(found(*log)) == [("office", "no_attempt", "20", "25")]
        assert found(word(3)) == []
        assert found(on(1, "opened", ref="part", party="office")) == []
        assert found(on(1, "opened"), on(5, "closed"), word(8)) == []

    def test_while_the_whole_is_open_whatever_becomes_of_a_part(self) -> None:
        part = on(5, "completed", ref="door")
        assert said(found(opened, word(3), part)) == [("office", "no_attempt", "13", "")]
        assert said(found(opened, word(3), on(5, "completed"))) == []

    def test_nothing_by_whoever_is_not_heard_of(self) -> None:
        assert list(owed_stretches("shop", [opened, word(3)], case="c")) == []

    def test_always_in_a_relationship(self) -> None:
        always = Inattention(days(10), while_open=False)
        log = [on(1, "sold", party="agent", case=""), on(15, "left", case=""), on(18, "sold", id="again", case="")]
        assert said(found(*log, check=always)) == [
            ("agent", "no_attempt", "11", "15"),
            ("agent", "no_attempt", "28", ""),
        ]

    def test_not_when_the_customer_is_left_out_of_the_log(self) -> None:
        assert found() == []
        assert tuple(ten.gaps(Timeline([]), END)) == ()


class TestBeside:
    """One finding for one occasion."""

    log = (on(1, "opened", party="agent"), on(2, "note", party="agent"))

    def audit(self, check: Inattention) -> list[tuple[str, str, str]]:
        plan = Plan(Calendar.always(), parties=parties, checks=[check], call=Touch(due=Cadence(days(20), by="agent")))
        findings = plan.audit(Timeline(self.log), END).findings
        return [(f.policy, str(f.at)[8:10], str(f.until)[8:10] if f.until else "") for f in findings]

    def test_what_a_rhythm_reports_already_is_left_out(self) -> None:
        assert self.audit(ten) == [("Inattention", "11", "21"), ("Cadence", "21", "")]
        (finding,) = (
            f
            for f in Plan(Calendar.always(), checks=[ten], call=Touch(due=Cadence(days(20), by="agent")))
            .audit(Timeline(self.log), END)
            .findings
            if f.policy == "Inattention"
        )
        assert finding.why.endswith("; from Sat 21 Mar 2026 09:00 on it is reported as a rhythm that was missed")

    def test_unless_it_is_asked_for(self) -> None:
        assert self.audit(Inattention(days(10), beside=())) == [("Inattention", "11", ""), ("Cadence", "21", "")]
        assert self.audit(Inattention(days(25))) == [("Cadence", "21", "")]

    def test_each_lapse_covers_its_own_stretch(self) -> None:
        talk = word(12, party="agent", channel="phone", outcome="conversation")
        plan = Plan(Calendar.always(), checks=[ten], call=Touch(due=Cadence(days(10), by="agent")))
        findings = plan.audit(Timeline([*self.log, talk]), END).findings
        assert [(f.policy, str(f.at)[8:10]) for f in findings] == [("Cadence", "11"), ("Cadence", "22")]

    def test_a_missed_rhythm_is_of_one_sort_too(self) -> None:
        def sort(*events: Event, complete: int = 0, by: str = "office") -> str:
            history = History(events, opened.at_us + 40 * 86_400_000_000, complete, Calendar.always(), parties)
            duty = Cadence(days(10), by=by)
            (lapse,) = lapses_of(Part("call", (duty,), (), None, "sales"), history)
            return result_of(lapse, events, history)

        assert sort(opened) == "no_attempt"
        assert sort(opened, word(5)) == "attempts_without_talk"
        assert sort(opened, word(5, direction="inbound")) == "customer_unanswered"
        assert sort(opened, word(5, channel="phone", outcome="conversation", direction="")) == "unknown"
        assert sort(opened, word(5, party="agent")) == "no_attempt"
        assert sort(opened, word(5, party="agent"), by="us") == "attempts_without_talk"
        assert sort(opened, complete=opened.at_us + 30 * 86_400_000_000) == "unknown"


class TestGaps:
    """How it stands at one moment."""

    log = (
        opened,
        word(3),
        word(6, outcome="voicemail", channel="phone", id="v"),
        word(7, direction="inbound", outcome="conversation", id="t"),
    )

    def test_says_since_when_what_was_tried_and_when_to_look_again(self) -> None:
        now = gap(12, *self.log)
        assert (now.result, now.customer, now.case) == ("attended", "", "c")
        assert [str(t)[8:10] for t in (now.since, now.last_attempt, now.last_talk, now.review_at)] == [
            "03",
            "06",
            "07",
            "13",
        ]
        later = gap(20, *self.log)
        assert (later.result, str(later.since)[8:10], later.review_at) == ("attempts_without_talk", "03", None)
        assert later.evidence == ("contact3", "v")

    def test_knows_nothing_of_later(self) -> None:
        assert gap(12, *self.log, word(14, outcome="conversation")) == attrs.evolve(gap(12, *self.log))
        never = gap(12, opened)
        assert (never.last_attempt, never.last_talk, never.evidence) == (None, None, ("opened1",))

    def test_an_event_still_to_come_bounds_it(self) -> None:
        assert str(gap(20, *self.log, word(25)).review_at)[8:10] == "25"

    def test_ends_with_the_case(self) -> None:
        assert ten.gaps(Timeline([opened, on(5, "closed")]), END, parties=parties).gaps == ()


class TestValue:
    """The check as a value."""

    def test_explains(self) -> None:
        assert ten.explain() == "a party does not attend to the customer for 10 days while a case is open"
        other = Inattention(days(3), by=("agent", "shop"), while_open=False, by_voice=True)
        assert other.explain() == "any of agent, shop does not talk to the customer for 3 days at any time"

    def test_is_refused_without_a_length(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^after points backward or nowhere: 0 days; use a span of at"):
            Inattention(days(0))

    def test_goes_into_a_plan_and_back(self) -> None:
        plan = Plan(Calendar.always(), checks=[Inattention(days(3), by="agent")], call=Touch(due=Cadence(days(9))))
        assert Plan.from_json(plan.to_json(), policies=[Inattention]) == plan
        assert eval(repr(ten), {"Inattention": Inattention, "days": days}) == ten
