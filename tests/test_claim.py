"""The real claim: what the shipped plan finds in it, line by line, and what it does not find."""

from __future__ import annotations

import csv
import functools
import random
import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from carepolicy import Audit, Finding, Plan, Timeline, Verdict, working_days
from carepolicy.checks import STANDARD
from carepolicy.inattention import Inattention
from carepolicy.questions import questions_for

ROOT = Path(__file__).parent.parent
ROWS: list[dict[str, Any]] = list(
    csv.DictReader((ROOT / "examples/claim/claim.csv").read_text(encoding="utf-8").splitlines())
)
ZONE = "America/Denver"
END = "2018-02-28T00:00-07:00"
plan = Plan.named("claims")
timeline = Timeline.read(ROWS, zone=ZONE)
audit = plan.audit(timeline, until=END)


def of(kind: str, evidence: str = "") -> tuple[Finding, ...]:
    """Findings but those of inattention, which has a class of its own below."""
    found = (f for f in audit.of_kind(kind) if f.policy != "Inattention")
    return tuple(f for f in found if not evidence or f.evidence[0] == evidence)


def only(kind: str, evidence: str = "") -> Finding:
    (finding,) = of(kind, evidence)
    return finding


def dates(findings: tuple[Finding, ...]) -> list[str]:
    return [str(f.at)[:10] for f in findings]


class TestPromises:
    """What was said by when."""

    def test_the_car_is_collected_a_week_late(self) -> None:
        broken = only("broken_promise")
        assert (broken.ref, broken.party, broken.evidence) == ("tow-1", "claims-office", ("e07", "e15"))
        assert str(broken.at) == "2017-11-21 17:00:00-07:00"
        assert str(broken.until) == "2017-11-29 12:01:00-07:00"
        assert "kept late" in broken.why

    def test_the_sensor_was_never_confirmed(self) -> None:
        unknown = only("unknown")
        assert (unknown.ref, unknown.party, unknown.evidence) == ("sensor", "dealer", ("e48",))
        assert str(unknown.at) == "2018-01-22 17:00:00-07:00"
        assert unknown.until is None
        assert "nobody ever confirmed it" in unknown.why

    def test_the_adjusters_two_to_three_days_were_met(self) -> None:
        assert [f for f in audit if f.ref == "adjuster"] == []


class TestChasers:
    """The customer did our job."""

    @pytest.mark.parametrize(("event", "day"), [("e10", "27"), ("e13", "28"), ("e14", "29")])
    def test_for_the_car_that_was_not_collected(self, event: str, day: str) -> None:
        chaser = only("chaser", event)
        assert str(chaser.at)[:10] == f"2017-11-{day}"
        assert (chaser.certainty, chaser.party) == ("proved", "claims-office")
        first = chaser.causes[0]
        assert (first.policy, first.party, first.ref) == ("PromiseKept", "claims-office", "tow-1")

    def test_for_the_sensor_and_the_estimate_that_had_passed(self) -> None:
        chaser = only("chaser", "e50")
        assert (str(chaser.at)[:10], chaser.certainty) == ("2018-01-24", "proved")
        assert [(c.policy, c.party, c.ref) for c in chaser.causes] == [
            ("EstimateCurrent", "body-shop", ""),
            ("PromiseKept", "dealer", "sensor"),
        ]

    @pytest.mark.parametrize("event", ["e34", "e46", "e47", "e49"])
    def test_where_nobody_wrote_down_who_called_is_possible_at_most(self, event: str) -> None:
        assert {f.certainty for f in of("chaser", event)} <= {"possible"}

    @pytest.mark.parametrize("event", ["e02", "e20", "e22", "e24", "e26", "e30", "e39", "e41", "e43", "e62"])
    def test_no_other_call_of_the_customer_is_one(self, event: str) -> None:
        assert of("chaser", event) == ()

    def test_no_other_is_proved(self) -> None:
        proved = [f.evidence[0] for f in of("chaser") if f.certainty == "proved"]
        assert proved == ["e10", "e13", "e14", "e50", "e54"]


