"""Preparing a handover: the claim as a stranger would need it, and each part by example."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Authority, Heartbeat, NoTrouble, Option, Parties, Plan, Stake, Timeline, Touch, elapsed
from carepolicy._instant import ALWAYS, NEVER, iso, to_micros
from carepolicy._reading import read_log
from carepolicy.calendar import Calendar
from carepolicy.closing import WANTED
from carepolicy.errors import InvalidPolicyError, InvalidTimeError, UnknownNameError, UnknownZoneError
from carepolicy.events import Event
from carepolicy.handover.casefile import clipped
from carepolicy.handover.document import Choice, Person, Tried
from carepolicy.handover.handover import Handover
from carepolicy.handover.seen import case_events
from carepolicy.recovery import options as recovery
from carepolicy.severity import severity
from carepolicy.span import working_days
from tests.test_package import ROOT

CLAIM = read_log(str(ROOT / "examples" / "claim" / "claim.csv"), zone="America/Denver").timeline
AT = "2018-01-26T12:00-07:00"
NOW = "2026-03-02T12:00Z"
OPENED = {"at": "2026-03-01T09:00Z", "kind": "opened", "party": "agent"}
CLAIMS = Plan.named("claims")


@pytest.fixture(scope="module")
def claim() -> Handover:
    return Handover.prepare(CLAIM, "claim", AT, to="service manager", plan=CLAIMS)


def log(*rows: dict[str, Any], opened: dict[str, Any] = OPENED) -> Timeline:
    """A log of one case; each event is named by its place in it."""
    return Timeline([Event(**{"case": "c", "id": f"e{n}", **row}) for n, row in enumerate((opened, *rows))])


def handed(*rows: dict[str, Any], at: str = NOW, **more: Any) -> Handover:
    return Handover.prepare(log(*rows), "c", at, **more)


def contact(at: str, direction: str = "inbound", **more: Any) -> dict[str, Any]:
    base = {"kind": "contact", "party": "agent", "channel": "email", "outcome": "delivered"}
    return {**base, "at": at, "direction": direction, **more}


def moved(party: str, kind: str = "handed", *, to: str = "", text: str = "") -> dict[str, Any]:
    return {"kind": kind, "party": party, "text": text, "extra": {"to": to} if to else {}}


class TestTheClaim:
    """The claim on 26 January 2018: a stranger could act on it."""

    def test_it_says_where_the_car_is(self, claim: Handover) -> None:
        """With the dealer, and which event says so."""
        assert claim.title == "claim: the car with the dealer"
        assert claim.place is not None
        assert (claim.place.to, claim.place.event) == ("dealer", "e51")

    def test_it_says_what_was_tried(self, claim: Handover) -> None:
        """By when it ended: what failed at first and came late is told once."""
        assert [(t.ended, t.said.event) for t in claim.tried] == [
            ("kept late", "e15"), ("done", "e19"), ("kept", "e28"), ("under way", "e36"), ("failed", "e45"),
            ("failed", "e51"),
        ]  # fmt: skip
        assert claim.tried[0].evidence == ("e07", "e08", "e15")

    def test_it_names_the_promised_part_and_what_else_is_owed(self, claim: Handover) -> None:
        """The sensor, of which nobody knows; the repair whose date has passed; the update that the plan owes."""
        said = [(o.kind, o.by, o.state, iso(o.due_us, claim.zone)) for o in claim.promises]
        assert said == [
            ("estimate", "body-shop", "passed", "2018-01-12T17:00:00-07:00"),
            ("promise", "dealer", "unknown", "2018-01-22T17:00:00-07:00"),
            ("duty", "claims-office", "open", "2018-02-02T10:00:00-07:00"),
        ]

    def test_it_says_who_waits_for_whom(self, claim: Handover) -> None:
        """The customer for us, we for the body shop, the body shop for the dealer, the dealer for the part."""
        assert [(w.who, w.on) for w in claim.waiting] == [
            ("customer", "claims-office"), ("claims-office", "body-shop"), ("body-shop", "dealer"), ("dealer", ""),
        ]  # fmt: skip
        assert claim.waiting[-1].what == "sensor arrives on Monday"

    def test_it_counts_the_calls_that_the_customer_had_to_make(self, claim: Handover) -> None:
        """Four are proved; of four nobody wrote down who called."""
        assert [c.certainty for c in claim.chasers].count("proved") == 4
        assert [c.certainty for c in claim.chasers].count("possible") == 4
        assert claim.chasers[-1].overdue[-1] == (
            "the promise: sensor arrives on Monday, since Mon 22 Jan 2018 17:00 (dealer)"
        )
        assert claim.mood == "worn"
        assert claim.mood_why[0] == "they have had to ask 4 times how it stands, and perhaps 4 times more"
        assert claim.mood_why[-1] == "inferred from what happened; nobody wrote down how they feel"

    def test_what_was_told_is_known(self, claim: Handover) -> None:
        """And what was asked for again although it was known."""
        assert [(k.fact, k.asked_again) for k in claim.known] == [
            ("name", ("e11",)), ("claim number", ("e12",)), ("body shop", ()), ("licence plates", ()),
        ]  # fmt: skip

    def test_nobody_asked_what_they_want(self, claim: Handover) -> None:
        """The first gap, with the question that fills it."""
        first = claim.gaps[0]
        assert claim.wanted is None
        assert (first.part, first.question, first.required) == (
            "wanted", "What outcome would make this right for you?", True,
        )  # fmt: skip
        assert claim.missing() == (first,)

    def test_it_says_what_to_say_first(self, claim: Handover) -> None:
        """It confirms: where the car is, what was promised, what they had to do."""
        for part in (
            "the car is now with the dealer, who promised",
            '"sensor arrives on Monday" for Monday 22 January, which nobody has confirmed',
            "you have had to ask 4 times how it stands, perhaps 8 times",
        ):
            assert part in claim.confirmation
        assert claim.confirmation.startswith("I understand that it began on Monday 20 November (hit a deer at")
        assert claim.confirmation.endswith("Is that right?")

    def test_it_says_all_that_matters_in_one_paragraph(self, claim: Handover) -> None:
        """Where the car is, what was tried, the part, how often they asked, what is missing and what comes next."""
        for part in (
            "the car with the dealer.",
            "2 attempts did not help, the last on Thu 25 Jan 2018.",
            "Still owed: sensor arrives on Monday (the dealer, due Mon 22 Jan 2018 17:00, which nobody has confirmed)",
            "They have had to ask 4 times how it stands, and perhaps 4 times more.",
            "Nobody has written down what outcome the customer wants.",
            "Next: service manager: ask the dealer",
        ):
            assert part in claim.summary
        assert len(claim.summary.split()) <= 90

    def test_it_says_what_comes_next(self, claim: Handover) -> None:
        """One person, one instant, one zone."""
        assert claim.next_action is not None
        assert claim.next_action.who == "service manager"
        assert claim.next_action.what == 'ask the dealer about "sensor arrives on Monday", and tell the customer'
        assert claim.next_action.why == "the dealer promised it for Mon 22 Jan 2018 17:00, which nobody has confirmed"
        assert str(claim.next_action.at) == "2018-01-26 12:00:00-07:00"
        assert claim.next_contact is not None
        assert claim.next_contact.who == "claims-office"
        assert claim.contingencies[-1].when == "it fails once more (2 times so far)"

    def test_it_says_as_of_when(self, claim: Handover) -> None:
        """The last event that it has seen, and whose plan and zone."""
        assert (claim.last_event, len(claim.seen), claim.zone) == ("e52", 51, "America/Denver")
        assert claim.plan == CLAIMS.version
        assert claim.last_contact is not None
        assert claim.last_contact.event == "e52"

    def test_before_the_dealer_was_heard_of_its_text_says_who_has_it(self) -> None:
        """On 12 January the log only says that the car went to the dealer."""
        early = Handover.prepare(CLAIM, "claim", "2018-01-12T12:00-07:00", plan=CLAIMS)
        assert early.place is not None
        assert (early.place.to, early.place.event) == ("dealer", "e38")

    def test_when_the_car_is_back_nobody_has_it(self) -> None:
        """And nothing is owed but what the plan says."""
        late = Handover.prepare(CLAIM, "claim", "2018-02-05T12:00-07:00", plan=CLAIMS)
        assert late.place is None
        assert [o.kind for o in late.promises] == ["promise"]  # nobody ever said that the sensor came
        assert late.tried[-1].ended == "done"

    def test_it_needs_no_plan(self) -> None:
        """From the log alone, in UTC: promises and expected completions are what can be overdue."""
        bare = Handover.prepare(CLAIM, "claim", AT)
        assert (bare.zone, bare.plan) == ("UTC", "")
        assert [o.kind for o in bare.promises] == ["estimate", "promise"]
        assert len(bare.chasers) == 7


class TestWhichCase:
    """The case that is meant, or a sentence that says which there are."""

    def test_it_may_be_left_out_where_there_is_one(self) -> None:
        """The claim log has one."""
        assert Handover.prepare(CLAIM, at=AT).case == "claim"

    @pytest.mark.parametrize(
        ("case", "customer", "sentence"),
        [
            ("x", None, "case is not known by Mon 2 Mar 2026 12:00 UTC: 'x'; known are 'c', 'd'"),
            ("x", "bob", "case is not known by Mon 2 Mar 2026 12:00 UTC of customer 'bob': 'x'; known are 'c'"),
            (
                "c",
                "eve",
                "no case is known by Mon 2 Mar 2026 12:00 UTC of customer 'eve'; known are customers 'ann', 'bob'",
            ),
            ("c", None, "case is one of several customers: 'c' of 'ann', 'bob'; say which with customer="),
            ("", "ann", "case is not named, and there are several of customer 'ann': 'c', 'd'; name one"),
        ],
    )
    def test_what_is_not_clear_is_asked_back(self, case: str, customer: str | None, sentence: str) -> None:
        """With the names that are known by then."""
        cases = [("ann", "c"), ("ann", "d"), ("bob", "c"), ("bob", "")]
        events = [Event(at=OPENED["at"], kind="opened", customer=who, case=which) for who, which in cases]
        events.append(Event(at="2026-04-01T09:00Z", kind="opened", customer="bob", case="later"))
        with pytest.raises(UnknownNameError) as caught:
            Handover.prepare(Timeline(events), case, NOW, customer=customer)
        assert str(caught.value) == sentence

    def test_a_long_list_is_cut(self) -> None:
        """Ten names are enough to see a slip of the pen."""
        events = [Event(at=OPENED["at"], kind="opened", case=f"c{n:02}") for n in range(12)]
        with pytest.raises(UnknownNameError, match=r"'c09' and 2 more$"):
            Handover.prepare(Timeline(events), "x", NOW)

    def test_what_cannot_be_meant_is_refused(self) -> None:
        """A naive instant, an unknown zone, no log, too few words."""
        with pytest.raises(InvalidTimeError):
            Handover.prepare(log(), "c", "2026-03-02")
        with pytest.raises(UnknownZoneError):
            handed(zone="Europe/Nowhere")
        with pytest.raises(UnknownZoneError):
            handed(customer_zone="Europe/Nowhere")
        with pytest.raises(InvalidPolicyError, match=r"^words must be a whole number from 20, got 19$"):
            handed(words=19)
        with pytest.raises(
            InvalidPolicyError, match=r"^timeline is none: \[\]; read rows with Timeline\.read\(rows\)$"
        ):
            Handover.prepare([], "c", NOW)  # type: ignore[arg-type]

    def test_nothing_is_known_yet(self) -> None:
        """Before the first word."""
        with pytest.raises(UnknownNameError) as caught:
            handed(at="2025-01-01T12:00Z")
        assert str(caught.value) == (
            "no case is known by Wed 1 Jan 2025 12:00 UTC; ask for a later at, or check the log"
        )

    @pytest.mark.parametrize(
        ("asked", "sentence"),
        [
            ({"to": None}, "to is not a text: None; pass a str"),
            ({"customer": 5}, "customer is not a text: 5; pass a str"),
            ({"plan": "claims"}, "plan is none: 'claims'; pass a Plan, e.g. Plan.named('claims')"),
            ({"severity": "critical"}, "severity is none: 'critical'; pass what severity(...) gave"),
            ({"words": "many"}, "words must be a whole number from 20, got 'many'"),
            ({"people": ["kim"]}, "people has what is no Person: 'kim'; pass e.g. Person(part='owner', name='Kim')"),
            ({"options": "refund"}, "options is no list: 'refund'; pass [Option('loan car', cost=60)]"),
            ({"stakes": 5}, "stakes is no list: 5; pass [Stake('wedding', at='2026-03-06T15:00Z', weight=10)]"),
        ],
    )
    def test_what_is_of_another_kind(self, asked: dict[str, Any], sentence: str) -> None:
        """It is named before anything is read."""
        with pytest.raises(InvalidPolicyError) as caught:
            handed(**asked)
        assert str(caught.value) == sentence

    def test_zones_of_reader_and_customer(self) -> None:
        """As asked for."""
        h = handed(zone="Europe/Paris", customer_zone="America/Denver")
        assert (h.zone, h.customer_zone) == ("Europe/Paris", "America/Denver")


class TestOwed:
    """What is outstanding, both ways."""

    def test_what_the_customer_owes_us(self) -> None:
        """A promise of theirs, and what they were asked for and have not told."""
        h = handed(
            {"at": "2026-03-01T10:00Z", "kind": "asked", "party": "agent", "fact": "receipt"},
            {"at": "2026-03-01T11:00Z", "kind": "asked", "party": "agent", "fact": "receipt"},
            {
                "at": "2026-03-01T12:00Z",
                "kind": "promise",
                "party": "customer",
                "text": "photos",
                "due": "2026-03-03T12:00Z",
            },
            {"at": "2026-03-01T13:00Z", "kind": "told", "party": "customer", "fact": "name", "text": "Ann"},
            {"at": "2026-03-01T14:00Z", "kind": "asked", "party": "agent", "fact": "name"},
        )
        assert [(o.kind, o.by, o.to, o.what) for o in h.promises] == [
            ("promise", "customer", "us", "photos"), ("asked", "customer", "agent", "receipt"),
        ]  # fmt: skip
        assert h.promises[1].evidence == ("e1", "e2")
        assert [(w.who, w.on) for w in h.waiting][1:] == [("us", "customer"), ("agent", "customer")]
        assert h.known[0].asked_again == ("e5",)

    def test_an_estimate_ends_when_its_work_does(self) -> None:
        """The latest of each reference counts; the customer's own stands beside ours."""
        h = handed(
            {"at": "2026-03-01T10:00Z", "kind": "estimate", "party": "agent", "due": "2026-03-01T15:00Z", "ref": "r"},
            {"at": "2026-03-01T11:00Z", "kind": "estimate", "party": "agent", "due": "2026-03-03T15:00Z"},
            {"at": "2026-03-01T12:00Z", "kind": "completed", "party": "agent", "ref": "r"},
            {"at": "2026-03-01T13:00Z", "kind": "estimate", "party": "customer", "due": "2026-03-04T15:00Z"},
        )
        assert [(o.by, o.state, o.evidence) for o in h.promises] == [
            ("agent", "open", ("e2",)), ("customer", "open", ("e4",)),
        ]  # fmt: skip

    def test_only_what_a_plan_owes_in_this_case_is_a_duty(self) -> None:
        """Not a survey that may go out, and not what waits for nothing."""
        plan = Plan(
            Calendar.always(),
            update=Touch(due=Heartbeat(working_days(5)), owner="kim"),
            survey=Touch(guard=NoTrouble()),
        )
        assert [(o.kind, o.what, o.by) for o in handed(plan=plan).promises] == [("duty", "an update", "kim")]

    def test_an_update_that_is_overdue_comes_next(self) -> None:
        """Given at once by whoever takes over."""
        plan = Plan(Calendar.always(), update=Touch(due=Heartbeat(elapsed(hours=4)), owner="kim"))
        h = handed(plan=plan, to="lee")
        assert h.promises[0].state == "overdue"
        assert h.next_action is not None
        assert (h.next_action.what, h.next_action.who) == ("give the customer an update", "lee")


