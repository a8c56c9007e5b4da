"""Drift: what feeds it, what is no drift, and what an assessment says."""

from __future__ import annotations

import math
import pickle
import re
from typing import Any

import attrs
import pytest

from carepolicy import Cadence, Calendar, Event, Parties, Plan, Timeline, Touch, days, elapsed, working, working_days
from carepolicy.checks import Check
from carepolicy.drift import Assessment, Drift, Trend
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.tier import Tier

START = Event(at="2024-01-08T10:00Z", kind="note").at_us
DAY = 86_400_000_000
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
drift = Drift(days(10))


def on(day: float, kind: str = "contact", **words: Any) -> Event:
    return Event(at=START + round(day * DAY), kind=kind, **{"id": f"{kind}{day:g}", **words})


def talk(day: float, **words: Any) -> Event:
    usual = {"party": "agent", "direction": "outbound", "channel": "phone", "outcome": "conversation"}
    return on(day, **{**usual, **words})


def mail(day: float, **words: Any) -> Event:
    return talk(day, **{"channel": "email", "outcome": "delivered", "id": f"mail{day:g}", **words})


def rhythm(*every: float, start: float = 0) -> list[Event]:
    found, day = [talk(start)], start
    for gap in every:
        day += gap
        found.append(talk(day))
    return found


def at(day: float) -> Any:
    return on(day).at


def assess(events: list[Event], day: float, policy: Drift = drift, **more: Any) -> Assessment:
    return policy.assess(Timeline(events), at(day), **more)


def alarm_at(events: list[Event], day: float, policy: Drift = drift, **more: Any) -> Any:
    """When the alarm went off or will, to count from; None fails where it is used."""
    return assess(events, day, policy, **more).alarm_at


KEPT = rhythm(*[10, 9, 11] * 6)
"""Nineteen talks, the last on day 180."""


