"""Ownership moves only on an accepted read-back; what is stale is said; the chain remembers."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from carepolicy import Calendar, Event, Timeline
from carepolicy.errors import InvalidPolicyError, ReadBackError
from carepolicy.handover.accepting import accept, holder, missing_in, repeats, words_of
from carepolicy.handover.chain import carry_on
from carepolicy.handover.document import Chaser, Contradiction, Gap, Known, NextAction, Owed, Person, Said, Tried
from carepolicy.handover.freshness import Change, Difference, diff, events_of, is_stale
from carepolicy.handover.handover import Handover
from carepolicy.handover.seen import case_events, digest_of
from carepolicy.handover.timebox import TimeBox
from carepolicy.span import elapsed, working

T = Event(at="2026-03-02T12:00Z", kind="note").at_us
MINUTE = 60_000_000


def said(text: str, event: str = "e1") -> Said:
    return Said(text=text, at_us=T, event=event)


SENSOR = Owed(what="the sensor arrives on Monday", by="dealer", to="customer", role="partner", ref="sensor", made_us=T)
H = Handover(
    customer="berg",
    case="claim",
    to="service manager",
    sender="kim",
    at_us=T,
    severity="serious",
    wanted=said("the car back before the wedding on Friday"),
    next_action=NextAction(what="call the dealer about the sensor", who="lee", at_us=T + MINUTE),
    promises=(SENSOR,),
    people=(Person(part="owner", name="kim"), Person(part="receiver"), Person(part="scribe", name="pat")),
    gaps=(Gap(part="owner", what="", harm="", question=""), Gap(part="stakes", what="", harm="", question="")),
)
HEARD: dict[str, Any] = {
    "severity": "this one is serious",
    "wanted": "she needs her car before Friday's wedding",
    "next_action": "Lee calls the dealer in a minute",
    "promises": ["the dealer's sensor, Monday"],
}


class TestReadBack:
    """The receiver repeats in own words."""

    def test_own_words_are_enough(self) -> None:
        assert missing_in(H, HEARD) == ()

    @pytest.mark.parametrize("part", ["severity", "wanted", "next_action", "promises"])
    def test_what_is_passed_over_is_named(self, part: str) -> None:
        name = "promise 'sensor'" if part == "promises" else part
        assert missing_in(H, {k: v for k, v in HEARD.items() if k != part}) == (name,)
        assert missing_in(H, HEARD | {part: "yes, I got it"}) == (name,)

    def test_the_next_action_names_who(self) -> None:
        assert missing_in(H, HEARD | {"next_action": "somebody calls the dealer about the sensor"}) == ("next_action",)

    def test_whoever_acts_and_reads_back_may_say_i(self) -> None:
        heard = HEARD | {"next_action": "I call the dealer about it"}
        assert missing_in(H, heard) == ("next_action",)
        assert missing_in(H, heard, by="lee") == ()
        mine = attrs.evolve(H, next_action=NextAction(what="call the dealer about the sensor", who=H.to))
        assert missing_in(mine, heard, by="ada") == ()

    def test_what_is_not_known_must_be_said_not_to_be_known(self) -> None:
        bare = Handover(case="c", at_us=T)
        assert missing_in(bare, {}) == ("severity", "wanted", "next_action")
        heard = dict.fromkeys(("severity", "wanted", "next_action"), "not known yet")
        assert missing_in(bare, heard) == ()

    def test_a_promise_without_a_reference_is_named_by_its_words(self) -> None:
        bare = attrs.evolve(H, promises=(attrs.evolve(SENSOR, ref=""),))
        assert missing_in(bare, HEARD | {"promises": ""}) == ("promise 'the sensor arrives on Monday'",)

    def test_what_only_a_plan_says_is_due_is_not_repeated(self) -> None:
        duty = attrs.evolve(SENSOR, kind="duty", what="an update", ref="")
        assert missing_in(attrs.evolve(H, promises=(SENSOR, duty)), HEARD) == ()

    def test_a_reference_is_enough(self) -> None:
        named = attrs.evolve(H, promises=(attrs.evolve(SENSOR, ref="tow-1"),))
        assert missing_in(named, HEARD | {"promises": "TOW-1, I know"}) == ()
        assert missing_in(named, HEARD | {"promises": "tow-12"}) == ("promise 'tow-1'",)

    def test_words_that_carry(self) -> None:
        assert words_of("the car by 9 am") == {"9"}
        assert words_of("to be") == {"to", "be"}
        assert repeats("To him", "to be")
        assert repeats("he calls", "call")
        assert not repeats("he cans", "can")
        assert not repeats("!", "")


class TestAccept:
    """Ownership moves, once, to one named person."""

    def test_the_receiver_owns_it(self) -> None:
        taken = H.accept(by="ada", read_back=HEARD, at="2026-03-02T12:05Z")
        assert (taken.status, taken.accepted_by, holder(taken)) == ("accepted", "ada", "ada")
        assert [(p.part, p.name) for p in taken.people] == [("owner", "ada"), ("scribe", "pat")]
        assert dict(taken.read_back)["promises"] == "the dealer's sensor, Monday"
        assert [gap.part for gap in taken.gaps] == ["stakes"]
        assert holder(H) == "kim"

    def test_somebody_known_keeps_what_is_known_of_them(self) -> None:
        known = attrs.evolve(H, people=(*H.people, Person(part="receiver", name="ada", team="service")))
        assert accept(known, by="ada", read_back=HEARD, at="2026-03-02T12:05Z").people[0] == Person(
            part="owner", name="ada", team="service"
        )

    def test_an_incomplete_read_back_moves_nothing(self) -> None:
        with pytest.raises(
            ReadBackError, match=r"^read_back does not repeat: wanted, promise 'sensor'; say each in your own words$"
        ) as refused:
            H.accept(by="ada", read_back={**HEARD, "wanted": "", "promises": ""}, at="2026-03-02T12:05Z")
        assert refused.value.missing == ("wanted", "promise 'sensor'")

    @pytest.mark.parametrize("by", ["kim", " Kim "])
    def test_the_sender_cannot_accept(self, by: str) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^by is the sender: .*; somebody else must take over$"):
            H.accept(by=by, read_back=HEARD, at="2026-03-02T12:05Z")

    @pytest.mark.parametrize("by", [" ", None, 5])
    def test_somebody_accepts(self, by: Any) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^by is nobody: .*; name the one who takes over$"):
            H.accept(by=by, read_back=HEARD, at="2026-03-02T12:05Z")

    @pytest.mark.parametrize("read_back", [None, "all of it", ["all of it"]])
    def test_a_read_back_is_said_by_part(self, read_back: Any) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^read_back is not said by part: .*; name severity, wanted, "):
            H.accept(by="ada", read_back=read_back, at="2026-03-02T12:05Z")

    @pytest.mark.parametrize("said", [5, b"x", H.promises, ["x", None]])
    def test_each_part_is_words(self, said: Any) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^promises of read_back is not words: .*; pass a text, or sev"):
            H.accept(by="ada", read_back=HEARD | {"promises": said}, at="2026-03-02T12:05Z")

    def test_words_that_can_be_heard_once_are_kept(self) -> None:
        """And what was not said is not written down as if it was."""
        heard = HEARD | {"promises": (said for said in ("the sensor", "arrives on Monday"))}
        taken = H.accept(by="ada", read_back=heard, at="2026-03-02T12:05Z")
        assert dict(taken.read_back)["promises"] == "the sensor\narrives on Monday"
        with pytest.raises(ReadBackError, match="severity"):
            H.accept(by="ada", read_back=HEARD | {"severity": None}, at="2026-03-02T12:05Z")

    def test_it_is_accepted_once(self) -> None:
        taken = H.accept(by="ada", read_back=HEARD, at="2026-03-02T12:05Z")
        with pytest.raises(InvalidPolicyError, match=r"^handover is not waiting to be accepted: 'accepted'; prepare"):
            taken.accept(by="max", read_back=HEARD, at="2026-03-02T12:06Z")

    def test_not_before_it_was_prepared(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^at is before the handover was prepared: "):
            H.accept(by="ada", read_back=HEARD, at="2026-03-02T11:59Z")

    def test_not_when_something_has_happened_since(self) -> None:
        news = Event(at="2026-03-02T12:01Z", kind="failed", customer="berg", case="claim")
        with pytest.raises(InvalidPolicyError, match=r"^handover is stale: the case has events since 2026-03-02T12:00"):
            accept(H, by="ada", read_back=HEARD, at="2026-03-02T12:05Z", timeline=Timeline([news]))
        taken = accept(H, by="ada", read_back=HEARD, at="2026-03-02T12:05Z", timeline=Timeline(events_of(H)))
        assert [e.kind for e in events_of(taken)] == ["handed", "accepted"]


class TestTimeBox:
    """No answer in time: it stays with the sender, and the asking goes up."""

    BOX = TimeBox(up=("duty manager", "director"), repeats=2)

    @pytest.mark.parametrize(
        ("minutes", "state", "asked"),
        [
            (0, "waits", "service manager"),
            (14, "waits", "service manager"),
            (15, "went up", "duty manager"),
            (30, "went up", "director"),
            (45, "went up", "director"),
            (60, "stays", ""),
        ],
    )
    def test_who_is_asked(self, minutes: int, state: str, asked: str) -> None:
        at = Event(at=T + minutes * MINUTE, kind="note").at
        assert at is not None
        there = self.BOX.standing(H, at)
        assert (there.owner, there.state, there.asked) == ("kim", state, asked)

    @pytest.mark.parametrize("up", [("service manager", "kim", "director"), ("kim", "director")])
    def test_nobody_is_asked_twice_or_for_what_they_have(self, up: tuple[str, ...]) -> None:
        """Whoever was just asked is not above themselves, and the sender has it already."""
        box = TimeBox(up=up, repeats=1)
        asked = [box.standing(H, f"2026-03-02T12:{minute:02}Z").asked for minute in (0, 15, 30)]
        assert asked == ["service manager", "director", ""]

    def test_it_says_why_and_until_when(self) -> None:
        there = self.BOX.standing(H, "2026-03-02T12:20Z")
        assert there.why == (
            "nobody accepted by Mon 2 Mar 2026 12:15; duty manager is asked, and it stays with kim until then"
        )
        assert (there.since_us, there.review_us) == (T + 15 * MINUTE, T + 30 * MINUTE)
        assert there.since is not None
        assert self.BOX.standing(H, "2026-03-02T12:00Z").why == (
            "service manager was asked on Mon 2 Mar 2026 12:00 and has not read it back"
        )
        assert self.BOX.standing(H, "2026-03-02T13:00Z").why == (
            "everybody was asked by Mon 2 Mar 2026 13:00 and nobody accepted; it stays with kim"
        )

    def test_accepted_is_accepted_and_not_before(self) -> None:
        taken = H.accept(by="ada", read_back=HEARD, at="2026-03-02T12:05Z")
        assert self.BOX.standing(taken, "2026-03-02T12:04Z").review_us == taken.accepted_us
        there = self.BOX.standing(taken, "2026-03-02T12:05Z")
        assert (there.owner, there.state, there.review_at) == ("ada", "accepted", None)
        assert there.why == "ada read it back and accepted it on Mon 2 Mar 2026 12:05"

    def test_nobody_is_called_nobody(self) -> None:
        bare = Handover(case="c", at_us=T)
        assert TimeBox().standing(bare, "2026-03-02T12:00Z").why.startswith("nobody in particular was asked on")
        assert TimeBox(up="x").standing(bare, "2026-03-02T12:16Z").owner == "nobody"

    def test_a_box_in_working_hours_waits_for_the_morning(self) -> None:
        office = Calendar.weekly("Mon-Fri 13:00-17:00", zone="UTC")
        box = TimeBox(working(hours=1), ("duty manager",), calendar=office)
        assert box.standing(H, "2026-03-02T13:59Z").asked == "service manager"
        assert box.standing(H, "2026-03-02T14:00Z").asked == "duty manager"

    def test_what_cannot_be_meant_is_refused(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^repeats must be a whole number from 1, got 0$"):
            TimeBox(repeats=0)
        with pytest.raises(
            InvalidPolicyError, match=r"^up asks one twice in a row: 'a'; name another, or use repeats$"
        ):
            TimeBox(elapsed(minutes=1), ("a", "a"))
        with pytest.raises(InvalidPolicyError, match=r"^at is before the handover was prepared: Mon 2 Mar 2026 11:00;"):
            TimeBox().standing(H, "2026-03-02T11:00Z")


def event(name: str, at: str = "2026-03-02T11:00Z", **more: Any) -> Event:
    return Event(**({"id": name, "at": at, "kind": "note", "customer": "berg", "case": "claim"} | more))


def seeing(*events: Event) -> Handover:
    timeline = Timeline(events)
    found = case_events(timeline, T, customer="berg", case="claim")
    return attrs.evolve(H, seen=tuple(sorted(e.id for e in found)), digest=digest_of(found))


class TestStale:
    """Stale exactly when the case has an event that was not seen."""

    A, B = event("a"), event("b", "2026-03-02T12:30Z")

    @pytest.mark.parametrize("timeline", [None, []])
    def test_what_is_no_log_says_nothing(self, timeline: Any) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^timeline is none: .*; read rows with Timeline.read\(rows\)$"):
            H.is_stale(timeline)

    def test_a_redacted_copy_cannot_tell(self) -> None:
        """Where what it has seen was taken out for its reader; nor can it be accepted against a log."""
        copy = seeing(self.A).redacted(for_role="customer")
        with pytest.raises(
            InvalidPolicyError, match=r"^handover of 'claim' does not say what it has seen, as it was re"
        ):
            copy.is_stale(Timeline([self.A]))
        assert not seeing(self.A).redacted(for_role="partner").is_stale(Timeline([self.A]))

    STANDING = event("s", kind="told", fact="name", case="")

    def test_what_holds_for_every_case_counts(self) -> None:
        assert is_stale(seeing(self.A), Timeline([self.A, self.STANDING]))

    def test_nothing_new_is_fresh(self) -> None:
        assert not is_stale(seeing(self.A), Timeline([self.A]))

    def test_a_newer_event_makes_it_stale(self) -> None:
        assert seeing(self.A).is_stale(Timeline([self.A, self.B]))

    def test_an_older_event_that_was_learnt_later_does_too(self) -> None:
        late = event("l", "2026-03-01T09:00Z", recorded_at="2026-03-02T13:00Z")
        assert is_stale(seeing(self.A, late), Timeline([self.A, late]))

    def test_a_correction_does_too(self) -> None:
        again = event("a", text="otherwise", recorded_at="2026-03-02T13:00Z")
        assert is_stale(seeing(self.A), Timeline([self.A, again]))

    def test_an_event_that_was_put_into_another_case_does_too(self) -> None:
        """What the handover tells of it is not of this case any more."""
        moved = event("a", case="other", recorded_at="2026-03-02T13:00Z")
        kept = event("k")
        assert is_stale(seeing(self.A, kept), Timeline([self.A, kept, moved]))

    def test_an_older_copy_of_the_log_does_not(self) -> None:
        assert not is_stale(seeing(self.A, event("c")), Timeline([self.A]))

    def test_other_cases_and_customers_do_not(self) -> None:
        others = [event("x", case="other"), event("y", customer="wolf"), event("z", case="")]
        assert not is_stale(seeing(self.A), Timeline([self.A, *others]))

    def test_handing_it_on_does_not(self) -> None:
        handover = seeing(self.A)
        assert not is_stale(handover, Timeline([self.A, *events_of(handover)]))


class TestDiff:
    """What has changed since."""

    LATER = attrs.evolve(
        H,
        at_us=T + MINUTE,
        seen=("e1", "e2"),
        severity="critical",
        promises=(attrs.evolve(SENSOR, ref="engine", what="a new engine"),),
        known=(Known(fact="colour", said=said("red")),),
        tried=(Tried(what="new sensor", ended="failed", said=said("no luck", "e2")),),
        chasers=(Chaser(said=said("where is it?", "e2")),),
        contradictions=(Contradiction(code="x", what="cannot be"),),
        gaps=(Gap(part="time", what="no date", harm="", question=""),),
        next_action=None,
        last_contact=said("hello"),
    )

    def test_every_part_that_changed(self) -> None:
        change = self.LATER.diff(attrs.evolve(H, seen=("e1",)))
        assert change.events == ("e2",)
        assert change.changed[0] == Change(part="severity", before="serious", after="critical")
        assert change.sentences() == (
            "severity: critical (was: serious)",
            "last contact: hello (was: nothing)",
            "next action: nothing (was: call the dealer about the sensor (lee, Mon 2 Mar 2026 12:01))",
            "promised: a new engine (dealer)",
            "no longer owed: the sensor arrives on Monday (dealer)",
            "now known: colour: red",
            "tried: new sensor (failed)",
            "the customer had to ask: where is it?",
            "contradiction: cannot be",
            "missing: no date",
            "no longer missing: ",
            "no longer missing: ",
        )

    def test_what_is_owed_otherwise_is_news(self) -> None:
        """A promise that broke in between, and one that was put off."""
        later = attrs.evolve(H, promises=(attrs.evolve(SENSOR, due_us=T, state="broken"),))
        change = diff(later, H)
        assert (change.promised, change.settled) == ((), ())
        assert change.sentences() == (
            "owed: the sensor arrives on Monday: Mon 2 Mar 2026 12:00, broken (was: never, open)",
        )

    def test_only_handovers_are_compared(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^earlier is no handover: None; compare two handovers of one"):
            H.diff(None)  # type: ignore[arg-type]

    def test_nothing_changed_is_nothing(self) -> None:
        assert diff(H, H) == Difference()
        assert diff(H, H).is_empty
        assert not self.LATER.diff(H).is_empty

    def test_an_action_of_nobody_is_said_to_be_of_nobody(self) -> None:
        assert diff(attrs.evolve(H, next_contact=NextAction(what="call")), H).changed[0].after == "call (nobody, never)"

    def test_two_cases_are_two(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"^earlier is of another case: \('', 'd'\), not \('berg', 'claim'\)"
        ):
            H.diff(Handover(case="d", at_us=T))
        with pytest.raises(
            InvalidPolicyError, match=r"^earlier is the later one: prepared .* 12:01, after .* 12:00; swap"
        ):
            H.diff(self.LATER)


class TestChain:
    """Through whose hands it went."""

    TAKEN = H.accept(by="ada", read_back=HEARD, at="2026-03-02T12:05Z")

    def test_what_each_receiver_learnt_and_what_was_asked_twice(self) -> None:
        asked = Known(fact="name", said=said("Berg"), asked_again=("e9",))
        later = attrs.evolve(TestDiff.LATER, sender="", known=(*TestDiff.LATER.known, asked))
        after = carry_on(later, self.TAKEN)
        assert after.sender == "ada"
        (link,) = after.previous
        assert (link.sender, link.to, link.status, link.settled_us) == ("kim", "ada", "accepted", T + 5 * MINUTE)
        assert link.learnt == ("colour: red", "name: Berg", "new sensor (failed)", "promised: a new engine")
        assert link.asked_twice == ("name",)
        assert len(carry_on(attrs.evolve(later, at_us=T + 9 * MINUTE), after).previous) == 2

    def test_one_that_nobody_took_stays_in_the_chain(self) -> None:
        assert carry_on(attrs.evolve(H, at_us=T + MINUTE), H).previous[0].to == "service manager"

    def test_only_who_has_it_hands_it_on(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"^sender does not have the case: 'max', it is with 'ada'; hand it"
        ):
            carry_on(attrs.evolve(H, sender="max", at_us=T + MINUTE), self.TAKEN)
