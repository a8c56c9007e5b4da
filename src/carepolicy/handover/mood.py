"""How a customer may feel: inferred from what happened to them, and never more than the log shows."""

from __future__ import annotations

from carepolicy.answering import MESSAGE
from carepolicy.finding import PROVED
from carepolicy.handover.casefile import CaseFile
from carepolicy.handover.document import Chaser, Known, Tried
from carepolicy.handover.spoken import times
from carepolicy.handover.trying import FAILED
from carepolicy.promise import PromiseState

CALM, WORN, ANGRY = "calm", "worn", "angry"
"""How a customer may feel, as far as the log shows it."""
_LEAVES = frozenset({"complaint", "cancellation"})
_NOT_IN_TIME = frozenset({PromiseState.BROKEN, PromiseState.LATE})
_INFERRED = "inferred from what happened; nobody wrote down how they feel"


def mood_in(
    file: CaseFile, chasers: tuple[Chaser, ...], known: tuple[Known, ...], tried: tuple[Tried, ...]
) -> tuple[str, tuple[str, ...]]:
    """How the customer may feel, and what it is inferred from; "" where the log shows nothing of it."""
    angry = [
        f"{e.purpose or e.kind} on {file.when_of(e)}"
        for e in file.of_kind("left", "contact")
        if e.kind == "left" or e.purpose in _LEAVES
    ]
    worn = [times_asked(chasers)] if any(c.certainty == PROVED for c in chasers) else []
    again = [fact.fact for fact in known if fact.asked_again]
    if again:
        worn.append(f"they were asked again for what they had told: {', '.join(again)}")
    failed = [t.said for t in tried if t.ended == FAILED]
    if failed:
        on = file.when(failed[-1].at_us, by_the_day=failed[-1].by_the_day)
        worn.append(f"{counted(len(failed), 'attempt')} failed, the last on {on}")
    broken = [p for p in file.promises if p.state in _NOT_IN_TIME and p.role != "customer"]
    if broken:
        worn.append(f"{counted(len(broken), 'promise')} to them broken or kept late")
    if angry or worn:
        return (ANGRY if angry else WORN), (*angry, *worn, _INFERRED)
    heard = any(MESSAGE.matches(e, file.parties) for e in file.contacts)
    return (CALM, ("nothing in the log would have worn them out", _INFERRED)) if heard else ("", ())


def times_asked(chasers: tuple[Chaser, ...]) -> str:
    """How often the customer had to ask, provably and possibly; "" for never.

    >>> times_asked(())
    ''
    """
    proved = sum(c.certainty == PROVED for c in chasers)
    more = len(chasers) - proved
    if not proved:
        return f"they have perhaps had to ask {times(more)} how it stands" if more else ""
    maybe = f", and perhaps {times(more)} more" if more else ""
    return f"they have had to ask {times(proved)} how it stands{maybe}"


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "time"), counted(4, "time")
    ('1 time', '4 times')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
