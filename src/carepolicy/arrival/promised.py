"""Promises of arrival: all that was said about one, version by version, and never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import attrs
from attrs import field

from carepolicy._instant import iso, iso_or_none, zone_of
from carepolicy.arrival._json import read
from carepolicy.arrival.quote import ABOUT, ARRIVAL, QUOTE, WARNING, Notice, Quote, instant
from carepolicy.errors import InvalidPolicyError
from carepolicy.window import Window


def _tuple(value: Iterable[Quote | Notice]) -> tuple[Quote | Notice, ...]:
    return tuple(value)


def _zone(name: str) -> str:
    return str(zone_of(name).name)


@attrs.frozen
class Draft:
    """A word that may go out, once: reserve its key before sending.

    Args:
        key: The same for every word drafted from one state of a promise, so only one of them goes out.
        number: Which word of the promise it is, from 1.
        says: What it says.
    """

    key: str
    number: int
    says: Quote | Notice


@attrs.frozen
class ArrivalPromise:
    """A promise of arrival, of the start of work, or of its completion, with all that was said about it, in order.

    Nothing in it ever changes: another window is another version. Build it with `first`, then `record` what went out.

    Args:
        id: Names it: the visit, the job.
        said: Every quote and notice in the order in which they were said; the first is a quote.
        about: "arrival", "start" or "completion".
        zone: The customer's, in which instants are said.

    Raises:
        InvalidPolicyError: If it begins with no quote, goes back in time, or is about something else.
        UnknownZoneError: If the zone is not known.

    >>> first = Quote.between("2026-03-02T08:00Z", "2026-03-02T12:00Z", confidence=0.9, made_at="2026-03-01T15:00Z")
    >>> promise = ArrivalPromise.first("job 7", first)
    >>> again = Quote.between("2026-03-02T09:10Z", "2026-03-02T09:50Z", confidence=0.9, made_at="2026-03-02T05:10Z")
    >>> promise = promise.record(promise.draft(again))
    >>> len(promise.versions), len(promise.record(promise.draft(again, number=2)).versions)
    (2, 2)
    """

    id: str
    said: tuple[Quote | Notice, ...] = field(converter=_tuple)
    about: str = ARRIVAL
    zone: str = field(default="UTC", converter=_zone)

    def __attrs_post_init__(self) -> None:
        if self.about not in ABOUT:
            raise InvalidPolicyError(f"about is not known: {self.about!r}; use one of {', '.join(ABOUT)}")
        if not self.said or not isinstance(self.said[0], Quote):
            raise InvalidPolicyError(f"promise begins with no quote: {self.id!r}; say a window first")
        for before, after in zip(self.said, self.said[1:], strict=False):
            if after.said_us < before.said_us:
                raise InvalidPolicyError(
                    f"word goes back in time: {iso(after.said_us)} after {iso(before.said_us)}; "
                    "a promise is only added to"
                )

    @classmethod
    def first(cls, id: str, quote: Quote, *, about: str = ARRIVAL, zone: str = "UTC") -> ArrivalPromise:  # noqa: A002
        """The promise of its first version."""
        return cls(id, (quote,), about, zone)

    @property
    def versions(self) -> tuple[Quote, ...]:
        """The quotes, the first one first."""
        return tuple(said for said in self.said if isinstance(said, Quote))

    @property
    def current(self) -> Quote:
        """The version that stands."""
        return self.versions[-1]

    @property
    def messages(self) -> int:
        """How many messages the customer has had about it."""
        return sum(said.messages for said in self.said)

    @property
    def open_warning(self) -> Notice | None:
        """The warning that stands: since the last version, and not taken back."""
        last = self.said[-1]
        return last if isinstance(last, Notice) and last.kind == WARNING else None

    def draft(self, says: Quote | Notice, *, number: int | None = None) -> Draft:
        """What is said next, with the key under which it goes out once.

        Args:
            says: The quote or notice.
            number: Which word it is; the next one when left out.
        """
        place = len(self.said) + 1 if number is None else number
        name = self.id.replace("%", "%25").replace("/", "%2F")
        return Draft(f"{name}/{self.about}/{place}", place, says)

    def record(self, draft: Draft, at: datetime | str | int | None = None) -> ArrivalPromise:
        """The promise with a word that went out; the same word twice changes nothing.

        Args:
            draft: What went out.
            at: When; when it was drafted for, if left out. A quote then begins no sooner.

        Raises:
            InvalidPolicyError: If the draft is of another promise or of an older state, or its window has passed.
        """
        if draft.key != self.draft(draft.says, number=draft.number).key or draft.number > len(self.said) + 1:
            raise InvalidPolicyError(f"draft is not of this promise: {draft.key!r}, {self.id!r}; decide again")
        if draft.number <= len(self.said):
            there = self.said[draft.number - 1]
            if there.kind != draft.says.kind:
                raise InvalidPolicyError(
                    f"draft is of an older state: {draft.key!r} went out as {there.kind}; decide again"
                )
            return self
        sent = draft.says if at is None else draft.says.at(instant(at))
        return attrs.evolve(self, said=(*self.said, sent))

    def to_json(self) -> str:
        """JSON text that `from_json` reads back exactly."""
        return json.dumps(
            {"id": self.id, "about": self.about, "zone": self.zone, "said": [_data(said) for said in self.said]}
        )

    @classmethod
    def from_json(cls, text: str) -> ArrivalPromise:
        """The promise of its JSON text.

        Raises:
            InvalidPolicyError: If it is none.
        """

        def build(data: dict[str, Any]) -> ArrivalPromise:
            said = tuple(_said(dict(entry)) for entry in data["said"])
            return cls(data["id"], said, data["about"], data["zone"])

        return read(text, "promise", build)


def _data(said: Quote | Notice) -> dict[str, Any]:
    window = None if said.window is None else [iso_or_none(said.window.opens_us), iso(said.window.closes_us)]
    own = (
        {"confidence": said.confidence, "made_at": iso(said.made_us), "why": said.why}
        if isinstance(said, Quote)
        else {"chance": said.chance, "sent_at": iso(said.sent_us)}
    )
    return {"kind": said.kind, "window": window, **own, "reason": said.reason, "messages": said.messages}


def _said(data: dict[str, Any]) -> Quote | Notice:
    window = data.pop("window")
    kind = data.pop("kind")
    ends = None if window is None else Window(*window)
    return Notice(kind, window=ends, **data) if ends is None or kind != QUOTE else Quote(ends, **data)
