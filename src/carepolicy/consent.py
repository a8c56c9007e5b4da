"""Consent: who has agreed to be contacted about something, and who has refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, only_if, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import Fact, Facts, Which
from carepolicy.folds import Last
from carepolicy.policy import Guard


@attrs.frozen
class Consented(Guard):
    """The customer has agreed to be contacted about this, or at least has not refused.

    The last word counts, and of two at one instant the refusal. A refusal that names no purpose, or no person, refuses
    every one: nobody wrote down that it was meant for less. An agreement is only for what it names.

    Args:
        purpose: What for, as `consent` and `declined` events say it.
        required: Whether they must have agreed; otherwise only a refusal blocks.
        person: Whose word counts: that of this person, or of whoever is asked this time ("same", see `for_person`);
            the word of anybody at the customer when left out.

    Raises:
        InvalidPolicyError: If no purpose is named.

    Source: Regulation (EU) 2016/679, articles 4(11), 7(3) and 21(3): consent is specific, it can be withdrawn at any
    time, and who objects is no longer contacted for that purpose.
    """

    purpose: str = "survey"
    required: bool = True
    person: str = field(default="", kw_only=True)

    awaits: ClassVar[str] = "the customer to agree"

    def __attrs_post_init__(self) -> None:
        if not self.purpose.strip():
            raise InvalidPolicyError(f"purpose is empty: {self.purpose!r}; say what they agree to, e.g. 'survey'")

    def needs(self) -> Mapping[str, Fact]:
        """When they last agreed, and last refused."""
        own, any_of_them = (self.person or (), (self.person, "") if self.person else ())
        return {
            "agreed": Last(Which("consent", purpose=self.purpose, person=own)),
            "refused": Last(Which("declined", purpose=(self.purpose, ""), person=any_of_them)),
        }

    def opens(self, f: Facts) -> Instant:
        """Never while the last word is a refusal, or while agreement is required and there is none."""
        if self.required:
            return only_if(f.agreed > f.refused)
        return where(both(f.refused > ALWAYS, f.refused >= f.agreed), NEVER, ALWAYS)

    def explain(self) -> str:
        """The rule in plain words."""
        who = self.person or "the customer"
        if self.required:
            return f"{who} has agreed to be contacted about {self.purpose}"
        return f"{who} has not refused to be contacted about {self.purpose}"
