"""What else goes out: nothing to sell in trouble, nothing outside the hours of contact."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, ContactHours, Event, Facts, NoTrouble, Timeline, Verdict, days
from carepolicy.errors import InvalidCalendarError, InvalidPolicyError, UnknownZoneError

NOW = "2026-03-10T09:00Z"
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/Paris")


def on(day: int, kind: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, **{"case": "c", **words})


def bounds(policy: Any, *events: Event) -> tuple[str, str]:
    decision = policy.decide(Timeline(events), NOW)
    return decision.verdict.value, str(decision.opens)[8:10] if decision.opens else "-"


class TestNoTrouble:
    """Nothing is open and nothing is wrong at the customer."""

    calm = NoTrouble(days(2))

    @pytest.mark.parametrize("kind", ["opened", "reopened", "trouble"])
    def test_waits_while_something_is(self, kind: str) -> None:
        assert bounds(self.calm, on(1, kind)) == ("wait", "-")

    def test_waits_while_any_of_several_is(self) -> None:
        assert bounds(self.calm, on(1, "opened"), on(2, "opened", case="d"), on(3, "closed")) == ("wait", "-")
        assert bounds(self.calm, on(1, "trouble"), on(2, "opened"), on(3, "closed")) == ("wait", "-")

    def test_opens_after_it_ended(self) -> None:
        assert bounds(self.calm, on(1, "opened"), on(3, "closed")) == ("go", "05")
        assert bounds(self.calm, on(1, "trouble"), on(9, "trouble_over")) == ("wait", "11")
        assert bounds(NoTrouble(), on(1, "trouble"), on(9, "trouble_over")) == ("go", "09")
        assert bounds(self.calm, on(1, "opened", ref="part")) == ("go", "-")

    def test_each_end_of_trouble_is_a_new_cycle(self) -> None:
        f = Facts(trouble_ended=NOW)
        assert self.calm.cycle(f) == f.trouble_ended

    def test_says_so_in_words(self) -> None:
        assert self.calm.explain() == "nothing is open or wrong at the customer, and has not been for 2 days"
        assert NoTrouble().explain() == "nothing is open or wrong at the customer"
        assert (
            self.calm.decide(Timeline([on(1, "opened")]), NOW)
            .reasons[0]
            .text.endswith(": waits for the open case or trouble to end")
        )
        with pytest.raises(InvalidPolicyError, match="cool_off points backward or nowhere: -1 day"):
            NoTrouble(days(-1))


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