class TestPlace:
    """Who has it, from hand to hand."""

    @pytest.mark.parametrize(
        ("rows", "holder"),
        [
            ([moved("agent", to="shop")], "shop"),
            ([moved("agent"), moved("kim", "accepted")], "kim"),
            ([moved("agent", text="goes to the Body_Shop"), moved("x", "note")], "body-shop"),
            ([moved("agent", text="from the body shop"), moved("lee", "note")], "lee"),
            ([moved("agent")], "agent"),
            ([moved("kim", to="shop"), moved("shop", to="kim")], "kim"),
            ([moved("shop", "failed")], "shop"),
            ([moved("customer", "failed")], "agent"),
            ([moved("agent"), moved("kim", to="lee")], "lee"),
        ],
    )
    def test_who_has_it(self, rows: list[dict[str, Any]], holder: str) -> None:
        """Who the log says, who took it, whom the text names, or who is heard of next."""
        told = [{**row, "at": f"2026-03-01T1{n}:00Z"} for n, row in enumerate(rows)]
        plan = Plan(Calendar.always(), parties=Parties(partners="body-shop"), survey=Touch(guard=NoTrouble()))
        h = handed(*told, plan=plan)
        assert h.place is not None
        assert h.place.to == holder

    def test_back_at_one_that_had_it_nobody_after_it_waits(self) -> None:
        """The chain ends with whoever has it now."""
        h = handed(
            {"at": "2026-03-01T10:00Z", "kind": "handed", "party": "agent", "extra": {"to": "shop"}},
            {"at": "2026-03-01T11:00Z", "kind": "handed", "party": "shop", "extra": {"to": "dealer"}},
            {"at": "2026-03-01T12:00Z", "kind": "handed", "party": "dealer", "extra": {"to": "shop"}},
        )
        assert [(w.who, w.on) for w in h.waiting] == [("customer", "agent"), ("agent", "shop")]

    def test_one_promise_waits_for_another(self) -> None:
        """As the log says, in its column `depends_on`."""
        h = handed(
            {
                "at": "2026-03-01T10:00Z",
                "kind": "promise",
                "party": "dealer",
                "ref": "part",
                "text": "part sent",
                "due": NOW,
            },
            {
                "at": "2026-03-01T11:00Z",
                "kind": "promise",
                "party": "kim",
                "ref": "call",
                "extra": {"depends_on": "part"},
            },
        )
        assert [(w.who, w.on, w.what) for w in h.waiting][1:] == [
            ("customer", "dealer", "part sent"), ("kim", "dealer", "part sent"), ("customer", "kim", "promise"),
        ]  # fmt: skip


