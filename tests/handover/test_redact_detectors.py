"""Detectors: each number is found by its check digits, and what only looks like one is left."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from carepolicy.errors import InvalidPolicyError, MissingExtraError
from carepolicy.redact import Detector, Found, RedactionPolicy, Sight, redacted_text, usual_detectors
from carepolicy.redact.detectors import Emails, Lettered, Numbers
from carepolicy.redact.sums import weighted_holds


def found(text: str, *, region: str = "") -> str:
    return redacted_text(text, policy=RedactionPolicy(detectors=usual_detectors(region)))


class TestFreeText:
    """What is found, and what is left."""

    @pytest.mark.parametrize(
        ("text", "less"),
        [
            ("card 4111 1111 1111 1111.", "card [card 1]."),
            ("card 4111-1111-1111-1111 and 5500005555555559", "card [card 1] and [card 2]"),
            ("4111\u200b1111\u200b1111\u200b1111", "[card 1]"),
            ("card 4111 1111 1111 1112", "card [phone 1] 1112"),
            ("DE89 3704 0044 0532 0130 00 and then", "[iban 1] and then"),
            ("de89370400440532013000", "[iban 1]"),
            ("XK051212012345678906", "[iban 1]"),
            ("ref AB12, AB12 3456", "ref AB12, AB12 3456"),
            ("DE89 3704", "DE89 3704"),
            ("DE88370400440532013000x", None),
            ("ada.byron+x@mail.example.org!", "[e-mail 1]!"),
            ("a@b, @home, me@", "a@b, @home, me@"),
            ("SSN 078-05-1120", "SSN [id 1]"),
            ("NINO AB123456C, QQ 12 34 56 C", "NINO [id 1], QQ 12 34 56 C"),
            ("NINO AB 12 34 56 C", "NINO [id 1]"),
            ("tax id 86 095 742 719", "tax id [id 1]"),
            ("NIR 1 84 12 76 451 089 46", "NIR [id 1]"),
            ("BSN 1112.22.333", "BSN [id 1]"),
            ("PESEL 44051401359", "PESEL [id 1]"),
            ("SIN 046 454 286", "SIN [id 1]"),
            ("DNI 12345678Z, not 12345678A", "DNI [id 1], not 12345678A"),
            ("RSSMRA85T10A562S", "[id 1]"),
            ("call +49 170 1234567 or (415) 555-2671", "call [phone 1] or [phone 2]"),
            ("on 2018-01-26 or 26.01.2018 at 17:00, order 4711-2, 1,250.00", None),
            ("a van with 12 bottles, 7 by 9, since 2017", None),
            ("call 1234567", None),
        ],
    )
    def test_it_is_replaced_or_left(self, text: str, less: str | None) -> None:
        assert found(text) == (text if less is None else less)

    @pytest.mark.parametrize("glue", [" ", "-", "\t", "\n", "\r\n", "_", "·", "\u2009", "\u2212", "\u2028", "  "])
    def test_however_its_groups_are_parted_it_is_a_card(self, glue: str) -> None:
        """A rendering shows a line's end as a space."""
        assert found(glue.join(["card 4111", "1111", "1111", "1111"])) == "card [card 1]"

    @pytest.mark.parametrize("before", ["01.02.2018 ", "12 ", "7 ", "2018-01-26 17 ", "+1 ", "1 1 1 1 "])
    @pytest.mark.parametrize("role", ["ours", "partner"])
    def test_no_number_before_a_card_hides_it(self, before: str, role: str) -> None:
        """Together they read like a phone number, which some readers may see."""
        assert "1111" not in redacted_text(f"{before}4111 1111 1111 1111", for_role=role)

    def test_an_at_of_full_width_is_an_at(self) -> None:
        assert found("ada＠mail.example") == "[e-mail 1]"

    def test_a_region_says_what_a_number_without_a_country_is(self) -> None:
        assert found("call 415 5552", region="US") == "call [phone 1]"

    def test_the_same_value_has_the_same_token(self) -> None:
        assert (
            found("4111111111111111 4111 1111 1111 1111; a@b.example A@B.example")
            == "[card 1] [card 1]; [e-mail 1] [e-mail 1]"
        )

    def test_tokens_that_stand_there_already_are_not_given_out_again(self) -> None:
        assert found("[card 7] 4111111111111111") == "[card 7] [card 8]"

    def test_who_is_ours_sees_all_but_payment_data(self) -> None:
        text = "4111111111111111 ada@mail.example +49 170 1234567"
        assert redacted_text(text, for_role="ours") == "[card 1] ada@mail.example +49 170 1234567"

    def test_without_the_package_a_pattern_finds_phone_numbers(self) -> None:
        policy = RedactionPolicy(detectors=(Numbers(),))
        assert redacted_text("call 123 45 67, or 12 34", policy=policy) == "call [phone 1], or 12 34"
        assert "by pattern" in Numbers().name
        assert "phonenumbers" in Numbers(with_phonenumbers=True).name

    def test_without_the_package_it_cannot_be_asked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        message = r"phone numbers by region need the package phonenumbers; install carepolicy\[phone\]"
        with pytest.raises(MissingExtraError, match=message):
            Numbers(with_phonenumbers=True)
        assert usual_detectors()[-1] == Numbers()

    def test_a_host_brings_a_detector_of_its_own(self) -> None:
        class Plates:
            name = "plates by pattern"

            def find(self, text: str) -> list[Found]:
                at = text.find("M-AB 123")
                return [Found("plate", at, at + 8), Found("plate", at + 2, at + 5)] if at >= 0 else []

        assert isinstance(Plates(), Detector)
        policy = RedactionPolicy(sights=(Sight(role="partner", masks="plate"),), detectors=(Plates(), Emails()))
        assert redacted_text("car M-AB 123, a@b.example", policy=policy) == "car [plate 1], a@b.example"

    def test_zeros_are_no_number(self) -> None:
        assert not weighted_holds("000000000", (9, 8, 7, 6, 5, 4, 3, 2, -1), 11)

    def test_detectors_are_detectors(self) -> None:
        assert all(isinstance(d, Detector) for d in (Emails(), Lettered(), Numbers()))


class TestSights:
    """A table of who sees what is checked when it is made."""

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: Sight(role=""), r"role is empty; name the reader, e\.g\. 'partner'"),
            (lambda: Sight(role="x", hides="case"), "hides names no part that can be left out: 'case'; see PARTS"),
            (
                lambda: Sight(role="x", masks={"[card"}),
                r"masks has a kind that is not lower-case words: '\[card'; write e\.g\. 'e-mail'",
            ),
            (
                lambda: RedactionPolicy(sights=(Sight(role="x"), Sight(role="x"))),
                "sights has a role twice: 'x'; keep one",
            ),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, make: Any, message: str) -> None:
        with pytest.raises(InvalidPolicyError, match=f"^{message}$"):
            make()


def test_a_note_of_nothing_but_digits_takes_no_longer_than_its_length() -> None:
    """A run of digits is read a card's length at a time: forty thousand groups would else take minutes."""
    assert found("4711 " * 40_000).count("4711") < 4