class TestRhythm:
    """The talks that we begin become fewer than agreed."""

    def test_a_rhythm_that_is_kept_shows_nothing(self) -> None:
        seen = assess(KEPT, 185)
        assert (seen.kind, seen.is_alarm, seen.since, seen.confidence, seen.evidence) == (
            "rhythm",
            False,
            None,
            0.0,
            (),
        )
        assert seen.rate == pytest.approx(1.0)
        assert seen.alarmed_at is None
        assert seen.why == "nothing shows that the talks that we begin thin (agreed: every 10 days)"

    def test_says_when_the_alarm_will_go_off_if_nothing_happens(self) -> None:
        alarm = assess(KEPT, 185).alarm_at
        assert alarm is not None
        assert 20 < (alarm - at(180)).total_seconds() / 86_400 < 35
        before, then = (drift.assess(Timeline(KEPT), t) for t in (alarm.subtract(microseconds=1), alarm))
        assert (before.is_alarm, before.alarm_at) == (False, alarm)
        assert (then.is_alarm, then.alarm_at, then.alarmed_at) == (True, alarm, alarm)

    def test_since_when_and_from_what(self) -> None:
        thin = [*KEPT, talk(202), talk(222), talk(245)]
        seen = assess(thin, 250)
        assert (seen.is_alarm, seen.since, seen.evidence) == (
            True, at(180), ("contact180", "contact202", "contact222", "contact245")
        )  # fmt: skip
        trend = seen.trend("rhythm")
        assert (trend.before[0], trend.before[-1], len(trend.before)) == ("contact0", "contact169", 18)
        assert trend.was == pytest.approx(1.0)
        assert seen.rate == pytest.approx(30 / 65)
        assert seen.confidence >= math.exp(-0.1)
        assert seen.why.startswith(
            "the talks that we began come at 0.46 of the agreed rate (every 10 days) since Sat 6 Jul"
        )

    def test_a_silence_grows_surer_in_steps(self) -> None:
        alarm = alarm_at(KEPT, 185)
        sure = [drift.assess(Timeline(KEPT), alarm.add(days=more)).confidence for more in (0, 5, 10, 40)]
        assert sure == sorted(sure)
        assert sure[0] == pytest.approx(math.exp(-0.1))
        last = drift.assess(Timeline(KEPT), alarm.add(days=40))
        assert last.confidence == pytest.approx(0.999)
        assert last.review_at is None
        assert last.why.startswith("there has been no talk that we began (agreed: every 10 days) since Sat 6 Jul 2024")

    def test_talks_at_the_agreed_rate_take_the_alarm_back(self) -> None:
        thin = [*KEPT, talk(205), talk(230), talk(255)]
        assert assess(thin, 256).is_alarm
        assert not assess([*thin, talk(265), talk(275)], 276).is_alarm

    def test_an_account_that_never_kept_the_rhythm_drifts_from_the_start(self) -> None:
        seen = assess(rhythm(*[20] * 12), 241)
        assert (seen.is_alarm, seen.since) == (True, at(0))
        assert seen.trend("rhythm").was is None

    def test_an_irregular_account_is_given_more_time(self) -> None:
        irregular = rhythm(*[2, 25, 4, 12, 1.5, 18, 7.5] * 3)
        regular, chance = (alarm_at(events, 212) for events in (rhythm(*[10] * 21), irregular))
        assert chance > regular.add(days=10)

    def test_a_second_call_at_once_is_the_same_talk(self) -> None:
        twice = [
            e for event in KEPT for e in (event, attrs.evolve(event, id=event.id + "b", at=event.at_us + DAY // 24))
        ]
        assert assess(twice, 185).alarm_at == assess(KEPT, 185).alarm_at

    @pytest.mark.parametrize(
        "words",
        [
            {"direction": "inbound"}, {"direction": ""}, {"channel": "email", "outcome": "delivered"},
            {"outcome": "voicemail"}, {"author": "automatic"}, {"party": "customer"}, {"party": "shop"},
        ],
    )  # fmt: skip
    def test_only_a_live_talk_that_we_begin_feeds_it(self, words: dict[str, Any]) -> None:
        more = [talk(day, **words) for day in range(190, 260, 10)]
        parties = Parties(partners=["shop"])
        assert assess([*KEPT, *more], 260, parties=parties).trend("rhythm").since == at(180)

    def test_a_cadence_stands_for_the_longest_it_allows(self) -> None:
        assert Drift(Cadence(days(10))) == Drift(days(10))
        assert Drift(Cadence(days(10), at_most=days(15))) == Drift(days(15))

    def test_who_must_begin_is_named(self) -> None:
        named = Drift(days(10), by="agent")
        assert "that agent begin thin" in assess(KEPT, 185, named).why


class TestMinimumOfEvidence:
    """Without it there is no alarm, however long the silence."""

    def test_fewer_contacts_than_asked_for(self) -> None:
        for count in (1, 2, 3, 4):
            seen = assess(rhythm(*[10] * (count - 1)), 5000)
            assert (seen.is_alarm, seen.alarm_at, seen.confidence, seen.review_at) == (False, None, 0.0, None)
            assert not seen.trend("rhythm").enough
        assert seen.why == "there are fewer than 5 contacts to tell from"
        assert assess(rhythm(*[10] * 4), 5000).is_alarm

    def test_reached_while_it_thins(self) -> None:
        thin = rhythm(*[60] * 4)
        assert not assess(thin[:4], 200).is_alarm
        assert assess(thin, 241).alarm_at == at(240)

    def test_no_contact_and_no_event_at_all(self) -> None:
        seen = assess([on(0, "sold")], 100)
        assert (seen.rate, seen.voice_share, seen.is_alarm) == (None, None, False)
        assert assess([], 100).customer == ""


class TestWhatIsNoDrift:
    """What was agreed or wished is no drift, and what is not known proves none."""

    def test_another_tier_starts_anew_under_its_own_rhythm(self) -> None:
        slow = Drift(days(10), tiers=[Tier("bronze", days(30))])
        events = [*KEPT, on(181, "tier", purpose="bronze"), *rhythm(30, 30, 30, 30, 30, start=210)]
        assert assess(events, 361).is_alarm
        seen = assess(events, 361, slow)
        assert (seen.is_alarm, seen.since) == (False, None)
        assert assess(events, 800, slow).since == at(360)

    def test_a_wish_comes_before_a_tier(self) -> None:
        policy = Drift(days(10), tiers=[Tier("gold", days(5))], wishes=[Tier("rarely", days(20), at_most=days(40))])
        events = [*KEPT, on(181, "wish", purpose="rarely"), on(182, "tier", purpose="gold"), *rhythm(40, 40, start=220)]
        assert not assess(events, 330, policy).is_alarm

    def test_naming_the_same_again_changes_nothing(self) -> None:
        named = [on(-1, "tier", purpose="gold"), *KEPT]
        again = [*named, on(190, "tier", purpose="gold"), on(191, "tier")]
        assert assess(again, 195).alarm_at == assess(named, 195).alarm_at

    def test_a_silence_after_a_change_still_counts(self) -> None:
        seen = assess([*KEPT, on(185, "tier", purpose="gold")], 260)
        assert (seen.is_alarm, seen.since, seen.evidence) == (True, at(185), ("tier185",))

    def test_an_alarm_ends_with_what_was_agreed(self) -> None:
        seen = assess([*KEPT, on(230, "tier", purpose="gold")], 231)
        assert not seen.is_alarm

    @pytest.mark.parametrize(
        "free",
        [
            [on(182, "paused", party="customer"), on(282, "resumed")],
            [on(182, "paused"), on(282, "resumed")],
            [on(182, "paused", due=at(282))],
            [on(182, "wish", due=at(282))],
            [on(182, "left"), on(282, "sold")],
            [on(182, "wish", due=at(250)), on(200, "wish", due=at(282), id="more")],
        ],
    )
    def test_time_that_the_customer_wanted_free_does_not_count(self, free: list[Event]) -> None:
        usual = alarm_at(KEPT, 181)
        assert assess([*KEPT, *free], 290).alarm_at == usual.add(days=100)

    def test_a_pause_of_one_case_by_us_is_none(self) -> None:
        paused = [on(182, "paused", case="c", party="agent"), on(282, "resumed", case="c"), on(283, "resumed", id="x")]
        assert assess([*KEPT, *paused], 290).alarm_at == assess(KEPT, 181).alarm_at

    @pytest.mark.parametrize("kind", ["paused", "left"])
    def test_while_it_lasts_there_will_be_no_alarm(self, kind: str) -> None:
        seen = assess([*KEPT, on(182, kind), on(183, kind)], 1000)
        assert (seen.is_alarm, seen.alarm_at, seen.review_at) == (False, None, None)

    def test_holidays_do_not_count(self) -> None:
        policy = Drift(working_days(5))
        talks = [talk(7 * week) for week in range(20)]
        closed = office.closed_on("2024-05-27", "2024-05-28", "2024-05-29", "2024-05-30", "2024-05-31")
        usual, later = (alarm_at(talks, 134, policy, calendar=c) for c in (office, closed))
        assert abs((later - usual.add(days=7)).total_seconds()) < 3600  # a year has one interval less

    def test_what_lies_before_the_log_is_complete_is_unknown(self) -> None:
        gap = [*rhythm(10, 10, 10, 10), *rhythm(*[10] * 9, start=300)]
        assert assess(gap, 300).is_alarm
        log = Timeline(gap, complete_since=at(250))
        seen = drift.assess(log, at(391))
        assert (seen.is_alarm, seen.since) == (False, None)
        assert seen.rate == pytest.approx(1.0)
        unknown = drift.assess(Timeline(gap, complete_since=at(3000)), at(600))
        assert (unknown.alarm_at, unknown.trend("rhythm").enough) == (None, False)


class TestShares:
    """It slides from voice to mail to text, or the customer does the calling."""

    def test_voice_gives_way_to_writing(self) -> None:
        events = [talk(day) for day in range(0, 300, 10)] + [mail(day) for day in range(300, 400, 10)]
        trend = assess(events, 400).trend("voice")
        assert (trend.is_alarm, trend.since, trend.was, trend.now) == (True, at(290), 1.0, 0.0)
        assert trend.evidence[:2] == ("contact290", "mail300")
        assert trend.alarmed_at is not None
        assert trend.alarmed_at < at(400)
        assert trend.why.startswith("the share of talks among the contacts that we began fell from 1.00 to 0.00 since")
        assert assess(events, 400).voice_share == 0.0

    def test_mail_gives_way_to_text(self) -> None:
        events = [mail(day) for day in range(0, 300, 10)]
        events += [mail(day, channel="text") for day in range(300, 400, 10)]
        seen = assess(events, 400)
        assert (seen.kind, seen.is_alarm, seen.since) == ("mail", True, at(290))
        assert not seen.trend("voice").is_alarm

    def test_the_customer_does_the_calling(self) -> None:
        theirs = [talk(day, direction="inbound", party="customer", id=f"in{day}") for day in range(305, 405, 10)]
        events = [talk(day) for day in range(0, 400, 10) if day < 300] + theirs
        trend = assess(events, 405).trend("initiative")
        assert (trend.is_alarm, trend.since, trend.now) == (True, at(290), 0.0)
        assert "the share of talks that we began fell from 1.00 to 0.00" in trend.why

    def test_who_began_must_be_known(self) -> None:
        nobody = [talk(day, direction="", id=f"in{day}") for day in range(305, 405, 10)]
        assert not assess([*(talk(day) for day in range(0, 300, 10)), *nobody], 405).trend("initiative").is_alarm

    def test_a_share_that_comes_back_takes_the_alarm_back(self) -> None:
        events = [talk(day) for day in range(0, 200, 10)] + [mail(day) for day in range(200, 240, 10)]
        assert assess(events, 240).trend("voice").is_alarm
        events += [talk(day) for day in range(240, 640, 10)]
        assert not assess(events, 640).trend("voice").is_alarm

    def test_a_wish_for_mail_is_no_drift(self) -> None:
        events = [talk(day) for day in range(0, 300, 10)] + [mail(day) for day in range(300, 400, 10)]
        assert not assess([*events, on(295, "wish", purpose="by mail")], 400).trend("voice").is_alarm

    def test_one_slip_is_no_drift(self) -> None:
        seen = assess([*(talk(day) for day in range(0, 300, 10)), mail(300)], 301).trend("voice")
        assert (seen.is_alarm, seen.alarm_at, seen.was) == (False, None, 1.0)


class TestFindings:
    """As a check of a plan: one finding for each kind and occasion."""

    plan = Plan(Calendar.always(), checks=[drift], call=Touch(due=Cadence(days(10))))

    def test_one_for_each_occasion(self) -> None:
        events = [*KEPT, talk(222), *rhythm(*[9] * 25, start=232), talk(600)]
        found = self.plan.audit(Timeline(events), at(601)).of_kind("drift")
        assert [(f.detail, f.evidence[0]) for f in found] == [
            ("rhythm", "contact180"), ("rhythm", "contact457")
        ]  # fmt: skip
        first, second = found
        assert (first.at, first.until) == (assess(KEPT, 185).alarm_at, at(250))
        assert first.instead == "a talk that we begin, every 10 days, from Sat 6 Jul 2024 10:00 on"
        assert (first.policy, first.certainty, second.until) == ("Drift", "proved", None)

    def test_an_alarm_stands_until_talks_have_taken_it_back(self) -> None:
        irregular = rhythm(*[2, 25, 4, 12, 1.5, 18, 7.5] * 3)
        events = [*irregular, *rhythm(120, 11, 10, start=240)]
        assert [assess(events[: len(irregular) + n], 390).is_alarm for n in (1, 2, 3, 4)] == [True] * 4
        found = self.plan.audit(Timeline([*events, talk(382), talk(384), talk(386)]), at(390)).of_kind("drift")
        assert [(f.detail, f.until is None) for f in found] == [("rhythm", False)]

    def test_each_customer_by_itself(self) -> None:
        other = [attrs.evolve(e, customer="acme") for e in KEPT]
        kept = [attrs.evolve(e, customer="berg") for e in rhythm(*[10] * 30)]
        found = self.plan.audit(Timeline([*other, *kept]), at(301)).of_kind("drift")
        assert [f.customer for f in found] == ["acme"]

    def test_is_a_check(self) -> None:
        assert isinstance(drift, Check)
        assert drift.explain() == (
            "talks that we begin come less often than every 10 days, writing takes the place of talks, or the customer "
            "does the calling (0.2 false alarms per account-year)"
        )


class TestValues:
    """What is asked for, and what is handed back, are values."""

    def test_of_several_customers_the_most_pressing(self) -> None:
        silent = [attrs.evolve(e, customer="acme") for e in KEPT]
        kept = [attrs.evolve(e, customer="berg") for e in rhythm(*[10] * 25)]
        assert assess([*silent, *kept], 251).customer == "acme"
        assert not assess([*silent, *kept], 251, customer="berg").is_alarm
        with pytest.raises(UnknownNameError, match="nothing is known of customer='carl'"):
            assess(silent, 251, customer="carl")

    def test_an_event_still_to_come_bounds_it(self) -> None:
        late = attrs.evolve(talk(183), recorded_at=at(186))
        assert assess([*KEPT, late], 185).review_at == at(186)

    def test_round_trips(self) -> None:
        policy = Drift(days(10), 0.1, 8, tiers=[Tier("gold", days(5))], by=["agent", "office"])
        names = {"Drift": Drift, "Tier": Tier, "days": days}
        assert eval(repr(policy), names) == policy
        seen = assess(KEPT, 250)
        assert eval(repr(seen), {"Assessment": Assessment, "Trend": Trend}) == seen
        assert pickle.loads(pickle.dumps((policy, seen))) == (policy, seen)

    def test_a_kind_that_there_is_not(self) -> None:
        with pytest.raises(
            UnknownNameError, match="kind of drift is not known: 'mood'; use one of rhythm, voice, mail"
        ):
            assess(KEPT, 185).trend("mood")

    @pytest.mark.parametrize(
        ("wrong", "text"),
        [
            ({"agreed": 10}, "agreed is not a span: 10; use e.g. working_days(10)"),
            ({"agreed": days(0)}, "agreed points backward or nowhere: 0 days; use a span of at least 1"),
            ({"false_alarms": 0.0}, "false_alarms must be above 0 and at most 1 per account-year, got 0.0"),
            ({"false_alarms": 2}, "false_alarms must be above 0 and at most 1 per account-year, got 2"),
            ({"at_least": 1}, "at_least must be at least 2 contacts, got 1"),
            ({"tiers": ["gold"]}, "tiers holds what is no Tier: 'gold'; write e.g. Tier('gold', days(7))"),
            ({"wishes": [Tier("a", days(1))] * 2}, "wishes names one twice: 'a'; keep one, or name it otherwise"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, wrong: dict[str, Any], text: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(text)):
            Drift(**{"agreed": days(10), **wrong})

    @pytest.mark.parametrize("agreed", [elapsed(hours=240), working(hours=56)])
    def test_any_span_will_do(self, agreed: Any) -> None:
        assert drift.assess(Timeline(KEPT), at(185)).rate == pytest.approx(1)
        seen = assess(KEPT, 250, Drift(agreed), calendar=office if agreed.unit == "working" else None)
        assert seen.is_alarm
