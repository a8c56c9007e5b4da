"""Plans: touches composed into decisions, the same from a log and from a fold, under one version."""

from __future__ import annotations

import itertools
import pickle
import re
from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import pytest

import carepolicy
from carepolicy import (
    Actionable,
    AnswerableUntil,
    Audit,
    Cadence,
    Calendar,
    ContactHours,
    Duty,
    EstimateCurrent,
    Event,
    Fact,
    Facts,
    Guard,
    Heartbeat,
    JourneyComplete,
    NoTrouble,
    Parties,
    Plan,
    PromiseKept,
    RestBetween,
    Review,
    Slips,
    Span,
    StillFresh,
    Timeline,
    Touch,
    Verdict,
    Which,
    days,
    last,
    working_days,
)
from carepolicy.errors import (
    InvalidCalendarError,
    InvalidPolicyError,
    InvalidTimeError,
    UnknownNameError,
    UnknownZoneError,
)
from carepolicy.threads import earliest_open

NOW = "2026-03-10T09:00Z"
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
NAMES: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        Actionable, Cadence, Calendar, ContactHours, Heartbeat, NoTrouble, Parties, Plan, PromiseKept, RestBetween,
        Slips, Touch, Which,
    )
}  # fmt: skip
plan = Plan(
    office,
    name="care",
    parties=Parties(partners=["shop"]),
    checks=[Slips()],
    call=Touch(due=Cadence(days(10)) | Heartbeat(working_days(5)), owner="agent"),
    promise=Touch(due=PromiseKept(), guard=ContactHours(office) & NoTrouble()),
    survey=Touch(guard=RestBetween() & Actionable(), channel="email", sends=Which("survey")),
)


def on(day: int, kind: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, **words)


def talk(day: int, **words: Any) -> Event:
    return on(day, "contact", direction="outbound", channel="phone", outcome="conversation", **words)


log = [
    on(1, "sold", customer="acme"),
    on(2, "opened", customer="acme", case="c"),
    on(3, "promise", customer="acme", case="c", ref="r", due="2026-03-06T09:00Z"),
    talk(4, customer="bolt"),
    on(5, "survey", customer="bolt", case="d"),
    on(9, "kept", customer="acme", case="c", ref="r", recorded_at="2026-03-12T09:00Z"),
    on(20, "left", customer="bolt"),
]


def anything(value: object) -> Any:
    return value