class TestTried:
    """What was tried, and how it ended."""

    def test_a_completion_that_did_not_hold_failed(self) -> None:
        """It was reopened."""
        h = handed(
            {"at": "2026-03-01T10:00Z", "kind": "completed", "party": "agent", "text": "mended"},
            {"at": "2026-03-01T11:00Z", "kind": "reopened", "party": "agent"},
        )
        assert [(t.what, t.ended, t.evidence) for t in h.tried] == [("mended", "failed", ("e1", "e2"))]

    def test_a_failure_of_an_open_promise_stands_alone(self) -> None:
        """The promise is still owed; what the customer kept is no attempt of ours."""
        h = handed(
            {"at": "2026-03-01T10:00Z", "kind": "promise", "party": "agent", "ref": "r", "due": "2026-03-09T10:00Z"},
            {"at": "2026-03-01T11:00Z", "kind": "failed", "party": "agent", "ref": "r", "text": "nobody home"},
            {"at": "2026-03-01T12:00Z", "kind": "promise", "party": "customer", "ref": "s"},
            {"at": "2026-03-01T13:00Z", "kind": "kept", "party": "customer", "ref": "s"},
        )
        assert [(t.what, t.ended) for t in h.tried] == [("nobody home", "failed")]
        assert isinstance(h.tried[0], Tried)


