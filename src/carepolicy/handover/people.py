"""Who has to do with a case: its owner, who takes it over, the customer's contact, and everybody else in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from carepolicy.facts import CUSTOMER_PARTY, US
from carepolicy.handover.casefile import CaseFile, clipped
from carepolicy.handover.document import Person

if TYPE_CHECKING:
    from carepolicy.plan import Plan

OWNER, RECEIVER, SENDER, SCRIBE, CONTACT = "owner", "receiver", "sender", "scribe", "contact"
"""The parts that a handover asks for."""
PREFERRED = "preferred channel"
"""The fact by which a log says how the customer wants to be reached."""


def people_in(
    file: CaseFile, given: Iterable[Person], *, to: str, sender: str, plan: Plan | None
) -> tuple[Person, ...]:
    """Everybody who has to do with the case, the owner first; whom the host names counts more than what the log says.

    Args:
        file: The case.
        given: As the host knows them.
        to, sender: Who takes over, and from whom.
        plan: Whose touches name who answers for them.
    """
    named = list(given)
    parts = {p.part for p in named}
    found = [p for p in named if p.part == OWNER] or [_owner(file, plan)]
    for part, name in ((RECEIVER, to), (SENDER, sender)):
        if name and part not in parts:
            known = next((p for p in named if p.name == name), None)
            found.append(Person(part=part, name=name) if known is None else attrs.evolve(known, part=part))
    found += [p for p in named if p.part not in (OWNER, CONTACT)]
    found += [p for p in named if p.part == CONTACT] or [_contact(file)]
    parties = dict.fromkeys(e.party for e in file.own if file.is_ours(e))
    there = {p.part for p in found} | {p.team for p in named} | {p.name for p in found}
    return (*found, *(Person(part=p, team=p) for p in parties if p not in there))


def _owner(file: CaseFile, plan: Plan | None) -> Person:
    """Who took the case over last; else the team that opened it, or the first that the plan names for a duty."""
    whole = [e for e in file.of_kind("opened", "accepted") if not e.ref and file.is_ours(e)]
    ours = [e for e in whole if file.parties.role(e.party) == US]
    took = next((e.party for e in reversed(ours) if e.kind == "accepted"), "")
    opened = next((e.party for e in ours if e.kind == "opened"), "")
    planned = () if plan is None else (t.owner for _, t in plan.touches if t.owner and t.due is not None)
    return Person(part=OWNER, name=took, team="" if took else opened or next(iter(planned), ""))


def _contact(file: CaseFile) -> Person:
    """The customer's contact, and how they are reached: as they said, else as they reach us most often."""
    person = next((e.person for e in reversed(file.contacts) if e.person), "")
    told = file.latest_told.get(PREFERRED)
    wish = next((e for e in reversed(file.events) if e.kind == "wish" and e.channel), None)
    used = Counter(e.channel for e in file.contacts if e.channel and e.direction == "inbound")
    reach = ""
    if told is not None:
        reach = told.channel or clipped(told.text)
    elif wish is not None:
        reach = wish.channel
    elif used:
        channel, times = max(used.items(), key=lambda pair: (pair[1], pair[0]))
        reach = f"{channel}, as they reached us {times} of {used.total()} times; nobody asked what they prefer"
    return Person(part=CONTACT, name=person or file.customer or CUSTOMER_PARTY, reach=reach)
