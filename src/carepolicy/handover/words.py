"""The words of a handover: its title, what to say first, and one paragraph within a budget."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from carepolicy._instant import NEVER
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CUSTOMER_PARTY
from carepolicy.finding import PROVED
from carepolicy.handover.casefile import CaseFile, clipped, plain_name, quoted
from carepolicy.handover.document import NextAction, Owed, Said
from carepolicy.handover.mood import times_asked
from carepolicy.handover.next_steps import is_agreed, is_awaited
from carepolicy.handover.owing import ESTIMATE, PROMISE, is_late
from carepolicy.handover.spoken import after_its_date, clause, day_said, for_when, in_quotes, times
from carepolicy.handover.trying import FAILED

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover

LEAST_WORDS = 20
ITEM = "item"
"""The column by which a log says what a case is about: coat, car, order 4711."""
_BEGINS = ("incident", "trouble", "opened")
_TELLS = ("handed", "promise", "kept", "failed", "completed")
_BEGAN_WORDS = 18
_READ = 20  # the last texts say what it is about now
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """the and for from has had have was were are not but with that this they them then than its his her our your
        who what when where how one two three day days week weeks hour hours back down over out into onto off per via
        customer goes come comes came gone moves moved taken took gave given get got ready done late early""",
    )
)


def enough_words(words: int) -> int:
    """A budget of words, checked.

    Raises:
        InvalidPolicyError: If it is no whole number, or too small to say anything.
    """
    if isinstance(words, bool) or not isinstance(words, int) or words < LEAST_WORDS:
        raise InvalidPolicyError(f"words must be a whole number from {LEAST_WORDS}, got {words!r}")
    return words


def subject_in(file: CaseFile) -> Said | None:
    """What the case is about: the event that began it, else the first contact; None where neither has words."""
    begun = (e for kinds in (_BEGINS, ("contact",)) for e in file.of_kind(*kinds) if e.text.strip())
    first = next(begun, None)
    return None if first is None else file.said(first)


def thing_in(file: CaseFile) -> str:
    """The thing that goes from hand to hand: what the log's column `item` says, else the noun that the texts share.

    It is the word that most texts about handing over, promising, keeping and failing begin with, then the one that
    most have, one of handing over among them; "" where no two texts share one.
    """
    item = next((dict(e.extra)[ITEM] for e in reversed(file.own) if e.extra and ITEM in dict(e.extra)), "")
    if item:
        return clipped(item, 6)
    parties = {word for party in {e.party for e in file.own} for word in plain_name(party).casefold().split()}
    texts = [(e.kind, _words(e, parties)) for e in file.of_kind(*_TELLS)[-_READ:]]
    handed = {word for kind, words in texts if kind == "handed" for word in words}
    counts = Counter(word for _, words in texts for word in words)
    first = Counter(words[0] for _, words in texts if words)
    shared = [word for word in counts if counts[word] > 1 and word in handed]
    return max(shared, key=lambda word: (first[word], counts[word], word), default="")


def _words(event: Event, parties: set[str]) -> list[str]:
    """The words that may name a thing, each once, in their order."""
    words = dict.fromkeys(_WORD.findall(event.text[:400].casefold()))
    return [word for word in words if word not in _COMMON and word not in parties]


def title_of(file: CaseFile, thing: str, place: Said | None) -> str:
    """Who, what and where, in one line: "claim: the car with the dealer"."""
    who = f"{file.customer}, {file.case}" if file.customer else file.case
    what = f"the {thing}" if thing else "it"
    if place is not None:
        return f"{who}: {what} with {file.named(place.to)}"
    return f"{who}: {what}" if thing else who


def confirmation_of(h: Handover, file: CaseFile, thing: str) -> str:
    """What to say first, to the customer, in one breath: it confirms what matters most, and asks only if it is right.

    How it began, who has it now, what was promised last (or else how often it was tried in vain), how often they had
    to ask or have no answer, and what they want. All else is in the document.
    """
    begun, owed = h.subject, _foremost(h, file)
    parts = []
    if begun is not None and clause(begun.text):
        parts.append(f"it began on {day_said(begun.at_us, file.zone, file.at_us)} ({clause(begun.text, _BEGAN_WORDS)})")
    where = _where(h, file, thing)
    if owed is not None and h.place is not None and owed.by == h.place.to:
        parts.append(f"{where}, who {_due_said(owed, file)}")
    else:
        parts += [where] if where else []
        doing = _tried_in_vain(h, file) if owed is None else f"{_promisor(owed, file)} {_due_said(owed, file)}"
        parts += [doing] if doing else []
    had_to = _had_to_ask(h) or _no_answer(h, file)
    parts += [had_to] if had_to else []
    if h.wanted is not None:
        parts.append(f"you want this: {in_quotes(h.wanted.text)}")
    if not parts:
        return (
            f"I have your case {clipped(h.case, 6)} in front of me. Little is written down yet: please tell me once, "
            "and I write it down for everybody."
        )
    joined = ", that ".join(parts[:-1]) + (", and that " if len(parts) > 1 else "") + parts[-1]
    return f"I understand that {joined}. Is that right?"


def _where(h: Handover, file: CaseFile, thing: str) -> str:
    """Who has it now, or that it is done; "" where nobody knows."""
    what, place = f"the {thing}" if thing else "it", h.place
    if place is None:
        if file.done is None:
            return ""
        return f"{what} was done on {day_said(file.done.at_us, file.zone, file.at_us)} ({clause(quoted(file.done))})"
    if place.to in file.parties.customers:
        return f"you have {what} now"
    return f"{what} is now with {file.named(place.to)}"


def _had_to_ask(h: Handover) -> str:
    proved = sum(c.certainty == PROVED for c in h.chasers)
    if not proved:
        return f"you may have had to ask {times(len(h.chasers))} how it stands" if h.chasers else ""
    perhaps = f", perhaps {times(len(h.chasers))}" if len(h.chasers) > proved else ""
    return f"you have had to ask {times(proved)} how it stands{perhaps}"


def _tried_in_vain(h: Handover, file: CaseFile) -> str:
    failed = 0 if file.done is not None else sum(t.ended == FAILED for t in h.tried)
    return f"we have tried {times(failed)} without success" if failed else ""


def _no_answer(h: Handover, file: CaseFile) -> str:
    if not h.unanswered:
        return ""
    day = day_said(h.unanswered[0].at_us, file.zone, file.at_us)
    if len(h.unanswered) == 1:
        return f"nobody has answered your message of {day}"
    return f"nobody has answered {len(h.unanswered)} messages of yours, the first of {day}"


def _foremost(h: Handover, file: CaseFile) -> Owed | None:
    """What the customer waits for: the latest promise, or the latest expected completion where there is none.

    Nobody waits for what was promised before it was all done; it is still listed, until somebody confirms it.
    """
    dated = [o for o in h.promises if o.role != CUSTOMER_PARTY and o.due_us < NEVER and is_awaited(o, file)]
    of_kind = ([o for o in dated if o.kind == kind] for kind in (PROMISE, ESTIMATE))
    some = next(filter(None, of_kind), [])
    return max(some, key=lambda o: (o.made_us, o.due_us, o.ref), default=None)


def _promisor(owed: Owed, file: CaseFile) -> str:
    return file.named(owed.by) if owed.by.strip() else "we"


def _due_said(owed: Owed, file: CaseFile) -> str:
    return f"{'expected' if owed.kind == ESTIMATE else 'promised'} {for_when(owed, file.at_us, file.zone)}"


def summary_of(h: Handover, file: CaseFile, words: int) -> str:
    """One paragraph: where it is, what was tried, what is owed, what they want and what comes next.

    Args:
        h: The handover.
        file: Its case.
        words: How many words it may have; the sentences that matter least go first.
    """
    told: dict[int, str] = {}
    left = words
    for order, sentence in _sentences(h, file):
        count = len(sentence.split())
        if count <= left and order not in told:
            told[order] = sentence.replace("….", "…")
            left -= count
    return " ".join(told[order] for order in sorted(told))


def _sentences(h: Handover, file: CaseFile) -> Iterator[tuple[int, str]]:
    """The sentences of the summary, what matters most first, each with its place in the paragraph.

    A place may come twice: a shorter sentence for where the longer one has no room.
    """
    yield 1, clipped(f"{h.title}.", LEAST_WORDS)
    if h.wanted is None:
        yield 6, "Nobody has written down what outcome the customer wants."
    else:
        yield 6, f"They want: {clipped(h.wanted.text)}."
    owed = [o for o in h.promises if o.role != CUSTOMER_PARTY]
    if owed:
        first = _foremost(h, file) or owed[0]
        more = f"; {len(owed) - 1} more owed" if len(owed) > 1 else ""
        yield 4, f"Still owed: {clause(first.what)} ({file.named(first.by)}, {_due(first, file)}){more}."
    action = h.next_action or NextAction(what="nobody said what")
    yield 8, f"Next: {action.who or 'nobody named'}: {clipped(action.what, 15)}."
    if h.place is None and file.done is not None:
        yield 3, f"Done on {file.when_of(file.done)}: {clause(quoted(file.done))}."
    had_to = times_asked(h.chasers)
    if had_to:
        yield 5, f"{had_to[0].upper()}{had_to[1:]}."
    failed = [t for t in h.tried if t.ended == FAILED]
    if failed:
        last = failed[-1].said
        on = file.when(last.at_us, by_the_day=last.by_the_day)
        how_often = f"{len(failed)} attempts did not help, the last" if len(failed) > 1 else "One attempt did not help,"
        yield 3, f"{how_often} on {on}: {clause(last.text, 15)}."
        yield 3, f"{how_often} on {on}."
    if h.unanswered:
        yield 7, f"{len(h.unanswered)} of their messages {'has' if len(h.unanswered) == 1 else 'have'} no answer."
    if h.subject is not None:
        yield 2, f"It began on {file.when(h.subject.at_us, by_the_day=True)}: {clause(h.subject.text, _BEGAN_WORDS)}."
    theirs = [o for o in h.promises if o.role == CUSTOMER_PARTY]
    if theirs:
        yield 9, f"We wait for the customer: {clipped(theirs[0].what, 12)}."
    if is_agreed(h.next_contact) and h.next_contact is not None:
        yield 10, f"They hear from us by {file.when(h.next_contact.at_us)}."


def _due(owed: Owed, file: CaseFile) -> str:
    if owed.due_us >= NEVER:
        return "no date"
    late = f", {after_its_date(owed)}" if is_late(owed, file.at_us) else ""
    return f"due {file.when(owed.due_us)}{late}"