class TestPeople:
    """Who has to do with it."""

    def test_whom_the_host_names_counts_more(self) -> None:
        """The receiver's team and competences come along."""
        lee = Person(part="expert", name="lee", team="engines", competences=("engines",))
        h = handed(
            to="lee", sender="kim", people=[Person(part="owner", name="ada"), lee, Person(part="contact", name="Ann")]
        )
        assert [(p.part, p.name, p.team) for p in h.people] == [
            ("owner", "ada", ""), ("receiver", "lee", "engines"), ("sender", "kim", ""), ("expert", "lee", "engines"),
            ("contact", "Ann", ""), ("agent", "", "agent"),
        ]  # fmt: skip

    def test_who_took_it_over_owns_it(self) -> None:
        """Else the team that opened it, else the one that the plan names."""
        assert handed({"at": "2026-03-01T10:00Z", "kind": "accepted", "party": "kim"}).people[0].name == "kim"
        assert handed().people[0].team == "agent"
        plan = Plan(Calendar.always(), update=Touch(due=Heartbeat(working_days(5)), owner="team"))
        alone = Timeline([Event(at=OPENED["at"], kind="incident", case="c")])
        assert Handover.prepare(alone, "c", NOW, plan=plan).people[0].team == "team"

    @pytest.mark.parametrize(
        ("rows", "reach"),
        [
            ([{"kind": "told", "fact": "preferred channel", "text": "by mail"}], "by mail"),
            ([{"kind": "told", "fact": "preferred channel", "channel": "email"}], "email"),
            ([{"kind": "wish", "channel": "post"}], "post"),
            ([], ""),
            ([contact(NOW)], "email, as they reached us 1 of 1 times; nobody asked what they prefer"),
        ],
    )
    def test_how_the_customer_is_reached(self, rows: list[dict[str, Any]], reach: str) -> None:
        """As they said; else as they reached us, which is said to be only that."""
        h = handed(*({"at": "2026-03-01T10:00Z", "party": "customer", **row} for row in rows))
        assert next(p for p in h.people if p.part == "contact").reach == reach

    def test_the_person_at_the_customer_is_the_contact(self) -> None:
        """Whoever was in touch last."""
        h = handed(contact("2026-03-01T10:00Z", person="Ms Roe"))
        assert next(p for p in h.people if p.part == "contact").name == "Ms Roe"


