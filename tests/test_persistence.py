"""Persistence: which step is next, in which window, why, and that it never ends by itself."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from carepolicy import (  # noqa: F401  (some for what repr builds)
    ALWAYS,
    Calendar,
    ContactHours,
    Event,
    Parties,
    Plan,
    Timeline,
    Touch,
    Verdict,
    Which,
    days,
    elapsed,
    working,
    working_days,
)
from carepolicy._codec import Codec
from carepolicy.caps import AttemptCap
from carepolicy.errors import InvalidCalendarError, InvalidPolicyError, UnknownNameError
from carepolicy.persistence import Persistence
from carepolicy.rungs import DEFAULT, Rung, Step

office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-18:00", zone="Europe/Berlin")
ladder = Persistence.default()


def on(day: int, time: str, kind: str = "contact", **words: Any) -> Event:
    """An event of March 2026, on a wall clock in Berlin; the second is a Monday."""
    return Event(at=f"2026-03-{day:02}T{time}+01:00", kind=kind, **{"party": "agent", **words})


def call(day: int, time: str, outcome: str = "no_answer", **words: Any) -> Event:
    return on(day, time, **{"channel": "phone", "direction": "outbound", "outcome": outcome, **words})


def mail(day: int, time: str, **words: Any) -> Event:
    usual = {"channel": "email", "direction": "outbound", "outcome": "delivered", "author": "human"}
    return on(day, time, **{**usual, **words})


def step(*events: Event, at: str = "20T09:00", policy: Persistence = ladder, **options: Any) -> Step:
    now = f"2026-03-{at}+01:00"
    return policy.next_step(Timeline(events), now, **{"calendar": office, **options})


def window(found: Step) -> str:
    """Its bounds as day and wall time in Berlin."""
    assert found.window is not None
    ends = (found.window.opens, found.window.closes)
    return " to ".join("-" if end is None else end.in_timezone("Europe/Berlin").format("D HH:mm") for end in ends)


FIRST = (call(2, "09:00"), call(2, "09:05", "voicemail"))
SECOND = (*FIRST, mail(2, "09:30"), call(3, "14:00"))
THIRD = (*SECOND, call(4, "17:10", party="colleague"))
TALK = {"channel": "phone", "outcome": "conversation"}


class TestDefault:
    """Call, voicemail, the mail on the same day, again at another time of day, then the team, then up."""

    def test_is_empty_where_nobody_has_to_be_reached(self) -> None:
        found = step()
        assert (found.channel, found.rung, found.who, found.why) == ("", 0, "", "nobody has to be reached")
        assert (found.window, found.due, found.review_at) == (None, None, None)
        assert (found.to_data()["opens"], found.to_data()["closes"]) == (None, None)

    def test_a_message_that_got_no_answer_asks_for_a_call(self) -> None:
        found = step(mail(2, "17:30", direction="inbound", party="customer"), at="02T17:31")
        assert (found.channel, found.rung, found.who) == ("phone", 1, "the owner")
        assert window(found) == "2 17:30 to 2 18:00"
        assert found.why == "nobody was spoken to since Mon 2 Mar 2026 17:30, so call"

    def test_a_call_that_was_not_answered_asks_for_a_voicemail(self) -> None:
        found = step(*FIRST[:1], at="02T09:01")
        assert (found.channel, found.rung, window(found)) == ("voicemail", 2, "2 09:00 to 2 12:00")
        assert found.why == "the call of Mon 2 Mar 2026 09:00 was not answered, so call and leave a voicemail"

    def test_a_voicemail_asks_for_a_mail_on_the_same_day(self) -> None:
        found = step(*FIRST, at="02T09:10")
        assert (found.channel, found.rung, window(found)) == ("email", 3, "2 09:05 to -")
        assert str(found.due) == "2026-03-02 13:05:00+01:00"
        assert (
            found.why == "a voicemail was left on Mon 2 Mar 2026 09:05, so a mail on the same day repeats what was said"
        )
        late = step(call(2, "17:59", "voicemail"), call(2, "22:00", "voicemail"), at="02T23:00")
        assert str(late.due) == "2026-03-03 00:00:00+01:00"

    def test_then_calls_on_the_next_working_day_at_another_time(self) -> None:
        found = step(*FIRST, mail(2, "09:30"), at="02T09:31")
        assert (found.channel, found.rung, window(found)) == ("phone", 4, "3 13:00 to 3 18:00")
        assert found.why == (
            "nobody was spoken to since Mon 2 Mar 2026 09:00, so call again, as the last call was on "
            "Mon 2 Mar 2026 09:05, at another time of day than before"
        )
        friday = (call(6, "15:00", "voicemail"), mail(6, "15:10"))
        assert window(step(*friday, at="06T16:00")) == "9 08:00 to 9 12:00"

    def test_then_the_team_calls_in_the_part_of_the_day_that_is_left(self) -> None:
        found = step(*SECOND, at="03T15:00")
        assert (found.rung, found.who, window(found)) == (5, "another person of the team", "4 17:00 to 4 18:00")

    def test_avoids_the_last_part_of_the_day_where_all_were_tried(self) -> None:
        early = Persistence(rungs=(*DEFAULT[:5], DEFAULT[4], DEFAULT[5]))
        found = step(*THIRD, at="04T18:00", policy=early)
        assert (found.rung, window(found)) == (6, "5 08:00 to 5 12:00")

    def test_then_goes_up_and_is_not_closed(self) -> None:
        found = step(*THIRD, on(4, "17:30", "closed", case="c"), at="04T18:00")
        assert (found.channel, found.rung, found.who, window(found)) == (
            "escalate",
            6,
            "the next level",
            "5 08:00 to -",
        )
        assert found.why == (
            "every rung was tried since Mon 2 Mar 2026 09:00 and nobody was spoken to, so it goes up; it is not closed"
        )

    def test_the_next_level_begins_at_the_first_rung(self) -> None:
        up = on(5, "09:00", "escalated", party="head of care")
        found = step(*THIRD, up, at="05T09:10")
        assert (found.channel, found.rung, found.who) == ("phone", 1, "whoever it was escalated to")
        later = step(*THIRD, up, call(5, "09:20"), at="05T09:30")
        assert (later.channel, later.who) == ("voicemail", "whoever it was escalated to")

    def test_a_mail_is_not_taken_for_a_call(self) -> None:
        found = step(*FIRST[:1], on(2, "09:30", "escalated"), mail(2, "10:00"), at="02T10:01")
        assert (found.channel, found.rung) == ("phone", 1)


class TestEnds:
    """Only with a live talk with the right person, or when the customer wants no more."""

    @pytest.mark.parametrize(
        "event",
        [
            on(9, "09:00", **TALK, direction="inbound"),
            on(9, "09:00", **TALK, direction="outbound"),
            on(9, "09:00", **{**TALK, "channel": "visit"}),
            on(9, "09:00", "declined", party="customer"),
            on(9, "09:00", "declined", party="customer", purpose="call"),
            on(9, "09:00", "withdrawn", party="customer"),
            on(9, "09:00", "left"),
        ],
        ids=repr,
    )
    def test_ends(self, event: Event) -> None:
        assert step(*SECOND, event).channel == ""

    @pytest.mark.parametrize(
        "event",
        [
            on(9, "09:00", "closed", case="c"),
            on(9, "09:00", "completed", case="c"),
            on(9, "09:00", "declined", party="agent"),
            on(9, "09:00", "declined", party="customer", purpose="marketing"),
            on(9, "09:00", "withdrawn", party="customer", ref="payment"),
            on(9, "09:00", "withdrawn"),
            mail(9, "09:00", direction="inbound", party="customer"),
            mail(9, "09:00", direction="inbound", party="customer", author="automatic", outcome="out_of_office"),
            call(9, "09:00", "voicemail", direction="inbound", party="customer"),
            on(9, "09:00", **TALK, author="automatic"),
            mail(9, "09:00"),
        ],
        ids=repr,
    )
    def test_does_not_end(self, event: Event) -> None:
        assert step(*SECOND, event).channel != ""

    def test_who_came_back_is_looked_after_again(self) -> None:
        assert step(*SECOND, on(9, "09:00", "left"), on(10, "09:00", "sold")).channel != ""

    def test_only_with_the_right_person(self) -> None:
        boss = Persistence(person="owner")
        talk = on(4, "09:00", **TALK, direction="outbound", person="secretary")
        assert step(*FIRST, talk).channel == ""
        assert step(*FIRST, talk, policy=boss).channel != ""
        assert step(*FIRST, on(4, "09:00", **TALK, person="owner"), policy=boss).channel == ""


class TestBegins:
    """With what made it necessary; only what was tried since then counts."""

    def test_only_attempts_since_the_last_talk_count(self) -> None:
        found = step(*THIRD, on(5, "09:00", **TALK), call(6, "09:00"), at="06T09:01")
        assert (found.channel, found.rung) == ("voicemail", 2)
        again = step(*THIRD, on(5, "09:00", **TALK), call(6, "09:00", "voicemail"), mail(6, "09:10"), at="06T09:20")
        assert window(again) == "9 13:00 to 9 18:00", "the afternoons before the talk do not count"

    def test_a_message_that_was_answered_in_writing_asks_for_nothing(self) -> None:
        asked = mail(2, "09:00", direction="inbound", party="customer")
        assert step(asked, mail(2, "10:00")).channel == ""
        assert step(asked, mail(2, "10:00", author="automatic")).channel == "phone"

    def test_an_automatic_message_asks_for_nothing(self) -> None:
        assert step(mail(2, "09:00", direction="inbound", author="automatic")).channel == ""
        assert step(mail(2, "09:00", direction="inbound", outcome="out_of_office")).channel == ""

    def test_with_the_events_named(self) -> None:
        incident = Persistence(after=Which("incident"))
        assert step(*FIRST, policy=incident).channel == ""
        found = step(*FIRST, on(3, "10:00", "incident"), at="03T10:00", policy=incident)
        assert (found.rung, window(found)) == (1, "3 10:00 to 3 12:00")

    def test_since_an_instant(self) -> None:
        found = step(*FIRST, since="2026-03-05T11:00+01:00", at="05T11:00")
        assert (found.rung, window(found)) == (1, "5 11:00 to 5 12:00")
        assert step(since="2026-03-05T11:00+01:00", at="05T11:00").rung == 1, "of nothing known"
        assert step(on(6, "09:00", **TALK), since="2026-03-05T11:00+01:00", at="06T11:00").rung == 0

    def test_each_case_by_itself_where_told_to(self) -> None:
        by_case = Persistence(scope="case")
        log = [call(2, "09:00", case="a"), call(2, "10:00", "voicemail", case="b")]
        assert [step(*log, at="02T10:30", policy=by_case, case=case).channel for case in "ab"] == ["voicemail", "email"]
        assert step(*log, at="02T10:30", policy=by_case, case="a", since="2026-03-02T10:20+01:00").rung == 1

    def test_of_several_customers_the_most_pressing(self) -> None:
        log = [call(2, "09:00", customer="ann"), call(2, "09:30", "voicemail", customer="bob")]
        assert step(*log, at="02T15:00").key.startswith("bob/")
        assert step(*log, at="02T15:00", customer="ann").channel == "voicemail"
        with pytest.raises(UnknownNameError, match=re.escape("nothing is known of customer='eve', case='x' at 2026-")):
            step(*log, customer="eve", case="x")

    def test_who_acts_may_be_named(self) -> None:
        named = Persistence(by="agent")
        assert step(call(2, "09:00", party="shop"), policy=named).channel == ""
        assert step(call(2, "09:00", party="customer")).channel == ""
        shop = call(2, "09:00", party="shop")
        assert step(shop, at="02T09:30", parties=Parties(partners="shop")).channel == "voicemail"


class TestVoicemail:
    """A voicemail on any rung is followed by the mail."""

    def test_on_a_later_rung(self) -> None:
        found = step(*SECOND[:3], call(3, "14:00", "voicemail"), at="03T14:01")
        assert (found.channel, found.rung, found.who) == ("email", 3, "the owner")
        after = step(*SECOND[:3], call(3, "14:00", "voicemail"), mail(3, "14:30"), at="03T15:00")
        assert (after.channel, after.rung) == ("phone", 5)

    @pytest.mark.parametrize("words", [{"author": "automatic"}, {"outcome": "bounced"}, {"direction": ""}])
    def test_is_not_repeated_by_less(self, words: dict[str, str]) -> None:
        assert step(*FIRST, mail(2, "09:30", **words), at="02T10:00").channel == "email"

    def test_a_letter_or_a_chat_will_do(self) -> None:
        assert step(*FIRST, mail(2, "09:30", channel="chat"), at="02T10:00").channel == "phone"

    def test_where_none_can_be_left_calling_on_the_next_day_goes_on(self) -> None:
        soon, later = call(2, "09:20"), call(2, "15:00")
        assert step(FIRST[0], soon, at="02T09:30").channel == "voicemail"
        assert step(FIRST[0], soon, later, at="02T15:01").channel == "voicemail"
        found = step(FIRST[0], soon, later, call(3, "17:30"), at="03T17:31")
        assert (found.rung, found.who) == (5, "another person of the team")

    @pytest.mark.parametrize("purpose", ["marketing", "survey"])
    def test_is_not_repeated_by_what_sells_or_asks(self, purpose: str) -> None:
        found = step(*FIRST, mail(2, "09:30", purpose=purpose), at="02T10:00")
        assert (found.channel, found.rung) == ("email", 3)
        asked = mail(2, "09:00", direction="inbound", party="customer")
        assert step(asked, mail(2, "10:00", purpose=purpose), at="02T10:01").channel == "phone"


DAY = (call(2, "08:00"), call(2, "11:00"), call(2, "14:00"))


class TestRungs:
    """Each is taken by what it asks for, and by nothing else."""

    def test_calls_of_one_day_ask_for_a_voicemail_on_that_day(self) -> None:
        found = step(*DAY, at="02T16:30")
        assert (found.channel, found.rung, window(found)) == ("voicemail", 2, "2 14:00 to 2 18:00")
        assert step(*DAY[:2], at="02T11:01").channel == "voicemail"

    def test_then_for_a_mail_where_nobody_is_there_any_more_to_leave_one(self) -> None:
        found = step(*DAY, at="02T18:00")
        assert (found.channel, found.rung, window(found)) == ("email", 3, "2 14:00 to 3 00:00")
        assert str(found.review_at) == "2026-03-03 00:00:00+01:00"
        assert found.why == (
            "the call of Mon 2 Mar 2026 14:00 was not answered and no voicemail can be left on its day, so send a mail "
            "instead"
        )
        late = step(call(2, "18:30"), at="02T18:31")
        assert (late.channel, window(late)) == ("email", "2 18:30 to 3 00:00")
        capped = step(*DAY, at="02T16:30", guard=AttemptCap(3, days(1)))
        assert capped.channel == "email", "the cap leaves no voicemail on this day"

    def test_then_for_a_call_on_the_next_working_day(self) -> None:
        for at in ("03T00:00", "03T09:00"):
            found = step(*DAY, at=at)
            assert (found.rung, found.who, window(found)) == (4, "the owner", "3 17:00 to 3 18:00")
        sent = step(*DAY, mail(2, "18:10"), at="02T18:11")
        assert (sent.rung, window(sent)) == (4, "3 17:00 to 3 18:00")
        assert str(step(*DAY, at="03T09:00").due) == "2026-03-02 18:00:00+01:00", "what was missed stays overdue"

    def test_voicemails_and_mails_of_one_day_reach_the_next_day(self) -> None:
        log = [one for hour in (8, 11, 14) for one in (call(2, f"{hour:02}:00", "voicemail"), mail(2, f"{hour:02}:10"))]
        assert (step(*log, at="02T16:30").rung, window(step(*log, at="02T16:30"))) == (4, "3 17:00 to 3 18:00")

    def test_a_ladder_without_another_call_waits_for_the_voicemail(self) -> None:
        short = Persistence(rungs=(Rung("phone"), Rung("voicemail"), Rung("email"), Rung("escalate")))
        assert [step(FIRST[0], at=at, policy=short).channel for at in ("02T10:00", "02T19:00", "03T09:00")] == [
            "voicemail", "email", "email",
        ]  # fmt: skip
        shorter = Persistence(rungs=(Rung("phone"), Rung("email"), Rung("voicemail"), Rung("escalate")))
        assert step(FIRST[0], mail(2, "09:30"), at="05T09:00", policy=shorter).channel == "voicemail"

    @pytest.mark.parametrize(
        ("again", "rung"),
        [
            (call(2, "14:00"), 4),
            (call(3, "09:30"), 4),
            (call(3, "14:00"), 5),
            (call(3, "20:00"), 5),
            (call(3, "14:00", party=""), 5),
        ],
        ids=["the same day", "the same time of day", "another", "after hours", "of nobody named"],
    )
    def test_a_call_again_comes_on_a_later_day_at_another_time(self, again: Event, rung: int) -> None:
        assert step(*FIRST, mail(2, "09:30"), again, at="03T21:00").rung == rung

    def test_a_day_off_is_no_working_day(self) -> None:
        friday = (call(6, "09:00", "voicemail"), mail(6, "09:10"))
        assert step(*friday, call(7, "14:00"), at="07T15:00").rung == 4
        assert step(*friday, call(9, "14:00"), at="09T15:00").rung == 5
        thursday = (call(5, "09:00", "voicemail"), mail(5, "09:10"))
        assert step(*thursday, call(7, "14:00"), at="07T15:00").rung == 4
        assert step(*thursday, call(9, "14:00"), at="09T15:00").rung == 5

    @pytest.mark.parametrize(("party", "rung"), [("agent", 5), ("", 5), ("colleague", 6)])
    def test_the_team_is_somebody_else(self, party: str, rung: int) -> None:
        assert step(*SECOND, call(4, "17:10", party=party), at="05T09:00").rung == rung

    def test_who_called_too_early_may_call_again(self) -> None:
        early = call(3, "15:00", party="colleague")
        assert step(*SECOND, early, at="03T16:00").rung == 5
        assert step(*SECOND, early, call(4, "17:10", party="colleague"), at="05T09:00").rung == 6

    def test_a_plan_tells_days_apart_in_its_calendar(self) -> None:
        """With a zone of its own, or laid in the calendar beforehand, it is the same."""
        plan = Plan(office, call=Touch(due=ladder))
        there = Plan(office, call=Touch(due=Persistence(zone="Europe/Berlin")))
        laid = Plan(office, call=Touch(due=ladder.in_calendar(office)))
        for log in (DAY, SECOND):
            dues = {
                str(next(iter(p.review(Timeline(log), at="2026-03-03T15:00+01:00"))).due) for p in (plan, there, laid)
            }
            assert dues == {str(step(*log, at="03T15:00").due)}


class TestBounds:
    """Caps and quiet hours bound the window."""

    def test_a_cap_moves_a_call_and_no_mail(self) -> None:
        cap = AttemptCap(2, days(3))
        found = step(*FIRST, mail(2, "09:30"), at="02T09:31", guard=cap)
        assert window(found) == "5 13:00 to 5 18:00"
        assert found.why.endswith("; at most 2 attempts in any 3 days: from Thu 5 Mar 2026 09:00")
        assert window(step(*FIRST, at="02T09:31", guard=cap)) == "2 09:05 to -"

    def test_hours_are_meant_where_the_customer_is(self) -> None:
        hours = Calendar.weekly("Mon-Sun 09:00-20:00", zone="Europe/Berlin")
        log = [mail(2, "08:10", direction="inbound")]
        assert window(step(*log, at="02T08:11", hours=hours)) == "2 09:00 to 2 12:00"
        assert window(step(*log, at="02T08:11", hours=hours, zone="America/New_York")) == "2 15:00 to 2 18:00"
        own = Persistence(hours=hours, zone="America/New_York")
        assert window(step(*log, at="02T08:11", policy=own)) == "2 15:00 to 2 18:00"
        assert (
            window(step(*log, at="02T08:11", hours=ContactHours(hours), zone="Europe/Lisbon")) == "2 10:00 to 2 12:00"
        )

    def test_the_parts_of_the_day_are_those_of_the_customer(self) -> None:
        log = [call(2, "17:00", "voicemail"), mail(2, "17:10")]
        assert window(step(*log, at="02T17:20")) == "3 08:00 to 3 12:00"
        found = step(*log, at="02T17:20", zone="America/New_York")
        assert window(found) == "3 08:00 to 3 12:00", "11:00 there was a morning, and we are open in no other part"
        hours = Calendar.weekly("Mon-Fri 08:00-22:00", zone="Europe/Berlin")
        assert window(step(*log, at="02T17:20", zone="America/New_York", calendar=hours)) == "3 18:00 to 3 22:00"

    def test_a_part_of_the_day_that_is_never_open_is_no_other_time(self) -> None:
        mornings = Calendar.weekly("Mon-Fri 08:00-12:00", zone="Europe/Berlin")
        found = step(*FIRST, mail(2, "09:30"), at="02T09:31", calendar=mornings)
        assert window(found) == "3 08:00 to 3 12:00"

    def test_a_part_that_met_our_hours_in_the_past_only_is_none(self) -> None:
        log = (*FIRST, mail(2, "09:30"), call(3, "14:00"))
        hours = Calendar.weekly("Mon-Sun 08:00-21:00", zone="Europe/Lisbon")
        assert window(step(*log, at="03T15:00", hours=hours)) == "4 09:00 to 4 12:00"

    def test_hours_that_come_to_an_end_have_no_parts(self) -> None:
        from carepolicy import Window

        some = Calendar.only(Window("2026-03-02T08:00+01:00", "2026-03-05T18:00+01:00"), zone="Europe/Berlin")
        assert window(step(*FIRST, mail(2, "09:30"), at="02T09:31", calendar=some)) == "3 00:00 to 5 18:00"
        assert (
            window(step(*FIRST, mail(2, "09:30"), call(4, "14:00"), at="04T15:00", calendar=some))
            == "5 00:00 to 5 18:00"
        )

    def test_mail_keeps_quiet_hours(self) -> None:
        hours = Calendar.weekly("Mon-Sun 09:00-17:00", zone="Europe/Berlin")
        assert window(step(call(2, "17:30", "voicemail"), at="02T17:31", hours=hours)) == "3 09:00 to 3 17:00"

    def test_hours_that_never_meet_are_refused(self) -> None:
        night = Calendar.weekly("Mon-Sun 20:00-22:00", zone="Europe/Berlin")
        with pytest.raises(InvalidCalendarError, match="calendar never opens"):
            step(*FIRST, hours=night)


class TestStep:
    """A step is a value, and says when to look again."""

    def test_has_a_key_for_each_attempt(self) -> None:
        keys = [step(*THIRD[:n], at="04T18:00").key for n in range(1, 6)]
        assert len(set(keys)) == 5
        assert step(*THIRD[:2], at="02T10:00").key == step(*THIRD[:2], at="02T13:30").key

    def test_says_when_to_look_again(self) -> None:
        assert str(step(*FIRST[:1], at="02T09:01").review_at) == "2026-03-02 12:00:00+01:00"
        coming = Event(at="2026-03-02T09:10+01:00", kind="note")
        assert str(step(FIRST[0], coming, at="02T09:01").review_at) == "2026-03-02 09:10:00+01:00"

    def test_is_plain_data(self) -> None:
        found = step(*FIRST[:1], at="02T09:01")
        data = json.loads(json.dumps(found.to_data()))
        assert data["opens"], data["closes"] == ("2026-03-02T09:00:00+01:00", "2026-03-02T12:00:00+01:00")
        assert list(data) == ["channel", "opens", "closes", "why", "who", "rung", "due", "review_at", "key"]
        assert eval(repr(found), {**globals(), "Window": type(found.window)}) == found


class TestDuty:
    """The ladder is a duty, too: it composes with others."""

    def test_is_due_when_the_next_step_is(self) -> None:
        decision = ladder.decide(Timeline(FIRST), "2026-03-02T10:00+01:00", calendar=office)
        assert (decision.verdict, str(decision.due)) == (Verdict.GO, "2026-03-02 13:05:00+01:00")
        assert ladder.decide(Timeline(FIRST), "2026-03-02T14:00+01:00", calendar=office).verdict == Verdict.OVERDUE
        assert not ladder.decide(Timeline(()), "2026-03-02T14:00+01:00", calendar=office).owes

    def test_says_so_in_words(self) -> None:
        assert ladder.explain() == (
            "until somebody was spoken to: phone, then voicemail, then email, then phone, then phone, then escalate"
        )
        assert eval(repr(ladder)) == ladder == Persistence()

    def test_is_written_to_a_plan_and_read_back(self) -> None:
        codec = Codec((Persistence, AttemptCap))
        mine = Persistence(DEFAULT[2:], Which("incident"), "agent", "owner", hours=office, zone="Europe/Lisbon")
        for policy in (ladder, mine, AttemptCap(2, days(1), ("note", Which("contact", by="us")))):
            assert codec.decode(json.loads(json.dumps(codec.encode(policy))), "due") == policy

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"rungs": ()}, "ladder does not end by escalating, once: no rungs; let Rung('escalate') be its last"),
            ({"rungs": DEFAULT[:5]}, "ladder does not end by escalating, once: phone, voicemail, email, phone, phone;"),
            ({"rungs": (DEFAULT[5], *DEFAULT)}, "ladder does not end by escalating, once: escalate, phone"),
            (
                {"rungs": (DEFAULT[0], DEFAULT[5])},
                "ladder lacks the mail that repeats what a voicemail said: phone, esc",
            ),
            ({"apart": days(1)}, "apart is not elapsed time: days(1); use e.g. elapsed(hours=2)"),
            ({"scope": "claim"}, "scope is not known: 'claim'"),
        ],
    )
    def test_refuses(self, fields: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Persistence(**fields)

    def test_refuses_parts_of_the_day_that_cannot_be_read(self) -> None:
        with pytest.raises(InvalidCalendarError):
            Persistence(parts="morning")

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"channel": "fax"}, "channel of a rung is not known: 'fax'; use one of phone, voicemail, email, escalate"),
            ({"channel": "phone", "wait": -1}, "wait must be a whole number of working days from 0, got -1"),
            ({"channel": "phone", "wait": True}, "wait must be a whole number of working days from 0, got True"),
            ({"channel": "phone", "within": days(0)}, "within points backward or nowhere: 0 days"),
        ],
    )
    def test_refuses_such_a_rung(self, fields: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Rung(**fields)
