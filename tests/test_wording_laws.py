"""Laws of wording: what is flagged is in the text, and rules know nothing of each other."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from carepolicy.wording import STANDARD, Flag, Names, WordingRule, check_wording

pieces = st.sampled_from(
    ["Dear Bob,\n", "Dear Ann, ", "not affiliated with ", "contact the shop directly. ", "\n", "{name}", "Best Glass ",
     "we see to it ", "You will not receive a reply. ", "é\u200d", "directly ", "Apex Body "]
)  # fmt: skip
texts = st.one_of(st.lists(pieces, max_size=8).map("".join), st.text(max_size=60))
names = st.builds(
    Names,
    st.sampled_from([(), ("Ann",), ("Ann Smith", "Bob")]),
    partners=st.sampled_from([(), ("Apex Body",)]),
    all_partners=st.sampled_from([(), ("Apex Body", "Best Glass", "Apex")]),
)
some_rules = st.lists(st.sampled_from(STANDARD), unique=True)


@given(texts, names)
def test_what_is_flagged_is_in_the_text(text: str, who: Names) -> None:
    """Each flag gives words that stand there, at its place, and says why and what instead; in the order of the text."""
    flags = check_wording(text, names=who)
    assert all(flag.found and text[flag.start : flag.end] == flag.found for flag in flags)
    assert all(flag.why and flag.instead for flag in flags)
    assert [flag.start for flag in flags] == sorted(flag.start for flag in flags)


@given(texts, names, some_rules, some_rules)
def test_rules_know_nothing_of_each_other(
    text: str, who: Names, one: list[WordingRule], other: list[WordingRule]
) -> None:
    """What two lists of rules find together is what each finds by itself, in any order, each thing once."""
    apart = {*check_wording(text, one, who), *check_wording(text, other, who)}
    assert set(check_wording(text, [*other, *one], who)) == apart
    assert check_wording(text, [*other, *one], who) == check_wording(text, [*one, *other], who)
    assert len(check_wording(text, [*one, *one], who)) == len(set(check_wording(text, one, who)))


@given(st.lists(pieces, max_size=6).map("".join), st.lists(pieces, max_size=3).map("".join))
def test_a_text_that_goes_on_keeps_its_flags(text: str, more: str) -> None:
    """Another paragraph takes nothing away from what was found before it."""
    assert {*check_wording(text + "\n\n")} <= {*check_wording(text + "\n\n" + more)}


@given(texts, names)
def test_they_are_values(text: str, who: Names) -> None:
    """What their repr builds, and what pickle brings back, equals them."""
    namespace = {"Flag": Flag, "Names": Names, "WordingRule": WordingRule}
    for value in (who, *STANDARD, *check_wording(text, names=who)):
        assert eval(repr(value), namespace) == value == pickle.loads(pickle.dumps(value))
