"""Checks: what an audit looks for beside lapsed duties and messages sent against a guard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Protocol, runtime_checkable

import attrs
from attrs import field

from carepolicy._instant import NEVER
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import words
from carepolicy.finding import POSSIBLE, PROVED, Cause, Finding
from carepolicy.held import Held, held_by_case, in_hand
from carepolicy.history import History, Lapse
from carepolicy.stall import Run, runs_of_failures


@runtime_checkable
class Check(Protocol):
    """What an audit asks beside the touches of a plan: a frozen value with these two methods."""

    def findings(self, history: History) -> Iterable[Finding]:
        """One finding for each occasion."""
        ...

    def explain(self) -> str:
        """What it looks for, in plain words."""
        ...


@attrs.frozen
class Chasers:
    """The customer did our job: asked for status while an update, a promise or an estimate was overdue.

    A contact of which nobody wrote down who began it is possible at most.

    Args:
        purposes: The purposes of a contact that ask for status.
    """

    purposes: tuple[str, ...] = field(default=("status",), converter=words)

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each such contact, with every cause and whose it was."""
        for event, causes in self.occasions(history):
            yield _chaser(event, causes, history)

    def occasions(self, history: History) -> Iterator[tuple[Event, list[Lapse]]]:
        """Each such contact, with what was overdue when it came."""
        for event in history.events:
            if event.kind != "contact" or event.purpose not in self.purposes or event.direction == "outbound":
                continue
            owed = history.lapses_by_case.get((event.customer, event.case), []) if event.case else []
            causes = [lapse for lapse in owed if _overdue(lapse, event, history)]
            if causes:
                yield event, causes

    def explain(self) -> str:
        """What it looks for."""
        return "the customer asks for status while an update, a promise or an estimate is overdue"


def _overdue(lapse: Lapse, event: Event, history: History) -> bool:
    """Whether a duty was overdue when a contact came."""
    if not lapse.due_us < event.at_us <= lapse.until_us or event.at_us < lapse.cycle_us:
        return False  # what was promised later, with a date that lay behind already, was not owed yet
    loose = lapse.by_the_day or event.precision == "day"
    return not (loose and history.same_day(lapse.due_us, event.at_us))


def certainty_of(chaser: Event) -> str:
    """How sure it is that the customer began a contact: possible at most where nobody wrote that down."""
    return PROVED if chaser.direction else POSSIBLE


def _chaser(event: Event, causes: list[Lapse], history: History) -> Finding:
    sure = certainty_of(event) == PROVED
    named = "; ".join(
        f"{lapse.policy.owed}{f' {lapse.unit[2]}' if lapse.unit[2] else ''} since "
        f"{history.when(lapse.due_us, by_the_day=lapse.by_the_day)}{f' ({lapse.party})' if lapse.party else ''}"
        for lapse in causes
    )
    first = causes[0]
    who = "the customer had to ask" if sure else "possibly the customer had to ask (nobody wrote down who called)"
    return Finding(
        kind="chaser",
        at_us=event.at_us,
        policy="Chasers",
        party=first.party,
        customer=event.customer,
        case=event.case,
        ref=first.unit[2],
        why=f"{who} while overdue: {named}",
        instead=f"word by {history.when(first.due_us, by_the_day=first.by_the_day)}, before they had to ask",
        instead_us=first.due_us,
        by_the_day=event.precision == "day",
        evidence=(event.id, *dict.fromkeys(e.id for lapse in causes for e in lapse.opened_by)),
        certainty=certainty_of(event),
        causes=tuple(
            Cause(policy=type(c.policy).__name__, party=c.party, ref=c.unit[2], since_us=c.due_us) for c in causes
        ),
    )


