"""Laws of a prepared handover: nothing outstanding is left out, nothing foreseen, nobody else's business in it."""

from __future__ import annotations

import pickle
from random import Random
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, EstimateCurrent, Heartbeat, Parties, Plan, PromiseKept, Timeline, Touch, working_days
from carepolicy._instant import HOUR, NEVER, to_micros, to_moment
from carepolicy.answering import MESSAGE, replies
from carepolicy.closing import WANTED
from carepolicy.events import Event
from carepolicy.facts import THEM
from carepolicy.handover import document
from carepolicy.handover.gaps import STAKE_FACTS, STAKE_QUESTION, WANTED_QUESTION
from carepolicy.handover.handover import Handover
from carepolicy.ledger import complete_from, promises_of

START = to_micros("2026-03-02T08:00Z")
OFFICE = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/Paris")
PARTIES = Parties(ours="agent", partners="dealer")
DATED = Plan(OFFICE, parties=PARTIES, promise=Touch(due=PromiseKept() | EstimateCurrent(), owner="agent"))
FULL = Plan(
    OFFICE,
    parties=PARTIES,
    promise=Touch(due=PromiseKept() | EstimateCurrent(), owner="agent"),
    update=Touch(due=Heartbeat(working_days(1)), owner="agent"),
)
KINDS = (
    "contact", "promise", "kept", "withdrawn", "estimate", "completed", "failed", "handed", "accepted", "opened",
    "reopened", "closed", "told", "asked", "wish", "incident", "milestone", "left", "declined", "note", "trouble",
)  # fmt: skip
TOGETHER = (
    KINDS,
    ("promise", "promise", "kept", "withdrawn", "failed", "contact"),
    ("estimate", "promise", "completed", "contact"),
    ("handed", "accepted", "failed", "completed", "reopened", "promise"),
    ("told", "asked", "wish"),
    ("contact",),
)
"""Kinds of event that hang together."""
TEXTS = (
    "", "the part arrives soon", "goes to the dealer", "from the dealer", "part is back", 'say "hi"; now',
    "will you? " * 30,
)  # fmt: skip


def _event(n: int, drawn: dict[str, Any]) -> Event:
    hour, ahead, late = drawn.pop("hour"), drawn.pop("ahead"), drawn.pop("late")
    at = START + hour * HOUR
    kind = drawn["kind"]
    if kind not in ("told", "asked", "wish"):
        drawn["fact"] = ""
    if kind != "contact":
        drawn |= {"direction": "", "outcome": "", "channel": ""}
    due = at + ahead * HOUR if ahead is not None and kind in ("promise", "estimate", "contact", "survey") else None
    return Event(id=f"e{n}", at=at, due=due, recorded_at=at + late * HOUR if late else None, **drawn)


