"""What to offer a customer who may be kept waiting, and what they are told."""

from __future__ import annotations

import math
from typing import Any

import pytest

from carepolicy import Calendar, Window, elapsed
from carepolicy._instant import NEVER
from carepolicy.arrival.arriving import Arriving
from carepolicy.arrival.law import Empirical
from carepolicy.arrival.options import LateOption, Losses, weigh_options
from carepolicy.arrival.promised import ArrivalPromise
from carepolicy.arrival.quote import Notice, Quote
from carepolicy.arrival.telling import Offered, Telling, tell
from carepolicy.errors import InvalidPolicyError
from carepolicy.recovery import Authority
from carepolicy.severity import Stake

NOW = "2026-03-02T09:00Z"
quote = Quote.between("2026-03-02T09:00Z", "2026-03-02T10:00Z", confidence=0.9, made_at="2026-03-01T15:00Z")
children = Stake("the children", at="2026-03-02T11:00Z", weight=5)
school = Stake("the concert", at="2026-03-02T18:00Z", weight=9)
gone = Stake("breakfast", at="2026-03-02T08:00Z", weight=9)
dispatch = Authority("dispatch", up_to=50)


def coming(first: int, last: int) -> Arriving:
    return Arriving(Empirical(range(first, last + 1)), since=NOW)


wait = LateOption("wait", "wait", arriving=coming(81, 180), work=elapsed(minutes=30))
other = LateOption(
    "another technician", "another", arriving=coming(40, 59), cost=40, work=elapsed(minutes=30),
    starts="2026-03-02T09:40Z", notice=elapsed(minutes=20),
)  # fmt: skip
tomorrow = LateOption("tomorrow", "rebook", arriving=coming(1440, 1500), cost=15)
part = LateOption("a loan device", "partial", arriving=coming(20, 40), cost=60, serves=["the concert"])


def weigh(*some: LateOption, at: str = NOW, **words: Any) -> Any:
    usual: dict[str, Any] = {"authority": dispatch, "stakes": [children, school, gone]}
    return weigh_options(some, quote, at=at, **{**usual, **words})


class TestWeighing:
    """Options, the least expected loss first."""

    def test_ranks_by_what_each_is_expected_to_cost(self) -> None:
        found = weigh(wait, other, tomorrow, losses=Losses(per_minute=1, per_weight=10))
        assert [w.option.name for w in found.offers] == ["another technician", "wait", "tomorrow"]
        best = found.offers[0]
        assert (best.loss, best.late, best.authority) == (40, 0, "dispatch")
        assert best.keeps == (("the concert", 1), ("the children", 1))
        assert str(best.choose_by) == "2026-03-02 09:20:00+00:00"
        second = found.offers[1]
        assert second.keeps[1] == ("the children", pytest.approx(0.1))
        assert second.loss == pytest.approx(45 + 70.5, rel=0.01)
        assert (second.late, second.choose_by) == (1, None)

    def test_says_what_each_keeps_and_until_when(self) -> None:
        assert str(weigh(other, part, stakes=[children])) == (
            "another technician: expected loss 40, keeps the children with 100 %, if chosen by Mon 2 Mar 2026 09:20; "
            "a loan device: ask whoever may, keeps the children with 0 %"
        )

    def test_holds_until_something_can_no_longer_be_chosen(self) -> None:
        found = weigh(wait, other)
        assert str(found.review_at) == "2026-03-02 09:20:00.000001+00:00"
        later = weigh(wait, other, at="2026-03-02T09:21Z")
        assert [option.name for option, _ in later.refused] == ["another technician"]
        assert weigh(wait, stakes=[]).review_us == NEVER

    def test_keeps_to_the_authority(self) -> None:
        found = weigh(part, above=[Authority("lead", up_to=100)])
        assert (found.offers, found.beyond[0].authority) == ((), "lead")
        assert weigh(part).beyond[0].authority == ""

    def test_counts_a_part_for_what_it_serves(self) -> None:
        assert weigh(part).beyond[0].keeps == (("the concert", 1.0), ("the children", 0.0))
        assert LateOption("x", "partial", serves="the concert").serves == frozenset({"the concert"})

    def test_counts_what_nobody_knows_as_missed(self) -> None:
        unknown = LateOption("some day", "rebook")
        found = weigh(unknown, losses=Losses(per_minute=1)).offers[0]
        assert (found.late, found.loss, found.keeps[0][1]) == (1, math.inf, 0)
        spent = LateOption("wait", "wait", arriving=Arriving(Empirical([0]), since=NOW))
        assert weigh(spent, losses=Losses(per_minute=1)).offers[0].loss == math.inf

    @pytest.mark.parametrize(
        ("option", "why"),
        [
            (
                LateOption("x", "another", starts="2026-03-02T09:10Z", notice=elapsed(minutes=20)),
                "not enough notice: it had to be chosen by Mon 2 Mar 2026 08:50",
            ),
            (
                LateOption("x", "rebook", arriving=coming(1, 99), hours=Calendar.weekly("Tue 09:00-17:00", zone="UTC")),
                "closed when they are likely there: Mon 2 Mar 2026 09:50",
            ),
            (
                LateOption("x", "wait", arriving=coming(1, 100), work=elapsed(minutes=30), until="2026-03-02T10:30Z"),
                "past the end at Mon 2 Mar 2026 10:30: over by then with 60 %, 80 % needed",
            ),
        ],
    )
    def test_refuses_with_the_reason(self, option: LateOption, why: str) -> None:
        found = weigh(option, tomorrow)
        assert found.refused == ((option, why),)
        assert f"x: not possible, {why}" in str(found)

    def test_offers_what_is_open_and_over_in_time(self) -> None:
        hours = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
        fits = LateOption("x", "wait", arriving=coming(1, 100), hours=hours, until="2026-03-02T10:30Z")
        assert weigh(fits).refused == ()
        assert weigh(LateOption("y", "rebook", hours=hours, until="2026-03-02T10:30Z")).refused == ()

    def test_refuses_what_cannot_be_meant(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"options share a name: \['wait', 'wait'\]; name each apart"):
            weigh(wait, wait)
        with pytest.raises(
            InvalidPolicyError, match="kind is not known: 'voucher'; use one of wait, another, rebook, pa"
        ):
            LateOption("x", "voucher")
        with pytest.raises(InvalidPolicyError, match="at is before the estimate"):
            weigh(wait, at="2026-03-02T08:59Z")
        with pytest.raises(InvalidPolicyError, match="per_minute must be a number from 0, got -1"):
            Losses(per_minute=-1)


