"""Accepting: ownership moves only when the receiver has repeated what matters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, TypeAlias

import attrs

from carepolicy._instant import iso, to_micros
from carepolicy.errors import InvalidPolicyError, ReadBackError
from carepolicy.handover import freshness
from carepolicy.handover.document import Person

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover
    from carepolicy.timeline import Timeline

ReadBack: TypeAlias = Mapping[str, str | Iterable[str]]
"""What the receiver says, by part: severity, wanted, next_action, promises."""
PARTS = ("severity", "wanted", "next_action", "promises")
SHARE = 1 / 3
"""The share of the words of a part that its repetition must have: own words are welcome, silence is not."""
_WORD = re.compile(r"\w+")
_SHORT = 3


def words_of(text: str) -> frozenset[str]:
    """The words that carry a text: numbers, and words of more than three letters; all where it has no others."""
    words = [word.casefold() for word in _WORD.findall(text)]
    carrying = [word for word in words if len(word) > _SHORT or any(c.isdigit() for c in word)]
    return frozenset(carrying or words)


def repeats(said: str, text: str) -> bool:
    """Whether somebody's own words repeat a text: a third of the words that carry it, and one at least.

    A word counts in another form as well, if one begins with the other: "calls" repeats "call".
    """
    words = words_of(text)
    heard = {word.casefold() for word in _WORD.findall(said)}
    found = sum(any(_alike(word, other) for other in heard) for word in words)
    return found >= max(1, ceil(len(words) * SHARE)) if words else bool(heard)


def _alike(word: str, other: str) -> bool:
    shorter, longer = sorted((word, other), key=len)
    return word == other or (len(shorter) > _SHORT and longer.startswith(shorter))


def missing_in(handover: Handover, read_back: ReadBack, by: str = "") -> tuple[str, ...]:
    """What a read-back does not repeat, each by name; empty where it is complete.

    Of what is owed, promises and expected completions are repeated; what only a plan says is due is not.

    What the handover itself does not know (severity, wanted outcome, next action) must be said not to be known, in any
    words: what is passed over in silence was not heard. Whoever takes over and acts next themselves may say "I".

    Args:
        handover: What was handed over.
        read_back: What the receiver says.
        by: Who says it.

    Raises:
        InvalidPolicyError: If it is not said by part, or a part is not text.

    Source: I-PASS, "synthesis by receiver" (Starmer et al., NEJM 2014;371:1803): the receiver restates the key points.
    """
    return tuple(_missing(handover, _heard(read_back), by))


def _missing(handover: Handover, said: Mapping[str, str], by: str) -> Iterator[str]:
    wanted = handover.wanted.text if handover.wanted is not None else ""
    for part, text in (("severity", handover.severity), ("wanted", wanted)):
        if not repeats(said[part], text):
            yield part
    action = handover.next_action
    if not repeats(said["next_action"], "" if action is None else action.what) or (
        action is not None and action.who not in ("", by, handover.to) and not repeats(said["next_action"], action.who)
    ):
        yield "next_action"
    for owed in handover.promises:
        if owed.kind in ("promise", "estimate") and not (
            repeats(said["promises"], owed.what) or _names(said["promises"], owed.ref)
        ):
            yield f"promise {owed.ref or owed.what!r}"


def _names(said: str, ref: str) -> bool:
    """Whether a reference is named as a whole."""
    return bool(ref) and re.search(rf"(?<!\w){re.escape(ref)}(?!\w)", said, re.IGNORECASE) is not None


def _heard(read_back: ReadBack) -> dict[str, str]:
    """What was said, each part as one text."""
    if not isinstance(read_back, Mapping):
        raise InvalidPolicyError(f"read_back is not said by part: {read_back!r:.60}; name {', '.join(PARTS)}")
    return {part: _joined(part, read_back.get(part)) for part in PARTS}


def _joined(part: str, said: object) -> str:
    if said is None or isinstance(said, str):
        return said or ""
    texts = list(said) if isinstance(said, Iterable) else [said]
    spoken = [text for text in texts if isinstance(text, str)]
    if len(spoken) < len(texts):
        raise InvalidPolicyError(f"{part} of read_back is not words: {said!r:.60}; pass a text, or several")
    return "\n".join(spoken)


def accept(
    handover: Handover, *, by: str, read_back: ReadBack, at: datetime | str, timeline: Timeline | None = None
) -> Handover:
    """The handover as taken over: its receiver is the owner from now on.

    Args:
        handover: As it was prepared.
        by: Who takes it: a person; the sender cannot.
        read_back: What the receiver repeats, in own words, by part: severity, wanted, next_action, promises.
        at: When.
        timeline: The log as known then, to make sure that nothing has happened since it was prepared.

    Raises:
        InvalidTimeError: If `at` has no zone.
        InvalidPolicyError: If nobody is named, the sender accepts, it is not waiting to be accepted, it is stale, or
            what is read back is not text by part.
        ReadBackError: If anything that matters was not repeated; the case stays with the sender.
    """
    now = to_micros(at)
    if not isinstance(by, str) or not by.strip():
        raise InvalidPolicyError(f"by is nobody: {by!r}; name the one who takes over")
    if _same_name(by) == _same_name(handover.sender):
        raise InvalidPolicyError(f"by is the sender: {by!r}; somebody else must take over")
    if handover.status != "prepared":
        raise InvalidPolicyError(f"handover is not waiting to be accepted: {handover.status!r}; prepare a new one")
    if now < handover.at_us:
        raise InvalidPolicyError(
            f"at is before the handover was prepared: {iso(now)}, prepared {iso(handover.at_us)}; correct it"
        )
    if timeline is not None and freshness.is_stale(handover, timeline):
        raise InvalidPolicyError(
            f"handover is stale: the case has events since {iso(handover.at_us)} that it has not seen; prepare it again"
        )
    heard = _heard(read_back)
    missing = tuple(_missing(handover, heard, by))
    if missing:
        raise ReadBackError(missing)
    others = tuple(p for p in handover.people if p.part not in ("owner", "receiver") or p.name == by)
    known = next((p for p in others if p.name == by), Person(part="owner", name=by))
    return attrs.evolve(
        handover,
        status="accepted",
        accepted_by=by,
        accepted_us=now,
        read_back=tuple((part, said) for part, said in heard.items() if said),
        people=(attrs.evolve(known, part="owner"), *(p for p in others if p.name != by)),
        gaps=tuple(gap for gap in handover.gaps if gap.part != "owner"),
    )


def _same_name(name: str) -> str:
    return " ".join(name.casefold().split())


def holder(handover: Handover) -> str:
    """Who has the case: whoever accepted it, else the sender; "" where nobody is named."""
    return handover.accepted_by or handover.sender
