"""Checks: what an audit looks for beside lapsed duties and messages sent against a guard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from carepolicy import (
    Calendar,
    Chasers,
    Check,
    Event,
    Finding,
    Heartbeat,
    Parties,
    Plan,
    PromiseKept,
    RepeatedQuestions,
    Slips,
    Stalled,
    Timeline,
    Touch,
    UnclearMessages,
    days,
)
from carepolicy.checks import STANDARD
from carepolicy.errors import InvalidPolicyError
from carepolicy.history import History

END = "2026-03-31T09:00Z"


def on(day: int, kind: str, due: int | None = None, hour: int = 9, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T09:00Z"
    name = f"{kind}{day}" + (f"-{hour}" if hour != 9 else "")
    return Event(at=f"2026-03-{day:02}T{hour:02}:00Z", kind=kind, due=by, **{"id": name, "case": "c", **words})


def ask(day: int, **words: Any) -> Event:
    return on(day, "contact", **{"direction": "inbound", "channel": "phone", "purpose": "status", **words})


def found(check: Check, *events: Event, until: str = END) -> tuple[Finding, ...]:
    plan = Plan(
        Calendar.always(),
        parties=Parties(partners="shop"),
        checks=[check],
        update=Touch(due=Heartbeat(days(10)), owner="office"),
        promise=Touch(due=PromiseKept()),
    )
    return tuple(f for f in plan.audit(Timeline(events), until) if f.policy == type(check).__name__)


class TestChasers:
    """The customer did our job: asked for status while something was overdue."""

    opened = on(1, "opened", party="office")
    promise = on(2, "promise", 5, ref="r", party="shop")

    def test_names_every_cause_and_whose_it_was(self) -> None:
        (finding,) = found(Chasers(), self.opened, self.promise, ask(14))
        assert (finding.kind, finding.certainty, finding.party, finding.ref) == ("chaser", "proved", "shop", "r")
        assert [(c.policy, c.party, c.ref) for c in finding.causes] == [
            ("PromiseKept", "shop", "r"),
            ("Heartbeat", "office", ""),
        ]
        assert finding.evidence == ("contact14", "promise2")
        assert finding.instead_us == self.promise.due_us
        assert finding.why == (
            "the customer had to ask while overdue: the promise r since Thu 5 Mar 2026 09:00 (shop); "
            "an update since Thu 12 Mar 2026 09:00 (office)"
        )
        causes = json.loads(json.dumps(finding.to_data()))["causes"]
        assert causes[0] == {"policy": "PromiseKept", "party": "shop", "ref": "r", "since": "2026-03-05T09:00:00+00:00"}

    def test_what_was_promised_only_after_the_call_was_not_owed_yet(self) -> None:
        """Also where its date lies before the call."""
        backdated = on(8, "promise", 5, ref="r", party="shop")
        assert found(Chasers(), backdated, ask(7)) == ()
        assert len(found(Chasers(), backdated, ask(9))) == 1

    def test_of_whom_nobody_wrote_down_who_called_is_possible_at_most(self) -> None:
        (finding,) = found(Chasers(), self.promise, ask(7, direction=""))
        assert finding.certainty == "possible"
        assert finding.why.startswith("possibly the customer had to ask (nobody wrote down who called)")

    @pytest.mark.parametrize(
        "event",
        [
            ask(5),
            ask(7, direction="outbound"),
            ask(7, purpose="question"),
            ask(7, case=""),
            ask(7, case="other"),
            ask(7, customer="acme"),
            attrs.evolve(ask(7), kind="note"),
        ],
    )
    def test_is_none_otherwise(self, event: Event) -> None:
        assert found(Chasers(), self.promise, event) == ()

    def test_lasts_until_the_promise_is_kept(self) -> None:
        kept = on(8, "kept", ref="r", party="shop")
        assert len(found(Chasers(), self.promise, kept, ask(8))) == 1
        assert found(Chasers(), self.promise, kept, ask(9)) == ()

    def test_the_hour_of_a_day_is_a_stand_in(self) -> None:
        late = attrs.evolve(ask(5), at="2026-03-05T15:00Z")
        assert len(found(Chasers(), self.promise, late)) == 1
        assert found(Chasers(), self.promise, attrs.evolve(late, precision="day")) == ()
        opened = attrs.evolve(self.opened, precision="day")
        late = attrs.evolve(ask(11), at="2026-03-11T15:00Z")
        assert len(found(Chasers(), self.opened, late)) == 1
        assert found(Chasers(), opened, late) == ()

    def test_other_purposes_may_ask_for_status(self) -> None:
        assert len(found(Chasers("question"), self.promise, ask(7, purpose="question"))) == 1

    def test_of_a_duty_that_nobody_owns_names_nobody(self) -> None:
        plan = Plan(Calendar.always(), update=Touch(due=Heartbeat(days(5))))
        (finding,) = plan.audit(Timeline([self.opened, ask(7)]), END).of_kind("chaser")
        assert finding.why.endswith("an update since Fri 6 Mar 2026 09:00")
        assert finding.causes[0].party == ""


class TestRepeatedQuestions:
    """A customer is asked for what they had told before."""

    told = (on(1, "told", fact="name", party="customer"), on(1, "told", fact="plates", party="customer", id="p"))

    def test_is_one_for_each_party_case_and_day(self) -> None:
        findings = found(
            RepeatedQuestions(),
            *self.told,
            on(2, "asked", fact="name", party="office"),
            on(2, "asked", fact="plates", party="office", hour=12),
            on(2, "asked", fact="name", party="shop", id="other"),
            on(3, "asked", fact="name", party="office"),
        )
        assert [(f.party, f.at.day if f.at else 0, f.evidence) for f in findings] == [
            ("office", 2, ("asked2", "told1", "asked2-12", "p")),
            ("shop", 2, ("other", "told1")),
            ("office", 3, ("asked3", "told1")),
        ]
        assert findings[0].kind == "repeated_question"
        assert findings[0].why == (
            "asked again for what was told before: name (told Sun 1 Mar 2026 09:00), plates (told Sun 1 Mar 2026 09:00)"
        )

    def test_what_was_never_answered_is_reminded_of(self) -> None:
        asked = [on(day, "asked", fact="name") for day in (1, 2)]
        assert found(RepeatedQuestions(), *asked, on(3, "told", fact="name")) == ()

    def test_another_customer_and_another_fact_are_new(self) -> None:
        assert found(RepeatedQuestions(), *self.told, on(2, "asked", fact="name", customer="acme")) == ()
        assert found(RepeatedQuestions(), *self.told, on(2, "asked", fact="age")) == ()

    def test_a_fact_that_the_log_does_not_name_is_none(self) -> None:
        assert found(RepeatedQuestions(), on(1, "told"), on(2, "asked")) == ()

    def test_who_told_it_first_counts_in_every_case(self) -> None:
        again = on(3, "told", fact="name", id="again")
        (finding,) = found(RepeatedQuestions(), *self.told, again, on(4, "asked", fact="name", case="d"))
        assert finding.evidence == ("asked4", "told1")


class TestUnclearMessages:
    """The next that is heard after a mail of ours is the customer asking what it meant."""

    mail = on(
        1, "contact", direction="outbound", channel="email", party="office", purpose="update", text="6,200 dollars"
    )

    def test_is_a_note_of_its_own(self) -> None:
        (finding,) = found(UnclearMessages(), self.mail, ask(1, hour=12, purpose="question", customer=""))
        assert (finding.kind, finding.party, finding.evidence) == ("unclear", "office", ("contact1", "contact1-12"))
        assert "6,200 dollars" in finding.why

    @pytest.mark.parametrize(
        "question",
        [
            ask(2, purpose="question"),
            ask(1, hour=12, purpose="status"),
            ask(1, hour=12, purpose="question", direction="outbound"),
            ask(1, hour=12, purpose="question", case="other"),
        ],
    )
    def test_is_only_a_question_on_the_same_day(self, question: Event) -> None:
        assert found(UnclearMessages(), self.mail, question) == ()

    @pytest.mark.parametrize("change", [{"direction": "inbound"}, {"channel": "phone"}, {"kind": "note"}])
    def test_is_only_about_what_we_wrote(self, change: dict[str, Any]) -> None:
        assert found(UnclearMessages(), attrs.evolve(self.mail, **change), ask(1, hour=12, purpose="question")) == ()

    def test_is_only_the_next_that_is_heard(self) -> None:
        between = ask(1, hour=10, purpose="reply")
        assert found(UnclearMessages(), self.mail, between, ask(1, hour=12, purpose="question")) == ()


class TestSlips:
    """The expected completion moves to a later date."""

    def test_is_one_for_each_time(self) -> None:
        findings = found(
            Slips(),
            on(1, "estimate", 9),
            on(2, "estimate", 12),
            on(3, "estimate", 11),
            on(4, "estimate", 20, party="shop"),
        )
        assert [(f.at.day if f.at else 0, str(f.until)[8:10], f.evidence) for f in findings] == [
            (2, "12", ("estimate1", "estimate2")),
            (4, "20", ("estimate3", "estimate4")),
        ]
        assert findings[1].party == "shop"
        assert findings[0].why.startswith(
            "the expected completion slipped from Mon 9 Mar 2026 09:00 to Thu 12 Mar 2026 09:00"
        )

    def test_each_part_slips_by_itself(self) -> None:
        assert found(Slips(), on(1, "estimate", 9, ref="a"), on(2, "estimate", 12, ref="b")) == ()
        assert found(Slips(), on(1, "estimate", 9), on(2, "estimate", 12, case="d")) == ()

    def test_the_same_date_and_no_date_are_no_slip(self) -> None:
        later = Event(at="2026-03-02T09:00Z", kind="estimate", case="c", due="2026-03-09T17:00Z")
        assert found(Slips(), on(1, "estimate", 9), later, on(3, "estimate")) == ()


class TestStalled:
    """Attempts at one place fail again and again."""

    failures = tuple(on(day, "failed", party="dealer") for day in (1, 2, 3))

    def test_is_one_for_each_run(self) -> None:
        (finding,) = found(Stalled(), *self.failures)
        assert (finding.kind, finding.party, finding.until) == ("stalled", "dealer", None)
        assert (finding.at.day if finding.at else 0, finding.evidence) == (2, ("failed1", "failed2", "failed3"))

    def test_says_how_long_each_party_had_it(self) -> None:
        opened, done = on(1, "opened", hour=8, party="dealer"), on(4, "completed")
        (finding,) = found(Stalled(), opened, *self.failures, done)
        assert finding.why.endswith("Tue 3 Mar 2026 09:00, failed; in hand: dealer 3.0 days")

    @pytest.mark.parametrize("kind", ["completed", "kept"])
    def test_ends_when_it_is_done(self, kind: str) -> None:
        done = on(4, kind)
        (finding,) = found(Stalled(), *self.failures, done, on(5, kind))
        assert (finding.until, finding.evidence[-1]) == (done.at, f"{kind}4")
        for other in (on(4, kind, ref="part"), on(4, kind, outcome="partly")):
            (finding,) = found(Stalled(), *self.failures, other)
            assert finding.until is None

    @pytest.mark.parametrize("again", ["failed", "reopened"])
    def test_a_completion_that_did_not_hold_is_a_failed_one(self, again: str) -> None:
        rounds = [e for day in (1, 3, 5, 7) for e in (on(day, "completed", party="shop"), on(day + 1, again))]
        (finding,) = found(Stalled(4), *rounds)
        assert (finding.at_us, finding.until) == (rounds[-1].at_us, None)
        assert finding.evidence == tuple(e.id for e in rounds)
        assert finding.why.startswith(
            f"4 attempts failed: Mon 2 Mar 2026 09:00, {again}, after it was complete Sun 1 Mar 2026 09:00; "
        )
        assert finding.party == ("shop" if again == "reopened" else "")
        (ended,) = found(Stalled(4), *rounds, on(9, "completed"))
        assert (str(ended.until)[8:10], ended.evidence[-1]) == ("09", "completed9")

    def test_a_failure_that_reopens_is_one(self) -> None:
        again = (on(1, "completed"), on(2, "failed"), on(3, "reopened"))
        assert found(Stalled(), *again) == ()
        assert len(found(Stalled(), *again, on(4, "completed"), on(5, "reopened"))) == 1

    def test_the_close_ends_it_and_what_is_reopened_was_not_closed(self) -> None:
        one, two, three = self.failures
        closed = on(3, "closed", hour=8)
        (finding,) = found(Stalled(), one, two, closed, three, on(3, "closed", hour=12))
        assert (finding.until, finding.evidence) == (closed.at, ("failed1", "failed2", "closed3-8"))
        part = [attrs.evolve(e, ref="part") for e in self.failures]
        assert [str(f.until)[8:10] for f in found(Stalled(), *part, on(4, "closed"))] == ["04"]
        assert [f.until for f in found(Stalled(), *part, on(4, "closed", ref="other"))] == [None]
        again = [on(4, "closed"), on(5, "reopened"), on(6, "failed", ref="part")]
        assert [f.evidence for f in found(Stalled(), *part, *again)] == [("failed1", "failed2", "failed3", "failed6")]
        rounds = [on(day + n, kind) for day in (1, 4) for n, kind in enumerate(("completed", "closed", "reopened"))]
        assert [f.evidence[-1] for f in found(Stalled(), *rounds)] == ["reopened6"]
        held = [on(4, "completed"), on(5, "closed"), on(6, "failed"), on(7, "failed")]
        assert [str(f.until)[8:10] for f in found(Stalled(), *self.failures, *held)] == ["04", ""]

    def test_counts_at_one_thing_whoever_failed(self) -> None:
        one, two, three = self.failures
        (finding,) = found(Stalled(), one, attrs.evolve(two, party="shop"), attrs.evolve(three, party=""))
        assert finding.party == "shop"
        assert finding.why.startswith("3 attempts failed (dealer 1, shop 1, nobody named 1): Sun 1 Mar 2026 09:00")
        assert found(Stalled(), one, attrs.evolve(two, ref="part")) == ()
        assert found(Stalled(), one, attrs.evolve(two, case="other")) == ()
        assert found(Stalled(), one) == ()

    def test_may_need_more_or_fewer(self) -> None:
        assert [len(found(Stalled(n), *self.failures)) for n in (1, 2, 3, 4)] == [1, 1, 1, 0]
        with pytest.raises(InvalidPolicyError, match="failures must be at least 1, got 0"):
            Stalled(0)


class TestCheck:
    """What an audit asks is a value that finds and explains."""

    def test_the_standard_set(self) -> None:
        assert STANDARD == (Chasers(), RepeatedQuestions(), UnclearMessages(), Slips(), Stalled())
        assert all(isinstance(check, Check) for check in STANDARD)
        assert [check.explain() for check in STANDARD] == [
            "the customer asks for status while an update, a promise or an estimate is overdue",
            "the customer is asked for what they had told before",
            "the customer has to ask what a message meant",
            "the expected completion moves to a later date",
            "2 attempts at one thing fail",
        ]

    def test_one_of_ones_own(self) -> None:
        @attrs.frozen
        class Notes:
            """Every note."""

            def findings(self, history: History) -> Iterator[Finding]:
                for event in history.events:
                    if event.kind == "note":
                        yield Finding(
                            kind="drift", at_us=event.at_us, policy="Notes", why="a note", evidence=(event.id,)
                        )

            def explain(self) -> str:
                return "notes"

        (finding,) = found(Notes(), on(1, "note"), on(2, "sold"))
        assert (finding.kind, finding.evidence) == ("drift", ("note1",))
        assert finding.plan
