"""The public laws: they hold for what ships, and every one of them can fail."""

from __future__ import annotations

import importlib
import pickle
import sys
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from carepolicy import (
    Actionable,
    Cadence,
    Calendar,
    Event,
    JourneyComplete,
    RestBetween,
    Span,
    Timeline,
    Window,
    days,
    testing,
    working_days,
)
from carepolicy._instant import ALWAYS, NEVER, to_micros
from carepolicy._laws import check_declarations, check_joined
from carepolicy.errors import CarePolicyError, MissingExtraError
from carepolicy.testing import LawBroken, check_policy
from tests import wrong_policies as wrong

ONE_TEXT, INSTANTS, SAME = "one text", "answers are instants", "same facts, same answer"
DECLARED, SENTINELS, VALUES = "only declared facts", "always and never stay", "policies are values"
FOLDS, STABLE, AHEAD = "facts merge in any order", "no change before review_at", "no look-ahead"
KINDS, JOINED = "guards and duties", "& joins guards"

WRONG: list[tuple[Any, str, str, str]] = [
    (wrong.BranchesWithIf(), ONE_TEXT, "opens", "use where(condition"),
    (wrong.JoinsWithAnd(), ONE_TEXT, "opens", "use both(a, b)"),
    (wrong.TakesMax(), ONE_TEXT, "opens", "use latest(a, b)"),
    (wrong.TakesMin(), ONE_TEXT, "closes", "use earliest(a, b)"),
    (wrong.TakesTheOther(), ONE_TEXT, "opens", "instead of `a or b`"),
    (wrong.NegatesWithTilde(), INSTANTS, "opens", "use unless(condition)"),
    (wrong.RoundsWithMath(), ONE_TEXT, "opens", "instants are whole already"),
    (wrong.ComparesInAChain(), ONE_TEXT, "opens", "use both(a < b, b < c)"),
    (wrong.AsksTheWholeTable(), ONE_TEXT, "opens", "the rows of a table know nothing of each other"),
    (wrong.AsksTheWholeTableByNumpy(), ONE_TEXT, "opens", "the rows of a table know nothing of each other"),
    (wrong.DispatchesWrongly(), ONE_TEXT, "opens", "for the same facts in a table"),
    (wrong.WritesIntoFacts(), ONE_TEXT, "opens", "read-only"),
    (wrong.WrongLength(), INSTANTS, "opens", "an array of int64"),
    (wrong.ListsForATable(), INSTANTS, "opens", "None (NoneType)"),
    (wrong.GivesABool(), INSTANTS, "opens", "wrap the condition in only_if"),
    (wrong.GivesNone(), INSTANTS, "closes", "None (NoneType)"),
    (wrong.GivesAFloat(), INSTANTS, "redirects", "(float)"),
    (wrong.WithoutSource(), INSTANTS, "opens", "wrap the condition in only_if"),
    (wrong.Raises(), INSTANTS, "opens", "raises KeyError"),
    (wrong.AddsBareTicks(), SENTINELS, "opens", "use f.after(instant, span)"),
    (wrong.Counts(), SAME, "opens", "a second time"),
    (wrong.ExplainsAnew(), SAME, "explain", "call number"),
    (wrong.HidesAField(hidden=5), SAME, "opens", "for an equal policy"),
    (wrong.LooksElsewhere(), DECLARED, "opens", "'last_complained', at wrong_policies.py:"),
    (wrong.LooksElsewhereOnTheSly(), DECLARED, "opens", "add it to `facts` or `needs`, which declare last_invited"),
    (wrong.Owed(), INSTANTS, "starts", "write its `due` method"),
    (wrong.Changeable(), VALUES, "", "can be changed after it was made"),
    (wrong.HoldsAList(["a"]), VALUES, "", "tuples instead of lists"),
    (wrong.Unrepresented(), VALUES, "", "is not rebuilt by its repr"),
    (wrong.Unequal(), VALUES, "", "does not equal the copy that its pickle builds"),
    (wrong.local(), VALUES, "", "define the class at the top of a module"),
    (wrong.Folds(wrong.Fold()), FOLDS, "needs", "a sum does not merge"),
    (wrong.Folds(wrong.LatestArrived()), FOLDS, "needs", "keep the latest"),
    (wrong.Folds(wrong.KeepsAnOpenList()), FOLDS, "needs", "return a new state from step"),
    (wrong.Folds(wrong.GivesText()), FOLDS, "needs", "give an instant, ALWAYS or NEVER"),
    (wrong.Folds(wrong.Fold(scope="country")), FOLDS, "needs", "use one of customer, case, ref, party"),
    (wrong.Folds(wrong.Fold(missing=0)), FOLDS, "needs", "and 0 as missing"),
    (wrong.DecidesByTheHour(), STABLE, "decide", "changes attempt_us"),
    (wrong.LooksAgainInThePast(), STABLE, "decide", "gives review_at always"),
    (wrong.LooksAhead(), AHEAD, "decide", "events that are not visible then"),
    (wrong.ForgetsWhatComes(), AHEAD, "decide", "look again when the next event becomes visible"),
    (wrong.CountsWhatOthersAsk(), JOINED, "", "alone they decide"),
    (5, KINDS, "", "subclass Guard or Duty"),
    (JourneyComplete, KINDS, "", "an instance"),
]


