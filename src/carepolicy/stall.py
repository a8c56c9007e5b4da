"""Stall: contacts flow, and nothing moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import NEVER, Instant, latest, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CASE, Fact, Facts, Which, words
from carepolicy.finding import Finding
from carepolicy.folds import Last
from carepolicy.held import Held, held_by_case, in_hand, named
from carepolicy.history import History, Lapse, lapses_of
from carepolicy.policy import Duty
from carepolicy.rules import Part
from carepolicy.span import Span, forward, working_days

MOVES = ("milestone", "delivered", "kept", "completed")
"""What moves a case: a stage is reached, something came, was kept or is done. Talking about it does not."""


@attrs.frozen
class KeepMoving(Duty):
    """An open case that is talked about moves at least so often.

    Owed from the opening or the last step forward on, once there was a contact since: a case of which nobody speaks is
    a silence, which other duties see.

    Args:
        within: After how long the next step is due.
        moves: Kinds of event that are a step forward.

    Raises:
        InvalidPolicyError: If `within` is no span or does not point forward.
    """

    within: Span = field(factory=lambda: working_days(10), validator=forward)
    moves: tuple[str, ...] = field(default=MOVES, converter=words)

    lapse: ClassVar[str] = "stalled"
    owed: ClassVar[str] = "a step forward"

    def needs(self) -> Mapping[str, Fact]:
        """The last step, the last contact, and whether the case is open."""
        return {
            "last_moved": Last(Which(self.moves), scope=CASE),
            "last_contact": Last("contact", scope=CASE),
            "last_opened": Last(Which(("opened", "reopened"), whole=True), scope=CASE),
            "last_ended": Last(Which(("completed", "closed"), whole=True), scope=CASE),
        }

    def cycle(self, f: Facts) -> Instant:
        """The last step forward, or when the case was opened."""
        return latest(f.last_opened, f.last_moved)

    def due(self, f: Facts) -> Instant:
        """`within` after that, while the case is open and talked about."""
        since = self.cycle(f)
        talked = where(f.last_contact > since, f.after(since, self.within), NEVER)
        return where(f.last_opened > f.last_ended, talked, NEVER)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"a step forward on open work every {self.within}, not only talk"


@attrs.frozen
class NothingMoves:
    """Contacts go on, and for so long nothing moves.

    Args:
        after: How long without a step forward.
        moves: Kinds of event that are a step forward.

    Raises:
        InvalidPolicyError: If `after` is no span or does not point forward.
    """

    after: Span = field(factory=lambda: working_days(10), validator=forward)
    moves: tuple[str, ...] = field(default=MOVES, converter=words)

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each stretch without a step, from when it was too long until the next step."""
        part = Part("", (KeepMoving(self.after, self.moves),), (), None)
        held = held_by_case(history)
        for lapse in lapses_of(part, history):
            yield self._finding(lapse, held.get(lapse.unit[:2], ()), history)

    def _finding(self, lapse: Lapse, held: tuple[Held, ...], history: History) -> Finding:
        customer, case, _, _ = lapse.unit
        end = min(lapse.until_us, history.until_us)
        events = [e for e in history.by_case[customer, case] if lapse.cycle_us < e.at_us < end]
        talked = [e.id for e in events if e.kind == "contact"]
        contacts = f"{len(talked)} contact{'' if len(talked) == 1 else 's'}"
        since = history.when(lapse.cycle_us, by_the_day=lapse.by_the_day)
        holder = next((h.party for h in held if any(a <= lapse.due_us < b for a, b in h.stretches)), "")
        return Finding(
            kind="stalled",
            at_us=lapse.due_us,
            until_us=lapse.until_us,
            policy="NothingMoves",
            party=holder,
            customer=customer,
            case=case,
            why=f"nothing has moved since {since}, in {contacts}{in_hand(held, lapse.cycle_us, end)}",
            instead=f"a step forward by {history.when(lapse.due_us, by_the_day=lapse.by_the_day)}, or another way",
            instead_us=lapse.due_us,
            by_the_day=lapse.by_the_day,
            evidence=tuple(dict.fromkeys((*lapse.evidence, *talked))),
        )

    def explain(self) -> str:
        """What it looks for."""
        return f"contacts go on, and nothing moves for {self.after}"


