"""The call brief: what whoever picks up the phone knows before the customer has said a word."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, Event, Heartbeat, Plan, PromiseKept, Timeline, Touch, elapsed
from carepolicy._instant import NEVER, to_moment
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.handover.brief import CallBrief

HOUR = 3_600_000_000
START = Event(at="2026-03-02T00:00Z", kind="note").at_us


def event(hour: int, kind: str, **more: Any) -> Event:
    values: dict[str, Any] = {"at": START + hour * HOUR, "kind": kind, "party": "desk", "case": "boiler"}
    return Event(**(values | {"id": f"{kind}{hour}"} | more))


OPENED = event(1, "opened", text="boiler is cold")
PROMISE = event(2, "promise", ref="visit", due=START + 10 * HOUR, text="an engineer comes in the morning")
NAME = event(3, "told", party="customer", fact="name", text="Berg", case="")
WAITING = event(4, "contact", party="desk", direction="inbound", channel="email", author="human", text="and now?")
OLD = event(0, "opened", case="tap", text="tap drips")
DONE = event(1, "completed", case="tap", text="tap is tight", id="tight")


def brief(*events: Event, hour: int = 8, **more: Any) -> CallBrief:
    return CallBrief.prepare(Timeline(events), to_moment(START + hour * HOUR), **more)


class TestBrief:
    """Across the customer's cases."""

    def test_open_cases_come_first(self) -> None:
        found = brief(OLD, DONE, OPENED, PROMISE)
        assert [(c.case, c.is_open, c.since) for c in found.cases] == [
            ("boiler", True, OPENED.at), ("tap", False, DONE.at)
        ]  # fmt: skip

    def test_a_case_without_an_opening_is_open_from_its_first_word(self) -> None:
        assert brief(PROMISE).cases[0].since_us == PROMISE.at_us

    def test_what_is_known_of_no_case_in_particular_is_known(self) -> None:
        assert [k.fact for k in brief(OPENED, NAME).known] == ["name"]

    def test_what_we_owe_and_who_waits(self) -> None:
        found = brief(OPENED, PROMISE, WAITING)
        assert [o.ref for o in found.owed] == ["visit"]
        assert [u.text for u in found.cases[0].unanswered] == ["and now?"]

    def test_the_last_that_happened_comes_first(self) -> None:
        found = brief(OPENED, PROMISE, NAME, WAITING, lately=2)
        assert [said.text for said in found.lately] == ["and now?", "an engineer comes in the morning"]
        assert brief(OPENED, lately=0).lately == ()

    def test_it_asks_after_what_was_promised(self) -> None:
        assert [q.fact for q in brief(OPENED, PROMISE, hour=11).questions] == ["is there"]

    def test_each_question_names_what_it_is_about(self) -> None:
        """Two of one text would not say after what, or in which case."""
        part = event(2, "promise", ref="pump", due=START + 10 * HOUR, id="pump")
        other = event(1, "incident", case="tap", text="tap drips", id="drips")
        found = brief(OPENED, PROMISE, part, other, event(1, "incident"), hour=11).questions
        assert [q.text for q in found] == [
            "Are you well, and is everybody else who was there (boiler)?",
            "Are you well, and is everybody else who was there (tap)?",
            "Is what we promised there (pump)?",
            "Is what we promised there (an engineer comes in the morning)?",
        ]

    def test_the_first_sentence_confirms(self) -> None:
        assert brief(OPENED, PROMISE, hour=11).say_first == (
            'You are calling about boiler, I believe: you were promised "an engineer comes in the morning" for '
            "Monday 2 March at 10:00, which nobody has confirmed."
        )
        assert brief(OPENED).say_first == (
            "You are calling about boiler, I believe; the last I see is of Monday 2 March: boiler is cold."
        )
        assert brief(OLD, DONE).say_first.startswith("There is nothing open with us; ")
        expected = event(2, "estimate", due=START + 3 * HOUR, text="warm again; we hope")
        assert brief(OPENED, expected).say_first == (
            'You are calling about boiler, I believe: you were told to expect "warm again" for Monday 2 March at 3:00, '
            "which has passed."
        )

    def test_what_a_machine_sent_is_not_the_last_word(self) -> None:
        """Nor a question that was asked; but better than nothing."""
        survey = event(3, "survey", text="nine pages", author="automatic")
        asked = event(4, "asked", fact="plates", text="bring the plates")
        assert brief(OPENED, survey, asked).say_first.endswith("of Monday 2 March: boiler is cold.")
        assert brief(survey).say_first.endswith("of Monday 2 March: nine pages.")

    def test_what_only_a_plan_owes_was_not_promised(self) -> None:
        """The first sentence promises nothing after the fact."""
        plan = Plan(calendar=Calendar.always(), update=Touch(due=Heartbeat(elapsed(hours=1))))
        assert "the last I see is of Monday 2 March: boiler is cold" in brief(OPENED, plan=plan).say_first

    def test_what_cannot_be_meant_is_refused(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^lately must be a whole number from 0, got -1$"):
            brief(OPENED, lately=-1)
        with pytest.raises(InvalidPolicyError, match=r"^timeline is none: \[\]; read rows with Timeline.read\(rows\)$"):
            CallBrief.prepare([], "2026-03-02T08:00Z")  # type: ignore[arg-type]

    def test_a_plan_says_what_is_due_and_in_whose_zone(self) -> None:
        plan = Plan(calendar=Calendar.always("Europe/Berlin"), update=Touch(due=Heartbeat(elapsed(hours=5))))
        found = brief(OPENED, plan=plan)
        assert [(o.kind, o.what) for o in found.owed] == [("duty", "an update")]
        assert found.zone == "Europe/Berlin"
        assert found.at is not None
        assert found.at.hour == 9
        assert brief(OPENED, plan=plan, zone="UTC").zone == "UTC"

    def test_somebody_else_is_somebody_else(self) -> None:
        theirs = attrs.evolve(OPENED, customer="wolf")
        assert brief(OPENED, theirs, customer="wolf").cases[0].last.text == "boiler is cold"
        assert brief(theirs, OPENED).customer == ""

    def test_the_only_customer_need_not_be_named(self) -> None:
        """Until another one is known: then it must be looked at again."""
        theirs, others = attrs.evolve(OPENED, customer="wolf"), event(9, "opened", customer="lamb")
        found = brief(theirs, others)
        assert (found.customer, found.review_us) == ("wolf", START + 9 * HOUR)
        assert brief(theirs, others, customer="wolf").review_us == NEVER
        with pytest.raises(UnknownNameError, match=r"^customer is not known by .*: ''; known are 'lamb', 'wolf'$"):
            brief(theirs, others, hour=9)

    @pytest.mark.parametrize("hour", [0, 8])
    def test_nobody_is_named(self, hour: int) -> None:
        with pytest.raises(UnknownNameError, match=r"^customer is not known by Mon 2 Mar 2026 0.:00 UTC: 'wolf';"):
            brief(OPENED, attrs.evolve(OPENED, customer="wolf", at=START + 9 * HOUR), hour=hour, customer="wolf")


hours = st.integers(0, 12)
some_events = st.lists(
    st.one_of(
        st.builds(lambda h, k, c: event(h, k, case=c, id=f"{k}{h}{c}"), hours,
                  st.sampled_from(["opened", "completed", "closed", "reopened", "failed", "incident"]),
                  st.sampled_from(["boiler", "tap", ""])),
        st.builds(lambda h, d: event(h, "promise", ref="r", due=START + (h + d) * HOUR), hours, hours),
        st.builds(lambda h: event(h, "told", party="customer", fact="name", text=str(h)), hours),
        st.builds(lambda h, d: event(h, "contact", direction=d, channel="email", author="human", purpose="status"),
                  hours, st.sampled_from(["inbound", "outbound", ""])),
    ),
    max_size=8,
)  # fmt: skip
PLAN = Plan(calendar=Calendar.always(), promise=Touch(due=PromiseKept()), update=Touch(due=Heartbeat(elapsed(hours=3))))
FIRST = event(0, "note", case="", id="first")


def same(one: CallBrief, other: CallBrief) -> bool:
    return attrs.evolve(one, at_us=0) == attrs.evolve(other, at_us=0)


class TestLaws:
    """What holds whatever happened."""

    @given(some_events, hours)
    def test_what_is_not_known_yet_changes_nothing_but_when_to_look_again(self, events: list[Event], hour: int) -> None:
        known = [e for e in events if e.at_us <= START + hour * HOUR]
        with_it = brief(FIRST, *events, hour=hour, plan=PLAN)
        without = brief(FIRST, *known, hour=hour, plan=PLAN)
        assert attrs.evolve(with_it, review_us=0) == attrs.evolve(without, review_us=0)

    @given(some_events, hours)
    def test_order_and_duplicates_never_matter(self, events: list[Event], hour: int) -> None:
        again = [FIRST, *reversed(events), *events]
        assert brief(FIRST, *events, hour=hour, plan=PLAN) == brief(*again, hour=hour, plan=PLAN)

    @given(some_events, hours, st.floats(0, 1, exclude_max=True))
    def test_it_holds_until_it_says_to_look_again(self, events: list[Event], hour: int, part: float) -> None:
        events = [FIRST, OPENED, *events[:2]]
        found, at = brief(*events, hour=hour, plan=PLAN), START + hour * HOUR
        later = at + int(part * (min(found.review_us, at + 24 * HOUR) - at))
        assert same(found, CallBrief.prepare(Timeline(events), to_moment(later), plan=PLAN))

    @given(some_events, hours)
    def test_every_open_promise_of_ours_is_in_it(self, events: list[Event], hour: int) -> None:
        from carepolicy.ledger import promises_of

        found = brief(FIRST, *events, hour=hour, plan=PLAN)
        known = Timeline([FIRST, *events]).as_of(to_moment(START + hour * HOUR)).events
        owed = {p.made_us for p in promises_of(known, START + hour * HOUR, PLAN.parties) if p.outstanding}
        open_cases = {e.case for e in known}
        assert open_cases
        assert owed <= {o.made_us for o in found.owed if o.kind == "promise"}
