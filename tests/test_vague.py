"""Vague dates: resolved to an instant when they are said, and the customer's reading wins."""

from __future__ import annotations

import attrs
import pytest

from carepolicy import Calendar
from carepolicy.errors import HorizonError, InvalidPolicyError, InvalidTimeError
from carepolicy.phrases import ENGLISH, Language, Phrase
from carepolicy.vague import Resolved, resolve

OFFICE = Calendar.weekly("Mon-Fri 08:00-17:00; Sat 09:00-12:00", zone="Europe/Paris")
THURSDAY = "2026-03-05T10:00+01:00"


def ends(text: str, said: str = THURSDAY, calendar: Calendar = OFFICE, language: Language = ENGLISH) -> tuple[str, str]:
    found = resolve(text, said, calendar=calendar, language=language)
    return str(found.due)[:16], str(found.latest)[:16]


class TestDays:
    """A day ends when we close on it, or at midnight where we are closed."""

    @pytest.mark.parametrize(
        ("text", "due", "latest"),
        [
            ("today", "2026-03-05 17:00", "2026-03-06 00:00"),
            ("by the end of the day", "2026-03-05 17:00", "2026-03-06 00:00"),
            ("Tomorrow.", "2026-03-06 17:00", "2026-03-07 00:00"),
            ("the day after tomorrow", "2026-03-07 12:00", "2026-03-08 00:00"),
            ("by Tuesday", "2026-03-10 17:00", "2026-03-11 00:00"),
            ("Sunday", "2026-03-09 00:00", "2026-03-09 00:00"),
            ("Thursday", "2026-03-05 17:00", "2026-03-13 00:00"),
            ("next Thursday", "2026-03-12 17:00", "2026-03-13 00:00"),
            ("next Friday", "2026-03-06 17:00", "2026-03-14 00:00"),
            ("2026-03-20", "2026-03-20 17:00", "2026-03-21 00:00"),
            ("in 2 days", "2026-03-07 12:00", "2026-03-08 00:00"),
            ("in a few days", "2026-03-09 00:00", "2026-03-11 00:00"),
            ("within 3 working days", "2026-03-09 17:00", "2026-03-10 00:00"),
            ("in a week", "2026-03-12 17:00", "2026-03-13 00:00"),
            ("in a couple of months", "2026-05-05 17:00", "2026-05-06 00:00"),
            ("5 March", "2026-03-05 17:00", "2026-03-06 00:00"),
            ("by March 9", "2026-03-09 17:00", "2026-03-10 00:00"),
            ("4 March", "2027-03-04 17:00", "2027-03-05 00:00"),
            ("9th of Sept.", "2026-09-09 17:00", "2026-09-10 00:00"),
            ("5 March 2027", "2027-03-05 17:00", "2027-03-06 00:00"),
            ("on March 5th, 2027", "2027-03-05 17:00", "2027-03-06 00:00"),
            ("29 February", "2028-02-29 17:00", "2028-03-01 00:00"),
            ("on the 5th", "2026-03-05 17:00", "2026-03-06 00:00"),
            ("on the 4th", "2026-04-04 12:00", "2026-04-05 00:00"),
            ("the 31st", "2026-03-31 17:00", "2026-04-01 00:00"),
        ],
    )
    def test_are_counted_from_when_it_was_said(self, text: str, due: str, latest: str) -> None:
        assert ends(text) == (due, latest)

    def test_after_closing_end_at_midnight(self) -> None:
        assert ends("today", "2026-03-05T18:00+01:00") == ("2026-03-06 00:00", "2026-03-06 00:00")
        assert ends("5 March", "2026-03-05T18:00+01:00") == ("2026-03-06 00:00", "2026-03-06 00:00")
        assert ends("Thursday", "2026-03-05T18:00+01:00") == ("2026-03-06 00:00", "2026-03-13 00:00")

    def test_the_next_month_that_has_the_day(self) -> None:
        assert ends("on the 31st", "2026-04-10T10:00+02:00")[1] == "2026-06-01 00:00"
        assert ends("29 February", "2097-01-10T10:00+01:00", Calendar.always("Europe/Paris"))[1] == "2104-03-01 00:00"
        assert ends("2 January", "2026-12-30T10:00+01:00")[1] == "2027-01-03 00:00"

    def test_a_month_is_no_longer_than_it_is(self) -> None:
        assert ends("in a month", "2026-01-31T10:00+01:00")[1] == "2026-03-01 00:00"
        assert ends("in 11 months", "2026-01-31T10:00+01:00")[1] == "2027-01-01 00:00"