class TestOptions:
    """What can be offered, and what was refused."""

    def test_bare_options_are_listed(self) -> None:
        """In time for what is at stake, as far as anybody knows it; what is gone is refused with the reason."""
        offered = [
            Option("loan car", restores_by=elapsed(hours=2), cost=40),
            Option("next week", restores_by="2026-03-09T09:00Z"),
            Option("gone", restores_by="2026-03-02T09:00Z"),
        ]
        wedding = Stake("wedding", at="2026-03-02T18:00Z", weight=10)
        h = handed(options=offered, stakes=[wedding])
        assert [(c.name, c.in_time, c.refused) for c in h.options] == [
            ("loan car", True, ""), ("next week", False, ""), ("gone", False, "too late since Mon 2 Mar 2026 09:00"),
        ]  # fmt: skip
        assert [iso(c.choose_by_us) for c in h.options] == ["2026-03-02T16:00:00+00:00", "never", "never"]
        assert [c.in_time for c in handed(options=offered).options] == [None, None, None]

    def test_recovery_says_what_is_ready(self) -> None:
        """Within the authority, beyond it with whose word it takes, and beyond everybody's."""
        offered = [Option("call"), Option("refund", cost=80, restores_by=elapsed(hours=1)), Option("new car", cost=9e4)]
        above = [Authority("lead", up_to=100)]
        stakes = [Stake("wedding", at="2026-03-02T18:00Z", weight=10)]
        ready = recovery(offered, authority=Authority("kim", up_to=10), stakes=stakes, at=NOW, above=above)
        assert handed(options=ready).options == (
            Choice(name="call", cost=0.0, in_time=False),
            Choice(
                name="refund", cost=80.0, authority="lead", in_time=True, choose_by_us=to_micros("2026-03-02T17:00Z")
            ),
            Choice(name="new car", cost=9e4, authority="whoever may", in_time=False),
        )
        nothing = recovery(offered, authority=Authority("kim", up_to=10), stakes=[], at=NOW)
        assert {c.in_time for c in handed(options=nothing).options} == {None}

    def test_what_the_customer_refused_is_not_offered_again(self) -> None:
        """A `declined` with the purpose "option" names it; one that nobody offers any more is still told."""
        no = {"at": "2026-03-01T10:00Z", "kind": "declined", "party": "customer", "purpose": "option"}
        rows = ({**no, "ref": "voucher", "text": "no money"}, {**no, "text": "a used one"}, {**no, "purpose": "survey"})
        h = handed(*rows, options=[Option("voucher"), Option("swap")])
        assert [(c.name, c.refused) for c in h.options] == [
            ("swap", ""),
            ("voucher", "refused by customer on Sun 1 Mar 2026 10:00: no money"),
            ("a used one", "refused by customer on Sun 1 Mar 2026 10:00: a used one"),
        ]