@pytest.fixture
def as_found() -> Iterator[None]:
    """The same examples every time, and as they are found, not made small, which is what takes time."""
    before = settings.get_current_profile_name()
    settings.register_profile("as found", settings.get_profile(before), phases=[Phase.generate], derandomize=True)
    settings.load_profile("as found")
    yield
    settings.load_profile(before)


class TestCheckPolicy:
    """`check_policy` lets lawful policies pass and names the law that a wrong one breaks."""

    @pytest.mark.parametrize(("policy", "law", "method", "said"), WRONG, ids=[type(p).__name__ for p, *_ in WRONG])
    @pytest.mark.usefixtures("as_found")
    def test_refuses_what_is_wrong(self, policy: Any, law: str, method: str, said: str) -> None:
        """Each with the law, the method and the remedy."""
        with pytest.raises(LawBroken) as refused:
            check_policy(policy, examples=40, calendar=Calendar.always())
        assert (law, method) == (refused.value.law, refused.value.method)
        assert said in str(refused.value)

    def test_refuses_facts_that_are_no_values(self) -> None:
        """Two equal declarations are one fact of a plan, on every worker."""
        for fact, said in ((wrong.NoValue(), "does not equal its copy"), (wrong.NoPickle(), "not today")):
            with pytest.raises(LawBroken, match=said):
                check_declarations(wrong.Folds(fact))

    def test_refuses_guards_that_join_otherwise_in_another_order(self) -> None:
        """One that equals another guard, and answers otherwise, takes its place or loses it to the other."""
        three = (wrong.EqualToActionable(), RestBetween(), Actionable())
        values = dict.fromkeys((fact for guard in three for fact in guard.needs().values()), ALWAYS)
        with pytest.raises(LawBroken, match="in another order"):
            check_joined(three, Calendar.always(), values, 0)

    def test_lets_joined_policies_pass(self) -> None:
        """Every part, and the whole."""
        check_policy(JourneyComplete(days(2)) & wrong.Outsider(), examples=10)
        check_policy(Cadence(every=working_days(3)) | Cadence(every=days(7)), examples=10)

    def test_lets_a_policy_without_a_table_form_pass(self) -> None:
        """It says so with `one_customer_only`."""
        check_policy(wrong.OneByOne(), examples=20)

    def test_lets_a_stranger_pass(self) -> None:
        """Whoever writes all methods of a guard needs no base class."""
        check_policy(wrong.Outsider(), examples=20)

    def test_names_the_line(self) -> None:
        """The line of the policy's text, not one of the library's."""
        with pytest.raises(LawBroken, match=r"at wrong_policies\.py:\d+ `return max\(f\.left, f\.last_invited\)`"):
            check_policy(wrong.TakesMax(), examples=20)

    def test_a_policy_may_have_a_field_called_parts(self) -> None:
        """Only joined policies have parts."""
        decision = wrong.OfParts(parts=("brakes",)).decide(Timeline([]), "2026-03-02T09:00Z")
        assert [reason.policy for reason in decision.reasons] == ["OfParts"]

    def test_of_several_cases_the_next_to_matter_is_looked_at_in_time(self) -> None:
        """The most pressing case may be another one before the one that is pressing now changes."""
        log = Timeline(
            [
                Event(at="2026-03-02T09:00Z", kind="completed", case="waiting"),
                Event(at="2026-03-01T09:00Z", kind="opened", case="quiet"),
            ]
        )
        now = JourneyComplete(days(2)).decide(log, "2026-03-03T09:00Z")
        assert now.review_us == to_micros("2026-03-04T09:00Z")


