"""A case file: what was known of one case at one instant, and how its instants, parties and texts are said."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property

import attrs

from carepolicy._instant import in_words
from carepolicy.calendar import Calendar
from carepolicy.errors import UnknownNameError
from carepolicy.events import Event, Problem
from carepolicy.facts import CUSTOMER_PARTY, Parties
from carepolicy.handover.document import Said
from carepolicy.handover.seen import case_events
from carepolicy.ledger import complete_from, promises_of
from carepolicy.promise import Promise
from carepolicy.timeline import Timeline

_QUOTED_WORDS, _QUOTED_CHARS = 24, 160
_LISTED = 10
_TURNS = ("completed", "failed", "reopened", "opened", "handed")
"""What says whether a case is done: the last of them."""
_NAME_WORDS = 6


@attrs.frozen(slots=False)
class CaseFile:
    """What was known of a case at an instant.

    Args:
        customer, case: Whom and what it is about.
        events: Its events, and what the customer told of no case in particular, in the order of time.
        log: The same with every recording, to find what contradicts itself.
        at_us: The instant, in UTC microseconds.
        parties: Who is who.
        calendar: In which working time is counted.
        zone: In which instants are said.
    """

    customer: str
    case: str
    events: tuple[Event, ...]
    log: Timeline
    at_us: int
    parties: Parties
    calendar: Calendar
    zone: str

    @cached_property
    def own(self) -> tuple[Event, ...]:
        """The events of the case itself."""
        return tuple(e for e in self.events if e.case == self.case)

    @cached_property
    def _by_kind(self) -> dict[str, list[Event]]:
        groups: dict[str, list[Event]] = {}
        for event in self.own:
            groups.setdefault(event.kind, []).append(event)
        return groups

    def of_kind(self, *kinds: str) -> list[Event]:
        """The events of the case of some kinds, in order."""
        found = [e for kind in kinds for e in self._by_kind.get(kind, ())]
        return found if len(kinds) == 1 else sorted(found, key=lambda e: e.order)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What in the log of the case contradicts itself."""
        return self.log.problems()

    @cached_property
    def promises(self) -> tuple[Promise, ...]:
        """Every promise of the case with its state."""
        return promises_of(self.own, self.at_us, self.parties, self.zone, complete_from(self.log))

    @cached_property
    def by_id(self) -> dict[str, Event]:
        """The events by name."""
        return {e.id: e for e in self.events}

    @cached_property
    def contacts(self) -> tuple[Event, ...]:
        """The contacts of the case."""
        return tuple(self.of_kind("contact"))

    @cached_property
    def latest_told(self) -> dict[str, Event]:
        """What the customer told last of each fact."""
        return {e.fact: e for e in self.events if e.fact and e.kind in ("told", "wish")}

    @cached_property
    def done(self) -> Event | None:
        """The completion of the case as a whole, where nothing has undone it; None where it is not done."""
        last = next((e for e in reversed(self.of_kind(*_TURNS)) if not e.ref), None)
        return last if last is not None and last.kind == "completed" else None

    @cached_property
    def _in_words(self) -> dict[tuple[int, bool], str]:
        """The instants that were said already: they come back in many sentences."""
        return {}

    @cached_property
    def _spoken(self) -> str:
        return plain_name(" ".join(e.text for e in self.own)).casefold()

    def is_customer(self, event: Event) -> bool:
        """Whether the customer did it."""
        return event.party in self.parties.customers

    def is_ours(self, event: Event) -> bool:
        """Whether somebody of our side or a partner did it, who is named."""
        return bool(event.party) and event.party not in self.parties.customers

    def when(self, micros: int, *, by_the_day: bool = False) -> str:
        """An instant in words, in the reader's zone; without the hour where that is only a stand-in."""
        asked = (micros, by_the_day)
        if asked not in self._in_words:
            self._in_words[asked] = in_words(micros, self.zone, by_the_day=by_the_day)
        return self._in_words[asked]

    def when_of(self, event: Event) -> str:
        """When an event happened, in words."""
        return self.when(event.at_us, by_the_day=event.precision == "day")

    def named(self, party: str) -> str:
        """A party as a sentence calls it: "the dealer" where the log speaks of "the dealer", else by its name.

        A name with the marks that teams have in data ("claims-office") is a team's: "the claims office".
        """
        said = clipped(plain_name(party), _NAME_WORDS) or "nobody named"
        team = said != party and party.islower() and " " in said
        return f"the {said}" if team or f"the {said}".casefold() in self._spoken else said

    def said(self, event: Event, *, to: str = "") -> Said:
        """An event as the log says it; a contact that the customer began is by the customer.

        Args:
            event: The event.
            to: To whom, where that is known otherwise.
        """
        by, whom = event.party, to
        if event.kind == "contact" and event.direction == "inbound" and self.is_ours(event):
            by, whom = CUSTOMER_PARTY, to or event.party
        elif event.kind == "contact" and event.direction == "outbound":
            whom = to or CUSTOMER_PARTY
        return Said(
            text=quoted(event),
            at_us=event.at_us,
            by=by,
            to=whom,
            channel=event.channel,
            event=event.id,
            by_the_day=event.precision == "day",
        )


