"""The few questions that are truly open: never one whose answer is known, and what they want before what we offer."""

from __future__ import annotations

from collections.abc import Iterator

from carepolicy._instant import NEVER
from carepolicy.closing import WANTED
from carepolicy.facts import CUSTOMER_PARTY, US
from carepolicy.handover.casefile import CaseFile, clipped
from carepolicy.handover.document import Owed, Question, Said
from carepolicy.handover.gaps import STAKE_FACTS, STAKE_QUESTION, WANTED_QUESTION
from carepolicy.handover.owing import DUTY, is_late
from carepolicy.questions import QUESTIONS

_WELL = next(rule for rule in QUESTIONS if rule.fact == "well")
MOST = 7
"""So many questions at most: more are an interrogation."""


def questions_in(file: CaseFile, owed: tuple[Owed, ...], wanted: Said | None, *, stakes: bool) -> tuple[Question, ...]:
    """What to ask, the customer first, in the order in which it can be asked.

    Args:
        file: The case.
        owed: What is outstanding.
        wanted: What the customer wants; asked first where nobody knows.
        stakes: Whether it is known what they would miss.
    """
    return tuple([*_of_the_customer(file, owed, wanted, stakes), *_of_others(file, owed)][:MOST])


def _of_the_customer(file: CaseFile, owed: tuple[Owed, ...], wanted: Said | None, stakes: bool) -> Iterator[Question]:
    told = file.latest_told
    if file.of_kind("incident") and _WELL.fact not in told:
        yield Question(text=_WELL.text, why="nobody has asked since it happened")
    if wanted is None:
        asked = any(e.kind == "asked" and e.fact == WANTED for e in file.events)
        why = "asked before, and not answered" if asked else "it decides what we offer; nobody has asked"
        yield Question(text=WANTED_QUESTION, why=why)
    if not stakes and not any(fact in told for fact in STAKE_FACTS):
        yield Question(text=STAKE_QUESTION, why="it decides by when it must be right")
    for one in owed:
        if one.role == CUSTOMER_PARTY and (one.kind == "asked" or is_late(one, file.at_us)):
            yield Question(text=f"What became of this: {clipped(one.what)}?", why="we wait for it")


def _of_others(file: CaseFile, owed: tuple[Owed, ...]) -> Iterator[Question]:
    for one in owed:
        if one.role == CUSTOMER_PARTY or one.kind == DUTY:
            continue
        if one.due_us >= NEVER:
            yield Question(text=f"By which day and hour: {clipped(one.what)}?", why="it has no date", of=one.by or US)
        elif is_late(one, file.at_us):
            why = f"due {file.when(one.due_us)}, {one.state}"
            yield Question(text=f"Is it done, or by which day and hour: {clipped(one.what)}?", why=why, of=one.by or US)
