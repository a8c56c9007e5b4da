"""Endemic trouble: the same cause at several customers, who is to be told, and what was to be prevented."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Event, Finding, Parties, Plan, PromiseKept, Timeline, Touch, days
from carepolicy.endemic import Endemic, Outbreak, Outbreaks
from carepolicy.errors import InvalidPolicyError, InvalidTimeError

END = "2026-03-31T09:00Z"
RULE = Endemic(3, days(10))
EXPOSED = ("eve", "dan", "ann", "eve")


def on(day: int, customer: str, kind: str = "trouble", due: int | None = None, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T17:00Z"
    given = {"purpose": "brakes", "party": "customer", "id": f"{kind}-{customer}{day}", **words}
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, customer=customer, due=by, **given)


def word(day: int, customer: str, **words: Any) -> Event:
    said = {"direction": "outbound", "channel": "phone", "outcome": "conversation", "party": "agent"}
    return on(day, customer, "contact", **{**said, **words})


def prevention(day: int, kind: str = "promise", due: int | None = None, **words: Any) -> Event:
    return on(day, "", kind, due, **{"purpose": "prevention", "ref": "brakes", "party": "maker", **words})


THREE = (on(1, "ann"), on(2, "bob"), on(4, "cid"))


def assess(*events: Event, at: str = "2026-03-05T09:00Z", rule: Endemic = RULE) -> Outbreaks:
    return rule.assess(Timeline(events), at, exposed=EXPOSED)


def found(*events: Event, rule: Endemic = RULE, until: str = END) -> tuple[Finding, ...]:
    plan = Plan(Calendar.always(), parties=Parties(partners="maker"), checks=[rule], promise=Touch(due=PromiseKept()))
    return tuple(f for f in plan.audit(Timeline(events), until) if f.policy == "Endemic")


class TestOutbreaks:
    """The same cause at so many customers within a span."""

    def test_are_known_when_the_last_of_so_many_is_hit(self) -> None:
        (outbreak,) = assess(*THREE)
        assert (outbreak.cause, outbreak.customers) == ("brakes", ("ann", "bob", "cid"))
        assert (str(outbreak.since)[:10], str(outbreak.known)[:10]) == ("2026-03-01", "2026-03-04")
        assert outbreak.evidence == tuple(e.id for e in THREE)
        assert len(assess(*THREE, at="2026-03-04T08:59Z")) == 0

    def test_last_until_nobody_was_hit_for_so_long(self) -> None:
        assert len(assess(*THREE, at="2026-03-14T09:00Z")) == 1
        assert len(assess(*THREE, at="2026-03-14T09:01Z")) == 0
        (outbreak,) = assess(*THREE, on(13, "ann"), at="2026-03-15T09:00Z")
        assert (outbreak.customers, str(outbreak.since)[:10]) == (("ann", "bob", "cid"), "2026-03-01")

    @pytest.mark.parametrize(
        "third",
        [
            on(4, "bob"),
            on(4, "cid", purpose="engine"),
            on(4, "cid", "note"),
            on(4, "cid", purpose=""),
            on(12, "cid"),
        ],
    )
    def test_are_none_otherwise(self, third: Event) -> None:
        assert len(assess(on(1, "ann"), on(2, "bob"), third, at="2026-03-12T09:00Z")) == 0

    def test_the_host_says_which_column_names_the_cause(self) -> None:
        parts = [on(day, who, "failed", purpose="", extra={"part": "x7"}) for day, who in ((1, "ann"), (2, "bob"))]
        rule = Endemic(2, days(10), kinds="failed", column="part")
        (outbreak,) = assess(*parts, rule=rule)
        assert (outbreak.cause, [tell.customer for tell in outbreak.tell]) == ("x7", ["dan", "eve"])

    def test_come_in_the_order_in_which_they_were_known(self) -> None:
        other = [
            on(day, who, purpose="airbag", id=f"{who}-airbag") for day, who in ((1, "ann"), (1, "bob"), (2, "cid"))
        ]
        assert [o.cause for o in assess(*THREE, *other)] == ["airbag", "brakes"]

    def test_says_when_to_look_again(self) -> None:
        assert str(assess(*THREE).review_at) == "2026-03-14 09:00:00.000001+00:00"
        assert str(assess(*THREE, prevention(5, due=9)).review_at) == "2026-03-09 17:00:00.000001+00:00"
        assert assess(on(1, "ann")).review_at is None
        with pytest.raises(InvalidTimeError, match=r"^at has no time zone"):
            assess(at="2026-03-05T09:00")


class TestTelling:
    """Who is exposed is warned, before it happens to them."""

    def test_is_for_who_was_not_hit_and_not_told(self) -> None:
        assert [t.customer for t in assess(*THREE).tell] == ["dan", "eve"]
        (outbreak,) = assess(*THREE, word(5, "eve"))
        assert ([t.customer for t in outbreak.tell], outbreak.told) == (["dan"], ("eve",))

    def test_says_why_without_the_names_of_others(self) -> None:
        assert assess(*THREE).tell[0].why == (
            "brakes at 3 customers since Sun 1 Mar 2026 09:00, and it may happen to this one too"
        )

    @pytest.mark.parametrize(
        ("contact", "left"),
        [
            (word(5, "eve", purpose="update", ref="brakes"), 1),
            (word(5, "eve", channel="email", outcome="delivered"), 1),
            (word(5, "eve", outcome="voicemail"), 2),
            (word(5, "eve", purpose="update"), 2),
            (word(5, "eve", direction="inbound"), 2),
            (word(5, "eve", party="customer"), 2),
            (on(5, "eve", "note", party="agent", direction="outbound", outcome="delivered"), 2),
        ],
    )
    def test_told_is_who_got_word_of_it(self, contact: Event, left: int) -> None:
        assert len(assess(*THREE, contact).tell) == left

    def test_word_of_an_earlier_outbreak_does_not_count(self) -> None:
        early = Event(at="2026-02-01T09:00Z", kind="contact", customer="eve", purpose="brakes", id="early",
                      direction="outbound", outcome="delivered", party="agent")  # fmt: skip
        assert len(assess(early, *THREE).tell) == 2


class TestPrevention:
    """Somebody promises by when it will not happen again."""

    @pytest.mark.parametrize(
        ("events", "asked"),
        [
            ([], True),
            ([prevention(5, due=20)], False),
            ([prevention(5, due=20, ref="engine")], True),
            ([prevention(5, due=20, purpose="repair")], True),
            ([prevention(5, due=20), prevention(6, "withdrawn")], True),
            ([prevention(5, due=20), prevention(6, "kept")], False),
            ([prevention(5, due=6)], False),
            ([prevention(5, due=6), word(7, "", party="maker", purpose="")], True),
        ],
    )
    def test_is_asked_for_until_it_is_given(self, events: list[Event], asked: bool) -> None:
        (outbreak,) = assess(*THREE, *events, at="2026-03-08T09:00Z")
        assert outbreak.asks_prevention is asked

    def test_what_was_kept_before_it_came_again_does_not_count(self) -> None:
        before = [
            Event(at=f"2026-02-0{n}T09:00Z", kind=kind, ref="brakes", purpose="prevention", id=kind, due=due)
            for n, kind, due in ((1, "promise", "2026-02-20T09:00Z"), (2, "kept", None))
        ]
        (outbreak,) = assess(*before, *THREE)
        assert [p.state for p in outbreak.prevention] == ["kept"]
        assert outbreak.asks_prevention


class TestFindings:
    """What an audit finds."""

    def test_an_outbreak_is_one(self) -> None:
        (finding,) = found(*THREE, on(9, "eve"))
        assert (finding.kind, str(finding.at)[8:10], str(finding.until)[8:10]) == ("endemic", "04", "19")
        assert finding.why == "brakes at 4 customers since Sun 1 Mar 2026 09:00: ann, bob, cid, eve"
        assert finding.instead.startswith("from Wed 4 Mar 2026 09:00 on, warn the others exposed")
        assert len(finding.evidence) == 4
        assert found(*THREE, until="2026-03-05T09:00Z")[0].until is None

    def test_and_each_later_one(self) -> None:
        again = (on(20, "ann"), on(21, "bob"), on(22, "eve"))
        assert [str(f.at)[8:10] for f in found(*THREE, *again)] == ["04", "22"]

    @pytest.mark.parametrize(
        ("events", "days_of"),
        [
            ([prevention(5, due=9)], ["12", "14"]),
            ([prevention(5, due=13)], ["14"]),
            ([prevention(5, due=20)], []),
            ([prevention(5, due=20), prevention(6, "kept")], ["12", "14"]),
            ([prevention(5, due=9), prevention(13, "kept")], ["12", "14"]),
            ([prevention(5, due=9), prevention(6, "withdrawn")], []),
            ([prevention(5, due=9), prevention(6, due=13)], ["14"]),
            ([prevention(5, due=9, ref="engine")], []),
            ([prevention(5, due=9, purpose="repair")], []),
        ],
    )
    def test_what_comes_back_after_it_was_to_be_prevented_is_one(self, events: list[Event], days_of: list[str]) -> None:
        again = found(on(12, "dan"), on(14, "dan", precision="day"), on(14, "dan", purpose="", id="other"), *events)
        assert [str(f.at)[8:10] for f in again] == days_of
        assert all((f.kind, f.party, f.ref, f.customer) == ("broken_promise", "maker", "brakes", "dan") for f in again)

    def test_says_from_when_it_was_to_be_gone(self) -> None:
        (finding,) = found(on(12, "dan"), prevention(5, due=9))
        assert finding.why == "brakes came back: it was to be prevented from Mon 9 Mar 2026 17:00 on"
        assert finding.evidence == ("promise-5", "trouble-dan12")


def test_says_what_it_is_and_refuses() -> None:
    assert Endemic().explain() == "the same cause at 3 customers within 30 days, or again after it was to be prevented"
    assert eval(repr(RULE)) == RULE
    with pytest.raises(InvalidPolicyError, match=r"^customers must be at least 2, got 1; one is a single case$"):
        Endemic(1)
    assert isinstance(next(iter(assess(*THREE))), Outbreak)
