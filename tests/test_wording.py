"""Wording: what canned replies must not say, where a template says it, and what to say instead."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy.errors import InvalidPolicyError
from carepolicy.wording import STANDARD, Flag, Names, WordingRule, check_wording


def rules_in(text: str, **names: Any) -> list[str]:
    return [flag.rule for flag in check_wording(text, names=Names(**names) if names else None)]


class TestDeflections:
    """Replies that push the customer away are found, with why and what to say instead."""

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("We are not affiliated with the body shop.", "not affiliated"),
            ("We have no\nconnection to this dealer.", "not affiliated"),
            ("Please contact the repair shop directly.", "contact them yourself"),
            ("You need to call the other insurer yourself!", "contact them yourself"),
            ("You will not receive a reply to this survey.", "no reply"),
            ("You won’t get any personal response.", "no reply"),
            ("Please do not reply to this message.", "no reply"),
            ("Sent from noreply@example.org", "no reply"),
            ("This mailbox is unmonitored.", "no reply"),
            ("This mailbox is not monitored.", "no reply"),
            ("That is not our department.", "not our job"),
            ("This is outside of our control.", "not our job"),
            ("Your ticket will be closed unless you answer.", "closed on the customer"),
            ("We consider this matter resolved.", "closed on the customer"),
            ("We apologise for any inconvenience.", "any inconvenience"),
            ("Dear {{first_name}}, hello", "placeholder left"),
            ("Dear ${name}, hello", "placeholder left"),
            ("Your {claim.number} is open", "placeholder left"),
            ("Dear [CUSTOMER NAME], hello", "placeholder left"),
            ("Dear %FIRSTNAME%, hello", "placeholder left"),
            ("Dear None, hello", "placeholder left"),
            ("TBD: the date", "placeholder left"),
        ],
    )
    def test_are_found(self, text: str, rule: str) -> None:
        (flag,) = check_wording(text)
        assert flag.rule == rule
        assert flag.why
        assert flag.instead
        assert text[flag.start : flag.end] == flag.found

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "Please call us directly on this number: Eve reads every answer.",
            "Eve calls the body shop for you today, and you hear from her by Friday.",
            "The shop contacts you. We see to it directly.",
            "We [see] to it at 5 % a year.",
            "Contact Eve: she sees to it.",
        ],
    )
    def test_what_is_well_said_is_not(self, text: str) -> None:
        assert check_wording(text) == ()

    def test_come_in_the_order_of_the_text(self) -> None:
        text = "We are not affiliated with them; contact them directly. We are NOT AFFILIATED WITH anybody."
        assert [(flag.start, flag.rule) for flag in check_wording(text)] == [
            (7, "not affiliated"), (33, "contact them yourself"), (63, "not affiliated"),
        ]  # fmt: skip

    def test_say_themselves_in_one_line(self) -> None:
        (flag,) = check_wording("not our department")
        assert str(flag) == (
            "not our job: 'not our department' at 0; whoever is asked owns the question until somebody else has taken "
            "it over; instead: who has it now, by name, and when they get in touch"
        )
        assert eval(repr(flag)) == flag == Flag(0, "not our department", flag.rule, flag.why, flag.instead)


class TestNames:
    """A wrong name, and a partner of somebody else's case, are found where the right ones are known."""

    def test_a_wrong_name(self) -> None:
        (flag,) = check_wording("Dear Bob,\nthe car is ready.", names=Names("Ann Smith"))
        assert (flag.rule, flag.found, flag.why) == ("wrong name", "Bob", "the customer is Ann Smith")
        assert rules_in("Hi Ann Jones!\nhello", customer="Ann Smith") == ["wrong name"]

    @pytest.mark.parametrize("called", ["Ann", "Ms. Smith", "ann smith", "Dr. Smith", "Ánn"])
    def test_any_part_of_the_right_name_will_do(self, called: str) -> None:
        assert rules_in(f"Dear {called}, hello", customer="Ann Smith") == []

    @pytest.mark.parametrize("called", ["customer", "all", "Sir or Madam", "valued customer", "there"])
    def test_nobody_in_particular_is_nobody_else(self, called: str) -> None:
        assert rules_in(f"Hello {called}, hello", customer="Ann Smith") == []

    def test_one_of_several_forms(self) -> None:
        assert rules_in("Dear Annie, hello", customer=("Ann Smith", "Annie")) == []
        assert rules_in("Dear Annie Smith, hello", customer=("Ann Smith", "Annie")) == ["wrong name"]

    def test_is_not_looked_for_where_nothing_is_known(self) -> None:
        assert rules_in("Dear Bob, hello") == []
        assert rules_in("Dear Bob, hello", partners="Apex") == []

    def test_a_partner_of_another_case(self) -> None:
        known = {"partners": "Apex Body", "all_partners": ("Apex Body", "Best Glass", "")}
        assert rules_in("Apex Body has your car.", **known) == []
        (flag,) = check_wording("best glass has your car.", names=Names(**known))
        assert (flag.rule, flag.found, flag.why) == (
            "wrong partner", "best glass", "the partner of this case is Apex Body",
        )  # fmt: skip
        assert rules_in("Best Glassware has it.", **known) == [], "another word"
        assert check_wording("Best Glass", names=Names(all_partners="Best Glass"))[0].why.endswith("is nobody")

    def test_a_name_within_the_right_one_is_right(self) -> None:
        assert rules_in("Apex Body has your car.", partners="Apex Body", all_partners=("Apex", "Apex Body")) == []
        assert rules_in("Apex has it.", partners="Apex Body", all_partners=("Apex", "Apex Body")) == ["wrong partner"]


class TestRules:
    """A host adds its own rules."""

    def test_of_a_host(self) -> None:
        german = WordingRule("nicht zuständig", r"\bnicht\s+zuständig\b", "niemand ist es", "wer es ist")
        assert [flag.rule for flag in check_wording("Wir sind NICHT zuständig.", (*STANDARD, german))] == [
            "nicht zuständig"
        ]
        assert check_wording("not our department", ()) == ()

    @pytest.mark.parametrize(
        ("build", "says"),
        [
            (lambda: WordingRule("x", "a", " ", "b"), "wording rule lacks its why: 'x'; say it"),
            (lambda: WordingRule("", "a", "b", "c"), "wording rule lacks its name: ''; say it"),
            (
                lambda: WordingRule("x", "(", "b", "c"),
                "pattern cannot be read: '(', missing ), unterminated subpattern at position 0; mend it",
            ),
            (
                lambda: WordingRule("x", "a*", "b", "c"),
                "pattern finds nothing everywhere: 'a*'; let it ask for a word",
            ),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, build: Any, says: str) -> None:
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(says)}$"):
            build()


@pytest.mark.parametrize(
    "text",
    [
        "We aren't affiliated with them.",
        "We are not affiliated to the shop.",
        "Please contact the body shop for updates.",
        "You will need to call the dealer.",
    ],
)
def test_other_ways_to_send_somebody_away(text: str) -> None:
    assert check_wording(text)


@pytest.mark.parametrize(
    "text", ["Good morning, Bob. We have news.", "Yours is done.\nDear Bobby Smith", "Dear Dr. Jones,"]
)
def test_a_wrong_name_however_the_salutation_ends(text: str) -> None:
    names = Names("Ann Brown")
    assert [flag.rule for flag in check_wording(text, names=names)] == ["wrong name"]
    right = text.replace("Bobby Smith", "Ann Brown").replace("Bob", "Ann").replace("Jones", "Brown")
    assert not check_wording(right, names=names)