class TestPlan:
    """What a company owes its customers and what it may send them."""

    def test_is_a_value(self) -> None:
        again = pickle.loads(pickle.dumps(plan))
        assert again == plan
        assert hash(again) == hash(plan)
        assert eval(repr(plan), {name: getattr(carepolicy, name) for name in carepolicy.__all__}) == plan
        bare = Plan(office, call=Touch(guard=Actionable()))
        assert eval(repr(bare), NAMES) == bare
        assert repr(bare).startswith(f"Plan({office!r}, touches={{'call': Touch(")

    def test_touches_come_as_keywords_or_as_a_mapping(self) -> None:
        touch = Touch(guard=Actionable())
        assert Plan(office, touches={"exit question": touch}, call=touch).touches == (
            ("exit question", touch),
            ("call", touch),
        )
        assert Plan(office, touches=[("call", touch)])["call"] == touch
        with pytest.raises(UnknownNameError, match="touch is not in the plan: 'mail'; it has call"):
            plan["mail"]

    def test_names_the_facts_that_a_table_has(self) -> None:
        """Two declarations of one name get two names; last_sent_TOUCH is when it was last sent."""
        both = Plan(
            office,
            call=Touch(due=Cadence(days(10), by="agent")),
            visit=Touch(due=Cadence(days(99), by="office")),
        )
        assert set(both.facts) == {
            "last_outreach", "last_attempt", "first_heard_of", "left", "sold", "last_sent_call",
            "last_outreach_2", "last_attempt_2", "last_sent_visit",
        }  # fmt: skip
        assert both.facts["last_sent_visit"] == last(Which(named="visit"))

    @pytest.mark.parametrize(
        ("build", "problem"),
        [
            (lambda: Plan(office), "plan has no touch; add one, e.g. call=Touch("),
            (lambda: Plan(anything("UTC"), call=Touch(guard=Actionable())), "calendar is not a Calendar: 'UTC'; use"),
            (
                lambda: Plan(office, call=anything(Actionable())),
                "call is not a Touch: Actionable(react=None); wrap it, e.g. Touch(due=",
            ),
            (
                lambda: Plan(office, touches={"call": Touch(guard=Actionable())}, call=Touch(due=PromiseKept())),
                "touches need a name each, and each its own: ['call', 'call']; rename one",
            ),
            (lambda: Plan(office, touches={"": Touch(guard=Actionable())}), "touches need a name each, and each its o"),
        ],
    )
    def test_refuses(self, build: Any, problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            build()


class TestRefusals:
    """What is no part of a plan is refused when it is made."""

    def test_a_check_that_is_none(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^check is not one: 42; it has the methods findings and explain"):
            Plan(office, checks=[42], call=Touch(guard=Actionable()))  # type: ignore[list-item]

    def test_what_chooses_no_events(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^events are not chosen by 5; use a kind such as 'survey'"):
            last(5)  # type: ignore[arg-type]

    def test_a_policy_that_does_not_hash(self) -> None:
        @attrs.frozen
        class Listed(Guard):
            """With a list."""

            names: list[str]

        with pytest.raises(InvalidPolicyError, match=r"^policy is not hashable: "):
            Touch(guard=Listed(["a"]))


class TestRosters:
    """A roster is a list of names, and what is reviewed a log."""

    @pytest.mark.parametrize("roster", ["acme", 5, None, ["acme", 5], [None]])
    def test_refuses_anything_else(self, roster: Any) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^roster is not a list of customers: "):
            plan.review(Timeline([]), at="2026-03-20T09:00Z", roster=roster)

    def test_refuses_what_is_no_log(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^known is no timeline: \[1\]; read rows with Timeline.read"):
            plan.review([1], at="2026-03-20T09:00Z")  # type: ignore[arg-type]


class TestKept:
    """A host that keeps facts as columns asks with them."""

    def test_decides_from_facts(self) -> None:
        row = Facts(last_outreach="2026-03-02T09:00Z", first_heard_of="2026-03-01T09:00Z")
        one = Plan(office, call=Touch(due=Cadence(days(10))), survey=Touch(guard=RestBetween()))
        review = one.decide_facts(row, at="2026-03-20T09:00Z", customer="acme", case="c")
        assert [(d.touch, d.verdict.value, d.customer, d.case) for d in review] == [
            ("call", "overdue", "acme", "c"),
            ("survey", "go", "acme", "c"),
        ]
        with pytest.raises(UnknownNameError, match="fact is not one the policy uses: 'last_call'"):
            one.decide_facts(Facts(last_call="2026-03-02T09:00Z"), at="2026-03-20T09:00Z")


class TestVersion:
    """Equal plans have equal versions, and every decision carries it."""

    def test_is_a_stamp_of_the_content(self) -> None:
        same = Plan(office, survey=Touch(guard=Actionable() & RestBetween()))
        swapped = Plan(office, survey=Touch(guard=RestBetween() & Actionable()))
        assert same == swapped
        assert same.version == swapped.version
        assert len(same.version) == 12
        assert int(same.version, 16) >= 0

    @pytest.mark.parametrize(
        "other",
        [
            Plan(office, survey=Touch(guard=Actionable())),
            Plan(office, name="x", survey=Touch(guard=Actionable() & RestBetween())),
            Plan(office, poll=Touch(guard=Actionable() & RestBetween())),
            Plan(office, checks=(), survey=Touch(guard=Actionable() & RestBetween())),
            Plan(Calendar.always(), survey=Touch(guard=Actionable() & RestBetween())),
            Plan(office, survey=Touch(guard=Actionable() & RestBetween(), minutes=5)),
            Plan(office, parties=Parties(ours="x"), survey=Touch(guard=Actionable() & RestBetween())),
        ],
    )
    def test_differs_with_it(self, other: Plan) -> None:
        assert other.version != Plan(office, survey=Touch(guard=Actionable() & RestBetween())).version

    def test_is_on_every_decision_and_finding(self) -> None:
        assert {d.plan for d in plan.review(Timeline(log), NOW)} == {plan.version}
        assert {f.plan for f in plan.audit(Timeline(log), NOW)} == {plan.version}


class TestReview:
    """The same decisions from a log, from a fold, and from a fold that grew."""

    def test_from_a_fold_equals_from_the_log(self) -> None:
        timeline = Timeline(log)
        for day in range(1, 28):
            at = f"2026-03-{day:02}T10:00Z"
            assert plan.review(plan.fold(timeline, at), at) == plan.review(timeline, at)

    def test_of_a_fold_that_waits_equals_one_made_later(self) -> None:
        timeline = Timeline(log)
        early = plan.fold(timeline, "2026-03-05T10:00Z")
        assert [e.kind for e in early.pending] == ["kept", "left"]
        for day in range(6, 28):
            at = f"2026-03-{day:02}T10:00Z"
            assert plan.review(early, at) == plan.review(timeline, at)
        with pytest.raises(InvalidTimeError, match="at is before the last event folded"):
            plan.review(early, "2026-03-04T10:00Z")

    def test_of_a_fold_with_one_more_event_equals_that_of_the_longer_log(self) -> None:
        more = talk(9, customer="acme", case="c", purpose="update", party="shop")
        grown = plan.fold(Timeline(log[:5]), NOW).add(more)
        assert plan.review(grown, NOW) == plan.review(Timeline([*log[:5], more]), NOW)
        assert plan.review(grown, NOW) != plan.review(Timeline(log[:5]), NOW)

    def test_no_order_of_the_log_matters(self) -> None:
        reviews = [
            plan.review(Timeline(order), NOW) for order in itertools.islice(itertools.permutations(log), 0, 99, 9)
        ]
        assert all(review == reviews[0] for review in reviews)

    def test_is_in_the_order_of_touches_then_customers_then_cases(self) -> None:
        review = plan.review(Timeline(log), NOW, roster=["zeta", "acme"])
        assert [(d.touch, d.customer, d.case, d.ref) for d in review] == [
            ("call", "acme", "", ""), ("call", "acme", "c", ""), ("call", "bolt", "", ""), ("call", "zeta", "", ""),
            ("promise", "acme", "c", "r"), ("survey", "acme", "", ""), ("survey", "bolt", "", ""),
            ("survey", "zeta", "", ""),
        ]  # fmt: skip

    def test_no_customer_is_bound_by_anothers_event_to_come(self) -> None:
        decisions = {(d.touch, d.customer, d.case): d for d in plan.review(Timeline(log), NOW)}
        assert str(decisions["survey", "acme", ""].review_at)[:10] == "2026-03-12"
        assert str(decisions["survey", "bolt", ""].review_at)[:10] == "2026-03-20"


class TestFacts:
    """A host that keeps the facts itself hands them in, by the names of the plan, and needs no events."""

    def test_decide_as_the_log_does(self) -> None:
        acme = Timeline([log[0], talk(4, customer="acme"), on(5, "survey", customer="acme")])
        only = Plan(office, call=plan["call"], survey=plan["survey"])
        folded = only.fold(acme, NOW).values(("acme", "", "", ""))
        review = only.decide_facts(Facts(**folded), NOW, customer="acme")
        assert {(d.touch, d.key, d.verdict, d.due, d.review_at) for d in only.review(acme, NOW)} <= {
            (d.touch, d.key, d.verdict, d.due, d.review_at) for d in review
        }
        assert {d.customer for d in review} == {"acme"}

    def test_make_the_key_with_whom_they_are_about(self) -> None:
        promise = Plan(office, promise=Touch(due=PromiseKept()))
        (decision,) = promise.decide_facts(Facts(promised=5, promised_by=9), NOW, customer="acme", case="c", ref="r")
        assert decision.key == "acme/c/r//promise/5/-"
        assert decision.verdict == Verdict.OVERDUE

    def test_that_the_plan_does_not_use_are_refused(self) -> None:
        with pytest.raises(UnknownNameError, match="fact is not one the policy uses: 'last_tlak'; it uses "):
            plan.decide_facts(Facts(last_tlak=5), NOW)


class TestRoster:
    """A customer without any event is never forgotten."""

    def test_is_owed_a_call_since_always(self) -> None:
        review = plan.review(Timeline(log), NOW, roster=["zeta"])
        (call,) = review.of("call", "zeta")
        assert (call.verdict, call.due, call.key) == (Verdict.OVERDUE, None, "zeta////call/-/-")
        assert call in review.due
        assert [d.touch for d in review.allowed if d.customer == "zeta"] == ["survey"]
        assert plan.review(plan.fold(Timeline(log), NOW), NOW, roster=["zeta"]) == review

    def test_is_bound_by_an_event_known_and_still_to_come(self) -> None:
        coming = Timeline([on(12, "sold", customer="zeta")])
        for known in (coming, plan.fold(coming, NOW)):
            (call,) = plan.review(known, NOW, roster=["zeta"]).of("call")
            assert str(call.review_at)[:10] == "2026-03-12"
        assert len(plan.review(coming, NOW)) == 0

    def test_whoever_is_known_at_all_is_judged_as_a_customer(self) -> None:
        """Also where none of their events feeds a customer's own facts."""
        quiet = Plan(office, survey=Touch(guard=RestBetween()), work=Touch(due=Heartbeat(days(3))))
        case = Timeline([on(1, "opened", customer="acme", case="c")])
        for known in (case, quiet.fold(case, NOW)):
            for roster in ([], ["acme"]):
                assert [(d.touch, d.case) for d in quiet.review(known, NOW, roster=roster)] == [
                    ("survey", ""), ("work", "c"),
                ]  # fmt: skip

    def test_knows_no_cases(self) -> None:
        only = Plan(office, promise=Touch(due=PromiseKept()))
        assert len(only.review(Timeline([]), NOW, roster=["acme"])) == 0
        assert only.review(Timeline([]), NOW).review_at is None


class TestKeys:
    """The same recommendation has the same key, whenever and wherever it is computed."""

    def test_stays_while_nothing_is_done(self) -> None:
        keys = {
            d.key
            for day in range(11, 20)
            for d in plan.review(Timeline(log[:2]).as_of(NOW), f"2026-03-{day}T09:00Z").of("call", case="")
        }
        assert len(keys) == 1

    def test_changes_with_an_attempt_and_with_a_talk(self) -> None:
        voicemail = attrs.evolve(talk(11, customer="acme"), outcome="voicemail")
        steps = (log[:1], [*log[:1], voicemail], [*log[:1], voicemail, talk(12, customer="acme")])
        keys = [plan.review(Timeline(step), "2026-03-13T09:00Z").of("call")[0].key for step in steps]
        assert len(set(keys)) == 3
        assert keys[1].endswith(f"/{log[0].at_us}/{voicemail.at_us}")

    def test_changes_when_it_was_sent(self) -> None:
        before, after = (plan.review(Timeline(log[:n]), NOW).of("survey", "bolt")[0].key for n in (4, 5))
        assert before == "bolt////survey/-/-"
        assert after == f"bolt////survey/-/{log[4].at_us}"


class TestScopes:
    """A touch whose duties are about the case and about promises in it decides about both, under two keys."""

    def test_keys_do_not_collide(self) -> None:
        both = Plan(office, call=Touch(due=Heartbeat(every=days(1)) | EstimateCurrent()))
        log = [
            Event(at="2026-03-02T08:00Z", kind="opened", customer="ann", case="c", party="agent"),
            Event(
                at="2026-03-02T09:00Z",
                kind="estimate",
                customer="ann",
                case="c",
                party="agent",
                due="2026-03-04T12:00Z",
            ),
        ]
        keys = [d.key for d in both.review(Timeline(log), at="2026-03-09T09:00Z")]
        assert len(keys) == len(set(keys)) == 2
        assert sorted(key.split("/")[2] for key in keys) == ["", "~"]

    def test_hours_that_never_overlap_are_refused(self) -> None:
        monday, sunday = (Calendar.weekly(f"{day} 09:00-17:00", zone="UTC") for day in ("Mon", "Sun"))
        with pytest.raises(InvalidCalendarError, match=r"calendar never opens"):
            Touch(due=Cadence(days(1)), guard=ContactHours(monday) & ContactHours(sunday))

    def test_a_policy_alone_knows_the_customer_who_has_no_case(self) -> None:
        log = Timeline([Event(at="2026-03-02T08:00Z", kind="left", customer="ann")])
        decision = (JourneyComplete(settle=days(1)) & Actionable()).decide(log, at="2026-03-03T08:00Z")
        assert (decision.customer, decision.verdict.value) == ("ann", "too_late")


class TestZones:
    """Hours of contact are meant where the customer is, as far as that is known."""

    early = Plan(office, survey=Touch(guard=ContactHours(Calendar.weekly("Mon-Sun 08:00-20:00", zone="UTC"))))
    homes: ClassVar[Mapping[str, str]] = {"acme": "Asia/Tokyo", "nobody": "Europe/Paris"}

    def test_of_a_review_are_by_customer(self) -> None:
        review = self.early.review(Timeline(log), "2026-03-10T05:00Z", roster=["acme", "bolt"], zones=self.homes)
        assert {d.customer: (d.verdict.value, d.home) for d in review} == {
            "acme": ("go", "Asia/Tokyo"), "bolt": ("wait", ""),
        }  # fmt: skip

    def test_of_facts_is_that_of_their_customer(self) -> None:
        (there,) = self.early.decide_facts(Facts(), "2026-03-10T05:00Z", zone="Asia/Tokyo")
        (unknown,) = self.early.decide_facts(Facts(), "2026-03-10T05:00Z")
        assert (there.verdict.value, unknown.verdict.value) == ("go", "wait")

    def test_that_are_none_are_refused(self) -> None:
        for zones in ({"acme": "Mars/Base"}, {"nobody": "Mars/Base"}):
            with pytest.raises(UnknownZoneError, match="zone is not a known time zone: 'Mars/Base'"):
                self.early.review(Timeline(log), NOW, zones=zones)
        with pytest.raises(UnknownZoneError, match="zone is not a known time zone: 'Mars/Base'"):
            self.early.decide_facts(Facts(), NOW, zone="Mars/Base")
        with pytest.raises(InvalidPolicyError, match=r"zones are not by customer: 'UTC'; write e\.g\. \{'acme': "):
            self.early.review(Timeline(log), NOW, zones=anything("UTC"))

    def test_make_each_calendar_once(self) -> None:
        rule = self.early.rules.rules[0]
        assert rule.hours_in("Asia/Tokyo") is rule.hours_in("Asia/Tokyo")
        assert pickle.loads(pickle.dumps(rule)).hours_in("Asia/Tokyo") == rule.hours_in("Asia/Tokyo")
        assert len(pickle.dumps(rule)) == len(pickle.dumps(pickle.loads(pickle.dumps(rule))))
        assert rule.hours_in("") is rule.hours
        assert Plan(office, call=Touch(guard=Actionable())).rules.rules[0].hours_in("Asia/Tokyo") is None


class TestOneText:
    """Whatever the plan, its parts are those that it was given."""

    def test_a_policy_of_ones_own(self) -> None:
        @attrs.frozen
        class AfterSale(Duty):
            """A call after the sale."""

            within: Span
            facts: ClassVar[Mapping[str, Fact]] = {"sold_at": last("sold"), "open_since": earliest_open()}

            def due(self, f: Any) -> Any:
                return f.after(f.sold_at, self.within)

        own = Plan(office, call=Touch(due=AfterSale(days(2))))
        decisions = own.review(Timeline(log), NOW).of("call", "acme")
        assert [(d.case, str(d.due)[:10]) for d in decisions] == [("c", "2026-03-03")]
        assert Plan.from_data(own.to_data(), policies=[AfterSale]) == own

    def test_audits_and_reviews(self) -> None:
        assert isinstance(plan.review(Timeline(log), NOW), Review)
        assert isinstance(plan.audit(Timeline(log), NOW), Audit)
        with pytest.raises(InvalidTimeError, match="until has no time zone"):
            plan.audit(Timeline(log), "2026-03-10T09:00")
        with pytest.raises(InvalidTimeError, match="at has no time zone"):
            plan.review(Timeline(log), "2026-03-10T09:00")

    def test_every_shipped_policy_fits_into_one_plan(self) -> None:
        every = Plan(
            office,
            care=Touch(
                due=Cadence(days(9)) | Heartbeat(days(9)) | PromiseKept() | EstimateCurrent(),
                guard=JourneyComplete() & AnswerableUntil() & StillFresh(days(9)) & RestBetween() & Actionable()
                & NoTrouble() & ContactHours(office),
            ),
        )  # fmt: skip
        for known in (Timeline(log), every.fold(Timeline(log), NOW)):
            review = every.review(known, NOW)
            assert {(d.customer, d.case, d.ref) for d in review} == {
                ("acme", "c", ""), ("acme", "c", "r"), ("bolt", "d", ""),
            }  # fmt: skip
