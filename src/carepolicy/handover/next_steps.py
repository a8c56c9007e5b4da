"""What happens next: one person and one instant; when the customer hears from us; and what is done if it fails."""

from __future__ import annotations

import attrs

from carepolicy._instant import NEVER
from carepolicy.facts import CUSTOMER_PARTY, US
from carepolicy.handover.casefile import CaseFile, clipped
from carepolicy.handover.document import Contingency, NextAction, Owed, Person, Said, Tried
from carepolicy.handover.owing import DUTY, ESTIMATE, is_late
from carepolicy.handover.spoken import after_its_date
from carepolicy.handover.trying import FAILED

_WORD_OF_US = frozenset({"call", "callback", "call back", "contact", "update"})
"""The purposes of a promise by which the customer hears from us."""
_STALLED = 2


def actor(people: tuple[Person, ...]) -> str:
    """Who acts next: whoever takes over, else the owner, by name; their team where nobody is named."""
    by_part = {p.part: p for p in reversed(people)}
    for part in ("receiver", "owner"):
        if part in by_part and (by_part[part].name or by_part[part].team):
            return by_part[part].name or by_part[part].team
    return ""


def next_action_in(
    file: CaseFile, owed: tuple[Owed, ...], unanswered: tuple[Said, ...], wanted: Said | None, who: str
) -> NextAction:
    """What to do next: answer, then mend what is late, then ask what they want, then see that what is to come comes.

    What is late is done at once: its instant is that of the handover.
    """
    if unanswered:
        oldest = unanswered[0]
        since = file.when(oldest.at_us, by_the_day=oldest.by_the_day)
        return _now(file, who, f"answer the customer: {clipped(oldest.text)}", f"unanswered since {since}")
    late = [o for o in owed if is_late(o, file.at_us) and o.role != CUSTOMER_PARTY and is_awaited(o, file)]
    if late:
        first = min(late, key=_urgency)
        return _now(file, who, _mended(first, file), _why_late(first, file))
    if wanted is None:
        return _now(
            file,
            who,
            "call the customer: confirm what is known, and ask what outcome they want",
            "nobody has written it down",
        )
    theirs = next((o for o in owed if is_late(o, file.at_us)), None)
    if theirs is not None:
        why = f"they said {file.when(theirs.due_us)}"
        return _now(file, who, f'ask the customer what became of "{clipped(theirs.what)}"', why)
    return _to_come(file, owed, who)


def _to_come(file: CaseFile, owed: tuple[Owed, ...], who: str) -> NextAction:
    """What has a date ahead, or a word with the customer that sets one."""
    coming = next((o for o in owed if o.due_us < NEVER), None)
    if coming is not None:
        why = f"due from {coming.by or 'nobody named'}"
        return NextAction(what=_awaited(coming), who=who, at_us=coming.due_us, zone=file.zone, why=why)
    contact = next_contact_in(file, owed, who)
    if contact is not None:
        return attrs.evolve(contact, what=f"give the customer {contact.what}", who=who)
    return NextAction(
        what="agree with the customer what comes next, and when they hear of it", who=who, zone=file.zone,
        why="nothing has a date",
    )  # fmt: skip


def _now(file: CaseFile, who: str, what: str, why: str) -> NextAction:
    return NextAction(what=what, who=who, at_us=file.at_us, zone=file.zone, why=why)


def _urgency(owed: Owed) -> tuple[bool, bool, int, str]:
    """A promise before an estimate, a duty last; the latest date of each first: it is what they wait for now."""
    return (owed.kind == DUTY, owed.kind == ESTIMATE, -owed.due_us, owed.ref)


def _why_late(owed: Owed, file: CaseFile) -> str:
    when = file.when(owed.due_us)
    if owed.kind == DUTY:
        return f"the plan says so, due {when}"
    verb = "expected" if owed.kind == ESTIMATE else "promised"
    return f"{file.named(owed.by)} {verb} it for {when}, {after_its_date(owed)}"


def _awaited(owed: Owed) -> str:
    if owed.kind == DUTY:
        return f"give the customer {owed.what}"
    if owed.role == CUSTOMER_PARTY:
        return f'see that "{clipped(owed.what)}" has come from the customer'
    return f'see that "{clipped(owed.what)}" is kept, and tell the customer'


