"""What else goes out: nothing to sell in trouble, nothing outside the hours of contact."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, ContactHours, Event, Facts, NoTrouble, Timeline, Verdict, days
from carepolicy.errors import InvalidPolicyError

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