@attrs.frozen
class Bouncing:
    """A case goes back and forth between parties.

    Args:
        returns: How often it came back to who had it before.

    Raises:
        InvalidPolicyError: If fewer than one.
    """

    returns: int = 2

    def __attrs_post_init__(self) -> None:
        if self.returns < 1:
            raise InvalidPolicyError(f"returns must be at least 1, got {self.returns}")

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each case, from the return that makes it a bounce until the work is complete."""
        for (customer, case), held in held_by_case(history).items():
            turns = sorted((since, until, h.party) for h in held for since, until in h.stretches if until > since)
            taken = [(since, party) for (_, _, before), (since, _, party) in pairwise(turns) if party != before]
            seen, back = {turns[0][2]} if turns else set(), []
            for since, party in taken:
                if party in seen:
                    back.append(since)
                seen.add(party)
            if len(back) < self.returns:
                continue
            at, end = back[self.returns - 1], turns[-1][1]
            path = " to ".join(map(named, (turns[0][2], *(party for _, party in taken))))
            moved = [e for e in history.by_case[customer, case] if e.kind == "handed" and e.at_us <= end]
            turning = next(e for e in moved if e.at_us == at)
            yield Finding(
                kind="stalled",
                at_us=at,
                until_us=end if end < history.until_us else NEVER,
                policy="Bouncing",
                party=next(party for since, party in taken if since == at),
                customer=customer,
                case=case,
                why=f"handed back {len(back)} times: {path}{in_hand(held, turns[0][0], end)}",
                instead=f"one owner from {history.when_of(turning)} on, until it is done",
                instead_us=at,
                by_the_day=turning.precision == "day",
                evidence=tuple(e.id for e in moved if e.at_us in dict(taken)),
            )

    def explain(self) -> str:
        """What it looks for."""
        return f"a case comes back {self.returns} times to who had it before"


@attrs.frozen
class Try:
    """An attempt that failed.

    Args:
        failed: What said so.
        completed: The completion that did not hold; None where nobody had said that it was complete.
    """

    failed: Event
    completed: Event | None

    @property
    def party(self) -> str:
        """Whose attempt it was: who failed, or who had completed what was reopened."""
        return self.completed.party if self.completed and self.failed.kind == "reopened" else self.failed.party

    def told(self, history: History) -> str:
        """When and what."""
        before = f", after it was complete {history.when_of(self.completed)}" if self.completed else ""
        return f"{history.when_of(self.failed)}, {history.quoted(self.failed)}{before}"


@attrs.define
class Run:
    """Failed attempts at one thing, with what ended them as far as is known.

    Args:
        tries: Each.
        completed: The completion that holds.
        closed: The close of the case.
    """

    tries: list[Try] = field(factory=list)
    completed: Event | None = None
    closed: Event | None = None

    @property
    def ended_by(self) -> Event | None:
        """The completion that holds, or the close."""
        return self.completed or self.closed

    def told(self, history: History) -> str:
        """How many failed, of whom where it was several, and each."""
        parties = Counter(named(each.party) for each in self.tries)
        whose = f" ({', '.join(f'{party} {n}' for party, n in parties.items())})" if len(parties) > 1 else ""
        return f"{len(self.tries)} attempts failed{whose}: {'; '.join(each.told(history) for each in self.tries)}"


def runs_of_failures(events: Iterable[Event]) -> Iterator[Run]:
    """The runs of failed attempts in one case, each thing by itself."""
    runs: dict[str, Run] = {}
    for event in events:
        run = runs.setdefault(event.ref, Run())
        if event.kind in ("completed", "kept") and event.outcome != "partly":
            run.completed = run.completed or event
        elif event.kind == "failed":
            if run.closed:
                yield run
                run = runs[event.ref] = Run()
            run.tries.append(Try(event, run.completed))
            run.completed = None
        elif event.kind == "reopened":
            if run.completed:
                run.tries.append(Try(event, run.completed))
                run.completed = None
            for each in runs.values() if not event.ref else (run,):
                each.closed = None
        elif event.kind == "closed":
            for each in runs.values() if not event.ref else (run,):
                each.closed = each.closed or event
    yield from runs.values()