class TestTelling:
    """The facts of a message, in plain words."""

    promise = ArrivalPromise.first("job 7", quote, zone="Europe/Paris")
    warning = Notice("warning", sent_at=NOW, chance=0.6)

    def test_says_what_was_promised_what_is_so_now_and_what_to_choose(self) -> None:
        window = Quote.between("2026-03-02T10:20Z", "2026-03-02T11:40Z", confidence=0.9, made_at=NOW).window
        draft = self.promise.draft(Notice("warning", sent_at=NOW, chance=0.6, window=window))
        told = tell(
            self.promise, draft, cause="the visit before takes longer.",
            choice=weigh(wait, other, part, losses=Losses(per_minute=1)), next_word="2026-03-02T09:30Z",
            grid=15, confidence=0.8,
        )  # fmt: skip
        assert told.parts == (
            "We promised to be with you between Mon 2 Mar 2026 10:00 and 11:00.",
            "We may be late.",
            "We now expect to be with you between Mon 2 Mar 2026 11:20 and 12:40.",
            "The reason: the visit before takes longer.",
            (
                "You can choose: another technician, between Mon 2 Mar 2026 10:30 and 11:00 "
                "(please say so by Mon 2 Mar 2026 10:20); wait, between Mon 2 Mar 2026 11:30 and 13:00."
            ),
            "You will hear from us again by Mon 2 Mar 2026 10:30.",
        )
        assert told.text() == " ".join(told.parts)
        assert str(told.next_word) == "2026-03-02 10:30:00+01:00"
        recorded = self.promise.record(draft)
        assert tell(recorded, draft).promised == quote.window

    def test_is_honest_where_no_time_is_known(self) -> None:
        draft = self.promise.draft(self.warning)
        problem = "next_word is missing: no time is known for 'job 7'; say by when the customer hears again"
        with pytest.raises(InvalidPolicyError, match=problem):
            tell(self.promise, draft)
        told = tell(self.promise, draft, next_word="2026-03-02T09:30Z")
        assert told.parts[2:] == (
            "We do not know the new time yet.", "You will hear from us again by Mon 2 Mar 2026 10:30."
        )  # fmt: skip
        with pytest.raises(InvalidPolicyError, match="next_word is not after the message: next_word=2026-03-02T09:00"):
            tell(self.promise, draft, next_word=NOW)

    def test_takes_a_warning_back(self) -> None:
        warned = self.promise.record(self.promise.draft(self.warning))
        told = tell(warned, warned.draft(Notice("all_clear", sent_at=NOW, chance=0.1)))
        assert told.parts[1:] == ("We expect to keep that after all.",)

    @pytest.mark.parametrize(
        ("about", "does"),
        [("arrival", "be with you"), ("start", "begin the work"), ("completion", "have finished the work")],
    )
    def test_says_which_of_three_events_it_is_about(self, about: str, does: str) -> None:
        promise = ArrivalPromise.first("j", quote, about=about)
        told = tell(promise, promise.draft(quote, number=1))
        assert told.text() == f"We promise to {does} between Mon 2 Mar 2026 09:00 and 10:00."
        again = Quote.between("2026-03-02T09:30Z", "2026-03-02T09:50Z", confidence=0.9, made_at=NOW)
        assert tell(promise, promise.draft(again)).parts[1].startswith(f"We now promise to {does} between")

    def test_names_no_time_of_an_option_where_none_is_known(self) -> None:
        choice = weigh(LateOption("some day", "rebook"), LateOption("soon", "wait", arriving=coming(1, 2)))
        draft = self.promise.draft(self.warning)
        told = tell(self.promise, draft, choice=choice, next_word="2026-03-02T09:30Z")
        assert {offer.window for offer in told.offers} == {None}

    def test_is_a_value(self) -> None:
        told = Telling("warning", "arrival", Window(closes=NOW), None, offers=(Offered("wait"),))
        assert eval(repr(told)) == told
        assert told.next_word is None

    def test_options_rebuild_from_their_repr(self) -> None:
        hours = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
        full = LateOption("x", "wait", hours=hours, until="2026-03-02T10:30Z", serves=["b", "a"])
        for option in (wait, other, tomorrow, part, full):
            assert eval(repr(option)) == option
