"""Free text without what its reader should not see, as far as the detectors find it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from carepolicy.redact.sight import RedactionPolicy
from carepolicy.redact.tokens import Tokens

if TYPE_CHECKING:
    from carepolicy.redact.detectors import Detector, Found


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
    if "[" not in text:
        return _without(text, tokens, detectors, masks)
    pieces = tokens.pattern.split(text)
    pieces[::2] = [_without(piece, tokens, detectors, masks) for piece in pieces[::2]]
    return "".join(pieces)


def _without(text: str, tokens: Tokens, detectors: Iterable[Detector], masks: frozenset[str]) -> str:
    spans = [span for detector in detectors for span in detector.find(text) if span.kind in masks]
    if not spans:
        return text
    parts, end = [], 0
    for span in _joined(spans):
        parts += [text[end : span.start], tokens.of(span.kind, text[span.start : span.end])]
        end = span.end
    return "".join([*parts, text[end:]])


def _joined(spans: list[Found]) -> list[Found]:
    """The spans in their order; those that overlap are one."""
    joined: list[Found] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if joined and span.start < joined[-1].end:
            joined[-1] = attrs.evolve(joined[-1], end=max(span.end, joined[-1].end))
        else:
            joined.append(span)
    return joined
