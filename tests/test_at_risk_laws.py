"""Laws of promises at risk: found when it is known, foreseen never, and each contradiction once."""

from __future__ import annotations

import pickle
from random import Random

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, Parties, Plan, PromiseKept, TellOfSlip, Timeline, Touch, testing
from carepolicy._instant import HOUR, NEVER, to_micros, to_moment
from carepolicy.at_risk import AtRisk, Risks, risks
from carepolicy.events import Event
from carepolicy.finding import Finding

START = to_micros("2026-03-02T08:00Z")
END = START + 140 * HOUR
PLAN = Plan(Calendar.always(), parties=Parties(partners="shop"), checks=[AtRisk()], promise=Touch(due=PromiseKept()))


def logs() -> st.SearchStrategy[list[Event]]:
    """Promises and estimates of three things, two of which depend on another."""

    def event(hour: int, kind: str, ref: str, ahead: int, needs: str, party: str) -> Event:
        dated = kind in ("promise", "estimate")
        return Event(
            at=START + hour * HOUR,
            kind=kind,
            ref=ref,
            case="c",
            due=START + (hour + ahead) * HOUR if dated else None,
            party=party,
            extra={"depends_on": needs} if needs and kind == "promise" else {},
        )

    some = st.builds(
        event,
        st.integers(0, 60),
        st.sampled_from(("promise", "promise", "estimate", "kept", "withdrawn")),
        st.sampled_from(("a", "b")),
        st.integers(0, 40),
        st.sampled_from(("", "a")),
        st.sampled_from(("office", "shop", "customer")),
    )
    return st.lists(some, max_size=10, unique_by=lambda e: e.at_us)


def late_logs() -> st.SearchStrategy[Timeline]:
    """Logs as they are, with promises that wait for another."""
    some = testing.timelines(TellOfSlip(), PromiseKept("customer"), customers=("ann", "bob"))

    def waiting(timeline: Timeline, needs: str) -> Timeline:
        some = (
            attrs.evolve(e, extra={"depends_on": needs} if e.kind == "promise" else {}) for e in timeline.recordings
        )
        return attrs.evolve(timeline, recordings=tuple(some))

    return st.builds(waiting, some, st.sampled_from(("", "r1", "r2", "completion")))


def found(events: list[Event], until: int = END) -> tuple[Finding, ...]:
    return PLAN.audit(Timeline(events), to_moment(until)).of_kind("at_risk")


@given(logs())
def test_it_is_known_by_the_promised_date(log: list[Event]) -> None:
    """At the instant of an event, or when a date passed that it waits for; not after the promise was due."""
    by_id = {e.id: e for e in Timeline(log).events}
    for finding in found(log):
        named = [by_id[name] for name in finding.evidence]
        assert named[0].kind == "promise"
        assert finding.at_us <= named[0].due_us
        assert finding.at_us in {*(e.at_us for e in log), *(e.due_us for e in named[1:])}
        assert finding.until_us in {*(e.at_us for e in log), NEVER}


@given(logs(), st.integers(1, 80))
def test_nothing_is_foreseen(log: list[Event], hours: int) -> None:
    """What was found by an instant hangs on what had happened by then, and stays found."""
    until = START + hours * HOUR + 1
    then = found(log, until)
    assert then == found([e for e in log if e.at_us <= until], until)
    assert {(f.at_us, f.evidence) for f in then} == {(f.at_us, f.evidence) for f in found(log) if f.at_us <= until}


@given(logs(), logs(), st.integers(1, 80))
def test_a_promise_of_something_else_changes_nothing(log: list[Event], more: list[Event], hours: int) -> None:
    """What is at risk never goes by promising what nothing waits for."""
    until = START + hours * HOUR + 1
    promises = [e for e in more if e.kind == "promise"]
    others = [attrs.evolve(e, ref=f"other {e.ref}", extra={}, id=f"o{n}") for n, e in enumerate(promises)]
    before = [(f.ref, f.at_us, f.until_us, f.why) for f in found(log, until)]
    after = [(f.ref, f.at_us, f.until_us, f.why) for f in found([*log, *others], until)]
    assert [one for one in after if not one[0].startswith("other")] == before


@st.composite
def chains(draw: st.DrawFn) -> tuple[dict[str, tuple[int, str]], dict[str, tuple[str, int]]]:
    """When each of some things is promised and what it waits for; and what became of some of them."""
    names = "abcdef"
    promised = {
        name: (draw(st.integers(10, 40)), draw(st.sampled_from(("", *names))))
        for name in draw(st.lists(st.sampled_from(names), unique=True))
    }
    news = st.tuples(st.sampled_from(("estimate", "withdrawn", "kept")), st.integers(10, 40))
    return promised, draw(st.dictionaries(st.sampled_from(names), news, max_size=3))


