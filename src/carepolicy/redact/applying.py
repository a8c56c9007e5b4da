"""A handover as a reader of a role may see it: parts left out, values replaced, and a word on what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from carepolicy.handover.handover import Handover
from carepolicy.redact.detectors import CARD, IBAN
from carepolicy.redact.free_text import masked
from carepolicy.redact.sight import RedactionPolicy, Sight
from carepolicy.redact.tokens import CUSTOMER, CUT, FACT, NAME, REACH, Tokens

_FIXED = frozenset({"zone", "customer_zone", "status", "role", "kind", "state", "certainty", "redactions"})
"""Fields with words of ours."""
_IDS = frozenset({"event", "evidence", "last_event", "seen", "digest", "asked_again", "plan", "code", "ref", "case"})
"""Fields that only name things: no detector reads them, or an id of ten digits were a phone number."""
_SHORTEST = 3
_GENERIC = frozenset({"customer"})


def redacted(handover: Handover, *, for_role: str, policy: RedactionPolicy | None = None) -> Handover:
    """The handover as a reader of a role may see it.

    Parts that the role does not see are left out; values are replaced by tokens, the same for the same value, in every
    text of the document. Free text is best effort: what no detector finds stays. The document says what was done.

    Args:
        handover: Any.
        for_role: Who reads it: "ours", "partner", "customer", or a role of the policy; any other sees the least.
        policy: Which role sees what; the usual one when left out.
    """
    policy = policy or RedactionPolicy()
    sight = policy.sight(for_role)
    tokens = Tokens(policy.kinds, _texts(handover))
    for kind, value in _values(handover, sight, policy):
        tokens.add_word(kind, value)
    less = _left_out(handover, sight)

    def whole(name: str, text: str) -> str:
        return text if name in _IDS or CUT in text else masked(text, tokens, policy.detectors, sight.masks)

    def find(name: str, text: str) -> str:
        if name in _IDS:
            return text
        text = tokens.around(text, tokens.replace_cut) if CUT in text else text
        return masked(text, tokens, policy.detectors, sight.masks)

    def change(name: str, text: str) -> str:
        text = tokens.around(text, lambda piece: tokens.replace_literals(piece, CARD, IBAN, FACT))
        text = find(name, text)  # with no card in it that another number could begin in
        return tokens.around(tokens.around(text, tokens.replace_literals), tokens.replace_words)

    for name in sorted({*sight.hides, *(("options",) if sight.costs else ())}):  # what is left out is nowhere else
        _changed(getattr(handover, name), lambda _, text: masked(text, tokens, policy.detectors, policy.kinds), name)
    _changed(less, whole)  # so that what is cut in a sentence is known from where it stands in full
    _changed(less, find)  # so that ids lose what stands in a text further down, too
    while (again := _changed(less, change)) != less:
        less = again
    said = tuple(_said(sight, policy))
    return attrs.evolve(less, redactions=tuple(dict.fromkeys((*less.redactions, *said))))


def _values(h: Handover, sight: Sight, policy: RedactionPolicy) -> Iterator[tuple[str, str]]:
    """The values that the document itself knows to be private for this reader, by the kind of their token.

    Where the part that names them is left out, they are private if they are for anybody: who reads the document after
    this reader could no longer tell.
    """
    named = policy.every if "people" in sight.hides else (sight,)
    contacts = [person for person in h.people if person.part == "contact"]
    if any(s.names for s in named):
        for kind, name in ((CUSTOMER, h.customer), *((NAME, person.name) for person in contacts)):
            if name.casefold() not in _GENERIC:
                yield from _name(kind, name)
    words = frozenset[str]().union(*(s.facts for s in (policy.every if "known" in sight.hides else (sight,))))
    for known in h.known:
        if any(word in known.fact.casefold() for word in words):
            if "name" in known.fact.casefold():
                yield from _name(NAME, known.said.text)
            else:
                yield FACT, known.said.text
    if any(s.reach for s in named):
        yield from ((REACH, person.reach) for person in contacts)


def _name(kind: str, name: str) -> Iterator[tuple[str, str]]:
    """A name, and each of its words that is written like one: "Ada Byron", "Ada", "Byron"."""
    yield kind, name
    yield from ((kind, word) for word in name.split() if len(word) >= _SHORTEST and word[0].isupper())


def _left_out(h: Handover, sight: Sight) -> Handover:
    fields = attrs.fields_dict(Handover)
    gone: dict[str, Any] = {name: fields[name].default for name in sight.hides}
    if sight.costs and "options" not in gone:
        gone["options"] = tuple(attrs.evolve(o, cost=None, authority="") for o in h.options if not o.refused)
    return attrs.evolve(h, **gone)


def _said(sight: Sight, policy: RedactionPolicy) -> Iterator[str]:
    """What was done for this reader, a sentence each."""
    who = f"for the role {sight.role!r}"
    parts = [*sorted(sight.hides), *(["costs, authority and refused options"] if sight.costs else [])]
    if parts:
        yield f"left out {who}: {', '.join(parts).replace('_', ' ')}"
    known = [
        *(["the customer's name"] if sight.names else []),
        *(["how to reach them"] if sight.reach else []),
        *([f"facts about {', '.join(sorted(sight.facts))}"] if sight.facts else []),
    ]
    if known:
        yield f"replaced {who} wherever it was found: {'; '.join(known)}"
    if sight.masks:
        by = "; ".join(detector.name for detector in policy.detectors) or "nothing"
        yield f"looked for in free text {who}: {', '.join(sorted(sight.masks))}, by {by}"
    yield "free text is best effort: what no detector finds is still there"


def _changed(value: Any, change: Callable[[str, str], str], name: str = "") -> Any:
    """A value with each of its texts changed; numbers, instants and words of ours stay."""
    if isinstance(value, str):
        return change(name, value) if value else value
    if isinstance(value, tuple):
        return tuple(_changed(item, change, name) for item in value)
    if attrs.has(type(value)):
        names = [f.name for f in attrs.fields(type(value)) if f.name not in _FIXED]
        return attrs.evolve(value, **{n: _changed(getattr(value, n), change, n) for n in names})
    return value


def _texts(value: Any) -> Iterator[str]:
    """Every text of a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _texts(getattr(value, field.name))
