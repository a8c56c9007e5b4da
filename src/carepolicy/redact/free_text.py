"""Free text without what its reader should not see, as far as the detectors find it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from carepolicy.redact.detectors import CARD, IBAN, KINDS
from carepolicy.redact.sight import RedactionPolicy
from carepolicy.redact.tokens import Tokens

if TYPE_CHECKING:
    from carepolicy.redact.detectors import Detector, Found

_NEAR = 4
"""How many characters of one run of digits may stand between two digits, and one more."""


def redacted_text(text: str, *, for_role: str = "partner", policy: RedactionPolicy | None = None) -> str:
    """One text as a reader of a role may see it, best effort.

    Args:
        text: Any.
        for_role: Who reads it.
        policy: Which role sees what, and what looks through it; the usual one when left out.

    >>> redacted_text("card 4111 1111 1111 1111, again 4111-1111-1111-1111; ada@example.org")
    'card [card 1], again [card 1]; [e-mail 1]'
    """
    policy = policy or RedactionPolicy()
    tokens = Tokens(policy.kinds, [text])
    masks = policy.sight(for_role).masks
    while (less := masked(text, tokens, policy.detectors, masks)) != text:
        text = less
    return text


def masked(text: str, tokens: Tokens, detectors: Iterable[Detector], masks: frozenset[str]) -> str:
    """The text with what the detectors find replaced; what is a token already stays."""
    return tokens.around(text, lambda piece: _without(piece, tokens, tuple(detectors), masks))


def _without(text: str, tokens: Tokens, detectors: tuple[Detector, ...], masks: frozenset[str]) -> str:
    """The text without what is masked.

    Where a card or an account touches other letters or digits it goes first, as it does for nearly every reader: what
    is left may read like another number, and would to a second reader of a first one's copy.
    """
    stretches = _joined([span for detector in detectors for span in detector.find(text)])
    kinds = {span.kind for stretch in stretches for span in stretch} & masks
    first = kinds & {CARD, IBAN}
    if not any(_touches(text, stretch) for stretch in stretches if any(span.kind in first for span in stretch)):
        return _replaced(text, stretches, tokens, kinds)
    less = _replaced(text, stretches, tokens, first)
    return tokens.around(less, lambda piece: _without(piece, tokens, detectors, masks - first))


def _touches(text: str, stretch: list[Found]) -> bool:
    """Whether a letter or a digit stands right before or behind, or a digit near enough to belong to the same run."""
    start, end = stretch[0].start, max(span.end for span in stretch)
    before, behind = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    return before[-1:].isalpha() or behind[:1].isalpha() or any(map(str.isdigit, before + behind))


def _replaced(text: str, stretches: list[list[Found]], tokens: Tokens, masks: Collection[str]) -> str:
    """The text without any stretch that holds something masked; what overlaps with that goes with it.

    A reader who may see phone numbers is not shown half a card because the rest of it reads like one.
    """
    parts, end = [], 0
    for stretch in stretches:
        kinds = [span.kind for span in stretch if span.kind in masks]
        if kinds:
            kind = min(kinds, key=_rank)
            first, last = stretch[0].start, max(span.end for span in stretch)
            values = [text[span.start : span.end] for span in stretch if span.kind == kind]
            parts += [text[end:first], tokens.of(kind, text[first:last], values)]
            end = last
    return "".join([*parts, text[end:]])


def _rank(kind: str) -> tuple[int, str]:
    """What a stretch is called where it is several things: what does most harm in wrong hands."""
    return (KINDS.index(kind) if kind in KINDS else len(KINDS), kind)


def _joined(spans: list[Found]) -> list[list[Found]]:
    """The spans in their order, those that overlap together."""
    joined: list[list[Found]] = []
    end = 0
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if joined and span.start < end:
            joined[-1].append(span)
        else:
            joined.append([span])
        end = max(end, span.end)
    return joined