class TestSeverity:
    """How severe it is, and why."""

    def test_the_host_has_judged(self) -> None:
        """Its word counts."""
        stakes = [Stake("wedding", at="2026-03-02T18:00Z", weight=10)]
        h = handed(severity=severity(None, stakes, at=NOW), stakes=stakes)
        assert h.severity == "critical"
        assert h.severity_why[-1] == "at stake: wedding, on Mon 2 Mar 2026 18:00"

    def test_it_is_judged_from_what_is_at_stake(self) -> None:
        """Against the expected completion; a stake that has passed counts nothing."""
        row = {"at": "2026-03-01T10:00Z", "kind": "estimate", "party": "agent", "due": "2026-03-02T15:00Z"}
        wedding, past = (
            Stake(n, at=t, weight=10) for n, t in (("wedding", "2026-03-02T18:00Z"), ("fair", OPENED["at"]))
        )
        assert handed(row, stakes=[wedding, past]).severity == "nuisance"
        assert handed(stakes=[wedding]).severity == "critical"
        assert handed(stakes=[past]).severity == ""

    def test_the_log_says_it(self) -> None:
        """The latest trouble whose purpose is a band, until it is over."""
        bad = {"at": "2026-03-01T10:00Z", "kind": "trouble", "purpose": "serious", "text": "no car for work"}
        other = {"at": "2026-03-01T11:00Z", "kind": "trouble", "purpose": "wrecked car"}
        over = {"at": "2026-03-01T12:00Z", "kind": "trouble_over"}
        h = handed(bad, other, {**over, "ref": "r"})
        assert (h.severity, h.severity_why) == ("serious", ("written down on Sun 1 Mar 2026 10:00: no car for work",))
        assert handed(bad, other, over).severity == ""

    def test_nobody_knows(self) -> None:
        """And it says since when it has gone on, where the log does."""
        assert handed().severity_why[-1] == "it has gone on since Sun 1 Mar 2026 09:00"
        alone = Timeline([Event(at=OPENED["at"], kind="note", case="c")])
        assert len(Handover.prepare(alone, "c", NOW).severity_why) == 1


class TestMood:
    """Only as far as the log shows it."""

    @pytest.mark.parametrize(
        ("rows", "mood"),
        [
            ([], ""),
            ([contact("2026-03-01T10:00Z")], "calm"),
            ([{"kind": "failed", "party": "agent"}], "worn"),
            ([{"kind": "promise", "party": "agent", "due": "2026-03-01T11:00Z"}, {"kind": "kept", "at": NOW}], "worn"),
            ([contact("2026-03-01T10:00Z", purpose="complaint")], "angry"),
            ([{"kind": "left", "party": "customer"}], "angry"),
        ],
    )
    def test_levels(self, rows: list[dict[str, Any]], mood: str) -> None:
        """A complaint proves anger; a broken promise wears them out; a silent log shows nothing."""
        h = handed(*({"at": "2026-03-01T10:00Z", **row} for row in rows))
        assert h.mood == mood
        assert bool(h.mood_why) == bool(mood)

    def test_what_is_only_possible_is_no_proof(self) -> None:
        """They have perhaps had to ask: it is told, and wears nobody out for certain."""
        late = {"at": "2026-03-01T10:00Z", "kind": "promise", "party": "agent", "due": "2026-03-01T11:00Z"}
        talk = contact("2026-03-02T10:00Z", "", purpose="status", channel="phone", outcome="conversation")
        h = handed(late, talk, at="2026-03-02T10:00Z")
        assert [c.certainty for c in h.chasers] == ["possible"]
        assert "you may have had to ask once how it stands" in h.confirmation


