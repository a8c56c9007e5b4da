"""What a handover lacks: each gap is a finding, with the harm that it does and the question that fills it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import attrs

from carepolicy._instant import NEVER
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CUSTOMER_PARTY, US
from carepolicy.handover.casefile import clipped, plain_name
from carepolicy.handover.document import Gap, Person
from carepolicy.handover.next_steps import is_agreed
from carepolicy.handover.owing import DUTY
from carepolicy.recovery import LEAST

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover

WANTED_QUESTION = "What outcome would make this right for you?"
STAKE_QUESTION = "Is there something that you need it for, and on which day?"
_VAGUE = re.compile(
    r"\b(soon|shortly|asap|as soon as possible|in due course|some ?time|no (firm )?date|hoped for|hopefully|maybe"
    r"|perhaps|a few days)\b",
    re.IGNORECASE,
)
_UNSURE = frozenset({"unknown", "broken", "partly", "passed"})
STAKE_FACTS = ("needed by", "deadline", "stake")
"""Facts by which the customer has told what is at stake."""


def gaps_of(h: Handover, teams: frozenset[str], *, stakes: bool) -> tuple[Gap, ...]:
    """What is missing or vague in a handover, the most harmful first.

    Args:
        h: The handover, complete but for its gaps.
        teams: The parties of the case, which are teams and not persons.
        stakes: Whether the host has said what the customer would miss.
    """
    found = [gap for look in _LOOKS for gap in look(h, teams)]
    if not stakes and not any(k.fact in STAKE_FACTS for k in h.known):
        found.append(_stake())
    found.sort(key=lambda gap: _HARM.index(gap.part))
    return tuple(attrs.evolve(gap, rank=rank) for rank, gap in enumerate(found, start=1))


_HARM = (
    "wanted", "to", "owner", "next_action", "unanswered", "severity", "stakes", "promises", "place", "next_contact",
    "options", "contradictions", "contact", "sender", "scribe",
)  # fmt: skip
"""The parts in which something may be missing, the most harmful first."""


def _wanted(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    if h.wanted is None:
        yield Gap(
            part="wanted",
            what="nobody has written down what outcome the customer wants",
            harm="whatever is offered is a guess, and the customer has to refuse it first",
            question=WANTED_QUESTION,
            required=True,
        )
    elif _VAGUE.search(h.wanted.text):
        yield Gap(
            part="wanted",
            what=f"what the customer wants is vague: {clipped(h.wanted.text)}",
            harm="we do what they did not mean, or later than they need it",
            question="What exactly, and by which day?",
        )


def _receiver(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    if not h.to:
        yield Gap(
            part="to",
            what="nobody is named who takes over",
            harm="what is handed to nobody is nobody's",
            question="Who takes it over?",
            of=US,
            required=True,
        )


def _owner(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    owner = next((p for p in h.people if p.part == "owner"), Person(part="owner"))
    if owner.name and owner.name not in teams:
        return
    team = owner.name or owner.team
    yield Gap(
        part="owner",
        what=f"it belongs to a team, {clipped(plain_name(team))}, and to no person" if team else "nobody owns it",
        harm="the customer is sent from one to the next, and each waits for another",
        question="Which one person owns it until it is over?",
        of=US,
        required=not team,
    )


def _next_action(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    action = h.next_action
    missing = (
        [] if action is None else ([] if action.who else ["person"]) + ([] if action.at_us < NEVER else ["instant"])
    )
    if action is None or missing:
        yield Gap(
            part="next_action",
            what=f"the next action names no {' and no '.join(missing)}" if missing else "nobody said what comes next",
            harm="it is done by nobody, or too late",
            question="Who does what next, and by when?",
            of=US,
            required=True,
        )
    elif action.who in teams:
        yield Gap(
            part="next_action",
            what=f"the next action is that of a team, {clipped(plain_name(action.who))}, and of no person",
            harm="each in the team takes it for another's",
            question="Which one person does it?",
            of=US,
        )


def _unanswered(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    for said in h.unanswered:
        yield Gap(
            part="unanswered",
            what=f"the customer has no answer to: {clipped(said.text)}",
            harm="they ask again, and trust us less each time",
            question="Who answers, and what?",
            of=US,
        )


def _severity(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    if not h.severity:
        yield Gap(
            part="severity",
            what="nobody has judged how severe it is",
            harm="it waits behind what matters less",
            question="How severe is it for this customer, and why?",
            of=US,
        )


def _stake() -> Gap:
    return Gap(
        part="stakes",
        what="nobody knows what the customer would miss, or by when they need it",
        harm="what is offered may restore them too late",
        question=STAKE_QUESTION,
    )


def _promises(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    for owed in h.promises:
        if owed.kind == DUTY or owed.role == CUSTOMER_PARTY:
            continue
        named, what = clipped(plain_name(owed.by)) or "nobody named", clipped(owed.what)
        if owed.due_us >= NEVER:
            problem, question = f"{named} gave no date: {what}", f"By which day and hour: {what}?"
        elif owed.state in _UNSURE:
            problem = {
                "unknown": f"nobody knows whether it was kept ({named}): {what}",
                "passed": f"the date has passed, and {named} gave no new one: {what}",
            }.get(owed.state, f"{named} has not kept it: {what}")
            question = f"Is it done, or by which day and hour will it be: {what}?"
        elif _VAGUE.search(owed.what):
            problem, question = f"the words are vague ({named}): {what}", f"Which day and hour is that: {what}?"
        else:
            continue
        yield Gap(
            part="promises",
            what=problem,
            harm="the customer counts on a date that we cannot stand by",
            question=question,
            of=owed.by or US,
        )


def _place(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    if h.place is None:
        yield Gap(
            part="place",
            what="nobody knows who has it now",
            harm="nobody can be asked how far it is",
            question="Where is it now, and who has it?",
            of=US,
        )


def _next_contact(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    if not is_agreed(h.next_contact):
        yield Gap(
            part="next_contact",
            what="the customer does not know when they hear from us next",
            harm="they have to call to find out",
            question="When may we call you next, and on which number?",
        )


def _options(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    ready = [c for c in h.options if not c.refused]
    if len(ready) < LEAST:
        yield Gap(
            part="options",
            what=f"{len(ready) or 'no'} option{'' if len(ready) == 1 else 's'} ready; it takes {LEAST} to choose from",
            harm="the customer is told, and not asked",
            question="What can we offer, what does it cost, and who may decide it?",
            of=US,
        )


def _contradictions(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    for contradiction in h.contradictions:
        yield Gap(
            part="contradictions",
            what=f"the log contradicts itself: {clipped(contradiction.what)}",
            harm="what we tell the customer may be wrong",
            question=f"Which is right: {clipped(contradiction.what)}?",
            of=US,
        )


def _contact(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    contact = next((p for p in h.people if p.part == "contact"), None)
    if contact is None or not contact.reach or "nobody asked" in contact.reach:
        yield Gap(
            part="contact",
            what="nobody asked how the customer prefers to be reached",
            harm="we miss them, or disturb them",
            question="How, and at which hours, may we reach you?",
        )


def _others(h: Handover, teams: frozenset[str]) -> Iterator[Gap]:
    if not h.sender:
        yield Gap(
            part="sender",
            what="nobody is named who hands over",
            harm="if it is not taken over, it stays with nobody",
            question="Who hands it over, and keeps it until it is taken?",
            of=US,
        )
    if not any(p.part == "scribe" and p.name for p in h.people):
        yield Gap(
            part="scribe",
            what="nobody writes down what is decided",
            harm="the next one has to ask again",
            question="Who writes?",
            of=US,
        )


_LOOKS: tuple[Callable[[Handover, frozenset[str]], Iterator[Gap]], ...] = (
    _wanted, _receiver, _owner, _next_action, _unanswered, _severity, _promises, _place, _next_contact, _options,
    _contradictions, _contact, _others,
)  # fmt: skip


def refuse_incomplete(h: Handover) -> None:
    """Refuse to hand over while a required part is missing; for hosts that want it so.

    Raises:
        InvalidPolicyError: If one is; it names each, with the question that fills it.
    """
    missing = h.missing()
    if missing:
        said = "; ".join(f"{gap.what}: ask {gap.question!r}" for gap in missing)
        raise InvalidPolicyError(f"handover of {h.case!r} lacks {len(missing)} required: {said}")
