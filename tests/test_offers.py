"""Offers: something of value after a good talk, a favour asked while all is well, nothing sold into trouble."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Event, Timeline, days
from carepolicy.billing import dunning_guard
from carepolicy.conflict import NoConflict
from carepolicy.errors import InvalidPolicyError
from carepolicy.offers import OfferAfterGoodTalk, ReferenceAsked, guard_of_class, marketing_guard, reference_guard
from carepolicy.survey import standard_guard

NOW = "2026-03-10T12:00Z"


def on(day: int, kind: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, **{"case": "c", **words})


def talk(day: int, **words: Any) -> Event:
    return on(day, "contact", **{"channel": "phone", "outcome": "conversation", "direction": "outbound", **words})


def said(day: int, outcome: str) -> Event:
    return on(day, "answer", outcome=outcome, party="customer")


def bounds(guard: Any, *events: Event) -> tuple[str, str]:
    decision = guard.decide(Timeline(events), NOW, case=None)
    return decision.verdict.value, str(decision.opens)[8:10] if decision.opens else "-"


class TestOfferAfterGoodTalk:
    """Something of value is offered only after the checks have passed and a good talk, and never into trouble."""

    offer = OfferAfterGoodTalk(checks=("used?", "working?"))
    mended = (on(1, "incident"), on(2, "completed"))
    checked = (*mended, on(4, "told", fact="used?"), on(5, "told", fact="working?"))
    well = (*checked, talk(6), said(6, "good"))

    def test_waits_for_the_checks_then_a_talk_then_a_good_word(self) -> None:
        assert bounds(self.offer) == ("wait", "-")
        assert bounds(self.offer, *self.mended, talk(6), said(6, "good")) == ("wait", "-")
        assert bounds(self.offer, *self.checked, said(6, "good")) == ("wait", "-"), "no talk"
        assert bounds(self.offer, *self.checked, talk(6)) == ("wait", "-"), "no good word"
        assert bounds(self.offer, *self.well) == ("go", "06")

    def test_one_check_is_not_enough(self) -> None:
        one = [event for event in self.well if event.fact != "working?"]
        assert bounds(self.offer, *one) == ("wait", "-")

    def test_a_talk_before_the_last_check_does_not_count(self) -> None:
        assert bounds(self.offer, *self.checked, talk(4), said(6, "good")) == ("wait", "-")
        assert bounds(self.offer, *self.checked, talk(6), said(4, "good")) == ("wait", "-")

    def test_mail_and_voicemail_are_no_talk(self) -> None:
        for words in ({"channel": "email"}, {"outcome": "voicemail"}, {"author": "automatic"}):
            assert bounds(self.offer, *self.checked, talk(6, **words), said(6, "good")) == ("wait", "-")

    def test_a_bad_word_after_the_good_one_stops_it(self) -> None:
        assert bounds(self.offer, *self.well, said(7, "bad")) == ("wait", "-")
        assert bounds(self.offer, *self.well, said(7, "bad"), said(8, "good")) == ("go", "08")

    def test_a_new_fault_begins_it_anew(self) -> None:
        again = (*self.well, on(7, "incident", case="d"))
        assert bounds(self.offer, *again) == ("wait", "-")
        assert bounds(self.offer, *again, on(8, "completed", case="d")) == ("wait", "-"), "the checks anew"

    def test_another_case_that_is_closed_changes_nothing(self) -> None:
        assert bounds(self.offer, *self.well, on(7, "opened", case="d"), on(8, "closed", case="d")) == ("go", "08")

    def test_never_into_trouble(self) -> None:
        assert bounds(self.offer, *self.well, on(7, "opened", case="d")) == ("wait", "-")
        assert bounds(OfferAfterGoodTalk(days(3), checks=()), *self.well, on(7, "opened", case="d"), on(8, "closed",
                      case="d")) == ("wait", "11")  # fmt: skip

    def test_without_a_fault_the_checks_are_asked_for_all_the_same(self) -> None:
        assert bounds(self.offer, talk(6), said(6, "good")) == ("wait", "-")
        assert bounds(self.offer, *self.well[2:]) == ("go", "06")

    def test_once_for_each_good_word(self) -> None:
        one = self.offer.decide(Timeline(self.well), NOW).key
        assert one == self.offer.decide(Timeline([*self.well, talk(8)]), NOW).key
        assert one != self.offer.decide(Timeline([*self.well, said(8, "good")]), NOW).key

    def test_says_so_in_words(self) -> None:
        assert self.offer.explain() == (
            "they said: used?, working?; then there was a good talk, and nothing is open or wrong at the customer"
        )
        assert OfferAfterGoodTalk(checks=()).explain().startswith("there was a good talk")
        with pytest.raises(InvalidPolicyError, match=r"^checks are not names, each once: \('a', 'a'\); leave out what"):
            OfferAfterGoodTalk(checks=("a", "a"))


class TestReferenceAsked:
    """A reference is asked for only when things are well."""

    asked = ReferenceAsked()

    def test_waits_for_a_good_answer(self) -> None:
        assert bounds(self.asked) == ("wait", "-")
        assert bounds(self.asked, said(3, "good")) == ("go", "03")
        assert bounds(self.asked, said(3, "good"), said(4, "bad")) == ("wait", "-")

    def test_an_answer_that_nobody_can_read_is_not_good(self) -> None:
        assert bounds(self.asked, said(3, "good"), said(4, "")) == ("wait", "-")
        assert bounds(self.asked, said(3, "good"), said(3, "bad")) == ("wait", "-"), "both known by the day alone"
        assert bounds(ReferenceAsked(good=("4", "5"), bad=("1", "2")), said(3, "5")) == ("go", "03")

    def test_never_of_someone_with_open_trouble(self) -> None:
        assert bounds(self.asked, said(3, "good"), on(1, "trouble")) == ("wait", "-")
        assert bounds(self.asked, said(3, "good"), on(1, "opened")) == ("wait", "-")
        assert bounds(ReferenceAsked(days(5)), said(3, "good"), on(1, "opened"), on(2, "closed")) == ("go", "07")

    def test_a_fault_after_the_answer_makes_it_old(self) -> None:
        for kind in ("incident", "failed", "reopened"):
            assert bounds(self.asked, said(3, "good"), on(4, kind), on(5, "closed")) == ("wait", "-")
        assert bounds(self.asked, said(3, "good"), on(4, "incident"), said(6, "good")) == ("go", "06")

    def test_says_so_in_words(self) -> None:
        assert self.asked.explain() == "the last answer was good, and nothing is open or wrong at the customer"
        assert self.asked.decide(Timeline([]), NOW).reasons[0].awaits == "a good answer, and no trouble"
        one = self.asked.decide(Timeline([said(3, "good")]), NOW).key
        assert one != self.asked.decide(Timeline([said(4, "good")]), NOW).key


class TestRecommended:
    """The compositions that we recommend; every part can be replaced."""

    def test_nothing_is_sold_into_trouble(self) -> None:
        guard = marketing_guard("Europe/Paris", must_agree=False)
        assert bounds(guard) == ("go", "-")
        assert bounds(guard, on(1, "opened")) == ("wait", "-")
        assert bounds(guard, on(1, "trouble", purpose="loss"), on(2, "trouble_over", purpose="loss"))[0] == "wait"
        assert guard.decide(Timeline([]), "2026-03-10T19:30Z").verdict.value == "wait", "20:30 in Paris"

    def test_marketing_is_rare_and_service_does_not_count(self) -> None:
        guard = marketing_guard("UTC", at_most=1, per=days(5), must_agree=False)
        sent = on(8, "contact", direction="outbound", channel="email", purpose="marketing")
        assert bounds(guard, sent) == ("wait", "13")
        assert bounds(guard, on(8, "contact", direction="outbound", channel="email", purpose="status")) == ("go", "-")

    def test_a_message_by_name_brings_its_conflicts(self) -> None:
        assert NoConflict("refinance") in marketing_guard("UTC", "refinance", cool_off=days(0)).parts
        named, unnamed = (marketing_guard("UTC", message, must_agree=False) for message in ("refinance", ""))
        assert bounds(named, on(1, "incident")) == ("wait", "-")
        assert bounds(unnamed, on(1, "incident")) == ("go", "-")

    def test_nothing_is_sold_to_who_has_not_agreed_or_is_unhappy(self) -> None:
        agreed = on(1, "consent", purpose="marketing")
        assert bounds(marketing_guard("UTC")) == ("wait", "-")
        assert bounds(marketing_guard("UTC"), agreed) == ("go", "-")
        assert bounds(marketing_guard("UTC"), agreed, on(2, "declined")) == ("wait", "-")
        assert bounds(marketing_guard("UTC"), agreed, on(2, "answer", extra={"score": "1"})) == ("wait", "-")

    def test_a_favour_is_asked_for_rarely_and_of_nobody_who_left(self) -> None:
        guard = reference_guard("UTC", cool_off=days(1), rest=days(5))
        well = said(3, "good")
        assert bounds(guard, well) == ("go", "03")
        assert bounds(guard, well, on(8, "contact", direction="outbound", purpose="review")) == ("wait", "13")
        assert bounds(guard, well, on(8, "left"))[0] == "too_late"
        assert [type(part).__name__ for part in reference_guard("UTC").parts] == [
            "ReferenceAsked", "Consented", "NothingRegistered", "NoLowAnswer", "Actionable", "AttemptCap", "QuietHours",
        ]  # fmt: skip

    def test_what_is_safe_legal_or_service_always_passes(self) -> None:
        assert guard_of_class("billing", "UTC") == dunning_guard("UTC")
        for touch_class in ("safety", "legal", "service"):
            assert bounds(guard_of_class(touch_class, "UTC"), on(1, "opened"), on(1, "trouble")) == ("go", "-")
        assert guard_of_class("survey", "UTC") == standard_guard("UTC")
        assert guard_of_class("marketing", "UTC") == marketing_guard("UTC")
        with pytest.raises(InvalidPolicyError, match=r"^touch_class is not known: 'ads'; use one of safety, legal, "):
            guard_of_class("ads", "UTC")