class TestContradictions:
    """Two sides of one thing."""

    def test_a_date_that_lies_after_the_promise(self) -> None:
        """Of the same reference, or of the whole against a promise of completion; whoever of us said it."""
        base = {"at": "2026-03-01T10:00Z", "kind": "promise", "party": "agent", "due": "2026-03-03T10:00Z"}
        late = {
            "at": "2026-03-01T11:00Z",
            "kind": "estimate",
            "party": "dealer",
            "due": "2026-03-05T10:00Z",
            "text": "Thu",
        }
        for promise in ({**base, "ref": "completion"}, {**base, "ref": "r", "purpose": "completion"}, base):
            found = handed(promise, late).contradictions
            assert [(c.code, c.evidence) for c in found] == [("estimate_after_promise", ("e1", "e2"))]
        assert found[0].what == (
            "it is expected for Thu 5 Mar 2026 10:00 (dealer: Thu), and was promised for Tue 3 Mar 2026 10:00 (promise)"
        )
        assert handed({**base, "ref": "r"}, late).contradictions == ()
        assert handed(base, {**late, "party": "customer"}).contradictions == ()

    def test_the_customer_has_another_date(self) -> None:
        """Of one thing: both are told, by the day."""
        rows = [
            {"at": "2026-03-01T10:00Z", "kind": "estimate", "party": party, "due": due, "text": "swap"}
            for party, due in (("customer", "2026-03-06T10:00Z"), ("agent", "2026-03-07T10:00Z"))
        ]
        assert [c.what for c in handed(*rows).contradictions] == [
            "the customer has Fri 6 Mar 2026 10:00 (swap), and agent has Sat 7 Mar 2026 10:00 (swap)"
        ]
        assert handed(rows[0], {**rows[1], "due": "2026-03-06T18:00Z"}).contradictions == ()

    def test_what_was_corrected_is_said(self) -> None:
        """As the log reports it; of this case only."""
        first = Event(at=OPENED["at"], kind="opened", case="c", id="a")
        events = [
            first,
            Event(at=OPENED["at"], kind="opened", case="c", id="a", text="x", recorded_at="2026-03-01T10:00Z"),
        ]
        events += [Event(at=OPENED["at"], kind="note", case="d", id="b", text=t) for t in "yz"]
        h = Handover.prepare(Timeline(events), "c", NOW)
        assert [(c.code, c.evidence) for c in h.contradictions] == [("corrected", ("a",))]


class TestNext:
    """What happens next, in order of urgency."""

    def test_an_answer_comes_first(self) -> None:
        """The oldest message that nobody has answered."""
        h = handed(contact("2026-03-01T10:00Z", text="where is it?"), contact("2026-03-01T11:00Z"), to="kim")
        assert h.next_action is not None
        assert h.next_action.what == "answer the customer: where is it?"
        assert [s.event for s in h.unanswered] == ["e1", "e2"]
        assert h.waiting[-2].what == "an answer: where is it?"

    @pytest.mark.parametrize(
        ("party", "kind", "what"),
        [
            ("agent", "promise", 'keep "swap", or give the customer a new date'),
            ("dealer", "promise", 'ask dealer about "swap", and tell the customer'),
            ("dealer", "estimate", 'get a new date from dealer for "swap", and tell the customer'),
        ],
    )
    def test_then_what_is_late(self, party: str, kind: str, what: str) -> None:
        """Ours is kept, a partner's is asked after."""
        row = {"at": "2026-03-01T10:00Z", "kind": kind, "party": party, "due": "2026-03-01T11:00Z", "text": "swap"}
        plan = Plan(Calendar.always(), parties=Parties(partners="dealer"), survey=Touch(guard=NoTrouble()))
        action = handed(row, plan=plan).next_action
        assert action is not None
        assert action.what == what

    def test_then_what_they_want_and_what_is_to_come(self) -> None:
        """And with nothing in sight, somebody agrees with the customer what comes next."""
        told = {"at": "2026-03-01T10:00Z", "kind": "told", "party": "customer", "fact": WANTED, "text": "a swap"}
        due = {
            "at": "2026-03-01T11:00Z",
            "kind": "promise",
            "party": "agent",
            "due": "2026-03-04T10:00Z",
            "text": "swap",
        }
        theirs = {**due, "party": "customer", "text": "photo", "due": "2026-03-01T12:00Z"}
        acts = [handed(*rows).next_action for rows in ((), (told, theirs), (told, due), (told,))]
        assert [(a.what, iso(a.at_us)) for a in acts if a is not None] == [
            ("call the customer: confirm what is known, and ask what outcome they want", "2026-03-02T12:00:00+00:00"),
            ('ask the customer what became of "photo"', "2026-03-02T12:00:00+00:00"),
            ('see that "swap" is kept, and tell the customer', "2026-03-04T10:00:00+00:00"),
            ("agree with the customer what comes next, and when they hear of it", "never"),
        ]

    def test_what_was_agreed_is_the_next_contact(self) -> None:
        """A promise to call, a date in a message, else the plan."""
        call = {
            "at": "2026-03-01T10:00Z",
            "kind": "promise",
            "party": "kim",
            "purpose": "call",
            "due": "2026-03-04T10:00Z",
        }
        word = contact("2026-03-01T11:00Z", "outbound", due="2026-03-05T10:00Z")
        found = [handed(*rows).next_contact for rows in ((call, word), (word,), ())]
        assert [c and (c.who, c.why) for c in found] == [
            ("kim", "agreed with the customer"),
            ("agent", "said to the customer on Sun 1 Mar 2026 11:00"),
            None,
        ]

    def test_what_is_to_come_is_what_was_said(self) -> None:
        """A word with the customer, what only a plan owes, and what the customer promised, each by its name."""
        told = {"at": "2026-03-01T10:00Z", "kind": "told", "party": "customer", "fact": WANTED, "text": "a swap"}
        word = contact("2026-03-01T11:00Z", "outbound", due="2026-03-05T10:00Z")
        photo = {**told, "kind": "promise", "fact": "", "text": "photo", "due": "2026-03-04T10:00Z"}
        update = Plan(Calendar.always(), update=Touch(due=Heartbeat(elapsed(days=9)), owner="agent"))
        acts = [handed(told, word, to="kim"), handed(told, photo), handed(told, plan=update)]
        assert [(h.next_action.what, h.next_action.who) for h in acts if h.next_action is not None] == [
            ("give the customer an update", "kim"),
            ('see that "photo" has come from the customer', "agent"),
            ("give the customer an update", "agent"),
        ]
        assert acts[0].next_action is not None
        assert iso(acts[0].next_action.at_us) == "2026-03-05T10:00:00+00:00"

    def test_nobody_acts_where_nobody_is_named(self) -> None:
        """Which is a gap, and what is owed without a date is asked for."""
        alone = Timeline(
            [
                Event(at=OPENED["at"], kind="note", case="c"),
                Event(at=OPENED["at"], kind="promise", case="c", text="soon"),
            ]
        )
        h = Handover.prepare(alone, "c", NOW)
        assert h.next_action is not None
        assert h.next_action.who == ""
        assert h.contingencies[0].when == "nobody named has given no date: soon"
        assert h.contingencies[0].then == "whoever has the case asks for one, and tells the customer"

    def test_what_the_customer_owes_is_looked_after_too(self) -> None:
        """By its date, and once it has passed."""
        row = {
            "at": "2026-03-01T10:00Z",
            "kind": "promise",
            "party": "customer",
            "text": "photos",
            "due": "2026-03-03T10:00Z",
        }
        assert handed(row, to="kim").contingencies[0].when == (
            "the customer has not done it by Tue 3 Mar 2026 10:00: photos"
        )
        late = handed(row, to="kim", at="2026-03-04T10:00Z").contingencies[0]
        assert late.when == "the customer cannot say that it is done: photos"
        assert late.by_us == to_micros("2026-03-04T10:00Z")