def _mended(owed: Owed, file: CaseFile) -> str:
    if owed.kind == DUTY:
        return f"give the customer {owed.what}"
    what = f'"{clipped(owed.what)}"'
    if owed.kind == ESTIMATE:
        return f"get a new date from {file.named(owed.by)} for {what}, and tell the customer"
    if owed.role == US:
        return f"keep {what}, or give the customer a new date"
    return f"ask {file.named(owed.by)} about {what}, and tell the customer"


def next_contact_in(file: CaseFile, owed: tuple[Owed, ...], who: str) -> NextAction | None:
    """When the customer hears from us next: what was agreed with them, else what the plan says; None for neither."""
    agreed = [o for o in owed if o.role != CUSTOMER_PARTY and o.due_us < NEVER and _is_word(o, file)]
    said = [e for e in file.contacts if file.is_ours(e) and file.at_us <= e.due_us < NEVER]
    if agreed:
        first = agreed[0]
        return NextAction(
            what=clipped(first.what),
            who=first.by or who,
            at_us=first.due_us,
            zone=file.zone,
            why="agreed with the customer",
        )
    if said:
        last = said[-1]
        return NextAction(
            what="an update", who=last.party, at_us=last.due_us, zone=file.zone,
            why=f"said to the customer on {file.when_of(last)}",
        )  # fmt: skip
    planned = next((o for o in owed if o.kind == DUTY), None)
    if planned is None:
        return None
    return NextAction(
        what=planned.what, who=planned.by or who, at_us=planned.due_us, zone=file.zone,
        why="the plan says so; nobody agreed it with the customer",
    )  # fmt: skip


def is_awaited(owed: Owed, file: CaseFile) -> bool:
    """Whether somebody still waits for it: not if it was to come before all of it was done, and that is done."""
    return file.done is None or owed.kind == DUTY or owed.made_us > file.done.at_us


def is_agreed(contact: NextAction | None) -> bool:
    """Whether the customer knows when they hear from us."""
    return contact is not None and not contact.why.startswith("the plan")


def _is_word(owed: Owed, file: CaseFile) -> bool:
    return owed.kind == "promise" and file.by_id[owed.evidence[0]].purpose in _WORD_OF_US


def contingencies_in(
    file: CaseFile, owed: tuple[Owed, ...], tried: tuple[Tried, ...], who: str
) -> tuple[Contingency, ...]:
    """What is done if something is not heard by its date, fails again, or its date has passed already."""
    doer = who or "whoever has the case"
    found = [_if_not(one, file, doer) for one in owed if one.kind != DUTY]
    failures = [t for t in tried if t.ended == FAILED]
    if len(failures) >= _STALLED:
        found.append(
            Contingency(
                when=f"it fails once more ({len(failures)} times so far)",
                then="another way, party or person, not one more attempt",
            )
        )
    return tuple(found)


def _if_not(one: Owed, file: CaseFile, doer: str) -> Contingency:
    whose = f"{_asked(one, file)} has"
    what = clipped(one.what)
    if one.due_us >= NEVER:
        return Contingency(when=f"{whose} given no date: {what}", then=f"{doer} asks for one, and tells the customer")
    if is_late(one, file.at_us):
        then = f"{doer} gives the customer a new date, and looks for another way"
        return Contingency(when=f"{_asked(one, file)} cannot say that it is done: {what}", then=then, by_us=file.at_us)
    then = f"{doer} asks, and tells the customer before they have to ask"
    return Contingency(when=f"{whose} not done it by {file.when(one.due_us)}: {what}", then=then, by_us=one.due_us)


def _asked(one: Owed, file: CaseFile) -> str:
    return "the customer" if one.role == CUSTOMER_PARTY else file.named(one.by)


def last_contact_in(file: CaseFile) -> Said | None:
    """The last contact with the customer that reached a person; None where there was none."""
    reached = [e for e in file.contacts if e.author != "automatic" and e.outcome != "voicemail"]
    return file.said(reached[-1]) if reached else None
