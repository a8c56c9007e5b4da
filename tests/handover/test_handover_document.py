"""The parts of a handover: small values that say their instants and build themselves again."""

from __future__ import annotations

import pickle

import attrs
import pytest

from carepolicy._instant import NEVER, iso, to_micros
from carepolicy.handover import document
from carepolicy.handover.document import (
    Chaser,
    Choice,
    Contingency,
    Contradiction,
    Gap,
    Known,
    Link,
    NextAction,
    Owed,
    Person,
    Question,
    Said,
    Tried,
    Waiting,
)
from carepolicy.handover.handover import PREPARED, Handover

AT = to_micros("2026-03-02T09:00Z")
SAID = Said(text='say "hi"', at_us=AT, by="dealer", to="customer", channel="phone", event="e1", by_the_day=True)
PARTS = (
    SAID,
    Known(fact="name", said=SAID, asked_again=("e2",)),
    Tried(what="repair", ended="failed", said=SAID, evidence=("e1",)),
    Owed(what="a part", by="dealer", to="customer", role="partner", due_us=AT, made_us=AT),
    Person(part="owner", name="kim", team="claims", competences=("engines",), reach="phone 7"),
    Choice(name="a loan car", cost=40.0, in_time=True),
    NextAction(what="call", who="kim", at_us=AT, zone="Europe/Paris"),
    Contingency(when="it fails", then="another dealer", by_us=AT),
    Chaser(said=SAID, overdue=("an update",)),
    Contradiction(code="dates_differ", what="two dates", evidence=("e1", "e2")),
    Question(text="What do you want?"),
    Gap(part="wanted", what="nobody asked", harm="a guess", question="What do you want?", required=True, rank=1),
    Waiting(who="customer", on="dealer", what="a part"),
    Link(sender="kim", to="lee", prepared_us=AT),
)


class TestParts:
    """Each part is a frozen value."""

    @pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__)
    def test_repr_and_pickle_build_it_again(self, part: object) -> None:
        """What a notebook shows can be pasted; what a worker sends arrives."""
        assert eval(repr(part), vars(document)) == part
        assert pickle.loads(pickle.dumps(part)) == part
        assert hash(part) == hash(pickle.loads(pickle.dumps(part)))

    def test_instants_are_given_in_utc_or_in_their_zone(self) -> None:
        """None where nobody said one."""
        assert (SAID.at, PARTS[3].due) == (PARTS[3].due, SAID.at)
        assert iso(to_micros(NextAction(what="call", at_us=AT, zone="Europe/Paris").at), "UTC") == iso(AT)  # type: ignore[arg-type]
        assert NextAction(what="call").at is None
        assert attrs.evolve(PARTS[3], due_us=NEVER).due is None


class TestHandover:
    """A handover can be built by hand, from as little as is known."""

    def test_everything_has_a_default(self) -> None:
        """It is prepared, says nothing, and has no instant."""
        h = Handover()
        assert (h.status, h.at, h.missing()) == (PREPARED, None, ())

    def test_it_says_its_instant_in_the_readers_zone(self) -> None:
        """As of when, for whoever reads it."""
        assert str(Handover(at_us=AT, zone="Europe/Paris").at) == "2026-03-02 10:00:00+01:00"

    def test_what_a_host_may_refuse_to_hand_over_without(self) -> None:
        """Only required parts are missing."""
        wanted = Gap(part="wanted", what="w", harm="h", question="q?", required=True)
        scribe = Gap(part="scribe", what="w", harm="h", question="q?")
        assert Handover(gaps=(wanted, scribe)).missing() == (wanted,)

    def test_notebooks_show_it(self) -> None:
        """As a part of a page, whose style stays its own, and as Markdown."""
        h = Handover(title="claim: the car with the dealer")
        assert "<html" in h.to_html()
        assert "<html" not in h._repr_html_()
        assert "the car with the dealer" in h._repr_html_()
        assert h._repr_markdown_() == h.to_markdown()
