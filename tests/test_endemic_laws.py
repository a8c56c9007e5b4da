"""Laws of outbreaks: they hold until they are to be looked at again, foresee nothing, and agree with the audit."""

from __future__ import annotations

from random import Random

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, Plan, PromiseKept, Timeline, Touch, days
from carepolicy._instant import DAY, NEVER, to_micros, to_moment
from carepolicy.endemic import Endemic, Outbreak, Outbreaks, Tell
from carepolicy.events import Event
from carepolicy.promise import Promise

START = to_micros("2026-03-02T08:00Z")
EXPOSED = ("ann", "bob", "cid", "dan", "eve")
RULE = Endemic(2, days(3))
calendars = st.sampled_from((Calendar.always(), Calendar.weekly("Mon-Fri 08:00-17:00", zone="Europe/Paris")))


@st.composite
def logs(draw: st.DrawFn) -> Timeline:
    """Trouble of two causes, words to customers and promises of prevention; some seen late, some corrected."""

    def event(day: int, late: int, kind: str, ahead: int, cause: str, customer: str) -> Event:
        about = (
            {"purpose": "prevention", "ref": cause} if kind in ("promise", "kept") else {"purpose": cause, "ref": ""}
        )
        return Event(
            at=START + day * DAY,
            recorded_at=START + (day + late) * DAY if late else None,
            kind=kind,
            due=START + (day + ahead) * DAY if kind == "promise" else None,
            customer="" if kind in ("promise", "kept") else customer,
            direction="outbound" if kind == "contact" else "",
            outcome="delivered" if kind == "contact" else "",
            party="agent" if kind == "contact" else "maker",
            purpose=about["purpose"],
            ref=about["ref"],
        )

    some = st.builds(
        event,
        st.integers(0, 12),
        st.sampled_from((0, 0, 0, 2)),
        st.sampled_from(("trouble", "trouble", "trouble", "contact", "promise", "kept")),
        st.integers(0, 5),
        st.sampled_from(("brakes", "engine")),
        st.sampled_from(EXPOSED),
    )
    drawn = draw(st.lists(some, max_size=7))
    named = [attrs.evolve(e, id=f"e{draw(st.integers(n - (n > 4), n))}") for n, e in enumerate(drawn)]
    first = [event(0, 0, "trouble", 0, "brakes", "ann"), event(1, 0, "trouble", 0, "brakes", "bob")]
    first.append(event(2, 0, "promise", draw(st.integers(0, 2)), "brakes", ""))
    return Timeline([*named, *(first if draw(st.booleans()) else ())])


def of(timeline: Timeline, at_us: int, calendar: Calendar) -> Outbreaks:
    return RULE.assess(timeline, to_moment(at_us), exposed=EXPOSED, calendar=calendar)


moments = st.builds(lambda day, tick: START + day * DAY + tick, st.integers(0, 20), st.sampled_from((-1, 0, 1)))


@given(logs(), st.lists(moments, max_size=3), calendars)
def test_they_hold_until_they_are_to_be_looked_at_again(
    timeline: Timeline, later: list[int], calendar: Calendar
) -> None:
    """Nothing changes before `review_at`, from whatever was learnt last on."""
    for now in (e.visible_us for e in timeline.recordings):
        first = of(timeline, now, calendar)
        assert first.review_us > now
        edge = [first.review_us - 1] if first.review_us < NEVER else []
        for then in [t for t in (*later, *edge) if now <= t < first.review_us]:
            assert of(timeline, then, calendar) == first


@given(logs(), moments)
def test_nothing_is_foreseen(timeline: Timeline, now: int) -> None:
    """What is learnt later changes nothing but when to look again."""
    then = of(timeline.as_of(to_moment(now)), now, Calendar.always())
    assert then.outbreaks == of(timeline, now, Calendar.always()).outbreaks


@given(logs(), moments, st.randoms())
def test_order_and_duplicates_never_matter(timeline: Timeline, now: int, random: Random) -> None:
    """A log is a set of what was recorded."""
    recordings = [*timeline.recordings, *timeline.recordings[:2]]
    random.shuffle(recordings)
    again = attrs.evolve(timeline, recordings=recordings)
    assert of(again, now, Calendar.always()) == of(timeline, now, Calendar.always())


@given(logs(), moments)
def test_everybody_exposed_is_hit_told_or_to_be_told(timeline: Timeline, now: int) -> None:
    """Of each outbreak, and nobody is two of these."""
    for outbreak in of(timeline, now, Calendar.always()):
        others = [*outbreak.told, *(tell.customer for tell in outbreak.tell)]
        assert sorted([*others, *(c for c in outbreak.customers if c in EXPOSED)]) == sorted(EXPOSED)


@given(logs(), moments, calendars)
def test_the_audit_finds_the_outbreaks_that_last(timeline: Timeline, now: int, calendar: Calendar) -> None:
    """What lasts at the end of an audit is among its findings, with the same evidence."""
    plan = Plan(calendar, checks=[RULE], promise=Touch(due=PromiseKept()))
    found = {(f.at_us, f.evidence) for f in plan.audit(timeline, to_moment(now)).of_kind("endemic")}
    assert {(o.known_us, o.evidence) for o in of(timeline, now, calendar)} <= found


@given(logs(), moments)
def test_they_are_values(timeline: Timeline, now: int) -> None:
    """What they print builds them again."""
    found = of(timeline, now, Calendar.always())
    names = {"Outbreaks": Outbreaks, "Outbreak": Outbreak, "Tell": Tell, "Promise": Promise}
    assert eval(repr(found), names) == found
