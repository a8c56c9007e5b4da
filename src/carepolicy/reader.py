"""Readers: nobody is asked whose answer nobody reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import NEVER, Instant, latest, unless
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CUSTOMER, THEM, Fact, Facts, Which
from carepolicy.folds import Last
from carepolicy.policy import Guard
from carepolicy.threads import EarliestOpen

REPLY = Which("contact", by=THEM, direction="outbound", author=("human", ""), purpose=("reply", "survey_reply"))
"""A reply of a person of ours to what a customer answered."""


@attrs.frozen
class ReaderReady(Guard):
    """Somebody owns the answers, reads them and replies: no "you will not receive a reply".

    It waits while the reader is away (`paused` and `resumed` with the purpose "reader") and while an earlier answer
    of the customer has had no reply.

    Args:
        reader: Who reads and replies; a person or a desk that has a name.

    Raises:
        InvalidPolicyError: If nobody is named.
    """

    reader: str = field(default="customer care")

    awaits: ClassVar[str] = "somebody to read the answer, and a reply to the last one"

    def __attrs_post_init__(self) -> None:
        if not self.reader.strip():
            raise InvalidPolicyError(f"reader is nobody: {self.reader!r}; name who reads the answers, or do not ask")

    def needs(self) -> Mapping[str, Fact]:
        """When the reader went away and came back, and the earliest answer without a reply."""
        return {
            "reader_away": Last(Which("paused", purpose="reader")),
            "reader_back": Last(Which("resumed", purpose="reader")),
            "unreplied_since": EarliestOpen("answer", until=REPLY, scope=CUSTOMER, gives="at"),
        }

    def opens(self, f: Facts) -> Instant:
        """Never while nobody reads, or while the last answer waits for its reply."""
        away, waiting = f.reader_away > f.reader_back, f.unreplied_since < NEVER
        return latest(unless(away), unless(waiting))

    def explain(self) -> str:
        """The rule in plain words."""
        return f"{self.reader} reads the answer and replies"
