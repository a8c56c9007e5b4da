"""Who sees what: for each role of a reader, the parts, the facts and the kinds of data that are kept from them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs
from attrs import field

from carepolicy.errors import InvalidPolicyError
from carepolicy.handover.handover import Handover
from carepolicy.redact.detectors import CARD, IBAN, KINDS, Detector, usual_detectors

_KEPT = frozenset({"customer", "case", "at_us", "zone", "status", "last_event", "last_event_us", "redactions"})
PARTS = frozenset(f.name for f in attrs.fields(Handover)) - _KEPT
"""The parts of a handover that can be left out."""
INTERNAL = frozenset(
    [
        "severity", "severity_why", "mood", "mood_why", "summary", "tried", "contingencies", "chasers",
        "contradictions", "waiting", "gaps", "plan", "seen", "digest", "read_back", "previous",
    ]
)  # fmt: skip
"""What a customer is not shown of what is written about them."""
_KIND = re.compile(r"[a-z][a-z-]*(?: [a-z-]+)*")


def _sights(values: Iterable[Sight]) -> tuple[Sight, ...]:
    return tuple(values)


def _detectors(values: Iterable[Detector]) -> tuple[Detector, ...]:
    return tuple(values)


def _words(values: Iterable[str]) -> frozenset[str]:
    return frozenset([values] if isinstance(values, str) else values)


@attrs.frozen(kw_only=True)
class Sight:
    """What a reader of one role does not see.

    Args:
        role: Which: "ours", "partner", "customer", or a word of the host's.
        hides: Names of parts of a handover that are left out.
        masks: Kinds of data that are replaced in every text: "card", "iban", "e-mail", "phone", "id", and what a
            host's own detectors find.
        facts: Words: the value of a known fact whose name has one of them is replaced, wherever it is written.
        names: Whether the customer, and their contact's name, are replaced wherever they are written.
        reach: Whether the ways to reach the customer are replaced.
        costs: Whether costs, authority and refused options are left out.

    Raises:
        InvalidPolicyError: If the role has no name, a part cannot be left out, or a kind is not lower-case words.
    """

    role: str
    hides: frozenset[str] = field(default=frozenset(), converter=_words)
    masks: frozenset[str] = field(default=frozenset(KINDS), converter=_words)
    facts: frozenset[str] = field(default=frozenset(), converter=_words)
    names: bool = True
    reach: bool = True
    costs: bool = True

    def __attrs_post_init__(self) -> None:
        if not self.role:
            raise InvalidPolicyError("role is empty; name the reader, e.g. 'partner'")
        unknown = sorted(self.hides - PARTS)
        if unknown:
            raise InvalidPolicyError(f"hides names no part that can be left out: {unknown[0]!r}; see PARTS")
        odd = sorted(kind for kind in self.masks if not _KIND.fullmatch(kind))
        if odd:
            raise InvalidPolicyError(f"masks has a kind that is not lower-case words: {odd[0]!r}; write e.g. 'e-mail'")


PRIVATE = frozenset(
    [
        "name", "mail", "phone", "mobile", "address", "birth", "bank", "card", "iban", "account", "tax", "social",
        "passport", "licence", "license", "password", "pin", "code", "health", "insurance", "income", "salary",
        "revenue", "contract",
    ]
)  # fmt: skip
"""Words of facts that a partner and a stranger are not told."""
OURS = Sight(role="ours", masks={CARD, IBAN}, names=False, reach=False, costs=False)
PARTNER = Sight(
    role="partner",
    hides={"severity_why", "mood", "mood_why", "gaps", "read_back", "previous", "plan"},
    facts=PRIVATE,
)
CUSTOMER = Sight(role="customer", hides=INTERNAL, masks={CARD, IBAN, "id"}, names=False, reach=False)
LEAST = Sight(role="unknown", hides=PARTS - {"to"}, facts=PRIVATE)


@attrs.frozen(kw_only=True)
class RedactionPolicy:
    """Which role sees what, and what looks through free text.

    Args:
        sights: One for each role.
        least: For a role that has none.
        detectors: What looks through free text; a host adds heavier ones.

    Raises:
        InvalidPolicyError: If a role has two.
    """

    sights: tuple[Sight, ...] = field(default=(OURS, PARTNER, CUSTOMER), converter=_sights)
    least: Sight = LEAST
    detectors: tuple[Detector, ...] = field(factory=usual_detectors, converter=_detectors)

    def __attrs_post_init__(self) -> None:
        roles = [sight.role for sight in self.sights]
        twice = [role for role in roles if roles.count(role) > 1]
        if twice:
            raise InvalidPolicyError(f"sights has a role twice: {twice[0]!r}; keep one")

    @property
    def every(self) -> tuple[Sight, ...]:
        """All there are, the least one too."""
        return (*self.sights, self.least)

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind that any role has masked."""
        return frozenset(KINDS).union(*(sight.masks for sight in self.every))

    def sight(self, role: str) -> Sight:
        """What a role sees; the least where nobody has said."""
        return next((sight for sight in self.sights if sight.role == role), self.least)
