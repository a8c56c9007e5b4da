"""News that matters: by voice first."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Event, Parties, Plan, Timeline, Touch, Verdict, Which, days, elapsed, working
from carepolicy.errors import InvalidPolicyError
from carepolicy.news import News, NewsByVoice, VoiceFirst

office = Calendar.weekly("Mon-Sun 08:00-18:00", zone="UTC")
parties = Parties(ours=["office"], partners=["shop"])


def on(day: int, kind: str, due: int | None = None, hour: int = 9, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T09:00Z"
    return Event(at=f"2026-03-{day:02}T{hour:02}:00Z", kind=kind, due=by, **{"case": "c", "party": "shop", **words})


def talk(day: int, **words: Any) -> Event:
    usual = {"direction": "outbound", "channel": "phone", "outcome": "conversation"}
    return on(day, "contact", **{**usual, **words})


def mail(day: int, **words: Any) -> Event:
    return talk(day, **{"channel": "email", "outcome": "delivered", "purpose": "news", **words})


planned, slipped = on(2, "estimate", 10), on(5, "estimate", 12)


def due(*events: Event, duty: NewsByVoice = NewsByVoice()) -> str:  # noqa: B008  (a value)
    log = Timeline([on(1, "opened"), *events])
    decision = duty.decide(log, "2026-03-31T09:00Z", calendar=office, parties=parties)
    return str(decision.due)[5:16] if decision.due else "none"


class TestNewsByVoice:
    """A call soon after there is news."""

    def test_of_a_slip_is_due(self) -> None:
        assert due(planned) == "none"
        assert due(planned, slipped) == "03-05 13:00"
        assert due(planned, slipped, duty=NewsByVoice(days(1))) == "03-06 09:00"

    def test_of_a_date_that_comes_earlier_or_hardly_moves_is_not(self) -> None:
        assert due(planned, on(5, "estimate", 8)) == "none"
        later = Event(at="2026-03-05T09:00Z", kind="estimate", due="2026-03-10T11:00Z", case="c", party="shop")
        assert due(planned, later) == "none"
        assert due(planned, later, duty=NewsByVoice(news=News(slip=elapsed(hours=1)))) == "03-05 13:00"

    @pytest.mark.parametrize(
        "news",
        [on(5, "withdrawn"), on(5, "failed"), on(5, "note", purpose="money"), on(5, "milestone", purpose="bad_news")],
    )
    def test_of_bad_news_is_due(self, news: Event) -> None:
        assert due(news) == "03-05 13:00"

    def test_other_events_are_no_news(self) -> None:
        assert due(on(5, "withdrawn", party="customer"), on(6, "milestone"), on(7, "note")) == "none"
        chosen = NewsByVoice(news=News(events=Which("milestone"), slips=()))
        assert due(planned, slipped, on(6, "milestone"), duty=chosen) == "03-06 13:00"

    @pytest.mark.parametrize("words", [{}, {"direction": "inbound"}, {"direction": ""}, {"party": "office"}])
    def test_is_done_by_a_live_talk_whoever_began_it(self, words: dict[str, str]) -> None:
        assert due(planned, slipped, talk(6, **words)) == "none"

    @pytest.mark.parametrize("words", [{"channel": "email"}, {"outcome": "voicemail"}, {"author": "automatic"}])
    def test_is_not_done_by_a_mail_or_a_voicemail(self, words: dict[str, str]) -> None:
        assert due(planned, slipped, talk(6, **words)) == "03-05 13:00"

    def test_a_talk_just_before_it_was_written_down_is_the_one_that_told_it(self) -> None:
        late = on(5, "estimate", 12, hour=10)
        assert due(planned, talk(5), late) == "none"
        assert due(planned, talk(5, hour=8), late) == "03-05 14:00"

    def test_is_allowed_from_when_there_is_news(self) -> None:
        decision = NewsByVoice().decide(Timeline([planned, slipped]), "2026-03-05T10:00Z", calendar=office)
        assert (decision.verdict, str(decision.opens)[5:10]) == (Verdict.GO, "03-05")

    def test_explains(self) -> None:
        assert NewsByVoice().explain() == "news that matters is told by voice within 4 working hours"


class TestVoiceFirst:
    """A mail before the talk."""

    guard = VoiceFirst()

    def test_waits_for_the_talk(self) -> None:
        def may(*events: Event) -> tuple[str, bool]:
            decision = self.guard.decide(Timeline([planned, *events]), "2026-03-20T09:00Z", parties=parties)
            return decision.verdict, any(reason.awaits for reason in decision.reasons)

        assert may() == (Verdict.GO, False)
        assert may(slipped) == (Verdict.WAIT, True)
        assert may(slipped, talk(6)) == (Verdict.GO, False)

    def test_a_mail_before_it_is_a_finding(self) -> None:
        plan = Plan(
            office,
            parties=parties,
            checks=(),
            news=Touch(guard=self.guard, sends=Which("contact", channel="email"), owner="shop"),
        )
        log = Timeline([on(1, "opened"), planned, mail(3), slipped, mail(6), talk(7), mail(8)])
        (finding,) = plan.audit(log, "2026-03-31T09:00Z").findings
        assert (finding.kind, finding.touch, str(finding.at)[5:10]) == ("forbidden", "news", "03-06")
        assert "waits for a live talk about the news" in finding.why

    def test_goes_into_a_plan_and_back(self) -> None:
        plan = Plan(office, news=Touch(due=NewsByVoice(), guard=VoiceFirst(News(slip=elapsed(hours=2)))))
        assert Plan.from_json(plan.to_json(), policies=[NewsByVoice, VoiceFirst]) == plan

    def test_explains(self) -> None:
        assert self.guard.explain() == "news that matters was told by voice before it is written"


class TestNews:
    """What is news, as a value."""

    def test_a_slip_is_measured_in_elapsed_time(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^slip is not in elapsed time: 1 day; use e\.g\. elapsed\(hours"):
            News(slip=days(1))
        with pytest.raises(InvalidPolicyError, match=r"^slip points backward or nowhere: -1 elapsed hour; use a span"):
            News(slip=elapsed(hours=-1))

    def test_is_told_within_a_span_that_points_forward(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^within points backward or nowhere: 0 working hours"):
            NewsByVoice(working(hours=0))