def log_of(promised: dict[str, tuple[int, str]], news: dict[str, tuple[str, int]]) -> list[Event]:
    """All is promised at the start, and two hours later comes the news."""
    log = [
        Event(
            at=START,
            kind="promise",
            ref=ref,
            case="c",
            due=START + due * HOUR,
            extra={"depends_on": needs} if needs else {},
        )
        for ref, (due, needs) in promised.items()
    ]
    for ref, (kind, due) in news.items():
        dated = START + due * HOUR if kind == "estimate" else None
        log.append(Event(at=START + 2 * HOUR, kind=kind, ref=ref, case="c", due=dated))
    return log


@given(chains(), st.integers(3, 45))
def test_what_is_known_is_passed_on_along_a_chain(
    drawn: tuple[dict[str, tuple[int, str]], dict[str, tuple[str, int]]], now: int
) -> None:
    """At risk is what waits, over however many steps, for what is too late, has passed, or is promised by nobody."""
    promised, news = drawn
    log = log_of(promised, news)
    over = {ref for ref, (kind, _) in news.items() if kind != "estimate"}
    done = {ref for ref, (kind, _) in news.items() if kind == "kept"}
    force = {ref: due for ref, (due, _) in promised.items() if ref not in over}
    estimated = {ref: due for ref, (kind, due) in news.items() if kind == "estimate"}

    def bad(ref: str, due: int, seen: frozenset[str]) -> bool:
        needs = promised[ref][1]
        if not needs or needs in seen or needs in done:
            return False
        dates = [dates[needs] for dates in (force, estimated) if needs in dates]
        if not dates or any(date >= due for date in dates) or force.get(needs, now) < now:
            return True
        return needs in force and bad(needs, due, seen | {needs})

    expected = {r for r, due in force.items() if estimated.get(r, 0) > due or bad(r, due, frozenset({r}))}
    lasting = {f.ref for f in found(log, START + now * HOUR) if f.until is None}
    assert {r for r in lasting if force[r] >= now} == {r for r in expected if force[r] >= now}


@given(logs(), st.randoms())
def test_order_and_duplicates_never_matter(log: list[Event], random: Random) -> None:
    """A log is a set of what was recorded."""
    again = [*log, *log[:2]]
    random.shuffle(again)
    assert found(again) == found(log)


@given(chains(), st.integers(0, 45), st.integers(1, 45))
def test_an_answer_holds_until_it_is_to_be_looked_at_again(
    drawn: tuple[dict[str, tuple[int, str]], dict[str, tuple[str, int]]], hours: int, more: int
) -> None:
    """Nothing changes before `review_at`."""
    timeline, now = Timeline(log_of(*drawn)), START + hours * HOUR
    first = risks(timeline, to_moment(now))
    assert first.review_us > now
    then = min(first.review_us - 1, now + more * HOUR)
    assert risks(timeline, to_moment(then)) == first


@given(late_logs(), testing.instants(), st.randoms())
def test_an_answer_never_looks_ahead(timeline: Timeline, now: int, random: Random) -> None:
    """What is learnt later changes nothing but when to look again, and the order of a log nothing at all."""
    found = risks(timeline, to_moment(now))
    assert risks(timeline.as_of(to_moment(now)), to_moment(now)).findings == found.findings
    recordings = [*timeline.recordings, *timeline.recordings[:2]]
    random.shuffle(recordings)
    assert risks(attrs.evolve(timeline, recordings=recordings), to_moment(now)) == found


@given(late_logs(), testing.instants())
def test_an_answer_is_a_value(timeline: Timeline, now: int) -> None:
    """What it prints builds it again."""
    answer = risks(timeline, to_moment(now))
    assert eval(repr(answer), {"Risks": Risks, "Finding": Finding}) == answer
    assert pickle.loads(pickle.dumps(answer)) == answer


@given(logs(), st.integers(1, 80))
def test_an_answer_is_what_the_audit_finds_and_has_not_ended(log: list[Event], hours: int) -> None:
    """The same findings, without the name of a plan."""
    until = START + hours * HOUR
    answer = risks(Timeline(log), to_moment(until), parties=PLAN.parties)
    lasting = [attrs.evolve(f, plan="") for f in found(log, until) if f.until is None]
    assert sorted(answer, key=repr) == sorted(lasting, key=repr)