class TestMessages:
    """What went out, and what the customer was asked."""

    def test_the_mail_that_nobody_understood_is_a_note_of_its_own(self) -> None:
        unclear = only("unclear")
        assert unclear.evidence == ("e25", "e26")
        assert not any("e24" in f.evidence for f in audit)

    def test_two_facts_are_asked_again_in_one_call(self) -> None:
        repeated = only("repeated_question")
        assert str(repeated.at)[:10] == "2017-11-27"
        assert set(repeated.evidence) == {"e05", "e09", "e11", "e12"}
        assert "name (" in repeated.why
        assert "claim number (" in repeated.why
        assert "plates" not in repeated.why

    def test_the_survey_could_never_be_answered_in_time(self) -> None:
        survey = only("forbidden", "e32")
        assert (survey.touch, survey.party) == ("survey", "claims-office")
        assert "22 Dec" in survey.why
        assert "29 Dec" in survey.why
        data = survey.to_data()
        assert data["instead_at_then"] == "2018-01-02T08:00:00-07:00"
        assert data["instead_at"] == "2018-02-05T08:00:00-07:00"

    def test_nothing_is_sold_while_the_car_is_in_the_shop(self) -> None:
        assert only("forbidden", "e33").touch == "marketing"
        assert [f.evidence[0] for f in of("forbidden")] == ["e32", "e33"]

    def test_the_last_question_came_when_the_customer_had_left(self) -> None:
        late = only("late", "e64")
        assert (late.touch, late.party, late.policy) == ("exit_question", "agent", "Actionable")
        assert "e63" in late.evidence


class TestSilence:
    """The agent never rang."""

    def test_is_found_once_a_month_until_the_call_that_came_too_late(self) -> None:
        silences = of("silence")
        assert dates(silences) == ["2017-12-20", "2018-01-19"]
        assert {(f.party, str(f.until)[:10], f.evidence[-1]) for f in silences} == {("agent", "2018-02-10", "e64")}

    def test_the_cancellation_was_the_customers_call(self) -> None:
        assert not any("e62" in f.evidence for f in audit)


class TestInattention:
    """Each of those who had to do with the claim, by itself, and each silence of one sort."""

    check = Inattention(working_days(10), by=("agent", "claims-office", "body-shop", "dealer"))
    audit = attrs.evolve(plan, checks=(*STANDARD, check)).audit(timeline, until=END)

    def silences(self, party: str) -> list[tuple[str, str, str]]:
        found = (f for f in self.audit if f.policy == "Inattention" and f.party == party)
        return [(f.detail, str(f.at)[:10], str(f.until)[:10]) for f in found]

    def test_the_agent_never_tried(self) -> None:
        assert self.silences("agent") == [("no_attempt", "2017-12-05", "2017-12-20")]
        (finding,) = (f for f in self.audit if f.policy == "Inattention" and f.party == "agent")
        assert finding.why == (
            "no word from agent for 10 working days since Mon 20 Nov 2017: nobody tried; "
            "from Wed 20 Dec 2017 on it is reported as a rhythm that was missed"
        )

    def test_the_claims_office_was_not_heard_of_again_once_the_car_was_at_the_shop(self) -> None:
        assert self.silences("claims-office") == [("no_attempt", "2017-12-14", "2018-02-02")]

    def test_of_the_body_shop_the_log_proves_only_half(self) -> None:
        assert self.silences("body-shop") == [
            ("unknown", "2017-12-18", "2018-01-02"),
            ("no_attempt", "2018-01-02", "2018-01-16"),
            ("unknown", "2018-01-16", "2018-01-26"),
        ]
        unsure = [f.evidence for f in self.audit if f.policy == "Inattention" and f.kind == "unknown"]
        assert unsure == [("e30", "e34", "e52"), ("e30", "e46", "e47", "e49", "e52")]

    def test_the_dealer_never_spoke_to_the_customer(self) -> None:
        assert self.silences("dealer") == [("no_attempt", "2018-01-29", "2018-02-02")]

    def test_nothing_that_was_found_before_is_lost_or_found_twice(self) -> None:
        others = [f for f in self.audit if f.policy != "Inattention"]
        assert len(others) == 27
        assert len(self.audit) == 33
        agent = [f for f in self.audit if f.kind == "silence" and f.party == "agent"]
        assert [(f.policy, str(f.at)[:10]) for f in agent] == [
            ("Inattention", "2017-12-05"),
            ("Cadence", "2017-12-20"),
            ("Cadence", "2018-01-19"),
        ]


