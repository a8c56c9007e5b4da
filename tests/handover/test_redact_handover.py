"""A handover as its reader may see it: the story stays, the values go, and it says what was done."""

from __future__ import annotations

import re

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepolicy import Event, Timeline
from carepolicy._instant import to_micros
from carepolicy.closing import WANTED
from carepolicy.handover.document import Choice, Known, Owed, Person, Said
from carepolicy.handover.handover import Handover
from carepolicy.redact import RedactionPolicy, Sight, redacted
from carepolicy.redact.tokens import Tokens
from tests.handover.hostile import full, nasty, texts_of

AT = to_micros("2026-03-02T09:00Z")
CARD, MAIL, PHONE = "4111 1111 1111 1111", "ada@mail.example", "+49 170 1234567"
IBAN = "DE89 3704 0044 0532 0130 00"
STORY = Handover(
    customer="Ada Byron",
    case="4155552671",
    at_us=AT,
    title="Ada Byron, order: the coat with the shop",
    seen=("e1", f"mail-{MAIL}"),
    severity="high",
    severity_why=("they bring in 1 % of our revenue",),
    mood="angry",
    confirmation=f"I understand that Ada wants {MAIL} to be written to; is that right?",
    known=(
        Known(fact="name", said=Said(text="Ada Byron", at_us=AT)),
        Known(fact="phone", said=Said(text="the green one", at_us=AT)),
        Known(fact="size", said=Said(text="40, not 38", at_us=AT)),
    ),
    promises=(Owed(what=f"Mr Smith calls BYRON on {PHONE}", by="shop", to="customer", role="us", made_us=AT),),
    people=(Person(part="contact", name="Ada Byron", reach="the green one"), Person(part="owner", name="Eve")),
    options=(Choice(name="swap", cost=40.0, authority="head"), Choice(name="refund", refused="too dear")),
    unanswered=(Said(text=f"charge {CARD}, or {PHONE}; the green one rings", at_us=AT),),
)
ROLES = ("ours", "partner", "customer", "somebody")
_TOKEN = re.compile(r"\[[a-z -]+ \d+\]")


def shown(handover: Handover) -> set[str]:
    """What can be read: the texts between the tokens, without what is said about the redaction."""
    texts = texts_of(attrs.evolve(handover, redactions=()))
    return {piece for _, text in texts for piece in _TOKEN.split(text) if piece}


def is_within(less: Handover, more: Handover) -> bool:
    """Whether whatever one shows, the other shows too."""
    return all(any(piece in text for text in shown(more)) for piece in shown(less))


class TestRoles:
    """Who sees what."""

    def test_a_partner_sees_the_story_without_the_customer(self) -> None:
        less = redacted(STORY, for_role="partner")
        assert less.customer == "[customer 1]"
        assert less.title == "[customer 1], order: the coat with the shop"
        assert [k.said.text for k in less.known] == ["[customer 1]", "[fact 1]", "40, not 38"]
        assert less.promises[0].what == "Mr Smith calls [customer 3] on [phone 1]"
        assert less.unanswered[0].text == "charge [card 1], or [phone 1]; [fact 1] rings"
        assert less.people == (
            Person(part="contact", name="[customer 1]", reach="[fact 1]"),
            Person(part="owner", name="Eve"),
        )
        assert less.options == (Choice(name="swap"),)
        assert (less.severity, less.severity_why, less.mood) == ("high", (), "")
        assert less.case == STORY.case, "an id is no phone number"
        assert less.seen == ("e1", "mail-[e-mail 1]")

    def test_ours_see_all_but_payment_data(self) -> None:
        less = redacted(STORY, for_role="ours")
        assert less.unanswered[0].text == f"charge [card 1], or {PHONE}; the green one rings"
        assert attrs.evolve(less, unanswered=STORY.unanswered, redactions=()) == STORY

    def test_a_customer_sees_nothing_internal(self) -> None:
        less = redacted(STORY, for_role="customer")
        assert (less.severity, less.mood, less.seen) == ("", "", ())
        assert less.promises == STORY.promises
        assert less.options == (Choice(name="swap"),)

    def test_a_role_that_nobody_knows_sees_the_least(self) -> None:
        less = redacted(STORY, for_role="somebody")
        assert shown(less) == {"4155552671", "UTC", "prepared"}

    def test_it_says_what_was_done(self) -> None:
        done = redacted(STORY, for_role="partner").redactions
        assert done[0].startswith("left out for the role 'partner': gaps, mood")
        assert done[1].startswith("replaced for the role 'partner' wherever it was found: the customer's name; how to")
        assert done[2].startswith(
            "looked for in free text for the role 'partner': card, e-mail, iban, id, phone, by e-"
        )
        assert done[3] == "free text is best effort: what no detector finds is still there"

    def test_a_policy_that_hides_nothing_says_so_by_saying_little(self) -> None:
        policy = RedactionPolicy(
            sights=(Sight(role="all", masks=(), names=False, reach=False, costs=False),), detectors=()
        )
        less = redacted(STORY, for_role="all", policy=policy)
        assert less.redactions == ("free text is best effort: what no detector finds is still there",)
        assert attrs.evolve(less, redactions=()) == STORY

    def test_without_detectors_it_says_by_nothing(self) -> None:
        policy = RedactionPolicy(detectors=())
        assert "card, iban, by nothing" in redacted(STORY, for_role="ours", policy=policy).redactions[0]

    def test_a_short_name_is_replaced_where_it_stands_alone(self) -> None:
        less = redacted(Handover(customer="Al", title="Al", summary="all of Al"), for_role="partner")
        assert (less.customer, less.title, less.summary) == ("[customer 1]", "[customer 1]", "all of Al")

    def test_the_word_customer_is_no_name(self) -> None:
        assert redacted(Handover(customer="customer"), for_role="partner").customer == "customer"

    @pytest.mark.parametrize(
        "note", [f"{CARD}{MAIL}", f"=A0 {CARD}", f"01.02.2018 {CARD}", f"{IBAN} {CARD}", f"{CARD}{CARD} {CARD}"]
    )
    @pytest.mark.parametrize("role", ["ours", "partner"])
    def test_a_card_that_touches_something_else_is_known_wherever_it_stands(self, note: str, role: str) -> None:
        """It reads like one value with what is before or behind it; an id may have it alone."""
        less = redacted(Handover(summary=note, last_event=CARD, seen=(f"m{CARD}",)), for_role=role)
        assert not re.search("4111 1111|1111 1111", repr(less))

    @pytest.mark.parametrize(("known", "written"), [("Jos\u00e9", "Jose\u0301"), ("Jose\u0301", "Jos\u00e9")])
    def test_a_name_is_found_however_its_letters_are_encoded(self, known: str, written: str) -> None:
        """Both look the same; some keyboards write an accent as a character of its own."""
        less = redacted(Handover(customer=known, summary=f"for {written}, please"), for_role="partner")
        assert less.summary == "for [customer 1], please"

    def test_a_name_is_found_where_lower_case_has_another_length(self) -> None:
        less = redacted(Handover(customer="İpek Kaya", summary="İİ and İpek Kaya"), for_role="partner")
        assert less.summary == "İİ and [customer 1]"


