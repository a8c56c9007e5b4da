"""Hours of contact: nothing goes out outside them, wherever the customer is."""

from __future__ import annotations

import pytest

from carepolicy import Calendar, ContactHours, Facts, NoTrouble, QuietHours, Timeline, Verdict
from carepolicy.errors import InvalidCalendarError, InvalidPolicyError, UnknownZoneError

NOW = "2026-03-10T09:00Z"
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/Paris")


class TestContactHours:
    """Only while these hours are open, in the zone of the recipient."""

    def test_holds_until_they_open(self) -> None:
        guard = ContactHours(office)
        assert guard.open_hours() is office
        decision = guard.decide(Timeline([]), "2026-03-10T07:59Z")
        assert (decision.verdict, str(decision.act_at)) == (Verdict.WAIT, "2026-03-10 08:00:00+00:00")
        assert guard.decide(Timeline([]), "2026-03-10T08:00Z").verdict == Verdict.GO
        assert guard.decide(Timeline([]), "2026-03-10T16:00Z").verdict == Verdict.WAIT
        assert "Mon-Fri 09:00-17:00" in guard.explain()

    def test_are_those_of_the_customers_zone_where_it_is_known(self) -> None:
        guard = ContactHours(office)
        at = "2026-03-10T07:59Z"
        assert guard.local_hours
        for zone, verdict, act in (
            ("", Verdict.WAIT, "08:00"),
            ("Europe/Paris", Verdict.WAIT, "08:00"),
            ("Asia/Tokyo", Verdict.GO, "00:00"),
            ("America/Denver", Verdict.WAIT, "15:00"),
        ):
            decision = guard.decide_facts(Facts(), at, zone=zone)
            assert (decision.verdict, str(decision.act_at)[11:16], decision.home) == (verdict, act, zone)
        assert guard.explain() == (
            "during Mon-Fri 09:00-17:00 (Europe/Paris), or in the zone of the customer where it is known"
        )

    def test_fixed_hours_are_ours_wherever_the_customer_is(self) -> None:
        ours = ContactHours(office, fixed=True)
        assert not ours.local_hours
        decision = ours.decide_facts(Facts(), "2026-03-10T07:59Z", zone="Asia/Tokyo")
        assert (decision.verdict, str(decision.act_at)[11:16]) == (Verdict.WAIT, "08:00")
        assert decision.reasons[0].text == (
            "during Mon-Fri 09:00-17:00 (Europe/Paris): closed until Tue 10 Mar 2026 08:00"
        )
        assert ours.explain() == "during Mon-Fri 09:00-17:00 (Europe/Paris)"

    def test_bind_where_they_are_closed_in_the_customers_zone(self) -> None:
        (reason,) = ContactHours(office).decide_facts(Facts(), "2026-03-10T09:00Z", zone="America/Denver").reasons
        assert (reason.code, reason.binding) == ("ContactHours.hours", True)
        assert reason.text.endswith(": closed until Tue 10 Mar 2026 15:00, as the customer is in America/Denver")
        both = ContactHours(office) & ContactHours(Calendar.weekly("Mon-Sun 06:00-23:00", zone="UTC"), fixed=True)
        local, ours = both.decide_facts(Facts(), "2026-03-10T09:00Z", zone="America/Denver").reasons
        assert (local.binding, ours.binding) == (True, False)

    def test_of_both_that_never_meet_are_refused_by_zone(self) -> None:
        both = ContactHours(office) & ContactHours(office, fixed=True)
        assert both.decide_facts(Facts(), "2026-03-10T09:00Z", zone="Europe/Berlin").verdict == Verdict.GO
        with pytest.raises(
            InvalidCalendarError,
            match=r"^hours of AllOf never meet for a customer in 'Pacific/Honolulu': calendar never opens",
        ):
            both.decide_facts(Facts(), "2026-03-10T09:00Z", zone="Pacific/Honolulu")

    def test_a_zone_that_is_not_known_is_refused_by_name(self) -> None:
        for guard in (ContactHours(office), NoTrouble()):
            with pytest.raises(UnknownZoneError, match="zone is not a known time zone: 'Mars/Base'; use an IANA name"):
                guard.decide_facts(Facts(), NOW, zone="Mars/Base")


class TestQuietHours:
    """Nothing arrives while the recipient may be asleep, or has a day off."""

    def act(self, guard: QuietHours, at: str, zone: str = "") -> str:
        return str(guard.decide_facts(Facts(), at, zone=zone).act_at)[:16]

    def test_hold_until_they_are_over(self) -> None:
        quiet = QuietHours("Europe/Paris")
        assert self.act(quiet, "2026-03-10T19:59Z") == "2026-03-10 07:00"
        assert self.act(quiet, "2026-03-10T20:00Z") == "2026-03-11 07:00"
        assert self.act(quiet, "2026-03-11T06:59Z") == "2026-03-11 07:00"
        assert quiet.explain() == (
            "not during 21:00-08:00 where the customer is, in Europe/Paris where that is not known"
        )

    def test_over_noon_leave_the_rest_of_the_day(self) -> None:
        nap = QuietHours("Europe/Madrid", quiet="13:00-16:00")
        assert str(nap.open_hours()) == "Mon-Sun 00:00-13:00, 16:00-24:00 (Europe/Madrid)"
        assert str(QuietHours("UTC", quiet="00:00-09:00").open_hours()) == "Mon-Sun 09:00-24:00 (UTC)"

    def test_are_those_where_the_recipient_is(self) -> None:
        quiet = QuietHours("Europe/Paris", candidates=("America/Sao_Paulo", "America/Manaus"))
        assert quiet.local_hours
        assert self.act(quiet, "2026-03-10T00:00Z", zone="Asia/Tokyo") == "2026-03-09 23:00"

    def test_in_any_zone_in_which_the_recipient_may_be_where_theirs_is_not_known(self) -> None:
        """Paris sleeps from 20:00 UTC, Manaus until 12:00 UTC."""
        quiet = QuietHours("Europe/Paris", candidates="America/Manaus")
        assert self.act(quiet, "2026-03-10T09:00Z") == "2026-03-10 12:00"
        assert self.act(quiet, "2026-03-10T21:00Z") == "2026-03-11 12:00"
        assert quiet.explain().endswith("in Europe/Paris and wherever else they may be where that is not known")

    def test_on_the_night_of_a_clock_change(self) -> None:
        """Eight o'clock comes an hour earlier in UTC, on 29 March."""
        quiet = QuietHours("Europe/Paris", quiet="22:00-08:00")
        assert self.act(quiet, "2026-03-28T22:00Z") == "2026-03-29 06:00"

    def test_leave_days_off_out(self) -> None:
        work = QuietHours("America/Sao_Paulo", days="Mon-Fri", holidays="BR")
        assert self.act(work, "2026-04-30T23:59-03:00") == "2026-05-04 11:00", "1 May is Labour Day"

    @pytest.mark.parametrize(
        ("quiet", "says"),
        [
            ("22-6", "quiet hours cannot be read: '22-6'; write e.g. '21:00-08:00'"),
            ("08:00-08:00", "quiet hours start when they end: '08:00-08:00'; say which hours, or leave the guard out"),
        ],
    )
    def test_that_cannot_be_meant_are_refused(self, quiet: str, says: str) -> None:
        with pytest.raises(InvalidPolicyError, match=f"^{says}$"):
            QuietHours("UTC", quiet=quiet)
        with pytest.raises(UnknownZoneError, match="zone is not a known time zone: 'Mars/Base'"):
            QuietHours("Mars/Base")