class TestStretches:
    """A week ends on Friday at the earliest, a month on its last day."""

    @pytest.mark.parametrize(
        ("text", "due", "latest"),
        [
            ("this week", "2026-03-06 17:00", "2026-03-09 00:00"),
            ("by the end of the week", "2026-03-06 17:00", "2026-03-09 00:00"),
            ("next week", "2026-03-13 17:00", "2026-03-16 00:00"),
            ("end of the month", "2026-03-31 17:00", "2026-04-01 00:00"),
            ("next month", "2026-04-30 17:00", "2026-05-01 00:00"),
        ],
    )
    def test_have_two_readings(self, text: str, due: str, latest: str) -> None:
        assert ends(text) == (due, latest)

    def test_once_friday_has_passed_the_week_ends_on_sunday(self) -> None:
        assert ends("this week", "2026-03-07T10:00+01:00") == ("2026-03-09 00:00", "2026-03-09 00:00")
        assert ends("next month", "2026-12-07T10:00+01:00")[1] == "2027-02-01 00:00"


class TestHours:
    """An hour by the clock is an hour; a part of the day ends where the language says."""

    @pytest.mark.parametrize(
        ("text", "due", "latest"),
        [
            ("in 2 hours", "2026-03-05 12:00", "2026-03-05 12:00"),
            ("within 24h", "2026-03-06 10:00", "2026-03-06 10:00"),
            ("within the hour", "2026-03-05 11:00", "2026-03-05 11:00"),
            ("in half an hour", "2026-03-05 10:30", "2026-03-05 10:30"),
            ("in a few minutes", "2026-03-05 10:03", "2026-03-05 10:05"),
            ("within 8 working hours", "2026-03-06 09:00", "2026-03-06 09:00"),
            ("in the morning", "2026-03-05 12:00", "2026-03-06 12:00"),
            ("tomorrow morning", "2026-03-06 12:00", "2026-03-06 12:00"),
            ("tonight", "2026-03-06 00:00", "2026-03-07 00:00"),
            ("by noon", "2026-03-05 12:00", "2026-03-05 12:00"),
            ("at 9:30", "2026-03-06 09:30", "2026-03-06 09:30"),
            ("12 am tomorrow", "2026-03-06 00:00", "2026-03-06 00:00"),
            ("tomorrow at 3 pm", "2026-03-06 15:00", "2026-03-06 15:00"),
            ("tomorrow at 3:15pm", "2026-03-06 15:15", "2026-03-06 15:15"),
            ("by Friday 17:00 at the latest", "2026-03-06 17:00", "2026-03-06 17:00"),
            ("Thursday 09:00", "2026-03-12 09:00", "2026-03-12 09:00"),
            ("Thursday 11:00", "2026-03-05 11:00", "2026-03-12 11:00"),
            ("in 2 days at 10:00", "2026-03-07 10:00", "2026-03-07 10:00"),
            ("tomorrow between 8 and noon", "2026-03-06 12:00", "2026-03-06 12:00"),
            ("between 8 and noon today", "2026-03-05 12:00", "2026-03-05 12:00"),
            ("Friday between 9:30 and 11:00", "2026-03-06 11:00", "2026-03-06 11:00"),
            ("on 9 March between noon and 4 pm", "2026-03-09 16:00", "2026-03-09 16:00"),
        ],
    )
    def test_are_hours_of_the_zone(self, text: str, due: str, latest: str) -> None:
        assert ends(text) == (due, latest)

    def test_clocks_that_change(self) -> None:
        always = Calendar.always("Europe/Paris")
        before = "2026-03-28T22:00+01:00"
        assert ends("tomorrow at 2:30", before, always)[0] == "2026-03-29 03:00"
        assert ends("in 12 hours", before, always)[0] == "2026-03-29 11:00"
        twice = resolve("2:30", "2026-10-25T00:00+02:00", calendar=always)
        assert str(twice.due) == "2026-10-25 02:30:00+02:00"
        assert resolve("tomorrow", THURSDAY).zone == "UTC"