private = st.sampled_from(
    [CARD, "4111111111111111", MAIL, PHONE, "DE89370400440532013000", "078-05-1120", "Ada Byron", "the green one"]
)
texts = st.lists(private | nasty | st.sampled_from([" ", "1", "x", "[card 1]", "[", "-"]), max_size=5).map("".join)


@st.composite
def handovers(draw: st.DrawFn) -> Handover:
    """A story with texts that may hold anything."""
    text = draw(texts)
    return attrs.evolve(
        STORY,
        summary=text,
        unanswered=(Said(text=draw(texts), at_us=AT, event=draw(texts)),),
        known=(
            *STORY.known,
            Known(fact=draw(st.sampled_from(["iban", "colour"])), said=Said(text=draw(texts), at_us=AT)),
        ),
    )


@given(handover=handovers(), role=st.sampled_from(ROLES))
@settings(deadline=None)
def test_redacting_twice_is_redacting_once(handover: Handover, role: str) -> None:
    """The same reader gets the same document."""
    once = redacted(handover, for_role=role)
    assert redacted(once, for_role=role) == once


@given(handover=handovers(), first=st.sampled_from(ROLES), then=st.sampled_from(ROLES))
@settings(deadline=None)
def test_redaction_never_widens(handover: Handover, first: str, then: str) -> None:
    """Redacted for one and then for another, it shows nothing that it would not show the other alone."""
    alone = redacted(handover, for_role=then)
    both = redacted(redacted(handover, for_role=first), for_role=then)
    assert is_within(both, alone)
    assert is_within(alone, handover)


@given(handover=handovers())
@settings(deadline=None)
def test_what_was_replaced_is_nowhere(handover: Handover) -> None:
    """The value of a token is in no field of the document, and in no rendering."""
    handover = attrs.evolve(handover, summary=f"{handover.summary} {CARD} {MAIL}")
    less = redacted(handover, for_role="partner")
    everything = "\n".join([repr(less), less.to_markdown(), less.to_html(), less.to_text(), less.to_row()])
    for value in (CARD, MAIL, "the green one", "Ada Byron"):
        assert value not in everything


@given(words=nasty, role=st.sampled_from(ROLES))
@settings(max_examples=15, deadline=None)
def test_a_redacted_handover_has_no_field_that_was_not_there(words: str, role: str) -> None:
    """Nothing is added but the words about what was done; what is outstanding is still listed."""
    handover = full(words)
    less = redacted(handover, for_role=role)
    assert len(texts_of(attrs.evolve(less, redactions=()))) <= len(texts_of(handover))
    if role != "somebody":
        assert len(less.promises) == len(handover.promises)
        assert len(less.unanswered) == len(handover.unanswered)


@given(secret=st.sampled_from((CARD, IBAN, MAIL, PHONE)), before=st.integers(0, 30), after=st.integers(0, 30))
@settings(deadline=None)
def test_no_half_of_a_secret_is_left_where_a_sentence_was_cut(secret: str, before: int, after: int) -> None:
    """Sentences quote in part; what they quote stands in full in another field, and tells what the half is of."""
    text = " ".join(["so", *("word" for _ in range(before)), secret, *("word" for _ in range(after))])
    rows = (("opened", ""), ("promise", ""), ("told", WANTED), ("failed", ""), ("contact", ""))
    log = Timeline(
        [
            Event(at=AT, kind=kind, case="c", party="shop", fact=fact, text=text, direction="inbound", channel="email")
            for kind, fact in rows
        ]
    )
    less = Handover.prepare(log, "c", "2026-03-02T10:00Z").redacted(for_role="partner")
    assert all(secret[:6] not in piece for piece in shown(less))


def test_what_was_cut_is_known_by_its_longest_beginning() -> None:
    """And only as a word of its own, four letters at least."""
    tokens = Tokens(("card", "phone"))
    tokens.of("phone", "4111 99")
    tokens.of("card", CARD)
    tokens.add_word("name", "Lovelace")
    assert tokens.replace_cut("pay 4111 1111… or 4111… or 411… or x4111…") == (
        "pay [card 1]… or [phone 1]… or 411… or x4111…"
    )
    assert tokens.replace_cut("for Ms Lovel…") == "for Ms [name 1]…"
    assert tokens.replace_cut("4111…") == "[phone 1]…"
