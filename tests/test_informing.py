"""Informing: who else must know, or hold back, while something is wrong at a customer."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Event, Parties, Timeline, Which
from carepolicy.errors import InvalidPolicyError, InvalidTimeError
from carepolicy.informing import ACCESS, EXECUTIVES, STANDARD, Access, Informed, Notice, access_of, who_must_know
from carepolicy.levels import EscalationState
from carepolicy.severity import Severity
from carepolicy.span import days, elapsed, working, working_days

office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
critical, minor = (Severity(value, band, True, ()) for value, band in ((9.0, "critical"), (1.0, "minor")))


def on(day: int, hour: int, kind: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T{hour:02}:00Z", kind=kind, **{"case": "c", "customer": "ann", **words})


trouble = on(2, 10, "trouble")  # a Monday


def told(role: str, what: str = "tell", day: int = 2, hour: int = 11) -> Event:
    return on(day, hour, "note", party=role, purpose=what)


def up(rank: int, *, day: int = 2, hour: int = 12) -> EscalationState:
    since = on(day, hour, "note").at_us
    return EscalationState(level="head", rank=rank, who="bert", since_us=trouble.at_us, reached_us=since)


def notices(*events: Event, **more: Any) -> tuple[Notice, ...]:
    usual: dict[str, Any] = {"at": "2026-03-04T09:00Z", "customer": "ann", "case": "c", "calendar": office}
    return who_must_know(Timeline(events), **{**usual, **more})


def brief(found: tuple[Notice, ...]) -> list[tuple[str, str, str]]:
    return [(n.what, n.role, str(n.by)[5:16]) for n in found]


class TestTrouble:
    """Support and sales must know, marketing and billing hold back."""

    def test_names_each_and_by_when(self) -> None:
        assert brief(notices(trouble)) == [
            ("hold", "billing", "03-02 10:00"),
            ("hold", "marketing", "03-02 10:00"),
            ("tell", "support", "03-02 11:00"),
            ("tell", "sales", "03-02 14:00"),
        ]

    def test_says_why(self) -> None:
        assert str(notices(trouble)[0]) == ("hold billing by Mon 2 Mar 2026 10:00: trouble since Mon 2 Mar 2026 10:00")

    def test_without_trouble_nobody(self) -> None:
        assert notices(on(2, 9, "opened")) == ()
        assert notices(trouble, customer="bob") == notices(trouble, case="d") == ()

    @pytest.mark.parametrize("kind", ["incident", "reopened"])
    def test_begins_in_several_ways(self, kind: str) -> None:
        assert len(notices(on(2, 10, kind))) == 4

    def test_begins_where_somebody_is_called_for(self) -> None:
        assert brief(notices(on(2, 9, "opened"), level=up(1)))[0] == ("hold", "billing", "03-02 10:00")
        assert notices(on(2, 9, "opened"), level=EscalationState()) == ()

    @pytest.mark.parametrize("kind", ["trouble_over", "completed", "closed"])
    def test_ends_in_several_ways(self, kind: str) -> None:
        assert notices(trouble, on(3, 9, kind)) == ()
        assert notices(trouble, on(3, 9, kind), level=up(3)) == ()

    def test_does_not_end_with_a_part(self) -> None:
        assert len(notices(trouble, on(3, 9, "completed", ref="part"))) == 4

    def test_what_was_over_may_begin_again(self) -> None:
        found = notices(trouble, told("sales"), on(3, 9, "trouble_over"), on(3, 12, "trouble"))
        assert ("tell", "sales", "03-03 16:00") in brief(found)


class TestTold:
    """Who was told already is not named again."""

    def test_is_a_note_of_that_role(self) -> None:
        found = brief(notices(trouble, told("sales"), told("billing", "hold")))
        assert [role for _, role, _ in found] == ["marketing", "support"]

    def test_or_an_escalation_to_it(self) -> None:
        found = brief(notices(trouble, on(2, 11, "escalated", party="sales")))
        assert [role for _, role, _ in found] == ["billing", "marketing", "support"]

    def test_of_something_else_or_before_it_is_not(self) -> None:
        assert len(notices(trouble, told("sales", "hold"), told("support", hour=9))) == 4

    def test_who_held_back_may_go_on(self) -> None:
        over = on(3, 9, "trouble_over")
        held = (trouble, told("marketing", "hold"), over)
        assert brief(notices(*held)) == [("resume", "marketing", "03-03 09:00")]
        assert notices(*held)[0].why == "the trouble is over"
        assert notices(*held, told("marketing", "resume", day=3, hour=10)) == ()

    def test_the_same_notice_has_the_same_key(self) -> None:
        first = notices(trouble, at="2026-03-02T10:00Z")
        assert [n.key for n in first] == [n.key for n in notices(trouble)]
        assert first[0].key == f"ann/c/hold/billing/{trouble.at_us}"
        odd = notices(on(2, 10, "trouble", customer="a/b%"), customer="a/b%")
        assert odd[0].key.startswith("a%2Fb%25/c/hold/")

    def test_two_rules_for_one_role_are_one_notice(self) -> None:
        rules = (Informed("sales", days(2)), Informed("sales", days(1)))
        assert brief(notices(trouble, rules=rules)) == [("tell", "sales", "03-03 10:00")]


class TestRules:
    """Rules are data: which news, which level, which severity."""

    def test_news_of_a_kind(self) -> None:
        rule = Informed("training", working_days(2), when=Which("failed", by="us"))
        assert notices(trouble, rules=[rule]) == ()
        failed = on(3, 9, "failed", party="agent")
        assert brief(notices(trouble, failed, rules=[rule])) == [("tell", "training", "03-05 09:00")]
        assert notices(trouble, failed, rules=[rule], parties=Parties(partners=["agent"])) == ()
        assert notices(on(1, 9, "failed", party="agent"), trouble, rules=[rule]) == ()

    def test_a_level(self) -> None:
        rule = Informed("sales", working(hours=1), level=2)
        assert notices(trouble, rules=[rule]) == notices(trouble, rules=[rule], level=up(1)) == ()
        found = notices(trouble, rules=[rule], level=up(2))
        assert brief(found) == [("tell", "sales", "03-02 13:00")]
        assert found[0].why == "trouble since Mon 2 Mar 2026 10:00; with bert since Mon 2 Mar 2026 12:00"
        assert notices(trouble, told("sales", hour=13), rules=[rule], level=up(2)) == ()
        assert len(notices(trouble, told("sales", hour=13), rules=[rule], level=up(3, hour=16))) == 1

    def test_a_severity(self) -> None:
        rule = Informed("sales", working(hours=1), severity="serious")
        assert notices(trouble, rules=[rule]) == notices(trouble, rules=[rule], severity=minor) == ()
        assert notices(trouble, rules=[rule], severity=critical)[0].why == (
            "trouble since Mon 2 Mar 2026 10:00; critical"
        )

    def test_hold_until_the_next_event_known(self) -> None:
        coming = on(9, 9, "note")
        late = Event(at="2026-03-03T09:00Z", recorded_at="2026-03-10T09:00Z", kind="note")
        assert {str(n.review_at) for n in notices(trouble, coming, late)} == {"2026-03-09 09:00:00+00:00"}
        assert notices(trouble)[0].review_at is None

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"what": "stop"}, r"^what is not known: 'stop'; use 'tell' or 'hold'$"),
            ({"severity": "bad"}, r"^severity is no band of severity: 'bad'; use one of "),
            ({"by": elapsed(hours=-1)}, r"^by points backward"),
        ],
    )
    def test_refuse_what_cannot_be_meant(self, wrong: dict[str, Any], said: str) -> None:
        with pytest.raises(InvalidPolicyError, match=said):
            Informed(**{"role": "sales", "by": days(1), **wrong})


class TestExecutives:
    """Access in proportion to the account."""

    @pytest.mark.parametrize(
        ("share", "role"),
        [(0, "head-of-service"), (0.019, "head-of-service"), (0.02, "vice-president"), (0.5, "chief-executive")],
    )
    def test_more_revenue_reaches_further_up(self, share: float, role: str) -> None:
        assert access_of(share, ACCESS).role == role

    def test_and_sooner(self) -> None:
        def by(share: float) -> list[tuple[str, str, str]]:
            found = notices(trouble, level=up(2), severity=critical, account=share)
            return [n for n in brief(found) if n[1] not in {"billing", "marketing", "support", "sales"}]

        assert by(0.0) == [("tell", "head-of-service", "03-04 12:00")]
        assert by(0.03) == [("tell", "vice-president", "03-03 12:00")]
        assert by(0.2) == [("tell", "chief-executive", "03-02 16:00")]

    def test_only_where_it_is_both_high_and_severe(self) -> None:
        for more in ({"level": up(2)}, {"severity": critical}, {"level": up(1), "severity": critical}):
            assert len(notices(trouble, account=0.2, **more)) == 4

    def test_the_standard_asks_for_them(self) -> None:
        assert [rule.role for rule in STANDARD].count(EXECUTIVES) == 1

    def test_refuses_what_is_no_ladder(self) -> None:
        one = Access("head", 0.1, days(1))
        for wrong in ([], [one], [Access("a", 0, days(1)), Access("b", 0, days(2))]):
            with pytest.raises(InvalidPolicyError, match=r"^access is not one ladder from 0: \[.*give each share once"):
                access_of(0.5, wrong)

    @pytest.mark.parametrize("share", [-0.1, 1.1, "half", True, float("nan")])
    def test_refuses_what_is_no_share(self, share: Any) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^from_share must be a share from 0 to 1, got "):
            Access("head", share, days(1))
        with pytest.raises(InvalidPolicyError, match=r"^account must be a share from 0 to 1, got "):
            notices(trouble, account=share)

    def test_refuses_naive_times(self) -> None:
        with pytest.raises(InvalidTimeError, match="at has no time zone"):
            notices(trouble, at="2026-03-04T09:00")
