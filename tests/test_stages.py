"""Key stages: what the customer hears before and after each, and what makes it due again."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest

from carepolicy import Calendar, Event, Parties, Plan, Timeline, Touch, Which, days, working
from carepolicy._instant import ALWAYS, NEVER
from carepolicy.errors import InvalidPolicyError
from carepolicy.stages import KeyStages, LastMoved, Stage, TellAfter, TellBefore

office = Calendar.weekly("Mon-Sun 08:00-18:00", zone="UTC")
parties = Parties(ours=["office"], partners=["shop"])
drive = Stage("test drive", "an hour; bring your licence", tell_before=days(2), tell_after=days(1))


def on(day: int, kind: str, due: int | None = None, hour: int = 9, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T09:00Z"
    return Event(at=f"2026-03-{day:02}T{hour:02}:00Z", kind=kind, due=by, **{"case": "c", **words})


def planned(day: int, due: int | None, **words: Any) -> Event:
    return on(day, "estimate", due, **{"purpose": "test drive", "ref": "test drive", "party": "shop", **words})


def told(day: int, **words: Any) -> Event:
    usual = {"party": "shop", "direction": "outbound", "channel": "email", "outcome": "delivered", "author": "human"}
    return on(day, "contact", **{**usual, "purpose": "test drive", **words})


reached = on(20, "milestone", purpose="test drive", party="shop")


def due(duty: Any, *events: Event, at: str = "2026-03-31T09:00Z") -> str:
    decision = duty.decide(Timeline([on(1, "opened"), *events]), at, calendar=office, parties=parties)
    return str(decision.due)[5:16] if decision.due else "none"


class TestTellBefore:
    """Word before a stage, by its planned instant less the lead."""

    duty = TellBefore(drive)

    def test_is_due_the_lead_before_the_planned_instant(self) -> None:
        assert due(self.duty, planned(2, 20)) == "03-18 09:00"

    def test_is_worth_doing_from_when_the_plan_is_known(self) -> None:
        decision = self.duty.decide(Timeline([planned(2, 20)]), "2026-03-03T09:00Z", calendar=office)
        assert (decision.verdict, str(decision.opens)[5:16]) == ("go", "03-02 09:00")

    def test_of_a_stage_without_a_plan_is_never_due(self) -> None:
        assert due(self.duty) == due(self.duty, planned(2, None)) == "none"
        assert due(self.duty, planned(2, 20, purpose="paint")) == "none"

    @pytest.mark.parametrize("words", [{}, {"purpose": "update"}, {"channel": "phone", "outcome": "conversation"}])
    def test_is_done_by_word_of_the_stage_or_an_update(self, words: dict[str, str]) -> None:
        assert due(self.duty, planned(2, 20), told(3, **words)) == "none"

    @pytest.mark.parametrize(
        "words",
        [
            {"purpose": "marketing"},
            {"direction": "inbound"},
            {"direction": ""},
            {"author": "automatic"},
            {"outcome": "voicemail"},
            {"party": "customer"},
            {"case": "other"},
        ],
    )
    def test_is_not_done_by_anything_less(self, words: dict[str, str]) -> None:
        assert due(self.duty, planned(2, 20), told(3, **words)) == "03-18 09:00"

    def test_is_not_done_by_word_from_before_the_plan(self) -> None:
        assert due(self.duty, told(1), planned(2, 20)) == "03-18 09:00"

    def test_a_slip_makes_it_due_again(self) -> None:
        assert due(self.duty, planned(2, 20), told(3), planned(10, 25)) == "03-23 09:00"
        assert due(self.duty, planned(2, 20), told(3), planned(10, 25), told(11)) == "none"

    def test_the_same_plan_said_again_does_not(self) -> None:
        assert due(self.duty, planned(2, 20), told(3), planned(10, 20)) == "none"

    def test_a_plan_at_short_notice_is_told_at_once(self) -> None:
        assert due(self.duty, planned(19, 20)) == "03-19 13:00"

    def test_ends_with_the_stage_or_the_case(self) -> None:
        assert due(self.duty, planned(2, 20), reached) == "none"
        assert due(self.duty, planned(2, 20), attrs.evolve(reached, outcome="begun")) == "03-18 09:00"
        assert due(self.duty, planned(2, 20), on(5, "completed")) == "none"

    def test_says_what_comes(self) -> None:
        said = "word of the stage test drive (an hour; bring your licence) 2 days before it"
        assert self.duty.explain() == said

    def test_by_whom_may_be_named(self) -> None:
        assert due(TellBefore(drive, by="office"), planned(2, 20), told(3)) == "03-18 09:00"


class TestTellAfter:
    """Word after a stage, within a span."""

    duty = TellAfter(drive)

    def test_is_due_within_its_span(self) -> None:
        assert due(self.duty, reached) == "03-21 09:00"
        assert due(self.duty, attrs.evolve(reached, outcome="done")) == "03-21 09:00"
        assert due(self.duty) == "none"

    def test_is_done_by_word_since(self) -> None:
        assert due(self.duty, told(19), reached) == "03-21 09:00"
        assert due(self.duty, reached, told(21)) == "none"

    def test_other_events_may_end_a_stage(self) -> None:
        stage = Stage("collect", planned="promise", ends="kept")
        assert due(TellAfter(stage), on(5, "kept", party="shop")) == "03-06 09:00"
        assert due(TellBefore(stage), on(2, "promise", 5, party="shop")) == "03-04 09:00"

    def test_explains(self) -> None:
        assert self.duty.explain() == "word within 1 day after the stage test drive"


class TestKeyStages:
    """The stages of one journey."""

    stages = KeyStages([drive, Stage("hand-back")])

    def test_bring_two_duties_each(self) -> None:
        assert [(type(d).__name__, d.stage.name) for d in self.stages.duties("shop")] == [  # type: ignore[attr-defined]
            ("TellBefore", "test drive"),
            ("TellAfter", "test drive"),
            ("TellBefore", "hand-back"),
            ("TellAfter", "hand-back"),
        ]
        assert KeyStages(drive).stages == (drive,)

    def test_are_one_duty_of_a_touch_due_with_the_first(self) -> None:
        log = [planned(2, 20), planned(3, 12, purpose="hand-back", ref="hand-back")]
        assert due(self.stages.duty(), *log) == "03-11 09:00"

    def test_make_findings_of_what_was_not_told(self) -> None:
        plan = Plan(office, parties=parties, checks=(), stages=Touch(due=self.stages.duty(), owner="office"))
        log = Timeline([on(1, "opened"), planned(2, 20), told(19), reached, told(25)])
        found = plan.audit(log, "2026-03-31T09:00Z").findings
        assert [(f.policy, f.kind, str(f.at)[5:10], str(f.until)[5:10]) for f in found] == [
            ("TellBefore", "late", "03-18", "03-19"),
            ("TellAfter", "late", "03-21", "03-25"),
        ]

    def test_go_into_a_plan_and_back(self) -> None:
        plan = Plan(office, stages=Touch(due=self.stages.duty()))
        again = Plan.from_json(plan.to_json(), policies=[TellBefore, TellAfter])
        assert again == plan

    def test_are_refused_without_names_of_their_own(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^stages need a name each, of its own: \['a', 'a'\]; give each"):
            KeyStages([Stage("a"), Stage("a")])
        with pytest.raises(InvalidPolicyError, match=r"^stages need a name each, of its own: \[\]; give each stage"):
            KeyStages([])
        with pytest.raises(InvalidPolicyError, match=r"^stage is not one: 'a'; use Stage\(\.\.\.\)$"):
            KeyStages(["a"])


class TestStage:
    """A stage as a value."""

    @pytest.mark.parametrize("name", ["", 3])
    def test_has_a_name(self, name: Any) -> None:
        said = f"name of a stage is no text: {name!r}; use the purpose of its milestones"
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(said)}$"):
            Stage(name)

    def test_is_told_after_in_a_span_that_points_forward(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^tell_after points backward or nowhere: 0 days"):
            Stage("a", tell_after=days(0))
        assert Stage("a", tell_before=days(0), at_once=working(hours=0)).tell_before == days(0)


class TestLastMoved:
    """When a stated date last moved."""

    def value(self, *events: Event, **options: Any) -> str:
        fold = LastMoved("estimate", **options)
        state = fold.start()
        for event in events:
            state = fold.step(state, event, 1)
        value = fold.value(state)
        return "none" if value in (ALWAYS, NEVER) else str(Event(at=value, kind="note").at)[8:10]

    def test_counts_the_first_statement_and_every_move(self) -> None:
        assert self.value() == self.value(missing=NEVER) == "none"
        assert self.value(planned(2, 20)) == "02"
        assert self.value(planned(2, 20), planned(3, 20)) == "02"
        assert self.value(planned(2, 20), planned(3, 18), planned(4, 18)) == "03"

    def test_a_slip_moves_to_a_later_date(self) -> None:
        assert self.value(planned(2, 20), slips=True) == "none"
        assert self.value(planned(2, 20), planned(3, 18), slips=True) == "none"
        assert self.value(planned(2, 20), planned(3, 18), planned(4, 19), slips=True) == "04"

    def test_small_moves_add_up(self) -> None:
        two_days = 2 * 86_400_000_000
        log = [planned(2, 20), planned(3, 21), planned(4, 22), planned(5, 23)]
        assert self.value(*log[:2], slips=True, least=two_days) == "none"
        assert self.value(*log, slips=True, least=two_days) == "04"

    def test_each_case_and_reference_is_followed_by_itself(self) -> None:
        assert self.value(planned(2, 20), planned(3, 22, ref="other"), slips=True) == "none"
        assert self.value(planned(2, 20), planned(3, 22, case="d"), slips=True) == "none"

    def test_a_statement_without_a_date_moves_nothing(self) -> None:
        assert self.value(planned(2, 20), planned(3, None), planned(4, 20)) == "02"

    def test_is_chosen_by_conditions(self) -> None:
        fold = LastMoved(("estimate", Which("promise")))
        assert fold.conditions() == ((Which("estimate"), Which("promise")),)