def plain_name(party: str) -> str:
    """A party without the marks that names in data have."""
    return " ".join(party.replace("-", " ").replace("_", " ").split())


def quoted(event: Event) -> str:
    """What the log says of an event: its text, else what kind of thing it was where nobody wrote a word."""
    if event.text.strip():
        return event.text
    return " ".join(w for w in (event.purpose or event.fact, event.kind) if w)


def clipped(text: str, words: int = _QUOTED_WORDS) -> str:
    """A text on one line and short enough for a sentence; "…" says that there is more."""
    head = text[: _QUOTED_CHARS * 2].split()
    short = " ".join(head[:words])
    if len(short) > _QUOTED_CHARS:
        short = short[:_QUOTED_CHARS]
    whole = len(head) <= words and len(text) <= _QUOTED_CHARS * 2 and len(" ".join(head)) <= _QUOTED_CHARS
    return short if whole else f"{short.rstrip()}…"


def case_of(timeline: Timeline, at_us: int, case: str, customer: str | None) -> tuple[str, str]:
    """The customer and the case that are meant, as known at an instant (UTC microseconds).

    Raises:
        UnknownNameError: If nobody knew of it by then, or it is not clear which one is meant.
    """
    theirs = timeline.by_customer
    names = list(theirs) if customer is None else [customer] if customer in theirs else []
    known = dict.fromkeys((name, e.case) for name in names for e in theirs[name].known(at_us) if e.case)
    found = sorted(pair for pair in known if case in ("", pair[1]))
    if len(found) == 1:
        return found[0]
    whose = "" if customer is None else f" of customer {customer!r}"
    if found and case:
        raise UnknownNameError(
            f"case is one of several customers: {case!r} of {listed(c for c, _ in found)}; say which with customer="
        )
    if found:
        every = listed(c for _, c in found)
        raise UnknownNameError(f"case is not named, and there are several{whose}: {every}; name one")
    cases, by = listed(sorted({name for _, name in known})), f"by {in_words(at_us)} UTC"
    if cases:
        raise UnknownNameError(f"case is not known {by}{whose}: {case!r}; known are {cases}")
    others = listed(
        sorted(name for name, log in theirs.items() if name != customer and any(True for _ in log.known(at_us)))
    )
    remedy = f"known are customers {others}" if customer and others else "ask for a later at, or check the log"
    raise UnknownNameError(f"no case is known {by}{whose}; {remedy}")


def listed(names: Iterable[str]) -> str:
    """Names for a message of refusal, the first ten of them."""
    every = [repr(name) for name in dict.fromkeys(names)]
    more = f" and {len(every) - _LISTED} more" if len(every) > _LISTED else ""
    return ", ".join(every[:_LISTED]) + more


def open_file(
    timeline: Timeline, at_us: int, customer: str, case: str, *, parties: Parties, calendar: Calendar, zone: str
) -> CaseFile:
    """The file of a case as known at an instant (UTC microseconds)."""
    events = case_events(timeline, at_us, customer=customer, case=case)
    whole = timeline.by_customer[customer]
    recordings: Iterable[Event] = events
    if not whole.is_plain:
        ids = {e.id for e in events}
        recordings = [e for e in whole.recordings[: _seen_by(whole, at_us)] if e.id in ids]
    log = Timeline(recordings, complete_since=timeline.complete_since_us)
    return CaseFile(customer, case, events, log, at_us, parties, calendar, zone)


def _seen_by(timeline: Timeline, at_us: int) -> int:
    return bisect_right(timeline.recordings, at_us, key=lambda e: e.visible_us)
