"""Who has a case in hand, how it came there, and who waits for whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import attrs

from carepolicy.events import Event
from carepolicy.facts import CUSTOMER_PARTY, US
from carepolicy.handover.casefile import CaseFile, plain_name
from carepolicy.handover.document import Owed, Said, Waiting
from carepolicy.handover.owing import DUTY, ESTIMATE

_STARTS = ("opened", "reopened")
_ENDS = ("completed", "closed")
_SOURCE = (" from", " from the")
_COMES = re.compile(r"\b(arriv|deliver|order|parts?\b|comes? in\b)", re.IGNORECASE)
"""Words by which a text says that a thing is waited for, and not something that the promisor does."""


@attrs.frozen
class Holding:
    """Who has a case in hand.

    Args:
        chain: The parties it went through, each of which waits for the next; the last one has it now.
        moves: The event by which each of them got it.
        shown: The last event that shows who has it; None where nobody does.
    """

    chain: tuple[str, ...] = ()
    moves: tuple[Event, ...] = ()
    shown: Event | None = None

    def passed(self, party: str, event: Event) -> Holding:
        """The same once a party has it; back at one that had it before, those after it are out."""
        if self.chain[-1:] == (party,):
            return attrs.evolve(self, shown=event)
        place = self.chain.index(party) if party in self.chain else len(self.chain)
        return Holding((*self.chain[:place], party), (*self.moves[:place], event), event)


def holding_in(file: CaseFile) -> Holding:
    """How a case went from hand to hand: opened, handed on, taken, and whoever failed at it last had it.

    Whom it was handed to is who the log says (column `to`), who took it (`accepted`), whom the text names, or the next
    party of our side that is heard of, in this order. Nobody has what is complete.
    """
    whole = [e for e in file.own if not e.ref and (e.kind in _ENDS or file.is_ours(e))]
    names = _spoken_names(file)
    held = Holding()
    for position, event in enumerate(whole):
        if event.kind in _ENDS:
            held = Holding()
        elif event.kind in (*_STARTS, "accepted", "failed"):
            held = held.passed(event.party, event)
        elif event.kind == "handed" and held.chain:
            taker = _taker(event, whole[position + 1 :], names, file)
            if taker:
                giving = held if event.party in held.chain else held.passed(event.party, event)
                held = giving.passed(taker, event)
    return held


def _spoken_names(file: CaseFile) -> dict[str, str]:
    """How texts may name each party: in small letters, without the marks of names in data."""
    parties = dict.fromkeys((*file.parties.partners, *file.parties.ours, *(e.party for e in file.own)))
    return {p: plain_name(p).casefold() for p in parties if p and file.parties.role(p) != CUSTOMER_PARTY}


def _taker(handed: Event, later: Sequence[Event], names: dict[str, str], file: CaseFile) -> str:
    """Whom it was handed to; "" where nobody can say."""
    to = dict(handed.extra).get("to")
    if to:
        return to
    heard = ""
    for event in later:
        if event.kind == "handed":
            break
        if file.is_ours(event) and event.party != handed.party:
            if event.kind == "accepted":
                return event.party
            heard = heard or event.party
    return _named_in(handed, names) or heard


def _named_in(handed: Event, names: dict[str, str]) -> str:
    """The party that a text names last, but for whoever hands over, and whom it comes from."""
    text = f" {plain_name(handed.text).casefold()}"
    found = {party: text.rfind(f" {name}") for party, name in names.items() if party != handed.party}
    found = {party: at for party, at in found.items() if at >= 0 and not text[:at].endswith(_SOURCE)}
    return max(found, key=lambda party: (found[party], party), default="")


def place_in(file: CaseFile, holding: Holding) -> Said | None:
    """The event that says who has it now, with who that is as its `to`; None where nobody does."""
    return None if holding.shown is None else file.said(holding.shown, to=holding.chain[-1])


def waiting_in(
    file: CaseFile, holding: Holding, owed: tuple[Owed, ...], unanswered: tuple[Said, ...]
) -> tuple[Waiting, ...]:
    """Who waits for whom, from the customer on: along the hands it went through, then for what is owed."""
    return tuple(
        dict.fromkeys((*_along(file, holding), *_for_what_is_owed(file, holding, owed), *_for_answers(unanswered)))
    )


def _along(file: CaseFile, holding: Holding) -> Iterator[Waiting]:
    who = CUSTOMER_PARTY
    for party, event in zip(holding.chain, holding.moves, strict=True):
        yield Waiting(who=who, on=party, what=event.text, since_us=event.at_us, evidence=(event.id,))
        who = party


def _for_what_is_owed(file: CaseFile, holding: Holding, owed: tuple[Owed, ...]) -> Iterator[Waiting]:
    last = holding.chain[-1] if holding.chain else ""
    by_ref = {o.ref: o for o in owed if o.ref}
    for one in owed:
        if one.kind == DUTY:
            continue
        since, evidence = one.made_us, one.evidence
        depends = dict(file.by_id[evidence[0]].extra).get("depends_on", "")
        if depends in by_ref and by_ref[depends] is not one:
            other = by_ref[depends]
            yield Waiting(who=one.by, on=other.by, what=other.what, since_us=since, evidence=evidence)
        if one.role == CUSTOMER_PARTY:
            yield Waiting(who=one.to or last or US, on=CUSTOMER_PARTY, what=one.what, since_us=since, evidence=evidence)
        elif one.by == last and one.kind != ESTIMATE and _COMES.search(one.what):
            yield Waiting(who=one.by, on="", what=one.what, since_us=since, evidence=evidence)
        elif one.by not in holding.chain or one.kind != ESTIMATE:
            yield Waiting(who=CUSTOMER_PARTY, on=one.by, what=one.what, since_us=since, evidence=evidence)


def _for_answers(unanswered: tuple[Said, ...]) -> Iterator[Waiting]:
    for said in unanswered:
        what = f"an answer: {said.text}"
        yield Waiting(who=CUSTOMER_PARTY, on=said.to, what=what, since_us=said.at_us, evidence=(said.event,))