class TestLawBroken:
    """What is raised says everything in one sentence, and keeps it apart as data."""

    def test_says_it_in_one_sentence(self) -> None:
        error = LawBroken("one text", "Rest", "opens", "branches", "f", "use where")
        assert str(error) == "Rest.opens breaks the law 'one text': branches, for f; use where"
        assert str(LawBroken("a", "Rest", "", "b", "", "c")) == "Rest breaks the law 'a': b; c"

    def test_is_a_failed_assertion_and_travels(self) -> None:
        error = LawBroken("one text", "Rest", "opens", "branches", "f", "use where")
        assert isinstance(error, AssertionError)
        assert isinstance(error, CarePolicyError)
        assert str(pickle.loads(pickle.dumps(error))) == str(error)


class TestExtra:
    """hypothesis is an extra."""

    def test_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "hypothesis", None)
        monkeypatch.delitem(sys.modules, "carepolicy.testing")
        with pytest.raises(MissingExtraError, match=r"pip install 'carepolicy\[testing\]'"):
            importlib.import_module("carepolicy.testing")


class TestStrategies:
    """What is drawn is what they promise."""

    @given(testing.instants(), testing.known())
    def test_instants_touch_often(self, instant: int, known: int) -> None:
        assert instant % 60_000_000 in (0, 1, 59_999_999)
        assert known in (ALWAYS, NEVER) or known % 60_000_000 in (0, 1, 59_999_999)

    @given(testing.spans(), testing.spans(least=-7))
    def test_spans_lead_somewhere(self, forward: Span, either: Span) -> None:
        assert forward.amount >= 1
        assert either.amount >= -7 or either.unit in ("elapsed", "working")

    @given(st.data())
    def test_timelines_hold_what_a_policy_asks_for(self, data: st.DataObject) -> None:
        """And kinds of one's own, and no corrections unless they are wanted."""
        some = testing.timelines(JourneyComplete(), kinds=["loan_car"], customers=["ann", "bob"], corrections=False)
        timeline = data.draw(some)
        assert timeline.is_plain
        assert {event.customer for event in timeline.events} <= {"ann", "bob"}

    @given(testing.events(JourneyComplete()), testing.moments(), testing.windows(), testing.calendars())
    def test_values_are_values(self, event: Event, moment: Any, window: Window, calendar: Calendar) -> None:
        """Aware times, and what else can be compared."""
        assert moment.utcoffset() is not None
        assert {event, window, calendar} == {calendar, event, window}

    @given(testing.guards(), testing.duties(), testing.plans(), testing.touches())
    def test_policies_explain_themselves(self, guard: Any, duty: Any, plan: Any, touch: Any) -> None:
        assert guard.explain()
        assert duty.explain()
        assert plan.explain()
        assert attrs.has(type(touch))
