"""What the customer has told: facts to confirm and never to ask for again, and what they want."""

from __future__ import annotations

from carepolicy.closing import WANTED
from carepolicy.events import Event
from carepolicy.handover.casefile import CaseFile
from carepolicy.handover.document import Known, Said


def known_in(file: CaseFile) -> tuple[Known, ...]:
    """What the customer told, the latest word of each fact, by when it was first told."""
    first: dict[str, Event] = {}
    asked: dict[str, list[str]] = {}
    last: dict[str, Event] = {}
    for event in file.events:
        if event.kind == "asked" and event.fact in first:
            asked.setdefault(event.fact, []).append(event.id)
        name = event.fact if event.kind == "told" else _stands_for(event)
        if name and name != WANTED:
            first.setdefault(name, event)
            last[name] = event
    return tuple(
        Known(fact=name, said=file.said(e), asked_again=tuple(asked.get(name, ()))) for name, e in last.items()
    )


def _stands_for(event: Event) -> str:
    """What a wish, a consent or a tier is called among the facts; "" for other events."""
    if event.kind in ("wish", "consent", "declined", "tier"):
        return event.fact or " ".join(w for w in (event.kind, event.purpose) if w)
    return ""


def wanted_in(file: CaseFile) -> Said | None:
    """What the customer wants, in their own words, the latest; None where nobody has written any down."""
    told = (e for e in reversed(file.events) if e.fact == WANTED and e.kind in ("told", "wish") and e.text.strip())
    return next(map(file.said, told), None)
