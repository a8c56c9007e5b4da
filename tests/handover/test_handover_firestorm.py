"""The firestorm kit: people by competence, tasks in time boxes, who hears how often."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Event, Plan, Timeline, Verdict
from carepolicy.errors import InvalidPolicyError
from carepolicy.handover.document import Person
from carepolicy.handover.firestorm import Firestorm, FirestormStanding
from carepolicy.handover.tasks import Task
from carepolicy.span import elapsed

KIM = Person(part="owner", name="kim", competences=("customer",))
LEE = Person(part="engineer", name="lee", competences=("engines", "electrics"))
MAX = Person(part="engineer", name="max", competences=("engines",))
KIT = Firestorm(
    needs=("customer", "engines", "electrics"),
    tasks=(
        Task("fault", "find the fault", "engines"),
        Task("spare", "find a spare car", "customer", within=elapsed(minutes=30)),
    ),
)
TROUBLE = Event(id="t", at="2026-03-02T09:00Z", kind="trouble", party="customer", case="c")


def standing(
    *events: Event, at: str = "2026-03-02T09:05Z", people: tuple[Person, ...] = (KIM, LEE, MAX)
) -> FirestormStanding:
    return KIT.standing(Timeline([TROUBLE, *events]), at, case="c", people=people, owner="kim")


def event(kind: str, at: str, **more: Any) -> Event:
    return Event(at=at, kind=kind, case="c", **more)


class TestKit:
    """What is decided in quiet times."""

    def test_what_is_of_another_kind_is_refused(self) -> None:
        """By its name."""
        with pytest.raises(InvalidPolicyError, match=r"^tasks has what is no Task: 'look'; pass e\.g\. Task\("):
            Firestorm(needs="engines", tasks=("look",))  # type: ignore[arg-type]
        with pytest.raises(InvalidPolicyError, match=r"^people has what is no Person: 'kim'; pass e\.g\. Person\("):
            KIT.call_in(["kim"])  # type: ignore[list-item]
        with pytest.raises(InvalidPolicyError, match=r"^timeline is none: None; read rows with Timeline"):
            KIT.standing(None, "2026-03-02T09:05Z", case="c")  # type: ignore[arg-type]

    def test_a_task_is_named_once(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^tasks name one twice: 'a'; give each a name of its own$"):
            Firestorm(needs=(), tasks=(Task("a", "", "x"), Task("a", "", "y")))

    @pytest.mark.parametrize("part", ["name", "competence"])
    def test_a_task_has_a_name_and_a_competence(self, part: str) -> None:
        words: dict[str, Any] = {"name": "a", "what": "", "competence": "x"} | {part: ""}
        with pytest.raises(InvalidPolicyError, match=rf"^{part} of a task is empty: .*; say it in a word$"):
            Task(**words)

    def test_repr_builds_it_again(self) -> None:
        from carepolicy import Aftercare, Which, days, working_days  # noqa: F401

        assert eval(repr(KIT)) == KIT

    def test_everybody_comes_by_competence_and_nobody_twice_where_another_can(self) -> None:
        """Lee brings two competences and is called for the one that nobody else brings only if free."""
        assert [(c.competence, c.person.name) for c in KIT.call_in([KIM, LEE, MAX])] == [
            ("customer", "kim"),
            ("engines", "lee"),
            ("electrics", "lee"),
        ]

    def test_a_competence_that_nobody_brings_is_missing(self) -> None:
        assert standing(people=(KIM, MAX)).missing == ("electrics",)


class TestTasks:
    """One person, one time box, one acknowledgement."""

    def test_tasks_go_to_whoever_has_least_to_do(self) -> None:
        kit = Firestorm(needs=(), tasks=[Task(name, "", "engines") for name in "abc"])
        given = kit.assign([LEE, MAX], "2026-03-02T09:00Z", case="c", customer="berg")
        assert [(e.party, e.ref, e.customer) for e in given] == [
            ("lee", "a", "berg"), ("max", "b", "berg"), ("lee", "c", "berg")
        ]  # fmt: skip

    def test_a_task_ends_with_its_time_box_and_nobody_gets_what_nobody_can(self) -> None:
        (fault,) = KIT.assign([MAX], "2026-03-02T09:00Z", case="c")
        assert (fault.ref, fault.due) == ("fault", Event(at="2026-03-02T11:00Z", kind="note").at)

    def test_a_task_without_a_word_goes_to_the_next_who_can(self) -> None:
        given = KIT.assign([LEE], "2026-03-02T09:00Z", case="c")
        there = standing(*given).tasks[0]
        assert (there.state, there.goes_to) == ("given", "")
        late = standing(*given, at="2026-03-02T09:11Z").tasks[0]
        assert (late.state, late.who, late.goes_to) == ("unacknowledged", "lee", "max")

    def test_an_acknowledged_task_is_taken_and_then_overdue(self) -> None:
        given = KIT.assign([LEE], "2026-03-02T09:00Z", case="c")
        said = event("accepted", "2026-03-02T09:03Z", party="lee", ref="fault")
        assert standing(*given, said, at="2026-03-02T10:00Z").tasks[0].state == "taken"
        assert standing(*given, said, at="2026-03-02T11:01Z").tasks[0].state == "overdue"

    @pytest.mark.parametrize(("kind", "state"), [("kept", "done"), ("withdrawn", "given up")])
    def test_a_task_that_ended_stays_so(self, kind: str, state: str) -> None:
        given = KIT.assign([LEE], "2026-03-02T09:00Z", case="c")
        ended = event(kind, "2026-03-02T09:30Z", party="lee", ref="fault")
        task = standing(*given, ended, at="2026-03-03T09:00Z").tasks[0]
        assert (task.state, task.goes_to) == (state, "")

    def test_a_task_given_to_another_is_given_on(self) -> None:
        given = KIT.assign([LEE], "2026-03-02T09:00Z", case="c")
        again = KIT.assign([MAX], "2026-03-02T09:12Z", case="c")
        tasks = standing(*given, *again, at="2026-03-02T09:30Z").tasks
        assert [(t.who, t.state, t.goes_to) for t in tasks] == [("lee", "given on", ""), ("max", "unacknowledged", "")]

    def test_a_task_that_the_kit_does_not_know_goes_to_nobody(self) -> None:
        own = event("promise", "2026-03-02T09:00Z", party="lee", ref="own", purpose="task", due="2026-03-02T10:00Z")
        task = standing(own, at="2026-03-02T09:30Z").tasks[0]
        assert (task.state, task.goes_to, task.due) == (
            "unacknowledged",
            "",
            Event(at="2026-03-02T10:00Z", kind="note").at,
        )


class TestStanding:
    """How it stands at a moment."""

    def test_the_scribe_is_free(self) -> None:
        """Neither the owner nor whoever has a task."""
        given = KIT.assign([LEE], "2026-03-02T09:00Z", case="c")
        assert standing(*given).scribe == Person(part="scribe", name="max", competences=("engines",))

    def test_a_named_scribe_writes(self) -> None:
        scribe = Person(part="scribe", name="pat")
        assert standing(people=(KIM, MAX, scribe)).scribe == scribe

    def test_nobody_free_is_nobody_named(self) -> None:
        assert standing(people=(KIM,)).scribe == Person(part="scribe")

    def test_checks_are_open_until_told_after_the_repair(self) -> None:
        early = event("told", "2026-03-02T10:00Z", party="lee", fact="fault gone?")
        mended = event("completed", "2026-03-02T11:00Z", party="lee")
        again = event("told", "2026-03-02T12:00Z", party="lee", fact="fault gone?")
        at = "2026-03-02T13:00Z"
        assert "fault gone?" in standing(early, at=at).checks_open
        assert "fault gone?" in standing(early, mended, at=at).checks_open
        assert standing(mended, again, at=at).checks_open == ("nothing else broken?", "tried by somebody else?")

    def test_it_says_when_to_look_again(self) -> None:
        given = KIT.assign([LEE], "2026-03-02T09:00Z", case="c")
        there = standing(*given)
        assert there.review_us == there.tasks[0].acknowledge_by_us + 1
        assert there.review_at is not None

    def test_other_cases_are_other_cases(self) -> None:
        other = Event(at="2026-03-02T09:01Z", kind="promise", case="d", ref="fault", purpose="task", party="lee")
        assert standing(other).tasks == ()


class TestTouches:
    """Who hears how often is the cadence module's."""

    PLAN = Plan(calendar=Calendar.always(), touches=KIT.touches("kim"))

    def verdict(self, touch: str, *events: Event, at: str) -> tuple[Verdict, str]:
        decision = next(d for d in self.PLAN.review(Timeline([TROUBLE, *events]), at) if d.touch == touch)
        return decision.verdict, decision.owner

    def test_the_customer_hears_every_two_hours_even_when_nothing_changed(self) -> None:
        assert self.verdict("customer_update", at="2026-03-02T10:59Z") == (Verdict.WAIT, "kim")
        assert self.verdict("customer_update", at="2026-03-02T11:00Z")[0] == Verdict.OVERDUE
        told = event("contact", "2026-03-02T10:30Z", party="kim", direction="outbound", channel="phone",
                     outcome="conversation", author="human", purpose="update", due="2026-03-02T12:30Z")  # fmt: skip
        assert self.verdict("customer_update", told, at="2026-03-02T12:00Z")[0] == Verdict.WAIT

    def test_executives_hear_apart_from_the_customer(self) -> None:
        told = event("contact", "2026-03-02T12:30Z", party="kim", direction="outbound", channel="phone",
                     outcome="conversation", author="human", purpose="update", due="2026-03-02T14:30Z")  # fmt: skip
        assert self.verdict("executive_update", told, at="2026-03-02T13:00Z")[0] == Verdict.OVERDUE

    def test_aftercare_begins_when_it_is_mended(self) -> None:
        mended = event("completed", "2026-03-02T12:00Z", party="lee")
        assert self.verdict("aftercare", mended, at="2026-03-02T12:01Z")[0] == Verdict.WAIT
        assert self.verdict("aftercare", mended, at="2026-03-03T12:00Z")[0] == Verdict.OVERDUE
