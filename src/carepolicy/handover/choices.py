"""What can be offered to the customer, and what was refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from carepolicy._instant import NEVER
from carepolicy.handover.casefile import CaseFile, quoted
from carepolicy.handover.document import Choice
from carepolicy.recovery import Option, Recovery, Restored
from carepolicy.severity import Stake

OPTION = "option"
"""The purpose of a `declined` event by which the customer refuses an option; its `ref` names the option."""


def choices_in(file: CaseFile, given: Recovery | Iterable[Option], stakes: tuple[Stake, ...]) -> tuple[Choice, ...]:
    """The options that are ready, as the host ranks them, then those that were refused or come too late.

    Args:
        file: The case.
        given: What can be offered.
        stakes: What the customer would miss; without any, nobody knows what "in time" is.
    """
    if isinstance(given, Recovery):
        ready = list(_restored(given, bool(stakes)))
    else:
        ready = [_bare(option, file, stakes) for option in given]
    refused = {
        e.ref or quoted(e): f"refused by {e.party or 'the customer'} on {file.when_of(e)}: {quoted(e)}"
        for e in file.of_kind("declined")
        if e.purpose == OPTION
    }
    told = [attrs.evolve(c, refused=refused.pop(c.name, c.refused)) for c in ready]
    told += [Choice(name=name, refused=why) for name, why in refused.items()]
    return tuple(sorted(told, key=lambda c: bool(c.refused)))


def _restored(recovery: Recovery, at_stake: bool) -> Iterator[Choice]:
    every: tuple[Restored, ...] = (*recovery.offers, *recovery.beyond)
    known = at_stake or any(r.saves for r in every)
    for restored in every:
        within = restored in recovery.offers
        yield Choice(
            name=restored.option.name,
            cost=restored.option.cost,
            authority="" if within else restored.authority or "whoever may",
            in_time=bool(restored.saves) if known else None,
            choose_by_us=restored.choose_by_us,
        )


def _bare(option: Option, file: CaseFile, stakes: tuple[Stake, ...]) -> Choice:
    gone = isinstance(option.restores, int) and option.restores <= file.at_us
    ahead = [s for s in stakes if s.at_us > file.at_us]
    last = min((option.last_choice(s.deadline(file.calendar), file.calendar) for s in ahead), default=NEVER)
    return Choice(
        name=option.name,
        cost=option.cost,
        in_time=file.at_us <= last if ahead else None,
        choose_by_us=last if file.at_us <= last else NEVER,
        refused=f"too late since {file.when(option.restores)}" if gone and isinstance(option.restores, int) else "",
    )