def rows(kinds: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """What events of some kinds may say."""
    return st.fixed_dictionaries(
        {
            "hour": st.integers(0, 200),
            "ahead": st.sampled_from((None, 5, 10, 30, 60, 90, -5)),
            "late": st.sampled_from((0, 0, 0, 0, 30, -2)),
            "kind": st.sampled_from(kinds),
            "customer": st.sampled_from(("ann",) * 9 + ("bob",)),
            "case": st.sampled_from(("c",) * 9 + ("d", "")),
            "ref": st.sampled_from(("", "", "r", "s")),
            "party": st.sampled_from(("agent", "dealer", "customer", "kim", "")),
            "direction": st.sampled_from(("inbound", "inbound", "outbound", "")),
            "channel": st.sampled_from(("phone", "email", "")),
            "outcome": st.sampled_from(("conversation", "delivered", "delivered", "voicemail", "")),
            "author": st.sampled_from(("", "human", "human", "automatic")),
            "purpose": st.sampled_from(("", "status", "status", "completion", "call", "option", "complaint")),
            "fact": st.sampled_from(("", "name", WANTED, "needed by", "well", "plates")),
            "text": st.sampled_from(TEXTS),
            "precision": st.sampled_from(("minute", "day")),
            "extra": st.sampled_from(((), (), (("to", "dealer"),), (("depends_on", "r"),), (("item", "coat"),))),
        }
    )


@st.composite
def logs(draw: st.DrawFn) -> tuple[Timeline, int]:
    """A log in which case "c" of "ann" is known at an instant, and that instant; some events are recorded twice.

    Most logs have a few kinds of event only, those that hang together, so that they meet often.
    """
    kinds = draw(st.sampled_from(TOGETHER))
    drawn = draw(st.lists(rows(kinds), min_size=12, max_size=20))
    events = [_event(n % 16, dict(row)) for n, row in enumerate(drawn)]  # the last few correct the first ones
    opening = Event(id="open", at=START, kind="opened", customer="ann", case="c", party="agent")
    at = START + draw(st.sampled_from((230, 150, 90, 10))) * HOUR
    return Timeline([opening, *events]), at


plans = st.sampled_from((None, DATED, FULL))


def prepared(timeline: Timeline, at_us: int, plan: Plan | None = None, **more: Any) -> Handover:
    more = {"to": "the lead", "customer": "ann", **more}
    return Handover.prepare(timeline, "c", to_moment(at_us), plan=plan, **more)


def of_the_case(timeline: Timeline, at_us: int) -> list[Event]:
    return [e for e in timeline.as_of(to_moment(at_us)).events if (e.customer, e.case) == ("ann", "c")]


@given(logs(), plans)
def test_nothing_outstanding_is_left_out(drawn: tuple[Timeline, int], plan: Plan | None) -> None:
    """Every open promise both ways, every contradiction, every message without an answer, every failure, every fact."""
    timeline, at = drawn
    h, events = prepared(timeline, at, plan), of_the_case(timeline, at)
    who = Parties() if plan is None else plan.parties
    promises = promises_of(events, at, who, h.zone, complete_from(timeline))
    outstanding = {p.evidence for p in promises if p.outstanding}
    assert {o.evidence for o in h.promises if o.kind == "promise"} == outstanding
    problems = timeline.as_of(to_moment(at)).by_customer["ann"].problems()
    mine = {e.id for e in events}
    own = {(p.code, p.events) for p in problems if set(p.events) <= mine}
    assert own <= {(c.code, c.evidence) for c in h.contradictions}
    open_messages: list[str] = []
    for e in events:
        if MESSAGE.matches(e, who):
            open_messages.append(e.id)
        if any(which.matches(e, who) for which in replies((THEM,))):
            open_messages = []
    assert [said.event for said in h.unanswered] == open_messages
    assert {e.id for e in events if e.kind == "failed"} <= {i for t in h.tried for i in t.evidence}
    told = {e.fact for e in events if e.kind == "told" and e.fact and e.fact != WANTED}
    assert told <= {k.fact for k in h.known}
    wanted = [e for e in seen(timeline, at) if e.fact == WANTED and e.kind in ("told", "wish") and e.text]
    assert (h.wanted is None) == (not wanted)
    asked = {e.fact for e in events if e.kind == "asked" and e.fact and e.party in ("agent", "dealer", "kim")}
    told_of = {e.fact for e in seen(timeline, at) if e.kind in ("told", "wish")}
    assert {o.what for o in h.promises if o.kind == "asked"} >= asked - told_of - {WANTED}


def seen(timeline: Timeline, at_us: int) -> list[Event]:
    """What a handover may be made from."""
    known = timeline.as_of(to_moment(at_us)).events
    standing = ("told", "wish", "consent", "declined", "tier")
    return [e for e in known if e.customer == "ann" and (e.case == "c" or (not e.case and e.kind in standing))]


@given(logs(), plans)
def test_nothing_is_foreseen(drawn: tuple[Timeline, int], plan: Plan | None) -> None:
    """What is not visible at the instant changes nothing."""
    timeline, at = drawn
    assert prepared(timeline, at, plan) == prepared(timeline.as_of(to_moment(at)), at, plan)


@given(logs(), st.randoms(use_true_random=False), plans)
def test_order_and_duplicates_do_not_matter(drawn: tuple[Timeline, int], random: Random, plan: Plan | None) -> None:
    """A log shuffled, with events delivered again, makes the same handover."""
    timeline, at = drawn
    again = [*timeline.recordings, *timeline.recordings[:3]]
    random.shuffle(again)
    assert prepared(Timeline(again), at, plan) == prepared(timeline, at, plan)


@given(logs(), plans)
def test_nobody_elses_events_change_it(drawn: tuple[Timeline, int], plan: Plan | None) -> None:
    """Other customers and other cases never leak into it."""
    timeline, at = drawn
    ids = {e.id for e in timeline.events if e.customer == "ann" and e.case in ("c", "")}
    alone = [e for e in timeline.recordings if e.customer == "ann" and e.id in ids]
    others = [attrs.evolve(e, id=f"x{e.id}", customer="bob") for e in alone]
    others += [attrs.evolve(e, id=f"y{e.id}", case="d") for e in alone]
    bare = Timeline(alone, complete_since=START)
    assert prepared(bare, at, plan) == prepared(Timeline([*alone, *others], complete_since=START), at, plan)


@given(logs(), plans)
def test_it_is_a_value_that_survives_writing(drawn: tuple[Timeline, int], plan: Plan | None) -> None:
    """JSON, pickle and `repr` give the same handover back."""
    h = prepared(*drawn, plan)
    assert Handover.from_json(h.to_json()) == h
    assert pickle.loads(pickle.dumps(h)) == h
    assert eval(repr(h), {**vars(document), "Handover": Handover}) == h
    assert hash(h) == hash(Handover.from_json(h.to_json()))


@given(logs())
def test_chasers_are_those_that_an_audit_finds(drawn: tuple[Timeline, int]) -> None:
    """Proved and possible alike, with a plan and, for promises and estimates, without one."""
    timeline, at = drawn
    for plan in (DATED, FULL):
        found = plan.audit(timeline.by_customer["ann"], to_moment(at)).of_kind("chaser")
        expected = [(f.evidence[0], f.certainty, len(f.causes)) for f in found if f.case == "c"]
        told = [(c.said.event, c.certainty, len(c.overdue)) for c in prepared(timeline, at, plan).chasers]
        assert told == expected
    bare = Plan(Calendar.always(), promise=Touch(due=PromiseKept() | EstimateCurrent()))
    found = bare.audit(timeline.by_customer["ann"], to_moment(at)).of_kind("chaser")
    told = [(c.said.event, c.certainty, len(c.overdue)) for c in prepared(timeline, at).chasers]
    assert told == [(f.evidence[0], f.certainty, len(f.causes)) for f in found if f.case == "c"]


@given(logs(), plans, st.integers(20, 120))
def test_words_keep_to_their_budget_and_only_confirm(
    drawn: tuple[Timeline, int], plan: Plan | None, budget: int
) -> None:
    """The summary is as long as it may be, and what is said first asks for nothing but whether it is right."""
    h = prepared(*drawn, plan, words=budget)
    assert 0 < len(h.summary.split()) <= budget
    nothing = h.confirmation.startswith("I have your case c in front of me. Little is written down yet")
    assert h.confirmation.endswith("Is that right?") != nothing
    assert h.confirmation.count("?") == (not nothing)
    assert len(h.confirmation.split()) <= 90


@given(logs(), plans)
def test_gaps_are_ordered_and_ask_only_what_is_not_known(drawn: tuple[Timeline, int], plan: Plan | None) -> None:
    """What the customer wants comes first; nobody is asked for what was told."""
    h = prepared(*drawn, plan)
    assert [gap.rank for gap in h.gaps] == list(range(1, len(h.gaps) + 1))
    assert (h.gaps[0].part == "wanted" and h.gaps[0].required) == (h.wanted is None)
    assert all(gap.what and gap.harm and gap.question.endswith("?") and gap.of for gap in h.gaps)
    asked = {q.text for q in h.questions}
    assert all(q.text.endswith("?") and q.of for q in h.questions)
    assert (WANTED_QUESTION in asked) == (h.wanted is None)
    facts = {k.fact for k in h.known}
    assert not (facts & set(STAKE_FACTS) and STAKE_QUESTION in asked)
    assert not ("well" in facts and any("Are you well" in text for text in asked))


@given(logs(), plans)
def test_there_is_one_next_action(drawn: tuple[Timeline, int], plan: Plan | None) -> None:
    """One person; its instant is never in the past; without one, it is a gap."""
    h = prepared(*drawn, plan)
    action = h.next_action
    assert action is not None
    assert action.who == "the lead"
    assert action.at_us >= h.at_us
    assert (action.at_us == NEVER) == any(g.part == "next_action" for g in h.gaps)
