"""The chain of a case: through whose hands it went, what each of them learnt, and what was asked twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from carepolicy.errors import InvalidPolicyError
from carepolicy.handover.accepting import holder
from carepolicy.handover.document import Link
from carepolicy.handover.freshness import diff, same_case

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover


def carry_on(later: Handover, earlier: Handover) -> Handover:
    """A handover that continues an earlier one of the same case: it carries the chain of those who had it.

    What the receiver of the earlier one learnt is what the later one knows beyond it; what was asked twice is what was
    asked for after the earlier one although it was known there.

    Args:
        later: The new handover.
        earlier: The one before it, accepted or not.

    Raises:
        InvalidPolicyError: If it is of another case, the later one, or handed on by somebody who does not have it.
    """
    same_case(later, earlier)
    has_it = holder(earlier)
    if later.sender and has_it and later.sender != has_it:
        raise InvalidPolicyError(
            f"sender does not have the case: {later.sender!r}, it is with {has_it!r}; hand it on from there"
        )
    change, seen = diff(later, earlier), set(earlier.seen)
    link = Link(
        sender=earlier.sender,
        to=earlier.accepted_by or earlier.to,
        prepared_us=earlier.at_us,
        status=earlier.status,
        settled_us=earlier.accepted_us,
        learnt=(
            *(f"{known.fact}: {known.said.text}" for known in change.known),
            *(f"{tried.what} ({tried.ended})" for tried in change.tried),
            *(f"promised: {owed.what}" for owed in change.promised),
        ),
        asked_twice=tuple(known.fact for known in later.known if set(known.asked_again) - seen),
    )
    return attrs.evolve(later, sender=later.sender or has_it, previous=(*earlier.previous, link))