class TestQuestions:
    """What the agent's admin did not ask, when the customer rang to cancel."""

    def test_neither_the_driver_nor_the_car(self) -> None:
        asked = questions_for(timeline, "2018-02-09T10:00-07:00", case="claim", parties=plan.parties, zone=ZONE)
        whole = [(q.fact, q.why) for q in asked if not q.ref]
        assert whole == [
            ("well", ("e01",)),
            ("is back", ("e57", "e55")),
            ("needs change", ("e08", "e45", "e51")),
            ("content", ("e57", "e61")),
        ]
        assert [q.ref for q in asked if q.fact == "is there"] == ["tow-1", "tow-2", "sensor"]


class TestWork:
    """The repair slipped, stalled, and was in the hands of three."""

    def test_the_completion_slipped_three_times(self) -> None:
        slips = of("slipped")
        assert dates(slips) == ["2017-12-16", "2017-12-29", "2018-01-31"]
        assert [str(f.until)[:10] for f in slips] == ["2018-01-02", "2018-01-12", "2018-02-02"]
        assert {f.party for f in slips} == {"body-shop"}

    def test_no_estimate_was_in_force_for_nineteen_days(self) -> None:
        (gap,) = (f for f in audit if f.policy == "EstimateCurrent")
        assert (gap.kind, gap.party, gap.evidence) == ("late", "body-shop", ("e37", "e55"))
        assert [str(t)[:10] for t in (gap.at, gap.until)] == ["2018-01-12", "2018-01-31"]

    def test_it_stalled_at_the_dealers(self) -> None:
        stalled = only("stalled")
        assert (stalled.party, stalled.evidence) == ("dealer", ("e45", "e51", "e57"))

    def test_days_in_hand(self) -> None:
        assert {party: round(days, 1) for party, days in audit.days_held().items()} == {
            "claims-office": 11.3,
            "body-shop": 35.9,
            "dealer": 27.2,
        }

    def test_the_log_does_not_contradict_itself(self) -> None:
        assert audit.problems == ()
        assert {f.kind for f in audit} == {
            "broken_promise", "chaser", "repeated_question", "late", "unclear", "forbidden", "slipped", "silence",
            "unknown", "stalled",
        }  # fmt: skip


class TestAsOf:
    """An audit of then knows nothing of later."""

    @pytest.mark.parametrize(
        "until",
        [
            "2017-11-20T08:50-07:00", "2017-11-26T09:00-07:00", "2017-12-13T09:00-07:00", "2018-01-05T09:00-07:00",
            "2018-01-07T09:00-07:00", "2018-01-15T20:00-07:00", "2018-01-25T16:00-07:00", "2018-02-10T09:00-07:00",
        ],
    )  # fmt: skip
    def test_no_finding_names_what_was_recorded_later(self, until: str) -> None:
        then = plan.audit(timeline, until)
        known = {e.id for e in timeline.as_of(until).events}
        assert {name for f in then for name in f.evidence} <= known
        assert all(f.at_us <= then.until_us for f in then)
        assert then == plan.audit(timeline.as_of(until), until)

    def test_the_failed_collection_was_not_known_for_five_days(self) -> None:
        before, after = (plan.audit(timeline, f"2017-{day}T09:00-07:00") for day in ("11-26", "11-28"))
        assert [f.kind for f in before] == ["unknown"]
        assert "broken_promise" in [f.kind for f in after]

    def test_the_survey_is_forbidden_from_the_moment_it_was_sent(self) -> None:
        before, after = (plan.audit(timeline, f"2017-12-12T{hour}:00-07:00") for hour in ("08", "10"))
        assert before.of_kind("forbidden") == ()
        (survey,) = after.of_kind("forbidden")
        assert survey.to_data()["instead_at_then"] == "2018-01-02T08:00:00-07:00"
        assert survey.to_data()["instead_at"] == "2018-01-02T08:00:00-07:00"

    def test_an_empty_log_has_no_findings(self) -> None:
        for empty in (Timeline([]), Timeline.read([], zone=ZONE), timeline.as_of("2017-01-01T00:00Z")):
            assert plan.audit(empty, END).findings == ()