class TestTold:
    """What the customer told."""

    def test_the_latest_word_counts_and_what_is_told_of_no_case_holds(self) -> None:
        """So do wishes and consents, by what they are about; what they want has a place of its own."""
        base = {"party": "customer", "at": "2026-03-01T10:00Z"}
        h = handed(
            {**base, "kind": "told", "fact": "size", "text": "40"},
            {**base, "kind": "told", "fact": "size", "text": "38", "at": "2026-03-01T11:00Z"},
            {**base, "kind": "told", "fact": "address", "text": "here", "case": ""},
            {**base, "kind": "wish", "purpose": "less"},
            {**base, "kind": "told", "fact": WANTED, "text": "a swap"},
        )
        said = {k.fact: k.said.text for k in h.known}
        assert said == {"size": "38", "address": "here", "wish less": "less wish"}
        assert h.wanted is not None
        assert h.wanted.text == "a swap"
        assert h.last_event_us < NEVER
        assert h.seen == ("e0", "e1", "e2", "e3", "e4", "e5")

    def test_an_answer_of_a_machine_is_no_last_contact(self) -> None:
        """Nor is a voicemail."""
        rows = (contact("2026-03-01T11:00Z", "outbound", author="automatic"), contact(NOW, outcome="voicemail"))
        assert handed(*rows).last_contact is None
        assert handed(contact("2026-03-01T10:00Z", person="x"), *rows).last_contact is not None


def test_nobody_has_events_of_a_stranger() -> None:
    """Whom the log does not know has no case."""
    assert case_events(CLAIM, to_micros(AT), customer="eve", case="claim") == ()


def test_long_texts_are_cut_for_sentences() -> None:
    """On one line; the whole text stays in its field."""
    assert clipped("a\n b") == "a b"
    assert clipped("w " * 30) == f"{'w ' * 24}".strip() + "…"
    assert clipped("x" * 1000) == "x" * 160 + "…"
    assert clipped("x" * 160) == "x" * 160
    assert len(handed({"at": NOW, "kind": "note", "text": "y" * 10**6}).confirmation) < 600


def test_the_sentinels_are_not_said() -> None:
    """What a plan counts from ever is no date of a duty."""
    assert all(ALWAYS < o.made_us < NEVER for o in handed(plan=CLAIMS, zone="UTC").promises)


@pytest.mark.parametrize(("purpose", "what"), [("", "it is done"), ("drive", "drive is done")])
def test_a_date_without_words_is_said_in_words(purpose: str, what: str) -> None:
    """Nobody is told that an "estimate" was expected."""
    (owed,) = handed(
        {"at": NOW, "kind": "estimate", "party": "agent", "due": "2026-03-09T12:00Z", "purpose": purpose}
    ).promises
    assert owed.what == what
