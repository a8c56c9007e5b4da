"""Events: what happened between a company and a customer, as frozen values.

A host hands in what it has: dicts, rows of a data frame, or `Event` values. Nothing is inferred from silence: an empty
cell means "not said".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field

from carepolicy._instant import NEVER, iso, maybe_moment, to_micros, to_moment
from carepolicy._time.openings import FIRST_YEAR, HIGH, LAST_YEAR, LOW, said
from carepolicy._time.zone import year_start
from carepolicy.errors import InvalidEventError, InvalidTimeError

if TYPE_CHECKING:
    import pendulum

KINDS = frozenset(
    [
        "contact",
        "promise",
        "kept",
        "withdrawn",
        "opened",
        "milestone",
        "completed",
        "failed",
        "reopened",
        "closed",
        "estimate",
        "survey",
        "answer",
        "incident",
        "trouble",
        "trouble_over",
        "paused",
        "resumed",
        "handed",
        "accepted",
        "told",
        "asked",
        "sold",
        "left",
        "note",
        "tier",
        "wish",
        "merged",
        "split",
        "escalated",
        "delivered",
        "used",
        "consent",
        "declined",
    ]
)
"""The kinds of event that carepolicy knows; an extension names its own when it reads a log (`kinds=`)."""

_MOST_SAID = 100
NEVER_WRITTEN = year_start(9999)
"""From when on a due date means never, in UTC microseconds: databases write the year 9999 for it."""
DIRECTIONS = frozenset({"", "inbound", "outbound"})
PRECISIONS = frozenset({"minute", "day"})
LIVE_CHANNELS = frozenset({"phone", "video", "visit"})


def _micros_or_none(value: datetime | str | int | None, name: str) -> int | None:
    if value is None or value.__class__ is int:
        return value
    return to_micros(value, name)  # type: ignore[arg-type]


def _at(value: datetime | str | int) -> int:
    return _within_reach(value if isinstance(value, int) else to_micros(value), "at")


def _recorded(value: datetime | str | int | None) -> int | None:
    micros = _micros_or_none(value, "recorded_at")
    return None if micros is None else _within_reach(micros, "recorded_at")


def _due(value: datetime | str | int | None) -> int:
    micros = _micros_or_none(value, "due")
    return NEVER if micros is None or micros >= NEVER_WRITTEN else _within_reach(micros, "due")


def _within_reach(micros: int, name: str) -> int:
    """An instant for which calendars can be computed; refuses seconds and nanoseconds taken for microseconds, too."""
    if LOW <= micros < HIGH:
        return micros
    raise InvalidTimeError(
        f"{name} is outside the years {FIRST_YEAR} to {LAST_YEAR - 1}: {said(micros)}; correct it, or leave it out"
    )


def _extra(value: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(value.items() if isinstance(value, Mapping) else value))


@attrs.frozen(kw_only=True, repr=False)
class Event:
    """Something that happened, to whom, by whom, and when we learnt of it.

    Args:
        at: When it happened: any aware time, ISO 8601 text with an offset, or whole UTC microseconds.
        kind: One of `KINDS`, or a kind of your own.
        id: Its name in the log; the hash of the content when left out.
        recorded_at: When we learnt of it; the event is visible from the later of the two.
        precision: "minute", or "day" when the hour is only a stand-in.
        customer: Whom it concerns; "" in the log of one customer.
        case: The claim, order or job.
        ref: The promise, estimate or offer itself, inside the case.
        party: Who did it; "customer" for the customer.
        person: Which person (or role) at the customer, where it matters: who was reached, who was asked.
        direction: "inbound" (they began), "outbound" (we did), or "" when nobody wrote that down.
        channel: phone, video, visit, email, post, chat, …
        outcome: conversation, voicemail, delivered, …
        author: "human" or "automatic".
        purpose: status, update, survey, marketing, …
        due: By when, for a promise, an estimate or a survey (its closing); the year 9999 is read as "never", as
            databases write it.
        fact: Which fact was told or asked.
        text: What the log says, in its own words.
        extra: Other columns of the row, kept as they are.

    Raises:
        InvalidTimeError: If a time is naive or no time.
        InvalidEventError: If kind, direction or precision cannot be meant.

    >>> Event(at="2026-03-02T09:00Z", kind="contact", channel="phone", outcome="conversation").is_conversation
    True
    """

    at_us: int = field(alias="at", converter=_at)
    kind: str
    id: str = ""
    recorded_us: int | None = field(alias="recorded_at", default=None, converter=_recorded)
    precision: str = "minute"
    customer: str = ""
    case: str = ""
    ref: str = ""
    party: str = ""
    person: str = ""
    direction: str = ""
    channel: str = ""
    outcome: str = ""
    author: str = ""
    purpose: str = ""
    due_us: int = field(alias="due", default=None, converter=_due)
    fact: str = ""
    text: str = ""
    extra: tuple[tuple[str, str], ...] = field(default=(), converter=_extra)
    visible_us: int = field(init=False, eq=False)
    order: tuple[int, int, str] = field(init=False, eq=False)
    """How events that compete are ordered: by (at, recorded_at, id)."""

    def __attrs_post_init__(self) -> None:
        for name in _TEXTS:
            if (value := getattr(self, name)).__class__ is not str:
                object.__setattr__(self, name, _text(value, name))
        if not self.kind:
            raise InvalidEventError("kind is empty; name what happened, e.g. 'contact'")
        if self.direction not in DIRECTIONS:
            raise InvalidEventError(
                f"direction is not known: {self.direction!r}; use 'inbound', 'outbound', or '' for not written down"
            )
        if self.precision not in PRECISIONS:
            raise InvalidEventError(f"precision is not known: {self.precision!r}; use 'minute' or 'day'")
        recorded = self.recorded_us
        visible = self.at_us if recorded is None or recorded < self.at_us else recorded
        object.__setattr__(self, "visible_us", visible)
        if not self.id:
            object.__setattr__(self, "id", id_of(self.content))
        object.__setattr__(self, "order", (self.at_us, self.at_us if recorded is None else recorded, self.id))

    @property
    def content(self) -> str:
        """All that it says but its id, as one text: it names an event without an id, and breaks ties."""
        return "\x1f".join(str(getattr(self, name)) for name in _CONTENT)

    @property
    def at(self) -> pendulum.DateTime:
        """When it happened, in UTC."""
        return to_moment(self.at_us)

    @property
    def recorded_at(self) -> pendulum.DateTime | None:
        """When we learnt of it, in UTC; None when the log does not say."""
        return None if self.recorded_us is None else to_moment(self.recorded_us)

    @property
    def due(self) -> pendulum.DateTime | None:
        """By when, in UTC; None when nothing was said."""
        return maybe_moment(self.due_us)

    @property
    def is_conversation(self) -> bool:
        """A live human talk: phone, video or visit, held; never voicemail, bot, reminder, note or status change."""
        return (
            self.kind == "contact"
            and self.outcome == "conversation"
            and self.channel in LIVE_CHANNELS
            and self.author in {"", "human"}
        )

    def __repr__(self) -> str:
        parts = [f"at={iso(self.at_us)!r}", f"kind={self.kind!r}", f"id={self.id!r}"]
        if self.recorded_us is not None:
            parts.append(f"recorded_at={iso(self.recorded_us)!r}")
        if self.due_us != NEVER:
            parts.append(f"due={iso(self.due_us)!r}")
        parts += [f"{n}={getattr(self, n)!r}" for n in _WORDS if getattr(self, n) != _DEFAULTS[n]]
        return f"Event({', '.join(parts)})"


def id_of(content: str) -> str:
    """The id of an event that was given none, from its content."""
    import hashlib

    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


_DEFAULTS: dict[str, Any] = {a.name: a.default for a in attrs.fields(Event)}
_CONTENT = tuple(a.name for a in attrs.fields(Event) if a.init and a.name != "id")
_TEXTS = tuple(a.name for a in attrs.fields(Event) if a.init and a.type in ("str", str))
_WORDS = tuple(name for name in _CONTENT if name not in {"at_us", "kind", "recorded_us", "due_us"})
COLUMNS = ("id", "at", "recorded_at", "kind", "due", *(name for name in _WORDS if name != "extra"))
"""The columns of a flat log; a missing column means that nothing was said."""


def _text(value: object, name: str) -> str:
    """Text of a field: None says nothing; a number is no name until the host makes it one."""
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    raise InvalidEventError(f"{name} is not text: {value!r}; use str({value!r})")


@attrs.frozen
class Problem:
    """Something in a log that contradicts itself or cannot be meant; nothing is dropped for it.

    Args:
        code: A stable name: corrected, future_dated, completed_before_opened, kept_without_promise, …
        events: The ids of the events concerned.
        text: One sentence.
    """

    code: str
    events: tuple[str, ...]
    text: str


@attrs.frozen
class BadRow:
    """A row of a log that could not be read.

    Args:
        row: Its number, counted from 1 without the header.
        column: The column at fault.
        value: What stood there.
        remedy: What would do.
    """

    row: int
    column: str
    value: str
    remedy: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.value!r}; {self.remedy}"


class BadRowsError(InvalidEventError):
    """A log has rows that cannot be read; `bad_rows` holds all of them, the text the first hundred."""

    def __init__(self, bad_rows: Iterable[BadRow]) -> None:
        self.bad_rows = tuple(bad_rows)
        count = len(self.bad_rows)
        said = [str(bad) for bad in self.bad_rows[:_MOST_SAID]]
        if count > _MOST_SAID:
            said.append(f"and {count - _MOST_SAID} more, which bad_rows has")
        super().__init__(f"log has {count} bad cell{'s' if count != 1 else ''}: {' | '.join(said)}")