@attrs.frozen
class RepeatedQuestions:
    """A customer is asked for what they had told before. Asking again for what was never answered is a reminder."""

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each party, case and day, with every fact asked again."""
        told: dict[tuple[str, str], Event] = {}
        occasions: dict[tuple[object, ...], list[tuple[Event, Event]]] = {}
        for event in history.events:
            name = (event.customer, event.fact)
            if not event.fact:
                continue
            if event.kind == "told":
                told.setdefault(name, event)
            elif event.kind == "asked" and name in told:
                occasion = (event.customer, event.case, event.party, history.date(event.at_us))
                occasions.setdefault(occasion, []).append((event, told[name]))
        for pairs in occasions.values():
            first = pairs[0][0]
            facts = ", ".join(f"{asked.fact} (told {history.when_of(before)})" for asked, before in pairs)
            yield Finding(
                kind="repeated_question",
                at_us=first.at_us,
                policy="RepeatedQuestions",
                party=first.party,
                customer=first.customer,
                case=first.case,
                why=f"asked again for what was told before: {facts}",
                instead="confirm what is known instead of asking for it",
                evidence=tuple(dict.fromkeys(e.id for pair in pairs for e in pair)),
                by_the_day=first.precision == "day",
            )

    def explain(self) -> str:
        """What it looks for."""
        return "the customer is asked for what they had told before"


@attrs.frozen
class UnclearMessages:
    """The next that is heard after a mail of ours is the customer asking what it meant: a note, no chaser.

    Args:
        purposes: The purposes of a contact that ask for a meaning.
        channels: The channels that are written.
    """

    purposes: tuple[str, ...] = field(default=("question",), converter=words)
    channels: tuple[str, ...] = field(default=("email", "post", "chat", "text"), converter=words)

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each such question on the day of the mail."""
        for events in history.by_case.values():
            contacts = [e for e in events if e.kind == "contact"]
            for message, question in pairwise(contacts):
                written = message.direction == "outbound" and message.channel in self.channels
                asked = question.direction == "inbound" and question.purpose in self.purposes
                if written and asked and history.same_day(message.at_us, question.at_us):
                    yield Finding(
                        kind="unclear",
                        at_us=question.at_us,
                        policy="UnclearMessages",
                        party=message.party,
                        customer=question.customer,
                        case=question.case,
                        why=f"the customer had to ask what our message meant: {history.quoted(message)}",
                        instead="say in the message itself whose word it is, what it means and what comes next",
                        evidence=(message.id, question.id),
                        by_the_day=question.precision == "day",
                    )

    def explain(self) -> str:
        """What it looks for."""
        return "the customer has to ask what a message meant"


@attrs.frozen
class Slips:
    """The expected completion moves to a later date."""

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each time that it moves."""
        threads: dict[tuple[str, str, str], list[Event]] = {}
        for event in history.events:
            if event.kind == "estimate" and event.due_us < NEVER:
                threads.setdefault((event.customer, event.case, event.ref), []).append(event)
        for estimates in threads.values():
            for old, new in pairwise(estimates):
                if history.date(new.due_us) > history.date(old.due_us):
                    before, after = (history.when(e.due_us) for e in (old, new))
                    yield Finding(
                        kind="slipped",
                        at_us=new.at_us,
                        until_us=new.due_us,
                        policy="Slips",
                        party=new.party,
                        customer=new.customer,
                        case=new.case,
                        ref=new.ref,
                        why=f"the expected completion slipped from {before} to {after}: {history.quoted(new)}",
                        instead=f"done by {before}, or word of the slip as soon as it was known",
                        instead_us=old.due_us,
                        evidence=(old.id, new.id),
                        by_the_day=new.precision == "day",
                    )

    def explain(self) -> str:
        """What it looks for."""
        return "the expected completion moves to a later date"


@attrs.frozen
class Stalled:
    """Attempts at one thing fail again and again.

    A completion that did not hold, because it failed or the thing was reopened afterwards, is an attempt that failed.
    A run of them ends with a completion that holds, or with the close of the case; what is reopened was not closed.

    Args:
        failures: How many failed attempts at one thing, whoever made them, make a stall.

    Raises:
        InvalidPolicyError: If fewer than one.
    """

    failures: int = 2

    def __attrs_post_init__(self) -> None:
        if self.failures < 1:
            raise InvalidPolicyError(f"failures must be at least 1, got {self.failures}")

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each run of failures, from the one that makes it a stall until the work is complete."""
        held = held_by_case(history)
        for case, events in history.by_case.items():
            for run in runs_of_failures(events):
                if len(run.tries) >= self.failures:
                    yield self._stall(run, held.get(case, ()), history)

    def _stall(self, run: Run, held: tuple[Held, ...], history: History) -> Finding:
        turning = run.tries[self.failures - 1]
        ended_by = run.ended_by
        until = history.until_us if ended_by is None else ended_by.at_us
        since = history.when_of(turning.failed)
        evidence = (*(e for each in run.tries for e in (each.completed, each.failed)), ended_by)
        return Finding(
            kind="stalled",
            at_us=turning.failed.at_us,
            until_us=NEVER if ended_by is None else ended_by.at_us,
            policy="Stalled",
            party=turning.party,
            customer=turning.failed.customer,
            case=turning.failed.case,
            ref=turning.failed.ref,
            why=f"{run.told(history)}{in_hand(held, run.tries[0].failed.at_us, until)}",
            instead=f"another way, party or person from {since} on, not one more attempt",
            instead_us=turning.failed.at_us,
            by_the_day=turning.failed.precision == "day",
            evidence=tuple(e.id for e in evidence if e is not None),
        )

    def explain(self) -> str:
        """What it looks for."""
        return f"{self.failures} attempts at one thing fail"


STANDARD: tuple[Check, ...] = (Chasers(), RepeatedQuestions(), UnclearMessages(), Slips(), Stalled())
"""What every audit looks for unless a plan says otherwise."""