class TestLog:
    """Order, doubles and company change nothing."""

    def shapes(self, found: Audit, customer: str = "") -> list[tuple[object, ...]]:
        return [(f.kind, f.at_us, f.until_us, f.ref, f.why, f.evidence) for f in found if f.customer == customer]

    def test_shuffled_and_doubled_rows_give_the_same(self) -> None:
        rows = ROWS * 2
        random.Random(7).shuffle(rows)
        assert plan.audit(Timeline.read(rows, zone=ZONE), END) == audit

    @pytest.mark.parametrize("prefix", [True, False], ids=["own ids", "the same ids"])
    def test_two_customers_have_each_their_own(self, prefix: bool) -> None:
        rows = [
            {**row, "customer": name, "id": f"{name}-{row['id']}" if prefix else row["id"]}
            for name in ("acme", "bolt")
            for row in ROWS
        ]
        both = plan.audit(Timeline.read(rows, zone=ZONE), END)
        assert len(both) == 2 * len(audit)
        assert both.days_held() == {party: 2 * days for party, days in audit.days_held().items()}
        for name in ("acme", "bolt"):
            named = [
                (*rest, tuple(e.removeprefix(f"{name}-") for e in evidence))  # type: ignore[attr-defined]
                for *rest, evidence in self.shapes(both, name)
            ]
            assert named == self.shapes(audit)

    def test_no_rule_names_this_claim(self) -> None:
        words = re.compile(r"\b(tow|sensor|deer|salvage|plates|e\d\d)\b", re.IGNORECASE)
        files = [path for path in (ROOT / "src").rglob("*") if path.suffix in {".py", ".toml"}]
        assert len(files) > 30
        named = {(path.name, match) for path in files for match in words.findall(path.read_text(encoding="utf-8"))}
        assert named == set()


class TestReview:
    """What the plan would have said on the morning after the survey went out."""

    @functools.cached_property
    def survey(self) -> Any:
        now = "2017-12-13T09:00-07:00"
        (decision,) = plan.review(timeline.as_of(now), at=now).of("survey")
        return decision

    def test_the_survey_is_impossible(self) -> None:
        assert self.survey.verdict == Verdict.IMPOSSIBLE
        assert str(self.survey.closes) == "2017-12-22 09:00:00-07:00"
        assert str(self.survey.review_at) == "2017-12-22 09:00:00-07:00"

    def test_the_reasons_say_why(self) -> None:
        reasons = {reason.policy: reason for reason in self.survey.reasons}
        assert reasons["JourneyComplete"].awaits
        assert "waits for" in reasons["JourneyComplete"].text
        answerable = reasons["AnswerableUntil"]
        assert str(answerable.closes)[:10] == "2017-12-22"
        assert str(answerable.opens)[:10] == str(answerable.facts["promised_by"])[:10] == "2017-12-29"

    def test_it_is_the_same_at_every_instant_until_it_closes(self) -> None:
        log = timeline.as_of("2017-12-13T09:00-07:00")
        for at in ("2017-12-13T09:01-07:00", "2017-12-20T03:00-07:00", "2017-12-22T08:59:59-07:00"):
            (decision,) = plan.review(log, at).of("survey")
            assert decision == self.survey
        (closed,) = plan.review(log, "2017-12-22T09:00-07:00").of("survey")
        assert closed.verdict == Verdict.TOO_LATE
