"""Facts: who is who, which events count, and what is known."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

from carepolicy import ALWAYS, NEVER, Calendar, Event, Facts, Parties, RestBetween, Which, days, last, working
from carepolicy.errors import InvalidTimeError, UnknownNameError
from carepolicy.facts import CASE, CUSTOMER, PARTY, REF, conversation, unit_of

AT = "2026-03-02T09:00Z"
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
parties = Parties(ours="agent", partners=["dealer", "shop"], customers=["customer", "driver"])
talk = Event(
    at=AT, kind="contact", party="agent", direction="outbound", channel="phone", outcome="conversation", author="human",
    purpose="update",
)  # fmt: skip


class TestParties:
    """Who is named nowhere is ours; the customer never is."""

    @pytest.mark.parametrize(
        ("party", "role"),
        [("agent", "us"), ("anybody", "us"), ("", "us"), ("dealer", "partner"), ("driver", "customer")],
    )
    def test_roles(self, party: str, role: str) -> None:
        assert parties.role(party) == role

    @pytest.mark.parametrize(
        ("party", "named", "answer"),
        [
            ("driver", (), True),
            ("agent", ("agent",), True),
            ("agent", ("us",), True),
            ("dealer", ("us",), False),
            ("dealer", ("partner",), True),
            ("dealer", ("them",), True),
            ("agent", ("them",), True),
            ("driver", ("them",), False),
            ("driver", ("customer",), True),
            ("shop", ("dealer", "us"), False),
        ],
    )
    def test_named_by_name_or_by_role(self, party: str, named: tuple[str, ...], answer: bool) -> None:
        assert parties.are(party, named) is answer


class TestWhich:
    """Every condition given must hold; one left out asks for nothing."""

    @pytest.mark.parametrize(
        "which",
        [
            Which(),
            conversation,
            Which("contact", conversation=True, direction="outbound"),
            Which("contact"),
            Which(["note", "contact"]),
            Which(by="agent"),
            Which(by=("dealer", "us")),
            Which(channel="phone"),
            Which(direction="outbound"),
            Which(outcome="conversation"),
            Which(author=["human", ""]),
            Which(purpose="update"),
            Which(whole=True),
            Which(named="contact"),
            Which(named="update"),
        ],
    )
    def test_meets(self, which: Which) -> None:
        assert which.matches(talk, parties)
        assert eval(repr(which)) == which

    @pytest.mark.parametrize(
        "which",
        [
            Which("note"),
            Which(by="partner"),
            Which(channel="email"),
            Which(direction="inbound"),
            Which(outcome="voicemail"),
            Which(author="automatic"),
            Which(purpose="survey"),
            Which(named="agent"),
        ],
    )
    def test_misses(self, which: Which) -> None:
        assert not which.matches(talk, parties)

    def test_misses_a_part_and_what_is_no_talk(self) -> None:
        assert not Which(whole=True).matches(Event(at=AT, kind="opened", ref="r"), parties)
        assert not conversation.matches(Event(at=AT, kind="contact", channel="email"), parties)


class TestUnits:
    """A fact is about a customer, a case, a reference or a party."""

    event = Event(at=AT, kind="promise", customer="acme", case="c", ref="r", party="agent")

    @pytest.mark.parametrize(
        ("scope", "unit"),
        [
            (CUSTOMER, ("acme", "", "", "")),
            (CASE, ("acme", "c", "", "")),
            (REF, ("acme", "c", "r", "")),
            (PARTY, ("acme", "", "", "agent")),
        ],
    )
    def test_of_an_event(self, scope: str, unit: tuple[str, ...]) -> None:
        assert unit_of(scope, self.event) == unit

    def test_of_an_event_that_names_none(self) -> None:
        bare = Event(at=AT, kind="note", customer="acme")
        assert unit_of(CASE, bare) is None
        assert unit_of(PARTY, bare) is None
        assert unit_of(REF, bare) == ("acme", "", "", "")


class TestFacts:
    """What is known: names to instants, and the calendar to count in."""

    def test_take_any_time_and_leave_out_what_never_happened(self) -> None:
        f = Facts(invited=AT, left=None, sold=5, asked=talk.at)
        assert f.known() == {"invited": talk.at_us, "sold": 5, "asked": talk.at_us}
        with pytest.raises(AttributeError, match="left"):
            f.left  # noqa: B018
        with pytest.raises(InvalidTimeError, match="invited has no time zone"):
            Facts(invited="2026-03-02T09:00")

    def test_count_in_their_calendar(self) -> None:
        f = Facts(office, invited="2026-03-06T16:00Z")
        assert f.calendar is office
        assert f.after(f.invited, working(hours=2)) == Event(at="2026-03-09T10:00Z", kind="sold").at_us
        assert Facts(invited=AT).calendar == Calendar.always()
        assert (f.after(ALWAYS, days(1)), f.after(NEVER, days(1))) == (ALWAYS, NEVER)

    def test_never_change(self) -> None:
        f = Facts(invited=AT)
        with pytest.raises(AttributeError, match=re.escape("facts never change: 'invited' cannot be set")):
            f.invited = 3

    def test_are_equal_by_what_they_know(self) -> None:
        assert Facts(a=AT) == Facts(a=AT) != Facts(a=5)
        assert Facts(a=AT) != Facts(office, a=AT)
        assert Facts(a=AT) != AT
        assert repr(Facts(a=AT)) == "Facts(a='2026-03-02T09:00:00+00:00')"
        with pytest.raises(TypeError, match="unhashable"):
            hash(Facts())

    def test_are_copied_and_pickled(self) -> None:
        f = Facts(office, a=AT)
        assert pickle.loads(pickle.dumps(f)) == copy.copy(f) == f

    def test_are_filled_in_by_the_declarations(self) -> None:
        declared = {"invited": last("survey"), "expected": last("estimate", missing=NEVER)}
        assert Facts(invited=AT).with_defaults(office, declared) == Facts.of(
            office, {"invited": talk.at_us, "expected": NEVER}
        )

    def test_that_nobody_declared_are_refused(self) -> None:
        with pytest.raises(UnknownNameError, match="fact is not one the policy uses: 'last_invite'; it uses last_invi"):
            RestBetween().decide_facts(Facts(last_invite=AT), AT)