class TestRefusals:
    """What has no end is no promise."""

    @pytest.mark.parametrize(
        "text",
        [
            "soon", "asap", "as soon as possible", "shortly", "", "before Tuesday", "after Tuesday", "tomorrow at 3",
            "2026-02-30", "next week at 15:00", "in 2 hours at 15:00", "within the hour at 15:00", "3/4", "at 25:00",
            "the 5", "32 March", "30 February", "29 February 2027", "5 March 0000", "the 0th", "the 32nd", "March",
            "between 8 and noon", "tomorrow between 8 and 4", "tomorrow between 8 and",
            "tomorrow between 4 pm and noon", "5th week",
            "tomorrow between 29:00 and noon", "between 8 and noon and 4 pm tomorrow", "tomorrow between 8 and morning",
            "between Monday and Friday", "between 2 and 3 hours", "in 2 hours between 8 and noon",
        ],
    )  # fmt: skip
    def test_names_the_remedy(self, text: str) -> None:
        with pytest.raises(InvalidTimeError) as refused:
            ends(text)
        assert str(refused.value) == (
            f"date cannot be made out: {text!r}; name one, e.g. 'Tuesday 15:00' or '2026-03-05'"
        )

    @pytest.mark.parametrize(
        "text", ["2026-03-01", "today at 9:00", "4 March 2026", "today between 8 and 9:30", "the 5th at 9:00"]
    )
    def test_what_had_passed_is_none(self, text: str) -> None:
        with pytest.raises(InvalidTimeError, match=rf"^date had passed when it was said: '{text}'; name one to come$"):
            ends(text)

    def test_said_needs_a_zone(self) -> None:
        with pytest.raises(InvalidTimeError, match=r"^said has no time zone"):
            resolve("tomorrow", "2026-03-05T10:00")

    def test_a_phrase_needs_a_rule(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^rule is not known: 'century'; use one of 'day', 'weekday'"):
            Phrase("next century", "century")


class TestLanguages:
    """Another language is another value."""

    german = attrs.evolve(
        ENGLISH,
        fillers=("am", "bis", "in"),
        weekdays=("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"),
        phrases=(Phrase("morgen", "day", 1), Phrase("{weekday}", "weekday"), Phrase("übermorgen", "day", 2)),
        parts=(),
        clocks=((r"(?P<hour>\d{1,2}) uhr", 0),),
    )

    def test_has_its_own_words(self) -> None:
        assert ends("bis Dienstag", language=self.german)[0] == "2026-03-10 17:00"
        assert ends("morgen 9 Uhr", language=self.german)[0] == "2026-03-06 09:00"
        assert ends("Übermorgen", language=self.german)[0] == "2026-03-07 12:00"
        assert eval(repr(self.german)) == self.german


def test_says_how_it_was_read() -> None:
    found = resolve("by Tuesday", THURSDAY, calendar=OFFICE)
    assert (found.text, found.rule, found.zone, found.ambiguous) == ("by Tuesday", "weekday", "Europe/Paris", True)
    assert not resolve("in 2 hours", THURSDAY).ambiguous
    assert eval(repr(found)) == found
    assert isinstance(found, Resolved)


def test_beyond_the_years_of_calendars_says_so() -> None:
    with pytest.raises(HorizonError):
        resolve("9998-12-31", THURSDAY, calendar=OFFICE)
